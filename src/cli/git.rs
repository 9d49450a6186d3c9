//! `--branch`, `--git-token-file` and the like: which commit is taken, and how a private repository is opened.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueHint};
use tokio_util::sync::CancellationToken;

use super::args::duration;
use super::settings::token;
use crate::error::Error;
use crate::event::Reporter;
use crate::source::{Cache, Credentials, Limits, Options, Wanted};

/// A passphrase is never an argument, which every process of the machine could read.
const PASSPHRASE: &str = "ZERVERLESS_SSH_PASSPHRASE";

/// What is typed about a Git source.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Git")]
pub(super) struct Git {
    /// Take the newest commit of this branch [default: the one that HEAD of the repository names]
    #[arg(long, value_name = "B", conflicts_with = "revision")]
    branch: Option<String>,
    /// Take this commit: a tag, a branch (a tag of the same name comes first), refs/…, or an id, in full or its first digits
    #[arg(long, value_name = "R")]
    revision: Option<String>,
    /// The manifest's directory below SOURCE
    #[arg(long, value_name = "D")]
    subdir: Option<String>,
    /// File with a token for https [env: ZERVERLESS_GIT_TOKEN holds the token itself]
    #[arg(long, value_name = "F", value_hint = ValueHint::FilePath)]
    git_token_file: Option<PathBuf>,
    /// The user that goes with the token, such as oauth2 [default: x-access-token]
    #[arg(long, value_name = "U", env = "ZERVERLESS_GIT_USERNAME", hide_env_values = true)]
    git_username: Option<String>,
    /// Private key for ssh, instead of those of the agent [env: ZERVERLESS_SSH_PASSPHRASE holds its passphrase]
    #[arg(long, value_name = "F", value_hint = ValueHint::FilePath)]
    ssh_key: Option<PathBuf>,
    /// Keys of ssh hosts [default: the files that ssh itself uses]
    #[arg(long, value_name = "F", value_hint = ValueHint::FilePath)]
    known_hosts: Option<PathBuf>,
    /// Where fetched repositories are kept [default: zerverless-gitops in the user's cache directory]
    #[arg(long, value_name = "D", value_hint = ValueHint::DirPath)]
    cache_dir: Option<PathBuf>,
    /// Keep nothing of a fetched repository
    #[arg(long, conflicts_with = "cache_dir")]
    no_cache: bool,
    /// How long a Git server may be silent
    #[arg(long, value_name = "D", env = "ZERVERLESS_GIT_TIMEOUT", hide_env_values = true, default_value = "30s", value_parser = duration)]
    git_timeout: Duration,
    /// How long fetching may take in all
    #[arg(long, value_name = "D", env = "ZERVERLESS_GIT_DEADLINE", hide_env_values = true, default_value = "10m", value_parser = duration)]
    git_deadline: Duration,
}

impl Git {
    /// Everything that opening a source needs; `file` is the manifest's name.
    pub(super) fn options(&self, file: &str, reporter: Arc<dyn Reporter>, stop: CancellationToken) -> Result<Options, Error> {
        let wanted = match (&self.branch, &self.revision) {
            (Some(branch), _) => Wanted::Branch(branch.clone()),
            (None, Some(revision)) => Wanted::Revision(revision.clone()),
            (None, None) => Wanted::Default,
        };
        let cache = match &self.cache_dir {
            Some(dir) => Cache::At(dir.clone()),
            None if self.no_cache => Cache::Nowhere,
            None => Cache::Usual,
        };
        let from = if self.git_token_file.is_some() { "--git-token-file" } else { "ZERVERLESS_GIT_TOKEN" };
        let token = token("--git-token-file", self.git_token_file.as_deref(), "ZERVERLESS_GIT_TOKEN")?;
        let credentials = Credentials {
            username: self.git_username.clone().filter(|name| !name.is_empty()),
            token: token.map(|token| (token, from)),
            ssh_key: self.ssh_key.clone(),
            passphrase: std::env::var(PASSPHRASE).ok().filter(|text| !text.is_empty()).map(Into::into),
            known_hosts: self.known_hosts.clone(),
            ..Credentials::default()
        };
        let limits = Limits { silence: self.git_timeout, deadline: self.git_deadline };
        let (file, subdir) = (file.to_owned(), self.subdir.clone());
        Ok(Options { file, subdir, wanted, credentials, cache, limits, ..Options::plain(reporter, stop) })
    }
}
