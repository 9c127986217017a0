//! Statements by period: they balance, reconcile, and say the same in every period.

use std::collections::BTreeMap;

use energize::analysis;
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
