//! Keys of the record. They use `[a-z0-9.]` only, so that every server and proxy stores them as they are.

use std::fmt;

use crate::fingerprint::Fingerprint;
use crate::key::{AppId, Namespace};

const HEX: &str = "0123456789abcdef";

/// An application in keys: 16 hex digits of its namespace and 16 of its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AppKey {
    namespace: String,
    name: String,
}

impl AppKey {
    /// The key of `app`.
    #[must_use]
    pub fn of(app: &AppId) -> Self {
        let name = Fingerprint::of_fields(&[b"application", app.name.as_str().as_bytes()]).short();
        Self { namespace: namespace_key(&app.namespace), name }
    }

    /// The key of a head.
    #[must_use]
    pub fn head(&self, run: &RunId) -> String {
        format!("m.{}.{}.h.{run}", self.namespace, self.name)
    }

    /// The key of a claim.
    #[must_use]
    pub fn claim(&self, run: &RunId) -> String {
        format!("m.{}.{}.r.{run}", self.namespace, self.name)
    }

    /// What the keys of all heads and claims of the application start with.
    #[must_use]
    pub fn members(&self) -> String {
        format!("m.{}.{}.", self.namespace, self.name)
    }

    /// Whether both are applications of one name, wherever they are.
    #[must_use]
    pub fn is_namesake(&self, other: &Self) -> bool {
        self.name == other.name && self.namespace != other.namespace
    }

    /// The key of a shard.
    #[must_use]
    pub fn shard(&self, digest: &Fingerprint) -> String {
        format!("{}{digest}", self.shards())
    }

    /// What the keys of all shards of the application start with.
    #[must_use]
    pub fn shards(&self) -> String {
        format!("s.{}.{}.", self.namespace, self.name)
    }
}

fn namespace_key(namespace: &Namespace) -> String {
    Fingerprint::of_fields(&[b"namespace", namespace.as_str().as_bytes()]).short()
}

/// What the keys of all heads and claims of all namespaces start with.
pub(super) const ALL_MEMBERS: &str = "m.";

/// What the keys of all heads and claims of a namespace start with.
pub(super) fn members(namespace: &Namespace) -> String {
    format!("m.{}.", namespace_key(namespace))
}

/// A run: 16 random hex digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct RunId(String);

impl RunId {
    /// The run with this number; numbers are drawn at random.
    #[must_use]
    pub fn new(number: u64) -> Self {
        Self(format!("{number:016x}"))
    }

    fn parse(text: &str) -> Option<Self> {
        (text.len() == 16 && text.chars().all(|c| HEX.contains(c))).then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a key of `m.` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Member {
    Head(AppKey, RunId),
    Claim(AppKey, RunId),
}

impl Member {
    /// Whose it is.
    pub(super) fn app(&self) -> &AppKey {
        match self {
            Self::Head(app, _) | Self::Claim(app, _) => app,
        }
    }
}

/// Reads a key of a head or a claim; anything else is none of ours.
pub(super) fn parse_member(key: &str) -> Option<Member> {
    let parts: Vec<&str> = key.split('.').collect();
    let ["m", namespace, name, kind, run] = parts[..] else { return None };
    let app = AppKey { namespace: RunId::parse(namespace)?.0, name: RunId::parse(name)?.0 };
    let run = RunId::parse(run)?;
    match kind {
        "h" => Some(Member::Head(app, run)),
        "r" => Some(Member::Claim(app, run)),
        _ => None,
    }
}

/// A listing of `prefix` was cut: the longer prefixes that together cover every key a record can have below it.
pub(super) fn narrower(prefix: &str) -> Vec<String> {
    // m.<16>.<16>.<h|r>.<16> and s.<16>.<16>.<64>: a digit everywhere but at the dots and the one letter.
    let position = prefix.len();
    let member = prefix.starts_with('m');
    let next = match position {
        1 | 18 | 35 => ".",
        36 if member => "hr",
        37 if member => ".",
        _ => HEX,
    };
    next.chars().map(|c| format!("{prefix}{c}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::AppName;

    #[test]
    fn keys_are_read_back_and_narrowed_to_the_end() {
        let app = AppId { namespace: Namespace::new("ns").expect("a name"), name: AppName::new("app").expect("a name") };
        let (key, run) = (AppKey::of(&app), RunId::new(7));
        assert_eq!(parse_member(&key.head(&run)), Some(Member::Head(key.clone(), run.clone())));
        assert_eq!(parse_member(&key.claim(&run)), Some(Member::Claim(key.clone(), run.clone())));
        for full in [key.head(&run), key.claim(&run), key.shard(&Fingerprint::of_bytes(b"x"))] {
            assert!(full.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.'));
            let mut prefix = full[..2].to_owned();
            while prefix.len() < full.len() {
                let next: Vec<String> = narrower(&prefix).into_iter().filter(|next| full.starts_with(next.as_str())).collect();
                assert_eq!(next.len(), 1, "{prefix}");
                prefix.clone_from(&next[0]);
            }
        }
        assert_eq!(parse_member("m.x.y.h.z"), None);
    }
}
