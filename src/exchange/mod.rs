//! Other programs' schedules: Primavera P6 (XER, PMXML) and Microsoft Project (MSPDI).
//!
//! `bytes` unpacks and decodes; `xer`, `pmxml` and `mspdi` read each format into one neutral
//! [`Schedule`]; `lower` turns that into the flat plan that the passes and the engine run on, with
//! what finished work hands on (`through`); `dates` and `table` say when everything is.
//!
//! A file is either read whole or refused with one [`Problem`] and its line; what it holds beyond
//! dates and links is counted in [`Unused`].

mod bytes;
mod dates;
mod element;
mod lower;
mod mspdi;
pub mod out;
mod pmxml;
mod problem;
pub mod psplib;
mod schedule;
mod site;
pub mod synthetic;
mod table;
mod through;
mod xer;

pub use bytes::BYTES_MAX;
pub use dates::{Line, dates, dates_csv};
pub use lower::{Lowered, lower};
pub use problem::{Problem, Unused};
pub use schedule::{Lag, LagCalendar, Project, Schedule, Task, TaskLink};
pub use site::site_text;
pub use table::dates_text;

/// Whether a file begins like a schedule (packed, XER or XML) rather than like a site file.
pub fn is_schedule(bytes: &[u8]) -> bool {
    let head = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let starts = [&b"\x1f\x8b"[..], b"ERMHDR", b"<", b"\xff\xfe", b"\xfe\xff"];
    starts.iter().any(|start| head.starts_with(start))
}

/// Reads a schedule, whichever program wrote it.
///
/// # Errors
///
/// Why the file is refused.
///
/// Cost: linear in its length; a few times its length in memory.
pub fn read(bytes: Vec<u8>) -> Result<Schedule, Problem> {
    let text = bytes::text(bytes)?;
    let head = text.trim_start_matches('\u{feff}').trim_start();
    if head.starts_with("ERMHDR") {
        xer::read(&text)
    } else if head.starts_with('<') {
        match element::root(head)? {
            "APIBusinessObjects" => pmxml::read(head),
            _ => mspdi::read(head),
        }
    } else {
        let message = "expected a schedule of Primavera P6 (XER, XML) or Microsoft Project (XML)";
        Err(Problem::new("unknown-format", Some(1), message))
    }
}
