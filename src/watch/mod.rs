//! One process that keeps an application equal to its source, or many of them ([`Fleet`]).
//!
//! ```text
//! files, polls, SIGHUP ─► bell ─► settled? ─► schedule: worth a run? ─► the same sync as the command ─► told, next look
//! ```
//!
//! Triggers only say "look again" (level-triggered): whatever rang, and however often, the look that follows sees the newest state, and one run at a
//! time makes the namespace equal to it. An error never ends the process. What may pass is tried again with growing waits; what only another revision
//! can mend waits for one.

mod bell;
mod counters;
mod credentials;
mod files;
mod fleet;
mod heads;
mod keeper;
mod push;
mod schedule;
mod set_back;
mod verdict;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::apply::StopReason;
use crate::error::Error;
use crate::event::Event;
use crate::files::TreePath;
use crate::fingerprint::Fingerprint;
use crate::pipeline::{self, Context, Options, Pinned, Run};
use crate::source::{Source, SourceError, under_way};

pub use bell::{Bell, Rung, Trigger};
pub use counters::{CLASSES, Counted};
pub use fleet::{Fleet, FleetSettings, Progress, ReporterOf, Runner, Show, Ticket};
pub use push::Push;
pub use schedule::{OnDrift, Schedule, Step};

use files::Files;
use set_back::SetBack;

/// Between two looks at a repository in which a merge or a rebase is under way.
const REST: Duration = Duration::from_millis(50);
/// Anything Git does by itself is over sooner than this; what takes longer waits for somebody, and is told.
const LONG_REST: Duration = Duration::from_secs(1);
/// Between two looks at files whose changes the system does not tell.
const UNTOLD: Duration = Duration::from_secs(2);

/// Opens the source as it is now. Called on a thread that may block.
pub type Open = dyn Fn() -> Result<Source, SourceError> + Send + Sync;

/// What is watched.
pub struct Target {
    /// Gives its files.
    pub open: Arc<Open>,
    /// Where they are, when that is on this machine's disk as they are.
    pub directory: Option<PathBuf>,
}

/// How it is watched.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Between two polls.
    pub interval: Duration,
    /// Between two scans that must be equal.
    pub debounce: Duration,
    /// What is done about drift.
    pub on_drift: OnDrift,
    /// Another branch, name or namespace is followed, not paused at.
    pub follow: bool,
}

/// One look that led to a run.
pub struct Pass {
    /// What made it look.
    pub rung: Rung,
    /// What was done: made equal, or only compared.
    pub step: Step,
    /// How it ended.
    pub run: Run,
    /// From the trigger to the end of the run.
    pub took: Duration,
    /// Of the source, to name files.
    pub source: Option<Arc<Source>>,
    /// When it looks again by itself.
    pub next: Duration,
}

/// Keeps `target` until a signal comes. `show` is told of every run.
pub async fn watch(
    target: Target,
    settings: Settings,
    options: Options,
    context: &Context,
    bell: &Bell,
    mut show: impl FnMut(&Pass),
) -> StopReason {
    let schedule = Schedule::new(settings.interval, settings.on_drift);
    let files = target.directory.as_ref().map(|directory| Files::new(directory, crate::source::git_dir(directory), bell.clone()));
    let mut keeper = Keeper { target, settings, options, schedule, files, set_back: SetBack::default(), warned: false };
    bell.ring(Trigger::Start);
    let mut next = Instant::now() + settings.interval;
    loop {
        let rung = tokio::select! {
            rung = bell.rung() => rung,
            () = tokio::time::sleep_until(next.into()) => {
                bell.ring(Trigger::Poll);
                continue;
            }
            reason = context.stop.signalled() => return reason,
        };
        if let Some(pass) = keeper.look(rung, context).await {
            show(&pass);
        }
        next = Instant::now() + keeper.wait();
    }
}

struct Keeper {
    target: Target,
    settings: Settings,
    options: Options,
    schedule: Schedule,
    files: Option<Files>,
    set_back: SetBack,
    warned: bool,
}

impl Keeper {
    /// Looks, and runs when that is worth it. None: it was not, or a signal came before.
    async fn look(&mut self, rung: Rung, context: &Context) -> Option<Pass> {
        let looked = async {
            let print = self.still(&rung, context).await;
            let open = Arc::clone(&self.target.open);
            let opened = tokio::task::spawn_blocking(move || {
                let source = open()?;
                let (head, inputs) = (source.head()?, pipeline::inputs(&source));
                Ok::<_, SourceError>((Arc::new(source), head, inputs))
            });
            let opened = opened.await;
            let named = opened.as_ref().ok().and_then(|opened| opened.as_ref().ok());
            let also = match named {
                Some((source, _, inputs)) => self.also(source, inputs).await,
                None => None,
            };
            (also.or(print), opened)
        };
        let (print, opened) = tokio::select! {
            looked = looked => looked,
            _ = context.stop.signalled() => return None,
        };
        let mut step = Step::Sync;
        let (source, seen, run) = match opened {
            Ok(Ok((source, head, _))) => {
                let seen = seen(print, head.as_deref());
                step = self.schedule.step(&rung.triggers, Some(seen));
                let run = match step {
                    Step::Sync => self.sync(&source, head.as_deref(), context).await,
                    Step::Compare => pipeline::diff(&source, &self.options, &of_next_run(context)).await,
                    Step::Nothing => return None,
                };
                (Some(source), Some(seen), run)
            }
            Ok(Err(error)) => (None, None, Run { error: Some(error.into()), ..Run::default() }),
            Err(panicked) => (None, None, Run { error: Some(Error::Unexpected(panicked.to_string())), ..Run::default() }),
        };
        self.learn(&run);
        self.schedule.ended(seen, run.error.as_ref().map(Error::class));
        let (took, next) = (rung.since.elapsed(), self.wait());
        Some(Pass { rung, step, run, took, source, next })
    }

    /// Waits until the files stand still; none where there are none to look at.
    async fn still(&mut self, rung: &Rung, context: &Context) -> Option<Fingerprint> {
        let files = self.files.as_mut()?;
        if let Some(directory) = &self.target.directory {
            let (since, mut told) = (Instant::now(), false);
            while let Some(what) = under_way(directory) {
                if since.elapsed() >= LONG_REST && !std::mem::replace(&mut told, true) {
                    context.reporter.event(&Event::Warning(format!("{what}: waiting until it is over")));
                }
                tokio::time::sleep(REST).await;
            }
        }
        let print = if rung.triggers.contains(&Trigger::Files) || rung.triggers.contains(&Trigger::Start) {
            files.settled(self.settings.debounce).await
        } else {
            files.look().await
        };
        if !files.are_told() && !std::mem::replace(&mut self.warned, true) {
            let message = "the system cannot tell of all changes (its limit of watched directories?): looking every two seconds instead";
            context.reporter.event(&Event::Warning(message.to_owned()));
        }
        Some(print)
    }

    /// Watches what the manifest names as well; a look at all of it where that is news.
    async fn also(&mut self, source: &Source, inputs: &[TreePath]) -> Option<Fingerprint> {
        let files = self.files.as_mut()?;
        // A manifest that cannot be read now names what it named before.
        if inputs.is_empty() || !files.name(inputs.iter().filter_map(|path| source.on_disk(path)).collect()) {
            return None;
        }
        Some(files.look().await)
    }

    /// Who checks an older commit out means it, and is asked; a branch of a remote may be set back, and is followed when it stays there.
    async fn sync(&mut self, source: &Arc<Source>, head: Option<&str>, context: &Context) -> Run {
        let mut options = self.options.clone();
        options.policy.allow_older |= self.target.directory.is_none() && self.set_back.persists(head, self.settings.interval);
        let run = pipeline::sync(source, &options, &of_next_run(context)).await;
        self.set_back.learn(&run, head);
        run
    }

    /// What the first run was about stays what this process keeps.
    fn learn(&mut self, run: &Run) {
        if !self.settings.follow {
            let pinned = self.options.pinned.get_or_insert_with(Pinned::default);
            pinned.app = pinned.app.take().or_else(|| run.app.clone());
            pinned.branch = pinned.branch.take().or_else(|| run.branch.clone());
        }
    }

    fn wait(&self) -> Duration {
        let untold = self.files.as_ref().is_some_and(|files| !files.are_told());
        let wait = self.schedule.wait(rand::random());
        if untold { wait.min(UNTOLD) } else { wait }
    }
}

/// What ended one run says nothing about the next.
fn of_next_run(context: &Context) -> Context {
    Context { reporter: Arc::clone(&context.reporter), stop: context.stop.of_next_run(), confirm: None }
}

/// What the source is: its files on disk, and its commit.
fn seen(print: Option<Fingerprint>, head: Option<&str>) -> Fingerprint {
    let print = print.map(|print| print.to_string()).unwrap_or_default();
    Fingerprint::of_fields(&[print.as_bytes(), head.unwrap_or_default().as_bytes()])
}
