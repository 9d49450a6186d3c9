//! Who we are: each key is tried once.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};

use super::super::SourceError;
use super::{Ssh, home};

/// Who one is at every Git host.
const GIT_USER: &str = "git";
/// The keys that OpenSSH tries by itself, the ones it makes today first.
const USUAL_KEYS: [&str; 3] = ["id_ed25519", "id_ecdsa", "id_rsa"];
/// How often it is asked whether to go on while the agent says nothing.
const LOOK: Duration = Duration::from_millis(50);

impl Ssh {
    pub(super) fn log_in(&self, ssh: &ssh2::Session) -> Result<(), SourceError> {
        let user = self.session.url.user.as_deref().unwrap_or(GIT_USER);
        // Also asks for access without any credential.
        let methods = ssh.auth_methods(user).unwrap_or_default();
        if ssh.authenticated() {
            return Ok(());
        }
        let mut tried = Vec::new();
        if methods.split(',').any(|method| method == "publickey") || methods.is_empty() {
            let credentials = &self.session.credentials;
            match (&credentials.ssh_key_text, &credentials.ssh_key) {
                (Some(text), _) => self.try_key(ssh, user, text, "that was given", &mut tried),
                (None, Some(key)) => self.try_file(ssh, user, key, true, &mut tried)?,
                (None, None) if credentials.given_only => {}
                (None, None) => self.try_agent(ssh, user, &mut tried)?,
            }
            let is_given = credentials.given_only || credentials.ssh_key_text.is_some() || credentials.ssh_key.is_some();
            let usual = if is_given { Vec::new() } else { usual_keys() };
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
            let nothing =
                if self.session.credentials.given_only { "no key: none was given" } else { "no key: there is no agent and no key file" };
            tried.push(nothing.to_owned());
        }
        let help = self
            .session
            .credentials
            .help("name a key with --ssh-key (its passphrase in ZERVERLESS_SSH_PASSPHRASE), or add one to the agent with ssh-add");
        Err(SourceError::Refused { url: self.session.url.to_string(), tried, help })
    }

    /// Tries the keys of the agent. It is asked on a thread of its own: an agent that never answers keeps whoever asks it waiting for ever.
    fn try_agent(&self, ssh: &ssh2::Session, user: &str, tried: &mut Vec<String>) -> Result<(), SourceError> {
        let (sender, trying) = mpsc::channel();
        let (theirs, user) = (ssh.clone(), user.to_owned());
        thread::spawn(move || {
            // It fails where there is no agent; then there are no keys to try.
            let _ = with_agent(&theirs, &user, &sender);
        });
        let mut heard = Instant::now();
        loop {
            match trying.recv_timeout(LOOK) {
                Ok(key) => tried.push(format!("the key `{}` of the agent", crate::key::printable(&key))),
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
                Err(RecvTimeoutError::Timeout) => {
                    self.session.check()?;
                    if heard.elapsed() < self.session.limits.silence {
                        continue;
                    }
                    let reason = "the ssh agent does not answer: unlock it, or name a key with --ssh-key".to_owned();
                    return Err(SourceError::Credential { flag: "SSH_AUTH_SOCK", reason });
                }
            }
            heard = Instant::now();
        }
    }

    fn try_file(&self, ssh: &ssh2::Session, user: &str, key: &Path, named: bool, tried: &mut Vec<String>) -> Result<(), SourceError> {
        self.session.check()?;
        let text = match std::fs::read_to_string(key) {
            Ok(text) => SecretString::from(text),
            Err(error) if named => {
                return Err(SourceError::Credential { flag: "--ssh-key", reason: format!("{}: {error}", key.display()) });
            }
            Err(_) => return Ok(()),
        };
        self.try_key(ssh, user, &text, &key.display().to_string(), tried);
        Ok(())
    }

    fn try_key(&self, ssh: &ssh2::Session, user: &str, key: &SecretString, name: &str, tried: &mut Vec<String>) {
        let passphrase = self.session.credentials.passphrase.as_ref().map(ExposeSecret::expose_secret);
        let Err(error) = ssh.userauth_pubkey_memory(user, None, key.expose_secret(), passphrase) else { return };
        let refused = matches!(error.code(), ssh2::ErrorCode::Session(-18 | -19));
        let unreadable =
            if passphrase.is_some() { "it cannot be read, or the passphrase is wrong" } else { "it cannot be read; has it a passphrase?" };
        tried.push(if refused { format!("the key {name}") } else { format!("the key {name} ({unreadable})") });
    }
}

fn usual_keys() -> Vec<PathBuf> {
    home().map(|home| USUAL_KEYS.iter().map(|name| home.join(name)).filter(|file| file.is_file()).collect()).unwrap_or_default()
}

/// Tells each key of the agent before it is tried, until one is taken.
fn with_agent(ssh: &ssh2::Session, user: &str, trying: &Sender<String>) -> Result<(), ssh2::Error> {
    let mut agent = ssh.agent()?;
    agent.connect()?;
    agent.list_identities()?;
    for key in agent.identities()? {
        // Nobody waits any more.
        if trying.send(key.comment().to_owned()).is_err() || agent.userauth(user, &key).is_ok() {
            break;
        }
    }
    Ok(())
}
