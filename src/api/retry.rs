//! When a request is sent again, and when it is not.

use std::time::{Duration, SystemTime};

use super::error::ApiError;

/// The longest wait that a `Retry-After` can ask for.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// The wait before the second try; doubled for each one after it.
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// Tries for what is known not to get better: the server's own permanent errors, and bodies that were cut.
const FEW_TRIES: u32 = 2;

/// Texts of 500s that say something about the name, not about the moment (server.md tF2, tF3, tF4, tV2).
const PERMANENT: [&str; 7] = [
    "invalid path",
    "not a directory",
    "is a directory",
    "file name too long",
    "invalid argument",
    "reserved !badger! prefix",
    "Cannot acquire directory lock",
];

/// What a failed try means for the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Sending it again changes nothing.
    Stop,
    /// Worth one more try only.
    Few,
    /// Worth trying as often as allowed.
    Again,
}

/// Judges a failed try.
pub(super) fn judge(error: &ApiError) -> Verdict {
    match error {
        ApiError::Unreachable { .. } => Verdict::Again,
        ApiError::Status { status: 500, message, .. } if PERMANENT.iter().any(|text| message.contains(text)) => Verdict::Few,
        ApiError::Status { status: 429 | 500 | 502 | 503 | 504, .. } => Verdict::Again,
        ApiError::Lost { .. } | ApiError::UploadCut { .. } | ApiError::Reply { .. } => Verdict::Few,
        ApiError::Config(_)
        | ApiError::NotAnOrchestrator { .. }
        | ApiError::Refused { .. }
        | ApiError::Redirect { .. }
        | ApiError::Status { .. }
        | ApiError::TooLarge { .. }
        | ApiError::ContentChanged { .. } => Verdict::Stop,
    }
}

/// How long to wait before try `next` (the second is 1), or nothing when it was the last.
///
/// `dice` is a number from 0 to 1: full jitter spreads those that failed together. A `Retry-After` is a lower bound, up to a cap.
pub(super) fn wait(verdict: Verdict, next: u32, retries: u32, retry_after: Option<Duration>, dice: f64) -> Option<Duration> {
    let allowed = match verdict {
        Verdict::Stop => 0,
        Verdict::Few => retries.min(FEW_TRIES - 1),
        Verdict::Again => retries,
    };
    if next > allowed {
        return None;
    }
    let full = FIRST_WAIT.saturating_mul(1 << next.min(6)).min(MAX_WAIT);
    let jitter = full.mul_f64(dice.clamp(0.0, 1.0));
    Some(retry_after.map_or(jitter, |asked| asked.min(MAX_WAIT) + jitter.min(Duration::from_secs(1))))
}

/// Reads a `Retry-After`: seconds or an HTTP date; anything else says nothing.
pub(super) fn retry_after(header: &str, now: SystemTime) -> Option<Duration> {
    let text = header.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    httpdate::parse_http_date(text).ok().map(|date| date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16, message: &str) -> ApiError {
        ApiError::Status { endpoint: "PUT /x".to_owned(), status, message: message.to_owned() }
    }

    #[test]
    fn what_may_pass_is_tried_again_and_what_will_not_is_not() {
        for passing in [429, 500, 502, 503, 504] {
            assert_eq!(judge(&status(passing, "")), Verdict::Again, "{passing}");
        }
        for permanent in [400, 404, 405, 413, 431, 501] {
            assert_eq!(judge(&status(permanent, "")), Verdict::Stop, "{permanent}");
        }
        assert_eq!(judge(&status(500, "open storage/a: is a directory")), Verdict::Few);
    }

    #[test]
    fn waits_grow_and_end() {
        let waits: Vec<_> = (1..=6).map(|next| wait(Verdict::Again, next, 5, None, 1.0)).collect();
        assert!(waits[..5].windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(waits[5], None);
        assert!(wait(Verdict::Few, 1, 5, None, 0.5).is_some());
        assert_eq!(wait(Verdict::Few, 2, 5, None, 0.5), None);
        assert_eq!(wait(Verdict::Few, 1, 0, None, 0.5), None, "--retries 0 means none");
    }

    #[test]
    fn a_retry_after_is_honoured_to_a_cap() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        assert_eq!(retry_after("3", now), Some(Duration::from_secs(3)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:47 GMT", now), Some(Duration::from_secs(10)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:30 GMT", now), Some(Duration::ZERO));
        for junk in ["-5", "soon", ""] {
            assert_eq!(retry_after(junk, now), None, "{junk}");
        }
        let asked = retry_after("1000000000", now);
        assert!(wait(Verdict::Again, 1, 5, asked, 1.0).is_some_and(|wait| wait <= Duration::from_secs(31)));
    }
}
