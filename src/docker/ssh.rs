//! An engine over ssh, as docker's command line reaches it: the system's `ssh` runs `docker system dial-stdio` there. Users, keys and known hosts are
//! what ssh's own configuration says; it is never asked to take an unknown host for known.

use std::io;
use std::pin::Pin;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use hyper::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, Join, join};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tower_service::Service;

use super::EngineError;
use crate::key::printable;

/// So much of what ssh says is kept.
const SAID: usize = 1000;

/// Starts an ssh for every connection.
#[derive(Debug, Clone)]
pub(super) struct Ssh {
    /// Options and host.
    arguments: Arc<Vec<String>>,
    said: Arc<Mutex<String>>,
}

impl Ssh {
    /// For the engine at `url`: `ssh://[user@]host[:port]`.
    pub(super) fn to(url: &str) -> Result<Self, EngineError> {
        let wrong = || EngineError::Settings(format!("`{}` is not an address such as ssh://deploy@host", printable(url)));
        let address = url.strip_prefix("ssh://").ok_or_else(wrong)?.trim_end_matches('/');
        let (user, host) = address.rsplit_once('@').map_or((None, address), |(user, host)| (Some(user), host));
        let (host, port) = host.rsplit_once(':').map_or((host, None), |(host, port)| (host, Some(port)));
        let plain = |text: &str| {
            !text.is_empty() && !text.starts_with('-') && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-[]:%".contains(&b))
        };
        let bad_port = port.is_some_and(|port| port.parse::<u16>().is_err());
        if !plain(host) || !user.is_none_or(plain) || bad_port {
            return Err(wrong());
        }
        let mut arguments: Vec<String> = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-T"].map(str::to_owned).to_vec();
        for (option, value) in [("-l", user), ("-p", port)] {
            arguments.extend(value.map(|value| [option.to_owned(), value.to_owned()]).into_iter().flatten());
        }
        let host = host.trim_start_matches('[').trim_end_matches(']');
        arguments.extend(["--", host, "docker", "system", "dial-stdio"].map(str::to_owned));
        Ok(Self { arguments: Arc::new(arguments), said: Arc::default() })
    }

    /// What ssh said on its way to failing.
    pub(super) fn said(&self) -> String {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner).trim().replace(['\r', '\n'], " ");
        if said.is_empty() { said } else { format!("; ssh said: {said}") }
    }

    fn start(&self) -> io::Result<Stream> {
        let mut command = Command::new("ssh");
        command.args(self.arguments.iter()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn()?;
        let (Some(stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take()) else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        tokio::spawn(listen(stderr, Arc::clone(&self.said)));
        Ok(Stream { io: TokioIo::new(join(stdout, stdin)), _child: child })
    }
}

async fn listen(mut stderr: ChildStderr, said: Arc<Mutex<String>>) {
    let mut piece = [0; 512];
    while let Ok(count @ 1..) = stderr.read(&mut piece).await {
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.len() < SAID {
            said.push_str(&String::from_utf8_lossy(&piece[..count]));
        }
    }
}

impl Service<Uri> for Ssh {
    type Response = Stream;
    type Error = io::Error;
    type Future = std::future::Ready<io::Result<Stream>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        std::future::ready(self.start())
    }
}

/// Both pipes of one ssh, which ends with its connection.
pub(super) struct Stream {
    io: TokioIo<Join<ChildStdout, ChildStdin>>,
    _child: Child,
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Stream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl Write for Stream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_becomes_arguments_and_never_an_option() {
        let arguments = |url: &str| Ssh::to(url).map(|ssh| ssh.arguments[5..].join(" "));
        assert_eq!(arguments("ssh://me@host:2222").ok().as_deref(), Some("-l me -p 2222 -- host docker system dial-stdio"));
        assert_eq!(arguments("ssh://host/").ok().as_deref(), Some("-- host docker system dial-stdio"));
        for bad in ["ssh://", "ssh://-oProxyCommand=x", "ssh://-x@host", "ssh://a b", "ssh://host:x", "ssh://host;id"] {
            assert!(arguments(bad).is_err(), "{bad}");
        }
    }
}
