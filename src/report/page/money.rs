//! Statements, loans, covenants and contracts as tables.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::super::covenants::covenant_tables;
use super::super::figure::{Figure, Table, Told};
use super::super::statements::{Period, statement_tables};
use super::super::summary::Summary;
use super::super::tables::{grouped, quarter_name};
use super::super::{ContractSummary, LoanSummary};
use super::html::Html;
use super::{Part, figures, standing, table};
use crate::model::Site;
use crate::time::parse_day;

/// Whether a site has money to tell of.
pub(super) fn is_told(site: &Site) -> bool {
    let terms = &site.terms;
    !terms.contracts.is_empty() || !terms.loans.is_empty() || !terms.costs.is_empty()
}

/// The four statements, by year in sight and by quarter folded.
pub(super) fn statements(html: &mut Html, told: &Told<'_>) {
    let currency = told.site.terms.fx.reporting();
    html.line("p", &[("class", "note")], "Statements are those of the likely run.");
    for (name, by_year) in statement_tables(told.run, Period::Year) {
        table::write(html, &format!("{name} by year, {currency} million"), &by_year);
        let by_quarter = statement_tables(told.run, Period::Quarter);
        if let Some((_, by_quarter)) = by_quarter.iter().find(|of| of.0 == name) {
            table::folded(html, &format!("{name} by quarter, {currency} million"), by_quarter);
        }
    }
}

/// Loans, covenants and contracts, those that there are.
pub(super) fn parts(told: &Told<'_>, summary: &Summary, all: &[Figure]) -> Vec<Part> {
    let currency = told.site.terms.fx.reporting().to_string();
    let mut parts = Vec::new();
    if !summary.loans.is_empty() {
        parts.push(Part::new("loans", "Loans", |html| {
            standing(all, "loans").for_each(|figure| figures::write(html, figure));
            loans(html, &summary.loans, &currency);
        }));
    }
    if !summary.covenants.is_empty() {
        parts.push(Part::new("covenants", "Covenants", |html| {
            covenants(html, told, &currency);
        }));
    }
    if !summary.contracts.is_empty() {
        parts.push(Part::new("contracts", "Contracts and backlog", |html| {
            standing(all, "contracts").for_each(|figure| figures::write(html, figure));
            contracts(html, &summary.contracts, &currency);
        }));
    }
    parts
}

fn loans(html: &mut Html, loans: &[LoanSummary], currency: &str) {
    let head = ["loan", "kind", "repaid", "commitment", "drawn", "peak debt", "unpaid at the end"];
    let mut terms = Table::new(head);
    for loan in loans {
        terms.rows.push(vec![
            loan.id.clone(),
            loan.kind.to_owned(),
            loan.repaid.clone(),
            millions_of(&loan.commitment),
            millions_of(&loan.drawn),
            millions_of(&loan.peak_debt),
            millions_of(&loan.arrears),
        ]);
    }
    table::write(html, &format!("Terms, {currency} million"), &terms);
    for loan in loans {
        let head = ["quarter", "open", "draws", "interest added", "principal", "early", "close"];
        let mut rows = Table::new(head);
        rows.head.extend(["interest", "paid", "reserve"].map(String::from));
        for of in &loan.quarters {
            let amounts = [
                &of.open,
                &of.draws,
                &of.interest_added,
                &of.principal,
                &of.early_repayment,
                &of.close,
                &of.interest,
                &of.paid,
                &of.reserve,
            ];
            let amounts = amounts.map(|amount| millions_of(amount));
            rows.rows.push([quarter(&of.from)].into_iter().chain(amounts).collect());
        }
        table::folded(html, &format!("{} by quarter, {currency} million", loan.id), &rows);
    }
}

fn covenants(html: &mut Html, told: &Told<'_>, currency: &str) {
    let (all, each) = covenant_tables(told.site, told.run);
    table::write(html, "Covenants of the likely run", &all);
    for (name, tests) in each {
        table::folded(html, &format!("{name}, every test, {currency} million"), &tests);
    }
}

fn contracts(html: &mut Html, contracts: &[ContractSummary], currency: &str) {
    let head = ["contract", "IT MW", "price", "per IT MW-year", "signed", "revenue", "RPO left"];
    let mut terms = Table::new(head);
    for contract in contracts {
        terms.rows.push(vec![
            contract.id.clone(),
            format!("{:.1}", contract.it_mw),
            contract.price.clone(),
            millions_of(&contract.price_per_it_mw_year),
            millions_of(&contract.signed),
            millions_of(&contract.revenue),
            millions_of(&contract.rpo),
        ]);
    }
    table::write(html, &format!("Contracts, {currency} million"), &terms);
    for contract in contracts {
        let head = ["quarter", "open", "signed", "damages", "lost", "terminated", "revenue"];
        let mut rows = Table::new(head);
        rows.head.extend(["close", "backlog"].map(String::from));
        for of in &contract.quarters {
            let amounts = [
                &of.open,
                &of.signed,
                &of.damages,
                &of.lost,
                &of.terminated,
                &of.revenue,
                &of.close,
                &of.backlog,
            ];
            let amounts = amounts.map(|amount| millions_of(amount));
            rows.rows.push([quarter(&of.from)].into_iter().chain(amounts).collect());
        }
        let title = format!("{}: remaining obligation by quarter, {currency} million", contract.id);
        table::folded(html, &title, &rows);
    }
}

/// `2026 Q1` of a quarter's first day.
fn quarter(from: &str) -> String {
    parse_day(from).map_or_else(|_| from.to_owned(), quarter_name)
}

/// `1.25x`.
pub(super) fn times(ratio: f64) -> String {
    format!("{ratio:.2}x")
}

/// An amount as a summary holds it, in millions with one decimal.
pub(super) fn millions_of(amount: &str) -> String {
    let amount: Decimal = amount.parse().unwrap_or_default();
    let tenths = (amount / Decimal::from(100_000)).round().to_i128().unwrap_or(0);
    let whole = grouped((tenths.unsigned_abs() / 10) as u64);
    let sign = if tenths < 0 { "-" } else { "" };
    format!("{sign}{whole}.{}", tenths.unsigned_abs() % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_told_in_millions() {
        assert_eq!(millions_of("-1234567890.50"), "-1,234.6");
        assert_eq!(millions_of("49999.99"), "0.0");
        assert_eq!(millions_of("-49999.99"), "0.0");
        assert_eq!(quarter("2026-04-01"), "2026 Q2");
    }
}
