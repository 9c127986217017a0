//! Numeric axes: round steps, and numbers as people write them.

/// A numeric axis from a round number to a round number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    step: f64,
    first: i64,
    last: i64,
    decimals: usize,
}

impl Scale {
    /// Covers `low` to `high` in at most `most` steps of 1, 2, 2.5 or 5 times a power of ten.
    ///
    /// Nothing to cover (no value, all equal, not a number) gives an axis of one unit.
    pub fn covering(low: f64, high: f64, most: usize) -> Scale {
        let (mut low, mut high) = (tame(low.min(high)), tame(high.max(low)));
        if high - low < 1e-9 {
            (low, high) = if low > 0.0 { (0.0, high) } else { (low, high.max(0.0)) };
        }
        if high - low < 1e-9 {
            high = low + 1.0;
        }
        let most = most.max(2) as f64;
        let mut unit = 1e-9;
        let mut decimals = 9;
        loop {
            for (factor, extra) in [(1.0, 0), (2.0, 0), (2.5, 1), (5.0, 0)] {
                let step = unit * factor;
                let (first, last) = ((low / step).floor(), (high / step).ceil());
                if last - first <= most {
                    let decimals = (decimals + extra).max(0) as usize;
                    return Scale { step, first: first as i64, last: last as i64, decimals };
                }
            }
            unit *= 10.0;
            decimals -= 1;
        }
    }

    /// Value at the lower end.
    pub fn low(&self) -> f64 {
        self.first as f64 * self.step
    }

    /// Value at the upper end.
    pub fn high(&self) -> f64 {
        self.last as f64 * self.step
    }

    /// The pixel of a value on an axis whose ends lie at `bottom` and `top`; beyond them, the end.
    pub fn pixel(&self, value: f64, bottom: i32, top: i32) -> i32 {
        let share = (tame(value) - self.low()) / (self.high() - self.low());
        (f64::from(bottom) + f64::from(top - bottom) * share.clamp(0.0, 1.0)).round() as i32
    }

    /// Every step of the axis: its value and how to write it.
    pub fn ticks(&self) -> Vec<(f64, String)> {
        let tick = |at: i64| at as f64 * self.step;
        (self.first..=self.last).map(|at| (tick(at), number(tick(at), self.decimals))).collect()
    }
}

/// The value, or the nearest one that can be drawn.
pub(super) fn tame(value: f64) -> f64 {
    if value.is_finite() { value.clamp(-1e15, 1e15) } else { 0.0 }
}

/// A number with thousands set apart by commas and a true minus sign: `−1,234.50`.
pub(super) fn number(value: f64, decimals: usize) -> String {
    let plain = format!("{:.decimals$}", value.abs());
    let (whole, rest) = plain.split_at(plain.find('.').unwrap_or(plain.len()));
    let zero = plain.chars().all(|c| c == '0' || c == '.');
    let mut text = String::from(if value < 0.0 && !zero { "−" } else { "" });
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + rest
}

/// As [`number`], without needless zeros: `262.5`, `40`, at most `decimals` of them.
pub(super) fn short(value: f64, decimals: usize) -> String {
    let text = number(tame(value), decimals);
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(low: f64, high: f64) -> Vec<String> {
        Scale::covering(low, high, 6).ticks().into_iter().map(|tick| tick.1).collect()
    }

    #[test]
    fn axes_end_on_round_numbers() {
        assert_eq!(texts(0.0, 262.5), ["0", "50", "100", "150", "200", "250", "300"]);
        assert_eq!(texts(0.0, 6_400.0), ["0", "2,000", "4,000", "6,000", "8,000"]);
        assert_eq!(texts(-0.3, 2.4), ["−0.5", "0.0", "0.5", "1.0", "1.5", "2.0", "2.5"]);
        assert_eq!(texts(0.0, 1.4), ["0.00", "0.25", "0.50", "0.75", "1.00", "1.25", "1.50"]);
    }

    #[test]
    fn nothing_to_show_still_has_an_axis() {
        for (low, high) in [(0.0, 0.0), (f64::NAN, f64::NAN), (5.0, 5.0), (-5.0, -5.0)] {
            let scale = Scale::covering(low, high, 6);
            assert!(scale.high() > scale.low(), "{low} {high} {scale:?}");
            assert!((100..=500).contains(&scale.pixel(f64::INFINITY, 500, 100)));
        }
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(number(-1234567.891, 1), "−1,234,567.9");
        assert_eq!(number(-0.004, 2), "0.00");
        assert_eq!(
            (short(262.5, 2), short(40.0, 1), short(100.0, 0)),
            ("262.5".into(), "40".into(), "100".into())
        );
    }

    proptest! {
        #[test]
        fn an_axis_covers_its_values_in_few_steps(
            low in -1e9..1e9,
            span in 1e-3..1e9,
            most in 3usize..9,
        ) {
            let scale = Scale::covering(low, low + span, most);
            let (slack, high) = (1e-6 * span, low + span);
            prop_assert!(scale.low() <= low + slack && scale.high() >= high - slack);
            prop_assert!(scale.ticks().len() <= most + 1);
        }
    }
}
