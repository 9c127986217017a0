//! A run as Gantt data: few enough rows that a person reads them.

use std::collections::{BTreeMap, BTreeSet};

use super::super::tables::grouped;
use super::ramp::{LIKELY, title};
use super::{Chart, Figure, Kind, Table, Told, Trials};
use crate::analysis::{Run, loan_name, scarce_name};
use crate::model::timeline::{WaitFor, WaitsBy};
use crate::model::{Progress, Site, Wait};
use crate::plot::{self, Row};
use crate::time::{Minute, Span};

/// More rows than this are summed up group by group.
const ROWS_MAX: usize = 60;

/// More activities of the site itself than this are summed up too: nobody reads a longer page.
const SINGLES_MAX: usize = 200;

/// Activities by group (site, buildings, lots, halls) with the critical path, floats, promises and
/// waits.
///
/// The steps of units are one row for each hall and step. Where that makes more than 60 rows, each
/// building and hall keeps its critical activities and the one that makes it ready; the others are
/// drawn as one bar.
pub fn gantt_chart(site: &Site, run: &Run) -> plot::Gantt {
    gantt(site, run, None)
}

fn gantt(site: &Site, run: &Run, trials: Option<&Trials>) -> plot::Gantt {
    let groups = groups(site);
    let count: usize = groups.iter().map(|group| group.single.len() + group.steps.len()).sum();
    let mut rows = Vec::new();
    let drawing = Drawing::new(site, run, trials);
    for group in &groups {
        let drawn = group.rows(&drawing, count > ROWS_MAX);
        rows.extend(drawn.into_iter().map(|row| Row { group: group.name.clone(), ..row }));
    }
    plot::Gantt {
        title: format!("{}: programme", title(site)),
        subtitle: match trials {
            Some(trials) => format!(
                "dates of {LIKELY}; colour: share of {} trials in which an activity is critical",
                grouped(trials.overall.trials.into())
            ),
            None => format!("critical path with crews and racks, float by logic alone; {LIKELY}"),
        },
        rows,
        status: site.plan.status.map(Minute::day),
        span: None,
    }
}

/// Every activity with its row, whatever their number; rows of one group stand together.
pub(in crate::report) fn every_row(told: &Told<'_>) -> Vec<(u32, Row)> {
    let site = told.site;
    let drawing = Drawing::new(site, told.run, told.trials);
    let mut rows = Vec::with_capacity(site.plan.activities.len());
    for group in groups(site) {
        let mut members = group.single;
        members.extend(group.steps.into_iter().flat_map(|step| step.1));
        members.sort_unstable();
        let row = |index| {
            let mut row = Row { group: group.name.clone(), ..bar(&drawing, index) };
            let activity = &site.plan.activities[index as usize];
            let within = activity.id.strip_prefix(&group.name).and_then(|id| id.strip_prefix('.'));
            if let Some(within) = within.filter(|_| activity.title.is_empty()) {
                row.label = within.to_owned();
            }
            (index, row)
        };
        rows.extend(members.into_iter().map(row));
    }
    rows
}

/// What every row is drawn from.
struct Drawing<'r> {
    site: &'r Site,
    run: &'r Run,
    critical: BTreeSet<u32>,
    /// Share of trials in which an activity is critical, by id; those of which it is 0 may be left
    /// out.
    criticality: Option<BTreeMap<&'r str, f64>>,
    waits: WaitsBy<'r>,
}

impl<'r> Drawing<'r> {
    fn new(site: &'r Site, run: &'r Run, trials: Option<&'r Trials>) -> Drawing<'r> {
        let criticality = trials.map(|trials| {
            let of = trials.overall.activities.iter();
            of.map(|activity| (activity.id.as_str(), activity.criticality)).collect()
        });
        let critical = run.critical_path.iter().map(|driver| driver.activity).collect();
        Drawing { site, run, critical, criticality, waits: run.timeline.waits_by_activity() }
    }

    /// Share of trials in which an activity is critical.
    fn share(&self, index: u32) -> Option<f64> {
        let id = self.site.plan.activities[index as usize].id.as_str();
        self.criticality.as_ref().map(|all| all.get(id).copied().unwrap_or(0.0))
    }
}

/// Activities that stand together.
struct Group {
    name: String,
    /// Drawn one by one, if there is room.
    single: Vec<u32>,
    /// Steps of units: name, activities.
    steps: Vec<(String, Vec<u32>)>,
    /// Whether it may be summed up.
    repeated: bool,
}

fn groups(site: &Site) -> Vec<Group> {
    let group = |name: &str, repeated| Group {
        name: name.to_owned(),
        single: Vec::new(),
        steps: Vec::new(),
        repeated,
    };
    let mut groups = vec![group("site", false)];
    for (index, activity) in site.plan.activities.iter().enumerate() {
        let parent = activity.id.rsplit_once('.').map_or("site", |(parent, _)| parent);
        let of_lot = site.lots.iter().any(|lot| lot.id == parent);
        let name = match activity.hall {
            Some(hall) => site.halls[hall as usize].id.as_str(),
            None if of_lot => "lots",
            None => parent,
        };
        let at = groups.iter().position(|group| group.name == name).unwrap_or_else(|| {
            groups.push(group(name, true));
            groups.len() - 1
        });
        let (step, index) = (activity.step(), index as u32);
        match (activity.unit, groups[at].steps.iter().position(|(name, _)| name == step)) {
            (None, _) => groups[at].single.push(index),
            (Some(_), Some(known)) => groups[at].steps[known].1.push(index),
            (Some(_), None) => groups[at].steps.push((step.to_owned(), vec![index])),
        }
    }
    groups.retain(|group| !group.single.is_empty() || !group.steps.is_empty());
    groups
}

impl Group {
    fn rows(&self, drawing: &Drawing<'_>, brief: bool) -> Vec<Row> {
        let Drawing { site, critical, .. } = drawing;
        let ready = |index: &u32| site.halls.iter().any(|hall| hall.ready == *index);
        let milestones: Vec<u32> = self
            .single
            .iter()
            .copied()
            .filter(|&index| !self.repeated && site.plan.activities[index as usize].milestone)
            .take(ROWS_MAX)
            .collect();
        let marks = |index: &u32| milestones.binary_search(index).is_ok();
        let brief = brief && (self.repeated || self.single.len() > SINGLES_MAX);
        let (kept, others): (Vec<u32>, Vec<u32>) = self
            .single
            .iter()
            .partition(|index| !brief || critical.contains(index) || ready(index) || marks(index));
        let mut rows = Vec::new();
        let mut sum = |label: String, members: &[u32]| {
            rows.extend(summed(drawing, label, members));
        };
        match others.len() {
            0 => {}
            1 => sum(site.plan.activities[others[0] as usize].step().to_owned(), &others),
            count if kept.is_empty() => sum(format!("{count} activities"), &others),
            count => sum(format!("{count} other activities"), &others),
        }
        if brief {
            let all: Vec<u32> = self.steps.iter().flat_map(|step| step.1.clone()).collect();
            if let Some((_, first)) = self.steps.first() {
                sum(format!("{} units, install to accept", first.len()), &all);
            }
        } else {
            for (step, members) in &self.steps {
                sum(format!("{step}, {} units", members.len()), members);
            }
        }
        let units = rows.split_off(usize::from(!others.is_empty()).min(rows.len()));
        rows.extend(kept.iter().map(|&index| bar(drawing, index)));
        rows.extend(units);
        rows
    }
}

/// One bar from the first start to the last finish of several activities.
fn summed(drawing: &Drawing<'_>, label: String, members: &[u32]) -> Option<Row> {
    let Drawing { site, run, critical, .. } = drawing;
    let (start, finish) = (&run.timeline.start, &run.timeline.finish);
    let begun = members.iter().map(|&index| start[index as usize]).min()?;
    let over = members.iter().map(|&index| finish[index as usize]).max()?;
    let mut row = Row::new(label, begun, over);
    row.critical = members.iter().any(|index| critical.contains(index));
    let shares = members.iter().filter_map(|&index| drawing.share(index));
    row.criticality = shares.max_by(f64::total_cmp);
    let done = |index: &&u32| site.plan.activities[**index as usize].is_finished();
    let started = |index: &&u32| site.plan.activities[**index as usize].progress != Progress::Open;
    row.progress = match (members.iter().filter(done).count(), members.iter().find(started)) {
        (count, _) if count == members.len() => plot::Progress::Done,
        (_, Some(_)) => plot::Progress::UnderWay,
        (_, None) => plot::Progress::Planned,
    };
    Some(row)
}

fn bar(drawing: &Drawing<'_>, index: u32) -> Row {
    let Drawing { site, run, critical, waits, .. } = drawing;
    let activity = &site.plan.activities[index as usize];
    let (start, finish) = (run.timeline.start[index as usize], run.timeline.finish[index as usize]);
    let label = if activity.title.is_empty() { activity.step() } else { &activity.title };
    let mut row = Row::new(label, start, finish);
    row.critical = critical.contains(&index);
    row.criticality = drawing.share(index);
    row.milestone = activity.milestone;
    // Float is that of logic alone; on a chain that crews made critical it would mislead.
    let float = run.dates.total_float[index as usize].filter(|_| !row.critical);
    row.float_days = float.map(|float| {
        let calendar = site.plan.calendar(index);
        (calendar.finish(finish, float.max(Span::ZERO)) - finish).days()
    });
    row.plan = site.promised(index).map(|day| (day.start(), day.start()));
    row.progress = match activity.progress {
        Progress::Open => plot::Progress::Planned,
        Progress::Started { .. } => plot::Progress::UnderWay,
        Progress::Finished { .. } => plot::Progress::Done,
    };
    row.waits = waits
        .of(index)
        .iter()
        .filter(|wait| wait.until.happens())
        .map(|wait| plot::Wait { from: wait.from, until: wait.until, what: wait_name(site, wait) })
        .collect();
    row
}

fn wait_name(site: &Site, wait: &Wait) -> String {
    match wait.what {
        WaitFor::Scarce(scarce) => scarce_name(site, scarce).to_owned(),
        WaitFor::HeldFinish => "held finish".into(),
        WaitFor::PastLead => "late lead".into(),
        WaitFor::Funding { loan, .. } => format!("funding by {}", loan_name(site, loan)),
    }
}

/// The programme; with trials its bars tell how often each is critical.
pub(super) fn gantt_figure(told: &Told<'_>) -> Option<Figure> {
    let chart = gantt(told.site, told.run, told.trials);
    if chart.rows.is_empty() {
        return None;
    }
    let table = gantt_table(&chart);
    Some(Figure {
        kind: Kind::Gantt,
        name: Kind::Gantt.name().into(),
        chart: Chart::Gantt(chart),
        table,
    })
}

/// The rows of a Gantt chart.
fn gantt_table(chart: &plot::Gantt) -> Table {
    let head = ["group", "activity", "start", "finish", "critical", "float, days", "promised"];
    let mut table = Table::new(head);
    let drawn = chart.rows.iter().any(|row| row.criticality.is_some());
    if drawn {
        table.head[4] = "critical in % of trials".into();
    }
    let day = |at: Minute| if at.happens() { at.day().to_string() } else { "never".into() };
    for row in &chart.rows {
        let critical = match row.criticality {
            Some(share) => format!("{:.1}", share * 100.0),
            None if row.critical => "critical".into(),
            None => String::new(),
        };
        table.rows.push(vec![
            row.group.clone(),
            row.label.clone(),
            day(row.start),
            day(row.finish),
            critical,
            row.float_days.map_or_else(String::new, |days| format!("{days:.1}")),
            row.plan.map_or_else(String::new, |(_, finish)| day(finish)),
        ]);
    }
    table
}
