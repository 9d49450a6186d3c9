//! What a repository on disk is in the middle of, for who wants to wait until it is at rest.

use std::path::{Path, PathBuf};

use git2::{Repository, RepositoryState};

/// The directory of `HEAD` and the index of the repository around `directory`; that of a linked worktree is its own.
#[must_use]
pub fn git_dir(directory: &Path) -> Option<PathBuf> {
    let repository = Repository::discover(directory).ok()?;
    repository.path().canonicalize().ok()
}

/// What Git is in the middle of around `directory`, so that its files belong to no commit yet.
#[must_use]
pub fn under_way(directory: &Path) -> Option<&'static str> {
    let repository = Repository::discover(directory).ok()?;
    match repository.state() {
        RepositoryState::Clean | RepositoryState::Bisect => {}
        RepositoryState::Merge => return Some("a merge is under way"),
        RepositoryState::Revert | RepositoryState::RevertSequence => return Some("a revert is under way"),
        RepositoryState::CherryPick | RepositoryState::CherryPickSequence => return Some("a cherry-pick is under way"),
        RepositoryState::Rebase | RepositoryState::RebaseInteractive | RepositoryState::RebaseMerge => {
            return Some("a rebase is under way");
        }
        RepositoryState::ApplyMailbox | RepositoryState::ApplyMailboxOrRebase => return Some("patches are being applied"),
    }
    repository.path().join("index.lock").exists().then_some("Git is writing the index")
}
