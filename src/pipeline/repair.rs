//! Rebuilding a record that is damaged or lost, from the source and from what is live. No item is touched.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::check::{Prepared, prepare};
use super::record::{Claimed, Scope, connect, newer, under_claim};
use super::{Context, Options, Run, lock, observe};
use crate::api::{ApiError, Client};
use crate::error::Error;
use crate::key::{AppId, ItemKey, ItemKind};
use crate::manifest::Runtime;
use crate::plan::Policy;
use crate::record::store::this_process;
use crate::record::{AppKey, Counts, Entry, Head, Outcome, Run as PastRun, split};
use crate::source::Source;
use crate::state::{Desired, Observed};

/// Downloads at once.
const AT_ONCE: usize = 8;

/// What a repair did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// Whose record.
    pub app: AppId,
    /// What could not be used, with what was wrong; empty when nothing was damaged.
    pub damaged: Vec<(String, String)>,
    /// Nothing had to be done.
    pub was_whole: bool,
    /// Items that are recorded now.
    pub items: u64,
    /// Those of them that are there with another content than declared: the next sync writes them.
    pub unknown: u64,
    /// Live items that nobody is known to have placed any more.
    pub unowned: Vec<ItemKey>,
}

/// Records what is declared and live as ours, and what else the readable part of the record names.
pub async fn repair(source: &Arc<Source>, options: &Options, context: &Context) -> Result<Repaired, Error> {
    let mut run = Run::default();
    let prepared = prepare(source, options, context, &mut run).await?;
    let client = connect(options, context).await?;
    // A record that is lost as a whole is what this is for.
    let options = Options { policy: Policy { adopt: true, ..options.policy.clone() }, ..options.clone() };
    let app = prepared.desired.app.clone();
    under_claim(Scope::All, &app, &options, context, &client, async |claimed| rebuild(&prepared, claimed, &client, context).await).await
}

async fn rebuild(prepared: &Prepared, claimed: Claimed<'_>, client: &Client, context: &Context) -> Result<Repaired, Error> {
    let (desired, snapshot) = (&prepared.desired, claimed.snapshot);
    let key = AppKey::of(&desired.app);
    newer(&desired.app, snapshot)?;
    let ours = snapshot.unreadable.iter().filter(|part| part.app == key);
    let damaged: Vec<(String, String)> = ours.map(|part| (part.key.clone(), part.error.to_string())).collect();
    let record = snapshot.record(&key);
    let (reader, namespace) = (client.reader(), &desired.app.namespace);
    let looking = async { tokio::try_join!(reader.functions(namespace, Runtime::canonical), reader.files(namespace)) };
    let (functions, files) = lock::unless_signalled(&context.stop, looking).await??;
    let observed = observe::join(functions, files, snapshot, &key);
    let was_whole = damaged.is_empty() && record.latest().is_some();
    if was_whole {
        claimed.held.release().await?;
        let items = observed.owned.len() as u64;
        return Ok(Repaired { app: desired.app.clone(), damaged, was_whole, items, unknown: 0, unowned: Vec::new() });
    }
    let entries = lock::unless_signalled(&context.stop, entries(client, desired, &observed)).await??;
    let unknown = entries.iter().filter(|entry| entry.fingerprint.is_none()).count() as u64;
    let recorded = |item: &ItemKey| entries.iter().any(|entry| entry.key == *item);
    let unowned = observed.live().filter(|item| !recorded(item) && observed.neighbour(item).is_none()).collect();
    let items = entries.len() as u64;
    let head = head(prepared, record.latest(), claimed.held.run().clone(), client, items);
    let settled = claimed.held.settle(head, &split(entries), claimed.before).await;
    lock::settled(settled, "recording it failed", context)?;
    Ok(Repaired { app: desired.app.clone(), damaged, was_whole, items, unknown, unowned })
}

/// What is ours as far as can be told: what is declared and live, and what the readable part of the record names and is live.
async fn entries(client: &Client, desired: &Desired, observed: &Observed) -> Result<Vec<Entry>, ApiError> {
    let live = observed.owned.iter().filter(|(key, _)| observed.is_live(key));
    let mut entries: BTreeMap<ItemKey, Entry> = live.map(|(key, owned)| (key.clone(), owned.entry(key))).collect();
    let free = |key: &&ItemKey| observed.is_live(key) && (observed.neighbour(key).is_none() || observed.is_ours(key));
    let (reader, namespace) = (client.reader(), &desired.app.namespace);
    let found = stream::iter(desired.keys().filter(free)).map(async |key| {
        let (declared, size) = desired.content(key).unzip();
        let size = size.unwrap_or_default();
        let (live, created_at) = match key.kind {
            ItemKind::Function => {
                let function = observed.functions.get(&key.name);
                (function.map(|function| function.fingerprint), function.map(|function| function.created_at.clone()))
            }
            ItemKind::StaticFile => (reader.file_fingerprint(namespace, &key.name, size).await?, None),
        };
        // What differs from the declaration is written again; nobody knows who wrote what is there.
        let fingerprint = live.filter(|live| Some(*live) == declared);
        let (seizure, generation) = observed.owned.get(key).map_or((0, 0), |owned| (owned.seizure, owned.generation));
        Ok::<_, ApiError>(Entry { key: key.clone(), fingerprint, size, created_at, seizure, generation })
    });
    let found: Vec<Entry> = found.buffer_unordered(AT_ONCE).try_collect().await?;
    entries.extend(found.into_iter().map(|entry| (entry.key.clone(), entry)));
    Ok(entries.into_values().collect())
}

/// What the readable part still tells of the past stays; nothing is said to have been applied now.
fn head(prepared: &Prepared, latest: Option<&Head>, run: crate::record::RunId, client: &Client, items: u64) -> Head {
    let app = &prepared.desired.app;
    let holder = this_process();
    let mut head = latest.cloned().unwrap_or_else(|| Head {
        tool: String::new(),
        namespace: app.namespace.to_string(),
        name: app.name.to_string(),
        source: prepared.identity.clone().unwrap_or_default(),
        branch: None,
        revision: None,
        applied: Vec::new(),
        hold: None,
        history: Vec::new(),
        server_start: None,
        shards: Vec::new(),
        fresh: Vec::new(),
        parents: Vec::new(),
    });
    env!("CARGO_PKG_VERSION").clone_into(&mut head.tool);
    head.server_start = client.info().started_at;
    head.fresh = Vec::new();
    let past = PastRun {
        run,
        at: jiff::Timestamp::now().to_string(),
        revision: None,
        actor: holder.actor,
        host: holder.host,
        counts: Counts { adopt: items, ..Counts::default() },
        outcome: Outcome::Succeeded,
    };
    head.remember(past, None);
    head
}
