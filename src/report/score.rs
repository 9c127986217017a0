//! The score of a schedule as text.

use super::style::Style;
use crate::analysis::score::{Group, Network, Point, Score, Tally, Verdict};

/// Groups that a line names before it only counts.
const NAMED: usize = 3;

/// The 14 points as a table with the names behind each, then the shape of the network.
pub fn score_text(score: &Score) -> String {
    let count = |verdict| score.points.iter().filter(|point| point.verdict == verdict).count();
    let (pass, fail) = (count(Verdict::Pass), count(Verdict::Fail));
    let head = Style::head("Schedule, by the DCMA 14-point assessment");
    let told = format!(
        "  {pass} of {} points with a threshold are met; unit steps count once for each hall",
        pass + fail
    );
    let lines: Vec<String> = score.points.iter().map(point).collect();
    format!("{head}\n{}\n{}\n{}", Style::dim(&told), lines.join("\n"), network(&score.network))
}

fn point(point: &Point) -> String {
    let figure = match (point.found, point.of, point.value) {
        (Some(found), Some(of), Some(value)) if !point.limit.contains("0.95") => {
            format!("{found} of {of}, {:.1} %", value * 100.0)
        }
        (Some(found), Some(of), None) => format!("{found} of {of}"),
        (_, _, Some(value)) => format!("{value:.2}"),
        _ => String::new(),
    };
    let verdict = match point.verdict {
        Verdict::Pass => "ok",
        Verdict::Fail => "FAIL",
        Verdict::Told => "",
        Verdict::NotAssessed => "not assessed",
    };
    let verdict = match point.verdict {
        Verdict::Fail => Style::bad(verdict),
        _ => verdict.to_owned(),
    };
    let reason = point.reason.iter().cloned();
    let told: Vec<String> = reason.chain(names(&point.which)).collect();
    let limit = point.limit;
    let line =
        format!("  {:>2} {:<27}{figure:>20}  {limit:<14}{verdict}", point.number, point.name);
    let mut text = line.trim_end().to_owned();
    if !told.is_empty() {
        text.push_str(&Style::dim(&format!("\n     {}", told.join(": "))));
    }
    text
}

fn names(which: &[Group]) -> Option<String> {
    let name = |group: &Group| match group.count {
        1 => group.name.clone(),
        count => format!("{} ({count})", group.name),
    };
    let mut names: Vec<String> = which.iter().take(NAMED).map(name).collect();
    if which.len() > NAMED {
        let more: usize = which[NAMED..].iter().map(|group| group.count).sum();
        names.push(format!("{more} more"));
    }
    (!names.is_empty()).then(|| names.join(", "))
}

fn network(network: &Network) -> String {
    let head = format!(
        "  {} activities, {} links: {:.1} links an activity (2 to 4 are usual)",
        network.activities, network.links, network.links_per_activity
    );
    let rows = [
        ("open starts", &network.open_starts),
        ("open finishes", &network.open_finishes),
        ("dangling starts", &network.dangling_starts),
        ("dangling finishes", &network.dangling_finishes),
        ("redundant links", &network.redundant_links),
    ];
    let row = |(name, tally): (&str, &Tally)| {
        let names = names(&tally.which).map(|names| Style::dim(&format!("\n     {names}")));
        format!("     {name:<27}{:>20}{}", tally.count, names.unwrap_or_default())
    };
    let rows = rows.map(row);
    format!("{}\n{head}\n{}\n", Style::head("Network"), rows.join("\n"))
}
