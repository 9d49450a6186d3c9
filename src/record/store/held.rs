//! A claim in our hands: from the moment it is put until a head takes its place.

use std::collections::BTreeSet;
use std::time::Duration;

use thiserror::Error;
use tokio::sync::Mutex;

use super::super::names::{Member, parse_member};
use super::super::{AppKey, AppRecord, Claim, Head, Holder, Phase, RECORD_NAMESPACE, RunId, Shard};
use super::load::{all_keys, keys};
use crate::api::{ApiError, Reader, Stored, Writer};
use crate::fingerprint::Fingerprint;
use crate::key::AppId;

/// How often a claim shows that its run is alive.
const RENEWAL: Duration = Duration::from_secs(10);

/// Why a held claim is of no use any more.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HeldError {
    /// Another run took this one for dead and went on without it.
    #[error("another run took over while this one was not answering; it stopped before deleting anything more")]
    Lost,
    /// The server failed.
    #[error(transparent)]
    Api(#[from] ApiError),
}

/// The application's claim, while this run holds it.
pub struct Held {
    reader: Reader,
    writer: Writer,
    app: AppId,
    key: AppKey,
    run: RunId,
    claim: Mutex<Claim>,
    /// Heads and claims of the application that the plan knows.
    planned: BTreeSet<String>,
}

/// How settling went once the head was put.
#[derive(Debug, Default)]
pub struct Settled {
    /// Old parts of the record that could not be removed; the next run does it.
    pub left_behind: usize,
}

impl Held {
    /// Puts the claim of a new run of `app`. `planned` are the keys of the namespace's heads and claims that the plan was made with.
    pub async fn take(reader: Reader, writer: Writer, app: &AppId, holder: Holder, planned: &BTreeSet<String>) -> Result<Self, ApiError> {
        let key = AppKey::of(app);
        let planned = planned.iter().filter(|member| belongs(member, &key)).cloned().collect();
        let claim = Claim {
            namespace: app.namespace.to_string(),
            name: app.name.to_string(),
            holder,
            phase: Phase::Preparing,
            shards: Vec::new(),
            counter: 0,
        };
        let held = Self { reader, writer, app: app.clone(), key, run: RunId::random(), claim: Mutex::new(claim), planned };
        held.put(&*held.claim.lock().await).await?;
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

    /// Gives the claim back: nothing was written under it.
    pub async fn release(self) -> Result<(), ApiError> {
        self.writer.delete_value(RECORD_NAMESPACE, &self.claim_key()).await
    }

    /// Writes ahead: puts the shards that are not there yet, then names all of them in the claim. From here on the run may write.
    pub async fn intend(&self, shards: &[Shard], there: &BTreeSet<Fingerprint>) -> Result<(), ApiError> {
        self.put_shards(shards, there).await?;
        let mut claim = self.claim.lock().await;
        claim.shards = shards.iter().map(|shard| shard.digest).collect();
        claim.phase = Phase::Applying;
        claim.counter += 1;
        self.put(&claim).await
    }

    /// Renews the claim every ten seconds; ends only when it is lost. A server that does not answer now may do so at the next beat.
    pub async fn keep_alive(&self) -> HeldError {
        loop {
            tokio::time::sleep(RENEWAL).await;
            match self.renew().await {
                Err(HeldError::Lost) => return HeldError::Lost,
                Err(HeldError::Api(_)) | Ok(()) => {}
            }
        }
    }

    async fn renew(&self) -> Result<(), HeldError> {
        self.fence().await?;
        let mut claim = self.claim.lock().await;
        claim.counter += 1;
        Ok(self.put(&claim).await?)
    }

    /// Makes sure that nobody took this run for dead: its claim is there, and no head or writing claim of the application is that the plan
    /// did not know. When it was, the claim is put back as dead, naming what was written, and the next run rewrites that.
    pub async fn fence(&self) -> Result<(), HeldError> {
        let now = keys(&self.reader, &self.app.namespace).await?;
        let mine = self.claim_key();
        let mut lost = !now.contains(&mine);
        for member in now.iter().filter(|member| **member != mine && belongs(member, &self.key) && !self.planned.contains(*member)) {
            lost |= match parse_member(member) {
                Some(Member::Claim(..)) => self.is_writing(member).await?,
                _ => true,
            };
        }
        if !lost {
            return Ok(());
        }
        let mut claim = self.claim.lock().await;
        claim.phase = Phase::Dead;
        self.put(&claim).await?;
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

    /// Puts the shards and the head that takes the place of everything in `before`, then removes what it replaces.
    pub async fn settle(&self, mut head: Head, shards: &[Shard], before: &AppRecord) -> Result<Settled, HeldError> {
        self.fence().await?;
        let claimed: BTreeSet<Fingerprint> = self.claim.lock().await.shards.iter().copied().collect();
        let known = before.named_shards();
        let there = claimed.union(&known).copied().collect();
        self.put_shards(shards, &there).await?;
        let now: BTreeSet<Fingerprint> = shards.iter().map(|shard| shard.digest).collect();
        head.shards = now.iter().copied().collect();
        head.parents = before.heads.keys().chain(before.claims.keys()).cloned().collect();
        self.writer.put_value(RECORD_NAMESPACE, &self.key.head(&self.run), &head.seal()).await?;

        let mut old: BTreeSet<String> = there.difference(&now).map(|digest| self.key.shard(digest)).collect();
        if !before.claims.is_empty() || before.has_leftovers() {
            // A run that was cut off may have put shards that no claim came to name, or not have come to remove those of a head before it.
            let stored = all_keys(&self.reader, self.key.shards()).await.unwrap_or_default();
            old.extend(stored.into_iter().filter(|key| !now.iter().any(|digest| *key == self.key.shard(digest))));
        }
        Ok(self.clean_up(old, before).await)
    }

    /// Removes shards that nothing names, then what the head replaces, and our claim last and only when all else went: as long as anything of
    /// it is there, the next run sees that there is something to clean up.
    async fn clean_up(&self, shards: BTreeSet<String>, before: &AppRecord) -> Settled {
        let heads = before.heads.keys().map(|run| self.key.head(run));
        let claims = before.claims.keys().map(|run| self.key.claim(run));
        let mut settled = Settled::default();
        for key in shards.into_iter().chain(heads).chain(claims) {
            settled.left_behind += usize::from(self.writer.delete_value(RECORD_NAMESPACE, &key).await.is_err());
        }
        if settled.left_behind == 0 {
            settled.left_behind += usize::from(self.writer.delete_value(RECORD_NAMESPACE, &self.claim_key()).await.is_err());
        }
        settled
    }

    async fn put_shards(&self, shards: &[Shard], there: &BTreeSet<Fingerprint>) -> Result<(), ApiError> {
        for shard in shards.iter().filter(|shard| !there.contains(&shard.digest)) {
            self.writer.put_value(RECORD_NAMESPACE, &self.key.shard(&shard.digest), &shard.value).await?;
        }
        Ok(())
    }

    async fn put(&self, claim: &Claim) -> Result<(), ApiError> {
        self.writer.put_value(RECORD_NAMESPACE, &self.claim_key(), &claim.seal()).await
    }
}

fn belongs(member: &str, app: &AppKey) -> bool {
    matches!(parse_member(member), Some(Member::Head(owner, _) | Member::Claim(owner, _)) if owner == *app)
}
