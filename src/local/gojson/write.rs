//! Writing: values, strings of bytes, and the replies built of them.

use std::collections::BTreeMap;

use super::Value;

impl Value {
    /// Appends the value as Go writes it after reading it into an `interface{}`; `None` when a number is too large for a float.
    pub(in crate::local) fn write(&self, out: &mut Vec<u8>) -> Option<()> {
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::Bool(true) => out.extend_from_slice(b"true"),
            Self::Bool(false) => out.extend_from_slice(b"false"),
            Self::Number(literal) => out.extend_from_slice(float_text(literal)?.as_bytes()),
            Self::String(text) => write_string(text.as_bytes(), out),
            Self::Array(items) => {
                out.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    item.write(out)?;
                }
                out.push(b']');
            }
            Self::Object(pairs) => {
                let last_of_each: BTreeMap<&String, &Value> = pairs.iter().map(|(key, value)| (key, value)).collect();
                out.push(b'{');
                for (index, (key, value)) in last_of_each.into_iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    write_string(key.as_bytes(), out);
                    out.push(b':');
                    value.write(out)?;
                }
                out.push(b'}');
            }
        }
        Some(())
    }
}

/// The shortest text that reads back as the same float, with an exponent exactly where ECMAScript (and so Go) uses one.
fn float_text(literal: &str) -> Option<String> {
    let number: f64 = literal.parse().ok()?;
    if !number.is_finite() {
        return None;
    }
    let size = number.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{number:e}");
        return Some(if text.contains("e-") { text } else { text.replace('e', "e+") });
    }
    Some(format!("{number}"))
}

/// A JSON value that is a string.
pub(in crate::local) fn string(text: &str) -> Vec<u8> {
    let mut json = Vec::with_capacity(text.len() + 2);
    write_string(text.as_bytes(), &mut json);
    json
}

/// Appends `text` as a quoted JSON string.
pub(super) fn write_string(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for chunk in text.utf8_chunks() {
        for character in chunk.valid().chars() {
            write_char(character, out);
        }
        // Go replaces each bad byte, where Rust's lossy conversion replaces a run of them.
        for _ in chunk.invalid() {
            out.extend_from_slice(br"\ufffd");
        }
    }
    out.push(b'"');
}

fn write_char(character: char, out: &mut Vec<u8>) {
    match character {
        '"' => out.extend_from_slice(br#"\""#),
        '\\' => out.extend_from_slice(br"\\"),
        '\n' => out.extend_from_slice(br"\n"),
        '\r' => out.extend_from_slice(br"\r"),
        '\t' => out.extend_from_slice(br"\t"),
        '\u{8}' => out.extend_from_slice(br"\b"),
        '\u{c}' => out.extend_from_slice(br"\f"),
        '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
            out.extend_from_slice(format!("\\u{:04x}", u32::from(character)).as_bytes());
        }
        _ => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

/// A JSON object under construction, its fields in the order given.
pub(in crate::local) struct Object(Vec<u8>);

impl Object {
    pub(in crate::local) fn new() -> Self {
        Self(Vec::from(b"{"))
    }

    /// A field whose value is JSON already.
    pub(in crate::local) fn raw(mut self, name: &str, json: &[u8]) -> Self {
        self.name(name);
        self.0.extend_from_slice(json);
        self
    }

    pub(in crate::local) fn string(mut self, name: &str, text: impl AsRef<[u8]>) -> Self {
        self.name(name);
        write_string(text.as_ref(), &mut self.0);
        self
    }

    pub(in crate::local) fn number(self, name: &str, number: impl ToString + Copy) -> Self {
        self.raw(name, number.to_string().as_bytes())
    }

    pub(in crate::local) fn list(mut self, name: &str, list: List) -> Self {
        self.name(name);
        let items = list.finish();
        // A listing may be large, and little comes before it: the rest is written behind its text instead of copying that.
        let before = std::mem::replace(&mut self.0, items);
        self.0.splice(..0, before);
        self
    }

    pub(in crate::local) fn finish(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }

    fn name(&mut self, name: &str) {
        if self.0.len() > 1 {
            self.0.push(b',');
        }
        write_string(name.as_bytes(), &mut self.0);
        self.0.push(b':');
    }
}

/// A JSON array under construction; `null` while it is empty, as a Go slice is that nothing was appended to.
#[derive(Default)]
pub(in crate::local) struct List(Vec<u8>);

impl List {
    /// Appends what is JSON already.
    pub(in crate::local) fn raw(&mut self, json: &[u8]) {
        self.0.push(if self.0.is_empty() { b'[' } else { b',' });
        self.0.extend_from_slice(json);
    }

    pub(in crate::local) fn string(&mut self, text: &[u8]) {
        self.raw(b"");
        write_string(text, &mut self.0);
    }

    fn finish(mut self) -> Vec<u8> {
        if self.0.is_empty() {
            return Vec::from(b"null");
        }
        self.0.push(b']');
        self.0
    }
}
