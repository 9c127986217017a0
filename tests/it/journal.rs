//! The journal as plain text: another program accepts it and finds our balances.

#![allow(clippy::print_stdout, reason = "whether the other program was there to ask")]

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use energize::ledger::{BooksResult, journal_balances, write_journal};
use energize::model::terms::{AssetClass, Consideration, Damages, Price};
use energize::money::{Currency, Money};

use crate::books_site::{Case, percent, usd};

/// A hall that is built on credit, sold, used and repaid.
fn small_site() -> (Case, BooksResult) {
    let mut case = Case::new("2026-01-01");
    let hall = case.hall(3);
    case.works(Some(hall), AssetClass::Plant, 7_000_001, "2026-01-05", "2026-03-20").net_days = 45;
    case.loan(4_900_000, percent(8), ["2026-01-10", "2026-06-30", "2026-09-30", "2028-09-30"])
        .upfront_fee = percent(2);
    let contract = case.contract(Price::Total(usd(9_999_999)), 24, "2026-04-01");
    (contract.prepaid, contract.payment_days) = (percent(20), 30);
    contract.ramp = vec![5_000, 10_000];
    contract.damages = Some(Damages { per_day: usd(10_000), grace_days: 0, cap: None });
    let paid_on = energize::time::parse_day("2026-02-01").unwrap();
    contract.consideration = Some(Consideration { amount: usd(100_000), paid_on });
    case.all_online("2026-04-11");
    let result = case.run();
    (case, result)
}

fn balances(result: &BooksResult) -> BTreeMap<String, Money> {
    let mut balances: BTreeMap<String, Money> = BTreeMap::new();
    for line in result.journal.iter().flatten().flat_map(|entry| &entry.lines) {
        *balances.entry(line.0.name().to_string()).or_default() += line.1;
    }
    balances.retain(|_, balance| *balance != Money::ZERO);
    balances
}

fn text((case, result): &(Case, BooksResult)) -> String {
    let entries = result.journal.as_deref().unwrap();
    write_journal(entries, Currency::USD, |entry| entry.cause.describe(&case.site))
}

#[test]
fn the_written_journal_holds_the_balances_of_the_books() {
    let site = small_site();
    assert!(site.1.journal.as_ref().is_some_and(|entries| entries.len() > 50));
    assert_eq!(journal_balances(&text(&site)), Ok(balances(&site.1)));
}

/// `hledger` with the journal on its standard input; `None` where it is not installed.
fn hledger(arguments: &[&str], journal: &str) -> Option<String> {
    let mut command = Command::new("hledger");
    command.args(["-f", "-"]).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().ok()?;
    child.stdin.take().unwrap().write_all(journal.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "hledger {arguments:?}: {problem}");
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn hledger_accepts_the_journal_and_finds_the_same_balances() {
    let site = small_site();
    let journal = text(&site);
    if hledger(&["check"], &journal).is_none() {
        println!("hledger is not installed: nothing was asked of it");
        return;
    }
    let table = hledger(&["balance", "--flat", "-N", "-O", "csv"], &journal).unwrap();
    let mut theirs = BTreeMap::new();
    for row in csv::Reader::from_reader(table.as_bytes()).records().map(Result::unwrap) {
        let amount: rust_decimal::Decimal = row[1].trim_end_matches("USD").trim().parse().unwrap();
        theirs.insert(row[0].to_string(), Money::from_decimal(amount).unwrap());
    }
    assert_eq!(theirs, balances(&site.1));
}
