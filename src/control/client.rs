//! The client of the applications API of another process.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Method, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use thiserror::Error;

use crate::key::printable;

/// How long connecting may take, and an answer beside what it waits for.
const PATIENCE: Duration = Duration::from_secs(30);
/// An answer of more bytes is none of ours.
const MOST: usize = 64 << 20;

/// Why there is no answer, or not the one that was hoped for.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ClientError {
    /// Something about the address or the token.
    #[error("{0}")]
    Config(String),
    /// Nobody answers.
    #[error("nothing answers at {url}: {reason}")]
    Unreachable {
        /// Where.
        url: String,
        /// Why.
        reason: String,
    },
    /// Something answers that is no watch process.
    #[error("what answers at {0} does not serve applications")]
    Stranger(String),
    /// The request was refused.
    #[error("{error}")]
    Refused {
        /// With which status.
        status: u16,
        /// What the other side said.
        error: String,
    },
}

/// See the module.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    token: Option<HeaderValue>,
}

impl Client {
    /// For the process at `url`. A token goes over plain http to this machine only, unless `insecure` says otherwise.
    pub fn new(url: &str, token: Option<&SecretString>, insecure: bool) -> Result<Self, ClientError> {
        let wrong = |why: &str| ClientError::Config(format!("--api {why}"));
        let base = Url::parse(url).map_err(|_| wrong("is not a URL such as http://127.0.0.1:8400"))?;
        if !matches!(base.scheme(), "http" | "https") || !base.username().is_empty() || base.password().is_some() {
            return Err(wrong("is http:// or https://, without a user"));
        }
        let is_here = match base.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => return Err(wrong("names no host")),
        };
        if token.is_some() && base.scheme() == "http" && !is_here && !insecure {
            return Err(wrong("would get the token over plain http: use https, or --allow-insecure-token"));
        }
        let token = token.map(|token| {
            let mut value =
                HeaderValue::from_str(&format!("Bearer {}", token.expose_secret())).map_err(|_| wrong("cannot take this token"))?;
            value.set_sensitive(true);
            Ok::<_, ClientError>(value)
        });
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("zerverless-gitops/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(PATIENCE);
        if is_here {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|error| ClientError::Config(error.to_string()))?;
        Ok(Self { http, base, token: token.transpose()? })
    }

    /// Asks for `path` below the applications; `query` stands behind it. Gives the status and the answer.
    pub async fn ask(
        &self,
        method: &str,
        path: &[&str],
        query: &[(&str, String)],
        body: Option<&Value>,
        wait: Duration,
    ) -> Result<(u16, Value), ClientError> {
        let method = Method::from_bytes(method.as_bytes()).map_err(|error| ClientError::Config(error.to_string()))?;
        let mut request = self.http.request(method, self.url(path, query)).timeout(PATIENCE + wait);
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, token.clone());
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let mut response = request.send().await.map_err(|error| self.unreachable(error))?;
        let (status, mut bytes) = (response.status(), Vec::new());
        while let Some(piece) = response.chunk().await.map_err(|error| self.unreachable(error))? {
            if bytes.len() + piece.len() > MOST {
                return Err(ClientError::Stranger(self.base.to_string()));
            }
            bytes.extend_from_slice(&piece);
        }
        if status == StatusCode::NO_CONTENT {
            return Ok((status.as_u16(), Value::Null));
        }
        let answer: Value = serde_json::from_slice(&bytes).map_err(|_| ClientError::Stranger(self.base.to_string()))?;
        if status.is_success() {
            return Ok((status.as_u16(), answer));
        }
        let error = answer["error"].as_str().ok_or_else(|| ClientError::Stranger(self.base.to_string()))?;
        Err(ClientError::Refused { status: status.as_u16(), error: printable(error).into_owned() })
    }

    fn url(&self, path: &[&str], query: &[(&str, String)]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["api", "gitops", "applications"]).extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    fn unreachable(&self, error: reqwest::Error) -> ClientError {
        let error = error.without_url();
        let layers = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
        let reason = layers.last().map(ToString::to_string).unwrap_or_default();
        ClientError::Unreachable { url: self.base.to_string(), reason: printable(&reason).into_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_not_sent_in_the_clear_to_another_machine() {
        let token = Some(SecretString::from("s3cr3t"));
        for (url, fine) in [("http://127.0.0.1:1", true), ("http://[::1]:1", true), ("https://h", true), ("http://h", false)] {
            assert_eq!(Client::new(url, token.as_ref(), false).is_ok(), fine, "{url}");
        }
        assert!(Client::new("http://h", token.as_ref(), true).is_ok() && Client::new("http://h", None, false).is_ok());
        for bad in ["h:1", "ftp://h", "http://u:p@h", ""] {
            assert!(Client::new(bad, None, false).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_stay_one_segment() {
        let client = Client::new("http://127.0.0.1:1/below/", None, false).expect("a client");
        let url = client.url(&["a/../b", "sync"], &[("namespace", "x&y".to_owned())]);
        assert_eq!(url.as_str(), "http://127.0.0.1:1/below/api/gitops/applications/a%2F..%2Fb/sync?namespace=x%26y");
    }
}
