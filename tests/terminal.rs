//! What reaches a terminal, a pipe, or nobody at all.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use crate::support::{App, Checkout, Orchestrator, Outcome, Running, Sandbox};

const CODE: &str = "function handle() return 1 end";
const ESCAPE: char = '\u{1b}';

/// A source with more to say than a pipe holds.
fn talkative(server: &Orchestrator) -> Sandbox {
    let app = App::of(server.namespace()).lua("/a", CODE).site();
    (0..500).fold(Sandbox::of(&app), |sandbox, file| sandbox.file(&format!("static/{file:04}-{}.txt", "long".repeat(50)), "x"))
}

/// Runs a command line on a terminal where somebody types `typed`.
fn typed(source: &Checkout, typed: &str, arguments: &[&str]) -> (i32, String) {
    let line = format!("{} {}", env!("CARGO_BIN_EXE_zerverless-gitops"), arguments.join(" "));
    let mut script = source.shell("script");
    let child = script.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("`script` gives a terminal");
    child.stdin.take().expect("piped").write_all(typed.as_bytes()).expect("it listens");
    let ended = child.wait_with_output().expect("it ends");
    (ended.status.code().expect("a status"), String::from_utf8_lossy(&ended.stdout).into_owned())
}

#[test]
fn on_a_terminal_somebody_is_asked_once_before_anything_is_deleted() {
    let server = Orchestrator::start();
    let app = App::of(server.namespace()).site();
    let source = Sandbox::of(&app).file("static/a.txt", "a").file("static/b.txt", "b").create();
    let sync = ["sync", "--server", server.url()];
    let (status, said) = typed(&source, "", &sync);
    assert_eq!((status, said.contains("[y/N]")), (0, false), "nothing is deleted: {said}");
    source.remove("static/b.txt");
    source.write("static/a.txt", "changed");
    let (status, said) = typed(&source, "n\n", &sync);
    assert_eq!((status, server.files()["a.txt"].as_slice()), (1, b"a".as_slice()), "{said}");
    assert!(said.contains("b.txt") && said.matches("[y/N]").count() == 1 && said.contains("the answer was no"), "{said}");
    let (status, said) = typed(&source, "y\n", &sync);
    assert_eq!((status, server.files().len(), said.matches("[y/N]").count()), (0, 1, 1), "{said}");
    let (status, said) = typed(&source, "", &["destroy", "--yes", "--server", server.url()]);
    assert_eq!((status, server.files().len(), said.contains("[y/N]")), (0, 0, false), "{said}");
}

#[test]
fn a_reader_that_goes_away_after_one_line_is_no_error() {
    let server = Orchestrator::start();
    let source = talkative(&server).create();
    for format in ["json", "human", "markdown"] {
        let mut command = source.command(&["diff", "--server", server.url(), "-v", "-o", format]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        let ended = child.wait_with_output().expect("it ends");
        let stderr = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(0), "{format}: {stderr}");
        assert!(!stderr.contains("panicked"), "{format}: {stderr}");
    }
}

#[test]
fn a_sync_whose_output_nobody_reads_is_made_all_the_same() {
    let server = Orchestrator::start();
    let source = Sandbox::of(&App::of(server.namespace()).lua("/a", CODE).site()).file("static/index.html", "i").create();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut command = source.command(&["sync", "--server", server.url(), "-v"]);
    let ended = command.stdin(Stdio::null()).stdout(writer.try_clone().expect("a pipe")).stderr(writer).status().expect("it ends");
    assert_eq!(ended.code(), Some(0));
    assert_eq!((server.files().len(), server.functions().len()), (1, 1));
}

#[test]
fn a_result_that_cannot_be_written_is_told_and_the_sync_is_made_all_the_same() {
    let server = Orchestrator::start();
    let source = Sandbox::of(&App::of(server.namespace()).lua("/a", CODE)).create();
    let full = || File::options().write(true).open("/dev/full").expect("a device that is always full");
    let mut command = source.command(&["sync", "--server", server.url()]);
    let ended = command.stdin(Stdio::null()).stdout(full()).stderr(Stdio::piped()).output().expect("it ends");
    let stderr = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("No space left") && !stderr.contains("panicked"), "{stderr}");
    assert_eq!(server.functions().len(), 1);
    // Nor does a full log stop it.
    source.declare(&App::of(server.namespace()).lua("/a", CODE).lua("/b", CODE));
    let mut command = source.command(&["sync", "--server", server.url(), "-v"]);
    let ended = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(full()).status().expect("it ends");
    assert_eq!(ended.code(), Some(0));
    assert_eq!(server.functions().len(), 2);
}

fn with_environment(source: &crate::support::Checkout, arguments: &[&str], variables: &[(&str, &str)]) -> Outcome {
    let mut command = source.command(arguments);
    command.envs(variables.iter().copied());
    Running::start(command).finish()
}

#[test]
fn colour_is_for_terminals_unless_it_is_asked_for() {
    let server = Orchestrator::start();
    let source = Sandbox::of(&App::of(server.namespace()).lua("/a", CODE)).create();
    let bad = Sandbox::empty().file("zerverless.yaml", "kind: Nothing\n").create();
    let diff = ["diff", "--server", server.url()];
    for (variables, colour) in [(vec![], false), (vec![("NO_COLOR", "1")], false), (vec![("CLICOLOR_FORCE", "1")], true)] {
        let changes = with_environment(&source, &diff, &variables).exits(0);
        assert_eq!(changes.stdout.contains(ESCAPE), colour, "{variables:?}: {changes}");
        let findings = with_environment(&bad, &["validate"], &variables).exits(3);
        assert_eq!(findings.said().contains(ESCAPE), colour, "{variables:?}: {findings}");
    }
    let asked = with_environment(&source, &[&diff[..], &["--color", "always"]].concat(), &[("NO_COLOR", "1")]).exits(0);
    assert!(asked.stdout.contains(ESCAPE), "the flag wins: {asked}");
    let json = with_environment(&source, &[&diff[..], &["--color", "always", "-o", "json"]].concat(), &[]).exits(0);
    assert!(!json.stdout.contains(ESCAPE), "{json}");
    assert!(json.json().is_object());
}

#[test]
fn nothing_of_a_name_reaches_the_terminal_raw_at_any_width() {
    let server = Orchestrator::start();
    let names = ["\u{1b}[31mred", "bell\u{7}", "\u{202e}txt.exe", "line\nfeed", "back\u{8}space"];
    let source = names
        .iter()
        .fold(Sandbox::of(&App::of(server.namespace()).site()), |sandbox, name| sandbox.file(&format!("static/{name}"), "x"))
        .file("static/..evil\u{1b}]0;title\u{7}", "x")
        .create();
    for width in ["1", "20", "80", "100000", "-1", "wide"] {
        let columns = [("COLUMNS", width)];
        let refused = with_environment(&source, &["validate"], &columns).exits(3);
        raw(&refused);
        let refused = with_environment(&source, &["sync", "--server", server.url()], &columns).exits(3);
        raw(&refused);
    }
    source.remove("static/..evil\u{1b}]0;title\u{7}");
    for format in ["human", "markdown", "json"] {
        let columns = [("COLUMNS", "20")];
        raw(&with_environment(&source, &["diff", "--server", server.url(), "-o", format], &columns).exits(0));
    }
    raw(&with_environment(&source, &["sync", "--server", server.url(), "-v"], &[]).exits(0));
}

#[track_caller]
fn raw(outcome: &Outcome) {
    let bad = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    let json = outcome.stdout.starts_with('{');
    // JSON escapes control characters, and leaves the others to whoever decodes it.
    let found = outcome.said().chars().find(|c| if json { c.is_control() && *c != '\n' } else { bad(*c) });
    assert_eq!(found, None, "{outcome}");
}

#[test]
fn every_command_explains_itself() {
    let source = Sandbox::empty().create();
    let top = source.run(&["--help"]).exits(0);
    assert!(top.stderr.is_empty(), "{top}");
    for command in ["validate", "diff", "sync", "serve", "completions", "man"] {
        assert!(top.stdout.contains(command), "{command} in {top}");
        let help = source.run(&[command, "--help"]).exits(0);
        assert!(help.stdout.contains("Usage:") && help.stderr.is_empty(), "{help}");
        source.run(&[command, "-h"]).exits(0);
    }
    let version = source.run(&["--version"]).exits(0);
    assert!(version.stdout.contains(env!("CARGO_PKG_VERSION")), "{version}");
}

#[test]
fn what_cannot_be_understood_exits_64_and_says_so() {
    let source = Sandbox::of(&App::of("ns").lua("/a", CODE)).create();
    for wrong in [
        &["sync", "--nonsense"][..],
        &["nonsense"],
        &[],
        &["sync", "--parallelism", "0"],
        &["sync", "--timeout", "soon"],
        &["sync", "--max-delete", "many"],
        &["sync", "--max-delete", "101%"],
        &["sync", "-o", "nonsense"],
        &["sync", "--namespace", "Not A Name"],
        &["sync", "--namespace", "api"],
        &["sync", "--server", "not a url"],
        &["sync", "--server", "ftp://example.com"],
        &["sync", "--token-file", "nowhere"],
        &["diff", "--detailed-exitcode=maybe"],
    ] {
        let refused = source.run(wrong).exits(64);
        assert!(!refused.stderr.is_empty(), "{refused}");
    }
}

#[test]
fn a_url_with_a_password_is_refused_without_repeating_it() {
    let source = Sandbox::of(&App::of("ns").lua("/a", CODE)).create();
    let refused = source.sync("http://user:s3cr3t-canary@127.0.0.1:1", &[]).exits(64);
    assert!(!refused.said().contains("s3cr3t-canary"), "{refused}");
}

#[test]
fn a_token_is_not_sent_to_another_machine_in_the_clear() {
    let source = Sandbox::of(&App::of("ns").lua("/a", CODE)).file("token", "s3cr3t-canary").create();
    let refused = source.sync("http://zerverless.example.com", &["--token-file", "token", "--retries", "0"]).exits(64);
    assert!(refused.said().contains("--allow-insecure-token") && !refused.said().contains("s3cr3t-canary"), "{refused}");
}
