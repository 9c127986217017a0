//! Trials of many parts that share nothing: each runs alone, on whatever thread is free.
//!
//! A part is a site, or the sites of a portfolio that share something. A trial of the portfolio is
//! the same trial of every part: shared factors draw the same in all of them, all else draws its
//! own (semantics R1). Results are put together in the order of the parts, so that they do not
//! depend on the threads.

use std::cell::RefCell;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::row::{Kind, has_value};
use super::run::{STRETCH, Study};
use super::sample::Drawn;
use crate::chance::{Plan, Tables};
use crate::model::Site;
use crate::time::{Day, Minute};
use crate::unit::ItPower;

/// How trials of parts are run.
#[derive(Clone, Copy, Debug)]
pub struct PartsRun {
    /// Seed.
    pub seed: u64,
    /// Trials of each part.
    pub trials: u32,
    /// Threads; at least 1.
    pub threads: usize,
}

/// What the trials of one part say.
#[derive(Clone, Debug, PartialEq)]
pub struct PartResult {
    /// Name of the site or the group.
    pub id: String,
    /// The day on which all of it is online, at 50 and at 80 in 100; `None` where that never is.
    pub all_online: [Option<Minute>; 2],
    /// Starts and finishes of all trials.
    pub events: u64,
}

/// What the trials of all parts say.
#[derive(Clone, Debug, PartialEq)]
pub struct PartsResult {
    /// By part, in their order.
    pub parts: Vec<PartResult>,
    /// The last day of each month with the online IT power of all parts, at 10, 50 and 90 in 100.
    pub online: Vec<(Day, [ItPower; 3])>,
}

/// Online IT power by month and trial, summed over parts.
struct Months {
    /// Month number of the first.
    first: i64,
    /// What came on in the month, by month, then trial, in watts.
    more: Vec<Vec<i64>>,
}

/// Runs trials of all parts; `done` hears how many parts are over.
///
/// Cost: memory for one part a thread, and 8 bytes a month and trial a thread.
pub fn run_parts(parts: &[Site], how: PartsRun, done: &(dyn Fn(usize) + Sync)) -> PartsResult {
    let first = parts.iter().map(|site| site.plan.first_day().month_number()).min().unwrap_or(0);
    let next = AtomicUsize::new(0);
    let over = AtomicUsize::new(0);
    let told = Mutex::new((vec![None; parts.len()], Vec::<Months>::new()));
    std::thread::scope(|scope| {
        for _ in 0..how.threads.max(1) {
            scope.spawn(|| {
                let mut months = Months { first: i64::from(first), more: Vec::new() };
                let (tables, mut results) = (RefCell::default(), Vec::new());
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(site) = parts.get(at) else { break };
                    results.push((at, run_part(site, how, &tables, &mut months)));
                    done(over.fetch_add(1, Ordering::Relaxed) + 1);
                }
                let mut told = told.lock().expect("no thread panicked");
                results.into_iter().for_each(|(at, result)| told.0[at] = Some(result));
                told.1.push(months);
            });
        }
    });
    let (results, months) = told.into_inner().expect("no thread panicked");
    PartsResult {
        parts: results.into_iter().flatten().collect(),
        online: percentiles(&months, how.trials),
    }
}

fn run_part(
    site: &Site,
    how: PartsRun,
    tables: &RefCell<Tables>,
    months: &mut Months,
) -> PartResult {
    let study = Study::with_tables(site, how.seed, Plan::Plain, false, tables);
    let layout = &study.outcome.layout;
    let target = layout.index(study.outcome.target()).expect("the row has its target");
    let online = layout.columns.iter().position(|column| column.kind == Kind::Power);
    let mut dates = Vec::with_capacity(how.trials as usize);
    let mut events = 0;
    let mut sums = vec![0; layout.sums];
    let mut trials = study.trials();
    let mut drawn = Drawn::default();
    let mut first = 0;
    while first < how.trials {
        let count = STRETCH.min(how.trials - first);
        study.sampler.fill(first, count as usize, &mut drawn);
        for trial in 0..count as usize {
            let row = trials.run(&drawn, trial, &mut sums);
            dates.push(row[target]);
            if let Some(online) = online {
                let watts = row[online..].iter().zip(&study.outcome.months);
                months.add(watts, first as usize + trial, how.trials);
            }
            events += trials.timeline().events.len() as u64;
        }
        first += count;
    }
    dates.sort_unstable();
    let ranked = |percent: usize| {
        let rank = (dates.len() * percent).div_ceil(100).max(1) - 1;
        dates.get(rank).filter(|&&date| has_value(date)).map(|&date| Minute(date))
    };
    PartResult { id: site.id.clone(), all_online: [ranked(50), ranked(80)], events }
}

impl Months {
    /// Adds what one part has online at the end of its months: what it has at the last it keeps.
    fn add<'w>(
        &mut self,
        row: impl Iterator<Item = (&'w i64, &'w Day)>,
        trial: usize,
        trials: u32,
    ) {
        let mut before = 0;
        for (&watts, until) in row {
            if watts == before {
                continue;
            }
            let month = (i64::from(until.month_number()) - self.first) as usize;
            if self.more.len() <= month {
                self.more.resize_with(month + 1, Vec::new);
            }
            let of = &mut self.more[month];
            if of.is_empty() {
                of.resize(trials as usize, 0);
            }
            of[trial] += watts - before;
            before = watts;
        }
    }
}

/// Sums what the threads have by month and trial, and ranks it.
fn percentiles(threads: &[Months], trials: u32) -> Vec<(Day, [ItPower; 3])> {
    let Some(first) = threads.first().map(|months| months.first) else { return Vec::new() };
    let longest = threads.iter().map(|months| months.more.len()).max().unwrap_or(0);
    let mut online = vec![0_i64; trials as usize];
    let mut ranks = Vec::with_capacity(longest);
    for month in 0..longest {
        for more in threads.iter().filter_map(|months| months.more.get(month)) {
            online.iter_mut().zip(more).for_each(|(online, more)| *online += more);
        }
        let mut sorted = online.clone();
        sorted.sort_unstable();
        let ranked = |percent: usize| {
            let rank = (sorted.len() * percent).div_ceil(100).max(1) - 1;
            ItPower(sorted.get(rank).copied().unwrap_or(0))
        };
        let until = Day(0).add_months((first + month as i64) as i32 - 12 * 1970);
        ranks.push((until + -1, [10, 50, 90].map(ranked)));
    }
    ranks
}
