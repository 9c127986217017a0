//! What people and programs read: findings, tables, the summary, files by row.
//!
//! Everything here makes text or bytes; `cli` decides where they go.

mod against;
mod compare;
mod contracts;
mod covenants;
mod cover;
mod deadlines;
mod explain;
mod figure;
mod finding;
mod loans;
mod page;
mod risk;
mod rows;
mod score;
mod statements;
mod stores;
mod style;
mod summary;
mod sweep;
pub mod tables;
mod tornado;
mod trace;
mod unfunded;

pub use against::{against_csv, against_text, margin_text};
pub use compare::{Column, Compared, compare_csv, compare_json, compare_text};
pub use contracts::{
    ContractQuarter, ContractSummary, contract_summaries, contracts_csv, contracts_text,
};
pub use covenants::{CovenantSummary, TestSummary, covenants_csv, covenants_text};
pub use cover::{cover_json, cover_text};
pub use explain::{explain_json, explain_text};
pub use figure::{
    Chart, DateCurve, Figure, Kind, MARKED, Table, Told, Trials, cover_chart, figures, gantt_chart,
    ramp_chart,
};
pub use finding::{findings_json, findings_text};
pub use loans::{LoanQuarter, LoanSummary, loan_summaries, loans_csv, loans_text, payments_csv};
pub use page::{Paper, page};
pub use risk::{breaches_csv, drivers_csv, failures_csv, percentiles_csv, risk_json, risk_text};
pub use rows::{capacity_csv, events_csv, quarters_csv};
pub use score::score_text;
pub use statements::{Period, statements_csv, statements_json, statements_text};
pub use style::Style;
pub use summary::{Summary, summary, summary_json};
pub use sweep::{sweep_csv, sweep_json, sweep_text};
pub use tables::{funding_text, run_text};
pub use tornado::{drivers_text, outside_text};
pub use trace::trace_log;
pub use unfunded::NeverFunded;
