//! One piece of work with one remote: how long it may take, who may stop it, and why it failed.
//!
//! libgit2 passes on little of an error that came up in a transport, so the first one is kept here as it was.

use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::SourceError;
use super::credentials::Credentials;
use super::incoming::Ear;
use super::location::RemoteUrl;
use super::screen::Screen;

/// libssh2 counts whole seconds: what ends so shortly before the deadline ended because of it.
const COARSE: Duration = Duration::from_millis(1500);

/// How long a remote may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// To connect, and until something comes.
    pub silence: Duration,
    /// For all of it.
    pub deadline: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { silence: Duration::from_secs(30), deadline: Duration::from_secs(600) }
    }
}

/// See the module.
pub(super) struct Session {
    pub(super) url: RemoteUrl,
    pub(super) credentials: Credentials,
    screen: Option<Screen>,
    pub(super) limits: Limits,
    /// Hears what is received.
    pub(super) ear: Ear,
    end: Instant,
    stop: CancellationToken,
    failure: Mutex<Option<SourceError>>,
}

impl Session {
    pub(super) fn new(url: RemoteUrl, credentials: Credentials, screen: Option<Screen>, limits: Limits, stop: CancellationToken) -> Self {
        let end = Instant::now() + limits.deadline;
        Self { url, credentials, screen, limits, ear: Ear::default(), end, stop, failure: Mutex::default() }
    }

    /// Whether to go on.
    pub(super) fn check(&self) -> Result<(), SourceError> {
        if self.stop.is_cancelled() {
            return Err(SourceError::Stopped { url: self.url.to_string() });
        }
        if Instant::now() >= self.end {
            return Err(self.overdue());
        }
        Ok(())
    }

    /// Whether not every machine may be connected to.
    pub(super) fn is_screened(&self) -> bool {
        self.screen.is_some()
    }

    /// The addresses of a host that may be connected to; none: any of them.
    pub(super) fn screened(&self, host: &str, port: u16) -> io::Result<Option<Vec<SocketAddr>>> {
        self.screen.as_ref().map(|screen| screen.addresses(host, port)).transpose()
    }

    /// How long the next step may take.
    pub(super) fn patience(&self) -> Duration {
        self.limits.silence.min(self.end.saturating_duration_since(Instant::now())).max(Duration::from_millis(1))
    }

    /// Why a step ended that took longer than [`Self::patience`].
    pub(super) fn timed_out(&self) -> SourceError {
        match self.check() {
            Err(error) => error,
            Ok(()) if self.end.saturating_duration_since(Instant::now()) < COARSE => self.overdue(),
            Ok(()) => self.late("was silent for too long", self.limits.silence),
        }
    }

    fn overdue(&self) -> SourceError {
        self.late("took longer than is allowed in all", self.limits.deadline)
    }

    fn late(&self, what: &'static str, after: Duration) -> SourceError {
        SourceError::TimedOut { url: self.url.to_string(), what, after }
    }

    pub(super) fn remote(&self, reason: impl Into<String>, help: &'static str) -> SourceError {
        SourceError::Remote { url: self.url.to_string(), reason: crate::key::printable(&reason.into()).into_owned(), help }
    }

    /// Keeps `error`, unless there is one already, and gives what libgit2 understands.
    pub(super) fn fail(&self, error: SourceError) -> git2::Error {
        let shown = git2::Error::from_str(&error.to_string());
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        shown
    }

    /// As [`Self::fail`], for a stream.
    pub(super) fn broken(&self, error: SourceError) -> io::Error {
        io::Error::other(self.fail(error).message().to_owned())
    }

    /// What really went wrong when libgit2 says `error`.
    pub(super) fn explain(&self, error: &git2::Error) -> SourceError {
        let kept = self.failure.lock().unwrap_or_else(PoisonError::into_inner).take();
        kept.unwrap_or_else(|| self.remote(error.message(), "see whether `git fetch` can read it"))
    }

    /// Whether the remote, and not the repository here, is the reason for a failure.
    pub(super) fn has_failed(&self) -> bool {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }
}
