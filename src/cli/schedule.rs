//! `energize schedule`: the dates and floats of a planner's schedule.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

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
    /// The schedule: XER or Microsoft Project XML, plain or gzip
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
enum Program {
    /// Primavera P6
    P6,
    /// Microsoft Project
    Project,
}

/// Reads, dates and prints a schedule.
///
/// # Errors
///
/// A file that cannot be read or written, a closed pipe.
pub fn run(args: &Args, screen: &Screen) -> Result<Outcome, Error> {
    let bytes = read(args)?;
    let name = args.path.display();
    let schedule = match exchange::read(bytes) {
        Ok(schedule) => schedule,
        Err(problem) => return refuse(args, &problem, screen),
    };
    let rules = match args.rules {
        None => schedule.rules,
        Some(Program::P6) => Rules::P6,
        Some(Program::Project) => Rules::Project,
    };
    let lowered = match exchange::lower(&schedule, rules) {
        Ok(lowered) => lowered,
        Err(problem) => return refuse(args, &problem, screen),
    };
    for (what, count) in lowered.unused.iter() {
        screen.diagnostic(&format!("warning: {name}: not used: {count} {what}\n"))?;
    }
    let lines = exchange::dates(&schedule, &lowered);
    if let Some(path) = &args.csv {
        let text = exchange::dates_csv(&schedule, &lines);
        let write = std::fs::write(path, text);
        write.map_err(|source| Error::Write { path: path.clone(), source })?;
    }
    screen.result(&exchange::dates_text(&schedule, &lines))?;
    Ok(Outcome::Fine)
}

/// The file, as far as any schedule is long: a little more is enough to refuse it.
fn read(args: &Args) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let read =
        File::open(&args.path).and_then(|file| file.take(BYTES_MAX + 1).read_to_end(&mut bytes));
    read.map_err(|source| Error::Read { path: args.path.clone(), source })?;
    Ok(bytes)
}

fn refuse(args: &Args, problem: &exchange::Problem, screen: &Screen) -> Result<Outcome, Error> {
    let name = args.path.display();
    screen.diagnostic(&format!("error: {name}: {problem}\n"))?;
    Ok(Outcome::BadInput)
}
