//! One trial: the event loop and what each event does.

use super::crews::Crews;
use super::forecast::Forecast;
use super::funding::Funding;
use super::network::{BY_DATE, Edge, Flags, Gate, NONE, Network, Node, flag};
use super::queue::{Queue, Rank, waiter_in};
use crate::model::timeline::WaitFor;
use crate::model::{Cause, Effect, Event, EventKind, Plan, Progress, Rules, Timeline, Wait, cpm};
use crate::time::{Minute, Span};

/// Longest time before its start that leads and dates of a plan may reach back to: 30,000 years.
const LEAD_MAX: Span = Span(1 << 34);

/// Runs trials of one plan, one after another, in memory that it keeps.
///
/// Cost of a trial: one visit per link and, for each start and finish, a logarithm of the events
/// pending; links that look ahead (semantics T8) add a forward pass, and another one each time that
/// something before such a link has waited. No allocation once a trial as long has run.
///
/// Decisions within semantics T8 and T9:
/// - Who waits for a crew starts in working time of its own calendar and takes the crew then.
/// - What is under way holds its crews at the data date without asking, even above the capacity:
///   the file says it is at work. Only where unfinished predecessors (or its delay) keep its
///   remaining work back does it join the line.
/// - The start of what rests on a forecast is looked at again when a crew for it comes free, when
///   its forecast is due, and, where the forecast keeps moving, when something has happened.
/// - What can never happen ends as [`Minute::NEVER`] with a wait in vain.
pub struct Engine<'p> {
    pub(super) plan: &'p Plan,
    pub(super) network: Network,
    pub(super) queue: Queue,
    /// Who waits for a loan, in a trial that asks the books.
    pub(super) funding: Option<Box<Funding<'p>>>,
    crews: Crews,
    pub(super) forecast: Forecast,
    pub(super) gates: Vec<Gate>,
    pub(super) work: Vec<Span>,
    /// When the work of what is under way ends; `NEVER` for what has not begun.
    pub(super) work_end: Vec<Minute>,
    /// Whose finish is held until another activity starts or finishes.
    pub(super) held: Vec<bool>,
    /// Who starts, or asks for crews, once nothing else is left at this instant.
    ready: Vec<u32>,
    asking: Vec<u32>,
    /// Whether everything else of this round is done: what starts release comes in the next.
    starting: bool,
    /// Who looks at its forecast again when something has happened.
    pub(super) stalled: Vec<u32>,
    /// How much had happened when an activity last looked at its forecast.
    pub(super) looked_at: Vec<u64>,
    pub(super) happened: u64,
    pub(super) now: Minute,
    pub(super) out: Timeline,
}

impl<'p> Engine<'p> {
    /// An engine for trials of this plan.
    ///
    /// Cost: sorts activities and links once.
    pub fn new(plan: &'p Plan) -> Engine<'p> {
        let count = plan.activities.len();
        let crews = Crews::new(plan);
        let network = Network::new(plan, &crews);
        let begun = network.begun.iter().map(|&(_, start)| start);
        let base = begun.fold(plan.start, Minute::min);
        // Microsoft Project lets a lead start work before the project, P6 a mandatory date.
        let margin = if plan.scheduling.rules == Rules::Site { Span::ZERO } else { LEAD_MAX };
        let mut engine = Engine {
            plan,
            network,
            queue: Queue::new(base - margin),
            funding: None,
            crews,
            forecast: Forecast::default(),
            gates: Vec::with_capacity(count),
            work: Vec::with_capacity(count),
            work_end: Vec::with_capacity(count),
            held: Vec::with_capacity(count),
            ready: Vec::new(),
            asking: Vec::new(),
            starting: false,
            stalled: Vec::new(),
            looked_at: Vec::new(),
            happened: 0,
            now: Minute::MIN,
            out: Timeline::default(),
        };
        engine.skip(plan.skipped.iter().copied());
        engine
    }

    /// From now on exactly these activities are not done: their work has to be nothing. At first
    /// they are those that the likely trial skips.
    pub fn skip(&mut self, activities: impl Iterator<Item = u32>) {
        let nodes = &mut self.network.nodes;
        nodes.iter_mut().for_each(|node| node.flags.set(flag::SKIPPED, false));
        activities.for_each(|at| nodes[at as usize].flags.set(flag::SKIPPED, true));
    }

    /// One trial: `work` is the working time left to do by activity (see [`Plan::likely_work`]),
    /// `out` is overwritten with what happens.
    pub fn run(&mut self, work: &[Span], out: &mut Timeline) {
        std::mem::swap(&mut self.out, out);
        self.reset(work);
        while let Some(now) = self.next_instant() {
            self.now = now;
            let round = self.out.events.len();
            while let Some((rank, index)) = self.next_event() {
                match rank {
                    Rank::Capacity => self.change_capacity(index),
                    Rank::Arrival | Rank::Finish => self.finish(index),
                    Rank::Ready => self.release(index),
                    Rank::Open => self.open(index),
                    Rank::Began => self.ready.push(index),
                }
            }
            self.starting = true;
            if !self.ready.is_empty() {
                self.ask();
            }
            self.grant();
            self.starting = false;
            let round = &mut self.out.events[round..];
            if round.len() > 1 && !round.is_sorted_by_key(|event| (event.kind, event.activity)) {
                round.sort_unstable_by_key(|event| (event.kind, event.activity));
            }
        }
        self.close();
        std::mem::swap(&mut self.out, out);
    }

    fn reset(&mut self, work: &[Span]) {
        let count = self.plan.activities.len();
        assert_eq!(work.len(), count, "one duration for each activity");
        self.work.clear();
        self.work.extend_from_slice(work);
        self.gates.clone_from(&self.network.gates);
        self.held.clear();
        self.held.resize(count, false);
        self.ready.clear();
        self.stalled.clear();
        self.looked_at.clear();
        self.looked_at.resize(count, u64::MAX);
        self.happened = 0;
        self.now = Minute::MIN;
        for dates in [&mut self.work_end, &mut self.out.start, &mut self.out.finish] {
            dates.clear();
            dates.resize(count, Minute::NEVER);
        }
        self.out.cause.clear();
        self.out.cause.resize(count, Cause::Never);
        self.out.events.clear();
        self.out.waits.clear();
        self.queue.clear();
        self.crews.reset(self.plan, &mut self.queue);
        self.reset_forecast();
        for &(activity, start) in &self.network.begun {
            self.queue.push(start, Rank::Began, activity);
        }
        for at in 0..self.network.roots.len() {
            self.release(self.network.roots[at]);
        }
    }

    fn next_instant(&mut self) -> Option<Minute> {
        if self.ready.is_empty() { self.queue.advance() } else { Some(self.now) }
    }

    fn next_event(&mut self) -> Option<(Rank, u32)> {
        match self.queue.pop() {
            None if !self.stalled.is_empty() => self.looks_again(),
            event => event,
        }
    }

    fn change_capacity(&mut self, resource: u32) {
        self.happened += 1;
        self.crews.change_capacity(self.plan, resource, &mut self.queue);
    }

    fn open(&mut self, line: u32) {
        self.happened += 1;
        self.crews.touch(line);
    }

    /// Work ends: unless a link holds the finish, crews go back and successors come free.
    #[inline]
    fn finish(&mut self, activity: u32) {
        const SELDOM: u16 = flag::EFFECTS | flag::ANCESTOR;
        let at = activity as usize;
        let Node { flags, met_by_finish, .. } = self.network.nodes[at];
        if flags.any(flag::HELD) && !self.may_finish(activity) {
            return;
        }
        self.happened += 1;
        self.out.finish[at] = self.now;
        self.record(EventKind::Finished, activity);
        if self.funding.is_some() {
            self.wake_funded(activity);
        }
        if flags.any(SELDOM) {
            if flags.any(flag::EFFECTS) {
                self.finish_effects(activity);
            }
            if flags.any(flag::ANCESTOR) {
                self.forecast.finished(activity, self.now);
            }
        }
        if flags.asks() {
            self.crews.give_back(activity, self.now);
        }
        for at in met_by_finish.0..met_by_finish.1 {
            self.meet(self.network.edges[at as usize]);
        }
        if flags.any(flag::HOLDS) {
            self.let_finish(activity, true);
        }
    }

    /// What a link counts from has happened; the last one of an activity releases it.
    #[inline]
    fn meet(&mut self, edge: Edge) {
        let bound = match edge.lag {
            Span::ZERO => self.now,
            lag => cpm::shift(self.plan, edge.lag_calendar, self.now, lag),
        };
        let gate = &mut self.gates[edge.to as usize];
        gate.ask(bound, edge.link);
        gate.missing -= 1;
        if gate.missing == 0 {
            self.release(edge.to);
        }
    }

    /// The activity starts, or asks for its crews, when its logic says: now or later.
    fn release(&mut self, activity: u32) {
        let flags = self.network.nodes[activity as usize].flags;
        let (ahead, plain) = (flags.any(flag::AHEAD), flags.any(flag::PLAIN));
        let open = !flags.any(flag::UNDER_WAY | flag::OVER | flag::SKIPPED);
        let joins = open && flags.any(flag::ASKS) && !self.starting;
        let mut gate = self.gates[activity as usize];
        if ahead {
            gate = self.logic(activity);
        }
        let begins = if plain { gate.bound } else { self.begins(activity, gate.bound) };
        if begins > self.now {
            return self.postpone(activity, begins);
        }
        if self.funding.is_some() && open && !self.is_funded(activity) {
            return;
        }
        if ahead {
            self.gates[activity as usize] = gate;
            if !self.was_unfunded(activity) {
                self.note_past_lead(activity, gate);
            }
        }
        self.happened += 1;
        if joins {
            self.join(activity);
        } else {
            self.ready.push(activity);
        }
    }

    fn postpone(&mut self, activity: u32, until: Minute) {
        if self.network.nodes[activity as usize].flags.any(flag::AHEAD) {
            self.look_later(activity, until, Rank::Ready);
        } else {
            self.queue.push(until, Rank::Ready, activity);
        }
    }

    /// When an activity whose logic allows `bound` begins: what was under way at the data date
    /// goes on then, closed time or not.
    fn begins(&self, activity: u32, bound: Minute) -> Minute {
        if self.plan.scheduling.rules != Rules::Site {
            return bound;
        }
        cpm::resumes(self.plan, &self.plan.activities[activity as usize], bound)
    }

    /// Everyone who is ready starts, or joins the line for its crews.
    fn ask(&mut self) {
        std::mem::swap(&mut self.ready, &mut self.asking);
        for at in 0..self.asking.len() {
            let activity = self.asking[at];
            let flags = self.network.nodes[activity as usize].flags;
            if !flags.is_open() && !self.out.start[activity as usize].happens() {
                self.began(activity);
            } else if !flags.asks() {
                self.start(activity);
            } else if flags.any(flag::UNDER_WAY) && self.now == self.plan.data_date() {
                self.crews.take(activity);
                self.start(activity);
            } else {
                self.join(activity);
            }
        }
        self.asking.clear();
    }

    #[inline(always)]
    fn join(&mut self, activity: u32) {
        let Node { flags, priority, .. } = self.network.nodes[activity as usize];
        self.forecast.waiting += u32::from(flags.any(flag::ANCESTOR));
        self.crews.join(activity, self.queue.place(priority, activity));
    }

    /// Crews go to who waits, in order, to whoever fits.
    fn grant(&mut self) {
        while let Some(place) = self.crews.next(self.plan, self.now, &mut self.queue) {
            let (activity, ready) = (waiter_in(place), self.queue.ready(place));
            let flags = self.network.nodes[activity as usize].flags;
            let (ancestor, open) = (flags.any(flag::ANCESTOR), flags.is_open());
            self.forecast.waiting -= u32::from(ancestor);
            if flags.any(flag::AHEAD) && ready < self.now {
                let gate = self.logic(activity);
                let begins = self.begins(activity, gate.bound);
                if begins > self.now {
                    self.postpone(activity, begins);
                    continue;
                }
            }
            let waited_for = (ready < self.now).then(|| self.crews.waited_for(activity, ready));
            self.crews.take(activity);
            self.start(activity);
            if let Some((scarce, holder)) = waited_for {
                self.forecast.stale |= ancestor;
                let (from, until) = (ready, self.now);
                let what = WaitFor::Scarce(scarce);
                self.out.waits.push(Wait { activity, from, until, what, holder });
                if open {
                    self.out.cause[activity as usize] = Cause::Released(scarce, holder);
                }
            }
        }
    }

    /// Work begins, or goes on after the data date.
    #[inline]
    fn start(&mut self, activity: u32) {
        let at = activity as usize;
        self.happened += 1;
        let Node { flags, calendar, cause, met_by_start, .. } = self.network.nodes[at];
        let work = self.work[at];
        let end = if self.plan.scheduling.rules != Rules::Site {
            self.forecast.ends(self.plan, activity, self.now, work)
        } else if calendar == 0 {
            (self.now + work).min(Minute::NEVER)
        } else {
            cpm::ends(self.plan, calendar, self.now, work)
        };
        self.work_end[at] = end;
        if flags.any(flag::ANCESTOR) {
            self.forecast.began(activity);
        }
        self.queue.push(end, flags.ends(), activity);
        if flags.is_open() {
            self.out.start[at] = self.now;
            self.out.cause[at] = match self.gates[at].driver {
                NONE => cause,
                BY_DATE => Cause::Constraint,
                link => Cause::Link(link),
            };
            if self.funding.is_some() {
                self.say_funded(activity);
            }
            self.started(activity, flags, met_by_start);
        }
    }

    /// Replays an actual start, and the actual finish if there was one.
    fn began(&mut self, activity: u32) {
        let at = activity as usize;
        let Node { flags, met_by_start, .. } = self.network.nodes[at];
        self.out.start[at] = self.now;
        self.out.cause[at] = Cause::Actual;
        if flags.any(flag::ANCESTOR) {
            self.forecast.began(activity);
        }
        if let Some((store, racks)) = self.plan.activities[at].takes {
            self.crews.take_racks(store, racks);
        }
        if let Progress::Finished { finish, .. } = self.plan.activities[at].progress {
            self.queue.push(finish.max(self.now), flags.ends(), activity);
        }
        self.started(activity, flags, met_by_start);
    }

    #[inline(always)]
    fn started(&mut self, activity: u32, flags: Flags, met_by_start: (u32, u32)) {
        self.record(EventKind::Started, activity);
        if flags.any(flag::EFFECTS) {
            for effect in 0..self.plan.activities[activity as usize].effects.len() {
                if let Effect::Order(lot) = self.plan.activities[activity as usize].effects[effect]
                {
                    self.record(EventKind::Ordered(lot), activity);
                }
            }
        }
        for at in met_by_start.0..met_by_start.1 {
            self.meet(self.network.edges[at as usize]);
        }
        if flags.any(flag::HOLDS) {
            self.let_finish(activity, false);
        }
    }

    fn finish_effects(&mut self, activity: u32) {
        for &effect in &self.plan.activities[activity as usize].effects {
            let kind = match effect {
                Effect::Order(_) => continue,
                Effect::Deliver(lot) => {
                    let (store, racks) = self.plan.deliveries[lot as usize];
                    self.crews.deliver(store, racks, activity, self.now);
                    EventKind::Delivered(lot)
                }
                Effect::Energise(stage) => EventKind::Energised(stage),
                Effect::Cool(hall, _) => EventKind::Cooled(hall),
                Effect::Ready(hall) => EventKind::Ready(hall),
                Effect::Rack(unit) => EventKind::Racked(unit),
                Effect::InService(unit) => EventKind::InService(unit),
                Effect::Accept(unit) => EventKind::Accepted(unit),
            };
            self.record(kind, activity);
        }
    }

    fn record(&mut self, kind: EventKind, activity: u32) {
        self.out.events.push(Event { at: self.now, kind, activity });
    }

    /// Whoever still waits or is held does so in vain.
    fn close(&mut self) {
        let until = Minute::NEVER;
        self.close_funding();
        for (activity, from, scarce) in self.crews.in_vain(&self.queue) {
            let what = WaitFor::Scarce(scarce);
            self.out.waits.push(Wait { activity, from, until, what, holder: None });
        }
        for &activity in &self.network.bounded {
            let (from, finish) =
                (self.work_end[activity as usize], self.out.finish[activity as usize]);
            if from.happens() && !finish.happens() {
                let what = WaitFor::HeldFinish;
                self.out.waits.push(Wait { activity, from, until, what, holder: None });
            }
        }
    }
}
