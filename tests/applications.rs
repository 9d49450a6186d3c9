//! `watch --listen`: what is registered by the API is kept, and nothing is lost.

use std::process::Command;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{APPLICATIONS, App, Checkout, Control, Fault, GitHost, Orchestrator, Proxy, Running, Sandbox};

const CODE: &str = "function handle() return 1 end";
/// Nobody looks again by himself within a test.
const NEVER: [&str; 2] = ["--interval", "24h"];

fn app(server: &Orchestrator) -> App {
    App::of(server.namespace()).lua("/a", CODE).site()
}

fn site(server: &Orchestrator) -> Checkout {
    Sandbox::of(&app(server)).file("static/index.html", "i").file("static/x.txt", "1").repository().create()
}

fn push(source: &Checkout, host: &GitHost) -> String {
    let commit = source.commit();
    host.push(source, "app.git");
    commit
}

/// An orchestrator, a repository on a host, and a place for the process.
fn three() -> (Orchestrator, Checkout, GitHost) {
    let server = Orchestrator::start();
    let source = site(&server);
    let host = GitHost::of(&source);
    (server, source, host)
}

#[test]
fn the_steps_of_the_guide_work_as_they_stand() {
    let (server, source, host) = three();
    let control = Control::start(&source, server.url(), &["--interval", "500ms"]);
    // As the guide has it, but for the address of this process, the repository and the names.
    let guide = format!(
        r#"curl -sS -X POST http://{}/api/gitops/applications \
  -H "Content-Type: application/json" \
  -d '{{
    "name": "app",
    "namespace": "{}",
    "source": {{
      "repoURL": "{}",
      "branch": "main"
    }}
  }}'"#,
        control.address,
        server.namespace(),
        host.app()
    );
    let done = Command::new("sh").args(["-c", &guide]).output().expect("sh and curl are installed");
    let reply: Value = serde_json::from_slice(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:?}"));
    assert_eq!((&reply["name"], &reply["source"]["branch"]), (&json!("app"), &json!("main")));
    control.logs("created");
    assert_eq!((server.files().len(), server.functions().len()), (2, 1));
    // A commit is live at the next poll, and what was deleted is gone.
    source.write("static/index.html", "j");
    source.remove("static/x.txt");
    let commit = push(&source, &host);
    let line = control.logs("1 updated, 1 deleted");
    assert_eq!((&line["revision"], &line["cause"]), (&json!(commit), &json!("poll")));
    assert_eq!(server.files().into_iter().collect::<Vec<_>>(), [("index.html".to_owned(), b"j".to_vec())]);
    let shown = control.call("GET", "/app", 200);
    assert_eq!((&shown["status"], &shown["revision"], &shown["message"]), (&json!("Synced"), &json!(commit), &Value::Null), "{shown}");
    assert!(shown["last_sync"].is_string() && shown["next_poll"].is_string(), "{shown}");
}

#[test]
fn a_killed_process_loses_nothing_and_the_next_one_goes_on() {
    let (server, source, host) = three();
    let control = Control::start(&source, server.url(), &NEVER);
    control.register(server.namespace(), "app", &host.app(), 201);
    control.logs("created");
    // The row is written before the log line.
    let before = control.call("GET", "/app", 200);
    control.kill();
    source.write("static/x.txt", "2");
    push(&source, &host);
    let control = Control::start(&source, server.url(), &NEVER);
    control.logs("1 updated");
    let after = control.call("GET", "/app", 200);
    assert_eq!((&after["created_at"], &after["status"]), (&before["created_at"], &json!("Synced")));
    let history = control.call("GET", "/app/history", 200);
    assert_eq!((&history["total"], &history["history"][0]["changes"]["updated"]), (&json!(2), &json!(1)), "{history}");
    assert_eq!(server.files()["x.txt"], b"2");
}

#[test]
fn terminated_in_a_sync_it_finishes_what_is_in_flight_and_the_next_one_completes_it() {
    let (server, source, host) = three();
    let proxy = Proxy::before(&server);
    proxy.fault("PUT /api/storage/", 1, Fault::Stall);
    let control = Control::start(&source, proxy.url(), &[&NEVER[..], &["--parallelism", "1"]].concat());
    control.register(server.namespace(), "app", &host.app(), 201);
    proxy.wait_until_stalled();
    control.signal(Signal::TERM);
    proxy.release();
    assert_eq!(control.ends().0, Some(0));
    let control = Control::start(&source, server.url(), &NEVER);
    assert_eq!(control.look("app")["status"], "Synced");
    assert_eq!(server.files().len(), 2);
}

#[test]
fn an_identical_registration_is_fine_and_another_one_is_a_conflict() {
    let (server, source, host) = three();
    let control = Control::start(&source, server.url(), &NEVER);
    let namespace = server.namespace();
    control.register(namespace, "app", &host.app(), 201);
    assert_eq!(control.register(namespace, "app", &host.app(), 200)["name"], "app");
    assert_eq!(control.register(namespace, "app", &host.url("other.git"), 409)["code"], "conflict");
    assert_eq!(control.call("GET", "", 200)["total"], 1);
    assert_eq!(control.call("GET", "/", 200)["applications"][0]["source"]["repoURL"], host.app());
}

#[test]
fn a_name_in_two_namespaces_has_to_be_told_apart() {
    let (server, source, host) = three();
    let control = Control::start(&source, server.url(), &NEVER);
    control.register("one", "app", &host.url("none.git"), 201);
    control.register("two", "app", &host.url("none.git"), 201);
    let ambiguous = control.call("GET", "/app", 409);
    assert!(ambiguous["error"].as_str().is_some_and(|error| error.contains("one, two")), "{ambiguous}");
    assert_eq!(control.call("GET", "/app?namespace=two", 200)["namespace"], "two");
    control.call("DELETE", "/app?namespace=two", 204);
    assert_eq!(control.call("GET", "/app", 200)["namespace"], "one");
}

#[test]
fn a_deleted_application_is_kept_no_longer_and_what_it_placed_stays_unless_asked() {
    let (server, source, host) = three();
    let control = Control::start(&source, server.url(), &NEVER);
    control.register(server.namespace(), "app", &host.app(), 201);
    assert_eq!(control.look("app")["operation"], "Succeeded");
    control.call("DELETE", "/app", 204);
    control.call("GET", "/app", 404);
    assert_eq!(server.files().len(), 2);
    control.register(server.namespace(), "app", &host.app(), 201);
    control.look("app");
    control.call("DELETE", "/app?prune=true", 204);
    control.call("GET", "/app", 404);
    assert_eq!((server.files().len(), server.functions().len()), (0, 0));
}

#[test]
fn a_manifest_of_another_name_is_not_applied() {
    let (server, source, host) = three();
    let control = Control::start(&source, server.url(), &NEVER);
    control.register(server.namespace(), "other", &host.app(), 201);
    let shown = control.look("other");
    assert_eq!((&shown["status"], &shown["operation"]), (&json!("OutOfSync"), &json!("Failed")));
    let message = shown["message"].as_str().expect("a message");
    assert!(message.contains(&format!("{}/app", server.namespace())) && message.contains("is registered"), "{message}");
    assert!(server.files().is_empty());
}

#[test]
fn what_is_wrong_is_shown_and_mended_by_the_next_commit() {
    let (server, source, host) = three();
    let control = Control::start(&source, server.url(), &NEVER);
    control.register(server.namespace(), "app", &host.url("none.git"), 201);
    let shown = control.look("app");
    assert_eq!((&shown["status"], &shown["operation"]), (&json!("Unknown"), &json!("Failed")), "{shown}");
    control.call("DELETE", "/app", 204);
    control.register(server.namespace(), "app", &host.app(), 201);
    control.look("app");
    source.write("zerverless.yaml", "nonsense: [");
    push(&source, &host);
    let shown = control.look("app");
    assert!(shown["message"].as_str().is_some_and(|message| message.starts_with("zerverless.yaml:")), "{shown}");
    // A warning that stands before the mistake is not taken for it, and the log says what the API does.
    let yaml =
        app(&server).yaml().replace("spec:", "spec:\n  source: {repoURL: https://git.example/a}").replace("runtime: lua", "runtime: Lua5");
    source.write("zerverless.yaml", yaml);
    push(&source, &host);
    let shown = control.look("app");
    assert!(shown["message"].as_str().is_some_and(|message| message.contains("Lua5")), "{shown}");
    assert_eq!(control.logs("Lua5")["message"], shown["message"]);
    source.declare(&app(&server));
    push(&source, &host);
    assert_eq!(control.look("app")["message"], Value::Null);
}

#[test]
fn nonsense_is_refused_with_a_reason_and_registers_nothing() {
    let (server, source, host) = three();
    let control = Control::start(&source, server.url(), &NEVER);
    let good = json!({"name": "app", "namespace": "ns", "source": {"repoURL": host.app()}});
    let with = |path: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(path).expect("a place") = value;
        body.to_string()
    };
    for body in [
        String::new(),
        "{}".to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        "[".repeat(10_000),
        format!("{{\"name\": {}", "[".repeat(10_000)),
        r#"{"name": "a", "name": "b"}"#.to_owned(),
        with("/name", json!(1)),
        with("/name", json!("../x")),
        with("/name", json!("")),
        with("/namespace", json!("api")),
        with("/namespace", json!("A B")),
        with("/source", json!([])),
        with("/source/repoURL", json!("file:///etc")),
        with("/source/repoURL", json!("http://169.254.169.254/latest/meta-data")),
        with("/source", json!({"repoURL": host.app(), "branch": "a\nb"})),
        with("/source", json!({"repoURL": host.app(), "subdir": "../.."})),
        good.to_string() + "x",
    ] {
        let reply = control.send("POST", APPLICATIONS, &body);
        assert_eq!(reply.status, 400, "{body}");
        assert!(reply.parsed()["error"].is_string() && reply.parsed()["code"] == "bad_request", "{body}");
    }
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(100_000));
    assert_eq!(control.send("POST", APPLICATIONS, &large).status, 413);
    assert_eq!(control.send("PUT", APPLICATIONS, "").status, 405);
    assert_eq!(control.send("GET", "/elsewhere", "").status, 404);
    assert_eq!(control.send("DELETE", &format!("{APPLICATIONS}/app?purge=true"), "").status, 400);
    assert_eq!(control.call("GET", "", 200)["total"], 0);
}

#[test]
fn what_is_said_of_one_source_does_not_go_with_many() {
    let place = Sandbox::empty().create();
    for more in [&["--branch", "main"][..], &["--subdir", "x"], &["--namespace", "x"], &["--debounce", "1s"], &["."], &["--follow-branch"]]
    {
        let _ = place.run(&[&["watch", "--listen", "127.0.0.1:0"], more].concat()).exits(64);
    }
    let mut with_token = place.command(&["watch", "--listen", "127.0.0.1:0"]);
    with_token.env("ZERVERLESS_GIT_TOKEN", "s3cr3t");
    let outcome = Running::start(with_token).finish().exits(64);
    assert!(!outcome.said().contains("s3cr3t"));
}
