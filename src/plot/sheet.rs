//! The sheet a chart is drawn on: title, legend, axes, and the hand that draws.

use super::dates::{Dates, TICK_SIZE, Ticks};
use super::font::{self, Weight};
use super::picture::{Anchor, Area, Label, Picture, Point, Shape, printable};
use super::scale::Scale;
use super::theme::{Ink, Palette, Theme};
use crate::time::Day;

/// Width of every chart.
pub(super) const WIDTH: i32 = 1600;
/// Height of a chart that has no reason for another.
pub(super) const HEIGHT: i32 = 900;
/// Blank border.
pub(super) const MARGIN: i32 = 40;
/// Text size of legends and of labels in the chart.
pub(super) const TEXT: i32 = 20;

const TITLE: i32 = 34;
const SUBTITLE: i32 = 22;
const LEGEND_ROW: i32 = 32;
const SWATCH: i32 = 40;

/// How a series looks, in a legend and in the chart.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mark {
    Fill(Ink),
    /// Several fills from left to right: a stack too large to name one by one.
    Fills(Theme, usize),
    /// A colour that turns into another.
    Blend(Ink, Ink),
    Line(Ink, u32),
    Dashed(Ink, u32),
    /// Two thin lines with room between them.
    Hollow(Ink),
    Hatched(Ink),
    /// A thin outlined bar.
    Ghost(Ink),
    Diamond(Ink),
    HollowDiamond(Ink),
    /// A dark line inside a bar of the other ink.
    Inner(Ink, Ink),
    /// A thin line with a tick at its end.
    Whisker(Ink),
    Disc(Ink),
}

/// An unfinished picture.
pub(super) struct Sheet {
    pub palette: Palette,
    pub height: i32,
    about: String,
    shapes: Vec<Shape>,
}

impl Sheet {
    pub fn new(theme: Theme, height: i32) -> Sheet {
        let palette = theme.palette();
        Sheet { palette, height, about: String::new(), shapes: Vec::new() }
    }

    /// The picture, on paper.
    pub fn finish(self) -> Picture {
        let paper = Area { left: 0, top: 0, right: WIDTH, bottom: self.height };
        let mut shapes = vec![Shape::Box(paper, self.palette.paper)];
        // Texts come last: nothing is ever drawn over what should be read.
        let (texts, rest): (Vec<Shape>, Vec<Shape>) =
            self.shapes.into_iter().partition(|shape| matches!(shape, Shape::Text(_)));
        shapes.extend(rest);
        shapes.extend(texts);
        Picture { width: WIDTH, height: self.height, about: self.about, shapes }
    }

    /// Title, subtitle and legend; hands back the first free line below them.
    pub fn head(&mut self, title: &str, subtitle: &str, legend: &[(Mark, String)]) -> i32 {
        let (title, subtitle) = (printable(title), printable(subtitle));
        self.about = [title.trim(), subtitle.trim()]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(". ");
        let room = |weight| font::usable(WIDTH - 2 * MARGIN, weight);
        let mut y = 26;
        for line in font::wrap(&title, TITLE, Weight::Bold, room(Weight::Bold), 2) {
            y += TITLE + 6;
            self.text(
                &line,
                (MARGIN, y - 6),
                TITLE,
                Weight::Bold,
                Anchor::Start,
                self.palette.text,
            );
        }
        for line in font::wrap(&subtitle, SUBTITLE, Weight::Regular, room(Weight::Regular), 2) {
            y += SUBTITLE + 8;
            let ink = self.palette.muted;
            self.text(&line, (MARGIN, y), SUBTITLE, Weight::Regular, Anchor::Start, ink);
        }
        self.legend(y + 18, legend)
    }

    /// Legend entries in as many rows as they need; hands back the first free line.
    fn legend(&mut self, top: i32, entries: &[(Mark, String)]) -> i32 {
        let (mut x, mut y) = (MARGIN, top);
        for (mark, text) in entries {
            let text = font::fit(&printable(text), TEXT, Weight::Regular, 700);
            let measured = font::width(&text, TEXT, Weight::Regular);
            let width = SWATCH + 10 + font::padded(measured, Weight::Regular);
            if x > MARGIN && x + width > WIDTH - MARGIN {
                (x, y) = (MARGIN, y + LEGEND_ROW);
            }
            let swatch = Area { left: x, top: y + 6, right: x + SWATCH, bottom: y + 26 };
            self.swatch(swatch, *mark);
            let at = (x + SWATCH + 10, y + 23);
            self.text(&text, at, TEXT, Weight::Regular, Anchor::Start, self.palette.text);
            x += width + 30;
        }
        if entries.is_empty() { y } else { y + LEGEND_ROW }
    }

    fn swatch(&mut self, area: Area, mark: Mark) {
        let middle = (area.top + area.bottom) / 2;
        let center = ((area.left + area.right) / 2, middle);
        let ends = [(area.left, middle), (area.right, middle)];
        let thin = |half: i32| Area { top: middle - half, bottom: middle + half, ..area };
        match mark {
            Mark::Fill(ink) => self.fill(thin(8), ink),
            Mark::Fills(theme, count) => {
                for at in 0..4 {
                    let left = area.left + at * 10;
                    let ink = theme.stacked(at as usize * (count - 1) / 3, count);
                    self.fill(Area { left, right: left + 10, ..thin(8) }, ink);
                }
            }
            Mark::Blend(from, to) => {
                for at in 0..8 {
                    let left = area.left + at * 5;
                    let ink = from.between(to, f64::from(at) / 7.0);
                    self.fill(Area { left, right: left + 5, ..thin(8) }, ink);
                }
            }
            Mark::Line(ink, width) => self.line(&ends, width, ink),
            Mark::Dashed(ink, width) => self.dashed(&ends, width, ink),
            Mark::Hollow(ink) => self.hollow(&ends, ink),
            Mark::Hatched(ink) => self.hatched(thin(8), ink),
            Mark::Ghost(ink) => self.outline(thin(4), ink),
            Mark::Diamond(ink) => self.diamond(center, 9, ink, false),
            Mark::HollowDiamond(ink) => self.diamond(center, 9, ink, true),
            Mark::Inner(inner, outer) => {
                self.fill(thin(8), outer);
                self.fill(thin(2), inner);
            }
            Mark::Whisker(ink) => self.whisker(area.left, area.right, middle, true, ink),
            Mark::Disc(ink) => self.disc(center, 6, ink),
        }
    }

    /// Date axis under (and with `above`, also over) the plot, with its gridlines.
    pub fn date_axis(&mut self, plot: Area, dates: &Dates, above: bool) {
        let ticks = dates.ticks();
        for x in &ticks.major {
            self.vertical(*x, plot.top, plot.bottom, self.palette.grid);
        }
        for x in &ticks.year_marks {
            self.fill(Area { left: *x, right: *x + 2, ..plot }, self.palette.grid);
        }
        self.date_labels(plot, &ticks, plot.bottom, 1);
        if above {
            self.date_labels(plot, &ticks, plot.top, -1);
        }
    }

    /// Height that the labels of a date axis take.
    pub fn date_axis_height(dates: &Dates) -> i32 {
        if dates.ticks().years.is_empty() { 40 } else { 66 }
    }

    fn date_labels(&mut self, plot: Area, ticks: &Ticks, edge: i32, side: i32) {
        let (axis, muted) = (self.palette.axis, self.palette.muted);
        let two_lines = !ticks.years.is_empty();
        let mut tick = |x: i32, length: i32| {
            let end = edge + side * length;
            self.vertical(x, edge.min(end), edge.max(end), axis);
        };
        ticks.minor.iter().for_each(|x| tick(*x, 5));
        ticks.major.iter().for_each(|x| tick(*x, 9));
        ticks.year_marks.iter().for_each(|x| tick(*x, 58));
        self.horizontal(plot.left, plot.right, edge, axis);
        // Below, the years stand under the months; above, over them.
        let baseline = |line: i32| edge + if side > 0 { 28 + 27 * line } else { -14 - 27 * line };
        for (x, text) in &ticks.labels {
            let at = (*x, baseline(0));
            if side < 0 {
                self.chip(at, text, Anchor::Middle);
            }
            self.text(text, at, TICK_SIZE, Weight::Regular, Anchor::Middle, muted);
        }
        for (x, text) in ticks.years.iter().filter(|_| two_lines) {
            let at = (*x, baseline(1));
            if side < 0 {
                self.chip(at, text, Anchor::Middle);
            }
            self.text(text, at, TICK_SIZE, Weight::Bold, Anchor::Middle, muted);
        }
    }

    /// Numeric axis at the left of the plot, with gridlines.
    pub fn number_axis(&mut self, plot: Area, scale: &Scale) {
        for (value, text) in scale.ticks() {
            let y = scale.pixel(value, plot.bottom, plot.top);
            self.horizontal(plot.left, plot.right, y, self.palette.grid);
            let text = font::fit(&text, TICK_SIZE, Weight::Regular, 260);
            let (at, ink) = ((plot.left - 10, y + 7), self.palette.muted);
            self.text(&text, at, TICK_SIZE, Weight::Regular, Anchor::End, ink);
        }
    }

    /// Width that the labels of a numeric axis take.
    pub fn number_axis_width(scale: &Scale) -> i32 {
        let ticks = scale.ticks();
        let widths = ticks.iter().map(|tick| font::width(&tick.1, TICK_SIZE, Weight::Regular));
        widths.max().unwrap_or(0).min(260) + 16
    }

    /// What an axis counts, above its upper end.
    pub fn axis_title(&mut self, plot: Area, baseline: i32, text: &str) {
        let room = font::usable(plot.right - MARGIN, Weight::Bold);
        let text = font::fit(&printable(text), TEXT, Weight::Bold, room);
        let ink = self.palette.text;
        self.text(&text, (MARGIN, baseline), TEXT, Weight::Bold, Anchor::Start, ink);
    }

    /// Line at the status date, with its label on the given baseline above the plot.
    pub fn status(&mut self, plot: Area, dates: &Dates, status: Day, baseline: i32) {
        self.status_line(plot, dates, status, baseline + 6);
        self.status_label(dates, status, baseline);
    }

    /// The label alone.
    pub fn status_label(&mut self, dates: &Dates, status: Day, baseline: i32) {
        if !dates.shows(status.start(), status.start()) {
            return;
        }
        let (x, ink) = (dates.day(status), self.palette.text);
        let text = format!("Status date {status}");
        let half = font::width(&text, TEXT, Weight::Regular) / 2 + 4;
        let middle = x.clamp(MARGIN + half, WIDTH - MARGIN - half);
        self.text(&text, (middle, baseline), TEXT, Weight::Regular, Anchor::Middle, ink);
    }

    /// The line alone, from a height down through the plot.
    pub fn status_line(&mut self, plot: Area, dates: &Dates, status: Day, top: i32) {
        if dates.shows(status.start(), status.start()) {
            let x = dates.day(status);
            self.dashed(&[(x, top), (x, plot.bottom)], 2, self.palette.text);
        }
    }

    pub fn text(
        &mut self,
        text: &str,
        at: Point,
        size: i32,
        weight: Weight,
        anchor: Anchor,
        ink: Ink,
    ) {
        let text = printable(text);
        if text.trim().is_empty() {
            return;
        }
        let (x, baseline) = at;
        self.shapes.push(Shape::Text(Label { text, x, baseline, size, weight, anchor, ink }));
    }

    /// Paper under a text of label size, so that lines behind it do not cross it.
    pub fn chip(&mut self, (x, baseline): Point, text: &str, anchor: Anchor) {
        let (size, weight, ink) = (TEXT, Weight::Bold, self.palette.paper);
        let area = Label { text: printable(text), x, baseline, size, weight, anchor, ink }.area();
        let area = Area { left: area.left - 3, right: area.right + 3, ..area };
        self.fill(area, ink.faint(90));
    }

    pub fn fill(&mut self, area: Area, ink: Ink) {
        if area.width() > 0 && area.height() > 0 {
            self.shapes.push(Shape::Box(area, ink));
        }
    }

    pub fn horizontal(&mut self, left: i32, right: i32, y: i32, ink: Ink) {
        self.fill(Area { left, top: y, right, bottom: y + 1 }, ink);
    }

    pub fn vertical(&mut self, x: i32, top: i32, bottom: i32, ink: Ink) {
        self.fill(Area { left: x, top, right: x + 1, bottom }, ink);
    }

    pub fn polygon(&mut self, mut points: Vec<Point>, ink: Ink) {
        points.dedup();
        if points.len() > 2 {
            self.shapes.push(Shape::Polygon(points, ink));
        }
    }

    pub fn line(&mut self, points: &[Point], width: u32, ink: Ink) {
        let mut points = points.to_vec();
        points.dedup();
        if points.len() > 1 {
            self.shapes.push(Shape::Line(points, width, ink));
        }
    }

    /// A line that keeps clear of what it crosses.
    pub fn cased(&mut self, points: &[Point], width: u32, ink: Ink) {
        self.line(points, width + 3, self.palette.paper.faint(75));
        self.line(points, width, ink);
    }

    pub fn hollow(&mut self, points: &[Point], ink: Ink) {
        self.line(points, 9, ink);
        self.line(points, 5, self.palette.paper);
    }

    /// Dashes along level and upright stretches.
    pub fn dashed(&mut self, points: &[Point], width: u32, ink: Ink) {
        const DASH: i32 = 12;
        for two in points.windows(2) {
            let (from, to) = (two[0], two[1]);
            let length = (to.0 - from.0).abs().max((to.1 - from.1).abs());
            let along = |at: i32| {
                let share = |a: i32, b: i32| a + (b - a) * at.min(length) / length.max(1);
                (share(from.0, to.0), share(from.1, to.1))
            };
            for start in (0..length).step_by(DASH as usize + 8) {
                self.line(&[along(start), along((start + DASH).min(length))], width, ink);
            }
        }
    }

    pub fn outline(&mut self, area: Area, ink: Ink) {
        let Area { left, top, right, bottom } = area;
        self.fill(Area { bottom: top + 2, ..area }, ink);
        self.fill(Area { top: bottom - 2, ..area }, ink);
        self.fill(Area { left, right: left + 2, top: top + 2, bottom: bottom - 2 }, ink);
        self.fill(Area { left: right - 2, right, top: top + 2, bottom: bottom - 2 }, ink);
    }

    /// Slanting lines in an outline.
    pub fn hatched(&mut self, area: Area, ink: Ink) {
        self.fill(area, ink.faint(14));
        let height = area.height();
        for start in ((area.left - height)..area.right).step_by(8) {
            // From the lower edge up to the right, cut off at both sides.
            let from = start.max(area.left);
            let to = (start + height).min(area.right);
            if to > from {
                let y = |x: i32| area.bottom - (x - start);
                self.line(&[(from, y(from)), (to, y(to))], 1, ink.faint(85));
            }
        }
        self.outline(area, ink);
    }

    pub fn diamond(&mut self, center: Point, half: i32, ink: Ink, hollow: bool) {
        let around = |half: i32| {
            let (x, y) = center;
            vec![(x, y - half), (x + half, y), (x, y + half), (x - half, y)]
        };
        self.polygon(around(half), ink);
        if hollow {
            self.polygon(around(half - 3), self.palette.paper);
        }
    }

    /// A thin line; with a tick if it ends there and does not go on beyond the plot.
    pub fn whisker(&mut self, left: i32, right: i32, y: i32, ends: bool, ink: Ink) {
        self.fill(Area { left, right, top: y - 1, bottom: y + 1 }, ink);
        if ends {
            self.fill(Area { left: right - 2, right, top: y - 5, bottom: y + 5 }, ink);
        }
    }

    pub fn disc(&mut self, center: Point, radius: u32, ink: Ink) {
        self.shapes.push(Shape::Disc(center, radius, ink));
    }
}
