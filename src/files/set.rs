//! A listing with every content hashed, in parallel.

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::{Entry, FileError, Tree};
use crate::event::{Event, Reporter, Stage};
use crate::fingerprint::Fingerprint;

/// A pointer file is small and starts with this line (git-lfs specification).
const LFS_VERSION: &[u8] = b"version https://git-lfs.github.com/spec/";
/// Git LFS writes no pointer of more bytes.
const LFS_MAX: u64 = 1024;

/// Whether `content` is a Git LFS pointer in the place of a file.
#[must_use]
pub fn is_lfs_pointer(content: &[u8]) -> bool {
    content.len() as u64 <= LFS_MAX && content.starts_with(LFS_VERSION)
}

/// One file with what it consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HashedFile {
    /// Name, place and the size that was hashed.
    pub entry: Entry,
    /// sha256 of its bytes.
    pub fingerprint: Fingerprint,
}

/// Files in the order of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileSet {
    /// Sorted by name.
    pub files: Vec<HashedFile>,
}

impl FileSet {
    /// Reads and hashes every entry on all cores. All files that cannot be read are returned, not only the first.
    pub fn hash(tree: &dyn Tree, entries: Vec<Entry>, reporter: &dyn Reporter) -> Result<Self, Vec<FileError>> {
        let bytes = entries.iter().map(|entry| entry.size).sum();
        reporter.event(&Event::StageStarted { stage: Stage::Hash, items: entries.len() as u64, bytes });
        let hashed: Vec<Result<HashedFile, FileError>> = entries
            .into_par_iter()
            .map(|entry| {
                let file = hash_one(tree, entry)?;
                reporter.event(&Event::Progress { items: 1, bytes: file.entry.size });
                Ok(file)
            })
            .collect();
        reporter.event(&Event::StageFinished(Stage::Hash));
        let (mut files, mut problems) = (Vec::with_capacity(hashed.len()), Vec::new());
        for result in hashed {
            match result {
                Ok(file) => files.push(file),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() { Ok(Self { files }) } else { Err(problems) }
    }

    /// Looks for LFS pointers by reading the small files only: what a check without hashing needs.
    pub fn find_lfs_pointers<'a>(tree: &dyn Tree, entries: impl Iterator<Item = &'a Entry>) -> Vec<FileError> {
        let small: Vec<&Entry> = entries.filter(|entry| entry.size > 0 && entry.size <= LFS_MAX).collect();
        small
            .into_par_iter()
            .filter_map(|entry| match tree.read(&entry.path, LFS_MAX) {
                Ok(content) if is_lfs_pointer(&content) => Some(FileError::LfsPointer(entry.path.clone())),
                Ok(_) => None,
                Err(problem) => Some(problem),
            })
            .collect()
    }
}

fn hash_one(tree: &dyn Tree, mut entry: Entry) -> Result<HashedFile, FileError> {
    if entry.size <= LFS_MAX {
        let content = tree.read(&entry.path, LFS_MAX)?;
        if is_lfs_pointer(&content) {
            return Err(FileError::LfsPointer(entry.path));
        }
        entry.size = content.len() as u64;
        return Ok(HashedFile { fingerprint: Fingerprint::of_bytes(&content), entry });
    }
    let opened = tree.open(&entry.path)?;
    let read = Fingerprint::of_reader(opened.reader);
    let (fingerprint, length) = read.map_err(|source| FileError::Io { path: entry.path.clone(), source })?;
    entry.size = length;
    Ok(HashedFile { entry, fingerprint })
}
