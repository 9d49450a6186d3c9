//! A source that was opened: the files of one revision, and what is known of where they came from.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use git2::{Oid, Repository, RepositoryOpenFlags};
use tokio_util::sync::CancellationToken;

use super::SourceError;
use super::cache::Cache;
use super::changes::Changes;
use super::commit_tree::CommitTree;
use super::credentials::Credentials;
use super::directory::{self, Directory};
use super::fingerprints::Fingerprints;
use super::history::History;
use super::identity::normalise_url;
use super::libgit2;
use super::location::{Location, RemoteUrl};
use super::remote;
use super::repository::{self, FoundCommit};
use super::screen::Screen;
use super::session::{Limits, Session};
use super::wanted::{Target, Wanted};
use crate::event::Reporter;
use crate::files::{Excludes, Filter, Tree, TreePath};
use crate::manifest::MANIFEST_FILE;

/// How a source is opened.
#[derive(Clone)]
pub struct Options {
    /// The manifest's name.
    pub file: String,
    /// The manifest's directory below the source.
    pub subdir: Option<String>,
    /// Which commit.
    pub wanted: Wanted,
    /// Where that was seen to be just now: when it is in the cache, nobody is asked again.
    pub seen: Option<RemoteHead>,
    /// What opens a private repository.
    pub credentials: Credentials,
    /// Which machines may be connected to; none: all of them.
    pub screen: Option<Screen>,
    /// Where fetched repositories are kept.
    pub cache: Cache,
    /// How long a remote may take.
    pub limits: Limits,
    /// Told as it happens.
    pub reporter: Arc<dyn Reporter>,
    /// Ends what is under way.
    pub stop: CancellationToken,
}

impl Options {
    /// As it stands: the usual manifest, no commit in particular, nothing that opens anything, and nothing is kept.
    pub fn plain(reporter: Arc<dyn Reporter>, stop: CancellationToken) -> Self {
        Self {
            file: MANIFEST_FILE.to_owned(),
            subdir: None,
            wanted: Wanted::Default,
            seen: None,
            credentials: Credentials::default(),
            screen: None,
            cache: Cache::Nowhere,
            limits: Limits::default(),
            reporter,
            stop,
        }
    }

    /// For one remote.
    pub(super) fn session(&self, url: &RemoteUrl) -> Session {
        Session::new(url.clone(), self.credentials.clone(), self.screen.clone(), self.limits, self.stop.clone())
    }
}

/// What a source holds, besides its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// The commit.
    pub commit: String,
    /// The branch; none for a tag, a commit, or a HEAD that is detached.
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
    /// The repository, or the directory where there is none.
    place: String,
    origin: Origin,
}

#[derive(Clone)]
enum Origin {
    /// The files as they are on disk.
    Directory(Directory),
    /// The files of a commit.
    Commit {
        revision: Revision,
        /// What the repository is called for people.
        shown: String,
        /// The directory that was named, when there is one on disk.
        directory: Option<PathBuf>,
        history: History,
    },
}

/// Where a branch, a tag or HEAD is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteHead {
    /// The commit it points at.
    pub commit: String,
    /// The branch, when it is one.
    pub branch: Option<String>,
}

/// Where what `options` want is now, by one exchange with the remote and without fetching anything. None: only a fetch can tell (an abbreviated id), or
/// the source is a directory as it is on disk.
pub fn remote_head(location: &Location, options: &Options) -> Result<Option<RemoteHead>, SourceError> {
    libgit2::prepare()?;
    let (names, place) = match location {
        Location::Remote(url) => {
            if let Some(id) = options.wanted.full_id() {
                return Ok(Some(RemoteHead { commit: id.to_string(), branch: None }));
            }
            (remote::names(&Arc::new(options.session(url)))?, url.to_string())
        }
        Location::Path(path) if options.wanted == Wanted::Default && open_bare(path)?.is_none() => return Ok(None),
        Location::Path(path) | Location::File(path) => {
            let repository = local(path)?;
            let names = repository::local_names(&repository).map_err(|error| directory::git(path, &error))?;
            (names, path.display().to_string())
        }
    };
    Ok(match options.wanted.resolve(&names, &place)? {
        Target::Named { commit, branch, .. } => Some(RemoteHead { commit: commit.to_string(), branch }),
        Target::Commit(id) => Some(RemoteHead { commit: id.to_string(), branch: None }),
        Target::Abbreviated(_) => None,
    })
}

impl Source {
    /// Opens what `location` names. May take as long as the remote does: not for a thread that others wait for.
    ///
    /// To open a source again at a commit that is known, e.g. one that a record names, give that commit as [`Wanted::Revision`]: when it is in the cache,
    /// nobody is asked.
    pub fn open(location: &Location, options: &Options) -> Result<Self, SourceError> {
        libgit2::prepare()?;
        match location {
            Location::Remote(url) => {
                let found = repository::fetched(url, options)?;
                let shown = url.to_string();
                Self::of_commit(found, normalise_url(&shown), shown, None, &TreePath::root(), options)
            }
            Location::File(path) => {
                let place = normalise_url(&format!("file://{}", path.display()));
                let found = repository::in_place(local(path)?, &place, options)?;
                Self::of_commit(found, place.clone(), place, None, &TreePath::root(), options)
            }
            Location::Path(path) => match (open_bare(path)?, &options.wanted) {
                (Some(repository), _) => {
                    let place = normalise_url(&directory::place(Some(&repository), repository.path()));
                    let found = repository::in_place(repository, &path.display().to_string(), options)?;
                    Self::of_commit(found, place, path.display().to_string(), None, &TreePath::root(), options)
                }
                (None, Wanted::Default) => Self::of_directory(path, options),
                (None, _) => Self::of_checkout(path, options),
            },
        }
    }

    fn of_directory(path: &Path, options: &Options) -> Result<Self, SourceError> {
        let (directory, tree, base, file) = Directory::open(path, &options.file)?;
        let manifest = manifest(&base, options.subdir.as_deref(), &file)?;
        let place = directory.place.clone();
        Ok(Self { identity: identity(&place, &manifest), tree, manifest, place, origin: Origin::Directory(directory) })
    }

    /// A commit of the repository around a directory.
    fn of_checkout(path: &Path, options: &Options) -> Result<Self, SourceError> {
        let (directory, _, base, file) = Directory::open(path, &options.file)?;
        let Some(git_dir) = &directory.repository else { return Err(SourceError::NoRepository { path: path.to_owned() }) };
        let repository = Repository::open(git_dir).map_err(|error| directory::git(path, &error))?;
        let found = repository::in_place(repository, &path.display().to_string(), options)?;
        let named = Some(directory.root.join(base.as_str()));
        let options = Options { file, ..options.clone() };
        Self::of_commit(found, directory.place, path.display().to_string(), named, &base, &options)
    }

    fn of_commit(
        found: FoundCommit,
        place: String,
        shown: String,
        directory: Option<PathBuf>,
        base: &TreePath,
        options: &Options,
    ) -> Result<Self, SourceError> {
        let manifest = manifest(base, options.subdir.as_deref(), &options.file)?;
        let revision = Revision { commit: found.commit.to_string(), branch: found.branch, dirty: false };
        let fingerprints = Fingerprints::load(found.fingerprints, found.learned.known);
        let tree = CommitTree::new(found.objects, found.commit, fingerprints, found.learned.contents, found.lfs);
        let tree = tree.map_err(|error| SourceError::Git { path: PathBuf::from(&shown), reason: error.to_string() })?;
        let origin = Origin::Commit { revision, shown, directory, history: found.history };
        Ok(Self { identity: identity(&place, &manifest), tree: Arc::new(tree), manifest, place, origin })
    }

    /// Every manifest below the source, in the order of their names.
    pub fn open_all(location: &Location, options: &Options) -> Result<Vec<Self>, SourceError> {
        let top = Self::open(location, options)?;
        let (directory, file) = (top.manifest.parent().unwrap_or_default(), options.file.as_str());
        let shown = || PathBuf::from(top.display(&directory));
        let nothing = Excludes::none();
        let listing = top.tree.list(&directory, &Filter { excludes: &nothing, include_ignored: false });
        let listing = listing.map_err(|error| SourceError::NotADirectory { path: shown(), reason: error.to_string() })?;
        let is_manifest = |name: &str| name == file || name.strip_suffix(file).is_some_and(|dir| dir.ends_with('/'));
        let found: Vec<_> = listing.entries.into_iter().filter(|entry| is_manifest(&entry.name)).collect();
        if found.is_empty() {
            return Err(SourceError::NoManifests { path: shown(), name: file.to_owned() });
        }
        match &top.origin {
            // Without a repository around them, each manifest's own directory is what it may not lead out of.
            Origin::Directory(Directory { repository: None, root, .. }) => {
                let options = Options { subdir: None, ..options.clone() };
                let open = |path: PathBuf| Self::open(&Location::Path(path), &options);
                found.into_iter().map(|entry| open(root.join(entry.path.as_str()))).collect()
            }
            _ => Ok(found.into_iter().map(|entry| top.with_manifest(entry.path)).collect()),
        }
    }

    /// The same files with another manifest.
    fn with_manifest(&self, manifest: TreePath) -> Self {
        let identity = identity(&self.place, &manifest);
        Self { identity, tree: Arc::clone(&self.tree), manifest, place: self.place.clone(), origin: self.origin.clone() }
    }

    /// How a file of the tree is called for people: relative to the current directory where it lies below it.
    #[must_use]
    pub fn display(&self, path: &TreePath) -> String {
        let shown = match &self.origin {
            Origin::Directory(directory) => directory.display(path),
            Origin::Commit { shown, .. } => format!("{shown}#{path}"),
        };
        crate::key::printable(&shown).into_owned()
    }

    /// Where a path of the tree is on disk; none for the files of a commit.
    #[must_use]
    pub fn on_disk(&self, path: &TreePath) -> Option<PathBuf> {
        match &self.origin {
            Origin::Directory(directory) if path.is_root() => Some(directory.root.clone()),
            Origin::Directory(directory) => Some(directory.root.join(path.as_str())),
            Origin::Commit { .. } => None,
        }
    }

    /// The directory of the manifest on disk, where `.zerverless/` belongs: relative to the current directory where it lies below it. That of a URL is the
    /// current one.
    #[must_use]
    pub fn shown_directory(&self) -> PathBuf {
        match &self.origin {
            Origin::Directory(directory) => {
                directory::below_here(&directory.root.join(self.manifest.parent().unwrap_or_default().as_str()))
            }
            Origin::Commit { directory: Some(directory), .. } => directory::below_here(directory),
            Origin::Commit { directory: None, .. } => PathBuf::from("."),
        }
    }

    /// What is not as it was where the histories of the source and of `reference` part.
    pub fn changed_since(&self, reference: &str) -> Result<Changes, SourceError> {
        match &self.origin {
            Origin::Directory(Directory { repository: Some(git_dir), .. }) => Changes::since(reference, git_dir, None),
            Origin::Commit { revision, directory: Some(path), .. } => match directory::discover(path, RepositoryOpenFlags::empty())? {
                Some(repository) => Changes::since(reference, repository.path(), Some(&revision.commit)),
                None => Err(SourceError::NoRepository { path: path.clone() }),
            },
            Origin::Directory(Directory { repository: None, .. }) | Origin::Commit { directory: None, .. } => {
                let reason = "the source is no checkout of a repository".to_owned();
                Err(SourceError::NoBase { reference: crate::key::printable(reference).into_owned(), reason })
            }
        }
    }

    /// The same manifest in the commit that `changes` begin at.
    pub fn before(&self, changes: &Changes, options: &Options) -> Result<Self, SourceError> {
        let (wanted, file) = (Wanted::Revision(changes.base()), self.manifest.as_str().to_owned());
        let options = Options { wanted, file, subdir: None, ..options.clone() };
        let found = repository::in_place(changes.repository()?, &self.place, &options)?;
        Self::of_commit(found, self.place.clone(), self.place.clone(), None, &TreePath::root(), &options)
    }

    /// The commit that is checked out, or that was opened; none without one, or outside a repository.
    pub fn head(&self) -> Result<Option<String>, SourceError> {
        match &self.origin {
            Origin::Directory(directory) => directory.head(),
            Origin::Commit { revision, .. } => Ok(Some(revision.commit.clone())),
        }
    }

    /// Whether the history of `tip`, the commit that was opened, holds `old`. None: that cannot be told. Asks the remote, if there is one.
    pub fn leads(&self, tip: &str, old: &str) -> Result<Option<bool>, SourceError> {
        let (Ok(tip), Ok(old)) = (Oid::from_str(tip), Oid::from_str(old)) else { return Ok(None) };
        match &self.origin {
            Origin::Directory(Directory { repository: Some(git_dir), .. }) => History::Here(git_dir.clone()).leads(tip, old),
            Origin::Directory(_) => Ok(None),
            Origin::Commit { history, .. } => history.leads(tip, old),
        }
    }

    /// The commit, and whether anything of `taken`, or anything missing below `directories`, differs from it.
    pub fn revision(&self, taken: &BTreeSet<&str>, directories: &[TreePath]) -> Result<Option<Revision>, SourceError> {
        match &self.origin {
            Origin::Directory(directory) => directory.revision(taken, directories),
            Origin::Commit { revision, .. } => Ok(Some(revision.clone())),
        }
    }
}

/// A repository that lies exactly there, with or without a working tree.
fn local(path: &Path) -> Result<Repository, SourceError> {
    match directory::discover(path, RepositoryOpenFlags::NO_SEARCH)? {
        Some(repository) => Ok(repository),
        None => Err(SourceError::NoRepository { path: path.to_owned() }),
    }
}

/// The bare repository that lies exactly there.
fn open_bare(path: &Path) -> Result<Option<Repository>, SourceError> {
    // A directory with a manifest is read as it is, whatever else lies in it.
    if !path.join("HEAD").is_file() || !path.join("objects").is_dir() {
        return Ok(None);
    }
    Ok(directory::discover(path, RepositoryOpenFlags::NO_SEARCH | RepositoryOpenFlags::NO_DOTGIT)?.filter(Repository::is_bare))
}

fn manifest(base: &TreePath, subdir: Option<&str>, file: &str) -> Result<TreePath, SourceError> {
    let below = |base: &TreePath, path: &str| {
        let joined = base.join(path).ok().filter(|joined| base.is_root() || joined.as_str().starts_with(base.as_str()));
        joined.ok_or_else(|| SourceError::ManifestPath(crate::key::printable(path).into_owned()))
    };
    let base = subdir.map_or_else(|| Ok(base.clone()), |subdir| below(base, subdir))?;
    base.join(file).map_err(|_| SourceError::ManifestPath(crate::key::printable(file).into_owned()))
}

/// The place, and where in it the manifest lies.
fn identity(place: &str, manifest: &TreePath) -> String {
    match manifest.as_str() {
        MANIFEST_FILE => place.to_owned(),
        path => format!("{place}#{}", path.strip_suffix(MANIFEST_FILE).map_or(path, |dir| dir.trim_end_matches('/'))),
    }
}
