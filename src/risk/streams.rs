//! What names draws: the stream of each thing that is uncertain (semantics R1), and how it is made
//! ready for drawing.

use std::cell::RefCell;

use super::sample::{
    ATTEMPTS_MAX, Again, Base, BranchDraws, HitDraws, Line, RiskDraws, Scale, Shared, Together,
};
use crate::chance::{Distribution, Draw, Plan, Purpose, Sampler as Quantiles, StreamId, Tables};
use crate::model::Site;
use crate::model::uncertainty::{Branch, Correlated, Correlation, Factor, Risk};

/// Activities whose duration can turn out otherwise, ascending.
pub(super) fn uncertain(site: &Site) -> Vec<u32> {
    let risk = &site.uncertainty;
    let spread = risk.durations.iter().map(|duration| duration.activity);
    let scaled = risk.factors.iter().flat_map(|factor| factor.on.iter().copied());
    let hit = risk.risks.iter().filter(|risk| !risk.delays.is_empty() || risk.factor.is_some());
    let hit = hit.flat_map(|risk| risk.hits.iter().map(|hit| hit.activity));
    let failing = risk.rework.iter().map(|rework| rework.activity);
    let ways = risk.branches.iter().flat_map(|branch| &branch.ways);
    let ways = ways.flat_map(|way| way.activities.iter().copied());
    let mut all: Vec<u32> = spread.chain(scaled).chain(hit).chain(failing).chain(ways).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// What names draws.
pub(super) struct Streams<'s> {
    site: &'s Site,
    seed: u64,
    plan: Plan,
    tables: &'s RefCell<Tables>,
}

impl<'s> Streams<'s> {
    /// Of one site under one seed.
    pub fn new(site: &'s Site, seed: u64, plan: Plan, tables: &'s RefCell<Tables>) -> Streams<'s> {
        Streams { site, seed, plan, tables }
    }

    /// Ready to draw a distribution; those of one shape share their table.
    pub fn quantiles(&self, of: &Distribution) -> Quantiles {
        self.tables.borrow_mut().sampler(of)
    }

    fn draw(&self, stream: StreamId, purpose: Purpose) -> Draw {
        Draw::new(self.seed, stream, purpose, 0).under(self.plan)
    }

    /// The stream of an activity: its `stream:` name, or its full id.
    fn of(&self, activity: u32) -> StreamId {
        StreamId::of(&self.site.full_name(self.name(activity)))
    }

    fn name(&self, activity: u32) -> &str {
        let streams = &self.site.uncertainty.streams;
        match streams.binary_search_by_key(&activity, |&(activity, _)| activity) {
            Ok(at) => &streams[at].1,
            Err(_) => &self.site.plan.activities[activity as usize].id,
        }
    }

    /// All draws of one uncertain activity.
    pub fn line(&self, activity: u32) -> Line {
        let risk = &self.site.uncertainty;
        let this = &self.site.plan.activities[activity as usize];
        let left = this.likely_work().0 as f64;
        let found = risk.durations.binary_search_by_key(&activity, |of| of.activity).ok();
        let spread = found.map(|at| &risk.durations[at]);
        let quantiles = match spread {
            Some(duration) => self.quantiles(&duration.spread),
            None => self.quantiles(&Distribution::Fixed(left)),
        };
        let done = spread.and_then(|duration| {
            let done = duration.done?;
            let over = (duration.spread.cdf(done) * 4_294_967_296.0) as u32;
            Some((done, over))
        });
        let stream = self.of(activity);
        let member = |group: &Correlation| {
            let of =
                |one: &Correlated| found.is_some_and(|at| *one == Correlated::Duration(at as u32));
            group.of.iter().position(of)
        };
        let groups = risk.correlations.iter().enumerate();
        let group = groups.filter_map(|(at, group)| Some((at, member(group)?))).next();
        let draw = self.draw(stream, Purpose::Duration);
        let base = Base { quantiles, draw, stream, group, done, left };
        let factors = risk.factors.iter().enumerate();
        let factors = factors.filter(|(_, factor)| factor.on.binary_search(&activity).is_ok());
        let factors = factors.map(|(at, factor)| match factor.each {
            false => Scale::Shared(at),
            true => {
                let own = self.own("factor", &factor.id, activity);
                Scale::Own(self.quantiles(&factor.spread), self.draw(own, Purpose::Factor))
            }
        });
        let hits = risk.risks.iter().enumerate().filter_map(|(at, risk)| {
            let hit = risk.hits.binary_search_by_key(&activity, |hit| hit.activity).ok()?;
            let own = risk.each.then(|| {
                let own = self.own("risk", &risk.id, activity);
                (self.draw(own, Purpose::Occurs), self.draw(own, Purpose::Impact))
            });
            Some(HitDraws { risk: at, delay: risk.hits[hit].delay as usize, own })
        });
        let again = risk.rework.iter().find(|rework| rework.activity == activity);
        let again = again.map(|rework| Again {
            seed: self.seed,
            probability: rework.probability,
            at_most: rework.at_most.min(ATTEMPTS_MAX),
            repair: self.quantiles(&rework.repair),
        });
        let branches = risk.branches.iter().enumerate();
        let way = branches.flat_map(|(at, branch)| {
            branch.ways.iter().zip(0..).map(move |(way, number)| (at, number, way))
        });
        let way = { way }.find(|(_, _, way)| way.activities.binary_search(&activity).is_ok());
        let way = way.map(|(at, number, _)| (at, number));
        Line { activity, base, factors: factors.collect(), hits: hits.collect(), again, way }
    }

    /// The stream of what happens to one activity apart.
    fn own(&self, what: &str, id: &str, activity: u32) -> StreamId {
        let (id, name) = (self.site.full_name(id), self.site.full_name(self.name(activity)));
        StreamId::of(&format!("{what} {id} {name}"))
    }

    /// A factor that many share.
    pub fn shared(&self, factor: &Factor) -> Shared {
        let name = match factor.shared {
            true => factor.id.clone(),
            false => self.site.full_name(&factor.id),
        };
        let stream = StreamId::of(&format!("factor {name}"));
        let quantiles = self.quantiles(&factor.spread);
        Shared { quantiles, draw: self.draw(stream, Purpose::Factor) }
    }

    /// A discrete risk.
    pub fn risk(&self, risk: &Risk) -> RiskDraws {
        let stream = StreamId::of(&format!("risk {}", self.site.full_name(&risk.id)));
        RiskDraws {
            probability: risk.probability,
            occurs: self.draw(stream, Purpose::Occurs),
            impact: self.draw(stream, Purpose::Impact),
            delays: risk.delays.iter().map(|of| self.quantiles(of)).collect(),
            factor: risk.factor.as_ref().map(|of| self.quantiles(of)),
            parallel: risk.parallel,
        }
    }

    /// Which way the work goes.
    pub fn branch(&self, branch: &Branch) -> BranchDraws {
        let stream = StreamId::of(&format!("branch {}", self.site.full_name(&branch.id)));
        let mut sum = 0.0;
        let up_to = branch.ways.iter().map(|way| {
            sum += way.probability;
            sum
        });
        BranchDraws { up_to: up_to.collect(), draw: self.draw(stream, Purpose::Branch) }
    }

    /// Draws that a copula couples.
    pub fn group(&self, group: &Correlation) -> Together {
        let draws = group.of.iter().map(|of| match *of {
            Correlated::Duration(at) => {
                let activity = self.site.uncertainty.durations[at as usize].activity;
                self.draw(self.of(activity), Purpose::Duration)
            }
            Correlated::Cost(at) => {
                let cost = self.site.uncertainty.costs[at as usize].0;
                let activity = self.site.terms.costs[cost as usize].activity;
                self.draw(self.of(activity), Purpose::Cost)
            }
        });
        Together { copula: group.copula.clone(), draws: draws.collect() }
    }
}
