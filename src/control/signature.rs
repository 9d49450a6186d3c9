//! Whether a message comes from somebody who has a secret of this process.

use axum::http::HeaderMap;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::tokens::Secrets;

/// Who sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Provider {
    GitHub,
    GitLab,
    /// And Forgejo.
    Gitea,
    /// Cloud and Server.
    Bitbucket,
    /// Whoever signs as GitHub does.
    Generic,
}

impl Provider {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "github" => Self::GitHub,
            "gitlab" => Self::GitLab,
            "gitea" => Self::Gitea,
            "bitbucket" => Self::Bitbucket,
            "generic" => Self::Generic,
            _ => return None,
        })
    }
}

/// Whether `body` is signed with one of `secrets`. One good signature does not make up for a bad one beside it.
pub(super) fn is_valid(provider: Provider, headers: &HeaderMap, body: &[u8], secrets: &Secrets) -> bool {
    let (names, prefix): (&[&str], &str) = match provider {
        Provider::GitLab => {
            let Some(Ok(token)) = only(headers, "x-gitlab-token") else { return false };
            return secrets.any(|secret| bool::from(secret.ct_eq(token.as_bytes())));
        }
        Provider::GitHub | Provider::Generic => (&["x-hub-signature-256"], "sha256="),
        Provider::Bitbucket => (&["x-hub-signature"], "sha256="),
        Provider::Gitea => (&["x-gitea-signature", "x-forgejo-signature"], ""),
    };
    let mut given = Vec::new();
    for name in names {
        match only(headers, name) {
            None => {}
            Some(Err(())) => return false,
            Some(Ok(text)) => match text.strip_prefix(prefix).and_then(bytes_of_hex) {
                Some(signature) => given.push(signature),
                None => return false,
            },
        }
    }
    !given.is_empty() && secrets.any(|secret| given.iter().all(|signature| is_signed(secret, body, signature)))
}

fn is_signed(secret: &[u8], body: &[u8], signature: &[u8]) -> bool {
    // A key of any length is one.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return false };
    mac.update(body);
    // In constant time.
    mac.verify_slice(signature).is_ok()
}

/// The only value of a header; an error when there are several, or it is no text.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<Result<&'a str, ()>> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    Some(if values.next().is_some() { Err(()) } else { first.to_str().map_err(|_| ()) })
}

/// 32 bytes in 64 lower-case digits, as all of them write it.
fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    let is_digest = text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_digest.then(|| text.as_bytes().chunks(2).filter_map(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok()).collect())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    const BODY: &[u8] = b"{\"ref\": \"refs/heads/main\"}";
    const OLD: &str = "the-old-secret-0123";
    const NEW: &str = "the-new-secret-0123";

    fn secrets() -> Secrets {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        writeln!(file, "{OLD}\n{NEW}").expect("a file");
        Secrets::read(file.path()).expect("secrets")
    }

    fn signature(secret: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
        mac.update(BODY);
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn passes(provider: Provider, headers: &[(&str, &str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.parse::<HeaderName>().expect("a name"), HeaderValue::from_str(value).expect("a value"));
        }
        is_valid(provider, &map, BODY, &secrets())
    }

    #[test]
    fn both_secrets_sign_while_they_are_changed() {
        for secret in [OLD, NEW] {
            let (bare, named) = (signature(secret), format!("sha256={}", signature(secret)));
            assert!(passes(Provider::GitHub, &[("x-hub-signature-256", &named)]));
            assert!(passes(Provider::Generic, &[("x-hub-signature-256", &named)]));
            assert!(passes(Provider::Bitbucket, &[("x-hub-signature", &named)]));
            assert!(passes(Provider::Gitea, &[("x-gitea-signature", &bare)]));
            assert!(passes(Provider::Gitea, &[("x-gitea-signature", &bare), ("x-forgejo-signature", &bare)]));
            assert!(passes(Provider::GitLab, &[("x-gitlab-token", secret)]));
        }
    }

    #[test]
    fn anything_else_is_no_signature() {
        let (bare, named, other) = (signature(OLD), format!("sha256={}", signature(OLD)), signature("some-other-secret-0"));
        let upper = format!("sha256={}", bare.to_uppercase());
        for headers in [
            vec![],
            vec![("x-hub-signature-256", "")],
            vec![("x-hub-signature-256", "sha256=")],
            vec![("x-hub-signature-256", &named[..named.len() - 2])],
            vec![("x-hub-signature-256", bare.as_str())],
            vec![("x-hub-signature-256", upper.as_str())],
            vec![("x-hub-signature", named.as_str())],
            vec![("x-hub-signature-256", named.as_str()), ("x-hub-signature-256", named.as_str())],
            vec![("x-hub-signature-256", "sha1=0123456789012345678901234567890123456789")],
        ] {
            assert!(!passes(Provider::GitHub, &headers), "{headers:?}");
        }
        assert!(!passes(Provider::Gitea, &[("x-gitea-signature", &named)]));
        assert!(!passes(Provider::Gitea, &[("x-gitea-signature", &bare), ("x-forgejo-signature", &other)]));
        assert!(!passes(Provider::GitLab, &[("x-gitlab-token", &OLD[1..])]) && !passes(Provider::GitLab, &[("x-gitlab-token", "")]));
        assert!(!passes(Provider::GitLab, &[("x-hub-signature-256", &named)]));
    }
}
