//! What customers still owe in service, and what stands behind the debt.

use super::ramp::{LIKELY, title};
use super::{Chart, Figure, Kind, Table, Told};
use crate::ledger::PeriodRow;
use crate::model::covenants::{self, Limit, Test};
use crate::money::Money;
use crate::plot::{Backlog, BacklogQuarter, Collateral, CollateralQuarter};
use crate::time::{Day, Minute};

fn millions(money: Money) -> String {
    format!("{:.1}", money.millions())
}

/// What customers have signed for and not yet had: signed, recognised, else, at the quarter's end.
///
/// Where contracts commit beyond the remaining performance obligation, both together: what moves
/// from the one to the other is no change.
pub(super) fn backlog(told: &Told<'_>) -> Option<Figure> {
    let Told { site, run, .. } = *told;
    let beyond = run.quarters.iter().any(|row| row.stand.beyond_rpo != Money::ZERO);
    let name = if beyond { "Backlog" } else { "RPO" };
    let mut open = Money::ZERO;
    let head = ["quarter from", "at its start", "signed", "recognised", "other", "at its end"];
    let mut table = Table::new(head);
    table.head.push("of that RPO".into());
    let mut quarters = Vec::new();
    for row in &run.quarters {
        let (flows, closing) = (&row.flows, row.stand.backlog());
        let other = -(flows.rpo_lost + flows.rpo_damages + flows.rpo_terminated);
        let signed = flows.rpo_signed;
        let recognised = open + signed + other - closing;
        let cells = [open, signed, recognised, other, closing, row.stand.rpo];
        table.rows.push([row.from.to_string()].into_iter().chain(cells.map(millions)).collect());
        quarters.push(BacklogQuarter { first: row.from, signed, recognised, other, closing });
        open = closing;
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
    let what = match beyond {
        true => "backlog: remaining performance obligation, and committed beyond it",
        false => "remaining performance obligation (RPO)",
    };
    let chart = Backlog {
        title: format!("{}: what customers have signed for", title(site)),
        subtitle: format!("{what}, by quarter and at its end; {LIKELY}"),
        currency,
        quantity: name.into(),
        quarters,
        status: site.plan.status.map(Minute::day),
    };
    let (kind, name) = (Kind::Backlog, Kind::Backlog.name().into());
    Some(Figure { kind, name, chart: Chart::Backlog(chart), table })
}

/// What stands behind the debt at the end of each quarter.
///
/// Of the first loan with a covenant on loan to value, its debt against its racks and plant as the
/// covenant values them; else all debt against all that is in service less depreciation or in
/// progress.
pub(super) fn collateral(told: &Told<'_>) -> Option<Figure> {
    let Told { site, run, .. } = *told;
    if run.quarters.iter().all(|row| row.stand.debt == Money::ZERO) {
        return None;
    }
    let quarters = match of_loan(told) {
        Some((_, quarters, _)) => quarters,
        None => run.quarters.iter().map(of_all).collect(),
    };
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
    let (how, limit) = match of_loan(told) {
        Some((loan, _, limit)) => {
            (format!("loan {loan}: racks and plant in service as its covenant values them"), limit)
        }
        None => ("all debt; assets in service less depreciation and in progress".into(), None),
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

fn of_all(row: &PeriodRow) -> CollateralQuarter {
    let value = row.stand.in_service_net + row.stand.cip;
    CollateralQuarter { first: row.from, value, debt: row.stand.debt }
}

/// Name, quarters and limit of the first loan with a covenant on loan to value.
fn of_loan<'s>(told: &Told<'s>) -> Option<(&'s str, Vec<CollateralQuarter>, Option<f64>)> {
    let Told { site, run, .. } = *told;
    let loans = site.terms.loans.iter().enumerate();
    let (at, loan, (how, limit)) = loans
        .filter_map(|(at, loan)| Some((at, loan, loan.covenants.iter().find_map(ltv)?)))
        .next()?;
    let (book, months) = (run.books.collateral.as_ref()?, run.books.loans.get(at)?);
    let quarter = |row: &PeriodRow| {
        let parts = book.parts_at(site, &loan.premises, how, row.until);
        let month = run.books.months.partition_point(|month| month.until < row.until);
        let debt = months.get(month).map_or(Money::ZERO, |month| month.outstanding);
        CollateralQuarter {
            first: row.from,
            value: parts.iter().map(|part| part.value).sum(),
            debt,
        }
    };
    Some((&loan.id, run.quarters.iter().map(quarter).collect(), limit))
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
