//! How the last look at an application ended, and its runs.

use serde::{Deserialize, Serialize};

/// Whether what is live is what the source declares.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SyncState {
    /// It is.
    Synced,
    /// It is not, or a safety rule or a mistake in the manifest keeps it from being so.
    OutOfSync,
    /// Nobody could tell.
    #[default]
    Unknown,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operation {
    /// None was begun yet.
    #[default]
    Pending,
    /// It goes on.
    Running,
    /// All was done.
    Succeeded,
    /// Some of it was done.
    Partial,
    /// Nothing was done.
    Failed,
}

/// How many items a run changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// Created.
    pub created: u64,
    /// Updated or replaced.
    pub updated: u64,
    /// Deleted.
    pub deleted: u64,
    /// Failed, or not begun.
    pub failed: u64,
}

/// What is known of an application.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition {
    /// Whether it is as declared.
    pub sync: SyncState,
    /// How the last run ended.
    pub operation: Operation,
    /// The commit that was looked at last.
    pub revision: Option<String>,
    /// What went wrong, and what to do about it.
    pub message: Option<String>,
    /// What the last run that changed something changed.
    pub changes: Option<Changes>,
    /// When it was last found or made as declared, RFC 3339.
    pub last_sync: Option<String>,
}

/// How one look ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ended {
    /// What made it look.
    pub cause: &'static str,
    /// Whether it is as declared now.
    pub sync: SyncState,
    /// How the run ended.
    pub operation: Operation,
    /// The commit; none when it could not be told.
    pub revision: Option<String>,
    /// What went wrong.
    pub message: Option<String>,
    /// What was changed; none when nothing was to be.
    pub changes: Option<Changes>,
    /// How long it took.
    pub took_ms: u64,
}

/// A run in the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastRun {
    /// Counted from 1.
    pub number: u64,
    /// When it ended, RFC 3339.
    pub at: String,
    /// What made it look.
    pub cause: String,
    /// The commit.
    pub revision: Option<String>,
    /// How it ended.
    pub operation: Operation,
    /// What went wrong.
    pub message: Option<String>,
    /// What it changed.
    pub changes: Option<Changes>,
    /// How long it took.
    pub took_ms: u64,
}

macro_rules! words {
    ($kind:ident: $($word:ident),+) => {
        impl $kind {
            /// The word for it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$word => stringify!($word),)+
                }
            }

            /// The value of a word.
            pub(super) fn of(word: &str) -> Option<Self> {
                match word {
                    $(stringify!($word) => Some(Self::$word),)+
                    _ => None,
                }
            }
        }
    };
}

words!(SyncState: Synced, OutOfSync, Unknown);
words!(Operation: Pending, Running, Succeeded, Partial, Failed);
