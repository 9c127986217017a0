//! Site files as typed text: every value with its place, every mistake a [`Finding`].
//!
//! YAML becomes a tree that remembers where each part stands (`yaml`); overlays, rules that attach
//! keys to many activities (`attach`) and command-line edits (`edit`) change that tree, and shapes
//! read themselves from it (`shape`), going on after a mistake so that one load reports all of
//! them. Names are not resolved here: that is the model's business.

pub mod activity;
pub mod attach;
pub mod changes;
pub mod contract;
pub mod covenant;
pub mod edit;
pub mod finding;
pub mod fleet;
pub mod known;
pub mod loan;
pub mod loan_day;
pub mod money;
pub mod overlay;
pub mod pattern;
pub mod portfolio;
pub mod quantity;
pub mod risk;
pub mod scenario;
pub mod schema;
pub mod shape;
pub mod site;
pub mod source;
pub mod spread;
pub mod yaml;

pub use finding::{Also, Finding, Findings, Severity, nearest};
pub use shape::{Named, Placed, Raw, Shape};
pub use source::{At, Place, Source, SourceKind, Sources};
pub use yaml::{KeyPaths, Node};
