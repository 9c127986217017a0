//! Charts on a page: a picture for light and one for dark paper, and the table behind them.

use super::super::figure::Figure;
use super::digest::base64;
use super::html::Html;
use super::table;
use crate::plot::{Picture, Theme};

/// Longest SVG that is shown as such, in bytes.
const SVG_MAX: usize = 500_000;

/// A chart with its table.
pub(super) fn write(html: &mut Html, figure: &Figure) {
    with_class(html, figure, "figure");
}

/// A chart that shows where the script does not run and on paper.
pub(super) fn write_on_paper(html: &mut Html, figure: &Figure) {
    with_class(html, figure, "figure still");
}

fn with_class(html: &mut Html, figure: &Figure, class: &str) {
    let id = format!("figure-{}", slug(&figure.name));
    let caption = format!("{id}-caption");
    let attributes = [("class", class), ("id", &id), ("aria-labelledby", &caption)];
    html.block("figure", &attributes, |html| {
        html.line("figcaption", &[("id", &caption)], figure.title());
        let light = figure.draw(Theme::Light);
        let (width, height) = light.size();
        let dark = data_url(&figure.draw(Theme::Dark));
        let box_attributes =
            [("class", "picture"), ("tabindex", "0"), ("role", "group"), ("aria-label", "Chart")];
        html.block("div", &box_attributes, |html| {
            html.block("picture", &[], |html| {
                let media = "screen and (prefers-color-scheme: dark)";
                html.open("source", &[("media", media), ("srcset", &dark)]);
                let (width, height) = (width.to_string(), height.to_string());
                let attributes = [
                    ("src", data_url(&light)),
                    ("alt", format!("{}. The numbers are in the table below.", figure.title())),
                    ("width", width),
                    ("height", height),
                    ("decoding", "async".to_owned()),
                ];
                html.open("img", &attributes.each_ref().map(|(name, of)| (*name, &of[..])));
            });
        });
        table::folded(html, "The numbers behind the chart", &figure.table);
    });
}

/// A picture as part of the page; one of very many shapes as an image of its points, which has a
/// bounded size.
fn data_url(picture: &Picture) -> String {
    let svg = picture.svg();
    if svg.len() > SVG_MAX
        && let Ok(png) = picture.png()
        && png.len() < svg.len()
    {
        return format!("data:image/png;base64,{}", base64(&png));
    }
    format!("data:image/svg+xml;base64,{}", base64(svg.as_bytes()))
}

/// A name as part of an id: letters, digits and hyphens.
fn slug(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}
