//! Quantities as planners write them: `34 MW`, `25%`, `£180M`, `2.45 USD/GPU-hour`.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::Value;

use super::schema::{self, Book};
use super::shape::{Shape, clip, expected, not_a_word, scalar};
use super::yaml::Kind;
use super::{Finding, Findings, Node};
use crate::money::{Amount, Currency};
use crate::unit::Share;

/// A share written in per cent: `12.5%`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percent(pub Share);

/// A plain factor such as a PUE: `1.20`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factor(pub Share);

/// Power in watts; the key that holds it says whether IT, facility or grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watts(pub i64);

/// Grid import: real power in watts, or apparent power in volt-amperes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Import {
    /// `200 MW`.
    Real(i64),
    /// `200 MVA`.
    Apparent(i64),
}

/// Money for each of something: `2.45 USD/GPU-hour`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The money.
    pub amount: Amount,
    /// For each what.
    pub per: Per,
}

macro_rules! per {
    ($($variant:ident = $word:literal,)*) => {
        /// What a price is for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the words in the file say it")]
        pub enum Per { $($variant,)* }

        impl Per {
            const WORDS: &'static [&'static str] = &[$($word),*];

            /// As written in a file.
            pub fn word(self) -> &'static str {
                match self { $(Per::$variant => $word,)* }
            }

            fn from_word(word: &str) -> Option<Per> {
                match word { $($word => Some(Per::$variant),)* _ => None }
            }
        }
    };
}

per! {
    GpuHour = "GPU-hour",
    ItKwMonth = "IT-kW-month",
    ItMwMonth = "IT-MW-month",
    Mwh = "MWh",
    KvaMonth = "kVA-month",
    Year = "year",
    ReadyItMwYear = "ready-IT-MW-year",
    AcceptedItMwYear = "accepted-IT-MW-year",
}

scalar!(
    Percent,
    Percent(Share::ZERO),
    "per-cent",
    "a share such as 25%",
    "Percent" = schema::text(schema::PERCENT, &["25%"]),
    |text| percent(text).map(Percent)
);
scalar!(
    Factor,
    Factor(Share::ONE),
    "factor",
    "a factor such as 1.20",
    "Ratio" = schema::number(schema::NUMBER, &["1.20"]),
    |text| {
        let value = number(text).ok_or_else(|| {
            format!("expected a plain factor such as 1.20, found `{}`", clip(text))
        })?;
        scaled(value, 9, text).map(|billionths| Factor(Share(billionths)))
    }
);
scalar!(
    Watts,
    Watts(1),
    "power",
    "power such as 34 MW",
    "Watts" = schema::text(&of_units(&REAL), &["34 MW", "136 kW"]),
    |text| power(text, &REAL).map(|(watts, _)| Watts(watts))
);
impl Shape for Import {
    fn schema(book: &mut Book) -> Value {
        book.define("Import", |_| {
            let import = schema::text(&of_units(&IMPORT), &["200 MW", "210 MVA"]);
            schema::told("grid import such as 200 MW or 210 MVA", import)
        })
    }

    /// Grid import that cannot be read still names a stage: one that is never short.
    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Import> {
        let what = "grid import such as 200 MW or 210 MVA";
        let Kind::Text(text) = &node.kind else {
            findings.push(expected("power", what, &node, node.at));
            return Some(Import::UNREAD);
        };
        let read = power(text, &IMPORT);
        Some(match read {
            Ok((value, true)) => Import::Apparent(value),
            Ok((value, false)) => Import::Real(value),
            Err(message) => {
                findings.push(Finding::error("power", node.at, message));
                Import::UNREAD
            }
        })
    }

    fn broken() -> Option<Import> {
        Some(Import::UNREAD)
    }
}

/// Units of real power, and of grid import.
const REAL: [&str; 4] = ["W", "kW", "MW", "GW"];
const IMPORT: [&str; 8] = ["W", "kW", "MW", "GW", "VA", "kVA", "MVA", "GVA"];

/// A number with one of some units.
fn of_units(units: &[&str]) -> String {
    format!("[0-9._,]+\\s*(?:{})", units.join("|"))
}

impl Import {
    const UNREAD: Import = Import::Real(i64::MAX / 4);
}

scalar!(
    Amount,
    NOTHING,
    "money",
    "money such as £180M or 3.9M USD",
    "Money" = schema::text(schema::MONEY, &["£180M", "3.9M USD"]),
    money
);
scalar!(
    Rate,
    Rate { amount: NOTHING, per: Per::Year },
    "price",
    "a price such as 2.45 USD/GPU-hour",
    "Price" = schema::text(
        &format!("{}\\s*/\\s*(?:{})", schema::MONEY, Per::WORDS.join("|")),
        &["2.45 USD/GPU-hour", "£160/MWh"]
    ),
    |text| {
        let split = text.split_once('/');
        let (amount, per) = split.ok_or_else(|| {
            format!("expected a price such as 2.45 USD/GPU-hour, found `{}`", clip(text))
        })?;
        let per = per.trim();
        Ok(Rate {
            amount: money(amount)?,
            per: Per::from_word(per).ok_or_else(|| not_a_word(per, Per::WORDS))?,
        })
    }
);

/// A plain decimal number, digits may be grouped by `_` or `,`.
fn number(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let plain = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '_' | ','));
    if !plain || text.is_empty() || text.len() > 40 {
        return None;
    }
    let digits: String = text.chars().filter(|&c| c != '_' && c != ',').collect();
    Decimal::from_str_exact(&digits).ok()
}

/// `value x 10^digits` as a whole number; more digits than that are an error, not rounded away.
fn scaled(value: Decimal, digits: u32, text: &str) -> Result<i64, String> {
    let factor = Decimal::from(10_i64.pow(digits));
    let whole =
        value.checked_mul(factor).ok_or_else(|| format!("`{}` is too large", clip(text)))?;
    if whole.fract() != Decimal::ZERO {
        return Err(format!("`{}` has more decimals than can be kept ({digits})", clip(text)));
    }
    whole.to_i64().ok_or_else(|| format!("`{}` is too large", clip(text)))
}

fn percent(text: &str) -> Result<Share, String> {
    let expected = || format!("expected a share such as 25%, found `{}`", clip(text));
    let value = text.trim().strip_suffix('%').and_then(number).ok_or_else(|| {
        let meant = number(text).map(|bare| match bare.abs() <= Decimal::ONE {
            true => bare.saturating_mul(Decimal::ONE_HUNDRED).normalize(),
            false => bare,
        });
        let meant = meant.map(|meant| format!("; write {meant}%")).unwrap_or_default();
        expected() + &meant
    })?;
    scaled(value, 7, text).map(Share)
}

/// Power as on a command line: `200MW`, `200 MW`.
///
/// # Errors
///
/// What was expected.
pub fn parse_power(text: &str) -> Result<Watts, String> {
    power(text, &REAL).map(|(watts, _)| Watts(watts))
}

/// Watts or volt-amperes, and whether it is the latter.
fn power(text: &str, units: &[&str]) -> Result<(i64, bool), String> {
    let text = text.trim();
    let at = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(at);
    let expected = || {
        let units = units.join(", ");
        format!("expected power with its unit ({units}), found `{}`", clip(text))
    };
    let value = number(digits).ok_or_else(expected)?;
    if !units.contains(&unit) {
        return Err(expected());
    }
    let digits = match unit.as_bytes()[0] {
        b'k' => 3,
        b'M' => 6,
        b'G' => 9,
        _ => 0,
    };
    if value.is_sign_negative() {
        return Err(format!("power cannot be negative, found `{}`", clip(text)));
    }
    let watts = scaled(value, digits, text)?;
    if watts > POWER_MAX {
        return Err(format!("`{}` is more than 1,000 GW", clip(text)));
    }
    Ok((watts, unit.ends_with('A')))
}

/// Stands in for money that could not be read.
const NOTHING: Amount = Amount { micros: 0, currency: Currency::USD };
/// 1,000 GW: beyond any site, and sums of many such stay far from overflow.
const POWER_MAX: i64 = 1_000_000_000_000;
/// A million million: single amounts stay below it so that no sum of a site overflows.
const UNITS_MAX: i64 = 1_000_000_000_000;

/// `£180M`, `$1.5B`, `3.9M USD`, `1_200_000 EUR`.
fn money(text: &str) -> Result<Amount, String> {
    let expected = || {
        format!(
            "expected money with its currency, such as £180M or 3.9M USD, found `{}`",
            clip(text)
        )
    };
    let trimmed = text.trim();
    let (sign, rest) = match trimmed.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", trimmed),
    };
    let symbols = [('£', "GBP"), ('$', "USD"), ('€', "EUR")];
    let symbol =
        symbols.iter().find_map(|&(symbol, code)| Some((rest.strip_prefix(symbol)?, code)));
    let (value, code) = match symbol {
        Some(split) => split,
        None => rest.rsplit_once(' ').ok_or_else(expected)?,
    };
    let currency = Currency::from_code(code.trim()).ok_or_else(expected)?;
    let value = value.trim();
    let (digits, zeros) = match value.as_bytes().last() {
        Some(b'k') => (&value[..value.len() - 1], 3),
        Some(b'M') => (&value[..value.len() - 1], 6),
        Some(b'B') => (&value[..value.len() - 1], 9),
        _ => (value, 0),
    };
    let value = number(&format!("{sign}{}", digits.trim())).ok_or_else(expected)?;
    if value.abs() > Decimal::from(UNITS_MAX / 10_i64.pow(zeros)) {
        return Err(format!("`{}` is more than a million million", clip(text)));
    }
    Ok(Amount { micros: scaled(value, 6 + zeros, text)?, currency })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Result<(i64, String), String> {
        money(text).map(|amount| (amount.micros, amount.currency.to_string()))
    }

    #[test]
    fn money_is_read_as_planners_write_it() {
        let million = 1_000_000_000_000;
        for (text, want) in [
            ("£180M", (180 * million, "GBP")),
            ("3.9M USD", (3_900_000_000_000, "USD")),
            ("$2.45", (2_450_000, "USD")),
            ("-$1.5k", (-1_500_000_000, "USD")),
            ("2.4B USD", (2400 * million, "USD")),
            ("1_200_000 EUR", (1_200_000_000_000, "EUR")),
        ] {
            assert_eq!(amount(text), Ok((want.0, want.1.to_owned())), "{text}");
        }
        for text in [
            "180",
            "£",
            "USD",
            "3.9 M",
            "£1e9",
            "9999999999999 USD",
            "$1.23456789",
            "$--1",
            "",
            "١ USD",
        ] {
            assert!(amount(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_share_wants_its_sign_and_a_factor_does_not() {
        assert_eq!(percent("0.50%"), Ok(Share(5_000_000)));
        assert_eq!(percent("100 %"), Ok(Share::ONE));
        assert!(percent("0.5").unwrap_err().contains("such as 25%"));
        assert!(percent("99999999999999999999%").is_err());
    }

    #[test]
    fn power_wants_a_unit() {
        let units = ["kW", "MW", "MVA"];
        assert_eq!(power("136 kW", &units), Ok((136_000, false)));
        assert_eq!(power("210MVA", &units), Ok((210_000_000, true)));
        assert!(power("34", &units).unwrap_err().contains("with its unit"));
        assert!(power("34 mw", &units).is_err());
        assert!(power("-3 MW", &units).is_err());
        assert!(power("9999999 MW", &units).is_err());
    }
}
