//! Ctrl-C and SIGTERM: once, finish what is in flight; twice, stop now.

use tokio::signal::unix::{SignalKind, signal};

use super::exit;
use crate::apply::{Stop, StopReason, Stopper};
use crate::error::Class;

/// Turns signals into a stop, and a second one into the end of the process.
pub(super) fn watch() -> Stop {
    let (stopper, stop) = Stop::pair();
    tokio::spawn(listen(stopper));
    stop
}

async fn listen(stopper: Stopper) {
    // Where signals cannot be caught, they end the process as they always do.
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) else { return };
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
    }
}
