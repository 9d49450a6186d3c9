//! One registered application: waits until something rings, looks, and makes the namespace equal to the newest commit. One run at a time; an error or a
//! panic in it is its own.

use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::fleet::{Fleet, Progress};
use super::heads::Question;
use super::set_back::SetBack;
use super::{Bell, Pass, Rung, Schedule, Step, Trigger, credentials, verdict};
use crate::apply::Stop;
use crate::error::{Class, Error};
use crate::fingerprint::Fingerprint;
use crate::key::AppId;
use crate::pipeline::{self, Context, Options, Pinned, Run};
use crate::registry::{Application, Registration, Repository};
use crate::source::{self, Location, Source, SourceError, Wanted};

/// How often a branch is looked at again that is not yet where a webhook says, with doubled waits.
const HINT_LOOKS: u32 = 5;
const FIRST_HINT_WAIT: Duration = Duration::from_secs(1);
/// After a look that a webhook led to, so that a burst of them is few looks.
const REST: Duration = Duration::from_millis(250);

/// The inside; see the module.
pub(super) struct Keeper {
    app: AppId,
    fleet: Fleet,
    bell: Bell,
    /// Where a webhook says that the branch is.
    expected: Arc<Mutex<Option<String>>>,
    progress: watch::Sender<Progress>,
    stop: Stop,
    schedule: Schedule,
    /// Where the branch was at the last look.
    head: Option<String>,
    /// Looks in a row that found the branch not yet where a webhook says.
    late: u32,
    set_back: SetBack,
    /// Where its files come from.
    repository: String,
}

/// A look that came to something.
struct Looked {
    seen: Option<Fingerprint>,
    step: Step,
    run: Run,
    source: Option<Arc<Source>>,
}

/// Files, and the rights to have them open and to run with them.
type Opened = Result<(Arc<Source>, [OwnedSemaphorePermit; 2]), Error>;

/// When to look again.
enum Next {
    After(Duration),
    /// When somebody says so.
    Asked,
    /// It is registered no longer.
    Never,
}

impl Keeper {
    pub(super) fn new(
        registration: &Registration,
        fleet: Fleet,
        bell: Bell,
        expected: Arc<Mutex<Option<String>>>,
        progress: watch::Sender<Progress>,
        stop: Stop,
    ) -> Self {
        let (app, repository) = (registration.app.clone(), registration.repository.identity.clone());
        let schedule = Schedule::new(fleet.0.settings.interval, fleet.0.settings.on_drift);
        Self { app, fleet, bell, expected, progress, stop, repository, schedule, head: None, late: 0, set_back: SetBack::default() }
    }
}

/// Keeps the application until it is registered no longer or is to be let go. The first look comes `after` a while, or when something rings.
pub(super) async fn keep(mut keeper: Keeper, after: Option<Duration>) {
    keeper.sleep(after);
    let mut next = after.map(|after| Instant::now() + after);
    loop {
        let due = async {
            match next {
                Some(next) => tokio::time::sleep_until(next.into()).await,
                None => std::future::pending().await,
            }
        };
        let rung = tokio::select! {
            _ = keeper.stop.signalled() => break,
            rung = keeper.bell.rung() => rung,
            () = due => {
                keeper.ring();
                continue;
            }
        };
        keeper.progress.send_modify(|progress| progress.begun += 1);
        let by_webhook = rung.triggers.contains(&Trigger::Webhook);
        let looked = match AssertUnwindSafe(keeper.look(rung.clone())).catch_unwind().await {
            Ok(next) => next,
            Err(_) => keeper.panicked(rung).await,
        };
        let wait = match looked {
            Next::After(wait) => Some(wait),
            Next::Asked => None,
            Next::Never => break,
        };
        next = wait.map(|wait| Instant::now() + wait);
        keeper.sleep(wait);
        keeper.progress.send_modify(|progress| progress.finished = progress.begun);
        if by_webhook {
            tokio::time::sleep(REST).await;
        }
    }
    keeper.fleet.ended(&keeper.app);
}

impl Keeper {
    fn sleep(&self, wait: Option<Duration>) {
        let next = wait.and_then(|wait| jiff::Timestamp::now().checked_add(wait).ok());
        self.progress.send_modify(|progress| progress.next = next);
    }

    /// Time went by: everybody of the repository looks together, unless this is a try of one that failed.
    fn ring(&self) {
        if self.late > 0 {
            self.bell.ring(Trigger::Webhook);
        } else if self.schedule.is_failing() {
            self.bell.ring(Trigger::Poll);
        } else {
            self.fleet.poll(&self.repository);
            self.bell.ring(Trigger::Poll);
        }
    }

    async fn look(&mut self, rung: Rung) -> Next {
        let application = match self.fleet.0.registry.get(&self.app).await {
            Ok(Some(application)) => application,
            Ok(None) => return Next::Never,
            Err(error) => return self.unread(rung, &error.to_string()),
        };
        self.repository.clone_from(&application.registration.repository.identity);
        self.fleet.learn(&application.registration);
        if application.removing {
            return self.remove(rung).await;
        }
        if application.suspended.is_some() {
            return Next::Asked;
        }
        match self.run(&rung, &application).await {
            Some(looked) => self.end(rung, looked).await,
            None => Next::After(self.wait()),
        }
    }

    /// Where the branch is, and what that leads to. None: nothing, or a signal came before.
    async fn run(&mut self, rung: &Rung, application: &Application) -> Option<Looked> {
        let signal = self.stop.clone();
        let (seen, step, opened) = tokio::select! {
            ready = self.ready(rung, application) => ready?,
            _ = signal.signalled() => return None,
        };
        let (source, _places) = match opened {
            Ok(opened) => opened,
            Err(error) => return Some(Looked { seen, step, run: Run { error: Some(error), ..Run::default() }, source: None }),
        };
        let (options, context) = (self.options(), self.context());
        // It hears the signal itself, and finishes what is in flight.
        let run = match step {
            Step::Compare => pipeline::diff(&source, &options, &context).await,
            Step::Sync | Step::Nothing => pipeline::sync(&source, &options, &context).await,
        };
        Some(Looked { seen, step, run, source: Some(source) })
    }

    /// What is to be done with which files; with a place among the runs that go on. None: nothing.
    async fn ready(&mut self, rung: &Rung, application: &Application) -> Option<(Option<Fingerprint>, Step, Opened)> {
        let registration = &application.registration;
        let (location, mut git) = match self.place(application) {
            Ok(place) => place,
            Err(error) => return Some((None, Step::Sync, Err(error))),
        };
        let Registration { repository, branch, .. } = registration;
        let question = Question {
            repository: repository.identity.clone(),
            url: repository.url.clone(),
            branch: branch.clone(),
            credential: application.sealed.clone().unwrap_or_default(),
        };
        let fleet = Arc::clone(&self.fleet.0);
        let head = match fleet.heads.at(question, rung.since, &location, &git, &fleet.counters).await {
            Ok(head) => head,
            Err(error) => return Some((None, Step::Sync, Err(error.into()))),
        };
        let commit = head.as_ref().map(|head| head.commit.clone());
        let moved = commit != self.head;
        self.expect(rung, commit.as_deref(), moved);
        self.head.clone_from(&commit);
        let seen = Some(seen(registration, commit.as_deref()));
        let step = self.schedule.step(&rung.triggers, seen);
        if step == Step::Nothing {
            return None;
        }
        git.seen = head;
        // A host that is slow holds up who wants something of it, and nobody who could run: its own few places come first.
        let at_host = fleet.heads.place(&location).await;
        let opening = Arc::clone(&fleet.openings).acquire_owned().await.ok()?;
        let opened = open(location, git).await;
        drop(at_host);
        let source = match opened {
            Ok(source) => source,
            Err(error) => return Some((seen, step, Err(error.into()))),
        };
        let place = Arc::clone(&fleet.places).acquire_owned().await.ok()?;
        Some((seen, step, Ok((source, [opening, place]))))
    }

    /// Where the repository is, and how it is opened now.
    fn place(&self, application: &Application) -> Result<(Location, source::Options), Error> {
        let Registration { app, repository, branch, subdir } = &application.registration;
        let settings = &self.fleet.0.settings;
        let mut git = settings.git.clone();
        let own = self.fleet.0.registry.credential(application).map_err(|error| Error::Unexpected(error.to_string()))?;
        git.credentials = match (own, &settings.credentials) {
            (Some(own), _) => credentials::of_registration(own, &git.credentials),
            (None, Some(file)) => credentials::of_file(file, &repository.identity, &git.credentials)?,
            (None, None) => git.credentials,
        };
        git.reporter = (self.fleet.0.settings.reporter)(app);
        git.subdir.clone_from(subdir);
        git.wanted = branch.clone().map_or(Wanted::Default, Wanted::Branch);
        // What may be registered is said when the process starts, and the registration may be older.
        Repository::parse(&repository.url, &settings.allowed).map_err(|error| Error::Usage(error.to_string()))?;
        Ok((Location::parse(Path::new(&repository.url))?, git))
    }

    /// What the registration says is what the manifest must say.
    fn options(&self) -> Options {
        let mut options = self.fleet.0.settings.options.clone();
        options.pinned = Some(Pinned { app: Some(self.app.clone()), branch: None });
        options.policy.allow_older |= self.set_back.persists(self.head.as_deref(), self.fleet.0.settings.interval);
        options
    }

    fn context(&self) -> Context {
        let reporter = (self.fleet.0.settings.reporter)(&self.app);
        Context { reporter, stop: self.stop.of_next_run(), confirm: None }
    }

    /// Whether the branch is where a webhook said; a push may be announced before it can be seen.
    fn expect(&mut self, rung: &Rung, commit: Option<&str>, moved: bool) {
        let mut expected = self.expected.lock().unwrap_or_else(PoisonError::into_inner);
        let is_there = moved || expected.as_deref().is_some_and(|expected| Some(expected) == commit);
        if is_there || !rung.triggers.contains(&Trigger::Webhook) || self.late == HINT_LOOKS {
            *expected = None;
            self.late = 0;
        } else {
            self.late += 1;
        }
    }

    async fn end(&mut self, rung: Rung, looked: Looked) -> Next {
        let Looked { seen, step, run, source } = looked;
        if matches!(run.error, Some(Error::Interrupted(..))) {
            return Next::Never;
        }
        self.schedule.ended(seen, run.error.as_ref().map(Error::class));
        self.set_back.learn(&run, self.head.as_deref());
        let took = rung.since.elapsed();
        let pass = Pass { rung, step, run, took, source, next: self.wait() };
        let ended = verdict::ended(&self.app, &pass);
        self.fleet.0.counters.run(ended.operation, took);
        if let Err(error) = self.fleet.0.registry.ended(&self.app, &ended).await {
            return self.unread(pass.rung, &error.to_string());
        }
        (self.fleet.0.settings.show)(&self.app, &pass, &ended);
        Next::After(pass.next)
    }

    /// The panic itself was said when it happened; here it becomes what is known of the application.
    async fn panicked(&mut self, rung: Rung) -> Next {
        let error = Some(Error::Unexpected("a fault of this program ended the look: please report what its log says".to_owned()));
        self.end(rung, Looked { seen: None, step: Step::Nothing, run: Run { error, ..Run::default() }, source: None }).await
    }

    /// The database did not answer: nothing is done that could not be taken down.
    fn unread(&mut self, rung: Rung, reason: &str) -> Next {
        self.schedule.ended(None, Some(Class::Unexpected));
        let error = Some(Error::Unexpected(reason.to_owned()));
        let took = rung.since.elapsed();
        let pass = Pass { rung, step: Step::Nothing, run: Run { error, ..Run::default() }, took, source: None, next: self.wait() };
        (self.fleet.0.settings.show)(&self.app, &pass, &verdict::ended(&self.app, &pass));
        Next::After(pass.next)
    }

    /// Removes what the application placed, and then the application.
    async fn remove(&mut self, rung: Rung) -> Next {
        let Ok(_place) = Arc::clone(&self.fleet.0.places).acquire_owned().await else { return Next::Never };
        let mut run = pipeline::destroy(&self.app, &self.fleet.0.settings.options, &self.context()).await;
        if matches!(run.error, Some(Error::NotRecorded(_))) {
            run.error = None;
        }
        let removed = run.error.is_none();
        let next = self.end(rung, Looked { seen: None, step: Step::Sync, run, source: None }).await;
        if removed && self.fleet.0.registry.forget(&self.app).await.is_ok() { Next::Never } else { next }
    }

    fn wait(&self) -> Duration {
        let wait = self.schedule.wait(rand::random());
        if self.late > 0 { wait.min(FIRST_HINT_WAIT * (1 << (self.late - 1))) } else { wait }
    }
}

/// Opens a repository on a thread that may wait for it.
async fn open(location: Location, git: source::Options) -> Result<Arc<Source>, SourceError> {
    let opened = tokio::task::spawn_blocking(move || Source::open(&location, &git)).await;
    opened.unwrap_or_else(|panicked| Err(SourceError::Libgit2(panicked.to_string()))).map(Arc::new)
}

/// What the source is: its commit, and what was registered.
fn seen(registration: &Registration, commit: Option<&str>) -> Fingerprint {
    let parts = [
        &registration.repository.url,
        registration.branch.as_deref().unwrap_or_default(),
        registration.subdir.as_deref().unwrap_or_default(),
    ];
    let mut fields: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
    fields.push(commit.unwrap_or_default().as_bytes());
    Fingerprint::of_fields(&fields)
}
