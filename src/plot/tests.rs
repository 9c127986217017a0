//! Laws that every chart keeps, over honest data and over data that would trip a careless one.

mod data;

use super::picture::{Label, Shape};
use super::{Picture, Theme};
use data::gallery;

fn both(draw: &data::Draw) -> [Picture; 2] {
    [draw(Theme::Light), draw(Theme::Dark)]
}

fn overlap(a: &Label, b: &Label) -> bool {
    let (a, b) = (a.area(), b.area());
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

#[test]
fn no_two_texts_overlap() {
    for (name, draw) in gallery() {
        let picture = draw(Theme::Light);
        let labels: Vec<&Label> = picture.labels().collect();
        for (at, a) in labels.iter().enumerate() {
            for b in &labels[at + 1..] {
                assert!(!overlap(a, b), "{name}: {:?} over {:?}", a, b);
            }
        }
    }
}

#[test]
fn every_text_lies_on_the_paper() {
    for (name, draw) in gallery() {
        let picture = draw(Theme::Light);
        for label in picture.labels() {
            let area = label.area();
            let inside = area.left >= 0 && area.top >= 0;
            let inside = inside && area.right <= picture.width && area.bottom <= picture.height;
            assert!(inside, "{name}: {label:?}");
        }
    }
}

#[test]
fn every_shape_lies_on_the_paper() {
    for (name, draw) in gallery() {
        let picture = draw(Theme::Light);
        let inside = |x: i32, y: i32| {
            (-2..=picture.width + 2).contains(&x) && (-2..=picture.height + 2).contains(&y)
        };
        for shape in &picture.shapes {
            let ok = match shape {
                Shape::Box(area, _) => {
                    inside(area.left, area.top) && inside(area.right, area.bottom)
                }
                Shape::Polygon(points, _) | Shape::Line(points, ..) => {
                    points.iter().all(|point| inside(point.0, point.1))
                }
                Shape::Disc(center, ..) => inside(center.0, center.1),
                Shape::Text(_) => true,
            };
            assert!(ok, "{name}: {shape:?}");
        }
    }
}

#[test]
fn the_same_data_gives_the_same_bytes() {
    for (name, draw) in gallery().into_iter().take(3) {
        let (first, second) = (draw(Theme::Dark), draw(Theme::Dark));
        assert_eq!(first.svg(), second.svg(), "{name}");
        assert_eq!(first.png().unwrap(), second.png().unwrap(), "{name}");
    }
}

#[test]
fn a_png_decodes_to_the_size_of_its_picture() {
    for (name, draw) in gallery() {
        let picture = draw(Theme::Light);
        let bytes = picture.png().unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((frame.width, frame.height), picture.size(), "{name}");
    }
}

#[test]
fn axes_and_series_are_named() {
    let ramp = data::ramp().draw(Theme::Light).svg();
    let words = [
        "Online IT MW",
        "hall-1\u{a0}",
        "hall-8\u{a0}",
        "Contracted",
        "Plan",
        "Status date 2025-11-10",
    ];
    for word in words.into_iter().chain(["Energised", "Installed", "Jan 2026"]) {
        assert!(ramp.contains(word), "{word}");
    }
    let cover = data::cover().draw(Theme::Light).svg();
    let words =
        ["USD million a quarter", "DSCR", "Revenue", "Debt service", "Covenant 1.40x", "n/a"];
    for word in words {
        assert!(cover.contains(word), "{word}");
    }
    let gantt = data::gantt(6, 7).draw(Theme::Light).svg();
    for word in ["Critical path", "Total float", "Waiting", "Plan", "substation", "hall-1", "float"]
    {
        assert!(gantt.contains(word), "{word}");
    }
}

#[test]
fn text_from_files_is_escaped() {
    for (name, draw) in gallery() {
        for picture in both(&draw) {
            let svg = picture.svg();
            assert!(!svg.contains("<script") && !svg.contains("& "), "{name}");
            assert!(!svg.chars().any(|c| c.is_control() && c != '\n'), "{name}");
            assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count(), "{name}");
            assert!(svg.contains("<title>"), "{name}");
        }
    }
    let hostile = gallery().into_iter().find(|case| case.0 == "ramp-hostile").unwrap();
    assert!(hostile.1(Theme::Light).svg().contains("&lt;script&gt;"));
}

#[test]
fn no_axis_label_is_smaller_than_a_slide_can_show() {
    for (name, draw) in gallery() {
        assert!(draw(Theme::Light).labels().all(|label| label.size >= 18), "{name}");
    }
}

/// Writes every picture to a folder to be looked at: the only test that a picture is beautiful.
#[test]
#[ignore = "for people: writes pictures to the temporary folder"]
fn pictures_to_look_at() {
    let folder = std::env::temp_dir().join("energize-plots");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, draw) in gallery() {
        for (theme, picture) in ["light", "dark"].into_iter().zip(both(&draw)) {
            let file = folder.join(format!("{name}-{theme}"));
            std::fs::write(file.with_extension("png"), picture.png().unwrap()).unwrap();
            std::fs::write(file.with_extension("svg"), picture.svg()).unwrap();
        }
    }
}
