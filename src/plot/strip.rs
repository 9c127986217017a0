//! Strips: which of several terms holds, by date.

use super::bars;
use super::dates::Dates;
use super::font::Weight;
use super::picture::{Anchor, Area, Picture};
use super::sheet::{MARGIN, Mark, Sheet, TEXT, WIDTH};
use super::theme::{Ink, Theme};
use crate::time::Day;

/// Data of a strip chart.
#[derive(Clone, Debug, Default, PartialEq)]
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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StripRow {
    /// What it is called.
    pub name: String,
    /// From, until, and which term, in order of time.
    pub spans: Vec<(Day, Day, usize)>,
}

/// Height of a row, and what it shrinks to where there are many.
const ROW: i32 = 38;
const ROW_LEAST: i32 = 27;
/// Rows beyond these are not drawn, and said so.
const ROWS_MOST: usize = 60;

impl Strip {
    /// Draws one row a hall or site, coloured by term; as high as it has rows, 1600 pixels wide.
    ///
    /// Cost: one visit per span.
    pub fn draw(&self, theme: Theme) -> Picture {
        let rows = &self.rows[..self.rows.len().min(ROWS_MOST)];
        let height = if rows.len() > 24 { ROW_LEAST } else { ROW };
        let count = rows.len().max(1) as i32;
        let mut sheet = Sheet::new(theme, 500 + count * height);
        let top = sheet.head(&self.title, &self.subtitle, &self.legend(&sheet));
        let top = top + if self.status.is_some() { 46 } else { 20 };
        let left = MARGIN + bars::name_room(rows.iter().map(|row| row.name.as_str()));
        let plot = Area { left, right: WIDTH - MARGIN - 20, top, bottom: top + count * height };
        let span = span(rows);
        let (from, until) = span.unwrap_or((Day(0), Day(1)));
        let dates = Dates::new(from, until, plot.left, plot.right);
        sheet.height = plot.bottom + Sheet::date_axis_height(&dates) + 24;
        if span.is_some() {
            sheet.date_axis(plot, &dates, false);
        }
        for (at, row) in rows.iter().enumerate() {
            let top = plot.top + at as i32 * height;
            bars::name(&mut sheet, plot, top + height / 2, &row.name, Weight::Regular);
            for &(from, until, term) in row.spans.iter().filter(|of| of.1 > of.0) {
                let (left, right) = (dates.day(from), dates.day(until));
                let area = Area {
                    left,
                    right: right.max(left + 1),
                    top: top + 4,
                    bottom: top + height - 4,
                };
                let ink = self.ink(&sheet, term);
                sheet.fill(area, ink);
            }
        }
        if let Some(status) = self.status {
            sheet.status(plot, &dates, status, plot.top - 12);
        }
        self.words(&mut sheet, plot, rows.len());
        sheet.finish()
    }

    fn legend(&self, sheet: &Sheet) -> Vec<(Mark, String)> {
        let terms = self.terms.iter().enumerate();
        terms.map(|(at, term)| (Mark::Fill(self.ink(sheet, at)), self.told(at, term))).collect()
    }

    /// A term with the days for which it holds, summed over rows.
    fn told(&self, at: usize, term: &str) -> String {
        let spans = self.rows.iter().flat_map(|row| &row.spans);
        let own = spans.filter(|span| span.2 == at && span.1 > span.0);
        let days: i64 = own.map(|span| i64::from(span.1.0) - i64::from(span.0.0)).sum();
        format!("{term}: {} days in all", super::scale::number(days as f64, 0))
    }

    /// Colours far apart for the first terms; more than there are repeat.
    fn ink(&self, sheet: &Sheet, term: usize) -> Ink {
        let palette = sheet.palette;
        let inks =
            [palette.energised, palette.plain, palette.critical, palette.service, palette.muted];
        inks[term % inks.len()]
    }

    fn words(&self, sheet: &mut Sheet, plot: Area, drawn: usize) {
        let text = match self.rows.len() - drawn {
            0 if drawn > 0 => return,
            0 => "Nothing holds it back".to_owned(),
            more => format!("{more} more rows are not drawn"),
        };
        let (ink, below) = (sheet.palette.muted, drawn > 0);
        let y = if below { sheet.height + 14 } else { plot.top + 27 };
        sheet.height += if below { 34 } else { 0 };
        let x = (plot.left + plot.right) / 2;
        sheet.text(&text, (x, y), TEXT, Weight::Regular, Anchor::Middle, ink);
    }
}

fn span(rows: &[StripRow]) -> Option<(Day, Day)> {
    let spans = rows.iter().flat_map(|row| &row.spans).filter(|of| of.1 > of.0);
    let (from, until) = (spans.clone().map(|of| of.0).min()?, spans.map(|of| of.1).max()?);
    Some(Dates::new(from, until, 0, 1).span())
}
