//! The forms of the API. Names are those of the orchestrator's own endpoint, and more beside them.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::failure::Failure;
use crate::key::{AppId, AppName, Namespace};
use crate::registry::{Allowed, Application, Changes, Credential, Operation, PastRun, Registration, Repository, Secret};
use crate::watch::Progress;

/// The longest branch or directory that is taken.
const LONGEST: usize = 1024;

/// What is sent to register an application.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Register {
    /// As the manifest has it.
    #[schema(value_type = String)]
    name: Option<String>,
    /// As the manifest has it.
    #[schema(value_type = String)]
    namespace: Option<String>,
    #[schema(value_type = SourceForm)]
    source: Option<SourceForm>,
    auth: Option<AuthForm>,
}

/// What opens a private repository: a token with its user, or a private key.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AuthForm {
    username: Option<String>,
    /// For https.
    token: Option<String>,
    /// For ssh: the private key itself.
    #[serde(rename = "sshKey")]
    ssh_key: Option<String>,
}

impl fmt::Debug for AuthForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthForm")
    }
}

impl AuthForm {
    pub(super) fn credential(self) -> Result<Credential, Failure> {
        let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let secret = match (given(self.token), given(self.ssh_key)) {
            (Some(token), None) if !token.trim().contains(|c: char| c.is_whitespace() || c.is_control()) => {
                Secret::Token(token.trim().into())
            }
            (Some(_), None) => return Err(Failure::bad("auth.token is no token: it holds a space or a control character")),
            (None, Some(key)) if key.contains("PRIVATE KEY") => Secret::SshKey(key.into()),
            (None, Some(_)) => return Err(Failure::bad("auth.sshKey is no private key")),
            _ => return Err(Failure::bad("auth has either a token or an sshKey")),
        };
        Ok(Credential { username: given(self.username), secret })
    }
}

/// What can be changed of an application.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Patch {
    /// Null: none of its own any more.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required)]
    pub(super) auth: Option<AuthForm>,
}

/// Where an application's files come from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceForm {
    /// Without a credential.
    #[serde(rename = "repoURL")]
    #[schema(value_type = String)]
    repo_url: Option<String>,
    /// Null: the one that HEAD of the repository names.
    branch: Option<String>,
    /// The manifest's directory; null: the root.
    subdir: Option<String>,
}

impl Register {
    /// What is asked for, when it makes sense.
    pub(super) fn registration(self, allowed: &Allowed) -> Result<(Registration, Option<Credential>), Failure> {
        let source = self.source.unwrap_or_default();
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let (Some(name), Some(namespace), Some(url)) = (given(self.name), given(self.namespace), given(source.repo_url)) else {
            return Err(Failure::bad("name, namespace, and source.repoURL are required"));
        };
        let name = AppName::new(&name).map_err(|error| Failure::bad(format!("name {error}")))?;
        let namespace = Namespace::new(&namespace).map_err(|error| Failure::bad(format!("namespace {error}")))?;
        let repository = Repository::parse(&url, allowed).map_err(|error| Failure::bad(error.to_string()))?;
        let (branch, subdir) = (given(source.branch), given(source.subdir));
        for (word, text) in [("branch", &branch), ("subdir", &subdir)] {
            let Some(text) = text else { continue };
            let leads_out = text.starts_with('/') || text.split('/').any(|part| part == "..");
            if text.len() > LONGEST || text.chars().any(char::is_control) || text.starts_with('-') || leads_out {
                return Err(Failure::bad(format!("source.{word} is no {word} of a repository")));
            }
        }
        let credential = self.auth.map(AuthForm::credential).transpose()?;
        Ok((Registration { app: AppId { namespace, name }, repository, branch, subdir }, credential))
    }
}

/// What may be sent to suspend an application.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Suspend {
    /// Shown to whoever asks.
    reason: Option<String>,
}

impl Suspend {
    /// Why; shown to whoever asks.
    pub(super) fn reason(self) -> Result<String, Failure> {
        let reason = self.reason.filter(|reason| !reason.trim().is_empty()).unwrap_or_else(|| "suspended by hand".to_owned());
        if reason.len() > LONGEST { Err(Failure::bad("reason is too long")) } else { Ok(reason) }
    }
}

/// An application as it is shown.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ApplicationForm {
    name: String,
    namespace: String,
    source: SourceForm,
    /// Whether what is live is what the source declares.
    #[schema(pattern = "^(Synced|OutOfSync|Unknown)$")]
    status: &'static str,
    /// How the last look ended, unless one goes on.
    #[schema(pattern = "^(Pending|Running|Succeeded|Partial|Failed)$")]
    operation: &'static str,
    /// When it was last found or made as declared.
    #[schema(required)]
    last_sync: Option<String>,
    /// The commit that was looked at last.
    #[schema(required)]
    revision: Option<String>,
    /// What went wrong, and what to do about it.
    #[schema(required)]
    message: Option<String>,
    /// What the last run that changed something changed.
    #[schema(required)]
    changes: Option<ChangesForm>,
    /// When it is looked at by itself.
    #[schema(required)]
    next_poll: Option<String>,
    /// It has a credential of its own, which nobody is told.
    auth: bool,
    /// Why nothing is synced.
    #[schema(required)]
    suspended: Option<String>,
    /// What it placed is being removed.
    deleting: bool,
    created_at: String,
}

/// How many items a run changed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChangesForm {
    created: u64,
    updated: u64,
    deleted: u64,
    /// Failed, or not begun.
    failed: u64,
}

impl From<Changes> for ChangesForm {
    fn from(Changes { created, updated, deleted, failed }: Changes) -> Self {
        Self { created, updated, deleted, failed }
    }
}

impl ApplicationForm {
    pub(super) fn of(application: Application, progress: Option<Progress>) -> Self {
        let Application { registration, created_at, suspended, removing, sealed, condition } = application;
        let Registration { app, repository, branch, subdir } = registration;
        let is_running = progress.is_some_and(|progress| progress.is_running());
        let operation = if is_running { Operation::Running } else { condition.operation };
        let next = progress.and_then(|progress| progress.next).filter(|_| suspended.is_none());
        Self {
            name: app.name.to_string(),
            namespace: app.namespace.to_string(),
            source: SourceForm { repo_url: Some(repository.url), branch, subdir },
            status: condition.sync.as_str(),
            operation: operation.as_str(),
            last_sync: condition.last_sync,
            revision: condition.revision,
            message: condition.message,
            changes: condition.changes.map(ChangesForm::from),
            next_poll: next.map(|next| next.round(jiff::Unit::Second).unwrap_or(next).to_string()),
            auth: sealed.is_some(),
            suspended,
            deleting: removing,
            created_at,
        }
    }
}

/// All applications.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ListForm {
    pub(super) total: usize,
    pub(super) applications: Vec<ApplicationForm>,
}

/// Runs of an application that changed something, or ended otherwise than the one before; the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HistoryForm {
    namespace: String,
    name: String,
    total: usize,
    history: Vec<RunForm>,
}

/// A run in the history.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RunForm {
    /// Counted from 1.
    number: u64,
    at: String,
    /// What made it look.
    cause: String,
    #[schema(required)]
    revision: Option<String>,
    #[schema(pattern = "^(Succeeded|Partial|Failed)$")]
    operation: &'static str,
    #[schema(required)]
    message: Option<String>,
    #[schema(required)]
    changes: Option<ChangesForm>,
    took_ms: u64,
}

impl HistoryForm {
    pub(super) fn of(app: &AppId, runs: Vec<PastRun>) -> Self {
        let history: Vec<RunForm> = runs.into_iter().map(RunForm::of).collect();
        Self { namespace: app.namespace.to_string(), name: app.name.to_string(), total: history.len(), history }
    }
}

impl RunForm {
    fn of(run: PastRun) -> Self {
        let PastRun { number, at, cause, revision, operation, message, changes, took_ms } = run;
        Self { number, at, cause, revision, operation: operation.as_str(), message, changes: changes.map(ChangesForm::from), took_ms }
    }
}

/// What a webhook led to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TakenForm {
    /// So many are looked at.
    pub(super) applications: usize,
    /// Why it is none of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ignored: Option<&'static str>,
}

/// The process is there.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HealthForm {
    pub(super) status: &'static str,
}

/// Whether the process is of use.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReadyForm {
    pub(super) ready: bool,
    pub(super) keeps_applications: bool,
    pub(super) database: bool,
}
