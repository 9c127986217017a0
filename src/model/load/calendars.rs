//! Working calendars of a site file.

use crate::spec::site::{CalendarSpec, SiteSpec};
use crate::spec::{Finding, Findings, Placed};
use crate::time::{Calendar, Day, Definition, HolidaySet, Length, parse_days, parse_week};

/// Calendars by index, 0 being `always`, and which one activities use that name none.
#[derive(Clone, Debug)]
pub struct Calendars {
    /// Index 0 is 24 x 7.
    pub list: Vec<Calendar>,
    /// Index of the file's default.
    pub default: u16,
}

impl Calendars {
    /// The index of a calendar by name; an unknown name is a finding.
    pub fn find(&self, name: &Placed<String>, findings: &mut Findings) -> u16 {
        let found = self.list.iter().position(|calendar| calendar.id() == name.value);
        found.map(|at| at as u16).unwrap_or_else(|| {
            let message = format!("no calendar is called `{}`", name.value);
            let help = findings.nearest(&name.value, self.list.iter().map(Calendar::id));
            findings.push(Finding::error("unknown-calendar", name.at, message).maybe_help(help));
            0
        })
    }
}

/// Years that tables are built for, and beyond to the last stated exception; outside them the
/// weekly pattern goes on without holidays.
const YEARS_BEFORE: i32 = 10;
const YEARS_AFTER: i32 = 40;

/// Builds every calendar of the file.
pub fn build(spec: &SiteSpec, findings: &mut Findings) -> Calendars {
    let start = spec.start.value.day();
    let first = start.add_months(-12 * YEARS_BEFORE);
    let last = start.add_months(12 * YEARS_AFTER);
    let mut calendars = Calendars { list: vec![Calendar::always()], default: 0 };
    for (name, calendar) in spec.calendars.iter() {
        if calendars.list.iter().any(|known| known.id() == name.value) {
            let message = format!("`{}` is built in", name.value);
            findings.push(Finding::error("duplicate-calendar", name.at, message));
            continue;
        }
        if calendars.list.len() > usize::from(u16::MAX) {
            let message = format!("more than {} calendars", u16::MAX);
            findings.push(Finding::error("too-many-calendars", name.at, message));
            break;
        }
        let definition = definition(name, calendar, findings);
        match Calendar::from_definition(&definition, first, last) {
            Ok(calendar) => calendars.list.push(calendar),
            Err(message) => {
                findings.push(Finding::error("calendar", name.at, message));
                // The name stays known: those who use it made no mistake.
                let plain = Definition { exceptions: Vec::new(), ..unread(&name.value) };
                calendars.list.extend(Calendar::from_definition(&plain, first, last));
            }
        }
    }
    if let Some(name) = &spec.calendar {
        calendars.default = calendars.find(name, findings);
    }
    calendars
}

fn definition(name: &Placed<String>, spec: &CalendarSpec, findings: &mut Findings) -> Definition {
    let mut wrong = |text: &Placed<String>, message: String| {
        findings.push(Finding::error("calendar", text.at, message));
    };
    let week = parse_week(&spec.week.value).map_err(|message| wrong(&spec.week, message)).ok();
    let holidays = spec.holidays.as_ref().and_then(|text| {
        HolidaySet::parse(&text.value).map_err(|message| wrong(text, message)).ok()
    });
    let mut exceptions = Vec::new();
    for text in &spec.closed {
        match parse_days(&text.value) {
            Ok(days) => {
                exceptions.extend((days.start().0..=days.end().0).map(|day| (Day(day), vec![])))
            }
            Err(message) => wrong(text, message),
        }
    }
    for (day, hours) in spec.open.iter() {
        let shifts = crate::time::parse_hours(&hours.value);
        match (parse_days(&day.value), shifts) {
            (Ok(days), Ok(shifts)) => {
                let days = days.start().0..=days.end().0;
                exceptions.extend(days.map(|day| (Day(day), shifts.clone())));
            }
            (Err(message), _) => wrong(day, message),
            (_, Err(message)) => wrong(hours, message),
        }
    }
    let mut minutes = |length: &Option<Placed<Length>>| {
        let length = length.as_ref()?;
        let span = length.value.on(&Calendar::always());
        let wrong = |message| findings.push(Finding::error("calendar", length.at, message));
        span.map_err(wrong).ok().map(|span| span.0)
    };
    let (day_minutes, week_minutes) = (minutes(&spec.day), minutes(&spec.workweek));
    Definition {
        week: week.unwrap_or_else(|| unread(&name.value).week),
        id: name.value.clone(),
        holidays,
        exceptions,
        day_minutes,
        week_minutes,
    }
}

/// Stands in for a calendar that could not be read, so that its name stays known: those who use it
/// made no mistake.
fn unread(id: &str) -> Definition {
    Definition {
        id: id.to_owned(),
        week: parse_week("24x7").expect("a week that is always read"),
        holidays: None,
        exceptions: Vec::new(),
        day_minutes: None,
        week_minutes: None,
    }
}
