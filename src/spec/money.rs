//! Shapes of everything that costs or earns money.

use serde_json::Value;

use super::Raw;
use super::activity::AssetWord;
use super::quantity::{Factor, Percent, Rate, Watts};
use super::schema::{self, Book};
use super::shape::{Named, Placed, Shape, clip, scalar, shape, words};
use super::yaml::Kind;
use super::{At, Findings, Node};
use crate::money::{Amount, Currency};
use crate::time::{Day, Length, parse_day};
use crate::unit::Share;

scalar!(
    Currency,
    Currency::USD,
    "currency",
    "a currency code such as USD",
    "Currency" = schema::text("[A-Z]{3}", &["USD", "GBP"]),
    |text| {
        Currency::from_code(text).ok_or_else(|| {
            format!(
                "expected a currency code of three capital letters such as USD, found `{}`",
                clip(text)
            )
        })
    }
);

shape! {
    /// Conversion factors and power costs.
    pub struct PowerSpec {
        /// Average PUE.
        pue: Placed<Factor>,
        /// Peak PUE; the average where it is not given.
        peak_pue: Option<Placed<Factor>>,
        /// Real over apparent power.
        power_factor: Option<Placed<Factor>>,
        /// Share of grid import kept free.
        headroom: Option<Placed<Percent>>,
        /// Energy price.
        energy: Option<Placed<Rate>>,
        /// Fixed charge for the connection.
        fixed: Option<Placed<Rate>>,
        /// Average load of racks as a share of their rated power.
        load: Option<Placed<Percent>>,
        /// What customers refund: none, full or a share.
        pass_through: Option<Placed<PassThrough>>,
        /// Days from the month's close to payment.
        net: Option<Placed<Length>>,
        /// Free text for readers of the file.
        note: Option<Raw>,
    }
}

/// Share of power costs that customers refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassThrough(pub Percent);

scalar!(
    PassThrough,
    PassThrough(Percent(Share::ZERO)),
    "pass-through",
    "none, full or a share such as 50%",
    "PassThrough" = schema::text(&format!("none|full|{}", schema::PERCENT), &["none", "50%"]),
    |text| {
        let share = match text {
            "none" => "0%",
            "full" => "100%",
            share => share,
        };
        let node = Node { at: Default::default(), kind: super::yaml::Kind::Text(share.into()) };
        Percent::read(node, &mut Findings::default()).map(PassThrough).ok_or_else(|| {
            format!("expected none, full or a share such as 50%, found `{}`", clip(text))
        })
    }
);

shape! {
    /// Who owns the walls: `owned: true`, or the terms of the rent.
    pub struct ShellSpec {
        /// The site's own.
        owned: Option<bool>,
        /// Rent for each kW of IT power and month.
        rent: Option<Placed<Rate>>,
        /// `rfs`, or the day of possession.
        from: Option<Placed<RfsOrDay>>,
        /// Time without rent at the beginning.
        rent_free: Option<Placed<Length>>,
        /// Rise at each anniversary.
        escalator: Option<Placed<Percent>>,
        /// Length of the lease.
        term: Option<Placed<Length>>,
    }
}

/// `rfs` or a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RfsOrDay {
    /// When a hall is ready for service.
    Rfs,
    /// On that day.
    Day(Day),
}

scalar!(
    RfsOrDay,
    RfsOrDay::Rfs,
    "rfs-or-date",
    "rfs or a date",
    "RfsOrDate" = schema::text(&format!("rfs|{}", schema::DATE), &["rfs"]),
    |text| match text {
        "rfs" => Ok(RfsOrDay::Rfs),
        date => parse_day(date).map(RfsOrDay::Day).map_err(|message| format!("{message}, or rfs")),
    }
);

shape! {
    /// A running cost.
    pub struct OperationSpec {
        /// What it costs in a year: one price, or prices by the day from which they hold.
        cost: OperationCostSpec,
        /// Where the income statement shows it; with the cost of revenue where it is not given.
        line: Option<LineWord>,
        /// Whether no money moves: pay in shares, fees that become a cost.
        noncash: Option<bool>,
        /// From when: `rfs` (of the first hall) or a date.
        from: Option<Placed<RfsOrDay>>,
        /// Rise at each anniversary.
        escalator: Option<Placed<Percent>>,
        /// Days from the month's close to payment.
        net: Option<Placed<Length>>,
        /// Free text for readers of the file.
        note: Option<Raw>,
    }
}

/// One price, or prices by date.
#[derive(Clone, Debug)]
pub enum OperationCostSpec {
    /// Throughout.
    Level(Placed<Rate>),
    /// From each date on; nothing before the first.
    Dated(At, Dated<Placed<Rate>>),
}

impl OperationCostSpec {
    /// Where it stands.
    pub fn at(&self) -> At {
        match self {
            OperationCostSpec::Level(cost) => cost.at,
            OperationCostSpec::Dated(at, _) => *at,
        }
    }
}

impl Shape for OperationCostSpec {
    fn schema(book: &mut Book) -> Value {
        schema::any([Rate::schema(book), Dated::<Rate>::schema(book)])
    }

    fn read(node: Node<'_>, findings: &mut Findings) -> Option<OperationCostSpec> {
        let at = node.at;
        match node.kind {
            Kind::Map(_) => {
                Dated::read(node, findings).map(|dated| OperationCostSpec::Dated(at, dated))
            }
            _ => Placed::read(node, findings).map(OperationCostSpec::Level),
        }
    }

    fn broken() -> Option<OperationCostSpec> {
        Placed::broken().map(OperationCostSpec::Level)
    }
}

words! {
    /// A line of the income statement that costs are shown in.
    pub enum LineWord {
        /// With energy, rent and the depreciation of walls and plant.
        CostOfRevenue = "cost_of_revenue",
        /// With the depreciation of racks.
        TechnologyAndInfrastructure = "technology_and_infrastructure",
        /// Sales, marketing, administration.
        SalesAndOverhead = "sales_and_overhead",
        /// Below operating income.
        Interest = "interest",
    }
}

shape! {
    /// A rack design.
    pub struct PlatformSpec {
        /// GPUs in a rack.
        gpus_per_rack: Placed<u32>,
        /// Load of a rack.
        rack_power: Placed<Watts>,
        /// Rack load times this is IT load.
        it_overhead: Option<Placed<Factor>>,
        /// Price of a rack.
        price_per_rack: Option<Placed<Amount>>,
        /// Network and storage for each rack, bought with it.
        network_per_rack: Option<Placed<Amount>>,
        /// When racks are paid.
        pay: Option<RackPaySpec>,
        /// Free text for readers of the file.
        note: Option<Raw>,
    }
}

shape! {
    /// When racks are paid.
    pub struct RackPaySpec {
        /// Share invoiced at the order.
        order: Option<Placed<Percent>>,
        /// Share invoiced at delivery.
        delivery: Option<Placed<Percent>>,
        /// Share invoiced as units are accepted.
        acceptance: Option<Placed<Percent>>,
        /// Days from invoice to payment.
        net: Option<Placed<Length>>,
    }
}

shape! {
    /// Useful lives for the books.
    pub struct LivesSpec {
        /// Walls, roof, civil works.
        building: Option<AssetLifeSpec>,
        /// Substation, generators, chillers.
        plant: Option<AssetLifeSpec>,
        /// What a tenant puts into a leased shell.
        fit_out: Option<AssetLifeSpec>,
        /// Racks, network, storage.
        technology: Option<AssetLifeSpec>,
    }
}

shape! {
    /// How assets of a class are depreciated.
    pub struct DepreciationSpec {
        /// Useful life from service on.
        life: Placed<Length>,
        /// Which part of the first month is charged; by the day where it is not given.
        convention: Option<ConventionWord>,
        /// Another total life from a day on: what is left then is spread over what remains of it.
        /// A life that was another one from the first day is stated as `life`.
        changed: Option<Dated<Placed<Length>>>,
    }
}

/// Useful life of a class of asset: a length, or more about it.
#[derive(Clone, Debug)]
pub enum AssetLifeSpec {
    /// Straight line by the day.
    Life(Placed<Length>),
    /// As stated.
    Stated(DepreciationSpec),
}

impl Shape for AssetLifeSpec {
    fn schema(book: &mut Book) -> Value {
        schema::any([Length::schema(book), DepreciationSpec::schema(book)])
    }

    fn read(node: Node<'_>, findings: &mut Findings) -> Option<AssetLifeSpec> {
        match node.kind {
            Kind::Map(_) => DepreciationSpec::read(node, findings).map(AssetLifeSpec::Stated),
            _ => Placed::read(node, findings).map(AssetLifeSpec::Life),
        }
    }
}

words! {
    /// Which days or months of its life an asset is charged for.
    pub enum ConventionWord {
        /// By the day.
        Daily = "daily",
        /// Half of the first month.
        HalfMonth = "half_month",
        /// Whole months from the one after.
        FullMonth = "full_month",
    }
}

shape! {
    /// Cash at the opening of the books.
    pub struct OpeningSpec {
        /// First day of the books; the start of the site where it is not given.
        date: Option<Placed<Day>>,
        /// Cash, paid in as equity.
        cash: Option<Placed<Amount>>,
        /// What is in service already.
        assets: Vec<OpeningAssetSpec>,
    }
}

shape! {
    /// Something that is in service when the books open.
    pub struct OpeningAssetSpec {
        /// What it is, which its life goes by.
        class: Placed<AssetWord>,
        /// What it cost.
        cost: Placed<Amount>,
        /// When it went in service.
        in_service: Placed<Day>,
    }
}

shape! {
    /// Owners' money.
    pub struct EquitySpec {
        /// Committed.
        amount: Option<Placed<Amount>>,
        /// Before the loans or beside them.
        funding: Option<FundingWord>,
        /// Where money comes from when cash runs short.
        shortfall: Option<ShortfallWord>,
        /// Cash that stays; what is above it is distributed each quarter once the site is built.
        keeps: Option<Placed<Amount>>,
        /// Cash paid in on dates, beside the commitment.
        raised: Option<Dated<Placed<Amount>>>,
    }
}

words! {
    /// Order of equity and loans.
    pub enum FundingWord {
        /// Beside the loans.
        ProRata = "pro_rata",
        /// Before the loans.
        First = "first",
    }
}

words! {
    /// Where money comes from when cash runs short.
    pub enum ShortfallWord {
        /// Owners are called, and it shows.
        Equity = "equity",
        /// From nowhere: what is short stays unpaid.
        None = "none",
    }
}

/// Values by the date from which they hold.
#[derive(Clone, Debug)]
pub struct Dated<T>(pub Vec<(Placed<Day>, T)>);

impl<T: Shape> Shape for Dated<T> {
    fn schema(book: &mut Book) -> Value {
        let value = T::schema(book);
        schema::dated(value, book)
    }

    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Dated<T>> {
        let named = Named::<T>::read(node, findings)?;
        let mut dated = Vec::with_capacity(named.0.len());
        for (name, value) in named.0 {
            let key = Node { at: name.at, kind: super::yaml::Kind::Text(name.value.into()) };
            if let Some(day) = Day::read(key, findings) {
                dated.push((Placed { at: name.at, value: day }, value));
            }
        }
        dated.sort_by_key(|(day, _)| day.value);
        Some(Dated(dated))
    }

    fn broken() -> Option<Dated<T>> {
        Some(Dated(Vec::new()))
    }
}
