//! The order in which cash is paid out.

use crate::money::Money;

/// A reserve account in a waterfall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reserve {
    /// Held.
    pub balance: Money,
    /// To be held.
    pub target: Money,
}

/// One rank of the order; reserves are named by their place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Pays what is due, out of a reserve too where cash does not reach.
    Pay {
        /// Due.
        due: Money,
        /// The reserve that may help.
        reserve: Option<usize>,
    },
    /// Fills a reserve up to its target.
    TopUp {
        /// Which.
        reserve: usize,
    },
    /// Keeps everything that is left, if the loan is in lock-up.
    Trap {
        /// Whether it is.
        locked: bool,
    },
    /// Pays everything that is left to the owners.
    Distribute,
}

/// What a step came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paid {
    /// Asked for.
    pub due: Money,
    /// Paid, reserve included.
    pub paid: Money,
    /// Of it, out of the reserve.
    pub from_reserve: Money,
}

impl Paid {
    /// All that is due is paid, out of no reserve.
    #[inline]
    pub fn in_full(due: Money) -> Paid {
        Paid { due, paid: due, from_reserve: Money::ZERO }
    }

    /// Due and not paid.
    pub fn short(&self) -> Money {
        self.due - self.paid
    }
}

/// A payment date's waterfall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waterfall {
    /// By step.
    pub steps: Vec<Paid>,
    /// The reserves after it.
    pub reserves: Vec<Reserve>,
    /// What no step took.
    pub left: Money,
}

/// Pays `cash` out in strict order (finance-mechanics 31): a step gets nothing until every step
/// before it is paid in full, reserves included.
///
/// Checked at the end: cash in and reserves drawn are what was paid, topped up, trapped,
/// distributed and left.
pub fn waterfall(cash: Money, steps: &[Step], reserves: &[Reserve]) -> Waterfall {
    let mut left = cash.max(Money::ZERO);
    let mut held = reserves.to_vec();
    let mut all: Vec<Paid> = Vec::with_capacity(steps.len());
    for step in steps {
        let mut paid = Paid::default();
        match *step {
            Step::Pay { due, reserve } => {
                paid.due = due;
                paid.paid = due.min(left);
                left -= paid.paid;
                if let Some(reserve) = reserve {
                    paid.from_reserve = paid.short().min(held[reserve].balance);
                    held[reserve].balance -= paid.from_reserve;
                    paid.paid += paid.from_reserve;
                }
            }
            Step::TopUp { reserve } => {
                let missing = held[reserve].target - held[reserve].balance;
                paid.due = missing.max(Money::ZERO);
                paid.paid = paid.due.min(left);
                held[reserve].balance += paid.paid;
                left -= paid.paid;
            }
            Step::Trap { locked: false } => {}
            Step::Trap { locked: true } | Step::Distribute => {
                paid = Paid { due: left, paid: left, from_reserve: Money::ZERO };
                left = Money::ZERO;
            }
        }
        all.push(paid);
    }
    let drawn: Money = all.iter().map(|paid| paid.from_reserve).sum();
    let out: Money = all.iter().map(|paid| paid.paid).sum();
    assert!(cash.max(Money::ZERO) + drawn == out + left, "{cash} in and {drawn} drawn, {out} out");
    Waterfall { steps: all, reserves: held, left }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (0_i64..100, proptest::option::of(0_usize..2))
                .prop_map(|(due, reserve)| Step::Pay { due: Money(due), reserve }),
            2 => (0_usize..2).prop_map(|reserve| Step::TopUp { reserve }),
            1 => any::<bool>().prop_map(|locked| Step::Trap { locked }),
            1 => Just(Step::Distribute),
        ]
    }

    proptest! {
        #[test]
        fn no_cash_is_lost_and_no_rank_is_passed_over(
            cash in 0_i64..500, steps in proptest::collection::vec(step(), 1..10),
            balances in proptest::array::uniform2((0_i64..100, 0_i64..100)),
        ) {
            let reserve = |(balance, target)| Reserve {
                balance: Money(balance), target: Money(target),
            };
            let reserves = balances.map(reserve);
            let result = waterfall(Money(cash), &steps, &reserves);
            let held = |reserves: &[Reserve]| -> Money {
                reserves.iter().map(|reserve| reserve.balance).sum()
            };
            let topped = steps.iter().zip(&result.steps);
            let topped: Money = topped
                .filter(|(step, _)| matches!(step, Step::TopUp { .. }))
                .map(|(_, paid)| paid.paid)
                .sum();
            let out: Money = result.steps.iter().map(|paid| paid.paid).sum();
            let before = Money(cash) + held(&reserves);
            prop_assert_eq!(before, out - topped + result.left + held(&result.reserves));
            // Once a step is short of cash, no later one gets any.
            let mut short = false;
            for (step, paid) in steps.iter().zip(&result.steps) {
                let cash_paid = paid.paid - paid.from_reserve;
                prop_assert!(!short || cash_paid == Money::ZERO);
                short |= !matches!(step, Step::Trap { locked: false })
                    && (paid.short() > Money::ZERO || paid.from_reserve > Money::ZERO);
            }
        }
    }
}
