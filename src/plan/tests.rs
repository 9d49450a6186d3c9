//! The table of design §5 row by row, and the guards. Containers and random worlds are in files beside.

mod containers;
mod properties;

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::fingerprint::Fingerprint;
use crate::key::{AppId, AppName, ItemKey, ItemKind, Namespace};
use crate::live::{LiveContainer, LiveFunction, function_fingerprint};
use crate::record::{AppRecord, Claim, Entry, Head, Holder, Phase as ClaimPhase, RunId, split};
use crate::state::{Desired, DesiredFile, DesiredFunction, Neighbour, Observed, unproven};

/// Contents are numbers here; an item's fingerprint follows from its kind and number.
type Items = BTreeMap<ItemKey, u8>;

fn function(name: &str) -> ItemKey {
    ItemKey::live(ItemKind::Function, name)
}

fn file(name: &str) -> ItemKey {
    ItemKey::live(ItemKind::StaticFile, name)
}

fn fingerprint(key: &ItemKey, content: u8) -> Fingerprint {
    match key.kind {
        ItemKind::Function => function_fingerprint("lua", None, &content.to_string()),
        ItemKind::StaticFile => Fingerprint::of_bytes(&[content]),
    }
}

fn app(name: &str) -> AppId {
    AppId { namespace: Namespace::new("ns").expect("a name"), name: AppName::new(name).expect("a name") }
}

fn desired(items: &Items) -> Desired {
    let mut desired = Desired { app: app("ours"), functions: BTreeMap::new(), files: BTreeMap::new(), mirrored: Some(String::new()) };
    for (key, content) in items {
        let fingerprint = fingerprint(key, *content);
        match key.kind {
            ItemKind::Function => {
                let code = content.to_string();
                let runtime = "lua".to_owned();
                let function = DesiredFunction { runtime, code, port: None, fingerprint, health: None, image: None };
                drop(desired.functions.insert(key.clone(), function));
            }
            ItemKind::StaticFile => {
                let path = crate::files::TreePath::root().child(&key.name);
                drop(desired.files.insert(key.clone(), DesiredFile { path, size: 1, fingerprint, content: None }));
            }
        }
    }
    desired
}

fn entry(key: &ItemKey, content: Option<u8>, seizure: u32) -> Entry {
    Entry {
        key: key.clone(),
        fingerprint: content.map(|content| fingerprint(key, content)),
        size: 1,
        created_at: None,
        seizure,
        generation: 0,
    }
}

fn head(entries: Vec<Entry>) -> (Head, BTreeMap<Fingerprint, Vec<Entry>>) {
    let shards = split(entries);
    let head = Head {
        tool: String::new(),
        namespace: "ns".to_owned(),
        name: "ours".to_owned(),
        source: "here".to_owned(),
        branch: None,
        revision: None,
        applied: vec!["c2".to_owned(), "c1".to_owned()],
        hold: None,
        history: Vec::new(),
        server_start: None,
        shards: shards.iter().map(|shard| shard.digest).collect(),
        fresh: Vec::new(),
        parents: Vec::new(),
    };
    (head, shards.into_iter().map(|shard| (shard.digest, shard.entries)).collect())
}

fn record(entries: &[Entry]) -> AppRecord {
    let (head, shards) = head(entries.to_vec());
    AppRecord { heads: BTreeMap::from([(RunId::new(1), head)]), claims: BTreeMap::new(), shards }
}

/// A world: what is live, what we recorded, what a neighbour recorded.
#[derive(Debug, Clone, Default)]
struct World {
    live: Items,
    ours: AppRecord,
    theirs: Vec<Entry>,
}

impl World {
    /// What an observer sees; files that only a download can tell are downloaded.
    fn observe(&self, desired: &Desired) -> Observed {
        let live_function = |content: u8| LiveFunction {
            runtime: "lua".to_owned(),
            fingerprint: function_fingerprint("lua", None, &content.to_string()),
            size: 1,
            code: Some(content.to_string()),
            port: None,
            created_at: "then".to_owned(),
        };
        let of = |kind| self.live.iter().filter(move |(key, _)| key.kind == kind);
        let functions = of(ItemKind::Function).map(|(key, content)| (key.name.clone(), live_function(*content))).collect();
        let files = of(ItemKind::StaticFile).map(|(key, _)| key.name.clone()).collect();
        let neighbours = Neighbour { name: "theirs".to_owned(), source: None, owns: record(&self.theirs).ownership() };
        let live = crate::live::LiveFunctions { own: functions, ..crate::live::LiveFunctions::default() };
        let mut observed = Observed::join(live, files, &self.ours, vec![neighbours]);
        for key in unproven(desired, &observed.clone(), &BTreeSet::new()) {
            let proven = crate::state::FileContent::Proven(fingerprint(key, self.live[key]));
            observed.contents.insert(key.name.clone(), proven);
        }
        observed
    }

    fn plan(&self, declared: &Items, policy: &Policy) -> Plan {
        let desired = desired(declared);
        compute(&desired, &self.observe(&desired), policy)
    }

    /// Carries out changes as the server would, refusing what it would refuse.
    fn apply(&mut self, changes: &[Change], declared: &Items) {
        for change in changes {
            match change.action {
                Action::Create | Action::Update | Action::Replace => {
                    let in_the_way = self.live.keys().find(|live| {
                        let nested = |a: &str, b: &str| b.strip_prefix(a).is_some_and(|rest| rest.starts_with('/'));
                        let files = live.kind == ItemKind::StaticFile && change.key.kind == ItemKind::StaticFile;
                        files && (nested(&live.name, &change.key.name) || nested(&change.key.name, &live.name))
                    });
                    assert_eq!(in_the_way, None, "the server refuses {}", change.key);
                    self.live.insert(change.key.clone(), declared[&change.key]);
                }
                Action::Delete => drop(self.live.remove(&change.key)),
                Action::Adopt | Action::Forget | Action::Conflict | Action::Unmanaged => {}
            }
        }
    }
}

fn policy() -> Policy {
    Policy { source: "here".to_owned(), allow_empty: true, max_delete: Some(DeleteLimit::Percent(100)), ..Policy::default() }
}

fn actions(plan: &Plan) -> Vec<(Action, &str)> {
    plan.changes.iter().map(|change| (change.action, change.key.name.as_str())).collect()
}

/// What our record says of an item.
#[derive(Clone, Copy)]
enum Ours {
    Nothing,
    Content(u8),
    Unknown,
}

fn one(key: &ItemKey, declared: Option<u8>, live: Option<u8>, ours: Ours, theirs: bool) -> Vec<Action> {
    let items = |content: Option<u8>| content.map(|content| (key.clone(), content)).into_iter().collect::<Items>();
    let recorded = match ours {
        Ours::Nothing => Vec::new(),
        Ours::Content(content) => vec![entry(key, Some(content), 0)],
        Ours::Unknown => vec![entry(key, None, 0)],
    };
    let theirs = if theirs { vec![entry(key, Some(1), 0)] } else { Vec::new() };
    let world = World { live: items(live), ours: record(&recorded), theirs };
    world.plan(&items(declared), &policy()).changes.iter().map(|change| change.action).collect()
}

#[test]
fn every_row_of_the_table() {
    for key in [&function("/f"), &file("f")] {
        let is_file = key.kind == ItemKind::StaticFile;
        assert_eq!(one(key, Some(1), None, Ours::Nothing, false), [Action::Create], "new {key}");
        assert_eq!(one(key, Some(1), Some(1), Ours::Content(1), false), [], "kept {key}");
        assert_eq!(one(key, Some(1), Some(1), Ours::Nothing, false), [Action::Adopt], "equal, nobody's {key}");
        assert_eq!(one(key, Some(2), Some(1), Ours::Content(1), false), [Action::Update], "different, ours {key}");
        assert_eq!(one(key, Some(2), Some(1), Ours::Nothing, false), [Action::Update], "different, nobody's {key}");
        assert_eq!(one(key, Some(1), Some(1), Ours::Nothing, true), [Action::Conflict], "another's {key}");
        assert_eq!(one(key, None, Some(1), Ours::Content(1), false), [Action::Delete], "no longer declared {key}");
        assert_eq!(one(key, None, Some(1), Ours::Content(1), true), [Action::Forget], "moved {key}");
        let unowned = if is_file { Action::Delete } else { Action::Unmanaged };
        assert_eq!(one(key, None, Some(1), Ours::Nothing, false), [unowned], "nobody's {key}");
        assert_eq!(one(key, None, Some(1), Ours::Nothing, true), [], "not ours {key}");
        assert_eq!(one(key, None, None, Ours::Content(1), false), [Action::Forget], "gone {key}");
    }
    assert_eq!(one(&file("f"), Some(1), Some(1), Ours::Unknown, false), [Action::Update], "unknown content is written again");
    assert_eq!(one(&function("/f"), Some(1), Some(1), Ours::Unknown, false), [], "a function's content is listed, so it is known");
}

#[test]
fn taking_over_makes_it_the_other_ones_conflict() {
    let key = function("/f");
    let declared = Items::from([(key.clone(), 2)]);
    let world = World { live: Items::from([(key.clone(), 1)]), ours: record(&[]), theirs: vec![entry(&key, Some(1), 0)] };
    let seize = Policy { take_over: TakeOver::From("theirs".to_owned()), ..policy() };
    let plan = world.plan(&declared, &seize);
    assert_eq!((actions(&plan), plan.changes[0].seizure), (vec![(Action::Update, "/f")], 1));
    assert!(!world.plan(&declared, &Policy { take_over: TakeOver::From("else".to_owned()), ..policy() }).guards.is_empty());
    let seized = vec![entry(&key, Some(2), 1)];
    let after = World { live: declared.clone(), ours: record(&seized), theirs: vec![entry(&key, Some(1), 0)] };
    assert_eq!(actions(&after.plan(&declared, &policy())), [], "ours now");
    let other_side = World { live: declared.clone(), ours: record(&[entry(&key, Some(1), 0)]), theirs: seized };
    assert_eq!(actions(&other_side.plan(&declared, &policy())), [(Action::Conflict, "/f")]);
}

#[test]
fn what_we_recorded_once_says_nothing_about_a_seized_item() {
    let key = file("x");
    let declared = Items::from([(key.clone(), 1)]);
    // We placed 1, the neighbour seized it and placed 2.
    let ours = || record(&[entry(&key, Some(1), 0)]);
    let world = World { live: Items::from([(key.clone(), 2)]), ours: ours(), theirs: vec![entry(&key, Some(2), 1)] };
    let back = world.plan(&declared, &Policy { take_over: TakeOver::Any, ..policy() });
    assert_eq!((actions(&back), back.changes[0].seizure), (vec![(Action::Update, "x")], 2), "sent, not adopted");

    // The neighbour, who owns it, declares it no longer: it goes, and we place it anew.
    let neighbour = World { live: world.live.clone(), ours: record(&world.theirs), theirs: vec![entry(&key, Some(1), 0)] };
    assert_eq!(actions(&neighbour.plan(&Items::new(), &policy())), [(Action::Delete, "x")]);
    let after = World { live: Items::new(), ours: ours(), theirs: Vec::new() };
    assert_eq!(actions(&after.plan(&declared, &policy())), [(Action::Create, "x")]);
}

#[test]
fn only_a_damaged_record_of_our_own_is_to_be_repaired() {
    let desired = desired(&files(1));
    let mut observed = owned(&files(2)).observe(&desired);
    let damaged = |ours, newer| crate::state::UnreadableRecord {
        key: "s.1".to_owned(),
        held_by: "m.1".to_owned(),
        ours,
        reason: String::new(),
        newer,
    };
    let help = |observed: &Observed| compute(&desired, observed, &policy()).guards[0].help();
    observed.unreadable = vec![damaged(true, false)];
    assert!(help(&observed).contains("`repair`"), "{}", help(&observed));
    for not_to_be_repaired in [damaged(false, false), damaged(true, true)] {
        observed.unreadable = vec![not_to_be_repaired];
        assert!(!help(&observed).contains("repair"), "{}", help(&observed));
    }
}

#[test]
fn what_is_in_the_way_goes_first() {
    let recorded = |items: &Items| record(&items.iter().map(|(key, content)| entry(key, Some(*content), 0)).collect::<Vec<_>>());
    let live = Items::from([(file("a"), 1), (file("d/x/1"), 1), (file("d/x/2"), 1), (file("old"), 1)]);
    let declared = Items::from([(file("a/b/c"), 1), (file("d"), 1)]);
    let plan = World { ours: recorded(&live), live: live.clone(), theirs: Vec::new() }.plan(&declared, &policy());
    let phases: Vec<(Phase, &str)> = plan.changes.iter().map(|change| (change.phase, change.key.name.as_str())).collect();
    let clear = [(Phase::Clear, "a"), (Phase::Clear, "d/x/1"), (Phase::Clear, "d/x/2")];
    assert_eq!(phases[..3], clear);
    assert_eq!(phases[3..], [(Phase::Assets, "a/b/c"), (Phase::Assets, "d"), (Phase::Prune, "old")]);
    assert_eq!(plan.clear_directories, ["d/x", "d"]);

    let kept = Policy { no_prune: true, ..policy() };
    let plan = World { ours: recorded(&live), live: live.clone(), theirs: Vec::new() }.plan(&declared, &kept);
    assert_eq!(plan.summary.delete, 3, "what is in the way goes, the rest stays");
    let plan = World { live, ours: record(&[]), theirs: Vec::new() }.plan(&declared, &Policy { keep_unmanaged: true, ..policy() });
    assert_eq!(plan.summary.conflict, 3, "what must not be deleted is a conflict");
    assert!(plan.guards.iter().any(|guard| matches!(guard, Guard::Blocked { count: 3, .. })), "{:?}", plan.guards);
}

#[test]
fn a_site_is_put_assets_first_and_its_index_last() {
    let names = ["index.html", "a.html", "z.css", "docs/index.html"];
    let mut declared: Items = names.iter().map(|name| (file(name), 1)).collect();
    declared.insert(function("/f"), 1);
    let plan = World::default().plan(&declared, &policy());
    let order: Vec<&str> = plan.changes.iter().map(|change| change.key.name.as_str()).collect();
    assert_eq!(order, ["z.css", "/f", "a.html", "docs/index.html", "index.html"]);
}

#[test]
fn first_contact_needs_a_word_and_equal_content_does_not() {
    let declared = Items::from([(function("/f"), 2), (file("same"), 1)]);
    let live = Items::from([(function("/f"), 1), (file("same"), 1), (file("extra"), 1)]);
    let world = World { live, ours: AppRecord::default(), theirs: Vec::new() };
    assert_eq!(world.plan(&declared, &policy()).guards, [Guard::FirstContact { changes: 1, deletions: 1 }]);
    assert_eq!(world.plan(&declared, &Policy { adopt: true, ..policy() }).guards, []);
    let only_kept = Policy { keep_unmanaged: true, ..policy() };
    assert_eq!(world.plan(&declared, &only_kept).guards, [Guard::FirstContact { changes: 1, deletions: 0 }]);
    let equal = Items::from([(file("same"), 1)]);
    assert_eq!(World { live: equal.clone(), ..World::default() }.plan(&equal, &policy()).guards, []);
}

fn files(count: u8) -> Items {
    (0..count).map(|n| (file(&format!("f{n}")), 1)).collect()
}

fn owned(items: &Items) -> World {
    let entries: Vec<Entry> = items.iter().map(|(key, content)| entry(key, Some(*content), 0)).collect();
    World { live: items.clone(), ours: record(&entries), theirs: Vec::new() }
}

#[test]
fn many_deletions_need_a_word_with_the_number() {
    let guards = |live: u8, left: u8, policy: Policy| owned(&files(live)).plan(&files(left), &policy).guards;
    let plain = || Policy { source: "here".to_owned(), ..Policy::default() };
    assert_eq!(guards(21, 11, plain()), [], "10 are never many");
    assert_eq!(guards(30, 15, plain()), [], "half is not more than half");
    assert_eq!(guards(21, 10, plain()), [Guard::Many { deletions: 11, of: 21, limit: None }]);
    let limit = |limit| Policy { max_delete: Some(limit), ..plain() };
    assert_eq!(guards(21, 10, limit(DeleteLimit::Count(10))), [Guard::Many { deletions: 11, of: 21, limit: Some("10".to_owned()) }]);
    assert_eq!(guards(21, 10, limit(DeleteLimit::Count(11))), []);
    assert_eq!(guards(20, 18, limit(DeleteLimit::Percent(10))), []);
    assert_eq!(guards(20, 17, limit(DeleteLimit::Percent(10))).len(), 1);
    let empty = [Guard::Emptied { kind: ItemKind::StaticFile, count: 3 }];
    assert_eq!(guards(3, 0, plain()), empty);
    assert_eq!(guards(3, 0, Policy { allow_empty: true, ..plain() }), []);
}

#[test]
fn older_commits_other_sources_and_holds_are_guarded() {
    let mut world = owned(&files(2));
    let guards = |world: &World, policy: Policy| world.plan(&files(1), &policy).guards;
    let at = |commit: &str| Policy { commit: Some(commit.to_owned()), ..policy() };
    assert_eq!(guards(&world, at("c1")), [Guard::Older { commit: "c1".to_owned(), newest: "c2".to_owned() }]);
    assert_eq!((guards(&world, at("c2")), guards(&world, at("c3"))), (vec![], vec![]));
    assert_eq!(guards(&world, Policy { allow_older: true, ..at("c1") }), []);
    assert_eq!(guards(&world, Policy { local: true, ..at("c1") }), []);
    let elsewhere = || Policy { source: "there".to_owned(), ..policy() };
    assert_eq!(guards(&world, elsewhere()).len(), 1);
    assert_eq!(guards(&world, Policy { rebind: true, ..elsewhere() }), []);
    let hold = crate::record::Hold { reason: "bad".to_owned(), actor: "ada".to_owned(), at: "today".to_owned() };
    world.ours.heads.values_mut().for_each(|head| head.hold = Some(hold.clone()));
    assert!(matches!(guards(&world, at("c3"))[..], [Guard::Held { .. }]));
}

#[test]
fn a_new_commit_without_changes_is_noted_and_an_older_one_is_not() {
    let world = owned(&files(2));
    let behind = |commit: &str| world.plan(&files(2), &Policy { commit: Some(commit.to_owned()), ..policy() }).record_is_behind;
    assert_eq!((behind("c3"), behind("c2"), behind("c1")), (true, false, false));
}

#[test]
fn a_deleted_function_below_another_is_warned_of() {
    let live = Items::from([(function("/api"), 1), (function("/api/v2"), 1), (function("/apiary"), 1)]);
    let plan = owned(&live).plan(&Items::from([(function("/api"), 1)]), &policy());
    assert_eq!(plan.warnings, ["after `/api/v2` is deleted, calls to it reach `/api`"]);
}
