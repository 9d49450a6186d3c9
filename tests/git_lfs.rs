//! Files in Git LFS: fetched and checked, or an error; never a pointer where a file should be.

use std::fs;

use crate::support::{App, Checkout, GitHost, Orchestrator, Sandbox, Sshd, private_file};

const CONTENT: &str = "the content of a large file";
/// `sha256sum` of [`CONTENT`].
const OID: &str = "6840a2bc4e3bc392c4e1dfca4f6c7a706609a900d10692fa2adae4c7902e6b8e";

fn pointer() -> String {
    format!("version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize {}\n", CONTENT.len())
}

fn source(namespace: &str) -> Checkout {
    Sandbox::of(&App::of(namespace).site()).file("static/large.bin", pointer()).repository().create()
}

#[test]
fn a_file_in_lfs_is_fetched_once_with_the_repositorys_credentials() {
    let server = Orchestrator::start();
    let source = source(server.namespace());
    let host = GitHost::of(&source);
    host.keep_large_file(OID, CONTENT.as_bytes());
    host.demand("x-access-token", "t0ken");
    private_file(&source.home("token"), "t0ken");
    let token = source.home("token").display().to_string();
    source.sync(server.url(), &[&host.app(), "--git-token-file", &token]).exits(0);
    assert_eq!(server.files()["large.bin"], CONTENT.as_bytes());
    let of_store: Vec<_> = host.requests().into_iter().filter(|asked| asked.line.contains("/large/")).collect();
    assert_eq!(of_store.len(), 1, "{of_store:?}");
    host.take_requests();
    let again = source.sync(server.url(), &[&host.app(), "--git-token-file", &token, "--verify", "full"]).exits(0);
    assert!(again.changes().is_empty(), "{again}");
    assert_eq!(host.take_requests().len(), 1);
}

#[test]
fn what_cannot_be_had_or_is_something_else_is_an_error_before_anything_is_sent() {
    let server = Orchestrator::start();
    let source = source(server.namespace());
    let host = GitHost::of(&source);
    source.sync(server.url(), &[&host.app()]).exits(3).says("`static/large.bin` is kept in Git LFS").says("no such object");
    let other = CONTENT.replace("large", "small");
    host.keep_large_file(OID, other.as_bytes());
    source.sync(server.url(), &[&host.app()]).exits(3).says("something else");
    host.keep_large_file(OID, format!("{CONTENT}, and more").as_bytes());
    source.sync(server.url(), &[&host.app()]).exits(3).says("more than the pointer says");
    let sshd = Sshd::start(&["ed25519"]);
    let (key, known) = (sshd.key("key", "ed25519", "", true), sshd.known_hosts("ed25519"));
    let more = ["--ssh-key", &key.display().to_string(), "--known-hosts", &known.display().to_string()];
    source
        .sync(server.url(), &[&[sshd.url(&host.path("app.git")).as_str()], more.as_slice()].concat())
        .exits(3)
        .says("git-lfs-authenticate");
    assert!(server.files().is_empty());
}

#[test]
fn over_ssh_the_host_says_where_files_in_lfs_are_and_with_what_they_are_asked_for() {
    let server = Orchestrator::start();
    let source = source(server.namespace());
    let host = GitHost::of(&source);
    host.keep_large_file(OID, CONTENT.as_bytes());
    host.demand("lfs", "f0r0ne0nly");
    let sshd = Sshd::start(&["ed25519"]);
    let (key, known) = (sshd.key("key", "ed25519", "", true), sshd.known_hosts("ed25519"));
    let url = sshd.url(&host.path("app.git"));
    let more = ["--ssh-key", &key.display().to_string(), "--known-hosts", &known.display().to_string()];
    let sync = || source.sync(server.url(), &[&[url.as_str()], more.as_slice()].concat());
    let says = |href: &str| {
        let answer =
            format!("{{\"href\": \"{href}\", \"header\": {{\"Authorization\": \"Basic bGZzOmYwcjBuZTBubHk=\"}}, \"expires_in\": 60}}");
        sshd.program(
            "git-lfs-authenticate",
            &format!("[ \"$1 $2\" = \"{} download\" ] && echo '{answer}'", host.path("app.git").display()),
        );
    };
    says("http://lfs.example/app");
    sync().exits(3).says("not https");
    says("nonsense");
    sync().exits(3).says("not https");
    says(&format!("{}/info/lfs", host.app()));
    sync().exits(0);
    assert_eq!(server.files()["large.bin"], CONTENT.as_bytes());
    host.take_requests();
    let again = sync().exits(0);
    assert!(again.changes().is_empty() && host.requests().is_empty(), "{again}");
}

#[test]
fn a_repository_of_this_machine_has_its_files_where_git_lfs_puts_them() {
    let server = Orchestrator::start();
    let source = source(server.namespace());
    source.sync(server.url(), &[".", "--branch", "main"]).exits(3).says("git lfs fetch");
    let object = source.path(format!(".git/lfs/objects/{}/{}/{OID}", &OID[..2], &OID[2..4]));
    fs::create_dir_all(object.parent().expect("a directory")).expect("a directory");
    fs::write(&object, "something else").expect("a file");
    source.sync(server.url(), &[".", "--branch", "main"]).exits(3).says("something else");
    fs::write(&object, CONTENT).expect("a file");
    source.sync(server.url(), &[".", "--branch", "main"]).exits(0);
    assert_eq!(server.files()["large.bin"], CONTENT.as_bytes());
}
