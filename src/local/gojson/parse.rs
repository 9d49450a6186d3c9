//! Reading: a plain recursive parser, because no crate reads what Go reads.

use super::Value;

/// Deeper nesting is refused. Go stops at 10,000; reading recursively on a small stack wants less, and no client of this API nests.
const MAX_DEPTH: usize = 512;

/// The first value in `text`, or `None` where Go's decoder would report an error.
pub(in crate::local) fn parse(text: &[u8]) -> Option<Value> {
    Parser { rest: text }.value(0)
}

struct Parser<'a> {
    rest: &'a [u8],
}

impl Parser<'_> {
    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.skip_space();
        match self.rest.first()? {
            b'n' => self.literal(b"null", Value::Null),
            b't' => self.literal(b"true", Value::Bool(true)),
            b'f' => self.literal(b"false", Value::Bool(false)),
            b'"' => self.string().map(Value::String),
            b'[' => self.array(depth),
            b'{' => self.object(depth),
            _ => self.number(),
        }
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_ascii_start_json();
    }

    /// Takes `byte` when it comes next, after spaces.
    fn take(&mut self, byte: u8) -> bool {
        self.skip_space();
        match self.rest.split_first() {
            Some((first, rest)) if *first == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn literal(&mut self, text: &[u8], value: Value) -> Option<Value> {
        self.rest = self.rest.strip_prefix(text)?;
        Some(value)
    }

    fn array(&mut self, depth: usize) -> Option<Value> {
        let mut items = Vec::new();
        self.take(b'[');
        if self.take(b']') {
            return Some(Value::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.take(b']') {
                return Some(Value::Array(items));
            }
            self.take(b',').then_some(())?;
        }
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        let mut pairs = Vec::new();
        self.take(b'{');
        if self.take(b'}') {
            return Some(Value::Object(pairs));
        }
        loop {
            self.skip_space();
            let key = self.string()?;
            self.take(b':').then_some(())?;
            pairs.push((key, self.value(depth + 1)?));
            if self.take(b'}') {
                return Some(Value::Object(pairs));
            }
            self.take(b',').then_some(())?;
        }
    }

    fn number(&mut self) -> Option<Value> {
        let text = self.rest;
        let mut end = usize::from(text.first() == Some(&b'-'));
        match text.get(end)? {
            b'0' => end += 1,
            b'1'..=b'9' => end = digits(text, end)?,
            _ => return None,
        }
        if text.get(end) == Some(&b'.') {
            end = digits(text, end + 1)?;
        }
        if matches!(text.get(end), Some(b'e' | b'E')) {
            end += 1;
            end += usize::from(matches!(text.get(end), Some(b'+' | b'-')));
            end = digits(text, end)?;
        }
        let (number, rest) = text.split_at(end);
        self.rest = rest;
        Some(Value::Number(String::from_utf8(number.to_vec()).ok()?))
    }

    fn string(&mut self) -> Option<String> {
        self.rest = self.rest.strip_prefix(b"\"")?;
        let mut out = String::new();
        loop {
            let plain = self.rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))?;
            let (text, rest) = self.rest.split_at(plain);
            push_go_text(text, &mut out);
            let (stop, rest) = rest.split_first()?;
            self.rest = rest;
            match stop {
                b'"' => return Some(out),
                b'\\' => out.push(self.escape()?),
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let (kind, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(match kind {
            b'"' | b'\\' | b'/' => char::from(*kind),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = hex4(self.rest)?;
                self.rest = &self.rest[4..];
                self.surrogate(unit)
            }
            _ => return None,
        })
    }

    /// The character of a UTF-16 unit, taking the second half of a pair from the input when it is there.
    fn surrogate(&mut self, unit: u16) -> char {
        let second = self.rest.strip_prefix(br"\u").and_then(hex4);
        let pair = [unit, second.unwrap_or_default()];
        match char::decode_utf16(pair).next() {
            Some(Ok(character)) => {
                if character.len_utf16() == 2 {
                    self.rest = &self.rest[6..];
                }
                character
            }
            _ => char::REPLACEMENT_CHARACTER,
        }
    }
}

fn digits(text: &[u8], from: usize) -> Option<usize> {
    let count = text.get(from..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (count > 0).then_some(from + count)
}

fn hex4(text: &[u8]) -> Option<u16> {
    let text = text.get(..4)?;
    text.iter().all(u8::is_ascii_hexdigit).then_some(())?;
    u16::from_str_radix(std::str::from_utf8(text).ok()?, 16).ok()
}

/// Text of bytes that may not be UTF-8: each bad byte becomes one replacement character, as Go reads them.
pub(in crate::local) fn text(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    push_go_text(bytes, &mut out);
    out
}

fn push_go_text(text: &[u8], out: &mut String) {
    for chunk in text.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
}

/// The four bytes that JSON calls space; `trim_ascii_start` also takes a form feed.
trait TrimJson {
    fn trim_ascii_start_json(&self) -> &[u8];
}

impl TrimJson for [u8] {
    fn trim_ascii_start_json(&self) -> &[u8] {
        let spaces = self.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
        &self[spaces..]
    }
}
