//! The site files that ship with the program, each with what it is laid over.

use std::fs;
use std::path::{Path, PathBuf};

use energize::exchange;
use energize::model::{Input, Site, load};
use energize::spec::overlay;

/// Every single site of the folder `sites`, by name.
pub fn shipped() -> Vec<Site> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sites");
    let entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let one_site = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        !text.lines().any(|line| line.starts_with("portfolio:"))
    };
    let yaml = entries.filter(|path| path.extension().is_some_and(|kind| kind == "yaml"));
    let mut paths: Vec<PathBuf> = yaml.filter(one_site).collect();
    paths.sort();
    paths.iter().map(|path| site(path)).collect()
}

fn site(path: &Path) -> Site {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).unwrap();
    let input = match overlay::base(&text) {
        None => Input { name: name.clone(), text: text.into(), ..Input::default() },
        Some(base) => {
            let bytes = fs::read(path.with_file_name(&base)).unwrap();
            let schedule = exchange::read(bytes).unwrap();
            let mut lowered = exchange::lower(&schedule, schedule.rules).unwrap();
            let below = exchange::site_text(&schedule, &mut lowered, &base);
            let overlays = vec![(name.clone(), text.into())];
            Input { name: base, text: below.into(), overlays, ..Input::default() }
        }
    };
    let loaded = load(input);
    loaded.site.unwrap_or_else(|| panic!("{name}: {:?}", loaded.findings))
}
