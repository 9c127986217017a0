//! Text that is no site file, or hardly one: always an error in time, never a crash.

use proptest::prelude::*;

use super::cli_check::check;
use super::cli_run::SHED;
use super::fixture::Fixture;

#[test]
fn broken_yaml_is_told_in_words() {
    for text in
        ["site: [", "site: \"x", "site: a: b", "site:\n\tx: 1", "a: *x", "a: }", "- a\nb: 1"]
    {
        let told = check(text).refused(2);
        let message = told.lines().next().unwrap();
        let (id, words) = message.split_once(": ").unwrap_or((message, ""));
        assert!(id.starts_with("error[") && words.len() > 8, "{text:?} is told as {told}");
    }
}

#[test]
fn hostile_files_end_in_an_error() {
    let mut bomb = String::from("a: &a [x,x,x,x,x,x,x,x,x]\n");
    for (this, last) in ('b'..='z').zip('a'..='y') {
        bomb.push_str(&format!("{this}: &{this} [*{last},*{last},*{last},*{last},*{last}]\n"));
    }
    let deep = (0..2_000).map(|depth| " ".repeat(depth) + "a:\n").collect::<String>();
    let strangers: String =
        (0..20_000).map(|n| format!("  a{n:05}: {{duration: 1w, after: [b{n:05}]}}\n")).collect();
    let long = "a".repeat(900_000);
    let files: [(&str, Vec<u8>); 15] = [
        ("unknown-activity", format!("site: x\nstart: 2026-01-05\nactivities:\n{strangers}").into()),
        (
            "unknown-calendar",
            format!("site: x\nstart: 2026-01-05\ncalendars: {{? {long} : {{week: 24x7}}}}\ncalendar: {long}b\n").into(),
        ),
        ("alias-bomb", bomb.into()),
        ("yaml-syntax", format!("site: {}", "[".repeat(1_000_000)).into()),
        ("yaml-syntax", deep.into()),
        ("value-too-long", format!("site: {}", "x".repeat(2_000_000)).into()),
        ("yaml-syntax", "\u{80}\u{1}".into()),
        ("yaml-syntax", format!("site: x\n{}: 1\n", "k".repeat(2_000_000)).into()),
        ("empty-file", Vec::new()),
        ("empty-file", b"\n\n# nothing\n".to_vec()),
        ("binary-file", b"site: x\0\n".to_vec()),
        ("not-text", b"\x7fELF\x02\xff\xfe\x80".to_vec()),
        ("too-many", SHED.replace("  count: 2", "  count: 4000000000").into()),
        ("too-many", SHED.replace("units: 2,", "units: 4000000000,").into()),
        ("too-much-money", SHED.replace("3.00 USD", "3_000_000_000 USD").into()),
    ];
    for (id, text) in files {
        let told = check(text).refused(2);
        assert!(told.contains(&format!("error[{id}]")), "{id}: {}", &told[..told.len().min(2_000)]);
    }
}

#[test]
fn a_thousand_mistakes_are_not_all_shown() {
    let lines: String = (0..5_000).map(|n| format!("key-{n}: 1\n")).collect();
    let told = check(SHED.to_owned() + &lines).refused(2);
    assert!(told.ends_with("200 errors; no more are shown\n"), "{}", &told[told.len() - 200..]);
}

/// Loads bytes as the program does; what is refused has an error, what is not has none.
fn load(text: Vec<u8>) {
    let input = energize::model::Input { name: "site.yaml".into(), text, ..Default::default() };
    let loaded = energize::model::load(input);
    let error = |f: &energize::spec::Finding| f.severity == energize::spec::Severity::Error;
    assert_eq!(loaded.site.is_none(), loaded.findings.iter().any(error));
    for finding in &loaded.findings {
        assert!(!finding.message.is_empty(), "{finding:?}");
        let place = loaded.sources.place(finding.at.start);
        assert!(place.is_some(), "a place for {finding:?}");
    }
    energize::report::findings_text(&loaded.sources, &loaded.findings);
    energize::report::findings_json(&loaded.sources, &loaded.findings);
    if let Some(site) = loaded.site {
        energize::report::run_text(&site, &energize::analysis::run(&site));
    }
}

/// A site file with a few slips: lines lost, doubled, swapped; values exchanged for others.
fn slipped() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("0"),
        Just("-1"),
        Just("9999999999"),
        Just("1e9"),
        Just(""),
        Just("~"),
        Just("[]"),
        Just("{}"),
        Just("[a, b]"),
        Just("{a: b}"),
        Just("5%"),
        Just("100%"),
        Just("-3%"),
        Just("2026-02-29"),
        Just("1970-01-01"),
        Just("2150-12-31"),
        Just("12w"),
        Just("0d"),
        Just("3w < 2w"),
        Just("99999w"),
        Just("1ew"),
        Just("5y"),
        Just("£1"),
        Just("900B USD"),
        Just("0 USD"),
        Just("7 JPY"),
        Just("900 GW"),
        Just("0 MW"),
        Just("1 MVA"),
        Just("true"),
        Just("hall-1"),
        Just("grid"),
        Just("*"),
        Just("hall-1..hall-2"),
        Just("é\u{301}\u{1f600}"),
        Just("\"quoted: #\""),
        Just("&a x"),
        Just("*a"),
        Just("1.0000000001"),
        Just("0.5 USD/MWh"),
    ];
    let slip = (0..5_u8, any::<prop::sample::Index>(), any::<prop::sample::Index>(), value);
    prop::collection::vec(slip, 1..4).prop_map(|slips| {
        let mut text = SHED.to_owned();
        for (kind, one, other, value) in slips {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            if lines.is_empty() {
                break;
            }
            let (one, other) = (one.index(lines.len()), other.index(lines.len()));
            match kind {
                0 => drop(lines.remove(one)),
                1 => lines.insert(one, lines[other].clone()),
                2 => lines.swap(one, other),
                _ => lines[one] = with_value(&lines[one], other, value),
            }
            text = lines.join("\n") + "\n";
        }
        text
    })
}

/// The line with one of its values exchanged.
fn with_value(line: &str, nth: usize, value: &str) -> String {
    let starts: Vec<usize> = line.match_indices(": ").map(|(at, _)| at + 2).collect();
    if starts.is_empty() {
        return format!("{line} {value}");
    }
    let start = starts[nth % starts.len()];
    let length = line[start..].find([',', '}', '{', '[']).unwrap_or(line.len() - start);
    format!("{}{value}{}", &line[..start], &line[start + length..])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_text_brings_the_loader_down(text in prop::collection::vec(any::<u8>(), 0..300)) {
        load(text);
    }

    #[test]
    fn no_slip_in_a_site_file_brings_a_run_down(text in slipped()) {
        load(text.into_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_program_ends_well_or_refuses(
        bytes in prop::collection::vec(any::<u8>(), 0..2_000),
        text in slipped(),
    ) {
        for text in [bytes, text.into_bytes()] {
            let ran = Fixture::new().file("site.yaml", text).run(["run", "site.yaml", "--json"]);
            prop_assert!(matches!(ran.code, Some(0 | 2)), "{}", ran);
            prop_assert_eq!(ran.stdout.is_empty(), ran.code == Some(2), "{}", ran);
        }
    }
}
