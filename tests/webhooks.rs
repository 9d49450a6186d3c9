//! Webhooks: a push is live at once, and whoever has no secret changes nothing.

use std::io::{Read, Write};
use std::net::TcpStream;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{App, Checkout, Control, GitHost, Orchestrator, Reply, Sandbox, private_file};

const SECRET: &str = "a-secret-of-webhooks";
const COMMIT: &str = "0123456789012345678901234567890123456789";

fn hex_of_hmac(body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key");
    mac.update(body.as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An application that is registered and synced, and looked at again only when somebody says so.
struct Hooked {
    server: Orchestrator,
    source: Checkout,
    host: GitHost,
    control: Control,
}

impl Hooked {
    fn start(more: &[&str]) -> Self {
        let server = Orchestrator::start();
        let source = Sandbox::of(&App::of(server.namespace()).site()).file("static/x.txt", "1").repository().create();
        let host = GitHost::of(&source);
        private_file(&source.home("secret"), SECRET);
        let secret = source.home("secret").display().to_string();
        let arguments = [&["--interval", "24h", "--webhook-secret-file", &secret], more].concat();
        let control = Control::start(&source, server.url(), &arguments);
        control.register(server.namespace(), "app", &host.app(), 201);
        assert_eq!(control.look("app")["status"], "Synced");
        host.take_requests();
        Self { server, source, host, control }
    }

    fn message(&self, branch: &str, commit: &str) -> Value {
        json!({"ref": format!("refs/heads/{branch}"), "after": commit, "repository": {"clone_url": self.host.app(), "default_branch": "main"}})
    }

    /// What GitHub sends.
    fn github(&self, event: &str, message: &Value) -> Reply {
        let (body, address) = (message.to_string(), self.control.webhooks.clone().unwrap_or_else(|| self.control.address.clone()));
        let signature = format!("sha256={}", hex_of_hmac(&body));
        let headers =
            [("X-GitHub-Event", event), ("X-Hub-Signature-256", &signature)].map(|(name, value)| (name.to_owned(), value.to_owned()));
        crate::support::http::send(&address, "POST", "/webhooks/github", &headers, body.as_bytes()).expect("a reply")
    }

    fn push(&self, content: &str) -> String {
        self.source.write("static/x.txt", content);
        let commit = self.source.commit();
        self.host.push(&self.source, "app.git");
        commit
    }
}

#[test]
fn a_push_is_live_at_once() {
    let hooked = Hooked::start(&[]);
    let commit = hooked.push("2");
    let reply = hooked.github("push", &hooked.message("main", &commit));
    assert_eq!((reply.status, &reply.parsed()["applications"]), (200, &json!(1)));
    let line = hooked.control.logs("1 updated");
    assert_eq!((&line["cause"], &line["revision"]), (&json!("webhook"), &json!(commit)));
    assert_eq!(hooked.server.files()["x.txt"], b"2");
}

#[test]
fn a_push_that_is_announced_before_it_can_be_seen_is_waited_for() {
    let hooked = Hooked::start(&[]);
    hooked.source.write("static/x.txt", "2");
    let commit = hooked.source.commit();
    assert_eq!(hooked.github("push", &hooked.message("main", &commit)).status, 200);
    // It has looked, and seen nothing new.
    hooked.host.wait_for("GET /app.git/info/refs");
    hooked.host.push(&hooked.source, "app.git");
    assert_eq!(hooked.control.logs("1 updated")["revision"], json!(commit));
}

#[test]
fn a_burst_of_messages_is_one_sync_and_everything_else_is_none() {
    let hooked = Hooked::start(&[]);
    for (event, message) in [
        ("ping", json!({"zen": "x"})),
        ("pull_request", hooked.message("main", COMMIT)),
        ("push", hooked.message("other", COMMIT)),
        ("push", hooked.message("main", &"0".repeat(40))),
        ("push", json!({"ref": "refs/tags/v1", "after": COMMIT, "repository": {"clone_url": hooked.host.app()}})),
        ("push", json!({"ref": 1, "repository": [], "commits": null})),
        ("push", json!({"ref": "refs/heads/main", "repository": {"clone_url": hooked.host.url("app")}, "after": 1})),
        ("push", json!({"ref": "refs/heads/main", "repository": {"clone_url": format!("{}/x", hooked.host.app())}})),
    ] {
        let reply = hooked.github(event, &message);
        assert_eq!(reply.status, 200, "{event} {message}");
    }
    let commit = hooked.push("2");
    for _ in 0..100 {
        assert_eq!(hooked.github("push", &hooked.message("main", &commit)).status, 200);
    }
    hooked.control.logs("1 updated");
    hooked.control.look("app");
    let history = hooked.control.call("GET", "/app/history", 200);
    assert_eq!(history["total"], 2, "{history}");
}

#[test]
fn without_a_signature_nothing_is_looked_at() {
    let hooked = Hooked::start(&[]);
    let body = hooked.message("main", COMMIT).to_string();
    let good = hex_of_hmac(&body);
    for (provider, headers) in [
        ("github", vec![]),
        ("github", vec![("X-Hub-Signature-256", format!("sha256={}", "0".repeat(64)))]),
        ("github", vec![("X-Hub-Signature", format!("sha256={good}"))]),
        ("github", vec![("X-Hub-Signature-256", format!("sha256={}", good.to_uppercase()))]),
        ("gitlab", vec![("X-Gitlab-Token", SECRET[1..].to_owned())]),
        ("gitea", vec![("X-Gitea-Signature", good.clone()), ("X-Forgejo-Signature", "0".repeat(64))]),
        ("bitbucket", vec![("X-Hub-Signature-256", format!("sha256={good}"))]),
        ("generic", vec![("Authorization", format!("Bearer {SECRET}"))]),
    ] {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let reply = hooked.control.send_with("POST", &format!("/webhooks/{provider}"), &headers, &body);
        assert_eq!(reply.status, 401, "{provider} {headers:?}");
    }
    assert_eq!(hooked.control.send("POST", "/webhooks/svn", &body).status, 404);
    assert_eq!(hooked.host.take_requests(), Vec::<String>::new());
}

#[test]
fn every_host_can_say_that_something_was_pushed() {
    let hooked = Hooked::start(&[]);
    let commit = hooked.push("2");
    let url = hooked.host.app();
    let new = json!({"type": "branch", "name": "main", "target": {"hash": commit}});
    let bitbucket = json!({"push": {"changes": [{"new": new}]}, "repository": {"links": {"html": {"href": url}}}});
    let gitlab = json!({"ref": "refs/heads/main", "after": commit, "project": {"git_http_url": url}});
    let generic = json!({"repository": url, "branch": "main", "commit": commit});
    for (provider, message, event, header, prefix) in [
        ("gitea", hooked.message("main", &commit), ("X-Gitea-Event", "push"), "X-Gitea-Signature", ""),
        ("bitbucket", bitbucket, ("X-Event-Key", "repo:push"), "X-Hub-Signature", "sha256="),
        ("generic", generic, ("X-Nothing", ""), "X-Hub-Signature-256", "sha256="),
    ] {
        let body = message.to_string();
        let signature = format!("{prefix}{}", hex_of_hmac(&body));
        let reply = hooked.control.send_with("POST", &format!("/webhooks/{provider}"), &[event, (header, &signature)], &body);
        assert_eq!((reply.status, &reply.parsed()["applications"]), (200, &json!(1)), "{provider}");
    }
    let headers = [("X-Gitlab-Event", "Push Hook"), ("X-Gitlab-Token", SECRET)];
    let reply = hooked.control.send_with("POST", "/webhooks/gitlab", &headers, &gitlab.to_string());
    assert_eq!((reply.status, &reply.parsed()["applications"]), (200, &json!(1)));
    hooked.control.logs("1 updated");
}

#[test]
fn they_can_have_an_address_of_their_own() {
    let hooked = Hooked::start(&["--webhook-listen", "127.0.0.1:0"]);
    let commit = hooked.push("2");
    let message = hooked.message("main", &commit);
    assert_eq!(hooked.control.send("POST", "/webhooks/github", &message.to_string()).status, 404);
    assert_eq!(hooked.github("push", &message).status, 200);
    hooked.control.logs("1 updated");
    let own = hooked.control.webhooks.clone().expect("an address");
    assert_eq!(crate::support::get(&own, "/api/gitops/applications").status, 404);
}

#[test]
fn a_body_without_end_is_cut_off() {
    let hooked = Hooked::start(&[]);
    let mut connection = TcpStream::connect(&hooked.control.address).expect("a connection");
    let head = format!("POST /webhooks/github HTTP/1.1\r\nHost: {}\r\nTransfer-Encoding: chunked\r\n\r\n", hooked.control.address);
    connection.write_all(head.as_bytes()).expect("it listens");
    let piece = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    // It hangs up long before 2 GB were sent.
    let sent = (0..32_768).take_while(|_| connection.write_all(piece.as_bytes()).is_ok()).count();
    assert!(sent < 1_000, "{sent} pieces of 64 KiB were taken");
    let mut reply = Vec::new();
    let _ = connection.read_to_end(&mut reply);
    // Where the rest of what was sent is on its way still, the reply may be lost with the connection.
    assert!(reply.is_empty() || reply.starts_with(b"HTTP/1.1 413"), "{}", String::from_utf8_lossy(&reply));
    assert_eq!(hooked.control.call("GET", "", 200)["total"], 1);
}
