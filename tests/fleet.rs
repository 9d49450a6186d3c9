//! Many applications in one process: what goes wrong with one is its own.

use std::fs;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{App, Checkout, Control, GitHost, Orchestrator, Sandbox, Stranger, fresh_namespace, private_file};

const NEVER: [&str; 2] = ["--interval", "24h"];

fn site(namespace: &str, name: &str) -> Checkout {
    Sandbox::of(&App::of(namespace).named(name).site()).file("static/x.txt", "1").repository().create()
}

#[test]
fn a_host_that_says_nothing_holds_up_nobody_else() {
    let server = Orchestrator::start();
    let (other, good) = (site(server.namespace(), "stalled"), site(&fresh_namespace(), "app"));
    // One stands still while it sends its pack, another before it says anything.
    let stalled = GitHost::of(&other);
    stalled.stall_packs(true);
    let silent = Stranger::who(|_| {
        std::thread::park();
        Ok(())
    });
    let host = GitHost::of(&good);
    let control = Control::start(&good, server.url(), &[&NEVER[..], &["--concurrent", "1"]].concat());
    control.register(server.namespace(), "stalled", &stalled.app(), 201);
    control.register(server.namespace(), "silent", &silent.url(), 201);
    stalled.wait_for("POST /app.git/git-upload-pack");
    let namespace = fs::read_to_string(good.path("zerverless.yaml")).expect("a manifest");
    let namespace = namespace.lines().find_map(|line| line.split("namespace: ").nth(1)).expect("a namespace").trim_end_matches('}').trim();
    control.register(namespace, "app", &host.app(), 201);
    assert_eq!(control.look("app")["status"], "Synced");
    for name in ["stalled", "silent"] {
        assert_eq!(control.call("GET", &format!("/{name}"), 200)["operation"], "Running", "{name}");
    }
    stalled.stall_packs(false);
    assert_eq!(control.look("stalled")["status"], "Synced");
    // Nor does it hold up the end.
    control.signal(Signal::TERM);
    assert_eq!(control.ends().0, Some(0));
}

#[test]
fn a_host_that_was_away_is_tried_again_and_told_of_once() {
    let server = Orchestrator::start();
    let source = site(server.namespace(), "app");
    let host = GitHost::of(&source);
    let away = host.path("away");
    fs::rename(host.path("app.git"), &away).expect("a repository");
    let control = Control::start(&source, server.url(), &NEVER);
    control.register(server.namespace(), "app", &host.app(), 201);
    for _ in 0..3 {
        host.wait_for("GET /app.git/info/refs");
        host.take_requests();
    }
    let shown = control.call("GET", "/app", 200);
    assert_eq!((&shown["status"], &shown["revision"]), (&json!("Unknown"), &Value::Null), "{shown}");
    assert!(shown["message"].as_str().is_some_and(|message| message.contains("404")), "{shown}");
    fs::rename(&away, host.path("app.git")).expect("a repository");
    assert_eq!(control.logs("404")["level"], "error");
    // Nobody asked: it came back by itself, and what stayed the same was not said again.
    let line = control.logs("");
    assert!(line["message"].as_str().is_some_and(|said| said.contains("created")), "{line}");
}

#[test]
fn a_branch_that_was_set_back_is_followed_when_it_stays_there() {
    let server = Orchestrator::start();
    let source = site(server.namespace(), "app");
    let first = source.commit();
    let host = GitHost::of(&source);
    let control = Control::start(&source, server.url(), &["--interval", "1s"]);
    control.register(server.namespace(), "app", &host.app(), 201);
    control.logs("created");
    source.write("static/x.txt", "2");
    source.commit();
    host.push(&source, "app.git");
    control.logs("1 updated");
    source.git(&["reset", "--quiet", "--hard", &first]);
    host.push(&source, "app.git");
    // A mirror that is behind looks the same, so it is refused at first.
    let refused = control.logs("was applied before");
    assert_eq!(refused["level"], "error", "{refused}");
    assert_eq!(control.logs("1 updated")["revision"], json!(first));
    assert_eq!(server.files()["x.txt"], b"1");
}

#[test]
fn what_the_user_of_the_process_has_opens_nothing_for_who_asks_with_a_token() {
    let server = Orchestrator::start();
    let source = site(server.namespace(), "app");
    let host = GitHost::of(&source);
    host.demand("me", "canary-of-the-helper");
    let helper = "[credential]\n\thelper = \"!f() { echo username=me; echo password=canary-of-the-helper; }; f\"\n";
    private_file(&source.home(".gitconfig"), helper);
    private_file(&source.home("tokens"), "a-token-of-the-api-0123\n");
    let tokens = source.home("tokens").display().to_string();
    let body = json!({"name": "app", "namespace": server.namespace(), "source": {"repoURL": host.app()}}).to_string();
    for (more, status) in [
        (vec![], "Synced"),
        (vec!["--api-token-file", &tokens], "Unknown"),
        (vec!["--api-token-file", &tokens, "--own-credentials"], "Synced"),
    ] {
        let control = Control::start(&source, server.url(), &[&NEVER[..], &["--no-cache"], &more].concat());
        let token = [("Authorization", "Bearer a-token-of-the-api-0123")];
        let registered = control.send_with("POST", crate::support::APPLICATIONS, &token, &body).status;
        assert!(matches!(registered, 200 | 201), "{registered}");
        let shown = control.send_with("POST", &format!("{}/app/sync?wait=60s", crate::support::APPLICATIONS), &token, "").parsed();
        assert_eq!(shown["status"], status, "{more:?} {shown}");
        let message = shown["message"].as_str().unwrap_or_default();
        assert!(!message.contains("canary") && (status == "Synced" || message.contains("--credentials")), "{message}");
    }
}

#[test]
fn what_may_no_longer_be_registered_is_no_longer_synced() {
    let server = Orchestrator::start();
    let source = site(server.namespace(), "app");
    let host = GitHost::of(&source);
    let control = Control::start(&source, server.url(), &[&NEVER[..], &["--allow-host", "127.0.0.1"]].concat());
    control.register(server.namespace(), "app", &host.app(), 201);
    control.register(server.namespace(), "public", "https://git.example/me/public", 400);
    assert_eq!(control.look("app")["status"], "Synced");
    control.kill();
    let database = source.home(".local/state/zerverless-gitops/applications.db");
    let url = format!("sqlite://{}", database.display());
    let moved = "UPDATE applications SET repo_url = 'http://169.254.169.254/me/app', repository = '169.254.169.254/me/app'";
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let pool = sqlx::SqlitePool::connect(&url).await.expect("the database");
        sqlx::query(moved).execute(&pool).await.expect("an update");
        pool.close().await;
    });
    let control = Control::start(&source, server.url(), &NEVER);
    let shown = control.look("app");
    assert!(shown["message"].as_str().is_some_and(|why| why.contains("may not be registered here")), "{shown}");
}
