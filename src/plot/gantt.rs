//! Gantt: what is done when, what drives the end, what waits and for what.

use super::dates::Dates;
use super::font::{self, Weight};
use super::picture::{Anchor, Area, Picture, printable};
use super::scale::{short, tame};
use super::sheet::{MARGIN, Mark, Sheet, TEXT, WIDTH};
use super::theme::Theme;
use crate::time::{Day, Minute, Span};

/// How far an activity has come at the status date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Progress {
    /// Not started.
    #[default]
    Planned,
    /// Started, not finished.
    UnderWay,
    /// Finished.
    Done,
}

/// A stretch of waiting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// When it began.
    pub from: Minute,
    /// When it was over.
    pub until: Minute,
    /// What was waited for: `commissioning-team`, `racks`, `permanent power`.
    pub what: String,
}

/// One activity or milestone.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Name shown at the left.
    pub label: String,
    /// Heading it stands under (a hall, a phase); rows of one group stand together.
    pub group: String,
    /// Start.
    pub start: Minute,
    /// Finish; equal to the start for a milestone.
    pub finish: Minute,
    /// Whether it lies on the critical path.
    pub critical: bool,
    /// Share of trials in which it is critical, where trials were run.
    pub criticality: Option<f64>,
    /// Total float in days of 24 hours.
    pub float_days: Option<f64>,
    /// Planned start and finish; both the same if only a finish was planned.
    pub plan: Option<(Minute, Minute)>,
    /// What it waited for before it started or while it was held.
    pub waits: Vec<Wait>,
    /// A point, drawn as a diamond.
    pub milestone: bool,
    /// How far it has come.
    pub progress: Progress,
}

impl Row {
    /// An activity with neither float, plan, waits nor progress.
    pub fn new(label: impl Into<String>, start: Minute, finish: Minute) -> Row {
        Row {
            label: label.into(),
            group: String::new(),
            start,
            finish,
            critical: false,
            criticality: None,
            float_days: None,
            plan: None,
            waits: Vec::new(),
            milestone: false,
            progress: Progress::Planned,
        }
    }

    /// Whether it takes no time, whatever it is called.
    fn is_point(&self) -> bool {
        self.milestone || self.finish <= self.start
    }

    /// When it would finish with all of its float used up.
    fn latest(&self) -> Option<Minute> {
        let minutes = (self.float_days? * 1440.0).clamp(0.0, 1e9) as i64;
        (minutes > 0 && is_date(self.finish)).then(|| self.finish + Span(minutes))
    }

    /// All instants the row names that are dates at all.
    fn instants(&self) -> impl Iterator<Item = Minute> + '_ {
        let waits = self.waits.iter().flat_map(|wait| [wait.from, wait.until]);
        let plan = self.plan.into_iter().flat_map(|(from, until)| [from, until]);
        [self.start, self.finish].into_iter().chain(waits).chain(plan).filter(|at| is_date(*at))
    }
}

/// Data of a Gantt chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gantt {
    /// What the chart shows.
    pub title: String,
    /// Where the dates come from, and what they are (likely values, a P50).
    pub subtitle: String,
    /// Activities from top to bottom.
    pub rows: Vec<Row>,
    /// Day the facts end and the forecast begins.
    pub status: Option<Day>,
    /// First and last day shown; all that the rows name if not given.
    pub span: Option<(Day, Day)>,
}

const ROW: i32 = 34;
const NAME_MOST: i32 = 430;
const NOTE: i32 = 18;
const GAP: i32 = 10;

/// A line of the chart.
enum Line<'a> {
    Heading(&'a str, Option<(Minute, Minute)>),
    Activity(&'a Row),
}

impl Gantt {
    /// Draws the chart, 1600 pixels wide and as tall as its rows need.
    ///
    /// Cost: one visit per row, plus the rows of a group for its heading.
    pub fn draw(&self, theme: Theme) -> Picture {
        let lines = self.lines();
        let span = self.span();
        let (from, until) = span.unwrap_or((Day(0), Day(1)));
        let names = lines.iter().map(|line| match line {
            Line::Heading(name, _) => font::width(&printable(name), TEXT, Weight::Bold),
            Line::Activity(row) => {
                indent(row) + font::width(&printable(&row.label), TEXT, Weight::Regular)
            }
        });
        let name_room = font::padded(names.max().unwrap_or(0), Weight::Regular).min(NAME_MOST);
        let (left, right) = (MARGIN + name_room + 20, WIDTH - MARGIN - 30);
        let dates = Dates::new(from, until, left, right);
        let axis = Sheet::date_axis_height(&dates);
        let above = lines.len() > 16;
        // Two passes: the head's height decides the sheet's.
        let mut probe = Sheet::new(theme, 0);
        let head = probe.head(&self.title, &self.subtitle, &self.legend(&probe));
        let gap = 14 + if self.status.is_some() { 32 } else { 0 } + if above { axis } else { 0 };
        let rows = (lines.len() as i32 * ROW).max(3 * ROW) + 8;
        let top = head + gap;
        let plot = Area { left, top, right, bottom: top + rows };

        let mut sheet = Sheet::new(theme, plot.bottom + axis + 24);
        sheet.head(&self.title, &self.subtitle, &self.legend(&sheet));
        for (at, line) in lines.iter().enumerate() {
            let top = plot.top + 4 + at as i32 * ROW;
            let band = Area { left: MARGIN - 8, top, right, bottom: top + ROW };
            match line {
                Line::Heading(..) => sheet.fill(band, sheet.palette.band),
                Line::Activity(_) => {
                    sheet.horizontal(band.left, right, band.bottom, sheet.palette.grid.faint(55));
                }
            }
        }
        if let Some(status) = self.status {
            sheet.status(plot, &dates, status, head + 24);
        }
        if span.is_some() {
            sheet.date_axis(plot, &dates, above);
        }
        for (at, line) in lines.iter().enumerate() {
            let middle = plot.top + 4 + at as i32 * ROW + ROW / 2;
            let place = Place { plot, dates, middle, name_room, status: self.status };
            match line {
                Line::Heading(name, extent) => place.heading(&mut sheet, name, *extent),
                Line::Activity(row) => place.activity(&mut sheet, row),
            }
        }
        if lines.is_empty() {
            let at = ((plot.left + plot.right) / 2, (plot.top + plot.bottom) / 2);
            let ink = sheet.palette.muted;
            sheet.text("No activities", at, TEXT + 4, Weight::Regular, Anchor::Middle, ink);
        }
        sheet.finish()
    }

    fn lines(&self) -> Vec<Line<'_>> {
        let mut lines = Vec::new();
        let mut group = "";
        for (at, row) in self.rows.iter().enumerate() {
            if row.group != group {
                group = &row.group;
                let members = || self.rows[at..].iter().take_while(|other| other.group == group);
                let starts = members().map(|row| row.start).filter(|at| is_date(*at)).min();
                let ends = members().map(|row| row.finish).filter(|at| is_date(*at)).max();
                if !group.is_empty() {
                    lines.push(Line::Heading(group, starts.zip(ends)));
                }
            }
            lines.push(Line::Activity(row));
        }
        lines
    }

    /// Days to show: those given, or all that are named and a little beyond; `None` if none are.
    fn span(&self) -> Option<(Day, Day)> {
        if self.span.is_some() {
            return self.span;
        }
        let named = self.rows.iter().flat_map(|row| row.instants().map(Minute::day));
        let days: Vec<Day> = named.chain(self.status).collect();
        let (from, until) = (*days.iter().min()?, *days.iter().max()?);
        let days = i64::from(until.0) - i64::from(from.0);
        let share = |part: i64| i32::try_from((days / part).max(1)).unwrap_or(i32::MAX);
        // Float is shown to its end unless that would squeeze the work itself.
        let latest =
            self.rows.iter().filter_map(Row::latest).map(Minute::day).max().unwrap_or(until);
        let until = latest.clamp(until, until + share(5));
        Some((from + -share(40), until + share(40) + 1))
    }

    /// Only what the chart really shows.
    fn legend(&self, sheet: &Sheet) -> Vec<(Mark, String)> {
        let palette = sheet.palette;
        let any = |test: fn(&Row) -> bool| self.rows.iter().any(test);
        let ghost_bar = |row: &Row| row.plan.is_some_and(|(from, until)| from < until);
        let ghost_point = |row: &Row| row.plan.is_some_and(|(from, until)| from >= until);
        let graded = any(|row| row.criticality.is_some());
        let entries = [
            (
                graded,
                Mark::Blend(palette.plain, palette.critical),
                "Critical in 0 % to 100 % of trials",
            ),
            (
                any(|row| row.critical && !row.is_point() && row.criticality.is_none()),
                Mark::Fill(palette.critical),
                "Critical path",
            ),
            (
                any(|row| !row.critical && !row.is_point() && row.criticality.is_none()),
                Mark::Fill(palette.plain),
                "Activity",
            ),
            (any(Row::is_point), Mark::Diamond(palette.plain), "Milestone"),
            (
                any(|row| row.progress != Progress::Planned),
                Mark::Inner(palette.done, palette.plain),
                "Done to the status date",
            ),
            (
                any(|row| row.float_days.is_some_and(|days| days > 0.0)),
                Mark::Whisker(palette.muted),
                "Total float",
            ),
            (any(|row| !row.waits.is_empty()), Mark::Hatched(palette.wait), "Waiting"),
            (self.rows.iter().any(ghost_bar), Mark::Ghost(palette.muted), "Plan"),
            (self.rows.iter().any(ghost_point), Mark::HollowDiamond(palette.muted), "Planned date"),
        ];
        let shown = entries.into_iter().filter(|entry| entry.0);
        shown.map(|(_, mark, text)| (mark, text.to_owned())).collect()
    }
}

fn is_date(at: Minute) -> bool {
    at.happens() && at > Minute::MIN
}

fn indent(row: &Row) -> i32 {
    if row.group.is_empty() { 0 } else { 18 }
}

/// Where one line of the chart lies.
struct Place {
    plot: Area,
    dates: Dates,
    middle: i32,
    name_room: i32,
    status: Option<Day>,
}

impl Place {
    fn name(&self, sheet: &mut Sheet, text: &str, indent: i32, weight: Weight) {
        let text = font::fit(&printable(text), TEXT, weight, self.name_room - indent);
        let (at, ink) = ((MARGIN + indent, self.middle + 7), sheet.palette.text);
        sheet.text(&text, at, TEXT, weight, Anchor::Start, ink);
    }

    /// A bar around an instant or an interval, at least 4 pixels wide.
    fn bar(&self, from: Minute, until: Minute, above: i32, below: i32) -> Area {
        let left = self.dates.pixel(from).min(self.plot.right - 4);
        let right = self.dates.pixel(until).max(left + 4);
        Area { left, top: self.middle + above, right, bottom: self.middle + below }
    }

    /// Whether an interval that begins at a date is on the chart.
    fn shows(&self, from: Minute, until: Minute) -> bool {
        is_date(from) && self.dates.shows(from, until)
    }

    fn heading(&self, sheet: &mut Sheet, name: &str, extent: Option<(Minute, Minute)>) {
        self.name(sheet, name, 0, Weight::Bold);
        if let Some((from, until)) = extent.filter(|extent| self.shows(extent.0, extent.1)) {
            let area = self.bar(from, until, -3, 3);
            let ink = sheet.palette.muted;
            sheet.fill(area, ink);
            for x in [area.left, area.right - 3] {
                sheet.fill(
                    Area { left: x, right: x + 3, top: area.top, bottom: area.bottom + 5 },
                    ink,
                );
            }
        }
    }

    fn activity(&self, sheet: &mut Sheet, row: &Row) {
        self.name(sheet, &row.label, indent(row), Weight::Regular);
        let palette = sheet.palette;
        let (mut left, mut right) = (self.plot.right, self.plot.left);
        let mut cover = |area: Area| {
            (left, right) = (left.min(area.left), right.max(area.right));
            area
        };
        for wait in row.waits.iter().filter(|wait| self.shows(wait.from, wait.until)) {
            sheet.hatched(cover(self.bar(wait.from, wait.until, -10, 6)), palette.wait);
        }
        if let Some(latest) = row.latest().filter(|latest| self.shows(row.finish, *latest)) {
            let area = cover(self.bar(row.finish, latest, -2, 2));
            let ends = latest <= self.dates.end();
            sheet.whisker(area.left, area.right, self.middle - 2, ends, palette.muted);
        }
        let share = row.criticality.map_or_else(|| f64::from(u8::from(row.critical)), tame);
        let ink = palette.plain.between(palette.critical, share.clamp(0.0, 1.0));
        if row.is_point() && self.shows(row.finish, row.finish) {
            let x = self.dates.pixel(row.finish);
            cover(Area { left: x - 10, right: x + 10, ..self.plot });
            sheet.diamond((x, self.middle - 2), 10, ink, false);
        } else if !row.is_point() && self.shows(row.start, row.finish) {
            let area = cover(self.bar(row.start, row.finish, -10, 6));
            sheet.fill(area, ink);
            self.progress(sheet, row, area);
        }
        if let Some((from, until)) = row.plan.filter(|plan| self.shows(plan.0, plan.1)) {
            let area = if from < until {
                let area = self.bar(from, until, 8, 14);
                sheet.outline(area, palette.muted);
                area
            } else {
                let x = self.dates.pixel(until);
                sheet.diamond((x, self.middle - 2), 10, palette.muted, true);
                Area { left: x - 10, right: x + 10, ..self.plot }
            };
            cover(area);
        }
        self.note(sheet, row, left, right);
    }

    fn progress(&self, sheet: &mut Sheet, row: &Row, area: Area) {
        let until = match (row.progress, self.status) {
            (Progress::Planned, _) | (Progress::UnderWay, None) => return,
            (Progress::Done, _) => area.right - 3,
            (Progress::UnderWay, Some(status)) => self.dates.day(status).min(area.right - 3),
        };
        let middle = (area.top + area.bottom) / 2;
        let inner = Area { left: area.left + 3, right: until, top: middle - 2, bottom: middle + 2 };
        sheet.fill(inner, sheet.palette.done);
    }

    /// What was waited for and the float, beside all that the row shows.
    fn note(&self, sheet: &mut Sheet, row: &Row, left: i32, right: i32) {
        let mut parts: Vec<String> = Vec::new();
        if !row.finish.happens() {
            parts.push(
                if row.start.happens() { "never finishes" } else { "never starts" }.to_owned(),
            );
        }
        if is_date(row.start) && !self.dates.shows(row.start, row.finish) {
            parts.push(format!("{} to {}, not in this picture", row.start.day(), row.finish.day()));
        }
        for wait in &row.waits {
            let days = (wait.until - wait.from).days();
            let length = if wait.until.happens() {
                format!("{} d wait", short(days, usize::from(days < 10.0)))
            } else {
                "endless wait".to_owned()
            };
            parts.push(format!("{length} for {}", wait.what));
        }
        if let Some(days) = row.float_days.filter(|days| *days > 0.0) {
            parts.push(format!("float {} d", short(days, 0)));
        }
        // A row that shows nothing has its note at the left.
        let (left, right) =
            if left > right { (self.plot.left, self.plot.left) } else { (left, right) };
        let text = printable(&parts.join(" · "));
        let (before, after) = (left - self.plot.left - 2 * GAP, self.plot.right - right - GAP);
        let needs = font::padded(font::width(&text, NOTE, Weight::Regular), Weight::Regular);
        let behind = needs <= after || after >= before;
        let text = font::fit(&text, NOTE, Weight::Regular, if behind { after } else { before });
        let (x, anchor) =
            if behind { (right + GAP, Anchor::Start) } else { (left - GAP, Anchor::End) };
        let width = font::width(&text, NOTE, Weight::Regular);
        if text.chars().count() < 4 && text.chars().count() < parts.join(" · ").chars().count() {
            return;
        }
        let start = if behind { x } else { x - width };
        let paper = Area {
            left: start - 3,
            right: start + width + 3,
            top: self.middle - 13,
            bottom: self.middle + 9,
        };
        sheet.fill(paper, sheet.palette.paper.faint(85));
        let ink = sheet.palette.muted;
        sheet.text(&text, (x, self.middle + 4), NOTE, Weight::Regular, anchor, ink);
    }
}
