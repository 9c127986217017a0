//! `energize run`: the whole chain for one site.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::folder::{self, File};
use super::site::{SiteArgs, show_findings};
use super::{Error, Outcome, Screen};
use crate::analysis::against::Metric;
use crate::analysis::{self, Run};
use crate::ledger;
use crate::model::Site;
use crate::plot::{Picture, Theme};
use crate::report::{self, Period};
use crate::time::Day;

/// Run a site on its likely values: dates, ramp, revenue, debt cover
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  energize run sites/london-blackwell-ultra.yaml
  energize run sites/london-blackwell-ultra.yaml --out results
  energize run site.yaml --delay energise-1=8w
  energize run site.yaml --statements --by year
  energize run site.yaml --covenants --out results    # also covenants.csv
  energize run site.yaml --contracts
  energize run site.yaml --loans --by year
  energize run site.yaml --journal books.journal      # for hledger
  energize run site.yaml --set loans.ddtl.margin=5% --json")]
pub struct Args {
    #[command(flatten)]
    site: SiteArgs,
    /// Write events.csv, capacity.csv, quarters.csv, log.txt, summary.json and three charts here
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write into a folder that holds other files
    #[arg(long, requires = "out")]
    force: bool,
    /// Print income statement, balance sheet and cash flows; with --out also statements.csv
    #[arg(long)]
    statements: bool,
    /// Print contracts, remaining performance obligation and backlog; with --out also contracts.csv
    #[arg(long)]
    contracts: bool,
    /// Print loans: terms, balances, payments; with --out also loans.csv and payments.csv
    #[arg(long)]
    loans: bool,
    /// Print every covenant test: both sides, threshold, headroom; with --out also covenants.csv
    #[arg(long)]
    covenants: bool,
    /// Period of statements and contracts
    #[arg(long, value_enum, default_value = "quarter", value_name = "PERIOD")]
    by: By,
    /// Write every entry of the books in the format of hledger
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// Compare with actual figures by quarter (metric,quarter,value,unit,source,mark,known)
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// Print the summary as JSON; with --statements, those too
    #[arg(long)]
    json: bool,
}

/// The length of a period.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum By {
    /// Calendar months
    Month,
    /// Calendar quarters
    Quarter,
    /// Calendar years
    Year,
}

impl From<By> for Period {
    fn from(by: By) -> Period {
        match by {
            By::Month => Period::Month,
            By::Quarter => Period::Quarter,
            By::Year => Period::Year,
        }
    }
}

/// The file of the statements, where they are asked for.
const STATEMENTS: &str = "statements.csv";
/// The file of the covenants, where they are asked for.
const COVENANTS: &str = "covenants.csv";
/// The files of the loans, where they are asked for.
const LOANS: [&str; 2] = ["loans.csv", "payments.csv"];
/// The file of the contracts, where they are asked for.
const CONTRACTS: &str = "contracts.csv";

/// Names of the files of a result folder.
const FILES: [&str; 11] = [
    "summary.json",
    "events.csv",
    "capacity.csv",
    "quarters.csv",
    "log.txt",
    "ramp.svg",
    "ramp.png",
    "gantt.svg",
    "gantt.png",
    "cover.svg",
    "cover.png",
];

/// Loads, runs, prints, writes.
///
/// # Errors
///
/// A file that cannot be read or written, a closed pipe.
pub fn run(args: &Args, screen: &Screen) -> Result<Outcome, Error> {
    if let Some(path) = &args.against {
        return against(args, path, screen);
    }
    let loaded = args.site.load()?;
    show_findings(&loaded, screen)?;
    let Some(site) = &loaded.site else { return Ok(Outcome::BadInput) };
    let run = analysis::run(site);
    let mut names = FILES.to_vec();
    names.extend(args.statements.then_some(STATEMENTS));
    names.extend(args.covenants.then_some(COVENANTS));
    names.extend(args.contracts.then_some(CONTRACTS));
    names.extend(args.loans.then_some(LOANS).into_iter().flatten());
    if let Some(out) = &args.out {
        let mut files = files(site, &run, &names)?;
        files.extend(asked_for(args, site, &run));
        folder::write(out, &files, args.force)?;
    }
    if let Some(path) = &args.journal {
        folder::write_file(path, journal(site, &run).as_bytes())?;
    }
    if args.json {
        let files: &[&str] = if args.out.is_some() { &names } else { &[] };
        let mut summary = report::summary_json(site, &run, files);
        if args.statements {
            summary["statements"] = report::statements_json(&run, args.by.into());
        }
        screen.result(&format!("{summary:#}\n"))?;
        return Ok(Outcome::Fine);
    }
    screen.result(&report::run_text(site, &run))?;
    if args.statements {
        screen.result(&report::statements_text(site, &run, args.by.into()))?;
    }
    if args.loans {
        screen.result(&report::loans_text(site, &run, args.by.into()))?;
    }
    if args.contracts {
        screen.result(&report::contracts_text(site, &run, args.by.into()))?;
    }
    if args.covenants {
        screen.result(&report::covenants_text(site, &run))?;
    }
    Ok(Outcome::Fine)
}

/// Compares with what happened the site as it was known when the file was written (its own `known`)
/// and on the day on which the figures of the last quarter were told.
fn against(args: &Args, path: &Path, screen: &Screen) -> Result<Outcome, Error> {
    let actuals = super::site::actuals(path)?;
    let quarters = actuals.iter().map(|actual| actual.quarter);
    let (Some(first), Some(last)) = (quarters.clone().min(), quarters.max()) else {
        let message = "there are no figures in it".to_owned();
        return Err(Error::Actuals { path: path.to_owned(), message });
    };
    let told = actuals.iter().filter(|actual| actual.quarter == last);
    let told = told.filter(|actual| actual.metric == Metric::Revenue);
    let told = args.site.as_of.or(told.filter_map(|actual| actual.known).max());
    let days: BTreeSet<Day> = args.site.stated()?.into_iter().chain(told).collect();
    let as_known: Vec<Option<Day>> = match days.is_empty() {
        true => vec![None],
        false => days.into_iter().map(Some).collect(),
    };
    let (mut names, mut sites): (Vec<String>, Vec<Site>) = (Vec::new(), Vec::new());
    for (at, day) in as_known.iter().enumerate() {
        let loaded = args.site.load_as_of(*day)?;
        // What is wrong with what is known last concerns the whole file.
        if at + 1 == as_known.len() || loaded.site.is_none() {
            show_findings(&loaded, screen)?;
        }
        let Some(site) = loaded.site else { return Ok(Outcome::BadInput) };
        names.push(day.map_or_else(|| "model".into(), |day| format!("as known on {day}")));
        sites.push(site);
    }
    let runs: Vec<Run> = sites.iter().map(analysis::run).collect();
    let modelled = sites.iter().zip(&runs);
    let models: Vec<_> =
        modelled.map(|(site, run)| analysis::against::Modelled::new(site, run)).collect();
    let compared = analysis::against::compare(&actuals, &models, [first, last]);
    if let Some(out) = &args.out {
        let file = File::new("against.csv", report::against_csv(&compared, &names));
        folder::write(out, &[file], args.force)?;
    }
    screen.result(&report::against_text(&compared, &names, last))?;
    screen.result(&format!("\n{}", report::margin_text(&models, &names, last)))?;
    Ok(Outcome::Fine)
}

/// Where a run in full goes.
pub struct Shown<'a> {
    /// Folder of files.
    pub out: Option<&'a Path>,
    /// Into one that holds other files.
    pub force: bool,
    /// JSON on the screen in place of text.
    pub json: bool,
}

/// Runs a site, prints, writes: [`run`] without its further tables.
///
/// # Errors
///
/// A file that cannot be written, a closed pipe.
pub fn show(site: &Site, shown: &Shown<'_>, screen: &Screen) -> Result<(), Error> {
    let run = analysis::run(site);
    if let Some(out) = shown.out {
        folder::write(out, &files(site, &run, &FILES)?, shown.force)?;
    }
    screen.result(&match shown.json {
        true => json(site, &run, if shown.out.is_some() { &FILES } else { &[] }),
        false => report::run_text(site, &run),
    })
}

/// The files that options ask for.
fn asked_for(args: &Args, site: &Site, run: &Run) -> Vec<File> {
    let by = args.by.into();
    let mut files = Vec::new();
    if args.statements {
        files.push(File::new(STATEMENTS, report::statements_csv(run, by)));
    }
    if args.covenants {
        files.push(File::new(COVENANTS, report::covenants_csv(site, run)));
    }
    if args.contracts {
        files.push(File::new(CONTRACTS, report::contracts_csv(site, run, by)));
    }
    if args.loans {
        files.push(File::new(LOANS[0], report::loans_csv(site, run, by)));
        files.push(File::new(LOANS[1], report::payments_csv(site, run)));
    }
    files
}

fn json(site: &Site, run: &Run, files: &[&str]) -> String {
    format!("{:#}\n", report::summary_json(site, run, files))
}

/// The books again, with every entry kept.
fn journal(site: &Site, run: &Run) -> String {
    let books = ledger::run(site, &run.timeline, true);
    let entries = books.journal.unwrap_or_default();
    let currency = site.terms.fx.reporting();
    ledger::write_journal(&entries, currency, |entry| entry.cause.describe(site))
}

fn files(site: &Site, run: &Run, names: &[&str]) -> Result<Vec<File>, Error> {
    let mut files = vec![
        File::new("summary.json", json(site, run, names).into_bytes()),
        File::new("events.csv", report::events_csv(site, run)),
        File::new("capacity.csv", report::capacity_csv(site, run)),
        File::new("quarters.csv", report::quarters_csv(run)),
        File::new("log.txt", report::trace_log(site, run).into_bytes()),
    ];
    let pictures: [(&'static str, &'static str, Picture); 3] = [
        ("ramp.svg", "ramp.png", report::ramp_chart(site, run).draw(Theme::Light)),
        ("gantt.svg", "gantt.png", report::gantt_chart(site, run).draw(Theme::Light)),
        ("cover.svg", "cover.png", report::cover_chart(site, run).draw(Theme::Light)),
    ];
    for (svg, png, picture) in pictures {
        files.push(File::new(svg, picture.svg().into_bytes()));
        let bytes = picture.png().map_err(|source| Error::Draw { name: png.into(), source })?;
        files.push(File::new(png, bytes));
    }
    Ok(files)
}
