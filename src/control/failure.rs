//! A request that is not answered as it was meant: a status, and `{error, code}` as the body.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

use crate::key::printable;
use crate::registry::RegistryError;

/// Why; a word for programs and a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) error: String,
}

/// Why a request was not answered as it was meant.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FailureForm {
    /// For people.
    error: String,
    /// For programs.
    code: &'static str,
}

/// What every call may answer as well.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only its form plays a part")]
pub(super) enum Refusals {
    /// The request makes no sense, may not be made, or does not go with what is there.
    #[response(status = "4XX")]
    Asked(FailureForm),
    /// Nothing was done; it may be sent again.
    #[response(status = "5XX")]
    Failed(FailureForm),
}

impl Failure {
    pub(super) fn new(status: StatusCode, code: &'static str, error: impl Into<String>) -> Self {
        Self { status, code, error: error.into() }
    }

    /// The request makes no sense.
    pub(super) fn bad(error: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", error)
    }

    /// Nothing has that name.
    pub(super) fn unknown(name: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("no application `{}` is registered", printable(name)))
    }

    pub(super) fn conflict(error: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", error)
    }
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        // Nothing was kept, and the client may try again.
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "database", error.to_string())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        reply(self.status, &FailureForm { error: self.error, code: self.code })
    }
}

/// An answer in JSON, which nobody keeps.
pub(super) fn reply(status: StatusCode, value: &impl Serialize) -> Response {
    let body = serde_json::to_vec(value).unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
