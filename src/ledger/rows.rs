//! The books by month, quarter and year, as plain numbers.

use std::ops::{AddAssign, Sub};

use super::Ratio;
use crate::loan::{CoverPeriod, cover};
use crate::money::Money;
use crate::time::Day;
use crate::unit::Share;

macro_rules! money_table {
    ($(#[$top:meta])* $table:ident { $($(#[$doc:meta])* $name:ident,)* }) => {
        $(#[$top])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $table {
            $($(#[$doc])* pub $name: Money,)*
        }

        impl $table {
            /// Every number with its name, in order.
            pub fn each(&self) -> Vec<(&'static str, Money)> {
                vec![$((stringify!($name), self.$name),)*]
            }
        }

        impl AddAssign for $table {
            #[inline]
            fn add_assign(&mut self, other: $table) {
                $(self.$name += other.$name;)*
            }
        }

        impl Sub for $table {
            type Output = $table;
            fn sub(self, other: $table) -> $table {
                $table { $($name: self.$name - other.$name,)* }
            }
        }
    };
}

money_table! {
    /// What happened in a period: sums that add up over periods.
    Flows {
        /// Service revenue recognised.
        revenue,
        /// Power charged on to customers.
        recharge,
        /// Energy bought.
        energy,
        /// Fixed charge for the grid connection.
        grid_charge,
        /// Running costs other than power and rent.
        operations,
        /// Rent, straight-line.
        rent,
        /// Depreciation.
        depreciation,
        /// Cost of debt that built up: interest, undrawn fee, amortised upfront fee.
        interest_incurred,
        /// Of it, the undrawn fee.
        undrawn_fee,
        /// Of it, the amortised upfront fee.
        upfront_fee_amortised,
        /// Of it, joined to construction in progress.
        interest_capitalised,
        /// Of it, expensed.
        interest_expensed,
        /// Interest paid.
        interest_paid,
        /// Undrawn fee paid.
        fees_paid,
        /// Upfront fee paid and discount kept: a use at closing, no debt service.
        upfront_fee_paid,
        /// Scheduled principal repaid.
        principal,
        /// Repaid ahead of the schedule: sweeps, revolvers.
        early_repayment,
        /// Debt service that fell due and was not paid, less what was paid late.
        arrears,
        /// Interest added to the debt in place of being paid.
        interest_added,
        /// Paid into the debt service reserve, less what came out of it.
        reserved,
        /// Drawn on loans.
        draws,
        /// Cash on hand when the books opened, owners' money.
        opening_cash,
        /// Committed equity called in cash.
        equity_committed,
        /// Equity called beyond the commitment because cash ran short.
        equity_shortfall,
        /// Capital cost paid before the books opened, taken over as owners' money; no cash of ours.
        spent_before,
        /// Distributed to the owners.
        distributions,
        /// Prepayments received.
        prepayments,
        /// Prepayments given back.
        refunds,
        /// Invoices paid by customers.
        receipts,
        /// Capital cost incurred before the books opened.
        capex_before,
        /// Capital cost incurred: work invoiced, racks delivered.
        capex_incurred,
        /// Builders paid.
        works_paid,
        /// Rack vendors paid.
        racks_paid,
        /// Power paid.
        power_paid,
        /// Running costs paid.
        operations_paid,
        /// Rent paid.
        rent_paid,
        /// Moved from construction in progress to service.
        placed_in_service,
        /// Contracts signed, at their whole price.
        rpo_signed,
        /// Price lost to slips against a fixed end (negative: won by an early start).
        rpo_lost,
        /// Service invoiced to customers, less prepayments used up; power is not in it.
        billed,
        /// What was to be invoiced by the schedules of signing, as `billed`.
        contracted,
        /// Price lost to damages for delay.
        rpo_damages,
        /// Price of tranches that customers terminated.
        rpo_terminated,
        /// Of revenue, outside the remaining performance obligation: leases and re-letting.
        outside_rpo,
        /// Paid to customers as consideration.
        consideration_paid,
        /// Equity that cured failed tests.
        equity_cures,
        /// Tax on income.
        tax,
        /// Tax paid.
        tax_paid,
        /// Of running costs, in the line technology and infrastructure.
        operations_technology,
        /// Of running costs, in the line sales and overhead.
        operations_overhead,
        /// Of running costs, without cash: pay in shares.
        stock_compensation,
        /// Of depreciation, that of racks, network and storage.
        depreciation_technology,
        /// Of interest incurred and expensed, what running costs state.
        other_interest,
        /// Of that, without cash.
        other_interest_noncash,
        /// Of that, paid.
        other_interest_paid,
        /// Cash that owners paid in on stated days.
        equity_raised,
        /// Of draws and of racks paid, what a vendor's loan paid without cash.
        vendor_financed,
    }
}

money_table! {
    /// What happened to one loan in a period.
    LoanFlows {
        /// Drawn.
        draws,
        /// Interest added to the debt.
        interest_added,
        /// Scheduled principal repaid.
        principal,
        /// Repaid ahead of the schedule.
        early_repayment,
        /// Interest that built up.
        interest,
        /// Undrawn fee that built up.
        undrawn_fee,
        /// Fee and discount that became a cost.
        fees_amortised,
        /// Interest paid.
        interest_paid,
        /// Undrawn fee paid.
        fees_paid,
        /// Paid into the reserve, less what came out of it.
        reserved,
        /// Owed when the books opened.
        taken_over,
    }
}

/// One loan in one month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoanRow {
    /// What happened.
    pub flows: LoanFlows,
    /// Owed at the end.
    pub outstanding: Money,
    /// What may still be drawn at the end.
    pub undrawn: Money,
    /// In reserve at the end.
    pub reserve: Money,
    /// Rate a year in force at the end.
    pub rate: Share,
}

money_table! {
    /// What stands at the end of a period.
    Stand {
        /// Money in the bank, free of reserves.
        cash,
        /// Debt service reserve.
        reserve,
        /// Owed by customers.
        receivables,
        /// Invoiced by vendors ahead of delivery.
        vendor_deposits,
        /// Construction in progress.
        cip,
        /// In service, at cost.
        in_service_cost,
        /// In service, less depreciation.
        in_service_net,
        /// Upfront fees not amortised.
        loan_fees,
        /// Owed to builders and vendors, invoiced or not.
        capex_payables,
        /// Owed for power and operations.
        operating_payables,
        /// Interest and undrawn fee not yet paid.
        interest_payable,
        /// Tax not yet paid.
        tax_payable,
        /// Prepayments not used up.
        contract_liability,
        /// Rent expensed ahead of payment.
        deferred_rent,
        /// Debt.
        debt,
        /// Paid in by owners, less what was distributed to them.
        contributed,
        /// Earned so far.
        earnings,
        /// Remaining performance obligation, of contracts that count as such.
        rpo,
        /// Earned and not yet invoiced.
        contract_asset,
        /// Paid to customers, or promised, and not yet set against revenue.
        customer_consideration,
        /// Promised to customers and not yet paid.
        consideration_payable,
        /// Cost of finance charged without cash.
        financing_cost,
        /// Committed by customers beyond the remaining performance obligation.
        beyond_rpo,
    }
}

impl Flows {
    /// Revenue, recharges included, less power, operations and rent.
    pub fn ebitda(&self) -> Money {
        self.revenue + self.recharge - self.energy - self.grid_charge - self.operations - self.rent
    }

    /// Energy, grid charge, rent, the running costs that belong to it, and the depreciation of
    /// walls, plant and fit-out.
    pub fn cost_of_revenue(&self) -> Money {
        self.energy
            + self.grid_charge
            + self.rent
            + self.operations_of_revenue()
            + (self.depreciation - self.depreciation_technology)
    }

    /// Running costs in the cost of revenue.
    pub fn operations_of_revenue(&self) -> Money {
        self.operations - self.operations_technology - self.operations_overhead
    }

    /// Running costs of that line, and the depreciation of racks, network and storage.
    pub fn technology_and_infrastructure(&self) -> Money {
        self.operations_technology + self.depreciation_technology
    }

    /// Sales, marketing, administration.
    pub fn sales_and_overhead(&self) -> Money {
        self.operations_overhead
    }

    /// EBITDA before running costs that move no cash: pay in shares.
    pub fn adjusted_ebitda(&self) -> Money {
        self.ebitda() + self.stock_compensation
    }

    /// Revenue, recharges included, less cost of revenue, technology and infrastructure, sales and
    /// overhead: EBITDA less depreciation.
    pub fn operating_income(&self) -> Money {
        self.ebitda() - self.depreciation
    }

    /// Operating income less interest expensed and tax.
    pub fn net_income(&self) -> Money {
        self.operating_income() - self.interest_expensed - self.tax
    }

    /// Cash flow available for debt service: receipts less power, operations, rent and
    /// tax paid (finance-mechanics 23; a prepayment is a source, not CFADS: semantics M7).
    pub fn cfads(&self) -> Money {
        self.receipts - self.power_paid - self.operations_paid - self.rent_paid - self.tax_paid
    }

    /// Interest, scheduled principal and undrawn fees that fell due to be paid (finance-mechanics
    /// 24).
    pub fn debt_service(&self) -> Money {
        self.debt_service_paid() + self.arrears
    }

    /// What of it was paid.
    pub fn debt_service_paid(&self) -> Money {
        self.interest_paid + self.other_interest_paid + self.principal + self.fees_paid
    }

    /// Capital cost paid in cash.
    pub fn capex_paid(&self) -> Money {
        self.works_paid + self.racks_paid
    }

    /// All equity paid in as cash.
    pub fn equity(&self) -> Money {
        self.opening_cash
            + self.equity_raised
            + self.equity_committed
            + self.equity_shortfall
            + self.equity_cures
    }

    /// What a cover test reads: cash, and the debt service that fell due.
    pub fn cover_period(&self) -> CoverPeriod {
        CoverPeriod {
            cfads: self.cfads(),
            interest: self.interest_paid + self.other_interest_paid,
            principal: self.principal + self.fees_paid + self.arrears,
        }
    }

    /// Prepayments given back, and consideration paid to customers.
    pub fn paid_to_customers(&self) -> Money {
        self.refunds + self.consideration_paid
    }

    /// CFADS over debt service of the same period.
    pub fn dscr(&self) -> Ratio {
        cover(&[self.cover_period()])
    }

    /// EBITDA over interest incurred (finance-mechanics 25: the numerator is EBITDA).
    pub fn icr(&self) -> Ratio {
        Ratio::new(self.ebitda(), self.interest_incurred)
    }

    /// Contract realization: service billed over what the schedules of signing project for the
    /// period (finance-mechanics 29; a schedule is not dated anew by a slip, semantics M10).
    pub fn realization(&self) -> Ratio {
        Ratio::new(self.billed, self.contracted)
    }

    /// Cash that came in less cash that went out.
    pub fn cash_change(&self) -> Money {
        self.equity() + self.draws + self.prepayments + self.receipts
            - self.capex_paid()
            - (self.power_paid + self.operations_paid + self.rent_paid + self.tax_paid)
            - (self.debt_service_paid() + self.early_repayment + self.reserved)
            - self.distributions
            - (self.upfront_fee_paid + self.paid_to_customers())
    }

    /// Cash before all financing and tax: what a project earns whoever pays for it.
    pub fn unlevered_cash(&self) -> Money {
        self.cfads() + self.tax_paid + self.prepayments
            - self.paid_to_customers()
            - self.capex_paid()
    }
}

impl Stand {
    /// Remaining performance obligation and all else that customers have committed.
    pub fn backlog(&self) -> Money {
        self.rpo + self.beyond_rpo
    }
}

/// One period of the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeriodRow {
    /// First day.
    pub from: Day,
    /// First day after it.
    pub until: Day,
    /// What happened.
    pub flows: Flows,
    /// What stands at its end.
    pub stand: Stand,
}

/// Net debt over EBITDA of a run of periods: what is owed at its end less the cash held, over what
/// the run earned (finance-mechanics 28). Twelve months give the trailing figure; undefined without
/// earnings.
pub fn net_debt_to_ebitda(window: &[PeriodRow]) -> Ratio {
    let ebitda = window.iter().map(|row| row.flows.ebitda()).sum();
    let net = window.last().map_or(Money::ZERO, |row| row.stand.debt - row.stand.cash);
    Ratio::new(net, ebitda)
}

/// Months summed to calendar quarters: flows add up, stands are those of the last month, so every
/// ratio is a ratio of sums. A first or last quarter may be short.
pub fn by_quarter(months: &[PeriodRow]) -> Vec<PeriodRow> {
    group(months, |day| (day.date().year(), (day.date().month() - 1) / 3))
}

/// Months summed to calendar years, as [`by_quarter`].
pub fn by_year(months: &[PeriodRow]) -> Vec<PeriodRow> {
    group(months, |day| (day.date().year(), 0))
}

fn group(months: &[PeriodRow], key: impl Fn(Day) -> (i16, i8)) -> Vec<PeriodRow> {
    let mut rows: Vec<PeriodRow> = Vec::new();
    for month in months {
        match rows.last_mut().filter(|row| key(row.from) == key(month.from)) {
            Some(row) => {
                row.flows += month.flows;
                (row.until, row.stand) = (month.until, month.stand);
            }
            None => rows.push(*month),
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leverage_is_of_the_debt_at_the_end_and_the_earnings_of_the_whole_run() {
        let month = |revenue, debt, cash| PeriodRow {
            from: Day(0),
            until: Day(1),
            flows: Flows { revenue: Money(revenue), ..Flows::default() },
            stand: Stand { debt: Money(debt), cash: Money(cash), ..Stand::default() },
        };
        let months = [month(10, 99, 0), month(30, 120, 20)];
        assert_eq!(net_debt_to_ebitda(&months).value(), Some(2.5));
        assert_eq!(net_debt_to_ebitda(&months[..0]), Ratio::Undefined);
    }
}
