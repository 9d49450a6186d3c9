//! The process that runs Lua and JavaScript: a job comes in on stdin, its result goes out on stdout, one after the other.
//!
//! Functions run outside of the server so that whatever they do ends with this process: an endless loop inside of a C function that no hook can
//! interrupt, a stack or a memory that a bug in an interpreter overruns. The server kills a worker that is late and starts another one.

use std::io::{self, Read, Write};
use std::process;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use super::job::{Engine, Job, Ran, frame, length};
use super::{javascript, lua};
use crate::local::gojson;

/// The argument that makes this program a worker.
pub const WORKER: &str = "function-worker";

/// The stack of the thread that runs jobs: what JavaScript may use and as much again.
pub(super) const STACK: usize = 2 * javascript::STACK;

/// Runs jobs until stdin ends, which it does with the server, however that ends.
pub fn work() -> io::Result<()> {
    let (sender, jobs) = channel::<Vec<u8>>();
    // A thread of its own reads on, so that the end of the server also ends a worker that is in the middle of an endless loop.
    thread::spawn(move || {
        let _ = read_jobs(&sender);
        process::exit(0);
    });
    let runner = thread::Builder::new().stack_size(STACK).spawn(move || -> io::Result<()> {
        for job in jobs {
            let ran = serde_json::from_slice(&job).map_or_else(|error| Ran::failed(error.to_string()), |job| run(&job));
            let mut stdout = io::stdout().lock();
            stdout.write_all(&frame(&ran).or_else(|_| frame(&Ran::failed("the result is too long")))?)?;
            stdout.flush()?;
        }
        Ok(())
    })?;
    runner.join().map_err(|_| io::Error::other("a function's interpreter failed"))?
}

fn read_jobs(jobs: &Sender<Vec<u8>>) -> io::Result<()> {
    let mut stdin = io::stdin().lock();
    loop {
        let mut head = [0; 4];
        stdin.read_exact(&mut head)?;
        let mut job = vec![0; length(head)?];
        stdin.read_exact(&mut job)?;
        jobs.send(job).map_err(io::Error::other)?;
    }
}

pub(super) fn run(job: &Job) -> Ran {
    let Some(input) = gojson::parse(job.input.as_bytes()) else {
        return Ran::failed("the request is not JSON");
    };
    match job.engine {
        Engine::Lua => lua::run(&job.code, &input),
        Engine::JavaScript => javascript::run(&job.code, &input),
    }
}
