//! Triggers only say "look again". However many ring before somebody looks, one look answers them all.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;

/// Why somebody should look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trigger {
    /// The process began.
    Start,
    /// A file changed.
    Files,
    /// Time went by.
    Poll,
    /// Somebody says that something was pushed.
    Webhook,
    /// Somebody asked: SIGHUP, or the API.
    Asked,
}

impl Trigger {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Files => "files",
            Self::Poll => "poll",
            Self::Webhook => "webhook",
            Self::Asked => "asked",
        }
    }
}

/// What rang since the last look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    /// What rang.
    pub triggers: BTreeSet<Trigger>,
    /// When the first of them did.
    pub since: Instant,
}

/// Rung from any thread, heard by one.
#[derive(Debug, Clone, Default)]
pub struct Bell(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    rung: Mutex<Option<Rung>>,
    heard: Notify,
}

impl Bell {
    /// Says "look again".
    pub fn ring(&self, trigger: Trigger) {
        self.lock().get_or_insert_with(|| Rung { triggers: BTreeSet::new(), since: Instant::now() }).triggers.insert(trigger);
        self.0.heard.notify_one();
    }

    /// Waits until it rings, and takes all that rang. May be dropped while it waits.
    pub async fn rung(&self) -> Rung {
        loop {
            if let Some(rung) = self.take() {
                return rung;
            }
            self.0.heard.notified().await;
        }
    }

    /// Takes what rang meanwhile.
    #[must_use]
    pub fn take(&self) -> Option<Rung> {
        self.lock().take()
    }

    /// Whether anything rang that nobody heard yet.
    #[must_use]
    pub fn is_rung(&self) -> bool {
        self.lock().is_some()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Rung>> {
        self.0.rung.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn however_often_it_rings_it_is_heard_once() {
        let bell = Bell::default();
        for _ in 0..1000 {
            bell.ring(Trigger::Files);
        }
        bell.ring(Trigger::Asked);
        assert_eq!(bell.rung().await.triggers, BTreeSet::from([Trigger::Files, Trigger::Asked]));
        assert_eq!(bell.take(), None);
        bell.ring(Trigger::Poll);
        assert_eq!(bell.rung().await.triggers, BTreeSet::from([Trigger::Poll]));
    }
}
