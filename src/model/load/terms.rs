//! Money: what the file says costs and earns, checked and in one shape.

use super::loan_dates::Anchors;
use super::network::{CostSpec, Network};
use super::parts::Pieces;
use super::{contracts, loans, running};
use crate::model::terms::{
    ActivityCost, AssetClass, Convention, Curve, Energy, Equity, Funding, Lease, LeaseStart, Lives,
    NewLife, RackPay, Shell, Tax, Terms,
};
use crate::money::{Amount, Currency, FxTable};
use crate::spec::activity::AssetWord;
use crate::spec::covenant::{LossesWord, TaxSpec};
use crate::spec::money::{
    AssetLifeSpec, ConventionWord, DepreciationSpec, FundingWord, PlatformSpec, RfsOrDay,
    ShellSpec, ShortfallWord,
};
use crate::spec::quantity::{Per, Percent, Rate};
use crate::spec::site::{LotSpec, SiteSpec};
use crate::spec::{At, Finding, Findings, Placed};
use crate::time::{Day, Length};
use crate::unit::Share;

/// Days from invoice to payment where the file gives none.
const NET_DAYS: u32 = 30;

/// Days from the end of a year to the payment of its tax where the file gives none: nine months.
const TAX_NET_DAYS: u32 = 270;

/// Reads every money block; `None` only if what is missing makes the rest unreadable.
pub fn build(
    spec: &SiteSpec,
    network: &Network,
    pieces: &Pieces,
    findings: &mut Findings,
) -> Option<(Terms, Energy, Shell)> {
    let fx = fx(spec, findings);
    let opens = spec.opening.as_ref().and_then(|opening| opening.date.as_ref());
    let opens = opens.map_or(spec.start.value.day(), |day| day.value);
    let mut check = Check { fx: &fx, findings };
    let shell = shell(spec.shell.as_ref(), &mut check);
    let costs = costs(network, &shell, &mut check);
    let lots = pieces.lots.iter().zip(&pieces.lot_places);
    for (lot, &at) in lots {
        check.money(lot.price_per_rack, at);
    }
    let rack_pay =
        spec.platforms.iter().map(|(_, platform)| rack_pay(platform, &mut check)).collect();
    let operations = running::operations(spec, opens, &mut check);
    let energy = energy(spec, &mut check);
    let opening_cash = spec.opening.as_ref().and_then(|opening| opening.cash.as_ref());
    let opening_cash = check.amount(opening_cash);
    let opening_assets = running::opening_assets(spec.opening.as_ref(), opens, &mut check);
    let raised = running::raised(spec.equity.as_ref(), opens, &mut check);
    let capitalised_share =
        running::capitalised_share(spec.capitalised_interest.as_ref(), opens, &mut check);
    let equity = equity(spec, &mut check);
    let curves: Vec<Curve> =
        spec.curves.iter().map(|(name, dated)| curve(name, dated, &mut check)).collect();
    let contracts = contracts::build(spec, pieces, &mut check);
    let values: Vec<Curve> =
        spec.values.iter().map(|(name, dated)| curve(name, dated, &mut check)).collect();
    for (day, share) in spec.values.iter().flat_map(|(_, dated)| &dated.0) {
        check.share(Some(&Placed { at: day.at, value: *share }), Share::ZERO);
    }
    let anchors = Anchors { network, halls: &pieces.halls };
    let loans = loans::build(spec, anchors, [&curves, &values], opens, &mut check);
    let gates = loans::gates(spec, network, &loans, &mut check);
    let tax = spec.tax.as_ref().map(|spec| tax(spec, &mut check));
    let horizon = horizon(spec, opens, &mut check);
    let lives = lives(spec, check.findings);
    let carrying = spec.carrying_cost.as_ref();
    let carrying_cost = carrying.map(|share| check.share(Some(share), Share::ZERO));
    let terms = Terms {
        carrying_cost,
        fx,
        opens,
        horizon,
        opening_cash,
        opening_assets,
        costs,
        rack_pay,
        lives,
        operations,
        contracts,
        equity,
        raised,
        capitalised_share,
        loans,
        curves,
        base_case: Vec::new(),
        values,
        tax,
        gates,
    };
    Some((terms, energy, shell))
}

/// The day at whose start the books close, if one is stated.
fn horizon(spec: &SiteSpec, opens: Day, check: &mut Check<'_>) -> Option<Day> {
    let horizon = spec.horizon.as_ref()?;
    if horizon.value <= opens {
        let message = format!("the horizon lies before the books open on {opens}");
        check.wrong("dates-out-of-order", horizon.at, &message, None);
    }
    Some(horizon.value + 1)
}

/// What every money value goes through.
pub struct Check<'f> {
    fx: &'f FxTable,
    pub findings: &'f mut Findings,
}

impl Check<'_> {
    /// The amount, if its currency can be converted; otherwise a finding (semantics M1).
    pub fn money(&mut self, amount: Option<Amount>, at: At) -> Option<Amount> {
        let amount = amount?;
        if amount.micros < 0 {
            self.wrong("negative-money", at, "an amount of money is not negative", None);
        }
        if !self.fx.knows(amount.currency) {
            let message = format!("no exchange rate for {}", amount.currency);
            let help = format!(
                "add `fx: {{{}: {{2025-11-10: 1.31}}}}` ({} for one {})",
                amount.currency,
                self.fx.reporting(),
                amount.currency
            );
            self.wrong("no-exchange-rate", at, &message, Some(help));
        }
        Some(amount)
    }

    /// The currency of results.
    pub fn reporting(&self) -> Currency {
        self.fx.reporting()
    }

    /// As [`Check::money`], for a value of a key.
    pub fn amount(&mut self, amount: Option<&Placed<Amount>>) -> Option<Amount> {
        amount.and_then(|placed| self.money(Some(placed.value), placed.at))
    }

    /// The amount of a price that must be per one of `units`.
    pub fn rate(&mut self, rate: &Placed<Rate>, units: &[Per]) -> Option<Amount> {
        if !units.contains(&rate.value.per) {
            let words: Vec<&str> = units.iter().map(|unit| unit.word()).collect();
            let message = format!("a price here is per {}", words.join(" or "));
            self.wrong("price-unit", rate.at, &message, None);
        }
        self.money(Some(rate.value.amount), rate.at)
    }

    /// A share between nothing and all.
    pub fn share(&mut self, share: Option<&Placed<Percent>>, or: Share) -> Share {
        let Some(placed) = share else { return or };
        let share = placed.value.0;
        if share < Share::ZERO || share > Share::ONE {
            let message = format!("a share here is between 0% and 100%, found {share}");
            self.wrong("share", placed.at, &message, None);
        }
        share
    }

    /// A length in whole civil days, for payment terms.
    pub fn net_days(&mut self, length: Option<&Placed<Length>>) -> u32 {
        let Some(placed) = length else { return NET_DAYS };
        match placed.value.whole_days() {
            Some(days) if days <= 3_650 => days,
            Some(_) => {
                self.wrong("payment-days", placed.at, "payment more than ten years later", None);
                NET_DAYS
            }
            None => {
                let message = format!("expected whole days such as 45d, found `{}`", placed.value);
                self.wrong("payment-days", placed.at, &message, None);
                NET_DAYS
            }
        }
    }

    /// A length in civil months.
    pub fn months(&mut self, length: &Placed<Length>) -> u32 {
        match length.value.civil_months() {
            Some(months) if (1..=1_200).contains(&months) => months,
            _ => {
                let message = format!(
                    "expected months or years such as 60mo or 5y, found `{}`",
                    length.value
                );
                self.wrong("months", length.at, &message, None);
                12
            }
        }
    }

    /// Later dates must not lie before earlier ones.
    pub fn ordered(&mut self, earlier: (Day, &str), later: (Day, &str), at: At) {
        if later.0 < earlier.0 {
            let message =
                format!("`{}` {} lies before `{}` {}", later.1, later.0, earlier.1, earlier.0);
            self.wrong("dates-out-of-order", at, &message, None);
        }
    }

    /// Adds an error.
    pub fn wrong(&mut self, id: &'static str, at: At, message: &str, help: Option<String>) {
        self.findings.push(Finding::error(id, at, message).maybe_help(help));
    }
}

fn fx(spec: &SiteSpec, findings: &mut Findings) -> FxTable {
    let mut fx = FxTable::new(spec.currency.unwrap_or(Currency::USD));
    for (name, dated) in spec.fx.iter() {
        let Some(currency) = Currency::from_code(&name.value) else {
            let message = format!("expected a currency code such as GBP, found `{}`", name.value);
            findings.push(Finding::error("currency", name.at, message));
            continue;
        };
        if currency == fx.reporting() {
            let message = format!("results are in {currency} already: it needs no rate");
            findings.push(Finding::error("exchange-rate", name.at, message));
        }
        for (day, rate) in &dated.0 {
            if rate.0 <= Share::ZERO {
                let message = format!("an exchange rate is above 0, found {}", rate.0.to_f64());
                findings.push(Finding::error("exchange-rate", day.at, message));
            }
            fx.add(currency, day.value, rate.0);
        }
    }
    fx
}

fn costs(network: &Network, shell: &Shell, check: &mut Check<'_>) -> Vec<ActivityCost> {
    let mut costs = Vec::new();
    for (activity, draft) in network.drafts.iter().enumerate() {
        let Some(CostSpec { amount, asset, pay }) = draft.cost.as_deref() else { continue };
        let class = class(asset.as_ref().map_or(AssetWord::Building, |asset| asset.value));
        if class == AssetClass::Building && matches!(shell, Shell::Leased(_)) {
            let message = "the shell is leased: its walls cannot be bought too";
            let help = "say what else the money buys: `asset: fit_out`, `plant` or `technology`";
            check.wrong("owned-and-leased", amount.at, message, Some(help.into()));
        }
        let given = |share: Option<&Placed<Percent>>| share.map(|placed| placed.value.0);
        let pay = pay.as_ref();
        let start = given(pay.and_then(|pay| pay.start.as_ref()));
        let progress = given(pay.and_then(|pay| pay.progress.as_ref()));
        let finish = given(pay.and_then(|pay| pay.finish.as_ref()));
        let (at_start, progress, at_finish) = match (start, progress, finish) {
            (None, None, None) => (Share::ZERO, Share::ONE, Share::ZERO),
            (start, progress, finish) => {
                let zero = Share::ZERO;
                (start.unwrap_or(zero), progress.unwrap_or(zero), finish.unwrap_or(zero))
            }
        };
        sums_to_all(&[at_start, progress, at_finish], pay.map_or(amount.at, |pay| pay.at), check);
        let Some(amount) = check.amount(Some(amount)) else { continue };
        costs.push(ActivityCost {
            activity: activity as u32,
            amount,
            class,
            at_start,
            progress,
            at_finish,
            net_days: check.net_days(pay.and_then(|pay| pay.net.as_ref())),
        });
    }
    costs
}

/// The class of asset that a word stands for.
pub fn class(word: AssetWord) -> AssetClass {
    match word {
        AssetWord::Building => AssetClass::Building,
        AssetWord::Plant => AssetClass::Plant,
        AssetWord::FitOut => AssetClass::FitOut,
        AssetWord::Technology => AssetClass::Technology,
    }
}

fn sums_to_all(shares: &[Share], at: At, check: &mut Check<'_>) {
    let sum = Share(shares.iter().map(|share| share.0).sum());
    if sum != Share::ONE || shares.iter().any(|share| *share < Share::ZERO) {
        let message = format!("the shares of a payment sum to 100%, found {sum}");
        check.wrong("payment-shares", at, &message, None);
    }
}

fn rack_pay(platform: &PlatformSpec, check: &mut Check<'_>) -> RackPay {
    let Some(pay) = &platform.pay else {
        let (zero, all) = (Share::ZERO, Share::ONE);
        return RackPay { order: zero, delivery: all, acceptance: zero, net_days: NET_DAYS };
    };
    let order = check.share(pay.order.as_ref(), Share::ZERO);
    let delivery = check.share(pay.delivery.as_ref(), Share::ZERO);
    let acceptance = check.share(pay.acceptance.as_ref(), Share::ZERO);
    sums_to_all(&[order, delivery, acceptance], pay.at, check);
    RackPay { order, delivery, acceptance, net_days: check.net_days(pay.net.as_ref()) }
}

/// Price of a rack with its share of network and storage.
pub fn rack_price(
    lot: &LotSpec,
    platform: u32,
    site: &SiteSpec,
    findings: &mut Findings,
) -> Option<Amount> {
    let design = &site.platforms.0.get(platform as usize)?.1;
    let rack = lot.price_per_rack.as_ref().or(design.price_per_rack.as_ref())?;
    let Some(network) = &design.network_per_rack else { return Some(rack.value) };
    if network.value.currency != rack.value.currency {
        let message =
            format!("in {}, but the rack is in {}", network.value.currency, rack.value.currency);
        findings.push(Finding::error("two-currencies", network.at, message));
    }
    Some(Amount { micros: rack.value.micros + network.value.micros, ..rack.value })
}

fn shell(spec: Option<&ShellSpec>, check: &mut Check<'_>) -> Shell {
    let Some(spec) = spec else { return Shell::Owned };
    let Some(rent) = &spec.rent else {
        if spec.owned != Some(true) {
            let help = "write `shell: {owned: true}`, or give the `rent:`";
            check.wrong("shell", spec.at, "owned or leased?", Some(help.into()));
        }
        return Shell::Owned;
    };
    if spec.owned == Some(true) {
        check.wrong("owned-and-leased", rent.at, "the shell is owned: it has no rent", None);
        return Shell::Owned;
    }
    let Some(per_it_kw_month) = check.rate(rent, &[Per::ItKwMonth]) else { return Shell::Owned };
    let from = match spec.from.as_ref().map(|from| from.value) {
        Some(RfsOrDay::Day(day)) => LeaseStart::Possession(day),
        Some(RfsOrDay::Rfs) | None => LeaseStart::Ready,
    };
    let Some(term) = &spec.term else {
        check.wrong(
            "missing-key",
            spec.at,
            "a lease needs its `term`",
            Some("for example 15y".into()),
        );
        return Shell::Owned;
    };
    Shell::Leased(Lease {
        per_it_kw_month,
        from,
        rent_free_months: spec.rent_free.as_ref().map_or(0, |length| check.months(length)),
        escalator: check.share(spec.escalator.as_ref(), Share::ZERO),
        term_months: check.months(term),
    })
}

fn energy(spec: &SiteSpec, check: &mut Check<'_>) -> Energy {
    let power = spec.power.as_ref();
    let price = power.and_then(|power| power.energy.as_ref());
    let fixed = power.and_then(|power| power.fixed.as_ref());
    let share = |placed: &Placed<crate::spec::money::PassThrough>| Placed {
        at: placed.at,
        value: placed.value.0,
    };
    let pass_through = power.and_then(|power| power.pass_through.as_ref()).map(share);
    Energy {
        per_mwh: price.and_then(|price| check.rate(price, &[Per::Mwh])),
        fixed_per_kva_month: fixed.and_then(|fixed| check.rate(fixed, &[Per::KvaMonth])),
        load: check.share(power.and_then(|power| power.load.as_ref()), Share::ONE),
        pass_through: check.share(pass_through.as_ref(), Share::ZERO),
        net_days: check.net_days(power.and_then(|power| power.net.as_ref())),
    }
}

fn equity(spec: &SiteSpec, check: &mut Check<'_>) -> Equity {
    let equity = spec.equity.as_ref();
    Equity {
        amount: check.amount(equity.and_then(|equity| equity.amount.as_ref())),
        funding: match equity.and_then(|equity| equity.funding) {
            Some(FundingWord::First) => Funding::EquityFirst,
            Some(FundingWord::ProRata) | None => Funding::ProRata,
        },
        keeps: check.amount(equity.and_then(|equity| equity.keeps.as_ref())),
        backs_shortfalls: equity.and_then(|equity| equity.shortfall) != Some(ShortfallWord::None),
    }
}

fn tax(spec: &TaxSpec, check: &mut Check<'_>) -> Tax {
    Tax {
        rate: check.share(Some(&spec.rate), Share::ZERO),
        carries_losses: !matches!(spec.losses, Some(LossesWord::Lost)),
        net_days: match &spec.net {
            None => TAX_NET_DAYS,
            net => check.net_days(net.as_ref()),
        },
    }
}

fn curve(
    name: &Placed<String>,
    dated: &crate::spec::money::Dated<Percent>,
    check: &mut Check<'_>,
) -> Curve {
    if dated.0.is_empty() {
        check.wrong("empty-curve", name.at, "a curve needs at least one date", None);
    }
    let steps = dated.0.iter().map(|(day, rate)| (day.value, rate.0)).collect();
    Curve { id: name.value.clone(), steps }
}

/// Useful lives in months where the file gives none: technology 6 years, plant and fit-out 12,
/// buildings 30 (finance-mechanics 11).
const LIVES: [u32; 4] = [360, 144, 144, 72];

pub fn lives(spec: &SiteSpec, findings: &mut Findings) -> Lives {
    let fx = FxTable::new(Currency::USD);
    let mut check = Check { fx: &fx, findings };
    let mut lives = Lives { months: LIVES, ..Lives::default() };
    let Some(spec) = &spec.lives else { return lives };
    let given = [&spec.building, &spec.plant, &spec.fit_out, &spec.technology];
    for (class, given) in given.into_iter().enumerate() {
        match given {
            None => {}
            Some(AssetLifeSpec::Life(length)) => lives.months[class] = check.months(length),
            Some(AssetLifeSpec::Stated(spec)) => {
                lives.months[class] = check.months(&spec.life);
                lives.conventions[class] = match spec.convention {
                    None | Some(ConventionWord::Daily) => Convention::Daily,
                    Some(ConventionWord::HalfMonth) => Convention::HalfMonth,
                    Some(ConventionWord::FullMonth) => Convention::FullMonthNext,
                };
                lives.changes[class] = new_lives(spec, lives.conventions[class], &mut check);
            }
        }
    }
    lives
}

fn new_lives(
    spec: &DepreciationSpec,
    convention: Convention,
    check: &mut Check<'_>,
) -> Vec<NewLife> {
    let mut changes = Vec::new();
    for (day, length) in spec.changed.iter().flat_map(|changed| &changed.0) {
        let on = day.value;
        if convention != Convention::Daily && on != on.month_start() {
            let message = "a life that is charged by the month changes on the first of one";
            let help = format!("write {}", on.next_month());
            check.wrong("life-change", day.at, message, Some(help));
        }
        changes.push(NewLife { on, months: check.months(length) });
    }
    changes
}
