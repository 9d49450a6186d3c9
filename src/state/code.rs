//! The code of a function: read from the source and judged by what the server does to it.

use super::missing;
use crate::files::{FileError, Tree, TreePath, is_lfs_pointer};
use crate::manifest::{Application, CodeSource, Finding, Function, Rule};

/// Code of more bytes is no function; the server keeps it in memory and sends it to a worker with every call.
const MAX_CODE: u64 = 16 << 20;
const BOM: char = '\u{feff}';

/// The code of `function`; none when a finding says why there is none.
pub(super) fn read(
    app: &Application,
    tree: &dyn Tree,
    function: &Function,
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
    Some(code)
}

fn read_file(tree: &dyn Tree, path: &TreePath) -> Result<String, (Rule, String, Option<String>)> {
    let bytes = tree.read(path, MAX_CODE).map_err(|error| (Rule::MissingFile, error.to_string(), missing::help(tree, &error)))?;
    if is_lfs_pointer(&bytes) {
        let pointer = FileError::LfsPointer(path.clone());
        return Err((Rule::BadCode, pointer.to_string(), pointer.help().map(str::to_owned)));
    }
    let code = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = String::from_utf8_lossy(&error.as_bytes()[..at]).matches('\n').count() + 1;
        (
            Rule::BadCode,
            format!("`{path}` is not UTF-8 in line {line}; the server would store it changed"),
            Some("save it as UTF-8 text".to_owned()),
        )
    })?;
    if code.trim_start_matches(BOM).trim().is_empty() {
        return Err((
            Rule::BadCode,
            format!("`{path}` is empty; the server refuses a function without code"),
            Some("write its code, or remove the function".to_owned()),
        ));
    }
    if code.contains('\0') {
        return Err((
            Rule::BadCode,
            format!("`{path}` holds a NUL character, so it is no code"),
            Some("take it out, or name another file".to_owned()),
        ));
    }
    Ok(code)
}
