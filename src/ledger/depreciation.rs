//! Depreciation of a class of asset: straight lines read together, and what a new estimate of the
//! life does to them.

use super::useful_life::Lump;
use crate::model::terms::{AssetClass, Convention, Lives, NewLife};
use crate::money::{Lines, Meter, Money};
use crate::time::Day;

/// The assets of one class that are in service.
///
/// Cost: a month's reading is that of [`Lines`]; single assets are kept only where their life will
/// change, and a change visits each.
#[derive(Clone, Debug)]
pub(super) struct Depreciation {
    class: AssetClass,
    convention: Convention,
    lines: Lines,
    /// The asset that went in service last: its life ends when that of the others of its day does.
    last: Option<Lump>,
    lumps: Vec<Lump>,
    /// Read from the lines when the life changed, for the month's entry.
    unbooked: Money,
    /// Cost in service that has not been read from the lines.
    left: Money,
}

impl Depreciation {
    pub(super) fn new(lives: &Lives, class: AssetClass, opens: Day) -> Depreciation {
        let convention = lives.conventions[class as usize];
        Depreciation {
            class,
            convention,
            lines: Lines::new(convention.clock(opens)),
            last: None,
            lumps: Vec::new(),
            unbooked: Money::ZERO,
            left: Money::ZERO,
        }
    }

    /// Takes on an asset that goes in service today.
    pub(super) fn add(&mut self, lives: &Lives, day: Day, cost: Money) {
        let lump = match self.last.filter(|last| last.in_service == day) {
            Some(last) => Lump { left: cost, ..last },
            None => Lump::new(lives, self.class, day, cost),
        };
        self.last = Some(lump);
        self.left += cost;
        let rate = Meter::rate(cost, i64::from(lump.until - lump.from));
        match self.convention {
            Convention::Daily => self.lines.start(lump.from, lump.until, rate),
            _ => self.lines.add(lump.from, lump.until, rate),
        }
        if !lives.changes[self.class as usize].is_empty() {
            self.lumps.push(lump);
        }
    }

    /// Takes on an asset that went in service before the books opened; what is left of it then.
    pub(super) fn take_over(&mut self, lives: &Lives, day: Day, cost: Money, opens: Day) -> Money {
        let mut lump = Lump::new(lives, self.class, day, cost);
        let changes = &lives.changes[self.class as usize];
        for &to in changes.iter().take_while(|change| change.on <= opens) {
            lump.change(self.convention, to);
        }
        let now = self.convention.clock(opens);
        let left = lump.left_at(now);
        (lump.left, lump.from) = (left, lump.from.max(now));
        if lump.from >= lump.until {
            return Money::ZERO;
        }
        self.left += left;
        let rate = Meter::rate(left, i64::from(lump.until - lump.from));
        self.lines.add(lump.from, lump.until, rate);
        if !changes.is_empty() {
            self.lumps.push(lump);
        }
        left
    }

    /// What is left of everything in service goes over what remains of its new life: nothing is
    /// restated (finance-mechanics 12; ASC 250-10-45-17).
    pub(super) fn change(&mut self, to: NewLife) {
        let now = self.convention.clock(to.on);
        let read = self.lines.take(now);
        (self.unbooked, self.left) = (self.unbooked + read, self.left - read);
        self.lumps.retain(|lump| lump.until > now);
        self.lumps.iter_mut().for_each(|lump| lump.change(self.convention, to));
        // Single assets are rounded one by one: what that leaves goes with the last of them.
        let single: Money = self.lumps.iter().map(|lump| lump.left).sum();
        if let Some(last) = self.lumps.last_mut() {
            last.left += self.left - single;
        }
        self.last = None;
        self.lines = Lines::new(now);
        for lump in &self.lumps {
            let days = i64::from(lump.until - lump.from);
            self.lines.add(lump.from, lump.until, Meter::rate(lump.left, days));
        }
    }

    /// Charge of the month that ends at the start of `close`.
    pub(super) fn take(&mut self, close: Day) -> Money {
        let read = self.lines.take(self.convention.clock(close));
        self.left -= read;
        read + std::mem::take(&mut self.unbooked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::useful_life::carrying;
    use proptest::prelude::*;

    proptest! {
        /// The twin: each asset on its own.
        #[test]
        fn what_is_charged_and_what_is_left_is_the_cost_whatever_the_convention_and_the_changes(
            convention in prop::sample::select(vec![
                Convention::Daily, Convention::HalfMonth, Convention::FullMonthNext,
            ]),
            months in 1_u32..40, new in prop::collection::vec((1_i32..30, 1_u32..40), 0..3),
            assets in prop::collection::vec((0_i32..700, 0_i64..1_000_000_000), 1..8),
        ) {
            let opens = Day::from_date("2025-03-01".parse().unwrap());
            let class = AssetClass::Plant;
            let mut lives = Lives::default();
            let mut changes: Vec<NewLife> = new
                .iter()
                .map(|&(after, months)| NewLife { on: opens.add_months(after), months })
                .collect();
            changes.sort_by_key(|change| change.on);
            changes.dedup_by_key(|change| change.on);
            lives.months[class as usize] = months;
            lives.conventions[class as usize] = convention;
            lives.changes[class as usize] = changes.clone();
            let mut assets: Vec<(Day, Money)> =
                assets.iter().map(|&(after, cost)| (opens + after, Money(cost))).collect();
            assets.sort();
            let mut books = Depreciation::new(&lives, class, opens);
            let (mut charged, mut close, mut next) = (Money::ZERO, opens, 0);
            for _ in 0..72 {
                close = close.next_month();
                while next < assets.len() && assets[next].0 < close {
                    books.add(&lives, assets[next].0, assets[next].1);
                    next += 1;
                }
                charged += books.take(close);
                if let Some(&to) = changes.iter().find(|change| change.on == close) {
                    books.change(to);
                }
                let cost: Money = assets[..next].iter().map(|asset| asset.1).sum();
                let left: Money =
                    assets[..next].iter().map(|&asset| carrying(&lives, class, asset, close)).sum();
                let apart = (cost - charged - left).0.abs();
                prop_assert!(apart <= 4 * assets.len() as i64, "{apart} millionths on {close}");
            }
            let cost: Money = assets.iter().map(|asset| asset.1).sum();
            prop_assert_eq!(charged, cost);
        }
    }
}
