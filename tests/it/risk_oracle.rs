//! Monte Carlo against answers that are known exactly: published cases and closed forms.
//!
//! Each case becomes a site file, is run, and its numbers stand within four standard errors of the
//! answer. Cases are read from the folder that `ENERGIZE_ORACLES` names, else from the one beside
//! the project, else from the project's own copy; a kind or an answer that is not known here fails.
//! A million trials a case where `ENERGIZE_TRIALS` says so, a tenth of that ordinarily.

#![allow(clippy::print_stdout, reason = "one line a case")]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use energize::chance::Plan;
use energize::model::{Input, Site, load};
use energize::risk::{Bearing, Store, Study, Workers, run_trials};
use serde_json::Value;

const DAY: f64 = 1440.0;
/// Elapsed days that one unit of a case is: minutes round nothing away.
const UNIT: f64 = 10.0;

fn trials() -> u32 {
    let stated =
        std::env::var_os("ENERGIZE_TRIALS").map(|text| text.to_string_lossy().into_owned());
    stated.map_or(100_000, |text| text.parse().expect("ENERGIZE_TRIALS is a whole number"))
}

/// The columns of a site's trials.
struct Run {
    columns: BTreeMap<String, Vec<i64>>,
    bearings: BTreeMap<String, Bearing>,
    start: i64,
}

impl Run {
    fn of(text: &str) -> Run {
        let input = Input { name: "case.yaml".into(), text: text.into(), ..Input::default() };
        let loaded = load(input);
        let site = loaded.site.unwrap_or_else(|| panic!("{:#?}\n{text}", loaded.findings));
        let study = Study::new(&site, 20_260_105, Plan::Plain, true);
        let meta = study.meta(String::new(), trials(), 0..trials());
        let mut store = Store::create(meta, Cursor::new(Vec::new()), usize::MAX).unwrap();
        let stop = AtomicBool::new(false);
        let workers = Workers { threads: 2, stop: &stop, progress: &|_| {}, reversed: false };
        run_trials(&study, &mut store, trials(), &workers).unwrap();
        let bearings = study.outcome.drivers(store.sums()).bearings();
        let id = |of: &Bearing| site.plan.activities[of.activity as usize].id.clone();
        let bearings = bearings.into_iter().map(|bearing| (id(&bearing), bearing)).collect();
        let names = study.outcome.layout.columns.iter().map(|column| column.name.clone());
        let columns = names.map(|name| (name.clone(), store.column(&name).unwrap())).collect();
        Run { columns, bearings, start: start(&site) }
    }

    /// Units of the case from the start of the run to a date.
    fn units(&self, column: &str) -> Vec<f64> {
        let units = |value: &i64| (value - self.start) as f64 / DAY / UNIT;
        self.columns[column].iter().map(units).collect()
    }
}

fn start(site: &Site) -> i64 {
    site.plan.start.0
}

/// What a case expects, and what has been compared with it.
struct Answers<'c> {
    id: &'c str,
    expect: BTreeMap<&'c str, &'c Value>,
}

impl Answers<'_> {
    fn take(&mut self, key: &str) -> Option<f64> {
        self.expect.remove(key).map(|value| value.as_f64().expect("a number"))
    }

    fn near(&mut self, key: &str, found: f64, error: f64) {
        let Some(expected) = self.take(key) else { return };
        self.stands(key, found, expected, error);
    }

    fn stands(&self, what: &str, found: f64, expected: f64, error: f64) {
        let off = (found - expected).abs();
        // Minutes are whole: a hundredth of a standard error beyond none.
        assert!(
            off <= 4.0 * error + 1e-9,
            "{}: {what} is {found}, expected {expected}: {:.2} standard errors",
            self.id,
            off / error
        );
    }

    /// A probability.
    fn share(&mut self, key: &str, found: f64) {
        let Some(expected) = self.take(key) else { return };
        let error = (expected * (1.0 - expected) / f64::from(trials())).sqrt();
        self.stands(key, found, expected, error);
    }

    /// Mean, variance, standard deviation, percentiles and the like of a value.
    fn distribution(&mut self, values: &[f64]) {
        let n = values.len() as f64;
        let (mean, variance, fourth) = moments(values);
        let of_variance = ((fourth - variance * variance) / n).sqrt();
        self.near("mean", mean, (variance / n).sqrt());
        self.near("variance", variance, of_variance);
        self.near("sd", variance.sqrt(), of_variance / 2.0 / variance.sqrt());
        let keys: Vec<String> = self.expect.keys().map(|&key| key.to_owned()).collect();
        for key in keys {
            let percentile = match key.as_str() {
                "median" => Some(0.5),
                key => key.strip_prefix('p').and_then(|p| p.parse::<f64>().ok()).map(|p| p / 100.0),
            };
            if let Some(p) = percentile {
                let value = self.take(&key).unwrap();
                self.percentile(&key, values, p, value);
            } else if let Some(below) =
                key.strip_prefix("p_le_").and_then(|v| v.parse::<f64>().ok())
            {
                self.share(&key, share(values, |value| value <= below + HALF_A_MINUTE));
            } else if let Some(at) = key.strip_prefix("p_eq_").and_then(|v| v.parse::<f64>().ok()) {
                self.share(&key, share(values, |value| (value - at).abs() <= HALF_A_MINUTE));
            }
        }
    }

    /// P(X < x) <= p <= P(X <= x), each within four standard errors: at the edge of an atom just
    /// below and just above.
    fn percentile(&self, key: &str, values: &[f64], p: f64, value: f64) {
        let error = 4.0 * (p * (1.0 - p) / values.len() as f64).sqrt();
        let below = share(values, |found| found < value - HALF_A_MINUTE);
        let up_to = share(values, |found| found <= value + HALF_A_MINUTE);
        assert!(
            below <= p + error && up_to >= p - error,
            "{}: {key} = {value}: {below} lie below and {up_to} up to it",
            self.id
        );
    }
}

const HALF_A_MINUTE: f64 = 0.5 / DAY / UNIT + 1e-12;

fn moments(values: &[f64]) -> (f64, f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares = |value: &f64| (value - mean) * (value - mean);
    let second = values.iter().map(squares).sum::<f64>() / n;
    let fourth = values.iter().map(squares).map(|square| square * square).sum::<f64>() / n;
    (mean, second, fourth)
}

fn share(values: &[f64], is: impl Fn(f64) -> bool) -> f64 {
    values.iter().filter(|&&value| is(value)).count() as f64 / values.len() as f64
}

fn correlation(one: &[f64], other: &[f64]) -> f64 {
    let (a, va, _) = moments(one);
    let (b, vb, _) = moments(other);
    let both = one.iter().zip(other).map(|(one, other)| (one - a) * (other - b)).sum::<f64>();
    both / one.len() as f64 / (va * vb).sqrt()
}

/// Ranks of values that do not tie but by rounding to minutes.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut at = 0;
    while at < order.len() {
        let tied = order[at..].iter().take_while(|&&o| values[o] <= values[order[at]]).count();
        for &of in &order[at..at + tied] {
            ranks[of] = at as f64 + (tied - 1) as f64 / 2.0;
        }
        at += tied;
    }
    ranks
}

const HEAD: &str = "site: case\nstart: 2026-01-01\ncurrency: USD\nactivities:\n";

fn days(value: f64) -> String {
    format!("{}ed", value * UNIT)
}

fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().unwrap_or_else(|| panic!("a list, found {value}"));
    list.iter().map(|value| value.as_f64().unwrap()).collect()
}

fn triangular(three: &Value) -> String {
    let [low, likely, high] = numbers(three)[..] else { panic!("three points, found {three}") };
    format!("{{triangular: [{}, {}, {}]}}", days(low), days(likely), days(high))
}

/// The spread that a case gives to activity `at`.
fn spread(model: &Value, at: usize) -> String {
    if let Some(three) = model.get("triangular") {
        return triangular(if three[0].is_array() { &three[at] } else { three });
    }
    if let Some(mean) = model.get("exponential_mean") {
        return format!("{{exponential: {{mean: {}}}}}", days(mean.as_f64().unwrap()));
    }
    let sd = model["normal_sd"][at].as_f64().expect("a spread that is known here");
    format!("{{normal: {{mean: {}, sd: {}}}}}", days(100.0), days(sd))
}

fn case(case: &Value) {
    let (id, model) = (case["id"].as_str().unwrap(), &case["model"]);
    let expect = case["expect"].as_object().unwrap().iter();
    let mut answers =
        Answers { id, expect: expect.map(|(key, value)| (key.as_str(), value)).collect() };
    match model["kind"].as_str().unwrap() {
        "series" => series(model, &mut answers),
        "max" => parallel(model, &mut answers),
        "network" => network(model, &mut answers),
        "risk_event" => risk_event(model, &mut answers),
        "risk_driver" => risk_driver(model, &mut answers),
        "branch_loop" => branch_loop(model, &mut answers),
        "series_corr" => correlated(model, &mut answers),
        "jcl" => joint(model, &mut answers),
        "ramp" => ramp(model, &mut answers),
        kind => panic!("{id}: the kind `{kind}` is not known"),
    }
    let left: Vec<&str> = answers.expect.keys().copied().collect();
    assert!(left.is_empty(), "{id}: not compared: {left:?}");
    println!("{id}: agrees");
}

fn series(model: &Value, answers: &mut Answers<'_>) {
    let list = model.get("triangular").or(model.get("normal_sd")).unwrap();
    let mut text = HEAD.to_owned();
    let mut likely = 0.0;
    for at in 0..list.as_array().unwrap().len() {
        let after = at.checked_sub(1).map_or(String::new(), |at| format!(", after: [a{at}]"));
        writeln!(text, "  a{at}: {{duration: {}{after}}}", spread(model, at)).unwrap();
        likely += list[at][1].as_f64().unwrap_or(0.0);
    }
    let run = Run::of(&text);
    answers.near("most_likely_sum", likely, 0.0);
    let values = run.units("finish");
    answers.distribution(&values);
    let root = f64::from(trials()).sqrt();
    type Index = fn(&Bearing) -> f64;
    let indices: [(&str, Index); 3] = [
        ("CI", |of| of.criticality),
        ("SSI", |of| of.sensitivity.unwrap()),
        ("CRI_pearson", |of| of.cruciality.unwrap()),
    ];
    for (key, index) in indices {
        let Some(list) = answers.expect.remove(key) else { continue };
        for (at, expected) in numbers(list).into_iter().enumerate() {
            let found = index(&run.bearings[&format!("a{at}")]);
            // A ratio of two standard deviations, or a correlation: at most this.
            answers.stands(key, found, expected, (1.0 - expected * expected).max(0.0) / root);
        }
    }
}

fn parallel(model: &Value, answers: &mut Answers<'_>) {
    let mut text = HEAD.to_owned();
    let count = model["n"].as_u64().unwrap() as usize;
    for at in 0..count {
        writeln!(text, "  a{at}: {{duration: {}}}", spread(model, at)).unwrap();
    }
    writeln!(text, "  done: {{milestone: true, after: [a*]}}").unwrap();
    let run = Run::of(&text);
    answers.distribution(&run.units("finish:done"));
    if let Some(each) = answers.take("criticality_index_each") {
        for at in 0..count {
            let found = run.bearings[&format!("a{at}")].criticality;
            let error = (each * (1.0 - each) / f64::from(trials())).sqrt();
            // Two that end in the same minute are both critical.
            answers.stands("criticality", found, each, error + 2e-4);
        }
    }
}

fn network(model: &Value, answers: &mut Answers<'_>) {
    let arcs = model["arcs"].as_object().unwrap();
    let mut text = HEAD.to_owned();
    for (name, ends) in arcs {
        let outcomes: Vec<String> = (model["discrete"][name].as_array().unwrap().iter())
            .map(|pair| {
                let [value, p] = numbers(pair)[..] else { panic!("a pair") };
                format!("{}: {}%", days(value), p * 100.0)
            })
            .collect();
        let into = arcs.iter().filter(|(_, other)| other[1] == ends[0]);
        let after: Vec<&str> = into.map(|(name, _)| name.as_str()).collect();
        let outcomes = outcomes.join(", ");
        writeln!(
            text,
            "  {name}: {{duration: {{discrete: {{{outcomes}}}}}, after: [{}]}}",
            after.join(", ")
        )
        .unwrap();
    }
    let run = Run::of(&text);
    let values = run.units("finish");
    answers.distribution(&values);
    for (value, p) in answers.expect.remove("pmf").unwrap().as_object().unwrap() {
        let at: f64 = value.parse().unwrap();
        let found = share(&values, |value| (value - at).abs() <= HALF_A_MINUTE);
        let p = p.as_f64().unwrap();
        answers.stands(value, found, p, (p * (1.0 - p) / f64::from(trials())).sqrt());
    }
    for (name, p) in answers.expect.remove("criticality_index").unwrap().as_object().unwrap() {
        let p = p.as_f64().unwrap();
        let error = (p * (1.0 - p) / f64::from(trials())).sqrt();
        answers.stands(name, run.bearings[name].criticality, p, error);
    }
}

fn risk_event(model: &Value, answers: &mut Answers<'_>) {
    let (base, p) = (model["base"].as_f64().unwrap(), model["p"].as_f64().unwrap());
    let text = format!(
        "{HEAD}  work: {{duration: {}}}\nrisk:\n  risks:\n    event: {{probability: {}%, delay: \
         {}, on: [work]}}\n",
        days(base),
        p * 100.0,
        triangular(&model["triangular"])
    );
    answers.distribution(&Run::of(&text).units("finish"));
}

fn risk_driver(model: &Value, answers: &mut Answers<'_>) {
    let risk = |name: &str, of: &Value, on: &str| {
        let tri: Vec<String> = numbers(&of["tri"]).iter().map(f64::to_string).collect();
        let p = of["p"].as_f64().unwrap() * 100.0;
        format!(
            "    {name}: {{probability: {p}%, factor: {{triangular: [{}]}}, on: [{on}]}}\n",
            tri.join(", ")
        )
    };
    let base = days(model["base"].as_f64().unwrap());
    let text = format!(
        "{HEAD}  a: {{duration: {base}}}\n  a-done: {{milestone: true, after: [a]}}\n  b: \
         {{duration: {base}, after: [a]}}\nrisk:\n  risks:\n{}{}{}",
        risk("common", &model["common"], "a, b"),
        risk("own-a", &model["own"], "a"),
        risk("own-b", &model["own"], "b"),
    );
    let run = Run::of(&text);
    let (first, both) = (run.units("finish:a-done"), run.units("finish"));
    let second: Vec<f64> = both.iter().zip(&first).map(|(both, first)| both - first).collect();
    let n = f64::from(trials());
    for values in [&first, &second] {
        let (mean, variance, fourth) = moments(values);
        answers.stands(
            "mean",
            mean,
            answers.expect["mean_each"].as_f64().unwrap(),
            (variance / n).sqrt(),
        );
        let error = ((fourth - variance * variance) / n).sqrt();
        answers.stands("variance", variance, answers.expect["var_each"].as_f64().unwrap(), error);
    }
    answers.take("mean_each");
    answers.take("var_each");
    let rho = correlation(&first, &second);
    // Of skewed values: twice what normal ones would have.
    answers.near("correlation", rho, 2.0 * (1.0 - rho * rho) / n.sqrt());
    let (mean, variance, fourth) = moments(&both);
    answers.near("series_mean", mean, (variance / n).sqrt());
    let error = |variance: f64, fourth: f64| {
        ((fourth - variance * variance) / n).sqrt() / 2.0 / variance.sqrt()
    };
    answers.near("series_sd", variance.sqrt(), error(variance, fourth));
    let alone = (moments(&first).1 + moments(&second).1).sqrt();
    answers.near("series_sd_if_independent", alone, error(variance, fourth));
}

fn branch_loop(model: &Value, answers: &mut Answers<'_>) {
    let text = |at_most: &str| {
        format!(
            "{HEAD}  test: {{duration: {}, rework: {{probability: {}%, duration: {}{at_most}}}}}\n",
            days(model["test"].as_f64().unwrap()),
            model["p_fail"].as_f64().unwrap() * 100.0,
            days(model["rework"].as_f64().unwrap()),
        )
    };
    let values = Run::of(&text("")).units("finish");
    for (key, at) in [("p_10", 10.0), ("p_50", 50.0), ("p_90", 90.0)] {
        answers.share(key, share(&values, |value| (value - at).abs() <= HALF_A_MINUTE));
    }
    answers.distribution(&values);
    let once = Run::of(&text(", at_most: 1")).units("finish");
    let (mean, variance, _) = moments(&once);
    answers.near("single_retest_mean", mean, (variance / f64::from(trials())).sqrt());
}

fn correlated(model: &Value, answers: &mut Answers<'_>) {
    let count = model["n"].as_u64().unwrap() as usize;
    let n = f64::from(trials());
    for key in answers.expect.keys().copied().collect::<Vec<_>>() {
        let Some(rho) = key.strip_prefix("sd_rho_") else { continue };
        let mut text = HEAD.to_owned();
        for at in 0..count {
            let after = at.checked_sub(1).map_or(String::new(), |at| format!(", after: [a{at}]"));
            writeln!(text, "  a{at}: {{duration: {}{after}}}", spread(model, at)).unwrap();
        }
        let names: Vec<String> = (0..count).map(|at| format!("a{at}")).collect();
        let names = names.join(", ");
        writeln!(text, "risk:\n  correlations: [{{of: [{names}], pearson: {rho}}}]").unwrap();
        let (mean, variance, fourth) = moments(&Run::of(&text).units("finish"));
        let error = ((fourth - variance * variance) / n).sqrt() / 2.0 / variance.sqrt();
        answers.near(key, variance.sqrt(), error);
        let expected = answers.expect["mean"].as_f64().unwrap();
        answers.stands("mean", mean, expected, (variance / n).sqrt());
    }
    answers.take("mean");
    let normal = "{normal: {mean: 1000ed, sd: 100ed}}";
    let text = format!(
        "{HEAD}  a: {{duration: {normal}}}\n  a-done: {{milestone: true, after: [a]}}\n  b: \
         {{duration: {normal}}}\n  b-done: {{milestone: true, after: [b]}}\nrisk:\n  \
         correlations: [{{of: [a, b], pearson: 0.5}}]\n"
    );
    let run = Run::of(&text);
    let rho = correlation(&ranks(&run.units("finish:a-done")), &ranks(&run.units("finish:b-done")));
    answers.near("spearman_of_gaussian_copula_rho_05", rho, 1.0 / n.sqrt());
}

fn joint(model: &Value, answers: &mut Answers<'_>) {
    let p = model["p"].as_f64().unwrap();
    for key in answers.expect.keys().copied().collect::<Vec<_>>() {
        let rho = key.strip_prefix("jcl_rho_").expect("a confidence by correlation");
        let text = format!(
            "{HEAD}  work: {{duration: {{normal: {{mean: 400ed, sd: 40ed}}}}, cost: {{normal: \
             {{mean: 500M USD, sd: 50M USD}}}}}}\nrisk:\n  correlations: [{{of: [work, cost work], \
             pearson: {rho}}}]\n"
        );
        let run = Run::of(&text);
        let both = [&run.columns["finish"], &run.columns["cost.capital"]];
        let targets = both.map(|values| {
            let mut sorted = values.clone();
            sorted.sort_unstable();
            sorted[(p * sorted.len() as f64).ceil() as usize - 1]
        });
        let pairs = both[0].iter().zip(both[1]);
        let held = pairs.filter(|(date, cost)| **date <= targets[0] && **cost <= targets[1]);
        answers.share(key, held.count() as f64 / f64::from(trials()));
    }
}

/// Halls that are online once power and racks are there; a month is 73 days, so that the fifth
/// ends with the year.
fn ramp(model: &Value, answers: &mut Answers<'_>) {
    const MONTH: f64 = 73.0;
    let halls = model["halls"].as_u64().unwrap();
    let mw = model["mw"].as_f64().unwrap();
    let [from, until] = numbers(&model["uniform"])[..] else { panic!("a range") };
    let uniform = format!("{{uniform: [{}ed, {}ed]}}", from * MONTH, until * MONTH);
    let mut text = HEAD.to_owned();
    for hall in 1..=halls {
        writeln!(text, "  grid-{hall}: {{duration: {uniform}, energises: {mw} MW}}").unwrap();
        writeln!(text, "  on-{hall}: {{milestone: true, after: [hall-{hall}.unit-1.accept]}}")
            .unwrap();
    }
    writeln!(text, "power: {{pue: 1.0, peak_pue: 1.0}}\nplatforms:").unwrap();
    for hall in 1..=halls {
        writeln!(text, "  rack-{hall}: {{gpus_per_rack: 72, rack_power: {mw} MW}}").unwrap();
    }
    writeln!(text, "lots:").unwrap();
    for hall in 1..=halls {
        writeln!(
            text,
            "  - {{id: lot-{hall}, platform: rack-{hall}, racks: 1, ex_works: 2026-01-01, transit: \
             {uniform}}}"
        )
        .unwrap();
    }
    writeln!(text, "halls:").unwrap();
    let step = "{duration: 0ed}";
    for hall in 1..=halls {
        writeln!(
            text,
            "  - {{id: hall-{hall}, it_power: {mw} MW, powered_by: {{1-99: grid-{hall}}}, \
             activities: {{ist: {{duration: 0ed, ready_for_service: true}}}}, cluster: {{platform: \
             rack-{hall}, units: 1, racks_per_unit: 1, install: {step}, burn_in: {step}, test: \
             {step}, accept: {step}}}}}"
        )
        .unwrap();
    }
    let run = Run::of(&text);
    let n = f64::from(trials());
    let online = &run.columns["online:2026-12"];
    let online: Vec<f64> = online.iter().map(|&watts| watts as f64 / 1e6).collect();
    let (mean, variance, fourth) = moments(&online);
    answers.near("mw_expected_month_5", mean, (variance / n).sqrt());
    let error = ((fourth - variance * variance) / n).sqrt() / 2.0 / variance.sqrt();
    answers.near("sd_mw_month_5", variance.sqrt(), error);
    let months: Vec<Vec<f64>> = (1..=halls)
        .map(|hall| {
            let months = run.units(&format!("finish:on-{hall}")).into_iter();
            months.map(|units| units * UNIT / MONTH).collect()
        })
        .collect();
    for hall in &months {
        let (mean, variance, _) = moments(hall);
        let expected = answers.expect["mean_online_month"].as_f64().unwrap();
        answers.stands("mean online month", mean, expected, (variance / n).sqrt());
    }
    answers.take("mean_online_month");
    let mw_months: Vec<f64> = (0..online.len())
        .map(|trial| months.iter().map(|hall| mw * (until - hall[trial]).max(0.0)).sum())
        .collect();
    let (mean, variance, _) = moments(&mw_months);
    answers.near("mw_months_first_10", mean, (variance / n).sqrt());
    let plan = halls as f64 * mw * (until - (from + until) / 2.0);
    answers.near("mw_months_if_mean_dates", plan, 0.0);
}

fn cases_file() -> PathBuf {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = match std::env::var_os("ENERGIZE_ORACLES") {
        Some(stated) => PathBuf::from(stated),
        None => project.join("../shared/oracles"),
    };
    let shared = folder.join("risk/cases.json");
    if shared.is_file() { shared } else { project.join("tests/oracles/risk/cases.json") }
}

#[test]
fn risk_oracle_cases_agree() {
    let text = std::fs::read_to_string(cases_file()).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert!(!cases.is_empty());
    cases.iter().for_each(case);
}
