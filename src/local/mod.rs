//! The embedded orchestrator: a server with the HTTP API of Zerverless over a directory on this machine, for `serve` and for `--local`.
//!
//! It exists so that a program that works against it works against the real server, so it copies that server's behaviour with its oddities, and it
//! shares nothing with the rest of this crate: common types would make both sides wrong together. The exchanges recorded from the real server
//! (`tests/contract/`) are replayed against it.
//!
//! # What differs, and why
//!
//! - **It runs functions itself**, in processes of its own: nobody else can be a worker (`/ws/volunteer`) or submit a job (`/api/jobs`), both answer 501,
//!   and `/stats` counts none. A call waits for a free process where the real server answers 503 at once.
//! - **Results and requests beyond 32 KiB** are refused with 500 and the reason. On the real server the connection to the worker breaks, and the caller
//!   is hung up on after 15 seconds.
//! - **Errors of functions** are worded by other interpreters, and name line and column.
//! - **Lua is the original 5.1**, not gopher-lua: no `goto`, deep recursion works (gopher-lua ends at 256 calls), a whole number from 1e15 on has an
//!   exponent when it is joined to a text. `io`, `debug`, `package`, `require`, `dofile`, `loadfile`, all of `os` but the clock, and compiled code are left
//!   out: functions on a developer's machine get no files and no processes.
//! - **JavaScript is QuickJS**, not goja: it knows newer syntax. Results that have no meaning outside of goja (promises, functions) are errors; dates, maps,
//!   sets, boxed and typed values as the whole result are written in another way.
//! - **Python is the machine's `python3`**, not CPython on WASI. It runs as the user and can read that user's files; sockets and processes are refused.
//! - **Docker functions need an engine on this machine**; without one they are stored, and a call answers 503. Containers end with the server, where the
//!   real one's go on. `wasm` cannot be invoked on either.
//! - **`GET /` is a page for people**, with a few paths beside it that begin with `~`; the real server answers 404. Browsers on other machines get that too.
//! - **Requests of pages from other origins are refused** with 403, and names that may be anybody's (not `localhost`, not an address) while it listens on
//!   the loopback interface: it has no password, and any page in the user's browser can reach it.
//! - **With `--replies unwrapped`** callers get the function's own status, headers and body, **with `--live-reload`** pages of HTML end in a script.
//! - **It syncs no applications.** `POST /api/gitops/applications` refuses bad requests as the real server does, and answers 501 to good ones: that is
//!   what the program around it is for.
//! - **The key-value namespace `zerverless`** fails with the same status but another text: the real one speaks of a lock file that does not exist here.
//! - **Namespaces `.`, `..` and empty ones** are refused with 400 under storage, as `.` and `..` are for key-value pairs. On the real server they lead
//!   out of the namespace, and out of its data.
//! - **A write is never seen half done**, nor lost when the process is killed: bodies go to a file beside the tree and are renamed into place, where the
//!   real server truncates and writes. With it, a file's name changes hands when it is overwritten; a reader goes on with the content it began with.
//! - **No 15-second limits** on requests and replies: a laptop that sleeps and a debugger should not look like a server that fails. JSON bodies end at
//!   256 MiB instead, nesting at 512 levels (Go: 10,000), and a key that is too long is named without a dump of it.
//! - **A listing does not fail** when a file vanishes while it is made, because it does not look at each file; a directory that vanishes still fails it.
//! - **Request lines that hyper cannot read** are refused by it with a 400 without a body: an unencoded `<`, `>` or backtick, bytes that are not UTF-8,
//!   more than 64 KiB. What follows an unencoded `#` is cut off. Go takes all of these; no client sends them.
//! - **Paths may be a little shorter** where the system limits their length, because the data directory's own path counts.
//! - **It listens on the loopback interface** unless told otherwise.
//!
//! # Who serves
//!
//! One process owns a directory, and others use the one that does: see [`attach`](crate::local::attach).

mod answer;
mod database;
mod deploy;
mod directory;
mod download;
mod events;
mod follow;
mod functions;
mod gojson;
mod kv;
mod origin;
mod page;
mod process;
mod router;
mod server;
mod sniff;
mod storage;
mod target;
#[cfg(test)]
mod tests;
mod upload;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

pub use events::{Call, Change, Counts, Happened};
pub use follow::{Follow, overview, running};
pub use functions::{DEADLINE, Replies, WORKER, work};
pub use page::{Content, Function, Overview};
pub use process::{Local, Options, attach};
use server::Orchestrator;

/// Why there is no embedded orchestrator.
#[derive(Debug, Error, Diagnostic)]
pub enum LocalError {
    /// The path names a file.
    #[error("{} is not a directory", path.display())]
    #[diagnostic(code(local::not_a_directory), help("name a directory for the data of the embedded orchestrator: --local=DIR"))]
    NotADirectory {
        /// The path as given.
        path: PathBuf,
    },
    /// The directory is in use for something else.
    #[error("{} holds files that the embedded orchestrator did not make", path.display())]
    #[diagnostic(code(local::foreign_directory), help("name a new or empty directory: the data directory hides everything in it from Git"))]
    Foreign {
        /// The directory.
        path: PathBuf,
    },
    /// The directory cannot be made or written to.
    #[error("cannot use {} for data", path.display())]
    #[diagnostic(code(local::unusable_directory), help("the directory must be writable; name another one with --local=DIR"))]
    Unusable {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A newer version of this program wrote the data.
    #[error("the data in {} has format {found:?}, and this version knows formats up to {known}", path.display())]
    #[diagnostic(code(local::newer_format), help("use the newer version that wrote it, or name another directory with --local=DIR"))]
    NewerFormat {
        /// The directory.
        path: PathBuf,
        /// The format as it is written there.
        found: String,
        /// The newest format that can be read.
        known: u32,
    },
    /// Nobody serves the directory.
    #[error("no server runs for {}", path.display())]
    #[diagnostic(code(local::not_running), help("start one in another terminal: zerverless-gitops serve"))]
    NotRunning {
        /// The directory.
        path: PathBuf,
    },
    /// Locks do not work there.
    #[error("cannot lock {}", path.display())]
    #[diagnostic(code(local::lock), help("some network file systems have no locks; name a directory on a local disk"))]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The functions and pairs cannot be read.
    #[error("cannot open the database {}", path.display())]
    #[diagnostic(
        code(local::database),
        help(
            "after a power failure it may be damaged: remove the data directory and sync again, everything in it comes from your repository"
        )
    )]
    Database {
        /// The file.
        path: PathBuf,
        /// What the database said.
        source: Box<redb::Error>,
    },
    /// Another program listens there.
    #[error("{address} is in use")]
    #[diagnostic(code(local::port_in_use), help("choose another address, or port 0 for any that is free"))]
    PortInUse {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    #[diagnostic(code(local::bind), help("the address must belong to this machine; ports below 1024 need privileges"))]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// Another process owns the directory and does not answer.
    #[error("another process uses {} and has not answered for {seconds} s", path.display())]
    #[diagnostic(
        code(local::silent_owner),
        help("end the process that holds owner.lock in that directory, or name another one with --local=DIR")
    )]
    Silent {
        /// The directory.
        path: PathBuf,
        /// How long this one waited.
        seconds: u64,
    },
    /// The server ended without being asked to.
    #[error("the embedded orchestrator stopped serving")]
    #[diagnostic(code(local::served))]
    Served {
        /// What the system said.
        source: io::Error,
    },
}
