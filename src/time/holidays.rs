//! Named sets of public holidays, computed for any year.
//!
//! Sources: for England and Wales the Banking and Financial Dealings Act 1971, Schedule 1 (Easter
//! Monday, the last Mondays of May and August, Boxing Day and its substitutes), the royal
//! proclamations made under its section 1 (New Year's Day, the early May Monday, substitute days,
//! days moved or added), and common law (Good Friday, Christmas Day); for the United States
//! 5 U.S.C. 6103 and Executive Order 11582 (a Saturday is observed on Friday, a Sunday on Monday);
//! for the days on which the secured overnight financing rate is published, the holiday schedule of
//! the Securities Industry and Financial Markets Association for government securities.

use jiff::civil::{Date, Weekday, date};

use super::Day;

/// A named set of public holidays.
///
/// A holiday that falls on a weekend closes its own day and its substitute: a site that works on
/// Saturdays does not work on a Saturday that is Christmas Day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HolidaySet {
    /// Bank holidays of England and Wales.
    GbEng,
    /// Federal holidays of the United States.
    Us,
    /// Days without a secured overnight financing rate: the United States market in government
    /// securities is closed.
    UsSofr,
}

impl HolidaySet {
    /// Every set.
    pub const ALL: [HolidaySet; 3] = [HolidaySet::GbEng, HolidaySet::Us, HolidaySet::UsSofr];

    /// Name in the file.
    pub fn name(self) -> &'static str {
        match self {
            HolidaySet::GbEng => "GB-ENG",
            HolidaySet::Us => "US",
            HolidaySet::UsSofr => "US-SOFR",
        }
    }

    /// The set of this name.
    ///
    /// # Errors
    ///
    /// An unknown name, with the known ones.
    pub fn parse(text: &str) -> Result<HolidaySet, String> {
        let known = HolidaySet::ALL.map(HolidaySet::name);
        HolidaySet::ALL.into_iter().find(|set| set.name() == text).ok_or_else(|| {
            format!("expected a set of holidays ({}); `{text}` is not known", known.join(", "))
        })
    }

    /// The holidays from `first` until before `last`, ascending, each once.
    pub fn days(self, first: Day, last: Day) -> Vec<Day> {
        let mut days = Vec::new();
        // A New Year's Day on a Saturday is observed in the year before.
        let years = first.date().year()..=last.date().year().saturating_add(1).min(MAX_YEAR);
        for year in years.filter(|_| first < last) {
            match self {
                HolidaySet::GbEng => england_and_wales(year, &mut days),
                HolidaySet::Us => united_states(year, &mut days),
                HolidaySet::UsSofr => government_securities(year, &mut days),
            }
        }
        let mut days: Vec<Day> = days.into_iter().map(Day::from_date).collect();
        days.retain(|&day| first <= day && day < last);
        days.sort();
        days.dedup();
        days
    }
}

/// Last year whose neighbours can be computed with.
const MAX_YEAR: i16 = 9998;

/// Days that proclamations moved (the usual day, its replacement); no days before 1995.
const MOVED_GB: [(Date, Date); 5] = [
    (date(1995, 5, 1), date(1995, 5, 8)),
    (date(2002, 5, 27), date(2002, 6, 4)),
    (date(2012, 5, 28), date(2012, 6, 4)),
    (date(2020, 5, 4), date(2020, 5, 8)),
    (date(2022, 5, 30), date(2022, 6, 2)),
];

/// Days that proclamations added: millennium, jubilees, wedding, funeral, coronation.
const ADDED_GB: [Date; 7] = [
    date(1999, 12, 31),
    date(2002, 6, 3),
    date(2011, 4, 29),
    date(2012, 6, 5),
    date(2022, 6, 3),
    date(2022, 9, 19),
    date(2023, 5, 8),
];

fn england_and_wales(year: i16, days: &mut Vec<Date>) {
    let easter = easter_sunday(year);
    days.push(easter_plus(easter, -2));
    days.push(easter_plus(easter, 1));
    let mondays = [(5, 1), (5, -1), (8, -1)].map(|(month, nth)| nth_monday(year, month, nth));
    for usual in mondays {
        let moved = MOVED_GB.iter().find(|&&(from, _)| from == usual);
        days.push(moved.map_or(usual, |&(_, to)| to));
    }
    days.extend(ADDED_GB.into_iter().filter(|added| added.year() == year));
    let new_year = date(year, 1, 1);
    days.extend([new_year, date(year, 12, 25), date(year, 12, 26)]);
    match new_year.weekday() {
        Weekday::Saturday => days.push(date(year, 1, 3)),
        Weekday::Sunday => days.push(date(year, 1, 2)),
        _ => {}
    }
    match date(year, 12, 25).weekday() {
        Weekday::Friday => days.push(date(year, 12, 28)),
        Weekday::Saturday => days.extend([date(year, 12, 27), date(year, 12, 28)]),
        Weekday::Sunday => days.push(date(year, 12, 27)),
        _ => {}
    }
}

/// Days that the market closed for: a state funeral, a hurricane, a state funeral.
const CLOSED_SOFR: [Date; 3] = [date(2004, 6, 11), date(2012, 10, 30), date(2018, 12, 5)];

/// The federal days and Good Friday, except that New Year's Day and Veterans Day on a Saturday are
/// not observed the Friday before and that Juneteenth began in 2022.
fn government_securities(year: i16, days: &mut Vec<Date>) {
    let from = days.len();
    united_states(year, days);
    let first_juneteenth = [date(2021, 6, 18), date(2021, 6, 19)];
    let mut at = 0;
    days.retain(|day| {
        at += 1;
        let friday = day.weekday() == Weekday::Friday;
        let observed_early = friday && matches!((day.month(), day.day()), (12, 31) | (11, 10));
        at <= from || !(observed_early || first_juneteenth.contains(day))
    });
    days.push(easter_plus(easter_sunday(year), -2));
    days.extend(CLOSED_SOFR.into_iter().filter(|closed| closed.year() == year));
}

fn united_states(year: i16, days: &mut Vec<Date>) {
    let mondays = [(1, 3), (2, 3), (5, -1), (9, 1), (10, 2)];
    days.extend(mondays.map(|(month, nth)| nth_monday(year, month, nth)));
    days.push(nth(year, 11, 4, Weekday::Thursday));
    let mut fixed = vec![date(year, 1, 1), date(year, 7, 4), date(year, 11, 11)];
    fixed.push(date(year, 12, 25));
    // Juneteenth became a legal public holiday by Pub. L. 117-17.
    fixed.extend((year >= 2021).then_some(date(year, 6, 19)));
    for day in fixed {
        days.push(day);
        match day.weekday() {
            Weekday::Saturday => days.extend(day.yesterday().ok()),
            Weekday::Sunday => days.extend(day.tomorrow().ok()),
            _ => {}
        }
    }
}

fn nth_monday(year: i16, month: i8, nth_of: i8) -> Date {
    nth(year, month, nth_of, Weekday::Monday)
}

/// The nth such weekday of a month, the last for -1.
fn nth(year: i16, month: i8, nth: i8, weekday: Weekday) -> Date {
    let day = date(year, month, 1).nth_weekday_of_month(nth, weekday);
    day.expect("every month has a first to fourth and a last of each weekday")
}

fn easter_plus(easter: Date, days: i32) -> Date {
    (Day::from_date(easter) + days).date()
}

/// Easter Sunday of the Gregorian calendar (the anonymous algorithm of Nature, 20 April 1876).
fn easter_sunday(year: i16) -> Date {
    let y = i32::from(year);
    let (golden, century, of_century) = (y.rem_euclid(19), y.div_euclid(100), y.rem_euclid(100));
    let skipped_leap_days = century - century.div_euclid(4);
    let moon_correction = (century - (century + 8).div_euclid(25) + 1).div_euclid(3);
    let epact = (19 * golden + skipped_leap_days - moon_correction + 15).rem_euclid(30);
    let weekday = (32 + 2 * century.rem_euclid(4) + 2 * of_century.div_euclid(4)
        - epact
        - of_century.rem_euclid(4))
    .rem_euclid(7);
    let late = (golden + 11 * epact + 22 * weekday).div_euclid(451);
    let march_based = epact + weekday - 7 * late + 114;
    date(year, (march_based / 31) as i8, (march_based % 31 + 1) as i8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weekdays_off(set: HolidaySet, year: i16) -> Vec<String> {
        let [first, last] = [year, year + 1].map(|year| Day::from_date(date(year, 1, 1)));
        let days = set.days(first, last).into_iter().filter(|day| day.weekday() < 5);
        days.map(|day| day.to_string()[5..].to_string()).collect()
    }

    #[test]
    fn easter_falls_on_its_known_dates() {
        let known = [
            (1818, 3, 22),
            (1943, 4, 25),
            (1981, 4, 19),
            (2000, 4, 23),
            (2019, 4, 21),
            (2020, 4, 12),
            (2021, 4, 4),
            (2022, 4, 17),
            (2023, 4, 9),
            (2024, 3, 31),
            (2025, 4, 20),
            (2026, 4, 5),
            (2027, 3, 28),
            (2028, 4, 16),
            (2049, 4, 18),
            (2076, 4, 19),
            (2285, 3, 22),
        ];
        for (year, month, day) in known {
            assert_eq!(easter_sunday(year), date(year, month, day));
        }
    }

    /// As published on gov.uk/bank-holidays; every listed day is a weekday.
    #[test]
    fn england_and_wales_rest_on_the_published_days() {
        let published = [
            (2020, "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28"),
            (2021, "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28"),
            (2022, "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27"),
            (2023, "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26"),
            (2024, "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26"),
            (2025, "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26"),
            (2026, "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28"),
            (2027, "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28"),
            (2028, "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26"),
        ];
        for (year, days) in published {
            assert_eq!(weekdays_off(HolidaySet::GbEng, year).join(" "), days, "{year}");
        }
    }

    /// As published by the Office of Personnel Management.
    #[test]
    fn the_united_states_rest_on_the_published_days() {
        let published = [
            (2020, "01-01 01-20 02-17 05-25 07-03 09-07 10-12 11-11 11-26 12-25"),
            (2021, "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31"),
            (2022, "01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26"),
            (2023, "01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25"),
            (2024, "01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25"),
            (2025, "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25"),
            (2026, "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25"),
            (2027, "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31"),
            (2028, "01-17 02-21 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25"),
        ];
        for (year, days) in published {
            assert_eq!(weekdays_off(HolidaySet::Us, year).join(" "), days, "{year}");
        }
    }

    /// As QuantLib 1.44 has them; every listed day is a weekday.
    #[test]
    fn no_overnight_rate_is_published_on_the_days_that_the_market_rests() {
        let known = [
            (2012, "01-02 01-16 02-20 04-06 05-28 07-04 09-03 10-08 10-30 11-12 11-22 12-25"),
            (2018, "01-01 01-15 02-19 03-30 05-28 07-04 09-03 10-08 11-12 11-22 12-05 12-25"),
            (2021, "01-01 01-18 02-15 04-02 05-31 07-05 09-06 10-11 11-11 11-25 12-24"),
            (2022, "01-17 02-21 04-15 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26"),
            (2023, "01-02 01-16 02-20 04-07 05-29 06-19 07-04 09-04 10-09 11-23 12-25"),
            (2028, "01-17 02-21 04-14 05-29 06-19 07-04 09-04 10-09 11-23 12-25"),
            (2032, "01-01 01-19 02-16 03-26 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24"),
            (2050, "01-17 02-21 04-08 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26"),
        ];
        for (year, days) in known {
            assert_eq!(weekdays_off(HolidaySet::UsSofr, year).join(" "), days, "{year}");
        }
    }

    #[test]
    fn a_saturday_christmas_closes_that_saturday_too() {
        let christmas = Day::from_date(date(2027, 12, 25));
        for set in HolidaySet::ALL {
            assert_eq!(set.days(christmas, christmas + 1), [christmas]);
        }
    }

    #[test]
    fn extreme_ranges_end_without_panic() {
        for set in HolidaySet::ALL {
            assert_eq!(set.days(Day(i32::MAX), Day(i32::MIN)), []);
            assert_eq!(set.days(Day(i32::MAX - 1), Day(i32::MAX)), []);
            assert_eq!(set.days(Day(i32::MIN), Day(i32::MIN + 1)), []);
        }
    }

    #[test]
    fn an_unknown_set_is_answered_with_the_known_ones() {
        let error = HolidaySet::parse("GB-EN").unwrap_err();
        assert_eq!(error, "expected a set of holidays (GB-ENG, US, US-SOFR); `GB-EN` is not known");
        assert_eq!(HolidaySet::parse("GB-ENG"), Ok(HolidaySet::GbEng));
    }
}
