//! The cache of repositories: shared by processes, healed after a kill, and never worth an error of its own.

use std::fs;
use std::path::PathBuf;

use crate::support::{App, Checkout, GitHost, Running, Sandbox};

fn source() -> Checkout {
    Sandbox::of(&App::of("ns").site()).file("static/index.html", "x").repository().create()
}

/// The one repository in the cache of `source`.
#[track_caller]
fn cached(source: &Checkout) -> PathBuf {
    let entries = fs::read_dir(source.home(".cache/zerverless-gitops/git")).expect("a cache");
    let mut repositories: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path().join("repository")).filter(|path| path.exists()).collect();
    assert_eq!(repositories.len(), 1, "{repositories:?}");
    repositories.remove(0)
}

#[test]
fn what_a_killed_fetch_left_behind_is_removed() {
    let source = source();
    let host = GitHost::of(&source);
    source.run(&["validate", &host.app()]).exits(0);
    let repository = cached(&source);
    for leftover in
        ["shallow.lock", "packed-refs.lock", "HEAD.lock", "objects/pack/pack_git2_half", "objects/pack/tmp_pack_x", "refs/commits/x.lock"]
    {
        fs::write(repository.join(leftover), "half").expect("a leftover");
    }
    source.write("static/index.html", "y");
    source.commit();
    host.push(&source, "app.git");
    source.run(&["validate", &host.app()]).exits(0);
    assert!(!repository.join("shallow.lock").exists() && !repository.join("objects/pack/pack_git2_half").exists());
}

#[test]
fn a_fetch_that_is_killed_does_not_hinder_the_next() {
    let source = source();
    let host = GitHost::of(&source);
    for _ in 0..3 {
        host.stall_packs(true);
        host.take_requests();
        let running = Running::start(source.command(&["validate", &host.app()]));
        host.wait_for("POST");
        running.signal(rustix::process::Signal::KILL);
        assert_eq!(running.finish().status, -9);
        host.stall_packs(false);
    }
    source.run(&["validate", &host.app()]).exits(0);
}

#[test]
fn a_damaged_repository_is_fetched_anew() {
    let source = source();
    let host = GitHost::of(&source);
    let damage: [&dyn Fn(&PathBuf); 6] = [
        &|repository| fs::remove_file(repository.join("HEAD")).expect("a file"),
        &|repository| fs::write(repository.join("config"), "[broken").expect("a file"),
        &|repository| fs::remove_dir_all(repository.join("objects")).expect("a directory"),
        &|repository| fs::write(repository.join("shallow"), "nonsense\n").expect("a file"),
        &|repository| {
            let commits = fs::read_dir(repository.join("refs/commits")).expect("refs").flatten();
            commits.for_each(|commit| fs::write(commit.path(), "").expect("a file"));
        },
        &|repository| fs::remove_dir_all(repository.join("refs")).expect("a directory"),
    ];
    for (number, damage) in damage.into_iter().enumerate() {
        source.run(&["validate", &host.app()]).exits(0);
        damage(&cached(&source));
        source.write("static/index.html", number.to_string());
        source.commit();
        host.push(&source, "app.git");
        source.run(&["validate", &host.app()]).exits(0);
    }
}

#[test]
fn a_truncated_pack_is_noticed_and_the_next_run_heals() {
    let source = Sandbox::of(&App::of("ns").function("/x", "runtime: lua, codeFile: x.lua")).file("x.lua", "-- x").repository().create();
    let host = GitHost::of(&source);
    source.run(&["validate", &host.app()]).exits(0);
    for keep in [0, 20, 60] {
        for pack in source.fetched_packs(".cache") {
            let bytes = fs::read(&pack).expect("a pack");
            fs::remove_file(&pack).expect("a pack");
            fs::write(&pack, &bytes[..keep]).expect("a pack");
        }
        // Whether it is noticed at once or when a file is read, it is gone in the run after.
        let first = source.run(&["validate", &host.app()]);
        assert!([0, 3, 4].contains(&first.status), "{first}");
        source.run(&["validate", &host.app()]).exits(0);
    }
}

#[test]
fn several_processes_share_the_cache() {
    let source = source();
    let host = GitHost::of(&source);
    for round in 0..3 {
        source.write("static/index.html", round.to_string());
        source.commit();
        host.push(&source, "app.git");
        host.take_requests();
        let all: Vec<Running> = (0..6).map(|_| Running::start(source.command(&["validate", &host.app()]))).collect();
        for running in all {
            let _ = running.finish().exits(0);
        }
        assert_eq!(source.fetched_packs(".cache").len(), round + 1, "one of them fetched, the others waited for it");
    }
}

#[test]
fn two_repositories_of_one_name_are_kept_apart() {
    let source = source();
    let host = GitHost::of(&source);
    for owner in ["a", "b"] {
        fs::create_dir(host.path(owner)).expect("a directory");
        source.write("static/index.html", owner);
        source.commit();
        host.push(&source, &format!("{owner}/app.git"));
        source.run(&["validate", &host.url(&format!("{owner}/app.git"))]).exits(0);
    }
    assert_eq!(fs::read_dir(source.home(".cache/zerverless-gitops/git")).expect("a cache").count(), 2);
}

#[test]
fn a_cache_can_be_elsewhere_or_nowhere() {
    let source = source();
    let host = GitHost::of(&source);
    let elsewhere = source.home("elsewhere");
    source.run(&["validate", &host.app(), "--cache-dir", &elsewhere.display().to_string()]).exits(0);
    assert!(elsewhere.join("git").exists() && !source.home(".cache").exists());
    let temporary = source.home("tmp");
    fs::create_dir(&temporary).expect("a directory");
    let without = |remove: &str, arguments: &[&str]| {
        let mut command = source.command(arguments);
        command.env("TMPDIR", &temporary).env_remove(remove);
        Running::start(command).finish()
    };
    without("", &["validate", &host.app(), "--no-cache"]).exits(0);
    without("HOME", &["validate", &host.app()]).exits(0);
    assert!(!source.home(".cache").exists());
    assert_eq!(fs::read_dir(&temporary).expect("a directory").count(), 0, "nothing is left behind");
    let file = source.home("file");
    fs::write(&file, "").expect("a file");
    let refused = source.run(&["validate", &host.app(), "--cache-dir", &file.display().to_string()]).exits(4);
    assert!(refused.said().contains("--no-cache"), "{refused}");
}

#[test]
fn a_commit_that_is_known_by_its_id_is_opened_without_asking_anybody() {
    let source = source();
    let host = GitHost::of(&source);
    let commit = source.git(&["rev-parse", "HEAD"]);
    source.run(&["validate", &host.app()]).exits(0);
    host.take_requests();
    source.run(&["validate", &host.app(), "--revision", &commit]).exits(0);
    assert!(host.take_requests().is_empty());
}
