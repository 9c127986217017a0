//! Points 9 and 11 to 14: what the status date, the promises and the run say.

use std::collections::BTreeSet;

use super::{Group, Limit, Point, Scored, Tally, Verdict, rounded};
use crate::model::Progress;
use crate::model::cpm::{self, Dates};
use crate::time::{Day, Span};

/// Working days that the critical path test adds.
const TEST_DAYS: i64 = 600;

impl Scored<'_> {
    /// Points 9 and 11 to 14: what the status date and the promises say.
    pub(super) fn progress_points(&self) -> Vec<Point> {
        vec![
            self.invalid_dates(),
            self.missed_tasks(),
            self.critical_path_test(),
            self.critical_path_length_index(),
            self.baseline_execution_index(),
        ]
    }

    fn invalid_dates(&self) -> Point {
        let about = "forecasts before the status date, actual dates after it";
        let Some(status) = self.plan.status else {
            let point = Point::share(9, "invalid dates", about, Limit::Zero, Tally::none(), 0);
            return point.not_assessed("no `status_date`".into());
        };
        let timeline = &self.run.timeline;
        let wrong = self.families(|at, activity| {
            let finish = timeline.finish[at as usize];
            match activity.progress {
                Progress::Open => timeline.start[at as usize] < status || finish < status,
                Progress::Started { start, .. } => start > status || finish < status,
                Progress::Finished { start, finish } => start > status || finish > status,
            }
        });
        let all = self.families(|_, _| true).len();
        Point::share(9, "invalid dates", about, Limit::Zero, self.tally(&wrong), all)
    }

    /// Promised finishes: (activity, day).
    fn promised(&self) -> Vec<(u32, Day)> {
        let baseline = &self.site.baseline;
        let halls = baseline.halls.iter();
        let halls = halls.map(|&(hall, day)| (self.site.halls[hall as usize].ready, day));
        baseline.activities.iter().copied().chain(halls).collect()
    }

    /// Promises that were due by the status date, or why there are none.
    fn due(&self) -> Result<Vec<(u32, Day)>, String> {
        let mut promised = self.promised();
        if promised.is_empty() {
            return Err("no activity has a date in `plan:`".into());
        }
        let Some(status) = self.plan.status else { return Err("no `status_date`".into()) };
        promised.retain(|&(_, day)| (day + 1).start() <= status);
        if promised.is_empty() {
            return Err("no promise was due by the status date".into());
        }
        Ok(promised)
    }

    fn missed_tasks(&self) -> Point {
        let about = "promises due by the status date that were not or will not be kept";
        let point =
            |tally, of| Point::share(11, "missed tasks", about, Limit::AtMost(5), tally, of);
        let due = match self.due() {
            Ok(due) => due,
            Err(reason) => return point(Tally::none(), 0).not_assessed(reason),
        };
        let late =
            |&&(at, day): &&(u32, Day)| self.run.timeline.finish[at as usize] > (day + 1).start();
        let missed: BTreeSet<u32> = due.iter().filter(late).map(|&(at, _)| at).collect();
        point(self.tally(&missed), due.len())
    }

    /// Delays the first critical task by 600 d: the end must move as far.
    fn critical_path_test(&self) -> Point {
        let dates = &self.run.dates;
        let mut work = self.plan.likely_work();
        let critical = |&at: &u32| dates.is_critical(at) && work[at as usize] > Span::ZERO;
        let all = 0..self.plan.activities.len() as u32;
        let first = all.filter(critical).min_by_key(|&at| (dates.early_start[at as usize], at));
        let mut point = Point {
            number: 12,
            name: "critical path test",
            about: "whether 600 d more on the first critical task move the end as far",
            verdict: Verdict::Fail,
            reason: None,
            found: None,
            of: None,
            value: None,
            limit: "end moves",
            which: Vec::new(),
        };
        let Some(first) = first else {
            let open = self.families(|_, activity| !activity.is_finished());
            return match open.is_empty() {
                true => point.not_assessed("the work is over".into()),
                false => Point { reason: Some("no task is critical".into()), ..point },
            };
        };
        work[first as usize] += Span(TEST_DAYS * self.plan.calendar(first).day_minutes());
        let mut delayed = Dates::default();
        cpm::forward(self.plan, &work, &mut delayed);
        let moved = delayed.end() - dates.end();
        let by = delayed.early_finish[first as usize] - dates.early_finish[first as usize];
        // Calendars down the path may round a little away; a broken path swallows all of it.
        if moved.0 >= by.0 / 20 * 19 {
            point.verdict = Verdict::Pass;
        }
        point.value = Some(rounded(moved.days() / by.days()));
        let (moved, by) = (moved.days(), by.days());
        point.reason = Some(format!("the end moves {moved:.0} of {by:.0} days of the clock"));
        point.which = vec![Group { name: self.name(first), count: 1 }];
        point
    }

    fn critical_path_length_index(&self) -> Point {
        let point = Point::index(
            13,
            "critical path length index",
            "(days to the end + days to spare against its promise) / days to the end",
        );
        let Some(promised) = self.site.baseline.all_online else {
            return point.not_assessed("no `all_online` in `plan:`".into());
        };
        let end = self.run.headline.all;
        if !end.happens() {
            return point.not_assessed("capacity is never complete".into());
        }
        let length = end.day() - self.plan.data_date().day();
        if length <= 0 {
            return point.not_assessed("all capacity is online".into());
        }
        let spare = promised - end.day();
        let reason = format!("{length} d to all online on {}, {spare:+} d to spare", end.day());
        point.of_index(f64::from(length + spare) / f64::from(length), reason)
    }

    fn baseline_execution_index(&self) -> Point {
        let about = "promised activities that are over / those that were due by the status date";
        let point = Point::index(14, "baseline execution index", about);
        let due = match self.due() {
            Ok(due) => due.len(),
            Err(reason) => return point.not_assessed(reason),
        };
        let promised = self.promised();
        let over = promised.iter().filter(|&&(at, _)| self.activity(at).is_finished()).count();
        let reason = format!("{over} over, {due} due");
        let point = point.of_index(over as f64 / due as f64, reason);
        Point { found: Some(over), of: Some(due), ..point }
    }
}
