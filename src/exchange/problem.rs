//! What is wrong with a schedule file, and what of it is not used.

use std::collections::BTreeMap;
use std::fmt;

/// Why a schedule file is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Stable name of the kind, e.g. `unknown-task`.
    pub id: &'static str,
    /// Line of the file, counted from 1, where one is to blame.
    pub line: Option<u32>,
    /// What is wrong, in the planner's words.
    pub message: String,
}

impl Problem {
    /// A reason to refuse a file.
    pub fn new(id: &'static str, line: Option<u32>, message: impl Into<String>) -> Problem {
        Problem { id, line, message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        write!(f, "{} [{}]", self.message, self.id)
    }
}

/// What a file holds that is not used, each with how often: nothing is dropped in silence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unused {
    counts: BTreeMap<String, u64>,
}

impl Unused {
    /// Counts one more.
    pub fn count(&mut self, what: impl Into<String>) {
        self.add(what, 1);
    }

    /// Counts so many more.
    pub fn add(&mut self, what: impl Into<String>, count: usize) {
        if count > 0 {
            *self.counts.entry(what.into()).or_default() += count as u64;
        }
    }

    /// What and how often, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.counts.iter().map(|(what, &count)| (what.as_str(), count))
    }
}
