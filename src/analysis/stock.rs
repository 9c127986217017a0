//! Racks that wait in a store (semantics C6): how many, for how long, and what that costs.

use crate::model::{EventKind, Site, Timeline};
use crate::money::{Amount, Money};
use crate::time::{Minute, Span};
use crate::unit::Share;

/// What stood in one store.
#[derive(Clone, Debug, PartialEq)]
pub struct Stock {
    /// Index into the site's platforms.
    pub platform: u32,
    /// Most racks that waited at once.
    pub most: u64,
    /// Racks times days that they waited, up to the last event of the run.
    pub rack_days: f64,
    /// GPUs times days.
    pub gpu_days: f64,
    /// Racks that nobody has taken by then.
    pub left: u64,
    /// Cost of the money in them at the site's carrying cost; nothing where it states none.
    pub carrying: Option<Money>,
}

/// Every store through which racks pass, in file order.
///
/// Cost: one visit of the events.
pub fn stock(site: &Site, timeline: &Timeline) -> Vec<Stock> {
    let mut moves: Vec<Vec<(Minute, i64)>> = vec![Vec::new(); site.platforms.len()];
    for event in &timeline.events {
        let moved = match event.kind {
            EventKind::Delivered(lot) => {
                let lot = &site.lots[lot as usize];
                Some((lot.platform, i64::from(lot.racks)))
            }
            EventKind::Started => {
                let takes = site.plan.activities[event.activity as usize].takes;
                takes.map(|(store, racks)| (store, -i64::from(racks)))
            }
            _ => None,
        };
        if let Some((platform, racks)) = moved {
            moves[platform as usize].push((event.at, racks));
        }
    }
    let end = timeline.events.last().map_or(Minute::MIN, |event| event.at);
    let passed = moves.iter().enumerate().filter(|(_, moves)| !moves.is_empty());
    passed.map(|(platform, moves)| follow(site, platform, moves, end)).collect()
}

fn follow(site: &Site, platform: usize, moves: &[(Minute, i64)], end: Minute) -> Stock {
    let (mut racks, mut most, mut waited) = (0_i64, 0, 0_i128);
    let until = moves.iter().skip(1).map(|&(at, _)| at).chain([end]);
    for (&(at, moved), until) in moves.iter().zip(until) {
        racks += moved;
        // What comes and goes at one instant never stood there.
        if until > at {
            most = most.max(racks);
            waited += i128::from(racks) * i128::from((until - at).0);
        }
    }
    let rack_days = Span(waited as i64).days();
    Stock {
        platform: platform as u32,
        most: most.max(0) as u64,
        rack_days,
        gpu_days: rack_days * f64::from(site.platforms[platform].gpus_per_rack),
        left: racks.max(0) as u64,
        carrying: site.terms.carrying_cost.and_then(|rate| carrying(site, platform, waited, rate)),
    }
}

/// Mean price of the racks that came, times the part of a year that they waited, times the cost of
/// money.
fn carrying(site: &Site, platform: usize, waited: i128, yearly: Share) -> Option<Money> {
    let lots = || site.lots.iter().filter(|lot| lot.platform as usize == platform);
    let racks: i128 = lots().map(|lot| i128::from(lot.racks)).sum();
    let price = |lot: &crate::model::Lot| {
        let Amount { micros, currency } = lot.price_per_rack?;
        let day = site.plan.first_day();
        let one = site.terms.fx.convert(Amount { micros, currency }, day);
        Some(i128::from(one.0) * i128::from(lot.racks))
    };
    let worth: Option<i128> = lots().map(price).sum();
    let mean = worth? / racks.max(1);
    let year = i128::from(365 * 24 * 60);
    let tied = Money(i64::try_from(mean * waited / year).ok()?);
    Some(tied.share(yearly))
}
