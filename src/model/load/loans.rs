//! Loans: rates, dates and repayment, refused where they cannot work.

use super::covenants;
use super::draws::{self, Dated};
use super::loan_dates::{Anchors, Dates, stated};
use super::network::Network;
use super::terms::Check;
use crate::model::terms::{
    AccrualTerms, Amortisation, ConstructionInterest, Curve, DrawTerms, Eligible, Gate,
    GreaterOfLevels, Loan, LoanKind, LoanRate, Recourse, Repayment, SizedLoan,
};
use crate::money::{Amount, BusinessDays, DayCount, Roll};
use crate::spec::loan::{
    AccrualWord, AmortisationSpec, AmortisationWord, CommitmentSpec, CompoundingWord,
    ConstructionWord, DayCountWord, EligibleWord, FeesWord, KindWord, LifeSpec, LoanSpec, PaysWord,
    RecourseWord, RollWord, ScheduleSpec,
};
use crate::spec::site::SiteSpec;
use crate::spec::{At, Finding, Placed};
use crate::time::{Day, HolidaySet};
use crate::unit::Share;

/// No lender asks for more.
const COVER_MAX: Share = Share(10_000_000_000);

/// Checks every loan.
pub fn build(
    spec: &SiteSpec,
    anchors: Anchors<'_>,
    curves: [&[Curve]; 2],
    opens: Day,
    check: &mut Check<'_>,
) -> Vec<Loan> {
    let mut loans: Vec<Loan> = Vec::new();
    for spec in &spec.loans {
        if loans.iter().any(|loan| loan.id == spec.id.value) {
            let message = format!("two loans are called `{}`", spec.id.value);
            check.wrong("duplicate-id", spec.id.at, &message, None);
        }
        loans.extend(lower(spec, anchors, curves, opens, check));
    }
    loans
}

/// Activities that wait until a loan can be drawn, by activity; loans of the portfolio that the
/// site is in count on from its own.
pub fn gates(
    spec: &SiteSpec,
    network: &Network,
    loans: &[Loan],
    check: &mut Check<'_>,
) -> Vec<Gate> {
    let mut gates = Vec::new();
    for (activity, draft) in network.drafts.iter().enumerate() {
        let Some(name) = &draft.funded_by else { continue };
        let own = || spec.loans.iter().map(|loan| loan.id.value.as_str());
        let above = || network.loans_above.iter().map(String::as_str);
        let known = || own().chain(above());
        if !known().any(|id| id == name.value) {
            let message = format!("no loan is called `{}`", name.value);
            let help = check.findings.nearest(&name.value, known());
            check.wrong("unknown-loan", name.at, &message, help);
        }
        // A loan that is not there although the file has it has a finding of its own.
        let found = loans.iter().position(|loan| loan.id == name.value);
        let found = found.or_else(|| {
            let above = above().position(|id| id == name.value)?;
            (!own().any(|id| id == name.value)).then(|| loans.len() + above)
        });
        if let Some(loan) = found {
            gates.push(Gate { activity: activity as u32, loan: loan as u32 });
        }
    }
    let follows = |spec: &&LoanSpec| {
        loans.iter().any(|loan| loan.id == spec.id.value && !loan.follows.is_empty())
    };
    if let Some(spec) = spec.loans.iter().find(follows).filter(|_| !gates.is_empty()) {
        let message = "a date follows the plan, and work of the plan waits for a loan";
        let help = "state a day, or leave `funded_by` out";
        check.wrong("loan-date", spec.at, message, Some(help.into()));
    }
    gates
}

fn lower(
    spec: &LoanSpec,
    anchors: Anchors<'_>,
    [curves, values]: [&[Curve]; 2],
    opens: Day,
    check: &mut Check<'_>,
) -> Option<Loan> {
    let kind = kind(spec);
    // A key that is there and could not be read is not missing too.
    let unread = check.findings.any_within(spec.at);
    let dates = Dates::of(spec, kind, unread, anchors, check)?;
    check_kind(spec, kind, check);
    let zero = Share::ZERO;
    let sized = matches!(spec.commitment.value, CommitmentSpec::Sized);
    // A loan that is drawn on dates may do without: then it is drawn on no other day.
    let by_date = spec.drawn.is_some() && kind == LoanKind::Ddtl && spec.advance.is_none();
    if spec.advance.is_none() && !unread && (kind == LoanKind::Ddtl && !by_date || sized) {
        let message = "the key `advance` is missing";
        let help = "the share of eligible cost that may be drawn, for example 75%";
        check.wrong("missing-key", spec.at, message, Some(help.into()));
    }
    let Dated { opening_balance, drawn, repaid } = draws::build(spec, kind, opens, &dates, check);
    Some(Loan {
        id: spec.id.value.clone(),
        commitment: match spec.commitment.value {
            CommitmentSpec::Amount(amount) => check.money(Some(amount), spec.commitment.at)?,
            CommitmentSpec::Sized => Amount { micros: 0, currency: check.reporting() },
        },
        advance: check.share(spec.advance.as_ref(), if by_date { zero } else { Share::ONE }),
        excludes_prepaid: spec.excludes_prepaid.unwrap_or(true),
        draws: DrawTerms {
            kind,
            eligible: eligible(spec, kind),
            conditions: conditions(spec, anchors.network, check),
            dated: drawn,
        },
        premises: Vec::new(),
        opening_balance,
        repaid,
        rate: rate(spec, curves, check)?,
        accrual: accrual(spec, check),
        undrawn_fee: check.share(spec.undrawn_fee.as_ref(), zero),
        upfront_fee: check.share(spec.upfront_fee.as_ref(), zero),
        discount: check.share(spec.discount.as_ref(), zero),
        effective_fees: spec.fees.as_ref().is_some_and(|word| word.value == FeesWord::Effective),
        close: dates.close,
        available_until: dates.available_until,
        period_months: match spec.pays {
            Some(PaysWord::Monthly) => 1,
            Some(PaysWord::Semiannual) => 6,
            Some(PaysWord::Annual) => 12,
            Some(PaysWord::Quarterly) | None => 3,
        },
        first_payment: spec.first_payment.as_ref().map(|day| day.value),
        amortises_from: dates.amortises_from,
        maturity: dates.maturity,
        repayment: repayment(spec, kind, &dates, check),
        balloon: check.share(spec.balloon.as_ref(), zero),
        sweep: check.share(spec.sweep.as_ref(), zero),
        reserve_months: spec.reserve.as_ref().map_or(0, |length| check.months(length)),
        sized: sized.then(SizedLoan::default),
        recourse: spec.recourse.map(recourse),
        guarantor: spec.guarantor.as_ref().map(|name| name.value.clone()),
        covenants: covenants::build(spec, values, check),
        follows: dates.follows,
    })
}

fn eligible(spec: &LoanSpec, kind: LoanKind) -> Eligible {
    match (spec.eligible, kind) {
        (Some(EligibleWord::Works), _) => Eligible::Works,
        (Some(EligibleWord::Racks), _) | (None, LoanKind::Vendor) => Eligible::Racks,
        (Some(EligibleWord::All) | None, _) => Eligible::All,
    }
}

fn recourse(word: RecourseWord) -> Recourse {
    match word {
        RecourseWord::Full => Recourse::Full,
        RecourseWord::Limited => Recourse::Limited,
        RecourseWord::None => Recourse::None,
    }
}

fn kind(spec: &LoanSpec) -> LoanKind {
    match spec.kind.as_ref().map(|kind| kind.value) {
        Some(KindWord::Term) => LoanKind::Term,
        Some(KindWord::Notes) => LoanKind::Notes,
        Some(KindWord::Revolver) => LoanKind::Revolver,
        Some(KindWord::Vendor) => LoanKind::Vendor,
        Some(KindWord::Ddtl) | None => LoanKind::Ddtl,
    }
}

/// Refuses terms that this kind of loan cannot have.
fn check_kind(spec: &LoanSpec, kind: LoanKind, check: &mut Check<'_>) {
    let name = kind.name();
    let mut cannot = |at: Option<At>, what: &str, why: &str| {
        if let Some(at) = at {
            let message = format!("a loan of kind `{name}` has no `{what}`: {why}");
            check.wrong("loan-kind", at, &message, None);
        }
    };
    let at = |share: &Option<Placed<_>>| share.as_ref().map(|placed: &Placed<_>| placed.at);
    if !kind.draws_at_closing() {
        let why = "it is drawn in parts; use `upfront_fee`";
        cannot(at(&spec.discount), "discount", why);
        let effective = spec.fees.as_ref().filter(|fees| fees.value == FeesWord::Effective);
        let why = "what will be drawn when is not known at closing; fees are spread by the day";
        cannot(effective.map(|fees| fees.at), "fees: effective", why);
    } else {
        cannot(at(&spec.advance), "advance", "all of it is drawn at closing");
        let conditions = spec.conditions.first().map(|first| first.at);
        cannot(conditions, "conditions", "all of it is drawn at closing");
        let sized = matches!(spec.commitment.value, CommitmentSpec::Sized);
        let sized = sized.then_some(spec.commitment.at);
        cannot(sized, "commitment: sized", "the loop runs over draws; use `kind: ddtl`");
    }
    if kind == LoanKind::Revolver {
        cannot(at(&spec.balloon), "balloon", "it is repaid from the cash there is");
        cannot(at(&spec.sweep), "sweep", "it is repaid from the cash there is anyway");
        let construction = spec.construction_interest.as_ref();
        let construction = construction.filter(|word| word.value != ConstructionWord::Paid);
        let why = "its interest is paid, from another draw if need be";
        cannot(construction.map(|word| word.at), "construction_interest", why);
        cannot(spec.amortisation.as_ref().map(|a| a.at), "amortisation", "it matures as a whole");
        cannot(at(&spec.advance), "advance", "it follows the shortage of cash");
        cannot(spec.reserve.as_ref().map(|length| length.at), "reserve", "it is a reserve itself");
        let sized = matches!(spec.commitment.value, CommitmentSpec::Sized);
        cannot(sized.then_some(spec.commitment.at), "commitment: sized", "state an amount");
    }
}

/// Conditions precedent: activities by their ids.
fn conditions(spec: &LoanSpec, network: &Network, check: &mut Check<'_>) -> Vec<u32> {
    let mut found = Vec::new();
    for condition in &spec.conditions {
        match network.find(&condition.value) {
            Some(activity) => found.push(activity),
            None => {
                let message = format!("no activity is called `{}`", condition.value);
                let help = check.findings.nearest(&condition.value, network.ids());
                check.wrong("unknown-activity", condition.at, &message, help);
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn accrual(spec: &LoanSpec, check: &mut Check<'_>) -> AccrualTerms {
    let daily = spec.compounding.as_ref().filter(|word| word.value == CompoundingWord::Daily);
    if let Some(daily) = daily.filter(|_| spec.base.is_none()) {
        let message = "only a `base` rate is compounded by the day";
        check.wrong("loan-rate", daily.at, message, None);
    }
    if let Some(lookback) = &spec.lookback {
        if daily.is_none() {
            let message = "a lookback belongs to `compounding: daily`";
            check.wrong("loan-rate", lookback.at, message, None);
        } else if lookback.value > 30 {
            check.wrong("loan-rate", lookback.at, "a lookback of more than 30 business days", None);
        }
    }
    let holidays = spec.holidays.as_ref().and_then(|name| {
        let set = HolidaySet::ALL.into_iter().find(|set| set.name() == name.value);
        if set.is_none() {
            let names: Vec<&str> = HolidaySet::ALL.iter().map(|set| set.name()).collect();
            let message = format!("no set of holidays is called `{}`", name.value);
            let help = format!("known: {}", names.join(", "));
            check.wrong("unknown-holidays", name.at, &message, Some(help));
        }
        set
    });
    AccrualTerms {
        count: match spec.day_count {
            Some(DayCountWord::Act365) => DayCount::Act365Fixed,
            Some(DayCountWord::ActAct) => DayCount::ActActIsda,
            Some(DayCountWord::Thirty) => DayCount::Thirty360Bond,
            Some(DayCountWord::ThirtyUs) => DayCount::Thirty360Usa,
            Some(DayCountWord::ThirtyE) => DayCount::ThirtyE360,
            Some(DayCountWord::Act360) | None => DayCount::Act360,
        },
        compounded: daily.map(|_| spec.lookback.as_ref().map_or(0, |days| days.value)),
        roll: match spec.roll {
            Some(RollWord::Following) => Roll::Following,
            Some(RollWord::ModifiedFollowing) => Roll::ModifiedFollowing,
            Some(RollWord::Preceding) => Roll::Preceding,
            Some(RollWord::Unadjusted) | None => Roll::Unadjusted,
        },
        calendar: BusinessDays { holidays: holidays.unwrap_or(HolidaySet::UsSofr) },
        unadjusted: spec.accrual == Some(AccrualWord::Unadjusted),
        construction: match spec.construction_interest.as_ref().map(|word| word.value) {
            Some(ConstructionWord::Capitalised) => ConstructionInterest::Capitalised,
            Some(ConstructionWord::Funded) => ConstructionInterest::Funded,
            Some(ConstructionWord::Paid) | None => ConstructionInterest::Paid,
        },
    }
}

fn repayment(spec: &LoanSpec, kind: LoanKind, dates: &Dates, check: &mut Check<'_>) -> Repayment {
    let regular = |word| match word {
        AmortisationWord::Level => Amortisation::LevelPayment,
        AmortisationWord::Bullet => Amortisation::Bullet,
        AmortisationWord::EqualPrincipal => Amortisation::EqualPrincipal,
    };
    let Some(placed) = &spec.amortisation else {
        let bullet = matches!(kind, LoanKind::Notes | LoanKind::Revolver);
        let word = if bullet { Amortisation::Bullet } else { Amortisation::EqualPrincipal };
        return Repayment::Regular(word);
    };
    match &placed.value {
        AmortisationSpec::Word(word) => Repayment::Regular(regular(*word)),
        AmortisationSpec::Schedule(schedule) => {
            if let Some(balloon) = &spec.balloon {
                let message = "a schedule says itself what is left for maturity";
                check.wrong("loan-schedule", balloon.at, message, None);
            }
            self::schedule(schedule, placed.at, dates, check)
        }
    }
}

fn schedule(spec: &ScheduleSpec, at: At, dates: &Dates, check: &mut Check<'_>) -> Repayment {
    let cover = |cover: &Placed<crate::spec::quantity::Factor>, check: &mut Check<'_>| {
        let share = cover.value.0;
        if share <= Share::ZERO || share > COVER_MAX {
            let message = format!("a cover is above 0 and at most 10, found {}", share.to_f64());
            check.wrong("loan-schedule", cover.at, &message, Some("for example 1.40".into()));
        }
        share
    };
    match (&spec.sculpted, &spec.target_balance, &spec.greater_of) {
        (Some(sculpted), None, None) => Repayment::Sculpted(cover(sculpted, check)),
        (None, Some(targets), None) => {
            let mut steps: Vec<(Day, Share)> = Vec::new();
            for (day, share) in &targets.0 {
                let share = share.0;
                if !(Share::ZERO..=Share::ONE).contains(&share) {
                    let message = format!("a share here is between 0% and 100%, found {share}");
                    check.wrong("share", day.at, &message, None);
                }
                if steps.last().is_some_and(|&(_, before)| share > before) {
                    let message = "a target balance falls from date to date";
                    check.wrong("loan-schedule", day.at, message, None);
                }
                let first = dates.first_principal();
                if first.is_some_and(|first| day.value < first) || day.value > dates.maturity {
                    let first = first.map_or(String::new(), |first| format!(" {first}"));
                    let message = format!(
                        "{} lies outside `amortises_from`{first} to `maturity` {}",
                        day.value, dates.maturity
                    );
                    check.wrong("loan-schedule", day.at, &message, None);
                }
                steps.push((day.value, share));
            }
            if steps.is_empty() {
                check.wrong("loan-schedule", at, "a target balance needs a date", None);
            }
            Repayment::TargetBalance(steps)
        }
        (None, None, Some(levels)) => Repayment::GreaterOf(GreaterOfLevels {
            coverage: cover(&levels.coverage, check),
            advance: check.share(Some(&levels.advance), Share::ONE),
            life_months: match levels.life.value {
                LifeSpec::Accounting => None,
                LifeSpec::Own(value) => Some(check.months(&Placed { at: levels.life.at, value })),
            },
        }),
        _ => {
            let message = "a schedule is one of `sculpted`, `target_balance`, `greater_of`";
            check.wrong("loan-schedule", at, message, None);
            Repayment::Regular(Amortisation::Bullet)
        }
    }
}

fn rate(spec: &LoanSpec, curves: &[Curve], check: &mut Check<'_>) -> Option<LoanRate> {
    match (&spec.rate, &spec.base) {
        (Some(rate), None) => {
            for unread in [&spec.margin, &spec.floor].into_iter().flatten() {
                let message = "a fixed `rate` is all in: it has no margin and no floor";
                check.wrong("loan-rate", unread.at, message, Some("or give a `base`".into()));
            }
            Some(LoanRate::Fixed(check.share(Some(rate), Share::ZERO)))
        }
        (None, Some(base)) => {
            let curve = curves.iter().position(|curve| curve.id == base.value);
            let Some(curve) = curve else {
                let message = format!("no curve is called `{}`", base.value);
                let help = check
                    .findings
                    .nearest(&base.value, curves.iter().map(|curve| curve.id.as_str()));
                check.wrong("unknown-curve", base.at, &message, help);
                return None;
            };
            check_negative_base(spec, &curves[curve], base.at, check);
            let first = curves[curve].steps.first().map(|step| step.0);
            let begins_late = |first: &Day| stated(&spec.close).is_some_and(|close| *first > close);
            if let Some(first) = first.filter(begins_late) {
                let message = format!(
                    "`{}` begins on {first}: its first rate is taken for the days before",
                    base.value
                );
                check.findings.push(Finding::warning("curve-begins-late", base.at, message));
            }
            Some(LoanRate::Floating {
                curve: curve as u32,
                margin: check.share(spec.margin.as_ref(), Share::ZERO),
                floor: check.share(spec.floor.as_ref(), Share::ZERO),
            })
        }
        _ => {
            let message = "a loan has either a fixed `rate` or a `base` with a `margin`";
            check.wrong("loan-rate", spec.at, message, None);
            None
        }
    }
}

/// A base that falls below nothing needs a stated floor: without one it could mean either.
fn check_negative_base(spec: &LoanSpec, curve: &Curve, at: At, check: &mut Check<'_>) {
    let negative = curve.steps.iter().find(|(_, rate)| *rate < Share::ZERO);
    if let Some((day, rate)) = negative.filter(|_| spec.floor.is_none()) {
        let message = format!("`{}` is {rate} from {day} on, and no floor is stated", curve.id);
        let help = "write `floor: 0%` if the base counts as nothing then";
        check.wrong("loan-rate", at, &message, Some(help.into()));
    }
}
