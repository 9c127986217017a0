//! A site with one driver switched off, or with nothing but one driver away from its likely value.
//!
//! Drawing depends on names alone (semantics R1), so the trials of an altered site draw what those
//! of the site draw for all that is not altered: the two differ by the driver and nothing else.

use super::drivers::Driver;
use crate::chance::Distribution;
use crate::model::Site;
use crate::model::uncertainty::{Branch, Duration, Factor, Risk};

/// Where a driver is held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Held {
    /// Minutes of work, units of a currency, or what a factor multiplies by or adds.
    At(f64),
    /// A risk: whether it happens, with its median impact.
    Happens(bool),
    /// A branch: the way it goes.
    Way(u32),
    /// Weather: every month loses this percentile of its days.
    Percentile(f64),
}

/// The site without a driver: a risk never happens, a factor scales nothing, a branch goes its
/// likeliest way, weather takes no day, a duration or a cost is its likely one.
pub(super) fn without(site: &Site, driver: Driver) -> Site {
    let mut site = site.clone();
    let all = &mut site.uncertainty;
    all.outside_view = None;
    match driver {
        Driver::Activity(activity) => {
            for duration in all.durations.iter_mut().filter(|of| of.activity == activity) {
                duration.spread = Distribution::Fixed(duration.spread.likely());
            }
            all.rework.retain(|rework| rework.activity != activity);
        }
        Driver::Cost(at) => {
            let spread = &mut all.costs[at as usize].1;
            *spread = Distribution::Fixed(spread.likely());
        }
        Driver::Factor(at) => idle(&mut all.factors[at as usize]),
        Driver::Risk(at) => all.risks[at as usize].probability = 0.0,
        Driver::Branch(at) => {
            let branch = &mut all.branches[at as usize];
            take(branch, branch.likely);
        }
        Driver::Weather(at) => all.weather[at as usize].lost.fill(None),
    }
    site
}

/// The site with all that is uncertain at its likely value: every trial is the likely one.
pub(super) fn settled(site: &Site) -> Site {
    let mut site = site.clone();
    let all = &mut site.uncertainty;
    all.outside_view = None;
    all.durations.clear();
    all.costs.clear();
    all.correlations.clear();
    all.rework.clear();
    all.factors.iter_mut().for_each(idle);
    all.risks.iter_mut().for_each(|risk| risk.probability = 0.0);
    for branch in &mut all.branches {
        take(branch, branch.likely);
    }
    all.weather.iter_mut().for_each(|weather| weather.lost.fill(None));
    site
}

/// The site with all at its likely value but what projects slip by before they are ready for
/// service, all causes together (the prior of `risk.last_mile`); `None` where the file states none.
///
/// Beside the uncertainty of its activities that slip would count the same delays twice, so it
/// stands in its place.
pub fn prior_only(site: &Site) -> Option<Site> {
    let slips = &site.uncertainty.last_mile;
    (!slips.is_empty()).then(|| {
        let mut out = settled(site);
        out.uncertainty.slips.clone_from(slips);
        out.uncertainty.outside_view.clone_from(&site.uncertainty.outside_view);
        out
    })
}

/// The site with one driver held somewhere and all else at its likely value.
pub(super) fn with_only(site: &Site, driver: Driver, held: Held) -> Site {
    let mut out = settled(site);
    let all = &mut out.uncertainty;
    match (driver, held) {
        (Driver::Activity(activity), Held::At(minutes)) => {
            let spread = Distribution::Fixed(minutes);
            all.durations = vec![Duration { activity, spread, done: None }];
        }
        (Driver::Cost(at), Held::At(amount)) => {
            let cost = site.uncertainty.costs[at as usize].0;
            all.costs = vec![(cost, Distribution::Fixed(amount))];
        }
        (Driver::Factor(at), Held::At(by)) => {
            let factor = &mut all.factors[at as usize];
            factor.clone_from(&site.uncertainty.factors[at as usize]);
            factor.spread = Distribution::Fixed(by);
        }
        (Driver::Risk(at), Held::Happens(true)) => happen(&mut all.risks[at as usize]),
        (Driver::Risk(_), Held::Happens(false)) => {}
        (Driver::Branch(at), Held::Way(way)) => take(&mut all.branches[at as usize], way),
        (Driver::Weather(at), Held::Percentile(p)) => {
            let fixed = |of: &Distribution| Distribution::Fixed(of.quantile(p));
            let lost = site.uncertainty.weather[at as usize].lost.iter();
            for (out, of) in all.weather[at as usize].lost.iter_mut().zip(lost) {
                *out = of.as_ref().map(fixed);
            }
        }
        (driver, held) => unreachable!("{driver:?} held at {held:?}"),
    }
    out
}

/// Scales and shifts nothing any more.
fn idle(factor: &mut Factor) {
    for list in [&mut factor.on, &mut factor.costs, &mut factor.prices, &mut factor.curves] {
        list.clear();
    }
}

/// Happens in every trial, with its median impact.
fn happen(risk: &mut Risk) {
    risk.probability = 1.0;
    let impacts = risk.delays.iter_mut().chain(&mut risk.factor);
    for impact in impacts.chain(risk.cost.iter_mut().map(|(_, spread)| spread)) {
        *impact = Distribution::Fixed(impact.quantile(0.5));
    }
}

/// Goes one way in every trial.
fn take(branch: &mut Branch, way: u32) {
    for (of, at) in branch.ways.iter_mut().zip(0..) {
        of.probability = if at == way { 1.0 } else { 0.0 };
    }
}
