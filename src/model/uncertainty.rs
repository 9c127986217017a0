//! What may turn out otherwise, checked and addressed by index: the risk part of a site.
//!
//! Plain data: `risk` samples it, nothing below does. The likely trial ignores all of it but the
//! likely values and the likeliest ways, which stand in the plan already (semantics R2).

use super::{CalendarId, Terms};
use crate::chance::{Copula, Distribution};
use crate::money::{Amount, Currency};

/// Everything uncertain about a site.
#[derive(Clone, Debug, Default)]
pub struct Uncertainty {
    /// Durations, by activity, ascending.
    pub durations: Vec<Duration>,
    /// Costs, by index into the terms' costs, ascending: in units of the cost's currency.
    pub costs: Vec<(u32, Distribution)>,
    /// Common factors, in file order.
    pub factors: Vec<Factor>,
    /// Discrete risks, in file order.
    pub risks: Vec<Risk>,
    /// What may fail and be done again, by activity, ascending.
    pub rework: Vec<Rework>,
    /// Groups of correlated values.
    pub correlations: Vec<Correlation>,
    /// Ways that work may go.
    pub branches: Vec<Branch>,
    /// Working days lost to weather, in file order.
    pub weather: Vec<Weather>,
    /// Names that draws go by where they are not the activity's id: (activity, name), ascending.
    pub streams: Vec<(u32, String)>,
    /// The reference class to compare with.
    pub outside_view: Option<OutsideView>,
    /// What projects slip by before they are ready for service, all causes together. It counts the
    /// delays that everything above counts one by one, so it is read in its place or not at all.
    pub last_mile: Vec<Slip>,
    /// The slips in force: none but where everything else stands at its likely value.
    pub slips: Vec<Slip>,
}

impl Uncertainty {
    /// Whether nothing can turn out otherwise.
    pub fn is_empty(&self) -> bool {
        self.durations.is_empty()
            && self.costs.is_empty()
            && self.factors.is_empty()
            && self.risks.is_empty()
            && self.rework.is_empty()
            && self.branches.is_empty()
            && self.weather.is_empty()
            && self.slips.is_empty()
    }

    /// Whether money itself is uncertain, beyond what dates do to it.
    pub fn moves_money(&self) -> bool {
        let factor = |factor: &Factor| {
            !(factor.costs.is_empty() && factor.prices.is_empty() && factor.curves.is_empty())
        };
        let ways = self.branches.iter().flat_map(|branch| &branch.ways);
        !self.costs.is_empty()
            || { ways }.any(|way| !way.costs.is_empty())
            || self.factors.iter().any(factor)
            || self.risks.iter().any(|risk| risk.cost.is_some())
    }
}

impl Uncertainty {
    /// What the likely trial leaves out: it belongs to ways that it does not take. Ascending.
    pub(super) fn left_out(&self) -> Vec<u32> {
        let mut activities: Vec<u32> =
            self.ways_not_taken().flat_map(|way| way.activities.iter().copied()).collect();
        activities.sort_unstable();
        activities
    }

    /// Takes out of the likely trial what such ways cost.
    pub(super) fn leave_out_costs(&self, terms: &mut Terms) {
        for &(cost, _) in self.ways_not_taken().flat_map(|way| &way.costs) {
            terms.costs[cost as usize].amount.micros = 0;
        }
    }

    fn ways_not_taken(&self) -> impl Iterator<Item = &Way> {
        self.branches.iter().flat_map(|branch| {
            let ways = branch.ways.iter().zip(0..);
            ways.filter(|&(_, at)| at != branch.likely).map(|(way, _)| way)
        })
    }
}

/// The uncertain duration of an activity.
#[derive(Clone, Debug, PartialEq)]
pub struct Duration {
    /// Which.
    pub activity: u32,
    /// In minutes of its calendar.
    pub spread: Distribution,
    /// Minutes of work done at the data date, where the spread is of the whole duration: what is
    /// left is sampled on condition that it takes longer than that (semantics T5).
    pub done: Option<f64>,
}

/// A common factor.
#[derive(Clone, Debug, PartialEq)]
pub struct Factor {
    /// Its name: what its draws go by.
    pub id: String,
    /// Whether several sites of a portfolio share it.
    pub shared: bool,
    /// What values are multiplied by, or for base rates what is added to them, as a share.
    pub spread: Distribution,
    /// Activities whose duration it scales, ascending.
    pub on: Vec<u32>,
    /// Whether each of them draws its own.
    pub each: bool,
    /// Costs that it scales, as indices into the terms' costs.
    pub costs: Vec<u32>,
    /// Contracts whose price it scales.
    pub prices: Vec<u32>,
    /// Base rates that it shifts.
    pub curves: Vec<u32>,
    /// Where the figures come from.
    pub source: Option<String>,
}

/// Something that may happen or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Risk {
    /// Its name: what its draws go by.
    pub id: String,
    /// Title in the risk register.
    pub title: String,
    /// Of its happening in a trial.
    pub probability: f64,
    /// Delays in minutes; calendars whose week is as long share one.
    pub delays: Vec<Distribution>,
    /// What durations are multiplied by.
    pub factor: Option<Distribution>,
    /// What it costs, once, when it happens, in units of the currency.
    pub cost: Option<(Currency, Distribution)>,
    /// Activities that it hits, ascending, with the index of their delay.
    pub hits: Vec<Hit>,
    /// Whether only the longest of such delays on an activity counts.
    pub parallel: bool,
    /// Whether it happens to each activity apart.
    pub each: bool,
    /// Where the figures come from.
    pub source: Option<String>,
}

/// What a project slips by before its halls are ready for service.
#[derive(Clone, Debug, PartialEq)]
pub struct Slip {
    /// The name that its draws go by.
    pub id: String,
    /// Of there being one in a trial.
    pub probability: f64,
    /// Delays in minutes; calendars whose week is as long share one.
    pub delays: Vec<Distribution>,
    /// Activities that it puts off, ascending, with the index of their delay.
    pub hits: Vec<Hit>,
    /// Whether each of them draws its own.
    pub each: bool,
    /// Where the figures come from.
    pub source: Option<String>,
}

/// Working days that weather takes from a site, month by month.
#[derive(Clone, Debug, PartialEq)]
pub struct Weather {
    /// Its name: what its draws go by.
    pub id: String,
    /// Calendars that lose the days, ascending; never 24 x 7.
    pub calendars: Vec<CalendarId>,
    /// Days lost in each month of the year, January first; none where the file says nothing.
    pub lost: [Option<Distribution>; 12],
    /// Where the figures come from.
    pub source: Option<String>,
}

/// An activity that a risk hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Which.
    pub activity: u32,
    /// Index into [`Risk::delays`]; without meaning where there are none.
    pub delay: u32,
}

/// Work that may fail and be done again.
#[derive(Clone, Debug, PartialEq)]
pub struct Rework {
    /// Which activity.
    pub activity: u32,
    /// Of failing, each time.
    pub probability: f64,
    /// Repairs, in minutes of its calendar.
    pub repair: Distribution,
    /// How often it can fail.
    pub at_most: u32,
}

/// Values whose draws go together.
#[derive(Clone, Debug)]
pub struct Correlation {
    /// Which.
    pub of: Vec<Correlated>,
    /// What makes their draws go together.
    pub copula: Copula,
}

/// One of the values of a correlation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correlated {
    /// Index into [`Uncertainty::durations`].
    Duration(u32),
    /// Index into [`Uncertainty::costs`].
    Cost(u32),
}

/// One of several ways that the work may go, by chance.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// Its name: what its draw goes by.
    pub id: String,
    /// The ways, in file order.
    pub ways: Vec<Way>,
    /// The way of the likely trial: the most probable, the first of several.
    pub likely: u32,
}

/// One way of a branch.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// Its name.
    pub id: String,
    /// How probable it is.
    pub probability: f64,
    /// Activities that take no time and cost nothing unless this way is taken.
    pub activities: Vec<u32>,
    /// Their costs, as indices into the terms' costs, and what they are.
    pub costs: Vec<(u32, Amount)>,
}

/// A reference class and what of the site it is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutsideView {
    /// The class.
    pub class: ReferenceClass,
    /// Its start begins the count: ground-breaking.
    pub from: u32,
    /// The first finish among these ends it: the first hall, unless the file names another end.
    pub to: Vec<u32>,
    /// What is counted apart.
    pub apart: Vec<u32>,
}

/// Reference classes of data-centre projects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceClass {
    /// A new site.
    Greenfield,
    /// A shell, and often power, that exist.
    Retrofit,
}
