//! What Git tracks in a working tree: names of its index, sorted as the index is.

use std::collections::BTreeSet;

use super::TreePath;

/// Paths from the root of the working tree. Empty outside a repository.
#[derive(Debug, Clone, Default)]
pub struct Tracked {
    /// Regular files and links of the index: taken even where an ignore rule matches.
    files: Vec<String>,
    /// Directories that are other repositories.
    pub(super) submodules: BTreeSet<String>,
    /// Files that a sparse checkout leaves out.
    sparse: Vec<String>,
}

impl Tracked {
    /// In any order; an index is sorted already.
    #[must_use]
    pub fn new(mut files: Vec<String>, submodules: Vec<String>, mut sparse: Vec<String>) -> Self {
        files.sort();
        sparse.sort();
        Self { files, submodules: submodules.into_iter().collect(), sparse }
    }

    pub(super) fn has_file(&self, path: &TreePath) -> bool {
        contains(&self.files, path)
    }

    /// Every tracked file of this name.
    pub fn named(&self, name: &str) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str).filter(move |path| path.rsplit('/').next() == Some(name))
    }

    pub(super) fn is_sparse(&self, path: &TreePath) -> bool {
        contains(&self.sparse, path)
    }

    pub(super) fn any_below(&self, dir: &TreePath) -> bool {
        below(&self.files, dir).next().is_some()
    }

    pub(super) fn sparse_below(&self, dir: &TreePath) -> impl Iterator<Item = &String> {
        below(&self.sparse, dir)
    }
}

fn contains(sorted: &[String], path: &TreePath) -> bool {
    sorted.binary_search_by(|known| known.as_str().cmp(path.as_str())).is_ok()
}

/// The paths that lie below `dir`.
fn below<'a>(sorted: &'a [String], dir: &TreePath) -> impl Iterator<Item = &'a String> + use<'a> {
    let prefix = if dir.is_root() { String::new() } else { format!("{}/", dir.as_str()) };
    let start = sorted.partition_point(|path| *path < prefix);
    sorted[start..].iter().take_while(move |path| path.starts_with(&prefix))
}
