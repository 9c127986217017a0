//! Cases of the charts of risk, causes, crews and money.

use super::data::{Draw, HOSTILE, LONG, day};
use crate::money::{Currency, Money};
use crate::plot::{
    Backlog, BacklogQuarter, Calibration, Collateral, CollateralQuarter, Curve, Curves, Demand,
    DemandPanel, DemandWeek, Fan, FanPoint, Gantt, HeatMap, HeatRow, Row, Steps, Strip, StripRow,
    Tornado, TornadoBar, Waterfall,
};
use crate::time::{Day, Minute, Span};

const BAD: [f64; 4] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300];

fn title(name: &str) -> String {
    format!("{name}: London Blackwell Ultra (hypothetical)")
}

pub fn fan(points: usize, by_quarter: bool) -> Fan {
    let point = |at: usize| {
        let middle = 12.0 * at as f64;
        let next = if by_quarter { 3 } else { 1 };
        FanPoint {
            at: day(2025, 11, 1).add_months(next * at as i32),
            quantiles: (at % 11 != 10)
                .then_some([-20.0, -9.0, 0.0, 7.0, 15.0].map(|by| middle + by)),
            chance: by_quarter.then_some((at % 7) as f64 / 7.0),
        }
    };
    Fan {
        title: title("Fan"),
        subtitle: "1,000 trials".into(),
        quantity: "Online IT MW".into(),
        points: (0..points).map(point).collect(),
        by_quarter,
        plan: Some(Steps::rising("plan", vec![(day(2026, 2, 1), 60.0), (day(2026, 4, 1), 200.0)])),
        likely: Some(Steps::rising("likely values", vec![(day(2026, 6, 1), 90.0)])),
        actual: Some(Steps::rising("actual", vec![(day(2025, 10, 1), 5.0)])),
        least: Some(("covenant 1.40x".into(), 30.0)),
        least_from: Some(day(2026, 5, 1)),
        chance: by_quarter.then(|| "Probability that its test fails, %".into()),
        status: Some(day(2025, 11, 10)),
    }
}

pub fn curves(count: usize) -> Curves {
    let curve = |at: usize| {
        let from = day(2026, 1, 1).start() + Span(40_000 * at as i64);
        let points = (1..=50).map(|n| (from + Span(n * n * 90), n as f64 / 50.0));
        let last = if at % 3 == 2 { 0.8 } else { 1.0 };
        Curve {
            name: format!("hall-{}", at + 1),
            points: points.map(|(date, share)| (date, share * last)).collect(),
            marks: vec![("P10".into(), from + Span(9_000)), ("P50".into(), from + Span(60_000))],
            plan: at.is_multiple_of(2).then(|| (day(2026, 2, 1) + at as i32, 0.07)),
        }
    };
    let curves = (0..count).map(curve).collect();
    Curves { title: title("Dates"), subtitle: "1,000 trials".into(), curves, status: None }
}

pub fn waterfall(steps: usize) -> Waterfall {
    let names = ["grid", "transformer", "weather", "labour", "commissioning", "racks"];
    let by = |at: usize| if at % 4 == 3 { -12.5 } else { 20.0 + 7.0 * at as f64 };
    let steps: Vec<(String, f64)> =
        (0..steps).map(|at| (names[at % names.len()].to_owned(), by(at))).collect();
    let total = steps.iter().map(|step| step.1).sum();
    Waterfall {
        title: title("Why it is late"),
        subtitle: "days each cause takes".into(),
        quantity: "Calendar days".into(),
        from: ("plan 2026-03-31".into(), 0.0),
        steps,
        to: ("P50 2026-12-01".into(), total),
    }
}

pub fn tornado(bars: usize) -> Tornado {
    let bar = |at: usize| TornadoBar {
        name: format!("driver-{at}"),
        low: if at % 5 == 4 { 3.0 } else { -30.0 / (at + 1) as f64 },
        high: 80.0 / (at + 1) as f64,
    };
    Tornado {
        title: title("What moves the date"),
        subtitle: "one at a time".into(),
        quantity: "Days later (+) or earlier than likely".into(),
        bars: (0..bars).map(bar).collect(),
        low: "at its P10".into(),
        high: "at its P90".into(),
    }
}

pub fn heat(rows: usize, columns: usize) -> HeatMap {
    let cell = |row: usize, column: usize| {
        ((row + column) % 5 != 4).then_some((row as f64 - 3.0) * 11.0 + column as f64)
    };
    HeatMap {
        title: title("Slips"),
        subtitle: "days".into(),
        quantity: "Days late (+) or early".into(),
        columns: (0..columns).map(|at| format!("20{:02} Q{}", 24 + at / 4, at % 4 + 1)).collect(),
        rows: (0..rows)
            .map(|row| HeatRow {
                name: format!("site-{row}"),
                cells: (0..columns).map(|column| cell(row, column)).collect(),
            })
            .collect(),
    }
}

pub fn demand(panels: usize, weeks: i32) -> Demand {
    let panel = |at: usize| DemandPanel {
        name: format!("crew-{at}"),
        pool: Steps::rising("there are", vec![(day(2025, 1, 1), 2.0), (day(2026, 4, 1), 3.0)]),
        weeks: (0..weeks)
            .map(|week| DemandWeek {
                from: day(2026, 1, 5) + 7 * week,
                used: f64::from((week + at as i32) % 4) * 0.7,
                queued: if week % 5 == 1 { 1.3 } else { 0.0 },
            })
            .collect(),
        queue_days: 12.5 * at as f64,
    };
    let panels = (0..panels).map(panel).collect();
    let status = Some(day(2026, 1, 19));
    Demand { title: title("Crews"), subtitle: "by week".into(), panels, status }
}

pub fn strip(rows: usize) -> Strip {
    let row = |at: usize| {
        let from = day(2026, 1, 5) + 7 * at as i32;
        StripRow {
            name: format!("hall-{at}"),
            spans: vec![
                (from, from + 40, 0),
                (from + 40, from + 90, 1),
                (from + 120, from + 150, 3),
            ],
        }
    };
    Strip {
        title: title("What holds capacity back"),
        subtitle: "week by week".into(),
        terms: ["power", "cooling", "racks", "acceptance"].map(str::to_owned).to_vec(),
        rows: (0..rows).map(row).collect(),
        status: Some(day(2026, 2, 2)),
    }
}

fn millions(amount: i64) -> Money {
    Money::whole(amount * 1_000_000)
}

pub fn backlog(quarters: i32) -> Backlog {
    let quarter = |at: i32| BacklogQuarter {
        first: day(2025, 1, 1).add_months(3 * at),
        signed: millions(if at % 6 == 0 { 4_000 } else { 0 }),
        recognised: millions(150),
        other: millions(if at % 9 == 8 { -220 } else { 0 }),
        closing: millions(i64::from(4_000 * (at / 6 + 1) - 150 * at)),
    };
    Backlog {
        title: title("Backlog"),
        subtitle: "by quarter".into(),
        currency: Currency::USD,
        quantity: "RPO".into(),
        quarters: (0..quarters).map(quarter).collect(),
        status: Some(day(2025, 11, 10)),
    }
}

pub fn collateral(quarters: i32) -> Collateral {
    let quarter = |at: i32| CollateralQuarter {
        first: day(2025, 1, 1).add_months(3 * at),
        value: millions(i64::from((9_000 - 310 * at).max(0))),
        debt: millions(i64::from(if at < 2 { 0 } else { 5_000 - 40 * at })),
    };
    Collateral {
        title: title("Collateral"),
        subtitle: "by quarter".into(),
        currency: Currency(*b"GBP"),
        quarters: (0..quarters).map(quarter).collect(),
        limit: Some(("covenant 75 %".into(), 0.75)),
        status: Some(day(2025, 11, 10)),
    }
}

pub fn calibration() -> Calibration {
    Calibration {
        title: title("Forecasts beside what happened"),
        subtitle: "7 quarters".into(),
        coverage: vec![(0.5, 0.43), (0.8, 0.71), (0.9, 1.0)],
        pit: vec![1, 0, 2, 1, 0, 0, 1, 0, 1, 1],
        unit: "%".into(),
        errors: vec![("P50 of the trials".into(), 1.4), ("last quarter again".into(), 21.6)],
        cases: 7,
    }
}

/// A Gantt chart whose rows are coloured by how often they are critical.
pub fn graded() -> Gantt {
    let mut chart = super::data::gantt(2, 5);
    for (at, row) in chart.rows.iter_mut().enumerate() {
        row.criticality = Some(at as f64 / 10.0);
    }
    chart.rows.push(Row { criticality: Some(f64::NAN), ..Row::new("odd", Minute(0), Minute(9)) });
    chart
}

fn long_names() -> Vec<(&'static str, Draw)> {
    let name = |at: usize| format!("{LONG} {at}");
    let mut curves = curves(5);
    let mut waterfall = waterfall(4);
    let (mut tornado, mut heat, mut strip) = (tornado(4), heat(4, 3), strip(3));
    let (mut demand, mut fan) = (demand(2, 9), fan(9, true));
    curves.curves.iter_mut().enumerate().for_each(|(at, of)| of.name = name(at));
    waterfall.steps.iter_mut().enumerate().for_each(|(at, of)| of.0 = name(at));
    tornado.bars.iter_mut().enumerate().for_each(|(at, of)| of.name = name(at));
    heat.rows.iter_mut().enumerate().for_each(|(at, of)| of.name = name(at));
    heat.columns.iter_mut().enumerate().for_each(|(at, of)| *of = name(at));
    strip.rows.iter_mut().enumerate().for_each(|(at, of)| of.name = name(at));
    strip.terms.iter_mut().enumerate().for_each(|(at, of)| *of = name(at));
    demand.panels.iter_mut().enumerate().for_each(|(at, of)| of.name = name(at));
    fan.least = Some((LONG.into(), 20.0));
    fan.quantity = LONG.into();
    (tornado.quantity, tornado.low, tornado.title) = (LONG.repeat(3), LONG.into(), LONG.repeat(3));
    (waterfall.from.0, waterfall.to.0) = (LONG.into(), HOSTILE.into());
    let collateral = Collateral { limit: Some((HOSTILE.into(), 0.5)), ..collateral(8) };
    let mut calibration = calibration();
    calibration.errors = (0..20).map(|at| (name(at), at as f64)).collect();
    (calibration.unit, calibration.title) = (HOSTILE.into(), LONG.repeat(3));
    vec![
        ("curves-long", Box::new(move |theme| curves.draw(theme))),
        ("waterfall-long", Box::new(move |theme| waterfall.draw(theme))),
        ("tornado-long", Box::new(move |theme| tornado.draw(theme))),
        ("heat-long", Box::new(move |theme| heat.draw(theme))),
        ("strip-long", Box::new(move |theme| strip.draw(theme))),
        ("demand-long", Box::new(move |theme| demand.draw(theme))),
        ("fan-long", Box::new(move |theme| fan.draw(theme))),
        ("collateral-long", Box::new(move |theme| collateral.draw(theme))),
        ("calibration-long", Box::new(move |theme| calibration.draw(theme))),
    ]
}

/// Numbers that no chart can show as they are.
fn bad_numbers() -> Vec<(&'static str, Draw)> {
    let (mut fan, mut tornado, mut heat) = (fan(6, true), tornado(4), heat(2, 4));
    let (mut waterfall, mut demand) = (waterfall(4), demand(1, 4));
    for (at, bad) in BAD.into_iter().enumerate() {
        fan.points[at].quantiles = Some([bad, 1.0, 2.0, 3.0, bad]);
        fan.points[at].chance = Some(bad);
        tornado.bars[at].high = bad;
        heat.rows[0].cells[at] = Some(bad);
        waterfall.steps[at].1 = bad;
        demand.panels[0].weeks[at].used = bad;
        demand.panels[0].weeks[at].queued = bad;
    }
    demand.panels[0].queue_days = f64::NAN;
    fan.least = Some(("covenant".into(), f64::NAN));
    waterfall.to.1 = f64::INFINITY;
    let mut curves = curves(2);
    curves.curves[0].points.push((Minute::NEVER, 1.0));
    curves.curves[0].marks.push(("P90".into(), Minute::NEVER));
    curves.curves[1].points = vec![(Minute::NEVER, 1.0)];
    let collateral =
        Collateral { limit: Some(("no limit".into(), f64::INFINITY)), ..collateral(30) };
    vec![
        ("fan-bad", Box::new(move |theme| fan.draw(theme))),
        ("tornado-bad", Box::new(move |theme| tornado.draw(theme))),
        ("heat-bad", Box::new(move |theme| heat.draw(theme))),
        ("waterfall-bad", Box::new(move |theme| waterfall.draw(theme))),
        ("demand-bad", Box::new(move |theme| demand.draw(theme))),
        ("curves-never", Box::new(move |theme| curves.draw(theme))),
        ("collateral-bad", Box::new(move |theme| collateral.draw(theme))),
    ]
}

/// Nothing, one of each, and very many.
fn few_and_many() -> Vec<(&'static str, Draw)> {
    let level =
        |count: usize| Fan { points: vec![fan(1, false).points[0]; count], ..fan(0, false) };
    let certain = Curves { curves: vec![Curve::default()], ..curves(0) };
    vec![
        ("fan-empty", Box::new(|theme| Fan::default().draw(theme))),
        ("fan-one", Box::new(|theme| fan(1, true).draw(theme))),
        ("fan-one-day", Box::new(move |theme| level(4).draw(theme))),
        ("fan-months", Box::new(|theme| fan(240, false).draw(theme))),
        ("fan-quarters", Box::new(|theme| fan(120, true).draw(theme))),
        ("curves-empty", Box::new(|theme| Curves::default().draw(theme))),
        ("curves-certain", Box::new(move |theme| certain.draw(theme))),
        ("curves-one", Box::new(|theme| curves(1).draw(theme))),
        ("curves-many", Box::new(|theme| curves(90).draw(theme))),
        ("waterfall-empty", Box::new(|theme| Waterfall::default().draw(theme))),
        ("waterfall-one", Box::new(|theme| waterfall(1).draw(theme))),
        ("waterfall-many", Box::new(|theme| waterfall(60).draw(theme))),
        ("tornado-empty", Box::new(|theme| Tornado::default().draw(theme))),
        ("tornado-one", Box::new(|theme| tornado(1).draw(theme))),
        ("tornado-many", Box::new(|theme| tornado(200).draw(theme))),
        ("heat-empty", Box::new(|theme| HeatMap::default().draw(theme))),
        ("heat-one", Box::new(|theme| heat(1, 1).draw(theme))),
        ("heat-many", Box::new(|theme| heat(200, 60).draw(theme))),
        ("demand-empty", Box::new(|theme| Demand::default().draw(theme))),
        ("demand-one", Box::new(|theme| demand(1, 1).draw(theme))),
        ("demand-many", Box::new(|theme| demand(30, 520).draw(theme))),
        ("strip-empty", Box::new(|theme| Strip::default().draw(theme))),
        ("strip-one", Box::new(|theme| strip(1).draw(theme))),
        ("strip-many", Box::new(|theme| strip(200).draw(theme))),
        ("backlog-empty", Box::new(|theme| backlog(0).draw(theme))),
        ("backlog-one", Box::new(|theme| backlog(1).draw(theme))),
        ("backlog-many", Box::new(|theme| backlog(120).draw(theme))),
        ("collateral-empty", Box::new(|theme| collateral(0).draw(theme))),
        ("collateral-one", Box::new(|theme| collateral(1).draw(theme))),
        ("collateral-many", Box::new(|theme| collateral(40).draw(theme))),
        ("calibration-empty", Box::new(|theme| Calibration::default().draw(theme))),
    ]
}

/// Every case, by name.
pub fn gallery() -> Vec<(&'static str, Draw)> {
    let mut all: Vec<(&'static str, Draw)> = vec![
        ("fan", Box::new(|theme| fan(18, false).draw(theme))),
        ("fan-by-quarter", Box::new(|theme| fan(14, true).draw(theme))),
        ("curves", Box::new(|theme| curves(6).draw(theme))),
        ("waterfall", Box::new(|theme| waterfall(7).draw(theme))),
        ("tornado", Box::new(|theme| tornado(9).draw(theme))),
        ("heat", Box::new(|theme| heat(9, 8).draw(theme))),
        ("demand", Box::new(|theme| demand(3, 30).draw(theme))),
        ("strip", Box::new(|theme| strip(8).draw(theme))),
        ("backlog", Box::new(|theme| backlog(20).draw(theme))),
        ("collateral", Box::new(|theme| collateral(20).draw(theme))),
        ("calibration", Box::new(|theme| calibration().draw(theme))),
        ("gantt-graded", Box::new(|theme| graded().draw(theme))),
    ];
    all.extend(long_names());
    all.extend(bad_numbers());
    all.extend(few_and_many());
    all
}

/// A fan over any points, for laws.
pub fn any_fan(points: Vec<(i32, Option<[f64; 5]>, Option<f64>)>, by_quarter: bool) -> Fan {
    let points = points.into_iter().map(|(at, quantiles, chance)| FanPoint {
        at: Day(at),
        quantiles,
        chance,
    });
    Fan { points: points.collect(), ..fan(0, by_quarter) }
}
