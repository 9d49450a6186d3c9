//! `init`: a first manifest of what lies in a directory.

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::program::{Place, Said};
use crate::support::JsonSchema;

const LUA: &str = "function handle(req)\n  return {status = 200}\nend\n";
const JS: &str = "function handle(req) {\n  return {status: 200};\n}\n";
const PYTHON: &str = "def handle(req):\n    return {\"status\": 200}\n\nprint(handle(INPUT))\n";

fn manifest(place: &Place) -> String {
    fs::read_to_string(place.path().join("zerverless.yaml")).expect("a manifest")
}

fn in_json(said: &Said) -> Value {
    serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"))
}

fn git(place: &Place, arguments: &[&str]) {
    let status = Command::new("git").args(arguments).current_dir(place.path()).status().expect("git");
    assert!(status.success(), "git {arguments:?}");
}

/// What `init` found, and the manifest, which `validate` takes without a finding.
#[track_caller]
fn found(place: &Place) -> (Value, String) {
    let said = place.run(&["init", "--name", "shop", "--namespace", "me", "-o", "json"]);
    assert_eq!(said.status, Some(0), "{said:?}");
    let text = manifest(place);
    let strict = place.validate(&["--strict"]);
    assert_eq!(strict.status, Some(0), "{text}{}", strict.all());
    let schema = fs::read_to_string(place.path().join("zerverless.schema.json")).expect("a schema");
    let value = serde_yaml::from_str(&text).expect("YAML");
    assert_eq!(JsonSchema::new(serde_json::from_str(&schema).expect("JSON")).refusal(&value), None, "{text}");
    (in_json(&said), text)
}

#[test]
fn functions_dockerfiles_and_the_site_are_found() {
    let place = Place::empty()
        .file("functions/hello.lua", LUA)
        .file("functions/api/greet.js", JS)
        .file("functions/api/stats/index.py", PYTHON)
        .file("docker/Dockerfile", "FROM scratch\nEXPOSE 8080\nCOPY . /\n")
        .file("docker/app.js", JS)
        .file("static/index.html", "<h1>hi</h1>")
        .file("static/app.js", "function handle() {}\n")
        .file("webpack.config.js", "module.exports = {};\n")
        .file("node_modules/x/index.js", JS)
        .file("tests/handle.lua", LUA);
    let (told, text) = found(&place);
    let functions: Vec<(&str, &str)> = told["functions"]
        .as_array()
        .expect("functions")
        .iter()
        .map(|function| (function["path"].as_str().expect("a path"), function["file"].as_str().expect("a file")))
        .collect();
    assert_eq!(
        functions,
        [
            ("/api/greet", "functions/api/greet.js"),
            ("/api/stats", "functions/api/stats/index.py"),
            ("/docker", "docker/Dockerfile"),
            ("/hello", "functions/hello.lua")
        ]
    );
    assert_eq!((&told["static"], &told["left_out"]), (&"static".into(), &Value::Array(Vec::new())));
    assert!(text.starts_with("# yaml-language-server: $schema=zerverless.schema.json\n"), "{text}");
    assert!(text.matches("  # ").count() >= 5, "it explains itself\n{text}");
    assert!(text.contains("    - path: /hello\n      runtime: lua\n      codeFile: functions/hello.lua\n"), "{text}");
}

#[test]
fn an_empty_directory_gets_a_first_function() {
    let (told, text) = found(&Place::empty());
    assert_eq!(told["functions"], Value::Array(Vec::new()));
    assert!(text.contains("path: /hello") && text.contains("function handle(req)"), "{text}");
}

#[test]
fn a_site_alone_is_enough_and_other_candidates_are_named() {
    let (told, text) = found(&Place::empty().file("public/index.html", "x").file("docs/index.html", "x"));
    assert_eq!(told["static"], "public");
    assert!(text.contains("# docs could be it, too."), "{text}");
}

#[test]
fn a_site_that_a_build_writes_is_taken_although_git_ignores_it() {
    let place = Place::empty().file(".gitignore", "/dist\n").file("dist/index.html", "x");
    git(&place, &["init", "--quiet"]);
    let (told, text) = found(&place);
    assert_eq!(told["static"], "dist");
    assert!(text.contains("includeIgnored: true"), "{text}");
}

#[test]
fn what_cannot_be_a_function_as_it_is_is_left_out_with_the_reason() {
    let place = Place::empty()
        .file("functions/broken.lua", "function handle(req)\n  return {\nend\n")
        .file("functions/hello.lua", LUA)
        .file("functions/hello.js", JS)
        .file("functions/what?.lua", LUA)
        .file("x: y.lua", LUA);
    let (told, text) = found(&place);
    let left_out = told["left_out"].as_array().expect("a list");
    let why = |file: &str| {
        let one = left_out.iter().find(|one| one["file"] == file).unwrap_or_else(|| panic!("{file} is in {left_out:?}"));
        one["why"].as_str().expect("a reason").to_owned()
    };
    assert!(why("functions/broken.lua").starts_with("line 3: "), "{left_out:?}");
    assert!(why("functions/hello.lua").contains("functions/hello.js has its path /hello already"), "{left_out:?}");
    assert!(why("functions/what?.lua").contains("its path has the character ?"), "{left_out:?}");
    assert!(why("x: y.lua").contains("a manifest cannot name it"), "{left_out:?}");
    assert!(text.contains("# functions/broken.lua was left out: line 3: "), "{text}");
}

#[test]
fn what_a_check_finds_is_said_at_once() {
    let place = Place::empty().file("stats.py", "def handle(req):\n    return {}\n");
    let said = place.run(&["init"]);
    said.accepts("ZG110");
    said.accepts("is never called");
}

#[test]
fn names_that_yaml_reads_otherwise_are_written_so_that_they_stay() {
    let (_, text) = found(&Place::empty().file("'q'/- c.lua", LUA).file("true/[1].lua", LUA).file("é/handle it.lua", LUA));
    assert!(text.contains('\''), "{text}");
}

#[test]
fn name_and_namespace_come_from_the_directory_and_the_repository() {
    let place = Place::empty().file("My Café!/functions/hello.lua", LUA);
    git(&place, &["init", "--quiet"]);
    git(&place, &["remote", "add", "origin", "git@example.org:Some.One/things.git"]);
    let said = place.run(&["init", "My Café!", "-o", "json"]);
    assert_eq!(said.status, Some(0), "{said:?}");
    let told = in_json(&said);
    assert_eq!((&told["application"], &told["namespace"]), (&"my-cafe".into(), &"some-one".into()));
    let text = fs::read_to_string(place.path().join("My Café!/zerverless.yaml")).expect("a manifest");
    assert!(text.contains("repoURL: https://example.org/Some.One/things"), "{text}");
    place.validate(&["--strict", "My Café!"]).accepts("1 function");
}

#[test]
fn nothing_that_is_there_is_overwritten() {
    let place = Place::with_manifest("mine").file("zerverless.schema.json", "mine, too");
    let said = place.run(&["init"]);
    assert_eq!(said.status, Some(64), "{said:?}");
    assert!(said.stderr.contains("zerverless.yaml is there already"), "{said:?}");
    assert_eq!(manifest(&place), "mine");

    let dangling = Place::empty().link("zerverless.yaml", "elsewhere");
    assert_eq!(dangling.run(&["init"]).status, Some(64));
    assert!(!dangling.path().join("elsewhere").exists());

    let schema = Place::empty().file("zerverless.schema.json", "mine");
    assert_eq!(schema.run(&["init"]).status, Some(0));
    assert_eq!(fs::read_to_string(schema.path().join("zerverless.schema.json")).expect("a file"), "mine");
}

#[test]
fn names_that_cannot_be_used_are_refused_before_anything_is_written() {
    for arguments in [["--name", "My Shop"], ["--namespace", "api"], ["--namespace", "A"]] {
        let place = Place::empty();
        let said = place.run(&[&["init"], arguments.as_slice()].concat());
        assert_eq!(said.status, Some(64), "{said:?}");
        assert!(said.stderr.contains(arguments[0]), "{said:?}");
        assert_eq!(fs::read_dir(place.path()).expect("a directory").count(), 0);
    }
    assert_eq!(Place::empty().run(&["init", "nowhere"]).status, Some(4));
}
