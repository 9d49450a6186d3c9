//! Watching a running server from outside, as another process does.

use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::LocalError;
use super::directory::Directory;
use super::events::Happened;
use super::page::Overview;
use super::process::answers;

/// How long a running server may take to answer.
const ANSWER: Duration = Duration::from_secs(5);
/// More of a reply than this is no reply of ours.
const LARGEST: u64 = 64 << 20;

/// What happens on a running server from now on.
#[derive(Debug)]
pub struct Follow {
    lines: Lines<BufReader<TcpStream>>,
}

/// The URL of the server of a data directory that runs right now.
pub async fn running(dir: &Path) -> Result<String, LocalError> {
    let nobody = || LocalError::NotRunning { path: dir.to_owned() };
    let endpoint = Directory::existing(dir).and_then(|directory| directory.endpoint()).ok_or_else(nobody)?;
    // What a killed server left behind may name somebody else by now.
    let is_it = matches!(timeout(ANSWER, answers(&endpoint)).await, Ok(Ok(true)));
    is_it.then_some(endpoint.url).ok_or_else(nobody)
}

/// Everything that is deployed on the server at `url`.
pub async fn overview(url: &str) -> std::io::Result<Overview> {
    let reply = timeout(ANSWER, get(url, "/~state")).await??;
    let body = reply.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
    Ok(serde_json::from_str(body)?)
}

impl Follow {
    /// Begins to watch the server at `url`.
    pub async fn begin(url: &str) -> std::io::Result<Self> {
        let mut lines = BufReader::new(ask(url, "/~events").await?).lines();
        let head = timeout(ANSWER, lines.next_line()).await??.unwrap_or_default();
        if head.split(' ').nth(1) != Some("200") {
            return Err(std::io::Error::other(format!("the server answered {head:?}")));
        }
        Ok(Self { lines })
    }

    /// What happens next; `None` when the server has ended.
    pub async fn next(&mut self) -> std::io::Result<Option<Happened>> {
        while let Some(line) = self.lines.next_line().await? {
            if let Some(happened) = line.strip_prefix("data: ").and_then(|data| serde_json::from_str(data).ok()) {
                return Ok(Some(happened));
            }
        }
        Ok(None)
    }
}

/// The whole reply to a small request.
pub(super) async fn get(url: &str, target: &str) -> std::io::Result<String> {
    let mut reply = Vec::new();
    ask(url, target).await?.take(LARGEST).read_to_end(&mut reply).await?;
    Ok(String::from_utf8_lossy(&reply).into_owned())
}

/// Sends a request in the old version of HTTP, whose replies come in one piece and end with the connection.
async fn ask(url: &str, target: &str) -> std::io::Result<TcpStream> {
    let host = url.trim_start_matches("http://");
    let mut connection = TcpStream::connect(host).await?;
    connection.write_all(format!("GET {target} HTTP/1.0\r\nHost: {host}\r\n\r\n").as_bytes()).await?;
    Ok(connection)
}
