//! IT load over time, for sharing the power bill.

use crate::time::{Ahead, Day};
use crate::unit::ItPower;

/// A load that changes on dates, summed by the day.
///
/// Cost: a logarithm of the distinct dates ahead to change; a reading visits each date once.
#[derive(Clone, Debug)]
pub struct LoadDays {
    watts: i64,
    watt_days: i128,
    since: Day,
    changes: Ahead<Day, i64>,
}

impl LoadDays {
    /// No load, read up to the start of `day`.
    pub fn new(day: Day) -> LoadDays {
        LoadDays { watts: 0, watt_days: 0, since: day, changes: Ahead::new() }
    }

    /// Load in `[from, until)`; for good without an end.
    pub fn add(&mut self, from: Day, until: Option<Day>, load: ItPower) {
        *self.changes.at(from) += load.0;
        if let Some(until) = until {
            *self.changes.at(until) -= load.0;
        }
    }

    /// As [`LoadDays::add`] from today on: no load told later begins before it. Costs less.
    pub fn start(&mut self, today: Day, until: Option<Day>, load: ItPower) {
        if self.since != today {
            self.advance(today);
        }
        self.watts += load.0;
        if let Some(until) = until {
            *self.changes.at(until) -= load.0;
        }
    }

    /// Watt-days up to the start of `day` since the last reading.
    pub fn take(&mut self, day: Day) -> i128 {
        self.advance(day);
        std::mem::take(&mut self.watt_days)
    }

    fn advance(&mut self, day: Day) {
        while let Some((at, watts)) = self.changes.take_until(day) {
            self.count_to(at);
            self.watts += watts;
        }
        self.count_to(day);
    }

    fn count_to(&mut self, day: Day) {
        self.watt_days += i128::from(self.watts) * i128::from(day - self.since);
        self.since = day;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn load_is_summed_by_the_day() {
        let mut load = LoadDays::new(Day(0));
        load.add(Day(2), Some(Day(5)), ItPower(10));
        load.take(Day(1));
        load.start(Day(4), None, ItPower(1));
        assert_eq!([4, 6, 8].map(|day| load.take(Day(day))), [20, 12, 2]);
    }
}
