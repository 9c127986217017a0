//! Whose hours a task works by: those of the people assigned to it.
//!
//! A task without a calendar of its own works whenever any of its resources does; one that has a
//! calendar works when both it and they do.

use std::collections::{BTreeMap, BTreeSet};

use super::Parts;
use crate::exchange::problem::Problem;
use crate::time::{Day, Definition, Shift};

/// A working resource, as its `Type` says.
const WORK: i64 = 1;

/// Calendars of the resources of each task, and of those that tasks have already joined.
pub(super) struct Crews {
    by_task: BTreeMap<i64, BTreeSet<u32>>,
    joined: BTreeMap<(Option<u32>, Vec<u32>), u32>,
}

impl Crews {
    /// From resources and assignments.
    ///
    /// # Errors
    ///
    /// Ids that are no numbers.
    pub fn new(parts: &Parts, index: &BTreeMap<i64, u32>) -> Result<Crews, Problem> {
        let mut calendars = BTreeMap::new();
        for resource in &parts.resources {
            let calendar = resource.number("CalendarUID")?.and_then(|uid| index.get(&uid));
            let works = resource.number("Type")?.unwrap_or(WORK) == WORK;
            if let (Some(uid), Some(&calendar), true) = (resource.number("UID")?, calendar, works) {
                calendars.insert(uid, calendar);
            }
        }
        let mut by_task = BTreeMap::<i64, BTreeSet<u32>>::new();
        for assignment in &parts.assignments {
            let resource = assignment.number("ResourceUID")?;
            let calendar = resource.and_then(|resource| calendars.get(&resource));
            if let (Some(task), Some(&calendar)) = (assignment.number("TaskUID")?, calendar) {
                by_task.entry(task).or_default().insert(calendar);
            }
        }
        Ok(Crews { by_task, joined: BTreeMap::new() })
    }

    /// The calendar of a task with that id and calendar of its own; `u32::MAX` is that of the
    /// project.
    pub fn calendar(
        &mut self,
        task: i64,
        own: Option<u32>,
        calendars: &mut Vec<Definition>,
    ) -> Option<u32> {
        let Some(crews) = self.by_task.get(&task).filter(|_| own.is_some()) else { return own };
        let own_calendar = own.filter(|&own| own != u32::MAX);
        let crews: Vec<u32> = crews.iter().copied().collect();
        if let ([only], None) = (&crews[..], own_calendar) {
            return Some(*only);
        }
        let key = (own_calendar, crews);
        if let Some(&known) = self.joined.get(&key) {
            return Some(known);
        }
        let mut joined = calendars[key.1[0] as usize].clone();
        for &crew in &key.1[1..] {
            joined = join(&joined, &calendars[crew as usize], union);
        }
        if let Some(own) = own_calendar {
            joined = join(&joined, &calendars[own as usize], intersection);
            if joined.week.iter().all(Vec::is_empty) {
                return own_calendar;
            }
        }
        let new = calendars.len() as u32;
        calendars.push(joined);
        self.joined.insert(key, new);
        Some(new)
    }
}

/// A calendar whose every day is made of the same day of two others.
fn join(a: &Definition, b: &Definition, of: fn(&[Shift], &[Shift]) -> Vec<Shift>) -> Definition {
    let dated =
        |calendar: &Definition| calendar.exceptions.iter().cloned().collect::<BTreeMap<_, _>>();
    let (a_dated, b_dated) = (dated(a), dated(b));
    let days: BTreeSet<Day> = a_dated.keys().chain(b_dated.keys()).copied().collect();
    let on = |calendar: &Definition, dated: &BTreeMap<Day, Vec<Shift>>, day: Day| {
        dated.get(&day).unwrap_or(&calendar.week[day.weekday()]).clone()
    };
    Definition {
        id: format!("{} + {}", a.id, b.id),
        week: std::array::from_fn(|day| of(&a.week[day], &b.week[day])),
        exceptions: (days.into_iter())
            .map(|day| (day, of(&on(a, &a_dated, day), &on(b, &b_dated, day))))
            .collect(),
        ..Definition::default()
    }
}

fn union(a: &[Shift], b: &[Shift]) -> Vec<Shift> {
    let mut all = [a, b].concat();
    all.sort();
    let mut out: Vec<Shift> = Vec::with_capacity(all.len());
    for shift in all {
        match out.last_mut() {
            Some(last) if shift.start <= last.end => last.end = last.end.max(shift.end),
            _ => out.push(shift),
        }
    }
    out
}

fn intersection(a: &[Shift], b: &[Shift]) -> Vec<Shift> {
    let both = |a: &Shift, b: &Shift| Shift { start: a.start.max(b.start), end: a.end.min(b.end) };
    let pairs = a.iter().flat_map(|a| b.iter().map(move |b| both(a, b)));
    let mut out: Vec<Shift> = pairs.filter(|shift| shift.start < shift.end).collect();
    out.sort();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_and_night_shifts_join_and_meet() {
        let shift = |start: u16, end: u16| Shift { start: start * 60, end: end * 60 };
        let (day, night) = ([shift(8, 12), shift(13, 17)], [shift(0, 3), shift(4, 9)]);
        assert_eq!(union(&day, &night), [shift(0, 3), shift(4, 12), shift(13, 17)]);
        assert_eq!(intersection(&day, &night), [shift(8, 9)]);
    }
}
