//! The tables of an XER file: `%T` names one, `%F` its columns, `%R` each row, `%E` ends the file.

use std::collections::BTreeMap;

use crate::exchange::problem::Problem;
use crate::time::{Day, Minute, Span, parse_instant};

/// All tables of a file by name.
pub struct Tables<'t> {
    tables: BTreeMap<&'t str, Table<'t>>,
}

/// One table: rows of text under named columns.
#[derive(Default)]
pub struct Table<'t> {
    columns: Vec<&'t str>,
    rows: Vec<(u32, &'t str)>,
}

/// One row of a table.
#[derive(Clone)]
pub struct Row<'a, 't> {
    table: &'a Table<'t>,
    values: Vec<&'t str>,
    /// Line of the file.
    pub line: u32,
}

impl<'t> Tables<'t> {
    /// Splits a file into tables.
    ///
    /// # Errors
    ///
    /// No `%E` at the end (the file is cut off), rows before their columns or outside a table.
    pub fn read(text: &'t str) -> Result<Tables<'t>, Problem> {
        let mut tables = BTreeMap::<&str, Table>::new();
        let mut current = None;
        let mut ended = false;
        let mut line = 0;
        for text in text.lines() {
            line += 1;
            let (mark, rest) = text.split_once('\t').unwrap_or((text, ""));
            let at = Some(line);
            let wrong = |message: &str| Err(Problem::new("broken-table", at, message));
            match mark.trim_end() {
                _ if ended => {}
                "%T" => {
                    current = Some(rest.trim());
                    tables.entry(rest.trim()).or_default();
                }
                "%E" => ended = true,
                "%F" | "%R" => {
                    let Some(table) = current.and_then(|name| tables.get_mut(name)) else {
                        return wrong("expected %T and the name of a table before this");
                    };
                    if mark == "%F" {
                        table.columns = rest.split('\t').map(str::trim).collect();
                    } else if table.columns.is_empty() {
                        return wrong("expected %F and the names of the columns before %R");
                    } else {
                        table.rows.push((line, rest));
                    }
                }
                "" | "ERMHDR" => {}
                // Notes may hold line breaks.
                _ if current.is_some_and(|name: &str| name.ends_with("MEMO")) => {}
                _ => return wrong("expected a line that begins with %T, %F, %R or %E"),
            }
        }
        if !ended {
            let message = "the file is cut off: expected %E at its end";
            return Err(Problem::new("truncated", Some(line.max(1)), message));
        }
        Ok(Tables { tables })
    }

    /// The rows of a table; none if there is no such table.
    ///
    /// # Errors
    ///
    /// A row with more values than columns, or fewer where not only blanks at its end are missing.
    pub fn rows(&self, name: &str) -> Result<Vec<Row<'_, 't>>, Problem> {
        let Some(table) = self.tables.get(name) else { return Ok(Vec::new()) };
        let row = |&(line, text): &(u32, &'t str)| {
            let values: Vec<&str> = text.split('\t').collect();
            let (is, should) = (values.len(), table.columns.len());
            let trimmed = is < should && values.last().is_some_and(|last| !last.is_empty());
            if is != should && !trimmed {
                let message = format!("{name} has {should} columns; this row has {is}");
                return Err(Problem::new("wrong-columns", Some(line), message));
            }
            Ok(Row { table, values, line })
        };
        table.rows.iter().map(row).collect()
    }

    /// Looks for columns without which a table says nothing of dates.
    ///
    /// # Errors
    ///
    /// A table that has rows and lacks one.
    pub fn require(&self, name: &str, columns: &[&str]) -> Result<(), Problem> {
        let Some(table) = self.tables.get(name).filter(|table| !table.rows.is_empty()) else {
            return Ok(());
        };
        match columns.iter().find(|column| !table.columns.contains(column)) {
            None => Ok(()),
            Some(column) => {
                let message = format!("{name} has no column {column}");
                Err(Problem::new("wrong-columns", Some(table.rows[0].0.saturating_sub(1)), message))
            }
        }
    }

    /// Names of all tables with the number of their rows.
    pub fn sizes(&self) -> impl Iterator<Item = (&'t str, usize)> {
        self.tables.iter().map(|(name, table)| (*name, table.rows.len()))
    }
}

impl<'t> Row<'_, 't> {
    /// Whether it ends before the last column.
    pub fn is_short(&self) -> bool {
        self.values.len() < self.table.columns.len()
    }

    /// A value; blank where the column is.
    pub fn text(&self, column: &str) -> &'t str {
        let at = self.table.columns.iter().position(|name| *name == column);
        at.and_then(|at| self.values.get(at)).map_or("", |value| value.trim())
    }

    /// A value that must be there.
    ///
    /// # Errors
    ///
    /// It is blank.
    pub fn required(&self, column: &str) -> Result<&'t str, Problem> {
        match self.text(column) {
            "" => Err(self.wrong(column, "a value")),
            text => Ok(text),
        }
    }

    /// An instant, if there is one: `2026-03-02 08:00`.
    ///
    /// # Errors
    ///
    /// Something else.
    pub fn instant(&self, column: &str) -> Result<Option<Minute>, Problem> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        let short = text.get(..16).unwrap_or(text);
        let instant = if short.len() == 10 {
            crate::time::parse_day(short).map(Day::start).ok()
        } else {
            parse_instant(&short.replace(' ', "T")).ok()
        };
        instant.map(Some).ok_or_else(|| self.wrong(column, "a date like 2026-03-02 08:00"))
    }

    /// Hours as whole minutes, if there are any.
    ///
    /// # Errors
    ///
    /// Not a number, or none that a schedule can hold.
    pub fn hours(&self, column: &str) -> Result<Option<Span>, Problem> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        let hours: Option<f64> = text.replace(',', ".").parse().ok();
        let minutes = hours.map(|hours| (hours * 60.0).round()).filter(|m| m.abs() < 1e9);
        let span = minutes.map(|minutes| Some(Span(minutes as i64)));
        span.ok_or_else(|| self.wrong(column, "a number of hours"))
    }

    /// A number, if there is one.
    ///
    /// # Errors
    ///
    /// Something else.
    pub fn number(&self, column: &str) -> Result<Option<f64>, Problem> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        let number = text.replace(',', ".").parse().ok().filter(|n: &f64| n.is_finite());
        number.map(Some).ok_or_else(|| self.wrong(column, "a number"))
    }

    fn wrong(&self, column: &str, expected: &str) -> Problem {
        let text: String = self.text(column).chars().take(40).collect();
        let message = format!("expected {expected} in {column}, found `{text}`");
        Problem::new("bad-value", Some(self.line), message)
    }
}
