//! One item that an application placed.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::fingerprint::Fingerprint;
use crate::key::{ItemKey, ItemKind};

/// What is recorded of one item. Written as an array `[kind, name, fingerprint, size, created_at, seizure]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Which item.
    pub key: ItemKey,
    /// Of its content; none when a run ended without knowing what it left there.
    pub fingerprint: Option<Fingerprint>,
    /// Bytes of its content.
    pub size: u64,
    /// The server's `created_at` of a function: tells a foreign write of the same code.
    pub created_at: Option<String>,
    /// 0, or how often the item has been seized from another application: of two that record it, the higher one owns it.
    pub seizure: u32,
}

type Array = (String, String, Option<Fingerprint>, u64, Option<String>, u32);

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let kind = match self.key.kind {
            ItemKind::Function => "f",
            ItemKind::StaticFile => "s",
        };
        (kind, &self.key.name, &self.fingerprint, self.size, &self.created_at, self.seizure).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (kind, name, fingerprint, size, created_at, seizure) = Array::deserialize(deserializer)?;
        // A record is input from outside: a name in it may only be one that this program could have placed.
        let key = match kind.as_str() {
            "f" => ItemKey::function(&name),
            "s" => ItemKey::static_file(&name),
            _ => return Err(D::Error::custom("an entry of an unknown kind")),
        };
        let key = key.map_err(|_| D::Error::custom("an entry with a name that cannot have been placed"))?;
        Ok(Self { key, fingerprint, size, created_at, seizure })
    }
}
