//! Customer contracts: which units they cover, what they pay, until when.

mod extras;

use std::collections::BTreeMap;

use super::parts::Pieces;
use super::terms::Check;
use crate::model::terms::{Accounting, Contract, OnLongStop, Price, TermRuns, Tranche};
use crate::spec::contract::{AccountingWord, ContractSpec, LongStopWord, TermWord, TrancheSize};
use crate::spec::pattern::matches_pattern;
use crate::spec::quantity::{Per, Rate};
use crate::spec::site::SiteSpec;
use crate::spec::{Finding, Placed};
use crate::unit::Share;

/// Days from invoice to payment where a contract gives none.
const PAYMENT_DAYS: u32 = 30;

/// Checks every contract; a unit belongs to one at most.
pub fn build(spec: &SiteSpec, pieces: &Pieces, check: &mut Check<'_>) -> Vec<Contract> {
    let mut taken = BTreeMap::<u32, &str>::new();
    let mut contracts = Vec::new();
    for contract in &spec.contracts {
        let units = covered(contract, pieces, &taken, check);
        let id = contract.id.as_ref().unwrap_or(&contract.customer);
        for unit in &units {
            if let Some(other) = taken.insert(*unit, &id.value) {
                let unit = &pieces.units[*unit as usize].id;
                let message = format!("`{unit}` is already sold to `{other}`");
                check.wrong("sold-twice", contract.at, &message, None);
                break;
            }
        }
        if let Some(relet) = contract.relet.as_ref().filter(|_| spec.horizon.is_none()) {
            let message = "without a `horizon` the books close when the last contract ends";
            let finding = Finding::warning("relet-unseen", relet.at, message);
            let help = "add `horizon: 2036-12-31` to see what re-letting earns";
            check.findings.push(finding.help(help));
        }
        contracts.extend(lower(contract, id.value.clone(), units, check));
    }
    contracts
}

fn lower(
    spec: &ContractSpec,
    id: String,
    units: Vec<u32>,
    check: &mut Check<'_>,
) -> Option<Contract> {
    let price = match (&spec.price, &spec.total) {
        (Some(rate), None) => price(rate, check)?,
        (None, Some(total)) => Price::Total(check.amount(Some(total))?),
        _ => {
            let message = "a contract has either a `price` or a `total`";
            check.wrong("contract-price", spec.at, message, None);
            return None;
        }
    };
    if let Some(take_or_pay) = spec.take_or_pay.as_ref().filter(|placed| !placed.value) {
        let help = "revenue of a contract does not depend on use; drop the key or write true";
        check.wrong("take-or-pay", take_or_pay.at, "only take-or-pay is known", Some(help.into()));
    }
    let (signed, start) = (&spec.signed, &spec.scheduled_start);
    check.ordered((signed.value, "signed"), (start.value, "scheduled_start"), start.at);
    if let Some(stop) = &spec.long_stop {
        let stop = &stop.date;
        check.ordered((start.value, "scheduled_start"), (stop.value, "long_stop"), stop.at);
    }
    let prepaid_on = spec.prepaid_on.as_ref().unwrap_or(signed);
    check.ordered((signed.value, "signed"), (prepaid_on.value, "prepaid_on"), prepaid_on.at);
    let term_months = check.months(&spec.term);
    Some(Contract {
        id,
        units,
        price,
        term_months,
        term_runs: term_runs(spec.term_runs),
        tranche: match spec.tranche {
            Some(TrancheSize::Hall) => Tranche::Hall,
            Some(TrancheSize::Units(units @ 2..)) => Tranche::Units(units),
            Some(TrancheSize::Units(_)) | None => Tranche::Unit,
        },
        signed: signed.value,
        scheduled_start: start.value,
        early_start: spec.early_start.unwrap_or(false),
        prepaid: check.share(spec.prepaid.as_ref(), Share::ZERO),
        prepaid_on: prepaid_on.value,
        payment_days: match &spec.payment {
            Some(_) => check.net_days(spec.payment.as_ref()),
            None => PAYMENT_DAYS,
        },
        long_stop: spec.long_stop.as_ref().map(|stop| stop.date.value),
        on_long_stop: match spec.long_stop.as_ref().and_then(|stop| stop.then) {
            Some(LongStopWord::Terminate) => OnLongStop::Terminate,
            Some(LongStopWord::Keep) | None => OnLongStop::Keep,
        },
        accounting: match spec.accounting {
            Some(AccountingWord::OperatingLease) => Accounting::OperatingLease,
            Some(AccountingWord::Service) | None => Accounting::Service,
        },
        damages: spec.damages.as_ref().and_then(|damages| extras::damages(damages, check)),
        ramp: extras::ramp(spec, term_months, check),
        price_follows_ramp: spec.price_follows_ramp.as_ref().is_some_and(|follows| follows.value),
        deemed_days: spec.deemed_after.as_ref().map(|after| check.net_days(Some(after))),
        credits: check.share(spec.credits.as_ref(), Share::ZERO),
        consideration: extras::consideration(spec, check),
        beyond_rpo: check.amount(spec.backlog_beyond_rpo.as_ref()),
        rpo_from: extras::rpo_from(spec, check),
        relet: spec.relet.as_ref().and_then(|relet| extras::relet(relet, check)),
    })
}

fn term_runs(word: Option<TermWord>) -> TermRuns {
    match word {
        Some(TermWord::FromFirst) => TermRuns::FromFirst,
        Some(TermWord::FromLast) => TermRuns::FromLast,
        Some(TermWord::FixedEnd) => TermRuns::FixedEnd,
        Some(TermWord::PerTranche) | None => TermRuns::PerTranche,
    }
}

/// A price for a quantity and a time.
fn price(rate: &Placed<Rate>, check: &mut Check<'_>) -> Option<Price> {
    let amount = check.rate(rate, &[Per::GpuHour, Per::ItKwMonth, Per::ItMwMonth])?;
    Some(match rate.value.per {
        Per::ItKwMonth => Price::PerItKwMonth(amount),
        Per::ItMwMonth => Price::PerItMwMonth(amount),
        _ => Price::PerGpuHour(amount),
    })
}

/// Units in the halls that a contract names: `hall-3`, `hall-*`, `hall-1..hall-4`; the first of
/// them where it takes so many or so much power.
fn covered(
    spec: &ContractSpec,
    pieces: &Pieces,
    taken: &BTreeMap<u32, &str>,
    check: &mut Check<'_>,
) -> Vec<u32> {
    let mut units = Vec::new();
    for name in &spec.halls {
        let position = |id: &str| pieces.halls.iter().position(|hall| hall.id == id);
        let found: Vec<usize> = match name.value.split_once("..") {
            Some((from, to)) => match (position(from.trim()), position(to.trim())) {
                (Some(from), Some(to)) if from <= to => (from..=to).collect(),
                _ => Vec::new(),
            },
            None => {
                let named = |&at: &usize| matches_pattern(&name.value, &pieces.halls[at].id);
                (0..pieces.halls.len()).filter(named).collect()
            }
        };
        if found.is_empty() {
            unknown_hall(name, pieces, check);
        }
        units.extend(found.into_iter().flat_map(|hall| pieces.halls[hall].units.clone()));
    }
    units.sort_unstable();
    units.dedup();
    if spec.it_power.is_some() || spec.units.is_some() {
        units.retain(|unit| !taken.contains_key(unit));
        units = extras::first_units(spec, units, pieces, check);
    }
    if units.is_empty() {
        let message = "this contract covers no unit";
        check.wrong("empty-contract", spec.at, message, Some("name its `halls`".into()));
    }
    units
}

fn unknown_hall(name: &Placed<String>, pieces: &Pieces, check: &mut Check<'_>) {
    let ids = || pieces.halls.iter().map(|hall| hall.id.as_str());
    let ends = name.value.split_once("..").map(|(from, to)| [from.trim(), to.trim()]);
    let missing = match ends {
        Some([from, to]) if ids().any(|id| id == from) && ids().any(|id| id == to) => {
            let message = format!("`{}` runs backwards", name.value);
            let help = format!("write `{to}..{from}`");
            return check.wrong("unknown-hall", name.at, &message, Some(help));
        }
        Some([from, to]) => {
            if ids().any(|id| id == from) {
                to
            } else {
                from
            }
        }
        None => &name.value,
    };
    let message = format!("no hall is called `{missing}`");
    let known = match (ids().next(), ids().next_back()) {
        (Some(first), Some(last)) if first != last => format!("there are `{first}..{last}`"),
        (Some(only), _) => format!("there is `{only}`"),
        _ => "the site has no halls".to_owned(),
    };
    check.wrong("unknown-hall", name.at, &message, Some(known));
}
