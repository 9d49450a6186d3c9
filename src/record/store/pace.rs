//! How often a claim shows that its run is alive, and when that counts as too long ago.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The beat of claims. Everybody who works with one server must keep the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// A claim is renewed this often; a renewal that takes longer has failed.
    pub renewal: Duration,
    /// Without a renewal for this long, a run begins nothing new.
    pub unrenewed: Duration,
    /// Without a renewal for this long, on the clock of who looks, a run is taken for dead. The run itself must have stopped long before.
    pub dead_after: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { renewal: Duration::from_secs(10), unrenewed: Duration::from_secs(40), dead_after: Duration::from_secs(60) }
    }
}

/// Whether a claim was renewed so lately that nobody can have taken its run for dead. It is asked before every write: a process that was
/// stopped for minutes must not go on where it was.
#[derive(Debug, Clone)]
pub struct Lease {
    unrenewed: Duration,
    renewed: Arc<Mutex<Instant>>,
}

impl Lease {
    /// Of a claim that is about to be put.
    #[must_use]
    pub fn new(pace: Pace) -> Self {
        Self { unrenewed: pace.unrenewed, renewed: Arc::new(Mutex::new(Instant::now())) }
    }

    /// Whether it still holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.renewed.lock().unwrap_or_else(PoisonError::into_inner).elapsed() < self.unrenewed
    }

    /// The claim was put by a request that was sent at `sent`.
    pub(super) fn renewed(&self, sent: Instant) {
        *self.renewed.lock().unwrap_or_else(PoisonError::into_inner) = sent;
    }
}
