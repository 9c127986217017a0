//! What does not go together between the sites of a portfolio is told with both its places; what a
//! site says and nothing reads is told too.

use insta::assert_snapshot;

use super::fixture::Fixture;

const HEAD: &str = "\
portfolio: pair
start: 2026-01-05
currency: USD
calendars: {build: {week: Mon-Fri 08:00-17:00}}
resources: {commissioning-team: 1}
archetypes:
  small:
    activities:
      envelope: {duration: 10w, calendar: build}
      ist: {duration: 2w, after: [envelope], needs: {commissioning-team: 1}}
";

const EUR: &str = "\
site: eur
start: 2026-01-05
currency: EUR
fx: {USD: {2026-01-05: 0.9}}
activities: {works: {duration: 1w, cost: 2M EUR}}
";

const OWN: &str = "\
site: own
start: 2026-01-05
currency: USD
activities: {works: {duration: 1w, cost: 2M USD}}
equity: {amount: 5M USD}
opening: {cash: 1M USD}
tax: {rate: 25%}
horizon: 2031-12-31
carrying_cost: 8%
capitalised_interest: {2026-01-05: 10%}
";

/// The head and what a test adds to it, in a folder with both files.
fn pair(rest: &str) -> Fixture {
    let fixture = Fixture::new().file("eur.yaml", EUR).file("own.yaml", OWN);
    fixture.file("pair.yaml", format!("{HEAD}{rest}"))
}

fn refused(rest: &str) -> String {
    pair(rest).run(["check", "pair.yaml"]).refused(2)
}

#[test]
fn two_sites_of_one_name_are_told_with_both_places() {
    let text = refused(
        "sites:
  alpha: {like: small}
  beta: {like: small}
  alpha: {like: small}
",
    );
    assert_snapshot!(text, @r#"
    error[duplicate-key]: `alpha` is given twice
      --> pair.yaml:14:3
       |
    14 |   alpha: {like: small}
       |   ^^^^^ sites.alpha
       |
      ::: pair.yaml:12:3
       |
    12 |   alpha: {like: small}
       |   ----- given here before

    1 error
    "#);
}

#[test]
fn a_site_is_not_called_as_its_portfolio() {
    let text = refused(
        "sites:
  pair: {like: small}
",
    );
    assert_snapshot!(text, @r#"
    error[duplicate-id]: `pair` is the name of a site and of the portfolio
      --> pair.yaml:12:3
       |
    12 |   pair: {like: small}
       |   ^^^^ sites.pair
       |
      ::: pair.yaml:1:12
       |
     1 | portfolio: pair
       |            ---- the other of that name

    1 error
    "#);
}

#[test]
fn a_file_that_is_missing_is_told_with_where_it_was_looked_for() {
    let text = refused(
        "sites:
  alpha: {like: small}
  beta: {file: parts/nowhere.yaml}
",
    );
    assert_snapshot!(text, @r#"
    error[member-file]: cannot read `parts/nowhere.yaml`: No such file or directory (os error 2); looked at parts/nowhere.yaml
      --> pair.yaml:13:16
       |
    13 |   beta: {file: parts/nowhere.yaml}
       |                ^^^^^^^^^^^^^^^^^^ sites.beta.file

    1 error
    "#);
}

#[test]
fn a_cycle_across_sites_is_told_with_two_of_its_links() {
    let text = refused(
        "sites:
  alpha: {like: small}
  beta: {like: small}
links:
  alpha/envelope: [beta/ist]
  beta/envelope: [alpha/ist]
",
    );
    assert_snapshot!(text, @r#"
    error[cycle]: a cycle: alpha/envelope -> alpha/ist -> beta/envelope -> beta/ist -> alpha/envelope
      --> pair.yaml:15:3
       |
    15 |   alpha/envelope: [beta/ist]
       |   ^^^^^^^^^^^^^^ links.alpha/envelope
       |
      ::: pair.yaml:16:3
       |
    16 |   beta/envelope: [alpha/ist]
       |   ------------- and waits here
       |
       = help: each waits for the one before it; drop one of these links

    1 error
    "#);
}

#[test]
fn a_pool_that_is_too_small_is_told_with_what_asks_for_more() {
    let text = refused(
        "sites:
  alpha: {like: small}
  beta: {like: small, activities: {ist: {needs: {commissioning-team: 2}}}}
",
    );
    assert_snapshot!(text, @r#"
    error[more-than-there-is]: 2 of `commissioning-team` are asked for; there are never more than 1
      --> pair.yaml:13:70
       |
    13 |   beta: {like: small, activities: {ist: {needs: {commissioning-team: 2}}}}
       |                                                                      ^ sites.beta.activities.ist.needs.commissioning-team
       |
      ::: pair.yaml:5:13
       |
     5 | resources: {commissioning-team: 1}
       |             ------------------ how many there are

    1 error
    "#);
}

#[test]
fn another_currency_is_told_with_the_portfolios() {
    let text = refused(
        "sites:
  alpha: {like: small}
  beta: {file: eur.yaml}
",
    );
    assert_snapshot!(text, @r#"
    error[disagreement]: `beta` has the currency EUR, the portfolio USD
     --> eur.yaml:3:1
      |
    3 | currency: EUR
      | ^^^^^^^^ currency
      |
     ::: pair.yaml:3:1
      |
    3 | currency: USD
      | -------- USD here
      |
      = help: one set of books has one currency: state `currency:` at the site, and an exchange rate for what it pays in its own

    1 error
    "#);
}

#[test]
fn another_status_date_is_told_with_the_portfolios() {
    let text = refused(
        "status_date: 2026-02-02
sites:
  alpha: {like: small}
  beta: {like: small, status_date: 2026-03-02}
",
    );
    assert_snapshot!(text, @r#"
    error[disagreement]: `beta` has the status date 2026-03-02, the portfolio 2026-02-02
      --> pair.yaml:14:23
       |
    14 |   beta: {like: small, status_date: 2026-03-02}
       |                       ^^^^^^^^^^^ sites.beta.status_date
       |
      ::: pair.yaml:11:1
       |
    11 | status_date: 2026-02-02
       | ----------- 2026-02-02 here
       |
       = help: what has happened is told up to one day: state `status_date:` at the site

    1 error
    "#);
}

const UNREAD: &str = "\
sites:
  alpha: {like: small, equity: {amount: 3M USD}}
  beta: {file: own.yaml}
equity: {amount: 50M USD}
horizon: 2032-12-31
";

#[test]
fn what_a_site_says_of_the_operators_money_is_told_to_be_unused() {
    let ran = pair(UNREAD).run(["check", "pair.yaml"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_snapshot!(ran.stderr, @r#"
    warning[dangling-activity]: `ist` is a dangling end: nothing comes after it
      --> pair.yaml:10:7
       |
    10 |       ist: {duration: 2w, after: [envelope], needs: {commissioning-team: 1}}
       |       ^^^ archetypes.small.activities.ist

    warning[site-key-not-used]: `equity` of a site is not used: a portfolio has one set of books
      --> pair.yaml:12:24
       |
    12 |   alpha: {like: small, equity: {amount: 3M USD}}
       |                        ^^^^^^ sites.alpha.equity
       |
      ::: pair.yaml:14:1
       |
    14 | equity: {amount: 50M USD}
       | ------ this counts
       |
       = help: leave it out: `remove: [equity]` at the site

    warning[site-key-not-used]: `equity` of a site is not used: a portfolio has one set of books
      --> own.yaml:5:1
       |
     5 | equity: {amount: 5M USD}
       | ^^^^^^ equity
       |
      ::: pair.yaml:14:1
       |
    14 | equity: {amount: 50M USD}
       | ------ this counts
       |
       = help: leave it out: `remove: [equity]` at the site

    warning[site-key-not-used]: `opening` of a site is not used: a portfolio has one set of books
     --> own.yaml:6:1
      |
    6 | opening: {cash: 1M USD}
      | ^^^^^^^ opening
      |
     ::: pair.yaml:1:12
      |
    1 | portfolio: pair
      |            ---- the portfolio says nothing of it
      |
      = help: say it for all: `opening:` in the portfolio

    warning[site-key-not-used]: `tax` of a site is not used: a portfolio has one set of books
     --> own.yaml:7:1
      |
    7 | tax: {rate: 25%}
      | ^^^ tax
      |
     ::: pair.yaml:1:12
      |
    1 | portfolio: pair
      |            ---- the portfolio says nothing of it
      |
      = help: say it for all: `tax:` in the portfolio

    warning[site-key-not-used]: `horizon` of a site is not used: a portfolio has one set of books
      --> own.yaml:8:1
       |
     8 | horizon: 2031-12-31
       | ^^^^^^^ horizon
       |
      ::: pair.yaml:15:1
       |
    15 | horizon: 2032-12-31
       | ------- this counts
       |
       = help: leave it out: `remove: [horizon]` at the site

    warning[site-key-not-used]: `carrying_cost` of a site is not used: a portfolio has one set of books
     --> own.yaml:9:1
      |
    9 | carrying_cost: 8%
      | ^^^^^^^^^^^^^ carrying_cost
      |
     ::: pair.yaml:1:12
      |
    1 | portfolio: pair
      |            ---- the portfolio says nothing of it
      |
      = help: say it for all: `carrying_cost:` in the portfolio

    warning[site-key-not-used]: `capitalised_interest` of a site is not used: a portfolio has one set of books
      --> own.yaml:10:1
       |
    10 | capitalised_interest: {2026-01-05: 10%}
       | ^^^^^^^^^^^^^^^^^^^^ capitalised_interest
       |
      ::: pair.yaml:1:12
       |
     1 | portfolio: pair
       |            ---- the portfolio says nothing of it
       |
       = help: say it for all: `capitalised_interest:` in the portfolio

    8 warnings
    "#);
}

#[test]
fn what_sites_have_from_one_archetype_is_told_once() {
    let text = pair("sites: {alpha: {like: small}, beta: {like: small}}\n")
        .file("odd.yaml", HEAD.replace("    activities:", "    tax: {rate: 20%}\n    activities:"));
    let odd = text.read("odd.yaml") + "sites: {alpha: {like: small}, beta: {like: small}}\n";
    let ran = text.file("odd.yaml", odd).run(["check", "odd.yaml"]);
    assert_eq!(ran.stderr.matches("`tax` of a site is not used").count(), 1, "{ran}");
}

#[test]
fn what_a_site_says_and_nothing_reads_changes_nothing() {
    let told = pair(UNREAD).run(["run", "pair.yaml", "--json"]).fine();
    let without = UNREAD.replace(", equity: {amount: 3M USD}", "").replace(
        "{file: own.yaml}",
        "{file: own.yaml, remove: [equity, opening, tax, horizon, carrying_cost, \
         capitalised_interest]}",
    );
    let ran = pair(&without).run(["run", "pair.yaml", "--json"]);
    assert!(!ran.stderr.contains("site-key-not-used"), "{ran}");
    assert_eq!(told, ran.fine());
}

#[test]
fn the_other_place_stands_in_json_too() {
    let ran = pair("sites:\n  alpha: {like: small}\n  beta: {file: eur.yaml}\n").run([
        "check",
        "pair.yaml",
        "--json",
    ]);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let found = json.pointer("/findings/0").unwrap_or(&json[0]);
    assert_eq!((found["file"].as_str(), found["line"].as_u64()), (Some("eur.yaml"), Some(3)));
    let also = &found["also"];
    assert_eq!((also["file"].as_str(), also["line"].as_u64()), (Some("pair.yaml"), Some(3)));
    assert_eq!(also["label"], "USD here");
}

#[test]
fn a_site_in_which_nothing_happens_is_told() {
    let checked = pair("sites: {alpha: {site: own.yaml}}\n").run(["check", "pair.yaml"]);
    assert_eq!(checked.code, Some(0), "{checked}");
    assert_snapshot!(checked.stderr, @"
    warning[empty-site]: nothing happens at `alpha`: it has no activities, halls or lots
      --> pair.yaml:11:9
       |
    11 | sites: {alpha: {site: own.yaml}}
       |         ^^^^^ sites.alpha
       |
       = help: a site in a file of its own is `file: NAME.yaml`

    1 warning
    ");
}
