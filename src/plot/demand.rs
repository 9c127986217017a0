//! Resource histograms: what is in use and waited for, against what there is.

use super::picture::Picture;
use super::ramp::Steps;
use super::sheet::{HEIGHT, Sheet};
use super::theme::Theme;
use crate::time::Day;

/// Data of a resource histogram.
#[derive(Clone, Debug, PartialEq)]
pub struct Demand {
    /// What the chart shows.
    pub title: String,
    /// Where the numbers come from, and what they are (likely values, a P50).
    pub subtitle: String,
    /// One for each resource, from top to bottom.
    pub panels: Vec<DemandPanel>,
    /// Day the facts end and the forecast begins.
    pub status: Option<Day>,
}

/// One resource.
#[derive(Clone, Debug, PartialEq)]
pub struct DemandPanel {
    /// What it is called.
    pub name: String,
    /// What is counted: `crews`.
    pub quantity: String,
    /// How many there are, by date.
    pub pool: Steps,
    /// In order of time.
    pub weeks: Vec<DemandWeek>,
    /// Days that were waited, summed over all who did.
    pub queue_days: f64,
}

/// One week.
#[derive(Clone, Debug, PartialEq)]
pub struct DemandWeek {
    /// Its first day.
    pub from: Day,
    /// Mean in use.
    pub used: f64,
    /// Mean that others waited for.
    pub queued: f64,
}

impl Demand {
    /// Draws it.
    pub fn draw(&self, theme: Theme) -> Picture {
        let mut sheet = Sheet::new(theme, HEIGHT);
        sheet.head(&self.title, &self.subtitle, &[]);
        sheet.finish()
    }
}
