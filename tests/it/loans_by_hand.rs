//! Terms of loans against numbers derived by hand, and through site files.

use energize::ledger::{BooksResult, Happening, LoanRow};
use energize::model::covenants::Covenant;
use energize::model::terms::*;
use energize::money::{DayCount, Money, Roll};
use energize::time::Day;
use energize::unit::Share;

use crate::books_site::{Case, day, money, percent, usd};
use crate::fixture::Fixture;

fn row(books: &BooksResult, first: &str) -> LoanRow {
    let at = books.months.iter().position(|row| row.from == day(first)).unwrap();
    books.loans[0][at]
}

/// A site that earns 1,000 a day from New Year 2025 over so many years.
fn earning(years: u32) -> Case {
    let mut case = Case::new("2025-01-01");
    case.hall(1);
    let end = day("2025-01-01").add_months(12 * years as i32);
    let days = i64::from(end - day("2025-01-01"));
    case.contract(Price::Total(usd(1_000 * days)), 12 * years, "2025-01-01").payment_days = 0;
    case.all_online("2025-01-01");
    case
}

#[test]
fn notes_pay_a_long_first_coupon_by_months_of_thirty_days() {
    let mut case = Case::new("2025-07-01");
    let dates = ["2025-07-25", "2025-07-25", "2031-02-01", "2031-02-01"];
    let notes = case.loan(1_750_000, percent(9), dates);
    notes.draws.kind = LoanKind::Notes;
    notes.repayment = Repayment::Regular(Amortisation::Bullet);
    (notes.period_months, notes.accrual.count) = (6, DayCount::Thirty360Bond);
    notes.first_payment = Some(day("2026-02-01"));
    let books = case.run();
    let paid: Vec<Money> = books.payments.iter().map(|p| p.interest.paid).collect();
    // 186 days of 360, then halves of a year: 1,750,000 x 9 % x 186 / 360.
    assert_eq!(paid[0], money(81_375));
    assert_eq!(paid[1..].to_vec(), vec![money(78_750); 10]);
    assert_eq!(books.payments[0].day, day("2026-02-01"));
    assert_eq!(books.totals.draws, money(1_750_000));
    assert_eq!(books.payments.last().unwrap().principal.paid, money(1_750_000));
}

#[test]
fn a_payment_on_a_sunday_rolls_and_unadjusted_interest_does_not() {
    let mut case = Case::new("2026-01-01");
    let dates = ["2026-01-01", "2026-01-01", "2026-12-31", "2026-12-31"];
    let loan = case.loan(360_000, percent(10), dates);
    loan.draws.kind = LoanKind::Term;
    loan.repayment = Repayment::Regular(Amortisation::Bullet);
    loan.period_months = 1;
    loan.accrual.roll = Roll::Following;
    // 31 January 2026 is a Saturday: paid on Monday 2 February.
    let paid = |case: &Case| -> Vec<(Day, Money)> {
        case.run().payments.iter().take(2).map(|p| (p.day, p.interest.paid)).collect()
    };
    let dates = [day("2026-02-02"), day("2026-03-02")];
    assert_eq!(paid(&case), [(dates[0], money(3_200)), (dates[1], money(2_800))]);
    case.site.terms.loans[0].accrual.unadjusted = true;
    assert_eq!(paid(&case), [(dates[0], money(3_000)), (dates[1], money(2_800))]);
}

#[test]
fn interest_of_the_construction_is_paid_added_or_funded() {
    let outcome = |way| {
        let mut case = Case::new("2025-01-01");
        case.works(None, AssetClass::Plant, 1_000_000, "2025-01-01", "2025-01-01").net_days = 0;
        let dates = ["2025-01-01", "2025-12-31", "2025-12-31", "2026-12-31"];
        let loan = case.loan(900_000, percent(9), dates);
        loan.advance = percent(50);
        loan.accrual.construction = way;
        case.site.terms.equity.amount = Some(usd(10_000_000));
        case.run()
    };
    let quarter = |books: BooksResult| {
        let row = row(&books, "2025-03-01");
        (row.outstanding, row.flows.interest_paid, row.flows.interest_added)
    };
    // 500,000 x 9 % x 89 / 360 to 31 March.
    let interest = Money(11_125_000_000);
    let [paid, added, funded] = [
        ConstructionInterest::Paid,
        ConstructionInterest::Capitalised,
        ConstructionInterest::Funded,
    ]
    .map(|way| quarter(outcome(way)));
    assert_eq!(paid, (money(500_000), interest, Money::ZERO));
    assert_eq!(added, (money(500_000) + interest, Money::ZERO, interest));
    assert_eq!(funded, (money(500_000) + Money(interest.0 / 2), interest, Money::ZERO));
}

#[test]
fn a_revolver_fills_a_gap_and_is_repaid_from_what_comes_in() {
    let mut case = earning(2);
    case.site.terms.contracts[0].payment_days = 60;
    case.site.terms.operations.push(Operation {
        id: "staff".into(),
        per_year: usd(36_500),
        later: Vec::new(),
        line: CostLine::default(),
        noncash: false,
        basis: OperationBasis::SiteFrom(day("2025-01-01")),
        premises: None,
        escalator: percent(0),
        net_days: 0,
    });
    let dates = ["2025-01-01", "2026-12-31", "2026-12-31", "2026-12-31"];
    let revolver = case.loan(50_000, percent(6), dates);
    (revolver.draws.kind, revolver.period_months) = (LoanKind::Revolver, 1);
    revolver.repayment = Repayment::Regular(Amortisation::Bullet);
    let books = case.run();
    // Staff of 3,100 for January, paid on 1 February; 27 days of interest on it on the 28th.
    assert_eq!(row(&books, "2025-02-01").outstanding, Money(3_113_950_000));
    // Staff of 2,800 for February and 30 more days of both, before the first receipt on 1 April.
    let interest = (3_113_950_000 + 2_800_000_000) * 6 * 30 / 36_000;
    assert!((row(&books, "2025-03-01").outstanding.0 - 5_913_950_000 - interest).abs() < 1_200_000);
    assert_eq!(row(&books, "2025-04-01").outstanding, Money::ZERO);
    assert_eq!(books.totals.equity_shortfall, Money::ZERO);
}

#[test]
fn a_reserve_is_filled_ahead_helps_and_comes_back() {
    let mut case = earning(2);
    let dates = ["2025-01-01", "2025-01-01", "2025-06-30", "2026-12-31"];
    let loan = case.loan(400_000, percent(0), dates);
    (loan.draws.kind, loan.reserve_months) = (LoanKind::Term, 3);
    loan.repayment = Repayment::Regular(Amortisation::EqualPrincipal);
    let books = case.run();
    // Seven quarters repay 400,000; the next one's service is held from 31 March on.
    let held = row(&books, "2025-03-01").reserve;
    assert_eq!(held, Money(57_142_857_143));
    assert_eq!(row(&books, "2026-12-01").reserve, Money::ZERO);
    assert_eq!(books.totals.reserved, Money::ZERO);
    // Without backing and without customers the reserve pays the first date that cash cannot.
    let mut poor = case.clone();
    poor.site.terms.equity.backs_shortfalls = false;
    poor.site.terms.contracts.clear();
    poor.site.terms.opening_cash = None;
    poor.works(None, AssetClass::Plant, 342_857, "2025-04-01", "2025-04-02").net_days = 0;
    let books = poor.run();
    let first = books.payments.iter().find(|p| p.principal.due > Money::ZERO).unwrap();
    assert!(first.principal.from_reserve > Money::ZERO, "{first:?}");
    let unpaid = |note: &&energize::ledger::Note| matches!(note.what, Happening::Unpaid { .. });
    assert!(books.notes.iter().any(|note| unpaid(&note)), "then it is in default");
    assert!(books.months.last().unwrap().stand.debt > Money::ZERO);
}

#[test]
fn a_sweep_and_a_balloon_move_the_balance_as_they_say() {
    let mut case = earning(3);
    let dates = ["2025-01-01", "2025-01-01", "2025-03-31", "2027-12-31"];
    let loan = case.loan(600_000, percent(0), dates);
    loan.draws.kind = LoanKind::Term;
    loan.balloon = percent(40);
    let with_balloon = case.run();
    // Eleven of twelve parts of 60 %, then the last part and the balloon.
    assert_eq!(row(&with_balloon, "2027-09-01").outstanding, money(600_000 - 11 * 30_000));
    case.site.terms.loans[0].balloon = percent(0);
    case.site.terms.loans[0].sweep = percent(100);
    let swept = case.run();
    assert!(swept.totals.early_repayment > Money::ZERO);
    let repaid = swept.totals.principal + swept.totals.early_repayment;
    assert_eq!(repaid, money(600_000));
}

#[test]
fn free_cash_is_distributed_but_not_while_a_loan_is_locked_up() {
    let mut case = earning(3);
    case.site.terms.equity.keeps = Some(usd(10_000));
    let dates = ["2025-01-01", "2025-01-01", "2025-03-31", "2026-12-31"];
    let loan = case.loan(240_000, percent(0), dates);
    (loan.draws.kind, loan.covenants) = (LoanKind::Term, Vec::new());
    let spread = |books: &BooksResult| -> Vec<Day> {
        let paid = books.months.iter().filter(|row| row.flows.distributions > Money::ZERO);
        paid.map(|row| row.from).collect()
    };
    let free = case.run();
    assert_eq!(spread(&free)[0], day("2025-04-01"), "the first quarter of service is over");
    let end = free.months.last().unwrap();
    assert_eq!(end.stand.cash + free.totals.distributions, free.totals.receipts);
    // Some 91,000 a quarter cover service of 30,000 three times: below a lock-up of four.
    let mut covenant = Covenant::quarterly_dscr(Share(1_100_000_000), None);
    covenant.terms[0].lock_up = Some(Share(4_000_000_000));
    case.site.terms.loans[0].covenants = vec![covenant];
    let locked = case.run();
    let trapped = |note: &&energize::ledger::Note| matches!(note.what, Happening::Trapped { .. });
    assert!(locked.notes.iter().filter(trapped).count() >= 6);
    assert_eq!(spread(&locked)[0], day("2027-01-01"), "the loan is repaid");
    assert_eq!(locked.totals.distributions, free.totals.distributions);
}

const SITE: &str = "\
site: shed
start: 2026-01-05
power: {pue: 1.2}
platforms:
  rack: {gpus_per_rack: 72, rack_power: 136 kW, price_per_rack: 4M USD, pay: {delivery: 100%, net: 30d}}
activities:
  build: {duration: 20w, cost: 20M USD}
  grid:  {duration: 10w, after: [build], energises: 5 MW}
halls:
  it_power: 2.4 MW
  activities:
    ist: {duration: 2w, after: [build], ready_for_service: true}
  cluster: {platform: rack, units: 2, racks_per_unit: 8, install: {duration: 1w},
    burn_in: {duration: 1w}, test: {duration: 1w}, accept: {duration: 1w}}
lots:
  - {platform: rack, racks: 16, ordered: 2026-01-05, ex_works: 2026-05-04, transit: 1ew}
contracts:
  - {customer: acme, halls: [hall-1], price: 3.5 USD/GPU-hour, term: 4y, signed: 2026-01-05, scheduled_start: 2026-10-01}
operations:
  staff: {cost: 2M USD/year, from: rfs}
equity: {amount: 60M USD}
loans:
  - {id: ddtl, commitment: COMMITMENT, advance: 60%, rate: 9%, close: 2026-02-02, available_until: 2026-12-31,
     amortises_from: 2027-03-31, maturity: 2030-09-30MORE}
";

fn site(commitment: &str, more: &str) -> String {
    SITE.replace("COMMITMENT", commitment).replace("MORE", more)
}

fn loans(text: &str, args: &[&str]) -> serde_json::Value {
    let fixture = Fixture::new().file("shed.yaml", text);
    let args = ["run", "shed.yaml", "--json"].iter().chain(args);
    let printed = fixture.run(args.copied()).fine();
    serde_json::from_str::<serde_json::Value>(&printed).unwrap()["loans"].clone()
}

#[test]
fn a_sized_commitment_is_what_its_own_uses_draw() {
    let funded = ", upfront_fee: 1%, undrawn_fee: 0.5%, construction_interest: funded";
    let loan = &loans(&site("sized", funded), &[])[0];
    let residual: f64 = loan["sizing_residual"].as_str().unwrap().parse().unwrap();
    assert!(residual.abs() <= 0.0001, "{residual}");
    let number = |key: &str| loan[key].as_str().unwrap().parse::<f64>().unwrap();
    let (commitment, drawn) = (number("commitment"), number("drawn"));
    // 60 % of 84 million and of what the loan costs until it is all drawn; the books pay by the
    // quarter what the sizing draws by the month.
    assert!(commitment > 50_400_000.0 && commitment < 54_000_000.0, "{commitment}");
    assert!((drawn / commitment - 1.0).abs() < 0.02, "{drawn} of {commitment}");
}

#[test]
fn a_sculpted_loan_keeps_the_schedule_of_the_case_it_was_lent_on() {
    let text = site("40M USD", ", amortisation: {sculpted: 1.40}");
    let plan = loans(&text, &[]);
    let late = loans(&text, &["--delay", "grid=12w"]);
    let principal = |loan: &serde_json::Value| -> Vec<String> {
        let quarters = loan[0]["quarters"].as_array().unwrap().iter();
        quarters.map(|quarter| quarter["principal"].as_str().unwrap().to_owned()).collect()
    };
    let (plan, late) = (principal(&plan), principal(&late));
    assert_eq!(plan, late, "a slip moves the cash and not the schedule");
    assert!(plan.iter().filter(|amount| amount.as_str() != "0.00").count() > 10, "{plan:?}");
}

#[test]
fn a_loan_that_reads_the_accounting_life_moves_with_it_and_others_do_not() {
    let schedule = |life: &str| {
        format!(", amortisation: {{greater_of: {{coverage: 1.1, advance: 60%, life: {life}}}}}")
    };
    let peak = |life: &str, books: &str| {
        let lives = format!("lives.technology={books}");
        loans(&site("50M USD", &schedule(life)), &["--set", &lives])[0]["quarters"].clone()
    };
    assert_eq!(peak("4y", "3y"), peak("4y", "6y"));
    assert_ne!(peak("accounting", "3y"), peak("accounting", "6y"));
}

#[test]
fn terms_that_cannot_work_are_refused_with_their_line() {
    let cases = [
        (", kind: notes", "a loan of kind `notes` has no `advance`"),
        (", discount: 2%", "a loan of kind `ddtl` has no `discount`"),
        (", fees: effective", "a loan of kind `ddtl` has no `fees: effective`"),
        (", compounding: daily", "only a `base` rate is compounded by the day"),
        (", day_count: ACT/366", "expected one of ACT/360, ACT/365F"),
        (", holidays: US-NONE", "no set of holidays is called `US-NONE`"),
        (", conditions: [bild]", "no activity is called `bild`"),
        (", first_payment: 2027-06-30", "`amortises_from` 2027-03-31 lies before `first_payment`"),
        (", amortisation: {sculpted: 0}", "a cover is above 0 and at most 10, found 0"),
        (", amortisation: {}", "a schedule is one of `sculpted`, `target_balance`, `greater_of`"),
        (", amortisation: {target_balance: {2026-06-30: 50%}}", "2026-06-30 lies outside"),
        (", balloon: 120%", "a share here is between 0% and 100%"),
    ];
    for (more, message) in cases {
        let fixture = Fixture::new().file("shed.yaml", site("40M USD", more));
        let refused = fixture.run(["check", "shed.yaml"]).refused(2).to_string();
        assert!(refused.contains(message), "{more}: {refused}");
        assert!(refused.contains("shed.yaml:2"), "{more} has its line: {refused}");
    }
}

#[test]
fn daily_compounding_earns_a_little_more_than_simple_interest() {
    let floating = |compounding: &str| {
        let curve = "curves: {sofr: {2026-01-01: 4.00%}}\n";
        let terms = format!(", base: sofr, margin: 5%{compounding}");
        let text = site("40M USD", &terms).replace(" rate: 9%,", "") + curve;
        let loan = loans(&text, &[]);
        let quarters = loan[0]["quarters"].as_array().unwrap().clone();
        let second = quarters.iter().find(|quarter| quarter["from"] == "2027-04-01").unwrap();
        second["interest"].as_str().unwrap().parse::<f64>().unwrap()
    };
    let (simple, daily) = (floating(""), floating(", compounding: daily, lookback: 5"));
    // One quarter of 4 % compounded by the business day is about 0.47 % of its interest more.
    let more = daily / simple - 1.0;
    assert!((0.001..0.004).contains(&more), "{simple} {daily}");
}

#[test]
fn fees_by_effective_interest_and_by_the_day_sum_to_the_same() {
    let spread = |effective| {
        let mut case = Case::new("2025-01-01");
        let dates = ["2025-01-01", "2025-01-01", "2025-03-31", "2027-12-31"];
        let loan = case.loan(1_000_000, percent(8), dates);
        loan.draws.kind = LoanKind::Term;
        (loan.discount, loan.upfront_fee) = (percent(2), percent(1));
        loan.effective_fees = effective;
        let books = case.run();
        let year = |from: usize| -> Money {
            books.loans[0][from..from + 12].iter().map(|row| row.flows.fees_amortised).sum()
        };
        [year(0), year(12), year(24)]
    };
    let (by_day, effective) = (spread(false), spread(true));
    assert_eq!(by_day.iter().copied().sum::<Money>(), money(30_000));
    assert_eq!(effective.iter().copied().sum::<Money>(), money(30_000));
    // A debt that falls carries more of the cost early.
    assert!(effective[0] > by_day[0] && effective[2] < by_day[2], "{effective:?}");
}

#[test]
fn the_loans_of_the_readme_are_read_and_repaid() {
    let readme = include_str!("../../README.md");
    let block = readme.split("```yaml\n").find(|block| block.starts_with("loans:")).unwrap();
    let block = block.split("```").next().unwrap();
    let curve =
        "curves: {sofr: {2025-07-01: 4.30%, 2026-06-01: 3.90%}}\nopening: {date: 2025-07-01}\n";
    let own = site("1 USD", "");
    let site = own[..own.find("loans:").unwrap()].to_owned();
    let site = site.replacen("activities:\n", "activities:\n  permit: {duration: 6ew}\n", 1);
    let site = site.replace("start: 2026-01-05", "start: 2025-07-01");
    let loans = loans(&format!("{site}{block}{curve}"), &[]);
    for loan in loans.as_array().unwrap() {
        let last = loan["quarters"].as_array().unwrap().last().unwrap();
        assert_eq!((&last["close"], &loan["arrears"]), (&"0.00".into(), &"0.00".into()), "{loan}");
    }
    assert!(loans[0]["sizing_residual"].is_string());
}

#[test]
fn a_level_loan_by_months_of_thirty_days_is_level() {
    let mut case = Case::new("2026-12-01");
    let dates = ["2026-12-31", "2026-12-31", "2027-03-31", "2030-09-30"];
    let loan = case.loan(40_000_000, percent(9), dates);
    (loan.draws.kind, loan.accrual.count) = (LoanKind::Term, DayCount::Thirty360Bond);
    loan.repayment = Repayment::Regular(Amortisation::LevelPayment);
    // 40,000,000 x 2.25 % / (1 - 1.0225^-15), the months of each quarter 30 days long.
    for payment in &case.run().payments {
        let service = payment.interest.paid + payment.principal.paid;
        assert_eq!(service.to_string(), "3,171,541.00", "{}", payment.day);
    }
}

#[test]
fn a_sculpted_loan_says_at_which_cover_the_base_case_carries_it() {
    let text = site("40M USD", ", amortisation: {sculpted: 1.40}");
    let fixture = Fixture::new().file("shed.yaml", text);
    let printed = fixture.run(["run", "shed.yaml", "--loans"]).fine();
    assert!(printed.contains("of the base case, for 1.40x it was asked for"), "{printed}");
}
