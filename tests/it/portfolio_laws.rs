//! A site and the same in two halves: a portfolio of either comes to the same totals.

use energize::analysis::{self, Run};
use proptest::prelude::*;

use crate::cases::cases;
use crate::chain_laws::load;

/// Who lends to the sites.
#[derive(Clone, Copy, Debug)]
enum Lender {
    /// Loans of the portfolio, one to a site.
    BySite,
    /// Loans that the sites bring along.
    OfTheSite,
    /// One loan over all.
    One,
}

/// Two halls, each on a stage of its own; then in one site, or each in its own.
#[derive(Clone, Debug)]
struct Halves {
    units: u32,
    racks: u32,
    /// Of each hall.
    grid_weeks: [u32; 2],
    fit_out_days: [u32; 2],
    cost: [u32; 2],
    steps_days: [u32; 5],
    /// Days from the start to the racks.
    supply_days: u32,
    working_week: bool,
    price_cents: u32,
    prepaid: u32,
    advance: u32,
    running: u32,
    lender: Lender,
    /// Whether the sites sell for themselves.
    sites_sell: bool,
}

fn halves() -> impl Strategy<Value = Halves> {
    let size = (1..5_u32, 1..5_u32);
    let two = |range: std::ops::Range<u32>| prop::array::uniform2(range);
    let work = (two(1..40), two(1..60), two(0..50), prop::array::uniform5(1..15_u32));
    let lenders = [Lender::BySite, Lender::OfTheSite, Lender::One];
    let money = (1..900_u32, 0..40_u32, 0..90_u32, 0..4_u32);
    let how = (0..200_u32, any::<bool>(), prop::sample::select(lenders.to_vec()), any::<bool>());
    (size, work, money, how).prop_map(|(size, work, money, how)| Halves {
        units: size.0,
        racks: size.1,
        grid_weeks: work.0,
        fit_out_days: work.1,
        cost: work.2,
        steps_days: work.3,
        price_cents: money.0,
        prepaid: money.1,
        advance: money.2,
        running: money.3,
        supply_days: how.0,
        working_week: how.1,
        lender: how.2,
        sites_sell: how.3,
    })
}

impl Halves {
    /// One site of both halls.
    fn whole(&self) -> String {
        self.yaml(&[("whole", &[1, 2])])
    }

    /// A site for each hall.
    fn apart(&self) -> String {
        self.yaml(&[("one", &[1]), ("two", &[2])])
    }

    fn yaml(&self, sites: &[(&str, &[usize])]) -> String {
        let bodies: String = sites.iter().map(|(name, halls)| self.site(name, halls)).collect();
        let contracts: String = match self.sites_sell {
            true => String::new(),
            false => {
                let halls = sites.iter().flat_map(|(site, halls)| {
                    halls.iter().map(move |hall| (hall, format!("{site}/hall-{hall}")))
                });
                let all = halls.map(|(hall, name)| self.contract(*hall, &name));
                format!("contracts:\n{}", all.collect::<String>())
            }
        };
        let loans: String = match self.lender {
            Lender::OfTheSite => String::new(),
            Lender::One => format!("loans:\n{}", self.loan("all", 2, "")),
            Lender::BySite => {
                let all = sites.iter().map(|(site, halls)| {
                    self.loan(site, halls.len(), &format!(", sites: [{site}]"))
                });
                format!("loans:\n{}", all.collect::<String>())
            }
        };
        let calendar = if self.working_week { "build" } else { "always" };
        format!(
            "portfolio: law
start: 2026-01-05
horizon: 2033-12-31
calendars: {{build: {{week: Mon-Fri 08:00-16:00}}}}
calendar: {calendar}
power: {{pue: 1.2, peak_pue: 1.3, energy: 90 USD/MWh, fixed: 9 USD/kVA-month, load: 80%}}
platforms:
  nvl: {{gpus_per_rack: 72, rack_power: 130 kW, it_overhead: 1.1, price_per_rack: 3.9M USD,
    pay: {{order: 20%, delivery: 70%, acceptance: 10%, net: 30d}}}}
equity: {{amount: 100M USD}}
curves: {{sofr: {{2026-01-01: 4%, 2026-07-01: 3.5%}}}}
{contracts}{loans}sites:
{bodies}"
        )
    }

    fn site(&self, name: &str, halls: &[usize]) -> String {
        let [ist, install, burn_in, test, accept] = self.steps_days;
        let Halves { units, racks, .. } = self;
        let mut activities = "    permit: {duration: 1w}\n".to_owned();
        let mut all = String::new();
        for &hall in halls {
            let of = |two: [u32; 2]| two[hall - 1];
            activities += &format!(
                "      grid-{hall}: {{duration: {}ew, after: [permit], energises: 90 MW}}\n",
                of(self.grid_weeks)
            );
            all += &format!(
                "      - count: 1
        first: {hall}
        it_power: {} kW
        powered_by: {{{hall}: grid-{hall}}}
        activities:
          fit-out: {{duration: {}d, after: [permit], cost: {}M USD}}
          ist: {{duration: {ist}d, after: [fit-out], ready_for_service: true}}
        cluster:
          platform: nvl
          units: {units}
          racks_per_unit: {racks}
          install: {{duration: {install}d}}
          burn_in: {{duration: {burn_in}ed}}
          test: {{duration: {test}ed}}
          accept: {{duration: {accept}ed}}\n",
                units * racks * 150,
                of(self.fit_out_days),
                of(self.cost),
            );
        }
        let count = halls.len() as u32;
        let contracts = match self.sites_sell {
            true => {
                let all = halls.iter().map(|&hall| self.contract(hall, &format!("hall-{hall}")));
                format!("    contracts:\n{}", indented(&all.collect::<String>()))
            }
            false => String::new(),
        };
        let loans = match self.lender {
            Lender::OfTheSite => {
                format!("    loans:\n{}", indented(&self.loan("own", halls.len(), "")))
            }
            _ => String::new(),
        };
        format!(
            "  {name}:
    shell: {{owned: true}}
    activities:
  {activities}    halls:
{all}    lots:
      - {{platform: nvl, racks: {}, ordered: 2026-01-20, ex_works: {}, transit: 2ew}}
    operations: {{staff: {{cost: {} USD/year, from: 2026-03-01, net: 25d}}}}
{contracts}{loans}",
            count * units * racks,
            energize::time::Day::from_date("2026-02-02".parse().unwrap()) + self.supply_days as i32,
            count * self.running * 1_200_000,
        )
    }

    fn contract(&self, hall: usize, halls: &str) -> String {
        format!(
            "  - {{customer: acme-{hall}, halls: [{halls}], tranche: unit, term: 18mo,
     price: {} USD/GPU-hour, signed: 2026-01-05, scheduled_start: 2026-06-01,
     prepaid: {}%, prepaid_on: 2026-02-01}}\n",
            f64::from(self.price_cents) / 100.0,
            self.prepaid,
        )
    }

    fn loan(&self, id: &str, halls: usize, sites: &str) -> String {
        // Two loans that close on one day each pay their fee before the next is drawn, so owners may
        // be called earlier that month than for one loan of the same size: two have no fee here.
        let fee = u32::from(matches!(self.lender, Lender::One));
        format!(
            "  - {{id: {id}, commitment: {}M USD, advance: {}%, base: sofr, margin: 4%,
     undrawn_fee: 0.5%, upfront_fee: {fee}%, close: 2026-02-15, available_until: 2027-12-31,
     pays: monthly, amortises_from: 2028-01-31, amortisation: level, maturity: 2030-12-31{sites}}}\n",
            200 * halls,
            self.advance,
        )
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}

fn run(text: &str) -> Run {
    analysis::run(&load(text))
}

proptest! {
    #![proptest_config(cases(300))]

    /// Design, promise 7, for a portfolio: a site of two halls and two sites of one hall each come
    /// online, sell, cost, borrow and owe the same in every month, whoever lends and sells.
    /// Roundings of single postings stay below a cent over the whole life.
    #[test]
    fn a_site_in_two_halves_changes_no_total_of_the_portfolio(halves in halves()) {
        let (whole, apart) = (run(&halves.whole()), run(&halves.apart()));
        prop_assert_eq!(&whole.ramp.steps, &apart.ramp.steps);
        prop_assert_eq!(&whole.gpus, &apart.gpus);
        prop_assert_eq!(whole.headline, apart.headline);
        prop_assert_eq!(whole.books.first_revenue, apart.books.first_revenue);
        prop_assert_eq!(whole.books.months.len(), apart.books.months.len());
        for (one, two) in whole.books.months.iter().zip(&apart.books.months) {
            let (flows, others) = (one.flows.each(), two.flows.each());
            let (stands, other_stands) = (one.stand.each(), two.stand.each());
            for (left, right) in flows.iter().chain(&stands).zip(others.iter().chain(&other_stands)) {
                let apart = (left.1 - right.1).0.abs();
                prop_assert!(apart < 5_000, "{} in {}: {} {}", left.0, one.from, left.1, right.1);
            }
        }
    }
}

#[test]
fn the_halves_of_a_site_borrow_and_earn_something() {
    let halves = Halves {
        units: 2,
        racks: 3,
        grid_weeks: [10, 30],
        fit_out_days: [30, 50],
        cost: [10, 20],
        steps_days: [5, 3, 2, 3, 1],
        supply_days: 40,
        working_week: true,
        price_cents: 260,
        prepaid: 10,
        advance: 70,
        running: 2,
        lender: Lender::OfTheSite,
        sites_sell: true,
    };
    for lender in [Lender::BySite, Lender::OfTheSite, Lender::One] {
        let run = run(&Halves { lender, ..halves.clone() }.apart());
        let totals = &run.books.totals;
        let zero = energize::money::Money::ZERO;
        assert!(totals.draws > zero && totals.revenue > zero, "{lender:?}: {totals:?}");
    }
}
