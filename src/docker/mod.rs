//! The engine that the orchestrator starts containers on: does an image exist, build it, pull it, is a container up.
//!
//! The orchestrator never pulls, so images have to be on its own engine before a function names them. Which engine that is follows docker's own
//! settings ([`endpoint`]). Nothing is asked of it before somebody needs an answer: a run without changed Docker functions works without one.

mod build;
mod containers;
mod context_tar;
mod credentials;
mod endpoint;
mod error;
mod images;
mod pull;
mod ssh;
mod tls;

use std::time::Duration;

use bollard::{API_DEFAULT_VERSION, BollardRequest, Docker};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::Connect;
use hyper_util::rt::TokioExecutor;
use tokio::sync::OnceCell;

pub use containers::ContainerStatus;
pub use endpoint::{Settings, local_socket};
pub use error::EngineError;
pub use images::BuiltImage;
use ssh::Ssh;

/// An engine that does not answer a question within this time is taken for down. Builds and pulls have a deadline of their own.
const ANSWER: Duration = Duration::from_secs(30);
/// Saying hello takes less, also over ssh.
const HELLO: Duration = Duration::from_secs(15);

/// Which of an engine's two builders builds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Builder {
    /// BuildKit where the engine has it as its own choice, the classic one elsewhere.
    #[default]
    Auto,
    /// BuildKit.
    BuildKit,
    /// The classic one.
    Classic,
}

/// An engine, reached when it is first needed.
pub struct Engine {
    settings: Settings,
    connection: OnceCell<Connection>,
}

/// An engine that has answered.
struct Connection {
    docker: Docker,
    url: String,
    /// `linux/amd64`.
    platform: String,
}

impl Engine {
    /// Remembers how to reach it.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings, connection: OnceCell::new() }
    }

    /// Whether it is the engine of this machine, and answers.
    pub async fn is_here(&self) -> bool {
        local_socket(&self.settings).is_some() && self.connection().await.is_ok()
    }

    async fn connection(&self) -> Result<&Connection, EngineError> {
        self.connection.get_or_try_init(|| connect(&self.settings)).await
    }
}

async fn connect(settings: &Settings) -> Result<Connection, EngineError> {
    let endpoint = endpoint::resolve(settings)?;
    let url = endpoint.url.clone();
    let (scheme, address) = url.split_once("://").unwrap_or(("", &url));
    let mut ssh = None;
    let docker = match (scheme, &endpoint.tls) {
        ("unix", _) => Docker::connect_with_unix(&url, ANSWER.as_secs(), API_DEFAULT_VERSION),
        ("ssh", _) => over(ssh.insert(Ssh::to(&url)?).clone(), "http://engine"),
        ("tcp" | "http" | "https", Some(files)) => over(tls::connector(files)?, &format!("https://{address}")),
        ("tcp" | "http", None) => Docker::connect_with_http(&url, ANSWER.as_secs(), API_DEFAULT_VERSION),
        _ => {
            let shown = crate::key::printable(&url);
            return Err(EngineError::Settings(format!("`{shown}` is not the address of an engine: unix://, tcp:// and ssh:// are")));
        }
    };
    let unreachable = |reason: String| {
        let reason = reason + &ssh.as_ref().map(Ssh::said).unwrap_or_default();
        EngineError::Unreachable { url: url.clone(), reason }
    };
    let docker = docker.map_err(|error| unreachable(error::chain(&error)))?;
    let hello = async {
        let docker = docker.negotiate_version().await?;
        let version = docker.version().await?;
        Ok::<_, bollard::errors::Error>((docker, version))
    };
    let (docker, version) = match tokio::time::timeout(HELLO, hello).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return Err(unreachable(error::chain(&error))),
        Err(_) => return Err(unreachable(format!("it does not answer within {} s", HELLO.as_secs()))),
    };
    let platform = format!("{}/{}", version.os.unwrap_or_default(), version.arch.unwrap_or_default());
    Ok(Connection { docker, url, platform })
}

/// A client whose connections `connector` makes.
fn over<C: Connect + Clone + Send + Sync + 'static>(connector: C, address: &str) -> Result<Docker, bollard::errors::Error> {
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let transport = move |request: BollardRequest| {
        let client = client.clone();
        async move { client.request(request).await.map_err(bollard::errors::Error::from) }
    };
    Docker::connect_with_custom_transport(transport, Some(address), ANSWER.as_secs(), API_DEFAULT_VERSION)
}

impl Connection {
    fn failed(&self, what: impl Into<String>, error: &bollard::errors::Error) -> EngineError {
        EngineError::Failed { what: what.into(), url: self.url.clone(), reason: error::chain(error) }
    }
}

/// Whether the engine says that there is no such thing.
fn is_missing(error: &bollard::errors::Error) -> bool {
    matches!(error, bollard::errors::Error::DockerResponseServerError { status_code: 404, .. })
}
