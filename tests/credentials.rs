//! `watch --listen`: private repositories, with a credential of a registration or of a host; nobody is ever told one.

use std::fs;

use serde_json::{Value, json};

use crate::support::{APPLICATIONS, App, Checkout, Control, GitHost, Orchestrator, Sandbox, Sshd, private_file};

const TOKEN: &str = "canary-of-a-git-token";
const NEW: &str = "canary-of-a-new-token";
const NEVER: [&str; 2] = ["--interval", "24h"];

fn private() -> (Orchestrator, Checkout, GitHost) {
    let server = Orchestrator::start();
    let source = Sandbox::of(&App::of(server.namespace()).site()).file("static/x.txt", "1").repository().create();
    let host = GitHost::of(&source);
    host.demand("me", TOKEN);
    (server, source, host)
}

fn register(control: &Control, server: &Orchestrator, host: &GitHost, auth: &Value, status: u16) -> String {
    let body = json!({"name": "app", "namespace": server.namespace(), "source": {"repoURL": host.app()}, "auth": auth});
    let reply = control.send("POST", APPLICATIONS, &body.to_string());
    let text = String::from_utf8(reply.body).expect("a text");
    assert_eq!(reply.status, status, "{text}");
    text
}

#[test]
fn a_credential_that_is_given_with_a_registration_opens_its_repository_and_is_seen_nowhere() {
    let (server, source, host) = private();
    let control = Control::start(&source, server.url(), &[&NEVER[..], &["-v"]].concat());
    let auth = json!({"username": "me", "token": TOKEN});
    let mut seen = register(&control, &server, &host, &auth, 201);
    assert_eq!(control.look("app")["status"], "Synced");
    assert_eq!(server.files().len(), 1);
    // The same again is no conflict, another token is one.
    seen += &register(&control, &server, &host, &auth, 200);
    seen += &register(&control, &server, &host, &json!({"username": "me", "token": NEW}), 409);
    // It is rotated at the host, and then here.
    host.demand("me", NEW);
    let failed = control.look("app");
    assert_eq!(failed["operation"], "Failed");
    let patched = control.send("PATCH", &format!("{APPLICATIONS}/app"), &json!({"auth": {"username": "me", "token": NEW}}).to_string());
    assert_eq!(patched.status, 200);
    assert_eq!(control.look("app")["operation"], "Succeeded");
    for target in ["", "/app", "/app/history"] {
        seen += &control.call("GET", target, 200).to_string();
    }
    seen += &String::from_utf8(control.send("GET", "/metrics", "").body).expect("a text");
    seen += &failed.to_string();
    control.signal(rustix::process::Signal::TERM);
    let (status, log) = control.ends();
    assert_eq!(status, Some(0));
    seen += &log.concat();
    for name in ["applications.db", "applications.db-wal"] {
        let bytes = fs::read(source.home(".local/state/zerverless-gitops").join(name)).unwrap_or_default();
        seen += &String::from_utf8_lossy(&bytes);
    }
    assert!(!seen.contains("canary"), "{seen}");
    // The key file opens it for the next process.
    let control = Control::start(&source, server.url(), &NEVER);
    assert_eq!(control.look("app")["operation"], "Succeeded");
    assert_eq!(control.call("GET", "/app", 200)["auth"], true);
    let none = control.send("PATCH", &format!("{APPLICATIONS}/app"), r#"{"auth": null}"#);
    assert_eq!((none.status, &none.parsed()["auth"]), (200, &json!(false)));
    assert_eq!(control.look("app")["operation"], "Failed");
}

#[test]
fn a_private_key_that_is_given_with_a_registration_opens_its_repository() {
    let (server, source, host) = private();
    let sshd = Sshd::start(&["ed25519"]);
    let (key, known) = (sshd.key("key", "ed25519", "", true), sshd.known_hosts("ed25519"));
    let known = known.display().to_string();
    let control = Control::start(&source, server.url(), &[&NEVER[..], &["--known-hosts", &known]].concat());
    let key = fs::read_to_string(key).expect("a key");
    let url = sshd.url(&host.path("app.git"));
    let body = json!({"name": "app", "namespace": server.namespace(), "source": {"repoURL": url}, "auth": {"sshKey": key}});
    assert_eq!(control.send("POST", APPLICATIONS, &body.to_string()).status, 201);
    let shown = control.look("app");
    assert_eq!(shown["status"], "Synced", "{shown}");
    assert!(!shown.to_string().contains("PRIVATE"));
}

#[test]
fn a_credential_of_the_wrong_form_is_refused_without_being_repeated() {
    let (server, source, host) = private();
    let control = Control::start(&source, server.url(), &NEVER);
    for auth in [
        json!({}),
        json!({"token": ["canary"]}),
        json!({"token": "canary", "sshKey": "canary"}),
        json!({"token": "canary canary"}),
        json!({"sshKey": "canary"}),
        json!({"password": 1}),
        json!("canary"),
    ] {
        let said = register(&control, &server, &host, &auth, 400);
        assert!(!said.contains("canary"), "{said}");
    }
    let with_password = host.app().replace("http://", "http://me:canary@");
    let body = json!({"name": "app", "namespace": "ns", "source": {"repoURL": with_password}}).to_string();
    let reply = control.send("POST", APPLICATIONS, &body);
    assert_eq!(reply.status, 400);
    assert!(!String::from_utf8_lossy(&reply.body).contains("canary"));
    assert_eq!(control.send("PATCH", &format!("{APPLICATIONS}/app"), "{}").status, 404);
}

#[test]
fn a_file_names_the_credentials_of_hosts_and_is_read_at_each_use() {
    let (server, source, host) = private();
    private_file(&source.home("token"), TOKEN);
    // A port plays no part in which repository it is.
    let line = format!("127.0.0.1 username=me token-file={}\n", source.home("token").display());
    private_file(&source.home("credentials"), &line);
    let file = source.home("credentials").display().to_string();
    let control = Control::start(&source, server.url(), &[&NEVER[..], &["--credentials", &file]].concat());
    control.register(server.namespace(), "app", &host.app(), 201);
    assert_eq!(control.look("app")["status"], "Synced");
    host.demand("me", NEW);
    assert_eq!(control.look("app")["operation"], "Failed");
    private_file(&source.home("token"), NEW);
    assert_eq!(control.look("app")["operation"], "Succeeded");
}

#[test]
fn a_backup_is_made_while_it_runs_and_everything_waits_after_a_restore() {
    let (server, source, host) = private();
    let control = Control::start(&source, server.url(), &NEVER);
    register(&control, &server, &host, &json!({"username": "me", "token": TOKEN}), 201);
    assert_eq!(control.look("app")["status"], "Synced");
    let copy = source.home("copy.db").display().to_string();
    let _ = source.run(&["db", "backup", &copy]).exits(0).says("1 application");
    let _ = source.run(&["db", "backup", &copy]).exits(1).says("is not overwritten");
    let _ = source.run(&["db", "check"]).exits(0);
    let _ = source.run(&["db", "restore", &copy]).exits(1).says("another process uses the database");
    control.call("DELETE", "/app", 204);
    control.kill();
    let _ = source.run(&["db", "restore", &copy]).exits(0).says("1 application");
    let control = Control::start(&source, server.url(), &NEVER);
    let shown = control.call("GET", "/app", 200);
    assert!(shown["suspended"].as_str().is_some_and(|why| why.contains("restored from a backup")), "{shown}");
    source.write("static/x.txt", "2");
    source.commit();
    host.push(&source, "app.git");
    control.call("POST", "/app/sync", 409);
    assert_eq!(server.files()["x.txt"], b"1");
    control.call("POST", "/app/resume", 200);
    control.logs("1 updated");
}

#[test]
fn a_damaged_database_is_said_to_be_one_and_left_as_it_is() {
    let place = Sandbox::empty().create();
    let directory = place.home(".local/state/zerverless-gitops");
    fs::create_dir_all(&directory).expect("a directory");
    let file = directory.join("applications.db");
    fs::write(&file, "this is no database, and nothing will make it one").expect("a file");
    let _ = place.run(&["watch", "--listen", "127.0.0.1:0"]).exits(1).says("is damaged");
    let _ = place.run(&["db", "check"]).exits(1).says("is damaged");
    assert!(fs::read_to_string(&file).expect("a file").starts_with("this is no database"));
    let _ = place.run(&["db", "backup", "/nowhere/x"]).exits(1);
}
