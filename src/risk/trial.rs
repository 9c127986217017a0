//! One trial of a site: draws, events, longest path, capacity, books, row.

use super::longest::LongestPath;
use super::outcome::Outcome;
use super::row::has_value;
use super::sample::{Drawn, Sampler};
use crate::engine::Engine;
use crate::ledger::{BooksResult, FundingGate, Prepared};
use crate::model::{Plan, Site, Timeline};
use crate::time::{Minute, Span};

/// Runs trials of one site, one after another, in memory that it keeps.
pub struct Trials<'s> {
    site: &'s Site,
    sampler: &'s Sampler<'s>,
    outcome: &'s Outcome,
    prepared: &'s Prepared<'s>,
    engine: Engine<'s>,
    path: LongestPath,
    /// The site as one trial has it, where money is uncertain, its plan is another or dates
    /// of loans follow the plan.
    other: Option<Box<Site>>,
    /// What runs the trial again without what the outside view counts apart.
    apart: Option<Apart<'s>>,
    work: Vec<Span>,
    minutes: Vec<i64>,
    row: Vec<i64>,
    timeline: Timeline,
    /// Books of the trial before: their room is used again.
    books: BooksResult,
}

/// A second run of each trial, in which some activities take no time (semantics R7).
struct Apart<'s> {
    engine: Engine<'s>,
    /// Its plan with the calendars and waits of one trial, where each has its own.
    other: Option<Box<Plan>>,
    activities: &'s [u32],
    work: Vec<Span>,
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
        let moves = sampler.moves_plan();
        let dated = site.terms.follows_plan();
        let apart = outcome.stretch.as_ref().and_then(|stretch| stretch.apart.as_ref());
        let apart = apart.map(|(plan, activities)| Apart {
            engine: Engine::new(plan),
            other: moves.then(|| Box::new(plan.clone())),
            activities,
            work: Vec::new(),
            timeline: Timeline::default(),
        });
        Trials {
            site,
            sampler,
            outcome,
            prepared,
            engine: Engine::new(&site.plan),
            path: LongestPath::default(),
            other: (moves || outcome.money && (!sampler.money.is_empty() || dated))
                .then(|| Box::new(site.clone())),
            apart,
            work: Vec::new(),
            minutes: Vec::new(),
            row: Vec::new(),
            timeline: Timeline::default(),
            books: BooksResult::default(),
        }
    }

    /// Runs one of a block's drawn trials: gives its row and adds it to the sums.
    pub fn run(&mut self, drawn: &Drawn, trial: usize, sums: &mut [i128]) -> &[i64] {
        self.sampler.work(drawn, trial, &mut self.work);
        if let Some(skipped) = self.sampler.skipped(drawn, trial) {
            self.engine.skip(skipped);
        }
        self.play(drawn, trial);
        self.outcome.dates(self.site, &self.timeline, &mut self.row);
        self.outside(drawn, trial);
        if self.outcome.money {
            self.outcome.money(&self.books, &mut self.row);
        }
        self.add(sums);
        &self.row
    }

    /// What happened in the trial that was run last.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// The events, and the books where they are kept.
    fn play(&mut self, drawn: &Drawn, trial: usize) {
        let room = std::mem::take(&mut self.books);
        if let Some(other) = &mut self.other {
            if self.outcome.money {
                self.sampler.money.apply(self.site, drawn, trial, &mut other.terms);
            }
            let moves = self.sampler.moves_plan();
            if moves {
                self.sampler.move_plan(drawn.first + trial as u32, &mut other.plan);
            }
            let gated = !other.terms.gates.is_empty();
            let money = self.outcome.money && !other.terms.follows_plan();
            let prepared = (gated || money).then(|| self.prepared.again(other));
            if !gated && !moves {
                self.engine.run(&self.work, &mut self.timeline);
            } else {
                let mut engine = Engine::new(&other.plan);
                let gate = prepared.as_ref().filter(|_| gated).map(FundingGate::new);
                let skipped = self.sampler.skipped(drawn, trial);
                play_with(&mut engine, skipped, &self.work, &mut self.timeline, gate);
            }
            if other.terms.follows_plan() && self.outcome.money {
                other.terms.follow(&self.timeline.finish);
                self.books = Prepared::new(other).run_in(room, &self.timeline);
            } else if let Some(prepared) = prepared.filter(|_| self.outcome.money) {
                self.books = prepared.run_in(room, &self.timeline);
            }
            return;
        }
        if self.site.terms.gates.is_empty() {
            self.engine.run(&self.work, &mut self.timeline);
        } else {
            let gate = FundingGate::new(self.prepared);
            self.engine.run_gated(&self.work, &mut self.timeline, gate);
        }
        if self.outcome.money {
            self.books = self.prepared.run_in(room, &self.timeline);
        }
    }

    /// The stretch of the outside view. Waits for a loan are those with likely money.
    fn outside(&mut self, drawn: &Drawn, trial: usize) {
        let Some(apart) = &mut self.apart else {
            return self.outcome.outside(&self.timeline, &mut self.row);
        };
        apart.work.clone_from(&self.work);
        apart.activities.iter().for_each(|&at| apart.work[at as usize] = Span::ZERO);
        let gate = (!self.site.terms.gates.is_empty()).then(|| FundingGate::new(self.prepared));
        let skipped = self.sampler.skipped(drawn, trial);
        match (&mut apart.other, &self.other) {
            (Some(plan), Some(other)) => {
                plan.calendars.clone_from(&other.plan.calendars);
                self.sampler.slips.put_off(drawn.first + trial as u32, &mut plan.activities);
                let mut engine = Engine::new(plan);
                play_with(&mut engine, skipped, &apart.work, &mut apart.timeline, gate);
            }
            _ => play_with(&mut apart.engine, skipped, &apart.work, &mut apart.timeline, gate),
        }
        self.outcome.outside(&apart.timeline, &mut self.row);
    }

    /// Criticality and sensitivity towards the target date.
    fn add(&mut self, sums: &mut [i128]) {
        let target = self.row[self.outcome.target_column()];
        if !has_value(target) {
            return self.outcome.add(sums, &[], None, &[]);
        }
        let finish = &self.timeline.finish;
        let ends = (0..).zip(finish).filter(|(_, finish)| finish.0 == target).map(|(at, _)| at);
        let plan = self.other.as_ref().map_or(&self.site.plan, |other| &other.plan);
        self.path.mark(plan, &self.work, &self.timeline, ends);
        self.minutes.clear();
        let minutes = self.outcome.uncertain.iter().map(|&at| self.work[at as usize].0);
        self.minutes.extend(minutes);
        let since = (Minute(target) - self.site.plan.start).0;
        self.outcome.add(sums, &self.path.marks, Some(since), &self.minutes);
    }
}

/// One trial on an engine: what it skips, its work, what waits for a loan.
fn play_with<'p>(
    engine: &mut Engine<'p>,
    skipped: Option<impl Iterator<Item = u32>>,
    work: &[Span],
    timeline: &mut Timeline,
    gate: Option<FundingGate<'p>>,
) {
    if let Some(skipped) = skipped {
        engine.skip(skipped);
    }
    match gate {
        Some(gate) => drop(engine.run_gated(work, timeline, gate)),
        None => engine.run(work, timeline),
    }
}
