//! Shapes of activities and links.

use rust_decimal::Decimal;
use serde_json::Value;

use super::quantity::{Import, Percent, Watts};
use super::risk::ReworkSpec;
use super::schema::{self, Book};
use super::shape::{Named, Placed, Raw, Shape, clip, expected, scalar, shape, words};
use super::spread::Spread;
use super::yaml::Kind;
use super::{At, Finding, Findings, Node};
use crate::money::Amount;
use crate::time::{
    Calendar, Day, Duration, Length, LengthUnit, Minute, parse_day, parse_duration, parse_instant,
    parse_length, parse_signed_length,
};

/// Stands in for a length that could not be read.
const NO_TIME: Length = Length { amount: Decimal::ZERO, unit: LengthUnit::Day };

scalar!(
    Day,
    Day(0),
    "date",
    "a date such as 2026-03-31",
    "Date" = schema::text(schema::DATE, &["2026-03-31"]),
    parse_day
);
scalar!(
    Minute,
    Minute(0),
    "date",
    "a date such as 2026-03-31 or 2026-03-31T17:30",
    "Instant" = schema::text(schema::INSTANT, &["2026-03-31", "2026-03-31T17:30"]),
    parse_instant
);
scalar!(
    Length,
    NO_TIME,
    "duration",
    "a duration such as 12w",
    "Length" = schema::text(schema::LENGTH, &["12w", "45d", "40ew", "5y"]),
    parse_length
);
scalar!(
    Duration,
    Duration::Single(NO_TIME),
    "duration",
    "a duration such as 12w or 8w < 12w < 18w",
    "Duration" =
        schema::text(&format!("{0}|{0}\\s*<\\s*{0}\\s*<\\s*{0}", schema::LENGTH), &["12w"]),
    parse_duration
);

shape! {
    /// One activity or milestone; what few of them say is boxed, for a file may hold millions.
    pub struct ActivitySpec {
        /// What to call it on screen.
        title: Option<String>,
        /// How long it takes; one value, min < likely < max, or a distribution.
        duration: Option<DurationSpec>,
        /// A point in time instead of a duration.
        milestone: Option<MilestoneWord>,
        /// What it comes after.
        after: Vec<LinkSpec>,
        /// Name of its calendar.
        calendar: Option<Placed<String>>,
        /// Crews it holds.
        needs: Named<Placed<u32>>,
        /// Smaller is served first.
        priority: Option<i32>,
        /// It starts no earlier.
        not_before: Option<Minute>,
        /// Added before its start.
        delay: Option<Box<Placed<Length>>>,
        /// It started then.
        actual_start: Option<Placed<Minute>>,
        /// It finished then.
        actual_finish: Option<Placed<Minute>>,
        /// Working time left at the status date.
        remaining: Option<Box<Spread<Length>>>,
        /// What is left of work that was stopped does not go on before this.
        resumes: Option<Box<Placed<Minute>>>,
        /// How much of it is done, as its planner's program counts; the dates follow `remaining`.
        percent_complete: Option<Box<Raw>>,
        /// Capital cost; one value, min < likely < max, or a distribution.
        cost: Option<Box<Spread<Amount>>>,
        /// What the cost buys.
        asset: Option<Placed<AssetWord>>,
        /// When the cost is paid.
        pay: Option<Box<PaySpec>>,
        /// The loan that funds it: it does not begin before that loan can be drawn.
        funded_by: Option<Box<Placed<String>>>,
        /// Grid power that its finish makes live.
        energises: Option<Box<Placed<Import>>>,
        /// Its finish commissions the hall's cooling, all of it or some IT power.
        commissions_cooling: Option<Box<Placed<Cooling>>>,
        /// Dates that bind it, one or two.
        constraints: Vec<ConstraintSpec>,
        /// A date that marks lateness and pulls nothing early.
        deadline: Option<Box<Placed<DateSpec>>>,
        /// Name of the calendar that its floats are counted in, where its crews keep other hours.
        float_calendar: Option<Box<Placed<String>>>,
        /// Its planner's code, where that cannot be its id.
        code: Option<Box<Raw>>,
        /// Its planner's program counted it under this number.
        uid: Option<Box<Raw>>,
        /// Where it stands in the work breakdown structure.
        wbs: Option<Box<Raw>>,
        /// Activity codes: type to value.
        codes: Option<Box<Raw>>,
        /// User-defined fields: name to value.
        fields: Option<Box<Raw>>,
        /// Dates it had in the stored baseline: `2026-01-05T08:00..2026-02-06T17:00`.
        baseline: Option<Box<Placed<Stretch>>>,
        /// What its draws are named after, where that is not its id.
        stream: Option<Box<Placed<String>>>,
        /// It may fail, and be done again after repairs.
        rework: Option<Box<ReworkSpec>>,
        /// It is part of one way of a branch: `route.local`.
        branch: Option<Box<Placed<String>>>,
        /// The hall it belongs to, and what it is called there: `hall-1` or `hall-1.ist`.
        hall: Option<Box<Placed<String>>>,
        /// Its finish makes the hall ready for service.
        ready_for_service: Option<Placed<bool>>,
        /// It waits for all stages that feed the hall; by default the activity with
        /// `ready_for_service` does.
        permanent_power: Option<Placed<bool>>,
        /// Free text for readers of the file.
        note: Option<Box<Raw>>,
    }
}

/// How long an activity takes.
#[derive(Clone, Debug)]
pub enum DurationSpec {
    /// `12w`, `8w < 12w < 18w`.
    Plain(Placed<Duration>),
    /// A distribution by name.
    Named(Box<Spread<Length>>),
}

impl Shape for DurationSpec {
    fn schema(book: &mut Book) -> Value {
        Spread::<Length>::schema(book)
    }

    fn read(node: Node<'_>, findings: &mut Findings) -> Option<DurationSpec> {
        match node.kind {
            Kind::Map(_) => Some(DurationSpec::Named(Box::new(Spread::read(node, findings)?))),
            _ => Some(DurationSpec::Plain(Placed::read(node, findings)?)),
        }
    }

    fn broken() -> Option<DurationSpec> {
        Placed::broken().map(DurationSpec::Plain)
    }
}

impl DurationSpec {
    /// Where it stands.
    pub fn at(&self) -> At {
        match self {
            DurationSpec::Plain(placed) => placed.at,
            DurationSpec::Named(spread) => spread.at,
        }
    }

    /// Whether it is counted around the clock whatever the calendar.
    pub fn is_elapsed(&self) -> bool {
        match self {
            DurationSpec::Plain(placed) => placed.value.is_elapsed(),
            DurationSpec::Named(spread) => {
                spread.values().first().is_some_and(|length| length.is_elapsed())
            }
        }
    }
}

impl ActivitySpec {
    /// An activity with no key given.
    pub fn empty(at: At) -> ActivitySpec {
        let nothing = Node { at, kind: Kind::Null };
        ActivitySpec::read(nothing, &mut Findings::default()).expect("no key is required")
    }
}

shape! {
    /// When the cost of an activity is invoiced and paid.
    pub struct PaySpec {
        /// Share invoiced at the start.
        start: Option<Placed<Percent>>,
        /// Share invoiced month by month as the work goes on.
        progress: Option<Placed<Percent>>,
        /// Share invoiced at the finish.
        finish: Option<Placed<Percent>>,
        /// Days from invoice to payment.
        net: Option<Placed<Length>>,
    }
}

words! {
    /// Class of asset.
    pub enum AssetWord {
        /// Walls, roof, civil works.
        Building = "building",
        /// Substation, generators, chillers, switchgear.
        Plant = "plant",
        /// What a tenant puts into a leased shell.
        FitOut = "fit_out",
        /// Network, storage.
        Technology = "technology",
    }
}

/// True, false, or IT power.
fn cooling() -> Value {
    let power = schema::text("[0-9._,]+\\s*(?:W|kW|MW|GW)", &["17 MW"]);
    schema::any([serde_json::json!({"type": "boolean"}), power])
}

/// Cooling that an activity commissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cooling {
    /// Nothing.
    None,
    /// All that the hall was built for.
    All,
    /// For this much IT power.
    Part(Watts),
}

scalar!(
    Cooling,
    Cooling::None,
    "cooling",
    "true or IT power such as 17 MW",
    "Cooling" = cooling(),
    |text| match text {
        "true" => Ok(Cooling::All),
        "false" => Ok(Cooling::None),
        _ => {
            let node = Node { at: Default::default(), kind: Kind::Text(text.into()) };
            let read = Watts::read(node, &mut Findings::default());
            read.map(Cooling::Part).ok_or_else(|| {
                format!("expected true or IT power such as 17 MW, found `{}`", clip(text))
            })
        }
    }
);

words! {
    /// A point in time, and at which end of a working day it sits.
    pub enum MilestoneWord {
        /// Where its logic puts it.
        Yes = "true",
        /// It is work after all.
        No = "false",
        /// Where work can begin.
        Start = "start",
        /// Where work has ended.
        Finish = "finish",
    }
}

/// From one instant to another: `2026-01-05T08:00..2026-02-06T17:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// When it began.
    pub start: Minute,
    /// When it was over.
    pub finish: Minute,
}

scalar!(
    Stretch,
    Stretch { start: Minute(0), finish: Minute(0) },
    "dates",
    "two dates such as 2026-01-05..2026-02-06",
    "Stretch" = schema::text(&format!("{0}\\s*\\.\\.\\s*{0}", schema::INSTANT), &[]),
    |text| {
        let (start, finish) = text.split_once("..").ok_or_else(|| {
            format!("expected two dates such as 2026-01-05..2026-02-06, found `{}`", clip(text))
        })?;
        let (start, finish) = (parse_instant(start)?, parse_instant(finish)?);
        match finish < start {
            true => Err(format!("expected the first date before the last, found `{text}`")),
            false => Ok(Stretch { start, finish }),
        }
    }
);

/// A date that binds a start or a finish; without a time it means the whole day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateSpec {
    /// This very instant.
    Instant(Minute),
    /// From when work can begin on this day, or until when it can go on.
    Day(Day),
}

scalar!(
    DateSpec,
    DateSpec::Day(Day(0)),
    "date",
    "a date such as 2026-03-31 or 2026-03-31T17:30",
    "DateOrInstant" = schema::text(schema::INSTANT, &["2026-03-31", "2026-03-31T17:30"]),
    |text| match text.trim().len() {
        10 => parse_day(text).map(DateSpec::Day),
        _ => parse_instant(text).map(DateSpec::Instant),
    }
);

impl DateSpec {
    /// As a bound of a start: a day begins where work does.
    pub fn begins(self, calendar: &Calendar) -> Minute {
        match self {
            DateSpec::Instant(at) => at,
            DateSpec::Day(day) => {
                let at = calendar.next_work(day.start());
                if at.day() == day { at } else { day.start() }
            }
        }
    }

    /// As a bound of a finish: a day ends where work does.
    pub fn ends(self, calendar: &Calendar) -> Minute {
        match self {
            DateSpec::Instant(at) => at,
            DateSpec::Day(day) => {
                let next = (day + 1).start();
                let at = calendar.prev_work(next);
                if at > day.start() { at } else { next }
            }
        }
    }
}

words! {
    /// How a date binds an activity, as planners abbreviate it.
    pub enum ConstraintWord {
        /// Start no earlier than.
        StartNoEarlier = "SNET",
        /// Start no later than.
        StartNoLater = "SNLT",
        /// Finish no earlier than.
        FinishNoEarlier = "FNET",
        /// Finish no later than.
        FinishNoLater = "FNLT",
        /// P6's start on, Project's must start on.
        StartOn = "MSO",
        /// P6's finish on, Project's must finish on.
        FinishOn = "MFO",
        /// P6's mandatory start: whatever its links say.
        MandatoryStart = "mandatory-start",
        /// P6's mandatory finish: whatever its links say.
        MandatoryFinish = "mandatory-finish",
        /// As late as possible; has no date.
        AsLateAsPossible = "ALAP",
        /// Scheduled by hand in Project: starts then.
        ByHand = "manual",
    }
}

/// A date that binds an activity: `FNLT 2026-11-30T17:00`, `ALAP`.
#[derive(Clone, Debug)]
pub struct ConstraintSpec {
    /// Where it stands.
    pub at: At,
    /// How it binds.
    pub word: ConstraintWord,
    /// The date; `None` for as late as possible.
    pub date: Option<DateSpec>,
}

impl Shape for ConstraintSpec {
    fn schema(book: &mut Book) -> Value {
        book.define("Constraint", |_| {
            let words = ConstraintWord::WORDS.join("|");
            let pattern = format!("(?:{words})(?:\\s+{})?", schema::INSTANT);
            let text = schema::text(&pattern, &["FNLT 2026-11-30T17:00", "ALAP"]);
            schema::told("a constraint such as `FNLT 2026-11-30`", text)
        })
    }

    fn read(node: Node<'_>, findings: &mut Findings) -> Option<ConstraintSpec> {
        let Kind::Text(text) = &node.kind else {
            let what = "a constraint such as `FNLT 2026-11-30`";
            findings.push(expected("constraint", what, &node, node.at));
            return None;
        };
        let (word, date) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
        let part = |text: &str| Node { at: node.at, kind: Kind::Text(text.to_owned().into()) };
        let word = ConstraintWord::read(part(word), findings)?;
        let dated = word != ConstraintWord::AsLateAsPossible;
        if dated == date.is_empty() {
            let message = match dated {
                true => format!("expected a date behind `{text}`"),
                false => format!("`ALAP` has no date, found `{}`", clip(text)),
            };
            let help = "for example `FNLT 2026-11-30T17:00`";
            findings.push(Finding::error("constraint", node.at, message).help(help));
            return None;
        }
        let date = if dated { Some(DateSpec::read(part(date), findings)?) } else { None };
        Some(ConstraintSpec { at: node.at, word, date })
    }
}

words! {
    /// Which ends a link ties together.
    pub enum LinkWord {
        /// Finish to start.
        FinishStart = "FS",
        /// Start to start.
        StartStart = "SS",
        /// Finish to finish.
        FinishFinish = "FF",
        /// Start to finish.
        StartFinish = "SF",
    }
}

/// Whose calendar a lag is counted in.
#[derive(Clone, Debug, PartialEq)]
pub enum LagCalendar {
    /// The successor's: the default.
    Successor,
    /// The predecessor's.
    Predecessor,
    /// The file's default calendar.
    Project,
    /// The one of this name; `always` is 24 x 7.
    Named(Box<Placed<String>>),
}

impl Shape for LagCalendar {
    fn schema(book: &mut Book) -> Value {
        String::schema(book)
    }

    fn read(node: Node<'_>, findings: &mut Findings) -> Option<LagCalendar> {
        let name = Placed::<String>::read(node, findings)?;
        Some(match name.value.as_str() {
            "successor" => LagCalendar::Successor,
            "predecessor" => LagCalendar::Predecessor,
            "project" => LagCalendar::Project,
            _ => LagCalendar::Named(Box::new(name)),
        })
    }
}

/// How long a link waits: working or elapsed time, or a share of the predecessor's duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lag {
    /// A length of time.
    Length(Length),
    /// Per cent of the predecessor's whole duration; in elapsed time with `lag_calendar: always`.
    Percent(Decimal),
}

scalar!(
    Lag,
    Lag::Length(NO_TIME),
    "lag",
    "a lag such as 6w, -2d or 50%",
    "Lag" = schema::text(LAG, &["6w", "-2d", "50%"]),
    parse_lag
);

/// A lag or a lead.
const LAG: &str = "[-+]?\\s*[0-9]+(?:\\.[0-9]+)?\\s*(?:min|h|d|w|eh|ed|ew|mo|y|%)";

fn parse_lag(text: &str) -> Result<Lag, String> {
    let Some(share) = text.trim().strip_suffix('%') else {
        return parse_signed_length(text).map(Lag::Length);
    };
    let share = share.trim().parse::<Decimal>();
    let most = Decimal::from(10_000);
    let share = share.ok().filter(|share| share.abs() <= most);
    share.map(Lag::Percent).ok_or_else(|| {
        format!("expected a share of up to 10,000% such as 50%, found `{}`", clip(text))
    })
}

/// A link to a predecessor: `frame SS+6w`, or a map with its parts.
#[derive(Clone, Debug)]
pub struct LinkSpec {
    /// Name of the predecessor; `*` stands for any characters.
    pub from: Placed<String>,
    /// Which ends it ties together.
    pub kind: LinkWord,
    /// Lag or lead.
    pub lag: Option<Placed<Lag>>,
    /// Whose calendar the lag is counted in.
    pub lag_calendar: LagCalendar,
}

shape! {
    /// A link written as a map.
    pub struct LinkMap {
        /// Name of the predecessor.
        activity: Placed<String>,
        /// Which ends it ties together.
        link: Option<LinkWord>,
        /// Lag or lead.
        lag: Option<Placed<Lag>>,
        /// Whose calendar the lag is counted in.
        lag_calendar: Option<LagCalendar>,
    }
}

impl Shape for LinkSpec {
    fn schema(book: &mut Book) -> Value {
        let map = LinkMap::schema(book);
        book.define("Link", |_| {
            let pattern = format!("\\S+(?:\\s+(?:{})?\\s*(?:{LAG})?)?", LinkWord::WORDS.join("|"));
            let text = schema::number(&pattern, &["frame", "frame SS+6w", "frame FS-2d"]);
            let text = schema::told("A predecessor, which ends are tied, a lag or lead.", text);
            schema::any([text, map])
        })
    }

    fn read(node: Node<'_>, findings: &mut Findings) -> Option<LinkSpec> {
        if let Kind::Map(_) = node.kind {
            let map = LinkMap::read(node, findings)?;
            return Some(LinkSpec {
                from: map.activity,
                kind: map.link.unwrap_or(LinkWord::FinishStart),
                lag: map.lag,
                lag_calendar: map.lag_calendar.unwrap_or(LagCalendar::Successor),
            });
        }
        let Kind::Text(text) = &node.kind else {
            findings.push(expected("link", "a link such as `frame SS+6w`", &node, node.at));
            return None;
        };
        let read = parse_link(text);
        let (from, kind, lag) =
            read.map_err(|message| findings.push(Finding::error("link", node.at, message))).ok()?;
        let placed = |lag| Placed { at: node.at, value: lag };
        Some(LinkSpec {
            from: Placed { at: node.at, value: from },
            kind,
            lag: lag.map(placed),
            lag_calendar: LagCalendar::Successor,
        })
    }
}

/// `frame`, `frame SS`, `frame SS+6w`, `frame FS-2d`, `frame +3ew`, `frame FS+50%`.
fn parse_link(text: &str) -> Result<(String, LinkWord, Option<Lag>), String> {
    let words =
        || format!("expected a link such as `frame` or `frame SS+6w`, found `{}`", clip(text));
    let mut parts = text.trim().splitn(2, char::is_whitespace);
    let from = parts.next().filter(|name| !name.is_empty()).ok_or_else(words)?;
    let tail: String = parts.next().unwrap_or("").chars().filter(|c| !c.is_whitespace()).collect();
    let kinds = [
        ("FS", LinkWord::FinishStart),
        ("SS", LinkWord::StartStart),
        ("FF", LinkWord::FinishFinish),
        ("SF", LinkWord::StartFinish),
    ];
    let kind = kinds.iter().find_map(|&(code, kind)| Some((kind, tail.strip_prefix(code)?)));
    let (kind, lag) = kind.unwrap_or((LinkWord::FinishStart, &tail));
    if lag.is_empty() {
        return Ok((from.to_owned(), kind, None));
    }
    if !lag.starts_with(['+', '-']) {
        return Err(words());
    }
    Ok((from.to_owned(), kind, Some(parse_lag(lag.trim_start_matches('+'))?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_read_as_planners_write_them() {
        let read = |text| parse_link(text).map(|(from, kind, lag)| (from, kind, lag.is_some()));
        assert_eq!(read("frame"), Ok(("frame".into(), LinkWord::FinishStart, false)));
        assert_eq!(read("frame SS+6w"), Ok(("frame".into(), LinkWord::StartStart, true)));
        assert_eq!(read("frame FF + 4w"), Ok(("frame".into(), LinkWord::FinishFinish, true)));
        assert_eq!(read("frame FS-2d"), Ok(("frame".into(), LinkWord::FinishStart, true)));
        assert_eq!(read("frame +3ew"), Ok(("frame".into(), LinkWord::FinishStart, true)));
        for text in ["", "frame XX", "frame SS6w", "frame SS+", "frame SS+6 weeks ago"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
