//! `energize explain`: what drove a date, what made a ratio.

use super::site::{SiteArgs, show_findings};
use super::{Error, Outcome, Screen};
use crate::analysis::{self, cover, explain};
use crate::engine::run_site;
use crate::model::{Loaded, Site};
use crate::report::{cover_json, cover_text, explain_json, explain_text, findings_text};
use crate::spec::{At, Finding, SourceKind};

/// Explain a date by the chain of what drove it, or a cover ratio by the entries behind it
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Each step tells its dates, work and calendar, what set it (a link with its lag, a crew or racks it
waited for, a date), by how many working days of its calendar that was later than the next-best
predecessor, and what ended each wait.

Examples:
  energize explain sites/london-blackwell-ultra.yaml hall-3
  energize explain site.yaml hall-2.ist --delay energise-1=8w
  energize explain site.yaml energise-2 --json
  energize explain site.yaml dscr@2026-09    # of the quarter that holds the month, or as tested
  energize explain site.yaml ltv@2027-06     # also icr, llcr, plcr, leverage, liquidity,
                                             # realization")]
pub struct Args {
    #[command(flatten)]
    site: SiteArgs,
    /// An activity or milestone by its full id, or a hall, unit, stage or lot; or dscr@2026-09
    #[arg(value_name = "ACTIVITY")]
    activity: String,
    /// Print the chain as JSON
    #[arg(long)]
    json: bool,
}

/// Loads, runs, and tells what drove the activity.
///
/// # Errors
///
/// A file that cannot be read, a closed pipe.
pub fn run(args: &Args, screen: &Screen) -> Result<Outcome, Error> {
    let mut loaded = args.site.load()?;
    show_findings(&loaded, screen)?;
    if let Some(asked) = cover::parse(&args.activity) {
        let Some(site) = &loaded.site else { return Ok(Outcome::BadInput) };
        return ratio(args, site, asked, screen);
    }
    let Some(activity) = find(&mut loaded, &args.activity, screen)? else {
        return Ok(Outcome::BadInput);
    };
    let Some(site) = &loaded.site else { return Ok(Outcome::BadInput) };
    let run = analysis::run(site);
    let explanation = explain::explain(site, &run.timeline, activity);
    let text = if args.json {
        let json = explain_json(site, &run, &args.activity, &explanation);
        format!("{json:#}\n")
    } else {
        explain_text(site, &run, &explanation)
    };
    screen.result(&text)?;
    Ok(Outcome::Fine)
}

/// Takes a cover ratio apart.
fn ratio(
    args: &Args,
    site: &Site,
    asked: Result<cover::Asked, String>,
    screen: &Screen,
) -> Result<Outcome, Error> {
    let parts = asked.and_then(|asked| {
        let parts = cover::cover_parts(site, &run_site(site), asked);
        parts.map_err(|why| format!("`{}`: {why}", args.activity))
    });
    let parts = match parts {
        Ok(parts) => parts,
        Err(message) => return screen.refuse(&message),
    };
    let text = match args.json {
        true => format!("{:#}\n", cover_json(site, &parts)),
        false => cover_text(site, &parts),
    };
    screen.result(&text)?;
    Ok(Outcome::Fine)
}

/// The activity of a name, or the finding that there is none.
///
/// # Errors
///
/// The pipe is closed.
pub fn find(loaded: &mut Loaded, name: &str, screen: &Screen) -> Result<Option<u32>, Error> {
    let Some(site) = &loaded.site else { return Ok(None) };
    let help = match explain::find(site, name) {
        Ok(activity) => return Ok(Some(activity)),
        Err(help) => help,
    };
    let base = loaded.sources.add(SourceKind::Other, "ACTIVITY", name.to_owned());
    let at = At::new(base.unwrap_or_default(), 0, name.len());
    let message = format!("no activity is called `{name}`");
    let finding = Finding::error("unknown-activity", at, message).maybe_help(help);
    screen.diagnostic(&findings_text(&loaded.sources, &[finding]))?;
    Ok(None)
}
