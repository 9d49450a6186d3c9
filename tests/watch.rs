//! `watch`: a save is live, an error ends nothing, and only what was begun with is kept.

use std::collections::BTreeSet;
use std::fs;

use rustix::process::Signal;

use crate::support::{App, Checkout, Fault, Orchestrator, Proxy, Reply, Sandbox, Watching};

const CODE: &str = "function handle() return 1 end";

fn app(server: &Orchestrator) -> App {
    App::of(server.namespace()).lua("/a", CODE).site()
}

fn site(server: &Orchestrator) -> Checkout {
    Sandbox::of(&app(server)).file("static/index.html", "i").file("static/x.txt", "1").repository().create()
}

fn of<const N: usize>(changes: [&str; N]) -> BTreeSet<String> {
    changes.map(str::to_owned).into()
}

/// A watch that has done its first sync.
#[track_caller]
fn watching(source: &Checkout, url: &str, more: &[&str]) -> Watching {
    let watch = Watching::start(source, &[&["--server", url], more].concat());
    assert_eq!(watch.pass().ends_well().trigger(), "start");
    watch
}

#[test]
fn what_is_saved_is_live() {
    let server = Orchestrator::start();
    let source = site(&server);
    let watch = watching(&source, server.url(), &[]);
    source.write("static/x.txt", "2");
    let pass = watch.pass().ends_well();
    assert_eq!((pass.trigger(), pass.changes()), ("files", of(["update x.txt"])));
    assert_eq!(server.files()["x.txt"], b"2");
    source.declare(&app(&server).lua("/b", CODE));
    assert_eq!(watch.pass().ends_well().changes(), of(["create /b"]));
    source.remove("static/x.txt");
    assert_eq!(watch.pass().ends_well().changes(), of(["delete x.txt"]));
}

#[test]
fn directories_that_are_new_are_watched_too() {
    let server = Orchestrator::start();
    let source = site(&server);
    let watch = watching(&source, server.url(), &[]);
    source.write("static/new/deep/f.txt", "1");
    assert_eq!(watch.pass().ends_well().changes(), of(["create new/deep/f.txt"]));
    source.write("static/new/deep/f.txt", "2");
    assert_eq!(watch.pass().ends_well().changes(), of(["update new/deep/f.txt"]));
}

#[test]
fn files_that_the_manifest_names_elsewhere_are_watched_though_git_ignores_them() {
    let server = Orchestrator::start();
    let app =
        App::of(server.namespace()).function("/f", "runtime: lua, codeFile: ../shared/f.lua").site_from("dir: dist, includeIgnored: true");
    let source = Sandbox::empty()
        .file("app/zerverless.yaml", app.yaml())
        .file("app/dist/index.html", "i")
        .file("shared/f.lua", CODE)
        .file(".gitignore", "dist/\n")
        .repository()
        .create();
    let watch = watching(&source, server.url(), &["app"]);
    source.write("shared/f.lua", "function handle() return 2 end");
    assert_eq!(watch.pass().ends_well().changes(), of(["update /f"]));
    source.write("app/dist/index.html", "j");
    assert_eq!(watch.pass().ends_well().changes(), of(["update index.html"]));
}

#[test]
fn a_mistake_is_told_and_mended_by_the_next_save() {
    let server = Orchestrator::start();
    let source = site(&server);
    let watch = watching(&source, server.url(), &[]);
    let good = fs::read_to_string(source.path("zerverless.yaml")).expect("a manifest");
    source.write("zerverless.yaml", format!("{good}\nnonsense: ["));
    assert_eq!(watch.pass().fails_as("manifest").trigger(), "files");
    source.write("static/x.txt", "2");
    let _ = watch.pass().fails_as("manifest");
    source.write("zerverless.yaml", good);
    assert_eq!(watch.pass().ends_well().changes(), of(["update x.txt"]));
}

#[test]
fn a_checkout_of_many_files_is_one_sync() {
    let server = Orchestrator::start();
    let source = site(&server);
    source.git(&["checkout", "--quiet", "-b", "large"]);
    for number in 0..300 {
        source.write(format!("static/{}/{number}.txt", number % 7), "x");
    }
    source.commit();
    source.git(&["checkout", "--quiet", "main"]);
    let watch = watching(&source, server.url(), &["--follow-branch"]);
    source.git(&["checkout", "--quiet", "large"]);
    assert_eq!(watch.pass().ends_well().changes().len(), 300);
    watch.signal(Signal::TERM);
    assert_eq!(watch.ends().1.len(), 0);
}

#[test]
fn a_merge_that_waits_for_somebody_is_waited_for() {
    let server = Orchestrator::start();
    let source = site(&server);
    let watch = watching(&source, server.url(), &[]);
    let head = source.git(&["rev-parse", "HEAD"]);
    source.write(".git/MERGE_HEAD", format!("{head}\n"));
    source.write("static/x.txt", "<<<<<<<");
    watch.says("a merge is under way");
    source.write("static/x.txt", "merged");
    fs::remove_file(source.path(".git/MERGE_HEAD")).expect("a file");
    assert_eq!(watch.pass().ends_well().changes(), of(["update x.txt"]));
    assert_eq!(server.files()["x.txt"], b"merged");
}

#[test]
fn another_branch_or_another_name_pauses_until_it_is_back() {
    let server = Orchestrator::start();
    let source = site(&server);
    let watch = watching(&source, server.url(), &[]);
    source.git(&["checkout", "--quiet", "-b", "other"]);
    source.write("static/x.txt", "other");
    let paused = watch.pass().fails_as("guard");
    assert!(paused.message().contains("the branch was main and is other now"), "{paused:?}");
    assert_eq!(server.files()["x.txt"], b"1");
    source.git(&["checkout", "--quiet", "--force", "main"]);
    assert_eq!(watch.pass_beyond("is other now").ends_well().changes(), of([]));
    source.declare(&app(&server).named("renamed"));
    let paused = watch.pass().fails_as("guard");
    assert!(paused.message().contains("the application was"), "{paused:?}");
    source.git(&["checkout", "--quiet", "--force", "main"]);
    let _ = watch.pass_beyond("the application was").ends_well();
}

#[test]
fn a_server_that_was_away_is_tried_again_until_it_answers() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = site(&server);
    let away = || Fault::Answer(Reply::new(503, "text/plain", "away"));
    (1..=2).for_each(|nth| proxy.fault("GET /info", nth, away()));
    let watch = Watching::start(&source, &["--server", proxy.url(), "--retries", "0"]);
    assert_eq!(watch.pass().fails_as("server").trigger(), "start");
    assert_eq!(watch.pass().fails_as("server").trigger(), "poll");
    assert_eq!(watch.pass().ends_well().changes().len(), 3);
}

#[test]
fn drift_is_mended_at_a_look_or_only_told() {
    let server = Orchestrator::start();
    let source = site(&server);
    let watch = watching(&source, server.url(), &[]);
    server.put_file("x.txt", "foreign");
    server.delete_file("index.html");
    watch.signal(Signal::HUP);
    let pass = watch.pass().ends_well();
    assert_eq!((pass.trigger(), pass.changes()), ("asked", of(["create index.html"])));
    drop(watch);

    let watch = watching(&source, server.url(), &["--on-drift", "report", "--interval", "300ms"]);
    server.delete_file("index.html");
    loop {
        let pass = watch.pass().ends_well();
        if !pass.changes().is_empty() {
            assert_eq!((pass.trigger(), pass.changes()), ("poll", of(["create index.html"])));
            break;
        }
    }
    assert!(!server.files().contains_key("index.html"));
}

#[test]
fn terminated_in_the_middle_it_finishes_what_is_in_flight_and_ends_well() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = site(&server);
    proxy.fault("PUT /api/storage/", 1, Fault::Stall);
    let watch = Watching::start(&source, &["--server", proxy.url(), "--parallelism", "1"]);
    proxy.wait_until_stalled();
    watch.signal(Signal::TERM);
    proxy.release();
    let (status, passes) = watch.ends();
    assert_eq!((status, passes.len()), (Some(0), 1));
    source.sync(server.url(), &[]).exits(0);
    assert_eq!(server.files().len(), 2);
}

#[test]
fn an_interrupt_ends_it_with_the_status_of_one() {
    let server = Orchestrator::start();
    let watch = watching(&site(&server), server.url(), &[]);
    watch.signal(Signal::INT);
    assert_eq!(watch.ends().0, Some(130));
}

#[test]
fn the_embedded_orchestrator_stays_as_long_as_the_watch() {
    let source = Sandbox::of(&App::of("box").site()).file("static/index.html", "i").repository().create();
    let watch = Watching::start(&source, &["--local", "--local-listen", "127.0.0.1:0"]);
    let first = watch.pass().ends_well();
    let url = first.server().to_owned();
    source.write("static/index.html", "j");
    assert_eq!(watch.pass().ends_well().changes(), of(["update index.html"]));
    let diff = source.diff(&url, &[]).exits(0);
    assert!(diff.changes().is_empty(), "{diff}");
    watch.signal(Signal::TERM);
    assert_eq!(watch.ends().0, Some(0));
}

#[test]
fn a_url_is_polled_and_a_push_is_live() {
    let server = Orchestrator::start();
    let source = site(&server);
    let url = format!("file://{}", source.path("").display());
    let watch = watching(&source, server.url(), &[url.trim_end_matches('/'), "--interval", "200ms"]);
    source.write("static/x.txt", "not committed");
    source.write("static/y.txt", "2");
    source.git(&["add", "static/y.txt"]);
    source.git(&["commit", "--quiet", "--message", "a change"]);
    loop {
        let pass = watch.pass().ends_well();
        if !pass.changes().is_empty() {
            assert_eq!((pass.trigger(), pass.changes()), ("poll", of(["create y.txt"])));
            break;
        }
    }
    assert_eq!(server.files()["x.txt"], b"1");
}

#[test]
fn a_branch_of_a_url_that_was_set_back_is_followed_when_it_stays_there() {
    let server = Orchestrator::start();
    let source = site(&server);
    let first = source.commit();
    let url = format!("file://{}", source.path("").display());
    let watch = watching(&source, server.url(), &[url.trim_end_matches('/'), "--interval", "500ms"]);
    source.write("static/x.txt", "2");
    source.commit();
    while watch.pass().ends_well().changes() != of(["update x.txt"]) {}
    source.git(&["reset", "--quiet", "--hard", &first]);
    let refused = std::iter::repeat_with(|| watch.pass()).find(|pass| !pass.message().is_empty()).expect("a look");
    assert!(refused.fails_as("guard").message().contains("was applied before"));
    assert_eq!(watch.pass_beyond("was applied before").ends_well().changes(), of(["update x.txt"]));
    assert_eq!(server.files()["x.txt"], b"1");
}
