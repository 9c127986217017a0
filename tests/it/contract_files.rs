//! Terms of contracts as site files say them: what is read, what is refused, what is printed.

use energize::analysis;
use energize::ledger::{Flows, contract_report};
use energize::model::terms::*;
use energize::model::{Input, Loaded, Site, load};
use energize::money::Money;
use energize::report::{Period, contracts_csv, contracts_text};

use crate::books_site::{day, percent, usd};
use crate::fixture::Fixture;

const SHED: &str = "site: shed
start: 2026-01-05
power: {pue: 1.2}
platforms:
  nvl72: {gpus_per_rack: 72, rack_power: 100 kW}
activities:
  grid: {duration: 8w, energises: 20 MW}
halls:
  count: 2
  it_power: 4 MW
  activities:
    ist: {duration: 1w, after: [grid], ready_for_service: true}
  cluster:
    platform: nvl72
    units: 4
    racks_per_unit: 10
    install: {duration: 2d}
    burn_in: {duration: 3d}
    test: {duration: 2d}
    accept: {duration: 21d}
lots:
  {platform: nvl72, racks: 80, ex_works: 2026-01-10, transit: 1ew}
contracts:
";

const DATES: &str = "term: 2y, signed: 2026-01-05, scheduled_start: 2026-03-01";

/// The shed with contracts, a line each.
fn with(contracts: &[&str]) -> Loaded {
    let lines = contracts.iter().map(|contract| format!("  - {{{contract}, {DATES}}}\n"));
    let text = (SHED.to_owned() + &lines.collect::<String>()).into();
    load(Input { name: "shed.yaml".into(), text, ..Input::default() })
}

fn site(contracts: &[&str]) -> Site {
    let loaded = with(contracts);
    let findings = loaded.findings;
    loaded.site.unwrap_or_else(|| panic!("{findings:#?}"))
}

#[test]
fn every_term_is_read() {
    let terms = "customer: a, halls: [hall-*], price: 0.15M USD/IT-MW-month, \
                 term_runs: from_last, tranche: 4 units, accounting: operating_lease, \
                 damages: {per_day: 0.5M USD, after: 30d, cap: 10%}, deemed_after: 10d, \
                 long_stop: {date: 2026-09-30, then: terminate}, ramp: [50%, 75%, 100%], \
                 price_follows_ramp: true, credits: 1%, backlog_beyond_rpo: 4B USD, \
                 customer_consideration: {amount: 350M USD, paid_on: 2026-02-01}, \
                 relet: {price: 1.20 USD/GPU-hour, fill: 90%}";
    let contract = site(&[terms]).terms.contracts.remove(0);
    assert_eq!(contract.price, Price::PerItMwMonth(usd(150_000)));
    assert_eq!((contract.term_runs, contract.tranche), (TermRuns::FromLast, Tranche::Units(4)));
    assert_eq!(contract.accounting, Accounting::OperatingLease);
    let damages = Damages { per_day: usd(500_000), grace_days: 30, cap: Some(percent(10)) };
    assert_eq!(contract.damages, Some(damages));
    assert_eq!(contract.deemed_days, Some(10));
    assert_eq!(contract.long_stop, Some(day("2026-09-30")));
    assert_eq!(contract.on_long_stop, OnLongStop::Terminate);
    assert_eq!((contract.ramp, contract.price_follows_ramp), (vec![5_000, 7_500, 10_000], true));
    assert_eq!(contract.credits, percent(1));
    assert_eq!(contract.beyond_rpo, Some(usd(4_000_000_000)));
    let paid_on = day("2026-02-01");
    let paid = Consideration { amount: usd(350_000_000), paid_on };
    assert_eq!(contract.consideration, Some(paid));
    let relet = contract.relet.map(|relet| (relet.price, relet.fill));
    let price = energize::money::Amount { micros: 1_200_000, ..usd(0) };
    assert_eq!(relet, Some((Price::PerGpuHour(price), percent(90))));
    let plain = site(&["customer: a, halls: [hall-*], total: 1M USD, long_stop: 2026-09-30"]);
    assert_eq!(plain.terms.contracts[0].on_long_stop, OnLongStop::Keep);
    let unseen = with(&[terms]).findings;
    assert!(unseen.iter().any(|finding| finding.id == "relet-unseen"), "{unseen:?}");
}

#[test]
fn the_contract_of_the_readme_is_right() {
    let readme = include_str!("../../README.md");
    let block = readme.split("```yaml\ncontracts:\n").nth(1).unwrap().split("```").next().unwrap();
    let campus = [
        ("count: 2", "count: 4"),
        ("4 MW", "20 MW"),
        ("20 MW}", "200 MW}"),
        ("racks_per_unit: 10", "racks_per_unit: 45"),
        ("racks: 80", "racks: 720"),
    ];
    let shed = campus.iter().fold(SHED.to_owned(), |text, (from, to)| text.replace(from, to));
    let text = (shed + block + "horizon: 2036-12-31\n").into();
    let loaded = load(Input { name: "shed.yaml".into(), text, ..Input::default() });
    let findings = &loaded.findings;
    let contract = &loaded.site.as_ref().unwrap_or_else(|| panic!("{findings:#?}")).terms.contracts;
    assert_eq!(contract[0].units.len(), 14, "60 of 72 MW in units of 4.5 MW");
    assert!(!findings.iter().any(|finding| finding.id == "relet-unseen"));
}

#[test]
fn capacity_is_bought_by_power_or_units_from_what_is_not_sold_yet() {
    let site = site(&[
        "customer: a, halls: [hall-*], it_power: 2.5 MW, total: 1M USD",
        "customer: b, halls: [hall-*], units: 2, total: 1M USD",
        "customer: c, halls: [hall-2], it_power: 3 MW, total: 1M USD",
    ]);
    let units: Vec<&[u32]> = site.terms.contracts.iter().map(|c| &c.units[..]).collect();
    // Units of 1 MW: whole ones, the third goes to the first customer.
    assert_eq!(units, [&[0, 1, 2][..], &[3, 4], &[5, 6, 7]]);
}

#[test]
fn terms_that_cannot_be_are_refused_with_their_line_and_a_way_out() {
    let half = "customer: a, halls: [hall-1], total: 1M USD";
    for (terms, id, words) in [
        ("damages: {per_day: 1M USD, cap: 110%}", "damages-cap", "110% are more than the price"),
        ("damages: {per_day: -1M USD}", "negative-money", "not negative"),
        ("ramp: [50%, 75%]", "ramp", "never reaches 100%: it ends at 75%"),
        ("ramp: [75%, 50%, 100%]", "ramp", "rises from month to month"),
        ("ramp: [120%, 100%]", "ramp", "rises from month to month"),
        ("price_follows_ramp: true", "ramp", "no `ramp` for the price to follow"),
        ("long_stop: 2026-02-01", "dates-out-of-order", "`long_stop` 2026-02-01 lies before"),
        ("long_stop: {date: 2026-05-01, then: wait}", "unknown-word", "keep, terminate"),
        ("long_stop: {then: keep}", "missing-key", "`date` is missing"),
        ("it_power: 60 MW", "capacity", "60.0 IT MW is more than its halls have left"),
        ("units: 5", "capacity", "5 units is more than its halls have left"),
        ("units: 2, it_power: 1 MW", "capacity", "either `it_power` or `units`"),
        ("tranche: 0 units", "tranche", "a number such as 4 units"),
        ("credits: 150%", "share", "between 0% and 100%"),
        ("deemed_after: 1mo", "payment-days", "whole days"),
        (
            "customer_consideration: {amount: 2M USD, paid_on: 2026-02-01}",
            "consideration",
            "paid more than it pays",
        ),
        (
            "customer_consideration: {amount: 1M USD, paid_on: 2025-02-01}",
            "dates-out-of-order",
            "`paid_on`",
        ),
        ("relet: {price: 5 USD/MWh}", "price-unit", "IT-MW-month"),
    ] {
        let loaded = with(&[&format!("{half}, {terms}")]);
        assert!(loaded.site.is_none(), "{terms}");
        let found = loaded.findings.iter().find(|finding| finding.id == id);
        let found = found.unwrap_or_else(|| panic!("{terms}: {:#?}", loaded.findings));
        assert!(found.message.contains(words), "{terms}: {}", found.message);
        let line = loaded.sources.place(found.at.start).map(|place| place.line);
        assert_eq!(line, Some(24), "{terms}");
    }
    let loaded = with(&[&format!("{half}, it_power: 60 MW")]);
    let help = loaded.findings.iter().find_map(|finding| finding.help.clone());
    assert_eq!(help.as_deref(), Some("they have 4 units, 4.0 IT MW"));
}

#[test]
fn rolled_forward_by_contract_all_is_what_the_books_say() {
    let late = "customer: b, halls: [hall-2], total: 730M USD, prepaid: 10%, \
                damages: {per_day: 1M USD, cap: 5%}, ramp: [50%, 100%], \
                backlog_beyond_rpo: 100M USD";
    let site = site(&["customer: a, halls: [hall-1], price: 2.50 USD/GPU-hour", late]);
    let run = analysis::run(&site);
    let report = contract_report(&site, &run.timeline);
    for row in &run.books.months {
        let of_month = || report.months.iter().filter(|month| month.from == row.from);
        assert_eq!(of_month().count(), 2);
        let sum = |pick: fn(&energize::ledger::ContractMonth) -> Money| -> Money {
            of_month().map(pick).sum()
        };
        let flows: &Flows = &row.flows;
        assert_eq!(sum(|month| month.close), row.stand.rpo);
        assert_eq!(sum(|month| month.change.damages), flows.rpo_damages);
        assert_eq!(sum(|month| month.change.signed), flows.rpo_signed);
        assert_eq!(sum(|month| month.revenue), flows.revenue);
        assert_eq!(sum(|month| month.billed), flows.billed);
        assert_eq!(sum(|month| month.contracted), flows.contracted);
        for month in of_month() {
            assert_eq!(month.close - month.open, month.change.rpo(), "{month:?}");
        }
    }
    let stated: Money = report.months.iter().take(2).map(|month| month.beyond_rpo).sum();
    assert_eq!(stated, Money::whole(100_000_000));
    assert!(run.books.totals.rpo_damages > Money::ZERO);
    let csv = String::from_utf8(contracts_csv(&site, &run, Period::Year)).unwrap();
    let names = |name: &str| csv.lines().filter(|line| line.starts_with(name)).count();
    assert_eq!((names("a,"), names("b,"), names(",")), (3, 3, 3), "{csv}");
    let text = contracts_text(&site, &run, Period::Year);
    for words in ["2.5 USD/GPU-hour", "730000000 USD in all", "per IT MW and year", "  all "] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn contracts_are_written_when_asked_for() {
    let text = SHED.to_owned()
        + &format!("  - {{customer: a, halls: [hall-*], total: 9M USD, {DATES}}}\n");
    let fixture = Fixture::new().file("site.yaml", &text);
    let asked = ["run", "site.yaml", "--contracts", "--by", "month", "--out", "out"];
    let told = fixture.run(asked).fine();
    assert!(told.contains("Remaining performance obligation and backlog"), "{told}");
    assert!(fixture.names("out").contains(&"contracts.csv".to_owned()));
    let summary: serde_json::Value =
        serde_json::from_str(&fixture.read("out/summary.json")).unwrap();
    let contract = &summary["contracts"][0];
    assert_eq!(contract["price"], "9000000 USD in all");
    assert_eq!(contract["price_per_it_mw_year"], "562500.00", "9M over 8 MW and 2 years");
    assert_eq!((&contract["signed"], &contract["rpo"]), (&"9000000.00".into(), &"0.00".into()));
    assert!(contract["ends"].is_string());
    let quarters = contract["quarters"].as_array().unwrap();
    assert_eq!(quarters[0]["signed"], contract["signed"]);
    assert_eq!(quarters.last().unwrap()["close"], contract["rpo"]);
}

#[test]
fn the_life_of_a_class_says_how_it_is_charged_and_from_when_it_is_another() {
    let lives = |technology: &str| {
        let text = format!("{SHED}lives: {{plant: 10y, technology: {technology}}}\n");
        load(Input { name: "shed.yaml".into(), text: text.into(), ..Input::default() })
    };
    let stated = "{life: 6y, convention: half_month, changed: {2027-01-01: 5y}}";
    let loaded = lives(stated);
    let site = loaded.site.unwrap_or_else(|| panic!("{:#?}", loaded.findings));
    let lives_of = &site.terms.lives;
    assert_eq!(lives_of.months, [360, 120, 144, 72]);
    assert_eq!(lives_of.conventions[3], Convention::HalfMonth);
    assert_eq!(lives_of.conventions[1], Convention::Daily);
    let changed = NewLife { on: day("2027-01-01"), months: 60 };
    assert_eq!(lives_of.changes, [vec![], vec![], vec![], vec![changed]]);
    for (technology, id, words) in [
        (
            "{life: 6y, convention: half_month, changed: {2027-01-15: 5y}}",
            "life-change",
            "first of",
        ),
        ("{life: 6y, convention: weekly}", "unknown-word", "daily, half_month, full_month"),
        ("{convention: daily}", "missing-key", "`life` is missing"),
        ("{life: 40d}", "months", "months or years"),
    ] {
        let loaded = lives(technology);
        assert!(loaded.site.is_none(), "{technology}");
        let found = loaded.findings.iter().any(|f| f.id == id && f.message.contains(words));
        assert!(found, "{technology}: {:#?}", loaded.findings);
    }
}
