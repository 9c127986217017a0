//! Laws that hold along the whole chain, from YAML text to the books, on random sites.

use energize::analysis::{self, Run};
use energize::model::{self, EventKind, Site};
use energize::report;
use energize::time::{Day, Minute};
use energize::unit::ItPower;
use proptest::prelude::*;

use crate::cases::cases;

pub fn load(text: &str) -> Site {
    let input = model::Input { name: "law.yaml".into(), text: text.into(), ..Default::default() };
    let loaded = model::load(input);
    let findings = report::findings_text(&loaded.sources, &loaded.findings);
    loaded.site.unwrap_or_else(|| panic!("{findings}\n{text}"))
}

fn run(text: &str) -> (Site, Run) {
    let site = load(text);
    let run = analysis::run(&site);
    (site, run)
}

/// What a random site is made of. Days, weeks, counts as the names say.
#[derive(Clone, Debug)]
struct Sketch {
    halls: u32,
    units: u32,
    racks: u32,
    grid_weeks: u32,
    second_stage_weeks: u32,
    fit_out_days: u32,
    steps_days: [u32; 5],
    crews: [u32; 2],
    lots: u32,
    lots_every: u32,
    working_week: bool,
    price_cents: u32,
    prepaid: u32,
    cost: u32,
    advance: u32,
}

fn sketch() -> impl Strategy<Value = Sketch> {
    let size = (1..4_u32, 1..5_u32, 1..5_u32);
    let work = (1..40_u32, 0..30_u32, 1..60_u32, prop::array::uniform5(1..15_u32));
    let supply = (prop::array::uniform2(1..4_u32), 1..4_u32, 1..60_u32, any::<bool>());
    let money = (1..900_u32, 0..40_u32, 0..50_u32, 0..90_u32);
    (size, work, supply, money).prop_map(|(size, work, supply, money)| Sketch {
        halls: 2 * size.0,
        units: size.1,
        racks: size.2,
        grid_weeks: work.0,
        second_stage_weeks: work.1,
        fit_out_days: work.2,
        steps_days: work.3,
        crews: supply.0,
        lots: supply.1,
        lots_every: supply.2,
        working_week: supply.3,
        price_cents: money.0,
        prepaid: money.1,
        cost: money.2,
        advance: money.3,
    })
}

/// A word as it stands in the file, and turned round: `grid` or `dirg`.
type Naming = fn(&str) -> String;

fn plain(word: &str) -> String {
    word.to_owned()
}

fn turned(word: &str) -> String {
    format!("z{}", word.chars().rev().collect::<String>())
}

fn numbered(name: &str, number: &str) -> String {
    format!("{name}-{number}")
}

impl Sketch {
    /// The site as a planner would write it; the first half of the halls hangs on the first stage.
    fn yaml(&self, name: Naming) -> String {
        let half = self.halls / 2;
        self.with_halls(self.halls, 1, &format!("1-{half}"), &format!("{}-99", half + 1), name)
    }

    /// `count` halls, each `times` as large, half of them on each stage.
    fn with_halls(
        &self,
        count: u32,
        times: u32,
        on_first: &str,
        on_second: &str,
        name: Naming,
    ) -> String {
        let Sketch { racks, grid_weeks, fit_out_days, crews, lots, lots_every, .. } = self;
        let [ist, install, burn_in, test, accept] = self.steps_days;
        let [riggers, testers] = crews;
        let units = times * self.units;
        let (hall_kw, cost) = (units * racks * 150, times * self.cost);
        let later = grid_weeks + self.second_stage_weeks;
        let all_racks = count * units * racks;
        let each = all_racks.div_ceil(*lots);
        let calendar = if self.working_week { name("day") } else { "always".into() };
        let n = |word: &str| name(word);
        let hall = |number: &str| numbered(&n("hall"), number);
        let contracts: String = (1..=count)
            .map(|number| {
                format!(
                    "  - {{customer: {customer}-{number}, halls: [{halls}], tranche: unit,
     price: {price} USD/GPU-hour, term: 18mo, signed: 2026-01-05, scheduled_start: 2026-06-01,
     prepaid: {prepaid}%, prepaid_on: 2026-02-01}}\n",
                    customer = n("acme"),
                    halls = hall(&number.to_string()),
                    price = f64::from(self.price_cents) / 100.0,
                    prepaid = self.prepaid,
                )
            })
            .collect();
        format!(
            "site: law
start: 2026-01-05
horizon: 2033-12-31
calendars: {{{day}: {{week: Mon-Fri 08:00-16:00}}}}
calendar: {calendar}
power: {{pue: 1.2, peak_pue: 1.3, energy: 90 USD/MWh, fixed: 9 USD/kVA-month, load: 80%}}
platforms:
  {nvl}: {{gpus_per_rack: 72, rack_power: 130 kW, it_overhead: 1.1, price_per_rack: 3.9M USD,
    pay: {{order: 20%, delivery: 70%, acceptance: 10%, net: 30d}}}}
resources: {{{riggers_name}: {riggers}, {testers_name}: {testers}}}
activities:
  {permit}: {{duration: 1w}}
  {first}: {{duration: {grid_weeks}ew, after: [{permit}], energises: 90 MW}}
  {second}: {{duration: {later}ew, after: [{permit}], energises: 90 MW}}
halls:
  count: {count}
  id: \"{hall_id}\"
  it_power: {hall_kw} kW
  powered_by: {{{on_first}: {first}, {on_second}: {second}}}
  activities:
    {fit_out}: {{duration: {fit_out_days}d, after: [{permit}], cost: {cost}M USD}}
    {ist_name}: {{duration: {ist}d, after: [{fit_out}], ready_for_service: true}}
  cluster:
    platform: {nvl}
    units: {units}
    racks_per_unit: {racks}
    install: {{duration: {install}d, needs: {{{riggers_name}: 1}}}}
    burn_in: {{duration: {burn_in}ed}}
    test: {{duration: {test}ed, needs: {{{testers_name}: 1}}}}
    accept: {{duration: {accept}ed}}
lots: {{count: {lots}, every: {lots_every}d, id: \"{lot_id}\", platform: {nvl}, racks: {each},
  ordered: 2026-01-20, ex_works: 2026-03-02, transit: 2ew}}
contracts:
{contracts}equity: {{amount: 100M USD}}
loans:
  - {{id: {term}, commitment: 900M USD, advance: {advance}%, base: {base}, margin: 4%,
     undrawn_fee: 0.5%, upfront_fee: 1%, close: 2026-02-15, available_until: 2027-12-31,
     pays: monthly, amortises_from: 2028-01-31, amortisation: level, maturity: 2030-12-31}}
curves: {{{base}: {{2026-01-01: 4%, 2026-07-01: 3.5%}}}}
",
            day = n("day"),
            nvl = n("nvl"),
            riggers_name = n("riggers"),
            testers_name = n("testers"),
            permit = n("permit"),
            first = n("first"),
            second = n("second"),
            hall_id = hall("{n}"),
            fit_out = n("fit-out"),
            ist_name = n("ist"),
            lot_id = numbered(&n("lot"), "{n}"),
            term = n("term"),
            base = n("sofr"),
            advance = self.advance,
        )
    }

    fn without_contention(&self) -> Sketch {
        Sketch { crews: [9_999, 9_999], ..self.clone() }
    }
}

/// Counters of a hall worked out anew from the events up to an instant.
fn online_by_hand(site: &Site, run: &Run, hall: u32, at: Minute) -> ItPower {
    let spec = &site.halls[hall as usize];
    let (mut energised, mut cooled, mut accepted) = (ItPower::ZERO, ItPower::ZERO, ItPower::ZERO);
    for event in run.timeline.events.iter().take_while(|event| event.at <= at) {
        match event.kind {
            // Each hall of these sites hangs on one stage alone.
            EventKind::Energised(stage) if spec.feeds[0].stage == stage => {
                energised = spec.it_power;
            }
            EventKind::Ready(ready) if ready == hall => cooled = spec.it_power,
            EventKind::Accepted(unit) if spec.units.contains(&unit) => {
                accepted += site.units[unit as usize].it_power;
            }
            _ => {}
        }
    }
    energised.min(cooled).min(accepted)
}

proptest! {
    #![proptest_config(cases(1_000))]

    /// Design, promise 3.
    #[test]
    fn the_same_text_gives_the_same_bytes(sketch in sketch()) {
        let bytes = || {
            let (site, run) = run(&sketch.yaml(plain));
            let summary = serde_json::to_string(&report::summary(&site, &run, &[])).unwrap();
            let rows = [
                report::events_csv(&site, &run),
                report::capacity_csv(&site, &run),
                report::quarters_csv(&run),
            ];
            (report::run_text(&site, &run), report::trace_log(&site, &run), summary, rows)
        };
        prop_assert_eq!(bytes(), bytes());
    }

    /// Design, promise 7: ids decide nothing, crews or not.
    #[test]
    fn renaming_everything_changes_no_number(sketch in sketch()) {
        let (_, one) = run(&sketch.yaml(plain));
        let (_, other) = run(&sketch.yaml(turned));
        prop_assert_eq!(one.timeline.start, other.timeline.start);
        prop_assert_eq!(one.timeline.finish, other.timeline.finish);
        prop_assert_eq!(one.timeline.events, other.timeline.events);
        prop_assert_eq!(one.timeline.waits, other.timeline.waits);
        prop_assert_eq!(one.ramp.steps, other.ramp.steps);
        prop_assert_eq!(one.gpus, other.gpus);
        prop_assert_eq!(one.books.months, other.books.months);
    }

    /// Design, promise 7: one large hall on each stage earns, costs and owes what two halls of half
    /// its size do, with a contract for each of them. Roundings of single postings stay below a
    /// cent over the whole life.
    #[test]
    fn two_halves_come_to_the_same_totals(sketch in sketch()) {
        let sketch = sketch.without_contention();
        let (_, whole) = run(&sketch.with_halls(2, 2, "1", "2", plain));
        let (_, halves) = run(&sketch.with_halls(4, 1, "1-2", "3-4", plain));
        prop_assert_eq!(&whole.ramp.steps, &halves.ramp.steps);
        prop_assert_eq!(&whole.gpus, &halves.gpus);
        prop_assert_eq!(whole.headline, halves.headline);
        prop_assert_eq!(whole.books.first_revenue, halves.books.first_revenue);
        prop_assert_eq!(whole.quarters.len(), halves.quarters.len());
        for (one, two) in whole.quarters.iter().zip(&halves.quarters) {
            let (flows, others) = (one.flows.each(), two.flows.each());
            let (stands, other_stands) = (one.stand.each(), two.stand.each());
            for (left, right) in flows.iter().chain(&stands).zip(others.iter().chain(&other_stands)) {
                let apart = (left.1 - right.1).0.abs();
                prop_assert!(apart < 5_000, "{} in {}: {} {}", left.0, one.from, left.1, right.1);
            }
        }
    }

    /// With the second stage years away, half of the halls run and the other half is not ready.
    #[test]
    fn half_the_stages_give_half_the_halls(sketch in sketch()) {
        let sketch = Sketch { second_stage_weeks: 300, ..sketch };
        let (site, run) = run(&sketch.yaml(plain));
        let second = run.timeline.finish[site.stages[1].activity as usize];
        let before = Minute(second.0 - 1);
        prop_assert_eq!(run.ramp.online_at(before).0 * 2, site.planned_it().0);
        prop_assert_eq!(run.ramp.online_at(Minute::NEVER), site.planned_it());
        let ready = run.ramp.halls.iter().filter(|hall| hall.ready <= before).count();
        prop_assert_eq!(ready * 2, site.halls.len());
        prop_assert_eq!(run.headline.half < second, true);
        prop_assert_eq!(run.headline.all > second, true);
    }

    /// Semantics C2, C4, C5: no hall is ready before its stage; online is the least of three
    /// counters at every instant; GPUs move by whole units, and never before they have come.
    #[test]
    fn capacity_is_what_all_three_counters_allow(sketch in sketch()) {
        let (site, run) = run(&sketch.yaml(plain));
        for (hall, ramp) in site.halls.iter().zip(&run.ramp.halls) {
            for activity in hall.stage_activities(&site.stages) {
                prop_assert!(ramp.ready >= run.timeline.finish[activity as usize], "{}", hall.id);
            }
        }
        for event in &run.timeline.events {
            let halls = 0..site.halls.len() as u32;
            let by_hand: ItPower =
                halls.map(|hall| online_by_hand(&site, &run, hall, event.at)).sum();
            prop_assert_eq!(run.ramp.online_at(event.at), by_hand, "at {}", event.at);
        }
        let unit = u64::from(site.units[0].gpus);
        for step in &run.gpus {
            let [ordered, delivered, racked, accepted] = step.reached;
            prop_assert!(ordered >= delivered && delivered >= racked && racked >= accepted);
            prop_assert_eq!((racked % unit, accepted % unit), (0, 0));
        }
        let last = run.gpus.last().unwrap().reached[3];
        prop_assert_eq!(last, site.planned_gpus(), "all are accepted in the end");
    }
}

/// A site small enough to work out on paper; 24 x 7, crews for all.
const PAPER: &str = "\
site: paper
start: 2026-01-05
power: {pue: 1.2}
platforms: {nvl: {gpus_per_rack: 72, rack_power: 100 kW}}
resources: {riggers: 9, testers: 9}
activities:
  permit: {duration: 2w}
  grid:   {duration: 10w, after: [permit], energises: 4 MW}
  frame:  {duration: 4w, after: [permit]}
halls:
  count: 2
  it_power: 1 MW
  activities:
    fit-out: {duration: 2w, after: [frame SS+2w, frame FF+1w]}
    ist:     {duration: 1w, after: [fit-out], ready_for_service: true}
  cluster:
    {platform: nvl, units: 1, racks_per_unit: 10, install: {duration: 2d, needs: {riggers: 1}},
     burn_in: {duration: 3d}, test: {duration: 2d, needs: {testers: 1}}, accept: {duration: 1d}}
edits:
  halls.hall-2.fit-out: {duration: 12w}
lots: {platform: nvl, racks: 20, ex_works: 2026-03-30, transit: 2ew}
";

#[test]
fn dates_of_a_small_site_are_those_of_its_longest_path() {
    let (site, run) = run(PAPER);
    let expected = [
        ("permit", "2026-01-19"),                // 5 Jan + 2 w
        ("grid", "2026-03-30"),                  // permit + 10 w
        ("frame", "2026-02-16"),                 // permit + 4 w
        ("lot-1.transit", "2026-04-13"),         // 30 Mar + 2 w
        ("hall-1.fit-out", "2026-02-23"),        // a week after the frame: later than 2 Feb + 2 w
        ("hall-1.ist", "2026-04-06"),            // waits for the grid, 30 Mar + 1 w
        ("hall-1.unit-1.install", "2026-04-15"), // waits for the racks, 13 Apr + 2 d
        ("hall-1.unit-1.burn-in", "2026-04-18"), // + 3 d
        ("hall-1.unit-1.test", "2026-04-20"),    // + 2 d
        ("hall-1.unit-1.accept", "2026-04-21"),  // + 1 d
        ("hall-2.fit-out", "2026-04-27"),        // two weeks into the frame, 2 Feb + 12 w
        ("hall-2.ist", "2026-05-04"),            // + 1 w, the grid is long live
        ("hall-2.unit-1.install", "2026-05-06"), // + 2 d
        ("hall-2.unit-1.burn-in", "2026-05-09"), // + 3 d
        ("hall-2.unit-1.test", "2026-05-11"),    // + 2 d
        ("hall-2.unit-1.accept", "2026-05-12"),  // + 1 d
    ];
    let names = site.plan.activities.iter().map(|activity| activity.id.as_str());
    let dates = run.timeline.finish.iter().map(|at| {
        assert_eq!(*at, at.day().start(), "at midnight");
        at.day().to_string()
    });
    let found: Vec<(&str, String)> = names.zip(dates).collect();
    assert_eq!(found.len(), expected.len());
    for (name, date) in expected {
        let of = found.iter().find(|(id, _)| *id == name);
        assert_eq!(of.map(|(_, date)| date.as_str()), Some(date), "{name}");
    }
    let steps: Vec<(Day, f64)> =
        run.ramp.steps.iter().map(|step| (step.at.day(), step.online.mw())).collect();
    let online: Vec<&(Day, f64)> = steps.iter().filter(|step| step.1 > 0.0).collect();
    assert_eq!(online.first().unwrap().0.to_string(), "2026-04-21");
    assert_eq!(steps.last().unwrap().0.to_string(), "2026-05-12");
}
