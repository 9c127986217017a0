//! Dates of loans: those that a kind implies, those that follow the plan, and their order.

use super::network::Network;
use super::parts::HallPiece;
use super::terms::Check;
use crate::model::follow::{Follow, FollowingDate};
use crate::model::terms::LoanKind;
use crate::spec::Placed;
use crate::spec::covenant::{CovenantSpec, CovenantsSpec};
use crate::spec::loan::{AmortisationSpec, AmortisationWord, LoanSpec};
use crate::spec::loan_day::LoanDay;
use crate::time::Day;

/// What dates may follow.
#[derive(Clone, Copy)]
pub struct Anchors<'a> {
    pub network: &'a Network,
    pub halls: &'a [HallPiece],
}

/// The dates of a loan, those that its kind implies filled in; one that follows the plan stands on
/// the maturity until the plan has been run.
pub struct Dates {
    pub close: Day,
    pub available_until: Day,
    pub amortises_from: Day,
    pub maturity: Day,
    /// Those that follow the plan, in the order in which they are set.
    pub follows: Vec<Follow>,
}

impl Dates {
    pub fn of(
        spec: &LoanSpec,
        kind: LoanKind,
        unread: bool,
        anchors: Anchors<'_>,
        check: &mut Check<'_>,
    ) -> Option<Dates> {
        let maturity = spec.maturity.value;
        let mut follows = Vec::new();
        let mut day = |date, given: &Placed<LoanDay>, check: &mut Check<'_>| match stated(given) {
            Some(day) => day,
            None => {
                follows.extend(follow(date, given, anchors, check));
                maturity
            }
        };
        let close = day(FollowingDate::Close, &spec.close, check);
        let available = match (&spec.available_until, kind) {
            (Some(given), _) => Some(day(FollowingDate::AvailableUntil, given, check)),
            (None, LoanKind::Term | LoanKind::Notes) => {
                Some(day(FollowingDate::AvailableUntil, &spec.close, check))
            }
            (None, LoanKind::Revolver) => Some(maturity),
            (None, LoanKind::Ddtl | LoanKind::Vendor) => None,
        };
        let amortises = match &spec.amortises_from {
            Some(given) => Some(day(FollowingDate::AmortisesFrom, given, check)),
            None if matches!(kind, LoanKind::Notes | LoanKind::Revolver) => Some(maturity),
            None => repaid_at_maturity(spec, kind).then_some(maturity),
        };
        for (covenant, (given, terms)) in (0..).zip(first_tests(spec)) {
            if let Some(given) = given {
                day(FollowingDate::FirstTest { covenant, terms }, given, check);
            }
        }
        for (key, missing) in [
            ("available_until", available.is_none() && !unread),
            ("amortises_from", amortises.is_none() && !unread),
        ] {
            if missing {
                let message = format!("the key `{key}` is missing");
                check.wrong("missing-key", spec.at, &message, None);
            }
        }
        let (available_until, amortises_from) = (available?, amortises?);
        let dates = Dates { close, available_until, amortises_from, maturity, follows };
        dates.check_order(spec, check);
        Some(dates)
    }

    /// First day of principal, if it is stated.
    pub fn first_principal(&self) -> Option<Day> {
        let follows = |follow: &Follow| follow.date == FollowingDate::AmortisesFrom;
        (!self.follows.iter().any(follows)).then_some(self.amortises_from)
    }

    /// Refuses stated days that are out of order; those that follow the plan are kept in order as
    /// they fall.
    fn check_order(&self, spec: &LoanSpec, check: &mut Check<'_>) {
        let at = |day: &Option<Placed<LoanDay>>| day.as_ref().map_or(spec.maturity.at, |d| d.at);
        let close = stated(&spec.close);
        let available = (self.available_until, "available_until");
        let amortises = (self.amortises_from, "amortises_from");
        let maturity = (self.maturity, "maturity");
        if let Some(close) = close {
            let close = (close, "close");
            check.ordered(close, available, at(&spec.available_until));
            check.ordered(close, amortises, at(&spec.amortises_from));
            if close.0 == self.maturity {
                let message = "a loan that closes and matures on the same day";
                check.wrong("dates-out-of-order", spec.maturity.at, message, None);
            }
        }
        check.ordered(amortises, maturity, spec.maturity.at);
        check.ordered(available, maturity, spec.maturity.at);
        if let Some(first) = &spec.first_payment {
            let day = (first.value, "first_payment");
            if let Some(close) = close {
                check.ordered((close, "close"), day, first.at);
            }
            check.ordered(day, amortises, first.at);
        }
        let dated = [
            spec.opening_balance.as_ref().map(|placed| placed.at),
            spec.drawn.as_ref().and_then(|drawn| Some(drawn.0.first()?.0.at)),
            spec.repaid.as_ref().and_then(|repaid| Some(repaid.0.first()?.0.at)),
        ];
        if let Some(at) = dated.into_iter().flatten().next().filter(|_| close.is_none()) {
            let message = "a loan with amounts by date closes on a stated day";
            check.wrong("dates-out-of-order", at, message, None);
        }
    }
}

/// The day, if it is stated as one.
pub fn stated(given: &Placed<LoanDay>) -> Option<Day> {
    match given.value {
        LoanDay::On(day) => Some(day),
        LoanDay::After { .. } => None,
    }
}

/// The first test of each covenant, and how many of its terms it holds for.
fn first_tests(spec: &LoanSpec) -> Vec<(Option<&Placed<LoanDay>>, u32)> {
    let of = |covenant: &'_ CovenantSpec| {
        let own = covenant.amended.iter().position(|amended| amended.first_test.is_some());
        own.unwrap_or(covenant.amended.len()) as u32 + 1
    };
    match &spec.covenants {
        None => Vec::new(),
        Some(CovenantsSpec::Dscr(dscr)) => vec![(Some(&dscr.first_test), 1)],
        Some(CovenantsSpec::List(list)) => {
            list.iter().map(|one| (one.first_test.as_ref(), of(one))).collect()
        }
    }
}

/// A date that follows an activity, or a hall that is ready for service.
fn follow(
    date: FollowingDate,
    given: &Placed<LoanDay>,
    anchors: Anchors<'_>,
    check: &mut Check<'_>,
) -> Option<Follow> {
    let LoanDay::After { what, months, days } = &given.value else { return None };
    let Some(activity) = anchors.find(what) else {
        let message = format!("`{}` follows `{what}`, which is nothing of the plan", date.key());
        let halls = anchors.halls.iter().map(|hall| format!("{}.rfs", hall.id));
        let names: Vec<String> = halls.chain(anchors.network.ids().map(str::to_owned)).collect();
        let help = check.findings.nearest(what, names.iter().map(String::as_str));
        let help = help.or_else(|| Some("an activity's id, or a hall's with `.rfs`".into()));
        check.wrong("unknown-activity", given.at, &message, help);
        return None;
    };
    let sign = if *months < 0 || *days < 0 { '-' } else { '+' };
    let text = match (months.unsigned_abs(), days.unsigned_abs()) {
        (0, 0) => what.clone(),
        (0, days) => format!("{what} {sign} {days}d"),
        (months, _) => format!("{what} {sign} {months}mo"),
    };
    Some(Follow { date, activity, months: *months, days: *days, text })
}

impl Anchors<'_> {
    fn find(&self, what: &str) -> Option<u32> {
        let hall = what.strip_suffix(".rfs");
        let hall = hall.and_then(|id| self.halls.iter().find(|hall| hall.id == id));
        hall.map(|hall| hall.ready).or_else(|| self.network.find(what))
    }
}

/// Whether a loan that states no day of its first principal means the last one: its terms say so,
/// or all that comes before is stated by date.
fn repaid_at_maturity(spec: &LoanSpec, kind: LoanKind) -> bool {
    let bullet = spec.amortisation.as_ref().is_some_and(|amortisation| {
        matches!(amortisation.value, AmortisationSpec::Word(AmortisationWord::Bullet))
    });
    let plain = spec.amortisation.is_none();
    bullet || plain && (kind == LoanKind::Term || spec.drawn.is_some() || spec.repaid.is_some())
}
