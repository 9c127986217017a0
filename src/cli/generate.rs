//! `energize generate`: a synthetic portfolio as a file.

use std::path::PathBuf;

use super::{Error, Outcome, Screen, folder};
use crate::exchange::synthetic;

/// Write a synthetic portfolio of realistic, different sites: for load, not for forecasts
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  energize generate --sites 1000 --seed 1 -o big.yaml
  energize run big.yaml")]
pub struct Args {
    /// How many sites
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    sites: u32,
    /// Seed: the same one gives the same bytes
    #[arg(long, default_value_t = 1, value_name = "SEED")]
    seed: u64,
    /// The file to write
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

/// Writes the file.
///
/// # Errors
///
/// The file cannot be written.
pub fn run(args: &Args, _: &Screen) -> Result<Outcome, Error> {
    let text = synthetic::portfolio_text(args.sites, args.seed);
    folder::write_file(&args.output, text.as_bytes())?;
    Ok(Outcome::Fine)
}
