//! One or two panels over one date axis.

use super::dates::Dates;
use super::font::Weight;
use super::picture::{Anchor, Area};
use super::scale::Scale;
use super::sheet::{HEIGHT, MARGIN, Sheet, TEXT, WIDTH};
use crate::time::Day;

/// The panels from top to bottom, and the dates along them.
pub(super) struct Panels {
    pub areas: Vec<Area>,
    pub dates: Dates,
    /// Baseline of the label of the status date.
    label: i32,
    status: Option<Day>,
}

/// What a panel counts, and its scale.
pub(super) type Axis<'t> = (&'t str, &'t Scale);

/// What the panels stand in.
pub(super) struct Frame {
    /// Where the head ends.
    pub top: i32,
    /// Pixels at the right that are left for names of lines.
    pub room: i32,
    /// First and last day; `None` where there is nothing to show.
    pub span: Option<(Day, Day)>,
    /// Whether the axis names nothing shorter than a quarter.
    pub by_quarter: bool,
    /// Day the facts end.
    pub status: Option<Day>,
}

/// Room between two panels: the title of the lower one.
const BETWEEN: i32 = 52;

impl Panels {
    /// Lays out axes with their titles and gridlines.
    pub fn new(sheet: &mut Sheet, frame: &Frame, axes: &[Axis<'_>]) -> Panels {
        let labels = axes.iter().map(|(_, scale)| Sheet::number_axis_width(scale)).max();
        let (left, right) = (MARGIN + labels.unwrap_or(0), WIDTH - MARGIN - frame.room.max(30));
        let (from, until) = frame.span.unwrap_or((Day(0), Day(1)));
        let dates = Dates::new(from, until, left, right);
        let dates = if frame.by_quarter { dates.by_quarter() } else { dates };
        let bottom = HEIGHT - 24 - Sheet::date_axis_height(&dates);
        let top = frame.top + if frame.status.is_some() { 76 } else { 54 };
        let areas = match axes.len() {
            0 | 1 => vec![Area { left, right, top, bottom }],
            _ => {
                let second = top + (bottom - top) * 54 / 100 + BETWEEN;
                let upper = Area { left, right, top, bottom: second - BETWEEN };
                vec![upper, Area { left, right, top: second, bottom }]
            }
        };
        for (at, (area, (title, scale))) in areas.iter().zip(axes).enumerate() {
            let baseline = if at == 0 { frame.top + 32 } else { area.top - 14 };
            sheet.axis_title(*area, baseline, title);
            sheet.number_axis(*area, scale);
        }
        if frame.span.is_some() {
            for area in &areas[..areas.len() - 1] {
                for x in dates.ticks().major {
                    sheet.vertical(x, area.top, area.bottom, sheet.palette.grid);
                }
            }
            sheet.date_axis(areas[areas.len() - 1], &dates, false);
        }
        Panels { areas, dates, label: frame.top + 62, status: frame.status }
    }

    /// The line at the status date through all panels.
    pub fn status(&self, sheet: &mut Sheet) {
        let Some(status) = self.status else { return };
        sheet.status(self.areas[0], &self.dates, status, self.label);
        for area in &self.areas[1..] {
            sheet.status_line(*area, &self.dates, status, area.top);
        }
    }

    /// Words in the middle of the first panel, where there is nothing to draw.
    pub fn nothing(&self, sheet: &mut Sheet, words: &str) {
        let area = self.areas[0];
        let at = ((area.left + area.right) / 2, (area.top + area.bottom) / 2);
        let ink = sheet.palette.muted;
        sheet.text(words, at, TEXT + 4, Weight::Regular, Anchor::Middle, ink);
    }

    /// First and last pixel of the quarter that begins on a day.
    pub fn quarter(&self, first: Day) -> (i32, i32) {
        (self.dates.day(first), self.dates.day(first.add_months(3)))
    }
}

/// From the first of quarters to the end of the last.
pub(super) fn span_of(firsts: impl Iterator<Item = Day> + Clone) -> Option<(Day, Day)> {
    Some((firsts.clone().min()?, firsts.max()?.add_months(3)))
}

/// The pixel of a value on the upright axis of a panel.
pub(super) fn up(scale: &Scale, value: f64, panel: Area) -> i32 {
    scale.pixel(value, panel.bottom, panel.top)
}
