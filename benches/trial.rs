//! One trial of the London site: loading, events, capacity, books, and all of it.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use energize::capacity::Ramp;
use energize::engine::Engine;
use energize::model::{Input, Site, Timeline, load};
use energize::{analysis, ledger};

const LONDON: &str = include_str!("../sites/london-blackwell-ultra.yaml");

/// Two more loans beside the one of the file.
const LOANS: &str = "
  - {id: notes, kind: notes, commitment: 300M USD, rate: 9%, day_count: 30/360, close: 2025-07-25,
     pays: semiannual, maturity: 2031-02-01}
  - {id: rcf, kind: revolver, commitment: 100M USD, rate: 7%, undrawn_fee: 0.5%, close: 2025-07-28,
     pays: monthly, maturity: 2030-01-05}
";

fn london() -> Site {
    let text = LONDON.replacen("\ncurves:\n", &format!("{LOANS}\ncurves:\n"), 1);
    let input = Input { name: "london".into(), text: text.into(), ..Input::default() };
    let site = load(input).site.expect("the shipped site has no errors");
    assert_eq!(site.terms.loans.len(), 3);
    site
}

fn trial(criterion: &mut Criterion) {
    let site = london();
    let work = site.plan.likely_work();
    let mut engine = Engine::new(&site.plan);
    let mut timeline = Timeline::default();
    engine.run(&work, &mut timeline);

    let mut group = criterion.benchmark_group("london");
    group.bench_function("load", |b| b.iter(|| black_box(london())));
    group.bench_function("events", |b| b.iter(|| engine.run(black_box(&work), &mut timeline)));
    group.bench_function("capacity", |b| b.iter(|| Ramp::of(&site, black_box(&timeline))));
    let books = ledger::Prepared::new(&site);
    // As thousands of trials on one thread keep them: in the room of the one before.
    let mut room = books.run(&timeline, false);
    let mut again = || room = books.run_in(std::mem::take(&mut room), black_box(&timeline));
    group.bench_function("books", |b| b.iter(&mut again));
    group.bench_function("books-alone", |b| b.iter(|| books.run(black_box(&timeline), false)));
    group.bench_function("journal", |b| b.iter(|| books.run(black_box(&timeline), true)));
    group.bench_function("run", |b| b.iter(|| analysis::run(black_box(&site))));
    group.finish();
}

criterion_group!(benches, trial);
criterion_main!(benches);
