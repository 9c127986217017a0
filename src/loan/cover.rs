//! Cover ratios over windows, what they mean for the owners, and what cures them.

use rust_decimal::Decimal;

use crate::money::{Money, Ratio};
use crate::unit::Share;

/// One test period: cash and what is due out of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CoverPeriod {
    /// Cash flow available for debt service.
    pub cfads: Money,
    /// Interest due.
    pub interest: Money,
    /// Scheduled principal and fees due.
    pub principal: Money,
}

impl CoverPeriod {
    /// Interest and scheduled principal.
    pub fn service(&self) -> Money {
        self.interest + self.principal
    }

    /// Cash over interest (finance-mechanics 25: the numerator is CFADS).
    pub fn interest_cover(&self) -> Ratio {
        Ratio::new(self.cfads, self.interest)
    }
}

/// Cover of a run of periods: the ratio of the sums, never the mean of the ratios
/// (finance-mechanics 24).
pub fn cover(window: &[CoverPeriod]) -> Ratio {
    cover_of(window.iter().copied())
}

/// As [`cover`], of periods that stand in no list.
pub fn cover_of(window: impl Iterator<Item = CoverPeriod>) -> Ratio {
    let add = |(cash, service): (Money, Money), period: CoverPeriod| {
        (cash + period.cfads, service + period.service())
    };
    let (cash, service) = window.fold((Money::ZERO, Money::ZERO), add);
    Ratio::new(cash, service)
}

/// Cover of the `length` periods that end with period `at`; `None` if there are not as many.
pub fn trailing_cover(periods: &[CoverPeriod], at: usize, length: usize) -> Option<Ratio> {
    let from = (at + 1).checked_sub(length)?;
    periods.get(from..=at).map(cover)
}

/// Cover of the `length` periods that begin with period `at`; `None` if there are not as many.
pub fn forward_cover(periods: &[CoverPeriod], at: usize, length: usize) -> Option<Ratio> {
    periods.get(at..at + length).map(cover)
}

/// What a ratio means under its thresholds (finance-mechanics 30).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoverStatus {
    /// Nothing is due: not a pass (semantics M10).
    NotTested,
    /// At or above every threshold.
    Pass,
    /// Below the lock-up threshold: cash is trapped.
    LockUp,
    /// Below the default threshold.
    Default,
}

impl CoverStatus {
    /// As written in reports.
    pub fn name(self) -> &'static str {
        match self {
            CoverStatus::NotTested => "not tested",
            CoverStatus::Pass => "pass",
            CoverStatus::LockUp => "lock-up",
            CoverStatus::Default => "default",
        }
    }
}

/// The status of a ratio; one equal to a threshold passes it, compared exactly. A threshold that
/// the loan does not have cannot be missed.
pub fn cover_status(ratio: Ratio, lock_up: Option<Share>, default: Option<Share>) -> CoverStatus {
    status(ratio, lock_up, default, |least| ratio.at_least(least) == Some(false))
}

/// As [`cover_status`], of a ratio that must not rise above its thresholds: debt over value or over
/// earnings.
pub fn ceiling_status(ratio: Ratio, lock_up: Option<Share>, default: Option<Share>) -> CoverStatus {
    status(ratio, lock_up, default, |most| ratio.at_most(most) == Some(false))
}

fn status(
    ratio: Ratio,
    lock_up: Option<Share>,
    default: Option<Share>,
    missed: impl Fn(Share) -> bool,
) -> CoverStatus {
    if ratio == Ratio::Undefined {
        CoverStatus::NotTested
    } else if default.is_some_and(&missed) {
        CoverStatus::Default
    } else if lock_up.is_some_and(&missed) {
        CoverStatus::LockUp
    } else {
        CoverStatus::Pass
    }
}

/// Equity that lifts a cover to `least`: as added cash, and as debt service paid away
/// (finance-mechanics 30). The second is the first over the threshold; nothing where the test is
/// met.
pub fn equity_cure(cfads: Money, service: Money, least: Decimal) -> [Money; 2] {
    [cure_by_cash(cfads, service, least), cure_by_service(cfads, service, least)]
}

/// Equity that lifts a cover to `least` as added cash.
pub fn cure_by_cash(cfads: Money, service: Money, least: Decimal) -> Money {
    (service.times(least) - cfads).max(Money::ZERO)
}

/// Equity that lifts a cover to `least` as debt service paid away.
pub fn cure_by_service(cfads: Money, service: Money, least: Decimal) -> Money {
    (service - cfads.times(Decimal::ONE / least)).max(Money::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(cfads: i64, interest: i64, principal: i64) -> CoverPeriod {
        let [cfads, interest, principal] = [cfads, interest, principal].map(Money::whole);
        CoverPeriod { cfads, interest, principal }
    }

    #[test]
    fn a_window_divides_sums_and_needs_all_its_periods() {
        let periods = [period(10, 10, 0), period(90, 10, 20), period(0, 0, 0)];
        let two = Ratio::new(Money::whole(100), Money::whole(40));
        assert_eq!(trailing_cover(&periods, 1, 2), Some(two));
        assert_eq!(forward_cover(&periods, 0, 2), Some(two));
        assert_eq!(trailing_cover(&periods, 0, 2), None);
        assert_eq!(forward_cover(&periods, 2, 2), None);
        assert_eq!(cover(&periods[2..]), Ratio::Undefined);
    }

    #[test]
    fn a_ratio_at_its_threshold_passes_and_nothing_due_is_not_a_pass() {
        let (lock_up, default) = (Some(Share(1_200_000_000)), Some(Share(1_050_000_000)));
        let status =
            |cfads| cover_status(Ratio::new(Money(cfads), Money(100)), lock_up, default).name();
        assert_eq!([120, 119, 105, 104].map(status), ["pass", "lock-up", "lock-up", "default"]);
        assert_eq!(cover_status(Ratio::Undefined, lock_up, default), CoverStatus::NotTested);
        let ceiling =
            |debt| ceiling_status(Ratio::new(Money(debt), Money(100)), default, lock_up).name();
        assert_eq!([105, 106, 120, 121].map(ceiling), ["pass", "lock-up", "lock-up", "default"]);
        assert_eq!(cover_status(Ratio::new(Money(0), Money(1)), None, None), CoverStatus::Pass);
    }

    #[test]
    fn either_cure_brings_the_cover_to_its_threshold() {
        let least = Decimal::new(14, 1);
        let [cash, service] = equity_cure(Money::whole(33), Money::whole(30), least);
        let with_cash = Ratio::new(Money::whole(33) + cash, Money::whole(30));
        assert_eq!(cover_status(with_cash, Some(Share(1_400_000_000)), None), CoverStatus::Pass);
        let with_less = Ratio::new(Money::whole(33), Money::whole(30) - service);
        assert_eq!(with_less.decimal().map(|r| r.round_dp(6)), Some(Decimal::new(1_400_000, 6)));
        assert_eq!(equity_cure(Money(50), Money(30), least), [Money::ZERO; 2]);
    }
}
