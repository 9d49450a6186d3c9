//! Fingerprints: what a thing consists of, as one sha256.
//!
//! Raw bytes are hashed as they are, so that `sha256sum` of a file gives the same value. Anything of several fields is hashed with each
//! field's length in front, so that no two different lists of fields give the same input.

use std::cell::RefCell;
use std::fmt;
use std::io::{self, Read};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

thread_local! {
    /// Zeroed once for each thread instead of once for each file.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// 32 bytes of sha256; printed as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Of raw bytes: equal to what `sha256sum` prints.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Of a list of fields, each with its length (64 bits, big endian) in front.
    #[must_use]
    pub fn of_fields(fields: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for field in fields {
            hasher.update((field.len() as u64).to_be_bytes());
            hasher.update(field);
        }
        Self(hasher.finalize().into())
    }

    /// Of everything `reader` gives, with its length in bytes.
    pub fn of_reader(mut reader: impl Read) -> io::Result<(Self, u64)> {
        let mut hasher = ContentHasher::default();
        BUFFER.with_borrow_mut(|buffer| {
            buffer.resize(128 * 1024, 0);
            loop {
                match reader.read(buffer) {
                    Ok(0) => return Ok((hasher.fingerprint(), hasher.length)),
                    Ok(n) => hasher.update(&buffer[..n]),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
        })
    }

    /// The 32 bytes of a sha256.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// 64 hex digits, lower-case, and nothing else.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = hex_digit(pair[0])? << 4 | hex_digit(pair[1])?;
        }
        Some(Self(bytes))
    }

    /// The first 16 hex digits: enough to name things where a clash is caught otherwise.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string()[..16].to_owned()
    }

    /// The first 32 bits, to sort names into shards.
    #[must_use]
    pub fn leading_bits(&self) -> u32 {
        u32::from_be_bytes([self.0[0], self.0[1], self.0[2], self.0[3]])
    }
}

fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::from_hex(&text).ok_or_else(|| de::Error::custom("a fingerprint has 64 hex digits"))
    }
}

/// Hashes content piece by piece while it is sent or received.
#[derive(Clone, Default)]
pub struct ContentHasher {
    hasher: Sha256,
    length: u64,
}

impl ContentHasher {
    /// Takes the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.hasher.update(piece);
        self.length += piece.len() as u64;
    }

    /// The fingerprint of all pieces so far.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(self.hasher.clone().finalize().into())
    }

    /// How many bytes so far.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_hash_as_sha256sum_does() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Fingerprint::of_bytes(b"").to_string(), empty);
        assert_eq!(Fingerprint::from_hex(empty), Some(Fingerprint::of_bytes(b"")));
        assert_eq!(Fingerprint::of_reader(&b"abc"[..]).ok(), Some((Fingerprint::of_bytes(b"abc"), 3)));
    }

    #[test]
    fn moving_a_byte_between_fields_changes_the_fingerprint() {
        assert_ne!(Fingerprint::of_fields(&[b"ab", b"c"]), Fingerprint::of_fields(&[b"a", b"bc"]));
        assert_ne!(Fingerprint::of_fields(&[b"a"]), Fingerprint::of_fields(&[b"a", b""]));
    }

    #[test]
    fn only_lower_case_hex_of_full_length_is_read() {
        let hex = Fingerprint::of_bytes(b"x").to_string();
        assert!(Fingerprint::from_hex(&hex.to_uppercase()).is_none());
        assert!(Fingerprint::from_hex(&hex[1..]).is_none());
    }
}
