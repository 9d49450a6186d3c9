//! Why the database cannot be used.

use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

/// Why the database cannot be used.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
pub enum RegistryError {
    /// It cannot be opened or made.
    #[error("the database `{}` cannot be opened: {reason}", path.display())]
    #[diagnostic(help("name a directory of this user with --data-dir, on a disk that has room"))]
    Unopened {
        /// Where.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// Its content makes no sense.
    #[error("the database `{}` is damaged: {reason}", path.display())]
    #[diagnostic(help("move it away, or put a backup in its place: what is live is not touched, and the orchestrator keeps the record"))]
    Damaged {
        /// Where.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The file with the key for credentials.
    #[error("the key file `{}`: {reason}", path.display())]
    #[diagnostic(help("it belongs to the database: without it, credentials have to be given again"))]
    Key {
        /// Where.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// A newer version of this program made it.
    #[error("the database `{}` was made by another version of this program: {reason}", path.display())]
    #[diagnostic(help("use the version that made it, or a newer one"))]
    OtherVersion {
        /// Where.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// Another process has it.
    #[error("another process uses the database `{}`", path.display())]
    #[diagnostic(help("one watch process keeps one database; give this one another with --data-dir"))]
    InUse {
        /// Where.
        path: PathBuf,
    },
    /// A statement failed: the disk is full, or somebody else holds a lock.
    #[error("the database does not take it: {0}")]
    #[diagnostic(help("see whether the disk is full"))]
    Statement(String),
    /// Something in it is not what this program wrote.
    #[error("the database holds {0}")]
    Content(String),
}

impl From<sqlx::Error> for RegistryError {
    fn from(error: sqlx::Error) -> Self {
        Self::Statement(error.to_string())
    }
}

impl RegistryError {
    pub(super) fn unopened(path: &Path, reason: impl std::fmt::Display) -> Self {
        Self::Unopened { path: path.to_owned(), reason: reason.to_string() }
    }
}
