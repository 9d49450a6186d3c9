//! What happened, as it happens: the only way the core speaks while it works.
//!
//! The core sends events and never prints; a [`Reporter`] shows them and never decides.

use std::time::Duration;

use crate::key::ItemKey;

/// A stretch of work that may take more than a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Fetching a commit from a remote repository.
    Fetch,
    /// Reading and hashing the files of the source.
    Hash,
    /// Reading what is live, and the records.
    Observe,
    /// Downloading files to compare them byte by byte.
    Verify,
    /// Building and pulling images.
    Build,
    /// Sending changes.
    Apply,
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// A stage begins; `items` and `bytes` are what it will do, as far as known (0: unknown).
    StageStarted {
        /// Which.
        stage: Stage,
        /// How many items.
        items: u64,
        /// How many bytes.
        bytes: u64,
    },
    /// Part of the running stage is done.
    Progress {
        /// Items finished since the last event.
        items: u64,
        /// Bytes handled since the last event.
        bytes: u64,
    },
    /// The running stage is over.
    StageFinished(Stage),
    /// A request failed and is sent again after `wait`.
    Retry {
        /// Method and path of the request.
        endpoint: String,
        /// What went wrong.
        reason: String,
        /// How long it waits.
        wait: Duration,
    },
    /// A build or pull goes on.
    Building {
        /// Of which function's image.
        path: String,
        /// What the engine says.
        line: String,
        /// A new step begins.
        is_step: bool,
    },
    /// A change ended well.
    Applied {
        /// Of which item.
        key: ItemKey,
        /// In the past tense: created, updated, deleted.
        done: &'static str,
    },
    /// Another run holds the application, and this one waits for it.
    Waiting {
        /// Who holds it.
        holder: String,
    },
    /// Something the user should know that does not stop the run.
    Warning(String),
}

/// Shows events. It is called from several threads at once.
pub trait Reporter: Send + Sync {
    /// Takes one event; must not block for long.
    fn event(&self, event: &Event);
}

/// Shows nothing.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Reporter for Silent {
    fn event(&self, _event: &Event) {}
}
