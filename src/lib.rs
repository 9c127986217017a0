//! When does each megawatt of an AI data centre come online, what revenue does it earn, and does
//! that revenue cover the debt that paid for it?
//!
//! # The way of the data
//!
//! ```text
//!  YAML text --spec--> typed spec --model--> checked model --> flat plan
//!                                                               |
//!                                      engine (event queue, one trial) --> timeline
//!                                                               |             |
//!                    capacity, contracts, books, loans read it (one state machine) --> outcome
//!                                                               |
//!                                               analysis --> table, plot, report, files
//! ```
//!
//! One direction, no way back. Text knows nothing of the engine; the engine knows nothing of YAML,
//! files or the terminal; only `cli` prints, reads clocks, touches files and exits.

// Floor 0: what things are measured in, and text.
pub mod chance;
pub mod money;
pub mod spec;
pub mod time;
pub mod unit;

// Floor 1: the checked model.
pub mod model;

// Floor 2: what a timeline means.
pub mod capacity;
pub mod ledger;
pub mod loan;
pub mod revenue;

// Floor 3: one trial.
pub mod engine;

// Floor 4: many trials.
pub mod risk;

// Floor 5: what a run means.
pub mod analysis;

// Floor 6: what people and programs look at.
pub mod exchange;
pub mod plot;
pub mod report;

// Floor 7: the only floor that prints.
pub mod cli;
