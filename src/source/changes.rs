//! What changed in a repository of this machine since another commit.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use git2::{DiffOptions, ErrorCode, Oid, Repository};

use super::{SourceError, directory};
use crate::files::TreePath;

/// The commit that a source is compared with, and the files that are not what they were there.
#[derive(Debug, Clone)]
pub struct Changes {
    git_dir: PathBuf,
    base: Oid,
    paths: BTreeSet<String>,
}

impl Changes {
    /// Compares with the commit where the history of `reference` and that of `newest` part, so that what others did since then is no change. Without
    /// `newest` it is HEAD, and the files are those on disk, new ones included.
    pub(super) fn since(reference: &str, git_dir: &Path, newest: Option<&str>) -> Result<Self, SourceError> {
        let failed = |error: git2::Error| directory::git(git_dir, &error);
        let no_base =
            |reason: &str| SourceError::NoBase { reference: crate::key::printable(reference).into_owned(), reason: reason.to_owned() };
        let repository = Repository::open(git_dir).map_err(failed)?;
        let named = repository.revparse_single(reference).and_then(|object| object.peel_to_commit());
        let named = named.map_err(|_| no_base("no commit of this repository has that name"))?.id();
        let head = match newest {
            Some(commit) => Oid::from_str(commit).map_err(failed)?,
            None => repository.head().and_then(|head| head.peel_to_commit()).map_err(|_| no_base("nothing is committed yet"))?.id(),
        };
        let base = repository.merge_base(named, head).map_err(|error| match error.code() {
            ErrorCode::NotFound => no_base("it has no commit in common with what is checked out"),
            _ => failed(error),
        })?;
        let tree = |commit: Oid| repository.find_commit(commit).and_then(|commit| commit.tree()).map_err(failed);
        let mut options = DiffOptions::new();
        options.ignore_submodules(true).include_untracked(true).recurse_untracked_dirs(true).skip_binary_check(true);
        let diff = match newest {
            Some(_) => repository.diff_tree_to_tree(Some(&tree(base)?), Some(&tree(head)?), Some(&mut options)),
            None => repository.diff_tree_to_workdir_with_index(Some(&tree(base)?), Some(&mut options)),
        };
        let diff = diff.map_err(failed)?;
        let files =
            diff.deltas().flat_map(|delta| [delta.old_file().path().map(Path::to_owned), delta.new_file().path().map(Path::to_owned)]);
        let paths = files.flatten().filter_map(|path| path.into_os_string().into_string().ok()).collect();
        Ok(Self { git_dir: git_dir.to_owned(), base, paths })
    }

    /// Whether the file is not what it was, or was not there.
    #[must_use]
    pub fn has(&self, path: &TreePath) -> bool {
        self.paths.contains(path.as_str())
    }

    /// The commit.
    pub(super) fn base(&self) -> String {
        self.base.to_string()
    }

    pub(super) fn repository(&self) -> Result<Repository, SourceError> {
        Repository::open(&self.git_dir).map_err(|error| directory::git(&self.git_dir, &error))
    }
}
