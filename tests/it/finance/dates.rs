//! Day counts, business days, schedules.

use energize::loan::{CountFrom, PeriodTerms, Tenor, period_dates};
use energize::money::{BusinessDays, DayCount, Roll};
use energize::time::{Day, HolidaySet};
use serde_json::Value;

use super::case::{Case, count, day, list, rows};

pub fn day_count(case: &mut Case) {
    for row in rows(&case.expected["rows"]) {
        let (start, end) = (day(&row["start"]), day(&row["end"]));
        let name = row["convention"].as_str().unwrap();
        let rule = count_rule(name);
        let what = format!("{start} to {end} {name}");
        case.whole(format_args!("days {what}"), rule.days(start, end), &row["days"]);
        let fraction = rule.fraction(start, end).decimal();
        case.rate(format_args!("fraction {what}"), fraction, &row["year_fraction"]);
    }
}

pub fn count_rule(name: &str) -> DayCount {
    let name = name.to_uppercase().replace("ACTUAL", "ACT").replace(' ', "");
    if name.starts_with("ACT/360") {
        DayCount::Act360
    } else if name.starts_with("ACT/365") {
        DayCount::Act365Fixed
    } else if name.starts_with("ACT/ACT") && !name.contains("MA") {
        DayCount::ActActIsda
    } else if name.starts_with("30E/360") && !name.contains("ISDA") {
        DayCount::ThirtyE360
    } else if name.starts_with("30/360") && (name.contains("US") || name.contains("FEB")) {
        DayCount::Thirty360Usa
    } else if name.starts_with("30/360") {
        DayCount::Thirty360Bond
    } else {
        panic!("no day count `{name}`")
    }
}

pub fn roll(name: &str) -> Roll {
    match name.to_lowercase().replace([' ', '-'], "_").as_str() {
        "unadjusted" => Roll::Unadjusted,
        "following" => Roll::Following,
        "modified_following" => Roll::ModifiedFollowing,
        "preceding" => Roll::Preceding,
        "modified_preceding" => Roll::ModifiedPreceding,
        _ => panic!("no business-day convention `{name}`"),
    }
}

/// The calendar of a case; that of the overnight rate where none is named.
pub fn calendar(value: &Value) -> BusinessDays {
    let name = value.as_str().unwrap_or("UnitedStates(SOFR)");
    let holidays = if name.contains("SOFR") || name.contains("GovernmentBond") {
        HolidaySet::UsSofr
    } else if name.contains("UnitedKingdom") {
        HolidaySet::GbEng
    } else {
        panic!("no calendar `{name}`")
    };
    BusinessDays { holidays }
}

pub fn business_day(case: &mut Case) {
    let calendar = calendar(&case.inputs["calendar"]);
    for row in rows(&case.expected["rows"]) {
        let date = day(&row["date"]);
        let name = row["convention"].as_str().unwrap();
        let ours = calendar.adjust(date, roll(name)).to_string();
        case.text(format_args!("{date} {name}"), &ours, &row["adjusted"]);
    }
}

pub fn holidays(case: &mut Case) {
    let (from, to) = (day(&case.inputs["from"]), day(&case.inputs["to"]));
    let calendar = calendar(&case.inputs["calendar"]);
    let ours: Vec<String> =
        calendar.weekdays_off(from, to + 1).iter().map(Day::to_string).collect();
    let theirs: Vec<String> = rows(&case.expected["holidays"])
        .iter()
        .map(|date| date.as_str().unwrap().to_string())
        .collect();
    case.same("holidays", ours.join(" "), theirs.join(" "));
}

pub fn schedule(case: &mut Case) {
    for schedule in rows(&case.inputs["schedules"]) {
        let name = schedule["name"].as_str().unwrap();
        let terms = PeriodTerms {
            start: day(&schedule["start"]),
            end: day(&schedule["end"]),
            first: schedule["first_date"].as_str().map(|_| day(&schedule["first_date"])),
            tenor: tenor(&schedule["tenor"]),
            from: match schedule["rule"].as_str().unwrap_or("backward") {
                "forward" => CountFrom::Start,
                _ => CountFrom::End,
            },
            month_end: schedule["end_of_month"].as_bool().unwrap_or(false),
            roll: roll(schedule["convention"].as_str().unwrap_or("unadjusted")),
            calendar: calendar(&schedule["calendar"]),
        };
        let ours: Vec<String> = period_dates(&terms).iter().map(Day::to_string).collect();
        let theirs = &case.expected[name];
        if theirs.is_array() {
            let theirs: Vec<String> =
                list(theirs).iter().map(|date| date.as_str().unwrap().to_string()).collect();
            case.same(name, ours.join(" "), theirs.join(" "));
        }
    }
}

/// `6M`, `1Y`, `2W`, `10D`.
pub fn tenor(value: &Value) -> Tenor {
    let text = value.as_str().unwrap_or("3M").to_uppercase();
    let (amount, unit) = text.split_at(text.len() - 1);
    let amount = count(&Value::from(amount));
    match unit {
        "M" => Tenor::Months(amount),
        "Y" => Tenor::Months(12 * amount),
        "W" => Tenor::Days(7 * amount),
        "D" => Tenor::Days(amount),
        _ => panic!("no tenor `{text}`"),
    }
}
