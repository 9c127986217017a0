//! What a run and its trials say, as charts: each with a title, the data that is drawn, and the
//! table of numbers behind it.
//!
//! One file a chart or two of a kind; [`figures`] gathers them. A chart that has nothing to show
//! (no loans, no trials, no promises) is left out.

mod calibration;
mod causes;
mod curves;
mod fan;
mod gantt;
mod money;
mod ramp;
mod supply;

use crate::analysis::Run;
use crate::analysis::against::Actual;
use crate::model::Site;
use crate::plot::{self, Picture, Theme};
use crate::risk::{OneAtATime, Overall, RankTornado, Removals};
use crate::time::Minute;

pub use curves::MARKED;
pub(super) use gantt::every_row;
pub use gantt::gantt_chart;
pub use ramp::{cover_chart, ramp_chart};

/// What a chart shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Online IT MW by hall or site.
    Ramp,
    /// Online IT MW with its spread.
    Fan,
    /// How probable each date is.
    Curves,
    /// Why it is late.
    Waterfall,
    /// The programme.
    Gantt,
    /// What drives date and money.
    Tornado,
    /// Slips by quarter and by cause.
    Heat,
    /// Crews and machines in demand.
    Demand,
    /// Which term of capacity binds.
    Strip,
    /// Revenue, debt service and cover.
    Cover,
    /// Cover and cash with their spread.
    MoneyFan,
    /// What customers have signed for and not yet had.
    Backlog,
    /// What stands behind the debt.
    Collateral,
    /// Forecasts beside what happened.
    Calibration,
}

impl Kind {
    /// All, in the order of a report.
    pub const ALL: [Kind; 14] = [
        Kind::Ramp,
        Kind::Fan,
        Kind::Curves,
        Kind::Waterfall,
        Kind::Gantt,
        Kind::Tornado,
        Kind::Heat,
        Kind::Demand,
        Kind::Strip,
        Kind::Cover,
        Kind::MoneyFan,
        Kind::Backlog,
        Kind::Collateral,
        Kind::Calibration,
    ];

    /// As asked for; files of a kind with one figure are called so.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Ramp => "ramp",
            Kind::Fan => "fan",
            Kind::Curves => "s-curve",
            Kind::Waterfall => "waterfall",
            Kind::Gantt => "gantt",
            Kind::Tornado => "tornado",
            Kind::Heat => "slips",
            Kind::Demand => "crews",
            Kind::Strip => "bottleneck",
            Kind::Cover => "cover",
            Kind::MoneyFan => "money-fan",
            Kind::Backlog => "backlog",
            Kind::Collateral => "collateral",
            Kind::Calibration => "calibration",
        }
    }

    /// Whether it shows nothing without trials.
    pub fn needs_trials(self) -> bool {
        matches!(
            self,
            Kind::Fan | Kind::Curves | Kind::Tornado | Kind::MoneyFan | Kind::Calibration
        )
    }

    /// Whether it tells what drives dates, which takes trials without each cause.
    pub fn needs_drivers(self) -> bool {
        matches!(self, Kind::Tornado | Kind::Waterfall)
    }
}

/// One chart.
#[derive(Clone, Debug)]
pub struct Figure {
    /// What it shows.
    pub kind: Kind,
    /// Name of its files without ending, unique among the figures of a run.
    pub name: String,
    /// What is drawn.
    pub chart: Chart,
    /// The numbers that are drawn.
    pub table: Table,
}

/// The data of a chart of any kind.
#[derive(Clone, Debug)]
pub enum Chart {
    /// Capacity.
    Ramp(Box<plot::Ramp>),
    /// Percentiles by date.
    Fan(Box<plot::Fan>),
    /// Probability by date.
    Curves(plot::Curves),
    /// From one total to another.
    Waterfall(plot::Waterfall),
    /// Bars by date.
    Gantt(plot::Gantt),
    /// Bars to both sides.
    Tornado(plot::Tornado),
    /// Cells.
    HeatMap(plot::HeatMap),
    /// Use against what there is.
    Demand(plot::Demand),
    /// Stretches of time.
    Strip(plot::Strip),
    /// Debt cover.
    Cover(plot::Cover),
    /// A balance and what moves it.
    Backlog(plot::Backlog),
    /// Value against debt.
    Collateral(plot::Collateral),
    /// Forecasts judged.
    Calibration(plot::Calibration),
}

impl Figure {
    /// What it is called on paper.
    pub fn title(&self) -> &str {
        match &self.chart {
            Chart::Ramp(chart) => &chart.title,
            Chart::Fan(chart) => &chart.title,
            Chart::Curves(chart) => &chart.title,
            Chart::Waterfall(chart) => &chart.title,
            Chart::Gantt(chart) => &chart.title,
            Chart::Tornado(chart) => &chart.title,
            Chart::HeatMap(chart) => &chart.title,
            Chart::Demand(chart) => &chart.title,
            Chart::Strip(chart) => &chart.title,
            Chart::Cover(chart) => &chart.title,
            Chart::Backlog(chart) => &chart.title,
            Chart::Collateral(chart) => &chart.title,
            Chart::Calibration(chart) => &chart.title,
        }
    }

    /// Draws it.
    pub fn draw(&self, theme: Theme) -> Picture {
        match &self.chart {
            Chart::Ramp(chart) => chart.draw(theme),
            Chart::Fan(chart) => chart.draw(theme),
            Chart::Curves(chart) => chart.draw(theme),
            Chart::Waterfall(chart) => chart.draw(theme),
            Chart::Gantt(chart) => chart.draw(theme),
            Chart::Tornado(chart) => chart.draw(theme),
            Chart::HeatMap(chart) => chart.draw(theme),
            Chart::Demand(chart) => chart.draw(theme),
            Chart::Strip(chart) => chart.draw(theme),
            Chart::Cover(chart) => chart.draw(theme),
            Chart::Backlog(chart) => chart.draw(theme),
            Chart::Collateral(chart) => chart.draw(theme),
            Chart::Calibration(chart) => chart.draw(theme),
        }
    }
}

/// Numbers as people read them: a head, and rows as long as the head.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Names of the columns, with their units.
    pub head: Vec<String>,
    /// Cells.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub(super) fn new<const N: usize>(head: [&str; N]) -> Table {
        Table { head: head.map(str::to_owned).to_vec(), rows: Vec::new() }
    }
}

/// What figures are made from.
#[derive(Clone, Copy)]
pub struct Told<'r> {
    /// The site.
    pub site: &'r Site,
    /// Its likely run.
    pub run: &'r Run,
    /// What many trials say, where they were run.
    pub trials: Option<&'r Trials>,
    /// What happened, where it is compared.
    pub actuals: &'r [Actual],
}

/// What many trials say.
#[derive(Clone, Debug)]
pub struct Trials {
    /// Summaries of all columns, criticality of all activities.
    pub overall: Overall,
    /// Dates of halls and sites with the share of trials by then.
    pub curves: Vec<DateCurve>,
    /// Which drivers go with the date, and with cover.
    pub ranks: Vec<RankTornado>,
    /// What each driver does alone.
    pub swings: Option<OneAtATime>,
    /// What each cause costs of the P50.
    pub removals: Option<Removals>,
}

/// The distribution of a date.
#[derive(Clone, Debug, PartialEq)]
pub struct DateCurve {
    /// Name of the column, as `finish:hall-1.ist`.
    pub column: String,
    /// Date and share of trials by then, rising; ends below 1 where it never comes in some.
    pub points: Vec<(Minute, f64)>,
}

/// The figures of these kinds that have something to show, in the order of [`Kind::ALL`].
pub fn figures(told: &Told<'_>, kinds: &[Kind]) -> Vec<Figure> {
    let mut kinds = kinds.to_vec();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.into_iter().flat_map(|kind| figures_of(told, kind)).collect()
}

fn figures_of(told: &Told<'_>, kind: Kind) -> Vec<Figure> {
    let of_trials = |make: &dyn Fn(&Trials) -> Vec<Figure>| told.trials.map_or_else(Vec::new, make);
    let one = |figure: Option<Figure>| figure.into_iter().collect::<Vec<_>>();
    match kind {
        Kind::Ramp => one(ramp::ramp_figure(told)),
        Kind::Fan => of_trials(&|trials| one(fan::capacity(told, trials))),
        Kind::Curves => of_trials(&|trials| curves::curves(told, trials)),
        Kind::Waterfall => one(causes::waterfall(told)),
        Kind::Gantt => one(gantt::gantt_figure(told)),
        Kind::Tornado => of_trials(&|trials| causes::tornadoes(told, trials)),
        Kind::Heat => supply::slips(told),
        Kind::Demand => one(supply::demand(told)),
        Kind::Strip => one(supply::strip(told)),
        Kind::Cover => one(ramp::cover_figure(told)),
        Kind::MoneyFan => of_trials(&|trials| fan::money(told, trials)),
        Kind::Backlog => one(money::backlog(told)),
        Kind::Collateral => one(money::collateral(told)),
        Kind::Calibration => of_trials(&|trials| one(calibration::calibration(told, trials))),
    }
}
