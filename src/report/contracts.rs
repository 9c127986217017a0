//! Contracts: what they sell, and how remaining performance obligation and backlog roll forward.

use serde::Serialize;

use super::statements::Period;
use super::style::Style;
use super::summary::money;
use super::tables::{grouped, millions, table};
use crate::analysis::Run;
use crate::ledger::{ContractMonth, ContractReport, Ratio, contract_report};
use crate::model::Site;
use crate::model::terms::{Accounting, Contract, Price};
use crate::money::{Amount, Money};
use crate::revenue::{realization, tranches};
use crate::time::Day;
use crate::unit::ItPower;

/// Months over which contract realization is measured (finance-mechanics 29).
const TRAILING: usize = 3;

/// One contract to the horizon.
#[derive(Debug, Serialize)]
pub struct ContractSummary {
    /// Name.
    pub id: String,
    /// Units it covers.
    pub units: usize,
    /// Their IT load.
    pub it_mw: f64,
    /// The price as stated.
    pub price: String,
    /// The same for each IT MW and year, in the reporting currency.
    pub price_per_it_mw_year: String,
    /// Transaction price at signing that became remaining performance obligation.
    pub signed: String,
    /// Owed for delay.
    pub damages: String,
    /// Lost to slips against an end.
    pub lost: String,
    /// Terminated.
    pub terminated: String,
    /// Recognised.
    pub revenue: String,
    /// Remaining performance obligation at the horizon.
    pub rpo: String,
    /// Committed beyond it at the horizon.
    pub beyond_rpo: String,
    /// Least contract realization of three months in a row that all have a projection.
    pub least_realization: Option<f64>,
    /// End of its service, if that is over by the horizon.
    pub ends: Option<String>,
    /// Book value of its racks on that day, which its price has not paid for.
    pub book_value_beyond: Option<String>,
    /// By calendar quarter, those in which nothing stands and nothing happens left out.
    pub quarters: Vec<ContractQuarter>,
}

/// Remaining performance obligation and backlog of a contract over a quarter: `close = open +
/// signed - damages - lost - terminated - revenue`.
#[derive(Debug, Serialize)]
pub struct ContractQuarter {
    /// First day.
    pub from: String,
    /// First day after it.
    pub until: String,
    /// At its beginning.
    pub open: String,
    /// Signed.
    pub signed: String,
    /// Owed for delay.
    pub damages: String,
    /// Lost to slips against an end.
    pub lost: String,
    /// Terminated.
    pub terminated: String,
    /// Recognised out of it.
    pub revenue: String,
    /// At its end.
    pub close: String,
    /// With what is committed beyond it.
    pub backlog: String,
    /// Service invoiced.
    pub billed: String,
    /// Service to be invoiced by the schedule of signing.
    pub scheduled: String,
    /// The one over the other, of the last three months.
    pub realization: Option<f64>,
}

impl ContractQuarter {
    fn of(rolled: &Rolled) -> ContractQuarter {
        let (sum, change) = (&rolled.months, &rolled.months.change);
        ContractQuarter {
            from: sum.from.to_string(),
            until: sum.until.to_string(),
            open: money(sum.open),
            signed: money(change.signed),
            damages: money(change.damages),
            lost: money(change.lost),
            terminated: money(change.terminated),
            revenue: money(change.revenue),
            close: money(sum.close),
            backlog: money(sum.backlog()),
            billed: money(sum.billed),
            scheduled: money(sum.contracted),
            realization: rolled.realization.value().map(super::summary::rounded),
        }
    }
}

/// Sums of a contract, or of all, over a period.
struct Rolled {
    /// `None` for all together.
    contract: Option<u32>,
    months: ContractMonth,
    realization: Ratio,
}

/// What a price is, as a file states it.
fn stated(price: Price) -> String {
    let of = |amount: Amount, per: &str| {
        let number = rust_decimal::Decimal::new(amount.micros, 6).normalize();
        format!("{number} {}{per}", amount.currency)
    };
    match price {
        Price::PerGpuHour(amount) => of(amount, "/GPU-hour"),
        Price::PerItKwMonth(amount) => of(amount, "/IT-kW-month"),
        Price::PerItMwMonth(amount) => of(amount, "/IT-MW-month"),
        Price::Total(amount) => of(amount, " in all"),
    }
}

fn it_power(site: &Site, contract: &Contract) -> ItPower {
    contract.units.iter().map(|&unit| site.units[unit as usize].it_power).sum()
}

/// The whole price, and what it comes to for each IT MW and year (semantics M2).
pub fn whole_price(site: &Site, contract: &Contract) -> (Money, Money) {
    let whole: Money = tranches(site, contract).iter().map(|tranche| tranche.total).sum();
    let watts = i128::from(it_power(site, contract).0.max(1));
    let months = i128::from(contract.term_months.max(1));
    (whole, whole.scaled(12_000_000, watts * months))
}

/// Trailing ratios by month of one contract, or of all; `None` before three months have one.
fn by_month(report: &ContractReport, contract: Option<u32>) -> Vec<(Day, Ratio, bool)> {
    let mut months: Vec<(Day, Money, Money)> = Vec::new();
    for row in report.months.iter().filter(|row| contract.is_none_or(|of| of == row.contract)) {
        match months.last_mut().filter(|last| last.0 == row.until) {
            Some(last) => (last.1, last.2) = (last.1 + row.billed, last.2 + row.contracted),
            None => months.push((row.until, row.billed, row.contracted)),
        }
    }
    let billed: Vec<Money> = months.iter().map(|month| month.1).collect();
    let projected: Vec<Money> = months.iter().map(|month| month.2).collect();
    let at = |at: usize| {
        let window = &projected[(at + 1).saturating_sub(TRAILING)..=at];
        let whole = window.len() == TRAILING && window.iter().all(|&m| m > Money::ZERO);
        (months[at].0, realization(&billed, &projected, at, TRAILING), whole)
    };
    (0..months.len()).map(at).collect()
}

/// Every contract, then all together where there are several, by period; periods in which nothing
/// stands and nothing happens are left out.
fn rolled(site: &Site, report: &ContractReport, run: &Run, period: Period) -> Vec<Rolled> {
    let count = site.terms.contracts.len() as u32;
    let all = (count > 1).then_some(None);
    let mut list = Vec::new();
    for contract in (0..count).map(Some).chain(all) {
        let ratios = by_month(report, contract);
        for row in period.rows(run) {
            let within = |month: &&ContractMonth| {
                contract.is_none_or(|of| of == month.contract)
                    && row.from <= month.from
                    && month.until <= row.until
            };
            let mut sum: Option<ContractMonth> = None;
            for of in (0..count).filter(|of| contract.is_none_or(|only| only == *of)) {
                let mut own: Option<ContractMonth> = None;
                for month in report.months.iter().filter(within).filter(|m| m.contract == of) {
                    match &mut own {
                        Some(own) => own.join(month),
                        None => own = Some(*month),
                    }
                }
                match (&mut sum, own) {
                    (Some(sum), Some(own)) => sum.join(&own),
                    (None, own) => sum = own,
                    (Some(_), None) => {}
                }
            }
            let Some(months) = sum.filter(|sum| !is_nothing(sum)) else { continue };
            let ratio = ratios.iter().find(|ratio| ratio.0 == row.until);
            let realization = ratio.map_or(Ratio::Undefined, |ratio| ratio.1);
            list.push(Rolled { contract, months, realization });
        }
    }
    list
}

fn is_nothing(sum: &ContractMonth) -> bool {
    let stands = [sum.open, sum.close, sum.beyond_rpo, sum.change.signed, sum.revenue];
    stands.iter().chain(&[sum.billed, sum.contracted]).all(|&money| money == Money::ZERO)
}

fn sold(site: &Site, report: &ContractReport) -> String {
    let row = |(at, contract): (usize, &Contract)| {
        let (whole, per_mw) = whole_price(site, contract);
        let beyond = report.book_value_beyond.get(at).copied().flatten();
        vec![
            contract.id.clone(),
            stated(contract.price),
            match contract.accounting {
                Accounting::Service => "service".into(),
                Accounting::OperatingLease => "lease".into(),
            },
            grouped(contract.units.len() as u64),
            format!("{:.1}", it_power(site, contract).mw()),
            millions(whole),
            format!("{:.2}", per_mw.millions()),
            contract.signed.to_string(),
            contract.scheduled_start.to_string(),
            beyond.map_or(String::new(), |(day, _)| day.to_string()),
            beyond.map_or(String::new(), |(_, value)| millions(value)),
        ]
    };
    let heads = [
        "",
        "price",
        "",
        "units",
        "IT MW",
        "whole price",
        "per IT MW and year",
        "signed",
        "scheduled",
        "ends",
        "book value beyond",
    ];
    table(&heads, 3, site.terms.contracts.iter().enumerate().map(row).collect())
}

/// What is sold, and the roll-forward by period.
pub fn contracts_text(site: &Site, run: &Run, period: Period) -> String {
    let report = contract_report(site, &run.timeline);
    if report.months.is_empty() {
        return format!("\n{}\n  none\n", Style::head("Contracts"));
    }
    let rows = rolled(site, &report, run, period).into_iter().map(|rolled| {
        let (sum, change) = (&rolled.months, &rolled.months.change);
        let name = rolled.contract.map(|at| site.terms.contracts[at as usize].id.as_str());
        let amounts = [
            sum.open,
            change.signed,
            -change.damages,
            -change.lost,
            -change.terminated,
            -change.revenue,
            sum.close,
            sum.beyond_rpo,
            sum.backlog(),
            sum.billed,
            sum.contracted,
        ];
        let mut row = vec![name.unwrap_or("all").to_owned(), period.name(sum.from)];
        row.extend(amounts.map(millions));
        row.push(rolled.realization.to_string());
        row
    });
    let heads = [
        "",
        "",
        "open",
        "signed",
        "damages",
        "lost",
        "terminated",
        "revenue",
        "close",
        "beyond RPO",
        "backlog",
        "billed",
        "scheduled",
        "realization",
    ];
    let currency = site.terms.fx.reporting();
    let note = "  lost: to slips against an end; backlog = RPO at the close + what is committed beyond \
                it; scheduled: billing as of signing, no slip in it; realization: billed / \
                scheduled of the last three months\n";
    format!(
        "\n{}\n{}\n{}\n{}{}",
        Style::head(&format!("Contracts, {currency} million")),
        sold(site, &report),
        Style::head(&format!("Remaining performance obligation and backlog, {currency} million")),
        table(&heads, 2, rows.collect()),
        Style::dim(note),
    )
}

/// The roll-forward as CSV: `contract,from,until,open,signed,damages,lost,terminated,revenue,close,
/// beyond_rpo,backlog,all_revenue,billed,scheduled,realization`; all contracts together bear the
/// empty name, `until` is the first day after the period.
pub fn contracts_csv(site: &Site, run: &Run, period: Period) -> Vec<u8> {
    let report = contract_report(site, &run.timeline);
    let mut out = csv::Writer::from_writer(Vec::new());
    let written = "writing to memory does not fail";
    let heads = "contract,from,until,open,signed,damages,lost,terminated,revenue,close,beyond_rpo,\
                 backlog,all_revenue,billed,scheduled,realization";
    out.write_record(heads.split(',')).expect(written);
    for rolled in rolled(site, &report, run, period) {
        let (sum, change) = (&rolled.months, &rolled.months.change);
        let name = rolled.contract.map(|at| site.terms.contracts[at as usize].id.clone());
        let mut row = vec![name.unwrap_or_default(), sum.from.to_string(), sum.until.to_string()];
        let amounts = [
            sum.open,
            change.signed,
            change.damages,
            change.lost,
            change.terminated,
            change.revenue,
            sum.close,
            sum.beyond_rpo,
            sum.backlog(),
            sum.revenue,
            sum.billed,
            sum.contracted,
        ];
        row.extend(amounts.map(money));
        let ratio = rolled.realization.value();
        row.push(ratio.map(|value| format!("{value:.4}")).unwrap_or_default());
        out.write_record(&row).expect(written);
    }
    out.into_inner().expect(written)
}

/// Every contract to the horizon, for the summary.
pub fn contract_summaries(site: &Site, run: &Run) -> Vec<ContractSummary> {
    let report = contract_report(site, &run.timeline);
    let quarters = rolled(site, &report, run, Period::Quarter);
    let summary = |(at, contract): (usize, &Contract)| {
        let own = || report.months.iter().filter(|month| month.contract as usize == at);
        let mut all = *own().next()?;
        own().skip(1).for_each(|month| all.join(month));
        let beyond = report.book_value_beyond.get(at).copied().flatten();
        let ratios = by_month(&report, Some(at as u32));
        let whole = ratios.iter().filter(|ratio| ratio.2).filter_map(|ratio| ratio.1.value());
        let (_, per_mw) = whole_price(site, contract);
        Some(ContractSummary {
            id: contract.id.clone(),
            units: contract.units.len(),
            it_mw: it_power(site, contract).mw(),
            price: stated(contract.price),
            price_per_it_mw_year: money(per_mw),
            signed: money(all.change.signed),
            damages: money(all.change.damages),
            lost: money(all.change.lost),
            terminated: money(all.change.terminated),
            revenue: money(all.revenue),
            rpo: money(all.close),
            beyond_rpo: money(all.beyond_rpo),
            least_realization: whole.min_by(f64::total_cmp).map(super::summary::rounded),
            ends: beyond.map(|(day, _)| day.to_string()),
            book_value_beyond: beyond.map(|(_, value)| money(value)),
            quarters: quarters
                .iter()
                .filter(|rolled| rolled.contract == Some(at as u32))
                .map(ContractQuarter::of)
                .collect(),
        })
    };
    site.terms.contracts.iter().enumerate().filter_map(summary).collect()
}
