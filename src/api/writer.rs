//! Writing to the orchestrator. Every call is idempotent, and no success is believed that the reply does not show.

use std::sync::Arc;

use bytes::Bytes;
use reqwest::Method;

use super::Client;
use super::body::Upload;
use super::encode;
use super::error::ApiError;
use super::transport::{Call, CallBody, Transport};
use super::wire;
use crate::key::Namespace;

/// Replies to writes are short; a deployment comes back with its code, escaped.
const MAX_REPLY: u64 = 512 << 20;

/// How a deletion ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deleted {
    /// It was there and is gone.
    Gone,
    /// It was not there.
    Absent,
}

/// Writes.
#[derive(Clone)]
pub struct Writer {
    transport: Arc<Transport>,
}

impl Writer {
    /// Writes where `client` reads.
    #[must_use]
    pub fn of(client: &Client) -> Self {
        Self { transport: Arc::clone(&client.transport) }
    }

    /// Puts a function in place and returns its `created_at`. It is not sent again when its reply is lost: read back instead.
    pub async fn deploy(
        &self,
        namespace: &Namespace,
        path: &str,
        runtime: &str,
        port: Option<u64>,
        code: &str,
    ) -> Result<String, ApiError> {
        let body = json(&wire::Deploy { runtime, code, port });
        let path_in_url = format!("/api/deploy/{namespace}{}", encode::path(path));
        let call = Call { method: Method::POST, path: path_in_url, body, accept: &[201], again_when_lost: false };
        self.transport
            .run(&call, async |response, endpoint| {
                let reply: wire::Deployment = self.transport.json(response, MAX_REPLY, endpoint.clone()).await?;
                let as_sent = reply.user == namespace.as_str() && reply.path == path && reply.runtime == runtime;
                if as_sent && reply.code == code && reply.port == port {
                    return Ok(reply.created_at);
                }
                Err(ApiError::Reply { endpoint, reason: "it stored another function than the one sent".to_owned() })
            })
            .await
    }

    /// Removes a function.
    pub async fn undeploy(&self, namespace: &Namespace, path: &str) -> Result<Deleted, ApiError> {
        self.delete(format!("/api/deploy/{namespace}{}", encode::path(path))).await
    }

    /// Stores a static file.
    pub async fn put_file(&self, namespace: &Namespace, name: &str, upload: &Upload) -> Result<(), ApiError> {
        let path = format!("/api/storage/{namespace}/{}", encode::path(name));
        let call = Call { method: Method::PUT, path, body: CallBody::Upload(upload), accept: &[201], again_when_lost: true };
        self.transport
            .run(&call, async |response, endpoint| {
                let reply: wire::PutReply = self.transport.json(response, MAX_REPLY, endpoint.clone()).await?;
                if reply.path == name && reply.size == upload.size {
                    return Ok(());
                }
                let reason = format!("it stored `{}` with {} bytes", crate::key::printable(&reply.path), reply.size);
                Err(ApiError::Reply { endpoint, reason })
            })
            .await
    }

    /// Removes a static file, or an empty directory.
    pub async fn delete_file(&self, namespace: &Namespace, name: &str) -> Result<Deleted, ApiError> {
        self.delete(format!("/api/storage/{namespace}/{}", encode::path(name))).await
    }

    /// Stores a string under a key.
    pub async fn put_value(&self, namespace: &str, key: &str, value: &str) -> Result<(), ApiError> {
        let path = format!("/api/db/{}/{}", encode::path(namespace), encode::path(key));
        let body = json(&wire::SetValue { value });
        let call = Call { method: Method::PUT, path, body, accept: &[200], again_when_lost: true };
        self.transport
            .run(&call, async |response, endpoint| {
                let reply: wire::SetReply = self.transport.json(response, MAX_REPLY, endpoint.clone()).await?;
                if reply.status == "ok" { Ok(()) } else { Err(ApiError::Reply { endpoint, reason: "its status is not `ok`".to_owned() }) }
            })
            .await
    }

    /// Removes a key; a key that is not there is fine.
    pub async fn delete_value(&self, namespace: &str, key: &str) -> Result<(), ApiError> {
        self.delete(format!("/api/db/{}/{}", encode::path(namespace), encode::path(key))).await.map(drop)
    }

    async fn delete(&self, path: String) -> Result<Deleted, ApiError> {
        let call = Call::delete(path);
        self.transport
            .run(&call, async |response, _| Ok(if response.status().as_u16() == 404 { Deleted::Absent } else { Deleted::Gone }))
            .await
    }
}

fn json(value: &impl serde::Serialize) -> CallBody<'static> {
    // The wire types are strings and numbers, which always serialise.
    CallBody::Json(Bytes::from(serde_json::to_vec(value).unwrap_or_default()))
}
