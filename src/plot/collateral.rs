//! Collateral: what stands behind the debt above, loan to value below.

use super::font::{self, Weight};
use super::panels::{Frame, Panels, span_of, up};
use super::picture::{Anchor, Area, Picture, Point, printable};
use super::scale::{Scale, tame};
use super::sheet::{HEIGHT, Mark, Sheet, TEXT};
use super::theme::Theme;
use crate::money::{Currency, Money};
use crate::time::Day;

/// Data of a collateral chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Collateral {
    /// What the chart shows.
    pub title: String,
    /// Where the numbers come from, and what they are (likely values, a P50).
    pub subtitle: String,
    /// Currency of all amounts.
    pub currency: Currency,
    /// In order of time.
    pub quarters: Vec<CollateralQuarter>,
    /// Most loan to value that passes, with its name.
    pub limit: Option<(String, f64)>,
    /// Day the facts end and the forecast begins.
    pub status: Option<Day>,
}

/// One quarter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CollateralQuarter {
    /// First day; amounts are of the quarter's end.
    pub first: Day,
    /// Value of the collateral.
    pub value: Money,
    /// What is owed.
    pub debt: Money,
}

impl CollateralQuarter {
    /// Debt over value in percent; none where there is neither or no value.
    fn share(&self) -> Option<f64> {
        let share = self.debt.millions() / self.value.millions() * 100.0;
        (self.debt > Money::ZERO && self.value > Money::ZERO).then_some(share)
    }
}

/// Loan to value in percent beyond which an axis is cut off.
const SHARE_MOST: f64 = 200.0;

impl Collateral {
    /// Draws value and debt above, and loan to value below with its limit; 1600 x 900 pixels.
    ///
    /// A ratio above 200 % is cut off at the edge and marked.
    ///
    /// Cost: one visit per quarter.
    pub fn draw(&self, theme: Theme) -> Picture {
        let mut sheet = Sheet::new(theme, HEIGHT);
        let top = sheet.head(&self.title, &self.subtitle, &self.legend(&sheet));
        let amounts = self.quarters.iter().flat_map(|of| [of.value.millions(), of.debt.millions()]);
        let (low, high) = amounts.fold((0.0f64, 0.0f64), |(l, h), v| (l.min(v), h.max(v)));
        let money = Scale::covering(low, high * 1.02, 5);
        let limit = self.limit().map(|(_, most)| most * 100.0);
        let shares = self.quarters.iter().filter_map(CollateralQuarter::share).chain(limit);
        let high = shares.map(|share| tame(share).min(SHARE_MOST)).fold(100.0, f64::max);
        let shares = Scale::covering(0.0, high, 5);
        let title = format!("{} million at the end of the quarter", self.currency);
        let axes = [(title.as_str(), &money), ("Loan to value (LTV), %", &shares)];
        let room = self.limit().map_or(0, |(name, _)| {
            font::padded(font::width(&name, TEXT, Weight::Bold), Weight::Bold) + 14
        });
        let span = span_of(self.quarters.iter().map(|quarter| quarter.first));
        let frame = Frame { top, room, span, by_quarter: true, status: self.status };
        let panels = Panels::new(&mut sheet, &frame, &axes);
        self.amounts(&mut sheet, &panels, &money);
        self.shares(&mut sheet, &panels, &shares);
        panels.status(&mut sheet);
        if self.quarters.is_empty() {
            panels.nothing(&mut sheet, "No quarters");
        }
        sheet.finish()
    }

    /// The limit, if it can be drawn, with a name that fits beside the plot.
    fn limit(&self) -> Option<(String, f64)> {
        let (name, most) = self.limit.as_ref()?;
        let name = font::fit(&printable(name), TEXT, Weight::Bold, 230);
        (most.is_finite() && *most >= 0.0).then_some((name, *most))
    }

    fn legend(&self, sheet: &Sheet) -> Vec<(Mark, String)> {
        let palette = sheet.palette;
        let mut entries = vec![
            (Mark::Fill(palette.plain.faint(45)), "Value of the collateral".to_owned()),
            (Mark::Line(palette.service, 4), "Debt".to_owned()),
            (Mark::Disc(palette.text), "LTV = debt / value".to_owned()),
        ];
        if self.limit().is_some() {
            entries.push((Mark::Diamond(palette.critical), "LTV above the covenant".to_owned()));
        }
        entries
    }

    fn amounts(&self, sheet: &mut Sheet, panels: &Panels, scale: &Scale) {
        let (panel, palette) = (panels.areas[0], sheet.palette);
        let zero = up(scale, 0.0, panel);
        let (mut value, mut debt): (Vec<Point>, Vec<Point>) = (Vec::new(), Vec::new());
        for quarter in &self.quarters {
            let (left, right) = panels.quarter(quarter.first);
            let [worth, owed] =
                [quarter.value, quarter.debt].map(|of| up(scale, of.millions(), panel));
            let area = Area { left, right, top: worth.min(zero), bottom: worth.max(zero) };
            sheet.fill(area, palette.plain.faint(45));
            value.extend([(left, worth), (right, worth)]);
            debt.extend([(left, owed), (right, owed)]);
        }
        sheet.line(&value, 2, palette.plain);
        sheet.cased(&debt, 4, palette.service);
        sheet.horizontal(panel.left, panel.right, zero, palette.axis);
    }

    fn shares(&self, sheet: &mut Sheet, panels: &Panels, scale: &Scale) {
        let (panel, palette) = (panels.areas[1], sheet.palette);
        sheet.horizontal(panel.left, panel.right, panel.bottom, palette.axis);
        let limit = self.limit();
        if let Some((name, most)) = &limit {
            let y = up(scale, most * 100.0, panel);
            sheet.fill(Area { bottom: y, ..panel }, palette.critical.faint(10));
            sheet.dashed(&[(panel.left, y), (panel.right, y)], 2, palette.critical);
            let at = (panel.right + 10, y + 7);
            sheet.text(name, at, TEXT, Weight::Bold, Anchor::Start, palette.critical);
        }
        let place = |quarter: &CollateralQuarter| {
            let (left, right) = panels.quarter(quarter.first);
            quarter.share().map(|share| ((left + right) / 2, up(scale, share, panel), share))
        };
        let places: Vec<Option<(i32, i32, f64)>> = self.quarters.iter().map(place).collect();
        for two in places.windows(2) {
            if let [Some(a), Some(b)] = two {
                sheet.line(&[(a.0, a.1), (b.0, b.1)], 2, palette.text);
            }
        }
        for &(x, y, share) in places.iter().flatten() {
            let broken = limit.as_ref().is_some_and(|(_, most)| share > most * 100.0);
            if share > scale.high() {
                // An arrowhead: it goes on beyond the edge.
                sheet.polygon(vec![(x - 7, y + 12), (x + 7, y + 12), (x, y)], palette.critical);
            } else if broken {
                sheet.diamond((x, y), 8, palette.critical, false);
            } else {
                sheet.disc((x, y), 5, palette.text);
            }
        }
    }
}
