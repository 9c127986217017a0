//! A run beside what really happened: actual figures by quarter, the model's, and what would be
//! said without a model (last quarter again; last revenue for each MW of active power).

use super::Run;
use crate::model::Site;
use crate::money::Money;
use crate::spec::shape::clip;
use crate::time::{Day, parse_day};
use crate::unit::ItPower;

/// A calendar quarter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quarter {
    /// e.g. 2025.
    pub year: i32,
    /// 1 to 4.
    pub number: u8,
}

impl Quarter {
    /// Reads `2025Q3`.
    pub fn read(text: &str) -> Option<Quarter> {
        let (year, number) = text.trim().split_once('Q')?;
        let number = number.parse().ok().filter(|number| (1..=4).contains(number))?;
        Some(Quarter { year: year.parse().ok()?, number })
    }

    /// Its first day and the first day after it.
    pub fn days(self) -> [Day; 2] {
        let months = (self.year - 1970) * 12 + 3 * (i32::from(self.number) - 1);
        [Day(0).add_months(months), Day(0).add_months(months + 3)]
    }

    /// The one so many quarters before.
    pub fn before(self, quarters: i32) -> Quarter {
        let index = self.year * 4 + i32::from(self.number) - 1 - quarters;
        Quarter { year: index.div_euclid(4), number: index.rem_euclid(4) as u8 + 1 }
    }
}

impl std::fmt::Display for Quarter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}Q{}", self.year, self.number)
    }
}

/// What is compared, in the order of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// Revenue, recharges included.
    Revenue,
    /// Operating income.
    OperatingIncome,
    /// Interest expensed.
    Interest,
    /// Remaining performance obligation and everything else that customers committed to.
    Backlog,
    /// Remaining performance obligation.
    Rpo,
    /// Depreciation and amortisation.
    Depreciation,
    /// Operating income before depreciation and stock compensation.
    AdjustedEbitda,
    /// IT power of the halls that are ready for service.
    ActivePower,
    /// Debt.
    Debt,
    /// Capital cost incurred.
    CapexIncurred,
    /// Capital cost paid.
    CapexPaid,
    /// Capital cost paid less cash from operations.
    CashBurn,
    /// Cost of revenue.
    CostOfRevenue,
    /// Technology and infrastructure.
    Technology,
}

impl Metric {
    /// All, in order.
    pub const ALL: [Metric; 14] = [
        Metric::Revenue,
        Metric::OperatingIncome,
        Metric::Interest,
        Metric::Backlog,
        Metric::Rpo,
        Metric::Depreciation,
        Metric::AdjustedEbitda,
        Metric::ActivePower,
        Metric::Debt,
        Metric::CapexIncurred,
        Metric::CapexPaid,
        Metric::CashBurn,
        Metric::CostOfRevenue,
        Metric::Technology,
    ];

    /// The word in a file of actual figures.
    pub fn word(self) -> &'static str {
        match self {
            Metric::Revenue => "revenue",
            Metric::OperatingIncome => "operating_income",
            Metric::Interest => "interest_expense",
            Metric::Backlog => "backlog",
            Metric::Rpo => "rpo",
            Metric::Depreciation => "depreciation_amortization",
            Metric::AdjustedEbitda => "adjusted_ebitda",
            Metric::ActivePower => "active_power_mw",
            Metric::Debt => "debt",
            Metric::CapexIncurred => "capex_incurred",
            Metric::CapexPaid => "capex_paid",
            Metric::CashBurn => "cash_burn",
            Metric::CostOfRevenue => "cost_of_revenue",
            Metric::Technology => "technology_infrastructure",
        }
    }

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Metric::Revenue => "revenue",
            Metric::OperatingIncome => "operating income",
            Metric::Interest => "interest expense",
            Metric::Backlog => "revenue backlog",
            Metric::Rpo => "remaining performance obligation",
            Metric::Depreciation => "depreciation and amortisation",
            Metric::AdjustedEbitda => "adjusted EBITDA",
            Metric::ActivePower => "active power, IT MW",
            Metric::Debt => "debt",
            Metric::CapexIncurred => "capex incurred",
            Metric::CapexPaid => "capex paid",
            Metric::CashBurn => "cash burn",
            Metric::CostOfRevenue => "cost of revenue",
            Metric::Technology => "technology and infrastructure",
        }
    }
}

/// What a source says of a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stated {
    /// This much.
    Value(f64),
    /// No more.
    AtMost(f64),
    /// No less.
    AtLeast(f64),
}

/// An actual figure, in millions of the reporting currency or in MW.
#[derive(Clone, Debug, PartialEq)]
pub struct Actual {
    /// What.
    pub metric: Metric,
    /// Of which quarter.
    pub quarter: Quarter,
    /// How much.
    pub stated: Stated,
    /// Who says so.
    pub source: String,
    /// How sure that is, in the file's marks.
    pub mark: String,
    /// The day on which it became known.
    pub known: Option<Day>,
}

/// Reads a file of actual figures: `metric,quarter,value,unit,source,mark,known`.
///
/// # Errors
///
/// The number of the first line that is wrong, and why.
pub fn read_actuals(text: &[u8]) -> Result<Vec<Actual>, String> {
    let mut reader = csv::Reader::from_reader(text);
    let heads = reader.headers().map_err(|error| error.to_string())?.clone();
    let column = |name: &str| {
        let found = heads.iter().position(|head| head.trim() == name);
        found.ok_or_else(|| format!("line 1: no column `{name}`"))
    };
    let names = ["metric", "quarter", "value", "unit", "source", "mark", "known"];
    let mut places = [0; 7];
    for (place, name) in places.iter_mut().zip(names) {
        *place = column(name)?;
    }
    let mut actuals = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let line = record.position().map_or(0, csv::Position::line);
        let cells = places.map(|at| record.get(at).unwrap_or("").trim());
        actuals.push(actual(cells).map_err(|message| format!("line {line}: {message}"))?);
    }
    Ok(actuals)
}

fn actual(cells: [&str; 7]) -> Result<Actual, String> {
    let [metric, quarter, value, unit, source, mark, known] = cells;
    let found = Metric::ALL.into_iter().find(|known| known.word() == metric);
    let metric = found.ok_or_else(|| {
        let words: Vec<&str> = Metric::ALL.iter().map(|metric| metric.word()).collect();
        format!("no metric is called `{}`; known are {}", clip(metric), words.join(", "))
    })?;
    let quarter = Quarter::read(quarter)
        .ok_or_else(|| format!("expected a quarter such as 2025Q3, found `{}`", clip(quarter)))?;
    let scale = match unit {
        "USD million" | "MW" => 1.0,
        "USD billion" => 1_000.0,
        _ => {
            let unit = clip(unit);
            return Err(format!("expected USD million, USD billion or MW, found `{unit}`"));
        }
    };
    let number = value.trim_start_matches(['<', '>', '=', '~']);
    let number: f64 = number
        .parse()
        .map_err(|_| format!("expected a number, <= or >= before it, found `{}`", clip(value)))?;
    let stated = match value.as_bytes().first() {
        Some(b'<') => Stated::AtMost(number * scale),
        Some(b'>') => Stated::AtLeast(number * scale),
        _ => Stated::Value(number * scale),
    };
    let known = match known {
        "" => None,
        text => Some(parse_day(text)?),
    };
    let (source, mark) = (source.to_owned(), mark.to_owned());
    Ok(Actual { metric, quarter, stated, source, mark, known })
}

/// The model's figures by quarter.
#[derive(Clone, Copy, Debug)]
pub struct Modelled<'r> {
    site: &'r Site,
    run: &'r Run,
}

impl<'r> Modelled<'r> {
    /// Takes what a run says.
    pub fn new(site: &'r Site, run: &'r Run) -> Modelled<'r> {
        Modelled { site, run }
    }

    /// A figure of a quarter, in millions or MW; nothing outside the books.
    pub fn value(&self, metric: Metric, quarter: Quarter) -> Option<f64> {
        let [from, until] = quarter.days();
        let row = self.run.quarters.iter().find(|row| row.from >= from && row.until == until)?;
        let flows = &row.flows;
        let millions = Money::millions;
        Some(match metric {
            Metric::Revenue => millions(flows.revenue + flows.recharge),
            Metric::OperatingIncome => millions(flows.operating_income()),
            Metric::Interest => millions(flows.interest_expensed),
            Metric::Backlog => millions(row.stand.backlog()),
            Metric::Rpo => millions(row.stand.rpo),
            Metric::Depreciation => millions(flows.depreciation),
            Metric::AdjustedEbitda => millions(flows.adjusted_ebitda()),
            Metric::ActivePower => self.active(until),
            Metric::Debt => millions(row.stand.debt),
            Metric::CapexIncurred => millions(flows.capex_incurred),
            Metric::CapexPaid => millions(flows.capex_paid()),
            Metric::CashBurn => -millions(flows.unlevered_cash()),
            Metric::CostOfRevenue => millions(flows.cost_of_revenue()),
            Metric::Technology => millions(flows.technology_and_infrastructure()),
        })
    }

    /// IT power of the halls that are ready before the start of a day.
    fn active(&self, until: Day) -> f64 {
        let halls = self.site.halls.iter().zip(&self.run.ramp.halls);
        let ready = halls.filter(|(_, ramp)| ramp.ready < until.start());
        ready.map(|(hall, _)| hall.it_power).sum::<ItPower>().mw()
    }
}

/// Operating margin of a quarter, line by line, as shares of revenue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Margin {
    /// Operating income.
    pub margin: f64,
    /// Cost of revenue.
    pub cost_of_revenue: f64,
    /// Technology and infrastructure.
    pub technology: f64,
    /// Sales and overhead.
    pub overhead: f64,
    /// Pay in shares, in all those lines.
    pub stock: f64,
    /// The margin, had all power that was ready been billed: costs as they are, revenue in
    /// proportion.
    pub without_lag: f64,
}

impl Modelled<'_> {
    /// The margin of a quarter; nothing without revenue.
    pub fn margin(&self, quarter: Quarter) -> Option<Margin> {
        let [from, until] = quarter.days();
        let row = self.run.quarters.iter().find(|row| row.from >= from && row.until == until)?;
        let flows = &row.flows;
        let revenue = (flows.revenue + flows.recharge).millions();
        if revenue <= 0.0 {
            return None;
        }
        let share = |money: Money| money.millions() / revenue;
        let (ready, online) = self.mean_power(from, until);
        let billed = if ready > 0.0 { (online / ready).min(1.0) } else { 1.0 };
        let costs = revenue - flows.operating_income().millions();
        let without_lag = 1.0 - costs / (revenue / billed.max(1e-9));
        Some(Margin {
            margin: share(flows.operating_income()),
            cost_of_revenue: share(flows.cost_of_revenue()),
            technology: share(flows.technology_and_infrastructure()),
            overhead: share(flows.sales_and_overhead()),
            stock: share(flows.stock_compensation),
            without_lag,
        })
    }

    /// IT power that is ready, and that is online, in the mean of the days of a stretch.
    fn mean_power(&self, from: Day, until: Day) -> (f64, f64) {
        let days = until - from;
        let mean = |of: &dyn Fn(Day) -> f64| {
            (0..days).map(|day| of(from + day + 1)).sum::<f64>() / f64::from(days)
        };
        let online = |day: Day| self.run.ramp.online_before(day).mw();
        (mean(&|day| self.active(day)), mean(&online))
    }
}

/// One figure of one quarter: actual, models, baselines.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// What.
    pub metric: Metric,
    /// Of which quarter.
    pub quarter: Quarter,
    /// What happened, where a source says so.
    pub actual: Option<Stated>,
    /// What each model says.
    pub models: Vec<Option<f64>>,
    /// The actual of the quarter before.
    pub last_quarter: Option<f64>,
    /// Revenue of the quarter before for each MW of mean active power, times that of this quarter
    /// as each model has it; for revenue alone.
    pub by_power: Vec<Option<f64>>,
}

impl Compared {
    /// By how much a figure is off, as a share of the actual one; nothing against a bound.
    pub fn error(&self, figure: Option<f64>) -> Option<f64> {
        match (self.actual?, figure?) {
            (Stated::Value(actual), figure) if actual.abs() > 0.0 => {
                Some((figure - actual) / actual.abs())
            }
            _ => None,
        }
    }
}

/// Compares every metric over a range of quarters.
pub fn compare(
    actuals: &[Actual],
    models: &[Modelled<'_>],
    quarters: [Quarter; 2],
) -> Vec<Compared> {
    let stated = |metric, quarter| {
        let of = |actual: &&Actual| actual.metric == metric && actual.quarter == quarter;
        actuals.iter().find(of).map(|actual| actual.stated)
    };
    let value = |metric, quarter| match stated(metric, quarter) {
        Some(Stated::Value(value)) => Some(value),
        _ => None,
    };
    let mut compared = Vec::new();
    for metric in Metric::ALL {
        let mut quarter = quarters[0];
        while quarter <= quarters[1] {
            let before = quarter.before(1);
            let mean = |model: &Modelled<'_>, quarter: Quarter| {
                let ends = [quarter.before(1), quarter];
                let [from, until] = ends.map(|end| model.value(Metric::ActivePower, end));
                Some((from? + until?) / 2.0)
            };
            let by_power = |model: &Modelled<'_>| {
                let last = value(Metric::Revenue, before)?;
                Some(last / mean(model, before)? * mean(model, quarter)?)
            };
            compared.push(Compared {
                metric,
                quarter,
                actual: stated(metric, quarter),
                models: models.iter().map(|model| model.value(metric, quarter)).collect(),
                last_quarter: value(metric, before),
                by_power: match metric {
                    Metric::Revenue => models.iter().map(by_power).collect(),
                    _ => vec![None; models.len()],
                },
            });
            quarter = quarter.before(-1);
        }
    }
    compared
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_count_on_and_back() {
        let third = Quarter::read("2025Q3").unwrap();
        assert_eq!(third.before(4).to_string(), "2024Q3");
        assert_eq!(third.before(-2).to_string(), "2026Q1");
        assert_eq!(third.days().map(|day| day.to_string()), ["2025-07-01", "2025-10-01"]);
        assert_eq!(Quarter::read("2025Q5"), None);
    }

    #[test]
    fn actual_figures_are_read_and_their_mistakes_named() {
        let head = "metric,quarter,value,unit,source,mark,known\n";
        let read = |line: &str| read_actuals(format!("{head}{line}\n").as_bytes());
        let good = read("backlog,2025Q3,55.6,USD billion,release,F,2025-11-10").unwrap();
        assert_eq!(good[0].stated, Stated::Value(55_600.0));
        let bound = read("depreciation_amortization,2024Q3,<=261.6,USD million,d,E,").unwrap();
        assert_eq!(bound[0].stated, Stated::AtMost(261.6));
        for (line, message) in [
            ("revenu,2025Q3,1,MW,a,F,", "line 2: no metric is called `revenu`"),
            ("revenue,2025,1,MW,a,F,", "expected a quarter such as 2025Q3"),
            ("revenue,2025Q3,much,MW,a,F,", "expected a number"),
            ("revenue,2025Q3,1,EUR,a,F,", "expected USD million"),
        ] {
            let error = read(line).unwrap_err();
            assert!(error.contains(message), "{error}");
        }
        assert!(read_actuals(b"metric,quarter\n").unwrap_err().contains("no column `value`"));
    }
}
