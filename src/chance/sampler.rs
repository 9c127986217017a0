//! A distribution made ready for drawing: one word in, one value out.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Distribution;
use super::distribution::Form;
use super::quantile::cumulated;
use super::special::{Beta, normal_quantile};
use super::stream::uniform;
use super::table::Table;

/// Draws of a distribution from words: the same function for one trial and for lanes of them, so
/// the same bits.
///
/// It is the quantile of the word as a probability (semantics R5), so more of a word is never less
/// of a value, and the same word keeps its rank under another distribution. Uniform and triangular
/// values follow their formulas, others a table whose probabilities are within 1e-7 of the exact
/// ones; jumps lie where they belong, to the word.
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
    /// The first word of each piece, in order; the first is 0.
    starts: Vec<u32>,
    pieces: Vec<Piece>,
}

#[derive(Debug)]
enum Piece {
    Constant(f64),
    Curve { last: u32, table: Table },
}

/// Tables by shape, so that activities whose three points have the same proportions share one.
///
/// Cost: 32 kB and about a millisecond a shape.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    made: BTreeMap<(u8, u64, u64), Arc<Table>>,
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
        let form = of.form();
        Sampler(match form {
            Form::Point(value) => Kind::Fixed(value),
            Form::Uniform { low, high } => Kind::Uniform { low, span: high - low },
            Form::Triangular { low, likely, high } => Kind::Triangular { low, likely, high },
            Form::Normal { mean, sd } => self.table(mean, sd, Shape::Normal),
            Form::Lognormal { location, median, sigma } => {
                self.table(location, median, Shape::Lognormal { sigma: shared(sigma) })
            }
            Form::Weibull { location, scale, shape } => {
                self.table(location, scale, Shape::Weibull { shape: shared(shape) })
            }
            Form::Beta { low, high, alpha, beta } => {
                let shape = Shape::Beta { alpha: shared(alpha), beta: shared(beta) };
                self.table(low, high - low, shape)
            }
            Form::Exponential { location, mean } => self.table(location, mean, Shape::Exponential),
            Form::Pareto { scale, alpha, cap: None } => {
                self.table(0.0, scale, Shape::Pareto { alpha: shared(alpha) })
            }
            Form::Discrete(_)
            | Form::Empirical(_)
            | Form::Pareto { .. }
            | Form::Mixture(_)
            | Form::Truncated { .. } => Kind::Pieces(Arc::new(Pieces::new(&form))),
        })
    }

    fn table(&mut self, shift: f64, scale: f64, shape: Shape) -> Kind {
        let table = self.made.entry(shape.key()).or_insert_with(|| Arc::new(shape.table()));
        Kind::Table { shift, scale, table: Arc::clone(table) }
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

    fn table(self) -> Table {
        let form = match self {
            Shape::Normal => return Table::new(0, u32::MAX, normal_quantile),
            Shape::Beta { alpha, beta } => {
                let beta = Beta::new(alpha, beta);
                return Table::new(0, u32::MAX, |p, q| beta.quantile(p, q));
            }
            Shape::Lognormal { sigma } => Form::Lognormal { location: 0.0, median: 1.0, sigma },
            Shape::Exponential => Form::Exponential { location: 0.0, mean: 1.0 },
            Shape::Weibull { shape } => Form::Weibull { location: 0.0, scale: 1.0, shape },
            Shape::Pareto { alpha } => Form::Pareto { scale: 1.0, alpha, cap: None },
        };
        Table::new(0, u32::MAX, |p, q| form.quantile(p, q))
    }
}

impl Sampler {
    /// A sampler with tables of its own: see [`Tables`] for many.
    pub fn new(of: &Distribution) -> Self {
        Tables::default().sampler(of)
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
        assert_eq!(words.len(), out.len(), "a value for each word");
        match &self.0 {
            Kind::Fixed(value) => out.fill(*value),
            Kind::Uniform { low, span } => {
                each(
                    words,
                    out,
                    #[inline(always)]
                    |word| low + uniform(word) * span,
                );
            }
            Kind::Triangular { low, likely, high } => {
                let (low, likely, high) = (*low, *likely, *high);
                each(
                    words,
                    out,
                    #[inline(always)]
                    |word| triangular(low, likely, high, word),
                );
            }
            Kind::Table { shift, scale, table } => table.fill(words, u32::MAX, *shift, *scale, out),
            Kind::Pieces(pieces) => each(words, out, |word| pieces.at(word)),
        }
    }
}

#[inline(always)]
fn each(words: &[u32], out: &mut [f64], value: impl Fn(u32) -> f64) {
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
    fn new(form: &Form<'_>) -> Self {
        match *form {
            Form::Discrete(values) => Self::steps(cumulated(values)),
            Form::Empirical(values) => {
                let mut values = values.to_vec();
                values.sort_by(f64::total_cmp);
                let all = values.len() as f64;
                let share = |(at, value): (usize, f64)| (value, (at + 1) as f64 / all);
                Self::steps(values.into_iter().enumerate().map(share).collect())
            }
            _ => Self::curves(form),
        }
    }

    /// Of values in order, each with the probability of it or less.
    fn steps(steps: Vec<(f64, f64)>) -> Self {
        let mut starts = vec![0];
        starts.extend(steps.iter().map(|&(_, below)| first_beyond(below, 1.0 - below)));
        Self::between(&starts, |at, _, _| Piece::Constant(steps[at].0))
    }

    fn curves(form: &Form<'_>) -> Self {
        let breaks = form.breaks();
        let starts: Vec<u64> = breaks.into_iter().map(|(p, q)| first_beyond(p, q)).collect();
        Self::between(&starts, |_, start, last| Piece::new(form, start, last))
    }

    /// A piece for each stretch between two of these words that holds any.
    fn between(edges: &[u64], piece: impl Fn(usize, u32, u32) -> Piece) -> Self {
        let mut made = Self { starts: Vec::new(), pieces: Vec::new() };
        for (at, pair) in edges.windows(2).enumerate() {
            let (start, end) = (pair[0], pair[1]);
            if start < end {
                made.starts.push(start as u32);
                made.pieces.push(piece(at, start as u32, (end - 1 - start) as u32));
            }
        }
        made
    }

    fn at(&self, word: u32) -> f64 {
        let piece = self.starts.partition_point(|&start| start <= word) - 1;
        match &self.pieces[piece] {
            Piece::Constant(value) => *value,
            Piece::Curve { last, table } => table.at(word - self.starts[piece], *last),
        }
    }
}

/// The first word that lies beyond a break at probability p = 1 - q: those before it are, as
/// probabilities, at most p.
fn first_beyond(p: f64, q: f64) -> u64 {
    const WORDS: f64 = 4_294_967_296.0;
    let first = if p <= 0.5 { (p * WORDS + 0.5).floor() } else { WORDS - (q * WORDS - 0.5).ceil() };
    first.clamp(0.0, WORDS) as u64
}

impl Piece {
    fn new(form: &Form<'_>, start: u32, last: u32) -> Self {
        let exact = |word: u32| form.quantile(uniform(word), uniform(!word));
        let (first, end) = (exact(start), exact(start + last));
        if first >= end {
            return Piece::Constant(first);
        }
        Piece::Curve { last, table: Table::new(start, last, |p, q| form.quantile(p, q)) }
    }
}

/// The nearest whole number, halves to even (semantics M12): minutes of a drawn duration.
///
/// Adding 1.5 x 2^52 leaves the number in the low bits, rounded as the hardware rounds; it works in
/// vector registers where a conversion does not. Beyond 2^50 values are cut.
#[inline(always)]
pub fn whole(value: f64) -> i64 {
    const LIMIT: f64 = 1_125_899_906_842_624.0;
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    let cut = value.clamp(-LIMIT, LIMIT);
    (cut + SHIFT).to_bits() as i64 - SHIFT.to_bits() as i64
}
