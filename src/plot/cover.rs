//! Debt cover: revenue and debt service by quarter above, their ratio against its covenant below.

use super::dates::Dates;
use super::font::{self, Weight};
use super::panels::{Frame, Panels, span_of};
use super::picture::{Anchor, Area, Picture};
use super::scale::{Scale, number, tame};
use super::sheet::{HEIGHT, Mark, Sheet, TEXT};
use super::theme::{Ink, Theme};
use crate::money::{Currency, Money};
use crate::time::Day;

/// One quarter of a cover chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CoverQuarter {
    /// First day; the quarter ends three months later.
    pub first: Day,
    /// Revenue recognised.
    pub revenue: Money,
    /// Interest and principal due.
    pub debt_service: Money,
    /// Debt service cover ratio; `None` where it is undefined.
    pub dscr: Option<f64>,
}

impl CoverQuarter {
    fn end(&self) -> Day {
        self.first.add_months(3)
    }

    /// The ratio, if it is a number.
    fn ratio(&self) -> Option<f64> {
        self.dscr.filter(|ratio| ratio.is_finite()).map(tame)
    }
}

/// A ratio that must not be undercut.
#[derive(Clone, Debug, PartialEq)]
pub struct Covenant {
    /// What a reader calls it: `Covenant 1.40x`.
    pub name: String,
    /// Least ratio that passes.
    pub least: f64,
    /// First day of a test; before it nothing passes or fails (semantics M10).
    pub from: Option<Day>,
    /// Day after which nothing is tested any more: the loan is repaid.
    pub until: Option<Day>,
}

impl Covenant {
    /// Whether a quarter is tested: some day of it lies between the first and the last.
    fn tests(&self, quarter: &CoverQuarter) -> bool {
        self.from.is_none_or(|from| quarter.end() > from)
            && self.until.is_none_or(|until| quarter.first <= until)
    }
}

/// Data of a debt-cover chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Cover {
    /// What the chart shows.
    pub title: String,
    /// Where the numbers come from, and what they are (likely values, a P50).
    pub subtitle: String,
    /// Currency of all amounts.
    pub currency: Currency,
    /// Quarters in order of time.
    pub quarters: Vec<CoverQuarter>,
    /// Threshold of the ratio.
    pub covenant: Option<Covenant>,
    /// Day the facts end and the forecast begins.
    pub status: Option<Day>,
}

const NOTE: i32 = 18;

impl Cover {
    /// Draws both panels over one date axis, 1600 x 900 pixels.
    ///
    /// A ratio far above or below the others is cut off at the edge of its panel and marked with
    /// an arrowhead and its value, so that the covenant stays readable.
    ///
    /// Cost: one visit per quarter.
    pub fn draw(&self, theme: Theme) -> Picture {
        let mut sheet = Sheet::new(theme, HEIGHT);
        let top = sheet.head(&self.title, &self.subtitle, &self.legend(&sheet));
        let amounts =
            self.quarters.iter().flat_map(|q| [q.revenue.millions(), q.debt_service.millions()]);
        let (low, high) =
            amounts.fold((0.0f64, 0.0f64), |(low, high), v| (low.min(v), high.max(v)));
        let money = Scale::covering(low, high * 1.02, 5);
        let (low, high) = self.ratio_range();
        let ratio = Scale::covering(low, high, 5);

        let title = format!("{} million a quarter", self.currency);
        let axes = [(title.as_str(), &money), ("Debt service cover ratio (DSCR)", &ratio)];
        let span = span_of(self.quarters.iter().map(|quarter| quarter.first));
        let room = self.covenant_room();
        let frame = Frame { top, room, span, by_quarter: true, status: self.status };
        let panels = Panels::new(&mut sheet, &frame, &axes);
        let (upper, lower, dates) = (panels.areas[0], panels.areas[1], &panels.dates);
        self.shade(&mut sheet, lower, dates, &ratio);
        self.bars(&mut sheet, upper, dates, &money);
        self.threshold(&mut sheet, lower, dates, &ratio);
        self.ratios(&mut sheet, lower, dates, &ratio);
        panels.status(&mut sheet);
        if self.quarters.is_empty() {
            panels.nothing(&mut sheet, "No quarters");
        }
        sheet.finish()
    }

    /// The covenant, if it can be drawn.
    fn covenant(&self) -> Option<&Covenant> {
        self.covenant.as_ref().filter(|covenant| covenant.least.is_finite())
    }

    fn covenant_room(&self) -> i32 {
        let name = self
            .covenant
            .as_ref()
            .map_or(0, |covenant| font::width(&self.covenant_name(covenant), TEXT, Weight::Bold));
        (font::padded(name, Weight::Bold) + 14).max(30)
    }

    fn covenant_name(&self, covenant: &Covenant) -> String {
        font::fit(&covenant.name, TEXT, Weight::Bold, 230)
    }

    fn legend(&self, sheet: &Sheet) -> Vec<(Mark, String)> {
        let palette = sheet.palette;
        let mut entries = vec![
            (Mark::Fill(palette.plain), "Revenue".to_owned()),
            (Mark::Fill(palette.service), "Debt service".to_owned()),
        ];
        match self.covenant() {
            Some(_) => {
                entries.push((Mark::Disc(palette.plain), "DSCR".to_owned()));
                entries
                    .push((Mark::Diamond(palette.critical), "DSCR below the covenant".to_owned()));
            }
            None => entries.push((Mark::Disc(palette.plain), "DSCR".to_owned())),
        }
        entries
    }

    /// What the axis of the ratio must show: the covenant, zero, and all values but outliers.
    fn ratio_range(&self) -> (f64, f64) {
        let mut values: Vec<f64> = self.quarters.iter().filter_map(CoverQuarter::ratio).collect();
        values.sort_by(f64::total_cmp);
        let least = self.covenant().map_or(0.0, |covenant| tame(covenant.least));
        let (Some(lowest), Some(highest)) = (values.first(), values.last()) else {
            return (0.0, (least * 1.5).max(1.0));
        };
        let middle = values[values.len() / 2];
        let limit = (2.0 * least).max(2.0 * middle).max(2.0);
        let high = if *highest > 1.5 * limit { limit } else { highest.max(least * 1.2) };
        let low = lowest.min(0.0).max(-limit / 2.0);
        (low, high)
    }

    fn bars(&self, sheet: &mut Sheet, plot: Area, dates: &Dates, scale: &Scale) {
        let palette = sheet.palette;
        let zero = scale.pixel(0.0, plot.bottom, plot.top);
        for quarter in &self.quarters {
            let (left, right) = (dates.day(quarter.first), dates.day(quarter.end()));
            let width = right - left;
            let (bar, half) = ((width * 5 / 14).clamp(1, 90), (left + right) / 2);
            let pair = [
                (half - bar, half, quarter.revenue, palette.plain),
                (half, half + bar, quarter.debt_service, palette.service),
            ];
            for (left, right, amount, ink) in pair {
                let y = scale.pixel(amount.millions(), plot.bottom, plot.top);
                let bar = Area { left, right, top: y.min(zero), bottom: y.max(zero) };
                sheet.fill(bar, ink);
            }
        }
        sheet.horizontal(plot.left, plot.right, zero, palette.axis);
    }

    /// The part of the panel in which the covenant is tested: whole quarters.
    fn tested(&self, plot: Area, dates: &Dates) -> Area {
        let tests = |quarter: &&CoverQuarter| self.covenant().is_some_and(|c| c.tests(quarter));
        let pixel = |day: Day| dates.day(day).clamp(plot.left, plot.right);
        let first = self.quarters.iter().find(tests).map(|quarter| pixel(quarter.first));
        let last = self.quarters.iter().rev().find(tests).map(|quarter| pixel(quarter.end()));
        Area { left: first.unwrap_or(plot.right), right: last.unwrap_or(plot.right), ..plot }
    }

    fn shade(&self, sheet: &mut Sheet, plot: Area, dates: &Dates, scale: &Scale) {
        if let Some(covenant) = self.covenant() {
            let top = scale.pixel(covenant.least, plot.bottom, plot.top);
            let tested = self.tested(plot, dates);
            sheet.fill(Area { top, ..tested }, sheet.palette.critical.faint(10));
        }
    }

    fn threshold(&self, sheet: &mut Sheet, plot: Area, dates: &Dates, scale: &Scale) {
        if let Some(covenant) = self.covenant() {
            let y = scale.pixel(covenant.least, plot.bottom, plot.top);
            let ink = sheet.palette.critical;
            let tested = self.tested(plot, dates);
            sheet.dashed(&[(tested.left, y), (tested.right, y)], 2, ink);
            let at = (plot.right + 10, y + 7);
            let name = self.covenant_name(covenant);
            sheet.text(&name, at, TEXT, Weight::Bold, Anchor::Start, ink);
        }
    }

    fn ratios(&self, sheet: &mut Sheet, plot: Area, dates: &Dates, scale: &Scale) {
        let zero = scale.pixel(0.0, plot.bottom, plot.top);
        sheet.horizontal(plot.left, plot.right, zero, sheet.palette.axis);
        let covenant = self.covenant();
        let middle =
            |quarter: &CoverQuarter| (dates.day(quarter.first) + dates.day(quarter.end())) / 2;
        let point = |quarter: &CoverQuarter| {
            let value = quarter.ratio()?;
            Some((middle(quarter), scale.pixel(value, plot.bottom, plot.top), value))
        };
        for two in self.quarters.windows(2) {
            // Between two values beyond the edge there is nothing to show inside it.
            let beyond = |value: f64| value > scale.high() || value < scale.low();
            if let (Some(from), Some(to)) = (point(&two[0]), point(&two[1]))
                && !(beyond(from.2) && beyond(to.2))
            {
                sheet.line(&[(from.0, from.1), (to.0, to.1)], 2, sheet.palette.muted);
            }
        }
        let radius = if dates.ticks().labels.len() > 60 { 3 } else { 6 };
        // Ends of the labels at the upper edge and of those at the lower one.
        let (mut free, mut low) = (plot.left, Vec::new());
        for quarter in &self.quarters {
            let Some((x, y, value)) = point(quarter) else { continue };
            let breaks = |covenant: &Covenant| value < covenant.least && covenant.tests(quarter);
            let passes = !covenant.is_some_and(breaks);
            let clipped = value > scale.high() || value < scale.low();
            match (clipped, passes) {
                (true, passes) => {
                    let ink = if passes { sheet.palette.plain } else { sheet.palette.critical };
                    let up = value > scale.high();
                    let label = self.clipped(sheet, plot, x, value, (up, ink), free);
                    free = label.map_or(free, |(_, right)| right + 8);
                    low.extend(label.filter(|_| !up));
                }
                (false, true) => sheet.disc((x, y), radius, sheet.palette.plain),
                (false, false) => {
                    sheet.diamond((x, y), radius as i32 + 3, sheet.palette.critical, false)
                }
            }
        }
        self.undefined(sheet, plot, dates, &low);
    }

    /// An arrowhead at the edge, and the value where there is room for it: then its two ends.
    fn clipped(
        &self,
        sheet: &mut Sheet,
        plot: Area,
        x: i32,
        value: f64,
        (up, ink): (bool, Ink),
        free: i32,
    ) -> Option<(i32, i32)> {
        let (tip, base) =
            if up { (plot.top, plot.top + 13) } else { (plot.bottom, plot.bottom - 13) };
        sheet.polygon(vec![(x, tip), (x + 9, base), (x - 9, base)], ink);
        let text = number(value, 1) + "x";
        let width = font::width(&text, NOTE, Weight::Regular);
        let middle = x.clamp(plot.left + width / 2, plot.right - width / 2);
        let ends = (middle - width / 2, middle + width / 2);
        if ends.0 < free {
            return None;
        }
        let place = (middle, if up { plot.top + 32 } else { plot.bottom - 20 });
        sheet.chip(place, &text, Anchor::Middle);
        let ink = sheet.palette.text;
        sheet.text(&text, place, NOTE, Weight::Regular, Anchor::Middle, ink);
        Some(ends)
    }

    /// One `n/a` for each run of quarters without a ratio, where no other label stands.
    fn undefined(&self, sheet: &mut Sheet, plot: Area, dates: &Dates, taken: &[(i32, i32)]) {
        let mut at = 0;
        while at < self.quarters.len() {
            let run =
                self.quarters[at..].iter().take_while(|quarter| quarter.ratio().is_none()).count();
            if run > 0 {
                let left = dates.day(self.quarters[at].first);
                let right = dates.day(self.quarters[at + run - 1].end());
                let ink = sheet.palette.muted;
                let (width, middle) =
                    (font::width("n/a", NOTE, Weight::Regular), (left + right) / 2);
                let clear = |other: &(i32, i32)| {
                    other.1 + 4 < middle - width / 2 || middle + width / 2 + 4 < other.0
                };
                if right - left >= width + 4 && taken.iter().all(clear) {
                    let place = (middle, plot.bottom - 24);
                    sheet.text("n/a", place, NOTE, Weight::Regular, Anchor::Middle, ink);
                }
                let y = plot.bottom - 12;
                sheet.whisker(left + 3, right - 3, y, true, ink);
                sheet
                    .fill(Area { left: left + 3, top: y - 5, right: left + 5, bottom: y + 5 }, ink);
            }
            at += run.max(1);
        }
    }
}
