//! The exchanges in `tests/contract/`, recorded from a real server, replayed against the embedded orchestrator: every request byte for byte, every
//! reply compared. What may differ is listed in [`DIFFERENCES`] with its reason, and must differ: a line there that has become untrue fails the test.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use zerverless_gitops::local::{Local, Options, attach};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    #[serde(rename = "scenario")]
    name: String,
    #[serde(rename = "why")]
    _why: String,
    exchanges: Vec<Exchange>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exchange {
    request: Request,
    response: Recorded,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    method: String,
    target: String,
    /// A string as it was sent, anything else as the JSON it is.
    body: Option<Value>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recorded {
    status: u16,
    headers: BTreeMap<String, String>,
    /// `Some(Null)` never occurs: an absent body is an empty text.
    json: Option<Value>,
    text: Option<String>,
}

struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// An exchange that is answered differently on purpose.
struct Difference {
    scenario: &'static str,
    applies: fn(&Exchange) -> bool,
    status: u16,
    reason: &'static str,
}

const DIFFERENCES: [Difference; 3] = [
    Difference {
        scenario: "invoke",
        applies: |exchange| exchange.response.status == 500,
        status: 500,
        reason: "another interpreter words its errors in another way",
    },
    Difference { scenario: "probe", applies: |exchange| exchange.request.target == "/", status: 200, reason: "the page for people" },
    Difference {
        scenario: "kv-reserved-namespace",
        applies: |_| true,
        status: 500,
        reason: "the recorded text speaks of a Badger lock file that does not exist here",
    },
];

#[test]
fn every_recorded_exchange_is_answered_as_recorded() {
    let mut failures = Vec::new();
    let mut differed = [false; DIFFERENCES.len()];
    let mut replayed = 0;
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract")).expect("the recorded scenarios") {
        let path = entry.expect("a readable directory").path();
        let scenario: Scenario =
            serde_json::from_slice(&fs::read(&path).expect("a readable scenario")).expect("a scenario of the known form");
        let orchestrator = start_orchestrator();
        for (number, exchange) in scenario.exchanges.iter().enumerate() {
            let reply = send(&orchestrator.address, &exchange.request);
            let mismatch = compare(&exchange.response, &reply);
            let difference =
                DIFFERENCES.iter().position(|difference| difference.scenario == scenario.name && (difference.applies)(exchange));
            let problem = match (difference, mismatch) {
                (None, mismatch) => mismatch,
                (Some(index), Some(_)) if reply.status == DIFFERENCES[index].status => {
                    differed[index] = true;
                    None
                }
                (Some(index), Some(mismatch)) => Some(format!("differs in another way than \"{}\": {mismatch}", DIFFERENCES[index].reason)),
                (Some(index), None) => Some(format!("no longer differs, though listed: {}", DIFFERENCES[index].reason)),
            };
            let request = &exchange.request;
            failures.extend(problem.map(|problem| format!("{} #{number} {} {}: {problem}", scenario.name, request.method, request.target)));
            replayed += 1;
        }
    }
    assert!(failures.is_empty(), "{} of {replayed} exchanges:\n{}", failures.len(), failures.join("\n"));
    assert!(replayed > 500, "only {replayed} exchanges were found");
    assert!(differed.iter().all(|differed| *differed), "a listed difference matches no exchange");
}

/// A running orchestrator with an empty data directory of its own.
struct Orchestrator {
    /// `host:port`.
    address: String,
    local: Option<Local>,
    runtime: tokio::runtime::Runtime,
    _data: tempfile::TempDir,
}

fn start_orchestrator() -> Orchestrator {
    let data = tempfile::tempdir().expect("a temporary directory");
    let options = Options { program: Some(env!("CARGO_BIN_EXE_zerverless-gitops").into()), ..Options::default() };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let local = runtime.block_on(attach(data.path(), options)).expect("a running orchestrator");
    let address = local.url().strip_prefix("http://").expect("a plain URL").to_owned();
    Orchestrator { address, local: Some(local), runtime, _data: data }
}

impl Drop for Orchestrator {
    fn drop(&mut self) {
        if let Some(local) = self.local.take() {
            self.runtime.block_on(local.finish());
        }
    }
}

/// What is wrong with a reply, `None` when it is the recorded one.
fn compare(recorded: &Recorded, reply: &Reply) -> Option<String> {
    if reply.status != recorded.status {
        return Some(format!("status {} instead of {}, {}", reply.status, recorded.status, String::from_utf8_lossy(&reply.body)));
    }
    for (name, value) in &recorded.headers {
        // The real router sends `Allow` once per method, in no fixed order, and one of them was recorded.
        let found: Vec<&str> = reply.headers.iter().filter(|(header, _)| header == name).map(|(_, value)| value.as_str()).collect();
        if !found.contains(&value.as_str()) || (found.len() > 1 && name != "allow") {
            return Some(format!("header {name}: {found:?} instead of {value:?}"));
        }
    }
    for name in ["content-type", "x-content-type-options", "allow", "etag", "last-modified", "accept-ranges", "cache-control"] {
        if !recorded.headers.contains_key(name) && reply.headers.iter().any(|(header, _)| header == name) {
            return Some(format!("a header {name} that was not recorded"));
        }
    }
    if let Some(expected) = &recorded.json {
        let body = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
        let same = comparable(body.clone()) == comparable(expected.clone());
        return (!same).then(|| format!("{body} instead of {expected}"));
    }
    let text = recorded.text.as_deref().unwrap_or_default();
    (reply.body != text.as_bytes()).then(|| format!("{:?} instead of {text:?}", String::from_utf8_lossy(&reply.body)))
}

/// The value with times, names of nodes and counters blanked, their presence kept; JSON in a text is read, because its keys come in any order.
fn comparable(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(comparable).collect(),
        Value::String(text) if text.starts_with('{') => serde_json::from_str(&text).map_or(Value::String(text), comparable),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| match name.as_str() {
                "created_at" | "uptime_seconds" | "node_id" | "connected" | "idle" | "busy" => (name, Value::Null),
                _ => (name, comparable(value)),
            })
            .collect(),
        other => other,
    }
}

fn send(address: &str, request: &Request) -> Reply {
    let mut message = format!("{} {} HTTP/1.1\r\nHost: {address}\r\n", request.method, request.target).into_bytes();
    for (name, value) in &request.headers {
        message.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    let body = request.body.as_ref().map(|body| match body {
        Value::String(text) => text.clone().into_bytes(),
        json => serde_json::to_vec(json).expect("a value that was JSON"),
    });
    if let Some(body) = &body {
        message.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
    }
    message.extend_from_slice(b"\r\n");
    message.extend_from_slice(&body.unwrap_or_default());
    let mut connection = TcpStream::connect(address).expect("a connection");
    connection.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
    connection.write_all(&message).expect("a sent request");
    receive(BufReader::new(connection), &request.method)
}

fn receive(mut connection: impl BufRead, method: &str) -> Reply {
    let line = read_line(&mut connection);
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("a status line: {line}"));
    let mut headers = Vec::new();
    loop {
        let line = read_line(&mut connection);
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let header = |wanted: &str| headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let mut body = Vec::new();
    if header("transfer-encoding") == Some("chunked") {
        loop {
            let size = u64::from_str_radix(&read_line(&mut connection), 16).expect("the size of a chunk");
            connection.by_ref().take(size).read_to_end(&mut body).expect("a chunk");
            read_line(&mut connection);
            if size == 0 {
                break;
            }
        }
    } else if let Some(length) = header("content-length").filter(|_| method != "HEAD") {
        // The connection stays open: a header that asks for its end would reach functions, which did not get one when this was recorded.
        body.resize(length.parse().expect("a length"), 0);
        connection.read_exact(&mut body).expect("a body of the announced length");
    }
    Reply { status, headers, body }
}

fn read_line(connection: &mut impl BufRead) -> String {
    let mut line = String::new();
    connection.read_line(&mut line).expect("a line of the reply's head");
    line.trim_end().to_owned()
}
