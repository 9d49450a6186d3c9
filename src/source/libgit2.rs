//! What libgit2 keeps for the whole process: its options, and the transport it calls for a remote.
//!
//! libgit2 speaks the smart protocol and keeps the objects; connections are ours ([`super::http`], [`super::ssh`]), so that deadlines, redirects, proxies and
//! credentials are in one hand. A remote is always called [`REMOTE`] there: libgit2 sees no URL, and so no rule of any configuration applies to it.

use std::cell::RefCell;
use std::sync::{Arc, OnceLock};

use git2::transport::{Service, SmartSubtransportStream, Transport};
use git2::{Error, Remote};

use super::SourceError;
use super::http::Http;
use super::location::Scheme;
use super::memory;
use super::session::Session;
use super::ssh::Ssh;

/// The only URL that libgit2 ever connects to.
pub(super) const REMOTE: &str = "zerverless-gitops://remote";

/// Packs are read through windows of this size, and of so many bytes together: a pack of any size costs no more memory.
const WINDOW: usize = 1 << 20;
const MAPPED: usize = 16 << 20;

thread_local! {
    /// The session of the remote that this thread works with.
    static CURRENT: RefCell<Option<Arc<Session>>> = const { RefCell::new(None) };
}

/// Sets up libgit2, once; whoever opens a source does this first.
pub(super) fn prepare() -> Result<(), SourceError> {
    static DONE: OnceLock<Result<(), String>> = OnceLock::new();
    let done = DONE.get_or_init(|| set_up().map_err(|error| error.message().to_owned()));
    done.clone().map_err(SourceError::Libgit2)
}

#[expect(
    unsafe_code,
    reason = "libgit2's options and transports are of the whole process; `prepare` sets them once, before anything else is asked of it"
)]
fn set_up() -> Result<(), Error> {
    memory::set_up()?;
    // `Objects` does that.
    git2::opts::strict_hash_verification(false);
    // SAFETY: called once, under the lock of `prepare`, before any repository is opened or transport made.
    unsafe {
        git2::opts::set_mwindow_size(WINDOW)?;
        git2::opts::set_mwindow_mapped_limit(MAPPED)?;
        git2::transport::register("zerverless-gitops", connect)
    }
}

/// Does `work`, which connects to [`REMOTE`], with the remote of `session`.
pub(super) fn with_session<T>(session: &Arc<Session>, work: impl FnOnce() -> T) -> T {
    let before = CURRENT.replace(Some(Arc::clone(session)));
    let done = work();
    CURRENT.set(before);
    done
}

fn connect(remote: &Remote<'_>) -> Result<Transport, Error> {
    let session = CURRENT.with_borrow(Clone::clone).ok_or_else(|| Error::from_str("a remote without a session"))?;
    match session.url.scheme {
        Scheme::Ssh => Transport::smart(remote, false, Ssh::new(session)),
        Scheme::Http | Scheme::Https => {
            let http = Http::new(&session).map_err(|error| session.fail(error))?;
            Transport::smart(remote, true, http)
        }
    }
}

/// Fetching is all that is ever done.
pub(super) fn only_fetching(service: Service) -> Result<bool, Error> {
    match service {
        Service::UploadPackLs => Ok(true),
        Service::UploadPack => Ok(false),
        Service::ReceivePackLs | Service::ReceivePack => Err(Error::from_str("nothing is ever pushed")),
    }
}

/// A stream as libgit2 takes it.
pub(super) type Stream = Box<dyn SmartSubtransportStream>;
