//! Files and symlinks of a directory as Git stores them: links are kept and never followed, and of a file's mode only the executable bit counts.
//! What a Docker build context is made of.

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rustix::fs::AtFlags;
use walkdir::{DirEntry, WalkDir};

use super::directory::DirectoryTree;
use super::ignore_rules::Scope;
use super::{FileError, TreePath, is_private_name};

/// One file or link of a directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node {
    /// Relative to the directory, with `/`.
    pub name: String,
    /// Where it lies in the tree.
    pub path: TreePath,
    /// What it is.
    pub kind: NodeKind,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodeKind {
    /// A regular file.
    File {
        /// Bytes, when it was listed.
        size: u64,
        /// Whether its owner may run it.
        executable: bool,
    },
    /// A symlink.
    Link {
        /// As it was written, wherever that leads.
        target: String,
    },
}

/// The nodes below a directory, sorted by name.
#[derive(Debug, Default)]
pub struct Nodes {
    /// What can be taken.
    pub nodes: Vec<Node>,
    /// What cannot.
    pub problems: Vec<FileError>,
}

/// Whether an entry is left out, by its name relative to the listed directory. Nothing below a directory that is left out is looked at.
pub type Skip<'a> = dyn Fn(&str, bool) -> bool + Sync + 'a;

/// A directory of a walk.
struct Visited {
    path: TreePath,
    /// What the names in it start with.
    prefix: String,
}

impl DirectoryTree {
    /// Every file and link below `real`, less what Git ignores.
    pub(super) fn walk_nodes(&self, real: &TreePath, skip: &Skip<'_>) -> Nodes {
        self.visit_nodes(&Visited { path: real.clone(), prefix: String::new() }, skip)
    }

    fn visit_nodes(&self, dir: &Visited, skip: &Skip<'_>) -> Nodes {
        let (mut found, mut below) = (Nodes::default(), Vec::new());
        let rules = match self.ignore_scope(&dir.path) {
            Ok(rules) => rules,
            Err(problem) => {
                found.problems.push(problem);
                return found;
            }
        };
        for entry in WalkDir::new(self.root.join(dir.path.as_str())).min_depth(1).max_depth(1) {
            let taken = match entry {
                Ok(entry) => self.take_node(dir, &rules, &entry, skip, &mut found.nodes),
                Err(error) => Err(FileError::Io { path: dir.path.clone(), source: error.into() }),
            };
            match taken {
                Ok(directory) => below.extend(directory),
                Err(problem) => found.problems.push(problem),
            }
        }
        let listings: Vec<Nodes> = below.into_par_iter().map(|dir| self.visit_nodes(&dir, skip)).collect();
        for Nodes { nodes, problems } in listings {
            found.nodes.extend(nodes);
            found.problems.extend(problems);
        }
        found
    }

    /// Takes one entry of a directory: a file or link into `nodes`, a directory to go down into as the result.
    fn take_node(
        &self,
        dir: &Visited,
        rules: &Scope<'_>,
        entry: &DirEntry,
        skip: &Skip<'_>,
        nodes: &mut Vec<Node>,
    ) -> Result<Option<Visited>, FileError> {
        let Some(file_name) = entry.file_name().to_str() else {
            let shown = format!("{}{}", dir.prefix, entry.file_name().to_string_lossy());
            return Err(FileError::NotUtf8(crate::key::printable(&shown).into_owned()));
        };
        let (path, name, kind) = (dir.path.child(file_name), format!("{}{file_name}", dir.prefix), entry.file_type());
        if is_private_name(file_name) || skip(&name, kind.is_dir()) || self.leaves_out(rules, &path, kind.is_dir()) {
            return Ok(None);
        }
        if self.tracked.submodules.contains(path.as_str()) {
            return Err(FileError::Submodule(path));
        }
        if kind.is_dir() {
            return Ok(Some(Visited { path, prefix: format!("{name}/") }));
        }
        let failed = |source: rustix::io::Errno, path: &TreePath| FileError::Io { path: path.clone(), source: source.into() };
        let kind = if kind.is_symlink() {
            let target = rustix::fs::readlinkat(&self.dir, path.as_str(), Vec::new()).map_err(|error| failed(error, &path))?;
            let target = target.into_string().map_err(|_| FileError::NotUtf8(crate::key::printable(&name).into_owned()))?;
            NodeKind::Link { target }
        } else if kind.is_file() {
            let stat = rustix::fs::statat(&self.dir, path.as_str(), AtFlags::SYMLINK_NOFOLLOW).map_err(|error| failed(error, &path))?;
            NodeKind::File { size: u64::try_from(stat.st_size).unwrap_or_default(), executable: stat.st_mode & 0o100 != 0 }
        } else {
            return Err(FileError::NotAFile { path, what: "a FIFO, socket or device" });
        };
        nodes.push(Node { name, path, kind });
        Ok(None)
    }
}
