//! Just enough of Rust's grammar to see code without its comments and literals.

use std::collections::BTreeSet;

/// A Rust file, read once.
pub struct File {
    /// From `src`, e.g. `engine/queue.rs`.
    pub path: String,
    pub text: String,
    /// The text with comments and literals blanked, line for line.
    pub code: String,
    /// Whether each line holds a part of a text literal.
    pub literal: Vec<bool>,
}

impl File {
    pub fn new(path: &str, text: &str) -> File {
        let (code, literal) = blank(text);
        File { path: path.into(), text: text.into(), code, literal }
    }

    /// The folder below `src`, or the name of a file that lies in none.
    pub fn folder(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }
}

/// Code with comments and literals as spaces, and which lines hold a part of a text literal.
fn blank(text: &str) -> (String, Vec<bool>) {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut literal = vec![false];
    let mut at = 0;
    while at < chars.len() {
        let (end, is_text) = match token_end(&chars, at) {
            Some((end, is_text)) => (end, is_text),
            None => {
                code.push(chars[at]);
                literal.extend((chars[at] == '\n').then_some(false));
                at += 1;
                continue;
            }
        };
        for &c in &chars[at..end] {
            if is_text && let Some(line) = literal.last_mut() {
                *line = true;
            }
            code.push(if c == '\n' { '\n' } else { ' ' });
            literal.extend((c == '\n').then_some(false));
        }
        at = end;
    }
    (code, literal)
}

/// End of the comment or literal that begins here, and whether it is a text literal.
fn token_end(chars: &[char], at: usize) -> Option<(usize, bool)> {
    let next = chars.get(at + 1).copied();
    let in_word = at > 0 && is_word(chars[at - 1]);
    match chars[at] {
        '/' if next == Some('/') => Some((find(chars, at, |c| c == '\n'), false)),
        '/' if next == Some('*') => Some((block_comment_end(chars, at), false)),
        '"' => Some((text_end(chars, at), true)),
        'r' | 'b' | 'c' if !in_word => raw_text_end(chars, at).map(|end| (end, true)),
        '\'' if next == Some('\\') => Some((find(chars, at + 3, |c| c == '\'') + 1, false)),
        '\'' if chars.get(at + 2) == Some(&'\'') => Some((at + 3, false)),
        _ => None,
    }
}

fn find(chars: &[char], from: usize, wanted: impl Fn(char) -> bool) -> usize {
    let rest = chars.iter().skip(from);
    rest.clone().position(|&c| wanted(c)).map_or(chars.len(), |offset| from + offset)
}

fn block_comment_end(chars: &[char], mut at: usize) -> usize {
    let mut depth = 0;
    while at < chars.len() {
        match chars.get(at..at + 2) {
            Some(['/', '*']) => (depth, at) = (depth + 1, at + 2),
            Some(['*', '/']) if depth == 1 => return at + 2,
            Some(['*', '/']) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    chars.len()
}

fn text_end(chars: &[char], start: usize) -> usize {
    let mut at = start + 1;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

/// End of `r"…"`, `r#"…"#`, `br"…"` and the like; `None` if this is just a word.
fn raw_text_end(chars: &[char], start: usize) -> Option<usize> {
    let mark = find(chars, start, |c| !matches!(c, 'r' | 'b' | 'c'));
    if mark > start + 2 || chars[mark - 1] != 'r' {
        return None;
    }
    let quote = find(chars, mark, |c| c != '#');
    if chars.get(quote) != Some(&'"') {
        return None;
    }
    let hashes = quote - mark;
    let closes = |at: &usize| {
        chars[*at] == '"' && chars[*at + 1..].iter().take_while(|&&c| c == '#').count() >= hashes
    };
    Some((quote + 1..chars.len()).find(closes).map_or(chars.len(), |end| end + 1 + hashes))
}

pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn word_at(text: &str) -> &str {
    &text[..text.find(|c| !is_word(c)).unwrap_or(text.len())]
}

/// Where a word stands in code.
fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(word).map(|(at, _)| at).filter(move |&at| {
        !code[..at].ends_with(is_word) && !code[at + word.len()..].starts_with(is_word)
    })
}

pub fn names(code: &str, word: &str) -> bool {
    words(code, word).next().is_some()
}

pub fn line_of(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

/// Folders named by paths from the crate's root: `crate::x`, `energize::x`, `super::super::x`, and
/// the members of `crate::{x, y::z}`.
pub fn used_folders(code: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for root in ["crate::", "energize::", "super::super::"] {
        for (at, _) in code.match_indices(root) {
            let rest = &code[at + root.len()..];
            if !code[..at].ends_with(is_word) {
                used.extend(first_names(rest));
            }
        }
    }
    used
}

/// `x` of `x::y`; `x` and `y` of `{x::{a, b}, y}`.
fn first_names(path: &str) -> Vec<String> {
    let Some(group) = path.strip_prefix('{') else { return vec![word_at(path).into()] };
    let mut names = Vec::new();
    let (mut depth, mut begins) = (0, true);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => begins = true,
            c if begins && is_word(c) => {
                names.push(word_at(&group[at..]).into());
                begins = false;
            }
            _ => {}
        }
    }
    names
}

/// Name, start and end of each function that has a body.
pub fn functions(code: &str) -> Vec<(&str, usize, usize)> {
    let starts = words(code, "fn").filter(|at| code[at + 2..].trim_start().starts_with(is_word));
    let named = starts.map(|at| (word_at(code[at + 2..].trim_start()), at));
    named.filter_map(|(name, at)| Some((name, at, body_end(code, at)?))).collect()
}

/// Closing brace of the item that begins here; `None` if a semicolon ends it.
fn body_end(code: &str, start: usize) -> Option<usize> {
    let (mut brackets, mut braces) = (0, 0);
    for (offset, c) in code[start..].char_indices() {
        match c {
            '(' | '[' if braces == 0 => brackets += 1,
            ')' | ']' if braces == 0 => brackets -= 1,
            ';' if brackets == 0 && braces == 0 => return None,
            '{' => braces += 1,
            '}' if braces == 1 => return Some(start + offset),
            '}' => braces -= 1,
            _ => {}
        }
    }
    None
}

/// Start and end of each item under `#[cfg(test)]`.
pub fn test_regions(code: &str) -> Vec<(usize, usize)> {
    let attribute = "#[cfg(test)]";
    let starts = code.match_indices(attribute).map(|(at, _)| at);
    starts.filter_map(|at| Some((at, body_end(code, at + attribute.len())?))).collect()
}

/// Files that `mod` declarations lead to from the roots, and those of them that are tests only.
pub fn reachable(files: &[File]) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut known: BTreeSet<String> = ["lib.rs", "main.rs"].map(String::from).into();
    let mut tests = BTreeSet::new();
    let mut open: Vec<String> = known.iter().cloned().collect();
    while let Some(path) = open.pop() {
        let Some(file) = files.iter().find(|file| file.path == path) else { continue };
        for (name, only_tests) in declared_modules(&file.code) {
            for child in [format!("{name}.rs"), format!("{name}/mod.rs")] {
                let child = format!("{}{child}", children_folder(&path));
                if only_tests || tests.contains(&path) {
                    tests.insert(child.clone());
                }
                if known.insert(child.clone()) {
                    open.push(child);
                }
            }
        }
    }
    (known, tests)
}

/// Where the modules lie that a file declares: beside a root or `mod.rs`, else in its own folder.
fn children_folder(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    match name {
        "lib.rs" | "main.rs" | "mod.rs" => folder,
        name => format!("{folder}{}/", name.trim_end_matches(".rs")),
    }
}

/// `mod name;` and whether it is under `#[cfg(test)]`.
fn declared_modules(code: &str) -> Vec<(&str, bool)> {
    let mut modules = Vec::new();
    for at in words(code, "mod") {
        let rest = code[at + 3..].trim_start();
        let name = word_at(rest);
        if !name.is_empty() && rest[name.len()..].trim_start().starts_with(';') {
            let item = code[..at].rfind([';', '}', '{']).map_or(0, |end| end + 1);
            modules.push((name, code[item..at].contains("#[cfg(test)]")));
        }
    }
    modules
}
