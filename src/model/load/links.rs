//! Links: names to activities, lags to working time, and what is left open.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::network::{Network, Scope};
use crate::model::{Hall, Link, LinkKind, Stage};
use crate::spec::activity::{Lag, LagCalendar, LinkSpec, LinkWord};
use crate::spec::pattern::matches_pattern;
use crate::spec::shape::clip;
use crate::spec::{Finding, Findings, Placed};
use crate::time::Span;

/// A share, in per cent, of a span in whole minutes; half a minute counts away from zero.
fn share_of(span: Span, share: Decimal) -> Span {
    let minutes =
        Decimal::from(span.0).checked_mul(share).map(|minutes| minutes / Decimal::ONE_HUNDRED);
    let rounded =
        minutes.map(|m| m.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero));
    Span(rounded.and_then(|minutes| minutes.to_i64()).unwrap_or(0))
}

impl Network {
    /// Turns the names in `after` into links.
    pub fn resolve_links(&mut self, findings: &mut Findings) {
        for to in 0..self.drafts.len() as u32 {
            let after = std::mem::take(&mut self.drafts[to as usize].after);
            for link in &after {
                for from in self.resolve(to, link, findings) {
                    let resolved = self.link(from, to, link, findings);
                    self.links.push(resolved);
                }
            }
        }
    }

    /// The activities that a link's name stands for, in file order.
    fn resolve(&self, to: u32, link: &LinkSpec, findings: &mut Findings) -> Vec<u32> {
        let name = link.from.value.as_str();
        let scope = self.drafts[to as usize].scope.as_ref();
        if name.contains('*') {
            let id = |at: &u32| self.drafts[*at as usize].activity.id.as_str();
            let all = 0..self.drafts.len() as u32;
            let found: Vec<u32> =
                all.filter(|at| *at != to && matches_pattern(name, id(at))).collect();
            if found.is_empty() {
                let message = format!("no activity matches `{}`", clip(name));
                findings.push(Finding::error("unknown-activity", link.from.at, message));
            }
            return found;
        }
        let found = scope.candidates(name).find_map(|id| self.find(&id));
        if found.is_none() {
            let message = format!("no activity is called `{}`", clip(name));
            let help = findings.nearest(name, self.names_in(scope));
            let finding = Finding::error("unknown-activity", link.from.at, message);
            findings.push(finding.maybe_help(help));
        }
        found.into_iter().collect()
    }

    /// Names that may be written without prefix in a scope.
    fn names_in<'n>(&'n self, scope: &'n Scope) -> impl Iterator<Item = &'n str> {
        self.ids().map(move |id| {
            let local = [&scope.hall, &scope.building]
                .into_iter()
                .flatten()
                .find_map(|prefix| id.strip_prefix(prefix.as_str())?.strip_prefix('.'));
            local.unwrap_or(id)
        })
    }

    fn link(&self, from: u32, to: u32, spec: &LinkSpec, findings: &mut Findings) -> Link {
        let kind = match spec.kind {
            LinkWord::FinishStart => LinkKind::FinishStart,
            LinkWord::StartStart => LinkKind::StartStart,
            LinkWord::FinishFinish => LinkKind::FinishFinish,
            LinkWord::StartFinish => LinkKind::StartFinish,
        };
        let calendar_of = |activity: u32| self.drafts[activity as usize].activity.calendar;
        let elapsed =
            |lag: &Placed<Lag>| matches!(lag.value, Lag::Length(length) if length.is_elapsed());
        let lag_calendar = match &spec.lag_calendar {
            _ if spec.lag.as_ref().is_some_and(elapsed) => 0,
            LagCalendar::Successor => calendar_of(to),
            LagCalendar::Predecessor => calendar_of(from),
            LagCalendar::Project => self.calendars.default,
            LagCalendar::Named(name) => self.calendars.find(name, findings),
        };
        let calendar = &self.calendars.list[usize::from(lag_calendar)];
        let lag = spec.lag.as_ref().map_or(Span::ZERO, |lag| match lag.value {
            Lag::Length(length) => {
                super::network::span(&Placed { at: lag.at, value: length }, calendar, findings)
            }
            Lag::Percent(share) => share_of(self.drafts[from as usize].activity.duration, share),
        });
        Link { from, to, kind, lag, lag_calendar, derived: false }
    }

    /// Adds the finish-to-start link that a shape of the file implies: unit steps, lots.
    pub fn chain(&mut self, from: u32, to: u32) {
        let kind = LinkKind::FinishStart;
        self.links.push(Link { from, to, kind, lag: Span::ZERO, lag_calendar: 0, derived: true });
    }

    /// Tests that need permanent power wait for every stage that feeds their hall (semantics C2).
    pub fn wait_for_power(&mut self, halls: &[Hall], stages: &[Stage]) {
        let waiting: Vec<(u32, u32)> = (0..self.drafts.len() as u32)
            .filter(|&at| self.drafts[at as usize].permanent_power)
            .filter_map(|at| Some((at, self.drafts[at as usize].activity.hall?)))
            .collect();
        for (activity, hall) in waiting {
            let Some(hall) = halls.get(hall as usize) else { continue };
            for stage in hall.stage_activities(stages) {
                self.chain(stage, activity);
            }
        }
    }

    /// Warns of activities that nothing comes after and whose finish makes nothing true, and of
    /// those that stand alone.
    pub fn warn_of_open_ends(&self, findings: &mut Findings) {
        let (mut enters, mut leaves) =
            (vec![false; self.drafts.len()], vec![false; self.drafts.len()]);
        for link in &self.links {
            leaves[link.from as usize] = true;
            enters[link.to as usize] = true;
        }
        let alone = self.drafts.len() == 1;
        let mut open: Vec<(&'static str, u32)> = Vec::new();
        for (at, draft) in self.drafts.iter().enumerate() {
            let activity = &draft.activity;
            let says_so = activity.milestone && enters[at];
            if alone || leaves[at] || says_so || !activity.effects.is_empty() {
                continue;
            }
            open.push((if enters[at] { DANGLING } else { UNREACHABLE }, at as u32));
        }
        for kind in [DANGLING, UNREACHABLE] {
            let of_kind = open.iter().filter(|(id, _)| *id == kind).map(|&(_, at)| at);
            self.warn_of_ends(kind, &of_kind.collect::<Vec<u32>>(), findings);
        }
    }

    /// One warning for each of a few open ends, one for all of many.
    fn warn_of_ends(&self, kind: &'static str, open: &[u32], findings: &mut Findings) {
        let draft = |at: &u32| &self.drafts[*at as usize];
        if open.len() > OPEN_ENDS_MAX {
            let what = if kind == DANGLING { "are dangling ends" } else { "stand alone" };
            let ids = open.iter().take(OPEN_ENDS_MAX).map(|at| draft(at).activity.id.as_str());
            let (ids, count) = (ids.collect::<Vec<_>>().join(", "), open.len());
            let message = format!("{count} activities {what}: {ids}, …");
            return findings.push(Finding::warning(kind, draft(&open[0]).at, message));
        }
        for draft in open.iter().map(draft) {
            let id = &draft.activity.id;
            let message = match kind {
                DANGLING => format!("`{id}` is a dangling end: nothing comes after it"),
                _ => format!("`{id}` stands alone: no link enters or leaves it"),
            };
            findings.push(Finding::warning(kind, draft.at, message));
        }
    }
}

/// The activities of a cycle that come after one of another site.
pub fn across(activities: &[u32], ids: &[String]) -> Vec<u32> {
    let site = |at: usize| ids[at].split_once('/').map(|(site, _)| site);
    let before = |at: usize| at.checked_sub(1).unwrap_or(ids.len() - 1);
    let across = (0..ids.len()).filter(|&at| site(at) != site(before(at)));
    across.map(|at| activities[at]).collect()
}

const DANGLING: &str = "dangling-activity";
const UNREACHABLE: &str = "unreachable-activity";

/// More open ends than this are told in one warning.
const OPEN_ENDS_MAX: usize = 10;

impl Scope {
    /// Full ids that a name may stand for, nearest first.
    fn candidates(&self, name: &str) -> impl Iterator<Item = String> {
        let parent = name.strip_prefix("building.").zip(self.building.as_ref());
        let explicit = parent.map(|(name, building)| format!("{building}.{name}"));
        let within =
            |prefix: &Option<String>| prefix.as_ref().map(|prefix| format!("{prefix}.{name}"));
        let local = [explicit, within(&self.hall), within(&self.building), Some(name.to_owned())];
        local.into_iter().flatten()
    }
}
