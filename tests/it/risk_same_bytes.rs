//! Promise 3: same input and seed, same bytes, whatever the threads, the order or the split.

use std::io::Cursor;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use energize::chance::Plan;
use energize::model::{Input, Site, load};
use energize::report::risk_json;
use energize::risk::{Overall, Store, Study, Workers, merge, run_trials, shard};

const TRIALS: u32 = 300;

type Rows = Store<Cursor<Vec<u8>>>;

fn site(file: &str) -> Site {
    let path = format!("{}/sites/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read(&path).unwrap();
    let loaded = load(Input { name: file.into(), text, ..Input::default() });
    loaded.site.unwrap_or_else(|| panic!("{:#?}", loaded.findings))
}

/// Rows of a part of the trials, every byte of them kept in a file.
fn rows(study: &Study<'_>, range: std::ops::Range<u32>, threads: usize, reversed: bool) -> Rows {
    let meta = study.meta("input".into(), TRIALS, range.clone());
    let mut store = Store::create(meta, Cursor::new(Vec::new()), 0).unwrap();
    let stop = AtomicBool::new(false);
    let workers = Workers { threads, stop: &stop, progress: &|_| {}, reversed };
    run_trials(study, &mut store, range.end, &workers).unwrap();
    store
}

fn told(mut store: Rows) -> String {
    risk_json(&Overall::of(&mut store).unwrap(), &[]).to_string()
}

fn bytes(store: Rows) -> Vec<u8> {
    store.into_file().unwrap().into_inner()
}

fn same_bytes(file: &str, plan: Plan) {
    let site = site(file);
    let study = Study::new(&site, 7, plan, true);
    let alone = bytes(rows(&study, 0..TRIALS, 1, false));
    for (threads, reversed) in [(2, false), (8, false), (1, true), (3, true)] {
        let other = bytes(rows(&study, 0..TRIALS, threads, reversed));
        assert!(other == alone, "{file}: {threads} threads, reversed: {reversed}");
    }
    let whole = told(rows(&study, 0..TRIALS, 2, false));
    for of in [2, 3, 16] {
        let parts = (1..=of).rev().map(|number| {
            let range = shard(TRIALS, number, of);
            (format!("part{number}"), rows(&study, range, 2, false))
        });
        let merged = merge(parts.collect()).unwrap();
        assert_eq!(told(merged), whole, "{file}: split in {of}");
    }
}

#[test]
fn threads_order_and_split_change_no_byte() {
    same_bytes("london-blackwell-ultra.yaml", Plan::Plain);
    same_bytes("london-greenfield.yaml", Plan::Antithetic);
    same_bytes("london-greenfield.yaml", Plan::Latin { trials: TRIALS });
}

#[test]
fn a_trial_alone_is_the_trial_in_the_crowd() {
    let site = site("london-blackwell-ultra.yaml");
    let study = Study::new(&site, 3, Plan::Plain, true);
    let mut crowd = rows(&study, 0..TRIALS, 2, false);
    let names: Vec<String> = {
        let columns = &crowd.meta().layout.columns;
        columns.iter().map(|column| column.name.clone()).collect()
    };
    let mut trials = study.trials();
    let mut drawn = energize::risk::Drawn::default();
    let mut sums = vec![0; crowd.meta().layout.sums];
    for trial in [0_u32, 1, 63, 64, 201, TRIALS - 1] {
        study.sampler.fill(trial, 1, &mut drawn);
        let row = trials.run(&drawn, 0, &mut sums).to_vec();
        let kept: Vec<i64> =
            names.iter().map(|name| crowd.column(name).unwrap()[trial as usize]).collect();
        assert_eq!(row, kept, "trial {trial}");
    }
}

#[test]
fn a_run_that_is_stopped_goes_on_where_it_was() {
    let site = site("london-blackwell-ultra.yaml");
    let study = Study::new(&site, 11, Plan::Plain, false);
    let whole = bytes(rows(&study, 0..TRIALS, 2, false));
    let meta = study.meta("input".into(), TRIALS, 0..TRIALS);
    let mut store = Store::create(meta.clone(), Cursor::new(Vec::new()), 0).unwrap();
    let (stop, kept) = (AtomicBool::new(false), AtomicU32::new(0));
    let progress = |next: u32| kept.store(next, Ordering::Relaxed);
    let workers = Workers { threads: 2, stop: &stop, progress: &progress, reversed: false };
    run_trials(&study, &mut store, 130, &workers).unwrap();
    assert_eq!(kept.load(Ordering::Relaxed), 130);
    // Cut in the middle of what was written last.
    let mut file = store.into_file().unwrap().into_inner();
    file.truncate(file.len() - 5);
    let opened = Store::resume(Cursor::new(file), &meta).unwrap();
    assert!(opened.damage.is_some());
    let mut store = opened.store;
    run_trials(&study, &mut store, TRIALS, &workers).unwrap();
    assert_eq!(told(store), told(Store::open(Cursor::new(whole)).unwrap().store));
}

#[test]
fn the_site_of_a_trial_runs_as_the_trial_did() {
    let site = site("london-blackwell-ultra.yaml");
    let study = Study::new(&site, 5, Plan::Plain, true);
    let mut trials = study.trials();
    let mut drawn = energize::risk::Drawn::default();
    let mut sums = vec![0; study.outcome.layout.sums];
    for trial in [0, 17, 4321] {
        study.sampler.fill(trial, 1, &mut drawn);
        let row = trials.run(&drawn, 0, &mut sums).to_vec();
        let timeline = trials.timeline().clone();
        let alone = energize::analysis::run(&study.sampler.site_of(trial));
        assert_eq!(alone.timeline.finish, timeline.finish, "trial {trial}");
        let shortfall = study.outcome.layout.index("equity.shortfall").unwrap();
        assert_eq!(alone.books.totals.equity_shortfall.0, row[shortfall]);
    }
}
