//! From a repository to the objects of one commit: of this machine, read in place, or of another, through the cache.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use git2::{ErrorCode, ObjectType, Oid, Repository};

use super::cache::{Entry, holds, keep};
use super::history::History;
use super::incoming::Learned;
use super::lfs::Lfs;
use super::location::RemoteUrl;
use super::objects::Objects;
use super::remote::{self, NotFetched, Wish};
use super::session::Session;
use super::wanted::{Names, Target, Wanted};
use super::{Options, SourceError};

/// A commit that is here with all its files.
pub(super) struct FoundCommit {
    pub(super) objects: Arc<Objects>,
    pub(super) commit: Oid,
    pub(super) branch: Option<String>,
    /// Where hashes of its files are remembered.
    pub(super) fingerprints: Option<PathBuf>,
    /// Where files in Git LFS are.
    pub(super) lfs: Lfs,
    /// Where its history is.
    pub(super) history: History,
    /// What is known of its files already.
    pub(super) learned: Learned,
}

/// Finds a commit in a repository of this machine. Nothing is written there.
pub(super) fn in_place(repository: Repository, place: &str, options: &Options) -> Result<FoundCommit, SourceError> {
    let names = local_names(&repository).map_err(|error| unreadable(&repository, &error))?;
    let target = options.wanted.resolve(&names, place)?;
    let (object, branch) = match &target {
        Target::Named { commit, branch, .. } => (repository.find_object(*commit, None), branch.clone()),
        Target::Commit(id) => (repository.find_object(*id, None), None),
        Target::Abbreviated(text) => (repository.revparse_single(text), None),
    };
    let help = if repository.is_shallow() {
        "this clone holds only part of the history: `git fetch --unshallow` brings the rest"
    } else {
        "look for it with `git log --all`"
    };
    let commit = object.and_then(|object| object.peel_to_commit()).and_then(|commit| commit.tree().map(|_| commit.id()));
    let commit = commit.map_err(|error| no_commit(&options.wanted, place, &error, help))?;
    let fingerprints = options.cache.fingerprints_of(place);
    let lfs = Lfs::Local { store: repository.commondir().join("lfs/objects") };
    let history = History::Here(repository.path().to_owned());
    Ok(FoundCommit {
        objects: Arc::new(Objects::new(repository, None)),
        commit,
        branch,
        fingerprints,
        lfs,
        history,
        learned: Learned::default(),
    })
}

/// Finds a commit in a remote repository; what is not in the cache is fetched.
pub(super) fn fetched(url: &RemoteUrl, options: &Options) -> Result<FoundCommit, SourceError> {
    let entry = options.cache.entry(&url.to_string())?;
    let session = Arc::new(options.session(url));
    let mut repository = entry.repository(&session)?;
    let mut found = find(&session, &entry, &repository, options);
    if found.as_ref().is_err_and(|error| error.local) {
        // The cache may be damaged, or the branch moved between two requests: once more, from nothing.
        drop(repository);
        entry.rebuild(&session)?;
        repository = entry.repository(&session)?;
        found = find(&session, &entry, &repository, options);
    }
    let Found { commit, branch, learned } = found.map_err(|error| error.error)?;
    let fingerprints = entry.fingerprints_path();
    let history = History::There(Box::new((url.clone(), options.clone())));
    let (url, options) = (Box::new(url.clone()), Box::new(options.clone()));
    let lfs = Lfs::Remote { url, options, server: Mutex::default(), store: entry.lfs_path() };
    Ok(FoundCommit { objects: Arc::new(Objects::new(repository, Some(entry))), commit, branch, fingerprints, lfs, history, learned })
}

struct Found {
    commit: Oid,
    branch: Option<String>,
    learned: Learned,
}

fn find(session: &Arc<Session>, entry: &Entry, repository: &Repository, options: &Options) -> Result<Found, NotFetched> {
    let (wanted, place) = (&options.wanted, session.url.to_string());
    // What an id names never changes: nobody has to be asked.
    if let Some(id) = wanted.full_id().filter(|id| holds(repository, *id)) {
        return Ok(Found { commit: id, branch: None, learned: Learned::default() });
    }
    let seen = options.seen.as_ref().and_then(|head| Some((Oid::from_str(&head.commit).ok()?, head.branch.clone())));
    if let Some((commit, branch)) = seen.filter(|(id, _)| holds(repository, *id)) {
        return Ok(Found { commit, branch, learned: Learned::default() });
    }
    let (mut target, mut lock, mut by_id) = (None, None, false);
    let fetched = remote::fetch(session, repository, options.reporter.as_ref(), |names| {
        let found = target.insert(wanted.resolve(names, &place)?);
        if is_here(repository, found, names) {
            return Ok(None);
        }
        lock = Some(entry.lock_for_fetch(session)?);
        // Another process may have fetched it while this one waited.
        let wish = (!is_here(repository, found, names)).then(|| wish(found, names));
        by_id = matches!(wish, Some(Wish::Commit(_)));
        Ok(wish)
    });
    let learned = match fetched {
        // This server gives no commit by its id: it is somewhere in the history.
        Err(error) if by_id && error.local => {
            remote::fetch(session, repository, options.reporter.as_ref(), |_| Ok(Some(Wish::Everything)))?
        }
        other => other?,
    };
    let (object, branch) = match target {
        Some(Target::Named { object, branch, .. }) => (repository.find_object(object, None), branch),
        Some(Target::Commit(id)) => (repository.find_object(id, None), None),
        Some(Target::Abbreviated(text)) => (repository.revparse_single(&text), None),
        None => return Err(session.remote("it told no names", "try again").into()),
    };
    let commit = object.and_then(|object| object.peel_to_commit());
    let commit = commit.map_err(|error| no_commit(wanted, &place, &error, "it is on no branch and no tag"))?.id();
    keep(repository, commit).map_err(|error| NotFetched { error: session.explain(&error), local: true })?;
    if lock.is_some() {
        entry.make_room();
    }
    Ok(Found { commit, branch, learned })
}

/// Whether nothing has to be fetched.
fn is_here(repository: &Repository, target: &Target, names: &Names) -> bool {
    match target {
        Target::Named { commit, .. } | Target::Commit(commit) => holds(repository, *commit),
        // Only in a whole history can it be told that no other commit starts like this.
        Target::Abbreviated(_) => {
            let whole = repository.odb().is_ok_and(|objects| names.of_history().all(|object| objects.exists(object)));
            whole && !repository.is_shallow()
        }
    }
}

fn wish(target: &Target, names: &Names) -> Wish {
    match target {
        Target::Named { name, .. } => Wish::Named(name.clone()),
        Target::Commit(id) => {
            let points_at = |(_, object): &(&String, &Oid)| *object == id;
            names.objects.iter().find(points_at).map_or(Wish::Commit(*id), |(name, _)| Wish::Named(name.clone()))
        }
        Target::Abbreviated(_) => Wish::Everything,
    }
}

fn no_commit(wanted: &Wanted, place: &str, error: &git2::Error, help: &str) -> SourceError {
    let text = match wanted {
        Wanted::Default => "HEAD",
        Wanted::Branch(text) | Wanted::Revision(text) => text,
    };
    let text = crate::key::printable(text);
    let what = match error.code() {
        ErrorCode::Ambiguous => format!("single commit that starts with `{text}`: give more of its id"),
        ErrorCode::NotFound => format!("commit `{text}`"),
        _ => format!("commit `{text}` that can be read: {}", error.message()),
    };
    SourceError::NoRevision { place: place.to_owned(), what, help: help.to_owned() }
}

/// The names of a repository of this machine.
pub(super) fn local_names(repository: &Repository) -> Result<Names, git2::Error> {
    let mut names = Names::default();
    if let Ok(head) = repository.find_reference("HEAD") {
        names.head = head.symbolic_target()?.map(str::to_owned);
        // A branch without a commit is no name yet.
        if let Some(object) = head.resolve().ok().and_then(|head| head.target()) {
            names.objects.insert("HEAD".to_owned(), object);
        }
    }
    for reference in repository.references()? {
        let reference = reference?;
        let (Ok(name), Ok(resolved)) = (reference.name(), reference.resolve()) else { continue };
        let Some(object) = resolved.target() else { continue };
        if let Ok(commit) = reference.peel(ObjectType::Commit) {
            names.peeled.insert(name.to_owned(), commit.id());
        }
        names.objects.insert(name.to_owned(), object);
    }
    Ok(names)
}

fn unreadable(repository: &Repository, error: &git2::Error) -> SourceError {
    SourceError::Git { path: repository.path().to_owned(), reason: error.message().to_owned() }
}
