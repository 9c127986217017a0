//! How values take their shape from YAML, and how every mistake is found in one go.
//!
//! A struct declared with `shape!` reads itself from a map: each field is a key. Reading goes on
//! after a mistake, so one load reports all of them: unknown keys with the nearest valid one,
//! missing keys, values that do not parse.

use serde_json::{Value, json};

use super::finding::{Finding, Findings, nearest};
use super::schema::{self, Book, Keys};
use super::source::At;
use super::yaml::{Entry, Kind, Node};

/// A value that can be read from a node.
pub trait Shape: Sized {
    /// Reads the node; `None` after at least one finding of severity error.
    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Self>;

    /// What [`Shape::read`] accepts, as a JSON Schema.
    fn schema(book: &mut Book) -> Value;

    /// The value of a key that is not there; `None` if it must be.
    fn absent() -> Option<Self> {
        None
    }

    /// What stands in for a value that could not be read, so that the rest of the file is still
    /// looked at; the load is refused anyway.
    fn broken() -> Option<Self> {
        Self::absent()
    }
}

/// A shape that is read from a map whose keys are its fields.
pub trait Record: Shape {
    /// Its keys, each with what it may hold.
    fn keys(book: &mut Book) -> Keys;
}

/// A value together with its place, for findings that come later.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed<T> {
    /// Where it stands.
    pub at: At,
    /// The value.
    pub value: T,
}

/// A map from free names to values, in file order.
#[derive(Clone, Debug, PartialEq)]
pub struct Named<T>(pub Vec<(Placed<String>, T)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Named(Vec::new())
    }
}

impl<T> Named<T> {
    /// Names and values in file order.
    pub fn iter(&self) -> impl Iterator<Item = (&Placed<String>, &T)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// The index of a name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|(placed, _)| placed.value == name)
    }

    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.value.as_str())
    }
}

/// A node kept as it is, to be read once for each repetition.
#[derive(Clone, Debug, PartialEq)]
pub struct Raw(pub Node<'static>);

impl Shape for Raw {
    fn schema(_: &mut Book) -> Value {
        json!({})
    }

    fn read(node: Node<'_>, _: &mut Findings) -> Option<Raw> {
        Some(Raw(node.into_owned()))
    }

    fn broken() -> Option<Raw> {
        Some(Raw(Node { at: At::default(), kind: Kind::Null }))
    }
}

impl<T: Shape> Shape for Placed<T> {
    fn schema(book: &mut Book) -> Value {
        T::schema(book)
    }

    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Self> {
        let at = node.at;
        Some(Placed { at, value: T::read(node, findings)? })
    }

    fn absent() -> Option<Self> {
        T::absent().map(|value| Placed { at: At::default(), value })
    }

    fn broken() -> Option<Self> {
        T::broken().map(|value| Placed { at: At::default(), value })
    }
}

impl<T: Shape> Shape for Option<T> {
    fn schema(book: &mut Book) -> Value {
        T::schema(book)
    }

    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Self> {
        T::read(node, findings).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Shape> Shape for Box<T> {
    fn schema(book: &mut Book) -> Value {
        T::schema(book)
    }

    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Self> {
        T::read(node, findings).map(Box::new)
    }

    fn absent() -> Option<Self> {
        T::absent().map(Box::new)
    }

    fn broken() -> Option<Self> {
        T::broken().map(Box::new)
    }
}

/// A list; a single value stands for a list of one, an absent key for an empty list.
impl<T: Shape> Shape for Vec<T> {
    fn schema(book: &mut Book) -> Value {
        schema::one_or_more(book.item(T::schema))
    }

    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Self> {
        match node.kind {
            Kind::Null => Some(Vec::new()),
            Kind::List(items) => {
                let mut list = Vec::with_capacity(items.len());
                list.extend(items.into_iter().filter_map(|item| T::read(item, findings)));
                Some(list)
            }
            _ => Some(T::read(node, findings).map_or_else(Vec::new, |value| vec![value])),
        }
    }

    fn absent() -> Option<Self> {
        Some(Vec::new())
    }
}

impl<T: Shape> Shape for Named<T> {
    fn schema(book: &mut Book) -> Value {
        let value = T::schema(book);
        schema::named(value, book)
    }

    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Self> {
        let at = node.at;
        let entries = match node.kind {
            Kind::Null => Vec::new(),
            Kind::Map(entries) => entries,
            _ => {
                findings.push(expected("map", "a map of names", &node, at));
                return None;
            }
        };
        let mut named = Vec::with_capacity(entries.len());
        for Entry { at, key, value } in entries {
            // A name stays known even if what it names cannot be read.
            if let Some(value) = T::read(value, findings).or_else(T::broken) {
                named.push((Placed { at, value: key.into_owned() }, value));
            }
        }
        Some(Named(named))
    }

    fn absent() -> Option<Self> {
        Some(Named::default())
    }
}

/// A finding that says what was expected where something else stands.
pub fn expected(id: &'static str, what: &str, node: &Node<'_>, at: At) -> Finding {
    let found = match &node.kind {
        Kind::Text(text) => format!("`{}`", clip(text)),
        _ => node.kind_name().to_owned(),
    };
    Finding::error(id, at, format!("expected {what}, found {found}"))
}

/// The first few characters of a text that may be long.
pub fn clip(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The entries of a map while a struct takes its fields out of it.
pub struct Fields<'s> {
    at: At,
    entries: Vec<Entry<'s>>,
    known: &'static [&'static str],
}

impl<'s> Fields<'s> {
    /// Opens a map; anything else is a finding.
    pub fn open(
        node: Node<'s>,
        known: &'static [&'static str],
        findings: &mut Findings,
    ) -> Option<Fields<'s>> {
        let at = node.at;
        match node.kind {
            Kind::Map(entries) => Some(Fields { at, entries, known }),
            Kind::Null => Some(Fields { at, entries: Vec::new(), known }),
            _ => {
                let what = format!("a map with keys such as `{}`", known.first().unwrap_or(&""));
                findings.push(expected("map", &what, &node, at));
                None
            }
        }
    }

    /// Takes the value of a key.
    pub fn take<T: Shape>(&mut self, key: &str, findings: &mut Findings) -> Option<T> {
        let found = self.entries.iter().position(|entry| entry.key == key);
        let Some(found) = found else {
            let absent = T::absent();
            if absent.is_none() {
                let message = format!("the key `{key}` is missing");
                findings.push(Finding::error("missing-key", self.at, message));
            }
            return absent;
        };
        let Entry { at, value, .. } = self.entries.swap_remove(found);
        if value.kind == Kind::Null && T::absent().is_none() {
            let message = format!("`{key}` has no value");
            findings.push(Finding::error("missing-value", at, message));
            return None;
        }
        T::read(value, findings)
    }

    /// Reports what no field has taken.
    pub fn close(self, findings: &mut Findings) {
        for entry in self.entries {
            let message = format!("unknown key `{}`", clip(&entry.key));
            let near = nearest(&entry.key, self.known.iter().copied());
            let help = near.unwrap_or_else(|| format!("known here: {}", self.known.join(", ")));
            findings.push(Finding::error("unknown-key", entry.at, message).help(help));
        }
    }
}

/// Declares a struct whose public fields are the keys of a YAML map; the words above them are what
/// an editor shows.
///
/// `at` is added: where the map stands. A field that is kept as it is, to be read later, says how
/// editors shall take it: `halls: Vec<Raw> as templates::<HallSpec>`.
macro_rules! shape {
    ($(#[doc = $doc:literal])* pub struct $name:ident {
        $($(#[doc = $field_doc:literal])* $field:ident: $ty:ty $(as $kept:expr)?,)*
    }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            /// Where the map stands.
            pub at: $crate::spec::source::At,
            $($(#[doc = $field_doc])* pub $field: $ty,)*
        }

        impl $crate::spec::shape::Shape for $name {
            fn schema(book: &mut $crate::spec::schema::Book) -> serde_json::Value {
                book.define(stringify!($name), |book| {
                    let keys = <$name as $crate::spec::shape::Record>::keys(book);
                    keys.closed(concat!($($doc),*), book)
                })
            }

            fn read(
                node: $crate::spec::yaml::Node<'_>,
                findings: &mut $crate::spec::finding::Findings,
            ) -> Option<Self> {
                let at = node.at;
                let known = &[$(stringify!($field)),*];
                let mut fields = $crate::spec::shape::Fields::open(node, known, findings)?;
                $(let $field = fields.take::<$ty>(stringify!($field), findings);)*
                fields.close(findings);
                Some($name { at, $($field: $field.or_else(<$ty>::broken)?,)* })
            }

            fn broken() -> Option<Self> {
                let at = $crate::spec::source::At::default();
                Some($name { at, $($field: <$ty>::broken()?,)* })
            }
        }

        impl $crate::spec::shape::Record for $name {
            fn keys(book: &mut $crate::spec::schema::Book) -> $crate::spec::schema::Keys {
                let mut keys = $crate::spec::schema::Keys::default();
                $({
                    let said = $crate::spec::shape::schema_of!(book, $ty $(, $kept)?);
                    let doc = concat!($($field_doc),*);
                    let needed = <$ty as $crate::spec::shape::Shape>::absent().is_none();
                    keys.add(stringify!($field), doc, needed, said);
                })*
                keys
            }
        }
    };
}

/// The schema of a field: that of its type, or of what it is read as later.
macro_rules! schema_of {
    ($book:ident, $ty:ty) => {
        <$ty as $crate::spec::shape::Shape>::schema($book)
    };
    ($book:ident, $ty:ty, $kept:expr) => {
        $kept($book)
    };
}

/// Makes a type readable from a scalar by a function `&str -> Result<T, String>`; the second
/// argument stands in for a value that could not be read, the one before the last is its schema.
macro_rules! scalar {
    (
        $ty:ty, $broken:expr, $id:literal, $what:literal, $name:literal = $schema:expr, $parse:expr
    ) => {
        impl $crate::spec::shape::Shape for $ty {
            fn schema(book: &mut $crate::spec::schema::Book) -> serde_json::Value {
                book.define($name, |_| $crate::spec::schema::told($what, $schema))
            }

            fn broken() -> Option<Self> {
                Some($broken)
            }

            fn read(
                node: $crate::spec::yaml::Node<'_>,
                findings: &mut $crate::spec::finding::Findings,
            ) -> Option<Self> {
                let $crate::spec::yaml::Kind::Text(text) = &node.kind else {
                    findings.push($crate::spec::shape::expected($id, $what, &node, node.at));
                    return None;
                };
                let parse: fn(&str) -> Result<$ty, String> = $parse;
                let read = parse(text);
                read.map_err(|message| {
                    findings.push($crate::spec::finding::Finding::error($id, node.at, message));
                })
                .ok()
            }
        }
    };
}

/// Makes an enum readable from a few words; the lines above them are what an editor shows.
macro_rules! words {
    ($(#[doc = $doc:literal])* pub enum $name:ident {
        $($(#[doc = $word_doc:literal])* $variant:ident = $word:literal,)*
    }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[doc = $word_doc])* $variant,)* }

        impl $name {
            const ALL: &'static [$name] = &[$($name::$variant),*];
            /// The words in a file.
            pub const WORDS: &'static [&'static str] = &[$($word),*];
        }

        impl $crate::spec::shape::Shape for $name {
            fn schema(book: &mut $crate::spec::schema::Book) -> serde_json::Value {
                let docs = &[$(concat!($($word_doc),*)),*];
                book.define(stringify!($name), |_| {
                    let words = $crate::spec::schema::words($name::WORDS, docs);
                    $crate::spec::schema::told(concat!($($doc),*), words)
                })
            }

            fn broken() -> Option<Self> {
                Some($name::ALL[0])
            }

            fn read(
                node: $crate::spec::yaml::Node<'_>,
                findings: &mut $crate::spec::finding::Findings,
            ) -> Option<Self> {
                let at = $crate::spec::shape::word(&node, $name::WORDS, findings)?;
                Some($name::ALL[at])
            }
        }
    };
}

/// The place of a node's word among those known.
pub fn word(node: &Node<'_>, words: &[&str], findings: &mut Findings) -> Option<usize> {
    let Kind::Text(text) = &node.kind else {
        findings.push(expected("unknown-word", "one of a few words", node, node.at));
        return None;
    };
    let found = words.iter().position(|word| word == text);
    if found.is_none() {
        findings.push(Finding::error("unknown-word", node.at, not_a_word(text, words)));
    }
    found
}

pub(crate) use {scalar, schema_of, shape, words};

/// The message for a word that is none of those known.
pub fn not_a_word(text: &str, words: &[&str]) -> String {
    let near = nearest(text, words.iter().copied());
    let near = near.map(|near| format!("; {near}")).unwrap_or_default();
    format!("expected one of {}, found `{}`{near}", words.join(", "), clip(text))
}

scalar!(
    String,
    String::new(),
    "text",
    "text",
    "Text" = schema::plain(),
    |text| Ok(text.to_owned())
);
scalar!(
    bool,
    false,
    "true-or-false",
    "true or false",
    "Flag" = schema::flag(),
    |text| match text {
        "true" | "yes" => Ok(true),
        "false" | "no" => Ok(false),
        _ => Err(format!("expected true or false, found `{}`", clip(text))),
    }
);
scalar!(u32, 1, "whole-number", "a whole number", "Count" = schema::count(), |text| {
    let plain: String = text.chars().filter(|&c| c != '_').collect();
    plain.parse().map_err(|_| format!("expected a whole number, found `{}`", clip(text)))
});
scalar!(i32, 0, "whole-number", "a whole number", "Number" = schema::whole(), |text| {
    text.parse().map_err(|_| format!("expected a whole number, found `{}`", clip(text)))
});
