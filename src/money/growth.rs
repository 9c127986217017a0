//! Whole powers and roots of decimals.

use rust_decimal::Decimal;

/// `base` to a whole power, to 28 digits; `None` if it leaves the range of a decimal.
///
/// By repeated squaring: the same bits everywhere. A power that is too small for 28 decimals is 0.
pub fn power(base: Decimal, exponent: u32) -> Option<Decimal> {
    let (mut result, mut square, mut left) = (Decimal::ONE, base, exponent);
    while left > 0 {
        if left & 1 == 1 {
            result = result.checked_mul(square)?;
        }
        left >>= 1;
        if left > 0 {
            square = square.checked_mul(square)?;
        }
    }
    Some(result)
}

/// The positive number whose power `degree` is `value`, a positive number: growth in one of
/// `degree` equal steps.
///
/// By halving an interval until no decimal lies between its ends, so that it ends on every input.
pub fn root(value: Decimal, degree: u32) -> Decimal {
    assert!(value > Decimal::ZERO && degree > 0, "root {degree} of {value}");
    let (mut low, mut high) = (Decimal::ZERO, value.max(Decimal::ONE));
    loop {
        let middle = (low + high) / Decimal::TWO;
        if middle <= low || middle >= high {
            return high;
        }
        match power(middle, degree) {
            Some(reached) if reached < value => low = middle,
            _ => high = middle,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_grows_back_to_its_power() {
        for (value, degree) in [(Decimal::new(11, 1), 365), (Decimal::new(3, 1), 133_590)] {
            let back = power(root(value, degree), degree).unwrap();
            assert!((back - value).abs() < Decimal::new(1, 20), "{back} is not {value}");
        }
        assert_eq!(power(Decimal::new(5, 1), 0), Some(Decimal::ONE));
        assert_eq!(power(Decimal::from(10), 40), None);
    }
}
