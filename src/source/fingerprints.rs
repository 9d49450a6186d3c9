//! Hashes of blobs, remembered by their id: what did not change between two commits is neither read nor hashed again.
//!
//! A blob's id is the hash of its content, so what is remembered never goes stale. A file that was written only half, or by another version, is
//! not used; what it says of a file is proved when that file is sent, since what is sent is hashed again.

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError, RwLock};

use git2::Oid;

use crate::fingerprint::Fingerprint;

const MAGIC: &[u8] = b"zerverless-gitops fingerprints 1\n";
/// id, size, fingerprint, whether it stands for a file elsewhere.
const RECORD: usize = 20 + 8 + 32 + 1;
/// More are not kept.
const MOST: usize = 1_000_000;

/// What is known of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    /// Of the content.
    pub(super) fingerprint: Fingerprint,
    /// Of the content.
    pub(super) size: u64,
    /// The blob is a Git LFS pointer, and the content lies elsewhere.
    pub(super) pointer: bool,
}

/// See the module. What is new is written when it is dropped.
#[derive(Debug, Default)]
pub(super) struct Fingerprints {
    file: Option<PathBuf>,
    known: RwLock<HashMap<Oid, Known>>,
    /// What was learned in passing: remembered once somebody asks for it, since most of it may be of no use to anybody.
    learned: HashMap<Oid, Known>,
    fresh: Mutex<bool>,
}

impl Fingerprints {
    /// Those in `file`; none, and nothing is kept, without one.
    pub(super) fn load(file: Option<PathBuf>, learned: HashMap<Oid, Known>) -> Self {
        let known = file.as_ref().and_then(|file| std::fs::read(file).ok()).and_then(|bytes| parse(&bytes)).unwrap_or_default();
        Self { file, known: RwLock::new(known), learned, fresh: Mutex::default() }
    }

    pub(super) fn get(&self, id: Oid) -> Option<Known> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&id).copied();
        known.or_else(|| {
            let learned = self.learned.get(&id).copied()?;
            self.insert(id, learned);
            Some(learned)
        })
    }

    pub(super) fn insert(&self, id: Oid, known: Known) {
        *self.fresh.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.known.write().unwrap_or_else(PoisonError::into_inner).insert(id, known);
    }

    fn save(&self, file: &std::path::Path) -> std::io::Result<()> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let mut bytes = Vec::with_capacity(MAGIC.len() + known.len() * RECORD + 32);
        bytes.extend_from_slice(MAGIC);
        for (id, known) in known.iter().take(MOST) {
            bytes.extend_from_slice(id.as_bytes());
            bytes.extend_from_slice(&known.size.to_be_bytes());
            bytes.extend_from_slice(known.fingerprint.as_bytes());
            bytes.push(u8::from(known.pointer));
        }
        let sum = Fingerprint::of_bytes(&bytes);
        bytes.extend_from_slice(sum.as_bytes());
        let mut beside = tempfile::NamedTempFile::new_in(file.parent().unwrap_or(std::path::Path::new(".")))?;
        beside.write_all(&bytes)?;
        beside.persist(file)?;
        Ok(())
    }
}

fn parse(bytes: &[u8]) -> Option<HashMap<Oid, Known>> {
    let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(32)?)?;
    if Fingerprint::of_bytes(body).as_bytes() != sum {
        return None;
    }
    let record = |record: &[u8]| {
        let (id, rest) = record.split_at_checked(20)?;
        let (size, rest) = rest.split_first_chunk::<8>()?;
        let (fingerprint, pointer) = rest.split_first_chunk::<32>()?;
        let known = Known { fingerprint: Fingerprint::from_bytes(*fingerprint), size: u64::from_be_bytes(*size), pointer: pointer == [1] };
        Some((Oid::from_bytes(id).ok()?, known))
    };
    body.strip_prefix(MAGIC)?.chunks_exact(RECORD).map(record).collect()
}

impl Drop for Fingerprints {
    fn drop(&mut self) {
        let fresh = *self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = self.file.as_ref().filter(|_| fresh) {
            // The next run hashes again what could not be written.
            let _ = self.save(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_learned_is_there_in_the_next_run_and_a_damaged_file_is_not_used() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("fingerprints");
        let id = Oid::from_bytes(&[7; 20]).expect("an id");
        let known = Known { fingerprint: Fingerprint::of_bytes(b"x"), size: 1 << 40, pointer: true };
        let load = || Fingerprints::load(Some(file.clone()), HashMap::new());
        load().insert(id, known);
        assert_eq!(load().get(id), Some(known));
        let whole = std::fs::read(&file).expect("written");
        for damaged in [&whole[..whole.len() - 1], &whole[..40], b"".as_slice(), &[whole.as_slice(), b"x"].concat()] {
            std::fs::write(&file, damaged).expect("written");
            assert_eq!(load().get(id), None);
        }
    }

    #[test]
    fn what_was_learned_in_passing_is_remembered_only_when_it_was_asked_for() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("fingerprints");
        let [asked, other] = [1, 2].map(|byte| Oid::from_bytes(&[byte; 20]).expect("an id"));
        let known = Known { fingerprint: Fingerprint::of_bytes(b"x"), size: 1, pointer: false };
        let learning = Fingerprints::load(Some(file.clone()), HashMap::from([(asked, known), (other, known)]));
        assert_eq!(learning.get(asked), Some(known));
        drop(learning);
        let after = Fingerprints::load(Some(file), HashMap::new());
        assert_eq!((after.get(asked), after.get(other)), (Some(known), None));
    }
}
