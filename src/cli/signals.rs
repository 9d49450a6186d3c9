//! Ctrl-C and SIGTERM: once, finish what is in flight; twice, stop now.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::exit;
use crate::apply::{Stop, StopReason, Stopper};
use crate::error::Class;

/// Turns signals into a stop, and a second one into the end of the process. `hurry` is cancelled with the first.
pub(super) fn watch(hurry: CancellationToken) -> Stop {
    let (stopper, stop) = Stop::pair();
    // Where signals cannot be caught, they end the process as they always do.
    if let (Ok(interrupt), Ok(terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
        tokio::spawn(listen(interrupt, terminate, stopper, hurry));
    }
    stop
}

async fn listen(mut interrupt: Signal, mut terminate: Signal, stopper: Stopper, hurry: CancellationToken) {
    let mut asked = false;
    loop {
        let (reason, class) = tokio::select! {
            _ = interrupt.recv() => (StopReason::Interrupt, Class::Interrupted),
            _ = terminate.recv() => (StopReason::Terminate, Class::Terminated),
        };
        if std::mem::replace(&mut asked, true) {
            std::process::exit(exit::number(class).into());
        }
        stopper.stop(reason);
        hurry.cancel();
    }
}
