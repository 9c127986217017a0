//! What one run tells, row by row.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{Figure, Topic, Unit};
use crate::analysis::Run;
use crate::capacity::{Binds, HallRamp};
use crate::ledger::{Flows, Outcome, PeriodRow, Stand, TestMade, by_year, limits_on};
use crate::model::Site;
use crate::model::covenants::{Covenant, Test, Window};
use crate::money::Money;
use crate::time::{Day, Minute};
use crate::unit::{ItPower, Share};

/// A figure with its name.
pub struct Row {
    pub topic: Topic,
    /// Place among the rows of the topic; those of one rank stay as they come.
    pub rank: i64,
    pub subject: String,
    pub measure: &'static str,
    pub unit: Unit,
    pub figure: Option<Figure>,
}

/// Rank of what stands below the rows by year.
const LAST: i64 = i64::MAX;

/// All that a run tells; its ramp at the ends of quarters that suit all runs.
pub fn rows(site: &Site, run: &Run, ends: &[Day]) -> Vec<Row> {
    let mut rows = dates(site, run);
    rows.extend(ramp(site, run, ends));
    if has_books(run) {
        rows.extend(years(run));
        rows.extend(totals(run));
        rows.extend(extremes(run));
    }
    rows.extend(covenants(site, run));
    rows
}

// ---------------------------------------------------------------------------- dates and ramp

fn moment(at: Minute) -> Figure {
    if at.happens() { Figure::Day(at.day()) } else { Figure::Never }
}

fn date(rank: i64, subject: &str, measure: &'static str, at: Minute) -> Row {
    let (subject, figure) = (subject.to_owned(), Some(moment(at)));
    Row { topic: Topic::Dates, rank, subject, measure, unit: Unit::Day, figure }
}

/// The whole first, then the sites of a portfolio, then halls.
fn dates(site: &Site, run: &Run) -> Vec<Row> {
    let every: Vec<u32> = (0..site.halls.len() as u32).collect();
    let mut rows = headline(site, run, &every, (0, ""));
    rows.push(date(0, "", "last finish", run.timeline.end()));
    for member in site.portfolio.iter().flat_map(|portfolio| &portfolio.members) {
        let premises = |hall: &&u32| site.halls[**hall as usize].premises == member.premises;
        let halls: Vec<u32> = every.iter().filter(premises).copied().collect();
        rows.extend(headline(site, run, &halls, (1, &member.id)));
    }
    for (hall, ramp) in site.halls.iter().zip(&run.ramp.halls) {
        let complete = ramp.steps.iter().find(|step| step.binds == Binds::Complete);
        rows.push(date(2, &hall.id, "ready for service", ramp.ready));
        if !hall.units.is_empty() {
            let complete = complete.map_or(Minute::NEVER, |step| step.at);
            rows.push(date(2, &hall.id, "all units online", complete));
        }
    }
    rows
}

/// When some halls are ready and their capacity online; nothing of what they have not.
fn headline(site: &Site, run: &Run, halls: &[u32], (rank, subject): (i64, &str)) -> Vec<Row> {
    let ramps = || halls.iter().map(|&hall| &run.ramp.halls[hall as usize]);
    let mut rows = Vec::new();
    if let (Some(first), Some(last)) =
        (ramps().map(|ramp| ramp.ready).min(), ramps().map(|ramp| ramp.ready).max())
    {
        rows.push(date(rank, subject, "first hall ready for service", first));
        rows.push(date(rank, subject, "last hall ready for service", last));
    }
    let units = |hall: &u32| site.halls[*hall as usize].units.clone();
    let units = halls.iter().flat_map(units);
    let all: ItPower = units.map(|unit| site.units[unit as usize].it_power).sum();
    if all > ItPower::ZERO {
        // Shares of the planned accepted load (semantics C5).
        let marks = [ItPower(1), ItPower((all.0 + 1) / 2), all];
        let [first, half, whole] = reached(ramps(), marks);
        rows.push(date(rank, subject, "first unit online", first));
        rows.push(date(rank, subject, "half of the IT MW online", half));
        rows.push(date(rank, subject, "all of the IT MW online", whole));
    }
    rows
}

/// When the online power of some halls together first reaches each mark.
fn reached<'r>(halls: impl Iterator<Item = &'r HallRamp>, marks: [ItPower; 3]) -> [Minute; 3] {
    let mut gains: BTreeMap<Minute, i64> = BTreeMap::new();
    for hall in halls {
        let mut before = 0;
        for step in &hall.steps {
            *gains.entry(step.at).or_default() += step.online.0 - before;
            before = step.online.0;
        }
    }
    let mut found = [Minute::NEVER; 3];
    let mut online = 0;
    for (at, gain) in gains {
        online += gain;
        for (found, mark) in found.iter_mut().zip(marks) {
            if online >= mark.0 && !found.happens() {
                *found = at;
            }
        }
    }
    found
}

/// Most quarters of a ramp.
const QUARTERS_MAX: usize = 400;

/// First days after the quarters from the first capacity of any run to the last change of any.
pub fn quarter_ends(runs: &[(&Site, &Run)]) -> Vec<Day> {
    let grown = |run: &Run| {
        let gains = run.ramp.steps.windows(2).filter(|pair| pair[0].online != pair[1].online);
        gains.map(|pair| pair[1].at.day()).collect::<Vec<_>>()
    };
    let days: Vec<Day> = runs.iter().flat_map(|(_, run)| grown(run)).collect();
    let (Some(&first), Some(&last)) = (days.iter().min(), days.iter().max()) else {
        return Vec::new();
    };
    let into = i32::from((first.date().month() - 1) % 3);
    let mut end = first.month_start().add_months(3 - into);
    let mut ends = vec![end];
    while end <= last && ends.len() < QUARTERS_MAX {
        end = end.add_months(3);
        ends.push(end);
    }
    ends
}

fn ramp(site: &Site, run: &Run, ends: &[Day]) -> Vec<Row> {
    if site.planned_it() == ItPower::ZERO {
        return Vec::new();
    }
    let row = |&end: &Day| Row {
        topic: Topic::Ramp,
        rank: i64::from(end.0),
        subject: (end + -1).to_string(),
        measure: "online IT MW",
        unit: Unit::ItMw,
        figure: Some(Figure::Power(run.ramp.online_before(end))),
    };
    ends.iter().map(row).collect()
}

// ------------------------------------------------------------------------------------- money

/// Whether anything was ever posted.
fn has_books(run: &Run) -> bool {
    let nothing = (Flows::default(), Stand::default());
    run.books.months.iter().any(|month| (month.flows, month.stand) != nothing)
}

fn money(topic: Topic, rank: i64, subject: String, measure: &'static str, figure: Figure) -> Row {
    Row { topic, rank, subject, measure, unit: Unit::Money, figure: Some(figure) }
}

/// By calendar year.
fn years(run: &Run) -> Vec<Row> {
    let of = |year: &PeriodRow| {
        let (flows, stand) = (&year.flows, &year.stand);
        let name = year.from.date().year();
        [
            (Topic::Revenue, "revenue", flows.revenue + flows.recharge),
            (Topic::Ebitda, "EBITDA", flows.ebitda()),
            (Topic::Interest, "interest incurred", flows.interest_incurred),
            (Topic::Debt, "debt at the end of", stand.debt),
            (Topic::Cash, "cash at the end of", stand.cash),
            (Topic::Equity, "equity called", called(flows)),
        ]
        .map(|(topic, measure, amount)| {
            money(topic, i64::from(name), name.to_string(), measure, Figure::Money(amount, None))
        })
    };
    by_year(&run.books.months).iter().flat_map(of).collect()
}

/// Equity paid in after the books opened.
fn called(flows: &Flows) -> Money {
    flows.equity() - flows.opening_cash
}

/// To the horizon; interest incurred, expensed, capitalised and paid (semantics M6).
fn totals(run: &Run) -> Vec<Row> {
    let totals = &run.books.totals;
    let before = run.books.interest_before_first_revenue;
    let rows = [
        (Topic::Revenue, "revenue to the horizon", totals.revenue + totals.recharge),
        (Topic::Ebitda, "EBITDA to the horizon", totals.ebitda()),
        (Topic::Interest, "interest incurred to the horizon", totals.interest_incurred),
        (Topic::Interest, "interest expensed to the horizon", totals.interest_expensed),
        (Topic::Interest, "interest capitalised to the horizon", totals.interest_capitalised),
        (
            Topic::Interest,
            "interest and undrawn fees paid",
            totals.interest_paid + totals.fees_paid,
        ),
        (Topic::Interest, "interest incurred before first revenue", before),
        (Topic::Equity, "equity called to the horizon", called(totals)),
        (Topic::Equity, "equity called as committed", totals.equity_committed),
        (Topic::Equity, "equity raised by date", totals.equity_raised),
        (Topic::Equity, "equity called beyond the commitment", totals.equity_shortfall),
        (Topic::Equity, "equity that cured failed tests", totals.equity_cures),
    ];
    let row = |(topic, measure, amount)| {
        money(topic, LAST, String::new(), measure, Figure::Money(amount, None))
    };
    rows.map(row).into()
}

/// Most debt and least cash at the end of a month, at the first month of several.
fn extremes(run: &Run) -> Vec<Row> {
    let months = &run.books.months;
    let most = months.iter().rev().max_by_key(|month| month.stand.debt);
    let least = months.iter().min_by_key(|month| month.stand.cash);
    let most =
        most.map(|month| (Topic::Debt, "most debt at a month's end", month.stand.debt, month));
    let least =
        least.map(|month| (Topic::Cash, "least cash at a month's end", month.stand.cash, month));
    let row = |(topic, measure, amount, month): (_, _, _, &PeriodRow)| {
        let figure = Figure::Money(amount, Some(month.until + -1));
        money(topic, LAST, String::new(), measure, figure)
    };
    most.into_iter().chain(least).map(row).collect()
}

// --------------------------------------------------------------------------------- covenants

/// The first failed test of each covenant and the least room of all its tests.
fn covenants(site: &Site, run: &Run) -> Vec<Row> {
    let mut tests: BTreeMap<(u32, u32), Vec<TestMade>> = BTreeMap::new();
    for made in run.books.tests().filter(|made| made.outcome != Outcome::NotTested) {
        tests.entry((made.loan, made.covenant)).or_default().push(made);
    }
    let mut rows = Vec::new();
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for (loan, terms) in (0..).zip(&site.terms.loans) {
        for (at, covenant) in (0..).zip(&terms.covenants) {
            let mut subject = format!("{}: {}", terms.id, name(covenant));
            let count = seen.entry(subject.clone()).or_default();
            *count += 1;
            if *count > 1 {
                subject = format!("{subject} ({count})");
            }
            let made = tests.get(&(loan, at)).map_or(&[][..], Vec::as_slice);
            rows.extend(of_covenant(covenant, made, subject));
        }
    }
    rows
}

/// `DSCR`, `DSCR trailing 12mo`, `LLCR, perfect foresight`.
fn name(covenant: &Covenant) -> String {
    let name = covenant.test.name();
    let foresight = if covenant.perfect_foresight() { ", perfect foresight" } else { "" };
    match covenant.window {
        Window::Point | Window::Trailing(3) => format!("{name}{foresight}"),
        window => format!("{name} {window}{foresight}"),
    }
}

fn of_covenant(covenant: &Covenant, made: &[TestMade], subject: String) -> [Row; 2] {
    let failed = made.iter().find(|test| test.outcome == Outcome::Failed);
    let first = match failed {
        Some(test) => Figure::Day(test.day),
        None if made.is_empty() => Figure::NotTested,
        None => Figure::NoneFails,
    };
    let rooms = made.iter().filter_map(|test| Some((room(covenant, test)?, test.day)));
    let least = rooms.min().map_or(Figure::NotTested, |(room, day)| Figure::Room(room, day));
    let unit = if matches!(covenant.test, Test::Ltv(_)) { Unit::Percent } else { Unit::Turns };
    let row = |measure, unit, figure| Row {
        topic: Topic::Covenants,
        rank: 0,
        subject: subject.clone(),
        measure,
        unit,
        figure: Some(figure),
    };
    [row("first failed test", Unit::Day, first), row("least headroom", unit, least)]
}

/// How far a test is on the right side of the threshold in force on its day, to four decimals as in
/// all files.
fn room(covenant: &Covenant, test: &TestMade) -> Option<Decimal> {
    let (Share(limit), _) = limits_on(covenant, test.day);
    let room = test.value.decimal()? - Decimal::new(limit, 9);
    let room = room.round_dp(4);
    Some(if covenant.test.is_ceiling() { -room } else { room })
}
