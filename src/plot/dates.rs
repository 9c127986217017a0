//! Date axes: from three days to a century, with labels that never touch.

use super::font::{self, Weight};
use crate::time::{Day, Minute};

/// Least pixels between two labels.
const GAP: i32 = 16;

/// Text size of axis labels.
pub(super) const TICK_SIZE: i32 = 20;

/// Days that a date axis can show: years 1 to 9000.
const EARLIEST: Day = Day(-719_162);
const LATEST: Day = Day(2_567_000);

/// A span of dates laid over a span of pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dates {
    from: Day,
    until: Day,
    left: i32,
    right: i32,
    finest: Finest,
}

/// The shortest period an axis may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Finest {
    Day,
    Quarter,
}

/// Marks and labels of a date axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Ticks {
    /// Where a gridline and a long tick belong.
    pub major: Vec<i32>,
    /// Where a short tick belongs.
    pub minor: Vec<i32>,
    /// Middle of each label, and its text.
    pub labels: Vec<(i32, String)>,
    /// Where a year begins, if years have a line of their own below the labels.
    pub year_marks: Vec<i32>,
    /// Labels of that line.
    pub years: Vec<(i32, String)>,
}

/// Distance between two marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Days(i32),
    Months(i32),
    Years(i32),
}

/// How the stretch between two marks is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    /// The day of the mark itself: `2026-03-31`.
    Iso,
    /// `Mar 2026`, `2026 Q1`, `2026`.
    Long,
    /// `Mar` or `Q1`, with the years on a line below.
    Short,
    /// The year that begins at the mark.
    YearMark,
}

impl Dates {
    /// From the start of one day to the start of another, at least a day later.
    pub fn new(from: Day, until: Day, left: i32, right: i32) -> Dates {
        let from = from.clamp(EARLIEST, LATEST);
        let until = until.clamp(from + 1, LATEST + 1);
        Dates { from, until, left, right: right.max(left + 1), finest: Finest::Day }
    }

    /// The same axis, naming nothing shorter than a quarter: for data by quarter.
    pub fn by_quarter(self) -> Dates {
        Dates { finest: Finest::Quarter, ..self }
    }

    /// First and last day.
    pub fn span(&self) -> (Day, Day) {
        (self.from, self.until)
    }

    /// Whether any of an interval, ends included, lies on the axis.
    pub fn shows(&self, from: Minute, until: Minute) -> bool {
        until >= self.from.start() && from <= self.until.start()
    }

    fn days(&self) -> i32 {
        self.until - self.from
    }

    /// Where the axis ends.
    pub fn end(&self) -> Minute {
        self.until.start()
    }

    /// The pixel of an instant; what lies outside the axis lands on its nearest end.
    pub fn pixel(&self, at: Minute) -> i32 {
        let (from, until) = (self.from.start().0, self.until.start().0);
        let share = (at.0.clamp(from, until) - from) as f64 / (until - from) as f64;
        self.left + (f64::from(self.right - self.left) * share).round() as i32
    }

    /// The pixel at which a day begins.
    pub fn day(&self, day: Day) -> i32 {
        self.pixel(day.start())
    }

    fn pixels(&self, days: i32) -> i32 {
        (f64::from(days) * f64::from(self.right - self.left) / f64::from(self.days())) as i32
    }

    /// The finest marks whose labels keep apart.
    pub fn ticks(&self) -> Ticks {
        let (unit, name, minor) = self.choose();
        let marks = self.marks(unit);
        let mut ticks = Ticks {
            major: marks
                .iter()
                .filter(|day| **day >= self.from)
                .map(|day| self.day(*day))
                .collect(),
            minor: minor.map(|unit| self.inside(unit)).unwrap_or_default(),
            ..Ticks::default()
        };
        match name {
            Name::Iso => {
                let inside = marks.iter().filter(|day| **day >= self.from);
                ticks.labels = inside.map(|day| (self.day(*day), day.to_string())).collect();
            }
            Name::YearMark => {
                let inside = marks.iter().filter(|day| **day >= self.from);
                ticks.labels =
                    inside.map(|day| (self.day(*day), day.date().year().to_string())).collect();
            }
            Name::Long | Name::Short => ticks.labels = self.names(&marks, unit, name),
        }
        if name == Name::Short {
            ticks.year_marks = self.inside(Unit::Years(1));
            ticks.years = self.names(&self.marks(Unit::Years(1)), Unit::Years(1), Name::Long);
        }
        ticks
    }

    fn choose(&self) -> (Unit, Name, Option<Unit>) {
        let room = |days: i32, text: &str| self.pixels(days) >= width(text) + GAP;
        if self.finest == Finest::Quarter {
            return self.choose_period();
        }
        if self.days() <= 75 {
            let steps = [1, 2, 7, 14].into_iter().find(|days| room(*days, "2026-08-28"));
            if let Some(days) = steps {
                return (Unit::Days(days), Name::Iso, (days > 2).then_some(Unit::Days(1)));
            }
        }
        let weeks = (self.pixels(7) >= 12).then_some(Unit::Days(7));
        if room(28, "May 2026") {
            return (Unit::Months(1), Name::Long, weeks);
        }
        if room(28, "May") {
            return (Unit::Months(1), Name::Short, None);
        }
        self.choose_period()
    }

    /// Quarters or years.
    fn choose_period(&self) -> (Unit, Name, Option<Unit>) {
        let room = |days: i32, text: &str| self.pixels(days) >= width(text) + GAP;
        let fine = self.finest == Finest::Day && self.pixels(28) >= 8;
        let months = fine.then_some(Unit::Months(1));
        if room(90, "2026 Q4") {
            return (Unit::Months(3), Name::Long, months);
        }
        if room(90, "Q4") {
            return (Unit::Months(3), Name::Short, months);
        }
        if room(365, "2026") {
            let quarters = (self.pixels(90) >= 8).then_some(Unit::Months(3));
            return (Unit::Years(1), Name::Long, quarters);
        }
        let steps = [2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000];
        let years = steps.into_iter().find(|years| room(365 * years, "2026")).unwrap_or(5000);
        (Unit::Years(years), Name::YearMark, None)
    }

    /// First days of the periods that touch the axis, from the one that holds its start on.
    fn marks(&self, unit: Unit) -> Vec<Day> {
        let first = match unit {
            Unit::Days(1 | 2) => self.from,
            Unit::Days(_) => self.from + -(self.from.weekday() as i32),
            Unit::Months(count) => {
                let month = self.from.month_start();
                month.add_months(-((i32::from(month.date().month()) - 1) % count))
            }
            Unit::Years(count) => {
                let date = self.from.date();
                let year_start = self.from.month_start().add_months(1 - i32::from(date.month()));
                year_start.add_months(-12 * i32::from(date.year()).rem_euclid(count))
            }
        };
        let next = |day: &Day| match unit {
            Unit::Days(count) => Some(*day + count),
            Unit::Months(count) => Some(day.add_months(count)),
            Unit::Years(count) => Some(day.add_months(12 * count)),
        };
        std::iter::successors(Some(first), next).take_while(|day| *day <= self.until).collect()
    }

    fn inside(&self, unit: Unit) -> Vec<i32> {
        let marks = self.marks(unit).into_iter().filter(|day| *day >= self.from);
        marks.map(|day| self.day(day)).collect()
    }

    /// Each period's name in the middle of what is seen of it, if it fits there.
    fn names(&self, marks: &[Day], unit: Unit, name: Name) -> Vec<(i32, String)> {
        let ends = marks.iter().skip(1).copied().chain([self.until]);
        let mut labels = Vec::new();
        for (from, until) in marks.iter().zip(ends) {
            let (left, right) = (self.day(*from), self.day(until));
            let text = period(*from, unit, name);
            if right - left >= width(&text) + GAP / 2 {
                labels.push(((left + right) / 2, text));
            }
        }
        labels
    }
}

fn period(from: Day, unit: Unit, name: Name) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let date = from.date();
    let (year, month) = (date.year(), date.month().unsigned_abs() as usize - 1);
    match (unit, name) {
        (Unit::Months(1), Name::Short) => MONTHS[month].to_owned(),
        (Unit::Months(1), _) => format!("{} {year}", MONTHS[month]),
        (Unit::Months(_), Name::Short) => format!("Q{}", month / 3 + 1),
        (Unit::Months(_), _) => format!("{year} Q{}", month / 3 + 1),
        _ => year.to_string(),
    }
}

fn width(text: &str) -> i32 {
    font::width(text, TICK_SIZE, Weight::Regular)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn labels(from: (i16, i8, i8), days: i32, pixels: i32) -> (Vec<String>, Vec<String>) {
        let from = Day::from_date(date(from.0, from.1, from.2));
        let ticks = Dates::new(from, from + days, 0, pixels).ticks();
        let text = |labels: Vec<(i32, String)>| labels.into_iter().map(|label| label.1).collect();
        (text(ticks.labels), text(ticks.years))
    }

    #[test]
    fn short_spans_show_iso_dates() {
        let (days, _) = labels((2026, 3, 30), 3, 1400);
        assert_eq!(days, ["2026-03-30", "2026-03-31", "2026-04-01", "2026-04-02"]);
        assert_eq!(labels((2026, 3, 25), 30, 1400).0[0], "2026-03-30", "weeks begin on Monday");
    }

    #[test]
    fn longer_spans_show_months_quarters_and_years() {
        assert_eq!(labels((2025, 11, 1), 300, 1400).0[..2], ["Nov 2025", "Dec 2025"]);
        let (months, years) = labels((2025, 11, 1), 600, 1400);
        assert_eq!(months[..3], ["Nov", "Dec", "Jan"]);
        assert_eq!(years, ["2025", "2026", "2027"]);
        assert_eq!(labels((2024, 4, 1), 1100, 1400).0[..2], ["2024 Q2", "2024 Q3"]);
        let (quarters, years) = labels((2024, 4, 1), 2555, 1400);
        assert_eq!((&quarters[0][..], &years[0][..]), ("Q2", "2024"));
        assert_eq!(labels((2024, 4, 1), 4400, 1400).0[..2], ["2024", "2025"]);
        assert_eq!(labels((2024, 4, 1), 30_000, 1400).0[..2], ["2025", "2030"]);
    }

    #[test]
    fn far_dates_do_not_panic() {
        for (from, until) in [(i32::MIN, i32::MAX), (0, 0), (i32::MAX, i32::MIN), (9, 10)] {
            let dates = Dates::new(Day(from), Day(until), 0, 1400);
            assert!(!dates.ticks().major.is_empty());
            assert_eq!(dates.pixel(Minute::NEVER), 1400);
            assert_eq!(dates.pixel(Minute::MIN), 0);
        }
    }

    proptest! {
        #[test]
        fn labels_never_touch(
            from in -200_000..1_000_000i32,
            days in 1..200_000i32,
            pixels in 300..3000i32,
        ) {
            let ticks = Dates::new(Day(from), Day(from + days), 0, pixels).ticks();
            for line in [&ticks.labels, &ticks.years] {
                for two in line.windows(2) {
                    let half = (width(&two[0].1) + width(&two[1].1)) / 2;
                    prop_assert!(two[1].0 - two[0].0 >= half + 4, "{two:?}");
                }
            }
            prop_assert!(ticks.major.iter().all(|x| (0..=pixels).contains(x)));
        }
    }
}
