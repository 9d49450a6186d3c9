//! JSON as Go's `encoding/json` reads and writes it, where that is visible in the API: a request ends with its first value and what follows is ignored,
//! bad UTF-8 and lone surrogates become U+FFFD, numbers go through a 64-bit float, map keys come out sorted, and `<`, `>`, `&`, U+2028 and U+2029 are
//! escaped. Strings are bytes on the way out, because Go's are and file names need not be UTF-8.

mod parse;
mod write;

pub(super) use parse::{parse, text};
pub(super) use write::{List, Object, string};

/// A JSON value as it was sent.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// The literal text: what it means depends on whether an integer or a float is asked for.
    Number(String),
    String(String),
    Array(Vec<Value>),
    /// In the order sent, duplicates included.
    Object(Vec<(String, Value)>),
}

impl Value {
    /// The members of an object whose name equals `name` in any case, in the order sent. `null` has no members, as Go decodes it into a struct.
    pub(super) fn members(&self, name: &'static str) -> impl Iterator<Item = &Value> {
        let pairs: &[(String, Value)] = if let Self::Object(pairs) = self { pairs } else { &[] };
        pairs.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Whether Go decodes this into a struct at all.
    pub(super) fn is_struct(&self) -> bool {
        matches!(self, Self::Object(_) | Self::Null)
    }

    /// A string field: the last one sent that is not null, empty when there is none; `None` when one has another type.
    pub(super) fn string_field(&self, name: &'static str) -> Option<&str> {
        self.members(name).try_fold("", |last, value| match value {
            Self::String(text) => Some(text.as_str()),
            Self::Null => Some(last),
            _ => None,
        })
    }

    /// An integer field, by the rules of [`Value::string_field`]; fractions and exponents are another type.
    pub(super) fn integer_field(&self, name: &'static str) -> Option<i64> {
        self.members(name).try_fold(0, |last, value| match value {
            Self::Number(literal) => literal.parse().ok(),
            Self::Null => Some(last),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::write::write_string;
    use super::*;

    fn rewritten(text: &str) -> Option<String> {
        let mut out = Vec::new();
        parse(text.as_bytes())?.write(&mut out)?;
        String::from_utf8(out).ok()
    }

    #[test]
    fn values_come_back_as_go_writes_them() {
        for (sent, stored) in [
            (r#" {"b":1,"a":[1,2,{"z":null}],"b":2} "#, r#"{"a":[1,2,{"z":null}],"b":2}"#),
            ("9007199254740993", "9007199254740992"),
            ("-0", "-0"),
            ("1.50", "1.5"),
            ("1e21", "1e+21"),
            ("1e20", "100000000000000000000"),
            ("0.000001", "0.000001"),
            ("0.0000001", "1e-7"),
            (r#""<&>\u2028\/é😀\u0001\b\u007f""#, "\"\\u003c\\u0026\\u003e\\u2028/é😀\\u0001\\b\u{7f}\""),
            (r#""x\ud800y""#, "\"x\u{fffd}y\""),
            (r#""\ud83d\ude00\ud83d\u0041""#, "\"😀\u{fffd}A\""),
            ("[] trailing", "[]"),
        ] {
            assert_eq!(rewritten(sent).as_deref(), Some(stored), "{sent}");
        }
    }

    #[test]
    fn what_go_refuses_is_refused() {
        for text in
            ["", "not json", "[1,]", "{\"a\"}", "{\"a\":1", "[01]", "1e", "\"\n\"", "\"\\x\"", "1e999", "-", "1.", "\"\\u12g4\"", "{a:1}"]
        {
            assert_eq!(rewritten(text), None, "{text}");
        }
        assert_eq!(parse("[".repeat(100_000).as_bytes()), None);
    }

    #[test]
    fn each_bad_byte_becomes_one_replacement_character() {
        assert_eq!(parse(b"\"\xe2\x82\""), Some(Value::String("\u{fffd}\u{fffd}".into())));
        let mut out = Vec::new();
        write_string(b"a\xff\xfe", &mut out);
        assert_eq!(out, br#""a\ufffd\ufffd""#);
    }

    #[test]
    fn fields_ignore_case_and_the_last_one_wins() {
        let body = parse(br#"{"Runtime":"js","CODE":"y","code":"z","code":null,"port":80,"x":{}}"#).expect("valid JSON");
        assert_eq!(body.string_field("runtime"), Some("js"));
        assert_eq!(body.string_field("code"), Some("z"));
        assert_eq!(body.integer_field("port"), Some(80));
        assert_eq!(body.integer_field("x"), None);
        assert_eq!(parse(br#"{"port":"80"}"#).expect("valid JSON").integer_field("port"), None);
        assert_eq!(parse(br#"{"port":8e1}"#).expect("valid JSON").integer_field("port"), None);
    }
}
