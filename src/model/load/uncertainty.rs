//! The risk part of a site: names become indices, and what cannot be is a finding.

use super::network::Network;
use super::parts::Pieces;
use super::spread::{days, factors, minutes, shares};
use crate::chance::{Copula, Correlation as Kind, Distribution};
use crate::model::uncertainty::{
    Branch, Correlated, Correlation, Duration, Factor, OutsideView, ReferenceClass, Rework,
    Uncertainty, Way, Weather,
};
use crate::model::{Progress, Terms};
use crate::spec::activity::ActivitySpec;
use crate::spec::pattern::matches_pattern;
use crate::spec::quantity::Factor as Number;
use crate::spec::risk::{
    BranchSpec, ClassWord, Coefficients, CorrelationSpec, FactorSpec, OutsideViewSpec, ReworkSpec,
    RiskSpec, WeatherSpec,
};
use crate::spec::shape::clip;
use crate::spec::spread::probability;
use crate::spec::{At, Finding, Findings, Named, Placed};
use crate::unit::Share;

/// What an activity's own keys say about chance.
#[derive(Clone, Debug, Default)]
pub struct Chances {
    /// Of its whole duration, in minutes of its calendar.
    pub duration: Option<Distribution>,
    /// Of what is left of it.
    pub remaining: Option<Distribution>,
    /// Of its cost, in units of the currency.
    pub cost: Option<Distribution>,
    stream: Option<Box<Placed<String>>>,
    rework: Option<Box<ReworkSpec>>,
    /// The way that it is part of.
    pub branch: Option<Box<Placed<String>>>,
}

impl Chances {
    /// What can be taken over as it is.
    pub fn of(spec: &ActivitySpec) -> Chances {
        Chances {
            stream: spec.stream.clone(),
            rework: spec.rework.clone(),
            branch: spec.branch.clone(),
            ..Chances::default()
        }
    }

    /// Whether they say nothing.
    pub fn is_empty(&self) -> bool {
        let spread = self.duration.is_some() || self.remaining.is_some() || self.cost.is_some();
        !spread && self.stream.is_none() && self.rework.is_none() && self.branch.is_none()
    }
}

/// Builds the risk part once activities, halls and terms are known.
pub fn build(
    spec: Option<&RiskSpec>,
    network: &Network,
    pieces: &Pieces,
    terms: &Terms,
    findings: &mut Findings,
) -> Uncertainty {
    let none;
    let spec = match spec {
        Some(spec) => spec,
        None => {
            none = RiskSpec::none();
            &none
        }
    };
    let mut build = Build { network, terms, findings, out: Uncertainty::default() };
    build.activities();
    for (name, factor) in spec.factors.iter() {
        build.factor(name, factor);
    }
    for (name, risk) in spec.risks.iter() {
        build.risk(name, risk);
    }
    build.branches(&spec.branches);
    for (name, weather) in spec.weather.iter() {
        build.weather(name, weather);
    }
    for correlation in &spec.correlations {
        build.correlation(correlation);
    }
    build.outside_view(spec.outside_view.as_ref(), pieces);
    if let Some(slip) = &spec.last_mile {
        build.last_mile(slip, pieces);
    }
    build.out
}

/// The block as it is read, piece by piece.
pub(super) struct Build<'a> {
    pub(super) network: &'a Network,
    pub(super) terms: &'a Terms,
    pub(super) findings: &'a mut Findings,
    pub(super) out: Uncertainty,
}

impl Build<'_> {
    pub(super) fn wrong(&mut self, id: &'static str, at: At, message: impl Into<String>) {
        self.findings.push(Finding::error(id, at, message.into()));
    }

    /// What activities say by their own keys.
    fn activities(&mut self) {
        for (activity, draft) in (0..).zip(&self.network.drafts) {
            let Some(chances) = draft.chances.as_deref() else { continue };
            if let Some(name) = &chances.stream {
                self.out.streams.push((activity, name.value.clone()));
            }
            let this = &draft.activity;
            let open = matches!(this.progress, Progress::Open);
            if let Some(spread) = &chances.remaining {
                let spread = spread.clone();
                self.out.durations.push(Duration { activity, spread, done: None });
            } else if let Some(spread) = chances.duration.clone().filter(|_| !this.is_finished()) {
                let done = match this.progress {
                    Progress::Started { start, .. } => {
                        let until = self.network.status.unwrap_or(self.network.start);
                        let hours = &self.network.calendars.list[usize::from(this.calendar)];
                        Some(hours.work_between(start, until).0 as f64)
                    }
                    _ => None,
                };
                self.out.durations.push(Duration { activity, spread, done });
            }
            if let Some(rework) = chances.rework.as_deref() {
                let at_most = rework.at_most.as_ref().map_or(u32::MAX, |most| most.value);
                let probability = probability(&rework.probability, self.findings);
                if probability >= 1.0 && at_most == u32::MAX {
                    let message = "work that always fails is never over";
                    let at = rework.probability.at;
                    self.findings.push(
                        Finding::error("rework", at, message).help("say how often: `at_most: 2`"),
                    );
                }
                let hours = &self.network.calendars.list[usize::from(this.calendar)];
                let repair = minutes(&rework.duration, self.network.shape, hours, self.findings);
                if !this.is_finished() {
                    self.out.rework.push(Rework { activity, probability, repair, at_most });
                }
            }
            if let Some(spread) = chances.cost.clone().filter(|_| open || !this.is_finished()) {
                let cost = self.terms.costs.iter().position(|cost| cost.activity == activity);
                self.out.costs.extend(cost.map(|cost| (cost as u32, spread)));
            }
        }
        self.out.costs.sort_by_key(|&(cost, _)| cost);
    }

    /// Activities that patterns name, ascending; a pattern that names none is a finding.
    fn named(&mut self, patterns: &[Placed<String>]) -> Vec<u32> {
        let mut found = Vec::new();
        for pattern in patterns {
            let before = found.len();
            match pattern.value.contains('*') {
                true => {
                    let drafts = (0..).zip(&self.network.drafts);
                    let hit = drafts
                        .filter(|(_, draft)| matches_pattern(&pattern.value, &draft.activity.id));
                    found.extend(hit.map(|(at, _)| at));
                }
                false => found.extend(self.network.find(&pattern.value)),
            }
            if found.len() == before {
                let finding = self.network.unknown(&pattern.value, pattern.at);
                self.findings.push(finding);
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Of those, what is not over.
    pub(super) fn ahead(&mut self, patterns: &[Placed<String>]) -> Vec<u32> {
        let mut found = self.named(patterns);
        found.retain(|&at| !self.network.drafts[at as usize].activity.is_finished());
        found
    }

    fn factor(&mut self, name: &Placed<String>, spec: &FactorSpec) {
        let shape = self.network.shape;
        let curves = !spec.curves.is_empty();
        let spread = match (&spec.spread, &spec.shift) {
            (Some(spread), None) if !curves => factors(spread, shape, self.findings),
            (None, Some(shift)) if curves => shares(shift, shape, self.findings),
            _ => {
                let message = "a factor has a `spread` that values are multiplied by; for base \
                               rates (`curves`), a `shift` that is added";
                return self.wrong("factor", name.at, message);
            }
        };
        let scales = [&spec.on, &spec.costs, &spec.prices];
        if curves && scales.iter().any(|list| !list.is_empty()) {
            self.wrong("factor", name.at, "what shifts base rates scales nothing else");
        }
        if !curves && spread.least() < 0.0 {
            let message = "a multiplier is never negative";
            self.wrong("factor", name.at, message);
        }
        if !curves && scales.iter().all(|list| list.is_empty()) {
            let message =
                "it scales nothing: name activities (`on`), `costs`, `prices` or `curves`";
            self.wrong("factor", name.at, message);
        }
        let on = self.ahead(&spec.on);
        let costs = self.costs_of(&spec.costs);
        let prices = self.by_name(&spec.prices, "customer", |terms| {
            terms.contracts.iter().map(|contract| contract.id.as_str()).collect()
        });
        let curves = self.by_name(&spec.curves, "curve", |terms| {
            terms.curves.iter().map(|curve| curve.id.as_str()).collect()
        });
        let (id, each) = (name.value.clone(), spec.each.unwrap_or(false));
        let source = spec.source.clone();
        let shared = false;
        self.out.factors.push(Factor {
            id,
            shared,
            spread,
            on,
            each,
            costs,
            prices,
            curves,
            source,
        });
    }

    /// Costs of the activities that patterns name.
    fn costs_of(&mut self, patterns: &[Placed<String>]) -> Vec<u32> {
        let activities = self.named(patterns);
        let costs = (0..).zip(&self.terms.costs);
        let hit = costs.filter(|(_, cost)| activities.binary_search(&cost.activity).is_ok());
        let found: Vec<u32> = hit.map(|(at, _)| at).collect();
        if let Some(first) = patterns.first().filter(|_| found.is_empty() && !activities.is_empty())
        {
            let message = format!("`{}` has no cost", clip(&first.value));
            self.wrong("factor", first.at, message);
        }
        found
    }

    fn by_name(
        &mut self,
        names: &[Placed<String>],
        what: &str,
        known: impl Fn(&Terms) -> Vec<&str>,
    ) -> Vec<u32> {
        let known = known(self.terms);
        let mut found = Vec::new();
        for name in names {
            let before = found.len();
            let hit = (0..).zip(&known).filter(|(_, known)| matches_pattern(&name.value, known));
            found.extend(hit.map(|(at, _)| at));
            if found.len() == before {
                let message = format!("no {what} is called `{}`", clip(&name.value));
                let help = self.findings.nearest(&name.value, known.iter().copied());
                let finding = Finding::error("unknown-name", name.at, message);
                self.findings.push(finding.maybe_help(help));
            }
        }
        found
    }

    /// Which calendars lose days, and how many in each month of the year.
    fn weather(&mut self, name: &Placed<String>, spec: &WeatherSpec) {
        let mut calendars = Vec::new();
        for named in &spec.calendars {
            let at = self.network.calendars.find(named, self.findings);
            if named.value == "always" {
                let message = "`always` knows no closed day: weather needs a calendar of its own";
                self.findings.push(
                    Finding::error("weather", named.at, message)
                        .help("say `outdoors: {week: 24x7}` under `calendars`"),
                );
            }
            calendars.push(at);
        }
        calendars.sort_unstable();
        calendars.dedup();
        if spec.calendars.is_empty() {
            self.wrong("weather", name.at, "which calendars lose the days? name them, `calendars`");
        }
        if spec.lost_days.0.is_empty() {
            let message = "how many days are lost? name them by month, `lost_days: {Nov-Feb: 1d <                            3d < 6d}`";
            self.wrong("weather", name.at, message);
        }
        let mut lost = [const { None }; 12];
        for (months, spread) in spec.lost_days.iter() {
            let Some(named) = months_of(&months.value) else {
                let message = format!(
                    "`{}` is no month and no range of months such as `Nov-Feb`",
                    clip(&months.value)
                );
                self.wrong("weather", months.at, message);
                continue;
            };
            let days = days(spread, self.network.shape, self.findings);
            for month in named {
                if lost[month].replace(days.clone()).is_some() {
                    let message = format!("the days of {} are said twice", MONTHS[month]);
                    self.wrong("weather", months.at, message);
                }
            }
        }
        let (id, source) = (name.value.clone(), spec.source.clone());
        self.out.weather.push(Weather { id, calendars, lost, source });
    }

    fn branches(&mut self, specs: &Named<BranchSpec>) {
        for (name, spec) in specs.iter() {
            self.branch(name, spec);
        }
        for draft in &self.network.drafts {
            let Some(named) = draft.chances.as_ref().and_then(|of| of.branch.as_ref()) else {
                continue;
            };
            let (branch, way) = named.value.split_once('.').unwrap_or((&named.value, ""));
            let known = specs.iter().find(|(name, _)| name.value == branch);
            if known.is_none_or(|(_, spec)| spec.ways.position(way).is_none()) {
                let message = format!("no way of a branch is called `{}`", clip(&named.value));
                let ways = specs.iter().flat_map(|(name, spec)| {
                    spec.ways.names().map(|way| format!("{}.{way}", name.value))
                });
                let ways: Vec<String> = ways.collect();
                let help = self.findings.nearest(&named.value, ways.iter().map(String::as_str));
                let finding = Finding::error("unknown-branch", named.at, message);
                self.findings.push(finding.maybe_help(help));
            }
            let this = &draft.activity;
            if this.began().is_some() || !this.effects.is_empty() {
                let message = match this.began() {
                    Some(_) => "it has begun: which way is taken is known",
                    None => "what makes power live, a hall ready or a lot arrive happens any way",
                };
                let finding = Finding::error("branch", named.at, message);
                self.findings.push(finding.help("drop `branch:` here"));
            }
        }
    }

    fn branch(&mut self, name: &Placed<String>, spec: &BranchSpec) {
        let mut ways = Vec::new();
        for (way, share) in spec.ways.iter() {
            let full = format!("{}.{}", name.value, way.value);
            let drafts = (0..).zip(&self.network.drafts);
            let part = drafts.filter(|(_, draft)| {
                let branch = draft.chances.as_ref().and_then(|of| of.branch.as_ref());
                branch.is_some_and(|named| named.value == full)
            });
            let activities: Vec<u32> = part.map(|(at, _)| at).collect();
            let costs = (0..).zip(&self.terms.costs);
            let costs = costs.filter(|(_, cost)| activities.binary_search(&cost.activity).is_ok());
            let costs = costs.map(|(at, cost)| (at, cost.amount)).collect();
            let probability = probability(share, self.findings);
            ways.push(Way { id: way.value.clone(), probability, activities, costs });
        }
        let sum: f64 = ways.iter().map(|way| way.probability).sum();
        if ways.len() < 2 || (sum - 1.0).abs() > 1e-9 {
            let message = format!(
                "the ways of a branch, two or more, have probabilities that sum to 100%; these \
                 {} sum to {}%",
                ways.len(),
                (sum * 1e6).round() / 1e4
            );
            return self.wrong("branch", name.at, message);
        }
        let rest = |at: &usize| std::cmp::Reverse(*at);
        let likely = (0..ways.len()).max_by(|a, b| {
            let by_chance = ways[*a].probability.total_cmp(&ways[*b].probability);
            by_chance.then(rest(a).cmp(&rest(b)))
        });
        let likely = likely.unwrap_or(0) as u32;
        self.out.branches.push(Branch { id: name.value.clone(), ways, likely });
    }

    fn correlation(&mut self, spec: &CorrelationSpec) {
        let mut of = Vec::new();
        for name in &spec.of {
            of.extend(self.correlated(name));
        }
        let (given, kind) = match (&spec.pearson, &spec.spearman) {
            (Some(given), None) => (given, Kind::Pearson),
            (None, Some(given)) => (given, Kind::Spearman),
            _ => {
                let message = "a correlation is of the values (`pearson`) or of the ranks \
                               (`spearman`): say one";
                return self.wrong("correlation", spec.at, message);
            }
        };
        let count = of.len();
        if count != spec.of.len() {
            return;
        }
        if count < 2 {
            return self.wrong("correlation", spec.at, "a correlation needs two or more values");
        }
        let twice = of.iter().enumerate().find(|(at, one)| of[..*at].contains(one));
        if let Some((at, _)) = twice {
            let name = &spec.of[at];
            return self.wrong("correlation", name.at, format!("`{}` is named twice", name.value));
        }
        if let Some(copula) = self.copula(spec, given, kind, &of) {
            self.out.correlations.push(Correlation { of, copula });
        }
    }

    /// What gives these values the correlations that are asked for.
    fn copula(
        &mut self,
        spec: &CorrelationSpec,
        given: &Placed<Coefficients>,
        kind: Kind,
        of: &[Correlated],
    ) -> Option<Copula> {
        let count = of.len();
        let asked: Vec<Vec<Number>> = match &given.value {
            Coefficients::Every(rho) => {
                let mut rows = vec![vec![*rho; count]; count];
                (0..count).for_each(|at| rows[at][at] = Number(Share::ONE));
                rows
            }
            Coefficients::Matrix(rows) => rows.clone(),
        };
        if asked.len() != count || asked.iter().any(|row| row.len() != count) {
            let message = format!("expected {count} rows of {count} coefficients");
            self.wrong("correlation", given.at, message);
            return None;
        }
        let pair =
            |a: usize, b: usize| format!("`{}` and `{}`", spec.of[a].value, spec.of[b].value);
        let mut normals = vec![vec![1.0; count]; count];
        for row in 0..count {
            for column in 0..row {
                let one = asked[row][column];
                if one != asked[column][row] || asked[row][row].0 != Share::ONE {
                    let message = "a matrix of correlations mirrors itself, with 1 on its diagonal";
                    let message = format!("{message}: look at {}", pair(column, row));
                    self.wrong("correlation", given.at, message);
                    return None;
                }
                let rho = one.0.0 as f64 / 1e9;
                match kind.of_normals(rho, self.spread(of[row]), self.spread(of[column])) {
                    Ok(normal) => normals[row][column] = normal,
                    Err(message) => {
                        let message = format!("{}: {message}", pair(column, row));
                        self.wrong("correlation", given.at, message);
                        return None;
                    }
                }
            }
        }
        let copula = Copula::new(&normals);
        let wrong = |(a, b): (usize, usize)| {
            let message = "no values can go together like this (the matrix is not positive \
                           definite): ";
            self.wrong("correlation", given.at, format!("{message}{}", pair(a, b)));
        };
        copula.map_err(wrong).ok()
    }

    fn spread(&self, of: Correlated) -> &Distribution {
        match of {
            Correlated::Duration(at) => &self.out.durations[at as usize].spread,
            Correlated::Cost(at) => &self.out.costs[at as usize].1,
        }
    }

    /// An uncertain duration (`ist`) or cost (`cost ist`).
    fn correlated(&mut self, name: &Placed<String>) -> Option<Correlated> {
        let (is_cost, id) = match name.value.strip_prefix("cost ") {
            Some(id) => (true, id.trim()),
            None => (false, name.value.as_str()),
        };
        let Some(activity) = self.network.find(id) else {
            let finding = self.network.unknown(id, name.at);
            self.findings.push(finding);
            return None;
        };
        let found = if is_cost {
            let of = |&(cost, _): &(u32, Distribution)| {
                self.terms.costs[cost as usize].activity == activity
            };
            self.out.costs.iter().position(of).map(|at| Correlated::Cost(at as u32))
        } else {
            let of = |duration: &Duration| duration.activity == activity;
            self.out.durations.iter().position(of).map(|at| Correlated::Duration(at as u32))
        };
        if found.is_none() {
            let what = if is_cost { "cost" } else { "duration" };
            let message = format!("the {what} of `{id}` is certain: it goes with nothing");
            self.wrong("correlation", name.at, message);
        }
        found
    }

    fn outside_view(&mut self, spec: Option<&OutsideViewSpec>, pieces: &Pieces) {
        let Some(spec) = spec else { return };
        let class = match spec.class.value {
            ClassWord::Greenfield => ReferenceClass::Greenfield,
            ClassWord::Retrofit => ReferenceClass::Retrofit,
        };
        let from = self.named(std::slice::from_ref(&spec.from)).first().copied();
        let to = match &spec.to {
            Some(to) => self.named(std::slice::from_ref(to)),
            None => pieces.halls.iter().map(|hall| hall.ready).collect(),
        };
        if spec.to.is_none() && to.is_empty() {
            self.wrong("outside-view", spec.at, "there is no hall: say where it ends, `to:`");
        }
        let apart = self.named(&spec.apart);
        let Some(from) = from.filter(|_| !to.is_empty()) else { return };
        self.out.outside_view = Some(OutsideView { class, from, to, apart });
    }
}

/// Months as a file names them.
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The months, 0 to 11, of `Nov` or `Nov-Feb`, over the turn of the year too.
fn months_of(text: &str) -> Option<Vec<usize>> {
    let month = |name: &str| MONTHS.iter().position(|known| *known == name.trim());
    let (first, last) = match text.split_once('-') {
        Some((first, last)) => (month(first)?, month(last)?),
        None => (month(text)?, month(text)?),
    };
    let count = (last + 12 - first) % 12;
    Some((first..=first + count).map(|month| month % 12).collect())
}
