//! A request body on its way into the storage tree. It is received whole before anything there changes, as on the real server; a small one in memory, a
//! large one in a file beside the tree, so that memory does not grow with it. Then it is renamed into place: a reader sees the old content or the new.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::{Body, BodyDataStream, Bytes, HttpBody};
use futures_util::StreamExt;
use tokio::sync::mpsc;

/// Bodies up to this size stay in memory.
const IN_MEMORY: usize = 256 << 10;
/// Pieces of a large body that wait for the disk.
const QUEUED: usize = 8;

/// The directory that bodies are written to before they have their name.
#[derive(Debug)]
pub(super) struct Incoming {
    directory: PathBuf,
    next: AtomicU64,
}

/// A body that arrived whole.
pub(super) enum Upload {
    Small(Vec<u8>, Arc<Incoming>),
    Large(Temporary, u64),
}

/// Why there is no body.
pub(super) enum Failed {
    /// The client went away, or sent less than it announced.
    Cut,
    /// It could not be written down.
    Disk(io::Error),
}

/// A file that is removed unless it is renamed.
#[derive(Debug)]
pub(super) struct Temporary {
    path: PathBuf,
    file: File,
    placed: bool,
}

impl Incoming {
    pub(super) fn new(directory: PathBuf) -> Self {
        Self { directory, next: AtomicU64::new(0) }
    }

    fn create(&self) -> io::Result<Temporary> {
        let path = self.directory.join(self.next.fetch_add(1, Ordering::Relaxed).to_string());
        Ok(Temporary { file: File::create(&path)?, path, placed: false })
    }

    /// Reads a body to its end.
    pub(super) async fn receive(self: &Arc<Self>, body: Body) -> Result<Upload, Failed> {
        let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
        let mut content = Vec::with_capacity(announced.min(IN_MEMORY));
        let mut pieces = body.into_data_stream();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|_| Failed::Cut)?;
            content.extend_from_slice(&piece);
            if content.len() > IN_MEMORY {
                return self.spill(content, pieces).await;
            }
        }
        Ok(Upload::Small(content, Arc::clone(self)))
    }

    async fn spill(self: &Arc<Self>, start: Vec<u8>, mut pieces: BodyDataStream) -> Result<Upload, Failed> {
        let (sender, mut receiver) = mpsc::channel::<Bytes>(QUEUED);
        let incoming = Arc::clone(self);
        let writer = tokio::task::spawn_blocking(move || {
            let mut temporary = incoming.create()?;
            let mut size = 0;
            let mut piece = Some(Bytes::from(start));
            while let Some(bytes) = piece {
                temporary.file.write_all(&bytes)?;
                size += bytes.len() as u64;
                piece = receiver.blocking_recv();
            }
            Ok((temporary, size))
        });
        let mut cut = false;
        while let Some(piece) = pieces.next().await {
            let Ok(piece) = piece else {
                cut = true;
                break;
            };
            // A writer that failed is no reason to stop reading: the client hears of it only once its body is sent.
            let _ = sender.send(piece).await;
        }
        drop(sender);
        let written = writer.await.map_err(|failure| Failed::Disk(io::Error::other(failure)))?;
        let (temporary, size) = written.map_err(Failed::Disk)?;
        if cut { Err(Failed::Cut) } else { Ok(Upload::Large(temporary, size)) }
    }
}

impl Upload {
    pub(super) fn size(&self) -> u64 {
        match self {
            Self::Small(content, _) => content.len() as u64,
            Self::Large(_, size) => *size,
        }
    }

    /// The body as a file that still lacks its name.
    pub(super) fn into_file(self) -> io::Result<Temporary> {
        match self {
            Self::Small(content, incoming) => {
                let mut temporary = incoming.create()?;
                temporary.file.write_all(&content)?;
                Ok(temporary)
            }
            Self::Large(temporary, _) => Ok(temporary),
        }
    }
}

impl Temporary {
    /// Gives the file its name, replacing a file that has it.
    pub(super) fn rename(&mut self, path: &Path) -> io::Result<()> {
        fs::rename(&self.path, path)?;
        self.placed = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.placed {
            let _ = fs::remove_file(&self.path);
        }
    }
}
