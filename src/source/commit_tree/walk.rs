//! Going through the directories of a commit, links resolved.

use std::sync::atomic::{AtomicUsize, Ordering};

use git2::Oid;

use super::items::{Item, Kind};
use super::{CommitTree, MAX_ENTRIES, Node};
use crate::files::{FileError, Filter, TreePath, is_private_name};
use crate::key::{MAX_PATH, printable};

/// Links through links, in a listing.
const MAX_LINK_DEPTH: usize = 16;

/// Going through a directory and those below it.
pub(super) struct Walk<'a> {
    tree: &'a CommitTree,
    filter: &'a Filter<'a>,
    start: &'a TreePath,
    seen: AtomicUsize,
}

/// A directory of a walk.
pub(super) struct Visited {
    pub(super) real: TreePath,
    pub(super) id: Oid,
    /// What the names in it start with.
    pub(super) prefix: String,
    /// The start, and directories that were entered through a link to get here.
    pub(super) above: Vec<TreePath>,
}

#[derive(Default)]
pub(super) struct Found {
    pub(super) files: Vec<(String, TreePath, Oid)>,
    pub(super) problems: Vec<FileError>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(tree: &'a CommitTree, filter: &'a Filter<'a>, start: &'a TreePath) -> Self {
        Self { tree, filter, start, seen: AtomicUsize::new(0) }
    }

    /// Ends the walk only when there is too much of everything.
    pub(super) fn visit(&self, dir: &Visited, found: &mut Found) -> Result<(), FileError> {
        let items = match self.tree.items(dir.id, &dir.real) {
            Ok(items) => items,
            Err(problem) => {
                found.problems.push(problem);
                return Ok(());
            }
        };
        let shown = |name: &String| printable(&format!("{}{name}", dir.prefix)).into_owned();
        let malformed = items.malformed.iter().map(|(name, what)| FileError::Malformed { path: shown(name), what });
        found.problems.extend(malformed.chain(items.unnameable.iter().map(|name| FileError::NotUtf8(shown(name)))));
        for (name, item) in &items.items {
            if self.seen.fetch_add(1, Ordering::Relaxed) >= MAX_ENTRIES {
                return Err(FileError::TooMany { path: self.start.clone(), cap: MAX_ENTRIES });
            }
            let below = match self.take(dir, name, *item, found) {
                Ok(below) => below,
                Err(problem) => {
                    found.problems.push(problem);
                    continue;
                }
            };
            if let Some(below) = below {
                self.visit(&below, found)?;
            }
        }
        Ok(())
    }

    /// Takes one entry: a file into `found`, a directory to go down into as the result.
    fn take(&self, dir: &Visited, name: &str, item: Item, found: &mut Found) -> Result<Option<Visited>, FileError> {
        let (path, full) = (dir.real.child(name), format!("{}{name}", dir.prefix));
        if is_private_name(name) || self.filter.excludes.matches(&full, item.kind == Kind::Directory) {
            return Ok(None);
        }
        if full.len() > MAX_PATH {
            return Err(FileError::TooLarge { path, size: full.len() as u64, cap: MAX_PATH as u64 });
        }
        let (real, node) = match item.kind {
            Kind::Submodule => return Err(FileError::Submodule(path)),
            Kind::File => (path, Node::File(item.id)),
            Kind::Directory => {
                let above = dir.above.clone();
                return Ok(Some(Visited { real: path, id: item.id, prefix: format!("{full}/"), above }));
            }
            Kind::Link => self.tree.resolve(&path)?,
        };
        match node {
            Node::File(id) => {
                found.files.push((full, real, id));
                Ok(None)
            }
            Node::Directory(id) => {
                let path = dir.real.child(name);
                let ring = dir.above.contains(&real) || dir.above.len() > MAX_LINK_DEPTH || real.is_root();
                if ring || path.as_str().starts_with(&format!("{}/", real.as_str())) {
                    return Err(FileError::Loop(path));
                }
                let above = dir.above.iter().cloned().chain([real.clone()]).collect();
                Ok(Some(Visited { real, id, prefix: format!("{full}/"), above }))
            }
        }
    }
}
