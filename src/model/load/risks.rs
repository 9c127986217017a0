//! Discrete risks: what they hit, by how much, how probably.

use super::parts::Pieces;
use super::spread::{amounts, factors, minutes};
use super::uncertainty::Build;
use crate::chance::Distribution;
use crate::model::uncertainty::{Hit, Risk, Slip};
use crate::spec::Placed;
use crate::spec::risk::{HowWord, LastMileSpec, RiskEventSpec};
use crate::spec::spread::{Spread, probability};
use crate::time::Length;

impl Build<'_> {
    pub(super) fn risk(&mut self, name: &Placed<String>, spec: &RiskEventSpec) {
        let shape = self.network.shape;
        if spec.delay.is_none() && spec.factor.is_none() && spec.cost.is_none() {
            let message = "a risk has an impact: a `delay`, a `factor` or a `cost`";
            self.wrong("risk", name.at, message);
        }
        if spec.on.is_empty() {
            self.wrong("risk", name.at, "which activities does it hit? name them in `on`");
        }
        let activities = self.ahead(&spec.on);
        let (hits, delays) = self.hits(activities, spec.delay.as_ref());
        let cost = spec.cost.as_ref().map(|cost| {
            let currency = cost.values().first().map(|amount| amount.currency);
            let spread = amounts(cost, shape, self.findings);
            (currency.unwrap_or(self.terms.fx.reporting()), spread)
        });
        let risk = Risk {
            id: name.value.clone(),
            title: spec.title.clone().unwrap_or_default(),
            probability: probability(&spec.probability, self.findings),
            delays,
            factor: spec.factor.as_ref().map(|factor| factors(factor, shape, self.findings)),
            cost,
            hits,
            parallel: spec.how == Some(HowWord::Parallel),
            each: spec.each.unwrap_or(false),
            source: spec.source.clone(),
        };
        self.out.risks.push(risk);
    }

    /// The slip of a project before it is ready for service: of what makes its halls ready, where
    /// the file names nothing else.
    pub(super) fn last_mile(&mut self, placed: &Placed<LastMileSpec>, pieces: &Pieces) {
        let spec = &placed.value;
        let mut activities = match spec.on.is_empty() {
            true => pieces.halls.iter().map(|hall| hall.ready).collect(),
            false => self.ahead(&spec.on),
        };
        if activities.is_empty() && spec.on.is_empty() {
            self.wrong("risk", placed.at, "there is no hall to slip: name activities in `on`");
        }
        activities.sort_unstable();
        let (hits, delays) = self.hits(activities, Some(&spec.delay));
        self.out.last_mile.push(Slip {
            id: "last-mile".into(),
            probability: probability(&spec.probability, self.findings),
            delays,
            hits,
            each: spec.each.unwrap_or(false),
            source: spec.source.clone(),
        });
    }

    /// Activities that a risk hits, and its delay in minutes of their calendars: those whose week
    /// is as long share one.
    fn hits(
        &mut self,
        activities: Vec<u32>,
        delay: Option<&Spread<Length>>,
    ) -> (Vec<Hit>, Vec<Distribution>) {
        let shape = self.network.shape;
        let (mut delays, mut hits) = (Vec::<(i64, i64, Distribution)>::new(), Vec::new());
        for activity in activities {
            let Some(delay) = delay else {
                hits.push(Hit { activity, delay: 0 });
                continue;
            };
            let calendar = self.network.drafts[activity as usize].activity.calendar;
            let hours = &self.network.calendars.list[usize::from(calendar)];
            let lengths = (hours.day_minutes(), hours.week_minutes());
            let known = delays.iter().position(|delay| (delay.0, delay.1) == lengths);
            let at = known.unwrap_or_else(|| {
                let spread = minutes(delay, shape, hours, self.findings);
                delays.push((lengths.0, lengths.1, spread));
                delays.len() - 1
            });
            hits.push(Hit { activity, delay: at as u32 });
        }
        (hits, delays.into_iter().map(|(_, _, spread)| spread).collect())
    }
}
