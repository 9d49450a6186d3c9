//! Asking a remote for its names, and fetching one commit of it.

use std::sync::Arc;

use git2::{AutotagOption, Direction, FetchOptions, Oid, Remote, RemoteCallbacks, RemoteHead, Repository};

use super::SourceError;
use super::incoming::{Learned, ReadingAlong};
use super::libgit2::{self, REMOTE};
use super::memory::while_a_pack_comes;
use super::session::Session;
use super::wanted::Names;
use crate::event::{Event, Reporter, Stage};

/// How deep a history is when all of it is wanted.
const UNSHALLOW: i32 = i32::MAX;

const TOO_LARGE: &str = "keep files of this size elsewhere, e.g. in Git LFS";

/// What to fetch.
#[derive(Debug, Clone)]
pub(super) enum Wish {
    /// What a name points at, without its history.
    Named(String),
    /// A commit by its id, without its history. Not every server gives one.
    Commit(Oid),
    /// All branches and tags with all of their history.
    Everything,
}

/// Why nothing was fetched.
pub(super) struct NotFetched {
    pub(super) error: SourceError,
    /// It may be the repository here that is damaged.
    pub(super) local: bool,
}

impl From<SourceError> for NotFetched {
    fn from(error: SourceError) -> Self {
        Self { error, local: false }
    }
}

/// The names of a remote and what they point at: one exchange, nothing is fetched.
pub(super) fn names(session: &Arc<Session>) -> Result<Names, SourceError> {
    let explain = |error: git2::Error| session.explain(&error);
    libgit2::with_session(session, || {
        let mut remote = Remote::create_detached(REMOTE)?;
        let connection = remote.connect_auth(Direction::Fetch, None, None)?;
        Ok(collect(connection.list()?))
    })
    .map_err(explain)
}

/// Connects, lets `decide` choose by the names of the remote, and fetches that on the same connection: what is fetched is what the names said. Gives what
/// was learned of its files meanwhile.
pub(super) fn fetch(
    session: &Arc<Session>,
    repository: &Repository,
    reporter: &dyn Reporter,
    decide: impl FnOnce(&Names) -> Result<Option<Wish>, SourceError>,
) -> Result<Learned, NotFetched> {
    let explain = |error: git2::Error| NotFetched { local: !session.has_failed(), error: session.explain(&error) };
    libgit2::with_session(session, || {
        let mut remote = repository.remote_anonymous(REMOTE).map_err(explain)?;
        let mut connection = remote.connect_auth(Direction::Fetch, None, None).map_err(explain)?;
        let names = collect(connection.list().map_err(explain)?);
        let Some(wish) = decide(&names)? else { return Ok(Learned::default()) };
        let (refspecs, depth) = match &wish {
            Wish::Named(name) => (vec![format!("+{name}:{name}")], 1),
            Wish::Commit(id) => (vec![format!("+{id}:refs/wanted")], 1),
            Wish::Everything => (vec!["+refs/heads/*:refs/heads/*".to_owned(), "+refs/tags/*:refs/tags/*".to_owned()], UNSHALLOW),
        };
        let mut options = FetchOptions::new();
        options.depth(depth).download_tags(AutotagOption::None).remote_callbacks(callbacks(session, reporter));
        // Of a whole history most files are of no use.
        let along = (depth == 1).then(|| session.ear.listen());
        let (fetched, refused) = while_a_pack_comes(|| connection.remote().download(&refspecs, Some(&mut options)));
        let too_large = |size| session.remote(format!("it sends an object of {size} bytes, which is larger than is taken"), TOO_LARGE);
        let fetched = fetched.map_err(|error| refused.map_or_else(|| explain(error), |size| too_large(size).into()));
        drop(options);
        let learned = along.map(ReadingAlong::finish).unwrap_or_default();
        reporter.event(&Event::StageFinished(Stage::Fetch));
        fetched.map(|()| learned)
    })
}

/// Tells how far it is, and ends it when the session is over.
fn callbacks<'a>(session: &'a Session, reporter: &'a dyn Reporter) -> RemoteCallbacks<'a> {
    let mut callbacks = RemoteCallbacks::new();
    let (mut objects, mut bytes, mut started) = (0, 0, false);
    callbacks.transfer_progress(move |progress| {
        if !std::mem::replace(&mut started, true) {
            reporter.event(&Event::StageStarted { stage: Stage::Fetch, items: progress.total_objects() as u64, bytes: 0 });
        }
        let (now, received) = (progress.indexed_objects() as u64, progress.received_bytes() as u64);
        reporter.event(&Event::Progress { items: now.saturating_sub(objects), bytes: received.saturating_sub(bytes) });
        (objects, bytes) = (now.max(objects), received.max(bytes));
        match session.check() {
            Ok(()) => true,
            Err(error) => {
                session.fail(error);
                false
            }
        }
    });
    callbacks
}

fn collect(heads: &[RemoteHead<'_>]) -> Names {
    let mut names = Names::default();
    for head in heads {
        let name = head.name();
        if name == "HEAD" {
            names.head = head.symref_target().map(str::to_owned);
        }
        match name.strip_suffix("^{}") {
            Some(tag) => drop(names.peeled.insert(tag.to_owned(), head.oid())),
            None => drop(names.objects.insert(name.to_owned(), head.oid())),
        }
    }
    names
}
