//! YAML text as a tree that remembers where each part stands.
//!
//! Scalars stay text: what `5y` or `1.10` means is decided by the key that holds it, so no digit is
//! lost to a guessed type. Hostile text ends in a finding: nesting above [`DEPTH_MAX`], a scalar
//! above [`SCALAR_BYTES_MAX`], aliases that expand to more than [`ALIAS_NODES_MAX`] nodes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use granit_parser::{Event, Parser};

use super::finding::{Finding, Findings};
use super::source::{At, Source};

/// Deepest nesting of lists and maps.
pub const DEPTH_MAX: usize = 64;
/// Longest single value or key.
pub const SCALAR_BYTES_MAX: usize = 1_000_000;
/// Most nodes that all aliases of a file together may stand for.
pub const ALIAS_NODES_MAX: usize = 100_000;

/// One value with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node<'s> {
    /// Where it stands.
    pub at: At,
    /// What it is.
    pub kind: Kind<'s>,
}

/// A map's entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry<'s> {
    /// Where the key stands.
    pub at: At,
    /// The key.
    pub key: Cow<'s, str>,
    /// Its value.
    pub value: Node<'s>,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind<'s> {
    /// Nothing was written.
    Null,
    /// Text as written, quotes resolved.
    Text(Cow<'s, str>),
    /// A list.
    List(Vec<Node<'s>>),
    /// A map, in file order, keys unique.
    Map(Vec<Entry<'s>>),
}

impl<'s> Node<'s> {
    /// The entry of a map with this key.
    pub fn get(&self, key: &str) -> Option<&Entry<'s>> {
        match &self.kind {
            Kind::Map(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// As [`Node::get`], to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node<'s>> {
        match &mut self.kind {
            Kind::Map(entries) => {
                entries.iter_mut().find(|entry| entry.key == key).map(|entry| &mut entry.value)
            }
            _ => None,
        }
    }

    /// What a user would call it in an error.
    pub fn kind_name(&self) -> &'static str {
        match self.kind {
            Kind::Null => "nothing",
            Kind::Text(_) => "a value",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
        }
    }

    fn count(&self) -> usize {
        1 + match &self.kind {
            Kind::List(items) => items.iter().map(Node::count).sum(),
            Kind::Map(entries) => entries.iter().map(|entry| entry.value.count()).sum(),
            _ => 0,
        }
    }
}

/// Reads the one document of a text whose first byte has the offset `base`.
///
/// What is wrong goes to `findings`; syntax errors end the reading, duplicate keys do not.
///
/// Cost: one pass; plain scalars borrow the source.
pub fn parse<'s>(base: u32, text: &'s str, findings: &mut Findings) -> Option<Node<'s>> {
    read(base, text, Twice::Refused, findings)
}

/// What becomes of a key that a map holds twice.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Twice {
    /// The first one stays, each further one is a finding.
    Refused,
    /// All stay: only places are asked for.
    Kept,
}

fn read<'s>(base: u32, text: &'s str, twice: Twice, findings: &mut Findings) -> Option<Node<'s>> {
    let options = granit_parser::options! {
        flow_nesting_limit: DEPTH_MAX,
        block_nesting_limit: DEPTH_MAX,
        emit_comments: false,
    };
    let events = Parser::new_from_str_with_options(text, options);
    let mut builder = Builder {
        base,
        text,
        twice,
        open: Vec::new(),
        root: None,
        anchors: BTreeMap::new(),
        aliased: 0,
    };
    for event in events {
        let step = match event {
            Ok((event, span)) => {
                let range = span.byte_range().unwrap_or(0..0);
                builder.take(event, At::new(base, range.start, range.end), findings)
            }
            Err(error) => {
                let start = error.marker().byte_offset().unwrap_or(0).min(text.len());
                let at = At::new(base, start, (start + 1).min(text.len()));
                Err(Finding::error("yaml-syntax", at, error.info()))
            }
        };
        if let Err(finding) = step {
            findings.push(finding);
            return None;
        }
    }
    let root = builder.root.filter(|root| root.kind != Kind::Null);
    if root.is_none() {
        let at = At::new(base, 0, 0);
        findings.push(
            Finding::error("empty-file", at, "the file is empty")
                .help("a site begins with `site: <name>`"),
        );
    }
    root
}

struct Builder<'s> {
    base: u32,
    text: &'s str,
    twice: Twice,
    open: Vec<Open<'s>>,
    root: Option<Node<'s>>,
    anchors: BTreeMap<usize, Node<'s>>,
    aliased: usize,
}

/// A list or map whose end has not come yet.
struct Open<'s> {
    at: At,
    anchor: usize,
    holds: Holds<'s>,
}

enum Holds<'s> {
    List(Vec<Node<'s>>),
    Map(Vec<Entry<'s>>, Option<(At, Cow<'s, str>)>),
}

impl<'s> Builder<'s> {
    fn take(&mut self, event: Event<'s>, at: At, findings: &mut Findings) -> Result<(), Finding> {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                if text.len() > SCALAR_BYTES_MAX {
                    let message = format!("a single value of {} bytes", text.len());
                    let at = At { end: at.start, ..at };
                    return Err(Finding::error("value-too-long", at, message)
                        .help(format!("at most {SCALAR_BYTES_MAX} bytes")));
                }
                let plain = matches!(style, granit_parser::ScalarStyle::Plain);
                let nothing = plain && matches!(&*text, "" | "~" | "null");
                let kind = if nothing { Kind::Null } else { Kind::Text(text) };
                self.place(Node { at, kind }, anchor)
            }
            Event::SequenceStart(_, anchor, _) => self.open(at, anchor, Holds::List(Vec::new())),
            Event::MappingStart(_, anchor, _) => {
                self.open(at, anchor, Holds::Map(Vec::new(), None))
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(at, findings),
            Event::Alias(id) => self.alias(id, at),
            Event::DocumentStart(..) if self.root.is_some() => {
                let message = "a second document begins here; a file holds one site";
                Err(Finding::error("second-document", at, message))
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, at: At, anchor: usize, holds: Holds<'s>) -> Result<(), Finding> {
        if self.open.len() >= DEPTH_MAX {
            let message = format!("lists and maps nested deeper than {DEPTH_MAX}");
            return Err(Finding::error("nested-too-deep", at, message));
        }
        self.open.push(Open { at, anchor, holds });
        Ok(())
    }

    fn close(&mut self, end: At, findings: &mut Findings) -> Result<(), Finding> {
        let Open { at, anchor, holds } = self.open.pop().expect("ends match starts");
        let kind = match holds {
            // Spare room for entries that never come would double the memory of a large file.
            Holds::List(mut items) => {
                items.shrink_to_fit();
                Kind::List(items)
            }
            Holds::Map(mut entries, _) => {
                entries.shrink_to_fit();
                Kind::Map(match self.twice {
                    Twice::Kept => entries,
                    _ => unique(entries, findings),
                })
            }
        };
        // A block ends where its last child does, not at the next key.
        let last = match &kind {
            Kind::List(items) => items.last().map(|item| item.at.end),
            Kind::Map(entries) => entries.last().map(|entry| entry.value.at.end.max(entry.at.end)),
            _ => None,
        };
        let flow =
            matches!(self.text.as_bytes().get((at.start - self.base) as usize), Some(b'{' | b'['));
        let end = if flow { end.end } else { last.unwrap_or(end.end) };
        self.place(Node { at: At { start: at.start, end: end.max(at.start) }, kind }, anchor)
    }

    fn alias(&mut self, id: usize, at: At) -> Result<(), Finding> {
        let node = self.anchors.get(&id);
        let Some(node) = node else {
            let message = "an alias inside the very thing it stands for";
            return Err(Finding::error("alias-loop", at, message));
        };
        self.aliased += node.count();
        if self.aliased > ALIAS_NODES_MAX {
            let message = format!("aliases stand for more than {ALIAS_NODES_MAX} values");
            return Err(Finding::error("alias-bomb", at, message));
        }
        let node = node.clone();
        self.place(node, 0)
    }

    fn place(&mut self, node: Node<'s>, anchor: usize) -> Result<(), Finding> {
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|open| &mut open.holds) {
            None => self.root = Some(node),
            Some(Holds::List(items)) => items.push(node),
            Some(Holds::Map(entries, key)) => match (key.take(), node) {
                (Some((at, key)), value) => entries.push(Entry { at, key, value }),
                (None, Node { at, kind: Kind::Text(text) }) => *key = Some((at, text)),
                (None, Node { at, .. }) => {
                    return Err(Finding::error("odd-key", at, "a key must be a plain word"));
                }
            },
        }
        Ok(())
    }
}

/// Drops all but the first entry of each key, with a finding for each.
fn unique<'s>(entries: Vec<Entry<'s>>, findings: &mut Findings) -> Vec<Entry<'s>> {
    if entries.len() <= 8 {
        let earlier = |at: usize| entries[..at].iter().any(|entry| entry.key == entries[at].key);
        if !(1..entries.len()).any(earlier) {
            return entries;
        }
    }
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by(|&a, &b| entries[a].key.cmp(&entries[b].key).then(a.cmp(&b)));
    let mut again = vec![];
    for pair in order.windows(2) {
        if entries[pair[0]].key == entries[pair[1]].key {
            again.push((pair[1], pair[0]));
        }
    }
    if again.is_empty() {
        return entries;
    }
    for &(at, first) in &again {
        let entry = &entries[at];
        let message = format!("`{}` is given twice", entry.key);
        let finding = Finding::error("duplicate-key", entry.at, message);
        findings.push(finding.also(entries[first].at, "given here before"));
    }
    again.sort_unstable();
    let once = |at: &usize| again.binary_search_by_key(at, |found| found.0).is_err();
    let keep = entries.into_iter().enumerate().filter(|(at, _)| once(at));
    keep.map(|(_, entry)| entry).collect()
}

/// The paths of keys that lead to places of one source: `activities.energise-1.after[0]`.
///
/// Cost: reads the source again, once.
pub struct KeyPaths<'s>(Option<Node<'s>>);

impl<'s> KeyPaths<'s> {
    /// The paths of a source; keys that it holds twice have theirs too.
    pub fn of(source: &'s Source) -> KeyPaths<'s> {
        KeyPaths(read(source.base, &source.text, Twice::Kept, &mut Findings::default()))
    }

    /// The path of a place; empty where the source has no shape.
    pub fn at(&self, at: At) -> String {
        self.0.as_ref().map_or_else(String::new, |root| path_in(root, at))
    }
}

/// The path of keys that leads to a place, down to the last part that holds all of it.
pub fn path_in(root: &Node<'_>, at: At) -> String {
    let mut path = String::new();
    let mut node = root;
    loop {
        node = match &node.kind {
            Kind::Map(entries) => {
                let holds = |entry: &&Entry| {
                    entry.at.start <= at.start && at.end <= entry.value.at.end.max(entry.at.end)
                };
                let Some(entry) = entries.iter().rev().find(holds) else { return path };
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(&entry.key);
                &entry.value
            }
            Kind::List(items) => {
                let holds = |item: &Node| item.at.start <= at.start && at.end <= item.at.end;
                let Some(at) = items.iter().position(holds) else { return path };
                path.push_str(&format!("[{at}]"));
                &items[at]
            }
            _ => return path,
        };
    }
}

impl Node<'_> {
    /// The same tree, owning its text.
    pub fn into_owned(self) -> Node<'static> {
        let kind = match self.kind {
            Kind::Null => Kind::Null,
            Kind::Text(text) => Kind::Text(Cow::Owned(text.into_owned())),
            Kind::List(items) => Kind::List(items.into_iter().map(Node::into_owned).collect()),
            Kind::Map(entries) => Kind::Map(
                entries
                    .into_iter()
                    .map(|entry| Entry {
                        at: entry.at,
                        key: Cow::Owned(entry.key.into_owned()),
                        value: entry.value.into_owned(),
                    })
                    .collect(),
            ),
        };
        Node { at: self.at, kind }
    }
}
