//! A Docker build context as a set of files: what Docker would send, less what Git ignores, and the Dockerfile beside it.
//!
//! Links are kept as links. A Dockerfile that lies outside of the context, that `.dockerignore` leaves out, or that is a link, goes along under a
//! name of its own.

use std::fmt::Write as _;

use thiserror::Error;

use super::dockerignore::DockerIgnore;
use super::{FileError, Node, NodeKind, Tree, TreePath};
use crate::key::printable;

/// A context of more bytes is a mistake: nobody waits for it to be sent to an engine.
const MAX_CONTEXT: u64 = 2 << 30;
/// A context of more files and links is one too.
const MAX_NODES: usize = 250_000;
/// A Dockerfile of more bytes is none.
const MAX_TEXT: u64 = 1 << 20;
/// An ignore file of more bytes or lines is refused: each becomes an expression, and each is asked about every file.
const MAX_IGNORE_FILE: u64 = 32 << 10;
const MAX_IGNORE_LINES: usize = 1_000;
/// The name of a Dockerfile in the sent context when it has none of its own there.
const RECIPE_NAME: &str = ".zerverless.Dockerfile";
/// So many of the largest entries are named when a context is too large.
const LARGEST: usize = 5;

/// What is sent to an engine to build from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildContext {
    /// Files and links, sorted by name.
    pub nodes: Vec<Node>,
    /// The Dockerfile.
    pub recipe: Recipe,
    /// The file that said what to leave out.
    pub ignore_file: Option<TreePath>,
}

/// A Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// Its name in the context.
    pub name: String,
    /// Its text.
    pub text: String,
    /// It is none of the context's files, and is sent beside them.
    pub beside: bool,
}

/// Why a directory cannot be a build context.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ContextError {
    /// The Dockerfile cannot be read.
    #[error(transparent)]
    Recipe(FileError),
    /// The Dockerfile is not text.
    #[error("`{0}` is not UTF-8 text, so it is no Dockerfile")]
    NotText(TreePath),
    /// The context itself cannot be read.
    #[error(transparent)]
    Directory(FileError),
    /// Files of the context cannot be taken.
    #[error("{}", listed(.0))]
    Files(Vec<FileError>),
    /// An ignore file that Docker would not read either.
    #[error("line {line} of `{path}` is not a pattern that Docker knows")]
    Pattern {
        /// Which file.
        path: TreePath,
        /// Where in it.
        line: usize,
    },
    /// An ignore file that would take longer than the build.
    #[error("`{0}` has more than {MAX_IGNORE_LINES} lines")]
    ManyLines(TreePath),
    /// An ignore file that is a link could bring in anything.
    #[error("`{0}` is not a regular file")]
    IgnoreFile(TreePath),
    /// Too much to send.
    #[error(
        "the context `{path}` has {bytes} bytes in {files} files; at most {MAX_CONTEXT} bytes in {MAX_NODES} files are sent. The largest: {largest}"
    )]
    TooLarge {
        /// Which.
        path: TreePath,
        /// Of all its files.
        bytes: u64,
        /// Files and links.
        files: usize,
        /// The largest entries of the directory, with their sizes.
        largest: String,
    },
}

fn listed(problems: &[FileError]) -> String {
    let shown = problems.iter().take(LARGEST).map(ToString::to_string).collect::<Vec<_>>().join("; ");
    let more = problems.len().saturating_sub(LARGEST);
    if more > 0 { format!("{shown}; and {more} more") } else { shown }
}

impl ContextError {
    /// What to do about it, where that is not plain from what is wrong.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Recipe(error) | Self::Directory(error) => error.help(),
            Self::Files(problems) => problems.first().and_then(FileError::help).or(Some("leave it out with `.dockerignore`")),
            Self::TooLarge { .. } => Some("leave out with `.dockerignore` what the build does not need"),
            Self::IgnoreFile(_) => Some("put the patterns themselves there"),
            Self::ManyLines(_) => Some("name directories and endings instead of each file"),
            Self::NotText(_) => Some("save it as UTF-8 text"),
            Self::Pattern { .. } => Some("close its brackets, and let a pattern follow a `!`"),
        }
    }
}

impl BuildContext {
    /// Lists the context `dir` for the Dockerfile at `dockerfile`.
    pub fn collect(tree: &dyn Tree, dir: &TreePath, dockerfile: &TreePath) -> Result<Self, ContextError> {
        let text = tree.read(dockerfile, MAX_TEXT).map_err(ContextError::Recipe)?;
        let text = String::from_utf8(text).map_err(|_| ContextError::NotText(dockerfile.clone()))?;
        let (rules, ignore_file) = ignore_rules(tree, dir, dockerfile)?;
        let skip = |name: &str, is_dir: bool| if is_dir { rules.excludes_all_below(name) } else { rules.excludes(name) };
        let found = tree.nodes(dir, &skip).map_err(ContextError::Directory)?;
        if !found.problems.is_empty() {
            return Err(ContextError::Files(found.problems));
        }
        check_size(dir, &found.nodes)?;
        let own = found.nodes.iter().find(|node| node.path == *dockerfile && matches!(node.kind, NodeKind::File { .. }));
        let recipe = match own {
            Some(node) => Recipe { name: node.name.clone(), text, beside: false },
            None => Recipe { name: RECIPE_NAME.to_owned(), text, beside: true },
        };
        Ok(Self { nodes: found.nodes, recipe, ignore_file })
    }

    /// Bytes of all files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.nodes.iter().map(size).sum()
    }
}

fn size(node: &Node) -> u64 {
    match node.kind {
        NodeKind::File { size, .. } => size,
        NodeKind::Link { .. } => 0,
    }
}

/// `<Dockerfile>.dockerignore` beside the Dockerfile, else `.dockerignore` in the context.
fn ignore_rules(tree: &dyn Tree, dir: &TreePath, dockerfile: &TreePath) -> Result<(DockerIgnore, Option<TreePath>), ContextError> {
    let beside = TreePath::child(
        &dockerfile.parent().unwrap_or_default(),
        &format!("{}.dockerignore", dockerfile.names().last().unwrap_or_default()),
    );
    for path in [beside, dir.child(".dockerignore")] {
        match tree.is_plain_file(&path) {
            None => continue,
            Some(false) => return Err(ContextError::IgnoreFile(path)),
            Some(true) => {}
        }
        let text = tree.read(&path, MAX_IGNORE_FILE).map_err(ContextError::Directory)?;
        let text = String::from_utf8_lossy(&text);
        if text.lines().count() > MAX_IGNORE_LINES {
            return Err(ContextError::ManyLines(path));
        }
        return match DockerIgnore::parse(&text) {
            Ok(rules) => Ok((rules, Some(path))),
            Err(line) => Err(ContextError::Pattern { path, line }),
        };
    }
    Ok((DockerIgnore::default(), None))
}

fn check_size(dir: &TreePath, nodes: &[Node]) -> Result<(), ContextError> {
    let bytes: u64 = nodes.iter().map(size).sum();
    if bytes <= MAX_CONTEXT && nodes.len() <= MAX_NODES {
        return Ok(());
    }
    Err(ContextError::TooLarge { path: dir.clone(), bytes, files: nodes.len(), largest: largest(nodes) })
}

/// The entries of the context's root that have the most in them.
fn largest(nodes: &[Node]) -> String {
    let mut sizes: std::collections::BTreeMap<&str, (u64, usize)> = std::collections::BTreeMap::new();
    for node in nodes {
        let entry = sizes.entry(node.name.split('/').next().unwrap_or_default()).or_default();
        *entry = (entry.0 + size(node), entry.1 + 1);
    }
    let mut sizes: Vec<_> = sizes.into_iter().collect();
    sizes.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    let mut shown = String::new();
    for (name, (bytes, files)) in sizes.into_iter().take(LARGEST) {
        let comma = if shown.is_empty() { "" } else { ", " };
        let _ = write!(shown, "{comma}`{}` ({bytes} bytes, {files} files)", printable(name));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, size: u64) -> Node {
        Node { name: name.to_owned(), path: TreePath::root().child(name), kind: NodeKind::File { size, executable: false } }
    }

    #[test]
    fn a_context_of_too_many_bytes_or_files_is_refused_with_its_largest_entries() {
        let five_gib = [file("a/video.mp4", 5 << 30), file("a/x", 1), file("b", 7)];
        let error = check_size(&TreePath::root(), &five_gib).expect_err("too large").to_string();
        assert!(
            error.contains("5368709128 bytes in 3 files") && error.contains("`a` (5368709121 bytes, 2 files), `b` (7 bytes, 1 files)"),
            "{error}"
        );
        let million: Vec<Node> = (0..1_000_000).map(|n| file(&format!("n/{n}"), 0)).collect();
        assert!(matches!(check_size(&TreePath::root(), &million), Err(ContextError::TooLarge { files: 1_000_000, .. })));
        assert!(check_size(&TreePath::root(), &[file("a", MAX_CONTEXT)]).is_ok());
    }
}
