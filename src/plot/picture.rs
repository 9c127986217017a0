//! A finished drawing: shapes at whole pixels, written as SVG or as PNG.

use plotters::prelude::SVGBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontStyle, IntoFont, RGBAColor, ShapeStyle, TextStyle};
use plotters_backend::{DrawingBackend, DrawingErrorKind};

use super::Error;
use super::font::{self, Weight};
use super::raster::Raster;
use super::theme::Ink;

/// Fonts a viewer should try: the bundled one by name, then look-alikes of the same width.
const FAMILY: &str = "Roboto, Helvetica, Arial, sans-serif";

/// plotters states text sizes so that its SVG writer divides them by this.
pub(super) const PLOTTERS_SIZE: f64 = 1.24;

/// Height of a capital letter and depth of a `g`, in parts of the text's size.
const ASCENT: f64 = 0.76;
const DESCENT: f64 = 0.22;

/// What a drawing step on a backend comes back with.
type Drawn<B> = Result<(), DrawingErrorKind<<B as DrawingBackend>::ErrorType>>;

/// A place on the picture: pixels right and down from its upper left corner.
pub(super) type Point = (i32, i32);

/// A box on the picture; its right and lower edges are outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub left: i32,
    pub top: i32,
    pub right: i32,
    pub bottom: i32,
}

impl Area {
    pub fn width(self) -> i32 {
        self.right - self.left
    }

    pub fn height(self) -> i32 {
        self.bottom - self.top
    }
}

/// Which end of a text its position names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// One line of text.
#[derive(Clone, Debug)]
pub(super) struct Label {
    pub text: String,
    pub x: i32,
    pub baseline: i32,
    pub size: i32,
    pub weight: Weight,
    pub anchor: Anchor,
    pub ink: Ink,
}

impl Label {
    /// The box that the text covers.
    pub fn area(&self) -> Area {
        let width = font::width(&self.text, self.size, self.weight);
        let left = match self.anchor {
            Anchor::Start => self.x,
            Anchor::Middle => self.x - width / 2,
            Anchor::End => self.x - width,
        };
        let above = (f64::from(self.size) * ASCENT).round() as i32;
        let below = (f64::from(self.size) * DESCENT).round() as i32;
        let (top, bottom) = (self.baseline - above, self.baseline + below);
        Area { left, top, right: left + width, bottom }
    }
}

/// What a drawing is made of.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    Box(Area, Ink),
    Polygon(Vec<Point>, Ink),
    Line(Vec<Point>, u32, Ink),
    Disc(Point, u32, Ink),
    Text(Label),
}

/// A finished chart, ready to be written.
///
/// The same input gives the same bytes, on any machine and in any thread.
#[derive(Clone, Debug)]
pub struct Picture {
    pub(super) width: i32,
    pub(super) height: i32,
    pub(super) about: String,
    pub(super) shapes: Vec<Shape>,
}

impl Picture {
    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.width.unsigned_abs(), self.height.unsigned_abs())
    }

    /// The drawing as an SVG document.
    ///
    /// Its `title` element says what the chart shows, for screen readers and as a tooltip.
    pub fn svg(&self) -> String {
        let mut text = String::new();
        {
            let mut backend = SVGBackend::with_string(&mut text, self.size());
            paint(&mut backend, &self.shapes).expect("writing to memory does not fail");
            backend.present().expect("writing to memory does not fail");
        }
        let title = format!(" role=\"img\">\n<title>{}</title>", escaped(&self.about));
        text.replacen('>', &title, 1)
    }

    /// The drawing as a PNG file.
    ///
    /// # Errors
    ///
    /// When the encoder refuses the picture.
    ///
    /// Cost: 3 bytes of memory a pixel, and time in step with the pixels covered.
    pub fn png(&self) -> Result<Vec<u8>, Error> {
        let mut raster = Raster::new(self.size());
        paint(&mut raster, &self.shapes).expect("drawing in memory does not fail");
        raster.encode()
    }

    /// The boxes of all texts, for tests that nothing overlaps.
    #[cfg(test)]
    pub(super) fn labels(&self) -> impl Iterator<Item = &Label> {
        self.shapes.iter().filter_map(|shape| match shape {
            Shape::Text(label) => Some(label),
            _ => None,
        })
    }
}

fn paint<B: DrawingBackend>(backend: &mut B, shapes: &[Shape]) -> Drawn<B> {
    for shape in shapes {
        match shape {
            Shape::Box(area, ink) => {
                let (from, to) = ((area.left, area.top), (area.right, area.bottom));
                backend.draw_rect(from, to, &style(*ink, 1), true)?;
            }
            Shape::Polygon(points, ink) => {
                backend.fill_polygon(points.iter().copied(), &style(*ink, 1))?;
            }
            Shape::Line(points, width, ink) => {
                backend.draw_path(points.iter().copied(), &style(*ink, *width))?;
            }
            Shape::Disc(center, radius, ink) => {
                backend.draw_circle(*center, *radius, &style(*ink, 1), true)?;
            }
            Shape::Text(label) => text(backend, label)?,
        }
    }
    Ok(())
}

fn text<B: DrawingBackend>(backend: &mut B, label: &Label) -> Drawn<B> {
    let weight = match label.weight {
        Weight::Regular => FontStyle::Normal,
        Weight::Bold => FontStyle::Bold,
    };
    let anchor = match label.anchor {
        Anchor::Start => HPos::Left,
        Anchor::Middle => HPos::Center,
        Anchor::End => HPos::Right,
    };
    let size = f64::from(label.size);
    let font = (FAMILY, size * PLOTTERS_SIZE, weight).into_font();
    let ink = color(label.ink);
    let style = TextStyle::from(font).color(&ink).pos(Pos::new(anchor, VPos::Top));
    // The SVG writer sets the baseline 0.76 em below the position it is given.
    let top = label.baseline - (size * ASCENT).round() as i32;
    backend.draw_text(&label.text, &style, (label.x, top))
}

fn color(ink: Ink) -> RGBAColor {
    RGBAColor(ink.rgb.0, ink.rgb.1, ink.rgb.2, f64::from(ink.percent) / 100.0)
}

fn style(ink: Ink, width: u32) -> ShapeStyle {
    ShapeStyle { color: color(ink), filled: true, stroke_width: width }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Text without what XML cannot hold or a single line cannot show: such characters become blanks.
pub(super) fn printable(text: &str) -> String {
    let blank =
        |c: char| c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}' | '\u{2028}' | '\u{2029}');
    text.chars().map(|c| if blank(c) { ' ' } else { c }).collect()
}
