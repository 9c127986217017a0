//! The last-mile slip: a prior that is read in place of the network's own chances, never beside.

use energize::chance::Plan as Draws;
use energize::model::{Input, Site, load};
use energize::risk::{Drawn, Study, prior_only};

use crate::fixture::Fixture;

const SITE: &str = "site: shed
start: 2026-01-05
power: {pue: 1.2}
resources: {team: {capacity: 1}}
activities:
  grid: {duration: 6w < 8w < 12w, energises: 20 MW}
halls:
  count: 3
  it_power: 4 MW
  activities:
    fit-out: {duration: 4w < 5w < 9w}
    ist: {duration: 1w, after: [grid, fit-out], needs: {team: 1}, ready_for_service: true}
";

fn with(risk: &str) -> Site {
    let text = format!(
        "{SITE}risk:\n  factors: {{labour: {{spread: 0.8 < 1 < 1.5, on: [\"*\"]}}}}\n{risk}"
    );
    let loaded = load(Input { name: "shed".into(), text: text.into(), ..Input::default() });
    loaded.site.unwrap_or_else(|| panic!("{:#?}", loaded.findings))
}

/// When each of the three halls is ready, trial by trial.
fn ready(site: &Site, trials: u32) -> Vec<[i64; 3]> {
    let study = Study::new(site, 5, Draws::Plain, false);
    let column = |hall| study.outcome.layout.index(&format!("finish:hall-{hall}.ist"));
    let columns = [1, 2, 3].map(|hall| column(hall).expect("it has a column"));
    let (mut runner, mut drawn) = (study.trials(), Drawn::default());
    let row = |trial| {
        study.sampler.fill(trial, 1, &mut drawn);
        let row = runner.run(&drawn, 0, &mut vec![0; study.outcome.layout.sums]);
        columns.map(|at| row[at])
    };
    (0..trials).map(row).collect()
}

#[test]
fn a_slip_puts_every_hall_off_once_whatever_crew_they_share() {
    let site = with("  last_mile: {probability: 100%, delay: 6w}\n");
    let prior = prior_only(&site).expect("it is stated");
    let likely = energize::engine::run_site(&site);
    let week = 7 * 24 * 60;
    let on_time = [0, 1, 2].map(|at: usize| likely.finish[site.halls[at].ready as usize].0);
    for halls in ready(&prior, 3) {
        assert_eq!(halls, on_time.map(|at| at + 6 * week));
    }
}

#[test]
fn it_happens_as_often_as_it_is_probable_and_each_hall_may_draw_its_own() {
    let one = with("  last_mile: {probability: 70%, delay: 2w < 6w < 20w}\n");
    let likely = energize::engine::run_site(&one);
    let on_time = likely.finish[one.halls[0].ready as usize].0;
    let trials = ready(&prior_only(&one).unwrap(), 4_000);
    let kept = trials.iter().filter(|halls| halls[0] == on_time).count();
    // 30 % of 4,000, within four standard errors.
    assert!((1_084..=1_316).contains(&kept), "{kept}");
    let apart = |halls: &[i64; 3]| halls[2] - halls[0];
    let between = likely.finish[one.halls[2].ready as usize].0 - on_time;
    assert!(trials.iter().all(|halls| apart(halls) == between), "one slip for all");
    let each = with("  last_mile: {probability: 70%, delay: 2w < 6w < 20w, each: true}\n");
    let trials = ready(&prior_only(&each).unwrap(), 50);
    assert!(trials.iter().any(|halls| apart(halls) != between));
}

#[test]
fn it_is_never_stacked_on_the_network() {
    let (without, with) = (with(""), with("  last_mile: {probability: 90%, delay: 20w}\n"));
    assert_eq!(ready(&without, 200), ready(&with, 200));
    assert!(prior_only(&without).is_none());
}

#[test]
fn the_command_says_which_of_the_two_it_shows() {
    let block = "risk: {last_mile: {probability: 100%, delay: 6w}}\n";
    let files =
        Fixture::new().file("with.yaml", format!("{SITE}{block}")).file("without.yaml", SITE);
    let told = files.run(["risk", "with.yaml", "--trials", "20"]).fine();
    assert!(told.contains("`risk.last_mile` is not among these chances"), "{told}");
    let told = files.run(["risk", "with.yaml", "--trials", "20", "--prior-only"]).fine();
    assert!(told.contains("prior only: likely values"), "{told}");
    let told = files.run(["risk", "without.yaml", "--prior-only"]).refused(2);
    assert!(told.contains("the site states no prior"), "{told}");
    let replayed = files.run(["risk", "with.yaml", "--prior-only", "--trial", "3"]).fine();
    let slipped = files.run(["run", "with.yaml", "--delay", "hall-*.ist=6w"]).fine();
    let dates = |text: &str| -> Vec<String> {
        text.lines()
            .filter(|line| line.contains("hall ready for service"))
            .map(String::from)
            .collect()
    };
    assert_eq!(dates(&replayed), dates(&slipped));
    let no_hall = "site: yard\nstart: 2026-01-05\nactivities: {dig: {duration: 2w}}\n";
    let files = files.file("yard.yaml", format!("{no_hall}{block}"));
    let told = files.run(["check", "yard.yaml"]).refused(2);
    assert!(told.contains("there is no hall to slip"), "{told}");
}
