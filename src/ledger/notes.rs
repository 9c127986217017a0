//! What a reader of the books should know about: draws, lapses, shortfalls, tests.

use super::Ratio;
use crate::loan::NoDraw;
use crate::model::Site;
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
    /// A loan was repaid in full at its maturity.
    Matured {
        /// Which.
        loan: u32,
    },
    /// Cover of a quarter was looked at.
    CoverTest {
        /// Whose covenant.
        loan: u32,
        /// DSCR of the quarter.
        cover: Ratio,
        /// Least cover allowed.
        at_least: Share,
        /// Outcome.
        outcome: Outcome,
    },
}

/// Outcome of a covenant test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Before the first test date, or nothing to divide by (semantics M10).
    NotTested,
    /// Held.
    Passed,
    /// Broken.
    Failed,
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
            Happening::Matured { loan: index } => format!("{} is repaid", loan(index)),
            Happening::CoverTest { loan: index, cover, at_least, outcome } => {
                let outcome = match outcome {
                    Outcome::NotTested => "not tested",
                    Outcome::Passed => "passed",
                    Outcome::Failed => "failed",
                };
                let threshold = at_least.to_f64();
                format!("DSCR of {} {cover} against {threshold:.2}x: {outcome}", loan(index))
            }
        }
    }
}
