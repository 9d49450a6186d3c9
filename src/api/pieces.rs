//! A reply's body, read on another thread than the one it arrives on.
//!
//! The reader needs no runtime: when a run ends in the middle of a reply, it sees the end of the body and nothing else.

use std::io::{self, Read};

use bytes::{Buf, Bytes};
use reqwest::Response;
use tokio::sync::mpsc::{Receiver, Sender};

use super::transport::chain;

type Piece = io::Result<Bytes>;

/// Sends the body of `response` on until it ends, breaks, or is not wanted any more.
pub(super) async fn send(mut response: Response, pieces: Sender<Piece>) {
    while let Some(piece) = response.chunk().await.map_err(|error| io::Error::other(chain(&error))).transpose() {
        let broken = piece.is_err();
        if pieces.send(piece).await.is_err() || broken {
            return;
        }
    }
}

/// What was sent, as a reader.
pub(super) struct Pieces {
    pieces: Receiver<Piece>,
    left: Bytes,
}

impl Pieces {
    pub(super) fn new(pieces: Receiver<Piece>) -> Self {
        Self { pieces, left: Bytes::new() }
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.left.is_empty() {
            match self.pieces.blocking_recv() {
                Some(piece) => self.left = piece?,
                None => return Ok(0),
            }
        }
        let count = self.left.len().min(buffer.len());
        self.left.copy_to_slice(&mut buffer[..count]);
        Ok(count)
    }
}
