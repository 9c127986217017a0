//! Activities as the file states them, on their way to the flat plan.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::calendars::Calendars;
use super::parts::Pieces;
use super::spread::{amounts, likely_amount, likely_minutes, minutes, three_points};
use super::uncertainty::Chances;
use crate::chance::Distribution;
use crate::model::plan::{Cycle, Parts};
use crate::model::{Activity, Conditions, Effect, Link, Need, Plan, Progress, Resource, Rules};
use crate::money::Amount;
use crate::spec::activity::{
    ActivitySpec, Cooling, DurationSpec, LinkSpec, MilestoneWord, Stretch,
};
use crate::spec::pattern::matches_pattern;
use crate::spec::quantity::Import;
use crate::spec::shape::clip;
use crate::spec::site::{ResourceSpec, RulesSpec, SiteSpec};
use crate::spec::spread::{ShapeWord, Spread};
use crate::spec::{At, Finding, Findings, Named, Placed, Severity, Source, nearest};
use crate::time::{Calendar, Day, Duration, Length, Minute, Span, parse_length};

/// Activities, names and links while they are gathered.
#[derive(Clone, Debug)]
pub struct Network {
    pub calendars: Calendars,
    pub resources: Vec<Resource>,
    /// Where the file states each.
    pub resource_places: Vec<At>,
    /// Loans of the portfolio that the site is in, which may fund its work too.
    pub loans_above: Vec<String>,
    pub start: Minute,
    pub status: Option<Minute>,
    /// Whose rules date it.
    pub rules: Rules,
    /// Shape of values that are written as `a < b < c`.
    pub shape: ShapeWord,
    pub drafts: Vec<Draft>,
    /// Drafts by id, once all are there; see [`Network::index`].
    by_id: Vec<u32>,
    /// Names that activities have within their halls beside their ids: `hall-1.ist`.
    pub aliases: BTreeMap<String, u32>,
    pub links: Vec<Link>,
}

/// An activity with what the next steps need to know about it.
#[derive(Clone, Debug)]
pub struct Draft {
    pub activity: Activity,
    /// Where it stands in the file.
    pub at: At,
    pub after: Vec<LinkSpec>,
    /// Where names in `after` are looked up.
    pub scope: Rc<Scope>,
    /// Whether it waits for all stages that feed its hall.
    pub permanent_power: bool,
    pub cost: Option<Box<CostSpec>>,
    /// The loan that funds it.
    pub funded_by: Option<Box<Placed<String>>>,
    /// Grid power that its finish makes live.
    pub energises: Option<Box<Placed<Import>>>,
    /// Cooling of its hall that its finish commissions.
    pub cools: Option<Box<Placed<Cooling>>>,
    /// Whether its finish makes its hall ready for service.
    pub ready: Option<Placed<bool>>,
    /// What binds it beside its links.
    pub conditions: Option<Box<Conditions>>,
    /// Dates of the stored baseline.
    pub baseline: Option<Box<Placed<Stretch>>>,
    /// The hall that it is said to belong to, and its name there.
    pub hall: Option<Box<Placed<String>>>,
    /// What its own keys say about chance.
    pub chances: Option<Box<Chances>>,
}

/// Names that need no prefix: those of the hall, then of its building, then of the site.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    pub hall: Option<String>,
    pub building: Option<String>,
}

/// Cost of an activity as the file states it.
#[derive(Clone, Debug)]
pub struct CostSpec {
    pub amount: Placed<crate::money::Amount>,
    pub asset: Option<Placed<crate::spec::activity::AssetWord>>,
    pub pay: Option<Box<crate::spec::activity::PaySpec>>,
}

/// A delay from the command line.
#[derive(Clone, Debug)]
pub struct Delay {
    pub at: At,
    /// Id, or pattern with `*`.
    pub activity: String,
    pub length: Length,
}

/// Stands for the power of a site where a delay names no activity of it.
pub const POWER: &str = "@power";

/// Reads `ACTIVITY=8w`.
pub fn parse_delay(source: &Source, findings: &mut Findings) -> Option<Delay> {
    let text = source.text.as_str();
    let Some((name, length)) = text.split_once('=').filter(|(name, _)| !name.trim().is_empty())
    else {
        let message = format!("expected ACTIVITY=LENGTH, found `{}`", clip(text));
        let whole = At::new(source.base, 0, text.len());
        findings.push(Finding::error("delay", whole, message).help("for example energise-1=8w"));
        return None;
    };
    match parse_length(length) {
        Ok(length) => {
            let at = At::new(source.base, 0, name.len());
            Some(Delay { at, activity: name.trim().to_owned(), length })
        }
        Err(message) => {
            let at = At::new(source.base, name.len() + 1, text.len());
            findings.push(Finding::error("delay", at, message));
            None
        }
    }
}

impl Network {
    /// A network without activities.
    pub fn new(spec: &SiteSpec, calendars: Calendars) -> Network {
        let day_start = |day: &Option<Placed<Day>>| {
            day.as_ref().map_or(spec.start.value, |day| day.value.start())
        };
        let resource =
            |(name, spec): (&Placed<String>, &crate::spec::site::ResourceSpec)| Resource {
                id: name.value.clone(),
                capacity: spec
                    .capacity
                    .iter()
                    .map(|(day, units)| (day_start(day), *units))
                    .collect(),
                overtake: spec.overtake,
            };
        Network {
            calendars,
            resources: spec.resources.iter().map(resource).collect(),
            loans_above: Vec::new(),
            resource_places: spec.resources.iter().map(|(name, _)| name.at).collect(),
            start: spec.start.value,
            status: spec.status_date.as_ref().map(|status| status.value),
            rules: super::scheduling::rules(spec),
            shape: spec.risk.as_ref().and_then(|risk| risk.shape).unwrap_or(ShapeWord::Pert),
            drafts: Vec::new(),
            by_id: Vec::new(),
            aliases: BTreeMap::new(),
            links: Vec::new(),
        }
    }

    /// Adds an activity and returns its index.
    pub fn add(
        &mut self,
        id: String,
        at: At,
        spec: ActivitySpec,
        scope: &Rc<Scope>,
        findings: &mut Findings,
    ) -> u32 {
        let index = self.drafts.len() as u32;
        let calendar = spec
            .calendar
            .as_ref()
            .map_or(self.calendars.default, |name| self.calendars.find(name, findings));
        let mut chances = Chances::of(&spec);
        let (calendar, duration) = self.duration(&spec, at, calendar, &mut chances, findings);
        let conditions = self.conditions(&spec, calendar, findings);
        let hours = &self.calendars.list[usize::from(calendar)];
        let delay = spec.delay.as_ref().map_or(Span::ZERO, |delay| span(delay, hours, findings));
        let activity = Activity {
            title: spec.title.clone().unwrap_or_default(),
            id,
            calendar,
            duration,
            delay,
            not_before: spec.not_before.filter(|_| self.rules != Rules::Project),
            priority: spec.priority.unwrap_or(0),
            needs: self.needs(&spec.needs, findings),
            takes: None,
            effects: Vec::new(),
            progress: self.progress(&spec, calendar, &mut chances, findings),
            hall: None,
            unit: None,
            milestone: is_milestone(&spec),
        };
        let shape = self.shape;
        let cost = |spread: Box<Spread<Amount>>| {
            let amount = likely_amount(&spread, shape);
            chances.cost = (!spread.is_single()).then(|| amounts(&spread, shape, findings));
            Box::new(CostSpec { amount, asset: spec.asset, pay: spec.pay })
        };
        let cost = spec.cost.map(cost);
        self.drafts.push(Draft {
            activity,
            at,
            after: spec.after,
            scope: Rc::clone(scope),
            permanent_power: spec.permanent_power.is_some_and(|placed| placed.value),
            cost,
            funded_by: spec.funded_by,
            energises: spec.energises,
            cools: spec.commissions_cooling,
            ready: spec.ready_for_service.filter(|placed| placed.value),
            conditions,
            baseline: spec.baseline,
            hall: spec.hall,
            chances: (!chances.is_empty()).then(|| Box::new(chances)),
        });
        index
    }

    /// Makes activities findable by id, now that all are there; two of one name are a finding.
    pub fn index(&mut self, findings: &mut Findings) {
        let id = |at: &u32| self.drafts[*at as usize].activity.id.as_str();
        let mut by_id: Vec<u32> = (0..self.drafts.len() as u32).collect();
        by_id.sort_by(|a, b| id(a).cmp(id(b)).then(a.cmp(b)));
        for pair in by_id.windows(2).filter(|pair| id(&pair[0]) == id(&pair[1])) {
            let message = format!("two activities are called `{}`", id(&pair[0]));
            let at = self.drafts[pair[1] as usize].at;
            findings.push(Finding::error("duplicate-id", at, message));
        }
        self.by_id = by_id;
    }

    /// The activity with a full id.
    pub fn find(&self, id: &str) -> Option<u32> {
        let key = |at: &u32| self.drafts[*at as usize].activity.id.as_str();
        let found = self.by_id.binary_search_by(|at| key(at).cmp(id)).ok();
        found.map(|found| self.by_id[found]).or_else(|| self.aliases.get(id).copied())
    }

    /// All full ids, in order of the alphabet.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.by_id.iter().map(|&at| self.drafts[at as usize].activity.id.as_str())
    }

    /// The activity's calendar and likely duration; elapsed time runs on the 24 x 7 calendar.
    fn duration(
        &self,
        spec: &ActivitySpec,
        at: At,
        calendar: u16,
        chances: &mut Chances,
        findings: &mut Findings,
    ) -> (u16, Span) {
        let milestone = is_milestone(spec);
        let Some(duration) = &spec.duration else {
            if !milestone && spec.actual_finish.is_none() {
                let message = "an activity needs a `duration`";
                let help = "or `milestone: true` if it takes no time";
                findings.push(Finding::error("missing-duration", at, message).help(help));
            }
            return (calendar, Span::ZERO);
        };
        if milestone {
            let message = "a milestone takes no time";
            findings.push(Finding::error("milestone-duration", duration.at(), message));
        }
        let calendar = if duration.is_elapsed() { 0 } else { calendar };
        let hours = &self.calendars.list[usize::from(calendar)];
        let likely = match duration {
            DurationSpec::Plain(placed) => {
                let likely = Placed { at: placed.at, value: placed.value.likely() };
                let likely = span(&likely, hours, findings);
                chances.duration = self.three_points(placed, hours, findings);
                likely
            }
            DurationSpec::Named(spread) => {
                let spread = minutes(spread, self.shape, hours, findings);
                let likely = likely_minutes(&spread);
                chances.duration = Some(spread);
                likely
            }
        };
        (calendar, likely)
    }

    /// The spread of a duration that is written as `8w < 12w < 18w`.
    fn three_points(
        &self,
        duration: &Placed<Duration>,
        hours: &Calendar,
        findings: &mut Findings,
    ) -> Option<Distribution> {
        let Duration::Three(_) = duration.value else { return None };
        let spans = duration.value.on(hours).map(|spans| spans.map(|span| span.0 as f64));
        let checked = spans.and_then(|spans| {
            let spread = three_points(self.shape, spans);
            spread.check().map(|()| spread)
        });
        let wrong = |message| Finding::error("distribution", duration.at, message);
        checked.map_err(|message| findings.push(wrong(message))).ok()
    }

    fn needs(&self, needs: &Named<Placed<u32>>, findings: &mut Findings) -> Vec<Need> {
        let mut found = Vec::new();
        for (name, units) in needs.iter() {
            let resource = self.resources.iter().position(|known| known.id == name.value);
            let Some(resource) = resource else {
                let message = format!("no resource is called `{}`", name.value);
                let help = findings
                    .nearest(&name.value, self.resources.iter().map(|known| known.id.as_str()));
                let finding = Finding::error("unknown-resource", name.at, message);
                findings.push(finding.maybe_help(help));
                continue;
            };
            let most = self.resources[resource].capacity.iter().map(|&(_, units)| units).max();
            if units.value > most.unwrap_or(0) {
                let message = format!(
                    "{} of `{}` are asked for; there are never more than {}",
                    units.value,
                    name.value,
                    most.unwrap_or(0)
                );
                let mut finding = Finding::error("more-than-there-is", units.at, message);
                if let Some(&at) = self.resource_places.get(resource) {
                    finding = finding.also(at, "how many there are");
                }
                findings.push(finding);
            }
            if units.value > 0 {
                found.push(Need { resource: resource as u32, units: units.value });
            }
        }
        found
    }

    fn progress(
        &self,
        spec: &ActivitySpec,
        calendar: u16,
        chances: &mut Chances,
        findings: &mut Findings,
    ) -> Progress {
        let (start, finish) = (&spec.actual_start, &spec.actual_finish);
        self.check_actuals([start, finish], findings);
        let mut wrong = |at: At, message: String, help: &str| {
            findings.push(Finding::error("progress", at, message).help(help));
        };
        match (start, finish, &spec.remaining) {
            (None, None, None) => Progress::Open,
            (Some(start), Some(finish), None) => {
                if finish.value < start.value {
                    wrong(finish.at, "it finished before it started".into(), "swap the dates");
                }
                Progress::Finished { start: start.value, finish: finish.value }
            }
            (None, Some(finish), None) if is_milestone(spec) => {
                Progress::Finished { start: finish.value, finish: finish.value }
            }
            (Some(start), None, Some(remaining)) => {
                let hours = &self.calendars.list[usize::from(calendar)];
                let left = minutes(remaining, self.shape, hours, findings);
                let likely = likely_minutes(&left);
                chances.remaining = (!remaining.is_single()).then_some(left);
                Progress::Started { start: start.value, remaining: likely }
            }
            (Some(start), None, None) => {
                wrong(start.at, "it has started: how much is left?".into(), "add `remaining:`");
                Progress::Open
            }
            (None, Some(finish), _) => {
                wrong(finish.at, "it finished: when did it start?".into(), "add `actual_start:`");
                Progress::Open
            }
            (_, Some(_), Some(remaining)) => {
                wrong(remaining.at, "it has finished: nothing is left".into(), "drop `remaining:`");
                Progress::Open
            }
            (None, None, Some(remaining)) => {
                wrong(
                    remaining.at,
                    "what remains of work that has not started".into(),
                    "add `actual_start:`",
                );
                Progress::Open
            }
        }
    }

    /// Actual dates lie between the start of the site and its status date; the files of planners'
    /// programs know no such order, so there it is a warning, or nothing under Project's rules.
    fn check_actuals(&self, actuals: [&Option<Placed<Minute>>; 2], findings: &mut Findings) {
        if self.rules == Rules::Project {
            return;
        }
        for actual in actuals.into_iter().flatten() {
            let (message, help) = match self.status {
                None => (
                    "an actual date without a `status_date`".to_owned(),
                    "state the day up to which the file tells what happened",
                ),
                Some(status) if actual.value > status => (
                    format!("an actual date after the status date {}", status.day()),
                    "what has not happened yet has no actual date",
                ),
                Some(_) if actual.value < self.start => (
                    format!("an actual date before the start of the site, {}", self.start.day()),
                    "move `start:` back",
                ),
                Some(_) => continue,
            };
            let severity =
                if self.rules == Rules::Site { Severity::Error } else { Severity::Warning };
            let finding = Finding::error("progress", actual.at, message).help(help);
            findings.push(Finding { severity, ..finding });
        }
    }

    /// Adds delays from the command line to the activities they name.
    pub fn apply_delays(&mut self, delays: &[Delay], findings: &mut Findings) {
        for delay in delays.iter().filter(|delay| delay.activity != POWER) {
            let named = delay.activity.as_str();
            let transit = format!("{named}.transit");
            let hit = |id: &str| matches_pattern(named, id) || id == transit;
            let mut any = false;
            for draft in self.drafts.iter_mut().filter(|draft| hit(&draft.activity.id)) {
                any = true;
                let activity = &mut draft.activity;
                let hours = &self.calendars.list[usize::from(activity.calendar)];
                let placed = Placed { at: delay.at, value: delay.length };
                let by = span(&placed, hours, findings);
                if let Progress::Finished { finish, .. } = activity.progress {
                    let message = format!("`{}` has finished, on {}", activity.id, finish.day());
                    findings.push(Finding::error("delay", delay.at, message));
                }
                activity.put_off(by);
            }
            if !any {
                findings.push(self.unknown(named, delay.at));
            }
        }
    }

    /// Delays the energisations of a site, those that come after no other one: what follows from
    /// them comes later by itself.
    pub fn delay_power(&mut self, delays: &[Delay], findings: &mut Findings) {
        let delays: Vec<&Delay> = delays.iter().filter(|delay| delay.activity == POWER).collect();
        if delays.is_empty() {
            return;
        }
        let mut behind = vec![Vec::new(); self.drafts.len()];
        self.links.iter().for_each(|link| behind[link.to as usize].push(link.from));
        let energises = |at: u32| self.drafts[at as usize].energises.is_some();
        let after_another = |at: u32| {
            let mut seen = vec![false; behind.len()];
            let mut open = behind[at as usize].clone();
            while let Some(next) = open.pop() {
                if energises(next) {
                    return true;
                }
                if !std::mem::replace(&mut seen[next as usize], true) {
                    open.extend(&behind[next as usize]);
                }
            }
            false
        };
        let all = 0..self.drafts.len() as u32;
        let first: Vec<u32> = all.filter(|&at| energises(at) && !after_another(at)).collect();
        for (delay, at) in delays.iter().flat_map(|delay| first.iter().map(move |at| (delay, at))) {
            let activity = &mut self.drafts[*at as usize].activity;
            let hours = &self.calendars.list[usize::from(activity.calendar)];
            let placed = Placed { at: delay.at, value: delay.length };
            activity.put_off(span(&placed, hours, findings));
        }
    }

    /// The finding for a full id, or pattern, that no activity has.
    pub fn unknown(&self, named: &str, at: At) -> Finding {
        if named.contains('*') {
            let message = format!("no activity matches `{}`", clip(named));
            return Finding::error("unknown-activity", at, message);
        }
        let ids = || self.ids();
        let within = |id: &&str| id.strip_suffix(named).is_some_and(|rest| rest.ends_with('.'));
        let help = nearest(named, ids()).or_else(|| {
            let id = ids().find(within)?;
            Some(format!("did you mean `{id}`, or `*.{named}` for all of them?"))
        });
        let message = format!("no activity is called `{}`", clip(named));
        Finding::error("unknown-activity", at, message).maybe_help(help)
    }

    /// Adds links to activities of sites that stand side by side.
    pub fn take_links(&mut self, links: &Named<Vec<LinkSpec>>, findings: &mut Findings) {
        for (to, links) in links.iter() {
            match self.find(&to.value) {
                Some(found) => {
                    let draft = &mut self.drafts[found as usize];
                    draft.at = to.at;
                    draft.after.extend(links.iter().cloned());
                }
                None => findings.push(self.unknown(&to.value, to.at)),
            }
        }
    }

    /// Warns of crews that no activity needs, but for pools that other sites may need.
    pub fn warn_of_unused_crews(
        &self,
        crews: &Named<ResourceSpec>,
        pools: &[String],
        findings: &mut Findings,
    ) {
        let own = crews.iter().enumerate().filter(|(_, (name, _))| !pools.contains(&name.value));
        for (at, (name, _)) in own {
            let needed = self
                .drafts
                .iter()
                .any(|draft| draft.activity.needs.iter().any(|need| need.resource as usize == at));
            if !needed {
                let message = format!("no activity needs `{}`", name.value);
                findings.push(Finding::warning("unused-resource", name.at, message));
            }
        }
    }

    /// The plan, or its cycle as a finding.
    pub fn assemble(
        self,
        pieces: &Pieces,
        rules: Option<&RulesSpec>,
        findings: &mut Findings,
    ) -> Option<Plan> {
        let conditions = super::scheduling::conditions_of(&self.drafts);
        let default = self.calendars.default;
        let places: Vec<At> = self.drafts.iter().map(|draft| draft.at).collect();
        let parts = Parts {
            start: self.start,
            // Project leaves open work where its links put it, past status date or not.
            status: self.status.filter(|_| self.rules != Rules::Project),
            calendars: self.calendars.list,
            activities: self.drafts.into_iter().map(|draft| draft.activity).collect(),
            links: self.links,
            resources: self.resources,
            stores: pieces.platforms.iter().map(|platform| platform.id.clone()).collect(),
            deliveries: pieces.lots.iter().map(|lot| (lot.platform, lot.racks)).collect(),
        };
        let plan = Plan::assemble(parts)
            .map_err(|Cycle { activities, ids }| {
                let message = format!("a cycle: {} -> {}", ids.join(" -> "), ids[0]);
                let help = "each waits for the one before it; drop one of these links";
                let at = places[activities[0] as usize];
                let across = super::links::across(&activities, &ids);
                let mut across = across.iter().map(|&activity| places[activity as usize]);
                let finding = match (across.next(), across.next()) {
                    (Some(at), Some(other)) => {
                        Finding::error("cycle", at, message).also(other, "and waits here")
                    }
                    _ => Finding::error("cycle", at, message),
                };
                findings.push(finding.help(help));
            })
            .ok()?;
        Some(super::scheduling::schedule(plan, rules, default, conditions))
    }

    /// Adds an effect to an activity.
    pub fn effect(&mut self, activity: u32, effect: Effect) {
        self.drafts[activity as usize].activity.effects.push(effect);
    }
}

fn is_milestone(spec: &ActivitySpec) -> bool {
    spec.milestone.is_some_and(|word| word != MilestoneWord::No)
}

/// A length as working time of a calendar.
pub fn span(length: &Placed<Length>, calendar: &Calendar, findings: &mut Findings) -> Span {
    if length.value.is_elapsed() && calendar.id() != "always" {
        let message = format!(
            "`{}` is elapsed time, but this is counted in `{}`",
            length.value,
            calendar.id()
        );
        let help = "write it in w, d or h";
        findings.push(Finding::error("elapsed-time", length.at, message).help(help));
        return Span::ZERO;
    }
    length.value.on(calendar).unwrap_or_else(|message| {
        findings.push(Finding::error("duration", length.at, message));
        Span::ZERO
    })
}
