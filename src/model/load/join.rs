//! Sites put side by side: each was checked alone, and its indices move to where it stands then.
//!
//! Names get the site in front (`denton/hall-1.ist`). What sites share stays one: calendars, pools
//! of crews and stores of racks that the portfolio states. The site's own money terms come along,
//! but not its equity, opening cash, tax and horizon: those are the operator's.

use std::rc::Rc;

use super::network::{Draft, Network, Scope};
use super::parts::{HallPiece, Pieces};
use crate::chance::Distribution;
use crate::model::terms::{LoanRate, RackPay, Terms};
use crate::model::uncertainty::{Correlated, Factor, Uncertainty};
use crate::model::{
    Activity, Conditions, Effect, Feed, Hall, Link, Need, Plan, Platform, Premises, Progress,
    Resource, Scheduling, Site, Stage, covenants,
};
use crate::spec::At;

/// A site on its way into a portfolio.
#[derive(Debug)]
pub struct Joining {
    /// Its name there.
    pub id: String,
    /// Where the portfolio names it.
    pub at: At,
    /// The site as it is alone.
    pub site: Site,
    /// Resources that it draws on with others.
    pub pools: Vec<String>,
    /// Calendars that it has from the portfolio.
    pub calendars: Vec<String>,
    /// Platforms whose racks it draws from a store with others.
    pub stores: Vec<String>,
    /// Added to the priority with which its units ask for racks.
    pub rank: i32,
}

/// What sites put side by side have, beside activities, links and what hangs on them.
#[derive(Debug, Default)]
pub struct Joined {
    pub stages: Vec<Stage>,
    pub halls: Vec<Hall>,
    /// Without the portfolio's own, which come first.
    pub premises: Vec<Premises>,
    pub skipped: Vec<u32>,
    /// Money and chances, for when the portfolio's own are known.
    later: Vec<Later>,
}

/// Terms and chances of a site, and where its things stand.
#[derive(Debug)]
struct Later {
    shift: Shift,
    /// Payment terms of the platforms that it brought.
    rack_pay: Vec<RackPay>,
    terms: Terms,
    uncertainty: Uncertainty,
}

/// Where the things of one site go.
#[derive(Debug)]
struct Shift {
    id: String,
    activity: u32,
    hall: u32,
    unit: u32,
    lot: u32,
    stage: u32,
    premises: u32,
    calendars: Vec<u16>,
    resources: Vec<u32>,
    platforms: Vec<u32>,
    rank: i32,
}

impl Joined {
    /// Puts a site beside those that are there.
    ///
    /// Cost: one visit of everything in it.
    pub fn add(&mut self, network: &mut Network, pieces: &mut Pieces, joining: Joining) {
        let Joining { id, at, site, pools, calendars, stores, rank } = joining;
        let mut rack_pay = Vec::new();
        let shift = Shift {
            activity: network.drafts.len() as u32,
            hall: pieces.halls.len() as u32,
            unit: pieces.units.len() as u32,
            lot: pieces.lots.len() as u32,
            stage: self.stages.len() as u32,
            premises: self.premises.len() as u32 + 1,
            calendars: join_calendars(network, &site, &id, &calendars),
            resources: join_resources(network, &site.plan.resources, &id, &pools),
            platforms: join_platforms(pieces, &mut rack_pay, &site, &id, &stores),
            rank,
            id,
        };
        let Site { mut plan, premises, stages, halls, units, lots, .. } = site;
        let Site { mut uncertainty, terms, .. } = site;
        if network.status.is_none() && plan.status.is_some() {
            replay(&mut plan, &mut uncertainty);
        }
        self.skipped.extend(plan.skipped.iter().map(|at| at + shift.activity));
        shift.plan(plan, network, at);
        let own = premises.into_iter().next().expect("a site has premises");
        self.premises.push(Premises { id: shift.id.clone(), ..own });
        self.stages.extend(stages.into_iter().map(|stage| Stage {
            id: shift.name(&stage.id),
            activity: stage.activity + shift.activity,
            premises: shift.premises,
            ..stage
        }));
        for hall in halls {
            let hall = shift.hall(hall);
            pieces.halls.push(HallPiece {
                id: hall.id.clone(),
                at,
                it_power: hall.it_power,
                powered_by: None,
                powered_at: None,
                ready: hall.ready,
                units: hall.units.clone(),
            });
            self.halls.push(hall);
        }
        for mut unit in units {
            unit.id = shift.name(&unit.id);
            unit.hall += shift.hall;
            unit.platform = shift.platforms[unit.platform as usize];
            pieces.units.push(unit);
        }
        for mut lot in lots {
            lot.id = shift.name(&lot.id);
            lot.platform = shift.platforms[lot.platform as usize];
            lot.delivery += shift.activity;
            pieces.lots.push(lot);
            pieces.lot_places.push(at);
        }
        self.later.push(Later { shift, rack_pay, terms, uncertainty });
    }

    /// Adds the money and the chances of the sites to those of the portfolio.
    pub fn settle(&mut self, terms: &mut Terms, all: &mut Uncertainty) {
        for Later { shift, rack_pay, terms: of, uncertainty } in self.later.drain(..) {
            let first = [terms.costs.len(), terms.contracts.len(), terms.curves.len()];
            terms.rack_pay.extend(rack_pay);
            shift.terms(of, terms);
            shift.uncertainty(uncertainty, all, first.map(|count| count as u32));
        }
    }
}

/// An activity that is complete as it is.
fn draft(activity: Activity, at: At) -> Draft {
    Draft {
        activity,
        at,
        after: Vec::new(),
        scope: Rc::new(Scope::default()),
        permanent_power: false,
        cost: None,
        funded_by: None,
        energises: None,
        cools: None,
        ready: None,
        conditions: None,
        baseline: None,
        hall: None,
        chances: None,
    }
}

/// Index of each calendar of the site among all; those of the portfolio are there already.
fn join_calendars(network: &mut Network, site: &Site, id: &str, shared: &[String]) -> Vec<u16> {
    let list = &mut network.calendars.list;
    let place = |calendar: &crate::time::Calendar| {
        let is_shared = calendar.id() == "always" || shared.iter().any(|id| id == calendar.id());
        let known = list.iter().position(|known| is_shared && known.id() == calendar.id());
        let at = known.unwrap_or_else(|| {
            list.push(calendar.clone().called(format!("{id}/{}", calendar.id())));
            list.len() - 1
        });
        at as u16
    };
    site.plan.calendars.iter().map(place).collect()
}

fn join_resources(
    network: &mut Network,
    resources: &[Resource],
    id: &str,
    shared: &[String],
) -> Vec<u32> {
    let all = &mut network.resources;
    let place = |resource: &Resource| {
        let is_shared = shared.contains(&resource.id);
        let known = all.iter().position(|known| is_shared && known.id == resource.id);
        let at = known.unwrap_or_else(|| {
            all.push(Resource { id: format!("{id}/{}", resource.id), ..resource.clone() });
            all.len() - 1
        });
        at as u32
    };
    resources.iter().map(place).collect()
}

fn join_platforms(
    pieces: &mut Pieces,
    rack_pay: &mut Vec<RackPay>,
    site: &Site,
    id: &str,
    shared: &[String],
) -> Vec<u32> {
    let mut place = |(platform, &pay): (&Platform, _)| {
        let is_shared = shared.contains(&platform.id);
        let known = pieces.platforms.iter().position(|known| is_shared && known.id == platform.id);
        let at = known.unwrap_or_else(|| {
            let id = format!("{id}/{}", platform.id);
            pieces.platforms.push(Platform { id, ..platform.clone() });
            rack_pay.push(pay);
            pieces.platforms.len() - 1
        });
        at as u32
    };
    site.platforms.iter().zip(&site.terms.rack_pay).map(&mut place).collect()
}

/// Takes a site that tells what has happened up to its status date into a run that begins before:
/// what has happened happens again on its days, whatever its links and crews, and nothing else
/// begins before the status date (semantics T5). What was left of work under way is then certain.
fn replay(plan: &mut Plan, uncertainty: &mut Uncertainty) {
    let status = plan.data_date();
    let began: Vec<bool> = plan.activities.iter().map(|a| a.began().is_some()).collect();
    for activity in &mut plan.activities {
        let calendar = &plan.calendars[usize::from(activity.calendar)];
        let (start, finish) = match activity.progress {
            Progress::Open => {
                activity.not_before = Some(activity.not_before.map_or(status, |at| at.max(status)));
                continue;
            }
            Progress::Started { start, remaining } => (start, calendar.finish(status, remaining)),
            Progress::Finished { start, finish } => (start, finish),
        };
        (activity.calendar, activity.duration) = (0, finish - start);
        (activity.not_before, activity.progress) = (Some(start), Progress::Open);
        activity.needs.clear();
    }
    plan.links.retain(|link| !began[link.to as usize]);
    let certain = uncertainty.durations.iter_mut().filter(|of| began[of.activity as usize]);
    for duration in certain {
        let minutes = plan.activities[duration.activity as usize].duration.0 as f64;
        (duration.spread, duration.done) = (Distribution::Fixed(minutes), None);
    }
    uncertainty.rework.retain(|rework| !began[rework.activity as usize]);
}

impl Shift {
    /// Adds activities and links; nothing of the site begins before the site does.
    fn plan(&self, plan: Plan, network: &mut Network, at: At) {
        let is_root =
            |activity: usize| plan.pred_offsets[activity] == plan.pred_offsets[activity + 1];
        let roots: Vec<bool> = (0..plan.activities.len()).map(is_root).collect();
        for (index, (mut activity, root)) in plan.activities.into_iter().zip(roots).enumerate() {
            if root && activity.began().is_none() && plan.start > network.start {
                let start = activity.not_before.map_or(plan.start, |at| at.max(plan.start));
                activity.not_before = Some(start);
            }
            let conditions = self.conditions(&plan.scheduling, index as u32);
            network.drafts.push(Draft { conditions, ..draft(self.of(activity), at) });
        }
        network.links.extend(plan.links.into_iter().map(|link| self.link(link)));
    }

    fn name(&self, name: &str) -> String {
        format!("{}/{name}", self.id)
    }

    fn of(&self, activity: Activity) -> Activity {
        let need = |need: Need| Need { resource: self.resources[need.resource as usize], ..need };
        let takes = activity.takes.map(|(store, racks)| (self.platforms[store as usize], racks));
        Activity {
            id: self.name(&activity.id),
            calendar: self.calendars[usize::from(activity.calendar)],
            needs: activity.needs.into_iter().map(need).collect(),
            priority: activity.priority + if takes.is_some() { self.rank } else { 0 },
            takes,
            effects: activity.effects.into_iter().map(|effect| self.effect(effect)).collect(),
            hall: activity.hall.map(|hall| hall + self.hall),
            unit: activity.unit.map(|unit| unit + self.unit),
            ..activity
        }
    }

    fn effect(&self, effect: Effect) -> Effect {
        match effect {
            Effect::Order(lot) => Effect::Order(lot + self.lot),
            Effect::Deliver(lot) => Effect::Deliver(lot + self.lot),
            Effect::Energise(stage) => Effect::Energise(stage + self.stage),
            Effect::Cool(hall, power) => Effect::Cool(hall + self.hall, power),
            Effect::Ready(hall) => Effect::Ready(hall + self.hall),
            Effect::Rack(unit) => Effect::Rack(unit + self.unit),
            Effect::InService(unit) => Effect::InService(unit + self.unit),
            Effect::Accept(unit) => Effect::Accept(unit + self.unit),
        }
    }

    fn link(&self, link: Link) -> Link {
        Link {
            from: link.from + self.activity,
            to: link.to + self.activity,
            lag_calendar: self.calendars[usize::from(link.lag_calendar)],
            ..link
        }
    }

    fn conditions(&self, scheduling: &Scheduling, activity: u32) -> Option<Box<Conditions>> {
        let mut conditions = scheduling.of(activity);
        if conditions == Conditions::default() {
            return None;
        }
        let float = conditions.float_calendar.map(|id| self.calendars[usize::from(id)]);
        conditions.float_calendar = float;
        Some(Box::new(conditions))
    }

    fn hall(&self, hall: Hall) -> Hall {
        let feed = |feed: Feed| Feed { stage: feed.stage + self.stage, ..feed };
        Hall {
            id: self.name(&hall.id),
            premises: self.premises,
            feeds: hall.feeds.into_iter().map(feed).collect(),
            ready: hall.ready + self.activity,
            units: hall.units.start + self.unit..hall.units.end + self.unit,
            ..hall
        }
    }

    /// Adds the site's terms to those of all.
    fn terms(&self, of: Terms, terms: &mut Terms) {
        let curves = terms.curves.len() as u32;
        let values = terms.values.len() as u32;
        let (loans, own) = (terms.loans.len() as u32, of.loans.len() as u32);
        for mut cost in of.costs {
            cost.activity += self.activity;
            terms.costs.push(cost);
        }
        for mut operation in of.operations {
            operation.id = self.name(&operation.id);
            operation.premises = Some(self.premises);
            terms.operations.push(operation);
        }
        for mut contract in of.contracts {
            contract.id = self.name(&contract.id);
            contract.units.iter_mut().for_each(|unit| *unit += self.unit);
            terms.contracts.push(contract);
        }
        for mut loan in of.loans {
            loan.id = self.name(&loan.id);
            if let LoanRate::Floating { curve, .. } = &mut loan.rate {
                *curve += curves;
            }
            loan.draws.conditions.iter_mut().for_each(|activity| *activity += self.activity);
            loan.follows.iter_mut().for_each(|follow| follow.activity += self.activity);
            loan.covenants.iter_mut().for_each(|covenant| move_curve(covenant, values));
            // It lends for its own site, and that alone secures it.
            loan.premises = vec![self.premises];
            terms.loans.push(loan);
        }
        for mut gate in of.gates {
            gate.activity += self.activity;
            // The portfolio's own loans come first of all, and count on from the site's here.
            gate.loan = gate.loan.checked_sub(own).unwrap_or(gate.loan + loans);
            terms.gates.push(gate);
        }
        for mut curve in of.curves {
            curve.id = self.name(&curve.id);
            terms.curves.push(curve);
        }
        for mut value in of.values {
            value.id = self.name(&value.id);
            terms.values.push(value);
        }
    }

    /// Adds the site's chances to those of all; a factor that several sites share becomes one.
    fn uncertainty(&self, of: Uncertainty, all: &mut Uncertainty, first: [u32; 3]) {
        let [cost, contract, curve] = first;
        let durations = all.durations.len() as u32;
        let costs = all.costs.len() as u32;
        for mut duration in of.durations {
            duration.activity += self.activity;
            all.durations.push(duration);
        }
        all.costs.extend(of.costs.into_iter().map(|(at, spread)| (at + cost, spread)));
        for mut factor in of.factors {
            factor.on.iter_mut().for_each(|activity| *activity += self.activity);
            factor.costs.iter_mut().for_each(|at| *at += cost);
            factor.prices.iter_mut().for_each(|at| *at += contract);
            factor.curves.iter_mut().for_each(|at| *at += curve);
            join_factor(factor, &self.id, all);
        }
        for mut risk in of.risks {
            risk.id = self.name(&risk.id);
            risk.hits.iter_mut().for_each(|hit| hit.activity += self.activity);
            all.risks.push(risk);
        }
        for mut slip in of.last_mile {
            slip.id = self.name(&slip.id);
            slip.hits.iter_mut().for_each(|hit| hit.activity += self.activity);
            all.last_mile.push(slip);
        }
        for mut rework in of.rework {
            rework.activity += self.activity;
            all.rework.push(rework);
        }
        for mut correlation in of.correlations {
            for of in &mut correlation.of {
                match of {
                    Correlated::Duration(at) => *at += durations,
                    Correlated::Cost(at) => *at += costs,
                }
            }
            all.correlations.push(correlation);
        }
        for mut branch in of.branches {
            branch.id = self.name(&branch.id);
            for way in &mut branch.ways {
                way.activities.iter_mut().for_each(|activity| *activity += self.activity);
                way.costs.iter_mut().for_each(|(at, _)| *at += cost);
            }
            all.branches.push(branch);
        }
        for mut weather in of.weather {
            weather.id = self.name(&weather.id);
            let own = weather.calendars.iter_mut();
            own.for_each(|calendar| *calendar = self.calendars[usize::from(*calendar)]);
            weather.calendars.sort_unstable();
            all.weather.push(weather);
        }
        let stream = |(activity, name): (u32, String)| (activity + self.activity, self.name(&name));
        all.streams.extend(of.streams.into_iter().map(stream));
    }
}

fn move_curve(covenant: &mut covenants::Covenant, by: u32) {
    if let covenants::Test::Ltv(covenants::Collateral::Curve { curve }) = &mut covenant.test {
        *curve += by;
    }
}

/// Adds a factor, or what it scales to the one that several sites share.
fn join_factor(mut factor: Factor, site: &str, all: &mut Uncertainty) {
    let shared = factor.shared;
    if !shared {
        factor.id = format!("{site}/{}", factor.id);
    }
    match all.factors.iter_mut().find(|known| shared && known.id == factor.id) {
        Some(known) => {
            known.on.append(&mut factor.on);
            known.costs.append(&mut factor.costs);
            known.prices.append(&mut factor.prices);
            known.curves.append(&mut factor.curves);
        }
        None => all.factors.push(factor),
    }
}
