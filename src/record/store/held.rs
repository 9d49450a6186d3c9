//! A claim in our hands: from the moment it is put until a head takes its place.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use thiserror::Error;
use tokio::sync::Mutex;

use super::super::names::{Member, parse_member};
use super::super::{AppKey, AppRecord, Claim, Entry, Head, Phase, RECORD_NAMESPACE, RunId, Shard, split};
use super::load::{all_keys, keys};
use super::process::this_process;
use crate::api::{ApiError, Client, Reader, Stored, Writer};
use crate::fingerprint::Fingerprint;
use crate::key::AppId;

/// How often a claim shows that its run is alive.
const RENEWAL: Duration = Duration::from_secs(10);
/// A renewal that takes longer has failed.
const RENEWAL_LIMIT: Duration = Duration::from_secs(10);
/// Without a renewal for this long nothing new is begun: others take the run for dead after 60 seconds.
const UNRENEWED: Duration = Duration::from_secs(40);

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
    reader: Reader,
    writer: Writer,
    app: AppId,
    key: AppKey,
    run: RunId,
    state: Mutex<State>,
    /// Heads and claims of the application that the plan knows.
    planned: BTreeSet<String>,
}

/// The claim as it was put last. Whoever puts or deletes it on the server holds the lock while doing so.
struct State {
    claim: Claim,
    /// What the claim intends; none before [`Held::intend`].
    intends: Vec<Entry>,
    /// It is gone from the server by our own hand: never to be put again.
    over: bool,
}

/// How settling went once the head was put.
#[derive(Debug, Default)]
pub struct Settled {
    /// Old parts of the record that could not be removed; the next run does it.
    pub left_behind: usize,
}

impl Held {
    /// Puts the claim of a new run of `app`. `planned` are the keys of the namespace's heads and claims that the plan was made with.
    pub async fn take(client: &Client, app: &AppId, planned: &BTreeSet<String>) -> Result<Self, ApiError> {
        let key = AppKey::of(app);
        let claim = Claim {
            namespace: app.namespace.to_string(),
            name: app.name.to_string(),
            holder: this_process(),
            phase: Phase::Preparing,
            shards: Vec::new(),
            counter: 0,
        };
        let held = Self {
            reader: client.reader(),
            writer: Writer::of(client),
            app: app.clone(),
            run: RunId::new(rand::random()),
            planned: planned.iter().filter(|member| belongs(member, &key)).cloned().collect(),
            key,
            state: Mutex::new(State { claim, intends: Vec::new(), over: false }),
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

    /// Gives the claim back: nothing was written under it.
    pub async fn release(&self) -> Result<(), ApiError> {
        let mut state = self.state.lock().await;
        state.over = true;
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

    /// Renews the claim every ten seconds; ends only when the run must begin nothing new.
    pub async fn keep_alive(&self) -> HeldError {
        let mut last = Instant::now();
        loop {
            tokio::time::sleep(RENEWAL).await;
            match tokio::time::timeout(RENEWAL_LIMIT, self.renew()).await {
                Ok(Ok(())) => last = Instant::now(),
                Ok(Err(HeldError::Lost)) => return HeldError::Lost,
                // A server that does not answer now may do so at the next beat.
                Ok(Err(HeldError::Api(_) | HeldError::Unrenewed)) | Err(_) if last.elapsed() < UNRENEWED => {}
                Ok(Err(HeldError::Api(_) | HeldError::Unrenewed)) | Err(_) => return HeldError::Unrenewed,
            }
        }
    }

    async fn renew(&self) -> Result<(), HeldError> {
        self.fence().await?;
        let mut state = self.state.lock().await;
        if state.over {
            return Ok(());
        }
        state.claim.counter += 1;
        Ok(self.put(&state.claim).await?)
    }

    /// Makes sure that nobody took this run for dead: its claim is there, and no head or writing claim of the application is that the plan
    /// did not know. Returns whether a claim is there that the plan did not know and that does not write.
    pub async fn fence(&self) -> Result<bool, HeldError> {
        let now = keys(&self.reader, &self.app.namespace).await?;
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
        if lost { self.bury().await.map(|()| strangers) } else { Ok(strangers) }
    }

    /// We were taken for dead. What we wrote meanwhile is nowhere in the record of the run that took over, so it is named under a key that
    /// nobody has resolved, its contents unknown: the next run writes those items again. The claim goes first, so that whoever sees its shards
    /// can see what they are for.
    async fn bury(&self) -> Result<(), HeldError> {
        let mut state = self.state.lock().await;
        if std::mem::replace(&mut state.over, true) {
            return Ok(());
        }
        let unknown = std::mem::take(&mut state.intends).into_iter().map(|entry| Entry { fingerprint: None, created_at: None, ..entry });
        let shards = split(unknown.collect());
        if !shards.is_empty() {
            let claim = Claim { phase: Phase::Dead, shards: shards.iter().map(|shard| shard.digest).collect(), ..state.claim.clone() };
            let grave = self.key.claim(&RunId::new(rand::random()));
            self.writer.put_value(RECORD_NAMESPACE, &grave, &claim.seal()).await?;
            self.put_shards(&shards, |_| false).await?;
        }
        self.writer.delete_value(RECORD_NAMESPACE, &self.claim_key()).await?;
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
        let stored = all_keys(&self.reader, self.key.shards()).await?;
        self.put_shards(shards, |digest| stored.contains(&self.key.shard(digest))).await?;
        head.shards = shards.iter().map(|shard| shard.digest).collect();
        head.parents = before.heads.keys().chain(before.claims.keys()).cloned().collect();
        self.writer.put_value(RECORD_NAMESPACE, &self.key.head(&self.run), &head.seal()).await?;

        // Only who still holds the claim removes shards: another run may have come to name one of them.
        let strangers = self.fence().await?;
        let mut old = stored;
        if strangers {
            let named = before.named_shards();
            old.retain(|key| named.iter().any(|digest| *key == self.key.shard(digest)));
        }
        old.retain(|key| !shards.iter().any(|shard| *key == self.key.shard(&shard.digest)));
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
            settled.left_behind += usize::from(self.release().await.is_err());
        }
        settled
    }

    async fn put_shards(&self, shards: &[Shard], is_there: impl Fn(&Fingerprint) -> bool) -> Result<(), ApiError> {
        for shard in shards.iter().filter(|shard| !is_there(&shard.digest)) {
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
