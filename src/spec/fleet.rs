//! Capacity that earns before the books open, by vintage: it becomes a site of its own.
//!
//! Each vintage is a hall that is ready, racked and accepted at the start, sold by a contract of
//! its own at its price times the share that is billed. What it cost stands in `opening.assets`.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::changes::scaled;
use super::finding::{Finding, Findings};
use super::quantity::{Percent, Watts};
use super::shape::{Named, Placed, Raw, shape};
use super::source::At;
use super::yaml::{Entry, Kind, Node};
use crate::time::Day;
use crate::unit::Share;

shape! {
    /// One vintage.
    pub struct VintageSpec {
        /// IT power that is active.
        it_power: Placed<Watts>,
        /// GPUs in it.
        gpus: Placed<u32>,
        /// Share of it that is billed.
        billed: Option<Placed<Percent>>,
        /// What is paid for what is billed.
        price: Placed<String>,
        /// Last day of service.
        until: Placed<Day>,
        /// Since when it has been in service.
        in_service: Placed<Day>,
        /// Who pays.
        customer: Placed<String>,
        /// Where the figures come from.
        source: Option<Raw>,
        /// Free text for readers of the file.
        note: Option<Raw>,
    }
}

/// The name of the site that the fleet becomes.
pub const SITE: &str = "fleet";

/// Most GPUs of one rack.
const GPUS_MAX: u32 = 10_000;

/// The body of the site that the vintages become; `start` opens the run.
pub fn body(fleet: &Named<VintageSpec>, start: Day, findings: &mut Findings) -> Node<'static> {
    let at = fleet.0.first().map_or(At::default(), |(name, _)| name.at);
    let make = Make(at);
    let (mut halls, mut platforms, mut lots, mut contracts) = (vec![], vec![], vec![], vec![]);
    for (name, vintage) in fleet.iter() {
        let make = Make(name.at);
        let id = name.value.as_str();
        let gpus = vintage.gpus.value.max(1);
        let racks = (1..=gpus).find(|racks| gpus % racks == 0 && gpus / racks <= GPUS_MAX);
        let racks = racks.unwrap_or(gpus);
        let watts = vintage.it_power.value.0 / i64::from(racks);
        let rack = vec![
            make.text("gpus_per_rack", (gpus / racks).to_string()),
            make.text("rack_power", format!("{watts} W")),
        ];
        platforms.push(make.entry(id, make.map(rack)));
        lots.push(make.map(vec![
            make.text("platform", id.into()),
            make.text("racks", racks.to_string()),
            make.text("ex_works", start.to_string()),
            make.text("transit", "0h".into()),
        ]));
        halls.push(make.hall(id, vintage, racks));
        contracts.push(make.contract(id, vintage, start, findings));
    }
    // What feeds it has been there for years: enough for any peak PUE and headroom.
    let power: i64 = fleet.iter().map(|(_, vintage)| vintage.it_power.value.0).sum();
    let grid = make.map(vec![
        make.text("milestone", "true".into()),
        make.text("energises", format!("{} W", power * GRID_TENTHS / 10)),
    ]);
    let list = |items| Node { at, kind: Kind::List(items) };
    make.map(vec![
        make.text("start", start.to_string()),
        make.entry("platforms", make.map(platforms)),
        make.entry("activities", make.map(vec![make.entry("grid", grid)])),
        make.entry("halls", list(halls)),
        make.entry("lots", list(lots)),
        make.entry("contracts", list(contracts)),
    ])
}

/// Grid power for each ten watts of IT.
const GRID_TENTHS: i64 = 16;

/// Whole months from the start until after the last day.
fn months(start: Day, last: Day) -> u32 {
    let mut months = 0;
    while start.add_months(months as i32 + 1) <= last + 1 && months < 600 {
        months += 1;
    }
    months
}

/// Makes nodes that stand where the vintage stands.
#[derive(Clone, Copy)]
struct Make(At);

impl Make {
    /// A hall that is ready at the start, with one unit whose steps take no time.
    fn hall(self, id: &str, vintage: &VintageSpec, racks: u32) -> Node<'static> {
        let step = || self.map(vec![self.text("duration", "0h".into())]);
        let mut cluster = vec![
            self.text("platform", id.into()),
            self.text("units", "1".into()),
            self.text("racks_per_unit", racks.to_string()),
        ];
        let steps = ["install", "burn_in", "test", "accept"];
        cluster.extend(steps.map(|name| self.entry(name, step())));
        let ready = self.map(vec![
            self.text("milestone", "true".into()),
            self.text("ready_for_service", "true".into()),
        ]);
        self.map(vec![
            self.text("id", id.into()),
            self.text("it_power", format!("{} W", vintage.it_power.value.0)),
            self.entry("activities", self.map(vec![self.entry("ready", ready)])),
            self.entry("cluster", self.map(cluster)),
        ])
    }

    /// What the vintage earns, from the start until its last whole month.
    fn contract(
        self,
        id: &str,
        vintage: &VintageSpec,
        start: Day,
        findings: &mut Findings,
    ) -> Node<'static> {
        let months = months(start, vintage.until.value);
        if vintage.in_service.value > start || months == 0 {
            let message = format!("`{id}` is in service before {start} and for a month after");
            let at = vintage.in_service.at;
            findings.push(Finding::error("dates-out-of-order", at, message));
        }
        let billed = vintage.billed.as_ref().map_or(Share::ONE, |billed| billed.value.0);
        let price = scaled(&vintage.price.value, Decimal::new(billed.0, 9));
        let price = price.unwrap_or_else(|| vintage.price.value.clone());
        let hall = Node { at: self.0, kind: Kind::List(vec![self.node(id.into())]) };
        self.map(vec![
            self.text("id", id.into()),
            self.text("customer", vintage.customer.value.clone()),
            self.entry("halls", hall),
            self.entry("price", Node { at: vintage.price.at, kind: Kind::Text(price.into()) }),
            self.text("term", format!("{months}mo")),
            self.text("signed", start.to_string()),
            self.text("scheduled_start", start.to_string()),
        ])
    }

    fn node(self, text: String) -> Node<'static> {
        Node { at: self.0, kind: Kind::Text(Cow::Owned(text)) }
    }

    fn entry(self, key: &str, value: Node<'static>) -> Entry<'static> {
        Entry { at: self.0, key: Cow::Owned(key.to_owned()), value }
    }

    fn text(self, key: &str, text: String) -> Entry<'static> {
        self.entry(key, self.node(text))
    }

    fn map(self, entries: Vec<Entry<'static>>) -> Node<'static> {
        Node { at: self.0, kind: Kind::Map(entries) }
    }
}
