//! Where the money of the construction period came from and where it went.

use super::Flows;
use crate::money::Money;
use crate::time::Day;

/// Sources and uses from the opening of the books to the last payment of capital cost; they close
/// (semantics M7).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourcesAndUses {
    /// Day of the last payment of capital cost; `None` if there was none.
    pub until: Option<Day>,
    /// Everything up to then.
    pub flows: Flows,
    /// Drawn by then on each loan, in file order.
    pub drawn: Vec<Money>,
    /// Cash left then.
    pub cash: Money,
    /// Invoiced or delivered and not paid when the books closed: not among the uses.
    pub unpaid: Money,
}

impl SourcesAndUses {
    /// Sources with their names; loans together, by loan in `drawn`.
    pub fn sources(&self) -> [(&'static str, Money); 9] {
        let flows = &self.flows;
        [
            ("spent before opening", flows.spent_before),
            ("opening cash", flows.opening_cash),
            ("equity", flows.equity_committed),
            ("equity raised on dates", flows.equity_raised),
            ("equity for shortfalls", flows.equity_shortfall),
            ("equity cures", flows.equity_cures),
            ("loans", flows.draws),
            ("prepayments", flows.prepayments),
            ("receipts from customers", flows.receipts),
        ]
    }

    /// Uses with their names.
    pub fn uses(&self) -> [(&'static str, Money); 16] {
        let flows = &self.flows;
        [
            ("capital cost before opening", flows.spent_before),
            ("works", flows.works_paid),
            ("racks", flows.racks_paid),
            ("upfront fees and discount", flows.upfront_fee_paid),
            ("undrawn fees", flows.fees_paid),
            ("interest", flows.interest_paid + flows.other_interest_paid),
            ("principal", flows.principal),
            ("early repayments", flows.early_repayment),
            ("debt service reserve", flows.reserved),
            ("power and operations", flows.power_paid + flows.operations_paid),
            ("rent", flows.rent_paid),
            ("tax", flows.tax_paid),
            ("prepayments refunded", flows.refunds),
            ("paid to customers", flows.consideration_paid),
            ("distributions", flows.distributions),
            ("cash left", self.cash),
        ]
    }

    /// Sum of the sources, which is the sum of the uses.
    pub fn total(&self) -> Money {
        let sources: Money = self.sources().iter().map(|source| source.1).sum();
        let uses: Money = self.uses().iter().map(|usage| usage.1).sum();
        assert!(sources == uses, "sources {sources} are not uses {uses}");
        sources
    }

    /// Equity called beyond the commitment: what the plan of finance does not cover.
    pub fn gap(&self) -> Money {
        self.flows.equity_shortfall
    }
}
