//! From characters to words.

use std::ops::Range;

use super::super::{Mistake, shown};

const KEYWORDS: [&str; 22] = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil", "not", "or", "repeat",
    "return", "then", "true", "until", "while",
];
/// The longer ones first.
const SYMBOLS: [&str; 27] = [
    "...", "..", "==", "~=", "<=", ">=", "::", "+", "-", "*", "/", "%", "^", "#", "<", ">", "=", "(", ")", "{", "}", "[", "]", ";", ":",
    ",", ".",
];

/// What a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    Number,
    Text,
    /// A keyword or a symbol.
    Fixed,
    End,
}

/// One word of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

/// All words, and one at the end that is none.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Mistake> {
    let mut found = Vec::new();
    let mut at = 0;
    loop {
        at = skip_blank(text, at)?;
        let rest = &text[at..];
        let Some(first) = rest.chars().next() else { break };
        let (kind, length) = if first.is_ascii_alphabetic() || first == '_' {
            let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            (if KEYWORDS.contains(&&rest[..length]) { Kind::Fixed } else { Kind::Name }, length)
        } else if first.is_ascii_digit() || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit())) {
            (Kind::Number, number(text, at)?)
        } else if matches!(first, '"' | '\'') {
            (Kind::Text, quoted(text, at, first)?)
        } else if let Some(end) = long_bracket_end(rest) {
            let length = rest.find(&end).ok_or_else(|| {
                let help = "end it with as many `=` between the brackets as it starts with";
                mistake(text, at..at + 2, "this text is not closed", Some(help))
            })?;
            (Kind::Text, length + end.len())
        } else if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            (Kind::Fixed, symbol.len())
        } else {
            return Err(unknown(text, at, first));
        };
        found.push(Token { kind, span: at..at + length });
        at += length;
    }
    found.push(Token { kind: Kind::End, span: text.len()..text.len() });
    Ok(found)
}

fn mistake(text: &str, span: Range<usize>, message: &str, help: Option<&str>) -> Mistake {
    Mistake { span: shown(text, span), message: message.to_owned(), help: help.map(str::to_owned), opened: None }
}

fn unknown(text: &str, at: usize, first: char) -> Mistake {
    let help = match first {
        '!' => "Lua writes `~=` for unequal and `not` for not",
        '&' | '|' | '~' => "Lua 5.1 has no operators for bits; its words for logic are `and`, `or` and `not`",
        '#' => "a comment starts with `--`",
        _ => "take it out, or put it in quotes",
    };
    let message = format!("the character `{}` means nothing in Lua", first.escape_debug());
    mistake(text, at..at + first.len_utf8(), &message, Some(help))
}

/// Behind spaces and comments.
fn skip_blank(text: &str, mut at: usize) -> Result<usize, Mistake> {
    loop {
        let rest = &text[at..];
        let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n', '\u{b}', '\u{c}']).len();
        at += blank;
        if !text[at..].starts_with("--") {
            return Ok(at);
        }
        let comment = &text[at + 2..];
        at += 2 + match long_bracket_end(comment) {
            Some(end) => comment.find(&end).map(|found| found + end.len()).ok_or_else(|| {
                mistake(
                    text,
                    at..at + 4,
                    "this comment is not closed",
                    Some("end it with as many `=` between the brackets as it starts with"),
                )
            })?,
            None => comment.find('\n').unwrap_or(comment.len()),
        };
    }
}

/// What ends a `[[…]]` or `[==[…]==]`, when one starts here.
fn long_bracket_end(rest: &str) -> Option<String> {
    let inner = rest.strip_prefix('[')?;
    let level = inner.len() - inner.trim_start_matches('=').len();
    inner[level..].starts_with('[').then(|| format!("]{}]", "=".repeat(level)))
}

fn quoted(text: &str, at: usize, quote: char) -> Result<usize, Mistake> {
    let mut letters = text[at + 1..].char_indices();
    while let Some((offset, letter)) = letters.next() {
        match letter {
            '\\' => drop(letters.next()),
            '\n' => break,
            end if end == quote => return Ok(offset + 2),
            _ => {}
        }
    }
    Err(mistake(
        text,
        at..at + 1,
        "the quotes that open here are not closed in this line",
        Some("close them, or write a text of several lines as `[[…]]`"),
    ))
}

fn number(text: &str, at: usize) -> Result<usize, Mistake> {
    let rest = &text[at..];
    let hexadecimal = rest.starts_with("0x") || rest.starts_with("0X");
    let mut before = ' ';
    let length = rest
        .find(|c: char| {
            let sign = matches!(c, '+' | '-') && matches!(before, 'e' | 'E') && !hexadecimal;
            before = c;
            !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_') || sign)
        })
        .unwrap_or(rest.len());
    let written = &rest[..length];
    let good = if hexadecimal {
        length > 2 && written[2..].chars().all(|c| c.is_ascii_hexdigit())
    } else {
        !written.contains('_') && written.parse::<f64>().is_ok()
    };
    if good { Ok(length) } else { Err(mistake(text, at..at + length, "this is not a number", None)) }
}
