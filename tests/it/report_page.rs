//! The report page as a file: what it holds, that it can load and run nothing from elsewhere, that
//! its bytes depend on input and seed alone.

use insta::assert_snapshot;
use sha2::{Digest, Sha256};

use crate::fixture::Fixture;

/// Names and comments as an enemy would choose them.
pub const HOSTILE: &str = r#"# </script><script>window.hacked=1</script> "quotes" 'too'
site: shed   # <img src=x onerror=alert(1)> est
title: "</title><script>window.hacked=1</script> \"A\" & 'B' javascript:alert(1) \u202Edlrow\u202C"
start: 2026-01-05
status_date: 2026-01-26
currency: USD
power: {pue: 1.2, peak_pue: 1.3}   # [javascript:alert(1)](javascript:alert(1)) hypothetical
plan: {source: '<b>me</b>', all_online: 2026-05-01}
activities:
  ground: {duration: 1w < 2w < 5w, title: '</script><script>window.hacked=1</script>'}
  grid: {duration: 1w, after: [ground], energises: 5 MW, title: '"><svg onload=alert(1)>'}
platforms:
  p: {gpus_per_rack: 72, rack_power: 100 kW, it_overhead: 1.0}
halls:
  count: 2
  it_power: 1 MW
  activities:
    fit: {duration: 2w < 3w < 6w, after: [ground], commissions_cooling: true}
    ist: {duration: 1w, after: [fit, grid], ready_for_service: true}
  cluster:
    platform: p
    units: 1
    racks_per_unit: 4
    install: {duration: 2d}
    burn_in: {duration: 1ew}
    test:    {duration: 1ew}
    accept:  {duration: 1d}
lots:
  - {platform: p, racks: 8, ex_works: 2026-03-02, transit: 1ew}
contracts:
  - {customer: "<i>tenant</i>", halls: [hall-*], price: 2 USD/GPU-hour, term: 1y,
     signed: 2026-01-26, scheduled_start: 2026-05-01, long_stop: 2026-12-31}
"#;

/// One activity, nothing else.
const SMALL: &str = "site: dot\nstart: 2026-01-05\nactivities:\n  only: {duration: 1w}\n";

fn shipped(name: &str) -> String {
    format!("{}/sites/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// What stands between each opening tag and its end.
fn elements<'p>(page: &'p str, open: &str, close: &str) -> Vec<&'p str> {
    let after = page.split(open).skip(1);
    after.map(|rest| rest.split(close).next().unwrap()).collect()
}

/// Whether the page is safe to open: its policy lets nothing run but its own scripts, and nothing
/// in it asks for more.
fn check(page: &str) {
    let policy = elements(page, "Content-Security-Policy\" content=\"", "\">")[0];
    let policy = policy.replace("&#39;", "'");
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    for word in ["unsafe", "http", "*", "'self'"] {
        assert!(!policy.contains(word), "{policy}");
    }
    let scripts = elements(page, "<script>", "</script>");
    let styles = elements(page, "<style>", "</style>");
    assert_eq!((scripts.len(), styles.len()), (2, 1));
    for text in scripts.iter().chain(&styles) {
        let hash = format!("'sha256-{}'", base64(&Sha256::digest(text)));
        assert!(policy.contains(&hash), "{hash} is not in {policy}");
    }
    let mut markup = page.to_owned();
    for text in scripts.iter().chain(&styles) {
        markup = markup.replace(text, "");
    }
    for data in elements(page, "<script type=\"application/json\" id=\"programme-data\">", "</s") {
        assert!(!data.contains(['<', '>']), "data ends its element");
        serde_json::from_str::<serde_json::Value>(data).unwrap();
        markup = markup.replace(data, "");
    }
    // Of each tag, what is not inside quotes.
    for tag in markup.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap();
        let names: String = tag.split('"').step_by(2).collect();
        assert!(!names.contains(" style=") && !names.contains(" on"), "<{tag}>");
        for link in elements(tag, " href=\"", "\"") {
            assert!(link.starts_with('#'), "<{tag}>");
        }
        for source in
            elements(tag, " src=\"", "\"").into_iter().chain(elements(tag, "srcset=\"", "\""))
        {
            assert!(source.starts_with("data:image/svg+xml;base64,"), "<{tag}>");
        }
    }
}

fn base64(bytes: &[u8]) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let mut text = String::new();
    for at in (0..bits.len()).step_by(6) {
        let six = format!("{:0<6}", &bits[at..bits.len().min(at + 6)]);
        text.push(char::from(letters[usize::from_str_radix(&six, 2).unwrap()]));
    }
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

#[test]
fn text_of_a_file_never_becomes_markup() {
    let fixture = Fixture::new().file("site.yaml", HOSTILE);
    fixture.run(["report", "site.yaml", "--trials", "40", "-o", "page.html"]).fine();
    let page = fixture.read("page.html");
    check(&page);
    assert!(!page.contains("<script>window.hacked") && !page.contains("<img src=x"));
    assert!(page.contains("&lt;/title&gt;&lt;script&gt;window.hacked=1&lt;/script&gt;"));
    assert!(!page.contains('\u{202E}'), "what turns the text after it around is not written");
    let marks = elements(&page, "<th scope=\"row\">power</th>", "</tr>")[0];
    assert!(marks.contains(">hypothetical</td>"), "{marks}");
}

#[test]
fn the_same_input_and_seed_give_the_same_bytes() {
    let fixture = Fixture::new().file("site.yaml", HOSTILE);
    let report = ["report", "site.yaml", "--trials", "130"];
    let more = [
        ["--threads", "1", "-o", "one.html"],
        ["--threads", "3", "-o", "three.html"],
        ["--seed", "2", "-o", "other.html"],
    ];
    for more in more {
        fixture.run(report.into_iter().chain(more)).fine();
    }
    assert!(fixture.read("one.html") == fixture.read("three.html"));
    assert!(fixture.read("one.html") != fixture.read("other.html"));
}

#[test]
fn the_command_on_the_page_makes_the_page_again() {
    let fixture = Fixture::new().file("my site.yaml", HOSTILE);
    let first = ["report", "my site.yaml", "--delay", "grid=2w", "--set", "power.pue=1.25"];
    let rest = ["--trials", "30", "--seed", "9", "-o", "first.html"];
    fixture.run(first.into_iter().chain(rest)).fine();
    let page = fixture.read("first.html");
    let command = elements(&page, "data-key=\"command\">", "</code>")[0].replace("&#39;", "'");
    assert_snapshot!(command, @"energize report 'my site.yaml' --set power.pue=1.25 --delay grid=2w --trials 30 --seed 9 -o report.html");
    let mut words: Vec<String> = Vec::new();
    for (at, part) in command.split('\'').enumerate() {
        match at % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    fixture.run(&words[1..]).fine();
    assert!(page == fixture.read("report.html"));
    let hash: String = Sha256::digest(HOSTILE).iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(page.contains(&hash), "the hash of the input stands on the page");
}

#[test]
fn without_trials_nothing_on_the_page_speaks_of_chance() {
    let fixture = Fixture::new().file("site.yaml", HOSTILE);
    fixture.run(["report", "site.yaml", "--trials", "0", "-o", "page.html"]).fine();
    let page = fixture.read("page.html");
    check(&page);
    for key in ["p50", "p80"] {
        assert!(!page.contains(&format!("data-key=\"{key}\"")), "{key}");
    }
    assert!(page.contains("data-key=\"trials\">none were run<"));
    assert!(page.contains("likely values, not a P50; no trials were run"));
}

#[test]
fn a_small_site_and_a_schedule_have_pages_too() {
    let fixture = Fixture::new().file("dot.yaml", SMALL);
    for site in ["dot.yaml", &shipped("two-halls.xer")] {
        fixture.run(["report", site, "--trials", "20", "-o", "page.html", "--force"]).fine();
        check(&fixture.read("page.html"));
    }
}

#[test]
fn a_portfolio_of_many_sites_stays_below_ten_megabytes() {
    let fixture = Fixture::new();
    let site = shipped("operator-2025.yaml");
    fixture.run(["report", &site, "--trials", "20", "-o", "page.html"]).fine();
    let page = fixture.read("page.html");
    check(&page);
    assert!(page.len() < 10_000_000, "{} bytes", page.len());
    for part in ["Headline", "Programme", "Loans", "Covenants", "Assumptions", "Make it again"] {
        assert!(page.contains(&format!("-title\">{part}</h2>")), "{part}");
    }
}

#[test]
fn a_page_that_is_there_is_replaced_only_when_told_and_never_by_half() {
    let fixture = Fixture::new().file("site.yaml", HOSTILE).file("bad.yaml", "site: x\n");
    fixture.write("page.html", "mine");
    let kept = fixture.run(["report", "site.yaml", "--trials", "0", "-o", "page.html"]);
    assert_snapshot!(kept.refused(3), @"energize: page.html exists; --force replaces it");
    assert_eq!(fixture.read("page.html"), "mine");
    let wrong = ["report", "bad.yaml", "--trials", "0", "-o", "page.html", "--force"];
    assert_eq!(fixture.run(wrong).code, Some(2));
    assert_eq!(fixture.read("page.html"), "mine");
    let forced = ["report", "site.yaml", "--trials", "0", "-o", "page.html", "--force"];
    fixture.run(forced).fine();
    assert!(fixture.read("page.html").starts_with("<!doctype html>"));
    assert_eq!(fixture.names("."), ["bad.yaml", "page.html", "site.yaml"]);
}
