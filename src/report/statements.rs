//! Income statement, balance sheet and cash-flow statement by period.
//!
//! Interest that was capitalised is an investing cash flow, all other interest and fees paid are
//! operating ones, upfront fees financing ones (ASC 230-10-45-13, -15, -17); cash includes the debt
//! service reserve (ASC 230-10-45-4). The indirect form
//! starts from net income and ends at the same operating cash flow.

use serde_json::{Value, json};

use super::figure::Table;
use super::style::Style;
use super::tables::{millions, table};
use crate::analysis::Run;
use crate::ledger::{self, Flows, PeriodRow, Stand};
use crate::model::Site;
use crate::money::Money;
use crate::time::Day;

/// The length of a period of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// Calendar months.
    Month,
    /// Calendar quarters.
    Quarter,
    /// Calendar years.
    Year,
}

impl Period {
    /// The books by this period; a first or last one may be short.
    pub fn rows(self, run: &Run) -> Vec<PeriodRow> {
        match self {
            Period::Month => run.books.months.clone(),
            Period::Quarter => ledger::by_quarter(&run.books.months),
            Period::Year => ledger::by_year(&run.books.months),
        }
    }

    /// `2026-03`, `2026 Q1`, `2026`.
    pub fn name(self, first: Day) -> String {
        let date = first.date();
        match self {
            Period::Month => format!("{}-{:02}", date.year(), date.month()),
            Period::Quarter => super::tables::quarter_name(first),
            Period::Year => date.year().to_string(),
        }
    }
}

/// A statement: its name, and the value of each line in a period, given the stand before it.
struct Statement {
    name: &'static str,
    lines: fn(&PeriodRow, &Stand) -> Vec<(&'static str, Money)>,
}

const STATEMENTS: [Statement; 4] = [
    Statement { name: "Income statement", lines: income },
    Statement { name: "Balance sheet", lines: balance },
    Statement { name: "Cash flows, direct", lines: direct },
    Statement { name: "Operating cash flow, indirect", lines: indirect },
];

fn income(row: &PeriodRow, _: &Stand) -> Vec<(&'static str, Money)> {
    let flows = &row.flows;
    vec![
        ("revenue", flows.revenue),
        ("power charged on", flows.recharge),
        ("energy", -flows.energy),
        ("grid charge", -flows.grid_charge),
        ("rent", -flows.rent),
        ("operations", -flows.operations_of_revenue()),
        ("depreciation but of racks", flows.depreciation_technology - flows.depreciation),
        ("cost of revenue", -flows.cost_of_revenue()),
        ("depreciation of racks", -flows.depreciation_technology),
        ("technology and infrastructure", -flows.technology_and_infrastructure()),
        ("sales and overhead", -flows.sales_and_overhead()),
        ("operating income", flows.operating_income()),
        ("of which stock compensation", -flows.stock_compensation),
        ("interest expensed", -flows.interest_expensed),
        ("tax", -flows.tax),
        ("net income", flows.net_income()),
        ("depreciation", flows.depreciation),
        ("EBITDA", flows.ebitda()),
        ("adjusted EBITDA", flows.adjusted_ebitda()),
    ]
}

fn balance(row: &PeriodRow, _: &Stand) -> Vec<(&'static str, Money)> {
    let stand = &row.stand;
    vec![
        ("cash", stand.cash),
        ("reserve", stand.reserve),
        ("receivables", stand.receivables),
        ("contract asset", stand.contract_asset),
        ("customer consideration", stand.customer_consideration),
        ("vendor deposits", stand.vendor_deposits),
        ("in progress", stand.cip),
        ("in service, net", stand.in_service_net),
        ("loan fees", stand.loan_fees),
        ("total assets", assets(stand)),
        ("capital payables", stand.capex_payables),
        ("other payables", stand.operating_payables + stand.interest_payable),
        ("tax payable", stand.tax_payable),
        ("contract liability", stand.contract_liability),
        ("owed to customers", stand.consideration_payable),
        ("deferred rent", stand.deferred_rent),
        ("financing cost", stand.financing_cost),
        ("debt", stand.debt),
        ("paid in", stand.contributed),
        ("earnings", stand.earnings),
        ("total claims", claims(stand)),
    ]
}

/// Everything owned.
fn assets(stand: &Stand) -> Money {
    stand.cash
        + stand.reserve
        + stand.receivables
        + stand.contract_asset
        + stand.customer_consideration
        + stand.vendor_deposits
        + stand.cip
        + stand.in_service_net
        + stand.loan_fees
}

/// Everything owed, to owners too.
fn claims(stand: &Stand) -> Money {
    stand.capex_payables
        + stand.operating_payables
        + stand.interest_payable
        + stand.tax_payable
        + stand.contract_liability
        + stand.consideration_payable
        + stand.deferred_rent
        + stand.financing_cost
        + stand.debt
        + stand.contributed
        + stand.earnings
}

/// Interest and fees paid that were not capitalised.
fn interest_in_operations(flows: &Flows) -> Money {
    flows.interest_paid + flows.other_interest_paid + flows.fees_paid - flows.interest_capitalised
}

fn operating(flows: &Flows) -> Money {
    flows.cfads() + flows.prepayments - flows.paid_to_customers() - interest_in_operations(flows)
}

fn direct(row: &PeriodRow, _: &Stand) -> Vec<(&'static str, Money)> {
    let flows = &row.flows;
    let draws = flows.draws - flows.vendor_financed;
    let capital = flows.capex_paid() - flows.vendor_financed;
    let investing = -capital - flows.interest_capitalised;
    let repaid = flows.principal + flows.early_repayment;
    let financing = flows.equity() + draws - repaid - flows.upfront_fee_paid - flows.distributions;
    vec![
        ("receipts", flows.receipts),
        ("prepayments, net", flows.prepayments - flows.refunds),
        ("paid to customers", -flows.consideration_paid),
        ("power", -flows.power_paid),
        ("operations", -flows.operations_paid),
        ("rent", -flows.rent_paid),
        ("tax paid", -flows.tax_paid),
        ("interest, fees", -interest_in_operations(flows)),
        ("operating", operating(flows)),
        ("capital cost", -capital),
        ("capitalised interest", -flows.interest_capitalised),
        ("investing", investing),
        ("equity", flows.equity()),
        ("draws", draws),
        ("repayment", -repaid),
        ("upfront fees", -flows.upfront_fee_paid),
        ("distributions", -flows.distributions),
        ("financing", financing),
        ("change in cash", operating(flows) + investing + financing),
        ("racks paid by vendor finance, no cash", flows.vendor_financed),
    ]
}

fn indirect(row: &PeriodRow, before: &Stand) -> Vec<(&'static str, Money)> {
    let (flows, after) = (&row.flows, &row.stand);
    let lines = [
        ("net income", flows.net_income()),
        ("depreciation", flows.depreciation),
        ("stock compensation", flows.stock_compensation),
        ("fees amortised", flows.upfront_fee_amortised),
        ("financing cost", flows.other_interest_noncash),
        ("interest added to debt", flows.interest_added),
        ("receivables", before.receivables - after.receivables),
        ("contract asset", before.contract_asset - after.contract_asset),
        (
            "customer consideration",
            (before.customer_consideration - before.consideration_payable)
                - (after.customer_consideration - after.consideration_payable),
        ),
        ("other payables", after.operating_payables - before.operating_payables),
        ("interest payable", after.interest_payable - before.interest_payable),
        ("tax payable", after.tax_payable - before.tax_payable),
        ("contract liability", after.contract_liability - before.contract_liability),
        ("deferred rent", after.deferred_rent - before.deferred_rent),
    ];
    let sum = lines.iter().map(|&(_, amount)| amount).sum();
    lines.into_iter().chain([("operating", sum)]).collect()
}

/// Lines that are left out of a statement in which they are nothing throughout.
const WHERE_USED: [&str; 12] = [
    "tax",
    "tax paid",
    "tax payable",
    "reserve",
    "interest added to debt",
    "distributions",
    "sales and overhead",
    "of which stock compensation",
    "stock compensation",
    "financing cost",
    "racks paid by vendor finance, no cash",
    ADJUSTED,
];

/// Told beside EBITDA where they differ.
const ADJUSTED: &str = "adjusted EBITDA";

/// Each period with its statement's lines; the first period follows on nothing.
fn filled(statement: &Statement, rows: &[PeriodRow]) -> Vec<Vec<(&'static str, Money)>> {
    let mut before = Stand::default();
    let line = |row: &PeriodRow| {
        let lines = (statement.lines)(row, &before);
        before = row.stand;
        lines
    };
    let mut periods: Vec<_> = rows.iter().map(line).collect();
    let adjusted = rows.iter().any(|row| row.flows.stock_compensation != Money::ZERO);
    let used = |name: &str| {
        if name == ADJUSTED {
            return adjusted;
        }
        let mut lines = periods.iter().flatten();
        lines.any(|&(line, amount)| line == name && amount != Money::ZERO)
    };
    let unused: Vec<&str> = WHERE_USED.into_iter().filter(|name| !used(name)).collect();
    for lines in &mut periods {
        lines.retain(|(name, _)| !unused.contains(name));
    }
    periods
}

/// The statements as tables, a period a line; what is nothing in every period is left out.
pub fn statements_text(site: &Site, run: &Run, period: Period) -> String {
    let rows = period.rows(run);
    let mut text = String::new();
    for statement in &STATEMENTS {
        let periods = filled(statement, &rows);
        let Some(first) = periods.first() else { continue };
        // Terms that a site does not use fill no column.
        let used = |at: &usize| periods.iter().any(|lines| lines[*at].1 != Money::ZERO);
        let used: Vec<usize> = (0..first.len()).filter(used).collect();
        let heads = used.iter().map(|&at| first[at].0);
        let heads: Vec<&str> = std::iter::once("").chain(heads).collect();
        let lines = rows.iter().zip(&periods).map(|(row, lines)| {
            let amounts = used.iter().map(|&at| millions(lines[at].1));
            std::iter::once(period.name(row.from)).chain(amounts).collect()
        });
        let title = format!("{}, {} million", statement.name, site.terms.fx.reporting());
        text.push_str(&format!("\n{}\n{}", Style::head(&title), table(&heads, 1, lines.collect())));
    }
    text
}

/// Each statement with its lines below each other and a column a period, in millions.
pub(super) fn statement_tables(run: &Run, period: Period) -> Vec<(&'static str, Table)> {
    let rows = period.rows(run);
    let of = |statement: &Statement| {
        let periods = filled(statement, &rows);
        let heads = rows.iter().map(|row| period.name(row.from));
        let head = std::iter::once(String::new()).chain(heads).collect();
        let names = periods.first().map_or(&[][..], |lines| &lines[..]).iter().enumerate();
        let used = names.filter(|&(at, _)| periods.iter().any(|of| of[at].1 != Money::ZERO));
        let lines = used.map(|(at, &(name, _))| {
            let amounts = periods.iter().map(|lines| millions(lines[at].1));
            std::iter::once(name.to_owned()).chain(amounts).collect()
        });
        (statement.name, Table { head, rows: lines.collect() })
    };
    STATEMENTS.iter().map(of).collect()
}

/// The statements as CSV: `statement,line,from,until,amount`; `until` is the first day after the
/// period, a balance is that of its end, amounts are in whole units of the reporting currency.
pub fn statements_csv(run: &Run, period: Period) -> Vec<u8> {
    let rows = period.rows(run);
    let mut out = csv::Writer::from_writer(Vec::new());
    let written = "writing to memory does not fail";
    out.write_record(["statement", "line", "from", "until", "amount"]).expect(written);
    for statement in &STATEMENTS {
        for (row, lines) in rows.iter().zip(filled(statement, &rows)) {
            let (from, until) = (row.from.to_string(), row.until.to_string());
            for (name, amount) in lines {
                let amount = amount.decimal().to_string();
                out.write_record([statement.name, name, &from, &until, &amount]).expect(written);
            }
        }
    }
    out.into_inner().expect(written)
}

/// The statements as JSON: `{by, periods: [{from, until}], statements: [{name, lines: [{name,
/// amounts}]}]}`, one amount a period; `until` is the first day after it.
pub fn statements_json(run: &Run, period: Period) -> Value {
    let rows = period.rows(run);
    let periods: Vec<Value> = rows
        .iter()
        .map(|row| json!({"from": row.from.to_string(), "until": row.until.to_string()}))
        .collect();
    let statement = |statement: &Statement| {
        let filled = filled(statement, &rows);
        let names = filled.first().map_or(&[][..], |lines| &lines[..]).iter().enumerate();
        let lines = names.map(|(at, &(name, _))| {
            let amounts = filled.iter().map(|lines| lines[at].1.decimal().to_string());
            json!({"name": name, "amounts": amounts.collect::<Vec<_>>()})
        });
        json!({"name": statement.name, "lines": lines.collect::<Vec<_>>()})
    };
    let statements: Vec<Value> = STATEMENTS.iter().map(statement).collect();
    let by = match period {
        Period::Month => "month",
        Period::Quarter => "quarter",
        Period::Year => "year",
    };
    json!({"by": by, "periods": periods, "statements": statements})
}
