//! Capacity ramp: online megawatts, stacked by hall or site, against what was promised.

use super::dates::Dates;
use super::font::{self, Weight};
use super::picture::{Anchor, Area, Picture, Point};
use super::scale::{Scale, short, tame};
use super::sheet::{HEIGHT, MARGIN, Mark, Sheet, TEXT, WIDTH};
use super::theme::Theme;
use crate::time::Day;

/// A capacity that changes in steps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Steps {
    /// What a reader calls it.
    pub name: String,
    /// Megawatts before the first step.
    pub initial: f64,
    /// Megawatts from a day on, until the next step; in any order.
    pub steps: Vec<(Day, f64)>,
}

impl Steps {
    /// The same megawatts at all times.
    pub fn level(name: impl Into<String>, megawatts: f64) -> Steps {
        Steps { name: name.into(), initial: megawatts, steps: Vec::new() }
    }

    /// From zero, in steps.
    pub fn rising(name: impl Into<String>, steps: Vec<(Day, f64)>) -> Steps {
        Steps { name: name.into(), initial: 0.0, steps }
    }

    /// In order of time, the last of a day only, without what cannot be drawn.
    fn tidy(&self) -> Steps {
        let mut steps = self.steps.clone();
        steps.sort_by_key(|step| step.0);
        let mut tidy: Vec<(Day, f64)> = Vec::new();
        for (day, megawatts) in steps {
            tidy.pop_if(|last| last.0 == day);
            tidy.push((day, tame(megawatts).max(0.0)));
        }
        Steps { name: self.name.clone(), initial: tame(self.initial).max(0.0), steps: tidy }
    }

    /// Only what happens after `from` and before `until`; what was reached by then comes first.
    fn within(mut self, (from, until): (Day, Day)) -> Steps {
        let earlier = self.steps.partition_point(|step| step.0 <= from);
        if let Some((_, megawatts)) = self.steps[..earlier].last() {
            self.initial = *megawatts;
        }
        self.steps.retain(|step| from < step.0 && step.0 < until);
        self
    }

    fn highest(&self) -> f64 {
        self.steps.iter().map(|step| step.1).fold(self.initial, f64::max)
    }

    fn last(&self) -> f64 {
        self.steps.last().map_or(self.initial, |step| step.1)
    }
}

/// Data of a capacity ramp.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ramp {
    /// What the chart shows.
    pub title: String,
    /// Where the numbers come from, and what they are (likely values, a P50).
    pub subtitle: String,
    /// Kind of power counted, as the title of the vertical axis; `Online IT MW` if empty.
    pub quantity: String,
    /// Halls or sites, the first at the bottom.
    pub halls: Vec<Steps>,
    /// What was promised, by date.
    pub plan: Option<Steps>,
    /// What customers have signed for.
    pub contracted: Option<Steps>,
    /// What is built in at most.
    pub installed: Option<Steps>,
    /// What the live grid stages would carry, in the quantity of the axis.
    pub energised: Option<Steps>,
    /// Day the facts end and the forecast begins.
    pub status: Option<Day>,
    /// First and last day shown; all that the data names if not given.
    pub span: Option<(Day, Day)>,
}

/// Fewest pixels between names at the end of the stack.
const NAME_HEIGHT: i32 = 24;
/// Most series that a legend names one by one.
const NAMED_MOST: usize = 12;

impl Ramp {
    /// Draws the ramp, 1600 x 900 pixels.
    ///
    /// Cost: one visit per step for each hall stacked on it.
    ///
    /// # Example
    ///
    /// ```
    /// use energize::plot::{Ramp, Steps, Theme};
    /// use energize::time::Day;
    ///
    /// let ramp = Ramp {
    ///     title: "Online IT MW by hall".into(),
    ///     halls: vec![Steps::rising("hall-1", vec![(Day(20_400), 16.4), (Day(20_430), 32.8)])],
    ///     contracted: Some(Steps::level("Contracted 32.8", 32.8)),
    ///     ..Ramp::default()
    /// };
    /// assert!(ramp.draw(Theme::Light).svg().contains("Contracted 32.8"));
    /// ```
    pub fn draw(&self, theme: Theme) -> Picture {
        let span = self.span();
        let shown = |steps: &Steps| steps.tidy().within(span.unwrap_or((Day(0), Day(1))));
        let halls: Vec<Steps> = self.halls.iter().map(shown).collect();
        // The plan comes last: it is read against all the others.
        let lines: Vec<(LineKind, Steps)> =
            self.lines().into_iter().rev().map(|(kind, steps)| (kind, shown(steps))).collect();
        let tops = stack(&halls);
        let tallest = tops.last().map_or(0.0, Steps::highest);
        let highest = lines.iter().map(|line| line.1.highest()).fold(tallest, f64::max);
        let scale = Scale::covering(0.0, highest * 1.03, 7);

        let mut sheet = Sheet::new(theme, HEIGHT);
        let direct = names_fit(&tops, &scale);
        let top = sheet.head(&self.title, &self.subtitle, &self.legend(&sheet, theme, direct));
        let (from, until) = span.unwrap_or((Day(0), Day(1)));
        let room = if direct { name_width(&halls) } else { 40 };
        let left = MARGIN + Sheet::number_axis_width(&scale);
        let probe = Dates::new(from, until, left, WIDTH - MARGIN - room);
        let plot = Area {
            left,
            top: top + if self.status.is_some() { 76 } else { 54 },
            right: WIDTH - MARGIN - room,
            bottom: HEIGHT - 24 - Sheet::date_axis_height(&probe),
        };
        let dates = probe;
        let title = if self.quantity.is_empty() { "Online IT MW" } else { &self.quantity };
        sheet.axis_title(plot, top + 32, title);
        sheet.number_axis(plot, &scale);
        if span.is_some() {
            sheet.date_axis(plot, &dates, false);
        }
        let place = Place { plot, dates, scale };
        place.stack(&mut sheet, theme, &tops);
        if direct {
            place.names(&mut sheet, &halls, &tops);
        }
        for (kind, steps) in &lines {
            kind.draw(&mut sheet, place.risen(&place.outline(steps)));
        }
        if let Some((_, plan)) = lines.iter().find(|line| line.0 == LineKind::Plan) {
            place.promises(&mut sheet, plan);
        }
        if let Some(status) = self.status {
            sheet.status(plot, &place.dates, status, top + 62);
        }
        if highest <= 0.0 {
            let at = ((plot.left + plot.right) / 2, (plot.top + plot.bottom) / 2);
            let (text, ink) = ("Nothing is online in this period", sheet.palette.muted);
            sheet.text(text, at, TEXT + 4, Weight::Regular, Anchor::Middle, ink);
        }
        sheet.finish()
    }

    fn legend(&self, sheet: &Sheet, theme: Theme, direct: bool) -> Vec<(Mark, String)> {
        let mut entries = Vec::new();
        let count = self.halls.len();
        let name = |at: usize| self.halls[at].name.clone();
        if !direct && count > NAMED_MOST {
            let text =
                format!("{count} in the stack: {} (bottom) to {} (top)", name(0), name(count - 1));
            entries.push((Mark::Fills(theme, count), text));
        } else if !direct {
            entries.extend((0..count).map(|at| (Mark::Fill(theme.stacked(at, count)), name(at))));
        }
        for (kind, steps) in self.lines() {
            entries.push((kind.mark(sheet), steps.name.clone()));
        }
        entries
    }

    /// The lines over the stack, in the order of the legend.
    fn lines(&self) -> Vec<(LineKind, &Steps)> {
        let lines = [
            (LineKind::Plan, &self.plan),
            (LineKind::Energised, &self.energised),
            (LineKind::Installed, &self.installed),
            (LineKind::Contracted, &self.contracted),
        ];
        lines.into_iter().filter_map(|(kind, steps)| Some((kind, steps.as_ref()?))).collect()
    }

    /// Days to show: those given, or all that are named and a little beyond; `None` if none are.
    fn span(&self) -> Option<(Day, Day)> {
        if let Some((from, until)) = self.span {
            return Some(Dates::new(from, until, 0, 1).span());
        }
        let all = self.halls.iter().chain(self.lines().into_iter().map(|line| line.1));
        let days: Vec<Day> = all
            .flat_map(|steps| steps.steps.iter().map(|step| step.0))
            .chain(self.status)
            .collect();
        let (from, until) = (*days.iter().min()?, *days.iter().max()?);
        // The last level needs some length to be seen.
        let days = i64::from(until.0) - i64::from(from.0);
        let beyond = i32::try_from((days / 16).max(2)).unwrap_or(i32::MAX);
        Some(Dates::new(from + -1, until + beyond, 0, 1).span())
    }
}

/// What a line over the stack stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LineKind {
    Plan,
    Contracted,
    Installed,
    Energised,
}

impl LineKind {
    fn mark(self, sheet: &Sheet) -> Mark {
        let palette = sheet.palette;
        match self {
            LineKind::Plan => Mark::Line(palette.plan, 3),
            LineKind::Contracted => Mark::Hollow(palette.text),
            LineKind::Installed => Mark::Dashed(palette.muted, 2),
            LineKind::Energised => Mark::Dashed(palette.energised, 4),
        }
    }

    fn draw(self, sheet: &mut Sheet, points: &[Point]) {
        match self.mark(sheet) {
            Mark::Hollow(ink) => sheet.hollow(points, ink),
            Mark::Dashed(ink, width) => sheet.dashed(points, width, ink),
            Mark::Line(ink, width) => sheet.cased(points, width, ink),
            _ => {}
        }
    }
}

/// Upper edges of the stacked series, the lowest first.
fn stack(halls: &[Steps]) -> Vec<Steps> {
    let mut edges: Vec<Steps> = Vec::new();
    for hall in halls {
        edges.push(match edges.last() {
            Some(below) => sum(below, hall),
            None => hall.clone(),
        });
    }
    edges
}

fn sum(a: &Steps, b: &Steps) -> Steps {
    let mut days: Vec<Day> = a.steps.iter().chain(&b.steps).map(|step| step.0).collect();
    days.sort_unstable();
    days.dedup();
    let (mut at_a, mut at_b) = (Cursor::new(a), Cursor::new(b));
    let steps = days.into_iter().map(|day| (day, at_a.at(day) + at_b.at(day))).collect();
    Steps { name: b.name.clone(), initial: a.initial + b.initial, steps }
}

/// Walks a series forward in time.
struct Cursor<'a> {
    steps: std::iter::Peekable<std::slice::Iter<'a, (Day, f64)>>,
    level: f64,
}

impl Cursor<'_> {
    fn new(steps: &Steps) -> Cursor<'_> {
        Cursor { steps: steps.steps.iter().peekable(), level: steps.initial }
    }

    fn at(&mut self, day: Day) -> f64 {
        while let Some(step) = self.steps.next_if(|step| step.0 <= day) {
            self.level = step.1;
        }
        self.level
    }
}

/// Whether each series ends high enough over the one below to carry its name there.
fn names_fit(tops: &[Steps], scale: &Scale) -> bool {
    // The plot is at least this tall under any head.
    let pixel = |value: f64| scale.pixel(value, 500, 0);
    let ends = std::iter::once(0.0).chain(tops.iter().map(Steps::last));
    let ends: Vec<i32> = ends.map(pixel).collect();
    !tops.is_empty() && ends.windows(2).all(|two| two[0] - two[1] >= NAME_HEIGHT)
}

fn ending(hall: &Steps) -> String {
    let name = font::fit(&hall.name, TEXT, Weight::Regular, 180);
    // SVG joins plain blanks, so these are hard ones.
    format!("{name}\u{a0}\u{a0}{}", short(hall.last(), 1))
}

fn name_width(halls: &[Steps]) -> i32 {
    let widths = halls.iter().map(|hall| font::width(&ending(hall), TEXT, Weight::Regular));
    font::padded(widths.max().unwrap_or(0), Weight::Regular) + 12
}

/// Where data lands on the sheet.
struct Place {
    plot: Area,
    dates: Dates,
    scale: Scale,
}

impl Place {
    fn y(&self, megawatts: f64) -> i32 {
        self.scale.pixel(megawatts, self.plot.bottom, self.plot.top)
    }

    /// The series as corners of a staircase, from edge to edge of the plot.
    fn outline(&self, steps: &Steps) -> Vec<Point> {
        let mut level = self.y(steps.initial);
        let mut points = vec![(self.plot.left, level)];
        for (day, megawatts) in &steps.steps {
            let (x, y) = (self.dates.day(*day), self.y(*megawatts));
            points.push((x, level));
            points.push((x, y));
            level = y;
        }
        points.push((self.plot.right, level));
        points.dedup();
        points
    }

    fn stack(&self, sheet: &mut Sheet, theme: Theme, tops: &[Steps]) {
        let edges: Vec<Vec<Point>> = tops.iter().map(|top| self.outline(top)).collect();
        // From the top down, each over the one above it: no seams between neighbours.
        for (at, edge) in edges.iter().enumerate().rev() {
            let mut points = edge.clone();
            points.push((self.plot.right, self.plot.bottom));
            points.push((self.plot.left, self.plot.bottom));
            sheet.polygon(points, theme.stacked(at, tops.len()));
        }
        let between = sheet.palette.paper.faint(if tops.len() > NAMED_MOST { 30 } else { 70 });
        for (at, edge) in edges.iter().enumerate() {
            let outermost = at + 1 == tops.len();
            let ink = if outermost { theme.stacked(0, 2) } else { between };
            sheet.line(self.risen(edge), if outermost { 2 } else { 1 }, ink);
        }
        let plot = self.plot;
        sheet.horizontal(plot.left, plot.right, plot.bottom, sheet.palette.axis);
    }

    /// What of a staircase lies above zero, with its first riser.
    fn risen<'a>(&self, points: &'a [Point]) -> &'a [Point] {
        let first = points.iter().position(|point| point.1 < self.plot.bottom);
        first.map_or(&[], |first| &points[first.saturating_sub(1)..])
    }

    fn names(&self, sheet: &mut Sheet, halls: &[Steps], tops: &[Steps]) {
        let mut below = self.plot.bottom;
        for (hall, top) in halls.iter().zip(tops) {
            let y = self.y(top.last());
            let place = (self.plot.right + 12, (y + below) / 2 + 7);
            let ink = sheet.palette.text;
            sheet.text(&ending(hall), place, TEXT, Weight::Regular, Anchor::Start, ink);
            below = y;
        }
    }

    /// A dot at each promised date, unless there are too many to tell apart.
    fn promises(&self, sheet: &mut Sheet, plan: &Steps) {
        if plan.steps.len() > NAMED_MOST {
            return;
        }
        for (day, megawatts) in &plan.steps {
            let center = (self.dates.day(*day), self.y(*megawatts));
            sheet.disc(center, 8, sheet.palette.paper);
            sheet.disc(center, 6, sheet.palette.plan);
        }
    }
}
