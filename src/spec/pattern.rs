//! Patterns in which `*` stands for any characters.

/// Whether a name matches a pattern in which `*` stands for any characters.
///
/// Cost: linear but for the tries that a star allows.
pub fn matches_pattern(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or("")) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
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
