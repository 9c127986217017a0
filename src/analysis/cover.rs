//! What a cover ratio is made of: the entries of the books behind both of its sides.

use crate::ledger::{self, Account, Entry, EntryCause, PeriodRow, Ratio};
use crate::model::{Site, Timeline};
use crate::money::Money;
use crate::time::{Day, parse_day};

/// A ratio that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    /// CFADS over debt service (finance-mechanics 23, 24).
    Dscr,
    /// EBITDA over interest incurred (finance-mechanics 25).
    Icr,
}

/// A question such as `dscr@2026-09`: which ratio, of the quarter that holds which day.
pub type Asked = (Cover, Day);

/// One entry on one side of a ratio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoverLine {
    /// When it was posted.
    pub day: Day,
    /// What made it.
    pub cause: EntryCause,
    /// What it adds to its side.
    pub amount: Money,
}

/// Both sides of a ratio, entry by entry.
#[derive(Clone, Debug, PartialEq)]
pub struct CoverParts {
    /// Which ratio.
    pub cover: Cover,
    /// The quarter.
    pub period: PeriodRow,
    /// Above the line.
    pub numerator: Vec<CoverLine>,
    /// Below it.
    pub denominator: Vec<CoverLine>,
}

impl Cover {
    /// `DSCR` or `ICR`.
    pub fn name(self) -> &'static str {
        match self {
            Cover::Dscr => "DSCR",
            Cover::Icr => "ICR",
        }
    }

    /// What stands above and below the line.
    pub fn sides(self) -> [&'static str; 2] {
        match self {
            Cover::Dscr => ["CFADS", "debt service"],
            Cover::Icr => ["EBITDA", "interest incurred"],
        }
    }
}

/// Reads `dscr@2026-09` or `icr@2026-09-30`; `None` if the text asks for something else.
///
/// # Errors
///
/// A ratio that is not known, a month that is none.
pub fn parse(text: &str) -> Option<Result<Asked, String>> {
    let (name, when) = text.split_once('@')?;
    let cover = match name.to_ascii_lowercase().as_str() {
        "dscr" => Cover::Dscr,
        "icr" => Cover::Icr,
        _ => return Some(Err(format!("expected dscr@2026-09 or icr@2026-09, found `{text}`"))),
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

/// The entries behind a ratio in the quarter that holds a day; `None` outside the books.
///
/// Cost: the books once more, with their journal.
pub fn cover_parts(site: &Site, timeline: &Timeline, (cover, day): Asked) -> Option<CoverParts> {
    let books = ledger::run(site, timeline, true);
    let quarters = ledger::by_quarter(&books.months);
    let period = *quarters.iter().find(|row| row.from <= day && day < row.until)?;
    let entries = books.journal.unwrap_or_default();
    let within = |entry: &&Entry| period.from <= entry.day && entry.day < period.until;
    let mut parts = CoverParts { cover, period, numerator: Vec::new(), denominator: Vec::new() };
    for entry in entries.iter().filter(within) {
        let [above, below] = sides(cover, entry);
        let line = |amount| CoverLine { day: entry.day, cause: entry.cause, amount };
        parts.numerator.extend(above.map(line));
        parts.denominator.extend(below.map(line));
    }
    Some(parts)
}

/// What an entry adds to the numerator and to the denominator.
fn sides(cover: Cover, entry: &Entry) -> [Option<Money>; 2] {
    let on = |accounts: &[Account]| -> Option<Money> {
        let lines = entry.lines.iter().filter(|(account, _)| accounts.contains(account));
        let sum: Money = lines.map(|&(_, amount)| amount).sum();
        (sum != Money::ZERO).then_some(sum)
    };
    let cash = || on(&[Account::Cash]);
    match (cover, entry.cause) {
        (
            Cover::Dscr,
            EntryCause::Receipt
            | EntryCause::PowerPaid
            | EntryCause::OperationsPaid
            | EntryCause::RentPaid,
        ) => [cash(), None],
        (Cover::Dscr, EntryCause::LoanPayment(_)) => [None, cash().map(|paid| -paid)],
        (Cover::Dscr, _) => [None, None],
        (Cover::Icr, EntryCause::InterestAccrued(_)) => [None, on(&[Account::Interest])],
        (Cover::Icr, _) => {
            let operating = [
                Account::Revenue,
                Account::PowerRecharged,
                Account::Energy,
                Account::GridCharge,
                Account::Operations,
                Account::Rent,
            ];
            [on(&operating).map(|amount| -amount), None]
        }
    }
}
