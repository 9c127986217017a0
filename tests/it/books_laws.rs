//! Laws of the books over random terms and dates: the design's promises 1, 2, 5 and 6.
//!
//! Every close of every case runs the books' own checks too: entries and balance sheets balance,
//! cash, debt, prepayments, assets and remaining performance obligation are what their parts say.

use energize::ledger::{
    Account, AccountKind, BooksResult, Flows, Happening, LoanRow, Outcome, Ratio,
};
use energize::model::EventKind;
use energize::model::covenants::*;
use energize::model::terms::*;
use energize::money::{Amount, Currency, Money};
use energize::time::Day;
use energize::unit::Share;
use proptest::prelude::*;

use crate::books_site::{Case, day, percent, usd};
use crate::cases::cases;

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
    prop::collection::vec(any::<u32>(), 900)
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
    let (rate, carries_losses) = (percent(c.below(40)), c.flip());
    let net_days = c.below(300) as u32;
    case.site.terms.tax = c.flip().then_some(Tax { rate, carries_losses, net_days });
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
    let backs_shortfalls = c.below(4) > 0;
    let keeps = c.flip().then(|| c.amount(300_000));
    case.site.terms.equity = Equity { amount, funding, backs_shortfalls, keeps };
    let opens = case.site.terms.opens;
    case.site.terms.raised = random_dates(c, [opens, opens + 500], 900_000);
    if c.below(3) == 0 {
        let first = opens.month_start().add_months(c.below(4) as i32);
        let shares = (0..2).map(|n| (first.add_months(3 * n), percent(c.below(101))));
        case.site.terms.capitalised_share = shares.collect();
    }
    for _ in 0..c.below(3) {
        let class = AssetClass::ALL[c.below(4) as usize];
        let in_service = opens + -(c.below(4_000) as i32);
        let cost = c.amount(2_000_000);
        case.site.terms.opening_assets.push(OpeningAsset { class, cost, in_service });
    }
}

const LINES: [CostLine; 4] =
    [CostLine::CostOfRevenue, CostLine::Technology, CostLine::Overhead, CostLine::Interest];

/// Prices of a running cost from later days on, in its own currency.
fn random_steps(c: &mut Choices, currency: Currency) -> Vec<(Day, Amount)> {
    let from = day("2025-03-02");
    let mut steps = random_dates(c, [from, from + 700], 100_000);
    steps.iter_mut().for_each(|step| step.1.currency = currency);
    steps.dedup_by_key(|step| step.0);
    steps
}

/// Dated amounts up to `below` dollars each.
fn random_dates(c: &mut Choices, days: [Day; 2], below: i64) -> Vec<(Day, Amount)> {
    let [from, until] = days;
    let count = if until > from { c.below(4) } else { 0 };
    let mut dates: Vec<(Day, Amount)> = (0..count)
        .map(|_| {
            let day = from + c.below(i64::from(until - from)) as i32;
            (day, Amount { micros: c.below(below) * 1_000_003, currency: Currency::USD })
        })
        .collect();
    dates.sort_by_key(|date| date.0);
    dates
}

fn random_running(case: &mut Case, c: &mut Choices) {
    case.site.premises[0].power.pue = Share(1_000_000_000 + c.below(500_000_000));
    case.site.premises[0].power.power_factor = Share(970_000_000);
    case.site.premises[0].energy = Energy {
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
        let per_year = c.amount(100_000);
        let later = random_steps(c, per_year.currency);
        case.site.terms.operations.push(Operation {
            id: "cost".into(),
            per_year,
            later,
            line: LINES[c.below(4) as usize],
            noncash: c.below(4) == 0,
            basis,
            premises: None,
            escalator: percent(c.below(10)),
            net_days: c.below(45) as u32,
        });
    }
    if c.flip() {
        let possession = LeaseStart::Possession(c.date("2024-12-01", 300));
        case.site.premises[0].shell = Shell::Leased(Lease {
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
    case.site.terms.values = vec![Curve { id: "market".into(), steps: steps.clone() }];
    case.site.terms.curves = vec![Curve { id: "base".into(), steps }];
    let opens = case.site.terms.opens;
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
        random_repayment(loan, c);
        random_accrual(loan, c);
        random_by_date(loan, opens, c);
        let covenants = c.below(4);
        loan.covenants = (0..covenants).map(|_| random_covenant(close, c)).collect();
    }
}

/// Any test, also one that a lender would not think of.
fn random_covenant(close: Day, c: &mut Choices) -> Covenant {
    let test = random_test(c);
    let months = 1 + c.below(14) as u32;
    let window = match test {
        Test::Llcr | Test::Plcr | Test::Ltv(_) | Test::MinimumLiquidity => Window::Point,
        Test::Dscr if c.flip() => Window::Forward(months),
        _ => Window::Trailing(months),
    };
    let mut since = Day(i32::MIN);
    let terms = (0..1 + c.below(3)).map(|_| {
        let least = Share(1 + c.below(2_500_000_000));
        let lock_up = if test.is_ceiling() { Share(least.0 / 2) } else { Share(least.0 * 2) };
        let term = CovenantTerm {
            since,
            first_test: c.flip().then(|| close + c.below(700) as i32),
            limit: match test {
                Test::MinimumLiquidity => Limit::Cash(c.amount(900_000)),
                _ => Limit::Ratio(least),
            },
            lock_up: (c.flip() && test != Test::MinimumLiquidity).then_some(lock_up),
        };
        since = since.max(close) + 1 + c.below(400) as i32;
        term
    });
    let terms = terms.collect();
    let every_months = if c.flip() { 1 } else { 3 };
    let until = c.flip().then(|| close + c.below(900) as i32);
    let (cure, draw_stop) = (None, c.flip());
    let mut covenant = Covenant { test, window, terms, every_months, until, cure, draw_stop };
    covenant.draw_stop &= !covenant.perfect_foresight();
    let curable = !covenant.perfect_foresight() && !test.is_ceiling();
    let counts = match test {
        Test::Dscr if c.flip() => CureAs::Denominator,
        _ => CureAs::Numerator,
    };
    let (most, until) = (c.below(4) as u32, close + c.below(900) as i32);
    let cure = Cure { counts, most: c.flip().then_some(most), until: c.flip().then_some(until) };
    covenant.cure = (curable && c.flip()).then_some(cure);
    covenant
}

fn random_test(c: &mut Choices) -> Test {
    let months = 1 + c.below(60) as u32;
    let collateral = [
        Collateral::Book,
        Collateral::Life { months, clock: CollateralClock::Delivery },
        Collateral::Life { months, clock: CollateralClock::InService },
        Collateral::Curve { curve: 0 },
    ][c.below(4) as usize];
    [
        Test::Dscr,
        Test::Icr(IcrNumerator::Ebitda),
        Test::Icr(IcrNumerator::Cfads),
        Test::Llcr,
        Test::Plcr,
        Test::Ltv(collateral),
        Test::NetDebtToEbitda,
        Test::MinimumLiquidity,
        Test::ContractRealization,
    ][c.below(9) as usize]
}

fn random_repayment(loan: &mut Loan, c: &mut Choices) {
    let patterns = [Amortisation::EqualPrincipal, Amortisation::LevelPayment, Amortisation::Bullet];
    let pattern = Repayment::Regular(patterns[c.below(3) as usize]);
    let half = loan.amortises_from + (loan.maturity - loan.amortises_from) / 2;
    let kinds = [LoanKind::Term, LoanKind::Notes, LoanKind::Revolver, LoanKind::Vendor];
    loan.draws.kind = kinds.get(c.below(10) as usize).copied().unwrap_or(LoanKind::Ddtl);
    loan.draws.eligible = [Eligible::All, Eligible::Works, Eligible::Racks][c.below(3) as usize];
    loan.repayment = match c.below(8) {
        0 => {
            Repayment::TargetBalance(vec![(loan.amortises_from, percent(80)), (half, percent(30))])
        }
        1 => Repayment::Sculpted(Share(1_300_000_000)),
        2 => Repayment::GreaterOf(GreaterOfLevels {
            coverage: Share(1_350_000_000),
            advance: percent(80),
            life_months: c.flip().then_some(48),
        }),
        _ => pattern,
    };
    loan.balloon = percent([0, 0, 30][c.below(3) as usize]);
    loan.sweep = percent([0, 0, 50, 100][c.below(4) as usize]);
    loan.reserve_months = [0, 0, 3, 6][c.below(4) as usize];
    if loan.draws.kind == LoanKind::Revolver {
        loan.repayment = Repayment::Regular(Amortisation::Bullet);
        (loan.balloon, loan.sweep, loan.reserve_months) = (percent(0), percent(0), 0);
        (loan.available_until, loan.amortises_from) = (loan.maturity, loan.maturity);
    }
    if loan.draws.kind.draws_at_closing() {
        loan.discount = percent(c.below(6));
        loan.effective_fees = c.flip();
        loan.available_until = loan.close;
    }
}

/// Balances, draws and repayments by date; a third of loans has each.
fn random_by_date(loan: &mut Loan, opens: Day, c: &mut Choices) {
    let first = loan.close.max(opens);
    let part = loan.commitment.micros / 1_000_003;
    let like = |dates: Vec<(Day, Amount)>| {
        let currency = loan.commitment.currency;
        dates.into_iter().map(|(day, amount)| (day, Amount { currency, ..amount })).collect()
    };
    let third = |c: &mut Choices| c.below(3) == 0;
    if third(c) {
        // The only ones there are.
        loan.premises = vec![0];
    }
    if third(c) && loan.close < opens && loan.maturity > opens {
        let share = c.below(101);
        let micros = loan.commitment.micros / 100 * share;
        loan.opening_balance = Some(Amount { micros, ..loan.commitment });
    }
    if third(c) && !loan.draws.kind.draws_at_closing() {
        loan.draws.dated = like(random_dates(c, [first, loan.available_until], part / 2 + 1));
    }
    if third(c) {
        loan.repaid = like(random_dates(c, [first, loan.maturity], part + 1));
    }
}

fn random_accrual(loan: &mut Loan, c: &mut Choices) {
    use energize::money::{DayCount, Roll};
    let rolls = [Roll::Unadjusted, Roll::Following, Roll::ModifiedFollowing, Roll::Preceding];
    loan.accrual.count = DayCount::ALL[c.below(6) as usize];
    loan.accrual.roll = rolls[c.below(4) as usize];
    loan.accrual.unadjusted = c.flip();
    loan.accrual.construction = [
        ConstructionInterest::Paid,
        ConstructionInterest::Capitalised,
        ConstructionInterest::Funded,
    ][c.below(3) as usize];
    if loan.draws.kind == LoanKind::Revolver {
        loan.accrual.construction = ConstructionInterest::Paid;
    }
    let floating = matches!(loan.rate, LoanRate::Floating { .. });
    loan.accrual.compounded = (floating && c.flip()).then(|| c.below(6) as u32);
    let days = loan.amortises_from - loan.close;
    let first = loan.close + (1 + c.below(120) as i32).min(days.max(1));
    loan.first_payment = (c.below(4) == 0 && first <= loan.amortises_from).then_some(first);
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
    let lines = |flows: &Flows| {
        flows.cost_of_revenue() + flows.technology_and_infrastructure() + flows.sales_and_overhead()
    };
    let income = |flows: &Flows| flows.revenue + flows.recharge - lines(flows);
    assert!(books.months.iter().all(|m| income(&m.flows) == m.flows.operating_income()));
    assert_eq!(of(Account::TechnologyOperations), books.totals.operations_technology);
    assert_eq!(of(Account::Overhead), books.totals.operations_overhead);
    assert_eq!(-of(Account::FinancingCost), end.financing_cost);
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
    assert_loans(case, books);
}

fn assert_loans(case: &Case, books: &BooksResult) {
    for (loan, rows) in case.site.terms.loans.iter().zip(&books.loans) {
        let commitment = case.site.terms.fx.convert(loan.commitment, loan.close);
        let (mut owed, mut drawn) = (Money::ZERO, Money::ZERO);
        for row in rows {
            let flows = &row.flows;
            owed += flows.draws + flows.taken_over + flows.interest_added;
            owed -= flows.principal + flows.early_repayment;
            drawn += flows.draws + flows.taken_over;
            assert_eq!(owed, row.outstanding);
            assert!(row.reserve >= Money::ZERO && row.undrawn >= Money::ZERO);
        }
        assert!(loan.draws.kind == LoanKind::Revolver || drawn <= commitment);
    }
    let sum =
        |part: fn(&LoanRow) -> Money| -> Money { books.loans.iter().flatten().map(part).sum() };
    let totals = &books.totals;
    assert_eq!(sum(|row| row.flows.draws), totals.draws);
    assert_eq!(sum(|row| row.flows.principal), totals.principal);
    assert_eq!(sum(|row| row.flows.early_repayment), totals.early_repayment);
    assert_eq!(sum(|row| row.flows.interest_paid), totals.interest_paid);
    assert_eq!(sum(|row| row.flows.reserved), totals.reserved);
    for payment in &books.payments {
        for step in [payment.fee, payment.interest, payment.principal, payment.reserve] {
            assert!(step.from_reserve <= step.paid && step.paid <= step.due);
        }
        // Nothing is paid while what stands before it is short.
        assert!(payment.fee.short() == Money::ZERO || payment.interest.paid == Money::ZERO);
        assert!(payment.interest.short() == Money::ZERO || payment.principal.paid == Money::ZERO);
    }
    let end = &books.months.last().unwrap().stand;
    if case.site.terms.horizon.is_none() && case.site.terms.equity.backs_shortfalls {
        assert_eq!((end.debt, end.interest_payable), (Money::ZERO, Money::ZERO), "repaid");
        assert_eq!((end.loan_fees, end.reserve), (Money::ZERO, Money::ZERO), "amortised");
        assert_eq!(totals.arrears, Money::ZERO);
    }
}

proptest! {
    #![proptest_config(cases(1_000))]

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
        conventions in prop::array::uniform4(0_usize..3),
        change in prop::option::of((0_usize..4, 1_i32..60, 1_u32..100)),
    ) {
        let mut case = random_case(&choices);
        for loan in &mut case.site.terms.loans {
            if let Repayment::GreaterOf(levels) = &mut loan.repayment {
                levels.life_months = Some(48);
            }
        }
        case.site.terms.tax = None;
        // What is left of them is what owners contributed.
        case.site.terms.opening_assets.clear();
        // A loan to value reads the life of plant: it may be told, and stop no draw.
        for covenant in case.site.terms.loans.iter_mut().flat_map(|loan| &mut loan.covenants) {
            covenant.draw_stop &= !matches!(covenant.test, Test::Ltv(_));
        }
        // The derived horizon does not read lives, so both runs have the same months.
        let before = case.run();
        let all = [Convention::Daily, Convention::HalfMonth, Convention::FullMonthNext];
        let conventions = conventions.map(|at| all[at]);
        let mut changes: [Vec<NewLife>; 4] = Default::default();
        if let Some((class, after, months)) = change {
            let on = case.site.terms.opens.add_months(after).month_start();
            changes[class].push(NewLife { on, months });
        }
        case.site.terms.lives = Lives { months: lives, conventions, changes };
        let after = case.run();
        for (one, other) in before.months.iter().zip(&after.months) {
            for ((name, one), (_, other)) in one.flows.each().iter().zip(other.flows.each()) {
                let moves = ["depreciation", "depreciation_technology"].contains(name);
                prop_assert!(moves || *one == other, "{name} moved");
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
    fn no_test_counts_before_its_first_day_or_without_a_denominator(choices in choices()) {
        let case = random_case(&choices);
        for made in case.run().tests() {
            let loan = &case.site.terms.loans[made.loan as usize];
            let covenant = &loan.covenants[made.covenant as usize];
            let early = covenant.on(made.day).first_test.is_some_and(|first| made.day < first);
            let counts = !early && made.value != Ratio::Undefined;
            prop_assert_eq!(counts, made.outcome != Outcome::NotTested, "{:?}", made);
            prop_assert!(made.day >= loan.close && covenant.until.is_none_or(|u| made.day <= u));
        }
    }

    #[test]
    fn cures_are_as_many_and_as_late_as_they_may_be(choices in choices()) {
        let case = random_case(&choices);
        let books = case.run();
        let mut paid = Money::ZERO;
        for (loan, terms) in (0..).zip(&case.site.terms.loans) {
            for (at, covenant) in (0..).zip(&terms.covenants) {
                let cures = cures_of(&books, loan, at);
                let cured = books.tests().filter(|made| {
                    (made.loan, made.covenant, made.outcome) == (loan, at, Outcome::Cured)
                });
                prop_assert_eq!(cures.len(), cured.count());
                let Some(cure) = covenant.cure else {
                    prop_assert!(cures.is_empty());
                    continue;
                };
                prop_assert!(cure.most.is_none_or(|most| cures.len() <= most as usize));
                for (day, amount) in cures {
                    prop_assert!(cure.until.is_none_or(|until| day < until));
                    prop_assert!(amount > Money::ZERO);
                    paid += amount;
                }
            }
        }
        prop_assert_eq!(paid, books.totals.equity_cures);
    }

    #[test]
    fn covenants_without_cure_or_draw_stop_move_no_number(choices in choices()) {
        let mut case = random_case(&choices);
        // A lock-up keeps what would be distributed.
        case.site.terms.equity.keeps = None;
        for covenant in case.site.terms.loans.iter_mut().flat_map(|loan| &mut loan.covenants) {
            (covenant.cure, covenant.draw_stop) = (None, false);
        }
        let with = case.run();
        case.site.terms.loans.iter_mut().for_each(|loan| loan.covenants.clear());
        let without = case.run();
        prop_assert_eq!(with.months, without.months);
        prop_assert_eq!(with.sources_and_uses, without.sources_and_uses);
        prop_assert_eq!(with.journal, without.journal);
        let others = with.notes.into_iter().filter(|note| note.test().is_none());
        prop_assert_eq!(others.collect::<Vec<_>>(), without.notes);
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

fn cures_of(books: &BooksResult, loan: u32, at: u32) -> Vec<(Day, Money)> {
    let cure = |note: &energize::ledger::Note| match note.what {
        Happening::Cured { loan: of, covenant, amount } => {
            ((of, covenant) == (loan, at)).then_some((note.day, amount))
        }
        _ => None,
    };
    books.notes.iter().filter_map(cure).collect()
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
