//! Shapes of everything that costs or earns money.

use super::Raw;
use super::covenant::CovenantsSpec;
use super::quantity::{Factor, Percent, Rate, Watts};
use super::shape::{Named, Placed, Shape, clip, scalar, shape, words};
use super::{Findings, Node};
use crate::money::{Amount, Currency};
use crate::time::{Day, Length, parse_day};
use crate::unit::Share;

scalar!(Currency, Currency::USD, "currency", "a currency code such as USD", |text| {
    Currency::from_code(text).ok_or_else(|| {
        format!(
            "expected a currency code of three capital letters such as USD, found `{}`",
            clip(text)
        )
    })
});

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

scalar!(RfsOrDay, RfsOrDay::Rfs, "rfs-or-date", "rfs or a date", |text| match text {
    "rfs" => Ok(RfsOrDay::Rfs),
    date => parse_day(date).map(RfsOrDay::Day).map_err(|message| format!("{message}, or rfs")),
});

shape! {
    /// A running cost.
    pub struct OperationSpec {
        /// What it costs in a year.
        cost: Placed<Rate>,
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
        building: Option<Placed<Length>>,
        /// Substation, generators, chillers.
        plant: Option<Placed<Length>>,
        /// What a tenant puts into a leased shell.
        fit_out: Option<Placed<Length>>,
        /// Racks, network, storage.
        technology: Option<Placed<Length>>,
    }
}

shape! {
    /// A customer contract.
    pub struct ContractSpec {
        /// Who buys.
        customer: Placed<String>,
        /// Short name; the customer's where it is not given.
        id: Option<Placed<String>>,
        /// Halls it covers: names or ranges such as `hall-1..hall-4`.
        halls: Vec<Placed<String>>,
        /// Price per GPU-hour or IT-kW-month.
        price: Option<Placed<Rate>>,
        /// Price of the whole.
        total: Option<Placed<Amount>>,
        /// Length of service.
        term: Placed<Length>,
        /// What a slip does to the end.
        term_runs: Option<TermWord>,
        /// Smallest part that starts on its own.
        tranche: Option<TrancheWord>,
        /// Paid whether used or not.
        take_or_pay: Option<Placed<bool>>,
        /// Day of signing.
        signed: Placed<Day>,
        /// Day on which all of it was to start.
        scheduled_start: Placed<Day>,
        /// Whether service may start before that day.
        early_start: Option<bool>,
        /// Share of the price paid in advance.
        prepaid: Option<Placed<Percent>>,
        /// Day on which the advance is received.
        prepaid_on: Option<Placed<Day>>,
        /// From invoice (at the month's close) to payment.
        payment: Option<Placed<Length>>,
        /// Past this day without service the customer may terminate.
        long_stop: Option<Placed<Day>>,
        /// Free text for readers of the file.
        note: Option<Raw>,
    }
}

words! {
    /// What a slip does to the end of a contract.
    pub enum TermWord {
        /// Each tranche keeps its full term.
        PerTranche = "per_tranche",
        /// The end stays where it was scheduled.
        FixedEnd = "fixed_end",
    }
}

words! {
    /// The smallest part of a contract that starts on its own.
    pub enum TrancheWord {
        /// Each unit.
        Unit = "unit",
        /// Each hall.
        Hall = "hall",
    }
}

shape! {
    /// Cash at the opening of the books.
    pub struct OpeningSpec {
        /// First day of the books; the start of the site where it is not given.
        date: Option<Placed<Day>>,
        /// Cash, paid in as equity.
        cash: Option<Placed<Amount>>,
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
    }
}

shape! {
    /// A delayed-draw term loan.
    pub struct LoanSpec {
        /// Short name.
        id: Placed<String>,
        /// Most that may be drawn.
        commitment: Placed<Amount>,
        /// Share of eligible cost that may be drawn.
        advance: Placed<Percent>,
        /// Whether cost that a prepayment has paid is left out of eligible cost.
        excludes_prepaid: Option<bool>,
        /// Fixed rate a year.
        rate: Option<Placed<Percent>>,
        /// Name of a base curve.
        base: Option<Placed<String>>,
        /// Added to the base.
        margin: Option<Placed<Percent>>,
        /// Least base rate.
        floor: Option<Placed<Percent>>,
        /// A year on what is undrawn.
        undrawn_fee: Option<Placed<Percent>>,
        /// Of the commitment, at closing.
        upfront_fee: Option<Placed<Percent>>,
        /// First day of draws.
        close: Placed<Day>,
        /// Last day of draws.
        available_until: Placed<Day>,
        /// How often interest and principal are paid.
        pays: Option<PaysWord>,
        /// First payment of principal.
        amortises_from: Placed<Day>,
        /// Last payment.
        maturity: Placed<Day>,
        /// How principal comes back.
        amortisation: Option<AmortisationWord>,
        /// What is tested: `{dscr: 1.40, first_test: DATE}`, or a list of tests.
        covenants: Option<CovenantsSpec>,
        /// Free text for readers of the file.
        note: Option<Raw>,
    }
}

words! {
    /// How often a loan is served.
    pub enum PaysWord {
        /// Twelve times a year.
        Monthly = "monthly",
        /// Four times a year.
        Quarterly = "quarterly",
        /// Twice a year.
        Semiannual = "semiannual",
        /// Once a year.
        Annual = "annual",
    }
}

words! {
    /// How principal comes back.
    pub enum AmortisationWord {
        /// Equal parts of principal.
        EqualPrincipal = "equal_principal",
        /// Equal payments of interest and principal.
        Level = "level",
        /// All at maturity.
        Bullet = "bullet",
    }
}

/// Values by the date from which they hold.
#[derive(Clone, Debug)]
pub struct Dated<T>(pub Vec<(Placed<Day>, T)>);

impl<T: Shape> Shape for Dated<T> {
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
