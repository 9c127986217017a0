//! What `run` and `check` print for people.

use comfy_table::{Cell, CellAlignment, Table, presets};

use super::covenants::verdicts;
use super::deadlines::{broken_links, deadlines};
use super::stores::{sites_table, stock_table};
use super::style::Style;
use super::trace::ready_line;
use super::unfunded::unfunded_lines;
use crate::analysis::{Driver, Run, cause_text};
use crate::capacity::Binds;
use crate::ledger::PeriodRow;
use crate::model::Site;
use crate::money::Money;
use crate::spec::finding::counted;
use crate::time::{Day, Minute};
use crate::unit::{FacilityPower, GridPower, Share};

/// The whole answer: headline, ramp, what bound, late halls, critical path, quarters, money notes.
pub fn run_text(site: &Site, run: &Run) -> String {
    let mut parts = vec![head(site, run)];
    if site.halls.is_empty() {
        parts.push(section("Dates", last_finish(site, run)));
    } else {
        parts.push(section("Dates", headline(site, run)));
        parts.push(section("Sites", sites_table(site, run)));
        parts.push(section("Ramp, at the end of each period", ramp(site, run)));
        let since = site.plan.data_date().day();
        let title = format!("What bound from {since} until each hall was complete");
        parts.push(section(&title, bound(site, run)));
        parts.push(section("Halls, and what their slip against plan is made of", halls(site, run)));
    }
    parts.push(section("Racks in store", stock_table(site, run)));
    parts.push(section("Deadlines and late limits", deadlines(site, run)));
    parts.push(section("Links that constraints break", broken_links(site, run)));
    parts.push(section("Critical path, crews and racks included", path(site, run)));
    if !run.quarters.is_empty() && has_money(site) {
        let title = format!("By quarter, {} million", site.terms.fx.reporting());
        parts.push(section(&title, quarters(run)));
        parts.push(section("Money", money_notes(site, run)));
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

fn has_money(site: &Site) -> bool {
    let terms = &site.terms;
    !terms.contracts.is_empty() || !terms.loans.is_empty() || !terms.costs.is_empty()
}

fn section(title: &str, body: String) -> String {
    if body.is_empty() { body } else { format!("{}\n{body}", Style::head(title)) }
}

fn head(site: &Site, run: &Run) -> String {
    let title = if site.title.is_empty() { &site.id } else { &site.title };
    let status = site.plan.status.map(|status| format!(", status date {}", status.day()));
    let never = run.timeline.finish.iter().filter(|at| !at.happens()).count();
    let never = match never {
        0 => String::new(),
        1 => format!("\n{}", Style::bad("1 activity never finishes")),
        count => format!("\n{}", Style::bad(&format!("{count} activities never finish"))),
    };
    let unfunded = unfunded_lines(site, run);
    format!(
        "{}\n{}{never}{unfunded}\n",
        Style::head(title),
        Style::dim(&format!(
            "likely values, not a P50; {} activities, {} links, {} events{}",
            site.plan.activities.len(),
            site.plan.links.len(),
            run.timeline.events.len(),
            status.unwrap_or_default(),
        )),
    )
}

/// A table without frame: heads, right-aligned but for the first `left` columns. Cells hold no
/// emphasis: its escape codes would count as width.
pub fn table(heads: &[&str], left: usize, rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(heads.iter().map(Cell::new).collect::<Vec<_>>());
    for row in rows {
        table.add_row(row);
    }
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((if at == 0 { 2 } else { 1 }, 1));
        if at >= left {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n") + "\n"
}

/// The day of an instant that may never come.
pub fn date(at: Minute) -> String {
    if at.happens() { at.day().to_string() } else { "never".into() }
}

fn slip(plan: Option<Day>, at: Minute) -> String {
    match plan {
        Some(plan) if at.happens() => format!("{:+} d", at.day() - plan),
        Some(_) => "never".into(),
        None => String::new(),
    }
}

fn headline(site: &Site, run: &Run) -> String {
    let promised = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
    let first_hall = run.ramp.halls.iter().map(|hall| hall.ready).min().unwrap_or(Minute::NEVER);
    let last_hall = run.ramp.halls.iter().map(|hall| hall.ready).max().unwrap_or(Minute::NEVER);
    let halls = site.baseline.halls.iter().map(|promise| promise.1);
    let every_hall = site.baseline.halls.len() == site.halls.len();
    let plan = &site.baseline;
    let rows = [
        ("first hall ready for service", halls.clone().min(), first_hall),
        ("last hall ready for service", halls.max().filter(|_| every_hall), last_hall),
        ("first unit online", plan.first_online, run.headline.first),
        ("half of the IT MW online", plan.half_online, run.headline.half),
        ("all of the IT MW online", plan.all_online, run.headline.all),
    ];
    let rows =
        rows.map(|(name, day, at)| vec![name.to_owned(), promised(day), date(at), slip(day, at)]);
    let dates = table(&["", "plan", "model", "slip"], 1, rows.to_vec());
    format!("{dates}{}", Style::dim(&capacity_line(site)))
}

/// The end of a site of which only the works are known.
fn last_finish(site: &Site, run: &Run) -> String {
    let from = if site.plan.status.is_some() { "status date" } else { "start" };
    let rows = [(from, site.plan.data_date()), ("last finish", run.timeline.end())];
    let rows = rows.map(|(name, at)| vec![name.to_owned(), date(at)]);
    let open = site.plan.activities.iter().filter(|activity| !activity.is_finished()).count();
    let left = format!("  {open} of {} activities to go\n", site.plan.activities.len());
    let left = Style::dim(&left);
    format!("{}{left}", table(&["", "model"], 1, rows.to_vec()))
}

/// `119,808 GPUs, 262.5 IT MW; facility 315.0 MW average, 354.4 MW peak; grid 400.0 MW`.
fn capacity_line(site: &Site) -> String {
    let it = site.planned_it();
    let grid: GridPower = site.stages.iter().map(|stage| stage.grid).sum();
    let (average, peak) = (site.facility(it), site.peak_facility(it));
    let apparent = site.apparent_mva();
    let pue = |facility: FacilityPower, stated: Share| match site.premises.len() {
        1 => stated.to_f64(),
        _ => (facility.mw() / it.mw().max(1e-6) * 1_000.0).round() / 1_000.0,
    };
    let power = &site.premises[0].power;
    format!(
        "  planned: {} GPUs, {it}; {average} at average PUE {}, {peak} at peak PUE {}; {grid} \
         in {} ({apparent:.1} MVA)\n",
        grouped(site.planned_gpus()),
        pue(average, power.pue),
        pue(peak, power.peak_pue),
        counted(site.stages.len(), "stage"),
    )
}

/// A whole number with thousands grouped.
pub fn grouped(number: u64) -> String {
    Money(number as i64 * 1_000_000).to_string().trim_end_matches(".00").to_owned()
}

/// Month ends, or quarter ends if there would be more than 18, from the first rack on.
fn ramp(site: &Site, run: &Run) -> String {
    let Some(first) = run.gpus.iter().find(|step| step.reached[1] > 0).map(|step| step.at.day())
    else {
        return String::new();
    };
    let last = run.ramp.steps.last().map_or(first, |step| step.at.day());
    let mut ends = vec![first.next_month()];
    while ends[ends.len() - 1] <= last && ends.len() < 600 {
        ends.push(ends[ends.len() - 1].next_month());
    }
    if ends.len() > 18 {
        ends.retain(|end| matches!(end.date().month(), 1 | 4 | 7 | 10));
    }
    let row = |end: Day| {
        let online = run.ramp.online_before(end);
        let facility = site.facility(online);
        let mut cells = vec![
            (end + -1).to_string(),
            format!("{:.1}", online.mw()),
            format!("{:.1}", facility.mw()),
        ];
        cells.extend(run.gpus_before(end).map(grouped));
        cells.push(grouped(run.billing_on(end + -1)));
        cells
    };
    let heads = [
        "",
        "online IT MW",
        "facility MW",
        "GPUs ordered",
        "delivered",
        "racked",
        "accepted",
        "billing",
    ];
    table(&heads, 1, ends.into_iter().map(row).collect())
}

fn bound(site: &Site, run: &Run) -> String {
    let rows = [
        (Binds::Power, "power: its stages are not live"),
        (Binds::Cooling, "cooling: shell and plant are not through L4"),
        (Binds::Acceptance, "acceptance: units are not racked, tested, accepted"),
    ];
    let rows = rows
        .map(|(term, name)| vec![name.to_owned(), format!("{:.0}", run.bound_days(site, term))]);
    table(&["", "hall-days"], 1, rows.to_vec())
}

fn halls(site: &Site, run: &Run) -> String {
    let line = |hall: u32| {
        let at = date(run.slips[hall as usize].ready);
        format!("  {at}  {}", ready_line(site, run, hall))
    };
    let lines: Vec<String> = (0..site.halls.len() as u32).map(line).collect();
    lines.join("\n") + "\n"
}

fn path(site: &Site, run: &Run) -> String {
    let rows = fold(site, &run.critical_path).into_iter().map(|run_of| {
        let (first, last) = (run_of[0], run_of[run_of.len() - 1]);
        let activity = |driver: Driver| &site.plan.activities[driver.activity as usize];
        let name = match run_of.len() {
            1 => short(&activity(first).label()),
            count => format!("{} … {} ({count})", activity(first).id, activity(last).id),
        };
        let start = run.timeline.start[first.activity as usize];
        let finish = run.timeline.finish[last.activity as usize];
        // Waits of many units lie side by side: their sum would be no time that passed.
        let waited = if run_of.len() == 1 { first.waited.days() } else { 0.0 };
        let waited = if waited < 0.05 { String::new() } else { format!("{waited:.1}") };
        vec![
            name,
            date(start),
            date(finish),
            format!("{:.1}", (finish - start).days()),
            waited,
            cause_text(site, first.cause),
        ]
    });
    let heads = ["", "start", "finish", "days", "waited d", "started by"];
    table(&heads, 1, rows.collect())
}

/// Longest label of an activity in a table.
const LABEL_CHARS_MAX: usize = 48;

/// A label as far as a table has room for it.
pub fn short(label: &str) -> String {
    match label.char_indices().nth(LABEL_CHARS_MAX) {
        Some((end, _)) => format!("{}…", label[..end].trim_end()),
        None => label.to_owned(),
    }
}

/// Runs of steps that differ only by the unit they belong to stand in one line.
fn fold(site: &Site, chain: &[Driver]) -> Vec<Vec<Driver>> {
    let family = |driver: &Driver| {
        let activity = &site.plan.activities[driver.activity as usize];
        (activity.unit.is_some(), activity.step())
    };
    let mut folded: Vec<Vec<Driver>> = Vec::new();
    for driver in chain {
        match folded.last_mut() {
            Some(last) if family(driver).0 && family(&last[0]) == family(driver) => {
                last.push(*driver);
            }
            _ => folded.push(vec![*driver]),
        }
    }
    folded
}

fn quarters(run: &Run) -> String {
    let row = |row: &PeriodRow| {
        let flows = &row.flows;
        let last = row.until + -1;
        let costs = flows.energy + flows.grid_charge + flows.operations + flows.rent;
        vec![
            quarter_name(row.from),
            format!("{:.1}", run.ramp.online_before(row.until).mw()),
            grouped(run.billing_on(last)),
            millions(flows.revenue + flows.recharge),
            millions(costs),
            millions(flows.ebitda()),
            millions(flows.interest_incurred),
            millions(flows.debt_service()),
            millions(row.stand.debt),
            flows.dscr().to_string(),
            flows.icr().to_string(),
        ]
    };
    let heads = [
        "",
        "online IT MW",
        "GPUs billing",
        "revenue",
        "costs",
        "EBITDA",
        "interest",
        "debt service",
        "debt",
        "DSCR",
        "ICR",
    ];
    let note = "  costs: power, operations, rent; interest: incurred, fees included; \
                DSCR = CFADS / debt service; ICR = EBITDA / interest\n";
    table(&heads, 1, run.quarters.iter().map(row).collect()) + &Style::dim(note)
}

/// `2026 Q1`.
pub fn quarter_name(day: Day) -> String {
    let date = day.date();
    format!("{} Q{}", date.year(), (date.month() - 1) / 3 + 1)
}

/// Money in millions with one decimal.
pub fn millions(money: Money) -> String {
    let tenths = crate::unit::mul_div(money.0, 1, 100_000_000_000);
    let whole = grouped((tenths.unsigned_abs()) / 10);
    let sign = if tenths < 0 { "-" } else { "" };
    format!("{sign}{whole}.{}", tenths.unsigned_abs() % 10)
}

fn money_notes(site: &Site, run: &Run) -> String {
    let totals = &run.books.totals;
    let mut rows = vec![
        vec!["revenue to the horizon".to_owned(), millions(totals.revenue + totals.recharge)],
        vec!["interest incurred".to_owned(), millions(totals.interest_incurred)],
        vec!["  of it expensed".to_owned(), millions(totals.interest_expensed)],
        vec!["  of it capitalised".to_owned(), millions(totals.interest_capitalised)],
        vec![
            "interest and fees paid".to_owned(),
            millions(totals.interest_paid + totals.fees_paid),
        ],
        vec![
            "interest incurred before first revenue".to_owned(),
            millions(run.books.interest_before_first_revenue),
        ],
        vec!["capital cost incurred".to_owned(), millions(totals.capex_incurred)],
        vec!["capital cost paid".to_owned(), millions(totals.capex_paid())],
    ];
    let extra = [
        ("equity called beyond the commitment", totals.equity_shortfall),
        ("equity that cured failed tests", totals.equity_cures),
    ];
    let extra = extra.into_iter().filter(|(_, amount)| *amount > Money::ZERO);
    rows.extend(extra.map(|(name, amount)| vec![name.to_owned(), millions(amount)]));
    rows.extend(price_per_mw(site));
    let heads = ["", &format!("{} million", site.terms.fx.reporting())];
    table(&heads, 1, rows) + &verdicts(site, run)
}

/// Beside each price, what it comes to for each IT MW and year (semantics M2).
fn price_per_mw(site: &Site) -> Vec<Vec<String>> {
    let row = |contract: &crate::model::terms::Contract| {
        let each = super::contracts::whole_price(site, contract).1.millions();
        vec![format!("{}: price for each IT MW and year", contract.id), format!("{each:.2}")]
    };
    site.terms.contracts.iter().map(row).collect()
}

/// Sources and uses up to the last payment of capital cost, and the gap.
pub fn funding_text(site: &Site, run: &Run) -> String {
    let funding = &run.books.sources_and_uses;
    let Some(until) = funding.until else { return String::new() };
    let currency = site.terms.fx.reporting();
    let rows = |items: &[(&str, Money)]| {
        let named = items.iter().filter(|item| item.1 != Money::ZERO);
        named.map(|item| vec![item.0.to_owned(), millions(item.1)]).collect::<Vec<_>>()
    };
    let mut sources = rows(&funding.sources());
    sources.push(vec!["total".into(), millions(funding.total())]);
    let mut uses = rows(&funding.uses());
    uses.push(vec!["total".into(), millions(funding.total())]);
    let head = format!("{currency} million");
    let gap = match funding.gap() {
        Money::ZERO => "  no gap: commitments cover all uses\n".to_owned(),
        gap => {
            Style::bad(&format!(
                "  unfunded: {currency} {} million beyond all commitments",
                millions(gap)
            )) + "\n"
        }
    };
    let title = format!("Sources and uses to the last payment of capital cost, {until}");
    format!(
        "{}\n{}\n{}{gap}",
        Style::head(&title),
        table(&["sources", &head], 1, sources),
        table(&["uses", &head], 1, uses),
    )
}
