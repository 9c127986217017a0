//! Statements by period: they balance, reconcile, and say the same in every period.

use std::collections::BTreeMap;

use energize::analysis;
use energize::analysis::cover::{Cover, cover_parts, parse};
use energize::model::terms::AssetClass;
use energize::report::{Period, statements_csv};
use rust_decimal::Decimal;

use crate::fixture::Fixture;
use crate::shipped::shipped;

/// Amounts by statement and line, one for each period.
fn read(csv: &[u8]) -> BTreeMap<(String, String), Vec<Decimal>> {
    let mut lines: BTreeMap<(String, String), Vec<Decimal>> = BTreeMap::new();
    for row in csv::Reader::from_reader(csv).records().map(Result::unwrap) {
        let key = (row[0].to_owned(), row[1].to_owned());
        lines.entry(key).or_default().push(row[4].parse().unwrap());
    }
    lines
}

#[test]
fn statements_balance_and_reconcile_in_every_period() {
    for site in shipped() {
        let run = analysis::run(&site);
        let mut totals = Vec::new();
        for period in [Period::Month, Period::Quarter, Period::Year] {
            let lines = read(&statements_csv(&run, period));
            let line = |statement: &str, line: &str| {
                lines[&(statement.to_owned(), line.to_owned())].clone()
            };
            let (owned, owed) =
                (line("Balance sheet", "total assets"), line("Balance sheet", "total claims"));
            assert_eq!(owned, owed, "{} {period:?}", site.id);
            let direct = line("Cash flows, direct", "operating");
            let indirect = line("Operating cash flow, indirect", "operating");
            assert_eq!(direct, indirect, "{} {period:?}", site.id);
            let change = line("Cash flows, direct", "change in cash");
            let mut cash = Decimal::ZERO;
            for (change, stands) in change.iter().zip(line("Balance sheet", "cash")) {
                cash += change;
                assert_eq!(cash, stands, "{} {period:?}", site.id);
            }
            totals.push(line("Income statement", "net income").iter().sum::<Decimal>());
        }
        assert!(totals.windows(2).all(|pair| pair[0] == pair[1]), "{}", site.id);
    }
}

#[test]
fn statements_covenants_and_the_journal_come_when_asked_for() {
    let site = format!("{}/sites/london-blackwell-ultra.yaml", env!("CARGO_MANIFEST_DIR"));
    let fixture = Fixture::new();
    let asked = ["run", &site, "--statements", "--by", "year", "--covenants", "--out", "out"];
    let more = ["--journal", "books.journal"];
    let text = fixture.run([&asked[..], &more[..]].concat()).fine();
    for words in
        ["Income statement, USD million", "Balance sheet", "2031", "CFADS to spare", "held"]
    {
        assert!(text.contains(words), "{words}");
    }
    assert!(fixture.names("out").contains(&"statements.csv".to_owned()));
    let journal = fixture.read("books.journal");
    let balances = energize::ledger::journal_balances(&journal).unwrap();
    assert!(balances.len() > 10);
    // The folder is replaced by one without what is no longer asked for.
    fixture.run(["run", &site, "--out", "out"]).fine();
    assert!(!fixture.names("out").contains(&"statements.csv".to_owned()));
}

#[test]
fn the_entries_behind_a_ratio_sum_to_both_of_its_sides() {
    for site in shipped() {
        let run = analysis::run(&site);
        for quarter in run.quarters.iter().step_by(3) {
            let dscr = cover_parts(&site, &run.timeline, (Cover::Dscr, quarter.from)).unwrap();
            assert_eq!(dscr.ratio(), quarter.flows.dscr(), "{} {}", site.id, quarter.from);
            let icr = cover_parts(&site, &run.timeline, (Cover::Icr, quarter.until + -1)).unwrap();
            assert_eq!(icr.ratio(), quarter.flows.icr(), "{} {}", site.id, quarter.from);
        }
        let before = run.quarters[0].from + -1;
        assert!(cover_parts(&site, &run.timeline, (Cover::Dscr, before)).is_err());
    }
}

#[test]
fn a_ratio_is_asked_for_by_name_and_month() {
    let day = |text| energize::time::parse_day(text).unwrap();
    assert_eq!(parse("dscr@2026-09"), Some(Ok((Cover::Dscr, day("2026-09-01")))));
    assert_eq!(parse("ICR@2026-09-30"), Some(Ok((Cover::Icr, day("2026-09-30")))));
    assert!(parse("ltvx@2026-09").unwrap().is_err() && parse("dscr@soon").unwrap().is_err());
    assert_eq!(parse("hall-1.ist"), None);
    let site = format!("{}/sites/london-blackwell-ultra.yaml", env!("CARGO_MANIFEST_DIR"));
    let text = Fixture::new().run(["explain", &site, "dscr@2027-05"]).fine();
    for words in ["DSCR of 2027 Q2 is 1.54x", "payment on ddtl", "rent paid", "debt service"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let told = Fixture::new().run(["explain", &site, "dscr@2011-05"]).refused(2);
    assert!(told.contains("the books hold no quarter"), "{told}");
}

/// Promise 5: what GPUs live for in the books moves profit and book value, never cash.
#[test]
fn the_accounting_life_of_gpus_moves_no_cash() {
    let london = shipped().into_iter().find(|site| site.id == "london-blackwell-ultra").unwrap();
    let runs: Vec<_> = [36, 48, 60, 72]
        .into_iter()
        .map(|months| {
            let mut site = london.clone();
            let technology = AssetClass::ALL.iter().position(|&c| c == AssetClass::Technology);
            site.terms.lives.months[technology.unwrap()] = months;
            analysis::run(&site)
        })
        .collect();
    for pair in runs.windows(2) {
        assert_eq!(pair[0].books.months.len(), pair[1].books.months.len());
        for (short, long) in pair[0].books.months.iter().zip(&pair[1].books.months) {
            assert_eq!(short.flows.ebitda(), long.flows.ebitda());
            assert_eq!(short.flows.unlevered_cash(), long.flows.unlevered_cash());
            assert_eq!(short.flows.debt_service(), long.flows.debt_service());
            assert_eq!(short.stand.cash, long.stand.cash);
        }
        let in_2027 = |run: &analysis::Run| {
            let years = energize::ledger::by_year(&run.books.months);
            let year = years.iter().find(|year| year.from.date().year() == 2027).unwrap();
            (year.flows.operating_income(), year.stand.in_service_net)
        };
        let (short, long) = (in_2027(&pair[0]), in_2027(&pair[1]));
        assert!(short.0 < long.0 && short.1 < long.1, "a shorter life costs more each year");
    }
}
