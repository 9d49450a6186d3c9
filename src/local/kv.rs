//! Key-value pairs. Values pass through Go's `interface{}`, so what comes back is what Go would have written.

use axum::http::StatusCode;

use super::Orchestrator;
use super::answer::{Reply, error, json, no_content};
use super::database::PAIRS;
use super::gojson::{List, Object, Value};
use super::storage::{escapes, refuse_namespace};

/// What a listing is cut at; there is no cursor.
const LISTED: usize = 100;
/// Badger's limit on the size of a key.
const KEY_BYTES: usize = 65_000;
/// Badger keeps keys of its own under this prefix.
const RESERVED_KEYS: &[u8] = b"!badger!";

/// `GET /api/db/{ns}/?prefix=`.
pub(super) fn list(orchestrator: &Orchestrator, namespace: &[u8], prefix: &[u8]) -> Reply {
    within(namespace, |namespace| {
        let mut keys = List::default();
        let own_part = |key: &[u8], _: &[u8]| keys.string(&key[namespace.len() + 1..]);
        let full_prefix = full_key(namespace, prefix);
        match orchestrator.database.scan(PAIRS, &full_prefix, LISTED, own_part) {
            Ok(count) => {
                let listing = Object::new().list("keys", keys).number("count", count);
                json(StatusCode::OK, listing.finish())
            }
            Err(failure) => error(StatusCode::INTERNAL_SERVER_ERROR, failure.to_string()),
        }
    })
}

/// `GET /api/db/{ns}/{key}`.
pub(super) fn get(orchestrator: &Orchestrator, namespace: &[u8], key: &[u8]) -> Reply {
    within(namespace, |namespace| {
        let stored = orchestrator.database.get(PAIRS, &full_key(namespace, key));
        let (status, value, exists) = match &stored {
            Ok(Some(value)) => (StatusCode::OK, value.as_slice(), &b"true"[..]),
            // Every failure of the store is a miss to the real server, too.
            Ok(None) | Err(_) => (StatusCode::NOT_FOUND, &b"null"[..], &b"false"[..]),
        };
        let pair = Object::new().string("key", key).raw("value", value);
        json(status, pair.raw("exists", exists).finish())
    })
}

/// `PUT /api/db/{ns}/{key}`; `body` is `None` when it was cut off or is not JSON.
pub(super) fn put(orchestrator: &Orchestrator, namespace: &[u8], key: &[u8], body: Option<&Value>) -> Reply {
    let Some(value) = body.and_then(stored_value) else {
        return error(StatusCode::BAD_REQUEST, "invalid request body");
    };
    let failed = |message: &str| error(StatusCode::INTERNAL_SERVER_ERROR, message);
    within(namespace, |namespace| {
        if key.starts_with(RESERVED_KEYS) {
            return failed("Key is using a reserved !badger! prefix");
        }
        if key.len() > KEY_BYTES {
            return failed(&format!("Key with size {} exceeded {KEY_BYTES} limit", key.len()));
        }
        match orchestrator.database.put(PAIRS, &full_key(namespace, key), &value) {
            Ok(()) => json(StatusCode::OK, Object::new().string("status", "ok").finish()),
            Err(failure) => failed(&failure.to_string()),
        }
    })
}

/// `DELETE /api/db/{ns}/{key}`: a missing key is deleted as well as any.
pub(super) fn delete(orchestrator: &Orchestrator, namespace: &[u8], key: &[u8]) -> Reply {
    within(namespace, |namespace| {
        let delete = || orchestrator.database.delete(PAIRS, &full_key(namespace, key));
        if key.starts_with(RESERVED_KEYS) || delete().is_err() {
            return error(StatusCode::NOT_FOUND, "key not found");
        }
        no_content()
    })
}

/// The call in the namespace of that name, unless it is one that cannot be used.
fn within(name: &[u8], call: impl FnOnce(&[u8]) -> Reply) -> Reply {
    match name {
        b"" => call(b"default"),
        b"zerverless" => {
            error(StatusCode::INTERNAL_SERVER_ERROR, "create store for namespace zerverless/: the orchestrator keeps its own data there")
        }
        _ if escapes(name) => refuse_namespace(name),
        _ => call(name),
    }
}

/// The last `value` in the body as it will be read back, `null` without one; `None` where Go cannot decode the body.
fn stored_value(body: &Value) -> Option<Vec<u8>> {
    body.integer_field("ttl").filter(|_| body.is_struct())?;
    let mut stored = b"null".to_vec();
    for value in body.members("value") {
        stored.clear();
        value.write(&mut stored)?;
    }
    Some(stored)
}

fn full_key(namespace: &[u8], key: &[u8]) -> Vec<u8> {
    [namespace, b"/", key].concat()
}
