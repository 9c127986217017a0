//! Instants, days and working calendars.
//!
//! Everything above counts whole minutes since 1970-01-01 00:00 of the site's own civil clock
//! (semantics T1). A [`Minute`] is a point, a [`Span`] is a distance; the two never mix. A
//! [`Day`] is a civil date, which is what money is booked by. A [`Calendar`] turns working time
//! into clock time and back in constant time (semantics T2).

mod calendar;
mod holidays;
mod hours;
mod instant;
mod week;

pub use calendar::{Calendar, Definition};
pub use holidays::HolidaySet;
pub use instant::{Day, MINUTES_PER_DAY, Minute, Span};
pub use week::{Shift, Week};
