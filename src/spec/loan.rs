//! Shapes of loans: how they are drawn, what they cost, how they come back.

use serde_json::{Value, json};

use super::Findings;
use super::Node;
use super::Raw;
use super::covenant::CovenantsSpec;
use super::loan_day::LoanDay;
use super::money::Dated;
use super::quantity::{Factor, Percent};
use super::schema::{self, Book};
use super::shape::{Placed, Shape, shape, words};
use super::yaml::Kind;
use crate::money::Amount;
use crate::time::{Day, Length};

shape! {
    /// A loan.
    pub struct LoanSpec {
        /// Short name.
        id: Placed<String>,
        /// How it is drawn: ddtl (as cost is paid), term and notes (whole at closing), revolver
        /// (when cash runs short), vendor (for racks).
        kind: Option<Placed<KindWord>>,
        /// Most that may be drawn, or `sized` from what the site costs.
        commitment: Placed<CommitmentSpec>,
        /// Share of eligible cost that may be drawn.
        advance: Option<Placed<Percent>>,
        /// Whether cost that a prepayment has paid is left out of eligible cost.
        excludes_prepaid: Option<bool>,
        /// What counts as eligible cost.
        eligible: Option<EligibleWord>,
        /// What must have happened before the first draw: ids of activities, each finished.
        conditions: Vec<Placed<String>>,
        /// Fixed rate a year.
        rate: Option<Placed<Percent>>,
        /// Name of a base curve.
        base: Option<Placed<String>>,
        /// Added to the base.
        margin: Option<Placed<Percent>>,
        /// Least base rate.
        floor: Option<Placed<Percent>>,
        /// Whether the base is compounded by the business day.
        compounding: Option<Placed<CompoundingWord>>,
        /// Business days by which the base is looked up ahead of each day.
        lookback: Option<Placed<u32>>,
        /// Days over which year.
        day_count: Option<DayCountWord>,
        /// Where a payment date goes that is no business day.
        roll: Option<RollWord>,
        /// Whose holidays: US-SOFR where it is not given.
        holidays: Option<Placed<String>>,
        /// Whether interest runs to the rolled date or to the date as scheduled.
        accrual: Option<AccrualWord>,
        /// A year on what is undrawn.
        undrawn_fee: Option<Placed<Percent>>,
        /// Of the commitment, at closing.
        upfront_fee: Option<Placed<Percent>>,
        /// Of the face, kept by the lender at closing.
        discount: Option<Placed<Percent>>,
        /// How fee and discount are spread.
        fees: Option<Placed<FeesWord>>,
        /// What happens to interest before the first payment of principal.
        construction_interest: Option<Placed<ConstructionWord>>,
        /// First day of draws: a day, or `hall-1.rfs + 30d`.
        close: Placed<LoanDay>,
        /// Last day of draws: a day, or `hall-8.rfs + 30d`.
        available_until: Option<Placed<LoanDay>>,
        /// How often interest and principal are paid.
        pays: Option<PaysWord>,
        /// Owed when the books open, of a loan that closed before.
        opening_balance: Option<Placed<Amount>>,
        /// Draws on dates: what it is drawn by up to and including the last of them.
        drawn: Option<Dated<Placed<Amount>>>,
        /// Repayments of principal on dates, beside those of the schedule.
        repaid: Option<Dated<Placed<Amount>>>,
        /// Sites of a portfolio whose cost it is drawn for and whose racks and contracts secure it:
        /// names, patterns, groups; all where it is not given.
        sites: Vec<Placed<String>>,
        /// First payment of interest, where it is not the first regular date.
        first_payment: Option<Placed<Day>>,
        /// First payment of principal: a day, or `hall-1.rfs + 3mo` (the first payment date from
        /// then on, counted back from the maturity).
        amortises_from: Option<Placed<LoanDay>>,
        /// Last payment.
        maturity: Placed<Day>,
        /// How principal comes back.
        amortisation: Option<Placed<AmortisationSpec>>,
        /// Share of the debt that is left for maturity.
        balloon: Option<Placed<Percent>>,
        /// Share of the cash left after debt service that repays early.
        sweep: Option<Placed<Percent>>,
        /// Debt service kept in reserve.
        reserve: Option<Placed<Length>>,
        /// Whether lenders may turn to the parent.
        recourse: Option<RecourseWord>,
        /// Who stands behind it.
        guarantor: Option<Placed<String>>,
        /// What is tested: `{dscr: 1.40, first_test: DATE}`, or a list of tests.
        covenants: Option<CovenantsSpec>,
        /// Free text for readers of the file.
        note: Option<Raw>,
    }
}

/// An amount, or the word `sized`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitmentSpec {
    /// As stated.
    Amount(Amount),
    /// What closes the loop of cost, fees and interest.
    Sized,
}

impl Shape for CommitmentSpec {
    fn schema(book: &mut Book) -> Value {
        schema::any([json!({"const": "sized"}), Amount::schema(book)])
    }

    fn read(node: Node<'_>, findings: &mut Findings) -> Option<CommitmentSpec> {
        match &node.kind {
            Kind::Text(text) if &**text == "sized" => Some(CommitmentSpec::Sized),
            _ => Amount::read(node, findings).map(CommitmentSpec::Amount),
        }
    }
}

words! {
    /// How a loan is drawn.
    pub enum KindWord {
        /// As cost is paid.
        Ddtl = "ddtl",
        /// Whole at closing.
        Term = "term",
        /// Whole at closing, repaid at maturity.
        Notes = "notes",
        /// When cash runs short, repaid when it does not.
        Revolver = "revolver",
        /// For racks, by their vendor.
        Vendor = "vendor",
    }
}

words! {
    /// What counts as eligible cost.
    pub enum EligibleWord {
        /// Works and racks.
        All = "all",
        /// Builders' invoices.
        Works = "works",
        /// Racks.
        Racks = "racks",
    }
}

words! {
    /// Whether a base rate is compounded.
    pub enum CompoundingWord {
        /// Rate times days.
        None = "none",
        /// By the business day.
        Daily = "daily",
    }
}

words! {
    /// Days over which year.
    pub enum DayCountWord {
        /// Actual days over 360.
        Act360 = "ACT/360",
        /// Actual days over 365.
        Act365 = "ACT/365F",
        /// Actual days over the length of their own year.
        ActAct = "ACT/ACT",
        /// Months of 30 days, bond basis.
        Thirty = "30/360",
        /// Months of 30 days, with the end-of-February rule of the United States.
        ThirtyUs = "30/360-US",
        /// Months of 30 days, Eurobond basis.
        ThirtyE = "30E/360",
    }
}

words! {
    /// Where a date goes that is no business day.
    pub enum RollWord {
        /// Nowhere.
        Unadjusted = "unadjusted",
        /// To the next business day.
        Following = "following",
        /// To the next business day of the same month, else back.
        ModifiedFollowing = "modified_following",
        /// To the business day before.
        Preceding = "preceding",
    }
}

words! {
    /// To which date interest runs.
    pub enum AccrualWord {
        /// To the day it is paid.
        Adjusted = "adjusted",
        /// To the day as scheduled.
        Unadjusted = "unadjusted",
    }
}

words! {
    /// How fee and discount become a cost of debt.
    pub enum FeesWord {
        /// By the day to maturity.
        StraightLine = "straight_line",
        /// By the effective interest method.
        Effective = "effective",
    }
}

words! {
    /// What happens to interest before the first payment of principal.
    pub enum ConstructionWord {
        /// Paid from cash.
        Paid = "paid",
        /// Added to the debt.
        Capitalised = "capitalised",
        /// Paid as a cost of the site, from loans and equity.
        Funded = "funded",
    }
}

words! {
    /// Whether lenders may turn to the parent.
    pub enum RecourseWord {
        /// To all of it.
        Full = "full",
        /// Within limits.
        Limited = "limited",
        /// Not at all.
        None = "none",
    }
}

words! {
    /// How often a loan is served.
    pub enum PaysWord {
        /// Twelve times a year.
        Monthly = "monthly",
        /// Four times a year.
        Quarterly = "quarterly",
        /// Twice a year.
        Semiannual = "semiannual",
        /// Once a year.
        Annual = "annual",
    }
}

/// How principal comes back: a word, or a map with one of the keys below.
#[derive(Clone, Debug)]
pub enum AmortisationSpec {
    /// `equal_principal`, `level`, `bullet`.
    Word(AmortisationWord),
    /// What the terms of a schedule say.
    Schedule(ScheduleSpec),
}

impl Shape for AmortisationSpec {
    fn schema(book: &mut Book) -> Value {
        schema::any([AmortisationWord::schema(book), ScheduleSpec::schema(book)])
    }

    fn read(node: Node<'_>, findings: &mut Findings) -> Option<AmortisationSpec> {
        match node.kind {
            Kind::Map(_) => ScheduleSpec::read(node, findings).map(AmortisationSpec::Schedule),
            _ => AmortisationWord::read(node, findings).map(AmortisationSpec::Word),
        }
    }
}

shape! {
    /// A repayment schedule; exactly one of its keys is given.
    pub struct ScheduleSpec {
        /// Debt service follows the cash of the base case at this cover.
        sculpted: Option<Placed<Factor>>,
        /// Share of the debt that may be left, by date.
        target_balance: Option<Dated<Percent>>,
        /// Down to the lower of two levels.
        greater_of: Option<GreaterOfSpec>,
    }
}

shape! {
    /// The two levels that a loan is repaid down to on each date.
    pub struct GreaterOfSpec {
        /// Contracted cash ahead, at the loan's rate, is at least this many times the debt.
        coverage: Placed<Factor>,
        /// Share of the depreciated price of the racks in service that may be owed.
        advance: Placed<Percent>,
        /// Life over which the price falls: a length, or `accounting` for the life of the books.
        life: Placed<LifeSpec>,
    }
}

/// A life of collateral.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LifeSpec {
    /// The useful life of the books.
    Accounting,
    /// Its own.
    Own(Length),
}

impl Shape for LifeSpec {
    fn schema(book: &mut Book) -> Value {
        schema::any([json!({"const": "accounting"}), Length::schema(book)])
    }

    fn read(node: Node<'_>, findings: &mut Findings) -> Option<LifeSpec> {
        match &node.kind {
            Kind::Text(text) if &**text == "accounting" => Some(LifeSpec::Accounting),
            _ => Length::read(node, findings).map(LifeSpec::Own),
        }
    }
}

words! {
    /// How principal comes back.
    pub enum AmortisationWord {
        /// Equal parts of principal.
        EqualPrincipal = "equal_principal",
        /// Equal payments of interest and principal.
        Level = "level",
        /// All at maturity.
        Bullet = "bullet",
    }
}
