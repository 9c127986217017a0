//! One case: reading what goes in, comparing what comes out.

use std::fmt;
use std::fs;
use std::path::Path;

use energize::money::{Money, Ratio};
use energize::time::Day;
use energize::unit::Share;
use rust_decimal::Decimal;
use serde_json::Value;

pub struct Case {
    pub kind: String,
    pub inputs: Value,
    pub expected: Value,
    id: String,
    title: String,
    /// Of one unit of the case's money, in units of the currency.
    unit: Decimal,
    money: Decimal,
    ratio: Decimal,
    compared: u32,
    failures: Vec<String>,
}

impl Case {
    pub fn read(path: &Path) -> Case {
        let text = fs::read_to_string(path).unwrap();
        let mut case: Value = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let text = |key: &str| case[key].as_str().unwrap_or_default().to_string();
        let (id, kind, title) = (text("id"), text("kind"), text("title"));
        let tolerance =
            |key: &str, default: Decimal| maybe(&case["tolerance"][key]).unwrap_or(default);
        let money = tolerance("money", Decimal::new(1, 2));
        let ratio = tolerance("ratio_or_rate", Decimal::new(1, 9));
        let unit = unit(case["inputs"]["unit"].as_str().unwrap_or_default());
        let [inputs, expected] = ["inputs", "expected"].map(|key| case[key].take());
        let failures = Vec::new();
        Case { kind, inputs, expected, id, title, unit, money, ratio, compared: 0, failures }
    }

    pub fn passes(&self) -> bool {
        self.failures.is_empty() && self.compared > 0
    }

    pub fn fail(&mut self, what: String) {
        self.failures.push(what);
    }

    /// Money of the case's unit.
    pub fn cash(&self, value: &Value) -> Money {
        self.amount(number(value))
    }

    /// The same; nothing where the key is absent.
    pub fn cash_or_none(&self, value: &Value) -> Money {
        maybe(value).map_or(Money::ZERO, |amount| self.amount(amount))
    }

    pub fn cash_list(&self, value: &Value) -> Vec<Money> {
        list(value).iter().map(|value| self.cash(value)).collect()
    }

    pub fn amount(&self, units: Decimal) -> Money {
        Money::from_decimal(units * self.unit).unwrap_or_else(|| panic!("{units} is too much"))
    }

    /// Compares money, if the case has an answer.
    pub fn money(&mut self, what: impl fmt::Display, ours: Money, theirs: &Value) {
        let ours = ours.decimal() / self.unit;
        self.near(&what, Some(ours), theirs, self.money);
    }

    /// Compares value in units of the case that is no amount of whole millionths.
    pub fn value(&mut self, what: impl fmt::Display, ours: Decimal, theirs: &Value) {
        self.near(&what, Some(ours / self.unit), theirs, self.money);
    }

    pub fn rate(&mut self, what: impl fmt::Display, ours: Decimal, theirs: &Value) {
        self.near(&what, Some(ours), theirs, self.ratio);
    }

    /// Compares a ratio; undefined is `null` there, which is not the same as a key left out.
    pub fn turns(&mut self, what: impl fmt::Display, ours: Ratio, theirs: Option<&Value>) {
        self.rate_or_null(what, ours.decimal(), theirs);
    }

    /// Compares a rate that may not exist.
    pub fn rate_or_null(
        &mut self,
        what: impl fmt::Display,
        ours: Option<Decimal>,
        theirs: Option<&Value>,
    ) {
        match (ours, theirs) {
            (_, None) => {}
            (Some(ours), Some(Value::Null)) => self.fail(format!("{what}: {ours}, expected none")),
            (None, Some(Value::Null)) => self.compared += 1,
            (ours, Some(theirs)) => self.near(&what, ours, theirs, self.ratio),
        }
    }

    pub fn same<T: PartialEq + fmt::Display>(
        &mut self,
        what: impl fmt::Display,
        ours: T,
        theirs: T,
    ) {
        self.compared += 1;
        if ours != theirs {
            self.fail(format!("{what}: {ours}, expected {theirs}"));
        }
    }

    pub fn whole(&mut self, what: impl fmt::Display, ours: i64, theirs: &Value) {
        if let Some(theirs) = maybe(theirs) {
            self.same(what, Decimal::from(ours), theirs);
        }
    }

    pub fn text(&mut self, what: impl fmt::Display, ours: &str, theirs: &Value) {
        if let Some(theirs) = theirs.as_str() {
            self.same(what, ours, theirs);
        }
    }

    /// Compares a list of money from its first to its last.
    pub fn moneys(&mut self, what: &str, ours: &[Money], theirs: &Value) {
        if theirs.is_null() {
            return;
        }
        let theirs = list(theirs).clone();
        self.same(format_args!("length of {what}"), ours.len(), theirs.len());
        for (at, (&ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
            self.money(format_args!("{what} {at}"), ours, theirs);
        }
    }

    fn near(
        &mut self,
        what: &dyn fmt::Display,
        ours: Option<Decimal>,
        theirs: &Value,
        within: Decimal,
    ) {
        match (ours, maybe(theirs)) {
            (_, None) => {}
            (None, Some(theirs)) => self.fail(format!("{what}: undefined, expected {theirs}")),
            (Some(ours), Some(theirs)) => {
                self.compared += 1;
                if (ours - theirs).abs() > within {
                    let ours = ours.round_dp(12);
                    self.fail(format!("{what}: {ours}, expected {theirs} within {within}"));
                }
            }
        }
    }
}

/// `F05  level_loan  181 compared  Level amortising loan, monthly, 60 months`, then the failures.
impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.passes() { "ok  " } else { "FAIL" };
        let (id, kind, compared) = (&self.id, &self.kind, self.compared);
        write!(f, "{verdict} {id:<4} {kind:<26} {compared:>4} compared  {}", self.title)?;
        if self.compared == 0 {
            write!(f, "\n       nothing was compared")?;
        }
        for failure in self.failures.iter().take(12) {
            write!(f, "\n       {failure}")?;
        }
        Ok(())
    }
}

/// Units of the currency in one unit such as `USD m`.
fn unit(text: &str) -> Decimal {
    let scale = text.split_whitespace().nth(1).unwrap_or_default().to_lowercase();
    match scale.as_str() {
        "" => Decimal::ONE,
        "k" | "thousand" | "thousands" | "'000" => Decimal::from(1_000),
        "m" | "mn" | "million" | "millions" => Decimal::from(1_000_000),
        "bn" | "b" | "billion" | "billions" => Decimal::from(1_000_000_000),
        _ => panic!("no unit of money `{text}`"),
    }
}

/// A number, however it is written: `1.5`, `"6.0E+7"`, `"0.09/12"`, `"240000000 at signing"`.
pub fn maybe(value: &Value) -> Option<Decimal> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.split_whitespace().next()?.to_string(),
        _ => return None,
    };
    let one = |text: &str| {
        let text = text.replace(['_', ','], "");
        text.parse().or_else(|_| Decimal::from_scientific(&text)).ok()
    };
    match text.split_once('/') {
        Some((above, below)) => Some(one(above)? / one(below)?),
        None => one(&text),
    }
}

pub fn number(value: &Value) -> Decimal {
    maybe(value).unwrap_or_else(|| panic!("expected a number, found {value}"))
}

pub fn or_zero(value: &Value) -> Decimal {
    maybe(value).unwrap_or_default()
}

pub fn count(value: &Value) -> u32 {
    u32::try_from(number(value).trunc()).unwrap()
}

pub fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("expected a list, found {value}"))
}

/// Rows of the answer.
pub fn rows(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

pub fn day(value: &Value) -> Day {
    let text = value.as_str().unwrap_or_else(|| panic!("expected a date, found {value}"));
    Day::from_date(text.parse().unwrap())
}

/// First day of a month such as `2025-10`.
pub fn month(value: &Value) -> Day {
    let text = value.as_str().unwrap_or_else(|| panic!("expected a month, found {value}"));
    Day::from_date(format!("{}-01", &text[..7]).parse().unwrap())
}

/// A rate in billionths, as the terms of a site hold it.
pub fn share(rate: Decimal) -> Share {
    let billionths = rate * Decimal::from(Share::ONE.0);
    Share(i64::try_from(billionths.round()).unwrap())
}
