//! The data directory: what lies in it, in which format, and whether it is ours to use.
//!
//! ```text
//! .gitignore    `*`, so that the directory ignores itself
//! format        the number of the layout below
//! owner.lock    locked by the process that serves the directory
//! clients.lock  locked, shared, by the processes that use the one that serves
//! endpoint      the URL of the one that serves, and its node id
//! storage/      static files, `<namespace>/<path>`
//! incoming/     request bodies that are not files yet; beside the tree, so that no listing shows them
//! data.redb     functions and key-value pairs
//! ```

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::LocalError;

/// The layout that this version writes, and the newest it reads.
const FORMAT: u32 = 1;

const IGNORE: &str = ".gitignore";
const FORMAT_FILE: &str = "format";
const OWNER_LOCK: &str = "owner.lock";
const CLIENTS_LOCK: &str = "clients.lock";
const ENDPOINT: &str = "endpoint";

/// A directory that exists and is ours, or empty.
#[derive(Debug, Clone)]
pub(super) struct Directory {
    path: PathBuf,
}

/// Where a running owner answers, and how it calls itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoint {
    pub(super) url: String,
    pub(super) node: String,
}

impl Directory {
    /// Makes the directory when it is missing; refuses one that holds something else, because what is written here hides its neighbours from Git.
    pub(super) fn open(path: &Path) -> Result<Self, LocalError> {
        if path.exists() && !path.is_dir() {
            return Err(LocalError::NotADirectory { path: path.to_owned() });
        }
        fs::create_dir_all(path).map_err(|source| unusable(path, source))?;
        let path = path.canonicalize().map_err(|source| unusable(path, source))?;
        let directory = Self { path };
        // Another process that readies the directory right now writes its format before anything else: so it is asked for again.
        let has_format = || directory.file(FORMAT_FILE).exists();
        if !has_format() && directory.holds_something_else()? && !has_format() {
            return Err(LocalError::Foreign { path: directory.path });
        }
        Ok(directory)
    }

    /// The directory when it is there already; nothing is made.
    pub(super) fn existing(path: &Path) -> Option<Self> {
        Some(Self { path: path.canonicalize().ok()? })
    }

    /// Readies the directory for its owner: format, ignore file, and the places that data goes to.
    pub(super) fn prepare(&self) -> Result<(), LocalError> {
        self.check_format()?;
        let missing = |name: &str| !self.file(name).exists();
        let unusable = |source| unusable(&self.path, source);
        if missing(FORMAT_FILE) {
            self.write(FORMAT_FILE, &format!("{FORMAT}\n")).map_err(unusable)?;
        }
        if missing(IGNORE) {
            self.write(IGNORE, "*\n").map_err(unusable)?;
        }
        fs::create_dir_all(self.storage()).map_err(unusable)?;
        match fs::remove_dir_all(self.incoming()) {
            Err(failure) if failure.kind() != io::ErrorKind::NotFound => {
                return Err(unusable(failure));
            }
            _ => fs::create_dir_all(self.incoming()).map_err(unusable)?,
        }
        self.remove_endpoint().map_err(unusable)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn storage(&self) -> PathBuf {
        self.file("storage")
    }

    pub(super) fn incoming(&self) -> PathBuf {
        self.file("incoming")
    }

    pub(super) fn database(&self) -> PathBuf {
        self.file("data.redb")
    }

    /// The lock of the owner, or `None` while another process has it. It is released when the file is closed, however the process ends.
    pub(super) fn try_own(&self) -> Result<Option<File>, LocalError> {
        self.try_lock(OWNER_LOCK, File::try_lock)
    }

    /// One client's share, or `None` while the owner waits for nobody to come any more.
    pub(super) fn try_share(&self) -> Result<Option<File>, LocalError> {
        self.try_lock(CLIENTS_LOCK, File::try_lock_shared)
    }

    /// The lock that only a directory without clients gives.
    pub(super) fn try_exclude(&self) -> Result<Option<File>, LocalError> {
        self.try_lock(CLIENTS_LOCK, File::try_lock)
    }

    /// What the owner, or one that was killed, has announced.
    pub(super) fn endpoint(&self) -> Option<Endpoint> {
        let text = fs::read_to_string(self.file(ENDPOINT)).ok()?;
        let (url, node) = text.trim_end().split_once('\n')?;
        Some(Endpoint { url: url.to_owned(), node: node.to_owned() })
    }

    pub(super) fn announce(&self, endpoint: &Endpoint) -> Result<(), LocalError> {
        self.write(ENDPOINT, &format!("{}\n{}\n", endpoint.url, endpoint.node)).map_err(|source| unusable(&self.path, source))
    }

    pub(super) fn remove_endpoint(&self) -> io::Result<()> {
        match fs::remove_file(self.file(ENDPOINT)) {
            Err(failure) if failure.kind() != io::ErrorKind::NotFound => Err(failure),
            _ => Ok(()),
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes a small file so that a reader sees all of it or none.
    fn write(&self, name: &str, text: &str) -> io::Result<()> {
        let temporary = self.file(&format!("{name}.new"));
        fs::write(&temporary, text)?;
        fs::rename(temporary, self.file(name))
    }

    fn check_format(&self) -> Result<(), LocalError> {
        let text = match fs::read_to_string(self.file(FORMAT_FILE)) {
            Err(failure) if failure.kind() == io::ErrorKind::NotFound => return Ok(()),
            text => text.map_err(|source| unusable(&self.path, source))?,
        };
        match text.trim().parse::<u32>() {
            Ok(found) if found <= FORMAT => Ok(()),
            _ => Err(LocalError::NewerFormat { path: self.path.clone(), found: text.trim().chars().take(20).collect(), known: FORMAT }),
        }
    }

    /// Whether a directory without a format was not just begun by another process.
    fn holds_something_else(&self) -> Result<bool, LocalError> {
        let unusable = |source| unusable(&self.path, source);
        for entry in fs::read_dir(&self.path).map_err(unusable)? {
            let name = entry.map_err(unusable)?.file_name();
            if ![OWNER_LOCK, CLIENTS_LOCK, FORMAT_FILE, "format.new", IGNORE].iter().any(|ours| name == *ours) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn try_lock(&self, name: &str, lock: fn(&File) -> Result<(), TryLockError>) -> Result<Option<File>, LocalError> {
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(self.file(name));
        let file = opened.map_err(|source| unusable(&self.path, source))?;
        match lock(&file) {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(LocalError::Lock { path: self.file(name), source }),
        }
    }
}

fn unusable(path: &Path, source: io::Error) -> LocalError {
    LocalError::Unusable { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_directory_ignores_itself_and_names_its_format() {
        let parent = tempfile::tempdir().expect("a temporary directory");
        let directory = Directory::open(&parent.path().join("a/b")).expect("a new directory");
        directory.prepare().expect("a usable directory");
        assert_eq!(fs::read_to_string(directory.path().join(".gitignore")).expect("an ignore file"), "*\n");
        assert_eq!(fs::read_to_string(directory.path().join("format")).expect("a format file"), "1\n");
        Directory::open(directory.path()).expect("the same directory again");
    }

    #[test]
    fn somebody_elses_directory_is_left_alone() {
        let parent = tempfile::tempdir().expect("a temporary directory");
        fs::write(parent.path().join("main.rs"), "").expect("a foreign file");
        assert!(matches!(Directory::open(parent.path()), Err(LocalError::Foreign { .. })));
        assert!(matches!(Directory::open(&parent.path().join("main.rs")), Err(LocalError::NotADirectory { .. })));
        assert_eq!(fs::read_dir(parent.path()).expect("a readable directory").count(), 1);
    }

    #[test]
    fn a_newer_format_is_refused() {
        let parent = tempfile::tempdir().expect("a temporary directory");
        fs::write(parent.path().join("format"), "2\n").expect("a format file");
        let directory = Directory::open(parent.path()).expect("a directory of ours");
        assert!(matches!(directory.prepare(), Err(LocalError::NewerFormat { found, known: 1, .. }) if found == "2"));
    }
}
