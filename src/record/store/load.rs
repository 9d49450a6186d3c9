//! Reading the records of a namespace.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::super::names::{ALL_MEMBERS, Member, members, narrower, parse_member};
use super::super::{AppKey, AppRecord, Claim, Entry, Head, RECORD_NAMESPACE, RecordError, Shard};
use crate::api::{ApiError, Reader, Stored};
use crate::fingerprint::Fingerprint;
use crate::key::{AppId, Namespace};

/// How often a record that changes under the reader is read anew before it counts as unreadable.
const READS: u32 = 5;
/// The pause after the first read; longer after each further one.
const BETWEEN_READS: Duration = Duration::from_millis(50);
/// Values read at once.
const AT_ONCE: usize = 8;

/// A value of the record that cannot be used. Its content is never shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Its key.
    pub key: String,
    /// The head or claim that has to go for it to play no part any more: the one that names it, or itself.
    pub held_by: String,
    /// Whose record it belongs to.
    pub app: AppKey,
    /// Why.
    pub error: RecordError,
}

/// The records of all applications of a namespace, as they were at one time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// By application.
    pub apps: BTreeMap<AppKey, AppRecord>,
    /// What is there and cannot be used.
    pub unreadable: Vec<Unreadable>,
    /// Keys of all heads and claims.
    pub keys: BTreeSet<String>,
}

impl Snapshot {
    /// All shards that were read, by digest: shards never change, so a later look need not fetch them again.
    #[must_use]
    pub fn shards(&self) -> BTreeMap<Fingerprint, Vec<Entry>> {
        let all = self.apps.values().flat_map(|record| &record.shards);
        all.map(|(digest, entries)| (*digest, entries.clone())).collect()
    }

    /// Whether anything at all is there of an application.
    #[must_use]
    pub fn knows(&self, app: &AppKey) -> bool {
        self.keys.iter().any(|key| key.starts_with(&app.members()))
    }

    /// The record of one application; an empty one when nothing is there.
    #[must_use]
    pub fn record(&self, app: &AppKey) -> AppRecord {
        self.apps.get(app).cloned().unwrap_or_default()
    }
}

/// Which shards are read.
enum Wanted<'a> {
    /// All, but for those that are here already: they are named by their content.
    Except(&'a BTreeMap<Fingerprint, Vec<Entry>>),
    /// Those of one application.
    Of(&'a AppKey),
}

/// Loads all records of `namespace`. Shards in `expected` are taken from there instead of being fetched.
pub async fn load(reader: &Reader, namespace: &Namespace, expected: &BTreeMap<Fingerprint, Vec<Entry>>) -> Result<Snapshot, ApiError> {
    load_wanted(reader, namespace, &Wanted::Except(expected)).await
}

/// As [`load`], for whoever asks nothing about what the neighbours of `app` own: of them only heads and claims are read.
pub async fn load_own(reader: &Reader, app: &AppId) -> Result<Snapshot, ApiError> {
    load_wanted(reader, &app.namespace, &Wanted::Of(&AppKey::of(app))).await
}

async fn load_wanted(reader: &Reader, namespace: &Namespace, shards: &Wanted<'_>) -> Result<Snapshot, ApiError> {
    let mut reads = 1;
    loop {
        let (snapshot, vanished) = load_once(reader, namespace, shards).await?;
        // What vanished between listing and reading was settled by its run meanwhile: look again. What stays listed cannot be read.
        if vanished.is_empty() || reads == READS {
            return Ok(snapshot);
        }
        let still = keys(reader, namespace).await?;
        if vanished.iter().all(|key| still.contains(key)) {
            return Ok(snapshot);
        }
        tokio::time::sleep(BETWEEN_READS * reads).await;
        reads += 1;
    }
}

/// The heads and claims, without their shards, of all applications of all namespaces that `wanted` says yes to.
pub async fn everywhere(reader: &Reader, wanted: impl Fn(&AppKey) -> bool) -> Result<Snapshot, ApiError> {
    let mut keys = all_keys(reader, ALL_MEMBERS.to_owned()).await?;
    keys.retain(|key| parse_member(key).is_some_and(|member| wanted(member.app())));
    let (mut snapshot, vanished) = load_members(reader, keys).await?;
    // What went while it was read was settled, or is gone as a whole; either way it can be told next time.
    snapshot.unreadable.retain(|unreadable| !vanished.contains(&unreadable.key));
    Ok(snapshot)
}

/// The keys of all heads and claims of `namespace`.
pub async fn keys(reader: &Reader, namespace: &Namespace) -> Result<BTreeSet<String>, ApiError> {
    all_keys(reader, members(namespace)).await
}

/// All keys that start with `prefix`, although a listing is cut: a cut one is split by the next digit.
pub(super) async fn all_keys(reader: &Reader, prefix: String) -> Result<BTreeSet<String>, ApiError> {
    let mut found = BTreeSet::new();
    let mut open = vec![prefix];
    while let Some(prefix) = open.pop() {
        let (keys, cut) = reader.keys(RECORD_NAMESPACE, &prefix).await?;
        if cut { open.extend(narrower(&prefix)) } else { found.extend(keys) }
    }
    Ok(found)
}

async fn load_once(reader: &Reader, namespace: &Namespace, shards: &Wanted<'_>) -> Result<(Snapshot, Vec<String>), ApiError> {
    let (mut snapshot, mut vanished) = load_members(reader, keys(reader, namespace).await?).await?;
    load_shards(reader, &mut snapshot, shards, &mut vanished).await?;
    Ok((snapshot, vanished))
}

/// The heads and claims under `keys`.
async fn load_members(reader: &Reader, keys: BTreeSet<String>) -> Result<(Snapshot, Vec<String>), ApiError> {
    let mut snapshot = Snapshot { keys, ..Snapshot::default() };
    let mut vanished = Vec::new();
    let wanted: Vec<(String, Member)> = snapshot.keys.iter().filter_map(|key| Some((key.clone(), parse_member(key)?))).collect();
    for (key, member, stored) in fetch(reader, wanted).await? {
        let text = text(stored, &key, &mut vanished);
        let (app, problem) = match member {
            Member::Head(app, run) => {
                let head = text.and_then(|text| Head::open(&app, &text));
                let put = |head| drop(snapshot.apps.entry(app.clone()).or_default().heads.insert(run, head));
                let problem = head.map(put).err();
                (app, problem)
            }
            Member::Claim(app, run) => {
                let claim = text.and_then(|text| Claim::open(&app, &text));
                let put = |claim| drop(snapshot.apps.entry(app.clone()).or_default().claims.insert(run, claim));
                let problem = claim.map(put).err();
                (app, problem)
            }
        };
        snapshot.unreadable.extend(problem.map(|error| Unreadable { held_by: key.clone(), key, app, error }));
    }
    let circles: Vec<Unreadable> = snapshot.apps.iter().filter_map(|(app, record)| circle(app, record)).collect();
    snapshot.unreadable.extend(circles);
    Ok((snapshot, vanished))
}

/// Heads that replace one another in a circle: no run leaves that behind, and it would say that nothing is owned.
fn circle(app: &AppKey, record: &AppRecord) -> Option<Unreadable> {
    let (run, _) = record.heads.iter().next().filter(|_| record.current_heads().next().is_none())?;
    let error = RecordError::Form("every state in it is replaced by another one".to_owned());
    Some(Unreadable { key: app.head(run), held_by: app.head(run), app: app.clone(), error })
}

async fn load_shards(reader: &Reader, snapshot: &mut Snapshot, shards: &Wanted<'_>, vanished: &mut Vec<String>) -> Result<(), ApiError> {
    let mut wanted = Vec::new();
    for (app, record) in &mut snapshot.apps {
        for digest in record.named_shards() {
            match shards {
                Wanted::Except(known) if known.contains_key(&digest) => drop(record.shards.insert(digest, known[&digest].clone())),
                Wanted::Of(only) if *only != app => {}
                Wanted::Except(_) | Wanted::Of(_) => wanted.push((app.shard(&digest), (app.clone(), digest))),
            }
        }
    }
    for (key, (app, digest), stored) in fetch(reader, wanted).await? {
        match text(stored, &key, vanished).and_then(|text| Shard::open(&digest, text)) {
            Ok(shard) => drop(snapshot.apps.entry(app).or_default().shards.insert(digest, shard.entries)),
            Err(error) => {
                let held_by = snapshot.record(&app).naming(&app, &digest).unwrap_or_else(|| key.clone());
                snapshot.unreadable.push(Unreadable { key, held_by, app, error });
            }
        }
    }
    Ok(())
}

/// What a key holds, unless it is more than a record can be.
type Fetched = Result<Stored, RecordError>;

fn text(stored: Fetched, key: &str, vanished: &mut Vec<String>) -> Result<String, RecordError> {
    match stored? {
        Stored::Text(text) => Ok(text),
        Stored::Other => Err(RecordError::Damaged),
        Stored::Missing => {
            vanished.push(key.to_owned());
            Err(RecordError::Missing)
        }
    }
}

/// Fetches many keys at once, each with a tag that says what it is for.
async fn fetch<T>(reader: &Reader, wanted: Vec<(String, T)>) -> Result<Vec<(String, T, Fetched)>, ApiError> {
    let fetches = wanted.into_iter().map(async |(key, tag)| match reader.value(RECORD_NAMESPACE, &key).await {
        Ok(stored) => Ok((key, tag, Ok(stored))),
        Err(ApiError::TooLarge { .. }) => Ok((key, tag, Err(RecordError::TooLarge))),
        Err(error) => Err(error),
    });
    stream::iter(fetches).buffer_unordered(AT_ONCE).try_collect().await
}
