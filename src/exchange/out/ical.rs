//! Milestones for a calendar program (iCalendar, RFC 5545).
//!
//! Written plainly: `DTSTAMP` is the status date, not the wall clock, so the same run gives the
//! same bytes, and identifiers stay the same from run to run, so a calendar that takes the file in
//! again moves its entries. Lines end in CRLF and fold at 75 octets (RFC 5545, 3.1); text escapes
//! backslash, semicolon and comma (3.3.11).

use super::{Export, text};
use crate::analysis::Run;
use crate::exchange::problem::Unused;
use crate::model::{EventKind, Site};
use crate::time::{Day, Minute};

/// Most octets of a line, its break apart.
const LINE_MAX: usize = 75;

/// One day of the calendar.
struct Entry {
    /// What it is, unique and the same from run to run.
    key: String,
    day: Day,
    summary: String,
    description: String,
    category: &'static str,
}

/// Milestones, energisations, halls ready for service, first, half and all of the capacity online,
/// deadlines and long stops of contracts, each as a day.
///
/// What never happens in the run has no entry and is counted.
pub fn ical(site: &Site, run: &Run) -> Export {
    let mut substitutes = Unused::default();
    let mut entries = of_events(site, run);
    capacity(site, run, &mut entries, &mut substitutes);
    dated(site, run, &mut entries);
    entries.sort_by_key(|entry| entry.day);
    let never = |activity: u32| !run.timeline.finish[activity as usize].happens();
    let stages = site.stages.iter().filter(|stage| never(stage.activity)).count();
    let halls = site.halls.iter().filter(|hall| never(hall.ready)).count();
    for _ in 0..stages + halls {
        substitutes.count("stages or halls that never come, left out");
    }
    let mut out = Lines::default();
    for line in ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//energize//energize//EN"] {
        out.push(line);
    }
    out.push("CALSCALE:GREGORIAN");
    out.push(&format!("X-WR-CALNAME:{}", escaped(&text::site_name(site))));
    let stamp = site.plan.data_date();
    for entry in &entries {
        out.push("BEGIN:VEVENT");
        out.push(&format!(
            "UID:{}@{}.energize",
            escaped(&entry.key),
            escaped(&text::plain(&site.id))
        ));
        out.push(&format!(
            "DTSTAMP:{}T{:02}{:02}00Z",
            digits(stamp.day()),
            hour(stamp),
            minute(stamp)
        ));
        out.push(&format!("DTSTART;VALUE=DATE:{}", digits(entry.day)));
        out.push(&format!("DTEND;VALUE=DATE:{}", digits(entry.day + 1)));
        out.push(&format!("SUMMARY:{}", escaped(&entry.summary)));
        out.push(&format!("DESCRIPTION:{}", escaped(&entry.description)));
        out.push(&format!("CATEGORIES:{}", entry.category));
        out.push("TRANSP:TRANSPARENT");
        out.push("END:VEVENT");
    }
    out.push("END:VCALENDAR");
    Export { text: out.text, substitutes, advice: None }
}

/// Stages energised, halls ready and milestones, as they happened.
fn of_events(site: &Site, run: &Run) -> Vec<Entry> {
    let mut entries = Vec::new();
    for event in &run.timeline.events {
        let (key, summary, category, detail) = match event.kind {
            EventKind::Energised(stage) => {
                let stage = &site.stages[stage as usize];
                let summary = format!("{} energised", stage.id);
                (
                    format!("energised-{}", stage.id),
                    summary,
                    "ENERGISATION",
                    format!("{}.", stage.grid),
                )
            }
            EventKind::Ready(hall) => {
                let hall = &site.halls[hall as usize];
                let summary = format!("{} ready for service", hall.id);
                (format!("rfs-{}", hall.id), summary, "RFS", format!("{}.", hall.it_power))
            }
            EventKind::Finished if of_the_programme(site, event.activity) => {
                let activity = &site.plan.activities[event.activity as usize];
                let name = if activity.title.is_empty() { &activity.id } else { &activity.title };
                let key = format!("milestone-{}", activity.id);
                (key, name.clone(), "MILESTONE", format!("{}.", activity.id))
            }
            _ => continue,
        };
        let promised = site.promised(event.activity);
        entries.push(Entry {
            key,
            day: event.at.day(),
            summary: named(site, &summary),
            description: format!(
                "{detail} {}{} Likely values, not a P50.",
                text::clock(event.at),
                plan(event.at.day(), promised)
            ),
            category,
        });
    }
    entries
}

/// Whether an activity is a milestone that stands for nothing else here.
fn of_the_programme(site: &Site, activity: u32) -> bool {
    let activity = &site.plan.activities[activity as usize];
    activity.milestone && activity.effects.is_empty()
}

/// First, half and all of the capacity.
fn capacity(site: &Site, run: &Run, entries: &mut Vec<Entry>, substitutes: &mut Unused) {
    if site.units.is_empty() {
        return;
    }
    let (base, head) = (&site.baseline, &run.headline);
    let shares = [
        ("first", "first capacity online", head.first, base.first_online),
        ("half", "half of the capacity online", head.half, base.half_online),
        ("all", "all capacity online", head.all, base.all_online),
    ];
    for (key, summary, at, promised) in shares {
        if !at.happens() {
            substitutes.count("shares of the capacity that never come online, left out");
            continue;
        }
        entries.push(Entry {
            key: format!("online-{key}"),
            day: at.day(),
            summary: named(site, summary),
            description: format!(
                "Planned in all: {}. {}{} Likely values, not a P50.",
                site.planned_it(),
                text::clock(at),
                plan(at.day(), promised)
            ),
            category: "CAPACITY",
        });
    }
}

/// Dates that are set, whatever the run makes of them.
fn dated(site: &Site, run: &Run, entries: &mut Vec<Entry>) {
    for contract in &site.terms.contracts {
        let Some(day) = contract.long_stop else { continue };
        entries.push(Entry {
            key: format!("long-stop-{}", contract.id),
            day,
            summary: named(site, &format!("{}: long stop", contract.id)),
            description: "Past this day without service the customer may terminate.".into(),
            category: "CONTRACT",
        });
    }
    for (at, activity) in (0..).zip(&site.plan.activities) {
        let Some(deadline) = site.plan.scheduling.of(at).deadline else { continue };
        let finish = run.timeline.finish[at as usize];
        let finish = if finish.happens() { text::clock(finish) } else { "never".into() };
        entries.push(Entry {
            key: format!("deadline-{}", activity.id),
            day: deadline.day(),
            summary: named(site, &format!("{}: deadline", text::name(activity))),
            description: format!("Finishes {finish} in the run."),
            category: "DEADLINE",
        });
    }
}

fn named(site: &Site, what: &str) -> String {
    format!("{what} ({})", text::plain(&site.id))
}

/// What was promised and how far off the run is.
fn plan(day: Day, promised: Option<Day>) -> String {
    let Some(promised) = promised else { return ".".into() };
    match day - promised {
        0 => format!(", as promised: {promised}."),
        late @ 1.. => format!(", {late} days after the promised {promised}."),
        early => format!(", {} days before the promised {promised}.", -early),
    }
}

fn digits(day: Day) -> String {
    day.to_string().replace('-', "")
}

fn hour(at: Minute) -> i64 {
    at.minute_of_day() / 60
}

fn minute(at: Minute) -> i64 {
    at.minute_of_day() % 60
}

fn escaped(text: &str) -> String {
    let text = text::plain(text);
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,")
}

/// Lines that fold between characters.
#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    fn push(&mut self, line: &str) {
        let mut octets = 0;
        for c in line.chars() {
            if octets + c.len_utf8() > LINE_MAX {
                self.text.push_str("\r\n ");
                octets = 1;
            }
            self.text.push(c);
            octets += c.len_utf8();
        }
        self.text.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_fold_between_characters_and_unfold_to_themselves() {
        let line = "SUMMARY:".to_owned() + &"ä€𝄞x".repeat(40);
        let mut lines = Lines::default();
        lines.push(&line);
        assert!(lines.text.ends_with("\r\n"));
        assert!(lines.text.split("\r\n").all(|line| line.len() <= LINE_MAX));
        assert_eq!(lines.text.replace("\r\n ", "").trim_end(), line);
    }

    #[test]
    fn text_keeps_its_commas_and_loses_its_newlines() {
        assert_eq!(escaped("a,b;c\\d\r\ne"), "a\\,b\\;c\\\\d  e");
    }
}
