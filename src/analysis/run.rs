//! The whole chain in one call.

use super::critical::{Driver, critical_path};
use super::slip::{HallSlip, hall_slips};
use crate::capacity::{Binds, GpuStep, Headline, Ramp, gpu_steps};
use crate::engine;
use crate::ledger::{self, BooksResult, PeriodRow};
use crate::model::cpm::Dates;
use crate::model::{Site, Timeline};
use crate::revenue::Service;
use crate::time::{Day, Minute};

/// Everything that one trial says about a site.
#[derive(Clone, Debug)]
pub struct Run {
    /// What happened when, and why.
    pub timeline: Timeline,
    /// Early and late dates without crews: floats.
    pub dates: Dates,
    /// Online capacity.
    pub ramp: Ramp,
    /// First, half, all.
    pub headline: Headline,
    /// GPUs by state.
    pub gpus: Vec<GpuStep>,
    /// The books.
    pub books: BooksResult,
    /// Which GPUs are billed when.
    pub services: Vec<Service>,
    /// The books by calendar quarter.
    pub quarters: Vec<PeriodRow>,
    /// What drove the last finish.
    pub critical_path: Vec<Driver>,
    /// Why each hall is late.
    pub slips: Vec<HallSlip>,
}

/// Runs a site on its likely values (semantics R2): engine, capacity, books, causes.
///
/// # Example
///
/// ```
/// use energize::{analysis, model};
///
/// let text = "
/// site: shed
/// start: 2026-01-05
/// power: {pue: 1.2}
/// activities:
///   grid: {duration: 8w, energises: 5 MW}
/// halls:
///   it_power: 4 MW
///   activities:
///     ist: {duration: 1w, ready_for_service: true}
/// ";
/// let input = model::Input { name: "shed.yaml".into(), text: text.into(), ..Default::default() };
/// let site = model::load(input).site.expect("no error in it");
/// let run = analysis::run(&site);
/// assert_eq!(run.timeline.finish[site.halls[0].ready as usize].to_string(), "2026-03-09T00:00");
/// ```
pub fn run(site: &Site) -> Run {
    let timeline = engine::run_site(site);
    let ramp = Ramp::of(site, &timeline);
    let books = ledger::run(site, &timeline, false);
    Run {
        dates: Dates::likely(&site.plan),
        headline: ramp.headline(site),
        gpus: gpu_steps(site, &timeline),
        quarters: ledger::by_quarter(&books.months),
        critical_path: critical_path(site, &timeline),
        services: books.services.clone(),
        slips: hall_slips(site, &timeline),
        ramp,
        books,
        timeline,
    }
}

impl Run {
    /// Days for which a term bound, summed over halls, from the status date (or the start of the
    /// run) until each hall was complete.
    pub fn bound_days(&self, site: &Site, term: Binds) -> f64 {
        let last = self.timeline.events.last().map_or(Minute::MIN, |event| event.at);
        self.ramp.bound_for(term, site.plan.data_date(), last).days()
    }

    /// GPUs that earn money on a day.
    pub fn billing_on(&self, day: Day) -> u64 {
        let earns = |service: &&Service| service.from <= day && day < service.until;
        self.services.iter().filter(earns).map(|service| service.gpus).sum()
    }

    /// GPUs that have reached each state before the start of a day.
    pub fn gpus_before(&self, day: Day) -> [u64; 4] {
        let at = self.gpus.partition_point(|step| step.at < day.start());
        at.checked_sub(1).map_or([0; 4], |at| self.gpus[at].reached)
    }
}
