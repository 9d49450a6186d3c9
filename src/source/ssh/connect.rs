//! To the host, and whether it is the one that is meant.

use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::path::PathBuf;

use base64::Engine;
use ssh2::{HashType, MethodType};

use super::super::SourceError;
use super::super::known_hosts::{KnownHosts, Verdict, name};
use super::super::session::Session;
use super::{Ssh, home, milliseconds};

const SSH: u16 = 22;

impl Ssh {
    /// A connection to the host, whose key was proved.
    pub(super) fn connect(&self) -> Result<ssh2::Session, SourceError> {
        let session = &self.session;
        let known = known_hosts(session)?;
        let mut ssh = ssh2::Session::new().map_err(|error| self.explain(&error, "SSH cannot be used"))?;
        ssh.set_timeout(milliseconds(session.patience()));
        self.prefer_known(&ssh, &known);
        ssh.set_tcp_stream(self.dial()?);
        ssh.handshake().map_err(|error| self.explain(&error, "no SSH connection"))?;
        self.prove_host(&ssh, &known)?;
        Ok(ssh)
    }

    fn port(&self) -> u16 {
        self.session.url.port.unwrap_or(SSH)
    }

    fn dial(&self) -> Result<TcpStream, SourceError> {
        let session = &self.session;
        let help = "check the host and the network";
        let (host, port) = (session.url.host.as_str(), self.port());
        let addresses = match session.screened(host, port) {
            Ok(Some(screened)) => Ok(screened),
            Ok(None) => (host, port).to_socket_addrs().map(Iterator::collect),
            Err(error) => Err(error),
        };
        let addresses: Vec<_> = addresses.map_err(|error| session.remote(error.to_string(), help))?;
        let mut last = session.remote("the host has no address", help);
        for address in addresses {
            session.check()?;
            match TcpStream::connect_timeout(&address, session.patience()) {
                Ok(stream) => {
                    // Small packets go at once; where that cannot be set it is only slower.
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Err(error) if error.kind() == io::ErrorKind::TimedOut => last = session.timed_out(),
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
