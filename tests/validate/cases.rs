//! Pairs of files: `tests/cases/validate/<name>/input/` is checked, `expected.txt` beside it holds the exit status and all that is said.
//! `arguments.txt` has one argument in each line where `validate` alone is not meant. With `UPDATE_EXPECTED` set, what is expected is
//! written anew; look at the difference before committing it.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use zerverless_gitops::manifest::Rule;

use super::program::{Place, Said};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/validate")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a readable case") {
        let (source, target) = entry.map(|entry| (entry.path(), to.join(entry.file_name()))).expect("an entry");
        if source.is_dir() {
            copy(&source, &target);
        } else {
            fs::copy(&source, &target).expect("a copy");
        }
    }
}

/// The inputs of all cases, each in a directory of its name.
pub(super) fn copy_all(to: &Path) {
    let entries = fs::read_dir(directory()).expect("the cases").map(|entry| entry.expect("an entry").path());
    for case in entries.filter(|path| path.is_dir()) {
        copy(&case.join("input"), &to.join(case.file_name().expect("a name")));
    }
}

fn run(case: &Path) -> Said {
    let place = Place::empty();
    copy(&case.join("input"), place.path());
    let arguments = fs::read_to_string(case.join("arguments.txt")).unwrap_or_else(|_| "validate".to_owned());
    place.run(&[&["--color", "never"], arguments.lines().collect::<Vec<_>>().as_slice()].concat())
}

fn rendered(said: &Said) -> String {
    let mut text = format!("exit status: {}\n", said.status.map_or_else(|| "a signal".to_owned(), |status| status.to_string()));
    for (stream, words) in [("stdout", &said.stdout), ("stderr", &said.stderr)] {
        if !words.is_empty() {
            let _ = write!(text, "\n=== {stream}\n{words}");
        }
    }
    text
}

#[test]
fn every_case_is_told_as_expected() {
    let mut names: Vec<PathBuf> =
        fs::read_dir(directory()).expect("the cases").map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect();
    names.sort();
    assert!(names.len() >= 400, "the cases were found");
    let mut wrong = Vec::new();
    for case in &names {
        let said = rendered(&run(case));
        let file = case.join("expected.txt");
        let expected = fs::read_to_string(&file).unwrap_or_default();
        if said == expected {
            continue;
        }
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(&file, &said).expect("the repository can be written");
        } else {
            let name = case.file_name().unwrap_or_default().to_string_lossy();
            wrong.push(format!("##### {name}: expected\n{expected}\n##### {name}: said\n{said}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases differ\n{}", wrong.len(), names.len(), wrong.join("\n"));
}

/// The rules about keys and values have their cases; this is the list of those that have not.
#[test]
fn every_rule_has_a_case() {
    let mut told = String::new();
    for entry in fs::read_dir(directory()).expect("the cases") {
        told += &fs::read_to_string(entry.expect("an entry").path().join("expected.txt")).unwrap_or_default();
    }
    let elsewhere = ["ZG105", "ZG114"];
    let codes = Rule::all().map(Rule::code);
    let missing: Vec<&str> = codes.filter(|code| !told.contains(code) && !elsewhere.contains(code)).collect();
    assert!(missing.is_empty(), "no case shows {missing:?}");
}
