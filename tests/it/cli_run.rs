//! `energize run` as a user meets it: what it prints, what it writes, what it refuses.

use insta::assert_snapshot;
use serde_json::Value;

use super::fixture::{Fixture, Ran, names_in, wait};

/// Two halls, a contract and a loan: all links of the chain on one screen.
pub const SHED: &str = "\
site: shed
title: Two halls and a loan
start: 2026-01-05
currency: USD
plan: {source: board paper, hall-1.rfs: 2026-03-20, all_online: 2026-04-30}
power: {pue: 1.2, peak_pue: 1.25, energy: 90 USD/MWh}
platforms:
  nvl72: {gpus_per_rack: 72, rack_power: 130 kW, it_overhead: 1.1, price_per_rack: 4M USD}
resources: {riggers: 1}
activities:
  grid: {duration: 8w < 10w < 14w, energises: 7 MW}
halls:
  count: 2
  it_power: 2.5 MW
  activities:
    fit-out: {duration: 9w, cost: 6M USD}
    ist: {duration: 1w, after: [fit-out], ready_for_service: true}
  cluster:
    {platform: nvl72, units: 2, racks_per_unit: 8, install: {duration: 4d, needs: {riggers: 1}},
     burn_in: {duration: 1w}, test: {duration: 1w}, accept: {duration: 1w}}
lots: {platform: nvl72, racks: 32, ex_works: 2026-02-02, transit: 2ew}
contracts:
  - {customer: acme, halls: [hall-*], price: 3.00 USD/GPU-hour, term: 2y, signed: 2026-01-05,
     scheduled_start: 2026-04-15, early_start: true, prepaid: 10%}
equity: {amount: 80M USD}
loans:
  - {id: term, commitment: 70M USD, advance: 60%, rate: 9%, undrawn_fee: 0.5%, close: 2026-01-15,
     available_until: 2026-12-31, amortises_from: 2026-09-30, maturity: 2027-12-31,
     covenants: {dscr: 1.20, first_test: 2026-12-31}}
";

fn shed() -> Fixture {
    Fixture::new().file("shed.yaml", SHED)
}

#[test]
fn a_small_site_is_told_on_one_screen() {
    assert_snapshot!(shed().run(["run", "shed.yaml"]), @r#"
    exit code: 0
    ----- stdout -----
    Two halls and a loan
    likely values, not a P50; 22 activities, 20 links, 62 events

    Dates
                                          plan       model  slip
      first hall ready for service  2026-03-20  2026-03-23  +3 d
      last hall ready for service               2026-03-23
      first unit online                         2026-04-17
      half of the IT MW online                  2026-04-21
      all of the IT MW online       2026-04-30  2026-04-29  -1 d
      planned: 2,304 GPUs, 4.6 IT MW; 5.5 facility MW at average PUE 1.2, 5.7 facility MW at peak PUE 1.25; 7.0 grid MW in 1 stage (7.0 MVA)

    Ramp, at the end of each period
                  online IT MW  facility MW  GPUs ordered  delivered  racked  accepted  billing
      2026-02-28           0.0          0.0         2,304      2,304       0         0        0
      2026-03-31           0.0          0.0         2,304      2,304   1,152         0        0
      2026-04-30           4.6          5.5         2,304      2,304   2,304     2,304    2,304

    What bound from 2026-01-05 until each hall was complete
                                                          hall-days
      power: its stages are not live                              0
      cooling: shell and plant are not through L4               154
      acceptance: units are not racked, tested, accepted         66

    Halls, and what their slip against plan is made of
      2026-03-23  hall-1 ready +3 d: 3 d work up to hall-1.ist
      2026-03-23  hall-2 ready

    Racks in store
             most racks waiting  rack-days  GPU-days  left at the end
      nvl72                  32      1,312    94,464                0

    Critical path, crews and racks included
                                                              start      finish  days  waited d                    started by
      grid                                               2026-01-05  2026-03-16  70.0                        start of the run
      hall-1.ist                                         2026-03-16  2026-03-23   7.0            FS of grid (permanent power)
      hall-1.unit-1.install … hall-2.unit-2.install (4)  2026-03-23  2026-04-08  16.0                        FS of hall-1.ist
      hall-2.unit-2.burn-in                              2026-04-08  2026-04-15   7.0             FS of hall-2.unit-2.install
      hall-2.unit-2.test                                 2026-04-15  2026-04-22   7.0             FS of hall-2.unit-2.burn-in
      hall-2.unit-2.accept                               2026-04-22  2026-04-29   7.0                FS of hall-2.unit-2.test

    By quarter, USD million
               online IT MW  GPUs billing  revenue  costs  EBITDA  interest  debt service  debt   DSCR     ICR
      2026 Q1           0.0             0      0.0    0.0     0.0       0.3           0.3  70.0  0.00x  -0.06x
      2026 Q2           4.6         2,304     11.4    1.0    10.4       1.6           1.6  70.0  0.53x   6.53x
      2026 Q3           4.6         2,304     15.3    1.1    14.2       1.6          13.3  58.3  0.95x   8.82x
      2026 Q4           4.6         2,304     15.3    1.1    14.2       1.3          13.0  46.7  1.29x  10.58x
      2027 Q1           4.6         2,304     14.9    1.1    13.9       1.0          12.7  35.0  0.97x  13.24x
      2027 Q2           4.6         2,304     15.1    1.1    14.0       0.8          12.5  23.3  0.67x  17.67x
      2027 Q3           4.6         2,304     15.3    1.1    14.2       0.5          12.2  11.7  1.04x  26.55x
      2027 Q4           4.6         2,304     15.3    1.1    14.2       0.3          11.9   0.0  1.40x  53.39x
      2028 Q1           4.6         2,304     15.1    1.1    14.0       0.0           0.0   0.0    n/a     n/a
      2028 Q2           4.6             0      3.6    0.4     3.3       0.0           0.0   0.0    n/a     n/a
      costs: power, operations, rent; interest: incurred, fees included; DSCR = CFADS / debt service; ICR = EBITDA / interest

    Money
                                              USD million
      revenue to the horizon                        121.3
      interest incurred                               7.5
        of it expensed                                7.2
        of it capitalised                             0.3
      interest and fees paid                          7.5
      interest incurred before first revenue          0.6
      capital cost incurred                         140.0
      capital cost paid                             140.0
      acme: price for each IT MW and year           13.25
      term: DSCR of at least 1.20x: failed at 3 of 5 tests, first on 2027-03-31 with 0.97x

    ----- stderr -----
    "#);
}

#[test]
fn the_json_summary_has_its_documented_fields() {
    let text = shed().run(["run", "shed.yaml", "--json"]).fine();
    let json: Value = serde_json::from_str(&text).unwrap();
    let keys =
        |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    let first = |key: &str| keys(&json[key][0]).join(" ");
    assert_snapshot!(keys(&json).join(" "), @"generator site title basis currency status_date counts planned dates halls bound_hall_days critical_path money contracts loans quarters covenants files");
    assert_snapshot!(first("dates"), @"name plan date slip_days");
    assert_snapshot!(first("halls"), @"id it_mw plan ready_for_service first_online complete slip");
    assert_snapshot!(first("critical_path"), @"activity start finish waited_days started_by");
    assert_snapshot!(first("quarters"), @"from until online_it_mw gpus_billing revenue ebitda interest_incurred debt_service debt dscr icr");
    assert_snapshot!(keys(&json["money"]).join(" "), @"revenue interest_incurred interest_expensed interest_capitalised interest_paid interest_before_first_revenue first_revenue capex_incurred capex_paid equity_shortfall equity_cures least_dscr least_dscr_tested notes");
    assert_eq!(json["generator"], format!("energize {}", env!("CARGO_PKG_VERSION")));
    assert_eq!(json["planned"]["gpus"], 4 * 8 * 72);
    assert_eq!(json["files"], Value::Array(vec![]), "nothing was written");
    let revenue: f64 = json["money"]["revenue"].as_str().unwrap().parse().unwrap();
    let quarters = json["quarters"].as_array().unwrap();
    let sum: f64 =
        quarters.iter().map(|q| q["revenue"].as_str().unwrap().parse::<f64>().unwrap()).sum();
    assert!((revenue - sum).abs() < 0.01 * quarters.len() as f64, "{revenue} {sum}");
}

/// The files of a folder, each with its bytes.
fn contents(fixture: &Fixture, folder: &str) -> Vec<(String, Vec<u8>)> {
    let path = fixture.path(folder);
    let file = |name: String| (name.clone(), std::fs::read(path.join(&name)).unwrap());
    names_in(&path).into_iter().map(file).collect()
}

#[test]
fn the_folder_holds_exactly_what_its_summary_lists_and_the_same_bytes_every_time() {
    let fixture = shed();
    let printed = fixture.run(["run", "shed.yaml", "--out", "first/results"]).fine();
    assert_eq!(printed, fixture.run(["run", "shed.yaml", "--out", "second"]).fine());
    assert_eq!(fixture.names("."), ["first", "second", "shed.yaml"], "no temporary folder stays");
    let files = contents(&fixture, "first/results");
    assert_eq!(files, contents(&fixture, "second"), "same input, same bytes");

    let summary: Value = serde_json::from_str(&fixture.read("second/summary.json")).unwrap();
    let mut listed: Vec<&str> =
        summary["files"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    listed.sort_unstable();
    let names: Vec<&str> = files.iter().map(|file| file.0.as_str()).collect();
    assert_eq!(names, listed);
    for (name, bytes) in &files {
        assert!(!bytes.is_empty(), "{name} is empty");
        match name.rsplit_once('.').unwrap().1 {
            "png" => assert_is_png(name, bytes),
            "svg" => assert_is_svg(name, bytes),
            "csv" => assert_is_csv(name, bytes),
            _ => {}
        }
    }
}

fn assert_is_png(name: &str, bytes: &[u8]) {
    let decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    let (paper, inked) = (&pixels[..3], pixels.chunks(3).filter(|pixel| *pixel != &pixels[..3]));
    let inked = inked.count();
    assert!(inked > 1_000, "{name}: {inked} pixels differ from its paper {paper:?}");
}

/// Tags nest and close; there is a picture with a size.
fn assert_is_svg(name: &str, bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.starts_with("<svg") && text.contains("xmlns="), "{name}");
    let mut open = Vec::new();
    for tag in text.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').expect("each tag ends");
        let word = tag.split_whitespace().next().unwrap().trim_end_matches('/');
        if let Some(closed) = word.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "{name}");
        } else if !tag.ends_with('/') && !tag.starts_with(['!', '?']) {
            open.push(word);
        }
    }
    assert_eq!(open, Vec::<&str>::new(), "{name}");
}

fn assert_is_csv(name: &str, bytes: &[u8]) {
    let mut reader = csv::Reader::from_reader(bytes);
    let heads = reader.headers().unwrap().len();
    let rows = reader.records().map(|row| row.unwrap().len());
    let rows: Vec<usize> = rows.collect();
    assert!(!rows.is_empty() && rows.iter().all(|&cells| cells == heads), "{name}");
}

#[test]
fn a_folder_of_its_own_is_replaced_and_an_empty_one_used() {
    let fixture = shed();
    std::fs::create_dir(fixture.path("out")).unwrap();
    fixture.run(["run", "shed.yaml", "--out", "out"]).fine();
    let before = contents(&fixture, "out");
    fixture.run(["run", "shed.yaml", "--out", "out", "--delay", "grid=2w"]).fine();
    let after = contents(&fixture, "out");
    assert_eq!(before.len(), after.len());
    assert_ne!(before, after);
    assert_eq!(fixture.names("."), ["out", "shed.yaml"]);
}

#[test]
fn a_foreign_folder_is_refused_untouched_and_forced_without_harm() {
    let fixture = shed().file("out/thesis.txt", "ten years of work");
    let ran = fixture.run(["run", "shed.yaml", "--out", "out"]);
    assert_snapshot!(ran, @r#"
    exit code: 3
    ----- stdout -----

    ----- stderr -----
    energize: out holds `thesis.txt`, which energize did not write; --force writes beside it
    "#);
    assert_eq!(contents(&fixture, "out"), [("thesis.txt".into(), b"ten years of work".to_vec())]);
    fixture.run(["run", "shed.yaml", "--out", "out", "--force"]).fine();
    assert_eq!(fixture.read("out/thesis.txt"), "ten years of work");
    let names = fixture.names("out");
    assert_eq!(names.len(), 12, "{names:?}");
    // Its own files do not make the folder its own.
    assert_eq!(fixture.run(["run", "shed.yaml", "--out", "out"]).code, Some(3));
    assert_eq!(fixture.read("out/thesis.txt"), "ten years of work");
    // Nor does a summary of somebody else's.
    let fixture = shed().file("out/summary.json", r#"{"files": ["summary.json"]}"#);
    fixture.run(["run", "shed.yaml", "--out", "out"]).refused(3);
    assert_eq!(fixture.names("."), ["out", "shed.yaml"]);
}

#[test]
fn a_place_that_cannot_be_written_leaves_nothing_behind() {
    let fixture = shed().file("file", "x");
    assert_snapshot!(fixture.run(["run", "shed.yaml", "--out", "file"]), @r#"
    exit code: 3
    ----- stdout -----

    ----- stderr -----
    energize: file is a file, not a folder
    "#);
    let inside = fixture.run(["run", "shed.yaml", "--out", "file/out"]).refused(3);
    assert!(inside.starts_with("energize: cannot write file/out: "), "{inside}");
    assert_eq!(fixture.names("."), ["file", "shed.yaml"]);
    assert_eq!(fixture.read("file"), "x");
}

#[cfg(unix)]
#[test]
fn a_link_to_a_folder_stays_a_link() {
    let fixture = shed();
    std::fs::create_dir(fixture.path("disk")).unwrap();
    std::os::unix::fs::symlink(fixture.path("disk"), fixture.path("out")).unwrap();
    for _ in 0..2 {
        fixture.run(["run", "shed.yaml", "--out", "out"]).fine();
        assert!(fixture.path("out").is_symlink());
        assert_eq!(fixture.names("disk").len(), 11);
    }
    assert_eq!(fixture.names("."), ["disk", "out", "shed.yaml"]);
}

#[cfg(unix)]
#[test]
fn a_locked_folder_stays_empty() {
    use std::os::unix::fs::PermissionsExt;
    let fixture = shed();
    let locked = fixture.path("locked");
    std::fs::create_dir(&locked).unwrap();
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o555)).unwrap();
    if std::fs::write(locked.join("probe"), "").is_ok() {
        println!("skipped: this user may write anywhere");
        return;
    }
    fixture.run(["run", "shed.yaml", "--out", "locked/out"]).refused(3);
    assert_eq!(fixture.names("locked"), Vec::<String>::new());
}

#[test]
fn a_wrong_file_writes_nothing() {
    let fixture = shed().file("wrong.yaml", SHED.replace("pue: 1.2,", "pue: 0.2,"));
    let told = fixture.run(["run", "wrong.yaml", "--out", "out", "--json"]).refused(2);
    assert!(told.contains("wrong.yaml:6:14"), "{told}");
    assert_eq!(fixture.names("."), ["shed.yaml", "wrong.yaml"]);
}

#[test]
fn a_missing_file_is_named() {
    assert_snapshot!(Fixture::new().run(["run", "nowhere.yaml"]), @r#"
    exit code: 3
    ----- stdout -----

    ----- stderr -----
    energize: cannot read nowhere.yaml: No such file or directory (os error 2)
    "#);
    assert_eq!(Fixture::new().run(["run", "."]).code, Some(3));
}

#[test]
fn quiet_prints_nothing_but_errors() {
    let fixture = shed().file("spare.yaml", SHED.replace("resources: {", "resources: {cooks: 2, "));
    let quiet = |ran: Ran| (ran.code, ran.stdout, ran.stderr);
    let nothing = (Some(0), String::new(), String::new());
    assert!(fixture.run(["run", "spare.yaml"]).stderr.contains("no activity needs `cooks`"));
    assert_eq!(quiet(fixture.run(["run", "spare.yaml", "--quiet", "--out", "out"])), nothing);
    assert_eq!(quiet(fixture.run(["-q", "check", "spare.yaml"])), nothing);
    assert_eq!(fixture.names("out").len(), 11);
    fixture.run(["run", "shed.yaml", "--quiet", "--set", "power.pue=0"]).refused(2);
}

#[test]
fn colours_come_only_where_they_are_asked_for() {
    let escape = |ran: &Ran| ran.stdout.contains('\x1b') || ran.stderr.contains('\x1b');
    let wrong = ["check", "shed.yaml", "--set", "power.pue=0"];
    for args in [&["run", "shed.yaml"][..], &wrong] {
        let fixture = shed();
        let run = |more: &[&str]| fixture.run(args.iter().chain(more));
        assert!(!escape(&run(&[])), "a pipe is no terminal");
        assert!(!escape(&run(&["--color", "never"])));
        let coloured = run(&["--color", "always"]);
        assert!(escape(&coloured));
        let fixture = shed().env("NO_COLOR", "1").env("TERM", "xterm");
        assert!(!escape(&fixture.run(args)));
        // Colours change nothing else.
        let text = format!("{}{}", coloured.stdout, coloured.stderr);
        let plain = fixture.run(args);
        assert_eq!(without_escapes(&text), plain.stdout + &plain.stderr);
    }
}

fn without_escapes(text: &str) -> String {
    let mut parts = text.split('\x1b');
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |sum, part| sum + part.split_once('m').unwrap().1)
}

#[test]
fn every_help_shows_examples() {
    for args in [
        &["--help"][..],
        &["run", "--help"],
        &["check", "--help"],
        &["schedule", "--help"],
        &["help", "run"],
    ] {
        let help = Fixture::new().run(args).fine();
        assert!(help.contains("Examples:\n  energize "), "{help}");
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
    }
    let version = Fixture::new().run(["--version"]).fine();
    assert_eq!(version, format!("energize {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_wrong_command_line_is_wrong_input() {
    for args in [
        &[][..],
        &["run"],
        &["fly"],
        &["run", "shed.yaml", "--delay"],
        &["run", "shed.yaml", "--force"],
        &["run", "shed.yaml", "--colour"],
        &["check", "shed.yaml", "--out", "out"],
    ] {
        let told = shed().run(args).refused(2);
        assert!(told.contains("Usage: energize") || told.contains("try '--help'"), "{told}");
    }
}

#[test]
fn a_reader_that_hangs_up_is_no_crash() {
    let fixture = shed();
    let deep = "---\n".to_owned() + &"x: [1, 2]\n".repeat(20_000);
    fixture.write("many.yaml", deep);
    for args in
        [&["run", "shed.yaml"][..], &["run", "shed.yaml", "--json"], &["check", "many.yaml"]]
    {
        let mut child = fixture.spawn(args);
        drop((child.stdout.take(), child.stderr.take()));
        let code = wait(&mut child);
        assert!(matches!(code, Some(0 | 2)), "{args:?}: {code:?}");
    }
}
