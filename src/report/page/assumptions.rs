//! What was assumed: every key of the input with its value and the source that stands beside it.
//!
//! Files name their sources in comments (`pue: 1.25   # 1.15-1.30 liquid   [E] s2.1`). A loaded
//! site has no comments, so they are read from the text again: a comment belongs to the keys whose
//! values end on its line.

use super::super::figure::Table;
use super::html::Html;
use super::table;
use crate::spec::yaml::{Entry, Kind, Node, parse};
use crate::spec::{At, Findings, Source, SourceKind, Sources};

/// Most keys of a file that are listed: an imported schedule has tens of thousands.
const KEYS_MAX: usize = 2_000;
/// Longest value that is shown in full, in characters.
const VALUE_MAX: usize = 400;

/// Every file and flag with its keys.
pub(super) fn write(html: &mut Html, sources: &Sources) {
    let words = "Values as the input states them, with the source or mark that stands beside \
                 them. est.: an estimate without a source; what a file calls hypothetical or \
                 fitted is marked so.";
    html.line("p", &[("class", "note")], words);
    let flags = sources.parts().iter().filter(|source| is_flag(source));
    let mut set = Table::new(["flag", "value"]);
    set.rows.extend(flags.map(|flag| vec![flag.name.clone(), flag.text.clone()]));
    if !set.rows.is_empty() {
        table::write(html, "Set on the command line", &set);
    }
    for source in sources.parts().iter().filter(|source| !is_flag(source)) {
        file(html, source);
    }
}

fn is_flag(source: &Source) -> bool {
    matches!(source.kind, SourceKind::Set | SourceKind::Delay)
}

fn file(html: &mut Html, source: &Source) {
    let Some(root) = parse(source.base, &source.text, &mut Findings::default()) else { return };
    let text = Commented::of(source, &root);
    html.line("h3", &[], &source.name);
    let head = text.head();
    if !head.is_empty() {
        html.block("details", &[], |html| {
            html.line("summary", &[], "What the file says of itself");
            html.line("pre", &[("class", "words"), ("tabindex", "0")], &head);
        });
    }
    let mut keys = Table::new(["key", "value", "mark", "source or note"]);
    text.rows(&root, "", &mut keys.rows);
    let all = keys.rows.len();
    keys.rows.truncate(KEYS_MAX);
    let marked = keys.rows.iter().filter(|row| !row[3].is_empty()).count();
    table::folded(html, &format!("{all} keys, {marked} with a source or mark"), &keys);
    if all > KEYS_MAX {
        let more = format!("{} more keys are in the file.", all - KEYS_MAX);
        html.line("p", &[("class", "note")], &more);
    }
}

/// A text whose comments are known.
struct Commented<'s> {
    source: &'s Source,
    /// Where each comment stands, within the source, in order.
    comments: Vec<(usize, usize)>,
}

impl<'s> Commented<'s> {
    fn of(source: &'s Source, root: &Node<'_>) -> Commented<'s> {
        let mut values = Vec::new();
        spans(root, &mut values);
        values.sort_unstable();
        let (mut comments, mut line_start) = (Vec::new(), 0);
        for line in source.text.split_inclusive('\n') {
            let end = line_start + line.trim_end().len();
            let is_value = |at: usize| {
                let at = at as u32 + source.base;
                let next = values.partition_point(|value| value.start <= at);
                next.checked_sub(1).is_some_and(|before| at < values[before].end)
            };
            let begins = |&(at, _): &(usize, &str)| {
                let before = line[..at].chars().next_back();
                before.is_none_or(char::is_whitespace) && !is_value(line_start + at)
            };
            if let Some((at, _)) = line.match_indices('#').find(begins) {
                comments.push((line_start + at, end));
            }
            line_start += line.len();
        }
        Commented { source, comments }
    }

    /// The comment lines that the file begins with.
    fn head(&self) -> String {
        let lines = self.source.text.lines().take_while(|line| line.starts_with('#'));
        let words = lines.map(|line| line.trim_start_matches('#'));
        let words = words.map(|line| line.strip_prefix(' ').unwrap_or(line));
        words.collect::<Vec<_>>().join("\n").trim().to_owned()
    }

    /// Comments on the lines from the one that holds `from` to the one in which `until` ends.
    fn notes(&self, from: usize, until: usize) -> String {
        let text = &self.source.text;
        let first = text[..from].rfind('\n').map_or(0, |at| at + 1);
        let last = text[until..].find('\n').map_or(text.len(), |at| until + at);
        let within = self.comments.iter().filter(|&&(start, _)| first <= start && start < last);
        let words = within.map(|&(start, end)| text[start..end].trim_start_matches('#').trim());
        let words: Vec<&str> = words.filter(|words| !words.is_empty()).collect();
        words.join("; ")
    }

    /// The value as written, in one line, without comments.
    fn value(&self, from: usize, until: usize) -> String {
        let text = &self.source.text;
        let (mut value, mut at) = (String::new(), from);
        for &(start, end) in self.comments.iter().filter(|of| from <= of.0 && of.0 < until) {
            value.push_str(text.get(at..start).unwrap_or_default());
            at = end.min(until);
        }
        value.push_str(text.get(at..until).unwrap_or_default());
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        match value.char_indices().nth(VALUE_MAX) {
            None => value,
            Some((at, _)) => format!("{}\u{2026}", &value[..at]),
        }
    }

    fn within(&self, at: At) -> (usize, usize) {
        let length = self.source.text.len();
        let offset = |at: u32| (at.saturating_sub(self.source.base) as usize).min(length);
        (offset(at.start), offset(at.end))
    }

    /// A row for each key that holds a value, down the tree.
    fn rows(&self, node: &Node<'_>, path: &str, rows: &mut Vec<Vec<String>>) {
        match &node.kind {
            Kind::Map(entries) => {
                for entry in entries {
                    let name = match path {
                        "" => entry.key.to_string(),
                        path => format!("{path}.{}", entry.key),
                    };
                    self.entry(entry, name, rows);
                }
            }
            Kind::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    let path = format!("{path}[{at}]");
                    match is_written_open(self.source, item) {
                        true => self.rows(item, &path, rows),
                        false => self.row(path, item.at.start, item.at, rows),
                    }
                }
            }
            _ => {}
        }
    }

    fn entry(&self, entry: &Entry<'_>, name: String, rows: &mut Vec<Vec<String>>) {
        if !is_written_open(self.source, &entry.value) {
            self.row(name, entry.at.start, entry.value.at, rows);
            return;
        }
        let (from, until) = self.within(entry.at);
        let notes = self.notes(from, until);
        if !notes.is_empty() {
            rows.push(vec![name.clone(), String::new(), mark(&notes), notes]);
        }
        self.rows(&entry.value, &name, rows);
    }

    fn row(&self, name: String, key: u32, value: At, rows: &mut Vec<Vec<String>>) {
        let (key, _) = self.within(At { start: key, end: key });
        let (from, until) = self.within(value);
        // Of an alias the value stands elsewhere.
        let first = if from < key { from } else { key };
        let (from, until) = (from.min(until), until.max(from));
        let notes = self.notes(first, until);
        rows.push(vec![name, self.value(from, until), mark(&notes), notes]);
    }
}

/// Whether a value is a list or map with a line for each part.
fn is_written_open(source: &Source, node: &Node<'_>) -> bool {
    let first = node.at.start.checked_sub(source.base).map(|at| at as usize);
    let flow = matches!(first.and_then(|at| source.text.as_bytes().get(at)), Some(b'{' | b'['));
    matches!(node.kind, Kind::List(_) | Kind::Map(_)) && !flow
}

/// Places of all keys and plain values.
fn spans(node: &Node<'_>, found: &mut Vec<At>) {
    match &node.kind {
        Kind::Null => {}
        Kind::Text(_) => found.push(node.at),
        Kind::List(items) => items.iter().for_each(|item| spans(item, found)),
        Kind::Map(entries) => {
            for entry in entries {
                found.push(entry.at);
                spans(&entry.value, found);
            }
        }
    }
}

/// What a note says of how sure a value is.
fn mark(notes: &str) -> String {
    let notes = notes.to_lowercase();
    let word = |word: &str| notes.split(|c: char| !c.is_alphanumeric()).any(|found| found == word);
    let marks = [
        ("est.", word("est") || word("estimate") || notes.contains("[e]")),
        ("hypothetical", word("hypothetical")),
        ("fitted", word("fitted")),
    ];
    let marks: Vec<&str> = marks.into_iter().filter(|mark| mark.1).map(|mark| mark.0).collect();
    marks.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<Vec<String>> {
        let mut sources = Sources::default();
        sources.add(SourceKind::Set, "--set", "x=1".into());
        sources.add(SourceKind::File, "a.yaml", text.into());
        let source = &sources.parts()[1];
        let root = parse(source.base, &source.text, &mut Findings::default()).unwrap();
        let mut rows = Vec::new();
        Commented::of(source, &root).rows(&root, "", &mut rows);
        rows
    }

    #[test]
    fn a_key_goes_with_the_comment_that_stands_beside_it() {
        let rows = keys(
            "# head\nsite: a  # Denton [P]\npower:  # table 3\n  pue: 1.25 # est\n  note: \"a # b\"\n",
        );
        let expected = [
            ["site", "a", "", "Denton [P]"],
            ["power", "", "", "table 3"],
            ["power.pue", "1.25", "est.", "est"],
            ["power.note", "\"a # b\"", "", ""],
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn what_is_written_in_brackets_is_one_value_with_all_its_comments() {
        let rows = keys("h100: {gpus: 35, # fitted to D&A\n  pay: {net: 45d}} # est\nx: [1, 2]\n");
        let expected = [
            ["h100", "{gpus: 35, pay: {net: 45d}}", "est., fitted", "fitted to D&A; est"],
            ["x", "[1, 2]", "", ""],
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn items_of_a_list_are_told_apart_by_number() {
        let rows = keys("loans:\n  - {id: a} # s4\n  - id: b\n    rate: 5% # hypothetical\n");
        let expected = [
            ["loans[0]", "{id: a}", "", "s4"],
            ["loans[1].id", "b", "", ""],
            ["loans[1].rate", "5%", "hypothetical", "hypothetical"],
        ];
        assert_eq!(rows, expected);
    }
}
