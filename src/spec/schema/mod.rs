//! What files may say, as JSON Schemas that editors read.
//!
//! Each shape says its own part where it is read ([`Shape::schema`](super::Shape::schema)), so
//! there is one home for every key, its meaning and its words; here are the book that gathers the
//! definitions, the few forms that schemas take, and the three kinds of whole file (`files`).
//!
//! The dialect is draft-07: the YAML language server of editors has always read it, later drafts
//! only since 2025. It ignores words beside a `$ref` when it judges, and shows the description
//! among them, which is all that is put there.
//!
//! A schema never refuses what the reader accepts, but for two ways of writing that nobody needs:
//! `"true"` in quotes, and `{n}` within a number or date under `attach`. It asks for a key only
//! where no other file can supply it: in the items of lists.

mod files;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

pub use files::{archetypes, edits, plan, portfolio, scenario, site, sites, template};

/// The definitions of one schema.
#[derive(Debug)]
pub struct Book {
    definitions: Map<String, Value>,
    /// What each is called in the code.
    owners: BTreeMap<String, String>,
    /// Whether any map may say since when it is known.
    marks: bool,
    /// Whether a map that is described now must be whole.
    whole: bool,
}

impl Book {
    /// An empty book.
    fn new(marks: bool) -> Book {
        Book { definitions: Map::new(), owners: BTreeMap::new(), marks, whole: false }
    }

    /// A reference to a definition, which is written on its first use.
    pub fn define(&mut self, name: &str, body: impl FnOnce(&mut Book) -> Value) -> Value {
        let (whole, name) = (name, name.strip_suffix("Spec").unwrap_or(name));
        let owner = self.owners.entry(name.to_owned()).or_insert_with(|| whole.to_owned());
        assert!(*owner == whole, "both `{owner}` and `{whole}` would be called `{name}`");
        if !self.definitions.contains_key(name) {
            // A shape may hold itself.
            self.definitions.insert(name.to_owned(), Value::Null);
            let body = body(self);
            self.definitions.insert(name.to_owned(), body);
        }
        json!({"$ref": format!("#/definitions/{name}")})
    }

    /// The schema of an item of a list: lists are replaced as a whole, so nothing is missing there.
    pub fn item(&mut self, schema: impl FnOnce(&mut Book) -> Value) -> Value {
        let whole = std::mem::replace(&mut self.whole, true);
        let schema = schema(self);
        self.whole = whole;
        schema
    }

    /// The name that a reference leads to and the pattern there, without its anchors.
    pub fn behind(&self, reference: &Value) -> (String, String) {
        let path = reference["$ref"].as_str().unwrap_or_default();
        let name = path.rsplit('/').next().unwrap_or_default();
        let pattern = self.definitions[name]["pattern"].as_str().unwrap_or_default();
        let pattern = pattern.strip_prefix(START).and_then(|rest| rest.strip_suffix(END));
        (name.to_owned(), pattern.unwrap_or_default().to_owned())
    }

    /// Puts the definitions behind the keys of a whole file.
    fn bind(self, title: &str, root: Value) -> Value {
        let mut schema = Map::new();
        schema.insert("$schema".into(), DIALECT.into());
        schema.insert("title".into(), title.into());
        if let Value::Object(root) = root {
            schema.extend(root);
        }
        schema.insert("definitions".into(), Value::Object(self.definitions));
        Value::Object(schema)
    }
}

/// The dialect of JSON Schema.
const DIALECT: &str = "http://json-schema.org/draft-07/schema#";

/// The keys of a map.
#[derive(Debug, Default)]
pub struct Keys {
    properties: Map<String, Value>,
    required: Vec<&'static str>,
}

impl Keys {
    /// Adds a key, with the words that an editor shows.
    pub fn add(&mut self, name: &'static str, doc: &str, needed: bool, schema: Value) {
        self.properties.insert(name.to_owned(), told(doc, schema));
        if needed {
            self.required.push(name);
        }
    }

    /// All keys of both.
    pub fn with(mut self, other: Keys) -> Keys {
        self.properties.extend(other.properties);
        self.required.extend(other.required);
        self
    }

    /// Leaves a key out.
    fn without(mut self, name: &str) -> Keys {
        self.properties.shift_remove(name);
        self.required.retain(|needed| *needed != name);
        self
    }

    /// The map that holds these keys and no others.
    pub fn closed(mut self, doc: &str, book: &mut Book) -> Value {
        if book.marks && !self.properties.contains_key("known") {
            self.properties.insert("known".into(), known(book));
        }
        let empty = self.required.is_empty() || !book.whole;
        let kind = if empty { json!(["object", "null"]) } else { json!("object") };
        let mut schema = Map::new();
        schema.insert("description".into(), in_one_line(doc).into());
        schema.insert("type".into(), kind);
        schema.insert("properties".into(), Value::Object(self.properties));
        if !empty {
            schema.insert("required".into(), json!(self.required));
        }
        schema.insert("additionalProperties".into(), false.into());
        Value::Object(schema)
    }
}

/// A schema with the words that an editor shows; they win over those that it has.
pub fn told(doc: &str, schema: Value) -> Value {
    let doc = in_one_line(doc);
    match schema {
        Value::Object(mut schema) => {
            schema.insert("description".into(), doc.into());
            Value::Object(schema)
        }
        other => other,
    }
}

fn in_one_line(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One of several schemas.
pub fn any(of: impl IntoIterator<Item = Value>) -> Value {
    json!({"anyOf": of.into_iter().collect::<Vec<_>>()})
}

/// A list, a single value in its place, or nothing.
pub fn one_or_more(item: Value) -> Value {
    any([item.clone(), json!({"type": ["array", "null"], "items": item})])
}

/// A list of so many.
pub fn exactly(count: usize, item: Value) -> Value {
    json!({"type": "array", "items": item, "minItems": count, "maxItems": count})
}

/// A map of free names, each with a value of this kind.
pub fn named(value: Value, book: &mut Book) -> Value {
    let mut schema = json!({"type": ["object", "null"]});
    if book.marks {
        // It may be a name as well.
        schema["properties"] = json!({"known": any([known(book), value.clone()])});
    }
    schema["additionalProperties"] = value;
    schema
}

/// A map of dates, each with a value of this kind.
pub fn dated(value: Value, book: &mut Book) -> Value {
    let mut schema = json!({"type": ["object", "null"]});
    schema["patternProperties"] = json!({whole_text(DATE): value});
    if book.marks {
        schema["properties"] = json!({"known": known(book)});
    }
    schema["additionalProperties"] = false.into();
    schema
}

/// The mark of a map.
fn known(book: &mut Book) -> Value {
    let doc = "Since when this is known; `--as-of` an earlier day leaves it out.";
    book.define("Known", |_| told(doc, text(DATE, &["2025-11-10"])))
}

const START: &str = "^\\s*(?:";
const END: &str = ")\\s*$";

fn whole_text(pattern: &str) -> String {
    format!("{START}{pattern}{END}")
}

/// Text of a pattern.
pub fn text(pattern: &str, examples: &[&str]) -> Value {
    json!({"type": "string", "pattern": whole_text(pattern), "examples": examples})
}

/// Text of a pattern, or a bare number, which YAML does not take for text.
pub fn number(pattern: &str, examples: &[&str]) -> Value {
    json!({"type": ["number", "string"], "pattern": whole_text(pattern), "examples": examples})
}

/// Any one value: names and titles may look like numbers.
pub fn plain() -> Value {
    json!({"type": ["string", "number", "boolean"]})
}

/// True or false.
pub fn flag() -> Value {
    json!({"enum": [true, false, "yes", "no"]})
}

/// A whole number from nothing on.
pub fn count() -> Value {
    let pattern = whole_text("[0-9_]+");
    json!({"type": ["integer", "string"], "minimum": 0, "pattern": pattern})
}

/// A whole number.
pub fn whole() -> Value {
    json!({"type": ["integer", "string"], "pattern": "^[-+]?[0-9]+$"})
}

/// One of a few words, with what each means.
pub fn words(words: &[&str], docs: &[&str]) -> Value {
    let value = |word: &&str| match *word {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        word => word.into(),
    };
    let values: Vec<Value> = words.iter().map(value).collect();
    let docs: Vec<String> = docs.iter().map(|doc| in_one_line(doc)).collect();
    json!({"enum": values, "enumDescriptions": docs})
}

/// A civil date.
pub const DATE: &str = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
/// A civil date, perhaps with a time of the site's clock.
pub const INSTANT: &str = "[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ]\\s*[0-9]{2}:[0-9]{2})?";
/// A number; digits may be grouped.
pub const NUMBER: &str = "-?[0-9._,]+";
/// A share in per cent.
pub const PERCENT: &str = "-?[0-9._,]+\\s*%";
/// A length of time.
pub const LENGTH: &str = "\\+?\\s*[0-9]+(?:\\.[0-9]+)?\\s*(?:min|h|d|w|eh|ed|ew|mo|y)";
/// Money with its currency.
pub const MONEY: &str = "-?\\s*(?:[£$€]\\s*[0-9._,]+\\s*[kMB]?|[0-9._,]+\\s*[kMB]?\\s*\\s[A-Z]{3})";
