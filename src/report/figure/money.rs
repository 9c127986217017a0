//! What customers still owe in service, and what stands behind the debt.

use super::ramp::{LIKELY, title};
use super::{Chart, Figure, Kind, Table, Told};
use crate::model::covenants::{self, Limit, Test};
use crate::model::terms::Repayment;
use crate::money::Money;
use crate::plot::{Backlog, BacklogQuarter, Collateral, CollateralQuarter};
use crate::time::{Day, Minute};

fn millions(money: Money) -> String {
    format!("{:.1}", money.millions())
}

/// Remaining performance obligation by quarter: signed, recognised, else, at the end.
pub(super) fn backlog(told: &Told<'_>) -> Option<Figure> {
    let Told { site, run, .. } = *told;
    let mut open = Money::ZERO;
    let mut table = Table::new(["quarter from", "at its start", "signed", "recognised", "other"]);
    table.head.extend(["at its end".into(), "backlog with what is beyond RPO".into()]);
    let mut quarters = Vec::new();
    for row in &run.quarters {
        let (flows, stand) = (&row.flows, &row.stand);
        let other = -(flows.rpo_lost + flows.rpo_damages + flows.rpo_terminated);
        let recognised = open + flows.rpo_signed + other - stand.rpo;
        let quarter = BacklogQuarter {
            first: row.from,
            signed: flows.rpo_signed,
            recognised,
            other,
            closing: stand.rpo,
        };
        let cells = [open, flows.rpo_signed, recognised, other, stand.rpo, stand.backlog()];
        table.rows.push([row.from.to_string()].into_iter().chain(cells.map(millions)).collect());
        quarters.push(quarter);
        open = stand.rpo;
    }
    let still = |of: &BacklogQuarter| {
        [of.signed, of.recognised, of.other, of.closing].iter().all(|&money| money == Money::ZERO)
    };
    let last = quarters.iter().rposition(|quarter| !still(quarter))?;
    let first = quarters.iter().position(|quarter| !still(quarter))?;
    quarters.truncate(last + 1);
    quarters.drain(..first);
    let currency = site.terms.fx.reporting();
    for head in &mut table.head[1..] {
        *head = format!("{head}, {currency} million");
    }
    let chart = Backlog {
        title: format!("{}: remaining performance obligation", title(site)),
        subtitle: format!(
            "signed and recognised by quarter, and what is left at its end; {LIKELY}"
        ),
        currency,
        quantity: "RPO".into(),
        quarters,
        status: site.plan.status.map(Minute::day),
    };
    let (kind, name) = (Kind::Backlog, Kind::Backlog.name().into());
    Some(Figure { kind, name, chart: Chart::Backlog(chart), table })
}

/// Racks and plant against the debt at the end of each quarter.
///
/// Valued as the first loan with an LTV covenant or a target by depreciated price values them; else
/// at cost in service less depreciation, with construction in progress.
pub(super) fn collateral(told: &Told<'_>) -> Option<Figure> {
    let Told { site, run, .. } = *told;
    let loans = &site.terms.loans;
    if run.quarters.iter().all(|row| row.stand.debt == Money::ZERO) {
        return None;
    }
    let tested = loans.iter().flat_map(|loan| &loan.covenants).find_map(ltv);
    let repaid = loans.iter().find_map(|loan| match loan.repayment {
        Repayment::GreaterOf(levels) => Some(levels.collateral()),
        _ => None,
    });
    let how = tested.map(|(how, _)| how).or(repaid);
    let book = run.books.collateral.as_ref().zip(how);
    let value = |row: &crate::ledger::PeriodRow| match book {
        Some((book, how)) => book.parts(site, how, row.until).iter().map(|part| part.value).sum(),
        None => row.stand.in_service_net + row.stand.cip,
    };
    let quarters: Vec<CollateralQuarter> = run
        .quarters
        .iter()
        .map(|row| CollateralQuarter { first: row.from, value: value(row), debt: row.stand.debt })
        .collect();
    let mut table = Table::new(["quarter from", "value", "debt", "LTV, %"]);
    for quarter in &quarters {
        let share = quarter.debt.millions() / quarter.value.millions() * 100.0;
        let share = if share.is_finite() { format!("{share:.1}") } else { "n/a".into() };
        let cells = [millions(quarter.value), millions(quarter.debt), share];
        table.rows.push([quarter.first.to_string()].into_iter().chain(cells).collect());
    }
    let currency = site.terms.fx.reporting();
    for head in &mut table.head[1..3] {
        *head = format!("{head}, {currency} million");
    }
    let limit = tested.and_then(|(_, limit)| limit);
    let how = match how {
        Some(_) => "racks and plant in service, valued as the loan agreement says",
        None => "in service less depreciation, with construction in progress",
    };
    let chart = Collateral {
        title: format!("{}: what stands behind the debt", title(site)),
        subtitle: format!("{how}, at the end of each quarter; {LIKELY}"),
        currency,
        quarters,
        limit: limit.map(|most| (format!("covenant {:.0} %", most * 100.0), most)),
        status: site.plan.status.map(Minute::day),
    };
    let (kind, name) = (Kind::Collateral, Kind::Collateral.name().into());
    Some(Figure { kind, name, chart: Chart::Collateral(chart), table })
}

/// How a covenant on loan to value reckons, and the most it allows as last amended.
fn ltv(covenant: &covenants::Covenant) -> Option<(covenants::Collateral, Option<f64>)> {
    let Test::Ltv(how) = covenant.test else { return None };
    let limit = match covenant.on(Day(i32::MAX)).limit {
        Limit::Ratio(most) => Some(most.to_f64()),
        Limit::Cash(_) => None,
    };
    Some((how, limit))
}
