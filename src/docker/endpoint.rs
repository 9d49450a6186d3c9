//! Which engine: as the docker command line finds it. `--engine` and `DOCKER_HOST` name one, else `DOCKER_CONTEXT` or the current context of docker's
//! configuration does, else it is the one on this machine.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::{Builder, EngineError};
use crate::fingerprint::Fingerprint;
use crate::key::printable;

/// Where an engine is unless somebody says otherwise.
const DEFAULT: &str = "unix:///var/run/docker.sock";

/// What was said about the engine, on the command line or in the environment.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Its URL.
    pub engine: Option<String>,
    /// The name of a docker context.
    pub context: Option<String>,
    /// Where docker's configuration is.
    pub config_dir: Option<PathBuf>,
    /// `DOCKER_TLS_VERIFY`.
    pub tls: bool,
    /// `DOCKER_CERT_PATH`.
    pub cert_path: Option<PathBuf>,
    /// Which builder.
    pub builder: Builder,
    /// Look for newer base images.
    pub pull: bool,
    /// How long one build or pull may take.
    pub build_timeout: Duration,
}

/// Where an engine is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// Without credentials: an engine knows none.
    pub(super) url: String,
    pub(super) tls: Option<TlsFiles>,
}

/// Certificates, in PEM form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TlsFiles {
    pub(super) ca: Option<PathBuf>,
    pub(super) cert: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
    pub(super) skip_verify: bool,
}

/// The part of `config.json` that is needed here.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Config {
    current_context: String,
}

/// `meta.json` of a context.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Context {
    endpoints: Endpoints,
}

#[derive(Debug, Deserialize)]
struct Endpoints {
    docker: Docker,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Docker {
    host: String,
    #[serde(default, rename = "SkipTLSVerify")]
    skip_tls_verify: bool,
}

/// Where the engine is.
pub(super) fn resolve(settings: &Settings) -> Result<Endpoint, EngineError> {
    if let Some(url) = settings.engine.as_deref().filter(|url| !url.is_empty()) {
        let certificates = settings.cert_path.clone().or_else(|| settings.config_dir.clone());
        let wants_tls = settings.tls || url.starts_with("https://");
        let tls = certificates.filter(|_| wants_tls && !url.starts_with("unix:") && !url.starts_with("ssh:"));
        return Ok(Endpoint { url: url.to_owned(), tls: tls.map(|dir| TlsFiles::of(&dir, false)) });
    }
    let Some(dir) = &settings.config_dir else { return Ok(local()) };
    let name = match settings.context.clone().filter(|name| !name.is_empty()) {
        Some(name) => name,
        None => read::<Config>(&dir.join("config.json"))?.unwrap_or_default().current_context,
    };
    if name.is_empty() || name == "default" {
        return Ok(local());
    }
    let id = Fingerprint::of_bytes(name.as_bytes()).to_string();
    let Some(context) = read::<Context>(&dir.join("contexts/meta").join(&id).join("meta.json"))? else {
        return Err(EngineError::Settings(format!("there is no docker context `{}`", printable(&name))));
    };
    let Docker { host, skip_tls_verify } = context.endpoints.docker;
    let files = TlsFiles::of(&dir.join("contexts/tls").join(&id).join("docker"), skip_tls_verify);
    let tls = Some(files).filter(|files| files.ca.is_some() || files.cert.is_some() || files.skip_verify);
    Ok(Endpoint { url: if host.is_empty() { DEFAULT.to_owned() } else { host }, tls })
}

/// Where the engine of this machine listens, when that is the one that is meant.
#[must_use]
pub fn local_socket(settings: &Settings) -> Option<PathBuf> {
    resolve(settings).ok()?.url.strip_prefix("unix://").map(PathBuf::from)
}

fn local() -> Endpoint {
    Endpoint { url: DEFAULT.to_owned(), tls: None }
}

impl TlsFiles {
    /// The files that are there.
    fn of(dir: &Path, skip_verify: bool) -> Self {
        let there = |name: &str| Some(dir.join(name)).filter(|file| file.exists());
        Self { ca: there("ca.pem"), cert: there("cert.pem"), key: there("key.pem"), skip_verify }
    }
}

/// None: there is no such file.
fn read<T: for<'de> Deserialize<'de>>(file: &Path) -> Result<Option<T>, EngineError> {
    let wrong =
        |reason: String| EngineError::Settings(format!("docker's `{}` cannot be used: {reason}", printable(&file.to_string_lossy())));
    let text = match std::fs::read(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(wrong(error.to_string())),
    };
    // What is wrong is told by its place: the text around it may be a credential.
    serde_json::from_slice(&text).map(Some).map_err(|error| wrong(format!("it is not what docker writes, line {}", error.line())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(dir: &Path) -> Settings {
        Settings { config_dir: Some(dir.to_owned()), ..Settings::default() }
    }

    fn add_context(dir: &Path, name: &str, docker: &str) -> PathBuf {
        let id = Fingerprint::of_bytes(name.as_bytes()).to_string();
        let meta = dir.join("contexts/meta").join(&id);
        std::fs::create_dir_all(&meta).expect("directories");
        std::fs::write(meta.join("meta.json"), format!(r#"{{"Name":"{name}","Metadata":{{}},"Endpoints":{{"docker":{docker}}}}}"#))
            .expect("a file");
        dir.join("contexts/tls").join(id).join("docker")
    }

    #[test]
    fn a_url_wins_over_a_context_and_a_named_context_over_the_current_one() {
        let dir = tempfile::tempdir().expect("a directory");
        let dir = dir.path();
        assert_eq!(resolve(&settings(dir)).expect("the default"), local());
        add_context(dir, "one", r#"{"Host":"ssh://me@one"}"#);
        add_context(dir, "two", r#"{"Host":"unix:///two.sock","SkipTLSVerify":false}"#);
        std::fs::write(dir.join("config.json"), r#"{"auths":{},"currentContext":"one"}"#).expect("a file");
        let url = |settings: &Settings| resolve(settings).expect("an endpoint").url;
        assert_eq!(url(&settings(dir)), "ssh://me@one");
        assert_eq!(url(&Settings { context: Some("two".to_owned()), ..settings(dir) }), "unix:///two.sock");
        assert_eq!(url(&Settings { context: Some("default".to_owned()), ..settings(dir) }), DEFAULT);
        assert_eq!(url(&Settings { engine: Some("tcp://x:1".to_owned()), context: Some("two".to_owned()), ..settings(dir) }), "tcp://x:1");
        let missing = resolve(&Settings { context: Some("three".to_owned()), ..settings(dir) }).expect_err("no such context");
        assert!(missing.to_string().contains("`three`"), "{missing}");
    }

    #[test]
    fn certificates_come_from_the_context_or_from_the_named_directory() {
        let dir = tempfile::tempdir().expect("a directory");
        let dir = dir.path();
        let certificates = add_context(dir, "far", r#"{"Host":"tcp://far:2376"}"#);
        std::fs::create_dir_all(&certificates).expect("directories");
        std::fs::write(certificates.join("ca.pem"), "").expect("a file");
        let far = resolve(&Settings { context: Some("far".to_owned()), ..settings(dir) }).expect("an endpoint");
        assert_eq!(far.tls.and_then(|tls| tls.ca), Some(certificates.join("ca.pem")));
        let by_url = Settings { engine: Some("tcp://far:2376".to_owned()), cert_path: Some(certificates.clone()), ..settings(dir) };
        assert_eq!(resolve(&by_url).expect("an endpoint").tls, None);
        let verified = resolve(&Settings { tls: true, ..by_url }).expect("an endpoint");
        assert_eq!(verified.tls, Some(TlsFiles { ca: Some(certificates.join("ca.pem")), ..TlsFiles::default() }));
    }

    #[test]
    fn a_damaged_configuration_is_named_and_not_quoted() {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join("config.json"), r#"{"currentContext": ["s3cr3t"]}"#).expect("a file");
        let error = resolve(&settings(dir.path())).expect_err("damaged").to_string();
        assert!(error.contains("config.json") && !error.contains("s3cr3t"), "{error}");
    }
}
