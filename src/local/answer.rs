//! Replies, in the shapes that the real server's handlers and its router give them.

use axum::body::Body;
use axum::http::header::{ALLOW, CONNECTION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, Response, StatusCode};

use super::gojson::Object;

/// What every handler returns.
pub(super) type Reply = Response<Body>;

/// JSON, with the line end that Go's encoder puts behind a value.
pub(super) fn json(status: StatusCode, mut json: Vec<u8>) -> Reply {
    json.push(b'\n');
    let mut reply = bare(status, json);
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    reply
}

/// `{"error": message}`; the message may hold bytes of a name that is not UTF-8.
pub(super) fn error(status: StatusCode, message: impl AsRef<[u8]>) -> Reply {
    json(status, Object::new().string("error", message).finish())
}

/// 404 as Go's `http.NotFound` writes it: one body for an unknown route, file or function.
pub(super) fn not_found() -> Reply {
    let mut reply = bare(StatusCode::NOT_FOUND, "404 page not found\n");
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    reply.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    reply
}

/// 405 without a body, one `Allow` header for each method that the route has.
pub(super) fn method_not_allowed(allowed: &[&'static str]) -> Reply {
    let mut reply = bare(StatusCode::METHOD_NOT_ALLOWED, Body::empty());
    for method in allowed {
        reply.headers_mut().append(ALLOW, HeaderValue::from_static(method));
    }
    reply
}

/// 400 as Go's server answers a request line that it cannot read, before any handler; it hangs up afterwards.
pub(super) fn bad_request_line() -> Reply {
    let mut reply = bare(StatusCode::BAD_REQUEST, "400 Bad Request");
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    reply.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    reply
}

pub(super) fn no_content() -> Reply {
    bare(StatusCode::NO_CONTENT, Body::empty())
}

/// A reply of the given type, without anything else.
pub(super) fn typed(content_type: &'static str, body: impl Into<Body>) -> Reply {
    let mut reply = bare(StatusCode::OK, body);
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    reply
}

fn bare(status: StatusCode, body: impl Into<Body>) -> Reply {
    let mut reply = Response::new(body.into());
    *reply.status_mut() = status;
    reply
}

/// Runs file and database work where it may block, away from the threads that serve connections.
pub(super) async fn blocking(work: impl FnOnce() -> Reply + Send + 'static) -> Reply {
    match tokio::task::spawn_blocking(work).await {
        Ok(reply) => reply,
        Err(_) => error(StatusCode::INTERNAL_SERVER_ERROR, "the handler failed"),
    }
}
