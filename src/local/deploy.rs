//! Functions: stored and listed as the real server does, unchecked and by blind overwrite.

use std::time::SystemTime;

use axum::http::StatusCode;
use jiff::Timestamp;

use super::Orchestrator;
use super::answer::{Reply, error, json, no_content, not_found};
use super::database::FUNCTIONS;
use super::gojson::{self, List, Object, Value};

/// The runtime of functions that are containers.
pub(super) const DOCKER: &str = "docker";

/// `POST /api/deploy/{user}/{path}`; `body` is `None` when it was cut off or is not JSON.
pub(super) fn deploy(orchestrator: &Orchestrator, user: &[u8], path: &[u8], body: Option<&Value>) -> Reply {
    let invalid = || error(StatusCode::BAD_REQUEST, "invalid request body");
    let Some(body) = body.filter(|body| body.is_struct()) else {
        return invalid();
    };
    let (Some(runtime), Some(code), Some(port)) = (body.string_field("runtime"), body.string_field("code"), body.integer_field("port"))
    else {
        return invalid();
    };
    if code.is_empty() {
        return error(StatusCode::BAD_REQUEST, "code is required");
    }
    let record = Object::new().string("user", user).string("path", path);
    let record = record.string("runtime", if runtime.is_empty() { "lua" } else { runtime }).string("code", code);
    let record = if port > 0 { record.number("port", port) } else { record };
    let record = record.string("created_at", now()).finish();
    match orchestrator.database.put(FUNCTIONS, &key(user, path), &record) {
        Ok(()) => json(StatusCode::CREATED, record),
        Err(failure) => error(StatusCode::INTERNAL_SERVER_ERROR, format!("store deployment: {failure}")),
    }
}

/// `GET /api/deploy`: every user's functions with their code.
pub(super) fn list(orchestrator: &Orchestrator) -> Reply {
    let mut records = List::default();
    let add = |_: &[u8], record: &[u8]| records.raw(record);
    match orchestrator.database.scan(FUNCTIONS, b"", usize::MAX, add) {
        Ok(total) => {
            let listing = Object::new().list("deployments", records).number("total", total);
            json(StatusCode::OK, listing.finish())
        }
        Err(failure) => error(StatusCode::INTERNAL_SERVER_ERROR, failure.to_string()),
    }
}

/// `DELETE /api/deploy/{user}/{path}`.
pub(super) fn delete(orchestrator: &Orchestrator, user: &[u8], path: &[u8]) -> Reply {
    match orchestrator.database.delete(FUNCTIONS, &key(user, path)) {
        Ok(true) => no_content(),
        Ok(false) | Err(_) => not_found(),
    }
}

/// A function as it is stored.
pub(super) struct Deployed {
    /// `{user}{path}`.
    pub(super) name: String,
    pub(super) runtime: String,
    /// The source, or the image of a container.
    pub(super) code: String,
    /// Where a container listens, if that was said.
    pub(super) port: Option<u16>,
}

/// The function that a call of `path` means, as the real server finds it: the exact path, else ever shorter ones.
pub(super) fn find(orchestrator: &Orchestrator, user: &[u8], path: &[u8]) -> Option<Deployed> {
    let shorter = path.iter().enumerate().rev().filter(|(at, byte)| **byte == b'/' && *at > 0).map(|(at, _)| &path[..at]);
    let mut paths = std::iter::once(path).chain(shorter);
    paths.find_map(|path| find_exact(orchestrator, user, path))
}

/// The function at exactly this path.
pub(super) fn find_exact(orchestrator: &Orchestrator, user: &[u8], path: &[u8]) -> Option<Deployed> {
    let record = orchestrator.database.get(FUNCTIONS, &key(user, path)).ok().flatten()?;
    let record = gojson::parse(&record)?;
    let text = |name| record.string_field(name).unwrap_or_default().to_owned();
    let port = record.integer_field("port").and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0);
    Some(Deployed { name: text("user") + &text("path"), runtime: text("runtime"), code: text("code"), port })
}

fn key(user: &[u8], path: &[u8]) -> Vec<u8> {
    [user, b"/", path].concat()
}

/// The time in the form of Go's RFC 3339 with nanoseconds, trailing zeros cut.
pub(super) fn now() -> String {
    Timestamp::try_from(SystemTime::now()).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    #[test]
    fn times_read_as_go_writes_them() {
        let time = |nanosecond| Timestamp::new(1_795_454_684, nanosecond).expect("a time in range").to_string();
        assert_eq!(time(411_013_370), "2026-11-23T17:24:44.41101337Z");
        assert_eq!(time(0), "2026-11-23T17:24:44Z");
    }
}
