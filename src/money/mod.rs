//! Exact money: amounts, currencies, straight-line accrual.
//!
//! Inside a run money is a whole number of millionths of the reporting currency, rounded half to
//! even at each posting (semantics M12); floats never hold money. What a file states carries its
//! currency and is converted at the cash date (semantics M1).

mod amount;
mod lines;
mod meter;

pub use amount::{Amount, Currency, FxTable, Money};
pub use lines::Lines;
pub use meter::Meter;
