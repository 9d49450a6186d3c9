//! What is recorded, and whether it is still there. Only reads, and needs no source.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use super::health::{Health, Probes, health, probes};
use super::record::connect;
use super::{Context, Options, Verify, lock, observe};
use crate::api::{ApiError, Reader};
use crate::error::Error;
use crate::event::{Event, Reporter, Stage};
use crate::fingerprint::Fingerprint;
use crate::key::{AppId, AppName, ItemKey, ItemKind, Namespace};
use crate::manifest::Runtime;
use crate::record::store::{Life, Observer, Snapshot, everywhere, load, load_own};
use crate::record::{AppKey, AppRecord, Head, Phase};
use crate::source::Source;
use crate::state::Observed;

/// Downloads at once.
const AT_ONCE: usize = 8;

/// Whether what is live is what is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum SyncWord {
    /// It is.
    Synced,
    /// Something was changed, removed or left undone since.
    OutOfSync,
    /// The record, or a part of it, does not tell.
    Unknown,
}

/// A claim on an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// Who.
    pub holder: String,
    /// How far the run is.
    pub phase: Phase,
    /// It is surely over, and the next run goes on where it ended.
    pub gone: bool,
}

/// What the orchestrator keeps of one application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Which.
    pub app: AppId,
    /// The newest state; none before the first run has ended.
    pub head: Option<Head>,
    /// Runs that have not settled.
    pub runs: Vec<Holding>,
    /// Keys of parts that cannot be read, each with the reason.
    pub damaged: Vec<(String, String)>,
}

/// An item that is not as it was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// Which.
    pub key: ItemKey,
    /// What became of it, in words.
    pub what: String,
}

/// An application beside what is live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// What is recorded.
    pub recorded: Recorded,
    /// In one word.
    pub sync: SyncWord,
    /// Whether it does its work.
    pub health: Health,
    /// Functions it owns.
    pub functions: u64,
    /// Static files it owns.
    pub files: u64,
    /// Items whose content the record does not know: the next sync writes them.
    pub unknown: u64,
    /// What is not as it was left.
    pub drift: Vec<Drift>,
    /// Live items that no application recorded.
    pub unmanaged: Vec<ItemKey>,
    /// How contents were proved.
    pub verified: Verify,
    /// The same beside the source; none where none is at hand.
    pub against: Option<Against>,
}

/// What a sync of the source at hand would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Against {
    /// Of the source; none outside a repository.
    pub revision: Option<String>,
    /// How many items it would change; none when that cannot be told.
    pub pending: Option<u64>,
    /// Why it would be refused.
    pub refused: Option<String>,
}

/// What is recorded of `app`.
pub async fn recorded(app: &AppId, options: &Options, context: &Context) -> Result<Recorded, Error> {
    let client = connect(options, context).await?;
    let snapshot = lock::unless_signalled(&context.stop, load_own(&client.reader(), app)).await??;
    of(app, &snapshot, options)
}

/// What is recorded of `app`, and whether it is still so.
pub async fn status(app: &AppId, options: &Options, context: &Context) -> Result<Status, Error> {
    look(app, &Probes::new(), options, context).await
}

async fn look(app: &AppId, probes: &Probes, options: &Options, context: &Context) -> Result<Status, Error> {
    let client = connect(options, context).await?;
    let (reader, namespace) = (client.reader(), &app.namespace);
    let reporter = &context.reporter;
    reporter.event(&Event::StageStarted { stage: Stage::Observe, items: 0, bytes: 0 });
    let looking = async {
        let (functions, files) = tokio::try_join!(reader.functions(namespace, Runtime::canonical), reader.files(namespace))?;
        Ok::<_, ApiError>((functions, files, load(&reader, namespace, &BTreeMap::new()).await?))
    };
    let looked = lock::unless_signalled(&context.stop, looking).await;
    reporter.event(&Event::StageFinished(Stage::Observe));
    let (functions, files, snapshot) = looked??;
    let recorded = of(app, &snapshot, options)?;
    let observed = observe::join(functions, files, &snapshot, &AppKey::of(app));
    let mut drift: Vec<Drift> = observed.owned.keys().filter_map(|key| drifted(key, &observed)).collect();
    if options.verify == Verify::Full {
        drift.extend(lock::unless_signalled(&context.stop, downloaded(&reader, namespace, &observed, reporter)).await??);
        drift.sort_by(|one, other| one.key.cmp(&other.key));
    }
    let count = |kind| observed.owned.keys().filter(|key| key.kind == kind).count() as u64;
    let unmanaged = |key: &ItemKey| !observed.owned.contains_key(key) && observed.neighbour(key).is_none();
    let health = lock::unless_signalled(&context.stop, health(app, &recorded, &observed, probes, &reader)).await?;
    Ok(Status {
        health,
        sync: word(&recorded, &observed, &drift),
        functions: count(ItemKind::Function),
        files: count(ItemKind::StaticFile),
        unknown: observed.owned.values().filter(|owned| owned.fingerprint.is_none()).count() as u64,
        unmanaged: observed.live().filter(unmanaged).collect(),
        verified: options.verify,
        against: None,
        drift,
        recorded,
    })
}

/// As [`status`], also beside the source that declares the application.
pub async fn status_against(app: &AppId, source: &Arc<Source>, options: &Options, context: &Context) -> Result<Status, Error> {
    let mut status = look(app, &probes(source), options, context).await?;
    let run = super::diff(source, options, context).await;
    let pending = run.plan.as_ref().map(|plan| plan.changes.iter().filter(|change| change.action.is_pending()).count() as u64);
    if status.sync == SyncWord::Synced && pending.is_some_and(|pending| pending > 0) {
        status.sync = SyncWord::OutOfSync;
    }
    status.against = Some(Against { revision: run.revision, pending, refused: run.error.map(|error| error.to_string()) });
    Ok(status)
}

/// All applications of the orchestrator, or of one namespace, and the keys of records that do not say whose they are.
pub async fn list(options: &Options, context: &Context) -> Result<(Vec<Recorded>, Vec<String>), Error> {
    let client = connect(options, context).await?;
    let snapshot = lock::unless_signalled(&context.stop, everywhere(&client.reader(), |_| true)).await??;
    let of_namespace = |app: &AppId| options.namespace.as_ref().is_none_or(|namespace| app.namespace == *namespace);
    let mut found: Vec<Recorded> = Vec::new();
    for record in snapshot.apps.values() {
        if let Some(app) = named(record).filter(of_namespace) {
            found.push(of(&app, &snapshot, options)?);
        }
    }
    found.sort_by(|one, other| one.app.cmp(&other.app));
    let known: Vec<AppKey> = snapshot.apps.values().filter_map(named).map(|app| AppKey::of(&app)).collect();
    let nameless = snapshot.unreadable.iter().filter(|part| !known.contains(&part.app)).map(|part| part.key.clone());
    Ok((found, nameless.collect()))
}

/// Whose a record is. What was read lies under the key of the names it gives, so they are names.
fn named(record: &AppRecord) -> Option<AppId> {
    let heads = record.heads.values().map(|head| (&head.namespace, &head.name));
    let (namespace, name) = heads.chain(record.claims.values().map(|claim| (&claim.namespace, &claim.name))).next()?;
    Some(AppId { namespace: Namespace::new(namespace).ok()?, name: AppName::new(name).ok()? })
}

fn of(app: &AppId, snapshot: &Snapshot, options: &Options) -> Result<Recorded, Error> {
    let key = AppKey::of(app);
    if !snapshot.knows(&key) {
        return Err(Error::NotRecorded(app.to_string()));
    }
    let record = snapshot.record(&key);
    let (mut observer, now) = (Observer::new(options.pace), Instant::now());
    let runs = record.open_claims().map(|(run, claim)| Holding {
        holder: claim.holder.to_string(),
        phase: claim.phase,
        gone: observer.life(&key.claim(run), claim, now) != Life::Alive,
    });
    let runs = runs.collect();
    let damaged = snapshot.unreadable.iter().filter(|part| part.app == key).map(|part| (part.key.clone(), part.error.to_string()));
    Ok(Recorded { app: app.clone(), head: record.latest().cloned(), runs, damaged: damaged.collect() })
}

/// What a listing shows of an item that is recorded.
fn drifted(key: &ItemKey, observed: &Observed) -> Option<Drift> {
    let owned = observed.owned.get(key)?;
    let drift = |what: String| Some(Drift { key: key.clone(), what });
    if let Some((other, _)) = observed.neighbour(key)
        && !observed.is_ours(key)
    {
        return drift(format!("is now the application `{other}`'s"));
    }
    if !observed.is_live(key) {
        return drift("was removed by somebody else".to_owned());
    }
    let live = observed.functions.get(&key.name).filter(|_| key.kind == ItemKind::Function)?;
    if owned.fingerprint.is_some_and(|recorded| recorded != live.fingerprint) {
        return drift(format!("was changed by somebody else at {}", live.created_at));
    }
    if owned.created_at.as_ref().is_some_and(|recorded| *recorded != live.created_at) {
        return drift(format!("was put there anew by somebody else at {}", live.created_at));
    }
    None
}

/// Recorded files whose bytes are others.
async fn downloaded(
    reader: &Reader,
    namespace: &Namespace,
    observed: &Observed,
    reporter: &Arc<dyn Reporter>,
) -> Result<Vec<Drift>, ApiError> {
    let file = |key: &&ItemKey| key.kind == ItemKind::StaticFile && observed.is_live(key);
    let known: Vec<(&ItemKey, Fingerprint, u64)> =
        observed.owned.iter().filter(|(key, _)| file(key)).filter_map(|(key, owned)| Some((key, owned.fingerprint?, owned.size))).collect();
    let bytes = known.iter().map(|(_, _, size)| size).sum();
    reporter.event(&Event::StageStarted { stage: Stage::Verify, items: known.len() as u64, bytes });
    let looks = stream::iter(known).map(async |(key, recorded, size)| {
        let live = reader.file_fingerprint(namespace, &key.name, size).await?;
        reporter.event(&Event::Progress { items: 1, bytes: size });
        let what = "was changed by somebody else".to_owned();
        Ok::<_, ApiError>((live != Some(recorded)).then(|| Drift { key: key.clone(), what }))
    });
    let found: Result<Vec<Option<Drift>>, ApiError> = looks.buffer_unordered(AT_ONCE).try_collect().await;
    reporter.event(&Event::StageFinished(Stage::Verify));
    Ok(found?.into_iter().flatten().collect())
}

fn word(recorded: &Recorded, observed: &Observed, drift: &[Drift]) -> SyncWord {
    let unfinished = |head: &Head| head.history.first().is_some_and(|run| run.outcome != crate::record::Outcome::Succeeded);
    match &recorded.head {
        _ if !recorded.damaged.is_empty() => SyncWord::Unknown,
        None => SyncWord::Unknown,
        Some(head) if unfinished(head) || !drift.is_empty() => SyncWord::OutOfSync,
        Some(_) if observed.owned.values().any(|owned| owned.fingerprint.is_none()) || !recorded.runs.is_empty() => SyncWord::Unknown,
        Some(_) => SyncWord::Synced,
    }
}
