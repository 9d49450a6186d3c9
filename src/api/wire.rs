//! JSON as it goes over the wire. These types never leave the room.

use serde::{Deserialize, Deserializer, Serialize};

/// Required, and `null` stands for an empty list.
fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[derive(Deserialize)]
pub(super) struct Info {
    pub(super) node_id: String,
    /// Only its presence is asked for: it tells an orchestrator from another server.
    #[serde(rename = "version")]
    pub(super) _version: String,
    pub(super) uptime_seconds: u64,
}

#[derive(Deserialize)]
pub(super) struct Files {
    #[serde(deserialize_with = "list")]
    pub(super) files: Vec<String>,
    pub(super) count: u64,
}

#[derive(Deserialize)]
pub(super) struct Keys {
    #[serde(deserialize_with = "list")]
    pub(super) keys: Vec<String>,
    pub(super) count: u64,
}

#[derive(Deserialize)]
pub(super) struct Value {
    pub(super) key: String,
    pub(super) value: serde_json::Value,
    pub(super) exists: bool,
}

#[derive(Serialize)]
pub(super) struct SetValue<'a> {
    pub(super) value: &'a str,
}

#[derive(Deserialize)]
pub(super) struct SetReply {
    pub(super) status: String,
}

#[derive(Serialize)]
pub(super) struct Deploy<'a> {
    pub(super) runtime: &'a str,
    pub(super) code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) port: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct Deployment {
    pub(super) user: String,
    pub(super) path: String,
    pub(super) runtime: String,
    pub(super) code: String,
    #[serde(default)]
    pub(super) port: Option<u64>,
    pub(super) created_at: String,
}

#[derive(Deserialize)]
pub(super) struct PutReply {
    pub(super) path: String,
    pub(super) size: u64,
}

#[derive(Deserialize)]
pub(super) struct ErrorReply {
    pub(super) error: String,
}
