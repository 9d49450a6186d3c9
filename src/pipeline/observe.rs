//! Reading what is there: the listings first, then the records, so that what is placed in between is seen as owned.
//!
//! What another run deletes in between, and then settles, would look placed by hand; what it puts would look removed. So the names of the records
//! are listed before as well: a look counts when they were the same before and after it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{Options, Verify};
use crate::api::{ApiError, Client, Reader};
use crate::event::{Event, Reporter, Stage};
use crate::fingerprint::Fingerprint;
use crate::key::{ItemKey, ItemKind, Namespace};
use crate::live::{LiveFiles, LiveFunctions, ServerInfo};
use crate::manifest::Runtime;
use crate::plan::expected;
use crate::record::store::{Snapshot, keys, load};
use crate::record::{AppKey, AppRecord, Entry, Head, RecordError, split};
use crate::state::{Desired, FileContent, Neighbour, Observed, UnreadableRecord, unproven};

/// The server's start is computed from a clock in whole seconds; two values this close are one start.
const SAME_START: Duration = Duration::from_secs(5);

/// So many runs in a row do not settle in the middle of a look, unless somebody makes them.
const LOOKS: usize = 5;

/// What was read.
pub(super) struct Observation {
    pub(super) observed: Observed,
    pub(super) snapshot: Snapshot,
}

/// Reads everything that a plan needs.
pub(super) async fn observe(
    client: &Client,
    desired: &Desired,
    options: &Options,
    reporter: &Arc<dyn Reporter>,
) -> Result<Observation, ApiError> {
    reporter.event(&Event::StageStarted { stage: Stage::Observe, items: 0, bytes: 0 });
    let listed = look(client, desired, options).await;
    reporter.event(&Event::StageFinished(Stage::Observe));
    let (mut observed, snapshot) = listed?;
    let ours = snapshot.record(&AppKey::of(&desired.app));
    let verify = to_verify(&ours, &observed, options.verify);
    let unproven = unproven(desired, &observed, &verify);
    observed.contents = download(&client.reader(), desired, unproven, reporter).await?;
    Ok(Observation { observed, snapshot })
}

/// Listings and records of one time: no run began or settled in between.
async fn look(client: &Client, desired: &Desired, options: &Options) -> Result<(Observed, Snapshot), ApiError> {
    let mut looks = 0;
    loop {
        let before = keys(&client.reader(), &desired.app.namespace).await?;
        let (observed, snapshot) = look_once(client, desired, options).await?;
        looks += 1;
        if snapshot.keys == before || looks == LOOKS {
            return Ok((observed, snapshot));
        }
    }
}

async fn look_once(client: &Client, desired: &Desired, options: &Options) -> Result<(Observed, Snapshot), ApiError> {
    let (reader, key) = (client.reader(), AppKey::of(&desired.app));
    let namespace = &desired.app.namespace;
    let (functions, files) = if options.verify == Verify::Record {
        (reader.functions(namespace, Runtime::canonical).await?, None)
    } else {
        let (functions, files) = tokio::join!(reader.functions(namespace, Runtime::canonical), reader.files(namespace));
        (functions?, Some(files?))
    };
    let known = shards(expected(desired, &functions));
    let snapshot = load(&reader, namespace, &known).await?;
    let ours = snapshot.record(&key);
    let files = match files {
        Some(files) => files,
        None => recorded_files(&reader, namespace, &snapshot, &ours).await?,
    };
    let mut observed = join(functions, files, &snapshot, &key);
    // The embedded orchestrator starts anew with every run, and ends only when its files are written.
    let restarted = observed.head.as_ref().is_some_and(|head| has_restarted(head, client.info()));
    observed.restarted = restarted && !options.policy.local;
    Ok((observed, snapshot))
}

/// Joins listings and records, for our application `key`.
pub(super) fn join(functions: LiveFunctions, files: LiveFiles, snapshot: &Snapshot, key: &AppKey) -> Observed {
    let others = snapshot.apps.iter().filter(|(app, _)| *app != key);
    let name = |record: &AppRecord| {
        let heads = record.heads.values().map(|head| head.name.clone());
        heads.chain(record.claims.values().map(|claim| claim.name.clone())).next().unwrap_or_default()
    };
    let neighbours = others
        .map(|(_, record)| Neighbour {
            name: name(record),
            source: record.latest().map(|head| head.source.clone()),
            owns: record.ownership(),
        })
        .collect();
    let mut observed = Observed::join(functions, files, &snapshot.record(key), neighbours);
    let unreadable = snapshot.unreadable.iter().map(|found| UnreadableRecord {
        key: found.key.clone(),
        held_by: found.held_by.clone(),
        ours: found.app == *key,
        reason: found.error.to_string(),
        newer: matches!(found.error, RecordError::Newer(_)),
    });
    observed.unreadable = unreadable.collect();
    observed.has_record |= observed.unreadable.iter().any(|record| record.ours);
    observed
}

/// Entries as shards by digest.
fn shards(entries: Vec<Entry>) -> BTreeMap<Fingerprint, Vec<Entry>> {
    split(entries).into_iter().map(|shard| (shard.digest, shard.entries)).collect()
}

/// `--verify record`: what the records name is taken to be there. Without a record of ours nothing is known, and the names are listed.
async fn recorded_files(reader: &Reader, namespace: &Namespace, snapshot: &Snapshot, ours: &AppRecord) -> Result<LiveFiles, ApiError> {
    if ours.heads.is_empty() {
        return reader.files(namespace).await;
    }
    let owned = snapshot.apps.values().flat_map(|record| record.ownership().into_keys());
    Ok(owned.filter(|key| key.kind == ItemKind::StaticFile).map(|key| key.name).collect())
}

fn has_restarted(head: &Head, info: &ServerInfo) -> bool {
    let starts = head.server_start.zip(info.started_at);
    !head.fresh.is_empty() && starts.is_some_and(|(then, now)| now.abs_diff(then) > SAME_START.as_secs())
}

/// The recorded files whose content is to be downloaded.
fn to_verify(ours: &AppRecord, observed: &Observed, verify: Verify) -> BTreeSet<ItemKey> {
    if verify == Verify::Full {
        return observed.owned.keys().cloned().collect();
    }
    let fresh = ours.latest().filter(|_| observed.restarted).map(|head| head.fresh.clone()).unwrap_or_default();
    fresh.iter().filter_map(|digest| ours.shards.get(digest)).flatten().map(|entry| entry.key.clone()).collect()
}

/// Downloads and hashes live files, to compare them with what is declared.
async fn download(
    reader: &Reader,
    desired: &Desired,
    keys: Vec<&ItemKey>,
    reporter: &Arc<dyn Reporter>,
) -> Result<BTreeMap<String, FileContent>, ApiError> {
    if keys.is_empty() {
        return Ok(BTreeMap::new());
    }
    let bytes = keys.iter().filter_map(|key| desired.files.get(*key)).map(|file| file.size).sum();
    reporter.event(&Event::StageStarted { stage: Stage::Verify, items: keys.len() as u64, bytes });
    let downloads = stream::iter(keys).map(async |key| {
        let size = desired.files.get(key).map_or(0, |file| file.size);
        let live = reader.file_fingerprint(&desired.app.namespace, &key.name, size).await?;
        reporter.event(&Event::Progress { items: 1, bytes: size });
        let content = live.map_or(FileContent::Different, FileContent::Proven);
        Ok::<_, ApiError>((key.name.clone(), content))
    });
    let contents = downloads.buffer_unordered(8).try_collect().await;
    reporter.event(&Event::StageFinished(Stage::Verify));
    contents
}
