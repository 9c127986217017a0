//! Small sites for the tests of the books, built by hand.

use energize::ledger::{self, BooksResult};
use energize::model::plan::Parts;
use energize::model::site::Power;
use energize::model::terms::*;
use energize::model::*;
use energize::money::{Amount, Currency, FxTable, Money};
use energize::time::{Calendar, Day, Minute, Span};
use energize::unit::{GridPower, ItPower, Share};

/// A site and what happened to it.
#[derive(Clone, Debug)]
pub struct Case {
    pub site: Site,
    pub timeline: Timeline,
}

pub fn day(text: &str) -> Day {
    Day::from_date(text.parse().unwrap())
}

pub fn usd(units: i64) -> Amount {
    Amount { micros: units * 1_000_000, currency: Currency::USD }
}

pub fn percent(percent: i64) -> Share {
    Share(percent * 10_000_000)
}

impl Case {
    /// An empty site whose books open on a day: PUE 1, power factor 1, nothing costs anything.
    pub fn new(opens: &str) -> Case {
        let opens = day(opens);
        let terms = Terms {
            fx: FxTable::new(Currency::USD),
            opens,
            horizon: None,
            opening_cash: None,
            opening_assets: Vec::new(),
            costs: Vec::new(),
            rack_pay: vec![RackPay {
                order: percent(0),
                delivery: percent(100),
                acceptance: percent(0),
                net_days: 0,
            }],
            lives: Lives { months: [360, 180, 120, 72], ..Lives::default() },
            operations: Vec::new(),
            contracts: Vec::new(),
            equity: Equity {
                amount: None,
                funding: Funding::ProRata,
                backs_shortfalls: true,
                keeps: None,
            },
            raised: Vec::new(),
            capitalised_share: Vec::new(),
            loans: Vec::new(),
            curves: Vec::new(),
            base_case: Vec::new(),
            values: Vec::new(),
            tax: None,
            gates: Vec::new(),
            carrying_cost: None,
        };
        let site = Site {
            id: "site".into(),
            title: "Site".into(),
            plan: plan(opens, Vec::new()),
            baseline: Baseline::default(),
            premises: vec![Premises {
                id: "site".into(),
                power: Power {
                    pue: Share::ONE,
                    peak_pue: Share::ONE,
                    power_factor: Share::ONE,
                    headroom: Share::ZERO,
                },
                energy: Energy {
                    per_mwh: None,
                    fixed_per_kva_month: None,
                    load: Share::ONE,
                    pass_through: Share::ZERO,
                    net_days: 0,
                },
                shell: Shell::Owned,
            }],
            uncertainty: Uncertainty::default(),
            portfolio: None,
            stages: Vec::new(),
            halls: Vec::new(),
            units: Vec::new(),
            platforms: vec![Platform {
                id: "rack".into(),
                gpus_per_rack: 72,
                rack_power: ItPower(100_000),
                it_overhead: Share::ONE,
            }],
            lots: Vec::new(),
            terms,
        };
        Case { site, timeline: Timeline::default() }
    }

    /// A hall of so many units of one rack, 72 GPUs and 100 kW each.
    pub fn hall(&mut self, units: u32) -> u32 {
        let hall = self.site.halls.len() as u32;
        let first = self.site.units.len() as u32;
        let unit = |n| Unit {
            id: format!("hall-{hall}.unit-{n}"),
            hall,
            platform: 0,
            racks: 1,
            gpus: 72,
            it_power: ItPower(100_000),
        };
        self.site.units.extend((0..units).map(unit));
        self.site.halls.push(Hall {
            premises: 0,
            id: format!("hall-{hall}"),
            it_power: ItPower(100_000 * i64::from(units)),
            feeds: Vec::new(),
            ready: 0,
            units: first..first + units,
        });
        hall
    }

    pub fn stage(&mut self, watts: i64) -> u32 {
        let id = "stage".into();
        self.site.stages.push(Stage { id, activity: 0, grid: GridPower(watts), premises: 0 });
        self.site.stages.len() as u32 - 1
    }

    /// Racks at a price each.
    pub fn lot(&mut self, racks: u32, price: i64, ordered: Option<&str>) -> u32 {
        self.site.lots.push(Lot {
            id: "lot".into(),
            platform: 0,
            racks,
            ordered: ordered.map(day),
            delivery: 0,
            price_per_rack: Some(usd(price)),
        });
        self.site.lots.len() as u32 - 1
    }

    /// Works from one day to another, paid on the day at the finish unless the cost is changed.
    pub fn works(
        &mut self,
        hall: Option<u32>,
        class: AssetClass,
        cost: i64,
        from: &str,
        until: &str,
    ) -> &mut ActivityCost {
        let (from, until) = (day(from), day(until));
        let activity = self.site.plan.activities.len() as u32;
        let mut activities = self.site.plan.activities.clone();
        activities.push(Activity {
            id: format!("works-{activity}"),
            title: String::new(),
            calendar: 0,
            duration: Span::ZERO,
            delay: Span::ZERO,
            not_before: None,
            priority: 0,
            needs: Vec::new(),
            takes: None,
            effects: Vec::new(),
            progress: Progress::Open,
            hall,
            unit: None,
            milestone: false,
        });
        self.site.plan = plan(self.site.terms.opens, activities);
        self.timeline.start.push(noon(from));
        self.timeline.finish.push(noon(until));
        self.push(from, EventKind::Started, activity);
        self.push(until, EventKind::Finished, activity);
        self.site.terms.costs.push(ActivityCost {
            activity,
            amount: usd(cost),
            class,
            at_start: percent(0),
            progress: percent(0),
            at_finish: percent(100),
            net_days: 0,
        });
        self.site.terms.costs.last_mut().unwrap()
    }

    pub fn happens(&mut self, on: &str, kind: EventKind) {
        self.push(day(on), kind, 0);
    }

    pub fn push(&mut self, on: Day, kind: EventKind, activity: u32) {
        self.timeline.events.push(Event { at: noon(on), kind, activity });
    }

    /// All units of the site racked, in service and accepted on a day, all halls ready before.
    pub fn all_online(&mut self, on: &str) {
        for hall in 0..self.site.halls.len() as u32 {
            self.happens(on, EventKind::Ready(hall));
        }
        for unit in 0..self.site.units.len() as u32 {
            self.unit_online(day(on), unit);
        }
    }

    pub fn unit_online(&mut self, on: Day, unit: u32) {
        for kind in [EventKind::Racked(unit), EventKind::InService(unit), EventKind::Accepted(unit)]
        {
            self.push(on, kind, 0);
        }
    }

    /// A contract for all units there are: by unit, term preserved, nothing prepaid, paid at once.
    pub fn contract(&mut self, price: Price, months: u32, start: &str) -> &mut Contract {
        self.site.terms.contracts.push(Contract {
            id: "customer".into(),
            units: (0..self.site.units.len() as u32).collect(),
            price,
            term_months: months,
            term_runs: TermRuns::PerTranche,
            tranche: Tranche::Unit,
            signed: self.site.terms.opens,
            scheduled_start: day(start),
            early_start: false,
            prepaid: percent(0),
            prepaid_on: self.site.terms.opens,
            payment_days: 0,
            long_stop: None,
            on_long_stop: OnLongStop::Keep,
            accounting: Accounting::Service,
            damages: None,
            ramp: Vec::new(),
            price_follows_ramp: false,
            deemed_days: None,
            credits: Share::ZERO,
            consideration: None,
            beyond_rpo: None,
            rpo_from: None,
            relet: None,
        });
        self.site.terms.contracts.last_mut().unwrap()
    }

    /// A fixed-rate loan of 70 % of cost without fees, quarterly, equal principal.
    pub fn loan(&mut self, commitment: i64, rate: Share, dates: [&str; 4]) -> &mut Loan {
        let [close, available_until, amortises_from, maturity] = dates.map(day);
        self.site.terms.loans.push(Loan {
            id: "loan".into(),
            commitment: usd(commitment),
            advance: percent(70),
            excludes_prepaid: false,
            rate: LoanRate::Fixed(rate),
            close,
            available_until,
            amortises_from,
            maturity,
            ..Loan::default()
        });
        self.site.terms.loans.last_mut().unwrap()
    }

    pub fn run(&self) -> BooksResult {
        let mut timeline = self.timeline.clone();
        timeline.events.sort_by_key(|event| (event.at, event.kind));
        ledger::run(&self.site, &timeline, true)
    }
}

pub fn money(dollars: i64) -> Money {
    Money::whole(dollars)
}

fn noon(day: Day) -> Minute {
    day.start() + Span(12 * 60)
}

fn plan(start: Day, activities: Vec<Activity>) -> Plan {
    Plan::assemble(Parts {
        start: start.start(),
        status: None,
        calendars: vec![Calendar::always()],
        activities,
        links: Vec::new(),
        resources: Vec::new(),
        stores: vec!["rack".into()],
        deliveries: vec![],
    })
    .unwrap()
}
