//! Working calendars.

use super::{Day, Minute, Span};

/// A working calendar: when work can be done.
#[derive(Clone, Debug)]
pub struct Calendar {
    id: String,
}

impl Calendar {
    /// Around the clock, every day (24 x 7).
    pub fn always() -> Calendar {
        Calendar { id: "always".into() }
    }

    /// Name in the file.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Working minutes that `1d` stands for.
    pub fn day_minutes(&self) -> i64 {
        super::MINUTES_PER_DAY
    }

    /// Working minutes that `1w` stands for.
    pub fn week_minutes(&self) -> i64 {
        7 * super::MINUTES_PER_DAY
    }

    /// First instant at or after `at` from which work can go on.
    pub fn next_work(&self, at: Minute) -> Minute {
        at
    }

    /// Last instant at or before `at` up to which work could go on.
    pub fn prev_work(&self, at: Minute) -> Minute {
        at
    }

    /// Earliest finish of `work` begun at `start`; no work takes no time.
    pub fn finish(&self, start: Minute, work: Span) -> Minute {
        start + work
    }

    /// Latest start of `work` that is over by `finish`; no work takes no time.
    pub fn start(&self, finish: Minute, work: Span) -> Minute {
        finish - work
    }

    /// `at` moved by a lag (positive) or lead (negative) of working time.
    pub fn shift(&self, at: Minute, lag: Span) -> Minute {
        at + lag
    }

    /// Working time in the half-open interval; negative if `to` is before `from`.
    pub fn work_between(&self, from: Minute, to: Minute) -> Span {
        to - from
    }

    /// Whether any work can be done on this civil day.
    pub fn works_on(&self, _day: Day) -> bool {
        true
    }
}
