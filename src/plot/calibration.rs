//! Calibration: whether forecasts were as sure as they could be.

use super::bars::{self, ROW};
use super::dates::TICK_SIZE;
use super::font::{self, Weight};
use super::picture::{Anchor, Area, Picture, printable};
use super::scale::{Scale, short, tame};
use super::sheet::{MARGIN, Mark, Sheet, TEXT, WIDTH};
use super::theme::Theme;

/// Data of a calibration chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calibration {
    /// What the chart shows.
    pub title: String,
    /// Where the numbers come from, and what they are (likely values, a P50).
    pub subtitle: String,
    /// Share of cases that an interval states, and the share that it held.
    pub coverage: Vec<(f64, f64)>,
    /// Cases by the percentile at which the outcome came, in bins of equal width.
    pub pit: Vec<u32>,
    /// What errors are counted in: `days`, `%`.
    pub unit: String,
    /// Mean absolute error of each forecast.
    pub errors: Vec<(String, f64)>,
    /// How many outcomes the errors are of.
    pub cases: usize,
}

/// Height of the two panels on top.
const PANEL: i32 = 340;
/// Room for values at the right of the bars of errors.
const VALUE: i32 = 130;
/// Most forecasts that are drawn.
const FORECASTS_MOST: usize = 12;

impl Calibration {
    /// Draws stated against observed coverage, the percentiles at which outcomes came, and the
    /// errors of forecasts; 1600 pixels wide.
    ///
    /// Cost: one visit per value.
    pub fn draw(&self, theme: Theme) -> Picture {
        let errors = &self.errors[..self.errors.len().min(FORECASTS_MOST)];
        let rows = errors.len().max(1) as i32;
        let mut sheet = Sheet::new(theme, 420 + PANEL + rows * ROW + 100);
        let top = sheet.head(&self.title, &self.subtitle, &legend(&sheet)) + 60;
        let bottom = top + PANEL;
        let middle = WIDTH / 2;
        let left = Area { left: MARGIN + 70, right: middle - 60, top, bottom };
        let right = Area { left: middle + 90, right: WIDTH - MARGIN, top, bottom };
        self.coverage(&mut sheet, left);
        self.percentiles(&mut sheet, right);
        let top = bottom + 150;
        let names = bars::name_room(errors.iter().map(|of| of.0.as_str()));
        let (left, right) = (MARGIN + names, WIDTH - MARGIN - VALUE);
        let plot = Area { left, right, top, bottom: top + rows * ROW };
        sheet.height = plot.bottom + 54;
        self.errors(&mut sheet, plot, errors);
        sheet.finish()
    }

    fn coverage(&self, sheet: &mut Sheet, plot: Area) {
        heading(sheet, plot, "Share of outcomes inside an interval, % (observed)");
        let scale = Scale::covering(0.0, 100.0, 5);
        sheet.number_axis(plot, &scale);
        bars::foot(sheet, plot, &scale);
        caption(sheet, plot, "Share that the interval states, %");
        let at = |stated: f64, observed: f64| {
            let x = scale.pixel(stated * 100.0, plot.left, plot.right);
            (x, scale.pixel(observed * 100.0, plot.bottom, plot.top))
        };
        if !self.coverage.is_empty() {
            sheet.line(&[at(0.0, 0.0), at(1.0, 1.0)], 2, sheet.palette.muted);
        }
        for &(stated, observed) in &self.coverage {
            sheet.disc(at(tame(stated), tame(observed)), 8, sheet.palette.plain);
        }
        if self.coverage.is_empty() {
            nothing(sheet, plot, "No forecast had a spread");
        }
    }

    fn percentiles(&self, sheet: &mut Sheet, plot: Area) {
        heading(sheet, plot, "Outcomes (cases)");
        let most = self.pit.iter().copied().max().unwrap_or(0);
        let scale = Scale::covering(0.0, f64::from(most.max(1)), 5);
        sheet.number_axis(plot, &scale);
        bars::foot(sheet, plot, &Scale::covering(0.0, 100.0, 5));
        caption(sheet, plot, "Percentile of the forecast at which the outcome came");
        let bins = self.pit.len().max(1) as i32;
        for (at, &count) in (0..).zip(&self.pit) {
            let [left, right] = [at, at + 1].map(|at| plot.left + plot.width() * at / bins);
            let top = scale.pixel(f64::from(count), plot.bottom, plot.top);
            let bar = Area { left: left + 2, right: right - 2, top, bottom: plot.bottom };
            sheet.fill(bar, sheet.palette.plain);
        }
        let cases: u32 = self.pit.iter().sum();
        if cases > 0 {
            let even = f64::from(cases) / f64::from(bins);
            let y = scale.pixel(even, plot.bottom, plot.top);
            sheet.line(&[(plot.left, y), (plot.right, y)], 2, sheet.palette.muted);
        } else {
            nothing(sheet, plot, "No forecast had a spread");
        }
    }

    fn errors(&self, sheet: &mut Sheet, plot: Area, errors: &[(String, f64)]) {
        let title = format!("Mean absolute error, {} ({} cases)", self.unit, self.cases);
        let head = Area { left: MARGIN, ..plot };
        heading(sheet, head, &title);
        let most = errors.iter().map(|of| tame(of.1).abs()).fold(0.0, f64::max);
        for (row, (name, error)) in (0..).zip(errors) {
            let middle = plot.top + row * ROW + ROW / 2;
            bars::name(sheet, plot, middle, name, Weight::Regular);
            let share = if most > 0.0 { tame(*error).abs() / most } else { 0.0 };
            let right = plot.left + (f64::from(plot.width()) * share).round() as i32;
            let bar = Area { left: plot.left, right, top: middle - 12, bottom: middle + 12 };
            let ink = if row == 0 { sheet.palette.plain } else { sheet.palette.muted };
            sheet.fill(bar, ink);
            let text = font::fit(&short(*error, 2), TEXT, Weight::Regular, VALUE - 24);
            let at = (right + 10, middle + 7);
            sheet.text(&text, at, TEXT, Weight::Regular, Anchor::Start, sheet.palette.text);
        }
        sheet.vertical(plot.left, plot.top, plot.bottom, sheet.palette.axis);
        if errors.is_empty() {
            nothing(sheet, plot, "Nothing to compare with");
        }
    }
}

fn legend(sheet: &Sheet) -> Vec<(Mark, String)> {
    let palette = sheet.palette;
    vec![
        (Mark::Fill(palette.plain), "This forecast".into()),
        (Mark::Fill(palette.muted), "Naive forecasts".into()),
        (Mark::Line(palette.muted, 2), "If it were as sure as it says".into()),
    ]
}

/// What a panel counts, over its upper left corner.
fn heading(sheet: &mut Sheet, plot: Area, text: &str) {
    let left = plot.left.min(MARGIN.max(plot.left - 70));
    let room = font::usable(plot.right - left, Weight::Bold);
    let text = font::fit(&printable(text), TEXT, Weight::Bold, room);
    let ink = sheet.palette.text;
    sheet.text(&text, (left, plot.top - 18), TEXT, Weight::Bold, Anchor::Start, ink);
}

/// What the axis under a panel counts.
fn caption(sheet: &mut Sheet, plot: Area, text: &str) {
    let room = font::usable(plot.width(), Weight::Bold);
    let text = font::fit(text, TICK_SIZE, Weight::Bold, room);
    let (at, ink) = (((plot.left + plot.right) / 2, plot.bottom + 60), sheet.palette.text);
    sheet.text(&text, at, TICK_SIZE, Weight::Bold, Anchor::Middle, ink);
}

fn nothing(sheet: &mut Sheet, plot: Area, text: &str) {
    let at = ((plot.left + plot.right) / 2, (plot.top + plot.bottom) / 2 + 7);
    let ink = sheet.palette.muted;
    sheet.text(text, at, TEXT, Weight::Regular, Anchor::Middle, ink);
}
