//! Forecasts beside what happened: how often intervals held, and how far off they were.

use super::fan::{number, subtitle};
use super::ramp::title;
use super::{Chart, Figure, Kind, Table, Told, Trials};
use crate::analysis::against::{Compared, Metric, Modelled, Stated, compare};
use crate::plot::Calibration;
use crate::risk::ColumnSummary;

/// Intervals that are judged: what they state in percent, and their ends.
const INTERVALS: [(f64, [f64; 2]); 4] =
    [(50.0, [25.0, 75.0]), (80.0, [10.0, 90.0]), (90.0, [5.0, 95.0]), (98.0, [1.0, 99.0])];
/// Ends of the bins of outcomes: tenths.
const TENTHS: [f64; 9] = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0];

/// Revenue by quarter: percentiles of the trials and two naive forecasts against actual figures.
///
/// A quarter in which all trials say the same is no forecast with a probability: it takes part in
/// the errors alone.
pub(super) fn calibration(told: &Told<'_>, trials: &Trials) -> Option<Figure> {
    let revenue = told.actuals.iter().filter(|actual| actual.metric == Metric::Revenue);
    let quarters = revenue.map(|actual| actual.quarter);
    let range = [quarters.clone().min()?, quarters.max()?];
    let model = Modelled::new(told.site, told.run);
    let compared = compare(told.actuals, &[model], range);
    let mut cases: Vec<Case<'_>> = Vec::new();
    for of in compared.iter().filter(|of| of.metric == Metric::Revenue) {
        cases.extend(Case::of(of, trials));
    }
    if cases.is_empty() {
        return None;
    }
    let spread: Vec<&Case<'_>> = cases.iter().filter(|case| case.has_spread()).collect();
    let share = |[low, high]: [f64; 2]| {
        let held = spread.iter().filter(|case| case.within(low, high)).count();
        held as f64 / spread.len() as f64
    };
    let coverage = INTERVALS.map(|(stated, ends)| (stated / 100.0, share(ends)));
    let mut pit = vec![0; TENTHS.len() + 1];
    for case in &spread {
        pit[TENTHS.iter().filter(|&&p| case.at(p) < Some(case.actual)).count()] += 1;
    }
    let chart = Calibration {
        title: format!("{}: revenue forecasts beside what happened", title(told.site)),
        subtitle: format!(
            "{}; {} quarters, {} of them with a spread",
            subtitle(trials),
            cases.len(),
            spread.len()
        ),
        coverage: if spread.is_empty() { Vec::new() } else { coverage.to_vec() },
        pit: if spread.is_empty() { Vec::new() } else { pit },
        unit: "% of the actual figure".into(),
        errors: errors(&cases),
        cases: cases.iter().filter(|case| case.is_comparable()).count(),
    };
    let (kind, name) = (Kind::Calibration, Kind::Calibration.name().into());
    let table = table(&cases, &trials.overall.currency);
    Some(Figure { kind, name, chart: Chart::Calibration(chart), table })
}

/// One quarter with an actual figure.
struct Case<'r> {
    compared: &'r Compared,
    forecast: &'r ColumnSummary,
    /// In millions.
    actual: f64,
}

impl<'r> Case<'r> {
    fn of(compared: &'r Compared, trials: &'r Trials) -> Option<Case<'r>> {
        let Some(Stated::Value(actual)) = compared.actual else { return None };
        let quarter = compared.quarter;
        let column = format!("revenue:{:04}-Q{}", quarter.year, quarter.number);
        let forecast = trials.overall.money.iter().find(|of| of.name == column)?;
        Some(Case { compared, forecast, actual })
    }

    /// A percentile of the trials, in millions.
    fn at(&self, p: f64) -> Option<f64> {
        let mut all = self.forecast.percentiles.iter();
        number(&all.find(|of| (of.p - p).abs() < 1e-9)?.value)
    }

    fn has_spread(&self) -> bool {
        self.at(1.0) < self.at(99.0)
    }

    fn within(&self, low: f64, high: f64) -> bool {
        self.at(low) <= Some(self.actual) && Some(self.actual) <= self.at(high)
    }

    /// Whether every forecast says something.
    fn is_comparable(&self) -> bool {
        self.forecasts().iter().all(Option::is_some)
    }

    /// What each forecast says.
    fn forecasts(&self) -> [Option<f64>; 3] {
        let by_power = self.compared.by_power.first().copied().flatten();
        [self.at(50.0), self.compared.last_quarter, by_power]
    }
}

const FORECASTS: [&str; 3] =
    ["P50 of the trials", "last quarter again", "last revenue per active MW"];

/// Mean absolute error of each forecast, over the quarters in which all of them say something.
fn errors(cases: &[Case<'_>]) -> Vec<(String, f64)> {
    let all = cases.iter().filter(|case| case.is_comparable());
    let off: Vec<[f64; 3]> = all
        .map(|case| case.forecasts().map(|said| case.compared.error(said).unwrap_or(0.0).abs()))
        .collect();
    let mean = |at: usize| off.iter().map(|of| of[at]).sum::<f64>() / off.len() as f64 * 100.0;
    match off.is_empty() {
        true => Vec::new(),
        false => (0..).zip(FORECASTS).map(|(at, name)| (name.to_owned(), mean(at))).collect(),
    }
}

fn table(cases: &[Case<'_>], currency: &str) -> Table {
    let mut table = Table::new(["quarter", "actual", "P10", "P50", "P90"]);
    for head in &mut table.head[1..] {
        *head = format!("{head}, {currency} million");
    }
    table.head.extend(FORECASTS.map(|name| format!("error of {name}, %")));
    for case in cases {
        let shown = |value: Option<f64>| value.map_or_else(String::new, |v| format!("{v:.1}"));
        let mut row = vec![case.compared.quarter.to_string(), shown(Some(case.actual))];
        row.extend([10.0, 50.0, 90.0].map(|p| shown(case.at(p))));
        let off = case.forecasts().map(|said| case.compared.error(said));
        row.extend(off.map(|off| off.map_or_else(String::new, |o| format!("{:+.1}", o * 100.0))));
        table.rows.push(row);
    }
    table
}
