//! Hashing the files of a pack while it comes in.
//!
//! While libgit2 indexes what is received, another thread reads the same bytes and hashes every file that stands there whole, so that most files of a first
//! run need not be unpacked again to be compared. It decides nothing: what it cannot read (a delta, a damaged pack, a server without the usual lines) is left
//! to those who read the objects afterwards. Each file is learned under the id that its own content has.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use bytes::Bytes;
use flate2::{Decompress, FlushDecompress, Status};
use git2::Oid;
use sha1::{Digest, Sha1};

use super::fingerprints::Known;
use crate::files::is_lfs_pointer;
use crate::fingerprint::ContentHasher;

/// So many pieces wait to be read; then receiving waits.
const WAITING: usize = 16;
/// More objects are not looked at.
const MOST: usize = 100_000;
/// Contents of at most so many bytes are kept, the first of them up to a sum: unpacking one again costs more than its bytes.
const KEPT_EACH: usize = 4 << 10;
const KEPT: usize = 12 << 20;
/// What is unpacked at a time.
const PIECE: usize = 64 << 10;
/// The line of the protocol that holds a piece of the pack begins with this.
const PACK_LINE: u8 = 1;
const BLOB: u8 = 3;
const OFFSET_DELTA: u8 = 6;
const ID_DELTA: u8 = 7;

/// What is known of the files of a pack.
#[derive(Default)]
pub(super) struct Learned {
    pub(super) known: HashMap<Oid, Known>,
    /// Small contents.
    pub(super) contents: HashMap<Oid, Bytes>,
}

/// Where a session hands on what it receives, while somebody reads along.
#[derive(Default)]
pub(super) struct Ear(Mutex<Option<SyncSender<Vec<u8>>>>);

/// Somebody who reads along.
pub(super) struct ReadingAlong<'a> {
    ear: &'a Ear,
    reader: Option<JoinHandle<Learned>>,
}

impl Ear {
    /// Begins to read along.
    pub(super) fn listen(&self) -> ReadingAlong<'_> {
        let (sender, pieces) = sync_channel(WAITING);
        let reader = std::thread::Builder::new().name("hashing a pack".to_owned()).spawn(move || learn(pieces)).ok();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = reader.is_some().then_some(sender);
        ReadingAlong { ear: self, reader }
    }

    /// Hands on what was received.
    pub(super) fn hear(&self, piece: &[u8]) {
        let mut sender = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sender.as_ref().is_some_and(|sender| sender.send(piece.to_vec()).is_err()) {
            // Nobody reads any more.
            *sender = None;
        }
    }
}

impl ReadingAlong<'_> {
    /// What was learned, once all that was received is read.
    pub(super) fn finish(self) -> Learned {
        self.ear.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.reader.and_then(|reader| reader.join().ok()).unwrap_or_default()
    }
}

fn learn(pieces: Receiver<Vec<u8>>) -> Learned {
    let lines = BufReader::new(Received { pieces, piece: Cursor::default() });
    let pack = BufReader::with_capacity(PIECE, PackLines { lines, left: 0 });
    let mut reader = Reader { pack, zlib: Decompress::new(true), unpacked: vec![0; PIECE], learned: Learned::default(), kept: 0 };
    // What was learned until then is as good as all of it.
    let _ = reader.read();
    reader.learned
}

/// What was received, in one piece.
struct Received {
    pieces: Receiver<Vec<u8>>,
    piece: Cursor<Vec<u8>>,
}

impl Read for Received {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.fill_buf()?.is_empty() {
            let Ok(piece) = self.pieces.recv() else { return Ok(0) };
            self.piece = Cursor::new(piece);
        }
        self.piece.read(buffer)
    }
}

/// The pack that lies in lines of the protocol, each with its length in front; other lines are left out.
struct PackLines<R> {
    lines: R,
    /// Of the line that is being read.
    left: u64,
}

impl<R: Read> PackLines<R> {
    fn next_line(&mut self) -> io::Result<()> {
        let mut digits = [0; 4];
        self.lines.read_exact(&mut digits)?;
        let length = std::str::from_utf8(&digits).ok().and_then(|digits| u64::from_str_radix(digits, 16).ok());
        let Some(content) = length.ok_or_else(unreadable)?.checked_sub(5) else { return Ok(()) };
        let mut kind = [0];
        self.lines.read_exact(&mut kind)?;
        if kind == [PACK_LINE] {
            self.left = content;
        } else {
            io::copy(&mut self.lines.by_ref().take(content), &mut io::sink())?;
        }
        Ok(())
    }
}

impl<R: Read> Read for PackLines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.left == 0 {
            self.next_line()?;
        }
        let read = self.lines.by_ref().take(self.left).read(buffer)?;
        self.left -= read as u64;
        Ok(read)
    }
}

/// Reads a pack (gitformat-pack(5)) from its begin.
struct Reader<R> {
    pack: R,
    zlib: Decompress,
    unpacked: Vec<u8>,
    learned: Learned,
    /// Bytes of contents that are kept.
    kept: usize,
}

impl<R: BufRead> Reader<R> {
    fn read(&mut self) -> io::Result<()> {
        let mut head = [0; 12];
        self.pack.read_exact(&mut head)?;
        let (magic, count) = head.split_at(8);
        if magic != b"PACK\0\0\0\x02" {
            return Err(unreadable());
        }
        let count = count.iter().fold(0, |count, byte| count << 8 | usize::from(*byte));
        (0..count.min(MOST)).try_for_each(|_| self.object())
    }

    fn object(&mut self) -> io::Result<()> {
        let (kind, size) = self.header()?;
        match kind {
            BLOB => return self.blob(size),
            OFFSET_DELTA => while self.byte()? & 0x80 != 0 {},
            ID_DELTA => self.pack.read_exact(&mut [0; 20])?,
            _ => {}
        }
        self.unpack(|_| {})
    }

    /// Its kind and its size, in bytes of seven bits each, of which the first also holds the kind.
    fn header(&mut self) -> io::Result<(u8, u64)> {
        let first = self.byte()?;
        let (mut size, mut more, mut shift) = (u64::from(first & 0x0f), first & 0x80 != 0, 4);
        while more {
            let byte = self.byte()?;
            size |= u64::from(byte & 0x7f).checked_shl(shift).ok_or_else(unreadable)?;
            (more, shift) = (byte & 0x80 != 0, shift + 7);
        }
        Ok((first >> 4 & 0x07, size))
    }

    fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.pack.read_exact(&mut byte)?;
        Ok(byte[0])
    }

    fn blob(&mut self, size: u64) -> io::Result<()> {
        let (mut id, mut hash) = (Sha1::new_with_prefix(format!("blob {size}\0")), ContentHasher::default());
        let (mut unpacked, mut content) = (0, Vec::new());
        self.unpack(|piece| {
            id.update(piece);
            hash.update(piece);
            unpacked += piece.len() as u64;
            if unpacked <= KEPT_EACH as u64 {
                content.extend_from_slice(piece);
            }
        })?;
        if unpacked != size {
            return Err(unreadable());
        }
        // The content of a pointer lies elsewhere.
        if is_lfs_pointer(&content) {
            return Ok(());
        }
        let id = Oid::from_bytes(&id.finalize()).map_err(io::Error::other)?;
        self.learned.known.insert(id, Known { fingerprint: hash.fingerprint(), size, pointer: false });
        if content.len() as u64 == size && self.kept + content.len() <= KEPT {
            self.kept += content.len();
            self.learned.contents.insert(id, content.into());
        }
        Ok(())
    }

    fn unpack(&mut self, mut each: impl FnMut(&[u8])) -> io::Result<()> {
        self.zlib.reset(true);
        loop {
            let (before_in, before_out) = (self.zlib.total_in(), self.zlib.total_out());
            let packed = self.pack.fill_buf()?;
            let status = self.zlib.decompress(packed, &mut self.unpacked, FlushDecompress::None)?;
            let (read, written) = (self.zlib.total_in() - before_in, self.zlib.total_out() - before_out);
            self.pack.consume(usize::try_from(read).map_err(io::Error::other)?);
            each(&self.unpacked[..usize::try_from(written).map_err(io::Error::other)?]);
            match status {
                Status::StreamEnd => return Ok(()),
                _ if read == 0 && written == 0 => return Err(unreadable()),
                Status::Ok | Status::BufError => {}
            }
        }
    }
}

fn unreadable() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::Fingerprint;

    const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";

    /// A pack of these files.
    fn pack(contents: &[&[u8]]) -> (Vec<u8>, Vec<Oid>) {
        let dir = tempfile::tempdir().expect("a directory");
        let repository = git2::Repository::init_bare(dir.path()).expect("a repository");
        let mut packed = repository.packbuilder().expect("a pack");
        let blobs = contents.iter().map(|content| repository.blob(content).expect("a blob"));
        let ids: Vec<Oid> = blobs.inspect(|id| packed.insert_object(*id, None).expect("inserted")).collect();
        let mut bytes = git2::Buf::new();
        packed.write_buf(&mut bytes).expect("written");
        (bytes.to_vec(), ids)
    }

    fn line(kind: u8, content: &[u8]) -> Vec<u8> {
        [format!("{:04x}", content.len() + 5).as_bytes(), &[kind], content].concat()
    }

    fn heard(bytes: &[u8]) -> Learned {
        let ear = Ear::default();
        let along = ear.listen();
        bytes.chunks(7).for_each(|piece| ear.hear(piece));
        let learned = along.finish();
        ear.hear(b"nobody listens any more");
        learned
    }

    #[test]
    fn files_that_stand_in_a_pack_whole_are_learned_under_their_own_ids() {
        let similar = "a line that both have\n".repeat(5000);
        let other = format!("{similar}and one more\n");
        let noise: Vec<u8> = (0..20_000_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
        let contents: [&[u8]; 6] = [b"", b"small", similar.as_bytes(), other.as_bytes(), &noise, POINTER];
        let (pack, ids) = pack(&contents);
        let lines = pack.chunks(1000).flat_map(|piece| [line(1, piece), line(2, b"Compressing objects")]);
        let said = [b"0008NAK\n".to_vec(), lines.flatten().collect(), b"0000".to_vec()].concat();
        let learned = heard(&said);
        let known = learned.known;
        for (id, content) in ids.iter().zip(contents) {
            let expected = Known { fingerprint: Fingerprint::of_bytes(content), size: content.len() as u64, pointer: false };
            assert!(known.get(id).is_none_or(|known| *known == expected), "{id}");
            assert!(learned.contents.get(id).is_none_or(|kept| kept == content), "{id}");
        }
        let has = |number: usize| known.contains_key(&ids[number]);
        assert!(has(0) && has(1) && has(4), "whole ones");
        assert!(has(2) != has(3), "one of two that are similar is the other with a difference");
        assert!(!has(5), "the file of a pointer lies elsewhere");
        assert_eq!(learned.contents.len(), 2, "the small ones");
        // Cut off anywhere, what was whole by then is known, and nothing else.
        for end in (0..said.len()).step_by(said.len() / 10) {
            assert!(heard(&said[..end]).known.iter().all(|(id, learned)| known.get(id) == Some(learned)), "{end}");
        }
    }

    #[test]
    fn what_is_no_pack_teaches_nothing() {
        let (pack, _) = pack(&[b"content"]);
        let mut damaged = pack.clone();
        damaged[15] ^= 0xff;
        for said in
            [&b""[..], b"0000", b"0008NAK\n", b"PACK", b"ffff", b"<html>", &pack, &line(1, &damaged), &line(3, &pack), &line(1, b"PACK")]
        {
            assert!(heard(said).known.is_empty(), "{said:?}");
        }
    }
}
