//! A run whose requests pass one at a time, each when it is told to.
//!
//! The proxy before it takes one connection at a time and closes it after the reply, so requests pass in the order in which the run sends them.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;
use zerverless_gitops::pipeline::{self, Options, Run};
use zerverless_gitops::source::Source;

use super::inside::block_on;
use crate::support::{ANY_PORT, Orchestrator, Request, http, read_request};

/// Who does nothing for so long hangs.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct Walker {
    gate: Arc<Gate>,
    url: String,
    run: JoinHandle<Option<Run>>,
    abort: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

#[derive(Default)]
struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// What came and has not passed.
    waiting: Option<Request>,
    passes: bool,
    over: bool,
    closed: bool,
}

impl Walker {
    /// Begins a sync with the options that `options` gives for a server's URL.
    pub(super) fn sync(server: &Orchestrator, source: Arc<Source>, options: impl FnOnce(&str) -> Options) -> Self {
        let listener = TcpListener::bind(ANY_PORT).expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("a bound socket has an address"));
        let (gate, upstream, options) = (Arc::new(Gate::default()), server.address().to_owned(), options(&url));
        let (abort, aborted) = oneshot::channel();
        let (before, after) = (Arc::clone(&gate), Arc::clone(&gate));
        let serving = std::thread::spawn(move || before.serve(&listener, &upstream));
        let run = std::thread::spawn(move || {
            let ended = block_on(async |context| {
                tokio::select! {
                    run = pipeline::sync(&source, &options, context) => Some(run),
                    Ok(()) = aborted => None,
                }
            });
            after.tell(|state| state.over = true);
            ended
        });
        Self { gate, url, run, abort, serving }
    }

    /// The request that waits; none when the run is over.
    #[track_caller]
    pub(super) fn waiting(&self) -> Option<Request> {
        let state = self.gate.state();
        let busy = |state: &mut State| !state.over && (state.waiting.is_none() || state.passes);
        let (state, timeout) = self.gate.changed.wait_timeout_while(state, PATIENCE, busy).unwrap_or_else(PoisonError::into_inner);
        assert!(!timeout.timed_out(), "neither a request nor the end came");
        state.waiting.clone()
    }

    /// Lets the waiting request pass.
    pub(super) fn step(&self) {
        self.gate.tell(|state| state.passes = true);
    }

    /// How the run ended; it is over.
    pub(super) fn end(self) -> Run {
        self.gate.close(&self.url);
        self.serving.join().expect("no panic");
        self.run.join().expect("no panic").expect("nobody aborted it")
    }

    /// Everything of the run ends where it is.
    pub(super) fn abort(self) {
        // Nobody hears it when the run is over.
        let _ = self.abort.send(());
        self.gate.close(&self.url);
        self.serving.join().expect("no panic");
        self.run.join().expect("no panic");
    }
}

impl Gate {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, what: impl FnOnce(&mut State)) {
        what(&mut self.state());
        self.changed.notify_all();
    }

    fn close(&self, url: &str) {
        self.tell(|state| state.closed = true);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(url.trim_start_matches("http://"));
    }

    fn serve(&self, listener: &TcpListener, upstream: &str) {
        for connection in listener.incoming() {
            if self.state().closed {
                return;
            }
            // What breaks here is a run that was aborted.
            let _ = connection.and_then(|connection| self.pass(&connection, upstream));
        }
    }

    fn pass(&self, mut connection: &TcpStream, upstream: &str) -> io::Result<()> {
        let Some(request) = read_request(connection)? else { return Ok(()) };
        let mut state = self.state();
        state.waiting = Some(request.clone());
        self.changed.notify_all();
        let mut state = self.changed.wait_while(state, |state| !state.passes && !state.closed).unwrap_or_else(PoisonError::into_inner);
        (state.waiting, state.passes) = (None, false);
        if state.closed {
            return Ok(());
        }
        drop(state);
        connection.read_exact(&mut [0])?;
        let reply = http::forward(upstream, &request)?.header("Connection", "close");
        connection.write_all(reply.head().as_bytes())?;
        connection.write_all(&reply.body)
    }
}
