//! Priority rules.

use crate::model::Plan;
use crate::model::cpm::Dates;
use crate::time::Span;

/// Who is served first when crews are short.
///
/// Dates and floats are those of logic alone ([`Dates`]), taken once before the first start; equal
/// values are served in file order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Earliest late finish.
    Lft,
    /// Earliest late start.
    Lst,
    /// Least total float, in working time of the activity's own calendar.
    Mslk,
    /// Most successors, direct and indirect.
    Mts,
    /// Greatest rank positional weight: longest work together with that of direct successors.
    Grpw,
    /// Shortest work.
    Spt,
    /// File order: the job number of a PSPLIB file.
    Number,
}

impl Rule {
    /// All of them.
    pub const ALL: [Rule; 7] =
        [Rule::Lft, Rule::Lst, Rule::Mslk, Rule::Mts, Rule::Grpw, Rule::Spt, Rule::Number];

    /// Its usual abbreviation, lower case.
    pub fn name(self) -> &'static str {
        match self {
            Rule::Lft => "lft",
            Rule::Lst => "lst",
            Rule::Mslk => "mslk",
            Rule::Mts => "mts",
            Rule::Grpw => "grpw",
            Rule::Spt => "spt",
            Rule::Number => "num",
        }
    }

    /// The place of each activity in the order of the rule, 0 for who is served first; no two
    /// activities share a place.
    ///
    /// Cost: sorts the activities; `Mts` also joins sets of successors, links x activities / 64.
    pub fn order(self, plan: &Plan) -> Vec<i32> {
        let values = self.values(plan);
        let mut by_value: Vec<usize> = (0..values.len()).collect();
        by_value.sort_by_key(|&at| (values[at], at));
        let mut places = vec![0; values.len()];
        for (place, at) in (0..).zip(by_value) {
            places[at] = place;
        }
        places
    }

    /// What the rule looks at; smaller is served first.
    fn values(self, plan: &Plan) -> Vec<i64> {
        let work = plan.likely_work();
        let all = 0..plan.activities.len();
        match self {
            Rule::Lft => Dates::likely(plan).late_finish.iter().map(|at| at.0).collect(),
            Rule::Lst => Dates::likely(plan).late_start.iter().map(|at| at.0).collect(),
            Rule::Mslk => {
                let floats = Dates::likely(plan).total_float;
                floats.iter().map(|float| float.unwrap_or_default().0).collect()
            }
            Rule::Mts => successor_counts(plan).iter().map(|count| -count).collect(),
            Rule::Grpw => all.map(|at| -positional_weight(plan, &work, at as u32).0).collect(),
            Rule::Spt => work.iter().map(|work| work.0).collect(),
            Rule::Number => vec![0; plan.activities.len()],
        }
    }
}

/// Work of an activity and of those that directly follow it.
fn positional_weight(plan: &Plan, work: &[Span], activity: u32) -> Span {
    let mut next: Vec<u32> = plan.succs(activity).map(|link| link.to).collect();
    next.sort_unstable();
    next.dedup();
    next.iter().fold(work[activity as usize], |sum, &at| sum + work[at as usize])
}

/// How many activities come after each, directly or not.
fn successor_counts(plan: &Plan) -> Vec<i64> {
    let words = plan.activities.len().div_ceil(64);
    let mut after = vec![Vec::new(); plan.activities.len()];
    let mut counts = vec![0; plan.activities.len()];
    let mut readers: Vec<usize> =
        (0..plan.activities.len()).map(|activity| plan.preds(activity as u32).len()).collect();
    for &activity in plan.topological.iter().rev() {
        let mut set = vec![0_u64; words];
        for link in plan.succs(activity) {
            let next = link.to as usize;
            set[next / 64] |= 1 << (next % 64);
            for (word, theirs) in set.iter_mut().zip(&after[next]) {
                *word |= theirs;
            }
            readers[next] -= 1;
            if readers[next] == 0 {
                // Read by its last predecessor: only sets that are still needed are kept.
                after[next] = Vec::new();
            }
        }
        counts[activity as usize] = set.iter().map(|word| i64::from(word.count_ones())).sum();
        after[activity as usize] = set;
    }
    counts
}
