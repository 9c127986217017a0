//! `energize plot`: charts as SVG and PNG.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use super::folder::{self, File};
use super::site::{SiteArgs, actuals, show_findings};
use super::trials::{self, fingerprint, run_all, scratch, threads, told_by_trials};
use super::{Error, Outcome, Screen};
use crate::analysis;
use crate::chance::Plan;
use crate::model::{Loaded, Site};
use crate::plot::Theme;
use crate::report::{self, Figure, Kind, Told};
use crate::risk::Study;

/// Draw charts of a site or portfolio: capacity, programme, drivers, money
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Kinds: ramp, fan, s-curve, waterfall, gantt, tornado, slips, crews, bottleneck, cover, money-fan,
backlog, collateral, calibration (with --against). Fans, S-curves and tornadoes are of many trials.
A chart that has nothing to show (no loan, no promise, no uncertainty) is left out, and said so
where it was asked for.

Examples:
  energize plot sites/london-blackwell-ultra.yaml -o charts
  energize plot site.yaml --kind ramp --kind gantt --theme dark -o charts
  energize plot site.yaml --kind fan --trials 10000 --seed 7 --format svg -o charts")]
pub struct Args {
    #[command(flatten)]
    site: SiteArgs,
    /// What to draw; may be given several times
    #[arg(long, value_name = "KIND", default_value = "all", value_parser = parse_kind)]
    kind: Vec<Kinds>,
    /// Folder for the charts and summary.json, which has the numbers behind each
    #[arg(long, short, value_name = "DIR")]
    out: PathBuf,
    /// Write into a folder that holds other files
    #[arg(long)]
    force: bool,
    /// Light, dark (files end in -dark) or both
    #[arg(long, value_enum, default_value = "light", value_name = "THEME")]
    theme: Themes,
    /// svg, png or both
    #[arg(long, value_enum, default_value = "both", value_name = "FORMAT")]
    format: Format,
    /// Actual figures by quarter, for the calibration of revenue
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// Trials behind fans, S-curves and tornadoes
    #[arg(long, default_value_t = 1_000, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    trials: u32,
    /// Seed of the random streams
    #[arg(long, default_value_t = 1, value_name = "S")]
    seed: u64,
    /// Threads; as many as the machine has where none is given
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

/// One kind or all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kinds {
    All,
    One(Kind),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Themes {
    Light,
    Dark,
    Both,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Svg,
    Png,
    Both,
}

fn parse_kind(text: &str) -> Result<Kinds, String> {
    if text == "all" {
        return Ok(Kinds::All);
    }
    let names = Kind::ALL.map(Kind::name);
    let found = Kind::ALL.into_iter().find(|kind| kind.name() == text);
    found.map(Kinds::One).ok_or_else(|| format!("one of all, {}", names.join(", ")))
}

/// Loads, runs, runs trials where a chart needs them, draws, writes.
///
/// # Errors
///
/// A file that cannot be read or written, a closed pipe.
pub fn run(args: &Args, screen: &Screen) -> Result<Outcome, Error> {
    let loaded = args.site.load()?;
    show_findings(&loaded, screen)?;
    let Some(site) = &loaded.site else { return Ok(Outcome::BadInput) };
    let all = args.kind.contains(&Kinds::All);
    let kinds: Vec<Kind> = Kind::ALL
        .into_iter()
        .filter(|kind| all || args.kind.contains(&Kinds::One(*kind)))
        .collect();
    let actuals = args.against.as_deref().map(actuals).transpose()?.unwrap_or_default();
    let run = analysis::run(site);
    let mut stopped = false;
    let trials = match kinds.iter().any(|kind| kind.needs_trials() || kind.needs_drivers()) {
        true => {
            let (told, early) = trials_of(args, &loaded, site, &kinds, screen)?;
            stopped = early;
            told
        }
        false => None,
    };
    let told = Told { site, run: &run, trials: trials.as_ref(), actuals: &actuals };
    let figures = report::figures(&told, &kinds);
    if figures.is_empty() {
        return screen.refuse("none of the charts that are asked for has anything to show");
    }
    if !all {
        for kind in kinds.iter().filter(|kind| figures.iter().all(|of| of.kind != **kind)) {
            screen.diagnostic(&format!("nothing to show: {}\n", kind.name()))?;
        }
    }
    let (files, names) = files(args, site, &figures)?;
    folder::write(&args.out, &files, args.force)?;
    screen.result(&format!("{}: {}\n", args.out.display(), names.join(", ")))?;
    let stopped = stopped || trials::stop().load(Ordering::Relaxed);
    Ok(if stopped { Outcome::Stopped } else { Outcome::Fine })
}

/// What the trials say, and whether they were stopped; nothing where none was complete.
fn trials_of(
    args: &Args,
    loaded: &Loaded,
    site: &Site,
    kinds: &[Kind],
    screen: &Screen,
) -> Result<(Option<report::Trials>, bool), Error> {
    let money =
        kinds.iter().any(|kind| matches!(kind, Kind::MoneyFan | Kind::Tornado | Kind::Calibration));
    let study = Study::new(site, args.seed, Plan::Plain, money);
    let threads = threads(args.threads);
    let meta = study.meta(fingerprint(loaded, !money), args.trials, 0..args.trials);
    let mut store = scratch(meta, trials::MEMORY_MB)?;
    let stopped = run_all(&study, &mut store, args.trials, threads, None, screen)?;
    if store.trials() == 0 {
        return Ok((None, stopped));
    }
    let drivers = !stopped && kinds.iter().any(|kind| kind.needs_drivers());
    Ok((Some(told_by_trials(&study, &mut store, threads, drivers, screen)?), stopped))
}

/// The pictures with their names, and the file that lists them.
fn files(args: &Args, site: &Site, figures: &[Figure]) -> Result<(Vec<File>, Vec<String>), Error> {
    let themes: &[(Theme, &str)] = match args.theme {
        Themes::Light => &[(Theme::Light, "")],
        Themes::Dark => &[(Theme::Dark, "-dark")],
        Themes::Both => &[(Theme::Light, ""), (Theme::Dark, "-dark")],
    };
    let (mut files, mut listed) = (Vec::new(), vec!["summary.json".to_owned()]);
    let mut told = Vec::new();
    for figure in figures {
        let mut own = Vec::new();
        for (theme, ending) in themes {
            let picture = figure.draw(*theme);
            if args.format != Format::Png {
                let name = format!("{}{ending}.svg", figure.name);
                files.push(File::new(name.clone(), picture.svg().into_bytes()));
                own.push(name);
            }
            if args.format != Format::Svg {
                let name = format!("{}{ending}.png", figure.name);
                let failed = |source| Error::Draw { name: name.clone(), source };
                files.push(File::new(name.clone(), picture.png().map_err(failed)?));
                own.push(name);
            }
        }
        told.push(serde_json::json!({
            "name": figure.name,
            "kind": figure.kind.name(),
            "title": figure.title(),
            "files": own,
            "table": {"head": figure.table.head, "rows": figure.table.rows},
        }));
        listed.extend(own);
    }
    let summary = serde_json::json!({
        "generator": concat!("energize ", env!("CARGO_PKG_VERSION")),
        "site": site.id,
        "files": listed,
        "figures": told,
    });
    files.push(File::new("summary.json", format!("{summary:#}\n").into_bytes()));
    Ok((files, figures.iter().map(|figure| figure.name.clone()).collect()))
}
