//! Tornadoes: what each driver does, the strongest on top.

use super::bars::{self, FOOT, ROW, across};
use super::font::{self, Weight};
use super::picture::{Anchor, Area, Picture};
use super::scale::{Scale, number, tame};
use super::sheet::{MARGIN, Mark, Sheet, TEXT, WIDTH};
use super::theme::{Ink, Theme};

/// Data of a tornado chart.
#[derive(Clone, Debug, Default, PartialEq)]
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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TornadoBar {
    /// What it is called.
    pub name: String,
    /// What its low value does, against zero.
    pub low: f64,
    /// What its high value does.
    pub high: f64,
}

/// Room for a value at each side of the plot.
const VALUE: i32 = 100;
/// Most rows that are drawn; the rest is counted in a last line.
const ROWS_MOST: usize = 40;

impl Tornado {
    /// Draws one row a driver around zero; as high as it has rows, 1600 pixels wide.
    ///
    /// Cost: one visit per driver.
    pub fn draw(&self, theme: Theme) -> Picture {
        let shown = &self.bars[..self.bars.len().min(ROWS_MOST)];
        let ends = shown.iter().flat_map(|bar| self.ends(bar)).map(|(value, _)| tame(value));
        let (low, high) = ends.fold((0.0f64, 0.0f64), |(low, high), v| (low.min(v), high.max(v)));
        let scale = Scale::covering(low, high, 10);
        let more = self.bars.len() - shown.len();
        let rows = shown.len() as i32 + i32::from(more > 0);
        let mut sheet = Sheet::new(theme, 240 + rows.max(3) * ROW + FOOT);
        let top = sheet.head(&self.title, &self.subtitle, &self.legend(&sheet)) + 24;
        sheet.height = top + rows.max(3) * ROW + FOOT + 12;
        let left = MARGIN + bars::name_room(shown.iter().map(|bar| bar.name.as_str()));
        let (left, right) = (left + VALUE, WIDTH - MARGIN - VALUE);
        let plot = Area { left, right, top, bottom: top + rows.max(3) * ROW };
        bars::foot(&mut sheet, plot, &scale);
        bars::foot_title(&mut sheet, plot, &self.quantity);
        let zero = across(&scale, 0.0, plot);
        for (row, bar) in shown.iter().enumerate() {
            let middle = plot.top + row as i32 * ROW + ROW / 2;
            // Names keep clear of values left of zero.
            let names = Area { left: plot.left - VALUE, ..plot };
            bars::name(&mut sheet, names, middle, &bar.name, Weight::Regular);
            self.bar(&mut sheet, (plot, zero, middle), &scale, bar);
        }
        sheet.vertical(zero, plot.top, plot.bottom, sheet.palette.axis);
        if rows == 0 || more > 0 {
            let text = match more {
                0 => "No driver moves it".to_owned(),
                more => format!("{more} more drivers, weaker than these"),
            };
            let at = ((plot.left + plot.right) / 2, plot.bottom - ROW / 2 + 7);
            let ink = sheet.palette.muted;
            sheet.text(&text, at, TEXT, Weight::Regular, Anchor::Middle, ink);
        }
        sheet.finish()
    }

    /// The ends that are drawn: value, and whether it is the high one.
    fn ends(&self, bar: &TornadoBar) -> Vec<(f64, bool)> {
        match self.low.is_empty() {
            true => vec![(bar.high, true)],
            false => vec![(bar.low, false), (bar.high, true)],
        }
    }

    fn ink(&self, sheet: &Sheet, high: bool) -> Ink {
        if high { sheet.palette.service } else { sheet.palette.plain }
    }

    fn legend(&self, sheet: &Sheet) -> Vec<(Mark, String)> {
        let mut entries = Vec::new();
        if !self.low.is_empty() {
            entries.push((Mark::Fill(self.ink(sheet, false)), self.low.clone()));
        }
        if !self.high.is_empty() {
            entries.push((Mark::Fill(self.ink(sheet, true)), self.high.clone()));
        }
        entries
    }

    fn bar(
        &self,
        sheet: &mut Sheet,
        (plot, zero, middle): (Area, i32, i32),
        scale: &Scale,
        bar: &TornadoBar,
    ) {
        let ends = self.ends(bar);
        let pixels: Vec<(i32, f64, bool)> =
            ends.iter().map(|&(value, high)| (across(scale, value, plot), value, high)).collect();
        // Both on one side: the longer lies behind, thinner bars would hide it.
        let mut order = pixels.clone();
        order.sort_by_key(|end| -(end.0 - zero).abs());
        for (x, _, high) in order {
            let area = Area {
                left: x.min(zero),
                right: x.max(zero),
                top: middle - 13,
                bottom: middle + 13,
            };
            let ink = self.ink(sheet, high);
            sheet.fill(area, ink);
        }
        // One value beside each side that has a bar: that of the farther end.
        for left in [true, false] {
            let side = pixels.iter().filter(|end| if left { end.1 < 0.0 } else { end.1 > 0.0 });
            let Some(&(x, value, _)) = side.max_by_key(|end| (end.0 - zero).abs()) else {
                continue;
            };
            let text = font::fit(&signed(value), TEXT, Weight::Regular, VALUE - 22);
            let (anchor, x) = if left { (Anchor::End, x - 8) } else { (Anchor::Start, x + 8) };
            let ink = sheet.palette.text;
            sheet.text(&text, (x, middle + 7), TEXT, Weight::Regular, anchor, ink);
        }
    }
}

/// With as many decimals as its size asks for.
fn signed(value: f64) -> String {
    let value = tame(value);
    let decimals = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 2.0 => 1,
        _ => 2,
    };
    let text = number(value, decimals);
    if value > 0.0 { format!("+{text}") } else { text }
}
