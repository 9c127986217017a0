//! Tables of a page: heads that stay in sight, numbers to the right.

use super::super::figure::Table;
use super::html::{Attributes, Html};

/// Lines of statements that sum up those above them.
const SUMS: [&str; 10] = [
    "cost of revenue",
    "operating income",
    "net income",
    "EBITDA",
    "total assets",
    "total claims",
    "operating",
    "investing",
    "financing",
    "change in cash",
];

/// A table in a box of its own that scrolls; the first column names its rows. Columns in which
/// nothing stands are left out.
pub(super) fn write(html: &mut Html, caption: &str, table: &Table) {
    if table.rows.is_empty() {
        html.line("p", &[("class", "note")], &format!("{caption}: nothing to show."));
        return;
    }
    let columns: Vec<(usize, &str)> = (0..table.head.len())
        .filter(|&at| at == 0 || table.rows.iter().any(|row| !text(row, at).is_empty()))
        .map(|at| (at, column_class(table, at)))
        .collect();
    let attributes =
        [("class", "scroll"), ("tabindex", "0"), ("role", "region"), ("aria-label", caption)];
    html.block("div", &attributes, |html| {
        html.block("table", &[], |html| {
            html.line("caption", &[], caption);
            html.block("thead", &[], |html| {
                html.block("tr", &[], |html| {
                    for &(at, class) in &columns {
                        cell(html, "th", class, Some("col"), &table.head[at]);
                    }
                });
            });
            html.block("tbody", &[], |html| {
                for row in &table.rows {
                    let attributes: Attributes<'_> = match row_class(row) {
                        "" => &[],
                        class => &[("class", class)],
                    };
                    html.block("tr", attributes, |html| {
                        for &(at, class) in &columns {
                            let (tag, scope) =
                                if at == 0 { ("th", Some("row")) } else { ("td", None) };
                            cell(html, tag, class, scope, text(row, at));
                        }
                    });
                }
            });
        });
    });
}

fn text(row: &[String], column: usize) -> &str {
    row.get(column).map_or("", String::as_str)
}

/// Longest text that a column keeps on one line, in characters: a date and time, a month's name.
const SHORT_MAX: usize = 18;

/// How a column is set: `n` numbers to the right, `s` short texts that stay whole.
fn column_class(table: &Table, column: usize) -> &'static str {
    let short = |row: &Vec<String>| text(row, column).chars().count() <= SHORT_MAX;
    if column > 0 && is_numeric(table, column) {
        "n"
    } else if table.rows.iter().all(short) {
        "s"
    } else {
        ""
    }
}

/// What a row deserves beside its cells: weight, or a warning.
fn row_class(row: &[String]) -> &'static str {
    if row.first().is_some_and(|name| SUMS.contains(&&name[..])) {
        "sum"
    } else if row.last().is_some_and(|outcome| outcome == "FAILED") {
        "bad"
    } else {
        ""
    }
}

fn cell(html: &mut Html, tag: &'static str, class: &str, scope: Option<&str>, text: &str) {
    let mut attributes = Vec::new();
    if let Some(scope) = scope {
        attributes.push(("scope", scope));
    }
    if !class.is_empty() {
        attributes.push(("class", class));
    }
    html.line(tag, &attributes, text);
}

/// A table under a line that opens it.
pub(super) fn folded(html: &mut Html, label: &str, table: &Table) {
    html.block("details", &[], |html| {
        html.line("summary", &[], label);
        write(html, label, table);
    });
}

/// Whether a column holds numbers, with at least one among them.
fn is_numeric(table: &Table, column: usize) -> bool {
    let mut any = false;
    for text in table.rows.iter().filter_map(|row| row.get(column)) {
        if is_number(text) {
            any = true;
        } else if !matches!(text.as_str(), "" | "-" | "n/a" | "never" | "\u{2013}" | "\u{2026}") {
            return false;
        }
    }
    any
}

/// `1,234.5`, `-3`, `+8 d`, `1.25x`, `<0.1%`, `P80`; no dates.
fn is_number(text: &str) -> bool {
    let text = text.trim_start_matches(['<', '>', '+', '-', '\u{2212}', 'P']);
    let text = text.trim_end_matches(['%', 'x', 'd']).trim_end();
    let mut parts = text.splitn(2, '.');
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit() || b == b',');
    text.starts_with(|c: char| c.is_ascii_digit()) && parts.all(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_from_dates_and_names() {
        for number in ["1,234.5", "-3", "+8 d", "1.25x", "<0.1%", "P80", "0"] {
            assert!(is_number(number), "{number}");
        }
        for other in ["", "2026-03-31", "2026 Q1", "hall-1", "1.2.3", "P", "x"] {
            assert!(!is_number(other), "{other}");
        }
    }
}
