//! `energize check`: is the file right, is its schedule sound, and does the money close?

use super::site::{SiteArgs, show_findings};
use super::{Error, Outcome, Screen};
use crate::analysis::score::score;
use crate::report::{findings_json, funding_text, score_text};
use crate::{analysis, report};

/// Check a site file: names, units, dates, power, sources and uses, and score its schedule
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The schedule is scored by the DCMA 14-point assessment; what it finds is no error. Unit steps count
once for each hall; days are working days of the activity's calendar; the baseline is `plan:`.

Examples:
  energize check sites/london-blackwell-ultra.yaml
  energize check site.yaml --set power.pue=1.25 --json
  energize check site.yaml --strict          # for scripts: a warning is a no")]
pub struct Args {
    #[command(flatten)]
    site: SiteArgs,
    /// Print {findings, score} as JSON: findings are a list of {id, severity, file, line, column,
    /// path, message, help}; score is {points, network}, null if the file has errors
    #[arg(long)]
    json: bool,
    /// Exit with 1 where there are warnings
    #[arg(long)]
    strict: bool,
}

/// Loads, reports, and shows where the money comes from.
///
/// # Errors
///
/// A file that cannot be read, a closed pipe.
pub fn run(args: &Args, screen: &Screen) -> Result<Outcome, Error> {
    let loaded = args.site.load()?;
    let outcome = match &loaded.site {
        None => Outcome::BadInput,
        Some(_) if args.strict && !loaded.findings.is_empty() => Outcome::No,
        Some(_) => Outcome::Fine,
    };
    let run = loaded.site.as_ref().map(|site| (site, analysis::run(site)));
    let score = run.as_ref().map(|(site, run)| score(site, run));
    if args.json {
        let findings = findings_json(&loaded.sources, &loaded.findings);
        let json = serde_json::json!({"findings": findings, "score": score});
        screen.result(&format!("{json:#}\n"))?;
        return Ok(outcome);
    }
    show_findings(&loaded, screen)?;
    if let (Some((site, run)), Some(score)) = (&run, &score) {
        screen.result(&funding_text(site, run))?;
        screen.result(&score_text(score))?;
        let found = if loaded.findings.is_empty() { "no errors" } else { "no errors, warnings" };
        screen.result(&format!("{}: {found}\n", report::Style::head(&site.id)))?;
    }
    Ok(outcome)
}
