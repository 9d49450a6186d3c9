//! Carries out a plan and decides nothing again.
//!
//! Images come first, before anything is claimed or sent. Phases run one after the other, the changes of a phase side by side, bounded by their
//! number and by the bytes in flight (the server holds a whole upload in memory). A change that fails does not stop the others; it stops the
//! deletions. What became of every change is returned: a change without a good reply is never called done.

mod file;
mod function;
mod images;
mod prune;
mod ready;
mod stop;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::sync::Semaphore;

use crate::api::{ApiError, Client, Deleted, Reader, Writer};
use crate::docker::{self, Engine};
use crate::event::{Event, Reporter, Stage};
use crate::files::Tree;
use crate::key::{ItemKey, ItemKind, Namespace};
use crate::live::LiveContainer;
use crate::plan::{Action, Change, ItemOutcome, Phase, Plan};
use crate::state::Desired;

pub use images::images;
pub use prune::{Recheck, prune};
pub use stop::{Stop, StopReason, Stopper};

/// Uploads in flight hold at most this many MiB together; a larger file goes alone.
const MAX_IN_FLIGHT: u32 = 64;

/// How each change ended.
pub type Outcomes = BTreeMap<ItemKey, ItemOutcome>;

/// How functions with containers are deployed.
#[derive(Debug, Clone, Default)]
pub struct Deployment {
    /// Where images are built and containers run.
    pub engine: docker::Settings,
    /// How long a function may take to come up; none: nobody looks.
    pub wait: Option<Duration>,
}

/// What applying needs.
pub struct Context {
    /// To read back what a lost reply left open.
    pub reader: Reader,
    /// To write.
    pub writer: Writer,
    /// Where the bytes are.
    pub tree: Arc<dyn Tree>,
    /// Told as it happens.
    pub reporter: Arc<dyn Reporter>,
    /// Asked before each change.
    pub stop: Stop,
    /// How many changes run side by side.
    pub parallelism: usize,
    /// Where images are built and containers run.
    engine: Engine,
    wait: Option<Duration>,
    /// Docker functions that were live when the plan was made.
    containers: Vec<LiveContainer>,
    in_flight: Semaphore,
}

impl Context {
    /// Everything for one run.
    #[must_use]
    pub fn new(
        client: &Client,
        tree: Arc<dyn Tree>,
        reporter: Arc<dyn Reporter>,
        stop: Stop,
        deployment: &Deployment,
        containers: Vec<LiveContainer>,
    ) -> Self {
        let in_flight = Semaphore::new(MAX_IN_FLIGHT as usize);
        let (reader, writer, parallelism) = (client.reader(), Writer::of(client), client.parallelism());
        let (engine, wait) = (Engine::new(deployment.engine.clone()), deployment.wait);
        Self { reader, writer, tree, reporter, stop, parallelism, engine, wait, containers, in_flight }
    }

    /// Tells that a change is over, however it ended; a file's bytes were told while it was sent.
    fn advance(&self, change: &Change) {
        let bytes = if change.key.kind == ItemKind::Function && change.action != Action::Delete { change.size } else { 0 };
        self.reporter.event(&Event::Progress { items: 1, bytes });
    }
}

/// Runs every phase but the deletions of what is no longer declared.
pub async fn apply(context: &Context, plan: &Plan, desired: &Desired) -> Outcomes {
    let sends: Vec<&Change> = plan.changes.iter().filter(|change| change.action.writes_item()).collect();
    let bytes = sends.iter().filter(|change| change.action != Action::Delete).map(|change| change.size).sum();
    context.reporter.event(&Event::StageStarted { stage: Stage::Apply, items: sends.len() as u64, bytes });
    let work = Work { context, desired, namespace: &plan.app.namespace, outcomes: Mutex::default() };
    for phase in [Phase::Clear, Phase::Assets, Phase::Functions, Phase::Pages, Phase::Index] {
        let changes = sends.iter().copied().filter(|change| change.phase == phase);
        match phase {
            Phase::Functions => work.run_functions(changes).await,
            _ => work.run(changes).await,
        }
        if phase == Phase::Clear {
            remove_directories(context, &plan.app.namespace, &plan.clear_directories).await;
        }
    }
    work.outcomes.into_inner().unwrap_or_else(PoisonError::into_inner)
}

struct Work<'a> {
    context: &'a Context,
    desired: &'a Desired,
    namespace: &'a Namespace,
    outcomes: Mutex<Outcomes>,
}

impl Work<'_> {
    async fn run<'c>(&self, changes: impl Iterator<Item = &'c Change>) {
        stream::iter(changes).for_each_concurrent(self.context.parallelism, async |change| self.one(change).await).await;
    }

    async fn one(&self, change: &Change) {
        if self.context.stop.reason().is_some() {
            return self.skip(change);
        }
        let result = match change.action {
            Action::Delete => delete(self.context, self.namespace, change, self.desired).await.map(|_| None),
            _ => file::put(self.context, self.namespace, change, self.desired, self.in_flight()).await.map(|()| None),
        };
        self.end(change, result);
    }

    fn skip(&self, change: &Change) {
        let why = self.context.stop.reason().map_or("the run ended before it", StopReason::why);
        self.record(change, ItemOutcome::Skipped(why));
    }

    fn fail(&self, change: &Change, why: String) {
        self.record(change, ItemOutcome::Failed(why));
    }

    fn end(&self, change: &Change, result: Result<Option<String>, ApiError>) {
        self.record(change, outcome(self.context, change, result));
    }

    fn in_flight(&self) -> &Semaphore {
        &self.context.in_flight
    }

    fn record(&self, change: &Change, outcome: ItemOutcome) {
        self.context.advance(change);
        self.outcomes.lock().unwrap_or_else(PoisonError::into_inner).insert(change.key.clone(), outcome);
    }
}

/// Turns a result into an outcome and tells of it. A server that is away for one change is away for all: the rest is not tried.
fn outcome(context: &Context, change: &Change, result: Result<Option<String>, ApiError>) -> ItemOutcome {
    match result {
        Ok(created_at) => {
            context.reporter.event(&Event::Applied { key: change.key.clone(), done: done(change.action) });
            ItemOutcome::Done(created_at)
        }
        Err(error) => {
            if error.is_outage() {
                context.stop.end_run(StopReason::Outage);
            }
            let help = miette::Diagnostic::help(&error).map(|help| format!(" ({help})")).unwrap_or_default();
            ItemOutcome::Failed(format!("{error}{help}"))
        }
    }
}

fn done(action: Action) -> &'static str {
    match action {
        Action::Create => "created",
        Action::Update => "updated",
        Action::Replace => "replaced",
        Action::Delete => "deleted",
        Action::Adopt => "adopted",
        Action::Forget => "forgotten",
        Action::Conflict | Action::Unmanaged => "left alone",
    }
}

/// Deletes an item; one that is not there any more is fine.
async fn delete(context: &Context, namespace: &Namespace, change: &Change, desired: &Desired) -> Result<Deleted, ApiError> {
    let path = &change.key.name;
    match change.key.kind {
        ItemKind::Function => {
            let deleted = context.writer.undeploy(namespace, path).await?;
            if context.containers.iter().any(|live| live.namespace == namespace.as_str() && live.path == *path) {
                function::remove_left_container(context, namespace, path, desired).await;
            }
            Ok(deleted)
        }
        ItemKind::StaticFile => context.writer.delete_file(namespace, &change.key.name).await,
    }
}

/// Removes directories that deletions left empty, deepest first. The server refuses where something lies in one, and an empty directory that
/// stays is seen by nobody, so a failure here is none of the run.
async fn remove_directories(context: &Context, namespace: &Namespace, directories: &[String]) {
    for directory in directories {
        if context.stop.reason().is_some() {
            return;
        }
        let _ = context.writer.delete_file(namespace, directory).await;
    }
}
