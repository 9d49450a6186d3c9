//! What whoever operates the process asks: is it there, is it of use, and what does it do.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use axum::extract::{Extension, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Control;
use super::failure::{Failure, Refusals, reply};
use super::tokens::Caller;
use super::wire::{HealthForm, ReadyForm};
use crate::registry::{Application, SyncState};
use crate::watch::CLASSES;

/// Webhooks since the process began.
#[derive(Debug, Default)]
pub(super) struct Counters {
    taken: AtomicU64,
    refused: AtomicU64,
}

impl Counters {
    pub(super) fn taken(&self) {
        self.taken.fetch_add(1, Relaxed);
    }

    pub(super) fn refused(&self) {
        self.refused.fetch_add(1, Relaxed);
    }
}

/// Whether the process answers.
#[utoipa::path(get, path = "/healthz", tag = "operations", security(()), responses((status = 200, description = "It does.", body = HealthForm)))]
pub(super) async fn healthz() -> Response {
    reply(StatusCode::OK, &HealthForm { status: "healthy" })
}

/// Whether it keeps applications, and what it is told is kept.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operations",
    security(()),
    responses((status = 200, description = "It does.", body = ReadyForm), (status = 503, description = "It does not.", body = ReadyForm))
)]
pub(super) async fn readyz(State(control): State<Control>) -> Response {
    let (keeps, database) = (control.fleet().is_running(), control.registry().answers().await);
    let status = if keeps && database { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    reply(status, &ReadyForm { ready: keeps && database, keeps_applications: keeps, database })
}

/// Numbers for Prometheus.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operations",
    responses((status = 200, description = "In its text format.", body = String, content_type = "text/plain; version=0.0.4; charset=utf-8"), Refusals)
)]
pub(super) async fn metrics(State(control): State<Control>, Extension(caller): Extension<Caller>) -> Result<Response, Failure> {
    let mut applications = control.registry().list().await?;
    applications.retain(|application| caller.may(&application.registration.app.namespace));
    let mut response = text(&control, &applications).into_response();
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}

fn text(control: &Control, applications: &[Application]) -> String {
    let mut out = String::new();
    let mut family = |name: &str, kind: &str, help: &str, samples: &[(String, String)]| {
        let _ = writeln!(out, "# HELP zerverless_gitops_{name} {help}\n# TYPE zerverless_gitops_{name} {kind}");
        for (labels, value) in samples {
            let _ = writeln!(out, "zerverless_gitops_{name}{labels} {value}");
        }
    };
    let plain = |value: u64| vec![(String::new(), value.to_string())];
    let counted = control.fleet().counted();
    let outcomes = [("succeeded", counted.succeeded), ("partial", counted.partial), ("failed", counted.failed)];
    let outcomes = outcomes.map(|(word, value)| (format!("{{outcome=\"{word}\"}}"), value.to_string()));
    family("syncs_total", "counter", "Runs by how they ended.", &outcomes);
    let runs = counted.succeeded + counted.partial + counted.failed;
    let mut classes: Vec<(String, String)> = Vec::new();
    for (end, count) in CLASSES.iter().zip(counted.classes) {
        classes.push((format!("_bucket{{le=\"{}\"}}", seconds(*end)), count.to_string()));
    }
    classes.push(("_bucket{le=\"+Inf\"}".to_owned(), runs.to_string()));
    classes.push(("_sum".to_owned(), seconds(counted.millis)));
    classes.push(("_count".to_owned(), runs.to_string()));
    family("sync_duration_seconds", "histogram", "From the trigger to the end of the run.", &classes);
    family("git_requests_total", "counter", "Requests for where a branch is.", &plain(counted.questions));
    let hooks = [("taken", &control.0.counters.taken), ("refused", &control.0.counters.refused)];
    let hooks = hooks.map(|(word, counter)| (format!("{{outcome=\"{word}\"}}"), counter.load(Relaxed).to_string()));
    family("webhooks_total", "counter", "Webhooks by what became of them.", &hooks);
    let (running, waiting) = control.fleet().load();
    family("running", "gauge", "Applications that are looked at now.", &plain(running as u64));
    family("queue", "gauge", "Applications that wait to be looked at.", &plain(waiting as u64));
    let states = [SyncState::Synced, SyncState::OutOfSync, SyncState::Unknown].map(|state| {
        let number = applications.iter().filter(|application| application.condition.sync == state).count();
        (format!("{{status=\"{}\"}}", state.as_str()), number.to_string())
    });
    family("applications", "gauge", "Registered applications by their state.", &states);
    let successes: Vec<(String, String)> = applications.iter().filter_map(last_success).collect();
    family("last_success_timestamp_seconds", "gauge", "When an application was last as declared.", &successes);
    out
}

fn last_success(application: &Application) -> Option<(String, String)> {
    let at: jiff::Timestamp = application.condition.last_sync.as_ref()?.parse().ok()?;
    let app = &application.registration.app;
    // Names hold nothing that would have to be escaped.
    Some((format!("{{namespace=\"{}\",name=\"{}\"}}", app.namespace, app.name), at.as_second().to_string()))
}

fn seconds(millis: u64) -> String {
    format!("{}.{:03}", millis / 1000, millis % 1000)
}
