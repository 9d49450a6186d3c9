//! What the orchestrator says is there: values that the API client returns and everybody else decides on.

use std::collections::{BTreeMap, BTreeSet};

use crate::fingerprint::Fingerprint;

/// Code text longer than this is not kept for line diffs, only its fingerprint.
pub const MAX_KEPT_CODE: usize = 256 * 1024;

/// A function as the listing gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveFunction {
    /// As stored, whatever it says; the server checks nothing.
    pub runtime: String,
    /// Fingerprint of the function: see [`function_fingerprint`].
    pub fingerprint: Fingerprint,
    /// Bytes of code.
    pub size: u64,
    /// The code itself, unless it is longer than [`MAX_KEPT_CODE`].
    pub code: Option<String>,
    /// The port of a container; absent for the others.
    pub port: Option<u64>,
    /// The server's text, renewed by every POST: a weak version tag.
    pub created_at: String,
}

/// Everything that decides whether two functions are the same: runtime, port and code (for a container: the image).
#[must_use]
pub fn function_fingerprint(runtime: &str, port: Option<u64>, code: &str) -> Fingerprint {
    let port = port.map(|p| p.to_string()).unwrap_or_default();
    Fingerprint::of_fields(&[b"function", runtime.as_bytes(), port.as_bytes(), code.as_bytes()])
}

/// The functions of one namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LiveFunctions {
    /// By path, with the leading slash.
    pub own: BTreeMap<String, LiveFunction>,
}

/// Names of the static files of one namespace; the server tells no size, hash or time.
pub type LiveFiles = BTreeSet<String>;

/// What `/info` and the clock beside it say of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerInfo {
    /// Unix seconds when the process started, by its own clock (`Date` header minus uptime); absent without a usable `Date`.
    pub started_at: Option<i64>,
}
