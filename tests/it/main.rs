//! All integration tests, in one binary.

#![allow(clippy::unwrap_used, reason = "a test that finds nothing there should stop")]

mod books_by_hand;
mod books_laws;
mod books_site;
