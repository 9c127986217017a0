//! Loans: rates, dates and amortisation, refused where they cannot work.

use super::covenants;
use super::terms::Check;
use crate::model::terms::{Amortisation, Curve, Loan, LoanRate};
use crate::spec::money::{AmortisationWord, LoanSpec, PaysWord};
use crate::spec::site::SiteSpec;
use crate::unit::Share;

/// Checks every loan.
pub fn build(
    spec: &SiteSpec,
    curves: &[Curve],
    values: &[Curve],
    check: &mut Check<'_>,
) -> Vec<Loan> {
    let mut loans: Vec<Loan> = Vec::new();
    for spec in &spec.loans {
        if loans.iter().any(|loan| loan.id == spec.id.value) {
            let message = format!("two loans are called `{}`", spec.id.value);
            check.wrong("duplicate-id", spec.id.at, &message, None);
        }
        loans.extend(lower(spec, curves, values, check));
    }
    loans
}

fn lower(
    spec: &LoanSpec,
    curves: &[Curve],
    values: &[Curve],
    check: &mut Check<'_>,
) -> Option<Loan> {
    check_dates(spec, check);
    Some(Loan {
        id: spec.id.value.clone(),
        commitment: check.amount(Some(&spec.commitment))?,
        advance: check.share(Some(&spec.advance), Share::ONE),
        excludes_prepaid: spec.excludes_prepaid.unwrap_or(true),
        rate: rate(spec, curves, check)?,
        undrawn_fee: check.share(spec.undrawn_fee.as_ref(), Share::ZERO),
        upfront_fee: check.share(spec.upfront_fee.as_ref(), Share::ZERO),
        close: spec.close.value,
        available_until: spec.available_until.value,
        period_months: match spec.pays {
            Some(PaysWord::Monthly) => 1,
            Some(PaysWord::Semiannual) => 6,
            Some(PaysWord::Annual) => 12,
            Some(PaysWord::Quarterly) | None => 3,
        },
        amortises_from: spec.amortises_from.value,
        maturity: spec.maturity.value,
        amortisation: match spec.amortisation {
            Some(AmortisationWord::Level) => Amortisation::LevelPayment,
            Some(AmortisationWord::Bullet) => Amortisation::Bullet,
            Some(AmortisationWord::EqualPrincipal) | None => Amortisation::EqualPrincipal,
        },
        covenants: covenants::build(spec, values, check),
    })
}

fn check_dates(spec: &LoanSpec, check: &mut Check<'_>) {
    let close = (spec.close.value, "close");
    let available = (spec.available_until.value, "available_until");
    let amortises = (spec.amortises_from.value, "amortises_from");
    let maturity = (spec.maturity.value, "maturity");
    check.ordered(close, available, spec.available_until.at);
    check.ordered(close, amortises, spec.amortises_from.at);
    check.ordered(amortises, maturity, spec.maturity.at);
    check.ordered(available, maturity, spec.maturity.at);
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
