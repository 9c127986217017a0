//! What was found odd, and how to make the page again.

use super::super::figure::Table;
use super::Paper;
use super::digest::sha256_hex;
use super::html::Html;
use super::table;
use crate::spec::{KeyPaths, Severity, SourceKind};

/// What was found odd in the input.
pub(super) fn warnings(html: &mut Html, paper: &Paper<'_>) {
    if paper.findings.is_empty() {
        html.line("p", &[("class", "note")], "None: the input raised no warning.");
        return;
    }
    let mut table = Table::new(["", "what", "where", "key", "what to do"]);
    for finding in paper.findings {
        let source = paper.sources.source(finding.at.start);
        let place = paper.sources.place(finding.at.start).filter(|_| finding.at.end > 0);
        let files = [SourceKind::File, SourceKind::Member, SourceKind::Scenario];
        let file = source.filter(|source| place.is_some() && files.contains(&source.kind));
        table.rows.push(vec![
            match finding.severity {
                Severity::Error => "error".to_owned(),
                Severity::Warning => "warning".to_owned(),
            },
            format!("{} [{}]", finding.message, finding.id),
            place.map_or_else(String::new, |place| {
                format!("{}:{}:{}", place.name, place.line, place.column)
            }),
            file.map_or_else(String::new, |file| KeyPaths::of(file).at(finding.at)),
            finding.help.clone().unwrap_or_default(),
        ]);
    }
    table::write(html, "Warnings of the input", &table);
}

/// Command, version, seed, trials, and SHA-256 of everything that was read.
pub(super) fn write(html: &mut Html, paper: &Paper<'_>) {
    html.line("p", &[], "The same program, files and command give this page byte by byte:");
    html.block("pre", &[("class", "command"), ("tabindex", "0")], |html| {
        html.line("code", &[("data-key", "command")], paper.command);
    });
    let trials = paper.told.trials.map(|trials| &trials.overall);
    let none = || "none were run".to_owned();
    let facts = [
        ("program", "Program", concat!("energize ", env!("CARGO_PKG_VERSION")).to_owned()),
        ("trials", "Trials", trials.map_or_else(none, |of| of.trials.to_string())),
        ("seed", "Seed", trials.map_or_else(none, |of| of.seed.to_string())),
        ("sampling", "Sampling", trials.map_or_else(none, |of| of.sampling.clone())),
        ("fingerprint", "Fingerprint of trials", paper.fingerprint.to_owned()),
    ];
    html.block("dl", &[("class", "pairs")], |html| {
        for (key, name, value) in &facts {
            html.line("dt", &[], name);
            html.line("dd", &[("data-key", key)], value);
        }
    });
    let mut inputs = Table::new(["what", "name", "bytes", "SHA-256"]);
    for source in paper.sources.parts() {
        let kind = match source.kind {
            SourceKind::File => "file",
            SourceKind::Member => "file of the portfolio",
            SourceKind::Scenario => "scenario",
            SourceKind::Set | SourceKind::Delay => "flag",
            SourceKind::Other => "text",
        };
        let name = match source.kind {
            SourceKind::Set | SourceKind::Delay => format!("{} {}", source.name, source.text),
            _ => source.name.clone(),
        };
        inputs.rows.push(vec![
            kind.to_owned(),
            name,
            source.text.len().to_string(),
            sha256_hex(source.text.as_bytes()),
        ]);
    }
    table::write(
        html,
        "Inputs and their hashes (a schedule: of the site text made from it)",
        &inputs,
    );
}
