//! The run as a Gantt chart by Mermaid.
//!
//! By the grammar of Mermaid's `gantt` (<https://mermaid.js.org/syntax/gantt.html>): a line is a
//! name, a colon, tags and two dates with commas between. A name ends at `:`, `;` or `#`, and `%`
//! begins a comment, so these are written as entity codes (`#58;`), which Mermaid turns back on
//! drawing. A name must not begin with a word of the grammar either.

use super::{Choice, Export, Scene, text};
use crate::analysis::Run;
use crate::exchange::problem::Unused;
use crate::model::{Progress, Site};
use crate::time::Minute;

/// Most characters that Mermaid draws unless told otherwise (`maxTextSize`).
const TEXT_MAX: usize = 50_000;

/// Words with which a line of the grammar may begin.
const WORDS: [&str; 20] = [
    "gantt",
    "dateformat",
    "inclusiveenddates",
    "topaxis",
    "axisformat",
    "tickinterval",
    "includes",
    "excludes",
    "todaymarker",
    "weekday",
    "weekend",
    "title",
    "section",
    "click",
    "call",
    "href",
    "acctitle",
    "accdescr",
    "displaymode",
    "vert",
];

/// Activities by hall with their dates in the run; done, under way, critical and milestones marked.
pub fn mermaid(site: &Site, run: &Run, choice: &Choice) -> Export {
    let scene = Scene::new(site, run, choice);
    let mut out = String::from("gantt\n");
    out.push_str(&format!("  title {}\n", escaped(&text::site_name(site))));
    out.push_str("  dateFormat YYYY-MM-DD HH:mm\n  axisFormat %Y-%m-%d\n  todayMarker off\n");
    let mut substitutes = Unused::default();
    for (group, members) in scene.groups() {
        out.push_str(&format!("  section {}\n", escaped(&text::plain(group.unwrap_or("site")))));
        for at in members {
            let dates = [&run.timeline.start, &run.timeline.finish].map(|of| of[at as usize]);
            if !dates[1].happens() {
                substitutes.count("activities that never finish, left out");
                continue;
            }
            out.push_str(&task(&scene, at, group, dates));
        }
    }
    let long = out.chars().count() > TEXT_MAX;
    let advice = long.then(|| {
        format!(
            "Mermaid draws at most {TEXT_MAX} characters by default, which this is longer than: \
             --critical and --only make it shorter"
        )
    });
    Export { text: out, substitutes, advice }
}

fn task(scene: &Scene, at: u32, group: Option<&str>, [start, finish]: [Minute; 2]) -> String {
    let activity = &scene.site.plan.activities[at as usize];
    let mut data: Vec<String> = Vec::new();
    if scene.critical[at as usize] {
        data.push("crit".into());
    }
    match activity.progress {
        Progress::Open => {}
        Progress::Started { .. } => data.push("active".into()),
        Progress::Finished { .. } => data.push("done".into()),
    }
    if start == finish {
        data.push("milestone".into());
    }
    data.push(text::clock(start));
    data.push(if start == finish { "0d".into() } else { text::clock(finish) });
    let name = text::name(activity);
    // The section says the rest.
    let within = group.and_then(|group| name.strip_prefix(group)?.strip_prefix('.'));
    format!("  {} :{}\n", task_name(within.unwrap_or(&name)), data.join(", "))
}

/// A name that is not read as something else.
fn task_name(name: &str) -> String {
    let lower = name.to_lowercase();
    let digits = name.chars().take(4).filter(char::is_ascii_digit).count() == 4;
    let word = WORDS.iter().any(|word| lower.starts_with(word));
    let mark = if digits || word { "· " } else { "" };
    format!("{mark}{}", escaped(name))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ':' | ';' | '#' | '%' | '"' | '<' | '>' | '&' | '{' | '}' | '\\' => {
                out.push_str(&format!("#{};", u32::from(c)));
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leaves_its_place() {
        assert_eq!(task_name("a: b; c #1 100%"), "a#58; b#59; c #35;1 100#37;");
        assert_eq!(task_name("Title deeds"), "· Title deeds");
        assert_eq!(task_name("2026-01-05 review"), "· 2026-01-05 review");
    }
}
