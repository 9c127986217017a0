//! Heat maps: values by row and column around zero.

use super::picture::Picture;
use super::sheet::{HEIGHT, Sheet};
use super::theme::Theme;

/// Data of a heat map.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatMap {
    /// What the chart shows.
    pub title: String,
    /// Where the numbers come from, and what they are (likely values, a P50).
    pub subtitle: String,
    /// What a cell counts, for the legend.
    pub quantity: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// From top to bottom.
    pub rows: Vec<HeatRow>,
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatRow {
    /// What it is called.
    pub name: String,
    /// A value for each column; `None` is left empty.
    pub cells: Vec<Option<f64>>,
}

impl HeatMap {
    /// Draws it.
    pub fn draw(&self, theme: Theme) -> Picture {
        let mut sheet = Sheet::new(theme, HEIGHT);
        sheet.head(&self.title, &self.subtitle, &[]);
        sheet.finish()
    }
}
