//! How often what happened since the process began.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use crate::registry::Operation;

/// Upper ends of the classes that durations are counted in, in milliseconds.
pub const CLASSES: [u64; 7] = [50, 100, 500, 1_000, 5_000, 30_000, 120_000];

/// Counts up; read by whoever wants to know.
#[derive(Debug, Default)]
pub(super) struct Counters {
    succeeded: AtomicU64,
    partial: AtomicU64,
    failed: AtomicU64,
    questions: AtomicU64,
    millis: AtomicU64,
    classes: [AtomicU64; CLASSES.len()],
}

/// What was counted so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// Runs that ended well.
    pub succeeded: u64,
    /// Runs that did some of their work.
    pub partial: u64,
    /// Runs that did nothing.
    pub failed: u64,
    /// Requests for where a branch is.
    pub questions: u64,
    /// What all runs took together.
    pub millis: u64,
    /// How many runs took no longer than each of [`CLASSES`].
    pub classes: [u64; CLASSES.len()],
}

impl Counters {
    pub(super) fn run(&self, operation: Operation, took: Duration) {
        let counter = match operation {
            Operation::Succeeded => &self.succeeded,
            Operation::Partial => &self.partial,
            Operation::Failed | Operation::Pending | Operation::Running => &self.failed,
        };
        counter.fetch_add(1, Relaxed);
        let millis = took.as_millis().try_into().unwrap_or(u64::MAX);
        self.millis.fetch_add(millis, Relaxed);
        for (class, _) in self.classes.iter().zip(CLASSES).filter(|(_, end)| millis <= *end) {
            class.fetch_add(1, Relaxed);
        }
    }

    pub(super) fn question(&self) {
        self.questions.fetch_add(1, Relaxed);
    }

    pub(super) fn read(&self) -> Counted {
        let of = |counter: &AtomicU64| counter.load(Relaxed);
        Counted {
            succeeded: of(&self.succeeded),
            partial: of(&self.partial),
            failed: of(&self.failed),
            questions: of(&self.questions),
            millis: of(&self.millis),
            classes: std::array::from_fn(|class| of(&self.classes[class])),
        }
    }
}
