//! The operator portfolio beside what really happened: gates up to 2025Q2, a snapshot of 2025Q3.

use energize::analysis::against::{Compared, Metric, Stated};

use super::fixture::Fixture;

/// Rows of the comparison, by metric and quarter: model errors in order of the models.
fn compared() -> Vec<Vec<String>> {
    let sites = format!("{}/sites", env!("CARGO_MANIFEST_DIR"));
    let file = |name: &str| format!("{sites}/{name}");
    let (portfolio, actuals) = (file("operator-2025.yaml"), file("actuals-2025.csv"));
    let fixture = Fixture::new();
    let ran = fixture.run(["run", &portfolio, "--against", &actuals, "--out", "out"]);
    ran.fine();
    let text = fixture.read("out/against.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let cells = |record: csv::StringRecord| record.iter().map(str::to_owned).collect();
    reader.records().map(|record| cells(record.expect("a record"))).collect()
}

#[test]
fn history_is_met_and_the_quarter_that_was_not_known_is_told() {
    let rows = compared();
    let row = |metric: &str, quarter: &str| {
        let found = rows.iter().find(|row| row[0] == metric && row[1] == quarter);
        found.unwrap_or_else(|| panic!("no row for {metric} {quarter}"))
    };
    // metric, quarter, actual, bound, then of each model: figure, error, by power.
    let error = |metric: &str, quarter: &str, model: usize| {
        row(metric, quarter)[4 + 3 * model + 1].parse::<f64>().expect("an error")
    };
    for quarter in ["2024Q3", "2024Q4", "2025Q1", "2025Q2"] {
        for model in [0, 1] {
            assert!(error("revenue", quarter, model).abs() <= 0.03, "revenue of {quarter}");
            assert!(error("interest_expense", quarter, model).abs() <= 0.05, "interest {quarter}");
        }
    }
    for quarter in ["2024Q4", "2025Q1", "2025Q2"] {
        let off = error("depreciation_amortization", quarter, 0).abs();
        assert!(off <= 0.03, "D&A of {quarter}: {off}");
    }
    // Adjusted EBITDA less operating income leaves no more for the depreciation of 2024Q3.
    let bound = row("depreciation_amortization", "2024Q3");
    assert_eq!(bound[3], "at most");
    assert!(bound[4].parse::<f64>().expect("a figure") <= bound[2].parse().expect("a bound"));
    let told = |metric| {
        let row = row(metric, "2025Q3");
        [&row[4], &row[5], &row[7], &row[8]].map(|cell| cell.trim_end_matches('0').to_owned())
    };
    insta::assert_debug_snapshot!(
        ["revenue", "operating_income", "interest_expense", "depreciation_amortization"].map(told)
    );
}

#[test]
fn a_bound_gives_no_error() {
    let row = Compared {
        metric: Metric::Depreciation,
        quarter: energize::analysis::against::Quarter { year: 2024, number: 3 },
        actual: Some(Stated::AtMost(261.6)),
        models: vec![Some(260.0)],
        last_quarter: None,
        by_power: vec![None],
    };
    assert_eq!(row.error(row.models[0]), None);
}

#[test]
fn every_shipped_scenario_can_be_laid_down() {
    let sites = format!("{}/sites", env!("CARGO_MANIFEST_DIR"));
    let portfolio = format!("{sites}/operator-2025.yaml");
    let mut paths: Vec<String> = std::fs::read_dir(format!("{sites}/scenarios"))
        .expect("the folder ships")
        .map(|entry| entry.expect("an entry").path().display().to_string())
        .collect();
    paths.sort();
    assert!(paths.len() >= 10, "{paths:?}");
    let on_time = format!("{sites}/scenarios/london-on-time.yaml");
    for path in &paths {
        let late = path.contains("london-plus");
        let mut args = vec!["check", &portfolio];
        args.extend(if late { vec!["--scenario", &on_time] } else { vec![] });
        args.extend(["--scenario", path, "-q"]);
        Fixture::new().run(args).fine();
    }
}
