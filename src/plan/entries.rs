//! What the record will say: before a run, of what it intends; after it, of what is true.

use std::collections::BTreeMap;

use super::change::{Action, Change, Plan};
use crate::key::{ItemKey, ItemKind};
use crate::live::LiveFunctions;
use crate::record::Entry;
use crate::state::{Desired, Observed};

/// How a change ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemOutcome {
    /// As planned; with the server's `created_at` of a function.
    Done(Option<String>),
    /// It may or may not have been carried out.
    Failed(String),
    /// It was not begun, and why.
    Skipped(&'static str),
    /// It turned out to be somebody else's by now, and was left alone.
    Left(String),
}

/// The entries that hold when the changes end as `outcomes` says; changes it does not name end as planned.
#[must_use]
pub fn after(plan: &Plan, desired: &Desired, observed: &Observed, outcomes: &BTreeMap<ItemKey, ItemOutcome>) -> Vec<Entry> {
    let mut entries: BTreeMap<ItemKey, Entry> = observed.owned.iter().map(|(key, owned)| (key.clone(), owned.entry(key))).collect();
    // What is declared, recorded and not changed was found to be as declared.
    for key in desired.keys().filter(|key| observed.owned.contains_key(*key)) {
        let created_at = observed.functions.get(&key.name).filter(|_| key.kind == ItemKind::Function).map(|live| live.created_at.clone());
        let seizure = entries.get(key).map_or(0, |entry| entry.seizure);
        entries.extend(declared(desired, key, created_at, seizure));
    }
    let as_planned = ItemOutcome::Done(None);
    for change in &plan.changes {
        let outcome = outcomes.get(&change.key).unwrap_or(&as_planned);
        match entry_after(change, desired, observed, outcome) {
            After::Entry(entry) => drop(entries.insert(change.key.clone(), entry)),
            After::Nothing => drop(entries.remove(&change.key)),
            After::AsBefore => match observed.owned.get(&change.key) {
                Some(owned) => drop(entries.insert(change.key.clone(), owned.entry(&change.key))),
                None => drop(entries.remove(&change.key)),
            },
        }
    }
    entries.into_values().collect()
}

enum After {
    Entry(Entry),
    Nothing,
    AsBefore,
}

fn entry_after(change: &Change, desired: &Desired, observed: &Observed, outcome: &ItemOutcome) -> After {
    let placed =
        |created_at| declared(desired, &change.key, created_at, change.seizure).map_or(After::Nothing, |(_, entry)| After::Entry(entry));
    match (change.action, outcome) {
        (Action::Conflict | Action::Unmanaged, _) | (_, ItemOutcome::Skipped(_)) => After::AsBefore,
        (Action::Forget, _) | (Action::Delete, ItemOutcome::Done(_)) | (_, ItemOutcome::Left(_)) => After::Nothing,
        (Action::Delete, ItemOutcome::Failed(_)) => After::AsBefore,
        (Action::Adopt, _) => {
            placed(observed.functions.get(&change.key.name).filter(|_| change.key.kind == ItemKind::Function).map(|f| f.created_at.clone()))
        }
        (Action::Create | Action::Update | Action::Replace, ItemOutcome::Done(created_at)) => placed(created_at.clone()),
        // It may be there now, with either content: owned, and written again by the next run.
        (Action::Create | Action::Update | Action::Replace, ItemOutcome::Failed(_)) => {
            let (key, seizure, generation) = (change.key.clone(), change.seizure, desired.generation(&change.key));
            After::Entry(Entry { key, fingerprint: None, size: change.size, created_at: None, seizure, generation })
        }
    }
}

/// The entries of an application whose live items are all as declared: what a run with nothing to do expects to find recorded.
#[must_use]
pub fn expected(desired: &Desired, functions: &LiveFunctions) -> Vec<Entry> {
    let created_at = |key: &ItemKey| functions.own.get(&key.name).filter(|_| key.kind == ItemKind::Function).map(|f| f.created_at.clone());
    desired.keys().filter_map(|key| declared(desired, key, created_at(key), 0)).map(|(_, entry)| entry).collect()
}

fn declared(desired: &Desired, key: &ItemKey, created_at: Option<String>, seizure: u32) -> Option<(ItemKey, Entry)> {
    let (fingerprint, size) = desired.content(key)?;
    let generation = desired.generation(key);
    Some((key.clone(), Entry { key: key.clone(), fingerprint: Some(fingerprint), size, created_at, seizure, generation }))
}
