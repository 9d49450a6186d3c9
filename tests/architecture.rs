//! The rooms of `src/` and who may import whom: downwards only, as the README's picture shows.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Rooms by level, the highest first. A room may import rooms of lower levels, and those of its own level that are listed for it.
const LEVELS: [&[&str]; 15] = [
    &["main"],
    &["cli"],
    &["control", "local"],
    &["watch"],
    &["report"],
    &["pipeline", "registry"],
    &["error"],
    &["apply", "source"],
    &["record::store"],
    &["api", "docker"],
    &["plan"],
    &["state"],
    &["manifest", "record"],
    &["files"],
    &["event", "live", "syntax"],
];

/// At the bottom: words that everybody uses.
const WORDS: [&str; 2] = ["key", "fingerprint"];

/// Arrows that the levels allow and the design forbids, each because it would cost the design its point.
const FORBIDDEN: [(&str, &[&str], &str); 10] = [
    (
        "control",
        &["api", "apply", "docker", "error", "files", "manifest", "pipeline", "plan", "record", "report", "source", "state"],
        "a request may only write down what is wanted, and wake the loop",
    ),
    ("registry", &["api", "apply", "docker", "manifest", "plan", "record", "state"], "it keeps what was asked for, and decides nothing"),
    ("api", &["plan", "state", "manifest", "record", "files"], "a client knows endpoints, not intentions"),
    (
        "local",
        &[
            "api",
            "apply",
            "docker",
            "error",
            "event",
            "files",
            "fingerprint",
            "key",
            "live",
            "manifest",
            "pipeline",
            "plan",
            "record",
            "report",
            "source",
            "state",
        ],
        "shared types would make both sides wrong together",
    ),
    ("watch", &["report", "api"], "a loop runs and tells; how it is shown is not its business"),
    ("docker", &["plan", "record", "manifest"], "an engine knows images and containers, not intentions"),
    ("report", &["local", "source", "docker"], "a renderer decides nothing and fetches nothing"),
    ("error", &["pipeline", "report", "apply"], "errors are sorted, not made, there"),
    ("source", &["apply", "api", "plan", "record"], "a source gives a tree and nothing else"),
    ("apply", &["source", "pipeline"], "applying re-decides nothing"),
];

/// Words that must not stand in a room's code, with the rooms that may have them.
const CONFINED: [(&str, &[&str]); 25] = [
    ("git2::", &["source"]),
    ("reqwest::", &["api", "control", "source"]),
    ("ssh2::", &["source"]),
    ("bollard::", &["docker", "local"]),
    ("tar::", &["docker"]),
    ("regex::", &["files"]),
    ("clap", &["cli"]),
    ("axum::", &["control", "local"]),
    ("sqlx::", &["registry"]),
    ("utoipa", &["control"]),
    ("redb::", &["local"]),
    ("mlua::", &["local"]),
    ("rquickjs::", &["local"]),
    ("serde_yaml::", &["manifest"]),
    ("saphyr_parser::", &["manifest"]),
    ("oxc_", &["syntax"]),
    ("ruff_", &["syntax"]),
    ("indicatif::", &["report"]),
    ("println!", &[]),
    ("print!(", &[]),
    ("Writer", &["api", "apply", "record::store"]),
    ("std::env::", &["cli", "report", "record::store", "source"]),
    ("tokio::", &["api", "apply", "cli", "control", "docker", "local", "pipeline", "record::store", "watch"]),
    (" notify::", &["watch"]),
    ("SystemTime", &["api", "local", "source"]),
];

/// Files of more code lines than this have outgrown their noun.
const MOST_LINES: usize = 400;

struct SourceFile {
    path: PathBuf,
    room: String,
    /// Without comments and without unit tests.
    code: String,
}

fn sources() -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut open = vec![root.clone()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).expect("a readable directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                // What lies beside a `tests.rs`, and belongs to it, is tests as well.
                let is_tests = path.ends_with("tests") && path.with_extension("rs").is_file();
                open.extend((!is_tests).then_some(path));
            } else if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("tests.rs") {
                let relative = path.strip_prefix(&root).expect("below src").to_owned();
                let text = fs::read_to_string(&path).expect("a text");
                let lines = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]"));
                let code = lines.filter(|line| !line.trim_start().starts_with("//")).fold(String::new(), |code, line| code + line + "\n");
                found.push(SourceFile { room: room_of(&relative), path: relative, code });
            }
        }
    }
    assert!(found.len() > 40, "the sources were found");
    found
}

fn room_of(relative: &Path) -> String {
    let mut names = relative.iter().map(|name| name.to_string_lossy().trim_end_matches(".rs").to_owned());
    let first = names.next().expect("a name");
    let second = names.next();
    if first == "record" && second.as_deref() == Some("store") { "record::store".to_owned() } else { first }
}

/// Rooms that a file names after `crate::`.
fn imports(file: &SourceFile) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in file.code.match_indices("crate::") {
        let rest = &file.code[at + "crate::".len()..];
        let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        let is_store = name == "record" && rest.starts_with("record::store");
        found.push(if is_store { "record::store".to_owned() } else { name });
    }
    found
}

fn level(room: &str) -> Option<usize> {
    if WORDS.contains(&room) {
        return Some(LEVELS.len());
    }
    LEVELS.iter().position(|rooms| rooms.contains(&room))
}

#[test]
fn rooms_import_downwards_only() {
    let mut broken = Vec::new();
    for file in sources().iter().filter(|file| file.room != "lib") {
        let own = level(&file.room).unwrap_or_else(|| panic!("{} is in no room of the table", file.path.display()));
        for import in imports(file).into_iter().filter(|import| *import != file.room) {
            let Some(other) = level(&import) else {
                broken.push(format!("{}: `{import}` is in no room of the table", file.path.display()));
                continue;
            };
            let inside_record = file.room == "record::store" && import == "record";
            let forbidden = FORBIDDEN.iter().find(|(room, others, _)| *room == file.room && others.contains(&import.as_str()));
            if other <= own && !inside_record {
                broken.push(format!("{}: {} → {import} goes up", file.path.display(), file.room));
            } else if let Some((_, _, why)) = forbidden {
                broken.push(format!("{}: {} → {import}: {why}", file.path.display(), file.room));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn libraries_stay_in_their_rooms() {
    let mut broken = Vec::new();
    for file in sources() {
        for (word, rooms) in CONFINED {
            if file.code.contains(word) && !rooms.contains(&file.room.as_str()) {
                broken.push(format!("{}: `{word}` belongs to {rooms:?}", file.path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn no_file_has_outgrown_its_noun_and_none_is_a_drawer() {
    let mut broken = Vec::new();
    for file in sources() {
        let lines = file.code.lines().count();
        if lines > MOST_LINES {
            broken.push(format!("{}: {lines} lines of code", file.path.display()));
        }
        let name = file.path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        if ["utils", "util", "helpers", "common", "types", "misc", "prelude"].contains(&name) {
            broken.push(format!("{}: a drawer has no noun", file.path.display()));
        }
        if file.code.contains("::*;") {
            broken.push(format!("{}: a glob import hides arrows", file.path.display()));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn no_two_rooms_import_each_other() {
    let mut arrows: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in sources().iter().filter(|file| file.room != "lib") {
        let others = imports(file).into_iter().filter(|import| *import != file.room);
        arrows.entry(file.room.clone()).or_default().extend(others);
    }
    for (room, others) in &arrows {
        for other in others {
            let back = arrows.get(other).is_some_and(|back| back.contains(room));
            assert!(!back, "{room} and {other} import each other");
        }
    }
}
