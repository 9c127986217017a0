//! `energize level`: crews shared out by a priority rule.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser, ValueParser};

use super::{Error, Outcome, Screen};
use crate::engine::level::{Rule, Scheme, level};
use crate::exchange::psplib;
use crate::model::Plan;
use crate::report::findings_text;
use crate::spec::{At, Finding, Findings, SourceKind, Sources};
use crate::time::Minute;

/// Schedule PSPLIB projects (.sm) by a priority rule; prints one line `file,makespan` for each
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Rules, equal values by job number; dates and floats ignore crews:
  lft   earliest late finish        mts   most successors, direct or not
  lst   earliest late start         grpw  longest work, that of direct successors added
  mslk  least total float           spt   shortest work
  num   job number

Examples:
  energize level j301_1.sm --rule lft --scheme serial
  energize level j30/*.sm --rule mslk > makespans.csv")]
pub struct Args {
    /// Project files
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Who is served first: lft, lst, mslk, mts, grpw, spt or num
    #[arg(
        long,
        default_value = "lft",
        ignore_case = true,
        value_parser = rules(),
        hide_possible_values = true
    )]
    rule: Rule,
    /// Job by job, or instant by instant as the engine does
    #[arg(long, default_value = "parallel", ignore_case = true, value_parser = schemes())]
    scheme: Scheme,
}

fn rules() -> ValueParser {
    let name = |rule: Rule| {
        let value = PossibleValue::new(rule.name());
        if rule == Rule::Number { value.aliases(["number", "job-number"]) } else { value }
    };
    let rule = |name: String| {
        let named = |rule: &Rule| rule.name().eq_ignore_ascii_case(&name);
        Rule::ALL.into_iter().find(named).unwrap_or(Rule::Number)
    };
    PossibleValuesParser::new(Rule::ALL.map(name)).map(rule).into()
}

fn schemes() -> ValueParser {
    let scheme = |name: String| match name.to_ascii_lowercase().as_str() {
        "serial" => Scheme::Serial,
        _ => Scheme::Parallel,
    };
    PossibleValuesParser::new(["serial", "parallel"]).map(scheme).into()
}

/// Reads all files, then schedules and prints; a wrong file is told with its line, and then nothing
/// is scheduled.
///
/// # Errors
///
/// A file that cannot be read, a closed pipe.
pub fn run(args: &Args, screen: &Screen) -> Result<Outcome, Error> {
    let mut sources = Sources::default();
    let mut findings = Findings::default();
    let mut plans: Vec<(String, Plan)> = Vec::new();
    for path in &args.files {
        let name = path.display().to_string();
        let read = std::fs::read(path);
        let bytes = read.map_err(|source| Error::Read { path: path.clone(), source })?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if sources.add(SourceKind::Other, name.clone(), text).is_none() {
            let message = format!("more than {} bytes of text", Sources::BYTES_MAX);
            findings.push(Finding::error("file-too-large", At::default(), message));
            break;
        }
        let source = sources.parts().last().expect("added just now");
        plans.extend(psplib::read(source, &mut findings).map(|plan| (name, plan)));
    }
    if findings.any_error() {
        screen.diagnostic(&findings_text(&sources, &findings.into_sorted()))?;
        return Ok(Outcome::BadInput);
    }
    let mut lines = csv::Writer::from_writer(Vec::new());
    for (name, plan) in &plans {
        let makespan = level(plan, args.rule, args.scheme).end().max(Minute(0)) - plan.start;
        lines.write_record([name, &makespan.0.to_string()]).expect("writing to memory");
    }
    let lines = lines.into_inner().expect("writing to memory");
    screen.result(&String::from_utf8_lossy(&lines))?;
    Ok(Outcome::Fine)
}
