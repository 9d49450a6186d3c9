//! What opens a private repository, as somebody gave it with a registration. In the database it is sealed with a key that lies elsewhere, and bound to its
//! application; nobody is ever told it again.

use std::fmt;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::RegistryError;
use crate::key::AppId;

/// The form of what is sealed; another one begins otherwise.
const FORM: &str = "1:";
const KEY: usize = 32;
const NONCE: usize = 24;

/// What opens a repository.
#[derive(Debug, Clone)]
pub struct Credential {
    /// The user that goes with the token.
    pub username: Option<String>,
    /// How it is opened.
    pub secret: Secret,
}

/// One of the ways to open a repository.
#[derive(Debug, Clone)]
pub enum Secret {
    /// Over https.
    Token(SecretString),
    /// Over ssh: the private key itself.
    SshKey(SecretString),
}

impl Credential {
    /// Whether both are one. How long it takes says nothing of how much of it is right.
    pub(super) fn is(&self, other: &Self) -> bool {
        let secret = match (&self.secret, &other.secret) {
            (Secret::Token(one), Secret::Token(two)) | (Secret::SshKey(one), Secret::SshKey(two)) => {
                bool::from(one.expose_secret().as_bytes().ct_eq(two.expose_secret().as_bytes()))
            }
            (Secret::Token(_), Secret::SshKey(_)) | (Secret::SshKey(_), Secret::Token(_)) => false,
        };
        secret && self.username == other.username
    }
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Plain {
    username: Option<String>,
    token: Option<String>,
    ssh_key: Option<String>,
}

/// Seals and opens credentials.
#[derive(Clone)]
pub(super) struct Seal(XChaCha20Poly1305);

impl Seal {
    /// Reads the key; makes one when there is none.
    pub(super) fn open(path: &Path) -> Result<Self, RegistryError> {
        let failed = |reason: String| RegistryError::Key { path: path.to_owned(), reason };
        if !path.exists() {
            let made = File::options().write(true).create_new(true).mode(0o600).open(path);
            let key = STANDARD.encode(rand::random::<[u8; KEY]>());
            let written = made.and_then(|mut file| {
                file.write_all(format!("{key}\n").as_bytes())?;
                file.sync_all()
            });
            written.map_err(|error| failed(error.to_string()))?;
        }
        let text = fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        let key = STANDARD.decode(text.trim()).ok().filter(|key| key.len() == KEY);
        let key = key.ok_or_else(|| failed("holds no key: 32 bytes in base64 are one".to_owned()))?;
        let cipher = XChaCha20Poly1305::new_from_slice(&key).map_err(|error| failed(error.to_string()))?;
        Ok(Self(cipher))
    }

    pub(super) fn seal(&self, app: &AppId, credential: &Credential) -> Result<String, RegistryError> {
        let failed = |_| RegistryError::Content("no room for a credential".to_owned());
        let (token, ssh_key) = match &credential.secret {
            Secret::Token(token) => (Some(token.expose_secret().to_owned()), None),
            Secret::SshKey(key) => (None, Some(key.expose_secret().to_owned())),
        };
        let plain = Plain { username: credential.username.clone(), token, ssh_key };
        let plain = serde_json::to_vec(&plain).map_err(|error| RegistryError::Content(error.to_string()))?;
        let nonce = rand::random::<[u8; NONCE]>();
        let whose = app.to_string();
        let payload = Payload { msg: &plain, aad: whose.as_bytes() };
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload).map_err(failed)?;
        Ok(format!("{FORM}{}", STANDARD.encode([nonce.as_slice(), &sealed].concat())))
    }

    pub(super) fn unseal(&self, app: &AppId, sealed: &str) -> Result<Credential, RegistryError> {
        let wrong = || RegistryError::Content(format!("a credential of {app} that this key does not open"));
        let bytes = sealed.strip_prefix(FORM).and_then(|text| STANDARD.decode(text).ok()).ok_or_else(wrong)?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>().ok_or_else(wrong)?;
        let whose = app.to_string();
        let payload = Payload { msg: sealed, aad: whose.as_bytes() };
        let plain = self.0.decrypt(&XNonce::from(*nonce), payload).map_err(|_| wrong())?;
        let Plain { username, token, ssh_key } = serde_json::from_slice(&plain).map_err(|_| wrong())?;
        let secret = match (token, ssh_key) {
            (Some(token), None) => Secret::Token(token.into()),
            (None, Some(key)) => Secret::SshKey(key.into()),
            _ => return Err(wrong()),
        };
        Ok(Credential { username, secret })
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal")
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::key::{AppName, Namespace};

    fn app(name: &str) -> AppId {
        AppId { namespace: Namespace::new("me").expect("a name"), name: AppName::new(name).expect("a name") }
    }

    #[test]
    fn a_credential_is_opened_by_its_key_for_its_application_and_by_nothing_else() {
        let dir = tempfile::tempdir().expect("a directory");
        let seal = Seal::open(&dir.path().join("key")).expect("a key");
        let mode = fs::metadata(dir.path().join("key")).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let credential = Credential { username: Some("me".to_owned()), secret: Secret::Token("s3cr3t".into()) };
        let sealed = seal.seal(&app("a"), &credential).expect("sealed");
        assert!(!sealed.contains("s3cr3t") && sealed != seal.seal(&app("a"), &credential).expect("sealed"));
        let again = Seal::open(&dir.path().join("key")).expect("the same key");
        let opened = again.unseal(&app("a"), &sealed).expect("opened");
        assert!(matches!(opened.secret, Secret::Token(token) if token.expose_secret() == "s3cr3t"));
        assert!(again.unseal(&app("b"), &sealed).is_err(), "of another application");
        let other = Seal::open(&dir.path().join("other")).expect("a key");
        assert!(other.unseal(&app("a"), &sealed).is_err(), "with another key");
        for bad in ["", "1:", "1:AAAA", "2:AAAA", &sealed[..sealed.len() - 8]] {
            assert!(again.unseal(&app("a"), bad).is_err(), "{bad}");
        }
        fs::write(dir.path().join("bad"), "short").expect("a file");
        assert!(Seal::open(&dir.path().join("bad")).is_err());
    }
}
