//! Billing where it is not revenue: ramps, damages, credits, what customers are paid, re-letting.

use super::damages::DamagesTerms;
use super::price::{TrancheTerms, relet_rates};
use crate::model::Site;
use crate::model::terms::Contract;
use crate::money::{Lines, Money};
use crate::time::Day;
use crate::unit::Share;

/// Terms under which billing is not revenue, and what has become of them.
#[derive(Clone, Debug)]
pub(super) struct Apart {
    /// Billing before all credits.
    pub billing: Lines,
    /// What was paid to the customer, used up by the day.
    pub used_up: Lines,
    /// Revenue of units let again, and what each part then earns a day.
    pub relet: Lines,
    pub relet_of: Vec<i128>,
    pub damages_terms: Option<DamagesTerms>,
    /// Paid to the customer, in all and by part.
    pub consideration: Money,
    pub consideration_of: Vec<Money>,
    /// Of what was paid to the customer, lost with the parts that never serve.
    pub impaired: Money,
    /// Of it, not yet in an invoice.
    pub impaired_now: Money,
    /// Owed for delay, and of it not yet credited on an invoice.
    pub damages: Money,
    pub damages_open: Money,
    /// Billing before credits and after damages and service credits, so far.
    pub gross: Money,
    pub net: Money,
    /// Read from the lines at the contract's end.
    pub gross_unbilled: Money,
    pub used_up_unbilled: Money,
    pub service_credits: Money,
    pub amortised: Money,
}

impl Apart {
    /// `None` where billing is revenue.
    pub fn new(
        site: &Site,
        terms: &Contract,
        parts: &[TrancheTerms],
        day: Day,
    ) -> Option<Box<Self>> {
        let ramped = !terms.ramp.is_empty() && !terms.price_follows_ramp;
        let none = !ramped
            && terms.damages.is_none()
            && terms.credits == Share::ZERO
            && terms.consideration.is_none()
            && terms.relet.is_none();
        if none {
            return None;
        }
        let fx = |amount| site.terms.fx.convert(amount, terms.signed);
        let total: Money = parts.iter().map(|part| part.total).sum();
        let consideration = terms.consideration.map_or(Money::ZERO, |paid| fx(paid.amount));
        let (mut price, mut given) = (Money::ZERO, Money::ZERO);
        let share = |part: &TrancheTerms| {
            price += part.total;
            let so_far = consideration.scaled(price.0.into(), total.0.max(1).into());
            so_far - std::mem::replace(&mut given, so_far)
        };
        let consideration_of = match terms.consideration {
            Some(_) => parts.iter().map(share).collect(),
            None => Vec::new(),
        };
        let damages_terms = terms.damages.map(|damages| DamagesTerms {
            per_day: fx(damages.per_day),
            cap: damages.cap.map(|cap| rust_decimal::Decimal::new(cap.0, 9)),
        });
        Some(Box::new(Apart {
            billing: Lines::new(day),
            used_up: Lines::new(day),
            relet: Lines::new(day),
            relet_of: relet_rates(site, terms, parts),
            damages_terms,
            // A contract without a price takes nothing to be paid back from.
            consideration: consideration_of.iter().copied().sum(),
            consideration_of,
            impaired: Money::ZERO,
            impaired_now: Money::ZERO,
            damages: Money::ZERO,
            damages_open: Money::ZERO,
            gross: Money::ZERO,
            net: Money::ZERO,
            gross_unbilled: Money::ZERO,
            used_up_unbilled: Money::ZERO,
            service_credits: Money::ZERO,
            amortised: Money::ZERO,
        }))
    }

    /// Billing before credits, billing after damages and service credits, and what of the
    /// consideration was used up since the last reading.
    pub fn close_month(&mut self, credits: Share, day: Day) -> (Money, Money, Money) {
        let gross = self.billing.take(day) + std::mem::take(&mut self.gross_unbilled);
        self.gross += gross;
        let service = self.gross.share(credits) - self.service_credits;
        self.service_credits += service;
        let damages = self.damages_open.min(gross - service).max(Money::ZERO);
        self.damages_open -= damages;
        let net = gross - service - damages;
        self.net += net;
        let amortised = self.used_up.take(day)
            + std::mem::take(&mut self.used_up_unbilled)
            + std::mem::take(&mut self.impaired_now);
        self.amortised += amortised;
        (gross, net, amortised)
    }
}
