//! Promises that reach across modules, in one test binary.

#![allow(clippy::unwrap_used, reason = "a test that finds nothing there should stop")]

mod books_by_hand;
mod books_laws;
mod books_site;
mod cases;
mod chain_laws;
mod chance;
mod chance_draws;
mod chance_laws;
mod cli_check;
mod cli_hostile;
mod cli_run;
mod contract_files;
mod contracts_by_hand;
mod covenants;
mod engine_crew_laws;
mod engine_laws;
mod engine_oracle;
mod engine_rules;
mod engine_twin;
mod explain;
mod export;
mod finance;
mod fixture;
mod funding_gate;
mod import;
mod journal;
mod loans_by_hand;
mod london;
mod london_books;
mod plans;
mod psplib;
mod readme;
mod risk_batch;
mod risk_oracle;
mod risk_store;
mod schedule_hostile;
mod schedule_laws;
mod schedule_progress;
mod schedules;
mod shipped;
mod slip;
mod statements;
