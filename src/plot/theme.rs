//! Colours, light and dark, that colour-blind readers can tell apart.

/// A colour and how much of it covers what lies below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ink {
    pub rgb: (u8, u8, u8),
    pub percent: u8,
}

impl Ink {
    const fn hex(rgb: u32) -> Ink {
        Ink { rgb: ((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8), percent: 100 }
    }

    /// The same colour, `percent` opaque.
    pub const fn faint(self, percent: u8) -> Ink {
        Ink { percent, ..self }
    }

    /// So far on the way from one colour to another.
    pub fn between(self, other: Ink, share: f64) -> Ink {
        let mix =
            |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * share).round() as u8;
        let (a, b) = (self.rgb, other.rgb);
        Ink { rgb: (mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2)), percent: 100 }
    }
}

impl Ink {
    /// Black or white, whichever is read better on this colour.
    pub fn readable(self) -> Ink {
        let (r, g, b) = self.rgb;
        let light = 0.2126 * f64::from(r) + 0.7152 * f64::from(g) + 0.0722 * f64::from(b);
        Ink::hex(if light > 140.0 { 0x10151B } else { 0xFFFFFF })
    }
}

/// Dark ink on white paper, or light ink on dark paper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// For print, reports and slides on white.
    #[default]
    Light,
    /// For screens and slides on black.
    Dark,
}

/// What each colour means; the same meaning in every chart.
///
/// Hues are those of Okabe and Ito, brightened on dark paper.
#[derive(Clone, Copy, Debug)]
pub(super) struct Palette {
    pub paper: Ink,
    pub text: Ink,
    /// Subtitles, tick labels, notes.
    pub muted: Ink,
    pub grid: Ink,
    pub axis: Ink,
    /// Rows that head a group.
    pub band: Ink,
    /// What was promised.
    pub plan: Ink,
    /// What power allows.
    pub energised: Ink,
    /// Ordinary bars, good values.
    pub plain: Ink,
    /// The critical path, values below a covenant.
    pub critical: Ink,
    /// Waiting for something.
    pub wait: Ink,
    /// Money that goes out to lenders.
    pub service: Ink,
    /// Work done, drawn inside a bar.
    pub done: Ink,
}

impl Theme {
    pub(super) fn palette(self) -> Palette {
        match self {
            Theme::Light => Palette {
                paper: Ink::hex(0xFFFFFF),
                text: Ink::hex(0x1B1F24),
                muted: Ink::hex(0x57606A),
                grid: Ink::hex(0xE4E7EB),
                axis: Ink::hex(0x7D8590),
                band: Ink::hex(0xF3F5F7),
                plan: Ink::hex(0xD55E00),
                energised: Ink::hex(0xA0338A),
                plain: Ink::hex(0x3C8DC5),
                critical: Ink::hex(0xD55E00),
                wait: Ink::hex(0x8A6D00),
                service: Ink::hex(0xE69F00),
                done: Ink::hex(0x10242F),
            },
            Theme::Dark => Palette {
                paper: Ink::hex(0x10151B),
                text: Ink::hex(0xE8EDF2),
                muted: Ink::hex(0xA3ADB8),
                grid: Ink::hex(0x262E37),
                axis: Ink::hex(0x7A8591),
                band: Ink::hex(0x1A2129),
                plan: Ink::hex(0xFF8A3D),
                energised: Ink::hex(0xE78AD0),
                plain: Ink::hex(0x56B4E9),
                critical: Ink::hex(0xFF7A29),
                wait: Ink::hex(0xF0E442),
                service: Ink::hex(0xE69F00),
                done: Ink::hex(0x071018),
            },
        }
    }

    /// Colour of the `at`-th of `count` lines: those of a stack that stand out from the paper.
    pub(super) fn line(self, at: usize, count: usize) -> Ink {
        let all = count + count.div_ceil(2) + 1;
        match self {
            Theme::Light => self.stacked(at, all),
            Theme::Dark => self.stacked(at + all - count, all),
        }
    }

    /// Colour of the `at`-th of `count` stacked series, dark to light from the bottom up.
    ///
    /// One sequential ramp (after ColorBrewer's yellow-green-blue), because halls are a sequence,
    /// not kinds; lightness alone orders them, so it survives grey print.
    pub(super) fn stacked(self, at: usize, count: usize) -> Ink {
        const STOPS: [u32; 7] =
            [0x0C2C84, 0x225EA8, 0x1D91C0, 0x41B6C4, 0x7FCDBB, 0xB5E2B8, 0xDDF2B4];
        let (first, last) = match self {
            Theme::Light => (0.0, 5.0),
            Theme::Dark => (1.0, 6.0),
        };
        let share = if count < 2 { 0.3 } else { at as f64 / (count - 1) as f64 };
        let place = first + (last - first) * share.clamp(0.0, 1.0);
        let stop = (place as usize).min(STOPS.len() - 2);
        Ink::hex(STOPS[stop]).between(Ink::hex(STOPS[stop + 1]), place - stop as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lightness(ink: Ink) -> f64 {
        let (r, g, b) = ink.rgb;
        0.2126 * f64::from(r) + 0.7152 * f64::from(g) + 0.0722 * f64::from(b)
    }

    #[test]
    fn stacked_colours_grow_lighter_from_the_bottom_up() {
        for theme in [Theme::Light, Theme::Dark] {
            for count in 1..40 {
                let all: Vec<Ink> = (0..count).map(|at| theme.stacked(at, count)).collect();
                assert!(all.windows(2).all(|two| lightness(two[0]) < lightness(two[1])), "{count}");
            }
        }
    }

    #[test]
    fn text_stands_out_from_paper() {
        for palette in [Theme::Light.palette(), Theme::Dark.palette()] {
            for ink in [palette.text, palette.muted] {
                assert!((lightness(ink) - lightness(palette.paper)).abs() > 110.0);
            }
        }
    }
}
