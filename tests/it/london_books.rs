//! The money of the London scenario by plain arithmetic: no state, no events, each answer summed
//! anew from dates and from terms read out of the file's text.

use energize::ledger::Happening;
use energize::model::EventKind;
use energize::time::Day;
use rust_decimal::prelude::*;

use super::london::{Case, day, number};

/// Dates of a run and terms of the file.
pub struct Twin {
    /// Days on which units are racked and accepted.
    racked: Vec<Day>,
    accepted: Vec<Day>,
    energised: Vec<Day>,
    ready: Vec<Day>,
    draws: Vec<(Day, Decimal)>,
    unit_watts: Decimal,
    unit_total: Decimal,
    scheduled: Day,
    term_months: i32,
    prepaid: Decimal,
    pound: Decimal,
    energy_per_mwh: Decimal,
    load: Decimal,
    pue: Decimal,
    stage_kva: Decimal,
    fixed_per_kva: Decimal,
    staff: Decimal,
    staff_from: Day,
    running_per_mw: Decimal,
    escalator: Decimal,
    hall_rent: Decimal,
    opens: Day,
    commitment: Decimal,
    undrawn_fee: Decimal,
    upfront_fee: Decimal,
    margin: Decimal,
    sofr: Vec<(Day, Decimal)>,
}

/// Every payment of this site comes so many days after the close of its month.
const NET: i32 = 25;

fn dec(value: i32) -> Decimal {
    Decimal::from(value)
}

fn power(base: Decimal, times: i32) -> Decimal {
    (0..times).fold(Decimal::ONE, |product, _| product * base)
}

/// Days of `[from, until)` on or after `since`.
fn overlap(from: Day, until: Day, since: Day) -> Decimal {
    dec((until - from.max(since)).max(0))
}

/// Months between two days, a part of a month by its days.
fn months(from: Day, until: Day) -> Decimal {
    let position = |at: Day| {
        let date = at.date();
        dec(i32::from(date.year()) * 12 + i32::from(date.month()))
            + dec(i32::from(date.day()) - 1) / dec(i32::from(date.days_in_month()))
    };
    position(until) - position(from)
}

impl Twin {
    pub fn new(text: &str, case: &Case) -> Twin {
        let n = |words: &[&str]| number(text, words);
        let gpus = n(&["racks_per_unit:"]) * n(&["gpus_per_rack:"]);
        let scheduled = day("2026-03-31");
        assert!(text.contains("scheduled_start: 2026-03-31"));
        let term_months = 12 * n(&["\ncontracts:", "term:"]).to_i32().unwrap();
        let term_days = dec(scheduled.add_months(term_months) - scheduled);
        let steps = ["2025-07-01", "2025-09-18", "2025-10-30", "2025-12-11", "2026-06-18"];
        let draws = case.run.books.notes.iter().filter_map(|note| match note.what {
            Happening::Drawn { amount, .. } => Some((note.day, Decimal::new(amount.0, 6))),
            _ => None,
        });
        Twin {
            racked: case.days(|kind| matches!(kind, EventKind::Racked(_))),
            accepted: case.days(|kind| matches!(kind, EventKind::Accepted(_))),
            energised: case.days(|kind| matches!(kind, EventKind::Energised(_))),
            ready: case.days(|kind| matches!(kind, EventKind::Ready(_))),
            draws: draws.collect(),
            unit_watts: n(&["racks_per_unit:"])
                * n(&["rack_power:"])
                * n(&["it_overhead:"])
                * dec(1_000),
            unit_total: n(&["price:           "]) * gpus * dec(24) * term_days,
            scheduled,
            term_months,
            prepaid: n(&["prepaid:"]),
            pound: n(&["fx:", "2025-11-10:"]),
            energy_per_mwh: n(&["energy:"]),
            load: n(&["  load:"]),
            pue: n(&["  pue:"]),
            stage_kva: n(&["energises:"]) * dec(1_000),
            fixed_per_kva: n(&["fixed:"]),
            staff: n(&["staff:", "cost:"]),
            staff_from: day("2025-10-01"),
            running_per_mw: n(&["running:", "cost:"]),
            escalator: Decimal::ONE + n(&["\nshell:", "escalator:"]),
            hall_rent: n(&["rent:"]) * n(&["it_power:"]) * dec(1_000),
            opens: day("2025-04-01"),
            commitment: n(&["commitment:"]),
            undrawn_fee: n(&["undrawn_fee:"]),
            upfront_fee: n(&["upfront_fee:"]),
            margin: n(&["margin:"]),
            sofr: steps.iter().map(|step| (day(step), n(&["\ncurves:", step, ":"]))).collect(),
        }
    }

    /// Straight-line by the day from each unit's acceptance over its own five years.
    pub fn revenue(&self, from: Day, until: Day) -> Decimal {
        let of_unit = |accepted: &Day| {
            let start = (*accepted).max(self.scheduled);
            let end = start.add_months(self.term_months);
            let days = overlap(from, until.min(end), start);
            self.unit_total * days / dec(end - start)
        };
        self.accepted.iter().map(of_unit).sum()
    }

    /// Sums a month's amount over the months whose payment falls into a range of days.
    fn paid(&self, from: Day, until: Day, month: impl Fn(Day, Day) -> Decimal) -> Decimal {
        let mut sum = Decimal::ZERO;
        let mut first = self.opens;
        while first.next_month() + NET < until {
            let close = first.next_month();
            if close + NET >= from {
                sum += month(first, close);
            }
            first = close;
        }
        sum
    }

    /// What the prepayment does not cover of each month's invoice.
    pub fn receipts(&self, from: Day, until: Day) -> Decimal {
        self.paid(from, until, |first, close| {
            self.revenue(first, close) * (Decimal::ONE - self.prepaid)
        })
    }

    /// Energy of the racks installed, day by day in whole watts, and the charge for each stage.
    pub fn power_paid(&self, from: Day, until: Day) -> Decimal {
        self.paid(from, until, |first, close| {
            let mut watt_days = Decimal::ZERO;
            for at in (first.0..close.0).map(Day) {
                let racked = self.racked.iter().filter(|racked| **racked <= at).count();
                let drawn = dec(racked as i32) * self.unit_watts * self.load;
                watt_days += (drawn.round() * self.pue).round();
            }
            let energy = watt_days * dec(24) / dec(1_000_000) * self.energy_per_mwh;
            let days = |stage: &Day| overlap(first, close, *stage) / dec(close - first);
            let stages: Decimal = self.energised.iter().map(days).sum();
            (energy + stages * self.stage_kva * self.fixed_per_kva) * self.pound
        })
    }

    /// Staff and running costs at a 365th of a year's, dearer at each anniversary of the opening.
    pub fn operations_paid(&self, from: Day, until: Day) -> Decimal {
        self.paid(from, until, |first, close| {
            let year = first.date().year() - self.opens.date().year();
            let year = i32::from(year) - i32::from(first.date().month() < 4);
            let megawatts = self.unit_watts / dec(1_000_000);
            let days = |accepted: &Day| overlap(first, close, *accepted);
            let accepted: Decimal = self.accepted.iter().map(days).sum();
            let staff = self.staff * self.pound * overlap(first, close, self.staff_from);
            let running = self.running_per_mw * megawatts * accepted;
            (staff + running) / dec(365) * power(self.escalator, year)
        })
    }

    /// Rent in advance: on the day a hall is ready for the rest of its month, then on each first.
    pub fn rent_paid(&self, from: Day, until: Day) -> Decimal {
        let mut sum = Decimal::ZERO;
        for &ready in &self.ready {
            let mut due = ready;
            while due < until {
                let next = due.next_month();
                if due >= from {
                    sum += self.rent_between(ready, due, next);
                }
                due = next;
            }
        }
        sum
    }

    fn rent_between(&self, ready: Day, from: Day, until: Day) -> Decimal {
        let of_year = |year: i32| {
            let begins = ready.add_months(12 * year).max(from);
            let ends = ready.add_months(12 * (year + 1)).min(until);
            if begins >= ends {
                return Decimal::ZERO;
            }
            months(begins, ends) * self.hall_rent * self.pound * power(self.escalator, year)
        };
        (0..15).map(of_year).sum()
    }

    /// Cash that is there to serve debt.
    pub fn cash(&self, from: Day, until: Day) -> Decimal {
        let costs = self.power_paid(from, until) + self.operations_paid(from, until);
        self.receipts(from, until) - costs - self.rent_paid(from, until)
    }

    fn rate(&self, at: Day) -> Decimal {
        let step = self.sofr.iter().rev().find(|step| step.0 <= at).unwrap_or(&self.sofr[0]);
        step.1 + self.margin
    }

    /// Month ends from closing to maturity, with what is owed after each payment.
    fn payments(&self) -> Vec<Payment> {
        let (close, maturity) = (day("2025-07-28"), day("2030-08-21"));
        let mut dates = vec![Day(close.next_month().0 - 1)];
        while dates[dates.len() - 1] < maturity {
            let next = Day((dates[dates.len() - 1] + 1).next_month().0 - 1);
            dates.push(next.min(maturity));
        }
        let mut payments: Vec<Payment> = Vec::new();
        let (mut repaid, mut last) = (Decimal::ZERO, close);
        for (at, &date) in dates.iter().enumerate() {
            let owed = |on: Day| self.drawn(on) - repaid;
            let (mut interest, mut fee) = (Decimal::ZERO, Decimal::ZERO);
            for on in (last.0..date.0).map(Day) {
                interest += owed(on) * self.rate(on) / dec(360);
                if on < day("2026-07-31") {
                    fee += (self.commitment - self.drawn(on)) * self.undrawn_fee / dec(360);
                }
            }
            let left = (dates.len() - at) as i32;
            let principal = if left == 1 {
                owed(date)
            } else if date >= day("2026-10-31") {
                // Level: an annuity over what is left, at a month of average length.
                let rate = self.rate(date) * dec(1_461) / dec(48) / dec(360);
                let (mut annuity, mut factor) = (Decimal::ZERO, Decimal::ONE);
                for _ in 0..left {
                    factor /= Decimal::ONE + rate;
                    annuity += factor;
                }
                owed(date) / annuity - interest
            } else {
                Decimal::ZERO
            };
            repaid += principal;
            payments.push(Payment { date, interest, fee, principal });
            last = date;
        }
        payments
    }

    /// Drawn by the end of a day's start: a draw costs from its own day on.
    fn drawn(&self, on: Day) -> Decimal {
        self.draws.iter().filter(|draw| draw.0 <= on).map(|draw| draw.1).sum()
    }

    /// Interest, fees and principal paid in a range of days.
    pub fn debt_service(&self, from: Day, until: Day) -> Decimal {
        let payments = self.payments();
        let within = payments.iter().filter(|paid| from <= paid.date && paid.date < until);
        within.map(|paid| paid.interest + paid.fee + paid.principal).sum()
    }

    /// Interest incurred in a range of days: ACT/360 on each day's balance, the undrawn fee, and
    /// the upfront fee by the day to maturity.
    pub fn interest(&self, from: Day, until: Day) -> Decimal {
        let payments = self.payments();
        let (close, maturity) = (day("2025-07-28"), day("2030-08-21"));
        let upfront = self.commitment * self.upfront_fee / dec(maturity - close);
        let mut sum = Decimal::ZERO;
        for on in (from.max(close).0..until.min(maturity).0).map(Day) {
            let paid = payments.iter().take_while(|paid| paid.date <= on);
            let owed = self.drawn(on) - paid.map(|paid| paid.principal).sum::<Decimal>();
            sum += owed * self.rate(on) / dec(360) + upfront;
            if on < day("2026-07-31") {
                sum += (self.commitment - self.drawn(on)) * self.undrawn_fee / dec(360);
            }
        }
        sum
    }
}

/// What is paid on one date.
struct Payment {
    date: Day,
    interest: Decimal,
    fee: Decimal,
    principal: Decimal,
}
