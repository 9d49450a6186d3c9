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

impl Holder {
    /// This process.
    #[must_use]
    pub fn this_process() -> Self {
        let pid = std::process::id();
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let actor = ["ZERVERLESS_ACTOR", "GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER", "LOGNAME"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
            .unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()));
        Self { host, boot: boot(), pid, start: started(pid), actor }
    }

    /// Whether this process ran on this machine and is surely gone. Of other machines nothing is known.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        let here = boot();
        !here.is_empty() && self.boot == here && self.start.is_some() && started(self.pid) != self.start
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {} (process {})", printable(&self.actor), printable(&self.host), self.pid)
    }
}

/// Processes of two boots, or of two containers of one machine, can have one id: only equal text makes ids comparable.
fn boot() -> String {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let namespace = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    if boot.is_empty() || namespace.as_os_str().is_empty() {
        return String::new();
    }
    format!("{} {}", boot.trim(), namespace.display())
}

/// Field 22 of `/proc/<pid>/stat`; the name in field 2 may hold spaces and parentheses.
fn started(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let after_name = &stat[stat.rfind(')')? + 1..];
    let mut fields = after_name.split_ascii_whitespace();
    // A zombie has ended: nobody collected it yet.
    let state = fields.next()?;
    if matches!(state, "Z" | "X") { None } else { fields.nth(18)?.parse().ok() }
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
    /// Moves every ten seconds while the run is alive.
    pub counter: u64,
}

impl Claim {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_gone_only_when_this_machine_says_so() {
        let here = Holder::this_process();
        assert!(!here.is_gone(), "this process is alive");
        assert!(Holder { pid: u32::MAX - 1, ..here.clone() }.is_gone());
        assert!(Holder { start: here.start.map(|start| start + 1), ..here.clone() }.is_gone(), "the id was used again");
        assert!(!Holder { boot: "another machine".to_owned(), pid: u32::MAX - 1, ..here }.is_gone());
    }
}
