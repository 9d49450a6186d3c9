//! What is there: the live listing joined with the records of all applications of the namespace.

use std::collections::{BTreeMap, BTreeSet};

use super::desired::Desired;
use crate::fingerprint::Fingerprint;
use crate::key::{ItemKey, ItemKind};
use crate::live::{LiveContainer, LiveFiles, LiveFunction, LiveFunctions};
use crate::record::{AppRecord, Head, Ownership, Phase};

/// What is known of the content of a live static file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileContent {
    /// Downloaded and hashed in this run.
    Proven(Fingerprint),
    /// Downloaded, and not what is declared.
    Different,
}

/// Another application of the namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// Its name; a placeholder when only a damaged record tells of it.
    pub name: String,
    /// Which repository and directory it was synced from last.
    pub source: Option<String>,
    /// What it owns.
    pub owns: Ownership,
}

/// A part of a record that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableRecord {
    /// Its key.
    pub key: String,
    /// The head or claim that has to go for it to play no part any more.
    pub held_by: String,
    /// Whether it belongs to our application.
    pub ours: bool,
    /// What is wrong with it.
    pub reason: String,
    /// A newer version wrote it: it is whole, and only that version may touch it.
    pub newer: bool,
}

/// The namespace as it is.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// Functions by path.
    pub functions: BTreeMap<String, LiveFunction>,
    /// Docker functions of all namespaces.
    pub containers: Vec<LiveContainer>,
    /// Names of static files.
    pub files: LiveFiles,
    /// Contents of static files that were downloaded.
    pub contents: BTreeMap<String, FileContent>,
    /// What our record says we own.
    pub owned: Ownership,
    /// The newest head of ours.
    pub head: Option<Head>,
    /// Whether the listing of records holds anything of ours that says we have been here: a run that was only about to begin does not.
    pub has_record: bool,
    /// Whether a run that ended badly left something in the record that the next one cleans up.
    pub unsettled: bool,
    /// Other applications.
    pub neighbours: Vec<Neighbour>,
    /// Records that cannot be used.
    pub unreadable: Vec<UnreadableRecord>,
    /// The server restarted since the last run, whose files were verified now: the record should say so.
    pub restarted: bool,
}

impl Observed {
    /// Joins the listings with the records.
    #[must_use]
    pub fn join(functions: LiveFunctions, files: LiveFiles, ours: &AppRecord, neighbours: Vec<Neighbour>) -> Self {
        Self {
            functions: functions.own,
            containers: functions.containers,
            files,
            contents: BTreeMap::new(),
            owned: ours.ownership(),
            head: ours.latest().cloned(),
            has_record: !ours.heads.is_empty() || ours.claims.values().any(|claim| claim.phase != Phase::Preparing),
            unsettled: ours.open_claims().next().is_some() || ours.has_leftovers(),
            neighbours,
            unreadable: Vec::new(),
            restarted: false,
        }
    }

    /// Whether the item is live.
    #[must_use]
    pub fn is_live(&self, key: &ItemKey) -> bool {
        match key.kind {
            ItemKind::Function => self.functions.contains_key(&key.name),
            ItemKind::StaticFile => self.files.contains(&key.name),
        }
    }

    /// All live items.
    pub fn live(&self) -> impl Iterator<Item = ItemKey> {
        let functions = self.functions.keys().map(|name| ItemKey::live(ItemKind::Function, name));
        functions.chain(self.files.iter().map(|name| ItemKey::live(ItemKind::StaticFile, name)))
    }

    /// The content of a live item, as far as it is known: functions are listed with their code, files are known by record or by download.
    #[must_use]
    pub fn content(&self, key: &ItemKey) -> Option<Fingerprint> {
        match key.kind {
            ItemKind::Function => self.functions.get(&key.name).map(|function| function.fingerprint),
            ItemKind::StaticFile => match self.contents.get(&key.name) {
                Some(FileContent::Proven(fingerprint)) => Some(*fingerprint),
                Some(FileContent::Different) => None,
                // What we recorded once says nothing about an item that is another application's by now.
                None if self.neighbour(key).is_some() && !self.is_ours(key) => None,
                None => self.owned.get(key).and_then(|owned| owned.fingerprint),
            },
        }
    }

    /// The other application that owns an item, with how often the item was seized.
    #[must_use]
    pub fn neighbour(&self, key: &ItemKey) -> Option<(&str, u32)> {
        let owners = self.neighbours.iter().filter_map(|app| Some((app.name.as_str(), app.owns.get(key)?.seizure)));
        owners.max_by_key(|(_, seizure)| *seizure)
    }

    /// Whether this application, and not the neighbour that records it too, owns an item.
    #[must_use]
    pub fn is_ours(&self, key: &ItemKey) -> bool {
        self.owned.get(key).is_some_and(|owned| self.neighbour(key).is_none_or(|(_, seizure)| owned.seizure > seizure))
    }
}

/// The declared files whose live content only a download can tell: present, and recorded by nobody or in `verify`.
#[must_use]
pub fn unproven<'a>(desired: &'a Desired, observed: &Observed, verify: &BTreeSet<ItemKey>) -> Vec<&'a ItemKey> {
    let unowned = |key: &ItemKey| !observed.owned.contains_key(key) && observed.neighbour(key).is_none();
    let present = desired.files.keys().filter(|key| observed.files.contains(&key.name));
    present.filter(|key| verify.contains(*key) || unowned(key)).collect()
}
