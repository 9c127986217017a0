//! The bundled font: how wide a text is, how to shorten it, where its glyphs lie.
//!
//! Layout is measured with the bundled font alone, so a picture is the same on every machine. A
//! viewer of the SVG may show another sans-serif font; gaps leave room for one that runs wider.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, PxScale, ScaleFont};

/// Stroke weight of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// Room to plan for a text, in percent of its width here: the widest common sans-serif font
/// (DejaVu Sans) runs this much wider, and a viewer of the SVG may have no other.
const fn slack(weight: Weight) -> i32 {
    match weight {
        Weight::Regular => 115,
        Weight::Bold => 127,
    }
}

static REGULAR: LazyLock<FontRef<'static>> =
    LazyLock::new(|| parse(include_bytes!("font/Roboto-Regular.ttf")));
static BOLD: LazyLock<FontRef<'static>> =
    LazyLock::new(|| parse(include_bytes!("font/Roboto-Bold.ttf")));

fn parse(bytes: &'static [u8]) -> FontRef<'static> {
    FontRef::try_from_slice(bytes).expect("the bundled font is whole")
}

/// The bundled font in this weight.
pub(super) fn face(weight: Weight) -> &'static FontRef<'static> {
    match weight {
        Weight::Regular => &REGULAR,
        Weight::Bold => &BOLD,
    }
}

/// Scale at which an em is `size` pixels, as in CSS.
pub(super) fn scale(face: &FontRef<'_>, size: f64) -> PxScale {
    let em = face.units_per_em().unwrap_or(1000.0);
    PxScale::from(size as f32 * face.height_unscaled() / em)
}

/// Width of a text in whole pixels, rounded up.
pub(super) fn width(text: &str, size: i32, weight: Weight) -> i32 {
    let face = face(weight);
    let scaled = face.as_scaled(scale(face, f64::from(size)));
    text.chars().map(|c| scaled.h_advance(scaled.glyph_id(c))).sum::<f32>().ceil() as i32
}

/// Pixels to keep free for a text of this width, whatever font a viewer has.
pub(super) fn padded(width: i32, weight: Weight) -> i32 {
    width * slack(weight) / 100
}

/// What of `room` a text may fill, so that it stays inside with whatever font a viewer has.
pub(super) fn usable(room: i32, weight: Weight) -> i32 {
    room * 100 / slack(weight)
}

/// The text, shortened in the middle to at most `room` pixels: `hall-12 … acceptance`.
///
/// The middle goes because names of one plan differ at their ends.
pub(super) fn fit(text: &str, size: i32, weight: Weight, room: i32) -> String {
    if width(text, size, weight) <= room {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    let shortened = |keep: usize| -> String {
        let head = keep.div_ceil(2);
        let tail = keep - head;
        let front: String = chars[..head].iter().collect();
        let back: String = chars[chars.len() - tail..].iter().collect();
        format!("{}…{}", front.trim_end(), back.trim_start())
    };
    // Widths grow with every character kept, so the largest that fits is found by halving.
    let (mut fits, mut not) = (0, chars.len());
    while not - fits > 1 {
        let middle = (fits + not) / 2;
        if width(&shortened(middle), size, weight) <= room {
            fits = middle;
        } else {
            not = middle;
        }
    }
    let text = shortened(fits);
    if width(&text, size, weight) <= room { text } else { String::new() }
}

/// The text on at most `lines` lines of `room` pixels; what is left over is shortened.
pub(super) fn wrap(text: &str, size: i32, weight: Weight, room: i32, lines: usize) -> Vec<String> {
    let mut done: Vec<String> = Vec::new();
    let mut words = text.split_whitespace().peekable();
    while done.len() + 1 < lines && words.peek().is_some() {
        let mut line = String::new();
        while let Some(word) = words.peek() {
            let longer =
                if line.is_empty() { (*word).to_owned() } else { format!("{line} {word}") };
            if !line.is_empty() && width(&longer, size, weight) > room {
                break;
            }
            line = longer;
            words.next();
        }
        done.push(fit(&line, size, weight, room));
    }
    let rest: Vec<&str> = words.collect();
    if !rest.is_empty() {
        done.push(fit(&rest.join(" "), size, weight, room));
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortened_text_keeps_both_ends_and_fits() {
        let name = "hall-12.cluster.integrated-systems-test.acceptance-by-the-customer";
        for room in 0..700 {
            let text = fit(name, 20, Weight::Regular, room);
            assert!(width(&text, 20, Weight::Regular) <= room);
        }
        let text = fit(name, 20, Weight::Regular, 260);
        assert!(text.starts_with("hall-12") && text.ends_with("customer"), "{text}");
        assert_eq!(fit("short", 20, Weight::Bold, 200), "short");
    }

    #[test]
    fn wrapping_loses_no_word_while_there_is_room() {
        let text = "one two three four five six seven";
        let lines = wrap(text, 20, Weight::Regular, 120, 9);
        assert_eq!(lines.join(" "), text);
        assert_eq!(wrap(text, 20, Weight::Regular, 120, 2).len(), 2);
        assert!(wrap("", 20, Weight::Regular, 120, 2).is_empty());
    }

    #[test]
    fn the_signs_that_charts_use_are_in_the_font() {
        for weight in [Weight::Regular, Weight::Bold] {
            for c in "AZaz09éłΩ–—…·×≤≥−€£¥₹".chars() {
                assert_ne!(face(weight).glyph_id(c).0, 0, "{c}");
            }
        }
    }
}
