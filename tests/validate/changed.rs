//! `validate --changed-since REF`: only what a change is to blame for.

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::program::{HEAD, Place, Said};

const HELLO: &str = "function handle(req)\n  return 1\nend\n";

fn manifest(name: &str, functions: &str) -> String {
    format!("{}spec:\n  functions:\n{functions}", HEAD.replace("shop", name))
}

fn lua(path: &str, file: &str) -> String {
    format!("    - {{path: {path}, runtime: lua, codeFile: {file}}}\n")
}

fn git(place: &Place, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]).args(arguments);
    let output = command.current_dir(place.path()).output().expect("git");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn commit(place: &Place) {
    git(place, &["add", "--all"]);
    git(place, &["commit", "--quiet", "--message", "x"]);
}

fn write(place: &Place, name: &str, text: &str) {
    fs::write(place.path().join(name), text).expect("a file");
}

/// Two applications of one repository, of which `old` has a mistake since the first commit.
fn monorepo() -> Place {
    let place = Place::empty()
        .file("old/zerverless.yaml", manifest("old", &(lua("old", "a.lua") + &lua("/two", "missing.lua"))))
        .file("old/a.lua", HELLO)
        .file("new/zerverless.yaml", manifest("new", &lua("/new", "b.lua")))
        .file("new/b.lua", HELLO);
    git(&place, &["init", "--quiet"]);
    commit(&place);
    place
}

fn since(place: &Place, reference: &str) -> Said {
    place.validate(&["--recursive", "--changed-since", reference])
}

/// Code and file of each finding.
fn told(place: &Place, reference: &str) -> Vec<(String, String)> {
    let said = place.validate(&["--recursive", "--changed-since", reference, "-o", "json"]);
    let object: Value = serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"));
    let diagnostics = object["diagnostics"].as_array().expect("findings").iter();
    diagnostics
        .map(|one| (one["code"].as_str().unwrap_or_default().to_owned(), one["file"].as_str().unwrap_or_default().to_owned()))
        .collect()
}

fn one(code: &str, file: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), file.to_owned())]
}

#[test]
fn what_was_wrong_before_and_is_untouched_is_left_out_and_counted() {
    let place = monorepo();
    place.validate(&["--recursive"]).refuses("ZG011");
    let said = since(&place, "HEAD");
    said.accepts("✓ old/zerverless.yaml: no new error (2 older findings left out)");
    said.accepts("✓ new/zerverless.yaml: valid, 1 function");
    let object: Value =
        serde_json::from_str(&place.validate(&["--recursive", "--changed-since", "HEAD", "-o", "json"]).stdout).expect("JSON");
    assert_eq!((&object["valid"], &object["older_count"]), (&true.into(), &2.into()));
}

#[test]
fn a_new_mistake_is_told_alone_whether_it_is_committed_or_not() {
    let place = monorepo();
    write(&place, "new/b.lua", "function handle(req\nend\n");
    since(&place, "HEAD").refuses("ZG040");
    assert_eq!(told(&place, "HEAD"), one("ZG040", "new/b.lua"));
    commit(&place);
    assert_eq!(told(&place, "HEAD"), []);
    assert_eq!(told(&place, "HEAD~1"), one("ZG040", "new/b.lua"));
}

#[test]
fn everything_that_is_wrong_in_a_changed_file_is_told() {
    let place = monorepo();
    let text = format!("# a comment\n{}", manifest("old", &(lua("old", "a.lua") + &lua("/two", "missing.lua"))));
    write(&place, "old/zerverless.yaml", &text);
    assert_eq!(told(&place, "HEAD").len(), 2);
}

#[test]
fn a_file_that_was_removed_is_missed_in_a_manifest_that_nobody_touched() {
    let place = monorepo();
    fs::remove_file(place.path().join("new/b.lua")).expect("a file");
    assert_eq!(told(&place, "HEAD"), one("ZG017", "new/zerverless.yaml"));
}

#[test]
fn a_new_application_is_judged_whole_although_git_does_not_know_it_yet() {
    let place = monorepo().file("third/zerverless.yaml", manifest("new", &lua("/three", "c.lua")));
    let found = told(&place, "HEAD");
    assert_eq!(found, one("ZG017", "third/zerverless.yaml"));
    let place = place.file("third/c.lua", HELLO);
    assert_eq!(told(&place, "HEAD"), one("ZG050", "third/zerverless.yaml"), "one name twice");
}

#[test]
fn what_others_did_on_the_other_branch_is_no_change() {
    let place = monorepo();
    git(&place, &["checkout", "--quiet", "-b", "feature"]);
    write(&place, "new/b.lua", "function handle(req\nend\n");
    commit(&place);
    git(&place, &["checkout", "--quiet", "main"]);
    write(&place, "old/zerverless.yaml", &manifest("old", &lua("/old", "a.lua")));
    commit(&place);
    git(&place, &["checkout", "--quiet", "feature"]);
    assert_eq!(told(&place, "main"), one("ZG040", "new/b.lua"), "the old mistakes are corrected on main, and are none of this branch");
}

#[test]
fn a_commit_is_compared_as_well() {
    let place = monorepo();
    write(&place, "new/b.lua", "function handle(req\nend\n");
    commit(&place);
    write(&place, "new/b.lua", HELLO);
    let said = place.validate(&["--recursive", "--revision", "HEAD", "--changed-since", "HEAD~1"]);
    said.refuses("ZG040");
    assert!(!said.stdout.contains("ZG011"), "{said:?}");
}

#[test]
fn without_a_commit_to_compare_with_nothing_is_left_out_silently() {
    let place = monorepo();
    for (reference, reason) in [("nowhere", "no commit of this repository has that name"), ("HEAD:old", "no commit")] {
        let said = since(&place, reference);
        assert_eq!(said.status, Some(4), "{said:?}");
        assert!(said.stderr.contains(reason) && said.stderr.contains("fetch-depth: 0"), "{said:?}");
    }
    git(&place, &["checkout", "--quiet", "--orphan", "alone"]);
    write(&place, "alone", "x");
    commit(&place);
    assert!(since(&place, "main").stderr.contains("no commit in common"));
    assert_eq!(since(&place, "").status, Some(64));

    let no_repository = Place::with_manifest(format!("{HEAD}spec: {{}}\n"));
    let said = no_repository.validate(&["--changed-since", "HEAD"]);
    assert_eq!(said.status, Some(4), "{said:?}");
    assert!(said.stderr.contains("no checkout of a repository"), "{said:?}");
    git(&no_repository, &["init", "--quiet"]);
    let said = no_repository.validate(&["--changed-since", "HEAD"]);
    assert_eq!(said.status, Some(4), "{said:?}");
}
