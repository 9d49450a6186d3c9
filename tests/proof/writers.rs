//! A run that was stopped for long and declared dead, and goes on.

use rustix::process::Signal;

use super::converged;
use crate::support::{App, Checkout, Fault, Orchestrator, Proxy, World, each, fresh_namespace};

fn first() -> World {
    World::of(&["/a=0", "a.txt=0", "b.txt=0"])
}

fn one() -> World {
    World::of(&["/a=1", "a.txt=1", "only-one.txt=1"])
}

fn two() -> World {
    World::of(&["/a=2", "a.txt=2", "only-two.txt=2"])
}

/// A clone of the repository, at the commit that declares `world`.
fn clone(server: &Orchestrator, world: &World) -> Checkout {
    let source = world.create(App::of(server.namespace()));
    source.git(&["init", "--quiet", "--initial-branch", "main"]);
    source.git(&["remote", "add", "origin", "https://git.example.com/me/app.git"]);
    source.commit();
    source
}

/// A run that does not wait for others, whose requests pass one at a time.
const STEPWISE: [&str; 6] = ["--parallelism", "1", "--lock-timeout", "0s", "--allow-older", "--yes"];

/// How many requests a run has that nobody disturbs.
fn length(server: &Orchestrator, source: &Checkout) -> usize {
    let (proxy, namespace) = (Proxy::before(server), fresh_namespace());
    clone(server, &first()).sync(server.url(), &["-n", &namespace]).exits(0);
    source.sync(proxy.url(), &[&["-n", &namespace][..], &STEPWISE].concat()).exits(0);
    proxy.requests().len()
}

#[test]
fn a_run_that_was_stopped_and_declared_dead_deletes_nothing_when_it_goes_on() {
    let server = Orchestrator::start();
    let (source_a, source_b, base) = (clone(&server, &one()), clone(&server, &two()), clone(&server, &first()));
    let cases: Vec<usize> = (0..length(&server, &source_a)).collect();
    each(&cases, |stopped| {
        let namespace = fresh_namespace();
        base.sync(server.url(), &["-n", &namespace]).exits(0);
        let args = [&["-n", &namespace][..], &STEPWISE].concat();
        let stopping = Proxy::before(&server);
        stopping.allow(*stopped);
        let slow = source_a.start_sync(stopping.url(), &args);
        stopping.wait_at_gate();
        source_b.run(&["unlock", "--server", server.url(), "-n", &namespace]).exits(0);
        let quick = source_b.sync(server.url(), &args).exits(0);
        let before = deletions(&stopping).len();
        stopping.allow_all();
        let slow = slow.finish();
        let case = format!("stopped after {stopped} requests\n{quick}\n{slow}");
        assert!([0, 7, 9].contains(&slow.status), "{case}");
        // The one that was on its way when it was stopped is all that can still arrive.
        assert!(slow.status == 0 || deletions(&stopping).len() <= before + 1, "{:?} {case}", deletions(&stopping));

        let proxy = Proxy::before(&server);
        let last = source_b.sync(proxy.url(), &["-n", &namespace, "--allow-older", "--lock-timeout", "5s"]);
        assert_eq!(last.status, 0, "{last} {case}");
        converged(&server, &namespace, &two(), &proxy, &case);
    });
}

#[test]
fn a_run_that_was_stopped_and_declared_dead_may_be_killed_wherever_it_goes_on() {
    let server = Orchestrator::start();
    let (source_a, source_b, base) = (clone(&server, &one()), clone(&server, &two()), clone(&server, &first()));
    let cases: Vec<usize> = (0..16).collect();
    each(&cases, |more| {
        let namespace = fresh_namespace();
        base.sync(server.url(), &["-n", &namespace]).exits(0);
        let args = [&["-n", &namespace][..], &STEPWISE].concat();
        let stopping = Proxy::before(&server);
        stopping.fault("PUT /api/storage/", 1, Fault::Stall);
        let slow = source_a.start_sync(stopping.url(), &args);
        stopping.wait_until_stalled();
        source_b.run(&["unlock", "--server", server.url(), "-n", &namespace]).exits(0);
        source_b.sync(server.url(), &args).exits(0);
        stopping.allow(*more);
        stopping.release();
        stopping.wait_at_gate();
        slow.signal_if_running(Signal::KILL);
        let slow = slow.finish();

        let case = format!("killed {more} requests after it went on\n{slow}");
        let proxy = Proxy::before(&server);
        let last = source_b.sync(proxy.url(), &["-n", &namespace, "--allow-older", "--lock-timeout", "5s"]);
        assert_eq!(last.status, 0, "{last} {case}");
        converged(&server, &namespace, &two(), &proxy, &case);
    });
}

/// Deletions of items that went out.
fn deletions(proxy: &Proxy) -> Vec<String> {
    let mut sent = proxy.sent("DELETE /api/storage/");
    sent.extend(proxy.sent("DELETE /api/deploy/"));
    sent
}
