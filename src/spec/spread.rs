//! Values that may turn out otherwise: one value, `a < b < c`, or a distribution by name.

use serde_json::{Value, json};

use super::quantity::{Factor, Percent};
use super::schema::{self, Book, Keys};
use super::shape::{Fields, Placed, Shape, clip, expected, words};
use super::yaml::{Entry, Kind};
use super::{At, Finding, Findings, Node};

words! {
    /// The shape of a value that is written as `a < b < c` (semantics T3).
    pub enum ShapeWord {
        /// PERT, lambda 4.
        Pert = "pert",
        /// Triangular.
        Triangular = "triangular",
        /// Lognormal: location = least, mode = likely, P99 = most.
        Lognormal = "lognormal",
    }
}

/// A value and what else it may turn out to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Spread<V> {
    /// Where it stands.
    pub at: At,
    /// How it spreads.
    pub kind: SpreadKind<V>,
}

/// How a value spreads: one key of the map, the parameters below it.
#[derive(Clone, Debug, PartialEq)]
pub enum SpreadKind<V> {
    /// `12w`, or `{fixed: 12w}`.
    Single(V),
    /// `8w < 12w < 18w`, or `{triangular: 8w < 12w < 18w}`.
    Three {
        /// The file's shape where none is named.
        shape: Option<ShapeWord>,
        /// Least, likely, most.
        values: [V; 3],
    },
    /// `{pert: {min: 8w, likely: 12w, max: 18w, lambda: 4}}`.
    Pert {
        /// Least, likely, most.
        values: [V; 3],
        /// Weight of the likely value.
        lambda: Factor,
    },
    /// `{uniform: [8w, 12w]}`.
    Uniform([V; 2]),
    /// `{normal: {mean: 12w, sd: 2w}}`.
    Normal {
        /// Mean.
        mean: V,
        /// Standard deviation.
        sd: V,
    },
    /// `{lognormal: {p50: 26w, p90: 52w, from: 0w}}`.
    LognormalByPercentiles {
        /// Half of all lie below.
        p50: V,
        /// Nine of ten lie below.
        p90: V,
        /// None lies below.
        from: Option<V>,
    },
    /// `{lognormal: {median: 26w, sigma: 0.3, from: 0w}}`.
    Lognormal {
        /// Half of all lie below.
        median: V,
        /// Standard deviation of the logarithm.
        sigma: Factor,
        /// None lies below.
        from: Option<V>,
    },
    /// `{weibull: {scale: 26w, shape: 1.5, from: 0w}}`.
    Weibull {
        /// 63.2 % lie below `from + scale`.
        scale: V,
        /// Below 1 the hazard falls, above 1 it rises.
        shape: Factor,
        /// None lies below.
        from: Option<V>,
    },
    /// `{beta: {min: 8w, max: 18w, alpha: 2, beta: 4}}`.
    Beta {
        /// Least and most.
        range: [V; 2],
        /// First parameter of shape.
        alpha: Factor,
        /// Second parameter of shape.
        beta: Factor,
    },
    /// `{exponential: {mean: 4w, from: 0w}}`.
    Exponential {
        /// Mean above `from`.
        mean: V,
        /// None lies below.
        from: Option<V>,
    },
    /// `{pareto: {scale: 52w, alpha: 1.5, cap: 416w}}`.
    Pareto {
        /// The least value.
        scale: V,
        /// Tail index.
        alpha: Factor,
        /// What lies above counts as this.
        cap: Option<V>,
    },
    /// `{discrete: {3w: 50%, 7w: 50%}}`.
    Discrete(Vec<(V, Percent)>),
    /// `{empirical: [3w, 4w, 4.5w, 9w]}`: what was observed.
    Empirical(Vec<V>),
    /// `{mixture: [{share: 50%, fixed: 0w}, {share: 50%, lognormal: {…}}]}`.
    Mixture(Vec<(Percent, Spread<V>)>),
}

/// The names that a map may hold, in the order in which errors list them.
const NAMES: &[&str] = &[
    "fixed",
    "pert",
    "triangular",
    "lognormal",
    "uniform",
    "normal",
    "weibull",
    "beta",
    "exponential",
    "pareto",
    "discrete",
    "empirical",
    "mixture",
];

impl<V> Spread<V> {
    /// Each value that it is made of.
    pub fn values(&self) -> Vec<&V> {
        match &self.kind {
            SpreadKind::Single(value) => vec![value],
            SpreadKind::Three { values, .. } | SpreadKind::Pert { values, .. } => {
                values.iter().collect()
            }
            SpreadKind::Uniform(range) | SpreadKind::Beta { range, .. } => range.iter().collect(),
            SpreadKind::Normal { mean, sd } => vec![mean, sd],
            SpreadKind::LognormalByPercentiles { p50, p90, from } => {
                [p50, p90].into_iter().chain(from).collect()
            }
            SpreadKind::Lognormal { median: value, from, .. }
            | SpreadKind::Weibull { scale: value, from, .. }
            | SpreadKind::Exponential { mean: value, from }
            | SpreadKind::Pareto { scale: value, cap: from, .. } => {
                std::iter::once(value).chain(from).collect()
            }
            SpreadKind::Discrete(list) => list.iter().map(|(value, _)| value).collect(),
            SpreadKind::Empirical(list) => list.iter().collect(),
            SpreadKind::Mixture(parts) => {
                parts.iter().flat_map(|(_, part)| part.values()).collect()
            }
        }
    }

    /// Whether it is one value and nothing else.
    pub fn is_single(&self) -> bool {
        matches!(self.kind, SpreadKind::Single(_))
    }
}

impl<V: Shape> Shape for Spread<V> {
    fn schema(book: &mut Book) -> Value {
        let value = V::schema(book);
        let (name, pattern) = book.behind(&value);
        book.define(&format!("{name}Spread"), |book| {
            let three = format!("(?:{pattern})(?:\\s*<\\s*(?:{pattern})){{2}}");
            let three = schema::told("min < likely < max", schema::text(&three, &[]));
            let doc = "A distribution by name.";
            let named = distributions::<V>(&three, book).closed(doc, book);
            schema::any([value, three, named])
        })
    }

    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Spread<V>> {
        let at = node.at;
        let kind = match &node.kind {
            Kind::Text(text) if text.contains('<') => {
                SpreadKind::Three { shape: None, values: three(at, text, findings)? }
            }
            Kind::Map(_) => return named(node, None, findings),
            _ => SpreadKind::Single(V::read(node, findings)?),
        };
        Some(Spread { at, kind })
    }

    fn broken() -> Option<Spread<V>> {
        let at = At::default();
        V::broken().map(|value| Spread { at, kind: SpreadKind::Single(value) })
    }
}

/// The names that a map may hold, each with its parameters.
fn distributions<V: Shape>(three: &Value, book: &mut Book) -> Keys {
    let (value, factor) = (V::schema(book), Factor::schema(book));
    let percent = Percent::schema(book);
    let (part, _) = book.behind(&value);
    let map = |book: &mut Book, doc: &str, names: &[&'static str]| {
        let mut keys = Keys::default();
        for name in names {
            let of = match *name {
                "lambda" | "sigma" | "shape" | "alpha" | "beta" => factor.clone(),
                _ => value.clone(),
            };
            keys.add(name, doc_of(name), false, of);
        }
        keys.closed(doc, book)
    };
    let list = schema::exactly(3, value.clone());
    let by_three = |of: Value| schema::any([three.clone(), list.clone(), of]);
    let mut keys = Keys::default();
    let mut add = |name, doc, of| keys.add(name, doc, false, of);
    let around = ["min", "likely", "max", "lambda"];
    add("fixed", "One value.", value.clone());
    add("pert", "PERT.", by_three(map(book, "PERT.", &around)));
    add("triangular", "Triangular.", by_three(map(book, "Triangular.", &around)));
    let logs = ["p50", "p90", "from", "median", "sigma"];
    let logs = map(book, "By two percentiles, or by median and sigma of the logarithm.", &logs);
    add("lognormal", "Lognormal.", by_three(logs));
    add("uniform", "Least and most.", schema::exactly(2, value.clone()));
    add("normal", "Normal.", map(book, "Normal.", &["mean", "sd"]));
    add("weibull", "Weibull.", map(book, "Weibull.", &["scale", "shape", "from"]));
    add("beta", "Beta.", map(book, "Beta.", &["min", "max", "alpha", "beta"]));
    add("exponential", "Exponential.", map(book, "Exponential.", &["mean", "from"]));
    add("pareto", "Pareto.", map(book, "Pareto.", &["scale", "alpha", "cap"]));
    let outcomes = schema::named(percent.clone(), book);
    add("discrete", "Values and their probabilities: {3w: 50%, 7w: 50%}.", outcomes);
    let seen = Vec::<V>::schema(book);
    add("empirical", "What was observed.", seen);
    let part = book.define(&format!("{part}SpreadPart"), |book| {
        let mut keys = distributions::<V>(three, book);
        keys.add("share", "How often it is this one.", false, percent);
        keys.closed("A part of a mixture.", book)
    });
    add("mixture", "One of several, by chance.", json!({"type": "array", "items": part}));
    keys
}

/// What a parameter is.
fn doc_of(parameter: &str) -> &'static str {
    match parameter {
        "min" => "Least.",
        "likely" => "Likely.",
        "max" => "Most.",
        "lambda" => "Weight of the likely value; 4 unless given.",
        "p50" | "median" => "Half of all lie below.",
        "p90" => "Nine of ten lie below.",
        "from" => "None lies below.",
        "sigma" => "Standard deviation of the logarithm.",
        "mean" => "Mean.",
        "sd" => "Standard deviation.",
        "scale" => "Scale: 63.2 % lie below it (Weibull); the least value (Pareto).",
        "shape" => "Below 1 the hazard falls, above 1 it rises.",
        "cap" => "What lies above counts as this.",
        _ => "A parameter of shape.",
    }
}

/// `a < b < c`, each with its unit.
fn three<V: Shape>(at: At, text: &str, findings: &mut Findings) -> Option<[V; 3]> {
    let parts: Vec<&str> = text.split('<').collect();
    let [min, likely, max] = parts[..] else {
        let message = format!("expected min < likely < max, found `{}`", clip(text));
        findings.push(Finding::error("distribution", at, message));
        return None;
    };
    let mut read = |part: &str| {
        V::read(Node { at, kind: Kind::Text(part.trim().to_owned().into()) }, findings)
    };
    Some([read(min)?, read(likely)?, read(max)?])
}

/// A map with one distribution in it; `beside` is a key that may stand beside.
fn named<V: Shape>(
    node: Node<'_>,
    beside: Option<&str>,
    findings: &mut Findings,
) -> Option<Spread<V>> {
    let at = node.at;
    let Kind::Map(entries) = node.kind else {
        findings.push(expected("distribution", "a distribution by name", &node, at));
        return None;
    };
    let mut entries: Vec<Entry<'_>> =
        entries.into_iter().filter(|entry| Some(&*entry.key) != beside).collect();
    let known = entries.iter().position(|entry| NAMES.contains(&&*entry.key));
    let (Some(known), 1) = (known, entries.len()) else {
        let stray = entries.iter().find(|entry| !NAMES.contains(&&*entry.key));
        let message = match stray {
            Some(stray) => format!("no distribution is called `{}`", clip(&stray.key)),
            None => "expected one distribution".to_owned(),
        };
        let near = stray.and_then(|stray| super::nearest(&stray.key, NAMES.iter().copied()));
        let help = near.unwrap_or_else(|| format!("one of {}", NAMES.join(", ")));
        let at = stray.map_or(at, |stray| stray.at);
        findings.push(Finding::error("distribution", at, message).help(help));
        return None;
    };
    let Entry { key, value, .. } = entries.swap_remove(known);
    let kind = by_name(&key, value, findings)?;
    Some(Spread { at, kind })
}

fn by_name<V: Shape>(name: &str, node: Node<'_>, findings: &mut Findings) -> Option<SpreadKind<V>> {
    let at = node.at;
    if let (Kind::Text(text), Some(shape)) = (&node.kind, shape_named(name)) {
        return Some(SpreadKind::Three { shape: Some(shape), values: three(at, text, findings)? });
    }
    if let Some(shape) = shape_named(name).filter(|_| matches!(node.kind, Kind::List(_))) {
        let values = list(node, 3, "min, likely and max", findings)?.try_into().ok()?;
        return Some(SpreadKind::Three { shape: Some(shape), values });
    }
    Some(match name {
        "fixed" => SpreadKind::Single(V::read(node, findings)?),
        "uniform" => {
            SpreadKind::Uniform(list(node, 2, "least and most", findings)?.try_into().ok()?)
        }
        "discrete" => SpreadKind::Discrete(outcomes(node, findings)?),
        "empirical" => SpreadKind::Empirical(Vec::<V>::read(node, findings)?),
        "mixture" => SpreadKind::Mixture(mixture(node, findings)?),
        _ => by_parameters(name, node, findings)?,
    })
}

fn shape_named(name: &str) -> Option<ShapeWord> {
    match name {
        "pert" => Some(ShapeWord::Pert),
        "triangular" => Some(ShapeWord::Triangular),
        "lognormal" => Some(ShapeWord::Lognormal),
        _ => None,
    }
}

/// Distributions whose parameters are a map.
fn by_parameters<V: Shape>(
    name: &str,
    node: Node<'_>,
    findings: &mut Findings,
) -> Option<SpreadKind<V>> {
    let by_percentiles = node.get("p50").is_some() || node.get("p90").is_some();
    let known: &[&str] = match name {
        "pert" | "triangular" => &["min", "likely", "max", "lambda"],
        "normal" => &["mean", "sd"],
        "lognormal" if by_percentiles => &["p50", "p90", "from"],
        "lognormal" => &["median", "sigma", "from"],
        "weibull" => &["scale", "shape", "from"],
        "beta" => &["min", "max", "alpha", "beta"],
        "exponential" => &["mean", "from"],
        _ => &["scale", "alpha", "cap"],
    };
    let mut fields = Fields::open(node, known, findings)?;
    let f = &mut fields;
    let kind = match name {
        "pert" | "triangular" => {
            let (min, likely) = (f.take("min", findings), f.take("likely", findings));
            let (max, lambda) =
                (f.take("max", findings), f.take::<Option<Factor>>("lambda", findings));
            let values = [min?, likely?, max?];
            match (name, lambda?) {
                ("pert", Some(lambda)) => SpreadKind::Pert { values, lambda },
                _ => SpreadKind::Three { shape: shape_named(name), values },
            }
        }
        "normal" => {
            let (mean, sd) = (f.take("mean", findings), f.take("sd", findings));
            SpreadKind::Normal { mean: mean?, sd: sd? }
        }
        "lognormal" if by_percentiles => {
            let (p50, p90) = (f.take("p50", findings), f.take("p90", findings));
            let from = f.take("from", findings);
            SpreadKind::LognormalByPercentiles { p50: p50?, p90: p90?, from: from? }
        }
        "lognormal" => {
            let (median, sigma) = (f.take("median", findings), f.take("sigma", findings));
            let from = f.take("from", findings);
            SpreadKind::Lognormal { median: median?, sigma: sigma?, from: from? }
        }
        "weibull" => {
            let (scale, shape) = (f.take("scale", findings), f.take("shape", findings));
            let from = f.take("from", findings);
            SpreadKind::Weibull { scale: scale?, shape: shape?, from: from? }
        }
        "beta" => {
            let (min, max) = (f.take("min", findings), f.take("max", findings));
            let (alpha, beta) = (f.take("alpha", findings), f.take("beta", findings));
            SpreadKind::Beta { range: [min?, max?], alpha: alpha?, beta: beta? }
        }
        "exponential" => {
            let (mean, from) = (f.take("mean", findings), f.take("from", findings));
            SpreadKind::Exponential { mean: mean?, from: from? }
        }
        _ => {
            let (scale, alpha) = (f.take("scale", findings), f.take("alpha", findings));
            let cap = f.take("cap", findings);
            SpreadKind::Pareto { scale: scale?, alpha: alpha?, cap: cap? }
        }
    };
    fields.close(findings);
    Some(kind)
}

fn list<V: Shape>(
    node: Node<'_>,
    count: usize,
    what: &str,
    findings: &mut Findings,
) -> Option<Vec<V>> {
    let at = node.at;
    let values = Vec::<V>::read(node, findings)?;
    if values.len() != count {
        let message = format!("expected a list of {what}");
        findings.push(Finding::error("distribution", at, message));
        return None;
    }
    Some(values)
}

/// `{3w: 50%, 7w: 50%}`.
fn outcomes<V: Shape>(node: Node<'_>, findings: &mut Findings) -> Option<Vec<(V, Percent)>> {
    let at = node.at;
    let Kind::Map(entries) = node.kind else {
        let what = "a map of values and their probabilities such as {3w: 50%, 7w: 50%}";
        findings.push(expected("distribution", what, &node, at));
        return None;
    };
    let mut list = Vec::new();
    for Entry { at, key, value } in entries {
        let key = Node { at, kind: Kind::Text(key.into_owned().into()) };
        list.push((V::read(key, findings)?, Percent::read(value, findings)?));
    }
    Some(list)
}

/// `[{share: 50%, fixed: 0w}, …]`.
fn mixture<V: Shape>(node: Node<'_>, findings: &mut Findings) -> Option<Vec<(Percent, Spread<V>)>> {
    let at = node.at;
    let Kind::List(items) = node.kind else {
        let what = "a list of distributions, each with its `share`";
        findings.push(expected("distribution", what, &node, at));
        return None;
    };
    let mut parts = Vec::new();
    for item in items {
        let Some(share) = item.get("share").map(|entry| entry.value.clone()) else {
            let message = "a part of a mixture needs its `share`";
            let help = "for example `{share: 50%, fixed: 0w}`";
            findings.push(Finding::error("distribution", item.at, message).help(help));
            return None;
        };
        let share = Percent::read(share, findings)?;
        parts.push((share, named(item, Some("share"), findings)?));
    }
    Some(parts)
}

/// A probability: a share from nothing to one.
pub fn probability(share: &Placed<Percent>, findings: &mut Findings) -> f64 {
    if !(0..=1_000_000_000).contains(&share.value.0.0) {
        let message = "a probability lies between 0% and 100%";
        findings.push(Finding::error("probability", share.at, message));
    }
    share.value.0.0 as f64 / 1e9
}
