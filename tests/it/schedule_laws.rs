//! Laws that hold in every schedule, whichever of the two programs' rules date it, on random
//! networks; and both passes against a relaxation that knows neither order nor tables.

use energize::engine::run_likely;
use energize::exchange::{
    self, Lag, LagCalendar, Line, Lowered, Project, Schedule, Task, TaskLink,
};
use energize::model::{Constraint, ConstraintKind, FloatAt, Kind, LinkKind, Rules, cpm};
use energize::time::{Day, Definition, Minute, Shift, Span};
use proptest::prelude::*;

const DAY: i64 = 1440;
/// Monday 2026-03-02 08:00.
const START: Minute = Minute(20_514 * DAY + 480);

const BOTH: [Rules; 2] = [Rules::P6, Rules::Project];

/// Five days of eight hours with holidays, six of ten, around the clock, and nights.
fn calendars() -> Vec<Definition> {
    let shift = |start: u16, end: u16| Shift { start: start * 60, end: end * 60 };
    let week = |days: usize, shifts: &[Shift]| {
        std::array::from_fn(|day| if day < days { shifts.to_vec() } else { Vec::new() })
    };
    let calendar = |id: &str, days, shifts: &[Shift]| Definition {
        id: id.into(),
        week: week(days, shifts),
        ..Definition::default()
    };
    let mut office = calendar("5x8", 5, &[shift(8, 12), shift(13, 17)]);
    office.exceptions = [20_517, 20_518, 20_535].map(|day| (Day(day), Vec::new())).to_vec();
    let night = calendar("night", 6, &[shift(0, 4), shift(20, 24)]);
    let always = calendar("24x7", 7, &[shift(0, 24)]);
    vec![office, calendar("6x10", 6, &[shift(7, 17)]), always, night]
}

/// What random networks are made of.
#[derive(Clone, Copy, Default)]
struct Mix {
    calendars: u32,
    kinds: &'static [LinkKind],
    elapsed: bool,
    dates: bool,
}

const STARTS: [LinkKind; 2] = [LinkKind::FinishStart, LinkKind::StartStart];
const FINISHES: [LinkKind; 2] = [LinkKind::FinishStart, LinkKind::FinishFinish];
const KINDS: [LinkKind; 4] =
    [LinkKind::FinishStart, LinkKind::StartStart, LinkKind::FinishFinish, LinkKind::StartFinish];

const CONSTRAINTS: [ConstraintKind; 9] = [
    ConstraintKind::StartNoEarlier,
    ConstraintKind::StartNoLater,
    ConstraintKind::FinishNoEarlier,
    ConstraintKind::FinishNoLater,
    ConstraintKind::StartOn,
    ConstraintKind::FinishOn,
    ConstraintKind::MandatoryStart,
    ConstraintKind::MandatoryFinish,
    ConstraintKind::AsLateAsPossible,
];

fn sometimes<T>(ever: bool, share: f64, what: T) -> BoxedStrategy<Option<T::Value>>
where
    T: Strategy + 'static,
    T::Value: Clone,
{
    if ever { proptest::option::weighted(share, what).boxed() } else { Just(None).boxed() }
}

fn task(mix: Mix) -> impl Strategy<Value = Task> {
    let kind = prop_oneof![8 => Just(Kind::Task), 1 => Just(Kind::StartMilestone),
        1 => Just(Kind::FinishMilestone)];
    let duration = prop_oneof![4 => (1..12_i64).prop_map(|n| n * 240), 1 => 1..2000_i64];
    let date = (0..60 * 24_i64).prop_map(|hours| Minute(START.0 + hours * 60));
    let constraint = (proptest::sample::select(&CONSTRAINTS[..]), date.clone());
    let constraint = sometimes(mix.dates, 0.3, constraint);
    let deadline = sometimes(mix.dates, 0.1, date);
    (kind, duration, 0..mix.calendars, constraint, deadline).prop_map(
        |(kind, duration, calendar, constraint, deadline)| Task {
            kind,
            duration: if kind == Kind::Task { Span(duration) } else { Span::ZERO },
            calendar: Some(calendar),
            constraints: [constraint.map(|(kind, at)| Constraint { kind, at }), None],
            deadline,
            ..Task::default()
        },
    )
}

fn lag(mix: Mix) -> impl Strategy<Value = Lag> {
    let work = (-6..12_i64).prop_map(|n| Lag::Work(Span(n * 240)));
    let elapsed = (-5..9_i64).prop_map(|n| Lag::Elapsed(Span(n * 720)));
    let percent = (0..20_i64).prop_map(|n| Lag::Percent(n * 10));
    let any = prop_oneof![2 => elapsed, 1 => percent];
    let plain = prop_oneof![1 => Just(Lag::Work(Span::ZERO)), 1 => work];
    (sometimes(mix.elapsed, 0.25, any), plain).prop_map(|(any, plain)| any.unwrap_or(plain))
}

/// Networks in which a link leads to a later task.
fn schedule(mix: Mix) -> impl Strategy<Value = Schedule> {
    let link = (0..30_u32, 1..6_u32, proptest::sample::select(mix.kinds), lag(mix));
    let tasks = proptest::collection::vec(task(mix), 2..14);
    let float_at = proptest::sample::select(&[FloatAt::Start, FloatAt::Finish, FloatAt::Least][..]);
    (tasks, proptest::collection::vec(link, 0..24), float_at).prop_map(|(mut tasks, links, at)| {
        let count = tasks.len() as u32;
        for (at, task) in tasks.iter_mut().enumerate() {
            task.uid = format!("{}", at + 1);
        }
        let links = links.into_iter().filter_map(|(from, ahead, kind, lag)| {
            let (from, to) = (from % count, from % count + ahead);
            (to < count).then_some(TaskLink { from, to, kind, lag, line: 0 })
        });
        Schedule {
            rules: Rules::P6,
            projects: vec![Project {
                code: "P".into(),
                start: START,
                status: None,
                finish_by: None,
                calendar: 0,
                lag_calendar: LagCalendar::Predecessor,
                float_at: at,
                progress_override: false,
            }],
            calendars: calendars(),
            tasks,
            links: links.collect(),
            ..Schedule::default()
        }
    })
}

fn without_leads(mut schedule: Schedule) -> Schedule {
    for link in &mut schedule.links {
        if let Lag::Work(span) = &mut link.lag {
            *span = (*span).max(Span::ZERO);
        }
    }
    schedule
}

fn dated(schedule: &Schedule, rules: Rules) -> (Lowered, cpm::Dates, Vec<Line>) {
    let lowered = exchange::lower(schedule, rules).unwrap();
    let dates = cpm::Dates::likely(&lowered.plan);
    let lines = exchange::dates(schedule, &lowered);
    (lowered, dates, lines)
}

/// The first link that early dates do not meet, and by how much working time.
fn unmet(lowered: &Lowered, dates: &cpm::Dates) -> Option<String> {
    let plan = &lowered.plan;
    let early = |at: u32| [dates.early_start[at as usize], dates.early_finish[at as usize]];
    let short = |link: &energize::model::Link| {
        let anchor = early(link.from)[usize::from(link.kind.from_finish())];
        let lag_calendar = &plan.calendars[usize::from(link.lag_calendar)];
        let bound = match link.lag {
            Span::ZERO => anchor,
            lag => lag_calendar.shift(anchor, lag),
        };
        let end = early(link.to)[usize::from(link.kind.bounds_finish())];
        plan.calendar(link.to).work_between(end, bound)
    };
    let unmet = plan.links.iter().find(|link| short(link) > Span::ZERO);
    unmet.map(|link| format!("{link:?} is short of {:?}", short(link)))
}

const FREE: Mix = Mix { calendars: 4, kinds: &KINDS, elapsed: true, dates: false };

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_engine_gives_the_early_dates_of_any_network(
        schedule in schedule(Mix { dates: true, ..FREE }),
    ) {
        for rules in BOTH {
            let (lowered, dates, lines) = dated(&schedule, rules);
            let timeline = run_likely(&lowered.plan);
            prop_assert_eq!(&timeline.start, &dates.early_start, "{:?}", rules);
            prop_assert_eq!(&timeline.finish, &dates.early_finish, "{:?}", rules);
            prop_assert_eq!(lines.len(), schedule.tasks.len());
            for (at, line) in lines.iter().enumerate() {
                prop_assert!(line.early_start <= line.early_finish, "{rules:?} task {at}");
            }
        }
    }

    #[test]
    fn without_constraints_every_link_is_met(schedule in schedule(FREE)) {
        for rules in BOTH {
            let (lowered, dates, _) = dated(&schedule, rules);
            let unmet = unmet(&lowered, &dates);
            prop_assert!(unmet.is_none(), "{rules:?}: {}", unmet.unwrap());
        }
    }

    #[test]
    fn only_mandatory_dates_break_links_in_p6(
        mut schedule in schedule(Mix { dates: true, ..FREE }),
    ) {
        for task in &mut schedule.tasks {
            task.constraints[0] = task.constraints[0].filter(|constraint| {
                let kind = constraint.kind;
                let mandatory = [ConstraintKind::MandatoryStart, ConstraintKind::MandatoryFinish];
                !mandatory.contains(&kind)
            });
        }
        let (lowered, dates, _) = dated(&schedule, Rules::P6);
        let unmet = unmet(&lowered, &dates);
        prop_assert!(unmet.is_none(), "{}", unmet.unwrap());
    }

    #[test]
    fn without_constraints_no_float_is_negative_and_nothing_is_later_than_its_late_dates(
        schedule in schedule(FREE),
    ) {
        for rules in BOTH {
            let (lowered, dates, lines) = dated(&schedule, rules);
            for (at, line) in lines.iter().enumerate() {
                let calendar = lowered.plan.calendar(at as u32);
                prop_assert!(line.total_float >= Some(Span::ZERO), "{rules:?} {line:?}");
                prop_assert!(line.free_float >= Some(Span::ZERO), "{rules:?} {line:?}");
                let start = calendar.work_between(dates.early_start[at], dates.late_start[at]);
                let finish = calendar.work_between(dates.early_finish[at], dates.late_finish[at]);
                prop_assert!(start >= Span::ZERO && finish >= Span::ZERO, "{rules:?} {line:?}");
            }
        }
    }

    #[test]
    fn where_nothing_leads_free_float_is_at_most_total_float(
        schedule in schedule(Mix { calendars: 1, kinds: &FINISHES, elapsed: false, ..FREE }),
    ) {
        let schedule = without_leads(schedule);
        for rules in BOTH {
            let (_, _, lines) = dated(&schedule, rules);
            for line in lines {
                prop_assert!(line.free_float <= line.total_float, "{rules:?} {line:?}");
            }
        }
    }

    #[test]
    fn between_finish_and_start_on_one_calendar_the_longest_path_is_what_has_no_float(
        schedule in schedule(Mix { calendars: 1, kinds: &STARTS[..1], elapsed: false, ..FREE }),
    ) {
        let schedule = without_leads(schedule);
        for rules in BOTH {
            for line in dated(&schedule, rules).2 {
                prop_assert_eq!(line.on_longest_path, line.is_critical(), "{:?} {:?}", rules, line);
            }
        }
    }

    #[test]
    fn on_one_calendar_early_dates_are_the_least_that_meet_every_link(
        schedule in schedule(Mix { calendars: 1, elapsed: false, ..FREE }),
    ) {
        for rules in BOTH {
            let (lowered, dates, _) = dated(&schedule, rules);
            let least = relaxed(&schedule, &lowered);
            for (at, &(start, finish)) in least.iter().enumerate() {
                let calendar = lowered.plan.calendar(at as u32);
                let same = |a, b| calendar.work_between(a, Minute(b)) == Span::ZERO;
                let (own_start, own_finish) = (dates.early_start[at], dates.early_finish[at]);
                let before = rules == Rules::Project && own_start < START;
                prop_assert!(same(own_start, start) || before, "{rules:?} start of {at}");
                prop_assert!(same(own_finish, finish) || before, "{rules:?} finish of {at}");
                if before {
                    break;
                }
            }
        }
    }

    #[test]
    fn links_to_starts_give_the_least_dates_on_any_calendars(
        schedule in schedule(Mix { kinds: &STARTS, elapsed: false, ..FREE }),
    ) {
        let mut schedule = without_leads(schedule);
        // A finish milestone closes a shift of its own calendar, which may be none of its successor's.
        for task in schedule.tasks.iter_mut().filter(|task| task.kind == Kind::FinishMilestone) {
            task.kind = Kind::StartMilestone;
        }
        let (lowered, dates, _) = dated(&schedule, Rules::P6);
        for (at, &(start, finish)) in relaxed(&schedule, &lowered).iter().enumerate() {
            let calendar = lowered.plan.calendar(at as u32);
            let same = |a, b| calendar.work_between(a, Minute(b)) == Span::ZERO;
            prop_assert!(same(dates.early_start[at], start), "start of {at}");
            prop_assert!(same(dates.early_finish[at], finish), "finish of {at}");
        }
    }
}

/// A calendar minute by minute, by its definition alone.
struct Clock<'a>(&'a Definition);

impl Clock<'_> {
    fn works(&self, minute: i64) -> bool {
        let (day, of_day) = (minute.div_euclid(DAY), minute.rem_euclid(DAY) as u16);
        let dated = self.0.exceptions.iter().rev().find(|(dated, _)| i64::from(dated.0) == day);
        // 1970-01-01 was a Thursday.
        let week = &self.0.week[(day + 3).rem_euclid(7) as usize];
        let shifts = dated.map_or(week, |(_, shifts)| shifts);
        shifts.iter().any(|shift| shift.start <= of_day && of_day < shift.end)
    }

    fn next(&self, mut at: i64) -> i64 {
        while !self.works(at) {
            at += 1;
        }
        at
    }

    /// `at` after that much working time, or before it.
    fn shift(&self, mut at: i64, mut work: i64) -> i64 {
        while work > 0 {
            work -= i64::from(self.works(at));
            at += 1;
        }
        while work < 0 {
            at -= 1;
            work += i64::from(self.works(at));
        }
        at
    }
}

/// The least starts and finishes that meet every link: all links over and over, each pushing what it
/// enters by one minute of work until it is met, until nothing moves any more.
fn relaxed(schedule: &Schedule, lowered: &Lowered) -> Vec<(i64, i64)> {
    let clock = |at: u32| {
        let calendar = schedule.tasks[at as usize].calendar.unwrap();
        Clock(&schedule.calendars[calendar as usize])
    };
    let tasks = (0..).zip(&schedule.tasks);
    let placed = |at: u32, start: i64, work: i64| {
        let start = clock(at).next(start);
        (start, clock(at).shift(start, work))
    };
    let mut dates: Vec<_> = tasks.map(|(at, task)| placed(at, START.0, task.duration.0)).collect();
    let links = &lowered.plan.links;
    let mut moved = true;
    while std::mem::take(&mut moved) {
        for link in links.iter().rev() {
            let (from, to) = (dates[link.from as usize], dates[link.to as usize]);
            let anchor = if link.kind.from_finish() { from.1 } else { from.0 };
            let bound = clock(link.from).shift(anchor, link.lag.0);
            let end = if link.kind.bounds_finish() { to.1 } else { to.0 };
            let missing = (end..bound).filter(|&minute| clock(link.to).works(minute)).count();
            if missing > 0 {
                let work = schedule.tasks[link.to as usize].duration.0;
                let start = clock(link.to).shift(to.0, missing as i64);
                dates[link.to as usize] = placed(link.to, start, work);
                moved = true;
            }
        }
    }
    dates
}
