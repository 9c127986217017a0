//! All integration tests, in one binary.

mod books_by_hand;
mod books_laws;
mod books_site;
