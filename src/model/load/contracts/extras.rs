//! Terms that a contract may have beyond price, term and dates.

use super::super::parts::Pieces;
use super::super::terms::Check;
use crate::model::terms::{Consideration, Damages, Relet};
use crate::money::Amount;
use crate::spec::contract::{ContractSpec, CountsAsSpec, CountsAsWord, DamagesSpec, ReletSpec};
use crate::spec::quantity::Percent;
use crate::spec::{At, Placed};
use crate::time::Day;
use crate::unit::{ItPower, Share};

/// The first of the units, in file order, that make so much IT power or so many: whole units, so
/// the last of them may bring a little more (semantics C5).
pub fn first_units(
    spec: &ContractSpec,
    units: Vec<u32>,
    pieces: &Pieces,
    check: &mut Check<'_>,
) -> Vec<u32> {
    let power = |unit: &u32| pieces.units[*unit as usize].it_power;
    let free: ItPower = units.iter().map(power).sum();
    let short = |at: At, wanted: &str, check: &mut Check<'_>| {
        let message = format!("{wanted} is more than its halls have left to sell");
        let help = format!("they have {} units, {free}", units.len());
        check.wrong("capacity", at, &message, Some(help));
    };
    let count = match (&spec.it_power, &spec.units) {
        (Some(_), Some(count)) => {
            let message = "a contract takes either `it_power` or `units`";
            check.wrong("capacity", count.at, message, None);
            units.len()
        }
        (Some(wanted), None) => {
            let least = ItPower(wanted.value.0);
            let mut sum = ItPower::ZERO;
            let reached = units.iter().position(|unit| {
                sum += power(unit);
                sum >= least
            });
            if reached.is_none() {
                short(wanted.at, &least.to_string(), check);
            }
            reached.map_or(units.len(), |at| at + 1)
        }
        (None, Some(wanted)) => {
            if wanted.value as usize > units.len() {
                short(wanted.at, &format!("{} units", wanted.value), check);
            }
            wanted.value as usize
        }
        (None, None) => units.len(),
    };
    units.into_iter().take(count).collect()
}

/// The day from which what remains of the price counts as remaining performance obligation.
pub fn rpo_from(spec: &ContractSpec, check: &mut Check<'_>) -> Option<Day> {
    let dated = match spec.counts_as.as_ref()? {
        CountsAsSpec::Always(CountsAsWord::Rpo) => return None,
        CountsAsSpec::Always(CountsAsWord::BeyondRpo) => return Some(NEVER),
        CountsAsSpec::From(dated) => dated,
    };
    let first = dated.0.iter().find(|(_, word)| *word == CountsAsWord::Rpo);
    if let Some((day, _)) = first {
        check.ordered((spec.signed.value, "signed"), (day.value, "counts_as"), day.at);
    }
    let back = |(day, word): &&(Placed<Day>, CountsAsWord)| {
        *word == CountsAsWord::BeyondRpo && first.is_some_and(|first| day.value > first.0.value)
    };
    if let Some((day, _)) = dated.0.iter().find(back) {
        let message = "what counts as remaining performance obligation goes on doing so";
        check.wrong("counts-as", day.at, message, None);
    }
    Some(first.map_or(NEVER, |first| first.0.value))
}

/// A day that does not come.
const NEVER: Day = Day(i32::MAX);

/// Damages for delay: not more than the price.
pub fn damages(spec: &DamagesSpec, check: &mut Check<'_>) -> Option<Damages> {
    if let Some(cap) = spec.cap.as_ref().filter(|cap| cap.value.0 > Share::ONE) {
        let message = format!("damages of up to {} are more than the price", cap.value.0);
        let help = "a cap is a share of the price such as 10%; leave it out for all of the price";
        check.wrong("damages-cap", cap.at, &message, Some(help.into()));
        return None;
    }
    let cap = spec.cap.as_ref().map(|cap| check.share(Some(cap), Share::ONE));
    let grace_days = spec.after.as_ref().map_or(0, |after| check.net_days(Some(after)));
    Some(Damages { per_day: check.amount(Some(&spec.per_day))?, grace_days, cap })
}

/// Shares of full billing by month in hundredths of a per cent: rising, and up to all of it.
pub fn ramp(spec: &ContractSpec, term_months: u32, check: &mut Check<'_>) -> Vec<u32> {
    if let Some(follows) = spec.price_follows_ramp.as_ref().filter(|_| spec.ramp.is_empty()) {
        check.wrong("ramp", follows.at, "there is no `ramp` for the price to follow", None);
    }
    let Some(last) = spec.ramp.last() else { return Vec::new() };
    let help = "write the share of each month up to 100%, such as [50%, 75%, 100%]";
    let mut wrong = |at, message: &str| check.wrong("ramp", at, message, Some(help.into()));
    if last.value.0 != Share::ONE {
        wrong(last.at, &format!("the ramp never reaches 100%: it ends at {}", last.value.0));
    } else if spec.ramp.len() > term_months as usize {
        wrong(last.at, &format!("the ramp is longer than the term of {term_months} months"));
    }
    let mut before = Share::ZERO;
    for placed in &spec.ramp {
        let share = placed.value.0;
        if share < before || share > Share::ONE {
            let message = format!("a ramp rises from month to month to 100%, found {share}");
            wrong(placed.at, &message);
        } else if share.0 % HUNDREDTH_OF_A_PERCENT != 0 {
            wrong(placed.at, "a share of a ramp has two decimals at most");
        }
        before = before.max(share);
    }
    let hundredths = |placed: &Placed<Percent>| {
        (placed.value.0.0.clamp(0, Share::ONE.0) / HUNDREDTH_OF_A_PERCENT) as u32
    };
    spec.ramp.iter().map(hundredths).collect()
}

const HUNDREDTH_OF_A_PERCENT: i64 = 100_000;

/// Consideration paid to the customer: after signing, and not more than a stated price.
pub fn consideration(spec: &ContractSpec, check: &mut Check<'_>) -> Option<Consideration> {
    let paid = spec.customer_consideration.as_ref()?;
    let signed = (spec.signed.value, "signed");
    check.ordered(signed, (paid.paid_on.value, "paid_on"), paid.paid_on.at);
    let amount: Amount = check.amount(Some(&paid.amount))?;
    if let Some(total) = &spec.total
        && total.value.currency == amount.currency
        && total.value.micros < amount.micros
    {
        let message = "the customer is paid more than it pays";
        check.wrong("consideration", paid.amount.at, message, None);
    }
    Some(Consideration { amount, paid_on: paid.paid_on.value })
}

/// Re-letting after the term.
pub fn relet(spec: &ReletSpec, check: &mut Check<'_>) -> Option<Relet> {
    let price = super::price(&spec.price, check)?;
    Some(Relet { price, fill: check.share(spec.fill.as_ref(), Share::ONE) })
}
