//! What charts of named rows share: names at the left, a numeric axis along the foot.

use super::dates::TICK_SIZE;
use super::font::{self, Weight};
use super::picture::{Anchor, Area, printable};
use super::scale::Scale;
use super::sheet::{MARGIN, Sheet, TEXT, WIDTH};

/// Height of a row where there is room for it.
pub(super) const ROW: i32 = 40;
/// Most pixels that a name may take.
const NAME_MOST: i32 = 460;

/// Width that the names of rows take, bold or not, with a gap.
pub(super) fn name_room<'t>(names: impl Iterator<Item = &'t str>) -> i32 {
    let weight = Weight::Bold;
    let widths = names.map(|name| {
        let name = font::fit(&printable(name), TEXT, weight, NAME_MOST);
        font::padded(font::width(&name, TEXT, weight), weight)
    });
    widths.max().unwrap_or(0) + 14
}

/// The name of a row, right-aligned before the plot.
pub(super) fn name(sheet: &mut Sheet, plot: Area, middle: i32, name: &str, weight: Weight) {
    let name =
        font::fit(&printable(name), TEXT, weight, font::usable(plot.left - MARGIN - 12, weight));
    let (at, ink) = ((plot.left - 12, middle + 7), sheet.palette.text);
    sheet.text(&name, at, TEXT, weight, Anchor::End, ink);
}

/// Numbers along the lower edge of the plot, with gridlines; of ticks that are close only some have
/// a label.
pub(super) fn foot(sheet: &mut Sheet, plot: Area, scale: &Scale) {
    let mut free = i32::MIN;
    for (value, text) in scale.ticks() {
        let x = across(scale, value, plot);
        sheet.vertical(x, plot.top, plot.bottom, sheet.palette.grid);
        let half =
            font::padded(font::width(&text, TICK_SIZE, Weight::Regular), Weight::Regular) / 2;
        if x - half > free && x - half > 4 && x + half < WIDTH - 4 {
            let (at, ink) = ((x, plot.bottom + 28), sheet.palette.muted);
            sheet.text(&text, at, TICK_SIZE, Weight::Regular, Anchor::Middle, ink);
            free = x + half + 8;
        }
    }
    sheet.horizontal(plot.left, plot.right, plot.bottom, sheet.palette.axis);
}

/// The pixel of a value on the axis along the foot.
pub(super) fn across(scale: &Scale, value: f64, plot: Area) -> i32 {
    scale.pixel(value, plot.left, plot.right)
}

/// What the axis counts, under its numbers.
pub(super) fn foot_title(sheet: &mut Sheet, plot: Area, text: &str) {
    let room = font::usable(WIDTH - 2 * MARGIN, Weight::Bold);
    let text = font::fit(&printable(text), TEXT, Weight::Bold, room);
    let half = font::width(&text, TEXT, Weight::Bold) / 2 + 4;
    let middle = (plot.left + plot.right) / 2;
    let middle = middle.clamp(MARGIN + half, (WIDTH - MARGIN - half).max(MARGIN + half));
    let (at, ink) = ((middle, plot.bottom + 60), sheet.palette.text);
    sheet.text(&text, at, TEXT, Weight::Bold, Anchor::Middle, ink);
}

/// Height under the plot that the axis and its title take.
pub(super) const FOOT: i32 = 80;
