//! Roll-forwards: a balance and what moves it, by quarter.

use super::picture::Picture;
use super::sheet::{HEIGHT, Sheet};
use super::theme::Theme;
use crate::money::{Currency, Money};
use crate::time::Day;

/// Data of a backlog chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Backlog {
    /// What the chart shows.
    pub title: String,
    /// Where the numbers come from, and what they are (likely values, a P50).
    pub subtitle: String,
    /// Currency of all amounts.
    pub currency: Currency,
    /// What the balance is called: `RPO`.
    pub quantity: String,
    /// In order of time.
    pub quarters: Vec<BacklogQuarter>,
    /// Day the facts end and the forecast begins.
    pub status: Option<Day>,
}

/// One quarter.
#[derive(Clone, Debug, PartialEq)]
pub struct BacklogQuarter {
    /// First day.
    pub first: Day,
    /// What joined it.
    pub signed: Money,
    /// What left it as revenue.
    pub recognised: Money,
    /// Other changes, below zero where they took from it.
    pub other: Money,
    /// What stands at the end.
    pub closing: Money,
}

impl Backlog {
    /// Draws it.
    pub fn draw(&self, theme: Theme) -> Picture {
        let mut sheet = Sheet::new(theme, HEIGHT);
        sheet.head(&self.title, &self.subtitle, &[]);
        sheet.finish()
    }
}
