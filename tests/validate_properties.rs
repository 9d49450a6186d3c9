//! Whatever a manifest holds, reading it ends with an application or with findings that point into it.
//!
//! Every run tries the same inputs; `PROPTEST_CASES` asks for more of them.

use std::fs;

use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
use proptest::{collection, prop_assert, prop_assert_eq, sample};
use zerverless_gitops::files::{DirectoryTree, Excludes, Filter, Tracked, Tree, TreePath};
use zerverless_gitops::key::printable;
use zerverless_gitops::manifest::{self, Finding, has_errors};
use zerverless_gitops::state;

use crate::support::JsonSchema;

const CASES: u32 = 800;

fn runner() -> TestRunner {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES);
    TestRunner::new(Config { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(7731), ..Config::default() })
}

const VALID: &str = r#"apiVersion: zerverless.io/v1
kind: Application
metadata: {name: shop, namespace: "demo"} # größe ½ 🎉
spec:
  source:
    repoURL: https://example.org/me/shop
    branch: main
  functions:
    - path: /hello
      runtime: lua
      code: &code |
        function handle(req)
          return { status = 200, body = "日本語" }
        end
    - path: /größe
      runtime: js
      codeFile: ./code.js
    - {path: /again, runtime: lua, code: *code}
    - path: /web
      runtime: docker
      dockerfile: ./web/Dockerfile
      port: 8080
      build: {args: {A: 1.10, B: 'b'}, target: run, platform: linux/amd64}
      health: /healthz
    - path: /cache
      runtime: docker
      image: registry.example/cache:1.4
  static:
    dir: ./site
    prefix: docs
    exclude: ["*.map", /drafts/]
    includeIgnored: true
"#;

/// Pieces that mean something to YAML, to a manifest or to a terminal.
const PIECES: [&str; 52] = [
    "\n",
    "\n  ",
    "\n      ",
    "\t",
    "\r\n",
    " ",
    ": ",
    ":",
    "- ",
    "-",
    "? ",
    "#",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&a ",
    "*a",
    "*code",
    "!x ",
    "!!str ",
    "<<: ",
    "|",
    ">",
    "|+2\n",
    "'",
    "\"",
    "\\",
    "\\0",
    "%YAML 1.2\n",
    "---\n",
    "...\n",
    "~",
    "null",
    "true",
    "0x50",
    "-1",
    "1e999",
    "é",
    "🎉",
    "\u{202e}",
    "\u{feff}",
    "\u{85}",
    "\u{2028}",
    "path",
    "runtime: docker",
    "codeFile: ..",
    "functions:",
    "dir: /",
    "spec",
    "metadata: []",
];

fn change() -> impl Strategy<Value = (u8, sample::Index, sample::Index, &'static str)> {
    (any::<u8>(), any::<sample::Index>(), any::<sample::Index>(), sample::select(&PIECES[..]))
}

/// The valid manifest with a few places cut out, doubled, moved or overwritten.
fn changed() -> impl Strategy<Value = String> {
    collection::vec(change(), 1..6).prop_map(|changes| {
        let mut letters: Vec<char> = VALID.chars().collect();
        for (kind, from, length, piece) in changes {
            if letters.is_empty() {
                break;
            }
            let from = from.index(letters.len());
            let to = from + length.index(40.min(letters.len() - from));
            match kind % 5 {
                0 => drop(letters.drain(from..to)),
                1 => drop(letters.splice(from..from, piece.chars())),
                2 => drop(letters.splice(from..to, piece.chars())),
                3 => {
                    let part = letters[from..to].to_vec();
                    drop(letters.splice(to..to, part));
                }
                _ => letters.truncate(to.max(1)),
            }
        }
        letters.into_iter().collect()
    })
}

/// The valid manifest with whole lines removed, doubled, swapped or indented otherwise: what people do.
fn reordered() -> impl Strategy<Value = String> {
    collection::vec((any::<u8>(), any::<sample::Index>(), any::<sample::Index>()), 1..5).prop_map(|changes| {
        let mut lines: Vec<String> = VALID.lines().map(str::to_owned).collect();
        for (kind, one, other) in changes {
            let (one, other) = (one.index(lines.len()), other.index(lines.len()));
            match kind % 5 {
                0 if lines.len() > 1 => drop(lines.remove(one)),
                1 => lines.insert(other, lines[one].clone()),
                2 => lines.swap(one, other),
                3 => lines[one].insert_str(0, "  "),
                _ => {
                    let indent = lines[one].len() - lines[one].trim_start().len();
                    drop(lines[one].drain(..indent));
                }
            }
        }
        lines.join(if changes_end_with_crlf(&lines) { "\r\n" } else { "\n" })
    })
}

/// Some of the inputs have the line ends of another system.
fn changes_end_with_crlf(lines: &[String]) -> bool {
    lines.len().is_multiple_of(3)
}

fn pieces() -> impl Strategy<Value = String> {
    collection::vec(sample::select(&PIECES[..]), 0..60).prop_map(|pieces| pieces.concat())
}

struct Workspace {
    dir: tempfile::TempDir,
    tree: DirectoryTree,
    schema: JsonSchema,
}

impl Workspace {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        for (name, content) in [("code.js", "x"), ("web/Dockerfile", "FROM scratch"), ("site/index.html", "x")] {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("directories");
            fs::write(path, content).expect("a file");
        }
        let tree = DirectoryTree::open(dir.path(), None, Tracked::default()).expect("a tree");
        Self { dir, tree, schema: JsonSchema::new(manifest::schema()) }
    }

    /// Reads a manifest and all that it names, and judges what comes of it.
    fn check(&self, manifest: &[u8]) -> Result<bool, TestCaseError> {
        fs::write(self.dir.path().join("zerverless.yaml"), manifest).expect("a file");
        let path = TreePath::root().join("zerverless.yaml").expect("a path");
        let (application, mut findings) = manifest::read(&self.tree, &path);
        let valid = !has_errors(&findings, false);
        if valid && let Some(refusal) = serde_yaml::from_slice(manifest).ok().and_then(|value| self.schema.refusal(&value)) {
            prop_assert!(false, "valid, and refused by the schema: {}", refusal);
        }
        prop_assert!(!valid || application.is_some(), "no application and no error: {findings:?}");
        prop_assert!(findings.is_sorted_by_key(Finding::offset) || findings.len() > 100, "not in the order of the file");
        if let Some(application) = application {
            drop(state::collect(&application, &self.tree, &mut findings));
        }
        findings.iter().try_for_each(points_into_its_text)?;
        Ok(valid)
    }
}

fn points_into_its_text(finding: &Finding) -> Result<(), TestCaseError> {
    let shown = [finding.message.as_str(), finding.help.as_deref().unwrap_or_default()];
    for text in shown {
        prop_assert_eq!(printable(text), text, "what a terminal acts on");
        prop_assert!(text.chars().count() < 400, "too long to read: {}", text);
    }
    let Some((source, span)) = &finding.span else { return Ok(()) };
    prop_assert!(span.start <= span.end && span.end <= source.text.len(), "{:?} of {} bytes: {}", span, source.text.len(), finding.message);
    prop_assert!(source.text.is_char_boundary(span.start) && source.text.is_char_boundary(span.end), "{:?}: {}", span, finding.message);
    prop_assert!(source.position(span.start) <= source.position(span.end));
    if let Some(secret) = &finding.secret {
        prop_assert!(secret.start <= secret.end && secret.end <= source.text.len(), "{:?} is hidden", secret);
    }
    Ok(())
}

#[test]
fn the_manifest_that_is_changed_is_valid() {
    assert!(Workspace::new().check(VALID.as_bytes()).expect("no finding that points elsewhere"));
}

#[test]
fn any_bytes_are_read_or_refused() {
    let workspace = Workspace::new();
    let bytes =
        prop_oneof![collection::vec(any::<u8>(), 0..300), ".{0,200}".prop_map(String::into_bytes), pieces().prop_map(String::into_bytes)];
    runner().run(&bytes, |bytes| workspace.check(&bytes).map(drop)).expect("findings that point into the text");
}

#[test]
fn any_change_of_a_valid_manifest_is_read_or_refused() {
    let workspace = Workspace::new();
    runner().run(&changed(), |text| workspace.check(text.as_bytes()).map(drop)).expect("findings that point into the text");
}

#[test]
fn any_lines_in_any_order_are_read_or_refused() {
    let workspace = Workspace::new();
    runner().run(&reordered(), |text| workspace.check(text.as_bytes()).map(drop)).expect("findings that point into the text");
}

/// A wrong type somewhere must not change what is found about the name, which stands in front of it.
#[test]
fn what_is_wrong_elsewhere_hides_no_bad_name() {
    let workspace = Workspace::new();
    let kinds = sample::select(&["[]", "{}", "[a, b]", "{a: b}", "~", "[[a]]"][..]);
    let places =
        sample::select(&["branch: main", "runtime: lua", "port: 8080", "dir: ./site", "target: run", "/drafts/", "health: /healthz"][..]);
    runner()
        .run(&(kinds, places), |(kind, place)| {
            let wrong = place.split_once(": ").map_or_else(|| kind.to_owned(), |(key, _)| format!("{key}: {kind}"));
            let text = VALID.replacen(place, &wrong, 1).replacen("name: shop", "name: My_Shop", 1);
            fs::write(workspace.dir.path().join("zerverless.yaml"), text).expect("a file");
            let path = TreePath::root().join("zerverless.yaml").expect("a path");
            let findings = manifest::read(&workspace.tree, &path).1;
            prop_assert!(findings.iter().any(|finding| finding.message.contains("`My_Shop`")), "{findings:?}");
            prop_assert_eq!(findings.len(), 2, "{:?}", findings);
            Ok(())
        })
        .expect("two mistakes, two findings");
}

fn path_text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        sample::select(
            &["..", ".", "/", "//", "~", "\\", "C:", "file:", "://", "a", "é", " ", "\0", "\n", "...", "..a", ".git", "%2e%2e"][..]
        )
        .prop_map(str::to_owned),
        Just("/../".to_owned()),
        ".{0,4}",
    ];
    collection::vec(part, 0..10).prop_map(|parts| parts.concat())
}

#[test]
fn a_joined_path_stays_inside_and_is_plain() {
    let start = TreePath::root().join("apps/web").expect("a path");
    runner()
        .run(&(path_text(), path_text()), |(one, other)| {
            let Ok(path) = start.join(&one) else { return Ok(()) };
            for path in [Some(path.clone()), path.join(&other).ok()].into_iter().flatten() {
                prop_assert!(!path.as_str().starts_with('/') && !path.as_str().contains('\0'), "{:?}", path);
                prop_assert!(path.names().all(|name| !matches!(name, "" | "." | "..")), "{:?}", path);
                prop_assert_eq!(path.as_str(), path.names().collect::<Vec<_>>().join("/"), "not normal");
                if let Some(parent) = path.parent() {
                    prop_assert!(path.as_str().starts_with(parent.as_str()));
                }
            }
            Ok(())
        })
        .expect("paths that stay inside");
}

#[test]
fn a_listing_never_leaves_the_directory_whatever_is_excluded() {
    let workspace = Workspace::new();
    runner()
        .run(&collection::vec("[!*/a-z.\\[\\]\\\\-]{0,6}", 0..4), |patterns| {
            let Ok(excludes) = Excludes::new(&patterns) else { return Ok(()) };
            let site = TreePath::root().join("site").expect("a path");
            let listing = workspace.tree.list(&site, &Filter { excludes: &excludes, include_ignored: true });
            let listing = listing.map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert!(listing.problems.is_empty() && listing.entries.len() <= 1, "{:?}", listing);
            prop_assert!(listing.entries.iter().all(|entry| entry.name == "index.html"), "{:?}", listing);
            Ok(())
        })
        .expect("at most what is there");
}

#[test]
fn any_ignore_file_is_read_and_hides_nothing_that_it_does_not_name() {
    let piece = sample::select(
        &["*", "**", "/", "\n", "!", "#", "[", "]", "\\", "?", "site", "index", ".html", " ", "\r\n", "é", "{", "}", "\0"][..],
    );
    let text = collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat());
    runner()
        .run(&text, |text| {
            let dir = tempfile::tempdir().expect("a directory");
            fs::create_dir(dir.path().join("site")).expect("a directory");
            fs::write(dir.path().join("site/index.html"), "x").expect("a file");
            fs::write(dir.path().join(".gitignore"), &text).expect("a file");
            let tree = DirectoryTree::open(dir.path(), None, Tracked::default()).expect("a tree");
            let site = TreePath::root().join("site").expect("a path");
            let (nothing, include_ignored) = (Excludes::none(), false);
            let listing = tree.list(&site, &Filter { excludes: &nothing, include_ignored });
            let listing = listing.map_err(|error| TestCaseError::fail(error.to_string()))?;
            let hidden = listing.entries.is_empty();
            prop_assert!(!hidden || text.contains(['*', '?', '[']) || text.contains("site") || text.contains("index"), "{:?}", text);
            Ok(())
        })
        .expect("a listing");
}
