//! Which orchestrator a run talks to: the one at a URL, or the embedded one.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use miette::Diagnostic;

use super::args::Server;
use crate::error::Error;
use crate::local::{self, Local, LocalError};
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
    /// `listen`: where it is to be found while this process runs; none for a run that ends.
    pub(super) async fn choose(server: &Server, source: &Path, listen: Option<SocketAddr>, options: &mut Options) -> Result<Self, Error> {
        let given = server.local.as_ref().and_then(Option::as_deref);
        let directory = data_directory(given, source);
        let is_default = given.is_none();
        let mut chosen = Self { local: None, directory, source: source.to_owned(), is_default, stays: listen.is_some() };
        if server.local.is_some() {
            let server = local::Options { listen, ..server_options() };
            let local = local::attach(&chosen.directory, server).await.map_err(|error| unusable(&error))?;
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

    /// Waits until no other process uses it, then stops it.
    pub(super) async fn finish(self) {
        if let Some(local) = self.local {
            local.finish().await;
        }
    }
}

/// A server of this process, which runs functions in further processes of the same program.
pub(super) fn server_options() -> local::Options {
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
