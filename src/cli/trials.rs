//! Trials on the command line: what the verbs that run them share.

use std::cell::Cell;
use std::fs::File;
use std::io::IsTerminal;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Error, Screen};
use crate::chance::StreamId;
use crate::model::{Loaded, Site};
use crate::report::{self, DateCurve};
use crate::risk::statistics::{Ranked, next_look};
use crate::risk::{self, Driver, Meta, Overall, RankTornado, Store, Study, Workers, run_trials};
use crate::time::Minute;
use crate::unit::Share;

/// Memory for rows of trials in MB; beyond it they go to a temporary file.
pub const MEMORY_MB: usize = 512;
/// Trials of which each cause is taken out, at most.
pub const REMOVAL_TRIALS: u32 = 1_000;
/// Drivers that are tried one at a time beside the causes.
const TRIED_ALONE: usize = 10;
/// Drivers that go with the date most and are tried without, beside the causes.
const REMOVED_MAX: usize = 5;
/// Points of a curve of dates, at most: closer than a line of a chart is wide.
const CURVE_POINTS_MAX: usize = 200;

/// As many threads as are asked for, or as the machine has.
pub fn threads(asked: Option<usize>) -> usize {
    let machine = std::thread::available_parallelism().map_or(1, usize::from);
    asked.unwrap_or(machine).max(1)
}

/// So many hundredths.
pub fn percent(p: i64) -> Share {
    Share(p * Share::ONE.0 / 100)
}

/// A fingerprint of everything that was read and of what changes the rows.
pub fn fingerprint(loaded: &Loaded, dates_only: bool) -> String {
    let mut text = format!("{dates_only}");
    for source in loaded.sources.parts() {
        text += &format!(" {:016x}", StreamId::of(&source.text).0);
    }
    format!("{:016x}", StreamId::of(&text).0)
}

/// Keeps rows in memory up to so many MB, and in a temporary file beyond that.
///
/// # Errors
///
/// A temporary file cannot be made.
pub fn scratch(meta: Meta, memory_mb: usize) -> Result<Store<File>, Error> {
    let failed = |source| Error::Write { path: std::env::temp_dir(), source };
    let file = tempfile::tempfile().map_err(failed)?;
    Ok(Store::create(meta, file, memory_mb.saturating_mul(1 << 20))?)
}

/// How precisely a percentile of the target date is to be known.
#[derive(Clone, Copy, Debug)]
pub struct Precision {
    /// Which percentile.
    pub percentile: Share,
    /// Width of its 95 % interval, in minutes.
    pub minutes: i64,
}

/// Runs all trials that are missing, as many as are needed where a precision is asked for; whether
/// Ctrl-C stopped them.
///
/// # Errors
///
/// The store cannot be written.
pub fn run_all(
    study: &Study<'_>,
    store: &mut Store<File>,
    until: u32,
    threads: usize,
    precision: Option<Precision>,
    screen: &Screen,
) -> Result<bool, Error> {
    let stop = stop();
    let bar = progress(until.into(), "trials", screen);
    bar.set_position(store.next_trial().into());
    bar.reset_eta();
    let told = |next: u32| bar.set_position(next.into());
    let workers = Workers { threads, stop, progress: &told, reversed: false };
    match precision {
        None => run_trials(study, store, until, &workers)?,
        Some(precision) => {
            while store.next_trial() < until && !stop.load(Ordering::Relaxed) {
                let look = next_look(store.next_trial()).min(until);
                run_trials(study, store, look, &workers)?;
                let ranked = Ranked::new(store.column(study.outcome.target())?);
                if ranked.converged(precision.percentile, precision.minutes) {
                    break;
                }
            }
        }
    }
    bar.finish_and_clear();
    Ok(stop.load(Ordering::Relaxed) && store.next_trial() < until)
}

/// Whether Ctrl-C was pressed since this was first asked.
pub fn stop() -> &'static AtomicBool {
    static STOP: AtomicBool = AtomicBool::new(false);
    static HANDLER: Once = Once::new();
    // Without a handler Ctrl-C ends the program at once, which is no worse.
    HANDLER.call_once(|| drop(ctrlc::set_handler(|| STOP.store(true, Ordering::Relaxed))));
    &STOP
}

/// Rate and time left on a terminal; nothing in a pipe.
fn progress(until: u64, what: &str, screen: &Screen) -> ProgressBar {
    let seen = std::io::stderr().is_terminal() && !screen.is_quiet();
    let target = if seen { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(until), target);
    let style =
        format!("{{bar:30}} {{human_pos}} of {{human_len}} {what}, {{per_sec}}, {{eta}} left");
    bar.with_style(ProgressStyle::with_template(&style).expect("a template that is always read"))
}

/// What each cause costs of a percentile, with progress; stopped by Ctrl-C, those that are
/// complete, and that it was stopped is said.
///
/// # Errors
///
/// When the disk fails.
pub fn cost_of_causes(
    study: &Study<'_>,
    (trials, p): (u32, Share),
    (causes, money): (&[Driver], &[&str]),
    threads: usize,
    screen: &Screen,
) -> Result<risk::Removals, Error> {
    // One run with all of them, and one without each.
    let runs = causes.len() as u64 + 1;
    let bar = progress(runs * u64::from(trials), "trials without one cause each", screen);
    let (done, last) = (Cell::new(0), Cell::new(0));
    let told = |next: u32| {
        if next < last.get() {
            done.set(done.get() + u64::from(trials));
        }
        last.set(next);
        bar.set_position(done.get() + u64::from(next));
    };
    let workers = Workers { threads, stop: stop(), progress: &told, reversed: false };
    let removals = risk::removals(study, 0..trials, p, causes, money, &workers)?;
    bar.finish_and_clear();
    if removals.removals.len() < causes.len() {
        let line = format!(
            "stopped: {} of {} causes were tried without\n",
            removals.removals.len(),
            causes.len()
        );
        screen.diagnostic(&line)?;
    }
    Ok(removals)
}

/// The amounts that drivers are also asked about, as far as trials have them.
pub fn money_asked(study: &Study<'_>) -> Vec<&'static str> {
    let columns = ["cost.capital", "dscr.least"];
    let layout = &study.outcome.layout;
    columns.into_iter().filter(|name| layout.index(name).is_some()).collect()
}

/// The column of the year whose revenue is least certain, if any is uncertain.
fn uncertain_year(overall: &Overall) -> Option<String> {
    let years = overall
        .money
        .iter()
        .filter(|of| of.name.strip_prefix("revenue:").is_some_and(|period| period.len() == 4));
    let spread = |of: &&risk::ColumnSummary| match &of.standard_deviation {
        Some(risk::summary::Value::Money { amount }) => amount.parse::<f64>().unwrap_or(0.0),
        _ => 0.0,
    };
    let widest = years.max_by(|a, b| spread(a).total_cmp(&spread(b)))?;
    (spread(&widest) > 0.0).then(|| widest.name.clone())
}

/// The drivers that go with the date and, where debt is served, with the least cover.
///
/// # Errors
///
/// When the disk fails.
pub fn rank_tornados(
    study: &Study<'_>,
    store: &mut Store<File>,
) -> Result<Vec<RankTornado>, Error> {
    let mut ranks = vec![risk::rank_tornado(study, store, study.outcome.target())?];
    if money_asked(study).contains(&"dscr.least") {
        ranks.push(risk::rank_tornado(study, store, "dscr.least")?);
    }
    Ok(ranks)
}

/// The drivers that are worth trying one at a time: the strongest of a ranking, and every cause.
pub fn tried_alone(site: &Site, ranks: &RankTornado) -> Vec<Driver> {
    let mut top: Vec<Driver> = ranks.drivers.iter().take(TRIED_ALONE).map(|of| of.of).collect();
    let rest = Driver::causes(site).into_iter().filter(|of| !top.contains(of));
    let rest: Vec<Driver> = rest.collect();
    top.extend(rest);
    top
}

/// What figures need to know of trials that were run.
///
/// `drivers` also asks what moves the date: ranks, one at a time, and what each cause and the
/// strongest activities take of the P50 date (dates alone: money follows them in the ranks).
///
/// # Errors
///
/// When the disk fails.
///
/// Cost: without drivers a sort a column; with them as many runs of at most [`REMOVAL_TRIALS`] as
/// there are causes.
pub fn told_by_trials(
    study: &Study<'_>,
    store: &mut Store<File>,
    threads: usize,
    drivers: bool,
    screen: &Screen,
) -> Result<report::Trials, Error> {
    let overall = Overall::of(store)?;
    let curves = date_curves(study, store)?;
    if !drivers {
        let (ranks, swings, removals) = (Vec::new(), None, None);
        return Ok(report::Trials { overall, curves, ranks, swings, removals });
    }
    let ranks = rank_tornados(study, store)?;
    let trials = store.trials().min(REMOVAL_TRIALS);
    let top = tried_alone(study.site, &ranks[0]);
    let year = uncertain_year(&overall);
    let money: Vec<&str> = money_asked(study).into_iter().chain(year.as_deref()).collect();
    let swings = risk::one_at_a_time(study, 0..trials, &top, &money);
    let mut causes = Driver::causes(study.site);
    let strongest = ranks[0].drivers.iter().filter(|of| of.spearman.abs() > ranks[0].by_chance);
    let strongest = strongest.map(|of| of.of).filter(|of| !causes.contains(of));
    let strongest: Vec<Driver> = strongest.take(REMOVED_MAX).collect();
    causes.extend(strongest);
    let removals = cost_of_causes(study, (trials, percent(50)), (&causes, &[]), threads, screen)?;
    let (swings, removals) = (Some(swings), Some(removals));
    Ok(report::Trials { overall, curves, ranks, swings, removals })
}

/// The distributions of the dates that people ask for: all online (or finished), halls, stages.
fn date_curves(study: &Study<'_>, store: &mut Store<File>) -> Result<Vec<DateCurve>, Error> {
    let site = study.site;
    let id = |activity: u32| format!("finish:{}", site.plan.activities[activity as usize].id);
    let mut names: Vec<String> =
        ["first", "half", "all"].iter().map(|share| format!("online.{share}")).collect();
    names.push("finish".into());
    names.extend(site.halls.iter().map(|hall| id(hall.ready)));
    names.extend(site.stages.iter().map(|stage| id(stage.activity)));
    names.retain(|name| study.outcome.layout.index(name).is_some());
    let mut curves = Vec::with_capacity(names.len());
    for column in names {
        if !curves.iter().any(|curve: &DateCurve| curve.column == column) {
            let points = curve_points(store.column(&column)?);
            curves.push(DateCurve { column, points });
        }
    }
    Ok(curves)
}

/// Date and share of trials by then, of some 200 dates: the first, the last, the percentiles that
/// are marked, and between them those at even ranks.
fn curve_points(mut dates: Vec<i64>) -> Vec<(Minute, f64)> {
    let trials = dates.len();
    dates.retain(|&date| risk::has_value(date));
    dates.sort_unstable();
    let share = |rank: usize| (rank + 1) as f64 / trials as f64;
    let Some(last) = dates.len().checked_sub(1) else { return Vec::new() };
    let steps = last.min(CURVE_POINTS_MAX - 1);
    let mut ranks: Vec<usize> = (0..=steps).map(|at| last * at / steps.max(1)).collect();
    // As semantics R5 counts them: the smallest date by which so many trials have it.
    let marked = report::MARKED.iter().map(|&p| (p as usize * trials).div_ceil(100).max(1) - 1);
    ranks.extend(marked.filter(|&rank| rank < last));
    ranks.sort_unstable();
    // Of equal dates the last has the share of all of them.
    for rank in &mut ranks {
        *rank = dates.partition_point(|&date| date <= dates[*rank]) - 1;
    }
    ranks.dedup();
    ranks.into_iter().map(|rank| (Minute(dates[rank]), share(rank))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::risk::NEVER;

    #[test]
    fn a_curve_ends_at_the_share_of_trials_in_which_the_date_comes() {
        let points = curve_points(vec![50, 10, NEVER, 10]);
        assert_eq!(points, [(Minute(10), 0.5), (Minute(50), 0.75)]);
        assert_eq!(curve_points(vec![NEVER]), []);
        assert_eq!(curve_points(vec![7]), [(Minute(7), 1.0)]);
    }

    #[test]
    fn a_long_curve_keeps_its_ends_and_no_more_points_than_a_line_needs() {
        let points = curve_points((0..10_000).rev().collect());
        assert_eq!(points.len(), CURVE_POINTS_MAX + report::MARKED.len());
        assert_eq!(points[0], (Minute(0), 0.0001));
        assert_eq!(points[203], (Minute(9_999), 1.0));
        for (p, date) in [(0.1, 999), (0.5, 4_999), (0.8, 7_999), (0.9, 8_999)] {
            let first = points.iter().find(|point| point.1 >= p - 1e-12);
            assert_eq!(first, Some(&(Minute(date), p)), "the date of the percentile itself");
        }
    }
}
