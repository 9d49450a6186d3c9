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
    /// Docker functions of all namespaces.
    pub containers: Vec<LiveContainer>,
}

/// A Docker function of whichever namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveContainer {
    /// Whose.
    pub namespace: String,
    /// With the leading slash.
    pub path: String,
    /// The name of its image.
    pub image: String,
}

/// What the server calls the container of a function (server.md tK2). Functions whose names differ only in `/`, `-` and what Docker does not take
/// share one container, in whichever namespaces they are.
#[must_use]
pub fn container_name(namespace: &str, path: &str) -> String {
    let full = format!("zerverless-{namespace}{path}");
    let mut name = String::with_capacity(full.len());
    for (at, byte) in full.bytes().enumerate() {
        if byte.is_ascii_alphanumeric() || b"_.-".contains(&byte) {
            name.push(char::from(byte));
        } else if at < full.len() - 1 && !name.ends_with('-') {
            name.push('-');
        }
    }
    name
}

/// Names of the static files of one namespace; the server tells no size, hash or time.
pub type LiveFiles = BTreeSet<String>;

/// What `/info` and the clock beside it say of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerInfo {
    /// Unix seconds when the process started, by its own clock (`Date` header minus uptime); absent without a usable `Date`.
    pub started_at: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_share_a_container_when_their_names_differ_in_dashes_only() {
        assert_eq!(container_name("me", "/a/b"), "zerverless-me-a-b");
        assert_eq!(container_name("me", "/a/b"), container_name("me", "/a-b"));
        assert_eq!(container_name("a", "/b-c"), container_name("a-b", "/c"));
        assert_eq!(container_name("me", "/a é"), "zerverless-me-a-");
        assert_ne!(container_name("me", "/A"), container_name("me", "/a"));
    }
}
