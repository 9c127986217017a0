//! Plans for tests: a few words for the common case, and random ones.

use std::fmt;

use energize::model::plan::Parts;
use energize::model::{
    Activity, Effect, Link, LinkKind, Need, Plan, Progress, Resource, Timeline, Wait,
};

use energize::time::{Calendar, Day, Definition, Minute, Shift, Span, Week};
use proptest::prelude::*;

/// A plan in the making. Time starts at minute 0, 1970-01-01, a Thursday.
#[derive(Clone)]
pub struct Draft {
    pub parts: Parts,
}

/// Work by the clock: 24 x 7.
pub const ALWAYS: u16 = 0;
/// Monday to Friday, 08:00 to 16:00.
pub const OFFICE: u16 = 1;
/// Every day, 20:00 to 02:00 of the next day, and Sunday noon.
pub const NIGHT: u16 = 2;

/// Minutes of a day, for readable instants.
pub const DAY: i64 = 1440;

impl Draft {
    pub fn new() -> Draft {
        Draft {
            parts: Parts {
                start: Minute(0),
                status: None,
                calendars: vec![Calendar::always(), office(), night()],
                activities: Vec::new(),
                links: Vec::new(),
                resources: Vec::new(),
                stores: Vec::new(),
                deliveries: Vec::new(),
            },
        }
    }

    /// Adds an activity with a duration in minutes; the 24 x 7 calendar, nothing else.
    pub fn activity(&mut self, minutes: i64) -> u32 {
        let index = self.parts.activities.len() as u32;
        self.parts.activities.push(Activity {
            id: format!("a{index}"),
            title: format!("Activity {index}"),
            calendar: ALWAYS,
            duration: Span(minutes),
            delay: Span::ZERO,
            not_before: None,
            priority: 0,
            needs: Vec::new(),
            takes: None,
            effects: Vec::new(),
            progress: Progress::Open,
            hall: None,
            unit: None,
            milestone: minutes == 0,
        });
        index
    }

    pub fn edit(&mut self, activity: u32) -> &mut Activity {
        &mut self.parts.activities[activity as usize]
    }

    /// An activity that holds one unit of a crew.
    pub fn work(&mut self, minutes: i64, resource: u32) -> u32 {
        let activity = self.activity(minutes);
        self.edit(activity).needs = vec![Need { resource, units: 1 }];
        activity
    }

    /// A crew that lets others pass.
    pub fn crew(&mut self, units: u32) -> u32 {
        let capacity = vec![(Minute(0), units)];
        let id = format!("crew-{}", self.parts.resources.len());
        self.parts.resources.push(Resource { id, capacity, overtake: true });
        self.parts.resources.len() as u32 - 1
    }

    /// A link, the lag in minutes of the 24 x 7 calendar.
    pub fn link(&mut self, from: u32, kind: LinkKind, to: u32, lag: i64) {
        let lag = Span(lag);
        self.parts.links.push(Link { from, to, kind, lag, lag_calendar: ALWAYS, derived: false });
    }

    /// Finish to start, no lag.
    pub fn after(&mut self, from: u32, to: u32) {
        self.link(from, LinkKind::FinishStart, to, 0);
    }

    /// A lot of racks that an activity of this length delivers into store 0.
    pub fn lot(&mut self, minutes: i64, racks: u32) -> u32 {
        if self.parts.stores.is_empty() {
            self.parts.stores.push("racks".into());
        }
        let activity = self.activity(minutes);
        let lot = self.parts.deliveries.len() as u32;
        self.parts.deliveries.push((0, racks));
        self.edit(activity).effects = vec![Effect::Order(lot), Effect::Deliver(lot)];
        activity
    }

    pub fn plan(&self) -> Plan {
        Plan::assemble(self.parts.clone()).expect("no cycle")
    }

    /// The likely trial.
    pub fn run(&self) -> Timeline {
        energize::engine::run_likely(&self.plan())
    }
}

/// One line for each thing, so that a failing random plan can be read.
impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "status {:?}", self.parts.status)?;
        for (index, a) in self.parts.activities.iter().enumerate() {
            write!(f, "a{index}: {} min on {}", a.duration.0, a.calendar)?;
            write!(
                f,
                " delay {} not_before {:?} priority {}",
                a.delay.0, a.not_before, a.priority
            )?;
            writeln!(f, " {:?} {:?} {:?} {:?}", a.needs, a.takes, a.effects, a.progress)?;
        }
        for l in &self.parts.links {
            let kind = l.kind.code();
            writeln!(f, "a{} {kind}{:+} on {} a{}", l.from, l.lag.0, l.lag_calendar, l.to)?;
        }
        for r in &self.parts.resources {
            writeln!(f, "crew {:?} overtake {}", r.capacity, r.overtake)?;
        }
        writeln!(f, "lots {:?}", self.parts.deliveries)
    }
}

/// Starts in minutes, for short assertions.
pub fn starts(timeline: &Timeline) -> Vec<i64> {
    timeline.start.iter().map(|at| at.0).collect()
}

/// The waits of one activity.
pub fn waits(timeline: &Timeline, activity: u32) -> Vec<Wait> {
    timeline.waits.iter().copied().filter(|wait| wait.activity == activity).collect()
}

fn office() -> Calendar {
    let day = vec![Shift { start: 8 * 60, end: 16 * 60 }];
    let mut week: Week = std::array::from_fn(|_| day.clone());
    week[5].clear();
    week[6].clear();
    let exceptions = vec![(Day(7), vec![]), (Day(9), vec![Shift { start: 600, end: 660 }])];
    let definition = Definition { id: "office".into(), week, exceptions, ..Definition::default() };
    Calendar::from_definition(&definition, Day(-400), Day(4000)).expect("a calendar")
}

fn night() -> Calendar {
    let shifts = vec![Shift { start: 0, end: 120 }, Shift { start: 20 * 60, end: 24 * 60 }];
    let mut week: Week = std::array::from_fn(|_| shifts.clone());
    week[6] = vec![Shift { start: 12 * 60, end: 13 * 60 }];
    let definition = Definition { id: "night".into(), week, ..Definition::default() };
    Calendar::from_definition(&definition, Day(-400), Day(4000)).expect("a calendar")
}

/// What a random plan may contain.
#[derive(Clone, Copy, Debug)]
pub struct Mix {
    pub activities: usize,
    pub calendars: u16,
    /// FF, SF and leads too.
    pub look_ahead: bool,
    pub progress: bool,
    pub crews: bool,
    /// Longest duration in minutes.
    pub minutes: i64,
}

/// A random plan; shrinks towards few activities and links.
pub fn plan(mix: Mix) -> impl Strategy<Value = Draft> {
    (1..=mix.activities).prop_flat_map(move |count| {
        let activities = prop::collection::vec(activity(mix), count);
        let links = prop::collection::vec(link(mix, count), 0..=3 * (count - 1));
        let crews = prop::collection::vec(crew(), 3);
        let lots = prop::collection::vec((0..count, 0..2_u32, 1..9_u32), 0..=4);
        let status = if mix.progress { 0..2000_i64 } else { 0..1 };
        let order = Just((0..count as u32).collect::<Vec<_>>()).prop_shuffle();
        (activities, links, crews, lots, status, order).prop_map(move |parts| {
            let (activities, links, crews, lots, status, order) = parts;
            let mut draft = Draft::new();
            draft.parts.activities = activities;
            for (index, activity) in draft.parts.activities.iter_mut().enumerate() {
                activity.id = format!("a{index}");
            }
            draft.parts.links = links;
            // Links run along a random order, so that file order is not the order of the logic.
            for link in &mut draft.parts.links {
                link.from = order[link.from as usize];
                link.to = order[link.to as usize];
            }
            if mix.progress {
                draft.parts.status = Some(Minute(status));
            }
            if mix.crews {
                draft.parts.resources = crews;
                draft.parts.stores = vec!["a".into(), "b".into()];
                for (activity, store, racks) in lots {
                    let lot = draft.parts.deliveries.len() as u32;
                    draft.parts.deliveries.push((store, racks));
                    draft.parts.activities[activity].effects.push(Effect::Deliver(lot));
                }
            }
            draft
        })
    })
}

fn activity(mix: Mix) -> impl Strategy<Value = Activity> {
    let minutes = prop_oneof![1 => Just(0), 6 => 0..=mix.minutes];
    let delay = prop_oneof![6 => Just(0), 1 => 0..500_i64];
    let not_before = prop_oneof![5 => Just(None), 1 => (0..4000_i64).prop_map(Some)];
    let progress = if mix.progress {
        let open = Just(Progress::Open).boxed();
        let started = (-900..0_i64, 0..=mix.minutes).prop_map(|(start, remaining)| {
            Progress::Started { start: Minute(start), remaining: Span(remaining) }
        });
        let finished = (-900..0_i64, 0..900_i64).prop_map(|(start, length)| Progress::Finished {
            start: Minute(start),
            finish: Minute((start + length).min(0)),
        });
        prop_oneof![4 => open, 1 => started, 1 => finished].boxed()
    } else {
        Just(Progress::Open).boxed()
    };
    let needs = if mix.crews {
        let need = (0..3_u32, 1..3_u32).prop_map(|(resource, units)| Need { resource, units });
        prop::collection::vec(need, 0..=2).boxed()
    } else {
        Just(Vec::new()).boxed()
    };
    let takes = if mix.crews {
        prop_oneof![5 => Just(None), 1 => (0..2_u32, 1..4_u32).prop_map(Some)].boxed()
    } else {
        Just(None).boxed()
    };
    let priority = prop_oneof![3 => Just(0), 1 => -2..3_i32];
    let calendar = 0..mix.calendars.max(1);
    (calendar, minutes, delay, not_before, progress, needs, takes, priority).prop_map(
        |(calendar, minutes, delay, not_before, progress, mut needs, takes, priority)| {
            needs.dedup_by_key(|need| need.resource);
            if needs.len() == 2 && needs[0].resource == needs[1].resource {
                needs.pop();
            }
            Activity {
                id: String::new(),
                title: String::new(),
                calendar,
                duration: Span(minutes),
                delay: Span(delay),
                not_before: not_before.map(Minute),
                priority,
                needs,
                takes,
                effects: Vec::new(),
                progress,
                hall: None,
                unit: None,
                milestone: minutes == 0,
            }
        },
    )
}

fn link(mix: Mix, count: usize) -> impl Strategy<Value = Link> {
    let kinds = if mix.look_ahead { 4_usize } else { 2 };
    let lags = if mix.look_ahead { -900..1500_i64 } else { 0..1500_i64 };
    let lag = prop_oneof![2 => Just(0), 1 => lags];
    let ends = (0..count.max(2) - 1, 0..24_usize);
    (ends, 0..kinds, lag, 0..mix.calendars.max(1)).prop_map(
        move |((from, step), kind, lag, lag_calendar)| {
            let to = from + 1 + step % (count.max(2) - 1 - from);
            let kind = [
                LinkKind::FinishStart,
                LinkKind::StartStart,
                LinkKind::FinishFinish,
                LinkKind::StartFinish,
            ][kind];
            let (from, to, lag) = (from as u32, to as u32, Span(lag));
            Link { from, to, kind, lag, lag_calendar, derived: false }
        },
    )
}

fn crew() -> impl Strategy<Value = Resource> {
    let later = prop::collection::vec((1..9000_i64, 0..4_u32), 0..3);
    (2..5_u32, later, any::<bool>()).prop_map(|(units, mut later, overtake)| {
        later.sort();
        later.dedup_by_key(|(from, _)| *from);
        let later = later.into_iter().map(|(from, units)| (Minute(from), units));
        let capacity = std::iter::once((Minute(0), units)).chain(later).collect();
        Resource { id: "crew".into(), capacity, overtake }
    })
}
