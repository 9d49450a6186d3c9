//! The code of a function: read from the source and judged by what the server does to it.

use crate::files::{FileError, Tree, TreePath, is_lfs_pointer};
use crate::key::printable;
use crate::manifest::{Application, CodeSource, Finding, Function, Rule, Runtime};

/// Code of more bytes is no function; the server keeps it in memory and sends it to a worker with every call.
const MAX_CODE: u64 = 16 << 20;
const BOM: char = '\u{feff}';

/// The code of `function`; none when a finding says why there is none.
pub(super) fn read(
    app: &Application,
    tree: &dyn Tree,
    function: &Function,
    runtime: Runtime,
    source: &CodeSource,
    findings: &mut Vec<Finding>,
) -> Option<String> {
    let (place, code) = match source {
        CodeSource::Inline(code) => (function.place.key("code"), Some(code.clone())),
        CodeSource::File(path) => {
            let place = function.place.key("codeFile");
            let code = match read_file(tree, path) {
                Ok(code) => Some(code),
                Err((rule, message, help)) => {
                    let finding = app.finding(rule, &place, message);
                    findings.push(match help {
                        Some(help) => finding.help(help),
                        None => finding,
                    });
                    None
                }
            };
            (place, code)
        }
    };
    let code = code?;
    if code.starts_with(BOM) {
        let finding = app.finding(Rule::ByteOrderMark, &place, "the code starts with a byte order mark, which is sent with it");
        findings.push(finding.help("save the file as UTF-8 without BOM"));
    }
    if runtime == Runtime::Lua && ends_with_return(&code) {
        let message = format!("`{}` ends with a `return` outside of every function", printable(&function.key.name));
        let help = "the server appends `return handle(INPUT)`, so every call would fail: remove the last return";
        findings.push(app.finding(Rule::LuaReturn, &place, message).help(help));
    }
    Some(code)
}

fn read_file(tree: &dyn Tree, path: &TreePath) -> Result<String, (Rule, String, Option<&'static str>)> {
    let bytes = tree.read(path, MAX_CODE).map_err(|error| (Rule::MissingFile, error.to_string(), error.help()))?;
    if is_lfs_pointer(&bytes) {
        let pointer = FileError::LfsPointer(path.clone());
        return Err((Rule::BadCode, pointer.to_string(), pointer.help()));
    }
    let code = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = String::from_utf8_lossy(&error.as_bytes()[..at]).matches('\n').count() + 1;
        (Rule::BadCode, format!("`{path}` is not UTF-8 in line {line}; the server would store it changed"), Some("save it as UTF-8 text"))
    })?;
    if code.trim_start_matches(BOM).trim().is_empty() {
        return Err((Rule::BadCode, format!("`{path}` is empty; the server refuses a function without code"), None));
    }
    if code.contains('\0') {
        return Err((Rule::BadCode, format!("`{path}` holds a NUL character, so it is no code"), None));
    }
    Ok(code)
}

/// Whether the last statement at the outermost level is a `return`. Judged by the last line that is no comment and starts in column one:
/// good enough for a warning, since code at the outermost level is rarely indented.
fn ends_with_return(code: &str) -> bool {
    let last = code.lines().rev().find(|line| !line.trim().is_empty() && !line.trim_start().starts_with("--"));
    last.is_some_and(|line| {
        line == "return" || line.strip_prefix("return").is_some_and(|rest| rest.starts_with([' ', '(', '{', ';', '\t']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_top_level_return_is_told_from_one_in_a_function() {
        assert!(ends_with_return("local M = {}\nreturn M\n"));
        assert!(ends_with_return("function handle() end\nreturn {handle = handle} -- done\n-- the end\n"));
        assert!(!ends_with_return("function handle(req)\n  return {}\nend\n"));
        assert!(!ends_with_return("returned = 1"));
        assert!(!ends_with_return(""));
    }
}
