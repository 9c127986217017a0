//! A run of a site in other programs' formats.
//!
//! `csv`, `mspdi`, `dot`, `mermaid` and `ical` write one format each, from the checked site and its
//! run. What a format cannot express is told by the nearest means it has, and each kind of such a
//! substitute is counted in [`Export::substitutes`]: nothing is replaced in silence.
//!
//! `outline` makes summaries of dotted ids, `hours` weeks and exceptions of calendars, `text` and
//! `xml` lines that no title can break.

mod csv;
mod dot;
mod hours;
mod ical;
mod mermaid;
mod mspdi;
mod outline;
mod text;
mod xml;

pub use csv::csv;
pub use dot::dot;
pub use ical::ical;
pub use mermaid::mermaid;
pub use mspdi::mspdi;

use super::problem::Unused;
use crate::analysis::Run;
use crate::model::Site;
use crate::spec::pattern::matches_pattern;

/// A file in another program's format.
#[derive(Clone, Debug)]
pub struct Export {
    /// What to write.
    pub text: String,
    /// What the format cannot express and what stands for it, with counts.
    pub substitutes: Unused,
    /// How to get a better one.
    pub advice: Option<String>,
}

/// Which activities a picture shows.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// Ids that match this pattern, in which `*` stands for any characters.
    pub only: Option<String>,
    /// Those of the critical path, crews and racks included.
    pub critical: bool,
}

impl Choice {
    /// How many activities it shows.
    pub fn shown(&self, site: &Site, run: &Run) -> usize {
        Scene::new(site, run, self).shown.len()
    }
}

/// What a picture is drawn from.
struct Scene<'r> {
    site: &'r Site,
    run: &'r Run,
    /// Whether each activity is on the critical path.
    critical: Vec<bool>,
    /// Indices of the activities to show, in file order.
    shown: Vec<u32>,
}

impl<'r> Scene<'r> {
    fn new(site: &'r Site, run: &'r Run, choice: &Choice) -> Scene<'r> {
        let count = site.plan.activities.len();
        let mut critical = vec![false; count];
        for driver in &run.critical_path {
            critical[driver.activity as usize] = true;
        }
        let matches = |at: &u32| {
            let id = &site.plan.activities[*at as usize].id;
            choice.only.as_ref().is_none_or(|only| matches_pattern(only, id))
                && (!choice.critical || critical[*at as usize])
        };
        let shown = (0..count as u32).filter(matches).collect();
        Scene { site, run, critical, shown }
    }

    /// The activities to show by group, groups in the order in which they first appear; those of
    /// the site itself come first.
    fn groups(&self) -> Vec<(Option<&'r str>, Vec<u32>)> {
        let mut groups: Vec<(Option<&str>, Vec<u32>)> = vec![(None, Vec::new())];
        let mut known = std::collections::BTreeMap::from([(None, 0)]);
        for &at in &self.shown {
            let name = outline::group_of(self.site, at);
            let group = *known.entry(name).or_insert_with(|| {
                groups.push((name, Vec::new()));
                groups.len() - 1
            });
            groups[group].1.push(at);
        }
        groups.retain(|(_, members)| !members.is_empty());
        groups
    }
}
