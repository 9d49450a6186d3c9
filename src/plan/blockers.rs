//! On the server a name is a file or a directory. What is in the way of a declared file has to go first.

use std::collections::BTreeSet;
use std::ops::Bound;

use super::change::{Action, Change, Phase, Plan};
use super::policy::Policy;
use crate::key::{ItemKey, ItemKind, printable};
use crate::state::{Desired, Observed};

/// Moves deletions of what is in the way to the front, and turns what must not be deleted into conflicts.
pub(super) fn clear(plan: &mut Plan, desired: &Desired, observed: &Observed, policy: &Policy) {
    let declared: BTreeSet<&str> = desired.files.keys().map(|key| key.name.as_str()).collect();
    let undeclared = observed.files.iter().filter(|name| !declared.contains(name.as_str()));
    let blocking: Vec<(&String, String)> = undeclared.filter_map(|name| Some((name, blocks(name, &declared)?))).collect();
    for (name, wanted) in blocking {
        let key = ItemKey::live(ItemKind::StaticFile, name);
        let ours = observed.owned.get(&key).filter(|_| observed.neighbour(&key).is_none());
        let listed = plan.changes.iter_mut().find(|change| change.key == key);
        let wanted = printable(&wanted);
        match (listed, ours) {
            (Some(change), _) if change.action == Action::Delete => change.phase = Phase::Clear,
            (Some(change), _) => {
                change.action = Action::Conflict;
                change.phase = Phase::Clear;
                change.reason = format!("is in the way of `{wanted}`: on the server a name is a file or a directory");
            }
            (None, Some(owned)) if policy.no_prune => {
                let reason = format!("makes room for `{wanted}`");
                plan.changes.push(Change { size: owned.size, phase: Phase::Clear, ..bare(key, Action::Delete, reason) });
                plan.summary.unchanged -= 1;
            }
            (None, _) => {
                let other = observed.neighbour(&key).map_or("another application", |(name, _)| name);
                let reason = format!("belongs to the application `{}` and is in the way of `{wanted}`", printable(other));
                plan.changes.push(Change { phase: Phase::Clear, ..bare(key, Action::Conflict, reason) });
            }
        }
    }
}

fn bare(key: ItemKey, action: Action, reason: String) -> Change {
    let (before, after) = (None, None);
    Change { phase: Phase::Record, key, action, reason, before, after, size: 0, unowned: false, seizure: 0, code: None }
}

/// The declared file that a live file is in the way of.
fn blocks(live: &str, declared: &BTreeSet<&str>) -> Option<String> {
    let above = live.match_indices('/').map(|(at, _)| &live[..at]).find(|dir| declared.contains(dir));
    let below = || {
        let prefix = format!("{live}/");
        let next = declared.range::<str, _>((Bound::Included(prefix.as_str()), Bound::Unbounded)).next();
        next.copied().filter(|name| name.starts_with(&prefix))
    };
    above.or_else(below).map(str::to_owned)
}
