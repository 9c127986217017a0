//! Runs in other programs' formats: what is written is what was run.

use std::collections::BTreeMap;
use std::fs;

use energize::analysis::{self, Run, critical_path};
use energize::engine::run_likely;
use energize::exchange::{self, out};
use energize::model::cpm::Dates;
use energize::model::{Input, Plan, Progress, Rules, Site, load};
use energize::time::{Calendar, Day, Definition, Minute, Shift, Span, parse_week};
use insta::assert_snapshot;
use proptest::prelude::*;

use crate::fixture::Fixture;
use crate::plans::{Draft, Mix, plan};
use crate::shipped::shipped;

fn site(text: &str) -> Site {
    let loaded = load(Input { name: "site.yaml".into(), text: text.into(), ..Input::default() });
    loaded.site.unwrap_or_else(|| panic!("{:?}", loaded.findings))
}

const SHED: &str = "
site: shed
title: 'Shed: a \"small\" site; #1 <test> & co'
start: 2026-01-05
status_date: 2026-01-26
currency: USD
calendars:
  build: {week: Mon-Fri 08:00-12:00 13:00-17:00, closed: [2026-02-16..2026-02-18]}
calendar: build
resources: {team: 1}
power: {pue: 1.2, peak_pue: 1.3}
platforms:
  p: {gpus_per_rack: 72, rack_power: 100 kW, it_overhead: 1.0}
plan: {grid: 2026-03-02, all_online: 2026-05-01}
activities:
  permit: {milestone: true, actual_finish: 2026-01-05}
  ground: {duration: 2w, after: [permit], actual_start: 2026-01-12, remaining: 3d}
  frame:  {duration: 3w, after: [ground SS+1w, ground FF+2d], title: 'Frame, ''steel''; 100%'}
  order:  {duration: 4ew, after: [permit +2ew], not_before: 2026-02-02}
  grid:   {duration: 1w, after: [order, ground], energises: 5 MW}
halls:
  count: 2
  it_power: 1 MW
  activities:
    fit-out: {duration: 1w, after: [frame], needs: {team: 1}, commissions_cooling: true}
    ist:     {duration: 3d, after: [fit-out], ready_for_service: true}
  cluster:
    platform: p
    units: 1
    racks_per_unit: 4
    install: {duration: 2d, needs: {team: 1}}
    burn_in: {duration: 1ew}
    test:    {duration: 1ew}
    accept:  {duration: 1d}
lots:
  - {platform: p, racks: 8, ex_works: 2026-03-02, transit: 1ew}
contracts:
  - {customer: tenant, halls: [hall-*], price: 2 USD/GPU-hour, term: 1y, signed: 2026-01-05,
     scheduled_start: 2026-05-01, long_stop: 2026-12-31}
";

// ---------------------------------------------------------------------------- Microsoft Project

/// Start and finish of each activity by its id, as our own reader dates the file by the rules of
/// Microsoft Project.
fn read_back(xml: &str) -> BTreeMap<String, (Minute, Minute)> {
    let schedule = exchange::read(xml.as_bytes().to_vec()).unwrap();
    assert_eq!(schedule.rules, Rules::Project);
    let lowered = exchange::lower(&schedule, Rules::Project).unwrap();
    let between = |text: &str, from: &str, to: &str| {
        let rest = &text[text.find(from).unwrap() + from.len()..];
        rest[..rest.find(to).unwrap()].to_owned()
    };
    let ids: BTreeMap<String, String> = xml
        .split("<Task>")
        .skip(1)
        .map(|task| (between(task, "<UID>", "<"), between(task, "<Value>", "<")))
        .collect();
    let lines = exchange::dates(&schedule, &lowered);
    let leaves = lines.iter().filter(|line| lowered.activities[line.task as usize].is_some());
    let dated = |line: &exchange::Line| {
        let id = ids[&schedule.tasks[line.task as usize].uid].clone();
        (id, (line.early_start, line.early_finish))
    };
    leaves.map(dated).collect()
}

/// Every activity that finishes in the run has the run's dates in the file.
fn dates_survive(site: &Site, run: &Run) -> Result<(), TestCaseError> {
    let export = out::mspdi(site, run).unwrap();
    let dates = read_back(&export.text);
    prop_assert!(dates.len() >= site.plan.activities.len(), "links may add milestones");
    for (at, activity) in site.plan.activities.iter().enumerate() {
        let (start, finish) = (run.timeline.start[at], run.timeline.finish[at]);
        if finish.happens() {
            let told = dates[&activity.id];
            prop_assert_eq!(told, (start, finish), "{}: {:?}", activity.id, activity);
        }
    }
    Ok(())
}

#[test]
fn project_dates_the_shipped_sites_as_the_run_did() {
    for site in shipped().iter().chain([&site(SHED)]) {
        dates_survive(site, &analysis::run(site)).unwrap();
    }
}

#[test]
fn dotted_ids_lie_in_their_summaries() {
    let site = site(SHED);
    let xml = out::mspdi(&site, &analysis::run(&site)).unwrap().text;
    let schedule = exchange::read(xml.into_bytes()).unwrap();
    let tree = schedule.tasks.iter().map(|task| {
        let parent = task.parent.map(|at| schedule.tasks[at as usize].name.as_str());
        format!("{} in {}", task.name, parent.unwrap_or("the site"))
    });
    let tree: Vec<String> = tree.filter(|line| line.starts_with("hall-1")).collect();
    assert_snapshot!(tree.join("\n"), @r#"
    hall-1 in the site
    hall-1.fit-out in hall-1
    hall-1.ist in hall-1
    hall-1.unit-1 in hall-1
    hall-1.unit-1.install in hall-1.unit-1
    hall-1.unit-1.burn-in in hall-1.unit-1
    hall-1.unit-1.test in hall-1.unit-1
    hall-1.unit-1.accept in hall-1.unit-1
    "#);
}

/// A site that is nothing but a network, and what the engine makes of it.
fn network(plan: Plan) -> (Site, Run) {
    let mut site = site("{site: net, start: 1970-01-01, activities: {a: {duration: 1d}}}");
    let mut run = analysis::run(&site);
    run.timeline = run_likely(&plan);
    run.dates = Dates::likely(&plan);
    site.plan = plan;
    run.critical_path = critical_path(&site, &run.timeline);
    (site, run)
}

/// The same a year later, in the week of the calendars: files have no dates before 1970.
fn a_year_later(mut draft: Draft) -> Plan {
    let year = Span(52 * 7 * 1440);
    let later = |at: &mut Minute| *at = *at + year;
    let parts = &mut draft.parts;
    later(&mut parts.start);
    parts.status.iter_mut().for_each(later);
    for activity in &mut parts.activities {
        activity.not_before.iter_mut().for_each(later);
        match &mut activity.progress {
            Progress::Open => {}
            Progress::Started { start, .. } => later(start),
            Progress::Finished { start, finish } => {
                later(start);
                later(finish);
            }
        }
    }
    parts.resources.iter_mut().flat_map(|crew| &mut crew.capacity).for_each(|(at, _)| later(at));
    let definition = Definition {
        id: "office".into(),
        week: parse_week("Mon-Fri 08:00-12:00 13:00-17:00").unwrap(),
        exceptions: vec![(Day(371), vec![]), (Day(373), vec![Shift { start: 600, end: 660 }])],
        ..Definition::default()
    };
    parts.calendars[1] = Calendar::from_definition(&definition, Day(300), Day(500)).unwrap();
    draft.plan()
}

proptest! {
    #[test]
    fn project_dates_any_network_as_the_run_did(
        draft in plan(Mix {
            activities: 12,
            calendars: 3,
            look_ahead: true,
            progress: true,
            crews: true,
            minutes: 900,
        }),
    ) {
        let (site, run) = network(a_year_later(draft));
        dates_survive(&site, &run)?;
    }

    #[test]
    fn no_title_breaks_a_format(title in any::<String>(), id in "[a-z.:;\"\\\\<&#%\n]{1,12}") {
        let mut site = site(SHED);
        site.title = title.clone();
        site.plan.activities[2].title = title;
        site.plan.activities[2].id = id;
        let run = analysis::run(&site);
        let xml = out::mspdi(&site, &run).unwrap().text;
        prop_assert!(exchange::read(xml.into_bytes()).is_ok());
        let everything = out::Choice::default();
        let mermaid = out::mermaid(&site, &run, &everything).text;
        // Entities aside, a task line has one colon before its data and nothing that ends it.
        for line in mermaid.lines().skip(5).filter(|line| !line.starts_with("  section ")) {
            let (name, data) = line.split_once(" :").unwrap();
            let bare = name.split(';').all(|part| part.rfind('#').is_none_or(|at| {
                part[at + 1..].chars().all(|c| c.is_ascii_digit())
            }));
            prop_assert!(bare && !name.contains(':') && !name.contains('%'), "{line}");
            prop_assert!(!data.contains([';', '#']), "{line}");
        }
        let ical = out::ical(&site, &run).text;
        prop_assert!(ical.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')));
        let dot = out::dot(&site, &run, &everything).text;
        prop_assert!(dot.lines().all(strings_end), "{dot}");
    }
}

/// Whether every quoted string of a DOT line ends in it.
fn strings_end(line: &str) -> bool {
    let (mut inside, mut escaped) = (false, false);
    for c in line.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' => inside = !inside,
            _ => {}
        }
    }
    !inside && !escaped
}

#[test]
fn what_project_cannot_express_is_counted() {
    let ran = Fixture::new().file("site.yaml", SHED).run(["export", "site.yaml", "-o", "out.xml"]);
    assert_snapshot!(ran, @r#"
    exit code: 0
    ----- stdout -----

    ----- stderr -----
    warning: site.yaml: 2 activities that take racks from a store, of which nothing is written
    warning: site.yaml: 1 durations of work under way, written as time spent and what remains
    warning: site.yaml: 1 second links between the same two activities, written through a milestone
    warning: site.yaml: 1 starts held to the status date, written as start-no-earlier-than dates
    warning: site.yaml: 2 waits for crews or racks, written as start-no-earlier-than dates
    "#);
}

#[test]
fn a_task_in_project_has_dates_progress_links_and_notes() {
    let site = site(SHED);
    let xml = out::mspdi(&site, &analysis::run(&site)).unwrap().text;
    let task = |id: &str| {
        let tasks = xml.split("    <Task>").skip(1);
        let value = format!("<Value>{id}</Value>");
        let task = tasks.into_iter().find(|task| task.contains(&value)).unwrap();
        task.split("    </Task>").next().unwrap().to_owned()
    };
    assert_snapshot!([task("ground"), task("frame"), task("grid"), task("hall-2.fit-out")].join("----\n"), @r#"

          <UID>2</UID>
          <ID>2</ID>
          <Name>ground</Name>
          <Active>1</Active>
          <Manual>0</Manual>
          <Type>1</Type>
          <IsNull>0</IsNull>
          <WBS>2</WBS>
          <OutlineNumber>2</OutlineNumber>
          <OutlineLevel>1</OutlineLevel>
          <Priority>500</Priority>
          <Start>2026-01-12T00:00:00</Start>
          <Finish>2026-01-28T17:00:00</Finish>
          <Duration>PT104H0M0S</Duration>
          <DurationFormat>7</DurationFormat>
          <EffortDriven>0</EffortDriven>
          <Estimated>0</Estimated>
          <Milestone>0</Milestone>
          <Summary>0</Summary>
          <Critical>0</Critical>
          <EarlyStart>2026-01-12T00:00:00</EarlyStart>
          <EarlyFinish>2026-01-28T17:00:00</EarlyFinish>
          <LateStart>2026-01-12T00:00:00</LateStart>
          <LateFinish>2026-02-27T17:00:00</LateFinish>
          <FreeSlack>0</FreeSlack>
          <TotalSlack>91200</TotalSlack>
          <PercentComplete>76</PercentComplete>
          <PercentWorkComplete>76</PercentWorkComplete>
          <ActualStart>2026-01-12T00:00:00</ActualStart>
          <ActualDuration>PT80H0M0S</ActualDuration>
          <RemainingDuration>PT24H0M0S</RemainingDuration>
          <ConstraintType>0</ConstraintType>
          <CalendarUID>1</CalendarUID>
          <IgnoreResourceCalendar>1</IgnoreResourceCalendar>
          <Notes>Under way: its duration is the working time since its actual start and what remains (planned: 80 h).</Notes>
          <PredecessorLink>
            <PredecessorUID>1</PredecessorUID>
            <Type>1</Type>
            <CrossProject>0</CrossProject>
            <LinkLag>0</LinkLag>
            <LagFormat>7</LagFormat>
          </PredecessorLink>
          <ExtendedAttribute>
            <FieldID>188743731</FieldID>
            <Value>ground</Value>
          </ExtendedAttribute>
          <ExtendedAttribute>
            <FieldID>188743752</FieldID>
            <Value>0</Value>
          </ExtendedAttribute>
    ----

          <UID>4</UID>
          <ID>4</ID>
          <Name>Frame, &apos;steel&apos;; 100%</Name>
          <Active>1</Active>
          <Manual>0</Manual>
          <Type>1</Type>
          <IsNull>0</IsNull>
          <WBS>4</WBS>
          <OutlineNumber>4</OutlineNumber>
          <OutlineLevel>1</OutlineLevel>
          <Priority>500</Priority>
          <Start>2026-01-26T08:00:00</Start>
          <Finish>2026-02-13T17:00:00</Finish>
          <Duration>PT120H0M0S</Duration>
          <DurationFormat>9</DurationFormat>
          <EffortDriven>0</EffortDriven>
          <Estimated>0</Estimated>
          <Milestone>0</Milestone>
          <Summary>0</Summary>
          <Critical>0</Critical>
          <EarlyStart>2026-01-26T08:00:00</EarlyStart>
          <EarlyFinish>2026-02-13T17:00:00</EarlyFinish>
          <LateStart>2026-02-06T08:00:00</LateStart>
          <LateFinish>2026-03-03T17:00:00</LateFinish>
          <FreeSlack>0</FreeSlack>
          <TotalSlack>43200</TotalSlack>
          <PercentComplete>0</PercentComplete>
          <PercentWorkComplete>0</PercentWorkComplete>
          <ActualDuration>PT0H0M0S</ActualDuration>
          <RemainingDuration>PT120H0M0S</RemainingDuration>
          <ConstraintType>4</ConstraintType>
          <CalendarUID>1</CalendarUID>
          <ConstraintDate>2026-01-26T08:00:00</ConstraintDate>
          <IgnoreResourceCalendar>1</IgnoreResourceCalendar>
          <Notes>Starts 2026-01-26 08:00 in the run, held to the status date; links alone give 2026-01-19 08:00.</Notes>
          <PredecessorLink>
            <PredecessorUID>2</PredecessorUID>
            <Type>3</Type>
            <CrossProject>0</CrossProject>
            <LinkLag>24000</LinkLag>
            <LagFormat>9</LagFormat>
          </PredecessorLink>
          <PredecessorLink>
            <PredecessorUID>3</PredecessorUID>
            <Type>0</Type>
            <CrossProject>0</CrossProject>
            <LinkLag>0</LinkLag>
            <LagFormat>7</LagFormat>
          </PredecessorLink>
          <ExtendedAttribute>
            <FieldID>188743731</FieldID>
            <Value>frame</Value>
          </ExtendedAttribute>
          <ExtendedAttribute>
            <FieldID>188743752</FieldID>
            <Value>0</Value>
          </ExtendedAttribute>
    ----

          <UID>6</UID>
          <ID>6</ID>
          <Name>grid</Name>
          <Active>1</Active>
          <Manual>0</Manual>
          <Type>1</Type>
          <IsNull>0</IsNull>
          <WBS>6</WBS>
          <OutlineNumber>6</OutlineNumber>
          <OutlineLevel>1</OutlineLevel>
          <Priority>500</Priority>
          <Start>2026-03-02T08:00:00</Start>
          <Finish>2026-03-06T17:00:00</Finish>
          <Duration>PT40H0M0S</Duration>
          <DurationFormat>9</DurationFormat>
          <EffortDriven>0</EffortDriven>
          <Estimated>0</Estimated>
          <Milestone>0</Milestone>
          <Summary>0</Summary>
          <Critical>0</Critical>
          <EarlyStart>2026-03-02T08:00:00</EarlyStart>
          <EarlyFinish>2026-03-06T17:00:00</EarlyFinish>
          <LateStart>2026-03-04T08:00:00</LateStart>
          <LateFinish>2026-03-10T17:00:00</LateFinish>
          <FreeSlack>0</FreeSlack>
          <TotalSlack>9600</TotalSlack>
          <PercentComplete>0</PercentComplete>
          <PercentWorkComplete>0</PercentWorkComplete>
          <ActualDuration>PT0H0M0S</ActualDuration>
          <RemainingDuration>PT40H0M0S</RemainingDuration>
          <ConstraintType>0</ConstraintType>
          <CalendarUID>1</CalendarUID>
          <IgnoreResourceCalendar>1</IgnoreResourceCalendar>
          <PredecessorLink>
            <PredecessorUID>5</PredecessorUID>
            <Type>1</Type>
            <CrossProject>0</CrossProject>
            <LinkLag>0</LinkLag>
            <LagFormat>7</LagFormat>
          </PredecessorLink>
          <PredecessorLink>
            <PredecessorUID>2</PredecessorUID>
            <Type>1</Type>
            <CrossProject>0</CrossProject>
            <LinkLag>0</LinkLag>
            <LagFormat>7</LagFormat>
          </PredecessorLink>
          <ExtendedAttribute>
            <FieldID>188743731</FieldID>
            <Value>grid</Value>
          </ExtendedAttribute>
          <ExtendedAttribute>
            <FieldID>188743752</FieldID>
            <Value>1</Value>
          </ExtendedAttribute>
          <Baseline>
            <Number>0</Number>
            <Finish>2026-03-02T17:00:00</Finish>
          </Baseline>
    ----

          <UID>18</UID>
          <ID>18</ID>
          <Name>hall-2.fit-out</Name>
          <Active>1</Active>
          <Manual>0</Manual>
          <Type>1</Type>
          <IsNull>0</IsNull>
          <WBS>9.1</WBS>
          <OutlineNumber>9.1</OutlineNumber>
          <OutlineLevel>2</OutlineLevel>
          <Priority>500</Priority>
          <Start>2026-02-26T08:00:00</Start>
          <Finish>2026-03-04T17:00:00</Finish>
          <Duration>PT40H0M0S</Duration>
          <DurationFormat>9</DurationFormat>
          <EffortDriven>0</EffortDriven>
          <Estimated>0</Estimated>
          <Milestone>0</Milestone>
          <Summary>0</Summary>
          <Critical>0</Critical>
          <EarlyStart>2026-02-26T08:00:00</EarlyStart>
          <EarlyFinish>2026-03-04T17:00:00</EarlyFinish>
          <LateStart>2026-03-04T08:00:00</LateStart>
          <LateFinish>2026-03-10T17:00:00</LateFinish>
          <FreeSlack>9600</FreeSlack>
          <TotalSlack>19200</TotalSlack>
          <PercentComplete>0</PercentComplete>
          <PercentWorkComplete>0</PercentWorkComplete>
          <ActualDuration>PT0H0M0S</ActualDuration>
          <RemainingDuration>PT40H0M0S</RemainingDuration>
          <ConstraintType>4</ConstraintType>
          <CalendarUID>1</CalendarUID>
          <ConstraintDate>2026-02-26T08:00:00</ConstraintDate>
          <IgnoreResourceCalendar>1</IgnoreResourceCalendar>
          <Notes>Starts 2026-02-26 08:00 in the run, having waited for team; links alone give 2026-02-19 08:00.</Notes>
          <PredecessorLink>
            <PredecessorUID>4</PredecessorUID>
            <Type>1</Type>
            <CrossProject>0</CrossProject>
            <LinkLag>0</LinkLag>
            <LagFormat>7</LagFormat>
          </PredecessorLink>
          <ExtendedAttribute>
            <FieldID>188743731</FieldID>
            <Value>hall-2.fit-out</Value>
          </ExtendedAttribute>
          <ExtendedAttribute>
            <FieldID>188743752</FieldID>
            <Value>0</Value>
          </ExtendedAttribute>
    "#);
    let calendar = xml.split("<Exceptions>").nth(1).unwrap().split("</Exceptions>").next();
    assert_snapshot!(calendar.unwrap(), @r#"

    <Exception>
      <EnteredByOccurrences>0</EnteredByOccurrences>
      <TimePeriod>
        <FromDate>2026-02-16T00:00:00</FromDate>
        <ToDate>2026-02-18T23:59:00</ToDate>
      </TimePeriod>
      <Occurrences>3</Occurrences>
      <Name>closed</Name>
      <Type>1</Type>
      <DayWorking>0</DayWorking>
    </Exception>
    "#);
    let crews = xml.split("  <Resources>").nth(1).unwrap().split("</Assignment>").next();
    assert_snapshot!(crews.unwrap(), @r#"

      <Resource>
        <UID>1</UID>
        <ID>1</ID>
        <Name>team</Name>
        <Type>1</Type>
        <IsNull>0</IsNull>
        <MaxUnits>1</MaxUnits>
        <CanLevel>1</CanLevel>
      </Resource>
    </Resources>
    <Assignments>
      <Assignment>
        <UID>1</UID>
        <TaskUID>10</TaskUID>
        <ResourceUID>1</ResourceUID>
        <PercentWorkComplete>0</PercentWorkComplete>
        <ActualWork>PT0H0M0S</ActualWork>
        <Finish>2026-02-25T17:00:00</Finish>
        <RemainingWork>PT40H0M0S</RemainingWork>
        <Start>2026-02-19T08:00:00</Start>
        <Units>1</Units>
        <Work>PT40H0M0S</Work>
    "#);
}

// ------------------------------------------------------------------------------- other formats

fn exported(format: &str, more: &[&str]) -> String {
    let args = [&["export", "site.yaml", "--format", format], more].concat();
    Fixture::new().file("site.yaml", SHED).run(args).fine()
}

#[test]
fn the_network_is_a_digraph() {
    assert_snapshot!(exported("dot", &["--only", "*r*"]), @r#"
    digraph "Shed: a \"small\" site; #1 <test> & co" {
      label="Shed: a \"small\" site; #1 <test> & co";
      labelloc=t;
      rankdir=LR;
      fontname="Helvetica";
      node [shape=box, style=filled, fillcolor=white, fontname="Helvetica", fontsize=10];
      edge [fontname="Helvetica", fontsize=9];
      "permit" [label="permit\n2026-01-05", shape=diamond, fillcolor=lightgrey];
      "ground" [label="ground\n2026-01-12 to 2026-01-28", fillcolor=lightyellow];
      "frame" [label="frame\nFrame, 'steel'; 100%\n2026-01-26 to 2026-02-13"];
      "order" [label="order\n2026-02-02 to 2026-03-02", style="filled,bold", penwidth=2.5];
      "grid" [label="grid\n2026-03-02 to 2026-03-06", style="filled,bold", penwidth=2.5];
      subgraph cluster_1 {
        label="lot-1";
        "lot-1.transit" [label="lot-1.transit\n2026-03-02 to 2026-03-09"];
      }
      subgraph cluster_2 {
        label="hall-1";
        "hall-1.unit-1.burn-in" [label="hall-1.unit-1.burn-in\n2026-03-13 to 2026-03-20"];
      }
      subgraph cluster_3 {
        label="hall-2";
        "hall-2.unit-1.burn-in" [label="hall-2.unit-1.burn-in\n2026-03-17 to 2026-03-24", style="filled,bold", penwidth=2.5];
      }
      "permit" -> "ground";
      "ground" -> "frame" [label="SS+1w"];
      "ground" -> "frame" [label="FF+2d"];
      "permit" -> "order" [label="FS+2ew"];
      "order" -> "grid" [style=bold, penwidth=2.5];
      "ground" -> "grid";
    }
    "#);
}

#[test]
fn the_critical_path_has_the_crews_it_waited_for() {
    assert_snapshot!(exported("dot", &["--critical"]), @r#"
    digraph "Shed: a \"small\" site; #1 <test> & co" {
      label="Shed: a \"small\" site; #1 <test> & co";
      labelloc=t;
      rankdir=LR;
      fontname="Helvetica";
      node [shape=box, style=filled, fillcolor=white, fontname="Helvetica", fontsize=10];
      edge [fontname="Helvetica", fontsize=9];
      "order" [label="order\n2026-02-02 to 2026-03-02", style="filled,bold", penwidth=2.5];
      "grid" [label="grid\n2026-03-02 to 2026-03-06", style="filled,bold", penwidth=2.5];
      subgraph cluster_1 {
        label="hall-1";
        "hall-1.ist" [label="hall-1.ist\n2026-03-09 to 2026-03-11", style="filled,bold", penwidth=2.5];
        "hall-1.unit-1.install" [label="hall-1.unit-1.install\n2026-03-12 to 2026-03-13", style="filled,bold", penwidth=2.5];
      }
      subgraph cluster_2 {
        label="hall-2";
        "hall-2.unit-1.install" [label="hall-2.unit-1.install\n2026-03-16 to 2026-03-17", style="filled,bold", penwidth=2.5];
        "hall-2.unit-1.burn-in" [label="hall-2.unit-1.burn-in\n2026-03-17 to 2026-03-24", style="filled,bold", penwidth=2.5];
        "hall-2.unit-1.test" [label="hall-2.unit-1.test\n2026-03-24 to 2026-03-31", style="filled,bold", penwidth=2.5];
        "hall-2.unit-1.accept" [label="hall-2.unit-1.accept\n2026-04-01", style="filled,bold", penwidth=2.5];
      }
      "order" -> "grid" [style=bold, penwidth=2.5];
      "grid" -> "hall-1.ist" [style=bold, penwidth=2.5];
      "hall-1.ist" -> "hall-1.unit-1.install" [style=bold, penwidth=2.5];
      "hall-2.unit-1.install" -> "hall-2.unit-1.burn-in" [style=bold, penwidth=2.5];
      "hall-2.unit-1.burn-in" -> "hall-2.unit-1.test" [style=bold, penwidth=2.5];
      "hall-2.unit-1.test" -> "hall-2.unit-1.accept" [style=bold, penwidth=2.5];
      "hall-1.unit-1.install" -> "hall-2.unit-1.install" [label="team", style="dashed,bold", penwidth=2.5];
    }
    "#);
}

#[test]
fn the_gantt_chart_has_sections_and_states() {
    assert_snapshot!(exported("mermaid", &[]), @r#"
    gantt
      title Shed#58; a #34;small#34; site#59; #35;1 #60;test#62; #38; co
      dateFormat YYYY-MM-DD HH:mm
      axisFormat %Y-%m-%d
      todayMarker off
      section site
      permit :done, milestone, 2026-01-05 00:00, 0d
      ground :active, 2026-01-12 00:00, 2026-01-28 17:00
      Frame, 'steel'#59; 100#37; :2026-01-26 08:00, 2026-02-13 17:00
      order :crit, 2026-02-02 00:00, 2026-03-02 00:00
      grid :crit, 2026-03-02 08:00, 2026-03-06 17:00
      section lot-1
      transit :2026-03-02 00:00, 2026-03-09 00:00
      section hall-1
      fit-out :2026-02-19 08:00, 2026-02-25 17:00
      ist :crit, 2026-03-09 08:00, 2026-03-11 17:00
      unit-1.install :crit, 2026-03-12 08:00, 2026-03-13 17:00
      unit-1.burn-in :2026-03-13 17:00, 2026-03-20 17:00
      unit-1.test :2026-03-20 17:00, 2026-03-27 17:00
      unit-1.accept :2026-03-30 08:00, 2026-03-30 17:00
      section hall-2
      fit-out :2026-02-26 08:00, 2026-03-04 17:00
      ist :2026-03-09 08:00, 2026-03-11 17:00
      unit-1.install :crit, 2026-03-16 08:00, 2026-03-17 17:00
      unit-1.burn-in :crit, 2026-03-17 17:00, 2026-03-24 17:00
      unit-1.test :crit, 2026-03-24 17:00, 2026-03-31 17:00
      unit-1.accept :crit, 2026-04-01 08:00, 2026-04-01 17:00
    "#);
}

#[test]
fn milestones_are_calendar_days() {
    let text = exported("ical", &[]);
    assert!(text.ends_with("END:VCALENDAR\r\n"));
    assert_snapshot!(text.replace("\r\n", "\n"), @r#"
    BEGIN:VCALENDAR
    VERSION:2.0
    PRODID:-//energize//energize//EN
    CALSCALE:GREGORIAN
    X-WR-CALNAME:Shed: a "small" site\; #1 <test> & co
    BEGIN:VEVENT
    UID:milestone-permit@shed.energize
    DTSTAMP:20260126T000000Z
    DTSTART;VALUE=DATE:20260105
    DTEND;VALUE=DATE:20260106
    SUMMARY:permit (shed)
    DESCRIPTION:permit. 2026-01-05 00:00. Likely values\, not a P50.
    CATEGORIES:MILESTONE
    TRANSP:TRANSPARENT
    END:VEVENT
    BEGIN:VEVENT
    UID:energised-grid@shed.energize
    DTSTAMP:20260126T000000Z
    DTSTART;VALUE=DATE:20260306
    DTEND;VALUE=DATE:20260307
    SUMMARY:grid energised (shed)
    DESCRIPTION:5.0 grid MW. 2026-03-06 17:00\, 4 days after the promised 2026-
     03-02. Likely values\, not a P50.
    CATEGORIES:ENERGISATION
    TRANSP:TRANSPARENT
    END:VEVENT
    BEGIN:VEVENT
    UID:rfs-hall-1@shed.energize
    DTSTAMP:20260126T000000Z
    DTSTART;VALUE=DATE:20260311
    DTEND;VALUE=DATE:20260312
    SUMMARY:hall-1 ready for service (shed)
    DESCRIPTION:1.0 IT MW. 2026-03-11 17:00. Likely values\, not a P50.
    CATEGORIES:RFS
    TRANSP:TRANSPARENT
    END:VEVENT
    BEGIN:VEVENT
    UID:rfs-hall-2@shed.energize
    DTSTAMP:20260126T000000Z
    DTSTART;VALUE=DATE:20260311
    DTEND;VALUE=DATE:20260312
    SUMMARY:hall-2 ready for service (shed)
    DESCRIPTION:1.0 IT MW. 2026-03-11 17:00. Likely values\, not a P50.
    CATEGORIES:RFS
    TRANSP:TRANSPARENT
    END:VEVENT
    BEGIN:VEVENT
    UID:online-first@shed.energize
    DTSTAMP:20260126T000000Z
    DTSTART;VALUE=DATE:20260330
    DTEND;VALUE=DATE:20260331
    SUMMARY:first capacity online (shed)
    DESCRIPTION:Planned in all: 0.8 IT MW. 2026-03-30 17:00. Likely values\, no
     t a P50.
    CATEGORIES:CAPACITY
    TRANSP:TRANSPARENT
    END:VEVENT
    BEGIN:VEVENT
    UID:online-half@shed.energize
    DTSTAMP:20260126T000000Z
    DTSTART;VALUE=DATE:20260330
    DTEND;VALUE=DATE:20260331
    SUMMARY:half of the capacity online (shed)
    DESCRIPTION:Planned in all: 0.8 IT MW. 2026-03-30 17:00. Likely values\, no
     t a P50.
    CATEGORIES:CAPACITY
    TRANSP:TRANSPARENT
    END:VEVENT
    BEGIN:VEVENT
    UID:online-all@shed.energize
    DTSTAMP:20260126T000000Z
    DTSTART;VALUE=DATE:20260401
    DTEND;VALUE=DATE:20260402
    SUMMARY:all capacity online (shed)
    DESCRIPTION:Planned in all: 0.8 IT MW. 2026-04-01 17:00\, 30 days before th
     e promised 2026-05-01. Likely values\, not a P50.
    CATEGORIES:CAPACITY
    TRANSP:TRANSPARENT
    END:VEVENT
    BEGIN:VEVENT
    UID:long-stop-tenant@shed.energize
    DTSTAMP:20260126T000000Z
    DTSTART;VALUE=DATE:20261231
    DTEND;VALUE=DATE:20270101
    SUMMARY:tenant: long stop (shed)
    DESCRIPTION:Past this day without service the customer may terminate.
    CATEGORIES:CONTRACT
    TRANSP:TRANSPARENT
    END:VEVENT
    END:VCALENDAR
    "#);
}

#[test]
fn dates_and_floats_have_the_columns_of_schedule() {
    assert_snapshot!(exported("csv", &[]), @r#"
    uid,code,name,kind,early_start,early_finish,late_start,late_finish,total_float_h,free_float_h,critical,driving,start,finish
    permit,permit,permit,milestone,2026-01-05T00:00,2026-01-05T00:00,2026-01-05T00:00,2026-01-05T00:00,0.0,0.0,0,,2026-01-05T00:00,2026-01-05T00:00
    ground,ground,ground,task,2026-01-12T00:00,2026-01-28T17:00,2026-01-12T00:00,2026-02-25T17:00,136.0,80.0,0,,2026-01-12T00:00,2026-01-28T17:00
    frame,frame,"Frame, 'steel'; 100%",task,2026-01-26T08:00,2026-02-13T17:00,2026-02-04T08:00,2026-02-27T17:00,56.0,0.0,0,,2026-01-26T08:00,2026-02-13T17:00
    order,order,order,task,2026-02-02T00:00,2026-03-02T00:00,2026-02-02T08:00,2026-03-02T08:00,8.0,8.0,0,,2026-02-02T00:00,2026-03-02T00:00
    grid,grid,grid,task,2026-03-02T08:00,2026-03-06T17:00,2026-03-02T08:00,2026-03-06T17:00,0.0,0.0,1,order,2026-03-02T08:00,2026-03-06T17:00
    lot-1.transit,lot-1.transit,lot-1.transit,task,2026-03-02T00:00,2026-03-09T00:00,2026-03-23T17:00,2026-03-30T17:00,521.0,521.0,0,,2026-03-02T00:00,2026-03-09T00:00
    hall-1.fit-out,hall-1.fit-out,hall-1.fit-out,task,2026-02-19T08:00,2026-02-25T17:00,2026-03-02T08:00,2026-03-06T17:00,56.0,56.0,0,frame,2026-02-19T08:00,2026-02-25T17:00
    hall-1.ist,hall-1.ist,hall-1.ist,task,2026-03-09T08:00,2026-03-11T17:00,2026-03-09T08:00,2026-03-11T17:00,0.0,0.0,1,grid,2026-03-09T08:00,2026-03-11T17:00
    hall-1.unit-1.install,hall-1.unit-1.install,hall-1.unit-1.install,task,2026-03-12T08:00,2026-03-13T17:00,2026-03-12T08:00,2026-03-13T17:00,0.0,0.0,1,hall-1.ist,2026-03-12T08:00,2026-03-13T17:00
    hall-1.unit-1.burn-in,hall-1.unit-1.burn-in,hall-1.unit-1.burn-in,task,2026-03-13T17:00,2026-03-20T17:00,2026-03-16T08:00,2026-03-23T08:00,63.0,0.0,0,hall-1.unit-1.install,2026-03-13T17:00,2026-03-20T17:00
    hall-1.unit-1.test,hall-1.unit-1.test,hall-1.unit-1.test,task,2026-03-20T17:00,2026-03-27T17:00,2026-03-23T08:00,2026-03-30T08:00,63.0,63.0,0,hall-1.unit-1.burn-in,2026-03-20T17:00,2026-03-27T17:00
    hall-1.unit-1.accept,hall-1.unit-1.accept,hall-1.unit-1.accept,task,2026-03-30T08:00,2026-03-30T17:00,2026-03-30T08:00,2026-03-30T17:00,0.0,0.0,1,hall-1.unit-1.test,2026-03-30T08:00,2026-03-30T17:00
    hall-2.fit-out,hall-2.fit-out,hall-2.fit-out,task,2026-02-19T08:00,2026-02-25T17:00,2026-03-02T08:00,2026-03-06T17:00,56.0,56.0,0,frame,2026-02-26T08:00,2026-03-04T17:00
    hall-2.ist,hall-2.ist,hall-2.ist,task,2026-03-09T08:00,2026-03-11T17:00,2026-03-09T08:00,2026-03-11T17:00,0.0,0.0,1,grid,2026-03-09T08:00,2026-03-11T17:00
    hall-2.unit-1.install,hall-2.unit-1.install,hall-2.unit-1.install,task,2026-03-12T08:00,2026-03-13T17:00,2026-03-12T08:00,2026-03-13T17:00,0.0,0.0,1,hall-2.ist,2026-03-16T08:00,2026-03-17T17:00
    hall-2.unit-1.burn-in,hall-2.unit-1.burn-in,hall-2.unit-1.burn-in,task,2026-03-13T17:00,2026-03-20T17:00,2026-03-16T08:00,2026-03-23T08:00,63.0,0.0,0,hall-2.unit-1.install,2026-03-17T17:00,2026-03-24T17:00
    hall-2.unit-1.test,hall-2.unit-1.test,hall-2.unit-1.test,task,2026-03-20T17:00,2026-03-27T17:00,2026-03-23T08:00,2026-03-30T08:00,63.0,63.0,0,hall-2.unit-1.burn-in,2026-03-24T17:00,2026-03-31T17:00
    hall-2.unit-1.accept,hall-2.unit-1.accept,hall-2.unit-1.accept,task,2026-03-30T08:00,2026-03-30T17:00,2026-03-30T08:00,2026-03-30T17:00,0.0,0.0,1,hall-2.unit-1.test,2026-04-01T08:00,2026-04-01T17:00
    "#);
}

// ------------------------------------------------------------------------------------ the verb

#[test]
fn the_name_of_the_file_says_the_format() {
    let fixture = Fixture::new().file("site.yaml", SHED);
    for (name, begins) in [
        ("a.xml", "<?xml"),
        ("a.DOT", "digraph"),
        ("a.gv", "digraph"),
        ("a.mmd", "gantt"),
        ("a.ics", "BEGIN:VCALENDAR"),
        ("a.csv", "uid,code"),
    ] {
        assert_eq!(fixture.run(["export", "site.yaml", "-o", name]).fine(), "");
        assert!(fixture.read(name).starts_with(begins), "{name}");
    }
    let names = fixture.names(".");
    assert_eq!(names.len(), 7, "no temporary file is left: {names:?}");
}

#[test]
fn what_cannot_be_exported_is_refused() {
    let fixture = Fixture::new().file("site.yaml", SHED);
    let refusals = [
        &["export", "site.yaml"][..],
        &["export", "site.yaml", "-o", "out.pdf"],
        &["export", "site.yaml", "-o", "out.csv", "--critical"],
        &["export", "site.yaml", "-o", "out.dot", "--only", "hall-9*"],
    ];
    let told: Vec<String> =
        refusals.iter().map(|args| fixture.run(args.iter().copied()).refused(2)).collect();
    assert_snapshot!(told.join(""), @r#"
    error: expected --format or -o FILE; formats are mspdi (.xml), dot (.dot, .gv), mermaid (.mmd), ical (.ics), csv (.csv)
    error: expected --format, as out.pdf does not end in one of: mspdi (.xml), dot (.dot, .gv), mermaid (.mmd), ical (.ics), csv (.csv)
    error: --only and --critical choose what dot and mermaid draw; other formats tell everything
    error: no activity to draw matches `hall-9*`
    "#);
    assert_eq!(fixture.names("."), ["site.yaml"]);
    let ran = fixture.run(["export", "site.yaml", "-o", "no/such/folder.csv"]);
    assert_eq!(ran.code, Some(3), "{ran}");
}

#[cfg(unix)]
#[test]
fn a_link_stays_and_what_it_points_to_is_replaced() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let fixture = Fixture::new().file("site.yaml", SHED).file("real.csv", "old");
    fs::set_permissions(fixture.path("real.csv"), fs::Permissions::from_mode(0o600)).unwrap();
    symlink("real.csv", fixture.path("link.csv")).unwrap();
    fixture.run(["export", "site.yaml", "-o", "link.csv"]).fine();
    assert!(fixture.path("link.csv").is_symlink());
    assert!(fixture.read("real.csv").starts_with("uid,"));
    let mode = fs::metadata(fixture.path("real.csv")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "who could not read it still cannot");
}
