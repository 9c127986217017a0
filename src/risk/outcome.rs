//! What a trial yields: its row of named integers, and the sums that go with it (semantics R4).
//!
//! | columns | kind | what |
//! |---|---|---|
//! | `finish` | date | the last finish of all |
//! | `finish:ID` | date | of each milestone, hall, energisation stage and promised activity |
//! | `online.first`, `.half`, `.all` | date | when so much of the planned IT load is online |
//! | `online:YYYY-MM` | power | online IT power at the end of the month |
//! | `outside.minutes` | count | of the stretch compared with a reference class, where one is |
//! | `revenue:YYYY-Qn`, `revenue:YYYY` | money | recognised in the period |
//! | `cost.capital` | money | all capital cost incurred |
//! | `cash.least` | money | least free cash at a month's end from the opening on |
//! | `equity.shortfall` | money | called beyond the commitment because cash ran short |
//! | `dscr.least` | ratio | least of the quarters from the first revenue on |
//! | `breaks:LOAN.COVENANT` | month | first month whose test fails |
//! | `dscr:YYYY-Qn` | ratio | of the quarter, from the first revenue on |
//! | `cash:YYYY-Qn` | money | least free cash at a month's end of the quarter |
//! | `fails:LOAN.COVENANT:YYYY-Qn` | flag | a test of the quarter fails |
//!
//! Covenants of one kind on one loan are told apart by a number: `breaks:ddtl.dscr-2`.

use std::slice::ChunksExactMut;

use super::outside::{OUTSIDE_MINUTES, Stretch};
use super::row::{Column, Kind, Layout, NEVER, UNDEFINED, date_value, month_value, ratio_value};
use crate::capacity::Ramp;
use crate::ledger::{BooksResult, Outcome as TestOutcome, PeriodRow, Ratio, by_quarter};
use crate::model::{Site, Timeline};
use crate::money::Money;
use crate::time::{Day, Minute};

/// Longest run of months that a row holds.
const MONTHS_MAX: i32 = 240;
/// Months that dates may slip beyond the likely ones and still be in a row, or half of what the
/// likely trial takes from now on where that is more.
const MONTHS_LATER: i32 = 24;

/// Which numbers a trial of a site yields, and where they stand in the row.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Names and kinds.
    pub layout: Layout,
    /// Activities with a column of their own.
    pub milestones: Vec<u32>,
    /// Uncertain activities: each has sums of its own.
    pub uncertain: Vec<u32>,
    /// First day after each month that has a column.
    pub months: Vec<Day>,
    /// First day after each quarter that has a column.
    pub quarters: Vec<Day>,
    /// Loan and covenant of each test that can break.
    pub covenants: Vec<(u32, u32)>,
    /// Whether the books are kept.
    pub money: bool,
    /// The stretch that is compared with a reference class.
    pub(super) stretch: Option<Stretch>,
    activities: usize,
    online: Option<usize>,
    first_money: usize,
}

/// Sums of each uncertain activity beside the criticality counts: minutes, their squares, minutes
/// times those of the target date.
const SUMS_OF_A_LINE: usize = 3;
/// Sums of the target date: trials that have one, minutes since the plan's start, their squares.
const SUMS_OF_THE_TARGET: usize = 3;

impl Outcome {
    /// Lays out the row of a site; `likely` is its likely trial.
    pub fn new(
        site: &Site,
        uncertain: Vec<u32>,
        likely: &Timeline,
        books: Option<&BooksResult>,
    ) -> Outcome {
        let milestones = milestones(site);
        let id = |activity: &u32| site.plan.activities[*activity as usize].id.as_str();
        let mut columns = vec![column("finish", Kind::Date)];
        columns
            .extend(milestones.iter().map(|at| column(format!("finish:{}", id(at)), Kind::Date)));
        let (mut online, mut months) = (None, Vec::new());
        let ends = likely.events.last().map_or(site.plan.first_day(), |event| event.at.day());
        if !site.units.is_empty() {
            online = Some(columns.len());
            columns.extend(
                ["first", "half", "all"].map(|share| column(format!("online.{share}"), Kind::Date)),
            );
            let first = site.plan.data_date().day();
            let takes = ends.month_number() - first.month_number();
            let later = MONTHS_LATER.max(takes / 2);
            let last = site.terms.horizon.unwrap_or(ends.add_months(later));
            months = months_between(first, last);
            columns.extend(months.iter().map(|&day| {
                let (year, month, _) = (day + -1).civil();
                column(format!("online:{year:04}-{month:02}"), Kind::Power)
            }));
        }
        let stretch = Stretch::of(site);
        columns.extend(stretch.iter().map(|_| column(OUTSIDE_MINUTES, Kind::Count)));
        let first_money = columns.len();
        let mut covenants = Vec::new();
        let mut quarters = Vec::new();
        if let Some(books) = books {
            quarters = by_quarter(&books.months).iter().map(|row| row.until).collect();
            money_columns(site, &quarters, &mut columns, &mut covenants);
        }
        let activities = site.plan.activities.len();
        let sums = sums_of(activities, uncertain.len());
        Outcome {
            layout: Layout::new(columns, sums),
            milestones,
            uncertain,
            months,
            quarters,
            covenants,
            money: books.is_some(),
            stretch,
            activities,
            online,
            first_money,
        }
    }

    /// Name of the date that criticality and sensitivity speak of.
    pub fn target(&self) -> &'static str {
        if self.online.is_some() { "online.all" } else { "finish" }
    }

    /// Where that date stands in the row: after `online.first` and `online.half`, or first of all.
    pub(super) fn target_column(&self) -> usize {
        self.online.map_or(0, |online| online + 2)
    }

    /// The dates of a trial.
    pub fn dates(&self, site: &Site, timeline: &Timeline, row: &mut Vec<i64>) {
        row.clear();
        let date = |at: Minute| date_value(at, Minute::NEVER);
        row.push(date(timeline.finish.iter().copied().max().unwrap_or(Minute::NEVER)));
        row.extend(self.milestones.iter().map(|&at| date(timeline.finish[at as usize])));
        if self.online.is_some() {
            let ramp = Ramp::of(site, timeline);
            let headline = ramp.headline(site);
            row.extend([headline.first, headline.half, headline.all].map(date));
            row.extend(self.months.iter().map(|&day| ramp.online_before(day).0));
        }
    }

    /// The stretch that is compared with a reference class, after the dates: `without` is the trial
    /// without what is counted apart.
    pub fn outside(&self, without: &Timeline, row: &mut Vec<i64>) {
        row.extend(self.stretch.iter().map(|stretch| stretch.minutes(without)));
    }

    /// The money of a trial, after its dates and its stretch.
    pub fn money(&self, books: &BooksResult, row: &mut Vec<i64>) {
        let quarters = by_quarter(&books.months);
        let revenue = |until: Day| {
            let found = quarters.binary_search_by_key(&until, |quarter| quarter.until);
            found.map_or(Money::ZERO, |at| quarters[at].flows.revenue + quarters[at].flows.recharge)
        };
        let from = row.len();
        row.extend(self.quarters.iter().map(|&until| revenue(until).0));
        let mut years: Vec<(i32, i64)> = Vec::new();
        for (at, &until) in self.quarters.iter().enumerate() {
            let year = (until + -1).civil().0;
            let value = row[from + at];
            match years.last_mut().filter(|last| last.0 == year) {
                Some(last) => last.1 += value,
                None => years.push((year, value)),
            }
        }
        row.extend(years.into_iter().map(|(_, revenue)| revenue));
        row.push((books.totals.capex_incurred + books.totals.capex_before).0);
        row.push(books.months.iter().map(|row| row.stand.cash.0).min().unwrap_or(UNDEFINED));
        row.push(books.totals.equity_shortfall.0);
        let earning = quarters
            .iter()
            .filter(|row| books.first_revenue.is_some_and(|first| first < row.until));
        let covers = earning.map(|row| row.flows.dscr()).filter(|ratio| *ratio != Ratio::Undefined);
        let least = covers.map(ratio_value).filter(|&value| value != UNDEFINED).min();
        row.push(least.unwrap_or(UNDEFINED));
        let breaks = row.len();
        row.resize(breaks + self.covenants.len(), NEVER);
        self.by_quarter(books, &quarters, row);
        let fails = row.len();
        row.resize(fails + self.covenants.len() * self.quarters.len(), 0);
        for test in books.tests().filter(|test| test.outcome == TestOutcome::Failed) {
            let of = (test.loan, test.covenant);
            let Some(at) = self.covenants.iter().position(|covenant| *covenant == of) else {
                continue;
            };
            row[breaks + at] = row[breaks + at].min(month_value(Some(test.day)));
            let quarter = self.quarters.partition_point(|&until| until <= test.day);
            if quarter < self.quarters.len() {
                row[fails + at * self.quarters.len() + quarter] = 1;
            }
        }
    }

    /// Cover and least cash of each quarter.
    fn by_quarter(&self, books: &BooksResult, quarters: &[PeriodRow], row: &mut Vec<i64>) {
        let earns = |until: Day| books.first_revenue.is_some_and(|first| first < until);
        let found = |until: Day| {
            quarters
                .binary_search_by_key(&until, |quarter| quarter.until)
                .ok()
                .map(|at| &quarters[at])
        };
        row.extend(self.quarters.iter().map(|&until| match found(until) {
            Some(quarter) if earns(until) => ratio_value(quarter.flows.dscr()),
            _ => UNDEFINED,
        }));
        let mut months = books.months.iter().peekable();
        row.extend(self.quarters.iter().map(|&until| {
            let within = std::iter::from_fn(|| months.next_if(|month| month.until <= until));
            within.map(|month| month.stand.cash.0).min().unwrap_or(UNDEFINED)
        }));
    }

    /// The column that money begins with.
    pub fn first_money(&self) -> usize {
        self.first_money
    }

    /// Adds a trial to the sums: `minutes` are those of the uncertain activities.
    pub fn add(&self, sums: &mut [i128], marks: &[bool], target: Option<i64>, minutes: &[i64]) {
        let (of_target, critical, lines) = self.parts(sums);
        let Some(target) = target else { return };
        let target = i128::from(target);
        of_target[0] += 1;
        of_target[1] += target;
        of_target[2] += target * target;
        for (sum, &mark) in critical.iter_mut().zip(marks) {
            *sum += i128::from(mark);
        }
        for (sums, &minutes) in lines.zip(minutes) {
            let minutes = i128::from(minutes);
            sums[0] += minutes;
            sums[1] += minutes * minutes;
            sums[2] += minutes * target;
        }
    }

    /// The sums of the target date, the count of each activity, the sums of each uncertain one.
    pub(super) fn parts<'a>(
        &self,
        sums: &'a mut [i128],
    ) -> (&'a mut [i128], &'a mut [i128], ChunksExactMut<'a, i128>) {
        let (of_target, rest) = sums.split_at_mut(SUMS_OF_THE_TARGET);
        let (critical, lines) = rest.split_at_mut(self.activities);
        (of_target, critical, lines.chunks_exact_mut(SUMS_OF_A_LINE))
    }

    /// Reads the sums of a run.
    pub fn drivers<'a>(&'a self, sums: &'a [i128]) -> Drivers<'a> {
        drivers_of(self.activities, &self.uncertain, sums)
    }
}

/// How many sums go with so many activities, of which some are uncertain.
pub(super) fn sums_of(activities: usize, uncertain: usize) -> usize {
    SUMS_OF_THE_TARGET + activities + SUMS_OF_A_LINE * uncertain
}

/// Reads the sums of a run of so many activities, of which some are uncertain.
pub fn drivers_of<'a>(activities: usize, uncertain: &'a [u32], sums: &'a [i128]) -> Drivers<'a> {
    assert_eq!(sums.len(), sums_of(activities, uncertain.len()), "sums of each activity");
    Drivers { activities, uncertain, sums }
}

/// What the sums of a run say about activities.
#[derive(Clone, Copy, Debug)]
pub struct Drivers<'a> {
    activities: usize,
    uncertain: &'a [u32],
    sums: &'a [i128],
}

/// How an activity bears on the target date.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bearing {
    /// Index of the activity.
    pub activity: u32,
    /// Share of the trials in which it is on a longest path (criticality index).
    pub criticality: f64,
    /// Standard deviation of its duration, in minutes of its calendar.
    pub sd: f64,
    /// Correlation of its duration with the target date, Pearson (cruciality index); `None` where
    /// either never moves.
    pub cruciality: Option<f64>,
    /// Criticality times its standard deviation over that of the target (schedule sensitivity
    /// index); `None` where the target never moves.
    pub sensitivity: Option<f64>,
}

impl Drivers<'_> {
    /// Trials in which the target date is reached.
    pub fn trials(&self) -> i128 {
        self.sums[0]
    }

    /// Standard deviation of the target date in minutes.
    pub fn target_sd(&self) -> f64 {
        variance(self.sums[0], self.sums[1], self.sums[2]).sqrt()
    }

    /// Every activity, in file order. Criticality index, cruciality index and schedule sensitivity
    /// index are as Vanhoucke defines them ("Measuring Time", 2010, chapter 3).
    pub fn bearings(&self) -> Vec<Bearing> {
        let trials = self.sums[0];
        let critical = &self.sums[SUMS_OF_THE_TARGET..][..self.activities];
        let lines = &self.sums[SUMS_OF_THE_TARGET + self.activities..];
        let of_target = self.target_sd();
        let bearing = |(activity, &count): (u32, &i128)| {
            let criticality = if trials > 0 { count as f64 / trials as f64 } else { 0.0 };
            let line = self.uncertain.binary_search(&activity).ok();
            let (mut sd, mut cruciality) = (0.0, None);
            if let Some(line) = line {
                let sums = &lines[line * SUMS_OF_A_LINE..][..SUMS_OF_A_LINE];
                sd = variance(trials, sums[0], sums[1]).sqrt();
                let both = trials * sums[2] - sums[0] * self.sums[1];
                let scale = sd * of_target;
                let squared = (trials * trials) as f64;
                cruciality = (scale > 0.0).then(|| {
                    // Rounding may leave a perfect correlation a hair above one.
                    (both as f64 / squared / scale).clamp(-1.0, 1.0)
                });
            }
            let sensitivity = (of_target > 0.0).then(|| sd * criticality / of_target);
            Bearing { activity, criticality, sd, cruciality, sensitivity }
        };
        (0..).zip(critical).map(bearing).collect()
    }
}

/// Variance over `n` values of what sums and sums of squares are known of.
fn variance(n: i128, sum: i128, squares: i128) -> f64 {
    if n == 0 { 0.0 } else { (n * squares - sum * sum) as f64 / (n * n) as f64 }
}

fn column(name: impl Into<String>, kind: Kind) -> Column {
    Column { name: name.into(), kind }
}

/// Activities whose finish is told: milestones, what makes halls ready and grid power live, what
/// was promised; in file order.
fn milestones(site: &Site) -> Vec<u32> {
    let activities = (0..).zip(&site.plan.activities);
    let stated = activities.filter(|(_, activity)| activity.milestone).map(|(at, _)| at);
    let halls = site.halls.iter().map(|hall| hall.ready);
    let stages = site.stages.iter().map(|stage| stage.activity);
    let promised = site.baseline.activities.iter().map(|&(activity, _)| activity);
    let mut all: Vec<u32> = stated.chain(halls).chain(stages).chain(promised).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// First days after the months from the one that holds `first` to the one that holds `last`.
fn months_between(first: Day, last: Day) -> Vec<Day> {
    let count = (last.month_number() - first.month_number() + 1).clamp(1, MONTHS_MAX);
    let mut next = first.next_month();
    let mut months = Vec::with_capacity(count as usize);
    for _ in 0..count {
        months.push(next);
        next = next.next_month();
    }
    months
}

fn money_columns(
    site: &Site,
    quarters: &[Day],
    columns: &mut Vec<Column>,
    covenants: &mut Vec<(u32, u32)>,
) {
    let names: Vec<String> = quarters.iter().map(|&until| quarter_name(until)).collect();
    columns.extend(names.iter().map(|name| column(format!("revenue:{name}"), Kind::Money)));
    let mut years: Vec<i32> = quarters.iter().map(|&until| (until + -1).civil().0).collect();
    years.dedup();
    columns.extend(years.iter().map(|year| column(format!("revenue:{year:04}"), Kind::Money)));
    for name in ["cost.capital", "cash.least", "equity.shortfall"] {
        columns.push(column(name, Kind::Money));
    }
    columns.push(column("dscr.least", Kind::Ratio));
    for (loan, terms) in (0..).zip(&site.terms.loans) {
        for (at, covenant) in (0..).zip(&terms.covenants) {
            let key = covenant.test.key();
            let same = terms.covenants[..at as usize].iter();
            let nth = same.filter(|other| other.test.key() == key).count() + 1;
            let nth = if nth > 1 { format!("-{nth}") } else { String::new() };
            columns.push(column(format!("breaks:{}.{key}{nth}", terms.id), Kind::Month));
            covenants.push((loan, at));
        }
    }
    let tested: Vec<String> = columns[columns.len() - covenants.len()..]
        .iter()
        .map(|column| column.name.replacen("breaks:", "fails:", 1))
        .collect();
    columns.extend(names.iter().map(|name| column(format!("dscr:{name}"), Kind::Ratio)));
    columns.extend(names.iter().map(|name| column(format!("cash:{name}"), Kind::Money)));
    for covenant in &tested {
        let of_quarter = |name| column(format!("{covenant}:{name}"), Kind::Flag);
        columns.extend(names.iter().map(of_quarter));
    }
}

/// `2026-Q3`, of the quarter that ends before a day.
fn quarter_name(until: Day) -> String {
    let (year, month, _) = (until + -1).civil();
    format!("{year:04}-Q{}", (month - 1) / 3 + 1)
}
