//! What every format needs of names and dates.

use crate::model::{Activity, Site};
use crate::time::Minute;

/// One line without control characters, which no format can hold: each becomes a space.
pub fn plain(text: &str) -> String {
    let banned =
        |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}');
    text.chars().map(|c| if banned(c) { ' ' } else { c }).collect()
}

/// What to call an activity: its title, else its id.
pub fn name(activity: &Activity) -> String {
    let title = plain(&activity.title);
    if title.trim().is_empty() { plain(&activity.id) } else { title.trim().to_owned() }
}

/// What to call a site: its title, else its id.
pub fn site_name(site: &Site) -> String {
    let title = plain(&site.title);
    if title.trim().is_empty() { plain(&site.id) } else { title.trim().to_owned() }
}

/// `2026-02-06 17:30`.
pub fn clock(at: Minute) -> String {
    at.to_string().replacen('T', " ", 1)
}
