//! `energize check`: is the file right, and does the money close?

use super::site::{SiteArgs, show_findings};
use super::{Error, Outcome, Screen};
use crate::report::{findings_json, funding_text};
use crate::{analysis, report};

/// Check a site file: names, units, dates, power, sources and uses
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  energize check sites/london-blackwell-ultra.yaml
  energize check site.yaml --set power.pue=1.25 --json")]
pub struct Args {
    #[command(flatten)]
    site: SiteArgs,
    /// Print the findings as JSON: {id, severity, file, line, column, path, message, help}
    #[arg(long)]
    json: bool,
}

/// Loads, reports, and shows where the money comes from.
///
/// # Errors
///
/// A file that cannot be read, a closed pipe.
pub fn run(args: &Args, screen: &Screen) -> Result<Outcome, Error> {
    let loaded = args.site.load()?;
    let outcome = if loaded.site.is_some() { Outcome::Fine } else { Outcome::BadInput };
    if args.json {
        let findings = findings_json(&loaded.sources, &loaded.findings);
        screen.result(&format!("{findings:#}\n"))?;
        return Ok(outcome);
    }
    show_findings(&loaded, screen)?;
    if let Some(site) = &loaded.site {
        let text = funding_text(site, &analysis::run(site));
        screen.result(&text)?;
        let well = format!("{}: {}\n", report::Style::head(&site.id), "no errors");
        screen.result(&well)?;
    }
    Ok(outcome)
}
