//! A run beside what really happened, as tables and CSV.

use super::style::Style;
use super::tables::table;
use crate::analysis::against::{Compared, Margin, Metric, Modelled, Quarter, Stated};
use crate::money::Money;

/// Heads of the models, e.g. `as known on 2025-08-12`.
pub type Names<'n> = &'n [String];

/// The table of the last quarter against the one a year before, then every line by quarter.
pub fn against_text(compared: &[Compared], names: Names<'_>, last: Quarter) -> String {
    let mut parts = vec![year_on_year(compared, names, last)];
    for metric in Metric::ALL {
        let rows: Vec<&Compared> = compared.iter().filter(|row| row.metric == metric).collect();
        parts.push(by_quarter(metric, &rows, names));
    }
    let note = "  error: model less actual, over actual. Baselines for it: the quarter before again; \
                for revenue also its revenue\n  for each MW of mean active power, times the power of \
                the model.\n";
    parts.push(Style::dim(note));
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

fn year_on_year(compared: &[Compared], names: Names<'_>, last: Quarter) -> String {
    let first = last.before(4);
    let find = |metric, quarter| {
        compared.iter().find(|row| row.metric == metric && row.quarter == quarter)
    };
    let metrics = [Metric::Revenue, Metric::OperatingIncome, Metric::Interest, Metric::Backlog];
    let row = |metric: Metric| {
        let ends = [find(metric, first), find(metric, last)];
        let after = ends[1];
        let actual = ends.map(|row| row.and_then(|row| row.actual));
        let mut cells = vec![metric.title().to_owned()];
        cells.extend(actual.map(told));
        cells.push(change(actual.map(value)));
        for at in 0..names.len() {
            let model = ends.map(|row| row.and_then(|row| row.models[at]));
            cells.extend(model.map(number));
            cells.push(change(model));
            cells.push(percent(after.and_then(|row| row.error(row.models[at]))));
        }
        cells
    };
    let mut heads = vec![
        String::new(),
        format!("{first} actual"),
        format!("{last} actual"),
        "change".to_owned(),
    ];
    for name in names {
        heads.extend([
            format!("{name}: {first}"),
            last.to_string(),
            "change".into(),
            "error".into(),
        ]);
    }
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let title = Style::head(&format!("{last} against {first}, million"));
    format!("{title}\n{}", table(&heads, 1, metrics.map(row).to_vec()))
}

fn by_quarter(metric: Metric, rows: &[&Compared], names: Names<'_>) -> String {
    let power = metric == Metric::Revenue;
    let row = |row: &&Compared| {
        let mut cells = vec![row.quarter.to_string(), told(row.actual)];
        for at in 0..names.len() {
            cells.push(number(row.models[at]));
            cells.push(percent(row.error(row.models[at])));
        }
        cells.push(percent(row.error(row.last_quarter)));
        if power {
            cells.extend(row.by_power.iter().map(|figure| percent(row.error(*figure))));
        }
        cells
    };
    let mut heads = vec![String::new(), "actual".into()];
    for name in names {
        heads.extend([name.clone(), "error".to_owned()]);
    }
    heads.push("quarter before again".into());
    if power {
        heads.extend(names.iter().map(|name| format!("by power, {name}")));
    }
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let unit = if metric == Metric::ActivePower { "" } else { ", million" };
    let title = Style::head(&format!("{}{unit}", metric.title()));
    format!("{title}\n{}", table(&heads, 1, rows.iter().map(row).collect()))
}

/// The same as rows of `metric,quarter,actual,bound,MODEL,MODEL error,...`.
pub fn against_csv(compared: &[Compared], names: Names<'_>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut heads = vec!["metric".to_owned(), "quarter".into(), "actual".into(), "bound".into()];
    for name in names {
        heads.extend([name.clone(), format!("error, {name}"), format!("by power, {name}")]);
    }
    heads.push("quarter before".into());
    let plain =
        |figure: Option<f64>| figure.map(|figure| format!("{figure:.4}")).unwrap_or_default();
    let write = |writer: &mut csv::Writer<Vec<u8>>, cells: &[String]| {
        writer.write_record(cells).expect("memory takes it");
    };
    write(&mut writer, &heads);
    for row in compared {
        let bound = match row.actual {
            Some(Stated::AtMost(_)) => "at most",
            Some(Stated::AtLeast(_)) => "at least",
            _ => "",
        };
        let mut cells = vec![
            row.metric.word().to_owned(),
            row.quarter.to_string(),
            plain(row.actual.map(bare)),
            bound.to_owned(),
        ];
        for at in 0..names.len() {
            let figure = row.models[at];
            cells.extend([plain(figure), plain(row.error(figure)), plain(row.by_power[at])]);
        }
        cells.push(plain(row.last_quarter));
        write(&mut writer, &cells);
    }
    writer.into_inner().expect("memory takes it")
}

fn bare(stated: Stated) -> f64 {
    match stated {
        Stated::Value(figure) | Stated::AtMost(figure) | Stated::AtLeast(figure) => figure,
    }
}

fn value(stated: Option<Stated>) -> Option<f64> {
    match stated {
        Some(Stated::Value(figure)) => Some(figure),
        _ => None,
    }
}

fn told(stated: Option<Stated>) -> String {
    match stated {
        Some(Stated::Value(figure)) => number(Some(figure)),
        Some(Stated::AtMost(figure)) => format!("at most {}", number(Some(figure))),
        Some(Stated::AtLeast(figure)) => format!("at least {}", number(Some(figure))),
        None => "no actual".into(),
    }
}

fn number(figure: Option<f64>) -> String {
    let Some(figure) = figure else { return "n/a".into() };
    // Money prints two places; figures here are told to one.
    let tenths = Money((figure * 10.0).round() as i64 * 100_000).to_string();
    tenths[..tenths.len() - 1].to_owned()
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(String::new, |share| format!("{:+.1} %", share * 100.0))
}

fn change([before, after]: [Option<f64>; 2]) -> String {
    match (before, after) {
        (Some(before), Some(after)) if before.abs() > 0.0 => {
            percent(Some((after - before) / before.abs()))
        }
        _ => String::new(),
    }
}

/// How the operating margin went from one quarter to another, line by line, in points.
pub fn margin_text(models: &[Modelled<'_>], names: Names<'_>, last: Quarter) -> String {
    let first = last.before(4);
    let mut parts = Vec::new();
    for (model, name) in models.iter().zip(names) {
        let (Some(then), Some(now)) = (model.margin(first), model.margin(last)) else { continue };
        let of = |of: fn(&Margin) -> f64| [of(&then), of(&now)];
        let row = |title: &str, [then, now]: [f64; 2], sign: f64| {
            let points = |share: f64| format!("{:.1}", share * 100.0);
            vec![
                title.to_owned(),
                points(then),
                points(now),
                format!("{:+.1}", sign * (now - then) * 100.0),
            ]
        };
        let lag = of(|margin| margin.without_lag - margin.margin);
        let rows = vec![
            row("operating margin", of(|margin| margin.margin), 1.0),
            row("  cost of revenue", of(|margin| margin.cost_of_revenue), -1.0),
            row("  technology and infrastructure", of(|margin| margin.technology), -1.0),
            row("  sales and overhead", of(|margin| margin.overhead), -1.0),
            row("  of all lines, stock compensation", of(|margin| margin.stock), -1.0),
            row("margin, had all power that is ready been billed", of(|m| m.without_lag), 1.0),
            row("  lost to power that is ready and not billed", lag, -1.0),
        ];
        let heads = ["", &first.to_string(), &last.to_string(), "moves the margin by"];
        let title = Style::head(&format!("Operating margin, per cent of revenue, {name}"));
        parts.push(format!("{title}\n{}", table(&heads, 1, rows)));
    }
    parts.join("\n")
}
