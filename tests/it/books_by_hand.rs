//! Books of small sites against numbers derived by hand.

use energize::ledger::{Account, Flows, Happening, Outcome, PeriodRow, by_quarter, by_year};
use energize::loan::NoDraw;
use energize::model::EventKind;
use energize::model::covenants::Covenant;
use energize::model::terms::*;
use energize::money::{Amount, Currency, Money};
use energize::time::Day;
use energize::unit::Share;

use crate::books_site::{Case, day, money, percent, usd};

fn month<'r>(rows: &'r [PeriodRow], first: &str) -> &'r PeriodRow {
    rows.iter().find(|row| row.from == day(first)).unwrap()
}

fn flows(rows: &[PeriodRow], pick: fn(&Flows) -> Money) -> Vec<String> {
    rows.iter().map(|row| pick(&row.flows).to_string()).collect()
}

/// Numbers of the ratable-revenue case F41: 1.2 bn over 60 months, 20 % prepaid at signing.
fn ratable(accepted: &str) -> Case {
    let mut case = Case::new("2025-09-01");
    case.hall(1);
    let price = Price::Total(usd(1_200_000_000));
    let contract = case.contract(price, 60, "2025-10-13");
    (contract.prepaid, contract.prepaid_on) = (percent(20), day("2025-09-15"));
    case.all_online(accepted);
    case
}

#[test]
fn revenue_is_straight_line_by_the_day_and_uses_up_the_prepayment() {
    let books = ratable("2025-10-13").run();
    let expected = [
        ("2025-10-01", "12,486,308.87", "237,502,738.23", "1,187,513,691.13"),
        ("2025-11-01", "19,715,224.53", "233,559,693.32", "1,167,798,466.59"),
        ("2025-12-01", "20,372,398.69", "229,485,213.58", "1,147,426,067.91"),
        ("2026-01-01", "20,372,398.69", "225,410,733.84", "1,127,053,669.22"),
        ("2026-02-01", "18,400,876.23", "221,730,558.60", "1,108,652,792.99"),
        ("2026-05-01", "20,372,398.69", "209,638,554.22", "1,048,192,771.08"),
    ];
    for (first, revenue, liability, rpo) in expected {
        let row = month(&books.months, first);
        let found = [row.flows.revenue, row.stand.contract_liability, row.stand.rpo];
        assert_eq!(found.map(|money| money.to_string()), [revenue, liability, rpo], "{first}");
    }
    assert_eq!(books.first_revenue, Some(day("2025-10-13")));
    assert_eq!(books.months.last().unwrap().until, day("2030-11-01"));
    assert_eq!(books.totals.revenue, money(1_200_000_000));
    let end = books.months.last().unwrap().stand;
    assert_eq!((end.rpo, end.contract_liability), (Money::ZERO, Money::ZERO));
}

#[test]
fn a_slip_of_sixty_days_moves_revenue_and_loses_none() {
    let (base, late) = (ratable("2025-10-13").run(), ratable("2025-12-12").run());
    let row = month(&late.months, "2025-12-01");
    assert_eq!(row.flows.revenue.to_string(), "13,143,483.02");
    assert_eq!(row.stand.contract_liability.to_string(), "237,371,303.40");
    let in_2025 = |rows: &[PeriodRow]| by_year(rows)[0].flows.revenue;
    let lost = in_2025(&base.months) - in_2025(&late.months);
    assert_eq!(lost.to_string(), "39,430,449.07");
    assert_eq!(late.totals.revenue, base.totals.revenue);
}

#[test]
fn a_fixed_end_loses_the_slip_at_the_daily_price_and_refunds_its_prepaid_share() {
    let mut case = ratable("2025-12-12");
    case.site.terms.contracts[0].term_runs = TermRuns::FixedEnd;
    let books = case.run();
    // 60 of 1,826 days.
    let lost = money(1_200_000_000).scaled(60, 1_826);
    assert_eq!(books.totals.rpo_lost, lost);
    assert_eq!(books.totals.revenue, money(1_200_000_000) - lost);
    assert_eq!(books.totals.refunds.to_string(), "7,886,089.81");
    let refunded = Happening::Refunded { contract: 0, amount: books.totals.refunds };
    let note = books.notes.iter().find(|note| note.what == refunded).unwrap();
    assert_eq!(note.day, day("2030-10-13"));
    assert_eq!(books.months.last().unwrap().stand.contract_liability, Money::ZERO);
}

#[test]
fn what_is_billed_is_held_against_the_schedule_of_signing() {
    let rows = ratable("2025-12-12").run().months;
    // By the schedule service began on 13 October: 19, 30, 31 days; it began on 12 December.
    let daily = money(1_200_000_000).scaled(8, 18_260);
    let days = |money: Money| (money.0 + daily.0 / 2) / daily.0;
    let of = |pick: fn(&Flows) -> Money| -> Vec<i64> {
        rows[..5].iter().map(|row| days(pick(&row.flows))).collect()
    };
    assert_eq!(of(|flows| flows.contracted), [0, 19, 30, 31, 31]);
    assert_eq!(of(|flows| flows.billed), [0, 0, 0, 20, 31]);
    let quarter = by_quarter(&rows)[1].flows.realization();
    assert_eq!(quarter.to_string(), "0.25x", "20 of 80 days");
    let whole: Money = rows.iter().map(|row| row.flows.contracted).sum();
    assert_eq!(whole, money(960_000_000), "all but what is prepaid");
}

/// Numbers of the depreciation case F36, daily convention.
#[test]
fn depreciation_runs_by_the_day_from_the_day_in_service() {
    for (months, expected) in [
        (36, ["1,560,218.98", "2,463,503.65", "2,545,620.44", "2,545,620.44"]),
        (48, ["1,170,431.21", "1,848,049.28", "1,909,650.92", "1,909,650.92"]),
        (60, ["936,473.17", "1,478,641.84", "1,527,929.90", "1,527,929.90"]),
        (72, ["780,465.54", "1,232,314.01", "1,273,391.15", "1,273,391.15"]),
    ] {
        let mut case = Case::new("2025-10-01");
        case.hall(1);
        case.lot(1, 90_000_000, None);
        case.site.terms.lives.months = [months; 4];
        case.site.terms.horizon = Some(day("2026-02-01"));
        case.happens("2025-10-02", EventKind::Delivered(0));
        case.all_online("2025-10-13");
        assert_eq!(flows(&case.run().months, |f| f.depreciation), expected, "{months} months");
    }
}

/// Numbers of the roll-forward case F40, its monthly spend split by phase.
#[test]
fn a_phase_leaves_construction_in_progress_when_its_hall_is_ready() {
    let mut case = Case::new("2025-08-01");
    let phases: [(&str, &[(&str, i64)]); 3] = [
        ("2025-10-13", &[("2025-08-20", 200), ("2025-09-20", 60), ("2025-10-05", 40)]),
        (
            "2025-12-12",
            &[("2025-09-10", 130), ("2025-10-20", 160), ("2025-11-11", 110), ("2025-12-01", 20)],
        ),
        (
            "2026-01-20",
            &[("2025-10-20", 20), ("2025-11-20", 40), ("2025-12-20", 70), ("2026-01-19", 50)],
        ),
    ];
    for (ready, spend) in phases {
        let hall = case.hall(1);
        for &(on, cost) in spend {
            case.works(Some(hall), AssetClass::Plant, cost, on, on);
        }
        case.happens(ready, EventKind::Ready(hall));
    }
    let books = case.run();
    let rows: Vec<[i64; 4]> = books
        .months
        .iter()
        .map(|row| {
            let (flows, stand) = (&row.flows, &row.stand);
            let picked =
                [flows.capex_incurred, flows.placed_in_service, stand.cip, stand.in_service_cost];
            picked.map(|money| money.0 / 1_000_000)
        })
        .collect();
    let expected = [
        [200, 0, 200, 0],
        [190, 0, 390, 0],
        [220, 300, 310, 300],
        [150, 0, 460, 300],
        [90, 420, 130, 720],
        [50, 180, 0, 900],
    ];
    assert_eq!(rows, expected);
}

#[test]
fn works_without_a_hall_move_by_the_halls_share_of_what_is_not_ready() {
    let mut case = Case::new("2025-01-01");
    case.hall(3);
    case.hall(1);
    case.works(None, AssetClass::Building, 400, "2025-01-05", "2025-01-10");
    case.happens("2025-02-10", EventKind::Ready(0));
    case.works(None, AssetClass::Building, 50, "2025-03-05", "2025-03-10");
    case.happens("2025-04-10", EventKind::Ready(1));
    case.works(None, AssetClass::Building, 7, "2025-05-05", "2025-05-10");
    let rows = case.run().months;
    let cip: Vec<i64> = rows.iter().map(|row| row.stand.cip.0 / 1_000_000).collect();
    assert_eq!(cip, [400, 100, 150, 0, 0]);
    assert_eq!(flows(&rows, |f| f.placed_in_service)[4], "7.00", "later cost goes in at once");
}

#[test]
fn progress_is_invoiced_evenly_at_each_close_and_the_rest_at_the_finish() {
    let mut case = Case::new("2025-01-01");
    let cost = case.works(None, AssetClass::Plant, 1_000, "2025-01-16", "2025-03-17");
    (cost.at_start, cost.progress, cost.at_finish) = (percent(10), percent(60), percent(30));
    cost.net_days = 30;
    case.site.terms.horizon = Some(day("2025-05-01"));
    let books = case.run();
    // 60 days of progress: 16 in January, 28 in February, 16 in March.
    assert_eq!(flows(&books.months, |f| f.capex_incurred), ["260.00", "280.00", "460.00", "0.00"]);
    // 15 Feb: 100; 3 Mar: 160; 31 Mar: 280; 16 Apr: 460.
    assert_eq!(flows(&books.months, |f| f.works_paid), ["0.00", "100.00", "440.00", "460.00"]);
}

#[test]
fn racks_are_incurred_on_delivery_and_paid_by_their_own_terms() {
    let mut case = Case::new("2025-01-01");
    case.hall(2);
    case.lot(2, 1_000, Some("2024-11-05"));
    let pay = RackPay {
        order: percent(25),
        delivery: percent(65),
        acceptance: percent(10),
        net_days: 45,
    };
    case.site.terms.rack_pay = vec![pay];
    case.happens("2025-03-10", EventKind::Delivered(0));
    case.happens("2025-03-20", EventKind::Ready(0));
    case.unit_online(day("2025-04-02"), 0);
    case.unit_online(day("2025-05-02"), 1);
    let rows = case.run().months;
    // Ordered before the books opened: the deposit is invoiced on the opening day.
    assert_eq!(rows[0].stand.vendor_deposits, money(500));
    let incurred = flows(&rows, |f| f.capex_incurred);
    assert_eq!(incurred[..4], ["0.00", "0.00", "2,000.00", "0.00"]);
    let paid = flows(&rows, |f| f.racks_paid);
    // 15 Feb: 500; 24 Apr: 1,300; 17 May: 100; 16 June: 100.
    assert_eq!(paid, ["0.00", "500.00", "0.00", "1,300.00", "100.00", "100.00"]);
    let cip: Vec<i64> = rows.iter().map(|row| row.stand.cip.0 / 1_000_000).collect();
    assert_eq!(cip, [0, 0, 2_000, 1_000, 0, 0], "unit by unit");
}

#[test]
fn power_is_bought_for_what_is_racked_and_charged_on_for_what_is_in_service() {
    let mut case = Case::new("2025-01-01");
    case.hall(2);
    let stage = case.stage(1_000_000);
    case.site.premises[0].power.pue = Share(1_200_000_000);
    case.site.premises[0].power.power_factor = Share(800_000_000);
    case.site.premises[0].energy = Energy {
        per_mwh: Some(usd(100)),
        fixed_per_kva_month: Some(usd(2)),
        load: percent(50),
        pass_through: percent(100),
        net_days: 15,
    };
    case.contract(Price::Total(usd(2)), 12, "2025-01-01");
    case.happens("2025-01-17", EventKind::Energised(stage));
    case.happens("2025-02-01", EventKind::Ready(0));
    case.happens("2025-02-01", EventKind::Racked(0));
    case.happens("2025-02-01", EventKind::Racked(1));
    case.happens("2025-02-15", EventKind::Accepted(0));
    case.happens("2025-03-01", EventKind::Accepted(1));
    let rows = case.run().months;
    // 200 kW x 50 % x 1.2 x 24 h x 100/MWh = 288 a day; 1,250 kVA x 2 a month.
    let energy = flows(&rows, |f| f.energy);
    assert_eq!(energy[..3], ["0.00", "8,064.00", "8,928.00"]);
    let fixed = flows(&rows, |f| f.grid_charge);
    assert_eq!(fixed[..2], ["1,209.68", "2,500.00"], "15 of 31 days");
    // February: one of two units for half of the month.
    let recharged = flows(&rows, |f| f.recharge);
    assert_eq!(recharged[..3], ["0.00", "2,641.00", "11,428.00"]);
    let paid = flows(&rows, |f| f.power_paid);
    assert_eq!(paid[1..3], ["1,209.68", "10,564.00"]);
}

#[test]
fn running_costs_follow_their_basis_and_rise_each_year() {
    let mut case = Case::new("2025-01-01");
    case.hall(10);
    let bases = [
        OperationBasis::SiteFrom(day("2025-01-11")),
        OperationBasis::SiteFromFirstReady,
        OperationBasis::PerReadyItMw,
        OperationBasis::PerAcceptedItMw,
    ];
    for basis in bases {
        case.site.terms.operations.push(Operation {
            id: "cost".into(),
            per_year: usd(36_500),
            later: Vec::new(),
            line: CostLine::default(),
            noncash: false,
            basis,
            premises: None,
            escalator: percent(10),
            net_days: 0,
        });
    }
    case.happens("2025-02-01", EventKind::Ready(0));
    case.happens("2025-03-01", EventKind::Accepted(0));
    case.site.terms.horizon = Some(day("2026-03-01"));
    let operations = flows(&case.run().months, |f| f.operations);
    // 100 a day each; the hall is 1 MW, a unit 0.1 MW.
    assert_eq!(operations[..3], ["2,100.00", "8,400.00", "9,610.00"]);
    assert_eq!(operations[12], "10,571.00", "10 % dearer from the anniversary on");
}

#[test]
fn rent_is_expensed_evenly_and_paid_in_advance() {
    let mut case = Case::new("2025-01-01");
    case.hall(10);
    case.site.premises[0].shell = Shell::Leased(Lease {
        per_it_kw_month: usd(100),
        from: LeaseStart::Ready,
        rent_free_months: 2,
        escalator: percent(0),
        term_months: 12,
    });
    case.happens("2025-01-01", EventKind::Ready(0));
    case.site.terms.horizon = Some(day("2026-02-01"));
    let rows = case.run().months;
    let paid = flows(&rows, |f| f.rent_paid);
    assert_eq!(paid[..4], ["0.00", "0.00", "100,000.00", "100,000.00"]);
    assert_eq!(paid[11..], ["100,000.00", "0.00"]);
    // A million over 365 days.
    assert_eq!(rows[0].flows.rent.to_string(), "84,931.51");
    assert_eq!(rows[1].stand.deferred_rent.to_string(), "161,643.84");
    assert_eq!(rows[11].stand.deferred_rent, Money::ZERO);
}

/// A loan of 70 % on works of 1,000 in two parts; interest is capitalised until the hall is ready.
fn financed() -> Case {
    let mut case = Case::new("2025-01-01");
    let hall = case.hall(1);
    case.works(Some(hall), AssetClass::Building, 600_000, "2025-01-01", "2025-01-16");
    case.works(Some(hall), AssetClass::Building, 400_000, "2025-01-01", "2025-03-02");
    case.site.terms.equity.amount = Some(usd(310_000));
    let dates = ["2025-01-10", "2025-06-30", "2025-09-30", "2026-06-30"];
    case.loan(750_000, percent(12), dates).undrawn_fee = Share(3_600_000);
    case.happens("2025-04-01", EventKind::Ready(hall));
    case
}

#[test]
fn a_draw_pays_its_share_and_accrues_from_its_own_day() {
    let books = financed().run();
    let draws: Vec<(Day, i64)> = books
        .notes
        .iter()
        .filter_map(|note| match note.what {
            Happening::Drawn { amount, .. } => Some((note.day, amount.0 / 1_000_000)),
            _ => None,
        })
        .collect();
    assert_eq!(draws, [(day("2025-01-16"), 420_000), (day("2025-03-02"), 280_000)]);
    let rows = &books.months;
    // January: 16 days at 140; fee on 750,000 for 6 days at 7.5, on 330,000 for 16 days at 3.3.
    assert_eq!(rows[0].flows.interest_incurred.to_string(), "2,337.80");
    assert_eq!(rows[0].flows.undrawn_fee.to_string(), "97.80");
    // Works of 600,000 paid are more than the debt of 420,000: all of it is capitalised.
    assert_eq!(rows[0].flows.interest_capitalised, rows[0].flows.interest_incurred);
    assert_eq!(rows[3].flows.interest_capitalised, Money::ZERO, "ready on 1 April");
    // 31 March: 16 + 28 + 1 days at 140 and 29 days at 233.333; fees 97.8 + 92.4 + 3.3 + 14.5.
    let march = &rows[2].flows;
    assert_eq!(march.interest_paid.to_string(), "13,066.67");
    assert_eq!(march.fees_paid.to_string(), "208.00");
    assert_eq!(march.equity_committed.to_string(), "130,000.00", "120,000 and the last 10,000");
    assert_eq!(march.equity_shortfall.to_string(), "3,274.67");
    assert_eq!(by_quarter(rows)[0].flows.dscr().to_string(), "0.00x");
    let lapsed = Happening::Lapsed { loan: 0, undrawn: money(50_000) };
    assert!(books.notes.iter().any(|note| note.what == lapsed && note.day == day("2025-06-30")));
    assert_eq!(books.totals.principal, money(700_000), "in four parts");
    assert_eq!(rows.last().unwrap().stand.debt, Money::ZERO);
}

#[test]
fn interest_is_capitalised_as_far_as_work_in_progress_carries_the_debt() {
    let mut case = Case::new("2025-01-01");
    let (first, second) = (case.hall(3), case.hall(1));
    let works = [(first, 900_000), (second, 100_000)];
    for (hall, cost) in works {
        case.works(Some(hall), AssetClass::Building, cost, "2025-01-01", "2025-01-01");
    }
    let dates = ["2025-01-01", "2025-06-30", "2025-09-30", "2026-06-30"];
    case.loan(800_000, percent(36), dates).advance = percent(80);
    case.happens("2025-02-01", EventKind::Ready(first));
    let rows = case.run().months;
    // January: 31 days at 800 a day, all capitalised, nine tenths of it on the first hall.
    assert_eq!(rows[0].flows.interest_capitalised.to_string(), "24,800.00");
    assert_eq!(rows[1].flows.placed_in_service.to_string(), "922,320.00");
    // February: 28 x 800 on 102,480 in progress over 800,000 of debt.
    assert_eq!(rows[1].flows.interest_incurred.to_string(), "22,400.00");
    assert_eq!(rows[1].flows.interest_capitalised.to_string(), "2,869.44");
    assert_eq!(rows[1].flows.interest_expensed.to_string(), "19,530.56");
}

#[test]
fn a_loan_that_closes_late_pays_back_its_share_of_what_owners_spent() {
    let mut case = financed();
    case.site.terms.loans[0].close = day("2025-02-10");
    let books = case.run();
    let what = Happening::Drawn { loan: 0, amount: money(420_000) };
    let note = books.notes.iter().find(|note| note.what == what).unwrap();
    assert_eq!(note.day, day("2025-02-10"));
    assert_eq!(books.months[1].stand.cash, money(420_000));
    let refused = Happening::Refused { loan: 0, why: NoDraw::NotClosed };
    assert!(books.notes.iter().any(|note| note.what == refused));
}

#[test]
fn equity_first_is_used_up_before_the_first_draw() {
    let mut case = financed();
    case.site.terms.equity.funding = Funding::EquityFirst;
    let books = case.run();
    assert_eq!(books.months[0].flows.equity_committed, money(310_000));
    assert_eq!(books.months[0].flows.draws, money(290_000));
    assert_eq!(books.months[2].flows.draws, money(400_000), "below 70 % of all cost");
}

#[test]
fn a_prepayment_is_spent_before_loans_and_can_be_left_out_of_their_base() {
    for (excludes, draw) in [(false, 400_000), (true, 420_000 - 140_000)] {
        let mut case = financed();
        let contract = case.contract(Price::Total(usd(1_000_000)), 12, "2025-04-01");
        contract.prepaid = percent(20);
        case.site.terms.loans[0].excludes_prepaid = excludes;
        let books = case.run();
        assert_eq!(books.months[0].flows.draws, money(draw), "excludes_prepaid: {excludes}");
    }
}

#[test]
fn cover_is_tested_by_quarter_from_the_first_test_on() {
    let mut case = financed();
    case.contract(Price::Total(usd(2_400_000)), 24, "2025-04-01");
    case.unit_online(day("2025-04-01"), 0);
    let loan = &mut case.site.terms.loans[0];
    let first_test = Some(day("2025-09-30"));
    loan.covenants = vec![Covenant::quarterly_dscr(Share(1_300_000_000), first_test)];
    let books = case.run();
    let tests: Vec<(Day, String, Outcome)> =
        books.tests().map(|test| (test.day, test.value.to_string(), test.outcome)).collect();
    // Third quarter: 92 days paid (June to August) against 175,000 and 92 days at 233.33.
    let third = (day("2025-09-30"), "1.54x".to_string(), Outcome::Passed);
    assert_eq!(tests[0].2, Outcome::NotTested);
    assert_eq!(tests[2], third);
    let year = &by_year(&books.months)[0].flows;
    let sums = by_quarter(&books.months)[..4].iter().map(|q| q.flows.cfads()).sum::<Money>();
    assert_eq!(year.cfads(), sums);
    // April: 30 of 730 days of revenue against 30 x 233.33 and a fee of 30 x 0.50.
    assert_eq!(books.months[3].flows.icr().to_string(), "14.06x");
}

#[test]
fn what_was_spent_before_the_books_opened_is_owners_money() {
    let mut case = Case::new("2025-02-01");
    let hall = case.hall(1);
    let cost = case.works(Some(hall), AssetClass::Plant, 1_000, "2024-12-02", "2025-02-11");
    (cost.at_start, cost.progress, cost.at_finish) = (percent(0), percent(71), percent(29));
    cost.net_days = 20;
    case.site.terms.opening_cash = Some(usd(5));
    let books = case.run();
    // 71 days of progress: 30 by 1 January, paid on the 21st; 31 more by 1 February.
    let first = &books.months[0].flows;
    assert_eq!((first.spent_before, first.capex_before), (money(300), money(610)));
    assert_eq!(first.works_paid, money(310));
    assert_eq!(books.totals.works_paid, money(700));
    assert_eq!(books.sources_and_uses.total(), money(1_005 - 5) + Money::ZERO);
    let journal = books.journal.unwrap();
    assert!(journal.iter().all(|entry| entry.day >= day("2025-02-01")));
    assert!(journal.iter().any(|entry| entry.lines[0].0 == Account::Cash));
}

#[test]
fn a_foreign_invoice_is_converted_on_the_day_it_falls_due() {
    let mut case = Case::new("2025-01-01");
    let gbp = Currency(*b"GBP");
    case.site.terms.fx.add(gbp, day("2025-01-01"), Share(1_200_000_000));
    case.site.terms.fx.add(gbp, day("2025-02-15"), Share(1_300_000_000));
    let cost = case.works(None, AssetClass::Plant, 0, "2025-01-10", "2025-02-20");
    cost.amount = Amount { micros: 1_000_000_000, currency: gbp };
    (cost.at_start, cost.at_finish) = (percent(50), percent(50));
    let books = case.run();
    assert_eq!(flows(&books.months, |f| f.capex_incurred), ["600.00", "650.00"]);
}

#[test]
fn the_long_stop_passes_once_and_is_told() {
    let mut case = ratable("2026-02-01");
    case.site.terms.contracts[0].long_stop = Some(day("2026-01-31"));
    let told = |case: &Case| {
        let notes = case.run().notes;
        notes.iter().filter(|n| matches!(n.what, Happening::LongStop { .. })).count()
    };
    assert_eq!(told(&case), 1);
    case.site.terms.contracts[0].long_stop = Some(day("2026-02-01"));
    assert_eq!(told(&case), 0);
}

#[test]
fn a_hall_starts_when_its_last_unit_is_accepted_and_a_unit_on_its_own() {
    for (tranche, expected) in [
        // 3 units of 100 kW at 10 a month over 12 months, 365 days: 32.877 a day each;
        // 29 and 28 + 28 + 20 unit-days by unit, 20 days of all three by hall.
        (Tranche::Unit, ["953.42", "2,498.63"]),
        (Tranche::Hall, ["0.00", "1,972.60"]),
    ] {
        let mut case = Case::new("2025-01-01");
        case.hall(3);
        case.site.terms.horizon = Some(day("2025-03-01"));
        case.contract(Price::PerItKwMonth(usd(10)), 12, "2025-01-01").tranche = tranche;
        case.happens("2025-01-03", EventKind::Accepted(0));
        case.happens("2025-02-01", EventKind::Accepted(1));
        case.happens("2025-02-09", EventKind::Accepted(2));
        let books = case.run();
        assert_eq!(flows(&books.months, |f| f.revenue), expected, "{tranche:?}");
        assert_eq!(books.totals.rpo_signed, money(36_000));
    }
}

#[test]
fn service_waits_for_its_scheduled_start_unless_it_may_begin_early() {
    for (early, first) in [(false, "2025-02-01"), (true, "2025-01-10")] {
        let mut case = Case::new("2025-01-01");
        case.hall(7);
        let contract = case.contract(Price::Total(usd(1_000)), 12, "2025-02-01");
        contract.early_start = early;
        case.all_online("2025-01-10");
        let books = case.run();
        assert_eq!(books.first_revenue, Some(day(first)));
        assert_eq!(books.totals.revenue, money(1_000), "sevenths add up");
    }
}

/// Depreciation by month of a building in service on 16 January 2025.
fn building(cost: i64, set: impl FnOnce(&mut Lives)) -> Vec<String> {
    let mut case = Case::new("2025-01-01");
    let hall = case.hall(1);
    case.works(Some(hall), AssetClass::Building, cost, "2025-01-01", "2025-01-16");
    case.happens("2025-01-16", EventKind::Ready(hall));
    case.site.terms.horizon = Some(day("2027-03-01"));
    set(&mut case.site.terms.lives);
    flows(&case.run().months, |flows| flows.depreciation)
}

#[test]
fn a_half_month_is_charged_at_either_end_of_a_life_or_whole_months_from_the_next() {
    let by = |convention| {
        building(1_200, |lives| (lives.months[0], lives.conventions[0]) = (12, convention))
    };
    let half = by(Convention::HalfMonth);
    assert_eq!(
        [&half[0], &half[1], &half[11], &half[12], &half[13]],
        ["50.00", "100.00", "100.00", "50.00", "0.00"]
    );
    let full = by(Convention::FullMonthNext);
    assert_eq!([&full[0], &full[1], &full[12], &full[13]], ["0.00", "100.00", "100.00", "0.00"]);
    // 16 of the 365 days from 16 January to 16 January.
    assert_eq!(by(Convention::Daily)[0], "52.60");
}

#[test]
fn a_new_life_spreads_what_is_left_over_what_remains_of_it() {
    let changed = |months, convention, on: &str, new| {
        let change = NewLife { on: day(on), months: new };
        building(2_400, move |lives| {
            (lives.months[0], lives.conventions[0]) = (months, convention);
            lives.changes[0] = vec![change];
        })
    };
    // Half a month and eleven have been charged: 1,250 are left for the 6.5 months to mid July.
    let shorter = changed(24, Convention::HalfMonth, "2026-01-01", 18);
    assert_eq!(shorter[10..13], ["100.00", "100.00", "192.31"]);
    assert_eq!(shorter[17..20], ["192.31", "96.15", "0.00"]);
    // 166 of 730 days have been charged: 1,854.25 are left for 199 days to 16 January.
    let by_day = changed(24, Convention::Daily, "2025-07-01", 12);
    assert_eq!(by_day[5..8], ["98.63", "288.85", "288.85"]);
    assert_eq!(by_day[12..14], ["139.77", "0.00"]);
    // A life that is over already: all that is left goes in one month.
    assert_eq!(
        changed(24, Convention::HalfMonth, "2026-01-01", 6)[11..14],
        ["100.00", "1,250.00", "0.00"]
    );
}
