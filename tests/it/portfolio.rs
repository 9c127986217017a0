//! Portfolios: sites side by side, what they share, and what is refused.

use std::collections::BTreeMap;

use energize::analysis;
use energize::chance::Plan as Draws;
use energize::model::{Input, Loaded, MemberFile, Site, load};
use energize::report;
use energize::risk::{Drawn, Study};
use energize::time::Day;

const HEAD: &str = "
portfolio: pair
start: 2026-01-05
currency: USD
calendars: {build: {week: Mon-Fri 08:00-17:00}}
platforms:
  nvl72: {gpus_per_rack: 72, rack_power: 136 kW, it_overhead: 1.16, price_per_rack: 3.9M USD}
resources: {commissioning-team: 1}
power: {pue: 1.2, energy: 60 USD/MWh}
shell: {owned: true}
archetypes:
  small:
    activities:
      envelope: {duration: 8w < 10w < 16w, calendar: build, cost: 20M USD}
      energise: {duration: 2w, after: [envelope], energises: 10 MW}
    halls:
      count: 1
      it_power: 6 MW
      activities:
        fit-out: {duration: 4w, after: [envelope], calendar: build}
        ist:
          {duration: 2w, after: [fit-out], needs: {commissioning-team: 1}, ready_for_service: true}
      cluster:
        {platform: nvl72, units: 4, racks_per_unit: 8, install: {duration: 3d, calendar: build},
         burn_in: {duration: 48h}, test: {duration: 3d}, accept: {duration: 2d}}
contracts:
  - {customer: acme, halls: ['*'], price: 2.6 USD/GPU-hour, term: 4y, signed: 2026-01-05,
     scheduled_start: 2026-06-01}
";

const TWO: &str = "
sites:
  alpha: {like: small, groups: [texas]}
  beta: {like: small, groups: [texas], set: {activities.envelope.duration: 12w}}
";

const LOTS: &str = "
lots:
  - {platform: nvl72, racks: 48, ex_works: 2026-04-01, transit: 2ew}
  - {platform: nvl72, racks: 16, ex_works: 2026-08-01, transit: 2ew}
";

fn changed(parts: &[&str], scenarios: &[&str], as_of: Option<&str>) -> Loaded {
    let named = |text: &&str| ("scenario.yaml".to_owned(), text.as_bytes().to_vec());
    load(Input {
        name: "pair.yaml".into(),
        text: parts.concat().into_bytes(),
        scenarios: scenarios.iter().map(named).collect(),
        as_of: as_of.map(|day| Day::from_date(day.parse().expect("a date"))),
        ..Input::default()
    })
}

fn loaded(parts: &[&str], members: Vec<MemberFile>, sets: &[&str], delays: &[&str]) -> Loaded {
    let text = parts.concat().into_bytes();
    let (sets, delays) = (sets.iter(), delays.iter());
    load(Input {
        name: "pair.yaml".into(),
        text,
        members,
        sets: sets.map(|set| (*set).to_owned()).collect(),
        delays: delays.map(|delay| (*delay).to_owned()).collect(),
        ..Input::default()
    })
}

fn site(loaded: Loaded) -> Site {
    let told: Vec<&str> = loaded.findings.iter().map(|finding| &*finding.message).collect();
    loaded.site.unwrap_or_else(|| panic!("refused: {told:#?}"))
}

fn pair(sets: &[&str], delays: &[&str]) -> Site {
    site(loaded(&[HEAD, TWO, LOTS], Vec::new(), sets, delays))
}

fn ready(site: &Site, hall: &str) -> String {
    let run = analysis::run(site);
    let at = site.halls.iter().position(|found| found.id == hall).expect("a hall");
    run.ramp.halls[at].ready.day().to_string()
}

fn errors(parts: &[&str], sets: &[&str], delays: &[&str]) -> String {
    let loaded = loaded(parts, Vec::new(), sets, delays);
    assert!(loaded.site.is_none(), "not refused");
    report::findings_text(&loaded.sources, &loaded.findings)
}

#[test]
fn sites_share_the_crew_that_the_portfolio_states() {
    let both = pair(&["sites.beta.activities.envelope.duration=10w"], &[]);
    assert_eq!(ready(&both, "alpha/hall-1"), "2026-04-24");
    assert_eq!(ready(&both, "beta/hall-1"), "2026-05-08", "two weeks later: one team");
    let own = "sites.beta.resources={commissioning-team: 1}";
    let apart = pair(&["sites.beta.activities.envelope.duration=10w", own], &[]);
    assert_eq!(ready(&apart, "beta/hall-1"), "2026-04-24", "a team of its own");
}

#[test]
fn a_site_that_shares_nothing_runs_as_it_does_alone() {
    let lots = "
    lots: [{platform: nvl72, racks: 32, ex_works: 2026-04-01, transit: 2ew}]
    resources: {commissioning-team: 1}
    ";
    let sites = format!("allocation: dedicated\nsites:\n  alpha:\n    like: small{lots}\n");
    let sites = format!("{sites}\n  beta:\n    like: small{lots}\n");
    let both = site(loaded(&[HEAD, &sites], Vec::new(), &[], &[]));
    let one = sites.split("  beta:").next().expect("text").to_owned();
    let alone = site(loaded(&[HEAD, &one], Vec::new(), &[], &[]));
    let (both, alone) = (analysis::run(&both), analysis::run(&alone));
    let count = alone.timeline.start.len();
    assert_eq!(both.timeline.start[..count], alone.timeline.start[..]);
    assert_eq!(both.timeline.finish[..count], alone.timeline.finish[..]);
    let revenue = |run: &analysis::Run| -> i64 {
        run.quarters.iter().map(|quarter| quarter.flows.revenue.0).sum()
    };
    assert_eq!(revenue(&both), 2 * revenue(&alone), "two of the same earn twice as much");
}

/// Rows of some trials, by column.
fn trials(site: &Site) -> BTreeMap<String, Vec<i64>> {
    let study = Study::new(site, 5, Draws::Plain, true);
    let layout = &study.outcome.layout;
    let (mut runner, mut drawn) = (study.trials(), Drawn::default());
    let mut columns: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for trial in 0..40 {
        study.sampler.fill(trial, 1, &mut drawn);
        let row = runner.run(&drawn, 0, &mut vec![0; layout.sums]).to_vec();
        for (column, value) in layout.columns.iter().zip(row) {
            columns.entry(column.name.clone()).or_default().push(value);
        }
    }
    columns
}

#[test]
fn trials_of_a_site_are_those_of_it_alone() {
    let lots = "
    lots: [{platform: nvl72, racks: 32, ex_works: 2026-04-01, transit: 2ew}]
    resources: {commissioning-team: 1}
    ";
    let risk = "risk: {factors: {wind: {spread: 0.9 < 1 < 1.3, on: [envelope], sites: ['*'], each: true}}}\n";
    let sites = format!("{risk}allocation: dedicated\nsites:\n  alpha:\n    like: small{lots}\n");
    let both = format!("{sites}\n  beta:\n    like: small{lots}\n");
    let both = trials(&site(loaded(&[HEAD, &both], Vec::new(), &[], &[])));
    let alone = trials(&site(loaded(&[HEAD, &sites], Vec::new(), &[], &[])));
    let dates = alone.iter().filter(|(name, _)| name.starts_with("finish:alpha"));
    assert!(dates.clone().count() >= 2);
    for (name, values) in dates {
        assert_eq!(values, &both[name], "{name}");
    }
    let halls = ["alpha", "beta"].map(|site| &both[&format!("finish:{site}/hall-1.ist")]);
    assert_ne!(halls[0], halls[1], "sites draw for themselves");
}

#[test]
fn racks_go_to_the_site_that_is_ready_unless_lots_are_dedicated() {
    let lots = "
lots:
  - {id: first, site: beta, platform: nvl72, racks: 32, ex_works: 2026-04-01, transit: 2ew}
  - {id: second, site: alpha, platform: nvl72, racks: 32, ex_works: 2026-08-01, transit: 2ew}
";
    let last_start = |allocation: &str| {
        let site = site(loaded(&[HEAD, TWO, lots], Vec::new(), &[allocation], &[]));
        let run = analysis::run(&site);
        let days: f64 = analysis::stock(&site, &run.timeline).iter().map(|s| s.gpu_days).sum();
        let online = run.ramp.halls.iter().map(|hall| hall.steps.last().expect("steps").at);
        (online.map(|at| at.day().to_string()).collect::<Vec<_>>(), days)
    };
    let (dedicated, idle) = last_start("allocation=dedicated");
    let (pooled, waited) = last_start("allocation=readiness");
    assert_eq!(dedicated, ["2026-08-26", "2026-05-20"]);
    assert_eq!(pooled, ["2026-05-06", "2026-08-26"], "alpha takes what beta cannot use yet");
    assert!(waited < idle, "{waited} GPU-days against {idle}");
}

#[test]
fn sites_are_set_and_delayed_by_name_pattern_and_group() {
    let base = pair(&[], &[]);
    assert_eq!(ready(&base, "alpha/hall-1"), "2026-04-24");
    for name in ["alpha", "texas", "al*"] {
        let delayed = pair(&[], &[&format!("{name}/*.fit-out=2w")]);
        assert_eq!(ready(&delayed, "alpha/hall-1"), "2026-05-08", "{name}");
        let set = pair(&[&format!("sites.{name}.halls.activities.fit-out.duration=6w")], &[]);
        assert_eq!(ready(&set, "alpha/hall-1"), "2026-05-08", "{name}");
    }
}

#[test]
fn what_is_wrong_between_sites_names_both_places() {
    let text = errors(&[HEAD, TWO, LOTS], &[], &["gamma/fit-out=2w"]);
    assert!(text.contains("no site or group is called `gamma`"), "{text}");
    let text = errors(&[HEAD, TWO, LOTS], &["sites.alpa.power.pue=1.3"], &[]);
    assert!(text.contains("did you mean `alpha`"), "{text}");
    let text = errors(
        &[HEAD, TWO, LOTS],
        &["sites.beta.currency=EUR", "sites.beta.fx={USD: {2026-01-05: 0.9}}"],
        &[],
    );
    assert!(text.contains("`beta` has the currency EUR, the portfolio USD"), "{text}");
    let twice = "sites: {alpha: {like: small}, alpha: {like: small}}\n";
    let text = errors(&[HEAD, twice, LOTS], &[], &[]);
    assert!(text.contains("alpha") && text.contains("twice"), "{text}");
    let missing = "sites: {alpha: {file: nowhere.yaml}}\n";
    let file = MemberFile { path: "nowhere.yaml".into(), layers: Err("no such file".into()) };
    let loaded = loaded(&[HEAD, missing, LOTS], vec![file], &[], &[]);
    let text = report::findings_text(&loaded.sources, &loaded.findings);
    assert!(text.contains("cannot read `nowhere.yaml`: no such file"), "{text}");
    let circle = "
links:
  alpha/envelope: [beta/energise]
  beta/envelope: [alpha/energise]
";
    let text = errors(&[HEAD, TWO, LOTS, circle], &[], &[]);
    assert!(text.contains("a cycle"), "{text}");
    for name in ["alpha/envelope", "beta/envelope"] {
        assert!(text.contains(name), "{text}");
    }
    let text = errors(
        &[HEAD, TWO, LOTS],
        &["sites.beta.halls.activities.ist.needs.commissioning-team=2"],
        &[],
    );
    assert!(
        text.contains("2 of `commissioning-team` are asked for; there are never more"),
        "{text}"
    );
    let text = errors(&[HEAD, TWO, LOTS], &["allocation=dedicated"], &[]);
    assert!(text.contains("`lot-1` is dedicated to no site"), "{text}");
    let sold = "    contracts: [{customer: other, halls: [hall-1], price: 2 USD/GPU-hour, term: 1y, \
                signed: 2026-01-05, scheduled_start: 2026-06-01}]\n";
    let sites = format!("sites:\n  alpha:\n    like: small\n{sold}");
    let text = errors(&[HEAD, &sites, LOTS], &[], &[]);
    assert!(text.contains("is sold to `acme` and to `alpha/other`"), "{text}");
}

#[test]
fn a_link_across_sites_holds_work_back() {
    let link = "links: {beta/fit-out: []}\n";
    let text = errors(&[HEAD, TWO, LOTS, link], &[], &[]);
    assert!(text.contains("no activity is called `beta/fit-out`"), "{text}");
    let link = "links: {beta/envelope: [alpha/energise FS+2w]}\n";
    let site = site(loaded(&[HEAD, TWO, LOTS, link], Vec::new(), &[], &[]));
    let at = |id: &str| site.plan.activities.iter().position(|a| a.id == id).expect("there");
    let run = analysis::run(&site);
    let after = run.timeline.finish[at("alpha/energise")];
    let begun = run.timeline.start[at("beta/envelope")];
    assert!((begun - after).days() >= 14.0, "{after} {begun}");
}

#[test]
fn a_site_in_a_file_counts_over_what_the_portfolio_says_for_all() {
    let text = "site: elsewhere\nstart: 2026-03-02\nactivities: {works: {duration: 1w}}\n";
    let layers = Ok(vec![("elsewhere.yaml".to_owned(), text.as_bytes().to_vec())]);
    let file = MemberFile { path: "elsewhere.yaml".into(), layers };
    let sites = "sites: {alpha: {like: small}, works: {file: elsewhere.yaml}}\n";
    let site = site(loaded(&[HEAD, sites, LOTS], vec![file], &[], &[]));
    let at = site.plan.activities.iter().position(|a| a.id == "works/works").expect("there");
    let run = analysis::run(&site);
    assert_eq!(run.timeline.start[at].day().to_string(), "2026-03-02");
}

#[test]
fn a_scenario_sets_scales_adds_removes_and_delays() {
    let whole = |scenarios: &[&str]| site(changed(&[HEAD, TWO, LOTS], scenarios, None));
    let late = "scenario: late\napplies_to: pair\ndelay: {texas: 28d}\n";
    assert_eq!(ready(&whole(&[]), "alpha/hall-1"), "2026-04-24");
    assert_eq!(ready(&whole(&[late]), "alpha/hall-1"), "2026-05-08", "its power comes 28 d later");
    let one = "scenario: one\nremove: [sites.beta]\n";
    assert_eq!(whole(&[one]).halls.len(), 1);
    let hall = "scenario: hall\nset: {sites.alpha.halls.count: 1}\nscale: {sites.texas.activities.\
                envelope.duration: 50%}\n";
    let quick = whole(&[hall]);
    let at = quick.plan.activities.iter().position(|a| a.id == "alpha/envelope").expect("there");
    let work = quick.plan.activities[at].duration;
    assert_eq!(work.0, 5 * 5 * 9 * 60, "five weeks in place of ten");
    let more = "scenario: more\nadd: {lots: [{platform: nvl72, racks: 8, ex_works: 2026-09-01, \
                transit: 2ew}]}\n";
    assert_eq!(whole(&[more]).lots.len(), 3);
    let after = "scenario: worse\nafter: late\ndelay: {alpha: 7d}\n";
    assert_eq!(ready(&whole(&[late, after]), "alpha/hall-1"), "2026-05-15");
}

#[test]
fn a_scenario_that_names_nothing_is_refused_with_the_nearest_name() {
    for (text, message) in [
        ("scenario: x\nremove: [sites.bta]\n", "did you mean `beta`"),
        ("scenario: x\nset: {sites.alpa.power.pue: 1.3}\n", "did you mean `alpha`"),
        ("scenario: x\nscale: {contracts.acm.price: 90%}\n", "did you mean `acme`"),
        ("scenario: x\nscale: {sites.texas.activities.envlope.duration: 2}\n", "`envelope`"),
        ("scenario: x\ndelay: {texs: 5d}\n", "did you mean `texas`"),
        ("scenario: x\nadd: {lotz: [1]}\n", "did you mean `lots`"),
        ("scenario: x\nscale: {sites.beta.like: 2}\n", "holds no number"),
        ("scenario: x\nafter: y\n", "`x` comes after `y`"),
        ("scenario: x\napplies_to: other\n", "made for `other`, laid over `pair`"),
        ("scenario: x\nsett: {}\n", "unknown key `sett`"),
        ("title: x\n", "the key `scenario` is missing"),
    ] {
        let loaded = changed(&[HEAD, TWO, LOTS], &[text], None);
        assert!(loaded.site.is_none(), "not refused: {text}");
        let told = report::findings_text(&loaded.sources, &loaded.findings);
        assert!(told.contains(message), "{text}: {told}");
    }
}

#[test]
fn what_became_known_later_is_cut_and_revisions_are_laid_over() {
    let sites = "
sites:
  alpha: {like: small, known: 2026-01-10}
  beta: {like: small, known: 2026-03-01}
revisions:
  - known: 2026-02-01
    source: the builder
    sites: {alpha: {activities: {envelope: {duration: 12w}}}}
    contracts: {acme: {term: 5y}}
  - known: 2026-01-20
    sites: {alpha: {activities: {envelope: {duration: 11w}}}}
";
    let at = |day| site(changed(&[HEAD, sites, LOTS], &[], day));
    assert_eq!(at(None).halls.len(), 2);
    assert_eq!(ready(&at(None), "alpha/hall-1"), "2026-05-08", "the last revision counts");
    assert_eq!(at(None).terms.contracts[0].term_months, 60);
    assert_eq!(at(Some("2026-02-15")).halls.len(), 1);
    assert_eq!(ready(&at(Some("2026-01-25")), "alpha/hall-1"), "2026-05-01");
    assert_eq!(ready(&at(Some("2026-01-15")), "alpha/hall-1"), "2026-04-24");
    assert_eq!(at(Some("2026-01-15")).terms.contracts[0].term_months, 48);
    let open = "revisions: [{contracts: {acme: {term: 5y}}}]\n";
    let loaded = changed(&[HEAD, TWO, LOTS, open], &[], None);
    let told = report::findings_text(&loaded.sources, &loaded.findings);
    assert!(told.contains("since when is this revision known?"), "{told}");
}

#[test]
fn the_fleet_earns_from_the_first_day() {
    let fleet = "
fleet:
  h100: {it_power: 10 MW, gpus: 7000, billed: 90%, price: 1M USD/IT-MW-month, until: 2028-12-31,
         in_service: 2023-07-01, customer: acme}
";
    let head = HEAD.replace("['*']", "['alpha/*', 'beta/*']");
    let site = site(changed(&[&head, TWO, LOTS, fleet], &[], None));
    let run = analysis::run(&site);
    // 35 whole months of 9 million up to 4 December 2028, by the day.
    let january = run.books.months[0].flows.revenue.millions();
    assert!((january - 35.0 * 9.0 * 27.0 / 1_065.0).abs() < 0.01, "{january}");
    assert_eq!(run.billing_on(site.plan.first_day()), 7000);
}

#[test]
fn what_has_happened_at_a_site_happens_again_where_the_portfolio_begins_before() {
    let text = "
site: begun
start: 2026-01-05
status_date: 2026-03-02
activities:
  works: {duration: 4w, calendar: build, actual_start: 2026-01-12, actual_finish: 2026-02-20}
  more: {duration: 6w, calendar: build, after: [works], actual_start: 2026-02-10, remaining: 2w}
  last: {duration: 1w, calendar: build}
";
    let layers = Ok(vec![("begun.yaml".to_owned(), text.as_bytes().to_vec())]);
    let file = MemberFile { path: "begun.yaml".into(), layers };
    let sites = "sites: {alpha: {like: small}, begun: {file: begun.yaml}}\n";
    let site = site(loaded(&[HEAD, sites, LOTS], vec![file], &[], &[]));
    let run = analysis::run(&site);
    let dates = |id: &str| {
        let at = site.plan.activities.iter().position(|a| a.id == id).expect("there");
        [run.timeline.start[at], run.timeline.finish[at]].map(|at| at.day().to_string())
    };
    assert_eq!(dates("begun/works"), ["2026-01-12", "2026-02-20"]);
    assert_eq!(dates("begun/more"), ["2026-02-10", "2026-03-13"]);
    assert_eq!(dates("begun/last"), ["2026-03-02", "2026-03-06"]);
}

const LOAN: &str = "
loans:
  - {id: term, commitment: 40M USD, advance: 70%, rate: 9%, close: 2026-01-05,
     available_until: 2026-12-31, amortises_from: 2027-03-31, maturity: 2030-03-31, sites: [NAME]}
";

#[test]
fn a_loan_names_its_sites_by_name_pattern_or_group() {
    let with = |name: &str| {
        let loan = LOAN.replace("NAME", name);
        loaded(&[HEAD, TWO, LOTS, &loan], Vec::new(), &[], &[])
    };
    for (name, premises) in [("beta", vec![2]), ("al*", vec![1]), ("texas, beta", vec![1, 2])] {
        assert_eq!(site(with(name)).terms.loans[0].premises, premises, "{name}");
    }
    let wrong = with("betta").findings;
    let finding = wrong.iter().find(|finding| finding.id == "unknown-site").expect("a finding");
    assert!(finding.help.as_deref().is_some_and(|help| help.contains("beta")), "{finding:?}");
    let of_beta = analysis::run(&site(with("beta")));
    assert!(of_beta.books.totals.draws > energize::money::Money::ZERO);
    let alone = HEAD.replace("portfolio: pair", "site: pair").replace("archetypes:", "note:");
    let alone = loaded(&[&alone, &LOAN.replace("NAME", "beta")], Vec::new(), &[], &[]);
    assert!(alone.findings.iter().any(|finding| finding.id == "misplaced-key"));
}

#[test]
fn the_portfolio_of_the_readme_is_right() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: there is no README.md");
        return;
    };
    let block = text.split("```yaml-portfolio\n").nth(1).expect("the block");
    let block = block.split("```").next().expect("its end");
    let site = site(loaded(&[block], Vec::new(), &[], &[]));
    assert_eq!(site.portfolio.expect("a portfolio").members.len(), 2);
}
