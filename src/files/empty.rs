//! No files at all: what a run that only removes things reads from.

use super::{FileError, Filter, IgnoredBy, Listing, Nodes, Opened, Skip, Stat, Tree, TreePath};

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

    fn is_plain_file(&self, _path: &TreePath) -> Option<bool> {
        None
    }

    fn nodes(&self, _dir: &TreePath, _skip: &Skip<'_>) -> Result<Nodes, FileError> {
        Ok(Nodes::default())
    }

    fn ignored(&self, _dir: &TreePath) -> Result<Option<IgnoredBy>, FileError> {
        Ok(None)
    }
}
