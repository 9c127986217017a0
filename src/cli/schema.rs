//! `energize schema`: what a file may say, for editors.

use super::{Error, Outcome, Screen};
use crate::spec::schema;

/// Print the JSON Schema of site, portfolio or scenario files: completion and checks in editors
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Draft-07, which every version of the YAML language server reads. Editors that use it (VS Code with
the YAML extension, Neovim, Helix, Emacs) find the schema by a comment on a line of the file:

  # yaml-language-server: $schema=site.schema.json

Examples:
  energize schema site > site.schema.json
  energize schema scenario")]
pub struct Args {
    /// Which kind of file
    #[arg(value_enum, default_value = "site", value_name = "KIND")]
    kind: Kind,
}

/// The kinds of files.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Kind {
    /// A site, or what is laid over one
    Site,
    /// Many sites and what they share
    Portfolio,
    /// Changes to a site or portfolio
    Scenario,
}

/// Prints the schema.
///
/// # Errors
///
/// A closed pipe.
pub fn run(args: &Args, screen: &Screen) -> Result<Outcome, Error> {
    let schema = match args.kind {
        Kind::Site => schema::site(),
        Kind::Portfolio => schema::portfolio(),
        Kind::Scenario => schema::scenario(),
    };
    screen.result(&format!("{schema:#}\n"))?;
    Ok(Outcome::Fine)
}
