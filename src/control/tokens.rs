//! API tokens, and the secrets of webhooks: read from files, compared in constant time, read again at SIGHUP.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use thiserror::Error;

use crate::key::{Namespace, printable};

/// Fewer characters can be guessed.
const SHORTEST: usize = 16;
/// A file of more bytes is the wrong one.
const LARGEST: u64 = 64 << 10;

/// Why a file of secrets is not taken. No message repeats one.
#[derive(Debug, Error)]
#[error("{}: {reason}", path.display())]
pub struct SecretFileError {
    path: PathBuf,
    reason: String,
}

/// What a caller may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Caller {
    /// Everything.
    Unlimited,
    /// What belongs to these namespaces.
    Limited(BTreeSet<Namespace>),
}

impl Caller {
    pub(super) fn may(&self, namespace: &Namespace) -> bool {
        match self {
            Self::Unlimited => true,
            Self::Limited(namespaces) => namespaces.contains(namespace),
        }
    }
}

/// The digest of a token, and what it opens.
type Known = ([u8; 32], Caller);

/// Tokens of a file, one a line: the token alone, or followed by the namespaces it is limited to.
#[derive(Clone)]
pub struct Tokens(Arc<File<Vec<Known>>>);

/// Secrets of a file, one a line: each of them is valid, so that they can be changed one side after the other.
#[derive(Clone)]
pub struct Secrets(Arc<File<Vec<SecretString>>>);

struct File<T> {
    path: PathBuf,
    read: RwLock<T>,
}

impl Tokens {
    /// Reads the file.
    pub fn read(path: &Path) -> Result<Self, SecretFileError> {
        let read = RwLock::new(tokens(path)?);
        Ok(Self(Arc::new(File { path: path.to_owned(), read })))
    }

    /// Reads the file again; what cannot be read leaves the tokens as they were.
    pub fn reread(&self) -> Result<(), SecretFileError> {
        let new = tokens(&self.0.path)?;
        *self.0.read.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    /// What the bearer of `token` may do. How long it takes says nothing of how much of it is right.
    pub(super) fn caller(&self, token: &str) -> Option<Caller> {
        let given = digest(token);
        let known = self.0.read.read().unwrap_or_else(PoisonError::into_inner);
        let mut found = None;
        for (digest, caller) in known.iter() {
            if bool::from(digest.ct_eq(&given)) {
                found = Some(caller.clone());
            }
        }
        found
    }
}

impl Secrets {
    /// Reads the file.
    pub fn read(path: &Path) -> Result<Self, SecretFileError> {
        let read = RwLock::new(secrets(path)?);
        Ok(Self(Arc::new(File { path: path.to_owned(), read })))
    }

    /// Reads the file again; what cannot be read leaves the secrets as they were.
    pub fn reread(&self) -> Result<(), SecretFileError> {
        let new = secrets(&self.0.path)?;
        *self.0.read.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    /// Whether any of them passes; all are tried.
    pub(super) fn any(&self, passes: impl Fn(&[u8]) -> bool) -> bool {
        let secrets = self.0.read.read().unwrap_or_else(PoisonError::into_inner);
        secrets.iter().fold(false, |any, secret| passes(secret.expose_secret().as_bytes()) | any)
    }
}

fn tokens(path: &Path) -> Result<Vec<Known>, SecretFileError> {
    let wrong = |reason: String| SecretFileError { path: path.to_owned(), reason };
    let mut tokens = Vec::new();
    for (number, line) in lines(path)? {
        let mut words = line.split_whitespace();
        let token = words.next().unwrap_or_default();
        if token.len() < SHORTEST {
            return Err(wrong(format!("line {number}: a token has at least {SHORTEST} characters")));
        }
        let names = words
            .map(|name| Namespace::new(name).map_err(|error| wrong(format!("line {number}: the namespace `{}` {error}", printable(name)))));
        let names = names.collect::<Result<BTreeSet<_>, _>>()?;
        tokens.push((digest(token), if names.is_empty() { Caller::Unlimited } else { Caller::Limited(names) }));
    }
    Ok(tokens)
}

fn secrets(path: &Path) -> Result<Vec<SecretString>, SecretFileError> {
    let mut secrets = Vec::new();
    for (number, line) in lines(path)? {
        if line.len() < SHORTEST {
            let reason = format!("line {number}: a secret has at least {SHORTEST} characters");
            return Err(SecretFileError { path: path.to_owned(), reason });
        }
        secrets.push(line.into());
    }
    Ok(secrets)
}

/// Lines with something on them, with their numbers; there has to be one.
fn lines(path: &Path) -> Result<Vec<(usize, String)>, SecretFileError> {
    let wrong = |reason: String| SecretFileError { path: path.to_owned(), reason };
    let meta = fs::metadata(path).map_err(|error| wrong(error.to_string()))?;
    if !meta.is_file() || meta.len() > LARGEST {
        return Err(wrong("is not a file with secrets".to_owned()));
    }
    let text = fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let lines = text.lines().map(str::trim).enumerate();
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).map(|(at, line)| (at + 1, line.to_owned()));
    let lines: Vec<_> = lines.collect();
    if lines.is_empty() { Err(wrong("holds no secret".to_owned())) } else { Ok(lines) }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens")
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), text).expect("a file");
        file
    }

    #[test]
    fn a_token_opens_what_its_line_says() {
        let file = file("# ours\n\nall-of-it-0123456789\nsome-of-it-0123456789 one two\n");
        let tokens = Tokens::read(file.path()).expect("tokens");
        assert_eq!(tokens.caller("all-of-it-0123456789"), Some(Caller::Unlimited));
        let some = tokens.caller("some-of-it-0123456789").expect("a caller");
        let may = |name| some.may(&Namespace::new(name).expect("a name"));
        assert!(may("one") && may("two") && !may("three"));
        for wrong in ["", "all-of-it-012345678", "all-of-it-01234567890", "# ours", "one"] {
            assert_eq!(tokens.caller(wrong), None, "{wrong}");
        }
        fs::write(file.path(), "another-one-0123456789").expect("a file");
        tokens.reread().expect("tokens");
        assert!(tokens.caller("another-one-0123456789").is_some() && tokens.caller("all-of-it-0123456789").is_none());
        fs::write(file.path(), "").expect("a file");
        assert!(tokens.reread().is_err() && tokens.caller("another-one-0123456789").is_some());
    }

    #[test]
    fn a_file_without_a_secret_is_refused() {
        for text in ["", "\n\n", "# nothing", "short", "\"\"\n"] {
            assert!(Tokens::read(file(text).path()).is_err() && Secrets::read(file(text).path()).is_err(), "{text:?}");
        }
        let error = Tokens::read(file("s3cr3t").path()).expect_err("too short").to_string();
        assert!(!error.contains("s3cr3t"), "{error}");
    }
}
