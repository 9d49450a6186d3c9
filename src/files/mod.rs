//! Read-only files of one revision.
//!
//! A [`Tree`] lists and reads; it never follows a path out of its root, also not through a symlink in the middle, and never opens anything that
//! is not a regular file. Trees come from the source room; a [`FileSet`] is a listing whose contents were hashed.

mod context;
mod directory;
mod dockerignore;
mod empty;
mod entry_name;
mod ignore_rules;
mod nodes;
mod path;
mod set;
mod tracked;
mod walk;

use std::io::{self, Read};

use thiserror::Error;

pub use context::{BuildContext, ContextError, Recipe};
pub use directory::{DirectoryTree, StoredForm};
pub use empty::EmptyTree;
pub use entry_name::{check_entry_name, is_private_name};
pub use ignore_rules::{Excludes, IgnoredBy};
pub use nodes::{Node, NodeKind, Nodes, Skip};
pub use path::{PathError, TreePath};
pub use set::{FileSet, Hashed, HashedFile, is_lfs_pointer};
pub use tracked::Tracked;

/// Read-only access to the files of one revision.
pub trait Tree: Send + Sync {
    /// What lies at `path`, symlinks inside the tree resolved.
    fn stat(&self, path: &TreePath) -> Result<Stat, FileError>;

    /// Opens the regular file at `path`.
    fn open(&self, path: &TreePath) -> Result<Opened, FileError>;

    /// Every file below the directory `dir`, sorted by name, with everything that cannot be taken beside it.
    fn list(&self, dir: &TreePath, filter: &Filter<'_>) -> Result<Listing, FileError>;

    /// Whether a regular file lies at `path` itself, and not a link to one; none when nothing is there.
    fn is_plain_file(&self, path: &TreePath) -> Option<bool>;

    /// Every file and symlink below the directory `dir` as Git stores them, sorted by name, with everything that cannot be taken beside it.
    fn nodes(&self, dir: &TreePath, skip: &Skip<'_>) -> Result<Nodes, FileError>;

    /// The rule by which Git ignores the directory `dir` as a whole, if it does.
    fn ignored(&self, dir: &TreePath) -> Result<Option<IgnoredBy>, FileError>;

    /// The whole regular file at `path`, refused when it has more than `cap` bytes.
    fn read(&self, path: &TreePath, cap: u64) -> Result<Vec<u8>, FileError> {
        let opened = self.open(path)?;
        let large = |size| FileError::TooLarge { path: path.clone(), size, cap };
        if opened.size > cap {
            return Err(large(opened.size));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(opened.size).unwrap_or_default());
        // A file may grow, or tell size 0 and never end: the cap holds for what is read, not for what was announced.
        opened.reader.take(cap + 1).read_to_end(&mut bytes).map_err(|source| FileError::Io { path: path.clone(), source })?;
        if bytes.len() as u64 > cap {
            return Err(large(bytes.len() as u64));
        }
        Ok(bytes)
    }

    /// The sha256 of the regular file at `path`, of about `size` bytes; its content stays in memory when it has at most `keep`. A pointer in the place of a
    /// file is refused. A tree that knows the hash already reads nothing.
    fn hash(&self, path: &TreePath, size: u64, keep: u64) -> Result<Hashed, FileError> {
        set::read_and_hash(self, path, size, keep)
    }

    /// Refuses a Git LFS pointer in the place of a small file that was listed, as [`Self::hash`] does, without needing the hash.
    fn refuse_pointer(&self, path: &TreePath, size: u64) -> Result<(), FileError> {
        self.hash(path, size, 0).map(drop)
    }
}

/// What lies at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stat {
    /// A regular file of that many bytes.
    File(u64),
    /// A directory.
    Directory,
}

/// A regular file, open for reading.
pub struct Opened {
    /// Gives the content.
    pub reader: Box<dyn Read + Send>,
    /// Its size in bytes when it was opened.
    pub size: u64,
}

/// What a listing leaves out.
#[derive(Debug, Clone, Copy)]
pub struct Filter<'a> {
    /// Patterns in gitignore syntax, relative to the listed directory.
    pub excludes: &'a Excludes,
    /// Take what Git ignores as well.
    pub include_ignored: bool,
}

/// One file of a listing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Relative to the listed directory, with `/`.
    pub name: String,
    /// Where it lies in the tree, symlinks resolved.
    pub path: TreePath,
    /// Bytes, when it was listed.
    pub size: u64,
}

/// The files below a directory, sorted by name.
#[derive(Debug, Default)]
pub struct Listing {
    /// What can be taken.
    pub entries: Vec<Entry>,
    /// What cannot, each with its path: a listing with problems must not be used to decide what is missing.
    pub problems: Vec<FileError>,
}

/// Why a file or directory of the tree cannot be used. Paths are relative to the root of the tree.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FileError {
    /// Nothing there.
    #[error("`{0}` does not exist")]
    NotFound(TreePath),
    /// A symlink leads out of the tree, or is absolute.
    #[error("`{0}` leads out of the repository through a symlink")]
    Escapes(TreePath),
    /// A symlink that points at itself, directly or in a ring.
    #[error("`{0}` is a symlink that leads back to itself")]
    Loop(TreePath),
    /// A symlink to nothing.
    #[error("`{0}` is a symlink to something that does not exist")]
    Dangling(TreePath),
    /// A FIFO, socket or device, or a directory where a file is needed.
    #[error("`{path}` is {what}, not a regular file")]
    NotAFile {
        /// Where.
        path: TreePath,
        /// With its article: `a directory`.
        what: &'static str,
    },
    /// A file where a directory is needed.
    #[error("`{0}` is not a directory")]
    NotADirectory(TreePath),
    /// Git's own data, or ours.
    #[error("`{0}` lies in `.git` or `.zerverless`, which are never taken")]
    Private(TreePath),
    /// A name that is not UTF-8.
    #[error("`{0}` has a name that is not UTF-8, which the server cannot list back")]
    NotUtf8(String),
    /// A submodule: its files belong to another repository's commit.
    #[error("`{0}` is a Git submodule, whose files are not part of this repository")]
    Submodule(TreePath),
    /// Left out of a sparse checkout.
    #[error("`{0}` is in the repository but left out of this sparse checkout")]
    Sparse(TreePath),
    /// A Git LFS pointer in the place of the content.
    #[error("`{0}` is a Git LFS pointer, not the file itself")]
    LfsPointer(TreePath),
    /// Its content lies in Git LFS and cannot be had.
    #[error("`{path}` is kept in Git LFS: {reason}")]
    LfsMissing {
        /// Where.
        path: TreePath,
        /// Why not.
        reason: String,
    },
    /// Git keeps it in another encoding than it has on disk.
    #[error("`{path}` has the attribute `working-tree-encoding={encoding}`: Git keeps it in UTF-8, and this tool does not recode files")]
    Encoded {
        /// Where.
        path: TreePath,
        /// By the attribute.
        encoding: String,
    },
    /// Above a size limit.
    #[error("`{path}` has {size} bytes; at most {cap} are read")]
    TooLarge {
        /// Where.
        path: TreePath,
        /// Bytes it has, or that were read before the limit.
        size: u64,
        /// The limit.
        cap: u64,
    },
    /// An entry of a commit that no Git would write.
    #[error("`{path}` is an entry that Git never writes: {what}")]
    Malformed {
        /// Where, as it can be shown.
        path: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// More than anybody serves.
    #[error("there are more than {cap} files and directories below `{path}`")]
    TooMany {
        /// Where.
        path: TreePath,
        /// The limit.
        cap: usize,
    },
    /// Changed while it was read.
    #[error("`{0}` changed while this run was using it")]
    Changed(TreePath),
    /// A file of ignore rules that cannot be read.
    #[error("what Git ignores is not known: {0}")]
    IgnoreRules(Box<FileError>),
    /// Anything else the system said.
    #[error("cannot read `{path}`: {source}")]
    Io {
        /// Where.
        path: TreePath,
        /// What the system said.
        source: io::Error,
    },
}

impl FileError {
    /// What to do about it, where that is not plain from what is wrong.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Escapes(_) => Some("copy what it points at into the repository: nothing outside of it is ever taken"),
            Self::Submodule(_) => Some("copy the files that are needed into this repository"),
            Self::Sparse(_) => Some("add it with `git sparse-checkout add`"),
            Self::LfsPointer(_) => Some("fetch the file with `git lfs pull`"),
            Self::IgnoreRules(_) => Some("make it readable: files that it keeps out could be published"),
            Self::Encoded { .. } => Some("take the files of the commit, with `--revision HEAD`"),
            Self::NotFound(path) if path.as_str().contains('\\') => Some("separate names with `/`, on every system"),
            Self::NotFound(_)
            | Self::Loop(_)
            | Self::Dangling(_)
            | Self::NotAFile { .. }
            | Self::NotADirectory(_)
            | Self::Private(_)
            | Self::NotUtf8(_)
            | Self::TooLarge { .. }
            | Self::LfsMissing { .. }
            | Self::Malformed { .. }
            | Self::TooMany { .. }
            | Self::Changed(_)
            | Self::Io { .. } => None,
        }
    }
}
