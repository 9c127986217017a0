//! What things cost and earn: the money side of the checked model.
//!
//! Amounts stay in the currency that the file states and are converted at the cash date through
//! [`Terms::fx`] (semantics M1). Dates are civil days.

pub use super::contract::{
    Accounting, Consideration, Contract, Damages, OnLongStop, Price, Relet, TermRuns, Tranche,
};
pub use super::debt::*;
use crate::money::{Amount, FxTable, Money};
use crate::time::{Day, Minute};
use crate::unit::Share;

/// Every term of one site.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Reporting currency and exchange rates.
    pub fx: FxTable,
    /// First day the books run; they open at its start.
    pub opens: Day,
    /// The books close at the start of this day (semantics M11). `None`: derived after the
    /// construction is known, the later of the last contract end and the last loan maturity.
    pub horizon: Option<Day>,
    /// Cash at opening, paid in as equity.
    pub opening_cash: Option<Amount>,
    /// What is in service when the books open.
    pub opening_assets: Vec<OpeningAsset>,
    /// Capital cost of activities.
    pub costs: Vec<ActivityCost>,
    /// Payment terms of racks by platform (same index as the platforms).
    pub rack_pay: Vec<RackPay>,
    /// Useful lives by class of asset.
    pub lives: Lives,
    /// Running costs other than power and rent.
    pub operations: Vec<Operation>,
    /// Customer contracts in file order.
    pub contracts: Vec<Contract>,
    /// Owners' money.
    pub equity: Equity,
    /// Cash that owners pay in on days, beside what they have committed.
    pub raised: Vec<(Day, Amount)>,
    /// Share of the contractual interest that is capitalised, by the first of the months from
    /// which it holds; before the first the rule goes by what is in progress.
    pub capitalised_share: Vec<(Day, Share)>,
    /// Loans in file order: the order in which they are drawn.
    pub loans: Vec<Loan>,
    /// Base rates by name.
    pub curves: Vec<Curve>,
    /// Cash for debt service by month that lenders lent on, with the last day of each: what
    /// sculpted loans are repaid by. Empty where no loan asks for it.
    pub base_case: Vec<(Day, Money)>,
    /// Value of racks as a share of their cost, by name.
    pub values: Vec<Curve>,
    /// Tax on income, if it is modelled.
    pub tax: Option<Tax>,
    /// Cost a year of racks that wait in a store, as a share of their price; not booked.
    pub carrying_cost: Option<Share>,
    /// Activities that wait until a loan can be drawn (semantics M0), by activity.
    pub gates: Vec<Gate>,
}

impl Terms {
    /// Whether a date of a loan follows the plan.
    pub fn follows_plan(&self) -> bool {
        self.loans.iter().any(|loan| !loan.follows.is_empty())
    }

    /// Sets the dates of loans that follow the plan by when its activities finish.
    pub fn follow(&mut self, finish: &[Minute]) {
        self.loans.iter_mut().for_each(|loan| loan.follow(finish));
    }
}

/// An activity that does not begin before the loan that funds it can be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gate {
    /// Index of the activity.
    pub activity: u32,
    /// Index of the loan.
    pub loan: u32,
}

/// Current tax on the site's own income, by calendar year; nothing is deferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tax {
    /// Of taxable income.
    pub rate: Share,
    /// Whether losses reduce the taxable income of later years.
    pub carries_losses: bool,
    /// Days from the end of the year to payment.
    pub net_days: u32,
}

/// Classes of asset, each with its own useful life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AssetClass {
    /// Walls, roof, civil works.
    Building,
    /// Substation, generators, chillers, switchgear.
    Plant,
    /// What a tenant puts into a leased shell.
    FitOut,
    /// Racks, network, storage.
    Technology,
}

impl AssetClass {
    /// All, in balance-sheet order.
    pub const ALL: [AssetClass; 4] =
        [AssetClass::Building, AssetClass::Plant, AssetClass::FitOut, AssetClass::Technology];
}

/// Which days or months of its life an asset is charged for (finance-mechanics 11; ASC
/// 360-10-35-4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Convention {
    /// By the day, the day in service included.
    #[default]
    Daily,
    /// Half a month in the month of service, the other half at the end of the life.
    HalfMonth,
    /// Whole months, beginning with the month after.
    FullMonthNext,
}

/// A changed estimate of a useful life (finance-mechanics 12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewLife {
    /// From this day on; the first of a month where the convention goes by the month.
    pub on: Day,
    /// Life from service on, in months.
    pub months: u32,
}

/// Useful lives by class, straight line; lists in the order of [`AssetClass::ALL`].
#[derive(Clone, Debug, Default)]
pub struct Lives {
    /// Months by [`AssetClass`].
    pub months: [u32; 4],
    /// How the first month is charged.
    pub conventions: [Convention; 4],
    /// Later estimates, by day.
    pub changes: [Vec<NewLife>; 4],
}

/// Capital cost of one activity and when it is paid.
#[derive(Clone, Debug)]
pub struct ActivityCost {
    /// Index of the activity.
    pub activity: u32,
    /// Whole cost.
    pub amount: Amount,
    /// What it buys.
    pub class: AssetClass,
    /// Share invoiced at the actual start.
    pub at_start: Share,
    /// Share invoiced evenly by the day between start and finish, at each month's close.
    pub progress: Share,
    /// Share invoiced at the finish; the three shares sum to one.
    pub at_finish: Share,
    /// Days from invoice to payment.
    pub net_days: u32,
}

/// When racks are paid (semantics M5); the three shares sum to one.
#[derive(Clone, Copy, Debug)]
pub struct RackPay {
    /// Share invoiced when the lot is ordered (at the books' opening if that was before).
    pub order: Share,
    /// Share invoiced when the lot is delivered: the whole price is incurred then.
    pub delivery: Share,
    /// Share invoiced unit by unit as units are accepted.
    pub acceptance: Share,
    /// Days from invoice to payment.
    pub net_days: u32,
}

/// Price of energy and of the grid connection (semantics M4).
#[derive(Clone, Copy, Debug)]
pub struct Energy {
    /// Per MWh of facility energy.
    pub per_mwh: Option<Amount>,
    /// Per kVA of energised capacity and month, from energisation.
    pub fixed_per_kva_month: Option<Amount>,
    /// Average load of racked units, as a share of their rated IT power (burn-in included).
    pub load: Share,
    /// Share of energy and fixed charges that the customers refund.
    pub pass_through: Share,
    /// Days from the month's close to payment.
    pub net_days: u32,
}

/// Who owns the walls; never both for the same walls (semantics M4).
#[derive(Clone, Copy, Debug)]
pub enum Shell {
    /// Its cost is capitalised through activity costs.
    Owned,
    /// Rented hall by hall.
    Leased(Lease),
}

/// Rent of a powered shell.
#[derive(Clone, Copy, Debug)]
pub struct Lease {
    /// Per kW of the hall's IT power and month, in the first year.
    pub per_it_kw_month: Amount,
    /// When the rent of a hall begins.
    pub from: LeaseStart,
    /// Months at the beginning without rent (each hall's own clock).
    pub rent_free_months: u32,
    /// Rise at each anniversary.
    pub escalator: Share,
    /// Term in months from the beginning.
    pub term_months: u32,
}

/// When a lease begins to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseStart {
    /// Each hall at its own RFS (semantics C3).
    Ready,
    /// All halls on this day.
    Possession(Day),
}

/// A running cost, expensed by the day and paid at each month's close plus `net_days`.
#[derive(Clone, Debug)]
pub struct Operation {
    /// What it is, e.g. `staff`.
    pub id: String,
    /// Money in a year of 365 days, for the basis below, when the books open.
    pub per_year: Amount,
    /// What it is from later days on, in the same currency, ascending.
    pub later: Vec<(Day, Amount)>,
    /// Where the income statement shows it.
    pub line: CostLine,
    /// Whether no money moves.
    pub noncash: bool,
    /// What it is multiplied by.
    pub basis: OperationBasis,
    /// The premises whose halls and units count; all where it is not given.
    pub premises: Option<u32>,
    /// Rise at each anniversary of the books' opening.
    pub escalator: Share,
    /// Days from the month's close to payment.
    pub net_days: u32,
}

/// A line of the income statement that a running cost is shown in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CostLine {
    /// With energy, rent and the depreciation of walls, plant and fit-out.
    #[default]
    CostOfRevenue,
    /// With the depreciation of racks.
    Technology,
    /// Sales, marketing, administration.
    Overhead,
    /// Below operating income.
    Interest,
}

/// Something that is in service when the books open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpeningAsset {
    /// What it is.
    pub class: AssetClass,
    /// What it cost.
    pub cost: Amount,
    /// When it went in service, before the opening.
    pub in_service: Day,
}

/// What a running cost scales with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationBasis {
    /// Once for the site, from this day on.
    SiteFrom(Day),
    /// Once for the site, from the first hall's RFS on.
    SiteFromFirstReady,
    /// Per MW of IT power of the halls that are ready.
    PerReadyItMw,
    /// Per MW of accepted IT load.
    PerAcceptedItMw,
}

/// Owners' money (semantics M7).
#[derive(Clone, Copy, Debug)]
pub struct Equity {
    /// Committed; more is called, and shown, when cash runs short (semantics M0).
    pub amount: Option<Amount>,
    /// Whether it goes in before the loans or beside them.
    pub funding: Funding,
    /// Whether owners pay what is short beyond the commitment; otherwise it stays unpaid and a
    /// lender is in default (semantics M0, M9).
    pub backs_shortfalls: bool,
    /// Cash that stays on hand; what is free above it goes to the owners at the start of each
    /// quarter once construction is paid and drawn, unless a loan is in arrears or in lock-up.
    /// Nothing is distributed without it.
    pub keeps: Option<Amount>,
}

/// Order of equity and loans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Funding {
    /// Loans pay their advance rate of each cost, equity the rest.
    ProRata,
    /// Equity is used up before the first draw.
    EquityFirst,
}
