//! Trials by the thousand: shared out over threads, kept in trial order.
//!
//! Threads take short stretches of trials as they come free; their rows are put back in order
//! before they are kept. A trial depends on its number alone, so neither the number of threads nor
//! the order in which stretches end changes a byte of what is kept (semantics R1).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc;

use super::batch::Batch;
use super::outcome::Outcome;
use super::overall::About;
use super::part::Meta;
use super::row::Block;
use super::sample::{Drawn, Sampler};
use super::store::{Backing, Store, StoreError};
use super::trial::Trials;
use crate::chance::{Plan, Tables};
use crate::engine;
use crate::ledger::Prepared;
use crate::model::Site;

/// Trials that are drawn side by side, and that a thread takes at a time.
pub const STRETCH: u32 = 64;
/// Trials that are kept as one block.
const KEPT: u32 = 1024;

/// What all trials of a site need, made once.
pub struct Study<'s> {
    /// The site.
    pub site: &'s Site,
    /// Draws.
    pub sampler: Sampler<'s>,
    /// What a trial yields.
    pub outcome: Outcome,
    /// The books as far as they are the same in every trial.
    prepared: Prepared<'s>,
    /// The row of the likely trial.
    likely: Vec<i64>,
    /// Whether trials can run side by side.
    batched: bool,
}

impl<'s> Study<'s> {
    /// Prepares trials of a site; `books` says whether its money is followed, where it has any.
    ///
    /// Cost: the likely trial, and a table of quantiles for each distinct distribution.
    pub fn new(site: &'s Site, seed: u64, plan: Plan, books: bool) -> Study<'s> {
        Study::with_tables(site, seed, plan, books, &RefCell::default())
    }

    /// As [`Study::new`], with tables of quantiles that other studies have made and will use.
    pub fn with_tables(
        site: &'s Site,
        seed: u64,
        plan: Plan,
        books: bool,
        tables: &RefCell<Tables>,
    ) -> Study<'s> {
        let sampler = Sampler::new(site, seed, plan, tables);
        let prepared = Prepared::new(site);
        let likely = engine::run_site(site);
        let terms = &site.terms;
        let priced = site.lots.iter().any(|lot| lot.price_per_rack.is_some());
        let money = !terms.costs.is_empty()
            || !terms.contracts.is_empty()
            || !terms.loans.is_empty()
            || priced;
        let books = (books && money).then(|| prepared.run(&likely, false));
        let uncertain = sampler.activities().collect();
        let outcome = Outcome::new(site, uncertain, &likely, books.as_ref());
        let mut row = Vec::new();
        outcome.dates(site, &likely, &mut row);
        if let Some(stretch) = &outcome.stretch {
            outcome.outside(&stretch.without_apart(&prepared, likely), &mut row);
        }
        if let Some(books) = &books {
            outcome.money(books, &mut row);
        }
        let batched = Batch::is_possible(site, &outcome);
        Study { site, sampler, outcome, prepared, likely: row, batched }
    }

    /// What a file of these trials says of itself; `inputs` is a fingerprint of what was read.
    pub fn meta(&self, inputs: String, trials: u32, range: Range<u32>) -> Meta {
        Meta {
            program: env!("CARGO_PKG_VERSION").into(),
            site: self.site.id.clone(),
            inputs,
            seed: self.sampler.seed,
            sampling: sampling_text(self.sampler.plan),
            trials,
            range,
            layout: self.outcome.layout.clone(),
            about: self.about(),
        }
    }

    fn about(&self) -> About {
        let (site, outcome) = (self.site, &self.outcome);
        let baseline = &site.baseline;
        let ids = outcome.milestones.iter().map(|&at| (at, &site.plan.activities[at as usize].id));
        let finishes = ids.map(|(at, id)| (format!("finish:{id}"), site.promised(at)));
        let online = [
            ("online.first", baseline.first_online),
            ("online.half", baseline.half_online),
            ("online.all", baseline.all_online),
        ];
        let online = online.map(|(name, day)| (name.to_owned(), day));
        let promised = finishes.chain(online).filter_map(|(name, day)| {
            // A promise is kept until its day is over.
            Some((outcome.layout.index(&name)? as u32, (day? + 1).start().0))
        });
        About {
            title: site.title.clone(),
            currency: site.terms.fx.reporting().to_string(),
            start: site.plan.start.0,
            target: outcome.target().into(),
            activities: site.plan.activities.iter().map(|of| of.id.clone()).collect(),
            uncertain: outcome.uncertain.clone(),
            likely: self.likely.clone(),
            promised: promised.collect(),
        }
    }

    /// A runner of single trials.
    pub fn trials(&self) -> Trials<'_> {
        Trials::new(&self.sampler, &self.outcome, &self.prepared)
    }

    /// A runner of whole stretches, where nothing can be short.
    pub fn batch(&self) -> Option<Batch<'_>> {
        self.batched.then(|| Batch::new(&self.sampler, &self.outcome))
    }
}

/// How trials are sampled, in words.
fn sampling_text(plan: Plan) -> String {
    match plan {
        Plan::Plain => "plain".into(),
        Plan::Antithetic => "antithetic".into(),
        Plan::Latin { .. } => "latin hypercube".into(),
    }
}

/// How trials are run.
#[derive(Clone, Copy)]
pub struct Workers<'w> {
    /// Threads; at least 1.
    pub threads: usize,
    /// Set from outside to stop after the stretches under way.
    pub stop: &'w AtomicBool,
    /// Told how many trials are kept so far.
    pub progress: &'w dyn Fn(u32),
    /// Runs the last stretch first, to show that order changes nothing.
    pub reversed: bool,
}

/// Runs the trials from the store's next one up to `until`, and keeps them in order. Stopped, it
/// keeps what is complete up to the first trial that is missing.
///
/// # Errors
///
/// The store cannot be written.
///
/// Cost: memory for the stretches under way, however many trials there are.
pub fn run_trials<F: Backing>(
    study: &Study<'_>,
    store: &mut Store<F>,
    until: u32,
    workers: &Workers<'_>,
) -> Result<(), StoreError> {
    let first = store.next_trial();
    if first >= until {
        return Ok(());
    }
    let stretches = (until - first).div_ceil(STRETCH);
    let next = AtomicU32::new(0);
    let reversed = workers.reversed;
    let stretch = |number: u32| {
        let number = if reversed { stretches - 1 - number } else { number };
        let from = first + number * STRETCH;
        from..until.min(from + STRETCH)
    };
    std::thread::scope(|scope| {
        let (done, results) = mpsc::sync_channel(4 * workers.threads);
        for _ in 0..workers.threads.max(1) {
            let (done, next, stretch) = (done.clone(), &next, &stretch);
            let stop = workers.stop;
            scope.spawn(move || {
                let (mut batch, mut trials) = (study.batch(), study.trials());
                let mut drawn = Drawn::default();
                while !stop.load(Ordering::Relaxed) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= stretches {
                        break;
                    }
                    let range = stretch(number);
                    study.sampler.fill(range.start, range.len(), &mut drawn);
                    let block = match &mut batch {
                        Some(batch) => batch.run(&drawn),
                        None => play(study, &mut trials, &drawn),
                    };
                    if done.send(block).is_err() {
                        break;
                    }
                }
            });
        }
        drop(done);
        keep(results, store, first, until, workers)
    })
}

/// Runs a stretch of drawn trials, one after another.
fn play(study: &Study<'_>, trials: &mut Trials<'_>, drawn: &Drawn) -> Block {
    let mut block = Block::new(&study.outcome.layout, drawn.first, drawn.trials as u32);
    for at in 0..drawn.trials {
        let row = trials.run(drawn, at, &mut block.sums);
        block.set_row(drawn.first + at as u32, row);
    }
    block
}

/// Puts stretches back in order and keeps them.
fn keep<F: Backing>(
    results: mpsc::Receiver<Block>,
    store: &mut Store<F>,
    first: u32,
    until: u32,
    workers: &Workers<'_>,
) -> Result<(), StoreError> {
    let mut early: BTreeMap<u32, Block> = BTreeMap::new();
    let (mut next, mut whole): (u32, Vec<Block>) = (first, Vec::new());
    for block in results {
        early.insert(block.first, block);
        while let Some(block) = early.remove(&next) {
            next += block.trials;
            whole.push(block);
            let held = next - whole[0].first;
            if held >= KEPT || next == until {
                store.append(join(std::mem::take(&mut whole)))?;
                (workers.progress)(next);
            }
        }
    }
    if !whole.is_empty() {
        store.append(join(whole))?;
        (workers.progress)(next);
    }
    Ok(())
}

/// Stretches that follow each other as one block.
fn join(blocks: Vec<Block>) -> Block {
    let first = blocks[0].first;
    let trials = blocks.iter().map(|block| block.trials).sum();
    let columns = blocks[0].values.len() / blocks[0].trials as usize;
    let mut values = Vec::with_capacity(columns * trials as usize);
    for column in 0..columns {
        blocks.iter().for_each(|block| values.extend_from_slice(block.column(column)));
    }
    let mut sums = vec![0_i128; blocks[0].sums.len()];
    for block in &blocks {
        for (sum, part) in sums.iter_mut().zip(&block.sums) {
            *sum = sum.wrapping_add(*part);
        }
    }
    Block { first, trials, values, sums }
}
