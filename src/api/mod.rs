//! The client of the orchestrator's HTTP API: endpoints, not intentions.
//!
//! [`Client::connect`] asks `/info` first, so nothing is ever written to something that is not an orchestrator. It gives a [`Reader`]; a
//! [`Writer`] is a type of its own, made only by the rooms that apply and record: who has no writer cannot change anything. Wire types stay in here; what comes out is
//! `live.rs` and plain values. How the server behaves is written down in the contract under `tests/contract/`.

mod body;
mod deployments;
mod encode;
mod error;
mod pieces;
mod reader;
mod retry;
mod transport;
mod wire;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::event::Reporter;
use crate::live::ServerInfo;

pub use body::{Content, Upload};
pub use error::ApiError;
pub use reader::{Reader, Stored};
pub use writer::{Deleted, Writer};

use transport::Transport;

/// How to reach the orchestrator.
#[derive(Debug, Clone)]
pub struct Config {
    /// Its URL, with a path when a proxy mounts it below one.
    pub url: String,
    /// For a proxy in front.
    pub token: Option<SecretString>,
    /// Send the token over plain http to another machine.
    pub insecure_token: bool,
    /// An extra root certificate, PEM.
    pub ca_file: Option<PathBuf>,
    /// For connecting, for a reply to start, and for it to go on.
    pub timeout: Duration,
    /// How often a request is sent again at most.
    pub retries: u32,
    /// How many connections are kept.
    pub parallelism: usize,
    /// Cancelled when the run was asked to stop: what is in flight is finished, and nobody waits long to try again.
    pub hurry: CancellationToken,
}

impl Config {
    /// Whether a client can be made of it: the URL is one, and the token may go there. Asked before anything is shown or sent.
    pub fn check(&self) -> Result<(), ApiError> {
        transport::check(self)
    }
}

/// A connection to something that said it is an orchestrator.
#[derive(Clone)]
pub struct Client {
    transport: Arc<Transport>,
    info: ServerInfo,
    parallelism: usize,
}

impl Client {
    /// Asks `/info` and refuses what does not answer like an orchestrator.
    pub async fn connect(config: &Config, reporter: Arc<dyn Reporter>) -> Result<Self, ApiError> {
        let transport = Arc::new(Transport::new(config, reporter)?);
        let info = reader::info(&transport).await?;
        Ok(Self { transport, info, parallelism: config.parallelism })
    }

    /// What it said of itself.
    #[must_use]
    pub fn info(&self) -> &ServerInfo {
        &self.info
    }

    /// How many requests may run side by side.
    #[must_use]
    pub fn parallelism(&self) -> usize {
        self.parallelism
    }

    /// For reading.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader::new(Arc::clone(&self.transport))
    }

    /// How many requests were sent so far, repeated ones included.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.transport.requests()
    }
}

/// The address under which a static file is served to visitors, relative to the orchestrator's URL.
#[must_use]
pub fn static_path(namespace: &crate::key::Namespace, name: &str) -> String {
    format!("/static/{namespace}/{}", encode::path(name))
}

/// The address under which a function is called, relative to the orchestrator's URL.
#[must_use]
pub fn function_path(namespace: &crate::key::Namespace, path: &str) -> String {
    format!("/{namespace}{}", encode::path(path))
}
