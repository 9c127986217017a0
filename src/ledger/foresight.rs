//! Tests that look ahead, over the months of finished books.
//!
//! A forward window, a loan life cover and a project life cover ask for cash that is still to come.
//! The books of a finished run know it, so the figures here are those of perfect foresight, not of
//! a forecast made on the test date; reports say so (semantics M10).

use rust_decimal::Decimal;

use super::Ratio;
use super::covenant::is_due;
use super::rows::PeriodRow;
use crate::loan::{CashPeriod, CoverPeriod, LoanAccount, forward_cover, life_cover};
use crate::model::Site;
use crate::model::covenants::{Covenant, Test, Window};
use crate::model::terms::Loan;
use crate::money::Money;
use crate::time::Day;

/// The months of finished books as one loan sees them.
#[derive(Clone, Debug)]
pub struct Foresight<'r> {
    loan: &'r Loan,
    opens: Day,
    rows: &'r [PeriodRow],
    /// Interest of each month on one unit of balance, by the loan's own rates.
    rates: Vec<Decimal>,
    /// When the last contract ends.
    end: Day,
}

/// Cash of one period and what it is worth on the test date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Worth {
    /// First day after the period.
    pub until: Day,
    /// Its CFADS.
    pub cfads: Money,
    /// Discounted by the loan's own rates.
    pub worth: Money,
}

impl<'r> Foresight<'r> {
    /// The months up to the end of the last contract, `end`, or of the books.
    ///
    /// Cost: one visit a month.
    pub fn new(
        site: &'r Site,
        loan: u32,
        rows: &'r [PeriodRow],
        end: Option<Day>,
    ) -> Foresight<'r> {
        let loan = &site.terms.loans[loan as usize];
        let opens = loan.close.max(site.terms.opens);
        // What a balance costs is asked of the loan's own account.
        let unit = Money::whole(1_000_000_000);
        let mut account = LoanAccount::open(loan, &site.terms.curves, None, unit, opens);
        account.draw(opens, unit);
        let mut rate = |row: &PeriodRow| match row.until > opens {
            true => account.take_interest(row.until).decimal() / unit.decimal(),
            false => Decimal::ZERO,
        };
        let rates = rows.iter().map(&mut rate).collect();
        Foresight { loan, opens, rows, rates, end: end.unwrap_or(Day(i32::MAX)) }
    }

    /// The value of a covenant at each of its test dates.
    pub(super) fn tests(&self, covenant: &Covenant) -> Vec<(Day, Ratio)> {
        let mut tests = Vec::new();
        for at in 0..self.rows.len() {
            let last = self.rows[at].until + -1;
            let whole = last + 1 == last.next_month() && last >= self.opens;
            if whole && is_due(covenant, &self.rows[..=at], self.loan.maturity) {
                tests.push((last, self.value(covenant, at)));
            }
        }
        tests
    }

    /// The value of a covenant at the end of month `at`.
    pub fn value(&self, covenant: &Covenant, at: usize) -> Ratio {
        if let Window::Forward(months) = covenant.window {
            let ahead = &self.rows[at + 1..];
            let periods: Vec<CoverPeriod> =
                ahead.iter().take(months as usize).map(|row| row.flows.cover_period()).collect();
            return forward_cover(&periods, 0, months as usize).unwrap_or(Ratio::Undefined);
        }
        let periods: Vec<CashPeriod> =
            self.periods(covenant.test, at).into_iter().map(|period| period.1).collect();
        life_cover(&periods, self.rows[at].stand.debt)
    }

    /// The loan's payment periods after month `at`, as long as they count: to its maturity, or for
    /// a PLCR to the end of the contracts. The month in which that falls counts whole.
    fn periods(&self, test: Test, at: usize) -> Vec<(Day, CashPeriod)> {
        let end = if test == Test::Plcr { self.end } else { self.loan.maturity };
        let ahead = self.rows[at + 1..].iter().take_while(|row| row.from < end).count();
        let months = at + 1..at + 1 + ahead;
        let length = self.loan.period_months as usize;
        let starts = months.clone().step_by(length);
        starts
            .map(|from| {
                let period = from..(from + length).min(months.end);
                let rows = &self.rows[period.clone()];
                let cfads = rows.iter().map(|row| row.flows.cfads()).sum();
                let rate = self.rates[period].iter().sum();
                (rows[rows.len() - 1].until, CashPeriod { cfads, rate })
            })
            .collect()
    }

    /// What stands above the line of an LLCR or PLCR, period by period.
    pub fn worth(&self, test: Test, at: usize) -> Vec<Worth> {
        let mut factor = Decimal::ONE;
        let worth = |(until, period): (Day, CashPeriod)| {
            factor /= Decimal::ONE + period.rate;
            Worth { until, cfads: period.cfads, worth: period.cfads.times(factor) }
        };
        self.periods(test, at).into_iter().map(worth).collect()
    }
}
