//! The summary that programs read: `summary.json` and `--json`.

use serde::Serialize;

use super::covenants::{self, CovenantSummary};
use super::unfunded::{NeverFunded, never_funded};
use crate::analysis::{Run, cause_text};
use crate::capacity::Binds;
use crate::ledger::{Outcome, Ratio};
use crate::model::Site;
use crate::model::covenants::Test;
use crate::money::Money;
use crate::time::{Day, Minute};
use crate::unit::GridPower;

/// Headline results of a run.
///
/// Dates are ISO or null where something never happens; power is in MW and names its kind; money is
/// a decimal string in the reporting currency, to the cent; ratios are null where undefined. Fields
/// are only ever added.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// `energize` and its version: who wrote this.
    pub generator: String,
    /// Name of the site.
    pub site: String,
    /// Title of the site.
    pub title: String,
    /// What the numbers are: `likely values, not a P50`.
    pub basis: &'static str,
    /// Reporting currency.
    pub currency: String,
    /// Status date.
    pub status_date: Option<String>,
    /// Activities, links, events of the run.
    pub counts: Counts,
    /// What will stand there.
    pub planned: Planned,
    /// When capacity comes online, against plan.
    pub dates: Vec<Headline>,
    /// Hall by hall.
    pub halls: Vec<HallSummary>,
    /// Hall-days that each term bound, from the status date (or the start of the run) until the
    /// halls were complete.
    pub bound_hall_days: Bound,
    /// Critical path from the first cause to the last finish.
    pub critical_path: Vec<Step>,
    /// Totals to the horizon.
    pub money: MoneySummary,
    /// Contracts to the horizon.
    pub contracts: Vec<super::ContractSummary>,
    /// Loans, with their quarters.
    pub loans: Vec<super::LoanSummary>,
    /// By calendar quarter.
    pub quarters: Vec<Quarter>,
    /// Covenants with all their tests.
    pub covenants: Vec<CovenantSummary>,
    /// Files of the folder this stands in, itself included.
    pub files: Vec<String>,
}

/// Size of the run.
#[derive(Debug, Serialize)]
pub struct Counts {
    /// Activities and milestones.
    pub activities: usize,
    /// Links between them.
    pub links: usize,
    /// Events of the run.
    pub events: usize,
    /// Activities that never finish.
    pub never_finished: usize,
    /// Of them, those that their loan never funds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub never_funded: Vec<NeverFunded>,
}

/// Capacity when all is done.
#[derive(Debug, Serialize)]
pub struct Planned {
    /// GPUs.
    pub gpus: u64,
    /// IT load of all units.
    pub it_mw: f64,
    /// At average PUE.
    pub facility_mw_average: f64,
    /// At peak PUE.
    pub facility_mw_peak: f64,
    /// Import of all stages.
    pub grid_mw: f64,
}

/// One headline date.
#[derive(Debug, Serialize)]
pub struct Headline {
    /// `first_online`, `half_online`, `all_online`.
    pub name: &'static str,
    /// Promised day.
    pub plan: Option<String>,
    /// Day of the run.
    pub date: Option<String>,
    /// Days after the promise.
    pub slip_days: Option<i32>,
}

/// One hall.
#[derive(Debug, Serialize)]
pub struct HallSummary {
    /// Name.
    pub id: String,
    /// IT power it is built for.
    pub it_mw: f64,
    /// Promised day of service.
    pub plan: Option<String>,
    /// Ready for service.
    pub ready_for_service: Option<String>,
    /// First accepted unit.
    pub first_online: Option<String>,
    /// Last accepted unit.
    pub complete: Option<String>,
    /// Days after the promise, split by cause.
    pub slip: Vec<SlipPart>,
}

/// Part of a slip.
#[derive(Debug, Serialize)]
pub struct SlipPart {
    /// Days.
    pub days: f64,
    /// What took them.
    pub cause: String,
}

/// Hall-days by binding term.
#[derive(Debug, Serialize)]
pub struct Bound {
    /// Grid power.
    pub power: f64,
    /// Cooling.
    pub cooling: f64,
    /// Racks installed, tested, accepted.
    pub acceptance: f64,
}

/// Step of the critical path.
#[derive(Debug, Serialize)]
pub struct Step {
    /// Activity.
    pub activity: String,
    /// Start, to the minute.
    pub start: String,
    /// Finish, to the minute.
    pub finish: String,
    /// Days waited for crews, racks or funding.
    pub waited_days: f64,
    /// What set its start.
    pub started_by: String,
}

/// Totals to the horizon.
#[derive(Debug, Serialize)]
pub struct MoneySummary {
    /// Revenue, recharges included.
    pub revenue: String,
    /// Interest and fees incurred.
    pub interest_incurred: String,
    /// Of it expensed.
    pub interest_expensed: String,
    /// Of it capitalised.
    pub interest_capitalised: String,
    /// Interest and undrawn fees paid in cash.
    pub interest_paid: String,
    /// Interest incurred before the first revenue.
    pub interest_before_first_revenue: String,
    /// First day of revenue.
    pub first_revenue: Option<String>,
    /// Capital cost incurred.
    pub capex_incurred: String,
    /// Capital cost paid.
    pub capex_paid: String,
    /// Equity called beyond the commitment.
    pub equity_shortfall: String,
    /// Equity that cured failed tests.
    pub equity_cures: String,
    /// Least DSCR of all quarters from the first revenue on, tested or not.
    pub least_dscr: Option<f64>,
    /// Least DSCR of the quarters that a covenant tests.
    pub least_dscr_tested: Option<f64>,
    /// Draws, lapses, tests and other events of the books.
    pub notes: Vec<Note>,
}

/// Something that the books tell.
#[derive(Debug, Serialize)]
pub struct Note {
    /// When.
    pub day: String,
    /// What.
    pub text: String,
}

/// One calendar quarter.
#[derive(Debug, Serialize)]
pub struct Quarter {
    /// First day.
    pub from: String,
    /// Last day.
    pub until: String,
    /// Online IT MW at its end.
    pub online_it_mw: f64,
    /// GPUs billing on its last day.
    pub gpus_billing: u64,
    /// Revenue, recharges included.
    pub revenue: String,
    /// EBITDA.
    pub ebitda: String,
    /// Interest and fees incurred.
    pub interest_incurred: String,
    /// Debt service paid.
    pub debt_service: String,
    /// Debt at its end.
    pub debt: String,
    /// CFADS over debt service.
    pub dscr: Option<f64>,
    /// EBITDA over interest incurred.
    pub icr: Option<f64>,
}

fn day(at: Minute) -> Option<String> {
    at.happens().then(|| at.day().to_string())
}

fn text(day: Option<Day>) -> Option<String> {
    day.map(|day| day.to_string())
}

/// To the cent without groups, for programs: `-1234.50`.
pub(super) fn money(money: Money) -> String {
    money.to_string().replace(',', "")
}

/// Rounded to four decimals: enough for a ratio, and stable to read.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

fn ratio(ratio: Ratio) -> Option<f64> {
    ratio.value().map(rounded)
}

/// Sums up a run; `files` are the names of the files written beside it.
pub fn summary(site: &Site, run: &Run, files: &[&str]) -> Summary {
    let path = run.critical_path.iter().map(|driver| Step {
        activity: site.plan.activities[driver.activity as usize].id.clone(),
        start: run.timeline.start[driver.activity as usize].to_string(),
        finish: run.timeline.finish[driver.activity as usize].to_string(),
        waited_days: rounded(driver.waited.days()),
        started_by: cause_text(site, driver.cause),
    });
    let bound = |term| rounded(run.bound_days(site, term));
    Summary {
        generator: format!("energize {}", env!("CARGO_PKG_VERSION")),
        site: site.id.clone(),
        title: site.title.clone(),
        basis: "likely values, not a P50",
        currency: site.terms.fx.reporting().to_string(),
        status_date: site.plan.status.and_then(day),
        counts: Counts {
            activities: site.plan.activities.len(),
            links: site.plan.links.len(),
            events: run.timeline.events.len(),
            never_finished: run.timeline.finish.iter().filter(|at| !at.happens()).count(),
            never_funded: never_funded(site, run),
        },
        planned: planned(site),
        dates: headlines(site, run),
        halls: (0..site.halls.len()).map(|hall| hall_summary(site, run, hall)).collect(),
        bound_hall_days: Bound {
            power: bound(Binds::Power),
            cooling: bound(Binds::Cooling),
            acceptance: bound(Binds::Acceptance),
        },
        critical_path: path.collect(),
        money: money_summary(site, run),
        contracts: super::contract_summaries(site, run),
        loans: super::loan_summaries(site, run),
        quarters: run.quarters.iter().map(|row| quarter(run, row)).collect(),
        covenants: covenants::summaries(site, run),
        files: files.iter().map(|&name| name.to_owned()).collect(),
    }
}

/// As [`summary`], as JSON.
pub fn summary_json(site: &Site, run: &Run, files: &[&str]) -> serde_json::Value {
    serde_json::to_value(summary(site, run, files)).expect("plain data")
}

fn planned(site: &Site) -> Planned {
    let it = site.planned_it();
    Planned {
        gpus: site.planned_gpus(),
        it_mw: it.mw(),
        facility_mw_average: site.facility(it).mw(),
        facility_mw_peak: site.peak_facility(it).mw(),
        grid_mw: site.stages.iter().map(|stage| stage.grid).sum::<GridPower>().mw(),
    }
}

fn headlines(site: &Site, run: &Run) -> Vec<Headline> {
    let plan = &site.baseline;
    let dates = [
        ("first_online", plan.first_online, run.headline.first),
        ("half_online", plan.half_online, run.headline.half),
        ("all_online", plan.all_online, run.headline.all),
    ];
    let headline = |(name, promised, at): (&'static str, Option<Day>, Minute)| Headline {
        name,
        plan: text(promised),
        date: day(at),
        slip_days: promised.filter(|_| at.happens()).map(|promised| at.day() - promised),
    };
    dates.into_iter().map(headline).collect()
}

fn hall_summary(site: &Site, run: &Run, index: usize) -> HallSummary {
    let (hall, ramp) = (&site.halls[index], &run.ramp.halls[index]);
    let part = |part: &crate::analysis::Part| SlipPart {
        days: rounded(part.days),
        cause: part.cause.clone(),
    };
    let online = ramp.steps.iter().find(|step| step.online.0 > 0).map(|step| step.at);
    let complete = ramp.steps.iter().find(|step| step.binds == Binds::Complete);
    HallSummary {
        id: hall.id.clone(),
        it_mw: hall.it_power.mw(),
        plan: text(site.baseline.hall(index as u32)),
        ready_for_service: day(ramp.ready),
        first_online: online.and_then(day),
        complete: complete.and_then(|step| day(step.at)),
        slip: run.slips[index].parts.iter().map(part).collect(),
    }
}

fn money_summary(site: &Site, run: &Run) -> MoneySummary {
    let (books, totals) = (&run.books, &run.books.totals);
    let earning =
        run.quarters.iter().filter(|row| books.first_revenue.is_some_and(|d| d < row.until));
    let covers = earning.filter_map(|row| row.flows.dscr().value());
    let least = covers.min_by(f64::total_cmp);
    let note =
        |note: &crate::ledger::Note| Note { day: note.day.to_string(), text: note.describe(site) };
    let dscr = |loan: u32, covenant: u32| {
        site.terms.loans[loan as usize].covenants[covenant as usize].test == Test::Dscr
    };
    let tested = books
        .tests()
        .filter(|test| test.outcome != Outcome::NotTested && dscr(test.loan, test.covenant));
    let tested = tested.filter_map(|test| test.value.value());
    MoneySummary {
        revenue: money(totals.revenue + totals.recharge),
        interest_incurred: money(totals.interest_incurred),
        interest_expensed: money(totals.interest_expensed),
        interest_capitalised: money(totals.interest_capitalised),
        interest_paid: money(totals.interest_paid + totals.fees_paid),
        interest_before_first_revenue: money(books.interest_before_first_revenue),
        first_revenue: text(books.first_revenue),
        capex_incurred: money(totals.capex_incurred),
        capex_paid: money(totals.capex_paid()),
        equity_shortfall: money(totals.equity_shortfall),
        equity_cures: money(totals.equity_cures),
        least_dscr: least.map(rounded),
        least_dscr_tested: tested.min_by(f64::total_cmp).map(rounded),
        notes: books.notes.iter().map(note).collect(),
    }
}

fn quarter(run: &Run, row: &crate::ledger::PeriodRow) -> Quarter {
    let flows = &row.flows;
    Quarter {
        from: row.from.to_string(),
        until: (row.until + -1).to_string(),
        online_it_mw: run.ramp.online_before(row.until).mw(),
        gpus_billing: run.billing_on(row.until + -1),
        revenue: money(flows.revenue + flows.recharge),
        ebitda: money(flows.ebitda()),
        interest_incurred: money(flows.interest_incurred),
        debt_service: money(flows.debt_service()),
        debt: money(row.stand.debt),
        dscr: ratio(flows.dscr()),
        icr: ratio(flows.icr()),
    }
}
