//! The request target, read as Go's `net/url` and chi read it. Go decodes the path, encodes it again in its own way, and when that does not give the
//! very bytes that were sent it keeps the sent text beside the decoded one; chi then routes on the sent text and never decodes it. So a path is decoded
//! if and only if it was encoded exactly as Go would have, and is taken literally, `%XX` and all, otherwise.

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// The path that is routed on and that names things; it starts with `/` and need not be UTF-8.
    pub(super) path: Vec<u8>,
    /// The value of `?prefix=`, empty when absent.
    pub(super) prefix: Vec<u8>,
    /// The value of `?since=`, when it is a number.
    pub(super) since: Option<u64>,
}

/// The target holds a `%` that two hexadecimal digits do not follow.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadEscape;

impl Target {
    /// Reads the path and the query of a request line.
    pub(super) fn read(path: &str, query: &str) -> Result<Self, BadEscape> {
        let decoded = unescape(path.as_bytes(), false).ok_or(BadEscape)?;
        let literal = escape(&decoded) != path.as_bytes();
        Ok(Self {
            path: if literal { path.as_bytes().to_vec() } else { decoded },
            prefix: query_value(query, b"prefix").unwrap_or_default(),
            since: query_value(query, b"since").and_then(|since| String::from_utf8(since).ok()?.parse().ok()),
        })
    }
}

/// The first value of `name`.
fn query_value(query: &str, name: &[u8]) -> Option<Vec<u8>> {
    query_pairs(query).into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// Names and values in the order sent. Pairs that Go cannot read are skipped, as it does.
pub(super) fn query_pairs(query: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
    let readable = query.split('&').filter(|pair| !pair.is_empty() && !pair.contains(';'));
    let pair = |pair: &str| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((unescape(key.as_bytes(), true)?, unescape(value.as_bytes(), true)?))
    };
    readable.filter_map(pair).collect()
}

fn unescape(text: &[u8], plus_is_space: bool) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => hex(*bytes.next()?)? << 4 | hex(*bytes.next()?)?,
            b'+' if plus_is_space => b' ',
            _ => *byte,
        });
    }
    Some(out)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Go's own encoding of a path.
fn escape(path: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = Vec::with_capacity(path.len());
    for byte in path {
        if byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@".contains(byte) {
            out.push(*byte);
        } else {
            out.extend([b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(sent: &str) -> Vec<u8> {
        Target::read(sent, "").expect("a good target").path
    }

    #[test]
    fn a_path_is_decoded_only_when_encoded_as_go_would() {
        for (sent, read) in [
            ("/x%20y%281%29.txt", "/x y(1).txt"),
            ("/u+v&w=$,;:@.txt", "/u+v&w=$,;:@.txt"),
            ("/caf%C3%A9", "/café"),
            ("/a%252Fb", "/a%2Fb"),
            ("/caf%c3%a9", "/caf%c3%a9"),
            ("/x%20y(1).txt", "/x%20y(1).txt"),
            ("/u%2Bv", "/u%2Bv"),
            ("/%7E", "/%7E"),
            ("/a%2Fb", "/a%2Fb"),
            ("/it's", "/it's"),
            ("/it's%20.txt", "/it's%20.txt"),
            ("//dbl//", "//dbl//"),
        ] {
            assert_eq!(path(sent), read.as_bytes(), "{sent}");
        }
        assert_eq!(path("/%FF%00"), b"/\xff\0");
    }

    #[test]
    fn bad_escapes_are_refused() {
        for sent in ["/%zz", "/%", "/%4", "/%%20"] {
            assert_eq!(Target::read(sent, ""), Err(BadEscape), "{sent}");
        }
    }

    #[test]
    fn the_first_readable_prefix_counts() {
        for (query, prefix) in [
            ("prefix=a+b%2Bc", "a b+c"),
            ("x=1&prefix=a&prefix=b", "a"),
            ("prefix=%zz&prefix=b", "b"),
            ("prefix=a;b", ""),
            ("prefix", ""),
            ("Prefix=a", ""),
        ] {
            assert_eq!(Target::read("/", query).expect("a good target").prefix, prefix.as_bytes(), "{query}");
        }
    }
}
