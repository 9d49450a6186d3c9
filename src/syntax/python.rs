//! Python 3.

use std::ops::Range;

use ruff_python_ast::Stmt;
use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::{Ranged, TextRange};

use super::{Handle, Mistake, Outline, Reading, shown};

pub(super) fn read(text: &str) -> Reading {
    let parsed = parse_unchecked(text, ParseOptions::from(Mode::Module));
    if let Some(error) = parsed.errors().iter().min_by_key(|error| error.location.start()) {
        let span = shown(text, bytes(error.location));
        let line_start = text[..span.start].rfind('\n').map_or(0, |newline| newline + 1);
        let is_print = text[line_start..].trim_start().starts_with("print ");
        let help = is_print.then(|| "in Python 3 print is a function: write `print(…)`".to_owned());
        return Err(Mistake { span, message: error.error.to_string(), help, opened: None });
    }
    let Some(module) = parsed.syntax().as_module() else { return Ok(Outline::default()) };
    let mut outside = OutsideOfFunctions::default();
    outside.visit_body(&module.body);
    if let Some(at) = outside.first_return {
        let help = Some("print the answer as JSON: the server runs the code from top to bottom".to_owned());
        return Err(Mistake { span: shown(text, bytes(at)), message: "`return` outside of every function".to_owned(), help, opened: None });
    }
    let future_import = module.body.iter().find_map(|statement| match statement {
        Stmt::ImportFrom(import) if import.module.as_ref().is_some_and(|module| module.as_str() == "__future__") => {
            Some(bytes(import.range()))
        }
        _ => None,
    });
    let handle = module.body.iter().find_map(|statement| match statement {
        Stmt::FunctionDef(function) if function.name.as_str() == "handle" => Some(bytes(function.name.range())),
        _ => None,
    });
    // Once where it is defined, and nowhere else.
    let names = parsed.tokens().iter().filter(|token| token.kind() == TokenKind::Name && &text[bytes(token.range())] == "handle").count();
    let handle = handle.filter(|_| names == 1).map_or(Handle::There, Handle::NeverCalled);
    Ok(Outline { handle, last_return: None, future_import })
}

/// What the parser leaves to the compiler.
#[derive(Default)]
struct OutsideOfFunctions {
    first_return: Option<TextRange>,
}

impl<'a> StatementVisitor<'a> for OutsideOfFunctions {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(_) => {}
            Stmt::Return(statement) => self.first_return = self.first_return.or(Some(statement.range())),
            _ => walk_stmt(self, statement),
        }
    }
}

fn bytes(range: TextRange) -> Range<usize> {
    range.start().into()..range.end().into()
}
