//! What a plan consists of.

use serde::Serialize;

use super::guard::Guard;
use crate::fingerprint::Fingerprint;
use crate::key::{AppId, ItemKey};

/// What happens to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is not there, and is put.
    Create,
    /// It is there with another content, and is put again.
    Update,
    /// It has to go before it can be put again: it is away for a moment.
    Replace,
    /// It is there as declared: only the record takes note.
    Adopt,
    /// It goes.
    Delete,
    /// Only the record lets go of it.
    Forget,
    /// It belongs to another application: nothing happens at all.
    Conflict,
    /// Nobody recorded it: it is left alone.
    Unmanaged,
}

impl Action {
    /// Whether it sends something about the item itself.
    #[must_use]
    pub fn writes_item(self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::Replace | Self::Delete)
    }

    /// Whether a sync does anything for it, if only in the record.
    #[must_use]
    pub fn is_pending(self) -> bool {
        self.writes_item() || matches!(self, Self::Adopt | Self::Forget)
    }
}

/// When a change is made: each phase begins when the one before it is through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Files in the way of directories, and the other way round.
    Clear,
    /// Files that pages need.
    Assets,
    /// Functions.
    Functions,
    /// `*.html`.
    Pages,
    /// The root `index.html`.
    Index,
    /// What is no longer declared, when all else went well.
    Prune,
    /// Nothing is sent.
    Record,
}

/// The code of a function before and after, for a line diff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeChange {
    /// What is live; none when there is nothing, or too much to show.
    pub before: Option<String>,
    /// What is declared; none when it is deleted.
    pub after: Option<String>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// When.
    pub phase: Phase,
    /// Of which item.
    #[serde(skip)]
    pub key: ItemKey,
    /// What happens.
    pub action: Action,
    /// Why, in words.
    pub reason: String,
    /// Fingerprint of what is live, where it is known.
    pub before: Option<Fingerprint>,
    /// Fingerprint of what is declared.
    pub after: Option<Fingerprint>,
    /// Bytes of what is declared; of what is recorded for a deletion.
    pub size: u64,
    /// Whether nobody recorded the item although it is live.
    pub unowned: bool,
    /// What the record will say: see `record::Entry::seizure`.
    pub seizure: u32,
    /// For people; not part of the serialised plan.
    #[serde(skip)]
    pub code: Option<CodeChange>,
}

/// How many changes of which kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// To create.
    pub create: u64,
    /// To update.
    pub update: u64,
    /// To replace.
    pub replace: u64,
    /// To take into the record.
    pub adopt: u64,
    /// To delete.
    pub delete: u64,
    /// To strike from the record.
    pub forget: u64,
    /// Declared, ours and as they should be; with `--no-prune` also what stays although it is no longer declared.
    pub unchanged: u64,
    /// In the hands of another application.
    pub conflict: u64,
    /// Left alone.
    pub unmanaged: u64,
    /// That did not end well; only after a sync.
    pub failed: u64,
    /// That were not begun; only after a sync.
    pub skipped: u64,
}

impl Summary {
    /// Counts one change.
    pub fn count(&mut self, action: Action) {
        *match action {
            Action::Create => &mut self.create,
            Action::Update => &mut self.update,
            Action::Replace => &mut self.replace,
            Action::Adopt => &mut self.adopt,
            Action::Delete => &mut self.delete,
            Action::Forget => &mut self.forget,
            Action::Conflict => &mut self.conflict,
            Action::Unmanaged => &mut self.unmanaged,
        } += 1;
    }
}

/// Everything a sync will do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// Whose namespace and name.
    pub app: AppId,
    /// In the order they are made.
    pub changes: Vec<Change>,
    /// Counts of them.
    pub summary: Summary,
    /// Directories of the server that the clearing leaves empty and that are in the way, deepest first.
    pub clear_directories: Vec<String>,
    /// Directories of the server that the pruning leaves empty, deepest first.
    pub prune_directories: Vec<String>,
    /// Items of other applications, which are none of our business.
    pub not_ours: u64,
    /// What somebody should know before it happens.
    pub warnings: Vec<String>,
    /// Why it must not be applied.
    pub guards: Vec<Guard>,
    /// The record is behind although no item changes: a new commit, a new source, or what a dead run left.
    pub record_is_behind: bool,
}

impl Plan {
    /// Whether a sync would change any item, or what is recorded of one.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        self.changes.iter().any(|change| change.action.is_pending())
    }

    /// Whether a sync would send anything but reads.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.has_changes() || self.record_is_behind
    }
}
