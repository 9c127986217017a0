//! Points 1 to 8 and 10: what the network says by itself.

use std::collections::BTreeSet;

use super::{Limit, Point, Scored, Tally};
use crate::model::{Activity, ConstraintKind, LinkKind};
use crate::time::Span;

/// Working days beyond which float and duration are high.
const HIGH_DAYS: i64 = 44;

impl Scored<'_> {
    /// Points 1 to 4.
    pub(super) fn logic_points(&self) -> Vec<Point> {
        let open = self.families(|_, activity| !activity.is_finished()).len();
        let (starts, finishes) = self.opens();
        let missing = self.tally(&starts.union(&finishes).copied().collect());
        let links = self.distinct(|_, _| true).len();
        let leads = self.tally_links(&self.distinct(|_, link| link.lag < Span::ZERO));
        let lags = self.tally_links(&self.distinct(|_, link| link.lag > Span::ZERO));
        let others = self.distinct(|_, link| link.kind != LinkKind::FinishStart);
        let others = self.tally_links(&others);
        let straight = links - others.count;
        let mut relations = Point::share(
            4,
            "relationship types",
            "links that are finish-to-start; named are the others",
            Limit::AtLeast(90),
            Tally { count: straight, which: others.which },
            links,
        );
        if links == 0 {
            relations = relations.not_assessed("there are no links".into());
        }
        vec![
            Point::share(
                1,
                "logic",
                "activities without predecessor or without successor",
                Limit::AtMost(5),
                missing,
                open,
            ),
            Point::share(2, "leads", "links with a lead", Limit::Zero, leads, links),
            Point::share(3, "lags", "links with a lag", Limit::AtMost(5), lags, links),
            relations,
        ]
    }

    /// Points 5 to 8 and 10: constraints, float, duration, resources.
    pub(super) fn task_points(&self) -> Vec<Point> {
        let tasks = self.families(|_, activity| is_task(activity)).len();
        let float = |at: u32| self.run.dates.total_float[at as usize].unwrap_or_default();
        let point = |number, name, about, limit, test: &dyn Fn(u32, &Activity) -> bool| {
            let found = self.families(|at, activity| is_task(activity) && test(at, activity));
            Point::share(number, name, about, limit, self.tally(&found), tasks)
        };
        let five = Limit::AtMost(5);
        let about = "tasks held to a date against their logic";
        let hard = point(5, "hard constraints", about, five, &|at, _| self.is_hard(at));
        let about = "tasks with more than 44 d of total float";
        let high = |at, _: &Activity| float(at) > self.days(at, HIGH_DAYS);
        let mut high_float = point(6, "high float", about, five, &high);
        if !self.plan.resources.is_empty() {
            high_float.reason = Some("float by logic alone, crews ignored".into());
        }
        let about = "tasks with less than no total float";
        let below = |at, _: &Activity| float(at) < Span::ZERO;
        let negative = point(7, "negative float", about, Limit::Zero, &below);
        let long = |at, activity: &Activity| activity.duration > self.days(at, HIGH_DAYS);
        let long = point(8, "high duration", "tasks longer than 44 d", five, &long);
        vec![hard, high_float, negative, long, self.resources()]
    }

    fn resources(&self) -> Point {
        let costs = self.site.terms.costs.iter();
        let costed: BTreeSet<u32> = costs.map(|cost| cost.activity).collect();
        let lasts =
            |at, activity: &Activity| is_task(activity) && activity.duration >= self.days(at, 1);
        let bare = self.families(|at, activity| {
            lasts(at, activity) && activity.needs.is_empty() && !costed.contains(&at)
        });
        let all = self.families(lasts).len();
        let about = "tasks of a day or more without crew and without cost";
        let tally = self.tally(&bare);
        let point = Point::share(10, "resources", about, Limit::None, tally, all);
        if self.plan.resources.is_empty() && costed.is_empty() {
            return point.not_assessed("the file has no crews and no costs".into());
        }
        point
    }

    fn days(&self, activity: u32, days: i64) -> Span {
        Span(days * self.plan.calendar(activity).day_minutes())
    }

    /// Whether a date, not its logic, may decide when an activity happens.
    ///
    /// No key of a site file does that: a not-before date gives way to later logic.
    fn is_hard(&self, activity: u32) -> bool {
        let soft = |kind| {
            matches!(
                kind,
                ConstraintKind::StartNoEarlier
                    | ConstraintKind::FinishNoEarlier
                    | ConstraintKind::AsLateAsPossible
            )
        };
        self.plan.scheduling.of(activity).constraints().any(|constraint| !soft(constraint.kind))
    }
}

fn is_task(activity: &Activity) -> bool {
    !activity.is_finished() && !activity.milestone
}
