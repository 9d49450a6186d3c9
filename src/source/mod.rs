//! Where the files of a run come from. Every source gives a [`crate::files::Tree`] of exactly one revision.
//!
//! Today that is a directory on disk, read as it is (the working tree, less what Git ignores). Git URLs and revisions have their place here.

mod directory;
mod identity;

use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

pub use directory::{Revision, Source};
pub use identity::normalise_url;

/// Why a source cannot be used.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
pub enum SourceError {
    /// The directory is not there.
    #[error("`{}` is not a directory that can be read: {reason}", path.display())]
    #[diagnostic(help("name the directory that holds zerverless.yaml"))]
    NotADirectory {
        /// As given.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A Git URL, which this version does not fetch.
    #[error("`{0}` is a Git URL; this version reads directories only")]
    #[diagnostic(help("clone it first, and name the directory"))]
    Url(String),
    /// The manifest's name leads somewhere else.
    #[error("`{0}` is not a file name below the source")]
    #[diagnostic(help("--file is relative to SOURCE and stays inside the repository"))]
    ManifestPath(String),
    /// The repository belongs to somebody else, who could make Git run things.
    #[error("the repository at `{}` belongs to another user", path.display())]
    #[diagnostic(help("if you trust it: git config --global --add safe.directory {}", path.display()))]
    OtherOwner {
        /// Where.
        path: PathBuf,
    },
    /// Anything else that Git says.
    #[error("cannot read the repository around `{}`: {reason}", path.display())]
    Git {
        /// Where.
        path: PathBuf,
        /// What libgit2 said.
        reason: String,
    },
    /// Another commit was checked out while the files were read.
    #[error("another commit was checked out while the files were read")]
    #[diagnostic(help("run it again when the repository is at rest"))]
    Moved,
    /// No manifest below a directory.
    #[error("there is no {name} below `{}`", path.display())]
    #[diagnostic(help("name a directory that holds manifests, or leave out --recursive"))]
    NoManifests {
        /// Where.
        path: PathBuf,
        /// The file that was looked for.
        name: String,
    },
}
