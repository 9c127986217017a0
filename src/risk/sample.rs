//! Draws for many trials side by side: durations, factors, risks, money (semantics R1, R3).
//!
//! [`Sampler`] is made once a site and seed. [`Sampler::fill`] draws a block of consecutive trials
//! value by value, so that each value's loop runs over the trials; what a trial gets depends on its
//! number alone, never on the block that it was drawn in.
//!
//! A duration is its own draw, times the common factors and the risks that multiply it, then done
//! again as often as it fails, then the delays of risks added (of those in parallel the longest);
//! rounded once, to the whole minute, halves to even.

use std::cell::RefCell;

use super::money::MoneyDraws;
use super::slips::SlipDraws;
use super::streams::{Streams, uncertain};
use super::weather::WeatherDraws;
use crate::chance::{
    Copula, Draw, Plan, Purpose, Sampler as Quantiles, StreamId, Tables, draw_whole_within,
    uniform, whole,
};
use crate::model::{self, Progress, Site, Uncertainty};
use crate::time::Span;

/// Failures of one activity that a trial counts.
pub(super) const ATTEMPTS_MAX: u32 = 1 << 20;
/// Longest duration that a trial can draw: 200 years.
pub(super) const MINUTES_MAX: f64 = 200.0 * 365.25 * 1440.0;

/// Draws the uncertain values of one site under one seed.
pub struct Sampler<'s> {
    pub(super) site: &'s Site,
    pub(super) seed: u64,
    pub(super) plan: Plan,
    /// Uncertain activities, ascending.
    lines: Vec<Line>,
    together: Vec<Together>,
    factors: Vec<Shared>,
    risks: Vec<RiskDraws>,
    branches: Vec<BranchDraws>,
    pub(super) money: MoneyDraws,
    pub(super) weather: WeatherDraws<'s>,
    pub(super) slips: SlipDraws,
    likely: Vec<Span>,
}

/// One uncertain activity.
pub(super) struct Line {
    pub(super) activity: u32,
    pub(super) base: Base,
    pub(super) factors: Vec<Scale>,
    pub(super) hits: Vec<HitDraws>,
    pub(super) again: Option<Again>,
    /// It is done only if this branch goes this way.
    pub(super) way: Option<(usize, u32)>,
}

/// Where its own draw comes from.
pub(super) struct Base {
    pub(super) quantiles: Quantiles,
    pub(super) draw: Draw,
    pub(super) stream: StreamId,
    /// The words of a correlated draw stand there: group and member.
    pub(super) group: Option<(usize, usize)>,
    /// Minutes done, and the word below which it would have been over by now (semantics T5).
    pub(super) done: Option<(f64, u32)>,
    /// What is left where the draw says that it would have been over by now.
    pub(super) left: f64,
}

/// What multiplies a duration.
pub(super) enum Scale {
    /// A factor that others share, by index.
    Shared(usize),
    /// A factor of its own.
    Own(Quantiles, Draw),
}

/// A factor that many share.
pub(super) struct Shared {
    pub(super) quantiles: Quantiles,
    pub(super) draw: Draw,
}

/// A discrete risk.
pub(super) struct RiskDraws {
    pub(super) probability: f64,
    pub(super) occurs: Draw,
    pub(super) impact: Draw,
    pub(super) delays: Vec<Quantiles>,
    pub(super) factor: Option<Quantiles>,
    pub(super) parallel: bool,
}

/// Which way the work goes.
pub(super) struct BranchDraws {
    pub(super) draw: Draw,
    /// Probability of each way and of those before it.
    pub(super) up_to: Vec<f64>,
}

/// A risk that hits an activity.
pub(super) struct HitDraws {
    pub(super) risk: usize,
    pub(super) delay: usize,
    /// Its own draws, where it happens to each activity apart.
    pub(super) own: Option<(Draw, Draw)>,
}

/// Work that may fail.
pub(super) struct Again {
    pub(super) seed: u64,
    pub(super) probability: f64,
    pub(super) at_most: u32,
    pub(super) repair: Quantiles,
}

/// A group of correlated draws.
pub(super) struct Together {
    pub(super) copula: Copula,
    pub(super) draws: Vec<Draw>,
}

/// The draws of consecutive trials.
#[derive(Clone, Debug, Default)]
pub struct Drawn {
    /// The first trial.
    pub first: u32,
    /// How many.
    pub trials: usize,
    /// Minutes of work left, line by line, trials side by side.
    minutes: Vec<i64>,
    /// Words of correlated draws: group, member, trial.
    pub(super) correlated: Vec<Vec<u32>>,
    pub(super) factors: Vec<f64>,
    pub(super) occurs: Vec<bool>,
    impact: Vec<u32>,
    /// Branch by branch, the way taken.
    pub(super) ways: Vec<u32>,
    pub(super) words: Vec<u32>,
    /// Of one line at a time: its own draw, what scales it, delays in series, the longest in
    /// parallel.
    scratch: [Vec<f64>; 4],
    /// Costs, prices, base rates: see [`MoneyDraws`].
    pub(super) money: Vec<f64>,
}

impl Drawn {
    /// Minutes of work left, line by line, trials side by side.
    pub(super) fn minutes(&self) -> &[i64] {
        &self.minutes
    }
}

impl<'s> Sampler<'s> {
    /// Prepares all draws of a site.
    ///
    /// Cost: a table of quantiles for each distinct distribution.
    ///
    /// Tables that are there are used, those that are not are added.
    pub fn new(site: &'s Site, seed: u64, plan: Plan, tables: &RefCell<Tables>) -> Sampler<'s> {
        let risk = &site.uncertainty;
        let streams = Streams::new(site, seed, plan, tables);
        let groups = risk.correlations.iter();
        let together = groups.map(|group| streams.group(group)).collect();
        let lines = uncertain(site).into_iter().map(|activity| streams.line(activity)).collect();
        Sampler {
            site,
            seed,
            plan,
            lines,
            together,
            factors: risk.factors.iter().map(|factor| streams.shared(factor)).collect(),
            risks: risk.risks.iter().map(|risk| streams.risk(risk)).collect(),
            branches: risk.branches.iter().map(|branch| streams.branch(branch)).collect(),
            money: MoneyDraws::new(site, seed, plan, |of| streams.quantiles(of)),
            weather: WeatherDraws::new(site, seed, plan, |of| streams.quantiles(of)),
            slips: SlipDraws::new(site, seed, plan, |of| streams.quantiles(of)),
            likely: site.plan.likely_work(),
        }
    }

    /// Uncertain activities, ascending.
    pub fn activities(&self) -> impl Iterator<Item = u32> + '_ {
        self.lines.iter().map(|line| line.activity)
    }

    /// Draws the trials from `first` on.
    pub fn fill(&self, first: u32, trials: usize, block: &mut Drawn) {
        (block.first, block.trials) = (first, trials);
        block.words.clear();
        block.words.resize(trials, 0);
        self.fill_correlated(block);
        self.fill_shared(block);
        // Every number of it is overwritten.
        block.minutes.resize(self.lines.len() * trials, 0);
        for (at, line) in self.lines.iter().enumerate() {
            if line.is_alone() {
                line.fill_alone(first, &mut block.minutes[at * trials..][..trials]);
            } else {
                self.fill_line(line, at, block);
            }
        }
        self.money.fill(block);
    }

    /// Whether each trial has calendars or waits of its own.
    pub(super) fn moves_plan(&self) -> bool {
        !self.weather.is_empty() || !self.slips.is_empty()
    }

    /// Gives a plan the calendars and waits of a trial.
    pub(super) fn move_plan(&self, trial: u32, plan: &mut model::Plan) {
        if !self.weather.is_empty() {
            self.weather.close(trial, &mut plan.calendars);
        }
        self.slips.put_off(trial, &mut plan.activities);
    }

    /// Work left by activity in one of a block's trials.
    pub fn work(&self, block: &Drawn, trial: usize, out: &mut Vec<Span>) {
        out.clear();
        out.extend_from_slice(&self.likely);
        for (line, minutes) in self.lines.iter().zip(block.minutes.chunks_exact(block.trials)) {
            out[line.activity as usize] = Span(minutes[trial]);
        }
        self.slips.lengthen(block.first + trial as u32, out);
    }

    /// The site as one trial has it: durations, ways, costs, prices and base rates of that trial in
    /// place of the likely ones, nothing uncertain. Its likely trial is that trial.
    pub fn site_of(&self, trial: u32) -> Site {
        let mut drawn = Drawn::default();
        self.fill(trial, 1, &mut drawn);
        let mut site = self.site.clone();
        let mut work = Vec::new();
        self.work(&drawn, 0, &mut work);
        for (activity, work) in site.plan.activities.iter_mut().zip(&work) {
            match &mut activity.progress {
                Progress::Open => activity.duration = *work,
                Progress::Started { remaining, .. } => *remaining = *work,
                Progress::Finished { .. } => {}
            }
        }
        if let Some(skipped) = self.skipped(&drawn, 0) {
            site.plan.skipped = skipped.collect();
            site.plan.skipped.sort_unstable();
        }
        self.money.apply(self.site, &drawn, 0, &mut site.terms);
        self.move_plan(trial, &mut site.plan);
        site.uncertainty = Uncertainty::default();
        site
    }

    /// Activities that one of a block's trials does not do; `None` where every trial does all.
    pub fn skipped<'a>(
        &'a self,
        block: &'a Drawn,
        trial: usize,
    ) -> Option<impl Iterator<Item = u32> + 'a> {
        let branches = self.site.uncertainty.branches.iter().enumerate();
        let skipped = branches.flat_map(move |(at, branch)| {
            let taken = block.ways[at * block.trials + trial];
            let other = branch.ways.iter().zip(0..).filter(move |&(_, way)| way != taken);
            other.flat_map(|(way, _)| way.activities.iter().copied())
        });
        (!self.branches.is_empty()).then_some(skipped)
    }

    /// Minutes that an uncertain activity takes in each of a block's trials; `line` counts them as
    /// [`Sampler::activities`] does.
    pub fn minutes<'b>(&self, block: &'b Drawn, line: usize) -> &'b [i64] {
        &block.minutes[line * block.trials..][..block.trials]
    }

    /// The value of a common factor in each of a block's trials.
    pub fn factor<'b>(&self, block: &'b Drawn, factor: usize) -> &'b [f64] {
        &block.factors[factor * block.trials..][..block.trials]
    }

    /// Whether a risk happens in each of a block's trials.
    pub fn occurs<'b>(&self, block: &'b Drawn, risk: usize) -> &'b [bool] {
        &block.occurs[risk * block.trials..][..block.trials]
    }

    /// What an uncertain cost is in each of a block's trials, in units of its currency before
    /// factors scale it; `cost` counts them as the site's uncertainty does.
    pub fn cost<'b>(&self, block: &'b Drawn, cost: usize) -> &'b [f64] {
        &block.money[cost * block.trials..][..block.trials]
    }

    /// The way that a branch goes in each of a block's trials.
    pub fn way<'b>(&self, block: &'b Drawn, branch: usize) -> &'b [u32] {
        &block.ways[branch * block.trials..][..block.trials]
    }

    fn fill_correlated(&self, block: &mut Drawn) {
        block.correlated.resize(self.together.len(), Vec::new());
        for (group, words) in self.together.iter().zip(&mut block.correlated) {
            let count = group.draws.len();
            words.clear();
            words.resize(count * block.trials, 0);
            for (draw, words) in group.draws.iter().zip(words.chunks_exact_mut(block.trials)) {
                draw.fill(block.first, words);
            }
            let mut together = vec![0; count];
            for trial in 0..block.trials {
                for (member, word) in together.iter_mut().enumerate() {
                    *word = words[member * block.trials + trial];
                }
                group.copula.couple(&mut together);
                for (member, &word) in together.iter().enumerate() {
                    words[member * block.trials + trial] = word;
                }
            }
        }
    }

    fn fill_shared(&self, block: &mut Drawn) {
        let trials = block.trials;
        block.factors.clear();
        for factor in &self.factors {
            factor.draw.fill(block.first, &mut block.words);
            block.factors.extend(block.words.iter().map(|&word| factor.quantiles.at(word)));
        }
        block.occurs.clear();
        block.impact.clear();
        for risk in &self.risks {
            risk.occurs.fill(block.first, &mut block.words);
            let happens = |&word: &u32| uniform(word) < risk.probability;
            block.occurs.extend(block.words.iter().map(happens));
            let from = block.impact.len();
            block.impact.resize(from + trials, 0);
            risk.impact.fill(block.first, &mut block.impact[from..]);
        }
        block.ways.clear();
        for branch in &self.branches {
            branch.draw.fill(block.first, &mut block.words);
            let last = branch.up_to.len() - 1;
            block.ways.extend(block.words.iter().map(|&word| {
                let way = branch.up_to.iter().position(|&up_to| uniform(word) < up_to);
                way.unwrap_or(last) as u32
            }));
        }
    }

    fn fill_line(&self, line: &Line, at: usize, block: &mut Drawn) {
        let trials = block.trials;
        let Drawn {
            first,
            minutes: drawn,
            words,
            correlated,
            factors,
            occurs,
            impact,
            ways,
            scratch,
            ..
        } = block;
        let drawn = &mut drawn[at * trials..][..trials];
        let [minutes, scale, added, longest] = scratch;
        let empty = [(&mut *minutes, 0.0), (&mut *scale, 1.0), (&mut *added, 0.0)];
        for (scratch, empty) in empty.into_iter().chain([(&mut *longest, 0.0)]) {
            scratch.clear();
            scratch.resize(trials, empty);
        }
        match line.base.group {
            Some((group, member)) => {
                words.copy_from_slice(&correlated[group][member * trials..][..trials]);
            }
            None => line.base.draw.fill(*first, words),
        }
        line.base.fill(words, minutes);
        line.scale_by_factors(*first, factors, words, scale);
        for hit in &line.hits {
            let risk = &self.risks[hit.risk];
            for trial in 0..trials {
                let shared = hit.risk * trials + trial;
                let number = *first + trial as u32;
                let happens = match &hit.own {
                    None => occurs[shared],
                    Some((occurs, _)) => uniform(occurs.at(number)) < risk.probability,
                };
                if !happens {
                    continue;
                }
                let word = hit.own.as_ref().map_or(impact[shared], |(_, own)| own.at(number));
                if let Some(factor) = &risk.factor {
                    scale[trial] *= factor.at(word);
                }
                if let Some(delay) = risk.delays.get(hit.delay) {
                    let delay = delay.at(word).max(0.0);
                    match risk.parallel {
                        true => longest[trial] = longest[trial].max(delay),
                        false => added[trial] += delay,
                    }
                }
            }
        }
        for (trial, drawn) in drawn.iter_mut().enumerate() {
            let mut minutes = minutes[trial] * scale[trial];
            if let Some(again) = &line.again {
                minutes += again.after(&line.base, scale[trial], *first + trial as u32);
            }
            minutes += added[trial] + longest[trial];
            let other = line.way.is_some_and(|(at, way)| ways[at * trials + trial] != way);
            *drawn = if other { 0 } else { whole(minutes.clamp(0.0, MINUTES_MAX)) };
        }
    }
}

impl Line {
    /// Whether its own draw is all there is to it.
    fn is_alone(&self) -> bool {
        let Base { group, done, .. } = &self.base;
        let own = group.is_none() && done.is_none() && self.again.is_none();
        own && self.factors.is_empty() && self.hits.is_empty() && self.way.is_none()
    }

    /// Multiplies what scales its duration by its factors; `words` is room for draws.
    fn scale_by_factors(&self, first: u32, factors: &[f64], words: &mut [u32], scale: &mut [f64]) {
        for of in &self.factors {
            match of {
                Scale::Shared(factor) => {
                    let by = &factors[factor * scale.len()..][..scale.len()];
                    scale.iter_mut().zip(by).for_each(|(scale, by)| *scale *= by);
                }
                Scale::Own(quantiles, draw) => {
                    draw.fill(first, words);
                    let by = words.iter().map(|&word| quantiles.at(word));
                    scale.iter_mut().zip(by).for_each(|(scale, by)| *scale *= by);
                }
            }
        }
    }

    /// What `Sampler::fill_line` gives, all of it in vector registers.
    fn fill_alone(&self, first: u32, minutes: &mut [i64]) {
        let Base { draw, quantiles, .. } = &self.base;
        draw_whole_within(draw, quantiles, first, (0.0, MINUTES_MAX), minutes);
    }
}

impl Base {
    /// Minutes left for each word.
    fn fill(&self, words: &[u32], minutes: &mut [f64]) {
        let Some((done, over)) = self.done else {
            let drawn = words.iter().map(|&word| self.quantiles.at(word).max(0.0));
            return minutes.iter_mut().zip(drawn).for_each(|(minutes, drawn)| *minutes = drawn);
        };
        for (minutes, &word) in minutes.iter_mut().zip(words) {
            // On condition that it takes longer than it has: the part above stretched to all.
            let room = u64::from(u32::MAX - over) + 1;
            let word = over + ((u64::from(word) * room) >> 32) as u32;
            let left = self.quantiles.at(word) - done;
            *minutes = if left > 0.0 { left } else { self.left };
        }
    }
}

impl Again {
    /// Minutes beyond the first attempt: after each failure repairs, and the work again.
    fn after(&self, base: &Base, scale: f64, trial: u32) -> f64 {
        let (mut total, mut attempt) = (0.0, 0);
        let draw =
            |purpose, occurrence| Draw::new(self.seed, base.stream, purpose, occurrence).at(trial);
        while attempt < self.at_most && total < MINUTES_MAX {
            if uniform(draw(Purpose::Failure, attempt)) >= self.probability {
                break;
            }
            total += self.repair.at(draw(Purpose::Impact, attempt)).max(0.0);
            attempt += 1;
            total += scale * base.quantiles.at(draw(Purpose::Duration, attempt)).max(0.0);
        }
        total
    }
}
