//! How a value of the record is wrapped: `zg<format> <sha256 of the body> <body>`, in one JSON string.
//!
//! A string passes through the server's store exactly; numbers and key order do not (server.md tV1).

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use super::FORMAT;
use crate::fingerprint::Fingerprint;

/// Why a value is no part of a record that this version can use.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// Not wrapped as a record, cut, or changed: its checksum does not match.
    #[error("is damaged: its checksum does not match")]
    Damaged,
    /// The body is not what its key says.
    #[error("does not have the form of a record: {0}")]
    Form(String),
    /// Written by a newer version.
    #[error("has format {0}; this version reads up to {FORMAT}")]
    Newer(u32),
    /// Its key is listed, and the server says there is no value.
    #[error("is named there, but the server does not give it out")]
    Missing,
    /// It belongs to another application than its key says.
    #[error("was written for another application")]
    Foreign,
    /// Larger than any value this program writes.
    #[error("is larger than a record can be")]
    TooLarge,
}

/// Wraps a body.
pub(super) fn seal(body: &impl Serialize) -> String {
    // The types of the record are plain: strings, numbers and lists, which always serialise.
    let body = serde_json::to_string(body).unwrap_or_default();
    format!("zg{FORMAT} {} {body}", Fingerprint::of_bytes(body.as_bytes()))
}

/// Unwraps a value and checks that it is whole.
pub(super) fn open<T: DeserializeOwned>(value: &str) -> Result<T, RecordError> {
    let mut parts = value.splitn(3, ' ');
    let (Some(tag), Some(sum), Some(body)) = (parts.next(), parts.next(), parts.next()) else { return Err(RecordError::Damaged) };
    let format: u32 = tag.strip_prefix("zg").and_then(|n| n.parse().ok()).ok_or(RecordError::Damaged)?;
    if format > FORMAT {
        return Err(RecordError::Newer(format));
    }
    if Fingerprint::from_hex(sum) != Some(Fingerprint::of_bytes(body.as_bytes())) {
        return Err(RecordError::Damaged);
    }
    serde_json::from_str(body).map_err(|error| RecordError::Form(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_and_nothing_else_does() {
        let sealed = seal(&("<&>", u64::MAX));
        assert_eq!(open::<(String, u64)>(&sealed), Ok(("<&>".to_owned(), u64::MAX)));
        assert_eq!(open::<(String, u64)>(&sealed[..sealed.len() - 1]), Err(RecordError::Damaged));
        assert_eq!(open::<(String, u64)>(""), Err(RecordError::Damaged));
        assert_eq!(open::<(String, u64)>(&sealed.replacen("zg1", "zg2", 1)), Err(RecordError::Newer(2)));
        assert!(matches!(open::<Vec<u8>>(&sealed), Err(RecordError::Form(_))));
    }
}
