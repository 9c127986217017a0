//! `energize import`: a planner's schedule as a site file.

use std::path::PathBuf;

use super::folder;
use super::schedule::Program;
use super::site::{as_site, read};
use super::{Error, Outcome, Screen};
use crate::exchange::BYTES_MAX;
use crate::model::Rules;

/// Turn a Primavera P6 or Microsoft Project schedule into a site file
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The site file gives the dates of the schedule, by the rules of the program it came from. What makes
power live, halls ready and money flow is laid over it by a second file (base: programme.yaml), so
that the next update of the schedule replaces the first one alone.

Examples:
  energize import programme.xer -o programme.yaml
  energize import programme.xml.gz --rules p6 > programme.yaml
  energize run campus.yaml                  # campus.yaml says: base: programme.yaml
  energize run programme.xer --overlay campus.yaml")]
pub struct Args {
    /// The schedule: XER, P6 XML or Microsoft Project XML, plain or gzip
    #[arg(value_name = "FILE")]
    path: PathBuf,
    /// Write the site file here instead of printing it
    #[arg(long, short, value_name = "SITE")]
    output: Option<PathBuf>,
    /// Replace a file that is there
    #[arg(long, requires = "output")]
    force: bool,
    /// Whose rules; by default those of the program that wrote the file
    #[arg(long, value_enum, value_name = "RULES")]
    rules: Option<Program>,
}

/// Reads the schedule and writes the site.
///
/// # Errors
///
/// A file that cannot be read or written, a broken schedule, a closed pipe.
pub fn run(args: &Args, screen: &Screen) -> Result<Outcome, Error> {
    let bytes = read(&args.path, BYTES_MAX)?;
    let (text, unused) = as_site(&args.path, bytes, args.rules.map(Rules::from))?;
    if let Some(finding) = unused.filter(|_| !screen.is_quiet()) {
        let name = args.path.display();
        screen.diagnostic(&format!("warning: {name}: {}\n", finding.message))?;
    }
    match &args.output {
        Some(path) if path.exists() && !args.force => {
            return Err(Error::Exists { path: path.clone() });
        }
        Some(path) => folder::write_file(path, text.as_bytes())?,
        None => screen.result(&text)?,
    }
    Ok(Outcome::Fine)
}
