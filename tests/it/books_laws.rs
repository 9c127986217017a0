//! Laws of the books.
