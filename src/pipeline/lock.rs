//! Waiting for other runs, and becoming the one that writes.

use std::time::{Duration, Instant};

use super::observe::Observation;
use super::{Context, Options};
use crate::api::{ApiError, Client};
use crate::apply::{Stop, StopReason};
use crate::error::{Class, Error};
use crate::event::Event;
use crate::key::ItemKey;
use crate::plan::Plan;
use crate::record::store::{Held, Observer, Snapshot, keys, load};
use crate::record::{AppKey, Claim, Holder, Phase};
use crate::state::Desired;

/// The wait before the second look; doubled up to the longest.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Keeps track of how long this run has been waiting, and of who is alive.
pub(super) struct Queue {
    observer: Observer,
    deadline: Instant,
    waits: u32,
    told: bool,
}

impl Queue {
    pub(super) fn new(options: &Options) -> Self {
        Self { observer: Observer::default(), deadline: Instant::now() + options.lock_timeout, waits: 0, told: false }
    }

    /// The live claim that this run has to wait for, if there is one: of this application, or of another one that intends a name of ours.
    pub(super) fn in_the_way(&mut self, snapshot: &Snapshot, desired: &Desired, except: Option<&str>) -> Option<Holder> {
        let ours = AppKey::of(&desired.app);
        let now = Instant::now();
        let mut found = None;
        for (app, record) in &snapshot.apps {
            // Also one whose head is there already: its run is still cleaning up.
            for (run, claim) in &record.claims {
                let key = app.claim(run);
                if except == Some(key.as_str()) || self.observer.is_dead(&key, claim, now) {
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
    pub(super) async fn wait(&mut self, holder: &Holder, context: &Context) -> Result<(), Error> {
        let wait = FIRST_WAIT.saturating_mul(1 << self.waits.min(5)).min(LONGEST_WAIT).mul_f64(rand::random_range(0.5..1.0));
        self.waits += 1;
        if Instant::now() + wait > self.deadline {
            return Err(Error::Busy { holder: holder.to_string() });
        }
        if !std::mem::replace(&mut self.told, true) {
            context.reporter.event(&Event::Waiting { holder: holder.to_string() });
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => Ok(()),
            reason = context.stop.stopped() => Err(interrupted(reason)),
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
    observation: &Observation,
    queue: &mut Queue,
    context: &Context,
) -> Result<Option<Held>, Error> {
    let (reader, writer) = (client.reader(), client.writer());
    let planned = &observation.snapshot.keys;
    let held = Held::take(reader.clone(), writer, &desired.app, Holder::this_process(), planned).await?;
    // From here on the claim is on the server: every way out gives it back.
    let mine = held.claim_key();
    let looked = async {
        let now = keys(&reader, &desired.app.namespace).await?;
        if now.iter().filter(|key| **key != mine).eq(planned) {
            return Ok(None);
        }
        load(&reader, &desired.app.namespace, &observation.snapshot.shards()).await.map(Some)
    };
    let changed = match looked.await {
        Ok(None) => return Ok(Some(held)),
        changed => changed,
    };
    held.release().await?;
    if let Some(now) = changed?
        && let Some(holder) = queue.in_the_way(&now, desired, Some(&mine))
    {
        queue.wait(&holder, context).await?;
    }
    Ok(None)
}

/// Writes ahead what the run intends. When that fails, nothing was changed yet, and the claim is given back.
pub(super) async fn intend(held: &Held, plan: &Plan, desired: &Desired, observation: &Observation) -> Result<(), ApiError> {
    let entries = crate::plan::after(plan, desired, &observation.observed, &crate::apply::Outcomes::new());
    let there = observation.snapshot.record(&AppKey::of(&desired.app)).named_shards();
    held.intend(&crate::record::split(entries), &there).await
}

/// The error for a run that was asked to stop before it was through.
pub(super) fn interrupted(reason: StopReason) -> Error {
    match reason {
        StopReason::Terminate => Error::Interrupted("terminated before it was through", Class::Terminated),
        StopReason::Interrupt | StopReason::Outage | StopReason::Lost => {
            Error::Interrupted("stopped before it was through", Class::Interrupted)
        }
    }
}

/// Whether a signal asked to stop.
pub(super) fn signal(stop: &Stop) -> Option<StopReason> {
    stop.reason().filter(|reason| matches!(reason, StopReason::Interrupt | StopReason::Terminate))
}
