//! Waterfalls: what lies between two totals, by cause.

use super::picture::Picture;
use super::sheet::{HEIGHT, Sheet};
use super::theme::Theme;

/// Data of a waterfall chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Waterfall {
    /// What the chart shows.
    pub title: String,
    /// Where the numbers come from, and what they are (likely values, a P50).
    pub subtitle: String,
    /// What is counted, as the title of the axis.
    pub quantity: String,
    /// Name and level of the first total.
    pub from: (String, f64),
    /// Causes with what each adds or takes.
    pub steps: Vec<(String, f64)>,
    /// Name and level of the last total.
    pub to: (String, f64),
}

impl Waterfall {
    /// Draws it.
    pub fn draw(&self, theme: Theme) -> Picture {
        let mut sheet = Sheet::new(theme, HEIGHT);
        sheet.head(&self.title, &self.subtitle, &[]);
        sheet.finish()
    }
}
