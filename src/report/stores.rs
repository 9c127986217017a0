//! The sites of a portfolio, and the racks that wait for them.

use super::tables::{date, grouped, table};
use crate::analysis::{Run, Stock, stock};
use crate::model::Site;
use crate::money::Money;
use crate::time::Minute;
use crate::unit::ItPower;

/// One row for each site of a portfolio; nothing for a single site.
pub fn sites_table(site: &Site, run: &Run) -> String {
    let Some(portfolio) = &site.portfolio else { return String::new() };
    let row = |member: &crate::model::portfolio::Member| {
        let halls = || {
            let all = site.halls.iter().zip(&run.ramp.halls);
            all.filter(|(hall, _)| hall.premises == member.premises)
        };
        let ready = || halls().map(|(_, ramp)| ramp.ready);
        let units = || {
            site.units
                .iter()
                .filter(|unit| site.halls[unit.hall as usize].premises == member.premises)
        };
        let planned: ItPower = units().map(|unit| unit.it_power).sum();
        let online = halls().filter_map(|(_, ramp)| ramp.steps.last());
        let online: ItPower = online.map(|step| step.online).sum();
        let complete = halls().map(|(_, ramp)| {
            let most = ramp.steps.last().map_or(ItPower::ZERO, |step| step.online);
            let reached = ramp.steps.iter().find(|step| step.online == most);
            reached.map_or(Minute::NEVER, |step| step.at)
        });
        let dated = |at: Option<Minute>| at.map_or_else(String::new, date);
        vec![
            member.id.clone(),
            halls().count().to_string(),
            format!("{:.1}", planned.mw()),
            grouped(units().map(|unit| u64::from(unit.gpus)).sum()),
            dated(ready().min()),
            dated(ready().max()),
            dated(complete.max()),
            format!("{:.1}", online.mw()),
        ]
    };
    let heads = [
        "",
        "halls",
        "planned IT MW",
        "GPUs",
        "first hall ready",
        "last hall ready",
        "last unit online",
        "online IT MW",
    ];
    table(&heads, 1, portfolio.members.iter().map(row).collect())
}

/// All stores together; the most that waited in each was not at one time.
fn total(stocks: &[Stock]) -> Vec<String> {
    let sum = |of: fn(&Stock) -> f64| grouped(stocks.iter().map(of).sum::<f64>().round() as u64);
    let carrying = stocks.iter().filter_map(|stock| stock.carrying).sum::<Money>();
    vec![
        "all".into(),
        String::new(),
        sum(|stock| stock.rack_days),
        sum(|stock| stock.gpu_days),
        grouped(stocks.iter().map(|stock| stock.left).sum()),
        format!("{:.1}", carrying.millions()),
    ]
}

/// One row for each store in which racks waited (semantics C6).
pub fn stock_table(site: &Site, run: &Run) -> String {
    let stocks = stock(site, &run.timeline);
    let row = |stock: &Stock| {
        let carrying = stock.carrying.map(|money| format!("{:.1}", money.millions()));
        vec![
            site.platforms[stock.platform as usize].id.clone(),
            grouped(stock.most),
            grouped(stock.rack_days.round() as u64),
            grouped(stock.gpu_days.round() as u64),
            grouped(stock.left),
            carrying.unwrap_or_default(),
        ]
    };
    let waited = stocks.iter().filter(|stock| stock.rack_days > 0.0);
    let mut rows: Vec<_> = waited.map(row).collect();
    if rows.len() > 1 {
        rows.push(total(&stocks));
    }
    let carrying = format!("carrying cost, {} million", site.terms.fx.reporting());
    let heads =
        ["", "most racks waiting", "rack-days", "GPU-days", "left at the end", carrying.as_str()];
    let priced = stocks.iter().any(|stock| stock.carrying.is_some());
    let columns = if priced { heads.len() } else { heads.len() - 1 };
    let cut = |mut row: Vec<String>| {
        row.truncate(columns);
        row
    };
    if rows.is_empty() {
        return String::new();
    }
    table(&heads[..columns], 1, rows.into_iter().map(cut).collect())
}
