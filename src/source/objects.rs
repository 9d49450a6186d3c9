//! Reading objects of a repository from several threads, with a look at their size before anything is unpacked.
//!
//! A handle of libgit2 belongs to one thread at a time, so there is one for each thread that reads. An object in a pack comes as a whole: a large one is
//! unpacked alone. That an object is what its id says is proved here, not by libgit2: its sha1 looks for forged collisions at several times the cost, and
//! it did so when the object came in.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use git2::{ObjectType, Odb, OdbObject, Oid, Repository};
use sha1::{Digest, Sha1};

use super::cache::{Entry, open_isolated};
use super::memory::MAX_BLOB;

/// A commit of more bytes holds more than a message.
const MAX_COMMIT: usize = 16 << 20;
/// A tree of more bytes has some hundred thousand entries in one directory.
const MAX_TREE: usize = 16 << 20;
/// Blobs of more bytes are unpacked one at a time.
const LARGE: usize = 8 << 20;

/// A repository to read from.
pub(super) struct Objects {
    git_dir: PathBuf,
    /// Kept as long as anybody reads.
    entry: Option<Entry>,
    idle: Mutex<Vec<Repository>>,
    large: Mutex<()>,
}

/// Why an object cannot be read.
#[derive(Debug)]
pub(super) enum ObjectError {
    /// By its header: `size` bytes, and `cap` are allowed.
    TooLarge { size: u64, cap: u64 },
    /// What libgit2 said.
    Unreadable(String),
}

impl std::fmt::Display for ObjectError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLarge { size, cap } => write!(f, "{size} bytes, and at most {cap} are read"),
            Self::Unreadable(reason) => f.write_str(reason),
        }
    }
}

impl From<git2::Error> for ObjectError {
    fn from(error: git2::Error) -> Self {
        Self::Unreadable(error.message().to_owned())
    }
}

impl Objects {
    /// Of the cache, or of a repository of this machine, which is read as it is.
    pub(super) fn new(repository: Repository, entry: Option<Entry>) -> Self {
        let git_dir = repository.path().to_owned();
        Self { git_dir, entry, idle: Mutex::new(vec![repository]), large: Mutex::default() }
    }

    fn with<T>(&self, work: impl FnOnce(&Repository) -> Result<T, ObjectError>) -> Result<T, ObjectError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let repository = match idle {
            Some(repository) => repository,
            None if self.entry.is_some() => open_isolated(&self.git_dir)?,
            None => Repository::open(&self.git_dir)?,
        };
        let done = work(&repository);
        if let (Err(ObjectError::Unreadable(_)), Some(entry)) = (&done, &self.entry) {
            // The next run fetches it anew; that it is damaged is reported either way.
            let _ = std::fs::write(entry.broken_path(), "");
        }
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(repository);
        done
    }

    /// The tree of a commit.
    pub(super) fn root(&self, commit: Oid) -> Result<Oid, ObjectError> {
        self.with(|repository| {
            let objects = repository.odb()?;
            fits(&objects, commit, ObjectType::Commit, MAX_COMMIT)?;
            read(&objects, commit)?;
            Ok(repository.find_commit(commit)?.tree_id())
        })
    }

    /// Name, mode and id of every entry of a tree, as they stand there.
    pub(super) fn tree(&self, id: Oid) -> Result<Vec<(Vec<u8>, i32, Oid)>, ObjectError> {
        self.with(|repository| {
            let objects = repository.odb()?;
            fits(&objects, id, ObjectType::Tree, MAX_TREE)?;
            read(&objects, id)?;
            let tree = repository.find_tree(id)?;
            Ok(tree.iter().map(|entry| (entry.name_bytes().to_vec(), entry.filemode_raw(), entry.id())).collect())
        })
    }

    /// How many bytes a blob has.
    pub(super) fn size(&self, id: Oid) -> Result<u64, ObjectError> {
        self.with(|repository| Ok(repository.odb()?.read_header(id)?.0 as u64))
    }

    /// Does `work` with the content of a blob.
    pub(super) fn blob<T>(&self, id: Oid, work: impl FnOnce(&[u8]) -> T) -> Result<T, ObjectError> {
        self.with(|repository| {
            let objects = repository.odb()?;
            let size = fits(&objects, id, ObjectType::Blob, MAX_BLOB)?;
            let _alone = (size > LARGE).then(|| self.large.lock().unwrap_or_else(PoisonError::into_inner));
            Ok(work(read(&objects, id)?.data()))
        })
    }
}

fn fits(objects: &Odb<'_>, id: Oid, kind: ObjectType, cap: usize) -> Result<usize, ObjectError> {
    let (size, found) = objects.read_header(id)?;
    if found != kind {
        return Err(ObjectError::Unreadable(format!("{id} is a {found}, not a {kind}")));
    }
    if size > cap { Err(ObjectError::TooLarge { size: size as u64, cap: cap as u64 }) } else { Ok(size) }
}

/// An object that is what its id says.
fn read<'a>(objects: &'a Odb<'_>, id: Oid) -> Result<OdbObject<'a>, ObjectError> {
    let object = objects.read(id)?;
    let found = Sha1::new_with_prefix(format!("{} {}\0", object.kind(), object.len())).chain_update(object.data()).finalize();
    if found.as_slice() == id.as_bytes() { Ok(object) } else { Err(ObjectError::Unreadable(format!("{id} is damaged"))) }
}
