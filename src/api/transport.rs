//! One request, sent until it is answered or not worth it any more.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use native_tls::TlsConnector;
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Method, Response, StatusCode, Url};
use secrecy::ExposeSecret;
use tokio_util::sync::CancellationToken;

use super::Config;
use super::body::Upload;
use super::error::ApiError;
use super::retry::{self, Verdict};
use super::wire;
use crate::event::{Event, Reporter};
use crate::key::printable;

/// All tries of one request together take at most this many times the timeout.
const DEADLINE: u32 = 4;
/// A reply may take this many times the timeout as a whole: one that drips for ever ends here.
const REPLY: u32 = 20;
/// A wait that is made even when the run was asked to stop, so that one lost packet does not keep it from recording what it did.
const SHORT_WAIT: Duration = Duration::from_secs(1);
/// Error texts are read up to here.
const MAX_ERROR: u64 = 16 * 1024;

/// A request without its address.
pub(super) struct Call<'a> {
    pub(super) method: Method,
    /// Encoded, from the orchestrator's root.
    pub(super) path: String,
    pub(super) body: CallBody<'a>,
    /// Statuses that are an answer and no failure.
    pub(super) accept: &'a [u16],
    /// Whether it is sent again when no reply came: not where the caller finds out by reading.
    pub(super) again_when_lost: bool,
}

pub(super) enum CallBody<'a> {
    None,
    Json(Bytes),
    Upload(&'a Upload),
}

impl<'a> Call<'a> {
    pub(super) fn get(path: String, accept: &'a [u16]) -> Self {
        Self { method: Method::GET, path, body: CallBody::None, accept, again_when_lost: true }
    }

    pub(super) fn delete(path: String) -> Self {
        Self { method: Method::DELETE, path, body: CallBody::None, accept: &[204, 404], again_when_lost: true }
    }
}

pub(super) struct Transport {
    client: reqwest::Client,
    base: String,
    timeout: Duration,
    retries: u32,
    requests: AtomicU64,
    hurry: CancellationToken,
    pub(super) reporter: Arc<dyn Reporter>,
}

/// TLS with the certificates of the system. Reading them takes longer than all the rest of a client: once for all clients of a process.
fn usual_tls() -> Option<TlsConnector> {
    static USUAL: OnceLock<Option<TlsConnector>> = OnceLock::new();
    // Why it cannot be had is said by the client that is built without it.
    USUAL.get_or_init(|| TlsConnector::new().ok()).clone()
}

/// On this machine, over plain HTTP and without redirects, no certificate is ever asked for.
fn no_tls() -> Option<TlsConnector> {
    TlsConnector::builder().disable_built_in_roots(true).build().ok()
}

impl Transport {
    pub(super) fn new(config: &Config, reporter: Arc<dyn Reporter>) -> Result<Self, ApiError> {
        let base = base_url(&config.url)?;
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("zerverless-gitops/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(config.timeout)
            .read_timeout(config.timeout)
            .pool_max_idle_per_host(config.parallelism.max(2))
            .http1_only()
            .default_headers(headers(config, &base)?);
        if is_loopback(&base) {
            builder = builder.no_proxy();
        }
        let tls = if is_loopback(&base) && base.scheme() == "http" { no_tls() } else { usual_tls() };
        if let Some(tls) = tls.filter(|_| config.ca_file.is_none()) {
            builder = builder.tls_backend_preconfigured(tls);
        }
        if let Some(file) = &config.ca_file {
            let failed = |reason: String| ApiError::Config(format!("--ca-file {}: {reason}", file.display()));
            let pem = std::fs::read(file).map_err(|error| failed(error.to_string()))?;
            let certificates = reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| failed(chain(&error)))?;
            if certificates.is_empty() {
                return Err(failed("holds no certificate in PEM form".to_owned()));
            }
            for certificate in certificates {
                builder = builder.add_root_certificate(certificate);
            }
        }
        let client = builder.build().map_err(|error| ApiError::Config(chain(&error)))?;
        let base = base.as_str().trim_end_matches('/').to_owned();
        let (timeout, retries, hurry) = (config.timeout, config.retries, config.hurry.clone());
        Ok(Self { client, base, timeout, retries, requests: AtomicU64::new(0), hurry, reporter })
    }

    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Method and URL, for messages.
    pub(super) fn endpoint(&self, call: &Call<'_>) -> String {
        format!("{} {}{}", call.method, self.base, call.path)
    }

    /// Sends `call` and reads its reply with `read`; both are done again while that is worth it.
    pub(super) async fn run<T>(&self, call: &Call<'_>, read: impl AsyncFn(Response, String) -> Result<T, ApiError>) -> Result<T, ApiError> {
        let deadline = Instant::now() + self.timeout * DEADLINE;
        let mut tries = 0;
        loop {
            let mut asked = None;
            let result = match self.send(call, &mut asked).await {
                Ok(response) => match tokio::time::timeout(self.timeout * REPLY, read(response, self.endpoint(call))).await {
                    Ok(result) => result,
                    Err(_) => Err(ApiError::Lost { endpoint: self.endpoint(call), reason: "the reply does not end".to_owned() }),
                },
                Err(error) => Err(error),
            };
            let error = match result {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            tries += 1;
            let verdict = if error.is_lost() && !call.again_when_lost { Verdict::Stop } else { retry::judge(&error) };
            let wait = retry::wait(verdict, tries, self.retries, asked, rand::random());
            let Some(wait) = wait.filter(|wait| Instant::now() + *wait < deadline) else { return Err(error) };
            let endpoint = format!("{} {}", call.method, call.path);
            self.reporter.event(&Event::Retry { endpoint, reason: error.to_string(), wait });
            if !self.wait(wait).await {
                return Err(error);
            }
        }
    }

    /// False when the run was asked to stop and the wait is not short.
    async fn wait(&self, wait: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(wait) => true,
            () = self.hurry.cancelled(), if wait > SHORT_WAIT => false,
        }
    }

    /// Sends `call` once.
    pub(super) async fn send(&self, call: &Call<'_>, asked: &mut Option<Duration>) -> Result<Response, ApiError> {
        let endpoint = self.endpoint(call);
        let url = url(&self.base, &call.path)?;
        let mut request = self.client.request(call.method.clone(), url);
        let mut changed = None;
        match &call.body {
            CallBody::None => {}
            CallBody::Json(json) => request = request.header(CONTENT_TYPE, "application/json").body(json.clone()),
            CallBody::Upload(upload) => {
                let body = upload.body(&self.reporter);
                request = request.header(CONTENT_LENGTH, upload.size).body(body.body);
                changed = Some(body.changed);
            }
        }
        let is_changed = || changed.as_ref().is_some_and(|changed| changed.load(Ordering::SeqCst));
        if is_changed() {
            return Err(ApiError::ContentChanged { endpoint });
        }
        self.requests.fetch_add(1, Ordering::Relaxed);
        let sent = tokio::time::timeout(self.timeout, request.send()).await;
        let lost = |reason: String| match &call.body {
            CallBody::Upload(upload) if upload.size > 1024 * 1024 => {
                ApiError::UploadCut { endpoint: endpoint.clone(), size: upload.size, reason }
            }
            _ => ApiError::Lost { endpoint: endpoint.clone(), reason },
        };
        match sent {
            Ok(Ok(response)) => self.check(call, response, &endpoint, asked).await,
            Ok(Err(_)) if is_changed() => Err(ApiError::ContentChanged { endpoint }),
            Ok(Err(error)) if error.is_connect() => Err(ApiError::Unreachable { url: self.base.clone(), reason: chain(&error) }),
            Ok(Err(error)) => Err(lost(chain(&error))),
            Err(_) => Err(lost(format!("nothing came within {:?}", self.timeout))),
        }
    }

    async fn check(&self, call: &Call<'_>, response: Response, endpoint: &str, asked: &mut Option<Duration>) -> Result<Response, ApiError> {
        let status = response.status();
        if call.accept.contains(&status.as_u16()) {
            return Ok(response);
        }
        let header = |name| response.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let endpoint = endpoint.to_owned();
        if status.is_redirection() {
            let location = header(LOCATION).map_or_else(|| "nowhere".to_owned(), without_secrets);
            return Err(ApiError::Redirect { endpoint, location });
        }
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Err(ApiError::Refused { endpoint, status: status.as_u16() });
        }
        *asked = header(RETRY_AFTER).and_then(|value| retry::retry_after(value, SystemTime::now()));
        let message = match self.text(response, MAX_ERROR, String::new()).await {
            Ok(body) => error_text(&body),
            Err(_) => String::new(),
        };
        Err(ApiError::Status { endpoint, status: status.as_u16(), message })
    }

    /// The whole body, up to `cap` bytes.
    pub(super) async fn bytes(&self, mut response: Response, cap: u64, endpoint: String) -> Result<Vec<u8>, ApiError> {
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(piece)) if body.len() as u64 + piece.len() as u64 > cap => return Err(ApiError::TooLarge { endpoint, cap }),
                Ok(Some(piece)) => body.extend_from_slice(&piece),
                Ok(None) => return Ok(body),
                Err(error) => return Err(ApiError::Lost { endpoint, reason: chain(&error) }),
            }
        }
    }

    async fn text(&self, response: Response, cap: u64, endpoint: String) -> Result<String, ApiError> {
        Ok(String::from_utf8_lossy(&self.bytes(response, cap, endpoint).await?).into_owned())
    }

    /// The body as JSON of the expected form.
    pub(super) async fn json<T: serde::de::DeserializeOwned>(&self, response: Response, cap: u64, endpoint: String) -> Result<T, ApiError> {
        let body = self.bytes(response, cap, endpoint.clone()).await?;
        serde_json::from_slice(&body).map_err(|error| ApiError::Reply { endpoint, reason: error.to_string() })
    }
}

/// The address of a request. Segments such as `..` would lead to another namespace than the one that is named, so an address that is not taken
/// exactly as it is written is none.
fn url(base: &str, path: &str) -> Result<Url, ApiError> {
    let text = format!("{base}{path}");
    let wrong = |reason: &str| ApiError::Config(format!("{}: {reason}", printable(&text)));
    let url = Url::parse(&text).map_err(|error| wrong(&error.to_string()))?;
    if url.as_str() == text { Ok(url) } else { Err(wrong("this address leads somewhere else")) }
}

pub(super) fn check(config: &Config) -> Result<(), ApiError> {
    headers(config, &base_url(&config.url)?).map(drop)
}

fn base_url(text: &str) -> Result<Url, ApiError> {
    let wrong = |why: &str| ApiError::Config(format!("--server `{}` {why}", without_secrets(text)));
    let url = Url::parse(text).map_err(|_| wrong("is not a URL such as http://localhost:8000"))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(wrong("must start with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("holds a user name: give the token with --token-file or ZERVERLESS_TOKEN"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("must end after its path"));
    }
    Ok(url)
}

/// A URL without user part and query, for messages. What could hold a credential in any other form is not shown at all.
fn without_secrets(text: &str) -> String {
    let shown = match Url::parse(text) {
        Ok(url) => {
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
        }
        Err(_) => text.split(['?', '#']).next().unwrap_or_default().to_owned(),
    };
    let has_authority = Url::parse(text).map_or(true, |url| url.has_host());
    if shown.contains('@') || !has_authority { "(not shown)".to_owned() } else { printable(&shown).chars().take(200).collect() }
}

fn headers(config: &Config, base: &Url) -> Result<HeaderMap, ApiError> {
    let mut headers = HeaderMap::new();
    let Some(token) = &config.token else { return Ok(headers) };
    if base.scheme() == "http" && !is_loopback(base) && !config.insecure_token {
        let host = base.host_str().unwrap_or_default();
        let message = format!("the token would go to {host} over plain http: use https, or --allow-insecure-token");
        return Err(ApiError::Config(message));
    }
    let value = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()));
    let mut value = value.map_err(|_| ApiError::Config("the token holds a character that a header cannot carry".to_owned()))?;
    value.set_sensitive(true);
    headers.insert(AUTHORIZATION, value);
    Ok(headers)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// What the server says is wrong, in one safe line.
fn error_text(body: &str) -> String {
    let text = serde_json::from_str::<wire::ErrorReply>(body).map_or_else(|_| body.trim().to_owned(), |reply| reply.error);
    let line = text.lines().next().unwrap_or_default();
    printable(&line.chars().take(300).collect::<String>()).into_owned()
}

/// An error with its causes, without URLs: they are named once, by the caller.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        let text = text.split(" for url (").next().unwrap_or_default().to_owned();
        // Layers that only say that another layer failed.
        let says_something = !text.starts_with("error sending request") && !text.starts_with("client error (");
        if says_something && !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
        next = error.source();
    }
    printable(&parts.join(": ")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_leads_out_of_its_namespace_is_none() {
        for path in ["/api/storage/me/a.txt", "/api/storage/me/x%20y", "/api/db/zerverless-gitops/?prefix=m.", "/api/storage/me/a...b"] {
            assert!(url("http://host:8000/below", path).is_ok(), "{path}");
        }
        for path in ["/api/storage/me/../other/a.txt", "/api/storage/me/..", "/api/storage/me/./a", "/api/storage/me/%2e%2e/other"] {
            assert!(url("http://host:8000", path).is_err(), "{path}");
        }
    }

    #[test]
    fn no_form_of_an_address_shows_a_credential() {
        for secret in [
            "http://user:s3cr3t@host:8000/x",
            "user:s3cr3t@host:8000",
            "/login?next=/info&token=s3cr3t",
            "https://host/login?token=s3cr3t",
            "https://host/#s3cr3t",
            "//user:s3cr3t@host",
            "s3cr3t@host",
        ] {
            assert!(!without_secrets(secret).contains("s3cr3t"), "{secret}");
        }
        assert_eq!(without_secrets("https://host:8443/login?x=1"), "https://host:8443/login");
        assert_eq!(without_secrets("/login?x=1"), "/login");
    }
}
