//! What planners' schedules say beyond durations and links: kinds, constraints, rule sets.
//!
//! Primavera P6 and Microsoft Project compute different dates from the same network, so a plan
//! that came from one of them says whose rules it follows ([`Rules`]). A site file has none of
//! this: its [`Scheduling`] is the default and its conditions are empty.

use super::plan::CalendarId;
use crate::time::Minute;

/// Whose rules date a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rules {
    /// Those of site files (semantics T).
    #[default]
    Site,
    /// Primavera P6: limits on how late something may be move late dates only.
    P6,
    /// Microsoft Project: such limits pull early dates and may break links.
    Project,
}

/// What an activity is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Work.
    #[default]
    Task,
    /// A point that opens what follows: it sits where work can begin.
    StartMilestone,
    /// A point that closes what went before: it sits where work has ended.
    FinishMilestone,
    /// Stretches between the activities it is linked to; drives nothing.
    LevelOfEffort,
    /// Spans what it contains.
    Summary,
}

impl Kind {
    /// `task`, `milestone`, `loe` or `summary`.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Task => "task",
            Kind::StartMilestone | Kind::FinishMilestone => "milestone",
            Kind::LevelOfEffort => "loe",
            Kind::Summary => "summary",
        }
    }
}

/// A date that binds an activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Constraint {
    /// How it binds.
    pub kind: ConstraintKind,
    /// The date; of no meaning for [`ConstraintKind::AsLateAsPossible`].
    pub at: Minute,
}

/// How a date binds an activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConstraintKind {
    /// Start no earlier than (P6: start on or after).
    StartNoEarlier,
    /// Start no later than (P6: start on or before).
    StartNoLater,
    /// Finish no earlier than (P6: finish on or after).
    FinishNoEarlier,
    /// Finish no later than (P6: finish on or before).
    FinishNoLater,
    /// P6's start on, Project's must start on.
    StartOn,
    /// P6's finish on, Project's must finish on.
    FinishOn,
    /// Starts then whatever its links say.
    MandatoryStart,
    /// Finishes then whatever its links say.
    MandatoryFinish,
    /// As late as its successors allow.
    AsLateAsPossible,
    /// Dated by hand: starts then, while its late dates follow its successors.
    ByHand,
}

impl ConstraintKind {
    /// As planners abbreviate it, and as site files write it.
    pub fn code(self) -> &'static str {
        match self {
            ConstraintKind::StartNoEarlier => "SNET",
            ConstraintKind::StartNoLater => "SNLT",
            ConstraintKind::FinishNoEarlier => "FNET",
            ConstraintKind::FinishNoLater => "FNLT",
            ConstraintKind::StartOn => "MSO",
            ConstraintKind::FinishOn => "MFO",
            ConstraintKind::MandatoryStart => "mandatory-start",
            ConstraintKind::MandatoryFinish => "mandatory-finish",
            ConstraintKind::AsLateAsPossible => "ALAP",
            ConstraintKind::ByHand => "manual",
        }
    }
}

/// What binds one activity beside its links.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// What it is.
    pub kind: Kind,
    /// Primary and secondary constraint.
    pub constraints: [Option<Constraint>; 2],
    /// A date that marks lateness and pulls nothing early.
    pub deadline: Option<Minute>,
    /// Calendar that its floats are counted in, where its crews keep other hours than itself.
    pub float_calendar: Option<CalendarId>,
    /// What is left of it, once under way, does not go on before this.
    pub resumes: Option<Minute>,
}

impl Conditions {
    /// The constraints there are, primary first.
    pub fn constraints(&self) -> impl Iterator<Item = Constraint> {
        self.constraints.into_iter().flatten()
    }

    /// Whether one of its constraints is of a kind.
    pub fn has(&self, kind: ConstraintKind) -> bool {
        self.constraints().any(|constraint| constraint.kind == kind)
    }

    /// Whether P6 holds it to a date whatever its links say.
    pub fn is_mandatory(&self) -> bool {
        self.has(ConstraintKind::MandatoryStart) || self.has(ConstraintKind::MandatoryFinish)
    }

    /// Whether one of its dates says by when it must start or finish.
    fn may_be_late(&self) -> bool {
        let early = |kind| match kind {
            ConstraintKind::StartNoEarlier
            | ConstraintKind::FinishNoEarlier
            | ConstraintKind::AsLateAsPossible => true,
            ConstraintKind::StartNoLater
            | ConstraintKind::FinishNoLater
            | ConstraintKind::StartOn
            | ConstraintKind::FinishOn
            | ConstraintKind::MandatoryStart
            | ConstraintKind::MandatoryFinish
            | ConstraintKind::ByHand => false,
        };
        self.deadline.is_some() || !self.constraints().all(|constraint| early(constraint.kind))
    }

    /// Whether it waits for its successors rather than for nothing.
    pub fn is_late(&self) -> bool {
        self.has(ConstraintKind::AsLateAsPossible)
    }
}

/// Which end of an activity its total float is measured at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FloatAt {
    /// Late start less early start.
    Start,
    /// Late finish less early finish.
    Finish,
    /// The smaller of the two.
    #[default]
    Least,
}

/// The rules that date a plan, and what they need to know of each activity.
#[derive(Clone, Debug, Default)]
pub struct Scheduling {
    /// Whose rules.
    pub rules: Rules,
    /// Where total float is measured (P6 lets the file choose).
    pub float_at: FloatAt,
    /// Work under way goes on whatever its unfinished predecessors do (progress override);
    /// otherwise it waits for them (retained logic).
    pub progress_override: bool,
    /// Everything must be over by then: late dates count back from here, not from the end.
    pub finish_by: Option<Minute>,
    /// By activity; empty under [`Rules::Site`].
    pub conditions: Vec<Conditions>,
}

impl Scheduling {
    /// What binds an activity beside its links.
    pub fn of(&self, activity: u32) -> Conditions {
        self.conditions.get(activity as usize).copied().unwrap_or_default()
    }

    /// Whether a constraint, a deadline or the date by which everything must be over can make
    /// something late; without one no float is negative.
    pub fn may_be_late(&self) -> bool {
        self.finish_by.is_some() || self.conditions.iter().any(Conditions::may_be_late)
    }
}
