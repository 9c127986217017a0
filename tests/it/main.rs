//! Promises that reach across modules, in one test binary.

mod engine_crew_laws;
mod engine_laws;
mod engine_oracle;
mod engine_rules;
mod engine_twin;
mod plans;
