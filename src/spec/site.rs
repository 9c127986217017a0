//! The shape of a site file.

use serde_json::Value;

use super::activity::{ActivitySpec, DateSpec, DurationSpec, LinkSpec};
use super::contract::ContractSpec;
use super::covenant::TaxSpec;
use super::loan::LoanSpec;
use super::money::{
    Dated, EquitySpec, LivesSpec, OpeningSpec, OperationSpec, PlatformSpec, PowerSpec, ShellSpec,
};
use super::quantity::{Factor, Percent, Watts};
use super::risk::RiskSpec;
use super::schema::{self, Book};
use super::shape::{Named, Placed, Raw, Shape, expected, shape, words};
use super::yaml::Kind;
use super::{Findings, Node};
use crate::money::{Amount, Currency};
use crate::time::{Day, Length, Minute};

shape! {
    /// A whole site file.
    pub struct SiteSpec {
        /// Short name.
        site: Placed<String>,
        /// What to call it on screen.
        title: Option<String>,
        /// Free text for readers of the file.
        note: Option<Raw>,
        /// The instant the run begins.
        start: Placed<Minute>,
        /// Nothing unfinished starts before it.
        status_date: Option<Placed<Minute>>,
        /// Reporting currency.
        currency: Option<Currency>,
        /// Exchange rates: currency, date, units of the reporting currency for one.
        fx: Named<Dated<Factor>>,
        /// Promised dates.
        plan: Named<Raw> as schema::plan,
        /// Whose rules date the activities, where it is a planner's program.
        rules: Option<RulesSpec>,
        /// Working calendars.
        calendars: Named<CalendarSpec>,
        /// Calendar of activities that name none; 24 x 7 where it is not given.
        calendar: Option<Placed<String>>,
        /// Rack designs.
        platforms: Named<PlatformSpec>,
        /// Crews, teams, cranes.
        resources: Named<ResourceSpec>,
        /// PUE, power factor, energy price.
        power: Option<PowerSpec>,
        /// Who owns the walls.
        shell: Option<ShellSpec>,
        /// Activities of the site.
        activities: Named<Box<ActivitySpec>>,
        /// Buildings, written once.
        buildings: Vec<Raw> as schema::template::<BuildingSpec>,
        /// Halls, written once.
        halls: Vec<Raw> as schema::template::<HallSpec>,
        /// Racks that arrive together.
        lots: Vec<Raw> as schema::template::<LotSpec>,
        /// Changes to single repetitions: path to map of keys.
        edits: Named<Raw> as schema::edits,
        /// Useful lives.
        lives: Option<LivesSpec>,
        /// Running costs.
        operations: Named<OperationSpec>,
        /// Customer contracts.
        contracts: Vec<ContractSpec>,
        /// Cash at the opening.
        opening: Option<OpeningSpec>,
        /// Owners' money.
        equity: Option<EquitySpec>,
        /// Loans, in the order in which they are drawn.
        loans: Vec<LoanSpec>,
        /// Share of the contractual interest that joins construction in progress, by date: in place
        /// of the rule by what is in progress.
        capitalised_interest: Option<Dated<Percent>>,
        /// Base rates by date.
        curves: Named<Dated<Percent>>,
        /// Value of racks as a share of their cost, by date: what a lender's test reads.
        values: Named<Dated<Percent>>,
        /// What may turn out otherwise.
        risk: Option<Box<RiskSpec>>,
        /// Tax on income; none where it is not given.
        tax: Option<TaxSpec>,
        /// Cost a year of racks that wait in a store, as a share of their price.
        carrying_cost: Option<Placed<Percent>>,
        /// Last day of the books.
        horizon: Option<Placed<Day>>,
    }
}

words! {
    /// The programs whose rules are known.
    pub enum ProgramWord {
        /// Oracle Primavera P6.
        P6 = "p6",
        /// Microsoft Project.
        Project = "project",
    }
}

words! {
    /// Where total float is measured.
    pub enum FloatWord {
        /// Late start less early start.
        Start = "start",
        /// Late finish less early finish.
        Finish = "finish",
        /// The smaller of the two.
        Least = "least",
    }
}

words! {
    /// What holds back work under way.
    pub enum ProgressWord {
        /// Its unfinished predecessors.
        Retained = "retained-logic",
        /// Nothing.
        Override = "override",
    }
}

shape! {
    /// Whose rules date the activities, with the options that the program keeps by project.
    pub struct RulesMap {
        /// Which program.
        program: ProgramWord,
        /// Where total float is measured.
        total_float: Option<FloatWord>,
        /// What holds back work under way.
        progress: Option<ProgressWord>,
        /// A date by which everything must be over.
        finish_by: Option<DateSpec>,
    }
}

/// Whose rules date the activities: `p6`, `project`, or a map with the program's options.
#[derive(Clone, Debug)]
pub struct RulesSpec {
    /// Which program.
    pub program: ProgramWord,
    /// Where total float is measured.
    pub total_float: Option<FloatWord>,
    /// What holds back work under way.
    pub progress: Option<ProgressWord>,
    /// A date by which everything must be over.
    pub finish_by: Option<DateSpec>,
}

impl Shape for RulesSpec {
    fn schema(book: &mut Book) -> Value {
        schema::any([ProgramWord::schema(book), RulesMap::schema(book)])
    }

    fn read(node: Node<'_>, findings: &mut Findings) -> Option<RulesSpec> {
        if let Kind::Map(_) = node.kind {
            let RulesMap { program, total_float, progress, finish_by, .. } =
                RulesMap::read(node, findings)?;
            return Some(RulesSpec { program, total_float, progress, finish_by });
        }
        let program = ProgramWord::read(node, findings)?;
        Some(RulesSpec { program, total_float: None, progress: None, finish_by: None })
    }
}

shape! {
    /// A working calendar.
    pub struct CalendarSpec {
        /// Weekly pattern such as `Mon-Fri 07:30-17:30`.
        week: Placed<String>,
        /// Name of a set of public holidays.
        holidays: Option<Placed<String>>,
        /// Days or ranges of days without work.
        closed: Vec<Placed<String>>,
        /// Days with hours of their own: date to hours.
        open: Named<Placed<String>>,
        /// Working time that `1d` stands for, where the pattern's own day is not meant.
        day: Option<Placed<Length>>,
        /// Working time that `1w` stands for, where the pattern's own week is not meant.
        workweek: Option<Placed<Length>>,
    }
}

/// How many there are, one number or a number by date.
fn units(book: &mut Book) -> Value {
    schema::any([u32::schema(book), Dated::<u32>::schema(book)])
}

/// A crew: `2`, or `{2025-01-01: 2, 2026-03-01: 4}`, or a map with `overtake`.
#[derive(Clone, Debug)]
pub struct ResourceSpec {
    /// Units there are, by date; a single value has no date.
    pub capacity: Vec<(Option<Placed<Day>>, u32)>,
    /// Whether later waiters that fit may start first.
    pub overtake: bool,
}

shape! {
    /// A crew with its rule of service.
    pub struct ResourceMap {
        /// Units there are, one value or by date.
        capacity: Placed<Raw> as units,
        /// Whether later waiters that fit may start first.
        overtake: Option<bool>,
    }
}

impl Shape for ResourceSpec {
    fn schema(book: &mut Book) -> Value {
        let units = units(book);
        schema::any([units, ResourceMap::schema(book)])
    }

    fn read(node: Node<'_>, findings: &mut Findings) -> Option<ResourceSpec> {
        if node.get("capacity").is_some() || node.get("overtake").is_some() {
            let map = ResourceMap::read(node, findings)?;
            let inner = ResourceSpec::read(map.capacity.value.0, findings)?;
            return Some(ResourceSpec { overtake: map.overtake.unwrap_or(true), ..inner });
        }
        let capacity = match node.kind {
            Kind::Map(_) => {
                let dated = Dated::<u32>::read(node, findings)?.0;
                dated.into_iter().map(|(day, units)| (Some(day), units)).collect()
            }
            Kind::Text(_) => vec![(None, u32::read(node, findings)?)],
            _ => {
                let what = "how many there are, one number or a number by date";
                findings.push(expected("capacity", what, &node, node.at));
                return None;
            }
        };
        Some(ResourceSpec { capacity, overtake: true })
    }

    fn broken() -> Option<ResourceSpec> {
        Some(ResourceSpec { capacity: vec![(None, u32::MAX)], overtake: true })
    }
}

shape! {
    /// How buildings, halls or lots are repeated; what is left of the map is the template.
    pub struct RepeatSpec {
        /// How many.
        count: Option<Placed<u32>>,
        /// Name of each; `{n}` is its number.
        id: Option<Placed<String>>,
        /// Number of the first.
        first: Option<u32>,
        /// Halls in each building.
        halls_each: Option<Placed<u32>>,
        /// Which stages feed which halls: `1-4: energise-1`.
        powered_by: Named<Vec<Placed<String>>>,
        /// Time from one lot to the next.
        every: Option<Placed<Length>>,
    }
}

impl RepeatSpec {
    /// The keys of a repetition; all others belong to the template.
    pub const KEYS: [&'static str; 6] =
        ["count", "id", "first", "halls_each", "powered_by", "every"];
}

shape! {
    /// One building.
    pub struct BuildingSpec {
        /// What happens once in each building.
        activities: Named<Box<ActivitySpec>>,
        /// Free text for readers of the file.
        note: Option<Raw>,
    }
}

shape! {
    /// One hall.
    pub struct HallSpec {
        /// IT power it is built for.
        it_power: Placed<Watts>,
        /// Building it stands in; by default by its number and `halls_each`.
        building: Option<Placed<String>>,
        /// What happens once in each hall.
        activities: Named<Box<ActivitySpec>>,
        /// Units that it holds.
        cluster: Option<ClusterSpec>,
        /// Free text for readers of the file.
        note: Option<Raw>,
    }
}

shape! {
    /// The units of a hall and what happens to each.
    pub struct ClusterSpec {
        /// Name of the rack design.
        platform: Placed<String>,
        /// How many units.
        units: Placed<u32>,
        /// Racks in a unit.
        racks_per_unit: Placed<u32>,
        /// Racks set, powered, plumbed, cabled.
        install: ActivitySpec,
        /// Racks burned in.
        burn_in: ActivitySpec,
        /// Cluster test: then the unit is in service.
        test: ActivitySpec,
        /// Customer acceptance: then service starts.
        accept: ActivitySpec,
    }
}

shape! {
    /// Racks that arrive together.
    pub struct LotSpec {
        /// Name of the rack design.
        platform: Placed<String>,
        /// Racks in the lot.
        racks: Placed<u32>,
        /// Day of the order.
        ordered: Option<Placed<Day>>,
        /// What the order comes after.
        after: Vec<LinkSpec>,
        /// From the order to leaving the factory.
        production: Option<DurationSpec>,
        /// Leaves the factory no earlier than this.
        ex_works: Option<Placed<Minute>>,
        /// From the factory to the store.
        transit: DurationSpec,
        /// The site that it is for, where a portfolio's lots are dedicated.
        site: Option<Placed<String>>,
        /// Price of a rack, if not the platform's.
        price_per_rack: Option<Placed<Amount>>,
        /// The loan that funds it: its production (its transit, where the file gives none) does not
        /// begin before that loan can be drawn.
        funded_by: Option<Placed<String>>,
        /// Free text for readers of the file.
        note: Option<Raw>,
    }
}
