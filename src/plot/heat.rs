//! Heat maps: values by row and column around zero.

use super::bars;
use super::font::{self, Weight};
use super::picture::{Anchor, Area, Picture, printable};
use super::scale::{number, tame};
use super::sheet::{MARGIN, Sheet, TEXT, WIDTH};
use super::theme::{Ink, Theme};

/// Data of a heat map.
#[derive(Clone, Debug, Default, PartialEq)]
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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatRow {
    /// What it is called.
    pub name: String,
    /// A value for each column; `None` is left empty.
    pub cells: Vec<Option<f64>>,
}

/// Height of a row, and what it shrinks to where there are many.
const ROW: i32 = 38;
const ROW_LEAST: i32 = 26;
/// Rows and columns beyond these are not drawn, and said so.
const ROWS_MOST: usize = 60;
const COLUMNS_MOST: usize = 40;
/// Height of the scale of colours with its numbers.
const SCALE: i32 = 74;

impl HeatMap {
    /// Draws one cell a value, blue below zero and orange above; as high as it has rows, 1600
    /// pixels wide.
    ///
    /// Cost: one visit per cell.
    pub fn draw(&self, theme: Theme) -> Picture {
        let rows = &self.rows[..self.rows.len().min(ROWS_MOST)];
        let columns = self.columns.len().min(COLUMNS_MOST);
        let height = if rows.len() > 24 { ROW_LEAST } else { ROW };
        let cells = rows.iter().flat_map(|row| row.cells.iter().take(columns).flatten());
        let most = cells.map(|&value| tame(value).abs()).fold(0.0, f64::max);
        let mut sheet = Sheet::new(theme, 400 + height * rows.len().max(3) as i32);
        let top = sheet.head(&self.title, &self.subtitle, &[]);
        let left = MARGIN + bars::name_room(rows.iter().map(|row| row.name.as_str()));
        let bottom = top + SCALE + 64 + height * rows.len().max(3) as i32;
        let plot = Area { left, right: WIDTH - MARGIN, top: top + SCALE + 64, bottom };
        sheet.height = bottom + 50;
        self.colours(&mut sheet, top, most);
        self.heads(&mut sheet, plot, columns);
        for (at, row) in rows.iter().enumerate() {
            let top = plot.top + at as i32 * height;
            let middle = top + height / 2;
            bars::name(&mut sheet, plot, middle, &row.name, Weight::Regular);
            for (column, value) in row.cells.iter().take(columns).enumerate() {
                let [left, right] = [column, column + 1].map(|at| edge(plot, at, columns));
                let cell = Area {
                    left: left + 1,
                    right: right - 1,
                    top: top + 1,
                    bottom: top + height - 1,
                };
                cell_of(&mut sheet, cell, *value, most);
            }
        }
        self.left_out(&mut sheet, plot, rows.len(), columns);
        sheet.finish()
    }

    /// The scale of colours, from the earliest over zero to the latest.
    fn colours(&self, sheet: &mut Sheet, top: i32, most: f64) {
        const STEPS: i32 = 60;
        let room = font::usable(WIDTH - 2 * MARGIN, Weight::Bold);
        let title = font::fit(&printable(&self.quantity), TEXT, Weight::Bold, room);
        let ink = sheet.palette.text;
        sheet.text(&title, (MARGIN, top + 22), TEXT, Weight::Bold, Anchor::Start, ink);
        if most <= 0.0 {
            return;
        }
        let (left, width) = (MARGIN + 90, 6);
        for at in 0..STEPS {
            let share = f64::from(2 * at + 1) / f64::from(STEPS) - 1.0;
            let left = left + at * width;
            let area = Area { left, right: left + width, top: top + 34, bottom: top + 54 };
            sheet.fill(area, shade(sheet, share));
        }
        let ink = sheet.palette.muted;
        let at = |x: i32| (x, top + 51);
        let ends = [number(-most, decimals(most)), format!("+{}", number(most, decimals(most)))];
        let ends = ends.map(|end| font::fit(&end, TEXT, Weight::Regular, 78));
        sheet.text(&ends[0], at(left - 8), TEXT, Weight::Regular, Anchor::End, ink);
        let right = left + STEPS * width + 8;
        sheet.text(&ends[1], at(right), TEXT, Weight::Regular, Anchor::Start, ink);
    }

    /// Names of the columns, on two lines where they are long.
    fn heads(&self, sheet: &mut Sheet, plot: Area, columns: usize) {
        for (at, name) in self.columns.iter().take(columns).enumerate() {
            let [left, right] = [at, at + 1].map(|at| edge(plot, at, columns));
            let room = font::usable(right - left - 6, Weight::Regular);
            let lines = font::wrap(&printable(name), TEXT, Weight::Regular, room, 2);
            let first = plot.top - 10 - 24 * (lines.len() as i32 - 1);
            for (line, text) in (0..).zip(&lines) {
                let place = ((left + right) / 2, first + 24 * line);
                let ink = sheet.palette.muted;
                sheet.text(text, place, TEXT, Weight::Regular, Anchor::Middle, ink);
            }
        }
    }

    fn left_out(&self, sheet: &mut Sheet, plot: Area, rows: usize, columns: usize) {
        let mut out = Vec::new();
        for (count, what) in
            [(self.rows.len() - rows, "rows"), (self.columns.len() - columns, "columns")]
        {
            if count > 0 {
                out.push(format!("{count} more {what}"));
            }
        }
        let text = match out.is_empty() {
            false => format!("{} are not drawn", out.join(" and ")),
            true if rows == 0 || columns == 0 => "Nothing to compare".into(),
            true => return,
        };
        let (at, ink) = ((plot.left, plot.bottom + 30), sheet.palette.muted);
        sheet.text(&text, at, TEXT, Weight::Regular, Anchor::Start, ink);
    }
}

/// Where a column begins.
fn edge(plot: Area, at: usize, columns: usize) -> i32 {
    // A cell wider than this says no more.
    let most = 250 * columns as i64;
    let width = i64::from(plot.width()).min(most);
    plot.left + (width * at as i64 / columns.max(1) as i64) as i32
}

fn cell_of(sheet: &mut Sheet, area: Area, value: Option<f64>, most: f64) {
    let Some(value) = value.map(tame) else {
        sheet.fill(area, sheet.palette.band);
        return;
    };
    let share = if most > 0.0 { value / most } else { 0.0 };
    let fill = shade(sheet, share);
    sheet.fill(area, fill);
    let text = number(value, decimals(most));
    let text = if value > 0.0 { format!("+{text}") } else { text };
    if font::padded(font::width(&text, TEXT, Weight::Regular), Weight::Regular) > area.width() - 4 {
        return;
    }
    let place = ((area.left + area.right) / 2, (area.top + area.bottom) / 2 + 7);
    let ink = fill.readable();
    sheet.text(&text, place, TEXT, Weight::Regular, Anchor::Middle, ink);
}

fn decimals(most: f64) -> usize {
    usize::from(most < 10.0)
}

/// Blue for what is won, orange for what is lost, near the paper where nothing is.
fn shade(sheet: &Sheet, share: f64) -> Ink {
    let palette = sheet.palette;
    let end = if share < 0.0 { palette.plain } else { palette.critical };
    palette.band.between(end, share.abs().clamp(0.0, 1.0))
}
