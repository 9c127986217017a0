//! Who waits for crews and racks: laws, and a slow engine that is obviously right.

use energize::engine::run_likely;
use energize::model::cpm::Dates;
use energize::model::timeline::{Scarce, WaitFor};
use energize::model::{Cause, EventKind, LinkKind, Plan, Timeline, Wait};
use energize::time::{Minute, Span};
use proptest::prelude::*;

use crate::engine_twin;
use crate::plans::{Mix, plan};

const CREWS: Mix = Mix {
    activities: 16,
    calendars: 3,
    look_ahead: false,
    progress: false,
    crews: true,
    minutes: 900,
};

/// Units of a resource that activities hold at an instant, after everything that starts then.
fn in_use(plan: &Plan, timeline: &Timeline, resource: u32, at: Minute) -> u32 {
    let held = |a: &usize| timeline.start[*a] <= at && at < timeline.finish[*a];
    let holders = (0..plan.activities.len()).filter(held);
    let needs = holders.flat_map(|a| &plan.activities[a].needs);
    needs.filter(|need| need.resource == resource).map(|need| need.units).sum()
}

fn capacity(plan: &Plan, resource: u32, at: Minute) -> u32 {
    let steps = &plan.resources[resource as usize].capacity;
    steps.iter().rev().find(|(from, _)| *from <= at).unwrap_or(&steps[0]).1
}

/// Racks in a store at an instant, after everything that happens then.
fn stock(plan: &Plan, timeline: &Timeline, store: u32, at: Minute) -> i64 {
    let mut stock = 0;
    for event in timeline.events.iter().filter(|event| event.at <= at) {
        if let EventKind::Delivered(lot) = event.kind {
            let (into, racks) = plan.deliveries[lot as usize];
            stock += if into == store { i64::from(racks) } else { 0 };
        }
        let taken = plan.activities[event.activity as usize].takes;
        if let (EventKind::Started, Some((from, racks))) = (event.kind, taken) {
            stock -= if from == store { i64::from(racks) } else { 0 };
        }
    }
    stock
}

/// Whether someone who waits could have started, everybody else left as they are.
fn could_start(plan: &Plan, timeline: &Timeline, wait: &Wait, at: Minute) -> bool {
    let activity = &plan.activities[wait.activity as usize];
    let free = activity.needs.iter().all(|need| {
        let resource = &plan.resources[need.resource as usize];
        let used = in_use(plan, timeline, need.resource, at);
        resource.overtake && used + need.units <= capacity(plan, need.resource, at)
    });
    let open = activity.is_point() || plan.calendar(wait.activity).next_work(at) == at;
    let racks = activity
        .takes
        .is_none_or(|(store, racks)| stock(plan, timeline, store, at) >= i64::from(racks));
    free && open && racks
}

fn crews_are_kept(plan: &Plan, timeline: &Timeline) -> Result<(), TestCaseError> {
    for (at, activity) in plan.activities.iter().enumerate() {
        let start = timeline.start[at];
        for need in activity.needs.iter().filter(|_| start.happens()) {
            let most = capacity(plan, need.resource, start);
            prop_assert!(
                in_use(plan, timeline, need.resource, start) <= most,
                "a{at} at {start:?}"
            );
        }
    }
    for store in 0..plan.stores.len() as u32 {
        for event in &timeline.events {
            prop_assert!(stock(plan, timeline, store, event.at) >= 0);
        }
    }
    Ok(())
}

fn links_are_met(plan: &Plan, timeline: &Timeline) -> Result<(), TestCaseError> {
    for link in &plan.links {
        let (from, to) = (link.from as usize, link.to as usize);
        let (after, by) = match link.kind {
            LinkKind::FinishStart => (timeline.finish[from], timeline.start[to]),
            LinkKind::StartStart => (timeline.start[from], timeline.start[to]),
            LinkKind::FinishFinish => (timeline.finish[from], timeline.finish[to]),
            LinkKind::StartFinish => (timeline.start[from], timeline.finish[to]),
        };
        // A lead may have let the successor start on a forecast that then moved.
        let forecast = link.lag < Span::ZERO;
        let bound = plan.calendars[link.lag_calendar as usize].shift(after, link.lag);
        prop_assert!(forecast || by >= bound, "{link:?}: {by:?} before {bound:?}");
    }
    Ok(())
}

fn nothing_is_lost(plan: &Plan, timeline: &Timeline) -> Result<(), TestCaseError> {
    let dates = Dates::likely(plan);
    prop_assert!(timeline.events.is_sorted_by_key(|event| event.at));
    for a in 0..plan.activities.len() {
        let (start, finish) = (timeline.start[a], timeline.finish[a]);
        prop_assert!(start >= dates.early_start[a] && finish >= dates.early_finish[a]);
        let worked = plan.calendar(a as u32).work_between(start, finish);
        prop_assert!(!finish.happens() || worked >= plan.activities[a].duration);
        for (kind, at) in [(EventKind::Started, start), (EventKind::Finished, finish)] {
            let mut events = timeline.events.iter();
            let event = events.find(|event| event.kind == kind && event.activity == a as u32);
            prop_assert_eq!(event.map(|event| event.at), at.happens().then_some(at));
        }
        prop_assert_eq!(start.happens(), timeline.cause[a] != Cause::Never);
    }
    Ok(())
}

fn waits_are_true(plan: &Plan, timeline: &Timeline) -> Result<(), TestCaseError> {
    for wait in &timeline.waits {
        prop_assert!(wait.length() > Span::ZERO);
        if let WaitFor::Scarce(scarce) = wait.what {
            prop_assert_eq!(wait.until, timeline.start[wait.activity as usize]);
            let events = timeline.events.iter().map(|event| event.at);
            for at in events.filter(|&at| wait.from <= at && at < wait.until) {
                prop_assert!(!could_start(plan, timeline, wait, at), "{wait:?} at {at:?}");
            }
            if wait.until.happens() {
                let cause = timeline.cause[wait.activity as usize];
                prop_assert_eq!(cause, Cause::Released(scarce, wait.holder));
            }
            if let (Some(holder), Scarce::Resource(resource)) = (wait.holder, scarce) {
                let needs = &plan.activities[holder as usize].needs;
                prop_assert!(needs.iter().any(|need| need.resource == resource));
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn the_engine_equals_its_slow_twin(draft in plan(CREWS)) {
        let plan = draft.plan();
        let timeline = run_likely(&plan);
        let (start, finish) = engine_twin::dates(&plan);
        prop_assert_eq!(timeline.start, start);
        prop_assert_eq!(timeline.finish, finish);
    }

    #[test]
    fn the_engine_equals_its_slow_twin_from_a_status_date(
        draft in plan(Mix { progress: true, ..CREWS }),
    ) {
        let plan = draft.plan();
        let timeline = run_likely(&plan);
        let (start, finish) = engine_twin::dates(&plan);
        prop_assert_eq!(timeline.start, start);
        prop_assert_eq!(timeline.finish, finish);
    }

    #[test]
    fn nobody_waits_who_could_start_and_nothing_breaks_a_link(draft in plan(CREWS)) {
        let plan = draft.plan();
        let timeline = run_likely(&plan);
        crews_are_kept(&plan, &timeline)?;
        links_are_met(&plan, &timeline)?;
        nothing_is_lost(&plan, &timeline)?;
        waits_are_true(&plan, &timeline)?;
    }

    #[test]
    fn the_same_holds_where_links_look_ahead(draft in plan(Mix { look_ahead: true, ..CREWS })) {
        let plan = draft.plan();
        let timeline = run_likely(&plan);
        crews_are_kept(&plan, &timeline)?;
        links_are_met(&plan, &timeline)?;
        nothing_is_lost(&plan, &timeline)?;
        waits_are_true(&plan, &timeline)?;
    }
}
