//! Pixels: a plotters backend with smooth edges, and the PNG writer.
//!
//! plotters' own bitmap backend sets glyphs at whole pixels without their side bearings and
//! leaves gaps in dense step lines; exact area coverage costs no more and has neither fault.

use std::convert::Infallible;

use ab_glyph::{Font, ScaleFont};
use ab_glyph_rasterizer::{Point, Rasterizer, point};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontStyle, text_anchor::HPos,
};

use super::Error;
use super::font::{self, Weight};
use super::picture::PLOTTERS_SIZE;

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// A picture in memory, 3 bytes a pixel.
pub(super) struct Raster {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Raster {
    pub fn new((width, height): (u32, u32)) -> Raster {
        let (width, height) = (width as usize, height as usize);
        Raster { width, height, pixels: vec![255; width * height * 3] }
    }

    /// The picture as a PNG file.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::Balanced);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.pixels)?;
        writer.finish()?;
        Ok(bytes)
    }

    fn blend(&mut self, x: i64, y: i64, color: BackendColor, coverage: f64) {
        let inside = (0..self.width as i64).contains(&x) && (0..self.height as i64).contains(&y);
        let share = color.alpha * coverage.clamp(0.0, 1.0);
        if !inside || share <= 0.0 {
            return;
        }
        let at = (y as usize * self.width + x as usize) * 3;
        let (r, g, b) = color.rgb;
        if share >= 1.0 {
            self.pixels[at..at + 3].copy_from_slice(&[r, g, b]);
            return;
        }
        for (old, new) in self.pixels[at..at + 3].iter_mut().zip([r, g, b]) {
            let below = f64::from(*old);
            *old = (below + (f64::from(new) - below) * share).round() as u8;
        }
    }

    /// Fills the union of polygons that all turn the same way round.
    fn fill(&mut self, polygons: &[Vec<Point>], color: BackendColor) {
        let points = || polygons.iter().flatten();
        let limit = |value: f32, size: usize| value.clamp(0.0, size as f32);
        let left = points().map(|p| limit(p.x, self.width)).fold(f32::MAX, f32::min).floor();
        let top = points().map(|p| limit(p.y, self.height)).fold(f32::MAX, f32::min).floor();
        let right = points().map(|p| limit(p.x, self.width)).fold(0.0, f32::max).ceil();
        let bottom = points().map(|p| limit(p.y, self.height)).fold(0.0, f32::max).ceil();
        if right <= left || bottom <= top {
            return;
        }
        let mut mask = Rasterizer::new((right - left) as usize + 1, (bottom - top) as usize + 1);
        let moved = |p: &Point| point(limit(p.x, self.width) - left, limit(p.y, self.height) - top);
        for polygon in polygons {
            let next = polygon.iter().cycle().skip(1);
            for (from, to) in polygon.iter().zip(next) {
                mask.draw_line(moved(from), moved(to));
            }
        }
        mask.for_each_pixel_2d(|x, y, coverage| {
            let (x, y) = (i64::from(x) + left as i64, i64::from(y) + top as i64);
            self.blend(x, y, color, f64::from(coverage));
        });
    }
}

impl DrawingBackend for Raster {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (self.width as u32, self.height as u32)
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, at: BackendCoord, color: BackendColor) -> Drawn {
        self.blend(i64::from(at.0), i64::from(at.1), color, 1.0);
        Ok(())
    }

    /// Right and lower edges are outside, as in SVG.
    fn draw_rect<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
        _fill: bool,
    ) -> Drawn {
        for y in from.1..to.1 {
            for x in from.0..to.0 {
                self.blend(i64::from(x), i64::from(y), style.color(), 1.0);
            }
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let points = path.into_iter().map(|(x, y)| point(x as f32, y as f32)).collect();
        self.fill(&[points], style.color());
        Ok(())
    }

    /// Each stretch is a bar; at corners bars reach into each other, so no notch is left.
    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let width = style.stroke_width();
        // Odd widths are centred on the middle of a pixel, which keeps their edges sharp.
        let shift = if width % 2 == 1 { 0.5 } else { 0.0 };
        let points: Vec<Point> =
            path.into_iter().map(|(x, y)| point(x as f32 + shift, y as f32 + shift)).collect();
        let half = width as f32 / 2.0;
        let last = points.len().saturating_sub(2);
        let bars = points.windows(2).enumerate().filter_map(|(at, two)| {
            let corner = |is: bool| if is { half } else { 0.0 };
            bar(two[0], two[1], half, (corner(at > 0), corner(at < last)))
        });
        let bars: Vec<Vec<Point>> = bars.collect();
        self.fill(&bars, style.color());
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        _fill: bool,
    ) -> Drawn {
        let (x, y, r) = (center.0 as f32, center.1 as f32, radius as f32);
        // Points of a circle by half-angle: no sine, so the same bits on every machine.
        let quarter = (0..16).map(|step| step as f32 / 16.0).map(|t| {
            let d = 1.0 + t * t;
            (r * (1.0 - t * t) / d, r * 2.0 * t / d)
        });
        let quarter: Vec<(f32, f32)> = quarter.collect();
        let turns = [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)];
        let points = turns.iter().flat_map(|(cos, sin)| {
            quarter.iter().map(move |(a, b)| point(x + a * cos - b * sin, y + a * sin + b * cos))
        });
        let points = points.collect();
        self.fill(&[points], style.color());
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Drawn {
        let weight = match style.style() {
            FontStyle::Bold => Weight::Bold,
            _ => Weight::Regular,
        };
        let size = style.size() / PLOTTERS_SIZE;
        let face = font::face(weight);
        let scale = font::scale(face, size);
        let scaled = face.as_scaled(scale);
        let width: f32 = text.chars().map(|c| scaled.h_advance(scaled.glyph_id(c))).sum();
        let mut x = at.0 as f32
            - match style.anchor().h_pos {
                HPos::Left => 0.0,
                HPos::Center => width / 2.0,
                HPos::Right => width,
            };
        let baseline = at.1 as f32 + (size * 0.76).round() as f32;
        for c in text.chars() {
            let id = scaled.glyph_id(c);
            let glyph = id.with_scale_and_position(scale, ab_glyph::point(x, baseline));
            x += scaled.h_advance(id);
            let Some(outline) = face.outline_glyph(glyph) else { continue };
            let corner = outline.px_bounds().min;
            outline.draw(|dx, dy, coverage| {
                let (x, y) = (corner.x as i64 + i64::from(dx), corner.y as i64 + i64::from(dy));
                self.blend(x, y, style.color(), f64::from(coverage));
            });
        }
        Ok(())
    }
}

/// A stretch of line as a bar, `half` to each side, `beyond` its ends; `None` without length.
fn bar(from: Point, to: Point, half: f32, beyond: (f32, f32)) -> Option<Vec<Point>> {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let length = (dx * dx + dy * dy).sqrt();
    if length <= 0.0 {
        return None;
    }
    let (ux, uy) = (dx / length, dy / length);
    let corner = |end: Point, along: f32, aside: f32| {
        point(end.x + ux * along - uy * aside, end.y + uy * along + ux * aside)
    };
    let (before, after) = (-beyond.0, beyond.1);
    Some(vec![
        corner(from, before, half),
        corner(from, before, -half),
        corner(to, after, -half),
        corner(to, after, half),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use plotters::style::{BLACK, Color};

    fn dark(raster: &Raster, x: usize, y: usize) -> bool {
        raster.pixels[(y * raster.width + x) * 3] < 10
    }

    #[test]
    fn a_line_covers_its_width_and_nothing_else() {
        let mut raster = Raster::new((20, 20));
        raster.draw_path([(2, 5), (10, 5), (10, 15)], &Color::stroke_width(&BLACK, 3)).unwrap();
        for (x, y, inside) in [(5, 4, true), (5, 6, true), (5, 7, false), (11, 12, true)] {
            assert_eq!(dark(&raster, x, y), inside, "{x} {y}");
        }
    }

    #[test]
    fn what_lies_outside_is_left_out() {
        let mut raster = Raster::new((10, 10));
        raster.draw_rect((-5, -5), (500, 5), &BLACK, true).unwrap();
        raster.draw_path([(-50, 7), (90, 7)], &BLACK).unwrap();
        raster.fill_polygon([(-9, -9), (90, -9), (3, 90)], &BLACK).unwrap();
        raster.draw_circle((30, 30), 4, &BLACK, true).unwrap();
        raster.draw_path([(3, 3), (3, 3)], &BLACK).unwrap();
        raster.draw_path([], &BLACK).unwrap();
        assert!(dark(&raster, 0, 0));
    }
}
