//! Special functions that a quantile needs, from the portable math library: the same bits
//! everywhere.
//!
//! Tails are handled as pairs (p, q) with p + q = 1, because 1 - p has no digits left to tell a
//! rare overrun from a rarer one.

use libm::{erfc, exp, lgamma, log, log1p, pow};

/// P(Z <= x) of the standard normal, exact in both tails.
pub(super) fn normal_cdf(x: f64) -> f64 {
    0.5 * erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

/// The z with P(Z <= z) = p, where q = 1 - p.
///
/// Wichura, "Algorithm AS 241: The percentage points of the normal distribution", Applied
/// Statistics 37 (1988), routine PPND16: about 1 part in 10^16.
pub(super) fn normal_quantile(p: f64, q: f64) -> f64 {
    let centred = p - 0.5;
    if centred.abs() <= 0.425 {
        let r = 0.180625 - centred * centred;
        return centred * ratio(&CENTRE, r);
    }
    let r = (-log(p.min(q))).sqrt();
    let z = if r <= 5.0 { ratio(&TAIL, r - 1.6) } else { ratio(&FAR_TAIL, r - 5.0) };
    if centred < 0.0 { -z } else { z }
}

/// Numerator and denominator, constant term first.
type Ratio = [[f64; 8]; 2];

fn ratio(of: &Ratio, r: f64) -> f64 {
    let polynomial = |terms: &[f64; 8]| terms.iter().rev().fold(0.0, |sum, term| sum * r + term);
    polynomial(&of[0]) / polynomial(&of[1])
}

#[rustfmt::skip]
#[allow(clippy::excessive_precision, reason = "as the paper prints them")]
const CENTRE: Ratio = [
    [
        3.387_132_872_796_366_608, 133.141_667_891_784_377_45, 1_971.590_950_306_551_442_7,
        13_731.693_765_509_461_125, 45_921.953_931_549_871_457, 67_265.770_927_008_700_853,
        33_430.575_583_588_128_105, 2_509.080_928_730_122_672_7,
    ],
    [
        1.0, 42.313_330_701_600_911_252, 687.187_007_492_057_908_3,
        5_394.196_021_424_751_107_7, 21_213.794_301_586_595_867, 39_307.895_800_092_710_61,
        28_729.085_735_721_942_674, 5_226.495_278_852_854_561,
    ],
];

#[rustfmt::skip]
#[allow(clippy::excessive_precision, reason = "as the paper prints them")]
const TAIL: Ratio = [
    [
        1.423_437_110_749_683_577_34, 4.630_337_846_156_545_295_9, 5.769_497_221_460_691_405_5,
        3.647_848_324_763_204_605_04, 1.270_458_252_452_368_382_58, 0.241_780_725_177_450_611_77,
        0.022_723_844_989_269_184_583_3, 7.745_450_142_783_414_076_4e-4,
    ],
    [
        1.0, 2.053_191_626_637_758_821_87, 1.676_384_830_183_803_849_4,
        0.689_767_334_985_100_004_55, 0.148_103_976_427_480_074_59, 0.015_198_666_563_616_457_196_6,
        5.475_938_084_995_344_946e-4, 1.050_750_071_644_416_843_24e-9,
    ],
];

#[rustfmt::skip]
#[allow(clippy::excessive_precision, reason = "as the paper prints them")]
const FAR_TAIL: Ratio = [
    [
        6.657_904_643_501_103_777_2, 5.463_784_911_164_114_369_9, 1.784_826_539_917_291_335_8,
        0.296_560_571_828_504_891_23, 0.026_532_189_526_576_123_093,
        1.242_660_947_388_078_438_6e-3, 2.711_555_568_743_487_578_15e-5,
        2.010_334_399_292_288_132_65e-7,
    ],
    [
        1.0, 0.599_832_206_555_887_937_69, 0.136_929_880_922_735_805_31,
        0.014_875_361_290_850_614_852_5, 7.868_691_311_456_132_591e-4,
        1.846_318_317_510_054_681_8e-5, 1.421_511_758_316_445_888_7e-7,
        2.044_263_103_389_939_785_64e-15,
    ],
];

/// A beta distribution on [0, 1], with what all its values share.
pub(super) struct Beta {
    alpha: f64,
    beta: f64,
    /// ln of 1 / B(alpha, beta).
    scale: f64,
}

impl Beta {
    pub(super) fn new(alpha: f64, beta: f64) -> Self {
        let scale = lgamma(alpha + beta) - lgamma(alpha) - lgamma(beta);
        Self { alpha, beta, scale }
    }

    /// P(X <= x) and P(X > x), where y = 1 - x; each exact where it is small.
    ///
    /// The continued fraction of the incomplete beta function (DLMF 8.17.22) by the method of
    /// Lentz, Applied Optics 15 (1976), on the side where it converges fast.
    pub(super) fn tails(&self, x: f64, y: f64) -> (f64, f64) {
        if x <= 0.0 {
            return (0.0, 1.0);
        }
        if y <= 0.0 {
            return (1.0, 0.0);
        }
        let (alpha, beta) = (self.alpha, self.beta);
        let front = exp(self.scale + alpha * ln_of(x, y) + beta * ln_of(y, x));
        if x * (alpha + beta + 2.0) < alpha + 1.0 {
            let lower = front * fraction(alpha, beta, x) / alpha;
            (lower, 1.0 - lower)
        } else {
            let upper = front * fraction(beta, alpha, y) / beta;
            (1.0 - upper, upper)
        }
    }

    /// The x with P(X <= x) = p, where q = 1 - p.
    ///
    /// Halley's step (quadratic in the density) inside a bracket that only shrinks, on the side
    /// (x or 1 - x) whose tail is the smaller, so that a value near either end keeps its digits.
    pub(super) fn quantile(&self, p: f64, q: f64) -> f64 {
        if p <= q {
            return self.lower(p);
        }
        let mirrored = Beta { alpha: self.beta, beta: self.alpha, scale: self.scale };
        1.0 - mirrored.lower(q)
    }

    /// The x with P(X <= x) = p, for p of at most a half.
    fn lower(&self, p: f64) -> f64 {
        if p <= 0.0 {
            return 0.0;
        }
        let (alpha, beta) = (self.alpha, self.beta);
        let (mut low, mut high) = (0.0_f64, 1.0_f64);
        let mut x = self.guess(p);
        for _ in 0..HALLEY_STEPS_MAX {
            let y = 1.0 - x;
            let excess = self.tails(x, y).0 - p;
            if excess >= 0.0 {
                high = x
            } else {
                low = x
            }
            let density = exp(self.scale + (alpha - 1.0) * log(x) + (beta - 1.0) * ln_of(y, x));
            let newton = excess / density;
            let bend = 0.5 * newton * ((alpha - 1.0) / x - (beta - 1.0) / y);
            let step = newton / (1.0 - bend.clamp(-0.5, 0.5));
            if step.abs() <= 1e-8 * x {
                // The step is of third order: what it leaves is below rounding.
                return x - step;
            }
            x -= step;
            if !(x > low && x < high) {
                x = if low > 0.0 { (low * high).sqrt() } else { 0.125 * high };
            }
            if high - low <= f64::EPSILON * high {
                break;
            }
        }
        x
    }

    /// The leading power of the lower tail, or a normal value through mean and spread.
    fn guess(&self, p: f64) -> f64 {
        let (alpha, beta) = (self.alpha, self.beta);
        let power = exp((log(p) + log(alpha) - self.scale) / alpha);
        // One correction of the series x^a (1 - (b - 1) a x / (a + 1) ...) / (a B).
        let corrected = power * (1.0 + (beta - 1.0) * power / (alpha + 1.0));
        let mean = alpha / (alpha + beta);
        if corrected < 0.3 * mean {
            return corrected;
        }
        let spread = (mean * (1.0 - mean) / (alpha + beta + 1.0)).sqrt();
        let middle = mean + spread * normal_quantile(p, 1.0 - p);
        if middle > 0.1 * mean { middle.min(0.999) } else { power.min(0.5 * mean) }
    }
}

const HALLEY_STEPS_MAX: u32 = 200;

/// ln x, exact also where x is near one, given y = 1 - x.
fn ln_of(x: f64, y: f64) -> f64 {
    if y < 0.5 { log1p(-y) } else { log(x) }
}

/// The continued fraction of DLMF 8.17.22 without its front factor.
fn fraction(alpha: f64, beta: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (alpha + beta) * x / (alpha + 1.0));
    let mut product = d;
    for term in 1..2_000_u32 {
        let m = f64::from(term);
        let even = m * (beta - m) * x / ((alpha + 2.0 * m - 1.0) * (alpha + 2.0 * m));
        d = 1.0 / away(1.0 + even * d);
        c = away(1.0 + even / c);
        product *= d * c;
        let odd =
            -(alpha + m) * (alpha + beta + m) * x / ((alpha + 2.0 * m) * (alpha + 2.0 * m + 1.0));
        d = 1.0 / away(1.0 + odd * d);
        c = away(1.0 + odd / c);
        let factor = d * c;
        product *= factor;
        if (factor - 1.0).abs() < 3e-16 {
            break;
        }
    }
    product
}

/// Gamma(1 + 1 / shape), which the moments of a Weibull distribution are made of.
pub(super) fn gamma(x: f64) -> f64 {
    if x > 170.0 { exp(lgamma(x)) } else { libm::tgamma(x) }
}

/// x to the power y.
pub(super) fn power(x: f64, y: f64) -> f64 {
    pow(x, y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_quantiles_are_those_of_published_tables() {
        // Wichura (1988) prints the first three as checks; the others by hand from erf tables.
        for (p, z) in [
            (0.25, -0.674_489_750_196_081_7),
            (0.001, -3.090_232_306_167_813_5),
            (1e-20, -9.262_340_089_798_408),
            (0.1, -1.281_551_565_544_600_4),
            (0.01, -2.326_347_874_040_840_8),
        ] {
            let off = normal_quantile(p, 1.0 - p) - z;
            assert!(off.abs() <= 2.0 * f64::EPSILON * z.abs(), "{p}: off by {off:e}");
        }
    }

    #[test]
    fn whole_shapes_have_the_tails_of_the_binomial() {
        // P(X <= x) is the chance of at least alpha successes in alpha + beta - 1 trials.
        for (alpha, beta) in [(1_u32, 1_u32), (2, 4), (5, 1), (3, 3), (9, 30)] {
            let of = Beta::new(f64::from(alpha), f64::from(beta));
            for step in 1..64 {
                let x = f64::from(step) / 64.0;
                let trials = alpha + beta - 1;
                let mut chance = power(1.0 - x, f64::from(trials));
                let (mut lower, mut upper) = (0.0, 0.0);
                for successes in 0..=trials {
                    if successes >= alpha {
                        lower += chance
                    } else {
                        upper += chance
                    }
                    let odds = x / (1.0 - x);
                    chance *= odds * f64::from(trials - successes) / f64::from(successes + 1);
                }
                let (below, above) = of.tails(x, 1.0 - x);
                for (ours, sum) in [(below, lower), (above, upper)] {
                    let off = (ours / sum - 1.0).abs();
                    // The logarithm of B(9, 30) is near -20: 15 digits of it are 13 of B.
                    assert!(off < 1e-13, "{alpha} {beta} at {x}: {ours}, sum {sum}");
                }
            }
        }
    }
}
