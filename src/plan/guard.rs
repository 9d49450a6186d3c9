//! Guards: why a plan must not be applied as it stands, with the numbers and the flag that lifts it.

use std::fmt;

use serde::Serialize;

use crate::key::{ItemKind, printable};

/// A safety rule that a plan breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "guard")]
pub enum Guard {
    /// The namespace was filled by somebody else, and no record of this application is there.
    FirstContact {
        /// Items placed by hand that would be overwritten.
        changes: u64,
        /// Files placed by hand that would be deleted.
        deletions: u64,
    },
    /// The record was written from another repository or directory.
    OtherSource {
        /// The one that is recorded.
        recorded: String,
        /// The one at hand.
        given: String,
    },
    /// All functions, or all files, would go.
    Emptied {
        /// Which kind.
        kind: ItemKind,
        /// How many there are now.
        count: u64,
    },
    /// More deletions than usual, or than allowed.
    Many {
        /// How many.
        deletions: u64,
        /// Of how many that are live and ours or unowned.
        of: u64,
        /// The limit as given; none for the built-in one.
        limit: Option<String>,
    },
    /// The commit was applied before, and a newer one after it.
    Older {
        /// The one at hand.
        commit: String,
        /// The newest applied.
        newest: String,
    },
    /// A rollback holds the application.
    Held {
        /// Why.
        reason: String,
        /// Who.
        actor: String,
        /// When.
        at: String,
    },
    /// Items of other applications are declared here as well.
    Conflict {
        /// How many.
        count: u64,
        /// One of them.
        first: String,
        /// Why.
        reason: String,
    },
    /// Something is in the way of declared files that must not be deleted.
    Blocked {
        /// How many.
        count: u64,
        /// One of them.
        first: String,
        /// Why.
        reason: String,
    },
    /// The server has one container for this function and for one of another application or namespace.
    SharedContainer {
        /// Of the declared function.
        path: String,
        /// Namespace and path of the live one.
        other: String,
        /// The container's name.
        container: String,
    },
    /// Everything is to go, and nobody is there to be asked.
    Unconfirmed {
        /// How many functions.
        functions: u64,
        /// How many files.
        files: u64,
    },
    /// A record cannot be read.
    Unreadable {
        /// Its key.
        key: String,
        /// The head or claim that names it, or itself.
        held_by: String,
        /// Whether it is this application's.
        ours: bool,
        /// A newer version wrote it.
        newer: bool,
        /// Why.
        reason: String,
    },
}

impl Guard {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::FirstContact { changes: 0, .. } => {
                "`--adopt` takes the namespace over; `--keep-unmanaged` leaves these files alone".to_owned()
            }
            Self::FirstContact { .. } => "look at `diff`, then take the namespace over with `--adopt`".to_owned(),
            Self::OtherSource { .. } => {
                "if the application moved, say `--rebind`; if the manifest was copied, change its name or namespace".to_owned()
            }
            Self::Emptied { .. } => "if that is meant, say `--allow-empty`".to_owned(),
            Self::Many { deletions, .. } => format!("if that is meant, say `--max-delete {deletions}`"),
            Self::Older { .. } => "if going back is meant, say `--allow-older`".to_owned(),
            Self::Held { .. } => "`resume` lifts the hold; to sync once in spite of it, say `--allow-older`".to_owned(),
            Self::Conflict { .. } => "change one of the two manifests, or seize the items with `--take-over`".to_owned(),
            Self::Blocked { .. } => "delete or rename one of the two; `--keep-unmanaged` and `--no-prune` keep it where it is".to_owned(),
            Self::SharedContainer { .. } => {
                "rename the function; if the other one is to go, remove it in a sync of its own first".to_owned()
            }
            Self::Unreadable { newer: true, .. } => "use the version that wrote it, or a newer one".to_owned(),
            Self::Unreadable { ours: false, .. } => {
                "it belongs to another application: sync that one to mend it; nothing is touched meanwhile".to_owned()
            }
            Self::Unreadable { .. } => {
                "nothing is touched while it is there; `repair` rebuilds it from the source and from what is live".to_owned()
            }
            Self::Unconfirmed { .. } => "if that is meant, say `--yes`".to_owned(),
        }
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FirstContact { changes, deletions } => write!(
                f,
                "this application has never been synced here, and {} placed by hand would be {}",
                counted(changes + deletions, "item"),
                match (changes, deletions) {
                    (_, 0) => "overwritten".to_owned(),
                    (0, _) => "deleted".to_owned(),
                    _ => format!("changed ({changes} overwritten, {deletions} deleted)"),
                }
            ),
            Self::OtherSource { recorded, given } => {
                write!(f, "this application was synced from {}, and this source is {}", printable(recorded), printable(given))
            }
            Self::Emptied { kind, count } => {
                write!(f, "the source declares no {}s any more: all {count} would be deleted", kind.noun())
            }
            Self::Many { deletions, of, limit: None } => write!(f, "{deletions} of {of} items would be deleted, more than half"),
            Self::Many { deletions, of, limit: Some(limit) } => {
                write!(f, "{deletions} of {of} items would be deleted; --max-delete allows {limit}")
            }
            Self::Older { commit, newest } => {
                write!(f, "the commit {} was applied before, and {} after it", printable(commit), printable(newest))
            }
            Self::Held { reason, actor, at } => {
                write!(f, "the application is on hold since {} by {}: {}", printable(at), printable(actor), printable(reason))
            }
            Self::Conflict { count: 1, first, reason } => write!(f, "the {first} {reason}"),
            Self::Conflict { count, first, reason } => write!(f, "{count} items are in other hands; the first: the {first} {reason}"),
            Self::Blocked { count: 1, first, reason } => write!(f, "the {first} {reason}"),
            Self::Blocked { count, first, reason } => write!(f, "{count} files are in the way; the first: the {first} {reason}"),
            Self::SharedContainer { path, other, container } => write!(
                f,
                "deploying `{}` would remove the container of `{}`: the server calls both `{}`",
                printable(path),
                printable(other),
                printable(container)
            ),
            Self::Unconfirmed { functions, files } => {
                write!(f, "{} and {} would be deleted", counted(*functions, "function"), counted(*files, "file"))
            }
            Self::Unreadable { key, reason, .. } => write!(f, "the record `{}` {}", printable(key), printable(reason)),
        }
    }
}

fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
