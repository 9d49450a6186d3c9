//! Running functions, as the real server and its workers do.
//!
//! ```text
//! request ─► input   the request object, JSON as Go writes it, and how large the job is
//!            call    which function, which runtime; what it came to, as a reply and as a line in the log
//!            workers ─► worker ─► lua, javascript     processes of this program, one job at a time
//!            python                                   a process of the machine's python3 for each call
//!            docker                                   a container for each function, when an engine is there
//! ```
//!
//! Lua and JavaScript get the language, a way to print, and nothing else. They still run in another process, which is killed when it is late: no
//! function can hang, exhaust or break the server.

mod call;
mod docker;
mod input;
mod javascript;
mod job;
mod lua;
mod number;
mod python;
mod reply;
#[cfg(test)]
mod tests;
mod worker;
mod workers;

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::Semaphore;

pub(super) use call::invoke;
use docker::Containers;
use job::Ran;
use python::Python;
pub use reply::Replies;
pub use worker::{WORKER, work};
use workers::Workers;

/// How long a call may take on the real server.
pub const DEADLINE: Duration = Duration::from_secs(30);
/// What a function may use, as the real server's workers announce it.
const MEMORY: usize = 256 << 20;
/// The largest message that the real server and its workers take from each other: their connection breaks at a larger one.
const MESSAGE: usize = 32_768;
/// How many functions run side by side; more of them wait.
const MOST: usize = 32;
/// How the code of a function is called in messages, with the ending of its language.
const CODE_NAME: &str = "function";

/// What runs the functions of a server.
pub(super) struct Runner {
    /// None when the server was started without.
    workers: Option<Workers>,
    python: Python,
    pub(super) containers: Containers,
    replies: Replies,
    places: Semaphore,
}

impl Runner {
    /// `program` is started again for each worker; without one nothing can be run but containers, on the engine that listens at `engine`.
    pub(super) fn new(program: Option<PathBuf>, engine: Option<PathBuf>, deadline: Duration, replies: Replies) -> Self {
        Self {
            workers: program.map(|program| Workers::new(program, deadline)),
            python: Python::new(deadline),
            containers: Containers::new(engine),
            replies,
            places: Semaphore::new(MOST),
        }
    }
}

fn late(deadline: Duration) -> Ran {
    Ran::failed(format!("timeout: the function ran for more than {} s", deadline.as_secs_f32()))
}
