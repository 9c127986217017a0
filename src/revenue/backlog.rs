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

/// What has become of the price of a contract since it was signed; sums over contracts add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Obligation {
    /// The transaction price at signing.
    pub signed: Money,
    /// Owed for delay: it lowers the price (finance-mechanics 8).
    pub damages: Money,
    /// Lost to slips against an end (negative: won).
    pub lost: Money,
    /// Terminated before it began.
    pub terminated: Money,
    /// Recognised.
    pub revenue: Money,
}

impl Obligation {
    /// As a roll-forward from nothing.
    pub fn roll_forward(&self) -> RollForward {
        let bookings = self.signed - self.damages - self.lost - self.terminated;
        RollForward { open: Money::ZERO, bookings, revenue: self.revenue }
    }

    /// What remains to be performed.
    pub fn rpo(&self) -> Money {
        self.roll_forward().close()
    }
}

impl std::ops::Add for Obligation {
    type Output = Obligation;
    fn add(self, other: Obligation) -> Obligation {
        Obligation {
            signed: self.signed + other.signed,
            damages: self.damages + other.damages,
            lost: self.lost + other.lost,
            terminated: self.terminated + other.terminated,
            revenue: self.revenue + other.revenue,
        }
    }
}

impl std::ops::Sub for Obligation {
    type Output = Obligation;
    fn sub(self, other: Obligation) -> Obligation {
        Obligation {
            signed: self.signed - other.signed,
            damages: self.damages - other.damages,
            lost: self.lost - other.lost,
            terminated: self.terminated - other.terminated,
            revenue: self.revenue - other.revenue,
        }
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
