//! Ids that differ only by the numbers of what holds them, told as one.

use std::collections::BTreeMap;

use super::Group;

/// Most groups of names that a point keeps.
const GROUPS_MAX: usize = 20;

/// Names that differ only by numbers of what holds them, as one pattern each; the largest first.
pub(super) fn grouped(names: impl Iterator<Item = String>) -> Vec<Group> {
    let mut groups: BTreeMap<String, (usize, Group)> = BTreeMap::new();
    for (order, name) in names.enumerate() {
        let group = groups.entry(pattern(&name)).or_insert((order, Group { name, count: 0 }));
        group.1.count += 1;
    }
    let mut groups: Vec<(usize, Group)> = groups
        .into_iter()
        .map(|(pattern, (order, group))| match group.count {
            1 => (order, group),
            count => (order, Group { name: pattern, count }),
        })
        .collect();
    groups.sort_by_key(|(order, group)| (std::cmp::Reverse(group.count), *order));
    groups.into_iter().map(|(_, group)| group).take(GROUPS_MAX).collect()
}

/// `hall-*.network` for `hall-3.network`: numbers at the end of all steps of a path but its last.
fn pattern(name: &str) -> String {
    let word = |word: &str| match word.rsplit_once('.') {
        Some((path, last)) => {
            let steps: Vec<String> = path.split('.').map(without_number).collect();
            format!("{}.{last}", steps.join("."))
        }
        None => word.to_owned(),
    };
    name.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// `hall-*` for `hall-3`.
pub(super) fn without_number(step: &str) -> String {
    match step.rsplit_once('-') {
        Some((name, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{name}-*")
        }
        _ => step.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_by_a_number_stand_together() {
        let names = ["hall-1.ist", "grid", "hall-2.ist", "hall-1.flush", "hall-3.ist", "stage-2"];
        let groups = grouped(names.map(str::to_owned).into_iter());
        let told: Vec<_> = groups.iter().map(|group| (group.name.as_str(), group.count)).collect();
        let wanted = [("hall-*.ist", 3), ("grid", 1), ("hall-1.flush", 1), ("stage-2", 1)];
        assert_eq!(told, wanted);
        assert_eq!(pattern("hall-1.a FS -> hall-12.unit-*.b"), "hall-*.a FS -> hall-*.unit-*.b");
    }
}
