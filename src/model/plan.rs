//! The activity network as flat arrays that the engine runs on.

use super::scheduling::Scheduling;
use crate::time::{Calendar, Day, Minute, Span};
use crate::unit::ItPower;

/// Index of a calendar in [`Plan::calendars`]; 0 is always `always` (24 x 7).
pub type CalendarId = u16;

/// Activities, links, crews and stores of one site, everything addressed by index.
///
/// Activities stand in file order: their index breaks every tie (semantics T7, T9). `preds` and
/// `succs` hold the same links twice, grouped by the activity they enter and the one they leave.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The instant the run begins.
    pub start: Minute,
    /// Nothing unfinished starts before this instant (semantics T5).
    pub status: Option<Minute>,
    /// Working calendars; index 0 is 24 x 7.
    pub calendars: Vec<Calendar>,
    /// In file order.
    pub activities: Vec<Activity>,
    /// Every link once, grouped by `to`, in file order within.
    pub links: Vec<Link>,
    /// `links[pred_offsets[a]..pred_offsets[a + 1]]` enter activity `a`.
    pub pred_offsets: Vec<u32>,
    /// Indices into `links`, grouped by `from`.
    pub succ_links: Vec<u32>,
    /// `succ_links[succ_offsets[a]..succ_offsets[a + 1]]` leave activity `a`.
    pub succ_offsets: Vec<u32>,
    /// Activities so that each comes after its predecessors; ties in file order.
    pub topological: Vec<u32>,
    /// Crews, teams, cranes (semantics T9).
    pub resources: Vec<Resource>,
    /// Names of the stores of racks, one for each platform.
    pub stores: Vec<String>,
    /// What each lot brings, by the lot's index: (store, racks).
    pub deliveries: Vec<(u32, u32)>,
    /// Whose rules date it, and what they need to know; those of site files by default.
    pub scheduling: Scheduling,
    /// What the likely trial does not do, ascending: parts of ways that it does not take. They pass
    /// the time on without taking any.
    pub skipped: Vec<u32>,
}

/// One activity or milestone (a milestone has no duration and no crew).
#[derive(Clone, Debug)]
pub struct Activity {
    /// Full, stable id, e.g. `hall-2.ist` or `hall-2.unit-07.test`.
    pub id: String,
    /// What to call it on screen; empty where the file gives no title.
    pub title: String,
    /// The calendar its duration is counted in.
    pub calendar: CalendarId,
    /// Likely duration in working time of its calendar (semantics T2, R2).
    pub duration: Span,
    /// Added before its start, in working time of its calendar: the planner's what-if.
    pub delay: Span,
    /// It starts no earlier than this.
    pub not_before: Option<Minute>,
    /// Smaller is served first when crews are short (semantics T9).
    pub priority: i32,
    /// Crews it holds from start to finish.
    pub needs: Vec<Need>,
    /// Racks it takes out of a store when it starts: (store, racks).
    pub takes: Option<(u32, u32)>,
    /// What its start or finish makes true.
    pub effects: Vec<Effect>,
    /// What has already happened (semantics T5).
    pub progress: Progress,
    /// Hall it belongs to, if any.
    pub hall: Option<u32>,
    /// Unit it is a step of, if any.
    pub unit: Option<u32>,
    /// Whether it is a point in time rather than work.
    pub milestone: bool,
}

impl Activity {
    /// The last part of its id: what it is within its hall, unit or lot.
    pub fn step(&self) -> &str {
        self.id.rsplit('.').next().unwrap_or(&self.id)
    }

    /// Its id, and its title where it has one.
    pub fn label(&self) -> String {
        if self.title.is_empty() { self.id.clone() } else { format!("{}  {}", self.id, self.title) }
    }

    /// Puts it off by working time of its calendar: it starts later, or what is under way takes
    /// longer. What is over stays.
    pub fn put_off(&mut self, by: Span) {
        match &mut self.progress {
            Progress::Open => self.delay += by,
            Progress::Started { remaining, .. } => *remaining += by,
            Progress::Finished { .. } => {}
        }
    }

    /// Work left to do in the likely trial, in working time of its calendar.
    pub fn likely_work(&self) -> Span {
        match self.progress {
            Progress::Open => self.duration,
            Progress::Started { remaining, .. } => remaining,
            Progress::Finished { .. } => Span::ZERO,
        }
    }

    /// Its actual start, if it has begun.
    pub fn began(&self) -> Option<Minute> {
        match self.progress {
            Progress::Open => None,
            Progress::Started { start, .. } | Progress::Finished { start, .. } => Some(start),
        }
    }

    /// Whether it is over.
    pub fn is_finished(&self) -> bool {
        matches!(self.progress, Progress::Finished { .. })
    }

    /// Whether it is a point in time: without work left it needs no working time to happen in, so
    /// it stays at the instant that its logic gives, open or closed.
    pub fn is_point(&self) -> bool {
        self.likely_work() == Span::ZERO
    }
}

/// Units of one resource that an activity holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// Index into [`Plan::resources`].
    pub resource: u32,
    /// How many, at least 1.
    pub units: u32,
}

/// What had happened to an activity when the file was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Not started.
    Open,
    /// Started at `start`; `remaining` working time of its calendar is left at the status date.
    Started {
        /// Actual start.
        start: Minute,
        /// Left to do.
        remaining: Span,
    },
    /// Over and done.
    Finished {
        /// Actual start.
        start: Minute,
        /// Actual finish.
        finish: Minute,
    },
}

/// A dependency between two activities (semantics T4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Predecessor.
    pub from: u32,
    /// Successor.
    pub to: u32,
    /// Which ends it ties together.
    pub kind: LinkKind,
    /// Lag (positive) or lead (negative), in working time of `lag_calendar`.
    pub lag: Span,
    /// Calendar that the lag is counted in; by default the successor's.
    pub lag_calendar: CalendarId,
    /// Derived by the loader (permanent power for the integrated systems test), not in the file.
    pub derived: bool,
}

impl Link {
    /// Whether the successor may have to start before the predecessor does what the link counts
    /// from, so that its start rests on a forecast (semantics T8).
    pub fn looks_ahead(&self) -> bool {
        self.kind.bounds_finish() || self.lag < Span::ZERO
    }
}

/// Which end of the predecessor bounds which end of the successor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// Successor starts after predecessor finishes.
    FinishStart,
    /// Successor starts after predecessor starts.
    StartStart,
    /// Successor finishes after predecessor finishes.
    FinishFinish,
    /// Successor finishes after predecessor starts.
    StartFinish,
}

impl LinkKind {
    /// Two letters, as planners write it.
    pub fn code(self) -> &'static str {
        match self {
            LinkKind::FinishStart => "FS",
            LinkKind::StartStart => "SS",
            LinkKind::FinishFinish => "FF",
            LinkKind::StartFinish => "SF",
        }
    }

    /// Whether it bounds the successor's finish rather than its start.
    pub fn bounds_finish(self) -> bool {
        matches!(self, LinkKind::FinishFinish | LinkKind::StartFinish)
    }

    /// Whether it counts from the predecessor's finish rather than from its start.
    pub fn from_finish(self) -> bool {
        matches!(self, LinkKind::FinishStart | LinkKind::FinishFinish)
    }
}

/// A renewable resource: a crew, a team, a crane.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Name in the file.
    pub id: String,
    /// (from when, units there are), by date; the first entry holds before it too.
    pub capacity: Vec<(Minute, u32)>,
    /// Whether a later waiter that fits may start before an earlier one that does not.
    pub overtake: bool,
}

/// What the start or finish of an activity makes true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// At start: the lot is ordered.
    Order(u32),
    /// At finish: the lot's racks enter their store.
    Deliver(u32),
    /// At finish: the stage's grid power is live.
    Energise(u32),
    /// At finish: cooling for this much IT load of the hall is commissioned (L4).
    Cool(u32, ItPower),
    /// At finish: the hall is ready for service (L5).
    Ready(u32),
    /// At finish: the unit's racks are installed.
    Rack(u32),
    /// At finish: the unit passed its cluster test (unit in service, semantics C3).
    InService(u32),
    /// At finish: the customer accepted the unit (service start, semantics C3).
    Accept(u32),
}

impl Plan {
    /// Links that enter an activity, in file order.
    pub fn preds(&self, activity: u32) -> &[Link] {
        let at = activity as usize;
        &self.links[self.pred_offsets[at] as usize..self.pred_offsets[at + 1] as usize]
    }

    /// Links that leave an activity, in file order of the activities they enter.
    pub fn succs(&self, activity: u32) -> impl Iterator<Item = &Link> {
        let at = activity as usize;
        let range = self.succ_offsets[at] as usize..self.succ_offsets[at + 1] as usize;
        self.succ_links[range].iter().map(|&link| &self.links[link as usize])
    }

    /// The calendar an activity works by.
    pub fn calendar(&self, activity: u32) -> &Calendar {
        &self.calendars[self.activities[activity as usize].calendar as usize]
    }

    /// The calendar an activity's floats are counted in: its own, crews or not.
    pub fn float_calendar(&self, activity: u32) -> &Calendar {
        let float = self.scheduling.of(activity).float_calendar;
        float.map_or_else(|| self.calendar(activity), |id| &self.calendars[usize::from(id)])
    }

    /// First civil day of the run.
    pub fn first_day(&self) -> Day {
        self.start.day()
    }

    /// The instant from which unfinished work lies ahead: the status date, or the start of the run
    /// where that is later (semantics T5).
    pub fn data_date(&self) -> Minute {
        self.status.map_or(self.start, |status| status.max(self.start))
    }

    /// Work left to do in the likely trial, by activity: the whole duration of what is open, the
    /// remaining of what is under way, nothing of what is over.
    pub fn likely_work(&self) -> Vec<Span> {
        let mut work: Vec<Span> = self.activities.iter().map(Activity::likely_work).collect();
        self.skipped.iter().for_each(|&at| work[at as usize] = Span::ZERO);
        work
    }

    /// Builds a plan from its parts: groups the links both ways and orders the activities.
    ///
    /// # Errors
    ///
    /// The activities of one cycle.
    ///
    /// Cost: linear in activities and links (plus a logarithm for the tie order).
    pub fn assemble(parts: Parts) -> Result<Plan, Cycle> {
        let Parts {
            start,
            status,
            calendars,
            activities,
            mut links,
            resources,
            stores,
            deliveries,
        } = parts;
        let count = activities.len();
        links.sort_by_key(|link| link.to);
        let pred_offsets = offsets(count, links.iter().map(|link| link.to));
        let mut succ_links: Vec<u32> = (0..links.len() as u32).collect();
        succ_links.sort_by_key(|&at| links[at as usize].from);
        let succ_offsets = offsets(count, succ_links.iter().map(|&at| links[at as usize].from));
        let topological = super::graph::topological_order(count, &links).map_err(|cycle| {
            let id = |&at: &u32| activities[at as usize].id.clone();
            Cycle { ids: cycle.iter().map(id).collect(), activities: cycle }
        })?;
        Ok(Plan {
            start,
            status,
            calendars,
            activities,
            links,
            pred_offsets,
            succ_links,
            succ_offsets,
            topological,
            resources,
            stores,
            deliveries,
            scheduling: Scheduling::default(),
            skipped: Vec::new(),
        })
    }

    /// The same plan, dated by the rules of a planner's program.
    pub fn scheduled_by(self, scheduling: Scheduling) -> Plan {
        let conditions = scheduling.conditions.len();
        assert_eq!(conditions, self.activities.len(), "conditions of each activity");
        Plan { scheduling, ..self }
    }
}

/// Activities each linked to the next and the last to the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle {
    /// Their indices.
    pub activities: Vec<u32>,
    /// Their ids.
    pub ids: Vec<String>,
}

/// What [`Plan::assemble`] puts together.
#[derive(Clone, Debug)]
pub struct Parts {
    /// See [`Plan::start`].
    pub start: Minute,
    /// See [`Plan::status`].
    pub status: Option<Minute>,
    /// See [`Plan::calendars`].
    pub calendars: Vec<Calendar>,
    /// See [`Plan::activities`].
    pub activities: Vec<Activity>,
    /// In any order.
    pub links: Vec<Link>,
    /// See [`Plan::resources`].
    pub resources: Vec<Resource>,
    /// See [`Plan::stores`].
    pub stores: Vec<String>,
    /// See [`Plan::deliveries`].
    pub deliveries: Vec<(u32, u32)>,
}

fn offsets(count: usize, sorted_keys: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut offsets = vec![0; count + 1];
    for key in sorted_keys {
        offsets[key as usize + 1] += 1;
    }
    for at in 0..count {
        offsets[at + 1] += offsets[at];
    }
    offsets
}
