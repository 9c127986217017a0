//! Power and counts, as types that cannot be mixed up.
//!
//! Three kinds of power stand side by side in this trade and differ by a third or more: IT power
//! (critical load), facility power (IT power x PUE) and grid power (import limit, real power). Each
//! has its own type; the conversions between them are named after the factor they use
//! (semantics C1) and are the only way across. All are whole watts.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

/// A share or a rate, in billionths: 12.5 % is 125,000,000, a PUE of 1.2 is 1,200,000,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(pub i64);

impl Share {
    /// Nothing.
    pub const ZERO: Share = Share(0);
    /// All of it: 100 %.
    pub const ONE: Share = Share(1_000_000_000);

    /// This share of `whole`, rounded half to even; saturates at the ends of `i64`.
    ///
    /// Cost: two divisions by a constant, which are multiplications; a longer one for shares above
    /// 900 %.
    #[inline]
    pub fn of(self, whole: i64) -> i64 {
        const ONE: i64 = Share::ONE.0;
        let (units, rest) = (whole.div_euclid(ONE), whole.rem_euclid(ONE));
        let Some(part) = rest.checked_mul(self.0) else {
            return mul_div(whole, i128::from(self.0), i128::from(ONE));
        };
        let floor = i128::from(units) * i128::from(self.0) + i128::from(part.div_euclid(ONE));
        let rest = part.rem_euclid(ONE);
        let up = rest > ONE / 2 || (rest == ONE / 2 && floor & 1 == 1);
        let rounded = floor + i128::from(up);
        i64::try_from(rounded).unwrap_or(if rounded < 0 { i64::MIN } else { i64::MAX })
    }

    /// As a plain number, for display.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / Share::ONE.0 as f64
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", rust_decimal::Decimal::new(self.0, 7).normalize())
    }
}

/// `value x numerator / denominator`, rounded half to even: the one rounding rule (semantics M12).
///
/// Saturates at the ends of `i64`; the denominator must be positive.
#[inline]
pub fn mul_div(value: i64, numerator: i128, denominator: i128) -> i64 {
    let rounded = div_half_even(i128::from(value) * numerator, denominator);
    i64::try_from(rounded).unwrap_or(if rounded < 0 { i64::MIN } else { i64::MAX })
}

/// `numerator / denominator`, rounded half to even; the denominator must be positive.
///
/// Cost: one division, of 64 bits where both fit.
#[inline]
pub fn div_half_even(numerator: i128, denominator: i128) -> i128 {
    assert!(denominator > 0, "division by {denominator}");
    if let (Ok(numerator), Ok(denominator)) = (i64::try_from(numerator), i64::try_from(denominator))
    {
        return i128::from(div_half_even_i64(numerator, denominator));
    }
    let quotient = numerator / denominator;
    let rest = numerator - quotient * denominator;
    let (floor, rest) =
        if rest < 0 { (quotient - 1, rest + denominator) } else { (quotient, rest) };
    let up = rest > denominator - rest || (rest == denominator - rest && floor & 1 == 1);
    floor + i128::from(up)
}

#[inline]
fn div_half_even_i64(numerator: i64, denominator: i64) -> i64 {
    let floor = numerator.div_euclid(denominator);
    let rest = numerator.rem_euclid(denominator);
    let up = rest > denominator - rest || (rest == denominator - rest && floor & 1 == 1);
    floor + i64::from(up)
}

/// `numerator / 2^bits`, rounded half to even.
#[inline]
pub fn shift_half_even(numerator: i128, bits: u32) -> i128 {
    let floor = numerator >> bits;
    let rest = numerator - (floor << bits);
    let half = 1_i128 << (bits - 1);
    floor + i128::from(rest > half || (rest == half && floor & 1 == 1))
}

macro_rules! power {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(pub i64);

        impl $name {
            /// No power.
            pub const ZERO: $name = $name(0);
            /// What to call it in a column head or an axis.
            pub const UNIT: &'static str = concat!($kind, " MW");

            /// In megawatts, for display.
            pub fn mw(self) -> f64 {
                self.0 as f64 / 1e6
            }
        }

        /// With its kind and one decimal: `262.5 IT MW`.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:.1} {}", self.mw(), Self::UNIT)
            }
        }

        impl Add for $name {
            type Output = $name;
            fn add(self, other: $name) -> $name {
                $name(self.0.saturating_add(other.0))
            }
        }

        impl AddAssign for $name {
            fn add_assign(&mut self, other: $name) {
                *self = *self + other;
            }
        }

        impl Sub for $name {
            type Output = $name;
            fn sub(self, other: $name) -> $name {
                $name(self.0.saturating_sub(other.0))
            }
        }

        impl Sum for $name {
            fn sum<I: Iterator<Item = $name>>(items: I) -> $name {
                items.fold($name::ZERO, Add::add)
            }
        }
    };
}

power!(
    /// Critical load that IT equipment may draw, in watts. Not facility power, not grid import.
    ItPower,
    "IT"
);
power!(
    /// Power that the whole building draws: IT power x PUE, in watts.
    FacilityPower,
    "facility"
);
power!(
    /// Real power that the grid connection may import, in watts.
    GridPower,
    "grid"
);

impl ItPower {
    /// Facility power at a power usage effectiveness: the peak value for what can be switched on,
    /// the average for energy bought (semantics C1).
    pub fn at_pue(self, pue: Share) -> FacilityPower {
        FacilityPower(pue.of(self.0))
    }
}

impl FacilityPower {
    /// IT power that this much facility power carries at a PUE.
    pub fn it_at_pue(self, pue: Share) -> ItPower {
        ItPower(mul_div(self.0, i128::from(Share::ONE.0), i128::from(pue.0.max(1))))
    }
}

impl GridPower {
    /// Facility power left after the stated headroom (semantics C1).
    pub fn less_headroom(self, headroom: Share) -> FacilityPower {
        FacilityPower(Share(Share::ONE.0 - headroom.0).of(self.0))
    }

    /// From apparent power in volt-amperes at a power factor (semantics C1).
    pub fn from_apparent(volt_amperes: i64, power_factor: Share) -> GridPower {
        GridPower(power_factor.of(volt_amperes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_round_to_even() {
        assert_eq!([1, 3, 5, -1, -3].map(|v| mul_div(v, 1, 2)), [0, 2, 2, 0, -2]);
        for value in [-7, -6, -5, -3, -1, 0, 1, 2, 3, 5, 6, 7, 10] {
            let plain = div_half_even(value, 4);
            assert_eq!(shift_half_even(value, 2), plain);
            // The long division beside the short one.
            assert_eq!(div_half_even(value << 70, 4 << 70), plain, "{value}");
        }
    }

    #[test]
    fn power_goes_from_grid_to_it_through_named_factors() {
        let grid = GridPower::from_apparent(400_000_000, Share(950_000_000));
        assert_eq!(grid.to_string(), "380.0 grid MW");
        let facility = grid.less_headroom(Share(50_000_000));
        assert_eq!(facility.to_string(), "361.0 facility MW");
        assert_eq!(facility.it_at_pue(Share(1_350_000_000)).to_string(), "267.4 IT MW");
    }
}
