//! Completions and man pages in the repository are those of the program.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const SHELLS: [(&str, &str); 4] = [
    ("bash", "zerverless-gitops.bash"),
    ("zsh", "_zerverless-gitops"),
    ("fish", "zerverless-gitops.fish"),
    ("powershell", "_zerverless-gitops.ps1"),
];

fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zerverless-gitops"));
    command.env_clear();
    command
}

fn in_repository(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// With `UPDATE_EXPECTED` set, the committed files are written anew.
fn compare(directory: &str, fresh: &BTreeMap<String, String>) {
    let directory = in_repository(directory);
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        for (name, text) in fresh {
            fs::write(directory.join(name), text).expect("the repository can be written");
        }
    }
    let entries = fs::read_dir(&directory).expect("the directory is committed");
    let committed: BTreeMap<String, String> = entries
        .map(|entry| entry.expect("a readable directory").path())
        .map(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).expect("a plain name").to_owned();
            (name, fs::read_to_string(&path).expect("a text"))
        })
        .collect();
    let stale: Vec<&String> = fresh.keys().chain(committed.keys()).filter(|name| fresh.get(*name) != committed.get(*name)).collect();
    assert!(stale.is_empty(), "not what the program generates now: {stale:?}; run the tests once with UPDATE_EXPECTED=1");
}

#[test]
fn completions_are_fresh() {
    let scripts = SHELLS.map(|(shell, file)| {
        let output = binary().args(["completions", shell]).output().expect("the program runs");
        assert!(output.status.success(), "{shell}");
        (file.to_owned(), String::from_utf8(output.stdout).expect("a text"))
    });
    compare("completions", &BTreeMap::from(scripts));
}

#[test]
fn man_pages_are_fresh() {
    let directory = tempfile::tempdir().expect("a directory");
    let status = binary().arg("man").arg(directory.path()).arg("--quiet").output().expect("the program runs").status;
    assert!(status.success());
    let pages = fs::read_dir(directory.path()).expect("pages").map(|entry| {
        let path = entry.expect("a page").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a plain name").to_owned();
        (name, fs::read_to_string(&path).expect("a text"))
    });
    compare("man", &pages.collect());
}
