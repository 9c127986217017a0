//! Payment dates.

use super::period::{Steps, Tenor, last_of_month};
use crate::model::terms::Loan;
use crate::time::Day;

/// Days on which a loan pays interest (and, from `amortises_from` on, principal): every
/// `period_months` counted from `amortises_from` both ways, after closing and before maturity, and
/// maturity itself; back from the maturity where `amortises_from` follows the plan (semantics M8).
///
/// An anchor on the last day of a month means every last day of a month. A stated first payment
/// takes the place of the regular dates up to it. Dates are as scheduled: where one goes that is no
/// business day is the calendar's affair (finance-mechanics 34).
pub fn payment_dates(loan: &Loan) -> Vec<Day> {
    let anchor = if loan.amortisation_follows() { loan.maturity } else { loan.amortises_from };
    let month_end = anchor == last_of_month(anchor);
    let steps = Steps { anchor, tenor: Tenor::Months(loan.period_months), month_end };
    let date = |nth| steps.nth(nth);
    let mut first = 0;
    while date(first - 1) > loan.close {
        first -= 1;
    }
    let mut dates: Vec<Day> = (first..)
        .map(date)
        .skip_while(|&day| day <= loan.close)
        .take_while(|&day| day < loan.maturity)
        .collect();
    dates.push(loan.maturity);
    if let Some(stated) = loan.first_payment {
        dates.retain(|&date| date > stated);
        dates.insert(0, stated);
    }
    dates
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loan::accrual::tests::loan;

    #[test]
    fn dates_run_both_ways_from_the_first_repayment_and_keep_month_ends() {
        let mut loan = loan();
        (loan.close, loan.maturity) = (day("2025-07-28"), day("2026-08-21"));
        (loan.amortises_from, loan.period_months) = (day("2026-02-28"), 3);
        let dates: Vec<String> = payment_dates(&loan).iter().map(Day::to_string).collect();
        let expected = ["2025-08-31", "2025-11-30", "2026-02-28", "2026-05-31", "2026-08-21"];
        assert_eq!(dates, expected);
    }

    #[test]
    fn a_loan_that_only_repays_at_maturity_still_pays_interest_on_the_way() {
        let mut loan = loan();
        (loan.close, loan.maturity) = (day("2025-10-15"), day("2026-04-15"));
        (loan.amortises_from, loan.period_months) = (day("2026-04-15"), 3);
        assert_eq!(payment_dates(&loan), [day("2026-01-15"), day("2026-04-15")]);
    }

    fn day(text: &str) -> Day {
        Day::from_date(text.parse().unwrap())
    }
}
