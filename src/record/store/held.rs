//! A claim in our hands: from the moment it is put until a head takes its place.

use std::collections::BTreeSet;
use std::time::Instant;

use thiserror::Error;
use tokio::sync::Mutex;

use super::super::names::{Member, parse_member};
use super::super::{AppKey, Claim, Entry, Phase, RECORD_NAMESPACE, RunId, Shard, split};
use super::load::all_keys;
use super::pace::{Lease, Pace};
use super::process::this_process;
use crate::api::{ApiError, Client, Reader, Stored, Writer};
use crate::fingerprint::Fingerprint;
use crate::key::AppId;

/// Why a held claim is of no use any more.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HeldError {
    /// Another run took this one for dead and went on without it.
    #[error("another run took over while this one was not answering; it stopped before deleting anything more")]
    Lost,
    /// The claim could not be renewed for so long that others may soon take this run for dead.
    #[error("the claim could not be renewed")]
    Unrenewed,
    /// The server failed.
    #[error(transparent)]
    Api(#[from] ApiError),
}

/// The application's claim, while this run holds it.
pub struct Held {
    pub(super) reader: Reader,
    pub(super) writer: Writer,
    pub(super) key: AppKey,
    pub(super) run: RunId,
    pub(super) lease: Lease,
    pace: Pace,
    state: Mutex<State>,
    /// Heads and claims of the application that the plan knows.
    planned: BTreeSet<String>,
    /// Where what we wrote is named when the claim is taken from us.
    grave: RunId,
    /// Shards that were there before our claim, when a run had left its claim behind: nothing may name what it had put by then.
    pub(super) left_behind: BTreeSet<String>,
}

/// The claim as it was put last. Whoever puts or deletes it on the server holds the lock while doing so.
struct State {
    claim: Claim,
    /// What the claim intends; none before [`Held::intend`].
    intends: Vec<Entry>,
    tenure: Tenure,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tenure {
    Holding,
    /// Given back: never to be put again.
    Released,
    /// Taken from us, and what we wrote is named under another key.
    Lost,
}

/// What a look at the application's heads and claims showed, when the claim still holds.
pub(super) struct Seen {
    /// A claim is there that the plan did not know, and that does not write.
    pub(super) strangers: bool,
    /// Our own head is listed.
    pub(super) settled: bool,
}

impl Held {
    /// Puts the claim of a new run of `app`. `planned` are the keys of the namespace's heads and claims that the plan was made with.
    pub async fn take(client: &Client, app: &AppId, planned: &BTreeSet<String>, pace: Pace) -> Result<Self, ApiError> {
        let (key, reader) = (AppKey::of(app), client.reader());
        let planned: BTreeSet<String> = planned.iter().filter(|member| belongs(member, &key)).cloned().collect();
        let claims = planned.iter().any(|member| matches!(parse_member(member), Some(Member::Claim(..))));
        let left_behind = if claims { all_keys(&reader, key.shards()).await? } else { BTreeSet::new() };
        let claim = Claim {
            namespace: app.namespace.to_string(),
            name: app.name.to_string(),
            holder: this_process(),
            phase: Phase::Preparing,
            shards: Vec::new(),
            counter: 0,
        };
        let held = Self {
            reader,
            writer: Writer::of(client),
            run: RunId::new(rand::random()),
            planned,
            left_behind,
            key,
            grave: RunId::new(rand::random()),
            lease: Lease::new(pace),
            pace,
            state: Mutex::new(State { claim, intends: Vec::new(), tenure: Tenure::Holding }),
        };
        let put = held.put(&held.state.lock().await.claim).await;
        if let Err(error) = put {
            // It may be there although the reply says otherwise; left there, it would be in everybody's way for a minute.
            let _ = held.release().await;
            return Err(error);
        }
        Ok(held)
    }

    /// Which run this is.
    #[must_use]
    pub fn run(&self) -> &RunId {
        &self.run
    }

    /// Its key on the server.
    #[must_use]
    pub fn claim_key(&self) -> String {
        self.key.claim(&self.run)
    }

    /// Tells before every write whether the claim was renewed lately.
    #[must_use]
    pub fn lease(&self) -> &Lease {
        &self.lease
    }

    /// Gives the claim back: nothing was written under it.
    pub async fn release(&self) -> Result<(), ApiError> {
        let mut state = self.state.lock().await;
        state.tenure = Tenure::Released;
        self.writer.delete_value(RECORD_NAMESPACE, &self.claim_key()).await
    }

    /// Writes ahead: puts the shards that are not there yet, then names all of them in the claim. From here on the run may write.
    pub async fn intend(&self, entries: Vec<Entry>, there: &BTreeSet<Fingerprint>) -> Result<(), HeldError> {
        let shards = split(entries.clone());
        self.put_shards(&shards, |digest| there.contains(digest)).await?;
        self.fence().await?;
        let mut state = self.state.lock().await;
        state.intends = entries;
        state.claim.shards = shards.iter().map(|shard| shard.digest).collect();
        state.claim.phase = Phase::Applying;
        state.claim.counter += 1;
        Ok(self.put(&state.claim).await?)
    }

    /// Renews the claim at its pace; ends only when the run must begin nothing new.
    pub async fn keep_alive(&self) -> HeldError {
        loop {
            tokio::time::sleep(self.pace.renewal).await;
            match tokio::time::timeout(self.pace.renewal, self.renew()).await {
                Ok(Ok(())) => {}
                Ok(Err(HeldError::Lost)) => return HeldError::Lost,
                // A server that does not answer now may do so at the next beat.
                Ok(Err(HeldError::Api(_) | HeldError::Unrenewed)) | Err(_) if self.lease.holds() => {}
                Ok(Err(HeldError::Api(_) | HeldError::Unrenewed)) | Err(_) => return HeldError::Unrenewed,
            }
        }
    }

    /// Looks whether the claim still holds, and shows that the run is alive.
    pub(super) async fn renew(&self) -> Result<(), HeldError> {
        self.fence().await?;
        let mut state = self.state.lock().await;
        if state.tenure != Tenure::Holding {
            return Ok(());
        }
        state.claim.counter += 1;
        Ok(self.put(&state.claim).await?)
    }

    /// Makes sure that nobody took this run for dead: its claim is there, and no head or writing claim of the application is that the plan
    /// did not know.
    pub async fn fence(&self) -> Result<(), HeldError> {
        self.look().await.map(drop)
    }

    pub(super) async fn look(&self) -> Result<Seen, HeldError> {
        let now = all_keys(&self.reader, self.key.members()).await?;
        let own = [self.claim_key(), self.key.head(&self.run)];
        let mut lost = !now.contains(&own[0]);
        let mut strangers = false;
        for member in now.iter().filter(|member| belongs(member, &self.key) && !own.contains(member) && !self.planned.contains(*member)) {
            strangers = true;
            lost |= match parse_member(member) {
                Some(Member::Claim(..)) => self.is_writing(member).await?,
                _ => true,
            };
        }
        if lost {
            self.bury().await?;
        }
        Ok(Seen { strangers, settled: now.contains(&own[1]) })
    }

    /// We were taken for dead. What we wrote meanwhile is nowhere in the record of the run that took over, so it is named under a key that
    /// nobody has resolved, its contents unknown: the next run writes those items again. Shards go first, so that no claim names what is not
    /// there; whoever settles meanwhile may remove them as long as nothing names them, so they are looked for once more.
    async fn bury(&self) -> Result<(), HeldError> {
        let mut state = self.state.lock().await;
        match state.tenure {
            Tenure::Released => return Ok(()),
            Tenure::Lost => return Err(HeldError::Lost),
            Tenure::Holding => {}
        }
        let unknown = state.intends.iter().map(|entry| Entry { fingerprint: None, created_at: None, ..entry.clone() });
        let shards = split(unknown.collect());
        if !shards.is_empty() {
            let digests = shards.iter().map(|shard| shard.digest).collect();
            let claim = Claim { phase: Phase::Dead, shards: digests, counter: Claim::OVER, ..state.claim.clone() };
            self.put_shards(&shards, |_| false).await?;
            self.writer.put_value(RECORD_NAMESPACE, &self.key.claim(&self.grave), &claim.seal()).await?;
            let stored = all_keys(&self.reader, self.key.shards()).await?;
            self.put_shards(&shards, |digest| stored.contains(&self.key.shard(digest))).await?;
        }
        // A head of ours that was just put may name shards that are gone.
        self.writer.delete_value(RECORD_NAMESPACE, &self.key.head(&self.run)).await?;
        self.writer.delete_value(RECORD_NAMESPACE, &self.claim_key()).await?;
        state.tenure = Tenure::Lost;
        Err(HeldError::Lost)
    }

    /// A claim that only prepares sees ours and goes away again.
    async fn is_writing(&self, key: &str) -> Result<bool, ApiError> {
        Ok(match self.reader.value(RECORD_NAMESPACE, key).await? {
            Stored::Text(text) => !matches!(Claim::open(&self.key, &text), Ok(Claim { phase: Phase::Preparing | Phase::Dead, .. })),
            Stored::Missing => false,
            Stored::Other => true,
        })
    }

    /// The shards that the claim names.
    pub(super) async fn intended(&self) -> Vec<Fingerprint> {
        self.state.lock().await.claim.shards.clone()
    }

    pub(super) async fn put_shards(&self, shards: &[Shard], is_there: impl Fn(&Fingerprint) -> bool) -> Result<(), ApiError> {
        for shard in shards.iter().filter(|shard| !is_there(&shard.digest)) {
            self.writer.put_value(RECORD_NAMESPACE, &self.key.shard(&shard.digest), &shard.value).await?;
        }
        Ok(())
    }

    async fn put(&self, claim: &Claim) -> Result<(), ApiError> {
        let sent = Instant::now();
        self.writer.put_value(RECORD_NAMESPACE, &self.claim_key(), &claim.seal()).await?;
        self.lease.renewed(sent);
        Ok(())
    }
}

fn belongs(member: &str, app: &AppKey) -> bool {
    matches!(parse_member(member), Some(Member::Head(owner, _) | Member::Claim(owner, _)) if owner == *app)
}
