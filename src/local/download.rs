//! A stored file as a reply: small ones at once, large ones in pieces. The real server reads every file whole; the bytes on the wire are the same.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_LENGTH;
use tokio_util::io::ReaderStream;

use super::answer::{Reply, not_found, typed};
use super::page::reloader;
use super::sniff::{SNIFF_LENGTH, content_type};

/// Files up to this size are read before the reply starts.
const AT_ONCE: u64 = 256 << 10;
/// The size of the pieces otherwise.
const PIECE: usize = 128 << 10;

/// The file at `file`, typed by its `name`; whatever keeps it from being read is a 404.
pub(super) fn download(file: &Path, name: &[u8]) -> Reply {
    read(file, name).unwrap_or_else(|_| not_found())
}

/// The file as [`download`] gives it; a page of HTML with a script behind it that loads it again after the change of that number.
pub(super) fn download_live(file: &Path, name: &[u8], number: u64) -> Reply {
    let is_page = name.ends_with(b".html") || name.ends_with(b".htm");
    if !is_page {
        return download(file, name);
    }
    std::fs::read(file).map_or_else(
        |_| not_found(),
        |mut page| {
            let content_type = content_type(name, &page);
            page.extend_from_slice(reloader(number).as_bytes());
            typed(content_type, page)
        },
    )
}

fn read(file: &Path, name: &[u8]) -> io::Result<Reply> {
    let mut file = File::open(file)?;
    let found = file.metadata()?;
    if !found.is_file() {
        return Ok(not_found());
    }
    let mut start = Vec::new();
    if found.len() <= AT_ONCE {
        file.read_to_end(&mut start)?;
        return Ok(typed(content_type(name, &start), start));
    }
    file.by_ref().take(SNIFF_LENGTH as u64).read_to_end(&mut start)?;
    file.rewind()?;
    let pieces = ReaderStream::with_capacity(tokio::fs::File::from_std(file), PIECE);
    let mut reply = typed(content_type(name, &start), Body::from_stream(pieces));
    reply.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(found.len()));
    Ok(reply)
}
