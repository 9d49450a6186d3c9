//! A registered application: what was asked for, and what is known of it.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Changes, Condition, Operation, PastRun, RegistryError, Repository, SyncState};
use crate::key::{AppId, AppName, Namespace};

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Which; the manifest must say the same.
    pub app: AppId,
    /// Where its files come from.
    pub repository: Repository,
    /// The remote's HEAD when there is none.
    pub branch: Option<String>,
    /// The manifest's directory.
    pub subdir: Option<String>,
}

/// A registration as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// What was asked for.
    pub registration: Registration,
    /// When, RFC 3339.
    pub created_at: String,
    /// Why nothing is synced until somebody resumes it.
    pub suspended: Option<String>,
    /// What it placed is being removed; it goes when that is done.
    pub removing: bool,
    /// What opens the repository, as only the registry can read it.
    pub sealed: Option<String>,
    /// How the last look ended.
    pub condition: Condition,
}

/// What came of a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// It is new.
    Created,
    /// It was there, and the same.
    Unchanged,
    /// Another one has the name.
    Conflict,
}

impl Application {
    pub(super) fn of(row: &SqliteRow) -> Result<Self, RegistryError> {
        let text = |column| row.try_get::<String, _>(column);
        let maybe = |column| row.try_get::<Option<String>, _>(column);
        let condition = Condition {
            sync: word(&text("sync")?, SyncState::of)?,
            operation: word(&text("operation")?, Operation::of)?,
            revision: maybe("revision")?,
            message: maybe("message")?,
            changes: changes(maybe("changes")?)?,
            last_sync: maybe("last_sync")?,
        };
        let registration = Registration {
            app: id(row)?,
            repository: Repository { url: text("repo_url")?, identity: text("repository")? },
            branch: maybe("branch")?,
            subdir: maybe("subdir")?,
        };
        let (created_at, suspended, removing) = (text("created_at")?, maybe("suspended")?, row.try_get("removing")?);
        Ok(Self { registration, created_at, suspended, removing, sealed: maybe("credential")?, condition })
    }
}

impl PastRun {
    pub(super) fn of(row: &SqliteRow) -> Result<Self, RegistryError> {
        Ok(Self {
            number: number(row.try_get("number")?),
            at: row.try_get("at")?,
            cause: row.try_get("cause")?,
            revision: row.try_get("revision")?,
            operation: word(&row.try_get::<String, _>("operation")?, Operation::of)?,
            message: row.try_get("message")?,
            changes: changes(row.try_get("changes")?)?,
            took_ms: number(row.try_get("took_ms")?),
        })
    }
}

pub(super) fn id(row: &SqliteRow) -> Result<AppId, RegistryError> {
    let (namespace, name): (String, String) = (row.try_get("namespace")?, row.try_get("name")?);
    let bad = |error| RegistryError::Content(format!("`{}`, which {error}", crate::key::printable(&format!("{namespace}/{name}"))));
    Ok(AppId { namespace: Namespace::new(&namespace).map_err(bad)?, name: AppName::new(&name).map_err(bad)? })
}

fn word<T>(text: &str, of: impl Fn(&str) -> Option<T>) -> Result<T, RegistryError> {
    of(text).ok_or_else(|| RegistryError::Content(format!("the word `{}`, which has no meaning", crate::key::printable(text))))
}

fn changes(text: Option<String>) -> Result<Option<Changes>, RegistryError> {
    let parsed = text.map(|text| serde_json::from_str(&text)).transpose();
    parsed.map_err(|error| RegistryError::Content(format!("counts that cannot be read: {error}")))
}

fn number(value: i64) -> u64 {
    value.try_into().unwrap_or_default()
}
