//! `energize export`: a run in another program's format.

use std::path::{Path, PathBuf};

use super::folder;
use super::site::{SiteArgs, show_findings};
use super::{Error, Outcome, Screen};
use crate::analysis;
use crate::exchange::Problem;
use crate::exchange::out::{self, Choice, Export};
use crate::model::Site;

/// Export a run to Microsoft Project, Graphviz, Mermaid, a calendar or CSV
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The dates are those of `energize run`: likely values, crews and racks included.
What a format cannot express is told by the nearest means it has; warnings say what and how often.

Examples:
  energize export sites/london-blackwell-ultra.yaml -o london.xml
  energize export sites/london-blackwell-ultra.yaml -o london.ics
  energize export sites/london-blackwell-ultra.yaml --format dot --critical
  energize export site.yaml -o hall-1.mmd --only 'hall-1.*' --delay energise-1=8w")]
pub struct Args {
    #[command(flatten)]
    site: SiteArgs,
    /// Which format; by default the one that the name of FILE ends in: .xml, .dot or .gv, .mmd,
    /// .ics, .csv
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,
    /// Write here instead of to standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Show only activities that match; `*` stands for any characters (dot, mermaid)
    #[arg(long, value_name = "PATTERN")]
    only: Option<String>,
    /// Show only the critical path, crews and racks included (dot, mermaid)
    #[arg(long)]
    critical: bool,
}

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Microsoft Project XML: tasks, links, calendars, progress, crews
    Mspdi,
    /// Graphviz: the network
    Dot,
    /// Mermaid: a Gantt chart
    Mermaid,
    /// iCalendar: milestones
    Ical,
    /// Dates and floats, the columns of `energize schedule --csv`
    Csv,
}

impl Format {
    /// The one that a file's name ends in.
    fn of(path: &Path) -> Option<Format> {
        match path.extension()?.to_str()?.to_lowercase().as_str() {
            "xml" => Some(Format::Mspdi),
            "dot" | "gv" => Some(Format::Dot),
            "mmd" | "mermaid" => Some(Format::Mermaid),
            "ics" => Some(Format::Ical),
            "csv" => Some(Format::Csv),
            _ => None,
        }
    }

    /// Whether it shows activities one by one, so that some may be left out.
    fn is_picture(self) -> bool {
        matches!(self, Format::Dot | Format::Mermaid)
    }
}

/// Loads, runs, and writes.
///
/// # Errors
///
/// A file that cannot be read or written, a closed pipe.
pub fn run(args: &Args, screen: &Screen) -> Result<Outcome, Error> {
    let format = match asked(args) {
        Ok(format) => format,
        Err(message) => return screen.refuse(&message),
    };
    let loaded = args.site.load()?;
    show_findings(&loaded, screen)?;
    let Some(site) = &loaded.site else { return Ok(Outcome::BadInput) };
    let export = match export(args, format, site) {
        Ok(export) => export,
        Err(message) => return screen.refuse(&message),
    };
    if !screen.is_quiet() {
        for (what, count) in export.substitutes.iter() {
            screen.diagnostic(&format!("warning: {}: {count} {what}\n", name(args)))?;
        }
        if let Some(advice) = &export.advice {
            screen.diagnostic(&format!("note: {advice}\n"))?;
        }
    }
    match &args.output {
        Some(path) => folder::write_file(path, export.text.as_bytes())?,
        None => screen.result(&export.text)?,
    }
    Ok(Outcome::Fine)
}

/// The format that the arguments ask for.
fn asked(args: &Args) -> Result<Format, String> {
    const FORMATS: &str = "mspdi (.xml), dot (.dot, .gv), mermaid (.mmd), ical (.ics), csv (.csv)";
    let by_name = args.output.as_deref().map(|path| (path, Format::of(path)));
    let format = match (args.format, by_name) {
        (Some(format), _) | (None, Some((_, Some(format)))) => format,
        (None, Some((path, None))) => {
            let path = path.display();
            return Err(format!("expected --format, as {path} does not end in one of: {FORMATS}"));
        }
        (None, None) => return Err(format!("expected --format or -o FILE; formats are {FORMATS}")),
    };
    if !format.is_picture() && (args.only.is_some() || args.critical) {
        return Err("--only and --critical choose what dot and mermaid draw; other formats tell \
                    everything"
            .into());
    }
    Ok(format)
}

fn export(args: &Args, format: Format, site: &Site) -> Result<Export, String> {
    let run = analysis::run(site);
    let choice = Choice { only: args.only.clone(), critical: args.critical };
    if format.is_picture() && choice.shown(site, &run) == 0 && !site.plan.activities.is_empty() {
        let only = args.only.as_deref().unwrap_or("*");
        return Err(format!("no activity to draw matches `{only}`"));
    }
    match format {
        Format::Mspdi => out::mspdi(site, &run).map_err(|problem: Problem| problem.to_string()),
        Format::Dot => Ok(out::dot(site, &run, &choice)),
        Format::Mermaid => Ok(out::mermaid(site, &run, &choice)),
        Format::Ical => Ok(out::ical(site, &run)),
        Format::Csv => Ok(out::csv(site, &run)),
    }
}

fn name(args: &Args) -> String {
    args.site.path.display().to_string()
}
