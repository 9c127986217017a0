//! The outside view: how long projects of a class took, beside what the network says (semantics
//! R7).
//!
//! A network knows the work that its planner thought of; a reference class knows how such projects
//! ended (D. Lovallo and D. Kahneman, Delusions of success, 2003; B. Flyvbjerg, From Nobel prize to
//! project management, 2006). The two are shown side by side. The class is never added to the
//! network, which would count the same delays twice.

use serde::Serialize;

use super::row::has_value;
use super::statistics::Ranked;
use super::store::{Backing, Store, StoreError};
use crate::chance::Distribution;
use crate::engine::Engine;
use crate::ledger::{FundingGate, Prepared};
use crate::model::uncertainty::ReferenceClass;
use crate::model::{Plan, Site, Timeline};
use crate::time::{MINUTES_PER_DAY, Minute, Span};
use crate::unit::Share;

/// Name of the column that holds the compared stretch, in minutes; there only where the file has an
/// `outside_view`.
pub const OUTSIDE_MINUTES: &str = "outside.minutes";

/// A mean month: a twelfth of 365.25 days.
const MINUTES_A_MONTH: f64 = 365.25 / 12.0 * MINUTES_PER_DAY as f64;

/// The stretch of each trial that is compared with a reference class.
#[derive(Clone, Debug)]
pub struct Stretch {
    from: u32,
    to: Vec<u32>,
    /// The plan in which what is counted apart takes no time, and those activities; none if nothing
    /// is.
    pub(super) apart: Option<(Plan, Vec<u32>)>,
}

impl Stretch {
    /// Of a site that states an outside view.
    pub(super) fn of(site: &Site) -> Option<Stretch> {
        let view = site.uncertainty.outside_view.as_ref()?;
        let apart = (!view.apart.is_empty()).then(|| {
            let mut plan = site.plan.clone();
            for &activity in &view.apart {
                let activity = &mut plan.activities[activity as usize];
                (activity.not_before, activity.delay) = (None, Span::ZERO);
            }
            (plan, view.apart.clone())
        });
        Some(Stretch { from: view.from, to: view.to.clone(), apart })
    }

    /// The likely trial without what is counted apart.
    pub(super) fn without_apart(&self, prepared: &Prepared<'_>, likely: Timeline) -> Timeline {
        let Some((plan, apart)) = &self.apart else { return likely };
        let (mut engine, mut out) = (Engine::new(plan), Timeline::default());
        let mut work = plan.likely_work();
        apart.iter().for_each(|&at| work[at as usize] = Span::ZERO);
        let gate = FundingGate::new(prepared);
        match gate.gates().is_empty() {
            true => engine.run(&work, &mut out),
            false => drop(engine.run_gated(&work, &mut out, gate)),
        }
        out
    }

    /// Minutes of it in a trial, of which what is apart has been taken out.
    pub(super) fn minutes(&self, timeline: &Timeline) -> i64 {
        let from = timeline.start[self.from as usize];
        let ends = self.to.iter().map(|&at| timeline.finish[at as usize]);
        let to = ends.min().unwrap_or(Minute::NEVER);
        let both = from != Minute::NEVER && to != Minute::NEVER;
        if both { (to - from).0 } else { super::row::NEVER }
    }
}

/// What projects of a class took, ground-breaking to first operational.
struct Class {
    name: &'static str,
    projects: u32,
    /// Lognormal: e to the fitted mu, in months.
    median_months: f64,
    sigma: f64,
}

impl Class {
    /// Fitted to the 55 projects whose ground-breaking and opening were both seen.
    fn of(class: ReferenceClass) -> Class {
        match class {
            // mu 3.335.
            ReferenceClass::Greenfield => Class {
                name: "greenfield",
                projects: 46,
                median_months: 28.078_383_223_801_05,
                sigma: 0.341,
            },
            // mu 2.022.
            ReferenceClass::Retrofit => Class {
                name: "retrofit",
                projects: 9,
                median_months: 7.553_416_670_235_239,
                sigma: 0.604,
            },
        }
    }

    fn months(&self, p: f64) -> f64 {
        let (median, sigma) = (self.median_months, self.sigma);
        Distribution::Lognormal { location: 0.0, median, sigma }.quantile(p)
    }
}

/// Where the figures come from; keys are those of `sites/README.md`.
const SOURCE: &str = "E3-E8: Epoch AI data centre data, vintages December 2025 to October 2026, \
                      CC BY 4.0 (epoch.ai/data/data-centers); lognormal fitted here";

/// The bottom-up result beside its reference class. All lengths are in months of 30.44 days.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutsideView {
    /// Name of the class: `greenfield` or `retrofit`.
    pub class: &'static str,
    /// How many projects the class has.
    pub projects: u32,
    /// Where the class comes from, with credit.
    pub source: &'static str,
    /// What the class counts: an activity whose start begins the stretch.
    pub from: String,
    /// The activity whose finish ends it, or `the first hall`.
    pub to: String,
    /// Activities that the bottom-up stretch counts as taking no time.
    pub apart: Vec<String>,
    /// Percentiles of the class.
    pub class_months: Percentiles,
    /// Trials of the bottom-up result.
    pub trials: usize,
    /// P50 of the bottom-up stretch; null where half of the trials do not end it.
    pub p50_months: Option<f64>,
    /// P80 of the bottom-up stretch; null where so few trials end it.
    pub p80_months: Option<f64>,
    /// By how much the bottom-up P50 is longer than that of the class.
    pub p50_longer_months: Option<f64>,
    /// By how much the bottom-up P80 is longer than that of the class.
    pub p80_longer_months: Option<f64>,
    /// Whether the bottom-up P50 lies within the class's P25 to P75, and its P80 within the class's
    /// P50 to P90.
    pub agrees: bool,
    /// All this in one sentence.
    pub sentence: String,
}

/// Percentiles of a reference class, in months.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Percentiles {
    /// A tenth took less.
    pub p10: f64,
    /// A quarter took less: low end of the band for the bottom-up P50.
    pub p25: f64,
    /// Half took less: low end of the band for the bottom-up P80.
    pub p50: f64,
    /// High end of the band for the bottom-up P50.
    pub p75: f64,
    /// Four fifths took less.
    pub p80: f64,
    /// High end of the band for the bottom-up P80.
    pub p90: f64,
}

/// The outside view of a run (semantics R7); `None` where the site states none.
///
/// What is counted apart is taken out trial by trial: the trial is run a second time in which those
/// activities take no time and wait for no date. So only what they alone delay comes out; what
/// would have waited for other work anyway stays in.
///
/// # Errors
///
/// When the disk fails and when the run was made without an outside view.
pub fn outside_view<F: Backing>(
    site: &Site,
    store: &mut Store<F>,
) -> Result<Option<OutsideView>, StoreError> {
    let Some(view) = &site.uncertainty.outside_view else { return Ok(None) };
    let class = Class::of(view.class);
    let ranked = Ranked::new(store.column(OUTSIDE_MINUTES)?);
    let months = |percent: i64| {
        let minutes = ranked.percentile(Share(percent * Share::ONE.0 / 100));
        minutes.filter(|&minutes| has_value(minutes)).map(|at| at as f64 / MINUTES_A_MONTH)
    };
    let (p50_months, p80_months) = (months(50), months(80));
    let at = |p| class.months(p);
    let class_months = Percentiles {
        p10: at(0.1),
        p25: at(0.25),
        p50: at(0.5),
        p75: at(0.75),
        p80: at(0.8),
        p90: at(0.9),
    };
    let Percentiles { p25, p50, p75, p80, p90, .. } = class_months;
    let within = |value: Option<f64>, low: f64, high: f64| {
        value.is_some_and(|value| (low..=high).contains(&value))
    };
    let agreed = [within(p50_months, p25, p75), within(p80_months, p50, p90)];
    let id = |activity: u32| site.plan.activities[activity as usize].id.clone();
    Ok(Some(OutsideView {
        class: class.name,
        projects: class.projects,
        source: SOURCE,
        from: id(view.from),
        to: match view.to[..] {
            [one] => id(one),
            _ => "the first hall".into(),
        },
        apart: view.apart.iter().map(|&at| id(at)).collect(),
        class_months,
        trials: ranked.len(),
        p50_months,
        p80_months,
        p50_longer_months: p50_months.map(|months| months - p50),
        p80_longer_months: p80_months.map(|months| months - p80),
        agrees: agreed == [true, true],
        sentence: sentence(&class, &class_months, [p50_months, p80_months], agreed),
    }))
}

fn sentence(
    class: &Class,
    of_class: &Percentiles,
    found: [Option<f64>; 2],
    agreed: [bool; 2],
) -> String {
    let than = [of_class.p50, of_class.p80];
    let compared = [("P50", 0), ("P80", 1)].map(|(name, at)| match found[at] {
        None => format!("{name} never comes"),
        Some(months) => {
            let (longer, than) = (months - than[at], than[at]);
            let how = if longer < 0.0 { "less" } else { "more" };
            let by = longer.abs();
            format!("{name} is {months:.1} months, {by:.1} {how} than the class's {than:.1}")
        }
    });
    let Class { name, projects, .. } = class;
    let Percentiles { p25, p50, p75, p90, .. } = of_class;
    let bands = [format!("P50 {p25:.1} to {p75:.1}"), format!("P80 {p50:.1} to {p90:.1}")];
    let verdict = match agreed {
        [true, true] => "agrees with".to_string(),
        [false, true] => format!("disagrees on the {} with", bands[0]),
        [true, false] => format!("disagrees on the {} with", bands[1]),
        [false, false] => format!("disagrees on the {} and the {} with", bands[0], bands[1]),
    };
    format!(
        "the network {verdict} the {projects} {name} projects: its {}; its {}",
        compared[0], compared[1]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(class: ReferenceClass) -> [String; 4] {
        let class = Class::of(class);
        [0.1, 0.5, 0.8, 0.9].map(|p| format!("{:.1}", class.months(p)))
    }

    #[test]
    fn classes_have_the_percentiles_of_their_data() {
        assert_eq!(one(ReferenceClass::Greenfield), ["18.1", "28.1", "37.4", "43.5"]);
        assert_eq!(one(ReferenceClass::Retrofit), ["3.5", "7.6", "12.6", "16.4"]);
    }
}
