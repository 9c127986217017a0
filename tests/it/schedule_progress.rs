//! Work under way, work that is over before its turn, and links between projects.

use std::fs;
use std::path::Path;

use energize::engine::run_likely;
use energize::exchange::{self, Lag, LagCalendar, Line, Project, Schedule, Task, TaskLink};
use energize::model::{FloatAt, LinkKind, Rules, cpm};
use energize::time::{Definition, Minute, Shift, Span, parse_instant};

fn at(text: &str) -> Minute {
    parse_instant(text).unwrap()
}

/// Tasks of so many hours on weekdays 08:00-16:00, data date Monday 2026-03-09; a link from finish
/// to start between each and the next.
fn chain(hours: &[i64]) -> Schedule {
    let week = |day| if day < 5 { vec![Shift { start: 480, end: 960 }] } else { Vec::new() };
    let task = |(at, &hours): (usize, &i64)| Task {
        uid: format!("{}", at + 1),
        duration: Span(hours * 60),
        calendar: Some(0),
        ..Task::default()
    };
    let link = |to| TaskLink {
        from: to - 1,
        to,
        kind: LinkKind::FinishStart,
        lag: Lag::Work(Span::ZERO),
        line: 0,
    };
    Schedule {
        rules: Rules::P6,
        projects: vec![Project {
            code: "P".into(),
            start: at("2026-03-09 08:00"),
            status: Some(at("2026-03-09 08:00")),
            finish_by: None,
            calendar: 0,
            lag_calendar: LagCalendar::Predecessor,
            float_at: FloatAt::Least,
            progress_override: false,
        }],
        calendars: vec![Definition { week: std::array::from_fn(week), ..Definition::default() }],
        tasks: hours.iter().enumerate().map(task).collect(),
        links: (1..hours.len() as u32).map(link).collect(),
        ..Schedule::default()
    }
}

fn lines(schedule: &Schedule, rules: Rules) -> Vec<Line> {
    let lowered = exchange::lower(schedule, rules).unwrap();
    let dates = cpm::Dates::likely(&lowered.plan);
    assert_eq!(run_likely(&lowered.plan).finish, dates.early_finish, "the engine agrees");
    exchange::dates(schedule, &lowered)
}

fn starts(schedule: &Schedule, rules: Rules) -> Vec<String> {
    lines(schedule, rules).iter().map(|line| line.early_start.to_string()).collect()
}

#[test]
fn under_way_out_of_sequence_waits_by_retained_logic_and_goes_on_by_progress_override() {
    let mut schedule = chain(&[24, 16]);
    schedule.tasks[1].actual_start = Some(at("2026-03-05 08:00"));
    schedule.tasks[1].remaining = Some(Span(480));
    assert_eq!(starts(&schedule, Rules::P6), ["2026-03-09T08:00", "2026-03-12T08:00"]);
    schedule.projects[0].progress_override = true;
    assert_eq!(starts(&schedule, Rules::P6), ["2026-03-09T08:00", "2026-03-09T08:00"]);
}

#[test]
fn what_is_over_before_its_turn_still_hands_on_what_it_should_have_waited_for() {
    let mut schedule = chain(&[24, 16, 8, 8]);
    for at in 1..3 {
        schedule.tasks[at].actual_start = Some(self::at("2026-03-04 08:00"));
        schedule.tasks[at].actual_finish = Some(self::at("2026-03-06 16:00"));
    }
    let by_p6 = starts(&schedule, Rules::P6);
    assert_eq!(by_p6[3], "2026-03-12T08:00", "after the first, through two that are over");
    assert_eq!(lines(&schedule, Rules::P6)[3].driving, [0]);
    schedule.projects[0].progress_override = true;
    assert_eq!(starts(&schedule, Rules::P6)[3], "2026-03-09T08:00");
    assert_eq!(starts(&schedule, Rules::Project)[3], "2026-03-09T08:00");
}

#[test]
fn suspended_work_goes_on_when_it_says() {
    let mut schedule = chain(&[24, 8]);
    schedule.tasks[0].actual_start = Some(at("2026-03-05 08:00"));
    schedule.tasks[0].remaining = Some(Span(480));
    schedule.tasks[0].resumes = Some(at("2026-03-11 08:00"));
    for rules in [Rules::P6, Rules::Project] {
        let lines = lines(&schedule, rules);
        assert_eq!(lines[0].early_finish, at("2026-03-11 16:00"), "{rules:?}");
        assert_eq!(lines[1].early_start, at("2026-03-12 08:00"), "{rules:?}");
    }
}

#[test]
fn what_is_left_follows_from_the_percentage_where_the_file_does_not_say() {
    let mut schedule = chain(&[40]);
    schedule.tasks[0].actual_start = Some(at("2026-03-05 08:00"));
    schedule.tasks[0].percent_complete = Some(40.0);
    assert_eq!(lines(&schedule, Rules::P6)[0].early_finish, at("2026-03-11 16:00"));
}

#[test]
fn a_lag_from_a_start_that_has_happened_has_run_since() {
    let mut schedule = chain(&[80, 8]);
    schedule.tasks[0].actual_start = Some(at("2026-03-05 08:00"));
    schedule.tasks[0].remaining = Some(Span(64 * 60));
    schedule.links[0].kind = LinkKind::StartStart;
    schedule.links[0].lag = Lag::Work(Span(24 * 60));
    assert_eq!(starts(&schedule, Rules::P6)[1], "2026-03-10T08:00", "two of three days are over");
}

#[test]
fn links_between_the_projects_of_a_file_bind_and_others_are_counted() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles/schedules");
    let schedule = exchange::read(fs::read(path.join("two-projects.xer")).unwrap()).unwrap();
    let lowered = exchange::lower(&schedule, Rules::P6).unwrap();
    let lines = exchange::dates(&schedule, &lowered);
    let csv = exchange::dates_csv(&schedule, &lines);
    let expected = "\
project,uid,code,name,kind,early_start,early_finish,late_start,late_finish,total_float_h,free_float_h,critical,driving
SHELL,1,SHELL,Shell,summary,2026-03-02T08:00,2026-03-13T16:00,2026-03-02T08:00,2026-03-13T16:00,0.0,0.0,1,
SHELL,10,S1,Frame,task,2026-03-02T08:00,2026-03-13T16:00,2026-03-02T08:00,2026-03-13T16:00,0.0,0.0,1,
SHELL,11,S2,Power on,milestone,2026-03-13T16:00,2026-03-13T16:00,2026-03-13T16:00,2026-03-13T16:00,0.0,0.0,1,10
CLUSTER,2,CLUSTER,Cluster,summary,2026-03-09T08:00,2026-03-23T16:00,2026-03-17T08:00,2026-03-23T16:00,0.0,0.0,1,
CLUSTER,20,C1,Rack,task,2026-03-17T08:00,2026-03-23T16:00,2026-03-17T08:00,2026-03-23T16:00,0.0,0.0,1,11
CLUSTER,21,C2,Train staff,task,2026-03-09T08:00,2026-03-10T16:00,2026-03-17T08:00,2026-03-18T16:00,48.0,48.0,0,
";
    assert_eq!(csv, expected);
    let unused: Vec<_> = lowered.unused.iter().collect();
    assert_eq!(unused, [("links to projects that the file does not hold", 1)]);
}
