//! Who we are: each key is tried once.

use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;

use super::super::SourceError;
use super::{Ssh, home};

/// Who one is at every Git host.
const GIT_USER: &str = "git";
/// The keys that OpenSSH tries by itself, the ones it makes today first.
const USUAL_KEYS: [&str; 3] = ["id_ed25519", "id_ecdsa", "id_rsa"];

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
}

fn usual_keys() -> Vec<PathBuf> {
    home().map(|home| USUAL_KEYS.iter().map(|name| home.join(name)).filter(|file| file.is_file()).collect()).unwrap_or_default()
}
