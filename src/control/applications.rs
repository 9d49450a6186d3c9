//! `/api/gitops/applications`: what each call does.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Control;
use super::body;
use super::failure::{Failure, reply};
use super::query::Query;
use super::wire::{ApplicationForm, ListForm, Register, RunForm};
use crate::key::{AppId, printable};
use crate::registry::{Application, Registered};
use crate::watch::Trigger;

/// How long a removal is waited for unless the client says so.
const REMOVAL: Duration = Duration::from_secs(30);

type Answer = Result<Response, Failure>;

pub(super) async fn register(State(control): State<Control>, RawQuery(query): RawQuery, headers: HeaderMap, body: Body) -> Answer {
    Query::read(query.as_deref(), &[])?;
    let form: Register = body::json(&headers, body).await?;
    let registration = form.registration(&control.0.settings.allowed)?;
    let app = registration.app.clone();
    to_the_end(async move {
        let status = match control.registry().register(&registration).await? {
            Registered::Created => StatusCode::CREATED,
            Registered::Unchanged => StatusCode::OK,
            Registered::Conflict => {
                let error = format!("{app} is registered already, with another source: delete it first");
                return Err(Failure::conflict(error));
            }
        };
        if status == StatusCode::CREATED {
            control.fleet().wake(&app, &registration.repository.identity, Trigger::Asked);
        }
        show(&control, &app, status).await
    })
    .await
}

pub(super) async fn list(State(control): State<Control>, RawQuery(query): RawQuery) -> Answer {
    let query = Query::read(query.as_deref(), &["namespace"])?;
    let mut all = control.registry().list().await?;
    all.retain(|application| query.namespace.as_ref().is_none_or(|namespace| application.registration.app.namespace == *namespace));
    let applications: Vec<ApplicationForm> = all.into_iter().map(|application| form(&control, application)).collect();
    Ok(reply(StatusCode::OK, &ListForm { total: applications.len(), applications }))
}

pub(super) async fn get(State(control): State<Control>, Path(name): Path<String>, RawQuery(query): RawQuery) -> Answer {
    let query = Query::read(query.as_deref(), &["namespace"])?;
    let application = find(&control, &name, &query).await?;
    Ok(reply(StatusCode::OK, &form(&control, application)))
}

pub(super) async fn history(State(control): State<Control>, Path(name): Path<String>, RawQuery(query): RawQuery) -> Answer {
    let query = Query::read(query.as_deref(), &["namespace"])?;
    let app = find(&control, &name, &query).await?.registration.app;
    let runs: Vec<RunForm> = control.registry().history(&app).await?.into_iter().map(RunForm::of).collect();
    Ok(reply(StatusCode::OK, &json!({"namespace": app.namespace, "name": app.name, "total": runs.len(), "history": runs})))
}

pub(super) async fn sync(State(control): State<Control>, Path(name): Path<String>, RawQuery(query): RawQuery) -> Answer {
    let query = Query::read(query.as_deref(), &["namespace", "wait"])?;
    let application = find(&control, &name, &query).await?;
    let registration = application.registration;
    if let Some(why) = application.suspended {
        return Err(Failure::new(StatusCode::CONFLICT, "suspended", format!("{} is suspended: {}", registration.app, printable(&why))));
    }
    let ticket = control.fleet().wake(&registration.app, &registration.repository.identity, Trigger::Asked);
    let done = tokio::time::timeout(query.wait.unwrap_or_default(), ticket.done()).await.is_ok();
    show(&control, &registration.app, if done { StatusCode::OK } else { StatusCode::ACCEPTED }).await
}

pub(super) async fn delete(State(control): State<Control>, Path(name): Path<String>, RawQuery(query): RawQuery) -> Answer {
    let query = Query::read(query.as_deref(), &["namespace", "prune", "wait"])?;
    let registration = find(&control, &name, &query).await?.registration;
    let app = registration.app;
    to_the_end(async move {
        if !query.prune {
            control.registry().forget(&app).await?;
            // A run that goes on finishes what is in flight; when the client has the answer, nothing is done for it any more.
            control.fleet().let_go(&app).await;
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
        control.registry().remove_with_items(&app).await?;
        let ticket = control.fleet().wake(&app, &registration.repository.identity, Trigger::Asked);
        let _ = tokio::time::timeout(query.wait.unwrap_or(REMOVAL), ticket.done()).await;
        match control.registry().get(&app).await? {
            None => Ok(StatusCode::NO_CONTENT.into_response()),
            Some(application) => Ok(reply(StatusCode::ACCEPTED, &form(&control, application))),
        }
    })
    .await
}

/// The application that a path and a query mean.
async fn find(control: &Control, name: &str, query: &Query) -> Result<Application, Failure> {
    let mut found = control.registry().named(name).await?;
    found.retain(|application| query.namespace.as_ref().is_none_or(|namespace| application.registration.app.namespace == *namespace));
    match (found.pop(), found.len()) {
        (None, _) => Err(Failure::unknown(name)),
        (Some(application), 0) => Ok(application),
        (Some(last), _) => {
            let all = found.iter().chain([&last]).map(|application| application.registration.app.namespace.as_str());
            let all = all.collect::<Vec<_>>().join(", ");
            Err(Failure::new(StatusCode::CONFLICT, "ambiguous", format!("several namespaces have it: say ?namespace= one of {all}")))
        }
    }
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
