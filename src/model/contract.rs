//! What customers buy and on which terms: the contract part of the checked model.

use crate::money::Amount;
use crate::time::Day;
use crate::unit::Share;

/// A customer contract (semantics M3).
#[derive(Clone, Debug)]
pub struct Contract {
    /// e.g. `openai`.
    pub id: String,
    /// Units it covers, ascending, as indices into the site's units.
    pub units: Vec<u32>,
    /// Price.
    pub price: Price,
    /// Length of the service term in months.
    pub term_months: u32,
    /// What a slip does to the end.
    pub term_runs: TermRuns,
    /// The smallest part that starts on its own.
    pub tranche: Tranche,
    /// Day it was signed.
    pub signed: Day,
    /// Day on which service was to start for all of it; service never starts before it unless
    /// `early_start`.
    pub scheduled_start: Day,
    /// Whether service may start before the scheduled day.
    pub early_start: bool,
    /// Share of the total price paid in advance.
    pub prepaid: Share,
    /// Day the advance is received.
    pub prepaid_on: Day,
    /// Days from a month's invoice (at its close) to payment.
    pub payment_days: u32,
    /// Past this day without service the customer may terminate.
    pub long_stop: Option<Day>,
    /// What it then does.
    pub on_long_stop: OnLongStop,
    /// What the books take it for.
    pub accounting: Accounting,
    /// Owed for each day of delay.
    pub damages: Option<Damages>,
    /// Shares of the full billing in the first months of service, in hundredths of a per cent,
    /// rising to all of it; empty where billing is level.
    pub ramp: Vec<u32>,
    /// Whether revenue follows the ramp of billing.
    pub price_follows_ramp: bool,
    /// Days in service after which a unit counts as accepted if the customer has not done so.
    pub deemed_days: Option<u32>,
    /// Share of billing that is expected to go back as service credits.
    pub credits: Share,
    /// Paid to the customer.
    pub consideration: Option<Consideration>,
    /// Committed by the customer outside the remaining performance obligation, such as options.
    pub beyond_rpo: Option<Amount>,
    /// Day from which what remains of its price counts as remaining performance obligation; before
    /// it, as backlog beyond that. From the signing on where there is none.
    pub rpo_from: Option<Day>,
    /// What its units earn once their service has ended.
    pub relet: Option<Relet>,
}

/// Price of a contract; all of it is take-or-pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Price {
    /// For each GPU and hour of the term.
    PerGpuHour(Amount),
    /// For each kW of IT load and month of the term.
    PerItKwMonth(Amount),
    /// For each MW of IT load and month of the term.
    PerItMwMonth(Amount),
    /// For everything, over the whole term; shared among units by their GPUs.
    Total(Amount),
}

/// What a slip does to the end of a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TermRuns {
    /// Each tranche has its full term from its own start; its total price is kept.
    PerTranche,
    /// All end a term after the first start; each day that a tranche starts later loses a day's
    /// price.
    FromFirst,
    /// All end a term after the last start; each day that a tranche starts earlier wins a day's
    /// price.
    FromLast,
    /// The end stays where it was scheduled; each day of slip loses a day's price.
    FixedEnd,
}

/// The smallest part of a contract that starts on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tranche {
    /// Each unit when it is accepted.
    Unit,
    /// So many units, in file order, when the last of them is accepted.
    Units(u32),
    /// Each hall when its last covered unit is accepted.
    Hall,
}

/// What the customer does past the long-stop day (finance-mechanics 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnLongStop {
    /// It waits on.
    Keep,
    /// It ends every tranche that is not in service and takes back what it prepaid for them.
    Terminate,
}

/// What the books take a contract for (finance-mechanics 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accounting {
    /// A service: what is still to perform is a remaining performance obligation.
    Service,
    /// An operating lease: the same revenue, no such obligation.
    OperatingLease,
}

/// Damages for delay (finance-mechanics 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damages {
    /// For each day that all of it is late; a tranche owes its share by price.
    pub per_day: Amount,
    /// Days after the scheduled start that cost nothing.
    pub grace_days: u32,
    /// Most of it, as a share of the price.
    pub cap: Option<Share>,
}

/// Consideration paid to a customer (ASC 606-10-32-25).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consideration {
    /// How much.
    pub amount: Amount,
    /// When.
    pub paid_on: Day,
}

/// Open-ended letting of units whose contract has run out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relet {
    /// Price of what is let; never a total.
    pub price: Price,
    /// Share of the units that is let.
    pub fill: Share,
}
