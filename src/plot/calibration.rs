//! Calibration: whether forecasts were as sure as they could be.

use super::picture::Picture;
use super::sheet::{HEIGHT, Sheet};
use super::theme::Theme;

/// Data of a calibration chart.
#[derive(Clone, Debug, PartialEq)]
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
    /// How many forecasts were compared.
    pub cases: usize,
}

impl Calibration {
    /// Draws it.
    pub fn draw(&self, theme: Theme) -> Picture {
        let mut sheet = Sheet::new(theme, HEIGHT);
        sheet.head(&self.title, &self.subtitle, &[]);
        sheet.finish()
    }
}
