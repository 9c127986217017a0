//! Terms by date, against numbers derived by hand: running costs that change, what stands at the
//! opening, draws, repayments, equity, capitalised interest, what counts as obligation.

use energize::ledger::{Account, BooksResult, Happening, PeriodRow, contract_report};
use energize::model::EventKind;
use energize::model::terms::*;
use energize::money::Money;
use energize::unit::Share;

use crate::books_site::{Case, day, money, percent, usd};

fn month<'r>(books: &'r BooksResult, first: &str) -> &'r PeriodRow {
    books.months.iter().find(|row| row.from == day(first)).unwrap()
}

/// 100 a day in a line of the income statement.
fn cost(case: &mut Case, line: CostLine, noncash: bool) -> &mut Operation {
    case.site.terms.operations.push(Operation {
        id: "cost".into(),
        per_year: usd(36_500),
        later: Vec::new(),
        line,
        noncash,
        basis: OperationBasis::SiteFrom(case.site.terms.opens),
        premises: None,
        escalator: percent(0),
        net_days: 0,
    });
    case.site.terms.operations.last_mut().unwrap()
}

#[test]
fn a_cost_changes_on_its_dates_and_stands_in_its_line() {
    let mut case = Case::new("2025-01-01");
    let dated = cost(&mut case, CostLine::Technology, false);
    dated.per_year = usd(0);
    dated.later = vec![(day("2025-01-11"), usd(36_500)), (day("2025-02-01"), usd(73_000))];
    cost(&mut case, CostLine::Overhead, true);
    cost(&mut case, CostLine::Interest, true);
    cost(&mut case, CostLine::Interest, false);
    cost(&mut case, CostLine::CostOfRevenue, false);
    case.site.terms.horizon = Some(day("2025-03-01"));
    let books = case.run();
    let lines = |first: &str| {
        let flows = &month(&books, first).flows;
        [
            flows.cost_of_revenue(),
            flows.technology_and_infrastructure(),
            flows.sales_and_overhead(),
            flows.stock_compensation,
            flows.operating_income(),
            flows.adjusted_ebitda(),
            flows.interest_expensed,
            flows.operations_paid,
            flows.other_interest_paid,
        ]
        .map(|money| money.0 / 1_000_000)
    };
    let january = [3_100, 2_100, 3_100, 3_100, -8_300, -5_200, 6_200, 0, 0];
    assert_eq!(lines("2025-01-01"), january, "21 days at 100");
    let february = [2_800, 5_600, 2_800, 2_800, -11_200, -8_400, 5_600, 5_200, 3_100];
    assert_eq!(lines("2025-02-01"), february, "28 days at 200, January is paid");
    let end = &month(&books, "2025-02-01").stand;
    assert_eq!(end.financing_cost, money(5_900), "interest that no cash pays");
    // Cash of January, and what staff gave for shares.
    assert_eq!(end.contributed, money(5_200 + 3_100 + 5_900));
    assert_eq!(end.operating_payables, money(2_800 + 5_600 + 2_800));
}

/// 1,000 a day over six years, 2,192 days, of which 731 are gone when the books open.
fn fleet() -> Case {
    let mut case = Case::new("2025-01-01");
    let in_service = day("2023-01-01");
    let asset = OpeningAsset { class: AssetClass::Technology, cost: usd(2_192_000), in_service };
    case.site.terms.opening_assets = vec![asset];
    case.site.terms.horizon = Some(day("2026-02-01"));
    case
}

#[test]
fn what_stands_at_the_opening_is_depreciated_over_the_rest_of_its_life() {
    let mut case = fleet();
    let books = case.run();
    let stand = &month(&books, "2025-01-01").stand;
    assert_eq!(stand.in_service_cost, money(2_192_000));
    assert_eq!(stand.in_service_net, money(1_461_000 - 31_000));
    assert_eq!(stand.contributed, money(1_461_000));
    assert_eq!(month(&books, "2025-01-01").flows.depreciation_technology, money(31_000));
    case.site.terms.lives.changes[3] = vec![NewLife { on: day("2026-01-01"), months: 48 }];
    let shorter = case.run();
    // 1,096,000 are left for 365 days.
    let charge = month(&shorter, "2026-01-01").flows.depreciation;
    assert_eq!(charge, money(1_096_000).scaled(31, 365));
}

#[test]
fn debt_at_the_opening_is_against_what_owners_contributed() {
    let mut case = fleet();
    let dates = ["2024-06-01", "2025-06-30", "2026-01-31", "2026-01-31"];
    case.loan(1_000_000, percent(0), dates).opening_balance = Some(usd(900_000));
    case.works(None, AssetClass::Plant, 100_000, "2025-02-01", "2025-02-10");
    let books = case.run();
    let stand = &month(&books, "2025-01-01").stand;
    assert_eq!((stand.debt, stand.contributed), (money(900_000), money(561_000)));
    assert_eq!((stand.cash, books.totals.cash_change()), (Money::ZERO, Money::ZERO));
    assert_eq!(books.loans[0][0].flows.taken_over, money(900_000));
    // 70 % of what is paid since, within what the commitment leaves.
    assert_eq!(books.totals.draws, money(70_000));
    assert_eq!(books.loans[0][1].undrawn, money(30_000));
    assert_eq!(books.totals.principal, money(970_000), "at maturity");
}

#[test]
fn a_dated_draw_comes_on_its_day_and_the_rule_goes_on_after_the_last() {
    let mut case = Case::new("2025-01-01");
    case.works(None, AssetClass::Plant, 2_000, "2025-01-02", "2025-01-15");
    case.works(None, AssetClass::Plant, 1_000, "2025-01-02", "2025-02-10");
    let dates = ["2025-01-01", "2025-12-31", "2026-03-31", "2027-03-31"];
    let loan = case.loan(5_000, percent(0), dates);
    loan.draws.dated = vec![(day("2025-02-01"), usd(500))];
    case.site.terms.horizon = Some(day("2025-03-01"));
    let books = case.run();
    let draws: Vec<Money> = books.months.iter().map(|row| row.flows.draws).collect();
    assert_eq!(draws, [Money::ZERO, money(1_000)], "500 on the day, then what is missing");
    assert_eq!(books.totals.equity_shortfall, money(2_000), "before the first date");
    case.site.terms.loans[0].advance = Share::ZERO;
    let alone = case.run();
    assert_eq!(alone.totals.draws, money(500), "by date alone");
}

#[test]
fn a_vendors_dated_draw_pays_for_racks_without_cash() {
    let mut case = Case::new("2025-01-01");
    case.hall(10);
    case.lot(10, 100, None);
    case.site.terms.rack_pay[0].net_days = 45;
    case.happens("2025-01-10", EventKind::Delivered(0));
    let dates = ["2025-01-01", "2025-12-31", "2026-03-31", "2027-03-31"];
    let loan = case.loan(5_000, percent(0), dates);
    loan.draws.kind = LoanKind::Vendor;
    loan.draws.dated = vec![(day("2025-02-01"), usd(1_300))];
    case.site.terms.horizon = Some(day("2025-04-01"));
    let books = case.run();
    let row = month(&books, "2025-02-01");
    assert_eq!((row.flows.draws, row.flows.vendor_financed), (money(1_300), money(1_000)));
    assert_eq!((row.stand.cash, row.stand.capex_payables), (money(300), Money::ZERO));
    assert_eq!(row.stand.debt, money(1_300));
    assert_eq!(books.totals.equity(), Money::ZERO, "nothing is left to pay for");
    let journal = books.journal.unwrap();
    let lines = &journal.iter().find(|entry| entry.day == day("2025-02-01")).unwrap().lines;
    let accounts: Vec<Account> = lines.iter().map(|line| line.0).collect();
    assert_eq!(accounts, [Account::CapexPayables, Account::Debt]);
}

#[test]
fn a_dated_repayment_is_of_what_is_owed_at_most() {
    let mut case = Case::new("2025-01-01");
    let dates = ["2025-01-01", "2025-01-01", "2026-01-01", "2026-01-01"];
    let loan = case.loan(1_000, percent(0), dates);
    loan.draws.kind = LoanKind::Term;
    loan.repaid = vec![(day("2025-02-15"), usd(400)), (day("2025-03-01"), usd(900))];
    let books = case.run();
    let owed: Vec<Money> = books.loans[0][..3].iter().map(|row| row.outstanding).collect();
    assert_eq!(owed, [money(1_000), money(600), Money::ZERO]);
    let less = Happening::RepaidLess { loan: 0, stated: money(900), amount: money(600) };
    assert!(books.notes.iter().any(|note| note.what == less && note.day == day("2025-03-01")));
    // Without owners who pay, it is in arrears until the next payment.
    let works = case.works(None, AssetClass::Plant, 1_000, "2025-01-02", "2025-01-05");
    works.net_days = 0;
    case.site.terms.equity.backs_shortfalls = false;
    let broke = case.run();
    assert_eq!(month(&broke, "2025-02-01").flows.arrears, money(400));
    assert_eq!(month(&broke, "2025-02-01").stand.debt, money(1_000));
}

#[test]
fn a_revolver_goes_by_its_dates_as_long_as_they_are_stated() {
    let mut case = Case::new("2025-01-01");
    let dates = ["2025-01-01", "2026-01-01", "2026-01-01", "2026-01-01"];
    let loan = case.loan(1_000, percent(0), dates);
    (loan.draws.kind, loan.period_months) = (LoanKind::Revolver, 1);
    loan.draws.dated = vec![(day("2025-02-10"), usd(600))];
    loan.repaid = vec![(day("2025-04-20"), usd(500))];
    case.works(None, AssetClass::Plant, 100, "2025-01-02", "2025-01-05");
    let books = case.run();
    let owed: Vec<Money> = books.loans[0][..5].iter().map(|row| row.outstanding).collect();
    let expected = [0, 600, 600, 100, 0].map(money);
    assert_eq!(owed, expected, "neither drawn nor repaid by cash before the last date");
    assert_eq!(books.totals.equity_shortfall, money(100));
}

#[test]
fn owners_pay_in_on_stated_days() {
    let mut case = Case::new("2025-01-01");
    case.site.terms.raised = vec![(day("2025-01-15"), usd(1_000)), (day("2025-02-20"), usd(50))];
    case.works(None, AssetClass::Plant, 600, "2025-01-02", "2025-02-01");
    case.site.terms.horizon = Some(day("2025-03-01"));
    let books = case.run();
    let cash: Vec<Money> = books.months.iter().map(|row| row.stand.cash).collect();
    assert_eq!(cash, [money(1_000), money(450)]);
    assert_eq!(books.totals.equity_raised, money(1_050));
    assert_eq!(books.totals.equity_shortfall, Money::ZERO);
}

#[test]
fn a_stated_share_of_contractual_interest_is_capitalised() {
    let mut case = Case::new("2025-01-01");
    case.works(None, AssetClass::Plant, 1_000_000, "2025-01-02", "2025-01-05");
    let dates = ["2025-01-01", "2025-01-01", "2027-01-01", "2027-01-01"];
    // 1,000 a day.
    let loan = case.loan(3_600_000, percent(10), dates);
    (loan.draws.kind, loan.upfront_fee) = (LoanKind::Term, percent(1));
    cost(&mut case, CostLine::Interest, true);
    case.site.terms.capitalised_share =
        vec![(day("2025-02-01"), percent(25)), (day("2025-04-01"), percent(0))];
    case.site.terms.horizon = Some(day("2025-05-01"));
    let books = case.run();
    let capitalised = |first| month(&books, first).flows.interest_capitalised;
    assert!(capitalised("2025-01-01") > money(7_000), "by what is in progress");
    assert_eq!(capitalised("2025-02-01"), money(7_000));
    assert_eq!(capitalised("2025-03-01"), money(7_750));
    assert_eq!(capitalised("2025-04-01"), Money::ZERO);
}

#[test]
fn a_price_may_be_backlog_alone_until_a_day() {
    let mut case = Case::new("2025-09-01");
    case.hall(1);
    case.contract(Price::Total(usd(1_826)), 60, "2025-10-01").rpo_from = Some(day("2025-11-30"));
    case.all_online("2025-10-01");
    let books = case.run();
    let stands = |first: &str| {
        let stand = &month(&books, first).stand;
        [stand.rpo, stand.beyond_rpo, stand.backlog()].map(|money| money.0 / 1_000_000)
    };
    assert_eq!(stands("2025-09-01"), [0, 1_826, 1_826]);
    assert_eq!(stands("2025-10-01"), [0, 1_795, 1_795]);
    assert_eq!(stands("2025-11-01"), [1_765, 0, 1_765]);
    let mut timeline = case.timeline.clone();
    timeline.events.sort_by_key(|event| (event.at, event.kind));
    let report = contract_report(&case.site, &timeline);
    let november = &report.months[2];
    assert_eq!((november.open, november.close), (Money::ZERO, money(1_765)));
    assert_eq!(november.change.signed, money(1_795));
    assert_eq!(november.change.rpo(), november.close - november.open);
}

/// Two sites of one hall of five units each; a loan without interest has the second alone.
fn two_sites() -> Case {
    let mut case = Case::new("2025-01-01");
    let mut second = case.site.premises[0].clone();
    second.id = "second".into();
    case.site.premises.push(second);
    case.hall(5);
    case.hall(5);
    case.site.halls[1].premises = 1;
    let dates = ["2025-01-01", "2025-12-31", "2026-03-31", "2027-03-31"];
    let loan = case.loan(5_000, percent(0), dates);
    (loan.advance, loan.premises) = (percent(50), vec![1]);
    case.site.terms.horizon = Some(day("2025-07-01"));
    case
}

#[test]
fn a_loan_with_sites_is_drawn_for_their_cost_alone() {
    let mut case = two_sites();
    case.works(Some(0), AssetClass::Plant, 1_000, "2025-01-02", "2025-01-10");
    case.works(Some(1), AssetClass::Plant, 2_000, "2025-01-02", "2025-02-10");
    case.lot(10, 100, None);
    case.happens("2025-03-01", EventKind::Delivered(0));
    for unit in 0..10 {
        case.happens("2025-03-10", EventKind::Racked(unit));
    }
    case.works(Some(0), AssetClass::Plant, 5_000, "2025-03-02", "2025-04-10");
    let books = case.run();
    let draws: Vec<Money> = books.months.iter().map(|row| row.flows.draws).collect();
    // Half of 2,000 of works; half of 500 for the racks that its units took.
    assert_eq!(draws, [0, 1_000, 0, 250, 0, 0].map(money));
    // Another loan that comes first has paid for all of it.
    let mut first = case.site.terms.loans[0].clone();
    (first.id, first.premises, first.advance) = ("first".into(), Vec::new(), percent(60));
    case.site.terms.loans.insert(0, first);
    assert!(case.run().loans[1].iter().all(|row| row.flows.draws == Money::ZERO));
}

#[test]
fn a_loan_with_sites_is_tested_on_their_racks_and_contracts() {
    let mut case = two_sites();
    case.lot(10, 100, None);
    case.happens("2025-01-02", EventKind::Delivered(0));
    case.works(Some(1), AssetClass::Building, 200, "2025-01-02", "2025-01-03");
    let halls = [0..5, 5..10];
    for units in halls.clone() {
        case.contract(Price::Total(usd(365_000)), 12, "2025-02-01").units = units.collect();
    }
    case.happens("2025-01-10", EventKind::Ready(0));
    case.happens("2025-01-10", EventKind::Ready(1));
    for unit in 0..10 {
        case.happens("2025-01-10", EventKind::Racked(unit));
        case.happens("2025-01-10", EventKind::InService(unit));
    }
    (0..5).for_each(|unit| case.happens("2025-02-01", EventKind::Accepted(unit)));
    use energize::model::covenants::{Collateral, Covenant, CovenantTerm, Limit, Test, Window};
    let covenant = |test, window| Covenant {
        test,
        window,
        terms: vec![CovenantTerm {
            since: energize::time::Day(i32::MIN),
            first_test: None,
            limit: Limit::Ratio(Share::ONE),
            lock_up: None,
        }],
        every_months: 3,
        until: None,
        cure: None,
        draw_stop: false,
    };
    let covenants = vec![
        covenant(Test::ContractRealization, Window::Trailing(3)),
        covenant(Test::Ltv(Collateral::Book), Window::Point),
    ];
    case.site.terms.loans[0].covenants = covenants;
    let found = |case: &Case| -> Vec<String> {
        let day = day("2025-03-31");
        let books = case.run();
        books.tests().filter(|made| made.day == day).map(|made| made.value.to_string()).collect()
    };
    let own = found(&case);
    case.site.terms.loans[0].premises.clear();
    let all = found(&case);
    assert_eq!((&*own[0], &*all[0]), ("0.00x", "0.50x"), "its customer does not pay yet");
    // 100 of debt on 500 of racks, or 600 on 1,000; three of 72 months gone, by the day.
    assert_eq!((&*own[1], &*all[1]), ("0.21x", "0.62x"));
}
