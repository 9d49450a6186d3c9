//! What is done to a record alone, while its items stay as they are: releasing an application, lifting or setting its hold, declaring its runs
//! dead.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::lock::{self, Queue};
use super::{Context, Options};
use crate::api::Client;
use crate::error::Error;
use crate::key::AppId;
use crate::plan::Guard;
use crate::record::store::{self, Before, Held, Snapshot, load, load_own};
use crate::record::{AppKey, Head, Hold, Holder, RecordError, split};
use crate::state::Desired;

/// An application that nothing is recorded of any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    /// Which.
    pub app: AppId,
    /// How many items it had, all of which are still there.
    pub items: u64,
}

/// An application that can be synced again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resumed {
    /// Which.
    pub app: AppId,
    /// What held it; none when nothing did.
    pub was: Option<Hold>,
}

/// Forgets an application and keeps everything it placed.
pub async fn release(app: &AppId, options: &Options, context: &Context) -> Result<Released, Error> {
    let client = connect(options, context).await?;
    under_claim(Scope::Own, app, options, context, &client, async |claimed| {
        newer(app, claimed.snapshot)?;
        let items = claimed.snapshot.record(&AppKey::of(app)).ownership().len() as u64;
        let forgotten = claimed.held.forget(claimed.before).await;
        lock::settled(forgotten, "removing the record failed half way", context)?;
        Ok(Released { app: app.clone(), items })
    })
    .await
}

/// Lifts the hold of an application.
pub async fn resume(app: &AppId, options: &Options, context: &Context) -> Result<Resumed, Error> {
    let client = connect(options, context).await?;
    let was = latest(app, &client, context).await?.hold;
    if was.is_some() {
        amend(app, options, context, &client, |head| head.hold = None).await?;
    }
    Ok(Resumed { app: app.clone(), was })
}

/// Declares all runs of an application dead, and says whose they were.
pub async fn unlock(app: &AppId, options: &Options, context: &Context) -> Result<Vec<Holder>, Error> {
    let client = connect(options, context).await?;
    let key = AppKey::of(app);
    let snapshot = lock::unless_signalled(&context.stop, load_own(&client.reader(), app)).await??;
    if !snapshot.knows(&key) {
        return Err(Error::NotRecorded(app.to_string()));
    }
    Ok(store::unlock(&client, &key, &snapshot).await?)
}

pub(super) async fn connect(options: &Options, context: &Context) -> Result<Client, Error> {
    Ok(lock::unless_signalled(&context.stop, Client::connect(&options.server, Arc::clone(&context.reporter))).await??)
}

/// The newest head of an application.
pub(super) async fn latest(app: &AppId, client: &Client, context: &Context) -> Result<Head, Error> {
    let key = AppKey::of(app);
    let snapshot = lock::unless_signalled(&context.stop, load_own(&client.reader(), app)).await??;
    unreadable(app, &snapshot)?;
    snapshot.record(&key).latest().cloned().ok_or_else(|| Error::NotRecorded(app.to_string()))
}

/// Puts a head that says the same as the one before, but for what `change` does to it.
pub(super) async fn amend(
    app: &AppId,
    options: &Options,
    context: &Context,
    client: &Client,
    change: impl Fn(&mut Head),
) -> Result<(), Error> {
    under_claim(Scope::Own, app, options, context, client, async |claimed| {
        unreadable(app, claimed.snapshot)?;
        let record = claimed.snapshot.record(&AppKey::of(app));
        let mut head = record.latest().cloned().ok_or_else(|| Error::NotRecorded(app.to_string()))?;
        change(&mut head);
        let owned = record.ownership();
        let shards = split(owned.iter().map(|(key, owned)| owned.entry(key)).collect());
        let settled = claimed.held.settle(head, &shards, claimed.before).await;
        lock::settled(settled, "recording it failed", context)
    })
    .await
}

/// A claim, and what was recorded when it was taken.
pub(super) struct Claimed<'a> {
    pub(super) held: &'a Held,
    pub(super) snapshot: &'a Snapshot,
    pub(super) before: &'a Before,
}

/// What a verb has to know of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// What the application owns.
    Own,
    /// What its neighbours own as well.
    All,
}

/// Waits for other runs, takes the claim of `app` and does `act` while it is kept alive. The claim is given back when `act` fails.
pub(super) async fn under_claim<T>(
    scope: Scope,
    app: &AppId,
    options: &Options,
    context: &Context,
    client: &Client,
    act: impl AsyncFn(Claimed<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let (key, nothing) = (AppKey::of(app), Desired::nothing(app.clone()));
    let mut queue = Queue::new(options);
    loop {
        let (reader, unread) = (client.reader(), BTreeMap::new());
        let loading = async {
            match scope {
                Scope::Own => load_own(&reader, app).await,
                Scope::All => load(&reader, &app.namespace, &unread).await,
            }
        };
        let snapshot = lock::unless_signalled(&context.stop, loading).await??;
        if !snapshot.knows(&key) && !options.policy.adopt {
            return Err(Error::NotRecorded(app.to_string()));
        }
        if let Some(holder) = queue.in_the_way(&snapshot, &nothing, None) {
            queue.wait(&holder.to_string(), context).await?;
            continue;
        }
        let Some(held) = lock::claim(client, &nothing, &snapshot, &mut queue, context).await? else { continue };
        let before = queue.before(&snapshot, &key);
        let acting = act(Claimed { held: &held, snapshot: &snapshot, before: &before });
        tokio::pin!(acting);
        let done = tokio::select! {
            done = &mut acting => done,
            // Losing the claim ends the act at its next look at it.
            _ = held.keep_alive() => acting.await,
        };
        if done.is_err() {
            // When that fails too, the claim dies with this process.
            let _ = held.release().await;
        }
        return done;
    }
}

/// A record of ours that cannot be read stops whatever would put another in its place.
fn unreadable(app: &AppId, snapshot: &Snapshot) -> Result<(), Error> {
    let key = AppKey::of(app);
    let guards: Vec<Guard> = snapshot.unreadable.iter().filter(|part| part.app == key).map(guard).collect();
    if guards.is_empty() { Ok(()) } else { Err(Error::Guard(guards)) }
}

/// A record that a newer version wrote is not damaged: nobody removes it who cannot read it.
pub(super) fn newer(app: &AppId, snapshot: &Snapshot) -> Result<(), Error> {
    let key = AppKey::of(app);
    let ours = snapshot.unreadable.iter().filter(|part| part.app == key);
    let guards: Vec<Guard> = ours.filter(|part| matches!(part.error, RecordError::Newer(_))).map(guard).collect();
    if guards.is_empty() { Ok(()) } else { Err(Error::Guard(guards)) }
}

fn guard(part: &store::Unreadable) -> Guard {
    let newer = matches!(part.error, RecordError::Newer(_));
    Guard::Unreadable { key: part.key.clone(), held_by: part.held_by.clone(), ours: true, newer, reason: part.error.to_string() }
}
