//! A repository over SSH.
//!
//! The key of the host is proved before anything is said to it. Then each key of ours is tried once: the one that was named, else those of the agent,
//! else the usual files. The user's `~/.ssh/config` is not read: it can start programs.

mod connect;
mod login;

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use git2::transport::{Service, SmartSubtransport};
use ssh2::Channel;

use super::SourceError;
use super::libgit2::{Stream, only_fetching};
use super::session::Session;

/// What is said about Git LFS is short.
const MAX_ANSWER: u64 = 64 << 10;
/// libssh2's code for a call that took longer than its timeout.
const TIMEOUT: ssh2::ErrorCode = ssh2::ErrorCode::Session(-9);

/// A connection over SSH.
pub(super) struct Ssh {
    session: Arc<Session>,
}

impl Ssh {
    pub(super) fn new(session: Arc<Session>) -> Self {
        Self { session }
    }

    /// Starts `program` for the repository on the other side.
    fn start(&self, program: &str, more: &str) -> Result<Conversation, SourceError> {
        let session = &self.session;
        let ssh = self.connect()?;
        self.log_in(&ssh)?;
        let failed = |error: ssh2::Error| self.explain(&error, "the host starts no program");
        let mut channel = ssh.channel_session().map_err(failed)?;
        channel.exec(&format!("{program} '{}'{more}", session.url.path.replace('\'', "'\\''"))).map_err(failed)?;
        Ok(Conversation { session: Arc::clone(session), ssh, channel })
    }

    /// `git-upload-pack` on the other side, which begins to tell its names.
    pub(super) fn upload_pack(&self) -> Result<Conversation, SourceError> {
        self.start("git-upload-pack", "")
    }

    /// What the host says about files that Git LFS keeps: where they are asked for, and with what.
    pub(super) fn lfs_access(&self) -> Result<Vec<u8>, SourceError> {
        let mut answer = Vec::new();
        let conversation = self.start("git-lfs-authenticate", " download")?;
        let read = conversation.take(MAX_ANSWER).read_to_end(&mut answer);
        read.map(|_| answer).map_err(|error| self.session.explain(&git2::Error::from_str(&error.to_string())))
    }

    fn explain(&self, error: &ssh2::Error, what: &str) -> SourceError {
        if error.code() == TIMEOUT {
            return self.session.timed_out();
        }
        self.session.remote(format!("{what}: {}", error.message()), "check the host and the port")
    }
}

/// As libssh2 takes it.
fn milliseconds(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}

fn home() -> Option<PathBuf> {
    std::env::var_os("HOME").filter(|home| !home.is_empty()).map(|home| PathBuf::from(home).join(".ssh"))
}

impl SmartSubtransport for Ssh {
    fn action(&self, _: &str, service: Service) -> Result<Stream, git2::Error> {
        only_fetching(service)?;
        match self.upload_pack() {
            Ok(conversation) => Ok(Box::new(conversation)),
            Err(error) => Err(self.session.fail(error)),
        }
    }

    fn close(&self) -> Result<(), git2::Error> {
        Ok(())
    }
}

/// `git-upload-pack` on the other side.
pub(super) struct Conversation {
    session: Arc<Session>,
    ssh: ssh2::Session,
    channel: Channel,
}

impl Conversation {
    fn failed(&self, error: &io::Error) -> SourceError {
        if error.kind() == io::ErrorKind::TimedOut
            || ssh2::Error::last_session_error(&self.ssh).is_some_and(|error| error.code() == TIMEOUT)
        {
            return self.session.timed_out();
        }
        self.session.remote("the connection ended in the middle of the answer", "try again")
    }

    /// What the other side said beside the protocol, when it ended before it said anything in it.
    fn complaint(&mut self) -> Option<SourceError> {
        let mut said = Vec::new();
        // What cannot be read is only missing in the message.
        let _ = self.channel.stderr().take(4096).read_to_end(&mut said);
        let said = String::from_utf8_lossy(&said).trim().to_owned();
        let help = "check the path, and that the key may read this repository";
        (!said.is_empty()).then(|| self.session.remote(format!("the host says: {said}"), help))
    }
}

impl Read for Conversation {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.session.check().map_err(|error| self.session.broken(error))?;
        // What drips would else be waited for as long as at the beginning, whatever is left until the deadline.
        self.ssh.set_timeout(milliseconds(self.session.patience()));
        match self.channel.read(buffer) {
            Ok(0) => match self.complaint() {
                Some(error) => Err(self.session.broken(error)),
                None => Ok(0),
            },
            Ok(count) => {
                self.session.ear.hear(&buffer[..count]);
                Ok(count)
            }
            Err(error) => Err(self.session.broken(self.failed(&error))),
        }
    }
}

impl Write for Conversation {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.channel.write(piece).map_err(|error| self.session.broken(self.failed(&error)))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.channel.flush()
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        // The channel says goodbye when it is dropped; a host that does not answer to that is not waited for.
        self.ssh.set_timeout(milliseconds(Duration::from_millis(200)));
    }
}
