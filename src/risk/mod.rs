//! Many trials: what each one yields, where their rows are kept, and what the rows say together.
//!
//! A trial yields one fixed row of named integers ([`Layout`], semantics R4). Rows come in
//! [`Block`]s of trials and are kept by a [`Store`]: in memory up to a stated size, in a file
//! beyond it, so that memory does not grow with trials. [`merge`] lays the parts of
//! a run that was split over machines side by side; what is read from them is what one run would
//! have yielded. [`statistics`] are functions of whole columns, exact or with their error stated;
//! [`summary`] says in numbers and words what one column holds.

mod altered;
mod batch;
mod drivers;
mod longest;
mod merge;
mod money;
mod outcome;
mod outside;
mod overall;
mod part;
mod parts;
mod removals;
mod row;
mod run;
mod sample;
mod slips;
pub mod statistics;
mod store;
mod streams;
pub mod summary;
mod swings;
mod trial;
mod weather;

pub use altered::prior_only;
pub use batch::Batch;
pub use drivers::{
    Driver, DriverKind, RANKED_DRIVERS_MAX, RANKED_TRIALS_MAX, RankCorrelation, RankTornado,
    rank_tornado,
};
pub use merge::{merge, shard};
pub use outcome::{Bearing, Drivers, Outcome};
pub use outside::{OUTSIDE_MINUTES, OutsideView, Percentiles, outside_view};
pub use overall::{About, ActivitySummary, DateSummary, Joint, Overall};
pub use part::{Damage, Meta, VERSION};
pub use parts::{PartResult, PartsResult, PartsRun, run_parts};
pub use removals::{MoneyCost, Removal, Removals, removals};
pub use row::{
    AFTER_HORIZON, Block, Column, Kind, Layout, NEVER, UNDEFINED, date_value, has_value,
    month_value, ratio_value,
};
pub use run::{STRETCH, Study, Workers, run_trials};
pub use sample::{Drawn, Sampler};
pub use store::{Backing, Opened, Store, StoreError};
pub use summary::{ColumnSummary, summarise};
pub use swings::{Amount, Level, MoneySwing, OneAtATime, Swing, one_at_a_time};
pub use trial::Trials;
