//! How the backlog moves over a period.

use crate::money::Money;

/// A roll-forward of remaining performance obligations or of backlog (finance-mechanics 9): what
/// stood, what came, what was earned, what stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RollForward {
    /// At the beginning.
    pub open: Money,
    /// Signed, changed and, negative, terminated.
    pub bookings: Money,
    /// Recognised.
    pub revenue: Money,
}

impl RollForward {
    /// At the end.
    pub fn close(&self) -> Money {
        self.open + self.bookings - self.revenue
    }

    /// The roll-forward between two published balances: bookings are what closes it.
    pub fn between(open: Money, close: Money, revenue: Money) -> RollForward {
        RollForward { open, bookings: close - open + revenue, revenue }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bookings_between_two_balances_close_the_roll_forward() {
        let quarter = RollForward::between(Money(30), Money(55), Money(2));
        assert_eq!((quarter.bookings, quarter.close()), (Money(27), Money(55)));
    }
}
