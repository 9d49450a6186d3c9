//! A `watch` under test: what it says arrives line by line, and is waited for.

use std::collections::BTreeSet;
use std::process::{Child, Stdio};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::process::lines;
use super::sandbox::Checkout;

/// A look that takes longer never comes.
const PATIENCE: Duration = Duration::from_secs(60);

/// It is ended with the test, whatever becomes of it.
pub(crate) struct Watching {
    child: Child,
    passes: Receiver<String>,
    said: Receiver<String>,
}

impl Watching {
    /// Watches the directory, with what it does as JSON.
    #[track_caller]
    pub(crate) fn start(source: &Checkout, more: &[&str]) -> Self {
        let mut command = source.command(&[&["watch", "-o", "json"], more].concat());
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let passes = lines(child.stdout.take().expect("stdout is piped"));
        let said = lines(child.stderr.take().expect("stderr is piped"));
        Self { child, passes, said }
    }

    /// Waits for the next look that led to a run.
    #[track_caller]
    pub(crate) fn pass(&self) -> Pass {
        match self.passes.recv_timeout(PATIENCE) {
            Ok(line) => Pass(serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))),
            Err(error) => panic!("no look: {error}; it said {:?}", self.said.try_iter().collect::<Vec<_>>()),
        }
    }

    /// The next look that does not say `text` once more: what is done in two steps may be seen in one look or in two.
    #[track_caller]
    pub(crate) fn pass_beyond(&self, text: &str) -> Pass {
        loop {
            let pass = self.pass();
            if !pass.message().contains(text) {
                return pass;
            }
        }
    }

    /// Waits for a line on stderr with `text` in it.
    #[track_caller]
    pub(crate) fn says(&self, text: &str) {
        let mut all = Vec::new();
        while let Ok(line) = self.said.recv_timeout(PATIENCE) {
            assert!(!line.contains("panicked at"), "{line}");
            if line.contains(text) {
                return;
            }
            all.push(line);
        }
        panic!("`{text}` was not said, but {all:?}");
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("the process takes a signal");
    }

    /// Waits for the end, and gives its status and the looks that were not read.
    #[track_caller]
    pub(crate) fn ends(mut self) -> (Option<i32>, Vec<Pass>) {
        let rest = self.passes.iter().map(|line| Pass(serde_json::from_str(&line).expect("a line of JSON"))).collect();
        assert!(!self.said.iter().any(|line| line.contains("panicked at")));
        (self.child.wait().expect("a child can be waited for").code(), rest)
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One look and what came of it.
#[derive(Debug)]
pub(crate) struct Pass(Value);

impl Pass {
    pub(crate) fn trigger(&self) -> &str {
        self.0["trigger"].as_str().expect("a trigger")
    }

    /// As `<action> <name>`.
    #[track_caller]
    pub(crate) fn changes(&self) -> BTreeSet<String> {
        let changes = self.0["applications"][0]["changes"].as_array().expect("changes");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        changes.iter().map(|change| format!("{} {}", text(&change["action"]), text(&change["name"]))).collect()
    }

    /// Insists that it ended well.
    #[track_caller]
    pub(crate) fn ends_well(self) -> Self {
        assert_eq!(self.0["error"], Value::Null, "{self:#?}");
        self
    }

    /// Insists on how it failed.
    #[track_caller]
    pub(crate) fn fails_as(self, code: &str) -> Self {
        assert_eq!(self.0["error"]["code"], code, "{self:#?}");
        self
    }

    /// What went wrong.
    pub(crate) fn message(&self) -> &str {
        self.0["error"]["message"].as_str().unwrap_or_default()
    }

    /// Where the application is.
    pub(crate) fn server(&self) -> &str {
        self.0["applications"][0]["server"].as_str().expect("a server")
    }
}
