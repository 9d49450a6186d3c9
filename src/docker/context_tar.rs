//! A build context as a tar stream: made while it is sent, never held as a whole, and the same bytes for the same files on every machine.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use tar::{EntryType, Header};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;

use super::EngineError;
use crate::files::{Node, NodeKind, Tree};
use crate::fingerprint::{ContentHasher, Fingerprint};
use crate::state::ImageBuild;

/// Pieces of this size are sent.
const PIECE: usize = 64 * 1024;
/// So many pieces wait for the engine at most.
const WAITING: usize = 8;
/// 2000-01-01: files of a context have times from here on.
const EPOCH: u64 = 946_684_800;

/// The stream, and the task that makes it: it knows best why a stream broke off.
pub(super) fn stream(
    build: &ImageBuild,
    tree: Arc<dyn Tree>,
) -> (impl Stream<Item = Result<Bytes, io::Error>> + Send + 'static, JoinHandle<Result<(), EngineError>>) {
    let (sender, receiver) = channel(WAITING);
    let build = build.clone();
    let task = tokio::task::spawn_blocking(move || {
        let mut archive = Archive { out: tar::Builder::new(Pieces { sender: sender.clone(), piece: BytesMut::with_capacity(PIECE) }) };
        let written = archive.write(&build, tree.as_ref());
        if written.is_err() {
            // Without this the engine would take what it has for the whole context.
            let _ = sender.blocking_send(Err(io::Error::other("the context could not be read")));
        }
        match written {
            Ok(()) | Err(Broken::Engine) => Ok(()),
            Err(Broken::Context(error)) => Err(error),
        }
    });
    let pieces = futures_util::stream::unfold(receiver, async |mut receiver: Receiver<_>| Some((receiver.recv().await?, receiver)));
    (pieces, task)
}

/// Why an archive is not whole.
enum Broken {
    /// The engine does not want more of it, and says why elsewhere.
    Engine,
    Context(EngineError),
}

impl From<io::Error> for Broken {
    fn from(_: io::Error) -> Self {
        Self::Engine
    }
}

struct Archive {
    out: tar::Builder<Pieces>,
}

impl Archive {
    fn write(&mut self, build: &ImageBuild, tree: &dyn Tree) -> Result<(), Broken> {
        let mut directories = BTreeSet::new();
        for (node, hash) in build.context.nodes.iter().zip(&build.hashes) {
            for (at, _) in node.name.match_indices('/') {
                if directories.insert(&node.name[..at]) {
                    let mut header = header(EntryType::Directory, 0, 0o755, None);
                    self.out.append_data(&mut header, format!("{}/", &node.name[..at]), io::empty())?;
                }
            }
            match (&node.kind, hash) {
                (NodeKind::Link { target }, _) => {
                    self.out.append_link(&mut header(EntryType::Symlink, 0, 0o777, None), &node.name, target)?;
                }
                (NodeKind::File { executable, .. }, Some(hash)) => self.file(node, *executable, *hash, tree)?,
                (NodeKind::File { .. }, None) => return Err(Broken::Context(EngineError::Changed(node.path.clone()))),
            }
        }
        let recipe = &build.context.recipe;
        if recipe.beside {
            let text = recipe.text.as_bytes();
            self.out.append_data(&mut header(EntryType::Regular, text.len() as u64, 0o644, None), &recipe.name, text)?;
        }
        self.out.finish()?;
        Ok(self.out.get_mut().flush()?)
    }

    /// What is sent is what was hashed, or nothing is built.
    fn file(&mut self, node: &Node, executable: bool, hash: Fingerprint, tree: &dyn Tree) -> Result<(), Broken> {
        let changed = || Broken::Context(EngineError::Changed(node.path.clone()));
        let opened = tree.open(&node.path).map_err(|_| changed())?;
        let mut header = header(EntryType::Regular, opened.size, if executable { 0o755 } else { 0o644 }, Some(hash));
        let mut content = Hashed { inner: opened.reader.take(opened.size), hasher: ContentHasher::default() };
        let appended = self.out.append_data(&mut header, &node.name, &mut content);
        if appended.is_err() && !self.out.get_ref().sender.is_closed() {
            return Err(changed());
        }
        appended?;
        if content.hasher.length() == opened.size && content.hasher.fingerprint() == hash { Ok(()) } else { Err(changed()) }
    }
}

/// Owner and times say nothing about a file. Still, servers take a changed time for changed content, so the time follows from the content.
fn header(kind: EntryType, size: u64, mode: u32, hash: Option<Fingerprint>) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(mode);
    header.set_mtime(EPOCH + hash.map_or(0, |hash| u64::from(hash.leading_bits() >> 4)));
    header.set_uid(0);
    header.set_gid(0);
    header
}

struct Hashed<R> {
    inner: R,
    hasher: ContentHasher,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        Ok(count)
    }
}

/// Collects what the archive writes into pieces.
struct Pieces {
    sender: Sender<Result<Bytes, io::Error>>,
    piece: BytesMut,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..count]);
        if self.piece.len() == PIECE {
            self.flush()?;
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.piece, BytesMut::with_capacity(PIECE)).freeze();
        self.sender.blocking_send(Ok(piece)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}
