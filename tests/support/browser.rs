//! A real browser without a window, driven over its debugging protocol: messages that end in a zero byte, on two pipes.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// It runs as root in containers, talks to nobody but the page, and keeps nothing.
const ARGUMENTS: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
];

/// A browser with one page. It ends with the test.
pub(crate) struct Browser {
    child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    sent: u64,
    session: Value,
    _profile: TempDir,
}

impl Browser {
    /// Opens an address.
    #[track_caller]
    pub(crate) fn open(url: &str) -> Self {
        let profile = tempfile::tempdir().expect("a directory");
        // The protocol wants its pipes as the descriptors 3 and 4.
        let mut child = Command::new("sh")
            .args(["-c", "exec chromium \"$@\" 3<&0 4>&1", "chromium"])
            .args(ARGUMENTS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        let commands = child.stdin.take().expect("a pipe");
        let answers = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut browser = Self { child, commands, answers, sent: 0, session: Value::Null, _profile: profile };
        let page = browser.command("Target.createTarget", &json!({"url": url}))["targetId"].clone();
        browser.session = browser.command("Target.attachToTarget", &json!({"targetId": page, "flatten": true}))["sessionId"].clone();
        browser
    }

    /// Waits until an expression is true of the page, whichever page that is by then.
    #[track_caller]
    pub(crate) fn until(&mut self, expression: &str) {
        let watch = format!(
            "new Promise((done) => {{
               const look = () => {{ if ({expression}) {{ watch.disconnect(); done(true); }} }};
               const watch = new MutationObserver(look);
               watch.observe(document, {{subtree: true, childList: true, characterData: true, attributes: true}});
               addEventListener('load', look);
               setTimeout(() => done(document.body.innerText), 20000);
               look();
             }})"
        );
        loop {
            let answer = self.command("Runtime.evaluate", &json!({"expression": watch, "awaitPromise": true, "returnByValue": true}));
            match &answer["result"]["value"] {
                Value::Bool(true) => return,
                Value::String(page) => panic!("`{expression}` never came true of:\n{page}"),
                // The page went away while it was looked at: the next one is asked.
                _ => {}
            }
        }
    }

    /// Runs a statement in the page.
    #[track_caller]
    pub(crate) fn run(&mut self, statement: &str) {
        let answer = self.command("Runtime.evaluate", &json!({"expression": statement}));
        assert!(answer["exceptionDetails"].is_null(), "{statement}: {answer}");
    }

    /// The result of a command; null when it failed.
    #[track_caller]
    fn command(&mut self, method: &str, parameters: &Value) -> Value {
        self.sent += 1;
        let mut message = json!({"id": self.sent, "method": method, "params": parameters});
        if !self.session.is_null() {
            message["sessionId"] = self.session.clone();
        }
        self.commands.write_all(format!("{message}\0").as_bytes()).expect("chromium is installed and takes commands");
        loop {
            let mut answer = Vec::new();
            self.answers.read_until(0, &mut answer).expect("an answer");
            assert!(!answer.is_empty(), "chromium is installed and answers {method}");
            answer.pop();
            let answer: Value = serde_json::from_slice(&answer).expect("JSON");
            if answer["id"] == self.sent {
                return answer["result"].clone();
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends its own helpers before it goes.
        let _ = self.commands.write_all(b"{\"id\":0,\"method\":\"Browser.close\"}\0");
        let _ = self.child.wait();
    }
}
