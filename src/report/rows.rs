//! Files by row that other programs read: events, capacity, quarters.
//!
//! Power is in MW and always says which, money in whole units of the reporting currency with cents,
//! dates are ISO. Columns are only ever added at the end.

use csv::Writer;

use super::summary::money;
use crate::analysis::{Run, cause_text};
use crate::capacity::Step;
use crate::ledger::Ratio;
use crate::model::{Event, EventKind, Site};
use crate::money::Money;
use crate::unit::ItPower;

/// `time,event,subject,activity,cause`: everything that happened, in order.
pub fn events_csv(site: &Site, run: &Run) -> Vec<u8> {
    let mut rows = Rows::new(&["time", "event", "subject", "activity", "cause"]);
    for event in &run.timeline.events {
        let activity = &site.plan.activities[event.activity as usize].id;
        let (name, subject) = event_name(site, event);
        let cause = match event.kind {
            EventKind::Started => cause_text(site, run.timeline.cause[event.activity as usize]),
            _ => String::new(),
        };
        rows.push([&event.at.to_string(), name, subject, activity, &cause]);
    }
    rows.bytes()
}

fn event_name<'s>(site: &'s Site, event: &Event) -> (&'static str, &'s str) {
    let activity = site.plan.activities[event.activity as usize].id.as_str();
    match event.kind {
        EventKind::Started => ("start", activity),
        EventKind::Finished => ("finish", activity),
        EventKind::Ordered(lot) => ("ordered", &site.lots[lot as usize].id),
        EventKind::Delivered(lot) => ("delivered", &site.lots[lot as usize].id),
        EventKind::Cooled(hall) => ("cooling_commissioned", &site.halls[hall as usize].id),
        EventKind::Energised(stage) => ("energised", &site.stages[stage as usize].id),
        EventKind::Ready(hall) => ("ready_for_service", &site.halls[hall as usize].id),
        EventKind::Racked(unit) => ("racked", &site.units[unit as usize].id),
        EventKind::InService(unit) => ("in_service", &site.units[unit as usize].id),
        EventKind::Accepted(unit) => ("accepted", &site.units[unit as usize].id),
    }
}

/// One row for each change of a hall's counters, and one for the site (`hall` is `site`): `time,
/// hall, energised_it_mw, cooled_it_mw, accepted_it_mw, online_it_mw, binds`.
pub fn capacity_csv(site: &Site, run: &Run) -> Vec<u8> {
    let mut rows = Rows::new(&[
        "time",
        "hall",
        "energised_it_mw",
        "cooled_it_mw",
        "accepted_it_mw",
        "online_it_mw",
        "binds",
    ]);
    let mut lines = Vec::new();
    for (index, (hall, ramp)) in site.halls.iter().zip(&run.ramp.halls).enumerate() {
        for step in &ramp.steps {
            let powers = [step.energised, step.cooled, step.accepted, step.online];
            lines.push((step.at, index, hall.id.as_str(), powers, step.binds.name()));
        }
    }
    for &Step { at, energised, cooled, accepted, online } in &run.ramp.steps {
        lines.push((at, site.halls.len(), "site", [energised, cooled, accepted, online], ""));
    }
    lines.sort_by_key(|line| (line.0, line.1));
    for (at, _, hall, powers, binds) in lines {
        let [energised, cooled, accepted, online] = powers.map(mw);
        rows.push([&at.to_string(), hall, &energised, &cooled, &accepted, &online, binds]);
    }
    rows.bytes()
}

/// One row a calendar quarter: capacity at its end, then every flow of the quarter, then every
/// balance at its end, then ratios; a ratio without value is empty.
pub fn quarters_csv(run: &Run) -> Vec<u8> {
    let mut heads = vec!["from", "until", "online_it_mw", "gpus_billing"];
    let first = run.quarters.first();
    // Alone it would read as all revenue, which stands at the end with the other sums.
    let name = |named: (&'static str, Money)| match named.0 {
        "revenue" => "service_revenue",
        name => name,
    };
    heads.extend(first.iter().flat_map(|row| row.flows.each()).map(name));
    heads.extend(first.iter().flat_map(|row| row.stand.each()).map(|named| named.0));
    heads.extend([
        "ebitda",
        "operating_income",
        "net_income",
        "cfads",
        "debt_service",
        "dscr",
        "icr",
        "revenue",
    ]);
    let mut rows = Rows::new(&heads);
    for row in &run.quarters {
        let mut cells = vec![
            row.from.to_string(),
            (row.until + -1).to_string(),
            mw(run.ramp.online_before(row.until)),
            run.billing_on(row.until + -1).to_string(),
        ];
        let flows = &row.flows;
        cells.extend(flows.each().into_iter().chain(row.stand.each()).map(|named| money(named.1)));
        let sums = [
            flows.ebitda(),
            flows.operating_income(),
            flows.net_income(),
            flows.cfads(),
            flows.debt_service(),
        ];
        cells.extend(sums.map(money));
        cells.extend([flows.dscr(), flows.icr()].map(ratio));
        cells.push(money(flows.revenue + flows.recharge));
        rows.push(cells.iter().map(String::as_str));
    }
    rows.bytes()
}

fn mw(power: ItPower) -> String {
    format!("{:.3}", power.mw())
}

fn ratio(ratio: Ratio) -> String {
    ratio.value().map(|value| format!("{value:.4}")).unwrap_or_default()
}

struct Rows(Writer<Vec<u8>>);

impl Rows {
    fn new(heads: &[&str]) -> Rows {
        let mut rows = Rows(Writer::from_writer(Vec::new()));
        rows.push(heads.iter().copied());
        rows
    }

    fn push<'c>(&mut self, cells: impl IntoIterator<Item = &'c str>) {
        self.0.write_record(cells).expect("rows of one length into memory");
    }

    fn bytes(self) -> Vec<u8> {
        self.0.into_inner().expect("flushing into memory")
    }
}
