//! Contracts, followed by the book that the ledger keeps of each.

use energize::model::terms::Price;
use energize::money::Money;
use energize::revenue::*;
use energize::time::Day;
use energize::unit::ItPower;

use super::case::{Case, count, day, maybe, month, rows};
use crate::books_site::{Case as Books, usd};

/// One month of a contract whose one unit draws one watt, so that watt-days are days of service.
#[derive(Clone, Copy)]
struct Month {
    from: Day,
    days: i64,
    revenue: Money,
    credit: Money,
    liability: Money,
    rpo: Money,
}

struct Followed {
    months: Vec<Month>,
    end: Option<Day>,
    lost: Money,
}

/// Terms of a contract for everything there is.
struct Sold {
    price: Money,
    term_months: u32,
    prepaid: Money,
    /// First day of service by the contract.
    scheduled: Day,
}

/// The contract from `opens` until before `until`, its unit accepted on a day.
fn follow(sold: &Sold, accepted: Day, opens: Day, until: Day) -> Followed {
    let mut books = Books::new(&opens.to_string());
    books.hall(1);
    books.site.units[0].it_power = ItPower(1);
    let price = usd(0);
    let scheduled = sold.scheduled.to_string();
    let contract = books.contract(Price::Total(price), sold.term_months, &scheduled);
    contract.price = Price::Total(energize::money::Amount { micros: sold.price.0, ..price });
    let mut book = ContractBook::new(&books.site, &books.site.terms.contracts[0], opens);
    book.set_prepayment(sold.prepaid);
    book.sign();
    book.receive_prepayment();
    let (mut months, mut close) = (Vec::new(), opens.next_month());
    while close <= until {
        let from = (close + -1).month_start();
        if (from..close).contains(&accepted) {
            book.accept(0, accepted);
        }
        let invoice = book.close_month(close);
        months.push(Month {
            from,
            days: i64::try_from(invoice.watt_days).unwrap(),
            revenue: invoice.revenue,
            credit: invoice.credit,
            liability: book.liability(),
            rpo: book.rpo(),
        });
        close = close.next_month();
    }
    Followed { months, end: book.end(), lost: book.lost() }
}

pub fn ratable(case: &mut Case) {
    let inputs = case.inputs.clone();
    let sold = Sold {
        price: case.cash(&inputs["tcv"]),
        term_months: count(&inputs["term_months"]),
        prepaid: case.cash_or_none(&inputs["prepayment"]),
        scheduled: day(&inputs["rfs_base"]),
    };
    let opens = sold.scheduled.month_start();
    let expected = case.expected.clone();
    let mut followed = Vec::new();
    for name in ["base", "late"] {
        let theirs = &expected[name];
        if !inputs[format!("rfs_{name}").as_str()].is_string() {
            continue;
        }
        let start = day(&inputs[format!("rfs_{name}").as_str()]);
        let theirs_rows = rows(&theirs["rows"]);
        let first = theirs_rows.first().map_or(opens, |row| month(&row["month"])).min(opens);
        let whole = start.add_months(sold.term_months as i32).next_month();
        let ours = follow(&sold, start, first.min(start.month_start()), whole);
        let end = ours.end.unwrap();
        case.text(format_args!("end of {name}"), &end.to_string(), &theirs["end"]);
        case.whole(format_args!("days of {name}"), i64::from(end - start), &theirs["days"]);
        for row in theirs_rows {
            let from = month(&row["month"]);
            let Some(ours) = ours.months.iter().find(|ours| ours.from == from) else {
                case.fail(format!("no month {from}"));
                continue;
            };
            let what = format!("of {name} in {from}");
            case.whole(format_args!("days {what}"), ours.days, &row["days"]);
            case.money(format_args!("revenue {what}"), ours.revenue, &row["revenue"]);
            case.money(format_args!("credit {what}"), ours.credit, &row["prepayment_applied"]);
            case.money(format_args!("deferred {what}"), ours.liability, &row["deferred_revenue"]);
            case.money(format_args!("rpo {what}"), ours.rpo, &row["rpo"]);
        }
        followed.push(ours);
    }
    let [base, late] = &followed[..] else { return };
    for (key, theirs) in expected.as_object().unwrap() {
        if let Some(year) = key.strip_prefix("revenue_lost_in_") {
            let of_year = |followed: &Followed| -> Money {
                let months = followed.months.iter();
                months
                    .filter(|month| month.from.to_string().starts_with(year))
                    .map(|month| month.revenue)
                    .sum()
            };
            case.money(key, of_year(base) - of_year(late), theirs);
        }
    }
    let earned =
        |followed: &Followed| -> Money { followed.months.iter().map(|month| month.revenue).sum() };
    case.money("change of price", earned(late) - earned(base), &expected["tcv_change"]);
    case.money("lost to the slip", late.lost, &expected["tcv_change"]);
}

pub fn damages(case: &mut Case) {
    let inputs = case.inputs.clone();
    let price = case.cash(&inputs["tcv"]);
    let terms = DamagesTerms {
        per_day: case.cash(&inputs["ld_per_day"]),
        cap: maybe(&inputs["cap_fraction"]),
    };
    let late = i64::from(count(&inputs["delay_days"]));
    let owed = delay_damages(&terms, price, late);
    let net = transaction_price(price, owed);
    let expected = case.expected.clone();
    case.money("damages", owed, &expected["ld"]);
    case.money("transaction price", net, &expected["transaction_price"]);
    if let Some(days) = maybe(&inputs["term_days"]) {
        let days = i128::try_from(days).unwrap();
        case.money("daily revenue", net.scaled(1, days), &expected["daily_revenue"]);
        let key = "daily_revenue_without_ld";
        case.money("without damages", price.scaled(1, days), &expected[key]);
    }
}

pub fn backlog(case: &mut Case) {
    let inputs = case.inputs.clone();
    let [open, revenue] = ["open", "revenue"].map(|key| case.cash_or_none(&inputs[key]));
    let expected = case.expected.clone();
    let net = ["net_bookings_and_adjustments", "bookings"];
    let stated = net.iter().find_map(|key| maybe(&inputs[*key]));
    let period = match stated {
        Some(bookings) => RollForward { open, bookings: case.amount(bookings), revenue },
        None => RollForward::between(open, case.cash(&inputs["close"]), revenue),
    };
    case.money("bookings", period.bookings, &expected["net_bookings_and_adjustments"]);
    case.money("close", period.close(), &expected["close"]);
}

pub fn contract_realization(case: &mut Case) {
    let inputs = case.inputs.clone();
    let planned = day(&inputs["planned_start"]);
    let actual = inputs["actual_start"].as_str().map_or(planned, |_| day(&inputs["actual_start"]));
    let theirs = rows(&case.expected["rows"]);
    let last = theirs.iter().map(|row| day(&row["test_date"])).max().unwrap();
    let opens = planned.min(actual).month_start();
    // A flat price by the day over a term that no test outlasts.
    let term_months = 120;
    let days = i64::from(planned.add_months(term_months) - planned);
    let sold = Sold {
        price: Money::whole(1_000 * days),
        term_months: term_months as u32,
        prepaid: Money::ZERO,
        scheduled: planned.min(actual),
    };
    let [projected, billed] =
        [planned, actual].map(|start| follow(&sold, start, opens, last + 1).months);
    let least = maybe(&inputs["covenant"]);
    for row in theirs {
        let test = day(&row["test_date"]);
        let at = projected.iter().position(|month| month.from == test.month_start()).unwrap();
        let window = |months: &[Month]| -> i64 {
            months[(at + 1).saturating_sub(3)..=at].iter().map(|month| month.days).sum()
        };
        let what = format!("on {test}");
        case.whole(format_args!("projected {what}"), window(&projected), &row["projected_days"]);
        case.whole(format_args!("actual {what}"), window(&billed), &row["actual_days"]);
        let [billed, projected] = [&billed, &projected]
            .map(|months| months.iter().map(|month| month.revenue).collect::<Vec<_>>());
        let ratio = realization(&billed, &projected, at, 3);
        case.turns(format_args!("ratio {what}"), ratio, row.get("ratio"));
        let passes = least.and_then(|least| ratio.at_least(super::case::share(least)));
        for (key, theirs) in row.as_object().unwrap() {
            if key.starts_with("pass")
                && let (Some(ours), Some(theirs)) = (passes, theirs.as_bool())
            {
                case.same(format_args!("{key} {what}"), ours, theirs);
            }
        }
    }
}
