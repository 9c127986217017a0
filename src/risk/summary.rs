//! What one column of all trials says: mean, spread, percentiles, and how sure each of them is.

use serde::Serialize;

use super::row::{AFTER_HORIZON, Column, Kind, NEVER, UNDEFINED, has_value};
use super::statistics::{Bound, Moments, Proportion, Ranked, joint};
use super::store::{Backing, Store, StoreError};
use crate::time::Minute;
use crate::unit::{Share, div_half_even};

/// Percentiles of every summary, in percent: the fan of a chart (5, 10, 25, 50, 75, 90, 95), the
/// tenths of an S-curve, and the tails.
pub const PERCENTILES: [u8; 15] = [1, 5, 10, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90, 95, 99];

/// What one column of all trials says.
///
/// Where trials lack a value there is no mean but their number (semantics M11). All intervals are
/// of 95 % confidence. Fields are only ever added.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnSummary {
    /// Name of the column.
    pub name: String,
    /// What it counts: `date`, `power`, `money`, `ratio`, `count`, `flag` or `month`.
    pub kind: Kind,
    /// How many trials.
    pub trials: usize,
    /// In how many of them it has no value.
    pub without_value: WithoutValue,
    /// Mean; null unless every trial has a value, and for flags and months.
    pub mean: Option<Value>,
    /// Monte Carlo error of the mean: standard deviation over the root of the number of trials.
    pub mean_error: Option<Value>,
    /// Standard deviation; null where the mean is, and of one trial.
    pub standard_deviation: Option<Value>,
    /// Least value, or earliest date; null if undefined in all trials, and for flags.
    pub least: Option<Value>,
    /// Greatest value, or latest date; what never happens is latest.
    pub greatest: Option<Value>,
    /// By percentile, among the trials in which it is defined; empty for flags.
    pub percentiles: Vec<Percentile>,
    /// Of a flag, the share of trials in which it is so; null for others.
    pub share: Option<Proportion>,
    /// Of a month, each in which it happens in some trial, in order; empty for others.
    pub by_month: Vec<MonthShare>,
}

/// Trials without a value, by what they have instead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WithoutValue {
    /// It happens after the run's horizon. Ranks after all values.
    pub after_horizon: usize,
    /// It never happens. Ranks last.
    pub never: usize,
    /// It is not defined, as a cover without debt service. Takes no part in percentiles.
    pub undefined: usize,
}

/// A percentile and the interval that more trials would find it in.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Percentile {
    /// In percent: 80 is P80, which 80 % of trials do not exceed (semantics R5).
    pub p: f64,
    /// Its value.
    pub value: Value,
    /// Low end of its interval; null where so few trials leave it open.
    pub low: Option<Value>,
    /// High end of its interval; null where so few trials leave it open.
    pub high: Option<Value>,
}

/// How likely it is that something happens first in one month, and that it has by then.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MonthShare {
    /// As `2026-03`.
    pub month: String,
    /// Share of trials in which it happens first in this month.
    pub in_month: Proportion,
    /// Share of trials in which it has happened by the end of this month.
    pub by_end: Proportion,
}

/// A number in the unit that people read it in. As JSON an object whose key names the unit.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// A date: `{"hours": 15873.5, "date": "2026-03-24T09:30"}`.
    Date {
        /// Hours since the start of the plan.
        hours: f64,
        /// To the minute.
        date: String,
    },
    /// A difference of dates: `{"hours": 212.5}`.
    Hours {
        /// How many.
        hours: f64,
    },
    /// `{"it_mw": 262.5}`.
    Power {
        /// Critical load that IT equipment may draw, in MW.
        it_mw: f64,
    },
    /// `{"amount": "1234.50"}`.
    Money {
        /// In the reporting currency, to the cent.
        amount: String,
    },
    /// `{"ratio": 1.35}`.
    Ratio {
        /// How many times.
        ratio: f64,
    },
    /// `{"count": 3.0}`.
    Count {
        /// How many; a mean of whole numbers need not be one.
        count: f64,
    },
    /// `{"month": "2026-03"}`.
    Month {
        /// Year and month.
        month: String,
    },
    /// `{"none": "never"}` or `{"none": "after_horizon"}`, which rank as latest.
    None {
        /// Why there is no value.
        none: &'static str,
    },
}

/// What a column of the store says; hours count from `start`.
///
/// Cost: memory for the column twice, one sort.
///
/// # Errors
///
/// When there is no such column and when the disk fails.
pub fn summarise<F: Backing>(
    store: &mut Store<F>,
    name: &str,
    start: Minute,
) -> Result<ColumnSummary, StoreError> {
    let values = store.column(name)?;
    let index = store.meta().layout.index(name).expect("its values were found by this name");
    Ok(summary_of(&store.meta().layout.columns[index], values, start))
}

/// How likely it is that all of these columns keep their bounds: a date by which, a power at least,
/// or several together. Trials in which one is undefined are left out.
///
/// Cost: memory for the columns that are named.
///
/// # Errors
///
/// When there is no such column and when the disk fails.
pub fn probability<F: Backing>(
    store: &mut Store<F>,
    conditions: &[(&str, Bound)],
) -> Result<Proportion, StoreError> {
    let columns: Result<Vec<_>, _> =
        conditions.iter().map(|&(name, bound)| Ok((store.column(name)?, bound))).collect();
    let columns = columns?;
    let conditions: Vec<(&[i64], Bound)> =
        columns.iter().map(|(column, bound)| (&column[..], *bound)).collect();
    Ok(joint(&conditions))
}

/// What the values of a column say, in the order of trials; hours count from `start`.
pub fn summary_of(column: &Column, values: Vec<i64>, start: Minute) -> ColumnSummary {
    let kind = column.kind;
    let trials = values.len();
    let moments =
        if matches!(kind, Kind::Flag | Kind::Month) { None } else { Moments::of(&values) };
    let ranked = Ranked::new(values);
    let [valued, dated] =
        [AFTER_HORIZON, NEVER].map(|x| ranked.values().partition_point(|&value| value < x));
    let without_value = WithoutValue {
        after_horizon: dated - valued,
        never: ranked.len() - dated,
        undefined: ranked.undefined(),
    };
    let difference = |value: f64| difference(kind, value);
    let end = |value: Option<&i64>| value.map(|&value| value_of(kind, value, start));
    let mut summary = ColumnSummary {
        name: column.name.clone(),
        kind,
        trials,
        without_value,
        mean: moments.map(|moments| mean(kind, &moments, start)),
        mean_error: moments.and_then(|moments| moments.error()).map(difference),
        standard_deviation: moments.and_then(|moments| moments.deviation).map(difference),
        least: end(ranked.values().first()),
        greatest: end(ranked.values().last()),
        percentiles: Vec::new(),
        share: None,
        by_month: Vec::new(),
    };
    if kind == Kind::Flag {
        (summary.least, summary.greatest) = (None, None);
        summary.share = Some(ranked.share(Bound::AtLeast(1)));
        return summary;
    }
    let shares = PERCENTILES.map(|p| Share(i64::from(p) * Share::ONE.0 / 100));
    summary.percentiles =
        shares.iter().filter_map(|&p| percentile_of(kind, &ranked, p, start)).collect();
    if kind == Kind::Month {
        summary.by_month = by_month(&ranked);
    }
    summary
}

/// A percentile with its interval; `None` if no trial has a value to rank.
pub fn percentile_of(kind: Kind, ranked: &Ranked, p: Share, start: Minute) -> Option<Percentile> {
    let value = |value: i64| value_of(kind, value, start);
    let (low, high) = ranked.interval(p);
    let percent = p.0 as f64 / (Share::ONE.0 / 100) as f64;
    let found = ranked.percentile(p)?;
    Some(Percentile { p: percent, value: value(found), low: low.map(value), high: high.map(value) })
}

/// A value of a column in the unit that people read; hours count from `start`.
pub fn value_of(kind: Kind, value: i64, start: Minute) -> Value {
    if !has_value(value) {
        let none = match value {
            UNDEFINED => "undefined",
            NEVER => "never",
            _ => "after_horizon",
        };
        return Value::None { none };
    }
    match kind {
        Kind::Date => Value::Date {
            hours: (i128::from(value) - i128::from(start.0)) as f64 / 60.0,
            date: Minute(value).to_string(),
        },
        Kind::Power => Value::Power { it_mw: value as f64 / 1e6 },
        Kind::Money => Value::Money { amount: amount(value.into(), 1) },
        Kind::Ratio => Value::Ratio { ratio: value as f64 / 1e9 },
        Kind::Count | Kind::Flag => Value::Count { count: value as f64 },
        Kind::Month => Value::Month { month: month_text(value) },
    }
}

/// The mean, from the exact sum.
fn mean(kind: Kind, moments: &Moments, start: Minute) -> Value {
    let &Moments { n, sum, .. } = moments;
    let whole = n as i128;
    let per = |unit: f64| sum as f64 / (n as f64 * unit);
    match kind {
        Kind::Date => {
            let nearest = div_half_even(sum, whole);
            let nearest = i64::try_from(nearest).expect("a mean is no more than the largest");
            let since_start = sum - whole * i128::from(start.0);
            let hours = since_start as f64 / (n as f64 * 60.0);
            Value::Date { hours, date: Minute(nearest).to_string() }
        }
        Kind::Power => Value::Power { it_mw: per(1e6) },
        Kind::Money => Value::Money { amount: amount(sum, whole) },
        Kind::Ratio => Value::Ratio { ratio: per(1e9) },
        Kind::Count | Kind::Flag | Kind::Month => Value::Count { count: per(1.0) },
    }
}

/// A difference of values of a column: a standard deviation, an error, what a driver does.
pub(super) fn difference(kind: Kind, value: f64) -> Value {
    match kind {
        Kind::Date => Value::Hours { hours: value / 60.0 },
        Kind::Power => Value::Power { it_mw: value / 1e6 },
        Kind::Money => {
            let amount = format!("{:.2}", value / 1e6);
            let nothing = amount == "-0.00";
            Value::Money { amount: if nothing { "0.00".into() } else { amount } }
        }
        Kind::Ratio => Value::Ratio { ratio: value / 1e9 },
        Kind::Count | Kind::Flag | Kind::Month => Value::Count { count: value },
    }
}

/// `sum / n` of millionths, to the cent, halves to even.
fn amount(sum: i128, n: i128) -> String {
    let cents = div_half_even(sum, 10_000 * n);
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

fn month_text(months: i64) -> String {
    format!("{:04}-{:02}", months.div_euclid(12), months.rem_euclid(12) + 1)
}

fn by_month(ranked: &Ranked) -> Vec<MonthShare> {
    let mut by_end = 0;
    let months = ranked.values().chunk_by(|a, b| a == b);
    months
        .take_while(|same| has_value(same[0]))
        .map(|same| {
            by_end += same.len();
            MonthShare {
                month: month_text(same[0]),
                in_month: Proportion::new(same.len(), ranked.len()),
                by_end: Proportion::new(by_end, ranked.len()),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Day;

    fn summary(kind: Kind, values: &[i64]) -> ColumnSummary {
        let column = Column { name: "column".to_string(), kind };
        summary_of(&column, values.to_vec(), Day(0).start())
    }

    fn json(value: &impl Serialize) -> String {
        serde_json::to_string(value).unwrap()
    }

    #[test]
    fn a_date_is_hours_since_the_start_and_a_day_on_the_calendar() {
        let dates = summary(Kind::Date, &[90, 1_440, 2_881]);
        assert_eq!(json(&dates.least), r#"{"hours":1.5,"date":"1970-01-01T01:30"}"#);
        assert_eq!(json(&dates.mean), r#"{"hours":24.505555555555556,"date":"1970-01-02T00:30"}"#);
        assert_eq!(json(&dates.standard_deviation), r#"{"hours":23.262453852920576}"#);
        let p80 = dates.percentiles.iter().find(|row| row.value == dates.greatest.clone().unwrap());
        assert_eq!(p80.unwrap().p.to_string(), "70", "three trials: the last is from P67 on");
        assert_eq!(p80.unwrap().low, None, "three trials bound nothing");
        assert_eq!(dates.without_value, WithoutValue::default());
    }

    #[test]
    fn what_never_happens_is_latest_and_bars_the_mean() {
        let dates = summary(Kind::Date, &[NEVER, 60, AFTER_HORIZON, 120]);
        assert_eq!(json(&dates.without_value), r#"{"after_horizon":1,"never":1,"undefined":0}"#);
        assert_eq!((dates.mean, dates.standard_deviation, dates.mean_error), (None, None, None));
        assert_eq!(json(&dates.greatest), r#"{"none":"never"}"#);
        let values = |p: f64| dates.percentiles.iter().find(|row| row.p >= p).unwrap();
        assert_eq!(json(&values(50.0).value), r#"{"hours":2.0,"date":"1970-01-01T02:00"}"#);
        assert_eq!(json(&values(75.0).value), r#"{"none":"after_horizon"}"#);
        assert_eq!(json(&values(80.0).value), r#"{"none":"never"}"#);
    }

    #[test]
    fn what_is_undefined_takes_no_part() {
        let covers = summary(Kind::Ratio, &[UNDEFINED, 1_350_000_000, 1_100_000_000, UNDEFINED]);
        assert_eq!((covers.trials, covers.without_value.undefined), (4, 2));
        assert_eq!(json(&covers.least), r#"{"ratio":1.1}"#);
        assert_eq!(json(&covers.greatest), r#"{"ratio":1.35}"#);
        assert_eq!(covers.mean, None);
        let none = summary(Kind::Ratio, &[UNDEFINED]);
        assert_eq!((none.least, none.percentiles), (None, Vec::new()));
    }

    #[test]
    fn each_kind_has_its_unit() {
        let means = |kind, values: &[i64]| json(&summary(kind, values).mean);
        assert_eq!(means(Kind::Power, &[262_500_000, 262_000_000]), r#"{"it_mw":262.25}"#);
        assert_eq!(means(Kind::Money, &[10_000, 20_000, -1_000_000]), r#"{"amount":"-0.32"}"#);
        assert_eq!(means(Kind::Money, &[-4_000]), r#"{"amount":"0.00"}"#);
        assert_eq!(means(Kind::Ratio, &[1_500_000_000]), r#"{"ratio":1.5}"#);
        assert_eq!(means(Kind::Count, &[1, 2]), r#"{"count":1.5}"#);
        assert_eq!(means(Kind::Month, &[1, 2]), "null");
        let huge = summary(Kind::Money, &[i64::MIN + 1, 0]);
        assert_eq!(json(&huge.least), r#"{"amount":"-9223372036854.78"}"#);
    }

    #[test]
    fn a_flag_is_a_share_of_trials() {
        let flag = summary(Kind::Flag, &[1, 0, 0, UNDEFINED, 1]);
        let share = flag.share.unwrap();
        assert_eq!((share.count, share.of), (2, 4));
        assert_eq!((flag.mean, flag.least, flag.percentiles.len()), (None, None, 0));
    }

    #[test]
    fn months_add_up_to_what_has_happened_by_their_end() {
        let march = 12 * 2026 + 2;
        let breaks = summary(Kind::Month, &[march + 10, march, NEVER, march, UNDEFINED]);
        let rows: Vec<_> = breaks.by_month.iter().collect();
        let text = |row: &MonthShare| (row.month.clone(), row.in_month.count, row.by_end.count);
        assert_eq!(rows.len(), 2);
        assert_eq!(text(rows[0]), ("2026-03".to_string(), 2, 2));
        assert_eq!(text(rows[1]), ("2027-01".to_string(), 1, 3));
        assert_eq!(rows[1].by_end, Proportion::new(3, 4), "in three of four it breaks at all");
        assert_eq!(json(&breaks.least), r#"{"month":"2026-03"}"#);
    }

    #[test]
    fn percentiles_come_with_how_sure_they_are() {
        let watts: Vec<i64> = (1..=1_000).map(|mw| mw * 1_000_000).collect();
        let power = summary(Kind::Power, &watts);
        let p50 = power.percentiles.iter().find(|row| row.p >= 50.0).unwrap();
        let text =
            r#"{"p":50.0,"value":{"it_mw":500.0},"low":{"it_mw":469.0},"high":{"it_mw":532.0}}"#;
        assert_eq!(json(p50), text);
        assert_eq!(power.percentiles.len(), PERCENTILES.len());
    }
}
