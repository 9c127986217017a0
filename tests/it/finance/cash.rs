//! Returns, and interest at the effective rate.

use energize::loan::{Instalment, effective_interest, instalments};
use energize::model::terms::Amortisation;
use energize::money::{DatedFlow, DayCount, Money, Roots, irr, npv, xirr, xnpv};
use rust_decimal::Decimal;
use serde_json::Value;

use super::case::{Case, count, day, list, maybe, number, or_zero, rows};

fn effective(case: &mut Case, proceeds: Money, schedule: &[Instalment], period: [&str; 2]) {
    let [number_key, rate_key] = period;
    let ours = effective_interest(proceeds, schedule).unwrap();
    case.rate("effective rate", ours.rate, &case.expected[rate_key].clone());
    for row in rows(&case.expected["rows"]) {
        let at = count(&row[number_key]);
        let (cost, cash) = (ours.rows[at as usize - 1], schedule[at as usize - 1]);
        case.money(format_args!("interest {at}"), cost.interest, &row["effective_interest"]);
        case.money(format_args!("cash {at}"), cash.interest, &row["cash_interest"]);
        case.money(format_args!("amortisation {at}"), cost.amortisation, &row["amortisation"]);
        // A bullet is carried at par until it is repaid.
        let repaid = if number_key == "half_year" { cash.principal } else { Money::ZERO };
        case.money(format_args!("carrying {at}"), cost.carrying + repaid, &row["carrying"]);
    }
}

pub fn effective_loan(case: &mut Case) {
    let inputs = case.inputs.clone();
    let face = case.cash(&inputs["face"]);
    let price = maybe(&inputs["price"]).unwrap_or(Decimal::ONE);
    let proceeds = face.times(price - or_zero(&inputs["fee"]));
    let periods = count(&inputs["quarters"]);
    let rate = number(&inputs["rate"]);
    let schedule = instalments(Amortisation::LevelPayment, face, rate, 0, periods);
    case.money("discount", face - proceeds, &case.expected["discount_total"].clone());
    effective(case, proceeds, &schedule, ["period", "effective_rate_per_quarter"]);
}

pub fn effective_bullet(case: &mut Case) {
    let inputs = case.inputs.clone();
    let face = case.cash(&inputs["face"]);
    let price = maybe(&inputs["price"]).unwrap_or(Decimal::ONE);
    let proceeds = face.times(price - or_zero(&inputs["fee"]));
    let rate = number(&inputs["coupon_per_half_year"]);
    let periods = count(&inputs["half_years"]);
    let schedule = instalments(Amortisation::Bullet, face, rate, 0, periods);
    effective(case, proceeds, &schedule, ["half_year", "effective_rate_per_half_year"]);
}

/// A case states one root; where there are several it must be one of ours.
fn rate_of(roots: &Roots, theirs: &Value) -> Option<Decimal> {
    let near =
        |rate: &&Decimal| maybe(theirs).map_or(Decimal::ZERO, |theirs| (**rate - theirs).abs());
    roots.rates.iter().min_by_key(near).copied()
}

pub fn dated_returns(case: &mut Case) {
    let expected = case.expected.clone();
    for (name, flows) in case.inputs["series"].clone().as_object().unwrap() {
        let flows: Vec<DatedFlow> =
            list(flows).iter().map(|flow| (day(&flow[0]), case.cash(&flow[1]))).collect();
        let Some(theirs) = expected[name].as_object() else { continue };
        for (key, theirs) in theirs {
            let what = format!("{key} of {name}");
            if let Some(percent) = key.strip_prefix("xnpv_") {
                let rate = percent.trim_end_matches("pct").replace('_', ".");
                let rate = rate.parse::<Decimal>().unwrap() / Decimal::ONE_HUNDRED;
                let ours = xnpv(rate, &flows, DayCount::Act365Fixed).unwrap();
                case.value(what, ours, theirs);
                continue;
            }
            let rule = match key.as_str() {
                "xirr_act365f" => DayCount::Act365Fixed,
                "xirr_act360" => DayCount::Act360,
                "xirr_actact_isda" => DayCount::ActActIsda,
                _ => panic!("no answer `{key}`"),
            };
            let ours = rate_of(&xirr(&flows, rule), theirs);
            case.rate_or_null(what, ours, Some(theirs));
        }
    }
}

pub fn periodic_returns(case: &mut Case) {
    for row in rows(&case.expected["rows"]) {
        let flows = case.cash_list(&row["flows"]);
        let name = row["name"].as_str().unwrap_or_default();
        let ours = rate_of(&irr(&flows), &row["irr"]);
        case.rate_or_null(format_args!("irr of {name}"), ours, row.get("irr"));
        for (key, theirs) in row.as_object().unwrap() {
            let rate = Decimal::new(1, 2);
            let at_first = npv(rate, &flows).unwrap();
            match key.as_str() {
                "npv_at_1pct_first_flow_at_t0" => case.value(key, at_first, theirs),
                "excel_npv_first_flow_at_t1" => {
                    case.value(key, at_first / (Decimal::ONE + rate), theirs);
                }
                _ => {}
            }
        }
    }
}
