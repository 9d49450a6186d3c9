//! Being asked to stop: what is in flight is finished, nothing new is begun.

use std::sync::Arc;

use tokio::sync::watch;

/// Why no new change is begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// SIGINT.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// The orchestrator does not answer any more.
    Outage,
    /// Another run took this one for dead.
    Lost,
}

impl StopReason {
    /// Why a change was not begun.
    #[must_use]
    pub fn why(self) -> &'static str {
        match self {
            Self::Interrupt | Self::Terminate => "the run was interrupted before it",
            Self::Outage => "the orchestrator stopped answering before it",
            Self::Lost => "another run took over before it",
        }
    }
}

/// Looks whether to stop.
#[derive(Debug, Clone)]
pub struct Stop {
    sender: Arc<watch::Sender<Option<StopReason>>>,
}

/// Says stop.
#[derive(Debug, Clone)]
pub struct Stopper {
    sender: Arc<watch::Sender<Option<StopReason>>>,
}

impl Stop {
    /// A pair of both sides.
    #[must_use]
    pub fn pair() -> (Stopper, Self) {
        let sender = Arc::new(watch::Sender::new(None));
        (Stopper { sender: Arc::clone(&sender) }, Self { sender })
    }

    /// Why to stop, once somebody said so.
    #[must_use]
    pub fn reason(&self) -> Option<StopReason> {
        *self.sender.borrow()
    }

    /// Waits until somebody says stop.
    pub async fn stopped(&self) -> StopReason {
        let mut receiver = self.sender.subscribe();
        loop {
            if let Some(reason) = *receiver.borrow_and_update() {
                return reason;
            }
            if receiver.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// The same beginning without what happened in this run: an outage of one run says nothing about the next.
    #[must_use]
    pub fn of_next_run(&self) -> Self {
        match self.reason() {
            Some(StopReason::Outage | StopReason::Lost) => Self { sender: Arc::new(watch::Sender::new(None)) },
            _ => self.clone(),
        }
    }

    pub(super) fn outage(&self) {
        self.say(StopReason::Outage);
    }

    /// Stops because the claim was lost.
    pub fn lost(&self) {
        self.say(StopReason::Lost);
    }

    fn say(&self, reason: StopReason) {
        self.sender.send_if_modified(|said| said.is_none().then(|| *said = Some(reason)).is_some());
    }
}

impl Stopper {
    /// Says stop; the first reason counts.
    pub fn stop(&self, reason: StopReason) {
        Stop { sender: Arc::clone(&self.sender) }.say(reason);
    }
}
