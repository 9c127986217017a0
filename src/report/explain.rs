//! The chain that drove a date, for people and programs.

use std::fmt::Write;

use serde::Serialize;
use serde_json::{Value, to_value};

use super::style::Style;
use crate::analysis::explain::{Explanation, Set, Step, passed_on};
use crate::analysis::{Run, loan_name, loan_wait_text, scarce_name};
use crate::model::timeline::WaitFor;
use crate::model::{Cause, Constraint, ConstraintKind, Link, Progress, Site, Wait};
use crate::time::{Minute, Span};

/// What drove a date, step by step from the start.
///
/// Runs of the same step in unit after unit, each waiting for the crew of the one before, stand in
/// one block.
pub fn explain_text(site: &Site, run: &Run, explanation: &Explanation) -> String {
    let text = Text { site, run };
    let mut out = text.head(explanation);
    let steps = &explanation.steps;
    let mut at = 0;
    while at < steps.len() {
        let length = text.passed_along(&steps[at..]);
        out.push('\n');
        if length > 2 {
            text.run_of_steps(&mut out, at + 1, &steps[at..at + length]);
            at += length;
        } else {
            text.step(&mut out, at + 1, &steps[at]);
            at += 1;
        }
    }
    out
}

struct Text<'a> {
    site: &'a Site,
    run: &'a Run,
}

impl Text<'_> {
    fn head(&self, explanation: &Explanation) -> String {
        let (site, at) = (self.site, explanation.activity as usize);
        let activity = &site.plan.activities[at];
        let title = match activity.title == activity.id {
            true => String::new(),
            false => format!(" ({})", activity.title),
        };
        let hall = site.halls.iter().find(|hall| hall.ready == explanation.activity);
        let ready = hall.map(|hall| format!(": {} is ready for service", hall.id));
        let finish = self.run.timeline.finish[at];
        let promised = site.promised(explanation.activity);
        let against = promised
            .filter(|_| finish.happens())
            .map(|promised| format!(", {:+} d against plan {promised}", finish.day() - promised));
        let float = self.run.dates.total_float[at];
        let float = float.filter(|_| !activity.is_finished()).map(|float| {
            format!("; {:.1} d of float by logic alone", self.days(explanation.activity, float))
        });
        let head = format!("{}{title}{}", activity.id, ready.unwrap_or_default());
        format!(
            "{}\nfinishes {}{}{}\n{}\n",
            Style::head(&head),
            clock(finish),
            against.unwrap_or_default(),
            float.unwrap_or_default(),
            Style::dim("likely values, not a P50; each d is a working day of the calendar named"),
        )
    }

    /// How many steps from the first on are the same step of units that handed on a crew.
    fn passed_along(&self, steps: &[Step]) -> usize {
        let of_unit = |step: &Step| {
            let activity = &self.site.plan.activities[step.activity as usize];
            activity.unit.map(|_| activity.step())
        };
        let Some(first) = of_unit(&steps[0]) else { return 1 };
        let along = |step: &&Step| of_unit(step) == Some(first) && passed_on(step).is_some();
        1 + steps[1..].iter().take_while(along).count()
    }

    fn run_of_steps(&self, out: &mut String, number: usize, steps: &[Step]) {
        let (first, last) = (&steps[0], &steps[steps.len() - 1]);
        let id = |step: &Step| self.site.plan.activities[step.activity as usize].id.as_str();
        let (from, until) = (
            self.run.timeline.start[first.activity as usize],
            self.run.timeline.finish[last.activity as usize],
        );
        let name = format!("{} … {}", id(first), id(last));
        line(
            out,
            &format!("{number:>3}  {} .. {}  {}", clock(from), clock(until), Style::head(&name)),
        );
        let calendar = self.site.plan.calendar(first.activity).id();
        let work = self.site.plan.activities[first.activity as usize].likely_work();
        let each = self.days(first.activity, work);
        line(out, &format!("     {} steps of {each:.1} d on {calendar}", steps.len()));
        self.reason(out, first);
        let mut scarce: Vec<&str> = Vec::new();
        for name in steps[1..].iter().filter_map(passed_on).map(|s| scarce_name(self.site, s)) {
            if !scarce.contains(&name) {
                scarce.push(name);
            }
        }
        let scarce = scarce.join(", ");
        let others = steps.len() - 1;
        line(
            out,
            &format!("     the other {others} each waited for {scarce}, let go by the one before"),
        );
    }

    fn step(&self, out: &mut String, number: usize, step: &Step) {
        let at = step.activity as usize;
        let activity = &self.site.plan.activities[at];
        let (start, finish) = (self.run.timeline.start[at], self.run.timeline.finish[at]);
        let dates = if activity.milestone && start == finish {
            format!("{}{:20}", clock(finish), "")
        } else {
            format!("{} .. {}", clock(start), clock(finish))
        };
        line(out, &format!("{number:>3}  {dates}  {}", Style::head(&activity.id)));
        let calendar = self.site.plan.calendar(step.activity).id();
        let days = |span| self.days(step.activity, span);
        let work = match activity.progress {
            _ if activity.milestone => format!("milestone on {calendar}"),
            Progress::Open => format!("{:.1} d on {calendar}", days(activity.duration)),
            Progress::Started { remaining, .. } => {
                let data_date = clock(self.site.plan.data_date());
                format!("{:.1} d left on {data_date}, {calendar}", days(remaining))
            }
            Progress::Finished { start, finish } => {
                let work = self.site.plan.calendar(step.activity).work_between(start, finish);
                format!("done in {:.1} d on {calendar}", days(work))
            }
        };
        let delay = match activity.delay {
            Span::ZERO => String::new(),
            delay => format!(", put off by {:.1} d as asked", days(delay)),
        };
        line(out, &format!("     {work}{delay}"));
        self.reason(out, step);
    }

    /// What set the date, what came next, and what was waited for.
    fn reason(&self, out: &mut String, step: &Step) {
        let what = match step.set {
            Set::Start => "started by",
            Set::Rest => "the rest set by",
            Set::Finish => "finish held by",
        };
        let cause = self.cause(step);
        let next = match step.next_best {
            Some(next) => {
                let link = self.link(&self.site.plan.links[next.link as usize]);
                format!("; drives by {:.1} d before {link}", self.days(step.activity, next.slack))
            }
            None if matches!(step.cause, Cause::Link(_)) => "; no other predecessor".into(),
            None => String::new(),
        };
        line(out, &format!("     {what} {cause}{next}"));
        for wait in &step.waits {
            line(out, &format!("     {}", self.wait(wait)));
        }
    }

    fn cause(&self, step: &Step) -> String {
        let id = |activity: u32| self.site.plan.activities[activity as usize].id.as_str();
        match step.cause {
            Cause::Never => "nothing: it never happens".into(),
            Cause::RunStart => "the start of the run".into(),
            Cause::StatusDate if step.set == Set::Rest => {
                format!("the status date; it had started{}", self.history(step))
            }
            Cause::StatusDate => "the status date".into(),
            Cause::NotBefore => "its not-before date".into(),
            Cause::Constraint => self.constraint(step.activity),
            Cause::Link(link) => self.link(&self.site.plan.links[link as usize]),
            Cause::Released(scarce, holder) => {
                let name = scarce_name(self.site, scarce);
                let by = holder
                    .map_or("a dated change of capacity".into(), |holder| id(holder).to_owned());
                format!("{name} coming free: {by}")
            }
            Cause::Funded(loan, met_by) => {
                let name = loan_name(self.site, loan);
                let by = met_by.map(|by| format!(", once {} was finished", id(by)));
                format!("funding by {name}{}", by.unwrap_or_default())
            }
            Cause::Actual => format!("its actual start{}", self.history(step)),
        }
    }

    /// The constraint that set a start.
    fn constraint(&self, activity: u32) -> String {
        let conditions = self.site.plan.scheduling.of(activity);
        let all = conditions.constraints().map(|Constraint { kind, at }| match kind {
            ConstraintKind::AsLateAsPossible => kind.code().to_owned(),
            _ => format!("{} {}", kind.code(), clock(at)),
        });
        format!("its constraint, {}", all.collect::<Vec<_>>().join(" and "))
    }

    fn history(&self, step: &Step) -> String {
        let link = step.history.map(|link| self.link(&self.site.plan.links[link as usize]));
        link.map(|link| format!(", last let go by {link}")).unwrap_or_default()
    }

    /// `FS of substation`, `SS+12.0 d (build) of first-fix`.
    fn link(&self, link: &Link) -> String {
        let id = &self.site.plan.activities[link.from as usize].id;
        let lag = match link.lag {
            Span::ZERO => String::new(),
            lag => {
                let calendar = &self.site.plan.calendars[usize::from(link.lag_calendar)];
                let days = lag.0 as f64 / calendar.day_minutes() as f64;
                format!("{days:+.1} d ({})", calendar.id())
            }
        };
        let stage = self.site.stages.iter().any(|stage| stage.activity == link.from);
        let power = if link.derived && stage { " (permanent power)" } else { "" };
        format!("{}{lag} of {id}{power}", link.kind.code())
    }

    fn wait(&self, wait: &Wait) -> String {
        let what = match wait.what {
            WaitFor::Scarce(scarce) => format!("waited for {}", scarce_name(self.site, scarce)),
            WaitFor::HeldFinish => "its finish was held by a link".into(),
            WaitFor::PastLead => "a lead asked for a start that was past".into(),
            WaitFor::Funding { loan, why } => loan_wait_text(self.site, loan, why),
        };
        if !wait.until.happens() {
            return format!("{what} in vain since {}", clock(wait.from));
        }
        let days = self.site.plan.calendar(wait.activity).work_between(wait.from, wait.until);
        let days = self.days(wait.activity, days);
        let (from, until) = (clock(wait.from), clock(wait.until));
        let by = wait.holder.map(|by| format!(", ended by {}", self.id(by)));
        format!("{what} {days:.1} d, {from} .. {until}{}", by.unwrap_or_default())
    }

    fn id(&self, activity: u32) -> &str {
        &self.site.plan.activities[activity as usize].id
    }

    /// In working days of an activity's calendar.
    fn days(&self, activity: u32, span: Span) -> f64 {
        span.0 as f64 / self.site.plan.calendar(activity).day_minutes() as f64
    }
}

fn clock(at: Minute) -> String {
    at.to_string().replace('T', " ")
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "{}", text.trim_end()).expect("writing to text");
}

/// A chain in JSON; fields are only ever added. Days are working days of the step's calendar, a
/// lag's days those of its lag calendar; times are `YYYY-MM-DDTHH:MM`, null where something never
/// happens.
#[derive(Serialize)]
struct Chain<'a> {
    site: &'a str,
    asked: &'a str,
    activity: &'a str,
    title: &'a str,
    start: Option<String>,
    finish: Option<String>,
    plan: Option<String>,
    slip_days: Option<i32>,
    total_float_days: Option<f64>,
    steps: Vec<StepJson<'a>>,
}

#[derive(Serialize)]
struct StepJson<'a> {
    activity: &'a str,
    title: &'a str,
    milestone: bool,
    start: Option<String>,
    finish: Option<String>,
    calendar: &'a str,
    /// Work left in the likely trial.
    work_days: f64,
    /// `start`, `rest` (of what was under way) or `finish`: what the cause set.
    set: &'static str,
    /// `link`, `released`, `funded`, `actual`, `not_before`, `status_date`, `run_start` or `never`.
    cause: &'static str,
    /// The driving link, or the one that let an actual start happen last.
    link: Option<LinkJson<'a>>,
    /// Crew or platform that came free, for `released`; loan that could be drawn, for `funded`.
    released: Option<&'a str>,
    /// Who let go of it; null for a dated change of capacity.
    released_by: Option<&'a str>,
    next_best: Option<LinkJson<'a>>,
    /// How much later the next-best predecessor could have been.
    drives_by_days: Option<f64>,
    waits: Vec<WaitJson<'a>>,
}

#[derive(Serialize)]
struct LinkJson<'a> {
    kind: &'static str,
    from: &'a str,
    lag_days: f64,
    lag_calendar: &'a str,
    /// Made by the loader (unit steps, permanent power), not written in the file.
    derived: bool,
}

#[derive(Serialize)]
struct WaitJson<'a> {
    /// Crew, platform or loan; null for a held finish or a late lead.
    #[serde(rename = "for")]
    what: Option<&'a str>,
    /// `scarce`, `held_finish`, `past_lead` or `funding`.
    kind: &'static str,
    /// What the loan said, for `funding`.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    from: Option<String>,
    until: Option<String>,
    days: Option<f64>,
    ended_by: Option<&'a str>,
}

/// The chain that drove a date, as JSON: `{site, asked, activity, title, start, finish, plan,
/// slip_days, total_float_days, steps}`, each step with its dates, calendar, cause, link, waits and
/// next-best predecessor.
pub fn explain_json(site: &Site, run: &Run, asked: &str, explanation: &Explanation) -> Value {
    let text = Text { site, run };
    let at = explanation.activity as usize;
    let activity = &site.plan.activities[at];
    let finish = run.timeline.finish[at];
    let promised = site.promised(explanation.activity);
    let float = run.dates.total_float[at];
    let chain = Chain {
        site: &site.id,
        asked,
        activity: &activity.id,
        title: &activity.title,
        start: instant(run.timeline.start[at]),
        finish: instant(finish),
        plan: promised.map(|day| day.to_string()),
        slip_days: promised.filter(|_| finish.happens()).map(|day| finish.day() - day),
        total_float_days: float.map(|float| rounded(text.days(explanation.activity, float))),
        steps: explanation.steps.iter().map(|step| text.step_json(step)).collect(),
    };
    to_value(chain).expect("plain data")
}

impl<'a> Text<'a> {
    fn step_json(&self, step: &Step) -> StepJson<'a> {
        let (site, at) = (self.site, step.activity as usize);
        let activity = &site.plan.activities[at];
        let days = |span| rounded(self.days(step.activity, span));
        let (cause, link, released, released_by) = match step.cause {
            Cause::Link(link) => ("link", Some(link), None, None),
            Cause::Released(scarce, by) => ("released", None, Some(scarce_name(site, scarce)), by),
            Cause::Funded(loan, by) => ("funded", None, Some(loan_name(site, loan)), by),
            Cause::Actual => ("actual", step.history, None, None),
            Cause::NotBefore => ("not_before", None, None, None),
            Cause::Constraint => ("constraint", None, None, None),
            Cause::StatusDate => ("status_date", step.history, None, None),
            Cause::RunStart => ("run_start", None, None, None),
            Cause::Never => ("never", None, None, None),
        };
        StepJson {
            activity: &activity.id,
            title: &activity.title,
            milestone: activity.milestone,
            start: instant(self.run.timeline.start[at]),
            finish: instant(self.run.timeline.finish[at]),
            calendar: site.plan.calendar(step.activity).id(),
            work_days: days(activity.likely_work()),
            set: match step.set {
                Set::Start => "start",
                Set::Rest => "rest",
                Set::Finish => "finish",
            },
            cause,
            link: link.map(|link| self.link_json(link)),
            released,
            released_by: released_by.map(|by| site.plan.activities[by as usize].id.as_str()),
            next_best: step.next_best.map(|next| self.link_json(next.link)),
            drives_by_days: step.next_best.map(|next| days(next.slack)),
            waits: step.waits.iter().map(|wait| self.wait_json(wait)).collect(),
        }
    }

    fn link_json(&self, link: u32) -> LinkJson<'a> {
        let plan = &self.site.plan;
        let link = &plan.links[link as usize];
        let calendar = &plan.calendars[usize::from(link.lag_calendar)];
        LinkJson {
            kind: link.kind.code(),
            from: &plan.activities[link.from as usize].id,
            lag_days: rounded(link.lag.0 as f64 / calendar.day_minutes() as f64),
            lag_calendar: calendar.id(),
            derived: link.derived,
        }
    }

    fn wait_json(&self, wait: &Wait) -> WaitJson<'a> {
        let plan = &self.site.plan;
        let work = plan.calendar(wait.activity).work_between(wait.from, wait.until);
        let (kind, what) = match wait.what {
            WaitFor::Scarce(scarce) => ("scarce", Some(scarce_name(self.site, scarce))),
            WaitFor::HeldFinish => ("held_finish", None),
            WaitFor::PastLead => ("past_lead", None),
            WaitFor::Funding { loan, .. } => ("funding", Some(loan_name(self.site, loan))),
        };
        let why = match wait.what {
            WaitFor::Funding { why, .. } => Some(why.to_string()),
            _ => None,
        };
        WaitJson {
            what,
            kind,
            why,
            from: instant(wait.from),
            until: instant(wait.until),
            days: wait.until.happens().then(|| rounded(self.days(wait.activity, work))),
            ended_by: wait.holder.map(|by| plan.activities[by as usize].id.as_str()),
        }
    }
}

fn instant(at: Minute) -> Option<String> {
    at.happens().then(|| at.to_string())
}

/// Rounded to four decimals: stable to read.
fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}
