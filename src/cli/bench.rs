//! `energize bench`: how long a fixed study takes on this machine, over portfolios of many sizes.

use std::time::Instant;

use super::{Error, Outcome, Screen};
use crate::capacity::Ramp;
use crate::chance::ln;
use crate::exchange::synthetic;
use crate::model::{Input, Site, load_parts};
use crate::report::{findings_text, tables};
use crate::risk::{PartsRun, run_parts};
use crate::{engine, ledger};

/// Measure a fixed study over synthetic portfolios: reading, one trial with books, many with dates
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  energize bench
  energize bench --sites 1000 --trials 1000")]
pub struct Args {
    /// Sizes of the portfolios
    #[arg(long, value_name = "N,...", value_delimiter = ',', default_value = "10,100,1000,10000",
        value_parser = clap::value_parser!(u32).range(1..=100_000))]
    sites: Vec<u32>,
    /// Trials of each site, dates and capacity; one trial with books comes before them
    #[arg(long, default_value_t = 1_000, value_name = "N")]
    trials: u32,
    /// Largest portfolio that the trials are run for
    #[arg(long, default_value_t = 1_000, value_name = "N")]
    trials_up_to: u32,
    /// Threads; as many as there are processors by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_024))]
    threads: Option<u32>,
    /// Seed
    #[arg(long, default_value_t = 1, value_name = "SEED")]
    seed: u64,
}

/// What one size took.
struct Measured {
    sites: u32,
    bytes: usize,
    parts: usize,
    activities: usize,
    read: f64,
    one: f64,
    events: u64,
    trials: Option<(f64, u64)>,
    peak: Option<u64>,
}

/// Measures and prints.
///
/// # Errors
///
/// A closed pipe.
pub fn run(args: &Args, screen: &Screen) -> Result<Outcome, Error> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = args.threads.map_or(processors, |threads| threads as usize);
    let mut measured = Vec::new();
    for &sites in &args.sites {
        match measure(args, sites, threads) {
            Ok(of) => measured.push(of),
            Err(told) => {
                screen.diagnostic(&told)?;
                return Ok(Outcome::BadInput);
            }
        }
        if !screen.is_quiet() {
            screen.diagnostic(&format!("{sites} sites done\n"))?;
        }
    }
    screen.result(&table(&measured, threads))?;
    Ok(Outcome::Fine)
}

fn measure(args: &Args, sites: u32, threads: usize) -> Result<Measured, String> {
    let text = synthetic::portfolio_text(sites, args.seed).into_bytes();
    let bytes = text.len();
    let begun = now();
    let input = Input { name: format!("{sites} sites"), text, ..Input::default() };
    let loaded = load_parts(input);
    let Some(parts) = loaded.parts else {
        return Err(findings_text(&loaded.sources, &loaded.findings));
    };
    let read = begun.elapsed().as_secs_f64();
    let begun = now();
    let events = one_trial(&parts, threads);
    let one = begun.elapsed().as_secs_f64();
    let trials = (sites <= args.trials_up_to).then(|| {
        let begun = now();
        let how = PartsRun { seed: args.seed, trials: args.trials, threads };
        let result = run_parts(&parts, how, &|_| ());
        let events = result.parts.iter().map(|part| part.events).sum();
        (begun.elapsed().as_secs_f64(), events)
    });
    let activities = parts.iter().map(|site| site.plan.activities.len()).sum();
    let parts = parts.len();
    Ok(Measured { sites, bytes, parts, activities, read, one, events, trials, peak: peak() })
}

/// The clock: times are what this verb is about, and no result depends on them.
#[expect(clippy::disallowed_methods, reason = "only what is measured reads it")]
fn now() -> Instant {
    Instant::now()
}

/// The likely trial of every part with its capacity and books; how many events it had.
fn one_trial(parts: &[Site], threads: usize) -> u64 {
    let each = parts.len().div_ceil(threads.max(1)).max(1);
    let run = |site: &Site| {
        let timeline = engine::run_site(site);
        let ramp = Ramp::of(site, &timeline);
        let books = ledger::run(site, &timeline, false);
        assert!(books.months.len() + ramp.steps.len() > 0, "a site has books or capacity");
        timeline.events.len() as u64
    };
    std::thread::scope(|scope| {
        let chunks = parts.chunks(each);
        let running: Vec<_> =
            chunks.map(|chunk| scope.spawn(move || chunk.iter().map(run).sum::<u64>())).collect();
        running.into_iter().map(|thread| thread.join().expect("no panic")).sum()
    })
}

/// Most memory that the program has held so far, in bytes, where the system tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes * 1_024)
}

fn table(measured: &[Measured], threads: usize) -> String {
    let row = |of: &Measured| {
        let (seconds, events) = of.trials.map_or((None, None), |(seconds, events)| {
            let rate = events as f64 / seconds / threads as f64 / 1e6;
            (Some(format!("{seconds:.2}")), Some(format!("{rate:.1}")))
        });
        let peak = of.peak.map(|peak| format!("{:.0}", peak as f64 / 1e6));
        vec![
            tables::grouped(u64::from(of.sites)),
            tables::grouped(of.activities as u64),
            tables::grouped(of.parts as u64),
            format!("{:.1}", of.bytes as f64 / 1e6),
            format!("{:.2}", of.read),
            format!("{:.2}", of.one),
            tables::grouped(of.events),
            seconds.unwrap_or_default(),
            events.unwrap_or_default(),
            peak.unwrap_or_default(),
        ]
    };
    let heads = [
        "sites",
        "activities",
        "parts",
        "MB of text",
        "read s",
        "one trial s",
        "events",
        "trials s",
        "million events/s/core",
        "peak MB so far",
    ];
    let rows = measured.iter().map(row).collect();
    let mut text = tables::table(&heads, 0, rows);
    for pair in measured.windows(2) {
        let [small, large] = pair else { continue };
        let time = |of: &Measured| of.read + of.one;
        let exponent = ln(time(large) / time(small)) / ln(f64::from(large.sites / small.sites));
        text.push_str(&format!(
            "  from {} to {} sites: reading and one trial grow as sites to the power {exponent:.2}\n",
            small.sites, large.sites
        ));
    }
    text
}
