//! What a ratio is made of: the entries of the books behind both of its sides.

use std::collections::BTreeMap;

use crate::ledger::{
    self, Account, BooksResult, Entry, EntryCause, Foresight, Happening, PeriodRow, Ratio,
};
use crate::model::covenants::{Covenant, CureAs, IcrNumerator, Test, Window};
use crate::model::{Site, Timeline};
use crate::money::Money;
use crate::spec::nearest;
use crate::time::{Day, parse_day};

/// A ratio that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    /// CFADS over debt service (finance-mechanics 23, 24).
    Dscr,
    /// EBITDA over interest incurred, or as a covenant says (finance-mechanics 25).
    Icr,
    /// Loan life cover (finance-mechanics 26).
    Llcr,
    /// Project life cover.
    Plcr,
    /// Debt over collateral (finance-mechanics 27).
    Ltv,
    /// Net debt over EBITDA (finance-mechanics 28).
    NetDebtToEbitda,
    /// Cash over what is required (finance-mechanics 29).
    Liquidity,
    /// Billed over contracted (finance-mechanics 29).
    Realization,
}

/// Names in a question, and keys of the tests that they stand for.
const NAMES: [(&str, &str, Cover); 8] = [
    ("dscr", "dscr", Cover::Dscr),
    ("icr", "icr", Cover::Icr),
    ("llcr", "llcr", Cover::Llcr),
    ("plcr", "plcr", Cover::Plcr),
    ("ltv", "ltv", Cover::Ltv),
    ("leverage", "net_debt_to_ebitda", Cover::NetDebtToEbitda),
    ("liquidity", "minimum_liquidity", Cover::Liquidity),
    ("realization", "contract_realization", Cover::Realization),
];

/// A question such as `dscr@2026-09`: which ratio, of the period that holds which day.
pub type Asked = (Cover, Day);

/// One line on one side of a ratio.
#[derive(Clone, Debug, PartialEq)]
pub struct CoverLine {
    /// When it was posted, or to when it runs.
    pub day: Day,
    /// What made it.
    pub what: Made,
    /// What it adds to its side.
    pub amount: Money,
}

/// What made a line.
#[derive(Clone, Debug, PartialEq)]
pub enum Made {
    /// An entry of the books, or all entries of its kind up to the day.
    Entry(EntryCause),
    /// A figure that is no entry: a value, a month's sum.
    Figure(String),
}

/// Both sides of a ratio, line by line.
#[derive(Clone, Debug, PartialEq)]
pub struct CoverParts {
    /// What is tested; a DSCR or ICR that no covenant tests is that of the quarter.
    pub test: Test,
    /// Whose covenant sets the terms, if one does.
    pub loan: Option<u32>,
    /// First day of what is read.
    pub from: Day,
    /// First day after it.
    pub until: Day,
    /// Whether it reads months after the test, as the finished run knows them.
    pub perfect_foresight: bool,
    /// Above the line.
    pub numerator: Vec<CoverLine>,
    /// Below it.
    pub denominator: Vec<CoverLine>,
}

/// Reads `dscr@2026-09` or `icr@2026-09-30`; `None` if the text asks for something else.
///
/// # Errors
///
/// A ratio that is not known, a month that is none.
pub fn parse(text: &str) -> Option<Result<Asked, String>> {
    let (name, when) = text.split_once('@')?;
    let lower = name.to_ascii_lowercase();
    let known = NAMES.iter().find(|(short, key, _)| [*short, *key].contains(&lower.as_str()));
    let Some(&(_, _, cover)) = known else {
        let names = NAMES.map(|(short, ..)| short);
        let near = nearest(&lower, names).map(|near| format!("; {near}")).unwrap_or_default();
        let names = names.join(", ");
        return Some(Err(format!("expected one of {names} before the @, found `{name}`{near}")));
    };
    let whole = if when.len() == 7 { format!("{when}-01") } else { when.to_owned() };
    let day = parse_day(&whole);
    Some(
        day.map(|day| (cover, day))
            .map_err(|_| format!("expected a month such as {name}@2026-09, found `{text}`")),
    )
}

impl CoverParts {
    /// The ratio.
    pub fn ratio(&self) -> Ratio {
        let sum = |lines: &[CoverLine]| lines.iter().map(|line| line.amount).sum();
        Ratio::new(sum(&self.numerator), sum(&self.denominator))
    }
}

/// The books of a run, and what is asked of them.
struct Asking<'a> {
    site: &'a Site,
    books: BooksResult,
    entries: Vec<Entry>,
    /// The first covenant that tests the ratio: its loan, its number there, its terms.
    covenant: Option<(u32, u32, &'a Covenant)>,
}

/// What stands on both sides of a ratio in the period that holds a day: the quarter, or what the
/// first covenant with such a test reads at the end of its period.
///
/// Cost: the books once more, with their journal.
///
/// # Errors
///
/// The day lies outside the books; no covenant says how the ratio is tested; nothing was tested.
pub fn cover_parts(
    site: &Site,
    timeline: &Timeline,
    (cover, day): Asked,
) -> Result<CoverParts, String> {
    let mut books = ledger::run(site, timeline, true);
    let entries = books.journal.take().unwrap_or_default();
    let key = NAMES.iter().find(|name| name.2 == cover).map_or("", |name| name.1);
    let covenant = (0..).zip(&site.terms.loans).find_map(|(loan, terms)| {
        let found = (0..).zip(&terms.covenants).find(|(_, covenant)| covenant.test.key() == key);
        found.map(|(at, covenant)| (loan, at, covenant))
    });
    let asking = Asking { site, books, entries, covenant };
    let quarterly =
        |test: Test| Covenant { test, ..Covenant::quarterly_dscr(Default::default(), None) };
    let usual = match cover {
        Cover::Dscr => Some(quarterly(Test::Dscr)),
        Cover::Icr => Some(quarterly(Test::Icr(IcrNumerator::Ebitda))),
        _ => None,
    };
    let terms = covenant.map(|(.., terms)| terms.clone()).or(usual);
    let terms = terms.ok_or_else(|| format!("no loan of this site has a covenant `{key}`"))?;
    let at = asking.month(&terms, day).ok_or("the books hold no quarter for this day")?;
    asking.parts(&terms, at)
}

impl Asking<'_> {
    /// The month at whose end the test of the period that holds a day is made.
    fn month(&self, terms: &Covenant, day: Day) -> Option<usize> {
        let months = &self.books.months;
        let at = months.iter().position(|row| row.from <= day && day < row.until)?;
        let ends = |row: &PeriodRow| (row.until + -1).date().month() % 3 == 0;
        match terms.every_months {
            1 => Some(at),
            _ => (at..months.len()).find(|&at| ends(&months[at])).or(Some(months.len() - 1)),
        }
    }

    fn parts(&self, terms: &Covenant, at: usize) -> Result<CoverParts, String> {
        let months = &self.books.months;
        let until = months[at].until;
        let (from, until) = match terms.window {
            // The first quarter of the books may be short.
            Window::Trailing(3) => {
                let last = until + -1;
                let back = if terms.every_months == 1 { 2 } else { (last.date().month() - 1) % 3 };
                let first = last.month_start().add_months(-i32::from(back));
                (first.max(months[0].from), until)
            }
            Window::Trailing(count) => {
                let first = (at + 1).checked_sub(count as usize);
                let first = first.ok_or("the books do not reach back that far")?;
                (months[first].from, until)
            }
            Window::Forward(count) => {
                let last = months.get(at + count as usize).ok_or("the books end before that")?;
                (until, last.until)
            }
            Window::Point => (months[0].from, until),
        };
        let [numerator, denominator] = match terms.test {
            Test::Dscr | Test::Icr(_) => self.flows(terms.test, from, until),
            Test::NetDebtToEbitda => {
                let ebitda = self.flows(Test::Icr(IcrNumerator::Ebitda), from, until);
                let [ebitda, _] = ebitda;
                let mut debt = self.debt(until);
                let cash = -months[at].stand.cash;
                debt.push(figure(until + -1, "cash in the bank", cash));
                [debt, ebitda]
            }
            Test::ContractRealization => {
                let rows = months.iter().filter(|row| from <= row.from && row.from < until);
                let billed =
                    rows.clone().map(|row| figure(row.until + -1, "billed", row.flows.billed));
                let contracted =
                    rows.map(|row| figure(row.until + -1, "contracted", row.flows.contracted));
                [billed.collect(), contracted.collect()]
            }
            Test::MinimumLiquidity => [self.cash(until), vec![self.required(terms, until + -1)]],
            Test::Ltv(_) => [self.debt(until), self.collateral(terms, until)?],
            Test::Llcr | Test::Plcr => [self.worth(terms, at)?, self.debt(until)],
        };
        let mut parts = CoverParts {
            test: terms.test,
            loan: self.covenant.map(|covenant| covenant.0),
            from,
            until,
            perfect_foresight: terms.perfect_foresight(),
            numerator,
            denominator,
        };
        self.add_cures(terms, &mut parts);
        Ok(parts)
    }

    /// The entries of a range of days that make a DSCR or an ICR.
    fn flows(&self, test: Test, from: Day, until: Day) -> [Vec<CoverLine>; 2] {
        let within = |entry: &&Entry| from <= entry.day && entry.day < until;
        let (mut numerator, mut denominator) = (Vec::new(), Vec::new());
        for entry in self.entries.iter().filter(within) {
            let [above, below] = sides(test, entry);
            let line =
                |amount| CoverLine { day: entry.day, what: Made::Entry(entry.cause), amount };
            numerator.extend(above.map(line));
            denominator.extend(below.map(line));
        }
        [numerator, denominator]
    }

    /// Draws and payments up to a day.
    fn debt(&self, until: Day) -> Vec<CoverLine> {
        let before = self.entries.iter().filter(|entry| entry.day < until);
        let line = |entry: &Entry| {
            let amount = on(entry, &[Account::Debt])?;
            Some(CoverLine { day: entry.day, what: Made::Entry(entry.cause), amount: -amount })
        };
        before.filter_map(line).collect()
    }

    /// Cash by what brought and took it, up to a day.
    fn cash(&self, until: Day) -> Vec<CoverLine> {
        let mut sums: BTreeMap<EntryCause, (Day, Money)> = BTreeMap::new();
        for entry in self.entries.iter().filter(|entry| entry.day < until) {
            if let Some(amount) = on(entry, &[Account::Cash]) {
                let sum = sums.entry(entry.cause).or_insert((entry.day, Money::ZERO));
                *sum = (entry.day, sum.1 + amount);
            }
        }
        let line = |(cause, (day, amount))| CoverLine { day, what: Made::Entry(cause), amount };
        sums.into_iter().map(line).collect()
    }

    fn required(&self, terms: &Covenant, day: Day) -> CoverLine {
        let amount = match terms.on(day).limit {
            crate::model::covenants::Limit::Cash(amount) => self.site.terms.fx.convert(amount, day),
            crate::model::covenants::Limit::Ratio(_) => Money::ZERO,
        };
        figure(day, "required", amount)
    }

    /// Racks and plant by the day their value began to fall, and what was in progress.
    fn collateral(&self, terms: &Covenant, until: Day) -> Result<Vec<CoverLine>, String> {
        let (Test::Ltv(how), Some(book), Some((loan, covenant, _))) =
            (terms.test, &self.books.collateral, self.covenant)
        else {
            return Err("no covenant values the collateral".into());
        };
        let made = |test: &ledger::TestMade| {
            (test.loan, test.covenant, test.day) == (loan, covenant, until + -1)
        };
        let value = self.books.tests().find(made).map(|test| test.value);
        let Some(Ratio::Of { denominator, .. }) = value else {
            return Err(format!("the collateral is not tested on {}", until + -1));
        };
        let parts = book.parts(self.site, how, until);
        let part = |part: &ledger::CollateralPart| {
            let cost = part.cost.decimal().round_dp(2);
            figure(part.since, &format!("{}, at a cost of {cost}", part.what), part.value)
        };
        let mut lines: Vec<CoverLine> = parts.iter().map(part).collect();
        let placed = lines.iter().map(|line| line.amount).sum::<Money>();
        lines.push(figure(until + -1, "in progress, at cost", denominator - placed));
        lines.retain(|line| line.amount != Money::ZERO);
        Ok(lines)
    }

    /// Cash to come, period by period, discounted by the loan's own rates.
    fn worth(&self, terms: &Covenant, at: usize) -> Result<Vec<CoverLine>, String> {
        let (loan, ..) = self.covenant.ok_or("no covenant names the loan")?;
        let end = self.books.contracts_end;
        let foresight = Foresight::new(self.site, loan, &self.books.months, end);
        let line = |worth: ledger::Worth| {
            let text = format!("worth of CFADS of {}", worth.cfads);
            figure(worth.until + -1, &text, worth.worth)
        };
        Ok(foresight.worth(terms.test, at).into_iter().map(line).collect())
    }

    /// Cures of earlier tests count in a window that holds them.
    fn add_cures(&self, terms: &Covenant, parts: &mut CoverParts) {
        let Some((loan, covenant, _)) = self.covenant else { return };
        if !matches!(terms.window, Window::Trailing(_)) {
            return;
        }
        let last = parts.until + -1;
        for note in self.books.notes.iter().filter(|n| parts.from <= n.day && n.day < last) {
            let Happening::Cured { loan: of, covenant: which, amount } = note.what else {
                continue;
            };
            if (of, which) != (loan, covenant) {
                continue;
            }
            match terms.cure.map(|cure| cure.counts) {
                Some(CureAs::Denominator) => {
                    parts.denominator.push(figure(note.day, "equity cure", -amount));
                }
                _ => parts.numerator.push(figure(note.day, "equity cure", amount)),
            }
        }
    }
}

fn figure(day: Day, text: &str, amount: Money) -> CoverLine {
    CoverLine { day, what: Made::Figure(text.to_owned()), amount }
}

/// What an entry posts to some accounts, debit positive; `None` for nothing.
fn on(entry: &Entry, accounts: &[Account]) -> Option<Money> {
    let lines = entry.lines.iter().filter(|(account, _)| accounts.contains(account));
    let sum: Money = lines.map(|&(_, amount)| amount).sum();
    (sum != Money::ZERO).then_some(sum)
}

/// What an entry adds to the numerator and to the denominator.
fn sides(test: Test, entry: &Entry) -> [Option<Money>; 2] {
    let cash = || on(entry, &[Account::Cash]);
    let operating = matches!(
        entry.cause,
        EntryCause::Receipt
            | EntryCause::PowerPaid
            | EntryCause::OperationsPaid
            | EntryCause::RentPaid
            | EntryCause::TaxPaid
    );
    match (test, entry.cause) {
        (Test::Dscr | Test::Icr(IcrNumerator::Cfads), _) if operating => [cash(), None],
        (
            Test::Dscr,
            EntryCause::LoanPayment(_)
            | EntryCause::DatedRepayment(_)
            | EntryCause::OtherInterestPaid,
        ) => [None, cash().map(|paid| -paid)],
        (Test::Icr(IcrNumerator::Cfads), EntryCause::LoanPayment(_)) => {
            [None, on(entry, &[Account::InterestPayable])]
        }
        (Test::Icr(IcrNumerator::Ebitda), EntryCause::InterestAccrued(_)) => {
            [None, on(entry, &[Account::Interest])]
        }
        (Test::Icr(IcrNumerator::Ebitda), EntryCause::Operation(_))
            if on(entry, &[Account::Interest]).is_some() =>
        {
            [None, on(entry, &[Account::Interest])]
        }
        (Test::Icr(IcrNumerator::Ebitda), _) => {
            let operating = [
                Account::Revenue,
                Account::PowerRecharged,
                Account::Energy,
                Account::GridCharge,
                Account::Operations,
                Account::TechnologyOperations,
                Account::Overhead,
                Account::Rent,
            ];
            [on(entry, &operating).map(|amount| -amount), None]
        }
        _ => [None, None],
    }
}
