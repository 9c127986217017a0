//! What a run means: the whole chain in one call, what drove its dates, why halls are late.

pub mod against;
mod base_case;
pub mod compare;
pub mod cover;
mod critical;
pub mod explain;
mod run;
pub mod score;
mod slip;
mod stock;
pub mod sweep;

pub use base_case::{date_loans, fix_loans, needs_base_case};
pub use critical::{
    Driver, cause_text, critical_path, days_late, driving_chain, driving_link, loan_name,
    loan_wait_text, scarce_name,
};
pub use run::{Run, run};
pub use slip::{HallSlip, Part, hall_slips};
pub use stock::{Stock, stock};
