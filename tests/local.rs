//! The embedded orchestrator: everything works with nothing else running.

use std::process::Command;

use crate::support::{App, Checkout, Running, Sandbox};

const CODE: &str = "function handle() return 1 end";

fn site() -> Checkout {
    Sandbox::of(&App::of("mine").lua("/a", CODE).site()).file("static/index.html", "i").repository().create()
}

#[test]
fn a_sync_to_the_embedded_orchestrator_is_there_for_the_next_run() {
    let source = site();
    let first = source.run(&["sync", "--local", "-o", "json"]).exits(0);
    assert_eq!(first.count("create"), 2);
    let second = source.run(&["diff", "--local", "-o", "json", "--detailed-exitcode"]).exits(0);
    assert_eq!(second.count("unchanged"), 2);
    assert!(source.git(&["status", "--porcelain"]).is_empty(), "its data hides itself from Git");
}

#[test]
fn the_data_can_lie_elsewhere() {
    let source = site();
    source.run(&["sync", "--local=../data"]).exits(0);
    assert!(!source.path(".zerverless").exists());
    source.run(&["diff", "--local=../data", "--detailed-exitcode"]).exits(0);
    source.run(&["diff", "--local", "--detailed-exitcode"]).exits(2);
}

#[test]
fn several_runs_share_one_embedded_orchestrator() {
    let source = site();
    let start = || -> Command { source.command(&["sync", "--local", "-o", "json"]) };
    let runs: Vec<Running> = (0..3).map(|_| Running::start(start())).collect();
    let created: u64 = runs.into_iter().map(|run| run.finish().exits(0).count("create")).sum();
    assert_eq!(created, 2);
}

#[test]
fn without_an_engine_docker_functions_are_left_out_with_a_warning_and_the_rest_is_deployed() {
    let app = App::of("mine").lua("/a", CODE).function("/d", "runtime: docker, context: ./docker");
    let source = Sandbox::of(&app).file("docker/Dockerfile", "FROM scratch\nEXPOSE 80\n").create();
    let run = |arguments: &[&str]| {
        let mut command = source.command(arguments);
        command.env("DOCKER_HOST", "unix:///nowhere/docker.sock");
        Running::start(command).finish()
    };
    let synced = run(&["sync", "--local", "-o", "json"]).exits(0).says("docker functions are left out").says("/d");
    assert_eq!(synced.changes().into_iter().collect::<Vec<_>>(), ["create /a"]);
    run(&["diff", "--local", "--detailed-exitcode"]).exits(0);
}

#[test]
fn an_older_commit_may_be_looked_at_again_without_asking() {
    let source = site();
    source.run(&["sync", "--local"]).exits(0);
    source.write("static/index.html", "newer");
    source.commit();
    source.run(&["sync", "--local"]).exits(0);
    source.git(&["checkout", "--quiet", "HEAD~1"]);
    source.run(&["sync", "--local"]).exits(0);
}

#[test]
fn a_directory_that_holds_something_else_is_not_used() {
    let source = site();
    source.write("../mine/important.txt", "not ours");
    let refused = source.run(&["sync", "--local=../mine"]);
    assert_ne!(refused.status, 0, "{refused}");
    assert_eq!(std::fs::read(source.path("../mine/important.txt")).expect("it is still there"), b"not ours");
    assert!(!source.path("../mine/.gitignore").exists(), "nothing was added");
}
