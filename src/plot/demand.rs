//! Resource histograms: what is in use and waited for, against what there is.

use super::dates::Dates;
use super::font::{self, Weight};
use super::panels::up;
use super::picture::{Anchor, Area, Picture, Point, printable};
use super::ramp::Steps;
use super::scale::{Scale, number, tame};
use super::sheet::{MARGIN, Mark, Sheet, TEXT, WIDTH};
use super::theme::Theme;
use crate::time::Day;

/// Data of a resource histogram.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Demand {
    /// What the chart shows.
    pub title: String,
    /// Where the numbers come from, and what they are (likely values, a P50).
    pub subtitle: String,
    /// One for each resource, from top to bottom.
    pub panels: Vec<DemandPanel>,
    /// Day the facts end and the forecast begins.
    pub status: Option<Day>,
}

/// One resource.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DemandPanel {
    /// What it is called.
    pub name: String,
    /// How many there are, by date.
    pub pool: Steps,
    /// In order of time.
    pub weeks: Vec<DemandWeek>,
    /// Days that were waited, summed over all who did.
    pub queue_days: f64,
}

/// One week.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DemandWeek {
    /// Its first day.
    pub from: Day,
    /// Mean in use.
    pub used: f64,
    /// Mean that others waited for.
    pub queued: f64,
}

/// Height of a panel and what stands over it.
const PANEL: i32 = 200;
const HEAD: i32 = 62;
/// Panels beyond these are not drawn, and said so.
const PANELS_MOST: usize = 8;

impl Demand {
    /// Draws one panel a resource, bars by week; as high as it has panels, 1600 pixels wide.
    ///
    /// Cost: one visit per week.
    pub fn draw(&self, theme: Theme) -> Picture {
        let panels = &self.panels[..self.panels.len().min(PANELS_MOST)];
        let count = panels.len().max(1) as i32;
        let mut sheet = Sheet::new(theme, 500 + count * (PANEL + HEAD));
        let subtitle = match self.panels.len() - panels.len() {
            0 => self.subtitle.clone(),
            more => format!("{}; {more} more resources are not drawn", self.subtitle),
        };
        let top = sheet.head(&self.title, &subtitle, &legend(&sheet));
        let top = top + if self.status.is_some() { 30 } else { 0 };
        let scales: Vec<Scale> = panels.iter().map(scale).collect();
        let left = scales.iter().map(Sheet::number_axis_width).max().unwrap_or(0) + MARGIN;
        let (from, until) = span(panels).unwrap_or((Day(0), Day(1)));
        let dates = Dates::new(from, until, left, WIDTH - MARGIN - 20);
        let area = |at: i32| {
            let top = top + at * (PANEL + HEAD) + HEAD;
            Area { left, right: WIDTH - MARGIN - 20, top, bottom: top + PANEL }
        };
        sheet.height = area(count - 1).bottom + Sheet::date_axis_height(&dates) + 24;
        for ((at, panel), scale) in (0..).zip(panels).zip(&scales) {
            let area = area(at);
            panel.head(&mut sheet, area);
            sheet.number_axis(area, scale);
            match at + 1 == count {
                true => sheet.date_axis(area, &dates, false),
                false => dates.ticks().major.iter().for_each(|x| {
                    sheet.vertical(*x, area.top, area.bottom, sheet.palette.grid);
                }),
            }
            panel.bars(&mut sheet, area, &dates, scale);
            panel.pool(&mut sheet, area, &dates, scale);
            if let Some(status) = self.status {
                sheet.status_line(area, &dates, status, area.top);
            }
        }
        if let Some(status) = self.status {
            sheet.status_label(&dates, status, top + 10);
        }
        if panels.is_empty() {
            let (at, ink) = ((WIDTH / 2, top + 100), sheet.palette.muted);
            sheet.text("No crews are needed", at, TEXT, Weight::Regular, Anchor::Middle, ink);
        }
        sheet.finish()
    }
}

fn legend(sheet: &Sheet) -> Vec<(Mark, String)> {
    let palette = sheet.palette;
    vec![
        (Mark::Fill(palette.plain), "In use, mean of the week".into()),
        (Mark::Hatched(palette.wait), "Waited for".into()),
        (Mark::Line(palette.text, 3), "There are".into()),
    ]
}

fn span(panels: &[DemandPanel]) -> Option<(Day, Day)> {
    let weeks = panels.iter().flat_map(|panel| &panel.weeks).map(|week| week.from);
    let (from, until) = (weeks.clone().min()?, weeks.max()?);
    Some(Dates::new(from, until, 0, 1).span()).map(|(from, until)| (from, until + 7))
}

fn scale(panel: &DemandPanel) -> Scale {
    let weeks = panel.weeks.iter().map(|week| week.total());
    let pool = panel.pool.steps.iter().map(|step| tame(step.1)).chain([tame(panel.pool.initial)]);
    Scale::covering(0.0, weeks.chain(pool).fold(1.0, f64::max), 4)
}

impl DemandWeek {
    fn used(&self) -> f64 {
        tame(self.used).max(0.0)
    }

    fn total(&self) -> f64 {
        self.used() + tame(self.queued).max(0.0)
    }
}

impl DemandPanel {
    /// `rigging-team: waited for 120.5 days in all`.
    fn head(&self, sheet: &mut Sheet, area: Area) {
        let waited = tame(self.queue_days).max(0.0);
        let waited = match waited > 0.0 {
            true => format!("waited for {} days in all", number(waited, 1)),
            false => "never waited for".into(),
        };
        let room = font::usable(700, Weight::Bold);
        let name = font::fit(&printable(&self.name), TEXT, Weight::Bold, room);
        let text = format!("{name}: {waited}");
        let text =
            font::fit(&text, TEXT, Weight::Bold, font::usable(area.right - MARGIN, Weight::Bold));
        let ink = sheet.palette.text;
        sheet.text(&text, (MARGIN, area.top - 16), TEXT, Weight::Bold, Anchor::Start, ink);
    }

    fn bars(&self, sheet: &mut Sheet, area: Area, dates: &Dates, scale: &Scale) {
        let palette = sheet.palette;
        for week in &self.weeks {
            let (left, right) = (dates.day(week.from), dates.day(week.from + 7));
            let right = if right - left > 3 { right - 1 } else { right.max(left + 1) };
            let [used, total] = [week.used(), week.total()].map(|value| up(scale, value, area));
            sheet.fill(Area { left, right, top: used, bottom: area.bottom }, palette.plain);
            if used > total {
                let waited = Area { left, right, top: total, bottom: used };
                match waited.width() >= 8 && waited.height() >= 8 {
                    true => sheet.hatched(waited, palette.wait),
                    false => sheet.fill(waited, palette.wait.faint(60)),
                }
            }
        }
        sheet.horizontal(area.left, area.right, area.bottom, palette.axis);
    }

    fn pool(&self, sheet: &mut Sheet, area: Area, dates: &Dates, scale: &Scale) {
        let mut steps = self.pool.steps.clone();
        steps.sort_by_key(|step| step.0);
        // The first entry holds before its day too.
        let first = steps.first().map_or(self.pool.initial, |step| step.1);
        let mut points: Vec<Point> = vec![(area.left, up(scale, first, area))];
        let mut level = first;
        for &(day, value) in &steps {
            let x = dates.day(day);
            points.extend([(x, up(scale, level, area)), (x, up(scale, value, area))]);
            level = value;
        }
        points.push((area.right, up(scale, level, area)));
        sheet.cased(&points, 3, sheet.palette.text);
    }
}
