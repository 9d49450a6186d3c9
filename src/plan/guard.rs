//! Guards: why a plan must not be applied as it stands, with the numbers and the flag that lifts it.

use std::fmt;

use serde::Serialize;

use super::change::{Action, Change, Plan};
use super::policy::{DeleteLimit, Policy};
use crate::key::{ItemKey, ItemKind, printable};
use crate::state::{Desired, Observed};

/// Without `--max-delete`, this many deletions are never too many.
const FEW: u64 = 10;

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
    /// A record cannot be read.
    Unreadable {
        /// Its key.
        key: String,
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
            Self::Held { .. } => "if going on is meant, say `--allow-older`".to_owned(),
            Self::Conflict { .. } => "change one of the two manifests, or seize the items with `--take-over`".to_owned(),
            Self::Unreadable { key, .. } => format!(
                "nothing is touched while it is there; if it cannot be restored, remove it with \
                 `curl -X DELETE <server>/api/db/{}/{key}` and sync with `--adopt`",
                crate::record::RECORD_NAMESPACE
            ),
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
            Self::Unreadable { key, reason } => write!(f, "the record `{}` {}", printable(key), printable(reason)),
        }
    }
}

fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// All guards that the plan trips.
pub(super) fn judge(plan: &Plan, desired: &Desired, observed: &Observed, policy: &Policy) -> Vec<Guard> {
    let deletions: Vec<&Change> = plan.changes.iter().filter(|change| change.action == Action::Delete).collect();
    let mut guards: Vec<Guard> = Vec::new();
    guards.extend(unreadable(plan, observed));
    guards.extend(conflict(plan));
    guards.extend(from_head(plan, observed, policy));
    guards.extend(first_contact(plan, observed, policy));
    guards.extend([ItemKind::Function, ItemKind::StaticFile].into_iter().filter_map(|kind| emptied(kind, &deletions, desired, policy)));
    guards.extend(many(deletions.len() as u64, observed, policy));
    guards
}

fn unreadable(plan: &Plan, observed: &Observed) -> Vec<Guard> {
    if !plan.writes() && observed.head.is_some() {
        return Vec::new();
    }
    observed.unreadable.iter().map(|(key, reason)| Guard::Unreadable { key: key.clone(), reason: reason.clone() }).collect()
}

fn conflict(plan: &Plan) -> Option<Guard> {
    let conflicts: Vec<&Change> = plan.changes.iter().filter(|change| change.action == Action::Conflict).collect();
    let first = conflicts.first()?;
    Some(Guard::Conflict { count: conflicts.len() as u64, first: first.key.to_string(), reason: first.reason.clone() })
}

fn from_head(plan: &Plan, observed: &Observed, policy: &Policy) -> Vec<Guard> {
    let Some(head) = &observed.head else { return Vec::new() };
    let mut guards = Vec::new();
    if head.source != policy.source && !policy.rebind {
        guards.push(Guard::OtherSource { recorded: head.source.clone(), given: policy.source.clone() });
    }
    if policy.allow_older || policy.local {
        return guards;
    }
    if let Some(hold) = &head.hold {
        guards.push(Guard::Held { reason: hold.reason.clone(), actor: hold.actor.clone(), at: hold.at.clone() });
    }
    if let (Some(commit), Some(newest)) = (&policy.commit, head.applied.first())
        && commit != newest
        && head.applied.contains(commit)
        && plan.has_changes()
    {
        guards.push(Guard::Older { commit: commit.clone(), newest: newest.clone() });
    }
    guards
}

fn first_contact(plan: &Plan, observed: &Observed, policy: &Policy) -> Option<Guard> {
    if observed.has_record || policy.adopt {
        return None;
    }
    let unowned = |action| plan.changes.iter().filter(|change| change.unowned && change.action == action).count() as u64;
    let (changes, deletions) = (unowned(Action::Update) + unowned(Action::Replace), unowned(Action::Delete));
    (changes + deletions > 0).then_some(Guard::FirstContact { changes, deletions })
}

fn emptied(kind: ItemKind, deletions: &[&Change], desired: &Desired, policy: &Policy) -> Option<Guard> {
    let gone = deletions.iter().filter(|change| change.key.kind == kind).count() as u64;
    let declared = match kind {
        ItemKind::Function => desired.functions.len(),
        ItemKind::StaticFile => desired.files.len(),
    };
    (gone > 0 && declared == 0 && !policy.allow_empty).then_some(Guard::Emptied { kind, count: gone })
}

fn many(deletions: u64, observed: &Observed, policy: &Policy) -> Option<Guard> {
    let ours = |key: &ItemKey| observed.owned.contains_key(key) || observed.neighbour(key).is_none();
    let of = observed.live().filter(|key| ours(key)).count() as u64;
    let too_many = |limit: Option<String>| Some(Guard::Many { deletions, of, limit });
    match policy.max_delete {
        None if deletions > FEW && deletions * 2 > of => too_many(None),
        Some(DeleteLimit::Count(limit)) if deletions > limit => too_many(Some(limit.to_string())),
        Some(DeleteLimit::Percent(limit)) if deletions * 100 > of * limit => too_many(Some(format!("{limit}%"))),
        _ => None,
    }
}
