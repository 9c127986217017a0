//! Running costs, and money that comes or stands on dates: what is there when the books open, what
//! owners pay in, which share of interest is capitalised.

use super::terms::{Check, class};
use crate::model::terms::{CostLine, OpeningAsset, Operation, OperationBasis};
use crate::money::Amount;
use crate::spec::money::{
    Dated, EquitySpec, LineWord, OpeningSpec, OperationCostSpec, OperationSpec, RfsOrDay,
};
use crate::spec::quantity::{Per, Percent, Rate};
use crate::spec::site::SiteSpec;
use crate::spec::{At, Placed};
use crate::time::Day;
use crate::unit::Share;

/// Checks the running costs.
pub fn operations(spec: &SiteSpec, opens: Day, check: &mut Check<'_>) -> Vec<Operation> {
    spec.operations.iter().map(|(name, spec)| operation(name, spec, opens, check)).collect()
}

fn operation(
    name: &Placed<String>,
    spec: &OperationSpec,
    opens: Day,
    check: &mut Check<'_>,
) -> Operation {
    let (per, dated) = match &spec.cost {
        OperationCostSpec::Level(cost) => (cost.value.per, None),
        OperationCostSpec::Dated(at, dated) => {
            let first = dated.0.first().map_or(Per::Year, |(_, cost)| cost.value.per);
            (first, Some((*at, dated)))
        }
    };
    let (per_year, later) = match &spec.cost {
        OperationCostSpec::Level(cost) => {
            (check.rate(cost, &UNITS).unwrap_or(cost.value.amount), Vec::new())
        }
        OperationCostSpec::Dated(at, dated) => steps(spec, *at, dated, opens, check),
    };
    let line = match spec.line {
        Some(LineWord::CostOfRevenue) | None => CostLine::CostOfRevenue,
        Some(LineWord::TechnologyAndInfrastructure) => CostLine::Technology,
        Some(LineWord::SalesAndOverhead) => CostLine::Overhead,
        Some(LineWord::Interest) => CostLine::Interest,
    };
    let noncash = spec.noncash.unwrap_or(false);
    if let Some(net) = spec.net.as_ref().filter(|_| noncash) {
        let message = "no money moves for a cost that is `noncash`: it has no payment term";
        check.wrong("payment-days", net.at, message, None);
    }
    Operation {
        id: name.value.clone(),
        per_year,
        later,
        line,
        noncash,
        basis: basis(per, spec, dated.is_some(), opens, check),
        premises: None,
        escalator: check.share(spec.escalator.as_ref(), Share::ZERO),
        net_days: check.net_days(spec.net.as_ref()),
    }
}

const UNITS: [Per; 3] = [Per::Year, Per::ReadyItMwYear, Per::AcceptedItMwYear];

fn basis(
    per: Per,
    spec: &OperationSpec,
    dated: bool,
    opens: Day,
    check: &mut Check<'_>,
) -> OperationBasis {
    match (per, spec.from.as_ref().map(|from| from.value)) {
        (Per::ReadyItMwYear, None) => OperationBasis::PerReadyItMw,
        (Per::AcceptedItMwYear, None) => OperationBasis::PerAcceptedItMw,
        (Per::Year, None) if dated => OperationBasis::SiteFrom(opens),
        (Per::Year, Some(RfsOrDay::Day(day))) => OperationBasis::SiteFrom(day.max(opens)),
        (Per::Year, Some(RfsOrDay::Rfs) | None) => OperationBasis::SiteFromFirstReady,
        _ => {
            let message = "a cost per MW runs with the MW: it has no `from`";
            check.wrong("price-unit", spec.cost.at(), message, None);
            OperationBasis::SiteFromFirstReady
        }
    }
}

/// What a cost that changes on dates is when the books open, and from later days on.
fn steps(
    spec: &OperationSpec,
    at: At,
    dated: &Dated<Placed<Rate>>,
    opens: Day,
    check: &mut Check<'_>,
) -> (Amount, Vec<(Day, Amount)>) {
    let Some((_, first)) = dated.0.first() else {
        let help = "for example `{2025-01-01: 60M USD/year}`";
        check.wrong("empty-cost", at, "a cost by date needs a date", Some(help.into()));
        return (Amount { micros: 0, currency: check.reporting() }, Vec::new());
    };
    let from = spec.from.as_ref().map(|from| from.at);
    for at in [spec.escalator.as_ref().map(|rise| rise.at), from].into_iter().flatten() {
        let message = "the dates of a cost say when it begins and how it changes";
        let help = "write a single `cost:` beside `from` or `escalator`";
        check.wrong("cost-by-date", at, message, Some(help.into()));
    }
    let nothing = Amount { micros: 0, ..first.value.amount };
    let (mut now, mut later) = (nothing, Vec::new());
    for (day, cost) in &dated.0 {
        let amount = check.rate(cost, &UNITS).unwrap_or(cost.value.amount);
        if cost.value.per != first.value.per {
            let message = format!(
                "per {}, but it begins per {}",
                cost.value.per.word(),
                first.value.per.word()
            );
            check.wrong("price-unit", cost.at, &message, None);
        }
        if amount.currency != nothing.currency {
            let message = format!("in {}, but it begins in {}", amount.currency, nothing.currency);
            check.wrong("two-currencies", cost.at, &message, None);
        }
        match day.value <= opens {
            true => now = amount,
            false => later.push((day.value, amount)),
        }
    }
    (now, later)
}

/// What is in service when the books open.
pub fn opening_assets(
    spec: Option<&OpeningSpec>,
    opens: Day,
    check: &mut Check<'_>,
) -> Vec<OpeningAsset> {
    let mut assets = Vec::new();
    for spec in spec.iter().flat_map(|opening| &opening.assets) {
        let day = &spec.in_service;
        if day.value > opens {
            let message =
                format!("`in_service` {} lies after the books open on {opens}", day.value);
            let help = "what comes later is the `cost:` of an activity, or a lot";
            check.wrong("dates-out-of-order", day.at, &message, Some(help.into()));
        }
        let Some(cost) = check.amount(Some(&spec.cost)) else { continue };
        let class = class(spec.class.value);
        assets.push(OpeningAsset { class, cost, in_service: day.value });
    }
    assets
}

/// Amounts by date, of which none may lie before the books open.
pub fn dated_amounts(
    dated: Option<&Dated<Placed<Amount>>>,
    opens: Day,
    before: &str,
    check: &mut Check<'_>,
) -> Vec<(Day, Amount)> {
    let mut amounts = Vec::new();
    for (day, amount) in dated.iter().flat_map(|dated| &dated.0) {
        if day.value < opens {
            let message = format!("{} lies before the books open on {opens}", day.value);
            let help = format!("what came before is {before}");
            check.wrong("dates-out-of-order", day.at, &message, Some(help));
        }
        amounts.extend(check.amount(Some(amount)).map(|amount| (day.value, amount)));
    }
    amounts
}

/// Cash that owners pay in on dates.
pub fn raised(spec: Option<&EquitySpec>, opens: Day, check: &mut Check<'_>) -> Vec<(Day, Amount)> {
    let dated = spec.and_then(|equity| equity.raised.as_ref());
    dated_amounts(dated, opens, "the `cash` of the `opening`", check)
}

/// Share of contractual interest that is capitalised, by date.
pub fn capitalised_share(
    spec: Option<&Dated<Percent>>,
    opens: Day,
    check: &mut Check<'_>,
) -> Vec<(Day, Share)> {
    let mut steps = Vec::new();
    for (day, share) in spec.iter().flat_map(|dated| &dated.0) {
        let on = day.value;
        if on != on.month_start() && on != opens {
            let message = "interest is capitalised by the month: a share holds from its first on";
            let help = format!("write {}", on.next_month());
            check.wrong("capitalised-interest", day.at, message, Some(help));
        }
        let share = check.share(Some(&Placed { at: day.at, value: *share }), Share::ZERO);
        steps.push((on, share));
    }
    steps
}
