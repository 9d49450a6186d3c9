//! The expressions of the grammar.

use super::super::Mistake;
use super::lexer::Kind;
use super::parser::Parser;

/// Operators with two sides, and how tightly they bind to the left and to the right.
const OPERATORS: [(&str, u8, u8); 15] = [
    ("or", 1, 1),
    ("and", 2, 2),
    ("<", 3, 3),
    (">", 3, 3),
    ("<=", 3, 3),
    (">=", 3, 3),
    ("~=", 3, 3),
    ("==", 3, 3),
    ("..", 5, 4),
    ("+", 6, 6),
    ("-", 6, 6),
    ("*", 7, 7),
    ("/", 7, 7),
    ("%", 7, 7),
    ("^", 10, 9),
];
const UNARY: u8 = 8;

/// What an expression at the start of a statement can be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Primary {
    /// It can be given a value.
    Variable,
    Call,
    Other,
}

impl Parser<'_> {
    pub(super) fn expressions(&mut self) -> Result<(), Mistake> {
        self.expression()?;
        while self.takes(",") {
            self.expression()?;
        }
        Ok(())
    }

    pub(super) fn expression(&mut self) -> Result<(), Mistake> {
        self.binary(0)
    }

    fn binary(&mut self, limit: u8) -> Result<(), Mistake> {
        self.deeper(|parser| {
            if parser.is_one_of(&["not", "-", "#"]) {
                parser.next();
                parser.binary(UNARY)?;
            } else {
                parser.simple()?;
            }
            while let Some((_, _, right)) = OPERATORS.iter().find(|(word, left, _)| parser.is(word) && *left > limit) {
                parser.next();
                parser.binary(*right)?;
            }
            Ok(())
        })
    }

    fn simple(&mut self) -> Result<(), Mistake> {
        let opener = self.at;
        match (self.kind(), self.word()) {
            (Kind::Fixed, "...") if !self.variadic => Err(self.unexpected("the function around it has no `...` among its parameters")),
            (Kind::Number | Kind::Text, _) | (Kind::Fixed, "nil" | "true" | "false" | "...") => {
                self.next();
                Ok(())
            }
            (Kind::Fixed, "{") => self.table(),
            (Kind::Fixed, "function") => {
                self.next();
                self.function_body(opener)
            }
            _ => self.primary().map(drop),
        }
    }

    pub(super) fn primary(&mut self) -> Result<Primary, Mistake> {
        let opener = self.at;
        let mut primary = if self.kind() == Kind::Name {
            self.next();
            Primary::Variable
        } else if self.takes("(") {
            self.expression()?;
            self.close(")", opener)?;
            Primary::Other
        } else {
            return Err(self.unexpected("a value belongs here"));
        };
        loop {
            let bracket = self.at;
            primary = if self.takes(".") {
                self.name()?;
                Primary::Variable
            } else if self.takes("[") {
                self.expression()?;
                self.close("]", bracket)?;
                Primary::Variable
            } else if self.takes(":") {
                self.name()?;
                self.arguments()?;
                Primary::Call
            } else if self.kind() == Kind::Text || self.is_one_of(&["(", "{"]) {
                self.arguments()?;
                Primary::Call
            } else {
                return Ok(primary);
            };
        }
    }

    fn arguments(&mut self) -> Result<(), Mistake> {
        let opener = self.at;
        if self.kind() == Kind::Text {
            self.next();
            return Ok(());
        }
        if self.is("{") {
            return self.table();
        }
        self.expect("(")?;
        if !self.is(")") {
            self.expressions()?;
        }
        self.close(")", opener)
    }

    fn table(&mut self) -> Result<(), Mistake> {
        let opener = self.at;
        self.next();
        while !self.is("}") {
            let bracket = self.at;
            let next_is_assignment =
                self.tokens.get(self.at + 1).is_some_and(|next| next.kind == Kind::Fixed && &self.text[next.span.clone()] == "=");
            if self.takes("[") {
                self.expression()?;
                self.close("]", bracket)?;
                self.expect("=")?;
            } else if self.kind() == Kind::Name && next_is_assignment {
                self.next();
                self.next();
            }
            self.expression()?;
            if !self.takes(",") && !self.takes(";") {
                break;
            }
        }
        if self.kind() != Kind::End && !self.is("}") {
            let start = Some(self.tokens[opener].span.clone());
            return Err(Mistake { opened: start, ..self.unexpected("a `,` is missing before it, or the `}` of the table") });
        }
        self.close("}", opener)
    }
}
