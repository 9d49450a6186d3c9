//! Which guards a plan trips: judged on the whole plan, before the first write.

use super::change::{Action, Change, Phase, Plan};
use super::guard::Guard;
use super::policy::{DeleteLimit, Policy};
use crate::key::{ItemKey, ItemKind};
use crate::live::{LiveContainer, container_name};
use crate::state::{DOCKER, Desired, Observed, UnreadableRecord};

/// Without `--max-delete`, this many deletions are never too many.
const FEW: u64 = 10;

/// All guards that the plan trips.
pub(super) fn judge(plan: &Plan, desired: &Desired, observed: &Observed, policy: &Policy) -> Vec<Guard> {
    let deletions: Vec<&Change> = plan.changes.iter().filter(|change| change.action == Action::Delete).collect();
    let mut guards: Vec<Guard> = Vec::new();
    guards.extend(unreadable(plan, observed));
    guards.extend(conflicts(plan));
    guards.extend(shared_containers(plan, desired, observed));
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
    let guard = |record: &UnreadableRecord| {
        let UnreadableRecord { key, held_by, ours, reason, newer } = record.clone();
        Guard::Unreadable { key, held_by, ours, newer, reason }
    };
    observed.unreadable.iter().map(guard).collect()
}

/// Items of others, and what is in the way of ours: [`super::blockers`] leaves the latter in the phase in which it would have been cleared.
fn conflicts(plan: &Plan) -> Vec<Guard> {
    let conflicts = plan.changes.iter().filter(|change| change.action == Action::Conflict);
    let (blocked, owned): (Vec<&Change>, Vec<&Change>) = conflicts.partition(|change| change.phase == Phase::Clear);
    let first = |changes: &[&Change]| changes.first().map(|change| (changes.len() as u64, change.key.to_string(), change.reason.clone()));
    let owned = first(&owned).map(|(count, first, reason)| Guard::Conflict { count, first, reason });
    let blocked = first(&blocked).map(|(count, first, reason)| Guard::Blocked { count, first, reason });
    owned.into_iter().chain(blocked).collect()
}

/// Deploying a function removes the container of any other one that the server has the same name for.
fn shared_containers(plan: &Plan, desired: &Desired, observed: &Observed) -> Vec<Guard> {
    let namespace = plan.app.namespace.as_str();
    let started = plan.changes.iter().filter(|change| change.action.writes_item() && change.action != Action::Delete);
    let started = started.filter(|change| desired.functions.get(&change.key).is_some_and(|function| function.runtime == DOCKER));
    let shared = started.filter_map(|change| {
        let path = &change.key.name;
        let name = container_name(namespace, path);
        let same = |other: &&LiveContainer| other.namespace == namespace && other.path == *path;
        let mut others = observed.containers.iter().filter(|other| !same(other));
        let other = others.find(|other| container_name(&other.namespace, &other.path) == name)?;
        Some(Guard::SharedContainer { path: path.clone(), other: format!("/{}{}", other.namespace, other.path), container: name })
    });
    shared.collect()
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
