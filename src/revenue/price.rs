//! What was sold for how much, fixed at signing.

use crate::model::Site;
use crate::model::terms::{Contract, Price, Tranche};
use crate::money::{Amount, Meter, Money};
use crate::unit::{ItPower, mul_div};

/// One part of a contract that starts on its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrancheTerms {
    /// Units it covers.
    pub units: u32,
    /// GPUs in them.
    pub gpus: u64,
    /// Their IT load.
    pub it_power: ItPower,
    /// Its price over the whole scheduled term, in the reporting currency.
    pub total: Money,
}

/// The tranches of a contract in the order of their units, each with its total price.
///
/// Per GPU-hour: price x GPUs x 24 x days of the scheduled term. Per IT kW-month or MW-month:
/// price x kW or MW x months. A total is shared by GPUs (finance-mechanics 3), the last unit taking
/// what rounding leaves. Converted at the rate of the signing day: from then on the contract is one
/// amount of the reporting currency, billed and paid at that rate.
pub fn tranches(site: &Site, contract: &Contract) -> Vec<TrancheTerms> {
    let mut parts: Vec<(u32, TrancheTerms)> = Vec::new();
    for &index in &contract.units {
        let unit = &site.units[index as usize];
        let same_part = parts.last_mut().filter(|(hall, part)| match contract.tranche {
            Tranche::Unit => false,
            Tranche::Units(units) => part.units < units,
            Tranche::Hall => *hall == unit.hall,
        });
        let part = match same_part {
            Some((_, part)) => part,
            None => {
                let part =
                    TrancheTerms { units: 0, gpus: 0, it_power: ItPower::ZERO, total: Money::ZERO };
                parts.push((unit.hall, part));
                &mut parts.last_mut().expect("just pushed").1
            }
        };
        part.units += 1;
        part.gpus += u64::from(unit.gpus);
        part.it_power += unit.it_power;
    }
    let mut parts: Vec<TrancheTerms> = parts.into_iter().map(|(_, part)| part).collect();
    set_totals(site, contract, &mut parts);
    parts
}

fn set_totals(site: &Site, contract: &Contract, parts: &mut [TrancheTerms]) {
    let end = contract.scheduled_start.add_months(contract.term_months as i32);
    let days = i128::from(end - contract.scheduled_start);
    let months = i128::from(contract.term_months);
    let fix = |native: i64, price: Amount| {
        let amount = Amount { micros: native, currency: price.currency };
        site.terms.fx.convert(amount, contract.signed)
    };
    let mut gpus_left: i128 = parts.iter().map(|part| i128::from(part.gpus)).sum();
    let mut left = match contract.price {
        Price::Total(price) => fix(price.micros, price),
        _ => Money::ZERO,
    };
    let last = parts.len().saturating_sub(1);
    for (at, part) in parts.iter_mut().enumerate() {
        let gpus = i128::from(part.gpus);
        part.total = match contract.price {
            Price::PerGpuHour(price) => fix(mul_div(price.micros, gpus * 24 * days, 1), price),
            Price::PerItKwMonth(price) => {
                fix(mul_div(price.micros, i128::from(part.it_power.0) * months, 1_000), price)
            }
            Price::PerItMwMonth(price) => {
                fix(mul_div(price.micros, i128::from(part.it_power.0) * months, 1_000_000), price)
            }
            Price::Total(_) if at == last => left,
            Price::Total(_) => left.scaled(gpus, gpus_left.max(1)),
        };
        gpus_left -= gpus;
        left -= part.total;
    }
}

/// What each tranche earns a day once its units are let again, as [`Meter`] keeps rates; a month is
/// a twelfth of 365 days. Empty where nothing is let again.
pub(super) fn relet_rates(site: &Site, contract: &Contract, parts: &[TrancheTerms]) -> Vec<i128> {
    let Some(relet) = contract.relet else { return Vec::new() };
    let fix = |price: Amount| site.terms.fx.convert(price, contract.signed).share(relet.fill);
    let monthly = |price: Amount, load: ItPower, watts: i128| {
        Meter::rate_of(i128::from(fix(price).0) * i128::from(load.0) * 12, watts * 365)
    };
    let rate = |part: &TrancheTerms| match relet.price {
        Price::PerGpuHour(price) => {
            Meter::rate_of(i128::from(fix(price).0) * i128::from(part.gpus) * 24, 1)
        }
        Price::PerItKwMonth(price) => monthly(price, part.it_power, 1_000),
        Price::PerItMwMonth(price) => monthly(price, part.it_power, 1_000_000),
        Price::Total(_) => 0,
    };
    parts.iter().map(rate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::div_half_even;

    #[test]
    fn gpu_hours_of_a_term_are_exact_at_this_scale() {
        // 2.45 x 119,808 GPUs x 24 h x 1,826 days, the size of a whole campus.
        let gpu_hours = 119_808_i128 * 24 * 1_826;
        let total = mul_div(2_450_000, gpu_hours, 1);
        assert_eq!(i128::from(total), 2_450_000 * gpu_hours);
        assert_eq!(div_half_even(i128::from(total), 1_000_000), 12_863_641_190);
    }
}
