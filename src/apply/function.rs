//! Functions: sent, and read back when a reply was lost. Containers are replaced one at a time, and looked at afterwards.

use std::sync::Arc;

use futures_util::{StreamExt, stream};

use super::{Context, Work, ready};
use crate::api::ApiError;
use crate::event::Event;
use crate::key::Namespace;
use crate::live::container_name;
use crate::manifest::Runtime;
use crate::plan::{Action, Change};
use crate::state::{DOCKER, Desired, DesiredFunction, IMAGE_PREFIX};

/// Tries when replies get lost.
const TRIES: u32 = 2;

/// How a function was sent: its `created_at`.
type Sent = Result<String, ApiError>;

impl Work<'_> {
    /// Sends all functions, then waits for those that have to come up.
    pub(super) async fn run_functions<'c>(&self, changes: impl Iterator<Item = &'c Change>) {
        let (containers, others): (Vec<&Change>, Vec<&Change>) = changes.partition(|change| self.is_container(change));
        let sends = stream::iter(others).map(async |change| (change, self.send(change).await));
        let mut sent: Vec<(&Change, Option<Sent>)> = sends.buffer_unordered(self.context.parallelism).collect().await;
        // The server starts and stops containers under one lock.
        for change in containers {
            sent.push((change, self.send(change).await));
        }
        stream::iter(sent).for_each_concurrent(self.context.parallelism, async |(change, sent)| self.conclude(change, sent).await).await;
    }

    fn is_container(&self, change: &Change) -> bool {
        change.action == Action::Replace || self.desired.functions.get(&change.key).is_some_and(|function| function.runtime == DOCKER)
    }

    /// None: the run is to end, and this was not begun.
    async fn send(&self, change: &Change) -> Option<Sent> {
        if self.context.stop.reason().is_some() {
            return None;
        }
        Some(put(self.context, self.namespace, change, self.desired).await)
    }

    async fn conclude(&self, change: &Change, sent: Option<Sent>) {
        let Some(sent) = sent else { return self.skip(change) };
        if sent.is_ok()
            && let Some(function) = self.desired.functions.get(&change.key)
            && let Err(why) = ready::wait(self.context, self.namespace, &change.key.name, function).await
        {
            return self.fail(change, why);
        }
        self.end(change, sent.map(Some));
    }
}

/// Puts a function in place and returns its `created_at`.
async fn put(context: &Context, namespace: &Namespace, change: &Change, desired: &Desired) -> Sent {
    let path = &change.key.name;
    let Some(function) = desired.functions.get(&change.key) else {
        return Err(ApiError::Config(format!("`{path}` is planned and not declared")));
    };
    if change.action == Action::Replace {
        context.writer.undeploy(namespace, path).await?;
        if function.runtime != DOCKER {
            remove_left_container(context, namespace, path, desired).await;
        }
    }
    deploy(context, namespace, path, function).await
}

async fn deploy(context: &Context, namespace: &Namespace, path: &str, function: &DesiredFunction) -> Sent {
    let mut tries = 0;
    loop {
        let error = match context.writer.deploy(namespace, path, &function.runtime, function.port, &function.code).await {
            Ok(created_at) => return Ok(created_at),
            Err(error) => error,
        };
        tries += 1;
        if !error.is_lost() {
            return Err(error);
        }
        // The request may have been carried out: what is live tells, and sending it again would only hide that.
        let live = context.reader.functions(namespace, Runtime::canonical).await?;
        match live.own.get(path) {
            Some(live) if live.fingerprint == function.fingerprint => return Ok(live.created_at.clone()),
            _ if tries >= TRIES => return Err(error),
            _ => {}
        }
    }
}

/// After a restart the server knows nothing of the containers it had started: it forgets a function and leaves its container running. One that
/// runs an image of ours under the name of a function that is gone is removed.
pub(super) async fn remove_left_container(context: &Context, namespace: &Namespace, path: &str, desired: &Desired) {
    let name = container_name(namespace.as_str(), path);
    let is_declared = |function: &(&crate::key::ItemKey, &DesiredFunction)| {
        function.1.runtime == DOCKER && container_name(namespace.as_str(), &function.0.name) == name
    };
    if desired.functions.iter().any(|function| is_declared(&function)) {
        return;
    }
    let live = context.containers.iter().filter(|live| live.namespace == namespace.as_str() && live.path == path);
    let images: Vec<&str> = live.map(|live| live.image.as_str()).collect();
    let is_ours = |image: &str| image.starts_with(&format!("{IMAGE_PREFIX}{namespace}/")) || images.contains(&image);
    if let Err(error) = context.engine.remove_container(&name, is_ours).await {
        let reporter = Arc::clone(&context.reporter);
        let undo = format!("if the orchestrator was restarted since it was deployed, `docker rm -f {name}` is left to do");
        reporter.event(&Event::Warning(format!("nobody could look whether a container of `{path}` is left: {error}; {undo}")));
    }
}
