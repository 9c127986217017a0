//! A distribution made ready for drawing: one word in, one value out.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Distribution;
use super::distribution::Form;
use super::quantile::cumulated;
use super::special::Beta;
use super::stream::uniform;
use super::table::Table;

/// Draws of a distribution from words: the same function for one trial and for lanes of them, so
/// the same bits.
///
/// It is the quantile of the word as a probability (semantics R5), so more of a word is never less
/// of a value, and the same word keeps its rank under another distribution. Uniform and triangular
/// values follow their formulas, others tables whose probabilities are within 1e-7 of the exact
/// ones; where no table is, the quantile itself is asked. Jumps lie where they belong, to the word.
#[derive(Clone, Debug)]
pub struct Sampler(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Fixed(f64),
    Uniform { low: f64, span: f64 },
    Triangular { low: f64, likely: f64, high: f64 },
    Table { shift: f64, scale: f64, table: Arc<Table> },
    Pieces(Arc<Pieces>),
}

/// Stretches of words without a jump inside.
#[derive(Debug)]
struct Pieces {
    of: Distribution,
    /// The first word of each piece, in order; the first is 0.
    starts: Vec<u32>,
    pieces: Vec<Piece>,
}

#[derive(Debug)]
enum Piece {
    Constant(f64),
    Curve {
        last: u32,
        table: Table,
    },
    /// A shape that no table follows: its quantile, exactly and slowly.
    Exact,
}

/// Tables by shape, so that activities whose three points have the same proportions share one.
///
/// Cost: 32 kB a shape, and from 0.1 ms to 1 ms; for each piece of a mixture 5 ms.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// None for a shape that no table follows.
    made: BTreeMap<(u8, u64, u64), Option<Arc<Table>>>,
}

/// A distribution up to shift and scale.
#[derive(Clone, Copy, Debug)]
enum Shape {
    Normal,
    Lognormal { sigma: f64 },
    Exponential,
    Weibull { shape: f64 },
    Pareto { alpha: f64 },
    Beta { alpha: f64, beta: f64 },
}

impl Tables {
    /// The sampler of a distribution that has passed its check.
    pub fn sampler(&mut self, of: &Distribution) -> Sampler {
        let (shift, scale, shape) = match of.form() {
            Form::Point(value) => return Sampler(Kind::Fixed(value)),
            Form::Uniform { low, high } => {
                return Sampler(Kind::Uniform { low, span: high - low });
            }
            Form::Triangular { low, likely, high } => {
                return Sampler(Kind::Triangular { low, likely, high });
            }
            Form::Discrete(_)
            | Form::Empirical(_)
            | Form::Pareto { cap: Some(_), .. }
            | Form::Mixture(_)
            | Form::Truncated { .. } => return Sampler::of_pieces(of),
            Form::Normal { mean, sd } => (mean, sd, Shape::Normal),
            Form::Lognormal { location, median, sigma } => {
                (location, median, Shape::Lognormal { sigma: shared(sigma) })
            }
            Form::Weibull { location, scale, shape } => {
                (location, scale, Shape::Weibull { shape: shared(shape) })
            }
            Form::Beta { low, high, alpha, beta } => {
                (low, high - low, Shape::Beta { alpha: shared(alpha), beta: shared(beta) })
            }
            Form::Exponential { location, mean } => (location, mean, Shape::Exponential),
            Form::Pareto { scale, alpha, cap: None } => {
                (0.0, scale, Shape::Pareto { alpha: shared(alpha) })
            }
        };
        match self.made.entry(shape.key()).or_insert_with(|| shape.table().map(Arc::new)) {
            Some(table) => Sampler(Kind::Table { shift, scale, table: Arc::clone(table) }),
            None => Sampler::of_pieces(of),
        }
    }
}

/// A parameter of a shape, rounded to twelve digits or so: proportions that are equal on paper come
/// out of divisions with different last bits.
fn shared(parameter: f64) -> f64 {
    const DROPPED: u64 = 1 << 12;
    // Bits of positive numbers are in order: rounding the bits rounds the number.
    f64::from_bits((parameter.to_bits() + DROPPED / 2) & !(DROPPED - 1))
}

impl Shape {
    fn key(self) -> (u8, u64, u64) {
        match self {
            Shape::Normal => (0, 0, 0),
            Shape::Lognormal { sigma } => (1, sigma.to_bits(), 0),
            Shape::Exponential => (2, 0, 0),
            Shape::Weibull { shape } => (3, shape.to_bits(), 0),
            Shape::Pareto { alpha } => (4, alpha.to_bits(), 0),
            Shape::Beta { alpha, beta } => (5, alpha.to_bits(), beta.to_bits()),
        }
    }

    fn table(self) -> Option<Table> {
        let form = match self {
            Shape::Normal => Form::Normal { mean: 0.0, sd: 1.0 },
            Shape::Lognormal { sigma } => Form::Lognormal { location: 0.0, median: 1.0, sigma },
            Shape::Exponential => Form::Exponential { location: 0.0, mean: 1.0 },
            Shape::Weibull { shape } => Form::Weibull { location: 0.0, scale: 1.0, shape },
            Shape::Pareto { alpha } => Form::Pareto { scale: 1.0, alpha, cap: None },
            Shape::Beta { alpha, beta } => Form::Beta { low: 0.0, high: 1.0, alpha, beta },
        };
        table(&form, 0, u32::MAX)
    }
}

/// The table of a stretch of words, if its probabilities are right.
fn table(form: &Form<'_>, start: u32, last: u32) -> Option<Table> {
    let table = match *form {
        // What its values share is worked out once.
        Form::Beta { low, high, alpha, beta } => {
            let unit = Beta::new(alpha, beta);
            Table::new(start, last, |p, q| low + (high - low) * unit.quantile(p, q))
        }
        _ => Table::new(start, last, |p, q| form.quantile(p, q)),
    };
    let right = |word: u32| {
        let (p, q) = (uniform(start + word), uniform(!(start + word)));
        let x = table.at(word, last);
        let ulps = ROUNDING * x.abs();
        let over = form.tails(x - ulps, false).0 - p;
        let under = form.tails(x + ulps, true).1 - q;
        let room = ERROR_MAX.min(TAIL_ERROR_MAX * p.min(q));
        over <= room && under <= room
    };
    let all_right = Table::probes(last).all(right);
    all_right.then_some(table)
}

/// Error of a probability that a table may have.
const ERROR_MAX: f64 = 8e-8;
/// The same as a share of the tail that it lies in.
const TAIL_ERROR_MAX: f64 = 1e-5;
/// Rounding of a value, as a share of it.
const ROUNDING: f64 = 8.0 * f64::EPSILON;

impl Sampler {
    /// A sampler with tables of its own: see [`Tables`] for many.
    pub fn new(of: &Distribution) -> Self {
        Tables::default().sampler(of)
    }

    fn of_pieces(of: &Distribution) -> Self {
        Sampler(Kind::Pieces(Arc::new(Pieces::new(of))))
    }

    /// The value of a drawn word.
    #[inline]
    pub fn at(&self, word: u32) -> f64 {
        match &self.0 {
            Kind::Fixed(value) => *value,
            Kind::Uniform { low, span } => low + uniform(word) * span,
            Kind::Triangular { low, likely, high } => triangular(*low, *likely, *high, word),
            Kind::Table { shift, scale, table } => shift + scale * table.at(word, u32::MAX),
            Kind::Pieces(pieces) => pieces.at(word),
        }
    }

    /// The values of many words: what [`Sampler::at`] gives for each.
    #[inline(always)]
    pub fn fill(&self, words: &[u32], out: &mut [f64]) {
        self.fill_as(
            words,
            out,
            #[inline(always)]
            |value| value,
        );
    }

    /// The values of many words, each made into something else.
    #[inline(always)]
    pub(super) fn fill_as<T>(
        &self,
        words: &[u32],
        out: &mut [T],
        finish: impl Fn(f64) -> T + Copy,
    ) {
        assert_eq!(words.len(), out.len(), "a value for each word");
        match &self.0 {
            Kind::Fixed(value) => out.iter_mut().for_each(|out| *out = finish(*value)),
            Kind::Uniform { low, span } => {
                let (low, span) = (*low, *span);
                each(
                    words,
                    out,
                    #[inline(always)]
                    move |word| finish(low + uniform(word) * span),
                );
            }
            Kind::Triangular { low, likely, high } => {
                let (low, likely, high) = (*low, *likely, *high);
                each(
                    words,
                    out,
                    #[inline(always)]
                    move |word| finish(triangular(low, likely, high, word)),
                );
            }
            Kind::Table { shift, scale, table } => {
                let (shift, scale) = (*shift, *scale);
                table.fill(
                    words,
                    out,
                    #[inline(always)]
                    move |value| finish(shift + scale * value),
                );
            }
            Kind::Pieces(pieces) => each(words, out, |word| finish(pieces.at(word))),
        }
    }
}

#[inline(always)]
fn each<T>(words: &[u32], out: &mut [T], value: impl Fn(u32) -> T) {
    for (out, &word) in out.iter_mut().zip(words) {
        *out = value(word);
    }
}

/// The quantile of `Form::Triangular`, one root and no branch.
#[inline(always)]
fn triangular(low: f64, likely: f64, high: f64, word: u32) -> f64 {
    let (p, q, span) = (uniform(word), uniform(!word), high - low);
    let rises = p * span <= likely - low;
    let root = (if rises { p * span * (likely - low) } else { q * span * (high - likely) }).sqrt();
    if rises { low + root } else { high - root }
}

impl Pieces {
    fn new(of: &Distribution) -> Self {
        let mut made = Self { of: of.clone(), starts: Vec::new(), pieces: Vec::new() };
        match of.form() {
            Form::Discrete(values) => made.steps(&cumulated(values)),
            Form::Empirical(values) => {
                let mut values = values.to_vec();
                values.sort_by(f64::total_cmp);
                let all = values.len() as f64;
                let share = |(at, value): (usize, f64)| (value, (at + 1) as f64 / all);
                let steps: Vec<(f64, f64)> = values.into_iter().enumerate().map(share).collect();
                made.steps(&steps);
            }
            form => {
                let breaks = form.breaks();
                let edges: Vec<u64> = breaks.into_iter().map(|(p, q)| first_beyond(p, q)).collect();
                for pair in edges.windows(2).filter(|pair| pair[0] < pair[1]) {
                    made.curve(&form, pair[0] as u32, (pair[1] - 1 - pair[0]) as u32, SPLITS_MAX);
                }
            }
        }
        made
    }

    /// Of values in order, each with the probability of it or less.
    fn steps(&mut self, steps: &[(f64, f64)]) {
        let mut start = 0;
        for &(value, below) in steps {
            let end = first_beyond(below, 1.0 - below);
            if start < end {
                self.push(start as u32, Piece::Constant(value));
            }
            start = start.max(end);
        }
    }

    /// A stretch without a jump: one table, or two of its halves, or none.
    fn curve(&mut self, form: &Form<'_>, start: u32, last: u32, splits: u32) {
        let exact = |word: u32| form.quantile(uniform(word), uniform(!word));
        let first = exact(start);
        if first >= exact(start + last) {
            self.push(start, Piece::Constant(first));
        } else if let Some(table) = table(form, start, last) {
            self.push(start, Piece::Curve { last, table });
        } else if splits > 0 && last > 1 {
            let half = last / 2;
            self.curve(form, start, half, splits - 1);
            self.curve(form, start + half + 1, last - half - 1, splits - 1);
        } else {
            self.push(start, Piece::Exact);
        }
    }

    fn push(&mut self, start: u32, piece: Piece) {
        self.starts.push(start);
        self.pieces.push(piece);
    }

    fn at(&self, word: u32) -> f64 {
        let piece = self.starts.partition_point(|&start| start <= word) - 1;
        match &self.pieces[piece] {
            Piece::Constant(value) => *value,
            Piece::Curve { last, table } => table.at(word - self.starts[piece], *last),
            Piece::Exact => self.of.form().quantile(uniform(word), uniform(!word)),
        }
    }
}

/// How often a stretch is halved before its quantile is asked instead.
const SPLITS_MAX: u32 = 3;

/// The first word that lies beyond a break at probability p = 1 - q: those before it are, as
/// probabilities, at most p.
fn first_beyond(p: f64, q: f64) -> u64 {
    const WORDS: f64 = 4_294_967_296.0;
    let first = if p <= 0.5 { (p * WORDS + 0.5).floor() } else { WORDS - (q * WORDS - 0.5).ceil() };
    first.clamp(0.0, WORDS) as u64
}

/// The nearest whole number, halves to even (semantics M12): minutes of a drawn duration. Beyond
/// 2^50 values are cut.
#[inline(always)]
pub fn whole(value: f64) -> i64 {
    const LIMIT: f64 = 1_125_899_906_842_624.0;
    nearest(value.clamp(-LIMIT, LIMIT))
}

/// The nearest whole number to a value of at most 2^50 either way, halves to even.
///
/// Adding 1.5 x 2^52 leaves the number in the low bits, rounded as the hardware rounds; it works in
/// vector registers where a conversion does not.
#[inline(always)]
pub(super) fn nearest(value: f64) -> i64 {
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    (value + SHIFT).to_bits() as i64 - SHIFT.to_bits() as i64
}
