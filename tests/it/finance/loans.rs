//! Loans and notes, driven through the account and the draw limit that the books use.

use std::collections::BTreeMap;

use energize::loan::*;
use energize::model::terms::{Amortisation, Curve, Funding, Loan, LoanRate};
use energize::money::{DayCount, Money, Roll};
use energize::time::Day;
use energize::unit::Share;
use rust_decimal::Decimal;
use serde_json::Value;

use super::case::{Case, count, day, list, maybe, number, or_zero, rows, share};
use super::dates::{calendar, count_rule, tenor};
use crate::books_site::Case as Books;

/// A loan that is open from one day to another and costs nothing until told otherwise.
fn loan(from: Day, until: Day) -> Loan {
    let mut books = Books::new(&from.to_string());
    let dates = [from, until, until, until].map(|day| day.to_string());
    books.loan(0, Share::ZERO, dates.each_ref().map(String::as_str)).clone()
}

pub fn level(case: &mut Case) {
    let inputs = &case.inputs;
    let rate = maybe(&inputs["period_rate"])
        .unwrap_or_else(|| number(&inputs["annual_rate_nominal"]) / Decimal::from(12));
    let (principal, periods) = (case.cash(&inputs["principal"]), count(&inputs["periods"]));
    let payment = Annuities::at(fraction(rate)).level_payment(principal, periods);
    case.money("payment", payment, &case.expected["payment"].clone());
    let schedule = instalments(Amortisation::LevelPayment, principal, rate, 0, periods);
    for row in rows(&case.expected["rows"]) {
        let period = count(&row["period"]);
        let ours = schedule[period as usize - 1];
        case.money(format_args!("interest {period}"), ours.interest, &row["interest"]);
        case.money(format_args!("principal {period}"), ours.principal, &row["principal"]);
        case.money(format_args!("balance {period}"), ours.closing(), &row["balance"]);
    }
}

/// Payments, interest and principal of one period by its number, as spreadsheets sign them: paid
/// is negative.
pub fn payment_table(case: &mut Case) {
    for row in rows(&case.expected["rows"]) {
        let (rate, periods) = (number(&row["rate"]), count(&row["nper"]));
        let principal = case.cash(&row["pv"]);
        let payment = Annuities::at(fraction(rate)).level_payment(principal, periods);
        let what = format!("{periods} periods at {rate}");
        case.money(format_args!("pmt of {what}"), -payment, &row["pmt"]);
        let schedule = instalments(Amortisation::LevelPayment, principal, rate, 0, periods);
        for (key, theirs) in row.as_object().unwrap() {
            let Some((part, period)) = key.split_once('_') else { continue };
            let ours = schedule[period.parse::<usize>().unwrap() - 1];
            let ours = if part == "ipmt" { ours.interest } else { ours.principal };
            case.money(format_args!("{key} of {what}"), -ours, theirs);
        }
    }
}

pub fn term_rate(case: &mut Case) {
    let inputs = case.inputs.clone();
    let calendar = calendar(&inputs["calendar"]);
    let (start, end) = (day(&inputs["start"]), day(&inputs["end"]));
    let terms = PeriodTerms {
        start,
        end,
        first: None,
        tenor: tenor(&inputs["tenor"]),
        from: CountFrom::Start,
        month_end: true,
        roll: Roll::ModifiedFollowing,
        calendar,
    };
    let dates = period_dates(&terms);
    let fixings: Vec<Decimal> = list(&inputs["fixings"]).iter().map(number).collect();
    let steps = dates.iter().copied().zip(fixings.iter().map(|&fixing| share(fixing))).collect();
    let curves = [Curve { id: "term".into(), steps }];
    let principal = case.cash(&inputs["principal"]);
    let mut loan = loan(dates[0], *dates.last().unwrap());
    let floor = maybe(&inputs["floor"]).map_or(Share(-Share::ONE.0), share);
    loan.rate = LoanRate::Floating { curve: 0, margin: share(or_zero(&inputs["margin"])), floor };
    let mut account = LoanAccount::open(&loan, &curves, None, principal, dates[0]);
    account.draw(dates[0], principal);
    let parts = maybe(&inputs["straight_line_periods"])
        .map_or(0, |_| count(&inputs["straight_line_periods"]));
    let lag =
        maybe(&inputs["fixing_lag_business_days"]).map_or(2, |lag| i32::try_from(lag).unwrap());
    let theirs = rows(&case.expected["rows"]);
    for (at, (pair, row)) in dates.windows(2).zip(&theirs).enumerate() {
        let notional = account.outstanding();
        let interest = account.take_interest(pair[1]);
        let left = parts.saturating_sub(at as u32).max(1);
        let kind = if parts > 0 { Amortisation::EqualPrincipal } else { Amortisation::Bullet };
        if parts > 0 {
            let mut annuities = Annuities::at((0, 1));
            let due = principal_due(kind, notional, interest, &mut annuities, left);
            account.repay(pair[1], due);
        }
        let what = format!("of {}", pair[0]);
        case.text(format_args!("start {what}"), &pair[0].to_string(), &row["start"]);
        case.text(format_args!("end {what}"), &pair[1].to_string(), &row["end"]);
        case.whole(format_args!("days {what}"), i64::from(pair[1] - pair[0]), &row["days"]);
        let fixed = calendar.shift(pair[0], -lag).to_string();
        case.text(format_args!("fixing date {what}"), &fixed, &row["fixing_date"]);
        case.rate(format_args!("fixing {what}"), fixings[at], &row["fixing"]);
        case.money(format_args!("notional {what}"), notional, &row["notional"]);
        case.money(format_args!("interest {what}"), interest, &row["interest"]);
    }
    case.same("periods", dates.len() - 1, theirs.len());
}

pub fn overnight(case: &mut Case) {
    let inputs = case.inputs.clone();
    let fixings: BTreeMap<Day, Decimal> = inputs["fixings"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(date, rate)| (day(&Value::from(date.as_str())), number(rate)))
        .collect();
    let notional = case.cash(&inputs["notional"]);
    for row in rows(&case.expected["rows"]) {
        let averaging = row["averaging"].as_str().unwrap_or("compounded");
        let terms = OvernightTerms {
            averaging: if averaging.starts_with("simple") {
                Averaging::Simple
            } else {
                Averaging::Compounded
            },
            lookback: maybe(&row["lookback_business_days"])
                .map_or(0, |_| count(&row["lookback_business_days"])),
            floor: maybe(&inputs["floor"]),
            margin: or_zero(&inputs["margin"]),
            calendar: calendar(&inputs["calendar"]),
        };
        let (start, end) = (day(&row["start"]), day(&row["end"]));
        let rate = overnight_rate(&fixings, &terms, start, end).unwrap();
        let interest = notional.times(rate * DayCount::Act360.fraction(start, end).decimal());
        let what = format!("{start} {averaging} lookback {}", terms.lookback);
        case.whole(format_args!("days {what}"), i64::from(end - start), &row["days"]);
        case.rate(format_args!("rate {what}"), rate, &row["rate_incl_margin"]);
        case.money(format_args!("interest {what}"), interest, &row["interest"]);
    }
}

/// Whether coupon dates such as `30 Apr / 31 Oct` are all last days of their months.
fn at_month_ends(dates: &Value) -> bool {
    let last = |part: &str| {
        let mut words = part.split_whitespace();
        let (day, month) = (words.next()?, words.next()?.get(..3)?.to_lowercase());
        Some(match month.as_str() {
            "feb" => day == "28" || day == "29",
            "apr" | "jun" | "sep" | "nov" => day == "30",
            _ => day == "31",
        })
    };
    dates.as_str().is_some_and(|dates| dates.split('/').all(|part| last(part) == Some(true)))
}

pub fn bond(case: &mut Case) {
    let inputs = case.inputs.clone();
    let per_year = inputs["coupon_dates"].as_str().map_or(2, |dates| dates.split('/').count());
    let maturity = day(&inputs["maturity"]);
    let count = inputs["day_count"].as_str().map_or(DayCount::Thirty360Bond, count_rule);
    let dates = period_dates(&PeriodTerms {
        start: day(&inputs["issue"]),
        end: maturity,
        first: inputs["first_coupon"].as_str().map(|_| day(&inputs["first_coupon"])),
        tenor: Tenor::Months(12 / per_year as u32),
        from: CountFrom::End,
        month_end: at_month_ends(&inputs["coupon_dates"]),
        roll: Roll::Unadjusted,
        calendar: calendar(&Value::Null),
    });
    let face = case.cash(&inputs["face"]);
    let coupon = number(&inputs["coupon"]);
    let note = Note { face, coupon, per_year: per_year as u32, count, dates };
    let mut ours = note.coupons();
    ours.push((maturity, face));
    let theirs = rows(&case.expected["cashflows"]);
    if !theirs.is_empty() {
        case.same("cash flows", ours.len(), theirs.len());
    }
    for (&(date, amount), row) in ours.iter().zip(&theirs) {
        case.text("date", &date.to_string(), &row["date"]);
        case.money(format_args!("cash flow of {date}"), amount, &row["amount"]);
    }
    for row in rows(&case.expected["yield_to_price"]) {
        let settlement = day(&row["settlement"]);
        let price = note.clean_price(settlement, number(&row["yield"])).unwrap();
        case.rate(format_args!("clean price on {settlement}"), price, &row["clean_price"]);
        let accrued = note.accrued_per_100(settlement);
        case.rate(format_args!("accrued on {settlement}"), accrued, &row["accrued_per_100"]);
    }
}

pub fn delayed_draw(case: &mut Case) {
    let inputs = case.inputs.clone();
    let dates: Vec<Day> = list(&inputs["payment_dates"]).iter().map(day).collect();
    let mut draws: Vec<(Day, Money)> =
        list(&inputs["draws"]).iter().map(|draw| (day(&draw[0]), case.cash(&draw[1]))).collect();
    draws.sort_by_key(|draw| draw.0);
    let mut loan = loan(dates[0], *dates.last().unwrap());
    loan.rate = LoanRate::Fixed(share(number(&inputs["rate"])));
    loan.undrawn_fee = share(or_zero(&inputs["undrawn_fee"]));
    let commitment = case.cash(&inputs["commitment"]);
    let mut account = LoanAccount::open(&loan, &[], None, commitment, dates[0]);
    let theirs = rows(&case.expected["rows"]);
    for (pair, row) in dates.windows(2).zip(&theirs) {
        let mut drawn = Money::ZERO;
        for &(date, amount) in draws.iter().filter(|draw| pair[0] <= draw.0 && draw.0 < pair[1]) {
            account.draw(date, amount);
            drawn += amount;
        }
        let (interest, fee) = (account.take_interest(pair[1]), account.take_fee(pair[1]));
        account.draw(pair[1], interest);
        let what = format!("of {}", pair[0]);
        case.whole(format_args!("days {what}"), i64::from(pair[1] - pair[0]), &row["days"]);
        case.money(format_args!("draws {what}"), drawn, &row["draws"]);
        case.money(format_args!("interest {what}"), interest, &row["interest_capitalised"]);
        let closing = account.outstanding();
        case.money(format_args!("closing {what}"), closing, &row["closing_balance"]);
        case.money(format_args!("fee {what}"), fee, &row["commitment_fee"]);
    }
    let closing = case.expected["final_balance"].clone();
    case.money("final balance", account.outstanding(), &closing);
}

pub fn borrowing_base(case: &mut Case) {
    let inputs = case.inputs.clone();
    let capex = list(&inputs["capex"]).clone();
    let first = capex.iter().map(|cost| day(&cost[0])).min().unwrap();
    let last = capex.iter().map(|cost| day(&cost[0])).max().unwrap();
    let until = inputs["availability_end"].as_str().map(|_| day(&inputs["availability_end"]));
    let mut loan = loan(first, until.unwrap_or(last));
    loan.advance = share(number(&inputs["advance_rate"]));
    let commitment = maybe(&inputs["commitment"]).map_or(Money(i64::MAX / 4), |c| case.amount(c));
    let mut ask = DrawRequest {
        day: first,
        need: Money::ZERO,
        commitment,
        eligible_paid: Money::ZERO,
        drawn: Money::ZERO,
        drawn_ahead: Money::ZERO,
        equity_left: Money::ZERO,
        conditions_met: true,
        stopped: false,
    };
    for (cost, row) in capex.iter().zip(rows(&case.expected["rows"])) {
        (ask.day, ask.need) = (day(&cost[0]), case.cash(&cost[1]));
        ask.eligible_paid += ask.need;
        let drawn = draw_limit(&loan, Funding::ProRata, &ask).unwrap_or_default();
        ask.drawn += drawn;
        let what = format!("on {}", ask.day);
        case.money(format_args!("eligible {what}"), ask.need, &row["eligible_capex"]);
        let requested = ask.need.share(loan.advance);
        case.money(format_args!("requested {what}"), requested, &row["requested"]);
        case.money(format_args!("drawn {what}"), drawn, &row["drawn"]);
        case.money(format_args!("equity {what}"), ask.need - drawn, &row["equity"]);
        case.money(format_args!("cumulative {what}"), ask.drawn, &row["cumulative_drawn"]);
        case.money(format_args!("undrawn {what}"), commitment - ask.drawn, &row["undrawn"]);
    }
}

pub fn greater_of_two(case: &mut Case) {
    let inputs = case.inputs.clone();
    let terms = GreaterOfTerms {
        rate: number(&inputs["rate_per_quarter"]),
        coverage: maybe(&inputs["coverage"]).unwrap_or(Decimal::ONE),
        advance: maybe(&inputs["advance_on_depreciated_cost"]).unwrap_or(Decimal::ONE),
        cost: case.cash(&inputs["gpu_cost"]),
        life: count(&inputs["life_quarters"]),
    };
    let contracted = case.cash_list(&inputs["contract_cash_flows"]);
    let ours = greater_of(&terms, case.cash(&inputs["opening"]), &contracted);
    for row in rows(&case.expected["rows"]) {
        let quarter = count(&row["quarter"]);
        let ours = ours[quarter as usize - 1];
        let paid = ours.instalment;
        case.money(format_args!("opening {quarter}"), paid.opening, &row["opening"]);
        case.money(format_args!("interest {quarter}"), paid.interest, &row["interest"]);
        let (cash, price) = (ours.to_cash_flow_level, ours.to_depreciated_level);
        case.money(format_args!("by cash {quarter}"), cash, &row["to_cash_flow_level"]);
        case.money(format_args!("by price {quarter}"), price, &row["to_depreciated_level"]);
        case.money(format_args!("principal {quarter}"), paid.principal, &row["principal"]);
        let binding = match ours.binding() {
            Binding::CashFlow => "cash flow",
            Binding::Depreciation => "depreciation",
        };
        case.text(format_args!("binding {quarter}"), binding, &row["binding"]);
    }
    let closing = ours.last().map_or(Money::ZERO, |row| row.instalment.closing());
    case.money("closing", closing, &case.expected["closing"].clone());
}

pub fn cash_sweep(case: &mut Case) {
    let inputs = case.inputs.clone();
    let start = case.cash(&inputs["opening"]);
    let rate = number(&inputs["rate"]);
    let step = case.cash_or_none(&inputs["target_balance_step"]);
    let part = or_zero(&inputs["sweep"]);
    let (mut opening, mut target) = (start, start);
    let theirs = rows(&case.expected["rows"]);
    for (&cash, row) in case.cash_list(&inputs["cfads"]).iter().zip(&theirs) {
        target -= step;
        let ours = sweep(opening, rate, target, cash, part);
        opening = ours.closing();
        let short = ours.principal_short();
        let pairs = [
            ("opening", ours.opening),
            ("interest", ours.interest),
            ("scheduled", ours.scheduled),
            ("paid", ours.paid),
            ("principal_shortfall", short),
            ("interest_shortfall", ours.interest_short),
            ("sweep", ours.sweep),
            ("distribution", ours.distribution),
            ("closing", ours.closing()),
        ];
        for (key, ours) in pairs {
            case.money(format_args!("{key} of {}", row["quarter"]), ours, &row[key]);
        }
    }
}
