//! What opens a private repository, and in which order it is tried: each credential once, only at the host that was named.

use std::path::PathBuf;

use git2::CredentialHelper;
use secrecy::{ExposeSecret, SecretString};

use super::SourceError;
use super::location::{RemoteUrl, Scheme};

/// The user that GitHub, GitLab and Gitea take with a token when they care for none.
const TOKEN_USER: &str = "x-access-token";

/// What was given; secrets cannot be printed.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// `--git-username`: the user that goes with the token.
    pub username: Option<String>,
    /// The token, and where it was given.
    pub token: Option<(SecretString, &'static str)>,
    /// `--ssh-key`.
    pub ssh_key: Option<PathBuf>,
    /// A private key itself, which goes before a file.
    pub ssh_key_text: Option<SecretString>,
    /// The passphrase of the key.
    pub passphrase: Option<SecretString>,
    /// Nothing but what was given is tried: no agent, none of the usual keys, no credential helper of Git.
    pub given_only: bool,
    /// `--known-hosts`.
    pub known_hosts: Option<PathBuf>,
}

/// A user and a password for HTTP.
#[derive(Debug, Clone)]
pub(super) struct Basic {
    pub(super) user: String,
    pub(super) password: SecretString,
    /// What it is called when it is refused.
    pub(super) from: String,
}

impl Credentials {
    /// What was given for `url`, in the order it is tried.
    pub(super) fn given(&self, url: &RemoteUrl) -> Result<Vec<Basic>, SourceError> {
        let mut given = Vec::new();
        if let Some((token, flag)) = &self.token {
            if url.scheme == Scheme::Http && !url.is_loopback() {
                let reason = "the token is only sent over https, or to this machine".to_owned();
                return Err(SourceError::Credential { flag, reason });
            }
            let user = self.username.clone().or_else(|| url.user.clone().filter(|_| url.password.is_none()));
            let user = user.unwrap_or_else(|| TOKEN_USER.to_owned());
            given.push(Basic { user, password: token.clone(), from: format!("the token from {flag}") });
        }
        if let Some(password) = &url.password {
            let user = url.user.clone().unwrap_or_default();
            given.push(Basic { user, password: password.clone(), from: "the password in the URL".to_owned() });
        } else if let (Some(user), None) = (&url.user, &self.token) {
            // Some hosts take a token as the user.
            given.push(Basic { user: user.clone(), password: SecretString::default(), from: "the user in the URL".to_owned() });
        }
        Ok(given)
    }

    /// What to do when none was taken; `usual` is what a user of this machine can do.
    pub(super) fn help(&self, usual: &'static str) -> &'static str {
        let given =
            "check the URL; to open what is private give `auth` with the registration, or name the host in the file of --credentials";
        if self.given_only { given } else { usual }
    }

    /// Asks the credential helpers that the user's own Git configuration names. That of a repository is not read.
    pub(super) fn helper(url: &RemoteUrl) -> Option<Basic> {
        let config = git2::Config::open_default().and_then(|mut config| config.snapshot()).ok()?;
        let mut helper = CredentialHelper::new(&url.to_string());
        let (user, password) = helper.username(url.user.as_deref()).config(&config).execute()?;
        Some(Basic { user, password: password.into(), from: "git's credential helper".to_owned() })
    }
}

impl Basic {
    /// The value of the header.
    pub(super) fn header(&self) -> String {
        use base64::Engine;
        let pair = format!("{}:{}", self.user, self.password.expose_secret());
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::location::Location;
    use super::*;

    fn tried(url: &str, credentials: &Credentials) -> Result<Vec<String>, String> {
        let Ok(Location::Remote(url)) = Location::parse(Path::new(url)) else { panic!("{url} is a URL") };
        let given = credentials.given(&url).map_err(|error| error.to_string())?;
        Ok(given.into_iter().map(|basic| format!("{}:{}", basic.user, basic.password.expose_secret())).collect())
    }

    #[test]
    fn a_token_goes_first_with_the_user_that_was_said() {
        let token = |username: Option<&str>| Credentials {
            username: username.map(str::to_owned),
            token: Some(("t0ken".into(), "--git-token-file")),
            ..Credentials::default()
        };
        assert_eq!(tried("https://h/app", &token(None)), Ok(vec!["x-access-token:t0ken".to_owned()]));
        assert_eq!(tried("https://h/app", &token(Some("oauth2"))), Ok(vec!["oauth2:t0ken".to_owned()]));
        assert_eq!(tried("https://me@h/app", &token(None)), Ok(vec!["me:t0ken".to_owned()]));
        let both = Ok(vec!["x-access-token:t0ken".to_owned(), "me:pass".to_owned()]);
        assert_eq!(tried("https://me:pass@h/app", &token(None)), both);
        assert_eq!(tried("https://pat@h/app", &Credentials::default()), Ok(vec!["pat:".to_owned()]));
        assert_eq!(tried("http://127.0.0.1:1/app", &token(None)), Ok(vec!["x-access-token:t0ken".to_owned()]));
        let error = tried("http://h.example/app", &token(None)).expect_err("a token in the clear");
        assert!(!error.contains("t0ken") && error.contains("https"), "{error}");
    }

    #[test]
    fn a_secret_is_not_printed() {
        let shown = format!("{:?}", Basic { user: "me".to_owned(), password: "s3cr3t".into(), from: String::new() });
        assert!(!shown.contains("s3cr3t"), "{shown}");
    }
}
