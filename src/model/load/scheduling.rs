//! Whose rules date the site, and what binds its activities beside their links.

use super::network::{Draft, Network};
use crate::model::{
    Conditions, Constraint, ConstraintKind, FloatAt, Kind, Plan, Rules, Scheduling, planner,
};
use crate::spec::activity::{ActivitySpec, ConstraintSpec, ConstraintWord, MilestoneWord};
use crate::spec::site::{FloatWord, ProgramWord, ProgressWord, RulesSpec, SiteSpec};
use crate::spec::{Finding, Findings};
use crate::time::{Calendar, Minute};

/// Whose rules a site names; its own by default.
pub fn rules(spec: &SiteSpec) -> Rules {
    spec.rules.as_ref().map_or(Rules::Site, |rules| of_program(rules.program))
}

fn of_program(program: ProgramWord) -> Rules {
    match program {
        ProgramWord::P6 => Rules::P6,
        ProgramWord::Project => Rules::Project,
    }
}

impl Network {
    /// What binds an activity beside its links; `None` where nothing does.
    pub(super) fn conditions(
        &self,
        spec: &ActivitySpec,
        calendar: u16,
        findings: &mut Findings,
    ) -> Option<Box<Conditions>> {
        let hours = &self.calendars.list[usize::from(calendar)];
        let float_calendar = spec.float_calendar.as_ref();
        let found = Conditions {
            kind: match spec.milestone {
                Some(MilestoneWord::Start) => Kind::StartMilestone,
                Some(MilestoneWord::Finish | MilestoneWord::Yes) => Kind::FinishMilestone,
                Some(MilestoneWord::No) | None => Kind::Task,
            },
            constraints: self.constraints(spec, hours, findings),
            deadline: spec.deadline.as_ref().map(|placed| placed.value.ends(hours)),
            float_calendar: float_calendar.map(|name| self.calendars.find(name, findings)),
            resumes: self.resumes(spec, findings),
        };
        (found != Conditions::default()).then(|| Box::new(found))
    }

    /// When stopped work goes on, which only planners' programs know.
    fn resumes(&self, spec: &ActivitySpec, findings: &mut Findings) -> Option<Minute> {
        let placed = spec.resumes.as_ref()?;
        if self.rules == Rules::Site || spec.actual_start.is_none() {
            let message = "only work under way resumes, by the rules of P6 or Project";
            let help = "say `rules: p6` or `rules: project`, and when it started; \
                        `not_before:` holds back what has not started";
            findings.push(Finding::error("progress", placed.at, message).help(help));
        }
        Some(placed.value)
    }

    fn constraints(
        &self,
        spec: &ActivitySpec,
        hours: &Calendar,
        findings: &mut Findings,
    ) -> [Option<Constraint>; 2] {
        if let Some(first) = spec.constraints.first().filter(|_| self.rules == Rules::Site) {
            let message = "Primavera P6 and Microsoft Project read this constraint differently";
            let help = "say whose rules date the site, `rules: p6` or `rules: project`; \
                        `not_before:` and `deadline:` need none";
            findings.push(Finding::error("constraint-rules", first.at, message).help(help));
            return [None, None];
        }
        let mut all: Vec<Constraint> =
            spec.constraints.iter().map(|spec| constraint(spec, hours)).collect();
        // Under Project's rules a link may move what it binds to before its not-before date.
        if let Some(at) = spec.not_before.filter(|_| self.rules == Rules::Project) {
            all.push(Constraint { kind: ConstraintKind::StartNoEarlier, at });
        }
        if all.len() > 2 {
            let message = "an activity has two constraints at most, `not_before` among them";
            findings.push(Finding::error("constraint", spec.constraints[0].at, message));
        }
        let mut all = all.into_iter();
        [all.next(), all.next()]
    }
}

fn constraint(spec: &ConstraintSpec, hours: &Calendar) -> Constraint {
    let kind = match spec.word {
        ConstraintWord::StartNoEarlier => ConstraintKind::StartNoEarlier,
        ConstraintWord::StartNoLater => ConstraintKind::StartNoLater,
        ConstraintWord::FinishNoEarlier => ConstraintKind::FinishNoEarlier,
        ConstraintWord::FinishNoLater => ConstraintKind::FinishNoLater,
        ConstraintWord::StartOn => ConstraintKind::StartOn,
        ConstraintWord::FinishOn => ConstraintKind::FinishOn,
        ConstraintWord::MandatoryStart => ConstraintKind::MandatoryStart,
        ConstraintWord::MandatoryFinish => ConstraintKind::MandatoryFinish,
        ConstraintWord::AsLateAsPossible => ConstraintKind::AsLateAsPossible,
        ConstraintWord::ByHand => ConstraintKind::ByHand,
    };
    let finish = matches!(
        kind,
        ConstraintKind::FinishNoEarlier
            | ConstraintKind::FinishNoLater
            | ConstraintKind::FinishOn
            | ConstraintKind::MandatoryFinish
    );
    let at = spec.date.map_or(Minute::MIN, |date| match finish {
        true => date.ends(hours),
        false => date.begins(hours),
    });
    Constraint { kind, at }
}

/// The plan, dated by the rules that the site names.
pub fn schedule(
    plan: Plan,
    rules: Option<&RulesSpec>,
    default: u16,
    conditions: Vec<Conditions>,
) -> Plan {
    let Some(spec) = rules else {
        let plain = conditions.iter().all(|own| *own == Conditions::default());
        let conditions = if plain { Vec::new() } else { conditions };
        return Plan { scheduling: Scheduling { conditions, ..Scheduling::default() }, ..plan };
    };
    let finish_by = spec.finish_by.map(|date| date.ends(&plan.calendars[usize::from(default)]));
    let mut plan = plan.scheduled_by(Scheduling {
        rules: of_program(spec.program),
        float_at: match spec.total_float {
            Some(FloatWord::Start) => FloatAt::Start,
            Some(FloatWord::Finish) => FloatAt::Finish,
            Some(FloatWord::Least) | None => FloatAt::Least,
        },
        progress_override: spec.progress == Some(ProgressWord::Override),
        finish_by,
        conditions,
    });
    planner::delay_as_late_as_possible(&mut plan);
    plan
}

/// What binds each draft, by activity.
pub fn conditions_of(drafts: &[Draft]) -> Vec<Conditions> {
    drafts.iter().map(|draft| draft.conditions.as_deref().copied().unwrap_or_default()).collect()
}
