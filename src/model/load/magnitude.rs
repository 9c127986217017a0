//! Whether all the money of a site fits into the books.
//!
//! The books count in millionths in 64 bits: enough for any site, not for a price with nine zeros
//! too many. This bound is coarse on purpose; what passes it cannot overflow later.

use super::network::Network;
use super::parts::Pieces;
use crate::model::terms::{LoanRate, OperationBasis, Price, Shell, TermRuns, Terms};
use crate::model::{Premises, Stage};
use crate::money::{Amount, FxTable};
use crate::spec::site::SiteSpec;
use crate::spec::{At, Finding, Findings};
use crate::unit::{GridPower, ItPower, Share};

/// Two million million of the reporting currency, in millionths.
const TOTAL_MAX: i128 = 2_000_000_000_000 * MICROS;
const MICROS: i128 = 1_000_000;
const BILLION: i128 = 1_000_000_000;
/// Largest balance x yearly rate (millionths x billionths) that an accrual can hold.
const ACCRUAL_MAX: i128 = 100_000_000 * BILLION * BILLION;
/// Years by which a site may be later than its contracts and loans say.
const YEARS_LATE: i128 = 25;

/// Refuses a site whose sums could overflow, at the term that makes most of them.
pub fn check(
    spec: &SiteSpec,
    terms: &Terms,
    premises: &Premises,
    network: &Network,
    pieces: &Pieces,
    stages: &[Stage],
    findings: &mut Findings,
) {
    if findings.any_error() {
        return;
    }
    let mut bound = Bound { spec, terms, premises, parts: Vec::new() };
    bound.capital(network, pieces);
    bound.contracts(pieces);
    bound.running(pieces, stages);
    bound.loans(findings);
    let total = bound.parts.iter().fold(0_i128, |sum, part| sum.saturating_add(part.1));
    if total > TOTAL_MAX
        && let Some(&(at, _)) = bound.parts.iter().max_by_key(|part| part.1)
    {
        let message = format!(
            "this comes to more than the books can hold: {} million {} over the life of the site",
            TOTAL_MAX / MICROS / MICROS,
            terms.fx.reporting(),
        );
        findings.push(Finding::error("too-much-money", at, message));
    }
}

/// Upper bounds of what each term comes to, in millionths, with its place.
struct Bound<'s> {
    spec: &'s SiteSpec,
    terms: &'s Terms,
    premises: &'s Premises,
    parts: Vec<(At, i128)>,
}

impl Bound<'_> {
    fn add(&mut self, at: At, amount: Amount, times: i128) {
        let value = i128::from(amount.micros).saturating_mul(self.dearest(amount)) / MICROS;
        self.parts.push((at, value.saturating_mul(times)));
    }

    /// Most that one unit of a currency is ever worth, in millionths.
    fn dearest(&self, amount: Amount) -> i128 {
        let fx: &FxTable = &self.terms.fx;
        let one = Amount { micros: MICROS as i64, ..amount };
        let days = self.spec.fx.iter().flat_map(|(_, dated)| &dated.0).map(|(day, _)| day.value);
        let days = days.chain([self.terms.opens]);
        days.map(|day| i128::from(fx.convert(one, day).0)).max().unwrap_or(MICROS)
    }

    /// Years that the books run at most.
    fn years(&self) -> i128 {
        let contracts = self.terms.contracts.iter();
        let ends = contracts.map(|c| c.scheduled_start.add_months(c.term_months as i32));
        let last = ends
            .chain(self.terms.loans.iter().map(|loan| loan.maturity))
            .chain(self.terms.horizon)
            .max();
        let opens = self.terms.opens;
        YEARS_LATE + i128::from(last.map_or(0, |last| (last - opens).max(0)) / 365)
    }

    fn capital(&mut self, network: &Network, pieces: &Pieces) {
        for draft in &network.drafts {
            if let Some(cost) = &draft.cost {
                self.add(cost.amount.at, cost.amount.value, 1);
            }
        }
        for (lot, &at) in pieces.lots.iter().zip(&pieces.lot_places) {
            if let Some(price) = lot.price_per_rack {
                self.add(at, price, lot.racks.into());
            }
        }
        let opening = self.spec.opening.as_ref().and_then(|opening| opening.cash.as_ref());
        let equity = self.spec.equity.as_ref().and_then(|equity| equity.amount.as_ref());
        let raised = self.spec.equity.iter().flat_map(|equity| &equity.raised);
        let raised = raised.flat_map(|dated| &dated.0).map(|(_, amount)| amount);
        let assets = self.spec.opening.iter().flat_map(|opening| &opening.assets);
        let stated = raised.chain(assets.map(|asset| &asset.cost));
        for owned in [opening, equity].into_iter().flatten().chain(stated) {
            self.add(owned.at, owned.value, 1);
        }
    }

    fn contracts(&mut self, pieces: &Pieces) {
        for (contract, spec) in self.terms.contracts.iter().zip(&self.spec.contracts) {
            let units = || contract.units.iter().map(|&unit| &pieces.units[unit as usize]);
            let gpus: i128 = units().map(|unit| i128::from(unit.gpus)).sum();
            let watts: ItPower = units().map(|unit| unit.it_power).sum();
            let of = |price: Price, months: i128| match price {
                Price::PerGpuHour(amount) => (amount, gpus * 24 * 31 * months),
                Price::PerItKwMonth(amount) => (amount, i128::from(watts.0) / 1_000 * months),
                Price::PerItMwMonth(amount) => {
                    (amount, (i128::from(watts.0) / 1_000_000 + 1) * months)
                }
                Price::Total(amount) => {
                    (amount, months / i128::from(contract.term_months.max(1)) + 1)
                }
            };
            // A term that runs from the last start may begin at the end of the books.
            let months = i128::from(contract.term_months);
            let served = match contract.term_runs {
                TermRuns::FromLast => months + 12 * self.years(),
                _ => months,
            };
            let (amount, times) = of(contract.price, served);
            let at = spec.price.as_ref().map(|price| price.at);
            self.add(at.or(spec.total.as_ref().map(|t| t.at)).unwrap_or(spec.at), amount, times);
            if let Some(relet) = contract.relet {
                let (amount, times) = of(relet.price, 12 * self.years());
                self.add(spec.at, amount, times);
            }
            let paid = contract.consideration.map(|paid| paid.amount);
            for amount in [paid, contract.beyond_rpo].into_iter().flatten() {
                self.add(spec.at, amount, 1);
            }
        }
    }

    fn running(&mut self, pieces: &Pieces, stages: &[Stage]) {
        let it: ItPower = pieces.halls.iter().map(|hall| hall.it_power).sum();
        let (kw, mw) = (i128::from(it.0) / 1_000 + 1, i128::from(it.0) / 1_000_000 + 1);
        let years = self.years();
        let (terms, spec) = (self.terms, self.spec);
        if let Some(power) = &spec.power {
            if let (Some(energy), Some(price)) = (&power.energy, self.premises.energy.per_mwh) {
                let facility = mw.saturating_mul(power.pue.value.0.0.into()) / BILLION + 1;
                self.add(energy.at, price, facility * 8_784 * years);
            }
            if let (Some(fixed), Some(price)) =
                (&power.fixed, self.premises.energy.fixed_per_kva_month)
            {
                let grid: GridPower = stages.iter().map(|stage| stage.grid).sum();
                let factor = power.power_factor.as_ref().map_or(BILLION, |f| f.value.0.0.into());
                let kva = i128::from(grid.0) * BILLION / factor.max(1) / 1_000 + 1;
                self.add(fixed.at, price, kva.saturating_mul(12 * years));
            }
        }
        for (operation, (_, spec)) in terms.operations.iter().zip(spec.operations.iter()) {
            let quantity = match operation.basis {
                OperationBasis::SiteFrom(_) | OperationBasis::SiteFromFirstReady => 1,
                OperationBasis::PerReadyItMw | OperationBasis::PerAcceptedItMw => mw,
            };
            let grown = grown(operation.escalator, years).saturating_mul(quantity);
            let dated = operation.later.iter().map(|step| step.1);
            let dearest = dated.chain([operation.per_year]).max_by_key(|cost| cost.micros);
            self.add(spec.cost.at(), dearest.unwrap_or(operation.per_year), grown);
        }
        if let (Shell::Leased(lease), Some(shell)) = (&self.premises.shell, &spec.shell) {
            let grown = grown(lease.escalator, i128::from(lease.term_months) / 12 + 1);
            let at = shell.rent.as_ref().map_or(shell.at, |rent| rent.at);
            self.add(at, lease.per_it_kw_month, grown.saturating_mul(12 * kw));
        }
    }

    fn loans(&mut self, findings: &mut Findings) {
        let years = self.years();
        for (loan, spec) in self.terms.loans.iter().zip(&self.spec.loans) {
            let rate = match loan.rate {
                LoanRate::Fixed(rate) => rate.0,
                LoanRate::Floating { curve, margin, floor } => {
                    let steps = &self.terms.curves[curve as usize].steps;
                    let base = steps.iter().map(|step| step.1.0.saturating_abs()).max();
                    base.unwrap_or(0).max(floor.0).saturating_add(margin.0)
                }
            };
            let rate = i128::from(rate);
            self.add(spec.commitment.at, loan.commitment, 2 + (rate / BILLION + 1) * years);
            let commitment = i128::from(loan.commitment.micros);
            let dearest = self.dearest(loan.commitment);
            let accrual = (commitment.saturating_mul(dearest) / MICROS).saturating_mul(rate);
            if accrual > ACCRUAL_MAX {
                let message = "commitment times rate is more than the books can hold";
                findings.push(Finding::error("too-much-money", spec.commitment.at, message));
            }
        }
    }
}

/// Sum of a yearly amount of one over so many years that each rise by a share.
fn grown(rise: Share, years: i128) -> i128 {
    let (mut level, mut sum) = (BILLION, 0_i128);
    for _ in 0..years {
        sum = sum.saturating_add(level / BILLION + 1);
        level = level.saturating_mul(BILLION + i128::from(rise.0.max(0))) / BILLION;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yearly_amount_grows_by_its_escalator() {
        assert_eq!(grown(Share::ZERO, 10), 20, "coarse: rounded up each year");
        assert_eq!(grown(Share::ONE, 4), 2 + 3 + 5 + 9);
        assert!(grown(Share::ONE, 500) > TOTAL_MAX, "it saturates");
    }
}
