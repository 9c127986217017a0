//! `energize schedule`: the dates and floats of a planner's schedule.

use std::path::PathBuf;

use super::folder;
use super::site::read;
use super::{Error, Outcome, Screen};
use crate::exchange::{self, BYTES_MAX};
use crate::model::Rules;

/// Date a Primavera P6 or Microsoft Project schedule: early and late dates, floats, driving links
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  energize schedule programme.xer
  energize schedule programme.xml.gz --rules p6 --csv dates.csv")]
pub struct Args {
    /// The schedule: XER, P6 XML or Microsoft Project XML, plain or gzip
    #[arg(value_name = "FILE")]
    path: PathBuf,
    /// Whose rules; by default those of the program that wrote the file
    #[arg(long, value_enum, value_name = "RULES")]
    rules: Option<Program>,
    /// Write the dates as CSV
    #[arg(long, value_name = "OUT")]
    csv: Option<PathBuf>,
}

/// A planner's program.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Program {
    /// Primavera P6
    P6,
    /// Microsoft Project
    Project,
}

impl From<Program> for Rules {
    fn from(program: Program) -> Rules {
        match program {
            Program::P6 => Rules::P6,
            Program::Project => Rules::Project,
        }
    }
}

/// Reads, dates and prints a schedule.
///
/// # Errors
///
/// A file that cannot be read or written, a closed pipe.
pub fn run(args: &Args, screen: &Screen) -> Result<Outcome, Error> {
    let bytes = read(&args.path, BYTES_MAX)?;
    let name = args.path.display();
    let refused = |problem| Error::Schedule { path: args.path.clone(), problem };
    let schedule = exchange::read(bytes).map_err(refused)?;
    let rules = args.rules.map_or(schedule.rules, Rules::from);
    let lowered = exchange::lower(&schedule, rules).map_err(refused)?;
    for (what, count) in lowered.unused.iter() {
        screen.diagnostic(&format!("warning: {name}: not used: {count} {what}\n"))?;
    }
    let lines = exchange::dates(&schedule, &lowered);
    if let Some(path) = &args.csv {
        let text = exchange::dates_csv(&schedule, &lines);
        folder::write_file(path, text.as_bytes())?;
    }
    screen.result(&exchange::dates_text(&schedule, &lines))?;
    Ok(Outcome::Fine)
}
