//! `/webhooks/{github|gitlab|gitea|bitbucket|generic}`: somebody says that something was pushed.
//!
//! The signature is checked over the bytes as they came before anything is read in them. What they say then is only a hint which applications to look at:
//! their branches are asked for again, and nothing of the message is ever used for more.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::failure::{Failure, Refusals, reply};
use super::pushes::{self, Message};
use super::signature::{self, Provider};
use super::wire::TakenForm;
use super::{Control, body};

/// A message of more bytes is none.
const MOST: usize = 4 << 20;

/// The paths of webhooks.
pub fn webhooks(control: Control) -> Router {
    described().with_state(control).split_for_parts().0
}

pub(super) fn described() -> OpenApiRouter<Control> {
    OpenApiRouter::new().routes(routes!(receive))
}

/// Takes a message of a Git host that something was pushed, when it is signed with a secret of this process.
#[utoipa::path(
    post,
    path = "/webhooks/{provider}",
    tag = "webhooks",
    security(()),
    params(("provider" = String, Path, description = "github, gitlab, gitea (Forgejo, too), bitbucket or generic: repository, branch and commit, signed as GitHub does")),
    request_body = Object,
    responses((status = 200, description = "It is understood.", body = TakenForm), Refusals)
)]
async fn receive(
    State(control): State<Control>,
    Path(provider): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    let unknown = || Failure::new(StatusCode::NOT_FOUND, "not_found", "webhooks are github, gitlab, gitea, bitbucket and generic");
    let provider = Provider::named(&provider).ok_or_else(unknown)?;
    let Some(secrets) = &control.0.settings.secrets else {
        let error = "webhooks are not taken here: this process has no --webhook-secret-file";
        return Err(Failure::new(StatusCode::NOT_FOUND, "not_found", error));
    };
    let bytes = body::bytes(body, MOST, &control.0.budget).await?;
    if !signature::is_valid(provider, &headers, &bytes.bytes, secrets) {
        control.0.counters.refused();
        let error = "the signature is missing, or not that of any secret of this process";
        return Err(Failure::new(StatusCode::UNAUTHORIZED, "unauthorized", error));
    }
    let pushed = match pushes::read(provider, &headers, &bytes.bytes) {
        Ok(Message::Push(push)) => push,
        Ok(Message::Other(why)) => return Ok(reply(StatusCode::OK, &TakenForm { applications: 0, ignored: Some(why) })),
        Err(why) => return Err(Failure::bad(why)),
    };
    let rung: usize = pushed.iter().map(|push| control.fleet().pushed(push)).sum();
    control.0.counters.taken();
    Ok(reply(StatusCode::OK, &TakenForm { applications: rung, ignored: None }))
}
