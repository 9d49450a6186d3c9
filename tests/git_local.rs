//! Repositories of this machine, read in place at a revision: as people, CI systems and other users leave them.

use std::fs;
use std::process::Command;

use crate::support::{App, Checkout, GitHost, Orchestrator, Sandbox};

fn source(namespace: &str) -> Checkout {
    Sandbox::of(&App::of(namespace).site()).file("static/index.html", "committed").repository().create()
}

#[test]
fn a_revision_of_a_directory_is_read_from_the_commit_whatever_the_working_tree_holds() {
    let server = Orchestrator::start();
    let source = source(server.namespace());
    source.write("static/index.html", "edited");
    source.write("static/extra.txt", "untracked");
    // Git itself would wait for this lock, and change nothing below a working tree that somebody else is changing.
    source.write(".git/index.lock", "");
    let synced = source.sync(server.url(), &[".", "--revision", "HEAD"]).exits(0);
    assert_eq!(synced.json()["applications"][0]["revision"], source.git(&["rev-parse", "HEAD"]));
    assert_eq!(server.files().into_iter().collect::<Vec<_>>(), [("index.html".to_owned(), b"committed".to_vec())]);
    source.remove("static");
    let again = source.sync(server.url(), &[".", "--branch", "main"]).exits(0);
    assert!(again.changes().is_empty(), "{again}");
}

#[test]
fn a_checkout_with_other_line_ends_is_the_same_content_as_its_commit() {
    let server = Orchestrator::start();
    let attributes = "*.txt text eol=crlf\n*.js text=auto\n*.id ident\n*.bin -text\n";
    let source = Sandbox::of(&App::of(server.namespace()).site_from("dir: static, exclude: [.gitattributes]"))
        .file("static/.gitattributes", attributes)
        .file("static/a.txt", "one\ntwo\n")
        .file("static/b.js", "// one\n")
        .file("static/c.id", "made of $Id$\n")
        .file("static/d.bin", "\r\n")
        .file("static/e.html", "<p>\n")
        .repository()
        .create();
    // As a checkout on another system leaves it: the files are written anew with what the attributes and the configuration say.
    for configuration in [&[][..], &["core.autocrlf", "true"]] {
        if let [name, value] = configuration {
            source.git(&["config", name, value]);
        }
        for file in ["a.txt", "b.js", "c.id", "d.bin", "e.html"] {
            source.remove(&format!("static/{file}"));
        }
        source.git(&["checkout", "--quiet", "--", "."]);
        let of_directory = source.sync(server.url(), &["--verify", "full"]).exits(0);
        assert!(of_directory.json()["applications"][0]["revision"].as_str().is_some_and(|revision| revision.len() == 40), "{of_directory}");
        let of_commit = source.sync(server.url(), &[".", "--revision", "HEAD", "--verify", "full"]).exits(0);
        assert!(of_commit.changes().is_empty(), "{of_commit}");
        let again = source.sync(server.url(), &["--verify", "full"]).exits(0);
        assert!(again.changes().is_empty(), "{again}");
    }
    let on_disk = |file: &str| fs::read(source.path(format!("static/{file}"))).expect("a file");
    assert_eq!(
        (on_disk("a.txt"), on_disk("e.html")),
        (b"one\r\ntwo\r\n".to_vec(), b"<p>\r\n".to_vec()),
        "the checkout has other line ends"
    );
    assert!(on_disk("c.id").starts_with(b"made of $Id: "));
    let live = server.files();
    assert_eq!((live["a.txt"].as_slice(), live["d.bin"].as_slice()), (&b"one\ntwo\n"[..], &b"\r\n"[..]));
    assert_eq!(live["c.id"], b"made of $Id$\n");
    // What was never added is taken as it would be added.
    source.write("static/new.txt", "new\r\n");
    source.sync(server.url(), &[]).exits(0);
    assert_eq!(server.files()["new.txt"], b"new\n");
}

#[test]
fn line_ends_and_ids_of_a_large_file_are_those_of_its_commit_too() {
    let server = Orchestrator::start();
    let text = "a line of a large file, $Id$\n";
    let large = text.repeat((9 << 20) / text.len());
    let source = Sandbox::of(&App::of(server.namespace()).site_from("dir: static, exclude: [.gitattributes]"))
        .file("static/.gitattributes", "*.txt text=auto eol=crlf ident\n*.bin text=auto\n")
        .file("static/large.txt", large.as_str())
        .file("static/large.bin", format!("\0{}", "\r\n".repeat(5 << 20)))
        .repository()
        .create();
    source.remove("static/large.txt");
    source.git(&["checkout", "--quiet", "--", "."]);
    let on_disk = fs::metadata(source.path("static/large.txt")).expect("a file").len();
    assert!(on_disk > large.len() as u64, "the checkout has other line ends");
    source.sync(server.url(), &[]).exits(0);
    let live = server.files();
    assert!(live["large.txt"] == large.as_bytes(), "{} bytes, {} on disk", live["large.txt"].len(), on_disk);
    assert_eq!(live["large.bin"].len(), (10 << 20) + 1, "what Git takes for binary is as it lies there");
    let of_commit = source.sync(server.url(), &[".", "--revision", "HEAD", "--verify", "full"]).exits(0);
    assert!(of_commit.changes().is_empty(), "{of_commit}");
}

#[test]
fn a_file_that_git_keeps_in_another_encoding_is_refused_unless_it_is_read_from_a_commit() {
    let server = Orchestrator::start();
    let source = Sandbox::of(&App::of(server.namespace()).site_from("dir: static, exclude: [.gitattributes]"))
        .file("static/.gitattributes", "*.txt working-tree-encoding=UTF-16LE-BOM\n*.md working-tree-encoding=UTF-8\n")
        .file("static/a.md", "plain")
        .repository()
        .create();
    source.sync(server.url(), &[]).exits(0);
    source.write("static/b.txt", b"\xff\xfeb\0");
    source.commit();
    source.sync(server.url(), &[]).exits(3).says("static/b.txt").says("working-tree-encoding=UTF-16LE-BOM").says("--revision HEAD");
    source.sync(server.url(), &[".", "--revision", "HEAD"]).exits(0);
    assert_eq!(server.files()["b.txt"], b"b");
}

#[test]
fn a_linked_worktree_and_a_shallow_clone_are_repositories_like_others() {
    let source = source("ns");
    source.git(&["tag", "v1"]);
    source.write("static/index.html", "second");
    source.commit();
    let worktree = source.home("worktree").display().to_string();
    source.git(&["worktree", "add", "--quiet", &worktree, "v1"]);
    source.run(&["validate", &worktree, "--revision", "HEAD"]).exits(0);
    source.run(&["validate", &worktree, "--branch", "main"]).exits(0);

    let shallow = source.home("shallow").display().to_string();
    source.git(&["clone", "--quiet", "--depth", "1", &format!("file://{}", source.path(".").display()), &shallow]);
    source.run(&["validate", &shallow]).exits(0);
    source.run(&["validate", &shallow, "--revision", "HEAD"]).exits(0);
    let first = source.git(&["rev-parse", "v1"]);
    source.run(&["validate", &shallow, "--revision", &first]).exits(4).says("--unshallow");
}

#[test]
fn the_repository_of_another_user_is_refused_until_it_is_said_to_be_safe() {
    let source = source("ns");
    let bare = source.home("bare.git").display().to_string();
    source.git(&["clone", "--quiet", "--bare", ".", &bare]);
    let given = Command::new("chown").args(["-R", "12345:12345", &bare]).status().expect("chown");
    assert!(given.success(), "giving files away takes root, as CI has");
    for place in [bare.clone(), format!("file://{bare}")] {
        source.run(&["validate", &place]).exits(4).says("safe.directory");
        source.run(&["validate", &place, "--branch", "main"]).exits(4).says("safe.directory");
    }
    fs::write(source.home(".gitconfig"), format!("[safe]\n\tdirectory = {bare}\n")).expect("a file");
    source.run(&["validate", &bare]).exits(0);
}

#[test]
fn where_there_is_no_repository_there_is_no_revision() {
    let plain = Sandbox::of(&App::of("ns")).create();
    plain.run(&["validate", ".", "--revision", "HEAD"]).exits(4).says("no Git repository");
    plain.run(&["validate", "."]).exits(0);
    plain.run(&["validate", "/nowhere", "--branch", "main"]).exits(4);
}

#[test]
fn a_checkout_and_its_remote_are_one_source_also_by_a_path() {
    let server = Orchestrator::start();
    let source = source(server.namespace());
    let host = GitHost::of(&source);
    let bare = host.path("app.git").display().to_string();
    let clone = source.home("clone").display().to_string();
    source.git(&["clone", "--quiet", &bare, &clone]);
    source.sync(server.url(), &[&clone]).exits(0);
    for place in [bare.clone(), format!("file://{bare}")] {
        let same = source.sync(server.url(), &[&place]).exits(0);
        assert!(same.changes().is_empty(), "{same}");
    }
}
