//! A `watch --listen` under test: its API is asked over a socket, and what it does is waited for in its log.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::http::{self, Reply};
use super::process::lines;
use super::sandbox::Checkout;

/// What takes longer never comes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where all applications are.
pub(crate) const APPLICATIONS: &str = "/api/gitops/applications";

/// It is ended with the test, whatever becomes of it.
pub(crate) struct Control {
    child: Child,
    pub(crate) address: String,
    /// Where it takes webhooks, when that is elsewhere.
    pub(crate) webhooks: Option<String>,
    log: Receiver<String>,
}

impl Control {
    /// Keeps what is registered in the home of `place`, on the orchestrator at `url`.
    #[track_caller]
    pub(crate) fn start(place: &Checkout, url: &str, more: &[&str]) -> Self {
        let base = ["watch", "--listen", "127.0.0.1:0", "--server", url, "--log-format", "json"];
        Self::begin(place, &[&base, more].concat())
    }

    #[track_caller]
    pub(crate) fn begin(place: &Checkout, arguments: &[&str]) -> Self {
        Self::of(place.command(arguments))
    }

    /// What `command` starts.
    #[track_caller]
    pub(crate) fn of(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let log = lines(child.stderr.take().expect("stderr is piped"));
        let stdout = child.stdout.take().expect("stdout is piped");
        // From here on the child is ended with the test.
        let mut started = Self { child, address: String::new(), webhooks: None, log };
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("it says where it listens");
        let mut urls = line.split_whitespace().filter_map(|word| word.strip_prefix("http://"));
        let said = || started.log.iter().collect::<Vec<_>>();
        started.address = urls.next().unwrap_or_else(|| panic!("no URL in {line:?}; it said {:?}", said())).to_owned();
        started.webhooks = urls.next().map(str::to_owned);
        started
    }

    /// Sends a request to the API.
    #[track_caller]
    pub(crate) fn send(&self, method: &str, target: &str, body: &str) -> Reply {
        self.send_with(method, target, &[], body)
    }

    /// The same with more headers.
    #[track_caller]
    pub(crate) fn send_with(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let json = [("Content-Type", "application/json")];
        let headers: Vec<_> = json.iter().chain(headers).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        http::send(&self.address, method, target, &headers, body.as_bytes()).unwrap_or_else(|error| panic!("{method} {target}: {error}"))
    }

    /// The same below the applications; insists on the status.
    #[track_caller]
    pub(crate) fn call(&self, method: &str, below: &str, status: u16) -> Value {
        let reply = self.send(method, &format!("{APPLICATIONS}{below}"), "");
        assert_eq!(reply.status, status, "{method} {below}: {}", String::from_utf8_lossy(&reply.body));
        if reply.body.is_empty() { Value::Null } else { reply.parsed() }
    }

    /// Registers an application that comes from `repository`; insists on the status.
    #[track_caller]
    pub(crate) fn register(&self, namespace: &str, name: &str, repository: &str, status: u16) -> Value {
        let body = json!({"name": name, "namespace": namespace, "source": {"repoURL": repository}});
        let reply = self.send("POST", APPLICATIONS, &body.to_string());
        assert_eq!(reply.status, status, "{}", String::from_utf8_lossy(&reply.body));
        reply.parsed()
    }

    /// Looks at an application now, and gives what is known of it then.
    #[track_caller]
    pub(crate) fn look(&self, name: &str) -> Value {
        let shown = self.call("POST", &format!("/{name}/sync?wait=60s"), 200);
        assert_ne!(shown["operation"], "Pending", "it has looked; it said {:#?}", self.log.try_iter().collect::<Vec<_>>());
        shown
    }

    /// Waits for a line of the log with `text` in its message, and gives it.
    #[track_caller]
    pub(crate) fn logs(&self, text: &str) -> Value {
        let mut all = Vec::new();
        while let Ok(line) = self.log.recv_timeout(PATIENCE) {
            assert!(!line.contains("panicked at"), "{line}");
            let parsed: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
            if parsed["message"].as_str().is_some_and(|message| message.contains(text)) {
                return parsed;
            }
            all.push(line);
        }
        panic!("`{text}` was not logged, but {all:#?}");
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("the process takes a signal");
    }

    /// Ends it as nothing can be caught.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("a process that runs");
        self.child.wait().expect("a child can be waited for");
    }

    /// Waits for the end, and gives its status and what was logged meanwhile.
    #[track_caller]
    pub(crate) fn ends(mut self) -> (Option<i32>, Vec<String>) {
        let rest: Vec<String> = self.log.iter().collect();
        assert!(!rest.iter().any(|line| line.contains("panicked at")), "{rest:#?}");
        (self.child.wait().expect("a child can be waited for").code(), rest)
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
