//! The report page: one HTML file that opens from disk, without a network.
//!
//! Everything is in it: charts as pictures in two themes, the tables behind them, a Gantt chart of
//! all activities that its own small script draws, what was assumed, and how to make it again. A
//! content security policy lets nothing run but that script and nothing load but those pictures;
//! text of input files is escaped where it is written ([`html`]). The same input and seed give the
//! same bytes.

mod again;
mod assumptions;
mod dates;
mod digest;
mod figures;
mod gantt;
mod headline;
mod html;
mod money;
mod table;

use self::digest::policy_hash;
use self::html::Html;
use super::figure::{Figure, Kind, Told, figures};
use super::risk::shown;
use super::summary::summary;
use super::tables::grouped;
use crate::spec::{Finding, Sources};

const STYLE: &str = include_str!("assets/page.css");
const SCRIPT: &str = include_str!("assets/page.js");
/// Tells the style, before anything is drawn, that the script will run.
const READY: &str = "document.documentElement.className='js'";

/// What a page is made from.
#[derive(Clone, Copy)]
pub struct Paper<'r> {
    /// Site, run and trials.
    pub told: Told<'r>,
    /// What was found odd in the input.
    pub findings: &'r [Finding],
    /// All texts that were read.
    pub sources: &'r Sources,
    /// The command that makes the page again.
    pub command: &'r str,
    /// The fingerprint that trials are kept under.
    pub fingerprint: &'r str,
}

/// A part of the page: where links find it, what it is called, what it holds.
struct Part {
    id: &'static str,
    title: &'static str,
    body: Html,
}

impl Part {
    fn new(id: &'static str, title: &'static str, write: impl FnOnce(&mut Html)) -> Part {
        let mut body = Html::default();
        write(&mut body);
        Part { id, title, body }
    }
}

/// The page as one HTML file.
pub fn page(paper: &Paper<'_>) -> String {
    let site = paper.told.site;
    let title = if site.title.is_empty() { &site.id } else { &site.title };
    let parts = parts(paper);
    let mut html = Html::default();
    html.raw("<!doctype html>\n");
    html.block("html", &[("lang", "en")], |html| {
        html.block("head", &[], |html| head(html, title));
        html.block("body", &[], |html| {
            html.line("a", &[("class", "skip"), ("href", "#main")], "Skip to the report");
            masthead(html, paper, title);
            html.block("div", &[("class", "page")], |html| {
                contents(html, &parts);
                html.block("main", &[("id", "main"), ("tabindex", "-1")], |html| {
                    for part in parts {
                        let heading = format!("{}-title", part.id);
                        let attributes = [("id", part.id), ("aria-labelledby", &heading)];
                        html.block("section", &attributes, |html| {
                            html.line("h2", &[("id", &heading)], part.title);
                            html.part(part.body);
                        });
                    }
                });
            });
            html.block("script", &[], |html| html.raw(SCRIPT));
        });
    });
    html.finish()
}

fn head(html: &mut Html, title: &str) {
    let [ready, script, style] = [READY, SCRIPT, STYLE].map(policy_hash);
    let policy = format!(
        "default-src 'none'; script-src {ready} {script}; style-src {style}; img-src data:; \
         base-uri 'none'; form-action 'none'"
    );
    html.open("meta", &[("charset", "utf-8")]);
    html.open("meta", &[("http-equiv", "Content-Security-Policy"), ("content", &policy)]);
    html.open("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
    html.open("meta", &[("name", "color-scheme"), ("content", "light dark")]);
    let generator = concat!("energize ", env!("CARGO_PKG_VERSION"));
    html.open("meta", &[("name", "generator"), ("content", generator)]);
    html.line("title", &[], title);
    html.block("style", &[], |html| html.raw(STYLE));
    html.block("script", &[], |html| html.raw(READY));
}

/// Title, what the numbers are, as of when.
fn masthead(html: &mut Html, paper: &Paper<'_>, title: &str) {
    let Told { site, trials, .. } = paper.told;
    html.block("header", &[("class", "masthead")], |html| {
        html.line("h1", &[], title);
        let basis = match trials {
            Some(trials) => format!(
                "{} trials with seed {}; dates of activities and statements are the likely run",
                grouped(trials.overall.trials.into()),
                trials.overall.seed
            ),
            None => "likely values, not a P50; no trials were run".to_owned(),
        };
        let date = site.plan.status.map(|status| status.day());
        let date = date.map_or_else(|| "none".to_owned(), |day| day.to_string());
        html.block("dl", &[], |html| {
            for (name, value) in [("Site", &site.id), ("Data date", &date), ("Basis", &basis)] {
                html.block("div", &[], |html| {
                    html.line("dt", &[], name);
                    html.line("dd", &[], value);
                });
            }
        });
    });
}

fn contents(html: &mut Html, parts: &[Part]) {
    html.block("nav", &[("class", "contents"), ("aria-label", "Contents")], |html| {
        html.block("ol", &[], |html| {
            for part in parts {
                html.block("li", &[], |html| {
                    html.line("a", &[("href", &format!("#{}", part.id))], part.title);
                });
            }
        });
    });
}

/// The part in which figures of a kind stand.
fn place(kind: Kind) -> &'static str {
    match kind {
        Kind::Ramp | Kind::Fan | Kind::Curves | Kind::Waterfall => "capacity",
        Kind::Gantt => "programme",
        Kind::Tornado | Kind::Heat | Kind::Demand | Kind::Strip => "drivers",
        Kind::Cover | Kind::MoneyFan => "money",
        Kind::Collateral => "loans",
        Kind::Backlog => "contracts",
        Kind::Calibration => "calibration",
    }
}

/// The figures of a part.
fn standing<'f>(figures: &'f [Figure], part: &'static str) -> impl Iterator<Item = &'f Figure> {
    figures.iter().filter(move |figure| place(figure.kind) == part)
}

fn parts(paper: &Paper<'_>) -> Vec<Part> {
    let told = &paper.told;
    let summary = summary(told.site, told.run, &[]);
    let figures = figures(told, &Kind::ALL);
    let at = |of: &'static str| standing(&figures, of);
    let mut parts =
        vec![Part::new("headline", "Headline", |html| headline::write(html, told, &summary))];
    if !told.site.halls.is_empty() || at("capacity").next().is_some() {
        parts.push(Part::new("capacity", "Capacity", |html| {
            at("capacity").for_each(|figure| figures::write(html, figure));
            dates::halls(html, told, &summary);
        }));
    }
    parts.push(Part::new("programme", "Programme", |html| {
        gantt::write(html, told);
        at("programme").for_each(|figure| figures::write_on_paper(html, figure));
        dates::path(html, &summary);
    }));
    parts.extend(charts("drivers", "What moves it", at("drivers").collect()));
    if money::is_told(told.site) {
        parts.push(Part::new("money", "Revenue and debt", |html| {
            at("money").for_each(|figure| figures::write(html, figure));
            money::statements(html, told);
        }));
        parts.extend(money::parts(told, &summary, &figures));
    }
    parts.extend(charts("calibration", "Judged by what happened", at("calibration").collect()));
    parts.push(Part::new("assumptions", "Assumptions", |html| {
        assumptions::write(html, paper.sources);
    }));
    parts.push(Part::new("warnings", "Warnings", |html| again::warnings(html, paper)));
    parts.push(Part::new("again", "Make it again", |html| again::write(html, paper)));
    parts
}

/// A part that holds charts, if there are any.
fn charts(id: &'static str, title: &'static str, figures: Vec<&Figure>) -> Option<Part> {
    let write = |html: &mut Html| figures.iter().for_each(|of| figures::write(html, of));
    (!figures.is_empty()).then(|| Part::new(id, title, write))
}
