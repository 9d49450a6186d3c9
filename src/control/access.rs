//! Who may ask. With tokens: who has one. Without: programs of this machine that ask for themselves, and neither a web page nor a proxy in front.

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Control;
use super::failure::Failure;
use super::tokens::{Caller, Tokens};

/// Whatever passes requests on says so in one of these.
const FORWARDED: [&str; 6] = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via"];

/// Lets a request through with what its sender may do.
pub(super) async fn judge(State(control): State<Control>, request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    let caller = match &control.0.settings.tokens {
        Some(tokens) => bearer(&head, tokens),
        None => programs_only(&head).map(|()| Caller::Unlimited),
    };
    match caller {
        Ok(caller) => {
            head.extensions.insert(caller);
            next.run(Request::from_parts(head, body)).await
        }
        Err(failure) => {
            let mut response = failure.into_response();
            if response.status() == StatusCode::UNAUTHORIZED {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            response
        }
    }
}

fn bearer(head: &Parts, tokens: &Tokens) -> Result<Caller, Failure> {
    let mut given = head.headers.get_all(header::AUTHORIZATION).iter();
    let token = match (given.next().and_then(|value| value.to_str().ok()), given.next()) {
        (Some(value), None) => value.split_once(' ').filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim()),
        _ => None,
    };
    let refused = || Failure::new(StatusCode::UNAUTHORIZED, "unauthorized", "send a token that is valid here: `Authorization: Bearer …`");
    token.and_then(|token| tokens.caller(token)).ok_or_else(refused)
}

fn programs_only(head: &Parts) -> Result<(), Failure> {
    let text = |name: &str| head.headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let refused = |error: &str| Err(Failure::new(StatusCode::FORBIDDEN, "forbidden", error));
    let host = text("host").unwrap_or_default();
    if !names_this_machine(host) {
        return refused("this address may be anybody's: ask 127.0.0.1 or localhost, or let this process have --api-token-file");
    }
    if FORWARDED.iter().any(|name| head.headers.contains_key(*name)) {
        return refused("requests that something passes on are only taken with tokens: --api-token-file");
    }
    if let Some(origin) = text("origin")
        && origin.strip_prefix("http://") != Some(host)
    {
        return refused("pages of another origin may not ask this process");
    }
    let follows_link = head.method == Method::GET && text("sec-fetch-mode") == Some("navigate");
    if matches!(text("sec-fetch-site"), Some("cross-site" | "same-site")) && !follows_link {
        return refused("pages of another site may not ask this process");
    }
    Ok(())
}

/// A name or an address that nobody else can have.
fn names_this_machine(host: &str) -> bool {
    let Some(name) = host.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned)) else { return false };
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    name == "localhost" || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn is_refused(method: &str, headers: &[(&str, &str)]) -> bool {
        let request = headers.iter().fold(Request::builder().method(method), |request, (name, value)| request.header(*name, *value));
        programs_only(&request.body(()).expect("a request").into_parts().0).is_err()
    }

    #[test]
    fn web_pages_and_proxies_are_refused_and_programs_are_not() {
        let host = ("host", "127.0.0.1:8400");
        for (method, headers, refused) in [
            ("POST", vec![host], false),
            ("POST", vec![("host", "localhost")], false),
            ("POST", vec![("host", "[::1]:8400")], false),
            ("POST", vec![host, ("origin", "http://127.0.0.1:8400")], false),
            ("GET", vec![host, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")], false),
            ("POST", vec![], true),
            ("POST", vec![("host", "")], true),
            ("POST", vec![("host", "evil.example")], true),
            ("POST", vec![("host", "10.0.0.7:8400")], true),
            ("POST", vec![("host", "localhost.evil.example")], true),
            ("POST", vec![host, ("origin", "http://evil.example")], true),
            ("POST", vec![host, ("origin", "https://127.0.0.1:8400")], true),
            ("POST", vec![host, ("origin", "null")], true),
            ("GET", vec![host, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")], true),
            ("POST", vec![host, ("x-forwarded-for", "1.2.3.4")], true),
            ("POST", vec![host, ("forwarded", "for=1.2.3.4")], true),
            ("POST", vec![host, ("via", "1.1 proxy")], true),
        ] {
            assert_eq!(is_refused(method, &headers), refused, "{method} {headers:?}");
        }
    }
}
