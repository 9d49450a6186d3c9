//! `/api/gitops/applications`: what each call does.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::{Extension, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::Control;
use super::body;
use super::failure::{Failure, Refusals, reply};
use super::named::{Named, is_meant};
use super::query::Query;
use super::tokens::Caller;
use super::wire::{ApplicationForm, AuthForm, HistoryForm, ListForm, Patch, Register, Suspend};
use crate::key::{AppId, printable};
use crate::registry::{Application, Registered};
use crate::watch::Trigger;

/// How long a removal is waited for unless the client says so.
const REMOVAL: Duration = Duration::from_secs(30);

type Answer = Result<Response, Failure>;

/// Registers an application. The same once more is fine; another one of its name is a conflict.
#[utoipa::path(
    post,
    path = "/api/gitops/applications",
    tag = "applications",
    request_body = Register,
    responses(
        (status = 201, description = "It is new, and is being looked at.", body = ApplicationForm),
        (status = 200, description = "It was there, and the same.", body = ApplicationForm),
        Refusals
    )
)]
pub(super) async fn register(
    State(control): State<Control>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    Query::read(query.as_deref(), &[])?;
    let form: Register = body::json(&headers, body, &control.0.budget).await?;
    let (registration, credential) = form.registration(&control.0.settings.allowed)?;
    let app = registration.app.clone();
    if !caller.may(&app.namespace) {
        let error = format!("this token may not touch the namespace {}", app.namespace);
        return Err(Failure::new(StatusCode::FORBIDDEN, "forbidden", error));
    }
    to_the_end(async move {
        let status = match control.registry().register(&registration, credential.as_ref()).await? {
            Registered::Created => StatusCode::CREATED,
            Registered::Unchanged => StatusCode::OK,
            Registered::Conflict => {
                let error = format!(
                    "{app} is registered already, with another source or credential: delete it first, or change the credential with PATCH"
                );
                return Err(Failure::conflict(error));
            }
        };
        if status == StatusCode::CREATED {
            control.fleet().wake(&registration, Trigger::Asked);
        }
        show(&control, &app, status).await
    })
    .await
}

/// All applications that the sender may see, by namespace and name.
#[utoipa::path(
    get,
    path = "/api/gitops/applications",
    tag = "applications",
    params(("namespace" = Option<String>, Query, description = "Only those of a namespace")),
    responses((status = 200, description = "All of them.", body = ListForm), Refusals)
)]
pub(super) async fn list(State(control): State<Control>, Extension(caller): Extension<Caller>, RawQuery(query): RawQuery) -> Answer {
    let query = Query::read(query.as_deref(), &["namespace"])?;
    let mut all = control.registry().list().await?;
    all.retain(|application| is_meant(application, &query, &caller));
    let applications: Vec<ApplicationForm> = all.into_iter().map(|application| form(&control, application)).collect();
    Ok(reply(StatusCode::OK, &ListForm { total: applications.len(), applications }))
}

/// One application.
#[utoipa::path(
    get,
    path = "/api/gitops/applications/{name}",
    tag = "applications",
    params(Named),
    responses((status = 200, description = "What is known of it.", body = ApplicationForm), Refusals)
)]
pub(super) async fn get(State(control): State<Control>, named: Named) -> Answer {
    let (application, _) = named.find(&control, &["namespace"]).await?;
    Ok(reply(StatusCode::OK, &form(&control, application)))
}

/// Its runs.
#[utoipa::path(
    get,
    path = "/api/gitops/applications/{name}/history",
    tag = "applications",
    params(Named),
    responses((status = 200, description = "The newest first.", body = HistoryForm), Refusals)
)]
pub(super) async fn history(State(control): State<Control>, named: Named) -> Answer {
    let app = named.find(&control, &["namespace"]).await?.0.registration.app;
    let runs = control.registry().history(&app).await?;
    Ok(reply(StatusCode::OK, &HistoryForm::of(&app, runs)))
}

/// Looks at it now.
#[utoipa::path(
    post,
    path = "/api/gitops/applications/{name}/sync",
    tag = "applications",
    params(Named, ("wait" = Option<String>, Query, description = "How long to wait for the end of it, such as 30s; at most 5m")),
    responses(
        (status = 200, description = "A look that was begun after the request is over.", body = ApplicationForm),
        (status = 202, description = "It is not over yet.", body = ApplicationForm),
        Refusals
    )
)]
pub(super) async fn sync(State(control): State<Control>, named: Named) -> Answer {
    let (application, query) = named.find(&control, &["namespace", "wait"]).await?;
    let registration = application.registration;
    if let Some(why) = application.suspended {
        return Err(Failure::new(StatusCode::CONFLICT, "suspended", format!("{} is suspended: {}", registration.app, printable(&why))));
    }
    if !control.fleet().is_running() {
        return Err(Failure::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "stopping",
            "this process is about to end, and looks at nothing any more",
        ));
    }
    let ticket = control.fleet().wake(&registration, Trigger::Asked);
    let done = tokio::time::timeout(query.wait.unwrap_or_default(), ticket.done()).await.is_ok();
    show(&control, &registration.app, if done { StatusCode::OK } else { StatusCode::ACCEPTED }).await
}

/// Changes what opens its repository.
#[utoipa::path(
    patch,
    path = "/api/gitops/applications/{name}",
    tag = "applications",
    params(Named),
    request_body = Patch,
    responses((status = 200, description = "It is changed.", body = ApplicationForm), Refusals)
)]
pub(super) async fn patch(State(control): State<Control>, named: Named, headers: HeaderMap, body: Body) -> Answer {
    let registration = named.find(&control, &["namespace"]).await?.0.registration;
    let form: Patch = body::json(&headers, body, &control.0.budget).await?;
    let credential = form.auth.map(AuthForm::credential).transpose()?;
    to_the_end(async move {
        control.registry().set_credential(&registration.app, credential.as_ref()).await?;
        control.fleet().wake(&registration, Trigger::Asked);
        show(&control, &registration.app, StatusCode::OK).await
    })
    .await
}

/// Syncs nothing until it is resumed.
#[utoipa::path(
    post,
    path = "/api/gitops/applications/{name}/suspend",
    tag = "applications",
    params(Named),
    request_body = Option<Suspend>,
    responses((status = 200, description = "It is suspended.", body = ApplicationForm), Refusals)
)]
pub(super) async fn suspend(State(control): State<Control>, named: Named, headers: HeaderMap, body: Body) -> Answer {
    let app = named.find(&control, &["namespace"]).await?.0.registration.app;
    let why = if body.is_end_stream() { Suspend::default() } else { body::json(&headers, body, &control.0.budget).await? };
    set_suspended(control, app, Some(why.reason()?)).await
}

/// Syncs it again.
#[utoipa::path(
    post,
    path = "/api/gitops/applications/{name}/resume",
    tag = "applications",
    params(Named),
    responses((status = 200, description = "It is being looked at.", body = ApplicationForm), Refusals)
)]
pub(super) async fn resume(State(control): State<Control>, named: Named) -> Answer {
    let app = named.find(&control, &["namespace"]).await?.0.registration.app;
    set_suspended(control, app, None).await
}

async fn set_suspended(control: Control, app: AppId, why: Option<String>) -> Answer {
    to_the_end(async move {
        if !control.registry().suspend(&app, why.as_deref()).await? {
            return Err(Failure::conflict(format!("{app} is being deleted")));
        }
        if let Some(application) = control.registry().get(&app).await? {
            control.fleet().wake(&application.registration, Trigger::Asked);
        }
        show(&control, &app, StatusCode::OK).await
    })
    .await
}

/// Keeps it no longer.
#[utoipa::path(
    delete,
    path = "/api/gitops/applications/{name}",
    tag = "applications",
    params(Named, ("prune" = Option<bool>, Query, description = "Delete what it placed as well"), ("wait" = Option<String>, Query, description = "How long to wait for the end of it, such as 30s; at most 5m")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 202, description = "What it placed is still being removed.", body = ApplicationForm),
        Refusals
    )
)]
pub(super) async fn delete(State(control): State<Control>, named: Named) -> Answer {
    let (Application { registration, .. }, query) = named.find(&control, &["namespace", "prune", "wait"]).await?;
    let app = registration.app.clone();
    to_the_end(async move {
        if !query.prune {
            control.registry().forget(&app).await?;
            // A run that goes on finishes what is in flight; when the client has the answer, nothing is done for it any more.
            control.fleet().let_go(&app).await;
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
        control.registry().remove_with_items(&app).await?;
        let ticket = control.fleet().wake(&registration, Trigger::Asked);
        let _ = tokio::time::timeout(query.wait.unwrap_or(REMOVAL), ticket.done()).await;
        match control.registry().get(&app).await? {
            None => Ok(StatusCode::NO_CONTENT.into_response()),
            Some(application) => Ok(reply(StatusCode::ACCEPTED, &form(&control, application))),
        }
    })
    .await
}

async fn show(control: &Control, app: &AppId, status: StatusCode) -> Answer {
    match control.registry().get(app).await? {
        Some(application) => Ok(reply(status, &form(control, application))),
        None => Err(Failure::unknown(app.name.as_str())),
    }
}

fn form(control: &Control, application: Application) -> ApplicationForm {
    let progress = control.fleet().progress(&application.registration.app);
    ApplicationForm::of(application, progress)
}

/// Does `work` to its end, also when the client goes away in the middle of it.
async fn to_the_end(work: impl Future<Output = Answer> + Send + 'static) -> Answer {
    let ended = tokio::spawn(work).await;
    ended.unwrap_or_else(|_| Err(Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "unexpected", "a fault of this program")))
}
