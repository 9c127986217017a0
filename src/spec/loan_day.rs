//! A date of a loan: a day, or so long after something of the plan.

use super::schema;
use super::shape::scalar;
use crate::time::{Day, Length, parse_day, parse_signed_length};

/// When a date of a loan falls (semantics M8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoanDay {
    /// On that day.
    On(Day),
    /// So long after, or before, an activity finishes or a hall is ready for service.
    After {
        /// Id of an activity, or of a hall with `.rfs` behind it.
        what: String,
        /// Civil months.
        months: i32,
        /// Civil days, counted after the months.
        days: i32,
    },
}

scalar!(
    LoanDay,
    LoanDay::On(Day(0)),
    "loan-date",
    "a date, or something of the plan and a wait: hall-1.rfs + 30d",
    "LoanDate" = schema::text(
        &format!("{}|{}", schema::DATE, AFTER),
        &["2026-07-31", "hall-1.rfs + 30d", "hall-8.rfs + 3mo"]
    ),
    parse
);

/// A name, perhaps with a wait in civil time.
const AFTER: &str = "[^\\s]*[^0-9\\s-][^\\s]*(?:\\s+[-+]\\s*[0-9]+\\s*(?:d|w|ed|ew|mo|y))?";

fn parse(text: &str) -> Result<LoanDay, String> {
    let text = text.trim();
    let looks_like_a_day = text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    if looks_like_a_day {
        return parse_day(text).map(LoanDay::On);
    }
    let (what, wait) = match text.find(char::is_whitespace) {
        Some(end) => (&text[..end], text[end..].trim_start()),
        None => (text, "+0d"),
    };
    if !wait.starts_with(['+', '-']) {
        return Err(format!(
            "expected a date, or a name and a wait such as hall-1.rfs + 30d; it is `{text}`"
        ));
    }
    let length = parse_signed_length(wait)?;
    let sign = if length.amount.is_sign_negative() { -1 } else { 1 };
    let whole = Length { amount: length.amount.abs(), ..length };
    let of = |count: Option<u32>| count.and_then(|count| i32::try_from(count).ok());
    let (months, days) = match (of(whole.civil_months()), of(whole.whole_days())) {
        (Some(months), _) => (months, 0),
        (None, Some(days)) => (0, days),
        (None, None) => {
            return Err(format!("expected whole days, weeks, months or years; it is `{wait}`"));
        }
    };
    Ok(LoanDay::After { what: what.to_owned(), months: sign * months, days: sign * days })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_a_day_or_follows_something() {
        let after = |what: &str, months, days| LoanDay::After { what: what.into(), months, days };
        assert_eq!(parse("2026-07-31"), parse_day("2026-07-31").map(LoanDay::On));
        assert_eq!(parse("hall-1.rfs + 30d"), Ok(after("hall-1.rfs", 0, 30)));
        assert_eq!(parse("hall-1.rfs +2w"), Ok(after("hall-1.rfs", 0, 14)));
        assert_eq!(parse("energise-1 - 1mo"), Ok(after("energise-1", -1, 0)));
        assert_eq!(parse("hall-8.rfs"), Ok(after("hall-8.rfs", 0, 0)));
        assert_eq!(parse("hall-8.rfs + 1y"), Ok(after("hall-8.rfs", 12, 0)));
        for wrong in ["2026-13-01", "hall-1.rfs 30d", "hall-1.rfs + 1.5d", "a + 3h", "a +", "20-"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
