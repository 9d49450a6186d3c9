//! Which orchestrator a run talks to: the one at a URL, or the embedded one.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use miette::Diagnostic;

use super::args::Server;
use crate::docker::local_socket;
use crate::error::Error;
use crate::local::{self, Local, LocalError, Replies};
use crate::pipeline::{Options, Run};

/// Where `serve` listens unless told otherwise.
const SERVE: &str = "http://127.0.0.1:8000";

/// The embedded orchestrator, when `--local` is given.
pub(super) struct Orchestrator {
    local: Option<Local>,
    directory: PathBuf,
    /// The manifest's directory, as `serve` takes it.
    source: PathBuf,
    is_default: bool,
    /// It stays, at this address, for as long as the process does.
    stays: bool,
}

impl Orchestrator {
    /// Starts or finds the embedded orchestrator when it is asked for, and points `options` at it.
    /// `serving`: how it serves while this process runs; with an address when it is more than a run that ends.
    pub(super) async fn choose(server: &Server, source: &Path, serving: local::Options, options: &mut Options) -> Result<Self, Error> {
        let serving = local::Options { engine: local_socket(&options.deployment.engine), ..serving };
        let given = server.local.as_ref().and_then(Option::as_deref);
        let directory = data_directory(given, source);
        let is_default = given.is_none();
        let mut chosen = Self { local: None, directory, source: source.to_owned(), is_default, stays: serving.listen.is_some() };
        if server.local.is_some() {
            let local = local::attach(&chosen.directory, serving).await.map_err(|error| unusable(&error))?;
            local.url().clone_into(&mut options.server.url);
            options.server.token = None;
            chosen.local = Some(local);
        }
        Ok(chosen)
    }

    /// What the run shows as the place of things. The embedded orchestrator of this process ends with it, so the address of `serve` is shown.
    pub(super) fn describe(&self, run: &mut Run) {
        let Some(local) = &self.local else { return };
        if local.is_owner() && !self.stays {
            SERVE.clone_into(&mut run.url);
            let at = if self.is_default { self.source.display().to_string() } else { format!("--local={}", self.directory.display()) };
            run.hint = Some(format!("to open it: zerverless-gitops serve {at}"));
        }
    }

    /// The page with everything that is deployed on the embedded orchestrator.
    pub(super) fn page(&self) -> Option<String> {
        Some(format!("{}/", self.local.as_ref()?.url()))
    }

    /// Waits until no other process uses it, then stops it.
    pub(super) async fn finish(self) {
        if let Some(local) = self.local {
            local.finish().await;
        }
    }
}

/// How the embedded orchestrator answers.
#[derive(Debug, Args)]
#[command(next_help_heading = "Embedded orchestrator")]
pub(super) struct Serving {
    /// How the results of functions are sent
    #[arg(long, value_enum, default_value_t)]
    replies: RepliesArg,
    /// Let the pages of static sites load themselves again after each sync
    #[arg(long)]
    live_reload: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum RepliesArg {
    /// As a Zerverless server does: 200 and a JSON string that holds the result
    #[default]
    Raw,
    /// With the function's own status, headers and body
    Unwrapped,
}

impl Serving {
    /// A server that stays at an address.
    pub(super) fn at(&self, listen: SocketAddr) -> local::Options {
        let replies = match self.replies {
            RepliesArg::Raw => Replies::Raw,
            RepliesArg::Unwrapped => Replies::Unwrapped,
        };
        local::Options { listen: Some(listen), replies, live_reload: self.live_reload, ..passing() }
    }

    /// Whether anything was asked for.
    pub(super) fn is_set(&self) -> bool {
        self.live_reload || self.replies != RepliesArg::Raw
    }
}

/// A server that ends with a run. Functions run in further processes of this program.
pub(super) fn passing() -> local::Options {
    local::Options { program: std::env::current_exe().ok(), ..local::Options::default() }
}

/// Where the embedded orchestrator keeps its data.
pub(super) fn data_directory(given: Option<&Path>, source: &Path) -> PathBuf {
    match given {
        Some(directory) => directory.to_owned(),
        _ if source.is_file() => source.parent().unwrap_or(Path::new(".")).join(".zerverless"),
        _ => source.join(".zerverless"),
    }
}

/// The embedded orchestrator as an error of the run.
pub(super) fn unusable(error: &LocalError) -> Error {
    let help = error.help().map(|help| format!(" ({help})")).unwrap_or_default();
    let text = format!("the embedded orchestrator: {error}{help}");
    if matches!(error, LocalError::NotRunning { .. }) { Error::NotServed(text) } else { Error::Unexpected(text) }
}
