//! A run that was split over machines: who does which trials, and laying the parts side by side.

use std::ops::Range;

use super::store::{Backing, Store, StoreError, trials_text};

/// The trials of part `number` of `of` (from 1) of a run: parts follow each other and differ by one
/// trial at most.
///
/// # Panics
///
/// If the number is 0 or more than there are parts.
pub fn shard(trials: u32, number: u32, of: u32) -> Range<u32> {
    assert!((1..=of).contains(&number), "part {number} of {of}");
    let until = |number: u32| {
        let trials = u64::from(trials) * u64::from(number) / u64::from(of);
        u32::try_from(trials).expect("a share of the trials")
    };
    until(number - 1)..until(number)
}

/// Lays the parts of a run side by side: one store of all its trials, read where they are.
///
/// Parts come with the names that errors call them by, in any order. What is read from the store
/// is, to the byte, what one run would have yielded (semantics R4).
///
/// # Errors
///
/// When parts are not of one run, hold the same trials, or leave trials out: because a part is
/// not there, or was interrupted.
pub fn merge<F: Backing>(mut parts: Vec<(String, Store<F>)>) -> Result<Store<F>, StoreError> {
    let Some((first, rest)) = parts.split_first() else { return Err(StoreError::NoParts) };
    for part in rest {
        if let Some((field, ours, theirs)) = first.1.meta.difference(&part.1.meta) {
            let (first, second) = (first.0.clone(), part.0.clone());
            return Err(StoreError::Differ { field, first, second, ours, theirs });
        }
    }
    // An empty part overlaps nothing, wherever it stands.
    parts.sort_by_key(|(_, store)| (store.meta.range.start, store.meta.range.end));
    let mut latest: Option<&(String, Store<F>)> = None;
    for part in parts.iter().filter(|(_, store)| !store.meta.range.is_empty()) {
        let starts = part.1.meta.range.start;
        if let Some(latest) = latest.filter(|latest| starts < latest.1.meta.range.end) {
            let until = latest.1.meta.range.end.min(part.1.meta.range.end);
            let (first, second) = (latest.0.clone(), part.0.clone());
            let trials = trials_text(starts, until);
            return Err(StoreError::Overlap { first, second, trials });
        }
        latest = Some(part);
    }
    let missing = missing(&parts);
    if !missing.is_empty() {
        return Err(StoreError::Missing { trials: missing.join(", ") });
    }
    let mut parts = parts.into_iter().map(|(_, store)| store);
    let mut whole = parts.next().expect("there is a first part");
    for mut part in parts {
        let files = whole.files.len();
        whole.files.append(&mut part.files);
        whole.entries.extend(part.entries.into_iter().map(|e| e.with_files_shifted(files)));
        super::part::add(&mut whole.sums, &part.sums);
    }
    whole.meta.range = 0..whole.meta.trials;
    whole.next = whole.meta.trials;
    Ok(whole)
}

/// Runs of trials that none of the parts, which do not overlap, holds.
fn missing<F>(parts: &[(String, Store<F>)]) -> Vec<String> {
    let mut missing = Vec::new();
    let mut next = 0;
    for (_, store) in parts.iter().filter(|(_, store)| store.next > store.meta.range.start) {
        if next < store.meta.range.start {
            missing.push(trials_text(next, store.meta.range.start));
        }
        next = store.next;
    }
    let trials = parts.first().map_or(0, |(_, store)| store.meta.trials);
    if next < trials {
        missing.push(trials_text(next, trials));
    }
    missing
}
