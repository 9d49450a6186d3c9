//! Percent-encoding, exactly as Go's `net/url` does it for a path.
//!
//! The server routes on the raw path when it differs in any byte from Go's own encoding of the decoded one, and then stores the escapes
//! literally (server.md tF1). So these bytes stay bare: letters, digits and `-_.~$&+,/:;=@`; every other byte becomes an upper-case `%XX`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b',')
    .remove(b'/')
    .remove(b':')
    .remove(b';')
    .remove(b'=')
    .remove(b'@');

/// A path, slashes kept.
pub(super) fn path(text: &str) -> String {
    utf8_percent_encode(text, PATH).to_string()
}

/// A value of a query: a bare `+` would be read as a space, so everything but letters, digits and `-._~` is escaped.
pub(super) fn query(text: &str) -> String {
    const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(text, QUERY).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_encoded_as_the_contract_shows() {
        for (name, encoded) in [
            ("x y(1).txt", "x%20y%281%29.txt"),
            ("u+v&w=$,;:@.txt", "u+v&w=$,;:@.txt"),
            ("q'!*.txt", "q%27%21%2A.txt"),
            ("[1]", "%5B1%5D"),
            ("t~", "t~"),
            ("50%.txt", "50%25.txt"),
            ("a%2Fb", "a%252Fb"),
            ("é", "%C3%A9"),
            ("\\|^\"\n#?", "%5C%7C%5E%22%0A%23%3F"),
            ("a/b", "a/b"),
        ] {
            assert_eq!(path(name), encoded);
        }
        assert_eq!(query("m.a+b/"), "m.a%2Bb%2F");
    }

    #[test]
    fn what_is_encoded_is_what_is_meant_in_characters_that_a_server_leaves_alone() {
        use percent_encoding::percent_decode_str;
        use proptest::test_runner::{Config, RngSeed, TestRunner};
        use proptest::{prop_assert, prop_assert_eq};
        let config = Config { cases: 2_000, failure_persistence: None, rng_seed: RngSeed::Fixed(4711), ..Config::default() };
        TestRunner::new(config)
            .run(&"(?s).{0,40}", |text| {
                for (encoded, bare) in [(path(&text), "-_.~$&+,/:;=@"), (query(&text), "-_.~")] {
                    prop_assert_eq!(percent_decode_str(&encoded).decode_utf8().expect("UTF-8"), &text[..]);
                    let plain = |c: char| c.is_ascii_alphanumeric() || c == '%' || bare.contains(c);
                    prop_assert!(encoded.chars().all(plain), "{}", encoded);
                }
                Ok(())
            })
            .expect("texts that come back");
    }
}
