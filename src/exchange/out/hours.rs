//! A working calendar as other programs define one: a week, and the days that differ from it.

use crate::time::{Calendar, Day, Definition, Minute, Shift};

/// A Monday after the tables of every calendar: beyond them the weekly pattern stands alone.
const ORDINARY_MONDAY: Day = Day(19_999_998);

/// The week of a calendar, and from `first` to `last` the days that differ from it.
///
/// Cost: a few look-ups for each day.
pub fn definition(calendar: &Calendar, first: Day, last: Day) -> Definition {
    let week = std::array::from_fn(|weekday| shifts_on(calendar, ORDINARY_MONDAY + weekday as i32));
    let mut exceptions = Vec::new();
    let mut day = first;
    while day <= last {
        let shifts = shifts_on(calendar, day);
        if shifts != week[day.weekday()] {
            exceptions.push((day, shifts));
        }
        day = day + 1;
    }
    Definition { id: calendar.id().to_owned(), week, exceptions, ..Definition::default() }
}

/// The shifts of one day.
fn shifts_on(calendar: &Calendar, day: Day) -> Vec<Shift> {
    let (midnight, end) = (day.start(), (day + 1).start());
    let of_day = |at: Minute| (at - midnight).0 as u16;
    let mut shifts = Vec::new();
    let mut at = calendar.next_work(midnight);
    while at < end {
        // A shift goes on for as long as work and clock run together.
        let (mut works, mut until) = (at.0 + 1, end.0);
        while works < until {
            let middle = works + (until - works + 1) / 2;
            match calendar.work_between(at, Minute(middle)).0 == middle - at.0 {
                true => works = middle,
                false => until = middle - 1,
            }
        }
        shifts.push(Shift { start: of_day(at), end: of_day(Minute(works)) });
        at = calendar.next_work(Minute(works));
    }
    shifts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::time::{HolidaySet, parse_week};

    const FIRST: Day = Day(20_000);

    fn built(definition: &Definition) -> Calendar {
        Calendar::from_definition(definition, FIRST, FIRST + 400).unwrap()
    }

    #[test]
    fn holidays_and_short_days_come_back_as_exceptions() {
        let asked = Definition {
            id: "build".into(),
            week: parse_week("Mon-Fri 07:30-17:30, Sat 08:00-12:00 13:00-24:00").unwrap(),
            holidays: Some(HolidaySet::GbEng),
            exceptions: vec![(FIRST + 9, vec![Shift { start: 0, end: 60 }])],
            ..Definition::default()
        };
        let told = definition(&built(&asked), FIRST, FIRST + 399);
        assert_eq!((told.id.as_str(), &told.week), ("build", &asked.week));
        let mut days = HolidaySet::GbEng.days(FIRST, FIRST + 400);
        days.retain(|day| day.weekday() < 6);
        days.push(FIRST + 9);
        days.sort();
        let dated: Vec<Day> = told.exceptions.iter().map(|(day, _)| *day).collect();
        assert_eq!(dated, days);
        assert!(told.exceptions.contains(&(FIRST + 9, vec![Shift { start: 0, end: 60 }])));
    }

    #[test]
    fn around_the_clock_is_seven_whole_days() {
        let told = definition(&Calendar::always(), FIRST, FIRST + 30);
        assert!(told.week.iter().all(|day| day[..] == [Shift::ALL_DAY]));
        assert_eq!(told.exceptions, []);
    }

    proptest! {
        #[test]
        fn what_is_told_works_the_same_hours(
            edges in proptest::collection::btree_set(0..=1440_u16, 2..8),
            closed in proptest::collection::vec((0..400_i32, any::<bool>()), 0..20),
            at in 0..390_i64 * 1440,
            work in 1..9000_i64,
        ) {
            let edges: Vec<u16> = edges.into_iter().collect();
            let shift = |pair: &[u16]| Shift { start: pair[0], end: pair[1] };
            let shifts: Vec<Shift> = edges.chunks_exact(2).map(shift).collect();
            let mut week: [Vec<Shift>; 7] = Default::default();
            for day in [0, 1, 3, 6] {
                week[day] = shifts.clone();
            }
            let exceptions = closed.iter().map(|&(day, open)| {
                (FIRST + day, if open { vec![Shift::ALL_DAY] } else { Vec::new() })
            });
            let asked = built(&Definition {
                week,
                exceptions: exceptions.collect(),
                ..Definition::default()
            });
            let told = built(&definition(&asked, FIRST, FIRST + 399));
            let (at, work) = (FIRST.start() + crate::time::Span(at), crate::time::Span(work));
            prop_assert_eq!(told.finish(at, work), asked.finish(at, work));
            prop_assert_eq!(told.next_work(at), asked.next_work(at));
            prop_assert_eq!(told.start(at, work), asked.start(at, work));
        }
    }
}
