//! What can go wrong between us and the orchestrator. Every message names the endpoint; none carries a credential.

use miette::Diagnostic;
use thiserror::Error;

/// An exchange that did not give what was asked for.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
pub enum ApiError {
    /// The options do not make a client.
    #[error("{0}")]
    Config(String),
    /// Nothing answers at the address.
    #[error("cannot reach the orchestrator at {url}: {reason}")]
    #[diagnostic(help("start it, name another with --server (or ZERVERLESS_URL), or use --local for the embedded one"))]
    Unreachable {
        /// Its URL.
        url: String,
        /// What the system said.
        reason: String,
    },
    /// Something answers, and it is not an orchestrator.
    #[error("{url} does not answer like a Zerverless orchestrator: {reason}")]
    #[diagnostic(help("check --server: it must be the orchestrator's own address, not a login or landing page; nothing was written"))]
    NotAnOrchestrator {
        /// Its URL.
        url: String,
        /// What it answered instead.
        reason: String,
    },
    /// 401 or 403.
    #[error("{endpoint} was refused: {status}")]
    #[diagnostic(help("give the token of the proxy in front with --token-file or ZERVERLESS_TOKEN"))]
    Refused {
        /// Method and URL.
        endpoint: String,
        /// Status.
        status: u16,
    },
    /// 3xx. Redirects are not followed: a write must go where the user said.
    #[error("{endpoint} redirects to {location}")]
    #[diagnostic(help("if that is where the orchestrator is, give that URL with --server"))]
    Redirect {
        /// Method and URL.
        endpoint: String,
        /// Where to.
        location: String,
    },
    /// Any other status that is not a success.
    #[error("{endpoint} answered {status}: {message}")]
    Status {
        /// Method and URL.
        endpoint: String,
        /// Status.
        status: u16,
        /// The server's own words, shortened and safe to print.
        message: String,
    },
    /// The request went out and no whole reply came back: it may or may not have been carried out.
    #[error("{endpoint}: no reply: {reason}")]
    Lost {
        /// Method and URL.
        endpoint: String,
        /// What the system said.
        reason: String,
    },
    /// As [`ApiError::Lost`], for an upload that was cut.
    #[error("{endpoint}: the upload of {size} bytes was cut: {reason}")]
    #[diagnostic(help("the server takes at most 15 seconds for a whole upload: use a faster link, or a smaller file"))]
    UploadCut {
        /// Method and URL.
        endpoint: String,
        /// Bytes of the file.
        size: u64,
        /// What the system said.
        reason: String,
    },
    /// A reply that is not what this endpoint answers: cut, of another form, or contradicting itself. It is never used in part.
    #[error("{endpoint} answered something unusable: {reason}")]
    Reply {
        /// Method and URL.
        endpoint: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A reply larger than anything this endpoint should answer.
    #[error("{endpoint} answered more than {cap} bytes")]
    TooLarge {
        /// Method and URL.
        endpoint: String,
        /// The limit.
        cap: u64,
    },
    /// A file of the source changed after it was planned; nothing of it was stored.
    #[error("{endpoint}: the file changed after it was planned; nothing was stored")]
    #[diagnostic(help("run it again when nothing writes to the source"))]
    ContentChanged {
        /// Method and URL.
        endpoint: String,
    },
}

impl ApiError {
    /// Whether no usable reply came back, so that only reading tells what happened.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        matches!(self, Self::Lost { .. } | Self::UploadCut { .. } | Self::Reply { .. } | Self::TooLarge { .. })
    }

    /// Whether it says that the orchestrator as a whole is away, so that trying the next item is pointless.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Refused { .. } | Self::Redirect { .. })
    }
}
