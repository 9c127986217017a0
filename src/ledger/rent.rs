//! Rent of a leased shell (semantics M4).
//!
//! Each hall has its own lease, which begins at possession or at the hall's RFS. Rent is paid
//! monthly in advance, on the first of each month and on the day a lease begins for the rest of
//! that month; a partial month counts by its days. It is expensed straight-line by the day over the
//! whole term, rent-free months and escalation included (ASC 842-20-25-6 for an operating lease);
//! the difference stands as deferred rent.

use super::EntryCause;
use super::account::Account;
use super::agenda::Task;
use super::books::Books;
use crate::model::terms::{Lease, LeaseStart, Shell};
use crate::money::{Amount, Lines, Meter, Money};
use crate::time::Day;
use crate::unit::{div_half_even, mul_div, shift_half_even};

/// Rent of all halls together.
#[derive(Clone, Debug)]
pub(super) struct Rent<'s> {
    leases: Vec<Years<'s>>,
    /// Fraction of a millionth that past payments left.
    carry: i128,
    expense: Lines,
}

/// The years of a lease, those that are still to be paid: rent of a full month rises with each.
#[derive(Clone, Debug)]
struct Years<'s> {
    lease: &'s Lease,
    start: Day,
    /// First day that bears rent.
    free_until: Day,
    year: u32,
    /// First day after it.
    until: Day,
    monthly: i64,
}

impl<'s> Years<'s> {
    fn new(lease: &'s Lease, monthly: i64, start: Day) -> Years<'s> {
        let free_until = start.add_months(lease.rent_free_months as i32);
        let mut years = Years { lease, start, free_until, year: 0, until: start, monthly };
        years.until = years.end();
        years
    }

    fn end(&self) -> Day {
        let months = (12 * (self.year + 1)).min(self.lease.term_months);
        self.start.add_months(months as i32)
    }

    /// Rent of the whole term, times 2^40.
    fn whole(mut self) -> i128 {
        // From a day to the same day of another year it is whole months, but for leap days.
        let plain = self.free_until == self.start
            && self.lease.term_months.is_multiple_of(12)
            && self.start.civil().1 != 2;
        if !plain {
            let end = self.start.add_months(self.lease.term_months as i32);
            return self.rent_between(self.start, end);
        }
        let (mut rent, mut monthly) = (0, self.monthly);
        for _ in 0..self.lease.term_months / 12 {
            rent += i128::from(monthly);
            monthly += self.lease.escalator.of(monthly);
        }
        (12 * rent) << Meter::SCALE_BITS
    }

    fn is_over(&self) -> bool {
        12 * self.year >= self.lease.term_months
    }

    fn step(&mut self) {
        self.year += 1;
        self.until = self.end();
        self.monthly += self.lease.escalator.of(self.monthly);
    }

    /// Rent of the days from `first` until before `next`, times 2^40; later days come later.
    fn rent_between(&mut self, first: Day, next: Day) -> i128 {
        let (mut rent, mut from) = (0, first.max(self.free_until));
        let mut from_months = months(from);
        while !self.is_over() {
            let until = self.until.min(next);
            if from < until {
                let until_months = months(until);
                rent += i128::from(self.monthly) * i128::from(until_months - from_months);
                (from, from_months) = (until, until_months);
            }
            if self.until > next {
                break;
            }
            self.step();
        }
        rent
    }
}

impl<'s> Rent<'s> {
    pub(super) fn new(opens: Day) -> Rent<'s> {
        Rent { leases: Vec::new(), carry: 0, expense: Lines::new(opens) }
    }

    fn payment(&mut self, scaled: i128) -> Money {
        self.carry += scaled;
        let paid = shift_half_even(self.carry, Meter::SCALE_BITS);
        self.carry -= paid << Meter::SCALE_BITS;
        Money(i64::try_from(paid).expect("money within 9 million million"))
    }

    /// Rent of the month that begins on `first`, as far as it is known then.
    fn month(&mut self, first: Day) -> Money {
        let (next, whole) = (first.next_month(), first == first.month_start());
        let (mut level, mut scaled) = (0, 0);
        for years in &mut self.leases {
            // Nearly every month: one of a year under way.
            let within = whole && years.free_until <= first && next <= years.until;
            match within && !years.is_over() {
                true => level += years.monthly,
                false => scaled += years.rent_between(first, next),
            }
        }
        self.payment(scaled + (i128::from(level) << Meter::SCALE_BITS))
    }

    /// Takes on a lease that begins on `day`; what is paid at once for the rest of the month.
    fn add(&mut self, lease: &'s Lease, monthly: i64, day: Day) -> Money {
        let mut years = Years::new(lease, monthly, day);
        let end = day.add_months(lease.term_months as i32);
        if end > day {
            let whole = years.clone().whole();
            self.expense.start(day, end, div_half_even(whole, i128::from(end - day)));
        }
        let now = years.rent_between(day, day.next_month());
        self.leases.push(years);
        self.payment(now)
    }
}

/// Calendar months up to the start of a day, a part of a month by its days, times 2^40.
fn months(day: Day) -> i64 {
    let of_month = day.civil().2 - 1;
    let part = match of_month {
        0 => 0,
        _ => (i64::from(of_month) << Meter::SCALE_BITS) / i64::from(day.month_days()),
    };
    (i64::from(day.month_number()) << Meter::SCALE_BITS) + part
}

impl<'s> Books<'s> {
    pub(super) fn start_lease_when_ready(&mut self, hall: u32, day: Day) {
        let site = self.site;
        if let Shell::Leased(lease) = &site.premises_of(hall).shell
            && lease.from == LeaseStart::Ready
        {
            self.start_lease(lease, hall, day);
        }
    }

    pub(super) fn take_possession(&mut self, premises: u32, day: Day) {
        let site = self.site;
        if let Shell::Leased(lease) = &site.premises[premises as usize].shell {
            let halls = site.halls.iter().zip(0..).filter(|(hall, _)| hall.premises == premises);
            halls.for_each(|(_, hall)| self.start_lease(lease, hall, day));
        }
    }

    fn start_lease(&mut self, lease: &'s Lease, hall: u32, day: Day) {
        let watts = self.site.halls[hall as usize].it_power.0;
        let price = lease.per_it_kw_month;
        let micros = mul_div(price.micros, i128::from(watts), 1_000);
        let monthly = self.site.terms.fx.convert(Amount { micros, currency: price.currency }, day);
        let now = self.rent.add(lease, monthly.0, day);
        self.due(day, Task::RentPayment, now);
    }

    /// Puts the rent of the month that begins on `first` on the agenda.
    pub(super) fn plan_rent(&mut self, first: Day) {
        let rent = self.rent.month(first);
        self.due(first, Task::RentPayment, rent);
    }

    pub(super) fn close_rent(&mut self, close: Day) {
        let rent = self.rent.expense.take(close);
        self.flows.rent += rent;
        let lines = [(Account::Rent, rent), (Account::DeferredRent, -rent)];
        self.ledger.post(close + -1, EntryCause::RentExpense, &lines);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use crate::unit::Share;

    fn day(text: &str) -> Day {
        Day::from_date(text.parse().unwrap())
    }

    fn lease() -> Lease {
        Lease {
            per_it_kw_month: Amount { micros: 0, currency: Currency::USD },
            from: LeaseStart::Ready,
            rent_free_months: 3,
            escalator: Share(30_000_000),
            term_months: 30,
        }
    }

    #[test]
    fn months_count_by_their_days_and_add_up() {
        let whole = |n: i64| n << Meter::SCALE_BITS;
        let months_between = |from, until| months(until) - months(from);
        assert_eq!(months_between(day("2026-01-16"), day("2027-01-16")), whole(12));
        assert_eq!(months_between(day("2026-02-15"), day("2026-03-01")), whole(1) / 2);
        assert_eq!(months_between(day("2026-02-01"), day("2026-02-01")), 0);
    }

    #[test]
    fn whole_years_come_to_what_their_days_do() {
        for (start, free, term) in
            [("2026-01-11", 0, 180), ("2026-02-11", 0, 60), ("2026-05-31", 2, 36)]
        {
            let lease = Lease { rent_free_months: free, term_months: term, ..lease() };
            let years = Years::new(&lease, 1_000_000_007, day(start));
            let end = day(start).add_months(term as i32);
            assert_eq!(
                years.clone().whole(),
                years.clone().rent_between(day(start), end),
                "{start}"
            );
        }
    }

    #[test]
    fn rent_paid_over_a_lease_is_the_rent_expensed() {
        let lease = lease();
        let start = day("2026-01-11");
        let mut rent = Rent::new(start);
        let mut paid = rent.add(&lease, 1_000_000_000, start);
        assert_eq!(paid, Money::ZERO, "three months are free");
        let (mut expensed, mut first) = (Money::ZERO, day("2026-02-01"));
        let mut payments = Vec::new();
        while first < day("2028-10-01") {
            let payment = rent.month(first);
            payments.push(payment.0);
            paid += payment;
            first = first.next_month();
            expensed += rent.expense.take(first);
        }
        assert_eq!(payments[..4], [0, 0, 666_666_667, 1_000_000_000], "20 of 30 days of April");
        // 20/30 + 8 + 10/31 months, 12 months 3 % dearer, 6 months 6.09 % dearer.
        assert_eq!(paid, Money(8_989_247_312 + 12 * 1_030_000_000 + 6 * 1_060_900_000));
        assert_eq!(expensed, paid);
        assert_eq!(*payments.last().unwrap(), 0);
    }
}
