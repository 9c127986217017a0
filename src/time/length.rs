//! Lengths of time as planners write them: `12w`, `1.5d`, `40ew`, `18mo`.

use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy::MidpointNearestEven;
use rust_decimal::prelude::ToPrimitive;

use super::week::MINUTES_PER_WEEK;
use super::{Calendar, MINUTES_PER_DAY, Span};

/// A length of time with its unit: `12w`, `1.5d`, `40ew`, `18mo` (semantics T2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// How many units; negative for a lead.
    pub amount: Decimal,
    /// Of what.
    pub unit: LengthUnit,
}

/// What a length is counted in (semantics T2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LengthUnit {
    /// `min`: minutes of working time.
    Minute,
    /// `h`: hours of working time.
    Hour,
    /// `d`: working days of the calendar.
    Day,
    /// `w`: working weeks of the calendar.
    Week,
    /// `eh`: hours of the clock.
    ElapsedHour,
    /// `ed`: days of 24 hours.
    ElapsedDay,
    /// `ew`: weeks of 7 x 24 hours.
    ElapsedWeek,
    /// `mo`: months of the civil calendar.
    Month,
    /// `y`: years of the civil calendar.
    Year,
}

/// What time a unit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Working,
    Elapsed,
    Civil,
}

/// Longest length that a file may state: a slip of the finger, not a plan.
const YEARS_MAX: i64 = 200;

impl LengthUnit {
    const ALL: [LengthUnit; 9] = [
        LengthUnit::Minute,
        LengthUnit::Hour,
        LengthUnit::Day,
        LengthUnit::Week,
        LengthUnit::ElapsedHour,
        LengthUnit::ElapsedDay,
        LengthUnit::ElapsedWeek,
        LengthUnit::Month,
        LengthUnit::Year,
    ];

    /// As written behind the number.
    pub fn symbol(self) -> &'static str {
        match self {
            LengthUnit::Minute => "min",
            LengthUnit::Hour => "h",
            LengthUnit::Day => "d",
            LengthUnit::Week => "w",
            LengthUnit::ElapsedHour => "eh",
            LengthUnit::ElapsedDay => "ed",
            LengthUnit::ElapsedWeek => "ew",
            LengthUnit::Month => "mo",
            LengthUnit::Year => "y",
        }
    }

    fn kind(self) -> Kind {
        match self {
            LengthUnit::Minute | LengthUnit::Hour | LengthUnit::Day | LengthUnit::Week => {
                Kind::Working
            }
            LengthUnit::ElapsedHour | LengthUnit::ElapsedDay | LengthUnit::ElapsedWeek => {
                Kind::Elapsed
            }
            LengthUnit::Month | LengthUnit::Year => Kind::Civil,
        }
    }

    /// Minutes of one unit around the clock.
    pub(super) fn clock_minutes(self) -> i64 {
        match self {
            LengthUnit::Minute => 1,
            LengthUnit::Hour | LengthUnit::ElapsedHour => 60,
            LengthUnit::Day | LengthUnit::ElapsedDay => MINUTES_PER_DAY,
            LengthUnit::Week | LengthUnit::ElapsedWeek => MINUTES_PER_WEEK,
            LengthUnit::Month => 30 * MINUTES_PER_DAY,
            LengthUnit::Year => 365 * MINUTES_PER_DAY,
        }
    }

    /// The unit that other spellings most likely mean.
    fn meant(text: &str) -> Option<LengthUnit> {
        Some(match text.to_ascii_lowercase().as_str() {
            "m" | "mins" | "minute" | "minutes" => LengthUnit::Minute,
            "hr" | "hrs" | "hour" | "hours" => LengthUnit::Hour,
            "day" | "days" => LengthUnit::Day,
            "wk" | "wks" | "week" | "weeks" => LengthUnit::Week,
            "ehours" => LengthUnit::ElapsedHour,
            "edays" => LengthUnit::ElapsedDay,
            "eweeks" => LengthUnit::ElapsedWeek,
            "mth" | "mths" | "mon" | "mos" | "month" | "months" => LengthUnit::Month,
            "yr" | "yrs" | "year" | "years" => LengthUnit::Year,
            other => LengthUnit::ALL.into_iter().find(|unit| unit.symbol() == other)?,
        })
    }
}

impl Length {
    /// Minutes in the time that its unit counts: working time of this calendar, or of the clock if
    /// the unit [is elapsed](Length::is_elapsed). Rounds half to even.
    ///
    /// # Errors
    ///
    /// A civil unit, whose length depends on the date it is counted from.
    pub fn on(&self, calendar: &Calendar) -> Result<Span, String> {
        let unit = match self.unit {
            LengthUnit::Day => calendar.day_minutes(),
            LengthUnit::Week => calendar.week_minutes(),
            LengthUnit::Month | LengthUnit::Year => return Err(self.no_fixed_length()),
            unit => unit.clock_minutes(),
        };
        let minutes = self.amount.checked_mul(Decimal::from(unit));
        let rounded = minutes.map(|minutes| minutes.round_dp_with_strategy(0, MidpointNearestEven));
        let minutes = rounded.and_then(|minutes| minutes.to_i64());
        minutes.map(Span).ok_or_else(|| too_long(&self.to_string()))
    }

    /// Whether it is counted around the clock whatever the calendar (`eh`, `ed`, `ew`).
    pub fn is_elapsed(&self) -> bool {
        self.unit.kind() == Kind::Elapsed
    }

    /// Whether its length depends on the date it is counted from (`mo`, `y`).
    pub fn is_civil(&self) -> bool {
        self.unit.kind() == Kind::Civil
    }

    pub(super) fn no_fixed_length(&self) -> String {
        format!("expected working or elapsed time such as 12w, 40ew; {self} has no fixed length")
    }

    /// Civil months, where that is its unit and it is not negative: 60 for `5y`.
    pub fn civil_months(&self) -> Option<u32> {
        let months = match self.unit {
            LengthUnit::Month => Decimal::ONE,
            LengthUnit::Year => Decimal::from(12),
            _ => return None,
        };
        whole(self.amount.checked_mul(months)?)
    }

    /// Civil days, where its unit is days or weeks of either kind and it is whole and not negative:
    /// 45 for payment after `45d`.
    pub fn whole_days(&self) -> Option<u32> {
        let days = match self.unit {
            LengthUnit::Day | LengthUnit::ElapsedDay => Decimal::ONE,
            LengthUnit::Week | LengthUnit::ElapsedWeek => Decimal::from(7),
            _ => return None,
        };
        whole(self.amount.checked_mul(days)?)
    }
}

/// As written: `12w`.
impl std::fmt::Display for Length {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.amount.normalize(), self.unit.symbol())
    }
}

fn whole(amount: Decimal) -> Option<u32> {
    amount.is_integer().then(|| amount.to_u32()).flatten()
}

/// A length that is not negative: `12w`.
///
/// # Errors
///
/// What was expected, and the likeliest way to write what was meant.
pub fn parse_length(text: &str) -> Result<Length, String> {
    let length = parse_signed_length(text)?;
    if length.amount.is_sign_negative() {
        return Err(format!("expected a length that is not negative; it is `{}`", text.trim()));
    }
    Ok(length)
}

/// A lag or a lead: `2w`, `+2w`, `-3d`.
///
/// # Errors
///
/// As [`parse_length`].
pub fn parse_signed_length(text: &str) -> Result<Length, String> {
    let text = text.trim();
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text).trim_start();
    let number_end =
        unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
    let (number, unit_text) = unsigned.split_at(number_end);
    let unit_text = unit_text.trim_start();
    let Some(amount) = parse_number(number) else {
        return Err(format!("expected a length such as 12w, 3d, 40ew; it is {}", quote(text)));
    };
    let Some(unit) = LengthUnit::ALL.into_iter().find(|unit| unit.symbol() == unit_text) else {
        return Err(unknown_unit(text, number, unit_text));
    };
    let minutes = amount.checked_mul(Decimal::from(unit.clock_minutes()));
    let most = Decimal::from(YEARS_MAX * LengthUnit::Year.clock_minutes());
    if minutes.is_none_or(|minutes| minutes > most) {
        return Err(too_long(text));
    }
    let length = Length { amount, unit };
    if unit.kind() == Kind::Civil && length.civil_months().is_none() {
        return Err(format!("expected a whole number of months; `{text}` is not"));
    }
    Ok(if text.starts_with('-') { Length { amount: -amount, unit } } else { length })
}

/// Digits, perhaps with a point among them.
fn parse_number(text: &str) -> Option<Decimal> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    (digits(whole) && digits(fraction)).then(|| Decimal::from_str_exact(text).ok()).flatten()
}

fn unknown_unit(text: &str, number: &str, unit: &str) -> String {
    let text = quote(text);
    if unit.is_empty() {
        return format!("expected a length such as 12w, 3d, 40ew; {text} has no unit");
    }
    let meant = LengthUnit::meant(unit);
    let hint = meant.map_or("units are min, h, d, w, eh, ed, ew, mo, y".to_string(), |unit| {
        format!("write {number}{}", unit.symbol())
    });
    format!("expected a length such as 12w, 3d, 40ew; {text} has an unknown unit: {hint}")
}

fn too_long(text: &str) -> String {
    format!("expected at most {YEARS_MAX} years; it is {}", quote(text))
}

/// In quotes, and short enough for a message.
pub(super) fn quote(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(40) {
        _ if text.is_empty() => "empty".into(),
        Some((end, _)) => format!("`{}…`", &text[..end]),
        None => format!("`{text}`"),
    }
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

    fn minutes(text: &str) -> Result<i64, String> {
        parse_signed_length(text)?.on(&site()).map(|span| span.0)
    }

    #[test]
    fn a_length_counts_in_its_calendar() {
        let known = [
            ("90min", 90),
            ("1.5h", 90),
            ("1d", 600),
            ("1w", 55 * 60),
            ("2 eh", 120),
            ("1ed", 1440),
            ("1ew", 10080),
            ("0w", 0),
            ("-3d", -1800),
            ("+0.5w", 1650),
            ("0.5min", 0),
            ("1.5min", 2),
            ("-2.5min", -2),
        ];
        for (text, expected) in known {
            assert_eq!(minutes(text), Ok(expected), "{text}");
        }
        assert!(minutes("3mo").unwrap_err().contains("3mo has no fixed length"));
        let elapsed = |text| parse_length(text).unwrap().is_elapsed();
        assert_eq!(
            ["1eh", "1ed", "1ew", "1h", "1d", "1w", "1y"].map(elapsed).map(usize::from),
            [1, 1, 1, 0, 0, 0, 0]
        );
    }

    #[test]
    fn a_length_is_written_in_one_way() {
        let errors = [
            ("12 weeks", "`12 weeks` has an unknown unit: write 12w"),
            ("3 days", "write 3d"),
            ("3W", "write 3w"),
            ("1.5mth", "write 1.5mo"),
            ("12 fortnights", "units are min, h, d, w, eh, ed, ew, mo, y"),
            ("12", "`12` has no unit"),
            ("", "expected a length such as 12w, 3d, 40ew; it is empty"),
            ("w", "it is `w`"),
            (".5w", "it is `.5w`"),
            ("1.w", "it is `1.w`"),
            ("1.2.3w", "it is `1.2.3w`"),
            ("1,5w", "unknown unit"),
            ("1e999w", "unknown unit"),
            ("−3d", "it is `−3d`"),
            ("--3d", "it is `--3d`"),
            ("٣d", "it is `٣d`"),
            ("20000w", "expected at most 200 years; it is `20000w`"),
            ("79228162514264337593543950335y", "expected at most 200 years"),
            ("99999999999999999999999999999999w", "it is `99999999999999999999999999999999w`"),
            ("1.5mo", "expected a whole number of months; `1.5mo` is not"),
            ("-3d", "expected a length that is not negative; it is `-3d`"),
        ];
        for (text, message) in errors {
            let error = parse_length(text).unwrap_err();
            assert!(error.contains(message), "{text}: {error}");
        }
    }

    #[test]
    fn civil_lengths_are_months_and_days() {
        let months = |text| parse_length(text).unwrap().civil_months();
        assert_eq!(["5y", "1.5y", "60mo", "60d"].map(months), [Some(60), Some(18), Some(60), None]);
        let days = |text| parse_length(text).unwrap().whole_days();
        assert_eq!(
            ["45d", "2w", "30ed", "1.5d", "1mo"].map(days),
            [Some(45), Some(14), Some(30), None, None]
        );
        assert_eq!(parse_signed_length("-3mo").unwrap().civil_months(), None);
        assert_eq!(parse_signed_length("-3d").unwrap().whole_days(), None);
    }

    proptest! {
        #[test]
        fn any_text_gets_an_answer(
            text in "\\PC*",
            near in "[+-]?[0-9]{0,32}[. -]?[0-9]{0,32}[a-z]{0,3}",
        ) {
            for text in [text, near] {
                let _ = parse_signed_length(&text).map(|length| length.on(&site()));
            }
        }

        #[test]
        fn what_is_printed_can_be_read(tenths in 0..100_000_i64, unit in 0..7_usize) {
            let length = Length { amount: Decimal::new(tenths, 1), unit: LengthUnit::ALL[unit] };
            let read = parse_length(&length.to_string());
            prop_assert!(read == Ok(length) || read.unwrap_err().contains("200 years"));
        }
    }
}
