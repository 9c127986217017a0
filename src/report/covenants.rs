//! Tests of covenants as text, as rows and in the summary.

use serde::Serialize;

use super::figure::Table;
use super::style::Style;
use super::summary::{money, rounded};
use super::tables::{millions, table};
use crate::analysis::Run;
use crate::ledger::{Happening, Outcome, Ratio, TestMade, limits_on, value_text};
use crate::model::Site;
use crate::model::covenants::{Covenant, Test, Window};
use crate::money::Money;
use crate::spec::finding::counted;
use crate::unit::Share;

/// Tests of one covenant beyond which those that say nothing new are left out of the text.
const SHOWN_MAX: usize = 24;

/// A covenant with its tests, in order of time.
struct Tested<'r> {
    loan: &'r str,
    covenant: &'r Covenant,
    tests: Vec<TestMade>,
    cures: Vec<Money>,
}

fn tested<'r>(site: &'r Site, run: &'r Run) -> Vec<Tested<'r>> {
    let mut all = Vec::new();
    for (loan, terms) in (0..).zip(&site.terms.loans) {
        for (at, covenant) in (0..).zip(&terms.covenants) {
            let tests = run.books.tests().filter(|test| (test.loan, test.covenant) == (loan, at));
            let cures = run.books.notes.iter().filter_map(|note| match note.what {
                Happening::Cured { loan: of, covenant, amount } => {
                    ((of, covenant) == (loan, at)).then_some(amount)
                }
                _ => None,
            });
            let (tests, cures) = (tests.collect(), cures.collect());
            all.push(Tested { loan: &terms.id, covenant, tests, cures });
        }
    }
    all
}

/// How far a value is on the right side of a threshold.
fn headroom(test: Test, value: Ratio, limit: Share) -> Option<f64> {
    let room = value.value()? - limit.to_f64();
    Some(if test.is_ceiling() { -room } else { room })
}

/// What the numerator may lose (or debt may gain) before the test fails.
fn spare(test: Test, value: Ratio, limit: Share) -> Money {
    let Ratio::Of { numerator, denominator } = value else { return Money::ZERO };
    let room = numerator - Money(limit.of(denominator.0));
    if test.is_ceiling() { -room } else { room }
}

fn turns(test: Test, value: f64) -> String {
    match test {
        Test::Ltv(_) => format!("{:.1}%", value * 100.0),
        _ => format!("{value:.2}x"),
    }
}

fn signed(test: Test, value: f64) -> String {
    match test {
        Test::Ltv(_) => format!("{:+.1}%", value * 100.0),
        _ => format!("{value:+.2}x"),
    }
}

/// `DSCR of the quarter`, `LTV`, `DSCR forward 12mo, perfect foresight`.
fn title(covenant: &Covenant) -> String {
    let name = covenant.test.name();
    let foresight = if covenant.perfect_foresight() { ", perfect foresight" } else { "" };
    match covenant.window {
        Window::Point => format!("{name}{foresight}"),
        Window::Trailing(1) => format!("{name} of the month"),
        Window::Trailing(3) if covenant.every_months == 3 => format!("{name} of the quarter"),
        Window::Trailing(months) => format!("{name} trailing {months}mo"),
        window => format!("{name} {window}{foresight}"),
    }
}

/// Every covenant with its tests: both sides, value, threshold, headroom, outcome.
///
/// Of a long list only the tests are shown that begin or end it, that differ from a neighbour, and
/// the tightest.
pub fn covenants_text(site: &Site, run: &Run) -> String {
    let head = format!("Covenants, {} million", site.terms.fx.reporting());
    let mut text = format!("\n{}\n", Style::head(&head));
    let all = tested(site, run);
    if all.is_empty() {
        text.push_str("  no loan has a covenant\n");
    }
    for one in &all {
        text.push_str(&format!("{}: {}\n", one.loan, title(one.covenant)));
        text.push_str(&covenant_table(one));
    }
    text
}

/// All covenants in a line each, and each with all its tests that have a value.
pub(super) fn covenant_tables(site: &Site, run: &Run) -> (Table, Vec<(String, Table)>) {
    let mut all = Table::new(["covenant", "tests", "failed", "cured", "first failed", "", ""]);
    all.head[5..].clone_from_slice(&["least headroom".to_owned(), "on".to_owned()]);
    let mut each = Vec::new();
    for one in tested(site, run) {
        let test = one.covenant.test;
        let name = format!("{}: {}", one.loan, title(one.covenant));
        let made = one.tests.iter().filter(|made| made.outcome != Outcome::NotTested);
        let count = |outcome| one.tests.iter().filter(|made| made.outcome == outcome).count();
        let first = one.tests.iter().find(|made| made.outcome == Outcome::Failed);
        let room = |made: &TestMade| {
            let (limit, _) = limits_on(one.covenant, made.day);
            Some((headroom(test, made.value, limit)?, made.day))
        };
        let least = made.clone().filter_map(room).min_by(|a, b| a.0.total_cmp(&b.0));
        all.rows.push(vec![
            name.clone(),
            made.count().to_string(),
            count(Outcome::Failed).to_string(),
            one.cures.len().to_string(),
            first.map_or_else(String::new, |made| made.day.to_string()),
            least.map_or_else(|| "n/a".into(), |least| signed(test, least.0)),
            least.map_or_else(String::new, |least| least.1.to_string()),
        ]);
        let [above, below] = test.sides();
        let bound = if test.is_ceiling() { "at most" } else { "at least" };
        let spare = format!("{above} to spare");
        let head = ["test of", above, below, test.name(), bound, "headroom", &spare, "outcome"];
        let rows = one.tests.iter().map(|made| test_row(one.covenant, made));
        let rows = rows.filter(|row| !row.is_empty()).collect();
        each.push((name, Table { head: head.map(str::to_owned).to_vec(), rows }));
    }
    (all, each)
}

fn covenant_table(one: &Tested<'_>) -> String {
    let test = one.covenant.test;
    let valued: Vec<&TestMade> =
        one.tests.iter().filter(|made| made.value != Ratio::Undefined).collect();
    let (count, without) = (valued.len(), one.tests.len() - valued.len());
    let mut note = counted(count, "test");
    if without > 0 {
        note.push_str(&format!(", {without} more without {}", test.sides()[1]));
    }
    if count == 0 {
        return Style::dim(&format!("  {note}\n"));
    }
    let [above, below] = test.sides();
    let bound = if test.is_ceiling() { "at most" } else { "at least" };
    let when = match one.covenant.window {
        Window::Trailing(1) => "month to".to_owned(),
        Window::Trailing(3) if one.covenant.every_months == 3 => "quarter to".to_owned(),
        Window::Trailing(months) => format!("{months} months to"),
        Window::Forward(months) => format!("{months} months from"),
        Window::Point => "on".to_owned(),
    };
    let to_spare = format!("{above} to spare");
    let heads = [&when, above, below, test.name(), bound, "headroom", &to_spare, ""];
    let mut rows = Vec::new();
    let mut left_out = 0;
    for (at, made) in valued.iter().enumerate() {
        if count > SHOWN_MAX && !is_telling(one.covenant, &valued, at) {
            left_out += 1;
            continue;
        }
        if std::mem::take(&mut left_out) > 0 {
            rows.push(std::iter::once("…").chain([""; 7]).map(String::from).collect());
        }
        rows.push(test_row(one.covenant, made));
    }
    let shown = rows.iter().filter(|row: &&Vec<String>| row[0] != "…").count();
    if shown < count {
        note.push_str(&format!(", {} not shown are like their neighbours", count - shown));
    }
    table(&heads, 1, rows) + &Style::dim(&format!("  {note}\n"))
}

/// Whether a test of a long list is worth a line.
fn is_telling(covenant: &Covenant, tests: &[&TestMade], at: usize) -> bool {
    let this = tests[at];
    let neighbour = |other: Option<usize>| {
        other.and_then(|other| tests.get(other)).is_none_or(|other| other.outcome != this.outcome)
    };
    let room = |made: &TestMade| {
        let (limit, _) = limits_on(covenant, made.day);
        headroom(covenant.test, made.value, limit).filter(|_| made.outcome != Outcome::NotTested)
    };
    let least = tests.iter().filter_map(|made| room(made)).min_by(f64::total_cmp);
    let tightest = room(this).is_some_and(|room| least.is_some_and(|least| room <= least));
    neighbour(at.checked_sub(1)) || neighbour(Some(at + 1)) || tightest
}

fn test_row(covenant: &Covenant, made: &TestMade) -> Vec<String> {
    let test = covenant.test;
    let (limit, _) = limits_on(covenant, made.day);
    let Ratio::Of { numerator, denominator } = made.value else { return Vec::new() };
    let value = made.value.value().unwrap_or_default();
    vec![
        made.day.to_string(),
        millions(numerator),
        millions(denominator),
        turns(test, value),
        turns(test, limit.to_f64()),
        headroom(test, made.value, limit).map(|room| signed(test, room)).unwrap_or_default(),
        millions(spare(test, made.value, limit)),
        match made.outcome {
            Outcome::NotTested => "not tested".to_owned(),
            Outcome::Passed => "held".to_owned(),
            Outcome::LockUp => "lock-up".to_owned(),
            Outcome::Failed => "FAILED".to_owned(),
            Outcome::Cured => "cured".to_owned(),
        },
    ]
}

/// One line for each covenant: how many tests held, the first that failed.
pub(super) fn verdicts(site: &Site, run: &Run) -> String {
    tested(site, run).iter().map(|one| verdict(one) + "\n").collect()
}

fn verdict(one: &Tested<'_>) -> String {
    let covenant = one.covenant;
    let usual = covenant.window == Window::Trailing(3) || covenant.window == Window::Point;
    let name = match usual {
        true => covenant.test.name().to_owned(),
        false => format!("{} {}", covenant.test.name(), covenant.window),
    };
    let foresight = if covenant.perfect_foresight() { " (perfect foresight)" } else { "" };
    let bound = if covenant.test.is_ceiling() { "at most" } else { "at least" };
    let last = one.tests.last().map_or(crate::time::Day(i32::MAX), |made| made.day);
    let limit = crate::ledger::limit_text(covenant, last);
    let head = format!("  {}: {name} of {bound} {limit}{foresight}: ", one.loan);
    let count = |outcome| one.tests.iter().filter(|made| made.outcome == outcome).count();
    let failed = count(Outcome::Failed);
    let made = one.tests.len() - count(Outcome::NotTested);
    let mut more = String::new();
    if !one.cures.is_empty() {
        let amount: Money = one.cures.iter().copied().sum();
        let (cured, amount) = (one.cures.len(), millions(amount));
        more.push_str(&format!(", {cured} cured with {amount} million"));
    }
    match count(Outcome::LockUp) {
        0 => {}
        locked => more.push_str(&format!(", {locked} in lock-up")),
    }
    let first = one.tests.iter().find(|made| made.outcome == Outcome::Failed);
    head + &match first {
        None if made == 0 => "not tested".to_owned(),
        None if one.cures.is_empty() => format!("passed at all {made} tests{more}"),
        None => format!("passed at {} of {made} tests{more}", made - one.cures.len()),
        Some(first) => Style::bad(&format!(
            "failed at {failed} of {made} tests, first on {} with {}{more}",
            first.day,
            value_text(covenant.test, first.value)
        )),
    }
}

/// One row a test: `loan,test,window,perfect_foresight,day,numerator_of,numerator,denominator_of,
/// denominator,value,bound,threshold,lock_up,headroom,outcome`; amounts in whole units of the
/// reporting currency, ratios in turns; a value without denominator is empty.
pub fn covenants_csv(site: &Site, run: &Run) -> Vec<u8> {
    let mut out = csv::Writer::from_writer(Vec::new());
    let written = "writing to memory does not fail";
    let heads = "loan,test,window,perfect_foresight,day,numerator_of,numerator,denominator_of,\
                 denominator,value,bound,threshold,lock_up,headroom,outcome";
    out.write_record(heads.split(',')).expect(written);
    for one in tested(site, run) {
        let test = one.covenant.test;
        let [above, below] = test.sides();
        for made in &one.tests {
            let summary = test_summary(one.covenant, made);
            let number = |value: Option<f64>| value.map_or(String::new(), |v| v.to_string());
            out.write_record([
                one.loan,
                test.key(),
                &one.covenant.window.to_string(),
                if one.covenant.perfect_foresight() { "yes" } else { "no" },
                &summary.day,
                above,
                summary.numerator.as_deref().unwrap_or_default(),
                below,
                summary.denominator.as_deref().unwrap_or_default(),
                &number(summary.value),
                if test.is_ceiling() { "at_most" } else { "at_least" },
                &summary.threshold.to_string(),
                &number(summary.lock_up),
                &number(summary.headroom),
                summary.outcome,
            ])
            .expect(written);
        }
    }
    out.into_inner().expect(written)
}

/// A covenant and its tests.
#[derive(Debug, Serialize)]
pub struct CovenantSummary {
    /// Whose.
    pub loan: String,
    /// What is tested, as in a site file.
    pub test: &'static str,
    /// Which months it reads.
    pub window: String,
    /// Whether it reads months after the test, as the finished run knows them.
    pub perfect_foresight: bool,
    /// What stands above and below the line.
    pub sides: [&'static str; 2],
    /// In order of time.
    pub tests: Vec<TestSummary>,
}

/// One test.
#[derive(Debug, Serialize)]
pub struct TestSummary {
    /// Last day of what it reads.
    pub day: String,
    /// Above the line.
    pub numerator: Option<String>,
    /// Below it.
    pub denominator: Option<String>,
    /// The ratio.
    pub value: Option<f64>,
    /// What it must hold; 1 for cash over what is required.
    pub threshold: f64,
    /// From which on nothing is distributed.
    pub lock_up: Option<f64>,
    /// How far the value is on the right side of the threshold.
    pub headroom: Option<f64>,
    /// `not tested`, `passed`, `lock-up`, `failed`, `cured`.
    pub outcome: &'static str,
}

fn test_summary(covenant: &Covenant, made: &TestMade) -> TestSummary {
    let (limit, lock_up) = limits_on(covenant, made.day);
    let (numerator, denominator) = match made.value {
        Ratio::Of { numerator, denominator } => (Some(money(numerator)), Some(money(denominator))),
        Ratio::Undefined => (None, None),
    };
    TestSummary {
        day: made.day.to_string(),
        numerator,
        denominator,
        value: made.value.value().map(rounded),
        threshold: limit.to_f64(),
        lock_up: lock_up.map(Share::to_f64),
        headroom: headroom(covenant.test, made.value, limit).map(rounded),
        outcome: made.outcome.name(),
    }
}

/// Every covenant with its tests, for programs.
pub(super) fn summaries(site: &Site, run: &Run) -> Vec<CovenantSummary> {
    let of = |one: &Tested<'_>| CovenantSummary {
        loan: one.loan.to_owned(),
        test: one.covenant.test.key(),
        window: one.covenant.window.to_string(),
        perfect_foresight: one.covenant.perfect_foresight(),
        sides: one.covenant.test.sides(),
        tests: one.tests.iter().map(|made| test_summary(one.covenant, made)).collect(),
    };
    tested(site, run).iter().map(of).collect()
}
