//! A folder or file of results appears whole or not at all.

use std::path::{Path, PathBuf};

use super::Error;

/// A file of a result folder.
#[derive(Clone, Debug)]
pub struct File {
    name: String,
    bytes: Vec<u8>,
}

impl File {
    /// A file to be written.
    pub fn new(name: impl Into<String>, bytes: Vec<u8>) -> File {
        File { name: name.into(), bytes }
    }
}

/// Writes a folder of results.
///
/// A folder that does not exist, is empty, or holds nothing but what its own `summary.json` lists
/// is replaced in one step; into any other one, `force` writes file by file and leaves the rest
/// alone.
///
/// # Errors
///
/// A folder with other files without `force`; whatever the disk says. What stood there stays then.
pub fn write(path: &Path, files: &[File], force: bool) -> Result<(), Error> {
    let failed = |source| Error::Write { path: path.to_owned(), source };
    if path.exists() && !path.is_dir() {
        return Err(Error::NotAFolder { path: path.to_owned() });
    }
    let foreign = foreign_file(path).map_err(failed)?;
    if let Some(foreign) = &foreign
        && !force
    {
        return Err(Error::ForeignFolder { path: path.to_owned(), foreign: foreign.clone() });
    }
    // What a link points to is replaced, not the link.
    let target = if path.is_dir() { path.canonicalize().map_err(failed)? } else { path.to_owned() };
    let path = target.as_path();
    let parent = match path.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    std::fs::create_dir_all(&parent).map_err(failed)?;
    let fresh =
        tempfile::Builder::new().prefix(".energize-").tempdir_in(&parent).map_err(failed)?;
    for file in files {
        std::fs::write(fresh.path().join(&file.name), &file.bytes).map_err(failed)?;
    }
    if foreign.is_some() {
        for file in files {
            let from = fresh.path().join(&file.name);
            std::fs::rename(from, path.join(&file.name)).map_err(failed)?;
        }
        return Ok(());
    }
    swap(fresh, path, &parent).map_err(failed)
}

/// Writes one file: it appears whole or not at all.
///
/// What is no file (a pipe, a terminal) is written to as it is.
///
/// # Errors
///
/// Whatever the disk says. What stood there stays then.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |source| Error::Write { path: path.to_owned(), source };
    if path.exists() && !path.is_file() {
        return std::fs::write(path, bytes).map_err(failed);
    }
    // What a link points to is replaced, not the link.
    let target = if path.exists() { path.canonicalize().map_err(failed)? } else { path.to_owned() };
    let parent = match target.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let fresh =
        tempfile::Builder::new().prefix(".energize-").tempfile_in(&parent).map_err(failed)?;
    std::fs::write(fresh.path(), bytes).map_err(failed)?;
    let mode = std::fs::metadata(&target).ok().map(|old| old.permissions());
    readable(fresh.path(), mode).map_err(failed)?;
    fresh.persist(&target).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Temporary files are private; a result keeps the mode of what it replaces, else anyone may read
/// it.
#[cfg(unix)]
fn readable(path: &Path, mode: Option<std::fs::Permissions>) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, mode.unwrap_or(std::fs::Permissions::from_mode(0o644)))
}

#[cfg(not(unix))]
fn readable(_: &Path, _: Option<std::fs::Permissions>) -> std::io::Result<()> {
    Ok(())
}

/// Puts the fresh folder where the old one stood.
fn swap(fresh: tempfile::TempDir, path: &Path, parent: &Path) -> std::io::Result<()> {
    open_to_all(fresh.path())?;
    if !path.exists() {
        std::fs::rename(fresh.path(), path)?;
        let _ = fresh.keep();
        return Ok(());
    }
    let old = tempfile::Builder::new().prefix(".energize-old-").tempdir_in(parent)?;
    let old_path = old.path().join("old");
    std::fs::rename(path, &old_path)?;
    if let Err(error) = std::fs::rename(fresh.path(), path) {
        std::fs::rename(&old_path, path)?;
        return Err(error);
    }
    let _ = fresh.keep();
    Ok(())
}

/// Temporary folders are private; results are as readable as any other folder.
#[cfg(unix)]
fn open_to_all(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn open_to_all(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// A file in the folder that its own `summary.json` does not list; `None` if there is none.
fn foreign_file(path: &Path) -> std::io::Result<Option<String>> {
    if !path.exists() {
        return Ok(None);
    }
    let listed = listed_files(&path.join("summary.json"));
    let mut foreign = None;
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() || !listed.contains(&name) {
            foreign = foreign.min(Some(name.clone())).or(Some(name));
        }
    }
    Ok(foreign)
}

/// Files that a summary of ours lists; none if it is not ours.
fn listed_files(summary: &Path) -> Vec<String> {
    let Ok(text) = std::fs::read_to_string(summary) else { return Vec::new() };
    let Ok(json) = serde_json::from_str::<serde_json::Value>(&text) else { return Vec::new() };
    let ours = json["generator"].as_str().is_some_and(|name| name.starts_with("energize "));
    let files = json["files"].as_array().filter(|_| ours);
    let names = files.into_iter().flatten().filter_map(|name| name.as_str());
    names.map(str::to_owned).collect()
}
