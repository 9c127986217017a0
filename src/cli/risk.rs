//! `energize risk`: thousands of trials of one site.

use std::fs::{File as DiskFile, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use super::folder::{self, File};
use super::run::{self, Shown};
use super::site::{SiteArgs, show_findings};
use super::trials::{self, MEMORY_MB, Precision, fingerprint, percent};
use super::{Error, Outcome, Screen};
use crate::analysis;
use crate::chance::Plan;
use crate::model::Site;
use crate::report;
use crate::risk::statistics::{Bound, Proportion, Ranked, trial_of_percentile};
use crate::risk::{self, Meta, Overall, Store, StoreError, Study};
use crate::spec::quantity::parse_power;
use crate::time::{Day, Length, parse_day, parse_length};

/// Run thousands of trials: dates, power, money and covenants with their probabilities
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Trials depend on the seed and their number alone: any number of threads, shards or interruptions
gives the same bytes.

Examples:
  energize risk sites/london-greenfield.yaml
  energize risk site.yaml --trials 100000 --seed 7 --out results
  energize risk site.yaml --by 2026-03-31 --at-least 200MW --confidence 80%
  energize risk site.yaml --within 2d --percentile 80          # as many trials as that takes
  energize risk site.yaml --trial p80 --out the-p80            # one trial in full
  energize risk site.yaml --trials 1000000 --shard 3/16 --rows part3 && energize merge part*")]
pub struct Args {
    #[command(flatten)]
    site: SiteArgs,
    /// Trials; with --within the most
    #[arg(long, default_value_t = 10_000, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    trials: u32,
    /// Seed of the random streams
    #[arg(long, default_value_t = 1, value_name = "S")]
    seed: u64,
    /// How trials are sampled
    #[arg(long, value_enum, default_value = "plain", value_name = "HOW")]
    sampling: Sampling,
    /// Threads; as many as the machine has where none is given
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Follow dates and power alone, no books
    #[arg(long)]
    dates_only: bool,
    /// Also say how probable it is that all is online (or finished) by this date
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    by: Option<Day>,
    /// With --by: that at least this IT power is online at the end of that month
    #[arg(long, value_name = "POWER", requires = "by")]
    at_least: Option<String>,
    /// With --by: exit with 1 where it is less probable than this, e.g. 80%
    #[arg(long, value_name = "SHARE", requires = "by", value_parser = parse_confidence)]
    confidence: Option<f64>,
    /// Stop once the percentile is known this well: width of its 95% interval
    #[arg(long, value_name = "LENGTH", value_parser = parse_length, conflicts_with = "shard")]
    within: Option<Length>,
    /// The percentile that --within speaks of
    #[arg(long, default_value_t = 80, value_name = "P", value_parser = clap::value_parser!(u8).range(1..100))]
    percentile: u8,
    /// Run one trial in full instead: its number from 1, or the one nearest a percentile (p80)
    #[arg(long, value_name = "K|pNN", conflicts_with_all = ["shard", "within", "rows"])]
    trial: Option<String>,
    /// Run a part of the trials, kept in the file of --rows: 3/16 is the third of sixteen
    #[arg(long, value_name = "K/N", requires = "rows")]
    shard: Option<String>,
    /// Keep the rows of all trials in this file, which `energize merge` and --resume read
    #[arg(long, value_name = "FILE")]
    rows: Option<PathBuf>,
    /// Go on with the file of --rows where it was interrupted
    #[arg(long, requires = "rows")]
    resume: bool,
    /// Memory for rows in MB; beyond it they go to a temporary file
    #[arg(long, default_value_t = MEMORY_MB, value_name = "MB")]
    memory: usize,
    /// Also say what drives date and money: rank correlations, one at a time, what each risk costs
    #[arg(long, conflicts_with = "shard")]
    drivers: bool,
    /// Also compare with the reference class of `risk.outside_view`
    #[arg(long, conflicts_with = "shard")]
    outside_view: bool,
    /// Read `risk.last_mile` in place of every other chance: what projects slip by as a whole
    #[arg(long)]
    prior_only: bool,
    /// Write summary.json and percentiles, drivers, breaches and failures as CSV here
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write into a folder that holds other files; replace the file of --rows
    #[arg(long)]
    force: bool,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

/// How trials are sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Sampling {
    /// Each trial for itself
    Plain,
    /// Every second trial the opposite of the one before
    Antithetic,
    /// Each draw spread evenly over all trials; --within does not go with it
    Latin,
}

impl Args {
    fn plan(&self) -> Plan {
        match self.sampling {
            Sampling::Plain => Plan::Plain,
            Sampling::Antithetic => Plan::Antithetic,
            Sampling::Latin => Plan::Latin { trials: self.trials },
        }
    }
}

/// Names of the files of a result folder.
const FILES: [&str; 5] =
    ["summary.json", "percentiles.csv", "drivers.csv", "breaches.csv", "failures.csv"];

/// Loads, runs trials, prints, writes.
///
/// # Errors
///
/// A file that cannot be read or written, a closed pipe.
pub fn run(args: &Args, screen: &Screen) -> Result<Outcome, Error> {
    let loaded = args.site.load()?;
    show_findings(&loaded, screen)?;
    let Some(site) = &loaded.site else { return Ok(Outcome::BadInput) };
    if args.sampling == Sampling::Latin && args.within.is_some() {
        return screen.refuse("a Latin hypercube has its number of trials: it cannot stop early");
    }
    let inputs = fingerprint(&loaded, args.dates_only);
    if !args.prior_only {
        return trials_of(args, site, inputs, screen);
    }
    match risk::prior_only(site) {
        Some(prior) => trials_of(args, &prior, inputs + "-prior", screen),
        None => screen.refuse("the site states no prior: say `risk.last_mile`"),
    }
}

/// Runs the trials of a site, prints, writes; `inputs` tells them from those of other files.
fn trials_of(args: &Args, site: &Site, inputs: String, screen: &Screen) -> Result<Outcome, Error> {
    let shard = match args.shard.as_deref().map(parse_shard).transpose() {
        Ok(shard) => shard,
        Err(message) => return screen.refuse(&message),
    };
    let study = Study::new(site, args.seed, args.plan(), !args.dates_only);
    let asked = match asked(args, &study) {
        Ok(asked) => asked,
        Err(message) => return screen.refuse(&message),
    };
    if let Some(of) = args.trial.as_deref().filter(|of| !of.starts_with(['p', 'P'])) {
        return match of.parse().ok().filter(|&number: &u32| number >= 1) {
            Some(number) => replay(args, &study, number - 1, screen),
            None => screen.refuse(&format!("expected a trial such as 17 or p80, found `{of}`")),
        };
    }
    let range = match shard {
        Some((number, of)) => risk::shard(args.trials, number, of),
        None => 0..args.trials,
    };
    let meta = study.meta(inputs, args.trials, range.clone());
    let mut store = match open(args, meta)? {
        Ok(store) => store,
        Err(message) => return screen.refuse(&message),
    };
    let stopped = run_all(args, &study, &mut store, range.end, screen)?;
    if store.trials() == 0 {
        screen.diagnostic("stopped before a trial was complete\n")?;
        return Ok(Outcome::Stopped);
    }
    if let Some(of) = args.trial.as_deref() {
        return replay_nearest(args, &study, &mut store, of, screen);
    }
    let mut kept = true;
    match shard {
        Some(_) => {
            let path = args.rows.as_deref().unwrap_or(Path::new(""));
            let line = format!(
                "{}: trials {} to {}\n",
                path.display(),
                range.start + 1,
                store.next_trial()
            );
            screen.result(&line)?;
        }
        None => {
            let more = match more(args, &study, &mut store, screen)? {
                Ok(more) => more,
                Err(message) => return screen.refuse(&message),
            };
            let out = Told { out: args.out.as_deref(), force: args.force, json: args.json };
            kept = tell(&mut store, &out, &asked, &more, screen)?;
        }
    }
    let stopped = stopped || trials::stop().load(Ordering::Relaxed);
    Ok(match (stopped, kept) {
        (true, _) => Outcome::Stopped,
        (false, true) => Outcome::Fine,
        (false, false) => Outcome::No,
    })
}

/// A share such as `80%`.
fn parse_confidence(text: &str) -> Result<f64, String> {
    let percent = text.strip_suffix('%').unwrap_or(text).trim().parse::<f64>();
    let percent = percent.ok().filter(|percent| (0.0..=100.0).contains(percent));
    percent.map(|percent| percent / 100.0).ok_or_else(|| "expected a share such as 80%".into())
}

/// Prints and writes what all trials say; whether all that was asked for is as probable as it was
/// to be.
pub fn tell(
    store: &mut Store<DiskFile>,
    told: &Told<'_>,
    asked: &[Asked],
    more: &More,
    screen: &Screen,
) -> Result<bool, Error> {
    let overall = Overall::of(store)?;
    let mut answers = Vec::with_capacity(asked.len());
    for asked in asked {
        answers.push(Ranked::new(store.column(&asked.column)?).share(asked.bound));
    }
    let enough = |(asked, share): (&Asked, &Proportion)| {
        asked.confidence.is_none_or(|least| share.share.unwrap_or(0.0) >= least)
    };
    let kept = asked.iter().zip(&answers).all(enough);

    let summary = |files: &[&str]| {
        let mut json = report::risk_json(&overall, files);
        for (key, value) in &more.json {
            json[key] = value.clone();
        }
        if !asked.is_empty() {
            let answers = asked.iter().zip(&answers).map(|(asked, share)| {
                serde_json::json!({
                    "what": asked.what,
                    "probability": share,
                    "confidence": asked.confidence,
                })
            });
            json["asked"] = answers.collect();
        }
        format!("{json:#}\n")
    };
    if let Some(out) = told.out {
        let summary = summary(&FILES);
        let files = [
            File::new(FILES[0], summary.into_bytes()),
            File::new(FILES[1], report::percentiles_csv(&overall)),
            File::new(FILES[2], report::drivers_csv(&overall)),
            File::new(FILES[3], report::breaches_csv(&overall)),
            File::new(FILES[4], report::failures_csv(&overall)),
        ];
        folder::write(out, &files, told.force)?;
    }
    if told.json {
        screen.result(&summary(&[]))?;
        return Ok(kept);
    }
    let mut text = report::risk_text(&overall) + &more.text;
    for (asked, share) in asked.iter().zip(&answers) {
        let verdict = match asked.confidence {
            None => String::new(),
            Some(least) => {
                let word = if enough((asked, share)) { "yes" } else { "no" };
                format!("; at least {:.0}%: {word}", least * 100.0)
            }
        };
        text += &format!(
            "{}: {:.1}% (95% interval {:.1}% to {:.1}%){verdict}\n",
            asked.what,
            share.share.unwrap_or(0.0) * 100.0,
            share.low * 100.0,
            share.high * 100.0
        );
    }
    screen.result(&text)?;
    Ok(kept)
}

/// Where the summary goes.
pub struct Told<'a> {
    /// Folder of files.
    pub out: Option<&'a Path>,
    /// Into one that holds other files.
    pub force: bool,
    /// JSON on the screen in place of text.
    pub json: bool,
}

/// What is said beyond the rows.
#[derive(Default)]
pub struct More {
    text: String,
    json: Vec<(&'static str, serde_json::Value)>,
}

/// `--drivers` and `--outside-view`.
fn more(
    args: &Args,
    study: &Study<'_>,
    store: &mut Store<DiskFile>,
    screen: &Screen,
) -> Result<Result<More, String>, Error> {
    let mut more = More::default();
    if args.prior_only {
        more.text += "prior only: likely values and the last-mile slip of `risk.last_mile`\n";
        more.json.push(("prior_only", true.into()));
    } else if !study.site.uncertainty.last_mile.is_empty() {
        more.text += "`risk.last_mile` is not among these chances: it counts the same delays as a \
                      whole; `--prior-only` shows it alone\n";
    }
    if args.outside_view {
        let Some(view) = risk::outside_view(study.site, store)? else {
            let message = "the site names no reference class: say `risk.outside_view: {class: \
                           greenfield, from: ...}`";
            return Ok(Err(message.into()));
        };
        more.text += &report::outside_text(&view);
        let view = serde_json::to_value(&view).expect("plain numbers and texts");
        more.json.push(("outside_view", view));
    }
    if args.drivers {
        let money = trials::money_asked(study);
        let ranks = trials::rank_tornados(study, store)?;
        let causes = risk::Driver::causes(study.site);
        let top = trials::tried_alone(study.site, &ranks[0]);
        let trials = store.trials().min(trials::REMOVAL_TRIALS);
        let swings = risk::one_at_a_time(study, 0..trials, &top, &money);
        let of = (trials, percent(args.percentile.into()));
        let threads = trials::threads(args.threads);
        let removals = trials::cost_of_causes(study, of, (&causes, &money), threads, screen)?;
        more.text += &report::drivers_text(&ranks, &swings, &removals);
        let json = serde_json::json!({
            "ranks": ranks, "one_at_a_time": swings, "removals": removals,
        });
        more.json.push(("drivers", json));
    }
    Ok(Ok(more))
}

/// A probability that was asked for.
pub struct Asked {
    what: String,
    column: String,
    bound: Bound,
    /// How probable it is to be, where that is asked.
    confidence: Option<f64>,
}

/// `--by` and `--at-least`.
fn asked(args: &Args, study: &Study<'_>) -> Result<Vec<Asked>, String> {
    let Some(by) = args.by else { return Ok(Vec::new()) };
    let Some(power) = &args.at_least else {
        let column = study.outcome.target().to_owned();
        let what = match column.as_str() {
            "finish" => format!("everything finished by {by}"),
            _ => format!("all of the IT MW online by {by}"),
        };
        // A date is kept until its day is over.
        let bound = Bound::AtMost((by + 1).start().0);
        return Ok(vec![Asked { what, column, bound, confidence: args.confidence }]);
    };
    let watts = parse_power(power)?;
    let (year, month, _) = by.civil();
    let column = format!("online:{year:04}-{month:02}");
    if study.outcome.layout.index(&column).is_none() {
        return Err(format!("no trial looks at the IT power online at the end of {column}"));
    }
    let what = format!("at least {power} of IT power online at the end of {year:04}-{month:02}");
    let (bound, confidence) = (Bound::AtLeast(watts.0), args.confidence);
    Ok(vec![Asked { what, column, bound, confidence }])
}

/// Runs all trials that are missing, as many as are needed where a precision is asked for; whether
/// they were stopped.
fn run_all(
    args: &Args,
    study: &Study<'_>,
    store: &mut Store<DiskFile>,
    until: u32,
    screen: &Screen,
) -> Result<bool, Error> {
    let width = args.within.map(|length| length.on(&crate::time::Calendar::always()));
    let width = width.transpose().map_err(Error::Length)?;
    let percentile = percent(args.percentile.into());
    let precision = width.map(|width| Precision { percentile, minutes: width.0 });
    let threads = trials::threads(args.threads);
    let stopped = trials::run_all(study, store, until, threads, precision, screen)?;
    if stopped {
        let kept = if args.rows.is_some() { "; --resume goes on" } else { "" };
        let line = format!("stopped after trial {} of {until}{kept}\n", store.next_trial());
        screen.diagnostic(&line)?;
    }
    Ok(stopped)
}

/// Where rows are kept: in memory and then a temporary file, or in the file that is asked for.
fn open(args: &Args, meta: Meta) -> Result<Result<Store<DiskFile>, String>, Error> {
    let Some(path) = &args.rows else {
        return trials::scratch(meta, args.memory).map(Ok);
    };
    let failed = |source| Error::Write { path: path.clone(), source };
    if args.resume {
        let file = OpenOptions::new().read(true).write(true).open(path).map_err(failed)?;
        return match Store::resume(file, &meta) {
            Ok(opened) => Ok(Ok(opened.store)),
            Err(StoreError::NothingYet) => {
                let file = DiskFile::options().read(true).write(true).open(path).map_err(failed)?;
                Ok(Ok(Store::create(meta, file, 0)?))
            }
            Err(error @ StoreError::Disk { .. }) => Err(error.into()),
            Err(error) => Ok(Err(format!("{}: {error}", path.display()))),
        };
    }
    if path.exists() && !args.force {
        return Err(Error::Exists { path: path.clone() });
    }
    let options = OpenOptions::new().read(true).write(true).create(true).truncate(true).clone();
    let file = options.open(path).map_err(failed)?;
    Ok(Ok(Store::create(meta, file, 0)?))
}

/// `3/16`.
fn parse_shard(text: &str) -> Result<(u32, u32), String> {
    let parts = text
        .split_once('/')
        .and_then(|(number, of)| Some((number.trim().parse().ok()?, of.trim().parse().ok()?)));
    parts
        .filter(|&(number, of): &(u32, u32)| number >= 1 && number <= of)
        .ok_or_else(|| format!("expected a part such as 3/16, found `{text}`"))
}

/// The trial nearest a percentile of the target date (`p80`) in full.
fn replay_nearest(
    args: &Args,
    study: &Study<'_>,
    store: &mut Store<DiskFile>,
    of: &str,
    screen: &Screen,
) -> Result<Outcome, Error> {
    let p = of[1..].parse().ok().filter(|p: &i64| (1..100).contains(p));
    let Some(p) = p else {
        return screen.refuse(&format!("expected a trial such as 17 or p80, found `{of}`"));
    };
    let target = store.column(study.outcome.target())?;
    let trial = trial_of_percentile(&target, percent(p)).expect("there is a trial");
    replay(args, study, trial as u32, screen)
}

/// One trial in full, as `energize run` shows the likely one.
fn replay(args: &Args, study: &Study<'_>, trial: u32, screen: &Screen) -> Result<Outcome, Error> {
    let site = study.sampler.site_of(trial);
    let mut site = analysis::date_loans(&site).unwrap_or(site);
    site.title = format!(
        "{} - trial {} of seed {}",
        if site.title.is_empty() { &site.id } else { &site.title },
        trial + 1,
        args.seed
    );
    let shown = Shown { out: args.out.as_deref(), force: args.force, json: args.json };
    run::show(&site, &shown, screen)?;
    Ok(Outcome::Fine)
}
