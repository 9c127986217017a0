//! One trial of a site: draws, events, longest path, capacity, books, row.

use super::longest::LongestPath;
use super::outcome::Outcome;
use super::row::has_value;
use super::sample::{Drawn, Sampler};
use crate::engine::Engine;
use crate::ledger::{BooksResult, FundingGate, Prepared};
use crate::model::{Site, Timeline};
use crate::time::{Minute, Span};

/// Runs trials of one site, one after another, in memory that it keeps.
pub struct Trials<'s> {
    site: &'s Site,
    sampler: &'s Sampler<'s>,
    outcome: &'s Outcome,
    prepared: &'s Prepared<'s>,
    engine: Engine<'s>,
    path: LongestPath,
    /// The site as one trial has it, where money is uncertain.
    other: Option<Box<Site>>,
    work: Vec<Span>,
    minutes: Vec<i64>,
    row: Vec<i64>,
    timeline: Timeline,
}

impl<'s> Trials<'s> {
    /// A runner of trials.
    pub fn new(
        sampler: &'s Sampler<'s>,
        outcome: &'s Outcome,
        prepared: &'s Prepared<'s>,
    ) -> Trials<'s> {
        let site = sampler.site;
        Trials {
            site,
            sampler,
            outcome,
            prepared,
            engine: Engine::new(&site.plan),
            path: LongestPath::default(),
            other: (!sampler.money.is_empty() && outcome.money).then(|| Box::new(site.clone())),
            work: Vec::new(),
            minutes: Vec::new(),
            row: Vec::new(),
            timeline: Timeline::default(),
        }
    }

    /// Runs one of a block's drawn trials: gives its row and adds it to the sums.
    pub fn run(&mut self, drawn: &Drawn, trial: usize, sums: &mut [i128]) -> &[i64] {
        self.sampler.work(drawn, trial, &mut self.work);
        if let Some(skipped) = self.sampler.skipped(drawn, trial) {
            self.engine.skip(skipped);
        }
        let books = self.play(drawn, trial);
        self.outcome.dates(self.site, &self.timeline, &mut self.row);
        if let Some(books) = &books {
            self.outcome.money(books, &mut self.row);
        }
        self.add(sums);
        &self.row
    }

    /// What happened in the trial that was run last.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// The events, and the books where they are kept.
    fn play(&mut self, drawn: &Drawn, trial: usize) -> Option<BooksResult> {
        if let Some(other) = &mut self.other {
            self.sampler.money.apply(self.site, drawn, trial, &mut other.terms);
            let prepared = Prepared::new(other);
            if other.terms.gates.is_empty() {
                self.engine.run(&self.work, &mut self.timeline);
            } else {
                let gate = FundingGate::new(&prepared);
                let mut engine = Engine::new(&other.plan);
                if let Some(skipped) = self.sampler.skipped(drawn, trial) {
                    engine.skip(skipped);
                }
                engine.run_gated(&self.work, &mut self.timeline, gate);
            }
            return Some(prepared.run(&self.timeline, false));
        }
        if self.site.terms.gates.is_empty() {
            self.engine.run(&self.work, &mut self.timeline);
        } else {
            let gate = FundingGate::new(self.prepared);
            self.engine.run_gated(&self.work, &mut self.timeline, gate);
        }
        self.outcome.money.then(|| self.prepared.run(&self.timeline, false))
    }

    /// Criticality and sensitivity towards the target date.
    fn add(&mut self, sums: &mut [i128]) {
        let target = self.row[self.outcome.target_column()];
        if !has_value(target) {
            return self.outcome.add(sums, &[], None, &[]);
        }
        let finish = &self.timeline.finish;
        let ends = (0..).zip(finish).filter(|(_, finish)| finish.0 == target).map(|(at, _)| at);
        self.path.mark(&self.site.plan, &self.work, &self.timeline, ends);
        self.minutes.clear();
        let minutes = self.outcome.uncertain.iter().map(|&at| self.work[at as usize].0);
        self.minutes.extend(minutes);
        let since = (Minute(target) - self.site.plan.start).0;
        self.outcome.add(sums, &self.path.marks, Some(since), &self.minutes);
    }
}
