//! After a deploy: does the function work? The server says 201 to a container that never started, so it is not asked.
//!
//! Whether a container is up is the engine's word. With `health` in the manifest that path is called until it answers; without it no user's code is
//! called.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::{Context, StopReason};
use crate::docker::ContainerStatus;
use crate::key::Namespace;
use crate::live::container_name;
use crate::state::{DOCKER, DesiredFunction};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(250);
/// A program that ends as soon as it is started is started again and again, and runs at many a look. One that has run for this long runs.
const STEADY: Duration = Duration::from_secs(1);

/// Waits until the function at `path` works; the error says what is known of why it does not. Given up when the run is to end.
pub(super) async fn wait(context: &Context, namespace: &Namespace, path: &str, function: &DesiredFunction) -> Result<(), String> {
    let Some(limit) = context.wait else { return Ok(()) };
    let deadline = Instant::now() + limit.max(STEADY * 2);
    if function.runtime == DOCKER {
        let name = container_name(namespace.as_str(), path);
        let seen = Mutex::new(None);
        until(context, deadline, async || container(context, &name, &function.code, &seen).await).await?;
    }
    let Some(health) = &function.health else { return Ok(()) };
    let called = format!("{path}{health}");
    until(context, deadline, async || answers(context, namespace, &called, deadline).await).await
}

/// Asks until the answer is yes, the deadline is over or somebody wants the run to end.
async fn until(context: &Context, deadline: Instant, ask: impl AsyncFn() -> Result<(), String>) -> Result<(), String> {
    loop {
        let Err(why) = ask().await else { return Ok(()) };
        let signalled = matches!(context.stop.signal(), Some(StopReason::Interrupt | StopReason::Terminate));
        if signalled || Instant::now() + PAUSE > deadline {
            return Err(format!("deployed, not running: {why}"));
        }
        sleep(PAUSE).await;
    }
}

/// When a container's program was started, and when that was seen first.
type Seen = Mutex<Option<(String, Instant)>>;

async fn container(context: &Context, name: &str, image: &str, seen: &Seen) -> Result<(), String> {
    match context.engine.container(name).await {
        Ok(ContainerStatus::Running { image: running, since }) if running == image => {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            match seen.as_ref().filter(|(then, _)| *then == since) {
                Some((_, first)) if first.elapsed() >= STEADY => Ok(()),
                Some(_) => Err(format!("the container `{name}` was started a moment ago")),
                None => {
                    *seen = Some((since, Instant::now()));
                    Err(format!("the program of the container `{name}` does not keep running"))
                }
            }
        }
        Ok(ContainerStatus::Running { image: other, .. }) => Err(format!("the container `{name}` still runs `{other}`")),
        Ok(ContainerStatus::Down { last_words, .. }) => Err(format!("the container `{name}` is down: {last_words}")),
        Ok(ContainerStatus::Missing) => Err(format!(
            "there is no container `{name}` on the engine: its program may end at once, which the orchestrator's log tells, or this is not \
             the orchestrator's engine"
        )),
        Err(error) => Err(error.to_string()),
    }
}

async fn answers(context: &Context, namespace: &Namespace, path: &str, deadline: Instant) -> Result<(), String> {
    match timeout_at(deadline, context.reader.answers(namespace, path)).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err(format!("`{path}` does not answer")),
    }
}
