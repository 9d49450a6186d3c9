//! `watch --listen`: what whoever operates the process can see of it.

use std::os::unix::net::UnixDatagram;

use rustix::process::Signal;

use crate::support::{App, Checkout, Control, GitHost, Orchestrator, Sandbox};

fn place(server: &Orchestrator) -> Checkout {
    Sandbox::of(&App::of(server.namespace()).site()).file("static/x.txt", "1").repository().create()
}

#[test]
fn health_readiness_and_numbers_tell_what_it_does() {
    let server = Orchestrator::start();
    let source = place(&server);
    let host = GitHost::of(&source);
    let control = Control::start(&source, server.url(), &["--interval", "24h"]);
    assert_eq!(control.send("GET", "/healthz", "").status, 200);
    let ready = control.send("GET", "/readyz", "");
    assert_eq!((ready.status, &ready.parsed()["ready"]), (200, &serde_json::json!(true)));
    control.register(server.namespace(), "app", &host.app(), 201);
    control.register(server.namespace(), "none", &host.url("none.git"), 201);
    control.look("app");
    control.look("none");
    let numbers = String::from_utf8(control.send("GET", "/metrics", "").body).expect("a text");
    let number = |name: &str| {
        let line = numbers.lines().find_map(|line| line.strip_prefix(&format!("zerverless_gitops_{name} ")));
        line.unwrap_or_else(|| panic!("no {name} in\n{numbers}")).parse::<f64>().expect("a number")
    };
    assert!(number("syncs_total{outcome=\"succeeded\"}") >= 1.0 && number("syncs_total{outcome=\"failed\"}") >= 1.0);
    assert_eq!((number("applications{status=\"Synced\"}"), number("applications{status=\"Unknown\"}")), (1.0, 1.0));
    assert!(number("sync_duration_seconds_count") >= 2.0 && number("git_requests_total") >= 2.0);
    let last = format!("last_success_timestamp_seconds{{namespace=\"{}\",name=\"app\"}}", server.namespace());
    assert!(number(&last) > 1_700_000_000.0);
}

#[test]
fn a_service_manager_is_told_when_it_is_ready_and_when_it_ends() {
    let server = Orchestrator::start();
    let source = place(&server);
    let socket = UnixDatagram::bind(source.home("notify")).expect("a socket");
    let arguments = ["watch", "--listen", "127.0.0.1:0", "--server", server.url(), "--log-format", "json"];
    let mut command = source.command(&arguments);
    command.env("NOTIFY_SOCKET", source.home("notify"));
    let control = Control::of(command);
    let said = || {
        let mut buffer = [0; 256];
        let count = socket.recv(&mut buffer).expect("a message");
        String::from_utf8_lossy(&buffer[..count]).into_owned()
    };
    assert!(said().starts_with("READY=1"));
    control.signal(Signal::TERM);
    assert!(said().starts_with("STOPPING=1"));
    assert_eq!(control.ends().0, Some(0));
}
