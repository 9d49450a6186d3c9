//! Docker functions: a container for each, on this machine's engine, started, kept and reached as the real server does it (server.md tK1 to tK4).

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, Uri};
use bollard::errors::Error;
use bollard::models::{ContainerCreateBody, HostConfig, PortBinding, RestartPolicy, RestartPolicyNameEnum};
use bollard::query_parameters::{
    CreateContainerOptions, InspectContainerOptions, RemoveContainerOptions, StartContainerOptions, StopContainerOptions,
};
use bollard::{API_DEFAULT_VERSION, Docker};
use futures_util::StreamExt;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::net::TcpStream;
use tokio::sync::{Mutex, OnceCell};
use tokio::time::{sleep, timeout};

use super::reply::{Answer, Replies};
use crate::local::answer::Reply;
use crate::local::deploy::Deployed;
use crate::local::sniff::content_type;

/// The ports of this machine that lead into containers.
const PORTS: std::ops::RangeInclusive<u16> = 9000..=9999;
/// The port in a container, where the function names none.
const PORT: u16 = 80;
/// How long a program has to end by itself, in seconds.
const GRACE: i32 = 10;
/// How long the server looks whether a new container takes connections, and how often. The real one looks twice a second.
const LOOKS: u32 = 50;
const PAUSE: Duration = Duration::from_millis(100);
/// How long the engine may take to answer, in seconds: it ends programs first where that is asked for.
const ENGINE: u64 = 30;
/// How long a container may take to answer.
const DEADLINE: Duration = Duration::from_secs(30);
/// What concerns one connection only.
const HOP_BY_HOP: [&str; 8] =
    ["connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailers", "transfer-encoding", "upgrade"];

/// The containers of a server.
pub(in crate::local) struct Containers {
    /// Where the engine listens; none: Docker functions are stored and not run.
    socket: Option<PathBuf>,
    engine: OnceCell<Docker>,
    client: Client<HttpConnector, Body>,
    /// What was started, by function. Held while one is started or stopped, so that happens one at a time.
    known: Mutex<BTreeMap<String, Started>>,
}

#[derive(Clone)]
struct Started {
    id: String,
    port: u16,
}

impl Containers {
    pub(super) fn new(socket: Option<PathBuf>) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { socket, engine: OnceCell::new(), client, known: Mutex::default() }
    }

    /// Starts the container of a function that was deployed. One that runs already goes on, whatever its image. A failure is told by the next call.
    pub(in crate::local) async fn deployed(&self, function: &Deployed) {
        if self.socket.is_some() {
            let _ = self.start(function, &mut *self.known.lock().await).await;
        }
    }

    /// Ends the container of a function that is removed, if this process started it.
    pub(in crate::local) async fn removed(&self, name: &str) {
        let started = self.known.lock().await.remove(name);
        if let (Some(started), Ok(engine)) = (started, self.engine().await) {
            remove(engine, &started.id).await;
        }
    }

    /// Ends all containers that this process started.
    pub(in crate::local) async fn end(&self) {
        let started = std::mem::take(&mut *self.known.lock().await);
        if started.is_empty() {
            return;
        }
        let Ok(engine) = self.engine().await else { return };
        futures_util::future::join_all(started.values().map(|started| remove(engine, &started.id))).await;
    }

    /// Passes a call on to the function's container, which is started when it does not run.
    pub(super) async fn call(&self, function: &Deployed, head: &Parts, body: Body, replies: Replies) -> Answer {
        if self.socket.is_none() {
            let message = "no workers available: Docker functions need a Docker engine on this machine, and none was found";
            return Answer::error(StatusCode::SERVICE_UNAVAILABLE, message);
        }
        let port = match self.running(function).await {
            Ok(port) => port,
            Err(reason) => return Answer::error(StatusCode::INTERNAL_SERVER_ERROR, format!("failed to start container: {reason}")),
        };
        match timeout(DEADLINE, self.forward(port, head, body)).await {
            Ok(Ok(reply)) => Answer::passed_on(if replies == Replies::Raw { as_the_real_server(reply).await } else { reply }),
            Ok(Err(reason)) => Answer::error(StatusCode::BAD_GATEWAY, format!("failed to proxy request: {reason}")),
            Err(_) => Answer::error(StatusCode::BAD_GATEWAY, format!("failed to proxy request: no answer for {} s", DEADLINE.as_secs())),
        }
    }

    async fn engine(&self) -> Result<&Docker, String> {
        let connect = async || {
            let socket = self.socket.as_ref().ok_or("there is no Docker engine")?;
            let docker =
                Docker::connect_with_unix(&socket.to_string_lossy(), ENGINE, API_DEFAULT_VERSION).map_err(|error| error.to_string())?;
            docker.negotiate_version().await.map_err(|error| error.to_string())
        };
        self.engine.get_or_try_init(connect).await
    }

    /// The port of the function's container, started when it has to be.
    async fn running(&self, function: &Deployed) -> Result<u16, String> {
        let started = self.known.lock().await.get(&function.name).cloned();
        if let Some(started) = &started
            && is_running(self.engine().await?, &started.id).await.unwrap_or(false)
        {
            return Ok(started.port);
        }
        let mut known = self.known.lock().await;
        if let Some(stale) = started {
            // Unless another call has started it anew by now.
            known.retain(|name, other| *name != function.name || other.id != stale.id);
        }
        self.start(function, &mut known).await
    }

    async fn start(&self, function: &Deployed, known: &mut BTreeMap<String, Started>) -> Result<u16, String> {
        let engine = self.engine().await?;
        if let Some(started) = known.get(&function.name) {
            if is_running(engine, &started.id).await.is_ok() {
                return Ok(started.port);
            }
            known.remove(&function.name);
        }
        let name = container_name(&function.name);
        remove(engine, &name).await;
        let inner = function.port.unwrap_or(PORT);
        for port in PORTS.filter(|port| TcpListener::bind((Ipv4Addr::UNSPECIFIED, *port)).is_ok()) {
            let id = match run(engine, &name, &function.code, inner, port).await {
                Ok(id) => id,
                // Somebody else was faster.
                Err(error) if is_taken(&error) => {
                    remove(engine, &name).await;
                    continue;
                }
                Err(error) => {
                    remove(engine, &name).await;
                    return Err(error.to_string());
                }
            };
            if let Err(reason) = comes_up(engine, &id, port).await {
                remove(engine, &id).await;
                return Err(reason);
            }
            known.insert(function.name.clone(), Started { id, port });
            return Ok(port);
        }
        Err(format!("no available ports in range {}-{}", PORTS.start(), PORTS.end()))
    }

    /// The container sees the path without its namespace.
    async fn forward(&self, port: u16, head: &Parts, body: Body) -> Result<Reply, String> {
        let whole = head.uri.path_and_query().map_or("/", |target| target.as_str());
        let inner = whole.get(1..).and_then(|rest| Some(&rest[rest.find('/')?..])).unwrap_or("/");
        let host = format!("127.0.0.1:{port}");
        let uri: Uri = format!("http://{host}{inner}").parse().map_err(|_| "the target is no URL".to_owned())?;
        let mut request = Request::new(body);
        *request.method_mut() = head.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = end_to_end(&head.headers);
        request.headers_mut().insert(HOST, HeaderValue::from_str(&host).map_err(|error| error.to_string())?);
        let (mut head, body) = self.client.request(request).await.map_err(|error| reasons(&error))?.into_parts();
        head.headers = end_to_end(&head.headers);
        Ok(Reply::from_parts(head, Body::new(body)))
    }
}

/// The real server writes the status before it copies the headers, so none of them arrive, and the type is guessed from the first bytes.
async fn as_the_real_server(reply: Reply) -> Reply {
    let (head, body) = reply.into_parts();
    let mut pieces = body.into_data_stream();
    let mut first = pieces.next().await;
    while matches!(&first, Some(Ok(piece)) if piece.is_empty()) {
        first = pieces.next().await;
    }
    let kind = first.as_ref().and_then(|first| first.as_ref().ok()).map(|piece| content_type(b"", piece));
    let mut bare = Reply::new(Body::from_stream(futures_util::stream::iter(first).chain(pieces)));
    *bare.status_mut() = head.status;
    if let Some(kind) = kind {
        bare.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    bare
}

fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    let mut kept = headers.clone();
    for name in HOP_BY_HOP {
        kept.remove(name);
    }
    kept
}

/// As the real server makes it: what Docker allows stays, all else becomes one dash.
fn container_name(function: &str) -> String {
    let whole = format!("zerverless-{function}");
    let last = whole.len().saturating_sub(1);
    let mut name = String::with_capacity(whole.len());
    for (at, byte) in whole.bytes().enumerate() {
        if byte.is_ascii_alphanumeric() || b"_.-".contains(&byte) {
            name.push(char::from(byte));
        } else if at < last && !name.ends_with('-') {
            name.push('-');
        }
    }
    name
}

async fn run(engine: &Docker, name: &str, image: &str, inner: u16, port: u16) -> Result<String, Error> {
    let inner = format!("{inner}/tcp");
    let binding = PortBinding { host_ip: Some(Ipv4Addr::LOCALHOST.to_string()), host_port: Some(port.to_string()) };
    let writable = ["/var/cache/nginx", "/var/run", "/tmp"].map(|path| (path.to_owned(), String::new()));
    let host = HostConfig {
        memory: i64::try_from(super::MEMORY).ok(),
        memory_swap: Some(-1),
        network_mode: Some("bridge".to_owned()),
        port_bindings: Some([(inner.clone(), Some(vec![binding]))].into()),
        restart_policy: Some(RestartPolicy { name: Some(RestartPolicyNameEnum::UNLESS_STOPPED), maximum_retry_count: None }),
        tmpfs: Some(writable.into()),
        ..HostConfig::default()
    };
    let wanted = ContainerCreateBody {
        image: Some(image.to_owned()),
        exposed_ports: Some(vec![inner]),
        host_config: Some(host),
        ..ContainerCreateBody::default()
    };
    let options = CreateContainerOptions { name: Some(name.to_owned()), ..CreateContainerOptions::default() };
    let id = engine.create_container(Some(options), wanted).await?.id;
    engine.start_container(&id, None::<StartContainerOptions>).await?;
    Ok(id)
}

/// Whether the port is somebody else's by now, as the engine or the system words it.
fn is_taken(error: &Error) -> bool {
    let text = error.to_string();
    text.contains("port is already allocated") || text.contains("address already in use")
}

/// Waits until it takes connections. One that runs and never does is up all the same; one that ended is not.
async fn comes_up(engine: &Docker, id: &str, port: u16) -> Result<(), String> {
    for _ in 0..LOOKS {
        sleep(PAUSE).await;
        if !is_running(engine, id).await? {
            return Err("the container ended at once".to_owned());
        }
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_ok() {
            break;
        }
    }
    Ok(())
}

/// An error when there is no such container.
async fn is_running(engine: &Docker, id: &str) -> Result<bool, String> {
    let container = engine.inspect_container(id, None::<InspectContainerOptions>).await.map_err(|error| error.to_string())?;
    let state = container.state.unwrap_or_default();
    Ok(state.running == Some(true) && state.restarting != Some(true))
}

/// Stops and removes a container; there may be none.
async fn remove(engine: &Docker, container: &str) {
    let _ = engine.stop_container(container, Some(StopContainerOptions { t: Some(GRACE), ..StopContainerOptions::default() })).await;
    let force = RemoveContainerOptions { force: true, ..RemoveContainerOptions::default() };
    let _ = engine.remove_container(container, Some(force)).await;
}

fn reasons(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::container_name;

    #[test]
    fn containers_are_named_as_the_real_server_names_them() {
        for (function, name) in
            [("ns/web", "zerverless-ns-web"), ("a/b//c", "zerverless-a-b-c"), ("a/é/", "zerverless-a-"), ("a/-b", "zerverless-a--b")]
        {
            assert_eq!(container_name(function), name);
        }
    }
}
