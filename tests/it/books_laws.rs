//! Laws of the books over random terms and dates: the design's promises 1, 2, 5 and 6.
//!
//! Every close of every case runs the books' own checks too: entries and balance sheets balance,
//! cash, debt, prepayments, assets and remaining performance obligation are what their parts say.

use energize::ledger::{Account, AccountKind, BooksResult, Flows, Happening};
use energize::model::EventKind;
use energize::model::terms::*;
use energize::money::{Amount, Currency, Money};
use energize::time::Day;
use energize::unit::Share;
use proptest::prelude::*;

use crate::books_site::{Case, day, percent, usd};

/// Choices of one random case, read one after the other.
struct Choices<'c> {
    left: std::slice::Iter<'c, u32>,
}

impl Choices<'_> {
    fn below(&mut self, bound: i64) -> i64 {
        i64::from(*self.left.next().expect("enough choices")) % bound
    }

    fn flip(&mut self) -> bool {
        self.below(2) == 1
    }

    fn date(&mut self, from: &str, days: i64) -> Day {
        day(from) + self.below(days) as i32
    }

    fn amount(&mut self, below: i64) -> Amount {
        let currency = if self.below(4) == 0 { Currency(*b"GBP") } else { Currency::USD };
        Amount { micros: self.below(below) * 1_000_003, currency }
    }

    /// Three shares that sum to one.
    fn shares(&mut self) -> [Share; 3] {
        let first = self.below(101);
        let second = self.below(101 - first);
        [percent(first), percent(second), percent(100 - first - second)]
    }
}

fn choices() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(any::<u32>(), 300)
}

fn random_case(choices: &[u32]) -> Case {
    let mut c = Choices { left: choices.iter() };
    let mut case = Case::new("2025-01-01");
    case.site.terms.opens = c.date("2025-01-01", 60);
    let gbp = Currency(*b"GBP");
    case.site.terms.fx.add(gbp, day("2024-01-01"), Share(1_200_000_000));
    case.site.terms.fx.add(gbp, day("2025-09-09"), Share(1_310_000_000));
    for _ in 0..1 + c.below(3) {
        case.hall(1 + c.below(3) as u32);
    }
    random_spend(&mut case, &mut c);
    random_running(&mut case, &mut c);
    random_service(&mut case, &mut c);
    random_loans(&mut case, &mut c);
    if c.below(4) == 0 {
        case.site.terms.horizon = Some(c.date("2026-01-01", 900));
    }
    case
}

fn random_spend(case: &mut Case, c: &mut Choices) {
    for _ in 0..c.below(5) {
        let hall = c.flip().then(|| c.below(case.site.halls.len() as i64) as u32);
        let class = AssetClass::ALL[c.below(4) as usize];
        let from = c.date("2024-11-01", 400);
        let until = from + c.below(200) as i32;
        let (amount, net) = (c.amount(5_000_000), c.below(60) as u32);
        let shares = c.shares();
        let cost = case.works(hall, class, 0, &from.to_string(), &until.to_string());
        (cost.amount, cost.net_days) = (amount, net);
        [cost.at_start, cost.progress, cost.at_finish] = shares;
    }
    let [order, delivery, acceptance] = c.shares();
    let net_days = c.below(60) as u32;
    case.site.terms.rack_pay = vec![RackPay { order, delivery, acceptance, net_days }];
    for lot in 0..2 {
        let ordered = c.date("2024-11-01", 100).to_string();
        let racks = case.site.units.len() as u32 / 2 + 1;
        case.lot(racks, 1, c.flip().then_some(&ordered[..]));
        case.site.lots[lot].price_per_rack = Some(c.amount(3_000_000));
        case.push(c.date("2024-12-20", 300), EventKind::Delivered(lot as u32), 0);
    }
    case.site.terms.opening_cash = c.flip().then(|| c.amount(500_000));
    let funding = if c.flip() { Funding::ProRata } else { Funding::EquityFirst };
    let amount = c.flip().then(|| c.amount(8_000_000));
    case.site.terms.equity = Equity { amount, funding };
}

fn random_running(case: &mut Case, c: &mut Choices) {
    case.site.power.pue = Share(1_000_000_000 + c.below(500_000_000));
    case.site.power.power_factor = Share(970_000_000);
    case.site.terms.energy = Energy {
        per_mwh: c.flip().then(|| c.amount(200)),
        fixed_per_kva_month: c.flip().then(|| c.amount(10)),
        load: percent(c.below(101)),
        pass_through: percent(c.below(101)),
        net_days: c.below(45) as u32,
    };
    let stage = case.stage(2_000_000);
    case.push(c.date("2025-01-01", 300), EventKind::Energised(stage), 0);
    let bases = [
        OperationBasis::SiteFrom(c.date("2024-12-01", 200)),
        OperationBasis::SiteFromFirstReady,
        OperationBasis::PerReadyItMw,
        OperationBasis::PerAcceptedItMw,
    ];
    for basis in bases.into_iter().take(c.below(5) as usize) {
        case.site.terms.operations.push(Operation {
            id: "cost".into(),
            per_year: c.amount(100_000),
            basis,
            escalator: percent(c.below(10)),
            net_days: c.below(45) as u32,
        });
    }
    if c.flip() {
        let possession = LeaseStart::Possession(c.date("2024-12-01", 300));
        case.site.terms.shell = Shell::Leased(Lease {
            per_it_kw_month: c.amount(150),
            from: if c.flip() { possession } else { LeaseStart::Ready },
            rent_free_months: c.below(9) as u32,
            escalator: percent(c.below(5)),
            term_months: 1 + c.below(40) as u32,
        });
    }
}

/// Halls, units and one contract; a unit may never be accepted.
fn random_service(case: &mut Case, c: &mut Choices) {
    let price = match c.below(3) {
        0 => Price::PerGpuHour(Amount { micros: 2_450_000, currency: Currency::USD }),
        1 => Price::PerItKwMonth(c.amount(500)),
        _ => Price::Total(c.amount(50_000_000)),
    };
    let (months, start) = (1 + c.below(36) as u32, c.date("2025-06-01", 200));
    let contract = case.contract(price, months, &start.to_string());
    contract.term_runs =
        [TermRuns::PerTranche, TermRuns::FromFirst, TermRuns::FromLast, TermRuns::FixedEnd]
            [c.below(4) as usize];
    contract.tranche = [Tranche::Unit, Tranche::Units(2), Tranche::Hall][c.below(3) as usize];
    contract.early_start = c.flip();
    contract.prepaid = percent(c.below(101));
    contract.prepaid_on = c.date("2024-12-01", 400);
    contract.payment_days = c.below(60) as u32;
    random_extras(case, c);
    for hall in 0..case.site.halls.len() as u32 {
        let ready = c.date("2025-05-01", 120);
        case.push(ready, EventKind::Ready(hall), 0);
        for unit in case.site.halls[hall as usize].units.clone() {
            let racked = ready + c.below(40) as i32;
            let in_service = racked + c.below(40) as i32;
            case.push(racked, EventKind::Racked(unit), 0);
            case.push(in_service, EventKind::InService(unit), 0);
            if c.below(12) > 0 {
                case.push(in_service + c.below(300) as i32, EventKind::Accepted(unit), 0);
            }
        }
    }
}

/// What lowers a price, moves its billing, or ends it: each in a third of all cases.
fn random_extras(case: &mut Case, c: &mut Choices) {
    let parts = energize::revenue::tranches(&case.site, &case.site.terms.contracts[0]);
    let total: Money = parts.iter().map(|part| part.total).sum();
    let contract = &mut case.site.terms.contracts[0];
    let third = |c: &mut Choices| c.below(3) == 0;
    if third(c) {
        let per_day = Amount { micros: total.0 / (1 + c.below(900)), currency: Currency::USD };
        let cap = c.flip().then(|| percent(c.below(101)));
        contract.damages = Some(Damages { per_day, grace_days: c.below(60) as u32, cap });
    }
    if third(c) {
        contract.ramp = vec![c.below(3_000) as u32, 3_000 + c.below(7_000) as u32, 10_000];
        contract.price_follows_ramp = c.flip();
    }
    contract.deemed_days = third(c).then(|| c.below(40) as u32);
    if third(c) {
        contract.credits = percent(c.below(30));
    }
    if third(c) {
        let amount = Amount { micros: total.0 / (2 + c.below(20)), currency: Currency::USD };
        contract.consideration = Some(Consideration { amount, paid_on: c.date("2025-01-01", 400) });
    }
    if third(c) {
        contract.long_stop = Some(contract.scheduled_start + c.below(120) as i32);
        contract.on_long_stop = if c.flip() { OnLongStop::Keep } else { OnLongStop::Terminate };
    }
    if third(c) {
        let price = Price::PerGpuHour(Amount { micros: 1_310_000, currency: Currency::USD });
        contract.relet = Some(Relet { price, fill: percent(c.below(101)) });
    }
    if c.below(6) == 0 {
        contract.accounting = Accounting::OperatingLease;
    }
}

fn random_loans(case: &mut Case, c: &mut Choices) {
    let steps = vec![(day("2025-01-01"), percent(4)), (day("2025-10-17"), percent(1))];
    case.site.terms.curves = vec![Curve { id: "base".into(), steps }];
    for _ in 0..c.below(4) {
        let close = c.date("2024-12-01", 200);
        let until = close + c.below(300) as i32;
        let first = until + c.below(200) as i32;
        let maturity = first + c.below(900) as i32 + 1;
        let dates = [close, until, first, maturity].map(|day| day.to_string());
        let dates = [&dates[0][..], &dates[1], &dates[2], &dates[3]];
        let loan = case.loan(0, percent(c.below(15)), dates);
        loan.commitment = c.amount(6_000_000);
        loan.advance = percent(c.below(101));
        loan.excludes_prepaid = c.flip();
        loan.undrawn_fee = Share(c.below(10_000_000));
        loan.upfront_fee = Share(c.below(20_000_000));
        loan.period_months = [1, 3, 6, 12][c.below(4) as usize];
        if c.flip() {
            let (margin, floor) = (percent(c.below(6)), percent(c.below(3)));
            loan.rate = LoanRate::Floating { curve: 0, margin, floor };
        }
        loan.amortisation =
            [Amortisation::EqualPrincipal, Amortisation::LevelPayment, Amortisation::Bullet]
                [c.below(3) as usize];
        loan.dscr_at_least = c.flip().then_some(Share(1_300_000_000));
    }
}

/// What must hold of any books.
fn assert_sound(case: &Case, books: &BooksResult) {
    let journal = books.journal.as_ref().unwrap();
    let mut balances = [Money::ZERO; Account::ALL.len()];
    for entry in journal {
        assert_eq!(entry.lines.iter().map(|line| line.1).sum::<Money>(), Money::ZERO);
        for &(account, amount) in &entry.lines {
            balances[account as usize] += amount;
            assert!(balances[Account::Cash as usize] >= Money::ZERO, "cash on {}", entry.day);
        }
    }
    assert!(journal.is_sorted_by_key(|entry| entry.day), "in order of days");
    let end = &books.months.last().unwrap().stand;
    let of = |account: Account| balances[account as usize];
    assert_eq!(of(Account::Cash), end.cash);
    assert_eq!(-of(Account::Debt), end.debt);
    assert_eq!(of(Account::Cip), end.cip);
    let earned = Account::ALL.iter().filter(|a| a.kind() >= AccountKind::Income);
    assert_eq!(-earned.map(|&a| of(a)).sum::<Money>(), end.earnings);
    let totals = &books.totals;
    assert_eq!(end.cash, totals.cash_change());
    assert_eq!(totals.interest_incurred, totals.interest_expensed + totals.interest_capitalised);
    let gone = totals.rpo_lost + totals.rpo_damages + totals.rpo_terminated;
    assert_eq!(end.rpo, totals.rpo_signed - (totals.revenue - totals.outside_rpo) - gone);
    let left = (end.rpo, end.contract_liability);
    let contract = &case.site.terms.contracts[0];
    assert!(left >= (Money::ZERO, Money::ZERO) && left.1 >= Money::ZERO, "{left:?} {contract:?}");
    for row in &books.months {
        let flows = &row.flows;
        assert!(flows.interest_capitalised <= flows.interest_incurred);
        assert!(row.stand.cash >= Money::ZERO && row.stand.debt >= Money::ZERO);
        assert!(row.stand.in_service_net >= Money::ZERO && row.stand.cip >= Money::ZERO);
    }
    books.sources_and_uses.total();
    for (at, loan) in case.site.terms.loans.iter().enumerate() {
        let commitment = case.site.terms.fx.convert(loan.commitment, loan.close);
        let drawn = books.notes.iter().filter_map(|note| match note.what {
            Happening::Drawn { loan, amount } if loan as usize == at => Some(amount),
            _ => None,
        });
        assert!(drawn.sum::<Money>() <= commitment);
    }
    if case.site.terms.horizon.is_none() {
        assert_eq!((end.debt, end.interest_payable), (Money::ZERO, Money::ZERO), "repaid");
        assert_eq!(end.loan_fees, Money::ZERO, "amortised");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

    #[test]
    fn books_balance_and_close_whatever_the_terms(choices in choices()) {
        let case = random_case(&choices);
        assert_sound(&case, &case.run());
    }

    #[test]
    fn a_journal_changes_no_number(choices in choices()) {
        let mut case = random_case(&choices);
        case.timeline.events.sort_by_key(|event| (event.at, event.kind));
        let with = energize::ledger::run(&case.site, &case.timeline, true);
        let without = energize::ledger::run(&case.site, &case.timeline, false);
        prop_assert!(without.journal.is_none());
        prop_assert_eq!(with.months, without.months);
        prop_assert_eq!(with.sources_and_uses, without.sources_and_uses);
        prop_assert_eq!(with.notes, without.notes);
    }

    #[test]
    fn useful_lives_move_depreciation_and_book_value_alone(
        choices in choices(), lives in prop::array::uniform4(1_u32..400),
    ) {
        let mut case = random_case(&choices);
        // The derived horizon does not read lives, so both runs have the same months.
        let before = case.run();
        case.site.terms.lives = Lives { months: lives };
        let after = case.run();
        for (one, other) in before.months.iter().zip(&after.months) {
            for ((name, one), (_, other)) in one.flows.each().iter().zip(other.flows.each()) {
                prop_assert!(*name == "depreciation" || *one == other, "{name} moved");
            }
            for ((name, one), (_, other)) in one.stand.each().iter().zip(other.stand.each()) {
                let moves = ["in_service_net", "earnings"].contains(name);
                prop_assert!(moves || *one == other, "{name} moved");
            }
            prop_assert_eq!(one.flows.ebitda(), other.flows.ebitda());
            prop_assert_eq!(one.flows.unlevered_cash(), other.flows.unlevered_cash());
        }
        prop_assert_eq!(before.months.len(), after.months.len());
    }

    #[test]
    fn a_slip_with_the_term_preserved_loses_no_revenue(choices in choices(), slip in 0..700_i32) {
        let mut case = all_accepted(&choices);
        let contract = &mut case.site.terms.contracts[0];
        contract.term_runs = TermRuns::PerTranche;
        (contract.damages, contract.on_long_stop) = (None, OnLongStop::Keep);
        contract.accounting = Accounting::Service;
        let (on_time, late) = (case.run(), slipped(&case, slip).run());
        let service = |totals: &Flows| totals.revenue - totals.outside_rpo;
        prop_assert_eq!(service(&on_time.totals), service(&late.totals));
        prop_assert_eq!(service(&late.totals), late.totals.rpo_signed);
        prop_assert_eq!(late.totals.rpo_lost, Money::ZERO);
        let end = late.months.last().unwrap().stand;
        prop_assert_eq!((end.rpo, end.contract_liability), (Money::ZERO, Money::ZERO));
        let left = (end.contract_asset, end.customer_consideration);
        prop_assert_eq!(left, (Money::ZERO, Money::ZERO), "all earned is billed");
    }

    #[test]
    fn a_delay_takes_off_the_price_what_its_damages_come_to(choices in choices(), slip in 0..700_i32) {
        let mut case = all_accepted(&choices);
        let contract = &mut case.site.terms.contracts[0];
        contract.term_runs = TermRuns::PerTranche;
        (contract.accounting, contract.on_long_stop) = (Accounting::Service, OnLongStop::Keep);
        (contract.relet, contract.consideration, contract.credits) = (None, None, Share::ZERO);
        let late = slipped(&case, slip).run();
        case.site.terms.contracts[0].damages = None;
        let without = slipped(&case, slip).run();
        let owed = late.totals.rpo_damages;
        prop_assert_eq!(late.totals.revenue + owed, without.totals.revenue);
        prop_assert!(owed <= late.totals.rpo_signed);
        let credited = |totals: &Flows| totals.billed + totals.prepayments - totals.refunds;
        prop_assert_eq!(credited(&late.totals) + owed, credited(&without.totals));
        let end = late.months.last().unwrap().stand;
        let left = (end.rpo, end.contract_asset, end.contract_liability);
        prop_assert_eq!(left, (Money::ZERO, Money::ZERO, Money::ZERO));
    }

    #[test]
    fn a_slip_against_a_fixed_end_loses_the_daily_price(choices in choices(), slip in 0..1_300_i32) {
        let mut case = all_accepted(&choices);
        let contract = &mut case.site.terms.contracts[0];
        (contract.term_runs, contract.tranche) = (TermRuns::FixedEnd, Tranche::Unit);
        contract.early_start = false;
        (contract.damages, contract.on_long_stop) = (None, OnLongStop::Keep);
        (contract.relet, contract.consideration, contract.credits) = (None, None, Share::ZERO);
        (contract.deemed_days, contract.accounting) = (None, Accounting::Service);
        let start = contract.scheduled_start;
        let days = start.add_months(contract.term_months as i32) - start;
        let late = slipped(&case, slip);
        let books = late.run();
        // All units start together: at the latest of their acceptances and the scheduled start.
        let accepted = late.timeline.events.iter().find(|e| matches!(e.kind, EventKind::Accepted(_)));
        let lost_days = (accepted.unwrap().at.day() - start).clamp(0, days);
        let expected = books.totals.rpo_signed.scaled(lost_days.into(), days.into());
        // Each unit's daily price is kept to 2^-40 of a millionth.
        prop_assert!((books.totals.rpo_lost.0 - expected.0).abs() <= 1);
        prop_assert_eq!(books.totals.revenue, books.totals.rpo_signed - books.totals.rpo_lost);
        let end = books.months.last().unwrap().stand;
        prop_assert_eq!(end.contract_liability, Money::ZERO);
    }
}

/// A random case in which every unit is accepted on the same day and books run to the end.
fn all_accepted(choices: &[u32]) -> Case {
    let mut case = random_case(choices);
    case.site.terms.horizon = None;
    let contract = &mut case.site.terms.contracts[0];
    let start = contract.scheduled_start;
    contract.prepaid_on = contract.prepaid_on.min(start);
    if contract.deemed_days.is_some() {
        contract.prepaid_on = contract.signed;
    }
    case.timeline.events.retain(|event| !matches!(event.kind, EventKind::Accepted(_)));
    let last = case.timeline.events.iter().map(|event| event.at.day()).max().unwrap();
    for unit in 0..case.site.units.len() as u32 {
        case.push(last.max(start), EventKind::Accepted(unit), 0);
    }
    case
}

/// The same case with every acceptance so many days later.
fn slipped(case: &Case, days: i32) -> Case {
    let mut late = case.clone();
    for event in &mut late.timeline.events {
        if matches!(event.kind, EventKind::Accepted(_)) {
            event.at = (event.at.day() + days).start();
        }
    }
    late
}

#[test]
fn two_loans_never_finance_the_same_cost() {
    let mut case = Case::new("2025-01-01");
    case.works(None, AssetClass::Plant, 1_000, "2025-01-01", "2025-02-01");
    let dates = ["2025-01-01", "2025-12-31", "2026-03-31", "2027-03-31"];
    case.loan(500, percent(0), dates);
    case.loan(5_000, percent(0), dates);
    case.site.terms.equity.amount = Some(usd(300));
    let books = case.run();
    let drawn: Vec<i64> = books.sources_and_uses.drawn.iter().map(|m| m.0 / 1_000_000).collect();
    assert_eq!(drawn, [500, 200], "70 % of the cost in all");
    assert_eq!(books.sources_and_uses.gap(), Money::ZERO);
}
