//! Copies of the database: made while it is in use, checked, and put back.

use std::fs;
use std::path::{Path, PathBuf};

use sqlx::ConnectOptions;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use super::database::{FILE, unusable};
use super::{Registry, RegistryError};

/// Why everything waits after a copy was put back.
const RESTORED: &str = "restored from a backup: see that it is still wanted, then resume it";

/// What a database holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contents {
    /// Registered applications.
    pub applications: u64,
    /// Runs in their histories.
    pub runs: u64,
}

/// Writes a copy of the database in `directory` to `target`, which must not be there. The process that uses the database goes on.
pub async fn backup(directory: &Path, target: &Path) -> Result<Contents, RegistryError> {
    let path = directory.join(FILE);
    if target.exists() {
        return Err(RegistryError::unopened(target, "it is there already, and is not overwritten"));
    }
    let mut connection = connect(&path).await?;
    let copied = sqlx::query("VACUUM INTO $1").bind(target.to_string_lossy().into_owned()).execute(&mut connection).await;
    copied.map_err(|error| unusable(target, &error))?;
    check(target).await
}

/// Whether the database in `directory` is whole, and what it holds. The process that uses it goes on.
pub async fn check_directory(directory: &Path) -> Result<Contents, RegistryError> {
    check(&directory.join(FILE)).await
}

/// Puts the copy `source` in the place of the database in `directory`, with every application suspended: what it says may be long past.
pub async fn restore(directory: &Path, key: Option<&Path>, source: &Path) -> Result<Contents, RegistryError> {
    let contents = check(source).await?;
    // Nobody else uses it, and what is there can be read by this version or is nothing.
    let registry = Registry::open(directory, key).await;
    match registry {
        Ok(registry) => registry.close().await,
        Err(RegistryError::Damaged { .. } | RegistryError::OtherVersion { .. }) => {}
        Err(error) => return Err(error),
    }
    let path = directory.join(FILE);
    let beside = |ending: &str| PathBuf::from(format!("{}{ending}", path.display()));
    let new = beside(".new");
    let put = fs::copy(source, &new).and_then(|_| {
        for ending in ["-wal", "-shm"] {
            if beside(ending).exists() {
                fs::remove_file(beside(ending))?;
            }
        }
        fs::rename(&new, &path)
    });
    put.map_err(|error| RegistryError::unopened(&path, error))?;
    let registry = Registry::open(directory, key).await?;
    registry.suspend_all(RESTORED).await?;
    registry.close().await;
    Ok(contents)
}

async fn connect(path: &Path) -> Result<SqliteConnection, RegistryError> {
    if !path.is_file() {
        return Err(RegistryError::unopened(path, "there is no such file"));
    }
    SqliteConnectOptions::new().filename(path).connect().await.map_err(|error| unusable(path, &error))
}

async fn check(path: &Path) -> Result<Contents, RegistryError> {
    let mut connection = connect(path).await?;
    let word = sqlx::query("PRAGMA integrity_check(1)").fetch_one(&mut connection).await.and_then(|row| row.try_get::<String, _>(0));
    match word {
        Ok(word) if word == "ok" => {}
        Ok(reason) => return Err(RegistryError::Damaged { path: path.to_owned(), reason }),
        Err(error) => return Err(unusable(path, &error)),
    }
    let query = "SELECT (SELECT COUNT(*) FROM applications), (SELECT COUNT(*) FROM runs)";
    let row = sqlx::query(query).fetch_one(&mut connection).await.map_err(|error| unusable(path, &error))?;
    let number = |at: usize| row.try_get::<i64, _>(at).map(|count| count.try_into().unwrap_or_default());
    Ok(Contents { applications: number(0)?, runs: number(1)? })
}
