//! Microsoft Project's calendars: weeks that build on other weeks, and exceptions that recur.

use std::collections::BTreeMap;

use crate::exchange::element::Element;
use crate::exchange::problem::{Problem, Unused};
use crate::time::{Day, Definition, Minute, Shift, Week};

/// Most days that one exception may name.
const DAYS_MAX: i32 = 40_000;

/// A calendar as the file has it: days it leaves open come from its base.
struct Own {
    uid: i64,
    base: Option<i64>,
    name: String,
    week: [Option<Vec<Shift>>; 7],
    exceptions: Vec<(Day, Vec<Shift>)>,
    line: u32,
}

/// The calendars of a file, those they build on included, and where each id stands.
pub fn calendars(
    elements: &[Element],
    unused: &mut Unused,
) -> Result<(Vec<Definition>, BTreeMap<i64, u32>), Problem> {
    let own: Vec<Own> = elements.iter().map(|e| own(e, unused)).collect::<Result<_, _>>()?;
    let index: BTreeMap<i64, usize> =
        own.iter().enumerate().map(|(at, calendar)| (calendar.uid, at)).collect();
    let mut definitions = Vec::with_capacity(own.len());
    for at in 0..own.len() {
        let mut chain = vec![at];
        while let Some(base) = own[chain[chain.len() - 1]].base {
            let Some(&up) = index.get(&base) else {
                let line = Some(own[at].line);
                let message = format!("there is no calendar with id {base}");
                return Err(Problem::new("unknown-id", line, message));
            };
            if chain.contains(&up) {
                let message = "the calendar builds on itself";
                return Err(Problem::new("cycle", Some(own[at].line), message));
            }
            chain.push(up);
        }
        let week: Week = std::array::from_fn(|day| {
            let set = chain.iter().find_map(|&at| own[at].week[day].clone());
            set.unwrap_or_else(|| standard(day))
        });
        let exceptions = chain.iter().rev().flat_map(|&at| own[at].exceptions.iter().cloned());
        let exceptions = exceptions.collect();
        definitions.push(Definition {
            id: own[at].name.clone(),
            week,
            exceptions,
            ..Definition::default()
        });
    }
    let index = index.into_iter().map(|(uid, at)| (uid, at as u32)).collect();
    Ok((definitions, index))
}

/// Project's own standard day, where no calendar says otherwise.
fn standard(day: usize) -> Vec<Shift> {
    match day {
        0..5 => vec![Shift { start: 480, end: 720 }, Shift { start: 780, end: 1020 }],
        _ => Vec::new(),
    }
}

fn own(element: &Element, unused: &mut Unused) -> Result<Own, Problem> {
    let base = element.number("BaseCalendarUID")?.filter(|&uid| uid >= 0);
    let base = base.filter(|_| !element.flag("IsBaseCalendar"));
    let mut own = Own {
        uid: element.number("UID")?.ok_or_else(|| element.bad("UID", "a number"))?,
        base,
        name: element.get("Name").to_string(),
        week: Default::default(),
        exceptions: Vec::new(),
        line: element.line,
    };
    for day in element.child("WeekDays").into_iter().flat_map(|days| days.all("WeekDay")) {
        let shifts = shifts(day)?;
        match day.number("DayType")? {
            Some(number @ 1..=7) => own.week[(number as usize + 5) % 7] = Some(shifts),
            _ => exception(day, shifts, &mut own.exceptions)?,
        }
    }
    for day in element.child("Exceptions").into_iter().flat_map(|days| days.all("Exception")) {
        exception(day, shifts(day)?, &mut own.exceptions)?;
    }
    for week in element.child("WorkWeeks").into_iter().flat_map(|weeks| weeks.all("WorkWeek")) {
        work_week(week, &mut own.exceptions)?;
        if week.child("TimePeriod").is_none() {
            unused.count("work weeks without dates");
        }
    }
    Ok(own)
}

/// The shifts of a day; one that ends at midnight ends the day.
fn shifts(day: &Element) -> Result<Vec<Shift>, Problem> {
    let mut shifts = Vec::new();
    if !day.flag("DayWorking") {
        return Ok(shifts);
    }
    for time in day.child("WorkingTimes").into_iter().flat_map(|times| times.all("WorkingTime")) {
        let (start, end) = (clock(time, "FromTime")?, clock(time, "ToTime")?);
        if let (Some(start), Some(end)) = (start, end) {
            shifts.push(Shift { start, end: if end == 0 { 1440 } else { end } });
        }
    }
    Ok(shifts)
}

fn clock(time: &Element, name: &str) -> Result<Option<u16>, Problem> {
    let text = time.get(name);
    if text.is_empty() {
        return Ok(None);
    }
    let mut parts = text.split(':').map(|part| part.parse::<u16>().ok());
    let (hour, minute) = (parts.next().flatten(), parts.next().flatten());
    let valid = hour.zip(minute).filter(|&(hour, minute)| hour < 24 && minute < 60);
    let minutes = valid.map(|(hour, minute)| hour * 60 + minute);
    minutes.map(Some).ok_or_else(|| time.bad(name, "a time like 08:00:00"))
}

/// First and last day of a time period; it may end at the midnight that begins the next day.
fn period(element: &Element) -> Result<Option<(Day, Day)>, Problem> {
    let Some(period) = element.child("TimePeriod") else { return Ok(None) };
    let (from, to) = (period.instant("FromDate")?, period.instant("ToDate")?);
    let (Some(from), Some(to)) = (from, to) else { return Ok(None) };
    let (first, last) = (from.day(), Minute(to.0.max(from.0)).day());
    if last - first > DAYS_MAX {
        return Err(period.bad("ToDate", "a date within a hundred years"));
    }
    Ok(Some((first, last)))
}

fn exception(
    element: &Element,
    shifts: Vec<Shift>,
    out: &mut Vec<(Day, Vec<Shift>)>,
) -> Result<(), Problem> {
    let Some((first, last)) = period(element)? else { return Ok(()) };
    let number = |name| element.number(name).map(|number| number.unwrap_or(0));
    let (kind, every) = (number("Type")?, number("Period")?.clamp(1, 1000) as i32);
    let occurrences = number("Occurrences")?.clamp(0, i64::from(DAYS_MAX)) as usize;
    let most = if occurrences > 0 && kind > 1 { occurrences } else { DAYS_MAX as usize };
    let (month, month_day) = (number("Month")?, number("MonthDay")?);
    let (position, item) = (number("MonthPosition")?, number("MonthItem")?);
    let days_of_week = number("DaysOfWeek")?;
    let days = (0..=last - first).map(|offset| (offset, first + offset));
    let months = |day: Day| {
        let (date, from) = (day.date(), first.date());
        i32::from(date.year() - from.year()) * 12 + i32::from(date.month() - from.month())
    };
    // The place of the day among those of its kind in its month: 0 first … 3 fourth, 4 last.
    let nth = |day: Day| {
        let this = i64::from(day.date().day());
        let weekday = match item {
            0 => true,
            1 => day.weekday() < 5,
            2 => day.weekday() >= 5,
            item => (day.weekday() as i64 + 1) % 7 == item - 3,
        };
        let last = i64::from(day.date().days_in_month()) - this < 7;
        weekday && if position == 4 { last } else { (this - 1) / 7 == position }
    };
    let falls = |offset: i32, day: Day| match kind {
        2 => i64::from(day.date().month()) == month + 1 && i64::from(day.date().day()) == month_day,
        3 => i64::from(day.date().month()) == month + 1 && nth(day),
        4 => months(day) % every == 0 && i64::from(day.date().day()) == month_day,
        5 => months(day) % every == 0 && nth(day),
        6 => {
            let weeks = (offset + (first.weekday() as i32 + 1) % 7) / 7;
            weeks % every == 0 && days_of_week >> ((day.weekday() + 1) % 7) & 1 == 1
        }
        7 => offset % every == 0,
        _ => true,
    };
    let matching = days.filter(|&(offset, day)| falls(offset, day)).take(most);
    out.extend(matching.map(|(_, day)| (day, shifts.clone())));
    Ok(())
}

/// A week of other hours between two dates.
fn work_week(week: &Element, out: &mut Vec<(Day, Vec<Shift>)>) -> Result<(), Problem> {
    let Some((first, last)) = period(week)? else { return Ok(()) };
    for day in week.child("WeekDays").into_iter().flat_map(|days| days.all("WeekDay")) {
        let Some(number @ 1..=7) = day.number("DayType")? else { continue };
        let shifts = shifts(day)?;
        let days = (0..=last - first).map(|offset| first + offset);
        let on = days.filter(|day| day.weekday() == (number as usize + 5) % 7);
        out.extend(on.map(|day| (day, shifts.clone())));
    }
    Ok(())
}
