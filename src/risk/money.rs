//! Uncertain money: costs, prices, base rates of one trial.

use super::sample::Drawn;
use crate::chance::{Distribution, Draw, Plan, Purpose, Sampler as Quantiles, StreamId};
use crate::model::terms::{ActivityCost, AssetClass, Price};
use crate::model::uncertainty::{Correlated, Factor};
use crate::model::{Site, Terms};
use crate::money::{Amount, Currency};
use crate::unit::Share;

/// Draws of amounts and of what scales or shifts them; nothing where all money is certain.
pub(super) struct MoneyDraws {
    costs: Vec<CostDraws>,
    factors: Vec<FactorDraws>,
    risks: Vec<RiskCost>,
    /// Costs of ways: branch, way, cost, amount.
    ways: Vec<(usize, u32, u32, Amount)>,
}

struct CostDraws {
    cost: u32,
    quantiles: Quantiles,
    draw: Draw,
    /// The words of a correlated draw stand there: group and member.
    group: Option<(usize, usize)>,
}

/// A factor that touches money; its values are drawn with the durations.
struct FactorDraws {
    factor: usize,
    costs: Vec<u32>,
    prices: Vec<u32>,
    curves: Vec<u32>,
}

/// What a risk costs when it happens.
struct RiskCost {
    risk: usize,
    /// When and for what it falls due.
    cost: ActivityCost,
    currency: Currency,
    quantiles: Quantiles,
    draw: Draw,
}

impl MoneyDraws {
    pub fn new(
        site: &Site,
        seed: u64,
        plan: Plan,
        quantiles: impl Fn(&Distribution) -> Quantiles,
    ) -> MoneyDraws {
        let risk = &site.uncertainty;
        let draw =
            |stream: &str, purpose| Draw::new(seed, StreamId::of(stream), purpose, 0).under(plan);
        let costs = risk.costs.iter().enumerate().map(|(at, (cost, spread))| {
            let activity = site.terms.costs[*cost as usize].activity;
            let streams = &risk.streams;
            let named = streams.binary_search_by_key(&activity, |&(activity, _)| activity);
            let name = named.map_or_else(
                |_| site.plan.activities[activity as usize].id.as_str(),
                |at| streams[at].1.as_str(),
            );
            let member = Correlated::Cost(at as u32);
            let groups = risk.correlations.iter().enumerate();
            let group = groups.filter_map(|(at, group)| {
                Some((at, group.of.iter().position(|of| *of == member)?))
            });
            CostDraws {
                cost: *cost,
                quantiles: quantiles(spread),
                draw: draw(&site.full_name(name), Purpose::Cost),
                group: { group }.next(),
            }
        });
        let factors = risk.factors.iter().enumerate().filter(|(_, factor)| touches_money(factor));
        let factors = factors.map(|(factor, of)| FactorDraws {
            factor,
            costs: of.costs.clone(),
            prices: of.prices.clone(),
            curves: of.curves.clone(),
        });
        let risks = risk.risks.iter().enumerate().filter_map(|(at, risk)| {
            let (currency, spread) = risk.cost.as_ref()?;
            let cost = due_with(site, risk.hits.first()?.activity);
            let (currency, quantiles) = (*currency, quantiles(spread));
            let draw = draw(&format!("risk {}", site.full_name(&risk.id)), Purpose::Cost);
            Some(RiskCost { risk: at, cost, currency, quantiles, draw })
        });
        let ways = risk.branches.iter().enumerate().flat_map(|(branch, of)| {
            let ways = of.ways.iter().zip(0..);
            ways.flat_map(move |(way, number)| {
                way.costs.iter().map(move |&(cost, amount)| (branch, number, cost, amount))
            })
        });
        MoneyDraws {
            costs: costs.collect(),
            factors: factors.collect(),
            risks: risks.collect(),
            ways: ways.collect(),
        }
    }

    /// Whether the terms differ from trial to trial.
    pub fn is_empty(&self) -> bool {
        self.costs.is_empty()
            && self.factors.is_empty()
            && self.risks.is_empty()
            && self.ways.is_empty()
    }

    /// Draws amounts: costs by cost, then risks by risk, trials side by side.
    pub fn fill(&self, block: &mut Drawn) {
        let trials = block.trials;
        block.money.clear();
        for cost in &self.costs {
            match cost.group {
                Some((group, member)) => {
                    let words = &block.correlated[group][member * trials..][..trials];
                    block.words.copy_from_slice(words);
                }
                None => cost.draw.fill(block.first, &mut block.words),
            }
            block.money.extend(block.words.iter().map(|&word| cost.quantiles.at(word).max(0.0)));
        }
        for risk in &self.risks {
            risk.draw.fill(block.first, &mut block.words);
            let happens = &block.occurs[risk.risk * trials..][..trials];
            let amounts = happens.iter().zip(&block.words).map(|(&happens, &word)| match happens {
                true => risk.quantiles.at(word).max(0.0),
                false => 0.0,
            });
            block.money.extend(amounts);
        }
    }

    /// Puts the draws of one of a block's trials into a site's terms: `likely` as the file has
    /// them, `out` as the trial does.
    pub fn apply(&self, site: &Site, block: &Drawn, trial: usize, out: &mut Terms) {
        let likely = &site.terms;
        out.costs.truncate(likely.costs.len());
        for (out, likely) in out.costs.iter_mut().zip(&likely.costs) {
            out.amount = likely.amount;
        }
        for &(_, _, cost, amount) in &self.ways {
            out.costs[cost as usize].amount = amount;
        }
        let drawn = |at: usize| block.money[at * block.trials + trial];
        for (at, cost) in self.costs.iter().enumerate() {
            out.costs[cost.cost as usize].amount.micros = micros(drawn(at));
        }
        for (out, likely) in out.contracts.iter_mut().zip(&likely.contracts) {
            out.price = likely.price;
        }
        for (out, likely) in out.curves.iter_mut().zip(&likely.curves) {
            out.steps.clone_from(&likely.steps);
        }
        for factor in &self.factors {
            let by = block.factors[factor.factor * block.trials + trial];
            for &cost in &factor.costs {
                let amount = &mut out.costs[cost as usize].amount;
                *amount = scaled(*amount, by);
            }
            for &contract in &factor.prices {
                let price = &mut out.contracts[contract as usize].price;
                *price = scaled_price(*price, by);
            }
            for &curve in &factor.curves {
                let shift = Share((by * 1e9).round_ties_even() as i64);
                for (_, rate) in &mut out.curves[curve as usize].steps {
                    *rate = Share(rate.0 + shift.0);
                }
            }
        }
        for &(branch, way, cost, _) in &self.ways {
            if block.ways[branch * block.trials + trial] != way {
                out.costs[cost as usize].amount.micros = 0;
            }
        }
        for (at, risk) in self.risks.iter().enumerate() {
            let amount = drawn(self.costs.len() + at);
            if amount > 0.0 {
                let amount = Amount { micros: micros(amount), currency: risk.currency };
                out.costs.push(ActivityCost { amount, ..risk.cost.clone() });
            }
        }
    }
}

/// Units of a currency in millionths, never more than a million million.
fn micros(units: f64) -> i64 {
    (units.clamp(0.0, UNITS_MAX) * 1e6).round_ties_even() as i64
}

/// As much as a file may state.
const UNITS_MAX: f64 = 1e12;

fn scaled(amount: Amount, by: f64) -> Amount {
    Amount { micros: micros(amount.micros as f64 / 1e6 * by), ..amount }
}

fn scaled_price(price: Price, by: f64) -> Price {
    match price {
        Price::PerGpuHour(amount) => Price::PerGpuHour(scaled(amount, by)),
        Price::PerItKwMonth(amount) => Price::PerItKwMonth(scaled(amount, by)),
        Price::PerItMwMonth(amount) => Price::PerItMwMonth(scaled(amount, by)),
        Price::Total(amount) => Price::Total(scaled(amount, by)),
    }
}

/// The cost of a risk that happens: due when the first activity that it hits finishes, for the
/// kind of asset that this activity makes.
fn due_with(site: &Site, activity: u32) -> ActivityCost {
    let costs = &site.terms.costs;
    let own = costs.iter().find(|cost| cost.activity == activity);
    ActivityCost {
        activity,
        amount: Amount { micros: 0, currency: site.terms.fx.reporting() },
        class: own.map_or(AssetClass::Plant, |own| own.class),
        at_start: Share::ZERO,
        progress: Share::ZERO,
        at_finish: Share::ONE,
        net_days: own.map_or(0, |own| own.net_days),
    }
}

fn touches_money(factor: &Factor) -> bool {
    !(factor.costs.is_empty() && factor.prices.is_empty() && factor.curves.is_empty())
}
