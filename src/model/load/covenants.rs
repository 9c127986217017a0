//! Covenants: what is tested of a loan, refused where it cannot be.

use super::loan_dates::stated;
use super::terms::Check;
use crate::model::covenants::{
    Collateral, CollateralClock, Covenant, CovenantTerm, Cure, CureAs, IcrNumerator, Limit, Test,
    WINDOW_MONTHS_MAX, Window,
};
use crate::model::terms::Curve;
use crate::spec::covenant::{
    AmendmentSpec, ClockWord, CovenantSpec, CovenantsSpec, CureWord, EveryWord, NumeratorWord,
    TestWord, Threshold, ValueSpec, WindowSpec,
};
use crate::spec::loan::LoanSpec;
use crate::spec::loan_day::LoanDay;
use crate::spec::{At, Placed};
use crate::time::Day;
use crate::unit::Share;

/// No lender asks for a cover above 10, or allows a leverage above 100.
const COVER_MAX: Share = Share(10_000_000_000);
const LEVERAGE_MAX: Share = Share(100_000_000_000);

/// Checks the covenants of a loan.
pub fn build(loan: &LoanSpec, values: &[Curve], check: &mut Check<'_>) -> Vec<Covenant> {
    match &loan.covenants {
        None => Vec::new(),
        Some(CovenantsSpec::Dscr(spec)) => {
            let least = spec.dscr.value.0;
            within(Test::Dscr, least, spec.dscr.at, check);
            let first = first_test(loan, Some(&spec.first_test), check);
            vec![Covenant::quarterly_dscr(least, first)]
        }
        Some(CovenantsSpec::List(list)) => {
            list.iter().filter_map(|spec| lower(loan, spec, values, check)).collect()
        }
    }
}

fn lower(
    loan: &LoanSpec,
    spec: &CovenantSpec,
    values: &[Curve],
    check: &mut Check<'_>,
) -> Option<Covenant> {
    let test = test(spec, values, check);
    let limit = limit(test, spec, check)?;
    let lock_up = lock_up(test, limit, spec.lock_up.as_ref(), check);
    let first = first_test(loan, spec.first_test.as_ref(), check);
    if let Some(until) = &spec.until {
        let first = spec.first_test.as_ref().and_then(stated).map(|first| (first, "first_test"));
        let from = first.or(stated(&loan.close).map(|close| (close, "close")));
        if let Some(from) = from {
            check.ordered(from, (until.value, "until"), until.at);
        }
    }
    let mut terms = vec![CovenantTerm { since: Day(i32::MIN), first_test: first, limit, lock_up }];
    for amendment in &spec.amended {
        let before = terms[terms.len() - 1];
        let early = stated(&loan.close).is_some_and(|close| amendment.on.value < close);
        if amendment.on.value <= before.since || early {
            let message = "an amendment comes after closing and after the one before it";
            check.wrong("dates-out-of-order", amendment.on.at, message, None);
        }
        terms.push(amended(loan, test, before, amendment, check));
    }
    let monthly = matches!(test, Test::MinimumLiquidity | Test::ContractRealization);
    let covenant = Covenant {
        test,
        window: window(test, spec.window.as_ref(), check),
        every_months: match spec.every {
            Some(EveryWord::Month) => 1,
            Some(EveryWord::Quarter) => 3,
            None if monthly => 1,
            None => 3,
        },
        until: spec.until.as_ref().map(|until| until.value),
        terms,
        cure: cure(test, spec, check),
        draw_stop: spec.draw_stop.as_ref().is_some_and(|stop| stop.value),
    };
    let acts = [spec.cure.as_ref().map(|cure| cure.at), spec.draw_stop.as_ref().map(|s| s.at)];
    if let Some(at) = acts.into_iter().flatten().next().filter(|_| covenant.perfect_foresight()) {
        let message = format!(
            "{} looks at the finished run: it is reported, and changes nothing in it",
            test.name()
        );
        check.wrong("covenant", at, &message, Some("test a trailing window to act on it".into()));
    }
    Some(covenant)
}

fn test(spec: &CovenantSpec, values: &[Curve], check: &mut Check<'_>) -> Test {
    let test = match spec.test.value {
        TestWord::Dscr => Test::Dscr,
        TestWord::Icr => Test::Icr(match spec.numerator.as_ref().map(|word| word.value) {
            Some(NumeratorWord::Cfads) => IcrNumerator::Cfads,
            Some(NumeratorWord::Ebitda) | None => IcrNumerator::Ebitda,
        }),
        TestWord::Llcr => Test::Llcr,
        TestWord::Plcr => Test::Plcr,
        TestWord::Ltv => Test::Ltv(collateral(spec.value.as_ref(), values, check)),
        TestWord::NetDebtToEbitda => Test::NetDebtToEbitda,
        TestWord::MinimumLiquidity => Test::MinimumLiquidity,
        TestWord::ContractRealization => Test::ContractRealization,
    };
    let unread = [
        ("numerator", "icr", spec.numerator.as_ref().map(|word| word.at)),
        ("value", "ltv", spec.value.as_ref().map(|value| value.at)),
    ];
    for (key, of, at) in unread {
        if let Some(at) = at.filter(|_| test.key() != of) {
            let message = format!("`{key}` belongs to the test {of}, not to {}", test.key());
            check.wrong("covenant", at, &message, None);
        }
    }
    test
}

fn collateral(
    spec: Option<&Placed<ValueSpec>>,
    values: &[Curve],
    check: &mut Check<'_>,
) -> Collateral {
    let Some(ValueSpec::Own(own)) = spec.map(|value| &value.value) else {
        return Collateral::Book;
    };
    match (&own.life, &own.curve) {
        (Some(life), None) => Collateral::Life {
            months: check.months(life),
            clock: match own.clock.as_ref().map(|clock| clock.value) {
                Some(ClockWord::InService) => CollateralClock::InService,
                Some(ClockWord::Delivery) | None => CollateralClock::Delivery,
            },
        },
        (None, Some(name)) => {
            if let Some(clock) = &own.clock {
                let message = "a curve goes by date: it has no clock";
                check.wrong("collateral-value", clock.at, message, None);
            }
            let curve = values.iter().position(|curve| curve.id == name.value);
            let curve = curve.unwrap_or_else(|| {
                let message = format!("no curve of `values` is called `{}`", name.value);
                let names = values.iter().map(|curve| curve.id.as_str());
                let help = check.findings.nearest(&name.value, names);
                check.wrong("unknown-curve", name.at, &message, help);
                0
            });
            Collateral::Curve { curve: curve as u32 }
        }
        _ => {
            let message = "a value of the lender's own has either a `life` or a `curve`";
            check.wrong("collateral-value", own.at, message, None);
            Collateral::Book
        }
    }
}

/// A threshold from the side that the test is held from.
fn limit(test: Test, spec: &CovenantSpec, check: &mut Check<'_>) -> Option<Limit> {
    let (wanted, given, wrong) = match test.is_ceiling() {
        true => ("at_most", &spec.at_most, &spec.at_least),
        false => ("at_least", &spec.at_least, &spec.at_most),
    };
    wrong_side(test, wanted, wrong.as_ref(), check);
    if given.is_none() && wrong.is_none() {
        let message = format!("the test {} needs its `{wanted}`", test.key());
        check.wrong("missing-key", spec.at, &message, None);
    }
    threshold(test, given.as_ref()?, check)
}

fn wrong_side(test: Test, wanted: &str, wrong: Option<&Placed<Threshold>>, check: &mut Check<'_>) {
    if let Some(wrong) = wrong {
        let side = if test.is_ceiling() { "above" } else { "below" };
        let message = format!("{} must not fall {side} its threshold", test.key());
        let message = message.replace("fall above", "rise above");
        check.wrong("covenant", wrong.at, &message, Some(format!("write `{wanted}`")));
    }
}

fn threshold(test: Test, given: &Placed<Threshold>, check: &mut Check<'_>) -> Option<Limit> {
    match (test, given.value) {
        (Test::MinimumLiquidity, Threshold::Cash(amount)) => {
            if amount.micros <= 0 {
                let message = "a least liquidity is more than nothing";
                check.wrong("covenant", given.at, message, Some("for example 100M USD".into()));
            }
            check.money(Some(amount), given.at).map(Limit::Cash)
        }
        (Test::MinimumLiquidity, Threshold::Ratio(_)) => {
            let message = "a least liquidity is money";
            check.wrong("covenant", given.at, message, Some("for example 100M USD".into()));
            None
        }
        (_, Threshold::Ratio(share)) => {
            within(test, share, given.at, check);
            Some(Limit::Ratio(share))
        }
        (_, Threshold::Cash(_)) => {
            let message = format!("the threshold of {} is a ratio", test.key());
            check.wrong("covenant", given.at, &message, Some("for example 1.40".into()));
            None
        }
    }
}

fn within(test: Test, share: Share, at: At, check: &mut Check<'_>) {
    let (word, most) = match test {
        Test::NetDebtToEbitda => ("greatest", LEVERAGE_MAX),
        Test::Ltv(_) => ("greatest", COVER_MAX),
        _ => ("least", COVER_MAX),
    };
    if share <= Share::ZERO || share > most {
        let (name, most) = (test.name(), most.to_f64());
        let message =
            format!("a {word} {name} is above 0 and at most {most}, found {}", share.to_f64());
        let example = match test {
            Test::Ltv(_) => "65%",
            Test::NetDebtToEbitda => "6.0",
            Test::ContractRealization => "0.85",
            _ => "1.40",
        };
        check.wrong("covenant", at, &message, Some(format!("for example {example}")));
    }
}

fn lock_up(
    test: Test,
    limit: Limit,
    given: Option<&Placed<Threshold>>,
    check: &mut Check<'_>,
) -> Option<Share> {
    let given = given?;
    let (Limit::Ratio(limit), Threshold::Ratio(lock_up)) = (limit, given.value) else {
        let message = "a lock-up is a ratio of a test of ratios";
        check.wrong("covenant", given.at, message, None);
        return None;
    };
    let beyond = if test.is_ceiling() { lock_up < limit } else { lock_up > limit };
    if !beyond || lock_up <= Share::ZERO {
        let message = "a lock-up is stricter than the threshold of default";
        check.wrong("covenant", given.at, message, None);
    }
    Some(lock_up)
}

/// The first day of a test; the maturity until the plan has been run, where it follows that.
fn first_test(
    loan: &LoanSpec,
    given: Option<&Placed<LoanDay>>,
    check: &mut Check<'_>,
) -> Option<Day> {
    let given = given?;
    let Some(day) = stated(given) else { return Some(loan.maturity.value) };
    in_life(loan, day, given.at, check);
    Some(day)
}

fn in_life(loan: &LoanSpec, first: Day, at: At, check: &mut Check<'_>) {
    let test = (first, "first_test");
    if let Some(close) = stated(&loan.close) {
        check.ordered((close, "close"), test, at);
    }
    check.ordered(test, (loan.maturity.value, "maturity"), at);
}

fn amended(
    loan: &LoanSpec,
    test: Test,
    before: CovenantTerm,
    spec: &AmendmentSpec,
    check: &mut Check<'_>,
) -> CovenantTerm {
    let (wanted, given, wrong) = match test.is_ceiling() {
        true => ("at_most", &spec.at_most, &spec.at_least),
        false => ("at_least", &spec.at_least, &spec.at_most),
    };
    wrong_side(test, wanted, wrong.as_ref(), check);
    let limit = given.as_ref().and_then(|given| threshold(test, given, check));
    let limit = limit.unwrap_or(before.limit);
    let lock_up = lock_up(test, limit, spec.lock_up.as_ref(), check).or(before.lock_up);
    let own = spec.first_test.as_ref().map(|first| {
        in_life(loan, first.value, first.at, check);
        first.value
    });
    let first_test = own.or(before.first_test);
    CovenantTerm { since: spec.on.value, first_test, limit, lock_up }
}

fn window(test: Test, given: Option<&Placed<WindowSpec>>, check: &mut Check<'_>) -> Window {
    let usual = match test {
        Test::Dscr | Test::Icr(_) | Test::ContractRealization => Window::Trailing(3),
        Test::NetDebtToEbitda => Window::Trailing(12),
        Test::Llcr | Test::Plcr | Test::Ltv(_) | Test::MinimumLiquidity => Window::Point,
    };
    let Some(given) = given else { return usual };
    let (WindowSpec::Trailing(months) | WindowSpec::Forward(months)) = given.value;
    if usual == Window::Point {
        let message = format!("{} is tested on a day: it has no window", test.key());
        check.wrong("covenant", given.at, &message, None);
        return usual;
    }
    if months == 0 || months as usize > WINDOW_MONTHS_MAX {
        let message = format!("a window has 1 to {WINDOW_MONTHS_MAX} months, found {months}");
        check.wrong("covenant", given.at, &message, Some("for example trailing 12mo".into()));
        return usual;
    }
    match given.value {
        WindowSpec::Trailing(months) => Window::Trailing(months),
        WindowSpec::Forward(months) => {
            if test != Test::Dscr {
                let message = format!("only dscr looks forward, not {}", test.key());
                check.wrong("covenant", given.at, &message, None);
            }
            Window::Forward(months)
        }
    }
}

fn cure(test: Test, spec: &CovenantSpec, check: &mut Check<'_>) -> Option<Cure> {
    let Placed { at, value: cure } = spec.cure.as_ref()?;
    let counts = match cure.counts.value {
        CureWord::Numerator => CureAs::Numerator,
        CureWord::Denominator => CureAs::Denominator,
    };
    let curable = matches!(
        test,
        Test::Dscr | Test::Icr(_) | Test::MinimumLiquidity | Test::ContractRealization
    );
    if !curable {
        let message = format!("equity does not cure {} here", test.key());
        check.wrong("covenant", *at, &message, None);
    } else if counts == CureAs::Denominator && test != Test::Dscr {
        let message = format!("a cure of {} counts in its numerator", test.key());
        check.wrong("covenant", cure.counts.at, &message, None);
    }
    if let Some(most) = cure.most.as_ref().filter(|most| most.value == 0) {
        let message = "no cure at all: leave `cure` out";
        check.wrong("covenant", most.at, message, None);
    }
    Some(Cure {
        counts,
        most: cure.most.as_ref().map(|most| most.value),
        until: cure.until.as_ref().map(|until| until.value),
    })
}
