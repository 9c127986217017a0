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

pub mod money;
pub mod time;
pub mod unit;

pub mod model;

pub mod engine;
