//! Being asked to stop: what is in flight is finished, nothing new is begun.

use std::sync::Arc;

use tokio::sync::watch;

use crate::record::store::Lease;

/// Why no new change is begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// SIGINT.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// The orchestrator does not answer any more.
    Outage,
    /// The claim could not be renewed in time.
    Unrenewed,
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
            Self::Unrenewed => "the claim could not be renewed before it",
            Self::Lost => "another run took over before it",
        }
    }
}

type Cell = Arc<watch::Sender<Option<StopReason>>>;

/// Looks whether to stop: because of a signal, which ends all runs of the process, or for a reason of one run alone.
#[derive(Debug, Clone)]
pub struct Stop {
    signal: Cell,
    run: Cell,
    /// Of the claim under which the run writes.
    lease: Option<Lease>,
}

/// Passes signals on.
#[derive(Debug, Clone)]
pub struct Stopper {
    signal: Cell,
}

impl Stop {
    /// A pair of both sides.
    #[must_use]
    pub fn pair() -> (Stopper, Self) {
        let signal = Cell::new(watch::Sender::new(None));
        let stop = Self { signal: Arc::clone(&signal), run: Cell::new(watch::Sender::new(None)), lease: None };
        (Stopper { signal }, stop)
    }

    /// Why to stop, once there is a reason; a signal outranks the others.
    #[must_use]
    pub fn reason(&self) -> Option<StopReason> {
        let expired = || self.lease.as_ref().filter(|lease| !lease.holds()).map(|_| StopReason::Unrenewed);
        self.signal().or(*self.run.borrow()).or_else(expired)
    }

    /// The same, for a run that writes only while `lease` holds.
    #[must_use]
    pub fn under(self, lease: Lease) -> Self {
        Self { lease: Some(lease), ..self }
    }

    /// The signal that came, if one did.
    #[must_use]
    pub fn signal(&self) -> Option<StopReason> {
        *self.signal.borrow()
    }

    /// Waits for a signal.
    pub async fn signalled(&self) -> StopReason {
        let mut receiver = self.signal.subscribe();
        loop {
            if let Some(reason) = *receiver.borrow_and_update() {
                return reason;
            }
            if receiver.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// For another run: it hears the same signals, and what ended this run says nothing about it.
    #[must_use]
    pub fn of_next_run(&self) -> Self {
        Self { signal: Arc::clone(&self.signal), run: Cell::new(watch::Sender::new(None)), lease: None }
    }

    /// Ends this run.
    pub fn end_run(&self, reason: StopReason) {
        say(&self.run, reason);
    }
}

impl Stopper {
    /// Says stop to all runs; the first reason counts.
    pub fn stop(&self, reason: StopReason) {
        say(&self.signal, reason);
    }
}

fn say(cell: &Cell, reason: StopReason) {
    cell.send_if_modified(|said| said.is_none().then(|| *said = Some(reason)).is_some());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_reaches_every_run_and_an_outage_only_its_own() {
        let (stopper, first) = Stop::pair();
        let second = first.of_next_run();
        first.end_run(StopReason::Outage);
        assert_eq!((first.reason(), second.reason()), (Some(StopReason::Outage), None));
        stopper.stop(StopReason::Interrupt);
        assert_eq!((first.reason(), second.reason()), (Some(StopReason::Interrupt), Some(StopReason::Interrupt)));
    }
}
