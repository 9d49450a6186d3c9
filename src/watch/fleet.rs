//! Many applications in one process: who is kept is read from the registry, each is kept by a task of its own.
//!
//! ```text
//! registry ─► fleet ─► a keeper for each application ─► heads ─► pipeline ─► registry
//!                ▲ wake: "look again", from the API, webhooks, SIGHUP
//! ```
//! Whoever wants something writes it into the registry and wakes the fleet: a keeper reads what is registered at each look, so a wake that is lost with the
//! process loses nothing.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::LocalSet;
use tokio_util::task::TaskTracker;

use super::counters::{Counted, Counters};
use super::heads::Heads;
use super::keeper::{self, Keeper};
use super::{Bell, OnDrift, Pass, Push, Trigger};
use crate::apply::{Stop, StopReason, Stopper};
use crate::event::Reporter;
use crate::key::AppId;
use crate::pipeline::Options;
use crate::registry::{Allowed, Ended, Registration, Registry, RegistryError};
use crate::source;

/// First looks after a start come so far apart, as long as an interval has room for all of them.
const START_PACE: Duration = Duration::from_millis(50);
/// So many repositories are open at a time, those that are being fetched included.
const OPENINGS: usize = 64;
/// How long runs may take to finish what is in flight when the process is to end.
const LAST_RUNS: Duration = Duration::from_secs(9);

/// How applications are kept.
pub struct FleetSettings {
    /// Between two polls.
    pub interval: Duration,
    /// What is done about drift.
    pub on_drift: OnDrift,
    /// How many runs go on at a time.
    pub parallel: usize,
    /// Of every run.
    pub options: Options,
    /// How repositories are opened.
    pub git: source::Options,
    /// Where they may be.
    pub allowed: Allowed,
    /// What opens repositories of whole hosts and organisations.
    pub credentials: Option<PathBuf>,
    /// Who is told of what happens while one application is looked at.
    pub reporter: Box<ReporterOf>,
    /// Told of every run.
    pub show: Box<Show>,
}

/// The reporter of one application.
pub type ReporterOf = dyn Fn(&AppId) -> Arc<dyn Reporter> + Send + Sync;
/// Shows a run of one application, and what it means for that.
pub type Show = dyn Fn(&AppId, &Pass, &Ended) + Send + Sync;

/// How far an application's looks are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Looks that were begun.
    pub begun: u64,
    /// Looks that are over.
    pub finished: u64,
    /// When it looks again by itself.
    pub next: Option<jiff::Timestamp>,
}

/// A look that was asked for.
pub struct Ticket {
    progress: watch::Receiver<Progress>,
    look: u64,
}

/// A handle of it; see the module.
#[derive(Clone)]
pub struct Fleet(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) registry: Registry,
    pub(super) settings: FleetSettings,
    pub(super) heads: Heads,
    pub(super) counters: Counters,
    /// For runs that go on.
    pub(super) places: Arc<Semaphore>,
    /// For repositories that are open.
    pub(super) openings: Arc<Semaphore>,
    stop: Stop,
    keepers: Mutex<BTreeMap<AppId, Kept>>,
    /// To whoever runs the keepers.
    begin: mpsc::UnboundedSender<Beginning>,
}

/// A keeper, and when it looks first.
type Beginning = (Keeper, Option<Duration>);

/// Runs the keepers of a fleet, all on one thread: what takes a processor's time, hashing and reading of Git's objects, is done on others anyway.
pub struct Runner {
    fleet: Fleet,
    beginning: mpsc::UnboundedReceiver<Beginning>,
}

/// The outside of a keeper.
struct Kept {
    bell: Bell,
    /// As it was at the last look.
    registration: Registration,
    expected: Arc<Mutex<Option<String>>>,
    progress: watch::Receiver<Progress>,
    stopper: Stopper,
}

impl Fleet {
    /// A fleet, and who runs it. Nobody is kept before [`Runner::run`].
    #[must_use]
    pub fn new(registry: Registry, settings: FleetSettings, stop: Stop) -> (Self, Runner) {
        let places = Arc::new(Semaphore::new(settings.parallel));
        let (begin, beginning) = mpsc::unbounded_channel();
        let inner = Inner {
            registry,
            settings,
            heads: Heads::default(),
            counters: Counters::default(),
            places,
            openings: Arc::new(Semaphore::new(OPENINGS)),
            stop,
            keepers: Mutex::default(),
            begin,
        };
        let fleet = Self(Arc::new(inner));
        (fleet.clone(), Runner { fleet, beginning })
    }

    /// Says "look again" for one application, whose registration may be new, changed or gone.
    #[expect(clippy::must_use_candidate, reason = "most only want it to look, and wait for nothing")]
    pub fn wake(&self, registration: &Registration, trigger: Trigger) -> Ticket {
        if !self.keepers().contains_key(&registration.app) {
            self.keep(registration, None);
        }
        let keepers = self.keepers();
        let Some(kept) = keepers.get(&registration.app) else {
            return Ticket { progress: watch::channel(Progress::default()).1, look: 0 };
        };
        let look = kept.progress.borrow().begun + 1;
        kept.bell.ring(trigger);
        Ticket { progress: kept.progress.clone(), look }
    }

    /// Says "look again" to everybody whom a push may concern, and how many they are.
    #[must_use]
    pub fn pushed(&self, push: &Push) -> usize {
        let (repositories, keepers) = (push.repositories(), self.keepers());
        let concerned = keepers.values().filter(|kept| push.concerns(&repositories, &kept.registration));
        let rung = concerned.map(|kept| {
            kept.expected.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&push.commit);
            kept.bell.ring(Trigger::Webhook);
        });
        rung.count()
    }

    /// Says "look again" to everybody.
    pub fn wake_all(&self, trigger: Trigger) {
        self.keepers().values().for_each(|kept| kept.bell.ring(trigger));
    }

    /// Lets the run of an application finish what is in flight, and keeps it no longer.
    pub async fn let_go(&self, app: &AppId) {
        let Some(mut progress) = self.keepers().get(app).map(|kept| {
            kept.stopper.stop(StopReason::Terminate);
            kept.progress.clone()
        }) else {
            return;
        };
        // The keeper drops its side when it ends.
        while progress.changed().await.is_ok() {}
    }

    /// How far an application is; none when nobody keeps it.
    #[must_use]
    pub fn progress(&self, app: &AppId) -> Option<Progress> {
        self.keepers().get(app).map(|kept| *kept.progress.borrow())
    }

    /// How many looks go on, and how many applications wait for one.
    #[must_use]
    pub fn load(&self) -> (usize, usize) {
        let keepers = self.keepers();
        let going = keepers.values().filter(|kept| kept.progress.borrow().is_running()).count();
        (going, keepers.values().filter(|kept| kept.bell.is_rung()).count())
    }

    /// What was counted since the process began.
    #[must_use]
    pub fn counted(&self) -> Counted {
        self.0.counters.read()
    }

    /// Whether applications are kept, and not about to be let go.
    #[must_use]
    pub fn is_running(&self) -> bool {
        !self.0.begin.is_closed() && self.0.stop.signal().is_none()
    }

    /// Rings for all applications of a repository: one answer serves them all.
    pub(super) fn poll(&self, repository: &str) {
        let keepers = self.keepers();
        let of_it = keepers.values().filter(|kept| kept.registration.repository.identity == repository);
        of_it.for_each(|kept| kept.bell.ring(Trigger::Poll));
    }

    /// Takes down what is registered now.
    pub(super) fn learn(&self, registration: &Registration) {
        if let Some(kept) = self.keepers().get_mut(&registration.app).filter(|kept| kept.registration != *registration) {
            kept.registration.clone_from(registration);
        }
    }

    /// The keeper of `app` has ended. What rang meanwhile was meant for another application of the same name.
    pub(super) fn ended(&self, app: &AppId) {
        let Some(kept) = self.keepers().remove(app) else { return };
        let repository = &kept.registration.repository.identity;
        if kept.bell.is_rung() {
            self.wake(&kept.registration, Trigger::Asked);
        } else if !self.keepers().values().any(|other| other.registration.repository.identity == *repository) {
            self.0.heads.forget(repository);
        }
    }

    fn keep(&self, registration: &Registration, after: Option<Duration>) {
        if self.0.stop.signal().is_some() {
            return;
        }
        let (stopper, stop) = Stop::pair();
        let (sender, progress) = watch::channel(Progress::default());
        let (bell, expected, registration) = (Bell::default(), Arc::default(), registration.clone());
        let keeper = Keeper::new(&registration, self.clone(), bell.clone(), Arc::clone(&expected), sender, stop);
        let app = registration.app.clone();
        let kept = Kept { bell, registration, expected, progress, stopper };
        {
            let mut keepers = self.keepers();
            // Registered while what is registered was being read: it is kept already.
            if keepers.contains_key(&app) {
                return;
            }
            keepers.insert(app, kept);
        }
        // Without a runner the process is about to end.
        let _ = self.0.begin.send((keeper, after));
    }

    fn keepers(&self) -> MutexGuard<'_, BTreeMap<AppId, Kept>> {
        self.0.keepers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Runner {
    /// Keeps everything that is registered until a signal comes, and lets runs finish what is in flight.
    pub async fn run(self) -> Result<StopReason, RegistryError> {
        LocalSet::new().run_until(self.keep_all()).await
    }

    async fn keep_all(mut self) -> Result<StopReason, RegistryError> {
        let (fleet, tasks) = (self.fleet, TaskTracker::new());
        let registered = fleet.0.registry.list().await?;
        let spread = START_PACE.saturating_mul(registered.len().try_into().unwrap_or(u32::MAX)).min(fleet.0.settings.interval);
        // All of one repository together: one answer serves them.
        let mut times = HashMap::new();
        for application in &registered {
            let repository = &application.registration.repository.identity;
            let after = *times.entry(repository).or_insert_with(|| spread.mul_f64(rand::random()));
            fleet.keep(&application.registration, Some(after));
        }
        let reason = loop {
            tokio::select! {
                Some((keeper, after)) = self.beginning.recv() => drop(tasks.spawn_local(keeper::keep(keeper, after))),
                reason = fleet.0.stop.signalled() => break reason,
            }
        };
        for kept in fleet.keepers().values() {
            kept.stopper.stop(reason);
        }
        tasks.close();
        // A run that takes longer is ended with the process: its claim says what it intended, and the next one goes on.
        let _ = tokio::time::timeout(LAST_RUNS, tasks.wait()).await;
        Ok(reason)
    }
}

impl Progress {
    /// Whether a look goes on.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.begun > self.finished
    }
}

impl Ticket {
    /// Waits until a look is over that began after it was asked for, or the application is kept no longer.
    pub async fn done(mut self) {
        let look = self.look;
        let _ = self.progress.wait_for(|progress| progress.finished >= look).await;
    }
}

#[cfg(test)]
mod tests;
