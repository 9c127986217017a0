//! `energize report`: one page that opens from disk.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use super::folder;
use super::site::{SiteArgs, show_findings};
use super::trials::{self, fingerprint};
use super::{Error, Outcome, Screen};
use crate::analysis;
use crate::chance::Plan;
use crate::model::{Loaded, Site};
use crate::report::{self, Paper, Told, page};
use crate::risk::Study;

/// Write one HTML page with everything that a run and its trials say
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The page opens from disk, needs no network, prints on A4, and says how to make it again: the same
input and seed give the same bytes.

Examples:
  energize report sites/london-blackwell-ultra.yaml -o london.html
  energize report sites/london-greenfield.yaml --trials 10000 --seed 7 -o greenfield.html
  energize report site.yaml --trials 0 --delay energise-1=8w -o late.html --force")]
pub struct Args {
    #[command(flatten)]
    site: SiteArgs,
    /// Trials; 0 leaves out all that needs them
    #[arg(long, default_value_t = 1_000, value_name = "N")]
    trials: u32,
    /// Seed of the random streams
    #[arg(long, default_value_t = 1, value_name = "S")]
    seed: u64,
    /// Threads; as many as the machine has where none is given
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// The page
    #[arg(long, short, value_name = "FILE", default_value = "report.html")]
    out: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    force: bool,
}

/// Loads, runs, writes the page.
///
/// # Errors
///
/// A file that cannot be read or written, or is there already.
pub fn run(args: &Args, screen: &Screen) -> Result<Outcome, Error> {
    if args.out.exists() && !args.force {
        return Err(Error::Exists { path: args.out.clone() });
    }
    let loaded = args.site.load()?;
    show_findings(&loaded, screen)?;
    let Some(site) = &loaded.site else { return Ok(Outcome::BadInput) };
    let run = analysis::run(site);
    let Some(trials) = told_by_trials(args, &loaded, site, screen)? else {
        return Ok(Outcome::Stopped);
    };
    let paper = Paper {
        told: Told { site, run: &run, trials: trials.as_ref(), actuals: &[] },
        findings: &loaded.findings,
        sources: &loaded.sources,
        command: &command(args),
        fingerprint: &fingerprint(&loaded, false),
    };
    let text = page(&paper);
    folder::write_file(&args.out, text.as_bytes())?;
    screen.result(&format!("{}: {} kB\n", args.out.display(), text.len().div_ceil(1_000)))?;
    Ok(Outcome::Fine)
}

/// What trials say, if any are asked for; nothing at all if they were stopped.
fn told_by_trials(
    args: &Args,
    loaded: &Loaded,
    site: &Site,
    screen: &Screen,
) -> Result<Option<Option<report::Trials>>, Error> {
    if args.trials == 0 {
        return Ok(Some(None));
    }
    let study = Study::new(site, args.seed, Plan::Plain, true);
    let meta = study.meta(fingerprint(loaded, false), args.trials, 0..args.trials);
    let mut store = trials::scratch(meta, trials::MEMORY_MB)?;
    let threads = trials::threads(args.threads);
    let mut told = None;
    if !trials::run_all(&study, &mut store, args.trials, threads, None, screen)? {
        told = Some(trials::told_by_trials(&study, &mut store, threads, true, screen)?);
    }
    if trials::stop().load(Ordering::Relaxed) {
        screen.diagnostic("stopped; no page was written\n")?;
        return Ok(None);
    }
    Ok(Some(told))
}

/// The command that makes the page again, as a shell reads it; how many threads there were and
/// where the page goes change nothing in it.
fn command(args: &Args) -> String {
    let mut words: Vec<String> = vec!["energize".into(), "report".into()];
    let site = &args.site;
    let path = |path: &Path| path.display().to_string();
    words.push(path(&site.path));
    let mut flag = |name: &str, value: String| words.extend([name.to_owned(), value]);
    site.overlay.iter().for_each(|of| flag("--overlay", path(of)));
    site.scenario.iter().for_each(|of| flag("--scenario", path(of)));
    site.as_of.iter().for_each(|day| flag("--as-of", day.to_string()));
    site.set.iter().for_each(|set| flag("--set", set.clone()));
    site.delay.iter().for_each(|delay| flag("--delay", delay.clone()));
    flag("--trials", args.trials.to_string());
    if args.trials > 0 {
        flag("--seed", args.seed.to_string());
    }
    flag("-o", "report.html".into());
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// A word as a shell reads it back.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_where_a_shell_would_read_it_otherwise() {
        assert_eq!(quoted("sites/a.yaml"), "sites/a.yaml");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's; rm"), "'it'\\''s; rm'");
        assert_eq!(quoted(""), "''");
    }
}
