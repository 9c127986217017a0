//! `energize compare`: sites, portfolios and scenarios side by side.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::folder::{self, File};
use super::site::{SiteArgs, show_findings};
use super::{Error, Outcome, Screen};
use crate::analysis::compare::compare;
use crate::analysis::{self, Run};
use crate::model::{Loaded, Site};
use crate::report::{Column, Compared, compare_csv, compare_json, compare_text};
use crate::spec::scenario::Scenario;
use crate::spec::{Findings, SourceKind, yaml};
use crate::time::{Day, parse_day};

/// Put sites, portfolios and scenarios side by side: dates, ramp, revenue, cash, covenants
#[derive(Debug, clap::Args)]
#[command(after_help = "\
FILE+SCENARIO+SCENARIO is the file with the scenarios laid over it, in that order; their paths, too,
count from the working folder. Each further column shows its difference to the first.

Examples:
  energize compare site.yaml site.yaml+late-grid.yaml
  energize compare site.yaml site.yaml+late-grid.yaml site.yaml+late-grid.yaml+more-crews.yaml
  energize compare london.yaml texas.yaml --all --json
  energize compare site.yaml site.yaml+late-grid.yaml --as-of 2025-08-12 --out results")]
pub struct Args {
    /// Two or more of FILE or FILE+SCENARIO+...; the first is what the others are compared with
    #[arg(value_name = "FILE[+SCENARIO...]", required = true, num_args = 2..)]
    columns: Vec<String>,
    /// Leave out what became known after this day, in every column
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    as_of: Option<Day>,
    /// Set a key in every column, as `run` does
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Delay an activity in every column, as `run` does
    #[arg(long, value_name = "ACTIVITY=LENGTH")]
    delay: Vec<String>,
    /// Show lines, too, that are equal in all columns
    #[arg(long)]
    all: bool,
    /// Write compare.csv and summary.json here
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write into a folder that holds other files
    #[arg(long, requires = "out")]
    force: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The files of a result folder.
const FILES: [&str; 2] = ["summary.json", "compare.csv"];

/// Loads all, runs all, prints, writes.
///
/// # Errors
///
/// A file that cannot be read or written, a closed pipe.
pub fn run(args: &Args, screen: &Screen) -> Result<Outcome, Error> {
    let asked: Vec<SiteArgs> = args.columns.iter().map(|text| args.site(text)).collect();
    let loaded = asked.iter().map(SiteArgs::load).collect::<Result<Vec<_>, Error>>()?;
    let loaded = show_each(loaded, screen)?;
    let sites: Option<Vec<&Site>> = loaded.iter().map(|loaded| loaded.site.as_ref()).collect();
    let Some(sites) = sites else { return Ok(Outcome::BadInput) };
    let runs: Vec<Run> = sites.iter().map(|site| analysis::run(site)).collect();
    let pairs: Vec<(&Site, &Run)> = sites.iter().copied().zip(&runs).collect();
    let names = names(&asked, &loaded);
    let columns: Vec<Column> = names
        .into_iter()
        .zip(asked.iter().zip(&sites))
        .map(|(name, (asked, site))| column(name, asked, site))
        .collect();
    let comparison = compare(&pairs);
    let compared = Compared { columns: &columns, comparison: &comparison, all: args.all };
    let json = |files: &[&str]| format!("{:#}\n", compare_json(&compared, files));
    if let Some(out) = &args.out {
        let files = [
            File::new(FILES[0], json(&FILES).into_bytes()),
            File::new(FILES[1], compare_csv(&compared)),
        ];
        folder::write(out, &files, args.force)?;
    }
    screen.result(&match args.json {
        true => json(if args.out.is_some() { &FILES } else { &[] }),
        false => compare_text(&compared),
    })?;
    Ok(Outcome::Fine)
}

impl Args {
    /// What one word of the command line stands for; a file may have `+` in its own name.
    fn site(&self, text: &str) -> SiteArgs {
        let mut paths = match Path::new(text).is_file() {
            true => vec![text],
            false => text.split('+').collect(),
        }
        .into_iter()
        .map(PathBuf::from);
        SiteArgs {
            path: paths.next().unwrap_or_default(),
            scenario: paths.collect(),
            overlay: Vec::new(),
            as_of: self.as_of,
            set: self.set.clone(),
            delay: self.delay.clone(),
        }
    }
}

/// Shows what was found in each column; what is found again in the next one is told once.
fn show_each(loaded: Vec<Loaded>, screen: &Screen) -> Result<Vec<Loaded>, Error> {
    let mut told: BTreeSet<(String, usize, usize, String)> = BTreeSet::new();
    let told_once = |mut loaded: Loaded| {
        let sources = &loaded.sources;
        loaded.findings.retain(|finding| {
            let place = sources.place(finding.at.start);
            let (name, line, column) =
                place.map_or(("", 0, 0), |place| (place.name, place.line, place.column));
            told.insert((name.to_owned(), line, column, finding.message.clone()))
        });
        show_findings(&loaded, screen)?;
        Ok(loaded)
    };
    loaded.into_iter().map(told_once).collect()
}

/// Heads of columns: the file by its name, or what is laid over it by its title; the file in front
/// of that where files differ. No two are the same.
fn names(asked: &[SiteArgs], loaded: &[Loaded]) -> Vec<String> {
    let one_file = asked.iter().all(|other| other.path == asked[0].path);
    let file = |args: &SiteArgs| {
        let name = |args: &SiteArgs| args.path.file_name().map(|name| name.to_owned());
        let twin = asked.iter().any(|other| other.path != args.path && name(other) == name(args));
        match name(args).filter(|_| !twin) {
            Some(name) => name.to_string_lossy().into_owned(),
            None => args.path.display().to_string(),
        }
    };
    let mut names: Vec<String> = Vec::new();
    for (args, loaded) in asked.iter().zip(loaded) {
        let mut parts = scenario_titles(loaded);
        if parts.is_empty() || !one_file {
            parts.insert(0, file(args));
        }
        let name = parts.join(" + ");
        let same = |text: &String| *text == name || text.starts_with(&format!("{name} ("));
        names.push(match names.iter().filter(|text| same(text)).count() {
            0 => name,
            before => format!("{name} ({})", before + 1),
        });
    }
    names
}

/// Titles of the scenarios laid over a file; names where they have none.
fn scenario_titles(loaded: &Loaded) -> Vec<String> {
    let title = |text: &crate::spec::Source| {
        let mut findings = Findings::default();
        let root = yaml::parse(text.base, &text.text, &mut findings);
        let read = root.and_then(|root| Scenario::read(root, &mut findings));
        let head = read.map(|read| read.head);
        head.map(|head| head.title.unwrap_or(head.scenario.value)).unwrap_or(text.name.clone())
    };
    loaded.sources.of(SourceKind::Scenario).map(title).collect()
}

fn column(name: String, asked: &SiteArgs, site: &Site) -> Column {
    Column {
        name,
        file: asked.path.display().to_string(),
        scenarios: asked.scenario.iter().map(|path| path.display().to_string()).collect(),
        site: site.id.clone(),
        title: site.title.clone(),
        currency: site.terms.fx.reporting().to_string(),
    }
}
