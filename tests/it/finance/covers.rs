//! Cover, collateral, reserves, the order of payments.

use energize::loan::*;
use energize::money::{Money, Ratio};
use rust_decimal::Decimal;
use serde_json::Value;

use super::case::{Case, count, list, maybe, number, rows, share};

/// Periods by the names of their columns.
fn periods(case: &Case) -> Vec<CoverPeriod> {
    let inputs = &case.inputs;
    let default = ["date", "cfads", "interest", "principal"].map(String::from).to_vec();
    let columns: Vec<String> = match inputs["columns"].as_array() {
        Some(names) => names.iter().map(|name| name.as_str().unwrap().to_string()).collect(),
        None => default,
    };
    let period = |row: &Value| {
        let cell = |name: &str| {
            let at = columns.iter().position(|column| column == name);
            at.map_or(Money::ZERO, |at| case.cash_or_none(&row[at]))
        };
        CoverPeriod {
            cfads: cell("cfads"),
            interest: cell("interest"),
            principal: cell("principal") + cell("fees"),
        }
    };
    list(&inputs["rows"]).iter().map(period).collect()
}

pub fn coverage(case: &mut Case) {
    let periods = periods(case);
    let [lock_up, default] = ["lock_up", "default"].map(|key| maybe(&case.inputs[key]).map(share));
    for (at, row) in rows(&case.expected["rows"]).iter().enumerate() {
        let own = cover(&periods[at..=at]);
        for (key, theirs) in row.as_object().unwrap() {
            let what = format!("{key} of {}", row["date"]);
            let quarters = |prefix: &str| -> Option<usize> {
                key.strip_prefix(prefix)?.strip_suffix('q')?.parse().ok()
            };
            let theirs = Some(theirs);
            if key == "dscr_period" {
                case.turns(what, own, theirs);
            } else if key == "icr" {
                case.turns(what, periods[at].interest_cover(), theirs);
            } else if let Some(length) = quarters("dscr_trailing_") {
                let ratio = trailing_cover(&periods, at, length).unwrap_or(Ratio::Undefined);
                case.turns(what, ratio, theirs);
            } else if let Some(length) = quarters("dscr_forward_") {
                let ratio = forward_cover(&periods, at, length).unwrap_or(Ratio::Undefined);
                case.turns(what, ratio, theirs);
            }
        }
        let status = cover_status(own, lock_up, default).name();
        case.text(format_args!("status of {}", row["date"]), status, &row["status"]);
    }
}

/// Collateral on every curve that a row names, by its life in years.
pub fn loan_to_value(case: &mut Case) {
    let inputs = case.inputs.clone();
    let (cost, start) = (case.cash(&inputs["cost"]), case.cash(&inputs["debt_at_0"]));
    let months = maybe(&inputs["debt_amortises_straight_over_months"])
        .map(|_| count(&inputs["debt_amortises_straight_over_months"]));
    for row in rows(&case.expected["rows"]) {
        let month = count(&row["month"]);
        let debt = months.map_or(start, |months| start.left_after(month, months));
        case.money(format_args!("debt after {month}"), debt, &row["debt"]);
        for (key, theirs) in row.as_object().unwrap() {
            let Some((name, years)) = key.split_once('_') else { continue };
            let years: Decimal = years.trim_end_matches('y').parse().unwrap();
            let life = u32::try_from(years * Decimal::from(12)).unwrap();
            let collateral = cost.left_after(month, life);
            if name == "collateral" {
                case.money(format_args!("{key} after {month}"), collateral, theirs);
            } else {
                let ratio = Ratio::new(debt, collateral);
                case.turns(format_args!("{key} after {month}"), ratio, Some(theirs));
            }
        }
    }
}

/// The order of a case that states none.
const ORDER: [&str; 8] = [
    "opex",
    "agent_and_hedge",
    "interest",
    "principal",
    "liquidity_reserve",
    "power_reserve",
    "cash_trap",
    "distribution",
];

pub fn priority(case: &mut Case) {
    let order: Vec<String> = match case.inputs["order"].as_array() {
        Some(order) => order.iter().map(|name| name.as_str().unwrap().replace(' ', "_")).collect(),
        None => ORDER.map(String::from).to_vec(),
    };
    let scenarios = rows(&case.inputs["scenarios"]);
    for (at, row) in rows(&case.expected["results"]).iter().enumerate() {
        let scenario = &scenarios[at];
        let cash = |key: &str| case.cash_or_none(&scenario[key]);
        let reserve = |name: &str| Reserve {
            balance: cash(&format!("{name}_bal")),
            target: cash(&format!("{name}_tgt")),
        };
        let reserves = [reserve("liq"), reserve("pow")];
        let pay = |key: &str, reserve| Step::Pay { due: cash(key), reserve };
        let step = |name: &String| match name.as_str() {
            "opex" => pay("opex", None),
            "agent_and_hedge" => pay("fees", None),
            "interest" => pay("intr", Some(0)),
            "principal" => pay("prin", Some(0)),
            "liquidity_reserve" => Step::TopUp { reserve: 0 },
            "power_reserve" => Step::TopUp { reserve: 1 },
            "cash_trap" => Step::Trap { locked: scenario["lockup"].as_bool().unwrap_or(false) },
            "distribution" => Step::Distribute,
            _ => panic!("no step `{name}`"),
        };
        let steps: Vec<Step> = order.iter().map(step).collect();
        let ours = waterfall(cash("cash"), &steps, &reserves);
        for (name, paid) in order.iter().zip(&ours.steps) {
            let what = |key: &str| format!("{key} of scenario {}", at + 1);
            let mut money = |key: String, ours: Money| {
                case.money(what(&key), ours, &row[key.as_str()]);
            };
            match name.as_str() {
                "cash_trap" => money("trapped".into(), paid.paid),
                _ if name.ends_with("reserve") => money(format!("{name}_topup"), paid.paid),
                _ => {
                    money(name.clone(), paid.paid);
                    money(format!("{name}_short"), paid.short());
                    money(format!("{name}_from_reserve"), paid.from_reserve);
                }
            }
        }
        for (name, held) in ["liquidity", "power"].iter().zip(&ours.reserves) {
            let key = format!("{name}_reserve_close");
            case.money(format_args!("{key} of {}", at + 1), held.balance, &row[key.as_str()]);
        }
    }
}

pub fn reserve(case: &mut Case) {
    let service = case.cash_list(&case.inputs["debt_service"]);
    let theirs = rows(&case.expected["rows"]);
    let period = ["quarter", "month", "half_year", "year"]
        .into_iter()
        .zip([3, 1, 6, 12])
        .find(|(name, _)| theirs.first().is_some_and(|row| row.get(name).is_some()));
    let (name, months) = period.unwrap_or(("quarter", 3));
    let held = maybe(&case.inputs["months"]).unwrap_or(Decimal::from(6));
    let (initial, moves) = reserve_path(&service, held, months);
    case.money("initial funding", initial, &case.expected["initial_funding"].clone());
    for row in theirs {
        let at = count(&row[name]);
        let ours = moves[at as usize - 1];
        case.money(format_args!("opening {at}"), ours.opening, &row["opening"]);
        case.money(format_args!("target {at}"), ours.target, &row["target"]);
        case.money(format_args!("movement {at}"), ours.movement(), &row["movement"]);
    }
}

pub fn cure(case: &mut Case) {
    for row in rows(&case.expected["rows"]) {
        let (cash, service) = (case.cash(&row["cfads"]), case.cash(&row["debt_service"]));
        let least = maybe(&row["covenant"]).unwrap_or_else(|| number(&case.inputs["covenant"]));
        let what = format!("of {cash}");
        case.turns(format_args!("cover {what}"), Ratio::new(cash, service), row.get("dscr"));
        let [as_cash, as_service] = equity_cure(cash, service, least);
        case.money(format_args!("cash {what}"), as_cash, &row["cure_as_cfads"]);
        let key = "cure_as_debt_service_reduction";
        case.money(format_args!("service {what}"), as_service, &row[key]);
    }
}
