//! Functions and key-value pairs in one redb file.
//!
//! A commit is on its way to the disk when it returns, not yet there: the writes were handed to the operating system, which keeps them when this process
//! is killed, and loses them with the machine. That is what the real server does (Badger with `SyncWrites:false`), and what makes ten thousand small
//! writes cheap. redb knows only "durable" and "may be lost with the process", so the backend here is the durable one with its fsync left out until the
//! database is closed in order. After a power failure the file may be unreadable; opening it then says so.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::{PoisonError, RwLock};

use redb::backends::FileBackend;
use redb::{ReadableDatabase, StorageBackend, Table, TableDefinition};

/// Bytes to bytes, sorted by key as Badger sorts them.
type Definition = TableDefinition<'static, &'static [u8], &'static [u8]>;

/// `{user}/{path}` to the stored record as JSON. A user holds no slash, so the first one separates.
pub(super) const FUNCTIONS: Definition = TableDefinition::new("functions");
/// `{namespace}/{key}` to the value as JSON.
pub(super) const PAIRS: Definition = TableDefinition::new("pairs");

/// Pages that redb keeps in memory; its default is a gigabyte.
const CACHE: usize = 8 << 20;

/// The open database, until it is closed.
pub(super) struct Database(RwLock<Option<redb::Database>>);

impl Database {
    pub(super) fn open(path: &Path) -> Result<Self, redb::Error> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let synced = file.try_clone()?;
        let backend = LazySync { file: FileBackend::new(file).map_err(redb::Error::from)?, synced };
        let database = redb::Builder::new().set_cache_size(CACHE).create_with_backend(backend)?;
        let begin = database.begin_write()?;
        begin.open_table(FUNCTIONS)?;
        begin.open_table(PAIRS)?;
        begin.commit()?;
        Ok(Self(RwLock::new(Some(database))))
    }

    /// Closes the file; calls that come later fail.
    pub(super) fn close(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).take();
    }

    pub(super) fn get(&self, table: Definition, key: &[u8]) -> Result<Option<Vec<u8>>, redb::Error> {
        self.with(|database| {
            let table = database.begin_read()?.open_table(table)?;
            Ok(table.get(key)?.map(|value| value.value().to_vec()))
        })
    }

    pub(super) fn put(&self, table: Definition, key: &[u8], value: &[u8]) -> Result<(), redb::Error> {
        self.write(table, |table| {
            table.insert(key, value)?;
            Ok(())
        })
    }

    /// Whether the key was there.
    pub(super) fn delete(&self, table: Definition, key: &[u8]) -> Result<bool, redb::Error> {
        self.write(table, |table| Ok(table.remove(key)?.is_some()))
    }

    /// Shows the first `limit` entries whose key starts with `prefix` to `visit`, in order, and counts them.
    pub(super) fn scan(
        &self,
        table: Definition,
        prefix: &[u8],
        limit: usize,
        mut visit: impl FnMut(&[u8], &[u8]),
    ) -> Result<usize, redb::Error> {
        self.with(|database| {
            let table = database.begin_read()?.open_table(table)?;
            let mut count = 0;
            for entry in table.range(prefix..)?.take(limit) {
                let (key, value) = entry?;
                if !key.value().starts_with(prefix) {
                    break;
                }
                visit(key.value(), value.value());
                count += 1;
            }
            Ok(count)
        })
    }

    fn write<T>(
        &self,
        table: Definition,
        change: impl FnOnce(&mut Table<&'static [u8], &'static [u8]>) -> Result<T, redb::Error>,
    ) -> Result<T, redb::Error> {
        self.with(|database| {
            let transaction = database.begin_write()?;
            let outcome = change(&mut transaction.open_table(table)?)?;
            transaction.commit()?;
            Ok(outcome)
        })
    }

    fn with<T>(&self, work: impl FnOnce(&redb::Database) -> Result<T, redb::Error>) -> Result<T, redb::Error> {
        match &*self.0.read().unwrap_or_else(PoisonError::into_inner) {
            Some(database) => work(database),
            None => Err(io::Error::other("the orchestrator is stopping").into()),
        }
    }
}

/// A file whose syncs wait until it is closed.
#[derive(Debug)]
struct LazySync {
    file: FileBackend,
    synced: File,
}

impl StorageBackend for LazySync {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.synced.sync_data()?;
        self.file.close()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_survives_a_kill() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("data");
        let database = Database::open(&path).expect("a new database");
        for number in 0..100_u8 {
            database.put(PAIRS, &[number], &[number; 3000]).expect("a written pair");
        }
        assert!(database.delete(PAIRS, &[0]).expect("a deleted pair"));
        // What the system has is what the next process finds.
        let found = directory.path().join("found");
        std::fs::copy(&path, &found).expect("a copy of the open file");
        let found = Database::open(&found).expect("a repaired database");
        let count = found.scan(PAIRS, b"", usize::MAX, |key, value| {
            assert!(value == [key[0]; 3000]);
        });
        assert_eq!(count.expect("a readable table"), 99);
    }

    #[test]
    fn a_damaged_file_and_a_closed_database_are_errors() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("data");
        std::fs::write(&path, [7; 10_000]).expect("a file");
        assert!(Database::open(&path).is_err());
        let database = Database::open(&directory.path().join("other")).expect("a new database");
        database.close();
        assert!(database.get(PAIRS, b"k").is_err());
    }
}
