//! The end of a run: a head takes the place of what was there before, or nothing does.

use std::collections::{BTreeMap, BTreeSet};

use super::super::names::{Member, parse_member};
use super::super::{AppKey, Claim, Head, Phase, RECORD_NAMESPACE, RunId, Shard};
use super::held::{Held, HeldError};
use super::load::{Snapshot, all_keys};
use crate::api::ApiError;
use crate::fingerprint::Fingerprint;

/// How many superseded heads and claims a head remembers: a request that was on its way for long may put one of them back.
const PARENTS: usize = 200;

/// What a run found recorded of its application, and replaces.
#[derive(Debug, Clone, Default)]
pub struct Before {
    heads: BTreeSet<RunId>,
    claims: BTreeSet<RunId>,
    /// Claims that were taken for dead because nothing was heard of them: they stay, marked as dead, for the next run to resolve. Whoever held
    /// one may have written something after this run did.
    silent: BTreeMap<RunId, Claim>,
    /// What the heads that are there had replaced.
    parents: Vec<RunId>,
    shards: BTreeSet<Fingerprint>,
}

impl Before {
    /// What `snapshot` holds of `app`, also what cannot be read; `silent` are the keys of claims that were taken for dead.
    #[must_use]
    pub fn of(snapshot: &Snapshot, app: &AppKey, silent: &BTreeSet<String>) -> Self {
        let record = snapshot.record(app);
        let mut before = Self { shards: record.named_shards(), ..Self::default() };
        for member in snapshot.keys.iter().filter_map(|key| parse_member(key)) {
            match member {
                Member::Head(owner, run) if owner == *app => drop(before.heads.insert(run)),
                Member::Claim(owner, run) if owner == *app => match record.claims.get(&run) {
                    Some(claim) if silent.contains(&app.claim(&run)) => drop(before.silent.insert(run, claim.clone())),
                    _ => drop(before.claims.insert(run)),
                },
                Member::Head(..) | Member::Claim(..) => {}
            }
        }
        let known: BTreeSet<&RunId> = record.heads.values().flat_map(|head| &head.parents).collect();
        before.parents = record.latest().map(|head| head.parents.clone()).unwrap_or_default();
        let others: Vec<RunId> = known.into_iter().filter(|run| !before.parents.contains(run)).cloned().collect();
        before.parents.extend(others);
        before
    }

    fn superseded(&self) -> Vec<RunId> {
        let direct = self.heads.iter().chain(&self.claims);
        let older = self.parents.iter().filter(|run| !self.heads.contains(run) && !self.claims.contains(run));
        direct.chain(older).take(PARENTS.max(self.heads.len() + self.claims.len())).cloned().collect()
    }
}

/// How settling went once the head was put.
#[derive(Debug, Default)]
pub struct Settled {
    /// Old parts of the record that could not be removed; the next run does it.
    pub left_behind: usize,
}

impl Held {
    /// Puts the shards and the head that takes the place of everything in `before`, then removes what it replaces.
    pub async fn settle(&self, mut head: Head, shards: &[Shard], before: &Before) -> Result<Settled, HeldError> {
        self.look_or_renew().await?;
        let stored = all_keys(&self.reader, self.key.shards()).await?;
        self.put_shards(shards, |digest| stored.contains(&self.key.shard(digest))).await?;
        for (run, claim) in &before.silent {
            let dead = Claim { phase: Phase::Dead, counter: Claim::OVER, ..claim.clone() };
            self.writer.put_value(RECORD_NAMESPACE, &self.key.claim(run), &dead.seal()).await?;
        }
        head.shards = shards.iter().map(|shard| shard.digest).collect();
        head.parents = before.superseded();
        if !self.lease.holds() {
            self.renew().await?;
        }
        let key = self.key.head(&self.run);
        self.writer.put_value(RECORD_NAMESPACE, &key, &head.seal()).await?;

        // Only who still holds the claim removes shards: another run may have come to name one of them.
        let seen = self.look().await?;
        if !seen.settled {
            let reason = "it says that it stored the record, and does not list it".to_owned();
            return Err(ApiError::Reply { endpoint: format!("PUT {key}"), reason }.into());
        }
        let kept = shards.iter().map(|shard| shard.digest).chain(before.silent.values().flat_map(|claim| claim.shards.clone()));
        let old = self.removable(before, &kept.collect(), seen.strangers).await;
        Ok(self.clean_up(old, before).await)
    }

    /// Removes the record. Heads and claims go first: nothing may ever name a shard that is gone.
    pub async fn forget(&self, before: &Before) -> Result<Settled, HeldError> {
        self.look_or_renew().await?;
        let mut settled = Settled { left_behind: self.remove(self.superseded_keys(before)).await };
        if settled.left_behind == 0 {
            let seen = self.look().await?;
            let old = self.removable(before, &BTreeSet::new(), seen.strangers).await;
            settled.left_behind += self.remove(old).await;
        }
        if settled.left_behind == 0 {
            settled.left_behind += usize::from(self.release().await.is_err());
        }
        Ok(settled)
    }

    /// Makes sure that the claim holds; one that was not renewed for long is renewed first.
    async fn look_or_renew(&self) -> Result<(), HeldError> {
        if self.lease.holds() { self.fence().await } else { self.renew().await }
    }

    /// The shards that nothing names any more: those we replaced, those we intended, and what dead runs left. Not whatever else is stored: what came
    /// after our claim may be of a run that found itself taken for dead, and is about to name it.
    async fn removable(&self, before: &Before, kept: &BTreeSet<Fingerprint>, strangers: bool) -> BTreeSet<String> {
        let mut old: BTreeSet<String> = before.shards.iter().map(|digest| self.key.shard(digest)).collect();
        if !strangers {
            old.extend(self.intended().await.iter().map(|digest| self.key.shard(digest)));
            old.extend(self.left_behind.iter().cloned());
        }
        let kept: BTreeSet<String> = kept.iter().map(|digest| self.key.shard(digest)).collect();
        old.retain(|key| !kept.contains(key));
        old
    }

    fn superseded_keys(&self, before: &Before) -> BTreeSet<String> {
        let heads = before.heads.iter().map(|run| self.key.head(run));
        heads.chain(before.claims.iter().map(|run| self.key.claim(run))).collect()
    }

    /// Removes shards that nothing names, then what the head replaces, and our claim last and only when all else went: as long as anything of
    /// it is there, the next run sees that there is something to clean up.
    async fn clean_up(&self, shards: BTreeSet<String>, before: &Before) -> Settled {
        let mut left_behind = self.remove(shards).await;
        left_behind += self.remove(self.superseded_keys(before)).await;
        if left_behind == 0 {
            left_behind += usize::from(self.release().await.is_err());
        }
        Settled { left_behind }
    }

    /// Removes keys as long as nobody can have taken us for dead; returns how many are left.
    async fn remove(&self, keys: BTreeSet<String>) -> usize {
        let mut left = 0;
        for key in keys {
            let gone = self.lease.holds() && self.writer.delete_value(RECORD_NAMESPACE, &key).await.is_ok();
            left += usize::from(!gone);
        }
        left
    }
}
