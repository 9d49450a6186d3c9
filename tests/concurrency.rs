//! Several runs at once: each namespace ends as one of them wanted it, and every change is made by exactly one.

use rustix::process::Signal;

use crate::support::{App, Checkout, Fault, Orchestrator, Outcome, Proxy, Request, Running, Sandbox};

const CODE: &str = "function handle() return 1 end";

/// A clone of one repository in which every item says `version`.
fn clone(server: &Orchestrator, version: &str) -> Checkout {
    let app = App::of(server.namespace()).lua("/a", &format!("-- {version}")).lua("/b", &format!("-- {version}")).site();
    let mut sandbox = Sandbox::of(&app).file(&format!("static/only-{version}.txt"), version);
    for file in 0..6 {
        sandbox = sandbox.file(&format!("static/{file}.txt"), version);
    }
    let clone = sandbox.repository().create();
    clone.git(&["remote", "add", "origin", "https://git.example.com/me/app.git"]);
    clone
}

/// Insists that everything in the namespace is of one version.
#[track_caller]
fn is_wholly(server: &Orchestrator, version: &str) {
    let files = server.files();
    let other: Vec<&String> = files.iter().filter(|(_, content)| **content != version.as_bytes()).map(|(name, _)| name).collect();
    assert!(other.is_empty() && files.len() == 7, "{other:?} of {:?}", files.keys());
    let functions = server.functions();
    assert!(functions.len() == 2 && functions.values().all(|(_, code)| *code == format!("-- {version}")), "{functions:?}");
}

#[test]
fn of_many_runs_at_once_one_makes_the_changes_and_the_others_have_nothing_to_do() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = clone(&server, "one");
    let runs: Vec<Running> = (0..4).map(|_| source.start_sync(proxy.url(), &[])).collect();
    let created: Vec<u64> = runs.into_iter().map(|run| run.finish().exits(0).count("create")).collect();
    assert_eq!(created.iter().filter(|count| **count > 0).count(), 1, "{created:?}");
    for item in ["PUT /api/storage/", "POST /api/deploy/"] {
        let mut sent = proxy.sent(item);
        let all = sent.len();
        sent.sort();
        sent.dedup();
        assert_eq!(sent.len(), all, "something was sent twice: {:?}", proxy.sent(item));
    }
    is_wholly(&server, "one");
}

#[test]
fn of_two_runs_of_two_commits_at_once_one_wins_wholly() {
    let server = Orchestrator::start();
    let (one, two) = (clone(&server, "one"), clone(&server, "two"));
    one.sync(server.url(), &[]).exits(0);
    for _ in 0..4 {
        let first = one.start_sync(server.url(), &["--allow-older"]);
        let second = two.start_sync(server.url(), &["--allow-older"]);
        let (first, second) = (first.finish(), second.finish());
        assert_eq!((first.status, second.status), (0, 0), "{first}\n{second}");
        let last = String::from_utf8(server.files()["0.txt"].clone()).expect("a text");
        is_wholly(&server, &last);
    }
    two.sync(server.url(), &["--allow-older"]).exits(0);
    is_wholly(&server, "two");
}

#[test]
fn a_run_that_was_taken_for_dead_stops_before_it_deletes_and_what_it_wrote_is_written_again() {
    let server = Orchestrator::start();
    let (one, two) = (clone(&server, "one"), clone(&server, "two"));
    one.sync(server.url(), &[]).exits(0);
    let proxy = Proxy::before(&server);
    proxy.fault("PUT /api/storage/", 1, Fault::Stall);
    let slow = two.start_sync(proxy.url(), &["--parallelism", "1"]);
    proxy.wait_until_stalled();

    // Somebody decides that it is dead, and goes on without it.
    let claim = proxy.sent("PUT /api/db/zerverless-gitops/m.").pop().expect("it put its claim");
    let claim = claim.strip_prefix("PUT ").expect("a write");
    assert_eq!(server.send("DELETE", claim, b"").status, 204);
    one.write("static/0.txt", "one");
    one.write("static/added.txt", "one");
    one.sync(server.url(), &["--allow-older"]).exits(0);
    proxy.release();

    slow.finish().exits(7).fails_as("guard").says("took this one for dead");
    assert_eq!(proxy.sent("DELETE /api/storage/"), Vec::<String>::new());
    assert!(server.files().contains_key("only-one.txt"));
    one.remove("static/added.txt");
    one.sync(server.url(), &["--allow-older"]).exits(0);
    is_wholly(&server, "one");
}

/// Starts a run, makes another one settle after the items were listed and before the records are read, and returns how the first ended.
fn misled(server: &Orchestrator, first: &Checkout, second: &Checkout, more: &[&str]) -> (Outcome, Proxy) {
    let (proxy, late) = (Proxy::before(server), Proxy::before(server));
    proxy.fault("PUT /api/storage/", 1, Fault::Stall);
    let run = first.start_sync(proxy.url(), &[]);
    proxy.wait_until_stalled();
    late.fault("GET /api/storage/", 1, Fault::StallReply);
    let misled = second.start_sync(late.url(), more);
    late.wait_until_stalled();
    proxy.release();
    run.finish().exits(0);
    late.release();
    (misled.finish(), late)
}

#[test]
fn what_a_run_put_while_another_one_looked_is_not_put_again() {
    let server = Orchestrator::start();
    let source = clone(&server, "one");
    let (second, proxy) = misled(&server, &source, &source, &[]);
    let second = second.exits(0);
    assert!(second.changes().is_empty(), "{second}");
    assert_eq!(proxy.sent("PUT /api/storage/"), Vec::<String>::new());
}

#[test]
fn what_a_run_deleted_while_another_one_looked_was_not_placed_by_hand() {
    let server = Orchestrator::start();
    let source = clone(&server, "one");
    source.sync(server.url(), &[]).exits(0);
    source.write("static/0.txt", "two");
    source.remove("static/only-one.txt");
    let other = Sandbox::of(&App::of(server.namespace()).named("other").site()).file("static/only-one.txt", "mine").create();
    let (second, _) = misled(&server, &source, &other, &["--take-over"]);
    let second = second.exits(0);
    assert_eq!(second.changes().into_iter().collect::<Vec<_>>(), ["create only-one.txt"]);
}

#[test]
fn a_run_that_waits_ends_at_a_signal_and_the_one_it_waits_for_does_not() {
    let server = Orchestrator::start();
    let (proxy, waiting) = (Proxy::before(&server), Proxy::before(&server));
    let source = clone(&server, "one");
    proxy.fault("PUT /api/storage/", 2, Fault::Stall);
    let first = source.start_sync(proxy.url(), &[]);
    proxy.wait_until_stalled();
    let second = source.start_sync(waiting.url(), &[]);
    waiting.wait_for("GET /api/deploy", 2);
    second.signal(Signal::TERM);
    second.finish().exits(143);
    assert_eq!(waiting.writes(), Vec::<String>::new());
    proxy.release();
    first.finish().exits(0);
    is_wholly(&server, "one");
}

#[test]
fn two_applications_of_one_namespace_can_be_synced_at_once() {
    let server = Orchestrator::start();
    let application = |name: &str| {
        let app = App::of(server.namespace()).named(name).lua(&format!("/{name}"), CODE).site_from(&format!("dir: static, prefix: {name}"));
        Sandbox::of(&app).file("static/a.txt", name).file("static/b.txt", name).create()
    };
    let sources: Vec<Checkout> = ["one", "two", "three"].map(application).into();
    let runs: Vec<Running> = sources.iter().map(|source| source.start_sync(server.url(), &[])).collect();
    for run in runs {
        run.finish().exits(0);
    }
    assert_eq!((server.files().len(), server.functions().len()), (6, 3));
    for source in &sources {
        let settled = source.diff(server.url(), &[]).exits(0);
        assert!(settled.changes().is_empty(), "{settled}");
    }
}

#[test]
fn records_are_found_although_the_namespace_has_more_keys_than_one_listing_shows() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let application = |name: &str, path: &str| Sandbox::of(&App::of(server.namespace()).named(name).lua(path, CODE)).create();
    let sources: Vec<Checkout> = (0..10).map(|app| application(&format!("app-{app}"), &format!("/{app}"))).collect();
    for source in &sources {
        source.sync(proxy.url(), &[]).exits(0);
    }
    // What else lies below the prefix is nobody's record, and takes its place in a listing.
    let key = proxy.sent("PUT /api/db/zerverless-gitops/m.").pop().expect("a record");
    let prefix = key.strip_prefix("PUT ").expect("a write").rsplit_once('.').expect("parts").0.rsplitn(3, '.').last().expect("a prefix");
    for filler in 0..150_u64 {
        let name = filler.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        assert_eq!(server.send("PUT", &format!("{prefix}.{name:016x}"), br#"{"value":"filler"}"#).status, 200);
    }
    let listing = server.send("GET", &prefix.replace("/m.", "/?prefix=m."), b"").parsed();
    assert_eq!(listing["count"], 100, "a listing is cut");

    for (position, source) in sources.iter().enumerate() {
        source.declare(&App::of(server.namespace()).named(&format!("app-{position}")).lua(&format!("/new-{position}"), CODE));
        let renamed = source.sync(server.url(), &[]).exits(0);
        let expected = [format!("create /new-{position}"), format!("delete /{position}")];
        assert_eq!(renamed.changes().into_iter().collect::<Vec<_>>(), expected);
    }
    application("another", "/new-9").sync(server.url(), &[]).exits(7).fails_as("guard").says("`app-9`");
}

#[test]
fn a_claim_that_arrives_after_its_run_has_settled_is_in_nobodys_way() {
    let server = Orchestrator::start();
    let (source, proxy) = (clone(&server, "one"), Proxy::before(&server));
    source.sync(proxy.url(), &[]).exits(0);
    let is_claim = |request: &&Request| request.method == "PUT" && request.target.contains("/m.") && request.target.contains(".r.");
    let late = proxy.requests().into_iter().rfind(|request| is_claim(&request)).expect("it put its claim");
    for change in ["two", "three"] {
        source.write("static/0.txt", change);
        source.sync(server.url(), &[]).exits(0);
    }
    // What it intends is nowhere any more, and who held it is gone.
    assert_eq!(server.send("PUT", &late.target, &late.body).status, 200);
    let settled = source.sync(proxy.url(), &["--lock-timeout", "5s"]).exits(0);
    assert!(settled.changes().is_empty(), "{settled}");
    assert_eq!(server.record(&proxy), "hs");
}
