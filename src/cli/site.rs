//! A site file on the command line, with its edits.

use std::path::{Path, PathBuf};

use super::{Error, Screen};
use crate::model::{Input, Loaded, load};
use crate::report::findings_text;
use crate::spec::{Finding, Severity};

/// A site file and what is changed in it for this run.
#[derive(Debug, clap::Args)]
pub struct SiteArgs {
    /// The site file (YAML)
    #[arg(value_name = "SITE")]
    pub path: PathBuf,
    /// Set a key, e.g. power.pue=1.25, loans.ddtl.margin=5%, halls.hall-2.ist.duration=3w
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Delay an activity, e.g. energise-1=8w; `*` stands for any characters
    #[arg(long, value_name = "ACTIVITY=LENGTH")]
    pub delay: Vec<String>,
}

impl SiteArgs {
    /// Reads and checks the file.
    ///
    /// # Errors
    ///
    /// The file cannot be read; a wrong file is no error here but findings.
    pub fn load(&self) -> Result<Loaded, Error> {
        Ok(load(Input {
            name: self.path.display().to_string(),
            text: read(&self.path)?,
            sets: self.set.clone(),
            delays: self.delay.clone(),
        }))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source })
}

/// Prints what was found, if anything; a quiet screen shows errors alone.
///
/// # Errors
///
/// The pipe is closed.
pub fn show_findings(loaded: &Loaded, screen: &Screen) -> Result<(), Error> {
    let shown = |finding: &&Finding| finding.severity == Severity::Error || !screen.is_quiet();
    let findings: Vec<Finding> = loaded.findings.iter().filter(shown).cloned().collect();
    if findings.is_empty() {
        return Ok(());
    }
    screen.diagnostic(&findings_text(&loaded.sources, &findings))
}
