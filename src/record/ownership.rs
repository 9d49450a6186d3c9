//! Who owns what: heads and claims joined.

use std::collections::{BTreeMap, BTreeSet};

use super::claim::Claim;
use super::entry::Entry;
use super::head::Head;
use super::names::{AppKey, RunId};
use crate::fingerprint::Fingerprint;
use crate::key::ItemKey;

/// What is known of an item that an application owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owned {
    /// None: some run may have left another content there.
    pub fingerprint: Option<Fingerprint>,
    /// Bytes.
    pub size: u64,
    /// The server's `created_at` of a function.
    pub created_at: Option<String>,
    /// See [`Entry::seizure`].
    pub seizure: u32,
    /// See [`Entry::generation`].
    pub generation: u32,
}

impl Owned {
    /// As an entry of `key`.
    #[must_use]
    pub fn entry(&self, key: &ItemKey) -> Entry {
        let Self { fingerprint, size, created_at, seizure, generation } = self.clone();
        Entry { key: key.clone(), fingerprint, size, created_at, seizure, generation }
    }
}

/// All items of one application.
pub type Ownership = BTreeMap<ItemKey, Owned>;

/// Everything the orchestrator keeps about one application.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AppRecord {
    /// Every head that is there, also superseded ones.
    pub heads: BTreeMap<RunId, Head>,
    /// Claims, live and dead.
    pub claims: BTreeMap<RunId, Claim>,
    /// The shards that current heads and claims name, as far as they were read.
    pub shards: BTreeMap<Fingerprint, Vec<Entry>>,
}

impl AppRecord {
    /// Heads that no other head names as a parent.
    pub fn current_heads(&self) -> impl Iterator<Item = (&RunId, &Head)> {
        let parents = self.parents();
        self.heads.iter().filter(move |(run, _)| !parents.contains(run))
    }

    /// Claims that no head has resolved: neither its own run's nor a later one.
    pub fn open_claims(&self) -> impl Iterator<Item = (&RunId, &Claim)> {
        let parents = self.parents();
        self.claims.iter().filter(move |(run, _)| !parents.contains(run) && !self.heads.contains_key(run))
    }

    /// Whether something is there that a later head has resolved: the run that did was cut off before it had cleaned up.
    #[must_use]
    pub fn has_leftovers(&self) -> bool {
        self.current_heads().count() < self.heads.len() || self.open_claims().count() < self.claims.len()
    }

    fn parents(&self) -> BTreeSet<&RunId> {
        self.heads.values().flat_map(|head| &head.parents).collect()
    }

    /// The head that says what was applied last. Of several, which only a lost race leaves behind, the one with the longest memory.
    #[must_use]
    pub fn latest(&self) -> Option<&Head> {
        self.current_heads().map(|(_, head)| head).max_by_key(|head| (head.history.first().map(|run| run.at.clone()), head.applied.len()))
    }

    /// The key of a head or claim that names a shard.
    #[must_use]
    pub fn naming(&self, app: &AppKey, shard: &Fingerprint) -> Option<String> {
        let head = self.current_heads().find(|(_, head)| head.shards.contains(shard)).map(|(run, _)| app.head(run));
        head.or_else(|| self.open_claims().find(|(_, claim)| claim.shards.contains(shard)).map(|(run, _)| app.claim(run)))
    }

    /// Digests of all shards that current heads and open claims name.
    #[must_use]
    pub fn named_shards(&self) -> BTreeSet<Fingerprint> {
        let heads = self.current_heads().flat_map(|(_, head)| &head.shards);
        heads.chain(self.open_claims().flat_map(|(_, claim)| &claim.shards)).copied().collect()
    }

    /// The union of all current heads and open claims; where they disagree, the content is unknown.
    #[must_use]
    pub fn ownership(&self) -> Ownership {
        let mut owned = Ownership::new();
        for (position, (_, head)) in self.current_heads().enumerate() {
            self.join(&mut owned, &head.shards, position > 0);
        }
        for (_, claim) in self.open_claims() {
            self.join(&mut owned, &claim.shards, true);
        }
        owned
    }

    fn join(&self, owned: &mut Ownership, shards: &[Fingerprint], new_is_unknown: bool) {
        for entry in shards.iter().filter_map(|digest| self.shards.get(digest)).flatten() {
            let Entry { key, fingerprint, size, created_at, seizure, generation } = entry.clone();
            if let Some(known) = owned.get_mut(&key) {
                if known.fingerprint != fingerprint {
                    known.fingerprint = None;
                }
                if known.created_at != created_at {
                    known.created_at = None;
                }
                known.seizure = known.seizure.max(seizure);
                known.generation = known.generation.max(generation);
            } else {
                let fingerprint = fingerprint.filter(|_| !new_is_unknown);
                owned.insert(key, Owned { fingerprint, size, created_at, seizure, generation });
            }
        }
    }
}
