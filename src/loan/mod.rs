//! Loan mechanics, free of the books: when a loan pays, how much it may draw and why not, what it
//! accrues, how principal comes back, how large it may be, what covers it.
//!
//! Everything here is a plain function of a [`Loan`](crate::model::terms::Loan) and a few numbers,
//! or the small account of one loan's balance ([`LoanAccount`]). The ledger feeds it and posts what
//! it answers; the funding gate asks the same [`draw_limit`] (semantics M0, M8).

mod accrual;
mod build;
mod cover;
mod draw;
mod effective;
mod note;
mod overnight;
mod period;
mod project;
mod repay;
mod reserve;
mod schedule;
mod sculpt;
mod targets;
mod waterfall;

pub use accrual::LoanAccount;
pub use build::{BuildPeriod, BuildPlan, BuildRow, BuildTerms, NoCommitment, size_build};
pub use cover::{
    CoverPeriod, CoverStatus, ceiling_status, cover, cover_of, cover_status, cure_by_cash,
    cure_by_service, equity_cure, forward_cover, trailing_cover,
};
pub use draw::{DrawRequest, NoDraw, draw_limit};
pub use effective::{EffectiveInterest, EffectiveRow, effective_amortisation, effective_interest};
pub use note::Note;
pub use overnight::{Averaging, NoFixing, OvernightIndex, OvernightTerms, overnight_rate};
pub use period::{CountFrom, PeriodTerms, Tenor, period_dates};
pub use project::{NoDebt, ProjectTerms, SizedProject, Sizing, size_project};
pub use repay::{Annuities, Instalment, average_period_rate, fraction, instalments, principal_due};
pub use reserve::{ReserveMove, reserve_path, reserve_target};
pub use schedule::payment_dates;
pub use sculpt::{CashPeriod, life_cover, present_value, sculpt, sculpted_debt};
pub use targets::{Binding, GreaterOf, GreaterOfTerms, Swept, greater_of, sweep};
pub use waterfall::{Paid, Reserve, Step, Waterfall, waterfall};
