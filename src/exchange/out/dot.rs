//! The network as a picture by Graphviz (DOT).
//!
//! By the DOT language (<https://graphviz.org/doc/info/lang.html>): in a quoted string a quote and
//! a backslash are escaped; in a label `\n` begins a new line.

use std::fmt::Write;

use super::{Choice, Export, Scene, text};
use crate::analysis::Run;
use crate::exchange::problem::Unused;
use crate::model::{Cause, Link, Progress, Site};
use crate::time::{Minute, Span};

/// More activities than this make a drawing that nobody reads.
const NODES_MAX: usize = 200;

/// Activities as boxes with their dates, grouped by hall; links as arrows; the critical path bold.
///
/// What waited for a crew or racks on the critical path has a dashed arrow from who let go.
///
/// Cost: linear in activities and links.
pub fn dot(site: &Site, run: &Run, choice: &Choice) -> Export {
    let scene = Scene::new(site, run, choice);
    let mut out = String::new();
    let mut line = |text: &str| {
        out.push_str(text);
        out.push('\n');
    };
    line(&format!("digraph {} {{", quoted(&text::site_name(site))));
    line(&format!("  label={};", quoted(&text::site_name(site))));
    line("  labelloc=t;\n  rankdir=LR;\n  fontname=\"Helvetica\";");
    line("  node [shape=box, style=filled, fillcolor=white, fontname=\"Helvetica\", fontsize=10];");
    line("  edge [fontname=\"Helvetica\", fontsize=9];");
    for (at, (group, members)) in scene.groups().into_iter().enumerate() {
        let indent = if group.is_some() { "    " } else { "  " };
        if let Some(name) = group {
            line(&format!("  subgraph cluster_{at} {{"));
            line(&format!("    label={};", quoted(&text::plain(name))));
        }
        for member in members {
            line(&format!("{indent}{}", node(&scene, member)));
        }
        if group.is_some() {
            line("  }");
        }
    }
    let mut shown = vec![false; site.plan.activities.len()];
    scene.shown.iter().for_each(|&at| shown[at as usize] = true);
    for (at, link) in site.plan.links.iter().enumerate() {
        if shown[link.from as usize] && shown[link.to as usize] {
            line(&edge(&scene, at, link));
        }
    }
    for driver in &run.critical_path {
        let Cause::Released(scarce, Some(holder)) = driver.cause else { continue };
        if shown[holder as usize] && shown[driver.activity as usize] {
            let ends = [holder, driver.activity].map(|at| id(&scene, at)).join(" -> ");
            let name = quoted(&text::plain(crate::analysis::scarce_name(site, scarce)));
            line(&format!("  {ends} [label={name}, style=\"dashed,bold\", penwidth=2.5];"));
        }
    }
    line("}");
    let count = scene.shown.len();
    let advice = (count > NODES_MAX).then(|| {
        format!("a drawing of {count} activities is hard to read: --critical and --only draw fewer")
    });
    Export { text: out, substitutes: Unused::default(), advice }
}

fn id(scene: &Scene, activity: u32) -> String {
    quoted(&text::plain(&scene.site.plan.activities[activity as usize].id))
}

fn node(scene: &Scene, at: u32) -> String {
    let activity = &scene.site.plan.activities[at as usize];
    let timeline = &scene.run.timeline;
    let (start, finish) = (timeline.start[at as usize], timeline.finish[at as usize]);
    let mut label = escaped(&text::plain(&activity.id));
    let name = text::name(activity);
    if name != activity.id {
        let _ = write!(label, "\\n{}", escaped(&name));
    }
    let day = |at: Minute| if at.happens() { at.day().to_string() } else { "never".into() };
    let (from, to) = (day(start), day(finish));
    match from == to {
        true => label.push_str(&format!("\\n{from}")),
        false => label.push_str(&format!("\\n{from} to {to}")),
    }
    let mut style = format!("label=\"{label}\"");
    if activity.milestone {
        style.push_str(", shape=diamond");
    }
    match activity.progress {
        Progress::Open => {}
        Progress::Started { .. } => style.push_str(", fillcolor=lightyellow"),
        Progress::Finished { .. } => style.push_str(", fillcolor=lightgrey"),
    }
    if scene.critical[at as usize] {
        style.push_str(", style=\"filled,bold\", penwidth=2.5");
    }
    format!("{} [{style}];", id(scene, at))
}

fn edge(scene: &Scene, at: usize, link: &Link) -> String {
    let drives = |cause: Cause| cause == Cause::Link(at as u32);
    let critical =
        scene.critical[link.to as usize] && drives(scene.run.timeline.cause[link.to as usize]);
    let mut style = Vec::new();
    let lag = lag(scene.site, link);
    // Finish to start without lag is what an arrow means.
    if link.kind.code() != "FS" || !lag.is_empty() {
        style.push(format!("label={}", quoted(&format!("{}{lag}", link.kind.code()))));
    }
    if critical {
        style.push("style=bold, penwidth=2.5".to_owned());
    }
    let ends = [link.from, link.to].map(|at| id(scene, at)).join(" -> ");
    match style.is_empty() {
        true => format!("  {ends};"),
        false => format!("  {ends} [{}];", style.join(", ")),
    }
}

/// `+6w`, `-2d`, `+12ew`: in the largest unit of its calendar of which it is a whole number.
fn lag(site: &Site, link: &Link) -> String {
    if link.lag == Span::ZERO {
        return String::new();
    }
    let calendar = &site.plan.calendars[usize::from(link.lag_calendar)];
    let elapsed = if link.lag_calendar == 0 { "e" } else { "" };
    let units = [(calendar.week_minutes(), "w"), (calendar.day_minutes(), "d"), (60, "h")];
    let whole = units.into_iter().find(|&(minutes, _)| link.lag.0 % minutes == 0);
    match whole {
        Some((minutes, unit)) => format!("{:+}{elapsed}{unit}", link.lag.0 / minutes),
        None => format!("{:+}min", link.lag.0),
    }
}

/// Text as it may stand between quotes.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_ends_its_string() {
        assert_eq!(quoted(r#"a "b" \"#), r#""a \"b\" \\""#);
        assert_eq!(quoted(r"a\n"), r#""a\\n""#);
    }
}
