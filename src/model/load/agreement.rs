//! What the sites of a portfolio and the portfolio itself must have in common, and what a site says
//! that its portfolio says for all. Both places are named.

use std::collections::BTreeMap;

use super::{scheduling, terms};
use crate::model::Site;
use crate::money::Currency;
use crate::spec::site::SiteSpec;
use crate::spec::{At, Finding, Findings, Node, Placed};
use crate::time::Minute;

/// Keys of a site file that nothing reads in a portfolio: it has one set of books.
const NOT_READ: [&str; 6] =
    ["capitalised_interest", "carrying_cost", "equity", "horizon", "opening", "tax"];

/// Keys in which a site must agree with its portfolio.
const AGREED: [&str; 4] = ["currency", "lives", "rules", "status_date"];

/// Where a tree says what a portfolio says for all.
#[derive(Clone, Debug, Default)]
pub struct Stated(BTreeMap<&'static str, At>);

impl Stated {
    /// The places of a tree.
    pub fn of(root: &Node<'_>) -> Stated {
        let keys = NOT_READ.into_iter().chain(AGREED);
        Stated(keys.filter_map(|key| Some((key, root.get(key)?.at))).collect())
    }

    /// Where a key stands, or what stands in for it.
    fn place(&self, key: &str, instead: At) -> At {
        self.0.get(key).copied().unwrap_or(instead)
    }
}

/// Warns of what a site says and nothing reads: equity, opening, tax, horizon. What several sites
/// have from one archetype is told once.
pub fn warn_of_unread(site: &Stated, portfolio: &Stated, own: At, findings: &mut Findings) {
    for key in NOT_READ {
        let Some(&at) = site.0.get(key) else { continue };
        let message = format!("`{key}` of a site is not used: a portfolio has one set of books");
        let finding = Finding::warning("site-key-not-used", at, message);
        let (other, label, help) = match portfolio.0.get(key) {
            Some(&other) => {
                (other, "this counts", format!("leave it out: `remove: [{key}]` at the site"))
            }
            None => {
                let help = format!("say it for all: `{key}:` in the portfolio");
                (own, "the portfolio says nothing of it", help)
            }
        };
        findings.push(finding.also(other, label).help(help));
    }
}

/// One currency, one status date, one set of rules.
pub fn check(
    own: &SiteSpec,
    portfolio: &Stated,
    (id, site, stated): (&Placed<String>, &Site, &Stated),
    findings: &mut Findings,
) {
    let reporting = own.currency.unwrap_or(Currency::USD);
    let status = own.status_date.as_ref().map(|date| date.value);
    let mut differs = |key: &str, [here, there]: [String; 2], help: &str| {
        let what = key.replace('_', " ");
        let message = format!("`{}` has the {what} {there}, the portfolio {here}", id.value);
        let finding = Finding::error("disagreement", stated.place(key, id.at), message);
        let other = portfolio.place(key, own.site.at);
        findings.push(finding.also(other, format!("{here} here")).help(help));
    };
    let theirs = site.terms.fx.reporting();
    if theirs != reporting {
        let help = "one set of books has one currency: state `currency:` at the site, and an \
                    exchange rate for what it pays in its own";
        differs("currency", [reporting, theirs].map(|currency| currency.to_string()), help);
    }
    // Without a status date of its own the portfolio runs past theirs.
    if status.is_some() && site.plan.status != status {
        let text = |at: Option<Minute>| at.map_or("none".to_owned(), |at| at.day().to_string());
        let help = "what has happened is told up to one day: state `status_date:` at the site";
        differs("status_date", [text(status), text(site.plan.status)], help);
    }
    let rules = [scheduling::rules(own), site.plan.scheduling.rules];
    if rules[0] != rules[1] {
        let help = "one network is dated by one set of rules";
        differs("rules", rules.map(|rules| format!("{rules:?}")), help);
    }
    if site.terms.lives.months != terms::lives(own, &mut Findings::default()).months {
        let message = format!("`{}` has useful lives of its own: the portfolio's count", id.value);
        let finding = Finding::warning("lives-overruled", stated.place("lives", id.at), message);
        let other = portfolio.place("lives", own.site.at);
        findings.push(finding.also(other, "these count"));
    }
}
