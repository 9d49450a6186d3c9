//! A run of which nothing is heard any more, and which goes on after another one took its place. Here the runs are of this process, since a beat
//! of ten seconds would make the tests wait for minutes.

use std::time::{Duration, Instant};

use zerverless_gitops::error::Class;
use zerverless_gitops::pipeline::Pace;
use zerverless_gitops::plan::Policy;

use super::converged;
use super::inside::{Started, directory, options};
use crate::support::{App, Checkout, Fault, Orchestrator, Proxy, World};

/// Of the run that falls silent: it soon knows itself that it was not heard of.
const QUICK: Pace =
    Pace { renewal: Duration::from_millis(100), unrenewed: Duration::from_millis(300), dead_after: Duration::from_millis(600) };
/// Of the run that takes over: only its patience is short.
const IMPATIENT: Pace =
    Pace { renewal: Duration::from_secs(10), unrenewed: Duration::from_secs(40), dead_after: Duration::from_millis(600) };

fn start(source: &Checkout, url: &str, namespace: &str, pace: Pace) -> Started {
    let policy = Policy { allow_older: true, rebind: true, ..Policy::default() };
    Started::sync(directory(source.path("")), options(url, Some(namespace), pace, policy))
}

/// A run that was cut off while its first file was on its way, and whose place another one has taken.
struct Silenced {
    server: Orchestrator,
    proxy: Proxy,
    quick: Checkout,
    declared: World,
}

fn silenced() -> (Silenced, Started) {
    let server = Orchestrator::start();
    let namespace = server.namespace();
    let base = World::of(&["/a=0", "a.txt=0", "b.txt=0", "c.txt=0"]).create(App::of(namespace));
    base.sync(server.url(), &[]).exits(0);
    let one = World::of(&["/a=1", "a.txt=1", "b.txt=1"]).create(App::of(namespace));
    let declared = World::of(&["/a=2", "a.txt=2", "b.txt=2"]);
    let two = declared.create(App::of(namespace));

    let proxy = Proxy::before(&server);
    proxy.fault("PUT /api/storage/", 1, Fault::Stall);
    let slow = start(&one, proxy.url(), namespace, QUICK);
    proxy.wait_until_stalled();
    proxy.hold_everything();
    let quick = start(&two, server.url(), namespace, IMPATIENT).finish();
    assert!(quick.error.is_none(), "{:?}", quick.error);
    assert_eq!(World::live(&server, namespace), declared);
    (Silenced { server, proxy, quick: two, declared }, slow)
}

/// What the silent run had sent arrives.
fn wait_until_it_arrives(silenced: &Silenced) {
    let started = Instant::now();
    while World::live(&silenced.server, silenced.server.namespace()).files["a.txt"] != "1" {
        assert!(started.elapsed() < Duration::from_secs(30), "the upload that was held back never arrived");
    }
}

fn one_rerun_converges(silenced: &Silenced) {
    let proxy = Proxy::before(&silenced.server);
    silenced.quick.sync(proxy.url(), &["--rebind"]).exits(0);
    converged(&silenced.server, silenced.server.namespace(), &silenced.declared, &proxy, "after the rerun");
    let third = silenced.quick.sync(silenced.server.url(), &[]).exits(0);
    assert!(third.changes().is_empty(), "{third}");
}

#[test]
fn what_a_silent_run_wrote_before_it_died_is_written_again() {
    let (silenced, slow) = silenced();
    assert!(slow.abort().is_none(), "it was still waiting");
    silenced.proxy.release();
    wait_until_it_arrives(&silenced);
    one_rerun_converges(&silenced);
}

#[test]
fn a_silent_run_that_wakes_up_begins_nothing_new_and_says_what_became_of_it() {
    let (silenced, slow) = silenced();
    silenced.proxy.release();
    let run = slow.finish();
    let error = run.error.expect("it did not succeed");
    assert_eq!(error.class(), Class::Guard, "{error}");
    assert_eq!(silenced.proxy.sent("PUT /api/storage/").len(), 1, "{:?}", silenced.proxy.writes());
    assert_eq!(silenced.proxy.sent("DELETE /api/storage/"), Vec::<String>::new());
    assert_eq!(silenced.proxy.sent("POST /api/deploy/"), Vec::<String>::new());
    one_rerun_converges(&silenced);
}
