//! Strips: which of several terms holds, by date.

use super::picture::Picture;
use super::sheet::{HEIGHT, Sheet};
use super::theme::Theme;
use crate::time::Day;

/// Data of a strip chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    /// What the chart shows.
    pub title: String,
    /// Where the numbers come from, and what they are (likely values, a P50).
    pub subtitle: String,
    /// What may hold, each with a colour.
    pub terms: Vec<String>,
    /// From top to bottom.
    pub rows: Vec<StripRow>,
    /// Day the facts end and the forecast begins.
    pub status: Option<Day>,
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct StripRow {
    /// What it is called.
    pub name: String,
    /// From, until, and which term, in order of time.
    pub spans: Vec<(Day, Day, usize)>,
}

impl Strip {
    /// Draws it.
    pub fn draw(&self, theme: Theme) -> Picture {
        let mut sheet = Sheet::new(theme, HEIGHT);
        sheet.head(&self.title, &self.subtitle, &[]);
        sheet.finish()
    }
}
