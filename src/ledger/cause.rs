//! Why an entry was posted.

use crate::model::Site;

/// What made an entry; the numbers are indices into the site's activities, lots, units, halls,
/// contracts, operations and loans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryCause {
    /// What stood when the books opened.
    Opening,
    /// A builder's invoice for an activity.
    ActivityInvoice(u32),
    /// A vendor's invoice on order.
    LotOrdered(u32),
    /// Racks delivered.
    LotDelivered(u32),
    /// A hall became ready: its walls and plant went in service.
    HallReady(u32),
    /// A unit's racks went in service.
    UnitInService(u32),
    /// The last share of a unit's racks fell due.
    UnitAccepted(u32),
    /// A customer paid in advance.
    Prepayment(u32),
    /// A month of a contract was invoiced.
    Service(u32),
    /// A month's power was charged on to a contract's customer.
    Recharge(u32),
    /// Customers paid.
    Receipt,
    /// What was left of a prepayment went back.
    Refund(u32),
    /// A contract was signed that pays its customer something.
    ConsiderationPromised(u32),
    /// That was paid.
    ConsiderationPaid(u32),
    /// A month's power of one of the premises.
    Power(u32),
    /// A month of a running cost.
    Operation(u32),
    /// A month's straight-line rent.
    RentExpense,
    /// Rent was paid.
    RentPaid,
    /// Power was paid.
    PowerPaid,
    /// Running costs were paid.
    OperationsPaid,
    /// Interest that running costs state was paid.
    OtherInterestPaid,
    /// Builders and vendors were paid.
    CapexPaid,
    /// A loan was drawn.
    Draw(u32),
    /// Committed equity was called.
    EquityCall,
    /// Equity beyond the commitment was called because cash ran short.
    ShortfallCall,
    /// Owners paid in cash on a day that the terms state.
    EquityRaised,
    /// Owners cured a failed test of a loan.
    EquityCure(u32),
    /// A loan that closed before the books opened was taken over.
    LoanTakenOver(u32),
    /// A loan's upfront fee was paid.
    UpfrontFee(u32),
    /// Interest and fees of a loan built up.
    InterestAccrued(u32),
    /// Part of the month's interest joined construction in progress.
    InterestCapitalised,
    /// A loan's interest, fee and principal were paid.
    LoanPayment(u32),
    /// Interest was added to a loan.
    InterestAdded(u32),
    /// A loan was repaid on a day that its terms state.
    DatedRepayment(u32),
    /// A loan was repaid ahead of its schedule.
    EarlyRepayment(u32),
    /// The reserve of a loan was filled or used.
    ReserveMoved(u32),
    /// Free cash went to the owners.
    Distribution,
    /// A month's depreciation.
    Depreciation,
    /// A month's tax on income.
    Tax,
    /// A year's tax was paid.
    TaxPaid,
}

impl EntryCause {
    /// In words, with the names of the site.
    pub fn describe(self, site: &Site) -> String {
        let terms = &site.terms;
        let contract = |index: u32| &terms.contracts[index as usize].id;
        let loan = |index: u32| &terms.loans[index as usize].id;
        let lot = |index: u32| &site.lots[index as usize].id;
        let unit = |index: u32| &site.units[index as usize].id;
        match self {
            EntryCause::Opening => "opening".into(),
            EntryCause::ActivityInvoice(index) => {
                format!("invoice for {}", site.plan.activities[index as usize].id)
            }
            EntryCause::LotOrdered(index) => format!("{} ordered", lot(index)),
            EntryCause::LotDelivered(index) => format!("{} delivered", lot(index)),
            EntryCause::HallReady(index) => format!("{} ready", site.halls[index as usize].id),
            EntryCause::UnitInService(index) => format!("{} in service", unit(index)),
            EntryCause::UnitAccepted(index) => format!("{} accepted", unit(index)),
            EntryCause::Prepayment(index) => format!("prepayment of {}", contract(index)),
            EntryCause::Service(index) => format!("service to {}", contract(index)),
            EntryCause::Recharge(index) => format!("power recharged to {}", contract(index)),
            EntryCause::Receipt => "receipts from customers".into(),
            EntryCause::Refund(index) => format!("refund to {}", contract(index)),
            EntryCause::ConsiderationPromised(index) => {
                format!("consideration promised to {}", contract(index))
            }
            EntryCause::ConsiderationPaid(index) => {
                format!("consideration paid to {}", contract(index))
            }
            EntryCause::Power(index) => match &site.premises[..] {
                [_] => "power of the month".into(),
                all => format!("power of the month at {}", all[index as usize].id),
            },
            EntryCause::Operation(index) => {
                format!("{} of the month", terms.operations[index as usize].id)
            }
            EntryCause::RentExpense => "rent of the month".into(),
            EntryCause::RentPaid => "rent paid".into(),
            EntryCause::PowerPaid => "power paid".into(),
            EntryCause::OperationsPaid => "operations paid".into(),
            EntryCause::OtherInterestPaid => "other interest paid".into(),
            EntryCause::CapexPaid => "builders and vendors paid".into(),
            EntryCause::Draw(index) => format!("draw on {}", loan(index)),
            EntryCause::EquityCall => "equity call".into(),
            EntryCause::ShortfallCall => "equity call for a shortfall".into(),
            EntryCause::EquityRaised => "equity raised".into(),
            EntryCause::EquityCure(index) => format!("equity cure for {}", loan(index)),
            EntryCause::LoanTakenOver(index) => format!("{} taken over", loan(index)),
            EntryCause::UpfrontFee(index) => format!("upfront fee of {}", loan(index)),
            EntryCause::InterestAccrued(index) => format!("interest of {}", loan(index)),
            EntryCause::InterestCapitalised => "interest capitalised".into(),
            EntryCause::LoanPayment(index) => format!("payment on {}", loan(index)),
            EntryCause::InterestAdded(index) => format!("interest added to {}", loan(index)),
            EntryCause::DatedRepayment(index) => format!("repayment of {}", loan(index)),
            EntryCause::EarlyRepayment(index) => format!("early repayment of {}", loan(index)),
            EntryCause::ReserveMoved(index) => format!("reserve of {}", loan(index)),
            EntryCause::Distribution => "distribution to owners".into(),
            EntryCause::Depreciation => "depreciation of the month".into(),
            EntryCause::Tax => "tax of the month".into(),
            EntryCause::TaxPaid => "tax paid".into(),
        }
    }
}
