//! Loans: their terms, their balances by period, and what each payment date came to.

use serde::Serialize;

use super::statements::Period;
use super::style::Style;
use super::summary::money;
use super::tables::{millions, table};
use crate::analysis::Run;
use crate::ledger::{Happening, LoanFlows, LoanPayment, LoanRow};
use crate::loan::Paid;
use crate::model::Site;
use crate::model::terms::{Amortisation, Loan, LoanKind, Repayment};
use crate::money::Money;
use crate::time::Day;
use crate::unit::Share;

/// One loan by period.
struct Rolled {
    loan: usize,
    from: Day,
    until: Day,
    open: Money,
    flows: LoanFlows,
    end: LoanRow,
}

/// Each loan summed over periods; those in which nothing stands and nothing happens left out.
fn rolled(run: &Run, period: Period) -> Vec<Rolled> {
    let periods = period.rows(run);
    let mut list = Vec::new();
    for (loan, rows) in run.books.loans.iter().enumerate() {
        let mut months = run.books.months.iter().zip(rows).peekable();
        let mut open = Money::ZERO;
        for period in &periods {
            let (mut flows, mut end) = (LoanFlows::default(), None);
            while let Some((_, own)) = months.next_if(|month| month.0.until <= period.until) {
                flows += own.flows;
                end = Some(*own);
            }
            let Some(end) = end else { continue };
            let stands = open != Money::ZERO || end.outstanding != Money::ZERO;
            if stands || flows != LoanFlows::default() {
                let (from, until) = (period.from, period.until);
                list.push(Rolled { loan, from, until, open, flows, end });
            }
            open = end.outstanding;
        }
    }
    list
}

/// How principal comes back, in words.
fn repaid(loan: &Loan) -> String {
    let mut words = match &loan.repayment {
        _ if loan.draws.kind == LoanKind::Revolver => "from free cash".to_owned(),
        Repayment::Regular(Amortisation::EqualPrincipal) => "equal principal".to_owned(),
        Repayment::Regular(Amortisation::LevelPayment) => "level".to_owned(),
        Repayment::Regular(Amortisation::Bullet) => "at maturity".to_owned(),
        Repayment::Sculpted(cover) => format!("sculpted to {:.2}x", cover.to_f64()),
        Repayment::TargetBalance(_) => "to target balance".to_owned(),
        Repayment::GreaterOf(levels) => match levels.life_months {
            Some(months) => format!("greater of two, price over {months} months"),
            None => "greater of two, price over the life of the books".to_owned(),
        },
    };
    if loan.balloon > Share::ZERO {
        words.push_str(&format!(", balloon {}", loan.balloon));
    }
    if loan.sweep > Share::ZERO {
        words.push_str(&format!(", sweep {}", loan.sweep));
    }
    words
}

fn terms(site: &Site, run: &Run) -> String {
    let row = |(loan, rows): (&Loan, &Vec<LoanRow>)| {
        let commitment = site.terms.fx.convert(loan.commitment, loan.close);
        let drawn: Money = rows.iter().map(|row| row.flows.draws).sum();
        let most = rows.iter().map(|row| row.outstanding).max().unwrap_or_default();
        vec![
            loan.id.clone(),
            loan.draws.kind.name().to_owned(),
            repaid(loan),
            loan.accrual.count.name().to_owned(),
            millions(commitment),
            millions(drawn),
            millions(most),
            loan.close.to_string(),
            loan.available_until.to_string(),
            loan.amortises_from.to_string(),
            loan.maturity.to_string(),
            loan.recourse.map_or("", |recourse| recourse.name()).to_owned(),
            loan.guarantor.clone().unwrap_or_default(),
        ]
    };
    let heads = [
        "",
        "",
        "repaid",
        "days",
        "commitment",
        "drawn",
        "peak debt",
        "close",
        "available until",
        "amortises from",
        "maturity",
        "recourse",
        "guarantor",
    ];
    let rows = site.terms.loans.iter().zip(&run.books.loans).map(row).collect();
    let mut text = table(&heads, 4, rows);
    for loan in &site.terms.loans {
        if let Some(sized) = loan.sized {
            text.push_str(&format!(
                "  {} is sized: {} on {} of cost and {} of funded fees and interest; residual {:.6}\n",
                loan.id,
                millions(site.terms.fx.convert(loan.commitment, loan.close)),
                millions(sized.cost),
                millions(sized.financing),
                sized.residual.decimal(),
            ));
        }
    }
    for loan in &site.terms.loans {
        for follow in &loan.follows {
            let (key, rule) = (follow.date.key(), &follow.text);
            let day = follow.day(&run.timeline.finish);
            let day = match day {
                Some(day) if day < loan.maturity => format!("is {day}"),
                Some(day) => format!("would be {day}: the maturity comes first"),
                None => "never comes: the maturity does".to_owned(),
            };
            text.push_str(&format!("  {}: `{key}: {rule}` {day}\n", loan.id));
        }
    }
    for note in &run.books.notes {
        if matches!(note.what, Happening::Sculpted { .. }) {
            text.push_str(&format!("  {}: {}\n", note.day, note.describe(site)));
        }
    }
    text
}

/// Terms, balances by period, and the payment dates on which not all was paid from cash.
pub fn loans_text(site: &Site, run: &Run, period: Period) -> String {
    let title = Style::head(&format!("Loans, {} million", site.terms.fx.reporting()));
    if site.terms.loans.is_empty() {
        return format!("\n{title}\n  none\n");
    }
    let rows = rolled(run, period).into_iter().map(|row| {
        let (flows, end) = (&row.flows, &row.end);
        let amounts = [
            row.open,
            flows.draws,
            flows.interest_added,
            -flows.principal,
            -flows.early_repayment,
            end.outstanding,
            flows.interest,
            flows.undrawn_fee,
            flows.fees_amortised,
            flows.interest_paid + flows.fees_paid,
            end.reserve,
        ];
        let names = [site.terms.loans[row.loan].id.clone(), period.name(row.from)];
        let rate = format!("{:.2}%", end.rate.to_f64() * 100.0);
        names.into_iter().chain(amounts.map(millions)).chain([rate]).collect()
    });
    let heads = [
        "",
        "",
        "open",
        "draws",
        "interest added",
        "principal",
        "early",
        "close",
        "interest",
        "undrawn fee",
        "fees spread",
        "paid",
        "in reserve",
        "rate",
    ];
    let balances = table(&heads, 2, rows.collect());
    format!("\n{title}\n{}\n{balances}{}", terms(site, run), strained(site, run))
}

/// The payment dates on which a reserve had to help or something stayed unpaid.
fn strained(site: &Site, run: &Run) -> String {
    let steps = |payment: &LoanPayment| [payment.fee, payment.interest, payment.principal];
    let helped = |payment: &&LoanPayment| {
        let mut steps = steps(payment).into_iter();
        steps.any(|step| step.short() > Money::ZERO || step.from_reserve > Money::ZERO)
    };
    let row = |payment: &LoanPayment| {
        let sum = |part: fn(&Paid) -> Money| -> Money { steps(payment).iter().map(part).sum() };
        vec![
            site.terms.loans[payment.loan as usize].id.clone(),
            payment.day.to_string(),
            millions(sum(|step| step.due)),
            millions(sum(|step| step.paid)),
            millions(sum(|step| step.from_reserve)),
            millions(sum(|step| step.short())),
        ]
    };
    let rows: Vec<Vec<String>> = run.books.payments.iter().filter(helped).map(row).collect();
    if rows.is_empty() {
        return match run.books.payments.is_empty() {
            true => "  no payment fell due\n".to_owned(),
            false => "  no payment fell short or needed a reserve\n".to_owned(),
        };
    }
    table(&["", "payment of", "due", "paid", "from reserve", "short"], 2, rows)
}

/// One row a loan and period: `loan,from,until,opening,<every flow>,closing,undrawn,reserve,rate`;
/// `until` is the first day after the period, amounts are in whole units of the reporting currency,
/// the rate is a share a year at the period's end.
pub fn loans_csv(site: &Site, run: &Run, period: Period) -> Vec<u8> {
    let mut out = csv::Writer::from_writer(Vec::new());
    let written = "writing to memory does not fail";
    let names = LoanFlows::default().each().into_iter().map(|flow| flow.0);
    let heads = ["loan", "from", "until", "opening"].into_iter().chain(names);
    let heads = heads.chain(["closing", "undrawn", "reserve", "rate"]);
    out.write_record(heads.collect::<Vec<_>>()).expect(written);
    for row in rolled(run, period) {
        let mut cells = vec![
            site.terms.loans[row.loan].id.clone(),
            row.from.to_string(),
            row.until.to_string(),
            money(row.open),
        ];
        cells.extend(row.flows.each().into_iter().map(|flow| money(flow.1)));
        cells.extend([row.end.outstanding, row.end.undrawn, row.end.reserve].map(money));
        cells.push(format!("{:.6}", row.end.rate.to_f64()));
        out.write_record(&cells).expect(written);
    }
    out.into_inner().expect(written)
}

/// One row a step of each payment date, in strict order: `loan,day,step,due,paid,from_reserve,
/// short`; steps are fee, interest, principal, reserve, early (repaid ahead of the schedule).
pub fn payments_csv(site: &Site, run: &Run) -> Vec<u8> {
    let mut out = csv::Writer::from_writer(Vec::new());
    let written = "writing to memory does not fail";
    out.write_record(["loan", "day", "step", "due", "paid", "from_reserve", "short"])
        .expect(written);
    for payment in &run.books.payments {
        let early = Paid { due: payment.early, paid: payment.early, ..Default::default() };
        let steps = [
            ("fee", payment.fee),
            ("interest", payment.interest),
            ("principal", payment.principal),
            ("reserve", payment.reserve),
            ("early", early),
        ];
        let (loan, day) = (&site.terms.loans[payment.loan as usize].id, payment.day.to_string());
        for (name, step) in steps {
            let amounts = [step.due, step.paid, step.from_reserve, step.short()].map(money);
            let cells = [loan.as_str(), &day, name].into_iter();
            out.write_record(cells.chain(amounts.iter().map(String::as_str))).expect(written);
        }
    }
    out.into_inner().expect(written)
}

/// One loan to the horizon.
#[derive(Debug, Serialize)]
pub struct LoanSummary {
    /// Name.
    pub id: String,
    /// `ddtl`, `term`, `notes`, `revolver`, `vendor`.
    pub kind: &'static str,
    /// How principal comes back.
    pub repaid: String,
    /// Most that may be drawn.
    pub commitment: String,
    /// What a sized commitment differs by from the draws of its own uses.
    pub sizing_residual: Option<String>,
    /// Drawn in all.
    pub drawn: String,
    /// Most that was owed at a month's end.
    pub peak_debt: String,
    /// Debt service that stayed unpaid at the horizon.
    pub arrears: String,
    /// Whether lenders may turn to the parent.
    pub recourse: Option<&'static str>,
    /// Who stands behind it.
    pub guarantor: Option<String>,
    /// By calendar quarter.
    pub quarters: Vec<LoanQuarter>,
    /// Payment dates, step by step.
    pub payments: Vec<LoanDay>,
}

/// A payment date of a loan; what is not due is left at nothing.
#[derive(Debug, Serialize)]
pub struct LoanDay {
    /// When.
    pub day: String,
    /// Undrawn fee.
    pub fee: PaidStep,
    /// Interest.
    pub interest: PaidStep,
    /// Scheduled principal.
    pub principal: PaidStep,
    /// Paid into the reserve.
    pub reserve: PaidStep,
    /// Repaid ahead of the schedule.
    pub early: String,
}

/// A step of a payment date.
#[derive(Debug, Serialize)]
pub struct PaidStep {
    /// Due.
    pub due: String,
    /// Paid, reserve included.
    pub paid: String,
    /// Of it, out of the reserve.
    pub from_reserve: String,
    /// Due and not paid.
    pub short: String,
}

impl LoanDay {
    fn of(payment: &LoanPayment) -> LoanDay {
        let step = |step: Paid| PaidStep {
            due: money(step.due),
            paid: money(step.paid),
            from_reserve: money(step.from_reserve),
            short: money(step.short()),
        };
        LoanDay {
            day: payment.day.to_string(),
            fee: step(payment.fee),
            interest: step(payment.interest),
            principal: step(payment.principal),
            reserve: step(payment.reserve),
            early: money(payment.early),
        }
    }
}

/// A quarter of a loan.
#[derive(Debug, Serialize)]
pub struct LoanQuarter {
    /// First day.
    pub from: String,
    /// First day after it.
    pub until: String,
    /// Owed at its beginning.
    pub open: String,
    /// Drawn.
    pub draws: String,
    /// Interest added to the debt.
    pub interest_added: String,
    /// Scheduled principal repaid.
    pub principal: String,
    /// Repaid early.
    pub early_repayment: String,
    /// Owed at its end.
    pub close: String,
    /// Interest incurred.
    pub interest: String,
    /// Interest and fees paid.
    pub paid: String,
    /// In reserve at its end.
    pub reserve: String,
}

/// Every loan with its quarters.
pub fn loan_summaries(site: &Site, run: &Run) -> Vec<LoanSummary> {
    let all = rolled(run, Period::Quarter);
    let summary = |(at, loan): (usize, &Loan)| {
        let rows = &run.books.loans[at];
        let own = run.books.payments.iter().filter(|payment| payment.loan as usize == at);
        let last = own.clone().next_back();
        let arrears = last.map_or(Money::ZERO, |payment| {
            payment.fee.short() + payment.interest.short() + payment.principal.short()
        });
        LoanSummary {
            id: loan.id.clone(),
            kind: loan.draws.kind.name(),
            repaid: repaid(loan),
            commitment: money(site.terms.fx.convert(loan.commitment, loan.close)),
            sizing_residual: loan.sized.map(|sized| sized.residual.decimal().to_string()),
            drawn: money(rows.iter().map(|row| row.flows.draws).sum()),
            peak_debt: money(rows.iter().map(|row| row.outstanding).max().unwrap_or_default()),
            arrears: money(arrears),
            recourse: loan.recourse.map(|recourse| recourse.name()),
            guarantor: loan.guarantor.clone(),
            quarters: all.iter().filter(|row| row.loan == at).map(LoanQuarter::of).collect(),
            payments: own.map(LoanDay::of).collect(),
        }
    };
    site.terms.loans.iter().enumerate().map(summary).collect()
}

impl LoanQuarter {
    fn of(row: &Rolled) -> LoanQuarter {
        let flows = &row.flows;
        LoanQuarter {
            from: row.from.to_string(),
            until: row.until.to_string(),
            open: money(row.open),
            draws: money(flows.draws),
            interest_added: money(flows.interest_added),
            principal: money(flows.principal),
            early_repayment: money(flows.early_repayment),
            close: money(row.end.outstanding),
            interest: money(flows.interest),
            paid: money(flows.interest_paid + flows.fees_paid),
            reserve: money(row.end.reserve),
        }
    }
}
