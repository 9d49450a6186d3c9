//! Containers that the orchestrator started: whether one is up, what it said last, and removing one that was left behind.

use bollard::query_parameters::{LogsOptions, RemoveContainerOptions, StopContainerOptions};
use futures_util::StreamExt;

use super::{Connection, Engine, EngineError, is_missing};

/// So many last lines of a container are shown.
const TAIL: &str = "5";
/// How long a program has to end by itself, in seconds; as the orchestrator gives it.
const GRACE: i32 = 10;

/// What the engine says of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContainerStatus {
    /// There is none of that name.
    Missing,
    /// It runs.
    Running {
        /// Its image, as it was started with.
        image: String,
        /// When its program was started: another time is another try.
        since: String,
    },
    /// It is there and does not run.
    Down {
        /// Its image, as it was started with.
        image: String,
        /// How it ended, and what it said last.
        last_words: String,
    },
}

impl Engine {
    /// Whether the container `name` is up.
    pub async fn container(&self, name: &str) -> Result<ContainerStatus, EngineError> {
        let connection = self.connection().await?;
        let container = match connection.docker.inspect_container(name, None::<bollard::query_parameters::InspectContainerOptions>).await {
            Ok(container) => container,
            Err(error) if is_missing(&error) => return Ok(ContainerStatus::Missing),
            Err(error) => return Err(connection.failed(format!("looking for the container `{name}`"), &error)),
        };
        let image = container.config.and_then(|config| config.image).unwrap_or_default();
        let state = container.state.unwrap_or_default();
        // One that is being started again and again says that it runs.
        if state.running == Some(true) && state.restarting != Some(true) {
            return Ok(ContainerStatus::Running { image, since: state.started_at.unwrap_or_default() });
        }
        let code = state.exit_code.unwrap_or_default();
        let reason = state.error.filter(|error| !error.is_empty()).map(|error| format!(", {error}")).unwrap_or_default();
        let said = connection.last_lines(name).await;
        let last_words = format!("it ended with status {code}{reason}{said}");
        Ok(ContainerStatus::Down { image, last_words })
    }

    /// Stops and removes the container `name` when it runs an image that `is_ours`, and tells whether it did.
    pub async fn remove_container(&self, name: &str, is_ours: impl Fn(&str) -> bool) -> Result<bool, EngineError> {
        let (ContainerStatus::Running { image, .. } | ContainerStatus::Down { image, .. }) = self.container(name).await? else {
            return Ok(false);
        };
        if !is_ours(&image) {
            return Ok(false);
        }
        let connection = self.connection().await?;
        // It may have ended by itself; removing it is what counts.
        let _ =
            connection.docker.stop_container(name, Some(StopContainerOptions { t: Some(GRACE), ..StopContainerOptions::default() })).await;
        let force = RemoveContainerOptions { force: true, ..RemoveContainerOptions::default() };
        match connection.docker.remove_container(name, Some(force)).await {
            Ok(()) => Ok(true),
            Err(error) if is_missing(&error) => Ok(true),
            Err(error) => Err(connection.failed(format!("removing the container `{name}`"), &error)),
        }
    }
}

impl Connection {
    async fn last_lines(&self, name: &str) -> String {
        let options = LogsOptions { stdout: true, stderr: true, tail: TAIL.to_owned(), ..LogsOptions::default() };
        let lines: Vec<_> = self.docker.logs(name, Some(options)).collect().await;
        let lines = lines.into_iter().flatten().map(|line| line.to_string().trim_end().to_owned()).filter(|line| !line.is_empty());
        let lines: Vec<String> = lines.collect();
        if lines.is_empty() { String::new() } else { format!(", and said: {}", lines.join(" / ")) }
    }
}
