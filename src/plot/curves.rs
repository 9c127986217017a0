//! S-curves: how probable it is that something has happened by a date.

use super::font::{self, Weight};
use super::panels::{Frame, Panels, up};
use super::picture::{Anchor, Area, Picture, Point, printable};
use super::scale::{Scale, short};
use super::sheet::{HEIGHT, Mark, Sheet, TEXT};
use super::theme::{Ink, Theme};
use crate::time::{Day, Minute};

/// Data of a chart of S-curves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curves {
    /// What the chart shows.
    pub title: String,
    /// Where the numbers come from, and what they are (likely values, a P50).
    pub subtitle: String,
    /// One for each date that is asked for.
    pub curves: Vec<Curve>,
    /// Day the facts end and the forecast begins.
    pub status: Option<Day>,
}

/// The distribution of one date.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// What happens.
    pub name: String,
    /// Date and share of trials by then, rising; ends below 1 if it never happens in some.
    pub points: Vec<(Minute, f64)>,
    /// Percentiles to mark: `P50` and its date.
    pub marks: Vec<(String, Minute)>,
    /// The planned day, and how probable it is that it is kept.
    pub plan: Option<(Day, f64)>,
}

/// Most curves that are drawn.
const CURVES_MOST: usize = 8;

impl Curves {
    /// Draws the share of trials against dates, 1600 x 900 pixels; percentiles are dots with their
    /// dates in the legend, planned days are dashed.
    ///
    /// Of more than 8 curves those that are spread most evenly through the list are drawn.
    ///
    /// Cost: one visit per point.
    pub fn draw(&self, theme: Theme) -> Picture {
        let shown = self.shown();
        let mut sheet = Sheet::new(theme, HEIGHT);
        let subtitle = match self.curves.len() - shown.len() {
            0 => self.subtitle.clone(),
            left => format!("{}; {} of {} drawn", self.subtitle, shown.len(), left + shown.len()),
        };
        let top = sheet.head(&self.title, &subtitle, &legend(&shown, &sheet, theme));
        let scale = Scale::covering(0.0, 100.0, 10);
        let axes = [("Share of trials by the date, %", &scale)];
        let span = span(&shown, self.status);
        let room = shown.iter().map(|curve| ending_width(curve)).max().unwrap_or(0);
        let frame = Frame { top, room, span, by_quarter: false, status: self.status };
        let panels = Panels::new(&mut sheet, &frame, &axes);
        for (at, curve) in shown.iter().enumerate() {
            let ink = theme.line(at, shown.len());
            let place = Place { panels: &panels, scale: &scale };
            place.plan(&mut sheet, curve, ink);
            place.curve(&mut sheet, curve, ink);
        }
        endings(&mut sheet, &panels, &scale, &shown);
        panels.status(&mut sheet);
        if shown.is_empty() {
            panels.nothing(&mut sheet, "No date has a spread");
        }
        sheet.finish()
    }

    fn shown(&self) -> Vec<&Curve> {
        let drawn: Vec<&Curve> =
            self.curves.iter().filter(|curve| curve.points.iter().any(|p| p.0.happens())).collect();
        let (count, most) = (drawn.len(), drawn.len().min(CURVES_MOST));
        (0..most).map(|at| drawn[at * (count - 1) / most.max(2).saturating_sub(1).max(1)]).collect()
    }
}

/// Name, percentiles and planned day of each curve.
fn legend(curves: &[&Curve], sheet: &Sheet, theme: Theme) -> Vec<(Mark, String)> {
    let few = curves.len() <= 3;
    let mut entries: Vec<(Mark, String)> = Vec::new();
    for (at, curve) in curves.iter().enumerate() {
        let name = font::fit(&printable(&curve.name), TEXT, Weight::Regular, 260);
        // Where there are many, the second mark stands for all; the first and the last are tails.
        let marks = curve.marks.iter().filter(|mark| mark.1.happens()).enumerate();
        let marks = marks.filter(|(mark, _)| *mark == 1 || few && *mark == 2);
        let mut told: Vec<String> =
            marks.map(|(_, (name, date))| format!("{name} {}", date.day())).collect();
        told.extend(curve.plan.map(|plan| format!("plan = P{}", short(plan.1 * 100.0, 0))));
        let text = if told.is_empty() { name } else { format!("{name}: {}", told.join(", ")) };
        entries.push((Mark::Line(theme.line(at, curves.len()), 4), text));
    }
    if curves.iter().any(|curve| curve.plan.is_some()) {
        entries.push((Mark::Dashed(sheet.palette.plan, 3), "Planned day".into()));
    }
    entries
}

fn span(curves: &[&Curve], status: Option<Day>) -> Option<(Day, Day)> {
    let dates = curves.iter().flat_map(|curve| {
        let points = curve.points.iter().map(|point| point.0).filter(|at| at.happens());
        points.map(|at| at.day()).chain(curve.plan.map(|plan| plan.0))
    });
    let (from, until) = (dates.clone().min()?, dates.max()?);
    let from = status.map_or(from, |status| status.min(from));
    let beyond = ((i64::from(until.0) - i64::from(from.0)) / 40).clamp(2, 400) as i32;
    Some((from + -beyond, until + beyond))
}

/// What is said at the end of a curve that does not reach all trials.
fn ending(curve: &Curve) -> Option<String> {
    let last = curve.points.last()?.1;
    (last < 0.9995).then(|| format!("never in {} %", short((1.0 - last) * 100.0, 1)))
}

fn ending_width(curve: &Curve) -> i32 {
    let text = ending(curve).unwrap_or_default();
    if text.is_empty() {
        0
    } else {
        font::padded(font::width(&text, TEXT, Weight::Regular), Weight::Regular) + 14
    }
}

/// At the right of curves that end below 100 %: in how many trials it never happens. Of those that
/// end close to each other the first one.
fn endings(sheet: &mut Sheet, panels: &Panels, scale: &Scale, curves: &[&Curve]) {
    let area = panels.areas[0];
    let mut taken: Vec<i32> = Vec::new();
    for curve in curves {
        let (Some(text), Some(last)) = (ending(curve), curve.points.last()) else { continue };
        let y = up(scale, last.1.clamp(0.0, 1.0) * 100.0, area) + 7;
        if taken.iter().all(|other| (other - y).abs() >= 26) {
            let ink = sheet.palette.text;
            sheet.text(&text, (area.right + 10, y), TEXT, Weight::Regular, Anchor::Start, ink);
            taken.push(y);
        }
    }
}

/// Where data lands on the sheet.
struct Place<'p> {
    panels: &'p Panels,
    scale: &'p Scale,
}

impl Place<'_> {
    fn at(&self, date: Minute, share: f64) -> Point {
        let y = up(self.scale, share.clamp(0.0, 1.0) * 100.0, self.panels.areas[0]);
        (self.panels.dates.pixel(date), y)
    }

    fn curve(&self, sheet: &mut Sheet, curve: &Curve, ink: Ink) {
        let area = self.panels.areas[0];
        let mut points: Vec<Point> = Vec::new();
        let mut level = area.bottom;
        for &(date, share) in curve.points.iter().filter(|point| point.0.happens()) {
            let (x, y) = self.at(date, share);
            // Trials are steps: close ones run together into a curve.
            points.push((x, level));
            points.push((x, y));
            level = y;
        }
        points.push((area.right, level));
        sheet.cased(&points, 4, ink);
        for (_, date) in curve.marks.iter().filter(|mark| mark.1.happens()) {
            let reached = curve.points.iter().rfind(|point| point.0 <= *date);
            let center = self.at(*date, reached.map_or(0.0, |point| point.1));
            sheet.disc(center, 7, sheet.palette.paper);
            sheet.disc(center, 5, ink);
        }
    }

    /// A dashed line at the planned day with what it is: `plan = P7`.
    fn plan(&self, sheet: &mut Sheet, curve: &Curve, ink: Ink) {
        let Some((day, share)) = curve.plan else { return };
        let area: Area = self.panels.areas[0];
        // A promise holds to the end of its day.
        let (x, y) = self.at((day + 1).start(), share);
        sheet.dashed(&[(x, area.bottom), (x, area.top)], 2, sheet.palette.plan);
        sheet.disc((x, y), 8, sheet.palette.plan);
        sheet.disc((x, y), 5, ink);
    }
}
