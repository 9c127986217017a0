//! The chart of accounts, entries, and the ledger they are posted to.

use super::EntryCause;
use crate::money::Money;
use crate::time::Day;

/// What an account is, which decides where a statement shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccountKind {
    /// What the site has.
    Asset,
    /// What it owes.
    Liability,
    /// What the owners put in.
    Equity,
    /// What it earns.
    Income,
    /// What that costs.
    Expense,
}

macro_rules! chart {
    ($($(#[$doc:meta])* $name:ident, $kind:ident, $title:literal;)*) => {
        /// The fixed chart of accounts.
        ///
        /// Names follow the hierarchy that plain-text ledgers use. Accounts of one loan, contract
        /// or lot are kept beside it and checked against these at each close.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Account {
            $($(#[$doc])* $name,)*
        }

        impl Account {
            /// All, in balance-sheet order.
            pub const ALL: [Account; [$($title),*].len()] = [$(Account::$name),*];
            /// Income and expense stand from here on.
            const FIRST_OF_RESULT: Account = Account::Revenue;
            const KINDS: [AccountKind; [$($title),*].len()] = [$(AccountKind::$kind),*];

            /// Full name, e.g. `assets:cash`.
            pub fn name(self) -> &'static str {
                match self { $(Account::$name => $title,)* }
            }

            /// What it is.
            #[inline]
            pub fn kind(self) -> AccountKind {
                Account::KINDS[self as usize]
            }
        }
    };
}

chart! {
    /// Money in the bank.
    Cash, Asset, "assets:cash";
    /// Debt service reserve.
    Reserve, Asset, "assets:debt-service-reserve";
    /// Invoices to customers not yet paid.
    Receivables, Asset, "assets:receivables";
    /// Earned and not yet invoiced.
    ContractAsset, Asset, "assets:contract-asset";
    /// Paid to customers, or promised, and not yet set against revenue.
    CustomerConsideration, Asset, "assets:customer-consideration";
    /// Invoiced by vendors ahead of delivery.
    VendorDeposits, Asset, "assets:vendor-deposits";
    /// Construction in progress.
    Cip, Asset, "assets:construction-in-progress";
    /// Cost of what is in service.
    InService, Asset, "assets:in-service";
    /// Depreciation of it so far (negative).
    AccumulatedDepreciation, Asset, "assets:accumulated-depreciation";
    /// Upfront fees and discount not yet amortised.
    LoanFees, Asset, "assets:loan-fees";
    /// Invoices of builders and vendors not yet paid.
    CapexPayables, Liability, "liabilities:capex-payables";
    /// Racks delivered whose last share is invoiced on acceptance.
    CapexAccrued, Liability, "liabilities:capex-accrued";
    /// Power and operations of past months not yet paid.
    OperatingPayables, Liability, "liabilities:operating-payables";
    /// Interest and undrawn fee up to now, not yet paid.
    InterestPayable, Liability, "liabilities:interest-payable";
    /// Cost of finance that became a charge and is paid in no cash of the books: fees and discounts
    /// that lenders kept before.
    FinancingCost, Liability, "liabilities:financing-cost";
    /// Tax on income up to now, not yet paid.
    TaxPayable, Liability, "liabilities:tax-payable";
    /// Prepayments that customers have not yet used up.
    ContractLiability, Liability, "liabilities:contract-liability";
    /// Promised to customers and not yet paid.
    ConsiderationPayable, Liability, "liabilities:consideration-payable";
    /// Rent expensed ahead of payment; in debit where rent is paid ahead of expense.
    DeferredRent, Liability, "liabilities:deferred-rent";
    /// Drawn and not repaid.
    Debt, Liability, "liabilities:debt";
    /// Paid in by the owners.
    Contributed, Equity, "equity:contributed";
    /// Distributed to the owners (in debit).
    Distributed, Equity, "equity:distributed";
    /// Service revenue.
    Revenue, Income, "revenue:service";
    /// Power charged on to customers.
    PowerRecharged, Income, "revenue:power-recharged";
    /// Energy bought.
    Energy, Expense, "expenses:energy";
    /// Fixed charge for the grid connection.
    GridCharge, Expense, "expenses:grid-charge";
    /// Staff, maintenance and the like.
    Operations, Expense, "expenses:operations";
    /// Running costs of technology and infrastructure.
    TechnologyOperations, Expense, "expenses:technology-and-infrastructure";
    /// Sales, marketing, administration.
    Overhead, Expense, "expenses:sales-and-overhead";
    /// Rent of the shell, straight-line.
    Rent, Expense, "expenses:rent";
    /// Depreciation.
    Depreciation, Expense, "expenses:depreciation";
    /// Interest and loan fees, less what is capitalised; what running costs add to it.
    Interest, Expense, "expenses:interest";
    /// Tax on income.
    Tax, Expense, "expenses:tax";
}

/// A posting: debit positive.
pub type Line = (Account, Money);

/// A balanced entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Accounting day; the entries of a month's close bear the month's last day.
    pub day: Day,
    /// What made it.
    pub cause: EntryCause,
    /// Debits positive; they sum to nothing.
    pub lines: Vec<Line>,
}

/// Balances of all accounts, and the journal if one is kept.
///
/// Cost: a posting adds its lines to an array; the journal allocates only when asked for.
#[derive(Clone, Debug)]
pub struct Ledger {
    balances: [Money; Account::ALL.len()],
    journal: Option<Vec<Entry>>,
}

impl Ledger {
    /// Nothing posted; with an empty journal if one is to be kept.
    pub fn new(journal: bool) -> Ledger {
        Ledger { balances: [Money::ZERO; Account::ALL.len()], journal: journal.then(Vec::new) }
    }

    /// Posts a balanced entry (promise: every entry of every journal balances).
    #[inline]
    pub fn post(&mut self, day: Day, cause: EntryCause, lines: &[Line]) {
        let mut sum = Money::ZERO;
        for &(account, amount) in lines {
            sum += amount;
            self.balances[account as usize] += amount;
        }
        if sum != Money::ZERO {
            out_of_balance(day, cause, sum, lines);
        }
        if let Some(journal) = &mut self.journal {
            keep(journal, day, cause, lines);
        }
    }

    /// Balance of an account, debit positive.
    #[inline]
    pub fn balance(&self, account: Account) -> Money {
        self.balances[account as usize]
    }

    /// Balance of an account that normally stands in credit, credit positive.
    #[inline]
    pub fn credit(&self, account: Account) -> Money {
        -self.balance(account)
    }

    /// Sums of the balances by [`AccountKind`], debit positive.
    fn sums(&self) -> [Money; 5] {
        let mut sums = [Money::ZERO; 5];
        for (&kind, &balance) in Account::KINDS.iter().zip(&self.balances) {
            sums[kind as usize] += balance;
        }
        sums
    }

    /// Earned so far: income less expense.
    pub fn earnings(&self) -> Money {
        -self.balances[Account::FIRST_OF_RESULT as usize..].iter().copied().sum::<Money>()
    }

    /// Checks that assets are what is owed, paid in and earned.
    pub fn assert_balanced(&self, day: Day) {
        if self.balances.iter().copied().sum::<Money>() != Money::ZERO {
            self.sheet_out_of_balance(day);
        }
    }

    /// A balance sheet that does not balance is a bug of ours.
    #[cold]
    fn sheet_out_of_balance(&self, day: Day) -> ! {
        let [assets, liabilities, equity, income, expense] = self.sums();
        let claims = -liabilities - equity - income - expense;
        panic!("balance sheet of {day}: {assets} against {claims}");
    }

    /// The journal, if one was kept.
    pub fn into_journal(self) -> Option<Vec<Entry>> {
        self.journal
    }
}

/// An entry that does not balance is a bug of ours.
#[cold]
fn out_of_balance(day: Day, cause: EntryCause, sum: Money, lines: &[Line]) -> ! {
    panic!("{cause:?} on {day} is out of balance by {sum}: {lines:?}");
}

/// Adds an entry to the journal, without lines of nothing.
#[cold]
fn keep(journal: &mut Vec<Entry>, day: Day, cause: EntryCause, lines: &[Line]) {
    let lines: Vec<Line> = lines.iter().copied().filter(|line| line.1 != Money::ZERO).collect();
    if !lines.is_empty() {
        journal.push(Entry { day, cause, lines });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Balances of the journal case F44 (hledger), its accounts by our names.
    #[test]
    fn a_first_quarter_comes_to_the_balances_that_hledger_finds() {
        use Account::*;
        let cents = |cents: i64| Money(cents * 10_000);
        let entries: [&[(Account, i64)]; 9] = [
            &[(Cip, 18_000), (Cash, -3_600), (Debt, -14_400)],
            &[(Cip, 53), (Debt, -53)],
            &[(Interest, 12), (Cash, -12)],
            &[(Cash, 24_000), (ContractLiability, -24_000)],
            &[(InService, 18_053), (Cip, -18_053)],
            &[(Receivables, 1_000), (ContractLiability, 250), (Revenue, -1_250)],
            &[(Depreciation, 156), (AccumulatedDepreciation, -156)],
            &[(Interest, 98), (Debt, 200), (Cash, -298)],
            &[(Cash, 5_000), (Contributed, -5_000)],
        ];
        let mut ledger = Ledger::new(true);
        for (day, lines) in entries.iter().enumerate() {
            let lines: Vec<Line> = lines.iter().map(|&(a, c)| (a, cents(c))).collect();
            ledger.post(Day(day as i32), EntryCause::Opening, &lines);
        }
        let expected = [
            (AccumulatedDepreciation, -156),
            (Cash, 25_090),
            (InService, 18_053),
            (Receivables, 1_000),
            (Contributed, -5_000),
            (Depreciation, 156),
            (Interest, 110),
            (Debt, -14_253),
            (ContractLiability, -23_750),
            (Revenue, -1_250),
            (Cip, 0),
        ];
        for (account, balance) in expected {
            assert_eq!(ledger.balance(account), cents(balance), "{}", account.name());
        }
        ledger.assert_balanced(Day(9));
        assert_eq!(ledger.into_journal().map(|entries| entries.len()), Some(9));
    }

    #[test]
    fn income_and_expense_stand_last_in_the_chart() {
        for account in Account::ALL {
            let result = matches!(account.kind(), AccountKind::Income | AccountKind::Expense);
            assert_eq!(account >= Account::FIRST_OF_RESULT, result, "{}", account.name());
        }
    }

    #[test]
    #[should_panic(expected = "out of balance by 0.01")]
    fn an_entry_that_does_not_balance_is_refused() {
        let lines = [(Account::Cash, Money(20_000)), (Account::Contributed, Money(-10_000))];
        Ledger::new(false).post(Day(0), EntryCause::Opening, &lines);
    }
}
