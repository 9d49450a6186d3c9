//! Claims: a run at work.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::envelope::{RecordError, open, seal};
use super::head::belongs;
use super::names::AppKey;
use crate::fingerprint::Fingerprint;
use crate::key::printable;

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// It may still go away without having written anything.
    Preparing,
    /// It writes what its shards intend.
    Applying,
    /// It was declared dead and found out; what it wrote is in its shards.
    Dead,
}

/// A process, as precisely as the machine lets us name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Host name.
    pub host: String,
    /// Which boot of which machine, and which process namespace in it; empty where the system does not say.
    pub boot: String,
    /// Process id.
    pub pid: u32,
    /// When the process started, in the kernel's ticks; process ids are used again.
    pub start: Option<u64>,
    /// User name.
    pub actor: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {} (process {})", printable(&self.actor), printable(&self.host), self.pid)
    }
}

/// The value of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Of the application.
    pub namespace: String,
    /// Of the application.
    pub name: String,
    /// Who runs.
    pub holder: Holder,
    /// How far it is.
    pub phase: Phase,
    /// What will be recorded when all goes well.
    pub shards: Vec<Fingerprint>,
    /// Moves every ten seconds while the run is alive; [`Claim::OVER`] when it will surely write nothing more.
    pub counter: u64,
}

impl Claim {
    /// The last value of a counter: what the claim says will not become more, and the next run resolves it for good.
    pub const OVER: u64 = u64::MAX;

    /// The value as it is stored.
    #[must_use]
    pub fn seal(&self) -> String {
        seal(self)
    }

    /// Reads a value that was stored for `app`.
    pub(super) fn open(app: &AppKey, value: &str) -> Result<Self, RecordError> {
        let claim: Self = open(value)?;
        belongs(app, &claim.namespace, &claim.name)?;
        Ok(claim)
    }
}
