//! `energize schema`: what it says of files is what the reader does with them.

use std::fs;
use std::path::{Path, PathBuf};

use energize::exchange;
use energize::model::{Input, MemberFile, load};
use energize::spec::yaml::{self, Kind, Node};
use energize::spec::{Findings, overlay, portfolio, schema};
use jsonschema::{Validator, draft7};
use serde_json::{Map, Value};

use super::fixture::Fixture;

const SITES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/sites");

/// A tree as an editor takes it: YAML 1.2 gives scalars without quotes a type.
fn as_json(node: &Node<'_>) -> Value {
    match &node.kind {
        Kind::Null => Value::Null,
        Kind::Text(text) => scalar(text),
        Kind::List(items) => items.iter().map(as_json).collect(),
        Kind::Map(entries) => {
            let entry = |entry: &yaml::Entry<'_>| (entry.key.to_string(), as_json(&entry.value));
            Value::Object(entries.iter().map(entry).collect())
        }
    }
}

fn scalar(text: &str) -> Value {
    let digits = text.trim_start_matches(['-', '+']);
    let number = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    match text {
        "true" => true.into(),
        "false" => false.into(),
        _ if number => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        _ => text.into(),
    }
}

fn tree(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap();
    as_json(&yaml::parse(0, &text, &mut Findings::default()).unwrap())
}

/// Which schema a file is for, by the key that names it.
fn kind(file: &Value) -> &'static str {
    let has = |key: &str| file.get(key).is_some();
    match (has("portfolio"), has("scenario")) {
        (true, _) => "portfolio",
        (_, true) => "scenario",
        _ => "site",
    }
}

fn judge(kind: &str) -> Validator {
    let schema = match kind {
        "site" => schema::site(),
        "portfolio" => schema::portfolio(),
        _ => schema::scenario(),
    };
    assert!(draft7::meta::is_valid(&schema), "{kind}");
    draft7::new(&schema).unwrap()
}

fn faults(judge: &Validator, file: &Value) -> Vec<String> {
    let fault = |error: jsonschema::ValidationError<'_>| {
        format!("{}: {error}", error.instance_path()).chars().take(300).collect()
    };
    judge.iter_errors(file).map(fault).collect()
}

fn yaml_files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let yaml = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "yaml");
    let mut files: Vec<PathBuf> = entries.filter(yaml).collect();
    files.sort();
    files
}

fn shipped() -> Vec<PathBuf> {
    let scenarios = format!("{SITES}/scenarios");
    yaml_files(SITES).into_iter().chain(yaml_files(&scenarios)).collect()
}

#[test]
fn every_shipped_file_is_right_by_its_schema() {
    let files = shipped();
    assert!(files.len() > 15, "{files:?}");
    let judges = ["site", "portfolio", "scenario"].map(|kind| (kind, judge(kind)));
    for path in files {
        let file = tree(&path);
        let (_, judge) = judges.iter().find(|(name, _)| *name == kind(&file)).unwrap();
        assert_eq!(faults(judge, &file), [""; 0], "{}", path.display());
    }
}

#[test]
fn every_shipped_file_tells_editors_of_the_schema_that_ships_beside_it() {
    for path in shipped() {
        let text = fs::read_to_string(&path).unwrap();
        let first = text.lines().next().unwrap();
        let schema = first.strip_prefix("# yaml-language-server: $schema=");
        let schema = schema.unwrap_or_else(|| panic!("{}: {first}", path.display()));
        let schema = path.parent().unwrap().join(schema);
        let name = schema.file_stem().unwrap().to_str().unwrap();
        assert_eq!(name, kind(&tree(&path)), "{}", path.display());
        assert!(schema.exists(), "{}", schema.display());
    }
}

#[test]
fn the_schemas_that_ship_are_those_that_the_program_prints() {
    for kind in ["site", "portfolio", "scenario"] {
        let printed = Fixture::new().run(["schema", kind]).fine();
        let kept = fs::read_to_string(format!("{SITES}/schema/{kind}.json")).unwrap();
        let help = "energize schema KIND > sites/schema/KIND.json makes it again";
        assert!(printed == kept, "sites/schema/{kind}.json is old: {help}");
    }
}

/// Ids of findings that say that a key is not known, or is missed where it should be.
const UNKNOWN: [&str; 4] = ["unknown-key", "missing-key", "distribution", "date"];

/// What the reader says of a tree: whether a key is not known to it.
fn reader_knows_all(file: &Value, beneath: &[(String, Vec<u8>)], members: &[MemberFile]) -> bool {
    let text = file.to_string().into_bytes();
    let mut layers = beneath.to_vec();
    layers.push(("changed.yaml".into(), text));
    let (name, text) = layers.remove(0);
    let members = members.to_vec();
    let loaded = load(Input { name, text, overlays: layers, members, ..Input::default() });
    let found = loaded.findings.iter().find(|finding| UNKNOWN.contains(&finding.id));
    found.is_none()
}

/// The trees in which one key is misspelt, with its path.
fn misspelt(file: &Value) -> Vec<(String, Value)> {
    let mut paths = Vec::new();
    gather(file, String::new(), &mut paths);
    let rename = |path: String| {
        let mut changed = file.clone();
        let (holder, key) = path.rsplit_once('/').unwrap();
        let map = changed.pointer_mut(holder).unwrap().as_object_mut().unwrap();
        let key = key.replace("~1", "/").replace("~0", "~");
        let entries = std::mem::take(map).into_iter();
        let misspelt = |(name, value)| match name == key {
            true => (format!("{name}qx"), value),
            false => (name, value),
        };
        *map = entries.map(misspelt).collect::<Map<_, _>>();
        (path, changed)
    };
    paths.into_iter().map(rename).collect()
}

fn gather(node: &Value, path: String, paths: &mut Vec<String>) {
    match node {
        Value::Object(map) => {
            for (key, value) in map {
                let path = format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"));
                paths.push(path.clone());
                gather(value, path, paths);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                gather(item, format!("{path}/{at}"), paths);
            }
        }
        _ => {}
    }
}

/// Each misspelt key is refused by both or by neither: names are free.
fn agree(path: &str, every: usize) {
    let path = PathBuf::from(format!("{SITES}/{path}"));
    let file = tree(&path);
    let judge = judge(kind(&file));
    let bytes = |name: &str| fs::read(path.with_file_name(name)).unwrap();
    let beneath = overlay::base(&fs::read_to_string(&path).unwrap()).map(|base| {
        let schedule = exchange::read(bytes(&base)).unwrap();
        let mut lowered = exchange::lower(&schedule, schedule.rules).unwrap();
        (base.clone(), exchange::site_text(&schedule, &mut lowered, &base).into_bytes())
    });
    let beneath: Vec<_> = beneath.into_iter().collect();
    let members = portfolio::files(&fs::read_to_string(&path).unwrap()).into_iter();
    let member =
        |name: String| MemberFile { layers: Ok(vec![(name.clone(), bytes(&name))]), path: name };
    let members: Vec<MemberFile> = members.map(member).collect();
    assert!(reader_knows_all(&file, &beneath, &members), "{}", path.display());
    let mut refused = 0;
    for (key, changed) in misspelt(&file).into_iter().step_by(every) {
        // What becomes known later may be a part of anything: only its first keys are told.
        let deep = key.starts_with("/revisions/") && key.matches('/').count() > 3;
        // The file that lies beneath is found before the file is read.
        if deep || ["/base", "/known"].contains(&key.as_str()) {
            continue;
        }
        let by_schema = judge.is_valid(&changed);
        let by_reader = reader_knows_all(&changed, &beneath, &members);
        let both = |valid: bool| if valid { "accepts" } else { "refuses" };
        let (schema, reader) = (both(by_schema), both(by_reader));
        assert_eq!(schema, reader, "schema and reader of {} at {key}qx", path.display());
        refused += usize::from(!by_reader);
    }
    assert!(refused > 10, "{refused}");
}

#[test]
fn a_misspelt_key_of_a_site_is_refused_by_reader_and_schema_alike() {
    agree("london-greenfield.yaml", 3);
    agree("two-halls.yaml", 1);
}

#[test]
fn a_misspelt_key_of_a_portfolio_is_refused_by_reader_and_schema_alike() {
    agree("operator-2025.yaml", 37);
}

#[test]
fn schemas_explain_their_keys() {
    let site = schema::site();
    assert_eq!(site["properties"]["halls"]["description"], "Halls, written once.");
    let words = &site["definitions"]["KindWord"];
    assert_eq!(words["enum"][0], "ddtl");
    assert_eq!(words["enumDescriptions"][0], "As cost is paid.");
    let loan = &site["definitions"]["Loan"];
    assert_eq!(loan["additionalProperties"], false);
    assert_eq!(loan["required"], serde_json::json!(["id", "commitment", "close", "maturity"]));
}

#[test]
fn values_of_the_wrong_form_are_refused() {
    let judge = judge("site");
    let good = ["pue: 1.25", "energy: £90/MWh", "headroom: 5%", "net: 25d", "pass_through: full"];
    let bad = ["pue: high", "energy: £90/MW", "headroom: 5", "net: 25 days", "pass_through: some"];
    let file = |line: &str| {
        let text = format!("site: a\nstart: 2026-01-05\npower: {{{line}}}\n");
        as_json(&yaml::parse(0, &text, &mut Findings::default()).unwrap())
    };
    for (good, bad) in good.iter().zip(bad) {
        assert_eq!(faults(&judge, &file(good)), [""; 0], "{good}");
        assert!(!judge.is_valid(&file(bad)), "{bad}");
    }
}
