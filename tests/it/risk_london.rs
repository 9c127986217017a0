//! London from site control against what was observed elsewhere (distributions 5.1, semantics R7).

use std::io::Cursor;
use std::sync::atomic::AtomicBool;

use energize::chance::Plan;
use energize::model::{Input, Site, load};
use energize::risk::{Store, Study, Workers, run_trials};

const TRIALS: u32 = 400;

/// The campus in a shell that stands, on power that is there: cooling off the shelf is bought at
/// once, halls are fitted out and commissioned.
const RETROFIT: &str = "
activities:
  grid-wait: {duration: 0ew}
  grid-wait-2: {duration: 0ew}
  earthworks: {duration: 0w, needs: {}}
  substation-design: {duration: 0w}
  hv-transformers: {duration: 0ew}
  hv-switchgear: {duration: 0ew}
  substation: {duration: 0w}
buildings:
  activities:
    gensets: {duration: 0ew}
    chillers: {duration: 0ew}
    foundations: {duration: 0w}
    frame: {duration: 0w}
    envelope: {duration: 0w}
    generator-yard: {duration: 0w}
halls:
  activities:
    electrical-plant: {duration: 0ew}
    busway: {duration: 0ew}
    cooling-units: {duration: 6ew < 12ew < 20ew, after: [investment-decision]}
risk: {risks: {
  grid-slip: {probability: 0%}, factory-slip: {probability: 0%}, switchgear-slip: {probability: 0%},
  genset-slip: {probability: 0%}, ups-slip: {probability: 0%}, chiller-slip: {probability: 0%},
  busway-slip: {probability: 0%}, ground: {probability: 0%}, wet-season: {probability: 0%},
  frame-late: {probability: 0%}, envelope-late: {probability: 0%}, yard-late: {probability: 0%},
  outage-window: {probability: 0%}, hv-design: {probability: 0%}}}
";

fn greenfield(overlay: &str) -> Site {
    let path = format!("{}/sites/london-greenfield.yaml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read(&path).unwrap();
    let overlays = match overlay {
        "" => Vec::new(),
        text => vec![("overlay.yaml".to_owned(), text.as_bytes().to_vec())],
    };
    let loaded = load(Input { name: path, text, overlays, ..Input::default() });
    loaded.site.unwrap_or_else(|| panic!("{:#?}", loaded.findings))
}

/// P50 of the months from ground-breaking to the first hall that is ready.
fn months_to_first_hall(site: &Site) -> f64 {
    let study = Study::new(site, 1, Plan::Plain, false);
    let meta = study.meta(String::new(), TRIALS, 0..TRIALS);
    let mut store = Store::create(meta, Cursor::new(Vec::new()), usize::MAX).unwrap();
    let stop = AtomicBool::new(false);
    let workers = Workers { threads: 2, stop: &stop, progress: &|_| {}, reversed: false };
    run_trials(&study, &mut store, TRIALS, &workers).unwrap();
    let broken = store.column("finish:ground-broken").unwrap();
    let mut first = vec![i64::MAX; TRIALS as usize];
    for hall in &site.halls {
        let id = &site.plan.activities[hall.ready as usize].id;
        for (first, at) in first.iter_mut().zip(store.column(&format!("finish:{id}")).unwrap()) {
            *first = at.min(*first);
        }
    }
    let mut minutes: Vec<i64> =
        first.iter().zip(broken).map(|(first, broken)| first - broken).collect();
    minutes.sort_unstable();
    minutes[TRIALS as usize / 2 - 1] as f64 / 1440.0 / 30.4375
}

#[test]
fn greenfield_takes_as_long_as_the_observed_ones_with_the_grid_wait_apart() {
    // The grid wait lies before ground-breaking: earthworks begin so long before the firm date.
    let months = months_to_first_hall(&greenfield(""));
    assert!((22.0..=32.0).contains(&months), "{months}");
    let no_wait = months_to_first_hall(&greenfield(
        "activities: {grid-wait: {duration: 0ew}}\nrisk: {risks: {grid-slip: {probability: 0%}}}\n",
    ));
    assert!((22.0..=36.0).contains(&no_wait), "{no_wait}");
}

#[test]
fn a_retrofit_takes_as_long_as_the_observed_ones() {
    let months = months_to_first_hall(&greenfield(RETROFIT));
    assert!((5.0..=12.0).contains(&months), "{months}");
}

#[test]
fn every_default_says_where_it_comes_from() {
    let risk = greenfield("").uncertainty;
    assert!(risk.risks.len() > 30 && risk.factors.len() >= 3);
    for (id, source) in risk
        .risks
        .iter()
        .map(|risk| (&risk.id, &risk.source))
        .chain(risk.factors.iter().map(|factor| (&factor.id, &factor.source)))
    {
        assert!(source.as_ref().is_some_and(|source| !source.is_empty()), "{id}");
    }
}
