//! The `risk:` block: what may turn out otherwise beyond the spread of single values.

use serde_json::{Value, json};

use super::quantity::{Factor, Percent};
use super::schema::{self, Book};
use super::shape::{Named, Placed, Raw, Shape, expected, shape, words};
use super::spread::{ShapeWord, Spread};
use super::yaml::Kind;
use super::{At, Findings, Node};
use crate::money::Amount;
use crate::time::Length;

shape! {
    /// Everything about risk that is not said beside a value.
    pub struct RiskSpec {
        /// Shape of values written as `a < b < c`; PERT where none is named.
        shape: Option<ShapeWord>,
        /// Common factors: what scales many values at once.
        factors: Named<FactorSpec>,
        /// Discrete risks: what may happen or not.
        risks: Named<RiskEventSpec>,
        /// Correlations beyond those that common factors make.
        correlations: Vec<CorrelationSpec>,
        /// Ways that the work may go, one of several.
        branches: Named<BranchSpec>,
        /// Working days lost to weather, by the name of the weather.
        weather: Named<WeatherSpec>,
        /// The reference class that the site is compared with.
        outside_view: Option<OutsideViewSpec>,
        /// What projects slip by before they are ready for service, all causes together: a prior
        /// that `risk --prior-only` reads in place of every other chance.
        last_mile: Option<Placed<LastMileSpec>>,
    }
}

shape! {
    /// The slip of a project before it is ready for service, as projects before it have slipped.
    pub struct LastMileSpec {
        /// Of there being one.
        probability: Placed<Percent>,
        /// How long, added before the halls are ready.
        delay: Spread<Length>,
        /// Activities that it puts off; those that make halls ready where none is named.
        on: Vec<Placed<String>>,
        /// Whether each of them draws its own.
        each: Option<bool>,
        /// Where the figures come from.
        source: Option<String>,
        /// Free text.
        note: Option<Raw>,
    }
}

shape! {
    /// A factor that scales many values at once: a contractor, a supplier, a region.
    pub struct FactorSpec {
        /// What the values are multiplied by.
        spread: Option<Spread<Factor>>,
        /// What is added to base rates.
        shift: Option<Spread<Percent>>,
        /// Activities whose duration it scales; `*` stands for any characters.
        on: Vec<Placed<String>>,
        /// Whether each activity draws its own value rather than all the same.
        each: Option<bool>,
        /// Activities whose cost it scales.
        costs: Vec<Placed<String>>,
        /// Customers whose price it scales.
        prices: Vec<Placed<String>>,
        /// Base rates that it shifts.
        curves: Vec<Placed<String>>,
        /// Where the figures come from.
        source: Option<String>,
        /// Free text.
        note: Option<Raw>,
    }
}

words! {
    /// How a risk adds to others on the same activity.
    pub enum HowWord {
        /// Delays add up.
        Series = "series",
        /// Of those in parallel, the longest counts.
        Parallel = "parallel",
    }
}

shape! {
    /// Something that may happen or not, and what it then does.
    pub struct RiskEventSpec {
        /// Title in the risk register.
        title: Option<String>,
        /// Of its happening in a trial.
        probability: Placed<Percent>,
        /// Added to each activity that it hits, in time of that activity's calendar.
        delay: Option<Spread<Length>>,
        /// What the duration of each activity that it hits is multiplied by.
        factor: Option<Spread<Factor>>,
        /// What it costs, once, when it happens.
        cost: Option<Spread<Amount>>,
        /// Activities that it hits.
        on: Vec<Placed<String>>,
        /// Whether its delay adds to those of other risks.
        how: Option<HowWord>,
        /// Whether it happens to each activity apart rather than to all or none.
        each: Option<bool>,
        /// Where the figures come from.
        source: Option<String>,
        /// Free text.
        note: Option<Raw>,
    }
}

shape! {
    /// Correlation of durations (by activity) and costs (by `cost ACTIVITY`).
    pub struct CorrelationSpec {
        /// Between which.
        of: Vec<Placed<String>>,
        /// Correlation of the values: one coefficient for every pair, or the rows of a matrix.
        pearson: Option<Placed<Coefficients>>,
        /// Correlation of the ranks.
        spearman: Option<Placed<Coefficients>>,
        /// Where the figures come from.
        source: Option<String>,
    }
}

/// Coefficients of correlation.
#[derive(Clone, Debug, PartialEq)]
pub enum Coefficients {
    /// The same for every pair.
    Every(Factor),
    /// Row by row.
    Matrix(Vec<Vec<Factor>>),
}

impl Shape for Coefficients {
    fn schema(book: &mut Book) -> Value {
        let (one, row) = (Factor::schema(book), Vec::<Factor>::schema(book));
        schema::any([one, json!({"type": "array", "items": row})])
    }

    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Coefficients> {
        match &node.kind {
            Kind::Text(_) => Some(Coefficients::Every(Factor::read(node, findings)?)),
            Kind::List(_) => Some(Coefficients::Matrix(Vec::<Vec<Factor>>::read(node, findings)?)),
            _ => {
                let what = "one coefficient such as 0.5, or the rows of a matrix";
                findings.push(expected("correlation", what, &node, node.at));
                None
            }
        }
    }
}

shape! {
    /// One of several ways that the work may go, by chance.
    pub struct BranchSpec {
        /// Ways by name, with their probabilities; activities name theirs, `branch: route.local`.
        ways: Named<Placed<Percent>>,
        /// Where the figures come from.
        source: Option<String>,
    }
}

shape! {
    /// Working days that weather takes from a site, month by month.
    pub struct WeatherSpec {
        /// Calendars that lose the days.
        calendars: Vec<Placed<String>>,
        /// Days lost in one month, by months of the year: `{Nov-Feb: 1d < 3d < 6d}`.
        lost_days: Named<Spread<Length>>,
        /// Where the figures come from.
        source: Option<String>,
    }
}

words! {
    /// Reference classes of data-centre projects.
    pub enum ClassWord {
        /// A new site.
        Greenfield = "greenfield",
        /// A shell, and often power, that exist.
        Retrofit = "retrofit",
    }
}

shape! {
    /// What a reference class is compared with.
    pub struct OutsideViewSpec {
        /// The class.
        class: Placed<ClassWord>,
        /// Ground-breaking: the activity whose start begins the count.
        from: Placed<String>,
        /// The activity whose finish ends it; the first hall to be ready where none is named.
        to: Option<Placed<String>>,
        /// Activities whose waits are not construction and are counted apart.
        apart: Vec<Placed<String>>,
    }
}

shape! {
    /// Work that may have to be done again.
    pub struct ReworkSpec {
        /// Of failing, each time.
        probability: Placed<Percent>,
        /// Repairs before it is done again.
        duration: Spread<Length>,
        /// How often it can fail; without it, until it passes.
        at_most: Option<Placed<u32>>,
        /// Where the figures come from.
        source: Option<String>,
    }
}

impl RiskSpec {
    /// The block of a file that has none.
    pub fn none() -> RiskSpec {
        let nothing = Node { at: At::default(), kind: Kind::Null };
        RiskSpec::read(nothing, &mut Findings::default()).expect("no key is required")
    }
}
