//! `energize new`: a starter site file with a comment on every block.

use std::path::PathBuf;

use super::{Error, Outcome, Screen, folder};

/// Write a commented starter site file: a site that checks and runs, to be filled in
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Every figure is a placeholder of the right size: marks in the comments say which are estimates.

Examples:
  energize new paris-1 --template greenfield
  energize new hall-c --template powered-shell -o sites/hall-c.yaml
  energize check paris-1.yaml")]
pub struct Args {
    /// Short name of the site: letters, digits, `-` and `_`
    #[arg(value_name = "NAME", value_parser = name)]
    name: String,
    /// What it begins with
    #[arg(long, value_enum, value_name = "KIND")]
    template: Template,
    /// The file to write; NAME.yaml where it is not given
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace a file that is there
    #[arg(long)]
    force: bool,
}

/// What a site begins with.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Template {
    /// Land: consents, grid, building, halls, racks
    Greenfield,
    /// A building that is emptied and fitted out anew
    Retrofit,
    /// A leased shell with power and cooling: only racks and their tests are missing
    PoweredShell,
}

impl Template {
    /// The file as it ships: a whole site called [`PLACEHOLDER`].
    fn text(self) -> &'static str {
        match self {
            Template::Greenfield => include_str!("templates/greenfield.yaml"),
            Template::Retrofit => include_str!("templates/retrofit.yaml"),
            Template::PoweredShell => include_str!("templates/powered-shell.yaml"),
        }
    }
}

/// The name that the templates carry.
const PLACEHOLDER: &str = "new-site";

/// The name of a site, also where it is written as that of the file.
fn name(text: &str) -> Result<String, String> {
    let text = text.strip_suffix(".yaml").unwrap_or(text);
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
    match begins && text.chars().all(fits) {
        true => Ok(text.to_owned()),
        false => Err("a name begins with a letter and holds letters, digits, `-` and `_`".into()),
    }
}

/// Writes the file.
///
/// # Errors
///
/// A file that is there already, or cannot be written.
pub fn run(args: &Args, screen: &Screen) -> Result<Outcome, Error> {
    let path = args.output.clone().unwrap_or_else(|| format!("{}.yaml", args.name).into());
    if path.is_file() && !args.force {
        return Err(Error::Exists { path });
    }
    let text = args.template.text().replace(PLACEHOLDER, &args.name);
    folder::write_file(&path, text.as_bytes())?;
    screen.result(&format!("{0}: next, energize check {0}\n", path.display()))?;
    Ok(Outcome::Fine)
}
