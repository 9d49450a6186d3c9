//! A directory on disk, and the repository around it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use git2::{DiffOptions, ErrorClass, ErrorCode, IndexEntry, Repository, RepositoryOpenFlags};

use super::identity::normalise_url;
use super::stored_form::stored_form;
use super::{Revision, SourceError};
use crate::files::{DirectoryTree, Tracked, Tree, TreePath};

/// Mode of a submodule in an index.
const GITLINK: u32 = 0o160_000;
/// The flag of an index entry that a sparse checkout leaves out.
const SKIP_WORKTREE: u16 = 1 << 14;

/// A directory and the repository around it.
#[derive(Debug, Clone)]
pub(super) struct Directory {
    /// The root of the working tree, or the directory itself where there is no repository.
    pub(super) root: PathBuf,
    /// The remote's URL in one form, or the directory where there is no remote.
    pub(super) place: String,
    /// Its Git directory.
    pub(super) repository: Option<PathBuf>,
}

impl Directory {
    /// Opens a directory, or the directory of a manifest that is named itself: with its files, where in them it lies, and the manifest's name.
    pub(super) fn open(path: &Path, file: &str) -> Result<(Self, Arc<dyn Tree>, TreePath, String), SourceError> {
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
        let repository = discover(&directory, RepositoryOpenFlags::empty())?;
        let workdir = repository.as_ref().and_then(|repository| repository.workdir()).and_then(|dir| dir.canonicalize().ok());
        let root = workdir.filter(|root| directory.starts_with(root)).unwrap_or_else(|| directory.clone());
        let below = directory.strip_prefix(&root).unwrap_or(Path::new("")).to_string_lossy().into_owned();
        let base = if below.is_empty() { TreePath::root() } else { TreePath::root().child(&below) };
        let tracked = repository.as_ref().map(tracked).transpose().map_err(|error| git(&directory, &error))?.unwrap_or_default();
        let exclude = repository.as_ref().map(|repository| repository.commondir().join("info/exclude"));
        let place = place(repository.as_ref(), &root);
        let git_dir = repository.as_ref().map(|repository| repository.path().to_owned());
        let stored = repository.and_then(|repository| stored_form(repository, &tracked));
        let tree = DirectoryTree::open(&root, exclude.as_deref(), tracked).map_err(not_there)?.stored_as(stored);
        Ok((Self { root, place, repository: git_dir }, Arc::new(tree), base, file.to_owned()))
    }

    /// How a file is called for people: relative to the current directory where it lies below it.
    pub(super) fn display(&self, path: &TreePath) -> String {
        let full = if path.is_root() { self.root.clone() } else { self.root.join(path.as_str()) };
        below_here(&full).to_string_lossy().into_owned()
    }

    /// The commit that is checked out; none without one, or outside a repository.
    pub(super) fn head(&self) -> Result<Option<String>, SourceError> {
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
    pub(super) fn revision(&self, taken: &BTreeSet<&str>, directories: &[TreePath]) -> Result<Option<Revision>, SourceError> {
        let Some((repository, id)) = self.open_head()? else { return Ok(None) };
        let failed = |error: git2::Error| git(&self.root, &error);
        let head = repository.head().map_err(failed)?;
        let branch = head.is_branch().then(|| head.shorthand().ok().map(str::to_owned)).flatten();
        let commit = repository.find_commit(id).map_err(failed)?;
        let dirty = differs(&repository, &commit, taken, directories).map_err(failed)?;
        Ok(Some(Revision { commit: id.to_string(), branch, dirty }))
    }
}

/// `path`, relative to the current directory where it lies below it.
pub(super) fn below_here(path: &Path) -> PathBuf {
    let here = std::env::current_dir().and_then(|dir| dir.canonicalize()).unwrap_or_default();
    match path.strip_prefix(&here) {
        Ok(below) if below.as_os_str().is_empty() => PathBuf::from("."),
        Ok(below) => below.to_owned(),
        Err(_) => path.to_owned(),
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

/// The repository around `directory`, or exactly there, unless there is none. Hooks, filters and includes of its configuration are never run.
pub(super) fn discover(directory: &Path, flags: RepositoryOpenFlags) -> Result<Option<Repository>, SourceError> {
    let none: [&std::ffi::OsStr; 0] = [];
    match Repository::open_ext(directory, flags, none) {
        Ok(repository) => Ok(Some(repository)),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) if error.code() == ErrorCode::Owner => Err(SourceError::OtherOwner { path: directory.to_owned() }),
        Err(error) => Err(git(directory, &error)),
    }
}

pub(super) fn git(directory: &Path, error: &git2::Error) -> SourceError {
    let reason = error.message().to_owned();
    match error.class() {
        ErrorClass::Config => SourceError::Configuration(reason),
        _ => SourceError::Git { path: directory.to_owned(), reason },
    }
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
pub(super) fn place(repository: Option<&Repository>, root: &Path) -> String {
    let remote = repository.and_then(|repository| {
        let names = repository.remotes().ok()?;
        let only = || names.iter().flatten().flatten().next();
        let remote = repository.find_remote("origin").ok().or_else(|| repository.find_remote(only()?).ok())?;
        remote.url().ok().map(normalise_url)
    });
    remote.unwrap_or_else(|| format!("file://{}", root.display()))
}
