//! The database: opened, brought to this version, and asked.

use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Row, SqlSafeStr};

use super::application::id;
use super::credential::{Credential, Seal};
use super::{Application, Ended, PastRun, Registered, Registration, RegistryError, SyncState};
use crate::key::AppId;

/// The file in the data directory.
pub(super) const FILE: &str = "applications.db";
/// The key for credentials, unless it lies elsewhere.
const KEY: &str = "key";
/// How long a statement waits for another one, and for a disk that is slow.
const PATIENCE: Duration = Duration::from_secs(30);
/// Runs of an application that are kept.
const HISTORY: i64 = 50;

const MIGRATIONS: [(i64, &str, &str); 1] = [(1, "applications", include_str!("0001_applications.sql"))];

/// See [`super`].
#[derive(Debug, Clone)]
pub struct Registry {
    pool: SqlitePool,
    path: PathBuf,
    seal: Seal,
    /// Held as long as the process uses the database.
    _lock: Arc<File>,
}

impl Registry {
    /// Opens the database in `directory`; makes both when they are not there. `key` is the file with the key for credentials.
    pub async fn open(directory: &Path, key: Option<&Path>) -> Result<Self, RegistryError> {
        let path = directory.join(FILE);
        let made = DirBuilder::new().recursive(true).mode(0o700).create(directory);
        made.map_err(|error| RegistryError::unopened(&path, error))?;
        let lock = File::options().create(true).append(true).open(directory.join("in-use.lock"));
        let lock = lock.map_err(|error| RegistryError::unopened(&path, error))?;
        lock.try_lock().map_err(|_| RegistryError::InUse { path: path.clone() })?;
        let seal = Seal::open(key.unwrap_or(&directory.join(KEY)))?;
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What was answered to a client is on the disk.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(PATIENCE);
        let pool = SqlitePoolOptions::new().max_connections(4).acquire_timeout(PATIENCE).connect_with(options).await;
        let registry = Self { pool: pool.map_err(|error| unusable(&path, &error))?, path, seal, _lock: Arc::new(lock) };
        registry.check().await?;
        registry.migrate().await?;
        Ok(registry)
    }

    /// Whether it can be read and is whole.
    pub async fn check(&self) -> Result<(), RegistryError> {
        let found = sqlx::query("PRAGMA quick_check(1)").fetch_one(&self.pool).await.and_then(|row| row.try_get::<String, _>(0));
        match found {
            Ok(word) if word == "ok" => Ok(()),
            Ok(reason) => Err(RegistryError::Damaged { path: self.path.clone(), reason }),
            Err(error) => Err(unusable(&self.path, &error)),
        }
    }

    async fn migrate(&self) -> Result<(), RegistryError> {
        let step = |(version, name, sql): (i64, &'static str, &'static str)| {
            Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
        };
        let done = Migrator::with_migrations(MIGRATIONS.into_iter().map(step).collect()).run(&self.pool).await;
        done.map_err(|error| match error {
            MigrateError::VersionMissing(_) | MigrateError::VersionMismatch(_) | MigrateError::VersionTooNew(..) => {
                RegistryError::OtherVersion { path: self.path.clone(), reason: error.to_string() }
            }
            error => RegistryError::unopened(&self.path, error),
        })
    }

    /// Whether it takes statements now.
    pub async fn answers(&self) -> bool {
        sqlx::query("SELECT 1").execute(&self.pool).await.is_ok()
    }

    /// Keeps a registration, and what opens its repository.
    pub async fn register(&self, registration: &Registration, credential: Option<&Credential>) -> Result<Registered, RegistryError> {
        let Registration { app, repository, branch, subdir } = registration;
        let sealed = credential.map(|credential| self.seal.seal(app, credential)).transpose()?;
        let inserted = sqlx::query(
            "INSERT INTO applications (namespace, name, repo_url, repository, branch, subdir, created_at, credential, sync, operation) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'Unknown', 'Pending') ON CONFLICT (namespace, name) DO NOTHING",
        )
        .bind(app.namespace.as_str())
        .bind(app.name.as_str())
        .bind(&repository.url)
        .bind(&repository.identity)
        .bind(branch)
        .bind(subdir)
        .bind(now())
        .bind(sealed)
        .execute(&self.pool)
        .await?;
        if inserted.rows_affected() == 1 {
            return Ok(Registered::Created);
        }
        let Some(there) = self.get(app).await? else { return Ok(Registered::Conflict) };
        let same = there.registration == *registration && !there.removing && self.opens_alike(&there, credential)?;
        Ok(if same { Registered::Unchanged } else { Registered::Conflict })
    }

    /// What opens the repository of an application, when that was given with it.
    pub fn credential(&self, application: &Application) -> Result<Option<Credential>, RegistryError> {
        let app = &application.registration.app;
        application.sealed.as_ref().map(|sealed| self.seal.unseal(app, sealed)).transpose()
    }

    /// From now on the repository is opened with this; none: with what the process has. Whether the application is there.
    pub async fn set_credential(&self, app: &AppId, credential: Option<&Credential>) -> Result<bool, RegistryError> {
        let sealed = credential.map(|credential| self.seal.seal(app, credential)).transpose()?;
        let query = sqlx::query("UPDATE applications SET credential = $3 WHERE namespace = $1 AND name = $2");
        let done = query.bind(app.namespace.as_str()).bind(app.name.as_str()).bind(sealed).execute(&self.pool).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Whether nothing was given, or what is there already.
    fn opens_alike(&self, there: &Application, given: Option<&Credential>) -> Result<bool, RegistryError> {
        let Some(given) = given else { return Ok(true) };
        Ok(self.credential(there)?.is_some_and(|there| there.is(given)))
    }

    /// One application.
    pub async fn get(&self, app: &AppId) -> Result<Option<Application>, RegistryError> {
        let query = sqlx::query("SELECT * FROM applications WHERE namespace = $1 AND name = $2");
        let row = query.bind(app.namespace.as_str()).bind(app.name.as_str()).fetch_optional(&self.pool).await?;
        row.as_ref().map(Application::of).transpose()
    }

    /// All of them, by namespace and name.
    pub async fn list(&self) -> Result<Vec<Application>, RegistryError> {
        let rows = sqlx::query("SELECT * FROM applications ORDER BY namespace, name").fetch_all(&self.pool).await?;
        rows.iter().map(Application::of).collect()
    }

    /// Those of one name, in whatever namespace.
    pub async fn named(&self, name: &str) -> Result<Vec<Application>, RegistryError> {
        let query = sqlx::query("SELECT * FROM applications WHERE name = $1 ORDER BY namespace");
        query.bind(name).fetch_all(&self.pool).await?.iter().map(Application::of).collect()
    }

    /// Those whose files come from one repository.
    pub async fn of_repository(&self, identity: &str) -> Result<Vec<AppId>, RegistryError> {
        let query = sqlx::query("SELECT namespace, name FROM applications WHERE repository = $1 ORDER BY namespace, name");
        query.bind(identity).fetch_all(&self.pool).await?.iter().map(id).collect()
    }

    /// Nothing is synced until somebody resumes it; none: it is synced again. Whether it is there.
    pub async fn suspend(&self, app: &AppId, why: Option<&str>) -> Result<bool, RegistryError> {
        let query = sqlx::query("UPDATE applications SET suspended = $3 WHERE namespace = $1 AND name = $2 AND NOT removing");
        let done = query.bind(app.namespace.as_str()).bind(app.name.as_str()).bind(why).execute(&self.pool).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Nothing of all that is registered is synced until somebody resumes it.
    pub(super) async fn suspend_all(&self, why: &str) -> Result<(), RegistryError> {
        sqlx::query("UPDATE applications SET suspended = $1, removing = FALSE").bind(why).execute(&self.pool).await?;
        Ok(())
    }

    /// From now on what it placed is to be removed, and then the application itself. Whether it is there.
    pub async fn remove_with_items(&self, app: &AppId) -> Result<bool, RegistryError> {
        let query = sqlx::query("UPDATE applications SET removing = TRUE, suspended = NULL WHERE namespace = $1 AND name = $2");
        let done = query.bind(app.namespace.as_str()).bind(app.name.as_str()).execute(&self.pool).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Forgets an application and its runs. Whether it was there.
    pub async fn forget(&self, app: &AppId) -> Result<bool, RegistryError> {
        let query = sqlx::query("DELETE FROM applications WHERE namespace = $1 AND name = $2");
        let done = query.bind(app.namespace.as_str()).bind(app.name.as_str()).execute(&self.pool).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Takes down how a look ended. A run goes into the history when it changed something, or ended otherwise than the one before.
    pub async fn ended(&self, app: &AppId, ended: &Ended) -> Result<(), RegistryError> {
        let Ended { cause: _, sync, operation, revision, message, changes, took_ms: _ } = ended;
        let before = self.get(app).await?.map(|there| there.condition);
        let is_news = before.is_some_and(|before| before.operation != *operation || before.message != *message);
        let counts = changes.as_ref().map(serde_json::to_string).transpose().map_err(|error| RegistryError::Content(error.to_string()))?;
        let synced_at = (*sync == SyncState::Synced).then(now);
        let mut transaction = self.pool.begin().await?;
        sqlx::query(
            "UPDATE applications SET sync = $3, operation = $4, revision = COALESCE($5, revision), message = $6, \
             changes = COALESCE($7, changes), last_sync = COALESCE($8, last_sync) WHERE namespace = $1 AND name = $2",
        )
        .bind(app.namespace.as_str())
        .bind(app.name.as_str())
        .bind(sync.as_str())
        .bind(operation.as_str())
        .bind(revision)
        .bind(message)
        .bind(&counts)
        .bind(synced_at)
        .execute(&mut *transaction)
        .await?;
        if is_news || changes.is_some() {
            remember(&mut transaction, app, ended, counts).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Runs of an application, the newest first.
    pub async fn history(&self, app: &AppId) -> Result<Vec<PastRun>, RegistryError> {
        let query = sqlx::query("SELECT * FROM runs WHERE namespace = $1 AND name = $2 ORDER BY number DESC");
        let rows = query.bind(app.namespace.as_str()).bind(app.name.as_str()).fetch_all(&self.pool).await?;
        rows.iter().map(PastRun::of).collect()
    }

    /// Finishes what is under way and lets go of the file.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Adds a run to the history of an application that is still registered, and drops the oldest.
async fn remember(
    transaction: &mut sqlx::Transaction<'_, sqlx::Sqlite>,
    app: &AppId,
    ended: &Ended,
    counts: Option<String>,
) -> Result<(), RegistryError> {
    sqlx::query(
        "INSERT INTO runs (namespace, name, number, at, cause, revision, operation, message, changes, took_ms) \
         SELECT $1, $2, COALESCE((SELECT MAX(number) FROM runs WHERE namespace = $1 AND name = $2), 0) + 1, $3, $4, $5, $6, $7, $8, $9 \
         FROM applications WHERE namespace = $1 AND name = $2",
    )
    .bind(app.namespace.as_str())
    .bind(app.name.as_str())
    .bind(now())
    .bind(ended.cause)
    .bind(&ended.revision)
    .bind(ended.operation.as_str())
    .bind(&ended.message)
    .bind(counts)
    .bind(i64::try_from(ended.took_ms).unwrap_or(i64::MAX))
    .execute(&mut **transaction)
    .await?;
    sqlx::query(
        "DELETE FROM runs WHERE namespace = $1 AND name = $2 \
         AND number <= (SELECT MAX(number) FROM runs WHERE namespace = $1 AND name = $2) - $3",
    )
    .bind(app.namespace.as_str())
    .bind(app.name.as_str())
    .bind(HISTORY)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Now, RFC 3339, in whole seconds of UTC.
fn now() -> String {
    let now = jiff::Timestamp::now();
    now.round(jiff::Unit::Second).unwrap_or(now).to_string()
}

pub(super) fn unusable(path: &Path, error: &sqlx::Error) -> RegistryError {
    // SQLITE_CORRUPT and SQLITE_NOTADB.
    let damaged =
        error.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|code| matches!(code.as_ref(), "11" | "26"));
    if damaged {
        return RegistryError::Damaged { path: path.to_owned(), reason: error.to_string() };
    }
    RegistryError::unopened(path, error)
}
