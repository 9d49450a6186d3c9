//! Properties over random worlds: what a crash or a failure leaves, and what one more run makes of it.

use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};
use proptest::{collection, option, sample, test_runner};

use super::*;

/// Names in which files and directories get into each other's way.
fn key() -> impl Strategy<Value = ItemKey> {
    sample::select(vec![function("/f"), function("/f/g"), file("a"), file("a/b"), file("a/b/c"), file("d/e"), file("d"), file("p.html")])
}

fn items() -> impl Strategy<Value = Items> {
    let random = collection::btree_map(key(), 0..3u8, 0..8);
    // A directory and a file of one name cannot both be there.
    random.prop_map(|items: Items| {
        let nested = |a: &str, b: &str| b.strip_prefix(a).is_some_and(|rest| rest.starts_with('/'));
        let files: Vec<ItemKey> = items.keys().filter(|key| key.kind == ItemKind::StaticFile).cloned().collect();
        let keep = |key: &ItemKey| key.kind == ItemKind::Function || !files.iter().any(|other| nested(&other.name, &key.name));
        items.into_iter().filter(|(key, _)| keep(key)).collect()
    })
}

/// A world in which some of what is live is recorded by us, some by the neighbour, some by nobody.
fn world() -> impl Strategy<Value = World> {
    let recorded = collection::btree_map(key(), option::of(0..3u8), 0..6);
    (items(), recorded, collection::btree_set(key(), 0..3)).prop_map(|(live, ours, theirs)| {
        // Where a record is sure of a file's content, that is what is there: only we write.
        let sure = |key: &ItemKey, content: Option<u8>| content.and_then(|content| live.get(key).copied().or(Some(content)));
        let ours: Vec<Entry> =
            ours.iter().filter(|(key, _)| !theirs.contains(*key)).map(|(key, content)| entry(key, sure(key, *content), 0)).collect();
        let theirs = theirs.iter().filter(|key| live.contains_key(*key)).map(|key| entry(key, live.get(key).copied(), 0)).collect();
        World { live, ours: record(&ours), theirs }
    })
}

fn config() -> test_runner::Config {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(2_000);
    test_runner::Config { cases, failure_persistence: None, ..test_runner::Config::default() }
}

proptest! {
    #![proptest_config(config())]

    /// Killed after any number of changes, with only the write-ahead claim to tell of them: what was created is recorded, nothing of others was
    /// touched, and one more run ends with exactly what is declared.
    #[test]
    fn a_crash_anywhere_leaves_a_superset_and_one_rerun_converges(world in world(), declared in items(), at in any::<sample::Index>()) {
        let policy = Policy { adopt: true, ..policy() };
        let wanted = desired(&declared);
        let plan = world.plan(&declared, &policy);
        if !plan.guards.is_empty() {
            // A conflict: nothing may be written at all, and nothing is.
            return Ok(());
        }
        for change in plan.changes.iter().filter(|change| change.action == Action::Delete) {
            prop_assert!(!world.theirs.iter().any(|entry| entry.key == change.key), "{} is theirs", change.key);
        }
        let intended = split(after(&plan, &wanted, &world.observe(&wanted), &BTreeMap::new()));
        let mut crashed = world.clone();
        crashed.apply(&plan.changes[..at.index(plan.changes.len() + 1)], &declared);
        let claim = Claim {
            namespace: "ns".to_owned(),
            name: "ours".to_owned(),
            holder: Holder { host: String::new(), boot: String::new(), pid: 1, start: None, actor: String::new() },
            phase: ClaimPhase::Applying,
            shards: intended.iter().map(|shard| shard.digest).collect(),
            counter: 1,
        };
        crashed.ours.claims.insert(RunId::new(2), claim);
        crashed.ours.shards.extend(intended.into_iter().map(|shard| (shard.digest, shard.entries)));
        let owned = crashed.ours.ownership();
        for key in crashed.live.keys().filter(|key| !world.live.contains_key(*key)) {
            prop_assert!(owned.contains_key(key), "{key} was created and nobody knows");
        }
        let again = crashed.plan(&declared, &policy);
        prop_assert_eq!(&again.guards, &Vec::new());
        let entries = after(&again, &wanted, &crashed.observe(&wanted), &BTreeMap::new());
        crashed.apply(&again.changes, &declared);
        crashed.ours = record(&entries);
        for (key, content) in &declared {
            prop_assert_eq!(crashed.live.get(key), Some(content), "{}", key);
        }
        for (key, content) in &world.live {
            let theirs = world.theirs.iter().any(|entry| entry.key == *key);
            let unmanaged = key.kind == ItemKind::Function && !world.ours.ownership().contains_key(key) && !declared.contains_key(key);
            if theirs || unmanaged {
                prop_assert_eq!(crashed.live.get(key), Some(content), "{} is not ours", key);
            }
        }
        let third = crashed.plan(&declared, &policy);
        prop_assert!(!third.has_changes(), "after a whole run nothing is left to do: {:?}", actions(&third));
    }

    /// What fails or is not begun stays owned, so that the next run comes back to it.
    #[test]
    fn a_failure_is_never_forgotten(world in world(), declared in items(), fails in collection::vec(0..3u8, 20)) {
        let policy = Policy { adopt: true, ..policy() };
        let wanted = desired(&declared);
        let plan = world.plan(&declared, &policy);
        if !plan.guards.is_empty() {
            return Ok(());
        }
        let outcome = |n: u8| match n {
            0 => ItemOutcome::Done(None),
            1 => ItemOutcome::Failed(String::new()),
            _ => ItemOutcome::Skipped(""),
        };
        let sent = plan.changes.iter().filter(|change| change.action.writes_item());
        let outcomes: BTreeMap<ItemKey, ItemOutcome> = sent.zip(fails).map(|(change, n)| (change.key.clone(), outcome(n))).collect();
        let entries = after(&plan, &wanted, &world.observe(&wanted), &outcomes);
        let recorded: BTreeSet<&ItemKey> = entries.iter().map(|entry| &entry.key).collect();
        let before = world.ours.ownership();
        for change in &plan.changes {
            match outcomes.get(&change.key) {
                Some(ItemOutcome::Failed(_)) if change.action != Action::Delete => prop_assert!(recorded.contains(&change.key)),
                Some(ItemOutcome::Failed(_) | ItemOutcome::Skipped(_)) => {
                    prop_assert_eq!(recorded.contains(&change.key), before.contains_key(&change.key));
                }
                _ => {}
            }
        }
    }
}
