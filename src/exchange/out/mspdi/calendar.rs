//! Calendars: the week, and the days that differ from it.

use super::{date, time};
use crate::exchange::out::xml::Document;
use crate::time::{Day, Definition, Shift, Span};

/// Writes what is in a `Calendar`; its number is its place plus one.
pub fn write(xml: &mut Document, at: usize, calendar: &Definition) {
    xml.text("UID", at + 1);
    xml.text("Name", &calendar.id);
    xml.flag("IsBaseCalendar", true);
    xml.text("BaseCalendarUID", -1);
    xml.element("WeekDays", |xml| {
        // 1 is Sunday, 7 is Saturday.
        for (number, weekday) in [6, 0, 1, 2, 3, 4, 5].into_iter().enumerate() {
            xml.element("WeekDay", |xml| {
                xml.text("DayType", number + 1);
                write_shifts(xml, &calendar.week[weekday]);
            });
        }
    });
    if calendar.exceptions.is_empty() {
        return;
    }
    xml.element("Exceptions", |xml| {
        for (first, last, shifts) in runs(&calendar.exceptions) {
            xml.element("Exception", |xml| {
                xml.flag("EnteredByOccurrences", false);
                xml.element("TimePeriod", |xml| {
                    xml.text("FromDate", date(first.start()));
                    xml.text("ToDate", date((last + 1).start() - Span(1)));
                });
                xml.text("Occurrences", last - first + 1);
                xml.text("Name", if shifts.is_empty() { "closed" } else { "other hours" });
                xml.text("Type", 1);
                write_shifts(xml, shifts);
            });
        }
    });
}

/// Days in a row with the same shifts: first, last, shifts.
fn runs(exceptions: &[(Day, Vec<Shift>)]) -> Vec<(Day, Day, &[Shift])> {
    let mut runs: Vec<(Day, Day, &[Shift])> = Vec::new();
    for (day, shifts) in exceptions {
        match runs.last_mut() {
            Some((_, last, same)) if *last + 1 == *day && *same == &shifts[..] => *last = *day,
            _ => runs.push((*day, *day, shifts)),
        }
    }
    runs
}

fn write_shifts(xml: &mut Document, shifts: &[Shift]) {
    xml.flag("DayWorking", !shifts.is_empty());
    if shifts.is_empty() {
        return;
    }
    xml.element("WorkingTimes", |xml| {
        for shift in shifts {
            xml.element("WorkingTime", |xml| {
                xml.text("FromTime", time(shift.start));
                xml.text("ToTime", time(shift.end % 1440));
            });
        }
    });
}
