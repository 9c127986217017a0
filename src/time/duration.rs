//! Durations of activities, certain or not: `12w`, `8w < 12w < 18w`.

use rust_decimal::Decimal;

use super::length::{Length, LengthUnit, parse_length, quote};
use super::{Calendar, Span};

/// Likely duration, or its least, likely and most (semantics T3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duration {
    /// `12w`.
    Single(Length),
    /// `8w < 12w < 18w`.
    Three(Three),
}

/// Least, likely and most, all working or all elapsed time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Three {
    /// Nothing shorter happens.
    pub min: Length,
    /// The most likely.
    pub likely: Length,
    /// Nothing longer happens.
    pub max: Length,
}

impl Duration {
    /// The likely value.
    pub fn likely(&self) -> Length {
        match self {
            Duration::Single(length) => *length,
            Duration::Three(three) => three.likely,
        }
    }

    /// Whether it is counted around the clock whatever the calendar.
    pub fn is_elapsed(&self) -> bool {
        self.likely().is_elapsed()
    }

    /// Least, likely and most in minutes of working or elapsed time, as [`Length::on`]; a single
    /// value is all three.
    ///
    /// # Errors
    ///
    /// Values that do not ascend in this calendar: `5d < 1w` holds where a week has six days.
    pub fn on(&self, calendar: &Calendar) -> Result<[Span; 3], String> {
        let lengths = match self {
            Duration::Single(length) => [*length; 3],
            Duration::Three(Three { min, likely, max }) => [*min, *likely, *max],
        };
        let mut spans = [Span::ZERO; 3];
        for (span, length) in spans.iter_mut().zip(&lengths) {
            *span = length.on(calendar)?;
        }
        if !spans.is_sorted() {
            let [min, likely, max] = lengths;
            return Err(not_ascending(&format!("{min} < {likely} < {max}")));
        }
        Ok(spans)
    }
}

/// A duration: one length, or least, likely and most as `8w < 12w < 18w`.
///
/// # Errors
///
/// As [`parse_length`]; two or more than three values; values that do not ascend; civil units;
/// working and elapsed time in one duration.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let lengths: Vec<Length> = text.split('<').map(parse_length).collect::<Result<_, _>>()?;
    if let Some(civil) = lengths.iter().find(|length| length.is_civil()) {
        return Err(civil.no_fixed_length());
    }
    let (min, likely, max) = match lengths[..] {
        [single] => return Ok(Duration::Single(single)),
        [min, likely, max] => (min, likely, max),
        _ => {
            return Err(format!(
                "expected one length, or min < likely < max such as 8w < 12w < 18w; there are {}",
                lengths.len()
            ));
        }
    };
    if lengths.iter().any(|length| length.is_elapsed() != min.is_elapsed()) {
        return Err("expected working time (h, d, w) or elapsed time (eh, ed, ew) in all three \
                    places"
            .into());
    }
    if follows(&likely, &min) == Some(false) || follows(&max, &likely) == Some(false) {
        return Err(not_ascending(text.trim()));
    }
    Ok(Duration::Three(Three { min, likely, max }))
}

/// Whether one length is no shorter than another; `None` if only a calendar can tell.
fn follows(later: &Length, earlier: &Length) -> Option<bool> {
    let by_calendar = |unit| matches!(unit, LengthUnit::Day | LengthUnit::Week);
    if later.unit == earlier.unit {
        return Some(later.amount >= earlier.amount);
    }
    if by_calendar(later.unit) || by_calendar(earlier.unit) {
        return None;
    }
    let minutes =
        |length: &Length| length.amount.checked_mul(Decimal::from(length.unit.clock_minutes()));
    Some(minutes(later)? >= minutes(earlier)?)
}

fn not_ascending(text: &str) -> String {
    format!("expected min < likely < max in ascending order; it is {}", quote(text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::time::{Day, Definition, parse_week};

    fn site() -> Calendar {
        let week = parse_week("Mon-Fri 07:30-17:30, Sat 08:00-13:00").unwrap();
        let definition = Definition { week, ..Definition::default() };
        Calendar::from_definition(&definition, Day(0), Day(0)).unwrap()
    }

    #[test]
    fn a_duration_is_one_value_or_three_that_ascend() {
        let spans = |text: &str| parse_duration(text)?.on(&site()).map(|spans| spans.map(|s| s.0));
        assert_eq!(spans("12d"), Ok([7200; 3]));
        assert_eq!(spans("80ew < 128ew < 210ew"), Ok([806_400, 1_290_240, 2_116_800]));
        assert_eq!(spans("4d<1w<1w"), Ok([2400, 3300, 3300]));
        assert_eq!(parse_duration("1d < 2d < 4d").unwrap().likely().to_string(), "2d");
        let errors = [
            ("12w < 8w < 30w", "ascending order; it is `12w < 8w < 30w`"),
            ("8h < 90min < 12h", "ascending order"),
            ("1ed < 26eh < 20eh", "ascending order"),
            ("1w < 12ew < 30w", "working time (h, d, w) or elapsed time"),
            ("6mo", "6mo has no fixed length"),
            ("4w < 6mo < 9mo", "6mo has no fixed length"),
            ("8w < 12w", "there are 2"),
            ("8 < 12 < 18w", "`8` has no unit"),
            ("1w < < 2w", "it is empty"),
            ("-1w < 1w < 2w", "not negative"),
        ];
        // A week of this site is 5.5 days: only the calendar can tell that 6d is longer.
        assert!(parse_duration("6d < 1w < 2w").is_ok());
        assert!(spans("6d < 1w < 2w").unwrap_err().contains("ascending order"));
        for (text, message) in errors {
            let error = spans(text).unwrap_err();
            assert!(error.contains(message), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_gets_an_answer(
            text in "\\PC*",
            near in "([0-9. ]{0,6}(w|d|h|ew|mo|min)?<?){0,4}",
        ) {
            for text in [text, near] {
                let _ = parse_duration(&text).map(|duration| duration.on(&site()));
            }
        }
    }
}
