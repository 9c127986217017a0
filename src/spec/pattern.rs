//! Patterns in which `*` stands for any characters.

/// Whether a name matches a pattern in which `*` stands for any characters.
///
/// Cost: linear but for the tries that a star allows.
pub fn matches_pattern(pattern: &str, name: &str) -> bool {
    let Some((first, tail)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let (middle, last) = tail.rsplit_once('*').unwrap_or(("", tail));
    for part in middle.split('*').filter(|part| !part.is_empty()) {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, id, want) in [
            ("hall-*.ist", "hall-12.ist", true),
            ("hall-*.ist", "hall-1.fit-out", false),
            ("*", "anything", true),
            ("a*a", "a", false),
            ("ist", "ist", true),
            ("ist", "hall-1.ist", false),
            ("*.unit-*.test", "hall-1.unit-03.test", true),
        ] {
            assert_eq!(matches_pattern(pattern, id), want, "{pattern} {id}");
        }
    }
}
