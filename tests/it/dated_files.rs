//! Terms by date as site files say them: what is read, what is refused.

use energize::model::terms::*;
use energize::model::{Input, Loaded, load};

use crate::books_site::{day, percent, usd};

const SHED: &str = "site: shed
start: 2026-01-05
power: {pue: 1.2}
platforms:
  nvl72: {gpus_per_rack: 72, rack_power: 100 kW}
activities:
  grid: {duration: 8w, energises: 20 MW}
halls:
  count: 2
  it_power: 4 MW
  activities:
    ist: {duration: 1w, after: [grid], ready_for_service: true}
  cluster:
    platform: nvl72
    units: 4
    racks_per_unit: 10
    install: {duration: 2d}
    burn_in: {duration: 3d}
    test: {duration: 2d}
    accept: {duration: 21d}
lots:
  {platform: nvl72, racks: 80, ex_works: 2026-01-10, transit: 1ew}
";

fn with(money: &str) -> Loaded {
    let text = (SHED.to_owned() + money).into();
    load(Input { name: "shed.yaml".into(), text, ..Input::default() })
}

fn terms(money: &str) -> Terms {
    let loaded = with(money);
    let findings = loaded.findings;
    loaded.site.unwrap_or_else(|| panic!("{findings:#?}")).terms
}

/// The findings of a file, as ids.
fn ids(money: &str) -> Vec<&'static str> {
    let mut ids: Vec<&str> = with(money).findings.iter().map(|finding| finding.id).collect();
    ids.dedup();
    ids
}

#[test]
fn every_term_by_date_is_read() {
    let terms = terms(
        "opening: {date: 2026-01-05, cash: 5M USD, \
           assets: [{class: technology, cost: 100M USD, in_service: 2025-07-01}]}
equity: {amount: 10M USD, raised: {2026-03-01: 20M USD, 2026-02-01: 30M USD}}
capitalised_interest: {2026-01-05: 49.8%, 2026-04-01: 20%}
operations:
  staff: {line: sales_and_overhead, cost: {2026-01-01: 60M USD/year, 2026-07-01: 161M USD/year}}
  shares: {line: technology_and_infrastructure, noncash: true, cost: 8M USD/year, from: 2026-01-05}
  hands: {cost: {2026-02-01: 0.3M USD/ready-IT-MW-year}}
  fees: {line: interest, noncash: true, cost: {2026-01-05: 32M USD/year}}
loans:
  - {id: old, commitment: 50M USD, rate: 9%, close: 2025-03-01, available_until: 2026-03-31, \
     opening_balance: 20M USD, drawn: {2026-02-15: 10M USD}, repaid: {2026-06-30: 5M USD}, \
     maturity: 2029-03-31, amortisation: bullet}
  - {id: term, kind: term, commitment: 9M USD, rate: 9%, close: 2026-02-01, maturity: 2028-02-01}
",
    );
    let (class, in_service) = (AssetClass::Technology, day("2025-07-01"));
    let asset = OpeningAsset { class, cost: usd(100_000_000), in_service };
    assert_eq!(terms.opening_assets, [asset]);
    let raised = [(day("2026-02-01"), usd(30_000_000)), (day("2026-03-01"), usd(20_000_000))];
    assert_eq!(terms.raised, raised);
    let share = |per_mille: i64| energize::unit::Share(per_mille * 1_000_000);
    let shares = [(day("2026-01-05"), share(498)), (day("2026-04-01"), percent(20))];
    assert_eq!(terms.capitalised_share, shares);
    let [staff, shares, hands, fees] = &terms.operations[..] else { panic!() };
    assert_eq!((staff.per_year, staff.line), (usd(60_000_000), CostLine::Overhead));
    assert_eq!(staff.later, [(day("2026-07-01"), usd(161_000_000))]);
    assert_eq!(staff.basis, OperationBasis::SiteFrom(day("2026-01-05")));
    assert_eq!((shares.line, shares.noncash), (CostLine::Technology, true));
    assert_eq!((hands.per_year, hands.basis), (usd(0), OperationBasis::PerReadyItMw));
    assert_eq!((fees.line, fees.noncash), (CostLine::Interest, true));
    let [old, term] = &terms.loans[..] else { panic!() };
    assert_eq!(old.opening_balance, Some(usd(20_000_000)));
    assert_eq!(old.draws.dated, [(day("2026-02-15"), usd(10_000_000))]);
    assert_eq!(old.repaid, [(day("2026-06-30"), usd(5_000_000))]);
    assert_eq!((old.advance, old.amortises_from), (percent(0), day("2029-03-31")));
    assert_eq!(term.amortises_from, day("2028-02-01"), "as a whole where nothing is said");
}

#[test]
fn terms_by_date_that_cannot_work_are_refused() {
    let loan = |terms: &str| {
        format!(
            "loans:\n  - {{id: l, commitment: 50M USD, rate: 9%, close: 2026-02-01, \
             available_until: 2026-12-31, maturity: 2029-03-31, amortisation: bullet, {terms}}}\n"
        )
    };
    let cases = [
        ("opening: {assets: [{class: plant, cost: 1M USD, in_service: 2026-02-01}]}\n".into(), "dates-out-of-order"),
        ("opening: {assets: [{class: racks, cost: 1M USD, in_service: 2025-02-01}]}\n".into(), "unknown-word"),
        ("equity: {raised: {2025-02-01: 1M USD}}\n".into(), "dates-out-of-order"),
        ("equity: {raised: {2026-02-01: -1M USD}}\n".into(), "negative-money"),
        ("capitalised_interest: {2026-02-01: 120%}\n".into(), "share"),
        ("capitalised_interest: {2026-02-03: 12%}\n".into(), "capitalised-interest"),
        ("operations: {a: {cost: {2026-02-01: 1M USD/year}, escalator: 3%}}\n".into(), "cost-by-date"),
        ("operations: {a: {cost: {2026-02-01: 1M USD/year}, from: rfs}}\n".into(), "cost-by-date"),
        ("operations: {a: {cost: {}}}\n".into(), "empty-cost"),
        ("operations: {a: {line: overhead, cost: 1M USD/year}}\n".into(), "unknown-word"),
        (
            "operations: {a: {cost: {2026-02-01: 1M USD/year, 2026-03-01: 1M USD/ready-IT-MW-year}}}\n".into(),
            "price-unit",
        ),
        (loan("drawn: {2026-03-01: 30M USD, 2026-04-01: 30M USD}"), "above-commitment"),
        (loan("drawn: {2026-01-20: 30M USD}"), "dates-out-of-order"),
        (loan("drawn: {2027-01-20: 30M USD}"), "dates-out-of-order"),
        (loan("advance: 80%, repaid: {2029-04-01: 30M USD}"), "dates-out-of-order"),
        (loan("advance: 80%, opening_balance: 30M USD"), "dates-out-of-order"),
        (loan("drawn: {2026-03-01: 5M USD}, repaid: {2026-04-01: 6M USD}"), "repaid-too-much"),
        (
            "loans:\n  - {id: l, kind: notes, commitment: 50M USD, rate: 9%, close: 2026-02-01, \
             maturity: 2029-03-31, drawn: {2026-02-01: 5M USD}}\n"
                .into(),
            "loan-kind",
        ),
        (
            "loans:\n  - {id: l, commitment: 50M USD, rate: 9%, close: 2025-02-01, available_until: 2026-12-31, \
             maturity: 2029-03-31, amortisation: bullet, advance: 80%, opening_balance: 51M USD}\n"
                .into(),
            "above-commitment",
        ),
        (
            "contracts:\n  - {customer: a, halls: [hall-*], total: 1M USD, term: 2y, signed: 2026-01-05, \
             scheduled_start: 2026-03-01, counts_as: {2026-01-01: rpo}}\n"
                .into(),
            "dates-out-of-order",
        ),
    ];
    for (money, id) in cases {
        let found = ids(&money);
        assert!(found.contains(&id), "{money}: {found:?}");
    }
}
