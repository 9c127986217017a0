//! A site on the command line: its file, what it is laid over, its edits.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::{Error, Screen};
use crate::analysis::against::{Actual, read_actuals};
use crate::analysis::{self, needs_base_case};
use crate::exchange;
use crate::model::{Input, Loaded, MemberFile, Rules, load};
use crate::report::findings_text;
use crate::spec::{At, Finding, Severity, Sources, known, overlay, portfolio};
use crate::time::{Day, parse_day};

/// A site file or a planner's schedule, and what is changed in it for this run.
#[derive(Debug, clap::Args)]
pub struct SiteArgs {
    /// The site file (YAML), or a schedule of Primavera P6 (XER, XML) or Microsoft Project (XML)
    #[arg(value_name = "SITE")]
    pub path: PathBuf,
    /// Lay a YAML file over the site, e.g. halls, contracts and loans over a schedule
    #[arg(long, value_name = "FILE")]
    pub overlay: Vec<PathBuf>,
    /// Lay a scenario over the site: what is set, added, removed, scaled, delayed
    #[arg(long, value_name = "FILE")]
    pub scenario: Vec<PathBuf>,
    /// Leave out what became known after this day
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    pub as_of: Option<Day>,
    /// Set a key, e.g. power.pue=1.25, loans.ddtl.margin=5%, halls.hall-2.ist.duration=3w
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Delay an activity, e.g. energise-1=8w; `*` stands for any characters; in a portfolio
    /// SITE/ACTIVITY, or a site or group alone for its power
    #[arg(long, value_name = "ACTIVITY=LENGTH")]
    pub delay: Vec<String>,
}

/// Longest chain of files that are each laid over the next.
const BASES_MAX: usize = 16;

impl SiteArgs {
    /// Reads and checks the files.
    ///
    /// # Errors
    ///
    /// A file cannot be read, a schedule is broken; a wrong site file is no error here but
    /// findings.
    pub fn load(&self) -> Result<Loaded, Error> {
        self.load_as_of(self.as_of)
    }

    /// The day up to which the file says it was written: its key `known`.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn stated(&self) -> Result<Option<Day>, Error> {
        let bytes = read(&self.path, Sources::BYTES_MAX as u64)?;
        Ok(known::stated_in(&String::from_utf8_lossy(&bytes)))
    }

    /// As [`SiteArgs::load`], as it was known on a day.
    ///
    /// # Errors
    ///
    /// As [`SiteArgs::load`].
    pub fn load_as_of(&self, as_of: Option<Day>) -> Result<Loaded, Error> {
        let mut warnings = Vec::new();
        let mut layers = chain(&self.path, &mut warnings)?;
        for path in &self.overlay {
            layers.push((path.display().to_string(), read(path, Sources::BYTES_MAX as u64)?));
        }
        let whole = |path: &PathBuf| {
            Ok((path.display().to_string(), read(path, Sources::BYTES_MAX as u64)?))
        };
        let scenarios = self.scenario.iter().map(whole).collect::<Result<Vec<_>, Error>>()?;
        let members = members(&self.path, &layers, &scenarios, &mut warnings);
        let mut layers = layers.into_iter();
        let (name, text) = layers.next().expect("at least the file itself");
        let (sets, delays) = (self.set.clone(), self.delay.clone());
        let overlays = layers.collect();
        let input = Input { name, text, overlays, members, scenarios, as_of, sets, delays };
        let base = Input { delays: Vec::new(), ..input.clone() };
        let mut loaded = load(input);
        loaded.findings.extend(warnings);
        fix_loans(&mut loaded, base);
        if let Some(dated) = loaded.site.as_ref().and_then(analysis::date_loans) {
            loaded.site = Some(dated);
        }
        Ok(loaded)
    }
}

/// Fixes sized and sculpted loans by the site without the delays that are being tried.
fn fix_loans(loaded: &mut Loaded, base: Input) {
    let Some(site) = &mut loaded.site else { return };
    if !needs_base_case(site) {
        return;
    }
    let fixed = match load(base).site {
        Some(base) => analysis::fix_loans(site, &base),
        None => Err("the site without the delays is refused".to_owned()),
    };
    if let Err(message) = fixed {
        loaded.findings.push(Finding::error("unsized-loan", At::default(), message));
        loaded.site = None;
    }
}

/// Names and texts of a file and of what it says it is laid over, lowest first.
fn chain(path: &Path, warnings: &mut Vec<Finding>) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let mut layers = vec![layer(path, warnings)?];
    let mut at = path.to_owned();
    while let Some(base) = std::str::from_utf8(&layers[0].1).ok().and_then(overlay::base) {
        if layers.len() > BASES_MAX {
            return Err(Error::Bases { path: path.to_owned() });
        }
        at = at.parent().unwrap_or(Path::new("")).join(base);
        layers.insert(0, layer(&at, warnings)?);
    }
    Ok(layers)
}

/// The files that a portfolio, what is laid over it and scenarios name, each once; paths count from
/// the folder of the portfolio.
fn members(
    path: &Path,
    layers: &[(String, Vec<u8>)],
    scenarios: &[(String, Vec<u8>)],
    warnings: &mut Vec<Finding>,
) -> Vec<MemberFile> {
    let text = |(_, text): &(String, Vec<u8>)| String::from_utf8(text.clone()).unwrap_or_default();
    let named = layers.iter().flat_map(|layer| portfolio::files(&text(layer)));
    let set = scenarios.iter().flat_map(|scenario| portfolio::files_set(&text(scenario)));
    let mut paths: Vec<String> = named.chain(set).collect();
    paths.sort();
    paths.dedup();
    let folder = path.parent().unwrap_or(Path::new(""));
    let file = |path: String| {
        let layers = chain(&folder.join(&path), warnings).map_err(|error| match error {
            Error::Read { path, source } => format!("{source}; looked at {}", path.display()),
            error => {
                let source = std::error::Error::source(&error).map(ToString::to_string);
                source.unwrap_or_else(|| error.to_string())
            }
        });
        MemberFile { path, layers }
    };
    paths.into_iter().map(file).collect()
}

/// Name and text of one file; a schedule becomes a site file on the way.
fn layer(path: &Path, warnings: &mut Vec<Finding>) -> Result<(String, Vec<u8>), Error> {
    let bytes = read(path, Sources::BYTES_MAX as u64)?;
    let name = path.display().to_string();
    if !exchange::is_schedule(&bytes) {
        return Ok((name, bytes));
    }
    let (text, unused) = as_site(path, bytes, None)?;
    warnings.extend(unused);
    Ok((format!("{name} (as a site file)"), text.into_bytes()))
}

/// A schedule as the text of a site file, and what of it is not used.
pub fn as_site(
    path: &Path,
    bytes: Vec<u8>,
    rules: Option<Rules>,
) -> Result<(String, Option<Finding>), Error> {
    let refused = |problem| Error::Schedule { path: path.to_owned(), problem };
    let schedule = exchange::read(bytes).map_err(refused)?;
    let rules = rules.unwrap_or(schedule.rules);
    let mut lowered = exchange::lower(&schedule, rules).map_err(refused)?;
    let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let text = exchange::site_text(&schedule, &mut lowered, &file);
    let unused: Vec<String> =
        lowered.unused.iter().map(|(what, count)| format!("{count} {what}")).collect();
    let unused = (!unused.is_empty()).then(|| {
        let message = format!(
            "what the schedule holds beyond dates and links is not used: {}",
            unused.join("; ")
        );
        Finding::warning("not-used", At::default(), message)
    });
    Ok((text, unused))
}

/// The file, as far as any of its kind is long: a little more is enough to refuse it.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes));
    read.map_err(|source| Error::Read { path: path.to_owned(), source })?;
    Ok(bytes)
}

/// Longest file of actual figures.
const ACTUALS_MAX: u64 = 10_000_000;

/// A file of actual figures by quarter.
///
/// # Errors
///
/// The file cannot be read, or is refused.
pub fn actuals(path: &Path) -> Result<Vec<Actual>, Error> {
    let refused = |message| Error::Actuals { path: path.to_owned(), message };
    read_actuals(&read(path, ACTUALS_MAX)?).map_err(refused)
}

/// Prints what was found, if anything; a quiet screen shows errors alone.
///
/// # Errors
///
/// The pipe is closed.
pub fn show_findings(loaded: &Loaded, screen: &Screen) -> Result<(), Error> {
    let shown = |finding: &&Finding| finding.severity == Severity::Error || !screen.is_quiet();
    let findings: Vec<Finding> = loaded.findings.iter().filter(shown).cloned().collect();
    if findings.is_empty() {
        return Ok(());
    }
    screen.diagnostic(&findings_text(&loaded.sources, &findings))
}
