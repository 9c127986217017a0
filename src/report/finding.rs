//! Findings as text with the line drawn, and as JSON.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::Serialize;

use crate::spec::finding::counted;
use crate::spec::{Finding, Severity, Source, Sources, path_at};

/// Findings one below the other: message, file, line, column, the line itself, key path, help.
pub fn findings_text(sources: &Sources, findings: &[Finding]) -> String {
    let renderer = Renderer::styled();
    let mut text = String::new();
    for finding in findings {
        text.push_str(&renderer.render(&[group(sources, finding)]).to_string());
        text.push_str("\n\n");
    }
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let counted = [(Severity::Error, "error"), (Severity::Warning, "warning")]
        .into_iter()
        .map(|(severity, word)| (count(severity), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| counted(count, word));
    let counted: Vec<String> = counted.collect();
    if !counted.is_empty() {
        text.push_str(&counted.join(", "));
        text.push('\n');
    }
    text
}

fn group<'s>(sources: &'s Sources, finding: &'s Finding) -> Group<'s> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(&finding.message).id(finding.id));
    if let Some(place) = sources.place(finding.at.start)
        && let Some(source) = sources.source(finding.at.start)
    {
        let start = ((finding.at.start - source.base) as usize).saturating_sub(place.line_start);
        let end = ((finding.at.end - source.base) as usize).saturating_sub(place.line_start);
        let start = start.min(place.text.len());
        let end = end.clamp(start, place.text.len());
        let marked = AnnotationKind::Primary.span(start..end.max(start));
        let path = key_path(source, finding);
        let marked = if path.is_empty() { marked } else { marked.label(path) };
        let snippet = Snippet::source(place.text).line_start(place.line).path(place.name);
        group = group.element(snippet.annotation(marked));
    }
    match &finding.help {
        Some(help) => group.element(Level::HELP.message(help)),
        None => group,
    }
}

/// The path of keys that leads to a finding; none in the text of a flag, which is a path itself.
fn key_path(source: &Source, finding: &Finding) -> String {
    if source.name.starts_with("--") {
        return String::new();
    }
    path_at(source, finding.at.start)
}

/// Shape of one finding in JSON.
#[derive(Serialize)]
struct Json<'f> {
    id: &'f str,
    severity: &'static str,
    file: Option<&'f str>,
    line: Option<usize>,
    column: Option<usize>,
    path: String,
    message: &'f str,
    help: Option<&'f str>,
}

/// Findings as a JSON list of `{id, severity, file, line, column, path, message, help}`.
pub fn findings_json(sources: &Sources, findings: &[Finding]) -> serde_json::Value {
    let json = |finding: &Finding| {
        let place = sources.place(finding.at.start);
        let source = sources.source(finding.at.start);
        let json = Json {
            id: finding.id,
            severity: match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            file: place.map(|place| place.name),
            line: place.map(|place| place.line),
            column: place.map(|place| place.column),
            path: source.map(|source| key_path(source, finding)).unwrap_or_default(),
            message: &finding.message,
            help: finding.help.as_deref(),
        };
        serde_json::to_value(json).expect("plain data")
    };
    findings.iter().map(json).collect()
}
