//! The debt service reserve account.

use rust_decimal::Decimal;

use crate::money::Money;

/// A period of the account: positive movements come out of the cash before distributions, negative
/// ones go back to it (finance-mechanics 22).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReserveMove {
    /// Held at the period's beginning.
    pub opening: Money,
    /// To be held at its end.
    pub target: Money,
}

impl ReserveMove {
    /// Paid in (negative: released).
    pub fn movement(&self) -> Money {
        self.target - self.opening
    }
}

/// What must be held: the scheduled service of the next `months`, given the service of the coming
/// periods of `period_months` each; of a period that is covered in part its share.
pub fn reserve_target(ahead: &[Money], months: Decimal, period_months: u32) -> Money {
    let mut left = months / Decimal::from(period_months.max(1));
    let mut target = Money::ZERO;
    for &service in ahead {
        let share = left.clamp(Decimal::ZERO, Decimal::ONE);
        target += service.times(share);
        left -= share;
    }
    target
}

/// The initial funding (a use at closing) and the account's moves, period by period, after each of
/// which the next `months` of service are held.
pub fn reserve_path(
    service: &[Money],
    months: Decimal,
    period_months: u32,
) -> (Money, Vec<ReserveMove>) {
    let initial = reserve_target(service, months, period_months);
    let mut opening = initial;
    let moves = (1..=service.len()).map(|after| {
        let target = reserve_target(&service[after..], months, period_months);
        let row = ReserveMove { opening, target };
        opening = target;
        row
    });
    let moves = moves.collect();
    (initial, moves)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nine_months_hold_three_quarters_or_three_fourths_of_a_year() {
        let service = [40, 20, 8].map(Money::whole);
        assert_eq!(reserve_target(&service, Decimal::from(9), 3), Money::whole(68));
        assert_eq!(reserve_target(&service, Decimal::from(9), 12), Money::whole(30));
        assert_eq!(reserve_target(&service, Decimal::from(18), 12), Money::whole(50));
    }

    proptest! {
        #[test]
        fn all_that_is_paid_in_comes_back(
            service in proptest::collection::vec(0_i64..1_000_000_000, 0..30), months in 0_i64..40,
        ) {
            let service: Vec<Money> = service.into_iter().map(Money).collect();
            let (initial, moves) = reserve_path(&service, Decimal::from(months), 3);
            let later: Money = moves.iter().map(ReserveMove::movement).sum();
            prop_assert_eq!(initial + later, Money::ZERO);
        }
    }
}
