//! What is uploaded: bytes in memory, or a file that is read while it is sent and checked before its end.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::Bytes;
use futures_util::stream;
use tokio::sync::mpsc;

use crate::event::{Event, Reporter};
use crate::fingerprint::{ContentHasher, Fingerprint};

const CHUNK: usize = 256 * 1024;

/// Opens the file from its start; called once for every try.
type Open = dyn Fn() -> io::Result<Box<dyn Read + Send>> + Send + Sync;

/// Where the bytes of an upload come from.
#[derive(Clone)]
pub enum Content {
    /// In memory since they were hashed for the fingerprint.
    Hashed(Bytes),
    /// In memory, read again since they were hashed.
    Bytes(Bytes),
    /// Read while it is sent.
    File(Arc<Open>),
}

/// A static file on its way to the server.
#[derive(Clone)]
pub struct Upload {
    /// Where the bytes come from.
    pub content: Content,
    /// How many there are.
    pub size: u64,
    /// What they must hash to: nothing else is ever stored.
    pub fingerprint: Fingerprint,
    /// How many bytes were told of as progress: a second try tells only what goes beyond the first.
    pub told: Arc<AtomicU64>,
}

/// One try's body, and whether it turned out not to be what was planned.
pub(super) struct Body {
    pub(super) body: reqwest::Body,
    pub(super) changed: Arc<AtomicBool>,
}

impl Upload {
    /// The body for one try. A file's last piece is held back until the whole has the planned fingerprint; when it has not, the request breaks
    /// off, and the server, which reads a body whole before it stores anything, stores nothing.
    pub(super) fn body(&self, reporter: &Arc<dyn Reporter>) -> Body {
        let changed = Arc::new(AtomicBool::new(false));
        let body = match &self.content {
            Content::Hashed(bytes) => reqwest::Body::from(bytes.clone()),
            Content::Bytes(bytes) => {
                if Fingerprint::of_bytes(bytes) != self.fingerprint {
                    changed.store(true, Ordering::SeqCst);
                }
                reqwest::Body::from(bytes.clone())
            }
            Content::File(open) => {
                let (sender, receiver) = mpsc::channel(2);
                let feeder = Feeder {
                    open: Arc::clone(open),
                    size: self.size,
                    fingerprint: self.fingerprint,
                    changed: Arc::clone(&changed),
                    told: Arc::clone(&self.told),
                    sender,
                    reporter: Arc::clone(reporter),
                };
                tokio::task::spawn_blocking(move || feeder.run());
                let pieces = stream::unfold(receiver, async |mut receiver| Some((receiver.recv().await?, receiver)));
                reqwest::Body::wrap_stream(pieces)
            }
        };
        Body { body, changed }
    }
}

struct Feeder {
    open: Arc<Open>,
    size: u64,
    fingerprint: Fingerprint,
    changed: Arc<AtomicBool>,
    told: Arc<AtomicU64>,
    sender: mpsc::Sender<io::Result<Bytes>>,
    reporter: Arc<dyn Reporter>,
}

impl Feeder {
    fn run(self) {
        if let Err(error) = self.feed() {
            self.changed.store(true, Ordering::SeqCst);
            // The request may already be over; then nobody is left to tell.
            let _ = self.sender.blocking_send(Err(error));
        }
    }

    fn feed(&self) -> io::Result<()> {
        let mut reader = (self.open)()?;
        let mut hasher = ContentHasher::default();
        let mut held: Option<Bytes> = None;
        loop {
            let mut piece = Vec::with_capacity(CHUNK);
            reader.by_ref().take(CHUNK as u64).read_to_end(&mut piece)?;
            hasher.update(&piece);
            if hasher.length() > self.size {
                return Err(io::Error::other("the file grew"));
            }
            if piece.is_empty() {
                break;
            }
            let before = self.told.fetch_max(hasher.length(), Ordering::Relaxed);
            self.reporter.event(&Event::Progress { items: 0, bytes: hasher.length().saturating_sub(before) });
            if let Some(previous) = held.replace(piece.into())
                && self.sender.blocking_send(Ok(previous)).is_err()
            {
                return Ok(());
            }
        }
        if hasher.length() != self.size || hasher.fingerprint() != self.fingerprint {
            return Err(io::Error::other("the file changed"));
        }
        if let Some(last) = held {
            let _ = self.sender.blocking_send(Ok(last));
        }
        Ok(())
    }
}
