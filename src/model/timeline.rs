//! What happened in one trial, and why: written by the engine, read by everyone above it.

use super::terms::NoDraw;
use crate::time::{Minute, Span};

/// Dates, events, causes and waits of one trial.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// Start of each activity; [`Minute::NEVER`] if it never starts.
    pub start: Vec<Minute>,
    /// Finish of each activity; [`Minute::NEVER`] if it never finishes.
    pub finish: Vec<Minute>,
    /// What set each activity's start.
    pub cause: Vec<Cause>,
    /// Everything that happened, in order (time, round, rank of semantics T7, file order): what an
    /// instant creates at that same instant runs, and stands, in a further round.
    pub events: Vec<Event>,
    /// Every wait for a crew, racks or funding, and every held finish, in the order they ended.
    pub waits: Vec<Wait>,
}

impl Timeline {
    /// The waits of every activity, for looking them up by activity.
    ///
    /// Cost: linear in the waits, but for sorting them.
    pub fn waits_by_activity(&self) -> WaitsBy<'_> {
        let mut order: Vec<&Wait> = self.waits.iter().collect();
        order.sort_by_key(|wait| wait.activity);
        WaitsBy { order }
    }

    /// The last finish of all activities; `NEVER` if one never finishes.
    pub fn end(&self) -> Minute {
        self.finish.iter().copied().max().unwrap_or(Minute::MIN)
    }
}

/// Waits grouped by activity; within one in the order they ended.
#[derive(Clone, Debug)]
pub struct WaitsBy<'t> {
    order: Vec<&'t Wait>,
}

impl<'t> WaitsBy<'t> {
    /// The waits of one activity.
    pub fn of(&self, activity: u32) -> &[&'t Wait] {
        let from = self.order.partition_point(|wait| wait.activity < activity);
        let until = self.order.partition_point(|wait| wait.activity <= activity);
        &self.order[from..until]
    }
}

/// Why an activity started when it did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cause {
    /// It never started.
    #[default]
    Never,
    /// The start of the run: nothing held it.
    RunStart,
    /// Its actual start, stated in the file.
    Actual,
    /// The status date: unfinished work cannot lie in the past.
    StatusDate,
    /// Its not-before date.
    NotBefore,
    /// A constraint, by the rules of a planner's program: against its links or later than they ask.
    Constraint,
    /// The link with this index in [`Plan::links`](super::Plan::links).
    Link(u32),
    /// The crew or store it waited for last, and the activity whose finish (or delivery) ended the
    /// wait; `None` where a dated change of capacity ended it.
    Released(Scarce, Option<u32>),
    /// The loan (index into the terms) that could not be drawn before, and the activity whose
    /// finish met its last condition; `None` where time did it: closing, a test passed again.
    Funded(u32, Option<u32>),
}

/// What an activity can wait for once its logic is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scarce {
    /// Index into [`Plan::resources`](super::Plan::resources).
    Resource(u32),
    /// Index into [`Plan::stores`](super::Plan::stores).
    Store(u32),
}

/// Time that an activity lost although its own logic was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Who waited.
    pub activity: u32,
    /// From when.
    pub from: Minute,
    /// Until when; [`Minute::NEVER`] if in vain.
    pub until: Minute,
    /// What for.
    pub what: WaitFor,
    /// Who held it when the wait began and let go last; `None` for a dated change or in vain.
    pub holder: Option<u32>,
}

impl Wait {
    /// How long it lasted.
    pub fn length(&self) -> Span {
        self.until - self.from
    }
}

/// What a wait was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitFor {
    /// A crew or racks.
    Scarce(Scarce),
    /// Its finish was held by a finish-to-finish or start-to-finish link (semantics T8).
    HeldFinish,
    /// A lead asked for a start that was already past (semantics T8): it started late by this wait.
    PastLead,
    /// The loan that funds it could not be drawn (semantics M0).
    Funding {
        /// Index into the terms.
        loan: u32,
        /// What the loan said last.
        why: NoDraw,
    },
}

/// One thing that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Minute,
    /// What; its order within one instant is the order of [`EventKind`].
    pub kind: EventKind,
    /// Whose start or finish it was.
    pub activity: u32,
}

/// Kinds of event in the order in which they happen within one instant (semantics T7).
///
/// The payload is an index into the site's stages, halls, units or lots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    /// A lot's racks entered the store.
    Delivered(u32),
    /// An activity finished.
    Finished,
    /// Cooling of a hall was commissioned (L4).
    Cooled(u32),
    /// A stage was energised.
    Energised(u32),
    /// A hall became ready for service (L5 passed, permanent power).
    Ready(u32),
    /// A unit's racks stand installed.
    Racked(u32),
    /// A unit came in service (cluster test passed).
    InService(u32),
    /// The customer accepted a unit: service starts.
    Accepted(u32),
    /// A lot was ordered.
    Ordered(u32),
    /// An activity started.
    Started,
}
