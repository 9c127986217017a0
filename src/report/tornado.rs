//! What drives a date and an amount, and the outside view, as tables.

use super::risk::{name, shown};
use super::style::Style;
use super::tables::table;
use crate::risk::{OneAtATime, OutsideView, RankTornado, Removals};

/// Most lines of a table; the JSON holds all.
const LINES_MAX: usize = 12;

/// Ranks, one at a time, and what each cause costs in the percentile.
pub fn drivers_text(
    ranks: &[RankTornado],
    one_at_a_time: &OneAtATime,
    removals: &Removals,
) -> String {
    let mut text = String::new();
    for tornado in ranks {
        let told = tornado.drivers.iter().filter(|of| of.spearman.abs() > tornado.by_chance);
        let rows: Vec<_> = told
            .take(LINES_MAX)
            .map(|of| vec![of.driver.clone(), format!("{:+.2}", of.spearman), bar(of.spearman)])
            .collect();
        let head = format!("moves {}", name(&tornado.column));
        text += &table(&[&head, "rank correlation", ""], 1, rows);
        text += &Style::dim(&format!(
            "  of {} that vary; up to {:.2} is chance\n\n",
            tornado.considered, tornado.by_chance
        ));
    }
    let days = |days: Option<f64>| days.map_or("n/a".into(), |days| format!("{days:+.1} d"));
    let rows: Vec<_> = (one_at_a_time.swings.iter().take(LINES_MAX))
        .map(|swing| {
            let mut row = vec![swing.driver.clone(), days(swing.low_days), days(swing.high_days)];
            for money in &swing.money {
                row.push(shown(money.low.as_ref()));
                row.push(shown(money.high.as_ref()));
            }
            row
        })
        .collect();
    let mut heads = vec!["one at a time".to_owned(), "at its P10".into(), "at its P90".into()];
    for amount in &one_at_a_time.likely_money {
        heads.push(format!("{}: P10", name(&amount.column)));
        heads.push("P90".into());
    }
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    text += &table(&heads, 1, rows);
    let about = format!(
        "  against the likely {} of {}; a risk is off or on at its median; money in million\n\n",
        shown(Some(&one_at_a_time.likely)),
        name(&one_at_a_time.target)
    );
    text + &Style::dim(&about) + &removals_text(removals)
}

fn removals_text(removals: &Removals) -> String {
    let days = |days: Option<f64>| days.map_or("n/a".into(), |days| format!("{days:+.1} d"));
    let mut heads = vec![
        format!("costs of P{} of {}", removals.percent, name(&removals.target)),
        "P80 without".to_owned().replace("80", &removals.percent.to_string()),
        "days".into(),
        "days of the mean".into(),
    ];
    if let Some(first) = removals.removals.first() {
        heads.extend(first.money.iter().map(|money| name(&money.column)));
    }
    let rows: Vec<_> = (removals.removals.iter().take(LINES_MAX))
        .map(|of| {
            let mut row = vec![of.driver.clone(), shown(of.without.as_ref())];
            row.extend([days(of.days), days(of.mean_days)]);
            row.extend(of.money.iter().map(|money| shown(money.difference.as_ref())));
            row
        })
        .collect();
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let about = format!(
        "  the same {} trials without it: P{} with all is {}\n\n",
        removals.trials,
        removals.percent,
        removals.with_all.as_ref().map_or("n/a".into(), |value| shown(Some(value)))
    );
    table(&heads, 1, rows) + &Style::dim(&about)
}

/// A correlation as a bar around the middle.
fn bar(value: f64) -> String {
    let cells = (value.abs() * 10.0).round() as usize;
    let (left, right) = if value < 0.0 { (cells, 0) } else { (0, cells) };
    format!("{:>10}|{:<10}", "#".repeat(left), "#".repeat(right))
}

/// The reference class beside the trials (semantics R7).
pub fn outside_text(view: &OutsideView) -> String {
    let of = &view.class_months;
    let months = |months: Option<f64>| months.map_or("n/a".into(), |of| format!("{of:.1}"));
    let rows = vec![
        vec![
            format!("{} projects ({})", view.class, view.projects),
            format!("{:.1}", of.p10),
            format!("{:.1}", of.p50),
            format!("{:.1}", of.p80),
            format!("{:.1}", of.p90),
        ],
        vec![
            "this site, from below".into(),
            String::new(),
            months(view.p50_months),
            months(view.p80_months),
            String::new(),
        ],
    ];
    let heads = ["months, outside view", "P10", "P50", "P80", "P90"];
    let apart = match view.apart.is_empty() {
        true => String::new(),
        false => format!("; apart: {}", view.apart.join(", ")),
    };
    let end = match view.to.as_str() {
        "the first hall" => "the first hall ready for service".to_owned(),
        to => format!("the finish of {to}"),
    };
    let about = format!(
        "  {}\n  from the start of {} to {}{apart}\n  {}\n\n",
        view.sentence, view.from, end, view.source
    );
    table(&heads, 1, rows) + &Style::dim(&about)
}
