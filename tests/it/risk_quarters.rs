//! The columns of a row that go by quarter say what the others say.

use energize::chance::Plan as Draws;
use energize::model::{Input, Site, load};
use energize::risk::{Drawn, Kind, NEVER, Study, UNDEFINED};

fn london() -> Site {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/sites/london-blackwell-ultra.yaml");
    let text = std::fs::read(path).expect("the file ships");
    let loaded = load(Input { name: path.into(), text, ..Input::default() });
    loaded.site.unwrap_or_else(|| panic!("{:#?}", loaded.findings))
}

/// `2026-Q3` of months since year 0.
fn quarter(month: i64) -> String {
    format!("{:04}-Q{}", month.div_euclid(12), month.rem_euclid(12) / 3 + 1)
}

#[test]
fn a_covenant_that_breaks_in_a_month_fails_in_its_quarter_and_in_none_before() {
    let site = london();
    let study = Study::new(&site, 3, Draws::Plain, true);
    let columns = &study.outcome.layout.columns;
    let (mut runner, mut drawn) = (study.trials(), Drawn::default());
    let mut broken = 0;
    for trial in 0..60 {
        study.sampler.fill(trial, 1, &mut drawn);
        let row = runner.run(&drawn, 0, &mut vec![0; study.outcome.layout.sums]).to_vec();
        let value = |name: &str| row[study.outcome.layout.index(name).expect("it has a column")];
        let named = |prefix: &str| -> Vec<(&str, i64)> {
            let of = columns.iter().zip(&row);
            of.filter_map(|(of, &value)| Some((of.name.strip_prefix(prefix)?, value))).collect()
        };
        for (covenant, month) in named("breaks:") {
            let fails = named(&format!("fails:{covenant}:"));
            assert!(!fails.is_empty(), "{covenant}");
            let first = fails.iter().find(|(_, fails)| *fails == 1).map(|(name, _)| *name);
            let expected = (month != NEVER).then(|| quarter(month));
            assert_eq!(first, expected.as_deref(), "trial {trial}, {covenant}");
            broken += i32::from(first.is_some());
        }
        let ratios = named("dscr:").into_iter().map(|(_, ratio)| ratio);
        let least = ratios.filter(|&ratio| ratio != UNDEFINED).min().unwrap_or(UNDEFINED);
        assert_eq!(least, value("dscr.least"), "trial {trial}");
        let cash = named("cash:").into_iter().map(|(_, cash)| cash);
        let least = cash.filter(|&cash| cash != UNDEFINED).min().unwrap_or(UNDEFINED);
        assert_eq!(least, value("cash.least"), "trial {trial}");
    }
    assert!(broken >= 60, "contract realization breaks in every trial: {broken}");
    let flags = columns.iter().filter(|column| column.name.starts_with("fails:"));
    assert!(flags.clone().count() > 0 && flags.clone().all(|column| column.kind == Kind::Flag));
}
