//! From words to the little that is needed of them: the statements. Every rule of the grammar is one function.

use std::ops::Range;

use super::super::{Handle, Mistake, like_handle, shown};
use super::expression::Primary;
use super::lexer::{Kind, Token};

/// Lua's own limit for what is nested.
const DEEPEST: usize = 200;

/// What is needed of a text that can be read.
pub(super) struct Found {
    pub(super) handle: Handle,
    pub(super) last_return: Option<Range<usize>>,
}

pub(super) fn parse(text: &str, tokens: &[Token]) -> Result<Found, Mistake> {
    let mut parser = Parser { text, tokens, at: 0, depth: 0, loops: 0, variadic: true, defined: Vec::new(), functions: Vec::new() };
    let last_return = parser.block()?;
    if parser.kind() != Kind::End {
        return Err(parser.unexpected("there is nothing open that it could end"));
    }
    let there = parser.defined.contains(&"handle");
    let handle = if there { Handle::There } else { Handle::Missing(like_handle(parser.functions.into_iter())) };
    Ok(Found { handle, last_return })
}

pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a [Token],
    pub(super) at: usize,
    depth: usize,
    /// Loops around this place, inside its function.
    loops: usize,
    /// `...` stands for something: in the outermost level and where a function says so.
    pub(super) variadic: bool,
    /// Names that something is given, at whatever depth.
    defined: Vec<&'a str>,
    /// Functions with a name of their own.
    functions: Vec<(String, Range<usize>)>,
}

impl<'a> Parser<'a> {
    pub(super) fn span(&self) -> Range<usize> {
        self.tokens[self.at].span.clone()
    }

    pub(super) fn kind(&self) -> Kind {
        self.tokens[self.at].kind
    }

    pub(super) fn word(&self) -> &'a str {
        &self.text[self.span()]
    }

    pub(super) fn is(&self, word: &str) -> bool {
        self.kind() == Kind::Fixed && self.word() == word
    }

    pub(super) fn is_one_of(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    /// The last token is the end, and is never left.
    pub(super) fn next(&mut self) {
        self.at = (self.at + 1).min(self.tokens.len() - 1);
    }

    pub(super) fn takes(&mut self, word: &str) -> bool {
        let there = self.is(word);
        if there {
            self.next();
        }
        there
    }

    pub(super) fn unexpected(&self, why: &str) -> Mistake {
        let what = if self.kind() == Kind::End {
            "the code ends here".to_owned()
        } else {
            format!("`{}` cannot stand here", crate::key::printable(&self.word().chars().take(40).collect::<String>()))
        };
        Mistake { span: shown(self.text, self.span()), message: format!("{what}: {why}"), help: self.help(), opened: None }
    }

    /// What later versions of Lua, and other languages, have and 5.1 has not.
    fn help(&self) -> Option<String> {
        let before = self.at.checked_sub(1).map(|before| &self.text[self.tokens[before].span.clone()]);
        let help = match (before, self.word()) {
            (None, "/") => "a comment starts with `--`",
            (Some("/"), "/") => "Lua 5.1 has no `//`: write `math.floor(a / b)`; a comment starts with `--`",
            (_, "+" | "-" | "*" | "/") | (Some("+" | "-" | "*" | "/"), "=") => "Lua has no such assignment: write `x = x + 1`",
            (Some("<"), ">") => "Lua writes `~=` for unequal",
            (Some(":"), _) => "a table is written `{name = value}`",
            (_, "=") if self.text[self.span().end..].starts_with('>') => "Lua writes `function(x) return … end`",
            (_, "=") => "two values are compared with `==`",
            (_, "#") => "a comment starts with `--`",
            (Some("continue"), _) => "Lua has no `continue`: use `goto`, or put the rest into an `if`",
            (Some("local"), _) | (_, "<") => "Lua 5.1 has no attributes such as `<const>`",
            _ => return None,
        };
        Some(help.to_owned())
    }

    pub(super) fn expect(&mut self, word: &str) -> Result<(), Mistake> {
        if self.takes(word) { Ok(()) } else { Err(self.unexpected(&format!("`{word}` is missing before it"))) }
    }

    /// What closes something that was opened by the token at `opener`.
    pub(super) fn close(&mut self, word: &str, opener: usize) -> Result<(), Mistake> {
        if self.takes(word) {
            return Ok(());
        }
        let start = self.tokens[opener].span.clone();
        let why = format!("the `{}` that was opened before needs its `{word}`", &self.text[start.clone()]);
        Err(Mistake { opened: Some(start), ..self.unexpected(&why) })
    }

    pub(super) fn name(&mut self) -> Result<Range<usize>, Mistake> {
        if self.kind() != Kind::Name {
            return Err(self.unexpected("a name belongs here"));
        }
        let span = self.span();
        self.next();
        Ok(span)
    }

    pub(super) fn deeper<T>(&mut self, rule: impl FnOnce(&mut Self) -> Result<T, Mistake>) -> Result<T, Mistake> {
        if self.depth >= DEEPEST {
            return Err(self.unexpected("it is nested too deeply"));
        }
        self.depth += 1;
        let done = rule(self);
        self.depth -= 1;
        done
    }

    /// Statements up to what ends them; the `return` at their end, if there is one.
    fn block(&mut self) -> Result<Option<Range<usize>>, Mistake> {
        self.deeper(|parser| {
            loop {
                while parser.takes(";") {}
                if parser.kind() == Kind::End || parser.is_one_of(&["end", "else", "elseif", "until"]) {
                    return Ok(None);
                }
                let start = parser.span().start;
                let is_last = parser.is_one_of(&["return", "break"]);
                let is_return = parser.is("return");
                parser.statement()?;
                if is_last {
                    let end = parser.tokens[parser.at - 1].span.end;
                    parser.takes(";");
                    if parser.kind() != Kind::End && !parser.is_one_of(&["end", "else", "elseif", "until"]) {
                        return Err(parser.unexpected("nothing may follow a `return` or `break` in its block"));
                    }
                    return Ok(is_return.then_some(start..end));
                }
            }
        })
    }

    fn statement(&mut self) -> Result<(), Mistake> {
        let opener = self.at;
        if self.kind() != Kind::Fixed {
            return self.expression_statement();
        }
        match self.word() {
            "if" => self.if_statement(opener),
            "while" => {
                self.next();
                self.expression()?;
                self.expect("do")?;
                self.loop_block()?;
                self.close("end", opener)
            }
            "do" => {
                self.next();
                self.block()?;
                self.close("end", opener)
            }
            "for" => self.for_statement(opener),
            "repeat" => {
                self.next();
                self.loop_block()?;
                self.close("until", opener)?;
                self.expression()
            }
            "function" => self.function_statement(opener),
            "local" => self.local_statement(),
            "return" => {
                self.next();
                if self.kind() == Kind::End || self.is_one_of(&["end", "else", "elseif", "until", ";"]) {
                    Ok(())
                } else {
                    self.expressions()
                }
            }
            "break" => {
                if self.loops == 0 {
                    return Err(self.unexpected("there is no loop that it could end"));
                }
                self.next();
                Ok(())
            }
            "goto" => {
                self.next();
                self.name().map(drop)
            }
            "::" => {
                self.next();
                self.name()?;
                self.expect("::")
            }
            _ => self.expression_statement(),
        }
    }

    fn if_statement(&mut self, opener: usize) -> Result<(), Mistake> {
        while self.takes("if") || self.takes("elseif") {
            self.expression()?;
            self.expect("then")?;
            self.block()?;
            if !self.is("elseif") {
                break;
            }
        }
        if self.takes("else") {
            self.block()?;
        }
        self.close("end", opener)
    }

    fn for_statement(&mut self, opener: usize) -> Result<(), Mistake> {
        self.next();
        self.name()?;
        if self.takes("=") {
            self.expression()?;
            self.expect(",")?;
            self.expression()?;
            if self.takes(",") {
                self.expression()?;
            }
        } else {
            while self.takes(",") {
                self.name()?;
            }
            self.expect("in")?;
            self.expressions()?;
        }
        self.expect("do")?;
        self.loop_block()?;
        self.close("end", opener)
    }

    fn loop_block(&mut self) -> Result<(), Mistake> {
        let around = self.loops;
        self.loops += 1;
        let done = self.block();
        self.loops = around;
        done.map(drop)
    }

    fn function_statement(&mut self, opener: usize) -> Result<(), Mistake> {
        self.next();
        let name = self.name()?;
        let mut is_plain = true;
        while self.takes(".") {
            is_plain = false;
            self.name()?;
        }
        if self.takes(":") {
            is_plain = false;
            self.name()?;
        }
        if is_plain {
            self.define(name);
        }
        self.function_body(opener)
    }

    /// Notes a function with a name of its own.
    fn define(&mut self, name: Range<usize>) {
        self.defined.push(&self.text[name.clone()]);
        self.functions.push((self.text[name.clone()].to_owned(), name));
    }

    fn local_statement(&mut self) -> Result<(), Mistake> {
        self.next();
        let opener = self.at;
        if self.takes("function") {
            let name = self.name()?;
            self.define(name);
            return self.function_body(opener);
        }
        loop {
            let name = self.name()?;
            self.defined.push(&self.text[name]);
            if !self.takes(",") {
                break;
            }
        }
        if self.takes("=") { self.expressions() } else { Ok(()) }
    }

    pub(super) fn function_body(&mut self, opener: usize) -> Result<(), Mistake> {
        self.expect("(")?;
        let (loops, variadic) = (std::mem::take(&mut self.loops), std::mem::take(&mut self.variadic));
        while !self.is(")") {
            if self.takes("...") {
                self.variadic = true;
                break;
            }
            self.name()?;
            if !self.takes(",") {
                break;
            }
        }
        self.expect(")")?;
        self.block()?;
        (self.loops, self.variadic) = (loops, variadic);
        self.close("end", opener)
    }

    fn expression_statement(&mut self) -> Result<(), Mistake> {
        let mut start = self.at;
        let mut primary = self.primary()?;
        if primary == Primary::Call && !self.is_one_of(&["=", ","]) {
            return Ok(());
        }
        loop {
            if primary != Primary::Variable {
                return Err(self.unexpected("only a variable can be given a value, and only a call can stand alone"));
            }
            if self.at == start + 1 {
                self.defined.push(&self.text[self.tokens[start].span.clone()]);
            }
            if !self.takes(",") {
                break;
            }
            start = self.at;
            primary = self.primary()?;
        }
        if !self.takes("=") {
            return Err(self.unexpected("this is no statement: a call or an assignment is"));
        }
        self.expressions()
    }
}
