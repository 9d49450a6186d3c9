//! Names arrive as they are, or are refused before anything is sent.

use std::collections::BTreeSet;

use crate::support::{App, Orchestrator, Proxy, Sandbox, encode};

/// Every kind of byte that a client, a proxy or the server's router could trip over.
const AWKWARD: [&str; 24] = [
    "x y(1).txt",
    "u+v&w=$,;:@.txt",
    "q'!*.txt",
    "[1]",
    "t~",
    "50%.txt",
    "a%2Fb",
    "a%2fb",
    "#",
    "?",
    "?x=1#y",
    "\\",
    "|",
    "^",
    "\"",
    "<&>.html",
    "`{}`",
    "é",
    "日本語/ファイル.txt",
    "line\nfeed",
    "tab\there",
    " leading and trailing ",
    "-dash",
    "dir with space/in(side)/x%",
];

fn with_files(server: &Orchestrator, names: &[&str]) -> Sandbox {
    let empty = Sandbox::of(&App::of(server.namespace()).site());
    names.iter().fold(empty, |sandbox, name| sandbox.file(&format!("static/{name}"), format!("content of {name}")))
}

#[test]
fn awkward_file_names_arrive_byte_for_byte_and_a_second_run_sends_nothing() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let source = with_files(&server, &AWKWARD).create();
    source.sync(proxy.url(), &["--adopt"]).exits(0);

    let files = server.files();
    assert_eq!(files.keys().map(String::as_str).collect::<BTreeSet<_>>(), AWKWARD.into_iter().collect::<BTreeSet<_>>());
    for (name, content) in &files {
        assert_eq!(*content, format!("content of {name}").into_bytes());
        let visited = server.send("GET", &format!("/static/{}/{}", server.namespace(), encode(name)), b"");
        assert_eq!((visited.status, &visited.body), (200, content), "{name:?} as visitors see it");
    }

    proxy.forget();
    let second = source.sync(proxy.url(), &[]).exits(0);
    assert!(second.changes().is_empty(), "{second}");
    assert_eq!(proxy.writes(), Vec::<String>::new());
}

#[test]
fn awkward_files_are_deleted_by_the_name_they_have() {
    let server = Orchestrator::start();
    let source = with_files(&server, &AWKWARD).file("static/stays", "").create();
    source.sync(server.url(), &[]).exits(0);
    source.remove("static");
    source.write("static/stays", "");
    source.sync(server.url(), &["--max-delete", "100%"]).exits(0);
    assert_eq!(server.files().into_keys().collect::<Vec<_>>(), ["stays"]);
}

#[test]
fn awkward_function_paths_arrive_byte_for_byte_and_a_second_run_sends_nothing() {
    let server = Orchestrator::start();
    let proxy = Proxy::before(&server);
    let paths = ["/x y(1)", "/u+v&w=$,;:@", "/q'!*[1]~", "/50%", "/a%2Fb", "/é/ü", "/a/b/c", "/|^\"<>`{}"];
    let app = paths.iter().fold(App::of(server.namespace()), |app, path| app.lua(path, "function handle() end"));
    let source = Sandbox::of(&app).create();
    source.sync(proxy.url(), &[]).exits(0);
    assert_eq!(server.functions().into_keys().collect::<BTreeSet<_>>(), paths.iter().map(|path| (*path).to_owned()).collect());

    proxy.forget();
    source.sync(proxy.url(), &[]).exits(0);
    assert_eq!(proxy.writes(), Vec::<String>::new());

    source.declare(&App::of(server.namespace()).lua("/a/b/c", "function handle() end"));
    source.sync(server.url(), &[]).exits(0);
    assert_eq!(server.functions().into_keys().collect::<Vec<_>>(), ["/a/b/c"]);
}

#[test]
fn code_arrives_byte_for_byte() {
    let server = Orchestrator::start();
    let code = "-- <&> \u{2028} é 日 \\u0041 \" ' \t\r\nfunction handle(req) return \"\u{1f600}\" end\r\n\n";
    let source = Sandbox::of(&App::of(server.namespace()).function("/x", "runtime: lua, codeFile: x.lua")).file("x.lua", code).create();
    source.sync(server.url(), &[]).exits(0);
    assert_eq!(server.functions()["/x"].1, code);
    let second = source.diff(server.url(), &[]).exits(0);
    assert!(second.changes().is_empty(), "{second}");
}

/// A name that cannot be stored stops everything before the first request.
#[track_caller]
fn refused(sandbox: Sandbox, server: &Orchestrator, told: &str) {
    let proxy = Proxy::before(server);
    let source = sandbox.file("static/fine.txt", "fine").create();
    source.sync(proxy.url(), &[]).exits(3).says(told);
    source.run(&["validate", "-o", "json"]).exits(3).says(told);
    assert_eq!(proxy.writes(), Vec::<String>::new());
    assert!(server.files().is_empty());
}

#[test]
fn two_dots_anywhere_in_a_file_name_are_refused_because_the_server_cannot_store_them() {
    let server = Orchestrator::start();
    for name in ["foo..bar.js", "v1..2/x", "..."] {
        refused(with_files(&server, &[name]), &server, name.split('/').next().expect("a first part"));
    }
}

#[test]
fn a_file_name_that_is_not_utf_8_is_refused() {
    let server = Orchestrator::start();
    refused(Sandbox::of(&App::of(server.namespace()).site()).raw_file(b"static/bad\xff.txt", ""), &server, "not UTF-8");
}

#[test]
fn a_name_longer_than_the_server_stores_is_refused() {
    let server = Orchestrator::start();
    let deep = vec!["n".repeat(240); 16].join("/");
    refused(with_files(&server, &[&deep]), &server, "at most 3800");
    let app = App::of(server.namespace()).site_from(&format!("dir: static, prefix: {}", "p".repeat(256)));
    refused(Sandbox::of(&app), &server, "prefix");
}

#[test]
fn names_that_differ_only_in_case_or_composition_are_kept_apart_with_a_warning() {
    let server = Orchestrator::start();
    let twins = ["Readme.txt", "README.txt", "caf\u{e9}", "cafe\u{301}"];
    let source = with_files(&server, &twins).create();
    let valid = source.run(&["validate"]).exits(0);
    for name in twins {
        assert!(valid.said().contains(name), "{name} in {valid}");
    }
    source.sync(server.url(), &[]).exits(0);
    assert_eq!(server.files().into_keys().collect::<BTreeSet<_>>(), twins.iter().map(|name| (*name).to_owned()).collect());
    source.run(&["validate", "--strict"]).exits(3);
}

#[test]
fn empty_files_dotfiles_and_well_known_files_are_files_like_any_other() {
    let server = Orchestrator::start();
    let names = [".well-known/security.txt", ".nojekyll", ".a/.b", "empty"];
    let source = with_files(&server, &names[..3]).file("static/empty", "").create();
    source.sync(server.url(), &[]).exits(0);
    assert_eq!(server.files().into_keys().collect::<BTreeSet<_>>(), names.iter().map(|name| (*name).to_owned()).collect());
    assert_eq!(server.files()["empty"], b"");
    let second = source.diff(server.url(), &["--verify", "full"]).exits(0);
    assert!(second.changes().is_empty(), "{second}");
}
