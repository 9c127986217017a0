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
//! # One site, from YAML to a chart
//!
//! ```
//! use energize::{analysis, chance, model, plot::Theme, report, risk};
//!
//! let text = "
//! site: yard
//! start: 2026-01-05
//! power: {pue: 1.2}
//! activities:
//!   grid: {duration: 4ew < 6ew < 12ew, energises: 5 MW}
//! halls:
//!   it_power: 4 MW
//!   activities:
//!     ist: {duration: 1ew, ready_for_service: true}
//! ";
//! // Every mistake of the file is a finding with its line; without one there is a site.
//! let loaded = model::load(model::Input { text: text.into(), ..Default::default() });
//! assert!(loaded.findings.is_empty());
//! let site = loaded.site.expect("there are no findings");
//!
//! // The likely run: dates with their causes, capacity, books.
//! let run = analysis::run(&site);
//! let ready = site.halls[0].ready as usize;
//! assert_eq!(run.timeline.finish[ready].to_string(), "2026-02-23T00:00");
//! let chart = report::gantt_chart(&site, &run).draw(Theme::Light);
//! assert!(chart.svg().contains("grid"));
//!
//! // One of many trials: the same seed and number give the same bits anywhere.
//! let study = risk::Study::new(&site, 1, chance::Plan::Plain, false);
//! let (mut trials, mut drawn) = (study.trials(), risk::Drawn::default());
//! study.sampler.fill(7, 1, &mut drawn);
//! let row = trials.run(&drawn, 0, &mut vec![0; study.outcome.layout.sums]).to_vec();
//! let finish = study.outcome.layout.index("finish").expect("every plan has one");
//! assert_eq!(energize::time::Minute(row[finish]), trials.timeline().finish[ready]);
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
