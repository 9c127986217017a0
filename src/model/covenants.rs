//! What a lender tests, from when, and what follows: covenants of the checked model.
//!
//! A test reads the whole site: its cash serves all of its loans, so cash flow, debt service, debt
//! and liquidity are those of all of them together. Only discount rates and maturity are the loan's
//! own.

use crate::money::Amount;
use crate::time::Day;
use crate::unit::Share;

/// Most months that a window may span.
pub const WINDOW_MONTHS_MAX: usize = 36;

/// One test of one loan (finance-mechanics 23-30).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covenant {
    /// What is tested.
    pub test: Test,
    /// Which months it reads.
    pub window: Window,
    /// Months from one test to the next: 1, or 3 for the ends of calendar quarters.
    pub every_months: u32,
    /// Last day of a test.
    pub until: Option<Day>,
    /// Terms as agreed and as amended since, ascending by `since`; the one in force at the test
    /// date applies.
    pub terms: Vec<CovenantTerm>,
    /// Whether and how owners may cure a failed test.
    pub cure: Option<Cure>,
    /// Whether the loan gives no draw after a failed test until one holds again.
    pub draw_stop: bool,
}

/// What was agreed on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CovenantTerm {
    /// In force from this day on; the first holds before it too.
    pub since: Day,
    /// First day of a test; before it a test is "not tested" (semantics M10).
    pub first_test: Option<Day>,
    /// What a test must hold.
    pub limit: Limit,
    /// Where distributions stop although the test holds.
    pub lock_up: Option<Share>,
}

/// Threshold of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Of a ratio, in turns.
    Ratio(Share),
    /// Of cash.
    Cash(Amount),
}

/// What a covenant looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// CFADS over debt service of the window.
    Dscr,
    /// EBITDA or CFADS over the interest of the window.
    Icr(IcrNumerator),
    /// Worth of the CFADS up to the loan's maturity over debt.
    Llcr,
    /// Worth of the CFADS up to the last contract's end over debt.
    Plcr,
    /// Debt over the value of racks and plant.
    Ltv(Collateral),
    /// Debt less cash over EBITDA of the window.
    NetDebtToEbitda,
    /// Cash in the bank.
    MinimumLiquidity,
    /// Billed over contracted in the window.
    ContractRealization,
}

/// What stands above interest in an ICR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IcrNumerator {
    /// EBITDA over interest incurred.
    Ebitda,
    /// CFADS over interest and fees paid.
    Cfads,
}

/// How racks are valued; plant always goes by its accounting life, and what is in progress counts
/// at cost (finance-mechanics 27, semantics M8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collateral {
    /// Straight line over the accounting life from service, as in the books.
    Book,
    /// Straight line over a life of the lender's own, in months.
    Life {
        /// Months.
        months: u32,
        /// When it begins.
        clock: CollateralClock,
    },
    /// Share of cost by date: an index into [`Terms::values`](crate::model::Terms::values).
    Curve {
        /// Which.
        curve: u32,
    },
}

/// When the lender's life of a rack begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CollateralClock {
    /// At delivery, in the store too.
    Delivery,
    /// When its unit is in service.
    InService,
}

/// Which months a test reads; a test whose months are not all in the books has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The test date alone.
    Point,
    /// So many months that end with the test.
    Trailing(u32),
    /// So many months that follow the test: as the finished run knows them.
    Forward(u32),
}

/// Equity that lifts a failed test to its threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cure {
    /// What it counts as.
    pub counts: CureAs,
    /// How many there may be; `None` for any number.
    pub most: Option<u32>,
    /// Only tests before this day.
    pub until: Option<Day>,
}

/// Where a cure is deemed to stand (finance-mechanics 30).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CureAs {
    /// Added above the line.
    Numerator,
    /// Taken from what is due below it.
    Denominator,
}

impl Covenant {
    /// A least DSCR of each quarter: what a lender asks for first.
    pub fn quarterly_dscr(at_least: Share, first_test: Option<Day>) -> Covenant {
        let limit = Limit::Ratio(at_least);
        Covenant {
            test: Test::Dscr,
            window: Window::Trailing(3),
            every_months: 3,
            until: None,
            terms: vec![CovenantTerm { since: Day(i32::MIN), first_test, limit, lock_up: None }],
            cure: None,
            draw_stop: false,
        }
    }

    /// The term in force on a day.
    pub fn on(&self, day: Day) -> &CovenantTerm {
        let at = self.terms.partition_point(|term| term.since <= day).max(1) - 1;
        &self.terms[at]
    }

    /// Whether it looks beyond the test date: at the cash that the finished run comes to, not at a
    /// forecast of the day (semantics M10).
    pub fn perfect_foresight(&self) -> bool {
        matches!(self.window, Window::Forward(_)) || matches!(self.test, Test::Llcr | Test::Plcr)
    }
}

impl Test {
    /// As on screen: `DSCR`.
    pub fn name(self) -> &'static str {
        match self {
            Test::Dscr => "DSCR",
            Test::Icr(_) => "ICR",
            Test::Llcr => "LLCR",
            Test::Plcr => "PLCR",
            Test::Ltv(_) => "LTV",
            Test::NetDebtToEbitda => "net debt / EBITDA",
            Test::MinimumLiquidity => "liquidity",
            Test::ContractRealization => "contract realization",
        }
    }

    /// As in a file: `dscr`.
    pub fn key(self) -> &'static str {
        match self {
            Test::Dscr => "dscr",
            Test::Icr(_) => "icr",
            Test::Llcr => "llcr",
            Test::Plcr => "plcr",
            Test::Ltv(_) => "ltv",
            Test::NetDebtToEbitda => "net_debt_to_ebitda",
            Test::MinimumLiquidity => "minimum_liquidity",
            Test::ContractRealization => "contract_realization",
        }
    }

    /// What stands above and below the line.
    pub fn sides(self) -> [&'static str; 2] {
        match self {
            Test::Dscr => ["CFADS", "debt service"],
            Test::Icr(IcrNumerator::Ebitda) => ["EBITDA", "interest incurred"],
            Test::Icr(IcrNumerator::Cfads) => ["CFADS", "interest and fees paid"],
            Test::Llcr => ["worth of CFADS", "debt"],
            Test::Plcr => ["worth of CFADS", "debt"],
            Test::Ltv(_) => ["debt", "collateral"],
            Test::NetDebtToEbitda => ["net debt", "EBITDA"],
            Test::MinimumLiquidity => ["cash", "required"],
            Test::ContractRealization => ["billed", "contracted"],
        }
    }

    /// Whether its threshold must not be passed from below: less is better.
    pub fn is_ceiling(self) -> bool {
        matches!(self, Test::Ltv(_) | Test::NetDebtToEbitda)
    }
}

/// In words: `quarter`, `trailing 12mo`.
impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Window::Point => f.write_str("test date"),
            Window::Trailing(1) => f.write_str("month"),
            Window::Trailing(3) => f.write_str("quarter"),
            Window::Trailing(months) => write!(f, "trailing {months}mo"),
            Window::Forward(months) => write!(f, "forward {months}mo"),
        }
    }
}
