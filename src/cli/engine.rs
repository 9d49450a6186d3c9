//! Flags about the engine: where images are built, how, and how long a container may take to come up.

#![expect(clippy::option_option, reason = "clap's form of a flag that may stand without its value")]

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::args::duration;
use crate::apply::Deployment;
use crate::docker::{Builder, Settings};
use crate::plan::Rebuild;

/// Which engine.
#[derive(Debug, Args)]
#[command(next_help_heading = "Docker functions")]
pub(super) struct EngineArgs {
    /// The orchestrator's Docker engine: unix://, tcp:// or ssh:// [default: docker's current context]
    #[arg(long, value_name = "URL", env = "DOCKER_HOST", hide_env_values = true)]
    pub(super) engine: Option<String>,
}

/// How images are built, and what is done after a deploy.
#[derive(Debug, Args)]
#[command(next_help_heading = "Docker functions")]
pub(super) struct DeployArgs {
    #[command(flatten)]
    engine: EngineArgs,
    /// Which of the engine's builders builds images
    #[arg(long, value_enum, default_value_t)]
    builder: BuilderArg,
    /// How long one build or pull may take
    #[arg(long, value_name = "D", default_value = "30m", value_parser = duration)]
    build_timeout: Duration,
    /// Look for newer base images when an image is built
    #[arg(long)]
    pull: bool,
    /// How long a function may take to come up after it was deployed
    #[arg(long, value_name = "D", default_value = "60s", value_parser = duration)]
    wait_timeout: Duration,
    /// Do not look whether deployed functions come up
    #[arg(long, conflicts_with = "wait_timeout")]
    no_wait: bool,
}

/// What one run does with images beyond what changed.
#[derive(Debug, Args)]
#[command(next_help_heading = "Docker functions")]
pub(super) struct ImageArgs {
    /// Build anew although nothing changed: all images, or that of the function at PATH
    #[arg(long, value_name = "PATH", num_args = 0..=1, require_equals = true)]
    rebuild: Option<Option<String>>,
    /// After a successful sync, remove images that nobody uses any more; see `prune-images`
    #[arg(long)]
    pub(super) prune_images: bool,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum BuilderArg {
    /// The engine's own choice
    #[default]
    Auto,
    /// BuildKit
    Buildkit,
    /// The one without BuildKit
    Classic,
}

impl EngineArgs {
    /// For verbs without the flag.
    pub(super) fn of_the_environment() -> Self {
        Self { engine: std::env::var("DOCKER_HOST").ok() }
    }

    /// As the docker command line would understand it, with the environment.
    pub(super) fn settings(&self) -> Settings {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let home = || variable("HOME").map(|home| PathBuf::from(home).join(".docker"));
        Settings {
            engine: self.engine.clone().filter(|url| !url.is_empty()),
            context: variable("DOCKER_CONTEXT").and_then(|name| name.into_string().ok()),
            config_dir: variable("DOCKER_CONFIG").map(PathBuf::from).or_else(home),
            tls: variable("DOCKER_TLS_VERIFY").is_some(),
            cert_path: variable("DOCKER_CERT_PATH").map(PathBuf::from),
            ..Settings::default()
        }
    }
}

impl DeployArgs {
    /// How functions with containers are deployed.
    pub(super) fn deployment(&self) -> Deployment {
        let builder = match self.builder {
            BuilderArg::Auto => Builder::Auto,
            BuilderArg::Buildkit => Builder::BuildKit,
            BuilderArg::Classic => Builder::Classic,
        };
        let engine = Settings { builder, pull: self.pull, build_timeout: self.build_timeout, ..self.engine.settings() };
        Deployment { engine, wait: Some(self.wait_timeout).filter(|_| !self.no_wait) }
    }
}

impl ImageArgs {
    /// Which images are built anew.
    pub(super) fn rebuild(&self) -> Rebuild {
        match &self.rebuild {
            None => Rebuild::No,
            Some(None) => Rebuild::All,
            Some(Some(path)) => Rebuild::Of(path.clone()),
        }
    }
}
