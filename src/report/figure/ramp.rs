//! A run as chart data.

use super::super::tables::grouped;
use super::{Chart, Figure, Kind, Table, Told};
use crate::analysis::Run;
use crate::model::Site;
use crate::model::covenants::{Covenant, Limit, Test};
use crate::money::Money;
use crate::plot;
use crate::time::{Day, Minute};
use crate::unit::{ItPower, mul_div};

pub(super) fn title(site: &Site) -> String {
    if site.title.is_empty() { site.id.clone() } else { site.title.clone() }
}

pub(super) const LIKELY: &str = "likely values, not a P50";

/// Online IT MW stacked by hall, with what was planned, contracted and energised.
pub fn ramp_chart(site: &Site, run: &Run) -> plot::Ramp {
    let steps = |changes: Vec<(Minute, ItPower)>| -> Vec<(Day, f64)> {
        changes.into_iter().map(|(at, power)| (at.day(), power.mw())).collect()
    };
    let halls = site.halls.iter().zip(&run.ramp.halls).map(|(hall, ramp)| {
        let online = ramp.steps.iter().map(|step| (step.at, step.online)).collect();
        plot::Steps::rising(hall.id.clone(), steps(online))
    });
    let mut energised: Vec<_> =
        run.ramp.steps.iter().map(|step| (step.at, step.energised)).collect();
    energised.dedup_by_key(|step| step.1);
    let contracted: ItPower = site
        .terms
        .contracts
        .iter()
        .flat_map(|contract| &contract.units)
        .map(|&unit| site.units[unit as usize].it_power)
        .sum();
    plot::Ramp {
        title: format!("{}: capacity ramp", title(site)),
        subtitle: format!(
            "{} GPUs, {} planned; {LIKELY}",
            grouped(site.planned_gpus()),
            site.planned_it()
        ),
        quantity: "Online IT MW".into(),
        halls: halls.collect(),
        plan: plan_line(site),
        contracted: (contracted > ItPower::ZERO)
            .then(|| plot::Steps::level("contracted", contracted.mw())),
        installed: None,
        energised: Some(plot::Steps::rising("energised", steps(energised))),
        status: site.plan.status.map(Minute::day),
        span: ramp_span(site, run),
    }
}

/// Promised online IT MW by date: as stated, or else what the promised first, half and all give.
pub(super) fn plan_line(site: &Site) -> Option<plot::Steps> {
    let plan = &site.baseline;
    let planned = site.planned_it().mw();
    let unit = site.units.first().map_or(0.0, |unit| unit.it_power.mw());
    let stated: Vec<(Day, f64)> = plan.capacity.iter().map(|&(day, it)| (day, it.mw())).collect();
    let promised =
        [(plan.first_online, unit), (plan.half_online, planned / 2.0), (plan.all_online, planned)];
    let promised = promised.into_iter().filter_map(|(day, megawatts)| Some((day?, megawatts)));
    let steps = if stated.is_empty() { promised.collect() } else { stated };
    (!steps.is_empty()).then(|| plot::Steps::rising("plan", steps))
}

/// From a month before the status date or the first power, whichever comes first, to the end of
/// the month after the last step.
fn ramp_span(site: &Site, run: &Run) -> Option<(Day, Day)> {
    let live = run.ramp.steps.iter().find(|step| step.energised > ItPower::ZERO)?.at.day();
    let first = site.plan.status.map_or(live, |status| status.day().min(live));
    let last = run.ramp.steps.last()?.at.day();
    Some((first.month_start().add_months(-1), last.next_month().next_month()))
}

/// Revenue against debt service by quarter, and cover.
pub fn cover_chart(site: &Site, run: &Run) -> plot::Cover {
    let quarters = run.quarters.iter().map(|row| plot::CoverQuarter {
        first: row.from,
        revenue: row.flows.revenue + row.flows.recharge,
        debt_service: row.flows.debt_service(),
        dscr: row.flows.dscr().value(),
    });
    let debt = run.quarters.iter().map(|row| row.stand.debt).max().unwrap_or(Money::ZERO);
    let currency = site.terms.fx.reporting();
    plot::Cover {
        title: format!("{}: revenue, debt service and cover", title(site)),
        subtitle: format!(
            "peak debt {currency} {} million; DSCR = CFADS / debt service paid; {LIKELY}",
            grouped(mul_div(debt.0.max(0), 1, 1_000_000_000_000) as u64)
        ),
        currency,
        quarters: quarters.collect(),
        covenant: dscr_covenant(site),
        status: site.plan.status.map(Minute::day),
    }
}

/// The DSCR covenant of the first loan that has one, as amended last: marks are of tests made.
pub(super) fn dscr_covenant(site: &Site) -> Option<plot::Covenant> {
    site.terms.loans.iter().find_map(|loan| {
        let dscr = |covenant: &&Covenant| covenant.test == Test::Dscr;
        let covenant = loan.covenants.iter().find(dscr)?;
        let term = covenant.on(loan.maturity);
        let Limit::Ratio(least) = term.limit else { return None };
        let least = least.to_f64();
        Some(plot::Covenant {
            name: format!("covenant {least:.2}x"),
            least,
            from: term.first_test,
            until: Some(covenant.until.map_or(loan.maturity, |day| day.min(loan.maturity))),
        })
    })
}

pub(super) fn ramp_figure(told: &Told<'_>) -> Option<Figure> {
    let Told { site, run, .. } = *told;
    let (kind, name) = (Kind::Ramp, Kind::Ramp.name().into());
    let chart = || Chart::Ramp(Box::new(ramp_chart(site, run)));
    let figure = || Figure { kind, name, chart: chart(), table: ramp_table(run) };
    (!site.halls.is_empty()).then(figure)
}

pub(super) fn cover_figure(told: &Told<'_>) -> Option<Figure> {
    let chart = cover_chart(told.site, told.run);
    let still = |quarter: &plot::CoverQuarter| {
        quarter.revenue == Money::ZERO && quarter.debt_service == Money::ZERO
    };
    if chart.quarters.iter().all(still) {
        return None;
    }
    let (kind, name) = (Kind::Cover, Kind::Cover.name().into());
    let table = cover_table(&chart);
    Some(Figure { kind, name, chart: Chart::Cover(chart), table })
}

/// IT MW at the end of each day that changes any of them.
fn ramp_table(run: &Run) -> Table {
    let head = ["date", "IT MW energised", "IT MW cooled", "IT MW accepted", "IT MW online"];
    let mut table = Table::new(head);
    for day in run.ramp.steps.chunk_by(|a, b| a.at.day() == b.at.day()) {
        let Some(step) = day.last() else { continue };
        let powers = [step.energised, step.cooled, step.accepted, step.online];
        let cells = powers.map(|power| format!("{:.3}", power.mw()));
        table.rows.push([step.at.day().to_string()].into_iter().chain(cells).collect());
    }
    table
}

/// The quarters of a cover chart.
fn cover_table(chart: &plot::Cover) -> Table {
    let currency = chart.currency;
    let mut table = Table::new(["quarter from", "revenue", "debt service", "DSCR"]);
    for head in &mut table.head[1..3] {
        *head = format!("{head}, {currency} million");
    }
    for quarter in &chart.quarters {
        table.rows.push(vec![
            quarter.first.to_string(),
            format!("{:.1}", quarter.revenue.millions()),
            format!("{:.1}", quarter.debt_service.millions()),
            quarter.dscr.map_or_else(|| "-".into(), |ratio| format!("{ratio:.2}x")),
        ]);
    }
    table
}
