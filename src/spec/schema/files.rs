//! The three kinds of file as a whole, and the parts of them that are kept as they are to be read
//! later: templates that are repeated, edits of single repetitions, sites of a portfolio.

use serde_json::{Value, json};

use super::{Book, Keys, any, dated, named, one_or_more, told};
use crate::spec::activity::ActivitySpec;
use crate::spec::attach::AttachSpec;
use crate::spec::changes::Changes;
use crate::spec::portfolio::{MemberSpec, SharedSpec};
use crate::spec::quantity::Watts;
use crate::spec::risk::{FactorSpec, RiskSpec};
use crate::spec::scenario::ScenarioHead;
use crate::spec::shape::{Placed, Record, Shape};
use crate::spec::site::{BuildingSpec, ClusterSpec, HallSpec, LotSpec, RepeatSpec, SiteSpec};
use crate::time::Day;

/// The schema of a site file, and of what is laid over one.
pub fn site() -> Value {
    let mut book = Book::new(true);
    let keys = SiteSpec::keys(&mut book).with(beside(&mut book)).with(attached(&mut book));
    let keys = revised(keys, &mut book);
    let mut root = keys.closed("A site.", &mut book);
    root["anyOf"] = json!([{"required": ["site", "start"]}, {"required": ["base"]}]);
    book.bind("energize: a site", root)
}

/// The schema of a portfolio file.
pub fn portfolio() -> Value {
    let mut book = Book::new(true);
    let keys = SharedSpec::keys(&mut book).with(SiteSpec::keys(&mut book).without("site"));
    let mut keys = keys.with(beside(&mut book));
    let risk = shared_risk(&mut book);
    keys.add("risk", "What may turn out otherwise, for several sites at once.", false, risk);
    let keys = revised(keys, &mut book);
    let mut root = keys.closed("A portfolio of sites.", &mut book);
    root["anyOf"] = json!([{"required": ["portfolio"]}, {"required": ["base"]}]);
    book.bind("energize: a portfolio", root)
}

/// The schema of a scenario file.
pub fn scenario() -> Value {
    let mut book = Book::new(false);
    book.whole = true;
    let keys = ScenarioHead::keys(&mut book).with(Changes::keys(&mut book));
    let root = keys.closed("What is changed in a site or portfolio.", &mut book);
    book.bind("energize: a scenario", root)
}

/// Keys of the file itself.
fn beside(book: &mut Book) -> Keys {
    let mut keys = Keys::default();
    let base = String::schema(book);
    keys.add("base", "The file that this one is laid over.", false, base);
    keys
}

/// Rules that add keys to activities.
fn attached(book: &mut Book) -> Keys {
    let mut keys = Keys::default();
    let rules = Vec::<AttachSpec>::schema(book);
    keys.add("attach", "Keys that are added to the activities that a pattern finds.", false, rules);
    keys
}

/// Adds what became known later: overlays, each with its day. What they hold may be a part of
/// anything, so only its first keys are told.
fn revised(mut keys: Keys, book: &mut Book) -> Keys {
    let mut revision = Keys::default();
    let day = Day::schema(book);
    revision.add("known", "Since when this revision is known.", true, day);
    for told in ["source", "note"] {
        revision.add(told, "Free text for readers of the file.", false, json!({}));
    }
    for (key, _) in &keys.properties {
        revision.properties.insert(key.clone(), json!({}));
    }
    let revision = book.item(|book| revision.closed("Laid over the file from its day on.", book));
    let doc = "What became known later, laid over the file in the order of the days.";
    keys.add("revisions", doc, false, one_or_more(revision));
    keys
}

/// The risk of a portfolio: its factors say which sites share them.
fn shared_risk(book: &mut Book) -> Value {
    book.define("SharedRisk", |book| {
        let mut keys = RiskSpec::keys(book);
        let factor = book.define("SharedFactor", |book| {
            let mut keys = FactorSpec::keys(book);
            let sites = Vec::<Placed<String>>::schema(book);
            keys.add("sites", "Sites that share it; all where it is not given.", false, sites);
            keys.closed("A factor that scales many values at several sites.", book)
        });
        let factors = named(factor, book);
        keys.add("factors", "Common factors: what scales many values at once.", false, factors);
        keys.closed("What may turn out otherwise, for several sites at once.", book)
    })
}

/// Templates that are repeated: one or a list of them, each with its own keys and those of the
/// repetition.
pub fn template<T: Record>(book: &mut Book) -> Value {
    let name = T::schema(book);
    let name = format!("{}Template", book.behind(&name).0);
    let one = book.define(&name, |book| {
        let doc = "Written once, repeated `count` times.";
        RepeatSpec::keys(book).with(T::keys(book)).closed(doc, book)
    });
    one_or_more(one)
}

/// Changes to single repetitions, by path.
pub fn edits(book: &mut Book) -> Value {
    let (activity, cluster) = (ActivitySpec::schema(book), ClusterSpec::schema(book));
    let all = named(activity.clone(), book);
    let (hall, building) = (HallSpec::schema(book), BuildingSpec::schema(book));
    let halls = any([activity.clone(), hall, cluster, all.clone()]);
    let lot = LotSpec::schema(book);
    json!({
        "type": ["object", "null"],
        "patternProperties": {
            "^halls\\..": halls,
            "^buildings\\..": any([activity, building, all]),
            "^lots\\..": any([lot, json!({"type": ["object", "array"]})]),
        },
        "additionalProperties": false,
    })
}

/// Promised dates: a few fixed keys, and a date for any activity or `<hall>.rfs`.
pub fn plan(book: &mut Book) -> Value {
    let day = Day::schema(book);
    let capacity = Watts::schema(book);
    let capacity = dated(capacity, book);
    json!({
        "type": ["object", "null"],
        "properties": {
            "source": told("Where the promise stands.", String::schema(book)),
            "first_online": told("When the first IT power is online.", day.clone()),
            "half_online": told("When half of it is.", day.clone()),
            "all_online": told("When all of it is.", day.clone()),
            "capacity": told("IT power online, by date.", capacity),
        },
        "additionalProperties": told("When an activity, or a hall as `hall-1.rfs`, is done.", day),
    })
}

/// Bodies of sites that are written once.
pub fn archetypes(book: &mut Book) -> Value {
    let body = book.define("Archetype", |book| {
        let keys = SiteSpec::keys(book).with(beside(book)).with(attached(book));
        keys.closed("The keys of a site file that sites which are like it share.", book)
    });
    named(body, book)
}

/// The sites of a portfolio: the keys of a site file, where it is from, and what is changed in it.
pub fn sites(book: &mut Book) -> Value {
    let member = book.define("SiteOfPortfolio", |book| {
        let keys = MemberSpec::keys(book).with(Changes::keys(book));
        let keys = keys.with(SiteSpec::keys(book)).with(beside(book)).with(attached(book));
        keys.closed("One site of the portfolio.", book)
    });
    named(member, book)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::spec::yaml::{Entry, Kind};
    use crate::spec::{At, Findings, Node};
    use crate::spec::{activity, contract, covenant, fleet, loan, money, portfolio, risk};
    use crate::spec::{site as shapes, spread};

    /// The keys that the reader of a shape names when it meets one that it does not know.
    fn of_reader<T: Shape>() -> BTreeSet<String> {
        let at = At::default();
        let value = Node { at, kind: Kind::Text("1".into()) };
        let entry = Entry { at, key: "qqqqqqqqqqqq".into(), value };
        let mut findings = Findings::default();
        T::read(Node { at, kind: Kind::Map(vec![entry]) }, &mut findings);
        let findings = findings.into_sorted();
        let unknown = findings.iter().find(|finding| finding.id == "unknown-key");
        let help = unknown.and_then(|finding| finding.help.clone()).expect("a key is refused");
        let known = help.strip_prefix("known here: ").expect("all keys are named");
        known.split(", ").map(str::to_owned).collect()
    }

    fn of_schema(definition: &Value) -> BTreeSet<String> {
        let keys = definition["properties"].as_object().expect("a map").keys();
        keys.filter(|key| *key != "known").cloned().collect()
    }

    macro_rules! shapes {
        ($($ty:ty),* $(,)?) => {{
            let mut book = Book::new(true);
            let mut named = BTreeMap::new();
            $({
                let schema = <$ty>::schema(&mut book);
                named.insert(book.behind(&schema).0, of_reader::<$ty>());
            })*
            (book, named)
        }};
    }

    #[test]
    fn every_key_that_the_reader_knows_is_in_the_schema_and_no_other() {
        let (book, named) = shapes![
            SiteSpec,
            shapes::RulesMap,
            shapes::CalendarSpec,
            shapes::ResourceMap,
            RepeatSpec,
            BuildingSpec,
            HallSpec,
            ClusterSpec,
            LotSpec,
            ActivitySpec,
            activity::PaySpec,
            activity::LinkMap,
            AttachSpec,
            contract::ContractSpec,
            contract::DamagesSpec,
            contract::ConsiderationSpec,
            contract::ReletSpec,
            covenant::DscrSpec,
            covenant::CovenantSpec,
            covenant::AmendmentSpec,
            covenant::OwnValueSpec,
            covenant::CureSpec,
            covenant::TaxSpec,
            fleet::VintageSpec,
            loan::LoanSpec,
            loan::ScheduleSpec,
            loan::GreaterOfSpec,
            money::PowerSpec,
            money::ShellSpec,
            money::OperationSpec,
            money::PlatformSpec,
            money::RackPaySpec,
            money::LivesSpec,
            money::DepreciationSpec,
            money::OpeningSpec,
            money::OpeningAssetSpec,
            money::EquitySpec,
            MemberSpec,
            portfolio::SharedSpec,
            RiskSpec,
            FactorSpec,
            risk::RiskEventSpec,
            risk::CorrelationSpec,
            risk::BranchSpec,
            risk::WeatherSpec,
            risk::OutsideViewSpec,
            risk::LastMileSpec,
            risk::ReworkSpec,
            Changes,
            ScenarioHead,
        ];
        for (name, keys) in &named {
            assert_eq!(of_schema(&book.definitions[name]), *keys, "{name}");
        }
        // What is made of several shapes, or read by hand; the distributions have a test below.
        let made = ["Archetype", "SiteOfPortfolio", "SharedRisk", "SharedFactor", "LongStop"];
        let made = |name: &str| {
            made.contains(&name) || name.ends_with("Template") || name.contains("Spread")
        };
        let all = [site(), super::portfolio()];
        let maps = all.iter().flat_map(|schema| schema["definitions"].as_object().expect("some"));
        for (name, schema) in maps.filter(|(_, schema)| schema["additionalProperties"] == false) {
            let told = named.contains_key(name) || made(name);
            assert!(told || schema["properties"].is_null(), "{name} is compared with no reader");
        }
    }

    #[test]
    fn every_distribution_is_told() {
        let mut book = Book::new(false);
        let schema = spread::Spread::<crate::time::Length>::schema(&mut book);
        let (name, _) = book.behind(&schema);
        let map = &book.definitions[&name]["anyOf"][2]["properties"];
        for (name, said) in map.as_object().expect("a map") {
            let text = match name.as_str() {
                "fixed" | "empirical" => "2w".to_owned(),
                "uniform" => "[2w, 3w]".into(),
                "discrete" => "{2w: 50%, 3w: 50%}".into(),
                "mixture" => "[{share: 100%, fixed: 0w}]".into(),
                "lognormal" => "{p50: 2w, p90: 3w, from: 1w}".into(),
                _ => {
                    let maps = said["anyOf"].as_array().into_iter().flatten().chain([said]);
                    let maps: Vec<&Value> = maps.collect();
                    let map = maps.iter().find(|map| map["properties"].is_object());
                    let keys = map.expect("parameters")["properties"].as_object().expect("some");
                    let value = |key: &String| match keys[key]["$ref"].as_str() {
                        Some("#/definitions/Ratio") => format!("{key}: 2"),
                        _ => format!("{key}: 2w"),
                    };
                    let pairs: Vec<String> = keys.keys().map(value).collect();
                    format!("{{{}}}", pairs.join(", "))
                }
            };
            let text = format!("{name}: {text}");
            let mut findings = Findings::default();
            let node = crate::spec::yaml::parse(0, &text, &mut findings).expect("yaml");
            let read = spread::Spread::<crate::time::Length>::read(node, &mut findings);
            let found = findings.into_sorted();
            assert!(read.is_some() && found.is_empty(), "{text}: {found:?}");
        }
    }

    #[test]
    fn every_word_of_an_enum_is_read() {
        fn words<T: Shape>() {
            let mut book = Book::new(false);
            let schema = T::schema(&mut book);
            let (name, _) = book.behind(&schema);
            let words = book.definitions[&name]["enum"].as_array().expect("words").clone();
            for word in words {
                let text = word.as_str().map_or_else(|| word.to_string(), str::to_owned);
                let node = Node { at: At::default(), kind: Kind::Text(text.into()) };
                assert!(T::read(node, &mut Findings::default()).is_some(), "{name}: {word}");
            }
        }
        words::<bool>();
        words::<activity::MilestoneWord>();
        words::<activity::ConstraintWord>();
        words::<loan::DayCountWord>();
        words::<loan::KindWord>();
        words::<covenant::TestWord>();
        words::<spread::ShapeWord>();
    }
}
