//! The program as a child process.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// A run that takes longer hangs. More than the program itself gives a function to come up, so that it can say what it waited for.
const PATIENCE: Duration = Duration::from_secs(120);

/// A run that has not ended yet. It is ended with the test, whatever becomes of it.
pub(crate) struct Running {
    child: Child,
    stdout: Receiver<Vec<u8>>,
    stderr: Receiver<Vec<u8>>,
    /// What it said on stderr so far.
    saying: Arc<Saying>,
    command: String,
}

#[derive(Default)]
struct Saying {
    bytes: Mutex<Vec<u8>>,
    more: Condvar,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let shown = format!("{command:?}");
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{shown}: {error}"));
        let saying = Arc::new(Saying::default());
        let stdout = collect(child.stdout.take().expect("stdout is piped"), None);
        let stderr = collect(child.stderr.take().expect("stderr is piped"), Some(Arc::clone(&saying)));
        Self { child, stdout, stderr, saying, command: shown }
    }

    /// Waits until it has said `text` on stderr.
    #[track_caller]
    pub(crate) fn wait_for_stderr(&self, text: &str) {
        let said = self.saying.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let missing = |said: &mut Vec<u8>| !String::from_utf8_lossy(said).contains(text);
        let (said, timeout) = self.saying.more.wait_timeout_while(said, PATIENCE, missing).unwrap_or_else(PoisonError::into_inner);
        assert!(!timeout.timed_out(), "`{text}` was never said: {}", String::from_utf8_lossy(&said));
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).expect("the run takes a signal");
    }

    /// The same for a run that may have ended by itself.
    pub(crate) fn signal_if_running(&self, signal: Signal) {
        // It is not waited for yet, so its id is its own.
        let _ = kill_process(Pid::from_child(&self.child), signal);
    }

    #[track_caller]
    #[must_use]
    pub(crate) fn finish(self) -> Outcome {
        self.finish_within(PATIENCE)
    }

    #[track_caller]
    #[must_use]
    pub(crate) fn finish_within(mut self, patience: Duration) -> Outcome {
        let stderr = self.text(|run| &run.stderr, patience);
        let stdout = self.text(|run| &run.stdout, patience);
        let ended = self.child.wait().expect("a child can be waited for");
        let status = ended.code().unwrap_or_else(|| {
            use std::os::unix::process::ExitStatusExt;
            -ended.signal().unwrap_or_default()
        });
        Outcome { status, stdout, stderr, command: std::mem::take(&mut self.command) }
    }

    #[track_caller]
    fn text(&mut self, stream: impl Fn(&Self) -> &Receiver<Vec<u8>>, patience: Duration) -> String {
        let Ok(bytes) = stream(self).recv_timeout(patience) else {
            let _ = self.child.kill();
            let said = self.saying.bytes.lock().unwrap_or_else(PoisonError::into_inner);
            panic!("{} still runs after {patience:?}; it said so far: {}", self.command, String::from_utf8_lossy(&said));
        };
        String::from_utf8(bytes).expect("the program prints UTF-8")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail when it has ended, which is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(mut stream: impl Read + Send + 'static, saying: Option<Arc<Saying>>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let (mut bytes, mut piece) = (Vec::new(), [0; 8192]);
        while let Ok(count @ 1..) = stream.read(&mut piece) {
            bytes.extend_from_slice(&piece[..count]);
            if let Some(saying) = &saying {
                saying.bytes.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&piece[..count]);
                saying.more.notify_all();
            }
        }
        let _ = sender.send(bytes);
    });
    receiver
}

/// What a stream says, line by line as it comes.
pub(super) fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || BufReader::new(stream).lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    receiver
}

/// A run that has ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The exit status; a signal that ended it, negative.
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    command: String,
}

impl Outcome {
    /// Of a run that had no process of its own.
    pub(crate) fn of(status: i32, stdout: String, command: &str) -> Self {
        Self { status, stdout, stderr: String::new(), command: command.to_owned() }
    }

    /// Insists on an exit status. No run may ever panic.
    #[track_caller]
    pub(crate) fn exits(self, status: i32) -> Self {
        assert!(!self.stderr.contains("panicked at"), "{self}");
        assert_eq!(self.status, status, "{self}");
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("stdout is not JSON: {error}\n{self}"))
    }

    /// Everything it said, on both streams.
    pub(crate) fn said(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// Insists that it said something.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.said().contains(text), "`{text}` is not in\n{self}");
        self
    }

    /// `error.code` of the JSON result.
    #[track_caller]
    pub(crate) fn fails_as(self, code: &str) -> Self {
        assert_eq!(self.json()["error"]["code"], code, "{self}");
        self
    }

    /// All changes of the JSON result, each as `<action> <name>`; what nobody touches is left out.
    #[track_caller]
    pub(crate) fn changes(&self) -> BTreeSet<String> {
        let told = self.told();
        let pending = told.iter().filter(|change| change["action"] != "unmanaged");
        pending.map(|change| format!("{} {}", text(&change["action"]), text(&change["name"]))).collect()
    }

    /// The change of one item in the JSON result.
    #[track_caller]
    pub(crate) fn change(&self, name: &str) -> Value {
        let told = self.told();
        told.into_iter().find(|change| change["name"] == name).unwrap_or_else(|| panic!("no change of `{name}` in\n{self}"))
    }

    /// A number of the first application's summary.
    #[track_caller]
    pub(crate) fn count(&self, word: &str) -> u64 {
        self.json()["applications"][0]["summary"][word].as_u64().unwrap_or_else(|| panic!("no `{word}` in\n{self}"))
    }

    #[track_caller]
    fn told(&self) -> Vec<Value> {
        let json = self.json();
        let applications = json["applications"].as_array().unwrap_or_else(|| panic!("no applications in\n{self}"));
        applications.iter().flat_map(|app| app["changes"].as_array().cloned().unwrap_or_default()).collect()
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}\nstatus {}\n--- stdout\n{}\n--- stderr\n{}", self.command, self.status, self.stdout, self.stderr)
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a text"))
}
