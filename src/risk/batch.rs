//! Trials side by side, where nothing can be short.
//!
//! Without crews, racks and loans to wait for, dates are those of the forward pass
//! ([`crate::model::cpm`]), and a forward pass over many trials is the same few sums and maxima for
//! each: activity by activity, all trials of a stretch. What comes out is what [`Trials`] gives,
//! bit for bit (tested); it is the twin that this is held against.
//!
//! [`Trials`]: super::Trials

use super::longest::is_met;
use super::outcome::Outcome;
use super::row::{Block, date_value, has_value};
use super::run::STRETCH;
use super::sample::{Drawn, Sampler};
use crate::chance::{whole, wide};
use crate::model::{Activity, Link, Plan, Progress, Rules, Site, cpm};
use crate::time::{Minute, Span};

/// Trials side by side.
const LANES: usize = STRETCH as usize;
/// One number for each of them.
type Lanes = [i64; LANES];

/// Longest stretch of time in a plan that lanes add up without a look at the end of time: a
/// million million years. [`Minute::NEVER`] and as much again is still a number.
const SPAN_MAX: i64 = 1 << 60;
/// Dates of the target, in minutes since the start, whose products with [`LANES`] durations are
/// summed up in 64 bits: 2,000 years, where durations are at most 200.
const TARGET_MAX: i64 = 1 << 30;

/// Runs stretches of trials of a site on which nothing can be short.
pub struct Batch<'s> {
    plan: &'s Plan,
    sampler: &'s Sampler<'s>,
    outcome: &'s Outcome,
    /// Each after its predecessors.
    steps: Vec<Step>,
    /// Links that bind, grouped by the step they enter.
    links: Vec<&'s Link>,
    uncertain: Vec<u32>,
    work: Vec<Lanes>,
    start: Vec<Lanes>,
    finish: Vec<Lanes>,
    /// By activity the trials in which it is on a longest path, a bit each.
    marks: Vec<u64>,
}

/// How an activity is dated.
#[derive(Clone, Copy)]
struct Step {
    activity: u32,
    /// Its links, in [`Batch::links`].
    links: (u32, u32),
    earliest: i64,
    way: Way,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// It is over.
    Over,
    /// Around the clock, after others have finished, nothing between: sums and maxima.
    Plain,
    /// Calendars, lags, links of other kinds, work under way.
    Any,
}

impl<'s> Batch<'s> {
    /// Whether trials of a site can run side by side: nothing needs crews or takes racks, no loan
    /// is waited for, nothing is left out by chance, and of rows only dates are asked.
    pub fn is_possible(site: &Site, outcome: &Outcome) -> bool {
        let plan = &site.plan;
        let alone = |activity: &Activity| activity.needs.is_empty() && activity.takes.is_none();
        let span = |span: Span| (-SPAN_MAX..=SPAN_MAX).contains(&span.0);
        let date = |at: Minute| Minute::MIN < at && at < Minute::NEVER;
        let work = |activity: &Activity| {
            let dates = match activity.progress {
                Progress::Open => true,
                Progress::Started { start, .. } => date(start),
                Progress::Finished { start, finish } => date(start) && date(finish),
            };
            let left = activity.likely_work();
            let not_before = activity.not_before.is_none_or(date);
            left >= Span::ZERO && span(left) && span(activity.delay) && dates && not_before
        };
        !plan.activities.is_empty()
            && plan.scheduling.rules == Rules::Site
            && plan.skipped.is_empty()
            && plan.activities.iter().all(|activity| alone(activity) && work(activity))
            && plan.links.iter().all(|link| span(link.lag))
            && date(plan.start)
            && date(plan.data_date())
            && site.units.is_empty()
            && site.terms.gates.is_empty()
            && site.uncertainty.branches.is_empty()
            && site.uncertainty.weather.is_empty()
            && outcome.stretch.is_none()
            && !outcome.money
    }

    /// A runner of stretches; see [`Batch::is_possible`].
    ///
    /// Cost: 1.5 kB an activity.
    pub fn new(sampler: &'s Sampler<'s>, outcome: &'s Outcome) -> Batch<'s> {
        let site = sampler.site;
        assert!(Batch::is_possible(site, outcome), "nothing can be short");
        let plan = &site.plan;
        let mut links = Vec::new();
        let steps = plan.topological.iter().map(|&activity| {
            let from = links.len() as u32;
            links.extend(plan.preds(activity).iter().filter(|link| cpm::binds(plan, link)));
            let into = &links[from as usize..];
            Step {
                activity,
                links: (from, links.len() as u32),
                earliest: cpm::earliest(plan, &plan.activities[activity as usize]).0,
                way: way(&plan.activities[activity as usize], into),
            }
        });
        let steps = steps.collect();
        let count = plan.activities.len();
        Batch {
            plan,
            sampler,
            outcome,
            steps,
            links,
            uncertain: sampler.activities().collect(),
            work: plan.likely_work().into_iter().map(|work| [work.0; LANES]).collect(),
            start: vec![[0; LANES]; count],
            finish: vec![[0; LANES]; count],
            marks: vec![0; count],
        }
    }

    /// Runs all of a stretch's drawn trials, at most [`STRETCH`].
    ///
    /// Cost: one visit to each link, a few numbers in each lane; where calendars or lags enter,
    /// their tables for each trial.
    pub fn run(&mut self, drawn: &Drawn) -> Block {
        let trials = drawn.trials;
        assert!((1..=LANES).contains(&trials), "{trials} trials in a stretch");
        let mut block = Block::new(&self.outcome.layout, drawn.first, trials as u32);
        let ends = wide(
            #[inline(always)]
            || {
                self.take(drawn);
                self.forward()
            },
        );
        self.rows(&ends, trials, &mut block.values);
        let reached = (0..trials).filter(|&trial| has_value(block.values[trial]));
        let reached = reached.fold(0_u64, |bits, trial| bits | 1 << trial);
        self.mark(&ends, reached);
        self.add(&ends, reached, trials, &mut block.sums);
        block
    }

    /// Takes the drawn work over; lanes beyond the last trial have none.
    #[inline(always)]
    fn take(&mut self, drawn: &Drawn) {
        for (line, &activity) in self.uncertain.iter().enumerate() {
            let work = &mut self.work[activity as usize];
            match <&[f64; LANES]>::try_from(self.sampler.minutes(drawn, line)) {
                Ok(minutes) => {
                    for (work, &minutes) in work.iter_mut().zip(minutes) {
                        *work = whole(minutes);
                    }
                }
                Err(_) => {
                    *work = [0; LANES];
                    let drawn = self.sampler.minutes(drawn, line).iter();
                    work.iter_mut().zip(drawn).for_each(|(work, &drawn)| *work = whole(drawn));
                }
            }
        }
    }

    /// The forward pass; gives the last finish of all.
    #[inline(always)]
    fn forward(&mut self) -> Lanes {
        let mut ends = [i64::MIN; LANES];
        for at in 0..self.steps.len() {
            let step = self.steps[at];
            let activity = step.activity as usize;
            if step.way == Way::Plain {
                let mut begins = [step.earliest; LANES];
                for link in &self.links[step.links.0 as usize..step.links.1 as usize] {
                    later(&mut begins, &self.finish[link.from as usize]);
                }
                let mut over = begins;
                for (over, &work) in over.iter_mut().zip(&self.work[activity]) {
                    *over = (*over + work).min(Minute::NEVER.0);
                }
                (self.start[activity], self.finish[activity]) = (begins, over);
            } else {
                self.place(step);
            }
            later(&mut ends, &self.finish[activity]);
        }
        ends
    }

    /// What [`cpm::place`] does, for each lane; what is under way goes on as in the engine.
    fn place(&mut self, step: Step) {
        let (plan, at) = (self.plan, step.activity as usize);
        let this = &plan.activities[at];
        if let Progress::Finished { start, finish } = this.progress {
            (self.start[at], self.finish[at]) = ([start.0; LANES], [finish.0; LANES]);
            return;
        }
        let (mut logic, mut held) = ([step.earliest; LANES], [Minute::MIN.0; LANES]);
        for link in &self.links[step.links.0 as usize..step.links.1 as usize] {
            let dates = if link.kind.from_finish() { &self.finish } else { &self.start };
            let bounded = if link.kind.bounds_finish() { &mut held } else { &mut logic };
            let dates = &dates[link.from as usize];
            if link.lag == Span::ZERO {
                later(bounded, dates);
                continue;
            }
            for (bounded, &date) in bounded.iter_mut().zip(dates) {
                let bound = cpm::shift(plan, link.lag_calendar, Minute(date), link.lag);
                *bounded = (*bounded).max(bound.0);
            }
        }
        let work = &self.work[at];
        let (start, finish) = (&mut self.start[at], &mut self.finish[at]);
        for lane in 0..LANES {
            let (mut logic, held) = (Minute(logic[lane]), Minute(held[lane]));
            let work = Span(work[lane]);
            if held > Minute::MIN {
                logic = logic.max(cpm::latest_start(plan, this, held, work));
            }
            // What is under way and has nothing left is over at the data date, closed time or not.
            let goes_on = this.began().is_some() && this.delay == Span::ZERO;
            let resumes = match goes_on && logic == plan.data_date() {
                true => logic,
                false => cpm::settle(plan, this, logic),
            };
            start[lane] = this.began().unwrap_or(resumes).0;
            finish[lane] = cpm::ends(plan, this.calendar, resumes, work).max(held).0;
        }
    }

    /// The row of each trial.
    fn rows(&self, ends: &Lanes, trials: usize, values: &mut [i64]) {
        let milestones = self.outcome.milestones.iter().map(|&at| &self.finish[at as usize]);
        for (dates, out) in std::iter::once(ends).chain(milestones).zip(values.chunks_mut(trials)) {
            for (out, &date) in out.iter_mut().zip(dates) {
                *out = date_value(Minute(date), Minute::NEVER);
            }
        }
    }

    /// Marks the longest paths as `LongestPath` does, in the trials that reach their end.
    fn mark(&mut self, ends: &Lanes, reached: u64) {
        wide(
            #[inline(always)]
            || {
                for (mark, finish) in self.marks.iter_mut().zip(&self.finish) {
                    *mark = same(finish, ends) & reached;
                }
            },
        );
        for at in (0..self.steps.len()).rev() {
            let step = self.steps[at];
            let marks = self.marks[step.activity as usize];
            match step.way {
                Way::Over => {}
                Way::Plain => self.mark_plain(step, marks),
                Way::Any => lanes_of(marks).for_each(|lane| self.mark_any(step, lane)),
            }
        }
    }

    /// Every link that sets the start is on a longest path; where none does, the run's start or a
    /// date did.
    fn mark_plain(&mut self, step: Step, marks: u64) {
        let start = &self.start[step.activity as usize];
        for link in &self.links[step.links.0 as usize..step.links.1 as usize] {
            let finish = &self.finish[link.from as usize];
            let met = lanes_of(marks)
                .fold(0, |met, lane| met | u64::from(finish[lane] == start[lane]) << lane);
            self.marks[link.from as usize] |= met;
        }
    }

    fn mark_any(&mut self, step: Step, lane: usize) {
        let (plan, at) = (self.plan, step.activity as usize);
        let this = &plan.activities[at];
        let work = Span(self.work[at][lane]);
        let placed = (Minute(self.start[at][lane]), Minute(self.finish[at][lane]));
        let links = &self.links[step.links.0 as usize..step.links.1 as usize];
        let bound = |link: &Link| {
            let dates = if link.kind.from_finish() { &self.finish } else { &self.start };
            let date = Minute(dates[link.from as usize][lane]);
            cpm::shift(plan, link.lag_calendar, date, link.lag)
        };
        // A start that no link asks for was set by a date or by the start of the run.
        let driven = this.began().is_some()
            || links.iter().any(|link| {
                let bound = bound(link);
                let asked = match link.kind.bounds_finish() {
                    true => cpm::latest_start(plan, this, bound, work),
                    false => bound,
                };
                asked.0 >= step.earliest
            });
        if !driven {
            return;
        }
        for link in links {
            if is_met(plan, link, bound(link), work, placed) {
                self.marks[link.from as usize] |= 1 << lane;
            }
        }
    }

    /// Adds all trials to the sums, as [`Outcome::add`] does one.
    fn add(&self, ends: &Lanes, reached: u64, trials: usize, sums: &mut [i128]) {
        let (of_target, critical, lines) = self.outcome.parts(sums);
        let mut since = [0; LANES];
        for lane in lanes_of(reached) {
            since[lane] = (Minute(ends[lane]) - self.plan.start).0;
            let since = i128::from(since[lane]);
            of_target[0] += 1;
            of_target[1] += since;
            of_target[2] += since * since;
        }
        for (sum, mark) in critical.iter_mut().zip(&self.marks) {
            *sum += i128::from(mark.count_ones());
        }
        let narrow = reached.count_ones() as usize == trials
            && since.iter().all(|since| (-TARGET_MAX..TARGET_MAX).contains(since));
        let lines = self.uncertain.iter().zip(lines);
        let of_lines = lines.map(|(&activity, sums)| (&self.work[activity as usize], sums));
        wide(
            #[inline(always)]
            || {
                for (work, sums) in of_lines {
                    let parts = if narrow {
                        products(work, &since).map(i128::from)
                    } else {
                        wide_products(work, &since, reached)
                    };
                    for (sum, part) in sums.iter_mut().zip(parts) {
                        *sum += part;
                    }
                }
            },
        );
    }
}

fn way(activity: &Activity, links: &[&Link]) -> Way {
    if activity.is_finished() {
        return Way::Over;
    }
    let plain = |link: &&Link| {
        link.lag == Span::ZERO && link.kind.from_finish() && !link.kind.bounds_finish()
    };
    let begins = activity.calendar == 0 && activity.delay == Span::ZERO;
    let open = activity.progress == Progress::Open;
    if begins && open && links.iter().all(plain) { Way::Plain } else { Way::Any }
}

#[inline(always)]
fn later(dates: &mut Lanes, than: &Lanes) {
    for (date, &than) in dates.iter_mut().zip(than) {
        *date = (*date).max(than);
    }
}

/// A bit for each lane in which two are the same.
#[inline(always)]
fn same(left: &Lanes, right: &Lanes) -> u64 {
    let mut bits = 0;
    for lane in 0..LANES {
        bits |= u64::from(left[lane] == right[lane]) << lane;
    }
    bits
}

/// Sums of the minutes, of their squares, and of the minutes times those of the target.
#[inline(always)]
fn products(minutes: &Lanes, since: &Lanes) -> [i64; 3] {
    let [mut sum, mut squares, mut both] = [0; 3];
    for (&minutes, &since) in minutes.iter().zip(since) {
        sum += minutes;
        squares += minutes * minutes;
        both += minutes * since;
    }
    [sum, squares, both]
}

/// The same of some lanes, however large the target is.
fn wide_products(minutes: &Lanes, since: &Lanes, lanes: u64) -> [i128; 3] {
    let [mut sum, mut squares, mut both] = [0; 3];
    for lane in lanes_of(lanes) {
        let (minutes, since) = (i128::from(minutes[lane]), i128::from(since[lane]));
        sum += minutes;
        squares += minutes * minutes;
        both += minutes * since;
    }
    [sum, squares, both]
}

/// The lanes whose bits are set, ascending.
#[inline(always)]
fn lanes_of(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lane = bits.trailing_zeros() as usize;
        bits &= bits.wrapping_sub(1);
        (lane < LANES).then_some(lane)
    })
}
