//! What a reader of the books should know about: draws, lapses, shortfalls, tests.

use super::Ratio;
use crate::loan::NoDraw;
use crate::model::Site;
use crate::model::covenants::{Covenant, Limit, Test};
use crate::money::Money;
use crate::time::Day;
use crate::unit::Share;

/// Something worth telling that happened in the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    /// When.
    pub day: Day,
    /// What.
    pub what: Happening,
}

/// What a [`Note`] tells; `contract` and `loan` are indices into the terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// A customer paid in advance.
    Prepaid {
        /// Whose.
        contract: u32,
        /// How much.
        amount: Money,
    },
    /// What was left of a prepayment went back.
    Refunded {
        /// Whose.
        contract: u32,
        /// How much.
        amount: Money,
    },
    /// The first service of all contracts began.
    FirstService {
        /// Interest incurred up to then (semantics M6).
        interest_incurred: Money,
    },
    /// The long-stop day passed with tranches not in service: the customer may terminate.
    LongStop {
        /// Whose.
        contract: u32,
        /// Tranches not in service.
        waiting: u32,
    },
    /// Past the long-stop day the customer ended the tranches that were not in service. Collateral
    /// stays what it was (finance-mechanics 7).
    Terminated {
        /// Whose.
        contract: u32,
        /// Tranches that ended.
        tranches: u32,
        /// Their price, no longer to be performed.
        price: Money,
    },
    /// Tranches started late enough to owe damages, which lower their price (finance-mechanics 8);
    /// told once none of the contract waits any more.
    Damages {
        /// Whose.
        contract: u32,
        /// Owed by all its tranches.
        owed: Money,
    },
    /// A loan was drawn.
    Drawn {
        /// Which.
        loan: u32,
        /// How much.
        amount: Money,
    },
    /// Cost fell due and a loan that is not used up gave nothing: from now on for this reason.
    Refused {
        /// Which.
        loan: u32,
        /// Why.
        why: NoDraw,
    },
    /// Availability ended; the undrawn rest is gone (semantics M8).
    Lapsed {
        /// Which.
        loan: u32,
        /// How much.
        undrawn: Money,
    },
    /// Equity beyond the commitment was called because cash ran short (semantics M9).
    Shortfall {
        /// How much.
        amount: Money,
    },
    /// Debt service fell due and was not paid in full: a payment default (semantics M9).
    Unpaid {
        /// Which.
        loan: u32,
        /// How much is in arrears, late amounts of before included.
        arrears: Money,
    },
    /// Amounts owed to suppliers fell due and wait for cash.
    Deferred {
        /// How much.
        amount: Money,
    },
    /// A sculpted schedule was set: all of the debt at the cover that the base case carries it at.
    Sculpted {
        /// Which.
        loan: u32,
        /// The cover that was asked for.
        asked: Share,
        /// Worth of the base case's cash over the debt.
        cover: Ratio,
    },
    /// Free cash went to the owners.
    Distributed {
        /// How much.
        amount: Money,
    },
    /// Free cash stays: a loan is in lock-up (finance-mechanics 30).
    Trapped {
        /// How much.
        amount: Money,
    },
    /// The sculpted service of a period does not pay its interest: principal would be negative and
    /// stays at nothing (finance-mechanics 20).
    WeakPeriod {
        /// Which.
        loan: u32,
        /// By how much.
        short: Money,
    },
    /// A stated repayment was of more than was owed.
    RepaidLess {
        /// Which.
        loan: u32,
        /// What the terms state.
        stated: Money,
        /// What was owed.
        amount: Money,
    },
    /// A loan was repaid in full at its maturity.
    Matured {
        /// Which.
        loan: u32,
    },
    /// A covenant was tested.
    Tested {
        /// Whose.
        loan: u32,
        /// Which of the loan's covenants.
        covenant: u32,
        /// What was found.
        value: Ratio,
        /// Outcome.
        outcome: Outcome,
    },
    /// Owners paid in what a failed test lacked.
    Cured {
        /// Whose.
        loan: u32,
        /// Which of the loan's covenants.
        covenant: u32,
        /// How much.
        amount: Money,
    },
}

/// A test of a covenant, as the notes tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestMade {
    /// Last day of what it reads; the day it speaks of.
    pub day: Day,
    /// Whose.
    pub loan: u32,
    /// Which of the loan's covenants.
    pub covenant: u32,
    /// What was found.
    pub value: Ratio,
    /// Outcome.
    pub outcome: Outcome,
}

impl Note {
    /// The test, if it tells one.
    pub fn test(&self) -> Option<TestMade> {
        match self.what {
            Happening::Tested { loan, covenant, value, outcome } => {
                Some(TestMade { day: self.day, loan, covenant, value, outcome })
            }
            _ => None,
        }
    }
}

/// Outcome of a covenant test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Before the first test date, or nothing to divide by (semantics M10).
    NotTested,
    /// Held.
    Passed,
    /// Held, but nothing may be distributed.
    LockUp,
    /// Broken.
    Failed,
    /// Broken, and made good by equity.
    Cured,
}

impl Outcome {
    /// In words: `passed`.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::NotTested => "not tested",
            Outcome::Passed => "passed",
            Outcome::LockUp => "lock-up",
            Outcome::Failed => "failed",
            Outcome::Cured => "cured",
        }
    }
}

/// What a test found: `1.45x`, `62.3%`, an amount of cash.
pub fn value_text(test: Test, value: Ratio) -> String {
    match (test, value) {
        (Test::MinimumLiquidity, Ratio::Of { numerator, .. }) => numerator.to_string(),
        (Test::Ltv(_), value) => match value.value() {
            Some(share) => format!("{:.1}%", share * 100.0),
            None => "n/a".to_owned(),
        },
        (_, value) => value.to_string(),
    }
}

/// The threshold in force on a day: `1.40x`, `65.0%`, `100,000,000.00 USD`.
pub fn limit_text(covenant: &Covenant, day: Day) -> String {
    match (covenant.test, covenant.on(day).limit) {
        (_, Limit::Cash(amount)) => format!("{} {}", Money(amount.micros), amount.currency),
        (Test::Ltv(_), Limit::Ratio(share)) => format!("{:.1}%", share.to_f64() * 100.0),
        (_, Limit::Ratio(share)) => format!("{:.2}x", share.to_f64()),
    }
}

impl Note {
    /// In words, with the names of the site.
    pub fn describe(&self, site: &Site) -> String {
        let loan = |index: u32| &site.terms.loans[index as usize].id;
        let contract = |index: u32| &site.terms.contracts[index as usize].id;
        match self.what {
            Happening::Prepaid { contract: index, amount } => {
                format!("{} prepays {amount}", contract(index))
            }
            Happening::Refunded { contract: index, amount } => {
                format!("{amount} of the prepayment goes back to {}", contract(index))
            }
            Happening::FirstService { interest_incurred } => {
                format!("first service; interest incurred so far {interest_incurred}")
            }
            Happening::LongStop { contract: index, waiting } => format!(
                "long-stop passed with {waiting} tranches out of service: {} may terminate",
                contract(index)
            ),
            Happening::Terminated { contract: index, tranches, price } => format!(
                "long-stop passed: {} ends {tranches} tranches that are out of service, {price} is \
                 no longer to be performed",
                contract(index)
            ),
            Happening::Damages { contract: index, owed } => {
                format!("damages for delay take {owed} off the price for {}", contract(index))
            }
            Happening::Drawn { loan: index, amount } => {
                format!("{} draws {amount}", loan(index))
            }
            Happening::Refused { loan: index, why } => {
                format!("no draw on {}: {why}", loan(index))
            }
            Happening::Lapsed { loan: index, undrawn } => {
                format!("availability of {} ends, {undrawn} undrawn lapses", loan(index))
            }
            Happening::Shortfall { amount } => {
                format!("cash runs short: {amount} of equity beyond the commitment is called")
            }
            Happening::Unpaid { loan: index, arrears } => {
                format!("{} is not served in full: {arrears} in arrears", loan(index))
            }
            Happening::Deferred { amount } => {
                format!("cash runs short: {amount} of suppliers' invoices wait a month")
            }
            Happening::Sculpted { loan: index, asked, cover } => format!(
                "{} is sculpted at {cover} of the base case, for {:.2}x it was asked for",
                loan(index),
                asked.to_f64()
            ),
            Happening::Distributed { amount } => format!("{amount} are distributed"),
            Happening::Trapped { amount } => {
                format!("{amount} are not distributed: a loan is in lock-up")
            }
            Happening::WeakPeriod { loan: index, short } => format!(
                "sculpted service of {} falls {short} short of the interest: no principal",
                loan(index)
            ),
            Happening::RepaidLess { loan: index, stated, amount } => {
                format!("{stated} of {} were to be repaid, {amount} are owed and due", loan(index))
            }
            Happening::Matured { loan: index } => format!("{} is repaid", loan(index)),
            Happening::Tested { loan, covenant, value, outcome } => {
                self.describe_test(site, [loan, covenant], value, outcome)
            }
            Happening::Cured { loan: index, covenant, amount } => {
                let covenant = &site.terms.loans[index as usize].covenants[covenant as usize];
                format!("{amount} of equity cures {} of {}", covenant.test.name(), loan(index))
            }
        }
    }

    fn describe_test(
        &self,
        site: &Site,
        [loan, covenant]: [u32; 2],
        value: Ratio,
        outcome: Outcome,
    ) -> String {
        let loan = &site.terms.loans[loan as usize];
        let covenant = &loan.covenants[covenant as usize];
        let name = covenant.test.name();
        let found = value_text(covenant.test, value);
        let (limit, outcome) = (limit_text(covenant, self.day), outcome.name());
        format!("{name} of {} {found} against {limit}: {outcome}", loan.id)
    }
}
