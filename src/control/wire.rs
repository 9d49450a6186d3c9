//! The forms of the API. Names are those of the orchestrator's own endpoint, and more beside them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::failure::Failure;
use crate::key::{AppId, AppName, Namespace};
use crate::registry::{Allowed, Application, Changes, Credential, Operation, PastRun, Registration, Repository, Secret};
use crate::watch::Progress;

/// The longest branch or directory that is taken.
const LONGEST: usize = 1024;

/// What is sent to register an application.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Register {
    name: Option<String>,
    namespace: Option<String>,
    source: Option<SourceForm>,
    auth: Option<AuthForm>,
}

/// What opens a private repository: a token with its user, or a private key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AuthForm {
    username: Option<String>,
    token: Option<String>,
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
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Patch {
    /// Null: none of its own any more.
    #[serde(deserialize_with = "Option::deserialize")]
    pub(super) auth: Option<AuthForm>,
}

/// Where an application's files come from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceForm {
    #[serde(rename = "repoURL")]
    repo_url: Option<String>,
    branch: Option<String>,
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
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Suspend {
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
#[derive(Debug, Serialize)]
pub(super) struct ApplicationForm {
    name: String,
    namespace: String,
    source: SourceForm,
    /// Synced, `OutOfSync` or Unknown.
    status: &'static str,
    /// Pending, Running, Succeeded, Partial or Failed.
    operation: &'static str,
    last_sync: Option<String>,
    revision: Option<String>,
    message: Option<String>,
    changes: Option<Changes>,
    next_poll: Option<String>,
    /// It has a credential of its own, which nobody is told.
    auth: bool,
    /// Why nothing is synced.
    suspended: Option<String>,
    /// What it placed is being removed.
    deleting: bool,
    created_at: String,
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
            changes: condition.changes,
            next_poll: next.map(|next| next.round(jiff::Unit::Second).unwrap_or(next).to_string()),
            auth: sealed.is_some(),
            suspended,
            deleting: removing,
            created_at,
        }
    }
}

/// All applications.
#[derive(Debug, Serialize)]
pub(super) struct ListForm {
    pub(super) total: usize,
    pub(super) applications: Vec<ApplicationForm>,
}

/// A run in the history.
#[derive(Debug, Serialize)]
pub(super) struct RunForm {
    number: u64,
    at: String,
    cause: String,
    revision: Option<String>,
    operation: &'static str,
    message: Option<String>,
    changes: Option<Changes>,
    took_ms: u64,
}

impl RunForm {
    pub(super) fn of(run: PastRun) -> Self {
        let PastRun { number, at, cause, revision, operation, message, changes, took_ms } = run;
        Self { number, at, cause, revision, operation: operation.as_str(), message, changes, took_ms }
    }
}
