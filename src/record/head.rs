//! Heads: the state a run left behind.

use serde::{Deserialize, Serialize};

use super::envelope::{RecordError, open, seal};
use super::names::{AppKey, RunId};
use crate::fingerprint::Fingerprint;
use crate::key::AppId;

/// How many runs and applied commits a head remembers.
const HISTORY: usize = 50;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// All changes were applied.
    Succeeded,
    /// Some changes failed.
    Partial,
    /// It was asked to stop before it was through.
    Interrupted,
}

/// How many changes of which kind a run made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Created.
    pub create: u64,
    /// Updated or replaced.
    pub update: u64,
    /// Taken into the record without being sent.
    pub adopt: u64,
    /// Deleted.
    pub delete: u64,
    /// Failed.
    pub failed: u64,
}

/// One run in the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Which.
    pub run: RunId,
    /// When it ended, RFC 3339, by the clock of the machine it ran on.
    pub at: String,
    /// What it applied: a commit, perhaps with `-dirty`; none outside a repository.
    pub revision: Option<String>,
    /// Who: user name.
    pub actor: String,
    /// On which machine.
    pub host: String,
    /// What it did.
    pub counts: Counts,
    /// How it ended.
    pub outcome: Outcome,
}

/// Every sync is refused until it is lifted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Why.
    pub reason: String,
    /// Who set it.
    pub actor: String,
    /// When, RFC 3339.
    pub at: String,
}

/// The value of a head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Version of the program that wrote it.
    pub tool: String,
    /// Of the application.
    pub namespace: String,
    /// Of the application.
    pub name: String,
    /// Which repository and directory, without credentials.
    pub source: String,
    /// The branch, when there was one.
    pub branch: Option<String>,
    /// The commit that was applied last, perhaps with `-dirty`.
    pub revision: Option<String>,
    /// Commits that were applied, the newest first.
    pub applied: Vec<String>,
    /// Set by a rollback.
    pub hold: Option<Hold>,
    /// The last runs, the newest first.
    pub history: Vec<Run>,
    /// Unix seconds when the server had started, by its own clock.
    pub server_start: Option<i64>,
    /// The shards that hold the entries.
    pub shards: Vec<Fingerprint>,
    /// Those of them that the last run wrote: after a restart of the server their files are verified once.
    pub fresh: Vec<Fingerprint>,
    /// Heads and claims that this one resolved.
    pub parents: Vec<RunId>,
}

impl Head {
    /// The value as it is stored.
    #[must_use]
    pub fn seal(&self) -> String {
        seal(self)
    }

    /// Reads a value that was stored for `app`.
    pub(super) fn open(app: &AppKey, value: &str) -> Result<Self, RecordError> {
        let head: Self = open(value)?;
        belongs(app, &head.namespace, &head.name)?;
        Ok(head)
    }

    /// Puts a run, and the commit it applied, in front of those before it.
    pub fn remember(&mut self, run: Run, commit: Option<String>) {
        if let Some(commit) = commit {
            self.applied.retain(|known| *known != commit);
            self.applied.insert(0, commit);
            self.applied.truncate(HISTORY);
        }
        self.history.insert(0, run);
        self.history.truncate(HISTORY);
    }
}

/// Whether a value lies under the key of the application it names.
pub(super) fn belongs(app: &AppKey, namespace: &str, name: &str) -> Result<(), RecordError> {
    let named = crate::key::Namespace::new(namespace).ok().zip(crate::key::AppName::new(name).ok());
    let (namespace, name) = named.ok_or(RecordError::Foreign)?;
    if AppKey::of(&AppId { namespace, name }) == *app { Ok(()) } else { Err(RecordError::Foreign) }
}
