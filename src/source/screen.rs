//! Which machines may be connected to when repositories are named by somebody who is not to reach all that this machine reaches.
//!
//! A host is judged by its addresses, at each connection, and those that were judged are the ones that are connected to: a name that leads elsewhere
//! a moment later (DNS rebinding) gains nothing. Behind a proxy, which looks names up itself, what cannot be looked up here is left to the proxy.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;

/// Whether a host may be connected to at an address.
type Judge = dyn Fn(&str, IpAddr) -> bool + Send + Sync;

/// See the module.
#[derive(Clone)]
pub struct Screen(Arc<Judge>);

impl Screen {
    /// Lets pass what `judge` says of a host, as it stands in the URL, and one of its addresses.
    #[must_use]
    pub fn new(judge: impl Fn(&str, IpAddr) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(judge))
    }

    /// The addresses of a host that may be connected to; there is one.
    pub(super) fn addresses(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let all: Vec<_> = (host, port).to_socket_addrs()?.collect();
        let passed: Vec<_> = all.iter().copied().filter(|address| (self.0)(host, address.ip())).collect();
        match (all.first(), passed.is_empty()) {
            (Some(address), true) => {
                let reason = format!("the host is at {}, where no registered repository may be: --allow-host would allow it", address.ip());
                Err(io::Error::new(io::ErrorKind::PermissionDenied, reason))
            }
            _ => Ok(passed),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use tokio_util::sync::CancellationToken;

    use super::super::{Limits, Location, Options, remote_head};
    use super::*;
    use crate::event::Silent;

    #[test]
    fn neither_http_nor_ssh_connects_where_a_name_may_not_lead() {
        let second = Duration::from_secs(1);
        let options = Options {
            screen: Some(Screen::new(|_, address| !address.is_loopback())),
            limits: Limits { silence: second, deadline: second },
            ..Options::plain(Arc::new(Silent), CancellationToken::new())
        };
        for url in ["http://localhost:1/a", "https://localhost:1/a", "ssh://localhost:1/a", "http://127.0.0.1:1/a"] {
            let location = Location::parse(Path::new(url)).expect("a URL");
            let error = remote_head(&location, &options).expect_err(url).to_string();
            assert!(error.contains("--allow-host"), "{url}: {error}");
        }
    }

    #[test]
    fn only_addresses_that_pass_are_connected_to() {
        let screen = Screen::new(|host, address| host == "127.0.0.1" || !address.is_loopback());
        assert!(screen.addresses("127.0.0.1", 1).is_ok_and(|passed| passed.len() == 1));
        // A name is judged by where it leads.
        let error = screen.addresses("localhost", 1).expect_err("it leads here");
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        assert!(error.to_string().contains("--allow-host"), "{error}");
    }
}
