//! What Git changes between a working tree and its objects: line ends and `$Id$`. A file is taken as a commit of it would hold it, so that a checkout and
//! its commit are the same content. The rules are those of gitattributes(5); programs that attributes name (`filter`, `working-tree-encoding`) are not run.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use git2::{AttrCheckFlags, AttrValue, Repository};

use crate::files::{StoredForm, Tracked, TreePath};

const ATTRIBUTES: &str = ".gitattributes";

/// A repository that is asked for attributes; a handle of libgit2 belongs to one thread at a time.
struct Rules {
    repository: Mutex<Repository>,
    /// `core.autocrlf`: what has no attributes may have other line ends as well.
    auto: bool,
}

/// How line ends of a file are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Text {
    Yes,
    No,
    /// When it looks like text, and Git does not keep it with CRLF already.
    Auto,
}

/// How files of the working tree of `repository` would be stored. None: as they are, since nothing says otherwise.
pub(super) fn stored_form(repository: Repository, tracked: &Tracked) -> Option<StoredForm> {
    let config = repository.config().ok()?;
    let auto = config.get_string("core.autocrlf").is_ok_and(|value| value != "false");
    let elsewhere = config.get_path("core.attributesfile").is_ok() || repository.commondir().join("info/attributes").exists();
    let root = repository.workdir()?.join(ATTRIBUTES);
    if !auto && !elsewhere && !root.exists() && !tracked.any_named(ATTRIBUTES) {
        return None;
    }
    let rules = Rules { repository: Mutex::new(repository), auto };
    Some(StoredForm(Arc::new(move |path, content| rules.store(path, content))))
}

impl Rules {
    fn store(&self, path: &TreePath, content: Vec<u8>) -> Vec<u8> {
        let has = |what: &[u8]| content.windows(what.len()).any(|piece| piece == what);
        let (crlf, id) = (has(b"\r\n"), has(b"$Id:"));
        if !crlf && !id {
            return content;
        }
        let repository = self.repository.lock().unwrap_or_else(PoisonError::into_inner);
        let path = Path::new(path.as_str());
        let lines = crlf
            && match self.text(&repository, path) {
                Text::Yes => true,
                Text::No => false,
                Text::Auto => !is_binary(&content) && !is_kept_with_crlf(&repository, path),
            };
        let content = if lines { without_cr(&content) } else { content };
        let ident = id && matches!(attribute(&repository, path, "ident"), Value::True);
        if ident { without_id(&content) } else { content }
    }

    fn text(&self, repository: &Repository, path: &Path) -> Text {
        let text = match attribute(repository, path, "text") {
            // Its name before Git 1.7.2.
            Value::Unset => attribute(repository, path, "crlf"),
            text => text,
        };
        let eol = matches!(attribute(repository, path, "eol"), Value::Other(value) if value == "lf" || value == "crlf");
        match text {
            Value::False => Text::No,
            Value::Other(value) if value == "auto" => Text::Auto,
            Value::True => Text::Yes,
            Value::Other(value) if value == "input" => Text::Yes,
            Value::Other(_) | Value::Unset if eol => Text::Yes,
            Value::Other(_) | Value::Unset => {
                if self.auto {
                    Text::Auto
                } else {
                    Text::No
                }
            }
        }
    }
}

enum Value {
    True,
    False,
    Unset,
    Other(String),
}

fn attribute(repository: &Repository, path: &Path, name: &str) -> Value {
    let value = repository.get_attr_bytes(path, name, AttrCheckFlags::FILE_THEN_INDEX).ok().flatten();
    match AttrValue::always_bytes(value) {
        AttrValue::True => Value::True,
        AttrValue::False => Value::False,
        AttrValue::Unspecified => Value::Unset,
        AttrValue::Bytes(bytes) => Value::Other(String::from_utf8_lossy(bytes).into_owned()),
        AttrValue::String(text) => Value::Other(text.to_owned()),
    }
}

/// As Git tells: a NUL, a CR on its own, or more than one in 128 that cannot be printed.
fn is_binary(content: &[u8]) -> bool {
    let end = content.len() - usize::from(content.last() == Some(&0x1a));
    let (mut printable, mut other) = (0_usize, 0_usize);
    for (at, byte) in content[..end].iter().enumerate() {
        match byte {
            0 => return true,
            b'\r' if content.get(at + 1) != Some(&b'\n') => return true,
            b'\r' | b'\n' => {}
            0x08 | b'\t' | 0x1b | 0x0c => printable += 1,
            ..0x20 | 0x7f => other += 1,
            _ => printable += 1,
        }
    }
    printable >> 7 < other
}

/// Whether the index holds the file with CRLF: then `auto` leaves it alone.
fn is_kept_with_crlf(repository: &Repository, path: &Path) -> bool {
    let entry = repository.index().ok().and_then(|index| index.get_path(path, 0));
    let blob = entry.and_then(|entry| repository.find_blob(entry.id).ok());
    blob.is_some_and(|blob| blob.content().windows(2).any(|pair| pair == b"\r\n") && !is_binary(blob.content()))
}

fn without_cr(content: &[u8]) -> Vec<u8> {
    let keeps = |(at, byte): &(usize, &u8)| **byte != b'\r' || content.get(at + 1) != Some(&b'\n');
    content.iter().enumerate().filter(keeps).map(|(_, byte)| *byte).collect()
}

/// `$Id: whatever$` is kept as `$Id$`.
fn without_id(content: &[u8]) -> Vec<u8> {
    const OPEN: &[u8] = b"$Id:";
    let mut kept = Vec::with_capacity(content.len());
    let mut rest = content;
    while let Some(at) = rest.windows(OPEN.len()).position(|piece| piece == OPEN) {
        let value = &rest[at + OPEN.len()..];
        match value.iter().position(|byte| matches!(byte, b'$' | b'\n')) {
            Some(end) if value[end] == b'$' => {
                kept.extend_from_slice(&rest[..at]);
                kept.extend_from_slice(b"$Id$");
                rest = &value[end + 1..];
            }
            _ => {
                kept.extend_from_slice(&rest[..at + OPEN.len()]);
                rest = value;
            }
        }
    }
    kept.extend_from_slice(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_line_ends_and_whole_ids_are_taken_back() {
        assert_eq!(without_cr(b"a\r\nb\rc\r\r\n"), b"a\nb\rc\r\n");
        assert_eq!(without_id(b"$Id: 12$ $Id$ $Id: open\n$Id:$"), b"$Id$ $Id$ $Id: open\n$Id$");
        assert!(is_binary(b"\0a") && is_binary(b"a\rb") && is_binary(&[1, b'a']));
        assert!(!is_binary(b"a\r\nb\x1a") && !is_binary(b""));
    }
}
