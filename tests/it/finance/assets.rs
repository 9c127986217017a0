//! Assets from construction to the end of their lives, and the ledger that holds them.

use energize::ledger::*;
use energize::model::EventKind;
use energize::model::terms::AssetClass;
use energize::money::{Money, Ratio};
use energize::time::Day;
use rust_decimal::Decimal;
use serde_json::Value;

use super::case::{Case, count, day, list, maybe, month, number, or_zero, rows};
use crate::books_site::Case as Books;

pub fn depreciation(case: &mut Case) {
    let inputs = case.inputs.clone();
    let base = case.cash(&inputs["cost"]) - case.cash_or_none(&inputs["salvage"]);
    let in_service = day(&inputs["in_service"]);
    for row in rows(&case.expected["rows"]) {
        let months = u32::try_from(number(&row["life_years"]) * Decimal::from(12)).unwrap();
        let conventions = [
            ("daily", Convention::Daily),
            ("half_month", Convention::HalfMonth),
            ("full_month_next", Convention::FullMonthNext),
        ];
        for (name, convention) in conventions {
            let line = StraightLine { base, in_service, months, convention };
            let ours: Vec<Money> =
                rows(&row["months"]).iter().map(|at| line.charge_of_month(month(at))).collect();
            case.moneys(&format!("{name} over {months} months"), &ours, &row[name]);
        }
        let year = base.scaled(12, months.into());
        case.money(format_args!("year of {months}"), year, &row["annual_full_year"]);
    }
}

pub fn life_change(case: &mut Case) {
    let inputs = case.inputs.clone();
    let cost = case.cash(&inputs["cost"]);
    let salvage = case.cash_or_none(&inputs["salvage"]);
    let original = count(&inputs["original_life_months"]);
    for row in rows(&case.expected["rows"]) {
        let (elapsed, new) =
            (count(&row["change_after_months"]), count(&row["new_total_life_months"]));
        let ours = change_life(cost, salvage, [original, new], elapsed);
        let what = format!("after {elapsed} to {new}");
        case.money(format_args!("carrying {what}"), ours.carrying, &row["nbv"]);
        case.money(format_args!("before {what}"), ours.before, &row["monthly_before"]);
        case.money(format_args!("after {what}"), ours.after, &row["monthly_after"]);
    }
}

pub fn capitalised_interest(case: &mut Case) {
    let inputs = case.inputs.clone();
    let end = day(&inputs["year_end"]);
    let spent: Vec<(Money, i64)> = list(&inputs["expenditures"])
        .iter()
        .map(|spent| (case.cash(&spent[1]), i64::from(end - day(&spent[0])) + 1))
        .collect();
    let specific = case.cash_or_none(&inputs["specific"]["principal"]);
    let mut debts = Borrowings {
        specific,
        specific_interest: specific.times(or_zero(&inputs["specific"]["rate"])),
        ..Borrowings::default()
    };
    for loan in rows(&inputs["general"]) {
        let principal = case.cash(&loan[0]);
        debts.general += principal;
        debts.general_interest += principal.times(number(&loan[1]));
    }
    let weighted = weighted_expenditure(&spent, 365);
    let expected = case.expected.clone();
    case.money("weighted expenditure", weighted, &expected["waae"]);
    let general = Ratio::new(debts.general_interest, debts.general);
    case.turns("general rate", general, expected.get("general_weighted_rate"));
    case.money("avoidable", debts.avoidable(weighted), &expected["avoidable"]);
    case.money("actual", debts.incurred(), &expected["actual"]);
    let capitalised = debts.capitalised(weighted);
    case.money("capitalised", capitalised, &expected["capitalised"]);
    case.money("expensed", debts.incurred() - capitalised, &expected["expensed"]);
}

/// Interest as the ledger holds it: contractual, amortised, less what joined construction.
pub fn interest_identity(case: &mut Case) {
    let inputs = case.inputs.clone();
    let cash = |key: &str| case.cash_or_none(&inputs[key]);
    let [contractual, amortised, capitalised] =
        ["contractual", "amortisation_and_accretion", "capitalised"].map(cash);
    let mut ledger = Ledger::new(false);
    let accrued = [
        (Account::Interest, contractual + amortised),
        (Account::InterestPayable, -contractual),
        (Account::LoanFees, -amortised),
    ];
    ledger.post(Day(0), EntryCause::InterestAccrued(0), &accrued);
    let moved = [(Account::Cip, capitalised), (Account::Interest, -capitalised)];
    ledger.post(Day(0), EntryCause::InterestCapitalised, &moved);
    let expected = case.expected.clone();
    let expense = ledger.balance(Account::Interest);
    case.money("expense", expense, &expected["interest_expense_debt"]);
    // What a filing prints beside it closes in itself; its inputs do not say how.
    if let Some(maturities) = maybe(&expected["maturities_sum"]) {
        let maturities = case.amount(maturities);
        case.money("maturities", maturities, &expected["total_principal"]);
    }
}

/// Spend is given to the phases in the order in which they go in service, as far as their cost
/// goes; the books do the rest.
pub fn in_progress(case: &mut Case) {
    let inputs = case.inputs.clone();
    let phases = list(&inputs["phases_id_start_rfs_cost"]);
    let mut spend: Vec<(Day, Money)> = list(&inputs["spend"])
        .iter()
        .map(|spend| (month(&spend[0]), case.cash(&spend[1])))
        .collect();
    spend.sort_by_key(|spend| spend.0);
    let mut books = Books::new(&spend[0].0.to_string());
    let mut in_order: Vec<(Day, Money, u32)> =
        phases.iter().map(|phase| (day(&phase[2]), case.cash(&phase[3]), 0)).collect();
    in_order.sort();
    for phase in &mut in_order {
        phase.2 = books.hall(1);
        books.happens(&phase.0.to_string(), EventKind::Ready(phase.2));
    }
    let never_ready = books.hall(1);
    for (from, mut amount) in spend {
        let on = from.to_string();
        let mut pay = |hall: u32, part: Money| {
            let cost = books.works(Some(hall), AssetClass::Plant, 0, &on, &on);
            cost.amount.micros = part.0;
        };
        for (_, left, hall) in &mut in_order {
            let part = amount.min(*left);
            if part > Money::ZERO {
                pay(*hall, part);
                *left -= part;
                amount -= part;
            }
        }
        if amount > Money::ZERO {
            pay(never_ready, amount);
        }
    }
    let theirs = rows(&case.expected["rows"]);
    let last = theirs.last().map(|row| month(&row["month"]));
    books.site.terms.horizon = last.map(Day::next_month);
    let ours = books.run();
    let mut open = Money::ZERO;
    for row in &ours.months {
        let (flows, stand) = (&row.flows, &row.stand);
        let name = &row.from.to_string()[..7];
        if let Some(theirs) = theirs.iter().find(|theirs| theirs["month"] == name) {
            let pairs = [
                ("cip_open", open),
                ("additions", flows.capex_incurred),
                ("transfers", flows.placed_in_service),
                ("cip_close", stand.cip),
                ("in_service_cost_close", stand.in_service_cost),
            ];
            for (key, ours) in pairs {
                case.money(format_args!("{key} of {name}"), ours, &theirs[key]);
            }
        }
        open = stand.cip;
    }
    case.same("months", ours.months.len(), theirs.len());
}

pub fn journal(case: &mut Case) {
    let text = case.inputs["journal"].as_str().unwrap().to_string();
    let balances = journal_balances(&text).unwrap_or_else(|problem| panic!("{problem}"));
    // A journal states amounts in the unit of its case.
    let in_unit = |money: Money| case.amount(money.decimal());
    let ours: Vec<(String, Money)> =
        balances.into_iter().map(|(name, money)| (name, in_unit(money))).collect();
    let expected = case.expected.clone();
    let theirs = expected["balances"].as_object().cloned().unwrap_or_default();
    let names =
        |names: Vec<&String>| names.into_iter().map(String::as_str).collect::<Vec<_>>().join(" ");
    let mut theirs_named: Vec<&String> = theirs.keys().collect();
    theirs_named.sort();
    case.same("accounts", names(ours.iter().map(|line| &line.0).collect()), names(theirs_named));
    for (name, money) in &ours {
        case.money(name, *money, theirs.get(name).unwrap_or(&Value::Null));
    }
    case.money("sum", ours.iter().map(|line| line.1).sum(), &expected["sum"]);
}
