//! XML as small trees: one item (a task, a calendar) at a time, so memory stays that of the item.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

use crate::exchange::problem::Problem;
use crate::time::{Minute, Span, parse_instant};

/// Longest tag, attributes included, that is read; real ones have a few hundred bytes.
const TAG_MAX: usize = 1 << 20;

/// Deepest nesting that is read; real files have about ten levels.
const DEPTH_MAX: usize = 64;

/// One element with its text and what is inside it; attributes are not read.
#[derive(Debug)]
pub struct Element<'t> {
    /// Name without its namespace.
    pub name: &'t str,
    /// Its own text, trimmed.
    pub text: Cow<'t, str>,
    /// In file order.
    pub children: Vec<Element<'t>>,
    /// Line of the file.
    pub line: u32,
}

/// A cursor through a document that hands out one element at a time.
pub struct Document<'t> {
    reader: Reader<&'t [u8]>,
    text: &'t str,
    line: u32,
    counted: usize,
}

/// What comes next at the level being walked.
pub enum Next<'t> {
    /// An element begins; read it, walk into it or skip it.
    Begins(&'t str),
    /// The level ends.
    Ends,
}

/// The name of the outermost element.
///
/// # Errors
///
/// As [`Document::next`].
pub fn root(text: &str) -> Result<&str, Problem> {
    let mut document = Document::new(text);
    match document.next()? {
        Next::Begins(name) => Ok(name),
        Next::Ends => Err(document.wrong("expected an element")),
    }
}

impl<'t> Document<'t> {
    /// At the beginning of a text.
    pub fn new(text: &'t str) -> Document<'t> {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Document { reader, text, line: 1, counted: 0 }
    }

    /// The next element of the level, or its end.
    ///
    /// # Errors
    ///
    /// Broken XML, a document type (nothing is ever expanded), the end of the file.
    pub fn next(&mut self) -> Result<Next<'t>, Problem> {
        loop {
            match self.event()? {
                Event::Start(start) => return Ok(Next::Begins(self.name(&start)?)),
                Event::End(_) => return Ok(Next::Ends),
                Event::Eof => return Err(self.cut_off()),
                _ => {}
            }
        }
    }

    /// The element that has just begun, whole.
    ///
    /// # Errors
    ///
    /// As [`Document::next`]; nesting without end.
    pub fn element(&mut self, name: &'t str) -> Result<Element<'t>, Problem> {
        let mut open = vec![self.begun(name)];
        loop {
            match self.event()? {
                Event::Start(start) => {
                    let name = self.name(&start)?;
                    if open.len() >= DEPTH_MAX {
                        return Err(self.wrong(format!("elements nest deeper than {DEPTH_MAX}")));
                    }
                    open.push(self.begun(name));
                }
                Event::End(_) => {
                    let mut done = open.pop().expect("an element is open");
                    if let Cow::Borrowed(text) = done.text {
                        done.text = Cow::Borrowed(text.trim());
                    }
                    match open.last_mut() {
                        Some(parent) => parent.children.push(done),
                        None => return Ok(done),
                    }
                }
                Event::Text(text) => {
                    let text = text.into_inner();
                    self.append(&mut open, text);
                }
                Event::CData(data) => {
                    let text = data.into_inner();
                    self.append(&mut open, text);
                }
                Event::GeneralRef(name) => {
                    let of = name.to_string();
                    let character = name.resolve_char_ref().ok().flatten();
                    let known = character.map(String::from);
                    let known = known.or_else(|| resolve_predefined_entity(&of).map(Into::into));
                    let Some(known) = known else {
                        return Err(self.wrong(format!("there is no entity `&{of};`")));
                    };
                    let text = &mut open.last_mut().expect("an element is open").text;
                    text.to_mut().push_str(&known);
                }
                Event::Eof => return Err(self.cut_off()),
                _ => {}
            }
        }
    }

    /// Passes over the element that has just begun.
    ///
    /// # Errors
    ///
    /// As [`Document::next`].
    pub fn skip(&mut self) -> Result<(), Problem> {
        let mut depth = 1;
        while depth > 0 {
            match self.next()? {
                Next::Begins(_) => depth += 1,
                Next::Ends => depth -= 1,
            }
        }
        Ok(())
    }

    /// A problem at the place that has been reached.
    pub fn wrong(&mut self, message: impl Into<String>) -> Problem {
        Problem::new("broken-xml", Some(self.line_here()), message)
    }

    fn event(&mut self) -> Result<Event<'t>, Problem> {
        match self.reader.read_event() {
            Ok(Event::DocType(_)) => {
                let message = "expected no document type: entities are never expanded";
                Err(Problem::new("document-type", Some(self.line_here()), message))
            }
            Ok(Event::Start(start)) if start.len() > TAG_MAX => {
                let message = format!("expected a tag of at most {TAG_MAX} bytes");
                Err(Problem::new("too-large", Some(self.line_here()), message))
            }
            Ok(event) => Ok(event),
            Err(error) => Err(self.wrong(format!("broken XML: {error}"))),
        }
    }

    fn cut_off(&mut self) -> Problem {
        Problem::new("truncated", Some(self.line_here()), "the file is cut off within an element")
    }

    fn begun(&mut self, name: &'t str) -> Element<'t> {
        let line = self.line_here();
        Element { name, text: Cow::Borrowed(""), children: Vec::new(), line }
    }

    fn name(&mut self, start: &BytesStart<'t>) -> Result<&'t str, Problem> {
        // The event borrows from the text, but its accessors borrow from the event: find the name
        // again in the text, where the tag has just ended.
        let length = start.local_name().as_ref().len();
        let before = start.name().as_ref().len() - length;
        let end = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
        let inside = start.len();
        let closed =
            if self.text.as_bytes().get(end.wrapping_sub(2)) == Some(&b'/') { 2 } else { 1 };
        let first = (end.checked_sub(inside + closed)).map(|at| at + before);
        let name = first.and_then(|at| self.text.get(at..at + length));
        name.filter(|name| *name == start.local_name().as_ref())
            .ok_or_else(|| self.wrong("broken XML: a tag without a name"))
    }

    fn append(&self, open: &mut [Element<'t>], text: Cow<'t, str>) {
        let element = open.last_mut().expect("an element is open");
        if element.text.is_empty() {
            element.text = text;
        } else {
            element.text.to_mut().push_str(&text);
        }
    }

    fn line_here(&mut self) -> u32 {
        let at = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
        let at = at.clamp(self.counted, self.text.len());
        let lines = self.text.as_bytes()[self.counted..at].iter().filter(|&&b| b == b'\n').count();
        self.counted = at;
        self.line += lines as u32;
        self.line
    }
}

impl<'t> Element<'t> {
    /// The text of the first child of that name; blank where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| child.text.trim())
    }

    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Element<'t>> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All children of that name.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &Element<'t>> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// Whether a flag is set.
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), "1" | "true")
    }

    /// A whole number, if there is one.
    ///
    /// # Errors
    ///
    /// Something else.
    pub fn number(&self, name: &str) -> Result<Option<i64>, Problem> {
        let text = self.get(name);
        if text.is_empty() {
            return Ok(None);
        }
        let whole = text.parse::<i64>().ok();
        let fraction = || text.parse::<f64>().ok().map(|value| value.round() as i64);
        let number = whole.or_else(fraction).filter(|number| number.abs() < 1 << 40);
        number.map(Some).ok_or_else(|| self.bad(name, "a number"))
    }

    /// An instant, if there is one: `2026-03-02T08:00:00`.
    ///
    /// # Errors
    ///
    /// Something else.
    pub fn instant(&self, name: &str) -> Result<Option<Minute>, Problem> {
        let text = self.get(name);
        if text.is_empty() || text == "NA" {
            return Ok(None);
        }
        let instant = parse_instant(text.get(..16).unwrap_or(text));
        instant.map(Some).map_err(|_| self.bad(name, "a date like 2026-03-02T08:00:00"))
    }

    /// A length like `PT16H30M0S` in whole minutes, if there is one.
    ///
    /// # Errors
    ///
    /// Something else.
    pub fn length(&self, name: &str) -> Result<Option<Span>, Problem> {
        let text = self.get(name);
        if text.is_empty() {
            return Ok(None);
        }
        length(text).map(Some).ok_or_else(|| self.bad(name, "a length like PT16H0M0S"))
    }

    /// A problem with a child of that name.
    pub fn bad(&self, name: &str, expected: &str) -> Problem {
        let line = self.child(name).map_or(self.line, |child| child.line);
        let text: String = self.get(name).chars().take(40).collect();
        let message = format!("expected {expected} in {name}, found `{text}`");
        Problem::new("bad-value", Some(line), message)
    }
}

fn length(text: &str) -> Option<Span> {
    let (sign, text) = text.strip_prefix('-').map_or((1.0, text), |text| (-1.0, text));
    let mut minutes = 0.0;
    let mut number = String::new();
    for c in text.strip_prefix("PT")?.chars() {
        if c.is_ascii_digit() || c == '.' {
            number.push(c);
            continue;
        }
        let value: f64 = number.parse().ok()?;
        minutes += match c {
            'H' => value * 60.0,
            'M' => value,
            'S' => value / 60.0,
            _ => return None,
        };
        number.clear();
    }
    let minutes = (minutes * sign).round();
    (minutes.abs() < 1e9 && number.is_empty()).then_some(Span(minutes as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Result<Element<'_>, Problem> {
        let mut document = Document::new(text);
        let Next::Begins(name) = document.next()? else { panic!("no element") };
        document.element(name)
    }

    #[test]
    fn names_text_and_lines_survive() {
        let element = first("<?xml version=\"1.0\"?>\n<a:T x='1'>\n<N>A &amp; &#66;</N><E/></a:T>");
        let element = element.unwrap();
        assert_eq!((element.name, element.line), ("T", 2));
        assert_eq!(element.get("N"), "A & B");
        assert_eq!(element.child("E").unwrap().line, 3);
    }

    #[test]
    fn bombs_and_cut_files_are_refused_with_their_line() {
        let bomb = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>";
        assert_eq!(first(bomb).unwrap_err().id, "document-type");
        assert!(first("<a>&x;</a>").unwrap_err().message.contains("no entity"));
        let cut = first("<a>\n<b>1</b>\n<c>").unwrap_err();
        assert_eq!((cut.id, cut.line), ("truncated", Some(3)));
        assert!(first(&"<a>".repeat(100_000)).is_err());
        assert!(first("<a><b></a>").is_err());
    }

    #[test]
    fn lengths_are_minutes() {
        assert_eq!(length("PT16H30M0S"), Some(Span(990)));
        assert_eq!(length("-PT8H0M0S"), Some(Span(-480)));
        assert_eq!(length("8 days"), None);
    }
}
