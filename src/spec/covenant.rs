//! Shapes of what lenders test, and of tax.

use serde_json::{Value, json};

use super::loan_day::LoanDay;
use super::quantity::{Factor, Percent};
use super::schema::{self, Book, Keys};
use super::shape::{Fields, Placed, Shape, clip, expected, scalar, shape, words};
use super::yaml::Kind;
use super::{Findings, Node};
use crate::money::Amount;
use crate::time::{Day, Length, parse_length};
use crate::unit::Share;

/// What a lender tests: a least DSCR of each quarter, or a list of covenants.
#[derive(Clone, Debug)]
pub enum CovenantsSpec {
    /// `{dscr: 1.40, first_test: 2027-04-30}`.
    Dscr(DscrSpec),
    /// One map for each test.
    List(Vec<CovenantSpec>),
}

impl Shape for CovenantsSpec {
    fn schema(book: &mut Book) -> Value {
        let list = Vec::<CovenantSpec>::schema(book);
        schema::any([DscrSpec::schema(book), list])
    }

    fn read(node: Node<'_>, findings: &mut Findings) -> Option<CovenantsSpec> {
        match node.kind {
            Kind::Map(_) if node.get("test").is_none() => {
                DscrSpec::read(node, findings).map(CovenantsSpec::Dscr)
            }
            _ => Vec::<CovenantSpec>::read(node, findings).map(CovenantsSpec::List),
        }
    }

    fn broken() -> Option<CovenantsSpec> {
        Some(CovenantsSpec::List(Vec::new()))
    }
}

shape! {
    /// A least debt service cover of each quarter.
    pub struct DscrSpec {
        /// Least debt service cover.
        dscr: Placed<Factor>,
        /// First day of a test: a day, or `hall-1.rfs + 1y`.
        first_test: Placed<LoanDay>,
    }
}

shape! {
    /// One covenant.
    pub struct CovenantSpec {
        /// What is tested.
        test: Placed<TestWord>,
        /// Least value, of a ratio or of cash.
        at_least: Option<Placed<Threshold>>,
        /// Greatest value, of debt over something.
        at_most: Option<Placed<Threshold>>,
        /// Ratio from which on nothing is distributed although the test holds.
        lock_up: Option<Placed<Threshold>>,
        /// Months that are looked at: `quarter`, `month`, `trailing 12mo`, `forward 12mo`.
        window: Option<Placed<WindowSpec>>,
        /// How often: at the end of each month or quarter.
        every: Option<EveryWord>,
        /// First day of a test: a day, or `hall-1.rfs + 1y`; closing where it is not given.
        first_test: Option<Placed<LoanDay>>,
        /// Last day of a test.
        until: Option<Placed<Day>>,
        /// What stands above interest in an ICR: `ebitda` or `cfads`.
        numerator: Option<Placed<NumeratorWord>>,
        /// How racks are valued for an LTV: `book`, `{life: 4y}`, `{curve: NAME}`.
        value: Option<Placed<ValueSpec>>,
        /// Whether owners may cure a failed test.
        cure: Option<Placed<CureSpec>>,
        /// Whether the loan gives nothing after a failed test until one holds.
        draw_stop: Option<Placed<bool>>,
        /// What was agreed later.
        amended: Vec<AmendmentSpec>,
        /// Free text for readers of the file.
        note: Option<super::Raw>,
    }
}

shape! {
    /// A change of a covenant: what it does not name stays.
    pub struct AmendmentSpec {
        /// Day from which it holds.
        on: Placed<Day>,
        /// First day of a test.
        first_test: Option<Placed<Day>>,
        /// Least value.
        at_least: Option<Placed<Threshold>>,
        /// Greatest value.
        at_most: Option<Placed<Threshold>>,
        /// Ratio of the lock-up.
        lock_up: Option<Placed<Threshold>>,
    }
}

words! {
    /// What is tested.
    pub enum TestWord {
        /// Debt service cover.
        Dscr = "dscr",
        /// Interest cover.
        Icr = "icr",
        /// Loan life cover.
        Llcr = "llcr",
        /// Project life cover.
        Plcr = "plcr",
        /// Loan to value.
        Ltv = "ltv",
        /// Leverage.
        NetDebtToEbitda = "net_debt_to_ebitda",
        /// Cash in the bank.
        MinimumLiquidity = "minimum_liquidity",
        /// Billed over contracted.
        ContractRealization = "contract_realization",
    }
}

words! {
    /// How often a covenant is tested.
    pub enum EveryWord {
        /// At the end of each calendar quarter.
        Quarter = "quarter",
        /// At the end of each month.
        Month = "month",
    }
}

words! {
    /// What stands above interest in an ICR.
    pub enum NumeratorWord {
        /// EBITDA.
        Ebitda = "ebitda",
        /// Cash flow available for debt service.
        Cfads = "cfads",
    }
}

words! {
    /// What an equity cure counts as.
    pub enum CureWord {
        /// Added above the line.
        Numerator = "numerator",
        /// Debt service paid away.
        Denominator = "denominator",
    }
}

words! {
    /// When the lender's life of a rack begins.
    pub enum ClockWord {
        /// At delivery.
        Delivery = "delivery",
        /// When its unit is in service.
        InService = "in_service",
    }
}

/// A threshold: `1.40`, `65%` or `100M USD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// Of a ratio.
    Ratio(Share),
    /// Of cash.
    Cash(Amount),
}

/// The value of a text alone, without a finding.
fn quietly<T: Shape>(text: &str) -> Option<T> {
    let node = Node { at: Default::default(), kind: Kind::Text(text.to_owned().into()) };
    T::read(node, &mut Findings::default())
}

scalar!(
    Threshold,
    Threshold::Ratio(Share::ONE),
    "threshold",
    "a threshold such as 1.40, 65% or 100M USD",
    "Threshold" = schema::number(
        &format!("{}|{}|{}", schema::NUMBER, schema::PERCENT, schema::MONEY),
        &["1.40", "65%", "100M USD"]
    ),
    |text| {
        let ratio = quietly::<Factor>(text).map(|factor| factor.0);
        let ratio = ratio.or_else(|| quietly::<Percent>(text).map(|percent| percent.0));
        let cash = || quietly::<Amount>(text).map(Threshold::Cash);
        ratio.map(Threshold::Ratio).or_else(cash).ok_or_else(|| {
            format!("expected a threshold such as 1.40, 65% or 100M USD, found `{}`", clip(text))
        })
    }
);

/// The ways of writing a window.
fn window() -> Value {
    let pattern = format!("month|quarter|(?:trailing|forward) {}", schema::LENGTH);
    schema::text(&pattern, &["quarter", "month", "trailing 12mo", "forward 12mo"])
}

/// Which months a test looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowSpec {
    /// So many months up to the test.
    Trailing(u32),
    /// So many months after it.
    Forward(u32),
}

scalar!(
    WindowSpec,
    WindowSpec::Trailing(3),
    "window",
    "a window such as trailing 12mo",
    "Window" = window(),
    |text| {
        match text {
            "month" => return Ok(WindowSpec::Trailing(1)),
            "quarter" => return Ok(WindowSpec::Trailing(3)),
            _ => {}
        }
        let what = "expected quarter, month, trailing 12mo or forward 12mo";
        let message = || format!("{what}, found `{}`", clip(text));
        let (word, length) = text.split_once(' ').ok_or_else(message)?;
        let months = parse_length(length).ok().and_then(|length: Length| length.civil_months());
        let months = months.ok_or_else(message)?;
        match word {
            "trailing" => Ok(WindowSpec::Trailing(months)),
            "forward" => Ok(WindowSpec::Forward(months)),
            _ => Err(message()),
        }
    }
);

/// How racks are valued: `book`, a life of the lender's own, or a curve of `values`.
#[derive(Clone, Debug)]
pub enum ValueSpec {
    /// As in the books.
    Book,
    /// A life, or a curve.
    Own(OwnValueSpec),
}

shape! {
    /// A value of the lender's own.
    pub struct OwnValueSpec {
        /// Straight line over this life.
        life: Option<Placed<Length>>,
        /// When the life begins: `delivery` (unless given) or `in_service`.
        clock: Option<Placed<ClockWord>>,
        /// Name of a curve of value shares by date under `values`.
        curve: Option<Placed<String>>,
    }
}

impl Shape for ValueSpec {
    fn schema(book: &mut Book) -> Value {
        schema::any([json!({"const": "book"}), OwnValueSpec::schema(book)])
    }

    fn read(node: Node<'_>, findings: &mut Findings) -> Option<ValueSpec> {
        match &node.kind {
            Kind::Text(text) if text == "book" => Some(ValueSpec::Book),
            Kind::Map(_) => OwnValueSpec::read(node, findings).map(ValueSpec::Own),
            _ => {
                let what = "book, `{life: 4y}` or `{curve: NAME}`";
                findings.push(expected("collateral-value", what, &node, node.at));
                None
            }
        }
    }

    fn broken() -> Option<ValueSpec> {
        Some(ValueSpec::Book)
    }
}

/// Whether and how owners may cure a failed test: `{as: numerator, most: 2, until: 2026-10-28}`.
#[derive(Clone, Debug)]
pub struct CureSpec {
    /// What it counts as.
    pub counts: Placed<CureWord>,
    /// How many there may be; any number where it is not given.
    pub most: Option<Placed<u32>>,
    /// Only tests before this day.
    pub until: Option<Placed<Day>>,
}

impl Shape for CureSpec {
    fn schema(book: &mut Book) -> Value {
        book.define("Cure", |book| {
            let (word, most, until) =
                (CureWord::schema(book), u32::schema(book), Day::schema(book));
            let mut keys = Keys::default();
            keys.add("as", "What it counts as.", true, word);
            keys.add("most", "How many there may be; any number unless given.", false, most);
            keys.add("until", "Only tests before this day.", false, until);
            keys.closed("Whether and how owners may cure a failed test.", book)
        })
    }

    fn read(node: Node<'_>, findings: &mut Findings) -> Option<CureSpec> {
        let mut fields = Fields::open(node, &["as", "most", "until"], findings)?;
        let counts = fields.take("as", findings);
        let most = fields.take("most", findings);
        let until = fields.take("until", findings);
        fields.close(findings);
        Some(CureSpec { counts: counts?, most: most?, until: until? })
    }

    fn broken() -> Option<CureSpec> {
        let counts = Placed { at: Default::default(), value: CureWord::Numerator };
        Some(CureSpec { counts, most: None, until: None })
    }
}

shape! {
    /// Tax on income.
    pub struct TaxSpec {
        /// Of taxable income.
        rate: Placed<Percent>,
        /// What becomes of losses: `carry_forward` (unless given) or `none`.
        losses: Option<LossesWord>,
        /// How often it is paid.
        pays: Option<TaxPaysWord>,
        /// Days from the end of the year to payment.
        net: Option<Placed<Length>>,
    }
}

words! {
    /// What becomes of a loss.
    pub enum LossesWord {
        /// It reduces the taxable income of later years.
        CarryForward = "carry_forward",
        /// Nothing.
        Lost = "none",
    }
}

words! {
    /// How often tax is paid.
    pub enum TaxPaysWord {
        /// Once, after the end of the calendar year.
        Annual = "annual",
    }
}
