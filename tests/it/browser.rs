//! A browser without a window, spoken to over its DevTools protocol on a loopback port.
//!
//! Chromium is looked for by the names that it goes by; where it is not installed, tests that need
//! it say so and pass. Everything waits for a bounded time, and the browser ends with the value.

use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::{Message, WebSocket};

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
/// How long anything may take, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(60);
const STEP: Duration = Duration::from_millis(20);

pub struct Browser {
    child: Child,
    socket: WebSocket<TcpStream>,
    session: Option<String>,
    calls: u64,
    /// What the page did without being asked: requests, console, errors.
    events: Vec<Value>,
    _profile: TempDir,
}

impl Browser {
    /// Starts a browser; none where there is none.
    #[allow(clippy::print_stdout, reason = "a test that is skipped says so")]
    pub fn start() -> Option<Browser> {
        let Some(program) = find() else {
            println!("skipped: no Chromium");
            return None;
        };
        let profile = TempDir::new().unwrap();
        let mut command = Command::new(program);
        command.args([
            "--headless=new",
            "--disable-gpu",
            "--no-first-run",
            "--remote-debugging-port=0",
        ]);
        command.args(["--disable-background-networking", "--disable-component-update"]);
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        if is_root() {
            command.arg("--no-sandbox");
        }
        command.arg("about:blank").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (port, path) = match endpoint(&profile.path().join("DevToolsActivePort")) {
            Some(found) => found,
            None => {
                child.kill().unwrap();
                panic!("Chromium opened no port in {PATIENCE:?}");
            }
        };
        let stream = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let address = format!("ws://127.0.0.1:{port}{path}");
        let (socket, _) = tungstenite::client(address, stream).unwrap();
        let (calls, events) = (0, Vec::new());
        let mut browser =
            Browser { child, socket, session: None, calls, events, _profile: profile };
        let targets = browser.call("Target.getTargets", json!({}));
        let targets = targets["targetInfos"].as_array().unwrap();
        let page = targets.iter().find(|of| of["type"] == "page").unwrap()["targetId"].clone();
        let attached =
            browser.call("Target.attachToTarget", json!({"targetId": page, "flatten": true}));
        browser.session = Some(attached["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser.events.clear();
        Some(browser)
    }

    /// Opens a file from disk and waits until it is loaded.
    pub fn open(&mut self, path: &Path) {
        self.call("Page.navigate", json!({"url": format!("file://{}", path.display())}));
        let wait = "new Promise(done => document.readyState === 'complete' ? done(1) : \
                    addEventListener('load', () => done(1)))";
        self.eval(wait);
    }

    /// The value of an expression in the page.
    #[track_caller]
    pub fn eval(&mut self, expression: &str) -> Value {
        let asked = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let answer = self.call("Runtime.evaluate", asked);
        assert_eq!(answer["exceptionDetails"], Value::Null, "{expression}");
        answer["result"]["value"].clone()
    }

    /// The text of the first element that a selector finds.
    #[track_caller]
    pub fn text(&mut self, selector: &str) -> String {
        let value = self.eval(&format!("document.querySelector({selector:?}).textContent"));
        value.as_str().unwrap_or_else(|| panic!("nothing at {selector}")).to_owned()
    }

    /// A real click in the middle of the first element that a selector finds.
    pub fn click(&mut self, selector: &str) {
        let place = self.eval(&format!(
            "(() => {{ const e = document.querySelector({selector:?}); \
             e.scrollIntoView({{block: 'center', behavior: 'instant'}}); \
             const r = e.getBoundingClientRect(); \
             return {{x: r.left + Math.min(r.width / 2, 60), y: r.top + r.height / 2}}; }})()"
        ));
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let mut event = json!({"type": kind, "button": "left", "clickCount": 1});
            (event["x"], event["y"]) = (place["x"].clone(), place["y"].clone());
            self.call("Input.dispatchMouseEvent", event);
        }
    }

    /// A key pressed and released, by its name in the DOM.
    pub fn press(&mut self, key: &str) {
        let code = match key {
            "ArrowLeft" => 37,
            "ArrowRight" => 39,
            "ArrowDown" => 40,
            "Tab" => 9,
            _ => 0,
        };
        for kind in ["rawKeyDown", "keyUp"] {
            let event = json!({"type": kind, "key": key, "windowsVirtualKeyCode": code});
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// Sets width in pixels and colour scheme.
    pub fn look(&mut self, width: u32, scheme: &str) {
        let size = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", size);
        let scheme = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.call("Emulation.setEmulatedMedia", json!({"features": scheme}));
    }

    /// Errors and messages of the console since the start.
    pub fn complaints(&self) -> Vec<&Value> {
        let told = ["Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"];
        let by = |event: &&Value| told.iter().any(|name| event["method"] == *name);
        self.events.iter().filter(by).collect()
    }

    /// Addresses of everything that was asked for, but what is in the page itself.
    pub fn requests(&self) -> Vec<&str> {
        let sent =
            self.events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
        let addresses = sent.filter_map(|event| event["params"]["request"]["url"].as_str());
        addresses.filter(|address| !address.starts_with("data:")).collect()
    }

    /// Calls the browser and waits for its answer.
    pub fn call(&mut self, method: &str, params: Value) -> Value {
        self.calls += 1;
        let mut message = json!({"id": self.calls, "method": method, "params": params});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.socket.send(Message::text(message.to_string())).unwrap();
        loop {
            let message =
                self.socket.read().unwrap_or_else(|e| panic!("no answer to {method}: {e}"));
            let Message::Text(text) = message else { continue };
            let mut message: Value = serde_json::from_str(&text).unwrap();
            if message["id"] == json!(self.calls) {
                assert_eq!(message["error"], Value::Null, "{method}");
                return message["result"].take();
            }
            self.events.push(message);
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let message = json!({"id": u32::MAX, "method": "Browser.close"}).to_string();
        let _ = self.socket.send(Message::text(message));
        for _ in 0..100 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(STEP);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn find() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let files = NAMES
        .iter()
        .flat_map(|name| std::env::split_paths(&folders).map(move |folder| folder.join(name)));
    let found: Vec<PathBuf> = files.filter(|file| file.is_file()).collect();
    found.into_iter().next()
}

/// The sandbox of Chromium refuses to work for root, as in a container.
#[cfg(unix)]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|of| of.uid() == 0)
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

/// Port and path that the browser listens on, as it writes them into its profile.
fn endpoint(file: &Path) -> Option<(u16, String)> {
    for _ in 0..PATIENCE.as_millis() / STEP.as_millis() {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        if let Some((port, path)) = text.split_once('\n')
            && let (Ok(port), true) = (port.parse(), path.starts_with("/devtools/browser/"))
        {
            return Some((port, path.trim().to_owned()));
        }
        std::thread::sleep(STEP);
    }
    None
}
