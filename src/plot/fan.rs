//! Fans: percentiles of a quantity over time.

use super::picture::Picture;
use super::ramp::Steps;
use super::sheet::{HEIGHT, Sheet};
use super::theme::Theme;
use crate::time::Day;

/// Data of a fan chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Fan {
    /// What the chart shows.
    pub title: String,
    /// Where the numbers come from, and what they are (likely values, a P50).
    pub subtitle: String,
    /// What is counted, as the title of the vertical axis: `Online IT MW`, `DSCR`.
    pub quantity: String,
    /// In order of time.
    pub points: Vec<FanPoint>,
    /// Whether a value holds until the next, as capacity does; else points are joined by lines.
    pub stepped: bool,
    /// What was promised, by date.
    pub plan: Option<Steps>,
    /// The likely run, which is no percentile.
    pub likely: Option<Steps>,
    /// What has happened.
    pub actual: Option<Steps>,
    /// A line that must not be undercut, with its name.
    pub least: Option<(String, f64)>,
    /// Title of the lower panel of probabilities; no panel without it.
    pub chance: Option<String>,
    /// Day the facts end and the forecast begins.
    pub status: Option<Day>,
}

/// The percentiles at one date.
#[derive(Clone, Debug, PartialEq)]
pub struct FanPoint {
    /// Date; the first day of a quarter where values are by quarter.
    pub at: Day,
    /// P10, P25, P50, P75, P90; `None` leaves a gap.
    pub quantiles: Option<[f64; 5]>,
    /// Probability from 0 to 1, for the lower panel.
    pub chance: Option<f64>,
}

impl Fan {
    /// Draws it.
    pub fn draw(&self, theme: Theme) -> Picture {
        let mut sheet = Sheet::new(theme, HEIGHT);
        sheet.head(&self.title, &self.subtitle, &[]);
        sheet.finish()
    }
}
