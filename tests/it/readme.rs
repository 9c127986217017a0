//! What the README tells people to type works, and the site file that it shows is right.

use super::fixture::Fixture;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

/// Fenced blocks of one language.
fn blocks<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
    let fence = format!("```{language}\n");
    let inside = text.split(fence.as_str()).skip(1);
    inside.map(|rest| rest.split("```").next().unwrap_or("")).collect()
}

fn readme() -> Option<String> {
    std::fs::read_to_string(README).ok()
}

#[test]
fn every_command_of_the_readme_runs() {
    let Some(text) = readme() else {
        println!("skipped: there is no README.md");
        return;
    };
    let mut commands = 0;
    for line in blocks(&text, "sh").iter().flat_map(|block| block.lines()) {
        let line = line.split(" #").next().unwrap_or(line).trim();
        let args = line.strip_prefix("cargo run --release -- ");
        let Some(args) = args.or_else(|| line.strip_prefix("energize ")) else { continue };
        commands += 1;
        let fixture = Fixture::new();
        let mut words = args.split_whitespace().map(|word| match word {
            // Paths of the repository are seen from the folder of the test.
            site if site.starts_with("sites/") => format!("{}/{site}", env!("CARGO_MANIFEST_DIR")),
            other => other.to_owned(),
        });
        let words: Vec<String> = words.by_ref().collect();
        fixture.run(&words).fine();
        if let Some(out) = words.iter().position(|word| word == "--out") {
            assert!(fixture.names(&words[out + 1]).contains(&"summary.json".into()), "{line}");
        }
    }
    assert!(commands > 0, "the README shows no command");
}

#[test]
fn every_site_file_of_the_readme_is_right() {
    let Some(text) = readme() else {
        println!("skipped: there is no README.md");
        return;
    };
    for block in blocks(&text, "yaml").iter().filter(|block| block.starts_with("site:")) {
        let ran = Fixture::new().file("site.yaml", block).run(["run", "site.yaml"]);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran}");
    }
}

#[test]
fn the_covenants_of_the_readme_can_be_tested() {
    let Some(text) = readme() else {
        println!("skipped: there is no README.md");
        return;
    };
    let yaml = blocks(&text, "yaml");
    let block = yaml.iter().find_map(|block| block.strip_prefix("covenants:\n")).unwrap();
    let list = block.replacen("  - ", "[", 1).replace("\n  - ", ",\n  ") + "]";
    let site = super::cli_run::SHED.replace("{dscr: 1.20, first_test: 2026-12-31}", &list);
    let ran = Fixture::new().file("site.yaml", site).run(["run", "site.yaml", "--covenants"]);
    let told = ran.fine();
    for words in ["DSCR trailing 12mo", "LTV", "LLCR, perfect foresight"] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

#[test]
fn what_the_readme_shows_is_what_is_printed() {
    let Some(text) = readme() else {
        println!("skipped: there is no README.md");
        return;
    };
    let site = format!("{}/sites/london-blackwell-ultra.yaml", env!("CARGO_MANIFEST_DIR"));
    let slip = ["slip", &site, "energise-1", "--to", "40w", "--step", "8w"];
    assert!(text.contains("energise-1 --to 40w --step 8w`"), "the command above the block");
    for (starts, args) in [
        ("London Blackwell Ultra (hypothetical)\n", &["run", &site][..]),
        ("london-blackwell-ultra: a slip of energise-1\n", &slip),
    ] {
        let shown = blocks(&text, "text").into_iter().find(|block| block.starts_with(starts));
        let printed = Fixture::new().run(args).fine();
        assert_eq!(shown.unwrap().trim_end(), printed.trim_end(), "{starts}");
    }
}
