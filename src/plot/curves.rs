//! S-curves: how probable it is that something has happened by a date.

use super::picture::Picture;
use super::sheet::{HEIGHT, Sheet};
use super::theme::Theme;
use crate::time::{Day, Minute};

/// Data of a chart of S-curves.
#[derive(Clone, Debug, PartialEq)]
pub struct Curves {
    /// What the chart shows.
    pub title: String,
    /// Where the numbers come from, and what they are (likely values, a P50).
    pub subtitle: String,
    /// One for each date that is asked for.
    pub curves: Vec<Curve>,
    /// Day the facts end and the forecast begins.
    pub status: Option<Day>,
}

/// The distribution of one date.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// What happens.
    pub name: String,
    /// Date and share of trials by then, rising; ends below 1 if it never happens in some.
    pub points: Vec<(Minute, f64)>,
    /// Percentiles to mark: `P50` and its date.
    pub marks: Vec<(String, Minute)>,
    /// The planned day, and how probable it is that it is kept.
    pub plan: Option<(Day, f64)>,
}

impl Curves {
    /// Draws it.
    pub fn draw(&self, theme: Theme) -> Picture {
        let mut sheet = Sheet::new(theme, HEIGHT);
        sheet.head(&self.title, &self.subtitle, &[]);
        sheet.finish()
    }
}
