//! HTTP/1.1 by hand, so that a mistake in the program's client cannot hide in the tests' client as well.

use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::proxy::Request;

/// No answer takes longer unless something hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a server answered.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn new(status: u16, content_type: &str, body: &str) -> Self {
        Self { status, headers: vec![("Content-Type".to_owned(), content_type.to_owned())], body: body.as_bytes().to_vec() }
    }

    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::new(status, "application/json", &body.to_string())
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    #[track_caller]
    pub(crate) fn parsed(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The first bytes of the reply, up to and without the body.
    pub(crate) fn head(&self) -> String {
        let mut head = format!("HTTP/1.1 {} Whatever\r\nContent-Length: {}\r\n", self.status, self.body.len());
        for (name, value) in &self.headers {
            write!(head, "{name}: {value}\r\n").expect("a string grows");
        }
        head + "\r\n"
    }
}

/// Reads what is at `target`.
#[track_caller]
pub(crate) fn get(address: &str, target: &str) -> Reply {
    send(address, "GET", target, &[], b"").unwrap_or_else(|error| panic!("GET {target}: {error}"))
}

/// Sends one request on a connection of its own and reads the whole reply.
pub(crate) fn send(address: &str, method: &str, target: &str, headers: &[(String, String)], body: &[u8]) -> io::Result<Reply> {
    let mut connection = TcpStream::connect(address)?;
    connection.set_read_timeout(Some(PATIENCE))?;
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        write!(head, "{name}: {value}\r\n").expect("a string grows");
    }
    connection.write_all((head + "\r\n").as_bytes())?;
    connection.write_all(body)?;
    let mut raw = Vec::new();
    connection.read_to_end(&mut raw)?;
    parse(&raw).ok_or_else(|| io::Error::new(io::ErrorKind::UnexpectedEof, "no whole reply"))
}

/// Sends a request that somebody else made, as it came.
pub(crate) fn forward(address: &str, request: &Request) -> io::Result<Reply> {
    let keep = |name: &str| !["host", "connection", "content-length"].contains(&name.to_ascii_lowercase().as_str());
    let headers: Vec<_> = request.headers.iter().filter(|(name, _)| keep(name)).cloned().collect();
    send(address, &request.method, &request.target, &headers, &request.body)
}

fn parse(raw: &[u8]) -> Option<Reply> {
    let end = raw.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&raw[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let pair = |line: &str| line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
    let mut headers: Vec<(String, String)> = lines.filter_map(pair).collect();
    let of = |name: &str| headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone());
    let rest = &raw[end + 4..];
    let body = match (of("transfer-encoding"), of("content-length")) {
        (Some(_), _) => joined(rest)?,
        (None, Some(length)) => rest.get(..length.parse().ok()?)?.to_vec(),
        (None, None) => rest.to_vec(),
    };
    // They described how this connection carried the reply.
    headers.retain(|(name, _)| !["transfer-encoding", "content-length", "connection"].contains(&name.to_ascii_lowercase().as_str()));
    Some(Reply { status, headers, body })
}

/// A chunked body in one piece; none when its end is missing.
fn joined(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..line]).ok()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        rest = &rest[line + 2..];
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size + 2..)?;
    }
}

/// A path as the server's own encoder writes it: these bytes bare, all others as upper-case escapes. Anything else is stored with its escapes.
pub(crate) fn encode(path: &str) -> String {
    let mut encoded = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("a string grows");
        }
    }
    encoded
}
