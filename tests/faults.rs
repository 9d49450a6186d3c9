//! A server that fails, and things that only look like a server.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{App, Fault, Orchestrator, Outcome, Proxy, Reply, Sandbox, fresh_namespace, nobody_listens};

const CODE: &str = "function handle() return 1 end";
const LOGIN: &str = "<!doctype html><html><title>Sign in</title></html>";

fn site(server: &Orchestrator) -> Sandbox {
    Sandbox::of(&App::of(server.namespace()).lua("/a", CODE).lua("/b", CODE).site())
        .file("static/a.txt", "a")
        .file("static/b.txt", "b")
        .file("static/c.txt", "c")
        .file("static/index.html", "i")
}

fn html(status: u16) -> Reply {
    Reply::new(status, "text/html; charset=utf-8", LOGIN)
}

#[track_caller]
fn is_complete(server: &Orchestrator) {
    assert_eq!((server.files().len(), server.functions().len()), (4, 2));
}

#[test]
fn a_function_whose_reply_is_lost_is_looked_up_and_not_sent_again() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = site(&server).create();
    proxy.fault(&format!("POST /api/deploy/{}/a", server.namespace()), 1, Fault::ResetAfter);
    source.sync(proxy.url(), &[]).exits(0);
    is_complete(&server);
    assert_eq!(proxy.sent(&format!("POST /api/deploy/{}/a", server.namespace())).len(), 1);
    let second = source.diff(server.url(), &[]).exits(0);
    assert!(second.changes().is_empty(), "{second}");
}

#[test]
fn a_function_whose_request_is_lost_is_sent_again() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = site(&server).create();
    proxy.fault("POST /api/deploy/", 1, Fault::Reset);
    source.sync(proxy.url(), &[]).exits(0);
    is_complete(&server);
}

#[test]
fn a_function_whose_reply_never_comes_is_looked_up() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = site(&server).create();
    proxy.fault("POST /api/deploy/", 1, Fault::Stall);
    source.sync(proxy.url(), &["--timeout", "1s"]).exits(0);
    is_complete(&server);
}

#[test]
fn what_may_pass_is_tried_again() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = site(&server).create();
    // One of every kind of request fails once.
    let lines =
        ["GET /info", "GET /api/deploy", "GET /api/db/", "PUT /api/db/", "PUT /api/storage/", "POST /api/deploy/", "DELETE /api/db/"];
    for (line, status) in lines.into_iter().zip([429, 500, 502, 503, 504].into_iter().cycle()) {
        proxy.fault(line, 1, Fault::Answer(html(status)));
    }
    source.sync(proxy.url(), &["--retries", "1"]).exits(0);
    is_complete(&server);
}

#[test]
fn what_will_not_pass_is_tried_once() {
    for status in [400, 413, 431] {
        let server = Orchestrator::start();
        let proxy = Proxy::before(&server);
        let source = site(&server).create();
        let line = format!("PUT /api/storage/{}/b.txt", server.namespace());
        proxy.fault_always(&line, Fault::Answer(html(status)));
        let failed = source.sync(proxy.url(), &[]).exits(6);
        assert!(failed.change("b.txt")["error"].as_str().is_some_and(|error| error.contains(&status.to_string())), "{failed}");
        assert_eq!(proxy.sent(&line).len(), 1, "{status}");
        assert_eq!(server.files().len(), 3, "the others are there");
    }
}

#[test]
fn a_server_that_asks_for_time_gets_it() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = site(&server).create();
    proxy.fault("PUT /api/storage/", 1, Fault::Answer(html(503).header("Retry-After", "1")));
    let started = Instant::now();
    source.sync(proxy.url(), &[]).exits(0);
    assert!(started.elapsed() >= Duration::from_secs(1), "{:?}", started.elapsed());
    is_complete(&server);
}

#[test]
fn a_server_that_asks_for_nonsense_is_asked_again_or_given_up_in_bounded_time() {
    for (asked, passes) in [("-5", true), ("soon", true), ("Sun, 06 Nov 1994 08:49:37 GMT", true), ("1000000000", false)] {
        let server = Orchestrator::start();
        let proxy = Proxy::before(&server);
        let source = site(&server).create();
        proxy.fault("PUT /api/storage/", 1, Fault::Answer(html(429).header("Retry-After", asked)));
        let started = Instant::now();
        let outcome = source.sync(proxy.url(), &["--timeout", "1s"]);
        outcome.exits(if passes { 0 } else { 6 });
        assert!(started.elapsed() < Duration::from_secs(20), "{asked}: {:?}", started.elapsed());
    }
}

/// The run ends before anything is written, names what it asked, and what is live stays.
#[track_caller]
fn nothing_written(proxy: &Proxy, server: &Orchestrator, outcome: Outcome) -> Outcome {
    let outcome = outcome.exits(5).fails_as("server");
    assert_eq!(proxy.writes(), Vec::<String>::new(), "{outcome}");
    assert!(outcome.stderr.contains(proxy.url()), "the endpoint is named: {outcome}");
    is_complete(server);
    outcome
}

#[test]
fn a_listing_that_was_cut_is_never_taken_for_a_short_one() {
    let server = Orchestrator::start();
    let source = site(&server).create();
    source.sync(server.url(), &[]).exits(0);
    source.remove("static/a.txt");
    for line in ["GET /api/deploy", "GET /api/storage/", "GET /api/db/zerverless-gitops/?", "GET /api/db/zerverless-gitops/m."] {
        for length in [0, 1, 30] {
            let proxy = Proxy::before(&server);
            proxy.fault_always(line, Fault::Truncate(length));
            let outcome = source.sync(proxy.url(), &["--retries", "1"]);
            nothing_written(&proxy, &server, outcome);
        }
    }
}

#[test]
fn a_reply_without_an_end_is_not_read_for_ever() {
    let server = Orchestrator::start();
    let source = site(&server).create();
    source.sync(server.url(), &[]).exits(0);
    source.remove("static/a.txt");
    for line in ["GET /info", "GET /api/deploy", "GET /api/db/zerverless-gitops/m."] {
        let proxy = Proxy::before(&server);
        proxy.fault_always(line, Fault::Endless);
        let outcome = source.sync(proxy.url(), &["--timeout", "2s", "--retries", "0"]);
        assert!([5, 7].contains(&outcome.status), "{line}: {outcome}");
        assert!(proxy.writes().is_empty(), "{line}: {outcome}");
        is_complete(&server);
    }
}

#[test]
fn a_login_page_in_the_place_of_any_reply_writes_nothing() {
    let server = Orchestrator::start();
    let source = site(&server).create();
    source.sync(server.url(), &[]).exits(0);
    source.remove("static/a.txt");
    for line in ["", "GET /api/deploy", "GET /api/storage/", "GET /api/db/"] {
        let proxy = Proxy::before(&server);
        proxy.fault_always(line, Fault::Answer(html(200)));
        let outcome = source.sync(proxy.url(), &["--retries", "1"]);
        nothing_written(&proxy, &server, outcome);
    }
}

#[test]
fn an_error_of_the_store_is_not_an_empty_namespace() {
    let server = Orchestrator::start();
    let source = site(&server).create();
    source.sync(server.url(), &[]).exits(0);
    source.remove("static/a.txt");
    for error in ["lstat storage/other: no such file or directory", "too many open files", ""] {
        let proxy = Proxy::before(&server);
        proxy.fault_always("GET /api/storage/", Fault::Answer(Reply::json(500, &json!({"error": error}))));
        let outcome = source.sync(proxy.url(), &["--retries", "0"]);
        nothing_written(&proxy, &server, outcome);
    }
}

#[test]
fn a_listing_that_contradicts_itself_is_not_used() {
    let server = Orchestrator::start();
    let source = site(&server).create();
    source.sync(server.url(), &[]).exits(0);
    source.remove("static/a.txt");
    let lies = [
        ("GET /api/deploy", json!({"deployments": [], "total": 2})),
        ("GET /api/deploy", json!({"deployments": null})),
        ("GET /api/storage/", json!({"files": ["a.txt"], "count": 4})),
        ("GET /api/storage/", json!({"count": 0})),
        ("GET /api/storage/", json!([])),
        ("GET /api/db/zerverless-gitops/?", json!({"keys": null, "count": 1})),
    ];
    for (line, lie) in lies {
        let proxy = Proxy::before(&server);
        proxy.fault_always(line, Fault::Answer(Reply::json(200, &lie)));
        let outcome = source.sync(proxy.url(), &["--retries", "0"]);
        nothing_written(&proxy, &server, outcome);
    }
}

#[test]
fn a_token_that_is_refused_is_a_server_error_that_says_what_to_do() {
    let server = Orchestrator::start();
    let source = site(&server).create();
    source.sync(server.url(), &[]).exits(0);
    source.remove("static/a.txt");
    for status in [401, 403] {
        let proxy = Proxy::before(&server);
        proxy.fault_always("", Fault::Answer(html(status)));
        let outcome = source.sync(proxy.url(), &[]);
        nothing_written(&proxy, &server, outcome).says("--token-file");
        assert_eq!(proxy.requests().len(), 1, "never tried again");
    }
}

#[test]
fn a_redirect_is_told_and_not_followed() {
    let (server, elsewhere) = (Orchestrator::start(), Orchestrator::start());
    let source = site(&server).create();
    source.sync(server.url(), &[]).exits(0);
    source.remove("static/a.txt");
    let (proxy, target) = (Proxy::before(&server), Proxy::before(&elsewhere));
    for status in [301, 302, 307, 308] {
        proxy.forget();
        proxy.fault_always("", Fault::Answer(html(status).header("Location", &format!("{}/info", target.url()))));
        let outcome = source.sync(proxy.url(), &[]);
        nothing_written(&proxy, &server, outcome).says(target.url());
    }
    assert_eq!(target.requests().len(), 0);
}

#[test]
fn a_url_below_which_there_is_nothing_is_a_server_error() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = site(&server).create();
    let wrong = format!("{}/somewhere", proxy.url());
    source.sync(&wrong, &["--retries", "1"]).exits(5).fails_as("server").says(&wrong);
    assert_eq!(proxy.writes(), Vec::<String>::new());
}

#[test]
fn when_nothing_listens_the_error_names_the_address_and_the_embedded_one() {
    let refusing = nobody_listens(([127, 0, 0, 1], 0).into()).expect("a free port");
    let url = format!("http://{}", refusing.local_addr().expect("a bound socket has an address"));
    let source = Sandbox::of(&App::of("ns").lua("/a", CODE)).create();
    for verb in ["diff", "sync"] {
        let outcome = source.run(&[verb, "--server", &url, "--retries", "1", "-o", "json"]);
        outcome.exits(5).fails_as("server").says(&url).says("--local");
    }
}

#[test]
fn a_server_that_dies_half_way_leaves_a_partial_run_and_a_rerun_converges() {
    for (line, nth) in [("PUT /api/storage/", 2), ("POST /api/deploy/", 1), ("DELETE /api/storage/", 1), ("PUT /api/db/", 2)] {
        let server = Orchestrator::start();
        let source = site(&server).file("static/old.txt", "old").create();
        source.sync(server.url(), &[]).exits(0);
        source.remove("static/old.txt");
        source.write("static/a.txt", "new");
        source.write("static/b.txt", "new");
        source.declare(&App::of(server.namespace()).lua("/a", "function handle() return 2 end").lua("/b", CODE).site());

        let proxy = Proxy::before(&server);
        proxy.fault(line, nth, Fault::Die);
        let died = source.sync(proxy.url(), &["--retries", "1"]);
        // Before the first change nothing but the claim was sent.
        assert!([5, 6].contains(&died.status), "{died}");
        assert!(died.stderr.contains(proxy.url()) || died.stdout.contains(proxy.url()), "{died}");
        assert_eq!(proxy.sent("DELETE /api/storage/").len(), usize::from(line.starts_with("DELETE")));

        source.sync(server.url(), &["--lock-timeout", "5s"]).exits(0);
        is_complete(&server);
        assert_eq!(server.files()["a.txt"], b"new");
        let third = source.diff(server.url(), &["--verify", "full"]).exits(0);
        assert!(third.changes().is_empty(), "{third}");
    }
}

#[test]
fn a_deletion_of_what_is_gone_already_is_a_success() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = site(&server).file("static/old.txt", "old").create();
    source.sync(server.url(), &[]).exits(0);
    source.remove("static/old.txt");
    source.declare(&App::of(server.namespace()).lua("/a", CODE).site());
    // It is carried out and its reply lost: the next try finds nothing.
    proxy.fault("DELETE /api/storage/", 1, Fault::ResetAfter);
    proxy.fault("DELETE /api/deploy/", 1, Fault::ResetAfter);
    let synced = source.sync(proxy.url(), &[]).exits(0);
    assert_eq!(synced.count("delete"), 2, "{synced}");
    assert_eq!((server.files().len(), server.functions().len()), (4, 1));
    let second = source.sync(server.url(), &[]).exits(0);
    assert!(second.changes().is_empty(), "{second}");
}

/// The server answers that it stored something, and it is not what was sent.
#[track_caller]
fn stored_wrongly(name: &str, reply: impl FnOnce(&str) -> Reply) {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = site(&server).create();
    let namespace = server.namespace();
    let file = format!("PUT /api/storage/{namespace}/{name}");
    let line = if name.starts_with('/') { format!("POST /api/deploy/{namespace}{name}") } else { file };
    proxy.fault_always(&line, Fault::Answer(reply(namespace)));
    let failed = source.sync(proxy.url(), &["--retries", "0"]).exits(6);
    assert!(failed.change(name)["error"].is_string(), "{failed}");
    assert_eq!(server.files().len() + server.functions().len(), 5, "the others arrived: {failed}");
}

#[test]
fn a_server_that_stores_something_else_than_was_sent_fails_that_item_loudly() {
    stored_wrongly("b.txt", |namespace| Reply::json(201, &json!({"namespace": namespace, "path": "other.txt", "size": 1})));
    stored_wrongly("b.txt", |namespace| Reply::json(201, &json!({"namespace": namespace, "path": "b.txt", "size": 2})));
    stored_wrongly("b.txt", |_| html(201));
    let created_at = "2026-01-01T00:00:00Z";
    let other = json!({"path": "/a", "runtime": "lua", "code": "something else", "created_at": created_at});
    stored_wrongly("/a", |namespace| {
        let mut stored = other;
        stored["user"] = namespace.into();
        Reply::json(201, &stored)
    });
}

#[test]
fn one_upload_that_is_cut_again_and_again_does_not_keep_the_others_from_arriving() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = site(&server).create();
    let line = format!("PUT /api/storage/{}/b.txt", server.namespace());
    proxy.fault_always(&line, Fault::Reset);
    let failed = source.sync(proxy.url(), &[]).exits(6);
    assert!(failed.change("b.txt")["error"].as_str().is_some_and(|error| error.contains("/b.txt")), "{failed}");
    assert!(proxy.sent(&line).len() <= 2, "{:?}", proxy.sent(&line));
    assert_eq!((server.files().len(), server.functions().len()), (3, 2));
    source.sync(server.url(), &[]).exits(0);
    is_complete(&server);
}

#[test]
fn cut_off_after_any_write_one_rerun_converges_and_nothing_is_left_in_the_record() {
    let server = Orchestrator::start();
    let edited = |namespace: &str| {
        let source = site(&server).file("static/old.txt", "old").create();
        source.sync(server.url(), &["-n", namespace]).exits(0);
        source.remove("static/old.txt");
        source.write("static/a.txt", "new");
        source.declare(&App::of(server.namespace()).lua("/a", "function handle() return 2 end").lua("/c", CODE).site());
        source
    };
    let whole = Proxy::before(&server);
    let namespace = fresh_namespace();
    edited(&namespace).sync(whole.url(), &["-n", &namespace]).exits(0);
    assert_eq!(server.record(&whole), "hs");
    for method in ["PUT ", "POST ", "DELETE "] {
        for nth in 1..=whole.sent(method).len() {
            let namespace = fresh_namespace();
            let source = edited(&namespace);
            let proxy = Proxy::before(&server);
            proxy.fault(method, nth, Fault::ResetAfter);
            let cut = source.sync(proxy.url(), &["-n", &namespace, "--retries", "0"]);
            assert!([0, 5, 6].contains(&cut.status), "{method}{nth}: {cut}");

            proxy.forget();
            let rerun = source.sync(proxy.url(), &["-n", &namespace, "--lock-timeout", "5s"]).exits(0);
            let files = server.files_of(&namespace);
            assert_eq!((files.len(), files["a.txt"].as_slice()), (4, b"new".as_slice()), "{method}{nth}: {rerun}");
            assert_eq!(server.functions_of(&namespace).keys().collect::<Vec<_>>(), ["/a", "/c"], "{method}{nth}: {rerun}");
            assert_eq!(server.record(&proxy), "hs", "{method}{nth}: {cut}\n{rerun}");
        }
    }
}
