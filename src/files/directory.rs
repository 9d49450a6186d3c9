//! The working tree on disk.
//!
//! Every access goes through a directory handle that the kernel keeps beneath the root (`cap-std`), so a symlink swapped in between two calls
//! cannot lead out either. Only regular files are opened: what a path is gets asked first, and again on the open file.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, FileType, FileTypeExt, OpenOptions, OpenOptionsExt};

use super::ignore_rules::{IgnoreRules, IgnoredBy, Scope};
use super::set::LFS_VERSION;
use super::tracked::Tracked;
use super::{FileError, Filter, Listing, Nodes, Opened, Skip, Stat, Tree, TreePath};

/// Ignore files above this size are not rules anybody wrote.
const MAX_RULES: u64 = 1024 * 1024;

/// A directory on disk as a tree.
#[derive(Debug)]
pub struct DirectoryTree {
    pub(super) root: PathBuf,
    pub(super) dir: Dir,
    rules: IgnoreRules,
    pub(super) tracked: Tracked,
    /// Where the directories of opened files really lie, so that ten thousand files of one directory resolve it once.
    real_directories: RwLock<HashMap<TreePath, TreePath>>,
    /// None: files are taken as they are.
    stored: Option<StoredForm>,
}

/// What a commit would hold of a file, by its path.
pub struct StoredForm(pub Arc<Change>);

/// From how a file is opened as it lies there to what is read of it.
type Change = dyn Fn(&TreePath, &dyn Fn() -> Result<Opened, FileError>) -> Result<Opened, FileError> + Send + Sync;

impl std::fmt::Debug for StoredForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoredForm")
    }
}

impl DirectoryTree {
    /// Opens `root`. `exclude_file` is the `info/exclude` of the repository around it, if there is one.
    pub fn open(root: &Path, exclude_file: Option<&Path>, tracked: Tracked) -> io::Result<Self> {
        let dir = Dir::open_ambient_dir(root, ambient_authority())?;
        let rules = IgnoreRules::new(exclude_file)?;
        Ok(Self { root: root.to_owned(), dir, rules, tracked, real_directories: RwLock::default(), stored: None })
    }

    /// The same with its files as a commit would hold them, where that is another form.
    #[must_use]
    pub fn stored_as(self, stored: Option<StoredForm>) -> Self {
        Self { stored, ..self }
    }

    /// Where `path` really lies: every symlink on the way resolved inside the root.
    pub(super) fn resolve(&self, path: &TreePath) -> Result<TreePath, FileError> {
        if path.is_private() {
            return Err(FileError::Private(path.clone()));
        }
        let real = self.dir.canonicalize(on_disk(path)).map_err(|error| self.explain(path, error))?;
        let Some(text) = real.to_str() else { return Err(FileError::NotUtf8(real.to_string_lossy().into_owned())) };
        let real = text.split('/').filter(|name| !matches!(*name, "" | ".")).fold(TreePath::root(), |dir, name| dir.child(name));
        if real.is_private() { Err(FileError::Private(path.clone())) } else { Ok(real) }
    }

    /// What lies in a submodule belongs to another repository's commit.
    fn not_in_submodule(&self, path: &TreePath) -> Result<(), FileError> {
        if self.tracked.submodules.is_empty() {
            return Ok(());
        }
        let inside = |dir: &TreePath| self.tracked.submodules.contains(dir.as_str());
        match std::iter::successors(Some(path.clone()), TreePath::parent).find(inside) {
            Some(submodule) => Err(FileError::Submodule(submodule)),
            None => Ok(()),
        }
    }

    /// As [`Self::resolve`], remembering the directory.
    fn resolve_file(&self, path: &TreePath) -> Result<TreePath, FileError> {
        let (Some(parent), Some(name)) = (path.parent(), path.names().last()) else { return self.resolve(path) };
        if self.dir.symlink_metadata(on_disk(path)).is_ok_and(|meta| meta.is_symlink()) {
            return self.resolve(path);
        }
        let known = self.real_directories.read().unwrap_or_else(PoisonError::into_inner).get(&parent).cloned();
        let real = if let Some(real) = known {
            real
        } else {
            let real = self.resolve(&parent)?;
            self.real_directories.write().unwrap_or_else(PoisonError::into_inner).insert(parent, real.clone());
            real
        };
        Ok(real.child(name))
    }

    /// The usual case in three calls: a regular file without a link on the way. None: to be asked step by step, which also says what is wrong.
    #[cfg(target_os = "linux")]
    fn open_plain(&self, path: &TreePath) -> Option<Opened> {
        use rustix::fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags, fstat, openat2, statat};
        let is_file = |stat: &rustix::fs::Stat| FileType::from_raw_mode(stat.st_mode).is_file();
        // Asked before it is opened: opening a device can do something.
        if path.is_private()
            || self.not_in_submodule(path).is_err()
            || !statat(&self.dir, path.as_str(), AtFlags::SYMLINK_NOFOLLOW).is_ok_and(|stat| is_file(&stat))
        {
            return None;
        }
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let beneath = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        let file = openat2(&self.dir, path.as_str(), flags, Mode::empty(), beneath).ok()?;
        let stat = fstat(&file).ok().filter(is_file)?;
        Some(Opened { size: u64::try_from(stat.st_size).ok()?, reader: Box::new(std::fs::File::from(file)) })
    }

    #[cfg(not(target_os = "linux"))]
    fn open_plain(&self, _: &TreePath) -> Option<Opened> {
        None
    }

    /// The file itself, whatever Git would make of it.
    fn open_as_it_is(&self, path: &TreePath) -> Result<Opened, FileError> {
        if let Some(opened) = self.open_plain(path) {
            return Ok(opened);
        }
        let directory = || FileError::NotAFile { path: path.clone(), what: "a directory" };
        let Stat::File(_) = self.stat(path)? else { return Err(directory()) };
        let real = self.resolve_file(path)?;
        self.not_in_submodule(&real)?;
        let mut options = OpenOptions::new();
        // Should a FIFO take the file's place right now, opening it must not wait for a writer.
        options.read(true).custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
        let file = self.dir.open_with(on_disk(&real), &options).map_err(|error| self.explain(path, error))?;
        let meta = file.metadata().map_err(|source| FileError::Io { path: path.clone(), source })?;
        if !meta.is_file() {
            return Err(FileError::NotAFile { path: path.clone(), what: special(meta.file_type()) });
        }
        Ok(Opened { size: meta.len(), reader: Box::new(file.into_std()) })
    }

    /// Tells apart what the kernel and `cap-std` report with few error kinds.
    fn explain(&self, path: &TreePath, source: io::Error) -> FileError {
        let is_link = self.dir.symlink_metadata(on_disk(path)).is_ok_and(|meta| meta.is_symlink());
        match source.kind() {
            io::ErrorKind::NotFound if is_link => FileError::Dangling(path.clone()),
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => FileError::NotFound(path.clone()),
            io::ErrorKind::PermissionDenied if source.raw_os_error().is_none() => FileError::Escapes(path.clone()),
            _ if source.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => FileError::Loop(path.clone()),
            _ if source.raw_os_error() == Some(rustix::io::Errno::XDEV.raw_os_error()) => FileError::Escapes(path.clone()),
            _ => FileError::Io { path: path.clone(), source },
        }
    }

    pub(super) fn ignored_by(&self, path: &TreePath, is_dir: bool) -> Result<Option<IgnoredBy>, FileError> {
        self.rules.ignored(path, is_dir, &|file| self.read_rules(file))
    }

    /// What Git ignores in a directory.
    pub(super) fn ignore_scope(&self, dir: &TreePath) -> Result<Scope<'_>, FileError> {
        self.rules.scope(Some(dir), &|file| self.read_rules(file))
    }

    /// Git takes no rules from a link, nor from anything else that is not a regular file.
    fn read_rules(&self, file: &TreePath) -> Result<Option<String>, FileError> {
        let kind = self.dir.symlink_metadata(on_disk(file));
        if !kind.is_ok_and(|found| found.is_file()) {
            return Ok(None);
        }
        let text = self.read(file, MAX_RULES).map_err(|error| FileError::IgnoreRules(Box::new(error)))?;
        Ok(Some(String::from_utf8_lossy(&text).into_owned()))
    }

    /// A directory, for asking about its entries by their names alone.
    pub(super) fn handle(&self, dir: &TreePath) -> io::Result<Dir> {
        self.dir.open_dir(on_disk(dir))
    }

    /// The first bytes of a regular file that was listed, in as few calls as there can be.
    #[cfg(target_os = "linux")]
    fn begins(&self, path: &TreePath) -> Option<([u8; LFS_VERSION.len()], usize)> {
        use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat2(&self.dir, path.as_str(), flags, Mode::empty(), ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS).ok()?;
        let mut head = [0; LFS_VERSION.len()];
        let read = rustix::io::read(&file, &mut head).ok()?;
        Some((head, read))
    }

    #[cfg(not(target_os = "linux"))]
    fn begins(&self, _: &TreePath) -> Option<([u8; LFS_VERSION.len()], usize)> {
        None
    }
}

impl Tree for DirectoryTree {
    fn stat(&self, path: &TreePath) -> Result<Stat, FileError> {
        if path.is_private() {
            return Err(FileError::Private(path.clone()));
        }
        self.not_in_submodule(path)?;
        let meta = match self.dir.metadata(on_disk(path)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.tracked.is_sparse(path) => {
                return Err(FileError::Sparse(path.clone()));
            }
            other => other.map_err(|error| self.explain(path, error))?,
        };
        if meta.is_dir() {
            Ok(Stat::Directory)
        } else if meta.is_file() {
            Ok(Stat::File(meta.len()))
        } else {
            Err(FileError::NotAFile { path: path.clone(), what: special(meta.file_type()) })
        }
    }

    fn open(&self, path: &TreePath) -> Result<Opened, FileError> {
        match &self.stored {
            Some(stored) => stored.0(&self.resolve_file(path)?, &|| self.open_as_it_is(path)),
            None => self.open_as_it_is(path),
        }
    }

    fn refuse_pointer(&self, path: &TreePath, size: u64) -> Result<(), FileError> {
        match self.begins(path) {
            Some((head, read)) if head[..read] == *LFS_VERSION => Err(FileError::LfsPointer(path.clone())),
            Some(_) => Ok(()),
            None => self.hash(path, size, 0).map(drop),
        }
    }

    fn list(&self, dir: &TreePath, filter: &Filter<'_>) -> Result<Listing, FileError> {
        let real = self.resolve(dir)?;
        let Stat::Directory = self.stat(&real)? else { return Err(FileError::NotADirectory(dir.clone())) };
        let mut listing = self.walk(&real, filter);
        let missing = self.tracked.sparse_below(&real).filter(|path| self.dir.symlink_metadata(path).is_err());
        listing.problems.extend(missing.map(|path| FileError::Sparse(TreePath::root().child(path))));
        Ok(listing)
    }

    fn is_plain_file(&self, path: &TreePath) -> Option<bool> {
        self.dir.symlink_metadata(on_disk(path)).ok().map(|meta| meta.is_file())
    }

    fn nodes(&self, dir: &TreePath, skip: &Skip<'_>) -> Result<Nodes, FileError> {
        let real = self.resolve(dir)?;
        let Stat::Directory = self.stat(&real)? else { return Err(FileError::NotADirectory(dir.clone())) };
        let mut found = self.walk_nodes(&real, skip);
        let missing = self.tracked.sparse_below(&real).filter(|path| self.dir.symlink_metadata(path).is_err());
        let missing = missing.map(|path| TreePath::root().child(path)).filter(|path| !skip(path.below(&real), false));
        found.problems.extend(missing.map(FileError::Sparse));
        found.nodes.sort();
        Ok(found)
    }

    fn ignored(&self, dir: &TreePath) -> Result<Option<IgnoredBy>, FileError> {
        let real = self.resolve(dir)?;
        if self.tracked.any_below(&real) {
            return Ok(None);
        }
        Ok(self.ignored_by(&real, true)?.filter(|_| !real.is_root()))
    }
}

fn on_disk(path: &TreePath) -> &str {
    if path.is_root() { "." } else { path.as_str() }
}

fn special(kind: FileType) -> &'static str {
    if kind.is_dir() {
        "a directory"
    } else if FileTypeExt::is_fifo(&kind) {
        "a FIFO"
    } else if FileTypeExt::is_socket(&kind) {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::time::Duration;

    use super::super::Excludes;
    use super::*;

    fn tree(files: &[(&str, &str)]) -> (tempfile::TempDir, DirectoryTree) {
        let dir = tempfile::tempdir().expect("a directory");
        for (name, content) in files {
            let file = dir.path().join(name);
            std::fs::create_dir_all(file.parent().expect("a parent")).expect("directories");
            std::fs::write(file, content).expect("a file");
        }
        let tree = DirectoryTree::open(dir.path(), None, Tracked::default()).expect("a tree");
        (dir, tree)
    }

    fn path(text: &str) -> TreePath {
        TreePath::root().join(text).expect("a path")
    }

    fn names(tree: &DirectoryTree, dir: &str) -> (Vec<String>, Vec<String>) {
        let excludes = Excludes::none();
        let listing = tree.list(&path(dir), &Filter { excludes: &excludes, include_ignored: false }).expect("a listing");
        let problems = listing.problems.iter().map(ToString::to_string).collect();
        (listing.entries.into_iter().map(|entry| entry.name).collect(), problems)
    }

    #[test]
    fn a_listing_is_sorted_and_leaves_out_what_is_ignored_and_private() {
        let files =
            [("s/b.txt", ""), ("s/a/x", ""), ("s/.env", ""), ("s/.gitignore", ".env"), ("s/.git/config", ""), ("s/.zerverless/x", "")];
        let (_dir, tree) = tree(&files);
        assert_eq!(names(&tree, "s"), (vec![".gitignore".into(), "a/x".into(), "b.txt".into()], vec![]));
    }

    #[test]
    fn links_inside_are_followed_and_links_out_are_refused_also_in_the_middle() {
        let (dir, tree) = tree(&[("s/a", "A"), ("shared/lib/x", "X")]);
        let root = dir.path();
        symlink("../shared/lib", root.join("s/lib")).expect("a link");
        symlink("/etc", root.join("s/etc")).expect("a link");
        symlink("../../..", root.join("s/out")).expect("a link");
        symlink("self", root.join("s/self")).expect("a link");
        symlink("nowhere", root.join("s/gone")).expect("a link");
        let (taken, mut problems) = names(&tree, "s");
        problems.sort();
        assert_eq!(taken, ["a", "lib/x"]);
        assert_eq!(problems.len(), 4, "{problems:?}");
        assert!(matches!(tree.open(&path("s/etc/passwd")).err(), Some(FileError::Escapes(_))));
        assert!(matches!(tree.stat(&path("s/out/x")).err(), Some(FileError::Escapes(_))));
        assert!(matches!(tree.stat(&path("s/self")).err(), Some(FileError::Loop(_))));
        assert!(matches!(tree.stat(&path("s/gone")).err(), Some(FileError::Dangling(_))));
    }

    #[test]
    fn a_ring_of_directory_links_ends() {
        let (dir, tree) = tree(&[("s/a/x", "")]);
        symlink("../../s", dir.path().join("s/a/up")).expect("a link");
        let (taken, problems) = names(&tree, "s");
        assert_eq!((taken, problems.len()), (vec!["a/x".to_owned()], 1));
    }

    #[test]
    fn a_link_into_git_data_is_refused() {
        let (dir, tree) = tree(&[(".git/config", "secret"), ("s/x", "")]);
        symlink("../.git", dir.path().join("s/g")).expect("a link");
        assert!(matches!(tree.open(&path(".git/config")).err(), Some(FileError::Private(_))));
        assert!(
            matches!(tree.list(&path("s"), &Filter { excludes: &Excludes::none(), include_ignored: true }), Ok(l) if l.problems.len() == 1)
        );
        symlink("../.git/config", dir.path().join("s/c")).expect("a link");
        assert!(matches!(tree.open(&path("s/c")).err(), Some(FileError::Private(_))));
        assert!(matches!(tree.open(&path("s/g/config")).err(), Some(FileError::Private(_))));
    }

    #[test]
    fn a_fifo_is_named_and_never_opened() {
        let (dir, tree) = tree(&[("s/x", "")]);
        let fifo = dir.path().join("s/fifo");
        rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, rustix::fs::Mode::from_raw_mode(0o600)).expect("a fifo");
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || sender.send((names(&tree, "s").1, tree.open(&path("s/fifo")).err().map(|e| e.to_string()))));
        let (problems, error) = receiver.recv_timeout(Duration::from_secs(5)).expect("no hang");
        assert_eq!((problems.len(), error.as_deref()), (1, Some("`s/fifo` is a FIFO, not a regular file")));
    }

    #[test]
    fn a_device_is_named_and_never_opened() {
        let tree = DirectoryTree::open(Path::new("/dev"), None, Tracked::default()).expect("a tree");
        // Opened, it would be read until the memory is full.
        let said = |error: Option<FileError>| error.map(|error| error.to_string());
        assert_eq!(said(tree.open(&path("zero")).err()).as_deref(), Some("`zero` is a device, not a regular file"));
        assert_eq!(said(tree.read(&path("zero"), 1 << 20).err()).as_deref(), Some("`zero` is a device, not a regular file"));
    }

    #[test]
    fn tracked_files_are_taken_although_a_rule_matches() {
        let (dir, _) = tree(&[("dist/app.js", ""), ("dist/app.map", ""), (".gitignore", "dist/")]);
        let tracked = Tracked::new(vec!["dist/app.js".to_owned()], Vec::new(), Vec::new());
        let tree = DirectoryTree::open(dir.path(), None, tracked).expect("a tree");
        assert_eq!(names(&tree, "dist").0, ["app.js"]);
        assert_eq!(tree.ignored(&path("dist")).expect("read"), None);
        let untracked = DirectoryTree::open(dir.path(), None, Tracked::default()).expect("a tree");
        let by = untracked.ignored(&path("dist")).expect("read").expect("ignored");
        assert_eq!((by.file.as_str(), by.line), (".gitignore", 1));
    }

    #[test]
    fn a_read_stops_at_its_cap() {
        let (_dir, tree) = tree(&[("x", "12345")]);
        assert_eq!(tree.read(&path("x"), 5).expect("read"), b"12345");
        assert!(matches!(tree.read(&path("x"), 4).err(), Some(FileError::TooLarge { size: 5, cap: 4, .. })));
    }
}
