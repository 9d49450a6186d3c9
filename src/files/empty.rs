//! No files at all: what a run that only removes things reads from.

use super::{FileError, Filter, IgnoredBy, Listing, Opened, Stat, Tree, TreePath};

/// A tree in which nothing lies.
#[derive(Debug, Clone, Copy)]
pub struct EmptyTree;

impl Tree for EmptyTree {
    fn stat(&self, path: &TreePath) -> Result<Stat, FileError> {
        Err(FileError::NotFound(path.clone()))
    }

    fn open(&self, path: &TreePath) -> Result<Opened, FileError> {
        Err(FileError::NotFound(path.clone()))
    }

    fn list(&self, _dir: &TreePath, _filter: &Filter<'_>) -> Result<Listing, FileError> {
        Ok(Listing::default())
    }

    fn ignored(&self, _dir: &TreePath) -> Result<Option<IgnoredBy>, FileError> {
        Ok(None)
    }
}
