//! Which application a verb is about: the one of a source, or `NAMESPACE/NAME` where no checkout is at hand.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueHint};
use tokio_util::sync::CancellationToken;

use super::args::{Allow, Server, duration_or_none};
use super::git::Git;
use super::orchestrator::{Orchestrator, passing};
use super::settings::{Output, options};
use super::signals;
use crate::error::Error;
use crate::key::{AppId, AppName, Namespace};
use crate::pipeline::{self, Context, Options};
use crate::source::{self, Location, Source};

/// One application, and where it is.
#[derive(Debug, Args)]
pub(super) struct Target {
    /// A directory that holds a manifest, a Git URL, or NAMESPACE/NAME
    #[arg(value_name = "SOURCE|NAMESPACE/NAME", default_value = ".", value_hint = ValueHint::DirPath)]
    pub(super) application: String,
    /// The manifest's name in SOURCE
    #[arg(short, long, value_name = "F", default_value = crate::manifest::MANIFEST_FILE)]
    pub(super) file: String,
    #[command(flatten)]
    pub(super) git: Git,
    #[command(flatten)]
    pub(super) server: Server,
}

/// How long a verb that writes waits for other runs.
#[derive(Debug, Args)]
pub(super) struct Patience {
    /// How long to wait for another run; one that died on another machine is in the way for a minute
    #[arg(long, value_name = "D", env = "ZERVERLESS_LOCK_TIMEOUT", hide_env_values = true, default_value = "120s", value_parser = duration_or_none)]
    pub(super) lock_timeout: Duration,
}

/// What a verb works with.
pub(super) struct Session {
    pub(super) options: Options,
    pub(super) context: Context,
    orchestrator: Orchestrator,
}

impl Session {
    /// Connects to the orchestrator that is meant; `source` is where the data of an embedded one lies by default.
    pub(super) async fn open(server: &Server, source: &Path, patience: Option<&Patience>, output: &Output) -> Result<Self, Error> {
        let mut options = options(server, &Allow::default(), false)?;
        options.lock_timeout = patience.map_or(Duration::ZERO, |patience| patience.lock_timeout);
        let stop = signals::watch(options.server.hurry.clone());
        let orchestrator = Orchestrator::choose(server, source, passing(), &mut options).await?;
        let context = Context { reporter: Arc::new(output.terminal()), stop, confirm: None };
        Ok(Self { options, context, orchestrator })
    }

    /// Lets go of an embedded orchestrator.
    pub(super) async fn close(self) {
        self.orchestrator.finish().await;
    }
}

impl Target {
    /// Connects to the orchestrator that is meant.
    pub(super) async fn session(&self, patience: Option<&Patience>, output: &Output) -> Result<Session, Error> {
        Session::open(&self.server, &self.directory(), patience, output).await
    }

    /// Does `act` for the application in a session of its own.
    pub(super) async fn act<T>(
        &self,
        patience: Option<&Patience>,
        output: &Output,
        act: impl AsyncFnOnce(&AppId, &Options, &Context) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let app = self.find(output)?;
        let session = self.session(patience, output).await?;
        let done = act(&app, &session.options, &session.context).await;
        session.close().await;
        done
    }

    /// The application, as far as it can be told without the orchestrator.
    pub(super) fn find(&self, output: &Output) -> Result<AppId, Error> {
        let source = if self.written()?.is_none() { Some(self.open(output)?) } else { None };
        self.find_in(source.as_ref())
    }

    /// The same, where the source is open already; none for `NAMESPACE/NAME`.
    pub(super) fn find_in(&self, source: Option<&Source>) -> Result<AppId, Error> {
        let given = self.server.namespace.as_deref().filter(|name| !name.is_empty());
        let Some(source) = source else {
            let app = self.written()?.ok_or_else(|| Error::Usage("name a SOURCE or NAMESPACE/NAME".to_owned()))?;
            return match given {
                Some(_) => Err(Error::Usage("--namespace stands beside a SOURCE; NAMESPACE/NAME has one already".to_owned())),
                None => Ok(app),
            };
        };
        let options = options(&self.server, &Allow::default(), false)?;
        pipeline::identify(source, options.namespace.as_ref())
    }

    /// The source that is named.
    pub(super) fn open(&self, output: &Output) -> Result<Source, Error> {
        let location = Location::parse(Path::new(&self.application))?;
        Ok(Source::open(&location, &self.git_options(output)?)?)
    }

    /// How a source is opened.
    pub(super) fn git_options(&self, output: &Output) -> Result<source::Options, Error> {
        self.git.options(&self.file, Arc::new(output.terminal()), CancellationToken::new())
    }

    /// `NAMESPACE/NAME`, when that is what was typed.
    pub(super) fn written(&self) -> Result<Option<AppId>, Error> {
        written(&self.application)
    }

    /// Where an embedded orchestrator keeps its data by default.
    pub(super) fn directory(&self) -> PathBuf {
        match written(&self.application) {
            Ok(None) if !self.application.contains(':') => PathBuf::from(&self.application),
            _ => PathBuf::from("."),
        }
    }
}

/// `NAMESPACE/NAME`; what is there as a path, or looks like one, is a source.
fn written(text: &str) -> Result<Option<AppId>, Error> {
    let Some((namespace, name)) = text.split_once('/') else { return Ok(None) };
    let is_path = text.starts_with(['.', '/', '~']) || text.ends_with('/') || text.contains(':') || name.contains('/');
    if is_path || Path::new(text).exists() {
        return Ok(None);
    }
    let wrong = |error| Error::Usage(format!("`{}` is no directory, and as NAMESPACE/NAME it {error}", crate::key::printable(text)));
    let namespace = Namespace::new(namespace).map_err(wrong)?;
    Ok(Some(AppId { namespace, name: AppName::new(name).map_err(wrong)? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_path_is_a_source() {
        for path in [".", "..", "./a", "/a/b", "a/b/c", "src/cli", "a/", "git@host:a/b", "https://host/a"] {
            assert!(matches!(written(path), Ok(None)), "{path}");
        }
        assert_eq!(written("me/app").ok().flatten().map(|app| app.to_string()), Some("me/app".to_owned()));
        assert!(written("Me/app").is_err() && written("api/app").is_err());
    }
}
