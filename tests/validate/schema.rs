//! `schema`: what an editor is told of a manifest agrees with what `validate` says of it.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::program::{HEAD, Place};
use crate::support::JsonSchema;

/// Findings that a schema can have, too.
const OF_FORM: [&str; 7] = ["ZG005", "ZG006", "ZG007", "ZG009", "ZG013", "ZG014", "ZG015"];

fn schema() -> JsonSchema {
    let said = Place::empty().run(&["schema"]);
    assert_eq!(said.status, Some(0), "{said:?}");
    let schema: Value = serde_json::from_str(&said.stdout).expect("JSON");
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    JsonSchema::new(schema)
}

fn value(yaml: &str) -> Value {
    serde_yaml::from_str(yaml).expect("YAML")
}

#[test]
fn every_case_is_judged_by_the_schema_as_by_the_program() {
    let schema = schema();
    let (mut good, mut bad) = (0, 0);
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/validate")).expect("the cases") {
        let case = entry.expect("an entry").path();
        if case.join("arguments.txt").exists() {
            continue;
        }
        // What is no YAML, or YAML that JSON cannot hold, never reaches a schema.
        let Ok(text) = fs::read_to_string(case.join("input/zerverless.yaml")) else { continue };
        let Ok(manifest) = serde_yaml::from_str::<Value>(text.trim_start_matches('\u{feff}')) else { continue };
        let (told, refusal) = (fs::read_to_string(case.join("expected.txt")).expect("what is expected"), schema.refusal(&manifest));
        if told.starts_with("exit status: 0") {
            assert_eq!(refusal, None, "{} is valid", case.display());
            good += 1;
        } else if OF_FORM.iter().any(|code| told.contains(code)) {
            assert!(refusal.is_some(), "{} is accepted by the schema; the program says\n{told}", case.display());
            bad += 1;
        }
    }
    assert!(good > 30 && bad > 60, "{good} good and {bad} bad ones were compared");
}

#[test]
fn a_function_has_the_keys_of_its_runtime() {
    let schema = schema();
    let with = |function: &str| schema.refusal(&value(&format!("{HEAD}spec:\n  functions:\n    - {{path: /a, {function}}}\n")));
    for good in [
        "runtime: lua, code: x",
        "runtime: js, codeFile: a.js",
        "runtime: docker, context: .",
        "runtime: docker, dockerfile: a/Dockerfile, port: 80, build: {args: {A: 1.10}, target: x, platform: linux/amd64}",
        "runtime: docker, image: 'a:1', health: /ok",
    ] {
        assert_eq!(with(good), None, "{good}");
    }
    for bad in [
        "runtime: lua",
        "runtime: lua, code: x, codeFile: y",
        "runtime: lua, code: ' '",
        "runtime: lua, code: x, port: 80",
        "runtime: ruby, code: x",
        "runtime: docker",
        "runtime: docker, code: x",
        "runtime: docker, image: 'a:1', context: .",
        "runtime: docker, image: 'a:1', port: 0",
        "runtime: docker, image: 'a:1', port: '80'",
        "runtime: docker, context: ., build: {platform: linux}",
        "runtime: docker, context: ., build: {arg: {}}",
        "runtime: docker, context: ., health: ok",
        "code: x",
    ] {
        assert!(with(bad).is_some(), "{bad}");
    }
}

#[test]
fn names_and_paths_have_their_form() {
    let schema = schema();
    let with = |name: &str, namespace: &str, path: &str| {
        let text = format!(
            "apiVersion: zerverless.io/v1\nkind: Application\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec:\n  functions: [{{path: \
             {path}, runtime: lua, code: x}}]\n"
        );
        schema.refusal(&value(&text))
    };
    for (name, namespace, path) in [("a", "b", "/a"), ("123", "no", "/a/b c/é"), ("true", "1e3", "/.a/..."), ("a-b", "x", "/..b/a.b")] {
        assert_eq!(with(name, namespace, path), None, "{name} {namespace} {path}");
    }
    for (name, namespace, path) in [
        ("A", "b", "/a"),
        ("a-", "b", "/a"),
        ("a", "api", "/a"),
        ("a", "b", "a"),
        ("a", "b", "/"),
        ("a", "b", "/a/../b"),
        ("a", "b", "/a/./b"),
        ("a", "b", "/a//b"),
        ("a", "b", "'/a?b'"),
    ] {
        assert!(with(name, namespace, path).is_some(), "{name} {namespace} {path}");
    }
}

#[test]
fn the_manifests_of_the_examples_are_valid() {
    let schema = schema();
    for example in ["hello", "docker"] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(example).join("zerverless.yaml");
        assert_eq!(schema.refusal(&value(&fs::read_to_string(file).expect("the example"))), None, "{example}");
    }
}

#[test]
fn every_key_is_explained_to_whoever_writes_a_manifest() {
    let schema: Value = serde_json::from_str(&Place::empty().run(&["schema"]).stdout).expect("JSON");
    let parts = schema["$defs"].as_object().expect("parts");
    assert!(parts.len() >= 7, "{parts:?}");
    for (name, part) in parts {
        assert_eq!(part["additionalProperties"], false, "{name}");
        for (key, property) in part["properties"].as_object().expect("keys") {
            assert!(property["description"].as_str().is_some_and(|about| about.len() > 15), "{name}.{key}");
        }
    }
}
