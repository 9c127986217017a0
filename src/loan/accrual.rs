//! The balance of one loan and what it accrues.

use super::OvernightIndex;
use crate::model::terms::{Curve, Loan, LoanKind, LoanRate};
use crate::money::{DayCount, Meter, Money};
use crate::time::Day;
use crate::unit::Share;

/// The account of one closed loan: drawn, repaid, accruing by the day.
///
/// Interest is balance x rate x days over the year of its day count, a draw from its own day on;
/// the floor applies to the base rate and the margin is added after it, after compounding where the
/// base is compounded (finance-mechanics 15). The undrawn fee runs, actual days over 360, on the
/// commitment less what was drawn (of a revolver: less what is owed), from closing up to the last
/// day of availability (finance-mechanics 16).
///
/// Interest runs on a clock of its own that counts the days of the day count, so that months of 30
/// days and years of either length run on the same meter as actual days.
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
    /// First day of the interest period, and the clock's reading then.
    period: (Day, Day),
    compound: Option<Compound<'s>>,
    fee: Meter,
    available: bool,
    stopped: bool,
}

/// A base rate that is compounded over an interest period.
#[derive(Clone, Debug)]
struct Compound<'s> {
    index: &'s OvernightIndex,
    units: i128,
    /// Of the period's interest, taken already.
    taken: Money,
}

impl<'s> LoanAccount<'s> {
    /// An account opened on `day`, nothing drawn; a loan whose base is compounded brings its index.
    pub fn open(
        loan: &'s Loan,
        curves: &'s [Curve],
        index: Option<&'s OvernightIndex>,
        commitment: Money,
        day: Day,
    ) -> Self {
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
            period: (day, day),
            compound: index.map(|index| Compound { index, units: 0, taken: Money::ZERO }),
            fee: Meter::new(day),
            available: day < loan.available_until,
            stopped: false,
        };
        account.rate = account.rate_now();
        account.set_rates(day);
        account
    }

    /// Most that may be drawn, in the reporting currency.
    pub fn commitment(&self) -> Money {
        self.commitment
    }

    /// Drawn so far, repaid or not.
    pub fn drawn(&self) -> Money {
        self.drawn
    }

    /// Owed.
    pub fn outstanding(&self) -> Money {
        self.outstanding
    }

    /// What may still be drawn.
    pub fn undrawn(&self) -> Money {
        let used = match self.loan.draws.kind {
            LoanKind::Revolver => self.outstanding,
            _ => self.drawn,
        };
        self.commitment - used
    }

    /// Rate a year now in force.
    pub fn rate(&self) -> Share {
        self.rate
    }

    /// Draws `amount` on `day`, on which it begins to accrue.
    pub fn draw(&mut self, day: Day, amount: Money) {
        self.advance(day);
        self.drawn += amount;
        self.add(day, amount);
        assert!(self.undrawn() >= Money::ZERO, "{} drawn above {}", self.drawn, self.commitment);
    }

    /// Adds interest to what is owed; it uses no commitment.
    pub fn capitalise(&mut self, day: Day, interest: Money) {
        self.advance(day);
        self.add(day, interest);
    }

    /// Repays `amount`, at most what is owed; it stops accruing on `day`.
    pub fn repay(&mut self, day: Day, amount: Money) {
        assert!(amount <= self.outstanding, "{amount} repaid of {}", self.outstanding);
        self.advance(day);
        self.add(day, -amount);
    }

    fn add(&mut self, day: Day, amount: Money) {
        self.outstanding += amount;
        if let Some(compound) = &mut self.compound {
            compound.units += compound.index.units(amount, day);
        }
        self.set_rates(day);
    }

    /// Interest that built up by the start of `day` since it was last taken.
    pub fn take_interest(&mut self, day: Day) -> Money {
        self.advance(day);
        let simple = self.interest.take(self.clock(day));
        let compounded = match &mut self.compound {
            Some(compound) if !self.stopped => {
                let earned = compound.index.worth(compound.units, day) - self.outstanding;
                // Units are rounded: on the first days they may be worth a millionth less.
                let part = (earned - compound.taken).max(Money::ZERO);
                compound.taken += part;
                part
            }
            _ => Money::ZERO,
        };
        simple + compounded
    }

    /// Undrawn fee that built up by the start of `day` since it was last taken.
    #[inline]
    pub fn take_fee(&mut self, day: Day) -> Money {
        self.advance(day);
        self.fee.take(day)
    }

    /// Begins an interest period: what has been taken compounds no further, and months of 30 days
    /// are counted from here.
    pub fn begin_period(&mut self, day: Day) {
        self.advance(day);
        if let Some(compound) = &mut self.compound {
            compound.units = compound.index.units(self.outstanding, day);
            compound.taken = Money::ZERO;
        }
        self.period = (day, self.clock(day));
    }

    /// The last interest period is over: nothing more accrues.
    pub fn stop(&mut self, day: Day) {
        self.advance(day);
        self.stopped = true;
        self.set_rates(day);
        self.available = false;
        self.fee.set(day, 0);
    }

    /// What was not repaid on the last day accrues on.
    pub fn resume(&mut self, day: Day) {
        self.advance(day);
        self.stopped = false;
        self.begin_period(day);
        self.set_rates(day);
    }

    /// Days of the day count up to `day`, on a clock that began with the account.
    fn clock(&self, day: Day) -> Day {
        let count = self.loan.accrual.count;
        match count {
            DayCount::Act360 | DayCount::Act365Fixed => day,
            _ => {
                let units = count.fraction(self.period.0, day).numerator;
                self.period.1 + i32::try_from(units).expect("a period of some years")
            }
        }
    }

    /// Moves on to `day`, each step of the base rate from its own day.
    #[inline]
    fn advance(&mut self, day: Day) {
        while let Some(&(since, _)) = self.steps.get(self.next_step).filter(|step| step.0 <= day) {
            self.next_step += 1;
            self.rate = self.rate_now();
            self.set_interest(since);
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
                // The first step of a curve holds before it too.
                let base = self.steps[self.next_step.max(1) - 1].1;
                Share(base.max(floor).0 + margin.0)
            }
        }
    }

    fn set_rates(&mut self, day: Day) {
        self.set_interest(day);
        if self.available {
            self.fee.set(day, daily(self.undrawn(), self.loan.undrawn_fee, 360));
        }
    }

    /// The part of interest that is simple: all of it, or the margin on a compounded base.
    fn set_interest(&mut self, day: Day) {
        let rate = match (self.loan.rate, &self.compound) {
            _ if self.stopped => Share::ZERO,
            (LoanRate::Floating { margin, .. }, Some(_)) => margin,
            _ => self.rate,
        };
        let units = self.loan.accrual.count.units_per_year();
        self.interest.set(self.clock(day), daily(self.outstanding, rate, units));
    }
}

fn daily(balance: Money, annual: Share, year: u32) -> i128 {
    let whole = i128::from(balance.0) * i128::from(annual.0);
    Meter::rate_of(whole, i128::from(Share::ONE.0) * i128::from(year))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::loan::{Annuities, payment_dates, principal_due};
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
            close: Day(0),
            available_until: Day(1_000),
            amortises_from: Day(1_000),
            maturity: Day(2_000),
            ..Loan::default()
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
        let mut account = LoanAccount::open(&loan, &curves, None, principal, loan.close);
        account.draw(loan.close, principal);
        let mut interest = Vec::new();
        for (at, &date) in dates.iter().enumerate() {
            let accrued = account.take_interest(date);
            interest.push(accrued.0);
            let left = (dates.len() - at) as u32;
            let (kind, balance) = (Amortisation::EqualPrincipal, account.outstanding());
            let mut annuities = Annuities::at((0, 1));
            account.repay(date, principal_due(kind, balance, accrued, &mut annuities, left));
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
        let mut account = LoanAccount::open(&loan, &[], None, commitment, loan.close);
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
        let mut account = LoanAccount::open(&loan, &curves, None, Money::whole(360), Day(0));
        account.draw(Day(0), Money::whole(360));
        assert_eq!(account.take_interest(Day(10)), Money(300_000));
        assert_eq!(account.take_interest(Day(20)), Money(600_000));
        assert_eq!(account.rate(), Share(60_000_000));
    }
}
