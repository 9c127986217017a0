//! `energize slip`: what a slip of one activity costs.

use std::path::PathBuf;

use super::explain::find;
use super::folder;
use super::site::{SiteArgs, show_findings};
use super::{Error, Outcome, Screen};
use crate::analysis::sweep::sweep;
use crate::report::{sweep_csv, sweep_json, sweep_text};
use crate::time::{Calendar, Length, Span, parse_length};

/// Slip an activity step by step: dates, revenue, interest before revenue, cover, and what breaks
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Work that has begun takes so much longer instead. The break-even is found to a day.

Examples:
  energize slip sites/london-blackwell-ultra.yaml energise-1
  energize slip sites/london-blackwell-ultra.yaml energise-1 --to 26w --step 2w --csv slip.csv
  energize slip site.yaml hall-1.ist --to 30d --step 5d --json")]
pub struct Args {
    #[command(flatten)]
    site: SiteArgs,
    /// The activity: its id, or `hall-1` for what makes a hall ready
    #[arg(value_name = "ACTIVITY")]
    activity: String,
    /// The longest slip, in time of the activity's calendar
    #[arg(long, value_name = "LENGTH", default_value = "26w", value_parser = parse_length)]
    to: Length,
    /// From one slip to the next
    #[arg(long, value_name = "LENGTH", default_value = "1w", value_parser = parse_length)]
    step: Length,
    /// Write the table as CSV
    #[arg(long, value_name = "OUT")]
    csv: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Loads, sweeps, prints.
///
/// # Errors
///
/// A file that cannot be read or written, a closed pipe.
pub fn run(args: &Args, screen: &Screen) -> Result<Outcome, Error> {
    let mut loaded = args.site.load()?;
    show_findings(&loaded, screen)?;
    let Some(activity) = find(&mut loaded, &args.activity, screen)? else {
        return Ok(Outcome::BadInput);
    };
    let Some(site) = &loaded.site else { return Ok(Outcome::BadInput) };
    let calendar = site.plan.calendar(activity);
    let spans = span(args.to, calendar).and_then(|to| Ok((to, span(args.step, calendar)?)));
    let swept = spans.and_then(|(to, step)| sweep(site, activity, to, step));
    let swept = match swept {
        Ok(swept) => swept,
        Err(message) => return screen.refuse(&message),
    };
    if let Some(path) = &args.csv {
        folder::write_file(path, sweep_csv(site, activity, &swept).as_bytes())?;
    }
    let text = match args.json {
        true => format!("{:#}\n", sweep_json(site, activity, &swept)),
        false => sweep_text(site, activity, &swept),
    };
    screen.result(&text)?;
    Ok(Outcome::Fine)
}

/// A length as time of the activity's calendar.
fn span(length: Length, calendar: &Calendar) -> Result<Span, String> {
    if length.is_elapsed() && calendar.id() != "always" {
        let id = calendar.id();
        return Err(format!("`{length}` is elapsed time, but the activity is counted in `{id}`"));
    }
    length.on(calendar)
}
