//! Debt that is as large as its cash, its uses or its cap allow.

use energize::loan::*;
use energize::model::terms::Amortisation;
use energize::money::{BusinessDays, DayCount, Money, Ratio, Roll};
use energize::time::Day;
use rust_decimal::Decimal;
use serde_json::Value;

use super::case::{Case, count, day, list, maybe, number, or_zero, rows};

fn percent(value: &Value) -> Option<Decimal> {
    maybe(value).map(|percent| percent / Decimal::ONE_HUNDRED)
}

fn project_terms(case: &Case) -> ProjectTerms {
    let inputs = &case.inputs;
    let years = maybe(&inputs["n"]).or(maybe(&inputs["analysis_years"]));
    let prices = &inputs["price_USD_per_kWh"];
    let years = years.map_or_else(|| list(prices).len(), |n| usize::try_from(n).unwrap());
    let price = |year: usize| match prices {
        Value::Array(prices) => number(&prices[year.min(prices.len() - 1)]),
        price => number(price),
    };
    let kwh = number(&inputs["energy_MWh_per_year"]) * Decimal::from(1_000);
    let opex = case.cash_or_none(&inputs["fixed_opex"]);
    let cash = (0..years).map(|year| case.amount(kwh * price(year)) - opex).collect();
    let tenor = maybe(&inputs["term_tenor"]).unwrap_or_else(|| number(&inputs["tenor_years"]));
    let sizing = match percent(&inputs["debt_percent"]) {
        Some(of_uses) => Sizing::Gearing {
            of_uses,
            amortisation: match inputs["payment"].as_str().unwrap_or("equal") {
                text if text.contains("principal") => Amortisation::EqualPrincipal,
                _ => Amortisation::LevelPayment,
            },
            interest_only: maybe(&inputs["moratorium_years"])
                .map_or(0, |_| count(&inputs["moratorium_years"])),
        },
        // The tool's own cover where a case leaves it out.
        None => Sizing::Cover {
            cover: maybe(&inputs["dscr"]).unwrap_or(Decimal::new(13, 1)),
            most_of_uses: percent(&inputs["max_debt_fraction_percent"]),
        },
    };
    ProjectTerms {
        cost: case.cash(&inputs["overnight_cost"]),
        cash,
        tenor: u32::try_from(tenor).unwrap(),
        rate: percent(&inputs["term_int_rate"]).unwrap_or_else(|| number(&inputs["term_rate"])),
        sizing,
        fee: percent(&inputs["cost_debt_fee"]).unwrap_or_default(),
        closing_cost: case.cash_or_none(&inputs["cost_debt_closing"]),
        reserve_months: or_zero(&inputs["dscr_reserve_months"]),
        reserve_rate: percent(&inputs["reserves_interest"]).unwrap_or_default(),
        period_months: 12,
    }
}

/// Lists begin at close; beyond the loan there is no cash for it, no service and no cover.
pub fn project(case: &mut Case) {
    let terms = project_terms(case);
    let ours = size_project(&terms).unwrap();
    let expected = case.expected.clone();
    case.money("debt", ours.debt, &expected["size_of_debt"]);
    case.money("equity", ours.equity, &expected["size_of_equity"]);
    case.money("installed", ours.uses, &expected["cost_installed"]);
    case.money("financing", ours.financing_cost, &expected["cost_financing"]);
    let gearing = Ratio::new(ours.debt, ours.uses).decimal().unwrap() * Decimal::ONE_HUNDRED;
    case.rate("gearing", gearing, &expected["debt_fraction_percent"]);
    let years = terms.cash.len();
    let from_close = |first: Money, of_year: &dyn Fn(usize) -> Option<Money>| -> Vec<Money> {
        let later = (0..years).map(|year| of_year(year).unwrap_or_default());
        [first].into_iter().chain(later).collect()
    };
    let row = |year: usize| ours.rows.get(year);
    let cash = from_close(Money::ZERO, &|year| row(year).map(|_| terms.cash[year]));
    case.moneys("cfads", &cash, &expected["cfads"]);
    let part = |of: fn(&Instalment) -> Money| from_close(Money::ZERO, &|year| row(year).map(of));
    case.moneys("interest", &part(|row| row.interest), &expected["interest"]);
    case.moneys("principal", &part(|row| row.principal), &expected["principal"]);
    case.moneys("service", &part(Instalment::service), &expected["debt_service"]);
    let balance = from_close(ours.debt, &|year| row(year).map(Instalment::closing));
    case.moneys("balance", &balance, &expected["balance"]);
    let reserve =
        from_close(ours.reserve.0, &|year| ours.reserve.1.get(year).map(|held| held.target));
    case.moneys("reserve", &reserve, &expected["dsra_balance"]);
    case.moneys("returns", &ours.returns, &expected["project_return_pretax"]);
    let cover: Vec<Option<Decimal>> =
        ours.cover(&terms.cash).into_iter().map(Ratio::decimal).collect();
    let least = cover.iter().copied().flatten().min().unwrap_or_default();
    case.rate("least cover", least, &expected["min_dscr"]);
    // The tool prints 0 where nothing is due.
    for (year, theirs) in rows(&expected["dscr"]).iter().enumerate().skip(1) {
        let cover = cover.get(year - 1).copied().flatten().unwrap_or_default();
        case.rate(format_args!("cover {year}"), cover, theirs);
    }
    case.same("residual in cents", ours.residual.to_string().replace('-', ""), "0.00".into());
}

pub fn sources_and_uses(case: &mut Case) {
    let inputs = case.inputs.clone();
    let dates: Vec<Day> = list(&inputs["dates"]).iter().map(day).collect();
    let terms = BuildTerms {
        gearing: number(&inputs["gearing"]),
        rate: or_zero(&inputs["rate"]),
        upfront_fee: or_zero(&inputs["upfront_fee_on_commitment"]),
        undrawn_fee: or_zero(&inputs["undrawn_fee"]),
    };
    let costs = case.cash_list(&inputs["capex"]);
    let periods: Vec<BuildPeriod> = dates
        .windows(2)
        .zip(costs)
        .map(|(pair, cost)| BuildPeriod { days: i64::from(pair[1] - pair[0]), cost })
        .collect();
    let ours = size_build(&terms, &periods).unwrap();
    let expected = case.expected.clone();
    case.money("commitment", ours.commitment, &expected["debt_commitment"]);
    case.money("equity", ours.equity(), &expected["equity"]);
    case.money("interest", ours.interest(), &expected["idc"]);
    case.money("fees", ours.fees(), &expected["fees"]);
    case.money("uses", ours.uses(), &expected["total_uses"]);
    case.value("affine a", ours.affine.0, &expected["affine_a"]);
    case.rate("affine b", ours.affine.1, &expected["affine_b"]);
    // How often others would have to go round the loop that is solved here.
    let (mut size, mut rounds) = (Decimal::ZERO, 0);
    while rounds < 1_000 {
        let next = ours.affine.0 + ours.affine.1 * size;
        rounds += 1;
        if (next - size).abs() < Decimal::new(1, 12) {
            break;
        }
        size = next;
    }
    case.whole("iterations", rounds, &expected["fixed_point_iterations_to_1e-12_from_zero"]);
    for ((row, at), theirs) in ours.rows.iter().zip(&dates).zip(rows(&expected["rows"])) {
        case.text("month", &at.to_string(), &theirs["month_start"]);
        let pairs = [
            ("capex", row.cost),
            ("upfront_fee", row.upfront_fee),
            ("commitment_fee", row.undrawn_fee),
            ("interest", row.interest),
            ("uses", row.uses()),
            ("debt_draw", row.draw),
            ("equity_draw", row.equity),
            ("debt_balance", row.balance),
        ];
        for (key, ours) in pairs {
            case.money(format_args!("{key} of {at}"), ours, &theirs[key]);
        }
    }
    case.same("residual in cents", ours.residual.to_string().replace('-', ""), "0.00".into());
}

/// Payment dates go on after maturity as they began, for the cash of the tail.
fn dates_with_tail(dates: &[Day], tail: usize) -> Vec<Day> {
    let (first, second) = (dates[0].date(), dates[1].date());
    let months = 12 * (i32::from(second.year()) - i32::from(first.year()))
        + i32::from(second.month())
        - i32::from(first.month());
    let last = *dates.last().unwrap();
    // The first date may itself have been rolled: the anchor is the day that gives all dates.
    let schedule = |rolled: i32| {
        period_dates(&PeriodTerms {
            start: dates[0] + -rolled,
            end: last.add_months(months * (tail as i32 + 1)),
            first: None,
            tenor: Tenor::Months(months as u32),
            from: CountFrom::Start,
            month_end: true,
            roll: Roll::ModifiedFollowing,
            calendar: BusinessDays::SOFR,
        })
    };
    let all = [0, 1, 2, 3, 4, -1, -2, -3, -4].into_iter().map(schedule);
    let same = all.into_iter().find(|all| all.starts_with(dates));
    let later = same.unwrap_or_else(|| schedule(0)).into_iter().filter(|&date| date > last);
    dates.iter().copied().chain(later.take(tail)).collect()
}

pub fn sculpting(case: &mut Case) {
    let inputs = case.inputs.clone();
    let dates: Vec<Day> = list(&inputs["dates"]).iter().map(day).collect();
    let cash = case.cash_list(&inputs["cfads"]);
    let tail: Vec<Money> =
        rows(&inputs["tail_cfads_after_maturity"]).iter().map(|cash| case.cash(cash)).collect();
    let dates = dates_with_tail(&dates, tail.len());
    let rate = number(&inputs["rate"]);
    let periods: Vec<CashPeriod> = dates
        .windows(2)
        .zip(cash.iter().chain(&tail))
        .map(|(pair, &cfads)| {
            let year = DayCount::Act360.fraction(pair[0], pair[1]).decimal();
            CashPeriod { cfads, rate: rate * year }
        })
        .collect();
    let loan = &periods[..cash.len()];
    let debt = sculpted_debt(loan, number(&inputs["dscr"]));
    let ours = sculpt(loan, debt);
    let expected = case.expected.clone();
    case.money("debt", debt, &expected["debt"]);
    case.turns("llcr", life_cover(loan, debt), expected.get("llcr"));
    case.turns("plcr", life_cover(&periods, debt), expected.get("plcr"));
    for (at, theirs) in rows(&expected["rows"]).iter().enumerate() {
        let (row, period) = (ours[at], loan[at]);
        let days = i64::from(dates[at + 1] - dates[at]);
        let what = format!("of {}", dates[at + 1]);
        case.text("date", &dates[at + 1].to_string(), &theirs["date"]);
        case.whole(format_args!("days {what}"), days, &theirs["days"]);
        case.money(format_args!("cfads {what}"), period.cfads, &theirs["cfads"]);
        case.money(format_args!("opening {what}"), row.opening, &theirs["opening"]);
        case.money(format_args!("interest {what}"), row.interest, &theirs["interest"]);
        case.money(format_args!("principal {what}"), row.principal, &theirs["principal"]);
        let cover = Ratio::new(period.cfads, row.service());
        case.turns(format_args!("cover {what}"), cover, theirs.get("dscr"));
        let life = life_cover(&loan[at..], row.opening);
        case.turns(format_args!("life cover {what}"), life, theirs.get("llcr_at_open"));
    }
}
