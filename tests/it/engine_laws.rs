//! Where nothing is short the engine is the critical-path method, to the minute.

use energize::engine::{Engine, run_likely};
use energize::model::cpm::{self, Dates};
use energize::model::timeline::WaitFor;
use energize::model::{Cause, LinkKind, Plan, Resource, Timeline};
use energize::time::{Minute, Span};
use proptest::prelude::*;

use crate::plans::{ALWAYS, Draft, Mix, NIGHT, OFFICE, plan};

const SMALL: Mix = Mix {
    activities: 25,
    calendars: 3,
    look_ahead: true,
    progress: true,
    crews: false,
    minutes: 2000,
};

/// The engine's dates are those of the forward pass; nothing waits for anything scarce.
fn equals_forward_pass(plan: &Plan) -> Result<(), TestCaseError> {
    let timeline = run_likely(plan);
    let dates = Dates::likely(plan);
    prop_assert_eq!(&timeline.start, &dates.early_start);
    prop_assert_eq!(&timeline.finish, &dates.early_finish);
    for wait in &timeline.waits {
        prop_assert_eq!(wait.what, WaitFor::PastLead);
    }
    Ok(())
}

/// Longest path by recursion: finish-to-start links without lag, around the clock.
fn longest_path_to(plan: &Plan, activity: u32, known: &mut Vec<Option<i64>>) -> i64 {
    if let Some(finish) = known[activity as usize] {
        return finish;
    }
    let mut start = plan.start.0;
    for link in plan.links.iter().filter(|link| link.to == activity) {
        start = start.max(longest_path_to(plan, link.from, known));
    }
    let finish = start + plan.activities[activity as usize].duration.0;
    known[activity as usize] = Some(finish);
    finish
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn without_crews_the_engine_equals_the_forward_pass(draft in plan(SMALL)) {
        equals_forward_pass(&draft.plan())?;
    }

    #[test]
    fn with_ample_crews_and_racks_too(draft in plan(Mix { crews: true, ..SMALL })) {
        let mut draft = draft;
        let count = draft.parts.activities.len() as u32;
        for resource in &mut draft.parts.resources {
            resource.capacity = vec![(Minute(0), 2 * count)];
        }
        for activity in &mut draft.parts.activities {
            activity.takes = None;
        }
        equals_forward_pass(&draft.plan())?;
    }

    #[test]
    fn a_longest_path_is_a_longest_path(draft in plan(Mix { calendars: 1, ..SMALL })) {
        let mut draft = draft;
        draft.parts.status = None;
        for link in &mut draft.parts.links {
            (link.kind, link.lag) = (LinkKind::FinishStart, Span::ZERO);
        }
        for activity in &mut draft.parts.activities {
            activity.progress = energize::model::Progress::Open;
            (activity.not_before, activity.delay) = (None, Span::ZERO);
        }
        let plan = draft.plan();
        let mut known = vec![None; plan.activities.len()];
        let timeline = run_likely(&plan);
        for activity in 0..plan.activities.len() as u32 {
            let finish = longest_path_to(&plan, activity, &mut known);
            prop_assert_eq!(timeline.finish[activity as usize].0, finish);
        }
    }

    #[test]
    fn total_float_is_what_a_slip_costs_nothing(draft in plan(SMALL), pick in any::<prop::sample::Index>()) {
        let mut draft = draft;
        let before = Dates::likely(&draft.plan());
        let activity = pick.index(draft.parts.activities.len());
        if let Some(float) = before.total_float[activity] {
            prop_assert!(float >= Span::ZERO);
            prop_assert_eq!(before.is_critical(activity as u32), float == Span::ZERO);
            draft.parts.activities[activity].delay += float;
            prop_assert_eq!(Dates::likely(&draft.plan()).end(), before.end());
            draft.parts.activities[activity].delay += Span(1);
            prop_assert!(Dates::likely(&draft.plan()).end() > before.end());
        }
    }

    // A link to a finish makes longer work start earlier, and with it what follows its start.
    #[test]
    fn longer_work_ends_nothing_earlier(draft in plan(Mix { look_ahead: false, ..SMALL }), more in prop::collection::vec(0..400_i64, 25)) {
        let plan = draft.plan();
        let mut work = plan.likely_work();
        let (mut before, mut after) = (Timeline::default(), Timeline::default());
        let mut engine = Engine::new(&plan);
        engine.run(&work, &mut before);
        for (work, more) in work.iter_mut().zip(&more) {
            *work += Span(*more);
        }
        engine.run(&work, &mut after);
        for activity in 0..plan.activities.len() {
            prop_assert!(before.start[activity] <= after.start[activity]);
            prop_assert!(before.finish[activity] <= after.finish[activity]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn large_graphs_equal_the_forward_pass(
        draft in plan(Mix { activities: 2000, minutes: 20_000, ..SMALL }),
    ) {
        equals_forward_pass(&draft.plan())?;
    }
}

/// A start link to where the bound is: every activity and its cause, worked out by hand.
#[test]
fn a_hand_checked_network_has_its_dates_and_floats() {
    let mut draft = Draft::new();
    // design 10, permits 30, groundworks 20 (after both), order 5, transformer 60 (after order),
    // hall 25 (after groundworks), energise 5 (after hall and transformer), snagging 8 (after hall).
    let minutes = [10, 30, 20, 5, 60, 25, 5, 8];
    let [design, permits, ground, order, transformer, hall, energise, snagging] =
        minutes.map(|minutes| draft.activity(minutes));
    for (from, to) in [
        (design, permits),
        (design, ground),
        (permits, ground),
        (order, transformer),
        (ground, hall),
        (transformer, energise),
        (hall, energise),
        (hall, snagging),
    ] {
        draft.after(from, to);
    }
    let dates = Dates::likely(&draft.plan());
    let minutes = |dates: &[Minute]| dates.iter().map(|at| at.0).collect::<Vec<_>>();
    assert_eq!(minutes(&dates.early_start), [0, 10, 40, 0, 5, 60, 85, 85]);
    assert_eq!(minutes(&dates.early_finish), [10, 40, 60, 5, 65, 85, 90, 93]);
    assert_eq!(minutes(&dates.late_start), [0, 10, 40, 23, 28, 60, 88, 85]);
    let floats: Vec<_> = dates.total_float.iter().map(|float| float.expect("open").0).collect();
    assert_eq!(floats, [0, 0, 0, 23, 23, 0, 3, 0]);
    let timeline = draft.run();
    assert_eq!(minutes(&timeline.finish), minutes(&dates.early_finish));
    let plan = draft.plan();
    let driver = |activity: u32| match timeline.cause[activity as usize] {
        Cause::Link(link) => Some(plan.links[link as usize].from),
        _ => None,
    };
    assert_eq!(driver(ground), Some(permits));
    assert_eq!(driver(energise), Some(hall));
    assert_eq!(timeline.cause[order as usize], Cause::RunStart);
}

#[test]
fn lags_and_durations_count_on_their_own_calendars() {
    const HOUR: i64 = 60;
    let mut draft = Draft::new();
    // Thursday 08:00 to 16:00 office time is one working day; the epoch is a Thursday.
    let office = draft.activity(10 * HOUR);
    draft.edit(office).calendar = OFFICE;
    let next = draft.activity(HOUR);
    draft.edit(next).calendar = OFFICE;
    draft.link(office, LinkKind::FinishStart, next, 3 * 24 * HOUR);
    let night = draft.activity(3 * HOUR);
    draft.edit(night).calendar = NIGHT;
    draft.after(office, night);
    let point = draft.activity(0);
    draft.edit(point).calendar = OFFICE;
    draft.link(office, LinkKind::FinishStart, point, 24 * HOUR);
    draft.edit(point).calendar = OFFICE;
    let timeline = draft.run();
    let day = 24 * HOUR;
    assert_eq!(timeline.finish[office as usize].0, day + 10 * HOUR, "Friday 10:00");
    assert_eq!(timeline.start[next as usize].0, 4 * day + 10 * HOUR, "three days by the clock");
    assert_eq!(timeline.start[night as usize].0, day + 20 * HOUR, "Friday 20:00");
    assert_eq!(timeline.start[point as usize].0, 2 * day + 10 * HOUR, "a point on a Saturday");
    assert_eq!(draft.parts.activities[office as usize].calendar, OFFICE);
    assert_ne!(OFFICE, ALWAYS);
}

#[test]
fn the_same_engine_gives_the_same_timeline_again() {
    let mut draft = Draft::new();
    let crew = draft.crew(1);
    let [a, b, c] = [7, 5, 9].map(|minutes| draft.work(minutes, crew));
    draft.link(a, LinkKind::FinishFinish, c, 3);
    draft.link(b, LinkKind::FinishStart, c, -2);
    draft.parts.resources.push(Resource {
        id: "idle".into(),
        capacity: vec![(Minute(0), 0)],
        overtake: false,
    });
    let plan = draft.plan();
    let mut engine = Engine::new(&plan);
    let mut timeline = Timeline::default();
    let first = run_likely(&plan);
    for _ in 0..3 {
        engine.run(&[Span(1), Span(2), Span(3)], &mut timeline);
        engine.run(&plan.likely_work(), &mut timeline);
        assert_eq!(format!("{timeline:?}"), format!("{first:?}"));
    }
    let mut dates = Dates::default();
    cpm::forward(&plan, &plan.likely_work(), &mut dates);
    assert!((0..3).all(|a| timeline.start[a] >= dates.early_start[a]));
}
