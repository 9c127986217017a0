//! `energize merge`: the parts of a run that was split, as one.

use std::fs::File;
use std::path::PathBuf;

use super::risk::{self, More, Told};
use super::{Error, Outcome, Screen};
use crate::risk::{Store, StoreError, merge};

/// Lay the parts of a split run together: what they say is what one run says, byte for byte
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  energize risk site.yaml --trials 1000000 --shard 1/2 --rows part1
  energize risk site.yaml --trials 1000000 --shard 2/2 --rows part2
  energize merge part1 part2 --out results")]
pub struct Args {
    /// The files that `energize risk --rows` wrote, in any order
    #[arg(required = true, value_name = "PART")]
    parts: Vec<PathBuf>,
    /// Write summary.json and percentiles, drivers, breaches and failures as CSV here
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write into a folder that holds other files
    #[arg(long)]
    force: bool,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

/// Opens, checks, merges, prints.
///
/// # Errors
///
/// A file that cannot be read or written, a closed pipe.
pub fn run(args: &Args, screen: &Screen) -> Result<Outcome, Error> {
    let mut parts = Vec::new();
    for path in &args.parts {
        let name = path.display().to_string();
        let failed = |source| Error::Read { path: path.clone(), source };
        match Store::open(File::open(path).map_err(failed)?) {
            Ok(opened) => {
                if let Some(damage) = opened.damage {
                    screen.diagnostic(&format!("warning: {name}: {damage}\n"))?;
                }
                parts.push((name, opened.store));
            }
            Err(error @ StoreError::Disk { .. }) => return Err(error.into()),
            Err(error) => return screen.refuse(&format!("{name}: {error}")),
        }
    }
    match merge(parts) {
        Ok(mut store) => {
            let told = Told { out: args.out.as_deref(), force: args.force, json: args.json };
            risk::tell(&mut store, &told, &[], &More::default(), screen)?;
            Ok(Outcome::Fine)
        }
        Err(error @ StoreError::Disk { .. }) => Err(error.into()),
        Err(error) => screen.refuse(&error.to_string()),
    }
}
