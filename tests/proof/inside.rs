//! Runs in the process of the tests, by the program's library: without a process for each, thousands of them are cheap, and what takes a run for dead
//! need not be waited for.
//!
//! A run that is aborted, or that could not give its claim back, looks alive to whoever asks the machine, since its process goes on: only the beat of its
//! claim tells that it is over.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use anstream::ColorChoice;
use tokio::sync::oneshot;
use zerverless_gitops::api::Config;
use zerverless_gitops::apply::{Deployment, Stop};
use zerverless_gitops::error::Class;
use zerverless_gitops::event::Silent;
use zerverless_gitops::key::Namespace;
use zerverless_gitops::pipeline::{self, Context, Options, Pace, Run, Verify};
use zerverless_gitops::plan::{Policy, Rebuild};
use zerverless_gitops::report::{self, Detail, Format, Printer, Verb};
use zerverless_gitops::source::{self, Location, Source};

use crate::support::Outcome;

/// What a run is told, with everything else as usual.
pub(super) fn options(url: &str, namespace: Option<&str>, pace: Pace, policy: Policy) -> Options {
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
    Options {
        server,
        namespace: namespace.map(|name| Namespace::new(name).expect("a name")),
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

/// A directory as it is; nothing is fetched.
pub(super) fn directory(path: PathBuf) -> Arc<Source> {
    let nothing = Duration::from_secs(1);
    let options = source::Options {
        seen: None,
        screen: None,
        file: "zerverless.yaml".to_owned(),
        subdir: None,
        wanted: source::Wanted::Default,
        credentials: source::Credentials::default(),
        cache: source::Cache::Nowhere,
        limits: source::Limits { silence: nothing, deadline: nothing },
        reporter: Arc::new(Silent),
        stop: tokio_util::sync::CancellationToken::new(),
    };
    Arc::new(Source::open(&Location::Path(path), &options).expect("a source"))
}

/// Does `work` of the library to its end.
pub(super) fn block_on<T>(work: impl AsyncFnOnce(&Context) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (_stopper, stop) = Stop::pair();
    let context = Context { reporter: Arc::new(Silent), stop, confirm: None };
    runtime.block_on(work(&context))
}

/// A run on a thread of its own.
pub(super) struct Started {
    thread: JoinHandle<Option<Run>>,
    abort: oneshot::Sender<()>,
}

impl Started {
    pub(super) fn sync(source: Arc<Source>, options: Options) -> Self {
        let (abort, aborted) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            block_on(async |context| {
                tokio::select! {
                    run = pipeline::sync(&source, &options, context) => Some(run),
                    Ok(()) = aborted => None,
                }
            })
        });
        Self { thread, abort }
    }

    pub(super) fn finish(self) -> Run {
        self.thread.join().expect("no panic").expect("nobody aborts it")
    }

    /// Everything of it ends at once, as at the end of a process. None: it had ended by itself.
    pub(super) fn abort(self) -> Option<Run> {
        // Nobody hears it when the run is over.
        let _ = self.abort.send(());
        self.thread.join().expect("no panic")
    }
}

/// A run as the program tells of it.
pub(super) fn told(run: Run, command: &str) -> Outcome {
    let status = run.error.as_ref().map_or(0, |error| match error.class() {
        Class::Server => 5,
        Class::Partial => 6,
        Class::Guard => 7,
        Class::Busy => 9,
        _ => 1,
    });
    let stdout = report::runs(&[run], Verb::Sync, Format::Json, Detail::default(), &Printer::new(ColorChoice::Never));
    Outcome::of(status, stdout, command)
}
