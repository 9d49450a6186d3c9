//! A directory on disk, and the repository around it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use git2::{DiffOptions, ErrorCode, IndexEntry, Repository, RepositoryOpenFlags};

use super::SourceError;
use super::identity::normalise_url;
use crate::files::{DirectoryTree, Excludes, Filter, Tracked, Tree, TreePath};
use crate::manifest::MANIFEST_FILE;

/// Mode of a submodule in an index.
const GITLINK: u32 = 0o160_000;
/// The flag of an index entry that a sparse checkout leaves out.
const SKIP_WORKTREE: u16 = 1 << 14;

/// What a source holds, besides its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// HEAD.
    pub commit: String,
    /// The branch that is checked out; none when HEAD is detached.
    pub branch: Option<String>,
    /// Something that is used differs from the commit.
    pub dirty: bool,
}

impl Revision {
    /// `<commit>` or `<commit>-dirty`.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}{}", self.commit, if self.dirty { "-dirty" } else { "" })
    }
}

/// Files of one revision, and where in them the manifest lies.
pub struct Source {
    /// The files.
    pub tree: Arc<dyn Tree>,
    /// The manifest.
    pub manifest: TreePath,
    /// Which repository and directory it is; holds no credential.
    pub identity: String,
    /// What the root of the tree is called for people: relative to the current directory where that is possible.
    root: PathBuf,
    /// The repository, or the directory where there is none.
    place: String,
    repository: Option<PathBuf>,
}

impl Source {
    /// Opens a directory, or the directory of a manifest that is named itself. `file` is the manifest's name in it.
    pub fn open(path: &Path, file: &str) -> Result<Self, SourceError> {
        let text = path.to_string_lossy();
        if text.contains("://") || (text.contains('@') && text.contains(':') && !path.exists()) {
            return Err(SourceError::Url(normalise_url(&text)));
        }
        let named_file = path.is_file().then(|| path.file_name().and_then(|name| name.to_str())).flatten();
        let (directory, file) = match named_file {
            Some(name) => (path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new(".")), name),
            None => (path, file),
        };
        let not_there = |error: std::io::Error| SourceError::NotADirectory { path: path.to_owned(), reason: error.to_string() };
        let directory = directory.canonicalize().map_err(not_there)?;
        if !directory.is_dir() {
            return Err(not_there(std::io::ErrorKind::NotADirectory.into()));
        }
        let repository = discover(&directory)?;
        let workdir = repository.as_ref().and_then(|repository| repository.workdir()).and_then(|dir| dir.canonicalize().ok());
        let root = workdir.filter(|root| directory.starts_with(root)).unwrap_or_else(|| directory.clone());
        let below = directory.strip_prefix(&root).unwrap_or(Path::new("")).to_string_lossy().into_owned();
        let base = if below.is_empty() { TreePath::root() } else { TreePath::root().child(&below) };
        let manifest = base.join(file).map_err(|_| SourceError::ManifestPath(crate::key::printable(file).into_owned()))?;
        let tracked = repository.as_ref().map(tracked).transpose().map_err(|error| git(&directory, &error))?.unwrap_or_default();
        let exclude = repository.as_ref().map(|repository| repository.commondir().join("info/exclude"));
        let tree = DirectoryTree::open(&root, exclude.as_deref(), tracked).map_err(not_there)?;
        let place = place(repository.as_ref(), &root);
        let repository = repository.map(|repository| repository.path().to_owned());
        Ok(Self { identity: identity(&place, &manifest), tree: Arc::new(tree), manifest, place, root, repository })
    }

    /// Every manifest below `path`, in the order of their names.
    pub fn open_all(path: &Path, file: &str) -> Result<Vec<Self>, SourceError> {
        let top = Self::open(path, file)?;
        let directory = top.manifest.parent().unwrap_or_default();
        let nothing = Excludes::none();
        let listing = top.tree.list(&directory, &Filter { excludes: &nothing, include_ignored: false });
        let listing = listing.map_err(|error| SourceError::NotADirectory { path: path.to_owned(), reason: error.to_string() })?;
        let is_manifest = |name: &str| name == file || name.strip_suffix(file).is_some_and(|dir| dir.ends_with('/'));
        let found: Vec<_> = listing.entries.into_iter().filter(|entry| is_manifest(&entry.name)).collect();
        if found.is_empty() {
            return Err(SourceError::NoManifests { path: path.to_owned(), name: file.to_owned() });
        }
        if top.repository.is_some() {
            return Ok(found.into_iter().map(|entry| top.with_manifest(entry.path)).collect());
        }
        // Without a repository around them, each manifest's own directory is what it may not lead out of.
        found.into_iter().map(|entry| Self::open(&top.root.join(entry.path.as_str()), file)).collect()
    }

    /// The same files with another manifest.
    fn with_manifest(&self, manifest: TreePath) -> Self {
        Self {
            identity: identity(&self.place, &manifest),
            tree: Arc::clone(&self.tree),
            manifest,
            place: self.place.clone(),
            root: self.root.clone(),
            repository: self.repository.clone(),
        }
    }

    /// How a file of the tree is called for people: relative to the current directory where it lies below it.
    #[must_use]
    pub fn display(&self, path: &TreePath) -> String {
        let full = if path.is_root() { self.root.clone() } else { self.root.join(path.as_str()) };
        let here = std::env::current_dir().and_then(|dir| dir.canonicalize()).unwrap_or_default();
        let shown = full.strip_prefix(&here).map_or(full.as_path(), |below| below).to_string_lossy().into_owned();
        crate::key::printable(if shown.is_empty() { "." } else { &shown }).into_owned()
    }

    /// The directory of the manifest on disk, where `.zerverless/` belongs: relative to the current directory where it lies below it.
    #[must_use]
    pub fn shown_directory(&self) -> PathBuf {
        let full = self.root.join(self.manifest.parent().unwrap_or_default().as_str());
        let here = std::env::current_dir().and_then(|dir| dir.canonicalize()).unwrap_or_default();
        match full.strip_prefix(&here) {
            Ok(below) if below.as_os_str().is_empty() => PathBuf::from("."),
            Ok(below) => below.to_owned(),
            Err(_) => full,
        }
    }

    /// The commit that is checked out; none without one, or outside a repository.
    pub fn head(&self) -> Result<Option<String>, SourceError> {
        Ok(self.open_head()?.map(|(_, commit)| commit.to_string()))
    }

    fn open_head(&self) -> Result<Option<(Repository, git2::Oid)>, SourceError> {
        let Some(git_dir) = &self.repository else { return Ok(None) };
        let failed = |error: git2::Error| git(&self.root, &error);
        let repository = Repository::open(git_dir).map_err(failed)?;
        let commit = match repository.head() {
            Ok(head) => head.peel_to_commit().map_err(failed)?.id(),
            Err(error) if matches!(error.code(), ErrorCode::UnbornBranch | ErrorCode::NotFound) => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        Ok(Some((repository, commit)))
    }

    /// The commit that is checked out, and whether anything of `taken`, or anything missing below `directories`, differs from it.
    pub fn revision(&self, taken: &BTreeSet<&str>, directories: &[TreePath]) -> Result<Option<Revision>, SourceError> {
        let Some((repository, id)) = self.open_head()? else { return Ok(None) };
        let failed = |error: git2::Error| git(&self.root, &error);
        let head = repository.head().map_err(failed)?;
        let branch = head.is_branch().then(|| head.shorthand().ok().map(str::to_owned)).flatten();
        let commit = repository.find_commit(id).map_err(failed)?;
        let dirty = differs(&repository, &commit, taken, directories).map_err(failed)?;
        Ok(Some(Revision { commit: id.to_string(), branch, dirty }))
    }
}

fn differs(
    repository: &Repository,
    commit: &git2::Commit<'_>,
    taken: &BTreeSet<&str>,
    directories: &[TreePath],
) -> Result<bool, git2::Error> {
    let mut options = DiffOptions::new();
    options.ignore_submodules(true).include_untracked(false).skip_binary_check(true);
    let tree = commit.tree()?;
    let diff = repository.diff_tree_to_workdir_with_index(Some(&tree), Some(&mut options))?;
    let below = |path: &str| {
        directories.iter().any(|dir| dir.is_root() || path.strip_prefix(dir.as_str()).is_some_and(|rest| rest.starts_with('/')))
    };
    let uses = |path: &Path| path.to_str().is_some_and(|path| taken.contains(path) || below(path));
    if diff.deltas().any(|delta| [delta.old_file().path(), delta.new_file().path()].into_iter().flatten().any(uses)) {
        return Ok(true);
    }
    let index = repository.index()?;
    Ok(taken.iter().any(|path| index.get_path(Path::new(path), 0).is_none()))
}

/// The repository around `directory`, unless there is none. Hooks, filters and includes of its configuration are never run.
fn discover(directory: &Path) -> Result<Option<Repository>, SourceError> {
    let none: [&std::ffi::OsStr; 0] = [];
    match Repository::open_ext(directory, RepositoryOpenFlags::empty(), none) {
        Ok(repository) => Ok(Some(repository)),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) if error.code() == ErrorCode::Owner => Err(SourceError::OtherOwner { path: directory.to_owned() }),
        Err(error) => Err(git(directory, &error)),
    }
}

fn git(directory: &Path, error: &git2::Error) -> SourceError {
    SourceError::Git { path: directory.to_owned(), reason: error.message().to_owned() }
}

fn tracked(repository: &Repository) -> Result<Tracked, git2::Error> {
    if repository.is_bare() {
        return Ok(Tracked::default());
    }
    let (mut files, mut submodules, mut sparse) = (Vec::new(), Vec::new(), Vec::new());
    for IndexEntry { path, mode, flags_extended, .. } in repository.index()?.iter() {
        // A name that is not UTF-8 is reported where it is listed.
        let Ok(path) = String::from_utf8(path) else { continue };
        if mode == GITLINK {
            submodules.push(path);
        } else {
            if flags_extended & SKIP_WORKTREE != 0 {
                sparse.push(path.clone());
            }
            files.push(path);
        }
    }
    Ok(Tracked::new(files, submodules, sparse))
}

/// The remote's URL; the directory itself where there is no remote.
fn place(repository: Option<&Repository>, root: &Path) -> String {
    let remote = repository.and_then(|repository| {
        let names = repository.remotes().ok()?;
        let only = || names.iter().flatten().flatten().next();
        let remote = repository.find_remote("origin").ok().or_else(|| repository.find_remote(only()?).ok())?;
        remote.url().ok().map(normalise_url)
    });
    remote.unwrap_or_else(|| format!("file://{}", root.display()))
}

/// The place, and where in it the manifest lies.
fn identity(place: &str, manifest: &TreePath) -> String {
    match manifest.as_str() {
        MANIFEST_FILE => place.to_owned(),
        path => format!("{place}#{}", path.strip_suffix(MANIFEST_FILE).map_or(path, |dir| dir.trim_end_matches('/'))),
    }
}
