//! Whether code is what its language can read, and the little that the orchestrator needs of it. Nothing is ever run.
//!
//! Texts in, places and words out: this room knows parsers, and nothing of manifests or files. Only the first mistake of a text is given, since what
//! a parser says after it is guesswork.

mod dockerfile;
mod javascript;
mod lua;
mod python;

use std::ops::Range;
use std::thread;

pub use dockerfile::check as check_dockerfile;

/// Longer code is not read: no worker could receive it, and what its nesting may cost is bounded by its length.
pub const LONGEST: usize = 32 << 10;
/// Brackets nest so deep; the languages' own limits are about the same.
const DEEPEST: usize = 200;
/// Parsers call themselves for what is nested. A byte can open a level, and a level takes less stack than this.
const STACK_OF_A_BYTE: usize = if cfg!(debug_assertions) { 16 << 10 } else { 4 << 10 };
/// What a parser takes for any text.
const STACK: usize = 2 << 20;

/// A language that functions are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// 5.1, and `goto`, as gopher-lua reads it.
    Lua,
    /// A script, as goja reads it.
    JavaScript,
    /// 3.
    Python,
}

/// What cannot be read, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Bytes of the text.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Bytes of what was opened and is not closed.
    pub opened: Option<Range<usize>>,
}

/// What the orchestrator needs of code that can be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outline {
    /// Whether there is a `handle` to call.
    pub handle: Handle,
    /// A `return` at the end of the outermost level.
    pub last_return: Option<Range<usize>>,
    /// An import from `__future__`.
    pub future_import: Option<Range<usize>>,
}

/// The function that the orchestrator calls.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Handle {
    /// It is there, may be there, or is not needed.
    #[default]
    There,
    /// It is certainly not there; a function whose name is close, where there is one.
    Missing(Option<(String, Range<usize>)>),
    /// It is defined in a language whose code has to call it itself, and does not.
    NeverCalled(Range<usize>),
}

/// What came of reading a text.
pub type Reading = Result<Outline, Mistake>;

/// Reads every text, or none when the machine has no memory for it.
#[must_use]
pub fn read(texts: &[(Language, &str)]) -> Option<Vec<Reading>> {
    let longest = texts.iter().map(|(_, text)| text.len()).max()?.min(LONGEST);
    // A stack is only taken from the machine as far as it is used.
    let builder = thread::Builder::new().name("syntax".to_owned()).stack_size(STACK + longest * STACK_OF_A_BYTE);
    let read_all = || texts.iter().map(|(language, text)| read_one(*language, text)).collect();
    thread::scope(|scope| builder.spawn_scoped(scope, read_all).ok()?.join().ok())
}

fn read_one(language: Language, text: &str) -> Reading {
    if text.len() > LONGEST {
        return Ok(Outline::default());
    }
    if let Some(at) = too_deep(text) {
        return Err(Mistake {
            span: at..at + 1,
            message: format!("brackets nest deeper than {DEEPEST} levels here"),
            help: None,
            opened: None,
        });
    }
    match language {
        Language::Lua => lua::read(text),
        Language::JavaScript => javascript::read(text),
        Language::Python => python::read(text),
    }
}

/// Where brackets nest too deep; brackets in texts and comments count as well, which only matters for texts nobody writes.
fn too_deep(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    text.bytes().position(|byte| {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > DEEPEST
    })
}

/// Of the functions that there are, the one that was most likely meant to be `handle`.
fn like_handle(functions: impl Iterator<Item = (String, Range<usize>)>) -> Option<(String, Range<usize>)> {
    const OTHERS: [&str; 6] = ["handler", "handle_request", "handlerequest", "main", "lambda_handler", "run"];
    functions.into_iter().find(|(name, _)| {
        let lower = name.to_lowercase();
        OTHERS.contains(&lower.as_str()) || strsim::damerau_levenshtein(&lower, "handle") <= 2
    })
}

/// A place that can be shown: at least one character, and inside the text.
fn shown(text: &str, span: Range<usize>) -> Range<usize> {
    let written = text.trim_end().len();
    // What is missed at the end is shown at the last character before it.
    let mut start = span.start.min(written.saturating_sub(1));
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = span.end.clamp(start, text.len());
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    end = end.min(line_end);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    if end <= start { start..start + text[start..].chars().next().map_or(0, char::len_utf8) } else { start..end }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(language: Language, text: &str) -> Reading {
        read(&[(language, text)]).expect("memory").remove(0)
    }

    #[track_caller]
    fn wrong(language: Language, text: &str) -> (String, String) {
        let mistake = first(language, text).expect_err(text);
        (text[mistake.span].to_owned(), mistake.message)
    }

    #[test]
    fn lua_is_read_as_the_server_reads_it() {
        for good in [
            "goto a ::a::",
            "x = '\\x41'",
            "a.b:c'x'",
            "f\n(1)",
            "x = [==[ a ]==]",
            "function f(...) local a = ... end",
            "local x = #t .. 'a' ^ 2",
        ] {
            assert!(first(Language::Lua, good).is_ok(), "{good}: {:?}", first(Language::Lua, good));
        }
        for bad in [
            "x = 1 // 2",
            "x = 1 & 2",
            "local x <const> = 1",
            "x += 1",
            "continue",
            "x = a != b",
            "function f( return 1 end",
            "x = 'abc",
            "f() = 1",
            "--[[ x",
            "x = 3x",
        ] {
            assert!(first(Language::Lua, bad).is_err(), "{bad}");
        }
        let (at, _) = wrong(Language::Lua, "function handle(req)\n  return {status = 200 body = 1}\nend\n");
        assert_eq!(at, "body");
    }

    #[test]
    fn javascript_is_read_as_the_server_reads_it() {
        let good = [
            "let a=1; const b=()=>a;",
            "class A { #y=2; static { } }",
            "a?.b ?? c",
            "async function f(){ await 1 }",
            "function* g(){ yield 1 }",
            "10n ** 2n",
            "a ??= 1",
            "with(a){}",
        ];
        for good in good {
            assert!(first(Language::JavaScript, good).is_ok(), "{good}: {:?}", first(Language::JavaScript, good));
        }
        let bad = [
            "import x from 'y'",
            "export function handle(){}",
            "import('x')",
            "import.meta",
            "await 1",
            "return 1",
            "async function* g(){}",
            "async function f(){for await (const x of y) {}}",
            "({async *m(){}})",
            "@dec class A {}",
            "enum A {}",
            "const a;",
            "x = {a: 1 b: 2}",
        ];
        for bad in bad {
            assert!(first(Language::JavaScript, bad).is_err(), "{bad}");
        }
        let (at, _) = wrong(Language::JavaScript, "function handle(req) {\n  return {status: 200, body: 'x';\n}\n");
        assert_eq!(at, ";");
    }

    #[test]
    fn python_is_read_as_python_3() {
        assert!(first(Language::Python, "match INPUT:\n    case {'a': x}:\n        print(f'{x!r}')\n").is_ok());
        for bad in ["print 'x'", "def f(:\n  pass", "if x\n  pass", "  x = 1", "x = (1", "except: pass", "def f():\nreturn 1\n"] {
            assert!(first(Language::Python, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_the_server_calls_is_looked_for() {
        let handle = |language, text: &str| first(language, text).expect(text).handle;
        for (language, text) in [
            (Language::Lua, "function handle(req) end"),
            (Language::Lua, "local function handle(req) end"),
            (Language::Lua, "handle = function() end"),
            (Language::JavaScript, "function handle(req) {}"),
            (Language::JavaScript, "const handle = (req) => 1"),
            (Language::JavaScript, "globalThis.handle = (req) => 1"),
            (Language::JavaScript, "handle = x"),
            (Language::Python, "print(1)"),
            (Language::Python, "def handle(req): pass\nprint(handle(INPUT))"),
        ] {
            assert_eq!(handle(language, text), Handle::There, "{text}");
        }
        let like = |name: &str, at| Handle::Missing(Some((name.to_owned(), at)));
        assert_eq!(handle(Language::Lua, "-- handle\nfunction handler(req) end"), like("handler", 19..26));
        assert_eq!(handle(Language::JavaScript, "// handle\nfunction main(req) {}"), like("main", 19..23));
        assert_eq!(handle(Language::Lua, "local M = {}\nfunction M.handle() end"), Handle::Missing(None));
        assert_eq!(handle(Language::JavaScript, "exports.handle = () => 1"), Handle::Missing(None));
        assert_eq!(handle(Language::Python, "def handle(req): pass"), Handle::NeverCalled(4..10));
    }

    #[test]
    fn what_the_server_adds_is_minded() {
        let outline = first(Language::Lua, "local M = {}\nreturn M -- done\n").expect("Lua");
        assert_eq!(outline.last_return, Some(13..21));
        assert_eq!(first(Language::Lua, "function handle() return 1 end").expect("Lua").last_return, None);
        assert_eq!(first(Language::Python, "from __future__ import annotations\n").expect("Python").future_import, Some(0..34));
    }

    #[test]
    fn no_nesting_takes_the_program_down() {
        let openers = [
            "(",
            "[",
            "{",
            "!",
            "-",
            "not ",
            "a=>",
            "if(1)",
            "a?",
            "x^",
            "x..",
            "else if(1)",
            "new ",
            "do ",
            "`${",
            "function(){",
            "while 1 do ",
            "x=",
            "typeof ",
            "a.",
            "a[",
            "lambda:",
            "async ",
            "await ",
            "yield ",
            "if 1:",
            "<",
            "/",
            "f(",
            "...",
        ];
        for opener in openers {
            let text = opener.repeat(LONGEST / opener.len());
            for language in [Language::Lua, Language::JavaScript, Language::Python] {
                let reading = read(&[(language, &text)]).expect("an end");
                assert_eq!(reading.len(), 1);
            }
        }
    }
}
