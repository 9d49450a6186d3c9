//! What a worker is asked and what it answers: one frame each way, a length and then JSON.

use std::io::{self, ErrorKind};

use serde::{Deserialize, Serialize};

/// A frame of more bytes is not one of ours.
const LONGEST: u32 = 64 << 20;

/// The languages that run inside of a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Engine {
    Lua,
    JavaScript,
}

/// One call of a function.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Job {
    pub(super) engine: Engine,
    pub(super) code: String,
    /// The request object as JSON.
    pub(super) input: String,
}

/// What came of a call. What was printed is kept beside the result: the real server glues both together, a log wants them apart.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ran {
    pub(super) printed: String,
    pub(super) result: Result<String, String>,
}

impl Ran {
    pub(super) fn failed(reason: impl Into<String>) -> Self {
        Self { printed: String::new(), result: Err(reason.into()) }
    }
}

/// A message with its length in front.
pub(super) fn frame(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut frame = vec![0; 4];
    serde_json::to_writer(&mut frame, message)?;
    let length = u32::try_from(frame.len() - 4).ok().filter(|length| *length <= LONGEST);
    let length = length.ok_or_else(|| io::Error::new(ErrorKind::InvalidData, "the message is too long"))?;
    frame[..4].copy_from_slice(&length.to_le_bytes());
    Ok(frame)
}

/// How many bytes follow the four that a frame begins with.
pub(super) fn length(head: [u8; 4]) -> io::Result<usize> {
    let length = u32::from_le_bytes(head);
    if length > LONGEST {
        return Err(io::Error::new(ErrorKind::InvalidData, "not a message of this program"));
    }
    usize::try_from(length).map_err(io::Error::other)
}
