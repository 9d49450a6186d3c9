//! A listing with every content hashed, in parallel.

use bytes::Bytes;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::{Entry, FileError, Tree, TreePath};
use crate::event::{Event, Reporter, Stage};
use crate::fingerprint::Fingerprint;

/// A pointer file is small and starts with this line (git-lfs specification).
pub(super) const LFS_VERSION: &[u8] = b"version https://git-lfs.github.com/spec/";
/// Git LFS writes no pointer of more bytes.
const LFS_MAX: u64 = 1024;
/// Contents kept in memory hold at most this many bytes together: the smallest files, for which opening costs more than reading.
const KEPT: u64 = 32 * 1024 * 1024;
/// Contents above this size are never kept.
const KEPT_EACH: u64 = 64 * 1024;

/// Whether `content` is a Git LFS pointer in the place of a file.
#[must_use]
pub fn is_lfs_pointer(content: &[u8]) -> bool {
    content.len() as u64 <= LFS_MAX && content.starts_with(LFS_VERSION)
}

/// What hashing a file tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hashed {
    /// sha256 of its bytes.
    pub fingerprint: Fingerprint,
    /// How many there were.
    pub size: u64,
    /// The bytes themselves, where they were read and are few enough to be kept.
    pub content: Option<Bytes>,
}

/// One file with what it consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HashedFile {
    /// Name, place and the size that was hashed.
    pub entry: Entry,
    /// sha256 of its bytes.
    pub fingerprint: Fingerprint,
    /// The bytes that were hashed, where the file is small enough to be kept: what is sent is then what was hashed, and is read once.
    pub content: Option<Bytes>,
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
        let kept = kept_up_to(&entries);
        let hashed: Vec<Result<HashedFile, FileError>> = entries
            .into_par_iter()
            .map(|entry| {
                let file = hash_one(tree, entry, kept)?;
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
        let small: Vec<&Entry> = entries.filter(|entry| (LFS_VERSION.len() as u64..=LFS_MAX).contains(&entry.size)).collect();
        small.into_par_iter().filter_map(|entry| tree.refuse_pointer(&entry.path, entry.size).err()).collect()
    }
}

/// The size up to which contents are kept, so that all of them together stay within [`KEPT`].
fn kept_up_to(entries: &[Entry]) -> u64 {
    let mut sizes: Vec<u64> = entries.iter().map(|entry| entry.size).collect();
    sizes.sort_unstable();
    let mut sum = 0;
    let first_too_many = sizes.into_iter().find(|size| {
        sum += size;
        sum > KEPT
    });
    first_too_many.map_or(KEPT_EACH, |size| size.saturating_sub(1).min(KEPT_EACH))
}

fn hash_one(tree: &dyn Tree, mut entry: Entry, kept: u64) -> Result<HashedFile, FileError> {
    let Hashed { fingerprint, size, content } = tree.hash(&entry.path, entry.size, kept)?;
    entry.size = size;
    Ok(HashedFile { entry, fingerprint, content })
}

/// Hashes a file by reading it.
pub(super) fn read_and_hash<T: Tree + ?Sized>(tree: &T, path: &TreePath, size: u64, keep: u64) -> Result<Hashed, FileError> {
    if size <= keep.max(LFS_MAX) {
        let content = tree.read(path, keep.max(LFS_MAX)).map_err(|error| match error {
            FileError::TooLarge { path, .. } => FileError::Changed(path),
            other => other,
        })?;
        if is_lfs_pointer(&content) {
            return Err(FileError::LfsPointer(path.clone()));
        }
        let (fingerprint, size) = (Fingerprint::of_bytes(&content), content.len() as u64);
        let content = (size <= keep).then(|| content.into());
        return Ok(Hashed { fingerprint, size, content });
    }
    let read = Fingerprint::of_reader(tree.open(path)?.reader);
    let (fingerprint, size) = read.map_err(|source| FileError::Io { path: path.clone(), source })?;
    Ok(Hashed { fingerprint, size, content: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(sizes: impl IntoIterator<Item = u64>) -> Vec<Entry> {
        sizes.into_iter().map(|size| Entry { name: String::new(), path: TreePath::root(), size }).collect()
    }

    #[test]
    fn the_smallest_files_are_kept_up_to_a_sum() {
        assert_eq!(kept_up_to(&entries([])), KEPT_EACH);
        assert_eq!(kept_up_to(&entries([1 << 30, 5, 3])), KEPT_EACH);
        let sizes: Vec<u64> = (0..20_000).map(|number| number % 4096).collect();
        let kept = kept_up_to(&entries(sizes.clone()));
        let sum: u64 = sizes.into_iter().filter(|size| *size <= kept).sum();
        assert!(sum <= KEPT && kept < 4095, "{kept} {sum}");
    }
}
