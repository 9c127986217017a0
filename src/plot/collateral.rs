//! Collateral: what stands behind the debt above, loan to value below.

use super::picture::Picture;
use super::sheet::{HEIGHT, Sheet};
use super::theme::Theme;
use crate::money::{Currency, Money};
use crate::time::Day;

/// Data of a collateral chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Collateral {
    /// What the chart shows.
    pub title: String,
    /// Where the numbers come from, and what they are (likely values, a P50).
    pub subtitle: String,
    /// Currency of all amounts.
    pub currency: Currency,
    /// In order of time.
    pub quarters: Vec<CollateralQuarter>,
    /// Most loan to value that passes, with its name.
    pub limit: Option<(String, f64)>,
    /// Day the facts end and the forecast begins.
    pub status: Option<Day>,
}

/// One quarter.
#[derive(Clone, Debug, PartialEq)]
pub struct CollateralQuarter {
    /// First day; amounts are of the quarter's end.
    pub first: Day,
    /// Value of the collateral.
    pub value: Money,
    /// What is owed.
    pub debt: Money,
}

impl Collateral {
    /// Draws it.
    pub fn draw(&self, theme: Theme) -> Picture {
        let mut sheet = Sheet::new(theme, HEIGHT);
        sheet.head(&self.title, &self.subtitle, &[]);
        sheet.finish()
    }
}
