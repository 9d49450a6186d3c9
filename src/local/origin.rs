//! Who may ask. A server on this machine is within reach of every page in the user's browser, and has no password: so a request that another site's page
//! makes is refused, and so is one that came by a name which only looks like this machine.

use axum::http::header::{HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, Uri};

use super::answer::{Reply, error};

/// The reply to a request that must not be answered, `None` for all others. `is_local`: the server listens on the loopback interface only.
pub(super) fn refusal(head: &Parts, is_local: bool) -> Option<Reply> {
    let header = |name: &str| head.headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let host = header(HOST.as_str());
    if is_local && host.is_some_and(|host| !names_this_machine(host)) {
        return Some(refused("this server only answers to localhost and to addresses of this machine"));
    }
    let of_same_origin = |origin: &str| origin.strip_prefix("http://").is_some_and(|origin| Some(origin) == host);
    if header(ORIGIN.as_str()).is_some_and(|origin| !of_same_origin(origin)) {
        return Some(refused("pages of another origin may not ask this server"));
    }
    // Browsers send no origin with images, scripts and forms that only read. Following a link is fine.
    let follows_link = head.method == Method::GET && header("sec-fetch-mode") == Some("navigate");
    if matches!(header("sec-fetch-site"), Some("cross-site" | "same-site")) && !follows_link {
        return Some(refused("pages of another site may not ask this server"));
    }
    None
}

fn refused(why: &str) -> Reply {
    error(StatusCode::FORBIDDEN, why)
}

/// A name that nobody else can point here, or an address.
fn names_this_machine(host: &str) -> bool {
    let Some(uri) = host.parse::<Uri>().ok() else { return false };
    let Some(name) = uri.host() else { return false };
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    address.is_ok() || name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn is_refused(method: &str, headers: &[(&str, &str)], is_local: bool) -> bool {
        let request = headers.iter().fold(Request::builder().method(method), |request, (name, value)| request.header(*name, *value));
        refusal(&request.body(()).expect("a request").into_parts().0, is_local).is_some()
    }

    #[test]
    fn pages_of_other_sites_are_refused_and_nobody_else() {
        let host = ("host", "localhost:8000");
        for (method, headers, refused) in [
            ("POST", vec![host], false),
            ("POST", vec![host, ("origin", "http://localhost:8000"), ("sec-fetch-site", "same-origin")], false),
            ("GET", vec![host, ("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")], false),
            ("GET", vec![host, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")], false),
            ("GET", vec![host, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")], true),
            ("POST", vec![host, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")], true),
            ("POST", vec![host, ("origin", "http://evil.example")], true),
            ("POST", vec![host, ("origin", "http://localhost:3000")], true),
            ("POST", vec![host, ("origin", "null")], true),
            ("POST", vec![("origin", "http://localhost:8000")], true),
        ] {
            assert_eq!(is_refused(method, &headers, true), refused, "{method} {headers:?}");
        }
    }

    #[test]
    fn names_that_others_can_point_here_are_refused_on_the_loopback_interface() {
        for (host, refused) in [
            ("127.0.0.1:8000", false),
            ("[::1]:8000", false),
            ("LOCALHOST", false),
            ("app.localhost:1", false),
            ("10.0.0.7", false),
            ("evil.example:8000", true),
            ("localhost.evil.example", true),
            ("notlocalhost", true),
            ("", true),
        ] {
            assert_eq!(is_refused("GET", &[("host", host)], true), refused, "{host}");
            assert!(!is_refused("GET", &[("host", host)], false), "{host}");
        }
        assert!(!is_refused("GET", &[], true));
    }
}
