//! Whether contracts bring the cash that the loan was sized on.

use crate::money::{Money, Ratio};

/// Contract realization ratio at a month's end (finance-mechanics 29): what was billed over what
/// the projection of closing said, summed over the `window` months that end with month `at`, as
/// many as there are. The projection is not dated anew by a slip unless its holder agrees
/// (semantics M10).
pub fn realization(billed: &[Money], projected: &[Money], at: usize, window: usize) -> Ratio {
    let from = (at + 1).saturating_sub(window);
    let months = billed.iter().copied().zip(projected.iter().copied());
    realization_of(months.skip(from).take(at + 1 - from))
}

/// As [`realization`], of what was billed and what was projected month by month.
pub fn realization_of(months: impl Iterator<Item = (Money, Money)>) -> Ratio {
    let add = |(billed, projected): (Money, Money), month: (Money, Money)| {
        (billed + month.0, projected + month.1)
    };
    let (billed, projected) = months.fold((Money::ZERO, Money::ZERO), add);
    Ratio::new(billed, projected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_start_is_seen_until_the_window_has_left_it_behind() {
        let (billed, projected) = ([0, 0, 2, 4, 4, 4].map(Money), [4; 6].map(Money));
        let ratio = |at| realization(&billed, &projected, at, 3).value();
        assert_eq!([0, 2, 5].map(ratio), [Some(0.0), Some(2.0 / 12.0), Some(1.0)]);
        assert_eq!(realization(&[], &[], 3, 3), Ratio::Undefined);
    }
}
