//! The forms of the result for machines, and copies of it in files.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::cases;
use super::program::{Place, Said};
use crate::support::JsonSchema;

const SPEC: &str = "  functions:\n    - {path: hello, runtime: lua, code: x}\n    - {path: /wasm, runtime: wasm, code: x}\n";

fn place() -> Place {
    Place::with_spec(SPEC)
}

fn sarif(said: &Said) -> Value {
    serde_json::from_str(&said.stdout).expect("JSON")
}

#[test]
fn sarif_names_the_rule_and_the_place_of_every_finding() {
    let log = sarif(&place().validate(&["-o", "sarif"]));
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let results = run["results"].as_array().expect("results");
    assert!(results.len() >= 2, "{results:?}");
    for result in results {
        let position = usize::try_from(result["ruleIndex"].as_u64().expect("a position")).expect("small");
        assert_eq!(rules[position]["id"], result["ruleId"]);
        assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "zerverless.yaml");
        assert!(place["region"]["startLine"].as_u64() >= Some(1) && place["region"]["startColumn"].as_u64() >= Some(1));
    }
    assert_eq!(results[0]["level"], "error");
}

#[test]
fn copies_in_other_forms_are_written_beside_the_terminal() {
    let place = place();
    let said = place.validate(&["--write", "sarif=a.sarif", "--write", "junit=b.xml", "--write", "human=c.txt", "--color", "always"]);
    said.refuses("ZG011");
    let file = |name: &str| std::fs::read_to_string(place.path().join(name)).expect(name);
    assert_eq!(file("a.sarif"), place.validate(&["-o", "sarif"]).stdout);
    assert_eq!(file("b.xml"), place.validate(&["-o", "junit"]).stdout);
    assert!(file("c.txt").contains("ZG011") && !file("c.txt").contains('\u{1b}'));
}

#[test]
fn a_workflow_step_gets_its_summary() {
    let place = place();
    let mut command = std::process::Command::new(super::program::program());
    command
        .args(["validate", "-o", "github"])
        .current_dir(place.path())
        .env_clear()
        .env("GITHUB_STEP_SUMMARY", place.path().join("summary.md"));
    let said = Said::of(command);
    assert!(said.stdout.starts_with("::error file=zerverless.yaml,line="), "{}", said.stdout);
    let summary = std::fs::read_to_string(place.path().join("summary.md")).expect("a summary");
    assert!(summary.contains("ZG011") && summary.len() < 65_536, "{summary}");
}

#[test]
fn a_large_file_is_warned_of_without_reading_it() {
    let place = Place::with_spec("  static:\n    dir: site\n").file("site/index.html", "x").file("site/film.mp4", "");
    std::fs::OpenOptions::new()
        .write(true)
        .open(place.path().join("site/film.mp4"))
        .and_then(|file| file.set_len(40 << 20))
        .expect("a sparse file");
    place.validate(&[]).accepts("`film.mp4` has 40 MiB");
}

fn schemas() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas")
}

/// What is found in all cases together, in the form of `format`.
fn of_all_cases(format: &str) -> (Place, Said) {
    let place = Place::empty();
    cases::copy_all(place.path());
    let said = place.validate(&["--recursive", "-o", format]);
    assert_eq!(said.status, Some(3), "{}", said.stderr);
    (place, said)
}

#[test]
fn the_findings_of_all_cases_are_sarif_by_its_schema() {
    let text = std::fs::read_to_string(schemas().join("sarif-2.1.0.json")).expect("the schema");
    let schema = JsonSchema::new(serde_json::from_str(&text).expect("JSON"));
    let mut log = sarif(&of_all_cases("sarif").1);
    assert!(log["runs"][0]["results"].as_array().is_some_and(|results| results.len() > 150));
    assert_eq!(schema.refusal(&log), None);
    assert_eq!(schema.refusal(&sarif(&Place::empty().validate(&["nowhere", "-o", "sarif"]))), None);
    log["runs"][0]["results"][0]["level"] = "grave".into();
    assert!(schema.refusal(&log).is_some(), "the schema refuses something");
}

#[test]
fn the_findings_of_all_cases_are_a_report_that_jenkins_reads() {
    let (place, said) = of_all_cases("junit");
    let read = |report: &str| {
        let file = place.path().join("report.xml");
        std::fs::write(&file, report).expect("a file");
        let output =
            Command::new("xmllint").args(["--noout", "--nonet", "--schema"]).arg(schemas().join("junit-10.xsd")).arg(file).output();
        let output = output.expect("xmllint is installed");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert!(said.stdout.matches("<failure").count() > 150);
    let (good, why) = read(&said.stdout);
    assert!(good, "{}", &why[..why.len().min(3_000)]);
    assert!(read(&Place::empty().validate(&["nowhere", "-o", "junit"]).stdout).0);
    assert!(!read(&said.stdout.replace("<failure", "<trouble").replace("</failure", "</trouble")).0, "the schema refuses something");
}
