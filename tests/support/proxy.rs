//! A proxy in front of the orchestrator that writes down every request and breaks the ones it is told to. Real sockets on both sides.
//!
//! One byte of each request stays unread until it is decided what happens to it: closing a connection with unread bytes resets it.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::http::{self, Reply};
use super::orchestrator::{ANY_PORT, Orchestrator, nobody_listens};

/// A request that does not come within this time never comes.
const PATIENCE: Duration = Duration::from_secs(30);

/// What happens to a request.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// The connection is reset; the server hears nothing.
    Reset,
    /// The server does its work, and the connection is reset instead of a reply.
    ResetAfter,
    /// It is held back until [`Proxy::release`], then goes on as if nothing had been.
    Stall,
    /// The server does its work, and the reply is held back until [`Proxy::release`].
    StallReply,
    /// The reply arrives, and everything that comes after it is held back until [`Proxy::release`].
    HoldAfter,
    /// The server gets it twice; the first reply is passed on.
    Twice,
    /// Only the first bytes of the reply's body arrive, then the connection ends.
    Truncate(usize),
    /// The reply's body has no end.
    Endless,
    /// This is answered; the server hears nothing.
    Answer(Reply),
    /// The server is gone: this connection and all others end, and every new one is refused.
    Die,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// Method and target, as the rules name requests.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }

    pub(crate) fn is_write(&self) -> bool {
        self.method != "GET"
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

pub(crate) struct Proxy {
    url: String,
    shared: Arc<Shared>,
}

struct Shared {
    upstream: String,
    address: SocketAddr,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    requests: Vec<Request>,
    rules: Vec<Rule>,
    /// By the address of the other side.
    connections: HashMap<SocketAddr, TcpStream>,
    stalled: bool,
    released: bool,
    /// Everything that comes is held back.
    holding: bool,
    /// How many more requests go through before the next one waits; none where nothing waits.
    gate: Option<usize>,
    waiting: usize,
    dead: bool,
    /// Keeps the port of a server that is gone.
    refusing: Option<tokio::net::TcpSocket>,
}

struct Rule {
    /// What method and target start with.
    line: String,
    /// The first and the last of the matching requests that it is for, counted from 1.
    range: std::ops::RangeInclusive<usize>,
    seen: usize,
    fault: Fault,
}

impl Proxy {
    pub(crate) fn before(orchestrator: &Orchestrator) -> Self {
        let listener = TcpListener::bind(ANY_PORT).expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let upstream = orchestrator.address().to_owned();
        let shared = Arc::new(Shared { upstream, address, state: Mutex::default(), changed: Condvar::new() });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || accepting.accept(listener));
        Self { url: format!("http://{address}"), shared }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// Breaks the `nth` of the requests whose method and target start with `line`, counted from 1 and from now on.
    pub(crate) fn fault(&self, line: &str, nth: usize, fault: Fault) {
        self.rule(line, nth..=nth, fault);
    }

    /// Breaks every request whose method and target start with `line`.
    pub(crate) fn fault_always(&self, line: &str, fault: Fault) {
        self.rule(line, 1..=usize::MAX, fault);
    }

    fn rule(&self, line: &str, range: std::ops::RangeInclusive<usize>, fault: Fault) {
        self.shared.state().rules.push(Rule { line: line.to_owned(), range, seen: 0, fault });
    }

    /// Every request so far, in the order they came.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.shared.state().requests.clone()
    }

    /// Method and target of all requests so far that are not reads.
    pub(crate) fn writes(&self) -> Vec<String> {
        self.requests().iter().filter(|request| request.is_write()).map(Request::line).collect()
    }

    /// Method and target of all requests so far that start with `line`.
    pub(crate) fn sent(&self, line: &str) -> Vec<String> {
        self.requests().iter().map(Request::line).filter(|sent| sent.starts_with(line)).collect()
    }

    /// Forgets the requests so far, and all rules.
    pub(crate) fn forget(&self) {
        let mut state = self.shared.state();
        state.requests.clear();
        state.rules.clear();
    }

    /// Lets `count` more requests through; the one after them waits.
    pub(crate) fn allow(&self, count: usize) {
        self.shared.state().gate = Some(count);
        self.shared.changed.notify_all();
    }

    /// Lets everything through again.
    pub(crate) fn allow_all(&self) {
        self.shared.state().gate = None;
        self.shared.changed.notify_all();
    }

    /// Waits until a request waits at the gate, or the program that sent some has closed all its connections.
    #[track_caller]
    pub(crate) fn wait_at_gate(&self) {
        self.wait("a request at the gate", |state| {
            (state.gate == Some(0) && state.waiting > 0) || (!state.requests.is_empty() && state.connections.is_empty())
        });
    }

    /// Waits until a request is held back.
    #[track_caller]
    pub(crate) fn wait_until_stalled(&self) {
        self.wait("a request to hold back", |state| state.stalled);
    }

    /// Waits until `count` requests have come, or the program that sent some has closed all its connections.
    #[track_caller]
    pub(crate) fn wait_until(&self, count: usize) {
        let ended = |state: &State| !state.requests.is_empty() && state.connections.is_empty();
        self.wait("enough requests", |state| state.requests.len() >= count || ended(state));
    }

    /// Waits until a request is held back, or the program that sent some has closed all its connections.
    #[track_caller]
    pub(crate) fn wait_until_stalled_or_over(&self) {
        self.wait("a request to hold back", |state| state.stalled || (!state.requests.is_empty() && state.connections.is_empty()));
    }

    /// Waits until `count` requests have come that start with `line`.
    #[track_caller]
    pub(crate) fn wait_for(&self, line: &str, count: usize) {
        self.wait(line, |state| state.requests.iter().filter(|request| request.line().starts_with(line)).count() >= count);
    }

    #[track_caller]
    fn wait(&self, what: &str, holds: impl Fn(&State) -> bool) {
        let state = self.shared.state();
        let (state, timeout) =
            self.shared.changed.wait_timeout_while(state, PATIENCE, |state| !holds(state)).unwrap_or_else(PoisonError::into_inner);
        let came: Vec<String> = state.requests.iter().map(Request::line).collect();
        drop(state);
        assert!(!timeout.timed_out(), "{what} never came; these did: {came:#?}");
    }

    /// Holds back everything that comes from now on.
    pub(crate) fn hold_everything(&self) {
        self.shared.state().holding = true;
    }

    /// Lets what is held back go on, and holds nothing back from now on.
    pub(crate) fn release(&self) {
        self.shared.state().released = true;
        self.shared.changed.notify_all();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.die();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn accept(self: Arc<Self>, listener: TcpListener) {
        for connection in listener.incoming() {
            let Ok(connection) = connection else { continue };
            let (Ok(other), Ok(handle)) = (connection.peer_addr(), connection.try_clone()) else { continue };
            let mut state = self.state();
            if state.dead {
                break;
            }
            state.connections.insert(other, handle);
            drop(state);
            let serving = Arc::clone(&self);
            thread::spawn(move || {
                // A broken connection is what this is about.
                let _ = serving.serve(&connection);
                serving.state().connections.remove(&other);
                serving.changed.notify_all();
            });
        }
        drop(listener);
        // Nobody else may get the port while the program still tries it.
        self.state().refusing = nobody_listens(self.address).ok();
    }

    fn die(&self) {
        let mut state = self.state();
        if std::mem::replace(&mut state.dead, true) {
            return;
        }
        for connection in state.connections.values() {
            let _ = connection.shutdown(Shutdown::Both);
        }
        drop(state);
        self.changed.notify_all();
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
    }

    fn serve(&self, mut connection: &TcpStream) -> io::Result<()> {
        connection.set_nodelay(true)?;
        while let Some(request) = read_request(connection)? {
            self.pass()?;
            let fault = self.decide(&request);
            match fault {
                Some(Fault::Reset) => return Ok(()),
                Some(Fault::Die) => {
                    self.die();
                    return Ok(());
                }
                Some(Fault::ResetAfter) => {
                    http::forward(&self.upstream, &request)?;
                    return Ok(());
                }
                Some(Fault::Stall) => self.hold()?,
                _ => {}
            }
            connection.read_exact(&mut [0])?;
            let reply = match &fault {
                Some(Fault::Answer(reply)) => reply.clone(),
                Some(Fault::Endless) => return endless(connection),
                Some(Fault::Twice) => {
                    let reply = http::forward(&self.upstream, &request)?;
                    http::forward(&self.upstream, &request)?;
                    reply
                }
                _ => http::forward(&self.upstream, &request)?,
            };
            if let Some(Fault::StallReply) = fault {
                self.hold()?;
            }
            let last = matches!(fault, Some(Fault::HoldAfter));
            if last {
                self.state().holding = true;
            }
            connection.write_all(reply.head().as_bytes())?;
            if let Some(Fault::Truncate(length)) = fault {
                return connection.write_all(&reply.body[..length.min(reply.body.len())]);
            }
            connection.write_all(&reply.body)?;
            if last {
                self.state().stalled = true;
                self.changed.notify_all();
            }
            if request.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close")) {
                break;
            }
        }
        Ok(())
    }

    /// Waits at the gate while it is closed.
    fn pass(&self) -> io::Result<()> {
        let mut state = self.state();
        state.waiting += 1;
        self.changed.notify_all();
        let mut state =
            self.changed.wait_while(state, |state| state.gate == Some(0) && !state.dead).unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
        state.gate = state.gate.map(|left| left.saturating_sub(1));
        if state.dead { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }

    fn decide(&self, request: &Request) -> Option<Fault> {
        let mut state = self.state();
        state.requests.push(request.clone());
        let line = request.line();
        let mut fault = state.holding.then_some(Fault::Stall);
        for rule in state.rules.iter_mut().filter(|rule| line.starts_with(&rule.line)) {
            rule.seen += 1;
            if fault.is_none() && rule.range.contains(&rule.seen) {
                fault = Some(rule.fault.clone());
            }
        }
        drop(state);
        self.changed.notify_all();
        fault
    }

    fn hold(&self) -> io::Result<()> {
        let mut state = self.state();
        state.stalled = true;
        self.changed.notify_all();
        let state = self.changed.wait_while(state, |state| !state.released && !state.dead).unwrap_or_else(PoisonError::into_inner);
        if state.dead { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }
}

/// Reads a request and leaves its last byte unread. None: the client is done.
pub(crate) fn read_request(mut connection: &TcpStream) -> io::Result<Option<Request>> {
    const END: &[u8] = b"\r\n\r\n";
    let (mut head, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let seen = connection.peek(&mut piece)?;
        if seen == 0 {
            return Ok(None);
        }
        let taken = head.len();
        head.extend(&piece[..seen]);
        if let Some(end) = head.windows(END.len()).position(|four| four == END) {
            head.truncate(end + END.len() - 1);
            connection.read_exact(&mut piece[..head.len() - taken])?;
            break;
        }
        connection.read_exact(&mut piece[..seen])?;
    }
    let mut byte = [0];
    let head = String::from_utf8(head).map_err(io::Error::other)?;
    let mut lines = head.trim_end().split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Err(io::ErrorKind::InvalidData.into()) };
    let pair = |line: &str| line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
    let headers: Vec<(String, String)> = lines.filter_map(pair).collect();
    let mut request = Request { method: method.to_owned(), target: target.to_owned(), headers, body: Vec::new() };
    let length: usize = request.header("content-length").map_or(Ok(0), str::parse).map_err(io::Error::other)?;
    if length > 0 {
        connection.read_exact(&mut byte)?;
        request.body.resize(length - 1, 0);
        connection.read_exact(&mut request.body)?;
        if connection.peek(&mut byte)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        request.body.extend(byte);
    }
    Ok(Some(request))
}

fn endless(mut connection: &TcpStream) -> io::Result<()> {
    connection.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")?;
    let piece = format!("{:x}\r\n{}\r\n", 64 * 1024, " ".repeat(64 * 1024));
    loop {
        connection.write_all(piece.as_bytes())?;
    }
}
