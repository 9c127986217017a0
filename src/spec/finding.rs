//! What is wrong with an input, as data.

use super::source::At;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The input is refused.
    Error,
    /// The input is used; a planner would want to know.
    Warning,
}

/// One thing that is wrong with an input, and what to do about it.
///
/// The key path (`activities.energise-1.after`) is not stored: it follows from the place
/// ([`super::KeyPaths`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Stable name of the kind, e.g. `unknown-activity`.
    pub id: &'static str,
    /// Whether the input is refused.
    pub severity: Severity,
    /// Where.
    pub at: At,
    /// What is wrong, in the user's words, lower case.
    pub message: String,
    /// What to do, e.g. the nearest valid name.
    pub help: Option<String>,
    /// The other place that it is about, where two do not go together.
    pub also: Option<Also>,
}

/// A second place of a finding: a site and the portfolio, two of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Also {
    /// Where.
    pub at: At,
    /// What stands there, in a few words.
    pub label: String,
}

impl Finding {
    /// An input that is refused.
    pub fn error(id: &'static str, at: At, message: impl Into<String>) -> Finding {
        let message = message.into();
        Finding { id, severity: Severity::Error, at, message, help: None, also: None }
    }

    /// An input that is used although something is odd.
    pub fn warning(id: &'static str, at: At, message: impl Into<String>) -> Finding {
        Finding { severity: Severity::Warning, ..Finding::error(id, at, message) }
    }

    /// Adds what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Finding {
        self.help = Some(help.into());
        self
    }

    /// Adds the other place that it is about.
    pub fn also(mut self, at: At, label: impl Into<String>) -> Finding {
        self.also = Some(Also { at, label: label.into() });
        self
    }

    /// Adds what to do about it, if anything is known.
    pub fn maybe_help(mut self, help: Option<String>) -> Finding {
        self.help = help;
        self
    }
}

/// All findings of a load, in the order they were met; the same one is kept once.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    list: Vec<Finding>,
}

impl Findings {
    /// Most findings that are kept; a file with more is hardly the one that was meant.
    pub const COUNT_MAX: usize = 200;

    /// Adds a finding.
    pub fn push(&mut self, finding: Finding) {
        if !self.is_full() && !self.list.contains(&finding) {
            self.list.push(finding);
        }
    }

    /// Adds all of others, which are left empty.
    pub fn take(&mut self, others: &mut Findings) {
        others.list.drain(..).for_each(|finding| self.push(finding));
    }

    /// Whether no more are kept, so that none need be worked out.
    pub fn is_full(&self) -> bool {
        self.list.len() >= Findings::COUNT_MAX
    }

    /// As [`nearest`], while there is room for the finding that it is for.
    pub fn nearest<'n>(
        &self,
        word: &str,
        names: impl IntoIterator<Item = &'n str>,
    ) -> Option<String> {
        if self.is_full() { None } else { nearest(word, names) }
    }

    /// Whether something within a place has been found fault with: what is missing there may be
    /// what could not be read.
    pub fn any_within(&self, at: At) -> bool {
        self.list.iter().any(|found| at.start <= found.at.start && found.at.end <= at.end)
    }

    /// Whether the input must be refused.
    pub fn any_error(&self) -> bool {
        self.list.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// All of them, errors first, by place.
    pub fn into_sorted(mut self) -> Vec<Finding> {
        self.list.sort_by_key(|finding| (finding.severity, finding.at));
        self.list
    }
}

/// `1 hall`, `8 halls`.
pub fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Longest word that a likeness is looked for, and most names that are looked at: a slip of the
/// finger is shorter, and what an answer costs grows with both.
const WORD_MAX: usize = 80;
const NAMES_MAX: usize = 2_000;

/// `did you mean X?` for the valid name nearest to `word`, if one is near enough.
pub fn nearest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<String> {
    let length = word.chars().count();
    if length > WORD_MAX {
        return None;
    }
    let near = |name: &'n str| {
        let other = name.chars().count();
        let most = (length.max(other) / 3).max(1);
        let close = other <= WORD_MAX && length.abs_diff(other) <= most;
        let distance = close.then(|| strsim::damerau_levenshtein(word, name))?;
        (distance <= most).then_some((name, distance))
    };
    let names = names.into_iter().take(NAMES_MAX).filter_map(near);
    let (name, _) = names.min_by_key(|&(_, distance)| distance)?;
    Some(format!("did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered_only_if_it_is_near() {
        let names = ["energise-1", "energise-2", "substation"];
        assert_eq!(nearest("energize-1", names).as_deref(), Some("did you mean `energise-1`?"));
        assert_eq!(nearest("tower-crane", names), None);
        assert_eq!(nearest("x", []), None);
    }

    #[test]
    fn the_same_finding_is_kept_once_and_errors_come_first() {
        let mut findings = Findings::default();
        let at = At { start: 5, end: 6 };
        findings.push(Finding::warning("w", At::default(), "odd"));
        findings.push(Finding::error("e", at, "wrong"));
        findings.push(Finding::error("e", at, "wrong"));
        assert!(findings.any_error());
        let ids: Vec<_> = findings.into_sorted().iter().map(|finding| finding.id).collect();
        assert_eq!(ids, ["e", "w"]);
    }
}
