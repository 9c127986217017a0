//! The tables on the operator portfolio that README and `sites/README.md` show are what the
//! commands beside them come to.

use super::fixture::Fixture;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A page, unless the tests run where none ships.
fn page(name: &str) -> Option<String> {
    std::fs::read_to_string(format!("{ROOT}/{name}")).ok()
}

/// Rows of a file that a command writes, each by the name of its column.
struct Rows {
    heads: csv::StringRecord,
    rows: Vec<csv::StringRecord>,
}

impl Rows {
    /// Runs a command as a page shows it, from the folder of the repository.
    fn of(command: &str, file: &str) -> Rows {
        let args = command.strip_prefix("energize ").expect("a command");
        let words = words(args).into_iter().map(|word| match word.starts_with("sites/") {
            true => format!("{ROOT}/{word}"),
            false => word,
        });
        let fixture = Fixture::new();
        fixture.run(words.chain(["--out".to_owned(), "out".to_owned()])).fine();
        let text = fixture.read(&format!("out/{file}"));
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let heads = reader.headers().expect("heads").clone();
        Rows { heads, rows: reader.records().map(|row| row.expect("a row")).collect() }
    }

    fn cell<'r>(&self, row: &'r csv::StringRecord, head: &str) -> &'r str {
        let at = self.heads.iter().position(|found| found == head);
        &row[at.unwrap_or_else(|| panic!("no column {head}"))]
    }

    fn number(&self, row: &csv::StringRecord, head: &str) -> f64 {
        let cell = self.cell(row, head);
        cell.parse().unwrap_or_else(|_| panic!("`{cell}` in {head}"))
    }
}

/// Words of a command line; quotes hold one together.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('\'').enumerate();
    let words = parts.flat_map(|(at, part)| match at % 2 {
        1 => vec![part.to_owned()],
        _ => part.split_whitespace().map(str::to_owned).collect(),
    });
    words.collect()
}

/// `12,345` or `1,234.5`.
fn grouped(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let digits = whole.len();
    let mut out = if value < 0.0 { "-".to_owned() } else { String::new() };
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (digits - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

fn millions(value: f64) -> String {
    grouped(value / 1e6, 0)
}

/// The command stands on the page, and so does every line of the table.
fn shown(name: &str, page: &str, command: &str, lines: &[String]) {
    assert!(page.contains(command), "{name} shows no `{command}`");
    let table = lines.join("\n");
    assert!(page.contains(&table), "{name} should hold, below `{command}`:\n{table}\n");
}

const BACKLOG: &str = "energize run sites/operator-2025.yaml --contracts --by year";

#[test]
fn the_backlog_turns_into_revenue_as_the_page_says() {
    let Some(text) = page("sites/README.md") else { return };
    let rows = Rows::of(BACKLOG, "contracts.csv");
    let years = ["2024", "2025", "2026", "2027", "2028"];
    let mut names: Vec<&str> = rows.rows.iter().map(|row| rows.cell(row, "contract")).collect();
    names.dedup();
    let mut lines = Vec::new();
    let mut all = [0.0; 6];
    for name in names.into_iter().filter(|name| !name.is_empty()) {
        let mut cells = vec!["-".to_owned(); 6];
        for (at, year) in years.iter().enumerate() {
            let row = rows.rows.iter().find(|row| {
                rows.cell(row, "contract") == name && rows.cell(row, "from").starts_with(year)
            });
            let Some(row) = row else { continue };
            let (revenue, left) = (rows.number(row, "all_revenue"), rows.number(row, "backlog"));
            cells[at] = millions(revenue);
            all[at] += revenue;
            if at == years.len() - 1 {
                cells[5] = millions(left);
                all[5] += left;
            }
        }
        lines.push(format!("| {name} | {} |", cells.join(" | ")));
    }
    lines.push(format!("| all | {} |", all.map(millions).join(" | ")));
    shown("sites/README.md", &text, BACKLOG, &lines);
}

const NEXT: &str = "energize run sites/operator-2025.yaml --scenario \
                    sites/scenarios/next-generation.yaml --covenants";
/// The same test, with the values that the lender counts without the scenario.
const BEFORE: &str = "--set 'values.book-of-the-lender={2024-01-01: 100%, 2026-01-01: 70%, \
                      2028-01-01: 35%}'";

#[test]
fn next_generation_silicon_cuts_the_collateral_as_the_page_says() {
    let Some(text) = page("sites/README.md") else { return };
    let portfolio = std::fs::read_to_string(format!("{ROOT}/sites/operator-2025.yaml")).unwrap();
    let stated = BEFORE.split_once("lender=").unwrap().1.trim_end_matches('\'');
    assert!(portfolio.contains(&format!("book-of-the-lender: {stated}")), "{stated}");
    let before_command = format!("{NEXT} {BEFORE}");
    let [before, after] = [&before_command, NEXT].map(|line| Rows::of(line, "covenants.csv"));
    let tests = |rows: &Rows| -> Vec<csv::StringRecord> {
        let ltv = |row: &&csv::StringRecord| {
            rows.cell(row, "test") == "ltv" && rows.cell(row, "outcome") != "not tested"
        };
        rows.rows.iter().filter(ltv).cloned().collect()
    };
    let pairs = tests(&before).into_iter().zip(tests(&after));
    let line = |(one, two): (csv::StringRecord, csv::StringRecord)| {
        let side = |rows: &Rows, row: &csv::StringRecord| {
            let value = rows.number(row, "denominator");
            format!("{} | {:.1} %", millions(value), 100.0 * rows.number(row, "value"))
        };
        assert_eq!(before.cell(&one, "day"), after.cell(&two, "day"));
        let outcome = after.cell(&two, "outcome");
        let (day, debt) = (after.cell(&two, "day"), millions(after.number(&two, "numerator")));
        assert_eq!(debt, millions(before.number(&one, "numerator")), "the debt is the same");
        format!("| {day} | {debt} | {} | {} | {outcome} |", side(&before, &one), side(&after, &two))
    };
    let lines: Vec<String> = pairs.map(line).collect();
    assert!(lines.len() > 8, "{lines:?}");
    shown("sites/README.md", &text, NEXT, &lines);
    assert!(text.contains(BEFORE), "sites/README.md shows no `{BEFORE}`");
}

const AGAINST: &str = "energize run sites/operator-2025.yaml --against sites/actuals-2025.csv";

#[test]
fn the_quarter_stands_beside_what_happened_as_the_readme_says() {
    let Some(text) = page("README.md") else { return };
    let rows = Rows::of(AGAINST, "against.csv");
    let models = ["as known on 2025-08-12", "as known on 2025-11-10"];
    let of = |metric: &str, quarter: &str| {
        let found = rows.rows.iter().find(|row| &row[0] == metric && &row[1] == quarter);
        found.unwrap_or_else(|| panic!("no row for {metric} {quarter}"))
    };
    let line = |(metric, name, decimals): (&str, &str, usize)| {
        let row = of(metric, "2025Q3");
        let cells = models.map(|model| {
            let error = 100.0 * rows.number(row, &format!("error, {model}"));
            format!("{} | {error:+.1} %", grouped(rows.number(row, model), decimals))
        });
        let actual = grouped(rows.number(row, "actual"), decimals);
        format!("| {name} | {actual} | {} | {} |", cells[0], cells[1])
    };
    let lines = [
        ("revenue", "revenue", 1),
        ("operating_income", "operating income", 1),
        ("interest_expense", "interest expense", 1),
        ("backlog", "revenue backlog", 0),
    ];
    let command = AGAINST.replace("energize ", "cargo run --release -- ");
    shown("README.md", &text, &command, &lines.map(line));
    // Capital cost: by quarter, and what is left of the error over the three quarters together.
    let quarters = ["2025Q1", "2025Q2", "2025Q3"];
    let sum = |head: &str| -> f64 {
        quarters.iter().map(|quarter| rows.number(of("capex_incurred", quarter), head)).sum()
    };
    let incurred = quarters.map(|quarter| {
        let row = of("capex_incurred", quarter);
        let cell = |head: &str| grouped(rows.number(row, head), 0);
        format!("| {quarter} | {} | {} | {} |", cell("actual"), cell(models[0]), cell(models[1]))
    });
    let [actual, early, late] = ["actual", models[0], models[1]].map(sum);
    let all = [actual, early, late].map(|sum| grouped(sum, 0)).join(" | ");
    let lines = incurred.into_iter().chain([format!("| together | {all} |")]);
    shown("README.md", &text, &command, &lines.collect::<Vec<_>>());
}

#[test]
fn the_scenarios_move_revenue_as_the_readme_says() {
    let Some(text) = page("README.md") else { return };
    let on_time = "--scenario sites/scenarios/london-on-time.yaml";
    let one = |name: &str| format!("--scenario sites/scenarios/{name}.yaml");
    let after = |name: &str| format!("{on_time} {}", one(name));
    let cases = [
        ("none", String::new()),
        ("none, `--as-of 2025-08-12`", "--as-of 2025-08-12".to_owned()),
        ("contractor-delay (as of 12 August)", one("contractor-delay")),
        ("no-london", one("no-london")),
        ("london-on-time", on_time.to_owned()),
        ("london-plus-3-months", after("london-plus-3-months")),
        ("london-plus-6-months", after("london-plus-6-months")),
        ("london-plus-9-months", after("london-plus-9-months")),
        ("dedicated-lots", one("dedicated-lots")),
        ("life-3-years, life-5-years", one("life-3-years")),
        ("life-3-years, life-5-years", one("life-5-years")),
    ];
    for (name, more) in cases {
        let rows =
            Rows::of(&format!("energize run sites/operator-2025.yaml {more}"), "quarters.csv");
        let year = |year: &str| -> f64 {
            let of = rows.rows.iter().filter(|row| row[0].starts_with(year));
            of.map(|row| rows.number(row, "service_revenue") + rows.number(row, "recharge")).sum()
        };
        let cells = ["2025", "2026", "2027"].map(|at| millions(year(at))).join(" | ");
        let line = format!("| {name} | {cells} |");
        assert!(text.contains(&line), "README.md should hold: {line}");
    }
}

#[test]
fn numbers_are_grouped_by_threes() {
    let all = [(1_234.54, 1), (999.96, 1), (1e6, 0), (-12_345.0, 0), (0.4, 0)];
    assert_eq!(
        all.map(|(value, decimals)| grouped(value, decimals)),
        ["1,234.5", "1,000.0", "1,000,000", "-12,345", "0"]
    );
}
