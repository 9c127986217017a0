//! Working days lost to weather, through site files.

use energize::chance::Plan as Draws;
use energize::engine::run_likely;
use energize::model::{Input, Site, load};
use energize::risk::{Drawn, Study, Trials};
use energize::time::Day;
use proptest::prelude::*;

/// 2026-01-05 is a Monday.
fn text(lost: &str) -> String {
    format!(
        "
site: wet
start: 2026-01-05
calendars:
  build: {{week: Mon-Fri 08:00-16:00}}
  office: {{week: Mon-Fri 08:00-16:00}}
activities:
  dig:   {{duration: 20d, calendar: build}}
  cure:  {{duration: 1d, calendar: build, after: [dig FS+5d]}}
  paint: {{duration: 40d, calendar: office}}
risk:
  weather:
    rain: {{calendars: [build], lost_days: {{{lost}}}, source: by hand}}
"
    )
}

fn site(text: &str) -> Site {
    let loaded = load(Input { name: "wet.yaml".into(), text: text.into(), ..Input::default() });
    loaded.site.unwrap_or_else(|| panic!("{:#?}", loaded.findings))
}

fn wrong(text: &str) -> Vec<String> {
    let loaded = load(Input { name: "wet.yaml".into(), text: text.into(), ..Input::default() });
    loaded.findings.iter().map(|finding| finding.message.clone()).collect()
}

/// Day on which each activity finishes in some trials.
fn finishes(site: &Site, trials: u32) -> Vec<Vec<Day>> {
    let study = Study::new(site, 7, Draws::Plain, false);
    let mut runner = study.trials();
    let mut drawn = Drawn::default();
    (0..trials)
        .map(|trial| {
            study.sampler.fill(trial, 1, &mut drawn);
            days(&mut runner, &drawn)
        })
        .collect()
}

fn days(runner: &mut Trials<'_>, drawn: &Drawn) -> Vec<Day> {
    runner.run(drawn, 0, &mut vec![0; 64]);
    runner.timeline().finish.iter().map(|finish| finish.day()).collect()
}

fn day(text: &str) -> Day {
    Day::from_date(text.parse().unwrap())
}

#[test]
fn a_month_without_a_working_day_moves_work_and_lag_of_that_calendar_by_the_month() {
    let all = site(&text("Feb: 31d"));
    let likely = run_likely(&all.plan);
    assert_eq!(likely.finish[0].day(), day("2026-01-30"), "twenty days without weather");
    assert_eq!(likely.finish[1].day(), day("2026-02-09"), "six working days later");
    for finish in finishes(&all, 3) {
        assert_eq!(finish[0], day("2026-01-30"));
        assert_eq!(finish[1], day("2026-03-09"), "six working days, all in March");
        assert_eq!(finish[2], day("2026-02-27"), "another calendar loses nothing");
    }
}

#[test]
fn as_many_days_are_lost_as_the_month_says() {
    let lost = site(&text("Jan-Dec: 3d"));
    let mut dates = Vec::new();
    for finish in finishes(&lost, 50) {
        // Twenty days of work, three to five lost: never fewer than January's less its first days.
        dates.push(finish[0]);
        assert!(finish[0] >= day("2026-01-30") && finish[0] <= day("2026-02-09"), "{finish:?}");
    }
    assert!(dates.iter().any(|date| *date != dates[0]), "which days are lost is drawn");
}

#[test]
fn days_before_the_data_date_are_over() {
    let text =
        text("Jan: 31d").replace("start: 2026-01-05", "start: 2026-01-05\nstatus_date: 2026-01-26");
    let text =
        text.replace("duration: 20d,", "duration: 20d, actual_start: 2026-01-05, remaining: 5d,");
    let text = text.replace("duration: 40d, ", "duration: 1d, ");
    let finish = &finishes(&site(&text), 1)[0];
    assert_eq!(finish[0], day("2026-02-06"), "the last week of January is lost, the rest is past");
}

#[test]
fn what_cannot_be_is_told() {
    let twice = wrong(&text("Nov-Feb: 3d, Jan: 1d"));
    assert_eq!(twice, ["the days of Jan are said twice"]);
    let month = wrong(&text("Summer: 3d"));
    assert_eq!(month, ["`Summer` is no month and no range of months such as `Nov-Feb`"]);
    let always = wrong(&text("Jan: 1d").replace("calendars: [build]", "calendars: [always]"));
    assert_eq!(always, ["`always` knows no closed day: weather needs a calendar of its own"]);
    let unknown = wrong(&text("Jan: 1d").replace("calendars: [build]", "calendars: [biuld]"));
    assert_eq!(unknown, ["no calendar is called `biuld`"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn a_trial_is_the_likely_trial_of_the_site_that_it_makes(trial in 0..1_000_000_u32) {
        let site = site(&text("Nov-Feb: 1d < 3d < 6d, Mar-Apr: 0d < 1d < 3d"));
        let study = Study::new(&site, 11, Draws::Plain, false);
        let mut drawn = Drawn::default();
        study.sampler.fill(trial, 1, &mut drawn);
        let mut runner = study.trials();
        // Another trial before leaves nothing behind.
        runner.run(&drawn, 0, &mut vec![0; 64]);
        study.sampler.fill(trial / 2, 1, &mut drawn);
        runner.run(&drawn, 0, &mut vec![0; 64]);
        let other = run_likely(&study.sampler.site_of(trial / 2).plan);
        prop_assert_eq!(&runner.timeline().finish, &other.finish);
        let dry = run_likely(&site.plan);
        prop_assert!(dry.finish.iter().zip(&other.finish).all(|(dry, wet)| dry <= wet));
    }
}
