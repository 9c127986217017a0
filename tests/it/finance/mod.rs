//! Finance as other programs, filings and closed forms have it.
//!
//! Every case of a folder is read: `kind` says which rule it asks for, `inputs` what to feed it,
//! `expected` what must come out, `tolerance` how near. Keys that a case leaves out are not asked
//! for. The folder is that of `ENERGIZE_ORACLES`, else the one beside the project, else the
//! project's own copy.

#![allow(clippy::print_stdout, reason = "one line a case")]

use std::fs;
use std::path::{Path, PathBuf};

mod assets;
mod case;
mod cash;
mod covers;
mod dates;
mod loans;
mod revenue;
mod sizing;

use case::Case;

fn folder() -> PathBuf {
    let of_finance = |folder: PathBuf| {
        let inner = folder.join("finance");
        if inner.is_dir() { inner } else { folder }
    };
    if let Some(stated) = std::env::var_os("ENERGIZE_ORACLES") {
        return of_finance(PathBuf::from(stated));
    }
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = project.join("../shared/oracles/finance");
    if shared.is_dir() { shared } else { project.join("tests/oracles/finance") }
}

fn check(case: &mut Case) {
    match case.kind.as_str() {
        "day_count" => dates::day_count(case),
        "business_day" => dates::business_day(case),
        "holidays" => dates::holidays(case),
        "schedule" => dates::schedule(case),
        "level_loan" => loans::level(case),
        "pmt_table" => loans::payment_table(case),
        "term_sofr_loan" => loans::term_rate(case),
        "overnight_sofr" => loans::overnight(case),
        "bond" => loans::bond(case),
        "delayed_draw" => loans::delayed_draw(case),
        "borrowing_base" => loans::borrowing_base(case),
        "greater_of_amortisation" => loans::greater_of_two(case),
        "cash_sweep" => loans::cash_sweep(case),
        "sized_project" => sizing::project(case),
        "sources_and_uses" => sizing::sources_and_uses(case),
        "sculpting" => sizing::sculpting(case),
        "coverage_tests" => covers::coverage(case),
        "ltv" => covers::loan_to_value(case),
        "waterfall" => covers::priority(case),
        "dsra" => covers::reserve(case),
        "equity_cure" => covers::cure(case),
        "effective_interest_loan" => cash::effective_loan(case),
        "effective_interest_bullet" => cash::effective_bullet(case),
        "xirr" => cash::dated_returns(case),
        "irr_npv" => cash::periodic_returns(case),
        "depreciation" => assets::depreciation(case),
        "life_change" => assets::life_change(case),
        "capitalised_interest" => assets::capitalised_interest(case),
        "interest_identity" => assets::interest_identity(case),
        "cip" => assets::in_progress(case),
        "journal" => assets::journal(case),
        "ratable_revenue" => revenue::ratable(case),
        "delay_damages" => revenue::damages(case),
        "backlog" => revenue::backlog(case),
        "contract_realization" => revenue::contract_realization(case),
        unknown => case.fail(format!("no rule for cases of kind `{unknown}`")),
    }
}

#[test]
fn every_finance_oracle_agrees_within_its_tolerance() {
    let folder = folder();
    let entries = fs::read_dir(&folder).expect("a folder of cases");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    assert!(!paths.is_empty(), "no cases in {}", folder.display());
    let mut failed = 0;
    for path in &paths {
        let mut case = Case::read(path);
        // A case that cannot be read to its end is that case's failure, not the end of the run.
        let run = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(&mut case)));
        if run.is_err() {
            case.fail("the case stopped the rule that it asks for".into());
        }
        println!("{case}");
        failed += u32::from(!case.passes());
    }
    assert_eq!(failed, 0, "of {} cases in {}", paths.len(), folder.display());
}
