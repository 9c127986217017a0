//! Loan mechanics, free of the books: when a loan pays, how much it may draw and why not, what it
//! accrues, how principal comes back.
//!
//! Everything here is a plain function of a [`Loan`](crate::model::terms::Loan) and a few numbers,
//! or the small account of one loan's balance ([`LoanAccount`]). The ledger feeds it and posts what
//! it answers; the funding gate asks the same [`draw_limit`] (semantics M0, M8).

mod accrual;
mod draw;
mod repay;
mod schedule;

pub use accrual::LoanAccount;
pub use draw::{DrawRequest, NoDraw, draw_limit};
pub use repay::{average_period_rate, level_payment, principal_due};
pub use schedule::payment_dates;
