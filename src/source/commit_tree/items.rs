//! The entries of one directory of a commit, as they can be used.

use std::collections::BTreeMap;

use git2::Oid;

use crate::files::check_entry_name;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Link,
    Directory,
    Submodule,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) kind: Kind,
    pub(super) id: Oid,
    /// Of a file, by its mode.
    pub(super) executable: bool,
}

/// A directory: its entries by name, and what no Git would have written.
#[derive(Debug, Default)]
pub(super) struct Items {
    pub(super) items: BTreeMap<String, Item>,
    pub(super) malformed: BTreeMap<String, &'static str>,
    /// Names that are not UTF-8, as they can be shown.
    pub(super) unnameable: Vec<String>,
}

impl Items {
    pub(super) fn new(raw: Vec<(Vec<u8>, i32, Oid)>) -> Self {
        let mut items = Self::default();
        for (name, mode, id) in raw {
            let name = match String::from_utf8(name) {
                Ok(name) => name,
                Err(error) => {
                    items.unnameable.push(String::from_utf8_lossy(error.as_bytes()).into_owned());
                    continue;
                }
            };
            let kind = match mode & 0o170_000 {
                0o040_000 => Ok(Kind::Directory),
                0o120_000 => Ok(Kind::Link),
                0o160_000 => Ok(Kind::Submodule),
                0o100_000 => Ok(Kind::File),
                _ => Err("its mode is none"),
            };
            match check_entry_name(&name).and(kind) {
                Ok(kind) if !items.malformed.contains_key(&name) => {
                    if items.items.insert(name.clone(), Item { kind, id, executable: mode & 0o100 != 0 }).is_some() {
                        items.items.remove(&name);
                        items.malformed.insert(name, "its name stands there twice");
                    }
                }
                Ok(_) => {}
                Err(what) => drop(items.malformed.insert(name, what)),
            }
        }
        items
    }
}
