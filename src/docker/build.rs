//! Building an image: the context goes to the engine as a stream, the steps come back as one.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use bollard::models::{BuildInfo, BuildInfoAux};
use bollard::query_parameters::{BuildImageOptions, BuildImageOptionsBuilder, BuilderVersion};
use futures_util::StreamExt;

use super::error::chain;
use super::images::LABEL;
use super::{Builder, Connection, Engine, EngineError, context_tar, credentials};
use crate::event::{Event, Reporter};
use crate::files::Tree;
use crate::state::ImageBuild;

/// So many last lines of a build are kept for its error.
const TAIL: usize = 20;
/// Engines from this version of their API on choose BuildKit themselves.
const BUILDKIT_BY_DEFAULT: (usize, usize) = (1, 42);

impl Engine {
    /// Builds the image of the function at `path`; false when it is there already.
    pub async fn build(&self, path: &str, build: &ImageBuild, tree: Arc<dyn Tree>, reporter: &dyn Reporter) -> Result<bool, EngineError> {
        let connection = self.connection().await?;
        let name = build.name();
        if connection.image_platform(&name).await?.is_some() {
            connection.renew(&name).await?;
            return Ok(false);
        }
        if let Some(wanted) = build.platform.as_deref().filter(|wanted| !connection.runs(wanted)) {
            return Err(connection.wrong_platform(path, wanted));
        }
        let mut log = Log { path, reporter, lines: VecDeque::new() };
        let building = self.run_build(connection, build, tree, &mut log);
        match tokio::time::timeout(self.settings.build_timeout, building).await {
            Ok(ended) => ended?,
            Err(_) => return Err(EngineError::Deadline { path: path.to_owned(), after: self.settings.build_timeout, log: log.take() }),
        }
        // The end of a stream is no proof.
        match connection.image_platform(&name).await? {
            Some(platform) if connection.runs(&platform) => Ok(true),
            Some(platform) => Err(connection.wrong_platform(path, &platform)),
            None => Err(log.failure("the build ended without an image".to_owned())),
        }
    }

    async fn run_build(
        &self,
        connection: &Connection,
        build: &ImageBuild,
        tree: Arc<dyn Tree>,
        log: &mut Log<'_>,
    ) -> Result<(), EngineError> {
        let options = self.options(connection, build, log.path);
        let credentials = credentials::for_all(&self.settings, &build.bases).await?;
        let (pieces, archive) = context_tar::stream(build, tree);
        // No reply has to come before the build is over; how long that may take is the deadline's business.
        let docker = connection.docker.clone().with_timeout(self.settings.build_timeout);
        let mut infos = docker.build_image(options, Some(credentials), Some(bollard::body_try_stream(pieces)));
        let mut failure = None;
        while let Some(info) = infos.next().await {
            match info {
                Ok(info) => log.take_info(info),
                Err(error) => {
                    failure = Some(reason(&error));
                    break;
                }
            }
        }
        drop(infos);
        // What the files did explains what the engine says.
        if let Ok(Err(error)) = archive.await {
            return Err(error);
        }
        failure.map_or(Ok(()), |reason| Err(log.failure(reason)))
    }

    fn options(&self, connection: &Connection, build: &ImageBuild, path: &str) -> BuildImageOptions {
        let labels = HashMap::from([(LABEL.to_owned(), path.to_owned())]);
        let args: HashMap<String, String> = build.args.clone().into_iter().collect();
        let mut options = BuildImageOptionsBuilder::default()
            .t(&build.name())
            .dockerfile(&build.context.recipe.name)
            .buildargs(&args)
            .labels(&labels)
            .platform(build.platform.as_deref().unwrap_or_default())
            .target(build.target.as_deref().unwrap_or_default())
            // A new image of equal inputs was asked for: what an earlier build left is what is not wanted.
            .nocache(build.generation > 0)
            .rm(true)
            .forcerm(true);
        if self.settings.pull {
            options = options.pull("1");
        }
        if self.uses_buildkit(connection) {
            options = options.version(BuilderVersion::BuilderBuildKit).session(&format!("{:032x}", rand::random::<u128>()));
        }
        options.build()
    }

    fn uses_buildkit(&self, connection: &Connection) -> bool {
        let version = connection.docker.client_version();
        match self.settings.builder {
            Builder::BuildKit => true,
            Builder::Classic => false,
            Builder::Auto => (version.major_version, version.minor_version) >= BUILDKIT_BY_DEFAULT,
        }
    }
}

fn reason(error: &bollard::errors::Error) -> String {
    match error {
        bollard::errors::Error::DockerStreamError { error } => error.trim().to_owned(),
        bollard::errors::Error::DockerResponseServerError { message, .. } => message.trim().to_owned(),
        other => chain(other),
    }
}

/// What a build says, told as it comes and kept for its error.
struct Log<'a> {
    path: &'a str,
    reporter: &'a dyn Reporter,
    lines: VecDeque<String>,
}

impl Log<'_> {
    fn take_info(&mut self, info: BuildInfo) {
        if let Some(text) = info.stream {
            for line in text.lines() {
                self.line(line, line.starts_with("Step "));
            }
        }
        let Some(BuildInfoAux::BuildKit(status)) = info.aux else { return };
        for vertex in status.vertexes {
            if vertex.started.is_some() && vertex.completed.is_none() {
                self.line(&vertex.name, true);
            }
            if !vertex.error.is_empty() {
                self.line(&vertex.error, false);
            }
        }
        for log in status.logs {
            for line in String::from_utf8_lossy(&log.msg).lines() {
                self.line(line, false);
            }
        }
    }

    fn line(&mut self, line: &str, is_step: bool) {
        if line.trim().is_empty() {
            return;
        }
        if self.lines.len() == TAIL {
            self.lines.pop_front();
        }
        self.lines.push_back(line.to_owned());
        self.reporter.event(&Event::Building { path: self.path.to_owned(), line: line.to_owned(), is_step });
    }

    fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines).into()
    }

    fn failure(&mut self, reason: String) -> EngineError {
        EngineError::Build { path: self.path.to_owned(), reason, log: self.take() }
    }
}
