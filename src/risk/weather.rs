//! Working days lost to weather: which days a trial closes, in which calendars (semantics R3).
//!
//! A month loses as many days as its draw says, to the nearest whole day, halves to even, at most
//! all on which any of the weather's calendars works; which ones is drawn without replacement. Days
//! before the data date are over: what they lost shows in what was done by then. A day that two
//! weathers take is lost once. Each draw goes by the weather's name, the month and the place among
//! its lost days: neither the plan's end nor another month moves it.

use crate::chance::{
    Distribution, Draw, Plan, Purpose, Sampler as Quantiles, StreamId, uniform, whole,
};
use crate::engine::run_likely;
use crate::model::Site;
use crate::time::{Calendar, Day};

/// Years from the data date in which weather takes days: as long as calendars know their holidays.
const YEARS: usize = 40;
/// Draws of one month: how many days, then which.
const DRAWS_A_MONTH: u32 = 32;

/// Draws the days that weather takes from one site.
pub(super) struct WeatherDraws<'s> {
    calendars: &'s [Calendar],
    all: Vec<Lost>,
    seed: u64,
    /// The first day that can be lost.
    from: Day,
    /// Month of the likely end: what comes later bears on nothing as a rule.
    until: u32,
}

/// One weather.
struct Lost {
    stream: StreamId,
    calendars: Vec<u16>,
    /// By month of the year.
    quantiles: [Option<Quantiles>; 12],
    months: Vec<Month>,
}

/// A month in which days can be lost.
struct Month {
    /// Months since the year 0.
    number: u32,
    count: Draw,
    /// Days on which any of the calendars works.
    days: Vec<Day>,
}

impl<'s> WeatherDraws<'s> {
    /// Cost: nothing without weather; with it the likely trial and a visit per day of 40 years.
    pub fn new(
        site: &'s Site,
        seed: u64,
        plan: Plan,
        quantiles: impl Fn(&Distribution) -> Quantiles,
    ) -> WeatherDraws<'s> {
        let weather = &site.uncertainty.weather;
        let calendars = &site.plan.calendars[..];
        let data_date = site.plan.data_date();
        let from = data_date.day() + i32::from(data_date.minute_of_day() > 0);
        let any = weather.iter().any(|weather| weather.lost.iter().flatten().next().is_some());
        let until = if any { run_likely(&site.plan).end().day().month_number() } else { 0 };
        let all = weather.iter().map(|weather| {
            let stream = StreamId::of(&format!("weather {}", site.full_name(&weather.id)));
            let quantiles = weather.lost.each_ref().map(|of| of.as_ref().map(&quantiles));
            let starts =
                std::iter::successors(Some(from.month_start()), |month| Some(month.next_month()));
            let months = starts.take(12 * YEARS).filter_map(|start| {
                let number = u32::try_from(start.month_number()).ok()?;
                quantiles[number as usize % 12].as_ref()?;
                let occurrence = number * DRAWS_A_MONTH;
                let count = Draw::new(seed, stream, Purpose::Weather, occurrence).under(plan);
                let days = (0..start.month_days() as i32).map(|at| start + at);
                let works = |day: &Day| {
                    weather.calendars.iter().any(|&at| calendars[usize::from(at)].works_on(*day))
                };
                Some(Month { number, count, days: days.filter(works).collect() })
            });
            let months = months.collect();
            Lost { stream, calendars: weather.calendars.clone(), quantiles, months }
        });
        let all = all.collect();
        WeatherDraws { calendars, all, seed, from, until: u32::try_from(until).unwrap_or(0) }
    }

    /// Whether no trial loses a day.
    pub fn is_empty(&self) -> bool {
        self.all.iter().all(|lost| lost.months.is_empty())
    }

    /// Days that one weather takes in a trial, from the month of the data date to that of the
    /// likely end.
    pub fn days(&self, weather: usize, trial: u32) -> i64 {
        let lost = &self.all[weather];
        let months = lost.months.iter().take_while(|month| month.number <= self.until);
        months.map(|month| lost.count(month, trial) as i64).sum()
    }

    /// Takes out of `calendars` the days that a trial loses: they become the site's less these.
    ///
    /// Cost: one visit per lost day, and one per day of each calendar that loses some.
    pub fn close(&self, trial: u32, calendars: &mut [Calendar]) {
        let mut days = vec![Vec::new(); calendars.len()];
        for lost in &self.all {
            let closed = lost.days(self.seed, trial);
            for &calendar in &lost.calendars {
                let open = closed.iter().filter(|&&day| day >= self.from);
                days[usize::from(calendar)].extend(open);
            }
        }
        let likely = self.calendars.iter().zip(&days);
        for (calendar, (likely, days)) in calendars.iter_mut().zip(likely) {
            calendar.clone_from(likely);
            calendar.close(days);
        }
    }
}

impl Lost {
    /// How many days a month loses.
    fn count(&self, month: &Month, trial: u32) -> usize {
        let quantiles = self.quantiles[month.number as usize % 12].as_ref();
        let days = quantiles.map_or(0, |of| whole(of.at(month.count.at(trial)).max(0.0)));
        usize::try_from(days).unwrap_or(0).min(month.days.len())
    }

    /// The days that a trial loses, the past included.
    fn days(&self, seed: u64, trial: u32) -> Vec<Day> {
        let (mut lost, mut left) = (Vec::new(), Vec::new());
        for month in &self.months {
            left.clone_from(&month.days);
            for place in 1..=self.count(month, trial) as u32 {
                let occurrence = month.number * DRAWS_A_MONTH + place;
                let draw = Draw::new(seed, self.stream, Purpose::Weather, occurrence);
                let at = (uniform(draw.at(trial)) * left.len() as f64) as usize;
                lost.push(left.swap_remove(at.min(left.len() - 1)));
            }
        }
        lost
    }
}
