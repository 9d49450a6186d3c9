//! The table of design §5: declared, live, recorded → action.

use std::collections::BTreeSet;

use super::blockers;
use super::change::{Action, Change, CodeChange, Phase, Plan, Summary};
use super::directories;
use super::judge;
use super::policy::Policy;
use crate::fingerprint::Fingerprint;
use crate::key::{ItemKey, ItemKind, printable};
use crate::record::Owned;
use crate::state::{DOCKER, Desired, FileContent, Observed, ServeOrder};

/// What to do so that what is there becomes what is declared.
#[must_use]
pub fn compute(desired: &Desired, observed: &Observed, policy: &Policy) -> Plan {
    let mut plan = Plan {
        app: desired.app.clone(),
        changes: Vec::new(),
        summary: Summary::default(),
        clear_directories: Vec::new(),
        prune_directories: Vec::new(),
        not_ours: 0,
        warnings: Vec::new(),
        guards: Vec::new(),
        record_is_behind: false,
    };
    let mut keys: BTreeSet<ItemKey> = observed.live().chain(observed.owned.keys().cloned()).collect();
    keys.extend(desired.keys().cloned());
    let table = Table { desired, observed, policy };
    for key in keys {
        match table.decide(&key) {
            Decision::Keep => plan.summary.unchanged += 1,
            Decision::NotOurs => plan.not_ours += 1,
            Decision::Change(change) => plan.changes.push(change),
        }
    }
    blockers::clear(&mut plan, desired, observed, policy);
    plan.changes.sort_by(|a, b| (a.phase, &a.key).cmp(&(b.phase, &b.key)));
    directories::fill(&mut plan, desired, observed);
    for change in &plan.changes {
        plan.summary.count(change.action);
    }
    plan.warnings = warnings(&plan, observed);
    plan.warnings.extend(renamed(&plan, observed, policy));
    plan.record_is_behind = record_is_behind(&plan, observed, policy);
    plan.guards = judge::judge(&plan, desired, observed, policy);
    plan
}

enum Decision {
    Keep,
    NotOurs,
    Change(Change),
}

struct Table<'a> {
    desired: &'a Desired,
    observed: &'a Observed,
    policy: &'a Policy,
}

impl Table<'_> {
    fn decide(&self, key: &ItemKey) -> Decision {
        match self.desired.content(key) {
            Some((fingerprint, size)) => self.declared(key, fingerprint, size),
            None => self.undeclared(key),
        }
    }

    fn declared(&self, key: &ItemKey, fingerprint: Fingerprint, size: u64) -> Decision {
        let owned = self.observed.owned.get(key);
        let live = self.observed.is_live(key);
        let equal = live && self.observed.content(key) == Some(fingerprint) && !self.container_in_doubt(key);
        let put = match live {
            false => Action::Create,
            true if self.has_container(key) => Action::Replace,
            true => Action::Update,
        };
        let change = |action, reason: String, seizure| {
            let unowned = live && owned.is_none() && self.observed.neighbour(key).is_none();
            let downtime = if action == Action::Replace { "; it is away while its container is replaced" } else { "" };
            let base = Change { size, after: Some(fingerprint), unowned, seizure, ..self.change(key, action, reason + downtime) };
            Decision::Change(base)
        };
        if let Some((other, seizure)) = self.observed.neighbour(key)
            && !self.observed.is_ours(key)
        {
            let action = if equal { Action::Adopt } else { put };
            return if self.policy.take_over.allows(other) {
                change(action, format!("taken over from the application `{}`", printable(other)), seizure.saturating_add(1))
            } else {
                change(Action::Conflict, format!("belongs to the application `{}`", printable(other)), 0)
            };
        }
        let seizure = owned.map_or(0, |owned| owned.seizure);
        match owned {
            Some(_) if equal => Decision::Keep,
            None if equal => change(Action::Adopt, "already there with this content".to_owned(), 0),
            Some(_) if !live => change(put, "was removed by somebody else".to_owned(), seizure),
            Some(owned) => change(put, self.why_different(key, owned, fingerprint), seizure),
            None if live => change(put, "placed by hand, with another content".to_owned(), 0),
            None => change(put, "new".to_owned(), 0),
        }
    }

    /// Whether the function is a container, or is to become one: the server goes on with the old container until its function is deleted.
    fn has_container(&self, key: &ItemKey) -> bool {
        let declared = self.desired.functions.get(key).is_some_and(|function| function.runtime == DOCKER);
        declared || (key.kind == ItemKind::Function && self.observed.functions.get(&key.name).is_some_and(|live| live.runtime == DOCKER))
    }

    /// The listing names the declared image, and another one may be running: the server starts containers on its own terms.
    fn container_in_doubt(&self, key: &ItemKey) -> bool {
        let Some(owned) = self.observed.owned.get(key).filter(|_| self.has_container(key)) else { return false };
        let live = self.observed.functions.get(&key.name).map(|live| &live.created_at);
        owned.fingerprint.is_none() || owned.created_at.as_ref().is_some_and(|recorded| Some(recorded) != live)
    }

    fn why_different(&self, key: &ItemKey, owned: &Owned, declared: Fingerprint) -> String {
        let Some(recorded) = owned.fingerprint else {
            return "an earlier run ended without knowing what it left there".to_owned();
        };
        match key.kind {
            ItemKind::Function => match self.observed.functions.get(&key.name) {
                Some(live) if live.fingerprint != recorded => {
                    format!("changed by somebody else at {}", printable(&live.created_at))
                }
                Some(live) if live.fingerprint == declared => {
                    format!("deployed anew by somebody else at {}, perhaps with another container", printable(&live.created_at))
                }
                _ => "the declaration changed".to_owned(),
            },
            ItemKind::StaticFile => match self.observed.contents.get(&key.name) {
                Some(FileContent::Proven(live)) if *live != recorded => "changed by somebody else".to_owned(),
                Some(FileContent::Different) => "its content on the server is not what was placed".to_owned(),
                _ => "the content changed".to_owned(),
            },
        }
    }

    fn undeclared(&self, key: &ItemKey) -> Decision {
        let (live, neighbour) = (self.observed.is_live(key), self.observed.neighbour(key));
        let forget = |reason: String| Decision::Change(self.change(key, Action::Forget, reason));
        match (self.observed.owned.get(key), neighbour) {
            (Some(_), Some((other, _))) if !self.observed.is_ours(key) => {
                forget(format!("it is now the application `{}`'s", printable(other)))
            }
            (Some(_), _) if !live => forget("already gone".to_owned()),
            (Some(_), _) if self.policy.no_prune => Decision::Keep,
            (Some(owned), _) => {
                let change = self.change(key, Action::Delete, "no longer declared".to_owned());
                Decision::Change(Change { size: owned.size, ..change })
            }
            (None, Some(_)) => Decision::NotOurs,
            (None, None) => Decision::Change(self.unowned(key)),
        }
    }

    fn unowned(&self, key: &ItemKey) -> Change {
        let mirrored = self.desired.mirrored.as_ref().is_some_and(|prefix| key.name.starts_with(prefix.as_str()));
        let deletes = key.kind == ItemKind::StaticFile && mirrored && !self.policy.keep_unmanaged && !self.policy.no_prune;
        let change = if deletes {
            self.change(key, Action::Delete, "placed by hand; the site mirrors static.dir".to_owned())
        } else {
            self.change(key, Action::Unmanaged, "not placed by any application".to_owned())
        };
        Change { unowned: true, ..change }
    }

    fn change(&self, key: &ItemKey, action: Action, reason: String) -> Change {
        let code = self.code(key, action);
        let before = if self.observed.is_live(key) { self.observed.content(key) } else { None };
        let phase = self.phase(key, action);
        Change { phase, key: key.clone(), action, reason, before, after: None, size: 0, unowned: false, seizure: 0, code }
    }

    fn phase(&self, key: &ItemKey, action: Action) -> Phase {
        match (action, key.kind) {
            (Action::Adopt | Action::Forget | Action::Conflict | Action::Unmanaged, _) => Phase::Record,
            (Action::Delete, _) => Phase::Prune,
            (_, ItemKind::Function) => Phase::Functions,
            (_, ItemKind::StaticFile) => match self.desired.serve_order(&key.name) {
                ServeOrder::Asset => Phase::Assets,
                ServeOrder::Page => Phase::Pages,
                ServeOrder::Index => Phase::Index,
            },
        }
    }

    fn code(&self, key: &ItemKey, action: Action) -> Option<CodeChange> {
        if key.kind != ItemKind::Function || !action.writes_item() {
            return None;
        }
        let before = self.observed.functions.get(&key.name).and_then(|function| function.code.clone());
        let after = self.desired.functions.get(key).map(|function| function.code.clone());
        Some(CodeChange { before, after })
    }
}

/// A call that no function matches exactly goes to the longest one above it (server.md tI2).
fn warnings(plan: &Plan, observed: &Observed) -> Vec<String> {
    let gone = |change: &&Change| change.action == Action::Delete && change.key.kind == ItemKind::Function;
    let deleted: BTreeSet<&str> = plan.changes.iter().filter(gone).map(|change| change.key.name.as_str()).collect();
    let staying: Vec<&String> = observed.functions.keys().filter(|name| !deleted.contains(name.as_str())).collect();
    let mut warnings = Vec::new();
    let by_server = observed.functions.iter().find(|(_, function)| function.created_at.starts_with("0001-"));
    if let Some((name, _)) = by_server {
        let name = printable(name);
        warnings.push(format!("`{name}` was placed by the server's own GitOps: two tools on one namespace undo each other's work"));
    }
    for name in &deleted {
        let above = staying.iter().filter(|above| name.strip_prefix(above.as_str()).is_some_and(|rest| rest.starts_with('/')));
        if let Some(next) = above.max_by_key(|name| name.len()) {
            let (gone, next) = (printable(name), printable(next));
            warnings.push(format!("after `{gone}` is deleted, calls to it reach `{next}`"));
        }
    }
    warnings
}

/// Another application was synced from the very place this one comes from: it had another name. What it owns is not forgotten.
fn renamed(plan: &Plan, observed: &Observed, policy: &Policy) -> Vec<String> {
    let former = observed.neighbours.iter().filter(|app| app.source.as_ref() == Some(&policy.source) && !policy.source.is_empty());
    let told = former.map(|app| {
        let (name, count) = (printable(&app.name), app.owns.keys().filter(|key| !observed.is_ours(key)).count());
        let there = format!("{}/{name}", plan.app.namespace);
        format!(
            "the application `{name}` was synced from this same place and still owns {count} items: if it has a new name, `--take-over={name}` \
             seizes what is declared, then `destroy {there}` removes the rest and `release {there}` leaves it"
        )
    });
    told.collect()
}

fn record_is_behind(plan: &Plan, observed: &Observed, policy: &Policy) -> bool {
    if observed.unsettled || observed.restarted {
        return true;
    }
    let Some(head) = &observed.head else { return false };
    // A commit that changes nothing is noted, so that going back to the one before it is seen as going back. An older one is not: it would
    // count as the newest then.
    let new_commit = policy.commit.as_ref().is_some_and(|commit| !head.applied.contains(commit));
    let moved = head.source != policy.source;
    !plan.has_changes() && (moved || (new_commit && !policy.local))
}
