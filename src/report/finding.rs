//! Findings as text with the line drawn, and as JSON.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};
use serde::Serialize;

use crate::spec::finding::counted;
use crate::spec::{At, Finding, Findings, KeyPaths, Place, Severity, Source, SourceKind, Sources};

/// Findings one below the other: message, file, line, column, the line itself, key path, help.
pub fn findings_text(sources: &Sources, findings: &[Finding]) -> String {
    let renderer = Renderer::styled();
    let paths = Paths::of(sources, findings);
    let mut text = String::new();
    for finding in findings {
        text.push_str(&renderer.render(&[group(sources, &paths, finding)]).to_string());
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
        text.push_str(if findings.len() < Findings::COUNT_MAX {
            "\n"
        } else {
            "; no more are shown\n"
        });
    }
    text
}

fn group<'s>(sources: &'s Sources, paths: &Paths<'_>, finding: &'s Finding) -> Group<'s> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(&finding.message).id(finding.id));
    let first = line(sources, finding.at);
    let mut snippet = first.map(|line| {
        let mark = line.mark(AnnotationKind::Primary, finding.at, paths.at(finding.at));
        line.snippet().annotation(mark)
    });
    let mut second = None;
    if let Some(also) = &finding.also
        && let Some(other) = line(sources, also.at)
    {
        let mark = other.mark(AnnotationKind::Context, also.at, also.label.clone());
        let same = first.is_some_and(|first| first.start() == other.start());
        match snippet.take() {
            Some(first) if same => snippet = Some(first.annotation(mark)),
            first => (snippet, second) = (first, Some(other.snippet().annotation(mark))),
        }
    }
    for snippet in [snippet, second].into_iter().flatten() {
        group = group.element(snippet);
    }
    match &finding.help {
        Some(help) => group.element(Level::HELP.message(help)),
        None => group,
    }
}

/// A line of a source, and where it begins.
#[derive(Clone, Copy)]
struct Line<'s> {
    place: Place<'s>,
    base: u32,
}

fn line(sources: &Sources, at: At) -> Option<Line<'_>> {
    Some(Line { place: sources.place(at.start)?, base: sources.source(at.start)?.base })
}

impl<'s> Line<'s> {
    /// Offset over all sources of its first byte.
    fn start(&self) -> usize {
        self.base as usize + self.place.line_start
    }

    fn snippet(&self) -> Snippet<'s, Annotation<'s>> {
        let Place { name, line, text, .. } = self.place;
        Snippet::source(text).line_start(line).path(name)
    }

    /// A place in it, marked.
    fn mark(&self, kind: AnnotationKind, at: At, label: String) -> Annotation<'s> {
        let within = |offset: u32| offset as usize - self.start();
        let marked = kind.span(mark(self.place.text, within(at.start), within(at.end)));
        if label.is_empty() { marked } else { marked.label(label) }
    }
}

/// The bytes of a line that are marked: whole characters within it. What goes on over further
/// lines is marked without the comment of its first.
fn mark(line: &str, from: usize, to: usize) -> std::ops::Range<usize> {
    let whole = |at: &usize| line.is_char_boundary(*at);
    let end = match to <= line.len() {
        true => (to..line.len()).find(whole).unwrap_or(line.len()),
        false => line.find(" #").map_or(line, |at| &line[..at]).trim_end().len(),
    };
    let start = (0..=from.min(line.len())).rev().find(whole).unwrap_or(0);
    start..end.max(start)
}

/// Key paths of the files that findings speak of; there are none in the text of a flag, which is a
/// path itself.
struct Paths<'s>(Vec<(&'s Source, KeyPaths<'s>)>);

impl<'s> Paths<'s> {
    fn of(sources: &'s Sources, findings: &[Finding]) -> Paths<'s> {
        let holds = |source: &Source, finding: &Finding| {
            sources.source(finding.at.start).is_some_and(|found| found.base == source.base)
        };
        let spoken_of = |source: &&Source| findings.iter().any(|finding| holds(source, finding));
        let kinds = [SourceKind::File, SourceKind::Member, SourceKind::Scenario];
        let files = kinds.into_iter().flat_map(|kind| sources.of(kind)).filter(spoken_of);
        Paths(files.map(|file| (file, KeyPaths::of(file))).collect())
    }

    fn at(&self, at: At) -> String {
        let within = |file: &Source| {
            let offset = at.start.checked_sub(file.base);
            offset.is_some_and(|offset| offset as usize <= file.text.len())
        };
        let found = self.0.iter().find(|(file, _)| within(file));
        found.map_or_else(String::new, |(_, paths)| paths.at(at))
    }
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
    #[serde(skip_serializing_if = "Option::is_none")]
    also: Option<JsonAlso<'f>>,
}

/// Shape of its second place.
#[derive(Serialize)]
struct JsonAlso<'f> {
    file: Option<&'f str>,
    line: Option<usize>,
    column: Option<usize>,
    label: &'f str,
}

/// Findings as a JSON list of `{id, severity, file, line, column, path, message, help}`, with
/// `also: {file, line, column, label}` where a second place is meant.
pub fn findings_json(sources: &Sources, findings: &[Finding]) -> serde_json::Value {
    let paths = Paths::of(sources, findings);
    let json = |finding: &Finding| {
        let place = sources.place(finding.at.start);
        let json = Json {
            id: finding.id,
            severity: match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            file: place.map(|place| place.name),
            line: place.map(|place| place.line),
            column: place.map(|place| place.column),
            path: paths.at(finding.at),
            message: &finding.message,
            help: finding.help.as_deref(),
            also: finding.also.as_ref().map(|also| {
                let place = sources.place(also.at.start);
                JsonAlso {
                    file: place.map(|place| place.name),
                    line: place.map(|place| place.line),
                    column: place.map(|place| place.column),
                    label: &also.label,
                }
            }),
        };
        serde_json::to_value(json).expect("plain data")
    };
    findings.iter().map(json).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_covers_whole_characters_of_one_line() {
        assert_eq!(mark("a: £5 # x", 3, 6), 3..6);
        assert_eq!(mark("a: £5 # x", 3, 4), 3..5, "half a character is none");
        assert_eq!(mark("- a: 5   # x", 2, 400), 2..6, "further lines follow");
        assert_eq!(mark("a", 7, 9), 1..1, "after the end");
    }
}
