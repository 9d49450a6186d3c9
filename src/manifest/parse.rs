//! From bytes to an application.

use std::sync::Arc;

use super::application::Application;
use super::finding::{Finding, MOST_FINDINGS, SourceText};
use super::node::{self, Node, Value};
use super::rule::Rule;
use super::{raw, shape, validate};
use crate::files::{FileError, Stat, Tree, TreePath};

/// The name of the manifest unless the user gives another.
pub const MANIFEST_FILE: &str = "zerverless.yaml";
/// A manifest of more bytes is refused before it is read.
pub const MAX_MANIFEST: u64 = 1024 * 1024;

/// Reads the manifest at `path`. What it names is relative to the directory it lies in.
///
/// Findings are in the order of the file. As much of the application as holds is given even when there are errors among them, so that what it
/// names can be looked at in the same run.
pub fn read(tree: &dyn Tree, path: &TreePath) -> (Option<Application>, Vec<Finding>) {
    match read_text(tree, path).and_then(|source| Ok((root_of(&source)?, source))) {
        Ok((root, source)) => understand(root, source, path),
        Err(finding) => (None, vec![*finding]),
    }
}

/// The document, when it is a mapping at all.
fn root_of(source: &SourceText) -> Result<Node, Box<Finding>> {
    let root = node::parse(source)?.filter(|root| !root.is_null());
    let root = root.ok_or_else(|| Box::new(empty(&source.path)))?;
    if matches!(root.value, Value::Map(_)) {
        return Ok(root);
    }
    let at = root.label(&source.text);
    let finding = Finding::at(Rule::WrongType, source, at, format!("a manifest is a mapping of keys, and this is {}", root.kind()));
    Err(Box::new(finding.hide(root.span.clone()).help("it starts with `apiVersion: zerverless.io/v1`")))
}

fn understand(root: Node, source: SourceText, path: &TreePath) -> (Option<Application>, Vec<Finding>) {
    let mut findings = shape::check(&root, &source);
    let structure_holds = !findings.iter().any(|finding| matches!(finding.rule, Rule::WrongType | Rule::DuplicateKey));
    let raw = if structure_holds {
        match from_yaml(&source) {
            Ok(raw) => raw,
            Err(finding) => return (None, vec![*finding]),
        }
    } else {
        // What cannot be read must not hide what is wrong elsewhere.
        serde_yaml::from_value(shape::without_mistakes(&root)).unwrap_or_default()
    };
    let directory = path.parent().unwrap_or_default();
    let application = validate::validate(&raw, &directory, source, Arc::new(root), &mut findings);
    findings.sort_by_key(Finding::offset);
    shorten(&mut findings);
    (application, findings)
}

/// Keeps the first findings, and one that counts the rest: an error when there is an error among them.
fn shorten(findings: &mut Vec<Finding>) {
    if findings.len() <= MOST_FINDINGS {
        return;
    }
    let rest = findings.split_off(MOST_FINDINGS);
    let Some(gravest) = rest.iter().min_by_key(|finding| finding.rule.severity()) else { return };
    let message = format!("there are {} more findings", rest.len());
    findings.push(Finding::of_file(gravest.rule, &gravest.file, message).help("correct these first, and run it again"));
    // What is not shown itself may stand beside what is.
    let secrets = rest.iter().filter_map(|finding| finding.secret.clone());
    if let (Some(shown), Some(hidden)) = (findings.last_mut(), secrets.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))) {
        shown.secret = Some(hidden);
    }
}

fn empty(path: &TreePath) -> Finding {
    Finding::of_file(Rule::ManifestUnreadable, path, "the manifest is empty")
        .help("it needs at least apiVersion, kind, metadata and spec; the README shows one")
}

fn from_yaml(source: &SourceText) -> Result<raw::Manifest, Box<Finding>> {
    serde_yaml::from_str(&source.text).map_err(|error| {
        // The passes before this one agree with serde_yaml on all that we know of; where they do not, its place is still the best one.
        // Its message may quote a value, so only its place is used.
        let at = error.location().map_or(0, |location| location.index().min(source.text.len()));
        Box::new(Finding::at(Rule::Syntax, source, at..at, "not a valid manifest: the value here has the wrong form"))
    })
}

fn read_text(tree: &dyn Tree, path: &TreePath) -> Result<SourceText, Box<Finding>> {
    let unreadable = |error: &FileError| {
        // The file is named beside the message; only what it says about another one has to say which.
        let message = match error {
            FileError::NotFound(_) => "there is no manifest here".to_owned(),
            FileError::NotAFile { what, .. } => format!("the manifest is {what}, not a regular file"),
            FileError::TooLarge { size, .. } => format!("the manifest has {size} bytes; at most {MAX_MANIFEST} are read"),
            other => other.to_string(),
        };
        let finding = Finding::of_file(Rule::ManifestUnreadable, path, message);
        Box::new(match error {
            FileError::NotFound(_) => match other_ending(tree, path) {
                Some(other) => finding.help(format!("there is a `{other}`: rename it, or name it with --file")),
                None => finding.help("run it where the manifest lies, or name the directory or --file"),
            },
            FileError::TooLarge { .. } => finding.help("a manifest holds at most 1 MiB; keep code in files of its own with `codeFile`"),
            _ => finding,
        })
    };
    let bytes = tree.read(path, MAX_MANIFEST).map_err(|error| unreadable(&error))?;
    let not_text = |message: &str| Finding::of_file(Rule::NotText, path, message).help("save it as UTF-8 text");
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Box::new(not_text("the manifest is UTF-16")));
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let bytes = error.into_bytes();
            let (line, column) = position(&bytes[..valid]);
            return Err(Box::new(not_text(&format!("the manifest is not UTF-8: line {line}, column {column}"))));
        }
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let source = SourceText { path: path.clone(), text: text.into() };
    let control = |c: char| (c.is_control() && !matches!(c, '\n' | '\r' | '\t')) || c == '\u{feff}';
    if let Some((at, bad)) = text.char_indices().find(|(_, c)| control(*c)) {
        let message = format!("the control character {} stands here", bad.escape_unicode());
        let finding = Finding::at(Rule::NotText, &source, at..at + bad.len_utf8(), message);
        return Err(Box::new(finding.help("remove it; inside quotes write it as an escape")));
    }
    Ok(source)
}

/// The same name with the other ending that YAML files have, if that is there.
fn other_ending(tree: &dyn Tree, path: &TreePath) -> Option<TreePath> {
    let name = path.names().last()?.strip_suffix(".yaml")?;
    let other = path.parent()?.child(&format!("{name}.yml"));
    matches!(tree.stat(&other), Ok(Stat::File(_))).then_some(other)
}

/// Line and column after valid UTF-8.
fn position(valid: &[u8]) -> (usize, usize) {
    let text = String::from_utf8_lossy(valid);
    let column = text.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (text.matches('\n').count() + 1, column)
}
