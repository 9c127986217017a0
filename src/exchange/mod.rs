//! Other programs' formats, in and out: one file a format.

pub mod psplib;
