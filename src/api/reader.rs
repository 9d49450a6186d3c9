//! Reading from the orchestrator.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use reqwest::Response;
use reqwest::header::DATE;
use tokio::sync::mpsc;

use super::deployments;
use super::encode;
use super::error::ApiError;
use super::pieces;
use super::transport::{Call, Transport, chain};
use super::wire;
use crate::fingerprint::{ContentHasher, Fingerprint};
use crate::key::Namespace;
use crate::live::{LiveFiles, LiveFunctions, ServerInfo};

/// `/info` is a few words.
const MAX_INFO: u64 = 64 * 1024;
/// A listing of names: a million of them.
const MAX_NAMES: u64 = 256 << 20;
/// Pieces of a body that wait to be parsed.
const PIECES: usize = 8;
/// A value of the record, with room.
const MAX_VALUE: u64 = 4 << 20;
/// The server cuts a listing of keys here (server.md tV2).
const KEYS_CUT: usize = 100;

/// What a key holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    /// The server says there is nothing; it says the same when its store fails.
    Missing,
    /// A string.
    Text(String),
    /// Something this program never stores.
    Other,
}

/// Reads; cannot write.
#[derive(Clone)]
pub struct Reader {
    transport: Arc<Transport>,
}

impl Reader {
    pub(super) fn new(transport: Arc<Transport>) -> Self {
        Self { transport }
    }

    /// The functions of `namespace`. `canonical` gives a runtime's name its usual form.
    pub async fn functions(&self, namespace: &Namespace, canonical: fn(&str) -> String) -> Result<LiveFunctions, ApiError> {
        let call = Call::get("/api/deploy".to_owned(), &[200]);
        self.transport
            .run(&call, async |response, endpoint| {
                let (namespace, (sender, pieces)) = (namespace.as_str().to_owned(), mpsc::channel(PIECES));
                let parsing = tokio::task::spawn_blocking(move || deployments::read(pieces::Pieces::new(pieces), &namespace, canonical));
                pieces::send(response, sender).await;
                let reply = |reason: String| ApiError::Reply { endpoint: endpoint.clone(), reason };
                parsing.await.map_err(|error| reply(error.to_string()))?.map_err(|error| reply(error.to_string()))
            })
            .await
    }

    /// The names of all static files of `namespace`. A namespace that was never written to has none.
    pub async fn files(&self, namespace: &Namespace) -> Result<LiveFiles, ApiError> {
        let call = Call::get(format!("/api/storage/{namespace}/"), &[200, 500]);
        self.transport
            .run(&call, async |response, endpoint| {
                let status = response.status().as_u16();
                if status == 500 {
                    let error: wire::ErrorReply = self.transport.json(response, MAX_INFO, endpoint.clone()).await?;
                    // Exactly this text is the server's way to say that nobody has ever written there (server.md tL1).
                    if error.error == format!("lstat storage/{namespace}: no such file or directory") {
                        return Ok(LiveFiles::new());
                    }
                    let message = crate::key::printable(&error.error).chars().take(300).collect();
                    return Err(ApiError::Status { endpoint, status, message });
                }
                let reply: wire::Files = self.transport.json(response, MAX_NAMES, endpoint.clone()).await?;
                let names = counted(reply.files, reply.count, endpoint.clone())?;
                if let Some(outside) = names.iter().find(|name| name.split('/').any(|segment| matches!(segment, "" | "." | ".."))) {
                    let reason = format!("it lists `{}`, which is no name of a file below the namespace", crate::key::printable(outside));
                    return Err(ApiError::Reply { endpoint, reason });
                }
                Ok(names.into_iter().collect())
            })
            .await
    }

    /// Downloads a static file and hashes it. None: it is not there, or has more than `max` bytes.
    pub async fn file_fingerprint(&self, namespace: &Namespace, name: &str, max: u64) -> Result<Option<Fingerprint>, ApiError> {
        let call = Call::get(format!("/api/storage/{namespace}/{}", encode::path(name)), &[200, 404]);
        self.transport
            .run(&call, async |mut response: Response, endpoint| {
                if response.status().as_u16() == 404 {
                    return Ok(None);
                }
                let mut hasher = ContentHasher::default();
                loop {
                    match response.chunk().await {
                        Ok(Some(piece)) => hasher.update(&piece),
                        Ok(None) => return Ok(Some(hasher.fingerprint())),
                        Err(error) => return Err(ApiError::Lost { endpoint, reason: chain(&error) }),
                    }
                    if hasher.length() > max {
                        return Ok(None);
                    }
                }
            })
            .await
    }

    /// Calls the function at `path` once. Anything that is not the server's word for a function that is not up yet is an answer.
    pub async fn answers(&self, namespace: &Namespace, path: &str) -> Result<(), ApiError> {
        let call = Call::get(super::function_path(namespace, path), &[200]);
        match self.transport.send(&call, &mut None).await {
            Ok(_) | Err(ApiError::Redirect { .. } | ApiError::Refused { .. }) => Ok(()),
            Err(ApiError::Status { status, .. }) if !matches!(status, 500 | 502..=504) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Whether visitors get a static file.
    pub async fn is_served(&self, namespace: &Namespace, name: &str) -> Result<(), ApiError> {
        let call = Call::get(super::static_path(namespace, name), &[200]);
        self.transport.run(&call, async |_, _| Ok(())).await
    }

    /// Downloads a static file into what `create` gives, anew for every try. None: it is not there.
    pub async fn download(
        &self,
        namespace: &Namespace,
        name: &str,
        create: impl Fn() -> io::Result<Box<dyn Write + Send>>,
    ) -> Result<Option<u64>, ApiError> {
        let call = Call::get(format!("/api/storage/{namespace}/{}", encode::path(name)), &[200, 404]);
        let here = |error: &io::Error| ApiError::Config(format!("cannot write `{}`: {error}", crate::key::printable(name)));
        self.transport
            .run(&call, async |mut response: Response, endpoint| {
                if response.status().as_u16() == 404 {
                    return Ok(None);
                }
                let mut file = create().map_err(|error| here(&error))?;
                let mut size = 0;
                loop {
                    match response.chunk().await {
                        Ok(Some(piece)) => {
                            file.write_all(&piece).map_err(|error| here(&error))?;
                            size += piece.len() as u64;
                        }
                        Ok(None) => return file.flush().map(|()| Some(size)).map_err(|error| here(&error)),
                        Err(error) => return Err(ApiError::Lost { endpoint, reason: chain(&error) }),
                    }
                }
            })
            .await
    }

    /// The keys of `namespace` that start with `prefix`, and whether the listing was cut.
    pub async fn keys(&self, namespace: &str, prefix: &str) -> Result<(Vec<String>, bool), ApiError> {
        let call = Call::get(format!("/api/db/{}/?prefix={}", encode::path(namespace), encode::query(prefix)), &[200]);
        self.transport
            .run(&call, async |response, endpoint| {
                let reply: wire::Keys = self.transport.json(response, MAX_NAMES, endpoint.clone()).await?;
                let keys = counted(reply.keys, reply.count, endpoint.clone())?;
                if let Some(other) = keys.iter().find(|key| !key.starts_with(prefix)) {
                    let reason = format!("it lists the key `{}` for another prefix", crate::key::printable(other));
                    return Err(ApiError::Reply { endpoint, reason });
                }
                let cut = keys.len() >= KEYS_CUT;
                Ok((keys, cut))
            })
            .await
    }

    /// The value of a key.
    pub async fn value(&self, namespace: &str, key: &str) -> Result<Stored, ApiError> {
        let call = Call::get(format!("/api/db/{}/{}", encode::path(namespace), encode::path(key)), &[200, 404]);
        self.transport
            .run(&call, async |response, endpoint| {
                let found = response.status().as_u16() == 200;
                let reply: wire::Value = self.transport.json(response, MAX_VALUE, endpoint.clone()).await?;
                if reply.key != key || reply.exists != found {
                    return Err(ApiError::Reply { endpoint, reason: "it is about another key".to_owned() });
                }
                Ok(match reply.value {
                    _ if !found => Stored::Missing,
                    serde_json::Value::String(text) => Stored::Text(text),
                    _ => Stored::Other,
                })
            })
            .await
    }
}

/// A listing that contradicts its own count was cut or garbled.
fn counted(names: Vec<String>, count: u64, endpoint: String) -> Result<Vec<String>, ApiError> {
    if names.len() as u64 == count {
        return Ok(names);
    }
    let reason = format!("it lists {} names and says there are {count}", names.len());
    Err(ApiError::Reply { endpoint, reason })
}

/// Asks who is there.
pub(super) async fn info(transport: &Arc<Transport>) -> Result<ServerInfo, ApiError> {
    let call = Call::get("/info".to_owned(), &[200]);
    let asked = transport
        .run(&call, async |response, endpoint| {
            let date = response.headers().get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
            let info: wire::Info = transport.json(response, MAX_INFO, endpoint.clone()).await?;
            if info.node_id.is_empty() {
                return Err(ApiError::Reply { endpoint, reason: "it has no node_id".to_owned() });
            }
            let now = date.and_then(|date| date.duration_since(std::time::UNIX_EPOCH).ok());
            let uptime = Duration::from_secs(info.uptime_seconds);
            let started_at = now.and_then(|now| i64::try_from(now.checked_sub(uptime)?.as_secs()).ok());
            Ok(ServerInfo { started_at })
        })
        .await;
    let url = transport.base().to_owned();
    asked.map_err(|error| match error {
        ApiError::Reply { .. } | ApiError::TooLarge { .. } => {
            ApiError::NotAnOrchestrator { url, reason: "GET /info gives no node_id, version and uptime_seconds".to_owned() }
        }
        ApiError::Status { status, .. } if status < 500 && status != 429 => {
            ApiError::NotAnOrchestrator { url, reason: format!("GET /info answers {status}") }
        }
        other => other,
    })
}
