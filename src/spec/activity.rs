//! Shapes of activities and links.

use rust_decimal::Decimal;

use super::quantity::{Import, Percent, Watts};
use super::shape::{Named, Placed, Raw, Shape, clip, expected, scalar, shape, words};
use super::yaml::Kind;
use super::{At, Finding, Findings, Node};
use crate::money::Amount;
use crate::time::{
    Day, Duration, Length, LengthUnit, Minute, parse_day, parse_duration, parse_instant,
    parse_length, parse_signed_length,
};

/// Stands in for a length that could not be read.
const NO_TIME: Length = Length { amount: Decimal::ZERO, unit: LengthUnit::Day };

scalar!(Day, Day(0), "date", "a date such as 2026-03-31", parse_day);
scalar!(Minute, Minute(0), "date", "a date such as 2026-03-31 or 2026-03-31T17:30", parse_instant);
scalar!(Length, NO_TIME, "duration", "a duration such as 12w", parse_length);
scalar!(
    Duration,
    Duration::Single(NO_TIME),
    "duration",
    "a duration such as 12w or 8w < 12w < 18w",
    parse_duration
);

shape! {
    /// One activity or milestone.
    pub struct ActivitySpec {
        /// What to call it on screen.
        title: Option<String>,
        /// How long it takes; one value or min < likely < max.
        duration: Option<Placed<Duration>>,
        /// A point in time instead of a duration.
        milestone: Option<bool>,
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
        delay: Option<Placed<Length>>,
        /// It started then.
        actual_start: Option<Placed<Minute>>,
        /// It finished then.
        actual_finish: Option<Placed<Minute>>,
        /// Working time left at the status date.
        remaining: Option<Placed<Length>>,
        /// Capital cost.
        cost: Option<Placed<Amount>>,
        /// What the cost buys.
        asset: Option<Placed<AssetWord>>,
        /// When the cost is paid.
        pay: Option<PaySpec>,
        /// Grid power that its finish makes live.
        energises: Option<Placed<Import>>,
        /// Its finish commissions the hall's cooling, all of it or some IT power.
        commissions_cooling: Option<Placed<Cooling>>,
        /// Its finish makes the hall ready for service.
        ready_for_service: Option<Placed<bool>>,
        /// It waits for all stages that feed the hall; by default the activity with
        /// `ready_for_service` does.
        permanent_power: Option<Placed<bool>>,
        /// Free text for readers of the file.
        note: Option<Raw>,
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

scalar!(Cooling, Cooling::None, "cooling", "true or IT power such as 17 MW", |text| match text {
    "true" => Ok(Cooling::All),
    "false" => Ok(Cooling::None),
    _ => {
        let node = Node { at: Default::default(), kind: Kind::Text(text.into()) };
        let read = Watts::read(node, &mut Findings::default());
        read.map(Cooling::Part).ok_or_else(|| {
            format!("expected true or IT power such as 17 MW, found `{}`", clip(text))
        })
    }
});

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

words! {
    /// Whose calendar a lag is counted in.
    pub enum LagCalendar {
        /// The successor's: the default.
        Successor = "successor",
        /// The predecessor's.
        Predecessor = "predecessor",
        /// The file's default calendar.
        Project = "project",
        /// 24 x 7.
        Always = "always",
    }
}

/// A link to a predecessor: `frame SS+6w`, or a map with its parts.
#[derive(Clone, Debug)]
pub struct LinkSpec {
    /// Name of the predecessor; `*` stands for any characters.
    pub from: Placed<String>,
    /// Which ends it ties together.
    pub kind: LinkWord,
    /// Lag or lead.
    pub lag: Option<Placed<Length>>,
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
        lag: Option<Placed<Length>>,
        /// Whose calendar the lag is counted in.
        lag_calendar: Option<LagCalendar>,
    }
}

impl Shape for LinkSpec {
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

/// `frame`, `frame SS`, `frame SS+6w`, `frame FS-2d`, `frame +3ew`.
fn parse_link(text: &str) -> Result<(String, LinkWord, Option<Length>), String> {
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
    let length = parse_signed_length(lag)?;
    Ok((from.to_owned(), kind, Some(length)))
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
