//! Terms of contracts against numbers derived by hand.

use energize::ledger::{BooksResult, Flows, Happening, PeriodRow, Stand};
use energize::model::EventKind;
use energize::model::terms::*;
use energize::money::Money;

use crate::books_site::{Case, day, money, percent, usd};

fn month<'r>(books: &'r BooksResult, first: &str) -> &'r PeriodRow {
    books.months.iter().find(|row| row.from == day(first)).unwrap()
}

fn end(books: &BooksResult) -> Stand {
    books.months.last().unwrap().stand
}

/// Units at 1,000 a day each over 365 days from New Year 2025.
fn sold(units: u32) -> Case {
    let mut case = Case::new("2025-01-01");
    case.hall(units);
    let price = Price::Total(usd(365_000 * i64::from(units)));
    case.contract(price, 12, "2025-01-01");
    case
}

fn terms(case: &mut Case) -> &mut Contract {
    &mut case.site.terms.contracts[0]
}

#[test]
fn damages_lower_the_price_over_the_term_and_the_first_invoices_at_once() {
    let mut case = sold(10);
    let per_day = usd(10_000);
    let damages = Damages { per_day, grace_days: 30, cap: Some(percent(10)) };
    terms(&mut case).damages = Some(damages);
    case.all_online("2025-03-12");
    let books = case.run();
    // 70 days late, 40 past the grace: 400,000, capped at 365,000. 9,000 a day are left.
    assert_eq!(books.totals.rpo_damages, money(365_000));
    assert_eq!(books.totals.revenue, money(3_285_000));
    for (first, revenue, billed, asset) in [
        ("2025-03-01", 180_000, 0, 180_000),
        ("2025-04-01", 270_000, 135_000, 315_000),
        ("2025-05-01", 279_000, 310_000, 284_000),
    ] {
        let row = month(&books, first);
        let found = [row.flows.revenue, row.flows.billed, row.stand.contract_asset];
        assert_eq!(found, [revenue, billed, asset].map(money), "{first}");
    }
    assert_eq!((end(&books).rpo, end(&books).contract_asset), (Money::ZERO, Money::ZERO));
    terms(&mut case).damages = Some(Damages { cap: None, ..damages });
    assert_eq!(case.run().totals.rpo_damages, money(400_000));
}

#[test]
fn each_tranche_owes_its_share_of_the_damages_by_its_price() {
    let mut case = sold(2);
    terms(&mut case).damages = Some(Damages { per_day: usd(100), grace_days: 0, cap: None });
    case.unit_online(day("2025-01-11"), 0);
    case.unit_online(day("2025-01-31"), 1);
    let books = case.run();
    assert_eq!(books.totals.rpo_damages, money(10 * 50 + 30 * 50));
}

#[test]
fn a_termination_ends_what_is_not_in_service_and_refunds_its_prepaid_share() {
    let mut case = sold(3);
    let contract = terms(&mut case);
    contract.prepaid = percent(20);
    contract.long_stop = Some(day("2025-03-31"));
    contract.on_long_stop = OnLongStop::Terminate;
    case.unit_online(day("2025-02-01"), 0);
    case.unit_online(day("2025-04-01"), 1);
    let books = case.run();
    let ended = Happening::Terminated { contract: 0, tranches: 2, price: money(730_000) };
    let note = books.notes.iter().find(|note| note.what == ended).unwrap();
    assert_eq!(note.day, day("2025-03-31"));
    let march = month(&books, "2025-03-01");
    assert_eq!(march.flows.rpo_terminated, money(730_000));
    assert_eq!(march.flows.refunds, money(146_000));
    assert_eq!(march.stand.rpo, money(365_000 - 59 * 1_000));
    assert_eq!(books.totals.revenue, money(365_000));
    assert_eq!((end(&books).rpo, end(&books).contract_liability), (Money::ZERO, Money::ZERO));
    // An advance that was still to come is asked for what is left alone.
    terms(&mut case).prepaid_on = day("2025-04-15");
    assert_eq!(case.run().totals.prepayments, money(73_000));
}

#[test]
fn a_ramp_moves_billing_and_not_revenue_unless_the_price_follows() {
    for (follows, revenue, asset) in
        [(false, "296,835.62", "141,835.62"), (true, "155,000.00", "0.00")]
    {
        let mut case = sold(1);
        let contract = terms(&mut case);
        // 15.5 days of 31 and 334 more at 10,000.
        contract.price = Price::Total(usd(3_495_000));
        (contract.ramp, contract.price_follows_ramp) = (vec![5_000, 10_000], follows);
        case.all_online("2025-01-01");
        let books = case.run();
        let january = month(&books, "2025-01-01");
        assert_eq!(january.flows.billed, money(155_000));
        assert_eq!(january.flows.contracted, money(155_000), "the schedule knows the ramp");
        assert_eq!(january.flows.revenue.to_string(), revenue);
        assert_eq!(january.stand.contract_asset.to_string(), asset);
        assert_eq!(month(&books, "2025-02-01").flows.billed, money(280_000));
        assert_eq!(books.totals.billed, money(3_495_000));
        assert_eq!(end(&books).contract_asset, Money::ZERO);
    }
}

#[test]
fn a_term_from_the_first_start_loses_days_and_one_from_the_last_wins_them() {
    for (runs, until, revenue, lost) in [
        (TermRuns::PerTranche, "2026-03-01", 730, 0),
        (TermRuns::FromFirst, "2026-01-01", 365 + 306, 59),
        (TermRuns::FromLast, "2026-03-01", 424 + 365, -59),
    ] {
        let mut case = sold(2);
        let contract = terms(&mut case);
        (contract.term_runs, contract.prepaid) = (runs, percent(10));
        case.unit_online(day("2025-01-01"), 0);
        case.unit_online(day("2025-03-01"), 1);
        let books = case.run();
        assert_eq!(books.totals.revenue, money(revenue * 1_000), "{runs:?}");
        assert_eq!(books.totals.rpo_lost, money(lost * 1_000), "{runs:?}");
        assert_eq!(books.services.iter().map(|s| s.until).max(), Some(day(until)), "{runs:?}");
        assert_eq!((end(&books).rpo, end(&books).contract_liability), (Money::ZERO, Money::ZERO));
    }
}

#[test]
fn while_a_tranche_waits_a_term_from_the_last_start_goes_on() {
    let mut case = sold(2);
    terms(&mut case).term_runs = TermRuns::FromLast;
    case.site.terms.horizon = Some(day("2026-07-01"));
    case.unit_online(day("2025-01-01"), 0);
    let books = case.run();
    assert_eq!(books.totals.revenue, money(546_000), "181 days beyond its own term");
    assert_eq!(end(&books).rpo, money(365_000), "the price of the unit that waits");
}

#[test]
fn a_unit_counts_as_accepted_some_days_after_it_is_in_service() {
    let mut case = sold(2);
    terms(&mut case).deemed_days = Some(10);
    case.happens("2025-01-05", EventKind::InService(0));
    case.happens("2025-01-05", EventKind::InService(1));
    case.happens("2025-01-10", EventKind::Accepted(1));
    case.happens("2025-02-20", EventKind::Accepted(0));
    let books = case.run();
    assert_eq!(month(&books, "2025-01-01").flows.revenue, money(17_000 + 22_000));
    assert_eq!(books.totals.revenue, money(730_000));
}

#[test]
fn service_that_begins_by_itself_after_the_last_event_runs_its_term() {
    let mut case = sold(2);
    terms(&mut case).deemed_days = Some(400);
    case.unit_online(day("2025-06-01"), 0);
    case.happens("2025-06-01", EventKind::InService(1));
    let books = case.run();
    assert_eq!(books.totals.revenue, money(730_000));
    assert_eq!(books.months.last().unwrap().until, day("2027-08-01"));
    // Without it the second unit never starts, and the first still has its whole term.
    terms(&mut case).deemed_days = None;
    let books = case.run();
    assert_eq!((books.totals.revenue, end(&books).rpo), (money(365_000), money(365_000)));
}

#[test]
fn credits_and_what_a_customer_is_paid_lower_revenue() {
    let mut case = sold(1);
    let contract = terms(&mut case);
    contract.credits = percent(10);
    let paid_on = day("2025-02-10");
    contract.consideration = Some(Consideration { amount: usd(36_500), paid_on });
    case.all_online("2025-01-01");
    let books = case.run();
    // 1,000 a day less 100 of credits is billed, less 100 of what was paid is earned.
    let (january, february) = (month(&books, "2025-01-01"), month(&books, "2025-02-01"));
    assert_eq!(january.flows.rpo_signed, money(292_000));
    assert_eq!((january.flows.revenue, january.flows.billed), (money(24_800), money(27_900)));
    assert_eq!(january.stand.customer_consideration, money(36_500 - 3_100));
    assert_eq!(january.stand.consideration_payable, money(36_500));
    assert_eq!(february.flows.consideration_paid, money(36_500));
    assert_eq!(february.stand.consideration_payable, Money::ZERO);
    assert_eq!((books.totals.revenue, books.totals.billed), (money(292_000), money(328_500)));
    let left = end(&books);
    assert_eq!((left.rpo, left.contract_asset), (Money::ZERO, Money::ZERO));
    assert_eq!(left.customer_consideration, Money::ZERO);
}

#[test]
fn a_lease_earns_the_same_and_promises_nothing() {
    let mut case = sold(1);
    case.all_online("2025-02-01");
    let service = case.run();
    terms(&mut case).accounting = Accounting::OperatingLease;
    let lease = case.run();
    let revenue = |books: &BooksResult| -> Vec<Money> {
        books.months.iter().map(|row| row.flows.revenue).collect()
    };
    assert_eq!(revenue(&service), revenue(&lease));
    assert!(lease.months.iter().all(|row| row.stand.rpo == Money::ZERO));
    assert_eq!((lease.totals.rpo_signed, lease.totals.outside_rpo), (Money::ZERO, money(365_000)));
}

#[test]
fn units_are_let_again_when_their_term_is_over() {
    let mut case = sold(2);
    let price = Price::PerGpuHour(usd(1));
    terms(&mut case).relet = Some(Relet { price, fill: percent(50) });
    case.site.terms.horizon = Some(day("2026-04-01"));
    case.unit_online(day("2025-01-01"), 0);
    case.unit_online(day("2025-02-01"), 1);
    let books = case.run();
    let daily = 72 * 24 / 2;
    let of = |first: &str, pick: fn(&Flows) -> Money| pick(&month(&books, first).flows);
    assert_eq!(of("2026-01-01", |f| f.outside_rpo), money(31 * daily));
    assert_eq!(of("2026-03-01", |f| f.billed), money(2 * 31 * daily));
    assert_eq!(end(&books).rpo, Money::ZERO);
}

#[test]
fn so_many_units_start_together() {
    let mut case = sold(3);
    terms(&mut case).tranche = Tranche::Units(2);
    for (unit, on) in [(0, "2025-01-01"), (1, "2025-01-11"), (2, "2025-01-21")] {
        case.unit_online(day(on), unit);
    }
    let books = case.run();
    assert_eq!(month(&books, "2025-01-01").flows.revenue, money(2 * 21_000 + 11_000));
}

#[test]
fn a_price_per_megawatt_is_a_thousand_kilowatts() {
    let total = |price: Price| {
        let mut case = sold(10);
        terms(&mut case).price = price;
        case.run().totals.rpo_signed
    };
    // 1 MW of IT load for twelve months.
    assert_eq!(total(Price::PerItMwMonth(usd(150_000))), money(1_800_000));
    assert_eq!(total(Price::PerItKwMonth(usd(150))), money(1_800_000));
}
