//! Shapes of customer contracts.

use serde_json::Value;

use super::money::Dated;
use super::quantity::{Percent, Rate, Watts};
use super::schema::{self, Book, Keys};
use super::shape::{Fields, Placed, Shape, clip, scalar, shape, words};
use super::yaml::Kind;
use super::{Findings, Node, Raw};
use crate::money::Amount;
use crate::time::{Day, Length};

shape! {
    /// A customer contract.
    pub struct ContractSpec {
        /// Who buys.
        customer: Placed<String>,
        /// Short name; the customer's where it is not given.
        id: Option<Placed<String>>,
        /// Halls it covers: names or ranges such as `hall-1..hall-4`.
        halls: Vec<Placed<String>>,
        /// Takes the first units of those halls that are not sold yet until they make this IT
        /// power.
        it_power: Option<Placed<Watts>>,
        /// Takes so many of the first units of those halls that are not sold yet.
        units: Option<Placed<u32>>,
        /// Price per GPU-hour, IT-kW-month or IT-MW-month.
        price: Option<Placed<Rate>>,
        /// Price of the whole.
        total: Option<Placed<Amount>>,
        /// Length of service.
        term: Placed<Length>,
        /// What a slip does to the end.
        term_runs: Option<TermWord>,
        /// Smallest part that starts on its own: `unit`, `hall`, `4 units`.
        tranche: Option<TrancheSize>,
        /// Paid whether used or not.
        take_or_pay: Option<Placed<bool>>,
        /// What the books take it for.
        accounting: Option<AccountingWord>,
        /// Day of signing.
        signed: Placed<Day>,
        /// Day on which all of it was to start.
        scheduled_start: Placed<Day>,
        /// Whether service may start before that day.
        early_start: Option<bool>,
        /// A unit counts as accepted so long after it is in service.
        deemed_after: Option<Placed<Length>>,
        /// Share of the price paid in advance.
        prepaid: Option<Placed<Percent>>,
        /// Day on which the advance is received.
        prepaid_on: Option<Placed<Day>>,
        /// From invoice (at the month's close) to payment.
        payment: Option<Placed<Length>>,
        /// Shares of the full billing in the first months of service, up to 100%.
        ramp: Vec<Placed<Percent>>,
        /// Whether revenue follows that ramp.
        price_follows_ramp: Option<Placed<bool>>,
        /// Owed for delay.
        damages: Option<DamagesSpec>,
        /// Share of billing expected to go back as service credits.
        credits: Option<Placed<Percent>>,
        /// Paid to the customer.
        customer_consideration: Option<ConsiderationSpec>,
        /// Past this day without service the customer may terminate.
        long_stop: Option<LongStopSpec>,
        /// Committed outside the remaining performance obligation, such as options.
        backlog_beyond_rpo: Option<Placed<Amount>>,
        /// What its remaining price counts as: `rpo`, `beyond_rpo`, or `{DATE: rpo}`.
        counts_as: Option<CountsAsSpec>,
        /// What units earn after their service has ended.
        relet: Option<ReletSpec>,
        /// Free text for readers of the file.
        note: Option<Raw>,
    }
}

/// What the remaining price of a contract counts as.
#[derive(Clone, Debug)]
pub enum CountsAsSpec {
    /// From the signing on.
    Always(CountsAsWord),
    /// As remaining performance obligation from a date on; before it as backlog alone.
    From(Dated<CountsAsWord>),
}

impl Shape for CountsAsSpec {
    fn schema(book: &mut Book) -> Value {
        schema::any([CountsAsWord::schema(book), Dated::<CountsAsWord>::schema(book)])
    }

    fn read(node: Node<'_>, findings: &mut Findings) -> Option<CountsAsSpec> {
        match node.kind {
            Kind::Map(_) => Dated::read(node, findings).map(CountsAsSpec::From),
            _ => CountsAsWord::read(node, findings).map(CountsAsSpec::Always),
        }
    }
}

words! {
    /// Where the remaining price of a contract is counted.
    pub enum CountsAsWord {
        /// As remaining performance obligation.
        Rpo = "rpo",
        /// As backlog outside it.
        BeyondRpo = "beyond_rpo",
    }
}

words! {
    /// What a slip does to the end of a contract.
    pub enum TermWord {
        /// Each tranche keeps its full term.
        PerTranche = "per_tranche",
        /// All end a term after the first start.
        FromFirst = "from_first",
        /// All end a term after the last start.
        FromLast = "from_last",
        /// The end stays where it was scheduled.
        FixedEnd = "fixed_end",
    }
}

words! {
    /// What the books take a contract for.
    pub enum AccountingWord {
        /// A service.
        Service = "service",
        /// A lease.
        OperatingLease = "operating_lease",
    }
}

words! {
    /// What a customer does past the long-stop day.
    pub enum LongStopWord {
        /// It waits on.
        Keep = "keep",
        /// It ends what is not in service.
        Terminate = "terminate",
    }
}

/// The smallest part of a contract that starts on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrancheSize {
    /// Each hall.
    Hall,
    /// So many units.
    Units(u32),
}

scalar!(
    TrancheSize,
    TrancheSize::Units(1),
    "tranche",
    "unit, hall or a number such as 4 units",
    "Tranche" = schema::text("unit|hall|[0-9]+\\s*units", &["unit", "hall", "4 units"]),
    |text| match text {
        "unit" => Ok(TrancheSize::Units(1)),
        "hall" => Ok(TrancheSize::Hall),
        _ => {
            let count = text.strip_suffix("units").and_then(|count| count.trim().parse().ok());
            count.filter(|&units| units > 0).map(TrancheSize::Units).ok_or_else(|| {
                format!("expected unit, hall or a number such as 4 units, found `{}`", clip(text))
            })
        }
    }
);

shape! {
    /// Damages for delay.
    pub struct DamagesSpec {
        /// For each day that all of the contract is late.
        per_day: Placed<Amount>,
        /// Delay that costs nothing.
        after: Option<Placed<Length>>,
        /// Most of it, as a share of the price.
        cap: Option<Placed<Percent>>,
    }
}

shape! {
    /// Consideration paid to a customer.
    pub struct ConsiderationSpec {
        /// How much.
        amount: Placed<Amount>,
        /// When.
        paid_on: Placed<Day>,
    }
}

shape! {
    /// Letting of units whose contract has run out.
    pub struct ReletSpec {
        /// Price per GPU-hour, IT-kW-month or IT-MW-month.
        price: Placed<Rate>,
        /// Share of the units that is let; all where it is not given.
        fill: Option<Placed<Percent>>,
    }
}

/// The long-stop day: `2027-03-31`, or `{date: 2027-03-31, then: terminate}`.
#[derive(Clone, Debug)]
pub struct LongStopSpec {
    /// The day.
    pub date: Placed<Day>,
    /// What the customer does past it; it keeps the contract where it is not given.
    pub then: Option<LongStopWord>,
}

impl Shape for LongStopSpec {
    fn schema(book: &mut Book) -> Value {
        let day = Day::schema(book);
        let map = book.define("LongStop", |book| {
            let mut keys = Keys::default();
            keys.add("date", "The day.", true, day.clone());
            let then = LongStopWord::schema(book);
            keys.add("then", "What the customer does past it; it waits unless given.", false, then);
            keys.closed("The long-stop day and what follows.", book)
        });
        schema::any([day, map])
    }

    fn read(node: Node<'_>, findings: &mut Findings) -> Option<LongStopSpec> {
        if !matches!(node.kind, Kind::Map(_)) {
            return Placed::<Day>::read(node, findings)
                .map(|date| LongStopSpec { date, then: None });
        }
        let mut fields = Fields::open(node, &["date", "then"], findings)?;
        let date = fields.take("date", findings);
        let then = fields.take("then", findings);
        fields.close(findings);
        Some(LongStopSpec { date: date?, then: then? })
    }
}
