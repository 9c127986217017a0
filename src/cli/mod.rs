//! The command line: the only code that prints, touches files and decides exit codes.
//!
//! One file a verb. Exit codes: 0 fine, 2 the input is wrong, 3 the world failed (file, disk); 1 is
//! kept for verbs that answer a question with no.

mod bench;
mod check;
mod compare;
mod completions;
mod explain;
mod export;
mod folder;
mod generate;
mod import;
mod level;
mod merge;
mod new;
mod plot;
mod report;
mod risk;
mod run;
mod schedule;
mod schema;
mod site;
mod slip;
mod trials;
mod watch;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand};

/// When each megawatt of an AI data centre comes online, what revenue it earns, and whether that
/// covers the debt that paid for it.
#[derive(Debug, Parser)]
#[command(name = "energize", version, max_term_width = 100, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
    /// Print nothing but errors
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Colours: auto (a terminal, and NO_COLOR is not set), always or never
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: ColorChoice,
}

const AFTER_HELP: &str = "\
Examples:
  energize check sites/london-blackwell-ultra.yaml
  energize run sites/london-blackwell-ultra.yaml --out results

Exit codes: 0 fine; 1 the answer to a question is no; 2 the input is wrong;
3 a file or disk failed; 130 stopped by Ctrl-C.";

/// What stands below the help of every verb.
const EXIT_CODES: &str = "\
Exit codes: 0 fine; 1 the answer to a question is no; 2 the input is wrong;
3 a file or disk failed; 130 stopped by Ctrl-C.";

#[derive(Debug, Subcommand)]
enum Verb {
    Run(run::Args),
    Check(check::Args),
    Schedule(schedule::Args),
    Import(import::Args),
    Explain(explain::Args),
    Slip(slip::Args),
    Compare(compare::Args),
    Risk(Box<risk::Args>),
    Merge(merge::Args),
    Plot(plot::Args),
    Report(report::Args),
    Level(level::Args),
    Export(export::Args),
    Generate(generate::Args),
    Bench(bench::Args),
    New(new::Args),
    Watch(watch::Args),
    Schema(schema::Args),
    Completions(completions::Args),
    Man(completions::ManArgs),
}

/// What went wrong outside the input.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read.
    #[error("cannot read {path}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file or folder could not be written.
    #[error("cannot write {path}")]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A schedule of another program is refused.
    #[error("{path}: {problem}")]
    Schedule {
        /// Which.
        path: PathBuf,
        /// Why.
        problem: crate::exchange::Problem,
    },
    /// A file of actual figures is refused.
    #[error("{path}: {message}")]
    Actuals {
        /// Which.
        path: PathBuf,
        /// The line and what is wrong with it.
        message: String,
    },
    /// Files are laid over each other without end.
    #[error("{path}: its `base:` leads through more than 16 files")]
    Bases {
        /// The file that was named.
        path: PathBuf,
    },
    /// A file is there already.
    #[error("{path} exists; --force replaces it")]
    Exists {
        /// Which.
        path: PathBuf,
    },
    /// The folder holds files that energize did not write.
    #[error("{path} holds `{foreign}`, which energize did not write; --force writes beside it")]
    ForeignFolder {
        /// Which.
        path: PathBuf,
        /// One of its files.
        foreign: String,
    },
    /// The path is a file.
    #[error("{path} is a file, not a folder")]
    NotAFolder {
        /// Which.
        path: PathBuf,
    },
    /// A picture could not be encoded.
    #[error("cannot draw {name}")]
    Draw {
        /// Which.
        name: String,
        /// Why.
        source: crate::plot::Error,
    },
    /// Rows of trials cannot be kept or read.
    #[error("rows of trials")]
    Rows(#[from] crate::risk::StoreError),
    /// A length has no fixed number of minutes.
    #[error("{0}")]
    Length(String),
    /// The terminal or pipe is gone.
    #[error("cannot print")]
    Print(#[from] std::io::Error),
}

/// How a verb ended when nothing failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All is well.
    Fine,
    /// The answer to what was asked is no; it was told.
    No,
    /// The input is wrong; findings were printed.
    BadInput,
    /// Stopped from outside; what is complete was told.
    Stopped,
}

/// Where a verb prints.
pub struct Screen {
    quiet: bool,
}

impl Screen {
    /// Whether nothing but errors is wanted.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Prints results to standard output.
    ///
    /// # Errors
    ///
    /// The pipe is closed.
    pub fn result(&self, text: &str) -> Result<(), Error> {
        if self.quiet {
            return Ok(());
        }
        let mut out = anstream::stdout().lock();
        out.write_all(text.as_bytes())?;
        Ok(out.flush()?)
    }

    /// Tells what is wrong with what was asked for.
    ///
    /// # Errors
    ///
    /// The pipe is closed.
    pub fn refuse(&self, message: &str) -> Result<Outcome, Error> {
        self.diagnostic(&format!("error: {message}\n"))?;
        Ok(Outcome::BadInput)
    }

    /// Prints findings and other diagnostics to standard error.
    ///
    /// # Errors
    ///
    /// The pipe is closed.
    pub fn diagnostic(&self, text: &str) -> Result<(), Error> {
        let mut out = anstream::stderr().lock();
        out.write_all(text.as_bytes())?;
        Ok(out.flush()?)
    }
}

/// Parses the arguments, runs the verb, and gives the exit code.
pub fn main() -> ExitCode {
    let cli = Cli::from_arg_matches(&command().get_matches()).unwrap_or_else(|error| error.exit());
    let choice = match cli.color {
        ColorChoice::Auto => anstream::ColorChoice::Auto,
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
    let screen = Screen { quiet: cli.quiet };
    let outcome = match &cli.verb {
        Verb::Run(args) => run::run(args, &screen),
        Verb::Check(args) => check::run(args, &screen),
        Verb::Schedule(args) => schedule::run(args, &screen),
        Verb::Import(args) => import::run(args, &screen),
        Verb::Explain(args) => explain::run(args, &screen),
        Verb::Slip(args) => slip::run(args, &screen),
        Verb::Compare(args) => compare::run(args, &screen),
        Verb::Risk(args) => risk::run(args, &screen),
        Verb::Bench(args) => bench::run(args, &screen),
        Verb::Generate(args) => generate::run(args, &screen),
        Verb::Merge(args) => merge::run(args, &screen),
        Verb::Plot(args) => plot::run(args, &screen),
        Verb::Report(args) => report::run(args, &screen),
        Verb::Level(args) => level::run(args, &screen),
        Verb::Export(args) => export::run(args, &screen),
        Verb::New(args) => new::run(args, &screen),
        Verb::Watch(args) => watch::run(args, &screen),
        Verb::Schema(args) => schema::run(args, &screen),
        Verb::Completions(args) => completions::run(args, &screen),
        Verb::Man(args) => completions::man(args, &screen),
    };
    match outcome {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::No) => ExitCode::from(1),
        Ok(Outcome::BadInput) => ExitCode::from(2),
        // 128 and the number of the signal, as shells count it.
        Ok(Outcome::Stopped) => ExitCode::from(130),
        Err(Error::Print(source)) if source.kind() == std::io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error @ (Error::Schedule { .. } | Error::Bases { .. } | Error::Length(_))) => {
            let _ = screen.diagnostic(&format!("error: {error}\n"));
            ExitCode::from(2)
        }
        Err(error) => {
            let mut text = format!("energize: {error}");
            let mut cause = std::error::Error::source(&error);
            while let Some(inner) = cause {
                text.push_str(&format!(": {inner}"));
                cause = inner.source();
            }
            let _ = screen.diagnostic(&(text + "\n"));
            ExitCode::from(3)
        }
    }
}

/// The command line as clap knows it, for help, completions and manual pages.
pub fn command() -> clap::Command {
    Cli::command().mut_subcommands(|verb| {
        let help = verb.get_after_help().map(ToString::to_string).unwrap_or_default();
        verb.after_help(format!("{help}\n\n{EXIT_CODES}"))
    })
}
