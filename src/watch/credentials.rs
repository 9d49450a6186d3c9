//! Which credential opens a repository: the one of its registration, else the one that a file names for its host or organisation. The file, and the files
//! it names, are read at each use, so that what is rotated needs no restart.
//!
//! ```text
//! # place                key=value …
//! github.com/my-org      token-file=/run/secrets/github
//! git.example.com        ssh-key=/run/secrets/deploy  known-hosts=/etc/zerverless-gitops/known_hosts
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use crate::key::printable;
use crate::registry::{Credential, Secret};
use crate::source::{Credentials, SourceError, normalise_url};

/// What it is called when it is refused.
const GIVEN: &str = "auth of the registration";
const FILE: &str = "--credentials";

/// For a repository that was registered with a credential of its own.
pub(super) fn of_registration(credential: Credential, base: &Credentials) -> Credentials {
    let Credential { username, secret } = credential;
    let base = Credentials { username, ssh_key: None, passphrase: None, given_only: true, ..base.clone() };
    match secret {
        Secret::Token(token) => Credentials { token: Some((token, GIVEN)), ..base },
        Secret::SshKey(key) => Credentials { ssh_key_text: Some(key), ..base },
    }
}

/// What the file says of a repository; nothing: it is opened as `base` says.
pub(super) fn of_file(file: &Path, repository: &str, base: &Credentials) -> Result<Credentials, SourceError> {
    let text = fs::read_to_string(file).map_err(|error| wrong(format!("{}: {error}", file.display())))?;
    let mut found: Option<(usize, Vec<(&str, &str)>)> = None;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut words = line.split_whitespace();
        let place = normalised(words.next().unwrap_or_default());
        let pairs: Option<Vec<_>> = words.map(|word| word.split_once('=')).collect();
        let pairs = pairs.filter(|pairs| !pairs.is_empty()).ok_or_else(|| unclear(file, number))?;
        if pairs.iter().any(|(key, value)| value.is_empty() || !["token-file", "username", "ssh-key", "known-hosts"].contains(key)) {
            return Err(unclear(file, number));
        }
        // The longest place that fits: an organisation before its host.
        if is_in(repository, &place) && found.as_ref().is_none_or(|(length, _)| place.len() > *length) {
            found = Some((place.len(), pairs));
        }
    }
    let Some((_, pairs)) = found else { return Ok(base.clone()) };
    let mut credentials = base.clone();
    for (key, value) in pairs {
        match key {
            "token-file" => {
                let token = fs::read_to_string(value).map_err(|error| wrong(format!("{}: {error}", printable(value))))?;
                credentials.token = Some((token.trim().into(), FILE));
            }
            "username" => credentials.username = Some(value.to_owned()),
            "ssh-key" => credentials.ssh_key = Some(PathBuf::from(value)),
            _ => credentials.known_hosts = Some(PathBuf::from(value)),
        }
    }
    Ok(credentials)
}

/// In the form that repositories are compared in; a host alone stays one.
fn normalised(place: &str) -> String {
    let (host, path) = place.split_once('/').unwrap_or((place, ""));
    let whole = normalise_url(&format!("https://{host}/{path}"));
    whole.trim_end_matches('/').to_owned()
}

/// Whether a repository lies below a place, by whole parts of its path.
fn is_in(repository: &str, place: &str) -> bool {
    repository.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn unclear(file: &Path, number: usize) -> SourceError {
    let what = "is not a place, and token-file=, username=, ssh-key= or known-hosts= behind it";
    wrong(format!("{}: line {} {what}", file.display(), number + 1))
}

fn wrong(reason: String) -> SourceError {
    SourceError::Credential { flag: FILE, reason }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn the_longest_place_that_a_repository_lies_in_names_its_credential() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = |name: &str| dir.path().join(name);
        for name in ["host", "org"] {
            fs::write(path(name), format!("token-of-{name}\n")).expect("a file");
        }
        let text = format!(
            "# ours\nh.example token-file={} username=u\n\nH.example/org/ token-file={}\nssh.example ssh-key=/keys/deploy\n",
            path("host").display(),
            path("org").display()
        );
        fs::write(path("file"), text).expect("a file");
        let of = |repository: &str| of_file(&path("file"), repository, &Credentials::default()).expect("credentials");
        let token = |repository: &str| of(repository).token.map(|(token, _)| token.expose_secret().to_owned());
        assert_eq!(token("h.example/me/app").as_deref(), Some("token-of-host"));
        assert_eq!(token("h.example/org/app").as_deref(), Some("token-of-org"));
        assert_eq!(token("h.example/org2/app").as_deref(), Some("token-of-host"));
        assert_eq!(token("h.example.evil.net/org/app"), None);
        assert_eq!(of("ssh.example/app").ssh_key, Some(PathBuf::from("/keys/deploy")));
        fs::write(path("org"), "rotated").expect("a file");
        assert_eq!(token("h.example/org/app").as_deref(), Some("rotated"));
        for bad in ["h.example", "h.example token=s3cr3t", "h.example token-file", "h.example token-file="] {
            fs::write(path("file"), bad).expect("a file");
            let error = of_file(&path("file"), "h.example/a", &Credentials::default()).expect_err(bad).to_string();
            assert!(error.contains("line 1") && !error.contains("s3cr3t"), "{error}");
        }
    }
}
