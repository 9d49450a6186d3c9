//! Reading the body of a request: so many bytes, for so long, and JSON only when it says so.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use super::budget::{Budget, Share};
use super::failure::Failure;
use crate::key::printable;

/// A registration of more bytes is none.
const MOST: usize = 64 << 10;
/// How long a body may take to come.
const PATIENCE: Duration = Duration::from_secs(10);

/// A body, and its share of the memory for all of them.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) bytes: Vec<u8>,
    _share: Share,
}

/// The whole body; one that is too long is not read to its end, one that does not come is not waited for.
pub(super) async fn bytes(body: Body, most: usize, budget: &Budget) -> Result<Whole, Failure> {
    let reading = async {
        let (mut pieces, mut bytes, mut share) = (body.into_data_stream(), Vec::new(), budget.share());
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|_| Failure::bad("the body ended early"))?;
            if bytes.len() + piece.len() > most {
                let error = format!("the body is larger than {most} bytes");
                return Err(Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", error));
            }
            if !share.grow(piece.len()) {
                return Err(Failure::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "too much is being sent to this process: send it again"));
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(Whole { bytes, _share: share })
    };
    let late = || Failure::new(StatusCode::REQUEST_TIMEOUT, "timeout", "the body did not come in time");
    tokio::time::timeout(PATIENCE, reading).await.unwrap_or_else(|_| Err(late()))
}

/// A body of a known form. What is wrong with it is said without any of its values: one of them may be a secret.
pub(super) async fn json<T: DeserializeOwned>(headers: &HeaderMap, body: Body, budget: &Budget) -> Result<T, Failure> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    // What a form of a foreign web page cannot send without asking first.
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        let error = "send JSON, with `Content-Type: application/json`";
        return Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", error));
    }
    let whole = bytes(body, MOST, budget).await?;
    serde_json::from_slice(&whole.bytes).map_err(|error| Failure::bad(format!("invalid request body: {}", without_values(&error))))
}

fn without_values(error: &serde_json::Error) -> String {
    let (text, place) = (error.to_string(), format!("line {} column {}", error.line(), error.column()));
    let names_a_key = ["missing field", "unknown field", "duplicate field"].iter().any(|start| text.starts_with(start));
    match error.classify() {
        serde_json::error::Category::Data if names_a_key => printable(&text).chars().take(200).collect(),
        serde_json::error::Category::Data => format!("a value of another type is expected at {place}"),
        serde_json::error::Category::Syntax => format!("it is not JSON at {place}"),
        serde_json::error::Category::Eof | serde_json::error::Category::Io => "it ends early".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Form {
        #[expect(dead_code, reason = "only its type plays a part")]
        token: String,
    }

    #[test]
    fn no_message_repeats_a_value() {
        for (text, said) in [
            (r#"{"token": ["s3cr3t"]}"#, "another type"),
            (r#"{"token": {"a": "s3cr3t"}}"#, "another type"),
            (r#"{"token": "s3cr3t"#, "ends early"),
            (r#"{"token": s3cr3t}"#, "not JSON"),
            (r#"{"token": "s3cr3t", "token": "s3cr3t"}"#, "duplicate field `token`"),
            (r#"{"other": "s3cr3t"}"#, "unknown field `other`"),
            (r#""s3cr3t""#, "another type"),
            ("{}", "missing field `token`"),
        ] {
            let error = without_values(&serde_json::from_str::<Form>(text).expect_err(text));
            assert!(error.contains(said) && !error.contains("s3cr3t"), "{text}: {error}");
        }
        let deep = format!("{{\"token\": {}", "[".repeat(10_000));
        assert!(serde_json::from_str::<Form>(&deep).is_err());
    }
}
