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
use super::sample::{Drawn, MINUTES_MAX, Sampler};
use crate::chance::wide;
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
    works: Works,
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
    /// Whether the end of time has to be looked at.
    capped: bool,
    /// Whether nothing plain follows it, so that its finish may be the last of all.
    last: bool,
}

/// Work left by activity.
#[derive(Default)]
struct Works {
    /// Where it is drawn for a whole stretch, among the lines; [`NO_LINE`] if it never is.
    lines: Vec<u32>,
    /// What is left where nothing is drawn, or of a part of a stretch what was.
    kept: Vec<Lanes>,
}

const NO_LINE: u32 = u32::MAX;

/// Work left by activity in the trials of one stretch.
#[derive(Clone, Copy)]
struct Work<'w> {
    works: &'w Works,
    /// Of a whole stretch line by line as it was drawn, of a part of one nothing.
    drawn: &'w [Lanes],
}

impl<'w> Work<'w> {
    #[inline(always)]
    fn of(self, activity: u32) -> &'w Lanes {
        let line = self.works.lines[activity as usize];
        match self.drawn.get(line as usize) {
            Some(drawn) => drawn,
            None => &self.works.kept[activity as usize],
        }
    }
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
            && site.uncertainty.slips.is_empty()
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
                capped: true,
                last: true,
            }
        });
        let steps = steps.collect();
        let count = plan.activities.len();
        let uncertain: Vec<u32> = sampler.activities().collect();
        let mut lines = vec![NO_LINE; count];
        for (line, &activity) in (0..).zip(&uncertain) {
            lines[activity as usize] = line;
        }
        let kept = plan.likely_work().into_iter().map(|work| [work.0; LANES]).collect();
        let mut batch = Batch {
            plan,
            sampler,
            outcome,
            steps,
            links,
            uncertain,
            works: Works { lines, kept },
            start: vec![[0; LANES]; count],
            finish: vec![[0; LANES]; count],
            marks: vec![0; count],
        };
        batch.see_ends();
        batch
    }

    /// Finds out which finishes may be the last, and which cannot come near the end of time.
    fn see_ends(&mut self) {
        let count = self.steps.len();
        let (mut latest, mut followed) = (vec![Minute::NEVER.0; count], vec![false; count]);
        for step in &mut self.steps {
            let at = step.activity as usize;
            if step.way != Way::Plain {
                continue;
            }
            let mut begins = step.earliest;
            for link in &self.links[step.links.0 as usize..step.links.1 as usize] {
                begins = begins.max(latest[link.from as usize]);
                followed[link.from as usize] = true;
            }
            let likely = self.works.kept[at][0];
            let drawn = self.works.lines[at] != NO_LINE;
            let work = if drawn { likely.max(MINUTES_MAX as i64) } else { likely };
            latest[at] = begins.saturating_add(work);
            step.capped = latest[at] >= Minute::NEVER.0;
        }
        for step in &mut self.steps {
            step.last = !followed[step.activity as usize];
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
        let mut works = std::mem::take(&mut self.works);
        let mut whole: &[Lanes] = &[];
        if trials == LANES {
            whole = drawn.minutes().as_chunks().0;
        } else {
            self.keep(drawn, &mut works);
        }
        let work = Work { works: &works, drawn: whole };
        let ends = wide(
            #[inline(always)]
            || self.forward(work),
        );
        self.rows(&ends, trials, &mut block.values);
        let reached = (0..trials).filter(|&trial| has_value(block.values[trial]));
        let reached = reached.fold(0_u64, |bits, trial| bits | 1 << trial);
        wide(
            #[inline(always)]
            || self.mark(work, &ends, reached),
        );
        self.add(work, &ends, reached, trials, &mut block.sums);
        self.works = works;
        block
    }

    /// Keeps what was drawn for a part of a stretch; lanes beyond the last trial have no work.
    fn keep(&self, drawn: &Drawn, works: &mut Works) {
        for (line, &activity) in self.uncertain.iter().enumerate() {
            let kept = &mut works.kept[activity as usize];
            *kept = [0; LANES];
            kept[..drawn.trials].copy_from_slice(self.sampler.minutes(drawn, line));
        }
    }

    /// The forward pass; gives the last finish of all.
    #[inline(always)]
    fn forward(&mut self, work: Work<'_>) -> Lanes {
        let mut ends = [i64::MIN; LANES];
        for at in 0..self.steps.len() {
            let step = self.steps[at];
            let activity = step.activity as usize;
            if step.way == Way::Plain {
                let begins = self.begins(step);
                let work = work.of(step.activity);
                let dates = self.start[activity].iter_mut().zip(&mut self.finish[activity]);
                for ((start, finish), (&begins, &work)) in dates.zip(begins.iter().zip(work)) {
                    (*start, *finish) = (begins, begins + work);
                }
                if step.capped {
                    let finish = &mut self.finish[activity];
                    finish.iter_mut().for_each(|over| *over = (*over).min(Minute::NEVER.0));
                }
            } else {
                self.place(step, work.of(step.activity));
            }
            if step.last {
                later(&mut ends, &self.finish[activity]);
            }
        }
        ends
    }

    /// When all that a plain activity follows has finished.
    #[inline(always)]
    fn begins(&self, step: Step) -> Lanes {
        let mut begins = [step.earliest; LANES];
        let links = &self.links[step.links.0 as usize..step.links.1 as usize];
        let Some((first, others)) = links.split_first() else { return begins };
        for (begins, &date) in begins.iter_mut().zip(&self.finish[first.from as usize]) {
            *begins = date.max(step.earliest);
        }
        for link in others {
            later(&mut begins, &self.finish[link.from as usize]);
        }
        begins
    }

    /// What [`cpm::place`] does, for each lane; what is under way goes on as in the engine.
    fn place(&mut self, step: Step, work: &Lanes) {
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
        let (start, finish) = (&mut self.start[at], &mut self.finish[at]);
        for lane in 0..LANES {
            let (mut logic, held) = (Minute(logic[lane]), Minute(held[lane]));
            let work = Span(work[lane]);
            if held > Minute::MIN {
                logic = logic.max(cpm::latest_start(plan, this, held, work));
            }
            let resumes = cpm::resumes(plan, this, logic);
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
    ///
    /// What something plain follows ends last only with what follows it, and the link between them
    /// is met.
    #[inline(always)]
    fn mark(&mut self, work: Work<'_>, ends: &Lanes, reached: u64) {
        self.marks.fill(0);
        for at in (0..self.steps.len()).rev() {
            let step = self.steps[at];
            let activity = step.activity as usize;
            if step.last {
                self.marks[activity] |= same(&self.finish[activity], ends) & reached;
            }
            let marks = self.marks[activity];
            match step.way {
                Way::Over => {}
                Way::Plain if marks == 0 => {}
                Way::Plain => self.mark_plain(step, marks),
                Way::Any => {
                    let work = work.of(step.activity);
                    lanes_of(marks).for_each(|lane| self.mark_any(step, lane, Span(work[lane])));
                }
            }
        }
    }

    /// Every link that sets the start is on a longest path; where none does, the run's start or a
    /// date did.
    #[inline(always)]
    fn mark_plain(&mut self, step: Step, marks: u64) {
        let start = &self.start[step.activity as usize];
        for link in &self.links[step.links.0 as usize..step.links.1 as usize] {
            let finish = &self.finish[link.from as usize];
            self.marks[link.from as usize] |= same(finish, start) & marks;
        }
    }

    fn mark_any(&mut self, step: Step, lane: usize, work: Span) {
        let (plan, at) = (self.plan, step.activity as usize);
        let this = &plan.activities[at];
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
    fn add(&self, work: Work<'_>, ends: &Lanes, reached: u64, trials: usize, sums: &mut [i128]) {
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
        let of_lines = lines.map(|(&activity, sums)| (work.of(activity), sums));
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

/// Sums of the minutes, of their squares, and of the minutes times those of the target, where all
/// of them fit in 32 bits: products of such are one instruction.
#[inline(always)]
fn products(minutes: &Lanes, since: &Lanes) -> [i64; 3] {
    let [mut sum, mut squares, mut both] = [0; 3];
    for (&minutes, &since) in minutes.iter().zip(since) {
        let (minutes, since) = (i64::from(minutes as i32), i64::from(since as i32));
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
