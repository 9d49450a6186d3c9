//! A repository over HTTP: the smart protocol's two requests.
//!
//! Redirects are never followed, so nothing is sent to a host that was not named. Proxies come from the environment, and from nowhere else.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use git2::transport::{Service, SmartSubtransport};
use reqwest::blocking::{Client, RequestBuilder, Response};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::{StatusCode, Url};

use super::SourceError;
use super::credentials::{Basic, Credentials};
use super::libgit2::{Stream, only_fetching};
use super::location::Scheme;
use super::session::Session;

/// Some hosts answer only to what calls itself Git.
const AGENT: &str = concat!("git/2.0 (zerverless-gitops ", env!("CARGO_PKG_VERSION"), ")");
/// A list of names of more bytes is none.
const MAX_NAMES: u64 = 64 << 20;
/// A pack of more bytes is not taken.
const MAX_PACK: u64 = 8 << 30;

/// A connection over HTTP.
pub(super) struct Http(Caller);

/// Sends requests to the host of one repository, with one credential after the other until one is taken.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) session: Arc<Session>,
    pub(super) client: Client,
    access: Arc<Mutex<Access>>,
}

/// Which credentials are left to try, and which one works.
struct Access {
    working: Option<Basic>,
    left: Vec<Basic>,
    asked_helper: bool,
    tried: Vec<String>,
}

/// A client for the host of `url`, which is spoken to by `scheme`.
pub(super) fn client(session: &Session, scheme: Scheme, url: &Url) -> Result<Client, SourceError> {
    let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let addresses = match session.screened(bare, port) {
        Err(error) if error.kind() != io::ErrorKind::PermissionDenied && has_proxy() => None,
        addresses => addresses.map_err(|error| session.remote(error.to_string(), "check the host and the network"))?,
    };
    let mut builder = Client::builder()
        .user_agent(AGENT)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(session.patience())
        .timeout(session.patience())
        .http1_only();
    if let Some(addresses) = addresses {
        builder = builder.resolve_to_addrs(host, &addresses);
    }
    if session.url.is_loopback() {
        builder = builder.no_proxy();
    }
    if scheme == Scheme::Http {
        // Reading the certificates of the system takes longer than all the rest.
        builder = builder.tls_certs_only([]);
    }
    builder.build().map_err(|error| session.remote(chain(&error), "see whether the certificates of this machine can be read"))
}

impl Http {
    pub(super) fn new(session: &Arc<Session>) -> Result<Self, SourceError> {
        Caller::new(session).map(Self)
    }

    fn exchange(&self, path: &str) -> Result<Exchange, SourceError> {
        let url = self.0.url(&format!("{}/{path}", self.0.session.url.path))?;
        Ok(Exchange { caller: self.0.clone(), url, question: Vec::new(), answer: None, left: MAX_PACK })
    }

    fn start(&self, names: bool) -> Result<Exchange, SourceError> {
        if !names {
            return self.exchange("git-upload-pack");
        }
        let mut names = self.exchange("info/refs?service=git-upload-pack")?;
        let get = self.0.client.get(names.url.clone());
        names.answer = Some(self.0.git(&get, "application/x-git-upload-pack-advertisement")?);
        names.left = MAX_NAMES;
        Ok(names)
    }
}

impl Caller {
    pub(super) fn new(session: &Arc<Session>) -> Result<Self, SourceError> {
        let mut left = session.credentials.given(&session.url)?;
        left.reverse();
        let access = Access { working: None, left, asked_helper: session.credentials.given_only, tried: Vec::new() };
        let client = client(session, session.url.scheme, &url(session, "/")?)?;
        Ok(Self { session: Arc::clone(session), client, access: Arc::new(Mutex::new(access)) })
    }

    /// An address of the repository's host.
    pub(super) fn url(&self, path: &str) -> Result<Url, SourceError> {
        url(&self.session, path)
    }

    /// Sends `request`; only success is an answer.
    pub(super) fn send(&self, request: &RequestBuilder) -> Result<Response, SourceError> {
        let mut access = self.access.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            self.session.check()?;
            let credential = access.next();
            let Some(mut request) = request.try_clone() else { return Err(self.session.remote("the request cannot be sent again", "")) };
            if let Some(credential) = &credential {
                let mut header = HeaderValue::from_str(&credential.header()).map_err(|_| self.session.remote("no such credential", ""))?;
                header.set_sensitive(true);
                request = request.header(AUTHORIZATION, header);
            }
            let response = request.send().map_err(|error| self.explain(error))?;
            match response.status() {
                StatusCode::OK => {
                    access.working = credential;
                    return Ok(response);
                }
                StatusCode::UNAUTHORIZED => access.refused(credential.as_ref(), &self.session)?,
                status => return Err(self.wrong(&response, status, credential.as_ref(), &access)),
            }
        }
    }

    /// As [`Self::send`], for an answer of Git's protocol.
    fn git(&self, request: &RequestBuilder, content: &str) -> Result<Response, SourceError> {
        let response = self.send(request)?;
        let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind == content {
            return Ok(response);
        }
        Err(self.session.remote("something answers there that is no Git server", "check the path of the URL"))
    }

    fn wrong(&self, response: &Response, status: StatusCode, credential: Option<&Basic>, access: &Access) -> SourceError {
        if status.is_redirection() {
            let to = response.headers().get(LOCATION).and_then(|to| to.to_str().ok()).and_then(|to| response.url().join(to).ok());
            let to = to.map_or_else(|| "nowhere".to_owned(), |to| shown(&to));
            return SourceError::Redirected { url: self.session.url.to_string(), to };
        }
        if status == StatusCode::FORBIDDEN {
            let mut tried = access.tried.clone();
            tried.push(credential.map_or_else(|| "no credential".to_owned(), |credential| credential.from.clone()));
            let help = "the credential is known there and may not read this repository";
            return SourceError::Refused { url: self.session.url.to_string(), tried, help };
        }
        let help = match status {
            StatusCode::NOT_FOUND if credential.is_none() => {
                self.session.credentials.help("check the URL; a private repository needs a credential: --git-token-file")
            }
            StatusCode::NOT_FOUND => "check the URL, and that the credential may read this repository",
            _ if status.is_server_error() => "the server has a fault of its own: try again later",
            _ => "see whether `git ls-remote` can read it",
        };
        self.session.remote(format!("the server answers {status}"), help)
    }

    pub(super) fn explain(&self, error: reqwest::Error) -> SourceError {
        if error.is_timeout() {
            return self.session.timed_out();
        }
        let (connecting, why) = (error.is_connect(), chain(&error.without_url()));
        let help = match () {
            () if why.contains("certificate") => "if its authority is your own, name the file with its certificate in SSL_CERT_FILE",
            () if connecting => "check the host, the network and the proxy",
            () => "try again",
        };
        self.session.remote(why, help)
    }

    /// Why an answer ended early.
    pub(super) fn cut(&self, error: io::Error) -> SourceError {
        let timed_out = error.kind() == io::ErrorKind::TimedOut;
        match error.into_inner().map(<dyn std::error::Error + Send + Sync>::downcast::<reqwest::Error>) {
            Some(Ok(inner)) => self.explain(*inner),
            _ if timed_out => self.session.timed_out(),
            _ => self.session.remote("the connection ended in the middle of the answer", "try again"),
        }
    }
}

impl SmartSubtransport for Http {
    fn action(&self, _: &str, service: Service) -> Result<Stream, git2::Error> {
        let names = only_fetching(service)?;
        match self.start(names) {
            Ok(exchange) => Ok(Box::new(exchange)),
            Err(error) => Err(self.0.session.fail(error)),
        }
    }

    fn close(&self) -> Result<(), git2::Error> {
        Ok(())
    }
}

/// One request: written in full, sent with the first read, then read.
struct Exchange {
    caller: Caller,
    url: Url,
    question: Vec<u8>,
    answer: Option<Response>,
    /// How many bytes are still taken.
    left: u64,
}

impl Access {
    /// The credential to send next: the one that worked, the next that was given, or none.
    fn next(&mut self) -> Option<Basic> {
        self.working.clone().or_else(|| self.left.pop())
    }

    /// Notes that a credential was refused, and finds another.
    fn refused(&mut self, credential: Option<&Basic>, session: &Session) -> Result<(), SourceError> {
        self.working = None;
        self.tried.push(credential.map_or_else(|| "no credential".to_owned(), |credential| credential.from.clone()));
        if self.left.is_empty() && !std::mem::replace(&mut self.asked_helper, true) {
            self.left.extend(Credentials::helper(&session.url));
        }
        if self.left.is_empty() {
            let usual = "give a token with --git-token-file or ZERVERLESS_GIT_TOKEN, or set up a credential helper of Git";
            let help = session.credentials.help(usual);
            return Err(SourceError::Refused { url: session.url.to_string(), tried: std::mem::take(&mut self.tried), help });
        }
        Ok(())
    }
}

impl Exchange {
    /// The answer; asked for with the first read.
    fn answer(&mut self) -> Result<&mut Response, SourceError> {
        let answer = if let Some(answer) = self.answer.take() {
            answer
        } else {
            let content = "application/x-git-upload-pack-result";
            let post = self.caller.client.post(self.url.clone()).header(CONTENT_TYPE, "application/x-git-upload-pack-request");
            self.caller.git(&post.header(ACCEPT, content).body(std::mem::take(&mut self.question)), content)?
        };
        self.caller.session.check()?;
        Ok(self.answer.insert(answer))
    }

    fn piece(&mut self, buffer: &mut [u8]) -> Result<usize, SourceError> {
        let count = match self.answer()?.read(buffer) {
            Ok(count) => count,
            Err(error) => return Err(self.caller.cut(error)),
        };
        self.left = self.left.saturating_sub(count as u64);
        if self.left == 0 {
            return Err(self.caller.session.remote("the answer is larger than is taken", "see whether it ever ends"));
        }
        Ok(count)
    }
}

impl Read for Exchange {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.piece(buffer).map_err(|error| self.caller.session.broken(error))?;
        self.caller.session.ear.hear(&buffer[..count]);
        Ok(count)
    }
}

impl Write for Exchange {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.question.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn url(session: &Session, path: &str) -> Result<Url, SourceError> {
    let text = format!("{}://{}{path}", session.url.scheme, session.url.authority());
    Url::parse(&text).map_err(|error| session.remote(error.to_string(), "correct the URL"))
}

/// Whether names may be looked up by somebody else.
fn has_proxy() -> bool {
    let names = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    names.iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// A place without what could be a credential.
fn shown(url: &Url) -> String {
    format!("{}://{}{}", url.scheme(), url.host_str().unwrap_or_default(), url.port().map(|port| format!(":{port}")).unwrap_or_default())
        + url.path().trim_end_matches("/info/refs")
}

/// An error and everything beneath it, without the layers that only say that another layer failed.
fn chain(error: &dyn std::error::Error) -> String {
    let layers = std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string);
    let says_something = |text: &String| !text.starts_with("error sending request") && !text.starts_with("client error (");
    let mut layers: Vec<String> = layers.filter(says_something).collect();
    layers.dedup();
    layers.join(": ")
}
