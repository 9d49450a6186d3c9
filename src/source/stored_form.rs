//! What Git changes between a working tree and its objects: line ends and `$Id$`. A file is taken as a commit of it would hold it, so that a checkout and
//! its commit are the same content. The rules are those of gitattributes(5). A program that attributes name (`filter`) is not run, and a file with a
//! `working-tree-encoding` is refused: what a commit would hold of it is not known here.

use std::fs;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use git2::{AttrCheckFlags, AttrValue, Repository};

use crate::files::{FileError, Opened, StoredForm, Tracked, TreePath};

const ATTRIBUTES: &str = ".gitattributes";
const ENCODING: &str = "working-tree-encoding";
const OPEN_ID: &[u8] = b"$Id:";
/// What has more bytes is not held in memory, but read once to look at it and once more to change it.
const MAX_IN_MEMORY: u64 = 8 << 20;
/// A line of more bytes is taken in pieces.
const MAX_LINE: u64 = 1 << 20;

/// A repository that is asked for attributes; a handle of libgit2 belongs to one thread at a time.
struct Rules {
    repository: Mutex<Repository>,
    /// `core.autocrlf`: what has no attributes may have other line ends as well.
    auto: bool,
    /// Some attribute speaks of encodings.
    encodings: bool,
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
    let elsewhere = [config.get_path("core.attributesfile").ok(), Some(repository.commondir().join("info/attributes"))];
    let root = repository.workdir()?;
    let here = tracked.named(ATTRIBUTES).chain([ATTRIBUTES]).map(|file| root.join(file));
    let mut files = elsewhere.into_iter().flatten().chain(here).filter(|file| file.exists()).peekable();
    if !auto && files.peek().is_none() {
        return None;
    }
    let encodings = files.any(|file| fs::read(file).is_ok_and(|rules| contains(&rules, ENCODING.as_bytes())));
    let rules = Rules { repository: Mutex::new(repository), auto, encodings };
    Some(StoredForm(Arc::new(move |path, open| rules.store(path, open))))
}

impl Rules {
    /// The stored form of the file at `path`, which `open` opens as it lies there.
    fn store(&self, path: &TreePath, open: &dyn Fn() -> Result<Opened, FileError>) -> Result<Opened, FileError> {
        let failed = |source| FileError::Io { path: path.clone(), source };
        self.refuse_encoding(path)?;
        let opened = open()?;
        if opened.size > MAX_IN_MEMORY {
            let change = self.change(path, &Looks::of(BufReader::new(opened.reader)).map_err(failed)?);
            if !change.is_any() {
                return open();
            }
            let size = io::copy(&mut change.of(open()?.reader), &mut io::sink()).map_err(failed)?;
            return Ok(Opened { reader: Box::new(change.of(open()?.reader)), size });
        }
        let mut content = Vec::with_capacity(usize::try_from(opened.size).unwrap_or_default());
        opened.reader.take(MAX_IN_MEMORY + 1).read_to_end(&mut content).map_err(failed)?;
        if content.len() as u64 > MAX_IN_MEMORY {
            return Err(FileError::Changed(path.clone()));
        }
        let change = self.change(path, &Looks::of(content.as_slice()).map_err(failed)?);
        if change.is_any() {
            let mut changed = Vec::with_capacity(content.len());
            change.of(content.as_slice()).read_to_end(&mut changed).map_err(failed)?;
            content = changed;
        }
        Ok(Opened { size: content.len() as u64, reader: Box::new(Cursor::new(content)) })
    }

    fn refuse_encoding(&self, path: &TreePath) -> Result<(), FileError> {
        if !self.encodings {
            return Ok(());
        }
        let repository = self.repository.lock().unwrap_or_else(PoisonError::into_inner);
        match attribute(&repository, Path::new(path.as_str()), ENCODING) {
            Value::Other(encoding) if !encoding.eq_ignore_ascii_case("utf-8") && !encoding.eq_ignore_ascii_case("utf8") => {
                Err(FileError::Encoded { path: path.clone(), encoding: crate::key::printable(&encoding).into_owned() })
            }
            _ => Ok(()),
        }
    }

    /// What a commit would change of a file that looks like this.
    fn change(&self, path: &TreePath, looks: &Looks) -> Change {
        if !looks.crlf && !looks.id {
            return Change { lines: false, ids: false };
        }
        let repository = self.repository.lock().unwrap_or_else(PoisonError::into_inner);
        let path = Path::new(path.as_str());
        let lines = looks.crlf
            && match self.text(&repository, path) {
                Text::Yes => true,
                Text::No => false,
                Text::Auto => !looks.is_binary() && !is_kept_with_crlf(&repository, path),
            };
        let ids = looks.id && matches!(attribute(&repository, path, "ident"), Value::True);
        Change { lines, ids }
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

/// What tells whether Git would change a file.
#[derive(Default)]
struct Looks {
    crlf: bool,
    id: bool,
    /// A NUL, or a CR on its own.
    odd: bool,
    printable: u64,
    other: u64,
    last: u8,
}

impl Looks {
    fn of(content: impl BufRead) -> io::Result<Self> {
        let (mut looks, mut lines) = (Self::default(), Lines::of(content));
        while let Some(line) = lines.next()? {
            looks.add(line);
        }
        Ok(looks)
    }

    fn add(&mut self, line: &[u8]) {
        self.crlf |= line.ends_with(b"\r\n");
        self.id |= contains(line, OPEN_ID);
        let text = line.strip_suffix(b"\r\n").unwrap_or(line);
        for byte in text {
            match byte {
                0 | b'\r' => self.odd = true,
                b'\n' => {}
                0x08 | b'\t' | 0x1b | 0x0c => self.printable += 1,
                ..0x20 | 0x7f => self.other += 1,
                _ => self.printable += 1,
            }
        }
        self.last = line.last().copied().unwrap_or(self.last);
    }

    /// As Git tells: a NUL, a CR on its own, or more than one in 128 that cannot be printed. The end of a file as DOS wrote it does not count.
    fn is_binary(&self) -> bool {
        self.odd || self.printable >> 7 < self.other - u64::from(self.last == 0x1a)
    }
}

/// Whether the index holds the file with CRLF: then `auto` leaves it alone.
fn is_kept_with_crlf(repository: &Repository, path: &Path) -> bool {
    let entry = repository.index().ok().and_then(|index| index.get_path(path, 0));
    let blob = entry.and_then(|entry| repository.find_blob(entry.id).ok());
    blob.and_then(|blob| Looks::of(blob.content()).ok()).is_some_and(|looks| looks.crlf && !looks.is_binary())
}

/// What is to be changed of a file.
#[derive(Debug, Clone, Copy)]
struct Change {
    /// CRLF becomes LF.
    lines: bool,
    /// `$Id: whatever$` becomes `$Id$`.
    ids: bool,
}

impl Change {
    fn is_any(self) -> bool {
        self.lines || self.ids
    }

    fn of<'a>(self, content: impl Read + Send + 'a) -> Changed<impl BufRead + Send + 'a> {
        Changed { change: self, lines: Lines::of(BufReader::new(content)), ready: Cursor::default() }
    }

    fn apply(self, line: &[u8]) -> Vec<u8> {
        let mut line = if self.ids { without_ids(line) } else { line.to_vec() };
        if self.lines && line.ends_with(b"\r\n") {
            line.truncate(line.len() - 2);
            line.push(b'\n');
        }
        line
    }
}

/// A content, changed line by line while it is read.
struct Changed<R> {
    change: Change,
    lines: Lines<R>,
    ready: Cursor<Vec<u8>>,
}

impl<R: BufRead> Read for Changed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.ready.fill_buf()?.is_empty() {
            let Some(line) = self.lines.next()? else { return Ok(0) };
            self.ready = Cursor::new(self.change.apply(line));
        }
        self.ready.read(buffer)
    }
}

/// Lines with their ends; a very long one in pieces, of which none ends between CR and LF.
struct Lines<R> {
    content: R,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    fn of(content: R) -> Self {
        Self { content, line: Vec::new() }
    }

    fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.line.clear();
        self.content.by_ref().take(MAX_LINE).read_until(b'\n', &mut self.line)?;
        if self.line.ends_with(b"\r") && self.content.fill_buf()?.first() == Some(&b'\n') {
            self.content.consume(1);
            self.line.push(b'\n');
        }
        Ok(Some(self.line.as_slice()).filter(|line| !line.is_empty()))
    }
}

/// `$Id: whatever$` is kept as `$Id$`; it never spans lines.
fn without_ids(line: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.windows(OPEN_ID.len()).position(|piece| piece == OPEN_ID) {
        let value = &rest[at + OPEN_ID.len()..];
        if let Some(end) = value.iter().position(|byte| *byte == b'$') {
            kept.extend_from_slice(&rest[..at]);
            kept.extend_from_slice(b"$Id$");
            rest = &value[end + 1..];
        } else {
            break;
        }
    }
    kept.extend_from_slice(rest);
    kept
}

fn contains(content: &[u8], what: &[u8]) -> bool {
    content.windows(what.len()).any(|piece| piece == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(change: Change, content: &[u8]) -> Vec<u8> {
        let mut read = Vec::new();
        change.of(content).read_to_end(&mut read).expect("from memory");
        read
    }

    #[test]
    fn only_whole_line_ends_and_whole_ids_are_taken_back() {
        let (lines, ids) = (Change { lines: true, ids: false }, Change { lines: false, ids: true });
        assert_eq!(changed(lines, b"a\r\nb\rc\r\r\n"), b"a\nb\rc\r\n");
        assert_eq!(changed(ids, b"$Id: 12$ $Id$ $Id: open\n$Id:$\r\n"), b"$Id$ $Id$ $Id: open\n$Id$\r\n");
        assert_eq!(changed(Change { lines: true, ids: true }, b"$Id: 1$\r\n\r\n$"), b"$Id$\n\n$");
    }

    #[test]
    fn a_line_in_pieces_is_never_cut_within_its_end() {
        for length in MAX_LINE - 3..MAX_LINE + 3 {
            let line = vec![b'x'; usize::try_from(length).expect("small")];
            let kept = changed(Change { lines: true, ids: false }, &[&line[..], b"\r\n", &line[..], b"\r\n"].concat());
            assert_eq!(kept.iter().position(|byte| *byte == b'\r'), None, "{length}");
            assert_eq!(kept.len(), 2 * line.len() + 2);
        }
    }

    #[test]
    fn what_git_takes_for_binary_is_binary() {
        let is_binary = |content: &[u8]| Looks::of(content).expect("from memory").is_binary();
        assert!(is_binary(b"\0a") && is_binary(b"a\rb") && is_binary(b"a\r") && is_binary(&[1, b'a']));
        assert!(!is_binary(b"a\r\nb\x1a") && !is_binary(b""));
    }
}
