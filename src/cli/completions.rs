//! `energize completions` and `energize man`: what shells and readers of manuals want, from the
//! program itself.

use std::path::PathBuf;

use clap_complete::Shell;
use clap_mangen::Man;

use super::folder;
use super::{Error, Outcome, Screen};

/// Print completions of verbs and flags for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  energize completions bash > ~/.local/share/bash-completion/completions/energize
  energize completions zsh > ~/.zfunc/_energize        # a folder of $fpath
  energize completions fish > ~/.config/fish/completions/energize.fish")]
pub struct Args {
    /// Which shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

/// Print the manual page, or write a page for each verb
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  energize man | man -l -
  energize man -o ~/.local/share/man/man1      # energize.1, energize-run.1, ...")]
pub struct ManArgs {
    /// Write energize.1 and a page for each verb here
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
}

/// Prints the script.
///
/// # Errors
///
/// A closed pipe.
pub fn run(args: &Args, screen: &Screen) -> Result<Outcome, Error> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "energize", &mut script);
    screen.result(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::Fine)
}

/// Prints or writes the pages.
///
/// # Errors
///
/// A file that cannot be written, a closed pipe.
pub fn man(args: &ManArgs, screen: &Screen) -> Result<Outcome, Error> {
    let mut whole = super::command();
    whole.build();
    let Some(dir) = &args.output else {
        screen.result(&String::from_utf8_lossy(&page(whole, "energize")?))?;
        return Ok(Outcome::Fine);
    };
    let failed = |source| Error::Write { path: dir.clone(), source };
    std::fs::create_dir_all(dir).map_err(failed)?;
    for verb in whole.get_subcommands().filter(|verb| verb.get_name() != "help") {
        let name = format!("energize-{}", verb.get_name());
        let path = dir.join(format!("{name}.1"));
        folder::write_file(&path, &page(verb.clone(), &name)?)?;
    }
    folder::write_file(&dir.join("energize.1"), &page(whole, "energize")?)?;
    Ok(Outcome::Fine)
}

fn page(command: clap::Command, title: &str) -> Result<Vec<u8>, Error> {
    let mut page = Vec::new();
    Man::new(command).title(title).render(&mut page)?;
    Ok(page)
}
