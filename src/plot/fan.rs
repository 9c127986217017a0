//! Fans: percentiles of a quantity over time.

use super::dates::Dates;
use super::font::{self, Weight};
use super::panels::{Frame, Panels, up};
use super::picture::{Anchor, Area, Picture, Point, printable};
use super::ramp::Steps;
use super::scale::{Scale, tame};
use super::sheet::{HEIGHT, Mark, Sheet, TEXT};
use super::theme::{Ink, Theme};
use crate::time::Day;

/// Data of a fan chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fan {
    /// What the chart shows.
    pub title: String,
    /// Where the numbers come from, and what they are (likely values, a P50).
    pub subtitle: String,
    /// What is counted, as the title of the vertical axis: `Online IT MW`, `DSCR`.
    pub quantity: String,
    /// In order of time.
    pub points: Vec<FanPoint>,
    /// Whether values are those of the quarter that begins on their day; else of the day itself.
    pub by_quarter: bool,
    /// What was promised, by date.
    pub plan: Option<Steps>,
    /// The likely run, which is no percentile.
    pub likely: Option<Steps>,
    /// What has happened.
    pub actual: Option<Steps>,
    /// A line that must not be undercut, with its name.
    pub least: Option<(String, f64)>,
    /// First day on which it is tested; before it the line is not drawn.
    pub least_from: Option<Day>,
    /// Title of the lower panel of probabilities; no panel without it.
    pub chance: Option<String>,
    /// Day the facts end and the forecast begins.
    pub status: Option<Day>,
}

/// The percentiles at one date.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FanPoint {
    /// Date; the first day of a quarter where values are by quarter.
    pub at: Day,
    /// P10, P25, P50, P75, P90; `None` leaves a gap.
    pub quantiles: Option<[f64; 5]>,
    /// Probability from 0 to 1, for the lower panel.
    pub chance: Option<f64>,
}

impl FanPoint {
    fn values(&self) -> Option<[f64; 5]> {
        self.quantiles.map(|values| values.map(tame))
    }
}

/// A stretch of points without a gap: pixel across, and five down.
type Stretch = Vec<(i32, [i32; 5])>;

impl Fan {
    /// Draws the bands P10 to P90 and P25 to P75 around the P50, with what they are read against;
    /// 1600 x 900 pixels.
    ///
    /// Cost: one visit per point.
    pub fn draw(&self, theme: Theme) -> Picture {
        let mut sheet = Sheet::new(theme, HEIGHT);
        let top = sheet.head(&self.title, &self.subtitle, &self.legend(&sheet));
        let (low, high) = self.range();
        let scale = Scale::covering(low, high, if self.chance.is_some() { 6 } else { 8 });
        let percent = Scale::covering(0.0, 100.0, 4);
        let mut axes = vec![(self.quantity.as_str(), &scale)];
        axes.extend(self.chance.as_deref().map(|title| (title, &percent)));
        let room = self.least().map_or(0, |(name, _)| {
            font::padded(font::width(&name, TEXT, Weight::Bold), Weight::Bold) + 14
        });
        let span = self.span();
        let frame = Frame { top, room, span, by_quarter: self.by_quarter, status: self.status };
        let panels = Panels::new(&mut sheet, &frame, &axes);
        self.bands(&mut sheet, &panels, &scale);
        self.lines(&mut sheet, &panels, &scale);
        self.threshold(&mut sheet, &panels, &scale);
        self.chances(&mut sheet, &panels, &percent);
        panels.status(&mut sheet);
        if self.points.iter().all(|point| point.quantiles.is_none()) {
            panels.nothing(&mut sheet, "No trial has a value in this period");
        }
        sheet.finish()
    }

    fn legend(&self, sheet: &Sheet) -> Vec<(Mark, String)> {
        let palette = sheet.palette;
        let mut entries = vec![
            (Mark::Fill(palette.plain.faint(28)), "P10 to P90".to_owned()),
            (Mark::Fill(palette.plain.faint(60)), "P25 to P75".to_owned()),
            (Mark::Line(middle_ink(sheet), 4), "P50".to_owned()),
        ];
        for (steps, mark) in self.steps(sheet) {
            entries.push((mark, steps.name.clone()));
        }
        entries
    }

    /// The lines that the bands are read against.
    fn steps(&self, sheet: &Sheet) -> Vec<(&Steps, Mark)> {
        let palette = sheet.palette;
        let lines = [
            (&self.likely, Mark::Dashed(palette.text, 2)),
            (&self.plan, Mark::Line(palette.plan, 3)),
            (&self.actual, Mark::Line(palette.text, 4)),
        ];
        lines.into_iter().filter_map(|(steps, mark)| Some((steps.as_ref()?, mark))).collect()
    }

    /// The threshold, if it can be drawn, with a name that fits beside the plot.
    fn least(&self) -> Option<(String, f64)> {
        let (name, least) = self.least.as_ref()?;
        let name = font::fit(&printable(name), TEXT, Weight::Bold, 290);
        least.is_finite().then_some((name, tame(*least)))
    }

    fn range(&self) -> (f64, f64) {
        let bands = self.points.iter().filter_map(FanPoint::values).flatten();
        let steps = [&self.plan, &self.likely, &self.actual].into_iter().flatten();
        let levels = steps.flat_map(|steps| steps.steps.iter().map(|step| tame(step.1)));
        let all = bands.chain(levels).chain(self.least().map(|least| least.1));
        let (low, high) = all.fold((0.0f64, 0.0f64), |(low, high), v| (low.min(v), high.max(v)));
        (low, high * 1.03)
    }

    fn span(&self) -> Option<(Day, Day)> {
        let days = self.points.iter().map(|point| point.at);
        let (from, until) = (days.clone().min()?, days.max()?);
        if self.by_quarter {
            return Some((from, until.add_months(3)));
        }
        let plan = self.plan.iter().flat_map(|steps| steps.steps.iter().map(|step| step.0));
        let earliest = plan.chain(self.status).min().map_or(from, |day| day.min(from));
        Some(Dates::new(earliest + -3, until + 3, 0, 1).span())
    }

    /// Points as pixels, a stretch for each run without a gap.
    fn stretches(&self, panels: &Panels, scale: &Scale) -> Vec<Stretch> {
        let mut stretches: Vec<Stretch> = vec![Vec::new()];
        for point in &self.points {
            let Some(values) = point.values() else {
                stretches.push(Vec::new());
                continue;
            };
            let down = values.map(|value| up(scale, value, panels.areas[0]));
            let last = stretches.last_mut().expect("there is always one");
            if self.by_quarter {
                let (left, right) = panels.quarter(point.at);
                last.push(((left + right) / 2, down));
            } else {
                last.push((panels.dates.day(point.at + 1), down));
            }
        }
        stretches.retain(|stretch| !stretch.is_empty());
        stretches
    }

    fn bands(&self, sheet: &mut Sheet, panels: &Panels, scale: &Scale) {
        let palette = sheet.palette;
        let area = panels.areas[0];
        for stretch in self.stretches(panels, scale) {
            // A single point is a mark: it has no length to fill.
            if let [(x, down)] = stretch[..] {
                for (low, high, half, ink) in
                    [(0, 4, 10, palette.plain.faint(28)), (1, 3, 10, palette.plain.faint(60))]
                {
                    let (left, right) = ((x - half).max(area.left), (x + half).min(area.right));
                    sheet.fill(Area { left, right, top: down[high], bottom: down[low] }, ink);
                }
                sheet.disc((x, down[2]), 6, middle_ink(sheet));
                continue;
            }
            for (low, high, percent) in [(0, 4, 28), (1, 3, 60)] {
                let edge = |at: usize| stretch.iter().map(move |(x, down)| (*x, down[at]));
                let back: Vec<Point> = edge(low).collect();
                let points = edge(high).chain(back.into_iter().rev()).collect();
                sheet.polygon(points, palette.plain.faint(percent));
            }
            let middle: Vec<Point> = stretch.iter().map(|(x, down)| (*x, down[2])).collect();
            sheet.line(&middle, 4, middle_ink(sheet));
        }
        let zero = up(scale, 0.0, area);
        sheet.horizontal(area.left, area.right, zero, palette.axis);
    }

    fn lines(&self, sheet: &mut Sheet, panels: &Panels, scale: &Scale) {
        for (steps, mark) in self.steps(sheet) {
            let mut points = staircase(steps, panels, scale);
            // What has happened ends at the status date: it says nothing of what follows.
            if self.actual.as_ref() == Some(steps)
                && let Some(status) = self.status
            {
                let until = panels.dates.day(status);
                points.retain(|point| point.0 <= until);
                let level = points.last().map(|point| point.1);
                points.extend(level.map(|level| (until, level)));
            }
            match mark {
                Mark::Dashed(ink, width) => sheet.dashed(&points, width, ink),
                Mark::Line(ink, width) => sheet.cased(&points, width, ink),
                _ => {}
            }
        }
    }

    fn threshold(&self, sheet: &mut Sheet, panels: &Panels, scale: &Scale) {
        let panel = panels.areas[0];
        if let Some((name, least)) = self.least() {
            let (y, ink) = (up(scale, least, panel), sheet.palette.critical);
            let left = self.least_from.map_or(panel.left, |day| panels.dates.day(day));
            sheet.dashed(&[(left, y), (panel.right, y)], 2, ink);
            let at = (panel.right + 10, y + 7);
            sheet.text(&name, at, TEXT, Weight::Bold, Anchor::Start, ink);
        }
    }

    fn chances(&self, sheet: &mut Sheet, panels: &Panels, scale: &Scale) {
        let Some(&panel) = panels.areas.get(1) else { return };
        for point in &self.points {
            let Some(chance) = point.chance.filter(|chance| chance.is_finite()) else { continue };
            let (left, right) = match self.by_quarter {
                true => panels.quarter(point.at),
                false => (panels.dates.day(point.at) - 6, panels.dates.day(point.at) + 6),
            };
            let third = (right - left) / 5;
            let top = up(scale, chance.clamp(0.0, 1.0) * 100.0, panel);
            let bar = Area { left: left + third, right: right - third, top, bottom: panel.bottom };
            sheet.fill(bar, sheet.palette.critical);
        }
        sheet.horizontal(panel.left, panel.right, panel.bottom, sheet.palette.axis);
        if self.points.iter().all(|point| point.chance.is_none_or(|chance| chance <= 0.0)) {
            let at = ((panel.left + panel.right) / 2, (panel.top + panel.bottom) / 2);
            let ink = sheet.palette.muted;
            sheet.text("In none of the trials", at, TEXT, Weight::Regular, Anchor::Middle, ink);
        }
    }
}

/// A line that is seen on its own bands.
fn middle_ink(sheet: &Sheet) -> Ink {
    sheet.palette.plain.between(sheet.palette.text, 0.6)
}

/// Corners of a staircase inside the first panel, in order of time.
fn staircase(steps: &Steps, panels: &Panels, scale: &Scale) -> Vec<Point> {
    let area = panels.areas[0];
    let mut sorted = steps.steps.clone();
    sorted.sort_by_key(|step| step.0);
    let (from, until) = panels.dates.span();
    let mut level = steps.initial;
    let mut points: Vec<Point> = Vec::new();
    for (day, value) in sorted {
        if day > until {
            break;
        }
        if day > from {
            let x = panels.dates.day(day);
            if points.is_empty() {
                points.push((area.left, up(scale, level, area)));
            }
            points.push((x, up(scale, level, area)));
            points.push((x, up(scale, value, area)));
        }
        level = value;
    }
    if points.is_empty() {
        points.push((area.left, up(scale, level, area)));
    }
    points.push((area.right, up(scale, level, area)));
    points
}
