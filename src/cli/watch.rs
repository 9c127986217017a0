//! `energize watch`: runs a site again on every save and tells what moved.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::site::SiteArgs;
use super::trials::stop;
use super::{Error, Outcome, Screen};
use crate::model::Loaded;
use crate::report::{self, Style, findings_text};
use crate::spec::{Finding, Severity, SourceKind};
use crate::time::parse_day;

/// Run a site again on every save of its files and show what moved; Ctrl-C ends it
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The files are the site, what it is laid over, the members of a portfolio and the scenarios. The
least DSCR is that of the dates on which it is tested, or of all dates where it is never tested.

Examples:
  energize watch site.yaml
  energize watch site.yaml --scenario late-grid.yaml --set power.pue=1.25
  energize watch site.yaml --json                     # one line of JSON a run")]
pub struct Args {
    #[command(flatten)]
    site: SiteArgs,
    /// Print one line of JSON a run: {run, saved, errors, first_online, half_online, all_online,
    /// revenue, least_dscr}
    #[arg(long)]
    json: bool,
}

/// How often files are looked at: a look costs one call to the system for each, so no machinery of
/// the platform is asked to tell of changes, which network drives and containers often do not.
const LOOK: Duration = Duration::from_millis(100);
/// Looks that a save may take, or a file be missing while an editor replaces it.
const SETTLE_MAX: usize = 10;

/// What a file looks like from outside; none if it is not there.
type Stamp = Option<(SystemTime, u64)>;
type Stamps = BTreeMap<PathBuf, Stamp>;

/// Runs, waits for a save, runs again.
///
/// # Errors
///
/// A file that cannot be read the first time, a closed pipe.
pub fn run(args: &Args, screen: &Screen) -> Result<Outcome, Error> {
    let stop = stop();
    let given = std::iter::once(&args.site.path);
    let given = given.chain(&args.site.overlay).chain(&args.site.scenario);
    let mut files: BTreeSet<PathBuf> = given.cloned().collect();
    let mut told = Told::default();
    let mut saved = Vec::new();
    for round in 1.. {
        let mut seen = stamps(&files);
        match args.site.load() {
            Ok(loaded) => {
                files.extend(made_of(&loaded));
                told.tell(&loaded, &Round { number: round, saved: &saved }, args.json, screen)?;
            }
            Err(error) if round == 1 => return Err(error),
            Err(error) => tell_error(&error, screen)?,
        }
        for file in &files {
            seen.entry(file.clone()).or_insert_with(|| stamp(file));
        }
        match next_save(&seen, stop) {
            Some(changed) => saved = changed,
            None => return Ok(Outcome::Stopped),
        }
    }
    Ok(Outcome::Fine)
}

/// The files that a load has read.
fn made_of(loaded: &Loaded) -> impl Iterator<Item = PathBuf> {
    let kinds = [SourceKind::File, SourceKind::Member, SourceKind::Scenario];
    let texts = loaded.sources.parts().iter().filter(move |text| kinds.contains(&text.kind));
    texts.map(|text| text.name.trim_end_matches(" (as a site file)").into())
}

fn stamp(path: &Path) -> Stamp {
    let data = std::fs::metadata(path).ok()?;
    Some((data.modified().ok()?, data.len()))
}

fn stamps(files: &BTreeSet<PathBuf>) -> Stamps {
    files.iter().map(|file| (file.clone(), stamp(file))).collect()
}

/// Waits until a file differs from what was seen and the save is over; `None` when stopped.
fn next_save(seen: &Stamps, stop: &AtomicBool) -> Option<Vec<PathBuf>> {
    let look = || -> Stamps { seen.keys().map(|file| (file.clone(), stamp(file))).collect() };
    let mut settling = 0;
    let mut last = seen.clone();
    loop {
        std::thread::sleep(LOOK);
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        let now = look();
        let changed = |file: &&PathBuf| now.get(*file) != seen.get(*file);
        let differs: Vec<PathBuf> = seen.keys().filter(changed).cloned().collect();
        let gone = |file: &PathBuf| now[file].is_none_or(|(_, length)| length == 0);
        let at_rest = now == last && !differs.iter().any(gone);
        settling = if differs.is_empty() { 0 } else { settling + 1 };
        if !differs.is_empty() && (at_rest || settling > SETTLE_MAX) {
            return Some(differs);
        }
        last = now;
    }
}

fn tell_error(error: &Error, screen: &Screen) -> Result<(), Error> {
    let cause = std::error::Error::source(error);
    let cause = cause.map(|cause| format!(": {cause}")).unwrap_or_default();
    screen.diagnostic(&format!("error: {error}{cause}; waiting for the next save\n"))
}

/// One run.
struct Round<'a> {
    number: usize,
    saved: &'a [PathBuf],
}

/// What the runs before have told.
#[derive(Default)]
struct Told {
    headlines: Option<Headlines>,
    warnings: String,
}

impl Told {
    fn tell(
        &mut self,
        loaded: &Loaded,
        round: &Round<'_>,
        json: bool,
        screen: &Screen,
    ) -> Result<(), Error> {
        let error = |finding: &&Finding| finding.severity == Severity::Error;
        let errors = loaded.findings.iter().filter(error).count();
        let findings = findings_text(&loaded.sources, &loaded.findings);
        // Warnings are told again only when they are others.
        if errors > 0 || (findings != self.warnings && !screen.is_quiet()) {
            screen.diagnostic(&findings)?;
        }
        if errors == 0 {
            self.warnings = findings;
        }
        let saved: Vec<String> =
            round.saved.iter().map(|file| file.display().to_string()).collect();
        let headlines = loaded.site.as_ref().map(Headlines::of);
        if json {
            let mut line = json!({"run": round.number, "saved": saved, "errors": errors});
            if let (Some(headlines), Value::Object(line)) = (&headlines, &mut line) {
                line.extend(headlines.json());
            }
            screen.result(&format!("{line}\n"))?;
        } else {
            let saved = if saved.is_empty() { "as it is".into() } else { saved.join(", ") };
            let head = Style::head(&format!("run {}: {saved}", round.number));
            let body = match &headlines {
                Some(headlines) => headlines.text(self.headlines.as_ref()),
                None => format!("  {}\n", Style::bad(&count(errors))),
            };
            screen.result(&format!("{head}\n{body}"))?;
        }
        self.headlines = headlines.or(self.headlines.take());
        Ok(())
    }
}

fn count(errors: usize) -> String {
    if errors == 1 { "1 error".into() } else { format!("{errors} errors") }
}

/// What a planner and a lender look at first.
struct Headlines {
    dates: Vec<(&'static str, &'static str, Option<String>)>,
    revenue: Decimal,
    currency: String,
    least_dscr: Option<f64>,
}

const DATES: [(&str, &str); 3] = [
    ("first_online", "first online"),
    ("half_online", "half online"),
    ("all_online", "all online"),
];

impl Headlines {
    fn of(site: &crate::model::Site) -> Headlines {
        let run = crate::analysis::run(site);
        let summary = report::summary_json(site, &run, &[]);
        let date = |(key, label)| {
            let dates = summary["dates"].as_array().into_iter().flatten();
            let found = dates.into_iter().find(|date| date["name"] == key);
            (key, label, found.and_then(|date| date["date"].as_str()).map(str::to_owned))
        };
        let money = &summary["money"];
        let tested = money["least_dscr_tested"].as_f64();
        Headlines {
            dates: DATES.map(date).to_vec(),
            revenue: money["revenue"]
                .as_str()
                .and_then(|text| text.parse().ok())
                .unwrap_or_default(),
            currency: summary["currency"].as_str().unwrap_or_default().to_owned(),
            least_dscr: tested.or(money["least_dscr"].as_f64()),
        }
    }

    fn json(&self) -> serde_json::Map<String, Value> {
        let mut map = serde_json::Map::new();
        for (key, _, date) in &self.dates {
            map.insert((*key).into(), json!(date));
        }
        map.insert("revenue".into(), json!(self.revenue.to_string()));
        map.insert("least_dscr".into(), json!(self.least_dscr));
        map
    }

    /// One line each, with what moved since the run before.
    fn text(&self, before: Option<&Headlines>) -> String {
        let mut text = String::new();
        let mut line = |label: &str, value: &str, moved: Option<String>| {
            let moved = moved.map(|moved| format!("  {}", Style::head(&moved))).unwrap_or_default();
            text.push_str(&format!("  {label:<13} {value:>22}{moved}\n"));
        };
        for (at, (_, label, date)) in self.dates.iter().enumerate() {
            let old = before.map(|before| &before.dates[at].2);
            let moved = old.and_then(|old| days_moved(old.as_deref(), date.as_deref()));
            line(label, date.as_deref().unwrap_or("never"), moved);
        }
        let moved = before.map(|before| self.revenue - before.revenue);
        let moved = moved.filter(|moved| !moved.is_zero());
        let moved = moved.map(|moved| signed(moved.is_sign_positive(), &grouped(moved.abs())));
        line("revenue", &format!("{} {}", grouped(self.revenue), self.currency), moved);
        let dscr = self.least_dscr.map_or("n/a".into(), |ratio| format!("{ratio:.2}x"));
        let old = before.map(|before| before.least_dscr);
        line("least DSCR", &dscr, old.and_then(|old| ratio_moved(old, self.least_dscr)));
        text
    }
}

fn signed(up: bool, amount: &str) -> String {
    format!("{}{amount}", if up { '+' } else { '-' })
}

fn days_moved(old: Option<&str>, new: Option<&str>) -> Option<String> {
    let (Some(old), Some(new)) = (old, new) else {
        return (old != new).then(|| format!("was {}", old.unwrap_or("never")));
    };
    let days = parse_day(new).ok()? - parse_day(old).ok()?;
    (days != 0).then(|| signed(days > 0, &format!("{} d", days.abs())))
}

fn ratio_moved(old: Option<f64>, new: Option<f64>) -> Option<String> {
    let (Some(old), Some(new)) = (old, new) else {
        let was = old.map_or("n/a".into(), |old| format!("{old:.2}x"));
        return (old.is_some() != new.is_some()).then(|| format!("was {was}"));
    };
    let moved = new - old;
    let shown = format!("{:.4}", moved.abs());
    let shown = shown.trim_end_matches('0');
    (shown != "0.").then(|| signed(moved > 0.0, shown))
}

/// A whole number with its thousands apart.
fn grouped(amount: Decimal) -> String {
    let digits = amount.round().normalize().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        let left = digits.len() - at;
        if at > 0 && left.is_multiple_of(3) && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
