//! Promises that reach across modules, in one test binary.

#![allow(clippy::unwrap_used, reason = "a test that finds nothing there should stop")]

mod books_by_hand;
mod books_laws;
mod books_site;
mod engine_crew_laws;
mod engine_laws;
mod engine_oracle;
mod engine_rules;
mod engine_twin;
mod explain;
mod plans;
mod psplib;
