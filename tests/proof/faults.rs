//! Every fault at every request of a run with fifty changes.

use std::collections::BTreeSet;

use serde_json::Value;

use super::converged;
use crate::support::{App, Checkout, Fault, Orchestrator, Outcome, Proxy, Reply, World, each, fresh_namespace, scale};

/// 36 items that are there, and what is declared now: 17 are new, 17 others, and 16 are gone.
fn before() -> World {
    world((0..30).map(|n| (n, "old")), (0..6).map(|n| (n, "old")))
}

fn after() -> World {
    world((15..45).map(|n| (n, "new")), (1..8).map(|n| (n, if n < 3 { "new" } else { "old" })))
}

fn world<'a>(files: impl Iterator<Item = (u32, &'a str)>, functions: impl Iterator<Item = (u32, &'a str)>) -> World {
    let files = files.map(|(n, content)| (format!("f{n:02}.txt"), content.to_owned())).collect();
    World { files, functions: functions.map(|(n, code)| (format!("/f{n}"), format!("-- {code}"))).collect() }
}

/// Twelve ways in which one request can go wrong.
fn faults() -> Vec<(&'static str, Fault)> {
    let page = |status| Reply::new(status, "text/html; charset=utf-8", "<!doctype html><title>Oops</title>");
    let error = |status: u16| Reply::json(status, &serde_json::json!({"error": "out of order"}));
    vec![
        ("refused from here on", Fault::Die),
        ("reset before", Fault::Reset),
        ("reset after", Fault::ResetAfter),
        ("hang", Fault::Stall),
        ("429", Fault::Answer(error(429))),
        ("500", Fault::Answer(error(500))),
        ("502 with HTML", Fault::Answer(page(502))),
        ("503 with Retry-After", Fault::Answer(page(503).header("Retry-After", "0"))),
        ("200 with HTML", Fault::Answer(page(200))),
        ("truncated", Fault::Truncate(5)),
        ("delivered twice", Fault::Twice),
        ("redirect", Fault::Answer(page(307).header("Location", "http://127.0.0.1:9/"))),
    ]
}

fn stage(server: &Orchestrator, namespace: &str) -> Checkout {
    let source = before().create(App::of(server.namespace()));
    source.sync(server.url(), &["-n", namespace]).exits(0);
    after().declare(&source, App::of(server.namespace()));
    source
}

/// What the run says of itself is so: what it calls done is there, and what is not as declared it calls failed or not begun.
#[track_caller]
fn says_the_truth(outcome: &Outcome, live: &World, declared: &World, case: &str) {
    let changes = outcome.json()["applications"][0]["changes"].as_array().cloned().unwrap_or_default();
    let name = |change: &Value| change["name"].as_str().expect("a name").to_owned();
    let done: BTreeSet<String> = changes.iter().filter(|change| change["outcome"] == "done").map(name).collect();
    for item in &done {
        assert_eq!(live.content(item), declared.content(item), "{case}: `{item}` is called done\n{outcome}");
    }
    if outcome.status == 0 {
        assert_eq!(live, declared, "{case}: {outcome}");
        return;
    }
    assert!(outcome.json()["error"]["message"].is_string(), "{case}: {outcome}");
    if outcome.status == 6 {
        let told: BTreeSet<String> = changes.iter().filter(|change| change["outcome"] != "done").map(name).collect();
        let all = declared.files.keys().chain(declared.functions.keys()).chain(live.files.keys()).chain(live.functions.keys());
        for item in all.filter(|item| live.content(item) != declared.content(item)) {
            assert!(told.contains(item), "{case}: `{item}` is not as declared, and not told\n{outcome}");
        }
    }
}

#[test]
fn whatever_goes_wrong_at_whichever_request_is_told_and_a_rerun_converges() {
    let server = Orchestrator::start();
    let (whole, namespace) = (Proxy::before(&server), fresh_namespace());
    let told = stage(&server, &namespace).sync(whole.url(), &["-n", &namespace]).exits(0);
    assert_eq!((told.changes().len(), told.count("delete"), told.count("create")), (50, 16, 17), "{told}");
    let count = whole.requests().len();
    let cases: Vec<(&str, Fault, usize)> =
        faults().into_iter().flat_map(|(name, fault)| (1..=count).map(move |nth| (name, fault.clone(), nth))).collect();
    // Every request meets a quarter of the faults, the next one another quarter, unless somebody asks for all.
    let stride = usize::try_from(scale("ZERVERLESS_PROOF_STRIDE", 4)).expect("a small number");
    let cases: Vec<_> =
        cases.into_iter().enumerate().filter(|(place, _)| (place / count + place % count) % stride == 0).map(|(_, case)| case).collect();
    each(&cases, |(name, fault, nth)| {
        let case = format!("{name} at request {nth} of {count}");
        let namespace = fresh_namespace();
        let (source, declared) = (stage(&server, &namespace), after());
        let proxy = Proxy::before(&server);
        proxy.fault("", *nth, fault.clone());
        let args = ["-n", &namespace, "--retries", "0", "--timeout", "1s", "--lock-timeout", "5s"];
        let run = source.sync(proxy.url(), &args);
        assert!([0, 5, 6].contains(&run.status), "{case}: {run}");
        drop(proxy);
        says_the_truth(&run, &World::live(&server, &namespace), &declared, &case);

        let again = Proxy::before(&server);
        let rerun = source.sync(again.url(), &["-n", &namespace, "--lock-timeout", "5s"]);
        assert_eq!(rerun.status, 0, "{case}: {rerun}");
        converged(&server, &namespace, &declared, &again, &case);
    });
}
