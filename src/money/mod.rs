//! Exact money: amounts, currencies, straight-line accrual, day counts, returns.
//!
//! Inside a run money is a whole number of millionths of the reporting currency, rounded half to
//! even at each posting (semantics M12); floats never hold money. What a file states carries its
//! currency and is converted at the cash date (semantics M1). Rates that compound are decimals of
//! 28 digits: the same bits everywhere, no platform's exponential or logarithm.

mod amount;
mod day_count;
mod growth;
mod lines;
mod meter;
mod ratio;
mod returns;
mod roll;

pub use amount::{Amount, Currency, FxTable, Money};
pub use day_count::{DayCount, YearFraction};
pub use growth::{power, root};
pub use lines::Lines;
pub use meter::Meter;
pub use ratio::Ratio;
pub use returns::{DatedFlow, NoDiscount, Roots, irr, npv, xirr, xnpv};
pub use roll::{BusinessDays, Roll};
