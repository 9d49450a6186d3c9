//! What is kept of remote repositories between runs: for each URL a bare repository and the hashes of its files.
//!
//! ```text
//! <cache>/git/<name>-<hash of the URL>/repository/     bare, shallow
//!                                     /fingerprints    sha256 of blobs, by their id
//!                                     /lfs/            files that Git LFS keeps, by their hash
//!                                     /in-use.lock     shared while a run reads, exclusive to remove or rebuild
//!                                     /fetch.lock      exclusive while a run fetches
//! ```
//! Locks are those of the kernel: they go with the process that held them, however it ended. Whatever such a process left behind is removed under
//! the lock, and a repository that cannot be used is fetched anew: nothing in the cache is worth an error.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use git2::{Oid, Repository};
use tempfile::TempDir;

use super::SourceError;
use super::session::Session;
use crate::fingerprint::Fingerprint;

/// All entries together may take so many bytes; the least recently used go first.
const MOST: u64 = 4 << 30;
/// Every fetch adds a pack; from so many on the repository is fetched anew.
const MOST_PACKS: usize = 64;
/// How often a lock is tried again.
const PAUSE: Duration = Duration::from_millis(20);

/// Where the cache is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Cache {
    /// `zerverless-gitops` in the user's cache directory; nowhere when there is no such directory.
    #[default]
    Usual,
    /// `--cache-dir`.
    At(PathBuf),
    /// `--no-cache`: in a temporary directory that goes with the run.
    Nowhere,
}

/// What is kept of one repository, in use by this run.
pub(super) struct Entry {
    dir: PathBuf,
    in_use: Option<File>,
    temporary: Option<TempDir>,
}

impl Cache {
    fn root(&self) -> Option<PathBuf> {
        let set = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        match self {
            Self::Nowhere => None,
            Self::At(dir) => Some(dir.clone()),
            Self::Usual => set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache"))).map(|dir| dir.join("zerverless-gitops")),
        }
    }

    /// What is kept of the repository `url`, which holds no credential.
    pub(super) fn entry(&self, url: &str) -> Result<Entry, SourceError> {
        let Some(root) = self.root() else { return Entry::temporary() };
        let dir = root.join("git").join(key(url));
        let failed = |error: io::Error| SourceError::Cache { path: dir.clone(), reason: error.to_string() };
        loop {
            private_directory(&dir).map_err(failed)?;
            let lock = File::options().create(true).append(true).open(dir.join("in-use.lock")).map_err(failed)?;
            lock.lock_shared().map_err(failed)?;
            // Whoever removed the directory meanwhile held the lock of a file that is gone now.
            if same_file(&lock, &dir.join("in-use.lock")) {
                let entry = Entry { dir: dir.clone(), in_use: Some(lock), temporary: None };
                entry.touch();
                return Ok(entry);
            }
        }
    }

    /// Where hashes of blobs of a repository of this machine are kept; nothing else of it is.
    pub(super) fn fingerprints_of(&self, place: &str) -> Option<PathBuf> {
        let dir = self.root()?.join("git").join(key(place));
        private_directory(&dir).ok().map(|()| dir.join("fingerprints"))
    }
}

/// A name for people, and a hash that is the repository's alone.
fn key(url: &str) -> String {
    let name = url.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let name = name.strip_suffix(".git").unwrap_or(name);
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' };
    let name: String = name.chars().take(40).map(plain).collect();
    format!("{name}-{}", Fingerprint::of_bytes(url.as_bytes()).short())
}

fn private_directory(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

fn same_file(open: &File, path: &Path) -> bool {
    let ids = open.metadata().and_then(|open| Ok((open, fs::metadata(path)?)));
    ids.is_ok_and(|(open, there)| open.ino() == there.ino() && open.dev() == there.dev())
}

impl Entry {
    fn temporary() -> Result<Self, SourceError> {
        let made = tempfile::Builder::new().prefix("zerverless-gitops-").tempdir();
        let temporary = made.map_err(|error| SourceError::Cache { path: std::env::temp_dir(), reason: error.to_string() })?;
        Ok(Self { dir: temporary.path().to_owned(), in_use: None, temporary: Some(temporary) })
    }

    /// The bare repository.
    pub(super) fn repository_path(&self) -> PathBuf {
        self.dir.join("repository")
    }

    /// Hashes of blobs.
    pub(super) fn fingerprints_path(&self) -> Option<PathBuf> {
        self.temporary.is_none().then(|| self.dir.join("fingerprints"))
    }

    /// Files that Git LFS keeps beside the repository, by their hash.
    pub(super) fn lfs_path(&self) -> PathBuf {
        self.dir.join("lfs")
    }

    /// Says that the repository was found to be damaged: the next run fetches it anew.
    pub(super) fn broken_path(&self) -> PathBuf {
        self.dir.join("broken")
    }

    /// The time of this file is when the entry was last used.
    fn touch(&self) {
        let lock = self.in_use.as_ref();
        // Only the order in which entries go depends on it.
        let _ = lock.map(|lock| lock.set_modified(SystemTime::now()));
    }

    fn failed(&self, error: impl std::fmt::Display) -> SourceError {
        SourceError::Cache { path: self.dir.clone(), reason: error.to_string() }
    }

    /// Opens the repository; makes a new one where there is none that can be used.
    pub(super) fn repository(&self, session: &Session) -> Result<Repository, SourceError> {
        let worn = packs(&self.repository_path()) > MOST_PACKS || self.broken_path().exists();
        if !worn && let Ok(repository) = open_isolated(&self.repository_path()) {
            return Ok(repository);
        }
        // libgit2 reads the user's configuration before it can be told not to: that being damaged says nothing of the cache.
        git2::Config::open_default().map_err(|error| SourceError::Configuration(error.message().to_owned()))?;
        self.rebuild(session)?;
        open_isolated(&self.repository_path()).map_err(|error| self.failed(error.message()))
    }

    /// Removes the repository, once nobody reads it any more, and makes an empty one.
    pub(super) fn rebuild(&self, session: &Session) -> Result<(), SourceError> {
        if let Some(lock) = &self.in_use {
            lock.unlock().map_err(|error| self.failed(error))?;
            let waited = self.wait(lock, session);
            if waited.is_err() {
                lock.lock_shared().map_err(|error| self.failed(error))?;
            }
            waited?;
        }
        let made = self.make();
        if let Some(lock) = &self.in_use {
            lock.lock_shared().map_err(|error| self.failed(error))?;
        }
        made.map_err(|error| self.failed(error))
    }

    fn make(&self) -> io::Result<()> {
        let path = self.repository_path();
        if path.exists() {
            fs::remove_dir_all(&path)?;
        }
        let _ = fs::remove_file(self.broken_path());
        for dir in ["objects/pack", "refs/commits"] {
            private_directory(&path.join(dir))?;
        }
        // Written here and not by Git, so that no template and no setting of anybody plays a part.
        fs::write(path.join("config"), "[core]\n\trepositoryformatversion = 0\n\tbare = true\n")?;
        fs::write(path.join("HEAD"), "ref: refs/heads/none\n")
    }

    /// The right to fetch. What a process that was killed left in the way is removed.
    pub(super) fn lock_for_fetch(&self, session: &Session) -> Result<File, SourceError> {
        let open = File::options().create(true).append(true).open(self.dir.join("fetch.lock"));
        let lock = open.map_err(|error| self.failed(error))?;
        self.wait(&lock, session)?;
        self.clean();
        Ok(lock)
    }

    fn wait(&self, lock: &File, session: &Session) -> Result<(), SourceError> {
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(()),
                Err(TryLockError::WouldBlock) => session.check()?,
                Err(TryLockError::Error(error)) => return Err(self.failed(error)),
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Under the lock for fetching every other lock, and every half pack, is a leftover.
    fn clean(&self) {
        let repository = self.repository_path();
        let named = |dir: &Path, leftover: &dyn Fn(&str) -> bool| {
            for found in fs::read_dir(dir).into_iter().flatten().flatten() {
                if found.file_name().to_str().is_none_or(leftover) {
                    // What cannot be removed is reported by what stumbles over it.
                    let _ = fs::remove_file(found.path());
                }
            }
        };
        let is_lock = |name: &str| Path::new(name).extension().is_some_and(|ending| ending == "lock");
        named(&repository, &is_lock);
        named(&repository.join("refs/commits"), &is_lock);
        named(&repository.join("objects/pack"), &|name| !name.starts_with("pack-") || is_lock(name));
    }

    /// Makes room for what was fetched.
    pub(super) fn make_room(&self) {
        if let (Some(_), Some(entries)) = (&self.in_use, self.dir.parent()) {
            evict(entries, &self.dir, MOST);
        }
    }
}

/// Notes that all of `commit` is there.
pub(super) fn keep(repository: &Repository, commit: Oid) -> Result<(), git2::Error> {
    repository.reference(&reference(commit), commit, true, "")?;
    Ok(())
}

/// Whether all of `commit` is there.
pub(super) fn holds(repository: &Repository, commit: Oid) -> bool {
    repository.find_reference(&reference(commit)).is_ok() && repository.find_commit(commit).is_ok_and(|commit| commit.tree().is_ok())
}

fn reference(commit: Oid) -> String {
    format!("refs/commits/{commit}")
}

/// Opens a bare repository with its own configuration alone: none of the user's, and none of the machine's.
pub(super) fn open_isolated(path: &Path) -> Result<Repository, git2::Error> {
    let repository = Repository::open_bare(path)?;
    repository.set_config(&git2::Config::new()?)?;
    Ok(repository)
}

fn packs(repository: &Path) -> usize {
    let names = fs::read_dir(repository.join("objects/pack")).into_iter().flatten().flatten();
    names.filter(|found| found.path().extension().is_some_and(|ending| ending == "pack")).count()
}

/// Removes entries that nobody uses, the least recently used first, until all together are small enough.
fn evict(entries: &Path, keep: &Path, most: u64) {
    let used = |dir: &Path| fs::metadata(dir.join("in-use.lock")).and_then(|meta| meta.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    let found = fs::read_dir(entries).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut all: Vec<(SystemTime, u64, PathBuf)> = found.map(|dir| (used(&dir), size(&dir), dir)).collect();
    all.sort();
    let mut total: u64 = all.iter().map(|(_, size, _)| size).sum();
    for (_, size, dir) in all.into_iter().filter(|(_, _, dir)| dir != keep) {
        if total <= most {
            return;
        }
        if remove_unused(&dir) {
            total -= size;
        }
    }
}

fn remove_unused(dir: &Path) -> bool {
    let Ok(lock) = File::options().create(true).append(true).open(dir.join("in-use.lock")) else { return false };
    lock.try_lock().is_ok() && fs::remove_dir_all(dir).is_ok()
}

fn size(dir: &Path) -> u64 {
    let files = walkdir::WalkDir::new(dir).into_iter().flatten();
    files.filter_map(|file| file.metadata().ok()).filter(std::fs::Metadata::is_file).map(|meta| meta.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_of_one_name_never_share_an_entry() {
        let keys = ["https://h/a/site.git", "https://h/b/site.git", "ssh://h/a/site.git", "https://h/a/site"].map(key);
        assert!(keys.iter().all(|key| key.starts_with("site-")), "{keys:?}");
        assert_eq!(keys.iter().collect::<std::collections::BTreeSet<_>>().len(), keys.len());
        assert!(key("https://h/../..").starts_with("__-"), "a name never leads out of the cache");
    }

    #[test]
    fn what_was_used_least_recently_goes_first_and_what_is_in_use_stays() {
        let root = tempfile::tempdir().expect("a directory");
        let cache = Cache::At(root.path().to_owned());
        let urls = ["https://h/old", "https://h/used", "https://h/new"];
        let mut entries = Vec::new();
        for (age, url) in urls.iter().enumerate() {
            let entry = cache.entry(url).expect("an entry");
            fs::write(entry.dir.join("fingerprints"), vec![0; 1000]).expect("a file");
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(age as u64 + 1);
            entry.in_use.as_ref().expect("a lock").set_modified(time).expect("a time");
            entries.push(entry);
        }
        let dirs: Vec<PathBuf> = entries.iter().map(|entry| entry.dir.clone()).collect();
        let there = || dirs.iter().map(|dir| dir.exists()).collect::<Vec<_>>();
        let _used = entries.remove(1);
        drop(entries);
        evict(&root.path().join("git"), &dirs[2], 2500);
        assert_eq!(there(), [false, true, true], "the oldest");
        evict(&root.path().join("git"), &dirs[2], 0);
        assert_eq!(there(), [false, true, true], "one is in use, the other is this run's");
        evict(&root.path().join("git"), &dirs[1], 0);
        assert_eq!(there(), [false, true, false]);
    }

    #[test]
    fn nobody_else_can_read_the_cache() {
        let root = tempfile::tempdir().expect("a directory");
        let entry = Cache::At(root.path().join("cache")).entry("https://h/app").expect("an entry");
        entry.make().expect("a repository");
        for dir in [&root.path().join("cache"), &entry.dir, &entry.repository_path()] {
            assert_eq!(fs::metadata(dir).expect("there").mode() & 0o777, 0o700, "{}", dir.display());
        }
    }
}
