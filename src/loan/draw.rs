//! How much may be drawn on a day, or why nothing may.

pub use crate::model::terms::NoDraw;
use crate::model::terms::{Funding, Loan};
use crate::money::Money;
use crate::time::Day;

/// What stands on the day a draw is asked for.
#[derive(Clone, Copy, Debug)]
pub struct DrawRequest {
    /// The day.
    pub day: Day,
    /// Money needed.
    pub need: Money,
    /// Commitment in the reporting currency.
    pub commitment: Money,
    /// Eligible cost paid so far, this day's payments included.
    pub eligible_paid: Money,
    /// Drawn so far from this loan.
    pub drawn: Money,
    /// Drawn so far from the loans before it in the file: one cost is financed once.
    pub drawn_ahead: Money,
    /// Committed equity not yet paid in.
    pub equity_left: Money,
    /// Whether every condition precedent is met.
    pub conditions_met: bool,
    /// Whether a failed test of a covenant stops draws.
    pub stopped: bool,
}

/// How much a loan gives: the least of the need, advance x eligible cost paid less what is drawn,
/// and the commitment left; only from closing to the last day of availability (finance-mechanics
/// 14, semantics M7, M8).
///
/// # Errors
///
/// Why nothing may be drawn.
pub fn draw_limit(loan: &Loan, funding: Funding, ask: &DrawRequest) -> Result<Money, NoDraw> {
    if ask.day < loan.close {
        return Err(NoDraw::NotClosed);
    }
    if ask.day > loan.available_until {
        return Err(NoDraw::Lapsed);
    }
    if ask.stopped {
        return Err(NoDraw::Breach);
    }
    if !ask.conditions_met {
        return Err(NoDraw::ConditionUnmet);
    }
    if funding == Funding::EquityFirst && ask.equity_left > Money::ZERO {
        return Err(NoDraw::EquityFirst);
    }
    let headroom = ask.commitment - ask.drawn;
    if headroom <= Money::ZERO {
        return Err(NoDraw::CommitmentUsed);
    }
    let base = ask.eligible_paid.share(loan.advance) - ask.drawn - ask.drawn_ahead;
    if base <= Money::ZERO {
        return Err(NoDraw::NothingEligible);
    }
    if ask.need <= Money::ZERO {
        return Err(NoDraw::NothingNeeded);
    }
    Ok(ask.need.min(base).min(headroom))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loan::accrual::tests::loan;
    use crate::unit::Share;

    /// Numbers of the borrowing-base case F22.
    #[test]
    fn a_borrowing_base_stops_at_the_commitment_and_at_the_end_of_availability() {
        let mut loan = loan();
        loan.advance = Share(800_000_000);
        (loan.close, loan.available_until) = (Day(0), Day(138));
        let capex = [(0, 180), (30, 220), (60, 260), (91, 240), (122, 150), (154, 90)];
        let mut ask = DrawRequest {
            day: Day(0),
            need: Money::ZERO,
            commitment: Money::whole(750_000_000),
            eligible_paid: Money::ZERO,
            drawn: Money::ZERO,
            drawn_ahead: Money::ZERO,
            equity_left: Money::ZERO,
            conditions_met: true,
            stopped: false,
        };
        let mut drawn = Vec::new();
        for (day, millions) in capex {
            (ask.day, ask.need) = (Day(day), Money::whole(millions * 1_000_000));
            ask.eligible_paid += ask.need;
            let draw = draw_limit(&loan, Funding::ProRata, &ask);
            ask.drawn += draw.unwrap_or_default();
            drawn.push(draw.map(|money| money.0 / 1_000_000_000_000));
        }
        let expected = [Ok(144), Ok(176), Ok(208), Ok(192), Ok(30), Err(NoDraw::Lapsed)];
        assert_eq!(drawn, expected);
    }

    #[test]
    fn the_reason_for_nothing_is_named() {
        let mut loan = loan();
        loan.advance = Share(500_000_000);
        (loan.close, loan.available_until) = (Day(10), Day(20));
        let ask = DrawRequest {
            day: Day(15),
            need: Money(100),
            commitment: Money(60),
            eligible_paid: Money(100),
            drawn: Money(20),
            drawn_ahead: Money(5),
            equity_left: Money(1),
            conditions_met: true,
            stopped: false,
        };
        let at = |ask: DrawRequest| draw_limit(&loan, Funding::ProRata, &ask);
        assert_eq!(at(ask), Ok(Money(25)));
        assert_eq!(at(DrawRequest { day: Day(9), ..ask }), Err(NoDraw::NotClosed));
        assert_eq!(at(DrawRequest { day: Day(20), ..ask }), Ok(Money(25)));
        assert_eq!(at(DrawRequest { commitment: Money(30), ..ask }), Ok(Money(10)));
        assert_eq!(at(DrawRequest { drawn: Money(60), ..ask }), Err(NoDraw::CommitmentUsed));
        assert_eq!(at(DrawRequest { drawn_ahead: Money(30), ..ask }), Err(NoDraw::NothingEligible));
        assert_eq!(at(DrawRequest { need: Money(0), ..ask }), Err(NoDraw::NothingNeeded));
        assert_eq!(at(DrawRequest { stopped: true, ..ask }), Err(NoDraw::Breach));
        assert_eq!(draw_limit(&loan, Funding::EquityFirst, &ask), Err(NoDraw::EquityFirst));
    }
}
