//! The built program in a folder of its own: files by name in, exit code and both streams out.
//!
//! ```ignore
//! let ran = Fixture::new().file("site.yaml", SITE).run(["check", "site.yaml"]);
//! assert_snapshot!(ran, @"...");
//! ```

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// How long a run may take before it counts as hung: far beyond any honest one, even on a busy
/// machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A folder with files, in which the program runs with an empty environment.
pub struct Fixture {
    dir: TempDir,
    env: Vec<(&'static str, &'static str)>,
}

impl Fixture {
    pub fn new() -> Fixture {
        Fixture { dir: TempDir::new().unwrap(), env: Vec::new() }
    }

    pub fn file(self, name: &str, text: impl AsRef<[u8]>) -> Fixture {
        self.write(name, text);
        self
    }

    pub fn env(mut self, key: &'static str, value: &'static str) -> Fixture {
        self.env.push((key, value));
        self
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Names of what a folder holds, sorted; hidden ones too.
    pub fn names(&self, folder: &str) -> Vec<String> {
        names_in(&self.path(folder))
    }

    /// Runs the program to its end.
    pub fn run<A: AsRef<str>>(&self, args: impl IntoIterator<Item = A>) -> Ran {
        let mut child = self.spawn(args);
        let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let streams = [reader(stdout), reader(stderr)];
        let code = wait(&mut child);
        let [stdout, stderr] = streams.map(|stream| stream.join().unwrap());
        Ran { code, stdout, stderr, dir: self.dir.path().display().to_string() }
    }

    /// Starts the program; both its streams are pipes.
    pub fn spawn<A: AsRef<str>>(&self, args: impl IntoIterator<Item = A>) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_energize"));
        for arg in args {
            command.arg(arg.as_ref());
        }
        command
            .current_dir(self.dir.path())
            .env_clear()
            .envs(self.env.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }
}

/// Exit code of a child; a hang ends in a panic. A child ended by a signal has none.
pub fn wait(child: &mut Child) -> Option<i32> {
    let step = Duration::from_millis(4);
    for _ in 0..PATIENCE.as_millis() / step.as_millis() {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        std::thread::sleep(step);
    }
    child.kill().unwrap();
    panic!("still running after {PATIENCE:?}");
}

pub fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

fn reader(mut stream: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        String::from_utf8(bytes).expect("what is printed is text")
    })
}

/// What a run of the program came to.
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    dir: String,
}

impl Ran {
    /// Standard output, of a run that went well.
    pub fn fine(self) -> String {
        assert_eq!(self.code, Some(0), "{self}");
        self.stdout
    }

    /// Standard error, of a run that was refused and printed no result.
    pub fn refused(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{self}");
        assert_eq!(self.stdout, "", "{self}");
        self.stderr
    }

    fn blanked(&self, text: &str) -> String {
        text.replace(&self.dir, "[DIR]").replace(env!("CARGO_PKG_VERSION"), "[VERSION]")
    }
}

/// Exit code, standard output, standard error; the folder and the version are blanked.
impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => writeln!(f, "exit code: {code}")?,
            None => writeln!(f, "ended by a signal")?,
        }
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            writeln!(f, "----- {name} -----\n{}", self.blanked(text))?;
        }
        Ok(())
    }
}
