//! Lua 5.1 with `goto`: what gopher-lua reads.
//!
//! Written out here because its grammar fits on a page, and because a parser must take time in proportion to its text: what a stranger's manifest names must not
//! hold up a run.

mod expression;
mod lexer;
mod parser;

use super::{Outline, Reading};

pub(super) fn read(text: &str) -> Reading {
    let tokens = lexer::tokens(text)?;
    let parser::Found { handle, last_return } = parser::parse(text, &tokens)?;
    Ok(Outline { handle, last_return, future_import: None })
}
