//! The worker processes of a server: started when there is work, kept for the next, killed when they are late.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use super::job::{Job, Ran, frame, length};
use super::{WORKER, late};

/// How many workers are kept while there is nothing to do.
const KEPT: usize = 4;

/// The workers of one server.
pub(super) struct Workers {
    program: PathBuf,
    deadline: Duration,
    idle: Mutex<Vec<Worker>>,
}

/// A process that has answered everything it was asked. It is killed when it is dropped.
struct Worker {
    child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
}

impl Workers {
    /// Workers are further processes of `program`.
    pub(super) fn new(program: PathBuf, deadline: Duration) -> Self {
        Self { program, deadline, idle: Mutex::default() }
    }

    /// Runs a job. Whatever becomes of the worker, the answer says it.
    pub(super) async fn run(&self, job: &Job) -> Ran {
        let message = match frame(job) {
            Ok(message) => message,
            Err(error) => return Ran::failed(error.to_string()),
        };
        let mut worker = match self.take() {
            Ok(worker) => worker,
            Err(error) => return Ran::failed(format!("cannot start a worker: {error}")),
        };
        match timeout(self.deadline, worker.ask(&message)).await {
            Ok(Ok(ran)) => {
                self.keep(worker);
                ran
            }
            Ok(Err(_)) => Ran::failed(worker.ended().await),
            Err(_) => late(self.deadline),
        }
    }

    fn take(&self) -> io::Result<Worker> {
        while let Some(mut worker) = self.idle().pop() {
            // One that died while nobody looked is no function's fault.
            if matches!(worker.child.try_wait(), Ok(None)) {
                return Ok(worker);
            }
        }
        Worker::start(&self.program)
    }

    fn keep(&self, worker: Worker) {
        let mut idle = self.idle();
        if idle.len() < KEPT {
            idle.push(worker);
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Worker>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Worker {
    /// Functions see nothing of the server's environment.
    fn start(program: &PathBuf) -> io::Result<Self> {
        let mut command = Command::new(program);
        command.arg(OsString::from(WORKER)).env_clear().current_dir("/").kill_on_drop(true);
        // A Ctrl-C in the server's terminal is for the server, which ends its workers when it is done.
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let missing = || io::Error::other("a worker without pipes");
        let stdin = child.stdin.take().ok_or_else(missing)?;
        let stdout = child.stdout.take().ok_or_else(missing)?;
        Ok(Self { child, stdin, stdout })
    }

    async fn ask(&mut self, message: &[u8]) -> io::Result<Ran> {
        self.stdin.write_all(message).await?;
        let mut head = [0; 4];
        self.stdout.read_exact(&mut head).await?;
        let mut answer = vec![0; length(head)?];
        self.stdout.read_exact(&mut answer).await?;
        Ok(serde_json::from_slice(&answer)?)
    }

    /// How a worker ended that gave no answer.
    async fn ended(mut self) -> String {
        let _ = self.child.start_kill();
        let status = self.child.wait().await.map_or_else(|error| error.to_string(), |status: ExitStatus| status.to_string());
        format!("the function broke its worker ({status}): it recursed too deep, used too much memory, or met a bug of the interpreter")
    }
}
