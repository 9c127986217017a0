//! Runs side by side as tables, as CSV and as JSON.

use serde::Serialize;

use super::style::Style;
use super::summary::money;
use super::tables::{millions, short, table};
use crate::analysis::compare::{Comparison, Difference, Figure, Line, Topic, Unit};
use crate::spec::finding::counted;

/// What a column of a comparison is of.
#[derive(Clone, Debug, Serialize)]
pub struct Column {
    /// Head of the column: the file, or what is laid over it.
    pub name: String,
    /// The file.
    pub file: String,
    /// Scenarios laid over it, in order.
    pub scenarios: Vec<String>,
    /// Name of the site or portfolio.
    pub site: String,
    /// Its title.
    pub title: String,
    /// Its reporting currency.
    pub currency: String,
}

/// A comparison with what its columns are of.
#[derive(Clone, Copy, Debug)]
pub struct Compared<'c> {
    /// By run.
    pub columns: &'c [Column],
    /// The runs side by side.
    pub comparison: &'c Comparison,
    /// Whether lines are told in which all runs are equal.
    pub all: bool,
}

impl Compared<'_> {
    fn lines(&self) -> Vec<&Line> {
        let lines = self.comparison.lines.iter();
        lines.filter(|line| self.all || !self.comparison.is_equal(line)).collect()
    }

    fn left_out(&self) -> usize {
        self.comparison.lines.len() - self.lines().len()
    }

    /// The currency of all columns, if it is one.
    fn currency(&self) -> Option<&str> {
        let first = &*self.columns.first()?.currency;
        self.columns.iter().all(|column| column.currency == first).then_some(first)
    }
}

/// Tables of dates, ramp, money and covenants: a column a run, each but the first with its
/// difference to the first.
pub fn compare_text(compared: &Compared<'_>) -> String {
    let names: Vec<&str> = compared.columns.iter().map(|column| &*column.name).collect();
    let mut parts = vec![head(compared, &names)];
    let lines = compared.lines();
    let currency = match compared.currency() {
        Some(currency) => format!("Money, {currency} million"),
        None => {
            let each = compared.columns.iter();
            let each: Vec<String> =
                each.map(|column| format!("{} in {}", column.name, column.currency)).collect();
            format!("Money, million: {}", each.join("; "))
        }
    };
    for (title, first, last) in [
        ("Dates", Topic::Dates, Topic::Dates),
        ("Online IT MW at the end of quarters", Topic::Ramp, Topic::Ramp),
        (&currency, Topic::Revenue, Topic::Equity),
        ("Covenants", Topic::Covenants, Topic::Covenants),
    ] {
        let of = lines.iter().filter(|line| (first..=last).contains(&line.topic));
        let rows: Vec<Vec<String>> = of.map(|line| row(compared.comparison, line)).collect();
        if !rows.is_empty() {
            let heads = heads(&names);
            let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
            let body = table(&heads, 1, rows);
            parts.push(format!("{}\n{body}", Style::head(title)));
        }
    }
    if !lines.is_empty() {
        parts.push(Style::dim(NOTE));
    }
    parts.join("\n")
}

const NOTE: &str = "  difference: to the first column, in calendar days; n/a: a run has no such \
                    thing, or its\n  books end before; headroom: on the day of the test, below 0 \
                    beyond the threshold\n";

fn head(compared: &Compared<'_>, names: &[&str]) -> String {
    let title = Style::head(&names.join(" | "));
    let count = |count| counted(count, "line");
    let left_out = compared.left_out();
    let all = compared.comparison.lines.len();
    let about = match left_out {
        _ if compared.comparison.lines.iter().all(|line| compared.comparison.is_equal(line)) => {
            format!("no difference: {} compared, equal in all columns", count(all))
        }
        0 => format!("{} compared", count(all)),
        some => {
            format!("{} compared, {some} equal in all columns left out (--all)", count(all))
        }
    };
    format!("{title}\n{}\n", Style::dim(&format!("likely values, not a P50; {about}")))
}

/// Widest head of a column before it goes on in the next line.
const HEAD_CHARS_MAX: usize = 22;

fn heads(names: &[&str]) -> Vec<String> {
    let mut heads = vec![String::new()];
    for (at, name) in names.iter().enumerate() {
        heads.push(folded(name));
        heads.extend((at > 0).then(|| "difference".to_owned()));
    }
    heads
}

/// Words in lines of no more than a head may be wide, as far as words are shorter.
fn folded(name: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in name.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= HEAD_CHARS_MAX => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

fn row(comparison: &Comparison, line: &Line) -> Vec<String> {
    let mut cells = vec![name(line)];
    for (at, figure) in line.figures.iter().enumerate() {
        cells.push(figure.map_or("n/a".into(), |figure| figure_text(line.unit, figure)));
        if at > 0 {
            let difference = comparison.difference(line, at);
            cells.push(difference.map_or(String::new(), |by| difference_text(line.unit, by)));
        }
    }
    cells
}

/// `alpha: first unit online`, `revenue 2027`, `ddtl: DSCR, least headroom`.
fn name(line: &Line) -> String {
    let subject = short(&line.subject);
    match line.topic {
        _ if subject.is_empty() => line.measure.to_owned(),
        Topic::Dates => format!("{subject}: {}", line.measure),
        Topic::Ramp => subject,
        Topic::Covenants => format!("{subject}, {}", line.measure),
        _ => format!("{} {subject}", line.measure),
    }
}

fn figure_text(unit: Unit, figure: Figure) -> String {
    match figure {
        Figure::Day(day) => day.to_string(),
        Figure::Never => "never".into(),
        Figure::NoneFails => "none fails".into(),
        Figure::NotTested => "not tested".into(),
        Figure::Power(power) => format!("{:.1}", power.mw()),
        Figure::Money(amount, None) => millions(amount),
        Figure::Money(amount, Some(day)) => {
            let day = day.to_string();
            let month = day.rsplit_once('-').map_or(&*day, |(month, _)| month);
            format!("{} ({month})", millions(amount))
        }
        Figure::Room(room, day) => format!("{} ({day})", room_text(unit, room)),
    }
}

fn difference_text(unit: Unit, by: Difference) -> String {
    match by {
        Difference::Days(days) => format!("{days:+} d"),
        Difference::Power(power) => format!("{:+.1}", power.mw()),
        Difference::Money(amount) => {
            let text = millions(amount);
            if text.starts_with('-') { text } else { format!("+{text}") }
        }
        Difference::Room(room) => room_text(unit, room),
    }
}

fn room_text(unit: Unit, room: rust_decimal::Decimal) -> String {
    match unit {
        Unit::Percent => format!("{:+.1} %", (room * HUNDRED).round_dp(1)),
        _ => format!("{:+.2}x", room.round_dp(2)),
    }
}

const HUNDRED: rust_decimal::Decimal = rust_decimal::Decimal::ONE_HUNDRED;

// ------------------------------------------------------------------------------ for programs

/// A comparison as programs read it.
///
/// Days are ISO; money is a decimal string in the reporting currency of the column, to the cent;
/// power is in MW; headroom in turns or, of an LTV, as a share. Where there is no such figure it is
/// null; `never`, `none fails` and `not tested` are words in place of a day or a headroom. Fields
/// are only ever added.
#[derive(Debug, Serialize)]
struct Document<'c> {
    /// `energize` and its version.
    generator: String,
    /// What the numbers are.
    basis: &'static str,
    /// By run; the first is what the others are compared with.
    columns: &'c [Column],
    /// Lines, without those in which all runs are equal unless all were asked for.
    lines: Vec<LineOut>,
    /// How many equal lines were left out.
    left_out: usize,
    /// Files of the folder this stands in, itself included.
    files: &'c [&'c str],
}

/// One line.
#[derive(Debug, Serialize)]
struct LineOut {
    /// `dates`, `ramp`, `revenue`, `ebitda`, `interest`, `debt`, `cash`, `equity`, `covenants`.
    topic: &'static str,
    /// A site, a hall, a year, a day, a covenant; empty for the whole.
    subject: String,
    /// What is told of it.
    measure: &'static str,
    /// `day`, `it_mw`, `money`, `turns`, `share`.
    unit: &'static str,
    /// By column.
    figures: Vec<serde_json::Value>,
    /// By column: the day that a highest or lowest figure belongs to; missing where no figure has
    /// one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    on: Vec<Option<String>>,
    /// By column, to the first, whose own is null: days, MW, money, turns or share.
    differences: Vec<serde_json::Value>,
    /// Whether all columns are the same.
    equal: bool,
}

/// A comparison as JSON; `files` are those written beside it.
pub fn compare_json(compared: &Compared<'_>, files: &[&str]) -> serde_json::Value {
    let document = Document {
        generator: format!("energize {}", env!("CARGO_PKG_VERSION")),
        basis: "likely values, not a P50",
        columns: compared.columns,
        lines: compared.lines().iter().map(|line| line_out(compared, line)).collect(),
        left_out: compared.left_out(),
        files,
    };
    serde_json::to_value(document).expect("plain data")
}

fn line_out(compared: &Compared<'_>, line: &Line) -> LineOut {
    let comparison = compared.comparison;
    let on = |figure: &Option<Figure>| figure.and_then(Figure::on).map(|day| day.to_string());
    let mut on: Vec<_> = line.figures.iter().map(on).collect();
    if on.iter().all(Option::is_none) {
        on.clear();
    }
    let difference = |at| match at {
        0 => serde_json::Value::Null,
        _ => comparison.difference(line, at).map_or(serde_json::Value::Null, difference_value),
    };
    LineOut {
        topic: line.topic.word(),
        subject: line.subject.clone(),
        measure: line.measure,
        unit: unit_word(line.unit),
        figures: line.figures.iter().map(|figure| figure.map(figure_value).into()).collect(),
        on,
        differences: (0..line.figures.len()).map(difference).collect(),
        equal: comparison.is_equal(line),
    }
}

fn unit_word(unit: Unit) -> &'static str {
    match unit {
        Unit::Day => "day",
        Unit::ItMw => "it_mw",
        Unit::Money => "money",
        Unit::Turns => "turns",
        Unit::Percent => "share",
    }
}

fn figure_value(figure: Figure) -> serde_json::Value {
    match figure {
        Figure::Power(power) => power.mw().into(),
        Figure::Money(amount, _) => money(amount).into(),
        Figure::Room(room, _) => number(room),
        other => figure_text(Unit::Day, other).into(),
    }
}

fn difference_value(by: Difference) -> serde_json::Value {
    match by {
        Difference::Days(days) => days.into(),
        Difference::Power(power) => power.mw().into(),
        Difference::Money(amount) => money(amount).into(),
        Difference::Room(room) => number(room),
    }
}

fn number(room: rust_decimal::Decimal) -> serde_json::Value {
    let number: f64 = room.to_string().parse().expect("a decimal is a number");
    number.into()
}

/// As rows of `topic,subject,measure,unit,NAME,on,NAME,on,difference,...`, with figures as
/// [`compare_json`] has them; what is null there is empty.
pub fn compare_csv(compared: &Compared<'_>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut heads = ["topic", "subject", "measure", "unit"].map(String::from).to_vec();
    for (at, column) in compared.columns.iter().enumerate() {
        heads.extend([column.name.clone(), format!("on, {}", column.name)]);
        heads.extend((at > 0).then(|| format!("difference, {}", column.name)));
    }
    writer.write_record(&heads).expect("memory takes it");
    for line in compared.lines() {
        let LineOut { topic, subject, measure, unit, figures, on, differences, .. } =
            line_out(compared, line);
        let mut cells = vec![topic.to_owned(), subject, measure.to_owned(), unit.to_owned()];
        for (at, (figure, difference)) in figures.iter().zip(&differences).enumerate() {
            cells.extend([plain(figure), on.get(at).cloned().flatten().unwrap_or_default()]);
            cells.extend((at > 0).then(|| plain(difference)));
        }
        writer.write_record(&cells).expect("memory takes it");
    }
    writer.into_inner().expect("memory takes it")
}

fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
