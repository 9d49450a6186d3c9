//! Which call is answered by whom, and the description of all of them (`OpenAPI`), which is made of the handlers themselves.

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::get;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::failure::{Failure, FailureForm, reply};
use super::{Control, access, applications, operations, webhooks};

/// What is said of the whole API.
#[derive(OpenApi)]
#[openapi(
    info(title = "zerverless-gitops", description = "Applications that a watch process keeps equal to their Git repositories."),
    security((), ("token" = [])),
    components(schemas(FailureForm)),
    modifiers(&Token)
)]
struct Document;

/// A token of `--api-token-file`, where the process has one.
struct Token;

impl Modify for Token {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        openapi.components.get_or_insert_default().add_security_scheme("token", SecurityScheme::Http(bearer));
    }
}

/// The applications API, metrics, health, and the description.
pub fn api(control: Control) -> Router {
    let all = get(applications::list).post(applications::register);
    let judged = OpenApiRouter::new()
        .routes(routes!(applications::list, applications::register))
        .routes(routes!(applications::get, applications::patch, applications::delete))
        .routes(routes!(applications::sync))
        .routes(routes!(applications::suspend))
        .routes(routes!(applications::resume))
        .routes(routes!(applications::history))
        .routes(routes!(operations::metrics))
        .route("/api/gitops/applications/", all)
        .route_layer(from_fn_with_state(control.clone(), access::judge));
    // Whoever starts and watches processes asks these, from wherever he is.
    let open = OpenApiRouter::new().routes(routes!(operations::healthz)).routes(routes!(operations::readyz));
    let (router, mut document) = OpenApiRouter::with_openapi(Document::openapi()).merge(judged).merge(open).split_for_parts();
    document.merge(webhooks::described().into_openapi());
    router
        .route("/openapi.json", get(async move || -> Response { reply(StatusCode::OK, &document) }))
        .fallback(async || Failure::new(StatusCode::NOT_FOUND, "not_found", "nothing is served at this path"))
        .method_not_allowed_fallback(async || Failure::new(StatusCode::METHOD_NOT_ALLOWED, "method", "this path takes other methods"))
        .with_state(control)
}
