//! How sound a schedule is: the 14 points of the DCMA assessment, and the shape of the network.
//!
//! Points and thresholds are those of the 14-point schedule assessment of the US Defense Contract
//! Management Agency (EVMS Program Analysis Pamphlet, DCMA-EA PAM 200.1, October 2012). They are
//! where a talk about a schedule begins, not what makes one right. Where a site differs from the
//! schedules that they were written for:
//!
//! - The steps of units are unfolded from one template: they count once for each hall.
//! - What makes something true (a stage live, a hall ready, a unit accepted) is an end in itself
//!   and needs no successor. Nor does the last of all, nor the first of all a predecessor.
//! - Days are working days of the activity's own calendar. Floats ignore crews.
//! - Shares are of what is not over; milestones count for logic only.
//! - The baseline is the file's `plan:` block.

//!
//! - `names`: ids that differ only by numbers, told as one.
//! - `tasks`: points 1 to 8 and 10, from the network.
//! - `progress`: points 9 and 11 to 14, from the status date and the promises.
//! - `redundant`: links that another path makes superfluous.

mod names;
mod progress;
mod redundant;
mod tasks;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::run::Run;
use crate::model::{Activity, Kind, Link, Plan, Progress, Site};
use crate::time::Span;
use names::{grouped, without_number};
pub use redundant::redundant_links;

/// How sound a schedule is.
#[derive(Clone, Debug, Serialize)]
pub struct Score {
    /// The 14 points in their usual order.
    pub points: Vec<Point>,
    /// The shape of the network.
    pub network: Network,
}

/// One point of the assessment.
#[derive(Clone, Debug, Serialize)]
pub struct Point {
    /// 1 to 14.
    pub number: u8,
    /// Its usual name.
    pub name: &'static str,
    /// What it counts.
    pub about: &'static str,
    /// Whether the threshold is met.
    pub verdict: Verdict,
    /// Why it could not be assessed, or what a figure means.
    pub reason: Option<String>,
    /// How many were found.
    pub found: Option<usize>,
    /// Out of how many.
    pub of: Option<usize>,
    /// Share or index that the threshold is compared with.
    pub value: Option<f64>,
    /// The threshold.
    pub limit: &'static str,
    /// Whom it concerns, the largest groups first.
    pub which: Vec<Group>,
}

/// Whether a threshold is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is.
    Pass,
    /// It is not.
    Fail,
    /// There is no threshold; the figure is for information.
    Told,
    /// What it needs is not in the file; `reason` says what.
    NotAssessed,
}

/// Activities or links that differ only by the number of their building, hall, unit or lot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// An id, or a pattern such as `hall-*.network`.
    pub name: String,
    /// How many.
    pub count: usize,
}

/// The shape of the network; unit steps count once for each hall.
#[derive(Clone, Debug, Serialize)]
pub struct Network {
    /// Activities and milestones.
    pub activities: usize,
    /// Links between them.
    pub links: usize,
    /// Two to four are usual.
    pub links_per_activity: f64,
    /// Not over, and nothing comes before.
    pub open_starts: Tally,
    /// Not over, nothing comes after, and the finish makes nothing true.
    pub open_finishes: Tally,
    /// Links enter, but none bounds the start.
    pub dangling_starts: Tally,
    /// Links leave, but none counts from the finish, which makes nothing true either.
    pub dangling_finishes: Tally,
    /// Links that can be dropped without moving anything: another path says the same.
    pub redundant_links: Tally,
}

/// How many, and who.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// How many.
    pub count: usize,
    /// Who, the largest groups first.
    pub which: Vec<Group>,
}

/// Scores a site's network and its run on likely values.
///
/// Cost: a few visits per activity and link, one forward pass; redundant links are looked for by
/// going back from each activity as far as its furthest predecessor.
pub fn score(site: &Site, run: &Run) -> Score {
    let network = Scored::new(site, run);
    let mut points = network.logic_points();
    points.extend(network.task_points());
    points.extend(network.progress_points());
    points.sort_by_key(|point| point.number);
    Score { points, network: network.shape() }
}

/// A site as the assessment counts it.
struct Scored<'a> {
    site: &'a Site,
    plan: &'a Plan,
    run: &'a Run,
    /// What stands for each activity: itself, or the first of the same step in its hall.
    family: Vec<u32>,
    /// Indices of links to what is not over.
    links: Vec<u32>,
}

impl<'a> Scored<'a> {
    fn new(site: &'a Site, run: &'a Run) -> Scored<'a> {
        let plan = &site.plan;
        let mut first = BTreeMap::new();
        let family = |(at, activity): (u32, &'a Activity)| match (activity.hall, activity.unit) {
            (Some(hall), Some(_)) => *first.entry((hall, activity.step())).or_insert(at),
            _ => at,
        };
        let family = (0..).zip(&plan.activities).map(family).collect();
        let open = |link: &u32| {
            let to = plan.links[*link as usize].to;
            !plan.activities[to as usize].is_finished()
        };
        let links = (0..plan.links.len() as u32).filter(open).collect();
        Scored { site, plan, run, family, links }
    }

    fn activity(&self, at: u32) -> &'a Activity {
        &self.plan.activities[at as usize]
    }

    /// Families of the activities that pass a test; summaries and level of effort never count.
    fn families(&self, test: impl Fn(u32, &Activity) -> bool) -> BTreeSet<u32> {
        let counts =
            |at| !matches!(self.plan.scheduling.of(at).kind, Kind::Summary | Kind::LevelOfEffort);
        let all = (0..).zip(&self.plan.activities).filter(|&(at, _)| counts(at));
        all.filter(|&(at, a)| test(at, a)).map(|(at, _)| self.family[at as usize]).collect()
    }

    /// Links that pass a test, one for each pair of families, kind and lag.
    fn distinct(&self, test: impl Fn(u32, &Link) -> bool) -> Vec<u32> {
        let mut seen = BTreeSet::new();
        let key = |link: &Link| {
            let (from, to) = (self.family[link.from as usize], self.family[link.to as usize]);
            (from, to, link.kind.code(), link.lag)
        };
        let links = self.links.iter().copied();
        links
            .filter(|&at| test(at, &self.plan.links[at as usize]))
            .filter(|&at| seen.insert(key(&self.plan.links[at as usize])))
            .collect()
    }

    fn tally(&self, families: &BTreeSet<u32>) -> Tally {
        let names = families.iter().map(|&at| self.name(at));
        Tally { count: families.len(), which: grouped(names) }
    }

    fn tally_links(&self, links: &[u32]) -> Tally {
        let names = links.iter().map(|&link| {
            let link = &self.plan.links[link as usize];
            let lag = match link.lag {
                Span::ZERO => String::new(),
                lag => {
                    let calendar = &self.plan.calendars[usize::from(link.lag_calendar)];
                    format!("{:+.0} d", lag.0 as f64 / calendar.day_minutes() as f64)
                }
            };
            let (from, to) = (self.family[link.from as usize], self.family[link.to as usize]);
            format!("{} {}{lag} -> {}", self.name(from), link.kind.code(), self.name(to))
        });
        Tally { count: links.len(), which: grouped(names) }
    }

    /// Its id; for a step of units `hall-3.unit-*.test`.
    fn name(&self, at: u32) -> String {
        let activity = self.activity(at);
        match activity.unit.and_then(|_| activity.id.rsplit_once('.')) {
            Some((unit, step)) => match unit.rsplit_once('.') {
                Some((hall, unit)) => format!("{hall}.{}.{step}", without_number(unit)),
                None => format!("{}.{step}", without_number(unit)),
            },
            None => activity.id.clone(),
        }
    }

    /// The first of all to start without predecessor, and the last of all to finish.
    fn ends(&self) -> (Option<u32>, Option<u32>) {
        let (start, finish) = (&self.run.timeline.start, &self.run.timeline.finish);
        let all = || 0..self.plan.activities.len() as u32;
        let first = all().filter(|&at| self.plan.preds(at).is_empty());
        let last = all().filter(|&at| self.plan.succs(at).next().is_none());
        (
            first.min_by_key(|&at| (start[at as usize], at)),
            last.max_by_key(|&at| (finish[at as usize], at)),
        )
    }

    fn opens(&self) -> (BTreeSet<u32>, BTreeSet<u32>) {
        let (first, last) = self.ends();
        let starts = self.families(|at, activity| {
            !activity.is_finished() && self.plan.preds(at).is_empty() && Some(at) != first
        });
        let finishes = self.families(|at, activity| {
            let alone = self.plan.succs(at).next().is_none() && activity.effects.is_empty();
            !activity.is_finished() && alone && Some(at) != last
        });
        (starts, finishes)
    }

    fn shape(&self) -> Network {
        let (starts, finishes) = self.opens();
        let work = |activity: &Activity| !activity.is_finished() && !activity.milestone;
        let dangling_starts = self.families(|at, activity| {
            let links = self.plan.preds(at);
            work(activity)
                && activity.progress == Progress::Open
                && !links.is_empty()
                && links.iter().all(|link| link.kind.bounds_finish())
        });
        let dangling_finishes = self.families(|at, activity| {
            let mut links = self.plan.succs(at).peekable();
            work(activity)
                && activity.effects.is_empty()
                && links.peek().is_some()
                && links.all(|link| !link.kind.from_finish())
        });
        let redundant = redundant_links(self.plan);
        let redundant = self.distinct(|at, _| redundant.contains(&at));
        let activities = self.families(|_, _| true).len();
        // All links, not only those to what is not over: the network as it was planned.
        let ends = |link: &Link| (self.family[link.from as usize], self.family[link.to as usize]);
        let links: BTreeSet<_> =
            self.plan.links.iter().map(|link| (ends(link), link.kind.code(), link.lag)).collect();
        Network {
            activities,
            links: links.len(),
            links_per_activity: rounded(links.len() as f64 / activities.max(1) as f64),
            open_starts: self.tally(&starts),
            open_finishes: self.tally(&finishes),
            dangling_starts: self.tally(&dangling_starts),
            dangling_finishes: self.tally(&dangling_finishes),
            redundant_links: self.tally_links(&redundant),
        }
    }
}

/// A threshold for a share.
#[derive(Clone, Copy)]
enum Limit {
    /// At most this many percent.
    AtMost(usize),
    /// At least this many percent.
    AtLeast(usize),
    /// Not a single one.
    Zero,
    /// No threshold.
    None,
}

impl Point {
    fn share(
        number: u8,
        name: &'static str,
        about: &'static str,
        limit: Limit,
        tally: Tally,
        of: usize,
    ) -> Point {
        let met = match limit {
            Limit::AtMost(percent) => tally.count * 100 <= of * percent,
            Limit::AtLeast(percent) => tally.count * 100 >= of * percent,
            Limit::Zero => tally.count == 0,
            Limit::None => true,
        };
        let verdict = match (limit, met) {
            (Limit::None, _) => Verdict::Told,
            (_, true) => Verdict::Pass,
            (_, false) => Verdict::Fail,
        };
        let limit = match limit {
            Limit::AtMost(5) => "at most 5 %",
            Limit::AtLeast(90) => "at least 90 %",
            Limit::Zero => "none",
            Limit::None => "-",
            Limit::AtMost(_) | Limit::AtLeast(_) => unreachable!("the assessment has no other"),
        };
        let value = (of > 0).then(|| rounded(tally.count as f64 / of as f64));
        let (found, of, which) = (Some(tally.count), Some(of), tally.which);
        Point { number, name, about, verdict, reason: None, found, of, value, limit, which }
    }

    /// An index that should be 0.95 or more.
    fn index(number: u8, name: &'static str, about: &'static str) -> Point {
        let empty = Point::share(number, name, about, Limit::None, Tally::none(), 0);
        Point { found: None, of: None, limit: "at least 0.95", ..empty }
    }

    fn of_index(self, value: f64, reason: String) -> Point {
        let verdict = if value >= 0.95 { Verdict::Pass } else { Verdict::Fail };
        Point { verdict, value: Some(rounded(value)), reason: Some(reason), ..self }
    }

    fn not_assessed(self, reason: String) -> Point {
        let verdict = Verdict::NotAssessed;
        Point { verdict, reason: Some(reason), found: None, of: None, value: None, ..self }
    }
}

impl Tally {
    fn none() -> Tally {
        Tally { count: 0, which: Vec::new() }
    }
}

/// Rounded to four decimals: stable to read.
fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}
