//! What the tests draw: a campus, its plan and its loan; and everything that could go wrong.

use jiff::civil::date;

use crate::money::{Currency, Money};
use crate::plot::{
    Covenant, Cover, CoverQuarter, Gantt, Picture, Progress, Ramp, Row, Steps, Theme, Wait,
};
use crate::time::{Day, Minute};

/// Draws one case in a theme.
pub type Draw = Box<dyn Fn(Theme) -> Picture>;

pub const LONG: &str = "London Blackwell Ultra, building B, data hall 12, cluster network \
    integrated systems test and acceptance by the customer's engineer on behalf of the lenders";
pub const HOSTILE: &str = "<script>alert(\"1\")</script> & Zürich — Łódź £€ 東京\u{0}\u{7}\n𝔘";

pub fn day(year: i16, month: i8, day: i8) -> Day {
    Day::from_date(date(year, month, day))
}

fn hall(at: i32) -> Steps {
    let start = day(2025, 11, 3) + at * 32;
    let step = |unit: i32| (start + unit * 3 + (unit * unit) % 4, 1.262 * f64::from(unit + 1));
    Steps::rising(format!("hall-{}", at + 1), (0..26).map(step).collect())
}

pub fn ramp() -> Ramp {
    Ramp {
        title: "London Blackwell Ultra: online IT MW by hall".into(),
        subtitle: "Likely values, not a P50. Hypothetical scenario; plan of 2025-11-10".into(),
        halls: (0..8).map(hall).collect(),
        plan: Some(Steps::rising("Plan: 262.5 by 2026-03-31", vec![(day(2026, 3, 31), 262.5)])),
        contracted: Some(Steps::level("Contracted 262.5", 262.5)),
        installed: Some(Steps::level("Installed limit 272", 272.0)),
        energised: Some(Steps::rising(
            "Energised (grid-limited IT MW)",
            vec![(day(2025, 11, 20), 148.0), (day(2026, 4, 8), 281.0)],
        )),
        status: Some(day(2025, 11, 10)),
        ..Ramp::default()
    }
}

fn sites(count: i32, days: i32) -> Ramp {
    let site = |at: i32| {
        let steps =
            (0..40).map(|n| (day(2022, 3, 1) + at * 40 + n * days / 40, f64::from(n) * 2.5));
        Steps::rising(format!("site-{:02}", at + 1), steps.collect())
    };
    Ramp { halls: (0..count).map(site).collect(), title: "Portfolio".into(), ..ramp() }
}

pub fn gantt(halls: usize, each: usize) -> Gantt {
    let names =
        ["site-control", "hv-transformers", "earthworks", "substation", "energise-1", "envelope"];
    let mut rows = Vec::new();
    let mut at = day(2024, 6, 3).start();
    let days = |count: i64| crate::time::Span(count * 1440);
    for (n, name) in names.into_iter().enumerate() {
        let finish = at + days(60 + 35 * n as i64 % 130);
        let mut row = Row::new(name, at, finish);
        row.group = "campus".into();
        row.critical = n != 2;
        row.float_days = Some(if n == 2 { 48.0 } else { 0.0 });
        row.plan = Some((at - days(12), finish - days(20)));
        row.progress = if n < 5 { Progress::Done } else { Progress::UnderWay };
        at = at + days(85);
        rows.push(row);
    }
    let stages = [
        "fit-out",
        "functional tests",
        "integrated systems test",
        "rack installation",
        "burn-in",
        "acceptance",
    ];
    for hall in 0..halls {
        let mut at = day(2025, 7, 1).start() + days(33 * hall as i64);
        for (n, stage) in stages.iter().cycle().take(each.saturating_sub(1)).enumerate() {
            let wait = (n + hall) % 4 == 2;
            let start = at + days(if wait { 16 } else { 0 });
            let mut row = Row::new(*stage, start, start + days(18 + 9 * (n as i64 % 3)));
            row.group = format!("hall-{}", hall + 1);
            row.critical = hall + 1 == halls;
            row.float_days = Some(if row.critical { 0.0 } else { 61.0 - 7.0 * hall as f64 });
            row.plan = Some((row.start - days(25), row.finish - days(25)));
            row.progress = if row.finish < day(2025, 11, 10).start() {
                Progress::Done
            } else if row.start < day(2025, 11, 10).start() {
                Progress::UnderWay
            } else {
                Progress::Planned
            };
            if wait {
                let what = if n % 2 == 0 { "commissioning-team" } else { "racks" };
                row.waits.push(Wait { from: at, until: start, what: what.into() });
            }
            at = row.finish;
            rows.push(row);
        }
        let mut ready = Row::new("ready for service", at, at);
        ready.group = format!("hall-{}", hall + 1);
        ready.milestone = true;
        ready.critical = hall + 1 == halls;
        ready.plan = Some((at - days(41), at - days(41)));
        rows.push(ready);
    }
    Gantt {
        title: "London Blackwell Ultra: what drives the last hall".into(),
        subtitle: "Likely values, not a P50. Plan of 2025-11-10".into(),
        rows,
        status: Some(day(2025, 11, 10)),
        span: None,
    }
}

fn quarter(at: i32) -> CoverQuarter {
    let first = day(2024, 4, 1).add_months(3 * at);
    let online = (at - 6).clamp(0, 5);
    let revenue = Money::whole(i64::from(online) * 128_000_000);
    let tail = if at > 23 { at - 23 } else { 0 };
    let debt = match at {
        0..5 => 0,
        5..10 => 40 + 9 * at,
        _ => 330 - 9 * (at - 10) - 20 * tail,
    };
    let swing = [0.0, 0.05, -0.03, 0.02][at as usize % 4];
    let dscr = match at {
        0..5 => None,
        5 => Some(-0.3),
        6..9 => Some(0.2 * f64::from(at - 5)),
        _ => Some(1.1 + 0.075 * f64::from(at - 9) + swing),
    };
    CoverQuarter { first, revenue, debt_service: Money::whole(i64::from(debt) * 1_000_000), dscr }
}

pub fn cover() -> Cover {
    Cover {
        title: "London Blackwell Ultra: does revenue cover the debt?".into(),
        subtitle: "Likely values, not a P50. Calendar quarters; debt service is interest and principal due".into(),
        currency: Currency::USD,
        quarters: (0..28).map(quarter).collect(),
        covenant: Some(Covenant { name: "Covenant 1.40x".into(), least: 1.4, from: Some(Day::from_date(jiff::civil::date(2026, 10, 31))), until: None }),
        status: Some(day(2025, 11, 10)),
    }
}

fn flat_cover(count: i32, dscr: impl Fn(i32) -> Option<f64>, money: i64) -> Cover {
    let quarter = |at| CoverQuarter {
        first: day(2026, 1, 1).add_months(3 * at),
        revenue: Money::whole(money),
        debt_service: Money::whole(money / 2),
        dscr: dscr(at),
    };
    Cover { quarters: (0..count).map(quarter).collect(), status: None, ..cover() }
}

fn empty_ramp() -> Ramp {
    Ramp { title: "Nothing".into(), ..Ramp::default() }
}

fn one(label: &str, start: Minute, finish: Minute) -> Gantt {
    Gantt { title: label.into(), rows: vec![Row::new(label, start, finish)], ..Gantt::default() }
}

fn ramps() -> Vec<(&'static str, Ramp)> {
    let start = day(2026, 3, 30);
    let hostile =
        |at: usize| Steps::rising(format!("{HOSTILE} {at}"), vec![(start + 40 * at as i32, 9.0)]);
    let mut long = ramp();
    long.title = format!("{LONG}; {LONG}; {LONG}");
    long.subtitle = long.title.clone();
    long.halls.iter_mut().for_each(|hall| hall.name = format!("{LONG} {}", hall.name));
    long.plan = Some(Steps::rising(LONG, vec![(day(2026, 3, 31), 262.5)]));
    long.contracted = Some(Steps::level(LONG, 400.0));
    long.quantity = format!("Online IT MW of {LONG}");
    let few = |megawatts| Ramp {
        halls: vec![Steps::rising("hall-1", vec![(start, megawatts)])],
        ..empty_ramp()
    };
    vec![
        ("ramp-empty", empty_ramp()),
        ("ramp-zero", few(0.0)),
        ("ramp-one-point", few(1.26)),
        ("ramp-huge", few(1e300)),
        ("ramp-nan", few(f64::NAN)),
        ("ramp-one-day", Ramp { span: Some((start, start)), ..ramp() }),
        ("ramp-three-days", Ramp { span: Some((start, start + 3)), status: None, ..ramp() }),
        ("ramp-far", Ramp { span: Some((Day(i32::MIN), Day(i32::MAX))), ..ramp() }),
        ("ramp-long", long),
        (
            "ramp-hostile",
            Ramp { halls: (0..10).map(hostile).collect(), title: HOSTILE.into(), ..ramp() },
        ),
        (
            "ramp-sites",
            Ramp {
                plan: None,
                energised: None,
                contracted: None,
                installed: None,
                ..sites(28, 1500)
            },
        ),
        ("ramp-ten-years", sites(5, 3600)),
        ("ramp-legend", sites(11, 900)),
        ("ramp-only-plan", Ramp { halls: Vec::new(), energised: None, ..ramp() }),
    ]
}

fn gantts() -> Vec<(&'static str, Gantt)> {
    let start = day(2026, 3, 30).start();
    let mut long = gantt(2, 6);
    for row in &mut long.rows {
        row.label = format!("{LONG} {}", row.label);
        row.group = format!("{LONG} {}", row.group);
        row.waits.iter_mut().for_each(|wait| wait.what = LONG.into());
    }
    let mut hostile = gantt(1, 3);
    hostile.title = HOSTILE.into();
    for row in &mut hostile.rows {
        row.label = HOSTILE.into();
        row.group = String::new();
    }
    let mut never = gantt(1, 4);
    never.rows[2].finish = Minute::NEVER;
    never.rows[3].start = Minute::NEVER;
    never.rows[3].finish = Minute::NEVER;
    never.rows[4].waits.push(Wait { from: start, until: Minute::NEVER, what: "funding".into() });
    never.rows[5].float_days = Some(f64::NAN);
    never.rows[6].start = Minute::MIN;
    let flat = |gantt: Gantt| Gantt { status: None, ..gantt };
    vec![
        ("gantt-45", gantt(6, 7)),
        ("gantt-66", gantt(10, 6)),
        ("gantt-empty", Gantt::default()),
        ("gantt-one", one("substation", start, start + crate::time::Span(40 * 1440))),
        ("gantt-instant", one("energise", start, start)),
        ("gantt-never", never),
        ("gantt-only-never", one("never", Minute::NEVER, Minute::NEVER)),
        ("gantt-backwards", one("backwards", start, start - crate::time::Span(99 * 1440))),
        ("gantt-long", long),
        ("gantt-hostile", hostile),
        ("gantt-no-status", flat(gantt(1, 5))),
        (
            "gantt-ten-years",
            Gantt { span: Some((day(2020, 5, 1), day(2031, 2, 1))), ..gantt(3, 4) },
        ),
    ]
}

fn covers() -> Vec<(&'static str, Cover)> {
    let spike = |at: i32| match at {
        2 => Some(14.2),
        3 => Some(33.0),
        7 => Some(-21.5),
        9 => None,
        _ => Some(1.5),
    };
    let mut long = cover();
    long.title = LONG.repeat(3);
    long.covenant = Some(Covenant { name: LONG.into(), least: 1.4, from: None, until: None });
    let mut hostile = cover();
    hostile.title = HOSTILE.into();
    hostile.covenant =
        Some(Covenant { name: HOSTILE.into(), least: f64::NAN, from: None, until: None });
    vec![
        ("cover-empty", flat_cover(0, |_| None, 0)),
        ("cover-one", flat_cover(1, |_| Some(1.7), 640_000_000)),
        ("cover-zero", flat_cover(8, |_| None, 0)),
        ("cover-spike", flat_cover(12, spike, 12_000_000_000)),
        ("cover-infinite", flat_cover(3, |_| Some(f64::INFINITY), 640)),
        (
            "cover-long-life",
            flat_cover(120, |at| Some(1.2 + f64::from(at % 9) / 10.0), 640_000_000),
        ),
        ("cover-no-covenant", Cover { covenant: None, ..cover() }),
        ("cover-long", long),
        ("cover-hostile", hostile),
    ]
}

/// Every case, by name; the three honest ones first.
pub fn gallery() -> Vec<(&'static str, Draw)> {
    let mut all: Vec<(&'static str, Draw)> = vec![
        ("ramp", Box::new(|theme| ramp().draw(theme))),
        ("gantt", Box::new(|theme| gantt(6, 7).draw(theme))),
        ("cover", Box::new(|theme| cover().draw(theme))),
    ];
    for (name, chart) in ramps() {
        all.push((name, Box::new(move |theme| chart.draw(theme))));
    }
    for (name, chart) in gantts() {
        all.push((name, Box::new(move |theme| chart.draw(theme))));
    }
    for (name, chart) in covers() {
        all.push((name, Box::new(move |theme| chart.draw(theme))));
    }
    all.extend(super::more::gallery());
    all
}
