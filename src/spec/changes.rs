//! Changes to a file by paths: what a scenario does, and what a portfolio does to one of its sites.
//!
//! They are made in the order `remove`, `set`, `scale`, `add`. A path is the keys joined by dots;
//! items of a list go by their `id`, `customer` or number, as with `--set`.

use rust_decimal::Decimal;

use super::edit;
use super::finding::{Finding, Findings};
use super::schema;
use super::shape::{Named, Placed, Raw, clip, scalar, shape};
use super::source::At;
use super::yaml::{Kind, Node};
use crate::time::Length;

shape! {
    /// Changes by path.
    pub struct Changes {
        /// Keys that are taken out.
        remove: Vec<Placed<String>>,
        /// Keys that are given a value.
        set: Named<Raw>,
        /// Numbers that are multiplied.
        scale: Named<Placed<By>>,
        /// What joins a list or a map.
        add: Named<Raw>,
        /// Activities that are put off.
        delay: Named<Placed<Length>>,
    }
}

/// What numbers are multiplied by: `1.2` or `60%`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct By(pub Decimal);

scalar!(
    By,
    By(Decimal::ONE),
    "factor",
    "a factor such as 1.2 or 60%",
    "By" = schema::number("[0-9._]+\\s*%?", &["1.2", "60%"]),
    |text| {
        let (number, over) = match text.strip_suffix('%') {
            Some(number) => (number.trim_end(), Decimal::ONE_HUNDRED),
            None => (text, Decimal::ONE),
        };
        let read = number.parse::<Decimal>().ok().filter(|factor| *factor >= Decimal::ZERO);
        let wrong = || format!("expected a factor such as 1.2 or 60%, found `{}`", clip(text));
        read.map(|factor| By(factor / over)).ok_or_else(wrong)
    }
);

impl Changes {
    /// Its keys.
    pub const KEYS: [&'static str; 5] = ["remove", "set", "scale", "add", "delay"];

    /// Makes all changes but the delays, which need activities.
    pub fn make<'s>(&'s self, root: &mut Node<'s>, findings: &mut Findings) {
        for path in &self.remove {
            edit::remove(root, path.at, &path.value, findings);
        }
        for (path, value) in self.set.iter() {
            edit::set(root, path.at, &path.value, value.0.clone(), findings);
        }
        for (path, factor) in self.scale.iter() {
            if let Some(node) = edit::find(root, path.at, &path.value, findings) {
                scale(node, path, factor.value.0, findings);
            }
        }
        for (path, value) in self.add.iter() {
            add(root, path.at, &path.value, value.0.clone(), findings);
        }
    }
}

/// Multiplies every number of a value: `8w < 12w`, `2.45 USD/GPU-hour`, a table by date.
fn scale(node: &mut Node<'_>, path: &Placed<String>, by: Decimal, findings: &mut Findings) {
    match &mut node.kind {
        Kind::Map(entries) => {
            entries.iter_mut().for_each(|entry| scale(&mut entry.value, path, by, findings));
        }
        Kind::List(items) => items.iter_mut().for_each(|item| scale(item, path, by, findings)),
        Kind::Text(text) => match scaled(text, by) {
            Some(product) => *text = product.into(),
            None => {
                let message =
                    format!("`{}` holds no number to scale: `{}`", path.value, clip(text));
                findings.push(Finding::error("scale", path.at, message));
            }
        },
        Kind::Null => {}
    }
}

/// A text with each of its numbers multiplied; `None` if it has none.
pub fn scaled(text: &str, by: Decimal) -> Option<String> {
    let mut product = String::with_capacity(text.len());
    let mut rest = text;
    let mut any = false;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        // A digit within a word belongs to it: `gb300`.
        let word = rest[..start].ends_with(|c: char| c.is_alphabetic());
        let digit = |c: char| c.is_ascii_digit() || c == '.' || c == '_';
        let end = rest[start..].find(|c| !digit(c)).map_or(rest.len(), |end| start + end);
        product.push_str(&rest[..start]);
        let number = rest[start..end].replace('_', "");
        match number.parse::<Decimal>().ok().filter(|_| !word) {
            Some(number) => {
                product.push_str(&number.checked_mul(by)?.normalize().to_string());
                any = true;
            }
            None => product.push_str(&rest[start..end]),
        }
        rest = &rest[end..];
    }
    product.push_str(rest);
    any.then_some(product)
}

/// Adds items to a list or entries to a map; what is there already is a finding.
fn add<'s>(root: &mut Node<'s>, at: At, path: &'s str, value: Node<'s>, findings: &mut Findings) {
    let Some(node) = edit::find(root, at, path, findings) else { return };
    match (&mut node.kind, value.kind) {
        (Kind::List(items), Kind::List(more)) => items.extend(more),
        (Kind::List(items), kind) => items.push(Node { at: value.at, kind }),
        (Kind::Map(entries), Kind::Map(more)) => {
            for entry in more {
                if entries.iter().any(|known| known.key == entry.key) {
                    let message = format!("`{path}.{}` is there already", entry.key);
                    let help = "`set:` changes what is there";
                    findings.push(Finding::error("add", entry.at, message).help(help));
                    continue;
                }
                entries.push(entry);
            }
        }
        (Kind::Null, kind) => node.kind = kind,
        _ => {
            let message = format!("`{path}` is neither a list nor a map: nothing joins it");
            findings.push(Finding::error("add", at, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_a_value_is_scaled_and_no_name() {
        let by = |factor: &str| factor.parse::<Decimal>().unwrap();
        for (text, factor, want) in [
            ("8w < 12w < 18w", "1.5", Some("12w < 18w < 27w")),
            ("2.45 USD/GPU-hour", "0.6", Some("1.470 USD/GPU-hour")),
            ("3.9M USD", "2", Some("7.8M USD")),
            ("gb300-nvl72", "2", None),
            ("1_000", "0.5", Some("500")),
            ("none", "2", None),
        ] {
            let got = scaled(text, by(factor));
            let want = want.map(|want| want.replace("1.470", "1.47"));
            assert_eq!(got, want, "{text}");
        }
    }
}
