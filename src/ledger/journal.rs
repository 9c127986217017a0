//! The journal as plain text, in the format of hledger.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use rust_decimal::Decimal;

use super::Entry;
use crate::money::{Currency, Money};

/// Why a line of a journal could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalProblem {
    /// Line, from 1.
    pub line: usize,
    /// What was wrong with it.
    pub what: String,
}

impl fmt::Display for JournalProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// Writes entries as transactions: date, description, an account and an amount a line, to the
/// millionth (finance-mechanics 35).
///
/// `describe` names what made an entry; a line break in it becomes a space.
pub fn write_journal(
    entries: &[Entry],
    currency: Currency,
    describe: impl Fn(&Entry) -> String,
) -> String {
    let mut text = String::new();
    for entry in entries {
        let title = describe(entry).replace(['\n', '\r', ';'], " ");
        let _ = writeln!(text, "{} {}", entry.day, title.trim());
        for &(account, amount) in &entry.lines {
            let amount = amount.decimal().to_string();
            let _ = writeln!(text, "    {:<44} {amount:>22} {currency}", account.name());
        }
        text.push('\n');
    }
    text
}

/// Balances of every account of a journal, in the order of their names, those that came to nothing
/// left out; debits are positive.
///
/// Reads dates, accounts set off by two spaces, amounts with a currency code before or after them
/// or none, one amount a transaction left open, comments. Directives are not read.
///
/// # Errors
///
/// The first line that is none of these, or the transaction that does not balance.
pub fn journal_balances(text: &str) -> Result<BTreeMap<String, Money>, JournalProblem> {
    let mut balances: BTreeMap<String, Money> = BTreeMap::new();
    let mut open = Transaction::default();
    for (at, line) in text.lines().enumerate() {
        let line_number = at + 1;
        let problem = |what: String| JournalProblem { line: line_number, what };
        let content = line.split(';').next().unwrap_or_default().trim_end();
        if content.is_empty() {
            continue;
        }
        if !content.starts_with([' ', '\t']) {
            open.close(&mut balances)?;
            let date = content.split_whitespace().next().unwrap_or_default();
            let dated = date.starts_with(|letter: char| letter.is_ascii_digit());
            if !dated {
                return Err(problem(format!("expected a transaction's date, found `{date}`")));
            }
            open = Transaction { line: line_number, ..Transaction::default() };
            continue;
        }
        let posting = content.trim_start();
        let split = posting.find("  ").or_else(|| posting.find('\t'));
        let (account, amount) = split.map_or((posting, ""), |at| posting.split_at(at));
        if amount.trim().is_empty() {
            if open.elided.replace(account.to_string()).is_some() {
                return Err(problem("a transaction may leave one amount open".into()));
            }
        } else {
            let money = parse_amount(amount)
                .ok_or_else(|| problem(format!("expected an amount, found `{}`", amount.trim())))?;
            open.lines.push((account.to_string(), money));
        }
    }
    open.close(&mut balances)?;
    balances.retain(|_, balance| *balance != Money::ZERO);
    Ok(balances)
}

#[derive(Default)]
struct Transaction {
    line: usize,
    lines: Vec<(String, Money)>,
    elided: Option<String>,
}

impl Transaction {
    /// Adds the transaction to the balances.
    fn close(&mut self, balances: &mut BTreeMap<String, Money>) -> Result<(), JournalProblem> {
        let sum: Money = self.lines.iter().map(|line| line.1).sum();
        let open = self.elided.take().map(|account| (account, -sum));
        if open.is_none() && sum != Money::ZERO {
            let what = format!("the transaction is out of balance by {}", sum.decimal());
            return Err(JournalProblem { line: self.line, what });
        }
        for (account, amount) in self.lines.drain(..).chain(open) {
            *balances.entry(account).or_default() += amount;
        }
        Ok(())
    }
}

/// A number, thousands set off by commas or not, beside a currency or not.
fn parse_amount(text: &str) -> Option<Money> {
    let number: String =
        text.chars().filter(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')).collect();
    let rest = text.chars().all(|c| {
        c.is_ascii_digit() || "-+., ".contains(c) || c.is_alphabetic() || "$€£\t".contains(c)
    });
    let amount: Decimal = number.parse().ok().filter(|_| rest)?;
    Money::from_decimal(amount)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Account, EntryCause};
    use crate::time::Day;

    #[test]
    fn what_is_written_is_read_back_to_the_millionth() {
        let entry = |lines: &[(Account, i64)]| Entry {
            day: Day(20_000),
            cause: EntryCause::Opening,
            lines: lines.iter().map(|&(account, micros)| (account, Money(micros))).collect(),
        };
        let entries = [
            entry(&[(Account::Cash, 5_000_001), (Account::Contributed, -5_000_001)]),
            entry(&[(Account::Cip, 7), (Account::Cash, -7)]),
            entry(&[(Account::InService, 7), (Account::Cip, -7)]),
        ];
        let text = write_journal(&entries, Currency::USD, |_| "opening; of\nbooks".into());
        assert!(text.starts_with("2024-10-04 opening  of books\n    assets:cash   "), "{text}");
        let balances = journal_balances(&text).unwrap();
        let expected = [
            ("assets:cash", Money(4_999_994)),
            ("assets:in-service", Money(7)),
            ("equity:contributed", Money(-5_000_001)),
        ];
        let expected = expected.map(|(name, money)| (name.to_string(), money));
        assert_eq!(balances.into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn one_amount_may_be_left_open_and_no_other_may_miss() {
        let text = "2025-01-01 * a\n  assets:cash  $1,200.50 ; note\n  equity\n";
        let balances = journal_balances(text).unwrap();
        assert_eq!(balances["equity"], Money(-1_200_500_000));
        let problem = |text| journal_balances(text).unwrap_err().to_string();
        let unbalanced = problem("2025-01-01 a\n  x  1\n  y  -2\n");
        assert_eq!(unbalanced, "line 1: the transaction is out of balance by -1.000000");
        let open = problem("2025-01-01 a\n  x\n  y\n");
        assert_eq!(open, "line 3: a transaction may leave one amount open");
        assert_eq!(
            problem("include x\n"),
            "line 1: expected a transaction's date, found `include`"
        );
        let amount = problem("2025-01-01 a\n  x  1 @@ 2\n");
        assert_eq!(amount, "line 2: expected an amount, found `1 @@ 2`");
    }
}
