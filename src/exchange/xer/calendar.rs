//! P6's calendar text: nested `(0||name(key|value)(children))`.

use std::collections::BTreeMap;

use super::table::Row;
use crate::exchange::problem::Problem;
use crate::time::{Day, Definition, Shift};

/// Deepest nesting that is read; real calendars have five levels.
const DEPTH_MAX: usize = 32;

/// 1899-12-30, from which P6 counts the days of exceptions.
const DAY_ZERO: i32 = -25_569;

/// The calendars of a file, those they build on included, and where each id stands.
pub fn calendars<'t>(
    rows: &[Row<'_, 't>],
) -> Result<(Vec<Definition>, BTreeMap<&'t str, u32>), Problem> {
    let mut definitions = Vec::with_capacity(rows.len());
    let mut index = BTreeMap::new();
    for (at, row) in (0..).zip(rows) {
        index.insert(row.required("clndr_id")?, at);
        definitions.push(definition(row)?);
    }
    let own: Vec<_> = definitions.iter().map(|calendar| calendar.exceptions.clone()).collect();
    for (at, row) in rows.iter().enumerate() {
        let mut chain = vec![at];
        let mut base = row.text("base_clndr_id");
        while let Some(&up) = index.get(base).filter(|&&up| !chain.contains(&(up as usize))) {
            chain.push(up as usize);
            base = rows[up as usize].text("base_clndr_id");
        }
        let inherited = chain.iter().rev().flat_map(|&at| own[at].iter().cloned());
        definitions[at].exceptions = inherited.collect();
    }
    Ok((definitions, index))
}

fn definition(row: &Row) -> Result<Definition, Problem> {
    let id = row.text("clndr_name").to_string();
    let broken = |message: String| {
        Problem::new("bad-calendar", Some(row.line), format!("calendar `{id}`: {message}"))
    };
    let mut calendar = Definition { id: id.clone(), ..Definition::default() };
    let text = row.text("clndr_data");
    if text.is_empty() {
        return Err(broken("expected working hours in clndr_data".into()));
    }
    let root = Node::parse(text).map_err(&broken)?;
    for day in root.find("DaysOfWeek").map_or(&[][..], |days| &days.children) {
        let number: usize =
            day.name.parse().ok().filter(|day| (1..=7).contains(day)).ok_or_else(|| {
                broken(format!("expected a day of the week from 1 to 7, found `{}`", day.name))
            })?;
        calendar.week[(number + 5) % 7] = day.shifts().map_err(&broken)?;
    }
    for day in root.find("Exceptions").map_or(&[][..], |days| &days.children) {
        let number = day.value("d").and_then(|text| text.parse::<i32>().ok());
        let number = number
            .filter(|number| (0..200_000).contains(number))
            .ok_or_else(|| broken("expected d and the number of a day in an exception".into()))?;
        calendar.exceptions.push((Day(DAY_ZERO + number), day.shifts().map_err(&broken)?));
    }
    if let Some(hours) = row.hours("day_hr_cnt")?.filter(|hours| (1..=1440).contains(&hours.0)) {
        calendar.day_minutes = Some(hours.0);
    }
    Ok(calendar)
}

/// One bracket of the text.
struct Node<'t> {
    name: &'t str,
    values: &'t str,
    children: Vec<Node<'t>>,
}

impl<'t> Node<'t> {
    fn parse(text: &'t str) -> Result<Node<'t>, String> {
        let mut rest = text;
        Node::read(&mut rest, 0)
    }

    fn read(rest: &mut &'t str, depth: usize) -> Result<Node<'t>, String> {
        if depth > DEPTH_MAX {
            return Err(format!("brackets nest deeper than {DEPTH_MAX}"));
        }
        take(rest, "(")?;
        take(rest, "0||")?;
        let name = up_to(rest, '(')?;
        let values = up_to(rest, ')')?;
        take(rest, "(")?;
        let mut children = Vec::new();
        while skip_blank(rest).starts_with('(') {
            children.push(Node::read(rest, depth + 1)?);
        }
        take(rest, ")")?;
        take(rest, ")")?;
        Ok(Node { name: name.trim(), values, children })
    }

    fn find(&self, name: &str) -> Option<&Node<'t>> {
        self.children.iter().find(|child| child.name == name)
    }

    fn value(&self, key: &str) -> Option<&'t str> {
        let mut parts = self.values.split('|');
        while let Some(name) = parts.next() {
            let value = parts.next()?;
            if name.trim() == key {
                return Some(value.trim());
            }
        }
        None
    }

    /// The shifts of a day; one that ends at midnight ends the day.
    fn shifts(&self) -> Result<Vec<Shift>, String> {
        let mut shifts = Vec::with_capacity(self.children.len());
        for child in &self.children {
            let (Some(start), Some(end)) = (child.value("s"), child.value("f")) else {
                return Err("expected s and f, the start and finish of a shift".into());
            };
            let (start, end) = (minutes(start)?, minutes(end)?);
            shifts.push(Shift { start, end: if end == 0 { 1440 } else { end } });
        }
        Ok(shifts)
    }
}

fn skip_blank<'t>(rest: &mut &'t str) -> &'t str {
    *rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{7f}');
    rest
}

fn take(rest: &mut &str, token: &str) -> Result<(), String> {
    let text = skip_blank(rest);
    *rest = text.strip_prefix(token).ok_or_else(|| {
        let found: String = text.chars().take(20).collect();
        format!("expected `{token}`, found `{found}`")
    })?;
    Ok(())
}

fn up_to<'t>(rest: &mut &'t str, end: char) -> Result<&'t str, String> {
    let (text, after) = rest.split_once(end).ok_or_else(|| format!("expected `{end}`"))?;
    *rest = after;
    Ok(text)
}

/// `08:30` as minutes since midnight.
fn minutes(text: &str) -> Result<u16, String> {
    let parts = text.split_once(':').and_then(|(h, m)| Some((h.parse().ok()?, m.parse().ok()?)));
    let valid = parts.filter(|&(hour, minute): &(u16, u16)| hour <= 24 && minute < 60);
    let minutes = valid.map(|(hour, minute)| hour * 60 + minute).filter(|&m| m <= 1440);
    minutes.ok_or_else(|| format!("expected a time like 08:00, found `{text}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_come_with_blanks_and_any_order_of_keys() {
        let text = "(0||CalendarData()(\u{7f}(0||DaysOfWeek()( (0||2()( (0||0(f|00:00|s|22:00)()) \
                    (0||1(s|08:00|f|12:00)())))))))";
        let root = Node::parse(text).unwrap();
        let shifts = root.find("DaysOfWeek").unwrap().children[0].shifts().unwrap();
        assert_eq!(shifts[0], Shift { start: 1320, end: 1440 });
        assert_eq!(shifts[1], Shift { start: 480, end: 720 });
    }

    #[test]
    fn endless_brackets_are_refused() {
        let text = "(0||a()(".repeat(100_000);
        assert!(Node::parse(&text).is_err());
    }
}
