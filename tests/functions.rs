//! Functions of the embedded orchestrator: what they answer, and that none of them can harm the server.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::{Signal, kill_process};
use serde_json::Value;
use zerverless_gitops::local::{Options, attach, running};

use crate::support::http::{self, Reply};
use crate::support::{Checkout, Orchestrator, Sandbox, Watching};

/// A copy of the example that can be changed.
fn example() -> Checkout {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/hello");
    let files = ["zerverless.yaml", "functions/greet.js", "functions/stats.py", "site/index.html", "site/js/app.js"];
    let copy = |sandbox: Sandbox, name: &str| sandbox.file(name, fs::read(root.join(name)).expect("a file of the example"));
    files.into_iter().fold(Sandbox::empty(), copy).create()
}

/// What a function returned, out of the JSON string that the reply is.
#[track_caller]
fn returned(reply: &Reply) -> Value {
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    let text = reply.parsed();
    serde_json::from_str(text.as_str().expect("a JSON string")).expect("JSON in it")
}

#[track_caller]
fn error_of(reply: &Reply, status: u16) -> String {
    assert_eq!(reply.status, status, "{}", String::from_utf8_lossy(&reply.body));
    reply.parsed()["error"].as_str().expect("an error").to_owned()
}

#[test]
fn the_example_answers_in_each_language_and_a_sync_changes_the_answers_at_once() {
    let server = Orchestrator::embedded(&[]);
    let source = example();
    source.run(&["sync", &server.local()]).exits(0);
    let call = |path: &str, body: &str| returned(&server.send("POST", &format!("/demo{path}"), body.as_bytes()))["body"].clone();
    assert_eq!(call("/hello", ""), "Hello from Lua!");
    assert_eq!(call("/api/greet?name=Ada", ""), "{\"greeting\":\"Hello, Ada!\"}");
    assert_eq!(call("/api/stats", "a b a"), "{\"words\": 3, \"distinct\": 2}");
    for (file, old, new) in
        [("zerverless.yaml", "from Lua", "again"), ("functions/greet.js", "Hello, ", "Hi, "), ("functions/stats.py", "\"words\"", "\"n\"")]
    {
        let text = fs::read_to_string(source.path(file)).expect("a text");
        source.write(file, text.replacen(old, new, 1));
    }
    source.run(&["sync", &server.local()]).exits(0);
    assert_eq!(call("/hello", ""), "Hello again!");
    assert_eq!(call("/api/greet?name=Ada", ""), "{\"greeting\":\"Hi, Ada!\"}");
    assert_eq!(call("/api/stats", "a b a"), "{\"n\": 3, \"distinct\": 2}");
}

#[test]
fn a_saved_file_is_live_while_watch_runs() {
    let source = example();
    let watching = Watching::start(&source, &["--local", "--local-listen", "127.0.0.1:0", "--replies", "unwrapped"]);
    watching.pass();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let url = runtime.block_on(running(&source.path(".zerverless"))).expect("a running orchestrator");
    let call = || http::send(url.trim_start_matches("http://"), "GET", "/demo/api/greet", &[], b"").expect("a reply").body;
    assert_eq!(call(), b"{\"greeting\":\"Hello, world!\"}");
    let code = fs::read_to_string(source.path("functions/greet.js")).expect("a text");
    source.write("functions/greet.js", code.replace("Hello, ", "Hi, "));
    watching.pass();
    assert_eq!(call(), b"{\"greeting\":\"Hi, world!\"}");
    watching.signal(Signal::INT);
    assert_eq!(watching.ends().0, Some(130));
    source.run(&["watch", "--live-reload"]).exits(64).says("--local");
}

#[test]
fn a_function_with_a_mistake_says_where_and_the_others_work() {
    let server = Orchestrator::embedded(&[]);
    let mistakes = [
        ("lua", "function handle()\n  retrun 1\nend", "function.lua:2:10:"),
        ("js", "function handle() {\n  return 1 +;\n}", "function.js:2:13"),
        ("python", "x = 1\nprint('a'", "function.py:2:6:"),
        ("python", "def f():\n    return 1 / 0\n\nf()", "line 4, in <module>"),
    ];
    server.deploy("/fine", "function handle() return {status = 200} end");
    for (runtime, code, place) in mistakes {
        server.deploy_as(runtime, "/broken", code);
        let said = error_of(&server.send("GET", &format!("/{}/broken", server.namespace()), b""), 500);
        assert!(said.contains(place), "{said} for {code}");
        assert_eq!(returned(&server.send("GET", &format!("/{}/fine", server.namespace()), b""))["status"], 200);
    }
}

#[test]
fn python_answers_with_what_it_prints_and_fails_with_what_it_complains_about() {
    let server = Orchestrator::embedded(&[]);
    let call = |code: &str| {
        server.deploy_as("py", "/p", code);
        server.send("POST", &format!("/{}/p/more?q=1", server.namespace()), "é".as_bytes())
    };
    let request = returned(&call("print(json.dumps([INPUT['method'], INPUT['path'], INPUT['query'], INPUT['body']]))"));
    assert_eq!(request, serde_json::json!(["POST", "/", {"q": "1"}, "é"]));
    assert_eq!(call("print('one'); print('two')").parsed(), "one\ntwo\n");
    assert_eq!(error_of(&call("import sys; print('x'); sys.stderr.write('no')"), 500), "no");
    for (code, said) in [
        ("from __future__ import annotations", "must occur at the beginning"),
        ("import socket; socket.socket()", "no network"),
        ("import subprocess; subprocess.run(['ls'])", "start no processes"),
        ("x = []\nwhile True: x.append('x' * 10000000)", "MemoryError"),
        ("def f(): f()\nf()", "RecursionError"),
        ("import os; os.kill(os.getpid(), 9)", "SIGKILL"),
    ] {
        let failure = error_of(&call(code), 500);
        assert!(failure.contains(said), "{failure} for {code}");
    }
}

#[test]
fn functions_that_never_end_or_break_their_worker_leave_all_others_alone() {
    let data = tempfile::tempdir().expect("a directory");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let program = Some(env!("CARGO_BIN_EXE_zerverless-gitops").into());
    let options = Options { program, deadline: Duration::from_millis(1500), ..Options::default() };
    let local = runtime.block_on(attach(data.path(), options)).expect("a running orchestrator");
    let address = local.url().strip_prefix("http://").expect("plain http").to_owned();
    let send = |method: &str, target: &str, body: &[u8]| http::send(&address, method, target, &[], body).expect("a reply");
    let deploy = |path: &str, runtime: &str, code: &str| {
        let body = serde_json::json!({"runtime": runtime, "code": code}).to_string();
        assert_eq!(send("POST", &format!("/api/deploy/n/{path}"), body.as_bytes()).status, 201);
    };
    let endless = [
        ("lua", "while true do end"),
        ("lua", "while true do pcall(function() while true do end end) end"),
        ("lua", "function handle() return ('a'):rep(100000):find('.-.-.-.-b') end"),
        ("js", "function handle() { for (;;) { try { for (;;); } catch {} } }"),
        ("js", "function handle() { return /(a+)+$/.test('a'.repeat(50) + 'b') }"),
        ("python", "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass"),
    ];
    deploy("fine", "lua", "function handle() return {status = 200} end");
    std::thread::scope(|threads| {
        let calls: Vec<_> = endless
            .iter()
            .enumerate()
            .map(|(index, (runtime, code))| {
                deploy(&format!("endless{index}"), runtime, code);
                threads.spawn(move || send("GET", &format!("/n/endless{index}"), b""))
            })
            .collect();
        assert_eq!(returned(&send("GET", "/n/fine", b""))["status"], 200);
        for (call, (_, code)) in calls.into_iter().zip(endless) {
            let said = error_of(&call.join().expect("a reply"), 500);
            assert!(said.contains("timeout"), "{said} for {code}");
        }
    });
    deploy("deep", "lua", "function handle() return ('a'):rep(3000000):find(('a?'):rep(3000000) .. 'b') end");
    let broken = send("GET", "/n/deep", b"");
    assert_eq!(broken.status, 500, "an interpreter that crashes takes its worker with it, and nobody else");
    assert_eq!(returned(&send("GET", "/n/fine", b""))["status"], 200);
    runtime.block_on(local.finish());
}

#[test]
fn what_the_real_server_could_not_carry_is_refused_with_the_reason() {
    let server = Orchestrator::embedded(&[]);
    server.deploy("/size", "function handle(req) return tostring(#req.body) end");
    server.deploy("/long", "function handle(req) return ('x'):rep(40000) end");
    server.deploy("/code", &format!("function handle() return 1 end --{}", "x".repeat(33_000)));
    let call = |path: &str, body: &[u8]| server.send("POST", &format!("/{}{path}", server.namespace()), body);
    assert_eq!(call("/size", &vec![b'x'; 32_000]).parsed(), "32000");
    for (path, body) in [("/size", 32_700), ("/size", 40_000), ("/size", 100_000_000), ("/long", 0), ("/code", 0)] {
        let said = error_of(&call(path, &vec![b'x'; body]), 500);
        assert!(said.contains("32768"), "{said}");
    }
    let status = fs::read_to_string(format!("/proc/{}/status", server.process().as_raw_pid())).expect("the server's numbers");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its peak").trim().trim_end_matches(" kB");
    assert!(peak.parse::<u64>().expect("a number") < 100_000, "a large body is not kept: {peak} kB");
}

#[test]
fn replies_are_the_real_servers_unless_the_functions_own_are_asked_for() {
    let code = "function handle() print('x') return {status = 404, headers = {['X-A'] = 'b'}, body = '<!doctype html>'} end";
    let raw = Orchestrator::embedded(&[]);
    raw.deploy("/f", code);
    let reply = raw.send("GET", &format!("/{}/f", raw.namespace()), b"");
    assert_eq!(reply.status, 200);
    assert_eq!(reply.parsed(), "x\n{\"body\":\"\\u003c!doctype html\\u003e\",\"headers\":{\"X-A\":\"b\"},\"status\":404}");

    let unwrapped = Orchestrator::embedded(&["--replies", "unwrapped"]);
    unwrapped.deploy("/f", code);
    let call = |path: &str| unwrapped.send("GET", &format!("/{}{path}", unwrapped.namespace()), b"");
    let header =
        |reply: &Reply, name: &str| reply.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone());
    let reply = call("/f");
    assert_eq!((reply.status, reply.body.as_slice()), (404, &b"<!doctype html>"[..]));
    assert_eq!(header(&reply, "x-a").as_deref(), Some("b"));
    assert_eq!(header(&reply, "content-type").as_deref(), Some("text/html; charset=utf-8"));
    unwrapped.deploy("/plain", "function handle() return 'text' end");
    assert_eq!(call("/plain").body, b"text");
    unwrapped.deploy("/status", "function handle() return {status = 7} end");
    assert!(error_of(&call("/status"), 500).contains("status 7"));
    unwrapped.deploy("/header", "function handle() return {headers = {['A\\n'] = 'b'}} end");
    assert!(error_of(&call("/header"), 500).contains("header"));
}

#[test]
fn pages_of_other_origins_cannot_deploy_or_call() {
    let server = Orchestrator::embedded(&[]);
    server.deploy("/f", "function handle() return 1 end");
    let target = format!("/api/deploy/{}/g", server.namespace());
    let body = br#"{"runtime":"python","code":"x"}"#;
    for (name, value) in [("Origin", "https://evil.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site")] {
        let headers = [(name.to_owned(), value.to_owned())];
        let call = |method: &str, target: &str, body: &[u8]| http::send(server.address(), method, target, &headers, body).expect("a reply");
        assert_eq!(call("POST", &target, body).status, 403, "{name}: {value}");
        assert_eq!(call("GET", &format!("/{}/f", server.namespace()), b"").status, 403, "{name}: {value}");
    }
    assert_eq!(server.functions().len(), 1);
    let headers = [("Origin".to_owned(), server.url().to_owned())];
    let reply = http::send(server.address(), "GET", &format!("/{}/f", server.namespace()), &headers, b"").expect("a reply");
    assert_eq!(reply.status, 200);
}

#[test]
fn logs_follow_calls_and_changes_until_the_server_ends_cleanly() {
    let mut server = Orchestrator::embedded(&[]);
    let source = Sandbox::empty().create();
    let mut logs: Command = source.command(&["logs", &server.local(), "-o", "json"]);
    let mut logs = logs.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let mut said = BufReader::new(logs.stderr.take().expect("stderr is piped")).lines();
    assert!(said.next().expect("a line").expect("a text").starts_with("following http://127.0.0.1:"));
    let mut told = BufReader::new(logs.stdout.take().expect("stdout is piped")).lines();
    let mut next = || -> Value { serde_json::from_str(&told.next().expect("a line").expect("a text")).expect("JSON") };

    server.deploy("/f", "function handle() print('hello\\27[2J') error('no') end");
    assert_eq!(next()["namespaces"][server.namespace()]["functions"], 1);
    server.send("GET", &format!("/{}/f?x=1", server.namespace()), b"");
    let call = next();
    assert_eq!(call["function"], format!("{}/f", server.namespace()));
    assert_eq!((&call["status"], &call["printed"]), (&Value::from(500), &Value::from("hello\u{1b}[2J\n")));
    assert!(call["error"].as_str().expect("an error").contains("function.lua:1: no"), "{call}");

    kill_process(server.process(), Signal::INT).expect("a running server");
    assert_eq!(server.ended(), Some(0));
    assert_eq!(said.next().expect("a line").expect("a text"), "the server has ended");
    assert_eq!(logs.wait().expect("a child").code(), Some(0));
    source.run(&["logs", &server.local(), "-o", "json"]).exits(5).says("no server runs");
}

#[test]
fn serve_says_what_there_is_to_open_and_shows_calls() {
    let source = example();
    source.run(&["sync", "--local"]).exits(0);
    let mut serve = source.command(&["serve", "--listen", "127.0.0.1:0"]);
    let mut serve = serve.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let mut told = BufReader::new(serve.stdout.take().expect("stdout is piped")).lines().map(|line| line.expect("a text"));
    let first = told.next().expect("a line");
    let url = first.split_whitespace().find(|word| word.starts_with("http://")).expect("an address").to_owned();
    let lines: Vec<String> = told.by_ref().take(5).collect();
    for expected in
        [format!("page      {url}/"), format!("function  {url}/demo/hello"), format!("site      {url}/static/demo/index.html  (2 files)")]
    {
        assert!(lines.iter().any(|line| line.trim() == expected), "{expected} in {lines:?}");
    }
    let address = url.strip_prefix("http://").expect("plain http");
    http::send(address, "GET", "/demo/hello", &[], b"").expect("a reply");
    let mut shown = BufReader::new(serve.stderr.take().expect("stderr is piped")).lines().map(|line| line.expect("a text"));
    assert!(shown.any(|line| line.contains("GET /demo/hello") && line.contains("200")));
    kill_process(rustix::process::Pid::from_child(&serve), Signal::INT).expect("a running server");
    assert_eq!(serve.wait().expect("a child").code(), Some(0));
}
