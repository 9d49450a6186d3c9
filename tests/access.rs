//! `watch --listen`: who may ask, and what nobody is ever told.

use rustix::process::Signal;

use crate::support::{APPLICATIONS, App, Checkout, Control, GitHost, Orchestrator, Sandbox, private_file};

const ALL: &str = "canary-of-all-namespaces";
const SOME: &str = "canary-of-one-namespace";

fn place() -> Checkout {
    let place = Sandbox::of(&App::of("one").site()).file("static/a.txt", "1").repository().create();
    private_file(&place.home("tokens"), &format!("{ALL}\n{SOME} one\n"));
    place
}

fn with_tokens(server: &Orchestrator, place: &Checkout) -> Control {
    let tokens = place.home("tokens").display().to_string();
    Control::start(place, server.url(), &["--interval", "24h", "--api-token-file", &tokens])
}

fn status(control: &Control, token: &str, method: &str, target: &str, body: &str) -> u16 {
    control.send_with(method, target, &[("Authorization", &format!("Bearer {token}"))], body).status
}

#[test]
fn without_tokens_neither_a_web_page_nor_a_proxy_in_front_is_answered() {
    let (server, place) = (Orchestrator::start(), place());
    let control = Control::start(&place, server.url(), &["--interval", "24h"]);
    assert_eq!(control.send("GET", APPLICATIONS, "").status, 200);
    for header in [
        ("Origin", "http://evil.example"),
        ("Origin", "null"),
        ("Sec-Fetch-Site", "cross-site"),
        ("X-Forwarded-For", "1.2.3.4"),
        ("Forwarded", "for=1.2.3.4"),
    ] {
        let reply = control.send_with("GET", APPLICATIONS, &[header], "");
        assert_eq!((reply.status, reply.parsed()["code"].as_str()), (403, Some("forbidden")), "{header:?}");
        assert_eq!(control.send_with("GET", "/metrics", &[header], "").status, 403, "{header:?}");
    }
    // What a form on a web page can send without asking.
    let form = [("Content-Type".to_owned(), "text/plain".to_owned())];
    let reply = crate::support::http::send(&control.address, "POST", APPLICATIONS, &form, b"{}").expect("a reply");
    assert_eq!(reply.status, 415);
}

#[test]
fn a_token_opens_what_it_is_for_and_nothing_else() {
    let (server, place) = (Orchestrator::start(), place());
    let host = GitHost::of(&place);
    let control = with_tokens(&server, &place);
    for (token, expected) in [("", 401), ("wrong-wrong-wrong-wrong", 401), (&ALL[1..], 401), (ALL, 200), (SOME, 200)] {
        assert_eq!(status(&control, token, "GET", APPLICATIONS, ""), expected, "{token}");
    }
    assert_eq!(control.send("GET", APPLICATIONS, "").status, 401);
    assert_eq!(control.send("GET", "/metrics", "").status, 401);
    assert_eq!(control.send("GET", "/healthz", "").status, 200);
    let body = |namespace: &str| format!(r#"{{"name": "app", "namespace": "{namespace}", "source": {{"repoURL": "{}"}}}}"#, host.app());
    assert_eq!(status(&control, SOME, "POST", APPLICATIONS, &body("two")), 403);
    assert_eq!(status(&control, ALL, "POST", APPLICATIONS, &body("two")), 201);
    assert_eq!(status(&control, SOME, "POST", APPLICATIONS, &body("one")), 201);
    let two = format!("{APPLICATIONS}/app?namespace=two");
    for method in ["GET", "DELETE"] {
        assert_eq!(status(&control, SOME, method, &two, ""), 404, "{method}");
    }
    // Only its own is there for it, so the name is not ambiguous.
    assert_eq!(status(&control, SOME, "GET", &format!("{APPLICATIONS}/app"), ""), 200);
    assert_eq!(status(&control, ALL, "GET", &format!("{APPLICATIONS}/app"), ""), 409);
}

#[test]
fn tokens_are_read_again_at_a_hangup() {
    let (server, place) = (Orchestrator::start(), place());
    let control = with_tokens(&server, &place);
    private_file(&place.home("tokens"), "a-new-token-0123456789\n");
    control.signal(Signal::HUP);
    control.logs("looking at everything again");
    assert_eq!(status(&control, "a-new-token-0123456789", "GET", APPLICATIONS, ""), 200);
    assert_eq!(status(&control, ALL, "GET", APPLICATIONS, ""), 401);
    private_file(&place.home("tokens"), "");
    control.signal(Signal::HUP);
    control.logs("holds no secret");
    assert_eq!(status(&control, "a-new-token-0123456789", "GET", APPLICATIONS, ""), 200);
}

#[test]
fn it_does_not_start_open_to_other_machines_or_with_secrets_that_are_none() {
    let place = place();
    let _ = place.run(&["watch", "--listen", "0.0.0.0:0"]).exits(64).says("--api-token-file");
    private_file(&place.home("empty"), "\n");
    let empty = place.home("empty").display().to_string();
    for flag in ["--api-token-file", "--webhook-secret-file"] {
        let _ = place.run(&["watch", "--listen", "127.0.0.1:0", flag, &empty]).exits(64).says("holds no secret");
        let _ = place.run(&["watch", "--listen", "127.0.0.1:0", flag, "/nowhere"]).exits(64);
    }
}

#[test]
fn one_process_keeps_one_database() {
    let (server, place) = (Orchestrator::start(), place());
    let _control = Control::start(&place, server.url(), &[]);
    let _ = place.run(&["watch", "--listen", "127.0.0.1:0"]).exits(1).says("another process uses the database");
}
