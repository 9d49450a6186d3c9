//! Why an image is not there, or what the engine did not do.

use std::error::Error;
use std::time::Duration;

use miette::Diagnostic;
use thiserror::Error as ThisError;

use crate::files::TreePath;

/// What went wrong with an engine. Texts of engines and builds are as they came: whoever shows them makes them safe.
#[derive(Debug, ThisError, Diagnostic)]
#[non_exhaustive]
pub enum EngineError {
    /// The settings lead nowhere.
    #[error("{0}")]
    #[diagnostic(help("name the engine with --engine or DOCKER_HOST, or choose a context with `docker context use`"))]
    Settings(String),
    /// It does not answer.
    #[error("the engine at {url} cannot be used: {reason}")]
    #[diagnostic(help(
        "start it, or name the orchestrator's engine with --engine, DOCKER_HOST or a docker context; the user needs permission for its socket"
    ))]
    Unreachable {
        /// Without credentials.
        url: String,
        /// What the system said.
        reason: String,
    },
    /// It answered with a failure.
    #[error("{what}: {reason} (engine {url})")]
    Failed {
        /// What was being done.
        what: String,
        /// Without credentials.
        url: String,
        /// What it said.
        reason: String,
    },
    /// An image cannot be built.
    #[error("the image of `{path}` cannot be built: {reason}{}", tail(.log))]
    Build {
        /// Of the function.
        path: String,
        /// What the engine said.
        reason: String,
        /// The last lines of the build.
        log: Vec<String>,
    },
    /// A build or pull took too long.
    #[error("the image of `{path}` was not there within {} s{}", after.as_secs(), tail(.log))]
    #[diagnostic(help("give more time with --build-timeout"))]
    Deadline {
        /// Of the function.
        path: String,
        /// The limit.
        after: Duration,
        /// The last lines of the build.
        log: Vec<String>,
    },
    /// The engine cannot run the image.
    #[error("the image of `{path}` is for {image}, and the engine at {url} runs {engine}")]
    #[diagnostic(help("set `build.platform` to the engine's, or take an image that is there for it"))]
    Platform {
        /// Of the function.
        path: String,
        /// `linux/arm64`.
        image: String,
        /// `linux/amd64`.
        engine: String,
        /// Without credentials.
        url: String,
    },
    /// A file of the context is not what it was when the run was planned.
    #[error("`{0}` changed while its image was built")]
    #[diagnostic(help("run it again when the files are at rest"))]
    Changed(TreePath),
}

fn tail(log: &[String]) -> String {
    if log.is_empty() {
        return String::new();
    }
    let lines: Vec<String> = log.iter().map(|line| format!("\n    {line}")).collect();
    format!("\n  the last lines of the build:{}", lines.concat())
}

/// An error with what caused it; most libraries say only half of it at the top.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let next_text = next.to_string();
        if !text.contains(&next_text) {
            text = format!("{text}: {next_text}");
        }
        cause = next.source();
    }
    text
}
