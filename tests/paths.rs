//! Nothing outside of the source is ever read, and nothing that cannot be read counts as absent.

use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use crate::support::{App, Checkout, Fault, Orchestrator, Outcome, Proxy, Sandbox};

const CODE: &str = "function handle() end";
const CANARY: &str = "canary-outside-of-the-source";

/// A source whose check fails: nothing is sent, and nothing of what lies outside is told.
#[track_caller]
fn refused(source: &Checkout, told: &str) {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    for outcome in [source.run(&["validate"]), source.diff(proxy.url(), &[]), source.sync(proxy.url(), &[])] {
        let outcome = outcome.exits(3).says(told);
        assert!(!outcome.said().contains(CANARY) && !outcome.said().contains("root:"), "{outcome}");
    }
    assert_eq!(proxy.requests().len(), 0, "{:?}", proxy.requests());
}

#[test]
fn a_path_that_leads_out_of_the_source_is_refused() {
    for path in ["../../secret", "/etc/passwd", "~/x", "C:\\\\x", "file:///etc/passwd", "a/../../secret"] {
        for function in [format!("runtime: lua, codeFile: \"{path}\""), format!("runtime: docker, dockerfile: \"{path}\", context: .")] {
            refused(&Sandbox::of(&App::of("ns").function("/x", &function)).create(), "ZG016");
        }
        refused(&Sandbox::of(&App::of("ns").function("/x", &format!("runtime: docker, context: \"{path}\""))).create(), "ZG016");
        refused(&Sandbox::of(&App::of("ns").site_from(&format!("dir: \"{path}\""))).create(), "ZG016");
    }
}

#[test]
fn a_path_may_climb_inside_the_repository_and_no_further() {
    let server = Orchestrator::start();
    let manifest = App::of(server.namespace()).function("/x", "runtime: lua, codeFile: ../shared/x.lua").yaml();
    let shared = Sandbox::empty().file("app/zerverless.yaml", manifest).file("shared/x.lua", CODE);
    let outside_of_a_repository = shared.create();
    outside_of_a_repository.run(&["validate", "app"]).exits(3);
    outside_of_a_repository.git(&["init", "--quiet"]);
    outside_of_a_repository.run(&["sync", "app", "--server", server.url()]).exits(0);
    assert_eq!(server.functions()["/x"].1, CODE);
}

#[test]
fn a_symlink_that_leads_out_is_refused_and_its_target_never_shown() {
    let code = Sandbox::of(&App::of("ns").function("/x", "runtime: lua, codeFile: x.lua")).create();
    symlink("/etc/passwd", code.path("x.lua")).expect("a link");
    refused(&code, "x.lua");

    let site = Sandbox::of(&App::of("ns").site()).file("static/index.html", "").create();
    site.write("../secret/file.txt", CANARY);
    symlink("../../secret/file.txt", site.path("static/link.txt")).expect("a link");
    refused(&site, "static/link.txt");
    site.remove("static/link.txt");
    symlink("../../secret", site.path("static/link")).expect("a link");
    refused(&site, "static/link");
}

#[test]
fn a_symlink_inside_of_the_source_is_followed() {
    let server = Orchestrator::start();
    let source = Sandbox::of(&App::of(server.namespace()).site()).file("static/a.txt", "a").file("shared/lib/b.txt", "b").create();
    symlink("../shared/lib", source.path("static/lib")).expect("a link");
    symlink("a.txt", source.path("static/c.txt")).expect("a link");
    source.sync(server.url(), &[]).exits(0);
    let files = server.files();
    assert_eq!((&files["a.txt"][..], &files["lib/b.txt"][..], &files["c.txt"][..]), (&b"a"[..], &b"b"[..], &b"a"[..]));
}

fn fifo(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status().expect("mkfifo is installed");
    assert!(made.success());
}

/// A synced file that something else takes the place of.
#[track_caller]
fn spoiled(spoil: impl FnOnce(&Path)) {
    let server = Orchestrator::start();
    let source = Sandbox::of(&App::of(server.namespace()).site()).file("static/a.txt", "a").file("static/b.txt", "b").create();
    source.sync(server.url(), &[]).exits(0);
    source.remove("static/a.txt");
    spoil(&source.path("static/a.txt"));
    let refused = source.sync(server.url(), &[]).exits(3).says("static/a.txt");
    assert_eq!(server.files().len(), 2, "{refused}");
}

#[test]
fn what_is_no_regular_file_is_an_error_and_not_a_deletion() {
    spoiled(|path| symlink("a.txt", path).expect("a link to itself"));
    spoiled(|path| symlink("nowhere", path).expect("a link to nothing"));
    spoiled(|path| symlink("/dev/zero", path).expect("a link to a device"));
    spoiled(fifo);
    spoiled(|path| drop(UnixListener::bind(path).expect("a socket")));
}

#[test]
fn a_manifest_or_code_that_never_ends_is_refused_and_not_waited_for() {
    let source = Sandbox::of(&App::of("ns").function("/x", "runtime: lua, codeFile: x.lua")).create();
    fifo(&source.path("x.lua"));
    refused(&source, "x.lua");
    source.remove("zerverless.yaml");
    std::fs::rename(source.path("x.lua"), source.path("zerverless.yaml")).expect("it is moved");
    refused(&source, "zerverless.yaml");
}

/// Small files are sent as they were hashed; larger ones are read again in one piece, or piece by piece.
const SENT_AS_HASHED: usize = 100;
const READ_AGAIN: [usize; 2] = [100_000, 700_000];

/// Everything is hashed when the first write comes: what happens to a file now is between its hash and its upload.
#[track_caller]
fn changed_after_planning(server: &Orchestrator, size: usize, change: impl FnOnce(&Checkout)) -> (Checkout, Outcome) {
    let proxy = Proxy::before(server);
    let source = Sandbox::of(&App::of(server.namespace()).site())
        .file("static/a.bin", vec![b'a'; size])
        .file("static/b.txt", "b")
        .file("../outside.bin", CANARY.repeat(size / CANARY.len() + 1))
        .create();
    proxy.fault("PUT /api/db/", 1, Fault::Stall);
    let run = source.start_sync(proxy.url(), &["--retries", "0"]);
    proxy.wait_until_stalled();
    change(&source);
    proxy.release();
    let outcome = run.finish();
    assert_eq!(outcome.change("b.txt")["error"], serde_json::Value::Null, "{outcome}");
    let foreign = proxy.requests().into_iter().any(|request| request.body.windows(CANARY.len()).any(|part| part == CANARY.as_bytes()));
    assert!(!foreign, "bytes from outside were sent");
    (source, outcome)
}

#[track_caller]
fn sent_as_planned(change: impl FnOnce(&Checkout)) {
    let server = Orchestrator::start();
    let (_source, outcome) = changed_after_planning(&server, SENT_AS_HASHED, change);
    assert_eq!(server.files()["a.bin"], vec![b'a'; SENT_AS_HASHED], "{outcome}");
    let _ = outcome.exits(0);
}

#[track_caller]
fn refused_after_planning(size: usize, change: impl FnOnce(&Checkout)) {
    let server = Orchestrator::start();
    let (source, outcome) = changed_after_planning(&server, size, change);
    let failed = outcome.exits(6);
    assert!(failed.change("a.bin")["error"].is_string(), "{failed}");
    assert_eq!(server.files().into_keys().collect::<Vec<_>>(), ["b.txt"], "{failed}");

    std::fs::remove_file(source.path("static/a.bin")).ok();
    source.write("static/a.bin", "new");
    source.sync(server.url(), &[]).exits(0);
    assert_eq!(server.files()["a.bin"], b"new");
}

fn swapped_for_a_symlink(source: &Checkout) {
    source.remove("static/a.bin");
    symlink("../../outside.bin", source.path("static/a.bin")).expect("a link");
}

#[test]
fn what_happens_to_a_small_file_after_it_was_planned_is_not_uploaded() {
    sent_as_planned(swapped_for_a_symlink);
    sent_as_planned(|source| source.write("static/a.bin", "short"));
    sent_as_planned(|source| source.remove("static/a.bin"));
}

#[test]
fn a_file_swapped_for_a_symlink_after_it_was_planned_is_not_uploaded() {
    for size in READ_AGAIN {
        refused_after_planning(size, swapped_for_a_symlink);
    }
}

#[test]
fn a_file_truncated_or_overwritten_after_it_was_planned_is_not_uploaded() {
    for size in READ_AGAIN {
        refused_after_planning(size, |source| source.write("static/a.bin", "short"));
        refused_after_planning(size, |source| source.write("static/a.bin", vec![b'b'; size]));
        refused_after_planning(size, |source| source.remove("static/a.bin"));
    }
}

#[test]
fn a_submodule_among_the_files_is_an_error_and_prunes_nothing() {
    let server = Orchestrator::start();
    let source =
        Sandbox::of(&App::of(server.namespace()).site()).file("static/a.txt", "a").file("static/theme/b.css", "b").repository().create();
    source.sync(server.url(), &[]).exits(0);
    source.git(&["rm", "-r", "--quiet", "static/theme"]);
    let commit = source.git(&["rev-parse", "HEAD"]);
    source.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{commit},static/theme")]);
    std::fs::create_dir_all(source.path("static/theme")).expect("an empty directory, as a clone leaves it");
    source.sync(server.url(), &[]).exits(3).says("static/theme").says("submodule");
    assert_eq!(server.files().len(), 2);
}

#[test]
fn a_git_lfs_pointer_is_an_error_and_uploads_nothing() {
    let pointer = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12345\n", "0".repeat(64));
    let site = Sandbox::of(&App::of("ns").site()).file("static/big.bin", pointer.as_str()).create();
    refused(&site, "static/big.bin");
    let code = Sandbox::of(&App::of("ns").function("/x", "runtime: lua, codeFile: x.lua")).file("x.lua", pointer.as_str()).create();
    refused(&code, "LFS");
}

#[test]
fn a_file_left_out_of_a_sparse_checkout_is_an_error_and_prunes_nothing() {
    let server = Orchestrator::start();
    let source =
        Sandbox::of(&App::of(server.namespace()).site()).file("static/a.txt", "a").file("static/sub/b.txt", "b").repository().create();
    source.sync(server.url(), &[]).exits(0);
    source.git(&["sparse-checkout", "set", "--no-cone", "/*", "!/static/sub"]);
    assert!(!source.path("static/sub/b.txt").exists(), "Git left it out");
    source.sync(server.url(), &[]).exits(3).says("static/sub/b.txt");
    assert_eq!(server.files().len(), 2);
}

#[test]
fn a_site_in_the_root_takes_neither_git_nor_our_data_nor_what_git_ignores() {
    let server = Orchestrator::start();
    let source = Sandbox::of(&App::of(server.namespace()).site_from("dir: ."))
        .file(".gitignore", ".env\n/build/\n")
        .file("index.html", "i")
        .repository()
        .create();
    source.write(".env", CANARY);
    source.write("build/out.js", CANARY);
    source.write(".zerverless/data", CANARY);
    source.write("sub/.git/config", CANARY);
    source.write("untracked.txt", "taken");
    source.sync(server.url(), &[]).exits(0);
    let names: Vec<String> = server.files().into_keys().collect();
    assert_eq!(names, [".gitignore", "index.html", "untracked.txt", "zerverless.yaml"]);

    source.declare(&App::of(server.namespace()).site_from("dir: ., includeIgnored: true"));
    source.sync(server.url(), &[]).exits(0);
    let names: Vec<String> = server.files().into_keys().collect();
    assert_eq!(names, [".env", ".gitignore", "build/out.js", "index.html", "untracked.txt", "zerverless.yaml"]);
}

#[test]
fn a_site_that_git_ignores_as_a_whole_is_an_error_that_names_the_line() {
    let source = Sandbox::of(&App::of("ns").site_from("dir: dist")).file(".gitignore", "*.log\ndist/\n").repository().create();
    source.write("dist/index.html", "built");
    refused(&source, ".gitignore");
    source.run(&["validate"]).exits(3).says("dist/").says("includeIgnored");
    source.declare(&App::of("ns").site_from("dir: dist, includeIgnored: true"));
    source.run(&["validate"]).exits(0);
}

#[test]
fn ignore_rules_that_cannot_be_read_publish_nothing() {
    let site = App::of("ns").site_from("dir: .");
    let source = Sandbox::of(&site).file(".gitignore", ".env\n".repeat(1 << 18)).file("index.html", "i").repository().create();
    source.write(".env", CANARY);
    refused(&source, "what Git ignores is not known");

    let source = Sandbox::of(&site).file(".gitignore", ".env\n").file("index.html", "i").repository().create();
    std::fs::remove_file(source.path(".git/info/exclude")).expect("a file of Git's");
    std::fs::create_dir(source.path(".git/info/exclude")).expect("a directory in its place");
    source.run(&["validate"]).exits(4).says(".git/info/exclude");
}

#[test]
fn attributes_and_line_ending_settings_of_git_do_not_make_contents_flap() {
    let server = Orchestrator::start();
    let source = Sandbox::of(&App::of(server.namespace()).site())
        .file(".gitattributes", "*.txt text eol=crlf ident\n")
        .file("static/a.txt", "one\r\ntwo $Id$\r\n")
        .repository()
        .create();
    source.sync(server.url(), &[]).exits(0);
    source.git(&["config", "core.autocrlf", "true"]);
    source.git(&["checkout", "--quiet", "HEAD", "--", "."]);
    let second = source.sync(server.url(), &[]).exits(0);
    assert!(second.changes().is_empty(), "{second}");
    assert_eq!(server.files()["a.txt"], b"one\ntwo $Id$\n", "what the commit holds: {second}");
    let third = source.sync(server.url(), &[]).exits(0);
    assert!(third.changes().is_empty(), "{third}");
}
