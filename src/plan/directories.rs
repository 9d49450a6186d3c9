//! Directories that deletions leave empty on the server. They are invisible there and block a file of their name (server.md tF4).

use std::collections::BTreeSet;

use super::change::{Action, Phase, Plan};
use crate::key::{ItemKey, ItemKind};
use crate::state::{Desired, Observed};

/// Fills in which directories to remove after clearing and after pruning.
pub(super) fn fill(plan: &mut Plan, desired: &Desired, observed: &Observed) {
    let deleted = |phase: Phase| -> BTreeSet<&str> {
        let deletes = plan.changes.iter().filter(|change| change.action == Action::Delete && change.phase == phase);
        deletes.filter(|change| change.key.kind == ItemKind::StaticFile).map(|change| change.key.name.as_str()).collect()
    };
    let (mut cleared, mut pruned) = (deleted(Phase::Clear), deleted(Phase::Prune));
    // What is recorded and gone: a run that was cut off deleted it, and the directories it left empty are still there.
    for name in vanished(desired, observed) {
        let in_the_way = parents(name).any(|dir| desired.files.contains_key(&ItemKey::live(ItemKind::StaticFile, dir)));
        if in_the_way { &mut cleared } else { &mut pruned }.insert(name);
    }
    let live = || observed.files.iter().map(String::as_str);
    let after_clearing = live().filter(|name| !cleared.contains(name));
    let clear = emptied(&cleared, after_clearing);
    let declared = desired.files.keys().map(|key| key.name.as_str());
    let after_pruning = live().filter(|name| !cleared.contains(name) && !pruned.contains(name)).chain(declared);
    let prune = emptied(&pruned, after_pruning);
    plan.clear_directories = clear;
    plan.prune_directories = prune;
}

/// Files that we recorded and do not declare, and that are not there.
fn vanished<'a>(desired: &'a Desired, observed: &'a Observed) -> impl Iterator<Item = &'a str> {
    let recorded = observed.owned.keys().filter(|key| key.kind == ItemKind::StaticFile);
    recorded.filter(|key| !observed.is_live(key) && !desired.files.contains_key(*key)).map(|key| key.name.as_str())
}

/// The directories above `gone` that nothing of `left` lies in, deepest first.
fn emptied<'a>(gone: &BTreeSet<&'a str>, left: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut directories: BTreeSet<&str> = gone.iter().flat_map(|name| parents(name)).collect();
    if directories.is_empty() {
        return Vec::new();
    }
    for name in left {
        // A file of that name is no directory, and would be deleted.
        directories.remove(name);
        for dir in parents(name) {
            directories.remove(dir);
        }
    }
    let mut directories: Vec<String> = directories.into_iter().map(str::to_owned).collect();
    directories.sort_by_key(|dir| std::cmp::Reverse(dir.matches('/').count()));
    directories
}

fn parents(name: &str) -> impl Iterator<Item = &str> {
    name.match_indices('/').map(|(at, _)| &name[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_go_deepest_first_and_only_when_nothing_is_left_in_them() {
        let gone = BTreeSet::from(["a/b/c/1", "a/b/2", "d/3"]);
        assert_eq!(emptied(&gone, ["a/keep", "x"].into_iter()), ["a/b/c", "a/b", "d"]);
        assert_eq!(emptied(&gone, ["a", "d"].into_iter()), ["a/b/c", "a/b"], "a file has the name of a directory that is gone");
        assert_eq!(emptied(&BTreeSet::new(), ["a/keep"].into_iter()), Vec::<String>::new());
    }
}
