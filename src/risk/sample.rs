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
use super::weather::WeatherDraws;
use crate::chance::{
    Copula, Distribution, Draw, Plan, Purpose, Sampler as Quantiles, StreamId, Tables, draw,
    uniform, wide,
};
use crate::model::uncertainty::{Branch, Correlated, Correlation, Factor, Risk};
use crate::model::{Progress, Site, Uncertainty};
use crate::time::Span;

/// Failures of one activity that a trial counts.
const ATTEMPTS_MAX: u32 = 1 << 20;
/// Longest duration that a trial can draw: 200 years.
const MINUTES_MAX: f64 = 200.0 * 365.25 * 1440.0;

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
    likely: Vec<Span>,
}

/// One uncertain activity.
struct Line {
    activity: u32,
    base: Base,
    factors: Vec<Scale>,
    hits: Vec<HitDraws>,
    again: Option<Again>,
    /// It is done only if this branch goes this way.
    way: Option<(usize, u32)>,
}

/// Where its own draw comes from.
struct Base {
    quantiles: Quantiles,
    draw: Draw,
    stream: StreamId,
    /// The words of a correlated draw stand there: group and member.
    group: Option<(usize, usize)>,
    /// Minutes done, and the word below which it would have been over by now (semantics T5).
    done: Option<(f64, u32)>,
    /// What is left where the draw says that it would have been over by now.
    left: f64,
}

/// What multiplies a duration.
enum Scale {
    /// A factor that others share, by index.
    Shared(usize),
    /// A factor of its own.
    Own(Quantiles, Draw),
}

/// A factor that many share.
struct Shared {
    quantiles: Quantiles,
    draw: Draw,
}

/// A discrete risk.
struct RiskDraws {
    probability: f64,
    occurs: Draw,
    impact: Draw,
    delays: Vec<Quantiles>,
    factor: Option<Quantiles>,
    parallel: bool,
}

/// Which way the work goes.
struct BranchDraws {
    draw: Draw,
    /// Probability of each way and of those before it.
    up_to: Vec<f64>,
}

/// A risk that hits an activity.
struct HitDraws {
    risk: usize,
    delay: usize,
    /// Its own draws, where it happens to each activity apart.
    own: Option<(Draw, Draw)>,
}

/// Work that may fail.
struct Again {
    seed: u64,
    probability: f64,
    at_most: u32,
    repair: Quantiles,
}

/// A group of correlated draws.
struct Together {
    copula: Copula,
    draws: Vec<Draw>,
}

/// The draws of consecutive trials.
#[derive(Clone, Debug, Default)]
pub struct Drawn {
    /// The first trial.
    pub first: u32,
    /// How many.
    pub trials: usize,
    /// Minutes of work left, line by line, trials side by side.
    minutes: Vec<f64>,
    /// Words of correlated draws: group, member, trial.
    pub(super) correlated: Vec<Vec<u32>>,
    pub(super) factors: Vec<f64>,
    pub(super) occurs: Vec<bool>,
    impact: Vec<u32>,
    /// Branch by branch, the way taken.
    pub(super) ways: Vec<u32>,
    pub(super) words: Vec<u32>,
    /// Of one line at a time: what scales it, delays in series, the longest in parallel.
    scratch: [Vec<f64>; 3],
    /// Costs, prices, base rates: see [`MoneyDraws`].
    pub(super) money: Vec<f64>,
}

impl<'s> Sampler<'s> {
    /// Prepares all draws of a site.
    ///
    /// Cost: a table of quantiles for each distinct distribution.
    pub fn new(site: &'s Site, seed: u64, plan: Plan) -> Sampler<'s> {
        let risk = &site.uncertainty;
        let streams = Streams { site, seed, plan, tables: RefCell::default() };
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
        block.minutes.clear();
        block.minutes.resize(self.lines.len() * trials, 0.0);
        for (at, line) in self.lines.iter().enumerate() {
            if line.is_alone() {
                line.fill_alone(first, &mut block.minutes[at * trials..][..trials]);
            } else {
                self.fill_line(line, at, block);
            }
        }
        self.money.fill(block);
    }

    /// Work left by activity in one of a block's trials.
    pub fn work(&self, block: &Drawn, trial: usize, out: &mut Vec<Span>) {
        out.clear();
        out.extend_from_slice(&self.likely);
        for (line, minutes) in self.lines.iter().zip(block.minutes.chunks_exact(block.trials)) {
            out[line.activity as usize] = Span(minutes[trial] as i64);
        }
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
        self.weather.close(trial, &mut site.plan.calendars);
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
    pub fn minutes<'b>(&self, block: &'b Drawn, line: usize) -> &'b [f64] {
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
            first, minutes, words, correlated, factors, occurs, impact, ways, scratch, ..
        } = block;
        let minutes = &mut minutes[at * trials..][..trials];
        match line.base.group {
            Some((group, member)) => {
                words.copy_from_slice(&correlated[group][member * trials..][..trials]);
            }
            None => line.base.draw.fill(*first, words),
        }
        line.base.fill(words, minutes);
        let [scale, added, longest] = scratch;
        for (scratch, empty) in [(&mut *scale, 1.0), (&mut *added, 0.0), (&mut *longest, 0.0)] {
            scratch.clear();
            scratch.resize(trials, empty);
        }
        for of in &line.factors {
            match of {
                Scale::Shared(factor) => {
                    let by = &factors[factor * trials..][..trials];
                    scale.iter_mut().zip(by).for_each(|(scale, by)| *scale *= by);
                }
                Scale::Own(quantiles, draw) => {
                    draw.fill(*first, words);
                    let by = words.iter().map(|&word| quantiles.at(word));
                    scale.iter_mut().zip(by).for_each(|(scale, by)| *scale *= by);
                }
            }
        }
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
        for (trial, minutes) in minutes.iter_mut().enumerate() {
            *minutes *= scale[trial];
            if let Some(again) = &line.again {
                *minutes += again.after(&line.base, scale[trial], *first + trial as u32);
            }
            *minutes += added[trial] + longest[trial];
            *minutes = minutes.clamp(0.0, MINUTES_MAX).round_ties_even();
            if line.way.is_some_and(|(branch, way)| ways[branch * trials + trial] != way) {
                *minutes = 0.0;
            }
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

    /// What `Sampler::fill_line` gives, all of it in vector registers.
    fn fill_alone(&self, first: u32, minutes: &mut [f64]) {
        draw(&self.base.draw, &self.base.quantiles, first, minutes);
        wide(
            #[inline(always)]
            || {
                for minutes in minutes {
                    *minutes = minutes.clamp(0.0, MINUTES_MAX).round_ties_even();
                }
            },
        );
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

/// Activities whose duration can turn out otherwise, ascending.
fn uncertain(site: &Site) -> Vec<u32> {
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
struct Streams<'s> {
    site: &'s Site,
    seed: u64,
    plan: Plan,
    tables: RefCell<Tables>,
}

impl Streams<'_> {
    fn quantiles(&self, of: &Distribution) -> Quantiles {
        self.tables.borrow_mut().sampler(of)
    }

    fn draw(&self, stream: StreamId, purpose: Purpose) -> Draw {
        Draw::new(self.seed, stream, purpose, 0).under(self.plan)
    }

    /// The stream of an activity: its `stream:` name, or its full id.
    fn of(&self, activity: u32) -> StreamId {
        StreamId::of(self.name(activity))
    }

    fn name(&self, activity: u32) -> &str {
        let streams = &self.site.uncertainty.streams;
        match streams.binary_search_by_key(&activity, |&(activity, _)| activity) {
            Ok(at) => &streams[at].1,
            Err(_) => &self.site.plan.activities[activity as usize].id,
        }
    }

    fn line(&self, activity: u32) -> Line {
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
        StreamId::of(&format!("{what} {id} {}", self.name(activity)))
    }

    fn shared(&self, factor: &Factor) -> Shared {
        let stream = StreamId::of(&format!("factor {}", factor.id));
        let quantiles = self.quantiles(&factor.spread);
        Shared { quantiles, draw: self.draw(stream, Purpose::Factor) }
    }

    fn risk(&self, risk: &Risk) -> RiskDraws {
        let stream = StreamId::of(&format!("risk {}", risk.id));
        RiskDraws {
            probability: risk.probability,
            occurs: self.draw(stream, Purpose::Occurs),
            impact: self.draw(stream, Purpose::Impact),
            delays: risk.delays.iter().map(|of| self.quantiles(of)).collect(),
            factor: risk.factor.as_ref().map(|of| self.quantiles(of)),
            parallel: risk.parallel,
        }
    }

    fn branch(&self, branch: &Branch) -> BranchDraws {
        let stream = StreamId::of(&format!("branch {}", branch.id));
        let mut sum = 0.0;
        let up_to = branch.ways.iter().map(|way| {
            sum += way.probability;
            sum
        });
        BranchDraws { up_to: up_to.collect(), draw: self.draw(stream, Purpose::Branch) }
    }

    fn group(&self, group: &Correlation) -> Together {
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
