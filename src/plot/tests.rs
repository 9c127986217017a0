//! Laws that every chart keeps, over honest data and over data that would trip a careless one.

mod data;
mod more;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::picture::{Area, Label, Shape};
use super::*;
use crate::money::Money;
use crate::time::{Day, Minute, Span};
use data::gallery;

fn both(draw: &data::Draw) -> [Picture; 2] {
    [draw(Theme::Light), draw(Theme::Dark)]
}

fn overlap(a: &Label, b: &Label) -> bool {
    let (a, b) = (a.area(), b.area());
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

/// Every shape lies on the paper, and no text on another.
fn check(picture: &Picture) {
    let inside = |x: i32, y: i32| {
        (-2..=picture.width + 2).contains(&x) && (-2..=picture.height + 2).contains(&y)
    };
    let held = |area: Area| inside(area.left, area.top) && inside(area.right, area.bottom);
    for shape in &picture.shapes {
        let ok = match shape {
            Shape::Box(area, _) => held(*area),
            Shape::Polygon(points, _) | Shape::Line(points, ..) => {
                points.iter().all(|point| inside(point.0, point.1))
            }
            Shape::Disc(center, ..) => inside(center.0, center.1),
            Shape::Text(label) => held(label.area()),
        };
        assert!(ok, "{shape:?}");
    }
    let labels: Vec<&Label> = picture.labels().collect();
    for (at, a) in labels.iter().enumerate() {
        for b in &labels[at + 1..] {
            assert!(!overlap(a, b), "{a:?} over {b:?}");
        }
    }
}

#[test]
fn nothing_overlaps_and_nothing_leaves_the_paper() {
    for (name, draw) in gallery() {
        println!("{name}");
        check(&draw(Theme::Light));
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
fn charts_of_risk_and_money_name_what_they_show() {
    let words = [
        ("fan", &["P10 to P90", "P50", "likely values", "plan", "Online IT MW"][..]),
        ("fan-by-quarter", &["covenant 1.40x", "Probability that its test fails, %"]),
        ("curves", &["hall-1: P50 ", "plan = P7", "Share of trials", "never in 20 %"]),
        ("waterfall", &["plan 2026-03-31", "+20.0", "−12.5", "P50 2026-12-01", "Calendar days"]),
        ("tornado", &["driver-0", "+80.0", "−30.0", "at its P10", "at its P90"]),
        ("heat", &["2024 Q1", "site-8", "Days late (+) or early"]),
        ("demand", &["crew-2: waited for 25.0 days in all", "crew-0: never waited for"]),
        ("strip", &["power: 320 days in all", "hall-7", "Status date 2026-02-02"]),
        ("backlog", &["RPO at the end of the quarter, USD million", "Lost, damages, terminated"]),
        ("collateral", &["Loan to value (LTV), %", "covenant 75 %", "GBP million"]),
        ("calibration", &["Mean absolute error, % (7 cases)", "21.6", "Share that the interval"]),
        ("gantt-graded", &["Critical in 0 % to 100 % of trials"]),
        ("curves-many", &["8 of 90 drawn"]),
        ("tornado-many", &["160 more drivers"]),
        ("heat-many", &["140 more rows and 20 more columns are not drawn"]),
        ("strip-many", &["140 more rows are not drawn"]),
        ("demand-many", &["22 more resources are not drawn"]),
    ];
    let gallery = gallery();
    for (name, words) in words {
        let case = gallery.iter().find(|case| case.0 == name).expect("it is in the gallery");
        let svg = case.1(Theme::Light).svg();
        for word in words {
            assert!(svg.contains(word), "{name}: {word}");
        }
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_ramp_trips_the_hand_that_draws(
        steps in vec(vec((-9_000..30_000i32, -50.0..900.0f64), 0..20), 0..16),
        status in option::of(-9_000..30_000i32),
        span in option::of((-9_000..30_000i32, -9_000..30_000i32)),
    ) {
        let hall = |(at, steps): (usize, Vec<(i32, f64)>)| {
            let steps = steps.into_iter().map(|(day, megawatts)| (Day(day), megawatts)).collect();
            Steps::rising(format!("hall-{at}"), steps)
        };
        let halls: Vec<Steps> = steps.into_iter().enumerate().map(hall).collect();
        let plan = halls.first().cloned();
        let span = span.map(|(from, until)| (Day(from), Day(until)));
        let status = status.map(Day);
        let ramp = Ramp { halls, plan, span, status, ..Ramp::default() };
        check(&ramp.draw(Theme::Light));
    }

    #[test]
    fn no_gantt_trips_the_hand_that_draws(
        rows in vec(
            (-90_000..900_000i64, -100..90_000i64, any::<bool>(), option::of(-9.0..900.0f64)),
            0..30,
        ),
        span in option::of((0..600i32, 0..600i32)),
    ) {
        let row = |(start, minutes, critical, float_days)| {
            let from = Minute(start);
            let mut row = Row::new("activity", from, from + Span(minutes));
            let wait = Wait { from: from - Span(700), until: from, what: "racks".into() };
            row.waits.push(wait);
            row.plan = Some((from - Span(minutes), from));
            row.group = format!("hall-{}", start % 3);
            Row { critical, float_days, ..row }
        };
        let rows = rows.into_iter().map(row).collect();
        let span = span.map(|(from, until)| (Day(from), Day(until)));
        check(&Gantt { rows, span, status: Some(Day(99)), ..Gantt::default() }.draw(Theme::Light));
    }

    #[test]
    fn no_cover_trips_the_hand_that_draws(
        quarters in vec((-1_000i64..900, 0i64..500, option::of(-9.0..40.0f64)), 0..60),
        least in option::of(0.0..3.0f64),
    ) {
        let quarter = |(at, (revenue, service, dscr)): (usize, (i64, i64, Option<f64>))| {
            let first = Day(19_723).add_months(3 * at as i32);
            let money = |millions| Money::whole(millions * 1_000_000);
            CoverQuarter { first, revenue: money(revenue), debt_service: money(service), dscr }
        };
        let quarters = quarters.into_iter().enumerate().map(quarter).collect();
        let covenant = least.map(|least| Covenant { name: format!("Covenant {least:.2}x"), least, from: None, until: None });
        check(&Cover { quarters, covenant, ..data::cover() }.draw(Theme::Light));
    }

    #[test]
    fn no_fan_trips_the_hand_that_draws(
        points in vec(
            (
                -9_000..30_000i32,
                option::of(prop::array::uniform5(-50.0..900.0f64)),
                option::of(-0.5..1.5f64),
            ),
            0..60,
        ),
        by_quarter in any::<bool>(),
    ) {
        check(&more::any_fan(points, by_quarter).draw(Theme::Light));
    }

    #[test]
    fn no_curves_trip_the_hand_that_draws(
        curves in vec(
            (
                vec((-90_000..9_000_000i64, 0.0..1.0f64), 0..30),
                option::of((-90..9_000i32, 0.0..1.0f64)),
            ),
            0..14,
        ),
    ) {
        let mut drawn = Vec::new();
        for (points, plan) in curves {
            let mut points: Vec<(Minute, f64)> =
                points.into_iter().map(|(at, share)| (Minute(at), share)).collect();
            points.sort_by_key(|point| point.0);
            let marks = points.iter().map(|point| ("P50".to_owned(), point.0)).collect();
            let plan = plan.map(|(at, share)| (Day(at), share));
            drawn.push(Curve { name: "hall".into(), points, marks, plan });
        }
        check(&Curves { curves: drawn, ..more::curves(0) }.draw(Theme::Light));
    }

    #[test]
    fn no_rows_trip_the_hand_that_draws(
        values in vec((-1e4..1e4f64, -1e4..1e4f64), 0..50),
        columns in 0..50usize,
    ) {
        let named = |at: usize| format!("name of {at}");
        let bars = values.iter().enumerate().map(|(at, &(low, high))| TornadoBar {
            name: named(at),
            low,
            high,
        });
        check(&Tornado { bars: bars.collect(), ..more::tornado(0) }.draw(Theme::Light));
        let steps = values.iter().enumerate().map(|(at, value)| (named(at), value.0)).collect();
        check(&Waterfall { steps, ..more::waterfall(0) }.draw(Theme::Light));
        let row = |(at, &(low, high)): (usize, &(f64, f64))| HeatRow {
            name: named(at),
            cells: (0..columns).map(|of| [None, Some(low), Some(high)][of % 3]).collect(),
        };
        let rows = values.iter().enumerate().map(row).collect();
        let columns = (0..columns).map(named).collect();
        check(&HeatMap { rows, columns, ..more::heat(0, 0) }.draw(Theme::Light));
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
