//! Dates, shifts and weeks as planners write them.

use std::ops::RangeInclusive;

use jiff::civil::Date;

use super::length::quote;
use super::week::in_order;
use super::{Day, MINUTES_PER_DAY, Minute, Shift, Span, Week};

/// Years that a file may speak of.
const YEARS: RangeInclusive<i16> = 1970..=2150;

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A civil date: `2026-03-31`.
///
/// # Errors
///
/// Another way of writing it (the answer shows this one), a day its month lacks, a year outside
/// 1970 to 2150.
pub fn parse_day(text: &str) -> Result<Day, String> {
    let text = text.trim();
    let Some((year, month, day)) = ymd(text) else {
        let hint = meant_dates(text);
        let hint = if hint.is_empty() { hint } else { format!(": write {hint}") };
        return Err(format!("expected a date such as 2026-03-31; it is {}{hint}", quote(text)));
    };
    let date = Date::new(year, month, day)
        .map_err(|_| format!("expected a date that exists; there is no `{text}`"))?;
    if !YEARS.contains(&year) {
        let (first, last) = (YEARS.start(), YEARS.end());
        return Err(format!("expected a year from {first} to {last}; it is `{text}`"));
    }
    Ok(Day::from_date(date))
}

/// An instant: `2026-03-31T17:30`, `2026-03-31 17:30`, or the midnight at which a date begins.
///
/// # Errors
///
/// As [`parse_day`]; a time that is not hours and minutes of the day; a time zone, since times are
/// those of the site's own clock (semantics T1).
pub fn parse_instant(text: &str) -> Result<Minute, String> {
    let text = text.trim();
    let split = text.get(..10).zip(text.get(10..)).filter(|(date, _)| ymd(date).is_some());
    let Some((date, time)) = split.filter(|(_, time)| !time.is_empty()) else {
        return Ok(parse_day(text)?.start());
    };
    let minute = time.strip_prefix(['T', ' ']).and_then(|time| clock(time.trim_start()));
    match minute.filter(|&minute| i64::from(minute) < MINUTES_PER_DAY) {
        Some(minute) => Ok(parse_day(date)?.start() + Span(i64::from(minute))),
        None => Err(format!(
            "expected a time of the site's clock such as 2026-03-31T17:30; it is {}",
            quote(text)
        )),
    }
}

/// Days of a closure, both ends included: `2025-12-22..2026-01-02`, or a single date.
///
/// # Errors
///
/// As [`parse_day`]; a last day before the first.
pub fn parse_days(text: &str) -> Result<RangeInclusive<Day>, String> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let days = parse_day(first)?..=parse_day(last)?;
    if days.is_empty() {
        return Err(format!("expected the first day before the last; it is {}", quote(text)));
    }
    Ok(days)
}

/// Shifts of one day: `08:00-12:00 12:30-17:00`.
///
/// # Errors
///
/// Times that are not `HH:MM-HH:MM`, shifts that overlap or go past midnight.
pub fn parse_hours(text: &str) -> Result<Vec<Shift>, String> {
    let mut shifts = Vec::new();
    for word in text.split_whitespace() {
        let (start, end) = parse_shift(word)?;
        if start > end {
            return Err(format!("expected a shift within one day; `{word}` goes past midnight"));
        }
        shifts.push(Shift { start, end });
    }
    if shifts.is_empty() {
        return Err("expected hours such as 07:30-17:30; there are none".into());
    }
    in_order(&shifts)
}

/// A week of shifts: `Mon-Fri 07:30-17:30`, `Mon-Thu 07:00-12:00 12:30-17:00, Fri 07:00-12:00`,
/// `24x7`. A night shift (`22:00-06:00`) runs into the next day.
///
/// # Errors
///
/// Days or times that cannot be read, days without hours, shifts that overlap.
pub fn parse_week(text: &str) -> Result<Week, String> {
    if text.trim() == "24x7" {
        return Ok(std::array::from_fn(|_| vec![Shift::ALL_DAY]));
    }
    let mut week = Week::default();
    for part in text.split(',') {
        add_part(part, &mut week)?;
    }
    for (day, name) in week.iter_mut().zip(WEEKDAYS) {
        *day = in_order(day).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(week)
}

/// `Mon-Fri 07:30-17:30`: days, then their hours.
fn add_part(part: &str, week: &mut Week) -> Result<(), String> {
    let expected = || {
        let part = quote(part);
        format!("expected days and hours such as Mon-Fri 07:30-17:30, or 24x7; it is {part}")
    };
    let is_hours = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit());
    let words: Vec<&str> = part.split_whitespace().collect();
    let days_end = words.iter().position(is_hours).unwrap_or(words.len());
    let (days, hours) = words.split_at(days_end);
    if days.is_empty() || hours.is_empty() {
        return Err(expected());
    }
    let mut weekdays = Vec::new();
    for days in days {
        weekdays.extend(parse_weekdays(days)?);
    }
    for word in hours {
        let (start, end) = parse_shift(word)?;
        for &weekday in &weekdays {
            if start < end {
                week[weekday].push(Shift { start, end });
                continue;
            }
            week[weekday].push(Shift { start, end: Shift::ALL_DAY.end });
            if end > 0 {
                week[(weekday + 1) % 7].push(Shift { start: 0, end });
            }
        }
    }
    Ok(())
}

/// `Mon`, `Mon-Fri`, or across Sunday `Sat-Mon`.
fn parse_weekdays(text: &str) -> Result<Vec<usize>, String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (parse_weekday(first)?, parse_weekday(last)?);
    let count = (last + 7 - first) % 7 + 1;
    Ok((first..first + count).map(|weekday| weekday % 7).collect())
}

fn parse_weekday(text: &str) -> Result<usize, String> {
    WEEKDAYS.iter().position(|&name| name == text).ok_or_else(|| {
        let start = text.get(..3).unwrap_or(text);
        let meant = WEEKDAYS.iter().find(|name| name.eq_ignore_ascii_case(start));
        let hint = meant.map_or(String::new(), |name| format!(": write {name}"));
        format!("expected a weekday such as Mon; it is {}{hint}", quote(text))
    })
}

/// `07:30-17:30` in minutes since midnight; the end may be the next day's.
fn parse_shift(word: &str) -> Result<(u16, u16), String> {
    let times = word.split_once('-').and_then(|(start, end)| clock(start).zip(clock(end)));
    match times {
        Some((start, end)) if start == end => {
            Err(format!("expected a shift with some length, or 00:00-24:00; it is {}", quote(word)))
        }
        Some((start, end)) if start < Shift::ALL_DAY.end => Ok((start, end)),
        _ => Err(format!("expected hours such as 07:30-17:30; it is {}", quote(word))),
    }
}

/// `17:30` in minutes since midnight, up to `24:00`.
fn clock(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    let of_day = hours * 60 + minutes;
    (minutes < 60 && of_day <= MINUTES_PER_DAY).then_some(of_day as u16)
}

/// `2026-03-31` taken apart, whether or not there is such a day.
fn ymd(text: &str) -> Option<(i16, i8, i8)> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let numbers = (digits(year, 4)? as i16, digits(month, 2)? as i8, digits(day, 2)? as i8);
    parts.next().is_none().then_some(numbers)
}

/// Exactly so many digits.
fn digits(text: &str, count: usize) -> Option<i64> {
    let plain = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// The dates that another way of writing may mean, as this one: `31/03/2026`, `2026-3-1`.
fn meant_dates(text: &str) -> String {
    let parts: Option<Vec<i16>> =
        text.split(['/', '.', '-']).map(|part| part.trim().parse().ok()).collect();
    let (year, a, b) = match parts.as_deref() {
        Some(&[year, a, b]) if year > 31 => (year, b, a),
        Some(&[a, b, year]) if year > 31 => (year, a, b),
        _ => return String::new(),
    };
    let date = |month: i16, day: i16| {
        let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        date.ok().filter(|_| YEARS.contains(&year)).map(|date| date.to_string())
    };
    // Written year first, the month never comes last.
    let year_first = text.starts_with(&year.to_string());
    let other = date(a, b).filter(|_| a != b && !year_first);
    let dates: Vec<String> = date(b, a).into_iter().chain(other).collect();
    dates.join(" or ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shift(start: u16, end: u16) -> Shift {
        Shift { start: start * 60, end: end * 60 }
    }

    #[test]
    fn a_date_is_year_month_day() {
        assert_eq!(parse_day(" 2026-03-31 ").unwrap().to_string(), "2026-03-31");
        assert_eq!(parse_day("2024-02-29").unwrap().to_string(), "2024-02-29");
        let errors = [
            ("31/03/2026", "write 2026-03-31"),
            ("03/04/2026", "write 2026-04-03 or 2026-03-04"),
            ("05.05.2026", "write 2026-05-05"),
            ("2026-3-1", "write 2026-03-01"),
            ("2026/03/04", "write 2026-03-04"),
            ("2026-02-30", "there is no `2026-02-30`"),
            ("2026-13-01", "there is no `2026-13-01`"),
            ("1969-12-31", "expected a year from 1970 to 2150"),
            ("2151-01-01", "expected a year from 1970 to 2150"),
            ("", "expected a date such as 2026-03-31; it is empty"),
            ("Q1 2026", "expected a date such as 2026-03-31; it is `Q1 2026`"),
            ("2026-03-31-01", "expected a date"),
            ("٢٠٢٦-٠٣-٣١", "expected a date"),
        ];
        for (text, message) in errors {
            let error = parse_day(text).unwrap_err();
            assert!(error.contains(message), "{text}: {error}");
            assert_eq!(error.contains("write"), message.contains("write"), "{text}: {error}");
        }
    }

    #[test]
    fn an_instant_is_a_date_with_or_without_a_time() {
        for text in ["2026-03-31T17:30", "2026-03-31 17:30"] {
            assert_eq!(parse_instant(text).unwrap().to_string(), "2026-03-31T17:30");
        }
        assert_eq!(parse_instant("2026-03-31").unwrap().to_string(), "2026-03-31T00:00");
        for text in ["T24:00", " 7:30", "T17:60", "T17:30:00", "T17:30Z", "T", "x17:30", "T-1:30"] {
            let error = parse_instant(&format!("2026-03-31{text}")).unwrap_err();
            assert!(error.contains("site's clock such as 2026-03-31T17:30"), "{text}: {error}");
        }
        assert!(parse_instant("2026-02-30T10:00").unwrap_err().contains("there is no"));
        assert!(parse_instant("31/03/2026").unwrap_err().contains("write 2026-03-31"));
    }

    #[test]
    fn a_closure_includes_both_its_ends() {
        let days = parse_days("2025-12-22..2026-01-02").unwrap();
        assert_eq!(*days.end() - *days.start(), 11);
        let single = parse_days("2026-01-02").unwrap();
        assert_eq!(single.start(), single.end());
        assert!(parse_days("2026-01-02..2025-12-22").unwrap_err().contains("first day before"));
        assert!(parse_days("2026-01-02..").unwrap_err().contains("it is empty"));
    }

    #[test]
    fn a_week_is_days_and_their_hours() {
        let work = vec![Shift { start: 450, end: 1050 }];
        let week = parse_week("Mon-Fri 07:30-17:30").unwrap();
        assert!(week[..5].iter().all(|day| *day == work));
        assert!(week[5..].iter().all(|day| day.is_empty()));
        let parts = parse_week("Mon Wed-Thu 07:00-12:00 13:00-17:00, Fri 07:00-12:00").unwrap();
        assert_eq!(parts[2], [shift(7, 12), shift(13, 17)]);
        assert_eq!((&parts[1][..], &parts[4][..]), (&[][..], &[shift(7, 12)][..]));
        let wrapped = parse_week("Sat-Mon 08:00-10:00").unwrap();
        let open: Vec<bool> = wrapped.iter().map(|day| !day.is_empty()).collect();
        assert_eq!(open, [true, false, false, false, false, true, true]);
        assert_eq!(parse_week("24x7"), parse_week("Mon-Sun 00:00-24:00"));
    }

    #[test]
    fn a_night_shift_runs_into_the_next_day() {
        let nights = parse_week("Sun 22:00-06:00").unwrap();
        assert_eq!(nights[6], [shift(22, 24)]);
        assert_eq!(nights[0], [shift(0, 6)]);
        assert_eq!(parse_week("Mon 22:00-00:00"), parse_week("Mon 22:00-24:00"));
        let both = parse_week("Mon-Tue 22:00-06:00, Tue 06:00-07:00").unwrap();
        assert_eq!(both[1], [shift(0, 7), shift(22, 24)], "shifts that touch are one");
    }

    #[test]
    fn hours_that_cannot_be_read_are_shown_as_they_should_be() {
        let errors = [
            ("", "it is empty"),
            ("Mon-Fri", "expected days and hours such as Mon-Fri 07:30-17:30, or 24x7"),
            ("07:30-17:30", "expected days and hours"),
            ("Mon-Fri 07:30-17:30,", "it is empty"),
            ("Monday 07:30-17:30", "it is `Monday`: write Mon"),
            ("mon-fri 07:30-17:30", "it is `mon`: write Mon"),
            ("Mon–Fri 07:30-17:30", "expected a weekday such as Mon"),
            ("Mön 07:30-17:30", "expected a weekday such as Mon; it is `Mön`"),
            ("Mon 7:30-17:30", "expected hours such as 07:30-17:30; it is `7:30-17:30`"),
            ("Mon 07:30-25:00", "expected hours"),
            ("Mon 24:00-06:00", "expected hours"),
            ("Mon 08:00-08:00", "expected a shift with some length"),
            ("Mon 08:00-12:00 11:00-13:00", "Mon: 08:00-12:00 overlaps 11:00-13:00"),
            ("Mon 22:00-06:00, Tue 05:00-09:00", "Tue: 00:00-06:00 overlaps 05:00-09:00"),
            ("Mon 08:00-12:00 Tue", "expected hours such as 07:30-17:30; it is `Tue`"),
        ];
        for (text, message) in errors {
            let error = parse_week(text).unwrap_err();
            assert!(error.contains(message), "{text}: {error}");
        }
        assert_eq!(parse_hours("08:00-10:00"), Ok(vec![shift(8, 10)]));
        assert!(parse_hours("22:00-06:00").unwrap_err().contains("goes past midnight"));
        assert!(parse_hours(" ").unwrap_err().contains("there are none"));
    }

    proptest! {
        #[test]
        fn any_text_gets_an_answer(text in "\\PC*", near in "[0-9:/. T<>,a-zMSx-]{0,24}") {
            for text in [text, near] {
                let _ = parse_day(&text);
                let _ = parse_instant(&text);
                let _ = parse_days(&text);
                let _ = parse_hours(&text);
                let _ = parse_week(&text);
            }
        }

        #[test]
        fn what_is_printed_can_be_read(minute in 0..95_000_000_i64) {
            let at = Minute(minute);
            prop_assert_eq!(parse_instant(&at.to_string()), Ok(at));
            prop_assert_eq!(parse_day(&at.day().to_string()), Ok(at.day()));
        }
    }
}
