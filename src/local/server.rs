//! From a connection to a reply: reads the target, finds the route, reads the body where one is wanted, and runs the handler where it may block.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::serve::ListenerExt;
use futures_util::StreamExt;
use tokio::net::TcpListener;

use super::answer::{Reply, bad_request_line, blocking, error, json, method_not_allowed, not_found};
use super::database::Database;
use super::deploy::{self, DOCKER, Deployed};
use super::events::{Events, Written};
use super::functions::{self, Runner};
use super::gojson::{self, Object, Value};
use super::router::{Files, Pairs, Route, route};
use super::storage::{Storage, escapes, refuse_namespace};
use super::target::Target;
use super::upload::{Failed, Incoming};
use super::{download, kv, origin, page};

/// The largest JSON body that is read; the real server knows no limit but its memory and 15 seconds.
const JSON_BODY: usize = 256 << 20;
/// How much of a body nobody wants is read so that the connection can be used again, as Go's server does.
const UNWANTED_BODY: usize = 256 << 10;

/// The state behind every request.
pub(super) struct Orchestrator {
    pub(super) database: Database,
    pub(super) storage: Storage,
    pub(super) incoming: Arc<Incoming>,
    pub(super) runner: Runner,
    pub(super) events: Arc<Events>,
    pub(super) node: String,
    pub(super) started: Instant,
    /// Whether it listens on the loopback interface only.
    pub(super) is_local: bool,
    /// Whether pages of the site load themselves again after a change.
    pub(super) live_reload: bool,
}

/// Serves until `stop` is done and the requests under way are answered.
pub(super) async fn serve(
    listener: TcpListener,
    orchestrator: Arc<Orchestrator>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let router = Router::new().fallback(answer).with_state(orchestrator);
    // Replies are small and written at once: waiting for more to send only costs time.
    let listener = listener.tap_io(|connection| {
        let _ = connection.set_nodelay(true);
    });
    axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).with_graceful_shutdown(stop).await
}

async fn answer(State(orchestrator): State<Arc<Orchestrator>>, ConnectInfo(peer): ConnectInfo<SocketAddr>, request: Request) -> Reply {
    let (head, body) = request.into_parts();
    if let Some(refusal) = origin::refusal(&head, orchestrator.is_local) {
        discard(body).await;
        return refusal;
    }
    let Ok(target) = Target::read(head.uri.path(), head.uri.query().unwrap_or_default()) else {
        return bad_request_line();
    };
    let route = route(head.method.as_str(), &target.path);
    if let Route::Page(part) = route {
        discard(body).await;
        return if peer.ip().to_canonical().is_loopback() { page::page(orchestrator, part, target.since).await } else { not_found() };
    }
    let Some((namespace, what)) = written(&route) else {
        return with_body(orchestrator, route, &target, &head, body).await;
    };
    let reply = with_body(Arc::clone(&orchestrator), route, &target, &head, body).await;
    if reply.status().is_success() {
        orchestrator.events.wrote(namespace, what);
    }
    reply
}

/// What a call changes, and in which namespace.
fn written<'a>(route: &Route<'a>) -> Option<(&'a [u8], Written)> {
    match route {
        Route::Deploy(function) | Route::Undeploy(function) => Some((function.user, Written::Function)),
        Route::Files(namespace, Files::Put(_) | Files::Delete(_)) => Some((namespace, Written::File)),
        Route::Pairs(namespace, Pairs::Put(_) | Pairs::Delete(_)) => Some((namespace, Written::Pair)),
        _ => None,
    }
}

/// The calls that take their body, and all others.
async fn with_body(orchestrator: Arc<Orchestrator>, route: Route<'_>, target: &Target, head: &Parts, body: Body) -> Reply {
    match route {
        Route::Deploy(function) => {
            let body = read_json(body).await;
            deploy(orchestrator, function.user.to_vec(), function.stored_path(), body).await
        }
        Route::Pairs(namespace, Pairs::Put(key)) => {
            let body = read_json(body).await;
            let (namespace, key) = (namespace.to_vec(), key.to_vec());
            blocking(move || kv::put(&orchestrator, &namespace, &key, body.parse().as_ref())).await
        }
        Route::Files(namespace, Files::Put(path)) if !path.is_empty() && !escapes(namespace) => {
            let (namespace, path) = (namespace.to_vec(), path.to_vec());
            put_file(orchestrator, namespace, path, body).await
        }
        Route::RegisterApplication => register(read_json(body).await.parse().as_ref()),
        Route::Invoke(function) => {
            let (user, path) = (function.user.to_vec(), function.stored_path());
            let finder = Arc::clone(&orchestrator);
            let found = tokio::task::spawn_blocking(move || deploy::find(&finder, &user, &path)).await;
            if let Ok(Some(found)) = found {
                return functions::invoke(orchestrator, found, head, body).await;
            }
            discard(body).await;
            not_found()
        }
        other => {
            discard(body).await;
            without_body(orchestrator, &other, target.prefix.clone()).await
        }
    }
}

/// The calls that look at nothing but their target.
async fn without_body(orchestrator: Arc<Orchestrator>, route: &Route<'_>, prefix: Vec<u8>) -> Reply {
    match route {
        Route::Info => info(&orchestrator),
        Route::Health => json(StatusCode::OK, Object::new().string("status", "healthy").finish()),
        Route::Stats => stats(&orchestrator),
        Route::ListFunctions => blocking(move || deploy::list(&orchestrator)).await,
        Route::Undeploy(function) => undeploy(orchestrator, function.user.to_vec(), function.stored_path()).await,
        Route::Pairs(namespace, call) => pairs(orchestrator, namespace, call, prefix).await,
        Route::Files(namespace, call) => files(orchestrator, namespace, call, prefix).await,
        Route::ListApplications => json(StatusCode::OK, Object::new().raw("applications", b"[]").number("total", 0).finish()),
        Route::GetApplication => error(StatusCode::NOT_FOUND, "application not found"),
        Route::SyncApplication => error(StatusCode::NOT_IMPLEMENTED, "manual sync not yet implemented"),
        Route::DeleteApplication => error(StatusCode::NOT_IMPLEMENTED, "delete not yet implemented"),
        Route::NotOffered => error(StatusCode::NOT_IMPLEMENTED, "the embedded orchestrator has no workers and takes no jobs"),
        Route::NotAllowed(allowed) => method_not_allowed(allowed),
        // The last four were taken by `answer` and `with_body`.
        Route::NotFound | Route::Page(_) | Route::Invoke(_) | Route::Deploy(_) | Route::RegisterApplication => not_found(),
    }
}

/// Stores a function; for a container that includes starting it, and its failure is not the caller's.
async fn deploy(orchestrator: Arc<Orchestrator>, user: Vec<u8>, path: Vec<u8>, body: Sent) -> Reply {
    let (storing, key) = (Arc::clone(&orchestrator), (user.clone(), path.clone()));
    let reply = blocking(move || deploy::deploy(&storing, &user, &path, body.parse().as_ref())).await;
    if reply.status() == StatusCode::CREATED
        && let Some(container) = container(&orchestrator, key).await
    {
        orchestrator.runner.containers.deployed(&container).await;
    }
    reply
}

async fn undeploy(orchestrator: Arc<Orchestrator>, user: Vec<u8>, path: Vec<u8>) -> Reply {
    if let Some(container) = container(&orchestrator, (user.clone(), path.clone())).await {
        orchestrator.runner.containers.removed(&container.name).await;
    }
    blocking(move || deploy::delete(&orchestrator, &user, &path)).await
}

/// The Docker function at a path, if there is one.
async fn container(orchestrator: &Arc<Orchestrator>, (user, path): (Vec<u8>, Vec<u8>)) -> Option<Deployed> {
    let orchestrator = Arc::clone(orchestrator);
    let found = tokio::task::spawn_blocking(move || deploy::find_exact(&orchestrator, &user, &path)).await;
    found.ok().flatten().filter(|function| function.runtime == DOCKER)
}

async fn pairs(orchestrator: Arc<Orchestrator>, namespace: &[u8], call: &Pairs<'_>, prefix: Vec<u8>) -> Reply {
    let namespace = namespace.to_vec();
    match *call {
        Pairs::List => blocking(move || kv::list(&orchestrator, &namespace, &prefix)).await,
        Pairs::Get(key) => {
            let key = key.to_vec();
            blocking(move || kv::get(&orchestrator, &namespace, &key)).await
        }
        Pairs::Delete(key) => {
            let key = key.to_vec();
            blocking(move || kv::delete(&orchestrator, &namespace, &key)).await
        }
        // Taken by `answer`, which reads the body.
        Pairs::Put(_) => not_found(),
    }
}

async fn files(orchestrator: Arc<Orchestrator>, namespace: &[u8], call: &Files<'_>, prefix: Vec<u8>) -> Reply {
    if escapes(namespace) {
        return refuse_namespace(namespace);
    }
    let namespace = namespace.to_vec();
    match *call {
        Files::List => blocking(move || orchestrator.storage.list(&namespace, &prefix)).await,
        Files::Get(path) | Files::Visit(path) => match orchestrator.storage.file(&namespace, path).filter(|_| !path.is_empty()) {
            Some(file) => {
                let path = path.to_vec();
                let live = (orchestrator.live_reload && matches!(call, Files::Visit(_))).then(|| orchestrator.events.number());
                blocking(move || live.map_or_else(|| download::download(&file, &path), |live| download::download_live(&file, &path, live)))
                    .await
            }
            None => not_found(),
        },
        Files::Delete(path) => {
            let path = path.to_vec();
            blocking(move || orchestrator.storage.delete(&namespace, &path)).await
        }
        // Every other path was taken by `put_file`.
        Files::Put(_) => error(StatusCode::BAD_REQUEST, "path is required"),
    }
}

async fn put_file(orchestrator: Arc<Orchestrator>, namespace: Vec<u8>, path: Vec<u8>, body: Body) -> Reply {
    match orchestrator.incoming.receive(body).await {
        Ok(upload) => blocking(move || orchestrator.storage.put(&namespace, &path, upload)).await,
        Err(Failed::Cut) => error(StatusCode::BAD_REQUEST, "failed to read body"),
        Err(Failed::Disk(failure)) => error(StatusCode::INTERNAL_SERVER_ERROR, format!("write body: {failure}")),
    }
}

fn info(orchestrator: &Orchestrator) -> Reply {
    let info = Object::new().string("node_id", &orchestrator.node).number("uptime_seconds", orchestrator.started.elapsed().as_secs());
    json(StatusCode::OK, info.string("version", "0.1.0").finish())
}

fn stats(orchestrator: &Orchestrator) -> Reply {
    let jobs = ["completed_total", "failed_total", "pending", "running"]
        .into_iter()
        .fold(Object::new(), |jobs, name| jobs.number(name, 0))
        .finish();
    let workers = ["busy", "connected", "idle"].into_iter().fold(Object::new(), |workers, name| workers.number(name, 0)).finish();
    let stats =
        Object::new().raw("jobs", &jobs).string("node_id", &orchestrator.node).raw("peers", &Object::new().number("connected", 0).finish());
    json(StatusCode::OK, stats.number("uptime_seconds", orchestrator.started.elapsed().as_secs()).raw("volunteers", &workers).finish())
}

/// `POST /api/gitops/applications`: the request is judged, and then not carried out.
fn register(body: Option<&Value>) -> Reply {
    let Some(body) = body.filter(|body| body.is_struct()) else {
        return error(StatusCode::BAD_REQUEST, "invalid request body");
    };
    let source = body.members("source").last().unwrap_or(&Value::Null);
    let (Some(name), Some(namespace), Some(url), true) =
        (body.string_field("name"), body.string_field("namespace"), source.string_field("repoURL"), source.is_struct())
    else {
        return error(StatusCode::BAD_REQUEST, "invalid request body");
    };
    if [name, namespace, url].contains(&"") {
        return error(StatusCode::BAD_REQUEST, "name, namespace, and source.repoURL are required");
    }
    error(StatusCode::NOT_IMPLEMENTED, "the embedded orchestrator does not sync applications by itself")
}

/// A body that should be JSON; nothing when it was cut off. Parsing a large one takes long enough to be left to a thread that may block.
struct Sent(Option<Bytes>);

impl Sent {
    /// The first JSON value, `None` when there is none that Go could read.
    fn parse(self) -> Option<Value> {
        gojson::parse(&self.0?)
    }
}

async fn read_json(body: Body) -> Sent {
    Sent(to_bytes(body, JSON_BODY).await.ok())
}

/// Reads a body that has no meaning here.
async fn discard(body: Body) {
    if body.is_end_stream() {
        return;
    }
    let mut pieces = body.into_data_stream();
    let mut read = 0;
    while let Some(Ok(piece)) = pieces.next().await {
        read += piece.len();
        if read > UNWANTED_BODY {
            return;
        }
    }
}
