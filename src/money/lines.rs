//! Many straight lines with their own first days and ends.

use super::{Meter, Money};
use crate::time::{Ahead, Day};

/// Straight lines that begin and end on their own days, read together.
///
/// The revenue of hundreds of units, the depreciation of thousands of lumps: each is told once when
/// it begins, and a month's reading costs the dates that passed in it, not the lines there are.
///
/// Cost: a logarithm of the distinct dates ahead to add a line; a reading visits each date once.
#[derive(Clone, Debug)]
pub struct Lines {
    meter: Meter,
    /// Changes of the daily rate that lie ahead of the last reading.
    changes: Ahead<Day, i128>,
}

impl Lines {
    /// No lines yet, read up to the start of `day`.
    pub fn new(day: Day) -> Lines {
        Lines { meter: Meter::new(day), changes: Ahead::new() }
    }

    /// A line of `rate` a day (see [`Meter::rate`]) in `[from, until)`; `from` must not lie before
    /// the last reading.
    #[inline]
    pub fn add(&mut self, from: Day, until: Day, rate: i128) {
        if from < until {
            *self.changes.at(from) += rate;
            *self.changes.at(until) -= rate;
        }
    }

    /// As [`Lines::add`] from today on: no line told later begins before it. Costs less.
    #[inline]
    pub fn start(&mut self, today: Day, until: Day, rate: i128) {
        if today < until {
            if self.meter.since() != today {
                self.advance(today);
                self.meter.change(today, 0);
            }
            self.meter.change_now(rate);
            *self.changes.at(until) -= rate;
        }
    }

    /// What the lines told so far will build up in `[from, until)`, which must not lie before the
    /// last reading.
    ///
    /// Cost: one visit of each date ahead.
    pub fn between(&self, from: Day, until: Day) -> Money {
        let mut copy = self.clone();
        copy.take(from);
        copy.take(until)
    }

    /// What all lines built up by the start of `day` since the last reading, rounded; the fraction
    /// stays for the next reading.
    #[inline]
    pub fn take(&mut self, day: Day) -> Money {
        match self.changes.is_empty() && self.meter.is_idle() {
            true => Money::ZERO,
            false => self.take_running(day),
        }
    }

    #[inline(never)]
    fn take_running(&mut self, day: Day) -> Money {
        self.advance(day);
        self.meter.take(day)
    }

    #[inline]
    fn advance(&mut self, day: Day) {
        while let Some((at, rate)) = self.changes.take_until(day) {
            self.meter.change(at, rate);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_overlap_each_pay_out_their_own_total() {
        let mut lines = Lines::new(Day(0));
        lines.add(Day(3), Day(10), Meter::rate(Money(1_000), 7));
        let mut now = lines.clone();
        lines.add(Day(5), Day(8), Meter::rate(Money(100), 3));
        now.start(Day(5), Day(8), Meter::rate(Money(100), 3));
        let mut read = |day| lines.take(Day(day)).0;
        let read: Vec<i64> = [3, 5, 6, 8, 20].map(&mut read).to_vec();
        assert_eq!(read, [0, 286, 176, 352, 286], "fractions are carried from reading to reading");
        assert_eq!(read.iter().sum::<i64>(), 1_100);
        assert_eq!([6, 8, 20].map(|day| now.take(Day(day)).0), [462, 352, 286]);
    }
}
