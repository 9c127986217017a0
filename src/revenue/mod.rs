//! Contract mechanics, free of the books: what was sold for how much, when each part starts, what a
//! month earns, what of a prepayment an invoice uses up, what is still to perform.
//!
//! The total price of every tranche is fixed at signing from the scheduled term (semantics M3); a
//! [`ContractBook`] then follows one contract through acceptances and month closes. The ledger
//! posts what it answers. Contracts are services, straight-line by the day from the civil day of
//! acceptance, that day included (finance-mechanics 1-3; ASC 606-10-25-31).

mod apart;
mod backlog;
mod contract;
mod damages;
mod load;
mod price;
mod realization;
mod schedule;
mod start;

pub use backlog::{Obligation, RollForward};
pub use contract::{ContractBook, Invoice, Service, Termination};
pub use damages::{DamagesTerms, delay_damages, transaction_price};
pub use load::LoadDays;
pub use price::{TrancheTerms, tranches};
pub use realization::{realization, realization_of};
pub use schedule::{Projection, RAMP_FULL, stretches};
