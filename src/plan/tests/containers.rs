//! Docker functions, whose containers no update replaces.

use super::*;

/// A declared container, and what a live one with that image or another looks like.
fn container(path: &str, image: &str) -> (ItemKey, DesiredFunction, LiveFunction) {
    let (runtime, port) = ("docker".to_owned(), Some(80));
    let fingerprint = function_fingerprint("docker", port, image);
    let live =
        LiveFunction { runtime: runtime.clone(), fingerprint, size: 1, code: Some(image.to_owned()), port, created_at: "then".to_owned() };
    let declared =
        DesiredFunction { runtime, code: image.to_owned(), port, fingerprint, health: None, image: Some(crate::state::ImageSource::Pull) };
    (function(path), declared, live)
}

/// The actions of a plan where `/web` is declared with the image `a:1` and recorded as `recorded` says.
fn container_plan(live: Option<LiveFunction>, recorded: Option<(Option<Fingerprint>, &str)>, others: Vec<LiveContainer>) -> Plan {
    let (key, declared, _) = container("/web", "a:1");
    let mut desired = desired(&Items::new());
    desired.functions.insert(key.clone(), declared);
    let entries: Vec<Entry> = recorded
        .map(|(fingerprint, created_at)| Entry { fingerprint, created_at: Some(created_at.to_owned()), ..entry(&key, None, 0) })
        .into_iter()
        .collect();
    let own = live.map(|live| (key.name.clone(), live)).into_iter().collect();
    let functions = crate::live::LiveFunctions { own, containers: others };
    let observed = Observed::join(functions, BTreeSet::new(), &record(&entries), Vec::new());
    compute(&desired, &observed, &Policy { source: "here".to_owned(), ..Policy::default() })
}

#[test]
fn a_container_is_replaced_and_never_updated() {
    let (_, _, same) = container("/web", "a:1");
    let (_, _, other) = container("/web", "a:2");
    let lua = LiveFunction { runtime: "lua".to_owned(), fingerprint: fingerprint(&function("/web"), 1), port: None, ..same.clone() };
    let action = |live: &LiveFunction, recorded: Option<(Option<Fingerprint>, &str)>| {
        container_plan(Some(live.clone()), recorded, Vec::new()).changes.first().map(|change| change.action)
    };
    assert_eq!(action(&same, Some((Some(same.fingerprint), "then"))), None);
    assert_eq!(action(&other, Some((Some(other.fingerprint), "then"))), Some(Action::Replace));
    assert_eq!(action(&lua, Some((Some(lua.fingerprint), "then"))), Some(Action::Replace));
    assert_eq!(action(&same, None), Some(Action::Adopt));
    // The listing is as declared, and nobody knows what runs: a run that ended badly, or somebody else's deploy.
    assert_eq!(action(&same, Some((None, "then"))), Some(Action::Replace));
    assert_eq!(action(&same, Some((Some(same.fingerprint), "before"))), Some(Action::Replace));
    assert_eq!(container_plan(None, None, Vec::new()).changes[0].action, Action::Create);
}

#[test]
fn a_container_of_another_function_is_not_removed() {
    let other =
        |namespace: &str, path: &str| LiveContainer { namespace: namespace.to_owned(), path: path.to_owned(), image: "x".to_owned() };
    let guards = |others: Vec<LiveContainer>| container_plan(None, None, others).guards.len();
    assert_eq!(guards(vec![other("ns", "/web"), other("ns", "/web/a"), other("ns-web", "/x")]), 0);
    assert_eq!(guards(vec![other("ns", "//web")]), 1, "the server calls both zerverless-ns-web");
}
