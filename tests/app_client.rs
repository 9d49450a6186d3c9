//! `app`: the applications of a watch process, from another terminal.

use serde_json::json;

use crate::support::{App, Checkout, Control, GitHost, Orchestrator, Outcome, Sandbox};

struct Both {
    server: Orchestrator,
    source: Checkout,
    host: GitHost,
    control: Control,
}

impl Both {
    fn start() -> Self {
        let server = Orchestrator::start();
        let source = Sandbox::of(&App::of(server.namespace()).site()).file("static/x.txt", "1").repository().create();
        let host = GitHost::of(&source);
        let control = Control::start(&source, server.url(), &["--interval", "24h"]);
        Self { server, source, host, control }
    }

    #[must_use]
    fn app(&self, arguments: &[&str]) -> Outcome {
        let url = format!("http://{}", self.control.address);
        self.source.run(&[&["app", "--api", &url], arguments].concat())
    }
}

#[test]
fn an_application_is_registered_synced_suspended_resumed_and_deleted() {
    let both = Both::start();
    let name = format!("{}/app", both.server.namespace());
    let _ = both.app(&["list"]).exits(0).says("No application is registered.");
    let registered = both.app(&["register", &name, "--repo", &both.host.app(), "--branch", "main", "-o", "json"]).exits(0).json();
    assert_eq!(registered["application"]["source"]["branch"], "main");
    let _ = both.app(&["sync", "app"]).exits(0).says("Synced");
    let _ = both.app(&["suspend", "app", "--reason", "a talk is on"]).exits(0).says("a talk is on");
    let _ = both.app(&["sync", "app"]).exits(1).says("is suspended: a talk is on");
    both.source.write("static/x.txt", "2");
    both.source.commit();
    both.host.push(&both.source, "app.git");
    both.control.call("GET", "/app", 200);
    assert_eq!(both.server.files()["x.txt"], b"1");
    let _ = both.app(&["resume", "app"]).exits(0);
    both.control.logs("1 updated");
    let list = both.app(&["list", "-o", "json"]).exits(0).json();
    assert_eq!((&list["applications"][0]["status"], &list["applications"][0]["suspended"]), (&json!("Synced"), &json!(null)));
    let _ = both.app(&["list"]).exits(0).says(&name);
    let _ = both.app(&["get", &name]).exits(0).says("status     Synced (last run: Succeeded)");
    let _ = both.app(&["delete", "app", "--prune"]).exits(0);
    assert!(both.server.files().is_empty());
    let _ = both.app(&["get", "app"]).exits(1).says("no application `app` is registered");
}

#[test]
fn what_goes_wrong_has_a_status_of_its_own() {
    let both = Both::start();
    let _ = both.app(&["register", "app", "--repo", &both.host.app()]).exits(64).says("--namespace");
    let _ = both.app(&["register", "me/app", "--repo", "file:///etc"]).exits(64).says("https://");
    let _ = both.app(&["register", "me/app", "--repo", &both.host.url("none.git")]).exits(0);
    let _ = both.app(&["sync", "me/app"]).exits(1).says("Unknown (last run: Failed)");
    let _ = both.app(&["register", "me/app", "--repo", &both.host.app()]).exits(1).says("is registered already");
    let away = both.source.run(&["app", "list", "--api", &format!("http://{}/elsewhere", both.host.address())]).exits(5);
    assert!(away.said().contains("does not serve applications"), "{away}");
    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let free = format!("http://{}", socket.local_addr().expect("an address"));
    drop(socket);
    let _ = both.source.run(&["app", "list", "--api", &free]).exits(5).says("watch --listen");
}
