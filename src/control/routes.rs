//! Which call is answered by whom.

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use super::failure::Failure;
use super::{Control, access, applications, operations};

/// The applications API, metrics and health.
pub fn api(control: Control) -> Router {
    let all = get(applications::list).post(applications::register);
    Router::new()
        .route("/api/gitops/applications", all.clone())
        .route("/api/gitops/applications/", all)
        .route("/api/gitops/applications/{name}", get(applications::get).patch(applications::patch).delete(applications::delete))
        .route("/api/gitops/applications/{name}/sync", post(applications::sync))
        .route("/api/gitops/applications/{name}/suspend", post(applications::suspend))
        .route("/api/gitops/applications/{name}/resume", post(applications::resume))
        .route("/api/gitops/applications/{name}/history", get(applications::history))
        .route("/metrics", get(operations::metrics))
        .route_layer(from_fn_with_state(control.clone(), access::judge))
        // Whoever starts and watches processes asks these, from wherever he is.
        .route("/healthz", get(operations::healthz))
        .route("/readyz", get(operations::readyz))
        .fallback(async || Failure::new(StatusCode::NOT_FOUND, "not_found", "nothing is served at this path"))
        .method_not_allowed_fallback(async || Failure::new(StatusCode::METHOD_NOT_ALLOWED, "method", "this path takes other methods"))
        .with_state(control)
}
