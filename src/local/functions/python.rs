//! Python, by the machine's `python3`: one process for each call, with limits that it sets itself before the code begins.
//!
//! It runs as the user who runs the server, and can read that user's files; the real server's Python sees none. Sockets and other processes are refused.

use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::sync::OnceCell;
use tokio::time::timeout;

use super::job::Ran;
use super::{CODE_NAME, MEMORY, late};

/// What prepares the interpreter and runs the code in it.
const PROGRAM: &str = include_str!("python.py");
/// What is read of an output; the rest is thrown away.
const OUTPUT: u64 = 1 << 20;

/// The machine's Python, once it was looked for.
pub(super) struct Python {
    found: OnceCell<PathBuf>,
    deadline: Duration,
}

/// A running interpreter and whatever it started: all of it is killed when this is dropped.
struct Process(Child);

impl Python {
    pub(super) fn new(deadline: Duration) -> Self {
        Self { found: OnceCell::new(), deadline }
    }

    /// Runs the code with the request, JSON, as `INPUT`. `None` when this machine has no Python.
    pub(super) async fn run(&self, code: &str, input: &str) -> Option<Ran> {
        let python = self.found.get_or_try_init(find).await.ok()?;
        Some(match timeout(self.deadline, self.call(python, code, input)).await {
            Ok(Ok(ran)) => ran,
            Ok(Err(error)) => Ran::failed(format!("python3 failed: {error}")),
            Err(_) => late(self.deadline),
        })
    }

    async fn call(&self, python: &PathBuf, code: &str, input: &str) -> io::Result<Ran> {
        let input: serde_json::Value = serde_json::from_str(input)?;
        let name = format!("{CODE_NAME}.py");
        let job = json!({"name": name, "code": code, "input": input, "memory": MEMORY, "seconds": self.deadline.as_secs().max(1)});
        let mut command = Command::new(python);
        command.args(["-I", "-S", "-B", "-c", PROGRAM]).env_clear().env("PYTHONUTF8", "1").current_dir("/").process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = Process(command.spawn()?);
        let missing = || io::Error::other("a process without pipes");
        let mut stdin = process.0.stdin.take().ok_or_else(missing)?;
        let stdout = process.0.stdout.take().ok_or_else(missing)?;
        let stderr = process.0.stderr.take().ok_or_else(missing)?;
        let send = async {
            // An interpreter that ends without reading says why on stderr.
            let _ = stdin.write_all(&serde_json::to_vec(&job).unwrap_or_default()).await;
            drop(stdin);
        };
        let ((), printed, complaint) = tokio::join!(send, read(stdout), read(stderr));
        let status = process.0.wait().await?;
        Ok(result(printed?, complaint?, status))
    }
}

/// The interpreter itself: `python3` in the path may be a script that looks for it each time.
async fn find() -> io::Result<PathBuf> {
    let asked = Command::new("python3").args(["-I", "-c", "import sys; print(sys.executable)"]).stdin(Stdio::null()).output().await?;
    let path = String::from_utf8_lossy(&asked.stdout).trim().to_owned();
    if asked.status.success() && !path.is_empty() { Ok(path.into()) } else { Err(io::Error::other("python3 does not run")) }
}

/// As the real server's workers see it: what stands on stderr is an error, whatever else was printed.
fn result(printed: String, complaint: String, status: ExitStatus) -> Ran {
    if !complaint.is_empty() {
        return Ran { printed, result: Err(complaint) };
    }
    if !status.success() && printed.is_empty() {
        return Ran::failed(format!("python3 ended with {status}"));
    }
    let answer = printed.trim_end().rfind('\n').map_or(0, |line| line + 1);
    let (before, answer) = printed.split_at(answer);
    Ran { printed: before.to_owned(), result: Ok(answer.to_owned()) }
}

async fn read(output: impl AsyncRead + Unpin) -> io::Result<String> {
    let mut kept = Vec::new();
    let mut output = output;
    (&mut output).take(OUTPUT).read_to_end(&mut kept).await?;
    tokio::io::copy(&mut output, &mut tokio::io::sink()).await?;
    Ok(crate::local::gojson::text(&kept))
}

impl Drop for Process {
    fn drop(&mut self) {
        // Once it was waited for, its number may belong to somebody else.
        if let Some(pid) = self.0.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw) {
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}
