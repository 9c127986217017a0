//! The quantile of a distribution as a table: a few multiplications a value, in both tails as
//! exact as in the middle.
//!
//! A drawn word is folded to its distance from the nearer end. The distance, as a floating-point
//! number, names its cell by its own leading bits: sixteen cells to an octave, a cubic to a cell.
//! Cells shrink with the distance, so a power law, a logarithm or a root at an end is followed down
//! to the last word (Hormann and Leydold, "Continuous random variate generation by fast numerical
//! inversion", ACM TOMACS 13 (2003), choose their cells by error instead and must search them).

/// Cells of an octave, as bits of the mantissa.
const CELL_BITS: u32 = 4;
const OCTAVE_CELLS: usize = 1 << CELL_BITS;
/// Distances run from 0.5 to 2^31: exponents -1 to 30.
const OCTAVES: usize = 32;
/// Cells of one tail.
const SIDE: usize = OCTAVES * OCTAVE_CELLS;
/// Mantissa bits below those that name the cell.
const PLACE_BITS: u32 = 52 - CELL_BITS;
/// What the first cell's leading bits are: those of 0.5.
const FIRST: u64 = 0.5_f64.to_bits() >> PLACE_BITS;
/// Below this distance each word is the left end of a cell of its own.
const SINGLE: usize = 16;
/// Octaves whose cells hold at most one word.
const SINGLE_OCTAVES: usize = 5;

/// The quantile over a stretch of words, without a jump inside.
#[derive(Debug)]
pub(super) struct Table {
    /// Coefficients of s^0 to s^3, s from -1/2 to 1/2 across the cell; lower tail first.
    cells: Box<[[f64; 4]; 2 * SIDE]>,
}

impl Table {
    /// The value at `word` of a stretch that ends at `last`.
    #[inline(always)]
    pub(super) fn at(&self, word: u32, last: u32) -> f64 {
        let (cell, place) = cell_of(word, last);
        self.curve(cell, place)
    }

    /// The values at many words of a stretch of all words, each made into something else.
    #[inline(always)]
    pub(super) fn fill<T>(&self, words: &[u32], out: &mut [T], finish: impl Fn(f64) -> T) {
        const BLOCK: usize = 64;
        let (mut cells, mut places) = ([0_u32; BLOCK], [0.0; BLOCK]);
        let mut curves = [[0.0; 4]; BLOCK];
        for (words, out) in words.chunks(BLOCK).zip(out.chunks_mut(BLOCK)) {
            // Three loops, because the first and the last are all arithmetic, in vector registers,
            // and the second waits for the table.
            for (at, &word) in words.iter().enumerate() {
                (cells[at], places[at]) = cell_of(word, u32::MAX);
            }
            for (curve, &cell) in curves.iter_mut().zip(&cells[..words.len()]) {
                *curve = self.cells[cell as usize & (2 * SIDE - 1)];
            }
            for ((out, curve), &place) in out.iter_mut().zip(&curves).zip(&places) {
                *out = finish(value(curve, place));
            }
        }
    }

    #[inline(always)]
    fn curve(&self, cell: u32, place: f64) -> f64 {
        // The mask changes nothing; it lets the compiler see that no index is out of range.
        value(&self.cells[cell as usize & (2 * SIDE - 1)], place)
    }

    /// Words in the middle of the cells, where cubics err most.
    pub(super) fn probes(last: u32) -> impl Iterator<Item = u32> {
        let distances = (SINGLE_OCTAVES..OCTAVES).flat_map(|octave| {
            let from = 1_u64 << (octave - 1);
            (0..OCTAVE_CELLS as u64).map(move |cell| from + (2 * cell + 1) * from / 32)
        });
        let half = u64::from(last / 2);
        distances
            .take_while(move |&distance| distance <= half)
            .flat_map(move |distance| [distance as u32, last - distance as u32])
    }

    /// Of `quantile(p, 1 - p)` over the words from `start` to `start + last`.
    ///
    /// Cost: about 850 calls; a polynomial an octave, in the logarithm of the distance, gives the
    /// other values.
    pub(super) fn new(start: u32, last: u32, quantile: impl Fn(f64, f64) -> f64) -> Self {
        let words = 4_294_967_296.0;
        let (start, length) = (f64::from(start), f64::from(last) + 1.0);
        let lower = |distance: f64| {
            let from = start + distance;
            quantile(from / words, (words - from) / words)
        };
        let upper = |distance: f64| {
            let from = start + length - distance;
            quantile(from / words, (words - start - length + distance) / words)
        };
        let mut cells = Box::new([[0.0; 4]; 2 * SIDE]);
        let fit = Fit::new();
        let (below, above) = cells.split_at_mut(SIDE);
        fill_side(below, last, &fit, lower);
        fill_side(above, last, &fit, upper);
        Self { cells }
    }
}

/// The value of a cubic.
#[inline(always)]
fn value(&[constant, first, second, third]: &[f64; 4], place: f64) -> f64 {
    constant + place * (first + place * (second + place * third))
}

/// Which cell a word falls into, and where in it, from -1/2 to 1/2.
#[inline(always)]
fn cell_of(word: u32, last: u32) -> (u32, f64) {
    let mirrored = last - word;
    let bits = (f64::from(word.min(mirrored)) + 0.5).to_bits();
    let side = u32::from(word > mirrored) * SIDE as u32;
    let cell = (bits >> PLACE_BITS) as u32 - FIRST as u32;
    let place = bits << CELL_BITS & ((1 << 52) - 1) | 1.0_f64.to_bits();
    (cell + side, f64::from_bits(place) - 1.5)
}

fn fill_side(cells: &mut [[f64; 4]], last: u32, fit: &Fit, value: impl Fn(f64) -> f64) {
    let distance_max = f64::from(last / 2) + 0.5;
    for word in 0..SINGLE {
        let distance = word as f64 + 0.5;
        if distance > distance_max {
            return;
        }
        let cell = ((distance.to_bits() >> PLACE_BITS) - FIRST) as usize;
        cells[cell] = [value(distance), 0.0, 0.0, 0.0];
    }
    let mut start = value(SINGLE as f64);
    let (octaves, _) = cells.as_chunks_mut::<OCTAVE_CELLS>();
    for (at, octave) in octaves.iter_mut().enumerate().skip(SINGLE_OCTAVES) {
        let from = (1_u64 << (at - 1)) as f64;
        if from > distance_max {
            return;
        }
        if 2.0 * from > distance_max + 0.5 {
            // The octave reaches over the middle towards the other end, where no polynomial
            // follows; its cells do not.
            return exact_octave(from, distance_max, start, &value, octave);
        }
        start = fit.octave(from, start, &value, octave);
    }
}

/// Fits the cells that begin at `distance_max` or before it, each to values of its own.
fn exact_octave(
    from: f64,
    distance_max: f64,
    mut start: f64,
    value: impl Fn(f64) -> f64,
    cells: &mut [[f64; 4]; OCTAVE_CELLS],
) {
    let width = from / OCTAVE_CELLS as f64;
    for (at, cell) in cells.iter_mut().enumerate() {
        let at = from + at as f64 * width;
        if at > distance_max {
            return;
        }
        let end = value(at + width);
        *cell = cubic([start, value(at + 0.25 * width), value(at + 0.75 * width), end]);
        start = end;
    }
}

/// Quantiles asked for in an octave, its start not counted.
const DEGREE: usize = 14;
/// Values that the cubics of an octave go through: four to a cell, ends shared.
const KNOTS: usize = 3 * OCTAVE_CELLS + 1;

/// From a few values of an octave to the many that its cubics go through.
struct Fit {
    /// Distances of the asked values from the start of an octave that begins at one.
    asked: [f64; DEGREE + 1],
    /// The share of each asked value in each knot.
    shares: [[f64; DEGREE + 1]; KNOTS],
}

impl Fit {
    /// Chebyshev's nodes of the second kind in the logarithm of the distance, and Lagrange's
    /// interpolation in barycentric form (Berrut and Trefethen, SIAM Review 46 (2004)).
    fn new() -> Self {
        let mut asked = [0.0; DEGREE + 1];
        for (at, distance) in asked.iter_mut().enumerate() {
            let angle = std::f64::consts::PI * at as f64 / DEGREE as f64;
            *distance = libm::exp2(0.5 - 0.5 * libm::cos(angle));
        }
        (asked[0], asked[DEGREE]) = (1.0, 2.0);
        let logs = asked.map(libm::log2);
        let mut shares = [[0.0; DEGREE + 1]; KNOTS];
        for (at, row) in shares.iter_mut().enumerate() {
            let cell = (at / 3) as f64;
            let inside = [0.0, 0.25, 0.75][at % 3];
            let log = libm::log2(1.0 + (cell + inside) / OCTAVE_CELLS as f64);
            *row = shares_at(log, &logs);
        }
        Self { asked, shares }
    }

    /// Fits the cells of the octave that begins at distance `from`, where the value is `start`;
    /// gives back the value at its end.
    fn octave(
        &self,
        from: f64,
        start: f64,
        value: impl Fn(f64) -> f64,
        cells: &mut [[f64; 4]; OCTAVE_CELLS],
    ) -> f64 {
        let mut values = [start; DEGREE + 1];
        for (value_at, distance) in values.iter_mut().zip(self.asked).skip(1) {
            *value_at = value(from * distance);
        }
        let mut knots = [0.0; KNOTS];
        for (knot, shares) in knots.iter_mut().zip(&self.shares) {
            *knot = shares.iter().zip(&values).map(|(share, value)| share * value).sum();
        }
        for (at, cell) in cells.iter_mut().enumerate() {
            *cell = cubic([knots[3 * at], knots[3 * at + 1], knots[3 * at + 2], knots[3 * at + 3]]);
        }
        values[DEGREE]
    }
}

/// The share of the value at each node in the value at `x`.
fn shares_at(x: f64, nodes: &[f64; DEGREE + 1]) -> [f64; DEGREE + 1] {
    let mut shares = [0.0; DEGREE + 1];
    if let Some(hit) = nodes.iter().position(|node| (x - node).abs() < 1e-15) {
        shares[hit] = 1.0;
        return shares;
    }
    let mut sum = 0.0;
    for (at, share) in shares.iter_mut().enumerate() {
        let end = if at == 0 || at == DEGREE { 0.5 } else { 1.0 };
        let sign = if at % 2 == 0 { end } else { -end };
        *share = sign / (x - nodes[at]);
        sum += *share;
    }
    shares.map(|share| share / sum)
}

/// The cubic through these values at -1/2, -1/4, 1/4 and 1/2 (Chebyshev's nodes again).
fn cubic([a, b, c, d]: [f64; 4]) -> [f64; 4] {
    let (outer, inner) = (0.5 * (a + d), 0.5 * (b + c));
    let second = (outer - inner) * (16.0 / 3.0);
    let (outer_rise, inner_rise) = (0.5 * (d - a), 0.5 * (c - b));
    let third = (outer_rise - 2.0 * inner_rise) * (32.0 / 3.0);
    [outer - 0.25 * second, 2.0 * outer_rise - 0.25 * third, second, third]
}
