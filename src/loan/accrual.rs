//! The balance of one loan and what it accrues.

use crate::model::terms::{Curve, Loan, LoanRate};
use crate::money::{Meter, Money};
use crate::time::Day;
use crate::unit::Share;

/// Days in the year of ACT/360.
const YEAR: i128 = 360;

/// The account of one closed loan: drawn, repaid, accruing by the day.
///
/// Interest is simple, balance x rate x days / 360, a draw from its own day on; the floor applies
/// to the base rate and the margin is added after it (finance-mechanics 15). The undrawn fee runs
/// on the commitment less what was drawn, from closing up to the last day of availability
/// (finance-mechanics 16).
#[derive(Clone, Debug)]
pub struct LoanAccount<'s> {
    loan: &'s Loan,
    /// Steps of the base rate; empty for a fixed rate.
    steps: &'s [(Day, Share)],
    next_step: usize,
    rate: Share,
    commitment: Money,
    drawn: Money,
    outstanding: Money,
    interest: Meter,
    fee: Meter,
    available: bool,
}

impl<'s> LoanAccount<'s> {
    /// An account opened on `day`, nothing drawn.
    pub fn open(loan: &'s Loan, curves: &'s [Curve], commitment: Money, day: Day) -> Self {
        let steps = match loan.rate {
            LoanRate::Fixed(_) => &[][..],
            LoanRate::Floating { curve, .. } => &curves[curve as usize].steps[..],
        };
        let mut account = LoanAccount {
            loan,
            steps,
            next_step: steps.partition_point(|&(since, _)| since <= day),
            rate: Share::ZERO,
            commitment,
            drawn: Money::ZERO,
            outstanding: Money::ZERO,
            interest: Meter::new(day),
            fee: Meter::new(day),
            available: day < loan.available_until,
        };
        account.rate = account.rate_now();
        account.set_rates(day);
        account
    }

    /// Most that may be drawn, in the reporting currency.
    pub fn commitment(&self) -> Money {
        self.commitment
    }

    /// Drawn since closing.
    pub fn drawn(&self) -> Money {
        self.drawn
    }

    /// Drawn and not repaid.
    pub fn outstanding(&self) -> Money {
        self.outstanding
    }

    /// All-in annual rate in force on the day last reached.
    pub fn rate(&self) -> Share {
        self.rate
    }

    /// Adds to the balance from the start of `day` on.
    pub fn draw(&mut self, day: Day, amount: Money) {
        self.advance(day);
        self.drawn += amount;
        self.outstanding += amount;
        assert!(self.drawn <= self.commitment, "{} drawn above {}", self.drawn, self.commitment);
        self.set_rates(day);
    }

    /// Takes from the balance from the start of `day` on.
    pub fn repay(&mut self, day: Day, amount: Money) {
        assert!(amount <= self.outstanding, "{amount} repaid of {}", self.outstanding);
        self.advance(day);
        self.outstanding -= amount;
        self.set_rates(day);
    }

    /// Interest built up by the start of `day` since it was last taken.
    pub fn take_interest(&mut self, day: Day) -> Money {
        self.advance(day);
        self.interest.take(day)
    }

    /// Undrawn fee built up by the start of `day` since it was last taken.
    pub fn take_fee(&mut self, day: Day) -> Money {
        self.advance(day);
        self.fee.take(day)
    }

    /// Goes through the changes of rate and the end of availability up to `day`.
    fn advance(&mut self, day: Day) {
        while let Some(&(since, _)) = self.steps.get(self.next_step).filter(|step| step.0 <= day) {
            self.next_step += 1;
            self.rate = self.rate_now();
            self.interest.set(since, daily(self.outstanding, self.rate));
        }
        if self.available && day >= self.loan.available_until {
            self.available = false;
            self.fee.set(self.loan.available_until, 0);
        }
    }

    fn rate_now(&self) -> Share {
        match self.loan.rate {
            LoanRate::Fixed(rate) => rate,
            LoanRate::Floating { margin, floor, .. } => {
                let base = self.steps[self.next_step.max(1) - 1].1;
                Share(base.max(floor).0 + margin.0)
            }
        }
    }

    fn set_rates(&mut self, day: Day) {
        self.interest.set(day, daily(self.outstanding, self.rate));
        if self.available {
            self.fee.set(day, daily(self.commitment - self.drawn, self.loan.undrawn_fee));
        }
    }
}

fn daily(balance: Money, annual: Share) -> i128 {
    Meter::rate_of(i128::from(balance.0) * i128::from(annual.0), i128::from(Share::ONE.0) * YEAR)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::loan::{payment_dates, principal_due};
    use crate::model::terms::Amortisation;
    use crate::money::{Amount, Currency};

    pub fn loan() -> Loan {
        Loan {
            id: "loan".into(),
            commitment: Amount { micros: 0, currency: Currency::USD },
            advance: Share::ONE,
            excludes_prepaid: false,
            rate: LoanRate::Fixed(Share(83_000_000)),
            undrawn_fee: Share(5_000_000),
            upfront_fee: Share::ZERO,
            close: Day(0),
            available_until: Day(1_000),
            period_months: 3,
            amortises_from: Day(1_000),
            maturity: Day(2_000),
            amortisation: Amortisation::EqualPrincipal,
            covenants: Vec::new(),
        }
    }

    fn day(text: &str) -> Day {
        Day::from_date(text.parse().unwrap())
    }

    /// Numbers of the term-rate case F17 (QuantLib): three-month fixings, margin 4 %, eight parts.
    #[test]
    fn a_floating_loan_accrues_each_period_at_its_own_fixing() {
        let mut loan = loan();
        (loan.close, loan.maturity) = (day("2025-09-30"), day("2027-09-30"));
        (loan.amortises_from, loan.available_until) = (day("2025-12-31"), loan.close);
        let floating =
            LoanRate::Floating { curve: 0, margin: Share(40_000_000), floor: Share::ZERO };
        loan.rate = floating;
        let dates = payment_dates(&loan);
        let fixings = [398, 365, 352, 349, 341, 338, 335, 335].map(|bp| Share(bp * 100_000));
        let starts = [loan.close].into_iter().chain(dates.iter().copied());
        let curves = [Curve { id: "term".into(), steps: starts.zip(fixings).collect() }];
        let principal = Money::whole(500_000_000);
        let mut account = LoanAccount::open(&loan, &curves, principal, loan.close);
        account.draw(loan.close, principal);
        let mut interest = Vec::new();
        for (at, &date) in dates.iter().enumerate() {
            let accrued = account.take_interest(date);
            interest.push(accrued.0);
            let left = (dates.len() - at) as u32;
            let (kind, balance) = (Amortisation::EqualPrincipal, account.outstanding());
            account.repay(date, principal_due(kind, balance, accrued, (0, 1), left));
        }
        let expected = [
            10_196_666_666_667_i64,
            8_367_187_500_000,
            7_128_333_333_333,
            5_981_597_222_222,
            4_734_166_666_667,
            3_459_375_000_000,
            2_322_395_833_333,
            1_173_958_333_333,
        ];
        for (ours, theirs) in interest.iter().zip(expected) {
            assert!((ours - theirs).abs() <= 1, "{ours} against {theirs}");
        }
        assert_eq!(interest.iter().sum::<i64>(), 43_363_680_555_556, "fractions are carried");
        assert_eq!(account.outstanding(), Money::ZERO);
    }

    /// Numbers of the delayed-draw case F21 (QuantLib): interest joins the balance on each payment
    /// date and takes headroom; the fee is paid in cash.
    #[test]
    fn a_draw_accrues_from_its_own_day_and_lowers_the_undrawn_fee() {
        let mut loan = loan();
        (loan.close, loan.available_until) = (day("2025-08-29"), day("2026-07-31"));
        let commitment = Money::whole(900_000_000);
        let mut account = LoanAccount::open(&loan, &[], commitment, loan.close);
        let steps = [
            ("2025-08-29", 120, ""),
            ("2025-09-12", 85, ""),
            ("2025-09-30", 0, "1,238,083.33 325,416.67"),
            ("2025-10-31", 60, "1,474,029.41 298,703.05"),
            ("2025-11-28", 0, "1,728,230.42 245,889.73"),
            ("2025-12-15", 200, ""),
            ("2025-12-31", 0, "2,787,769.72 244,562.06"),
            ("2026-01-30", 0, "3,266,244.45 178,238.29"),
            ("2026-02-27", 150, "3,069,580.24 165,085.53"),
            ("2026-03-31", 0, "4,637,405.05 120,638.25"),
            ("2026-04-20", 95, ""),
            ("2026-04-30", 0, "4,598,670.40 97,971.66"),
            ("2026-05-29", 0, "4,899,582.31 67,344.44"),
            ("2026-06-30", 0, "5,442,583.68 72,133.51"),
            ("2026-07-31", 0, "5,311,402.30 67,536.01"),
        ];
        for (date, millions, expected) in steps {
            if !expected.is_empty() {
                let (interest, fee) =
                    (account.take_interest(day(date)), account.take_fee(day(date)));
                assert_eq!(format!("{interest} {fee}"), expected, "period to {date}");
                account.draw(day(date), interest);
            }
            account.draw(day(date), Money::whole(millions * 1_000_000));
        }
        assert_eq!(account.outstanding().to_string(), "748,453,581.31");
        assert_eq!(account.take_fee(day("2027-01-01")), Money::ZERO, "no fee once it has lapsed");
    }

    #[test]
    fn the_floor_holds_the_base_up_before_the_margin_is_added() {
        let mut loan = loan();
        loan.rate =
            LoanRate::Floating { curve: 0, margin: Share(20_000_000), floor: Share(10_000_000) };
        let steps = vec![(Day(0), Share(-5_000_000)), (Day(10), Share(40_000_000))];
        let curves = [Curve { id: "base".into(), steps }];
        let mut account = LoanAccount::open(&loan, &curves, Money::whole(360), Day(0));
        account.draw(Day(0), Money::whole(360));
        assert_eq!(account.take_interest(Day(10)), Money(300_000));
        assert_eq!(account.take_interest(Day(20)), Money(600_000));
        assert_eq!(account.rate(), Share(60_000_000));
    }
}
