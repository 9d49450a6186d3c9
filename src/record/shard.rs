//! Shards: the entries of an application in pieces, so that a change rewrites one small piece.

use super::entry::Entry;
use super::envelope::{RecordError, open, seal};
use crate::fingerprint::Fingerprint;

/// A shard has at most this many bytes, as it is sent.
pub const MAX_SHARD: usize = 128 * 1024;
/// More pieces than this mean one name alone is over the limit.
const MAX_BITS: u32 = 16;

/// A piece of the entries, named by its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shard {
    /// sha256 of the value.
    pub digest: Fingerprint,
    /// The value as it is stored.
    pub value: String,
    /// What it holds, sorted.
    pub entries: Vec<Entry>,
}

impl Shard {
    fn new(entries: Vec<Entry>) -> Self {
        let value = seal(&entries);
        Self { digest: Fingerprint::of_bytes(value.as_bytes()), value, entries }
    }

    /// Reads the value stored under `digest`.
    pub fn open(digest: &Fingerprint, value: String) -> Result<Self, RecordError> {
        if Fingerprint::of_bytes(value.as_bytes()) != *digest {
            return Err(RecordError::Damaged);
        }
        Ok(Self { digest: *digest, entries: open(&value)?, value })
    }
}

/// Splits `entries` by the leading bits of their names' hashes, with as few bits as keep every shard under [`MAX_SHARD`]. Equal entries, in
/// whatever order, give equal shards.
#[must_use]
pub fn split(mut entries: Vec<Entry>) -> Vec<Shard> {
    entries.sort();
    if entries.is_empty() {
        return Vec::new();
    }
    let placed: Vec<(u32, usize, Entry)> = entries.into_iter().map(|entry| (place(&entry), weight(&entry), entry)).collect();
    let bits = (0..MAX_BITS).find(|bits| fits(&placed, *bits)).unwrap_or(MAX_BITS);
    let mut pieces: Vec<Vec<Entry>> = vec![Vec::new(); 1 << bits];
    for (place, _, entry) in placed {
        pieces[shard_of(place, bits)].push(entry);
    }
    pieces.into_iter().filter(|piece| !piece.is_empty()).map(Shard::new).collect()
}

fn place(entry: &Entry) -> u32 {
    Fingerprint::of_bytes(entry.key.name.as_bytes()).leading_bits()
}

/// Bytes that an entry takes in a request at most: brackets, kind, fingerprint, numbers and commas, and its texts. They stand in JSON in a JSON
/// string, so what is escaped counts more than once.
fn weight(entry: &Entry) -> usize {
    const FIXED: usize = 152;
    let name = &entry.key.name;
    let escaped = name.bytes().filter(|byte| matches!(byte, b'"' | b'\\' | 0..=31)).count();
    FIXED + name.len() + 6 * escaped + entry.created_at.as_ref().map_or(0, String::len)
}

fn shard_of(place: u32, bits: u32) -> usize {
    usize::try_from(u64::from(place) >> (32 - bits)).unwrap_or_default()
}

fn fits(placed: &[(u32, usize, Entry)], bits: u32) -> bool {
    let mut sizes = vec![128; 1 << bits];
    placed.iter().all(|(place, weight, _)| {
        let size: &mut usize = &mut sizes[shard_of(*place, bits)];
        *size += weight;
        *size <= MAX_SHARD
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{ItemKey, ItemKind};

    fn entries(count: u64) -> Vec<Entry> {
        let entry = |n: u64| Entry {
            key: ItemKey::live(ItemKind::StaticFile, &format!("assets/images/gallery/picture-{n}.jpg")),
            fingerprint: Some(Fingerprint::of_bytes(&n.to_be_bytes())),
            size: n,
            created_at: None,
            seizure: 0,
            generation: 0,
        };
        (0..count).map(entry).collect()
    }

    #[test]
    fn twenty_thousand_entries_split_small_and_a_change_touches_one_shard() {
        let mut changed = entries(20_000);
        let before = split(changed.clone());
        assert!(before.len() > 1 && before.iter().all(|shard| serde_json::to_string(&shard.value).expect("JSON").len() <= MAX_SHARD));
        assert_eq!(before.iter().map(|shard| shard.entries.len()).sum::<usize>(), 20_000);
        changed[7].size += 1;
        changed.reverse();
        let after = split(changed);
        let new = after.iter().filter(|shard| !before.iter().any(|old| old.digest == shard.digest));
        assert_eq!(new.count(), 1);
    }

    #[test]
    fn an_entry_is_never_heavier_than_it_is_taken_for() {
        for name in ["a", "\"\\\"\\", "\n\t\u{1}", "é…", &"x".repeat(200)] {
            let heavy = Entry {
                key: ItemKey::live(ItemKind::StaticFile, name),
                fingerprint: Some(Fingerprint::of_bytes(b"")),
                size: u64::MAX,
                created_at: Some("2026-11-23T17:24:44.408293954Z".to_owned()),
                seizure: u32::MAX,
                generation: u32::MAX,
            };
            let sent = serde_json::to_string(&serde_json::to_string(&heavy).expect("JSON")).expect("JSON");
            assert!(weight(&heavy) >= sent.len(), "{name:?}: {} < {}", weight(&heavy), sent.len());
        }
    }

    #[test]
    fn a_shard_is_read_back_only_under_its_own_digest() {
        let shard = split(entries(3)).remove(0);
        assert_eq!(Shard::open(&shard.digest, shard.value.clone()).expect("a shard"), shard);
        assert!(Shard::open(&Fingerprint::of_bytes(b""), shard.value).is_err());
    }
}
