//! A ratio taken apart, as text and as JSON.

use serde_json::{Value, json};

use super::style::Style;
use super::tables::{quarter_name, table};
use crate::analysis::cover::{CoverLine, CoverParts, Made};
use crate::ledger::value_text;
use crate::model::Site;
use crate::model::covenants::Test;
use crate::money::Money;

/// Both sides of a ratio down to the entries of the books.
pub fn cover_text(site: &Site, parts: &CoverParts) -> String {
    let found = match parts.test {
        Test::MinimumLiquidity => parts.ratio().to_string(),
        test => value_text(test, parts.ratio()),
    };
    let foresight = if parts.perfect_foresight { " (perfect foresight)" } else { "" };
    let title =
        format!("{}: {} {} is {found}{foresight}", site.id, parts.test.name(), span(site, parts));
    let mut text = format!("{}\n", Style::head(&title));
    let sides = [&parts.numerator, &parts.denominator];
    for (name, lines) in parts.test.sides().into_iter().zip(sides) {
        let total: Money = lines.iter().map(|line| line.amount).sum();
        let row = |line: &CoverLine| {
            vec![line.day.to_string(), what(site, line), line.amount.to_string()]
        };
        let mut rows: Vec<Vec<String>> = lines.iter().map(row).collect();
        rows.push(vec![String::new(), name.to_owned(), total.to_string()]);
        let currency = site.terms.fx.reporting().to_string();
        text.push_str(&table(&["", name, &currency], 2, rows));
    }
    text
}

/// `of 2027 Q2`, `of 2026-07-01 to 2027-06-30`, `of ddtl on 2027-06-30`.
fn span(site: &Site, parts: &CoverParts) -> String {
    let last = parts.until + -1;
    let ends = last.month_start().add_months(-2);
    let loan = parts.loan.map_or("", |loan| &site.terms.loans[loan as usize].id);
    match parts.test {
        Test::Ltv(_) | Test::MinimumLiquidity | Test::Llcr | Test::Plcr => {
            format!("of {loan} on {last}")
        }
        _ if last.date().month() % 3 == 0 && parts.from >= ends => {
            format!("of {}", quarter_name(parts.from))
        }
        _ => format!("of {} to {last}", parts.from),
    }
}

fn what(site: &Site, line: &CoverLine) -> String {
    match &line.what {
        Made::Entry(cause) => cause.describe(site),
        Made::Figure(text) => text.clone(),
    }
}

/// As JSON: `{site, ratio, from, until, value, perfect_foresight, numerator, denominator}`, a side
/// `{name, total, lines: [{day, what, amount}]}`; `value` is null where nothing stands below the
/// line.
pub fn cover_json(site: &Site, parts: &CoverParts) -> Value {
    let [above, below] = parts.test.sides();
    let side = |name: &str, lines: &[CoverLine]| {
        let total: Money = lines.iter().map(|line| line.amount).sum();
        let lines: Vec<Value> = lines
            .iter()
            .map(|line| {
                let (day, amount) = (line.day.to_string(), line.amount.decimal().to_string());
                json!({"day": day, "what": what(site, line), "amount": amount})
            })
            .collect();
        json!({"name": name, "total": total.decimal().to_string(), "lines": lines})
    };
    json!({
        "site": site.id,
        "ratio": parts.test.name(),
        "from": parts.from.to_string(),
        "until": parts.until.to_string(),
        "value": parts.ratio().value(),
        "perfect_foresight": parts.perfect_foresight,
        "numerator": side(above, &parts.numerator),
        "denominator": side(below, &parts.denominator),
    })
}
