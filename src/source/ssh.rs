//! A repository over SSH.
//!
//! The key of the host is proved before anything is said to it. Then each key of ours is tried once: the one that was named, else those of the agent,
//! else the usual files. The user's `~/.ssh/config` is not read: it can start programs.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use git2::transport::{Service, SmartSubtransport};
use secrecy::ExposeSecret;
use ssh2::{Channel, HashType, MethodType};

use super::SourceError;
use super::known_hosts::{KnownHosts, Verdict, name};
use super::libgit2::{Stream, only_fetching};
use super::session::Session;

const SSH: u16 = 22;
/// Who one is at every Git host.
const GIT_USER: &str = "git";
/// The keys that OpenSSH tries by itself, the ones it makes today first.
const USUAL_KEYS: [&str; 3] = ["id_ed25519", "id_ecdsa", "id_rsa"];
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

    fn open(&self) -> Result<Conversation, SourceError> {
        let session = &self.session;
        let known = known_hosts(session)?;
        let mut ssh = ssh2::Session::new().map_err(|error| self.explain(&error, "SSH cannot be used"))?;
        ssh.set_timeout(u32::try_from(session.patience().as_millis()).unwrap_or(u32::MAX));
        self.prefer_known(&ssh, &known);
        ssh.set_tcp_stream(self.connect()?);
        ssh.handshake().map_err(|error| self.explain(&error, "no SSH connection"))?;
        self.prove_host(&ssh, &known)?;
        self.log_in(&ssh)?;
        let failed = |error: ssh2::Error| self.explain(&error, "cannot start git-upload-pack");
        let mut channel = ssh.channel_session().map_err(failed)?;
        channel.exec(&format!("git-upload-pack '{}'", session.url.path.replace('\'', "'\\''"))).map_err(failed)?;
        Ok(Conversation { session: Arc::clone(session), ssh, channel })
    }

    fn port(&self) -> u16 {
        self.session.url.port.unwrap_or(SSH)
    }

    fn connect(&self) -> Result<TcpStream, SourceError> {
        let session = &self.session;
        let help = "check the host and the network";
        let addresses = (session.url.host.as_str(), self.port()).to_socket_addrs();
        let addresses = addresses.map_err(|error| session.remote(error.to_string(), help))?;
        let mut last = session.remote("the host has no address", help);
        for address in addresses {
            session.check()?;
            match TcpStream::connect_timeout(&address, session.patience()) {
                Ok(stream) => {
                    // Small packets go at once; where that cannot be set it is only slower.
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Err(error) if error.kind() == io::ErrorKind::TimedOut => last = session.silent(),
                Err(error) => last = session.remote(error.to_string(), help),
            }
        }
        Err(last)
    }

    /// A host with several keys shows the one that is known.
    fn prefer_known(&self, ssh: &ssh2::Session, known: &KnownHosts) {
        let names = |kind: &str| match kind {
            "ssh-rsa" => vec!["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"].into_iter().map(str::to_owned).collect(),
            kind => vec![kind.to_owned()],
        };
        let mut wanted: Vec<String> = known.kinds(&self.session.url.host, self.port()).into_iter().flat_map(names).collect();
        let all = ssh.supported_algs(MethodType::HostKey).unwrap_or_default();
        wanted.retain(|kind| all.contains(&kind.as_str()));
        wanted.extend(all.into_iter().map(str::to_owned));
        // Without it the host may show a key that is not known, and is refused.
        let _ = ssh.method_pref(MethodType::HostKey, &wanted.join(","));
    }

    fn prove_host(&self, ssh: &ssh2::Session, known: &KnownHosts) -> Result<(), SourceError> {
        let (host, port) = (&self.session.url.host, self.port());
        let Some((key, _)) = ssh.host_key() else { return Err(self.session.remote("the host shows no key", "")) };
        let shown = ssh.host_key_hash(HashType::Sha256).map(|hash| base64::engine::general_purpose::STANDARD_NO_PAD.encode(hash));
        let shown = format!("SHA256:{}", shown.unwrap_or_default());
        let called = name(host, port);
        let scan = if port == SSH { host.clone() } else { format!("-p {port} {host}") };
        let (reason, help) = match known.judge(host, port, key) {
            Verdict::Trusted => return Ok(()),
            Verdict::Unknown => (
                format!("the host {called} is not known; its key is {shown}"),
                format!(
                    "compare that with what the host publishes, then: ssh-keyscan {scan} >> ~/.ssh/known_hosts (or a file for --known-hosts)"
                ),
            ),
            Verdict::Changed(at) => (
                format!("the host {called} has another key than is known: it shows {shown}"),
                format!("somebody may be listening in; if the host really has a new key, replace the line {at}"),
            ),
            Verdict::Revoked(at) => {
                (format!("the key {shown} of {called} is revoked"), format!("the line {at} says so: ask the host's owner"))
            }
        };
        Err(SourceError::HostKey { reason, help })
    }

    fn log_in(&self, ssh: &ssh2::Session) -> Result<(), SourceError> {
        let user = self.session.url.user.as_deref().unwrap_or(GIT_USER);
        // Also asks for access without any credential.
        let methods = ssh.auth_methods(user).unwrap_or_default();
        if ssh.authenticated() {
            return Ok(());
        }
        let mut tried = Vec::new();
        if methods.split(',').any(|method| method == "publickey") || methods.is_empty() {
            match &self.session.credentials.ssh_key {
                Some(key) => self.try_file(ssh, user, key, true, &mut tried)?,
                None => self.try_agent(ssh, user, &mut tried)?,
            }
            let usual = if self.session.credentials.ssh_key.is_some() { Vec::new() } else { usual_keys() };
            for key in usual {
                if ssh.authenticated() {
                    break;
                }
                self.try_file(ssh, user, &key, false, &mut tried)?;
            }
        }
        if ssh.authenticated() {
            return Ok(());
        }
        if tried.is_empty() {
            tried.push("no key: there is no agent and no key file".to_owned());
        }
        let help = "name a key with --ssh-key (its passphrase in ZERVERLESS_SSH_PASSPHRASE), or add one to the agent with ssh-add";
        Err(SourceError::Refused { url: self.session.url.to_string(), tried, help })
    }

    fn try_agent(&self, ssh: &ssh2::Session, user: &str, tried: &mut Vec<String>) -> Result<(), SourceError> {
        let agent = ssh.agent().and_then(|mut agent| {
            agent.connect()?;
            agent.list_identities()?;
            let keys = agent.identities()?;
            Ok((agent, keys))
        });
        let Ok((agent, keys)) = agent else { return Ok(()) };
        for key in keys {
            self.session.check()?;
            tried.push(format!("the key `{}` of the agent", crate::key::printable(key.comment())));
            if agent.userauth(user, &key).is_ok() {
                break;
            }
        }
        Ok(())
    }

    fn try_file(&self, ssh: &ssh2::Session, user: &str, key: &Path, named: bool, tried: &mut Vec<String>) -> Result<(), SourceError> {
        self.session.check()?;
        let passphrase = self.session.credentials.passphrase.as_ref().map(ExposeSecret::expose_secret);
        let text = match std::fs::read_to_string(key) {
            Ok(text) => secrecy::SecretString::from(text),
            Err(error) if named => {
                return Err(SourceError::Credential { flag: "--ssh-key", reason: format!("{}: {error}", key.display()) });
            }
            Err(_) => return Ok(()),
        };
        let Err(error) = ssh.userauth_pubkey_memory(user, None, text.expose_secret(), passphrase) else { return Ok(()) };
        let refused = matches!(error.code(), ssh2::ErrorCode::Session(-18 | -19));
        let unreadable =
            if passphrase.is_some() { "it cannot be read, or the passphrase is wrong" } else { "it cannot be read; has it a passphrase?" };
        tried.push(if refused { format!("the key {}", key.display()) } else { format!("the key {} ({unreadable})", key.display()) });
        Ok(())
    }

    fn explain(&self, error: &ssh2::Error, what: &str) -> SourceError {
        if error.code() == TIMEOUT {
            return self.session.check().err().unwrap_or_else(|| self.session.silent());
        }
        self.session.remote(format!("{what}: {}", error.message()), "check the host and the port")
    }
}

fn home() -> Option<PathBuf> {
    std::env::var_os("HOME").filter(|home| !home.is_empty()).map(|home| PathBuf::from(home).join(".ssh"))
}

fn usual_keys() -> Vec<PathBuf> {
    home().map(|home| USUAL_KEYS.iter().map(|name| home.join(name)).filter(|file| file.is_file()).collect()).unwrap_or_default()
}

/// The file that was named, else the user's and the machine's.
fn known_hosts(session: &Session) -> Result<KnownHosts, SourceError> {
    let mut known = KnownHosts::default();
    if let Some(file) = &session.credentials.known_hosts {
        let read = std::fs::read(file);
        let wrong = |error: io::Error| SourceError::Credential { flag: "--known-hosts", reason: format!("{}: {error}", file.display()) };
        known.add(&file.display().to_string(), &String::from_utf8_lossy(&read.map_err(wrong)?));
        return Ok(known);
    }
    let usual = home().map(|home| home.join("known_hosts")).into_iter().chain([PathBuf::from("/etc/ssh/ssh_known_hosts")]);
    for file in usual {
        if let Ok(text) = std::fs::read(&file) {
            known.add(&file.display().to_string(), &String::from_utf8_lossy(&text));
        }
    }
    Ok(known)
}

impl SmartSubtransport for Ssh {
    fn action(&self, _: &str, service: Service) -> Result<Stream, git2::Error> {
        only_fetching(service)?;
        match self.open() {
            Ok(conversation) => Ok(Box::new(conversation)),
            Err(error) => Err(self.session.fail(error)),
        }
    }

    fn close(&self) -> Result<(), git2::Error> {
        Ok(())
    }
}

/// `git-upload-pack` on the other side.
struct Conversation {
    session: Arc<Session>,
    ssh: ssh2::Session,
    channel: Channel,
}

impl Conversation {
    fn failed(&self, error: &io::Error) -> SourceError {
        if error.kind() == io::ErrorKind::TimedOut
            || ssh2::Error::last_session_error(&self.ssh).is_some_and(|error| error.code() == TIMEOUT)
        {
            return self.session.check().err().unwrap_or_else(|| self.session.silent());
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
        match self.channel.read(buffer) {
            Ok(0) => match self.complaint() {
                Some(error) => Err(self.session.broken(error)),
                None => Ok(0),
            },
            Ok(count) => Ok(count),
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
        self.ssh.set_timeout(u32::try_from(Duration::from_millis(200).as_millis()).unwrap_or(200));
    }
}
