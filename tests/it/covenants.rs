//! Covenants against numbers derived by hand: 1,000 a day from one customer, a loan of 700,000 at
//! 12 %, interest 233.33 a day.

use energize::analysis::cover::{Cover, cover_parts};
use energize::ledger::{BooksResult, Happening, Outcome, Ratio};
use energize::loan::NoDraw;
use energize::model::covenants::*;
use energize::model::terms::*;
use energize::model::{self, EventKind};
use energize::money::Money;
use energize::time::Day;
use energize::unit::Share;
use rust_decimal::Decimal;

use crate::books_site::{Case, day, money, percent, usd};
use crate::fixture::Fixture;

/// Receipts come on the first of the next month; interest is paid at the ends of quarters.
fn served(accepted: &str, maturity: &str) -> Case {
    let mut case = Case::new("2025-01-01");
    let hall = case.hall(1);
    case.works(Some(hall), AssetClass::Plant, 1_000_000, "2025-01-01", "2025-01-01");
    case.happens("2025-01-01", EventKind::Ready(hall));
    case.site.terms.equity.amount = Some(usd(300_000));
    let dates = ["2025-01-01", "2025-06-30", maturity, maturity];
    case.loan(700_000, percent(12), dates).repayment = Repayment::Regular(Amortisation::Bullet);
    case.contract(Price::Total(usd(730_000)), 24, "2025-01-01");
    case.unit_online(day(accepted), 0);
    case
}

fn ratio(thousandths: i64) -> Share {
    Share(thousandths * 1_000_000)
}

fn term(thousandths: i64) -> CovenantTerm {
    let limit = Limit::Ratio(ratio(thousandths));
    CovenantTerm { since: Day(i32::MIN), first_test: None, limit, lock_up: None }
}

fn covenant(test: Test, window: Window, every_months: u32, thousandths: i64) -> Covenant {
    let terms = vec![term(thousandths)];
    Covenant { test, window, every_months, until: None, terms, cure: None, draw_stop: false }
}

fn quarterly(thousandths: i64) -> Covenant {
    covenant(Test::Dscr, Window::Trailing(3), 3, thousandths)
}

fn run(case: &Case, covenants: Vec<Covenant>) -> BooksResult {
    let mut case = case.clone();
    case.site.terms.loans[0].covenants = covenants;
    case.run()
}

/// What each test of the only covenant comes to.
fn told(case: &Case, covenant: Covenant) -> Vec<(String, String, Outcome)> {
    let books = run(case, vec![covenant]);
    books.tests().map(|made| (made.day.to_string(), made.value.to_string(), made.outcome)).collect()
}

fn values(case: &Case, covenant: Covenant) -> Vec<String> {
    told(case, covenant).into_iter().map(|(_, value, _)| value).collect()
}

fn outcomes(case: &Case, covenant: Covenant) -> Vec<Outcome> {
    told(case, covenant).into_iter().map(|(.., outcome)| outcome).collect()
}

fn sides(case: &Case, covenant: Covenant, on: &str) -> [String; 2] {
    let books = run(case, vec![covenant]);
    let made = books.tests().find(|made| made.day == day(on)).unwrap();
    let Ratio::Of { numerator, denominator } = made.value else { panic!("{made:?}") };
    [numerator.to_string(), denominator.to_string()]
}

#[test]
fn a_window_reaches_back_or_ahead_over_whole_months() {
    let case = served("2025-01-01", "2026-12-31");
    // Receipts of 59,000 and 92,000 against 89 and 91 days of interest.
    let quarter = sides(&case, quarterly(1_000), "2025-03-31");
    assert_eq!(quarter, ["59,000.00", "20,766.67"]);
    let half = covenant(Test::Dscr, Window::Trailing(6), 3, 1_000);
    assert_eq!(sides(&case, half.clone(), "2025-06-30"), ["151,000.00", "42,000.00"]);
    assert_eq!(outcomes(&case, half)[0], Outcome::NotTested, "the books are three months old");
    let ahead = covenant(Test::Dscr, Window::Forward(6), 3, 1_000);
    assert_eq!(sides(&case, ahead.clone(), "2025-03-31"), ["184,000.00", "42,700.00"]);
    // Two quarters ahead of September 2026 the books are over.
    assert_eq!(outcomes(&case, ahead)[6..], [Outcome::NotTested; 2]);
    let monthly = covenant(Test::Icr(IcrNumerator::Ebitda), Window::Trailing(1), 1, 1_000);
    assert_eq!(values(&case, monthly.clone()).len(), 24);
    assert_eq!(sides(&case, monthly, "2025-04-30"), ["30,000.00", "7,000.00"]);
    let cash = covenant(Test::Icr(IcrNumerator::Cfads), Window::Trailing(3), 3, 1_000);
    assert_eq!(sides(&case, cash, "2025-06-30"), ["92,000.00", "21,233.33"]);
}

#[test]
fn leverage_is_net_of_cash_and_liquidity_is_cash() {
    let case = served("2025-01-01", "2026-12-31");
    // 59,000 + 92,000 received, 42,000 of interest paid.
    let leverage = covenant(Test::NetDebtToEbitda, Window::Trailing(3), 3, 6_000);
    assert_eq!(sides(&case, leverage.clone(), "2025-06-30"), ["591,000.00", "91,000.00"]);
    assert_eq!(outcomes(&case, leverage)[..3], [Outcome::Failed, Outcome::Failed, Outcome::Passed]);
    let mut liquidity = covenant(Test::MinimumLiquidity, Window::Point, 1, 1_000);
    liquidity.terms[0].limit = Limit::Cash(usd(40_000));
    liquidity.until = Some(day("2025-04-30"));
    assert_eq!(sides(&case, liquidity.clone(), "2025-03-31"), ["38,233.33", "40,000.00"]);
    // 31 January: nothing received yet. 28 February: 31,000. 30 April: 69,233.33.
    let fails = Outcome::Failed;
    assert_eq!(outcomes(&case, liquidity), [fails, fails, fails, Outcome::Passed]);
}

#[test]
fn realization_sets_what_is_billed_against_the_schedule_of_signing() {
    let late = served("2025-02-15", "2026-12-31");
    let test = covenant(Test::ContractRealization, Window::Trailing(3), 1, 850);
    assert_eq!(sides(&late, test.clone(), "2025-03-31"), ["45,000.00", "90,000.00"]);
    assert_eq!(sides(&late, test.clone(), "2025-04-30"), ["75,000.00", "89,000.00"]);
    let [fails, holds] = [Outcome::Failed, Outcome::Passed];
    assert_eq!(outcomes(&late, test)[..5], [fails, fails, fails, fails, holds]);
}

#[test]
fn life_covers_are_worth_over_debt_at_the_rates_of_the_loan() {
    let case = served("2025-01-01", "2026-06-30");
    let cash = [92_000, 92_000, 91_000, 90_000, 92_000, 92_000, 91_000];
    let days = [91, 92, 92, 90, 91, 92, 92];
    let worth = |periods: usize| {
        let (mut sum, mut factor) = (Decimal::ZERO, Decimal::ONE);
        for (cash, days) in cash.into_iter().zip(days).take(periods) {
            factor /= Decimal::ONE + Decimal::new(12, 2) * Decimal::from(days) / Decimal::from(360);
            sum += Decimal::from(cash) * factor;
        }
        sum
    };
    for (test, periods) in [(Test::Llcr, 5), (Test::Plcr, 7)] {
        let books = run(&case, vec![covenant(test, Window::Point, 3, 1_000)]);
        let made = books.tests().next().unwrap();
        assert_eq!(made.day, day("2025-03-31"));
        let Ratio::Of { numerator, denominator } = made.value else { panic!("{made:?}") };
        assert_eq!(denominator, money(700_000));
        // The rates of the periods are those of a thousand million, to the millionth.
        let difference = numerator.decimal() - worth(periods);
        assert!(difference.abs() <= Decimal::new(1, 5), "{test:?}: {difference}");
    }
}

#[test]
fn collateral_falls_by_the_books_by_a_life_of_the_lenders_or_by_a_market_curve() {
    let mut case = served("2025-03-01", "2026-12-31");
    case.site.terms.loans[0].rate = LoanRate::Fixed(percent(0));
    case.site.terms.loans[0].commitment = usd(800_000);
    case.lot(1, 90_000, None);
    case.happens("2025-01-01", EventKind::Delivered(0));
    let steps = vec![(day("2025-01-01"), percent(100)), (day("2025-03-31"), percent(50))];
    case.site.terms.values = vec![Curve { id: "market".into(), steps }];
    let ltv = |how| covenant(Test::Ltv(how), Window::Point, 1, 720);
    // Plant: 90 of 5,478 days are gone. Racks: 31 of 2,191 days since 1 March.
    let book = ltv(Collateral::Book);
    assert_eq!(sides(&case, book.clone(), "2025-03-31"), ["763,000.00", "1,072,297.26"]);
    assert_eq!(sides(&case, book.clone(), "2025-01-31")[1], "1,084,341.00", "racks at cost");
    assert_eq!(outcomes(&case, book)[2..4], [Outcome::Passed; 2]);
    // Three years from delivery: 90 of 1,095 days; from service: 31 of 1,096 days.
    let life = |clock| ltv(Collateral::Life { months: 36, clock });
    let delivery = life(CollateralClock::Delivery);
    assert_eq!(sides(&case, delivery, "2025-03-31")[1], "1,066,173.39");
    let service = life(CollateralClock::InService);
    assert_eq!(sides(&case, service, "2025-03-31")[1], "1,071,025.03");
    let curve = ltv(Collateral::Curve { curve: 0 });
    assert_eq!(sides(&case, curve.clone(), "2025-03-31")[1], "1,028,570.65");
    assert_eq!(outcomes(&case, curve)[1..3], [Outcome::Passed, Outcome::Failed]);
}

#[test]
fn the_term_in_force_on_the_day_applies() {
    let case = served("2025-01-01", "2026-12-31");
    let [fails, holds] = [Outcome::Failed, Outcome::Passed];
    let mut test = quarterly(4_300);
    // 2.84x, 4.33x, 4.29x, 4.24x.
    assert_eq!(outcomes(&case, test.clone())[..4], [fails, holds, fails, fails]);
    let amended = CovenantTerm {
        since: day("2025-08-01"),
        first_test: Some(day("2025-12-31")),
        ..term(4_000)
    };
    test.terms.push(amended);
    assert_eq!(outcomes(&case, test.clone())[..4], [fails, holds, Outcome::NotTested, holds]);
    test.terms[1].since = day("2025-01-01");
    let not_yet = Outcome::NotTested;
    assert_eq!(outcomes(&case, test)[..4], [not_yet, not_yet, not_yet, holds]);
}

#[test]
fn a_lock_up_is_a_test_that_holds_below_its_stricter_threshold() {
    let case = served("2025-01-01", "2026-12-31");
    let mut test = quarterly(2_000);
    test.terms[0].lock_up = Some(ratio(4_300));
    let locked = Outcome::LockUp;
    assert_eq!(outcomes(&case, test)[..3], [locked, Outcome::Passed, locked]);
    let mut ceiling = covenant(Test::Ltv(Collateral::Book), Window::Point, 3, 720);
    ceiling.terms[0].lock_up = Some(ratio(710));
    // 71.2 %, and more from quarter to quarter: the plant loses value, the debt stays.
    assert_eq!(outcomes(&case, ceiling)[..2], [locked, Outcome::Failed]);
}

#[test]
fn a_cure_brings_what_the_test_lacks_as_often_as_it_may() {
    let case = served("2025-01-01", "2026-12-31");
    let cures = |test: Covenant| -> (Vec<Outcome>, Vec<String>, Money) {
        let books = run(&case, vec![test]);
        let outcomes = books.tests().map(|made| made.outcome).take(4).collect();
        let amount = |note: &energize::ledger::Note| match note.what {
            Happening::Cured { amount, .. } => Some(format!("{} {amount}", note.day)),
            _ => None,
        };
        let march = books.months[2].stand.cash;
        (outcomes, books.notes.iter().filter_map(amount).collect(), march)
    };
    let [fails, holds, cured] = [Outcome::Failed, Outcome::Passed, Outcome::Cured];
    let mut test = quarterly(4_300);
    test.cure = Some(Cure { counts: CureAs::Numerator, most: Some(2), until: None });
    let (outcomes, amounts, march) = cures(test.clone());
    assert_eq!(outcomes, [cured, holds, cured, fails]);
    // 4.3 x 20,766.67 - 59,000, and 4.3 x 21,466.67 - 92,000.
    assert_eq!(amounts, ["2025-03-31 30,296.67", "2025-09-30 306.67"]);
    assert_eq!(march.to_string(), "68,530.00");
    test.cure = Some(Cure { counts: CureAs::Denominator, most: Some(1), until: None });
    let (outcomes, amounts, _) = cures(test.clone());
    assert_eq!(outcomes, [cured, holds, fails, fails]);
    // 20,766.67 - 59,000 / 4.3: the first over 4.3.
    assert_eq!(amounts, ["2025-03-31 7,045.74"]);
    let until = Some(day("2025-03-31"));
    test.cure = Some(Cure { counts: CureAs::Numerator, most: None, until });
    assert_eq!(cures(test).0, [fails, holds, fails, fails]);
}

#[test]
fn a_cure_counts_in_later_windows_that_hold_its_test() {
    let case = served("2025-01-01", "2026-12-31");
    let mut test = covenant(Test::Dscr, Window::Trailing(6), 3, 4_000);
    test.cure = Some(Cure { counts: CureAs::Numerator, most: None, until: None });
    // June lacks 4 x 42,000 - 151,000 = 17,000, which September's half year holds.
    assert_eq!(sides(&case, test.clone(), "2025-09-30"), ["201,000.00", "42,700.00"]);
    assert_eq!(sides(&case, test, "2025-12-31"), ["183,000.00", "42,933.33"]);
}

#[test]
fn a_failed_test_stops_draws_until_one_holds() {
    let mut case = served("2025-02-15", "2026-12-31");
    case.site.terms.loans[0].commitment = usd(900_000);
    case.works(None, AssetClass::Plant, 100_000, "2025-03-10", "2025-03-10");
    case.works(None, AssetClass::Plant, 50_000, "2025-06-10", "2025-06-10");
    let mut test = covenant(Test::ContractRealization, Window::Trailing(3), 1, 850);
    test.draw_stop = true;
    let books = run(&case, vec![test.clone()]);
    let refused = Happening::Refused { loan: 0, why: NoDraw::Breach };
    let notes: Vec<_> = books.notes.iter().filter(|note| note.what == refused).collect();
    assert_eq!(notes.len(), 1);
    assert_eq!(notes[0].day, day("2025-03-10"));
    assert_eq!(books.months[2].flows.draws, Money::ZERO);
    assert_eq!(books.months[5].flows.draws, money(50_000), "June: the test of May held");
    test.draw_stop = false;
    assert_eq!(run(&case, vec![test]).months[2].flows.draws, money(70_000));
}

/// Current tax by calendar year on income after losses carried forward, paid later.
#[test]
fn tax_is_accrued_over_the_year_on_income_after_losses() {
    let mut case = served("2025-07-01", "2026-12-31");
    case.site.terms.loans[0].rate = LoanRate::Fixed(percent(0));
    case.site.terms.contracts[0].scheduled_start = day("2025-07-01");
    case.site.terms.lives.months = [6; 4];
    let tax = Tax { rate: percent(25), carries_losses: true, net_days: 59 };
    case.site.terms.tax = Some(tax);
    let books = case.run();
    // 2025: 184,000 of revenue against 1,000,000 of depreciation, a loss of 816,000 that the
    // 365,000 of 2026 and the 181,000 of 2027 do not use up.
    assert_eq!(books.totals.tax, Money::ZERO);
    case.site.terms.tax = Some(Tax { carries_losses: false, ..tax });
    let books = case.run();
    let years = energize::ledger::by_year(&books.months);
    let tax: Vec<String> = years.iter().map(|year| year.flows.tax.to_string()).collect();
    assert_eq!(tax, ["0.00", "91,250.00", "45,250.00"]);
    // 59 days after the close of 2026.
    let paid: Vec<_> =
        books.months.iter().filter(|row| row.flows.tax_paid != Money::ZERO).collect();
    assert_eq!((paid.len(), paid[0].from), (1, day("2027-03-01")));
    assert_eq!(paid[0].flows.tax_paid.to_string(), "91,250.00");
    let end = books.months.last().unwrap();
    assert_eq!(end.stand.tax_payable.to_string(), "45,250.00");
    assert_eq!(end.flows.unlevered_cash(), end.flows.cfads() + end.flows.tax_paid);
}

/// A site file whose loan, from 15 January 2026 to the end of 2027, has these covenants.
fn site_with(covenants: &str) -> Result<energize::model::Site, String> {
    let text = crate::cli_run::SHED.replace("{dscr: 1.20, first_test: 2026-12-31}", covenants);
    let values = "values: {resale: {2026-01-01: 100%, 2027-01-01: 40%}}\n";
    let text = (text + values).into_bytes();
    let input = model::Input { name: "site.yaml".into(), text, ..model::Input::default() };
    let loaded = model::load(input);
    let told = |finding: &energize::spec::Finding| {
        let help = finding.help.as_deref().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{}: {}{help}", finding.id, finding.message)
    };
    let told: Vec<String> = loaded.findings.iter().map(told).collect();
    loaded.site.ok_or_else(|| told.join("; "))
}

#[test]
fn a_covenant_is_read_as_it_is_written() {
    let site = site_with(
        "[{test: dscr, at_least: 1.30, window: trailing 12mo, every: month, lock_up: 1.50,
           first_test: 2026-12-31, cure: {as: denominator, most: 2, until: 2027-06-30},
           draw_stop: true, amended: {on: 2026-06-01, first_test: 2027-01-31, at_least: 1.20}},
          {test: ltv, at_most: 65%, value: {curve: resale}},
          {test: ltv, at_most: 0.7, value: {life: 4y, clock: in_service}},
          {test: minimum_liquidity, at_least: 5M USD, until: 2026-06-30},
          {test: contract_realization, at_least: 0.85}]",
    );
    let covenants = &site.unwrap().terms.loans[0].covenants;
    let first = Covenant {
        test: Test::Dscr,
        window: Window::Trailing(12),
        every_months: 1,
        until: None,
        terms: vec![
            CovenantTerm {
                first_test: Some(day("2026-12-31")),
                lock_up: Some(ratio(1_500)),
                ..term(1_300)
            },
            CovenantTerm {
                since: day("2026-06-01"),
                first_test: Some(day("2027-01-31")),
                lock_up: Some(ratio(1_500)),
                ..term(1_200)
            },
        ],
        cure: Some(Cure {
            counts: CureAs::Denominator,
            most: Some(2),
            until: Some(day("2027-06-30")),
        }),
        draw_stop: true,
    };
    assert_eq!(covenants[0], first);
    assert_eq!(covenants[1].test, Test::Ltv(Collateral::Curve { curve: 0 }));
    let life = Collateral::Life { months: 48, clock: CollateralClock::InService };
    assert_eq!(covenants[2].test, Test::Ltv(life));
    assert_eq!(covenants[3].on(day("2026-02-01")).limit, Limit::Cash(usd(5_000_000)));
    let realization = covenant(Test::ContractRealization, Window::Trailing(3), 1, 850);
    assert_eq!(covenants[4], realization);
    let short = site_with("{dscr: 1.40, first_test: 2026-12-31}").unwrap();
    let quarterly = Covenant::quarterly_dscr(ratio(1_400), Some(day("2026-12-31")));
    assert_eq!(short.terms.loans[0].covenants, [quarterly]);
}

#[test]
fn terms_that_cannot_be_tested_are_refused() {
    for (covenants, told) in [
        ("{dscr: 0, first_test: 2026-12-31}", "covenant: a least DSCR is above 0 and at most 10"),
        ("{dscr: 1.4, first_test: 2025-12-31}", "`first_test` 2025-12-31 lies before `close`"),
        ("{test: dscr, at_least: 1.4, first_test: 2026-01-01}", "lies before `close`"),
        ("{test: dscr, at_least: 0}", "a least DSCR is above 0 and at most 10, found 0"),
        ("{test: dscrs, at_least: 1.4}", "found `dscrs`; did you mean `dscr`?"),
        ("{test: dscr, at_least: 1.4, window: trailing 0mo}", "a window has 1 to 36 months"),
        ("{test: dscr, at_least: 1.4, window: behind 3mo}", "expected quarter, month, trailing"),
        ("{test: dscr, at_most: 1.4}", "dscr must not fall below its threshold (write `at_least`)"),
        ("{test: ltv, at_least: 65%}", "ltv must not rise above its threshold (write `at_most`)"),
        ("{test: dscr}", "the test dscr needs its `at_least`"),
        ("{test: dscr, at_least: 5M USD}", "the threshold of dscr is a ratio"),
        ("{test: minimum_liquidity, at_least: 1.4}", "a least liquidity is money"),
        ("{test: minimum_liquidity, at_least: 0 USD}", "a least liquidity is more than nothing"),
        ("{test: llcr, at_least: 1.3, window: quarter}", "llcr is tested on a day"),
        ("{test: icr, at_least: 1.3, window: forward 6mo}", "only dscr looks forward"),
        ("{test: llcr, at_least: 1.3, draw_stop: true}", "LLCR looks at the finished run"),
        ("{test: ltv, at_most: 65%, cure: {as: numerator}}", "equity does not cure ltv"),
        ("{test: icr, at_least: 2, cure: {as: denominator}}", "counts in its numerator"),
        ("{test: dscr, at_least: 2, cure: {most: 1}}", "the key `as` is missing"),
        ("{test: dscr, at_least: 1.4, lock_up: 1.2}", "a lock-up is stricter"),
        ("{test: dscr, at_least: 1.4, value: book}", "`value` belongs to the test ltv"),
        ("{test: ltv, at_most: 65%, value: {curve: resalt}}", "did you mean `resale`?"),
        ("{test: ltv, at_most: 65%, value: {life: 4y, curve: resale}}", "either a `life` or a"),
        ("{test: dscr, at_least: 1.4, amended: {on: 2025-01-01}}", "comes after closing"),
    ] {
        let found = site_with(covenants).expect_err(covenants);
        assert!(found.contains(told), "{covenants}: {found}");
    }
}

#[test]
fn tests_and_statements_come_as_rows_and_as_json() {
    let all = "[{test: dscr, at_least: 1.20, first_test: 2026-12-31},
        {test: dscr, at_least: 1.20, window: forward 6mo},
        {test: ltv, at_most: 65%, value: {life: 4y}, every: month}]";
    let text = crate::cli_run::SHED.replace("{dscr: 1.20, first_test: 2026-12-31}", all);
    let fixture = Fixture::new().file("site.yaml", text + "tax: {rate: 25%, net: 90d}\n");
    let told = fixture.run(["run", "site.yaml", "--covenants", "--out", "out"]).fine();
    for words in ["term: DSCR of the quarter", "forward 6mo, perfect foresight", "debt to spare"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let csv = fixture.read("out/covenants.csv");
    let mut rows = csv::Reader::from_reader(csv.as_bytes());
    let (mut tests, mut valued) = (0, 0);
    for row in rows.records().map(Result::unwrap) {
        tests += 1;
        let number = |at: usize| row[at].parse::<f64>();
        let (Ok(above), Ok(below), Ok(value)) = (number(6), number(8), number(9)) else {
            assert_eq!(&row[14], "not tested");
            continue;
        };
        valued += 1;
        assert!((above / below - value).abs() < 1e-3, "{row:?}");
        let holds = if &row[10] == "at_most" {
            value <= number(11).unwrap()
        } else {
            value >= number(11).unwrap()
        };
        let fits = match &row[14] {
            "passed" => holds,
            "failed" => !holds,
            other => other == "not tested",
        };
        assert!(fits, "{row:?}");
    }
    assert!(tests > valued && valued > 20, "{tests} {valued}");
    let args = ["run", "site.yaml", "--json", "--statements", "--by", "year"];
    let json: serde_json::Value = serde_json::from_str(&fixture.run(args).fine()).unwrap();
    let made: usize = json["covenants"].as_array().unwrap().iter().map(counted).sum();
    assert_eq!(made, tests);
    assert_eq!(json["covenants"][1]["perfect_foresight"], true);
    assert_eq!(json["statements"]["by"], "year");
    let statements = json["statements"]["statements"].as_array().unwrap();
    assert_eq!(statements.len(), 4);
    let lines = statements[0]["lines"].as_array().unwrap();
    assert!(lines.iter().any(|line| line["name"] == "tax"), "the site pays tax");
    let years = json["statements"]["periods"].as_array().unwrap().len();
    assert!(lines.iter().all(|line| line["amounts"].as_array().unwrap().len() == years));
    let plain = Fixture::new().file("site.yaml", crate::cli_run::SHED);
    let text = plain.run(["run", "site.yaml", "--statements"]).fine();
    assert!(!text.contains(" tax"), "a site without tax has no lines of it");
}

fn counted(covenant: &serde_json::Value) -> usize {
    covenant["tests"].as_array().unwrap().len()
}

/// The lines that `explain` prints come to the value that was tested, cures included.
#[test]
fn the_lines_behind_every_test_sum_to_both_of_its_sides() {
    let shipped = crate::shipped::shipped();
    let london = shipped.into_iter().find(|site| site.id == "london-blackwell-ultra").unwrap();
    let timeline = energize::engine::run_likely(&london.plan);
    let trailing = Window::Trailing(3);
    let market = Collateral::Life { months: 48, clock: CollateralClock::Delivery };
    let mut liquidity = covenant(Test::MinimumLiquidity, Window::Point, 1, 1_000);
    liquidity.terms[0].limit = Limit::Cash(usd(100_000_000));
    let mut cured = covenant(Test::ContractRealization, trailing, 1, 850);
    cured.cure = Some(Cure { counts: CureAs::Numerator, most: None, until: None });
    let mut relieved = covenant(Test::Dscr, Window::Trailing(12), 1, 1_300);
    relieved.cure = Some(Cure { counts: CureAs::Denominator, most: None, until: None });
    for (asked, covenant) in [
        (Cover::Dscr, quarterly(1_400)),
        (Cover::Dscr, relieved),
        (Cover::Dscr, covenant(Test::Dscr, Window::Forward(12), 3, 1_300)),
        (Cover::Icr, covenant(Test::Icr(IcrNumerator::Cfads), trailing, 1, 2_000)),
        (Cover::Icr, covenant(Test::Icr(IcrNumerator::Ebitda), Window::Trailing(12), 3, 2_000)),
        (Cover::Llcr, covenant(Test::Llcr, Window::Point, 3, 1_300)),
        (Cover::Plcr, covenant(Test::Plcr, Window::Point, 1, 1_300)),
        (Cover::Ltv, covenant(Test::Ltv(Collateral::Book), Window::Point, 3, 650)),
        (Cover::Ltv, covenant(Test::Ltv(market), Window::Point, 1, 650)),
        (Cover::NetDebtToEbitda, covenant(Test::NetDebtToEbitda, Window::Trailing(12), 3, 6_000)),
        (Cover::Liquidity, liquidity),
        (Cover::Realization, cured),
    ] {
        let mut site = london.clone();
        site.terms.loans[0].covenants = vec![covenant.clone()];
        let books = energize::ledger::run(&site, &timeline, false);
        let tests: Vec<_> = books.tests().filter(|made| made.value != Ratio::Undefined).collect();
        assert!(tests.len() > 10, "{covenant:?}");
        for made in tests.iter().step_by(tests.len() / 4) {
            let parts = cover_parts(&site, &timeline, (asked, made.day)).unwrap();
            let (found, tested) = (parts.ratio().decimal(), made.value.decimal());
            let difference = found.unwrap() - tested.unwrap();
            // Discounted sums are rounded line by line.
            let slack = if covenant.perfect_foresight() { 9 } else { 28 };
            assert!(difference.abs() <= Decimal::new(1, slack), "{covenant:?} {made:?}: {found:?}");
        }
    }
}
