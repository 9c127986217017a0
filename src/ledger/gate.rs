//! The funding gate: may work begin whose loan has to be there first (semantics M0)?
//!
//! The books run inside the event loop, the same code fed with the same events as afterwards over
//! the finished timeline, and answer for one loan at a time. They stand at the start of the day on
//! which they are asked; only conditions precedent are looked up at the minute. Work is held back
//! by what [`draw_limit`] says of the loan itself: not closed, a condition unmet, availability
//! over, a draw stop, the commitment used up. That equity goes first or that nothing eligible has
//! been paid yet holds nothing back: cost that is still to come makes the loan's share of it
//! eligible.

use super::agenda::Task;
use super::books::Books;
use super::{BooksResult, Prepared};
use crate::loan::{NoDraw, draw_limit};
use crate::model::terms::{Gate, LoanKind};
use crate::model::{Event, EventKind, Timeline};
use crate::money::Money;
use crate::time::{Day, Minute};

/// The books of a trial that is under way, as far as they are needed to say who may begin.
#[derive(Clone, Debug)]
pub struct FundingGate<'s> {
    prepared: &'s Prepared<'s>,
    books: Books<'s>,
    /// How many events of the timeline the books have been told.
    told: usize,
}

/// Why work may not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfunded {
    /// What the loan says.
    pub why: NoDraw,
    /// Day on which time alone may have changed that; `None` if it never does. A condition
    /// unmet is asked about again when it is met.
    pub again: Option<Day>,
}

impl<'s> FundingGate<'s> {
    /// A gate for one trial.
    pub fn new(prepared: &'s Prepared<'s>) -> FundingGate<'s> {
        FundingGate { prepared, books: Books::new(prepared, false), told: 0 }
    }

    /// Who waits for which loan, by activity.
    pub fn gates(&self) -> &'s [Gate] {
        &self.prepared.site.terms.gates
    }

    /// Whether a loan waits for an activity to finish before its first draw.
    pub fn is_condition(&self, loan: u32, activity: u32) -> bool {
        self.prepared.site.terms.loans[loan as usize].draws.conditions.contains(&activity)
    }

    /// Whether every condition precedent of a loan has happened.
    pub fn conditions_met(&self, loan: u32, timeline: &Timeline) -> bool {
        let conditions = &self.prepared.site.terms.loans[loan as usize].draws.conditions;
        conditions.iter().all(|&activity| timeline.finish[activity as usize].happens())
    }

    /// Whether work may begin at `now` that a loan has to fund. `timeline` is what has happened by
    /// then; `expected` says when something under way is expected to finish, which progress
    /// invoices are spread by. Calls come in order of time.
    ///
    /// A loan drawn at closing gives its money then, and holds nothing back afterwards. A
    /// commitment that is still to be sized has no end yet.
    ///
    /// # Errors
    ///
    /// Why not, and when to ask again.
    ///
    /// Cost: the events and dates of the books since the last call.
    pub fn ask(
        &mut self,
        loan: u32,
        now: Minute,
        timeline: &Timeline,
        expected: impl Fn(u32) -> Minute,
    ) -> Result<(), Unfunded> {
        let terms = &self.prepared.site.terms.loans[loan as usize];
        let day = now.day();
        let never = |why| Err(Unfunded { why, again: None });
        if day < terms.close {
            return Err(Unfunded { why: NoDraw::NotClosed, again: Some(terms.close) });
        }
        if terms.draws.kind.draws_at_closing() {
            return Ok(());
        }
        // Beyond its availability the loan's books need not run, which may be over by then.
        if day > terms.available_until {
            return never(NoDraw::Lapsed);
        }
        self.run_to(day, timeline, expected);
        let Err(why) = self.limit(loan, day, timeline) else { return Ok(()) };
        let again = match why {
            NoDraw::Breach => Some(day.next_month()),
            NoDraw::CommitmentUsed if terms.draws.kind == LoanKind::Revolver => Some(day + 1),
            _ => None,
        };
        let again = again.filter(|&again| again <= terms.available_until);
        Err(Unfunded { why, again })
    }

    /// Takes the books to the start of a day: whatever was before it, and its month's close.
    fn run_to(&mut self, day: Day, timeline: &Timeline, expected: impl Fn(u32) -> Minute) {
        let events = &timeline.events[self.told..];
        let before = events.iter().take_while(|event| event.at.day() < day).count();
        self.tell(&events[..before], expected);
        let terms = &self.prepared.site.terms;
        let day = terms.horizon.map_or(day, |horizon| day.min(horizon));
        self.books.run_through(day.max(terms.opens), Task::MonthClose);
    }

    fn tell(&mut self, events: &[Event], expected: impl Fn(u32) -> Minute) {
        self.told += events.len();
        for event in events.iter().filter(|event| self.prepared.counts(event)) {
            if event.kind == EventKind::Started {
                let finish = expected(event.activity);
                if finish.happens() {
                    self.books.expect(event.activity, finish);
                }
            }
            self.books.on(event);
        }
    }

    /// What [`draw_limit`] says of the loan itself.
    fn limit(&self, loan: u32, day: Day, timeline: &Timeline) -> Result<(), NoDraw> {
        let at = loan as usize;
        let site = self.prepared.site;
        let terms = &site.terms.loans[at];
        let mut ask = self.books.draw_request(at, day, Money(1), Money::ZERO);
        ask.conditions_met = self.conditions_met(loan, timeline);
        if !self.books.loans[at].is_closed() {
            // It closes today, after the site's events.
            ask.commitment = site.terms.fx.convert(terms.commitment, terms.close);
        }
        if terms.draws.kind == LoanKind::Revolver {
            ask.drawn = self.books.loans[at].outstanding();
        }
        if terms.commitment.micros == 0 && terms.sized.is_some() {
            ask.commitment = Money(i64::MAX);
        }
        match draw_limit(terms, site.terms.equity.funding, &ask) {
            Err(NoDraw::EquityFirst | NoDraw::NothingEligible | NoDraw::NothingNeeded) => Ok(()),
            answer => answer.map(|_| ()),
        }
    }

    /// Takes the books through the rest of the timeline and closes them.
    pub fn close(mut self, timeline: &Timeline) -> BooksResult {
        self.tell(&timeline.events[self.told..], |activity| timeline.finish[activity as usize]);
        self.books.close()
    }
}
