//! What a run decides to do, and what it refuses to.

use std::collections::BTreeMap;

use crate::support::{App, Fault, Orchestrator, Proxy, Sandbox};

const CODE: &str = "function handle() return 1 end";
const OTHER: &str = "function handle() return 2 end";

fn numbered(sandbox: Sandbox, count: usize) -> Sandbox {
    (0..count).fold(sandbox, |sandbox, file| sandbox.file(&format!("static/{file:02}.txt"), file.to_string()))
}

#[test]
fn a_namespace_that_is_empty_or_was_emptied_lists_nothing() {
    let server = Orchestrator::start();
    let source = Sandbox::of(&App::of(server.namespace()).lua("/a", CODE).site()).file("static/a.txt", "a").create();
    source.diff(server.url(), &[]).exits(0);
    source.sync(server.url(), &[]).exits(0);
    source.declare(&App::of(server.namespace()).site());
    source.remove("static/a.txt");
    source.sync(server.url(), &["--allow-empty"]).exits(0);
    assert!(server.files().is_empty() && server.functions().is_empty());
    let listing = server.send("GET", &format!("/api/storage/{}/", server.namespace()), b"");
    let emptied = listing.status == 200 && listing.parsed()["files"].is_null();
    let removed = listing.status == 500;
    assert!(emptied || removed, "{}", String::from_utf8_lossy(&listing.body));
    let after = source.diff(server.url(), &[]).exits(0);
    assert!(after.changes().is_empty(), "{after}");
}

#[test]
fn null_is_an_empty_list_in_every_listing() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = Sandbox::of(&App::of(server.namespace()).lua("/a", CODE).site()).file("static/a.txt", "a").create();
    let answer = |body: serde_json::Value| Fault::Answer(crate::support::Reply::json(200, &body));
    proxy.fault_always("GET /api/deploy", answer(serde_json::json!({"deployments": null, "total": 0})));
    proxy.fault_always("GET /api/storage/", answer(serde_json::json!({"files": null, "count": 0})));
    proxy.fault_always("GET /api/db/", answer(serde_json::json!({"keys": null, "count": 0})));
    let planned = source.diff(proxy.url(), &[]).exits(0);
    assert_eq!(planned.count("create"), 2, "{planned}");
}

#[test]
fn one_file_that_always_fails_keeps_everything_from_being_deleted_and_a_rerun_does_the_rest() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source =
        Sandbox::of(&App::of(server.namespace()).lua("/gone", CODE).lua("/stays", CODE).site()).file("static/gone.txt", "old").create();
    source.sync(server.url(), &[]).exits(0);

    source.declare(&App::of(server.namespace()).lua("/stays", CODE).site());
    source.remove("static/gone.txt");
    for file in 0..12 {
        source.write(format!("static/{file:02}.txt"), file.to_string());
    }
    let failing = format!("PUT /api/storage/{}/07.txt", server.namespace());
    let answer = crate::support::Reply::json(500, &serde_json::json!({"error": "disk on fire"}));
    proxy.fault_always(&failing, Fault::Answer(answer));
    let failed = source.sync(proxy.url(), &["--retries", "1"]).exits(6).fails_as("partial").says("07.txt").says("disk on fire");
    assert!(failed.change("07.txt")["error"].is_string(), "{failed}");
    assert!(failed.said().contains("1 of 14 changes failed and 2 were not begun"), "{failed}");
    assert_eq!(proxy.sent("DELETE /api/storage/").len() + proxy.sent("DELETE /api/deploy/").len(), 0);
    assert_eq!(server.files().len(), 12, "all but the one, and what was there");
    assert!(server.functions().contains_key("/gone"));

    proxy.forget();
    let rerun = source.sync(proxy.url(), &[]).exits(0);
    assert_eq!(rerun.changes().into_iter().collect::<Vec<_>>(), ["create 07.txt", "delete /gone", "delete gone.txt"]);
    assert_eq!(proxy.sent("PUT /api/storage/").len(), 1);
    assert_eq!((server.files().len(), server.functions().len()), (12, 1));
}

#[test]
fn more_deletions_than_allowed_are_refused_before_the_first_write() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = numbered(Sandbox::of(&App::of(server.namespace()).site()), 30).create();
    source.sync(server.url(), &[]).exits(0);
    for file in 0..11 {
        source.remove(&format!("static/{file:02}.txt"));
    }
    source.write("static/new.txt", "new");
    for verb in ["diff", "sync"] {
        let refused = source.run(&[verb, "--server", proxy.url(), "-o", "json", "--max-delete", "10"]).exits(7).fails_as("guard");
        assert!(refused.said().contains("11") && refused.said().contains("--max-delete"), "{refused}");
    }
    assert_eq!(proxy.writes().into_iter().filter(|line| !line.contains("/api/db/")).collect::<Vec<_>>(), Vec::<String>::new());
    assert_eq!(server.files().len(), 30);
    source.sync(server.url(), &["--max-delete", "11"]).exits(0);
    assert_eq!(server.files().len(), 20);
}

#[test]
fn a_site_that_loses_most_of_its_files_is_a_guard_also_for_diff() {
    let server = Orchestrator::start();
    let source = numbered(Sandbox::of(&App::of(server.namespace()).site()), 30).create();
    source.sync(server.url(), &[]).exits(0);
    for file in 1..30 {
        source.remove(&format!("static/{file:02}.txt"));
    }
    source.diff(server.url(), &[]).exits(7).fails_as("guard").says("29");
    source.sync(server.url(), &[]).exits(7).fails_as("guard").says("--max-delete");
    assert_eq!(server.files().len(), 30);
    source.sync(server.url(), &["--max-delete", "100%"]).exits(0);
    assert_eq!(server.files().len(), 1);
}

#[test]
fn functions_or_files_that_go_to_none_are_a_guard_unless_that_is_meant() {
    let server = Orchestrator::start();
    let source = Sandbox::of(&App::of(server.namespace()).lua("/a", CODE).site()).file("static/a.txt", "a").create();
    source.sync(server.url(), &[]).exits(0);

    source.declare(&App::of(server.namespace()).site());
    source.diff(server.url(), &[]).exits(7);
    source.sync(server.url(), &[]).exits(7).says("--allow-empty");
    source.declare(&App::of(server.namespace()).lua("/a", CODE));
    source.sync(server.url(), &[]).exits(7).says("--allow-empty");
    assert_eq!((server.files().len(), server.functions().len()), (1, 1));
    source.sync(server.url(), &["--allow-empty"]).exits(0);
    assert_eq!((server.files().len(), server.functions().len()), (0, 1));
}

#[test]
fn a_function_that_somebody_else_changed_is_shown_with_the_time_and_put_back() {
    let server = Orchestrator::start();
    let source = Sandbox::of(&App::of(server.namespace()).lua("/a", CODE)).create();
    source.sync(server.url(), &[]).exits(0);
    server.deploy("/a", OTHER);
    let listing = server.send("GET", "/api/deploy", b"").parsed();
    let all = listing["deployments"].as_array().expect("deployments");
    let foreign = all.iter().find(|function| function["user"] == server.namespace()).expect("ours");
    let at = foreign["created_at"].as_str().expect("a time");

    let drift = source.diff(server.url(), &[]).exits(0);
    let reason = drift.change("/a")["reason"].to_string();
    assert!(reason.contains(at), "{reason} names {at}");
    let restored = source.sync(server.url(), &[]).exits(0);
    assert_eq!(restored.changes().into_iter().collect::<Vec<_>>(), ["update /a"]);
    assert_eq!(server.functions()["/a"].1, CODE);
}

#[test]
fn a_function_nobody_declared_is_listed_and_left_alone() {
    let server = Orchestrator::start();
    let source = Sandbox::of(&App::of(server.namespace()).lua("/a", CODE)).create();
    source.sync(server.url(), &[]).exits(0);
    server.deploy("/by-hand", OTHER);
    let synced = source.sync(server.url(), &[]).exits(0);
    assert_eq!(synced.count("unmanaged"), 1, "{synced}");
    assert_eq!(server.functions().len(), 2);
}

#[test]
fn removing_a_function_below_another_warns_that_calls_fall_through() {
    let server = Orchestrator::start();
    let source = Sandbox::of(&App::of(server.namespace()).lua("/api", CODE).lua("/api/v2", CODE)).create();
    source.sync(server.url(), &[]).exits(0);
    source.declare(&App::of(server.namespace()).lua("/api", CODE));
    let warned = source.run(&["diff", "--server", server.url()]).exits(0);
    assert!(warned.said().contains("calls to it reach `/api`"), "{warned}");
}

/// Syncs one set of files, then the other, each in one run.
#[track_caller]
fn flips(before: &[&str], after: &[&str]) {
    let server = Orchestrator::start();
    let at = |name: &str| format!("static/{name}");
    let source = Sandbox::of(&App::of(server.namespace()).site()).file("static/keep.txt", "keep").create();
    for name in before {
        source.write(at(name), format!("before {name}"));
    }
    source.sync(server.url(), &[]).exits(0);

    source.remove("static");
    source.write("static/keep.txt", "keep");
    for name in after {
        source.write(at(name), format!("after {name}"));
    }
    let flipped = source.sync(server.url(), &[]).exits(0);
    let mut expected: BTreeMap<String, Vec<u8>> =
        after.iter().map(|name| ((*name).to_owned(), format!("after {name}").into_bytes())).collect();
    expected.insert("keep.txt".to_owned(), b"keep".to_vec());
    assert_eq!(server.files(), expected, "{flipped}");
    let second = source.diff(server.url(), &["--verify", "full"]).exits(0);
    assert!(second.changes().is_empty(), "{second}");
}

#[test]
fn a_file_becomes_a_directory_in_one_run() {
    flips(&["a"], &["a/b"]);
    flips(&["a", "x/y"], &["a/b/c/d", "a/e", "x/y/z"]);
}

#[test]
fn a_directory_becomes_a_file_in_one_run() {
    flips(&["a/b"], &["a"]);
    flips(&["a/b/c/d", "a/b/e", "a/f", "x/y/z"], &["a", "x/y"]);
}

#[test]
fn files_and_directories_trade_places_in_one_run() {
    flips(&["a", "b/c", "b/d/e"], &["a/c", "a/d/e", "b"]);
    flips(&["p/q/r", "p/s"], &["p/q", "p/s/t"]);
}

#[test]
fn a_file_comes_back_where_a_directory_was_pruned_earlier() {
    let server = Orchestrator::start();
    let source = Sandbox::of(&App::of(server.namespace()).site()).file("static/a/b/c", "deep").file("static/keep", "").create();
    source.sync(server.url(), &[]).exits(0);
    source.remove("static/a");
    source.sync(server.url(), &[]).exits(0);
    source.write("static/a", "a file now");
    source.sync(server.url(), &[]).exits(0);
    assert_eq!(server.files()["a"], b"a file now");
}

#[test]
fn an_empty_directory_that_somebody_else_left_does_not_block_a_file_of_its_name() {
    let server = Orchestrator::start();
    server.put_file("a/b", "by hand");
    server.delete_file("a/b");
    let source = Sandbox::of(&App::of(server.namespace()).site()).file("static/a", "ours").create();
    source.sync(server.url(), &[]).exits(0);
    assert_eq!(server.files()["a"], b"ours");
}

#[test]
fn what_is_in_the_way_goes_even_when_nothing_else_is_pruned() {
    let server = Orchestrator::start();
    let source = Sandbox::of(&App::of(server.namespace()).site()).file("static/a", "file").file("static/old", "old").create();
    source.sync(server.url(), &[]).exits(0);
    source.remove("static/a");
    source.remove("static/old");
    source.write("static/a/b", "below");
    source.sync(server.url(), &["--no-prune"]).exits(0);
    assert_eq!(server.files().into_keys().collect::<Vec<_>>(), ["a/b", "old"]);
}

#[test]
fn what_is_in_the_way_and_not_ours_is_a_guard() {
    let server = Orchestrator::start();
    server.put_file("a", "by hand");
    let source = Sandbox::of(&App::of(server.namespace()).site()).file("static/a/b", "below").create();
    source.sync(server.url(), &[]).exits(7).fails_as("guard").says("--adopt");
    source.sync(server.url(), &["--keep-unmanaged"]).exits(7).fails_as("guard").says("in the way");
    assert_eq!(server.files().into_keys().collect::<Vec<_>>(), ["a"]);
    source.sync(server.url(), &["--adopt"]).exits(0);
    assert_eq!(server.files().into_keys().collect::<Vec<_>>(), ["a/b"]);

    let other = Sandbox::of(&App::of(server.namespace()).named("other").site()).file("static/a/b/c", "deeper").create();
    other.sync(server.url(), &["--take-over"]).exits(7).fails_as("guard").says("in the way").says("`app`");
    assert_eq!(server.files().into_keys().collect::<Vec<_>>(), ["a/b"]);
}

#[test]
fn a_runtime_by_its_short_name_is_the_same_runtime() {
    let server = Orchestrator::start();
    let app = App::of(server.namespace());
    let short = app.clone().function("/j", "runtime: js, code: \"1\"").function("/p", "runtime: py, code: \"2\"");
    let source = Sandbox::of(&short).create();
    source.sync(server.url(), &[]).exits(0);
    source.declare(&app.function("/j", "runtime: javascript, code: \"1\"").function("/p", "runtime: python, code: \"2\""));
    let same = source.diff(server.url(), &[]).exits(0);
    assert!(same.changes().is_empty(), "{same}");
}

#[test]
fn a_file_that_another_application_took_meanwhile_is_left_and_the_rest_is_deleted() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = Sandbox::of(&App::of(server.namespace()).site_from("dir: static, prefix: one"))
        .file("static/index.html", "i")
        .file("static/taken.txt", "old")
        .file("static/gone.txt", "old")
        .create();
    source.sync(server.url(), &[]).exits(0);
    source.remove("static/taken.txt");
    source.remove("static/gone.txt");
    source.write("static/index.html", "new");

    proxy.fault("PUT /api/storage/", 1, Fault::Stall);
    let run = source.start_sync(proxy.url(), &[]);
    proxy.wait_until_stalled();
    let thief =
        Sandbox::of(&App::of(server.namespace()).named("thief").site_from("dir: static")).file("static/one/taken.txt", "mine now").create();
    thief.sync(server.url(), &["--take-over", "--adopt", "--keep-unmanaged"]).exits(0);
    proxy.release();

    let run = run.finish().exits(0).says("taken.txt");
    assert_eq!(server.files()["one/taken.txt"], b"mine now", "{run}");
    assert!(!server.files().contains_key("one/gone.txt"), "{run}");
    let again = source.sync(server.url(), &[]).exits(0);
    assert_eq!(server.files()["one/taken.txt"], b"mine now", "{again}");
}
