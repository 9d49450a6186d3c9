//! Lua 5.1. The state lives for one call; nothing of it reaches files, processes, the network or other code.
//!
//! What the real server's interpreter (gopher-lua) prints and returns is copied; its `io`, `debug`, `package` and most of `os` are left out.

use std::cell::RefCell;
use std::rc::Rc;

use mlua::chunk::ChunkMode;
use mlua::{Error, Function, Lua, LuaOptions, LuaString, MultiValue, StdLib, Table, Value as LuaValue};

use super::job::Ran;
use super::number::{result_text, whole};
use super::{CODE_NAME, MEMORY};
use crate::local::gojson::{self, Value};

/// What of `os` stays: it only tells the time.
const CLOCK: [&str; 4] = ["clock", "date", "difftime", "time"];
/// Deeper tables are refused. The real server dies of one that contains itself.
const DEEPEST: usize = 200;

type Printed = Rc<RefCell<Vec<u8>>>;

/// Runs the code with the request as `INPUT`.
pub(super) fn run(code: &str, input: &Value) -> Ran {
    let printed = Printed::default();
    let result = called(code, input, &printed).map_err(|error| explained(&error, code));
    let printed = gojson::text(&printed.borrow());
    Ran { printed, result }
}

fn called(code: &str, input: &Value, printed: &Printed) -> mlua::Result<String> {
    let lua = Lua::new_with(StdLib::TABLE | StdLib::STRING | StdLib::MATH | StdLib::OS, LuaOptions::default())?;
    confine(&lua)?;
    replace_print(&lua, printed)?;
    lua.globals().set("INPUT", to_lua(&lua, input)?)?;
    lua.set_memory_limit(MEMORY)?;
    let chunk = lua.load(code).set_name(format!("={CODE_NAME}.lua")).set_mode(ChunkMode::Text);
    let returned: MultiValue = chunk.call(())?;
    // The real server takes what lies on top of the stack, so the last of several results.
    returned.back().map_or_else(|| Ok(String::new()), text)
}

/// Takes away what reaches beyond the state, and what may break it: code that was compiled elsewhere is not checked when it is loaded.
fn confine(lua: &Lua) -> mlua::Result<()> {
    let globals = lua.globals();
    for name in ["dofile", "loadfile"] {
        globals.set(name, LuaValue::Nil)?;
    }
    let os: Table = globals.get("os")?;
    let clock = lua.create_table()?;
    for name in CLOCK {
        clock.set(name, os.get::<LuaValue>(name)?)?;
    }
    globals.set("os", clock)?;
    let loadstring = |lua: &Lua, (code, name): (LuaString, Option<String>)| Ok(loaded(lua, &code.as_bytes(), name));
    globals.set("loadstring", lua.create_function(loadstring)?)?;
    let load = lua.create_function(|lua, (pieces, name): (Function, Option<String>)| {
        let mut code = Vec::new();
        while let Some(piece) = pieces.call::<Option<LuaString>>(())?.filter(|piece| !piece.as_bytes().is_empty()) {
            code.extend_from_slice(&piece.as_bytes());
        }
        Ok(loaded(lua, &code, name))
    })?;
    globals.set("load", load)
}

/// What `load` and `loadstring` return.
fn loaded(lua: &Lua, code: &[u8], name: Option<String>) -> (Option<Function>, Option<String>) {
    let chunk = lua.load(code).set_name(name.unwrap_or_else(|| "=(load)".to_owned())).set_mode(ChunkMode::Text);
    match chunk.into_function() {
        Ok(function) => (Some(function), None),
        Err(error) => (None, Some(message(&error))),
    }
}

/// `print` writes to what the call answers with; numbers as gopher-lua shows them.
fn replace_print(lua: &Lua, printed: &Printed) -> mlua::Result<()> {
    let tostring: Function = lua.globals().get("tostring")?;
    let printed = Rc::clone(printed);
    let print = lua.create_function(move |_, values: MultiValue| {
        let mut line = Vec::new();
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                line.push(b'\t');
            }
            match value {
                LuaValue::Integer(number) => line.extend_from_slice(number.to_string().as_bytes()),
                LuaValue::Number(number) if whole(number).is_some() => line.extend_from_slice(result_text(number).as_bytes()),
                other => line.extend_from_slice(&tostring.call::<LuaString>(other)?.as_bytes()),
            }
        }
        line.push(b'\n');
        let mut printed = printed.borrow_mut();
        if printed.len() + line.len() > MEMORY / 4 {
            return Err(Error::runtime("too much was printed"));
        }
        printed.append(&mut line);
        Ok(())
    })?;
    lua.globals().set("print", print)
}

fn to_lua(lua: &Lua, value: &Value) -> mlua::Result<LuaValue> {
    Ok(match value {
        Value::Null => LuaValue::Nil,
        Value::Bool(value) => LuaValue::Boolean(*value),
        Value::Number(literal) => LuaValue::Number(literal.parse().unwrap_or_default()),
        Value::String(text) => LuaValue::String(lua.create_string(text)?),
        Value::Array(items) => {
            let items = items.iter().map(|item| to_lua(lua, item)).collect::<mlua::Result<Vec<_>>>()?;
            LuaValue::Table(lua.create_sequence_from(items)?)
        }
        Value::Object(pairs) => {
            let table = lua.create_table()?;
            for (key, value) in pairs {
                table.raw_set(key.as_str(), to_lua(lua, value)?)?;
            }
            LuaValue::Table(table)
        }
    })
}

/// A result as the real server's workers write it.
fn text(value: &LuaValue) -> mlua::Result<String> {
    Ok(match value {
        LuaValue::Boolean(value) => value.to_string(),
        LuaValue::Integer(number) => number.to_string(),
        LuaValue::Number(number) => result_text(*number),
        LuaValue::String(text) => gojson::text(&text.as_bytes()),
        LuaValue::Table(table) => {
            let mut json = Vec::new();
            // A number that JSON cannot hold leaves nothing, as on the real server.
            from_table(table, 0)?.write(&mut json).map_or_else(String::new, |()| gojson::text(&json))
        }
        _ => String::new(),
    })
}

fn from_lua(value: &LuaValue, depth: usize) -> mlua::Result<Value> {
    Ok(match value {
        LuaValue::Boolean(value) => Value::Bool(*value),
        LuaValue::Integer(number) => Value::Number(number.to_string()),
        LuaValue::Number(number) => Value::Number(format!("{number:e}")),
        LuaValue::String(text) => Value::String(gojson::text(&text.as_bytes())),
        LuaValue::Table(table) => from_table(table, depth)?,
        _ => Value::Null,
    })
}

/// Every table is an object, a list too.
fn from_table(table: &Table, depth: usize) -> mlua::Result<Value> {
    if depth > DEEPEST {
        return Err(Error::runtime(format!("the result is nested more than {DEEPEST} deep, or a table contains itself")));
    }
    let mut pairs = Vec::new();
    for pair in table.pairs::<LuaValue, LuaValue>() {
        let (key, value) = pair?;
        let key = match &key {
            LuaValue::String(text) => gojson::text(&text.as_bytes()),
            LuaValue::Integer(number) => number.to_string(),
            LuaValue::Number(number) if whole(*number).is_some() => result_text(*number),
            other => other.to_string()?,
        };
        pairs.push((key, from_lua(&value, depth + 1)?));
    }
    Ok(Value::Object(pairs))
}

fn message(error: &Error) -> String {
    match error {
        Error::SyntaxError { message, .. } | Error::RuntimeError(message) => message.clone(),
        Error::MemoryError(_) => format!("not enough memory: a function may use {} MB", MEMORY >> 20),
        Error::CallbackError { cause, traceback } => format!("{}\n{traceback}", message(cause)),
        other => other.to_string(),
    }
}

/// The message; for a syntax error with the column, which Lua does not tell.
fn explained(error: &Error, code: &str) -> String {
    let text = message(error);
    if !matches!(error, Error::SyntaxError { .. }) {
        return text;
    }
    let place = text.split_once(": ").and_then(|(place, rest)| {
        let (file, line) = place.rsplit_once(':')?;
        let column = column(code, line.parse().ok()?, rest);
        Some(format!("{file}:{line}:{column}: {rest}"))
    });
    place.unwrap_or(text)
}

/// Where the token that the parser stumbled over stands in its line, counted in characters from 1; the end of the line when it is not there.
fn column(code: &str, line: usize, message: &str) -> usize {
    let line = code.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    let near = message.rsplit_once("near '").map(|(_, near)| near.trim_end_matches('\''));
    let at = near.and_then(|near| line.match_indices(near).map(|(at, _)| at).find(|at| is_token(line, *at, near.len())));
    line[..at.unwrap_or(line.len())].chars().count() + 1
}

/// Whether a name or a number that stands there ends at both ends.
fn is_token(line: &str, at: usize, length: usize) -> bool {
    let is_word = |character: Option<char>| character.is_some_and(|character| character.is_ascii_alphanumeric() || character == '_');
    let (before, token) = line.split_at(at);
    let (token, behind) = token.split_at(length);
    let joined = |one: Option<char>, other: Option<char>| is_word(one) && is_word(other);
    !joined(before.chars().next_back(), token.chars().next()) && !joined(token.chars().next_back(), behind.chars().next())
}
