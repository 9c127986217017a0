//! Dates of loans that follow the plan: `hall-1.rfs + 30d` (semantics M8).

use super::debt::Loan;
use crate::time::{Day, Minute};

/// A date of a loan that falls so long after, or before, an activity finishes.
///
/// The maturity is a day, and the last resort of every other date: one whose activity never
/// finishes, or finishes too late, falls on it. A loan that closes on its maturity never closes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Follow {
    /// Which date.
    pub date: FollowingDate,
    /// Index of the activity.
    pub activity: u32,
    /// Civil months after it.
    pub months: i32,
    /// Civil days after that.
    pub days: i32,
    /// As written: `hall-1.rfs + 30d`.
    pub text: String,
}

/// The dates of a loan that may follow the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FollowingDate {
    /// First day of draws.
    Close,
    /// Last day of draws.
    AvailableUntil,
    /// Principal is due from the first payment date on that does not lie before it. Payment dates
    /// then count back from the maturity, so that a slip moves none of them.
    AmortisesFrom,
    /// First day of a test.
    FirstTest {
        /// Index of the covenant.
        covenant: u32,
        /// How many of its terms have no first test of their own.
        terms: u32,
    },
}

impl FollowingDate {
    /// The key in a file.
    pub fn key(self) -> &'static str {
        match self {
            FollowingDate::Close => "close",
            FollowingDate::AvailableUntil => "available_until",
            FollowingDate::AmortisesFrom => "amortises_from",
            FollowingDate::FirstTest { .. } => "first_test",
        }
    }
}

impl Follow {
    /// The day it falls on, if the activity finishes.
    pub fn day(&self, finish: &[Minute]) -> Option<Day> {
        let finish = finish[self.activity as usize];
        finish.happens().then(|| finish.day().add_months(self.months) + self.days)
    }
}

impl Loan {
    /// Sets the dates that follow the plan by when its activities finish.
    pub fn follow(&mut self, finish: &[Minute]) {
        for follow in &self.follows {
            let day = follow.day(finish).unwrap_or(self.maturity).min(self.maturity);
            match follow.date {
                FollowingDate::Close => self.close = day,
                FollowingDate::AvailableUntil => self.available_until = day.max(self.close),
                FollowingDate::AmortisesFrom => self.amortises_from = day.max(self.close),
                FollowingDate::FirstTest { covenant, terms } => {
                    let all = &mut self.covenants[covenant as usize].terms;
                    for term in &mut all[..terms as usize] {
                        term.first_test = Some(day.max(self.close));
                    }
                }
            }
        }
    }

    /// Whether its first payment of principal follows the plan.
    pub fn amortisation_follows(&self) -> bool {
        self.follows.iter().any(|follow| follow.date == FollowingDate::AmortisesFrom)
    }
}
