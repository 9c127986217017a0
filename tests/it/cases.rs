//! How many random cases a law is tried on.

use proptest::prelude::ProptestConfig;

/// The ordinary number, or what the environment variable `PROPTEST_CASES` says.
///
/// `ProptestConfig::with_cases` alone would not do: it overrides the variable.
pub fn cases(ordinary: u32) -> ProptestConfig {
    let usual = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => usual,
        None => ProptestConfig { cases: ordinary, ..usual },
    }
}
