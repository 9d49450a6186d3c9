//! A run of which nothing is heard any more, and which goes on after another one took its place. Here the runs are of this process, since a beat
//! of ten seconds would make the tests wait for minutes.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use zerverless_gitops::api::Config;
use zerverless_gitops::apply::{Deployment, Stop};
use zerverless_gitops::error::Class;
use zerverless_gitops::event::Silent;
use zerverless_gitops::key::Namespace;
use zerverless_gitops::pipeline::{self, Context, Options, Pace, Run, Verify};
use zerverless_gitops::plan::{Policy, Rebuild};
use zerverless_gitops::source::{self, Location, Source};

use super::converged;
use crate::support::{App, Checkout, Fault, Orchestrator, Proxy, World};

/// Of the run that falls silent: it soon knows itself that it was not heard of.
const QUICK: Pace =
    Pace { renewal: Duration::from_millis(100), unrenewed: Duration::from_millis(300), dead_after: Duration::from_millis(600) };
/// Of the run that takes over: only its patience is short.
const IMPATIENT: Pace =
    Pace { renewal: Duration::from_secs(10), unrenewed: Duration::from_secs(40), dead_after: Duration::from_millis(600) };

fn options(url: &str, namespace: &str, pace: Pace) -> Options {
    let server = Config {
        url: url.to_owned(),
        token: None,
        insecure_token: false,
        ca_file: None,
        timeout: Duration::from_secs(30),
        retries: 0,
        parallelism: 1,
        hurry: tokio_util::sync::CancellationToken::new(),
    };
    let policy = Policy { allow_older: true, rebind: true, ..Policy::default() };
    let namespace = Some(Namespace::new(namespace).expect("a name"));
    Options {
        server,
        namespace,
        policy,
        verify: Verify::List,
        strict: false,
        lock_timeout: Duration::from_secs(30),
        pace,
        pinned: None,
        deployment: Deployment::default(),
        rebuild: Rebuild::No,
    }
}

/// A directory is read as it is; nothing is fetched.
fn as_it_is() -> source::Options {
    let nothing = Duration::from_secs(1);
    source::Options {
        file: "zerverless.yaml".to_owned(),
        subdir: None,
        wanted: source::Wanted::Default,
        credentials: source::Credentials::default(),
        cache: source::Cache::Nowhere,
        limits: source::Limits { silence: nothing, deadline: nothing },
        reporter: Arc::new(Silent),
        stop: tokio_util::sync::CancellationToken::new(),
    }
}

/// A run on a thread of its own.
struct Started {
    thread: JoinHandle<Option<Run>>,
    abort: oneshot::Sender<()>,
}

impl Started {
    fn finish(self) -> Run {
        self.thread.join().expect("no panic").expect("nobody aborts it")
    }

    /// Everything of it ends, as at the end of a process.
    fn abort(self) {
        self.abort.send(()).expect("it runs");
        assert!(self.thread.join().expect("no panic").is_none());
    }
}

fn start(source: &Checkout, options: Options) -> Started {
    let source = Arc::new(Source::open(&Location::Path(source.path("")), &as_it_is()).expect("a source"));
    let (abort, aborted) = oneshot::channel();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (_stopper, stop) = Stop::pair();
        let context = Context { reporter: Arc::new(Silent), stop, confirm: None };
        runtime.block_on(async {
            tokio::select! {
                run = pipeline::sync(&source, &options, &context) => Some(run),
                Ok(()) = aborted => None,
            }
        })
    });
    Started { thread, abort }
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
    let slow = start(&one, options(proxy.url(), namespace, QUICK));
    proxy.wait_until_stalled();
    proxy.hold_everything();
    let quick = start(&two, options(server.url(), namespace, IMPATIENT)).finish();
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
    slow.abort();
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
