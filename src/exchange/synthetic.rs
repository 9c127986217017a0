//! Synthetic portfolios: as many sites as asked for, realistic and different, from a seed.
//!
//! A site is one of three bodies (a campus on new land, a retrofit, a powered shell) of some 400
//! activities each. Drawn for each site, every draw a function of (seed, site, what):
//!
//! | what | distribution | after |
//! |---|---|---|
//! | body | campus 45 %, powered shell 35 %, retrofit 20 % | estimate |
//! | start | uniform by the day over 2024 to 2027 | estimate |
//! | racks in a unit | 4, 8 or 16 for 50, 35, 15 % | scalable units of vendors |
//! | wait for the grid | none 30 %, else likely 26 to 208 weeks, uniform | build network, A07 |
//! | contractor, region | one of 40, of 12, uniform; each a common factor | build network, 2.4 |
//! | commissioning agents | own pool 70 %, else shared by neighbours | build network, 2.4 |
//! | price of a GPU-hour | 1.80 to 3.40 USD, uniform | operator history, 1.4 |
//! | loan | 60 %: 70 % of cost at 7 to 12 % | operator history, 1.2 |
//!
//! The figures are estimates: what they are for is load, not forecasts.

use std::fmt::Write;

use crate::chance::{Draw, Purpose, StreamId};
use crate::time::Day;

/// Contractors and regions that sites are dealt to.
const CONTRACTORS: u32 = 40;
const REGIONS: u32 = 12;
/// Neighbours that share commissioning agents.
const NEIGHBOURS: u32 = 6;

/// What all synthetic sites have in common, and the three bodies.
const HEAD: &str = include_str!("synthetic.yaml");

/// The text of a portfolio of so many sites.
///
/// Cost: about 600 bytes a site.
pub fn portfolio_text(sites: u32, seed: u64) -> String {
    let mut text = String::with_capacity(8_192 + sites as usize * 640);
    let mut put = |part: std::fmt::Arguments<'_>| text.write_fmt(part).expect("memory takes it");
    put(format_args!("# {sites} synthetic sites, seed {seed}: for load, not for forecasts.\n"));
    put(format_args!("portfolio: synthetic-{sites}\n{HEAD}"));
    put(format_args!("resources:\n"));
    for pool in 0..sites.div_ceil(NEIGHBOURS) {
        put(format_args!("  agents-{pool:05}: 4\n"));
    }
    put(format_args!("risk:\n  factors:\n"));
    for contractor in 1..=CONTRACTORS {
        put(format_args!(
            "    contractor-{contractor:02}: {{spread: {{lognormal: {{median: 1, sigma: 0.15}}}}, \
             on: ['*.fit-out', structure, envelope], sites: [contractor-{contractor:02}]}}\n"
        ));
    }
    for region in 1..=REGIONS {
        put(format_args!(
            "    region-{region:02}: {{spread: {{lognormal: {{median: 1, sigma: 0.10}}}}, \
             on: [groundworks, substation, '*.electrical'], sites: [region-{region:02}]}}\n"
        ));
    }
    put(format_args!("sites:\n"));
    for site in 0..sites {
        put(format_args!("{}", site_text(site, seed)));
    }
    text
}

/// The draws of one site.
struct Chances {
    seed: u64,
    id: StreamId,
    next: u32,
}

impl Chances {
    /// A whole number below `below`.
    fn below(&mut self, below: u32) -> u32 {
        self.next += 1;
        let word = Draw::new(self.seed, self.id, Purpose::Branch, self.next).at(0);
        ((u64::from(word) * u64::from(below)) >> 32) as u32
    }

    /// Whether something of so many hundredths happens.
    fn happens(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }
}

/// IT power of a hall and of all halls for a rack, in kW: 136 kW with what hangs on it.
const RACK_KW: u32 = 158;

fn site_text(site: u32, seed: u64) -> String {
    let id = format!("s{site:05}");
    let mut of = Chances { seed, id: StreamId::of(&id), next: 0 };
    let (body, halls, units) = match of.below(100) {
        0..45 => ("campus", 4, 20),
        45..80 => ("powered-shell", 6, 13),
        _ => ("retrofit", 2, 44),
    };
    let start = Day(19_723) + of.below(1_461) as i32;
    let racks = match of.below(100) {
        0..50 => 4,
        50..85 => 8,
        _ => 16,
    };
    let (contractor, region) = (1 + of.below(CONTRACTORS), 1 + of.below(REGIONS));
    let hall_kw = units * racks * RACK_KW;
    let wait = if of.happens(30) { 0 } else { 26 + of.below(183) };
    let (least, most) = (wait * 6 / 10, wait * 16 / 10);
    let racks_in_all = halls * units * racks;
    let cents = 180 + of.below(161);
    let months = 18 + 3 * wait / 13;
    let planned = start.add_months(months as i32);
    let mut set = format!(
        "halls.it_power: {hall_kw} kW, halls.cluster.racks_per_unit: {racks}, \
         activities.energise.energises: {} kW",
        hall_kw * halls * 14 / 10
    );
    if wait > 0 {
        write!(set, ", activities.grid-wait.duration: {least}ew < {wait}ew < {most}ew")
            .expect("memory takes it");
    }
    if of.happens(30) {
        let pool = site / NEIGHBOURS;
        write!(set, ", halls.activities.ist.needs: {{agents-{pool:05}: 1}}")
            .expect("memory takes it");
    }
    let loan = of.happens(60).then(|| {
        let rate = 700 + of.below(501);
        let (close, until) = (start, planned.add_months(18));
        let (from, maturity) = (until.add_months(3), until.add_months(63));
        format!(
            ",\n   loans: [{{id: ddtl, commitment: {}M USD, advance: 70%, rate: {}.{:02}%, \
             close: {close}, available_until: {until}, amortises_from: {from}, \
             maturity: {maturity}}}]",
            racks_in_all * 4,
            rate / 100,
            rate % 100,
        )
    });
    format!(
        "  {id}:\n    {{like: {body}, start: {start}, groups: [contractor-{contractor:02}, \
         region-{region:02}],\n   set: {{{set}}},\n   lots: [{{platform: nvl72, racks: {racks_in_all}, \
         after: [order], production: 12ew < 26ew < 40ew, transit: 1ew < 2ew < 4ew}}],\n   \
         contracts: [{{customer: c{}, halls: ['*'], price: {}.{:02} USD/GPU-hour, term: 5y, signed: \
         {start}, scheduled_start: {planned}}}]{}}}\n",
        1 + of.below(20),
        cents / 100,
        cents % 100,
        loan.unwrap_or_default(),
    )
}
