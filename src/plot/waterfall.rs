//! Waterfalls: what lies between two totals, by cause.

use super::bars::{self, FOOT, ROW, across};
use super::font::{self, Weight};
use super::picture::{Anchor, Area, Picture};
use super::scale::{Scale, number, tame};
use super::sheet::{MARGIN, Mark, Sheet, TEXT, WIDTH};
use super::theme::{Ink, Theme};

/// Data of a waterfall chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Waterfall {
    /// What the chart shows.
    pub title: String,
    /// Where the numbers come from, and what they are (likely values, a P50).
    pub subtitle: String,
    /// What is counted, as the title of the axis.
    pub quantity: String,
    /// Name and level of the first total.
    pub from: (String, f64),
    /// Causes with what each adds or takes.
    pub steps: Vec<(String, f64)>,
    /// Name and level of the last total.
    pub to: (String, f64),
}

/// Room for a value beside its bar.
const VALUE: i32 = 110;
/// Width of the mark of a total, which is a point on the axis and no length.
const TOTAL: i32 = 6;

impl Waterfall {
    /// Draws one row a cause from the first total on top to the last at the foot; as high as it has
    /// rows, 1600 pixels wide.
    ///
    /// Cost: one visit per cause.
    pub fn draw(&self, theme: Theme) -> Picture {
        let levels = self.levels();
        let all = levels.iter().copied().chain([self.from.1, self.to.1]).map(tame);
        let (low, high) =
            all.fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
        let scale = Scale::covering(low, high, 10);
        let rows = self.steps.len() as i32 + 2;
        // The head is at most this high; what is not needed of it stays blank at the foot.
        let mut sheet = Sheet::new(theme, 220 + rows * ROW + FOOT);
        let top = sheet.head(&self.title, &self.subtitle, &legend(&sheet)) + 24;
        sheet.height = top + rows * ROW + FOOT + 12;
        let names = self.steps.iter().map(|step| step.0.as_str());
        let names = names.chain([self.from.0.as_str(), self.to.0.as_str()]);
        let left = MARGIN + bars::name_room(names);
        let plot = Area { left, right: WIDTH - MARGIN - VALUE, top, bottom: top + rows * ROW };
        bars::foot(&mut sheet, plot, &scale);
        bars::foot_title(&mut sheet, plot, &self.quantity);
        self.total(&mut sheet, plot, &scale, (0, &self.from));
        for (at, (name, by)) in self.steps.iter().enumerate() {
            let row = at as i32 + 1;
            let (before, after) = (levels[at], levels[at + 1]);
            let middle = plot.top + row * ROW + ROW / 2;
            bars::name(&mut sheet, plot, middle, name, Weight::Regular);
            let [a, b] = [before, after].map(|level| across(&scale, level, plot));
            let ink = if tame(*by) > 0.0 { sheet.palette.critical } else { sheet.palette.plain };
            let bar = Area {
                left: a.min(b),
                right: a.max(b).max(a.min(b) + 2),
                top: middle - 12,
                bottom: middle + 12,
            };
            connect(&mut sheet, a, middle - ROW / 2 - 8, middle - 12);
            sheet.fill(bar, ink);
            value(&mut sheet, plot, (bar.right, middle), &signed(*by), Weight::Regular);
        }
        let last = levels.last().map_or(plot.left, |level| across(&scale, *level, plot));
        let foot = plot.bottom - ROW / 2;
        connect(&mut sheet, last, foot - ROW / 2 - 8, foot - 12);
        self.total(&mut sheet, plot, &scale, (rows - 1, &self.to));
        sheet.finish()
    }

    /// The level before each step, and after the last.
    fn levels(&self) -> Vec<f64> {
        let mut level = tame(self.from.1);
        let mut levels = vec![level];
        for (_, by) in &self.steps {
            level = tame(level + tame(*by));
            levels.push(level);
        }
        levels
    }

    fn total(
        &self,
        sheet: &mut Sheet,
        plot: Area,
        scale: &Scale,
        (row, of): (i32, &(String, f64)),
    ) {
        let middle = plot.top + row * ROW + ROW / 2;
        bars::name(sheet, plot, middle, &of.0, Weight::Bold);
        let x = across(scale, of.1, plot);
        let (left, right) = (x - TOTAL / 2, x + TOTAL / 2);
        sheet.fill(Area { left, right, top: middle - 14, bottom: middle + 14 }, sheet.palette.text);
        value(sheet, plot, (right, middle), &signed(of.1), Weight::Bold);
    }
}

fn legend(sheet: &Sheet) -> Vec<(Mark, String)> {
    vec![
        (Mark::Fill(sheet.palette.critical), "adds".into()),
        (Mark::Fill(sheet.palette.plain), "takes".into()),
    ]
}

fn connect(sheet: &mut Sheet, x: i32, top: i32, bottom: i32) {
    let ink: Ink = sheet.palette.axis;
    sheet.vertical(x, top, bottom, ink);
}

/// A number with its sign beside the right end of a bar.
fn value(sheet: &mut Sheet, plot: Area, (right, middle): (i32, i32), text: &str, weight: Weight) {
    let room = font::usable(WIDTH - 8 - right - 10, weight);
    let text = font::fit(text, TEXT, weight, room);
    let (at, ink) = ((right.max(plot.left) + 10, middle + 7), sheet.palette.text);
    sheet.text(&text, at, TEXT, weight, Anchor::Start, ink);
}

/// `+63.0`, `−5.0`, `0`.
pub(super) fn signed(value: f64) -> String {
    let value = tame(value);
    let decimals = if value.abs() >= 100.0 { 0 } else { 1 };
    let text = number(value, decimals);
    if value > 0.0 && !text.chars().all(|c| c == '0' || c == '.') {
        format!("+{text}")
    } else {
        text
    }
}
