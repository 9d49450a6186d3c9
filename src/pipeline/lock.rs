//! Waiting for other runs, and becoming the one that writes.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::observe::Observation;
use super::{Context, Options};
use crate::api::{ApiError, Client};
use crate::apply::{Stop, StopReason};
use crate::error::{Class, Error};
use crate::event::Event;
use crate::key::{AppId, ItemKey};
use crate::plan::Plan;
use crate::record::store::{Before, Held, HeldError, Life, Observer, Pace, Settled, Snapshot, keys, load};
use crate::record::{AppKey, Claim, Holder, Phase, RECORD_NAMESPACE};
use crate::state::Desired;

/// The wait before the second look; doubled up to the longest.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Keeps track of how long this run has been waiting, and of who is alive.
pub(super) struct Queue {
    observer: Observer,
    pace: Pace,
    deadline: Instant,
    waits: u32,
    told: bool,
    /// Claims of the application that were taken for dead in the last look because nothing was heard of them.
    silent: BTreeSet<String>,
}

impl Queue {
    pub(super) fn new(options: &Options) -> Self {
        let (observer, deadline) = (Observer::new(options.pace), Instant::now() + options.lock_timeout);
        Self { observer, pace: options.pace, deadline, waits: 0, told: false, silent: BTreeSet::new() }
    }

    /// What `snapshot`, the last one looked at, holds of `app`, as far as a run now replaces it.
    pub(super) fn before(&self, snapshot: &Snapshot, app: &AppKey) -> Before {
        Before::of(snapshot, app, &self.silent)
    }

    /// The live claim that this run has to wait for, if there is one: of this application, or of another one that intends a name of ours.
    pub(super) fn in_the_way(&mut self, snapshot: &Snapshot, desired: &Desired, except: Option<&str>) -> Option<Holder> {
        let ours = AppKey::of(&desired.app);
        let now = Instant::now();
        let mut found = None;
        self.silent.clear();
        for (app, record) in &snapshot.apps {
            // Also one whose head is there already: its run is still cleaning up.
            for (run, claim) in &record.claims {
                let key = app.claim(run);
                if except == Some(key.as_str()) {
                    continue;
                }
                let life = self.observer.life(&key, claim, now);
                if life == Life::Silent && *app == ours {
                    self.silent.insert(key);
                }
                if life != Life::Alive {
                    continue;
                }
                if *app == ours || touches(claim, record.shards.values().flatten().map(|entry| &entry.key), desired) {
                    found = Some(claim.holder.clone());
                }
            }
        }
        found
    }

    /// Waits a little, or gives up.
    pub(super) async fn wait(&mut self, holder: &str, context: &Context) -> Result<(), Error> {
        let wait = FIRST_WAIT.saturating_mul(1 << self.waits.min(5)).min(LONGEST_WAIT).mul_f64(rand::random_range(0.5..1.0));
        self.waits += 1;
        if Instant::now() + wait > self.deadline {
            return Err(Error::Busy { holder: holder.to_owned() });
        }
        if !std::mem::replace(&mut self.told, true) {
            context.reporter.event(&Event::Waiting { holder: holder.to_owned() });
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => Ok(()),
            reason = context.stop.signalled() => Err(interrupted(reason)),
        }
    }
}

/// What another application intends is only known once it writes; until then it may be anything.
fn touches<'a>(claim: &Claim, mut intends: impl Iterator<Item = &'a ItemKey>, desired: &Desired) -> bool {
    claim.phase == Phase::Preparing || intends.any(|key| desired.content(key).is_some())
}

/// Puts a claim and looks again. None: somebody else was there, or the records changed; look at everything anew.
pub(super) async fn claim(
    client: &Client,
    desired: &Desired,
    planned: &Snapshot,
    queue: &mut Queue,
    context: &Context,
) -> Result<Option<Held>, Error> {
    let held = Held::take(client, &desired.app, &planned.keys, queue.pace).await?;
    // From here on the claim is on the server: every way out gives it back.
    let mine = held.claim_key();
    let looked = look_again(client, &desired.app, planned, &mine).await;
    if let Ok(None) = looked {
        return Ok(Some(held));
    }
    held.release().await?;
    let holder = looked?.and_then(|now| queue.in_the_way(&now, desired, Some(&mine)));
    let holder = holder.map_or_else(|| "a run that is just ending".to_owned(), |holder| holder.to_string());
    queue.wait(&holder, context).await?;
    Ok(None)
}

/// The records as they are now, unless they are as planned. Claims that were taken for dead are compared in full: one that moved is alive.
async fn look_again(client: &Client, app: &AppId, planned: &Snapshot, mine: &str) -> Result<Option<Snapshot>, ApiError> {
    let (reader, namespace) = (client.reader(), &app.namespace);
    let key = AppKey::of(app);
    let claims = planned.record(&key).claims;
    let now = keys(&reader, namespace).await?;
    if !now.contains(mine) {
        let reason = "it says that it stored the claim, and does not list it".to_owned();
        return Err(ApiError::Reply { endpoint: format!("PUT {RECORD_NAMESPACE}/{mine}"), reason });
    }
    let same_keys = now.iter().filter(|key| *key != mine).eq(&planned.keys);
    if same_keys && claims.is_empty() {
        return Ok(None);
    }
    let now = load(&reader, namespace, &planned.shards()).await?;
    let same_claims = now.record(&key).claims.into_iter().filter(|(run, _)| key.claim(run) != mine).eq(claims);
    Ok(if same_keys && same_claims { None } else { Some(now) })
}

/// Writes ahead what the run intends.
pub(super) async fn intend(held: &Held, plan: &Plan, desired: &Desired, observation: &Observation) -> Result<(), HeldError> {
    let entries = crate::plan::after(plan, desired, &observation.observed, &crate::apply::Outcomes::new());
    let there = observation.snapshot.record(&AppKey::of(&desired.app)).named_shards();
    held.intend(entries, &there).await
}

/// How a run ended whose last step was to record what it did.
pub(super) fn settled(settled: Result<Settled, HeldError>, what: &'static str, context: &Context) -> Result<(), Error> {
    match settled {
        Ok(Settled { left_behind: 0 }) => Ok(()),
        Ok(Settled { left_behind }) => {
            let message = format!("{left_behind} old parts of the record could not be removed; the next run does it");
            context.reporter.event(&Event::Warning(message));
            Ok(())
        }
        Err(HeldError::Lost | HeldError::Unrenewed) => Err(Error::Lost),
        Err(HeldError::Api(source)) => Err(Error::ServerLate { what, source }),
    }
}

/// The error for a run that was asked to stop before it was through.
#[must_use]
pub fn interrupted(reason: StopReason) -> Error {
    match reason {
        StopReason::Terminate => Error::Interrupted("terminated before it was through", Class::Terminated),
        StopReason::Interrupt | StopReason::Outage | StopReason::Unrenewed | StopReason::Lost => {
            Error::Interrupted("stopped before it was through", Class::Interrupted)
        }
    }
}

/// The server's error, unless a signal kept the run from trying again.
pub(super) fn or_interrupted(error: Error, stop: &Stop) -> Error {
    match (error, stop.signal()) {
        (Error::Server(_), Some(reason)) => interrupted(reason),
        (error, _) => error,
    }
}

/// Does `work` unless a signal comes first. Only for work that leaves nothing half done when it is dropped: reading.
pub(super) async fn unless_signalled<T>(stop: &Stop, work: impl Future<Output = T>) -> Result<T, Error> {
    tokio::select! {
        done = work => Ok(done),
        reason = stop.signalled() => Err(interrupted(reason)),
    }
}
