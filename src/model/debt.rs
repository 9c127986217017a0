//! Loans: the debt side of the terms.

use std::fmt;

use super::covenants::{Collateral, CollateralClock, Covenant};
use super::follow::Follow;
use crate::money::{Amount, BusinessDays, Currency, DayCount, Money, Roll};
use crate::time::Day;
use crate::unit::Share;

/// A loan (finance-mechanics 14 to 22).
#[derive(Clone, Debug)]
pub struct Loan {
    /// e.g. `ddtl`.
    pub id: String,
    /// Most that may be drawn.
    pub commitment: Amount,
    /// Share of eligible cost that may be drawn.
    pub advance: Share,
    /// Whether cost that a prepayment has paid is left out of eligible cost (semantics M7).
    pub excludes_prepaid: bool,
    /// How it is drawn.
    pub draws: DrawTerms,
    /// Sites of a portfolio whose cost it is drawn for, whose racks and contracts secure it, as
    /// indices into [`Site::premises`](super::Site::premises), ascending; all where there is none.
    pub premises: Vec<u32>,
    /// Fixed rate, or base curve plus margin.
    pub rate: LoanRate,
    /// Owed when the books open, if it closed before; it counts as drawn.
    pub opening_balance: Option<Amount>,
    /// Repayments of principal on days, beside those of the schedule.
    pub repaid: Vec<(Day, Amount)>,
    /// How interest runs.
    pub accrual: AccrualTerms,
    /// A year on the undrawn commitment, while it is available.
    pub undrawn_fee: Share,
    /// Of the commitment, paid at closing.
    pub upfront_fee: Share,
    /// Of the face, kept by the lender when the loan is drawn at closing (OID).
    pub discount: Share,
    /// Whether fee and discount are spread by the effective interest method instead of by the day.
    pub effective_fees: bool,
    /// First day of draws.
    pub close: Day,
    /// Last day of draws; what is undrawn lapses then (semantics M8).
    pub available_until: Day,
    /// Months between payment dates: 1, 3, 6 or 12.
    pub period_months: u32,
    /// First payment date where it is not the first regular one (a stated first coupon).
    pub first_payment: Option<Day>,
    /// First payment date of principal; interest is paid each period from closing on.
    pub amortises_from: Day,
    /// Last payment date.
    pub maturity: Day,
    /// How principal comes back.
    pub repayment: Repayment,
    /// Share of the debt at the first payment of principal that is left for maturity.
    pub balloon: Share,
    /// Share of the cash left after debt service that repays early (finance-mechanics 21).
    pub sweep: Share,
    /// Months of scheduled service held in reserve (finance-mechanics 22).
    pub reserve_months: u32,
    /// How the commitment was found, where the file leaves it to be sized.
    pub sized: Option<SizedLoan>,
    /// Whether lenders may turn to the parent.
    pub recourse: Option<Recourse>,
    /// Who stands behind it.
    pub guarantor: Option<String>,
    /// What is tested.
    pub covenants: Vec<Covenant>,
    /// Its dates that follow the plan, in the order in which they are set (semantics M8).
    pub follows: Vec<Follow>,
}

impl Default for Loan {
    /// A loan of nothing without interest, drawn as cost is paid and repaid in equal quarterly
    /// parts: the terms where a file states none.
    fn default() -> Loan {
        let day = Day(0);
        Loan {
            id: String::new(),
            commitment: Amount { micros: 0, currency: Currency::USD },
            advance: Share::ONE,
            excludes_prepaid: true,
            draws: DrawTerms::default(),
            premises: Vec::new(),
            rate: LoanRate::Fixed(Share::ZERO),
            opening_balance: None,
            repaid: Vec::new(),
            accrual: AccrualTerms::default(),
            undrawn_fee: Share::ZERO,
            upfront_fee: Share::ZERO,
            discount: Share::ZERO,
            effective_fees: false,
            close: day,
            available_until: day,
            period_months: 3,
            first_payment: None,
            amortises_from: day,
            maturity: day,
            repayment: Repayment::Regular(Amortisation::EqualPrincipal),
            balloon: Share::ZERO,
            sweep: Share::ZERO,
            reserve_months: 0,
            sized: None,
            recourse: None,
            guarantor: None,
            covenants: Vec::new(),
            follows: Vec::new(),
        }
    }
}

/// How a loan is drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DrawTerms {
    /// When.
    pub kind: LoanKind,
    /// For which cost.
    pub eligible: Eligible,
    /// Activities that must have finished before the first draw.
    pub conditions: Vec<u32>,
    /// Draws on days: up to and including the last of them it is drawn by these alone.
    pub dated: Vec<(Day, Amount)>,
}

impl DrawTerms {
    /// Whether a day is one up to which only dated draws are made.
    pub fn by_date_on(&self, day: Day) -> bool {
        self.dated.last().is_some_and(|last| day <= last.0)
    }
}

/// Why a loan gives nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoDraw {
    /// Before closing.
    NotClosed,
    /// Something that must have happened first has not.
    ConditionUnmet,
    /// After the availability period.
    Lapsed,
    /// A test of a covenant has failed.
    Breach,
    /// Equity goes in first and is not used up.
    EquityFirst,
    /// The commitment is drawn in full.
    CommitmentUsed,
    /// The advance on all eligible cost paid so far is drawn.
    NothingEligible,
    /// No money is needed.
    NothingNeeded,
}

impl fmt::Display for NoDraw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NoDraw::NotClosed => "the loan is not closed yet",
            NoDraw::ConditionUnmet => "a condition of the first draw is not met",
            NoDraw::Lapsed => "the availability period is over",
            NoDraw::Breach => "a covenant test has failed",
            NoDraw::EquityFirst => "equity goes in first",
            NoDraw::CommitmentUsed => "the commitment is drawn in full",
            NoDraw::NothingEligible => "the advance on eligible cost is drawn in full",
            NoDraw::NothingNeeded => "no money is needed",
        })
    }
}

/// When a loan is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoanKind {
    /// As eligible cost is paid.
    #[default]
    Ddtl,
    /// Whole at closing.
    Term,
    /// Whole at closing: notes sold to investors.
    Notes,
    /// When cash runs short, repaid on payment dates from the cash there is.
    Revolver,
    /// As racks are paid, by their vendor.
    Vendor,
}

impl LoanKind {
    /// The word in a file.
    pub fn name(self) -> &'static str {
        match self {
            LoanKind::Ddtl => "ddtl",
            LoanKind::Term => "term",
            LoanKind::Notes => "notes",
            LoanKind::Revolver => "revolver",
            LoanKind::Vendor => "vendor",
        }
    }

    /// Whether all of it is drawn at closing.
    pub fn draws_at_closing(self) -> bool {
        matches!(self, LoanKind::Term | LoanKind::Notes)
    }
}

/// Cost that a loan may be drawn for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Eligible {
    /// Works and racks.
    #[default]
    All,
    /// Works.
    Works,
    /// Racks.
    Racks,
}

/// Interest a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoanRate {
    /// All in.
    Fixed(Share),
    /// Index into [`Terms::curves`](super::terms::Terms::curves), plus margin; the base is at least
    /// `floor`.
    Floating {
        /// Index into [`Terms::curves`](super::terms::Terms::curves).
        curve: u32,
        /// Added to the base.
        margin: Share,
        /// Least base rate.
        floor: Share,
    },
}

/// How interest runs and when it is paid (finance-mechanics 15, 34).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccrualTerms {
    /// Days over which year.
    pub count: DayCount,
    /// Business days of lookback if the base rate is compounded daily; `None` if it is simple.
    pub compounded: Option<u32>,
    /// Where a payment date goes that is no business day.
    pub roll: Roll,
    /// Which days those are.
    pub calendar: BusinessDays,
    /// Whether interest runs to the date as scheduled, whatever day it is paid on.
    pub unadjusted: bool,
    /// What happens to it before principal is repaid (finance-mechanics 18).
    pub construction: ConstructionInterest,
}

impl Default for AccrualTerms {
    /// Actual days over 360, simple, on the dates as they fall, paid from cash.
    fn default() -> AccrualTerms {
        AccrualTerms {
            count: DayCount::Act360,
            compounded: None,
            roll: Roll::Unadjusted,
            calendar: BusinessDays::SOFR,
            unadjusted: false,
            construction: ConstructionInterest::Paid,
        }
    }
}

/// What happens to interest before the first payment of principal (finance-mechanics 18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConstructionInterest {
    /// Paid from cash.
    Paid,
    /// Added to the debt; it uses no commitment.
    Capitalised,
    /// Paid as a cost of the site: eligible for draws, the rest from equity.
    Funded,
}

/// How principal comes back (finance-mechanics 19).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repayment {
    /// By a plain pattern.
    Regular(Amortisation),
    /// Debt service follows the cash of the base case at this cover (finance-mechanics 20).
    Sculpted(Share),
    /// Share of the debt at the first payment of principal that may be left, by date.
    TargetBalance(Vec<(Day, Share)>),
    /// Down to the lower of what contracted cash and what collateral carry.
    GreaterOf(GreaterOfLevels),
}

/// The two levels of a greater-of repayment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GreaterOfLevels {
    /// Worth of the contracted cash ahead is at least this many times the debt.
    pub coverage: Share,
    /// Share of the depreciated price of the racks in service that may be owed.
    pub advance: Share,
    /// Months over which that price falls; `None` reads the useful life of the books.
    pub life_months: Option<u32>,
}

impl GreaterOfLevels {
    /// How it values racks: from service.
    pub fn collateral(&self) -> Collateral {
        let clock = CollateralClock::InService;
        self.life_months.map_or(Collateral::Book, |months| Collateral::Life { months, clock })
    }
}

/// A plain pattern of repayment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amortisation {
    /// Equal parts of principal on each payment date.
    EqualPrincipal,
    /// Equal payments of interest and principal, set anew on each date from the rate then in force.
    LevelPayment,
    /// All at maturity.
    Bullet,
}

/// A commitment that closes the loop of cost, fees and interest (finance-mechanics 32).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SizedLoan {
    /// Commitment less what its own uses draw when put back into them.
    pub residual: Money,
    /// Cost of works and racks that it was sized on.
    pub cost: Money,
    /// Fees and interest among the uses.
    pub financing: Money,
}

/// Whether lenders may turn to the parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recourse {
    /// To all of it.
    Full,
    /// Within limits.
    Limited,
    /// Not at all.
    None,
}

impl Recourse {
    /// The word in a file.
    pub fn name(self) -> &'static str {
        match self {
            Recourse::Full => "full",
            Recourse::Limited => "limited",
            Recourse::None => "none",
        }
    }
}

/// A base rate as steps.
#[derive(Clone, Debug)]
pub struct Curve {
    /// e.g. `sofr`.
    pub id: String,
    /// (first day in force, rate a year), ascending; the first holds before it too.
    pub steps: Vec<(Day, Share)>,
}

impl Curve {
    /// The rate in force on a day.
    pub fn on(&self, day: Day) -> Share {
        let at = self.steps.partition_point(|&(since, _)| since <= day).max(1) - 1;
        self.steps[at].1
    }
}
