//! Each rule of time, links and crews in a case small enough to check by hand.

use energize::engine::{Shortage, shortages};
use energize::model::timeline::{Scarce, WaitFor};
use energize::model::{Cause, Effect, EventKind, LinkKind, Need, Progress, Wait};
use energize::time::{Minute, Span};

use crate::plans::{DAY, Draft, NIGHT, OFFICE, starts, waits};

const NEVER: i64 = Minute::NEVER.0;
const HOUR: i64 = 60;

fn wait(activity: u32, from: i64, until: i64, what: WaitFor, holder: Option<u32>) -> Wait {
    Wait { activity, from: Minute(from), until: Minute(until), what, holder }
}

fn for_crew(resource: u32) -> WaitFor {
    WaitFor::Scarce(Scarce::Resource(resource))
}

#[test]
fn a_crew_passes_from_one_to_the_next_in_file_order() {
    let mut draft = Draft::new();
    let crew = draft.crew(1);
    let [a, b, c] = [10, 20, 30].map(|minutes| draft.work(minutes, crew));
    let timeline = draft.run();
    assert_eq!(starts(&timeline), [0, 10, 30]);
    let released = |by| Cause::Released(Scarce::Resource(crew), Some(by));
    assert_eq!(timeline.cause, [Cause::RunStart, released(a), released(b)]);
    assert_eq!(timeline.waits[0], wait(b, 0, 10, for_crew(crew), Some(a)));
    assert_eq!(timeline.waits[1], wait(c, 0, 30, for_crew(crew), Some(b)));
    assert_eq!(timeline.waits.len(), 2);
}

#[test]
fn waiters_are_served_by_priority_then_ready_time_then_file_order() {
    let mut draft = Draft::new();
    let crew = draft.crew(1);
    let [_first, late, early, urgent, also_early] = [10; 5].map(|n| draft.work(n, crew));
    draft.edit(late).not_before = Some(Minute(5));
    draft.edit(early).not_before = Some(Minute(2));
    draft.edit(also_early).not_before = Some(Minute(2));
    draft.edit(urgent).not_before = Some(Minute(9));
    draft.edit(urgent).priority = -1;
    assert_eq!(starts(&draft.run()), [0, 40, 20, 10, 30]);
}

#[test]
fn who_fits_passes_who_does_not_unless_the_queue_is_strict() {
    for (overtake, small_starts) in [(true, 1), (false, 30)] {
        let mut draft = Draft::new();
        let crew = draft.crew(2);
        draft.parts.resources[crew as usize].overtake = overtake;
        let _holder = draft.work(20, crew);
        let large = draft.work(10, crew);
        draft.edit(large).needs = vec![Need { resource: crew, units: 2 }];
        let small = draft.work(15, crew);
        draft.edit(small).not_before = Some(Minute(1));
        assert_eq!(starts(&draft.run()), [0, 20, small_starts]);
    }
}

#[test]
fn a_strict_queue_waits_for_its_head_whatever_the_head_waits_for() {
    for (overtake, last_starts) in [(true, 0), (false, 60)] {
        let mut draft = Draft::new();
        let team = draft.crew(1);
        draft.parts.resources[team as usize].overtake = overtake;
        let lot = draft.lot(50, 8);
        let install = draft.work(10, team);
        draft.edit(install).takes = Some((0, 8));
        let test = draft.work(5, team);
        let timeline = draft.run();
        assert_eq!(starts(&timeline), [0, 50, last_starts]);
        assert_eq!(waits(&timeline, install)[0].what, WaitFor::Scarce(Scarce::Store(0)));
        assert_eq!(waits(&timeline, install)[0].holder, Some(lot));
        assert_eq!(waits(&timeline, test).len(), usize::from(!overtake));
    }
}

#[test]
fn all_crews_are_taken_at_once_and_the_last_one_is_named() {
    let mut draft = Draft::new();
    let (team, crane) = (draft.crew(1), draft.crew(1));
    let _team_work = draft.work(10, team);
    let lift = draft.work(25, crane);
    let both = draft.activity(5);
    let need = |resource| Need { resource, units: 1 };
    draft.edit(both).needs = vec![need(team), need(crane)];
    // The team is not kept for `both` while the crane is busy: this one uses it from 10 to 22.
    let _filler = draft.work(12, team);
    let timeline = draft.run();
    assert_eq!(starts(&timeline), [0, 0, 25, 10]);
    assert_eq!(timeline.waits[1], wait(both, 0, 25, for_crew(crane), Some(lift)));
}

#[test]
fn capacity_comes_first_then_arrivals_then_finishes_then_starts() {
    let mut draft = Draft::new();
    let crew = draft.crew(1);
    draft.parts.resources[crew as usize].capacity.push((Minute(10), 3));
    let first = draft.work(10, crew);
    let lot = draft.lot(10, 2);
    let [b, c, d] = [10, 0, 7].map(|minutes| draft.work(minutes, crew));
    draft.edit(d).takes = Some((0, 2));
    draft.edit(first).effects = vec![Effect::Energise(4), Effect::Cool(1, Default::default())];
    let timeline = draft.run();
    assert_eq!(starts(&timeline), [0, 0, 10, 10, 10], "all fit at 10");
    let at_10: Vec<_> = timeline.events.iter().filter(|event| event.at == Minute(10)).collect();
    let happened: Vec<_> = at_10.iter().map(|event| (event.kind, event.activity)).collect();
    let expected = [
        (EventKind::Delivered(0), lot),
        (EventKind::Finished, first),
        (EventKind::Finished, lot),
        (EventKind::Cooled(1), first),
        (EventKind::Energised(4), first),
        (EventKind::Started, b),
        (EventKind::Started, c),
        (EventKind::Started, d),
        // What the instant creates comes in a further round.
        (EventKind::Finished, c),
    ];
    assert_eq!(happened, expected);
    let ordered = timeline.events.iter().find(|event| event.kind == EventKind::Ordered(0));
    assert_eq!(ordered.map(|event| event.at), Some(Minute(0)));
}

#[test]
fn what_a_milestone_releases_comes_after_those_who_were_ready_before_it() {
    let mut draft = Draft::new();
    let crew = draft.crew(1);
    let holder = draft.work(10, crew);
    let milestone = draft.activity(0);
    let urgent = draft.work(5, crew);
    draft.edit(urgent).priority = -9;
    let patient = draft.work(5, crew);
    draft.after(holder, milestone);
    draft.after(milestone, urgent);
    assert_eq!(starts(&draft.run()), [0, 10, 15, 10]);
    assert_eq!(draft.run().start[patient as usize], Minute(10));
}

#[test]
fn capacity_changes_by_date_and_a_cut_interrupts_nothing() {
    let mut draft = Draft::new();
    let crew = draft.crew(2);
    let capacity = &mut draft.parts.resources[crew as usize].capacity;
    capacity.extend([(Minute(5), 0), (Minute(40), 1)]);
    let [_a, _b, c, d] = [10, 20, 7, 3].map(|minutes| draft.work(minutes, crew));
    let timeline = draft.run();
    assert_eq!(starts(&timeline), [0, 0, 40, 47]);
    assert_eq!(timeline.waits[0], wait(c, 0, 40, for_crew(crew), None));
    assert_eq!(timeline.waits[1], wait(d, 0, 47, for_crew(crew), Some(c)));
}

#[test]
fn a_crew_that_comes_free_at_closing_time_works_elsewhere_until_the_morning() {
    // The epoch is a Thursday: Thursday 08:00 to 16:00 is work, Friday is not (a closed day in
    // this calendar is day 7, the Thursday after).
    for (overtake, night_starts) in [(true, 20 * HOUR), (false, DAY + 20 * HOUR)] {
        let mut draft = Draft::new();
        let crew = draft.crew(1);
        draft.parts.resources[crew as usize].overtake = overtake;
        let [first, morning] = [8 * HOUR, 2 * HOUR].map(|minutes| draft.work(minutes, crew));
        let night = draft.work(HOUR, crew);
        draft.edit(first).calendar = OFFICE;
        draft.edit(morning).calendar = OFFICE;
        draft.edit(night).calendar = NIGHT;
        draft.edit(night).not_before = Some(Minute(10 * HOUR));
        let timeline = draft.run();
        assert_eq!(starts(&timeline), [8 * HOUR, DAY + 8 * HOUR, night_starts]);
        let from = 8 * HOUR;
        let until = DAY + 8 * HOUR;
        let holder = if overtake { night } else { first };
        let expected = wait(morning, from, until, for_crew(crew), Some(holder));
        assert_eq!(waits(&timeline, morning), [expected]);
    }
}

#[test]
fn an_activity_keeps_its_crew_through_closed_time() {
    let mut draft = Draft::new();
    let crew = draft.crew(1);
    let long = draft.work(9 * HOUR, crew);
    draft.edit(long).calendar = OFFICE;
    let next = draft.work(HOUR, crew);
    draft.edit(next).not_before = Some(Minute(9 * HOUR));
    assert_eq!(starts(&draft.run()), [8 * HOUR, DAY + 9 * HOUR]);
}

#[test]
fn lots_fill_the_store_and_units_empty_it_in_order() {
    let mut draft = Draft::new();
    let [first_lot, _] = [(10, 3), (30, 3)].map(|(minutes, racks)| draft.lot(minutes, racks));
    let units = [2, 2, 1, 1].map(|racks| {
        let unit = draft.activity(5);
        draft.edit(unit).takes = Some((0, racks));
        unit
    });
    let timeline = draft.run();
    // Three racks at 10: two for the first, none for the second, one for the third.
    assert_eq!(starts(&timeline)[2..], [10, 30, 10, 30]);
    let for_racks = WaitFor::Scarce(Scarce::Store(0));
    assert_eq!(timeline.waits[0], wait(units[0], 0, 10, for_racks, Some(first_lot)));
    assert_eq!(timeline.cause[3], Cause::Released(Scarce::Store(0), Some(1)));
}

#[test]
fn all_four_links_with_lag_and_lead_bound_what_they_say() {
    use LinkKind::{FinishFinish, FinishStart, StartFinish, StartStart};
    for (kind, lag, expected) in [
        (FinishStart, 0, 120),
        (FinishStart, 15, 135),
        (FinishStart, -15, 105),
        (StartStart, 15, 115),
        (StartStart, -15, 85),
        (FinishFinish, 0, 112),
        (FinishFinish, 15, 127),
        (FinishFinish, -15, 97),
        (StartFinish, 15, 107),
        (StartFinish, -15, 77),
    ] {
        let mut draft = Draft::new();
        let [before, from, to] = [100, 20, 8].map(|minutes| draft.activity(minutes));
        draft.after(before, from);
        draft.link(from, kind, to, lag);
        let timeline = draft.run();
        assert_eq!(starts(&timeline), [0, 100, expected], "{}{lag:+}", kind.code());
        assert_eq!(timeline.cause[to as usize], Cause::Link(1));
        assert_eq!(timeline.waits, [], "{}{lag:+}", kind.code());
    }
}

#[test]
fn a_wait_before_a_finish_link_holds_the_finish_and_the_crew() {
    let mut draft = Draft::new();
    let (painters, cleaners) = (draft.crew(1), draft.crew(1));
    let _other = draft.work(40, painters);
    let paint = draft.work(20, painters);
    let clean = draft.work(10, cleaners);
    let next = draft.work(5, cleaners);
    // By forecast, painting starts at 30, where its logic puts it: cleaning starts at 40.
    let ground = draft.activity(30);
    draft.after(ground, paint);
    draft.link(paint, LinkKind::FinishFinish, clean, 0);
    draft.edit(next).not_before = Some(Minute(41));
    let timeline = draft.run();
    assert_eq!(starts(&timeline)[..4], [0, 40, 50, 41], "looked at again at 40: painting starts");
    assert_eq!(timeline.waits, [wait(paint, 30, 40, for_crew(painters), Some(0))]);

    // Now cleaning has begun when painting turns out to wait.
    let mut draft = Draft::new();
    let (painters, cleaners) = (draft.crew(1), draft.crew(1));
    let other = draft.work(40, painters);
    draft.edit(other).not_before = Some(Minute(25));
    let paint = draft.work(20, painters);
    draft.edit(paint).not_before = Some(Minute(30));
    let clean = draft.work(30, cleaners);
    let next = draft.work(5, cleaners);
    draft.edit(next).not_before = Some(Minute(41));
    draft.link(paint, LinkKind::FinishFinish, clean, 0);
    let timeline = draft.run();
    assert_eq!(starts(&timeline), [25, 65, 20, 85]);
    assert_eq!(timeline.finish[clean as usize], Minute(85));
    let held = wait(clean, 50, 85, WaitFor::HeldFinish, Some(paint));
    assert_eq!(waits(&timeline, clean), [held]);
    assert_eq!(waits(&timeline, next), [wait(next, 41, 85, for_crew(cleaners), Some(clean))]);
}

#[test]
fn a_wait_moves_what_rests_on_the_forecast_of_who_waits() {
    // Lead: `after` may start 5 before `waits` ends, which is not before 60 - 5 by forecast.
    let mut draft = Draft::new();
    let crew = draft.crew(1);
    let _holder = draft.work(40, crew);
    let waits_long = draft.work(20, crew);
    let after = draft.activity(10);
    draft.link(waits_long, LinkKind::FinishStart, after, -5);
    let timeline = draft.run();
    assert_eq!(starts(&timeline), [0, 40, 55], "forecast at 15 when ready at 0, moved by 40");
    assert_eq!(timeline.cause[after as usize], Cause::Link(0));
    assert_eq!(timeline.waits.len(), 1);
}

#[test]
fn a_lead_into_the_past_starts_now_and_is_recorded() {
    let mut draft = Draft::new();
    let [from, to] = [10, 10].map(|minutes| draft.activity(minutes));
    draft.link(from, LinkKind::FinishStart, to, -25);
    let timeline = draft.run();
    assert_eq!(starts(&timeline), [0, 0]);
    assert_eq!(timeline.waits, [wait(to, -15, 0, WaitFor::PastLead, Some(from))]);
    assert_eq!(timeline.cause[to as usize], Cause::RunStart);
}

#[test]
fn dates_in_the_file_set_starts_and_are_named_as_causes() {
    let mut draft = Draft::new();
    let [a, b, c, d] = [10; 4].map(|minutes| draft.activity(minutes));
    draft.edit(b).not_before = Some(Minute(50));
    draft.after(a, b);
    draft.edit(c).not_before = Some(Minute(10));
    draft.after(a, c);
    draft.edit(d).delay = Span(7);
    draft.after(a, d);
    let timeline = draft.run();
    assert_eq!(starts(&timeline), [0, 50, 10, 17]);
    let expected = [Cause::RunStart, Cause::NotBefore, Cause::Link(1), Cause::Link(2)];
    assert_eq!(timeline.cause, expected, "a link drives before a date at the same instant");
}

#[test]
fn a_delay_counts_working_time_of_its_own_calendar() {
    let mut draft = Draft::new();
    let point = draft.activity(0);
    let work = draft.activity(HOUR);
    draft.edit(work).calendar = OFFICE;
    draft.edit(work).delay = Span(8 * HOUR);
    draft.after(point, work);
    assert_eq!(starts(&draft.run()), [0, DAY + 8 * HOUR], "a working day later: Friday 08:00");
}

#[test]
fn what_is_over_or_under_way_replays_its_actual_dates() {
    let mut draft = Draft::new();
    draft.parts.status = Some(Minute(100));
    let crew = draft.crew(1);
    let [over, under_way, held, open, crewed] = [30; 5].map(|minutes| draft.activity(minutes));
    draft.edit(over).progress = Progress::Finished { start: Minute(-20), finish: Minute(40) };
    let started =
        |start, remaining| Progress::Started { start: Minute(start), remaining: Span(remaining) };
    draft.edit(under_way).progress = started(50, 12);
    // Out of sequence: it began, but its predecessor is not over (retained logic).
    draft.edit(held).progress = started(60, 8);
    draft.after(under_way, held);
    draft.after(over, open);
    for activity in [under_way, crewed] {
        draft.edit(activity).needs = vec![Need { resource: crew, units: 1 }];
    }
    draft.edit(crewed).priority = -5;
    let timeline = draft.run();
    assert_eq!(starts(&timeline), [-20, 50, 60, 100, 112]);
    let finish: Vec<i64> = timeline.finish.iter().map(|at| at.0).collect();
    assert_eq!(finish, [40, 112, 120, 130, 142]);
    let expected = [
        Cause::Actual,
        Cause::Actual,
        Cause::Actual,
        Cause::StatusDate,
        Cause::Released(Scarce::Resource(crew), Some(under_way)),
    ];
    assert_eq!(timeline.cause, expected);
    assert_eq!(timeline.events[0].at, Minute(-20));
}

#[test]
fn what_is_under_way_keeps_its_crews_even_above_the_capacity() {
    let mut draft = Draft::new();
    draft.parts.status = Some(Minute(10));
    let crew = draft.crew(1);
    let [a, b, c] = [30, 30, 30].map(|minutes| draft.work(minutes, crew));
    for (activity, remaining) in [(a, 20), (b, 5)] {
        let start = Minute(0);
        draft.edit(activity).progress = Progress::Started { start, remaining: Span(remaining) };
    }
    draft.edit(c).priority = -1;
    let timeline = draft.run();
    assert_eq!(timeline.finish.iter().map(|at| at.0).collect::<Vec<_>>(), [30, 15, 60]);
}

#[test]
fn racks_taken_before_the_status_date_are_gone() {
    let mut draft = Draft::new();
    draft.parts.status = Some(Minute(100));
    let arrived = draft.lot(10, 3);
    draft.edit(arrived).progress = Progress::Finished { start: Minute(0), finish: Minute(10) };
    let _second = draft.lot(50, 2);
    let [done, next] = [20, 20].map(|minutes| draft.activity(minutes));
    draft.edit(done).progress = Progress::Finished { start: Minute(20), finish: Minute(40) };
    for unit in [done, next] {
        draft.edit(unit).takes = Some((0, 2));
    }
    assert_eq!(starts(&draft.run()), [0, 100, 20, 150]);
}

#[test]
fn what_can_never_happen_ends_as_never_with_a_wait_in_vain() {
    let mut draft = Draft::new();
    let crew = draft.crew(1);
    draft.lot(10, 2);
    let unit = draft.work(5, crew);
    draft.edit(unit).takes = Some((0, 3));
    let follower = draft.activity(5);
    draft.after(unit, follower);
    let crowd = draft.work(5, crew);
    draft.edit(crowd).needs[0].units = 2;
    // Its crew never comes, and the forecast that this rests on moves for ever.
    let looks_ahead = draft.activity(1);
    draft.link(crowd, LinkKind::FinishFinish, looks_ahead, 0);
    let timeline = draft.run();
    assert_eq!(starts(&timeline), [0, NEVER, NEVER, NEVER, NEVER]);
    assert_eq!(timeline.end(), Minute::NEVER);
    let racks = WaitFor::Scarce(Scarce::Store(0));
    let expected = [wait(unit, 0, NEVER, racks, None), wait(crowd, 0, NEVER, for_crew(crew), None)];
    assert_eq!(timeline.waits, expected);
    assert_eq!(timeline.cause[follower as usize], Cause::Never);
    let plan = draft.plan();
    let expected = [
        Shortage::Crew { activity: crowd, resource: crew, units: 2, most: 1 },
        Shortage::Racks { store: 0, taken: 3, delivered: 2 },
    ];
    assert_eq!(shortages(&plan), expected);
}

#[test]
fn a_finish_held_by_who_needs_the_same_crew_is_a_deadlock_with_a_name() {
    let mut draft = Draft::new();
    let crew = draft.crew(1);
    let [first, second] = [10, 10].map(|minutes| draft.work(minutes, crew));
    draft.edit(second).not_before = Some(Minute(5));
    draft.link(second, LinkKind::FinishFinish, first, 0);
    let timeline = draft.run();
    assert_eq!(starts(&timeline), [5, NEVER]);
    assert_eq!(timeline.finish, [Minute::NEVER; 2]);
    let held = wait(first, 15, NEVER, WaitFor::HeldFinish, None);
    assert_eq!(waits(&timeline, first), [held]);
}

#[test]
fn the_largest_capacity_counts_from_the_data_date_on() {
    let mut draft = Draft::new();
    draft.parts.status = Some(Minute(100));
    let crew = draft.crew(5);
    draft.parts.resources[crew as usize].capacity.extend([(Minute(50), 2), (Minute(200), 3)]);
    for units in [3, 4] {
        let activity = draft.work(10, crew);
        draft.edit(activity).needs[0].units = units;
    }
    let short = Shortage::Crew { activity: 1, resource: crew, units: 4, most: 3 };
    assert_eq!(shortages(&draft.plan()), [short]);
}
