//! The page at `/`: what is deployed, forms to call it, the last calls and changes, all of it live. For browsers on this machine only.
//!
//! Its paths have one segment, which no function of any namespace can have: the real server answers 404 to each of them.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, StreamExt};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::error::RecvError;

use super::Orchestrator;
use super::answer::{Reply, blocking, error, json, not_found, typed};
use super::database::FUNCTIONS;
use super::events::{Call, Change, Happened};
use super::gojson;

/// How many files of a namespace are listed.
const LISTED: usize = 500;
/// The page's own script and style, and calls of functions; nothing of anybody else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
                      form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

/// A part of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    Index,
    Script,
    Style,
    /// The script that reloads the user's own pages.
    Live,
    State,
    Events,
}

impl Page {
    /// The part that a path names.
    pub(super) fn at(path: &[u8]) -> Option<Self> {
        Some(match path {
            b"/" => Self::Index,
            b"/~page.js" => Self::Script,
            b"/~page.css" => Self::Style,
            b"/~live.js" => Self::Live,
            b"/~state" => Self::State,
            b"/~events" => Self::Events,
            _ => return None,
        })
    }
}

/// What is put behind a user's page so that it is loaded again when something changes after the change of that number.
pub(super) fn reloader(number: u64) -> String {
    format!("<script src=\"/~live.js\" data-since=\"{number}\"></script>\n")
}

/// Answers with a part of the page. `since` is the last change that the asker knows of.
pub(super) async fn page(orchestrator: Arc<Orchestrator>, page: Page, since: Option<u64>) -> Reply {
    let mut reply = match page {
        Page::Index => typed("text/html; charset=utf-8", include_str!("page/index.html")),
        Page::Script => typed("text/javascript; charset=utf-8", include_str!("page/page.js")),
        Page::Style => typed("text/css; charset=utf-8", include_str!("page/page.css")),
        Page::Live => typed("text/javascript; charset=utf-8", include_str!("page/live.js")),
        Page::State => blocking(move || state(&orchestrator)).await,
        Page::Events => events(&orchestrator, since),
    };
    reply.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    reply.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    reply
}

/// Everything the page shows.
#[derive(Debug, Serialize, Deserialize)]
pub struct Overview {
    /// How the server calls itself.
    pub node: String,
    /// The number of the last change.
    pub number: u64,
    /// What is deployed, by namespace.
    pub namespaces: BTreeMap<String, Content>,
    /// The last calls, the newest first.
    pub calls: Vec<Call>,
    /// The last changes, the newest first.
    pub changes: Vec<Change>,
}

/// What is deployed in a namespace.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Content {
    /// By path.
    pub functions: Vec<Function>,
    /// The names of the first files.
    pub files: Vec<String>,
    /// How many files there are.
    pub file_count: usize,
}

/// A function that can be called.
#[derive(Debug, Serialize, Deserialize)]
pub struct Function {
    /// Its path in its namespace, with a leading slash.
    pub path: String,
    /// Its runtime, as it was deployed.
    pub runtime: String,
    /// When it was deployed, RFC 3339.
    pub created_at: String,
}

fn state(orchestrator: &Orchestrator) -> Reply {
    let mut namespaces: BTreeMap<String, Content> = BTreeMap::new();
    let add = |_: &[u8], record: &[u8]| {
        let Some(record) = gojson::parse(record) else { return };
        let text = |name| record.string_field(name).unwrap_or_default().to_owned();
        let function = Function { path: text("path"), runtime: text("runtime"), created_at: text("created_at") };
        namespaces.entry(text("user")).or_default().functions.push(function);
    };
    if let Err(failure) = orchestrator.database.scan(FUNCTIONS, b"", usize::MAX, add) {
        return error(StatusCode::INTERNAL_SERVER_ERROR, failure.to_string());
    }
    for (name, files) in orchestrator.storage.namespaces() {
        let namespace = namespaces.entry(gojson::text(&name)).or_default();
        namespace.file_count = files.len();
        namespace.files = files.iter().take(LISTED).map(|file| gojson::text(file)).collect();
    }
    let (calls, changes) = orchestrator.events.last();
    let node = orchestrator.node.clone();
    let state = Overview { node, number: orchestrator.events.number(), namespaces, calls, changes };
    serde_json::to_vec(&state)
        .map_or_else(|failure| error(StatusCode::INTERNAL_SERVER_ERROR, failure.to_string()), |state| json(StatusCode::OK, state))
}

/// Server-sent events: `change`, `call` and `stored`, each with its JSON.
fn events(orchestrator: &Orchestrator, since: Option<u64>) -> Reply {
    // Watching begins before the number is read, so that no change falls between.
    let Some(watch) = orchestrator.events.watch() else { return not_found() };
    let number = orchestrator.events.number();
    let missed = since.filter(|since| *since != number).map(|_| Event::default().event("change").data(format!("{{\"number\":{number}}}")));
    let news = stream::unfold(watch, |mut watch| async {
        let happened = loop {
            match watch.recv().await {
                Ok(happened) => break happened,
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        };
        Some((event(&happened), watch))
    });
    let first = stream::iter(missed).chain(news.filter_map(|event| async { event }));
    Sse::new(first.map(Ok::<_, Infallible>)).keep_alive(KeepAlive::default()).into_response()
}

fn event(happened: &Happened) -> Option<Event> {
    let name = match happened {
        Happened::Call(_) => "call",
        Happened::Change(_) => "change",
        Happened::Stored { .. } => "stored",
    };
    Some(Event::default().event(name).data(serde_json::to_string(happened).ok()?))
}
