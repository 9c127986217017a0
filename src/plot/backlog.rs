//! Roll-forwards: a balance and what moves it, by quarter.

use super::panels::{Frame, Panels, span_of, up};
use super::picture::{Area, Picture, Point};
use super::scale::Scale;
use super::sheet::{HEIGHT, Mark, Sheet};
use super::theme::Theme;
use crate::money::{Currency, Money};
use crate::time::Day;

/// Data of a backlog chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Backlog {
    /// What the chart shows.
    pub title: String,
    /// Where the numbers come from, and what they are (likely values, a P50).
    pub subtitle: String,
    /// Currency of all amounts.
    pub currency: Currency,
    /// What the balance is called: `RPO`.
    pub quantity: String,
    /// In order of time.
    pub quarters: Vec<BacklogQuarter>,
    /// Day the facts end and the forecast begins.
    pub status: Option<Day>,
}

/// One quarter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BacklogQuarter {
    /// First day.
    pub first: Day,
    /// What joined it.
    pub signed: Money,
    /// What left it as revenue.
    pub recognised: Money,
    /// Other changes, below zero where they took from it.
    pub other: Money,
    /// What stands at the end.
    pub closing: Money,
}

impl Backlog {
    /// Draws the balance at each quarter's end above, and what moved it below; 1600 x 900 pixels.
    ///
    /// Cost: one visit per quarter.
    pub fn draw(&self, theme: Theme) -> Picture {
        let mut sheet = Sheet::new(theme, HEIGHT);
        let top = sheet.head(&self.title, &self.subtitle, &self.legend(&sheet));
        let closing = self.quarters.iter().map(|quarter| quarter.closing.millions());
        let (low, high) = ends(closing);
        let balance = Scale::covering(low, high * 1.02, 5);
        let (low, high) = ends(self.quarters.iter().flat_map(BacklogQuarter::reach));
        let moves = Scale::covering(low, high, 6);
        let titles = [
            format!("{} at the end of the quarter, {} million", self.quantity, self.currency),
            format!("Signed and recognised in the quarter, {} million", self.currency),
        ];
        let axes = [(titles[0].as_str(), &balance), (titles[1].as_str(), &moves)];
        let span = span_of(self.quarters.iter().map(|quarter| quarter.first));
        let frame = Frame { top, room: 0, span, by_quarter: true, status: self.status };
        let panels = Panels::new(&mut sheet, &frame, &axes);
        self.balance(&mut sheet, &panels, &balance);
        self.moves(&mut sheet, &panels, &moves);
        panels.status(&mut sheet);
        if self.quarters.is_empty() {
            panels.nothing(&mut sheet, "No quarters");
        }
        sheet.finish()
    }

    fn legend(&self, sheet: &Sheet) -> Vec<(Mark, String)> {
        let palette = sheet.palette;
        let mut entries = vec![
            (Mark::Fill(palette.plain.faint(45)), self.quantity.clone()),
            (Mark::Fill(palette.energised), "Signed".to_owned()),
            (Mark::Fill(palette.plain), "Recognised as revenue".to_owned()),
        ];
        if self.quarters.iter().any(|quarter| quarter.other != Money::ZERO) {
            entries.push((Mark::Fill(palette.critical), "Lost, damages, terminated".to_owned()));
        }
        entries
    }

    /// A staircase: what stands at a quarter's end stands over the whole of it.
    fn balance(&self, sheet: &mut Sheet, panels: &Panels, scale: &Scale) {
        let (panel, palette) = (panels.areas[0], sheet.palette);
        let zero = up(scale, 0.0, panel);
        let mut edge: Vec<Point> = Vec::new();
        for quarter in &self.quarters {
            let (left, right) = panels.quarter(quarter.first);
            let y = up(scale, quarter.closing.millions(), panel);
            let area = Area { left, right, top: y.min(zero), bottom: y.max(zero) };
            sheet.fill(area, palette.plain.faint(45));
            edge.extend([(left, y), (right, y)]);
        }
        sheet.line(&edge, 2, palette.plain);
        sheet.horizontal(panel.left, panel.right, zero, palette.axis);
    }

    fn moves(&self, sheet: &mut Sheet, panels: &Panels, scale: &Scale) {
        let (panel, palette) = (panels.areas[1], sheet.palette);
        let zero = up(scale, 0.0, panel);
        for quarter in &self.quarters {
            let (left, right) = panels.quarter(quarter.first);
            let (middle, half) = ((left + right) / 2, ((right - left) / 3).clamp(1, 60));
            let (mut above, mut below) = (0.0, 0.0);
            for (amount, ink) in quarter.moves().into_iter().zip([
                palette.energised,
                palette.plain,
                palette.critical,
            ]) {
                let from = if amount < 0.0 { &mut below } else { &mut above };
                let (before, after) = (*from, *from + amount);
                *from = after;
                let (a, b) = (up(scale, before, panel), up(scale, after, panel));
                let (left, right) = (middle - half, middle + half);
                sheet.fill(Area { left, right, top: a.min(b), bottom: a.max(b) }, ink);
            }
        }
        sheet.horizontal(panel.left, panel.right, zero, palette.axis);
    }
}

impl BacklogQuarter {
    /// Signed, recognised, other, in millions, with what takes from the balance below zero.
    fn moves(&self) -> [f64; 3] {
        [self.signed.millions(), -self.recognised.millions(), self.other.millions()]
    }

    /// How far its bars reach above and below zero.
    fn reach(&self) -> [f64; 2] {
        let sum = |above: bool| self.moves().iter().filter(|of| (**of > 0.0) == above).sum();
        [sum(true), sum(false)]
    }
}

/// The least and the greatest value, with zero.
fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((0.0f64, 0.0f64), |(low, high), value| (low.min(value), high.max(value)))
}
