//! What a run and its trials say, as charts: each with a title, the data that is drawn, and the
//! table of numbers behind it.
//!
//! One file a chart or two of a kind; [`figures`] gathers them. A chart that has nothing to show
//! (no loans, no trials, no promises) is left out.

mod gantt;
mod ramp;

use crate::analysis::Run;
use crate::model::Site;
use crate::plot::{self, Picture, Theme};
use crate::risk::{OneAtATime, Overall, RankTornado, Removals};
use crate::time::Minute;

pub(super) use gantt::every_row;
pub use gantt::gantt_chart;
pub use ramp::{cover_chart, ramp_chart};

/// What a chart shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Online IT MW by hall or site.
    Ramp,
    /// The programme.
    Gantt,
    /// Revenue, debt service and cover.
    Cover,
}

impl Kind {
    /// All, in the order of a report.
    pub const ALL: [Kind; 3] = [Kind::Ramp, Kind::Gantt, Kind::Cover];

    /// As asked for, and the beginning of its files' names.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Ramp => "ramp",
            Kind::Gantt => "gantt",
            Kind::Cover => "cover",
        }
    }

    /// Whether it needs trials.
    pub fn needs_trials(self) -> bool {
        false
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
    /// Bars by date.
    Gantt(plot::Gantt),
    /// Debt cover.
    Cover(plot::Cover),
}

impl Figure {
    /// What it is called on paper.
    pub fn title(&self) -> &str {
        match &self.chart {
            Chart::Ramp(chart) => &chart.title,
            Chart::Gantt(chart) => &chart.title,
            Chart::Cover(chart) => &chart.title,
        }
    }

    /// Draws it.
    pub fn draw(&self, theme: Theme) -> Picture {
        match &self.chart {
            Chart::Ramp(chart) => chart.draw(theme),
            Chart::Gantt(chart) => chart.draw(theme),
            Chart::Cover(chart) => chart.draw(theme),
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
    let Told { site, run, .. } = *told;
    let figure = |chart, table| vec![Figure { kind, name: kind.name().into(), chart, table }];
    match kind {
        Kind::Ramp if site.halls.is_empty() => Vec::new(),
        Kind::Ramp => figure(Chart::Ramp(Box::new(ramp_chart(site, run))), ramp::ramp_table(run)),
        Kind::Gantt => {
            let chart = gantt_chart(site, run);
            let table = gantt::gantt_table(&chart);
            figure(Chart::Gantt(chart), table)
        }
        Kind::Cover => {
            let chart = cover_chart(site, run);
            let table = ramp::cover_table(&chart);
            figure(Chart::Cover(chart), table)
        }
    }
}
