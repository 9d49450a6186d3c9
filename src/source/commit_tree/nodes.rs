//! Files and links of a commit as Git stores them, for Docker build contexts: links are read and never followed.

use std::sync::PoisonError;

use git2::Oid;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::items::{Item, Kind};
use super::{CommitTree, MAX_ENTRIES};
use crate::files::{FileError, Node, NodeKind, Nodes, Skip, TreePath, is_private_name};
use crate::key::printable;

/// A file or link whose size or target was not asked for yet.
struct Found {
    name: String,
    path: TreePath,
    item: Item,
}

impl CommitTree {
    /// Every file and link below the directory `id`, which lies at `real`.
    pub(super) fn walk_nodes(&self, real: &TreePath, id: Oid, skip: &Skip<'_>) -> Result<Nodes, FileError> {
        let (mut found, mut listing) = (Vec::new(), Nodes::default());
        let mut open = vec![(real.clone(), id, String::new())];
        while let Some((dir, id, prefix)) = open.pop() {
            let items = self.items(id, &dir)?;
            let shown = |name: &String| printable(&format!("{prefix}{name}")).into_owned();
            let malformed = items.malformed.iter().map(|(name, what)| FileError::Malformed { path: shown(name), what });
            listing.problems.extend(malformed.chain(items.unnameable.iter().map(|name| FileError::NotUtf8(shown(name)))));
            for (entry, item) in &items.items {
                let (path, name) = (dir.child(entry), format!("{prefix}{entry}"));
                if is_private_name(entry) || skip(&name, item.kind == Kind::Directory) {
                    continue;
                }
                match item.kind {
                    Kind::Submodule => listing.problems.push(FileError::Submodule(path)),
                    Kind::Directory => open.push((path, item.id, format!("{name}/"))),
                    Kind::File | Kind::Link => found.push(Found { name, path, item: *item }),
                }
            }
            // A tree may hold itself a million times.
            if found.len() + open.len() > MAX_ENTRIES {
                return Err(FileError::TooMany { path: real.clone(), cap: MAX_ENTRIES });
            }
        }
        let files = found.iter().filter(|found| found.item.kind == Kind::File).map(|found| (found.path.clone(), found.item.id));
        self.listed.write().unwrap_or_else(PoisonError::into_inner).extend(files);
        let nodes: Vec<Result<Node, FileError>> = found.into_par_iter().map(|found| self.node(found)).collect();
        for node in nodes {
            match node {
                Ok(node) => listing.nodes.push(node),
                Err(problem) => listing.problems.push(problem),
            }
        }
        listing.nodes.sort();
        Ok(listing)
    }

    fn node(&self, found: Found) -> Result<Node, FileError> {
        let Found { name, path, item } = found;
        let kind = match item.kind {
            Kind::Link => NodeKind::Link { target: self.target(&path, item.id)? },
            _ => NodeKind::File { size: self.size(&path, item.id)?, executable: item.executable },
        };
        Ok(Node { name, path, kind })
    }
}
