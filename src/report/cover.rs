//! A cover ratio taken apart, as text and as JSON.

use serde_json::{Value, json};

use super::style::Style;
use super::tables::{quarter_name, table};
use crate::analysis::cover::{CoverLine, CoverParts};
use crate::model::Site;
use crate::money::Money;

/// Both sides of a ratio down to the entries of the books.
pub fn cover_text(site: &Site, parts: &CoverParts) -> String {
    let title = format!(
        "{}: {} of {} is {}",
        site.id,
        parts.cover.name(),
        quarter_name(parts.period.from),
        parts.ratio()
    );
    let mut text = format!("{}\n", Style::head(&title));
    let sides = [&parts.numerator, &parts.denominator];
    for (name, lines) in parts.cover.sides().into_iter().zip(sides) {
        let total: Money = lines.iter().map(|line| line.amount).sum();
        let row = |line: &CoverLine| {
            vec![line.day.to_string(), line.cause.describe(site), line.amount.to_string()]
        };
        let mut rows: Vec<Vec<String>> = lines.iter().map(row).collect();
        rows.push(vec![String::new(), name.to_owned(), total.to_string()]);
        let currency = site.terms.fx.reporting().to_string();
        text.push_str(&table(&["", name, &currency], 2, rows));
    }
    text
}

/// As JSON: `{site, ratio, from, until, value, numerator, denominator}`, a side `{name, total,
/// lines: [{day, what, amount}]}`; `value` is null where nothing stands below the line.
pub fn cover_json(site: &Site, parts: &CoverParts) -> Value {
    let [above, below] = parts.cover.sides();
    let side = |name: &str, lines: &[CoverLine]| {
        let total: Money = lines.iter().map(|line| line.amount).sum();
        let lines: Vec<Value> = lines
            .iter()
            .map(|line| {
                let (day, amount) = (line.day.to_string(), line.amount.decimal().to_string());
                json!({"day": day, "what": line.cause.describe(site), "amount": amount})
            })
            .collect();
        json!({"name": name, "total": total.decimal().to_string(), "lines": lines})
    };
    json!({
        "site": site.id,
        "ratio": parts.cover.name(),
        "from": parts.period.from.to_string(),
        "until": parts.period.until.to_string(),
        "value": parts.ratio().value(),
        "numerator": side(above, &parts.numerator),
        "denominator": side(below, &parts.denominator),
    })
}
