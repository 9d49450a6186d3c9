//! The order of things: source → manifest → desired, listing + records → observed, both → plan → apply → record.
//!
//! `validate` ends after the first arrow, `diff` after the plan, and only `sync` holds something that can write. There is no dry-run flag: what
//! stops earlier cannot do what comes later.

mod across;
mod check;
mod destroy;
mod export;
mod health;
mod lock;
mod moved;
mod observe;
mod older;
mod record;
mod repair;
mod rewritten;
mod rollback;
mod status;
mod sync;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::api::{self, Client};
use crate::apply::{Deployment, Outcomes, Stop};
use crate::error::Error;
use crate::event::Reporter;
use crate::key::{AppId, Namespace};
use crate::manifest::Finding;
use crate::plan::{Plan, Policy, Rebuild, at_generations, compute};
use crate::source::Source;

use check::Prepared;

pub use crate::record::store::Pace;
pub use across::across;
pub use check::{Checked, Depth, check, identify, inputs};
pub use destroy::destroy;
pub use export::{Exported, export};
pub use health::{Health, HealthWord, Trouble};
pub use lock::interrupted;
pub use older::older;
pub use record::{Released, Resumed, release, resume, unlock};
pub use repair::{Repaired, repair};
pub use rollback::{rollback, target as rollback_target};
pub use status::{Against, Drift, Holding, Recorded, Status, SyncWord, list, recorded, status, status_against};
pub use sync::sync;

/// How the live state is proved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Verify {
    /// By the record alone; static files are not even listed.
    Record,
    /// By the record and the listing of names.
    #[default]
    List,
    /// Every byte is downloaded.
    Full,
}

impl Verify {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::List => "list",
            Self::Full => "full",
        }
    }
}

/// What a run was told.
#[derive(Debug, Clone)]
pub struct Options {
    /// How to reach the orchestrator.
    pub server: api::Config,
    /// `--namespace`.
    pub namespace: Option<Namespace>,
    /// What is allowed; the source's part of it is filled in by the run.
    pub policy: Policy,
    /// `--verify`.
    pub verify: Verify,
    /// `--strict`.
    pub strict: bool,
    /// `--lock-timeout`.
    pub lock_timeout: Duration,
    /// How claims show that their runs are alive.
    pub pace: Pace,
    /// What the source must still be, for a process that keeps one application for long.
    pub pinned: Option<Pinned>,
    /// How functions with containers are deployed.
    pub deployment: Deployment,
    /// `--rebuild`.
    pub rebuild: Rebuild,
}

/// What a process began with, as far as it is known. A source that became another one is not applied until somebody says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pinned {
    /// The manifest's namespace and name.
    pub app: Option<AppId>,
    /// The branch that is checked out.
    pub branch: Option<String>,
}

/// Where the time went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// Reading and hashing the source.
    pub source: Duration,
    /// Reading what is live.
    pub observe: Duration,
    /// Waiting for other runs, applying and recording.
    pub apply: Duration,
}

/// One run for one application, however it ended.
#[derive(Debug, Default)]
pub struct Run {
    /// What people call the manifest.
    pub manifest: String,
    /// Whose; none when the manifest did not say.
    pub app: Option<AppId>,
    /// Which repository and directory.
    pub source: String,
    /// Of the source; none outside a repository.
    pub revision: Option<String>,
    /// The branch; none outside a repository, and for a commit that is none's.
    pub branch: Option<String>,
    /// The commit that was applied last, when the branch was rewritten and holds it no more.
    pub rewritten: Option<String>,
    /// How the live state was proved.
    pub verified: Verify,
    /// Warnings; the errors are in `error`.
    pub findings: Vec<Finding>,
    /// What there is to do, when it came so far.
    pub plan: Option<Plan>,
    /// What became of it; none when nothing was to be applied.
    pub outcomes: Option<Outcomes>,
    /// The record says what became of it.
    pub recorded: bool,
    /// The orchestrator's URL.
    pub url: String,
    /// What somebody has to do to see it.
    pub hint: Option<String>,
    /// Declared functions and files: what is live when all went well.
    pub declared: Vec<crate::key::ItemKey>,
    /// How many requests it took.
    pub requests: u64,
    /// Where the time went.
    pub timings: Timings,
    /// Why it did not end well.
    pub error: Option<Error>,
}

/// Asked on a thread of its own, once before the first write, whether a plan may be carried out.
pub type Confirm = Arc<dyn Fn(&Plan) -> Result<(), Error> + Send + Sync>;

/// What a run works with.
#[derive(Clone)]
pub struct Context {
    /// Told as it happens.
    pub reporter: Arc<dyn Reporter>,
    /// Asked whether to stop.
    pub stop: Stop,
    /// Asked before something is deleted; none where nobody can answer.
    pub confirm: Option<Confirm>,
}

/// What would be changed, and why; only reads.
pub async fn diff(source: &Arc<Source>, options: &Options, context: &Context) -> Run {
    let mut run = begin(source, options);
    let result = try_diff(source, options, context, &mut run).await;
    run.error = result.err().map(|error| lock::or_interrupted(error, &context.stop));
    run
}

fn begin(source: &Source, options: &Options) -> Run {
    let (manifest, url) = (source.display(&source.manifest), options.server.url.clone());
    Run { manifest, url, source: source.identity.clone(), verified: options.verify, ..Run::default() }
}

async fn try_diff(source: &Arc<Source>, options: &Options, context: &Context, run: &mut Run) -> Result<(), Error> {
    let prepared = check::prepare(source, options, context, run).await?;
    let client = lock::unless_signalled(&context.stop, Client::connect(&options.server, Arc::clone(&context.reporter))).await??;
    let started = Instant::now();
    let observing = observe::observe(&client, &prepared.desired, options, &context.reporter);
    let observed = lock::unless_signalled(&context.stop, observing).await;
    run.requests = client.requests();
    run.timings.observe = started.elapsed();
    let observation = observed??;
    let desired = at_generations(&prepared.desired, &observation.observed, &options.rebuild);
    let mut plan = compute(&desired, &observation.observed, &policy(options, &prepared));
    plan.warnings.extend(moved::elsewhere(&client, &prepared, &observation.observed, options).await?);
    plan.warnings.extend(rewritten::note(&prepared, &observation.observed, options, context, run).await?);
    let guards = plan.guards.clone();
    run.plan = Some(plan);
    if guards.is_empty() { Ok(()) } else { Err(Error::Guard(guards)) }
}

/// The user's policy with what only the source knows.
fn policy(options: &Options, prepared: &Prepared) -> Policy {
    let commit = prepared.revision.as_ref().map(|revision| revision.commit.clone());
    Policy { source: prepared.identity.clone().unwrap_or_default(), commit, ..options.policy.clone() }
}
