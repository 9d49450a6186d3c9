//! Where a source is, as it was typed: a directory, a repository on this machine, or one elsewhere.
//!
//! Only schemes that are named here are ever used. What could start a program (`ext::`), pass for an option of one, or hide in a terminal is refused
//! before anything is opened.

use std::fmt;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::{Host, Url};

use super::SourceError;
use crate::key::printable;

/// What SOURCE names.
#[derive(Debug, Clone)]
pub enum Location {
    /// A path: a directory, a manifest in one, or a bare repository.
    Path(PathBuf),
    /// `file://`: a repository of this machine, whose commits are read in place.
    File(PathBuf),
    /// A repository that is fetched.
    Remote(RemoteUrl),
}

/// How a remote is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    /// `http://`
    Http,
    /// `https://`
    Https,
    /// `ssh://` and `user@host:path`
    Ssh,
}

/// A URL of a repository, taken apart. Shown without user and password.
#[derive(Debug, Clone)]
pub struct RemoteUrl {
    pub(super) scheme: Scheme,
    pub(super) user: Option<String>,
    pub(super) password: Option<SecretString>,
    /// An IPv6 address without its brackets.
    pub(super) host: String,
    pub(super) port: Option<u16>,
    /// For http as it stands in the URL; for ssh as the other side's shell gets it.
    pub(super) path: String,
}

impl Location {
    /// Takes `text` as Git does: a URL, `user@host:path`, else a path.
    pub fn parse(text: &Path) -> Result<Self, SourceError> {
        let Some(given) = text.to_str() else { return Ok(Self::Path(text.to_owned())) };
        if given.split('/').next().is_some_and(|first| first.contains("::")) && !text.exists() {
            return Err(refused(given, "starts a program (a remote helper), which is never done"));
        }
        if let Some((scheme, _)) = given.split_once("://") {
            return Self::url(given, &scheme.to_ascii_lowercase());
        }
        match given.split_once(':') {
            Some((authority, path)) if authority.contains('@') && !authority.contains('/') && !text.exists() => {
                Self::short(given, authority, path)
            }
            _ => Ok(Self::Path(text.to_owned())),
        }
    }

    /// Where a source is that a record names by its identity, and the manifest's place below it. A record keeps neither scheme nor user nor port, so a host is
    /// spoken to over https; whoever needs another form has to name the source.
    pub fn recorded(identity: &str) -> Result<(Self, Option<String>), SourceError> {
        let (place, below) = identity.split_once('#').map_or((identity, None), |(place, below)| (place, Some(below.to_owned())));
        let Some(path) = place.strip_prefix("file://") else { return Ok((Self::parse(Path::new(&format!("https://{place}")))?, below)) };
        // The identity of `app.git` and of `app` is one.
        let path = Some(PathBuf::from(path)).filter(|path| path.exists()).unwrap_or_else(|| PathBuf::from(format!("{path}.git")));
        Ok((Self::File(path), below))
    }

    fn url(given: &str, scheme: &str) -> Result<Self, SourceError> {
        let bad = |reason| refused(given, reason);
        let scheme = match scheme {
            "https" => Scheme::Https,
            "http" => Scheme::Http,
            "ssh" => Scheme::Ssh,
            "file" => return file(given),
            "git" => return Err(bad("is neither encrypted nor authenticated: use https or ssh")),
            _ => return Err(bad("has a scheme that is not supported: https, http, ssh and file are")),
        };
        if given.chars().any(char::is_control) {
            return Err(bad("has a control character"));
        }
        let url = Url::parse(given).map_err(|_| bad("is not a URL"))?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(bad("has a query or a fragment: give a branch or directory with --branch, --revision and --subdir"));
        }
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned);
        let path = decoded(url.path()).ok_or_else(|| bad("is not UTF-8"))?;
        let user = decoded(url.username()).ok_or_else(|| bad("is not UTF-8"))?;
        let password = url.password().map(|password| decoded(password).ok_or_else(|| bad("is not UTF-8"))).transpose()?;
        let host = match url.host() {
            Some(Host::Ipv6(address)) => address.to_string(),
            Some(host) => decoded(&host.to_string()).unwrap_or_default(),
            None => String::new(),
        };
        let parts = Self::parts(given, scheme, Some(user), host, path)?;
        if scheme == Scheme::Ssh && password.is_some() {
            return Err(bad("has a password, which ssh does not take: use a key or an agent"));
        }
        let path = match (scheme, parts.path.strip_prefix("/~")) {
            (Scheme::Ssh, Some(home)) => format!("~{home}"),
            (Scheme::Ssh, None) => parts.path,
            _ => url.path().trim_end_matches('/').to_owned(),
        };
        Ok(Self::Remote(RemoteUrl { password: password.map(SecretString::from), port: url.port(), path, ..parts }))
    }

    /// `user@host:path`
    fn short(given: &str, authority: &str, path: &str) -> Result<Self, SourceError> {
        let (user, host) = authority.split_once('@').unwrap_or((authority, ""));
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        Self::parts(given, Scheme::Ssh, Some(user.to_owned()), host.to_owned(), path.to_owned()).map(Self::Remote)
    }

    fn parts(given: &str, scheme: Scheme, user: Option<String>, host: String, path: String) -> Result<RemoteUrl, SourceError> {
        let bad = |reason| Err(refused(given, reason));
        let user = user.filter(|user| !user.is_empty());
        let all = [user.as_deref().unwrap_or_default(), &host, &path];
        if all.iter().any(|part| part.chars().any(|c| c.is_control() || c == '\u{fffd}')) {
            return bad("has a control character");
        }
        if all.iter().any(|part| part.starts_with('-')) || path.starts_with("/-") || path.starts_with("/~-") {
            return bad("has a part that starts with a dash, which could pass for an option");
        }
        if host.is_empty() || host.chars().any(|c| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':'))) {
            return bad("names no host");
        }
        if path.trim_matches('/').is_empty() {
            return bad("names no repository");
        }
        Ok(RemoteUrl { scheme, user, password: None, host, port: None, path })
    }
}

fn file(given: &str) -> Result<Location, SourceError> {
    let path = Url::parse(given).ok().and_then(|url| url.to_file_path().ok());
    match path {
        Some(path) if path.to_string_lossy().chars().any(char::is_control) => Err(refused(given, "has a control character")),
        Some(path) => Ok(Location::File(path)),
        None => Err(refused(given, "is not an absolute path of this machine: file:///path/to/repository")),
    }
}

fn refused(given: &str, reason: &'static str) -> SourceError {
    SourceError::BadUrl { url: without_secrets(given), reason }
}

/// A text that is no URL we understand, without what could be a user, a password or a query.
fn without_secrets(given: &str) -> String {
    let given = given.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = given.split_once("://").map_or(("", given), |(scheme, rest)| (scheme, rest));
    let (authority, path) = rest.split_once('/').map_or((rest, None), |(authority, path)| (authority, Some(path)));
    let authority = authority.rsplit('@').next().unwrap_or_default();
    let scheme = if scheme.is_empty() { String::new() } else { format!("{scheme}://") };
    printable(&format!("{scheme}{authority}{}", path.map(|path| format!("/{path}")).unwrap_or_default())).into_owned()
}

impl RemoteUrl {
    /// The host, an IPv6 address without its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether everybody on the way can read and change what is sent.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.scheme == Scheme::Http
    }

    /// Whether it holds what opens the repository; the user of ssh is none.
    #[must_use]
    pub fn has_credential(&self) -> bool {
        self.password.is_some() || (self.scheme != Scheme::Ssh && self.user.is_some())
    }

    /// Whether what is sent stays on this machine.
    pub(super) fn is_loopback(&self) -> bool {
        let address = self.host.parse::<std::net::IpAddr>();
        self.host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
    }

    /// Host and port as they stand in a URL.
    pub(super) fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        self.port.map_or_else(|| host.clone(), |port| format!("{host}:{port}"))
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Ssh => "ssh",
        })
    }
}

impl fmt::Display for RemoteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slash = if self.path.starts_with('/') { "" } else { "/" };
        write!(f, "{}://{}{slash}{}", self.scheme, self.authority(), printable(&self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Location, SourceError> {
        Location::parse(Path::new(text))
    }

    #[test]
    fn every_form_of_a_repository_is_taken_apart_and_shown_without_its_credentials() {
        for (given, shown) in [
            ("https://user:s3cr3t@h.example/me/app.git", "https://h.example/me/app.git"),
            ("https://s3cr3t@h.example:8443/me/app/", "https://h.example:8443/me/app"),
            ("http://[::1]:8080/app", "http://[::1]:8080/app"),
            ("ssh://git@h.example:2222/me/app.git", "ssh://h.example:2222/me/app.git"),
            ("ssh://git@h.example/~me/app", "ssh://h.example/~me/app"),
            ("git@h.example:me/app.git", "ssh://h.example/me/app.git"),
        ] {
            match parse(given) {
                Ok(Location::Remote(url)) => assert_eq!(url.to_string(), shown, "{given}"),
                other => panic!("{given}: {other:?}"),
            }
        }
        assert!(matches!(parse("file:///srv/git/app%20one.git"), Ok(Location::File(path)) if path == Path::new("/srv/git/app one.git")));
        assert!(matches!(parse("apps/web"), Ok(Location::Path(_))));
        assert!(matches!(parse("a:b"), Ok(Location::Path(_))));
    }

    #[test]
    fn a_recorded_identity_leads_back_to_its_source() {
        for (identity, shown, below) in [
            ("h.example/me/app", "https://h.example/me/app", None),
            ("h.example/me/app#apps/web", "https://h.example/me/app", Some("apps/web")),
        ] {
            match Location::recorded(identity) {
                Ok((Location::Remote(url), found)) => assert_eq!((url.to_string().as_str(), found.as_deref()), (shown, below)),
                other => panic!("{identity}: {other:?}"),
            }
        }
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(dir.path().join("app.git")).expect("a directory");
        let identity = format!("file://{}#web", dir.path().join("app").display());
        let found = Location::recorded(&identity).expect("a place");
        assert!(matches!(found, (Location::File(path), Some(below)) if path == dir.path().join("app.git") && below == "web"));
    }

    #[test]
    fn what_could_run_something_or_hide_something_is_refused_without_repeating_a_secret() {
        for bad in [
            "ext::sh -c touch% /tmp/x",
            "fd::17/x",
            "git://h.example/app",
            "ftp://h.example/app",
            "ssh://-oProxyCommand=x/y",
            "ssh://user@-oProxyCommand=x/y",
            "ssh://h.example/-x",
            "git@-oProxyCommand=x:y",
            "git@h.example:--upload-pack=x",
            "https://h.example/a%0ab",
            "https://h.example/a\nb",
            "https://h.example/a?token=s3cr3t",
            "https://h.example/",
            "https:///app",
            "ssh://user:s3cr3t@h.example/app",
            "file://elsewhere/app",
            "file:///a%0ab",
            "https://user:s3cr3t@h.example:99999/app",
        ] {
            let error = parse(bad).err().unwrap_or_else(|| panic!("{bad:?} was taken"));
            assert!(!error.to_string().contains("s3cr3t"), "{error}");
            assert!(matches!(error, SourceError::BadUrl { .. }), "{bad}: {error}");
        }
    }
}
