//! Trials side by side give what the events give, bit for bit.

use energize::chance::{Distribution, Draw, Plan as Draws, Purpose, StreamId, Tables};
use energize::model::uncertainty::{Duration, Factor, Hit, Rework, Risk};
use energize::model::{Input, Progress, Site, Uncertainty, load};
use energize::risk::{Block, Drawn, STRETCH, Study};
use energize::time::Minute;
use proptest::prelude::*;

use crate::cases::cases;
use crate::plans::{Draft, Mix, OFFICE, plan};

const MIX: Mix = Mix {
    activities: 25,
    calendars: 3,
    look_ahead: true,
    progress: true,
    crews: false,
    minutes: 2000,
};

/// The same in every proportion, around the clock and finish to start: the tight loop.
const PLAIN: Mix = Mix { calendars: 1, look_ahead: false, progress: false, ..MIX };

const SMALLEST: &str = "
site: smallest
start: 2026-01-05
activities:
  a: {duration: 1d}
";

/// A site of nothing but this plan and what is uncertain of it.
fn site(draft: &Draft, uncertainty: Uncertainty) -> Site {
    let input = Input { name: "site.yaml".into(), text: SMALLEST.into(), ..Input::default() };
    let loaded = load(input);
    let site = loaded.site.unwrap_or_else(|| panic!("{:#?}", loaded.findings));
    Site { plan: draft.plan(), uncertainty, ..site }
}

/// Each trial by its events.
fn events(study: &Study, drawn: &Drawn) -> Block {
    let mut block = Block::new(&study.outcome.layout, drawn.first, drawn.trials as u32);
    let mut trials = study.trials();
    for at in 0..drawn.trials {
        let row = trials.run(drawn, at, &mut block.sums);
        block.set_row(drawn.first + at as u32, row);
    }
    block
}

fn spread() -> impl Strategy<Value = Distribution> {
    let low = 0..1500_i64;
    let widths = (0..900_i64, 1..900_i64);
    prop_oneof![
        (low.clone(), widths.clone()).prop_map(|(low, (likely, more))| {
            let low = low as f64;
            let likely = low + likely as f64;
            Distribution::pert(low, likely, likely + more as f64)
        }),
        (low.clone(), widths.clone()).prop_map(|(low, (likely, more))| {
            let low = low as f64;
            let likely = low + likely as f64;
            Distribution::Triangular { low, likely, high: likely + more as f64 }
        }),
        (1..1500_i64).prop_map(|median| Distribution::Lognormal {
            location: 0.0,
            median: median as f64,
            sigma: 0.4,
        }),
        (low, 1..900_i64).prop_map(|(low, span)| Distribution::Uniform {
            low: low as f64,
            high: (low + span) as f64,
        }),
        // Few values: ties, and paths of one length.
        Just(Distribution::Discrete(vec![(0.0, 0.3), (60.0, 0.4), (480.0, 0.3)])),
    ]
}

fn near_one() -> impl Strategy<Value = Distribution> {
    prop_oneof![
        Just(Distribution::Uniform { low: 0.7, high: 1.4 }),
        Just(Distribution::Discrete(vec![(1.0, 0.8), (2.0, 0.2)])),
    ]
}

/// A few of so many activities, ascending.
fn some(count: usize) -> impl Strategy<Value = Vec<u32>> {
    prop::sample::subsequence((0..count as u32).collect::<Vec<_>>(), 1..=count)
}

fn factor(count: usize) -> impl Strategy<Value = Factor> {
    (near_one(), some(count), any::<bool>()).prop_map(|(spread, on, each)| Factor {
        shared: false,
        id: "crew".into(),
        spread,
        on,
        each,
        costs: Vec::new(),
        prices: Vec::new(),
        curves: Vec::new(),
        source: None,
    })
}

fn risk(count: usize) -> impl Strategy<Value = Risk> {
    let impact = (prop::option::of(spread()), prop::option::of(near_one()));
    (impact, some(count), any::<bool>(), any::<bool>()).prop_map(
        |((delay, factor), hits, parallel, each)| Risk {
            id: "strike".into(),
            title: String::new(),
            probability: 0.4,
            delays: delay.into_iter().collect(),
            factor,
            cost: None,
            hits: hits.into_iter().map(|activity| Hit { activity, delay: 0 }).collect(),
            parallel,
            each,
            source: None,
        },
    )
}

fn uncertainty(count: usize) -> impl Strategy<Value = Uncertainty> {
    let spreads = prop::collection::vec(prop::option::weighted(0.7, spread()), count);
    let rework = prop::option::of((0..count as u32, spread()));
    let factors = prop::collection::vec(factor(count), 0..2);
    let risks = prop::collection::vec(risk(count), 0..2);
    (spreads, factors, risks, rework).prop_map(|(spreads, factors, risks, rework)| {
        let durations = (0..).zip(spreads).filter_map(|(activity, spread)| {
            Some(Duration { activity, spread: spread?, done: None })
        });
        let rework = rework.map(|(activity, repair)| Rework {
            activity,
            probability: 0.3,
            repair,
            at_most: 3,
        });
        Uncertainty {
            durations: durations.collect(),
            factors,
            risks,
            rework: rework.into_iter().collect(),
            ..Uncertainty::default()
        }
    })
}

fn case(mix: Mix) -> impl Strategy<Value = (Draft, Uncertainty)> {
    plan(mix).prop_flat_map(|draft| {
        let count = draft.parts.activities.len();
        (Just(draft), uncertainty(count))
    })
}

/// Seed, first trial, trials.
fn stretch() -> impl Strategy<Value = (u64, u32, usize)> {
    (any::<u64>(), 0..10_000_u32, prop_oneof![Just(STRETCH as usize), 1..=STRETCH as usize])
}

/// Runs a stretch both ways, and another before it so that nothing is left over.
fn same_both_ways(site: &Site, stretch: (u64, u32, usize), draws: Draws) {
    let (seed, first, trials) = stretch;
    let study = Study::new(site, seed, draws, true);
    let mut batch = study.batch().expect("nothing can be short");
    let mut drawn = Drawn::default();
    study.sampler.fill(first + 64, 64, &mut drawn);
    batch.run(&drawn);
    study.sampler.fill(first, trials, &mut drawn);
    assert_eq!(batch.run(&drawn), events(&study, &drawn));
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn side_by_side_equals_one_after_another(
        (draft, uncertainty) in case(MIX),
        stretch in stretch(),
    ) {
        same_both_ways(&site(&draft, uncertainty), stretch, Draws::Plain);
    }

    #[test]
    fn so_does_the_tight_loop(
        (draft, uncertainty) in case(PLAIN),
        stretch in stretch(),
    ) {
        let mut draft = draft;
        draft.parts.links.iter_mut().for_each(|link| link.lag = energize::time::Span::ZERO);
        draft.parts.activities.iter_mut().for_each(|of| of.delay = energize::time::Span::ZERO);
        same_both_ways(&site(&draft, uncertainty), stretch, Draws::Antithetic);
    }

    #[test]
    fn what_is_drawn_for_many_is_what_is_drawn_for_one(
        (draft, uncertainty) in case(PLAIN),
        (seed, first, trials) in stretch(),
    ) {
        let site = site(&draft, uncertainty);
        let latin = Draws::Latin { trials: 20_000 };
        let study = Study::new(&site, seed, latin, true);
        let (mut many, mut one) = (Drawn::default(), Drawn::default());
        study.sampler.fill(first, trials, &mut many);
        let risk = &site.uncertainty;
        let mut tables = Tables::default();
        for (line, activity) in study.sampler.activities().enumerate() {
            let minutes = study.sampler.minutes(&many, line);
            for (trial, &minutes) in (first..).zip(minutes) {
                study.sampler.fill(trial, 1, &mut one);
                prop_assert_eq!(minutes, study.sampler.minutes(&one, line)[0]);
            }
            let duration = risk.durations.iter().find(|of| of.activity == activity);
            let alone = risk.factors.is_empty() && risk.risks.is_empty() && risk.rework.is_empty();
            if let Some(duration) = duration.filter(|_| alone) {
                let stream = StreamId::of(&site.plan.activities[activity as usize].id);
                let draw = Draw::new(seed, stream, Purpose::Duration, 0).under(latin);
                let table = tables.sampler(&duration.spread);
                for (trial, &minutes) in (first..).zip(minutes) {
                    let value = table.at(draw.at(trial)).max(0.0).round_ties_even();
                    prop_assert_eq!(minutes, value as i64);
                }
            }
        }
    }
}

#[test]
fn what_can_be_short_runs_one_after_another() {
    let mut draft = Draft::new();
    let (first, second) = (draft.activity(60), draft.activity(60));
    draft.after(first, second);
    let batched = |draft: &Draft| {
        let site = site(draft, Uncertainty::default());
        Study::new(&site, 1, Draws::Plain, true).batch().is_some()
    };
    assert!(batched(&draft));
    let mut busy = draft.clone();
    let crew = busy.crew(1);
    busy.work(60, crew);
    assert!(!batched(&busy));
    let mut stocked = draft.clone();
    stocked.lot(60, 4);
    assert!(batched(&stocked), "what arrives and is not taken holds up nobody");
    stocked.edit(second).takes = Some((0, 4));
    assert!(!batched(&stocked));
}

#[test]
fn work_under_way_and_calendars_take_part_in_the_longest_path() {
    let mut draft = Draft::new();
    let (begun, next, point) = (draft.activity(900), draft.activity(700), draft.activity(0));
    draft.edit(begun).progress =
        Progress::Started { start: Minute(-500), remaining: energize::time::Span(300) };
    draft.edit(next).calendar = OFFICE;
    draft.after(begun, next);
    draft.after(next, point);
    let spread = Distribution::Uniform { low: 100.0, high: 5000.0 };
    let of = |activity| Duration { activity, spread: spread.clone(), done: Some(50.0) };
    let durations = vec![of(begun), of(next)];
    let site = site(&draft, Uncertainty { durations, ..Uncertainty::default() });
    same_both_ways(&site, (7, 0, 64), Draws::Plain);
    let study = Study::new(&site, 7, Draws::Plain, true);
    let mut drawn = Drawn::default();
    study.sampler.fill(0, 64, &mut drawn);
    let block = study.batch().unwrap().run(&drawn);
    let bearings = study.outcome.drivers(&block.sums).bearings();
    assert!(bearings.iter().all(|bearing| bearing.criticality > 0.99));
}
