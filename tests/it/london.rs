//! The London scenario: its size, its dates, and what eight weeks of a late grid do to revenue,
//! interest and cover, each worked out here by arithmetic of its own from the terms in the file.

use std::path::PathBuf;

use energize::analysis::{self, Run};
use energize::ledger::{Happening, PeriodRow};
use energize::model::{self, EventKind, Site};
use energize::money::Money;
use energize::report;
use energize::time::{Day, Minute};
use rust_decimal::Decimal;

use super::london_books::Twin;

fn sites() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/sites");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let london = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.starts_with("london") && name.ends_with(".yaml")
    };
    let mut files: Vec<_> = files.filter(london).collect();
    files.sort();
    files
}

fn text_of(name: &str) -> String {
    let path = sites().into_iter().find(|path| path.ends_with(name));
    std::fs::read_to_string(path.unwrap()).unwrap()
}

fn load(name: &str, text: String, delays: &[&str]) -> Site {
    let delays = delays.iter().map(|delay| (*delay).to_owned()).collect();
    let input = model::Input { name: name.into(), text: text.into(), delays, ..Default::default() };
    let loaded = model::load(input);
    let findings = report::findings_text(&loaded.sources, &loaded.findings);
    loaded.site.unwrap_or_else(|| panic!("{findings}"))
}

/// A site with what became of it.
pub struct Case {
    pub site: Site,
    pub run: Run,
}

const LONDON: &str = "london-blackwell-ultra.yaml";

fn london(delays: &[&str]) -> Case {
    let site = load(LONDON, text_of(LONDON), delays);
    let run = analysis::run(&site);
    Case { site, run }
}

impl Case {
    fn activity(&self, id: &str) -> usize {
        let found = self.site.plan.activities.iter().position(|activity| activity.id == id);
        found.unwrap_or_else(|| panic!("{id} in the site"))
    }

    fn start(&self, id: &str) -> Minute {
        self.run.timeline.start[self.activity(id)]
    }

    fn finish(&self, id: &str) -> Minute {
        self.run.timeline.finish[self.activity(id)]
    }

    /// Days of the events of a kind, ascending.
    pub fn days(&self, kind: fn(EventKind) -> bool) -> Vec<Day> {
        let events = self.run.timeline.events.iter().filter(|event| kind(event.kind));
        events.map(|event| event.at.day()).collect()
    }

    fn accepted(&self) -> Vec<Day> {
        self.days(|kind| matches!(kind, EventKind::Accepted(_)))
    }

    /// The months of the books in a range of days, summed.
    fn period(&self, from: &str, until: &str) -> PeriodRow {
        let (from, until) = (day(from), day(until));
        let months = &self.run.books.months;
        let mut within = months.iter().filter(|month| from <= month.from && month.until <= until);
        let mut sum = *within.next().unwrap();
        for month in within {
            sum.flows += month.flows;
            (sum.until, sum.stand) = (month.until, month.stand);
        }
        assert_eq!((sum.from, sum.until), (from, until), "whole months");
        sum
    }

    fn draws(&self) -> Vec<(Day, Money)> {
        let draw = |note: &energize::ledger::Note| match note.what {
            Happening::Drawn { amount, .. } => Some((note.day, amount)),
            _ => None,
        };
        self.run.books.notes.iter().filter_map(draw).collect()
    }
}

pub fn day(text: &str) -> Day {
    Day::from_date(text.parse().unwrap())
}

/// The number that follows a chain of words in the file, comments left out: `3.9M` is 3,900,000,
/// `25%` a quarter.
pub fn number(text: &str, words: &[&str]) -> Decimal {
    let plain: String = text
        .lines()
        .map(|line| line.split(" #").next().unwrap())
        .fold(String::new(), |sum, line| sum + line + "\n");
    let mut rest = plain.as_str();
    for word in words {
        let at = rest.find(word).unwrap_or_else(|| panic!("`{word}` of {words:?} in the file"));
        rest = &rest[at + word.len()..];
    }
    let rest = rest.trim_start().trim_start_matches('£');
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap();
    let value: Decimal = rest[..end].parse().unwrap();
    let times = match &rest[end..=end] {
        "M" => Decimal::from(1_000_000),
        "B" => Decimal::from(1_000_000_000),
        "%" => Decimal::new(1, 2),
        _ => Decimal::ONE,
    };
    value * times
}

#[test]
fn every_site_file_loads_without_a_finding_and_comes_online() {
    assert!(sites().len() >= 2);
    for path in sites() {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.display().to_string();
        let input =
            model::Input { name: name.clone(), text: text.into(), ..model::Input::default() };
        let loaded = model::load(input);
        let findings = report::findings_text(&loaded.sources, &loaded.findings);
        assert_eq!(findings, "", "{name}");
        let site = loaded.site.unwrap();
        let run = analysis::run(&site);
        assert!(run.headline.all.happens(), "{name}");
        assert!(run.timeline.finish.iter().all(|at| at.happens()), "{name}");
    }
}

#[test]
fn london_has_the_size_that_its_file_adds_up_to() {
    let (case, text) = (london(&[]), text_of(LONDON));
    let whole = |words: &[&str]| number(&text, words);
    let racks = whole(&["\nhalls:", "count:"])
        * whole(&["cluster:", "units:"])
        * whole(&["racks_per_unit:"]);
    assert_eq!(racks * whole(&["gpus_per_rack:"]), Decimal::from(119_808));
    assert_eq!(case.site.planned_gpus(), 119_808);

    let it_kw = racks * whole(&["rack_power:"]) * whole(&["it_overhead:"]);
    let it = case.site.planned_it();
    assert_eq!(Decimal::from(it.0), it_kw * Decimal::from(1_000));
    assert!((255.0..=290.0).contains(&it.mw()), "{it}");
    let summary = report::summary(&case.site, &case.run, &[]);
    let facility = |pue: &str| Decimal::from(it.0) * whole(&[pue]) / Decimal::from(1_000_000);
    let text_mw = |mw: f64| mw.to_string().parse::<Decimal>().unwrap();
    assert_eq!(text_mw(summary.planned.facility_mw_average), facility("  pue:").normalize());
    assert_eq!(text_mw(summary.planned.facility_mw_peak), facility("peak_pue:").normalize());

    let apparent: Decimal =
        text.match_indices("energises:").map(|(at, _)| number(&text[at..], &["energises:"])).sum();
    let grid = apparent * whole(&["power_factor:"]);
    assert_eq!(text_mw(summary.planned.grid_mw), grid.normalize());
    // Halls fit on their stages at peak, with the headroom kept free.
    let halls = whole(&["\nhalls:", "count:"]) * whole(&["it_power:"]) * whole(&["peak_pue:"]);
    assert!(halls <= grid * (Decimal::ONE - whole(&["headroom:"])), "{halls} on {grid}");
}

#[test]
fn q1_2026_is_kept_with_what_it_would_have_needed() {
    let name = "london-q1-2026-needs.yaml";
    let site = load(name, text_of(name), &[]);
    let run = analysis::run(&site);
    assert_eq!(site.planned_gpus(), 119_808);
    assert_eq!(site.baseline.all_online, Some(day("2026-03-31")));
    assert!(run.headline.all.day() <= day("2026-03-31"), "{}", run.headline.all);
    let late = london(&[]).run.headline.all.day();
    assert!(late > day("2026-03-31"), "{late} without it");
}

/// Working days of the `build` calendar: Monday to Friday, less bank holidays and its closed days.
fn is_build_day(at: Day) -> bool {
    let bank_holidays =
        ["2026-04-03", "2026-04-06", "2026-05-04", "2026-05-25", "2026-08-31", "2026-12-25"];
    assert!(at < day("2026-12-20"), "this list ends there");
    at.weekday() < 5
        && !bank_holidays.contains(&at.to_string().as_str())
        && !(day("2025-12-22") <= at && at <= day("2026-01-02"))
}

/// The `nth` working day of a calendar after a day.
fn after(from: Day, nth: u32, works: fn(Day) -> bool) -> Day {
    let mut at = from;
    for _ in 0..nth {
        at = at + 1;
        while !works(at) {
            at = at + 1;
        }
    }
    at
}

/// Riggers work every day but two at Christmas.
fn is_rigging_day(at: Day) -> bool {
    let date = at.date();
    !(date.month() == 12 && (date.day() == 25 || date.day() == 26))
}

/// Days on which units are accepted once hall 1 has its network: from then on the three rigging
/// teams never rest, each unit takes four of their days, then a week of burn-in, two of test, two
/// of acceptance.
fn accepted_on_paper(network: Day, units: u32) -> Vec<Day> {
    let round = |unit: u32| after(network, 4 * (unit / 3 + 1), is_rigging_day) + 35;
    (0..units).map(round).collect()
}

#[test]
fn eight_weeks_of_a_late_grid_move_every_date_as_on_paper() {
    let (on_time, late) = (london(&[]), london(&["energise-1=8w"]));
    // On time: ten working days from Monday 26 January. Late: forty working days later.
    let substation = on_time.finish("substation").day();
    assert_eq!(late.finish("substation").day(), substation, "not delayed");
    for (case, days) in [(&on_time, 10), (&late, 50)] {
        let energised = after(substation, days, is_build_day);
        assert_eq!(case.finish("energise-1").day(), energised);
        // The test that needs permanent power starts with it, or once a team lets go of another
        // hall, always at 17:30; the network begins on the next working day and takes 25.
        let tested = case.start("hall-1.l5-integrated");
        assert!(tested >= case.finish("energise-1"));
        let network = after(tested.day(), 25, is_build_day);
        assert_eq!(case.finish("hall-1.network").day(), network);
        let paper = accepted_on_paper(network, 208);
        assert_eq!(case.accepted(), paper);
        let headline = &case.run.headline;
        let found = [headline.first, headline.half, headline.all].map(Minute::day);
        assert_eq!(found, [paper[0], paper[103], paper[207]], "first, 104th, last of 208 units");
    }
    let tested = on_time.start("hall-1.l5-integrated");
    assert_eq!(tested, on_time.finish("energise-1"), "on time, power is what it waits for");
    let moved = late.run.headline.first.day() - on_time.run.headline.first.day();
    assert!(moved > 56, "eight working weeks are more than 56 days with bank holidays: {moved}");
}

/// Within a cent.
#[track_caller]
fn same(what: &str, paper: Decimal, books: Money) {
    let books = Decimal::new(books.0, 6);
    let apart = (paper - books).abs();
    assert!(apart < Decimal::new(1, 2), "{what}: {paper} on paper, {books} in the books");
}

#[test]
fn eight_weeks_of_a_late_grid_cost_what_the_terms_say() {
    let text = text_of(LONDON);
    let cases = [london(&[]), london(&["energise-1=8w"])];
    let twins = cases.each_ref().map(|case| Twin::new(&text, case));
    let periods = [
        ("2026-04-01", "2026-07-01"),
        ("2026-07-01", "2026-10-01"),
        ("2026-10-01", "2027-01-01"),
        ("2027-01-01", "2027-04-01"),
        ("2027-04-01", "2027-07-01"),
        ("2026-01-01", "2027-01-01"),
    ];
    for (from, until) in periods {
        let mut moved = [(Decimal::ZERO, Money::ZERO); 3];
        for (case, twin) in cases.iter().zip(&twins) {
            let row = case.period(from, until).flows;
            let (from, until) = (day(from), day(until));
            let (revenue, interest) = (twin.revenue(from, until), twin.interest(from, until));
            let (cash, service) = (twin.cash(from, until), twin.debt_service(from, until));
            same("revenue", revenue, row.revenue);
            same("interest incurred", interest, row.interest_incurred);
            same("receipts", twin.receipts(from, until), row.receipts);
            same("power paid", twin.power_paid(from, until), row.power_paid);
            same("operations paid", twin.operations_paid(from, until), row.operations_paid);
            same("rent paid", twin.rent_paid(from, until), row.rent_paid);
            same("cash for debt service", cash, row.cfads());
            same("debt service", service, row.debt_service());
            let cover: f64 = (cash / service).to_string().parse().unwrap();
            assert_eq!(format!("{cover:.6}"), format!("{:.6}", row.dscr().value().unwrap()));
            let now =
                [(revenue, row.revenue), (interest, row.interest_incurred), (cash, row.cfads())];
            for (moved, now) in moved.iter_mut().zip(now) {
                *moved = (now.0 - moved.0, now.1 - moved.1);
            }
        }
        for (what, (paper, books)) in ["revenue", "interest", "cash"].iter().zip(moved) {
            same(&format!("{what} moved from {from} to {until}"), paper, books);
        }
    }
    // Revenue moves, none is lost: each unit keeps its term (semantics M3).
    let whole = cases.each_ref().map(|case| case.run.books.totals.revenue);
    assert_eq!(whole[0], whole[1]);
    let quarter = |case: &Case| case.period("2026-07-01", "2026-10-01").flows;
    assert!(quarter(&cases[1]).revenue < quarter(&cases[0]).revenue);
    assert!(quarter(&cases[1]).dscr().value() < quarter(&cases[0]).dscr().value());
}

#[test]
fn a_late_grid_adds_interest_before_the_first_revenue() {
    let text = text_of(LONDON);
    let cases = [london(&[]), london(&["energise-1=8w"])];
    let mut before = Vec::new();
    for case in &cases {
        let first = case.run.books.first_revenue.unwrap();
        assert_eq!(first, case.accepted()[0], "the first unit starts the day it is accepted");
        let twin = Twin::new(&text, case);
        let paper = twin.interest(day("2025-04-01"), first);
        same("interest before revenue", paper, case.run.books.interest_before_first_revenue);
        before.push((first, paper, case.draws()));
    }
    let [(on_time, less, draws), (late, more, late_draws)] = &before[..] else { unreachable!() };
    assert_eq!(draws, late_draws, "racks are paid as ordered, whatever the grid does");
    let drawn: Money = draws.iter().map(|draw| draw.1).sum();
    let commitment = number(&text, &["commitment:"]);
    assert_eq!(Decimal::new(drawn.0, 6), commitment, "all of it before the first revenue");
    assert!(draws.iter().all(|draw| draw.0 < *on_time));
    // So each day of the slip costs a day's interest on the whole loan, at the rate of that day,
    // and a day's part of the upfront fee.
    let margin = number(&text, &["margin:"]);
    let fee = commitment * number(&text, &["upfront_fee:"])
        / Decimal::from(day("2030-08-21") - day("2025-07-28"));
    let step = day("2026-06-18");
    let days = |from: Day, until: Day| Decimal::from((until - from).max(0));
    let (low, high) = (
        number(&text, &["\ncurves:", "2026-06-18:"]),
        number(&text, &["\ncurves:", "2025-12-11:"]),
    );
    let interest = days(*on_time, (*late).min(step)) * (high + margin)
        + days((*on_time).max(step), *late) * (low + margin);
    let extra = commitment * interest / Decimal::from(360) + fee * days(*on_time, *late);
    assert!((more - less - extra).abs() < Decimal::new(1, 2), "{more} {less} {extra}");
}

#[test]
fn interest_is_expensed_or_capitalised_and_paid_or_owed_every_month() {
    for case in [london(&[]), london(&["energise-1=8w"])] {
        let mut owed = Money::ZERO;
        for month in &case.run.books.months {
            let flows = &month.flows;
            let split = flows.interest_expensed + flows.interest_capitalised;
            assert_eq!(flows.interest_incurred, split, "in {}", month.from);
            owed += flows.interest_incurred - flows.upfront_fee_amortised;
            owed = owed - flows.interest_paid - flows.fees_paid;
            assert_eq!(month.stand.interest_payable, owed, "after {}", month.from);
        }
        assert_eq!(owed, Money::ZERO, "all of it is paid in the end");
        let totals = &case.run.books.totals;
        let shown = report::summary(&case.site, &case.run, &[]).money;
        let paid = (totals.interest_paid + totals.fees_paid).to_string().replace(',', "");
        assert_eq!(shown.interest_paid, paid);
        assert!(totals.interest_capitalised > Money::ZERO);
    }
}
