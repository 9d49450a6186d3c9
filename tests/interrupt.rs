//! Ended in the middle: by a signal that can be handled, and by one that cannot.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::{App, Checkout, Fault, Orchestrator, Proxy, Reply, Sandbox, fresh_namespace};

const CODE: &str = "function handle(req) return 1 end";

fn site(server: &Orchestrator) -> Sandbox {
    let mut sandbox = Sandbox::of(&App::of(server.namespace()).lua("/a", CODE).lua("/b", CODE).site());
    for file in 0..8 {
        sandbox = sandbox.file(&format!("static/{file}.txt"), file.to_string());
    }
    sandbox.file("static/index.html", "last")
}

/// One file at a time, and the third is held back while the signal comes.
fn interrupted(signal: Signal) -> i32 {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = site(&server).create();
    proxy.fault("PUT /api/storage/", 3, Fault::Stall);
    let run = source.start_sync(proxy.url(), &["--parallelism", "1"]);
    proxy.wait_until_stalled();
    run.signal(signal);
    proxy.release();
    let stopped = run.finish();
    assert!(!stopped.stderr.contains("panicked at"), "{stopped}");
    assert!(server.files().len() < 9, "it went on to the end: {stopped}");
    assert!(server.files().contains_key("2.txt"), "what was in flight was finished: {stopped}");
    assert!(proxy.sent("PUT /api/db/zerverless-gitops/m.").iter().any(|line| line.contains(".h.")), "it settled: {stopped}");

    let rerun = source.sync(server.url(), &["--lock-timeout", "5s"]).exits(0);
    assert_eq!((server.files().len(), server.functions().len()), (9, 2), "{rerun}");
    let third = source.diff(server.url(), &[]).exits(0);
    assert!(third.changes().is_empty(), "{third}");
    stopped.status
}

#[test]
fn after_an_interrupt_what_is_in_flight_is_finished_and_a_rerun_converges() {
    assert_eq!(interrupted(Signal::INT), 130);
}

#[test]
fn after_a_termination_what_is_in_flight_is_finished_and_a_rerun_converges() {
    assert_eq!(interrupted(Signal::TERM), 143);
}

#[test]
fn a_second_signal_stops_at_once_and_a_rerun_converges() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = site(&server).create();
    proxy.fault("PUT /api/storage/", 3, Fault::Stall);
    let run = source.start_sync(proxy.url(), &["--parallelism", "1"]);
    proxy.wait_until_stalled();
    run.signal(Signal::INT);
    run.signal(Signal::TERM);
    // Nothing is released: it has to end although its request never does.
    let stopped = run.finish();
    assert!([130, 143].contains(&stopped.status), "{stopped}");

    source.sync(server.url(), &["--lock-timeout", "5s"]).exits(0);
    assert_eq!((server.files().len(), server.functions().len()), (9, 2));
}

#[test]
fn a_signal_before_anything_was_written_leaves_nothing() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = site(&server).create();
    proxy.fault("GET /api/storage/", 1, Fault::Stall);
    let run = source.start_sync(proxy.url(), &[]);
    proxy.wait_until_stalled();
    run.signal(Signal::TERM);
    proxy.release();
    run.finish().exits(143);
    assert_eq!(proxy.writes().into_iter().filter(|line| !line.contains("/api/db/")).collect::<Vec<_>>(), Vec::<String>::new());
    assert!(server.files().is_empty());
}

#[test]
fn a_run_in_the_middle_of_a_listing_ends_at_a_signal() {
    let server = Orchestrator::start();
    let source = site(&server).create();
    for listing in ["GET /api/deploy", "GET /api/storage/"] {
        let proxy = Proxy::before(&server);
        proxy.fault(listing, 1, Fault::Endless);
        let run = source.start_sync(proxy.url(), &[]);
        proxy.wait_for(listing, 1);
        run.signal(Signal::INT);
        run.finish().exits(130);
        assert_eq!(proxy.writes(), Vec::<String>::new());
    }
}

#[test]
fn a_run_that_waits_to_try_again_ends_at_a_signal() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = site(&server).create();
    let busy = Reply::new(503, "text/plain", "busy").header("Retry-After", "25");
    proxy.fault_always("PUT /api/storage/", Fault::Answer(busy));
    let run = source.start_sync(proxy.url(), &["--parallelism", "1"]);
    proxy.wait_for("PUT /api/storage/", 1);
    let started = Instant::now();
    run.signal(Signal::INT);
    run.finish().exits(130);
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    source.sync(server.url(), &[]).exits(0);
    assert_eq!((server.files().len(), server.functions().len()), (9, 2));
}

#[test]
fn a_run_that_tries_to_reach_the_server_ends_at_a_signal() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = site(&server).create();
    let busy = Reply::new(429, "text/plain", "busy").header("Retry-After", "25");
    let started = Instant::now();
    for signal in [Signal::INT, Signal::TERM] {
        proxy.forget();
        proxy.fault_always("GET /info", Fault::Answer(busy.clone()));
        let run = source.start_sync(proxy.url(), &[]);
        proxy.wait_for("GET /info", 1);
        run.signal(signal);
        run.finish().exits(if signal == Signal::INT { 130 } else { 143 });
    }
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    assert_eq!(proxy.writes(), Vec::<String>::new());
}

/// A source that was synced to `namespace` once and then edited in every way: the second run creates, updates and deletes.
fn edited(server: &Orchestrator, namespace: &str) -> Checkout {
    let source = site(server).file("static/old.txt", "old").create();
    source.sync(server.url(), &["-n", namespace]).exits(0);
    source.remove("static/old.txt");
    source.write("static/0.txt", "new");
    source.declare(&App::of(server.namespace()).lua("/a", "function handle(req) return 2 end").lua("/c", CODE).site());
    source
}

#[test]
fn killed_before_any_write_one_rerun_converges() {
    let server = Orchestrator::start();
    let namespace = fresh_namespace();
    let whole = Proxy::before(&server);
    edited(&server, &namespace).sync(whole.url(), &["-n", &namespace]).exits(0);

    for method in ["PUT ", "POST ", "DELETE "] {
        for nth in 1..=whole.sent(method).len() {
            let namespace = fresh_namespace();
            let source = edited(&server, &namespace);
            let proxy = Proxy::before(&server);
            proxy.fault(method, nth, Fault::Stall);
            let run = source.start_sync(proxy.url(), &["-n", &namespace]);
            proxy.wait_until_stalled();
            run.signal(Signal::KILL);
            assert_eq!(run.finish().status, -9);

            let again = Proxy::before(&server);
            let rerun = source.sync(again.url(), &["-n", &namespace, "--lock-timeout", "5s"]).exits(0);
            let files = server.files_of(&namespace);
            assert_eq!((files.len(), files["0.txt"].as_slice()), (9, b"new".as_slice()), "killed at {method}{nth}: {rerun}");
            let functions = server.functions_of(&namespace);
            assert_eq!(functions.keys().collect::<Vec<_>>(), ["/a", "/c"], "killed at {method}{nth}: {rerun}");
            assert_eq!(server.record(&again), "hs", "killed at {method}{nth}: {rerun}");
            let third = source.sync(server.url(), &["-n", &namespace]).exits(0);
            assert!(third.changes().is_empty(), "killed at {method}{nth}: {third}");
        }
    }
}

#[test]
fn what_a_killed_run_created_is_ours_although_the_next_one_does_not_want_it() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let app = App::of(server.namespace()).lua("/stays", CODE);
    let source = Sandbox::of(&app).create();
    source.sync(server.url(), &[]).exits(0);
    source.declare(&app.clone().lua("/new", CODE));
    proxy.fault("POST /api/deploy/", 1, Fault::StallReply);
    let run = source.start_sync(proxy.url(), &[]);
    proxy.wait_until_stalled();
    run.signal(Signal::KILL);
    assert_eq!(run.finish().status, -9);
    assert_eq!(server.functions().len(), 2);

    source.declare(&app);
    let rerun = source.sync(server.url(), &["--lock-timeout", "5s"]).exits(0);
    assert_eq!(rerun.changes().into_iter().collect::<Vec<_>>(), ["delete /new"]);
    assert_eq!(server.functions().into_keys().collect::<Vec<_>>(), ["/stays"]);
}
