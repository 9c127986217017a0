//! Working calendars.

use std::fmt;

use super::holidays::HolidaySet;
use super::hours::Hours;
use super::week::{MINUTES_PER_WEEK, Shift, Week, WeekHours};
use super::{Day, MINUTES_PER_DAY, Minute, Span};

/// A working calendar: when work can be done.
///
/// A finish lies at the end of a shift (eight hours begun on Monday at 08:00 in an 08:00-16:00
/// calendar end on Monday at 16:00, not on Tuesday at 08:00); a start lies where work can go on.
/// What never happens ([`Minute::NEVER`]) stays so however it is moved, [`Minute::MIN`] likewise.
///
/// Cost: each question is a few table look-ups, with no allocation.
#[derive(Clone)]
pub struct Calendar {
    id: String,
    day_minutes: i64,
    week_minutes: i64,
    /// `None` is around the clock: plain arithmetic.
    hours: Option<Hours>,
}

/// What a calendar is made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definition {
    /// Name in the file.
    pub id: String,
    /// Shifts of each weekday.
    pub week: Week,
    /// Public holidays, closed whatever the weekday.
    pub holidays: Option<HolidaySet>,
    /// Shifts of single days instead of those of the weekday or holiday; none at all is a closed
    /// day. A later entry for the same day replaces an earlier one.
    pub exceptions: Vec<(Day, Vec<Shift>)>,
    /// Working minutes that `1d` stands for; by default the most usual working day of the week.
    pub day_minutes: Option<i64>,
    /// Working minutes that `1w` stands for; by default those of the week.
    pub week_minutes: Option<i64>,
}

impl Calendar {
    /// Around the clock, every day (24 x 7).
    pub fn always() -> Calendar {
        Calendar {
            id: "always".into(),
            day_minutes: MINUTES_PER_DAY,
            week_minutes: MINUTES_PER_WEEK,
            hours: None,
        }
    }

    /// The same calendar by another name.
    pub fn called(self, id: String) -> Calendar {
        Calendar { id, ..self }
    }

    /// From what a file says; holidays and exceptions hold from `first` until before `last`, the
    /// weekly pattern alone before and after.
    ///
    /// # Errors
    ///
    /// A week without working time, shifts that overlap or leave their day, and a `1d` or `1w` that
    /// is not positive or longer than a civil day or week.
    ///
    /// Cost: one visit to each day; 7 bytes a day are kept.
    pub fn from_definition(
        definition: &Definition,
        first: Day,
        last: Day,
    ) -> Result<Calendar, String> {
        let week = WeekHours::new(&definition.week)?;
        let stated = |name, minutes: Option<i64>, most| match minutes {
            Some(minutes) if minutes < 1 || minutes > most => {
                Err(format!("expected {name} between 1 and {most} minutes; it is {minutes}"))
            }
            minutes => Ok(minutes),
        };
        let day_minutes = stated("a working day", definition.day_minutes, MINUTES_PER_DAY)?
            .unwrap_or(week.usual_day_minutes());
        let week_minutes = stated("a working week", definition.week_minutes, MINUTES_PER_WEEK)?
            .unwrap_or(week.minutes());
        let mut dated = Vec::new();
        if let Some(set) = definition.holidays {
            dated.extend(set.days(first, last).into_iter().map(|day| (day, &[][..])));
        }
        dated.extend(definition.exceptions.iter().map(|(day, shifts)| (*day, &shifts[..])));
        let hours = Hours::new(week, &dated, first, last)?;
        Ok(Calendar { id: definition.id.clone(), day_minutes, week_minutes, hours: Some(hours) })
    }

    /// Takes all work out of some days, as weather does; what `1d` and `1w` stand for stays.
    /// Nothing happens to `always` and to days outside the tables.
    ///
    /// Cost: one visit per day of the tables.
    pub fn close(&mut self, days: &[Day]) {
        if let Some(hours) = self.hours.as_mut().filter(|_| !days.is_empty()) {
            hours.close(days);
        }
    }

    /// Name in the file.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Working minutes that `1d` stands for.
    pub fn day_minutes(&self) -> i64 {
        self.day_minutes
    }

    /// Working minutes that `1w` stands for.
    pub fn week_minutes(&self) -> i64 {
        self.week_minutes
    }

    /// First instant at or after `at` from which work can go on.
    pub fn next_work(&self, at: Minute) -> Minute {
        match &self.hours {
            Some(hours) if is_date(at) => clamp(hours.next_work(at.0)),
            _ => clamp(at.0),
        }
    }

    /// Last instant at or before `at` up to which work could go on.
    pub fn prev_work(&self, at: Minute) -> Minute {
        match &self.hours {
            Some(hours) if is_date(at) => {
                clamp(hours.minute_after(hours.work_before(at.0) - 1).saturating_add(1))
            }
            _ => clamp(at.0),
        }
    }

    /// Earliest finish of `work` begun at `start`; no work takes no time.
    pub fn finish(&self, start: Minute, work: Span) -> Minute {
        if work.0 <= 0 || !is_date(start) {
            return clamp(start.0);
        }
        match &self.hours {
            None => clamp(start.0.saturating_add(work.0)),
            Some(hours) => {
                let done = hours.work_before(start.0).saturating_add(work.0);
                clamp(hours.minute_after(done - 1).saturating_add(1))
            }
        }
    }

    /// Latest start of `work` that is over by `finish`; no work takes no time.
    pub fn start(&self, finish: Minute, work: Span) -> Minute {
        if work.0 <= 0 || !is_date(finish) {
            return clamp(finish.0);
        }
        match &self.hours {
            None => clamp(finish.0.saturating_sub(work.0)),
            Some(hours) => {
                let done = hours.work_before(finish.0).saturating_sub(work.0);
                clamp(hours.minute_after(done))
            }
        }
    }

    /// `at` moved by a lag (positive) or lead (negative) of working time.
    ///
    /// A lag ends where work of that length ends, a lead where it would have begun; none at all
    /// leaves `at` as it is, even outside working time (semantics T4).
    pub fn shift(&self, at: Minute, lag: Span) -> Minute {
        if lag.0 < 0 { self.start(at, Span(lag.0.saturating_neg())) } else { self.finish(at, lag) }
    }

    /// Working time in the half-open interval; negative if `to` is before `from`.
    pub fn work_between(&self, from: Minute, to: Minute) -> Span {
        match &self.hours {
            None => to - from,
            Some(hours) => Span(hours.work_before(to.0).saturating_sub(hours.work_before(from.0))),
        }
    }

    /// Whether any work can be done on this civil day.
    pub fn works_on(&self, day: Day) -> bool {
        self.hours.as_ref().is_none_or(|hours| hours.on(day).minutes() > 0)
    }
}

/// Name and what `1d` and `1w` stand for; the tables would fill pages.
impl fmt::Debug for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calendar")
            .field("id", &self.id)
            .field("day_minutes", &self.day_minutes)
            .field("week_minutes", &self.week_minutes)
            .finish_non_exhaustive()
    }
}

/// Whether it is neither before nor after all dates.
fn is_date(at: Minute) -> bool {
    Minute::MIN < at && at < Minute::NEVER
}

fn clamp(minute: i64) -> Minute {
    Minute(minute.clamp(Minute::MIN.0, Minute::NEVER.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Minute by minute, over a window wide enough for what the laws ask.
    struct Twin {
        works: Vec<bool>,
    }

    const WINDOW: i32 = 150;
    const TABLE: i32 = 40;

    impl Twin {
        fn new(definition: &Definition) -> Twin {
            let mut works = Vec::new();
            for day in (-WINDOW..WINDOW).map(Day) {
                let mut shifts = &definition.week[day.weekday()][..];
                let holidays = definition.holidays.map(|set| set.days(Day(0), Day(TABLE)));
                if holidays.is_some_and(|days| days.contains(&day)) {
                    shifts = &[];
                }
                let dated = definition.exceptions.iter().rev().find(|(dated, _)| *dated == day);
                if let Some((_, dated)) = dated.filter(|_| (0..TABLE).contains(&day.0)) {
                    shifts = dated;
                }
                works.extend((0..1440).map(|m| shifts.iter().any(|s| s.start <= m && m < s.end)));
            }
            Twin { works }
        }

        fn works(&self, minute: i64) -> bool {
            self.works[usize::try_from(minute + i64::from(WINDOW) * 1440).unwrap()]
        }

        fn next_work(&self, mut at: i64) -> i64 {
            while !self.works(at) {
                at += 1;
            }
            at
        }

        fn prev_work(&self, mut at: i64) -> i64 {
            while !self.works(at - 1) {
                at -= 1;
            }
            at
        }

        fn finish(&self, mut at: i64, mut work: i64) -> i64 {
            while work > 0 {
                work -= i64::from(self.works(at));
                at += 1;
            }
            at
        }

        fn start(&self, mut at: i64, mut work: i64) -> i64 {
            while work > 0 {
                at -= 1;
                work -= i64::from(self.works(at));
            }
            at
        }

        fn work_between(&self, from: i64, to: i64) -> i64 {
            (from..to).filter(|&minute| self.works(minute)).count() as i64
        }
    }

    /// Shifts between ascending edges; 0 and 1440 are likely, so that days touch.
    fn shifts() -> impl Strategy<Value = Vec<Shift>> {
        let edge =
            prop_oneof![Just(0_u16), Just(1440), 0..=1440_u16, (0..=24_u16).prop_map(|h| h * 60)];
        proptest::collection::btree_set(edge, 0..7).prop_map(|edges| {
            let edges: Vec<u16> = edges.into_iter().collect();
            edges.chunks_exact(2).map(|pair| Shift { start: pair[0], end: pair[1] }).collect()
        })
    }

    fn definition() -> impl Strategy<Value = Definition> {
        let week = proptest::array::uniform7(prop_oneof![1 => Just(vec![]), 2 => shifts()]);
        let dated = prop_oneof![1 => Just(vec![]), 1 => shifts()];
        let exceptions = proptest::collection::vec(((-3..TABLE + 3).prop_map(Day), dated), 0..30);
        let holidays = proptest::option::of(proptest::sample::select(&HolidaySet::ALL[..]));
        (week, exceptions, holidays)
            .prop_filter("some work", |(week, ..)| week.iter().any(|day| !day.is_empty()))
            .prop_map(|(week, exceptions, holidays)| Definition {
                id: "random".into(),
                week,
                exceptions,
                holidays,
                ..Definition::default()
            })
    }

    fn calendar(definition: &Definition) -> Calendar {
        Calendar::from_definition(definition, Day(0), Day(TABLE)).unwrap()
    }

    /// Instants before, in and after the tables.
    fn instant() -> impl Strategy<Value = i64> {
        prop_oneof![-20 * 1440..60 * 1440_i64, (-20..60_i64).prop_map(|day| day * 1440)]
    }

    proptest! {
        #[test]
        fn tables_equal_counting_minutes(
            definition in definition(),
            instants in proptest::collection::vec((instant(), instant(), 0..4000_u32), 8),
        ) {
            let (fast, slow) = (calendar(&definition), Twin::new(&definition));
            for (at, to, share) in instants {
                let work = fast.week_minutes() * i64::from(share) / 1000;
                let (minute, span) = (Minute(at), Span(work));
                prop_assert_eq!(fast.next_work(minute).0, slow.next_work(at));
                prop_assert_eq!(fast.prev_work(minute).0, slow.prev_work(at));
                prop_assert_eq!(fast.finish(minute, span).0, slow.finish(at, work));
                prop_assert_eq!(fast.start(minute, span).0, slow.start(at, work));
                prop_assert_eq!(fast.shift(minute, span).0, slow.finish(at, work));
                prop_assert_eq!(fast.shift(minute, -span).0, slow.start(at, work));
                let between = slow.work_between(at, to) - slow.work_between(to, at);
                prop_assert_eq!(fast.work_between(minute, Minute(to)).0, between);
                let day = minute.day();
                let works = (0..1440).any(|m| slow.works(day.start().0 + m));
                prop_assert_eq!(fast.works_on(day), works);
            }
        }

        #[test]
        fn closed_days_are_exceptions_without_hours(
            definition in definition(),
            days in proptest::collection::vec((-3..TABLE + 3).prop_map(Day), 0..20),
            instants in proptest::collection::vec((instant(), 0..4000_u32), 8),
        ) {
            let mut closed = calendar(&definition);
            closed.close(&days);
            let mut stated = definition;
            stated.exceptions.extend(days.iter().map(|&day| (day, vec![])));
            let stated = calendar(&stated);
            for (at, share) in instants {
                let span = Span(stated.week_minutes() * i64::from(share) / 1000);
                let at = Minute(at);
                prop_assert_eq!(closed.next_work(at), stated.next_work(at));
                prop_assert_eq!(closed.finish(at, span), stated.finish(at, span));
                prop_assert_eq!(closed.start(at, span), stated.start(at, span));
                let until = at + span;
                let worked = stated.work_between(at, until);
                prop_assert_eq!(closed.work_between(at, until), worked);
            }
        }

        #[test]
        fn work_and_clock_undo_each_other(
            definition in definition(),
            at in instant(),
            later in 0..3000_i64,
            work in 1..6000_i64,
        ) {
            let calendar = calendar(&definition);
            let (at, work) = (Minute(at), Span(work));
            let finish = calendar.finish(at, work);
            prop_assert_eq!(calendar.work_between(at, finish), work);
            prop_assert_eq!(calendar.start(finish, work), calendar.next_work(at));
            prop_assert_eq!(calendar.prev_work(finish), finish, "a finish ends a shift");
            let start = calendar.start(at, work);
            prop_assert_eq!(calendar.work_between(start, at), work);
            prop_assert_eq!(calendar.finish(start, work), calendar.prev_work(at));
            prop_assert_eq!(calendar.next_work(start), start, "a start lies where work goes on");
            let step = Span(later);
            prop_assert!(calendar.finish(at + step, work) >= finish);
            prop_assert!(calendar.finish(at, work + step) >= finish);
            prop_assert!(calendar.start(at + step, work) >= start);
            prop_assert!(calendar.start(at, work + step) <= start);
            let there = calendar.shift(at, work + step);
            prop_assert_eq!(calendar.shift(calendar.shift(at, work), step), there);
            prop_assert_eq!(calendar.shift(at, Span::ZERO), at);
            prop_assert_eq!(calendar.finish(at, Span::ZERO), at);
            prop_assert_eq!(calendar.start(at, Span::ZERO), at);
        }

        #[test]
        fn around_the_clock_is_the_calendar_without_gaps(at in instant(), work in 0..90_000_i64) {
            let week = std::array::from_fn(|_| vec![Shift::ALL_DAY]);
            let tables = calendar(&Definition { week, ..Definition::default() });
            let (always, at, work) = (Calendar::always(), Minute(at), Span(work));
            prop_assert_eq!(always.day_minutes(), tables.day_minutes());
            prop_assert_eq!(always.week_minutes(), tables.week_minutes());
            prop_assert_eq!(always.finish(at, work), tables.finish(at, work));
            prop_assert_eq!(always.start(at, work), tables.start(at, work));
            prop_assert_eq!(always.next_work(at), tables.next_work(at));
            prop_assert_eq!(always.prev_work(at), tables.prev_work(at));
            let finish = at + work;
            prop_assert_eq!(always.work_between(at, finish), tables.work_between(at, finish));
        }

        #[test]
        fn extreme_values_saturate(definition in definition(), at: i64, work: i64) {
            let calendars = [calendar(&definition), Calendar::always()];
            let ends = [i64::MIN, Minute::MIN.0, 0, 1, Minute::NEVER.0, i64::MAX, at];
            for calendar in calendars {
                for at in ends.map(Minute) {
                    calendar.next_work(at);
                    calendar.prev_work(at);
                    calendar.works_on(at.day());
                    for work in [i64::MIN, -1, 0, 1, i64::MAX, work].map(Span) {
                        calendar.finish(at, work);
                        calendar.start(at, work);
                        calendar.work_between(at, Minute(work.0));
                        for fixed in [Minute::NEVER, Minute::MIN] {
                            prop_assert_eq!(calendar.shift(fixed, work), fixed);
                        }
                    }
                }
                prop_assert_eq!(calendar.finish(Minute(0), Span(i64::MAX)), Minute::NEVER);
                prop_assert_eq!(calendar.start(Minute(0), Span(i64::MAX)), Minute::MIN);
            }
        }
    }

    fn office() -> Definition {
        let day = vec![Shift { start: 480, end: 960 }];
        let week = std::array::from_fn(|weekday| if weekday < 5 { day.clone() } else { vec![] });
        Definition { id: "office".into(), week, ..Definition::default() }
    }

    /// 2026-03-30 is a Monday.
    fn at(day: u32, hour: i64) -> Minute {
        Day(20542 + day as i32).start() + Span(hour * 60)
    }

    #[test]
    fn a_finish_lies_at_the_end_of_a_shift() {
        let office = Calendar::from_definition(&office(), at(0, 0).day(), at(30, 0).day()).unwrap();
        assert_eq!((office.day_minutes(), office.week_minutes()), (480, 2400));
        assert_eq!(office.finish(at(0, 8), Span(480)), at(0, 16));
        assert_eq!(office.finish(at(0, 16), Span(1)), at(1, 8) + Span(1));
        assert_eq!(office.finish(at(0, 8), Span(2400)), at(4, 16));
        assert_eq!(office.start(at(7, 8), Span(480)), at(4, 8));
        assert_eq!(office.next_work(at(4, 16)), at(7, 8));
        assert_eq!(office.prev_work(at(7, 8)), at(4, 16));
    }

    #[test]
    fn a_dated_exception_wins_over_a_holiday() {
        let mut definition = Definition { holidays: Some(HolidaySet::GbEng), ..office() };
        let good_friday = at(4, 0).day();
        let span = (good_friday, good_friday + 30);
        let closed = Calendar::from_definition(&definition, span.0, span.1).unwrap();
        assert!(!closed.works_on(good_friday));
        definition.exceptions.push((good_friday, vec![Shift { start: 480, end: 540 }]));
        let open = Calendar::from_definition(&definition, span.0, span.1).unwrap();
        assert_eq!(open.finish(at(4, 0), Span(60)), at(4, 9));
    }

    #[test]
    fn what_cannot_be_worked_in_is_refused() {
        let make = |definition: &Definition| {
            Calendar::from_definition(definition, Day(0), Day(9)).unwrap_err()
        };
        assert!(make(&Definition::default()).contains("working hours in the week"));
        let long = Definition { day_minutes: Some(1441), ..office() };
        assert_eq!(make(&long), "expected a working day between 1 and 1440 minutes; it is 1441");
        let overlap = vec![Shift { start: 0, end: 60 }, Shift { start: 30, end: 90 }];
        let dated = Definition { exceptions: vec![(Day(3), overlap)], ..office() };
        assert_eq!(make(&dated), "1970-01-04: 00:00-01:00 overlaps 00:30-01:30");
        let eternal = Calendar::from_definition(&office(), Day(i32::MIN), Day(i32::MAX));
        assert!(eternal.unwrap_err().contains("8,000 years"));
    }
}
