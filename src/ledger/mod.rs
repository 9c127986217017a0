//! The books: one state machine fed by events, in whole civil days and integer millionths, double
//! entry (semantics M0, M12).
//!
//! [`Books`] takes the events of a trial one by one ([`Books::on`]) and merges them with an agenda
//! of its own: month closes, invoices and their payment dates, loan dates, ends of terms. Within a
//! day the order is that of semantics T7: a month's close first (at 00:00 it ends the month
//! before), then what happened on the site, then invoices, receipts, draws, payments. [`run`] feeds
//! it a finished timeline; [`FundingGate`] feeds it inside the event loop.
//!
//! Lines that run by the day (revenue, depreciation, rent, energy, interest) are kept as sums of
//! rates, so a month costs the dates in it and not the units there are; text and journal are made
//! only when asked for.
//!
//! # Conventions
//!
//! - An invoice of a month is raised at its close, 00:00 of the first of the next month, and booked
//!   in the month that ends; it is due so many days after the close.
//! - A foreign amount is converted at the rate of the day on which it falls due (semantics M1),
//!   which is known when it is booked, so that no exchange difference arises; what racks owe on
//!   acceptance goes with their delivery. Contracts take the signing day's rate, leases that of the
//!   day they begin, loan commitments that of closing.
//! - What stood when the books open is taken over at cost on the opening day: cost paid before as
//!   owners' money (against the equity commitment), services and lives as beginning then, a
//!   prepayment received before as cash still held.
//! - A loan that closed before the books open is drawn as of the opening day. Payments run in
//!   strict order (fees, interest, principal, reserve, early repayment); what cash does not reach
//!   comes from committed equity, revolvers, the loan's reserve, then from owners who back
//!   shortfalls, else it stays in arrears. Distributions come last, once a quarter.
//! - A loan with an opening balance is taken over as debt against what owners contributed, without
//!   cash; opening assets are at cost less what their life has charged by then, against the same.
//! - A running cost without cash is the owners' contribution (pay in shares), or, in the line
//!   interest, a liability that is never paid (fees and discounts that lenders kept before).
//! - Covenants are tested at a month's close on the row just written; an equity cure is booked on
//!   the last day of that month. Tests that look ahead are made when the books are over.
//! - Without a stated horizon the books close at the end of the month of the last contract end,
//!   loan maturity, event or payment of capital cost; a contract with tranches that never start
//!   counts to a month after its scheduled end (semantics M11). What is then unpaid stays on the
//!   balance sheet.

mod account;
mod agenda;
mod assets;
mod books;
mod capital;
mod capitalised;
mod cause;
mod collateral;
mod contracts;
mod covenant;
mod dated;
mod debt;
mod depreciation;
mod foresight;
mod funding;
mod gate;
mod journal;
mod month;
mod notes;
mod places;
mod prepared;
mod rent;
mod repayment;
mod rows;
mod running;
mod service;
mod sources;
mod tax;
mod useful_life;

pub use account::{Account, AccountKind, Entry, Ledger, Line};
pub use books::{Books, BooksResult};
pub use capitalised::{Borrowings, weighted_expenditure};
pub use cause::EntryCause;
pub use collateral::{CollateralBook, CollateralPart};
pub use contracts::{ContractMonth, ContractReport, contract_report};
pub use covenant::limits_on;
pub use foresight::{Foresight, Worth};
pub use gate::{FundingGate, Unfunded};
pub use journal::{JournalProblem, journal_balances, write_journal};
pub use notes::{Happening, Note, Outcome, TestMade, limit_text, value_text};
pub use prepared::Prepared;
pub use repayment::LoanPayment;
pub use rows::{
    Flows, LoanFlows, LoanRow, PeriodRow, Stand, by_quarter, by_year, net_debt_to_ebitda,
};
pub use sources::SourcesAndUses;
pub use useful_life::{Convention, LifeChange, StraightLine, change_life};

pub use crate::money::Ratio;

use crate::model::{Site, Timeline};

/// A month of the books.
pub type MonthRow = PeriodRow;

/// The books of a finished timeline, with the dates of loans as they fall in it; the journal is
/// written only if asked for.
pub fn run(site: &Site, timeline: &Timeline, journal: bool) -> BooksResult {
    let dated = dated(site, timeline);
    Prepared::new(dated.as_ref().unwrap_or(site)).run(timeline, journal)
}

/// The site with those dates of its loans that follow the plan as they fall in a timeline
/// (semantics M8); `None` where all are stated.
pub fn dated(site: &Site, timeline: &Timeline) -> Option<Site> {
    site.terms.follows_plan().then(|| {
        let mut site = site.clone();
        site.terms.follow(&timeline.finish);
        site
    })
}

/// Sources and uses of a finished timeline, as the books find them.
pub fn sources_and_uses(site: &Site, timeline: &Timeline) -> SourcesAndUses {
    run(site, timeline, false).sources_and_uses
}
