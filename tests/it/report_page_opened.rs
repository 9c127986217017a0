//! The report page as a reader has it: opened from disk in a browser, read, clicked, compared with
//! what the other verbs say of the same input.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::fixture::Fixture;
use crate::report_page::HOSTILE;

fn shipped(name: &str) -> String {
    format!("{}/sites/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// The page of a site, open, and what `run` and `risk` say of it.
struct Opened {
    browser: Browser,
    run: Value,
    risk: Value,
    _fixture: Fixture,
}

fn open(site: &str, trials: &str) -> Option<Opened> {
    let mut browser = Browser::start()?;
    let fixture = Fixture::new();
    fixture.run(["report", site, "--trials", trials, "-o", "page.html"]).fine();
    let read = |text: String| serde_json::from_str(&text).unwrap();
    let run: Value = read(fixture.run(["run", site, "--json"]).fine());
    let risk: Value = read(fixture.run(["risk", site, "--trials", trials, "--json"]).fine());
    browser.look(1280, "light");
    browser.open(&fixture.path("page.html"));
    Some(Opened { browser, run, risk, _fixture: fixture })
}

/// What a list holds under a name.
fn named<'v>(list: &'v Value, name: &str) -> &'v Value {
    let found = list.as_array().unwrap().iter().find(|of| of["name"] == name);
    found.unwrap_or_else(|| panic!("nothing is called {name}"))
}

fn percentile(column: &Value, p: f64) -> &Value {
    let all = column["percentiles"].as_array().unwrap();
    &all.iter().find(|of| of["p"] == json!(p)).unwrap()["value"]
}

fn day(value: &Value) -> &str {
    value["date"].as_str().unwrap().split('T').next().unwrap()
}

/// Millions as the page writes them: groups of three, one decimal.
fn millions(amount: &Value) -> String {
    let amount: f64 = amount.as_str().unwrap().parse().unwrap();
    let text = format!("{:.1}", amount.abs() / 1e6);
    let (whole, tenth) = text.split_once('.').unwrap();
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if amount < 0.0 && text != "0.0" { "-" } else { "" };
    format!("{sign}{grouped}.{tenth}")
}

/// The numbers that the page shows first are those of `run` and `risk`.
fn headline_agrees(opened: &mut Opened) {
    let Opened { browser, run, risk, .. } = opened;
    let key = |key: &str| format!("[data-key=\"{key}\"]");
    let all = named(&risk["dates"], "online.all");
    for (name, p) in [("p50", 50.0), ("p80", 80.0)] {
        assert_eq!(browser.text(&key(name)), day(percentile(all, p)), "{name}");
    }
    if let Some(plan) = named(&run["dates"], "all_online")["plan"].as_str() {
        assert_eq!(browser.text(&key("plan")), plan);
    }
    let cover = run["money"]["least_dscr"].as_f64().unwrap();
    assert_eq!(browser.text(&key("least-dscr")), format!("{cover:.2}x"));
    let ever = |column: &Value| {
        let last = column["by_month"].as_array().unwrap().last().cloned().unwrap_or_default();
        last["by_end"]["share"].as_f64().unwrap_or(0.0)
    };
    let columns = risk["money"].as_array().unwrap().iter();
    let breaks = columns.filter(|of| of["name"].as_str().unwrap().starts_with("breaks:"));
    let most = breaks.map(ever).max_by(f64::total_cmp).unwrap();
    let shown = browser.text(&key("breach"));
    let expected = match most {
        most if most > 0.0 && most < 0.001 => "<0.1%".to_owned(),
        most if most < 1.0 && most > 0.999 => ">99.9%".to_owned(),
        most => format!("{:.1}%", most * 100.0),
    };
    assert_eq!(shown, expected);
    assert_eq!(browser.text(&key("seed")), "1");
    assert_eq!(browser.text(&key("trials")), risk["trials"].to_string());
}

/// The table of revenue by year is that of `risk`.
fn revenue_agrees(opened: &mut Opened) {
    let rows = opened.browser.eval(
        "[...document.querySelectorAll('#headline tbody tr')].map(row => \
         [...row.children].map(cell => cell.textContent))",
    );
    let rows = rows.as_array().unwrap();
    assert!(rows.len() > 3, "{} years", rows.len());
    for row in rows {
        let name = format!("revenue:{}", row[0].as_str().unwrap());
        let column = named(&opened.risk["money"], &name);
        assert_eq!(row[2], millions(&column["mean"]["amount"]), "{name}");
        for (cell, p) in [(3, 10.0), (4, 50.0), (5, 90.0)] {
            let expected = millions(&percentile(column, p)["amount"]);
            assert_eq!(row[cell], expected, "{name} at {p}");
        }
    }
}

/// Hands and keys open, close, zoom and filter the programme.
fn programme_answers(opened: &mut Opened) {
    let count = opened.run["counts"]["activities"].to_string();
    let browser = &mut opened.browser;
    assert_eq!(browser.text("#gantt-count"), format!("{count} activities"));
    let leaves = "document.querySelectorAll('#gantt-tree .leaf').length";
    let expanded = "document.querySelector('#gantt-tree .branch').ariaExpanded";
    browser.click("[data-do=shut]");
    assert_eq!(browser.eval(leaves), json!(0));
    let first = browser.text("#gantt-tree .branch small");
    browser.click("#gantt-tree .branch .head");
    assert_eq!(browser.eval(expanded), json!("true"));
    assert_eq!(browser.eval(leaves).to_string(), first);
    browser.press("ArrowLeft");
    assert_eq!(browser.eval(expanded), json!("false"));
    browser.press("ArrowRight");
    assert_eq!(browser.eval(expanded), json!("true"));
    browser.press("ArrowDown");
    let focused = "document.activeElement.className";
    assert_eq!(browser.eval(focused), json!("row leaf"));
    browser.click("[data-do=open]");
    assert_eq!(browser.eval(leaves).to_string(), count);
    let width = "document.querySelector('#gantt-tree .track').offsetWidth";
    let fitted = browser.eval(width);
    let before = fitted.as_f64().unwrap();
    browser.click("[data-do=in]");
    let after = browser.eval(width).as_f64().unwrap();
    assert!((after / before - 1.6).abs() < 0.01, "{before} to {after}");
    browser.click("[data-do=fit]");
    assert_eq!(browser.eval(width), fitted);
    browser.click("#gantt-critical");
    let critical = browser.eval(leaves).as_u64().unwrap();
    assert!(critical > 0 && critical.to_string() != count, "{critical} of {count}");
    browser.click("#gantt-critical");
    browser.click("#gantt-tree .leaf .name");
    assert_eq!(browser.eval("document.querySelector('#gantt-tip').hidden"), json!(false));
}

/// Every chart has its picture, in light and in dark, and its table, which a click opens.
fn charts_have_tables(opened: &mut Opened) {
    let browser = &mut opened.browser;
    let broken = "Promise.all([...document.images].map(image => image.decode().then(() => \
                  image.naturalWidth > 0 ? '' : 'empty', () => image.alt))).then(all => \
                  all.filter(text => text !== ''))";
    for scheme in ["dark", "light"] {
        browser.look(1280, scheme);
        // The picture of the programme is for paper: the script draws it here.
        assert_eq!(browser.eval(broken), json!([]), "{scheme}");
    }
    let figures = browser.eval("document.querySelectorAll('figure').length").as_u64().unwrap();
    let tables = browser.eval("document.querySelectorAll('figure table').length");
    assert!(figures >= 6, "{figures} charts");
    assert_eq!(tables.as_u64().unwrap(), figures);
    let height = "document.querySelector('#figure-ramp table').offsetHeight > 0 && \
                  document.querySelector('#figure-ramp details').open";
    browser.click("#figure-ramp summary");
    assert_eq!(browser.eval(height), json!(true));
}

/// Nothing was asked for but the page, nothing was complained about, nothing sticks out.
fn stays_quiet(opened: &mut Opened) {
    let browser = &mut opened.browser;
    for width in [360, 800, 1280] {
        browser.look(width, "light");
        let wide = browser.eval("document.documentElement.scrollWidth").as_u64().unwrap();
        assert!(wide <= u64::from(width), "{wide} px wide on {width}");
    }
    let nameless = "[...document.querySelectorAll('button, input, summary, a, img')].filter(of => \
                    !(of.ariaLabel || of.alt || of.textContent.trim() || \
                    of.labels && of.labels.length)).map(of => of.outerHTML)";
    assert_eq!(browser.eval(nameless), json!([]));
    let twice = "(() => { const all = [...document.querySelectorAll('[id]')].map(of => of.id); \
                 return all.filter((id, at) => all.indexOf(id) !== at); })()";
    assert_eq!(browser.eval(twice), json!([]));
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{complaints:?}");
    let requests = browser.requests();
    assert!(requests.len() == 1 && requests[0].starts_with("file://"), "{requests:?}");
}

#[test]
fn london_with_a_thousand_trials_reads_and_answers_in_a_browser() {
    let Some(mut opened) = open(&shipped("london-blackwell-ultra.yaml"), "1000") else { return };
    headline_agrees(&mut opened);
    revenue_agrees(&mut opened);
    programme_answers(&mut opened);
    charts_have_tables(&mut opened);
    stays_quiet(&mut opened);
}

#[test]
fn the_operator_portfolio_reads_and_answers_in_a_browser() {
    let Some(mut opened) = open(&shipped("operator-2025.yaml"), "200") else { return };
    let paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime";
    let paint = opened.browser.eval(paint).as_f64().unwrap();
    println!("first view after {paint:.0} ms");
    headline_agrees(&mut opened);
    revenue_agrees(&mut opened);
    programme_answers(&mut opened);
    charts_have_tables(&mut opened);
    stays_quiet(&mut opened);
}

#[test]
fn an_enemys_names_are_read_and_not_run() {
    let Some(mut browser) = Browser::start() else { return };
    let fixture = Fixture::new().file("site.yaml", HOSTILE);
    fixture.run(["report", "site.yaml", "--trials", "40", "-o", "page.html"]).fine();
    browser.look(1280, "dark");
    browser.open(&fixture.path("page.html"));
    browser.click("[data-do=open]");
    assert_eq!(browser.eval("typeof window.hacked"), json!("undefined"));
    let title = browser.text("h1");
    assert!(title.starts_with("</title><script>window.hacked=1</script> \"A\" & 'B'"), "{title}");
    let names = browser.eval(
        "[...document.querySelectorAll('#gantt-tree .leaf .name')].map(of => of.textContent)",
    );
    let names: Vec<&str> = names.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(names.contains(&"</script><script>window.hacked=1</script>"), "{names:?}");
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{complaints:?}");
    // What is put in later cannot run either.
    browser.eval(
        "document.body.append(Object.assign(document.createElement('script'), \
         {textContent: 'window.hacked=1'}))",
    );
    assert_eq!(browser.eval("typeof window.hacked"), json!("undefined"));
}
