//! Which repositories may be registered. Whoever may call the API decides which addresses this process connects to, so nothing is taken that leads to this
//! machine's files or into the network around it.

use std::net::IpAddr;
use std::path::Path;

use thiserror::Error;

use super::reach::Reach;
use crate::source::{Location, RemoteUrl, normalise_url};

/// A repository as it was registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// As given.
    pub url: String,
    /// One form for all URLs of it.
    pub identity: String,
}

/// Why a repository is not taken. No message repeats what could be a credential.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RepositoryError {
    /// Not a URL of a repository.
    #[error("source.repoURL is not a repository that can be fetched: use https://…, ssh://… or git@host:path")]
    NotRemote,
    /// A URL that is refused wherever it is typed.
    #[error("source.repoURL {0}")]
    Bad(String),
    /// A user or a password in it.
    #[error("source.repoURL holds a credential: give it in `auth`")]
    Credential,
    /// A host that is not on the list.
    #[error("source.repoURL: repositories on {host} may not be registered here{why}")]
    Host {
        /// Which.
        host: String,
        /// What would allow it.
        why: &'static str,
    },
}

/// Which hosts repositories may be on.
#[derive(Debug, Clone, Default)]
pub struct Allowed {
    /// Names, addresses, and `*.example.com`; when there are none, every public host.
    pub hosts: Vec<String>,
    /// The API itself can only be reached from this machine.
    pub loopback: bool,
}

impl Repository {
    /// Takes `url`, unless it leads where it may not.
    pub fn parse(url: &str, allowed: &Allowed) -> Result<Self, RepositoryError> {
        let remote = match Location::parse(Path::new(url)) {
            Ok(Location::Remote(remote)) => remote,
            Ok(Location::Path(_) | Location::File(_)) => return Err(RepositoryError::NotRemote),
            Err(error) => return Err(RepositoryError::Bad(error.to_string())),
        };
        if remote.has_credential() {
            return Err(RepositoryError::Credential);
        }
        allowed.check(&remote)?;
        Ok(Self { identity: normalise_url(url), url: url.to_owned() })
    }
}

impl Allowed {
    fn check(&self, remote: &RemoteUrl) -> Result<(), RepositoryError> {
        let name = plain(remote.host());
        let refused = |why| Err(RepositoryError::Host { host: crate::key::printable(&name).into_owned(), why });
        if self.names(&name) {
            return Ok(());
        }
        match Reach::of_name(&name) {
            Reach::Loopback if self.loopback => Ok(()),
            Reach::Loopback => refused(": it is this machine; --allow-host would allow it"),
            Reach::Nowhere => refused(""),
            Reach::Private if !self.loopback => refused(": it is in a private network; --allow-host would allow it"),
            Reach::Private | Reach::Elsewhere if !self.hosts.is_empty() => refused(": it is not one of --allow-host"),
            Reach::Private | Reach::Elsewhere if remote.is_plain() => refused(" over plain http: use https, or allow it with --allow-host"),
            Reach::Private | Reach::Elsewhere => Ok(()),
        }
    }

    /// Whether `host` of a repository may be connected to at `address`, which is one of its own: what a name says is not where it leads.
    #[must_use]
    pub fn may_connect(&self, host: &str, address: IpAddr) -> bool {
        let name = plain(host);
        match Reach::of_address(address) {
            Reach::Elsewhere => true,
            Reach::Loopback | Reach::Private => self.loopback || self.names(&name),
            // Only what is written as such an address means it.
            Reach::Nowhere => self.names(&name) && Reach::of_name(&name) == Reach::Nowhere,
        }
    }

    /// Whether the list has it.
    fn names(&self, name: &str) -> bool {
        self.hosts.iter().any(|pattern| matches(pattern, name))
    }
}

fn plain(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

fn matches(pattern: &str, name: &str) -> bool {
    let pattern = pattern.to_ascii_lowercase();
    match pattern.strip_prefix("*.") {
        Some(parent) => name.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.')),
        None => pattern == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_taken(url: &str, hosts: &[&str], loopback: bool) -> bool {
        let allowed = Allowed { hosts: hosts.iter().map(|&host| host.to_owned()).collect(), loopback };
        Repository::parse(url, &allowed).is_ok()
    }

    #[test]
    fn nothing_leads_to_this_machine_or_to_where_clouds_keep_credentials() {
        for url in [
            "javascript:alert(1)",
            "file:///etc",
            "/etc",
            ".",
            "ext::sh -c x",
            "git://h.example/a",
            "http://169.254.169.254/latest",
            "http://[::ffff:169.254.169.254]/a",
            "https://[fe80::1]/a",
            "https://0.0.0.0/a",
            "https://localhost/a",
            "https://app.localhost/a",
            "http://127.0.0.1:1/a",
            "https://2130706433/a",
            "ssh://0x7f.1/a",
            "git@2130706433:a",
            "https://[::1]/a",
            "https://localhost./a",
            "http://h.example/a",
            "https://10.0.0.1/a",
            "git@192.168.1.1:a",
        ] {
            assert!(!is_taken(url, &[], false), "{url}");
        }
        for url in ["https://github.com/me/app", "git@github.com:me/app.git", "ssh://git@h.example:2222/a"] {
            assert!(is_taken(url, &[], false), "{url}");
        }
        assert!(is_taken("http://127.0.0.1:1/a", &[], true) && !is_taken("http://169.254.169.254/a", &[], true));
    }

    #[test]
    fn a_name_does_not_lead_where_its_address_could_not() {
        let may = |hosts: &[&str], loopback, host: &str, address: &str| {
            let allowed = Allowed { hosts: hosts.iter().map(|&host| host.to_owned()).collect(), loopback };
            allowed.may_connect(host, address.parse().expect("an address"))
        };
        assert!(may(&[], false, "h.example", "8.8.8.8"));
        for address in ["127.0.0.1", "10.0.0.1", "::1", "fd12::1", "::ffff:10.0.0.1"] {
            assert!(!may(&[], false, "h.example", address), "{address}");
            assert!(may(&[], true, "h.example", address) && may(&["*.example"], false, "h.example", address), "{address}");
        }
        for address in ["169.254.169.254", "fe80::1", "0.0.0.0"] {
            assert!(!may(&[], true, "h.example", address) && !may(&["h.example"], true, "h.example", address), "{address}");
        }
        assert!(may(&["169.254.1.1"], false, "169.254.1.1", "169.254.1.1"));
    }

    #[test]
    fn a_list_of_hosts_is_exact() {
        let hosts = ["github.com", "*.example.com", "127.0.0.1"];
        for (url, taken) in [
            ("https://github.com/a", true),
            ("https://GitHub.com/a", true),
            ("https://git.example.com/a", true),
            ("http://git.example.com/a", true),
            ("http://127.0.0.1:3/a", true),
            ("https://example.com/a", false),
            ("https://evilexample.com/a", false),
            ("https://github.com.evil.net/a", false),
            ("https://gitlab.com/a", false),
        ] {
            assert_eq!(is_taken(url, &hosts, false), taken, "{url}");
        }
    }

    #[test]
    fn a_credential_in_a_url_is_refused_without_being_repeated() {
        for url in ["https://me:s3cr3t@h.example/a", "https://s3cr3t@h.example/a", "https://h.example/a?token=s3cr3t"] {
            let error = Repository::parse(url, &Allowed::default()).expect_err(url).to_string();
            assert!(!error.contains("s3cr3t"), "{error}");
        }
    }
}
