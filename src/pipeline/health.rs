//! Whether what an application placed does its work, as far as reading can tell.
//!
//! A function is called only where the manifest gives a `health` path: what any other call does is its author's business. Of the site one page is
//! fetched as a visitor would.

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};
use serde::Serialize;

use super::status::Recorded;
use crate::api::Reader;
use crate::key::{AppId, ItemKey, ItemKind};
use crate::manifest;
use crate::record::Phase;
use crate::source::Source;
use crate::state::Observed;

/// Calls at once.
const AT_ONCE: usize = 8;

/// How an application does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum HealthWord {
    /// Everything it placed is there, and what was asked answers.
    Healthy,
    /// A run is changing it.
    Progressing,
    /// Something is gone or does not answer.
    Degraded,
    /// What it placed is not known.
    Unknown,
}

/// An item that does not do its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Which.
    pub key: ItemKey,
    /// Why, in words.
    pub what: String,
}

/// How an application does, and what it suffers from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// In one word.
    pub word: HealthWord,
    /// What is gone or does not answer.
    pub troubles: Vec<Trouble>,
}

/// What is asked beside the listings: the `health` path of each function that has one.
pub(super) type Probes = BTreeMap<ItemKey, String>;

/// The probes that a source's manifest names; none when it cannot be read.
pub(super) fn probes(source: &Source) -> Probes {
    let (app, _) = manifest::read(source.tree.as_ref(), &source.manifest);
    let functions = app.into_iter().flat_map(|app| app.functions);
    functions.filter_map(|function| Some((function.key, function.health?))).collect()
}

/// Looks at everything that `app` owns, and asks what can be asked.
pub(super) async fn health(app: &AppId, recorded: &Recorded, observed: &Observed, probes: &Probes, reader: &Reader) -> Health {
    let ours = || observed.owned.keys().filter(|key| observed.is_ours(key));
    let gone = |key: &&ItemKey| !observed.is_live(key);
    let mut troubles: Vec<Trouble> = ours().filter(gone).map(|key| Trouble { key: key.clone(), what: "is not there".to_owned() }).collect();
    let asked = ours().filter(|key| observed.is_live(key)).filter_map(|key| Some((key, probes.get(key)?)));
    let answers = stream::iter(asked).map(async |(key, path)| {
        let answer = reader.answers(&app.namespace, &format!("{}{path}", key.name)).await;
        answer.err().map(|error| Trouble { key: key.clone(), what: format!("`{path}` does not answer: {error}") })
    });
    troubles.extend(answers.buffer_unordered(AT_ONCE).filter_map(async |trouble| trouble).collect::<Vec<_>>().await);
    if let Some(page) = page(ours().filter(|key| observed.is_live(key)))
        && let Err(error) = reader.is_served(&app.namespace, &page.name).await
    {
        troubles.push(Trouble { key: page.clone(), what: format!("is not served: {error}") });
    }
    troubles.sort_by(|one, other| one.key.cmp(&other.key));
    let running = recorded.runs.iter().any(|run| !run.gone && run.phase == Phase::Applying);
    let word = match recorded.head {
        _ if running => HealthWord::Progressing,
        _ if !troubles.is_empty() => HealthWord::Degraded,
        None => HealthWord::Unknown,
        Some(_) if !recorded.damaged.is_empty() => HealthWord::Unknown,
        Some(_) => HealthWord::Healthy,
    };
    Health { word, troubles }
}

/// The page a visitor comes to first: the index that lies highest, or else any file.
fn page<'a>(files: impl Iterator<Item = &'a ItemKey>) -> Option<&'a ItemKey> {
    let depth = |key: &ItemKey| (!key.name.ends_with("index.html"), key.name.matches('/').count());
    files.filter(|key| key.kind == ItemKind::StaticFile).min_by_key(|key| depth(key))
}
