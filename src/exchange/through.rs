//! Work that is over before what it waits for: under P6's retained logic it still hands on the
//! dates of its unfinished predecessors, so its successors wait for them.

use std::collections::BTreeMap;

use crate::model::graph::topological_order;
use crate::model::{Activity, CalendarId, Link, LinkKind, Progress};
use crate::time::{Calendar, Minute, Span};

/// What finished work hands on: an end of something unfinished, and a lag.
#[derive(Clone, Copy)]
struct Hands {
    from: u32,
    kind: LinkKind,
    lag: Span,
    lag_calendar: CalendarId,
}

/// Links from what is unfinished to the successors of finished work that came before its turn.
///
/// Cost: one visit per link, but for chains of such work, which hand on all that lies before them.
pub(super) fn links_through_finished(
    activities: &[Activity],
    links: &[Link],
    calendars: &[Calendar],
    now: Minute,
) -> Vec<Link> {
    let over = |at: u32| activities[at as usize].is_finished();
    if !links.iter().any(|link| over(link.to) && !over(link.from)) {
        return Vec::new();
    }
    // A cycle is reported where the plan is made.
    let Ok(order) = topological_order(activities.len(), links) else { return Vec::new() };
    let mut place = vec![0_u32; activities.len()];
    (0..).zip(&order).for_each(|(at, &activity)| place[activity as usize] = at);
    let mut into: Vec<&Link> =
        links.iter().filter(|link| over(link.from) || over(link.to)).collect();
    into.sort_by_key(|link| place[link.to as usize]);
    let mut handed: BTreeMap<u32, Vec<Hands>> = BTreeMap::new();
    let mut out = Vec::new();
    for link in into {
        if over(link.to) {
            let hands = match over(link.from) {
                true => handed.get(&link.from).cloned().unwrap_or_default(),
                false => vec![first(link)],
            };
            let all = handed.entry(link.to).or_default();
            hands.into_iter().for_each(|hand| add(all, hand));
        } else if let Some(hands) = handed.get(&link.from) {
            let left = left(link, activities, calendars, now);
            out.extend(hands.iter().filter_map(|hand| Some(on(link, *hand, left?))));
        }
    }
    out
}

/// What a link from something unfinished gives finished work to hand on.
fn first(link: &Link) -> Hands {
    let kind = if link.kind.from_finish() { LinkKind::FinishStart } else { LinkKind::StartStart };
    Hands { from: link.from, kind, lag: link.lag, lag_calendar: link.lag_calendar }
}

/// Keeps the longer of two lags from the same end.
fn add(all: &mut Vec<Hands>, hand: Hands) {
    let same = |other: &&mut Hands| other.from == hand.from && other.kind == hand.kind;
    match all.iter_mut().find(same) {
        Some(other) if other.lag >= hand.lag => {}
        Some(other) => *other = hand,
        None => all.push(hand),
    }
}

/// What is left of the lag of a link from finished work, if that work still binds its successor's
/// start.
fn left(link: &Link, activities: &[Activity], calendars: &[Calendar], now: Minute) -> Option<Span> {
    let Progress::Finished { start, finish } = activities[link.from as usize].progress else {
        return None;
    };
    let calendar = &calendars[usize::from(link.lag_calendar)];
    match link.kind {
        LinkKind::FinishStart => {
            let run = calendar.work_between(finish.min(now), now);
            Some((link.lag - run).max(Span::ZERO))
        }
        LinkKind::StartStart => {
            let asks = if link.lag == Span::ZERO { start } else { calendar.shift(start, link.lag) };
            (asks < now).then_some(Span::ZERO)
        }
        LinkKind::FinishFinish | LinkKind::StartFinish => None,
    }
}

fn on(link: &Link, hand: Hands, left: Span) -> Link {
    let lag_calendar = if hand.lag == Span::ZERO { link.lag_calendar } else { hand.lag_calendar };
    let Hands { from, kind, lag, .. } = hand;
    Link { from, to: link.to, kind, lag: lag + left, lag_calendar, derived: true }
}
