//! The numbers that are asked for first.

use super::super::figure::{Table, Told, Trials};
use super::super::risk::shown;
use super::super::summary::Summary;
use super::super::tables::millions;
use super::html::Html;
use super::money::{millions_of, times};
use super::table;
use crate::ledger::by_year;
use crate::money::Money;
use crate::risk::ColumnSummary;
use crate::risk::summary::Value;
use crate::time::Day;

/// One headline number: a stable key for programs, its label, the number, what stands below it.
struct Fact {
    key: &'static str,
    label: String,
    value: String,
    note: String,
}

/// The headline: facts in a grid, revenue by year.
pub(super) fn write(html: &mut Html, told: &Told<'_>, summary: &Summary) {
    let mut facts = dates(told, summary);
    facts.extend(power(told));
    facts.extend(cause(told, summary));
    facts.extend(breaches(told, summary));
    facts.extend(debt(told, summary));
    html.block("dl", &[("class", "facts")], |html| {
        for fact in &facts {
            html.block("div", &[], |html| {
                html.line("dt", &[], &fact.label);
                html.line("dd", &[("class", "value"), ("data-key", fact.key)], &fact.value);
                html.line("dd", &[("class", "below")], &fact.note);
            });
        }
    });
    let revenue = revenue(told, summary);
    if !revenue.rows.is_empty() {
        table::write(html, &format!("Revenue by year, {} million", summary.currency), &revenue);
    }
}

/// What the trials say of the date that all is about.
fn target(trials: &Trials) -> Option<&ColumnSummary> {
    trials.overall.date(&trials.overall.target).map(|date| &date.summary)
}

pub(super) fn percentile(column: &ColumnSummary, p: f64) -> Option<&Value> {
    column.percentiles.iter().find(|of| (of.p - p).abs() < 1e-9).map(|of| &of.value)
}

/// A share of trials as people read it.
pub(super) fn percent(share: f64) -> String {
    match share {
        share if share > 0.0 && share < 0.001 => "<0.1%".into(),
        share if share < 1.0 && share > 0.999 => ">99.9%".into(),
        share => format!("{:.1}%", share * 100.0),
    }
}

fn dates(told: &Told<'_>, summary: &Summary) -> Vec<Fact> {
    let all = summary.dates.iter().find(|date| date.name == "all_online");
    let halls = !told.site.halls.is_empty();
    let what = if halls { "All IT MW online" } else { "All finished" };
    let likely = match all.filter(|_| halls) {
        Some(all) => all.date.clone(),
        None => {
            let last = told.run.timeline.finish.iter().max();
            last.filter(|at| at.happens()).map(|at| at.day().to_string())
        }
    };
    let likely = likely.unwrap_or_else(|| "never".into());
    let planned = all.filter(|_| halls).and_then(|all| all.plan.clone());
    let mut facts = Vec::new();
    if let Some(plan) = &planned {
        let note = told.trials.and_then(|trials| {
            let by_plan = trials.overall.date(&trials.overall.target)?.by_plan?.share?;
            Some(format!("kept in {} of trials", percent(by_plan)))
        });
        let slip = all.and_then(|all| all.slip_days).map(|days| format!("likely run {days:+} d"));
        facts.push(Fact {
            key: "plan",
            label: format!("{what}, planned"),
            value: plan.clone(),
            note: note.or(slip).unwrap_or_default(),
        });
    }
    match told.trials.and_then(target) {
        Some(column) => {
            let at = |p| shown(percentile(column, p));
            for (key, p, note) in [
                ("p50", 50.0, format!("as likely later as sooner; likely values give {likely}")),
                ("p80", 80.0, format!("P10 {}, P90 {}", at(10.0), at(90.0))),
            ] {
                let (label, value) = (format!("{what}, P{p}"), at(p));
                facts.push(Fact { key, label, value, note });
            }
        }
        None => facts.push(Fact {
            key: "likely",
            label: format!("{what}, likely"),
            value: likely,
            note: "no trials: no probability".into(),
        }),
    }
    facts
}

/// IT MW online at the end of the planned month, or else of the month in which all is likely there.
fn power(told: &Told<'_>) -> Option<Fact> {
    let (site, run) = (told.site, told.run);
    let likely = run.headline.all.happens().then(|| run.headline.all.day());
    let day = site.baseline.all_online.or(likely)?;
    let (year, month, _) = day.civil();
    let label = format!("Online IT MW, end of {year:04}-{month:02}");
    let end = day.month_start().add_months(1);
    let online = run.ramp.online_before(end).mw();
    let column = told.trials.and_then(|trials| {
        let name = format!("online:{year:04}-{month:02}");
        trials.overall.capacity.iter().find(|column| column.name == name)
    });
    let key = "power";
    Some(match column {
        Some(column) => {
            let [low, middle, high] = [10.0, 50.0, 90.0].map(|p| shown(percentile(column, p)));
            let note = format!("P10 {low}, P90 {high}: 90% of trials have at least {low}");
            Fact { key, label, value: middle, note }
        }
        None => {
            let note = format!("of {:.1} planned; likely run", site.planned_it().mw());
            Fact { key, label, value: format!("{online:.1}"), note }
        }
    })
}

/// What costs most days: of the P50 date where trials say so, else of the last hall's slip.
fn cause(told: &Told<'_>, summary: &Summary) -> Option<Fact> {
    let days = |days: f64| format!("{days:+.1} d");
    let removed = told.trials.and_then(|trials| trials.removals.as_ref());
    if let Some(removals) = removed
        && let Some((first, cost)) =
            removals.removals.first().and_then(|first| Some((first, first.days?)))
        && cost > 0.0
    {
        let note = format!("{}: later at P{} than without it", first.driver, removals.percent);
        let label = "Top cause".into();
        return Some(Fact { key: "cause", label, value: days(cost), note });
    }
    let swings = told.trials.and_then(|trials| trials.swings.as_ref());
    let widest = swings.and_then(|swings| {
        let later = swings.swings.iter().filter_map(|swing| Some((swing, swing.high_days?)));
        later.max_by(|a, b| a.1.total_cmp(&b.1)).filter(|widest| widest.1 > 0.0)
    });
    if let Some((swing, later)) = widest {
        let note = format!("{}: at its P90, all else likely", swing.driver);
        let label = "Top driver".into();
        return Some(Fact { key: "cause", label, value: days(later), note });
    }
    let late = summary.halls.iter().filter_map(|hall| {
        let part = hall.slip.iter().max_by(|a, b| a.days.total_cmp(&b.days))?;
        Some((hall, part))
    });
    let last = late.max_by(|a, b| a.0.ready_for_service.cmp(&b.0.ready_for_service));
    let (hall, part) = last.filter(|(_, part)| part.days > 0.0)?;
    let note = format!("{}, of the slip of {} in the likely run", part.cause, hall.id);
    Some(Fact { key: "cause", label: "Top cause".into(), value: days(part.days), note })
}

/// The covenant that most likely breaks.
fn breaches(told: &Told<'_>, summary: &Summary) -> Option<Fact> {
    let ever = |column: &ColumnSummary| {
        column.by_month.last().and_then(|last| last.by_end.share).unwrap_or(0.0)
    };
    let overall = told.trials.map(|trials| &trials.overall);
    let mut columns: Vec<&ColumnSummary> = overall
        .iter()
        .flat_map(|overall| &overall.money)
        .filter(|column| column.name.starts_with("breaks:"))
        .collect();
    columns.sort_by(|a, b| ever(b).total_cmp(&ever(a)));
    if let Some(first) = columns.first() {
        let name = first.name.trim_start_matches("breaks:");
        let others = match columns.len() {
            1 => "the only covenant".to_owned(),
            count => format!("likeliest of {count} covenants"),
        };
        return Some(Fact {
            key: "breach",
            label: "A covenant breaks".into(),
            value: percent(ever(first)),
            note: format!("{name}, {others}"),
        });
    }
    let tests = summary.covenants.iter().flat_map(|covenant| &covenant.tests);
    let made = tests.clone().filter(|test| test.outcome != "not tested").count();
    let failed = tests.filter(|test| test.outcome == "failed").count();
    (made > 0).then(|| Fact {
        key: "breach",
        label: "Covenant tests failed".into(),
        value: format!("{failed} of {made}"),
        note: "likely run".into(),
    })
}

fn debt(told: &Told<'_>, summary: &Summary) -> Vec<Fact> {
    if told.site.terms.loans.is_empty() {
        return Vec::new();
    }
    let peak = told.run.books.months.iter().map(|row| row.stand.debt).max().unwrap_or(Money::ZERO);
    let mut facts = vec![Fact {
        key: "peak-debt",
        label: format!("Peak debt, {} million", summary.currency),
        value: millions(peak),
        note: "at a month's end of the likely run".into(),
    }];
    let column = told
        .trials
        .and_then(|trials| trials.overall.money.iter().find(|column| column.name == "dscr.least"));
    let note = column.map_or_else(
        || "quarters from the first revenue on".to_owned(),
        |column| {
            let [low, middle] = [10.0, 50.0].map(|p| shown(percentile(column, p)));
            format!("likely run; of trials P50 {middle}, P10 {low}")
        },
    );
    let value = summary.money.least_dscr.map_or_else(|| "n/a".into(), times);
    facts.push(Fact { key: "least-dscr", label: "Least DSCR of a quarter".into(), value, note });
    facts
}

/// Revenue by year: the likely run, and what trials say.
fn revenue(told: &Told<'_>, summary: &Summary) -> Table {
    let years = by_year(&told.run.books.months);
    let earned = |amount: Money| amount != Money::ZERO;
    if !summary.quarters.iter().any(|quarter| millions_of(&quarter.revenue) != "0.0")
        && !years.iter().any(|year| earned(year.flows.revenue + year.flows.recharge))
    {
        return Table::default();
    }
    let mut table = Table { head: vec!["year".into(), "likely".into()], rows: Vec::new() };
    if told.trials.is_some() {
        table.head.extend(["mean", "P10", "P50", "P90"].map(String::from));
    }
    for year in &years {
        let name = year_of(year.from);
        let mut row = vec![name.clone(), millions(year.flows.revenue + year.flows.recharge)];
        if let Some(trials) = told.trials {
            let wanted = format!("revenue:{name}");
            let column = trials.overall.money.iter().find(|column| column.name == wanted);
            let amount = |value: Option<&Value>| match value {
                Some(Value::Money { amount }) => millions_of(amount),
                _ => String::new(),
            };
            row.push(amount(column.and_then(|column| column.mean.as_ref())));
            let at = |p| amount(column.and_then(|column| percentile(column, p)));
            row.extend([10.0, 50.0, 90.0].map(at));
        }
        table.rows.push(row);
    }
    table
}

fn year_of(day: Day) -> String {
    format!("{:04}", day.civil().0)
}
