//! The last-mile slip: what a trial puts off what makes halls ready by, all causes together.
//!
//! Work that is put off holds no crew meanwhile: halls that follow each other through a crew slip
//! once, not one upon the other.

use crate::chance::{
    Distribution, Draw, Plan, Purpose, Sampler as Quantiles, StreamId, uniform, whole,
};
use crate::model::{Activity, Progress, Site};
use crate::time::Span;

/// Draws the slips of one site.
pub(super) struct SlipDraws {
    hits: Vec<Hit>,
    delays: Vec<Quantiles>,
}

/// An activity that may slip.
struct Hit {
    activity: u32,
    /// Whether it has begun: then it takes longer.
    begun: bool,
    /// How long it waits in the likely trial.
    likely: Span,
    probability: f64,
    delay: usize,
    occurs: Draw,
    impact: Draw,
}

impl SlipDraws {
    /// Of the slips that are in force.
    pub fn new(
        site: &Site,
        seed: u64,
        plan: Plan,
        quantiles: impl Fn(&Distribution) -> Quantiles,
    ) -> SlipDraws {
        let (mut hits, mut delays) = (Vec::new(), Vec::new());
        for slip in &site.uncertainty.slips {
            let first = delays.len();
            delays.extend(slip.delays.iter().map(&quantiles));
            for hit in &slip.hits {
                let activity = &site.plan.activities[hit.activity as usize];
                let own = if slip.each { &activity.id } else { "" };
                let name = format!("slip {} {own}", site.full_name(&slip.id));
                let stream = StreamId::of(&name);
                let draw = |purpose, at| Draw::new(seed, stream, purpose, at).under(plan);
                hits.push(Hit {
                    activity: hit.activity,
                    begun: activity.progress != Progress::Open,
                    likely: activity.delay,
                    probability: slip.probability,
                    delay: first + hit.delay as usize,
                    occurs: draw(Purpose::Occurs, 0),
                    impact: draw(Purpose::Slip, 0),
                });
            }
        }
        SlipDraws { hits, delays }
    }

    /// Whether no trial slips.
    pub fn is_empty(&self) -> bool {
        self.hits.is_empty()
    }

    /// Puts off what has not begun: `activities` wait as in the likely trial, and the slip.
    pub fn put_off(&self, trial: u32, activities: &mut [Activity]) {
        for hit in self.hits.iter().filter(|hit| !hit.begun) {
            activities[hit.activity as usize].delay = hit.likely + self.slip(hit, trial);
        }
    }

    /// Adds to the work left of what has begun.
    pub fn lengthen(&self, trial: u32, work: &mut [Span]) {
        for hit in self.hits.iter().filter(|hit| hit.begun) {
            work[hit.activity as usize] += self.slip(hit, trial);
        }
    }

    fn slip(&self, hit: &Hit, trial: u32) -> Span {
        let slips = uniform(hit.occurs.at(trial)) < hit.probability;
        let minutes = self.delays[hit.delay].at(hit.impact.at(trial));
        if slips { Span(whole(minutes.max(0.0))) } else { Span::ZERO }
    }
}
