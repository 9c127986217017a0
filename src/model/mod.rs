//! The checked model: a site whose every name resolves, lowered to flat arrays.
//!
//! [`Site`] is what the rest of the program reads: the plan of activities as arrays in file order
//! ([`Plan`]), the things those activities make ready (stages, halls, units, lots), and what it all
//! costs and earns ([`Terms`]). [`Timeline`] lives here too, below its writer (the engine) and its
//! readers (capacity, books, analysis). Nothing here knows YAML, and nothing here can be wrong in a
//! way a user could cause: the loader has refused it.

pub mod contract;
pub mod covenants;
pub mod cpm;
pub mod debt;
pub mod follow;
pub mod graph;
pub mod load;
pub mod plan;
pub mod planner;
pub mod portfolio;
pub mod scheduling;
pub mod site;
pub mod terms;
pub mod timeline;
pub mod uncertainty;

pub use load::{Input, Loaded, LoadedParts, MemberFile, load, load_parts};
pub use plan::{Activity, CalendarId, Effect, Link, LinkKind, Need, Plan, Progress, Resource};
pub use portfolio::Portfolio;
pub use scheduling::{Conditions, Constraint, ConstraintKind, FloatAt, Kind, Rules, Scheduling};
pub use site::{Baseline, Feed, Hall, Lot, Platform, Premises, Site, Stage, Unit};
pub use terms::Terms;
pub use timeline::{Cause, Event, EventKind, Timeline, Wait};
pub use uncertainty::Uncertainty;
