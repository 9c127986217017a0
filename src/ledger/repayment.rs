//! A payment date of a loan: what is due, in which order it is paid, what is left over.
//!
//! Fees come before interest, interest before principal (finance-mechanics 31). What cash,
//! committed equity and revolvers do not reach comes out of the loan's reserve, then from owners
//! who back shortfalls; else it stays in arrears. Then the reserve is brought to its target, a
//! share of the free cash repays early, and a revolver is repaid from all of it.

use rust_decimal::Decimal;

use super::account::Account;
use super::agenda::Task;
use super::books::Books;
use super::debt::LoanBook;
use super::places::part_of;
use super::prepared::LoanDate;
use super::{EntryCause, Happening};
use crate::loan::{
    CashPeriod, Instalment, Paid, Reserve, Step, average_period_rate, life_cover, present_value,
    principal_due, reserve_target, sculpt, waterfall,
};
use crate::model::terms::{
    Amortisation, ConstructionInterest, GreaterOfLevels, LoanKind, Repayment,
};
use crate::money::{Money, Ratio};
use crate::time::Day;
use crate::unit::Share;

/// What a payment date of a loan came to, step by step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoanPayment {
    /// Index of the loan.
    pub loan: u32,
    /// When.
    pub day: Day,
    /// Undrawn fee.
    pub fee: Paid,
    /// Interest, late interest included.
    pub interest: Paid,
    /// Scheduled principal, late principal included.
    pub principal: Paid,
    /// Paid into the reserve.
    pub reserve: Paid,
    /// Repaid early.
    pub early: Money,
    /// Owed afterwards.
    pub outstanding: Money,
    /// In the reserve afterwards.
    pub reserved: Money,
}

/// Fee, interest and principal due on a day.
type Due = [Money; 3];

impl Books<'_> {
    /// The end of an interest period whose payment comes later: what accrues from here on belongs
    /// to the next one.
    pub(super) fn end_period(&mut self, loan: u32, day: Day) {
        let at = loan as usize;
        self.accrue_loan(at, day, day);
        let book = &mut self.loans[at];
        book.period_interest = Some(book.interest_due);
        let last = book.dates.len() == 1;
        let account = book.open();
        account.begin_period(day);
        if last {
            account.stop(day);
        }
    }

    /// A payment date: interest and fee since the last one, and principal from `amortises_from` on.
    pub(super) fn pay_loan(&mut self, loan: u32, day: Day) {
        let at = loan as usize;
        self.accrue_loan(at, day, day);
        let dates = self.loans[at].dates;
        let date = dates.last().copied();
        let due = self.due_on(at, date);
        let book = &mut self.loans[at];
        book.dates = &dates[..dates.len().saturating_sub(1)];
        if book.period_interest.take().is_none() {
            book.open().begin_period(day);
        }
        let last = book.dates.is_empty();
        let construction = date.is_some_and(|date| date.accrues_to < book.terms.amortises_from);
        let way = book.terms.accrual.construction;
        let due = match way {
            ConstructionInterest::Capitalised if construction && !last => {
                self.add_interest(at, day, due[1]);
                [due[0], Money::ZERO, due[2]]
            }
            ConstructionInterest::Funded if construction && !last => {
                self.fund(day, [Money::ZERO, Money::ZERO, due[0] + due[1]]);
                due
            }
            _ => due,
        };
        if last {
            self.move_reserve(at, day, -self.loans[at].reserve);
        }
        let steps = self.serve(at, day, due);
        let reserve = self.fill_reserve(at, day);
        let early = self.repay_early(at, day);
        let book = &self.loans[at];
        let (outstanding, reserved) = (book.outstanding(), book.reserve);
        let [fee, interest, principal] = steps;
        self.payments.push(LoanPayment {
            loan,
            day,
            fee,
            interest,
            principal,
            reserve,
            early,
            outstanding,
            reserved,
        });
        if !last {
            self.plan_payment(loan);
        } else if outstanding + self.loans[at].due() > Money::ZERO {
            self.loans[at].open().resume(day);
            self.plan(day.add_months(1), Task::LoanPayment(loan));
        } else {
            self.loans[at].open().stop(day);
            self.note(day, Happening::Matured { loan });
        }
    }

    /// What falls due on a payment date, late amounts included; without one, everything.
    fn due_on(&mut self, at: usize, date: Option<LoanDate>) -> Due {
        let book = &self.loans[at];
        let interest = book.period_interest.unwrap_or(book.interest_due);
        let (fee, late) = (book.fee_due, book.late_principal);
        let outstanding = book.outstanding();
        let Some(date) = date.filter(|_| book.dates.len() > 1) else {
            return [fee, interest, outstanding];
        };
        if date.accrues_to < book.terms.amortises_from {
            return [fee, interest, late];
        }
        if book.face.is_none() {
            let cover = self.plan_repayment(at);
            if let Repayment::Sculpted(asked) = self.loans[at].terms.repayment {
                self.note(date.paid_on, Happening::Sculpted { loan: at as u32, asked, cover });
            }
        }
        let left = self.loans[at].dates.len() as u32;
        let state = (outstanding - late, interest, left);
        let scheduled = self.scheduled_principal(at, date, state);
        let sculpted = matches!(self.loans[at].terms.repayment, Repayment::Sculpted(_));
        if sculpted && scheduled < Money::ZERO {
            let loan = at as u32;
            self.note(date.paid_on, Happening::WeakPeriod { loan, short: -scheduled });
        }
        let scheduled = scheduled.max(Money::ZERO);
        [fee, interest, (scheduled + late).min(outstanding)]
    }

    /// On the first payment date of principal: the debt that shares are of, and a sculpted plan;
    /// the cover at which the cash of the base case carries all of the debt.
    fn plan_repayment(&mut self, at: usize) -> Ratio {
        let book = &self.loans[at];
        let face = book.outstanding();
        let (mut plan, mut cover) = (Vec::new(), Ratio::Undefined);
        if matches!(book.terms.repayment, Repayment::Sculpted(_)) {
            let mut rows = Vec::with_capacity(book.dates.len());
            let mut from = book.terms.close;
            if let Some(before) = book.prepared.date_before(book.dates.len()) {
                from = before.accrues_to;
            }
            for date in book.dates.iter().rev() {
                let until = date.accrues_to;
                let cfads = self.prepared.base_cash(from, until);
                rows.push(CashPeriod { cfads, rate: book.rate_over(from, until) });
                from = until;
            }
            plan = sculpt(&rows, face).iter().rev().map(|row| row.principal).collect();
            cover = life_cover(&rows, face);
        }
        let book = &mut self.loans[at];
        (book.face, book.plan) = (Some(face), plan);
        cover
    }

    /// Scheduled principal of a date on which `state` is owed without late amounts, has earned the
    /// interest, and so many dates are left; at most what is owed, below nothing where a schedule
    /// would lend again.
    fn scheduled_principal(
        &mut self,
        at: usize,
        date: LoanDate,
        state: (Money, Money, u32),
    ) -> Money {
        let (owed, interest, left) = state;
        let terms = self.loans[at].terms;
        let book = &mut self.loans[at];
        let face = book.face.unwrap_or(owed);
        let principal = match &terms.repayment {
            Repayment::Regular(kind) => {
                // What is left for maturity pays its own interest only.
                let balloon = face.share(terms.balloon).min(owed);
                let part = owed - balloon;
                let interest = match part == owed {
                    true => interest,
                    false => interest.scaled(part.0.into(), owed.0.max(1).into()),
                };
                book.regular(*kind, part, interest, left)
            }
            Repayment::TargetBalance(steps) => {
                let at = steps.partition_point(|step| step.0 <= date.accrues_to);
                let share = at.checked_sub(1).map_or(Share::ONE, |at| steps[at].1);
                owed - face.share(share)
            }
            Repayment::Sculpted(_) => book.plan.pop().unwrap_or(owed),
            Repayment::GreaterOf(levels) => owed - self.greater_of_level(at, date.paid_on, *levels),
        };
        principal.min(owed)
    }

    /// The most that may be owed on a day: contracted cash ahead and collateral, the lower one
    /// (finance-mechanics 19; the two levels of DDTL 2.0 in the facts on operators).
    ///
    /// Contracted cash is what tranches in service will still bill, net of what was paid in
    /// advance, in each of the loan's periods, worth its value at the rate now in force.
    fn greater_of_level(&self, at: usize, day: Day, levels: GreaterOfLevels) -> Money {
        let book = &self.loans[at];
        let mut from = day;
        let mut periods = Vec::new();
        for date in book.dates.iter().rev().filter(|date| date.accrues_to > day) {
            let until = date.accrues_to;
            let contracts = self.contracts.iter().enumerate();
            let cash = contracts.map(|(at, contract)| {
                part_of(self.site, book.terms, at, contract.cash_ahead(from, until))
            });
            periods.push(CashPeriod { cfads: cash.sum(), rate: book.rate_over(from, until) });
            from = until;
        }
        let one = i128::from(Share::ONE.0);
        let by_cash = present_value(&periods).scaled(one, levels.coverage.0.into());
        let how = levels.collateral();
        let racks = self.collateral.as_ref();
        let racks = racks.map(|collateral| collateral.racks(self.site, book.terms, how, day));
        let by_collateral = racks.unwrap_or_default().share(levels.advance);
        by_cash.min(by_collateral)
    }

    /// Interest joins the debt in place of being paid.
    fn add_interest(&mut self, at: usize, day: Day, interest: Money) {
        let book = &mut self.loans[at];
        book.open().capitalise(day, interest);
        book.interest_due -= interest;
        book.month.interest_added += interest;
        self.flows.interest_added += interest;
        let lines = [(Account::InterestPayable, interest), (Account::Debt, -interest)];
        self.ledger.post(day, EntryCause::InterestAdded(at as u32), &lines);
    }

    /// Pays what is due in strict order; what each step came to.
    fn serve(&mut self, at: usize, day: Day, due: Due) -> [Paid; 3] {
        let need = due[0] + due[1] + due[2];
        let backs = self.site.terms.equity.backs_shortfalls;
        let reserve = self.loans[at].reserve;
        let missing = need - self.cash();
        if missing > Money::ZERO {
            let called = self.call_equity(day, missing);
            let drawn = self.draw_revolvers(day, missing - called);
            let short = missing - called - drawn - reserve;
            if backs && short > Money::ZERO {
                self.raise(day, short);
            }
        }
        let paid = if self.cash() >= need {
            [Paid::in_full(due[0]), Paid::in_full(due[1]), Paid::in_full(due[2])]
        } else {
            let steps = due.map(|due| Step::Pay { due, reserve: Some(0) });
            let held = [Reserve { balance: reserve, target: reserve }];
            let paid = waterfall(self.cash(), &steps, &held);
            [paid.steps[0], paid.steps[1], paid.steps[2]]
        };
        let from_reserve: Money = paid.iter().map(|step| step.from_reserve).sum();
        self.move_reserve(at, day, -from_reserve);
        self.book_service(at, day, &paid);
        paid
    }

    fn book_service(&mut self, at: usize, day: Day, paid: &[Paid; 3]) {
        let loan = at as u32;
        let [fee, interest, principal] = [paid[0].paid, paid[1].paid, paid[2].paid];
        let short: Money = paid.iter().map(Paid::short).sum();
        let book = &mut self.loans[at];
        let arrears_before = book.late_interest + book.late_principal;
        book.fee_due -= fee;
        book.interest_due -= interest;
        book.late_interest = paid[0].short() + paid[1].short();
        book.late_principal = paid[2].short();
        book.repay(day, principal);
        book.month.interest_paid += interest;
        book.month.fees_paid += fee;
        book.month.principal += principal;
        self.flows.fees_paid += fee;
        self.flows.interest_paid += interest;
        self.flows.principal += principal;
        self.flows.arrears += short - arrears_before;
        if short > Money::ZERO {
            self.note(day, Happening::Unpaid { loan, arrears: short });
        }
        let debits = [
            (Account::InterestPayable, interest + fee),
            (Account::Debt, principal),
            (Account::Cash, -(interest + fee + principal)),
        ];
        self.ledger.post(day, EntryCause::LoanPayment(loan), &debits);
        self.keep_earmarks();
    }

    /// Moves cash into the reserve of a loan, or out of it.
    fn move_reserve(&mut self, at: usize, day: Day, amount: Money) {
        if amount != Money::ZERO {
            self.loans[at].reserve += amount;
            self.loans[at].month.reserved += amount;
            self.flows.reserved += amount;
            let lines = [(Account::Reserve, amount), (Account::Cash, -amount)];
            self.ledger.post(day, EntryCause::ReserveMoved(at as u32), &lines);
        }
    }

    /// Brings the reserve to its target. The first filling, on the date before principal begins,
    /// is a use of funds like capital cost; later ones take the cash that is left.
    fn fill_reserve(&mut self, at: usize, day: Day) -> Paid {
        let book = &self.loans[at];
        let months = book.terms.reserve_months;
        let Some(next) = book.dates.last().filter(|_| months > 0) else { return Paid::default() };
        if next.accrues_to < book.terms.amortises_from {
            return Paid::default();
        }
        let service: Vec<Money> = self.project(at, day).iter().map(Instalment::service).collect();
        let book = &self.loans[at];
        let period = book.terms.period_months;
        let missing = reserve_target(&service, Decimal::from(months), period) - book.reserve;
        if missing > Money::ZERO && book.face.is_none() {
            self.fund(day, [Money::ZERO, Money::ZERO, missing]);
        }
        let paid = missing.min(self.free_cash());
        self.move_reserve(at, day, paid);
        let due = missing.max(Money::ZERO);
        Paid { due, paid: paid.max(Money::ZERO), from_reserve: Money::ZERO }
    }

    /// Repays ahead of the schedule: a sweep's share of the free cash once principal is repaid,
    /// all of it for a revolver.
    fn repay_early(&mut self, at: usize, day: Day) -> Money {
        let book = &self.loans[at];
        let terms = book.terms;
        let last = terms.draws.dated.iter().chain(&terms.repaid).map(|step| step.0).max();
        let share = match terms.draws.kind {
            // As long as its dates are stated, these say when it is repaid.
            LoanKind::Revolver if last.is_some_and(|last| day <= last) => Share::ZERO,
            LoanKind::Revolver => Share::ONE,
            _ if book.face.is_some() => book.terms.sweep,
            _ => Share::ZERO,
        };
        if share == Share::ZERO {
            return Money::ZERO;
        }
        let amount = self.free_cash().share(share).min(book.outstanding() - book.late_principal);
        if amount <= Money::ZERO {
            return Money::ZERO;
        }
        let book = &mut self.loans[at];
        book.repay(day, amount);
        book.month.early_repayment += amount;
        self.flows.early_repayment += amount;
        let lines = [(Account::Debt, amount), (Account::Cash, -amount)];
        self.ledger.post(day, EntryCause::EarlyRepayment(at as u32), &lines);
        amount
    }

    /// Service of the dates to come as the debt and the rate now stand, in order.
    pub(super) fn project(&mut self, at: usize, day: Day) -> Vec<Instalment> {
        let (face, plan) = (self.loans[at].face, self.loans[at].plan.clone());
        if face.is_none() {
            self.plan_repayment(at);
        }
        let dates = self.loans[at].dates;
        let (mut owed, mut from) = (self.loans[at].outstanding(), day);
        let mut rows = Vec::with_capacity(dates.len());
        for (before, date) in dates.iter().enumerate().rev() {
            let book = &self.loans[at];
            let interest = owed.times(book.rate_over(from, date.accrues_to));
            let left = before as u32 + 1;
            let principal = match left {
                1 => owed,
                _ if date.accrues_to < book.terms.amortises_from => Money::ZERO,
                _ => self.scheduled_principal(at, *date, (owed, interest, left)),
            };
            let principal = principal.max(Money::ZERO);
            rows.push(Instalment { opening: owed, interest, principal });
            owed -= principal;
            from = date.accrues_to;
        }
        (self.loans[at].face, self.loans[at].plan) = (face, plan);
        rows
    }
}

impl LoanBook<'_> {
    /// Rate a year now in force; none before closing.
    pub(super) fn rate_now(&self) -> Share {
        self.account.as_ref().map_or(Share::ZERO, |account| account.rate())
    }

    /// What the rate now in force comes to over a period.
    fn rate_over(&self, from: Day, until: Day) -> Decimal {
        let year = self.terms.accrual.count.fraction(from, until);
        Decimal::new(self.rate_now().0, 9) * year.decimal()
    }

    fn regular(&mut self, kind: Amortisation, owed: Money, interest: Money, left: u32) -> Money {
        if kind == Amortisation::LevelPayment {
            let (months, count) = (self.terms.period_months, self.terms.accrual.count);
            self.annuities.set_rate(average_period_rate(self.rate_now(), months, count));
        }
        principal_due(kind, owed, interest, &mut self.annuities, left)
    }
}
