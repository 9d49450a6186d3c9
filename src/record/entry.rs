//! One item that an application placed.

use std::fmt;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::fingerprint::Fingerprint;
use crate::key::{ItemKey, ItemKind};

/// What is recorded of one item. Written as an array `[kind, name, fingerprint, size, created_at, seizure]`, with the generation behind it where
/// there is one.
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
    /// 0, or how often a new image was built from the same inputs: every machine that reads the record names the image the same way.
    pub generation: u32,
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let kind = match self.key.kind {
            ItemKind::Function => "f",
            ItemKind::StaticFile => "s",
        };
        let Self { key, fingerprint, size, created_at, seizure, generation } = self;
        match generation {
            0 => (kind, &key.name, fingerprint, size, created_at, seizure).serialize(serializer),
            _ => (kind, &key.name, fingerprint, size, created_at, seizure, generation).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(EntryVisitor)
    }
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an entry of six or seven fields")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut fields: A) -> Result<Entry, A::Error> {
        let kind: String = next(&mut fields)?;
        let name: String = next(&mut fields)?;
        // A record is input from outside: a name in it may only be one that this program could have placed.
        let key = match kind.as_str() {
            "f" => ItemKey::function(&name),
            "s" => ItemKey::static_file(&name),
            _ => return Err(A::Error::custom("an entry of an unknown kind")),
        };
        let key = key.map_err(|_| A::Error::custom("an entry with a name that cannot have been placed"))?;
        let (fingerprint, size, created_at, seizure) = (next(&mut fields)?, next(&mut fields)?, next(&mut fields)?, next(&mut fields)?);
        let generation = fields.next_element()?.unwrap_or_default();
        Ok(Entry { key, fingerprint, size, created_at, seizure, generation })
    }
}

fn next<'de, A: SeqAccess<'de>, T: Deserialize<'de>>(fields: &mut A) -> Result<T, A::Error> {
    fields.next_element()?.ok_or_else(|| A::Error::custom("an entry with fields missing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generation_is_written_only_where_there_is_one() {
        let key = ItemKey::live(ItemKind::Function, "/a");
        let entry = |generation| Entry { key: key.clone(), fingerprint: None, size: 1, created_at: None, seizure: 0, generation };
        for (generation, json) in [(0, r#"["f","/a",null,1,null,0]"#), (2, r#"["f","/a",null,1,null,0,2]"#)] {
            assert_eq!(serde_json::to_string(&entry(generation)).expect("JSON"), json);
            assert_eq!(serde_json::from_str::<Entry>(json).expect("an entry"), entry(generation));
        }
        for bad in [r#"["f","/a",null,1,null]"#, r#"["f","/a",null,1,null,0,2,3]"#, r#"["x","/a",null,1,null,0]"#] {
            assert!(serde_json::from_str::<Entry>(bad).is_err(), "{bad}");
        }
    }
}
