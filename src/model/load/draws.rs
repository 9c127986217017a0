//! Loans by date: what is owed at the opening, what is drawn and repaid on stated days.

use super::loan_dates::{Dates, stated};
use super::running::dated_amounts;
use super::terms::Check;
use crate::model::portfolio::Member;
use crate::model::terms::{Loan, LoanKind};
use crate::money::Amount;
use crate::spec::loan::{CommitmentSpec, LoanSpec};
use crate::spec::pattern::matches_pattern;
use crate::spec::{At, Finding, Findings, Placed};
use crate::time::Day;

/// What of a loan is stated by date.
pub struct Dated {
    pub opening_balance: Option<Amount>,
    pub drawn: Vec<(Day, Amount)>,
    pub repaid: Vec<(Day, Amount)>,
}

/// Checks what of a loan is stated by date; the books open on a day.
pub fn build(
    spec: &LoanSpec,
    kind: LoanKind,
    opens: Day,
    dates: &Dates,
    check: &mut Check<'_>,
) -> Dated {
    // One that follows the plan has a finding of its own.
    let close = stated(&spec.close).unwrap_or(Day(i32::MIN));
    let opening_balance = opening_balance(spec, opens, [close, dates.maturity], check);
    if let Some(drawn) = spec.drawn.as_ref().filter(|_| kind.draws_at_closing()) {
        let at = drawn.0.first().map_or(spec.at, |(day, _)| day.at);
        let message = format!(
            "a loan of kind `{}` has no `drawn`: all of it is drawn at closing",
            kind.name()
        );
        check.wrong("loan-kind", at, &message, None);
    }
    let before = "in `opening_balance`";
    let drawn = dated_amounts(spec.drawn.as_ref(), opens, before, check);
    let repaid = dated_amounts(spec.repaid.as_ref(), opens, before, check);
    within(spec, "drawn", [close, dates.available_until], check);
    within(spec, "repaid", [close, dates.maturity], check);
    let dated = Dated { opening_balance, drawn, repaid };
    check_currency(spec, check);
    match spec.commitment.value {
        CommitmentSpec::Amount(commitment) => check_balance(spec, kind, &dated, commitment, check),
        CommitmentSpec::Sized if spec.drawn.is_some() || opening_balance.is_some() => {
            let message = "a loan with draws by date is not sized: state its commitment";
            check.wrong("loan-kind", spec.commitment.at, message, None);
        }
        CommitmentSpec::Sized => {}
    }
    dated
}

fn opening_balance(
    spec: &LoanSpec,
    opens: Day,
    [close, maturity]: [Day; 2],
    check: &mut Check<'_>,
) -> Option<Amount> {
    let balance = spec.opening_balance.as_ref()?;
    if close >= opens || maturity <= opens {
        let message = format!(
            "a loan from {close} to {maturity} has no balance when the books open on {opens}"
        );
        check.wrong("dates-out-of-order", balance.at, &message, None);
    }
    check.amount(Some(balance))
}

/// Days of draws and repayments lie within those on which the loan can be.
fn within(spec: &LoanSpec, key: &str, [first, last]: [Day; 2], check: &mut Check<'_>) {
    let dated = if key == "drawn" { &spec.drawn } else { &spec.repaid };
    for (day, _) in dated.iter().flat_map(|dated| &dated.0) {
        if day.value < first || day.value > last {
            let ends = if key == "drawn" { "available_until" } else { "maturity" };
            let message = format!("{} lies outside `close` {first} to `{ends}` {last}", day.value);
            check.wrong("dates-out-of-order", day.at, &message, None);
        }
    }
}

/// A balance is followed in the currency of the commitment.
fn check_currency(spec: &LoanSpec, check: &mut Check<'_>) {
    let CommitmentSpec::Amount(commitment) = spec.commitment.value else { return };
    let dated = spec.drawn.iter().chain(&spec.repaid).flat_map(|dated| &dated.0);
    let amounts = dated.map(|(_, amount)| amount).chain(&spec.opening_balance);
    let other: Vec<&Placed<Amount>> =
        amounts.filter(|amount| amount.value.currency != commitment.currency).collect();
    for amount in other {
        let message =
            format!("in {}, but the loan is in {}", amount.value.currency, commitment.currency);
        check.wrong("two-currencies", amount.at, &message, None);
    }
}

/// Refuses draws above the commitment; tells of repayments of more than the file says is owed.
fn check_balance(
    spec: &LoanSpec,
    kind: LoanKind,
    dated: &Dated,
    commitment: Amount,
    check: &mut Check<'_>,
) {
    let whole = if kind.draws_at_closing() { commitment.micros } else { 0 };
    let start = dated.opening_balance.map_or(whole, |balance| balance.micros);
    if start > commitment.micros {
        let at = spec.opening_balance.as_ref().map_or(spec.at, |balance| balance.at);
        over(at, start, commitment, check);
    }
    let places = |dated: &Option<crate::spec::money::Dated<Placed<Amount>>>| -> Vec<At> {
        dated.iter().flat_map(|dated| &dated.0).map(|(day, _)| day.at).collect()
    };
    let draws =
        dated.drawn.iter().zip(places(&spec.drawn)).map(|(step, at)| (step.0, 0, step.1, at));
    let repaid = dated.repaid.iter().zip(places(&spec.repaid));
    let mut steps: Vec<(Day, u8, Amount, At)> =
        draws.chain(repaid.map(|(step, at)| (step.0, 1, step.1, at))).collect();
    steps.sort_by_key(|step| (step.0, step.1));
    // What is drawn by cost or by shortage is not in the file.
    let known = kind.draws_at_closing() || !dated.drawn.is_empty() && spec.advance.is_none();
    let (mut owed, mut drawn) = (start, start);
    for (day, what, amount, at) in steps {
        if what == 0 {
            drawn += amount.micros;
            owed += amount.micros;
            // A revolver may be drawn again once it is repaid.
            let used = if kind == LoanKind::Revolver { owed } else { drawn };
            if used > commitment.micros {
                return over(at, used, commitment, check);
            }
            continue;
        }
        if amount.micros > owed && (known || amount.micros > commitment.micros) {
            let message = format!("more than `{}` can owe on {day}", spec.id.value);
            let finding = Finding::warning("repaid-too-much", at, message);
            check.findings.push(finding.help("what is owed then is repaid"));
        }
        owed = (owed - amount.micros).max(0);
    }
}

fn over(at: At, drawn: i64, commitment: Amount, check: &mut Check<'_>) {
    let millions = |micros: i64| crate::unit::mul_div(micros, 1, 1_000_000_000_000);
    let message = format!(
        "draws come to {} million, the commitment is {} million",
        millions(drawn),
        millions(commitment.micros)
    );
    check.wrong("above-commitment", at, &message, None);
}

/// Only a portfolio has sites that a loan may name.
pub fn refuse_sites(specs: &[LoanSpec], findings: &mut Findings) {
    for name in specs.iter().filter_map(|spec| spec.sites.first()) {
        let message = "only a loan of a portfolio names `sites`: this one has the whole site";
        findings.push(Finding::error("misplaced-key", name.at, message));
    }
}

/// Gives each loan of a portfolio the premises of the sites that it names.
pub fn secure(specs: &[LoanSpec], loans: &mut [Loan], members: &[Member], findings: &mut Findings) {
    for spec in specs {
        let mut premises = Vec::new();
        for name in &spec.sites {
            let is = |member: &&Member| {
                matches_pattern(&name.value, &member.id) || member.groups.contains(&name.value)
            };
            let before = premises.len();
            premises.extend(members.iter().filter(is).map(|member| member.premises));
            if premises.len() == before {
                let message = format!("no site or group is called `{}`", name.value);
                let groups = members.iter().flat_map(|member| &member.groups);
                let names = members.iter().map(|member| &member.id).chain(groups);
                let help = findings.nearest(&name.value, names.map(String::as_str));
                let finding = Finding::error("unknown-site", name.at, message);
                findings.push(finding.maybe_help(help));
            }
        }
        premises.sort_unstable();
        premises.dedup();
        if let Some(loan) = loans.iter_mut().find(|loan| loan.id == spec.id.value) {
            loan.premises = premises;
        }
    }
}
