//! The name of a draw, and the uniform number that goes with it (semantics R1, R6).

use super::permutation::Permutation;
use super::philox::philox;

/// Which stream of chance an item of the plan draws from: a stable hash of its full id, or of the
/// name that `stream:` keeps for it (semantics R1).
///
/// FNV-1a in 64 bits over the bytes of the text (Fowler, Noll, Vo; IETF draft-eastlake-fnv), then
/// the finaliser of MurmurHash3 (Appleby), so that ids that differ in a last digit differ in every
/// bit. Written down here because stored results depend on it: it never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u64);

impl StreamId {
    /// The stream of an id.
    pub fn of(id: &str) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in id.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        StreamId(hash ^ (hash >> 33))
    }
}

/// What a number is drawn for. The numbers are part of every draw: they never change, and a new
/// purpose takes a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Purpose {
    /// How long an activity takes.
    Duration = 0,
    /// Whether a risk happens.
    Occurs = 1,
    /// What a risk that happens does.
    Impact = 2,
    /// A common factor: a contractor, a supplier, a region.
    Factor = 3,
    /// Which way a branch goes, or whether work is done again.
    Branch = 4,
    /// Working days lost to weather.
    Weather = 5,
    /// A price or an index.
    Price = 6,
    /// When a lot arrives.
    Arrival = 7,
    /// What something costs.
    Cost = 8,
    /// Slip at the last mile.
    Slip = 9,
    /// A coordinate of a copula.
    Copula = 10,
    /// The strata of a Latin hypercube: drawn by the plan itself, for no one else.
    Latin = 11,
    /// A rate of work or of interest.
    Rate = 12,
    /// A failure or an outage.
    Failure = 13,
}

/// How the draws of many trials relate to each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Plan {
    /// Not at all.
    #[default]
    Plain,
    /// Trial 2k + 1 takes the opposite of what trial 2k took: rare for common, late for early.
    Antithetic,
    /// Each of `trials` equal strata is hit once, in an order of the draw's own. The number of
    /// trials is part of the draw (semantics R6).
    Latin {
        /// How many trials the run has.
        trials: u32,
    },
}

/// The draws of one thing for one purpose, over all trials (semantics R1).
///
/// One block of the generator serves four consecutive trials: its counter is (trial / 4, both words
/// of the stream, purpose and occurrence), its key the seed; trial mod 4 says which word.
#[derive(Clone, Debug)]
pub struct Draw {
    key: [u32; 2],
    name: [u32; 3],
    plan: Plan,
    strata: Option<Permutation>,
}

/// Occurrences share a word with the purpose.
const OCCURRENCES_MAX: u32 = 1 << 24;

impl Draw {
    /// `occurrence` tells repeated draws of one thing apart: attempts, months, lots.
    pub fn new(seed: u64, id: StreamId, purpose: Purpose, occurrence: u32) -> Self {
        assert!(occurrence < OCCURRENCES_MAX, "occurrence {occurrence} does not fit in 24 bits");
        Self {
            key: words(seed),
            name: [words(id.0)[0], words(id.0)[1], (purpose as u32) << 24 | occurrence],
            plan: Plan::Plain,
            strata: None,
        }
    }

    /// The same draws under another plan.
    #[must_use]
    pub fn under(mut self, plan: Plan) -> Self {
        self.plan = plan;
        self.strata = match plan {
            Plan::Latin { trials } => Some(Permutation::new(self.key, self.name, trials)),
            Plan::Plain | Plan::Antithetic => None,
        };
        self
    }

    /// The uniform number of one trial, in 32 bits: see [`uniform`].
    pub fn at(&self, trial: u32) -> u32 {
        let [low, high, what] = self.name;
        let word = |trial: u32| philox([trial / 4, low, high, what], self.key)[trial as usize % 4];
        match self.plan {
            Plan::Plain => word(trial),
            Plan::Antithetic if trial % 2 == 1 => !word(trial - 1),
            Plan::Antithetic => word(trial),
            Plan::Latin { trials } => self.stratified(trial, trials, word(trial)),
        }
    }

    /// The uniform numbers of consecutive trials: what [`Draw::at`] gives for each.
    ///
    /// Cost: a quarter of a block a trial, in lanes as wide as the code that calls it is built for.
    #[inline(always)]
    pub fn fill(&self, first_trial: u32, out: &mut [u32]) {
        // Whole blocks are written where they belong; what lies before and after is drawn singly.
        let head = ((4 - first_trial % 4) % 4).min(out.len() as u32);
        let (before, rest) = out.split_at_mut(head as usize);
        self.fill_singly(first_trial, before);
        let first_trial = first_trial.wrapping_add(head);
        let (blocks, after) = rest.as_chunks_mut::<4>();
        let [low, high, what] = self.name;
        for (at, block) in (0_u32..).zip(blocks.iter_mut()) {
            *block = philox([(first_trial / 4).wrapping_add(at), low, high, what], self.key);
        }
        self.plan_blocks(first_trial, blocks);
        self.fill_singly(first_trial.wrapping_add(4 * blocks.len() as u32), after);
    }

    fn fill_singly(&self, first_trial: u32, out: &mut [u32]) {
        for (trial, out) in (first_trial..).zip(out) {
            *out = self.at(trial);
        }
    }

    #[inline(always)]
    fn plan_blocks(&self, first_trial: u32, blocks: &mut [[u32; 4]]) {
        match self.plan {
            Plan::Plain => {}
            Plan::Antithetic => {
                for block in blocks {
                    *block = [block[0], !block[0], block[2], !block[2]];
                }
            }
            Plan::Latin { trials } => {
                for (trial, word) in (first_trial..).zip(blocks.as_flattened_mut()) {
                    *word = self.stratified(trial, trials, *word);
                }
            }
        }
    }

    /// A place inside the trial's own stratum.
    fn stratified(&self, trial: u32, trials: u32, place: u32) -> u32 {
        let strata = self.strata.as_ref().expect("`under` made it with the plan");
        let place = u64::from(strata.at(trial)) << 32 | u64::from(place);
        (place / u64::from(trials)) as u32
    }
}

/// A drawn word as a probability: the middle of its 2^-32, never 0 and never 1.
#[inline(always)]
pub fn uniform(word: u32) -> f64 {
    (f64::from(word) + 0.5) * (1.0 / 4_294_967_296.0)
}

fn words(number: u64) -> [u32; 2] {
    [number as u32, (number >> 32) as u32]
}
