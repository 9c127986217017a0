//! Tornadoes: what each driver does, the strongest on top.

use super::picture::Picture;
use super::sheet::{HEIGHT, Sheet};
use super::theme::Theme;

/// Data of a tornado chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Tornado {
    /// What the chart shows.
    pub title: String,
    /// Where the numbers come from, and what they are (likely values, a P50).
    pub subtitle: String,
    /// What is counted, as the title of the axis.
    pub quantity: String,
    /// The strongest first.
    pub bars: Vec<TornadoBar>,
    /// What a low bar stands for, for the legend; none are drawn if empty.
    pub low: String,
    /// What a high bar stands for.
    pub high: String,
}

/// One driver.
#[derive(Clone, Debug, PartialEq)]
pub struct TornadoBar {
    /// What it is called.
    pub name: String,
    /// What its low value does, against zero.
    pub low: f64,
    /// What its high value does.
    pub high: f64,
}

impl Tornado {
    /// Draws it.
    pub fn draw(&self, theme: Theme) -> Picture {
        let mut sheet = Sheet::new(theme, HEIGHT);
        sheet.head(&self.title, &self.subtitle, &[]);
        sheet.finish()
    }
}
