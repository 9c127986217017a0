//! A sweep of slips as a table, as CSV and as JSON.

use serde_json::{Value, json};

use super::style::Style;
use super::summary::money;
use super::tables::{date, millions, table};
use crate::analysis::sweep::{Failure, SlipPoint, Sweep, Test};
use crate::ledger::Ratio;
use crate::model::Site;
use crate::model::covenants::{Covenant, Window};
use crate::money::Money;
use crate::time::{Minute, Span};

/// Most years of revenue that the table shows.
const YEARS_MAX: usize = 4;

/// One line a slip, and what breaks at which.
pub fn sweep_text(site: &Site, activity: u32, sweep: &Sweep) -> String {
    let years = years(sweep);
    let shown = &years[..years.len().min(YEARS_MAX)];
    let mut heads: Vec<String> =
        ["slip", "last finish", "first online", "all online"].map(String::from).into();
    heads.extend(shown.iter().map(|year| format!("revenue {year}")));
    heads
        .extend(["all revenue", "interest before", "extra equity", "least DSCR"].map(String::from));
    heads.push("fails first".to_owned());
    let several = site.terms.loans.iter().map(|loan| loan.covenants.len()).sum::<usize>() > 1;
    heads.extend(several.then(|| "which".to_owned()));
    heads.push("holds again".to_owned());
    heads.extend(["least realization", "in its first year"].map(String::from));
    let rows = sweep.points.iter().map(|point| {
        let mut row = vec![
            length(site, activity, point.slip),
            date(point.end),
            date(point.headline.first),
            date(point.headline.all),
        ];
        row.extend(shown.iter().map(|&year| millions(revenue_in(point, year))));
        row.push(millions(total(point)));
        row.push(millions(point.interest_before_revenue));
        row.push(millions(point.shortfall));
        row.push(least(point.least_cover));
        let failure = point.failures.first();
        row.push(test(failure.map(|failure| failure.first)));
        let which = |failure: &Failure| covenant(site, failure.first).test.name().to_owned();
        row.extend(several.then(|| failure.map(which).unwrap_or_default()));
        row.push(test(failure.and_then(|failure| failure.again)));
        row.push(point.least_realization.to_string());
        row.push(point.first_year_realization.to_string());
        row
    });
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let table = table(&heads, 1, rows.collect());
    let id = &site.plan.activities[activity as usize].id;
    let title = format!("{}: a slip of {id}", site.id);
    let about = format!(
        "money in {} million, to the horizon; interest incurred before the first revenue; tests of \
         loan covenants by the last day of what they read; contract realization: billed over \
         scheduled at signing, least of three months in a row and of the first twelve; likely values",
        site.terms.fx.reporting()
    );
    format!(
        "{}\n{table}  {}\n{}",
        Style::head(&title),
        Style::dim(&about),
        verdict(site, activity, sweep)
    )
}

fn verdict(site: &Site, activity: u32, sweep: &Sweep) -> String {
    let longest = sweep.points.last().map_or(Span::ZERO, |point| point.slip);
    let longest = length(site, activity, longest);
    let named = |failure: Failure| {
        let loan = &site.terms.loans[failure.first.loan as usize].id;
        let name = covenant(site, failure.first).test.name();
        let again = failure.again.map(|test| format!(", holds again {}", span(site, test)));
        format!("{name} of {loan} {}{}", span(site, failure.first), again.unwrap_or_default())
    };
    let before = sweep.points[0]
        .failures
        .first()
        .map(|&failure| format!("a covenant fails without any slip: {}\n", named(failure)));
    let breaks = sweep.breaks_at.as_ref().and_then(|point| Some((point, sweep.broken_by(point)?)));
    let others = if before.is_some() { " of the others" } else { "" };
    let line = match breaks {
        Some((point, failure)) => format!(
            "break-even{others}: at a slip of {} the first test fails, {}",
            length(site, activity, point.slip),
            named(failure)
        ),
        None if site.terms.loans.iter().all(|loan| loan.covenants.is_empty()) => {
            "no loan has a covenant that is tested".to_owned()
        }
        None if before.is_some() => format!("no other fails up to a slip of {longest}"),
        None => format!("every test holds up to a slip of {longest}"),
    };
    format!("{}{line}\n", before.unwrap_or_default())
}

/// Years with revenue in any of the runs.
fn years(sweep: &Sweep) -> Vec<i16> {
    let all = sweep.points.iter().flat_map(|point| &point.revenue);
    let mut years: Vec<i16> =
        all.filter(|(_, money)| *money != Money::ZERO).map(|&(year, _)| year).collect();
    years.sort_unstable();
    years.dedup();
    years
}

fn revenue_in(point: &SlipPoint, year: i16) -> Money {
    point.revenue.iter().find(|(of, _)| *of == year).map_or(Money::ZERO, |&(_, money)| money)
}

fn total(point: &SlipPoint) -> Money {
    point.revenue.iter().map(|&(_, money)| money).sum()
}

/// A slip in weeks of the activity's calendar where they are whole, else in its days.
fn length(site: &Site, activity: u32, slip: Span) -> String {
    let calendar = site.plan.calendar(activity);
    let (day, week) = (calendar.day_minutes(), calendar.week_minutes());
    match slip.0 {
        minutes if minutes % week == 0 => format!("{}w", minutes / week),
        minutes if minutes % day == 0 => format!("{}d", minutes / day),
        minutes => format!("{:.1}d", minutes as f64 / day as f64),
    }
}

fn test(test: Option<Test>) -> String {
    test.map_or(String::new(), |test| test.day.to_string())
}

fn least(least: Option<(Ratio, Test)>) -> String {
    least.map_or("n/a".into(), |(value, _)| value.to_string())
}

fn covenant(site: &Site, test: Test) -> &Covenant {
    &site.terms.loans[test.loan as usize].covenants[test.covenant as usize]
}

/// What a test reads: `for the quarter to 2027-06-30`.
fn span(site: &Site, test: Test) -> String {
    let day = test.day;
    match covenant(site, test).window {
        Window::Trailing(1) => format!("for the month to {day}"),
        Window::Trailing(3) if covenant(site, test).every_months == 3 => {
            format!("for the quarter to {day}")
        }
        Window::Trailing(months) => format!("for {months} months to {day}"),
        Window::Forward(months) => format!("for {months} months from {day}"),
        Window::Point => format!("on {day}"),
    }
}

/// The sweep as CSV: `slip_minutes,slip,last_finish,first_online,half_online,all_online,
/// interest_before_revenue,equity_shortfall,least_dscr,tests_failed,first_failed_loan,
/// first_failed,passes_again,revenue_total,first_failed_test,revenue_<year>...,least_realization,
/// first_year_realization`; dates ISO or empty, money in whole units of the reporting currency,
/// tests by the last day of what they read.
pub fn sweep_csv(site: &Site, activity: u32, sweep: &Sweep) -> String {
    let years = years(sweep);
    let mut out = csv::Writer::from_writer(Vec::new());
    let fixed = "slip_minutes,slip,last_finish,first_online,half_online,all_online,interest_before_revenue,\
                 equity_shortfall,least_dscr,tests_failed,first_failed_loan,first_failed,\
                 passes_again,revenue_total,first_failed_test";
    let mut head: Vec<String> = fixed.split(',').map(String::from).collect();
    head.extend(years.iter().map(|year| format!("revenue_{year}")));
    head.extend(["least_realization", "first_year_realization"].map(String::from));
    let written = "writing to memory does not fail";
    out.write_record(&head).expect(written);
    for point in &sweep.points {
        let day = |at: Minute| if at.happens() { at.day().to_string() } else { String::new() };
        let headline = &point.headline;
        let failure = point.failures.first();
        let (first, again) = (failure.map(|f| f.first), failure.and_then(|f| f.again));
        let loan = first.map(|test| site.terms.loans[test.loan as usize].id.clone());
        let key = |test: Test| covenant(site, test).test.key().to_owned();
        let ratio = |least: Option<(Ratio, Test)>| {
            least.and_then(|(ratio, _)| ratio.value()).map_or(String::new(), |v| format!("{v:.6}"))
        };
        let mut row = vec![
            point.slip.0.to_string(),
            length(site, activity, point.slip),
            day(point.end),
            day(headline.first),
            day(headline.half),
            day(headline.all),
            money(point.interest_before_revenue),
            money(point.shortfall),
            ratio(point.least_cover),
            point.failed.to_string(),
            loan.unwrap_or_default(),
            test(first),
            test(again),
            money(total(point)),
            first.map(key).unwrap_or_default(),
        ];
        row.extend(years.iter().map(|&year| money(revenue_in(point, year))));
        let realized = [point.least_realization, point.first_year_realization];
        let realized = realized.map(|ratio| ratio.value().map(|value| format!("{value:.6}")));
        row.extend(realized.map(Option::unwrap_or_default));
        out.write_record(&row).expect(written);
    }
    String::from_utf8(out.into_inner().expect(written)).expect("made of strings")
}

/// The sweep as JSON: `{site, activity, points, breaks_at, broken_before}`; a point is `{slip,
/// slip_minutes, last_finish, first_online, half_online, all_online, revenue: {year: amount},
/// interest_before_revenue, equity_shortfall, least_dscr, tests_failed, first_failed: {loan,
/// quarter_to, test}, passes_again, failures: [{first_failed, passes_again}], least_realization,
/// first_year_realization}` (a failure for each covenant that fails), null where there is none.
pub fn sweep_json(site: &Site, activity: u32, sweep: &Sweep) -> Value {
    let points: Vec<Value> =
        sweep.points.iter().map(|point| point_json(site, activity, point)).collect();
    json!({
        "site": site.id,
        "activity": site.plan.activities[activity as usize].id,
        "points": points,
        "breaks_at": sweep.breaks_at.as_ref().map(|point| point_json(site, activity, point)),
        "broken_before": sweep.broken_before,
    })
}

fn point_json(site: &Site, activity: u32, point: &SlipPoint) -> Value {
    let day = |at: Minute| at.happens().then(|| at.day().to_string());
    let test = |test: Option<Test>| {
        test.map(|test| {
            let loan = &site.terms.loans[test.loan as usize].id;
            let key = covenant(site, test).test.key();
            json!({"loan": loan, "quarter_to": test.day.to_string(), "test": key})
        })
    };
    let failures = point.failures.iter().map(|failure| {
        json!({"first_failed": test(Some(failure.first)), "passes_again": test(failure.again)})
    });
    let revenue: serde_json::Map<String, Value> = point
        .revenue
        .iter()
        .map(|&(year, amount)| (year.to_string(), money(amount).into()))
        .collect();
    json!({
        "slip": length(site, activity, point.slip),
        "slip_minutes": point.slip.0,
        "last_finish": day(point.end),
        "first_online": day(point.headline.first),
        "half_online": day(point.headline.half),
        "all_online": day(point.headline.all),
        "revenue": revenue,
        "interest_before_revenue": money(point.interest_before_revenue),
        "equity_shortfall": money(point.shortfall),
        "least_dscr": point.least_cover.and_then(|(cover, _)| cover.value()),
        "tests_failed": point.failed,
        "first_failed": test(point.failures.first().map(|failure| failure.first)),
        "passes_again": test(point.failures.first().and_then(|failure| failure.again)),
        "failures": failures.collect::<Vec<_>>(),
        "least_realization": point.least_realization.value(),
        "first_year_realization": point.first_year_realization.value(),
    })
}
