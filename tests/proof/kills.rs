//! Killed, at every request and at any time.

use rustix::process::Signal;

use super::converged;
use crate::support::{App, Checkout, Dice, Fault, Orchestrator, Proxy, World, each, fresh_namespace, scale};

/// What was synced before the run that is killed, if anything, and what that run wants.
struct Scenario {
    name: &'static str,
    before: Option<World>,
    after: World,
}

fn scenarios() -> Vec<Scenario> {
    let scenario = |name, before: &[&str], after: &[&str]| Scenario {
        name,
        before: (!before.is_empty()).then(|| World::of(before)),
        after: World::of(after),
    };
    vec![
        scenario("first sync", &[], &["/a=1", "/b=1", "a.txt=1", "d/b.css=1", "index.html=1"]),
        scenario(
            "update",
            &["/a=1", "/b=1", "a.txt=1", "b.txt=1", "index.html=1"],
            &["/a=2", "/b=1", "a.txt=2", "b.txt=1", "index.html=2"],
        ),
        scenario("prune", &["/a=1", "/b=1", "a.txt=1", "d/b.txt=1", "d/c.txt=1"], &["/a=1", "a.txt=1"]),
        scenario("flip", &["/a=1", "x=1", "y/z=1", "y/w/v=1"], &["/a=1", "x/1=2", "x/2=2", "y=2"]),
        scenario("replace everything", &["/a=1", "/b=1", "a.txt=1", "b.html=1"], &["/c=2", "/d=2", "c.txt=2", "index.html=2"]),
    ]
}

impl Scenario {
    /// The directory as it is when the run begins that is killed.
    fn stage(&self, server: &Orchestrator, namespace: &str) -> Checkout {
        let app = || App::of(server.namespace());
        let Some(before) = &self.before else { return self.after.create(app()) };
        let source = before.create(app());
        source.sync(server.url(), &["-n", namespace]).exits(0);
        self.after.declare(&source, app());
        source
    }
}

/// One rerun brings everything to what is declared, and a second one has nothing to do.
#[track_caller]
fn a_rerun_converges(server: &Orchestrator, source: &Checkout, namespace: &str, declared: &World, case: &str) {
    let proxy = Proxy::before(server);
    let rerun = source.sync(proxy.url(), &["-n", namespace, "--lock-timeout", "5s"]);
    assert_eq!(rerun.status, 0, "{case}: {rerun}");
    converged(server, namespace, declared, &proxy, case);
    proxy.forget();
    let third = source.sync(proxy.url(), &["-n", namespace]);
    assert_eq!((third.status, proxy.writes()), (0, Vec::new()), "{case}: {third}");
}

/// How many requests the run has that is killed.
fn requests(server: &Orchestrator, scenario: &Scenario) -> usize {
    let (proxy, namespace) = (Proxy::before(server), fresh_namespace());
    scenario.stage(server, &namespace).sync(proxy.url(), &["-n", &namespace, "--parallelism", "1"]).exits(0);
    proxy.requests().len()
}

#[test]
fn killed_before_during_and_after_every_request_one_rerun_converges() {
    let server = Orchestrator::start();
    let scenarios = scenarios();
    let mut cases = Vec::new();
    for scenario in &scenarios {
        for nth in 1..=requests(&server, scenario) {
            for moment in [Fault::Stall, Fault::StallReply, Fault::HoldAfter] {
                cases.push((scenario, nth, moment));
            }
        }
    }
    assert!(cases.len() > 300, "{}", cases.len());
    each(&cases, |(scenario, nth, moment)| {
        let case = format!("{}, {moment:?} of request {nth}", scenario.name);
        let namespace = fresh_namespace();
        let source = scenario.stage(&server, &namespace);
        let proxy = Proxy::before(&server);
        proxy.fault("", *nth, moment.clone());
        let run = source.start_sync(proxy.url(), &["-n", &namespace, "--parallelism", "1"]);
        // On a server that others use, a run may have fewer requests than the one that was counted.
        proxy.wait_until_stalled_or_over();
        run.signal_if_running(Signal::KILL);
        // After the last reply, it may have ended by itself.
        assert!([-9, 0].contains(&run.finish().status), "{case}");
        a_rerun_converges(&server, &source, &namespace, &scenario.after, &case);
    });
}

#[test]
fn killed_at_any_time_one_rerun_converges() {
    let server = Orchestrator::start();
    let scenarios = scenarios();
    let lengths: Vec<usize> = scenarios.iter().map(|scenario| requests(&server, scenario)).collect();
    let cases: Vec<u64> = (0..scale("ZERVERLESS_PROOF_KILLS", 100)).collect();
    each(&cases, |seed| {
        let mut dice = Dice::new(*seed);
        let position = usize::try_from(dice.roll(5)).expect("small");
        let (scenario, namespace) = (&scenarios[position], fresh_namespace());
        let source = scenario.stage(&server, &namespace);
        let proxy = Proxy::before(&server);
        let run = source.start_sync(proxy.url(), &["-n", &namespace]);
        // Some requests are under way, and nothing stands still.
        let some = usize::try_from(dice.roll(lengths[position] as u64)).expect("small") + 1;
        proxy.wait_until(some);
        for _ in 0..dice.roll(2000) {
            std::hint::spin_loop();
        }
        run.signal_if_running(Signal::KILL);
        let _ = run.finish();
        let case = format!("{} killed at random, seed {seed}", scenario.name);
        a_rerun_converges(&server, &source, &namespace, &scenario.after, &case);
    });
}
