//! Memory for the bodies of all requests together: whoever sends much does so at the cost of others that send much, and never of this process.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What is counted in.
const UNIT: usize = 4096;
/// All bodies that are held at a time.
const MOST: usize = 8 << 20;

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct Budget(Arc<Semaphore>);

/// A share of it, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Share {
    budget: Arc<Semaphore>,
    held: Option<OwnedSemaphorePermit>,
    bytes: usize,
    paid: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST / UNIT)))
    }
}

impl Budget {
    pub(super) fn share(&self) -> Share {
        Share { budget: Arc::clone(&self.0), held: None, bytes: 0, paid: 0 }
    }
}

impl Share {
    /// Room for so many bytes more, when there is some.
    pub(super) fn grow(&mut self, bytes: usize) -> bool {
        self.bytes += bytes;
        let units = self.bytes.div_ceil(UNIT).saturating_sub(self.paid);
        let Ok(number) = u32::try_from(units) else { return false };
        let Ok(more) = Arc::clone(&self.budget).try_acquire_many_owned(number) else { return false };
        self.paid += units;
        match &mut self.held {
            Some(held) => held.merge(more),
            None => self.held = Some(more),
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_bodies_together_have_a_limit_and_what_is_dropped_is_given_back() {
        let budget = Budget::default();
        let (mut first, mut second) = (budget.share(), budget.share());
        assert!(first.grow(MOST / 2) && first.grow(1) && !second.grow(MOST / 2));
        drop(second);
        drop(first);
        assert!(budget.share().grow(MOST));
    }
}
