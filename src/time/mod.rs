//! Instants, days and working calendars.
//!
//! Everything above counts whole minutes since 1970-01-01 00:00 of the site's own civil clock
//! (semantics T1). A [`Minute`] is a point, a [`Span`] is a distance; the two never mix. A
//! [`Day`] is a civil date, which is what money is booked by. A [`Calendar`] turns working time
//! into clock time and back in constant time (semantics T2), from a week of [`Shift`]s, a
//! [`HolidaySet`] and dated exceptions. The `parse_` functions read what planners write (`12w`,
//! `8w < 12w < 18w`, `2026-03-31`, `Mon-Fri 07:30-17:30`) and answer anything else with what was
//! expected.

mod ahead;
mod calendar;
mod duration;
mod holidays;
mod hours;
mod instant;
mod length;
mod parse;
mod week;

pub use ahead::Ahead;
pub use calendar::{Calendar, Definition};
pub use duration::{Duration, Three, parse_duration};
pub use holidays::HolidaySet;
pub use instant::{Day, MINUTES_PER_DAY, Minute, Span};
pub use length::{Length, LengthUnit, parse_length, parse_signed_length};
pub use parse::{parse_day, parse_days, parse_hours, parse_instant, parse_week};
pub use week::{Shift, Week};
